//! Templates of texts, kept by staff; every version stays.

use super::review::acting;
use super::{Error, Once, Portal};
use crate::domain::application::Refused;
use crate::domain::deed::Deed;
use crate::domain::ids::TemplateId;
use crate::domain::language::Language;
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::domain::template::{Template, TemplateBody, TemplateKind, TemplateTitle};
use crate::store::{StoreError, staff_deeds, templates};

/// What a version of a template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateText {
    /// What it is for.
    pub kind: TemplateKind,
    /// The language of the text.
    pub language: Language,
    /// What staff choose it by.
    pub title: TemplateTitle,
    /// The text.
    pub body: TemplateBody,
    /// True to offer it no longer.
    pub is_retired: bool,
}

impl Portal {
    /// The newest version of each template of a library.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn templates(&self, by: &StaffMember) -> Result<Vec<Template>, Error> {
        let mut tx = self.db.read().await?;
        Ok(templates::list_newest(&mut tx, by.library_id).await?)
    }

    /// All versions of a template, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the library has no such template.
    pub async fn template_versions(&self, by: &StaffMember, id: TemplateId) -> Result<Vec<Template>, Error> {
        let mut tx = self.db.read().await?;
        let versions = templates::list_versions(&mut tx, by.library_id, id).await?;
        if versions.is_empty() { Err(Error::NotFound) } else { Ok(versions) }
    }

    /// Keeps a new template, or the version of `known` that comes after the one that was seen.
    ///
    /// # Errors
    /// [`Error::Stale`] if somebody saved another version in between, [`Error::Repeated`] for the second sending.
    pub async fn save_template(
        &self,
        by: &StaffMember,
        known: Option<(TemplateId, u32)>,
        text: TemplateText,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        if !by.may(Permission::WriteTemplates) {
            return Err(Refused::NotAllowed.into());
        }
        let (id, version) = match known {
            None => (TemplateId::new(now), 1),
            Some((id, seen)) => {
                let versions = templates::list_versions(&mut tx, by.library_id, id).await?;
                let newest = versions.first().ok_or(Error::NotFound)?.version;
                if newest != seen {
                    return Err(Error::Stale);
                }
                (id, newest + 1)
            }
        };
        let template = Template {
            id,
            version,
            library_id: by.library_id,
            kind: text.kind,
            language: text.language,
            title: text.title,
            body: text.body,
            is_retired: text.is_retired,
            saved_by: by.id,
            saved_at: now,
        };
        match templates::insert(&mut tx, &template).await {
            Err(StoreError::Duplicate) => return Err(Error::Stale),
            inserted => inserted?,
        }
        let deed = if template.is_retired { Deed::TemplateRetired } else { Deed::TemplateSaved };
        staff_deeds::record(&mut tx, by, deed, "", now).await?;
        Ok(tx.commit().await?)
    }
}
