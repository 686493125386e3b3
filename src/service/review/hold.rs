//! Putting an application aside until a day.

use super::Work;
use crate::clock::japanese_date;
use crate::domain::application::{ApplicationState, Refused};
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::review::{Hold, Remark, hold_until};
use crate::domain::staff::StaffMember;
use crate::service::record::staff_event;
use crate::service::{Error, Once, Portal};
use crate::store::{applications, events, holds};
use time::Date;

impl Portal {
    /// Puts an application that one has claimed aside: it goes back into the queue and is offered to nobody until
    /// the day. The library's time runs on.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim, or for a day that the rules do not allow.
    pub async fn hold(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        (until_on, reason): (Date, Remark),
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        hold_until(until_on, japanese_date(now), library.rules.correction.hold_days)
            .map_err(|_| Refused::TooLate { ended_at: now })?;
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        if let ApplicationState::UnderReview { lease_until, .. } = application.state
            && lease_until <= now
        {
            return Err(Refused::LeaseEnded { lease_until }.into());
        }
        let application = applications::save(&mut tx, application.release(by)?).await?;
        let hold = Hold {
            library_id: application.library_id,
            application_id: application.id,
            held_by: by.id,
            held_at: now,
            until_on,
            reason,
        };
        holds::save(&mut tx, &hold).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Held, by, now)).await?;
        Ok(tx.commit().await?)
    }
}
