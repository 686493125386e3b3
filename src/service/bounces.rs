//! Mails that come back. A return counts only for a mail that we sent, known by the mark in the address that it came to;
//! nothing of its words is kept.

use super::record::system_event;
use super::{Error, Portal};
use crate::domain::application::Application;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{LibraryId, MailId};
use crate::gateway::mail::bounce::{BounceAddress, Report, Verdict};
use crate::gateway::mail::maildir::{self, NewMessage};
use crate::store::seal::{self, HashPurpose};
use crate::store::{Db, StoreError, Tx, applications, dead_addresses, events, outbox, paper_notices};
use time::{Duration, OffsetDateTime};

/// How many messages one turn takes out of the folder.
const BATCH: usize = 100;
/// How long after a mail was handed over its return still says something: mail servers try for five days.
pub(super) const RETURNS_WITHIN: Duration = Duration::days(14);
/// After this time an address that was not there is tried again.
pub(super) const DEAD_FOR: Duration = Duration::days(365);

/// What became of a message that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounce {
    /// It was noted on the mail that it is about.
    Noted(Verdict),
    /// It says nothing of a mail of ours, or nothing new.
    Ignored,
}

impl Portal {
    /// Reads the folder into which mails come back; true if there may be more in it.
    ///
    /// # Errors
    /// Only if the database fails. A message with which something is wrong is logged, keeps no other waiting, and is looked
    /// at again in the next turn.
    pub async fn take_bounces(&self) -> Result<bool, Error> {
        let Some(bounces) = &self.mail_care.bounces else { return Ok(false) };
        let Some(folder) = &bounces.maildir else { return Ok(false) };
        let messages = match maildir::list_new(folder).await {
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(%error, "the folder of returned mail cannot be read");
                return Ok(false);
            }
        };
        let mut taken = 0;
        for message in messages {
            if taken == BATCH {
                return Ok(true);
            }
            taken += usize::from(self.take_message(&message, &bounces.address).await?);
        }
        Ok(false)
    }

    /// False if it still lies where it lay.
    async fn take_message(&self, message: &NewMessage, address: &BounceAddress) -> Result<bool, Error> {
        let bytes = match message.read().await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(?message, %error, "a returned mail cannot be read");
                return Ok(false);
            }
        };
        let cleared = match take(&self.db, address, None, &bytes, self.clock.now()).await {
            Ok(Bounce::Noted(_)) => message.delete().await,
            // Perhaps somebody has answered a mail.
            Ok(Bounce::Ignored) => message.leave().await,
            Err(Error::Store(StoreError::Database(error))) => return Err(StoreError::Database(error).into()),
            Err(error) => {
                tracing::error!(?message, %error, "a returned mail cannot be noted");
                return Ok(false);
            }
        };
        if let Err(error) = &cleared {
            tracing::error!(?message, %error, "the folder of returned mail cannot be written");
        }
        Ok(cleared.is_ok())
    }
}

/// Takes one message that came to `recipient`, or to whom its own head says, and notes what it tells of a mail of ours.
///
/// # Errors
/// Only the store's: whoever hands it over tries again then.
pub async fn take(
    db: &Db,
    address: &BounceAddress,
    recipient: Option<&str>,
    message: &[u8],
    now: OffsetDateTime,
) -> Result<Bounce, Error> {
    let Some(report) = Report::read(message) else { return Ok(Bounce::Ignored) };
    let mut tx = db.begin().await?;
    for text in recipient.into_iter().chain(report.sent_to.iter().map(String::as_str)) {
        let Some(marked) = address.read(text) else { continue };
        let Some(sent) = outbox::find_sent(&mut tx, marked.id).await? else { continue };
        if !marked.is_genuine(&mark_of(&mut tx, sent.library_id, marked.id).await?) {
            tracing::warn!(mail = %marked.id, "a returned mail has a mark that is not ours");
            continue;
        }
        let verdict = verdict_of(&mut tx, &sent, &report).await?;
        if !note(&mut tx, marked.id, &sent, verdict, now).await? {
            // Somebody else has just noted it.
            break;
        }
        tx.commit().await?;
        tracing::warn!(mail = %marked.id, kind = sent.kind, ?verdict, "a mail came back");
        return Ok(Bounce::Noted(verdict));
    }
    Ok(Bounce::Ignored)
}

/// What a report says of the address that a mail was sent to. That nobody is where somebody lets their mail go on to says
/// nothing of that address.
async fn verdict_of(tx: &mut Tx, sent: &outbox::SentMail, report: &Report) -> Result<Verdict, Error> {
    if report.verdict == Verdict::Soft || report.recipients.is_empty() {
        return Ok(report.verdict);
    }
    for email in report.recipients.iter().filter_map(|text| text.parse().ok()) {
        if dead_addresses::is_known_by(tx, sent.library_id, &email, &sent.address_token).await? {
            return Ok(Verdict::Hard);
        }
    }
    Ok(Verdict::Soft)
}

/// The mark in the envelope of a mail.
pub(super) async fn mark_of(tx: &mut Tx, library_id: LibraryId, id: MailId) -> Result<[u8; 32], Error> {
    let id = id.as_uuid();
    let parts: [&[u8]; 1] = [id.as_bytes()];
    Ok(seal::keyed_hash(tx, library_id, HashPurpose::BounceMark, &parts).await?)
}

/// On the file, among the addresses at which nobody is, and on the list of what goes on paper.
async fn note(
    tx: &mut Tx,
    id: MailId,
    sent: &outbox::SentMail,
    verdict: Verdict,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    // The application's row before the mail's, as everywhere.
    let application = match sent.application_id {
        Some(id) => applications::find(tx, sent.library_id, id).await?,
        None => None,
    };
    if let Some(application) = &application {
        let kind = match verdict {
            Verdict::Hard => EventKind::MailReturned,
            Verdict::Soft => EventKind::MailReturnedForNow,
        };
        events::insert(tx, &Event { detail: sent.kind.clone(), ..system_event(application, kind, now) }).await?;
    }
    if !outbox::mark_returned(tx, id, now).await? {
        return Ok(false);
    }
    if verdict == Verdict::Hard {
        dead_addresses::insert(tx, sent.library_id, &sent.address_token, now).await?;
    }
    put_on_paper(tx, id, application.as_ref(), now).await?;
    Ok(true)
}

/// The notice of which a mail should have told, unless it was opened.
pub(super) async fn put_on_paper(
    tx: &mut Tx,
    id: MailId,
    application: Option<&Application>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if paper_notices::insert_instead_of(tx, id, now).await?
        && let Some(application) = application
    {
        events::insert(tx, &system_event(application, EventKind::NoticeOnPaper, now)).await?;
    }
    Ok(())
}
