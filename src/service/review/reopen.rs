//! Opening a decision again: a supervisor's matter, with a reason and an effect.

use super::Work;
use super::opinion::keep_memo;
use super::reopened::announce;
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::PatronId;
use crate::domain::library::Library;
use crate::domain::notice::MailContent;
use crate::domain::permission::Permission;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::review::{Remark, ReopenEffect};
use crate::domain::staff::StaffMember;
use crate::service::apply::rules_of;
use crate::service::issue::{mail, suspend, withdraw_passwords};
use crate::service::record::staff_event;
use crate::service::relations::must_be_unrelated;
use crate::service::{Error, Once, Portal};
use crate::store::{
    StoreError, Tx, applications, cards, decisions, drafts, events, first_approvals, notices, outbox, patrons,
    registrations,
};
use time::{Duration, OffsetDateTime};

impl Portal {
    /// Opens a decision again. It goes back into the queue; the old decision stays on record, its notices are taken
    /// back, what was issued is treated as `effect` says until the new decision, and the applicant is told.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is no supervisor, unless it was decided, and after the time that the rules give;
    /// [`Error::AnotherOpen`] while the same person has another open application for the same procedure;
    /// [`Error::RecordErased`] when whom it is about was erased; [`Error::Related`] for their own people.
    pub async fn reopen(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        (effect, reason): (ReopenEffect, Remark),
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Reopen), reference, once, now).await?;
        let by = &by;
        must_be_unrelated(&mut tx, by, &application).await?;
        // Nobody could approve it again: whom it made a patron is nobody.
        if patrons::is_anybody_erased(&mut tx, library.id, application.id, application.patron_id).await? {
            return Err(Error::RecordErased);
        }
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let window = Duration::days(i64::from(rules.correction.reopen_days));
        let was_granted = matches!(application.state, ApplicationState::Issued { .. });
        let reopened = application.reopen(by, window, now)?;
        let due_on = Some(rules.answer_promised_for(reopened.procedure, japanese_date(now)));
        let reopened = save_open(&mut tx, Application { due_on, ..reopened }).await?;
        supersede(&mut tx, &reopened, now).await?;
        let taken_back = notices::revoke(&mut tx, reopened.library_id, reopened.id, now).await?;
        match effect {
            ReopenEffect::Keep => {}
            ReopenEffect::WithdrawPassword => withdraw_passwords(&mut tx, &reopened, now).await?,
            ReopenEffect::StopCard => suspend(&mut tx, &reopened, now).await?,
        }
        let event = staff_event(&reopened, EventKind::Reopened, by, now);
        events::insert(&mut tx, &Event { detail: effect.as_str().to_owned(), ..event }).await?;
        keep_memo(&mut tx, &reopened, by, reason, now).await?;
        // Whoever was told nothing has nothing to be told of.
        if taken_back > 0 {
            announce(&mut tx, (library, &rules), &reopened, was_granted.then_some(effect), now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes an approval back that the library system did not take in: it goes back into the queue, with what was
    /// registered undone. Nothing of it was in force, and the applicant was told nothing that must be taken back. The
    /// number is not used again, for the library system may know it.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever may not exchange with the library system, and unless it waits for it.
    pub async fn refuse_registration(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        reason: Remark,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } =
            self.begin_work((by, Permission::Exchange), reference, once, now).await?;
        let by = &by;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let refused = application.refuse_registration(by, now)?;
        let due_on = Some(rules.answer_promised_for(refused.procedure, japanese_date(now)));
        let patron_id = give_up_new(&mut tx, &refused).await?;
        let refused = save_open(&mut tx, Application { patron_id, due_on, ..refused }).await?;
        registrations::refuse(&mut tx, refused.id, now).await?;
        supersede(&mut tx, &refused, now).await?;
        events::insert(&mut tx, &staff_event(&refused, EventKind::RegistrationRefused, by, now)).await?;
        keep_memo(&mut tx, &refused, by, reason, now).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an applicant who let the time for a correction run out another one.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is no supervisor, and unless it lapsed over a correction;
    /// [`Error::AnotherOpen`]; [`Error::Related`] for their own people.
    pub async fn ask_once_more(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        reason: Remark,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Reopen), reference, once, now).await?;
        let by = &by;
        must_be_unrelated(&mut tx, by, &application).await?;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let answer_by = now + Duration::days(i64::from(rules.correction.answer_days));
        let asked = save_open(&mut tx, application.ask_once_more(by, answer_by)?).await?;
        let event = staff_event(&asked, EventKind::Reopened, by, now);
        events::insert(&mut tx, &Event { detail: "asked_once_more".to_owned(), ..event }).await?;
        keep_memo(&mut tx, &asked, by, reason, now).await?;
        // The last that the applicant heard is that the time is over.
        let answers = drafts::find(&mut tx, asked.id).await?;
        if let Some(email) = answers.email.filter(|_| answers.email_confirmed) {
            let (mail, _) = mail(&asked, &email, MailContent::Correction { answer_by: japanese_date(answer_by) }, now);
            let once = format!("{}/once_more/{}", asked.id, answer_by.unix_timestamp());
            outbox::insert(&mut tx, &mail, Some(&once)).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The decision holds no more, nor does the first of two approvals; both stay on record.
async fn supersede(tx: &mut Tx, application: &Application, now: OffsetDateTime) -> Result<(), Error> {
    decisions::supersede(tx, application.id, now).await?;
    first_approvals::delete_by_application(tx, application.id).await?;
    Ok(())
}

/// Saves what is open again; the index that knows one open application per person and procedure may object.
async fn save_open(tx: &mut Tx, application: Application) -> Result<Application, Error> {
    match applications::save(tx, application).await {
        Err(StoreError::Duplicate) => Err(Error::AnotherOpen),
        saved => Ok(saved?),
    }
}

/// Forgets those whom an approval was to make patrons. Gives the patron whom the application is still about.
async fn give_up_new(tx: &mut Tx, application: &Application) -> Result<Option<PatronId>, Error> {
    let mut patron_id = application.patron_id;
    if application.procedure != Procedure::NewCard {
        return Ok(patron_id);
    }
    for waiting in registrations::list_waiting(tx, application.id).await? {
        let card = cards::find(tx, application.library_id, waiting.card_id).await?;
        let Some(card) = card.filter(Card::is_pending) else { continue };
        patrons::give_up(tx, application.library_id, card.patron_id).await?;
        patron_id = patron_id.filter(|id| *id != card.patron_id);
    }
    Ok(patron_id)
}
