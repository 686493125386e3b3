//! Members of the library's staff.

use super::ids::{AbsenceId, LibraryId, StaffId};
use super::permission::{Permission, RoleGrant, Scope};
use std::fmt;
use std::str::FromStr;
use time::{Date, OffsetDateTime};

/// The longest sign-in name, in characters.
const LONGEST_LOGIN: usize = 64;

/// A sign-in name: 1 to 64 printable characters, in lower case, without space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

/// The text cannot be a sign-in name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sign-in name has 1 to 64 printable characters")]
pub struct InvalidLogin;

impl Login {
    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Login {
    type Err = InvalidLogin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let login = text.trim().to_lowercase();
        let printable = !login.chars().any(char::is_control);
        if printable && (1..=LONGEST_LOGIN).contains(&login.chars().count()) {
            Ok(Self(login))
        } else {
            Err(InvalidLogin)
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    /// What this person is at the library, and in which branches.
    pub roles: Vec<RoleGrant>,
}

impl StaffMember {
    /// Tells whether this person may act at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// Where this person may do it; `None` if nowhere.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Option<Scope> {
        if self.is_active() { Scope::of(&self.roles, permission) } else { None }
    }

    /// Tells whether this person may do it anywhere.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.scope(permission).is_some()
    }
}

/// Days on which somebody is not there, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Internal identity.
    pub id: AbsenceId,
    /// The library.
    pub library_id: LibraryId,
    /// Who is not there.
    pub staff_id: StaffId,
    /// The first day.
    pub from_on: Date,
    /// The last day.
    pub until_on: Date,
    /// Who entered it.
    pub entered_by: StaffId,
}

impl Absence {
    /// Tells whether it covers a day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        (self.from_on..=self.until_on).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_as_people_type_it() {
        for (typed, login) in
            [("sato", "sato"), (" Sato ", "sato"), ("佐藤", "佐藤"), (&*"x".repeat(64), &*"x".repeat(64))]
        {
            assert_eq!(typed.parse::<Login>().unwrap().as_str(), login);
        }
    }

    #[test]
    fn what_no_database_could_keep_is_no_login() {
        for typed in ["", " ", "sa\0to", "sa\u{7f}to", "sa\nto", &*"x".repeat(65)] {
            assert_eq!(typed.parse::<Login>(), Err(InvalidLogin), "{typed:?}");
        }
    }
}
