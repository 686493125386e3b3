//! One application's file, as a reviewer reads it.

use super::asked::{CorrectionRound, rounds_of};
use super::cosigner::GuardianSignature;
use super::decide::{circumstances, comparison_of, second_because, verdict_of};
use super::{Proof, file_for, signed_document_of, submitted_version};
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState, REVIEW_LEASE};
use crate::domain::card::Card;
use crate::domain::certificate_number::NumberState;
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::library::{EvidenceKind, SecondBecause};
use crate::domain::likeness::{Comparison, Likeness};
use crate::domain::permission::Permission;
use crate::domain::proof::PlannedExpiry;
use crate::domain::reference::Reference;
use crate::domain::review::{Decision, FirstApproval, Hold, Memo, Opinion};
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::domain::version::Version;
use crate::domain::visit::Sighting;
use crate::jpki::{StepOutcome, Verdict};
use crate::service::about_card::AboutCard;
use crate::service::attach::Attachment;
use crate::service::duplicates::DuplicateCount;
use crate::service::issue::holders;
use crate::service::record::staff_event;
use crate::service::relations::is_related;
use crate::service::revocation::last_answer;
use crate::service::{Error, Portal, certificate_number, proofs};
use crate::store::evidence::{self as archives, SignatureKey};
use crate::store::messages::Side;
use crate::store::notices::{self, NoticeTimes};
use crate::store::revocation_answers::LaterAnswer;
use crate::store::signatures::{RevocationAnswer, SigningWay};
use crate::store::versions::FrozenVersion;
use crate::store::{
    Tx, applications, attachments, cards, decisions, events, first_approvals, holds, libraries, memos, messages,
    opinions, revocation_checks, staff,
};
use time::{Date, OffsetDateTime};

/// Everything that a reviewer sees of one application. All of it is read from what was signed.
#[derive(Debug, Clone)]
pub struct ReviewFile {
    /// Where it stands.
    pub application: Application,
    /// The version shown; a decision must name it.
    pub version: Version,
    /// The applicant's statement, read back from the signed document.
    pub statement: Statement,
    /// What the verification found when the signature arrived; nothing where no card signed.
    pub verdict: Option<Verdict>,
    /// What staff saw at the counter, in place of a signature.
    pub sighting: Option<Sighting>,
    /// Whether the certificate was revoked when the signature arrived, as far as is known by now.
    pub revocation: RevocationAnswer,
    /// The last answer about it after the receipt.
    pub later: Option<LaterAnswer>,
    /// How it was signed, if it was.
    pub way: Option<SigningWay>,
    /// True if the signature is inside the document, not beside it.
    pub is_signed_inside: bool,
    /// The guardian's signature over the same bytes, if there is one.
    pub guardian: Option<GuardianSignature>,
    /// When the evidence was time-stamped, if it was.
    pub stamped_at: Option<OffsetDateTime>,
    /// When it is asked again, while it is unknown.
    pub asked_again_at: Option<OffsetDateTime>,
    /// Declared against certified, fact by fact.
    pub comparison: Vec<Comparison>,
    /// What happened, in order.
    pub timeline: Vec<ChainedEvent>,
    /// When its notices were placed, told of and opened, oldest first.
    pub notices: Vec<NoticeTimes>,
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
    /// What it was put aside for, while it is.
    pub hold: Option<Hold>,
    /// What colleagues were asked, and said.
    pub opinions: Vec<Opinion>,
    /// What colleagues told each other.
    pub memos: Vec<Memo>,
    /// What the applicant was asked to put right, and what came of it.
    pub rounds: Vec<CorrectionRound>,
    /// True if it is `by`'s own, or of somebody close to them: then it is left to others.
    pub is_related: bool,
    /// The cards that it gave or is to give, as they are now.
    pub cards: Vec<Card>,
    /// The first of two approvals of this version, if there is one.
    pub first_approval: Option<FirstApproval>,
    /// Why `by` alone cannot approve it; empty if they can.
    pub second_because: Vec<SecondBecause>,
    /// True if an approval waits until the library system has taken it in.
    pub is_awaited_outside: bool,
    /// How many messages of the applicant nobody has read.
    pub unread: u64,
    /// The last day that the card gets if it is granted today, while it is not decided.
    pub planned: Option<PlannedExpiry>,
    /// The kinds of documents that may be shown for it; empty if none is asked for.
    pub provable: Vec<EvidenceKind>,
    /// What reviewers noted of documents: the label, and the last day on which it counts.
    pub noted: Vec<(String, Option<Date>)>,
}

impl ReviewFile {
    /// True if whoever looks cannot approve it alone.
    #[must_use]
    pub const fn needs_second(&self) -> bool {
        !self.second_because.is_empty()
    }

    /// True if nobody signed it, and nobody saw documents at the counter: pictures of them were sent.
    #[must_use]
    pub const fn is_pictured(&self) -> bool {
        self.verdict.is_none() && self.sighting.is_none() && self.statement.unsigned
    }

    /// When it was checked whose application it is; of pictures, which somebody is still to look at, when they came.
    #[must_use]
    pub fn checked_at(&self) -> OffsetDateTime {
        let seen_at = self.sighting.as_ref().map(|sighting| sighting.sighted_at);
        let verified_at = self.verdict.as_ref().map(|verdict| verdict.at);
        let came_at = self.application.state.submitted_at();
        verified_at.or(seen_at).or(came_at).unwrap_or(self.application.started_at)
    }

    /// Tells whether everything that can be checked by itself is good: what may be approved among others at once.
    #[must_use]
    pub fn is_green(&self) -> bool {
        let is_verified = self.verdict.as_ref().is_some_and(|verdict| {
            verdict.is_valid() && verdict.steps.iter().all(|step| !matches!(step.outcome, StepOutcome::Failed(_)))
        });
        let is_the_same =
            !self.comparison.is_empty() && self.comparison.iter().all(|fact| fact.likeness == Likeness::Same);
        let was_good = self.revocation == RevocationAnswer::Good
            && self.later.as_ref().is_none_or(|later| later.revoked.is_none());
        is_verified && is_the_same && was_good && !self.duplicates.holds() && !self.needs_a_look()
    }

    /// Tells whether there is something that only people can judge: pictures, what colleagues or the applicant say.
    #[must_use]
    pub fn needs_a_look(&self) -> bool {
        self.hold.is_some()
            // That the signer is the guardian no certificate says.
            || self.guardian.is_some()
            || self.about_card.as_ref().is_some_and(|about| !about.blocks.is_empty())
            || self.unread > 0
            || !self.statement.answers.attachments.is_empty()
            || self.opinions.iter().any(|opinion| opinion.answer.is_none())
            || self.rounds.iter().flat_map(|round| &round.items).any(|item| item.answer.is_some())
    }
}

/// The cards of those whom a decided application is about.
async fn cards_of(tx: &mut Tx, application: &Application) -> Result<Vec<Card>, Error> {
    if !matches!(application.state, ApplicationState::Issued { .. } | ApplicationState::Approved { .. }) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for holder in holders(tx, application).await? {
        found.extend(cards::find_by_patron(tx, application.library_id, holder).await?);
    }
    Ok(found)
}

impl Portal {
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
        let (frozen, proof) = submitted_version(&mut tx, &application).await?;
        let (evidence, sighting) = proof.parts();
        events::insert(&mut tx, &staff_event(&application, EventKind::Viewed, by, now)).await?;
        let timeline = events::list(&mut tx, application.id).await?;
        let notices = notices::list_times(&mut tx, by.library_id, application.id).await?;
        let decision = decisions::find_standing(&mut tx, application.id).await?;
        let later = match &evidence {
            Some(evidence) => last_answer(&mut tx, evidence).await?,
            None => None,
        };
        let key = SignatureKey {
            library_id: application.library_id,
            application_id: application.id,
            version_number: frozen.version.number,
        };
        let stamped_at = archives::find_stamped_at(&mut tx, &key).await?;
        let open_check = revocation_checks::find(&mut tx, by.library_id, application.id).await?;
        let certificate_number = certificate_number::of_application(&mut tx, &application).await?;
        let was_decided = decisions::count_superseded(&mut tx, application.id).await? > 0;
        let hold = holds::find(&mut tx, application.id).await?;
        let opinions = opinions::list_by_application(&mut tx, application.id).await?;
        let memos = memos::list_by_application(&mut tx, application.id).await?;
        let unread = messages::count_unread(&mut tx, application.id, Side::Staff).await?;
        let first_approval = first_approvals::find(&mut tx, application.id, frozen.version).await?;
        let rules = libraries::find_rules(&mut tx, by.library_id, application.rules_version).await?;
        let rules = rules.ok_or(Error::Internal("an application without its rules"))?;
        let guardian = GuardianSignature::find(&mut tx, &frozen, &rules).await?;
        let library = libraries::find(&mut tx, by.library_id).await?.ok_or(Error::NotFound)?;
        let confirmation = library.rules.exchange.confirmation;
        let colleagues = staff::list(&mut tx, by.library_id).await?;
        let attachments = attachments::list(&mut tx, application.id).await?;
        let statement = crate::document::read_statement(&frozen.document)?;
        let rounds = rounds_of(&mut tx, &application).await?;
        let is_related = is_related(&mut tx, by, &application).await?;
        let cards = cards_of(&mut tx, &application).await?;
        let about_card = AboutCard::find(&mut tx, &rules, &application, &statement, now).await?;
        let planned = if application.state.is_in_queue() {
            proofs::planned_expiry(&mut tx, &rules, &application, &statement.answers, now).await?
        } else {
            None
        };
        let noted = proofs::noted(&mut tx, &rules, application.id).await?;
        tx.commit().await?;

        let verdict = evidence.as_ref().map(verdict_of).transpose()?;
        let comparison = verdict.as_ref().map(|verdict| comparison_of(&statement, verdict)).unwrap_or_default();
        let found = circumstances(&statement, &comparison, sighting.as_ref(), was_decided);
        let second_because = second_because(&rules, &application, &found, by);
        let (version, procedure) = (frozen.version, application.procedure);
        let on_receipt = evidence.as_ref().map_or(RevocationAnswer::Unknown, |evidence| evidence.revocation);
        let revocation = later.as_ref().map_or(on_receipt, |later| later.answer);
        let category = &statement.answers.category;
        let is_asked = evidence.is_none() || rules.asks_signers(procedure, category);
        let accepted = rules.evidence_for(procedure, category).into_iter().filter(|_| is_asked);
        let provable = accepted.filter(|kind| kind.is_accepted_on(japanese_date(now))).cloned().collect();
        let duplicates = self.count_duplicates(&application, &statement.answers.card_holders()).await?;
        Ok(ReviewFile {
            application,
            version,
            statement,
            verdict,
            sighting,
            revocation,
            later,
            way: evidence.as_ref().map(|evidence| evidence.way),
            is_signed_inside: evidence.is_some_and(|evidence| evidence.pdf_update.is_some()),
            guardian,
            stamped_at,
            asked_again_at: open_check.map(|check| check.next_at),
            comparison,
            timeline,
            notices,
            staff: colleagues,
            decision,
            certificate_number,
            about_card,
            duplicates,
            attachments,
            hold: hold.filter(|hold| hold.until_on > japanese_date(now)),
            opinions,
            memos,
            rounds,
            is_related,
            cards,
            first_approval,
            is_awaited_outside: confirmation.is_awaited_for(procedure),
            second_because,
            unread,
            planned,
            provable,
            noted,
        })
    }

    /// The signed document, byte for byte, with the signature if that is inside. Taking it is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, and before submission.
    pub async fn signed_document(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<u8>, Error> {
        let (frozen, proof) = self.take_evidence(by, reference).await?;
        Ok(match proof {
            Proof::Signed(evidence) => signed_document_of(&frozen, &evidence),
            Proof::Sighted(_) | Proof::Pictured => frozen.document,
        })
    }

    /// The detached signature over [`signed_document`](Self::signed_document), as CMS. Taking it is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, before submission, and if the signature is inside the document.
    pub async fn signature(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<u8>, Error> {
        match self.take_evidence(by, reference).await? {
            (_, Proof::Signed(evidence)) if evidence.pdf_update.is_none() => Ok(evidence.cms),
            _ => Err(Error::NotFound),
        }
    }

    async fn take_evidence(&self, by: &StaffMember, reference: &Reference) -> Result<(FrozenVersion, Proof), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::TakeEvidence, reference).await?;
        let signed = submitted_version(&mut tx, &application).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::EvidenceTaken, by, now)).await?;
        tx.commit().await?;
        Ok(signed)
    }
}
