//! What a notice, and all that belongs to it, hangs on: two columns of which one is set.

use crate::domain::ids::{ApplicationId, PatronId};
use crate::domain::notice::NoticeAbout;
use uuid::Uuid;

/// The columns `application_id` and `patron_id`.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct AboutColumns {
    pub(super) application_id: Option<Uuid>,
    pub(super) patron_id: Option<Uuid>,
}

impl AboutColumns {
    /// None of columns that contradict each other.
    pub(super) fn about(self) -> Option<NoticeAbout> {
        match (self.application_id, self.patron_id) {
            (Some(id), None) => Some(NoticeAbout::Application(ApplicationId::from_uuid(id))),
            (None, Some(id)) => Some(NoticeAbout::Patron(PatronId::from_uuid(id))),
            _ => None,
        }
    }
}

impl From<NoticeAbout> for AboutColumns {
    fn from(about: NoticeAbout) -> Self {
        Self {
            application_id: about.application_id().map(ApplicationId::as_uuid),
            patron_id: about.patron_id().map(PatronId::as_uuid),
        }
    }
}

/// Whose data key seals what hangs on it.
pub(super) fn owner_of(about: NoticeAbout) -> Uuid {
    match about {
        NoticeAbout::Application(id) => id.as_uuid(),
        NoticeAbout::Patron(id) => id.as_uuid(),
    }
}
