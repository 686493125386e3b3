//! The courier: hands the outbox's mails over, at least once each, under one `Message-ID`.
//!
//! A mail is claimed by lease and marked after the server has taken it. If the portal dies
//! between the two, the lease runs out and the same message goes out again; its id tells
//! the receiving side that it is the same.

use super::{Error, Portal};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::library::Library;
use crate::domain::notice::QueuedMail;
use crate::gateway::mail::{Letter, MailError};
use crate::store::{applications, events, libraries, outbox};
use time::Duration;

/// How long a claimed mail is nobody else's.
const LEASE: Duration = Duration::minutes(2);
/// How many mails are claimed at a time.
const BATCH: u32 = 20;
/// After so many tries (about two days) a mail is given up and the failure shows on the file.
const MOST_ATTEMPTS: u32 = 16;

/// What one round of the courier did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Mails handed over.
    pub sent: u32,
    /// Mails put back for later.
    pub postponed: u32,
    /// Mails given up.
    pub failed: u32,
}

impl Portal {
    /// Hands over what is due. Safe to run on several nodes and twice.
    ///
    /// # Errors
    /// Only the store's; a mail server that is down only postpones.
    pub async fn deliver_mail(&self) -> Result<Round, Error> {
        let mut round = Round::default();
        loop {
            let mut tx = self.db.begin().await?;
            let due = outbox::claim(&mut tx, self.clock.now(), LEASE, BATCH).await?;
            tx.commit().await?;
            if due.is_empty() {
                return Ok(round);
            }
            for mail in due {
                self.hand_over(&mail, &mut round).await?;
            }
        }
    }

    async fn hand_over(&self, mail: &QueuedMail, round: &mut Round) -> Result<(), Error> {
        let library = self.library_by_id(mail).await?;
        let letter = Letter::compose(mail, &library.rules, &self.base_url).map_err(|_| Error::Internal("letter"))?;
        let outcome = self.mailer.send(&letter).await;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let settled = match outcome {
            Ok(()) => {
                outbox::mark_sent(&mut tx, mail.id, now).await?;
                round.sent += 1;
                Some(EventKind::MailHandedOver)
            }
            Err(MailError::Transient(error)) if mail.attempts < MOST_ATTEMPTS => {
                tracing::warn!(mail = %mail.id, kind = mail.content.kind(), attempts = mail.attempts, %error, "mail postponed");
                outbox::mark_retry(&mut tx, mail.id, now + pause_after(mail.attempts)).await?;
                round.postponed += 1;
                None
            }
            Err(error) => {
                tracing::error!(mail = %mail.id, kind = mail.content.kind(), %error, "mail given up");
                outbox::mark_failed(&mut tx, mail.id, now).await?;
                round.failed += 1;
                Some(EventKind::MailFailed)
            }
        };
        if let (Some(kind), Some(id)) = (settled, mail.application_id)
            && let Some(application) = applications::find(&mut tx, mail.library_id, id).await?
        {
            let event = Event {
                library_id: mail.library_id,
                application_id: id,
                kind,
                actor: Actor::System,
                version: application.last_version,
                detail: mail.content.kind().to_owned(),
                at: now,
            };
            events::insert(&mut tx, &event).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn library_by_id(&self, mail: &QueuedMail) -> Result<Library, Error> {
        let mut tx = self.db.read().await?;
        libraries::find(&mut tx, mail.library_id).await?.ok_or(Error::Internal("a mail without its library"))
    }
}

/// Half a minute, doubled at each failure, at most six hours.
fn pause_after(attempts: u32) -> Duration {
    Duration::seconds(30 << attempts.min(10)).min(Duration::hours(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause_after(0), Duration::seconds(30));
        assert_eq!(pause_after(1), Duration::minutes(1));
        assert_eq!(pause_after(99), Duration::hours(6));
    }
}
