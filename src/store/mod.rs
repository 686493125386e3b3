//! All SQL and nothing else: one file per table, one SQL text for SQLite and PostgreSQL.
//!
//! Every function takes a [`Tx`] first and never begins or commits one, reads included: the
//! service decides what belongs together. To add a table, write the same migration number
//! for both engines, a file here, and a contract test that runs on both.
//!
//! Personal data is sealed before it reaches a column, see [`seal`].

mod about;
pub mod app_subjects;
pub mod application_proofs;
pub mod applications;
pub mod attachments;
pub mod automatic_decisions;
pub mod bulk;
pub mod card_sign_ins;
pub mod cards;
pub mod certificate_links;
pub mod certificate_numbers;
pub mod collection_tries;
pub mod corrections;
pub mod cosign_invitations;
pub mod cosignatures;
mod counters;
pub mod credentials;
pub mod dead_addresses;
pub mod decisions;
pub mod drafts;
pub mod duplicate_verdicts;
pub mod duplicates;
pub mod email_codes;
pub mod events;
pub mod evidence;
pub mod exports;
mod fault_point;
pub mod first_approvals;
mod gather;
pub mod handoffs;
pub mod holder_drafts;
pub mod holds;
pub mod idempotency;
pub mod imports;
pub mod libraries;
pub mod memos;
pub mod messages;
pub mod notice_codes;
pub mod notice_documents;
pub mod notice_reminders;
pub mod notices;
pub mod opinions;
pub mod outbox;
pub mod own_record;
pub mod paper_notices;
pub mod passkeys;
pub mod password_changes;
pub mod patron_blocks;
pub mod patron_deeds;
pub mod patron_devices;
pub mod patron_erasure;
pub mod patron_proofs;
pub mod patron_reminders;
pub mod patron_requests;
pub mod patron_search;
pub mod patron_views;
pub mod patrons;
pub mod registrations;
pub mod reminders;
pub mod revocation_answers;
pub mod revocation_checks;
mod rows;
mod schema;
pub mod seal;
mod search_keys;
pub mod sessions;
pub mod sign_in_tries;
pub mod signatures;
pub mod signing_requests;
pub mod staff;
pub mod staff_deeds;
pub mod takeovers;
pub mod templates;
mod timestamp;
pub mod token_backfills;
mod turns;
pub mod versions;
pub mod visits;

pub use fault_point::FaultPoint;
pub use schema::Schema;

use seal::{DataKey, KeyFault, Keyring, LibraryKeys, WrappedKey};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use turns::{Turn, Turns};
use uuid::Uuid;

/// How long a statement waits for SQLite's write lock before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many pages SQLite reads for at the same time.
const SQLITE_READERS: u32 = 4;
/// How many connections are opened to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// For how long a connection to PostgreSQL that lies idle is taken to stand.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// After how many milliseconds PostgreSQL cancels a statement of ours; migrations are exempt.
const STATEMENT_TIMEOUT: &str = "15000";

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row since it was read.
    #[error("the row was changed in the meantime")]
    Stale,
    /// A row with this identity is already there.
    #[error("such a row exists already")]
    Duplicate,
    /// A row says what it cannot say.
    #[error("{table} {id} is corrupt")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
    },
    /// The master key that wraps this database's data keys is not at hand.
    #[error("master key {version} {fault}")]
    WrongKey {
        /// The version of the master key that the database asks for.
        version: u32,
        /// What is the matter with it.
        fault: KeyFault,
    },
    /// A sealed column does not open: it was tampered with, or its key was erased.
    #[error("{table} {id} cannot be unsealed")]
    Unsealable {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
    },
    /// The database's address is neither `sqlite:PATH` nor `postgres://…`.
    #[error("the database's address is not understood")]
    UnknownAddress,
    /// The tables could not be brought up to date.
    #[error("the migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Anything else that the database says.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Duplicate,
            _ => Self::Database(error),
        }
    }
}

/// The database, on either engine, with the keys to what is sealed in it.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    keyring: Arc<Keyring>,
    library_keys: Arc<LibraryKeys>,
    turns: Arc<Turns>,
    /// Where it dies, in drills.
    fault: Option<Arc<FaultPoint>>,
}

#[derive(Clone)]
enum Engine {
    /// One connection writes, for with many of them some wait for seconds; pages read on others.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// `options` are kept for migrations, which no statement timeout may cut short.
    Postgres { pool: PgPool, options: Box<PgConnectOptions> },
}

/// A transaction on either engine. Dropped without [`Tx::commit`], it changes nothing.
pub struct Tx {
    connection: Connection,
    keyring: Arc<Keyring>,
    library_keys: Arc<LibraryKeys>,
    /// The data keys that this transaction has already unwrapped; forgotten with it.
    opened: HashMap<Uuid, DataKey>,
    /// Those that came with other rows and were not needed yet.
    brought: HashMap<Uuid, WrappedKey>,
    /// The applications whose rows this transaction holds: nobody else changes them, or appends to their chains of
    /// events, before it ends.
    held: HashMap<Uuid, HeldRow>,
    /// Numbers that were taken from their series and not used yet.
    numbers: HashMap<(Uuid, String), u64>,
    /// Statements that were put off, in a transaction that gathers them.
    put_off: Option<gather::PutOff>,
    fault: Option<Arc<FaultPoint>>,
    turns: Arc<Turns>,
    /// After the connection: the next one begins when this one has ended.
    turn: Option<Turn>,
}

/// What is known of the row of an application that a transaction holds.
#[derive(Clone, Copy, Default)]
struct HeldRow {
    /// The version that the last save has made.
    row_version: Option<i64>,
    chain_end: Option<events::ChainEnd>,
}

enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one sqlx expression on whichever engine the transaction belongs to.
macro_rules! on {
    ($tx:expr, |$conn:ident| $run:expr) => {
        match $tx.next_statement().await {
            Err(died) => Err(died),
            Ok($crate::store::Connection::Sqlite(tx)) => {
                let $conn = &mut **tx;
                $run
            }
            Ok($crate::store::Connection::Postgres(tx)) => {
                let $conn = &mut **tx;
                $run
            }
        }
    };
}
use on;

impl Db {
    /// Opens the database at `address`: `sqlite:PATH` (made if missing) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::UnknownAddress`] for anything else, [`StoreError::Database`] if it cannot be reached.
    pub async fn connect(address: &str, keyring: Arc<Keyring>) -> Result<Self, StoreError> {
        let engine = match Address::parse(address)? {
            Address::File(path) => open_sqlite(path).await?,
            Address::Server(options) => open_postgres(*options).await?,
        };
        Ok(Self { engine, keyring, library_keys: Arc::default(), turns: Arc::default(), fault: None })
    }

    /// Opens the database only to look at it: makes no file and can change nothing. `None` if there
    /// is no file yet.
    ///
    /// # Errors
    /// As [`Db::connect`].
    pub async fn look(address: &str, keyring: Arc<Keyring>) -> Result<Option<Self>, StoreError> {
        let engine = match Address::parse(address)? {
            Address::File(path) if !Path::new(path).exists() => return Ok(None),
            Address::File(path) => {
                // Without a journal beside it nobody has the file open; reading it as it lies makes none.
                let nobody_else = !Path::new(&format!("{path}-wal")).exists();
                let looking = sqlite_reading(path).immutable(nobody_else);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(looking).await?;
                Engine::Sqlite { writer: pool.clone(), readers: pool }
            }
            Address::Server(options) => {
                open_postgres(options.options([("default_transaction_read_only", "on")])).await?
            }
        };
        Ok(Some(Self { engine, keyring, library_keys: Arc::default(), turns: Arc::default(), fault: None }))
    }

    /// The same database for a process that dies at `fault`: a drill, never production.
    #[must_use]
    pub fn dying_at(&self, fault: &Arc<FaultPoint>) -> Self {
        Self { fault: Some(Arc::clone(fault)), ..self.clone() }
    }

    /// The master keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Opens a write transaction. SQLite takes its write lock at once, so that a transaction
    /// that reads and then writes cannot fail half-way with `SQLITE_BUSY`.
    ///
    /// # Errors
    /// [`StoreError::Database`] if no connection is to be had.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.tx(match &self.engine {
            Engine::Sqlite { writer, .. } => Connection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres { pool, .. } => Connection::Postgres(begin_whole(pool, "BEGIN").await?),
        }))
    }

    /// Opens a transaction that sees one moment of the database and can change nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`] if no connection is to be had.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(self.tx(match &self.engine {
            Engine::Sqlite { readers, .. } => Connection::Sqlite(readers.begin().await?),
            Engine::Postgres { pool, .. } => Connection::Postgres(begin_whole(pool, SNAPSHOT).await?),
        }))
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Database`] if there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.read().await?;
        on!(tx, |conn| sqlx::query("SELECT 1").execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Opens one data key of each master key version that the database uses, and every library's.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] for the first master key that is missing or another one;
    /// [`StoreError::Unsealable`] if a library has lost its key.
    pub async fn check_keys(&self) -> Result<(), StoreError> {
        seal::check_keys(&mut self.read().await?).await
    }

    /// Puts what was erased out of SQLite's journal too, which would keep it for a while. False if
    /// somebody was reading; then it happens another time. PostgreSQL tidies up by itself.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn tidy(&self) -> Result<bool, StoreError> {
        let Engine::Sqlite { writer, .. } = &self.engine else { return Ok(true) };
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await?;
        Ok(busy == 0)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { pool, .. } => pool.close().await,
        }
    }

    fn tx(&self, connection: Connection) -> Tx {
        Tx {
            connection,
            keyring: Arc::clone(&self.keyring),
            library_keys: Arc::clone(&self.library_keys),
            opened: HashMap::new(),
            brought: HashMap::new(),
            held: HashMap::new(),
            numbers: HashMap::new(),
            put_off: None,
            fault: self.fault.clone(),
            turns: Arc::clone(&self.turns),
            turn: None,
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.engine {
            Engine::Sqlite { .. } => "Db(sqlite)",
            Engine::Postgres { .. } => "Db(postgres)",
        })
    }
}

impl Tx {
    /// Makes everything that was done in this transaction lasting.
    ///
    /// # Errors
    /// [`StoreError::Database`] if the database refuses; then nothing was done.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.next_statement().await?;
        match self.connection {
            Connection::Sqlite(tx) => tx.commit().await?,
            Connection::Postgres(tx) => tx.commit().await?,
        }
        // Here it is lasting, and whoever asked may never hear of it.
        Ok(self.fault.as_deref().map_or(Ok(()), FaultPoint::pass)?)
    }

    /// The connection, for one more statement: after those that were put off.
    async fn next_statement(&mut self) -> Result<&mut Connection, sqlx::Error> {
        self.write_put_off().await?;
        if let Some(fault) = &self.fault {
            fault.pass()?;
        }
        Ok(&mut self.connection)
    }
}

/// What an address leads to.
enum Address<'a> {
    File(&'a str),
    Server(Box<PgConnectOptions>),
}

impl<'a> Address<'a> {
    fn parse(address: &'a str) -> Result<Self, StoreError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // Each connection to a database in memory would see one of its own.
            if path.is_empty() || path.contains(":memory:") || path.contains('?') {
                return Err(StoreError::UnknownAddress);
            }
            Ok(Self::File(path))
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::UnknownAddress)?;
            Ok(Self::Server(Box::new(options)))
        } else {
            Err(StoreError::UnknownAddress)
        }
    }
}

async fn open_sqlite(path: &str) -> Result<Engine, StoreError> {
    make_private_file(path).await?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may forget the last commits when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "memory")
        // Sixteen MiB each: what one decision changes is at hand for the next, and is put into the file seldom.
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4096")
        // What is deleted is overwritten, so that a copy of the file does not keep it.
        .pragma("secure_delete", "ON")
        .disable_statement_logging();
    // The writer comes first: it makes the file that the readers may only open.
    let writer = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .min_connections(1)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?;
    let readers = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .max_connections(SQLITE_READERS)
        .connect_lazy_with(sqlite_reading(path));
    Ok(Engine::Sqlite { writer, readers })
}

fn sqlite_reading(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// Makes the file, if it is missing, for its owner alone; SQLite gives its journal the same mode.
async fn make_private_file(path: &str) -> Result<(), StoreError> {
    match tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Database(sqlx::Error::Io(error))),
    }
}

/// Begins a transaction to its end, even if whoever asked has gone away meanwhile: a page is dropped when its reader
/// closes the browser. Between sending `BEGIN` and hearing of it, sqlx would forget that there is something to roll
/// back, and the next user of the connection would find themselves in a transaction that may be read-only.
async fn begin_whole(pool: &PgPool, begin: &'static str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    let transaction = tokio::spawn(async move { pool.begin_with(begin).await });
    transaction.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

async fn open_postgres(options: PgConnectOptions) -> Result<Engine, StoreError> {
    let options = options.application_name("todoke").disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                // Asking each time whether it still stands would be one more way to the database and back.
                if known.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options.clone().options([("statement_timeout", STATEMENT_TIMEOUT)]))
        .await?;
    Ok(Engine::Postgres { pool, options: Box::new(options) })
}
