//! Why a transition is refused.

use crate::domain::ids::StaffId;
use time::OffsetDateTime;

/// Why a transition was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The event does not exist in this state.
    #[error("cannot {event} an application that is {state}")]
    WrongState {
        /// The verb that was tried.
        event: &'static str,
        /// The state it met.
        state: &'static str,
    },
    /// The answer belongs to another signing request, or the request is void.
    #[error("the signing request is not the open one")]
    OtherRequest,
    /// The open signing request has run out.
    #[error("the signing request has expired")]
    RequestExpired,
    /// The decision names a version or digest that is not the current one.
    #[error("the decision was made on version {seen}, the current one is {current}")]
    OtherVersion {
        /// The version the reviewer saw.
        seen: u32,
        /// The version that is current.
        current: u32,
    },
    /// Somebody else holds the claim.
    #[error("claimed by another reviewer until {lease_until}")]
    ClaimedByAnother {
        /// Who.
        reviewer: StaffId,
        /// Until when, unless they go on working.
        lease_until: OffsetDateTime,
    },
    /// The reviewer's own claim ended before the decision came.
    #[error("the claim ended at {lease_until}")]
    LeaseEnded {
        /// When it ended.
        lease_until: OffsetDateTime,
    },
    /// The staff member belongs to another library, or to branches that this is no matter of.
    #[error("not a matter of this staff member's library")]
    OtherLibrary,
    /// What the staff member's roles do not allow.
    #[error("not allowed by the staff member's roles")]
    NotAllowed,
    /// The first approval was this person's: the second must be another's.
    #[error("the first approval was given by the same person")]
    SamePerson,
    /// Only what a reviewer asked about may be changed.
    #[error("the field is not among those that were asked about")]
    NotAsked,
    /// The time in which it could be done is over.
    #[error("the time for it ended at {ended_at}")]
    TooLate {
        /// When it ended.
        ended_at: OffsetDateTime,
    },
    /// The time for it has not come.
    #[error("the time for it comes at {from}")]
    TooEarly {
        /// When it comes.
        from: OffsetDateTime,
    },
}
