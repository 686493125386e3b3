//! The applicant's way back in: reference and birth date, then a code to the registered address.

use super::codes::{CodePurpose, CodeRequest, TypedCode};
use super::devices::{self, Device, Telling};
use super::session::{self, Session, SessionToken};
use super::{Error, Portal, bearer};
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::domain::person::{BirthDate, EmailAddress};
use crate::domain::reference::Reference;
use crate::sha256::sha256;
use crate::store::{applications, drafts, sessions};
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

impl Portal {
    /// Sends a code to the address registered with `reference`, if the birth date fits. The answer is
    /// the same whether it does or not.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn send_sign_in_code(
        &self,
        library: &Library,
        token: &SessionToken,
        reference: &Reference,
        birth: BirthDate,
        language: Language,
    ) -> Result<OffsetDateTime, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let mut known = None;
        if let Some(application) = applications::find_by_reference(&mut tx, library.id, reference).await? {
            let answers = drafts::find(&mut tx, application.id).await?;
            if answers.applicant_birth() == Some(birth) && answers.email_confirmed {
                known = answers.email.map(|email| (application.id, email));
            }
        }
        let nobody = nobody(reference, birth)?;
        let request = CodeRequest {
            library_id: library.id,
            session: token,
            purpose: CodePurpose::SignIn,
            email: known.as_ref().map_or(&nobody, |(_, email)| email),
            application_id: known.as_ref().map(|(id, _)| *id),
            language,
            deliver: known.is_some(),
        };
        let valid_until = self.issue_code(&mut tx, &request, now).await?;
        tx.commit().await?;
        Ok(valid_until)
    }

    /// Takes the code back and opens a session that may read what became of the application.
    ///
    /// # Errors
    /// [`Error::WrongCode`], [`Error::ExpiredCode`], [`Error::TooMany`].
    pub async fn sign_in(
        &self,
        library: &Library,
        token: &SessionToken,
        typed: TypedCode,
        device: &Device,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let (mut tx, code) = self.spend_code(library, token, CodePurpose::SignIn, typed).await?;
        let id = code.application_id.ok_or(Error::WrongCode)?;
        let fresh = token.successor(&mut tx, library.id, code.id.as_uuid().as_bytes()).await?;
        sessions::delete(&mut tx, &token.hash()).await?;
        sessions::delete(&mut tx, &fresh.hash()).await?;
        let reader = Session { device: Some(device.kind), ..session::of_reader(&fresh, library.id, id, now) };
        sessions::insert(&mut tx, &reader).await?;
        if let Some(bearer::Proved { held, .. }) = bearer::proved(&mut tx, &reader, now).await? {
            devices::remember(&mut tx, library.id, &held.patron, device, Telling::Told, now).await?;
        }
        tx.commit().await?;
        Ok(fresh)
    }
}

/// The address that stands in for an unknown one in the limits, so that asking for an unknown application is
/// slowed down exactly like asking for a known one. No mail ever goes there (RFC 2606).
fn nobody(reference: &Reference, birth: BirthDate) -> Result<EmailAddress, Error> {
    let digest = HEXLOWER.encode(&sha256(format!("{reference}/{birth}").as_bytes()));
    format!("nobody-{}@example.invalid", &digest[..32]).parse().map_err(|_| Error::Internal("an unsound address"))
}
