//! Times that run out: reminders before, and the end only after they were truly handed over.

use super::record;
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::EventKind;
use crate::domain::library::LibraryRules;
use crate::domain::notice::{MailContent, QueuedMail, Todo};
use crate::domain::person::EmailAddress;
use crate::service::issue::mail;
use crate::service::sign::{ask_again, void_unsigned};
use crate::service::{Error, Portal};
use crate::store::reminders::{self, Deadline, Handed, ReminderKind};
use crate::store::{Tx, applications, drafts, libraries, outbox, paper_notices};
use time::{Duration, OffsetDateTime};

/// How much later than its end anything lapses: what an applicant does at the last moment goes before the timer.
const GRACE: Duration = Duration::hours(1);
/// Before its end a draft is warned of so many days, unless that is most of its life.
const DRAFT_REMINDERS: [u16; 2] = [7, 1];
/// How long before its deadline an application is looked at first.
pub(super) const LONGEST_NOTICE: Duration = Duration::days(60);

impl Portal {
    /// Reminds of a deadline that comes near, or ends what was not done in time. True if anything personal was erased.
    pub(super) async fn mind_deadline(&self, application: &Application, now: OffsetDateTime) -> Result<bool, Error> {
        // Most have time: they cost a reading and no lock.
        let mut tx = self.db.read().await?;
        let glance = Case::load(&mut tx, application).await?;
        if glance.step(&mut tx, now).await? == Step::Wait {
            return Ok(false);
        }
        drop(tx);
        let mut tx = self.db.begin().await?;
        // Another node may be at it: held, so that everything read from here on is of one moment.
        applications::hold_by_reference(&mut tx, application.library_id, &application.reference).await?;
        let case = Case::load(&mut tx, application).await?;
        match case.step(&mut tx, now).await? {
            Step::Wait => return Ok(false),
            Step::Remind(days) => {
                case.remind(&mut tx, days, now).await?;
                tx.commit().await?;
                return Ok(false);
            }
            Step::End => {}
        }
        let kind = case.deadline.kind;
        let before = case.application.clone();
        let lapsed = applications::save(&mut tx, case.application.lapse(now)?).await?;
        record(&mut tx, &lapsed, EventKind::Lapsed, now).await?;
        applications::end_tokens(&mut tx, &lapsed, now).await?;
        void_unsigned(&mut tx, &before).await?;
        if kind != ReminderKind::Draft
            && let Some(email) = &case.email
        {
            let (mail, _) = mail(&lapsed, email, MailContent::Lapsed, now);
            // What the library never had goes at once, and the mails about it with it; this one has a key of its own.
            let mail = match kind {
                ReminderKind::AwaitingGuardian => QueuedMail { application_id: None, ..mail },
                ReminderKind::Draft | ReminderKind::Returned => mail,
            };
            // Each time that was given may run out, also the one that was given once more.
            let key = format!("{}/lapsed/{}", lapsed.id, case.deadline.at.unix_timestamp());
            outbox::insert(&mut tx, &mail, Some(&key)).await?;
        }
        // What was never submitted goes with its life; what was is kept as long as the rules say.
        let is_kept = applications::was_submitted(&mut tx, lapsed.id).await?;
        let erased = !is_kept && applications::erase_contents(&mut tx, &lapsed).await?;
        tx.commit().await?;
        Ok(erased)
    }
}

/// What is to be done about a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing yet.
    Wait,
    /// To remind of it, meant for so many days before.
    Remind(u16),
    /// The time is over.
    End,
}

/// An application with a deadline, as it is now.
struct Case {
    application: Application,
    deadline: Deadline,
    rules: LibraryRules,
    /// Where it can be reminded: only an address that was confirmed.
    email: Option<EmailAddress>,
}

impl Case {
    /// Reads it again: the applicant may have been quicker than the list.
    async fn load(tx: &mut Tx, listed: &Application) -> Result<Self, Error> {
        let application = applications::find(tx, listed.library_id, listed.id).await?.ok_or(Error::Stale)?;
        let deadline = deadline_of(&application).ok_or(Error::Stale)?;
        let rules = libraries::find_rules(tx, application.library_id, application.rules_version)
            .await?
            .ok_or(Error::Internal("rules of an application are gone"))?;
        let answers = drafts::find(tx, application.id).await?;
        let email = answers.email.filter(|_| answers.email_confirmed);
        Ok(Self { application, deadline, rules, email })
    }

    /// After an outage only the latest reminder goes out, not all that were missed.
    async fn step(&self, tx: &mut Tx, now: OffsetDateTime) -> Result<Step, Error> {
        let (deadline, days) = (&self.deadline, days_of(&self.rules, self.deadline.kind));
        let is_reminded = self.email.is_some() && !days.is_empty();
        if is_reminded {
            let Some(due) = days.into_iter().filter(|days| deadline.at - before(*days) <= now).min() else {
                return Ok(Step::Wait);
            };
            if reminders::find_latest(tx, deadline).await?.is_none_or(|latest| latest > due) {
                return Ok(Step::Remind(due));
            }
        }
        // Whoever is told on paper has as long as everybody else only once the paper has left the library.
        if paper_notices::is_any_waiting(tx, self.application.id).await? {
            return Ok(Step::Wait);
        }
        let handed = reminders::find_handed(tx, deadline).await?;
        let is_over = is_over(deadline, is_reminded, handed, draft_life(&self.rules), now);
        Ok(if is_over { Step::End } else { Step::Wait })
    }

    async fn remind(&self, tx: &mut Tx, days: u16, now: OffsetDateTime) -> Result<(), Error> {
        let Some(email) = &self.email else { return Ok(()) };
        let until = japanese_date(self.deadline.at);
        let content = match self.deadline.kind {
            ReminderKind::Draft => MailContent::Reminder { todo: Todo::Finish, until },
            ReminderKind::Returned => MailContent::Reminder { todo: Todo::Correct, until },
            // Unless the guardian can be asked again: then it is for the applicant to do something.
            ReminderKind::AwaitingGuardian => MailContent::CosignRefused,
        };
        let (to_applicant, _) = mail(&self.application, email, content, now);
        let mail = ask_again(tx, &self.application, now).await?.unwrap_or(to_applicant);
        let key = format!("{}/reminder/{}/{days}", self.application.id, self.deadline.at.unix_timestamp());
        if reminders::insert(tx, &self.deadline, days, mail.id).await? {
            outbox::insert(tx, &mail, Some(&key)).await?;
            record(tx, &self.application, EventKind::Reminded, now).await?;
        }
        Ok(())
    }
}

/// Tells whether the time is over: the deadline has passed, and the last reminder came as early before the end as it
/// was meant to. A draft of which no mail could be delivered waits for one more life and then goes.
fn is_over(deadline: &Deadline, is_reminded: bool, handed: Handed, life: Duration, now: OffsetDateTime) -> bool {
    let end = match handed {
        _ if !is_reminded => deadline.at,
        Handed { waiting: 1.., .. } => return false,
        Handed { last: Some((at, days)), .. } => deadline.at.max(at + before(days)),
        Handed { failed: 1.., .. } if deadline.kind == ReminderKind::Draft => deadline.at + life,
        Handed { .. } => return false,
    };
    end + grace(deadline.kind) <= now
}

/// A draft is saved at every step, so nothing of it is on its way.
const fn grace(kind: ReminderKind) -> Duration {
    match kind {
        ReminderKind::Draft => Duration::ZERO,
        ReminderKind::AwaitingGuardian | ReminderKind::Returned => GRACE,
    }
}

/// How many days before the end a reminder goes out.
fn days_of(rules: &LibraryRules, kind: ReminderKind) -> Vec<u16> {
    match kind {
        ReminderKind::Draft => {
            let life = rules.draft_days;
            DRAFT_REMINDERS.into_iter().filter(|days| u32::from(*days) * 2 < life).collect()
        }
        ReminderKind::AwaitingGuardian => rules.guardian.reminder_days.clone(),
        ReminderKind::Returned => rules.correction.reminder_days.clone(),
    }
}

fn deadline_of(application: &Application) -> Option<Deadline> {
    let (kind, at) = match application.state {
        ApplicationState::Draft { expires_at } => (ReminderKind::Draft, expires_at),
        ApplicationState::AwaitingGuardian { expires_at, .. } => (ReminderKind::AwaitingGuardian, expires_at),
        ApplicationState::Returned(asked) => (ReminderKind::Returned, asked.answer_by),
        _ => return None,
    };
    Some(Deadline { library_id: application.library_id, application_id: application.id, kind, at })
}

fn before(days: u16) -> Duration {
    Duration::days(days.into())
}

fn draft_life(rules: &LibraryRules) -> Duration {
    crate::service::apply::draft_life(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, LibraryId};
    use time::macros::datetime;

    const END: OffsetDateTime = datetime!(2026-12-04 14:59:59 UTC);

    fn over(kind: ReminderKind, handed: Handed, now: OffsetDateTime) -> bool {
        let deadline =
            Deadline { library_id: LibraryId::new(END), application_id: ApplicationId::new(END), kind, at: END };
        is_over(&deadline, true, handed, Duration::days(7), now)
    }

    #[test]
    fn nothing_ends_before_its_reminder_was_handed_over() {
        let late = END + Duration::days(90);
        assert!(!over(ReminderKind::Returned, Handed::default(), late), "none was even queued");
        assert!(!over(ReminderKind::Returned, Handed { waiting: 1, ..Handed::default() }, late));
        assert!(!over(ReminderKind::Returned, Handed { failed: 1, ..Handed::default() }, late));
        assert!(over(ReminderKind::Draft, Handed { failed: 1, ..Handed::default() }, late));
        assert!(!over(ReminderKind::Draft, Handed { failed: 1, ..Handed::default() }, END + Duration::days(6)));
    }

    #[test]
    fn a_reminder_that_came_late_leaves_the_days_it_speaks_of() {
        let on_time = Handed { last: Some((END - Duration::DAY, 1)), ..Handed::default() };
        assert!(!over(ReminderKind::Returned, on_time, END + Duration::minutes(59)), "the applicant goes first");
        assert!(over(ReminderKind::Returned, on_time, END + GRACE));
        let late = Handed { last: Some((END + Duration::hours(5), 1)), ..Handed::default() };
        assert!(!over(ReminderKind::Returned, late, END + Duration::DAY));
        assert!(over(ReminderKind::Returned, late, END + Duration::hours(30)));
    }

    #[test]
    fn a_short_lived_draft_is_not_warned_from_its_first_day_on() {
        let mut rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        rules.draft_days = 7;
        assert_eq!(days_of(&rules, ReminderKind::Draft), [1]);
        rules.draft_days = 30;
        assert_eq!(days_of(&rules, ReminderKind::Draft), [7, 1]);
    }
}
