//! Who may be the same person: found by tokens alone, then opened and compared.
//!
//! Each fact is one range of the primary key of `search_tokens`, which holds all that is asked: owners that
//! two facts lead to are candidates. Nobody is found by one fact, so no candidate is opened for it.

use super::rows::{corrupt, time_of};
use super::seal::{self, HashPurpose, Place, SearchField, WrappedKey};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, cards, counters, drafts, notices, on, search_keys};
use crate::domain::answers::DraftAnswers;
use crate::domain::duplicate::{Candidate, CandidateOwner, PersonFacts};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::domain::patron::PatronFacts;
use crate::domain::version::Digest;
use serde::de::DeserializeOwned;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// The series of which every approval takes one.
const APPROVAL: &str = "approval";
/// How many tokens a name and an address have at most.
const NAMES: usize = 4;
const PLACES: usize = 3;

/// Whose doubles are sought.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The library.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The patron whom the application is about, if it says so: no double of itself.
    pub patron_id: Option<PatronId>,
    /// The facts.
    pub facts: &'a PersonFacts,
}

/// The tokens of the person sought, in the order of the query's parameters.
struct Tokens {
    birth: Vec<u8>,
    names: Vec<Option<Vec<u8>>>,
    kana: Vec<u8>,
    places: Vec<Option<Vec<u8>>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
}

impl Tokens {
    async fn of(tx: &mut Tx, library_id: LibraryId, facts: &PersonFacts) -> Result<Self, StoreError> {
        let token = async |tx: &mut Tx, field: SearchField, value: &str| {
            seal::token(tx, library_id, field, value).await.map(|token| token.to_vec())
        };
        let mut names = Vec::with_capacity(NAMES);
        for name in search_keys::names(&facts.name).iter().take(NAMES) {
            names.push(Some(token(tx, SearchField::Name, name).await?));
        }
        names.resize(NAMES, None);
        let mut places = Vec::with_capacity(PLACES);
        let sought = facts.address.as_ref().map(search_keys::places).unwrap_or_default();
        for place in sought.iter().take(PLACES) {
            places.push(Some(token(tx, SearchField::Address, place).await?));
        }
        places.resize(PLACES, None);
        let phone = match &facts.phone {
            Some(phone) => Some(token(tx, SearchField::Phone, &search_keys::phone(phone)).await?),
            None => None,
        };
        let email = match &facts.email {
            Some(email) => Some(token(tx, SearchField::Email, &search_keys::email(email)).await?),
            None => None,
        };
        Ok(Self {
            birth: token(tx, SearchField::Birth, &search_keys::birth(facts.birth)).await?,
            kana: token(tx, SearchField::Kana, &search_keys::whole_kana(&facts.kana)).await?,
            names,
            places,
            phone,
            email,
        })
    }
}

/// The owners to whom at least two facts lead: the birth date and any other (1 with 2, 4, 8, 16, 32), or a name or
/// reading (2, 4) and a way to reach somebody (8, 16, 32). The domain compares what is found, and is stricter. Each
/// token is a range by itself: given several in one `IN`, PostgreSQL at times reads the tokens of the whole library.
macro_rules! found_sql {
    ($($rest:literal),+) => {
        concat!(
            "WITH hits (owner_id, fact) AS (
                 SELECT owner_id, 1 FROM search_tokens WHERE library_id = $1 AND field = 'birth' AND token = $2
                 UNION ALL SELECT owner_id, 2 FROM search_tokens
                     WHERE library_id = $1 AND field = 'name' AND token = $3
                 UNION ALL SELECT owner_id, 2 FROM search_tokens
                     WHERE library_id = $1 AND field = 'name' AND token = $4
                 UNION ALL SELECT owner_id, 2 FROM search_tokens
                     WHERE library_id = $1 AND field = 'name' AND token = $5
                 UNION ALL SELECT owner_id, 2 FROM search_tokens
                     WHERE library_id = $1 AND field = 'name' AND token = $6
                 UNION ALL SELECT owner_id, 4 FROM search_tokens
                     WHERE library_id = $1 AND field = 'kana' AND token = $7
                 UNION ALL SELECT owner_id, 8 FROM search_tokens
                     WHERE library_id = $1 AND field = 'address' AND token = $8
                 UNION ALL SELECT owner_id, 8 FROM search_tokens
                     WHERE library_id = $1 AND field = 'address' AND token = $9
                 UNION ALL SELECT owner_id, 8 FROM search_tokens
                     WHERE library_id = $1 AND field = 'address' AND token = $10
                 UNION ALL SELECT owner_id, 16 FROM search_tokens
                     WHERE library_id = $1 AND field = 'phone' AND token = $11
                 UNION ALL SELECT owner_id, 32 FROM search_tokens
                     WHERE library_id = $1 AND field = 'email' AND token = $12
             ), summed AS (
                 SELECT owner_id, SUM(DISTINCT fact) AS facts FROM hits WHERE owner_id <> $13 GROUP BY owner_id
             ), found AS (
                 SELECT owner_id, facts FROM summed
                 WHERE ((facts & 1) = 1 AND facts > 1) OR ((facts & 6) > 0 AND (facts & 56) > 0)
             ) ",
            $($rest),+
        )
    };
}

macro_rules! bind_tokens {
    ($sql:expr, $tokens:expr, $sought:expr) => {{
        let (tokens, sought): (&Tokens, &Sought<'_>) = ($tokens, $sought);
        let mut query = sqlx::query_as($sql).bind(sought.library_id.as_uuid()).bind(&tokens.birth);
        for name in &tokens.names {
            query = query.bind(name);
        }
        query = query.bind(&tokens.kana);
        for place in &tokens.places {
            query = query.bind(place);
        }
        query.bind(&tokens.phone).bind(&tokens.email).bind(sought.application_id.as_uuid())
    }};
}

/// Whether there is anybody to look at: nearly always there is not.
const ANYBODY: &str = found_sql!("SELECT owner_id FROM found LIMIT 1");

// The most candidates of each kind that are looked at, those with the most facts in common first, are twenty: a number
// in the text, for SQLite plans a statement anew each time if its limit is a parameter.
//
// CROSS JOIN keeps SQLite to this order of the tables: from the few that were found to the many that are stored.
const PATRONS: &str = found_sql!(
    "SELECT p.id, p.application_id, p.facts, p.registered_at, k.master_version, k.wrapped,
         (SELECT c.number FROM cards c WHERE c.patron_id = p.id ORDER BY c.is_pending, c.issued_at DESC, c.id DESC LIMIT 1)
             AS number,
         (SELECT c.expires_on FROM cards c WHERE c.patron_id = p.id ORDER BY c.is_pending, c.issued_at DESC, c.id DESC LIMIT 1)
             AS expires_on
     FROM found f CROSS JOIN patrons p CROSS JOIN data_keys k
     WHERE p.id = f.owner_id AND p.library_id = $1 AND k.owner_id = p.id
         AND ($14 IS NULL OR p.id <> $14) AND (p.application_id IS NULL OR p.application_id <> $13)
     ORDER BY f.facts DESC, p.id DESC LIMIT 20"
);

const APPLICATIONS: &str = found_sql!(
    "SELECT a.id, a.reference, a.submitted_at, a.state, d.answers, k.master_version, k.wrapped
     FROM found f CROSS JOIN applications a CROSS JOIN drafts d CROSS JOIN data_keys k
     WHERE a.id = f.owner_id AND a.library_id = $1 AND d.application_id = a.id AND k.owner_id = a.id
         AND (a.state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved')
             OR (a.state = 'declined' AND a.decided_at > $14))
     ORDER BY f.facts DESC, a.id DESC LIMIT 20"
);

#[derive(sqlx::FromRow)]
struct PatronRow {
    id: Uuid,
    application_id: Option<Uuid>,
    facts: Vec<u8>,
    registered_at: Timestamp,
    master_version: i64,
    wrapped: Vec<u8>,
    number: Option<String>,
    expires_on: Option<Date>,
}

#[derive(sqlx::FromRow)]
struct ApplicationRow {
    id: Uuid,
    reference: String,
    submitted_at: Option<Timestamp>,
    state: String,
    answers: Vec<u8>,
    master_version: i64,
    wrapped: Vec<u8>,
}

/// Lists those who may be the same person: patrons, open applications, and applications declined after `since`; those
/// with the most in common first.
///
/// # Errors
/// [`StoreError::Unsealable`] or [`StoreError::Corrupt`] if a row is damaged.
pub async fn list_candidates(
    tx: &mut Tx,
    sought: &Sought<'_>,
    since: OffsetDateTime,
) -> Result<Vec<Candidate>, StoreError> {
    let tokens = Tokens::of(tx, sought.library_id, sought.facts).await?;
    let anybody: Option<(Uuid,)> = on!(tx, |conn| bind_tokens!(ANYBODY, &tokens, sought).fetch_optional(conn).await)?;
    if anybody.is_none() {
        return Ok(Vec::new());
    }
    let patrons: Vec<PatronRow> = on!(tx, |conn| {
        bind_tokens!(PATRONS, &tokens, sought).bind(sought.patron_id.map(PatronId::as_uuid)).fetch_all(conn).await
    })?;
    let applications: Vec<ApplicationRow> = on!(tx, |conn| {
        bind_tokens!(APPLICATIONS, &tokens, sought).bind(Timestamp::from(since)).fetch_all(conn).await
    })?;
    let mut candidates = Vec::with_capacity(patrons.len() + applications.len());
    for row in patrons {
        candidates.push(row.open(tx, sought.library_id)?);
    }
    for row in applications {
        candidates.extend(row.open(tx, sought.library_id)?);
    }
    Ok(candidates)
}

/// Lets one transaction of a library at a time look for doubles and approve: until it ends, whoever asks waits, and
/// then sees the patron whom it has made.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock(tx: &mut Tx, library_id: LibraryId) -> Result<(), StoreError> {
    tx.take_turn(library_id).await;
    counters::next(tx, library_id, APPROVAL).await.map(drop)
}

/// Takes at once what making somebody a patron takes from the library's series: the right to look for doubles
/// ([`lock`]), a card number, and the document number of a notice that is placed in a year. Whoever else takes them
/// waits from here until the transaction ends.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock_to_register(tx: &mut Tx, library_id: LibraryId, notice_in: Option<i32>) -> Result<(), StoreError> {
    tx.take_turn(library_id).await;
    let document = notice_in.map(notices::series_of);
    let names = [Some(APPROVAL), Some(cards::SERIES), document.as_deref()];
    counters::take_ahead(tx, library_id, &names.into_iter().flatten().collect::<Vec<_>>()).await
}

/// What a verdict about somebody is bound to: a keyed hash of the facts as they are.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such library.
pub async fn digest(tx: &mut Tx, library_id: LibraryId, facts: &PersonFacts) -> Result<Digest, StoreError> {
    let parts = facts.parts();
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    Ok(Digest::from_bytes(seal::keyed_hash(tx, library_id, HashPurpose::ComparedFacts, &parts).await?))
}

impl PatronRow {
    fn open(self, tx: &Tx, library_id: LibraryId) -> Result<Candidate, StoreError> {
        let key = WrappedKey::new(self.id, library_id.as_uuid(), self.master_version, self.wrapped);
        let facts: PatronFacts = open(tx, &key, &Place::new("patrons", "facts", self.id, self.id), &self.facts)?;
        let number = self.number.map(|number| number.parse()).transpose().map_err(|_| corrupt("cards", self.id))?;
        let owner = CandidateOwner::Patron {
            id: PatronId::from_uuid(self.id),
            application_id: self.application_id.map(ApplicationId::from_uuid),
            registered_at: self.registered_at.time(),
            card: number.zip(self.expires_on),
        };
        Ok(Candidate { owner, facts: PersonFacts::from(&facts) })
    }
}

impl ApplicationRow {
    fn open(self, tx: &Tx, library_id: LibraryId) -> Result<Option<Candidate>, StoreError> {
        let key = WrappedKey::new(self.id, library_id.as_uuid(), self.master_version, self.wrapped);
        let answers: DraftAnswers = open(tx, &key, &drafts::place(self.id), &self.answers)?;
        let owner = CandidateOwner::Application {
            id: ApplicationId::from_uuid(self.id),
            reference: self.reference.parse().map_err(|_| corrupt("applications", self.id))?,
            submitted_at: time_of(self.submitted_at),
            is_open: self.state != "declined",
        };
        Ok(PersonFacts::of_card_holder(&answers).map(|facts| Candidate { owner, facts }))
    }
}

/// Opens a sealed value with the key that came in the same row.
fn open<T: DeserializeOwned>(tx: &Tx, key: &WrappedKey, place: &Place, sealed: &[u8]) -> Result<T, StoreError> {
    let json = key.open(tx)?.open(place, sealed)?;
    serde_json::from_slice(&json).map_err(|_| corrupt(place.table, &place.row))
}
