//! A database that an earlier version has filled is brought up to date with everything in it.

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use uuid::Uuid;

/// What differs between the engines in a literal.
#[derive(Clone, Copy)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    fn folder(self) -> PathBuf {
        let name = match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        };
        Path::new("migrations").join(name)
    }

    fn id(self, n: u128) -> String {
        let id = Uuid::from_u128(n);
        match self {
            Self::Sqlite => format!("x'{}'", id.simple()),
            Self::Postgres => format!("'{id}'"),
        }
    }

    fn bytes(self, n: u8) -> String {
        let hex = format!("{n:02x}").repeat(32);
        match self {
            Self::Sqlite => format!("x'{hex}'"),
            Self::Postgres => format!("'\\x{hex}'"),
        }
    }

    fn at(self, second: i64) -> String {
        match self {
            Self::Sqlite => (second * 1_000_000).to_string(),
            Self::Postgres => format!("to_timestamp({second})"),
        }
    }

    async fn migrator(self, last: i64) -> Migrator {
        let mut migrator = Migrator::new(self.folder()).await.unwrap();
        migrator.migrations = migrator.migrations.iter().filter(|one| one.version <= last).cloned().collect();
        migrator
    }

    /// One application in every state that version 8 knew, and what belongs to an issued one.
    fn rows_of_version_8(self) -> Vec<String> {
        let (id, bytes, at) = (|n| self.id(n), |n| self.bytes(n), |second| self.at(second));
        let mut rows = vec![
            format!("INSERT INTO libraries VALUES ({}, 'himeji', 1, {}, {})", id(1), at(1), at(1)),
            format!("INSERT INTO library_rules VALUES ({}, 1, '', '{{}}', {})", id(1), at(1)),
            format!("INSERT INTO staff (id, library_id, login, name) VALUES ({}, {}, 'imai', '今井')", id(2), id(1)),
        ];
        let columns =
            "id, library_id, reference, procedure, rules_version, last_version, row_version, started_at, state";
        let states = [
            ("draft", format!("expires_at) VALUES ({}", at(900))),
            (
                "submitted",
                format!("version_number, version_digest, submitted_at) VALUES (1, {}, {}", bytes(1), at(100)),
            ),
            (
                "under_review",
                format!(
                    "version_number, version_digest, submitted_at, reviewer_id, lease_until) VALUES (1, {}, {}, {}, {}",
                    bytes(1),
                    at(100),
                    id(2),
                    at(200)
                ),
            ),
            (
                "issued",
                format!(
                    "version_number, version_digest, submitted_at, reviewer_id, decided_at) VALUES (1, {}, {}, {}, {}",
                    bytes(1),
                    at(100),
                    id(2),
                    at(160)
                ),
            ),
            ("lapsed", format!("ended_at) VALUES ({}", at(300))),
        ];
        for (n, (state, rest)) in (10..).zip(states) {
            let (own, values) = rest.split_once(") VALUES (").unwrap();
            rows.push(format!(
                "INSERT INTO applications ({columns}, {own})
                 VALUES ({}, {}, 'R{n}', 'new_card', 1, 1, 3, {}, '{state}', {values})",
                id(n),
                id(1),
                at(50)
            ));
            rows.push(format!(
                "INSERT INTO versions VALUES ({}, 1, {}, {}, {}, {})",
                id(n),
                id(1),
                bytes(1),
                bytes(2),
                at(60)
            ));
            rows.push(format!(
                "INSERT INTO events VALUES ({}, 1, {}, 'started', 'applicant', NULL, 0, '', {}, {}, {})",
                id(n),
                id(1),
                at(50),
                bytes(0),
                bytes(3)
            ));
        }
        rows.push(format!(
            "INSERT INTO decisions (id, library_id, application_id, version_number, version_digest, outcome, decided_by,
                 decided_at) VALUES ({}, {}, {}, 1, {}, 'approved', {}, {})",
            id(30),
            id(1),
            id(13),
            bytes(1),
            id(2),
            at(160)
        ));
        rows.push(format!("INSERT INTO patrons VALUES ({}, {}, {}, {}, {})", id(40), id(1), id(13), bytes(4), at(160)));
        rows.push(format!(
            "INSERT INTO cards VALUES ({}, {}, {}, '123', '2029-11-20', {})",
            id(41),
            id(1),
            id(40),
            at(160)
        ));
        rows.push(format!(
            "INSERT INTO notices VALUES ({}, {}, {}, 'issued', 1, {}, {}, NULL)",
            id(42),
            id(1),
            id(13),
            bytes(5),
            at(160)
        ));
        rows.push(format!(
            "INSERT INTO outbox (id, library_id, kind, state, recipient, content, queued_at, next_at, attempts)
             VALUES ({}, {}, 'code', 'waiting', {}, {}, {}, {}, 0)",
            id(43),
            id(1),
            bytes(6),
            bytes(7),
            at(160),
            at(160)
        ));
        rows
    }

    /// What must be so afterwards; each counts to one.
    fn claims(self) -> [String; 10] {
        let id = |n| self.id(n);
        [
            format!("SELECT COUNT(*) FROM applications WHERE id = {} AND patron_id = {}", id(13), id(40)),
            "SELECT COUNT(*) FROM applications WHERE state = 'issued' AND service_used = 60000000".into(),
            "SELECT COUNT(*) FROM applications WHERE state = 'submitted' AND running_since = submitted_at".into(),
            "SELECT COUNT(*) FROM applications WHERE state = 'draft' AND submitted_at IS NULL".into(),
            format!("SELECT COUNT(*) FROM decisions WHERE decided_by = {} AND superseded_at IS NULL", id(2)),
            format!("SELECT COUNT(*) FROM patrons WHERE application_id = {}", id(13)),
            "SELECT COUNT(*) FROM patrons WHERE language = 'ja'".into(),
            "SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND language = 'ja'".into(),
            "SELECT COUNT(*) FROM notices WHERE kind = 'issued' AND language = 'ja'".into(),
            "SELECT COUNT(*) FROM staff_roles WHERE role = 'supervisor' AND branch = ''".into(),
        ]
    }
}

const EVERYTHING: &str = "SELECT (SELECT COUNT(*) FROM applications) + (SELECT COUNT(*) FROM versions)
    + (SELECT COUNT(*) FROM events) + (SELECT COUNT(*) FROM cards)";

#[tokio::test]
async fn what_version_8_has_written_is_still_there_on_sqlite() {
    let path = std::env::temp_dir().join(format!("todoke-upgrade-{}.db", Uuid::new_v4().simple()));
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", path.display())).unwrap();
    let mut connection: SqliteConnection = options.create_if_missing(true).foreign_keys(true).connect().await.unwrap();
    Dialect::Sqlite.migrator(8).await.run(&mut connection).await.unwrap();
    for row in Dialect::Sqlite.rows_of_version_8() {
        sqlx::query(AssertSqlSafe(row)).execute(&mut connection).await.unwrap();
    }
    Dialect::Sqlite.migrator(i64::MAX).await.run(&mut connection).await.unwrap();
    for claim in Dialect::Sqlite.claims() {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(claim.clone())).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, 1, "{claim}");
    }
    let everything: i64 = sqlx::query_scalar(EVERYTHING).fetch_one(&mut connection).await.unwrap();
    assert_eq!(everything, 5 + 5 + 5 + 1);
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(orphans.is_empty(), "{} rows point at nothing", orphans.len());
    connection.close().await.unwrap();
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn what_version_8_has_written_is_still_there_on_postgres() {
    let Some(server) = std::env::var_os("TEST_POSTGRES_URL") else { return };
    let server = server.into_string().unwrap();
    let name = format!("todoke_upgrade_{}", Uuid::new_v4().simple());
    let mut keeper = PgConnection::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut keeper).await.unwrap();
    let (start, _) = server.rsplit_once('/').unwrap();
    let mut connection = PgConnection::connect(&format!("{start}/{name}")).await.unwrap();
    Dialect::Postgres.migrator(8).await.run(&mut connection).await.unwrap();
    for row in Dialect::Postgres.rows_of_version_8() {
        sqlx::query(AssertSqlSafe(row)).execute(&mut connection).await.unwrap();
    }
    Dialect::Postgres.migrator(i64::MAX).await.run(&mut connection).await.unwrap();
    for claim in Dialect::Postgres.claims() {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(claim.clone())).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, 1, "{claim}");
    }
    let everything: i64 = sqlx::query_scalar(EVERYTHING).fetch_one(&mut connection).await.unwrap();
    assert_eq!(everything, 5 + 5 + 5 + 1);
    connection.close().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut keeper).await.unwrap();
}
