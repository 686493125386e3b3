//! What has run out: drafts, open signing requests, sessions, one-time keys, sealed passwords.

pub mod card_notices;
mod deadline;
pub mod patrons;
pub mod pictures;
pub mod purge;

use super::apply::draft_life;
use super::bounces::{DEAD_FOR, RETURNS_WITHIN};
use super::devices::DEVICE_KEPT;
use super::record::system_event;
use super::{Error, Portal, card_sign_in};
use crate::domain::application::Application;
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::store::{
    StoreError, Tx, applications, credentials, dead_addresses, email_codes, events, handoffs, idempotency, libraries,
    outbox, password_changes, patron_devices, sessions, sign_in_tries,
};
use deadline::LONGEST_NOTICE;
use time::{Duration, OffsetDateTime};

/// How many applications of each kind one sweep looks at.
const BATCH: u32 = 100;
/// Of how many deadlines that come near one sweep takes care.
const DEADLINES: u32 = 1000;
/// How long a form's one-time key is remembered: longer than any page stays open.
const KEYS_KEPT: Duration = Duration::days(8);
/// How much later than its end a signing request is swept: an answer that came in time may still be on its way
/// through the signing app, and the applicant's action goes before the timer's.
const SIGNING_GRACE: Duration = Duration::minutes(2);

/// Before its end a draft is looked at so early: its first reminder goes out then.
const DRAFT_NOTICE: Duration = Duration::days(7);

impl Portal {
    /// Ends what has run out. Safe to run on several nodes and twice: each step is a guarded transition. An
    /// application that cannot be ended is logged and keeps nobody else's from ending.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut erased = self.delete_expired(now).await?;
        let mut tx = self.db.read().await?;
        let signings = applications::list_overdue_signings(&mut tx, now - SIGNING_GRACE, BATCH).await?;
        let leases = applications::list_ended_leases(&mut tx, now, BATCH).await?;
        let soon = now + LONGEST_NOTICE;
        let mut waiting = applications::list_overdue_drafts(&mut tx, now + DRAFT_NOTICE, DEADLINES).await?;
        waiting.extend(applications::list_overdue_guardians(&mut tx, soon, DEADLINES).await?);
        waiting.extend(applications::list_unanswered(&mut tx, soon, DEADLINES).await?);
        let unerased = applications::list_unerased(&mut tx, BATCH).await?;
        drop(tx);
        for application in signings {
            went_well(application.id, self.end_signing(application, now).await);
        }
        for application in leases {
            went_well(application.id, self.end_lease(application, now).await);
        }
        for application in waiting {
            erased |= went_well(application.id, self.mind_deadline(&application, now).await);
        }
        for application in unerased {
            erased |= went_well(application.id, self.erase(&application).await);
        }
        if erased && !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(())
    }

    /// Deletes what only time keeps alive; true if there was anything personal among it.
    async fn delete_expired(&self, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let sessions = sessions::delete_expired(&mut tx, now).await?;
        let passwords = credentials::erase_sealed_before(&mut tx, now).await?;
        idempotency::delete_before(&mut tx, now - KEYS_KEPT).await?;
        card_sign_in::delete_expired(&mut tx, now).await?;
        sign_in_tries::delete_before(&mut tx, now - Duration::days(1)).await?;
        password_changes::delete_expired(&mut tx, now).await?;
        patron_devices::delete_unused(&mut tx, now - DEVICE_KEPT).await?;
        let codes = email_codes::delete_expired(&mut tx, now - Duration::days(1)).await?;
        handoffs::delete_expired(&mut tx, now - Duration::days(1)).await?;
        outbox::delete_settled(&mut tx, now - RETURNS_WITHIN).await?;
        outbox::forget_addresses(&mut tx, now - RETURNS_WITHIN).await?;
        dead_addresses::delete_before(&mut tx, now - DEAD_FOR).await?;
        tx.commit().await?;
        Ok(sessions + passwords + codes > 0)
    }

    /// Opens a version again whose signing request has run out.
    async fn end_signing(&self, application: Application, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let rules = libraries::find_rules(&mut tx, application.library_id, application.rules_version)
            .await?
            .ok_or(Error::Internal("rules of an application are gone"))?;
        let ended = applications::save(&mut tx, application.edit(draft_life(&rules), now)?).await?;
        record(&mut tx, &ended, EventKind::Edited, now).await?;
        tx.commit().await?;
        Ok(false)
    }

    /// Puts a claim whose lease has ended back into the queue.
    async fn end_lease(&self, application: Application, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let freed = applications::save(&mut tx, application.end_lease(now)?).await?;
        record(&mut tx, &freed, EventKind::LeaseEnded, now).await?;
        tx.commit().await?;
        Ok(false)
    }

    /// Erases what an application contained that was withdrawn before anybody signed it, or entered it at the counter.
    async fn erase(&self, application: &Application) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let erased = applications::erase_contents(&mut tx, application).await?;
        tx.commit().await?;
        Ok(erased)
    }
}

fn went_well(id: ApplicationId, outcome: Result<bool, Error>) -> bool {
    match outcome {
        Ok(erased) => erased,
        // Somebody was quicker; the next sweep sees what became of it.
        Err(Error::Stale | Error::Refused(_)) => false,
        Err(error) => {
            tracing::error!(application = %id, %error, "an application could not be ended");
            false
        }
    }
}

async fn record(
    tx: &mut Tx,
    application: &Application,
    kind: EventKind,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    events::insert(tx, &system_event(application, kind, now)).await.map(drop)
}
