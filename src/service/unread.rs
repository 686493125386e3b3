//! Notices that nobody opens: the patron is reminded, and in the end they go on paper. Nothing that a library has decided
//! is left lying where nobody looks.

use super::record::system_event;
use super::{Error, Portal, remind};
use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::event::EventKind;
use crate::domain::ids::MailId;
use crate::domain::language::Language;
use crate::domain::library::{Library, UnreadRules};
use crate::domain::notice::{MailContent, NoticeAbout, QueuedMail};
use crate::domain::person::EmailAddress;
use crate::store::notice_reminders::{self, UnreadNotice, Waiting};
use crate::store::{Tx, applications, drafts, events, libraries, outbox, paper_notices};
use time::{Duration, OffsetDateTime};

/// How many notices of a library are looked at in one turn.
const BATCH: u32 = 100;

/// What is due about a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// A reminder, after so many days.
    Reminder(u16),
    /// Paper.
    Paper,
}

impl Portal {
    /// Reminds whoever has not opened a notice, or puts it on the list of those to be printed: some of each library's a
    /// turn. Tells of how many. Safe to run on several nodes and twice.
    ///
    /// # Errors
    /// Only the store's. A notice with which something is wrong is logged and keeps nobody else waiting.
    pub async fn follow_unread_notices(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut followed = 0;
        for library in libraries::list(&mut self.db.read().await?).await? {
            for (notice, due) in due(&mut self.db.read().await?, &library, now).await? {
                match self.follow(&notice, due, now).await {
                    Ok(is_done) => followed += u64::from(is_done),
                    Err(error) => {
                        tracing::error!(notice = %notice.notice_id, %error, "an unread notice is not followed");
                    }
                }
            }
        }
        Ok(followed)
    }

    /// Does it, unless the notice was opened or taken back since it was found.
    async fn follow(&self, unread: &UnreadNotice, due: Due, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let application = match unread.about {
            NoticeAbout::Application(id) => {
                Some(applications::find(&mut tx, unread.library_id, id).await?.ok_or(Error::NotFound)?)
            }
            NoticeAbout::Patron(_) => None,
        };
        let followed = match due {
            Due::Paper => put_on_paper(&mut tx, application.as_ref(), unread, now).await?,
            Due::Reminder(days) => remind(&mut tx, application.as_ref(), unread, days, now).await?,
        };
        let Some(is_told) = followed else { return Ok(false) };
        tx.commit().await?;
        Ok(is_told)
    }
}

/// Everything that is due for a library: of each notice the latest thing only.
async fn due(tx: &mut Tx, library: &Library, now: OffsetDateTime) -> Result<Vec<(UnreadNotice, Due)>, Error> {
    let mut found = Vec::new();
    // From the longest time to the shortest; each ends where the one before began.
    let mut after = now - Duration::days(UnreadRules::LOOKED_BACK_DAYS.into());
    for (days, reminded_for) in library.rules.unread.steps() {
        let until = now - Duration::days(days.into());
        let waiting = Waiting { after, until, reminded_for };
        let due = reminded_for.map_or(Due::Paper, Due::Reminder);
        let unread = notice_reminders::list_unread(tx, library.id, waiting, BATCH).await?;
        found.extend(unread.into_iter().map(|notice| (notice, due)));
        after = until;
    }
    Ok(found)
}

/// Puts it on the list. `None` if it stands there, or was opened: then nothing is kept of what was begun.
async fn put_on_paper(
    tx: &mut Tx,
    application: Option<&Application>,
    unread: &UnreadNotice,
    now: OffsetDateTime,
) -> Result<Option<bool>, Error> {
    // The record first: whoever opens the notice this moment holds the record, and is seen to have opened it after.
    if let Some(application) = application {
        events::insert(tx, &system_event(application, EventKind::NoticeOnPaper, now)).await?;
    }
    Ok(paper_notices::insert_unread(tx, unread, now).await?.then_some(true))
}

/// Queues the mail, and tells whether somebody is written to: without an address it is only noted that the day is over,
/// and paper comes at its time. `None` if there was one for as many days, or the notice was opened.
async fn remind(
    tx: &mut Tx,
    application: Option<&Application>,
    unread: &UnreadNotice,
    days: u16,
    now: OffsetDateTime,
) -> Result<Option<bool>, Error> {
    let address = match (application, unread.about) {
        (Some(application), _) => address_of(tx, application).await?,
        (None, NoticeAbout::Patron(id)) => remind::address_of(tx, unread.library_id, id).await?,
        (None, NoticeAbout::Application(_)) => None,
    };
    let Some((recipient, language)) = address else {
        return Ok(notice_reminders::insert(tx, unread, days, None, now).await?.then_some(false));
    };
    if let Some(application) = application {
        events::insert(tx, &system_event(application, EventKind::NoticeReminded, now)).await?;
    }
    let mail = QueuedMail {
        id: MailId::new(now),
        library_id: unread.library_id,
        application_id: unread.about.application_id(),
        recipient,
        language,
        content: MailContent::NoticeUnread { since: japanese_date(unread.placed_at) },
        queued_at: now,
        attempts: 0,
    };
    if !notice_reminders::insert(tx, unread, days, Some(mail.id), now).await? {
        return Ok(None);
    }
    outbox::insert_telling_of(tx, unread.notice_id, &mail, &format!("{}/unread/{days}", unread.notice_id)).await?;
    Ok(Some(true))
}

/// The patron's address as it is now; of whoever is no patron, the application's.
async fn address_of(tx: &mut Tx, application: &Application) -> Result<Option<(EmailAddress, Language)>, Error> {
    if let Some(patron_id) = application.patron_id {
        return remind::address_of(tx, application.library_id, patron_id).await;
    }
    let answers = drafts::find(tx, application.id).await?;
    let email = answers.email.filter(|_| answers.email_confirmed);
    Ok(email.map(|email| (email, application.language)))
}
