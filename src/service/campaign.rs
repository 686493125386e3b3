//! The campaign for linking the My Number card again: whose certificate ends soon or was found revoked, in numbers.

use super::patrons::allowed;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::library::Library;
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::store::certificate_links::{self, LinkedEnds};
use crate::store::patron_reminders::{self, Reminded};
use time::{Date, Duration};

/// What is counted where the rules name no days.
const DAYS: [u16; 2] = [90, 30];

/// How the campaign stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// For numbers of days, the longest first: how many linked certificates end within them.
    pub ending: Vec<(u16, u64)>,
    /// The others.
    pub ends: LinkedEnds,
    /// Who was reminded, and what came of it.
    pub reminded: Reminded,
    /// True if the library sends reminders.
    pub is_sending: bool,
}

impl Portal {
    /// Counts the linked certificates of the library. No names are looked at.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever may not see patrons.
    pub async fn certificate_campaign(&self, library: &Library, by: &StaffMember) -> Result<Campaign, Error> {
        let today = japanese_date(self.clock.now());
        let mut tx = self.db.read().await?;
        let by = &allowed(&mut tx, by, Permission::SeePatrons).await?;
        let days = library.rules.card_link.reminder_days.as_slice();
        let mut ending = Vec::new();
        for days in if days.is_empty() { &DAYS } else { days } {
            let until = today.checked_add(Duration::days((*days).into())).unwrap_or(Date::MAX);
            ending.push((*days, certificate_links::count_ending(&mut tx, by.library_id, today, until).await?));
        }
        Ok(Campaign {
            ending,
            ends: certificate_links::count_ends(&mut tx, by.library_id, today).await?,
            reminded: patron_reminders::count_of_certificates(&mut tx, by.library_id).await?,
            is_sending: super::remind::reminds_of_certificates(&library.rules),
        })
    }
}
