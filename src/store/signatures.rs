//! Signature evidence: what came back from the card, kept whole, with what was found when it was verified.

use super::rows::corrupt;
use super::seal::{self, HashPurpose, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::procedure::Procedure;
use crate::domain::procedure::UnknownName;
use crate::domain::reference::Reference;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use uuid::Uuid;

/// What the revocation lists said of the signing certificate on receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationAnswer {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// Nobody could say.
    Unknown,
}

impl RevocationAnswer {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for RevocationAnswer {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Good, Self::Revoked, Self::Unknown].into_iter().find(|answer| answer.as_str() == name).ok_or(UnknownName)
    }
}

/// How a version was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningWay {
    /// In the signing app, on the device of the application.
    App,
    /// In the signing app on a telephone, handed over from a PC.
    Phone,
    /// With other software; the signature was uploaded.
    Upload,
}

impl SigningWay {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Phone => "phone",
            Self::Upload => "upload",
        }
    }
}

impl FromStr for SigningWay {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::App, Self::Phone, Self::Upload].into_iter().find(|way| way.as_str() == name).ok_or(UnknownName)
    }
}

/// The evidence for the signature over one version. It names the signer, so it is kept sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureEvidence {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The version that was signed.
    pub version_number: u32,
    /// The CMS `SignedData`, detached, in DER.
    pub cms: Vec<u8>,
    /// The signing certificate in DER.
    pub certificate: Vec<u8>,
    /// The verification's steps and facts as JSON.
    pub verdict_json: String,
    /// Whether the certificate was revoked.
    pub revocation: RevocationAnswer,
    /// See [`signer_token`].
    pub signer_token: [u8; 32],
    /// How it was signed.
    pub way: SigningWay,
    /// SHA-256 of the token of the browser session that is shown the receipt.
    pub session_hash: Option<[u8; 32]>,
    /// The bytes that a PDF signature added to the document, if it was signed so; the signed PDF is both together.
    pub pdf_update: Option<Vec<u8>>,
    /// When it was received; the time for which it was verified.
    pub received_at: OffsetDateTime,
}

impl fmt::Debug for SignatureEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignatureEvidence({} version {})", self.application_id, self.version_number)
    }
}

#[derive(sqlx::FromRow)]
struct SignatureRow {
    library_id: Uuid,
    cms: Vec<u8>,
    certificate: Vec<u8>,
    verdict: Vec<u8>,
    revocation: String,
    signer_token: Vec<u8>,
    received_at: Timestamp,
    way: String,
    session_hash: Option<Vec<u8>>,
    pdf_update: Option<Vec<u8>>,
}

/// The token of a signer within one library: a keyed hash of the certificate's issuer and serial number.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such library.
pub async fn signer_token(
    tx: &mut Tx,
    library_id: LibraryId,
    issuer: &[u8],
    serial: &[u8],
) -> Result<[u8; 32], StoreError> {
    seal::keyed_hash(tx, library_id, HashPurpose::Signer, &[issuer, serial]).await
}

/// The token under which a guardian's application for these children is open: another one for each other set of
/// children, and none of them the guardian's own.
///
/// # Errors
/// As [`signer_token`].
pub async fn guardian_token(
    tx: &mut Tx,
    library_id: LibraryId,
    issuer: &[u8],
    serial: &[u8],
    children: &[String],
) -> Result<[u8; 32], StoreError> {
    let mut parts = vec![issuer, serial];
    parts.extend(children.iter().map(String::as_bytes));
    seal::keyed_hash(tx, library_id, HashPurpose::Signer, &parts).await
}

/// Inserts the evidence, and marks the application with the token under which it is open: its signer's, or that of a
/// guardian for these children.
///
/// # Errors
/// [`StoreError::Duplicate`] if the version is signed already, or the signer has another open
/// application for the same procedure.
pub async fn insert(tx: &mut Tx, evidence: &SignatureEvidence, open_as: &[u8; 32]) -> Result<(), StoreError> {
    let place = place(evidence.application_id, evidence.version_number);
    let cms = seal::seal(tx, &place, &evidence.cms).await?;
    let certificate = seal::seal(tx, &place.beside("certificate"), &evidence.certificate).await?;
    let verdict = seal::seal(tx, &place.beside("verdict"), evidence.verdict_json.as_bytes()).await?;
    let pdf_update = match &evidence.pdf_update {
        Some(update) => Some(seal::seal(tx, &place.beside("pdf_update"), update).await?),
        None => None,
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO signatures (application_id, version_number, library_id, cms, certificate, verdict, revocation,
                 signer_token, received_at, way, session_hash, pdf_update)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(evidence.application_id.as_uuid())
        .bind(i64::from(evidence.version_number))
        .bind(evidence.library_id.as_uuid())
        .bind(cms)
        .bind(certificate)
        .bind(verdict)
        .bind(evidence.revocation.as_str())
        .bind(&evidence.signer_token[..])
        .bind(Timestamp::from(evidence.received_at))
        .bind(evidence.way.as_str())
        .bind(evidence.session_hash.map(|hash| hash.to_vec()))
        .bind(pdf_update)
        .execute(conn)
        .await
        .map(drop)
    })?;
    on!(tx, |conn| {
        sqlx::query("UPDATE applications SET signer_token = $1 WHERE id = $2 AND library_id = $3")
            .bind(&open_as[..])
            .bind(evidence.application_id.as_uuid())
            .bind(evidence.library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Finds the evidence for a version.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(
    tx: &mut Tx,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Option<SignatureEvidence>, StoreError> {
    let row: Option<SignatureRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, cms, certificate, verdict, revocation, signer_token, received_at, way, session_hash,
                 pdf_update
             FROM signatures WHERE application_id = $1 AND version_number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let place = place(application_id, version_number);
    let broken = || corrupt(place.table, &place.row);
    let session_hash = row.session_hash.map(|hash| hash.as_slice().try_into()).transpose().map_err(|_| broken())?;
    let pdf_update = match row.pdf_update {
        Some(update) => Some(seal::open(tx, &place.beside("pdf_update"), &update).await?.to_vec()),
        None => None,
    };
    Ok(Some(SignatureEvidence {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version_number,
        cms: seal::open(tx, &place, &row.cms).await?.to_vec(),
        certificate: seal::open(tx, &place.beside("certificate"), &row.certificate).await?.to_vec(),
        verdict_json: seal::open_text(tx, &place.beside("verdict"), &row.verdict).await?,
        revocation: row.revocation.parse().map_err(|_| broken())?,
        signer_token: row.signer_token.as_slice().try_into().map_err(|_| broken())?,
        way: row.way.parse().map_err(|_| broken())?,
        session_hash,
        pdf_update,
        received_at: row.received_at.time(),
    }))
}

/// What lies beside a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// True if somebody was asked about its certificate after the receipt, and has answered.
    pub is_answered: bool,
    /// True while the question is open.
    pub is_asked: bool,
    /// True if a guardian has signed the same version.
    pub is_cosigned: bool,
}

/// Tells what lies beside the signature of a version, in one look: mostly nothing does.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_beside(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Beside, StoreError> {
    let (answers, checks, cosignatures): (i64, i64, i64) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM revocation_answers
                     WHERE application_id = $1 AND version_number = $2 AND library_id = $3),
                 (SELECT COUNT(*) FROM revocation_checks WHERE application_id = $1 AND library_id = $3),
                 (SELECT COUNT(*) FROM cosignatures WHERE application_id = $1 AND version_number = $2)",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(Beside { is_answered: answers > 0, is_asked: checks > 0, is_cosigned: cosignatures > 0 })
}

/// Takes an applicant's signature out again that the library never had: its guardian did not sign as well.
///
/// # Errors
/// [`StoreError::Database`]; among others if anything rests on it, for then it stays.
pub async fn void(tx: &mut Tx, application_id: ApplicationId, version_number: u32) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM signatures WHERE application_id = $1 AND version_number = $2")
            .bind(application_id.as_uuid())
            .bind(i64::from(version_number))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Finds the signer's application that is still in the queue.
///
/// # Errors
/// [`StoreError::Corrupt`] if its reference cannot be read.
pub async fn find_open_by_signer(
    tx: &mut Tx,
    library_id: LibraryId,
    procedure: Procedure,
    signer_token: &[u8; 32],
) -> Result<Option<Reference>, StoreError> {
    let reference: Option<String> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT reference FROM applications
             WHERE library_id = $1 AND signer_token = $2 AND procedure = $3
                 AND state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved') LIMIT 1",
        )
        .bind(library_id.as_uuid())
        .bind(&signer_token[..])
        .bind(procedure.as_str())
        .fetch_optional(conn)
        .await
    })?;
    reference.map(|text| text.parse().map_err(|_| corrupt("applications", &text))).transpose()
}

fn place(application_id: ApplicationId, version_number: u32) -> Place {
    Place::new("signatures", "cms", format_args!("{application_id}/{version_number}"), application_id.as_uuid())
}
