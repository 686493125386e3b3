//! Taking an application back before a decision.

use super::apply::event;
use super::deliver::try_collection_code;
use super::issue::end_new_card;
use super::sign::void_unsigned;
use super::{Error, Once, Portal};
use crate::domain::application::Application;
use crate::domain::credential::CollectionCode;
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::library::Library;
use crate::store::{Tx, applications, events};
use time::OffsetDateTime;

impl Portal {
    /// Takes the application back before a decision. Once it is submitted, whoever merely reads the mailbox must
    /// not end it: the collection code is asked for.
    ///
    /// # Errors
    /// [`Error::Refused`] once it is decided, [`Error::WrongCollectionCode`], [`Error::Repeated`] for the second sending.
    pub async fn withdraw(
        &self,
        library: &Library,
        id: ApplicationId,
        typed: Option<&CollectionCode>,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        application.clone().withdraw(now)?;
        if application.needs_code_to_withdraw() {
            drop(tx);
            return self.withdraw_with_code(library, id, typed, once).await;
        }
        end(&mut tx, application, now).await?;
        Ok(tx.commit().await?)
    }

    /// Compares the collection code, and claims the key only then: a wrong try counts and leaves the form to be
    /// corrected, the same form sent again and again is one try.
    async fn withdraw_with_code(
        &self,
        library: &Library,
        id: ApplicationId,
        typed: Option<&CollectionCode>,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let fits = match try_collection_code(&mut tx, library, id, typed, now).await {
            Err(error @ Error::TooMany { .. }) => {
                once.claim(&mut tx, now).await?;
                return Err(error);
            }
            tried => tried?,
        };
        if !fits {
            tx.commit().await?;
            return Err(Error::WrongCollectionCode);
        }
        once.claim(&mut tx, now).await?;
        // Whoever claimed it meanwhile has decided nothing yet.
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        end(&mut tx, application, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn end(tx: &mut Tx, application: Application, now: OffsetDateTime) -> Result<(), Error> {
    let before = application.clone();
    let withdrawn = applications::save(tx, application.withdraw(now)?).await?;
    void_unsigned(tx, &before).await?;
    applications::end_writing(tx, &withdrawn, now).await?;
    end_new_card(tx, &withdrawn, now).await?;
    events::insert(tx, &event(&withdrawn, EventKind::Withdrawn, "", now)).await?;
    Ok(())
}
