//! Libraries, and every version of their rules.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on, seal};
use crate::domain::ids::LibraryId;
use crate::domain::library::{Library, LibraryRules};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct LibraryRow {
    id: Uuid,
    rules_version: i64,
    rules: String,
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    id: Uuid,
    rules_version: i64,
    source: String,
}

/// Finds a library with its present rules by its short name.
///
/// # Errors
/// [`StoreError::Corrupt`] if its rules cannot be read.
pub async fn find_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Library>, StoreError> {
    let row: Option<LibraryRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id, l.rules_version, r.rules FROM libraries l
                 JOIN library_rules r ON r.library_id = l.id AND r.version = l.rules_version WHERE l.slug = $1",
        )
        .bind(slug)
        .fetch_optional(conn)
        .await
    })?;
    row.map(Library::try_from).transpose()
}

/// Finds a library with its present rules.
///
/// # Errors
/// [`StoreError::Corrupt`] if its rules cannot be read.
pub async fn find(tx: &mut Tx, id: LibraryId) -> Result<Option<Library>, StoreError> {
    let row: Option<LibraryRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id, l.rules_version, r.rules FROM libraries l
                 JOIN library_rules r ON r.library_id = l.id AND r.version = l.rules_version WHERE l.id = $1",
        )
        .bind(id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Library::try_from).transpose()
}

/// Makes other transactions that lock the same library wait until this one ends. SQLite has one writer anyway.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock(tx: &mut Tx, id: LibraryId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE libraries SET slug = slug WHERE id = $1").bind(id.as_uuid()).execute(conn).await.map(drop)
    })?;
    Ok(())
}

/// The version of a library's present rules: much cheaper to ask for than the rules.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be counted.
pub async fn find_version(tx: &mut Tx, slug: &str) -> Result<Option<u32>, StoreError> {
    let version: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT rules_version FROM libraries WHERE slug = $1").bind(slug).fetch_optional(conn).await
    })?;
    version.map(|version| u32::try_from(version).map_err(|_| corrupt("libraries", slug))).transpose()
}

/// Lists all libraries with their present rules, by short name.
///
/// # Errors
/// [`StoreError::Corrupt`] if the rules of one cannot be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<Library>, StoreError> {
    let rows: Vec<LibraryRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id, l.rules_version, r.rules FROM libraries l
                 JOIN library_rules r ON r.library_id = l.id AND r.version = l.rules_version ORDER BY l.slug",
        )
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Library::try_from).collect()
}

/// Finds one version of a library's rules: the one that an application began with.
///
/// # Errors
/// [`StoreError::Corrupt`] if the rules cannot be read.
pub async fn find_rules(tx: &mut Tx, library_id: LibraryId, version: u32) -> Result<Option<LibraryRules>, StoreError> {
    let rules: Option<String> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT rules FROM library_rules WHERE library_id = $1 AND version = $2")
            .bind(library_id.as_uuid())
            .bind(i64::from(version))
            .fetch_optional(conn)
            .await
    })?;
    rules.map(|rules| read(library_id.as_uuid(), &rules)).transpose()
}

/// Saves the rules of the library that they name, which is made if it is new. Another version
/// begins only if the text of the rules' file has changed.
///
/// # Errors
/// [`StoreError::Stale`] or [`StoreError::Duplicate`] if somebody else saves them at the same time.
pub async fn save_rules(
    tx: &mut Tx,
    rules: &LibraryRules,
    source_toml: &str,
    now: OffsetDateTime,
) -> Result<Library, StoreError> {
    let present: Option<SourceRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id, l.rules_version, r.source FROM libraries l
                 JOIN library_rules r ON r.library_id = l.id AND r.version = l.rules_version WHERE l.slug = $1",
        )
        .bind(&rules.slug)
        .fetch_optional(conn)
        .await
    })?;
    let (id, version) = match present {
        Some(row) if row.source == source_toml => (LibraryId::from_uuid(row.id), row.rules_version),
        Some(row) => (LibraryId::from_uuid(row.id), next_version(tx, row.id, row.rules_version, now).await?),
        None => (insert(tx, &rules.slug, now).await?, 1),
    };
    let library = Library {
        id,
        rules_version: u32::try_from(version).map_err(|_| corrupt("libraries", id))?,
        rules: rules.clone(),
    };
    let json = serde_json::to_string(rules).map_err(|_| corrupt("library_rules", id))?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO library_rules (library_id, version, source, rules, saved_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (library_id, version) DO NOTHING",
        )
        .bind(id.as_uuid())
        .bind(version)
        .bind(source_toml)
        .bind(json)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(library)
}

async fn insert(tx: &mut Tx, slug: &str, now: OffsetDateTime) -> Result<LibraryId, StoreError> {
    let id = LibraryId::new(now);
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO libraries (id, slug, rules_version, created_at, updated_at) VALUES ($1, $2, 1, $3, $3)",
        )
        .bind(id.as_uuid())
        .bind(slug)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    // The key of the library's search tokens and code hashes.
    seal::create_key(tx, id, id.as_uuid()).await?;
    Ok(id)
}

async fn next_version(tx: &mut Tx, id: Uuid, version: i64, now: OffsetDateTime) -> Result<i64, StoreError> {
    let updated = on!(tx, |conn| {
        sqlx::query("UPDATE libraries SET rules_version = $1, updated_at = $2 WHERE id = $3 AND rules_version = $4")
            .bind(version + 1)
            .bind(Timestamp::from(now))
            .bind(id)
            .bind(version)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    if updated == 1 { Ok(version + 1) } else { Err(StoreError::Stale) }
}

/// Keys that rules had once and that did nothing: a new file with one is refused, versions saved before are still read.
const RETIRED: [(&str, &str); 4] = [
    ("renewal", "evidence_again"),
    ("plastic_card", "kept_days"),
    ("retention", "certificates"),
    ("retention", "patrons"),
];
/// The same of each category.
const RETIRED_OF_CATEGORIES: &str = "asks_end";

fn read(id: Uuid, rules: &str) -> Result<LibraryRules, StoreError> {
    if let Ok(rules) = serde_json::from_str(rules) {
        return Ok(rules);
    }
    let mut older: Value = serde_json::from_str(rules).map_err(|_| corrupt("library_rules", id))?;
    for (table, key) in RETIRED {
        if let Some(table) = older.get_mut(table).and_then(Value::as_object_mut) {
            table.remove(key);
        }
    }
    for category in older.get_mut("categories").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(category) = category.as_object_mut() {
            category.remove(RETIRED_OF_CATEGORIES);
        }
    }
    serde_json::from_value(older).map_err(|_| corrupt("library_rules", id))
}

impl TryFrom<LibraryRow> for Library {
    type Error = StoreError;

    fn try_from(row: LibraryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: LibraryId::from_uuid(row.id),
            rules_version: u32::try_from(row.rules_version).map_err(|_| corrupt("libraries", row.id))?,
            rules: read(row.id, &row.rules)?,
        })
    }
}
