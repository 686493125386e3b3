//! What should be true of one application, written down a second time and without a database.
//!
//! The model knows the table of transitions and nothing of the code that carries them out.

use super::world::CAST;
use time::{Duration, OffsetDateTime};

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

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Applicant,
    /// A place in the cast.
    Staff(usize),
    Timer,
}

/// Where an application stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    Draft { until: OffsetDateTime },
    Signing { until: OffsetDateTime },
    Queue,
    Review { by: usize, until: OffsetDateTime },
    Issued { by: usize, at: OffsetDateTime },
    Declined { by: usize, at: OffsetDateTime },
    Withdrawn { at: OffsetDateTime },
    Lapsed { at: OffsetDateTime },
}

/// The library's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) submitted_at: OffsetDateTime,
    pub(super) used: Duration,
    pub(super) running_since: Option<OffsetDateTime>,
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
        match self.phase {
            Phase::Draft { .. } => {
                self.phase = self.is_draft_until(until);
                self.row_version += 1;
                true
            }
            Phase::Signing { .. } => {
                let draft = self.is_draft_until(until);
                self.goes_to(draft, "edited", Who::Applicant)
            }
            _ => false,
        }
    }

    pub(super) fn freeze(&mut self, attempt: &Attempt) -> bool {
        if !matches!(self.phase, Phase::Draft { .. } | Phase::Signing { .. }) {
            return false;
        }
        self.version += 1;
        self.goes_to(Phase::Signing { until: attempt.now + SIGNING_TIME }, "frozen", Who::Applicant)
    }

    pub(super) fn sign(&mut self, attempt: &Attempt) -> bool {
        let in_time = matches!(self.phase, Phase::Signing { until } if until > attempt.now);
        // Whoever has seen nothing signs the first version, if there is one by then.
        if !in_time || attempt.seen.unwrap_or(1) != self.version {
            return false;
        }
        let now = attempt.now;
        self.service = Some(Service { submitted_at: now, used: Duration::ZERO, running_since: Some(now) });
        self.mails.push(("received", self.version));
        self.goes_to(Phase::Queue, "submitted", Who::Applicant)
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
        is_free && self.goes_to(Phase::Review { by, until: attempt.now + LEASE }, "claimed", attempt.who)
    }

    pub(super) fn take_over(&mut self, attempt: &Attempt) -> bool {
        let Some(by) = Self::reviewer(attempt).filter(|place| CAST[*place].supervises) else { return false };
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
        if !CAST[place].reviews || !self.events.iter().any(|(kind, _, _)| *kind == "submitted") {
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
        if first.is_none() && !CAST[by].decides {
            // Whoever may not decide alone says it for the first of two times.
            self.first = Some((by, self.version));
            return self.goes_to(Phase::Queue, "approved_first", attempt.who);
        }
        if !CAST[by].decides || first.is_some_and(|(other, _)| other == by) {
            return false;
        }
        self.stop_clock(attempt.now);
        self.decision = Some(("approved", by, self.version));
        self.cards += 1;
        self.notices.push(("issued", self.version));
        self.mails.push(("notice_ready", self.version));
        let issued = Phase::Issued { by, at: attempt.now };
        // Two steps of one transaction: approved, then in force.
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
                    true
                }
                Some(warned) if until.max(warned + WARNING) <= now => {
                    self.goes_to(Phase::Lapsed { at: now }, "lapsed", Who::Timer)
                }
                Some(_) => true,
            },
            Phase::Review { until, .. } if until <= now => self.goes_to(Phase::Queue, "lease_ended", Who::Timer),
            Phase::Signing { until } if until + SIGNING_GRACE <= now => {
                let draft = self.is_draft_until(now + DRAFT_LIFE);
                self.goes_to(draft, "edited", Who::Timer)
            }
            _ => true,
        }
    }
}
