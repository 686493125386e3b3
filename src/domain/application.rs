//! The life of an application: its states, and the only ways from one to the next.
//!
//! Each state owns its data. A transition consumes the application, takes the time, and
//! returns the next state or says why not; the store's guarded `UPDATE` then decides
//! between two who try at once.

use super::ids::{ApplicationId, LibraryId, SigningRequestId, StaffId};
use super::procedure::Procedure;
use super::reference::Reference;
use super::staff::StaffMember;
use super::version::{Digest, Version};
use time::{Duration, OffsetDateTime};

/// How long a claim lasts after the reviewer's last action.
pub const REVIEW_LEASE: Duration = Duration::minutes(30);
/// How long a signing request waits for the app's answer.
pub const SIGNING_TIME: Duration = Duration::minutes(30);

/// An application and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Internal identity.
    pub id: ApplicationId,
    /// The library that is asked.
    pub library_id: LibraryId,
    /// What the applicant and the staff call it.
    pub reference: Reference,
    /// What is applied for.
    pub procedure: Procedure,
    /// The version of the library's rules that it began with, and keeps.
    pub rules_version: u32,
    /// The number of the last frozen version; 0 before the first.
    pub last_version: u32,
    /// Counts every change; a save names the value it read.
    pub row_version: i64,
    /// When the draft was begun.
    pub started_at: OffsetDateTime,
    /// Where it stands.
    pub state: ApplicationState,
}

/// The states of `lifecycle.md`, as far as this portal walks them.
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
        /// When the request is void and the draft is open again.
        expires_at: OffsetDateTime,
    },
    /// Signed and in the queue.
    Submitted {
        /// What was signed.
        version: Version,
        /// When the signature was accepted.
        submitted_at: OffsetDateTime,
    },
    /// Claimed by one reviewer under a sliding lease.
    UnderReview {
        /// What was signed.
        version: Version,
        /// When the signature was accepted.
        submitted_at: OffsetDateTime,
        /// Who reviews.
        reviewer: StaffId,
        /// When the claim ends by itself.
        lease_until: OffsetDateTime,
    },
    /// Decided yes: number, expiry date and notice exist.
    Issued {
        /// What was decided on.
        version: Version,
        /// When the signature was accepted.
        submitted_at: OffsetDateTime,
        /// Who decided.
        reviewer: StaffId,
        /// When.
        decided_at: OffsetDateTime,
    },
    /// Decided no, with a reason that the applicant reads.
    Declined {
        /// What was decided on.
        version: Version,
        /// When the signature was accepted.
        submitted_at: OffsetDateTime,
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
    /// A draft whose time ran out.
    Lapsed {
        /// When.
        lapsed_at: OffsetDateTime,
    },
}

impl ApplicationState {
    /// The name in storage, events and refusals.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::AwaitingSignature { .. } => "awaiting_signature",
            Self::Submitted { .. } => "submitted",
            Self::UnderReview { .. } => "under_review",
            Self::Issued { .. } => "issued",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// No transition leads away from a final state.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Issued { .. } | Self::Declined { .. } | Self::Withdrawn { .. } | Self::Lapsed { .. })
    }

    /// The frozen version that this state is about, if any.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        match self {
            Self::AwaitingSignature { version, .. }
            | Self::Submitted { version, .. }
            | Self::UnderReview { version, .. }
            | Self::Issued { version, .. }
            | Self::Declined { version, .. } => Some(*version),
            Self::Draft { .. } | Self::Withdrawn { .. } | Self::Lapsed { .. } => None,
        }
    }
}

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
    /// The staff member belongs to another library.
    #[error("not a matter of this staff member's library")]
    OtherLibrary,
}

impl Application {
    /// Begins a draft.
    #[must_use]
    pub fn start(
        library_id: LibraryId,
        reference: Reference,
        procedure: Procedure,
        rules_version: u32,
        draft_life: Duration,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            id: ApplicationId::new(now),
            library_id,
            reference,
            procedure,
            rules_version,
            last_version: 0,
            row_version: 0,
            started_at: now,
            state: ApplicationState::Draft { expires_at: now + draft_life },
        }
    }

    /// Records work on the draft, which gives it its full life again.
    ///
    /// # Errors
    /// Refused unless it is a draft.
    pub fn touch(self, draft_life: Duration, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Draft { .. } => {
                Ok(Self { state: ApplicationState::Draft { expires_at: now + draft_life }, ..self })
            }
            ref state => Err(wrong("save", state)),
        }
    }

    /// Freezes the next version as the document with `digest` and waits for its signature.
    ///
    /// # Errors
    /// Refused unless it is a draft.
    pub fn freeze(self, digest: Digest, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Draft { .. } => {
                let version = Version { number: self.last_version + 1, digest };
                let state = ApplicationState::AwaitingSignature { version, request, expires_at: now + SIGNING_TIME };
                Ok(Self { state, last_version: version.number, ..self })
            }
            ref state => Err(wrong("freeze", state)),
        }
    }

    /// Asks for the same frozen version to be signed once more (a new request, the same document).
    ///
    /// # Errors
    /// Refused unless a signature is awaited.
    pub fn ask_again(self, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { version, .. } => {
                let state = ApplicationState::AwaitingSignature { version, request, expires_at: now + SIGNING_TIME };
                Ok(Self { state, ..self })
            }
            ref state => Err(wrong("ask again to sign", state)),
        }
    }

    /// Goes back to the draft; the open signing request is void.
    ///
    /// # Errors
    /// Refused unless a signature is awaited.
    pub fn edit(self, draft_life: Duration, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { .. } => {
                Ok(Self { state: ApplicationState::Draft { expires_at: now + draft_life }, ..self })
            }
            ref state => Err(wrong("edit", state)),
        }
    }

    /// Accepts a verified signature that answers `request`.
    ///
    /// # Errors
    /// Refused unless exactly this request is open and in time.
    pub fn submit(self, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { request: open, .. } if open != request => Err(Refused::OtherRequest),
            ApplicationState::AwaitingSignature { expires_at, .. } if expires_at <= now => Err(Refused::RequestExpired),
            ApplicationState::AwaitingSignature { version, .. } => {
                Ok(Self { state: ApplicationState::Submitted { version, submitted_at: now }, ..self })
            }
            ref state => Err(wrong("submit", state)),
        }
    }

    /// Accepts a verified signature over `seen` that no app was asked for: it was uploaded.
    ///
    /// # Errors
    /// Refused unless exactly this version waits for its signature, and in time.
    pub fn submit_version(self, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { version, .. } if version != seen => {
                Err(Refused::OtherVersion { seen: seen.number, current: version.number })
            }
            ApplicationState::AwaitingSignature { request, .. } => self.submit(request, now),
            ref state => Err(wrong("submit", state)),
        }
    }

    /// Claims it for review, or prolongs the claim that `by` already holds.
    ///
    /// # Errors
    /// Refused while somebody else's claim lives, and outside the queue.
    pub fn claim(self, by: &StaffMember, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_of(by)?;
        let (version, submitted_at) = match self.state {
            ApplicationState::UnderReview { reviewer, lease_until, .. } if reviewer != by.id && lease_until > now => {
                return Err(Refused::ClaimedByAnother { reviewer, lease_until });
            }
            ApplicationState::Submitted { version, submitted_at }
            | ApplicationState::UnderReview { version, submitted_at, .. } => (version, submitted_at),
            ref state => return Err(wrong("claim", state)),
        };
        let state =
            ApplicationState::UnderReview { version, submitted_at, reviewer: by.id, lease_until: now + REVIEW_LEASE };
        Ok(Self { state, ..self })
    }

    /// Puts it back into the queue.
    ///
    /// # Errors
    /// Refused unless `by` holds the claim.
    pub fn release(self, by: &StaffMember) -> Result<Self, Refused> {
        self.must_be_of(by)?;
        match self.state {
            ApplicationState::UnderReview { reviewer, lease_until, .. } if reviewer != by.id => {
                Err(Refused::ClaimedByAnother { reviewer, lease_until })
            }
            ApplicationState::UnderReview { version, submitted_at, .. } => {
                Ok(Self { state: ApplicationState::Submitted { version, submitted_at }, ..self })
            }
            ref state => Err(wrong("release", state)),
        }
    }

    /// Decides yes on the version that the reviewer saw.
    ///
    /// # Errors
    /// Refused without a living claim, or on another version.
    pub fn approve(self, by: &StaffMember, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        let (version, submitted_at) = self.decidable("approve", by, seen, now)?;
        let state = ApplicationState::Issued { version, submitted_at, reviewer: by.id, decided_at: now };
        Ok(Self { state, ..self })
    }

    /// Decides no on the version that the reviewer saw. The reason is part of the decision, not of the state.
    ///
    /// # Errors
    /// Refused without a living claim, or on another version.
    pub fn decline(self, by: &StaffMember, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        let (version, submitted_at) = self.decidable("decline", by, seen, now)?;
        let state = ApplicationState::Declined { version, submitted_at, reviewer: by.id, decided_at: now };
        Ok(Self { state, ..self })
    }

    /// Takes it back before a decision.
    ///
    /// # Errors
    /// Refused once it has ended.
    pub fn withdraw(self, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Draft { .. }
            | ApplicationState::AwaitingSignature { .. }
            | ApplicationState::Submitted { .. }
            | ApplicationState::UnderReview { .. } => {
                Ok(Self { state: ApplicationState::Withdrawn { withdrawn_at: now }, ..self })
            }
            ref state => Err(wrong("withdraw", state)),
        }
    }

    /// Tells whether taking it back needs more than the session that began it: it is signed and in the queue.
    #[must_use]
    pub const fn needs_code_to_withdraw(&self) -> bool {
        matches!(self.state, ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. })
    }

    /// Ends a draft whose time is over.
    ///
    /// # Errors
    /// Refused unless it is a draft past its time.
    pub fn lapse(self, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Draft { expires_at } if expires_at <= now => {
                Ok(Self { state: ApplicationState::Lapsed { lapsed_at: now }, ..self })
            }
            ref state => Err(wrong("lapse", state)),
        }
    }

    fn must_be_of(&self, by: &StaffMember) -> Result<(), Refused> {
        if self.library_id == by.library_id { Ok(()) } else { Err(Refused::OtherLibrary) }
    }

    fn decidable(
        &self,
        event: &'static str,
        by: &StaffMember,
        seen: Version,
        now: OffsetDateTime,
    ) -> Result<(Version, OffsetDateTime), Refused> {
        self.must_be_of(by)?;
        match self.state {
            ApplicationState::UnderReview { reviewer, lease_until, .. } if reviewer != by.id => {
                Err(Refused::ClaimedByAnother { reviewer, lease_until })
            }
            ApplicationState::UnderReview { lease_until, .. } if lease_until <= now => {
                Err(Refused::LeaseEnded { lease_until })
            }
            ApplicationState::UnderReview { version, .. } if version != seen => {
                Err(Refused::OtherVersion { seen: seen.number, current: version.number })
            }
            ApplicationState::UnderReview { version, submitted_at, .. } => Ok((version, submitted_at)),
            ref state => Err(wrong(event, state)),
        }
    }
}

fn wrong(event: &'static str, state: &ApplicationState) -> Refused {
    Refused::WrongState { event, state: state.name() }
}

#[cfg(test)]
mod tests;
