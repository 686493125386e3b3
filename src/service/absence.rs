//! Who is not there: their claims go back into the queue, and nobody counts on them.

use super::review::{acting, release_all};
use super::{Error, Once, Portal};
use crate::clock::japanese_date;
use crate::domain::application::Refused;
use crate::domain::deed::Deed;
use crate::domain::ids::{AbsenceId, StaffId};
use crate::domain::permission::{Permission, Scope};
use crate::domain::staff::{Absence, StaffMember};
use crate::store::{staff, staff_deeds};
use time::Date;

impl Portal {
    /// Notes the days on which somebody is not there: oneself, or a colleague if one may take over their claims. What
    /// they have claimed goes back into the queue at once if the days have begun, as far as `by` may take it over; later
    /// claims end by themselves.
    ///
    /// # Errors
    /// [`Error::Refused`] for a colleague without the right to take over, [`Error::NotFound`] for somebody else's staff,
    /// [`Error::Overlapping`] if they are absent on one of these days already.
    pub async fn note_absence(
        &self,
        by: &StaffMember,
        staff_id: StaffId,
        (from_on, until_on): (Date, Date),
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let within = scope_over(by, staff_id)?;
        staff::find(&mut tx, by.library_id, staff_id).await?.ok_or(Error::NotFound)?;
        let known = staff::list_absences(&mut tx, by.library_id, japanese_date(now)).await?;
        let is_taken = |one: &Absence| one.staff_id == staff_id && one.from_on <= until_on && from_on <= one.until_on;
        if known.iter().any(is_taken) {
            return Err(Error::Overlapping);
        }
        let absence = Absence {
            id: AbsenceId::new(now),
            library_id: by.library_id,
            staff_id,
            from_on,
            until_on,
            entered_by: by.id,
        };
        staff::insert_absence(&mut tx, &absence, now).await?;
        staff_deeds::record(&mut tx, by, Deed::AbsenceNoted, "", now).await?;
        if absence.covers(japanese_date(now)) {
            release_all(&mut tx, by.library_id, (staff_id, &within), "absent", now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets such days.
    ///
    /// # Errors
    /// As [`note_absence`](Self::note_absence).
    pub async fn remove_absence(&self, by: &StaffMember, id: AbsenceId, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let known = staff::list_absences(&mut tx, by.library_id, japanese_date(now)).await?;
        let absence = known.iter().find(|absence| absence.id == id).ok_or(Error::NotFound)?;
        scope_over(by, absence.staff_id)?;
        staff::delete_absence(&mut tx, by.library_id, id).await?;
        staff_deeds::record(&mut tx, by, Deed::AbsenceRemoved, "", now).await?;
        Ok(tx.commit().await?)
    }

    /// Everybody's absences that are not over, with all colleagues.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn absences(&self, by: &StaffMember) -> Result<(Vec<Absence>, Vec<StaffMember>), Error> {
        let mut tx = self.db.read().await?;
        let absences = staff::list_absences(&mut tx, by.library_id, japanese_date(self.clock.now())).await?;
        Ok((absences, staff::list(&mut tx, by.library_id).await?))
    }
}

/// Whose claims `by` may give back: all of one's own, and a colleague's where one may take over.
fn scope_over(by: &StaffMember, staff_id: StaffId) -> Result<Scope, Error> {
    if staff_id == by.id {
        return Ok(Scope::Library);
    }
    by.scope(Permission::TakeOver).ok_or_else(|| Refused::NotAllowed.into())
}
