//! Many rows at once, for a database to try the portal with: sealed, keyed and searchable exactly as the functions of
//! each table make them, only faster.
//!
//! Sealing needs no transaction and runs on as many threads as there are ([`BulkSeal`]); [`insert`] then writes several
//! rows per statement. The search tokens of everybody are written at the very end and in their order
//! ([`insert_tokens`]): one by one they would touch a page of the largest index for every row.

mod write;

pub use write::{finish, insert, insert_tokens};

use super::applications::StateColumns;
use super::rows::corrupt;
use super::seal::{self, DataKey, Keyring, Place, SearchField, TokenKeys, WrappedKey};
use super::{StoreError, Tx, drafts, events, patrons, search_keys};
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::event::{ChainedEvent, Event};
use crate::domain::ids::LibraryId;
use crate::domain::patron::Patron;
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What seals the rows of one library, on any thread.
pub struct BulkSeal {
    library_id: LibraryId,
    keyring: Arc<Keyring>,
    tokens: TokenKeys,
}

/// Something that an owner of personal data is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchToken {
    field: SearchField,
    token: [u8; 32],
    owner: Uuid,
}

/// Sealed rows that wait to be written.
#[derive(Default)]
pub struct Batch {
    keys: Vec<WrappedKey>,
    patrons: Vec<PatronLine>,
    cards: Vec<Card>,
    applications: Vec<ApplicationLine>,
    tokens: Vec<SearchToken>,
}

struct PatronLine {
    id: Uuid,
    library_id: Uuid,
    facts: Vec<u8>,
    registered_at: OffsetDateTime,
}

struct ApplicationLine {
    application: Application,
    columns: StateColumns,
    answers: Vec<u8>,
    event: ChainedEvent,
}

impl BulkSeal {
    /// Opens what one library's rows are sealed with.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] if there is no such library.
    pub async fn open(tx: &mut Tx, library_id: LibraryId) -> Result<Self, StoreError> {
        let tokens = TokenKeys::of(tx, library_id).await?;
        Ok(Self { library_id, keyring: Arc::clone(&tx.keyring), tokens })
    }

    /// Adds a patron with a card. Which application made them one is found out when the batch is written.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the facts cannot be written down.
    pub fn add_patron(&self, batch: &mut Batch, patron: &Patron, card: Card) -> Result<(), StoreError> {
        let id = patron.id.as_uuid();
        let key = self.key(batch, id)?;
        batch.patrons.push(PatronLine {
            id,
            library_id: patron.library_id.as_uuid(),
            facts: sealed(&key, &patrons::place(id), &patron.facts)?,
            registered_at: patron.registered_at,
        });
        batch.cards.push(card);
        self.add_tokens(batch, id, search_keys::of_patron(&patron.facts));
        Ok(())
    }

    /// Adds an application with its answers and the first event of its record.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the answers cannot be written down.
    pub fn add_application(
        &self,
        batch: &mut Batch,
        application: Application,
        answers: &DraftAnswers,
        event: Event,
    ) -> Result<(), StoreError> {
        let id = application.id.as_uuid();
        let key = self.key(batch, id)?;
        let line = ApplicationLine {
            columns: StateColumns::of(&application.state),
            answers: sealed(&key, &drafts::place(id), answers)?,
            event: events::first_of_chain(event),
            application,
        };
        batch.applications.push(line);
        self.add_tokens(batch, id, search_keys::of_draft(answers));
        Ok(())
    }

    fn key(&self, batch: &mut Batch, owner: Uuid) -> Result<DataKey, StoreError> {
        let (key, row) = seal::new_key(&self.keyring, self.library_id, owner)?;
        batch.keys.push(row);
        Ok(key)
    }

    fn add_tokens(&self, batch: &mut Batch, owner: Uuid, values: Vec<(SearchField, String)>) {
        let token = |(field, value): (SearchField, String)| {
            let token = self.tokens.token(field, &value);
            SearchToken { field, token, owner }
        };
        batch.tokens.extend(values.into_iter().map(token));
    }
}

impl Batch {
    /// Takes out what its owners are found by, to be written when all batches are.
    #[must_use]
    pub fn take_tokens(&mut self) -> Vec<SearchToken> {
        std::mem::take(&mut self.tokens)
    }
}

fn sealed<T: Serialize>(key: &DataKey, place: &Place, value: &T) -> Result<Vec<u8>, StoreError> {
    let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| corrupt(place.table, &place.row))?);
    Ok(key.seal(place, &json))
}
