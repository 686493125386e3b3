//! The states, each with the data that belongs to it and to no other.

use super::service_time::ServiceTime;
use crate::domain::ids::{SigningRequestId, StaffId};
use crate::domain::version::Version;
use time::OffsetDateTime;

/// An application that was sent back for correction: what was seen, by whom, and until when an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    /// The version that the reviewer saw.
    pub version: Version,
    /// The library's time, which stands still.
    pub service: ServiceTime,
    /// Who asked; they are offered the answer first.
    pub reviewer: StaffId,
    /// When it was sent back.
    pub returned_at: OffsetDateTime,
    /// When it lapses unless it is answered.
    pub answer_by: OffsetDateTime,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// A member of staff.
    Staff(StaffId),
    /// The library's rules, in the version that the application names (automatic decision).
    Rule,
}

impl Decider {
    /// The staff member, if it was one.
    #[must_use]
    pub const fn staff_id(self) -> Option<StaffId> {
        match self {
            Self::Staff(id) => Some(id),
            Self::Rule => None,
        }
    }
}

/// How an application ended whose contents are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It was approved and issued.
    Issued,
    /// It was declined.
    Declined,
    /// The applicant took it back.
    Withdrawn,
    /// Its time ran out.
    Lapsed,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Issued, Self::Declined, Self::Withdrawn, Self::Lapsed];

    /// The name in storage: that of the state it was in.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }
}

/// The states of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationState {
    /// Being filled in; lapses at `expires_at` unless touched.
    Draft {
        /// When the draft is erased.
        expires_at: OffsetDateTime,
    },
    /// A version is frozen and a signing app was asked to sign it.
    AwaitingSignature {
        /// What is to be signed.
        version: Version,
        /// The open request.
        request: SigningRequestId,
        /// When the request is void and what is written is open again.
        expires_at: OffsetDateTime,
        /// The request for correction that this version answers, if it is not the first.
        answers: Option<Return>,
    },
    /// The applicant has signed; a guardian still has to.
    AwaitingGuardian {
        /// What was signed, and is to be signed again.
        version: Version,
        /// When it lapses.
        expires_at: OffsetDateTime,
        /// The request for correction that this version answers, if it is not the first.
        answers: Option<Return>,
    },
    /// Signed and in the queue.
    Submitted {
        /// What was signed.
        version: Version,
        /// The library's time, which runs.
        service: ServiceTime,
    },
    /// Claimed by one reviewer under a sliding lease.
    UnderReview {
        /// What was signed.
        version: Version,
        /// The library's time, which runs.
        service: ServiceTime,
        /// Who reviews.
        reviewer: StaffId,
        /// When the claim ends by itself.
        lease_until: OffsetDateTime,
    },
    /// Sent back to the applicant, who may change what was asked for and nothing else.
    Returned(Return),
    /// Decided yes; the library system has not confirmed it yet.
    Approved {
        /// What was decided on.
        version: Version,
        /// The library's time, which stands still.
        service: ServiceTime,
        /// Who decided.
        decider: Decider,
        /// When.
        decided_at: OffsetDateTime,
    },
    /// Decided yes, and in force: number, expiry date and notice exist.
    Issued {
        /// What was decided on.
        version: Version,
        /// The library's time, which stands still.
        service: ServiceTime,
        /// Who decided.
        decider: Decider,
        /// When.
        decided_at: OffsetDateTime,
    },
    /// Decided no, with a reason that the applicant reads.
    Declined {
        /// What was decided on.
        version: Version,
        /// The library's time, which stands still.
        service: ServiceTime,
        /// Who decided.
        reviewer: StaffId,
        /// When.
        decided_at: OffsetDateTime,
    },
    /// Taken back by the applicant before a decision.
    Withdrawn {
        /// When.
        withdrawn_at: OffsetDateTime,
    },
    /// Its time ran out: a draft, a guardian's signature, or a correction that nobody sent.
    Lapsed {
        /// When.
        lapsed_at: OffsetDateTime,
        /// The request for correction that was not answered, if that was it.
        unanswered: Option<Return>,
    },
    /// Its contents are gone; number, procedure, dates and outcome stay.
    Purged {
        /// When.
        purged_at: OffsetDateTime,
        /// How it had ended.
        ending: Ending,
    },
}

impl ApplicationState {
    /// The name in storage, events and refusals.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::AwaitingSignature { .. } => "awaiting_signature",
            Self::AwaitingGuardian { .. } => "awaiting_guardian",
            Self::Submitted { .. } => "submitted",
            Self::UnderReview { .. } => "under_review",
            Self::Returned(_) => "returned",
            Self::Approved { .. } => "approved",
            Self::Issued { .. } => "issued",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
            Self::Purged { .. } => "purged",
        }
    }

    /// True once nobody waits for anybody: only a supervisor's reopening or the erasure leads on from here.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Issued { .. }
                | Self::Declined { .. }
                | Self::Withdrawn { .. }
                | Self::Lapsed { .. }
                | Self::Purged { .. }
        )
    }

    /// True while the next step is the library's.
    #[must_use]
    pub const fn is_in_queue(&self) -> bool {
        matches!(self, Self::Submitted { .. } | Self::UnderReview { .. })
    }

    /// The frozen version that this state is about, if any.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        match self {
            Self::AwaitingSignature { version, .. }
            | Self::AwaitingGuardian { version, .. }
            | Self::Submitted { version, .. }
            | Self::UnderReview { version, .. }
            | Self::Returned(Return { version, .. })
            | Self::Approved { version, .. }
            | Self::Issued { version, .. }
            | Self::Declined { version, .. } => Some(*version),
            Self::Draft { .. } | Self::Withdrawn { .. } | Self::Lapsed { .. } | Self::Purged { .. } => None,
        }
    }

    /// The request for correction that is open, was answered by the version in hand, or was left unanswered.
    #[must_use]
    pub const fn correction(&self) -> Option<Return> {
        match self {
            Self::Returned(asked) => Some(*asked),
            Self::AwaitingSignature { answers, .. } | Self::AwaitingGuardian { answers, .. } => *answers,
            Self::Lapsed { unanswered, .. } => *unanswered,
            _ => None,
        }
    }

    /// The last version that staff may see: the one they review or have decided on, or the one they sent back.
    #[must_use]
    pub const fn submitted_version(&self) -> Option<Version> {
        match self {
            Self::Submitted { version, .. }
            | Self::UnderReview { version, .. }
            | Self::Approved { version, .. }
            | Self::Issued { version, .. }
            | Self::Declined { version, .. } => Some(*version),
            _ => match self.correction() {
                Some(asked) => Some(asked.version),
                None => None,
            },
        }
    }

    /// The library's time with it, once it was submitted.
    #[must_use]
    pub const fn service(&self) -> Option<ServiceTime> {
        match self {
            Self::Submitted { service, .. }
            | Self::UnderReview { service, .. }
            | Self::Approved { service, .. }
            | Self::Issued { service, .. }
            | Self::Declined { service, .. } => Some(*service),
            _ => match self.correction() {
                Some(asked) => Some(asked.service),
                None => None,
            },
        }
    }

    /// When it was first submitted, if it was.
    #[must_use]
    pub const fn submitted_at(&self) -> Option<OffsetDateTime> {
        match self.service() {
            Some(service) => Some(service.submitted_at),
            None => None,
        }
    }

    /// How and when it ended, as long as its contents are kept.
    #[must_use]
    pub const fn ended(&self) -> Option<(Ending, OffsetDateTime)> {
        match self {
            Self::Issued { decided_at, .. } => Some((Ending::Issued, *decided_at)),
            Self::Declined { decided_at, .. } => Some((Ending::Declined, *decided_at)),
            Self::Withdrawn { withdrawn_at } => Some((Ending::Withdrawn, *withdrawn_at)),
            Self::Lapsed { lapsed_at, .. } => Some((Ending::Lapsed, *lapsed_at)),
            _ => None,
        }
    }

    /// The reviewer who holds a living claim at `now`.
    #[must_use]
    pub fn held_by(&self, now: OffsetDateTime) -> Option<StaffId> {
        match self {
            Self::UnderReview { reviewer, lease_until, .. } if *lease_until > now => Some(*reviewer),
            _ => None,
        }
    }
}
