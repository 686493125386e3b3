//! What has run out: drafts, open signing requests, sessions, one-time keys, sealed passwords.

use super::apply::draft_life;
use super::{Error, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::{Actor, Event, EventKind};
use crate::store::{
    StoreError, Tx, applications, credentials, drafts, email_codes, events, idempotency, libraries, sessions,
};
use time::{Duration, OffsetDateTime};

/// How many applications one sweep looks at.
const BATCH: u32 = 100;
/// How long a form's one-time key is remembered: longer than any page stays open.
const KEYS_KEPT: Duration = Duration::days(8);

impl Portal {
    /// Ends what has run out. Safe to run on several nodes and twice: each step is a guarded transition.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let mut overdue = applications::list_overdue_drafts(&mut tx, now, BATCH).await?;
        overdue.extend(applications::list_overdue_signings(&mut tx, now, BATCH).await?);
        drop(tx);
        for application in overdue {
            match self.end_overdue(application, now).await {
                // Somebody was quicker; the next sweep sees what became of it.
                Ok(()) | Err(Error::Stale | Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tx = self.db.begin().await?;
        sessions::delete_expired(&mut tx, now).await?;
        credentials::erase_sealed_before(&mut tx, now).await?;
        idempotency::delete_before(&mut tx, now - KEYS_KEPT).await?;
        email_codes::delete_expired(&mut tx, now - Duration::days(1)).await?;
        Ok(tx.commit().await?)
    }

    async fn end_overdue(&self, application: Application, now: OffsetDateTime) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let kind = if matches!(application.state, ApplicationState::AwaitingSignature { .. }) {
            let rules = libraries::find_rules(&mut tx, application.library_id, application.rules_version)
                .await?
                .ok_or(Error::Internal("rules of an application are gone"))?;
            let application = applications::save(&mut tx, application.edit(draft_life(&rules), now)?).await?;
            record(&mut tx, &application, EventKind::Edited, now).await?;
            return Ok(tx.commit().await?);
        } else {
            EventKind::Lapsed
        };
        let application = applications::save(&mut tx, application.lapse(now)?).await?;
        // The contents go with the draft's life; the record that there was one stays.
        drafts::erase(&mut tx, &application).await?;
        record(&mut tx, &application, kind, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn record(
    tx: &mut Tx,
    application: &Application,
    kind: EventKind,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let event = Event {
        library_id: application.library_id,
        application_id: application.id,
        kind,
        actor: Actor::System,
        version: application.last_version,
        detail: String::new(),
        at: now,
    };
    events::insert(tx, &event).await.map(|_| ())
}
