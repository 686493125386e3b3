//! Members of the library's staff.

use super::ids::{LibraryId, StaffId};
use time::OffsetDateTime;

/// Someone who works on applications. Reviews for one library only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// Internal identity.
    pub id: StaffId,
    /// The library that employs this person.
    pub library_id: LibraryId,
    /// The name typed at sign-in, lower case, unique within the library.
    pub login: String,
    /// The name shown to colleagues; never shown to applicants.
    pub name: String,
    /// Set when this person may no longer sign in.
    pub disabled_at: Option<OffsetDateTime>,
}

impl StaffMember {
    /// Tells whether this person may act at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
}
