//! What should be true of one application, written down a second time and without a database.
//!
//! The model knows the table of transitions and nothing of the code that carries them out.

use super::world::CAST;
use time::macros::offset;
use time::{Date, Duration, OffsetDateTime, Time};

/// How long a draft rests, as the library's rules say.
const DRAFT_LIFE: Duration = Duration::days(7);
/// How long before its end a draft's applicant is told.
const WARNING: Duration = Duration::days(1);
/// How long a frozen version waits for its signature.
const SIGNING_TIME: Duration = Duration::minutes(30);
/// How much later the timer takes it back.
const SIGNING_GRACE: Duration = Duration::minutes(2);
/// How long a claim lasts after the reviewer's last action.
const LEASE: Duration = Duration::minutes(30);

/// For how many days staff wait for a correction.
const CORRECTION_DAYS: i64 = 14;
/// How many days before its end the applicant is reminded of it.
const CORRECTION_REMINDERS: [i64; 3] = [7, 3, 1];
/// How much later than its end it lapses.
const CORRECTION_GRACE: Duration = Duration::hours(1);
/// For how many days a guardian is awaited, reminded as often as of a correction.
const COSIGN_DAYS: i64 = 14;
/// How long after a decision it can be opened again.
const REOPEN_WINDOW: Duration = Duration::days(90);
/// For how many days an application is put aside in these stories.
const HELD_DAYS: i64 = 3;

/// The end of the day in Japan so many days later.
fn end_of_day(now: OffsetDateTime, days: i64) -> OffsetDateTime {
    let end = Time::from_hms(23, 59, 59).expect("a time of the day");
    (today(now) + Duration::days(days)).with_time(end).assume_offset(offset!(+9))
}

/// The day that it is in Japan.
pub(super) fn today(now: OffsetDateTime) -> Date {
    now.to_offset(offset!(+9)).date()
}

/// Until when an application is put aside at `now`.
pub(super) fn held_until(now: OffsetDateTime) -> Date {
    today(now) + Duration::days(HELD_DAYS)
}

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Applicant,
    /// Signs beside the applicant; in the record they are the applicant's side.
    Guardian,
    /// A place in the cast.
    Staff(usize),
    Timer,
}

/// What an applicant was asked to put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) by: usize,
    pub(super) at: OffsetDateTime,
    pub(super) until: OffsetDateTime,
}

/// Where an application stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    Draft {
        until: OffsetDateTime,
    },
    /// Signed once, it may be what a correction is answered with.
    Signing {
        until: OffsetDateTime,
        asked: Option<Asked>,
    },
    /// The applicant has signed, and a guardian is to sign as well.
    Guardian {
        until: OffsetDateTime,
        asked: Option<Asked>,
    },
    Returned(Asked),
    Queue,
    Review {
        by: usize,
        until: OffsetDateTime,
    },
    Issued {
        by: usize,
        at: OffsetDateTime,
    },
    Declined {
        by: usize,
        at: OffsetDateTime,
    },
    Withdrawn {
        at: OffsetDateTime,
    },
    Lapsed {
        at: OffsetDateTime,
        asked: Option<Asked>,
    },
}

/// The library's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) submitted_at: OffsetDateTime,
    pub(super) used: Duration,
    pub(super) running_since: Option<OffsetDateTime>,
}

/// When a reminder was handed over, and how many days before the end it was meant for.
type Reminded = (OffsetDateTime, i64);

/// Who has to sign beside the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guardian {
    /// Nobody.
    Unneeded,
    /// A guardian, of whom it is not said who that is.
    Unnamed,
    /// A guardian who is named.
    Named,
}

/// What a guardian is awaited for.
struct Awaited {
    /// What a correction was, if it was one.
    asked: Option<Asked>,
}

/// One application and everything that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) phase: Phase,
    /// The last frozen version.
    pub(super) version: u32,
    /// Counts every change.
    pub(super) row_version: i64,
    /// What the record says, in order: what, who, about which version.
    pub(super) events: Vec<(&'static str, Who, u32)>,
    /// Kind and version.
    pub(super) notices: Vec<(&'static str, u32)>,
    /// Kind and version.
    pub(super) mails: Vec<(&'static str, u32)>,
    /// The standing decision: outcome, who, on which version.
    pub(super) decision: Option<(&'static str, usize, u32)>,
    /// The first of two approvals: who, on which version.
    pub(super) first: Option<(usize, u32)>,
    /// When a reminder that the present draft ends was handed over.
    pub(super) warned: Option<OffsetDateTime>,
    /// When the latest reminder of a correction was handed over, and how many days before the end it was meant for.
    reminded: Option<Reminded>,
    /// The same of the reminders that a guardian is awaited.
    guardian_reminded: Option<Reminded>,
    /// Whether somebody has to sign as well.
    pub(super) guardian: Guardian,
    /// How many reminders there were in all.
    pub(super) reminders: usize,
    /// What was asked about is answered.
    settled: bool,
    /// Until when it is put aside, or was when it ended.
    pub(super) held: Option<Date>,
    /// It was decided before: the rules of this library want a second person from then on.
    reopened: bool,
    /// How many cards, patrons and credentials there are.
    pub(super) cards: usize,
    pub(super) service: Option<Service>,
}

/// What somebody attempts, with what they had seen before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) who: Who,
    /// The version on the page, if there was one.
    pub(super) seen: Option<u32>,
    pub(super) now: OffsetDateTime,
}

impl Model {
    /// Somebody so young that a guardian, who is named, has to sign as well.
    pub(super) fn started_young(now: OffsetDateTime) -> Self {
        Self { guardian: Guardian::Named, ..Self::started(now) }
    }

    pub(super) fn started(now: OffsetDateTime) -> Self {
        Self {
            phase: Phase::Draft { until: now + DRAFT_LIFE },
            version: 0,
            row_version: 0,
            events: vec![("started", Who::Applicant, 0)],
            notices: Vec::new(),
            mails: Vec::new(),
            decision: None,
            first: None,
            warned: None,
            reminded: None,
            guardian_reminded: None,
            guardian: Guardian::Unneeded,
            reminders: 0,
            settled: false,
            held: None,
            reopened: false,
            cards: 0,
            service: None,
        }
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(
            self.phase,
            Phase::Issued { .. } | Phase::Declined { .. } | Phase::Withdrawn { .. } | Phase::Lapsed { .. }
        )
    }

    /// A draft with a new end is warned of anew.
    fn is_draft_until(&mut self, until: OffsetDateTime) -> Phase {
        self.warned = None;
        Phase::Draft { until }
    }

    fn goes_to(&mut self, phase: Phase, event: &'static str, who: Who) -> bool {
        self.phase = phase;
        self.row_version += 1;
        self.events.push((event, who, self.version));
        true
    }

    /// The place of whoever may review it at all.
    fn reviewer(attempt: &Attempt) -> Option<usize> {
        match attempt.who {
            Who::Staff(place) if CAST[place].reviews => Some(place),
            _ => None,
        }
    }

    /// The place of whoever holds it and saw the present version.
    fn holder(&self, attempt: &Attempt) -> Option<usize> {
        let place = Self::reviewer(attempt)?;
        let holds = matches!(self.phase, Phase::Review { by, until } if by == place && until > attempt.now);
        (holds && attempt.seen == Some(self.version)).then_some(place)
    }

    fn stop_clock(&mut self, now: OffsetDateTime) {
        if let Some(service) = &mut self.service {
            let since = service.running_since.take().expect("the clock runs");
            service.used += now - since;
        }
    }

    pub(super) fn save(&mut self, attempt: &Attempt) -> bool {
        let until = attempt.now + DRAFT_LIFE;
        // What the young write here is who their guardian is.
        let is_written = matches!(self.phase, Phase::Draft { .. } | Phase::Returned(_) | Phase::Signing { .. });
        if is_written && self.guardian == Guardian::Unnamed {
            self.guardian = Guardian::Named;
        }
        match self.phase {
            Phase::Draft { .. } => {
                self.phase = self.is_draft_until(until);
                self.row_version += 1;
                true
            }
            Phase::Returned(_) => {
                self.row_version += 1;
                true
            }
            Phase::Signing { asked, .. } => self.is_edited(asked, attempt),
            _ => false,
        }
    }

    /// A version that waits for its signature is void: it is a draft again, or what it was before.
    fn is_edited(&mut self, asked: Option<Asked>, attempt: &Attempt) -> bool {
        let phase = match asked {
            None => self.is_draft_until(attempt.now + DRAFT_LIFE),
            Some(asked) => Phase::Returned(asked),
        };
        self.goes_to(phase, "edited", attempt.who)
    }

    /// What was asked about is right as it is, the applicant says.
    pub(super) fn answer(&mut self, attempt: &Attempt) -> bool {
        match self.phase {
            Phase::Returned(_) | Phase::Signing { asked: Some(_), .. } => {
                self.settled = true;
                let guardian = self.guardian;
                let is_saved = self.save(attempt);
                self.guardian = guardian;
                is_saved
            }
            _ => false,
        }
    }

    pub(super) fn freeze(&mut self, attempt: &Attempt) -> bool {
        if self.guardian == Guardian::Unnamed {
            return false;
        }
        let asked = match self.phase {
            Phase::Draft { .. } => None,
            Phase::Signing { asked, .. } => asked,
            // Nothing that was asked about is left as it was without a word.
            Phase::Returned(asked) if self.settled => Some(asked),
            _ => return false,
        };
        self.version += 1;
        self.goes_to(Phase::Signing { until: attempt.now + SIGNING_TIME, asked }, "frozen", Who::Applicant)
    }

    pub(super) fn sign(&mut self, attempt: &Attempt) -> bool {
        let Phase::Signing { until, asked } = self.phase else { return false };
        // Whoever has seen nothing signs the first version, if there is one by then.
        if until <= attempt.now || attempt.seen.unwrap_or(1) != self.version {
            return false;
        }
        if self.guardian != Guardian::Unneeded {
            self.guardian_reminded = None;
            let phase = Phase::Guardian { until: end_of_day(attempt.now, COSIGN_DAYS), asked };
            return self.goes_to(phase, "guardian_asked", Who::Applicant);
        }
        self.comes_in(attempt.now, "submitted")
    }

    /// The library has it.
    fn comes_in(&mut self, now: OffsetDateTime, event: &'static str) -> bool {
        match &mut self.service {
            Some(service) => service.running_since = Some(now),
            None => self.service = Some(Service { submitted_at: now, used: Duration::ZERO, running_since: Some(now) }),
        }
        self.mails.push(("received", self.version));
        self.goes_to(Phase::Queue, event, Who::Applicant)
    }

    /// While a guardian is awaited and in time.
    fn awaited(&self, now: OffsetDateTime) -> Option<Awaited> {
        match self.phase {
            Phase::Guardian { until, asked } if until > now => Some(Awaited { asked }),
            _ => None,
        }
    }

    pub(super) fn cosign(&mut self, attempt: &Attempt) -> bool {
        self.awaited(attempt.now).is_some() && self.comes_in(attempt.now, "cosigned")
    }

    /// The applicant's signature is void.
    fn is_given_back(&mut self, attempt: &Attempt, event: &'static str) -> bool {
        let Some(Awaited { asked }) = self.awaited(attempt.now) else { return false };
        let phase = match asked {
            None => self.is_draft_until(attempt.now + DRAFT_LIFE),
            Some(asked) => Phase::Returned(asked),
        };
        self.goes_to(phase, event, Who::Applicant)
    }

    pub(super) fn refuse_to_cosign(&mut self, attempt: &Attempt) -> bool {
        self.is_given_back(attempt, "guardian_declined")
    }

    /// Whoever got the mail is not the guardian: another one has to be named before anything goes on.
    pub(super) fn wrong_guardian(&mut self, attempt: &Attempt) -> bool {
        let is_given_back = self.is_given_back(attempt, "guardian_address_wrong");
        if is_given_back {
            self.guardian = Guardian::Unnamed;
        }
        is_given_back
    }

    pub(super) fn name_guardian(&mut self, attempt: &Attempt) -> bool {
        let is_awaited = self.awaited(attempt.now).is_some();
        is_awaited && self.goes_to(self.phase.clone(), "guardian_named", Who::Applicant)
    }

    pub(super) fn withdraw(&mut self, attempt: &Attempt) -> bool {
        if self.is_terminal() {
            return false;
        }
        self.service = None;
        self.goes_to(Phase::Withdrawn { at: attempt.now }, "withdrawn", Who::Applicant)
    }

    pub(super) fn claim(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = Self::reviewer(attempt) else { return false };
        let is_free = match self.phase {
            Phase::Queue => true,
            Phase::Review { by: holder, until } => holder == by || until <= attempt.now,
            _ => false,
        };
        if !is_free {
            return false;
        }
        if self.held.take().is_some() {
            self.events.push(("hold_ended", attempt.who, self.version));
        }
        self.goes_to(Phase::Review { by, until: attempt.now + LEASE }, "claimed", attempt.who)
    }

    /// Put aside, it is nobody's: whoever decides has to take it up again first.
    pub(super) fn hold(&mut self, attempt: &Attempt) -> bool {
        let Some(place) = Self::reviewer(attempt) else { return false };
        let holds = matches!(self.phase, Phase::Review { by, until } if by == place && until > attempt.now);
        if !holds {
            return false;
        }
        self.held = Some(held_until(attempt.now));
        self.goes_to(Phase::Queue, "held", attempt.who)
    }

    pub(super) fn send_back(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = self.holder(attempt) else { return false };
        let asked = Asked { by, at: attempt.now, until: end_of_day(attempt.now, CORRECTION_DAYS) };
        self.stop_clock(attempt.now);
        self.notices.push(("returned", self.version));
        self.settled = false;
        self.reminded = None;
        self.goes_to(Phase::Returned(asked), "returned", attempt.who)
    }

    fn supervisor(attempt: &Attempt) -> Option<usize> {
        Self::reviewer(attempt).filter(|place| CAST[*place].supervises)
    }

    pub(super) fn reopen(&mut self, attempt: &Attempt) -> bool {
        let (Phase::Issued { at, .. } | Phase::Declined { at, .. }) = self.phase else { return false };
        if Self::supervisor(attempt).is_none() || at + REOPEN_WINDOW <= attempt.now {
            return false;
        }
        self.reopened = true;
        self.decision = None;
        self.first = None;
        // They are told that what they were told counts no more.
        self.notices.clear();
        self.notices.push(("reopened", self.version));
        let service = self.service.as_mut().expect("it was submitted");
        service.running_since = Some(attempt.now);
        self.goes_to(Phase::Queue, "reopened", attempt.who)
    }

    pub(super) fn ask_once_more(&mut self, attempt: &Attempt) -> bool {
        let Phase::Lapsed { asked: Some(asked), .. } = self.phase else { return false };
        if Self::supervisor(attempt).is_none() {
            return false;
        }
        self.reminded = None;
        let until = attempt.now + Duration::days(CORRECTION_DAYS);
        self.goes_to(Phase::Returned(Asked { until, ..asked }), "reopened", attempt.who)
    }

    pub(super) fn take_over(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = Self::supervisor(attempt) else { return false };
        let is_anothers = matches!(self.phase, Phase::Review { by: holder, .. } if holder != by);
        is_anothers && self.goes_to(Phase::Review { by, until: attempt.now + LEASE }, "taken_over", attempt.who)
    }

    pub(super) fn release(&mut self, attempt: &Attempt) -> bool {
        let Some(place) = Self::reviewer(attempt) else { return false };
        let holds = matches!(self.phase, Phase::Review { by, .. } if by == place);
        holds && self.goes_to(Phase::Queue, "released", attempt.who)
    }

    /// Opening the file slides the lease of whoever holds it, and is no change of the application.
    pub(super) fn look(&mut self, attempt: &Attempt) -> bool {
        let Who::Staff(place) = attempt.who else { return false };
        // Only what was signed can be looked at, and only in one's own branches.
        if !CAST[place].reviews || !self.events.iter().any(|(kind, _, _)| ["submitted", "cosigned"].contains(kind)) {
            return false;
        }
        if let Phase::Review { by, until } = &mut self.phase
            && *by == place
            && *until > attempt.now
        {
            *until = attempt.now + LEASE;
        }
        true
    }

    pub(super) fn approve(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = self.holder(attempt) else { return false };
        let first = self.first.filter(|(_, version)| *version == self.version);
        if first.is_none() && (self.reopened || !CAST[by].decides) {
            // Whoever may not decide alone says it for the first of two times, and so does whoever decides anew.
            self.first = Some((by, self.version));
            return self.goes_to(Phase::Queue, "approved_first", attempt.who);
        }
        if !CAST[by].decides || first.is_some_and(|(other, _)| other == by) {
            return false;
        }
        self.stop_clock(attempt.now);
        self.decision = Some(("approved", by, self.version));
        // Whoever is no patron yet becomes one; the card stays theirs whom it was given before.
        self.cards = 1;
        self.notices.push(("issued", self.version));
        self.mails.push(("notice_ready", self.version));
        let issued = Phase::Issued { by, at: attempt.now };
        // Two more steps of one transaction: approved, then in force.
        self.goes_to(issued.clone(), "approved", attempt.who) && self.goes_to(issued, "issued", attempt.who)
    }

    pub(super) fn decline(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = self.holder(attempt).filter(|by| CAST[*by].decides) else { return false };
        self.stop_clock(attempt.now);
        self.decision = Some(("declined", by, self.version));
        self.notices.push(("declined", self.version));
        self.mails.push(("notice_ready", self.version));
        self.goes_to(Phase::Declined { by, at: attempt.now }, "declined", attempt.who)
    }

    /// The timer always comes through; whether it finds anything to do is another matter.
    pub(super) fn sweep(&mut self, attempt: &Attempt) -> bool {
        let now = attempt.now;
        match self.phase {
            Phase::Draft { until } if until - WARNING <= now => match self.warned {
                // Nothing ends of which nobody was told in time; the courier comes right after the timer.
                None => {
                    self.warned = Some(now);
                    self.reminders += 1;
                    true
                }
                Some(warned) if until.max(warned + WARNING) <= now => {
                    self.goes_to(Phase::Lapsed { at: now, asked: None }, "lapsed", Who::Timer)
                }
                Some(_) => true,
            },
            Phase::Returned(asked) => {
                let (is_over, reminded) = self.minds(asked.until, self.reminded, now);
                self.reminded = reminded;
                if is_over {
                    self.lapses(Some(asked), now);
                }
                true
            }
            Phase::Guardian { until, asked } => {
                let (is_over, reminded) = self.minds(until, self.guardian_reminded, now);
                self.guardian_reminded = reminded;
                if is_over {
                    self.lapses(asked, now);
                }
                true
            }
            Phase::Review { until, .. } if until <= now => self.goes_to(Phase::Queue, "lease_ended", Who::Timer),
            Phase::Signing { until, asked } if until + SIGNING_GRACE <= now => self.is_edited(asked, attempt),
            _ => true,
        }
    }

    fn lapses(&mut self, asked: Option<Asked>, now: OffsetDateTime) {
        self.mails.push(("lapsed", self.version));
        self.goes_to(Phase::Lapsed { at: now, asked }, "lapsed", Who::Timer);
    }

    /// Whether what somebody is awaited for until `until` is over, and the latest reminder of it.
    fn minds(
        &mut self,
        until: OffsetDateTime,
        reminded: Option<Reminded>,
        now: OffsetDateTime,
    ) -> (bool, Option<Reminded>) {
        let due = CORRECTION_REMINDERS.into_iter().filter(|days| until - Duration::days(*days) <= now).min();
        let Some(due) = due else { return (false, reminded) };
        match reminded {
            Some((at, days)) if days <= due => {
                let end = until.max(at + Duration::days(days)) + CORRECTION_GRACE;
                (end <= now, reminded)
            }
            // After an outage only the latest goes out.
            _ => {
                self.reminders += 1;
                (false, Some((now, due)))
            }
        }
    }
}
