//! Freezing: the draft becomes a version, whose document is set once and never changes.

use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::correction::{changed_fields, unsettled};
use crate::domain::cosigning::{CosignerNeed, SIGNING_AGE};
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, SigningRequestId};
use crate::domain::library::{Ineligible, Library};
use crate::domain::statement::{Addressee, AgreedText, Labels, SCHEMA, Statement};
use crate::domain::version::Digest;
use crate::domain::version::Version;
use crate::service::apply::{Answer, Draft, draft_life, event};
use crate::service::{Error, Once, Portal};
use crate::sha256::sha256;
use crate::store::versions::FrozenVersion;
use crate::store::{applications, drafts, events, versions};
use time::OffsetDateTime;

/// A frozen version that waits for its signature.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The application.
    pub application: Application,
    /// What is to be signed, read back from the document itself.
    pub statement: Statement,
}

impl Portal {
    /// Takes the last answer and freezes the draft as the next version: sets its document, whose SHA-256 is
    /// the version's digest. A version that waited for its signature before is void.
    ///
    /// # Errors
    /// [`Error::Unanswered`] with the question to ask, [`Error::Unsettled`] while something that was asked about is
    /// neither changed nor answered, [`Error::Refused`] after submission and for a change that was not asked for,
    /// [`Error::Repeated`] for the second sending.
    pub async fn freeze(
        &self,
        library: &Library,
        id: ApplicationId,
        consent: Answer,
        once: &Once,
    ) -> Result<Version, Error> {
        let now = self.clock.now();
        let (draft, statement) = self.settled(library, id, consent, now).await?;
        if draft.answers.unsigned {
            // Another page has chosen meanwhile to send pictures instead.
            return Err(Error::Stale);
        }
        let document = self.typeset(move |typesetter| typesetter.application(&statement, now)).await?;
        let digest = Digest::from_bytes(sha256(&document));

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

    /// A draft with its last answer, and what it says, once nothing stands against sending it: whoever signs it, or
    /// nobody.
    pub(super) async fn settled(
        &self,
        library: &Library,
        id: ApplicationId,
        consent: Answer,
        now: OffsetDateTime,
    ) -> Result<(Draft, Statement), Error> {
        let mut draft = self.draft(library, id).await?;
        let mut answers = draft.answers.clone();
        consent.put(&mut answers);
        draft.may_become(&answers)?;
        draft.answers = answers;
        let today = japanese_date(now);
        draft.answers.check_eligibility(&draft.rules, today)?;
        match draft.answers.cosigner_need(&draft.rules, today) {
            CosignerNeed::TooYoung => return Err(Ineligible::TooYoung { minimum: SIGNING_AGE }.into()),
            CosignerNeed::Guardian if draft.answers.cosigner.is_none() => return Err(Error::NoCosigner),
            CosignerNeed::Guardian | CosignerNeed::None => {}
        }
        if let Some(question) = draft.first_unanswered(today) {
            return Err(Error::Unanswered(question));
        }
        let statement = statement_of(library, &draft, now)?;
        if let Some(signed) = &draft.signed {
            let changed = changed_fields(&signed.answers, &statement.answers);
            if !unsettled(&draft.corrections, &changed).is_empty() {
                return Err(Error::Unsettled);
            }
        }
        Ok((draft, statement))
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
}

impl Portal {
    /// The document that was signed and received last, as PDF, for its own applicant.
    ///
    /// # Errors
    /// [`Error::NotFound`] before submission.
    pub async fn submitted_document(&self, library: &Library, id: ApplicationId) -> Result<Vec<u8>, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let version = application.state.submitted_version().ok_or(Error::NotFound)?;
        Ok(versions::find(&mut tx, id, version.number).await?.ok_or(Error::NotFound)?.document)
    }
}

/// What a draft says, as it is frozen.
pub(in crate::service) fn statement_of(
    library: &Library,
    draft: &Draft,
    now: OffsetDateTime,
) -> Result<Statement, Error> {
    let Draft { application, answers, rules, .. } = draft;
    let request = answers.request.whole().cloned();
    let answers = answers.complete(rules).map_err(Error::Unanswered)?;
    let labels = Labels {
        category: rules
            .category(&answers.category)
            .map(|category| category.label.as_str().to_owned())
            .unwrap_or_default(),
        branch: rules.branch(&answers.branch).map(|branch| branch.name.as_str().to_owned()).unwrap_or_default(),
        relation: answers
            .relation()
            .map(|relation| rules.relation(relation).map(|label| label.as_str().to_owned()).unwrap_or_default()),
    };
    let addressee = Addressee {
        slug: library.rules.slug.clone(),
        name: rules.name.as_str().to_owned(),
        municipality: rules.municipality.as_str().to_owned(),
    };
    Ok(Statement {
        schema: SCHEMA.to_owned(),
        library: addressee,
        procedure: application.procedure,
        reference: application.reference.clone(),
        version: application.last_version + 1,
        applied_on: japanese_date(now),
        request,
        answers,
        labels,
        consents: rules.consents.iter().map(AgreedText::from).collect(),
        rules_version: application.rules_version,
        unsigned: false,
    })
}
