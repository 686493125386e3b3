//! The guardian's signature beside an applicant's, and whom the applicant had named.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::signatures::RevocationAnswer;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::guardianship::Cosigner;
use crate::domain::ids::{ApplicationId, LibraryId};
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// The evidence for a guardian's signature over a version that its applicant has signed. It names the signer, so it is
/// kept sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The version that both signed.
    pub version_number: u32,
    /// Whom the applicant had named when it was signed.
    pub cosigner: Cosigner,
    /// The CMS `SignedData`, detached, in DER.
    pub cms: Vec<u8>,
    /// The signing certificate in DER.
    pub certificate: Vec<u8>,
    /// The verification's steps and facts as JSON.
    pub verdict_json: String,
    /// Whether the certificate was revoked on receipt, as far as is known by now.
    pub revocation: RevocationAnswer,
    /// As of the applicant's signature: [`signer_token`](super::signatures::signer_token).
    pub signer_token: [u8; 32],
    /// When it was received; the time for which it was verified.
    pub received_at: OffsetDateTime,
}

impl fmt::Debug for Cosignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosignature({} version {})", self.application_id, self.version_number)
    }
}

#[derive(sqlx::FromRow)]
struct CosignatureRow {
    library_id: Uuid,
    cosigner: Vec<u8>,
    cms: Vec<u8>,
    certificate: Vec<u8>,
    verdict: Vec<u8>,
    revocation: String,
    signer_token: Vec<u8>,
    received_at: Timestamp,
}

/// Inserts a guardian's signature.
///
/// # Errors
/// [`StoreError::Duplicate`] if the version has one already.
pub async fn insert(tx: &mut Tx, cosignature: &Cosignature) -> Result<(), StoreError> {
    let place = place(cosignature.application_id, cosignature.version_number);
    let cosigner = seal::seal_json(tx, &place, &cosignature.cosigner).await?;
    let cms = seal::seal(tx, &place.beside("cms"), &cosignature.cms).await?;
    let certificate = seal::seal(tx, &place.beside("certificate"), &cosignature.certificate).await?;
    let verdict = seal::seal(tx, &place.beside("verdict"), cosignature.verdict_json.as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO cosignatures (application_id, version_number, library_id, cosigner, cms, certificate, verdict,
                 revocation, signer_token, received_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(cosignature.application_id.as_uuid())
        .bind(i64::from(cosignature.version_number))
        .bind(cosignature.library_id.as_uuid())
        .bind(cosigner)
        .bind(cms)
        .bind(certificate)
        .bind(verdict)
        .bind(cosignature.revocation.as_str())
        .bind(&cosignature.signer_token[..])
        .bind(Timestamp::from(cosignature.received_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the guardian's signature over a version.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(
    tx: &mut Tx,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Option<Cosignature>, StoreError> {
    let row: Option<CosignatureRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, cosigner, cms, certificate, verdict, revocation, signer_token, received_at
             FROM cosignatures WHERE application_id = $1 AND version_number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let place = place(application_id, version_number);
    let broken = || corrupt(place.table, &place.row);
    Ok(Some(Cosignature {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version_number,
        cosigner: seal::open_json(tx, &place, &row.cosigner).await?,
        cms: seal::open(tx, &place.beside("cms"), &row.cms).await?.to_vec(),
        certificate: seal::open(tx, &place.beside("certificate"), &row.certificate).await?.to_vec(),
        verdict_json: seal::open_text(tx, &place.beside("verdict"), &row.verdict).await?,
        revocation: row.revocation.parse().map_err(|_| broken())?,
        signer_token: row.signer_token.as_slice().try_into().map_err(|_| broken())?,
        received_at: row.received_at.time(),
    }))
}

/// Notes what became known about the certificate since the receipt, if nothing was known.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_revocation(
    tx: &mut Tx,
    application_id: ApplicationId,
    version_number: u32,
    answer: RevocationAnswer,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE cosignatures SET revocation = $1 WHERE application_id = $2 AND version_number = $3")
            .bind(answer.as_str())
            .bind(application_id.as_uuid())
            .bind(i64::from(version_number))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(application_id: ApplicationId, version_number: u32) -> Place {
    Place::new("cosignatures", "cosigner", format_args!("{application_id}/{version_number}"), application_id.as_uuid())
}
