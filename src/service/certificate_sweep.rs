//! The sweep: every certificate on which a card was issued, against the newest lists.
//!
//! A million of them must be looked at while a list is fresh. So the serial numbers are opened in batches, beside
//! the reading of the next batch, and passed through a sieve of everything that the lists name; only what may be
//! named is asked about in full, with the certificate from the evidence.

use super::{Error, Portal};
use crate::domain::card::Card;
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::ids::{ApplicationId, CertificateLinkId, LibraryId};
use crate::gateway::revocation::NamedSerials;
use crate::jpki::{Certificate, CrlSet, RevocationStatus, Verdict};
use crate::store::certificate_links::{self, CertificateLink, SealedLink, SerialOpener};
use crate::store::revocation_answers::RevokedSince;
use crate::store::signatures::SignatureEvidence;
use crate::store::{Db, StoreError, Tx, applications, events, libraries, signatures};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use time::OffsetDateTime;

/// How many links are read and opened at a time.
const BATCH: u32 = 20_000;

/// The lists that the last sweep went by: the same lists are not gone by twice.
#[derive(Debug, Default)]
pub struct SweptLists(Mutex<Weak<CrlSet>>);

/// What a sweep came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many links were looked at.
    pub looked_at: u64,
    /// How many of them were found revoked, which were not before.
    pub revoked: u64,
}

impl Portal {
    /// Checks every linked certificate if newer lists have come into force since the last time; `None` if not.
    ///
    /// # Errors
    /// Only the store's. A link that cannot be opened is logged and keeps nobody else's from being looked at.
    pub async fn sweep_certificates(&self) -> Result<Option<Swept>, Error> {
        let lists = self.revocation.current();
        let by_these = |swept: &Weak<CrlSet>| swept.upgrade().is_some_and(|swept| Arc::ptr_eq(&swept, &lists));
        if by_these(&self.swept.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(None);
        }
        let of_lists = Arc::clone(&lists);
        let named = tokio::task::spawn_blocking(move || Arc::new(NamedSerials::of(&of_lists))).await;
        let named = named.map_err(|_| Error::Internal("the lists were cut off"))?;
        let mut swept = Swept::default();
        for library in libraries::list(&mut self.db.read().await?).await? {
            let (looked_at, suspects) = sift(&self.db, library.id, &named).await?;
            swept.looked_at += looked_at;
            for suspect in suspects {
                swept.revoked += u64::from(self.judge(library.id, suspect).await?);
            }
        }
        *self.swept.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&lists);
        if swept.revoked > 0 {
            tracing::info!(looked_at = swept.looked_at, revoked = swept.revoked, "linked certificates were revoked");
        }
        Ok(Some(swept))
    }

    /// Asks about one certificate in full, and marks it if it was revoked.
    async fn judge(&self, library_id: LibraryId, id: CertificateLinkId) -> Result<bool, Error> {
        let now = self.clock.now();
        let Some((application_id, certificate, not_after)) = self.linked_certificate(library_id, id).await? else {
            tracing::warn!(link = %id, "a linked certificate may be revoked, but its evidence is gone");
            return Ok(false);
        };
        let answer = self.revocation.check_lists(&certificate, &self.trust, now.min(not_after));
        let RevocationStatus::Revoked { at, reason } = answer.status else { return Ok(false) };
        let mut tx = self.db.begin().await?;
        let revoked = RevokedSince { at, reason };
        if !certificate_links::mark_revoked(&mut tx, library_id, id, revoked, now).await? {
            return Ok(false);
        }
        let version = applications::find(&mut tx, library_id, application_id).await?.map_or(0, |one| one.last_version);
        let event = Event {
            library_id,
            application_id,
            kind: EventKind::CertificateRevoked,
            actor: Actor::System,
            version,
            detail: String::new(),
            at: now,
        };
        events::insert(&mut tx, &event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The certificate of a link, from the evidence; `None` if that is gone.
    pub(super) async fn linked_certificate(
        &self,
        library_id: LibraryId,
        id: CertificateLinkId,
    ) -> Result<Option<(ApplicationId, Vec<u8>, OffsetDateTime)>, Error> {
        let mut tx = self.db.read().await?;
        let Some(application_id) = certificate_links::find_application(&mut tx, library_id, id).await? else {
            return Ok(None);
        };
        let Some(application) = applications::find(&mut tx, library_id, application_id).await? else { return Ok(None) };
        let evidence = match signatures::find(&mut tx, application_id, application.signed_number()).await {
            Ok(Some(evidence)) => evidence,
            // The contents of the application were erased after the issue.
            Ok(None) | Err(StoreError::Unsealable { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let verdict: Verdict =
            serde_json::from_str(&evidence.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
        Ok(verdict.signer.map(|signer| (application_id, evidence.certificate, signer.not_after)))
    }
}

/// Remembers on which certificate a card is being issued.
pub(super) async fn link_certificate(
    tx: &mut Tx,
    card: &Card,
    evidence: &SignatureEvidence,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let certificate = Certificate::parse(&evidence.certificate).map_err(Error::SignatureBroken)?;
    let link = CertificateLink {
        id: CertificateLinkId::new(now),
        library_id: card.library_id,
        patron_id: card.patron_id,
        application_id: evidence.application_id,
        signer_token: evidence.signer_token,
        serial: certificate.serial_number().to_vec(),
        linked_at: now,
    };
    Ok(certificate_links::insert(tx, &link).await?)
}

/// The links of a library that the lists may name, and how many links there are. A batch is opened while the next
/// one is read.
///
/// # Errors
/// Only the store's.
pub async fn sift(
    db: &Db,
    library_id: LibraryId,
    named: &Arc<NamedSerials>,
) -> Result<(u64, Vec<CertificateLinkId>), Error> {
    let mut tx = db.read().await?;
    let opener = certificate_links::opener(&mut tx, library_id).await?;
    let (mut looked_at, mut suspects, mut after) = (0, Vec::new(), None);
    let mut opening = None;
    loop {
        let batch = certificate_links::list_live_after(&mut tx, library_id, after, BATCH).await?;
        after = batch.last().map(SealedLink::id);
        looked_at += batch.len() as u64;
        let is_last = batch.len() < BATCH as usize;
        let (opener, named) = (opener.clone(), Arc::clone(named));
        let next = tokio::task::spawn_blocking(move || sieve(&batch, &opener, &named));
        for opened in [opening.replace(next), opening.take_if(|_| is_last)].into_iter().flatten() {
            suspects.extend(opened.await.map_err(|_| Error::Internal("a sweep was cut off"))?);
        }
        if is_last {
            return Ok((looked_at, suspects));
        }
    }
}

fn sieve(batch: &[SealedLink], opener: &SerialOpener, named: &NamedSerials) -> Vec<CertificateLinkId> {
    let may_be_named = |link: &&SealedLink| match opener.open(link) {
        Ok(serial) => named.may_name(&serial),
        Err(error) => {
            tracing::error!(link = %link.id(), %error, "a linked certificate cannot be looked at");
            false
        }
    };
    batch.iter().filter(may_be_named).map(SealedLink::id).collect()
}
