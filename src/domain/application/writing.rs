//! What applicants do with their application, and the guardian who signs after them.

use super::service_time::ServiceTime;
use super::state::{ApplicationState, Return};
use super::{Application, Refused};
use crate::domain::ids::SigningRequestId;
use crate::domain::version::{Digest, Version};
use time::{Duration, OffsetDateTime};

/// How long a signing request waits for the app's answer.
pub const SIGNING_TIME: Duration = Duration::minutes(30);

impl Application {
    /// True if the applicant may change what is written: a draft, or what was sent back.
    #[must_use]
    pub const fn is_open_for_writing(&self) -> bool {
        matches!(self.state, ApplicationState::Draft { .. } | ApplicationState::Returned(_))
    }

    /// Records work on what is written. A draft gets its full life again; the time to answer a request for
    /// correction stays what it is.
    ///
    /// # Errors
    /// Refused unless it is open for writing.
    pub fn touch(self, draft_life: Duration, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Draft { expires_at } => {
                // A visit slip promises a longer life than work on the form does.
                let expires_at = expires_at.max(now + draft_life);
                Ok(Self { state: ApplicationState::Draft { expires_at }, ..self })
            }
            ApplicationState::Returned(_) => Ok(self),
            _ => Err(self.wrong("save")),
        }
    }

    /// Freezes the next version as the document with `digest` and waits for its signature.
    ///
    /// # Errors
    /// Refused unless it is open for writing.
    pub fn freeze(self, digest: Digest, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        if !self.is_open_for_writing() {
            return Err(self.wrong("freeze"));
        }
        let version = Version { number: self.last_version + 1, digest };
        let answers = self.state.correction();
        let expires_at = now + SIGNING_TIME;
        let state = ApplicationState::AwaitingSignature { version, request, expires_at, answers };
        Ok(Self { state, last_version: version.number, ..self })
    }

    /// Asks for the same frozen version to be signed once more (a new request, the same document).
    ///
    /// # Errors
    /// Refused unless a signature is awaited.
    pub fn ask_again(self, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { version, answers, .. } => {
                let expires_at = now + SIGNING_TIME;
                let state = ApplicationState::AwaitingSignature { version, request, expires_at, answers };
                Ok(Self { state, ..self })
            }
            _ => Err(self.wrong("ask again to sign")),
        }
    }

    /// Goes back to writing: the open signing request, or the signature that waits for the guardian's, is void.
    ///
    /// # Errors
    /// Refused unless a signature is awaited.
    pub fn edit(self, draft_life: Duration, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { answers, .. }
            | ApplicationState::AwaitingGuardian { answers, .. } => {
                let draft = ApplicationState::Draft { expires_at: now + draft_life };
                Ok(Self { state: answers.map_or(draft, ApplicationState::Returned), ..self })
            }
            _ => Err(self.wrong("edit")),
        }
    }

    /// Accepts a verified signature that answers `request`.
    ///
    /// # Errors
    /// Refused unless exactly this request is open and in time.
    pub fn submit(self, request: SigningRequestId, now: OffsetDateTime) -> Result<Self, Refused> {
        let (version, answers) = self.signable(request, now)?;
        Ok(self.into_queue(version, answers, now))
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
            _ => Err(self.wrong("submit")),
        }
    }

    /// Accepts the applicant's verified signature where the rules want a guardian's as well.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub fn await_guardian(
        self,
        request: SigningRequestId,
        cosigning_life: Duration,
        now: OffsetDateTime,
    ) -> Result<Self, Refused> {
        let (version, answers) = self.signable(request, now)?;
        let state = ApplicationState::AwaitingGuardian { version, expires_at: now + cosigning_life, answers };
        Ok(Self { state, ..self })
    }

    /// The same for a signature over `seen` that no app was asked for.
    ///
    /// # Errors
    /// As [`submit_version`](Self::submit_version).
    pub fn await_guardian_of(
        self,
        seen: Version,
        cosigning_life: Duration,
        now: OffsetDateTime,
    ) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { version, .. } if version != seen => {
                Err(Refused::OtherVersion { seen: seen.number, current: version.number })
            }
            ApplicationState::AwaitingSignature { request, .. } => self.await_guardian(request, cosigning_life, now),
            _ => Err(self.wrong("submit")),
        }
    }

    /// Accepts the guardian's verified signature over the same version.
    ///
    /// # Errors
    /// Refused unless this version waits for it, and in time.
    pub fn cosign(self, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::AwaitingGuardian { version, .. } if version != seen => {
                Err(Refused::OtherVersion { seen: seen.number, current: version.number })
            }
            ApplicationState::AwaitingGuardian { expires_at, .. } if expires_at <= now => {
                Err(Refused::TooLate { ended_at: expires_at })
            }
            ApplicationState::AwaitingGuardian { version, answers, .. } => Ok(self.into_queue(version, answers, now)),
            _ => Err(self.wrong("co-sign")),
        }
    }

    /// Puts an application into the queue that no card has signed: a visitor's, entered by staff or brought with a
    /// visit slip, whose identity was proved by documents; or one that came with pictures of them.
    ///
    /// # Errors
    /// Refused unless it is open for writing.
    pub fn submit_unsigned(self, digest: Digest, now: OffsetDateTime) -> Result<Self, Refused> {
        if !self.is_open_for_writing() {
            return Err(self.wrong("submit"));
        }
        let version = Version { number: self.last_version + 1, digest };
        let answers = self.state.correction();
        Ok(Self { last_version: version.number, ..self }.into_queue(version, answers, now))
    }

    /// True as long as it can be taken back: nothing is decided, and nothing has ended.
    #[must_use]
    pub const fn may_be_withdrawn(&self) -> bool {
        matches!(
            self.state,
            ApplicationState::Draft { .. }
                | ApplicationState::AwaitingSignature { .. }
                | ApplicationState::AwaitingGuardian { .. }
                | ApplicationState::Submitted { .. }
                | ApplicationState::UnderReview { .. }
                | ApplicationState::Returned(_)
        )
    }

    /// Takes it back before a decision.
    ///
    /// # Errors
    /// Refused once it was decided or has ended.
    pub fn withdraw(self, now: OffsetDateTime) -> Result<Self, Refused> {
        if !self.may_be_withdrawn() {
            return Err(self.wrong("withdraw"));
        }
        Ok(Self { state: ApplicationState::Withdrawn { withdrawn_at: now }, due_on: None, ..self })
    }

    /// Tells whether taking it back needs more than the session that began it: it was signed.
    #[must_use]
    pub const fn needs_code_to_withdraw(&self) -> bool {
        matches!(
            self.state,
            ApplicationState::AwaitingGuardian { .. }
                | ApplicationState::AwaitingSignature { answers: Some(_), .. }
                | ApplicationState::Submitted { .. }
                | ApplicationState::UnderReview { .. }
                | ApplicationState::Returned(_)
        )
    }

    fn signable(&self, request: SigningRequestId, now: OffsetDateTime) -> Result<(Version, Option<Return>), Refused> {
        match self.state {
            ApplicationState::AwaitingSignature { request: open, .. } if open != request => Err(Refused::OtherRequest),
            ApplicationState::AwaitingSignature { expires_at, .. } if expires_at <= now => Err(Refused::RequestExpired),
            ApplicationState::AwaitingSignature { version, answers, .. } => Ok((version, answers)),
            _ => Err(self.wrong("submit")),
        }
    }

    fn into_queue(self, version: Version, answers: Option<Return>, now: OffsetDateTime) -> Self {
        let service = answers.map_or(ServiceTime::start(now), |asked| asked.service.resumed(now));
        Self { state: ApplicationState::Submitted { version, service }, ..self }
    }
}
