//! Whether a signer's certificate was revoked, asked again until it is known.
//!
//! Law (公的個人認証法 19条) asks whether the certificate was good when the signature was received. A list that
//! was not at hand then does not reject the applicant; nor does it let anybody approve. So the question is asked
//! again, by a plan and at each decision, as of now: JPKI never lifts a revocation, so a certificate that
//! is good now was good then. One that was revoked only after the receipt was good then too.

use super::{Error, Portal};
use crate::domain::application::Application;
use crate::domain::event::{Actor, Event, EventKind};
use crate::gateway::revocation::{self, Answer};
use crate::jpki::{Check, Fact, Outcome, Reason, RevocationStatus, StepOutcome, Verdict};
use crate::store::cosignatures::Cosignature;
use crate::store::revocation_answers::{AnswerSource, LaterAnswer, RevokedSince};
use crate::store::revocation_checks::OpenCheck;
use crate::store::signatures::{RevocationAnswer, SignatureEvidence};
use crate::store::{Tx, applications, events, revocation_answers, revocation_checks, signatures};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// How long an applicant who has just signed waits for responders.
const PATIENCE_AT_SIGNING: std::time::Duration = std::time::Duration::from_secs(8);
/// How many open questions one round looks at.
const BATCH: u32 = 50;

impl Portal {
    /// Asks again about every application whose question is due; true if there may be more. Safe to run twice.
    ///
    /// # Errors
    /// Only the store's. An application that cannot be asked about is logged and keeps nobody else's waiting.
    pub async fn ask_revocation_again(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let due = revocation_checks::list_due(&mut self.db.read().await?, now, BATCH).await?;
        for check in &due {
            match self.ask_about(check, now).await {
                // If somebody was quicker, the next round sees what became of it.
                Ok(()) | Err(Error::Stale) => {}
                Err(error) => {
                    tracing::error!(application = %check.application_id, %error, "revocation cannot be asked about");
                    self.plan_again(check, now).await?;
                }
            }
        }
        Ok(due.len() == BATCH as usize)
    }

    /// Lets responders tell what no list could of a signature that is valid otherwise. Nobody at a telephone waits
    /// for a responder that is out of order: then it stays unknown and is asked again.
    pub(super) async fn ask_responders(&self, verdict: Verdict, certificate: &[u8], now: OffsetDateTime) -> Verdict {
        if !verdict.is_valid() || !matches!(verdict.revocation, RevocationStatus::Unknown { .. }) {
            return verdict;
        }
        let asking = self.revocation.check(certificate, &self.trust, now);
        match tokio::time::timeout(PATIENCE_AT_SIGNING, asking).await {
            Ok(answer) => with_answer(verdict, answer.status),
            Err(_) => verdict,
        }
    }

    async fn ask_about(&self, check: &OpenCheck, now: OffsetDateTime) -> Result<(), Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, check.library_id, check.application_id).await?;
        let open = application.filter(|application| !application.state.is_final());
        let evidence = match &open {
            Some(application) => signatures::find(&mut tx, application.id, application.signed_number()).await?,
            None => None,
        };
        drop(tx);
        let (Some(application), Some(evidence)) = (open, evidence) else {
            let mut tx = self.db.begin().await?;
            revocation_checks::delete(&mut tx, check.library_id, check.application_id).await?;
            return Ok(tx.commit().await?);
        };
        let answer = self.revocation.check(&evidence.certificate, &self.trust, as_of(&evidence, now)?).await;
        match later_answer(&evidence, &answer, now) {
            Some(later) => {
                let mut tx = self.db.begin().await?;
                record(&mut tx, &application, &later).await?;
                Ok(tx.commit().await?)
            }
            None => self.plan_again(check, now).await,
        }
    }

    async fn plan_again(&self, check: &OpenCheck, now: OffsetDateTime) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        if revocation_checks::find(&mut tx, check.library_id, check.application_id).await?.is_some() {
            let tries = check.tries.saturating_add(1);
            revocation_checks::save(&mut tx, &OpenCheck { tries, next_at: now + pause_after(tries), ..*check }).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks the newest list before a decision, and whoever else can tell if it was unknown so far. What is
    /// found is recorded, whatever becomes of the decision.
    ///
    /// # Errors
    /// [`Error::RevocationUnknown`] while nobody can tell, [`Error::CertificateRevoked`] if the certificate was revoked
    /// when the signature was received.
    pub(super) async fn check_before_approval(
        &self,
        application: &Application,
        evidence: &SignatureEvidence,
        known: &Known,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let at = as_of(evidence, now)?;
        let mut answer = self.revocation.check_lists(&evidence.certificate, &self.trust, at);
        if known.answer == RevocationAnswer::Unknown && matches!(answer.status, RevocationStatus::Unknown { .. }) {
            answer = self.revocation.check(&evidence.certificate, &self.trust, at).await;
        }
        let standing = match later_answer(evidence, &answer, now) {
            // Most often: what was known holds, and nobody waits for an answer.
            Some(later) if known.is_said_by(&later) && !known.is_asked => later.answer,
            Some(later) => {
                let mut tx = self.db.begin().await?;
                let standing = later.answer;
                record(&mut tx, application, &later).await?;
                tx.commit().await?;
                standing
            }
            // A list that has run out since takes back nothing that was known.
            None => known.answer,
        };
        match standing {
            RevocationAnswer::Good => Ok(()),
            RevocationAnswer::Unknown => Err(Error::RevocationUnknown),
            RevocationAnswer::Revoked => Err(Error::CertificateRevoked),
        }
    }
}

impl Portal {
    /// What is known of the guardian's certificate as of the receipt, after the newest list was asked, and whoever else
    /// can tell if it was unknown so far.
    pub(super) async fn standing_of_guardian(&self, cosignature: &Cosignature) -> Result<RevocationAnswer, Error> {
        let verdict: Verdict =
            serde_json::from_str(&cosignature.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
        let now = self.clock.now();
        let at = verdict.signer.map_or(now, |signer| now.min(signer.not_after));
        let certificate = &cosignature.certificate;
        let mut answer = self.revocation.check_lists(certificate, &self.trust, at);
        let is_unknown = matches!(answer.status, RevocationStatus::Unknown { .. });
        if is_unknown && cosignature.revocation == RevocationAnswer::Unknown {
            answer = self.revocation.check(certificate, &self.trust, at).await;
        }
        Ok(match answer.status {
            RevocationStatus::Revoked { at, .. } if at <= cosignature.received_at => RevocationAnswer::Revoked,
            // Revoked only after the receipt, it was good then.
            RevocationStatus::Good { .. } | RevocationStatus::Revoked { .. } => RevocationAnswer::Good,
            RevocationStatus::Unknown { .. } => cosignature.revocation,
        })
    }
}

/// Opens the question about an application that came in while nobody could tell.
pub(super) async fn ask_later(tx: &mut Tx, application: &Application, now: OffsetDateTime) -> Result<(), Error> {
    let check = OpenCheck {
        library_id: application.library_id,
        application_id: application.id,
        tries: 0,
        next_at: now + pause_after(0),
    };
    Ok(revocation_checks::save(tx, &check).await?)
}

/// What is known of a signer's certificate: by the last answer, or by the one on receipt.
pub(super) struct Known {
    answer: RevocationAnswer,
    is_revoked_since: bool,
    /// True while the question is open.
    is_asked: bool,
}

impl Known {
    fn is_said_by(&self, later: &LaterAnswer) -> bool {
        self.answer == later.answer && self.is_revoked_since == later.revoked.is_some()
    }
}

pub(super) async fn known(tx: &mut Tx, evidence: &SignatureEvidence) -> Result<Known, Error> {
    Ok(known_beside(tx, evidence).await?.0)
}

/// The same, and whether a guardian has signed beside the signer.
pub(super) async fn known_beside(tx: &mut Tx, evidence: &SignatureEvidence) -> Result<(Known, bool), Error> {
    let SignatureEvidence { library_id, application_id, version_number, .. } = *evidence;
    let beside = signatures::find_beside(tx, library_id, application_id, version_number).await?;
    let last = if beside.is_answered { last_answer(tx, evidence).await? } else { None };
    let known = Known {
        answer: last.as_ref().map_or(evidence.revocation, |last| last.answer),
        is_revoked_since: last.is_some_and(|last| last.revoked.is_some()),
        is_asked: beside.is_asked,
    };
    Ok((known, beside.is_cosigned))
}

pub(super) async fn last_answer(tx: &mut Tx, evidence: &SignatureEvidence) -> Result<Option<LaterAnswer>, Error> {
    let SignatureEvidence { library_id, application_id, version_number, .. } = evidence;
    Ok(revocation_answers::list(tx, *library_id, *application_id, *version_number).await?.pop())
}

/// Stores an answer, with an event if it changes what is known, and closes the question.
async fn record(tx: &mut Tx, application: &Application, later: &LaterAnswer) -> Result<(), Error> {
    let evidence = signatures::find(tx, application.id, later.version_number).await?.ok_or(Error::NotFound)?;
    if known(tx, &evidence).await?.is_said_by(later) {
        revocation_checks::delete(tx, application.library_id, application.id).await?;
        return Ok(());
    }
    let detail = match (later.answer, later.revoked) {
        (RevocationAnswer::Good, Some(_)) => "revoked_since",
        (answer, _) => answer.as_str(),
    };
    let event = Event {
        library_id: application.library_id,
        application_id: application.id,
        kind: EventKind::RevocationAnswered,
        actor: Actor::System,
        version: later.version_number,
        detail: detail.to_owned(),
        at: later.asked_at,
    };
    events::insert(tx, &event).await?;
    revocation_answers::insert(tx, later).await?;
    revocation_checks::delete(tx, application.library_id, application.id).await?;
    Ok(())
}

/// The verdict with the answer of a responder in the place of what no list could tell.
fn with_answer(mut verdict: Verdict, status: RevocationStatus) -> Verdict {
    let fact =
        |name: &str, at: OffsetDateTime| Fact { name: name.to_owned(), value: at.format(&Rfc3339).unwrap_or_default() };
    let (outcome, facts) = match &status {
        RevocationStatus::Good { this_update, next_update, .. } => {
            (StepOutcome::Passed, vec![fact("this-update", *this_update), fact("next-update", *next_update)])
        }
        RevocationStatus::Revoked { at, .. } => {
            verdict.outcome = Outcome::Refused(Reason::Revoked);
            (StepOutcome::Failed(Reason::Revoked), vec![fact("revoked-at", *at)])
        }
        RevocationStatus::Unknown { .. } => return verdict,
    };
    for step in verdict.steps.iter_mut().filter(|step| step.check == Check::Revocation) {
        (step.outcome, step.facts) = (outcome, facts.clone());
    }
    verdict.revocation = status;
    verdict
}

/// The moment to ask about: now, or the certificate's last second if that is over, for lists forget those that
/// have run out (RFC 5280 §3.3).
fn as_of(evidence: &SignatureEvidence, now: OffsetDateTime) -> Result<OffsetDateTime, Error> {
    let verdict: Verdict =
        serde_json::from_str(&evidence.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
    Ok(verdict.signer.map_or(now, |signer| now.min(signer.not_after)))
}

/// What an answer says as of the receipt; `None` if it says nothing.
fn later_answer(evidence: &SignatureEvidence, answer: &Answer, now: OffsetDateTime) -> Option<LaterAnswer> {
    let later = LaterAnswer {
        library_id: evidence.library_id,
        application_id: evidence.application_id,
        version_number: evidence.version_number,
        asked_at: now,
        answer: RevocationAnswer::Good,
        source: match answer.source {
            revocation::AnswerSource::List => AnswerSource::List,
            revocation::AnswerSource::Ocsp => AnswerSource::Ocsp,
        },
        crl_number: None,
        this_update: None,
        next_update: None,
        produced_at: None,
        revoked: None,
    };
    match &answer.status {
        RevocationStatus::Good { crl_number, this_update, next_update, produced_at, .. } => Some(LaterAnswer {
            crl_number: crl_number.clone(),
            this_update: Some(*this_update),
            next_update: Some(*next_update),
            produced_at: *produced_at,
            ..later
        }),
        RevocationStatus::Revoked { at, reason } => Some(LaterAnswer {
            answer: if *at <= evidence.received_at { RevocationAnswer::Revoked } else { RevocationAnswer::Good },
            revoked: Some(RevokedSince { at: *at, reason: *reason }),
            ..later
        }),
        RevocationStatus::Unknown { .. } => None,
    }
}

/// Five minutes, doubled at each try in vain, at most an hour.
fn pause_after(tries: u32) -> Duration {
    (Duration::minutes(5) * (1_i32 << tries.min(8))).min(Duration::HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, LibraryId};
    use crate::jpki::{RevocationGap, RevocationReason, Step};
    use crate::store::signatures::SigningWay;
    use time::macros::datetime;

    const RECEIVED: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn evidence() -> SignatureEvidence {
        SignatureEvidence {
            library_id: LibraryId::new(RECEIVED),
            application_id: ApplicationId::new(RECEIVED),
            version_number: 1,
            cms: Vec::new(),
            certificate: Vec::new(),
            verdict_json: String::new(),
            revocation: RevocationAnswer::Unknown,
            signer_token: [0; 32],
            way: SigningWay::App,
            session_hash: None,
            pdf_update: None,
            received_at: RECEIVED,
        }
    }

    fn answered(status: RevocationStatus) -> Option<LaterAnswer> {
        let answer = Answer { status, source: revocation::AnswerSource::List };
        later_answer(&evidence(), &answer, RECEIVED + Duration::HOUR)
    }

    #[test]
    fn only_a_revocation_up_to_the_receipt_makes_the_signature_that_of_a_revoked_certificate() {
        let reason = RevocationReason::AffiliationChanged;
        let revoked = |at| answered(RevocationStatus::Revoked { at, reason }).unwrap();
        assert_eq!(revoked(RECEIVED).answer, RevocationAnswer::Revoked);
        let later = revoked(RECEIVED + Duration::SECOND);
        assert_eq!((later.answer, later.revoked.map(|revoked| revoked.reason)), (RevocationAnswer::Good, Some(reason)));
    }

    #[test]
    fn a_responder_completes_the_verdict_on_receipt() {
        let unknown = RevocationStatus::Unknown { why: RevocationGap::NoList };
        let step = Step { check: Check::Revocation, outcome: StepOutcome::Unknown, facts: Vec::new() };
        let verdict = Verdict {
            outcome: Outcome::Valid,
            at: RECEIVED,
            steps: vec![step],
            signer: None,
            revocation: unknown.clone(),
        };
        assert_eq!(with_answer(verdict.clone(), unknown), verdict);
        let revoked = RevocationStatus::Revoked { at: RECEIVED, reason: RevocationReason::KeyCompromise };
        let refused = with_answer(verdict, revoked.clone());
        assert_eq!((refused.reason(), &refused.revocation), (Some(Reason::Revoked), &revoked));
        assert_eq!(refused.steps[0].outcome, StepOutcome::Failed(Reason::Revoked));
    }

    #[test]
    fn what_is_unknown_is_no_answer() {
        assert_eq!(answered(RevocationStatus::Unknown { why: RevocationGap::Stale }), None);
    }

    #[test]
    fn pauses_grow_from_five_minutes_to_an_hour() {
        let pauses: Vec<_> = (0..6).map(|tries| pause_after(tries).whole_minutes()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
        assert_eq!(pause_after(u32::MAX), Duration::HOUR);
    }
}
