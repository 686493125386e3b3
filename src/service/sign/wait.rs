//! The PC waits for the telephone: how far it is, and a seat for whoever wants to be told of a change.

use crate::domain::application::ApplicationState;
use crate::domain::handoff::{Handoff, HandoffState};
use crate::domain::ids::ApplicationId;
use crate::domain::library::Library;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::store::{applications, handoffs};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may wait at once.
const SEATS: usize = 256;
/// How often somebody who waits looks, and how long they pause in between: twenty seconds in all.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(1);

/// Seats for those who wait. Whoever finds none is answered at once and may ask again.
#[derive(Debug, Clone)]
pub struct Waiting {
    seats: Arc<Semaphore>,
    looks: u32,
    pause: Duration,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::new(SEATS, LOOKS, PAUSE)
    }
}

impl Waiting {
    /// So many seats, on which one looks so often, with such a pause in between.
    #[must_use]
    pub fn new(seats: usize, looks: u32, pause: Duration) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), looks, pause }
    }

    /// How many more could wait.
    #[must_use]
    pub fn free_seats(&self) -> usize {
        self.seats.available_permits()
    }

    fn sit_down(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).try_acquire_owned().ok()
    }
}

/// How far the signature of the version that waits is, as the PC's session may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// No QR code was shown for this version in this session.
    NoCode,
    /// The QR code waits to be read.
    Shown,
    /// Its address was opened.
    Opened,
    /// The telephone has named the right number.
    Matched,
    /// The telephone has gone to the signing app.
    Signing,
    /// Signed and submitted, in whichever way.
    Signed,
    /// The telephone's signature was not accepted; the kind of its problem page.
    Problem(String),
    /// The telephone has named a wrong number.
    Mismatched,
    /// The QR code has run out, or was replaced.
    RunOut,
    /// Nothing waits for a signature any more: the answers were changed.
    Changed,
}

impl Progress {
    /// The word by which the browser says what it has seen.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoCode => "no-code",
            Self::Shown => "shown",
            Self::Opened => "opened",
            Self::Matched => "matched",
            Self::Signing => "signing",
            Self::Signed => "signed",
            Self::Problem(_) => "problem",
            Self::Mismatched => "mismatched",
            Self::RunOut => "run-out",
            Self::Changed => "changed",
        }
    }

    /// True if waiting longer brings nothing: there is something to do now.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        match self {
            Self::Signed | Self::Problem(_) | Self::Mismatched | Self::RunOut | Self::Changed => true,
            Self::NoCode | Self::Shown | Self::Opened | Self::Matched | Self::Signing => false,
        }
    }

    pub(super) fn of(handoff: &Handoff, now: OffsetDateTime) -> Self {
        match (&handoff.state, &handoff.problem) {
            (HandoffState::Finished { .. }, _) => Self::Signed,
            (HandoffState::Mismatched, _) => Self::Mismatched,
            (HandoffState::Replaced, _) => Self::RunOut,
            (HandoffState::Signing { .. }, Some(problem)) => Self::Problem(problem.clone()),
            _ if !handoff.is_living(now) => Self::RunOut,
            (HandoffState::Shown, _) => Self::Shown,
            (HandoffState::Opened, _) => Self::Opened,
            (HandoffState::Matched { .. }, _) => Self::Matched,
            (HandoffState::Signing { .. }, None) => Self::Signing,
        }
    }
}

impl Portal {
    /// How far the signature is.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the application is gone.
    pub async fn signing_progress(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<Progress, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let version = match application.state {
            ApplicationState::AwaitingSignature { version, .. } => version,
            ApplicationState::AwaitingGuardian { .. }
            | ApplicationState::Submitted { .. }
            | ApplicationState::UnderReview { .. }
            | ApplicationState::Approved { .. }
            | ApplicationState::Issued { .. }
            | ApplicationState::Declined { .. } => return Ok(Progress::Signed),
            ApplicationState::Draft { .. }
            | ApplicationState::Returned(_)
            | ApplicationState::Withdrawn { .. }
            | ApplicationState::Lapsed { .. }
            | ApplicationState::Purged { .. } => return Ok(Progress::Changed),
        };
        let shown = handoffs::find_shown(&mut tx, id, &token.hash()).await?;
        let handoff = shown.filter(|handoff| handoff.version == version.number);
        Ok(handoff.map_or(Progress::NoCode, |handoff| Progress::of(&handoff, self.clock.now())))
    }

    /// Waits until there is something to do, or until it is another progress than the browser has `seen`; for
    /// twenty seconds at most, and only if a seat is free. No connection to the store is held meanwhile.
    ///
    /// # Errors
    /// As [`Portal::signing_progress`].
    pub async fn await_signature(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        seen: Option<&str>,
    ) -> Result<Progress, Error> {
        let is_due = |progress: &Progress| progress.is_news() || seen.is_some_and(|seen| seen != progress.name());
        let progress = self.signing_progress(library, token, id).await?;
        if is_due(&progress) {
            return Ok(progress);
        }
        let Some(_seat) = self.waiting.sit_down() else { return Ok(progress) };
        for _ in 0..self.waiting.looks {
            tokio::time::sleep(self.waiting.pause).await;
            let progress = self.signing_progress(library, token, id).await?;
            if is_due(&progress) {
                return Ok(progress);
            }
        }
        Ok(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_no_seat_does_not_wait_and_whoever_leaves_frees_theirs() {
        let waiting = Waiting::new(2, 1, Duration::ZERO);
        let (first, second) = (waiting.sit_down(), waiting.sit_down());
        assert!(first.is_some() && second.is_some() && waiting.sit_down().is_none());
        drop(first);
        assert_eq!(waiting.free_seats(), 1);
        assert!(waiting.sit_down().is_some());
    }

    #[test]
    fn nobody_waits_longer_than_twenty_seconds() {
        let waiting = Waiting::default();
        assert!(waiting.pause * waiting.looks <= Duration::from_secs(20));
    }
}
