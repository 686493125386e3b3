//! Reminders to patrons: before the card ends, before the certificate of a linked My Number card ends, and once that was
//! found revoked. What is noted as told and the mail that tells it are one transaction.

use super::card_news::expiring_notice;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::ids::{CertificateLinkId, LibraryId, MailId, NoticeId, PatronId};
use crate::domain::language::Language;
use crate::domain::library::{Library, LibraryRules};
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::person::EmailAddress;
use crate::domain::procedure::Procedure;
use crate::store::patron_reminders::{self, PatronReminder, PatronReminderKind, Window};
use crate::store::{StoreError, Tx, applications, cards, certificate_links, libraries, outbox, patrons};
use time::{Date, Duration, OffsetDateTime};

/// How many patrons of a library are reminded in one turn: whoever waits for a code must not wait for all of them.
const BATCH: usize = 100;
/// How many links are looked at for the ends of their certificates in one turn.
const ENDS: u32 = 100;

impl Portal {
    /// Reminds the patrons whose time has come, some of each library's a turn, and tells how many mails were queued. Safe
    /// to run on several nodes and twice.
    ///
    /// # Errors
    /// Only the store's. A patron who cannot be reminded is logged and keeps nobody else from it.
    pub async fn remind_patrons(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut queued = 0;
        for library in libraries::list(&mut self.db.read().await?).await? {
            let due = due(&mut self.db.read().await?, &library, japanese_date(now)).await?;
            for reminder in due {
                match self.remind(&library, &reminder, now).await {
                    Ok(is_queued) => queued += u64::from(is_queued),
                    Err(error) => tracing::error!(patron = %reminder.patron_id, %error, "a patron is not reminded"),
                }
            }
        }
        Ok(queued)
    }

    /// Reads the last days of linked certificates that nobody has read yet; true if there may be more.
    ///
    /// # Errors
    /// Only the store's. A certificate that cannot be read has no end that anybody could be reminded of.
    pub async fn read_certificate_ends(&self) -> Result<bool, Error> {
        let unread = certificate_links::list_unread(&mut self.db.read().await?, ENDS).await?;
        for (library_id, id) in &unread {
            let ends_on = match self.linked_certificate(*library_id, *id).await {
                Ok(found) => found.map(|(_, _, not_after)| japanese_date(not_after)),
                Err(Error::Store(StoreError::Database(error))) => return Err(StoreError::Database(error).into()),
                Err(error) => {
                    tracing::error!(link = %id, %error, "the end of a linked certificate cannot be read");
                    None
                }
            };
            let mut tx = self.db.begin().await?;
            certificate_links::save_end(&mut tx, *library_id, *id, ends_on).await?;
            tx.commit().await?;
        }
        Ok(unread.len() == ENDS as usize)
    }

    /// Queues the mail, unless something has changed since the reminder was found to be due.
    async fn remind(&self, library: &Library, reminder: &PatronReminder, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        // Whoever decides about the card this moment holds its patron: what they decide is seen.
        patrons::lock(&mut tx, reminder.library_id, reminder.patron_id).await?;
        let Some(card) = card_still_due(&mut tx, reminder, japanese_date(now)).await? else { return Ok(false) };
        let address = address_of(&mut tx, reminder.library_id, reminder.patron_id).await?;
        let mail = address.map(|(recipient, language)| QueuedMail {
            id: MailId::new(now),
            library_id: reminder.library_id,
            application_id: None,
            recipient,
            language,
            content: content_of(reminder, japanese_date(now)),
            queued_at: now,
            attempts: 0,
        });
        if !patron_reminders::insert(&mut tx, reminder, mail.as_ref().map(|mail| mail.id), now).await? {
            return Ok(false);
        }
        let notice = match reminder.kind {
            PatronReminderKind::CardExpires => notice_of(&mut tx, library, &card, now).await?,
            PatronReminderKind::CertificateEnds | PatronReminderKind::CertificateRevoked => None,
        };
        match (&mail, notice) {
            (Some(mail), Some(notice)) => {
                let once = format!("{notice}/{}", reminder.days_before);
                outbox::insert_telling_of(&mut tx, notice, mail, &once).await?;
            }
            (Some(mail), None) => {
                outbox::insert(&mut tx, mail, None).await?;
            }
            (None, _) => {}
        }
        tx.commit().await?;
        Ok(mail.is_some())
    }
}

/// What is due for a library today, at most [`BATCH`].
async fn due(tx: &mut Tx, library: &Library, today: Date) -> Result<Vec<PatronReminder>, Error> {
    let rules = &library.rules;
    let mut due = Vec::new();
    let rest = |due: &Vec<PatronReminder>| u32::try_from(BATCH.saturating_sub(due.len())).unwrap_or_default();
    for window in windows(&rules.renewal.reminder_days, today) {
        let limit = rest(&due);
        due.extend(patron_reminders::list_expiring(tx, library.id, window, limit).await?);
    }
    if !reminds_of_certificates(rules) {
        return Ok(due);
    }
    for window in windows(&rules.card_link.reminder_days, today) {
        let limit = rest(&due);
        due.extend(patron_reminders::list_ending(tx, library.id, window, today, limit).await?);
    }
    let limit = rest(&due);
    due.extend(patron_reminders::list_revoked(tx, library.id, today, limit).await?);
    Ok(due)
}

/// Whoever is asked to link a card again must be able to.
pub(super) fn reminds_of_certificates(rules: &LibraryRules) -> bool {
    rules.offers(Procedure::CardLink) && !rules.card_link.reminder_days.is_empty()
}

/// For each number of days the last days that are as near, and not as near as the next smaller number: after an outage
/// only the latest reminder goes out, and none once the day is over. The nearest come first.
fn windows(days: &[u16], today: Date) -> Vec<Window> {
    let day = |days: u16| today.checked_add(Duration::days(days.into())).unwrap_or(Date::MAX);
    let mut after = today.previous_day().unwrap_or(Date::MIN);
    let mut windows = Vec::with_capacity(days.len());
    for days_before in days.iter().rev().copied() {
        windows.push(Window { after, until: day(days_before), days_before });
        after = day(days_before);
    }
    windows
}

/// The card, if what is said of it is still true.
async fn card_still_due(tx: &mut Tx, reminder: &PatronReminder, today: Date) -> Result<Option<Card>, Error> {
    let PatronReminder { library_id, patron_id, .. } = *reminder;
    let card = cards::find_by_patron(tx, library_id, patron_id).await?;
    let Some(card) = card.filter(|card| card.is_active() && card.expires_on >= today) else { return Ok(None) };
    let (procedure, is_there) = match reminder.kind {
        PatronReminderKind::CardExpires => (Procedure::Renewal, is_the_card(reminder, &card)),
        PatronReminderKind::CertificateEnds | PatronReminderKind::CertificateRevoked => {
            let link = CertificateLinkId::from_uuid(reminder.subject_id);
            let rests_on = certificate_links::find_application(tx, library_id, link).await?;
            (Procedure::CardLink, rests_on.is_some())
        }
    };
    if !is_there || applications::find_open_by_patron(tx, library_id, procedure, patron_id).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(card))
}

/// The notice that the card's last day is near. Who was erased reads none.
async fn notice_of(
    tx: &mut Tx,
    library: &Library,
    card: &Card,
    now: OffsetDateTime,
) -> Result<Option<NoticeId>, Error> {
    match patrons::find(tx, card.library_id, card.patron_id).await {
        Err(StoreError::Unsealable { .. }) | Ok(None) => Ok(None),
        Ok(Some(patron)) => Ok(Some(expiring_notice(tx, library, (&patron, card), now).await?)),
        Err(error) => Err(error.into()),
    }
}

fn is_the_card(reminder: &PatronReminder, card: &Card) -> bool {
    card.id.as_uuid() == reminder.subject_id && card.expires_on == reminder.due_on
}

/// Where a patron is written to, and in which language; `None` for whoever has no address, or was erased.
pub(super) async fn address_of(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<(EmailAddress, Language)>, Error> {
    match patrons::find(tx, library_id, patron_id).await {
        Err(StoreError::Unsealable { .. }) => Ok(None),
        found => Ok(found?.and_then(|patron| Some((patron.facts.email?, patron.language)))),
    }
}

fn content_of(reminder: &PatronReminder, today: Date) -> MailContent {
    match reminder.kind {
        PatronReminderKind::CardExpires => {
            MailContent::CardExpires { on: reminder.due_on, is_last_day: reminder.due_on == today }
        }
        PatronReminderKind::CertificateEnds => MailContent::CertificateEnds { on: reminder.due_on },
        PatronReminderKind::CertificateRevoked => MailContent::CertificateRevoked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn each_last_day_belongs_to_one_window_and_none_that_is_over_to_any() {
        let today = date!(2026 - 11 - 20);
        let windows = windows(&[60, 14, 0], today);
        let window = |last: Date| {
            let found: Vec<u16> = windows
                .iter()
                .filter(|window| last > window.after && last <= window.until)
                .map(|window| window.days_before)
                .collect();
            assert!(found.len() <= 1, "{last}: {found:?}");
            found.first().copied()
        };
        let in_days = |days| today + Duration::days(days);
        assert_eq!([-1, 0, 1].map(|days| window(in_days(days))), [None, Some(0), Some(14)]);
        assert_eq!([14, 15].map(|days| window(in_days(days))), [Some(14), Some(60)]);
        assert_eq!([60, 61].map(|days| window(in_days(days))), [Some(60), None]);
        assert!(super::windows(&[], today).is_empty());
    }
}
