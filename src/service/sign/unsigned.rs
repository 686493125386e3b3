//! Nobody signs: pictures of documents are sent in place of a signature, or staff enter it at the counter.

use super::submit::{acknowledge, end_writing};
use crate::clock::japanese_date;
use crate::domain::answers::Question;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{Library, Signing};
use crate::domain::statement::Statement;
use crate::domain::version::Digest;
use crate::service::apply::{Answer, Draft, change_draft, draft_life, event, load_draft};
use crate::service::promise::promised;
use crate::service::{Error, Once, Portal};
use crate::sha256::sha256;
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, applications, corrections, drafts, events, versions};
use time::OffsetDateTime;

/// Under which name the form that sends an application unsigned is remembered for the first time; whose session sent
/// it may see the receipt.
pub(in crate::service) const FIRST_SENDING: &str = "apply/check/unsigned";
/// Under which name it is remembered when something was put right. Whoever reads the mailbox may do that, so there is no
/// receipt with a collection code for it.
const NEXT_SENDING: &str = "apply/check/unsigned/again";

impl Portal {
    /// Chooses whether pictures of documents are sent instead of a signature. What is attached stays attached. What
    /// waited for a signature does so no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where pictures do not take the place of a signature, [`Error::Unanswered`] while a question
    /// before the documents is open, [`Error::Refused`] after submission, and while something has to be put right.
    pub async fn choose_signing(&self, library: &Library, id: ApplicationId, signing: Signing) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Draft { application, answers, rules, .. } = load_draft(&mut tx, library, id).await?;
        let unsigned = signing == Signing::Unsigned;
        if unsigned && !answers.may_send_pictures(application.procedure, &rules, japanese_date(now)) {
            return Err(Error::NotFound);
        }
        if let Some(question) = answers.first_unanswered(&rules).filter(|question| *question < Question::Documents) {
            return Err(Error::Unanswered(question));
        }
        if answers.unsigned == unsigned {
            return Ok(());
        }
        change_draft(&mut tx, library, id, now, |answers| answers.unsigned = unsigned).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the last answer and puts the draft into the queue, with pictures of documents in place of a signature.
    ///
    /// # Errors
    /// As [`freeze`](Self::freeze); [`Error::Stale`] if it was chosen meanwhile to sign, [`Error::NotFound`] where
    /// pictures do not take the place of a signature.
    pub async fn submit_unsigned(
        &self,
        library: &Library,
        id: ApplicationId,
        consent: Answer,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (draft, statement) = self.settled(library, id, consent, now).await?;
        if !draft.answers.unsigned {
            return Err(Error::Stale);
        }
        if !draft.answers.may_send_pictures(draft.application.procedure, &draft.rules, japanese_date(now)) {
            return Err(Error::NotFound);
        }
        let set = typeset_unsigned(self, statement, now).await?;
        let route = if draft.signed.is_some() { NEXT_SENDING } else { FIRST_SENDING };
        let once = Once { route, ..once.clone() };
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let application = queue_unsigned(&mut tx, draft, set, now).await?;
        end_writing(&mut tx, &once.actor, &application, now).await?;
        events::insert(&mut tx, &event(&application, EventKind::SubmittedUnsigned, "", now)).await?;
        Ok(tx.commit().await?)
    }
}

/// A statement that nobody signs, and its document.
pub(in crate::service) struct Unsigned {
    statement: Statement,
    document: Vec<u8>,
}

/// Sets the document of a statement that nobody signs.
pub(in crate::service) async fn typeset_unsigned(
    portal: &Portal,
    statement: Statement,
    now: OffsetDateTime,
) -> Result<Unsigned, Error> {
    let statement = Statement { unsigned: true, ..statement };
    let said = statement.clone();
    let document = portal.typeset(move |typesetter| typesetter.application(&said, now)).await?;
    Ok(Unsigned { statement, document })
}

/// Puts a draft into the queue as its document shows it, and tells the applicant; what was asked to be put right is
/// settled. What the application rests on, and whose doing it is, the caller adds.
pub(in crate::service) async fn queue_unsigned(
    tx: &mut Tx,
    draft: Draft,
    set: Unsigned,
    now: OffsetDateTime,
) -> Result<Application, Error> {
    let Unsigned { statement, document } = set;
    let application = match draft.application.state {
        ApplicationState::AwaitingSignature { .. } => draft.application.edit(draft_life(&draft.rules), now)?,
        _ => draft.application,
    };
    let submitted = application.submit_unsigned(Digest::from_bytes(sha256(&document)), now)?;
    // Whose card it is, staff will say.
    let about = (statement.request.as_ref(), None);
    let application = promised(submitted, &statement.answers, &draft.rules, about, now);
    let version = application.state.version().ok_or(Error::Internal("a submitted application has a version"))?;
    // The guarded save proves that nobody changed the answers since they were read.
    let application = applications::save(tx, application).await?;
    drafts::save(tx, &application, &draft.answers).await?;
    let (library_id, application_id) = (application.library_id, application.id);
    versions::insert(tx, &FrozenVersion { library_id, application_id, version, document, frozen_at: now }).await?;
    corrections::resolve_all(tx, application.id, Some(version.number), now).await?;
    acknowledge(tx, &application, &statement.answers, &draft.rules, now).await?;
    Ok(application)
}
