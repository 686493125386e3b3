//! Taking an application on, and putting it back.

use super::{acting, file_for};
use crate::domain::event::EventKind;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::record::staff_event;
use crate::service::{Error, Once, Portal};
use crate::store::{applications, events};

impl Portal {
    /// Claims an application, or prolongs one's own claim.
    ///
    /// # Errors
    /// [`Error::Refused`] while a colleague's claim lives; [`Error::Stale`] if one was quicker.
    pub async fn claim(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Review, reference).await?;
        let application = applications::save(&mut tx, application.claim(by, now)?).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Claimed, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Puts one's own claim back into the queue.
    ///
    /// # Errors
    /// [`Error::Refused`] unless one holds it.
    pub async fn release(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Review, reference).await?;
        let application = applications::save(&mut tx, application.release(by)?).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Released, by, now)).await?;
        Ok(tx.commit().await?)
    }
}
