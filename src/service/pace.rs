//! How quickly the library answered last month: what an applicant may expect, and no promise.

use super::Error;
use crate::clock::{japanese_date, start_of_day};
use crate::domain::library::Library;
use crate::store::{Tx, applications};
use time::{Date, OffsetDateTime};

/// Fewer answers than this tell nothing.
const FEWEST: usize = 10;
/// As many of the last month's answers are counted at most.
const MOST: u32 = 500;

/// So many of so many were answered within so many open days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many were answered within the days.
    pub within: usize,
    /// Of how many.
    pub of: usize,
    /// The open days.
    pub days: u32,
}

/// The pace of the month before the one in which `now` lies, in Japan.
pub(super) async fn of_last_month(tx: &mut Tx, library: &Library, now: OffsetDateTime) -> Result<Option<Pace>, Error> {
    let this = first_of_month(japanese_date(now));
    let last = first_of_month(this.previous_day().unwrap_or(this));
    let times = applications::list_service_times(tx, library.id, start_of_day(last), start_of_day(this), MOST).await?;
    if times.len() < FEWEST {
        return Ok(None);
    }
    let (rules, days) = (&library.rules, library.rules.promised_open_days);
    let is_quick = |service: &crate::domain::application::ServiceTime| {
        let end = japanese_date(service.used_until(now));
        rules.open_days.between(japanese_date(service.submitted_at), end) <= days
    };
    Ok(Some(Pace { within: times.iter().filter(|service| is_quick(service)).count(), of: times.len(), days }))
}

fn first_of_month(day: Date) -> Date {
    day.replace_day(1).unwrap_or(day)
}
