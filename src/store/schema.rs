//! How the tables in a database stand to those that this program needs.

use super::{Connection, Db, Engine, StoreError, on};
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection as _};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// What [`Db::schema`] finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// No table of ours: a new database.
    Absent,
    /// So many migrations are still to be applied.
    Behind(usize),
    /// As this program needs it.
    Current,
    /// A newer program was here.
    Ahead,
}

impl Db {
    /// Tells whether the tables are those that this program needs. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let mut tx = self.read().await?;
        let (known, is_there) = match &tx.connection {
            Connection::Sqlite(_) => {
                (&SQLITE, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
            }
            Connection::Postgres(_) => (
                &POSTGRES,
                "SELECT COUNT(*) FROM pg_tables
                 WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
            ),
        };
        let tables: i64 = on!(tx, |conn| sqlx::query_scalar(is_there).fetch_one(conn).await)?;
        if tables == 0 {
            return Ok(Schema::Absent);
        }
        let applied: Vec<i64> = on!(tx, |conn| {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(conn)
                .await
        })?;
        if applied.iter().any(|version| !known.version_exists(*version)) {
            return Ok(Schema::Ahead);
        }
        Ok(match known.iter().filter(|migration| !applied.contains(&migration.version)).count() {
            0 => Schema::Current,
            _ if applied.is_empty() => Schema::Absent,
            pending => Schema::Behind(pending),
        })
    }

    /// Brings the tables up to date; does nothing if they are.
    ///
    /// # Errors
    /// [`StoreError::Migration`] if a migration fails or an applied one was altered.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => SQLITE.run(writer).await?,
            Engine::Postgres { options, .. } => {
                let mut connection = options.connect().await?;
                POSTGRES.run(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }
}
