//! The reviewer's work: the queue, the claim, the file, the decision.

use super::about_card::{AboutCard, must_be_possible};
use super::apply::rules_of;
use super::attach::Attachment;
use super::duplicates::{DuplicateCount, must_be_no_duplicate};
use super::issue::{Case, Grant};
use super::record::staff_event;
use super::relations::must_be_unrelated;
use super::revocation::last_answer;
use super::{Error, Once, Portal, certificate_number};
use crate::domain::application::{Application, Decider, REVIEW_LEASE, Refused};
use crate::domain::card::Card;
use crate::domain::certificate_number::NumberState;
use crate::domain::duplicate::PersonFacts;
use crate::domain::event::{Actor, ChainedEvent, EventKind};
use crate::domain::library::Library;
use crate::domain::likeness::{Comparison, compare};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::review::{Decision, DeclineReason, Outcome};
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::domain::version::Version;
use crate::jpki::{self, CrlSet, Verdict};
use crate::store::applications::QueueQuery;
pub use crate::store::applications::{QueueCounts, QueueFlag, QueueKey, QueueRow, QueueSearch, QueueTab};
use crate::store::evidence::{self as archives, SignatureKey};
pub use crate::store::revocation_answers::{AnswerSource, LaterAnswer, RevokedSince};
use crate::store::signatures::SignatureEvidence;
pub use crate::store::signatures::{RevocationAnswer, SigningWay};
use crate::store::versions::FrozenVersion;
use crate::store::{
    Tx, applications, attachments, certificate_links, decisions, events, revocation_checks, signatures, staff, versions,
};
use time::OffsetDateTime;

/// How many rows a page of the queue shows.
pub const QUEUE_PAGE: u32 = 25;

/// One page of the queue, oldest first.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// The rows.
    pub rows: Vec<QueueRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<QueueKey>,
    /// How many there are in each tab.
    pub counts: QueueCounts,
    /// How many certificates behind issued cards were found revoked since.
    pub revoked_links: u64,
}

/// Everything that a reviewer sees of one application. All of it is read from what was signed.
#[derive(Debug, Clone)]
pub struct ReviewFile {
    /// Where it stands.
    pub application: Application,
    /// The version shown; a decision must name it.
    pub version: Version,
    /// The applicant's statement, read back from the signed document.
    pub statement: Statement,
    /// What the verification found when the signature arrived.
    pub verdict: Verdict,
    /// Whether the certificate was revoked when the signature arrived, as far as is known by now.
    pub revocation: RevocationAnswer,
    /// The last answer about it after the receipt.
    pub later: Option<LaterAnswer>,
    /// How it was signed.
    pub way: SigningWay,
    /// True if the signature is inside the document, not beside it.
    pub is_signed_inside: bool,
    /// When the evidence was time-stamped, if it was.
    pub stamped_at: Option<OffsetDateTime>,
    /// When it is asked again, while it is unknown.
    pub asked_again_at: Option<OffsetDateTime>,
    /// Declared against certified, fact by fact.
    pub comparison: Vec<Comparison>,
    /// What happened, in order.
    pub timeline: Vec<ChainedEvent>,
    /// The colleagues that the timeline names.
    pub staff: Vec<StaffMember>,
    /// The standing decision, if there is one.
    pub decision: Option<Decision>,
    /// The user-authentication certificate of whoever holds the card, as far as it is known.
    pub certificate_number: Option<NumberState>,
    /// The card that it is about, and what the library knows of its holder; only for procedures about a card.
    pub about_card: Option<AboutCard>,
    /// Who may be registered already.
    pub duplicates: DuplicateCount,
    /// The pictures, without the pictures themselves.
    pub attachments: Vec<Attachment>,
}

impl Portal {
    /// One page of the queue of the reviewer's own library.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn queue(
        &self,
        by: &StaffMember,
        tab: QueueTab,
        search: Option<&QueueSearch>,
        after: Option<QueueKey>,
    ) -> Result<QueuePage, Error> {
        let now = self.clock.now();
        let scope = by.scope(Permission::SeeQueue).ok_or(Refused::NotAllowed)?;
        let branches = applications::BranchFilter::of(&scope);
        let mut tx = self.db.read().await?;
        let counts = applications::count_queue(&mut tx, by.library_id, &branches, by.id, now).await?;
        let query = QueueQuery { branches: &branches, tab, search, after, limit: QUEUE_PAGE + 1 };
        let mut rows = applications::list_queue(&mut tx, by.library_id, &query, now).await?;
        let revoked_links = certificate_links::count_revoked(&mut tx, by.library_id).await?;
        let more = rows.len() > QUEUE_PAGE as usize;
        rows.truncate(QUEUE_PAGE as usize);
        let next = if more { rows.last().map(QueueRow::key) } else { None };
        Ok(QueuePage { rows, next, counts, revoked_links })
    }

    /// Opens a file. Each opening is recorded; one that prolongs the reviewer's own claim also slides its lease.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, and before submission.
    pub async fn open_file(&self, by: &StaffMember, reference: &Reference) -> Result<ReviewFile, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        applications::slide_lease(&mut tx, application.id, by.id, now, now + REVIEW_LEASE).await?;
        let application = applications::find(&mut tx, by.library_id, application.id).await?.ok_or(Error::NotFound)?;
        let (frozen, evidence) = signed_version(&mut tx, &application).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Viewed, by, now)).await?;
        let timeline = events::list(&mut tx, application.id).await?;
        let decision = decisions::find_standing(&mut tx, application.id).await?;
        let later = last_answer(&mut tx, &evidence).await?;
        let key = SignatureKey {
            library_id: application.library_id,
            application_id: application.id,
            version_number: frozen.version.number,
        };
        let stamped_at = archives::find_stamped_at(&mut tx, &key).await?;
        let open_check = revocation_checks::find(&mut tx, by.library_id, application.id).await?;
        let certificate_number = certificate_number::of_application(&mut tx, &application).await?;
        let colleagues = staff::list(&mut tx, by.library_id).await?;
        let attachments = attachments::list(&mut tx, application.id).await?;
        let statement = crate::document::read_statement(&frozen.document)?;
        let about_card = AboutCard::find(&mut tx, &application, &statement, now).await?;
        tx.commit().await?;

        let verdict: Verdict =
            serde_json::from_str(&evidence.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
        let holder = verdict.signer.as_ref().and_then(|signer| signer.holder.as_ref());
        let comparison = holder.map_or_else(Vec::new, |holder| compare(&statement.answers, holder));
        let version = frozen.version;
        let revocation = later.as_ref().map_or(evidence.revocation, |later| later.answer);
        let duplicates = self.count_duplicates(&application, &PersonFacts::from(&statement.answers)).await?;
        Ok(ReviewFile {
            application,
            version,
            statement,
            verdict,
            revocation,
            later,
            way: evidence.way,
            is_signed_inside: evidence.pdf_update.is_some(),
            stamped_at,
            asked_again_at: open_check.map(|check| check.next_at),
            comparison,
            timeline,
            staff: colleagues,
            decision,
            certificate_number,
            about_card,
            duplicates,
            attachments,
        })
    }

    /// The signed document, byte for byte, with the signature if that is inside. Taking it is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, and before submission.
    pub async fn signed_document(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<u8>, Error> {
        let (frozen, evidence) = self.take_evidence(by, reference).await?;
        Ok(signed_document_of(&frozen, &evidence))
    }

    /// The detached signature over [`signed_document`](Self::signed_document), as CMS. Taking it is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, before submission, and if the signature is inside the document.
    pub async fn signature(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<u8>, Error> {
        let (_, evidence) = self.take_evidence(by, reference).await?;
        if evidence.pdf_update.is_some() { Err(Error::NotFound) } else { Ok(evidence.cms) }
    }

    async fn take_evidence(
        &self,
        by: &StaffMember,
        reference: &Reference,
    ) -> Result<(FrozenVersion, SignatureEvidence), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::TakeEvidence, reference).await?;
        let signed = signed_version(&mut tx, &application).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::EvidenceTaken, by, now)).await?;
        tx.commit().await?;
        Ok(signed)
    }

    async fn signed(
        &self,
        tx: &mut Tx,
        by: &StaffMember,
        reference: &Reference,
    ) -> Result<(FrozenVersion, SignatureEvidence), Error> {
        let application = file_for(tx, by, Permission::OpenFile, reference).await?;
        signed_version(tx, &application).await
    }

    /// Claims an application, or prolongs one's own claim.
    ///
    /// # Errors
    /// [`Error::Refused`] while a colleague's claim lives; [`Error::Stale`] if one was quicker; [`Error::Related`] for
    /// their own people.
    pub async fn claim(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Review, reference).await?;
        must_be_unrelated(&mut tx, by, &application).await?;
        let application = applications::save(&mut tx, application.claim(by, now)?).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Claimed, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Puts one's own claim back into the queue.
    ///
    /// # Errors
    /// [`Error::Refused`] unless one holds it.
    pub async fn release(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Review, reference).await?;
        let application = applications::save(&mut tx, application.release(by)?).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Released, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Decides yes on the version that the reviewer saw, and issues the card.
    ///
    /// The signature is verified once more, as of its arrival: a certificate that has merely run
    /// out since is no ground to refuse, a document that has changed is. The newest revocation list is asked as well.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim or on another version, [`Error::Repeated`] for the second sending,
    /// [`Error::RevocationUnknown`] and [`Error::CertificateRevoked`] unless the certificate was good on receipt,
    /// [`Error::DuplicateHold`] while somebody may be the applicant, [`Error::Related`] for their own people.
    pub async fn approve(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        seen: Version,
        once: &Once,
    ) -> Result<Card, Error> {
        let (statement, evidence) = self.verified_statement(by, reference).await?;
        let now = self.clock.now();
        self.check_revocation(by, &evidence, seen, now).await?;
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Decide, reference).await?;
        must_be_unrelated(&mut tx, by, &application).await?;
        let application = applications::save(&mut tx, application.approve(by, seen, None, now)?).await?;
        if statement.request.is_none() {
            must_be_no_duplicate(&mut tx, &application, &PersonFacts::from(&statement.answers), now).await?;
        }
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        decisions::insert(&mut tx, &decision(&application, seen, Outcome::Approved, by, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Approved, by, now)).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        must_be_possible(&mut tx, &case, statement.request.as_ref(), now).await?;
        let grant = Grant { request: statement.request.as_ref(), evidence: &evidence, by: Actor::Staff(by.id) };
        let card = self.issue(&mut tx, &case, &grant, now).await?;
        tx.commit().await?;
        Ok(card)
    }

    /// Decides no on the version that the reviewer saw, and tells the applicant why.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub async fn decline(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        seen: Version,
        reason: DeclineReason,
        once: &Once,
    ) -> Result<(), Error> {
        let statement = self.statement(by, reference).await?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = file_for(&mut tx, by, Permission::Decide, reference).await?;
        must_be_unrelated(&mut tx, by, &application).await?;
        let application = applications::save(&mut tx, application.decline(by, seen, now)?).await?;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        self.announce_refusal(&mut tx, &case, &reason, now).await?;
        decisions::insert(&mut tx, &decision(&application, seen, Outcome::Declined(reason), by, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Declined, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Asks about revocation if `by` could approve at all: whoever could not learns that first.
    async fn check_revocation(
        &self,
        by: &StaffMember,
        evidence: &SignatureEvidence,
        seen: Version,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let mut tx = self.db.read().await?;
        let application =
            applications::find(&mut tx, by.library_id, evidence.application_id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        if application.clone().approve(by, seen, None, now).is_err() {
            return Ok(());
        }
        self.check_before_approval(&application, evidence).await
    }

    /// The statement of the signed version. The store has proved that the document is the frozen one.
    async fn statement(&self, by: &StaffMember, reference: &Reference) -> Result<Statement, Error> {
        let mut tx = self.db.read().await?;
        let (frozen, _) = self.signed(&mut tx, by, reference).await?;
        Ok(crate::document::read_statement(&frozen.document)?)
    }

    /// The statement of the signed version, after its signature has been verified once more as of its arrival.
    async fn verified_statement(
        &self,
        by: &StaffMember,
        reference: &Reference,
    ) -> Result<(Statement, SignatureEvidence), Error> {
        let mut tx = self.db.read().await?;
        let (frozen, evidence) = self.signed(&mut tx, by, reference).await?;
        drop(tx);
        Ok((self.verify_again(&frozen, &evidence)?, evidence))
    }

    /// The statement of a signed version, after its signature has been verified once more as of its arrival.
    pub(super) fn verify_again(
        &self,
        frozen: &FrozenVersion,
        evidence: &SignatureEvidence,
    ) -> Result<Statement, Error> {
        let (document, at) = (Some(frozen.document.as_slice()), evidence.received_at);
        let verdict = match &evidence.pdf_update {
            Some(_) => {
                let signed = signed_document_of(frozen, evidence);
                jpki::verify_pdf(&signed, document, &self.trust, &CrlSet::default(), at)
            }
            None => jpki::verify_cms(&evidence.cms, document, &self.trust, &CrlSet::default(), at),
        };
        if let Some(reason) = verdict.reason() {
            return Err(Error::SignatureBroken(reason));
        }
        Ok(crate::document::read_statement(&frozen.document)?)
    }
}

/// An application that `by` may use `permission` on. What lies outside their library or branches does not exist for
/// them.
pub(super) async fn file_for(
    tx: &mut Tx,
    by: &StaffMember,
    permission: Permission,
    reference: &Reference,
) -> Result<Application, Error> {
    let application = applications::find_by_reference(tx, by.library_id, reference).await?.ok_or(Error::NotFound)?;
    match application.must_be_for(by, permission) {
        Ok(()) => Ok(application),
        Err(Refused::OtherLibrary) => Err(Error::NotFound),
        Err(refused) => Err(refused.into()),
    }
}

/// The staff member as of this transaction: somebody disabled a second ago decides nothing.
pub(super) async fn acting(tx: &mut Tx, by: &StaffMember) -> Result<StaffMember, Error> {
    let account = staff::find(tx, by.library_id, by.id).await?.filter(|account| account.member.is_active());
    account.map(|account| account.member).ok_or(Error::SignedOut)
}

/// The document as it was signed: with the update that holds the signature, if it is inside.
pub(super) fn signed_document_of(frozen: &FrozenVersion, evidence: &SignatureEvidence) -> Vec<u8> {
    [frozen.document.as_slice(), evidence.pdf_update.as_deref().unwrap_or_default()].concat()
}

pub(super) async fn signed_version(
    tx: &mut Tx,
    application: &Application,
) -> Result<(FrozenVersion, SignatureEvidence), Error> {
    let number = application.signed_number();
    let Some(evidence) = signatures::find(tx, application.id, number).await? else {
        let record = events::list(tx, application.id).await?;
        let is_seeded = record.first().is_some_and(|first| first.event.kind == EventKind::Seeded);
        return Err(if is_seeded { Error::Seeded } else { Error::NotFound });
    };
    let frozen = versions::find(tx, application.id, number).await?.ok_or(Error::NotFound)?;
    Ok((frozen, evidence))
}

fn decision(
    application: &Application,
    seen: Version,
    outcome: Outcome,
    by: &StaffMember,
    now: OffsetDateTime,
) -> Decision {
    Decision {
        library_id: application.library_id,
        application_id: application.id,
        version: seen,
        outcome,
        decided_by: Decider::Staff(by.id),
        decided_at: now,
    }
}
