//! Who may use a route. Every line of the table of routes says it; whoever answers is asked for it.

use crate::domain::permission::Permission;

/// Who may use a route. The handler's extractor enforces it; tests compare the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, without a session.
    Anybody,
    /// Whoever began, resumed or signed in to one application; their own only.
    Applicant,
    /// Members of staff of the library in the path, whatever their role.
    AnyStaff,
    /// Members of staff of the library in the path whose role allows this, somewhere.
    Staff(Permission),
}

impl Audience {
    /// True for both kinds of staff.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::AnyStaff | Self::Staff(_))
    }
}
