//! Patrons found by what staff know of them. Tokens alone decide; only who is shown is opened.

use super::patrons::place;
use super::rows::corrupt;
use super::seal::{self, SearchField, WrappedKey};
use super::{StoreError, Tx, on, search_keys};
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::patron::PatronFacts;
use crate::domain::patron_search::{SoughtFact, SoughtFacts};
use time::Date;
use uuid::Uuid;

/// A patron who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPatron {
    /// Who.
    pub id: PatronId,
    /// What the library knows.
    pub facts: PatronFacts,
    /// The newest card and its last day.
    pub card: Option<(CardNumber, Date)>,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    id: Uuid,
    facts: Vec<u8>,
    master_version: i64,
    wrapped: Vec<u8>,
    number: Option<String>,
    expires_on: Option<Date>,
}

/// One range of the primary key for the rarest fact, and one look-up in it for each other fact. CROSS JOIN keeps
/// SQLite to this order of the tables. The range is walked from the newest owner on, so that a name that thousands
/// share is left as soon as the page is full. SQLite plans a statement anew each time if its limit is a bare parameter.
const FOUND: &str = "SELECT p.id, p.facts, k.master_version, k.wrapped,
         (SELECT c.number FROM cards c WHERE c.patron_id = p.id ORDER BY c.is_pending, c.issued_at DESC, c.id DESC LIMIT 1)
             AS number,
         (SELECT c.expires_on FROM cards c WHERE c.patron_id = p.id ORDER BY c.is_pending, c.issued_at DESC, c.id DESC LIMIT 1)
             AS expires_on
     FROM search_tokens s CROSS JOIN patrons p CROSS JOIN data_keys k
     WHERE s.library_id = $1 AND s.field = $2 AND s.token = $3
         AND EXISTS (SELECT 1 FROM search_tokens t WHERE t.library_id = $1 AND t.field = $4 AND t.token = $5
             AND t.owner_id = s.owner_id)
         AND ($7 IS NULL OR EXISTS (SELECT 1 FROM search_tokens t WHERE t.library_id = $1 AND t.field = $6
             AND t.token = $7 AND t.owner_id = s.owner_id))
         AND ($9 IS NULL OR EXISTS (SELECT 1 FROM search_tokens t WHERE t.library_id = $1 AND t.field = $8
             AND t.token = $9 AND t.owner_id = s.owner_id))
         AND ($11 IS NULL OR EXISTS (SELECT 1 FROM search_tokens t WHERE t.library_id = $1 AND t.field = $10
             AND t.token = $11 AND t.owner_id = s.owner_id))
         AND p.id = s.owner_id AND p.library_id = $1 AND k.owner_id = p.id
     ORDER BY s.owner_id DESC LIMIT CAST($12 AS BIGINT)";
/// As many facts as `FOUND` has places for.
const FACTS: usize = 5;

/// Lists patrons of whom all facts are true, the newest first.
///
/// # Errors
/// [`StoreError::Unsealable`] or [`StoreError::Corrupt`] if a row is damaged.
pub async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    facts: &SoughtFacts,
    limit: u32,
) -> Result<Vec<FoundPatron>, StoreError> {
    let mut tokens = Vec::with_capacity(FACTS);
    for fact in facts.as_slice() {
        let (field, value) = key_of(fact);
        tokens.push((Some(field.as_str()), Some(seal::token(tx, library_id, field, &value).await?.to_vec())));
    }
    tokens.resize(FACTS, (None, None));
    let rows: Vec<FoundRow> = on!(tx, |conn| {
        let mut query = sqlx::query_as(FOUND).bind(library_id.as_uuid());
        for (field, token) in &tokens {
            query = query.bind(*field).bind(token.as_deref());
        }
        query.bind(i64::from(limit)).fetch_all(conn).await
    })?;
    rows.into_iter().map(|row| row.open(tx, library_id)).collect()
}

fn key_of(fact: &SoughtFact) -> (SearchField, String) {
    match fact {
        SoughtFact::Email(email) => (SearchField::Email, search_keys::email(email)),
        SoughtFact::Phone(phone) => (SearchField::Phone, search_keys::phone(phone)),
        SoughtFact::Birth(birth) => (SearchField::Birth, search_keys::birth(*birth)),
        SoughtFact::Name(name) => (SearchField::Name, search_keys::name(name)),
        SoughtFact::Kana(kana) => (SearchField::Kana, search_keys::kana_prefix(kana)),
    }
}

impl FoundRow {
    fn open(self, tx: &Tx, library_id: LibraryId) -> Result<FoundPatron, StoreError> {
        let place = place(self.id);
        let key = WrappedKey::new(self.id, library_id.as_uuid(), self.master_version, self.wrapped);
        let json = key.open(tx)?.open(&place, &self.facts)?;
        let number = self.number.map(|number| number.parse()).transpose().map_err(|_| corrupt("cards", self.id))?;
        Ok(FoundPatron {
            id: PatronId::from_uuid(self.id),
            facts: serde_json::from_slice(&json).map_err(|_| corrupt(place.table, &place.row))?,
            card: number.zip(self.expires_on),
        })
    }
}
