//! The guardian's signature: fetched, verified over the document that the applicant signed, and taken in.

use super::open::{Awaited, awaited};
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::Refused;
use crate::domain::cosigning::{InvitationEnd, fits};
use crate::domain::event::EventKind;
use crate::domain::guardianship::Cosigner;
use crate::domain::ids::CosignInvitationId;
use crate::domain::library::Library;
use crate::domain::notice::MailContent;
use crate::jpki::Verdict;
use crate::service::apply::{event, rules_of};
use crate::service::issue::{held, mail};
use crate::service::promise::promised;
use crate::service::session::SessionToken;
use crate::service::sign::completion::{BETWEEN_LOOKS, LOOKS};
use crate::service::sign::request::request_of;
use crate::service::sign::submit::{SubmitFailure, acknowledge, revocation_of};
use crate::service::sign::{Callback, SigningOutcome, SigningProblem};
use crate::service::{Error, Portal, revocation};
use crate::store::cosignatures::Cosignature;
use crate::store::signatures::RevocationAnswer;
use crate::store::signing_requests::SigningRequest;
use crate::store::versions::FrozenVersion;
use crate::store::{
    Tx, applications, corrections, cosign_invitations, cosignatures, drafts, events, outbox, signatures,
    signing_requests, versions,
};
use time::OffsetDateTime;

impl Portal {
    /// Takes the app's answer for a guardian: fetches the signature, verifies it over the document that the applicant
    /// has signed, and puts the application into the queue — or says what is wrong; the guardian may try again.
    ///
    /// # Errors
    /// [`Error::NotFound`] if `state` belongs to no request of a guardian's in this browser session; beyond that only
    /// failures inside, for every fault of the answer is a [`SigningProblem`].
    pub async fn complete_cosigning(
        &self,
        library: &Library,
        token: &SessionToken,
        state: &str,
        callback: Callback,
    ) -> Result<SigningOutcome, Error> {
        let now = self.clock.now();
        let unknown = Ok(SigningOutcome::Problem(SigningProblem::RequestUnknown));
        let mut tx = self.db.begin().await?;
        let request = request_of(&mut tx, token, state).await?;
        let id = request.invitation_id.ok_or(Error::NotFound)?;
        let invitation = cosign_invitations::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if let Some((end, _)) = invitation.ended {
            return if end == InvitationEnd::Cosigned { Ok(SigningOutcome::Submitted) } else { unknown };
        }
        let Ok(matter) = awaited(&mut tx, invitation, now).await else { return unknown };
        if matter.version.number != request.version {
            return unknown;
        }
        if !signing_requests::consume(&mut tx, request.id, now).await? {
            drop(tx);
            if request.expires_at <= now {
                return Ok(SigningOutcome::Problem(SigningProblem::RequestExpired));
            }
            return self.end_of_first_answer(id).await;
        }
        let frozen = versions::find(&mut tx, request.application_id, request.version).await?;
        tx.commit().await?;
        let frozen = frozen.ok_or(Error::Internal("a signing request without its document"))?;

        let problem = match self.fetch_and_judge(&request, &frozen, callback, now).await {
            Ok((cms, verdict, _)) => {
                match Box::pin(self.cosign(library, &request, &frozen, (cms, verdict), now)).await {
                    Ok(()) => return Ok(SigningOutcome::Submitted),
                    Err(SubmitFailure::Problem(problem)) => problem,
                    Err(SubmitFailure::Failed(error)) => return Err(error),
                }
            }
            Err(problem) => problem,
        };
        let kind = match &problem {
            problem if problem.is_before_signature() => EventKind::CosigningFailed,
            _ => EventKind::CosignatureRefused,
        };
        let mut tx = self.db.begin().await?;
        events::insert(&mut tx, &event(&matter.application, kind, problem.kind(), now)).await?;
        tx.commit().await?;
        Ok(SigningOutcome::Problem(problem))
    }

    /// Waits a little for the first answer: browsers load an address twice when they come back from an app.
    async fn end_of_first_answer(&self, id: CosignInvitationId) -> Result<SigningOutcome, Error> {
        for _ in 0..LOOKS {
            let found = cosign_invitations::find(&mut self.db.read().await?, id).await?;
            match found.and_then(|invitation| invitation.ended) {
                Some((InvitationEnd::Cosigned, _)) => return Ok(SigningOutcome::Submitted),
                Some(_) => break,
                None => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
        Ok(SigningOutcome::Problem(SigningProblem::RequestUnknown))
    }

    async fn cosign(
        &self,
        library: &Library,
        request: &SigningRequest,
        frozen: &FrozenVersion,
        (cms, verdict): (Vec<u8>, Verdict),
        now: OffsetDateTime,
    ) -> Result<(), SubmitFailure> {
        let signer = verdict.signer.as_ref().ok_or(Error::Internal("a good signature has a signer"))?;
        let holder = signer.holder.as_ref().ok_or(Error::Internal("a signing certificate names its holder"))?;
        let answers = crate::document::read_statement(&frozen.document).map_err(Error::from)?.answers;
        let verdict_json = serde_json::to_string(&verdict).map_err(|_| Error::Internal("unwritable verdict"))?;
        let mut tx = self.db.begin().await?;
        let matter = still_awaited(&mut tx, request, now).await?;
        let id = matter.application.id;
        let cosigner = drafts::find(&mut tx, id).await?.cosigner.ok_or(Error::NoCosigner)?;
        let (issuer, serial) = (signer.issuer.as_bytes(), signer.serial.as_bytes());
        let signer_token = signatures::signer_token(&mut tx, library.id, issuer, serial).await?;
        let first = signatures::find(&mut tx, id, request.version).await?;
        let first = first.ok_or(Error::Internal("a guardian is awaited beside no signature"))?;
        if first.signer_token == signer_token {
            return Err(SubmitFailure::Problem(SigningProblem::ApplicantsCard));
        }
        fits(&cosigner, &answers, holder, japanese_date(now))
            .map_err(|unfit| SubmitFailure::Problem(SigningProblem::from(unfit)))?;
        let cosignature = Cosignature {
            library_id: library.id,
            application_id: id,
            version_number: request.version,
            cosigner,
            certificate: signer.certificate.clone(),
            revocation: revocation_of(&verdict.revocation),
            verdict_json,
            cms,
            signer_token,
            received_at: now,
        };
        self.take_in_both(&mut tx, matter, &answers, &cosignature, first.revocation).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Puts the application into the queue: the library's time begins with the second signature.
    async fn take_in_both(
        &self,
        tx: &mut Tx,
        matter: Awaited,
        answers: &Answers,
        cosignature: &Cosignature,
        first: RevocationAnswer,
    ) -> Result<(), SubmitFailure> {
        let now = cosignature.received_at;
        let Awaited { library, invitation, application, version, .. } = matter;
        let rules = rules_of(tx, &library, application.rules_version).await?;
        let submitted = application.cosign(version, now).map_err(|refused| problem_of(&refused))?;
        let draft = drafts::find(tx, submitted.id).await?;
        let card = held(tx, &submitted).await?.map(|held| held.card);
        let promised = promised(submitted, answers, &rules, (draft.request.whole(), card.as_ref()), now);
        let application = applications::save(tx, promised).await?;
        cosignatures::insert(tx, cosignature).await?;
        let ended = invitation.clone().end(InvitationEnd::Cosigned, now).map_err(|_| Error::InvitationVoid)?;
        cosign_invitations::save(tx, &invitation, &ended).await?;
        signing_requests::void_by_application(tx, application.id, now).await?;
        corrections::resolve_all(tx, application.id, Some(version.number), now).await?;
        let detail = cosignature.revocation.as_str();
        events::insert(tx, &event(&application, EventKind::Cosigned, detail, now)).await?;
        if first == RevocationAnswer::Unknown {
            revocation::ask_later(tx, &application, now).await?;
        }
        acknowledge(tx, &application, answers, &rules, now).await?;
        let content = MailContent::Cosigned { reference: application.reference.clone() };
        let Cosigner { email, .. } = &cosignature.cosigner;
        let (mail, once) = mail(&application, email, content, now);
        outbox::insert(tx, &mail, Some(&once)).await?;
        Ok(())
    }
}

/// What the request is about, if nothing has become of it while the signature was verified.
async fn still_awaited(tx: &mut Tx, request: &SigningRequest, now: OffsetDateTime) -> Result<Awaited, SubmitFailure> {
    let unknown = || SubmitFailure::Problem(SigningProblem::RequestUnknown);
    let id = request.invitation_id.ok_or_else(unknown)?;
    let invitation = cosign_invitations::find(tx, id).await?.ok_or_else(unknown)?;
    match awaited(tx, invitation, now).await {
        Ok(matter) if matter.version.number == request.version => Ok(matter),
        Ok(_) | Err(Error::InvitationVoid) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}

fn problem_of(refused: &Refused) -> SubmitFailure {
    SubmitFailure::Problem(match refused {
        Refused::TooLate { .. } => SigningProblem::RequestExpired,
        _ => SigningProblem::RequestUnknown,
    })
}
