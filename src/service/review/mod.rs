//! The reviewer's work: the queue, the claim, the file, the decision.

mod asked;
mod batch;
mod claim;
mod cosigner;
mod decide;
mod file;
mod hold;
mod opinion;
mod preview;
mod proof;
mod queue;
mod reopen;
mod reopened;

pub use crate::store::applications::{
    QueueCounts, QueueFilter, QueueFlag, QueueKey, QueueRow, QueueSearch, QueueTab, QueueWalk,
};
pub use crate::store::notices::NoticeTimes;
pub use crate::store::revocation_answers::{AnswerSource, LaterAnswer, RevokedSince};
pub use crate::store::signatures::{RevocationAnswer, SigningWay};
pub use crate::store::takeovers::Takeover;
pub use asked::CorrectionRound;
pub use batch::{BatchItem, LARGEST_BATCH};
pub(super) use claim::release_all;
pub use cosigner::GuardianSignature;
pub(super) use cosigner::is_guardian;
pub use decide::Approval;
pub use file::ReviewFile;
pub use preview::{NoticePreview, Planned};
pub use queue::{Neighbours, QUEUE_PAGE, QueuePage, QueueView, due_by};

use super::{Error, Once, Portal};
use crate::document::read_statement;
use crate::domain::application::{Application, ApplicationState, Refused};
use crate::domain::event::EventKind;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::visit::Sighting;
use crate::store::signatures::SignatureEvidence;
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, applications, events, signatures, staff, versions, visits};
use time::OffsetDateTime;

/// An application that `by` may use `permission` on. What lies outside their library or branches does not exist for
/// them.
pub(super) async fn file_for(
    tx: &mut Tx,
    by: &StaffMember,
    permission: Permission,
    reference: &Reference,
) -> Result<Application, Error> {
    allowed(applications::find_by_reference(tx, by.library_id, reference).await?, by, permission)
}

fn allowed(found: Option<Application>, by: &StaffMember, permission: Permission) -> Result<Application, Error> {
    let application = found.ok_or(Error::NotFound)?;
    match application.must_be_for(by, permission) {
        Ok(()) => Ok(application),
        Err(Refused::OtherLibrary) => Err(Error::NotFound),
        Err(refused) => Err(refused.into()),
    }
}

/// The staff member as of this transaction: somebody disabled a second ago decides nothing.
pub(super) async fn acting(tx: &mut Tx, by: &StaffMember) -> Result<StaffMember, Error> {
    let member = staff::find_member(tx, by.library_id, by.id).await?.filter(StaffMember::is_active);
    member.ok_or(Error::SignedOut)
}

/// A file that somebody works on, in the transaction that will change it.
pub(super) struct Work {
    pub(super) tx: Tx,
    pub(super) by: StaffMember,
    pub(super) application: Application,
}

impl Portal {
    /// Begins to decide on a file as [`begin_work`](Self::begin_work) begins to work on it: nobody else changes it from
    /// here on, and what is written is gathered. Tells also whether anything may keep `by` from it.
    ///
    /// # Errors
    /// As [`begin_work`](Self::begin_work).
    pub(super) async fn begin_decision(
        &self,
        (by, permission): (&StaffMember, Permission),
        reference: &Reference,
        once: &Once,
        now: OffsetDateTime,
    ) -> Result<(Work, bool), Error> {
        let mut tx = self.db.begin().await?;
        tx.gather();
        once.claim(&mut tx, now).await?;
        let held = applications::hold_by_reference(&mut tx, by.library_id, reference).await?;
        let id = held.as_ref().map(|application| application.id);
        let found = staff::find_member_before(&mut tx, by.library_id, by.id, id).await?;
        let (by, may_be_tied) = found.filter(|(member, _)| member.is_active()).ok_or(Error::SignedOut)?;
        let application = allowed(held, &by, permission)?;
        Ok((Work { tx, by, application }, may_be_tied))
    }

    /// Begins to work on a file: one form, sent once, by somebody who still works here and may do this with this file.
    ///
    /// # Errors
    /// [`Error::Repeated`] for the second sending, [`Error::SignedOut`] for whoever was disabled, and as [`file_for`].
    pub(super) async fn begin_work(
        &self,
        (by, permission): (&StaffMember, Permission),
        reference: &Reference,
        once: &Once,
        now: OffsetDateTime,
    ) -> Result<Work, Error> {
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = acting(&mut tx, by).await?;
        let application = file_for(&mut tx, &by, permission, reference).await?;
        Ok(Work { tx, by, application })
    }
}

/// The document as it was signed: with the update that holds the signature, if it is inside.
pub(super) fn signed_document_of(frozen: &FrozenVersion, evidence: &SignatureEvidence) -> Vec<u8> {
    [frozen.document.as_slice(), evidence.pdf_update.as_deref().unwrap_or_default()].concat()
}

pub(super) async fn signed_version(
    tx: &mut Tx,
    application: &Application,
) -> Result<(FrozenVersion, SignatureEvidence), Error> {
    match submitted_version(tx, application).await? {
        (frozen, Proof::Signed(evidence)) => Ok((frozen, *evidence)),
        (_, Proof::Sighted(_) | Proof::Pictured) => Err(Error::NotFound),
    }
}

/// Why a version counts as its applicant's.
pub(super) enum Proof {
    /// A card signed it.
    Signed(Box<SignatureEvidence>),
    /// Staff saw documents at the counter.
    Sighted(Sighting),
    /// Its applicant sent pictures of documents; the document itself says that nobody signed it.
    Pictured,
}

impl Proof {
    pub(super) fn parts(self) -> (Option<SignatureEvidence>, Option<Sighting>) {
        match self {
            Self::Signed(evidence) => (Some(*evidence), None),
            Self::Sighted(sighting) => (None, Some(sighting)),
            Self::Pictured => (None, None),
        }
    }
}

/// The version that the library has, however it came. While a guardian is still to sign, it has none of it.
///
/// # Errors
/// [`Error::NotFound`] before submission.
pub(super) async fn submitted_version(tx: &mut Tx, application: &Application) -> Result<(FrozenVersion, Proof), Error> {
    if matches!(application.state, ApplicationState::AwaitingGuardian { answers: None, .. }) {
        return Err(Error::NotFound);
    }
    let last = application.signed_number();
    // What was taken back may have been written once more, but not signed, after the library had it.
    let is_withdrawn = matches!(application.state, ApplicationState::Withdrawn { .. });
    let first = if is_withdrawn { 1 } else { last };
    for number in (first..=last).rev() {
        let Some(frozen) = versions::find(tx, application.id, number).await? else { continue };
        if let Some(proof) = proof_of(tx, &frozen).await? {
            return Ok((frozen, proof));
        }
    }
    Err(nothing_proved(tx, application).await?)
}

async fn proof_of(tx: &mut Tx, frozen: &FrozenVersion) -> Result<Option<Proof>, Error> {
    let (id, number) = (frozen.application_id, frozen.version.number);
    if let Some(evidence) = signatures::find(tx, id, number).await? {
        return Ok(Some(Proof::Signed(Box::new(evidence))));
    }
    if let Some(sighting) = visits::find_sighting(tx, id, number).await? {
        return Ok(Some(Proof::Sighted(sighting)));
    }
    // A document that says so was made by the sending itself: what waits for a signature never says it.
    Ok(read_statement(&frozen.document)?.unsigned.then_some(Proof::Pictured))
}

/// Why there is nothing to show: nobody submitted it, or it was made up to try the portal with.
async fn nothing_proved(tx: &mut Tx, application: &Application) -> Result<Error, Error> {
    let record = events::list(tx, application.id).await?;
    let is_seeded = record.first().is_some_and(|first| first.event.kind == EventKind::Seeded);
    Ok(if is_seeded { Error::Seeded } else { Error::NotFound })
}
