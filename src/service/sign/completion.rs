//! The answer: the signature is fetched, verified over the frozen document, and submitted.

use super::problem::SigningProblem;
use super::request::request_of;
use crate::domain::application::{ApplicationState, Refused};
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::likeness::{Comparison, compare};
use crate::domain::notice::MailContent;
use crate::gateway::signing_app::{AppSignature, CallbackError, SigningAppError};
use crate::jpki::{self, Outcome, RevocationStatus, SignedAttributes, Verdict};
use crate::service::apply::{Draft, event, load_draft};
use crate::service::issue::mail;
use crate::service::session::{self, SessionToken};
use crate::service::{Error, Portal};
use crate::store::signatures::{RevocationAnswer, SignatureEvidence};
use crate::store::signing_requests::SigningRequest;
use crate::store::versions::FrozenVersion;
use crate::store::{StoreError, Tx, applications, events, outbox, sessions, signatures, signing_requests, versions};
use time::{Duration, OffsetDateTime};

/// How often a repeated answer looks whether the first one was settled, and how long it waits in between.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(250);
/// For how long the receipt, with its collection code, can be seen again.
pub(in crate::service) const RECEIPT_SHOWN_FOR: Duration = Duration::hours(1);

/// What the signing app's answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningOutcome {
    /// The signature is good; the application is in the queue.
    Submitted,
    /// It is not, and why; the draft is kept.
    Problem(SigningProblem),
}

/// What the signing app's redirect brought back.
#[derive(Debug, Clone)]
pub enum Callback {
    /// An authorization code.
    Code(String),
    /// An error, as OAuth 2.0 §4.1.2.1 names them.
    Failed(CallbackError),
}

impl Portal {
    /// Takes the app's answer: fetches the signature, verifies it over the frozen document and
    /// submits the application — or says what is wrong and keeps the draft.
    ///
    /// # Errors
    /// [`Error::NotFound`] if `state` belongs to no request of this browser session; beyond that only
    /// failures inside, for every fault of the answer is a [`SigningProblem`].
    pub async fn complete_signing(
        &self,
        library: &Library,
        token: &SessionToken,
        state: &str,
        callback: Callback,
    ) -> Result<SigningOutcome, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let request = request_of(&mut tx, token, state).await?;
        let draft = load_draft(&mut tx, library, request.application_id).await?;
        match draft.application.state {
            // Only the request that the application waits for may be answered: an older one, opened by whoever had
            // the draft before, must not touch what was signed since.
            ApplicationState::AwaitingSignature { request: awaited, .. } if awaited == request.id => {}
            _ if request.consumed_at.is_none() => return Ok(SigningOutcome::Problem(SigningProblem::RequestUnknown)),
            _ => return Ok(Self::answered_before(&draft, &request)),
        }
        if !signing_requests::consume(&mut tx, request.id, now).await? {
            drop(tx);
            if request.expires_at <= now {
                return Ok(SigningOutcome::Problem(SigningProblem::RequestExpired));
            }
            return self.outcome_of_first_answer(library, &request).await;
        }
        let document = versions::find(&mut tx, request.application_id, request.version).await?;
        tx.commit().await?;
        let frozen = document.ok_or(Error::Internal("a signing request without its document"))?;

        let problem = match self.fetch_and_judge(&request, &frozen, callback, now).await {
            Ok((cms, certificate, verdict)) => {
                match self.submit(library, draft.clone(), &request, (cms, certificate, verdict), now).await {
                    Ok(()) => return Ok(SigningOutcome::Submitted),
                    Err(SubmitFailure::Problem(problem)) => problem,
                    Err(SubmitFailure::Failed(error)) => return Err(error),
                }
            }
            Err(problem) => problem,
        };
        self.record_problem(&draft, &problem, now).await?;
        Ok(SigningOutcome::Problem(problem))
    }

    /// What a repeated answer finds once the first one was settled.
    fn answered_before(draft: &Draft, request: &SigningRequest) -> SigningOutcome {
        match draft.application.state {
            // The browser asked for the same address again: the first time counted.
            ApplicationState::Submitted { version, .. }
            | ApplicationState::UnderReview { version, .. }
            | ApplicationState::Issued { version, .. }
                if version.number == request.version =>
            {
                SigningOutcome::Submitted
            }
            _ => SigningOutcome::Problem(SigningProblem::RequestUnknown),
        }
    }

    /// Waits a little for the first answer, which may still be on its way: browsers load an address twice when
    /// they come back from an app.
    async fn outcome_of_first_answer(
        &self,
        library: &Library,
        request: &SigningRequest,
    ) -> Result<SigningOutcome, Error> {
        for _ in 0..LOOKS {
            let draft = self.draft(library, request.application_id).await?;
            match draft.application.state {
                ApplicationState::AwaitingSignature { request: awaited, .. } if awaited == request.id => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                _ => return Ok(Self::answered_before(&draft, request)),
            }
        }
        Ok(SigningOutcome::Problem(SigningProblem::RequestUnknown))
    }

    async fn fetch_and_judge(
        &self,
        request: &SigningRequest,
        frozen: &FrozenVersion,
        callback: Callback,
        now: OffsetDateTime,
    ) -> Result<(Vec<u8>, Vec<u8>, Verdict), SigningProblem> {
        let code = match callback {
            Callback::Code(code) => code,
            Callback::Failed(CallbackError::Cancelled) => return Err(SigningProblem::Cancelled),
            Callback::Failed(_) => return Err(SigningProblem::AppUnavailable),
        };
        let AppSignature { signature, certificate, .. } = self
            .signing_app
            .fetch_result(&code, &request.code_verifier, &request.nonce, &request.transaction_id, now)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "the signing app gave no signature");
                match error {
                    SigningAppError::NotSigned => SigningProblem::NoCertificate,
                    SigningAppError::Cancelled => SigningProblem::Cancelled,
                    _ => SigningProblem::AppUnavailable,
                }
            })?;
        // Byte for byte what was sent to the card, whatever this version would make today.
        let attributes = SignedAttributes::from_der(request.signed_attributes.clone());
        let cms = attributes.to_cms(&signature, &certificate).map_err(|_| SigningProblem::WrongCertificate)?;
        let verdict = jpki::verify_cms(&cms, Some(&frozen.document), &self.trust, &self.revocation.current(), now);
        match verdict.outcome {
            Outcome::Valid => Ok((cms, certificate, verdict)),
            Outcome::Refused(reason) => {
                tracing::info!(reason = reason.as_str(), "signature refused");
                Err(SigningProblem::of_reason(reason))
            }
        }
    }

    async fn submit(
        &self,
        library: &Library,
        draft: Draft,
        request: &SigningRequest,
        (cms, certificate, verdict): (Vec<u8>, Vec<u8>, Verdict),
        now: OffsetDateTime,
    ) -> Result<(), SubmitFailure> {
        let signer = verdict.signer.as_ref().ok_or(Error::Internal("a good signature has a signer"))?;
        let answers = draft.answers.complete(&draft.rules).map_err(Error::Unanswered)?;
        let holder = signer.holder.as_ref().ok_or(Error::Internal("a signing certificate names its holder"))?;
        if compare(&answers, holder).iter().any(Comparison::is_another_person) {
            return Err(SubmitFailure::Problem(SigningProblem::OtherPerson));
        }
        let (issuer, serial) = (signer.issuer.as_bytes(), signer.serial.as_bytes());
        let mut tx = self.db.begin().await?;
        let evidence = SignatureEvidence {
            library_id: library.id,
            application_id: draft.application.id,
            version_number: request.version,
            signer_token: signatures::signer_token(&mut tx, library.id, issuer, serial).await?,
            cms,
            certificate,
            revocation: revocation_of(&verdict.revocation),
            verdict_json: serde_json::to_string(&verdict).map_err(|_| Error::Internal("unwritable verdict"))?,
            received_at: now,
        };
        let application =
            applications::find(&mut tx, library.id, draft.application.id).await?.ok_or(Error::NotFound)?;
        if let Some(other) = signatures::find_open_by_signer(&mut tx, library.id, &evidence.signer_token).await? {
            return Err(SubmitFailure::Problem(SigningProblem::AlreadyApplied(other)));
        }
        let application = match application.submit(request.id, now) {
            Ok(application) => application,
            Err(Refused::RequestExpired) => {
                return Err(SubmitFailure::Problem(SigningProblem::RequestExpired));
            }
            Err(_) => return Err(SubmitFailure::Problem(SigningProblem::RequestUnknown)),
        };
        let application = match applications::save(&mut tx, application).await {
            Ok(application) => application,
            Err(error) => return self.clash(tx, library, &evidence, error).await,
        };
        if let Err(error) = signatures::insert(&mut tx, &evidence).await {
            return self.clash(tx, library, &evidence, error).await;
        }
        // What the draft's session could change is changed for the last time: from here on it only reads.
        sessions::delete(&mut tx, &request.session_hash).await?;
        sessions::insert(&mut tx, &session::reading_on(request.session_hash, &application, now)).await?;
        events::insert(&mut tx, &event(&application, EventKind::Submitted, evidence.revocation.as_str(), now)).await?;
        let received = MailContent::Received {
            reference: application.reference.clone(),
            promised_days: draft.rules.promised_open_days,
        };
        let (mail, once) = mail(&application, &answers.email, received, now);
        outbox::insert(&mut tx, &mail, Some(&once)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The same person's other application was quicker by a hair: the store allows one.
    async fn clash(
        &self,
        tx: Tx,
        library: &Library,
        evidence: &SignatureEvidence,
        error: StoreError,
    ) -> Result<(), SubmitFailure> {
        drop(tx);
        if matches!(error, StoreError::Duplicate) {
            let mut tx = self.db.read().await?;
            if let Some(other) = signatures::find_open_by_signer(&mut tx, library.id, &evidence.signer_token).await? {
                return Err(SubmitFailure::Problem(SigningProblem::AlreadyApplied(other)));
            }
        }
        Err(error.into())
    }

    async fn record_problem(&self, draft: &Draft, problem: &SigningProblem, now: OffsetDateTime) -> Result<(), Error> {
        let kind = match problem {
            SigningProblem::Cancelled | SigningProblem::AppUnavailable => EventKind::SigningFailed,
            _ => EventKind::SignatureRefused,
        };
        let mut tx = self.db.begin().await?;
        events::insert(&mut tx, &event(&draft.application, kind, problem.kind(), now)).await?;
        Ok(tx.commit().await?)
    }
}

/// Why a good signature still did not submit.
enum SubmitFailure {
    Problem(SigningProblem),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for SubmitFailure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn revocation_of(status: &RevocationStatus) -> RevocationAnswer {
    match status {
        RevocationStatus::Good { .. } => RevocationAnswer::Good,
        RevocationStatus::Revoked { .. } => RevocationAnswer::Revoked,
        RevocationStatus::Unknown { .. } => RevocationAnswer::Unknown,
    }
}
