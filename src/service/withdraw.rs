//! Taking an application back before a decision.

use super::apply::event;
use super::{Error, Once, Portal};
use crate::domain::credential::CollectionCode;
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::library::Library;
use crate::store::{applications, events};

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
        let withdrawn = application.clone().withdraw(now)?;
        if application.needs_code_to_withdraw() {
            drop(tx);
            self.check_collection_code(library, id, typed, now).await?;
            tx = self.db.begin().await?;
            once.claim(&mut tx, now).await?;
        }
        let withdrawn = applications::save(&mut tx, withdrawn).await?;
        applications::end_writing(&mut tx, &withdrawn, now).await?;
        events::insert(&mut tx, &event(&withdrawn, EventKind::Withdrawn, "", now)).await?;
        Ok(tx.commit().await?)
    }
}
