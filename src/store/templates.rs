//! Templates of texts, every version of them.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, StaffId, TemplateId};
use crate::domain::template::Template;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct TemplateRow {
    id: Uuid,
    version: i64,
    library_id: Uuid,
    kind: String,
    language: String,
    title: String,
    body: String,
    is_retired: i64,
    saved_by: Uuid,
    saved_at: Timestamp,
}

/// Inserts a version of a template.
///
/// # Errors
/// [`StoreError::Duplicate`] if somebody saved this version before.
pub async fn insert(tx: &mut Tx, template: &Template) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO templates (id, version, library_id, kind, language, title, body, is_retired, saved_by, saved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(template.id.as_uuid())
        .bind(i64::from(template.version))
        .bind(template.library_id.as_uuid())
        .bind(template.kind.as_str())
        .bind(template.language.as_str())
        .bind(template.title.as_str())
        .bind(template.body.as_str())
        .bind(i64::from(template.is_retired))
        .bind(template.saved_by.as_uuid())
        .bind(Timestamp::from(template.saved_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the newest version of each template, retired ones too, by kind and title.
///
/// # Errors
/// [`StoreError::Corrupt`] if one cannot be read.
pub async fn list_newest(tx: &mut Tx, library_id: LibraryId) -> Result<Vec<Template>, StoreError> {
    let rows: Vec<TemplateRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT t.* FROM templates t
             WHERE t.library_id = $1 AND t.version = (SELECT MAX(n.version) FROM templates n WHERE n.id = t.id)
             ORDER BY t.kind, t.title, t.id LIMIT 500",
        )
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Template::try_from).collect()
}

/// Lists all versions of a template, newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if one cannot be read.
pub async fn list_versions(tx: &mut Tx, library_id: LibraryId, id: TemplateId) -> Result<Vec<Template>, StoreError> {
    let rows: Vec<TemplateRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM templates WHERE id = $1 AND library_id = $2 ORDER BY version DESC LIMIT 200")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Template::try_from).collect()
}

impl TemplateRow {
    fn parse(&self) -> Option<Template> {
        Some(Template {
            id: TemplateId::from_uuid(self.id),
            version: u32::try_from(self.version).ok()?,
            library_id: LibraryId::from_uuid(self.library_id),
            kind: self.kind.parse().ok()?,
            language: self.language.parse().ok()?,
            title: self.title.parse().ok()?,
            body: self.body.parse().ok()?,
            is_retired: self.is_retired == 1,
            saved_by: StaffId::from_uuid(self.saved_by),
            saved_at: self.saved_at.time(),
        })
    }
}

impl TryFrom<TemplateRow> for Template {
    type Error = StoreError;

    fn try_from(row: TemplateRow) -> Result<Self, StoreError> {
        row.parse().ok_or_else(|| corrupt("templates", row.id))
    }
}
