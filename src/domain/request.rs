//! What is asked for about a card that the applicant already has: the part of a
//! [`Statement`](super::statement::Statement) that a new card does not have.

use super::card_number::CardNumber;
use super::iso_date;
use super::library::ReissueReason;
use super::procedure::Procedure;
use serde::{Deserialize, Serialize};
use time::Date;

/// The card and the procedure's own details, as they are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Link the My Number card, or the next one.
    CardLink {
        /// The card's number as the applicant knows it.
        card_number: CardNumber,
    },
    /// Extend the validity.
    Renewal {
        /// The card's number as the applicant knows it.
        card_number: CardNumber,
        /// True if the applicant declares that nothing has changed since the library was last told.
        facts_unchanged: bool,
    },
    /// Issue another card.
    Reissue {
        /// The card's number as the applicant knows it.
        card_number: CardNumber,
        /// Why.
        reason: ReissueReason,
        /// When it was lost, if the applicant knows.
        #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none", default)]
        lost_on: Option<Date>,
    },
    /// Issue a reservation password.
    PasswordIssue {
        /// The card's number as the applicant knows it.
        card_number: CardNumber,
    },
    /// Register other facts.
    Change {
        /// The card's number as the applicant knows it.
        card_number: CardNumber,
        /// What is different, each once, in the order of [`Changed::ALL`].
        changed: Vec<Changed>,
    },
}

/// A fact that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// The address.
    Address,
    /// The name.
    Name,
    /// The telephone number.
    Phone,
    /// The e-mail address.
    Email,
}

impl Changed {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Address, Self::Name, Self::Phone, Self::Email];

    /// The name in forms and in signed documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

impl Request {
    /// The procedure that it belongs to.
    #[must_use]
    pub const fn procedure(&self) -> Procedure {
        match self {
            Self::CardLink { .. } => Procedure::CardLink,
            Self::Renewal { .. } => Procedure::Renewal,
            Self::Reissue { .. } => Procedure::Reissue,
            Self::PasswordIssue { .. } => Procedure::PasswordIssue,
            Self::Change { .. } => Procedure::Change,
        }
    }

    /// The card's number as the applicant knows it.
    #[must_use]
    pub const fn card_number(&self) -> &CardNumber {
        match self {
            Self::CardLink { card_number }
            | Self::Renewal { card_number, .. }
            | Self::Reissue { card_number, .. }
            | Self::PasswordIssue { card_number }
            | Self::Change { card_number, .. } => card_number,
        }
    }

    /// Tells whether it asks for other facts to be registered.
    #[must_use]
    pub const fn changes_facts(&self) -> bool {
        match self {
            Self::Change { .. } => true,
            Self::Renewal { facts_unchanged, .. } => !*facts_unchanged,
            Self::Reissue { reason, .. } => matches!(reason, ReissueReason::NameChanged),
            Self::CardLink { .. } | Self::PasswordIssue { .. } => false,
        }
    }

    /// Tells whether it reports the card as lost.
    #[must_use]
    pub const fn reports_loss(&self) -> bool {
        matches!(self, Self::Reissue { reason: ReissueReason::Lost, .. })
    }
}

/// How far the applicant has come in saying what is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftRequest {
    /// A new card, which needs no saying.
    #[default]
    NewCard,
    /// Another procedure was begun.
    Begun {
        /// Which.
        procedure: Procedure,
        /// The card, if it is known already.
        card_number: Option<CardNumber>,
    },
    /// All is said.
    Whole(Request),
}

impl DraftRequest {
    /// What is applied for.
    #[must_use]
    pub const fn procedure(&self) -> Procedure {
        match self {
            Self::NewCard => Procedure::NewCard,
            Self::Begun { procedure, .. } => *procedure,
            Self::Whole(request) => request.procedure(),
        }
    }

    /// The card's number, as far as it was said.
    #[must_use]
    pub const fn card_number(&self) -> Option<&CardNumber> {
        match self {
            Self::NewCard => None,
            Self::Begun { card_number, .. } => card_number.as_ref(),
            Self::Whole(request) => Some(request.card_number()),
        }
    }

    /// The whole request, if all is said.
    #[must_use]
    pub const fn whole(&self) -> Option<&Request> {
        match self {
            Self::Whole(request) => Some(request),
            Self::NewCard | Self::Begun { .. } => None,
        }
    }

    /// True unless something is still to be said.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        !matches!(self, Self::Begun { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn number() -> CardNumber {
        "300000014".parse().unwrap()
    }

    #[test]
    fn a_request_is_written_with_its_kind_and_read_back() {
        let lost = Request::Reissue {
            card_number: number(),
            reason: ReissueReason::Lost,
            lost_on: Some(date!(2026 - 11 - 18)),
        };
        let json = serde_json::to_string(&lost).unwrap();
        assert_eq!(json, r#"{"kind":"reissue","card_number":"300000014","reason":"lost","lost_on":"2026-11-18"}"#);
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), lost);
        let more = json.replacen('{', r#"{"fee":"0","#, 1);
        assert!(serde_json::from_str::<Request>(&more).is_err(), "nothing unknown is signed");
    }

    #[test]
    fn only_what_asks_for_it_changes_facts() {
        let card_number = number();
        let renewal = |facts_unchanged| Request::Renewal { card_number: number(), facts_unchanged };
        let reissue = |reason| Request::Reissue { card_number: number(), reason, lost_on: None };
        assert!(renewal(false).changes_facts() && !renewal(true).changes_facts());
        assert!(reissue(ReissueReason::NameChanged).changes_facts() && !reissue(ReissueReason::Lost).changes_facts());
        assert!(reissue(ReissueReason::Lost).reports_loss() && !reissue(ReissueReason::Damaged).reports_loss());
        assert!(!Request::PasswordIssue { card_number }.changes_facts());
    }

    #[test]
    fn a_draft_without_a_request_is_for_a_new_card() {
        let draft = DraftRequest::default();
        assert!(draft.is_said() && draft.procedure() == Procedure::NewCard && draft.whole().is_none());
        let begun = DraftRequest::Begun { procedure: Procedure::Renewal, card_number: Some(number()) };
        assert!(!begun.is_said() && begun.card_number() == Some(&number()));
    }
}
