//! The courier: hands the outbox's mails over, at least once each, under one `Message-ID`.
//!
//! A mail is claimed by lease and marked after the server has taken it. If the portal dies
//! between the two, the lease runs out and the same message goes out again; its id tells
//! the receiving side that it is the same.

use super::{Error, Portal};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::library::Library;
use crate::domain::notice::{MailContent, QueuedMail};
use crate::gateway::mail::{Letter, MailError};
use crate::store::{applications, events, libraries, outbox};
use time::{Duration, OffsetDateTime};

/// How long a claimed mail is nobody else's.
const LEASE: Duration = Duration::minutes(3);
/// How long handing over one mail may take: well within its lease.
const LONGEST_WAY: std::time::Duration = std::time::Duration::from_mins(2);
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

/// What became of one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFate {
    /// Handed over.
    Sent,
    /// Put back; due again at the time.
    Postponed(OffsetDateTime),
    /// Given up.
    Failed,
}

impl Portal {
    /// Hands over what is due. Safe to run on several nodes and twice.
    ///
    /// # Errors
    /// Only the store's; a mail server that is down only postpones.
    pub async fn deliver_mail(&self) -> Result<Round, Error> {
        let mut round = Round::default();
        while let Some(fate) = self.deliver_next_mail().await? {
            match fate {
                MailFate::Sent => round.sent += 1,
                MailFate::Postponed(_) => round.postponed += 1,
                MailFate::Failed => round.failed += 1,
            }
        }
        Ok(round)
    }

    /// Hands over the one mail that is due the longest, and settles it; `None` if nothing is due.
    ///
    /// # Errors
    /// As [`Portal::deliver_mail`].
    pub async fn deliver_next_mail(&self) -> Result<Option<MailFate>, Error> {
        let mut tx = self.db.begin().await?;
        let mail = outbox::claim(&mut tx, self.clock.now(), LEASE).await?;
        tx.commit().await?;
        let Some(mail) = mail else { return Ok(None) };
        let fate = self.hand_over(&mail).await?;
        self.settle(&mail, fate).await?;
        Ok(Some(fate))
    }

    async fn hand_over(&self, mail: &QueuedMail) -> Result<MailFate, Error> {
        let kind = mail.content.kind();
        let library = self.library_by_id(mail).await?;
        if let MailContent::Code { valid_until, .. } = &mail.content
            && *valid_until <= self.clock.now()
        {
            tracing::warn!(mail = %mail.id, kind, "a code ran out before it could be handed over");
            return Ok(MailFate::Failed);
        }
        let letter = match Letter::compose(mail, &library.rules, &self.base_url) {
            Ok(letter) => letter,
            Err(error) => {
                tracing::error!(mail = %mail.id, kind, %error, "a letter cannot be written");
                return Ok(MailFate::Failed);
            }
        };
        let outcome = tokio::time::timeout(LONGEST_WAY, self.mailer.send(&letter)).await;
        let fault = match outcome {
            Ok(Ok(())) => return Ok(MailFate::Sent),
            Ok(Err(MailError::Permanent(fault))) => {
                tracing::error!(mail = %mail.id, kind, %fault, "mail refused for good");
                return Ok(MailFate::Failed);
            }
            Ok(Err(MailError::Transient(fault))) => fault.to_string(),
            Err(_) => "the mail server took too long".to_owned(),
        };
        if mail.attempts >= MOST_ATTEMPTS {
            tracing::error!(mail = %mail.id, kind, attempts = mail.attempts, fault, "mail given up");
            return Ok(MailFate::Failed);
        }
        tracing::warn!(mail = %mail.id, kind, attempts = mail.attempts, fault, "mail postponed");
        Ok(MailFate::Postponed(self.clock.now() + pause_after(mail.attempts)))
    }

    async fn settle(&self, mail: &QueuedMail, fate: MailFate) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let kind = match fate {
            MailFate::Postponed(next_at) => {
                outbox::mark_retry(&mut tx, mail.id, next_at).await?;
                return Ok(tx.commit().await?);
            }
            MailFate::Sent => EventKind::MailHandedOver,
            MailFate::Failed => EventKind::MailFailed,
        };
        // The application's row before the mail's, as everywhere: the other way round two would wait for each other.
        if let Some(id) = mail.application_id
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
        let settled = match fate {
            MailFate::Sent => outbox::mark_sent(&mut tx, mail.id, now).await?,
            _ => outbox::mark_failed(&mut tx, mail.id, now).await?,
        };
        // Settled by somebody else, or erased with its application: then there is nothing to record either.
        if settled { Ok(tx.commit().await?) } else { Ok(()) }
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
