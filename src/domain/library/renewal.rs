//! Longer validity: when it may be asked for, from when it counts, and what stops when nobody asks.

use super::{Category, LibraryRules, Reach, Span};
use crate::domain::person::BirthDate;
use serde::{Deserialize, Serialize};
use time::Date;

/// The rules of renewal (有効期限延長).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RenewalRules {
    /// How long before the last day of use a card may be renewed; `"never"`: only once it has expired.
    pub open_before_expiry: Reach,
    /// How long after the last day of use; `"never"`: an expired card cannot be renewed.
    pub open_after_expiry: Reach,
    /// From when the new term counts.
    pub term_from: TermFrom,
    /// When documents that were shown before are asked for again.
    pub evidence_again: EvidenceAgain,
    /// How many days before the last day of use the patron is reminded by mail, the longest first; 0: on that day itself.
    pub reminder_days: Vec<u16>,
}

impl Default for RenewalRules {
    fn default() -> Self {
        Self {
            open_before_expiry: Reach::Months(1),
            open_after_expiry: Reach::Always,
            term_from: TermFrom::Renewal,
            evidence_again: EvidenceAgain::Always,
            reminder_days: vec![60, 14, 0],
        }
    }
}

/// From when a renewed card's term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermFrom {
    /// From the day of renewal.
    Renewal,
    /// From the old last day of use, so that who renews early loses nothing.
    OldExpiry,
}

/// When a document that was shown before is asked for again at a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceAgain {
    /// Every time.
    Always,
    /// When its own validity has ended, or what it was shown for has changed; of whoever signs.
    WhenEnded,
}

/// Whether a card may be renewed today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewalWindow {
    /// Not yet.
    TooEarly {
        /// The first day on which it may be renewed.
        from: Date,
    },
    /// It may be renewed.
    Open {
        /// The last day for it; `None` if there is none.
        until: Option<Date>,
    },
    /// No longer: a new card has to be applied for.
    TooLate {
        /// The last day on which it could have been renewed.
        ended_on: Date,
    },
}

/// What a card opens, and what may stop when it has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatronService {
    /// Borrowing.
    Loan,
    /// Reserving.
    Reservation,
    /// Signing in to the catalogue.
    Login,
    /// The electronic library.
    ELibrary,
    /// Asking the library to buy something.
    PurchaseRequest,
}

/// What becomes of a card that is not renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AfterExpiry {
    /// What stops with the last day of use.
    pub stops: Vec<PatronService>,
    /// How many days of use must be left for the electronic library; 0 if it does not matter.
    pub e_library_days_left: u16,
    /// When the patron's record is erased, counted from the last day of use. `None`: not by a clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_after: Option<Span>,
}

impl Default for AfterExpiry {
    fn default() -> Self {
        let stops =
            vec![PatronService::Loan, PatronService::Reservation, PatronService::Login, PatronService::ELibrary];
        Self { stops, e_library_days_left: 0, erased_after: None }
    }
}

impl LibraryRules {
    /// Tells whether a card whose last day of use is `expires_on` may be renewed on `today`.
    #[must_use]
    pub fn renewal_window(&self, expires_on: Date, today: Date) -> RenewalWindow {
        let first_day = match self.renewal.open_before_expiry {
            Reach::Always => Date::MIN,
            reach => {
                reach.span().map_or_else(|| expires_on.next_day().unwrap_or(Date::MAX), |span| span.before(expires_on))
            }
        };
        let last_day = match self.renewal.open_after_expiry {
            Reach::Always => None,
            reach => Some(reach.span().map_or(expires_on, |span| span.after(expires_on))),
        };
        match last_day {
            _ if today < first_day => RenewalWindow::TooEarly { from: first_day },
            Some(ended_on) if today > ended_on => RenewalWindow::TooLate { ended_on },
            until => RenewalWindow::Open { until },
        }
    }

    /// The last day of use after a renewal on `renewed_on`: always later than that day, and never earlier than before.
    #[must_use]
    pub fn renewed_expiry(&self, category: &Category, birth: BirthDate, old_expiry: Date, renewed_on: Date) -> Date {
        let term_after = |day| self.expiry_for(category, birth, day);
        match self.renewal.term_from {
            TermFrom::Renewal => term_after(renewed_on).max(old_expiry),
            TermFrom::OldExpiry => std::iter::successors(Some(old_expiry), |day| Some(term_after(*day)))
                .skip(1)
                .find(|expiry| *expiry > renewed_on || *expiry == Date::MAX)
                .unwrap_or(Date::MAX),
        }
    }

    /// The last day on which the electronic library may be used with a card that expires on `expires_on`.
    #[must_use]
    pub fn e_library_until(&self, expires_on: Date) -> Date {
        Span::Days(self.after_expiry.e_library_days_left).before(expires_on)
    }

    /// The last day on which the record of a patron is kept whose card expired on `expires_on`; none if no clock ends it.
    #[must_use]
    pub fn record_kept_until(&self, expires_on: Date) -> Option<Date> {
        self.after_expiry.erased_after.map(|span| span.after(expires_on))
    }
}
