//! What staff do with an application.

use super::service_time::ServiceTime;
use super::state::{ApplicationState, Decider, Return};
use super::{Application, Refused};
use crate::domain::ids::{PatronId, StaffId};
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::domain::version::Version;
use time::{Duration, OffsetDateTime};

/// How long a claim lasts after the reviewer's last action.
pub const REVIEW_LEASE: Duration = Duration::minutes(30);

impl Application {
    /// Claims it for review, or prolongs the claim that `by` already holds.
    ///
    /// # Errors
    /// Refused while somebody else's claim lives, and outside the queue.
    pub fn claim(self, by: &StaffMember, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Review)?;
        match self.state {
            ApplicationState::UnderReview { reviewer, lease_until, .. } if reviewer != by.id && lease_until > now => {
                Err(Refused::ClaimedByAnother { reviewer, lease_until })
            }
            _ => self.taken_by("claim", by.id, now),
        }
    }

    /// Takes a living claim from a colleague, who is told; the reason is part of the record.
    ///
    /// # Errors
    /// Refused to whoever is no supervisor, and unless somebody else holds a living claim.
    pub fn take_over(self, by: &StaffMember, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::TakeOver)?;
        match self.state {
            ApplicationState::UnderReview { reviewer, .. } if reviewer != by.id => {
                self.taken_by("take over", by.id, now)
            }
            _ => Err(self.wrong("take over")),
        }
    }

    /// Puts it back into the queue.
    ///
    /// # Errors
    /// Refused unless `by` holds the claim.
    pub fn release(self, by: &StaffMember) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Review)?;
        match self.state {
            ApplicationState::UnderReview { reviewer, lease_until, .. } if reviewer != by.id => {
                Err(Refused::ClaimedByAnother { reviewer, lease_until })
            }
            ApplicationState::UnderReview { version, service, .. } => {
                Ok(Self { state: ApplicationState::Submitted { version, service }, ..self })
            }
            _ => Err(self.wrong("release")),
        }
    }

    /// Says whose card it is about. Whoever decides names the same version, so nothing that was seen becomes another.
    ///
    /// # Errors
    /// Refused without a living claim.
    pub fn match_patron(self, by: &StaffMember, patron_id: PatronId, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Review)?;
        let seen = self.state.submitted_version().ok_or_else(|| self.wrong("match"))?;
        self.held("match", by, seen, now)?;
        Ok(Self { patron_id: Some(patron_id), ..self })
    }

    /// Tells whether `by` works on it: what is noted in the file is noted by whoever decides on it.
    ///
    /// # Errors
    /// Refused without a living claim.
    pub fn must_be_claimed_by(&self, by: &StaffMember, now: OffsetDateTime) -> Result<(), Refused> {
        self.must_be_for(by, Permission::Review)?;
        let seen = self.state.submitted_version().ok_or_else(|| self.wrong("note"))?;
        self.held("note", by, seen, now).map(drop)
    }

    /// Sends it back to the applicant, who has until `answer_by` to correct what is asked.
    ///
    /// # Errors
    /// Refused without a living claim, or on another version.
    pub fn return_for_correction(
        self,
        by: &StaffMember,
        seen: Version,
        answer_by: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Review)?;
        let (version, service) = self.held("return", by, seen, now)?;
        let service = service.paused(now);
        let asked = Return { version, service, reviewer: by.id, returned_at: now, answer_by };
        Ok(Self { state: ApplicationState::Returned(asked), due_on: None, ..self })
    }

    /// Says yes for the first of two times: it goes back into the queue, for another person.
    ///
    /// # Errors
    /// Refused without a living claim, or on another version.
    pub fn approve_first(self, by: &StaffMember, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Propose)?;
        let (version, service) = self.held("approve", by, seen, now)?;
        Ok(Self { state: ApplicationState::Submitted { version, service }, ..self })
    }

    /// Decides yes on the version that the reviewer saw. `first` is whoever approved this version before, if the
    /// rules want two.
    ///
    /// # Errors
    /// Refused without a living claim, on another version, and to whoever gave the first approval.
    pub fn approve(
        self,
        by: &StaffMember,
        seen: Version,
        first: Option<StaffId>,
        now: OffsetDateTime,
    ) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Decide)?;
        let (version, service) = self.held("approve", by, seen, now)?;
        if first == Some(by.id) {
            return Err(Refused::SamePerson);
        }
        let (service, decider) = (service.paused(now), Decider::Staff(by.id));
        let state = ApplicationState::Approved { version, service, decider, decided_at: now };
        Ok(Self { state, due_on: None, ..self })
    }

    /// Decides yes by the library's rules alone.
    ///
    /// # Errors
    /// Refused unless it is in the queue and nobody reviews it.
    pub fn approve_by_rule(self, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Submitted { version, service } => {
                let service = service.paused(now);
                let state = ApplicationState::Approved { version, service, decider: Decider::Rule, decided_at: now };
                Ok(Self { state, due_on: None, ..self })
            }
            _ => Err(self.wrong("approve by rule")),
        }
    }

    /// Puts what was approved into force: at once, or when the library system has confirmed it.
    ///
    /// # Errors
    /// Refused unless it is approved.
    pub fn issue(self) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Approved { version, service, decider, decided_at } => {
                Ok(Self { state: ApplicationState::Issued { version, service, decider, decided_at }, ..self })
            }
            _ => Err(self.wrong("issue")),
        }
    }

    /// Takes an approval back that the library system did not take in: it goes back into the queue.
    ///
    /// # Errors
    /// Refused to whoever may not exchange with the library system, and unless it waits for it.
    pub fn refuse_registration(self, by: &StaffMember, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Exchange)?;
        match self.state {
            ApplicationState::Approved { version, service, .. } => {
                let state = ApplicationState::Submitted { version, service: service.resumed(now) };
                Ok(Self { state, ..self })
            }
            _ => Err(self.wrong("refuse the registration of")),
        }
    }

    /// Decides no on the version that the reviewer saw. The reason is part of the decision, not of the state.
    ///
    /// # Errors
    /// Refused without a living claim, or on another version.
    pub fn decline(self, by: &StaffMember, seen: Version, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Decide)?;
        let (version, service) = self.held("decline", by, seen, now)?;
        let service = service.paused(now);
        let state = ApplicationState::Declined { version, service, reviewer: by.id, decided_at: now };
        Ok(Self { state, due_on: None, ..self })
    }

    /// Opens a decision again: it goes back into the queue. What becomes of what was issued is chosen beside it.
    ///
    /// # Errors
    /// Refused to whoever is no supervisor, unless it was decided, and after `window`.
    pub fn reopen(self, by: &StaffMember, window: Duration, now: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Reopen)?;
        let (ApplicationState::Issued { version, service, decided_at, .. }
        | ApplicationState::Declined { version, service, decided_at, .. }) = self.state
        else {
            return Err(self.wrong("reopen"));
        };
        if decided_at + window <= now {
            return Err(Refused::TooLate { ended_at: decided_at + window });
        }
        Ok(Self { state: ApplicationState::Submitted { version, service: service.resumed(now) }, ..self })
    }

    /// Gives an applicant who let the time for a correction run out another one.
    ///
    /// # Errors
    /// Refused to whoever is no supervisor, and unless it lapsed over a correction.
    pub fn ask_once_more(self, by: &StaffMember, answer_by: OffsetDateTime) -> Result<Self, Refused> {
        self.must_be_for(by, Permission::Reopen)?;
        match self.state {
            ApplicationState::Lapsed { unanswered: Some(asked), .. } => {
                Ok(Self { state: ApplicationState::Returned(Return { answer_by, ..asked }), ..self })
            }
            _ => Err(self.wrong("reopen")),
        }
    }

    /// Tells whether `by` may use `permission` on this application: library, role and branch fit.
    ///
    /// # Errors
    /// [`Refused::OtherLibrary`] outside the library or the branches, [`Refused::NotAllowed`] without the role.
    pub fn must_be_for(&self, by: &StaffMember, permission: Permission) -> Result<(), Refused> {
        if self.library_id != by.library_id {
            return Err(Refused::OtherLibrary);
        }
        match by.scope(permission) {
            None => Err(Refused::NotAllowed),
            Some(scope) if scope.covers(self.branch.as_ref()) => Ok(()),
            Some(_) => Err(Refused::OtherLibrary),
        }
    }

    /// Tells whether `by` holds it under a living claim and may use `permission` on it.
    ///
    /// # Errors
    /// Refused without a living claim, and as [`must_be_for`](Self::must_be_for).
    pub fn must_be_held_by(
        &self,
        by: &StaffMember,
        permission: Permission,
        now: OffsetDateTime,
    ) -> Result<(), Refused> {
        self.must_be_for(by, permission)?;
        let version = self.state.version().ok_or_else(|| self.wrong("judge"))?;
        self.held("judge", by, version, now).map(drop)
    }

    fn taken_by(self, event: &'static str, reviewer: StaffId, now: OffsetDateTime) -> Result<Self, Refused> {
        match self.state {
            ApplicationState::Submitted { version, service }
            | ApplicationState::UnderReview { version, service, .. } => {
                let lease_until = now + REVIEW_LEASE;
                Ok(Self { state: ApplicationState::UnderReview { version, service, reviewer, lease_until }, ..self })
            }
            _ => Err(self.wrong(event)),
        }
    }

    /// What `by` holds under a living claim, if it is the version that they saw.
    fn held(
        &self,
        event: &'static str,
        by: &StaffMember,
        seen: Version,
        now: OffsetDateTime,
    ) -> Result<(Version, ServiceTime), Refused> {
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
            ApplicationState::UnderReview { version, service, .. } => Ok((version, service)),
            _ => Err(self.wrong(event)),
        }
    }
}
