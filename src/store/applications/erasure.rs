//! The end of what was never submitted, by signature, at the counter or with pictures: such an application keeps its
//! number and its record, and nothing of what was written in it.

use super::row::ApplicationRow;
use crate::domain::application::Application;
use crate::domain::cosigning::InvitationEnd;
use crate::domain::ids::ApplicationId;
use crate::store::{
    StoreError, Tx, attachments, corrections, cosign_invitations, drafts, email_codes, handoffs, messages, on, outbox,
    reminders, seal, sessions, signing_requests, versions,
};
use time::OffsetDateTime;

/// True of an application of which the library had a version once: a card signed it, staff entered it at the counter, or
/// its applicant sent pictures of documents.
macro_rules! was_submitted {
    ($id:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM signatures g WHERE g.application_id = ",
            $id,
            ") OR EXISTS (SELECT 1 FROM sightings s WHERE s.application_id = ",
            $id,
            ") OR EXISTS (SELECT 1 FROM events e WHERE e.application_id = ",
            $id,
            " AND e.kind = 'submitted_unsigned'))"
        )
    };
}

/// Tells whether the library ever had a version of an application: then it is kept as long as the rules say.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn was_submitted(tx: &mut Tx, id: ApplicationId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(concat!("SELECT COUNT(*) FROM applications a WHERE a.id = $1 AND ", was_submitted!("a.id")))
            .bind(id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(count > 0)
}

/// Lists applications of all libraries that ended without ever being submitted and still have contents, the longest
/// ended first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_unerased(tx: &mut Tx, limit: u32) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(concat!(
            "SELECT a.* FROM applications a
             WHERE a.state IN ('withdrawn', 'lapsed')
                 AND EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = a.id)
                 AND NOT ",
            was_submitted!("a.id"),
            " ORDER BY a.ended_at, a.id LIMIT $1",
        ))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Ends every way in which an application that is over could still be written to or signed: open corrections, signing
/// requests, hand-offs, invitations of a guardian, codes that confirm an address; and sessions that could write only read from now on.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_writing(tx: &mut Tx, application: &Application, now: OffsetDateTime) -> Result<(), StoreError> {
    corrections::resolve_all(tx, application.id, None, now).await?;
    end_tokens(tx, application, now).await
}

/// The same without touching the corrections, which a supervisor may ask for once more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_tokens(tx: &mut Tx, application: &Application, now: OffsetDateTime) -> Result<(), StoreError> {
    signing_requests::void_by_application(tx, application.id, now).await?;
    handoffs::replace_all(tx, application.id).await?;
    cosign_invitations::close(tx, application.id, InvitationEnd::Closed, now).await?;
    email_codes::delete_by_application(tx, application.id).await?;
    sessions::make_readers(tx, application.id).await
}

/// What colleagues said to each other, and what an application was reached by. Whoever became a patron by it is known
/// by their card ever after.
const BESIDE: [&str; 13] = [
    "DELETE FROM application_proofs WHERE application_id = $1",
    "DELETE FROM notice_reminders WHERE application_id = $1",
    "DELETE FROM holder_drafts WHERE application_id = $1",
    "DELETE FROM visit_slips WHERE application_id = $1",
    "DELETE FROM holds WHERE application_id = $1",
    "DELETE FROM opinions WHERE application_id = $1",
    "DELETE FROM memos WHERE application_id = $1",
    "DELETE FROM takeovers WHERE application_id = $1",
    "DELETE FROM revoked_notices WHERE application_id = $1",
    "UPDATE outbox SET address_token = NULL WHERE application_id = $1",
    "UPDATE duplicate_verdicts SET note = NULL WHERE application_id = $1",
    "DELETE FROM app_subjects WHERE application_id = $1
         AND NOT EXISTS (SELECT 1 FROM patrons p WHERE p.application_id = $1)",
    "DELETE FROM collection_tries WHERE application_id = $1
         AND NOT EXISTS (SELECT 1 FROM patrons p WHERE p.application_id = $1)",
];

/// Erases everything that an application contains that was never submitted: answers, pictures, versions, signing requests,
/// codes, waiting mail, what it is found by, and at last its data key. True if there was a key.
///
/// # Errors
/// [`StoreError::Database`]; among others if a version was signed or seen at the counter, for then it stays.
pub async fn erase_contents(tx: &mut Tx, application: &Application) -> Result<bool, StoreError> {
    for sql in BESIDE {
        on!(tx, |conn| sqlx::query(sql).bind(application.id.as_uuid()).execute(conn).await.map(drop))?;
    }
    drafts::erase(tx, application).await?;
    attachments::delete_by_application(tx, application.id).await?;
    email_codes::delete_by_application(tx, application.id).await?;
    outbox::delete_waiting_of(tx, application.id).await?;
    // Requests and hand-offs name versions, so they go first.
    handoffs::delete_by_application(tx, application.id).await?;
    signing_requests::delete_by_application(tx, application.id).await?;
    cosign_invitations::delete_by_application(tx, application.id).await?;
    reminders::delete_by_application(tx, application.id).await?;
    messages::delete_by_application(tx, application.id).await?;
    corrections::delete_by_application(tx, application.id).await?;
    versions::delete_by_application(tx, application.id).await?;
    seal::erase_key(tx, application.id.as_uuid()).await
}

/// The tables that hold what was signed, seen and decided, those that name others first.
const SIGNED: [&str; 13] = [
    "DELETE FROM automatic_decisions WHERE application_id = $1",
    "UPDATE notice_codes SET code = NULL WHERE application_id = $1",
    "DELETE FROM notice_documents WHERE application_id = $1",
    "DELETE FROM notices WHERE application_id = $1",
    "DELETE FROM decisions WHERE application_id = $1",
    "DELETE FROM first_approvals WHERE application_id = $1",
    "DELETE FROM evidence WHERE application_id = $1",
    "DELETE FROM revocation_checks WHERE application_id = $1",
    "DELETE FROM revocation_answers WHERE application_id = $1",
    "DELETE FROM cosignatures WHERE application_id = $1",
    "DELETE FROM signatures WHERE application_id = $1",
    "DELETE FROM sightings WHERE application_id = $1",
    "UPDATE applications SET signer_token = NULL WHERE id = $1",
];

/// Erases everything that an application contains, what was signed, seen and decided included, and at last its data key.
/// Its row, the record of what happened, and the patron it made stay. True if there was a key.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase_signed(tx: &mut Tx, application: &Application) -> Result<bool, StoreError> {
    for sql in SIGNED {
        on!(tx, |conn| sqlx::query(sql).bind(application.id.as_uuid()).execute(conn).await.map(drop))?;
    }
    erase_contents(tx, application).await
}
