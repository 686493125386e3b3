//! Messages between applicant and staff. A mail only rings the bell.

use super::apply::event;
use super::issue::mail;
use super::record::staff_event;
use super::review::{Work, file_for};
use super::{Error, Once, Portal};
use crate::domain::application::{Application, Refused};
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, MessageId};
use crate::domain::library::Library;
use crate::domain::message::{LetterText, Message, Sender};
use crate::domain::notice::MailContent;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::store::messages::{self, Side};
use crate::store::{Tx, applications, drafts, events, outbox, staff};
use time::{Duration, OffsetDateTime};

/// How many messages a page shows: the newest.
pub const MESSAGES_SHOWN: u32 = 50;
/// How many messages an applicant may send in a day.
const MOST_A_DAY: u64 = 10;

/// What was written about an application.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The application.
    pub application: Application,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// The library's staff, to name those who wrote.
    pub staff: Vec<StaffMember>,
}

impl Conversation {
    /// True while anything may still be written: submitted, and not over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        may_write(&self.application)
    }
}

impl Portal {
    /// What was written, for the applicant. What staff wrote counts as read from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] once it is gone.
    pub async fn read_messages(&self, library: &Library, id: ApplicationId) -> Result<Conversation, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        if messages::mark_read(&mut tx, id, Side::Applicant, now).await? > 0 {
            events::insert(&mut tx, &event(&application, EventKind::MessageRead, "", now)).await?;
        }
        let conversation = conversation(&mut tx, application).await?;
        tx.commit().await?;
        Ok(conversation)
    }

    /// What was written, for staff. What the applicant wrote counts as read from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library and the branches of `by`.
    pub async fn read_messages_as_staff(&self, by: &StaffMember, reference: &Reference) -> Result<Conversation, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        // Whoever only looks leaves it unread for those who answer.
        let answers = application.must_be_for(by, Permission::Review).is_ok();
        if answers && messages::mark_read(&mut tx, application.id, Side::Staff, now).await? > 0 {
            events::insert(&mut tx, &staff_event(&application, EventKind::MessageRead, by, now)).await?;
        }
        let conversation = conversation(&mut tx, application).await?;
        tx.commit().await?;
        Ok(conversation)
    }

    /// Sends a message of the applicant's.
    ///
    /// # Errors
    /// [`Error::Refused`] before submission and once it is over, [`Error::TooMany`] after ten in a day.
    pub async fn write_message(
        &self,
        library: &Library,
        id: ApplicationId,
        text: LetterText,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        must_be_open(&application)?;
        if messages::count_sent_since(&mut tx, id, Side::Applicant, now - Duration::DAY).await? >= MOST_A_DAY {
            return Err(Error::TooMany { retry_at: now + Duration::DAY });
        }
        messages::insert(&mut tx, &message(&application, Sender::Applicant, text, now)).await?;
        events::insert(&mut tx, &event(&application, EventKind::MessageSent, "", now)).await?;
        Ok(tx.commit().await?)
    }

    /// Sends a message of a reviewer's, and rings the applicant's bell unless it has rung for one not read yet.
    ///
    /// # Errors
    /// [`Error::Refused`] once it is over, [`Error::NotFound`] outside the library and the branches of `by`.
    pub async fn write_message_as_staff(
        &self,
        by: &StaffMember,
        reference: &Reference,
        text: LetterText,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        must_be_open(&application)?;
        let has_rung = messages::count_unread(&mut tx, application.id, Side::Applicant).await? > 0;
        let message = message(&application, Sender::Staff(by.id), text, now);
        messages::insert(&mut tx, &message).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::MessageSent, by, now)).await?;
        let answers = drafts::find(&mut tx, application.id).await?;
        if let Some(email) = answers.email.filter(|_| answers.email_confirmed && !has_rung) {
            let (mail, _) = mail(&application, &email, MailContent::Message, now);
            outbox::insert(&mut tx, &mail, Some(&format!("{}/message/{}", application.id, message.id))).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn conversation(tx: &mut Tx, application: Application) -> Result<Conversation, Error> {
    let messages = messages::list(tx, application.id, MESSAGES_SHOWN).await?;
    let staff = staff::list(tx, application.library_id).await?;
    Ok(Conversation { application, messages, staff })
}

const fn may_write(application: &Application) -> bool {
    !application.state.is_final() && application.state.submitted_version().is_some()
}

fn must_be_open(application: &Application) -> Result<(), Refused> {
    if may_write(application) {
        return Ok(());
    }
    Err(Refused::WrongState { event: "write about", state: application.state.name() })
}

fn message(application: &Application, sender: Sender, text: LetterText, now: OffsetDateTime) -> Message {
    Message {
        id: MessageId::new(now),
        library_id: application.library_id,
        application_id: application.id,
        sender,
        text,
        sent_at: now,
        read_at: None,
    }
}
