//! Where an application stands in the eyes of staff: in exactly one place, whatever its state.

use super::application::ApplicationState;
use super::ids::StaffId;
use time::{Date, OffsetDateTime};

/// A place in the reviewers' queue. Every application that has not ended and that the library knows of is in exactly
/// one (drafts are the applicant's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueuePlace {
    /// Offered to everybody: submitted, or claimed under a lease that has ended.
    Unclaimed,
    /// Put aside until a day.
    OnHold,
    /// Claimed under a living lease.
    Claimed(StaffId),
    /// The applicant or a guardian has to do something.
    WithApplicant,
    /// Approved; the library system has not confirmed it.
    AwaitingRegistration,
}

/// Where an application stands; `None` before its first signature and after its end. `held_until` is the day until
/// which it is put aside.
#[must_use]
pub fn place_of(
    state: &ApplicationState,
    held_until: Option<Date>,
    today: Date,
    now: OffsetDateTime,
) -> Option<QueuePlace> {
    match state {
        ApplicationState::UnderReview { reviewer, lease_until, .. } if *lease_until > now => {
            Some(QueuePlace::Claimed(*reviewer))
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } => {
            let is_held = held_until.is_some_and(|until| until > today);
            Some(if is_held { QueuePlace::OnHold } else { QueuePlace::Unclaimed })
        }
        ApplicationState::Returned(_)
        | ApplicationState::AwaitingGuardian { answers: Some(_), .. }
        | ApplicationState::AwaitingSignature { answers: Some(_), .. } => Some(QueuePlace::WithApplicant),
        ApplicationState::Approved { .. } => Some(QueuePlace::AwaitingRegistration),
        ApplicationState::Draft { .. }
        | ApplicationState::AwaitingSignature { answers: None, .. }
        // Until the guardian has signed, the library has none of it.
        | ApplicationState::AwaitingGuardian { answers: None, .. }
        | ApplicationState::Issued { .. }
        | ApplicationState::Declined { .. }
        | ApplicationState::Withdrawn { .. }
        | ApplicationState::Lapsed { .. }
        | ApplicationState::Purged { .. } => None,
    }
}
