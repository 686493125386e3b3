//! The numbers of patrons' user-authentication certificates: sealed, and found by a keyed hash of their library.

use super::rows::corrupt;
use super::seal::{self, HashPurpose, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::certificate_number::{CertificateNumber, NumberSource, NumberState, PatronCertificate};
use crate::domain::ids::{LibraryId, PatronId};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct NumberRow {
    patron_id: Uuid,
    library_id: Uuid,
    state: String,
    source: Option<String>,
    number: Option<Vec<u8>>,
    recorded_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
    tries: i64,
    next_try_at: Option<Timestamp>,
}

const COLUMNS_OF_ALL: &str = "SELECT patron_id, library_id, state, source, number, recorded_at, confirmed_at, tries,
     next_try_at FROM certificate_numbers WHERE patron_id = $1 AND library_id = $2";

/// The columns that a state fills.
#[derive(Default)]
struct Columns<'a> {
    state: &'static str,
    number: Option<&'a CertificateNumber>,
    source: Option<NumberSource>,
    recorded_at: Option<OffsetDateTime>,
    confirmed_at: Option<OffsetDateTime>,
    tries: u32,
    next_try_at: Option<OffsetDateTime>,
}

impl<'a> Columns<'a> {
    fn of(state: &'a NumberState) -> Self {
        match state {
            NumberState::Pending { tries, next_try_at } => {
                Self { state: "pending", tries: *tries, next_try_at: Some(*next_try_at), ..Self::default() }
            }
            NumberState::Recorded { number, source, recorded_at } => Self {
                state: "recorded",
                number: Some(number),
                source: Some(*source),
                recorded_at: Some(*recorded_at),
                ..Self::default()
            },
            NumberState::Confirmed { number, source, recorded_at, confirmed_at } => Self {
                state: "confirmed",
                number: Some(number),
                source: Some(*source),
                recorded_at: Some(*recorded_at),
                confirmed_at: Some(*confirmed_at),
                ..Self::default()
            },
        }
    }
}

/// Puts down what is known of a patron's certificate, in the place of what was.
///
/// # Errors
/// [`StoreError::Duplicate`] if another patron of the library has the number.
pub async fn save(tx: &mut Tx, certificate: &PatronCertificate) -> Result<(), StoreError> {
    let PatronCertificate { library_id, patron_id, state } = certificate;
    let columns = Columns::of(state);
    let (number, token) = match columns.number {
        Some(number) => {
            let sealed = seal::seal(tx, &place(patron_id.as_uuid()), number.as_str().as_bytes()).await?;
            (Some(sealed), Some(token_of(tx, *library_id, number).await?.to_vec()))
        }
        None => (None, None),
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO certificate_numbers (patron_id, library_id, state, source, number, number_token, recorded_at,
                 confirmed_at, tries, next_try_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (patron_id) DO UPDATE SET state = excluded.state, source = excluded.source,
                 number = excluded.number, number_token = excluded.number_token, recorded_at = excluded.recorded_at,
                 confirmed_at = excluded.confirmed_at, tries = excluded.tries, next_try_at = excluded.next_try_at",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(columns.state)
        .bind(columns.source.map(NumberSource::as_str))
        .bind(number)
        .bind(token)
        .bind(columns.recorded_at.map(Timestamp::from))
        .bind(columns.confirmed_at.map(Timestamp::from))
        .bind(i64::from(columns.tries))
        .bind(columns.next_try_at.map(Timestamp::from))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds what is known of a patron's certificate.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<PatronCertificate>, StoreError> {
    let row: Option<NumberRow> = on!(tx, |conn| {
        sqlx::query_as(COLUMNS_OF_ALL).bind(patron_id.as_uuid()).bind(library_id.as_uuid()).fetch_optional(conn).await
    })?;
    match row {
        Some(row) => Ok(Some(open(tx, row).await?)),
        None => Ok(None),
    }
}

/// Lists the patrons, of all libraries, about whose certificate the register is to be asked.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list_due(tx: &mut Tx, now: OffsetDateTime, limit: u32) -> Result<Vec<PatronCertificate>, StoreError> {
    let rows: Vec<NumberRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT patron_id, library_id, state, source, number, recorded_at, confirmed_at, tries, next_try_at
             FROM certificate_numbers WHERE state = 'pending' AND next_try_at <= $1 ORDER BY next_try_at LIMIT $2",
        )
        .bind(Timestamp::from(now))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        due.push(open(tx, row).await?);
    }
    Ok(due)
}

/// Forgets a patron's number. True if there was anything to forget.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM certificate_numbers WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted > 0)
}

async fn token_of(tx: &mut Tx, library_id: LibraryId, number: &CertificateNumber) -> Result<[u8; 32], StoreError> {
    seal::keyed_hash(tx, library_id, HashPurpose::CertificateNumber, &[number.as_str().as_bytes()]).await
}

async fn open(tx: &mut Tx, row: NumberRow) -> Result<PatronCertificate, StoreError> {
    let broken = || corrupt("certificate_numbers", row.patron_id);
    let state = match (row.number, row.source, row.recorded_at, row.next_try_at) {
        (Some(sealed), Some(source), Some(recorded_at), None) => {
            let text = seal::open_text(tx, &place(row.patron_id), &sealed).await?;
            let number = text.parse().map_err(|_| broken())?;
            let (source, recorded_at) = (source.parse().map_err(|_| broken())?, recorded_at.time());
            match (row.state.as_str(), row.confirmed_at) {
                ("recorded", None) => NumberState::Recorded { number, source, recorded_at },
                ("confirmed", Some(at)) => {
                    NumberState::Confirmed { number, source, recorded_at, confirmed_at: at.time() }
                }
                _ => return Err(broken()),
            }
        }
        (None, None, None, Some(next_try_at)) => NumberState::Pending {
            tries: u32::try_from(row.tries).map_err(|_| broken())?,
            next_try_at: next_try_at.time(),
        },
        _ => return Err(broken()),
    };
    Ok(PatronCertificate {
        library_id: LibraryId::from_uuid(row.library_id),
        patron_id: PatronId::from_uuid(row.patron_id),
        state,
    })
}

fn place(patron_id: Uuid) -> Place {
    Place::new("certificate_numbers", "number", patron_id, patron_id)
}
