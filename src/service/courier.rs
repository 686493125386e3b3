//! The courier: hands the outbox's mails over, at least once each, under one `Message-ID`.
//!
//! A mail is claimed by lease and marked after the server has taken it. If the portal dies
//! between the two, the lease runs out and the same message goes out again; its id tells
//! the receiving side that it is the same. A mail about an application that is given up shows
//! on its file; any other is named in the log only.

use super::bounces::{mark_of, put_on_paper};
use super::record::system_event;
use super::{Error, Portal};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApplicationId, LibraryId, MailId};
use crate::domain::library::Library;
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::person::EmailAddress;
use crate::gateway::mail::{Letter, MOST_AT_ONCE, MailError, MailFault};
use crate::store::outbox::UnopenedMail;
use crate::store::{Tx, applications, dead_addresses, events, libraries, outbox};
use futures_util::StreamExt as _;
use futures_util::future::Either;
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How long a claimed mail is nobody else's.
const LEASE: Duration = Duration::minutes(3);
/// How long handing over one mail may take: well within its lease, for each is begun as soon as it is claimed.
const LONGEST_WAY: std::time::Duration = std::time::Duration::from_mins(2);
/// After so many tries (about two days) a mail is given up and the failure shows on the file.
const MOST_ATTEMPTS: u32 = 16;
/// How many mails are on their way at the same time.
const AT_ONCE: usize = MOST_AT_ONCE as usize;
/// How many mails one turn of the worker takes before it looks whether it should stop.
const TURN: usize = 4 * AT_ONCE;

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
    /// Given up: nobody is at the address.
    Undelivered,
    /// Not even tried: nobody is at the address.
    Withheld,
}

/// A mail with what it takes to write its letter.
struct Claimed {
    mail: QueuedMail,
    library: Arc<Library>,
    /// The mark in the address to which it comes back.
    mark: [u8; 32],
    is_dead: bool,
}

/// A mail as far as settling it goes.
struct Settled<'a> {
    id: MailId,
    library_id: LibraryId,
    application_id: Option<ApplicationId>,
    kind: &'a str,
    attempts: u32,
    /// `None` if it cannot be read.
    recipient: Option<&'a EmailAddress>,
}

/// What comes next of all that goes on at once.
enum Step {
    /// Some were claimed; the last that are due, if they are fewer than wanted.
    Claimed { mails: Vec<Claimed>, unopened: Vec<UnopenedMail>, is_last: bool },
    /// One is settled.
    Settled(MailFate),
    /// The store failed.
    Failed { error: Error, while_claiming: bool },
}

impl Round {
    fn count(&mut self, fate: MailFate) {
        match fate {
            MailFate::Sent => self.sent += 1,
            MailFate::Postponed(_) => self.postponed += 1,
            MailFate::Failed | MailFate::Undelivered | MailFate::Withheld => self.failed += 1,
        }
    }
}

impl Portal {
    /// Hands over what is due. Safe to run on several nodes and twice.
    ///
    /// # Errors
    /// Only the store's; a mail server that is down only postpones.
    pub async fn deliver_mail(&self) -> Result<Round, Error> {
        self.deliver_up_to(usize::MAX, || false).await
    }

    /// Hands over some of what is due: as much as a turn of the worker may take. Told to stop, it hands over what it
    /// holds and claims nothing more.
    ///
    /// # Errors
    /// As [`Portal::deliver_mail`].
    pub async fn deliver_some_mail(&self, is_stopped: impl Fn() -> bool) -> Result<Round, Error> {
        self.deliver_up_to(TURN, is_stopped).await
    }

    /// Some are always on their way, so that a slow one holds up nobody else's. Claiming goes on beside them: whoever is
    /// not asked to go on may hold what the others wait for.
    async fn deliver_up_to(&self, most: usize, is_stopped: impl Fn() -> bool) -> Result<Round, Error> {
        let (mut round, mut left, mut failure) = (Round::default(), most, None);
        let (mut steps, mut under_way, mut is_claiming) = (FuturesUnordered::new(), 0, false);
        loop {
            let wanted = if is_stopped() { 0 } else { left.min(AT_ONCE - under_way) };
            // Claimed by halves, so that claiming costs little.
            if wanted > 0 && !is_claiming && under_way <= AT_ONCE / 2 {
                is_claiming = true;
                left -= wanted;
                steps.push(Either::Left(self.claim_mails(wanted)));
            }
            match steps.next().await {
                Some(Step::Claimed { mails, unopened, is_last }) => {
                    is_claiming = false;
                    left = if is_last { 0 } else { left };
                    under_way += mails.len() + unopened.len();
                    let mails = mails.into_iter().map(|mail| Either::Left(self.deliver(mail)));
                    let unopened = unopened.into_iter().map(|mail| Either::Right(self.postpone_or_give_up(mail)));
                    steps.extend(mails.chain(unopened).map(Either::Right));
                }
                Some(Step::Settled(fate)) => {
                    under_way -= 1;
                    round.count(fate);
                }
                // What is on its way arrives all the same, and is noted.
                Some(Step::Failed { error, while_claiming }) => {
                    (left, failure) = (0, Some(error));
                    under_way -= usize::from(!while_claiming);
                }
                None => return failure.map_or(Ok(round), Err),
            }
        }
    }

    async fn claim_mails(&self, most: usize) -> Step {
        match self.claimed(most).await {
            Ok(step) => step,
            Err(error) => Step::Failed { error, while_claiming: true },
        }
    }

    async fn claimed(&self, most: usize) -> Result<Step, Error> {
        let mut tx = self.db.begin().await?;
        let due = outbox::claim(&mut tx, self.clock.now(), LEASE, most).await?;
        tx.commit().await?;
        let is_last = due.is_last(most);
        let mut claimed = Vec::with_capacity(due.mails.len());
        if due.mails.is_empty() {
            return Ok(Step::Claimed { mails: claimed, unopened: due.unopened, is_last });
        }
        let mut tx = self.db.read().await?;
        let mut libraries = HashMap::new();
        for mail in due.mails {
            let library = known_library(&mut tx, mail.library_id, &mut libraries).await?;
            let mark = mark_of(&mut tx, mail.library_id, mail.id).await?;
            let is_dead = is_withheld_from_the_dead(&mail.content)
                && dead_addresses::contains(&mut tx, mail.library_id, &mail.recipient).await?;
            claimed.push(Claimed { mail, library, mark, is_dead });
        }
        Ok(Step::Claimed { mails: claimed, unopened: due.unopened, is_last })
    }

    async fn deliver(&self, claimed: Claimed) -> Step {
        let fate = self.hand_over(&claimed).await;
        let mail = &claimed.mail;
        let mail = Settled {
            id: mail.id,
            library_id: mail.library_id,
            application_id: mail.application_id,
            kind: mail.content.kind(),
            attempts: mail.attempts,
            recipient: Some(&mail.recipient),
        };
        self.conclude(&mail, fate).await
    }

    /// A newer version of the portal may read it.
    async fn postpone_or_give_up(&self, mail: UnopenedMail) -> Step {
        let UnopenedMail { id, library_id, application_id, kind, attempts, is_erased } = &mail;
        let fate = if *is_erased || *attempts >= MOST_ATTEMPTS {
            tracing::error!(mail = %id, kind, attempts, is_erased, "a mail that cannot be read is given up");
            MailFate::Failed
        } else {
            tracing::error!(mail = %id, kind, attempts, "a mail cannot be read; postponed");
            MailFate::Postponed(self.clock.now() + pause_after(*attempts))
        };
        let (id, library_id, application_id, attempts) = (*id, *library_id, *application_id, *attempts);
        let mail = Settled { id, library_id, application_id, kind, attempts, recipient: None };
        self.conclude(&mail, fate).await
    }

    async fn conclude(&self, mail: &Settled<'_>, fate: MailFate) -> Step {
        match self.settle(mail, fate).await {
            Ok(()) => Step::Settled(fate),
            Err(error) => Step::Failed { error, while_claiming: false },
        }
    }

    async fn hand_over(&self, claimed: &Claimed) -> MailFate {
        let mail = &claimed.mail;
        let kind = mail.content.kind();
        if claimed.is_dead {
            tracing::warn!(mail = %mail.id, kind, "mail withheld: an earlier one to the same address came back");
            return MailFate::Withheld;
        }
        // Whoever claimed it before has not come back from it.
        if mail.attempts > MOST_ATTEMPTS {
            tracing::error!(mail = %mail.id, kind, attempts = mail.attempts, "mail given up: no try of it has ended");
            return MailFate::Failed;
        }
        if let MailContent::Code { valid_until, .. } = &mail.content
            && *valid_until <= self.clock.now()
        {
            tracing::warn!(mail = %mail.id, kind, "a code ran out before it could be handed over");
            return MailFate::Failed;
        }
        let bounces = self.mail_care.bounces.as_ref();
        let returns_to = bounces.and_then(|bounces| bounces.address.of(mail.id, &claimed.mark));
        let letter = match Letter::compose(mail, &claimed.library.rules, &self.base_url) {
            Ok(letter) => letter.returning_to(returns_to),
            Err(error) => {
                tracing::error!(mail = %mail.id, kind, %error, "a letter cannot be written");
                return MailFate::Failed;
            }
        };
        let outcome = tokio::time::timeout(LONGEST_WAY, self.mailer.send(&letter)).await;
        let fault = match outcome {
            Ok(Ok(())) => return MailFate::Sent,
            Ok(Err(MailError::Permanent(fault @ MailFault::Nobody(_)))) => {
                tracing::warn!(mail = %mail.id, kind, %fault, "mail refused for good");
                return MailFate::Undelivered;
            }
            Ok(Err(MailError::Permanent(fault))) => {
                tracing::error!(mail = %mail.id, kind, %fault, "mail refused for good");
                return MailFate::Failed;
            }
            Ok(Err(MailError::Transient(fault))) => fault,
            Err(_) => MailFault::Local("the mail server took too long"),
        };
        if fault.is_obstruction() {
            self.mail_care.note_obstruction(self.clock.now());
        }
        if mail.attempts >= MOST_ATTEMPTS {
            tracing::error!(mail = %mail.id, kind, attempts = mail.attempts, %fault, "mail given up");
            return MailFate::Failed;
        }
        tracing::warn!(mail = %mail.id, kind, attempts = mail.attempts, %fault, "mail postponed");
        MailFate::Postponed(self.clock.now() + pause_after(mail.attempts))
    }

    async fn settle(&self, mail: &Settled<'_>, fate: MailFate) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let kind = match fate {
            MailFate::Postponed(next_at) => {
                outbox::mark_retry(&mut tx, mail.id, mail.attempts, next_at).await?;
                return Ok(tx.commit().await?);
            }
            MailFate::Sent => EventKind::MailHandedOver,
            MailFate::Failed => EventKind::MailFailed,
            MailFate::Undelivered => EventKind::MailReturned,
            MailFate::Withheld => EventKind::MailWithheld,
        };
        // The application's row before the mail's, as everywhere: the other way round two would wait for each other.
        let application = match mail.application_id {
            Some(id) => applications::find(&mut tx, mail.library_id, id).await?,
            None => None,
        };
        if let Some(application) = &application {
            let detail = mail.kind.to_owned();
            events::insert(&mut tx, &Event { detail, ..system_event(application, kind, now) }).await?;
        }
        // Settled by somebody else, or erased with its application: then there is nothing to record either.
        if !settle_as(&mut tx, mail, fate, now).await? {
            return Ok(());
        }
        if fate != MailFate::Sent {
            put_on_paper(&mut tx, mail.id, application.as_ref(), now).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn known_library(
    tx: &mut Tx,
    id: LibraryId,
    known: &mut HashMap<LibraryId, Arc<Library>>,
) -> Result<Arc<Library>, Error> {
    if let Some(library) = known.get(&id) {
        return Ok(Arc::clone(library));
    }
    let library = libraries::find(tx, id).await?.ok_or(Error::Internal("a mail without its library"))?;
    let library = Arc::new(library);
    known.insert(id, Arc::clone(&library));
    Ok(library)
}

async fn settle_as(tx: &mut Tx, mail: &Settled<'_>, fate: MailFate, now: OffsetDateTime) -> Result<bool, Error> {
    Ok(match fate {
        MailFate::Postponed(_) => false,
        MailFate::Sent => outbox::mark_sent(tx, mail.id, now).await?,
        MailFate::Failed => outbox::mark_failed(tx, mail.id, now).await?,
        MailFate::Withheld => outbox::mark_undelivered(tx, mail.id, now).await?,
        MailFate::Undelivered => {
            if let Some(recipient) = mail.recipient {
                dead_addresses::note(tx, mail.library_id, recipient, now).await?;
            }
            outbox::mark_undelivered(tx, mail.id, now).await?
        }
    })
}

/// What somebody asks for this moment goes out even where mail came back: perhaps the address counts again.
const fn is_withheld_from_the_dead(content: &MailContent) -> bool {
    !matches!(content, MailContent::Code { .. } | MailContent::Cosign { is_reminder: false, .. })
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
