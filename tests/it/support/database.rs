//! A fresh database for each test, on both engines.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Once};
use todoke::store::Db;
use todoke::store::seal::Keyring;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The PostgreSQL database that is migrated once and copied for each test.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The SQLite file that is migrated once and copied for each test.
static TEMPLATE_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// A migrated, empty database of one test's own.
pub(crate) struct TestDatabase {
    /// The database, with a random keyring.
    pub(crate) db: Db,
    /// What `Db::connect` was given.
    pub(crate) address: String,
    /// The text of the keyring: one line, version 1.
    pub(crate) keys: String,
    place: Place,
}

enum Place {
    File(PathBuf),
    Server { server: String, name: String },
}

impl TestDatabase {
    /// A new SQLite file among the system's temporary files.
    pub(crate) async fn sqlite() -> Self {
        let path = new_file();
        std::fs::write(&path, TEMPLATE_FILE.get_or_init(make_template_file).await).unwrap();
        Self::connect(format!("sqlite:{}", path.display()), Place::File(path)).await
    }

    /// A new database on the server that `TEST_POSTGRES_URL` names; `None`, said aloud, without it.
    pub(crate) async fn postgres() -> Option<Self> {
        let Some(server) = std::env::var_os("TEST_POSTGRES_URL") else {
            say_skipped();
            return None;
        };
        let server = server.into_string().expect("TEST_POSTGRES_URL is text");
        let template = TEMPLATE.get_or_init(|| make_template(server.clone())).await;
        let name = format!("todoke_test_{}", Uuid::new_v4().simple());
        execute(&server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let address = address_of(&server, &name);
        Some(Self::connect(address, Place::Server { server, name }).await)
    }

    /// A database that another process has made and will delete.
    pub(crate) async fn existing(address: &str, keys: &str) -> Self {
        let place = match address.strip_prefix("sqlite:") {
            Some(path) => Place::File(PathBuf::from(path)),
            None => Place::Server { server: address.to_owned(), name: String::new() },
        };
        let db = Db::connect(address, Arc::new(Keyring::parse(keys).unwrap())).await.unwrap();
        Self { db, address: address.to_owned(), keys: keys.to_owned(), place }
    }

    /// Closes and deletes the database. A test that fails leaves it for inspection.
    pub(crate) async fn delete(self) {
        self.db.close().await;
        match self.place {
            Place::File(path) => {
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = path.clone().into_os_string();
                    name.push(suffix);
                    // The -wal and -shm files are gone already if the last connection closed well.
                    let _ = std::fs::remove_file(name);
                }
            }
            Place::Server { server, name } => execute(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }

    /// Runs SQL of the test's own on the database, past the store and its connections.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        match &self.place {
            Place::File(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.address).await?;
                let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
                Ok(done.rows_affected())
            }
            Place::Server { .. } => {
                let mut connection = PgConnection::connect(&self.address).await?;
                let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// The first column of the first row of SQL of the test's own, a whole number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        match &self.place {
            Place::File(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.address).await.unwrap();
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
            }
            Place::Server { .. } => {
                let mut connection = PgConnection::connect(&self.address).await.unwrap();
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
            }
        }
    }

    /// Tells whether `needle` stands in clear anywhere in the database: in the bytes of the file, or in any row of any table.
    pub(crate) async fn holds(&self, needle: &str) -> bool {
        match &self.place {
            Place::File(path) => ["", "-wal"].iter().any(|suffix| {
                let mut name = path.clone().into_os_string();
                name.push(suffix);
                let bytes = std::fs::read(name).unwrap_or_default();
                bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
            }),
            Place::Server { .. } => {
                let mut connection = PgConnection::connect(&self.address).await.unwrap();
                let list = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
                let tables: Vec<String> = sqlx::query_scalar(list).fetch_all(&mut connection).await.unwrap();
                assert!(tables.len() > 10, "the tables are elsewhere");
                // Binary columns are written out in hexadecimal.
                let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
                for table in tables {
                    let rows: Vec<String> =
                        sqlx::query_scalar(AssertSqlSafe(format!("SELECT whole::text FROM {table} AS whole")))
                            .fetch_all(&mut connection)
                            .await
                            .unwrap();
                    if rows.iter().any(|row| row.contains(needle) || row.contains(&hex)) {
                        return true;
                    }
                }
                false
            }
        }
    }

    /// Tells whether `needle` stands in clear in a backup, made as `deploy/README.md` says; `None` without its program.
    pub(crate) fn backup_holds(&self, needle: &str) -> Option<bool> {
        let copy = new_file();
        let mut backup = match &self.place {
            Place::File(path) => {
                let mut backup = Command::new("sqlite3");
                backup.arg(path).arg(format!(".backup '{}'", copy.display()));
                backup
            }
            Place::Server { .. } => {
                let mut backup = Command::new("pg_dump");
                backup.arg("--file").arg(&copy).arg("--dbname").arg(&self.address);
                backup
            }
        };
        let Ok(made) = backup.output() else {
            let _ =
                writeln!(std::io::stderr(), "SKIPPED: there is no {} to back up with", backup.get_program().display());
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let bytes = std::fs::read(&copy).unwrap();
        std::fs::remove_file(&copy).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        // A dump writes binary columns in hexadecimal.
        Some(holds(needle.as_bytes()) || holds(data_encoding::HEXLOWER.encode(needle.as_bytes()).as_bytes()))
    }

    async fn connect(address: String, place: Place) -> Self {
        let keys = Keyring::generate_line(1).to_string();
        let db = Db::connect(&address, Arc::new(Keyring::parse(&keys).unwrap())).await.unwrap();
        Self { db, address, keys, place }
    }
}

/// Says it once, and past the test runner, which keeps what a passing test prints to itself.
fn say_skipped() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "skipped on PostgreSQL: TEST_POSTGRES_URL is not set");
    });
}

async fn make_template(server: String) -> String {
    let name = format!("todoke_template_{}", Uuid::new_v4().simple());
    execute(&server, format!("CREATE DATABASE {name}")).await;
    migrate(&address_of(&server, &name)).await;
    name
}

/// What a migrated, empty file holds.
async fn make_template_file() -> Vec<u8> {
    let path = new_file();
    migrate(&format!("sqlite:{}", path.display())).await;
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    bytes
}

/// A name for a file among the system's temporary ones.
fn new_file() -> PathBuf {
    std::env::temp_dir().join(format!("todoke-test-{}.db", Uuid::new_v4().simple()))
}

async fn migrate(address: &str) {
    let keys = Arc::new(Keyring::parse(&Keyring::generate_line(1)).unwrap());
    let db = Db::connect(address, keys).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
}

async fn execute(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.expect("TEST_POSTGRES_URL is a running server");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The server's address with another database's name.
fn address_of(server: &str, name: &str) -> String {
    let scheme = server.find("://").map_or(0, |at| at + 3);
    let (before, query) = server.split_once('?').unwrap_or((server, ""));
    let host = before[scheme..].find('/').map_or(before, |at| &before[..scheme + at]);
    if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") }
}

/// Makes two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! both_engines {
    ($(async fn $name:ident($database:ident: &TestDatabase) $body:block)+) => {$(
        mod $name {
            use super::*;
            use $crate::support::database::TestDatabase;

            async fn story($database: &TestDatabase) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let database = TestDatabase::sqlite().await;
                story(&database).await;
                database.delete().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = TestDatabase::postgres().await {
                    story(&database).await;
                    database.delete().await;
                }
            }
        }
    )+};
}
pub(crate) use both_engines;
