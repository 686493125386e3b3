//! Going on with a draft from another device.

use super::apply::event;
use super::begun;
use super::codes::{CodePurpose, CodeRequest, TypedCode};
use super::session::{self, SessionToken};
use super::{Error, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::domain::person::EmailAddress;
use crate::domain::reference::Reference;
use crate::store::{Tx, drafts, events, sessions};
use time::OffsetDateTime;

/// One of several drafts that belong to a confirmed address.
#[derive(Debug, Clone)]
pub struct DraftSummary {
    /// Its public number.
    pub reference: Reference,
    /// When it was begun.
    pub started_at: OffsetDateTime,
    /// When it is erased unless touched.
    pub expires_at: OffsetDateTime,
}

impl Portal {
    /// Sends a code to somebody who wants to go on with a draft. Always says that it did:
    /// whether the address is known is nobody's business.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn send_resume_code(
        &self,
        library: &Library,
        token: &SessionToken,
        email: &EmailAddress,
        language: Language,
    ) -> Result<OffsetDateTime, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let known = !begun::list_by_email(&mut tx, library.id, email).await?.is_empty();
        let request = CodeRequest {
            library_id: library.id,
            session: token,
            purpose: CodePurpose::Resume,
            email,
            application_id: None,
            language,
            deliver: known,
        };
        let valid_until = self.issue_code(&mut tx, &request, now).await?;
        tx.commit().await?;
        Ok(valid_until)
    }

    /// Takes the code back and opens the newest draft in a fresh session.
    ///
    /// # Errors
    /// [`Error::WrongCode`], [`Error::ExpiredCode`], [`Error::TooMany`]; [`Error::NotFound`] if the draft has gone meanwhile.
    pub async fn resume(
        &self,
        library: &Library,
        token: &SessionToken,
        typed: TypedCode,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let (mut tx, code) = self.spend_code(library, token, CodePurpose::Resume, typed).await?;
        let drafts = begun::list_by_email(&mut tx, library.id, &code.email).await?;
        let newest = drafts.into_iter().max_by_key(|draft| draft.started_at).ok_or(Error::NotFound)?;
        let fresh = token.successor(&mut tx, library.id, code.id.as_uuid().as_bytes()).await?;
        open_session(&mut tx, library, (token, &fresh), &newest, now).await?;
        tx.commit().await?;
        Ok(fresh)
    }

    /// The other drafts of the same confirmed address, to choose from.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn drafts_of_same_email(&self, library: &Library, id: ApplicationId) -> Result<Vec<DraftSummary>, Error> {
        let mut tx = self.db.read().await?;
        let mut summaries = Vec::new();
        for application in siblings(&mut tx, library, id).await? {
            if let ApplicationState::Draft { expires_at } | ApplicationState::AwaitingSignature { expires_at, .. } =
                application.state
            {
                summaries.push(DraftSummary {
                    reference: application.reference,
                    started_at: application.started_at,
                    expires_at,
                });
            }
        }
        Ok(summaries)
    }

    /// Goes over to another draft of the same confirmed address.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not one of them.
    pub async fn switch_draft(
        &self,
        library: &Library,
        token: &SessionToken,
        from: ApplicationId,
        to: &Reference,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let siblings = siblings(&mut tx, library, from).await?;
        let chosen = siblings.iter().find(|draft| draft.reference == *to).ok_or(Error::NotFound)?;
        // The same person at the same browser: the cookie may stay. A session that was ended meanwhile stays ended.
        if !sessions::delete(&mut tx, &token.hash()).await? {
            return Err(Error::SignedOut);
        }
        open_session(&mut tx, library, (token, token), chosen, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn siblings(tx: &mut Tx, library: &Library, id: ApplicationId) -> Result<Vec<Application>, Error> {
    let answers = drafts::find(tx, id).await?;
    match answers.email.filter(|_| answers.email_confirmed) {
        Some(email) => begun::list_by_email(tx, library.id, &email).await,
        None => Ok(Vec::new()),
    }
}

async fn open_session(
    tx: &mut Tx,
    library: &Library,
    (old, fresh): (&SessionToken, &SessionToken),
    application: &Application,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sessions::delete(tx, &old.hash()).await?;
    sessions::delete(tx, &fresh.hash()).await?;
    sessions::insert(tx, &session::of_applicant(fresh, library.id, application.id, now)).await?;
    events::insert(tx, &event(application, EventKind::Resumed, "", now)).await?;
    Ok(())
}
