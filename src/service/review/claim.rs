//! Taking an application on, putting it back, taking it over.

use super::Work;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::ids::{LibraryId, StaffId};
use crate::domain::permission::{Permission, Scope};
use crate::domain::reference::Reference;
use crate::domain::review::Remark;
use crate::domain::staff::StaffMember;
use crate::service::automatic::take_from_rules;
use crate::service::record::staff_event;
use crate::service::relations::must_be_unrelated;
use crate::service::{Error, Once, Portal};
use crate::store::takeovers::{self, Takeover};
use crate::store::{Tx, applications, events, holds};
use time::OffsetDateTime;

impl Portal {
    /// Claims an application, or prolongs one's own claim. What was put aside is taken up again by it.
    ///
    /// # Errors
    /// [`Error::Refused`] while a colleague's claim lives; [`Error::Stale`] if one was quicker;
    /// [`Error::Related`] for their own people.
    pub async fn claim(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        must_be_unrelated(&mut tx, by, &application).await?;
        let application = applications::save(&mut tx, application.claim(by, now)?).await?;
        takeovers::delete(&mut tx, application.id, by.id).await?;
        end_hold(&mut tx, &application, by, now).await?;
        take_from_rules(&mut tx, &application).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Claimed, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Puts one's own claim back into the queue.
    ///
    /// # Errors
    /// [`Error::Refused`] unless one holds it.
    pub async fn release(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        let application = applications::save(&mut tx, application.release(by)?).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Released, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a colleague's claim. The colleague reads in their queue who did it, and why.
    ///
    /// # Errors
    /// [`Error::Refused`] unless a colleague holds it; [`Error::Stale`] if it was decided at the same moment;
    /// [`Error::Related`] for their own people.
    pub async fn take_over(
        &self,
        by: &StaffMember,
        reference: &Reference,
        reason: Remark,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } =
            self.begin_work((by, Permission::TakeOver), reference, once, now).await?;
        let by = &by;
        must_be_unrelated(&mut tx, by, &application).await?;
        let holder = reviewer_of(&application);
        let application = applications::save(&mut tx, application.take_over(by, now)?).await?;
        if let Some(holder) = holder {
            let takeover =
                Takeover { reference: application.reference.clone(), taken_by: by.id, taken_at: now, reason };
            takeovers::save(&mut tx, &application, holder, &takeover).await?;
        }
        takeovers::delete(&mut tx, application.id, by.id).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::TakenOver, by, now)).await?;
        Ok(tx.commit().await?)
    }
}

const fn reviewer_of(application: &Application) -> Option<StaffId> {
    match application.state {
        ApplicationState::UnderReview { reviewer, .. } => Some(reviewer),
        _ => None,
    }
}

/// Takes up again what was put aside, because somebody works on it now.
pub(super) async fn end_hold(
    tx: &mut Tx,
    application: &Application,
    by: &StaffMember,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if holds::delete(tx, application.id).await? {
        events::insert(tx, &staff_event(application, EventKind::HoldEnded, by, now)).await?;
    }
    Ok(())
}

/// Puts everything that `staff` has claimed back into the queue, because they are not there (any more); `by` says so,
/// or nobody in particular. Only what lies `within` is touched.
pub(in crate::service) async fn release_all(
    tx: &mut Tx,
    library_id: LibraryId,
    (staff, within): (StaffId, &Scope),
    detail: &str,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let claimed = applications::list_claimed_by(tx, library_id, staff).await?;
    for application in claimed.into_iter().filter(|one| within.covers(one.branch.as_ref())) {
        let ApplicationState::UnderReview { version, service, .. } = application.state else { continue };
        let state = ApplicationState::Submitted { version, service };
        let application = applications::save(tx, Application { state, ..application }).await?;
        let event = Event {
            library_id,
            application_id: application.id,
            kind: EventKind::LeaseEnded,
            actor: Actor::System,
            version: application.last_version,
            detail: detail.to_owned(),
            at: now,
        };
        events::insert(tx, &event).await?;
    }
    Ok(())
}
