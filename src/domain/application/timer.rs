//! What time does to an application.

use super::state::{ApplicationState, Ending};
use super::{Application, Refused};
use time::OffsetDateTime;

impl Application {
    /// Ends what nobody finished in time: a draft, a guardian's signature, a correction.
    ///
    /// # Errors
    /// Refused before its time is over, and in every other state.
    pub fn lapse(self, now: OffsetDateTime) -> Result<Self, Refused> {
        let (expires_at, unanswered) = match self.state {
            ApplicationState::Draft { expires_at } => (expires_at, None),
            ApplicationState::AwaitingGuardian { expires_at, answers, .. } => (expires_at, answers),
            ApplicationState::Returned(asked) => (asked.answer_by, Some(asked)),
            _ => return Err(self.wrong("lapse")),
        };
        if expires_at > now {
            return Err(Refused::TooEarly { from: expires_at });
        }
        Ok(Self { state: ApplicationState::Lapsed { lapsed_at: now, unanswered }, ..self })
    }

    /// Puts a claim whose lease has ended back into the queue.
    ///
    /// # Errors
    /// Refused while the lease lives.
    pub fn end_lease(self, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::UnderReview { lease_until, .. } if lease_until > now => {
                Err(Refused::TooEarly { from: lease_until })
            }
            ApplicationState::UnderReview { version, service, .. } => {
                Ok(Self { state: ApplicationState::Submitted { version, service }, ..self })
            }
            _ => Err(self.wrong("end the lease of")),
        }
    }

    /// Lets go of everything but number, procedure, dates and outcome. Whether it is time is the rules' matter.
    ///
    /// # Errors
    /// Refused unless it has ended.
    pub fn purge(self, now: OffsetDateTime) -> Result<Self, Refused> {
        let ending = match self.state {
            ApplicationState::Issued { .. } => Ending::Issued,
            ApplicationState::Declined { .. } => Ending::Declined,
            ApplicationState::Withdrawn { .. } => Ending::Withdrawn,
            ApplicationState::Lapsed { .. } => Ending::Lapsed,
            _ => return Err(self.wrong("purge")),
        };
        Ok(Self { state: ApplicationState::Purged { purged_at: now, ending }, ..self })
    }
}
