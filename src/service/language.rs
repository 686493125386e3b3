//! In which language somebody reads: the one of the page that they used last, or have chosen since.

use super::session::Session;
use super::{Error, Portal, bearer};
use crate::domain::application::Application;
use crate::domain::language::Language;
use crate::store::{applications, patrons};

impl Portal {
    /// Notes the language of the page on which an applicant works, if it is another one than before.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn note_language(&self, application: &Application, language: Language) -> Result<(), Error> {
        if application.language == language {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        applications::save_language(&mut tx, application.library_id, application.id, language).await?;
        Ok(tx.commit().await?)
    }

    /// Notes the language that somebody has chosen who reads of an application, or has a card.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn note_chosen_language(&self, session: &Session, language: Language) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if let Some(id) = bearer::application_of(session.subject) {
            applications::save_language(&mut tx, session.library_id, id, language).await?;
        }
        if let Some(bearer::Proved { held, .. }) = bearer::proved(&mut tx, session, now).await? {
            patrons::save_language(&mut tx, session.library_id, held.patron.id, language).await?;
        }
        Ok(tx.commit().await?)
    }
}
