//! Decisions, and the reasons that applicants read.

use super::application::Decider;
use super::ids::{ApplicationId, LibraryId, MemoId, OpinionId, StaffId};
use super::version::Version;
use std::fmt;
use std::str::FromStr;
use time::{Date, Duration, OffsetDateTime};

/// The longest reason that is accepted, in characters.
pub const LONGEST_REASON: usize = 2000;

/// Why an application is declined: text that the applicant reads, never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct DeclineReason(String);

/// The reason cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// Nothing but white space.
    #[error("the reason is empty")]
    Empty,
    /// More than [`LONGEST_REASON`] characters.
    #[error("the reason is too long")]
    TooLong,
}

impl FromStr for DeclineReason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0 => Err(InvalidReason::Empty),
            length if length > LONGEST_REASON => Err(InvalidReason::TooLong),
            _ => Ok(Self(text)),
        }
    }
}

impl DeclineReason {
    /// The text as the applicant reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words among colleagues: why something is put aside or taken over, a question, an answer, a memo. Never empty, never
/// shown to applicants.
#[derive(Clone, PartialEq, Eq)]
pub struct Remark(String);

impl FromStr for Remark {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|DeclineReason(text)| Self(text))
    }
}

impl Remark {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remark(…)")
    }
}

impl fmt::Debug for DeclineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeclineReason(…)")
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Yes: a card number is issued.
    Approved,
    /// No, and why.
    Declined(DeclineReason),
}

impl Outcome {
    /// The name in storage.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined(_) => "declined",
        }
    }
}

/// A decision, bound to the version that the reviewer saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The library of the application.
    pub library_id: LibraryId,
    /// What was decided on.
    pub application_id: ApplicationId,
    /// The version and digest that the reviewer's page showed.
    pub version: Version,
    /// Yes or no.
    pub outcome: Outcome,
    /// Who.
    pub decided_by: Decider,
    /// When.
    pub decided_at: OffsetDateTime,
}

/// The first of two approvals, bound to what was seen. A new version voids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstApproval {
    /// The library of the application.
    pub library_id: LibraryId,
    /// What was approved.
    pub application_id: ApplicationId,
    /// The version and digest that the page showed.
    pub version: Version,
    /// Who; the second approval must be another's.
    pub approved_by: StaffId,
    /// When.
    pub approved_at: OffsetDateTime,
}

/// An application that is put aside until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The library of the application.
    pub library_id: LibraryId,
    /// What is put aside.
    pub application_id: ApplicationId,
    /// Who put it aside.
    pub held_by: StaffId,
    /// When.
    pub held_at: OffsetDateTime,
    /// The day on which it is offered to everybody again.
    pub until_on: Date,
    /// Why.
    pub reason: Remark,
}

/// The day cannot be the end of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hold ends between tomorrow and {latest}")]
pub struct InvalidHold {
    /// The last day that the rules allow.
    pub latest: Date,
}

/// Checks the day until which an application is to be put aside: after `today`, at most `longest_days` later.
///
/// # Errors
/// [`InvalidHold`] with the last day that is allowed.
pub fn hold_until(wanted: Date, today: Date, longest_days: u32) -> Result<Date, InvalidHold> {
    let latest = today.saturating_add(Duration::days(i64::from(longest_days)));
    if wanted > today && wanted <= latest { Ok(wanted) } else { Err(InvalidHold { latest }) }
}

/// A question to a colleague, and what they think once they have said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Internal identity.
    pub id: OpinionId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// What it is about.
    pub application_id: ApplicationId,
    /// Who asks.
    pub asked_by: StaffId,
    /// Who is asked.
    pub asked_of: StaffId,
    /// The question.
    pub question: Remark,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// The answer.
    pub answer: Option<OpinionAnswer>,
}

/// What a colleague thinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpinionAnswer {
    /// The words.
    pub text: Remark,
    /// When.
    pub answered_at: OffsetDateTime,
}

/// What colleagues tell each other about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memo {
    /// Internal identity.
    pub id: MemoId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// What it is about.
    pub application_id: ApplicationId,
    /// Who.
    pub written_by: StaffId,
    /// When.
    pub written_at: OffsetDateTime,
    /// The words.
    pub text: Remark,
}

/// What becomes of an issued card when its decision is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenEffect {
    /// Card and password stay as they are until the new decision.
    Keep,
    /// The initial password can no longer be collected.
    WithdrawPassword,
    /// Neither can it, nor can the card be used until the new decision.
    StopCard,
}

impl ReopenEffect {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Keep, Self::WithdrawPassword, Self::StopCard];

    /// The name in forms and in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::WithdrawPassword => "withdraw_password",
            Self::StopCard => "stop_card",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_hold_ends_after_today_and_within_the_rule() {
        let today = date!(2026 - 11 - 20);
        let latest = date!(2026 - 12 - 20);
        assert_eq!(hold_until(date!(2026 - 11 - 21), today, 30), Ok(date!(2026 - 11 - 21)));
        assert_eq!(hold_until(latest, today, 30), Ok(latest));
        for day in [today, date!(2026 - 11 - 01), date!(2026 - 12 - 21)] {
            assert_eq!(hold_until(day, today, 30), Err(InvalidHold { latest }), "{day}");
        }
        assert!(hold_until(Date::MAX, today, u32::MAX).is_ok());
    }
}
