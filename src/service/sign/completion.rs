//! The answer: the signature is fetched, verified over the frozen document, and submitted.

use super::problem::SigningProblem;
use super::request::request_of;
use super::submit::{Bond, Signed, SubmitFailure};
use crate::domain::application::ApplicationState;
use crate::domain::event::EventKind;
use crate::domain::ids::HandoffId;
use crate::domain::library::Library;
use crate::gateway::signing_app::{AppSignature, Subject};
use crate::jpki::{self, Outcome, SignedAttributes, Verdict};
use crate::service::apply::{Draft, event, load_draft};
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::store::signing_requests::SigningRequest;
use crate::store::versions::FrozenVersion;
use crate::store::{events, handoffs, signing_requests, versions};
use time::OffsetDateTime;

/// How often a repeated answer looks whether the first one was settled, and how long it waits in between.
pub(super) const LOOKS: u32 = 20;
pub(super) const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(250);

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
    /// An error, as OAuth 2.0 §4.1.2.1 names them, or one of the app's own.
    Failed(String),
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
            Ok((cms, verdict, subject)) => {
                let bond = match request.handoff_id {
                    Some(handoff) => Bond::Phone { request: request.id, handoff },
                    None => Bond::App { request: request.id, session_hash: request.session_hash },
                };
                let signed = Signed { bond, version: request.version, cms, pdf_update: None, verdict };
                match Box::pin(self.submit(library, draft.clone(), signed, now)).await {
                    Ok(()) => {
                        self.link_signer(library, draft.application.id, &subject, now).await;
                        return Ok(SigningOutcome::Submitted);
                    }
                    Err(SubmitFailure::Problem(problem)) => problem,
                    Err(SubmitFailure::Failed(error)) => return Err(error),
                }
            }
            Err(problem) => problem,
        };
        self.record_problem(&draft, request.handoff_id, &problem, now).await?;
        Ok(SigningOutcome::Problem(problem))
    }

    /// What a repeated answer finds once the first one was settled.
    fn answered_before(draft: &Draft, request: &SigningRequest) -> SigningOutcome {
        match draft.application.state {
            // The browser asked for the same address again: the first time counted.
            ApplicationState::AwaitingGuardian { version, .. }
            | ApplicationState::Submitted { version, .. }
            | ApplicationState::UnderReview { version, .. }
            | ApplicationState::Approved { version, .. }
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

    pub(super) async fn fetch_and_judge(
        &self,
        request: &SigningRequest,
        frozen: &FrozenVersion,
        callback: Callback,
        now: OffsetDateTime,
    ) -> Result<(Vec<u8>, Verdict, Subject), SigningProblem> {
        let code = match callback {
            Callback::Code(code) => code,
            Callback::Failed(code) => {
                return Err(SigningProblem::of_callback(self.signing_app.callback_error(&code)));
            }
        };
        let AppSignature { signature, certificate, subject } = self
            .signing_app
            .fetch_result(&code, &request.code_verifier, &request.nonce, &request.transaction_id, now)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "the signing app gave no signature");
                SigningProblem::of_app(&error)
            })?;
        // Byte for byte what was sent to the card, whatever this version would make today.
        let attributes = SignedAttributes::from_der(request.signed_attributes.clone());
        let cms = attributes.to_cms(&signature, &certificate).map_err(|_| SigningProblem::WrongCertificate)?;
        let verdict = jpki::verify_cms(&cms, Some(&frozen.document), &self.trust, &self.revocation.current(), now);
        let verdict = self.ask_responders(verdict, &certificate, now).await;
        match verdict.outcome {
            Outcome::Valid => Ok((cms, verdict, subject)),
            Outcome::Refused(reason) => {
                tracing::info!(reason = reason.as_str(), "signature refused");
                Err(SigningProblem::of_reason(reason))
            }
        }
    }

    /// Writes down why a signature was not accepted, for the record and for the PC that waits.
    pub(super) async fn record_problem(
        &self,
        draft: &Draft,
        handoff: Option<HandoffId>,
        problem: &SigningProblem,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let kind = match problem {
            problem if problem.is_before_signature() => EventKind::SigningFailed,
            _ => EventKind::SignatureRefused,
        };
        let mut tx = self.db.begin().await?;
        events::insert(&mut tx, &event(&draft.application, kind, problem.kind(), now)).await?;
        if let Some(handoff) = handoff {
            handoffs::note_problem(&mut tx, handoff, problem.kind()).await?;
        }
        Ok(tx.commit().await?)
    }
}
