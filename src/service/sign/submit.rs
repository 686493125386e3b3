//! The one way in: a good signature, however it was made, submits the version that it is over.

use super::cosign::{ask_guardian, cosigning_life};
use super::problem::SigningProblem;
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::{Application, Refused};
use crate::domain::cosigning::CosignerNeed;
use crate::domain::event::{Actor, EventKind};
use crate::domain::guardianship::Cosigner;
use crate::domain::ids::{HandoffId, LibraryId, PatronId, SigningRequestId};
use crate::domain::library::{Library, LibraryRules};
use crate::domain::likeness::compare;
use crate::domain::notice::MailContent;
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::domain::version::Version;
use crate::jpki::{Holder, RevocationStatus, Verdict};
use crate::service::about_card::{find_by_number, find_holder, report_loss};
use crate::service::apply::{Draft, event};
use crate::service::automatic::put_before_rules;
use crate::service::guardian::must_sign_for;
use crate::service::issue::{Held, mail};
use crate::service::promise::{due, promised, promised_days};
use crate::service::session::Session;
use crate::service::{Error, Portal, revocation, session};
use crate::store::automatic_decisions::DueDecision;
use crate::store::signatures::{RevocationAnswer, SignatureEvidence, SigningWay};
use crate::store::{StoreError, Tx, applications, corrections, events, handoffs, outbox, sessions, signatures};
use time::{Duration, OffsetDateTime};

/// For how long the receipt, with its collection code, can be seen again.
pub(in crate::service) const RECEIPT_SHOWN_FOR: Duration = Duration::hours(1);

/// What ties a signature to the application that it is for.
pub(super) enum Bond {
    /// The app's answer to a request of the applicant's own session.
    App { request: SigningRequestId, session_hash: [u8; 32] },
    /// The app's answer to a request of a telephone that a PC handed over to.
    Phone { request: SigningRequestId, handoff: HandoffId },
    /// An upload in the applicant's own session: no app was asked, so number and digest of the version must do.
    Upload { version: Version, session_hash: [u8; 32] },
}

/// A signature that was verified over the frozen document.
pub(super) struct Signed {
    pub(super) bond: Bond,
    pub(super) version: u32,
    pub(super) cms: Vec<u8>,
    /// What a PDF signature added to the document.
    pub(super) pdf_update: Option<Vec<u8>>,
    pub(super) verdict: Verdict,
}

impl Portal {
    /// Submits the application on a verified signature, or says what stands against it.
    pub(super) async fn submit(
        &self,
        library: &Library,
        draft: Draft,
        arrived: Signed,
        now: OffsetDateTime,
    ) -> Result<(), SubmitFailure> {
        let signer = arrived.verdict.signer.as_ref().ok_or(Error::Internal("a good signature has a signer"))?;
        let answers = draft.answers.complete(&draft.rules).map_err(Error::Unanswered)?;
        let holder = signer.holder.as_ref().ok_or(Error::Internal("a signing certificate names its holder"))?;
        if let Some(problem) = SigningProblem::of_comparison(&compare(&answers, holder)) {
            let problem = if answers.by_guardian.is_some() { SigningProblem::NotTheGuardian } else { problem };
            return Err(SubmitFailure::Problem(problem));
        }
        let (issuer, serial) = (signer.issuer.as_bytes(), signer.serial.as_bytes());
        let verdict_json =
            serde_json::to_string(&arrived.verdict).map_err(|_| Error::Internal("unwritable verdict"))?;
        let mut tx = self.db.begin().await?;
        let signer_token = signatures::signer_token(&mut tx, library.id, issuer, serial).await?;
        let application =
            applications::find(&mut tx, library.id, draft.application.id).await?.ok_or(Error::NotFound)?;
        let procedure = application.procedure;
        let open_as = match answers.signed_for() {
            Some(children) => signatures::guardian_token(&mut tx, library.id, issuer, serial, &children).await?,
            None => signer_token,
        };
        if let Some(other) = signatures::find_open_by_signer(&mut tx, library.id, procedure, &open_as).await? {
            return Err(SubmitFailure::Problem(SigningProblem::AlreadyApplied(other)));
        }
        let request = draft.answers.request.whole();
        let about = about(&mut tx, library, (&application, &answers, request), holder, now).await?;
        let patron_id = about.as_ref().map(|held| held.patron.id);
        if let Some(id) = patron_id
            && let Some(other) = applications::find_open_by_patron(&mut tx, library.id, procedure, id).await?
        {
            return Err(SubmitFailure::Problem(SigningProblem::AlreadyApplied(other.reference)));
        }
        let cosigner = cosigner_of(&draft, now)?;
        let (way, owner) = settle(&mut tx, &arrived.bond).await?;
        let evidence = SignatureEvidence {
            library_id: library.id,
            application_id: application.id,
            version_number: arrived.version,
            signer_token,
            certificate: signer.certificate.clone(),
            revocation: revocation_of(&arrived.verdict.revocation),
            verdict_json,
            cms: arrived.cms,
            way,
            session_hash: Some(owner),
            pdf_update: arrived.pdf_update,
            received_at: now,
        };
        let next = match cosigner {
            Some(_) => arrived.bond.await_guardian(application, cosigning_life(&draft.rules, now), now),
            None => arrived.bond.submit(application, now),
        };
        let next = next.map_err(|refused| problem_of(&refused))?;
        // What staff have said before a correction stays said.
        let next = Application { patron_id: patron_id.or(next.patron_id), ..next };
        let card = about.as_ref().map(|held| &held.card);
        let next = match cosigner {
            Some(_) => next,
            None => promised(next, &answers, &draft.rules, (request, card), now),
        };
        let application = match applications::save(&mut tx, next).await {
            Ok(application) => application,
            Err(error) => return self.clash(tx, (library.id, procedure, patron_id), &open_as, error).await,
        };
        if let Err(error) = signatures::insert(&mut tx, &evidence, &open_as).await {
            return self.clash(tx, (library.id, procedure, patron_id), &open_as, error).await;
        }
        end_writing(&mut tx, &owner, &application, now).await?;
        let due = match cosigner {
            Some(cosigner) => {
                ask_guardian(&mut tx, &application, cosigner, now).await?;
                None
            }
            None => take_in(&mut tx, &application, &answers, (&draft.rules, evidence.revocation), now).await?,
        };
        if let (Some(request), Some(Held { patron, card })) = (request, about) {
            report_loss(&mut tx, library, (&application, request, Actor::Applicant), (&patron, card), now).await?;
        }
        tx.commit().await?;
        if let Some(due) = due
            && let Err(error) = Box::pin(self.try_by_rule(&due)).await
        {
            // It is received in any case, and the rules look at it again.
            tracing::error!(application = %due.application_id, %error, "the rules could not be asked");
        }
        Ok(())
    }

    /// The other application of the same person, or about the same card, was quicker by a hair: the store allows one.
    async fn clash(
        &self,
        tx: Tx,
        (library_id, procedure, patron_id): (LibraryId, Procedure, Option<PatronId>),
        open_as: &[u8; 32],
        error: StoreError,
    ) -> Result<(), SubmitFailure> {
        drop(tx);
        if !matches!(error, StoreError::Duplicate) {
            return Err(error.into());
        }
        let mut tx = self.db.read().await?;
        let mut other = signatures::find_open_by_signer(&mut tx, library_id, procedure, open_as).await?;
        if let (None, Some(id)) = (&other, patron_id) {
            let open = applications::find_open_by_patron(&mut tx, library_id, procedure, id).await?;
            other = open.map(|open| open.reference);
        }
        match other {
            Some(other) => Err(SubmitFailure::Problem(SigningProblem::AlreadyApplied(other))),
            None => Err(error.into()),
        }
    }
}

/// Whose card it is about, as far as the signature says so: its holder's, or that of a child whose guardian has signed.
async fn about(
    tx: &mut Tx,
    library: &Library,
    (draft, answers, request): (&Application, &Answers, Option<&Request>),
    holder: &Holder,
    now: OffsetDateTime,
) -> Result<Option<Held>, SubmitFailure> {
    let Some(request) = request else { return Ok(None) };
    if answers.by_guardian.is_none() {
        return Ok(find_holder(tx, library.id, request, holder).await?);
    }
    let child = find_by_number(tx, library.id, request.card_number()).await?;
    match must_sign_for(tx, library, (draft, child.as_ref()), holder, now).await? {
        Ok(()) => Ok(child),
        Err(not) => Err(SubmitFailure::Problem(not.into())),
    }
}

/// The guardian who has to sign as well, if one has to. Who has come of age since the freeze needs none.
fn cosigner_of(draft: &Draft, now: OffsetDateTime) -> Result<Option<&Cosigner>, Error> {
    match draft.answers.cosigner_need(&draft.rules, japanese_date(now)) {
        CosignerNeed::None => Ok(None),
        CosignerNeed::Guardian | CosignerNeed::TooYoung => {
            Ok(Some(draft.answers.cosigner.as_ref().ok_or(Error::NoCosigner)?))
        }
    }
}

impl Bond {
    fn submit(&self, application: Application, now: OffsetDateTime) -> Result<Application, Refused> {
        match *self {
            Self::App { request, .. } | Self::Phone { request, .. } => application.submit(request, now),
            Self::Upload { version, .. } => application.submit_version(version, now),
        }
    }

    fn await_guardian(
        &self,
        application: Application,
        life: Duration,
        now: OffsetDateTime,
    ) -> Result<Application, Refused> {
        match *self {
            Self::App { request, .. } | Self::Phone { request, .. } => application.await_guardian(request, life, now),
            Self::Upload { version, .. } => application.await_guardian_of(version, life, now),
        }
    }
}

/// Takes in what its applicant alone has signed: into the record, before the rules, with a receipt.
async fn take_in(
    tx: &mut Tx,
    application: &Application,
    answers: &Answers,
    (rules, revocation): (&LibraryRules, RevocationAnswer),
    now: OffsetDateTime,
) -> Result<Option<DueDecision>, Error> {
    let corrected = corrections::resolve_all(tx, application.id, Some(application.last_version), now).await? > 0;
    events::insert(tx, &event(application, EventKind::Submitted, revocation.as_str(), now)).await?;
    // What a person asked about, a person looks at again.
    let due = if corrected { None } else { put_before_rules(tx, rules, application, now).await? };
    if revocation == RevocationAnswer::Unknown {
        revocation::ask_later(tx, application, now).await?;
    }
    acknowledge(tx, application, answers, rules, now).await?;
    Ok(due)
}

/// Queues the receipt.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    application: &Application,
    answers: &Answers,
    rules: &LibraryRules,
    now: OffsetDateTime,
) -> Result<(), Error> {
    // Who has no address was told at the counter.
    let Some(email) = &answers.email else { return Ok(()) };
    let promised_days = promised_days(rules, application, now);
    // It is told as a day where the days begin to count later than today.
    let answer_by = application.due_on.filter(|day| *day > due(rules, application, None, now));
    let received = MailContent::Received { reference: application.reference.clone(), promised_days, answer_by };
    let (mail, once) = mail(application, email, received, now);
    outbox::insert(tx, &mail, Some(&once)).await?;
    Ok(())
}

/// Uses up the hand-off, if there is one, and tells whose the receipt is: always the session that began the
/// application. A telephone that was handed over to gets neither the receipt nor a session of the library's.
async fn settle(tx: &mut Tx, bond: &Bond) -> Result<(SigningWay, [u8; 32]), SubmitFailure> {
    let id = match bond {
        Bond::App { session_hash, .. } => return Ok((SigningWay::App, *session_hash)),
        Bond::Upload { session_hash, .. } => return Ok((SigningWay::Upload, *session_hash)),
        Bond::Phone { handoff, .. } => *handoff,
    };
    let unknown = || SubmitFailure::Problem(SigningProblem::RequestUnknown);
    let handoff = handoffs::find(tx, id).await?.ok_or_else(unknown)?;
    let (was, owner) = (handoff.state, handoff.session_hash);
    let finished = handoff.finish().map_err(|_| unknown())?;
    handoffs::save(tx, was, &finished).await?;
    Ok((SigningWay::Phone, owner))
}

/// What the draft's session could change is changed for the last time: from here on it only reads. A session that
/// was ended meanwhile stays ended.
pub(super) async fn end_writing(
    tx: &mut Tx,
    owner: &[u8; 32],
    application: &Application,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let Some(Session { proof, device, .. }) = sessions::find(tx, application.library_id, owner, now).await? else {
        return Ok(());
    };
    if !sessions::delete(tx, owner).await? {
        return Ok(());
    }
    // Whoever has proved to be the patron has not stopped being it by signing.
    sessions::insert(tx, &Session { proof, device, ..session::reading_on(*owner, application, now) }).await
}

fn problem_of(refused: &Refused) -> SubmitFailure {
    SubmitFailure::Problem(match refused {
        Refused::RequestExpired => SigningProblem::RequestExpired,
        _ => SigningProblem::RequestUnknown,
    })
}

/// Why a good signature still did not submit.
pub(super) enum SubmitFailure {
    Problem(SigningProblem),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for SubmitFailure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(super) fn revocation_of(status: &RevocationStatus) -> RevocationAnswer {
    match status {
        RevocationStatus::Good { .. } => RevocationAnswer::Good,
        RevocationStatus::Revoked { .. } => RevocationAnswer::Revoked,
        RevocationStatus::Unknown { .. } => RevocationAnswer::Unknown,
    }
}
