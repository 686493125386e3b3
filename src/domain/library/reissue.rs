//! A card in place of another: when, with which number, and what if the old one turns up.

use super::{LibraryRules, Span};
use serde::{Deserialize, Serialize};
use time::Date;

/// Why another card is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReissueReason {
    /// It is lost.
    Lost,
    /// It cannot be read or used any more.
    Damaged,
    /// It names its holder wrongly.
    NameChanged,
}

impl ReissueReason {
    /// All reasons, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Lost, Self::Damaged, Self::NameChanged];

    /// The name in storage and in signed documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::NameChanged => "name_changed",
        }
    }
}

/// The rules of reissue (再発行).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReissueRules {
    /// For a lost card.
    pub lost: ReissueTerms,
    /// For a damaged one.
    pub damaged: ReissueTerms,
    /// For one that names its holder wrongly.
    pub name_changed: ReissueTerms,
    /// What happens when a lost card turns up before another is issued. Afterwards the old one stays dead.
    pub found_again: FoundAgain,
}

/// The terms for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReissueTerms {
    /// True if it is done at the counter only.
    pub counter_only: bool,
    /// How long to search first, from the day of the report. `None`: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<Span>,
    /// True if the wait goes on for a card that has expired; otherwise it ends with the card's validity.
    pub waits_after_expiry: bool,
    /// The wait applies only to cards younger than this on the day of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_if_younger_than: Option<Span>,
    /// Whether the number stays; by default it changes only for a lost card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberAfter>,
}

/// Which number the new card has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberAfter {
    /// The old one.
    Kept,
    /// Another; the old one dies.
    New,
}

/// Who lifts the stop when a lost card turns up before another is issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundAgain {
    /// The patron, online.
    #[default]
    ByPatron,
    /// Staff, at the counter.
    AtCounter,
    /// Nobody: a reported card stays stopped.
    Never,
}

impl FoundAgain {
    /// Tells whether the patron lifts the stop online.
    #[must_use]
    pub const fn is_lifted_by_patron(self) -> bool {
        matches!(self, Self::ByPatron)
    }

    /// Tells whether staff lift it at the counter, who can do what patrons can.
    #[must_use]
    pub const fn is_lifted_at_counter(self) -> bool {
        matches!(self, Self::ByPatron | Self::AtCounter)
    }
}

/// The days of a card that a wait depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardDates {
    /// The day of issue.
    pub issued_on: Date,
    /// The last day of use.
    pub expires_on: Date,
}

impl ReissueRules {
    /// The terms for `reason`.
    #[must_use]
    pub fn terms(&self, reason: ReissueReason) -> &ReissueTerms {
        match reason {
            ReissueReason::Lost => &self.lost,
            ReissueReason::Damaged => &self.damaged,
            ReissueReason::NameChanged => &self.name_changed,
        }
    }
}

impl LibraryRules {
    /// The first day on which another card may be issued for one reported on `reported_on`.
    #[must_use]
    pub fn reissue_allowed_from(&self, reason: ReissueReason, card: CardDates, reported_on: Date) -> Date {
        let terms = self.reissue.terms(reason);
        let Some(wait) = terms.waits else { return reported_on };
        if terms.waits_if_younger_than.is_some_and(|age| age.after(card.issued_on) <= reported_on) {
            return reported_on;
        }
        let waited = wait.after(reported_on);
        if terms.waits_after_expiry {
            return waited;
        }
        let expired = card.expires_on.next_day().unwrap_or(Date::MAX);
        waited.min(expired.max(reported_on))
    }

    /// The same while nobody knows which card it is: the first day that holds for all of them, if any is waited for.
    #[must_use]
    pub fn reissue_allowed_at_latest(&self, reason: ReissueReason, reported_on: Date) -> Option<Date> {
        Some(self.reissue.terms(reason).waits?.after(reported_on))
    }

    /// The number of a card that is issued for `reason`.
    #[must_use]
    pub fn number_after(&self, reason: ReissueReason) -> NumberAfter {
        self.reissue.terms(reason).number.unwrap_or(match reason {
            ReissueReason::Lost => NumberAfter::New,
            ReissueReason::Damaged | ReissueReason::NameChanged => NumberAfter::Kept,
        })
    }
}
