//! Erasing what was kept long enough: the contents go, number, procedure, dates, ending and the record stay.

use super::{BATCH, record, went_well};
use crate::clock::{japanese_date, start_of_day};
use crate::domain::application::{Application, Ending};
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::procedure::Procedure;
use crate::service::{Error, Portal};
use crate::store::{Db, applications, libraries};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// How much of a library's kept applications one run may erase at most: more at once is rather a mistake in the rules
/// or in the clock than time gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeCap {
    /// In percent of what is kept.
    pub percent: u64,
    /// So many are erased in any case.
    pub at_least: u64,
}

impl Default for PurgeCap {
    fn default() -> Self {
        Self { percent: 20, at_least: 100 }
    }
}

impl PurgeCap {
    /// Tells whether `due` of `kept` is too much at once.
    #[must_use]
    pub const fn forbids(self, due: u64, kept: u64) -> bool {
        due > self.at_least && due * 100 > kept * self.percent
    }
}

/// What is to be erased of one library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgePlan {
    /// The short name of the library.
    pub slug: String,
    /// How many, by procedure and ending.
    pub due: BTreeMap<(Procedure, Ending), u64>,
    /// How many applications that are over have contents.
    pub kept: u64,
    /// True if it is more than may be erased at once.
    pub is_too_much: bool,
}

impl PurgePlan {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.due.values().sum()
    }
}

/// What a run would erase, library by library. Changes nothing.
///
/// # Errors
/// Only the store's.
pub async fn plan(db: &Db, cap: PurgeCap, now: OffsetDateTime) -> Result<Vec<PurgePlan>, Error> {
    let mut tx = db.read().await?;
    let mut plans = Vec::new();
    for library in libraries::list(&mut tx).await? {
        let mut due = BTreeMap::new();
        for ending in Ending::ALL {
            let before = kept_since(&library, ending, now);
            for (procedure, count) in applications::count_kept(&mut tx, library.id, ending, before).await? {
                due.insert((procedure, ending), count);
            }
        }
        let kept = applications::count_all_kept(&mut tx, library.id).await?;
        let total = due.values().sum();
        let is_too_much = cap.forbids(total, kept);
        plans.push(PurgePlan { slug: library.rules.slug.clone(), due, kept, is_too_much });
    }
    Ok(plans)
}

impl Portal {
    /// Erases what is due, a batch of each library's a turn, and tells how many; a library of which it is too much
    /// at once is left as it is, and that is logged.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn purge(&self, cap: PurgeCap) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut erased = 0;
        for plan in plan(&self.db, cap, now).await? {
            if plan.is_too_much {
                let (due, kept) = (plan.total(), plan.kept);
                tracing::error!(library = plan.slug, due, kept, "too much would be erased at once: nothing is");
                continue;
            }
            if plan.total() == 0 {
                continue;
            }
            let mut tx = self.db.read().await?;
            let library = libraries::find_by_slug(&mut tx, &plan.slug).await?.ok_or(Error::NotFound)?;
            drop(tx);
            erased += self.purge_library(&library, now).await?;
        }
        if erased > 0 && !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(erased)
    }

    async fn purge_library(&self, library: &Library, now: OffsetDateTime) -> Result<u64, Error> {
        let mut tx = self.db.read().await?;
        let mut due = Vec::new();
        for ending in Ending::ALL {
            let before = kept_since(library, ending, now);
            due.extend(applications::list_kept(&mut tx, library.id, ending, before, BATCH).await?);
        }
        drop(tx);
        let mut erased = 0;
        for application in due {
            let id = application.id;
            erased += u64::from(went_well(id, self.purge_one(application, now).await));
        }
        Ok(erased)
    }

    async fn purge_one(&self, application: Application, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let purged = applications::save(&mut tx, application.purge(now)?).await?;
        applications::end_writing(&mut tx, &purged, now).await?;
        applications::erase_signed(&mut tx, &purged).await?;
        record(&mut tx, &purged, EventKind::Purged, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The moment before which an application must have ended so to be erased: the day on which its time ends is whole.
fn kept_since(library: &Library, ending: Ending, now: OffsetDateTime) -> OffsetDateTime {
    let today = japanese_date(now);
    let span = library.rules.retention.of(ending);
    start_of_day_after(last_day_gone(today, |day| span.after(day)))
}

/// The moment, in Japan, at which `day` is over.
pub(super) fn start_of_day_after(day: Date) -> OffsetDateTime {
    start_of_day(day.next_day().unwrap_or(day))
}

/// The last day such that what ended on it was kept until before `today`. Months have different lengths: from the day
/// that lies about as long ago, a few steps lead there.
pub(super) fn last_day_gone(today: Date, after: impl Fn(Date) -> Date) -> Date {
    let reach = after(today) - today;
    let mut day = today.checked_sub(reach).unwrap_or(Date::MIN);
    while after(day) < today && day < today {
        day = day.next_day().unwrap_or(Date::MAX);
    }
    while after(day) >= today && day > Date::MIN {
        day = day.previous_day().unwrap_or(Date::MIN);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::Span;
    use time::macros::date;

    #[test]
    fn what_was_promised_to_be_kept_until_a_day_is_kept_that_day() {
        let today = date!(2026 - 11 - 20);
        for span in [Span::Days(30), Span::Months(1), Span::Months(6), Span::Years(1)] {
            let day = last_day_gone(today, |day| span.after(day));
            assert!(span.after(day) < today, "{span:?} {day}");
            assert!(span.after(day.next_day().unwrap()) >= today, "{span:?} {day}");
        }
        // The end of a month without its corresponding day.
        let day = last_day_gone(date!(2027 - 03 - 01), |day| Span::Months(1).after(day));
        assert_eq!(day, date!(2027 - 01 - 31));
    }

    #[test]
    fn a_few_may_always_go_and_most_at_once_never() {
        let cap = PurgeCap { percent: 20, at_least: 100 };
        assert!(!cap.forbids(100, 100) && cap.forbids(101, 101));
        assert!(!cap.forbids(200, 1000) && cap.forbids(201, 1000));
    }
}
