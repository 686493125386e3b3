//! Freezing a version, having it signed, and verifying what comes back.
//!
//! The document is set once, at the freeze; the app gets the `DigestInfo` of the DER
//! `signedAttrs` (RFC 5652 §5.4) whose `messageDigest` is the document's SHA-256; the answer
//! makes an ordinary CMS that anybody can verify with ordinary tools.

use super::apply::{Answer, Draft, check_eligibility, draft_life, event, load_draft};
use super::issue::mail;
use super::session::{self, SessionToken};
use super::{Error, Once, Portal};
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState, Refused, SIGNING_TIME, Version};
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, SigningRequestId};
use crate::domain::library::Library;
use crate::domain::likeness::{Comparison, compare};
use crate::domain::notice::MailContent;
use crate::domain::reference::Reference;
use crate::domain::statement::{Addressee, Digest, Labels, SCHEMA, Statement};
pub use crate::gateway::signing_app::CallbackError;
use crate::gateway::signing_app::{AppSignature, Pkce, SigningAppError, random_token};
use crate::jpki::{self, Outcome, Reason, RevocationStatus, SignedAttributes, Verdict};
use crate::store::signatures::{RevocationAnswer, SignatureEvidence};
use crate::store::signing_requests::SigningRequest;
use crate::store::versions::FrozenVersion;
use crate::store::{
    StoreError, Tx, applications, collections, drafts, events, libraries, outbox, sessions, signatures,
    signing_requests, versions,
};
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

/// How often a repeated answer looks whether the first one was settled, and how long it waits in between.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(250);
/// For how long the receipt, with its collection code, can be seen again.
pub(super) const RECEIPT_SHOWN_FOR: Duration = Duration::hours(1);

/// A frozen version that waits for its signature.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The application.
    pub application: Application,
    /// What is to be signed, read back from the document itself.
    pub statement: Statement,
}

/// What the signing app's answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningOutcome {
    /// The signature is good; the application is in the queue.
    Submitted,
    /// It is not, and why; the draft is kept.
    Problem(SigningProblem),
}

/// Everything that keeps a signature from being accepted: one page each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningProblem {
    /// The applicant stopped in the app.
    Cancelled,
    /// The app could not be reached or answered nonsense.
    AppUnavailable,
    /// The answer belongs to no open request of this browser, or to one that was used.
    RequestUnknown,
    /// The request ran out before the answer came.
    RequestExpired,
    /// The signature is over another document, or was altered.
    WrongDocument,
    /// The certificate has run out.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate was revoked.
    Revoked,
    /// The card has no signing certificate.
    NoCertificate,
    /// The certificate for user authentication (or another purpose) was used.
    WrongCertificate,
    /// The certificate does not come from a trusted authority.
    NotTrusted,
    /// Name or birth date in the certificate are another person's.
    OtherPerson,
    /// The holder of this card has an application in the queue already.
    AlreadyApplied(Reference),
}

impl SigningProblem {
    /// The word in addresses and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::AppUnavailable => "app-unavailable",
            Self::RequestUnknown => "request-unknown",
            Self::RequestExpired => "request-expired",
            Self::WrongDocument => "wrong-document",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Revoked => "revoked",
            Self::NoCertificate => "no-certificate",
            Self::WrongCertificate => "wrong-certificate",
            Self::NotTrusted => "not-trusted",
            Self::OtherPerson => "other-person",
            Self::AlreadyApplied(_) => "already-applied",
        }
    }

    /// What a refusal of the signature engine means for the applicant.
    fn of_reason(reason: Reason) -> Self {
        match reason {
            Reason::Expired => Self::Expired,
            Reason::NotYetValid => Self::NotYetValid,
            Reason::Revoked => Self::Revoked,
            Reason::UserAuthenticationCertificate
            | Reason::PolicyMissing
            | Reason::PolicyNotCritical
            | Reason::PolicyUnknown
            | Reason::PolicyEnvironment
            | Reason::KeyUsageMissing
            | Reason::KeyUsageNotCritical
            | Reason::KeyUsageInsufficient
            | Reason::KeyUsageExcessive
            | Reason::CertificateAuthority
            | Reason::ExtendedKeyUsage
            | Reason::HolderMissing
            | Reason::HolderMalformed
            | Reason::PublicKeyAlgorithm
            | Reason::PublicKeySize
            | Reason::PublicKeyExponent => Self::WrongCertificate,
            Reason::IssuerUnknown | Reason::IssuerSignature | Reason::AnchorExpired | Reason::AnchorNotYetValid => {
                Self::NotTrusted
            }
            _ => Self::WrongDocument,
        }
    }
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
    /// Takes the last answer and freezes the draft as the next version: sets its document, whose SHA-256 is
    /// the version's digest. A version that waited for its signature before is void.
    ///
    /// # Errors
    /// [`Error::Unanswered`] with the question to ask, [`Error::Refused`] after submission,
    /// [`Error::Repeated`] for the second sending.
    pub async fn freeze(
        &self,
        library: &Library,
        id: ApplicationId,
        consent: Answer,
        once: &Once,
    ) -> Result<Version, Error> {
        let mut draft = self.draft(library, id).await?;
        consent.put(&mut draft.answers);
        check_eligibility(&draft, self.clock.today())?;
        let now = self.clock.now();
        let statement = statement_of(library, &draft, now)?;
        let typesetter = self.typesetter.clone();
        let document = tokio::task::spawn_blocking(move || typesetter.application(&statement, now))
            .await
            .map_err(|_| Error::Internal("typesetting was cut off"))??;
        let digest = sha256(&document);

        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let application = match draft.application.state {
            ApplicationState::AwaitingSignature { .. } => draft.application.edit(draft_life(&draft.rules), now)?,
            _ => draft.application,
        };
        let frozen = application.freeze(digest, SigningRequestId::new(now), now)?;
        let version = frozen.state.version().ok_or(Error::Internal("a frozen application has a version"))?;
        // The guarded save proves that nobody changed the answers since they were read.
        let frozen = applications::save(&mut tx, frozen).await?;
        drafts::save(&mut tx, &frozen, &draft.answers).await?;
        let row = FrozenVersion { library_id: library.id, application_id: id, version, document, frozen_at: now };
        versions::insert(&mut tx, &row).await?;
        events::insert(&mut tx, &event(&frozen, EventKind::Frozen, "", now)).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// The version that waits for its signature, read back from its document.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless a signature is awaited.
    pub async fn frozen(&self, library: &Library, id: ApplicationId) -> Result<Frozen, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let ApplicationState::AwaitingSignature { version, .. } = application.state else {
            return Err(Error::NotFound);
        };
        let row = versions::find(&mut tx, id, version.number).await?.ok_or(Error::NotFound)?;
        Ok(Frozen { application, statement: crate::document::read_statement(&row.document)? })
    }

    /// The frozen document as PDF, for its own applicant.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first freeze.
    pub async fn frozen_document(&self, library: &Library, id: ApplicationId) -> Result<Vec<u8>, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let version = application.state.version().ok_or(Error::NotFound)?;
        Ok(versions::find(&mut tx, id, version.number).await?.ok_or(Error::NotFound)?.document)
    }

    /// Opens a signing request with the app and returns the address to send the browser to.
    /// Asked twice, it returns the same request.
    ///
    /// # Errors
    /// [`Error::SigningApp`] if the app cannot be reached: nothing has changed then.
    pub async fn begin_signing(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<String, Error> {
        match self.open_signing_request(library, token, id).await {
            // Two clicks at once: the other one has opened the request that both shall use.
            Err(Error::Stale | Error::Store(StoreError::Duplicate)) => {
                self.open_signing_request(library, token, id).await
            }
            outcome => outcome,
        }
    }

    async fn open_signing_request(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<String, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let ApplicationState::AwaitingSignature { version, request, expires_at } = application.state else {
            return Err(Error::NotFound);
        };
        let open = signing_requests::find_open(&mut tx, id).await?;
        drop(tx);
        if let Some(open) = &open
            && open.id == request
            && open.session_hash == token.hash()
            && expires_at > now
        {
            return Ok(self.authorization_url(open, token));
        }

        let attributes = SignedAttributes::new(*version.digest.as_bytes(), now);
        let pkce = Pkce::random()?;
        let transaction_id = self.signing_app.open_transaction(&attributes.digest_info(), now).await?;
        let request = SigningRequestId::new(now);
        let opened = SigningRequest {
            id: request,
            library_id: library.id,
            application_id: id,
            version: version.number,
            state_hash: hash_of(&state_of(token, request)),
            nonce: random_token()?,
            code_verifier: pkce.verifier.clone(),
            transaction_id: transaction_id.to_string(),
            signed_attributes: attributes.as_der().to_vec(),
            session_hash: token.hash(),
            opened_at: now,
            expires_at: now + SIGNING_TIME,
            consumed_at: None,
        };
        let mut tx = self.db.begin().await?;
        let asked = applications::save(&mut tx, application.ask_again(opened.id, now)?).await?;
        signing_requests::insert(&mut tx, &opened).await?;
        events::insert(&mut tx, &event(&asked, EventKind::SigningBegun, "", now)).await?;
        tx.commit().await?;
        Ok(self.authorization_url(&opened, token))
    }

    fn authorization_url(&self, request: &SigningRequest, token: &SessionToken) -> String {
        let challenge = Pkce::challenge_of(&request.code_verifier);
        let state = state_of(token, request.id);
        self.signing_app.authorization_url(&request.transaction_id, &state, &request.nonce, &challenge)
    }

    /// The library whose applicant the signing app sends back. The app knows one return address for the
    /// whole portal (`/signing/return`): only the request tells the library.
    ///
    /// # Errors
    /// [`Error::NotFound`] if `state` belongs to no request of this browser session.
    pub async fn library_of_request(&self, token: &SessionToken, state: &str) -> Result<Library, Error> {
        let mut tx = self.db.read().await?;
        let request = request_of(&mut tx, token, state).await?;
        libraries::find(&mut tx, request.library_id).await?.ok_or(Error::NotFound)
    }

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
            _ => return Ok(Self::answered_before(&draft, &request)),
        }
        if !signing_requests::consume(&mut tx, request.id, now).await? {
            drop(tx);
            return match request.consumed_at {
                None => Ok(SigningOutcome::Problem(SigningProblem::RequestExpired)),
                Some(_) => self.outcome_of_first_answer(library, &request).await,
            };
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
                if version.number == request.version && request.consumed_at.is_some() =>
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
        // The same document and time make the same attributes, byte for byte, as were sent to the card.
        let attributes = SignedAttributes::new(*frozen.version.digest.as_bytes(), request.opened_at);
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
        if compare(&answers, &signer.holder).iter().any(Comparison::is_another_person) {
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
        collections::insert(&mut tx, library.id, application.id, "").await?;
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

async fn request_of(tx: &mut Tx, token: &SessionToken, state: &str) -> Result<SigningRequest, Error> {
    let request = signing_requests::find_by_state(tx, &hash_of(state)).await?;
    request.filter(|request| bool::from(request.session_hash.ct_eq(&token.hash()))).ok_or(Error::NotFound)
}

fn statement_of(library: &Library, draft: &Draft, now: OffsetDateTime) -> Result<Statement, Error> {
    let Draft { application, answers, rules } = draft;
    let answers = answers.complete(rules).map_err(Error::Unanswered)?;
    let labels = Labels {
        category: rules.category(&answers.category).map(|category| category.label.clone()).unwrap_or_default(),
        branch: rules.branch(&answers.branch).map(|branch| branch.name.clone()).unwrap_or_default(),
    };
    let addressee = Addressee {
        slug: library.rules.slug.clone(),
        name: rules.name.clone(),
        municipality: rules.municipality.clone(),
    };
    Ok(Statement {
        schema: SCHEMA.to_owned(),
        library: addressee,
        procedure: application.procedure,
        reference: application.reference.clone(),
        version: application.last_version + 1,
        applied_on: japanese_date(now),
        answers,
        labels,
        consents: rules.consents.clone(),
        rules_version: application.rules_version,
    })
}

fn revocation_of(status: &RevocationStatus) -> RevocationAnswer {
    match status {
        RevocationStatus::Good { .. } => RevocationAnswer::Good,
        RevocationStatus::Revoked { .. } => RevocationAnswer::Revoked,
        RevocationStatus::Unknown { .. } => RevocationAnswer::Unknown,
    }
}

/// The identity of a document.
pub(super) fn sha256(bytes: &[u8]) -> Digest {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Digest::from_bytes(hash)
}

fn hash_of(text: &str) -> [u8; 32] {
    *sha256(text.as_bytes()).as_bytes()
}

/// The OAuth `state` of a request: known to its browser session alone, and the same when asked again.
/// Without `;` or `+`, which some apps mangle.
fn state_of(token: &SessionToken, request: SigningRequestId) -> String {
    BASE64URL_NOPAD.encode(&token.key_for(&format!("signing-request/{request}"))[..])
}
