//! The decision: yes or no, on exactly what the reviewer saw.

use super::{Proof, Work, file_for, signed_document_of, submitted_version};
use crate::domain::application::{Application, Decider};
use crate::domain::card::Card;
use crate::domain::event::{Actor, EventKind};
use crate::domain::library::{Circumstance, Library, LibraryRules, SecondBecause};
use crate::domain::likeness::{Comparison, Likeness, compare};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::review::{Decision, DeclineReason, FirstApproval, Outcome};
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::domain::version::Version;
use crate::domain::visit::Sighting;
use crate::jpki::{self, CrlSet, Trust, Verdict};
use crate::service::about_card::must_be_possible;
use crate::service::apply::{rules_in, rules_of};
use crate::service::blocks::must_not_be_blocked;
use crate::service::duplicates::must_be_no_duplicate;
use crate::service::issue::{Case, Grant, end_new_card, lock_to_register};
use crate::service::record::staff_event;
use crate::service::relations::must_be_unrelated;
use crate::service::revocation;
use crate::service::{Error, Once, Portal};
use crate::store::signatures::SignatureEvidence;
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, applications, cosignatures, decisions, events, first_approvals, holds};
use time::OffsetDateTime;

/// What an approval came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// It was the first of two: another person has to look.
    First,
    /// It is registered, and waits for the library system to take it in.
    Registered,
    /// The card is issued.
    Issued(Card),
}

impl Portal {
    /// Says yes on the version that the reviewer saw, and issues the card, or lets it wait for the library system; or
    /// says it for the first of two times, if the rules want a second person or `by` may not decide alone.
    ///
    /// The signature is verified once more, as of its arrival: a certificate that has merely run
    /// out since is no ground to refuse, a document that has changed is. The newest revocation list is asked as well.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim, on another version, or for one's own second approval;
    /// [`Error::Repeated`] for the second sending, [`Error::RevocationUnknown`] and [`Error::CertificateRevoked`] unless
    /// the certificate was good on receipt, [`Error::DuplicateHold`] while somebody may be the applicant,
    /// [`Error::Related`] for their own people,
    /// [`Error::Obstacle`] for what stands against a procedure, a block on the patron among that.
    pub async fn approve(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        seen: Version,
        once: &Once,
    ) -> Result<Approval, Error> {
        let Verified { application, statement, proof, known, is_cosigned } =
            self.verified_statement(library, by, reference).await?;
        let (evidence, sighting) = proof.parts();
        let verdict = evidence.as_ref().map(verdict_of).transpose()?;
        let comparison = verdict.map(|verdict| comparison_of(&statement, &verdict)).unwrap_or_default();
        let now = self.clock.now();
        // Whoever could not approve at all learns that first.
        if let Some((evidence, known)) = evidence.as_ref().zip(known)
            && application.clone().approve_first(by, seen, now).is_ok()
        {
            self.check_before_approval(&application, evidence, &known).await?;
            if is_cosigned {
                self.check_guardian_before_approval(&application, evidence.version_number).await?;
            }
        }
        let (Work { mut tx, by, application }, may_be_tied) =
            self.begin_decision((by, Permission::Propose), reference, once, now).await?;
        let by = &by;
        if may_be_tied {
            must_be_unrelated(&mut tx, by, &application).await?;
        }
        let rules = rules_in(&mut tx, library, application.rules_version).await?;
        let (first, was_decided) = first_approvals::find_with_past(&mut tx, application.id, seen).await?;
        let found = circumstances(&statement, &comparison, sighting.as_ref(), was_decided);
        if first.is_none() && !second_because(&rules, &application, &found, by).is_empty() {
            let application = applications::save(&mut tx, application.approve_first(by, seen, now)?).await?;
            if statement.request.is_none() {
                must_be_no_duplicate(&mut tx, &application, &statement.answers.card_holders(), now).await?;
            }
            must_not_be_blocked(&mut tx, &application).await?;
            let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
            must_be_possible(&mut tx, &case, statement.request.as_ref(), now).await?;
            keep_first(&mut tx, &application, seen, by, now).await?;
            tx.commit().await?;
            return Ok(Approval::First);
        }
        let first_by = first.map(|first| first.approved_by);
        let application = applications::save(&mut tx, application.approve(by, seen, first_by, now)?).await?;
        holds::end(&mut tx, application.id).await?;
        decisions::insert(&mut tx, &decision(&application, seen, Outcome::Approved, by, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Approved, by, now)).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        // From here to the end one approval of a library waits for another: as late as can be.
        lock_to_register(&mut tx, &case, statement.request.as_ref(), now).await?;
        if statement.request.is_none() {
            must_be_no_duplicate(&mut tx, &application, &statement.answers.card_holders(), now).await?;
        }
        must_be_possible(&mut tx, &case, statement.request.as_ref(), now).await?;
        let grant = Grant { request: statement.request.as_ref(), evidence: evidence.as_ref(), by: Actor::Staff(by.id) };
        let card = self.grant(&mut tx, &case, &grant, now).await?;
        tx.commit().await?;
        Ok(card.map_or(Approval::Registered, Approval::Issued))
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
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Decide), reference, once, now).await?;
        let by = &by;
        must_be_unrelated(&mut tx, by, &application).await?;
        let application = applications::save(&mut tx, application.decline(by, seen, now)?).await?;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        holds::end(&mut tx, application.id).await?;
        end_new_card(&mut tx, &application, now).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        self.announce_refusal(&mut tx, &case, &reason, now).await?;
        decisions::insert(&mut tx, &decision(&application, seen, Outcome::Declined(reason), by, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Declined, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// The statement of the signed version. The store has proved that the document is the frozen one.
    async fn statement(&self, by: &StaffMember, reference: &Reference) -> Result<Statement, Error> {
        let mut tx = self.db.read().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        Ok(crate::document::read_statement(&frozen.document)?)
    }

    /// The statement of the signed version, after its signature has been verified once more as of its arrival.
    async fn verified_statement(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
    ) -> Result<Verified, Error> {
        let mut tx = self.db.read().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let (frozen, proof) = submitted_version(&mut tx, &application).await?;
        let Proof::Signed(evidence) = &proof else {
            let statement = crate::document::read_statement(&frozen.document)?;
            return Ok(Verified { application, statement, proof, known: None, is_cosigned: false });
        };
        let (known, is_cosigned) = revocation::known_beside(&mut tx, evidence).await?;
        let cosignature =
            if is_cosigned { cosignatures::find(&mut tx, application.id, frozen.version.number).await? } else { None };
        drop(tx);
        let statement = self.verify_again(&frozen, evidence).await?;
        let signed = (&frozen, &statement, evidence.received_at);
        self.verify_guardian_again(library, signed, cosignature.as_ref()).await?;
        Ok(Verified { application, statement, proof, known: Some(known), is_cosigned })
    }

    /// The statement of a signed version, after its signature has been verified once more as of its arrival. Where
    /// blocking is allowed: whoever is in the middle of a decision does not wait for it.
    pub(in crate::service) async fn verify_again(
        &self,
        frozen: &FrozenVersion,
        evidence: &SignatureEvidence,
    ) -> Result<Statement, Error> {
        let (frozen, evidence, trust) = (frozen.clone(), evidence.clone(), self.trust.clone());
        self.typesetting.run(move || verified(&frozen, &evidence, &trust)).await?
    }
}

fn verified(frozen: &FrozenVersion, evidence: &SignatureEvidence, trust: &Trust) -> Result<Statement, Error> {
    let (document, at) = (Some(frozen.document.as_slice()), evidence.received_at);
    let verdict = match &evidence.pdf_update {
        Some(_) => {
            let signed = signed_document_of(frozen, evidence);
            jpki::verify_pdf(&signed, document, trust, &CrlSet::default(), at)
        }
        None => jpki::verify_cms(&evidence.cms, document, trust, &CrlSet::default(), at),
    };
    if let Some(reason) = verdict.reason() {
        return Err(Error::SignatureBroken(reason));
    }
    Ok(crate::document::read_statement(&frozen.document)?)
}

/// What was signed, as it was before the deciding transaction began.
struct Verified {
    application: Application,
    statement: Statement,
    proof: Proof,
    /// Of whoever signed.
    known: Option<revocation::Known>,
    /// True if a guardian has signed beside them.
    is_cosigned: bool,
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

/// Why `by` alone cannot approve: the rules want two persons, or `by` only proposes. Empty if they can.
pub(super) fn second_because(
    rules: &LibraryRules,
    application: &Application,
    circumstances: &[Circumstance],
    by: &StaffMember,
) -> Vec<SecondBecause> {
    let only_proposes = application.must_be_for(by, Permission::Decide).is_err();
    let by_role = only_proposes.then_some(SecondBecause::Role);
    by_role.into_iter().chain(rules.four_eyes.reasons(application.procedure, circumstances)).collect()
}

/// What about an application may call for a second person.
pub(super) fn circumstances(
    statement: &Statement,
    comparison: &[Comparison],
    sighting: Option<&Sighting>,
    was_decided_before: bool,
) -> Vec<Circumstance> {
    let differs = comparison.iter().any(|fact| fact.likeness == Likeness::Different);
    let found = [
        differs.then_some(Circumstance::Override),
        was_decided_before.then_some(Circumstance::Reopened),
        statement.unsigned.then_some(Circumstance::Unsigned),
        // Documents are seen where staff enter it.
        sighting.map(|_| Circumstance::StaffEntered),
        statement.answers.relation().map(|_| Circumstance::Guardian),
    ];
    found.into_iter().flatten().collect()
}

/// Declared against certified, fact by fact, as far as the certificate could be read.
pub(super) fn comparison_of(statement: &Statement, verdict: &Verdict) -> Vec<Comparison> {
    let holder = verdict.signer.as_ref().and_then(|signer| signer.holder.as_ref());
    holder.map_or_else(Vec::new, |holder| compare(&statement.answers, holder))
}

pub(super) fn verdict_of(evidence: &SignatureEvidence) -> Result<Verdict, Error> {
    verdict_of_json(&evidence.verdict_json)
}

pub(super) fn verdict_of_json(json: &str) -> Result<Verdict, Error> {
    serde_json::from_str(json).map_err(|_| Error::Internal("unreadable verdict"))
}

async fn keep_first(
    tx: &mut Tx,
    application: &Application,
    seen: Version,
    by: &StaffMember,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let first = FirstApproval {
        library_id: application.library_id,
        application_id: application.id,
        version: seen,
        approved_by: by.id,
        approved_at: now,
    };
    first_approvals::insert(tx, &first).await?;
    events::insert(tx, &staff_event(application, EventKind::ApprovedFirst, by, now)).await?;
    Ok(())
}
