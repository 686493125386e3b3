//! Writing batches: several rows per statement.

use super::{ApplicationLine, Batch, PatronLine, SearchToken};
use crate::domain::application::ApplicationState;
use crate::domain::card::Card;
use crate::domain::event::ChainedEvent;
use crate::domain::ids::{LibraryId, PatronId, StaffId};
use crate::domain::library::BranchCode;
use crate::domain::procedure::Procedure;
use crate::store::seal::WrappedKey;
use crate::store::timestamp::Timestamp;
use crate::store::{Connection, StoreError, Tx, on};
use sqlx::QueryBuilder;

/// How many rows one statement writes: SQLite takes 32,766 values, and an application has 30.
const ROWS: usize = 500;

/// PostgreSQL looks up two parents for every row; all at once, at the end, they are one join.
const UNTIE_TOKENS: &str = "ALTER TABLE search_tokens
    DROP CONSTRAINT search_tokens_owner_id_fkey, DROP CONSTRAINT search_tokens_library_id_fkey";
const TIE_TOKENS: &str = "ALTER TABLE search_tokens
    ADD CONSTRAINT search_tokens_library_id_fkey FOREIGN KEY (library_id) REFERENCES libraries (id),
    ADD CONSTRAINT search_tokens_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES data_keys (owner_id) ON DELETE CASCADE";

/// Writes rows, `ROWS` at a time; the closure binds the values of one.
macro_rules! write_rows {
    ($tx:expr, $rows:expr, $into:literal, |$values:ident, $row:ident| $bind:expr) => {
        for chunk in $rows.chunks(ROWS) {
            on!($tx, |conn| {
                let mut sql = QueryBuilder::new($into);
                sql.push_values(chunk, |mut $values, $row| {
                    $bind;
                });
                sql.build().execute(conn).await.map(drop)
            })?;
        }
    };
}

/// Writes a batch without its tokens.
///
/// # Errors
/// [`StoreError::Duplicate`] if a reference or a card number is taken.
pub async fn insert(tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
    quicken(tx).await?;
    write_keys(tx, &batch.keys).await?;
    write_patrons(tx, &batch.patrons).await?;
    write_cards(tx, &batch.cards).await?;
    write_applications(tx, &batch.applications).await?;
    write_answers(tx, &batch.applications).await?;
    write_events(tx, &batch.applications).await?;
    name_first_applications(tx, &batch.applications).await
}

/// Writes what everybody is found by. The index that would be touched everywhere is made anew at the end.
///
/// # Errors
/// [`StoreError::Duplicate`] if one of them is there already.
pub async fn insert_tokens(tx: &mut Tx, library_id: LibraryId, mut tokens: Vec<SearchToken>) -> Result<(), StoreError> {
    quicken(tx).await?;
    tokens.sort_unstable();
    tokens.dedup();
    on!(tx, |conn| sqlx::query("DROP INDEX search_tokens_by_owner").execute(conn).await.map(drop))?;
    if let Connection::Postgres(tx) = &mut tx.connection {
        sqlx::query(UNTIE_TOKENS).execute(&mut **tx).await?;
    }
    let library_id = library_id.as_uuid();
    write_rows!(tx, tokens, "INSERT INTO search_tokens (library_id, owner_id, field, token) ", |values, row| values
        .push_bind(library_id)
        .push_bind(row.owner)
        .push_bind(row.field.as_str())
        .push_bind(row.token.to_vec()));
    on!(tx, |conn| {
        sqlx::query("CREATE INDEX search_tokens_by_owner ON search_tokens (owner_id)").execute(conn).await.map(drop)
    })?;
    if let Connection::Postgres(tx) = &mut tx.connection {
        sqlx::query(TIE_TOKENS).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Lets PostgreSQL count what there is now, so that it plans by it at once; SQLite plans without counting.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn finish(tx: &mut Tx) -> Result<(), StoreError> {
    quicken(tx).await?;
    if let Connection::Postgres(tx) = &mut tx.connection {
        sqlx::query("ANALYZE").execute(&mut **tx).await?;
    }
    Ok(())
}

/// What may be slower or lost in production need not be so here: who loads a database begins anew if it breaks off.
async fn quicken(tx: &mut Tx) -> Result<(), StoreError> {
    match &mut tx.connection {
        Connection::Sqlite(tx) => {
            // One gibibyte of pages.
            sqlx::query("PRAGMA cache_size = -1048576").execute(&mut **tx).await?;
        }
        Connection::Postgres(tx) => {
            sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut **tx).await?;
            sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut **tx).await?;
            sqlx::query("SET LOCAL maintenance_work_mem = '512MB'").execute(&mut **tx).await?;
        }
    }
    Ok(())
}

async fn write_keys(tx: &mut Tx, keys: &[WrappedKey]) -> Result<(), StoreError> {
    write_rows!(tx, keys, "INSERT INTO data_keys (owner_id, library_id, master_version, wrapped) ", |values, row| {
        let (owner, library, version, wrapped) = row.columns();
        values.push_bind(owner).push_bind(library).push_bind(version).push_bind(wrapped.to_vec())
    });
    Ok(())
}

async fn write_patrons(tx: &mut Tx, patrons: &[PatronLine]) -> Result<(), StoreError> {
    write_rows!(tx, patrons, "INSERT INTO patrons (id, library_id, facts, registered_at) ", |values, row| values
        .push_bind(row.id)
        .push_bind(row.library_id)
        .push_bind(row.facts.clone())
        .push_bind(Timestamp::from(row.registered_at)));
    Ok(())
}

async fn write_cards(tx: &mut Tx, cards: &[Card]) -> Result<(), StoreError> {
    write_rows!(
        tx,
        cards,
        "INSERT INTO cards (id, library_id, patron_id, number, expires_on, issued_at) ",
        |values, row| values
            .push_bind(row.id.as_uuid())
            .push_bind(row.library_id.as_uuid())
            .push_bind(row.patron_id.as_uuid())
            .push_bind(row.number.as_str().to_owned())
            .push_bind(row.expires_on)
            .push_bind(Timestamp::from(row.issued_at))
    );
    Ok(())
}

async fn write_applications(tx: &mut Tx, lines: &[ApplicationLine]) -> Result<(), StoreError> {
    write_rows!(
        tx,
        lines,
        "INSERT INTO applications (id, library_id, reference, procedure, rules_version, row_version, started_at,
             last_version, patron_id, branch, due_on, state, expires_at, version_number, version_digest, submitted_at,
             service_used, running_since, reviewer_id, decided_by_rule, decided_at, ended_at) ",
        |values, row| {
            let ApplicationLine { application, columns, .. } = row;
            values
                .push_bind(application.id.as_uuid())
                .push_bind(application.library_id.as_uuid())
                .push_bind(application.reference.to_string())
                .push_bind(application.procedure.as_str())
                .push_bind(i64::from(application.rules_version))
                .push_bind(application.row_version)
                .push_bind(Timestamp::from(application.started_at))
                .push_bind(i64::from(application.last_version))
                .push_bind(application.patron_id.map(PatronId::as_uuid))
                .push_bind(application.branch.as_ref().map(|branch| BranchCode::as_str(branch).to_owned()))
                .push_bind(application.due_on)
                .push_bind(application.state.name())
                .push_bind(columns.expires_at)
                .push_bind(columns.version_number)
                .push_bind(columns.version_digest.clone())
                .push_bind(columns.submitted_at)
                .push_bind(columns.service_used)
                .push_bind(columns.running_since)
                .push_bind(columns.reviewer_id)
                .push_bind(columns.decided_by_rule)
                .push_bind(columns.decided_at)
                .push_bind(columns.ended_at)
        }
    );
    Ok(())
}

async fn write_answers(tx: &mut Tx, lines: &[ApplicationLine]) -> Result<(), StoreError> {
    write_rows!(tx, lines, "INSERT INTO drafts (application_id, library_id, answers) ", |values, row| values
        .push_bind(row.application.id.as_uuid())
        .push_bind(row.application.library_id.as_uuid())
        .push_bind(row.answers.clone()));
    Ok(())
}

async fn write_events(tx: &mut Tx, lines: &[ApplicationLine]) -> Result<(), StoreError> {
    write_rows!(
        tx,
        lines,
        "INSERT INTO events (application_id, seq, library_id, kind, actor, staff_id, version_number, detail,
             occurred_at, prev_hash, hash) ",
        |values, row| {
            let ChainedEvent { event, seq, prev_hash, hash } = &row.event;
            values
                .push_bind(event.application_id.as_uuid())
                .push_bind(*seq)
                .push_bind(event.library_id.as_uuid())
                .push_bind(event.kind.as_str())
                .push_bind(event.actor.kind())
                .push_bind(event.actor.staff_id().map(StaffId::as_uuid))
                .push_bind(i64::from(event.version))
                .push_bind(event.detail.clone())
                .push_bind(Timestamp::from(event.at))
                .push_bind(prev_hash.to_vec())
                .push_bind(hash.to_vec())
        }
    );
    Ok(())
}

/// Patron and application name each other, so one of them learns it afterwards.
async fn name_first_applications(tx: &mut Tx, lines: &[ApplicationLine]) -> Result<(), StoreError> {
    let made: Vec<PatronId> = lines
        .iter()
        .map(|line| &line.application)
        .filter(|one| one.procedure == Procedure::NewCard && matches!(one.state, ApplicationState::Issued { .. }))
        .filter_map(|one| one.patron_id)
        .collect();
    for chunk in made.chunks(ROWS) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "UPDATE patrons SET application_id = (SELECT a.id FROM applications a
                     WHERE a.patron_id = patrons.id AND a.procedure = 'new_card' AND a.state = 'issued')
                 WHERE id IN (",
            );
            let mut ids = sql.separated(", ");
            for id in chunk {
                ids.push_bind(id.as_uuid());
            }
            sql.push(")");
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}
