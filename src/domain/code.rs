//! Codes by which a library's rules name their own parts, and others those parts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest code, in signs.
const LONGEST: usize = 32;

/// The text is not 1 to 32 lower-case letters, digits and hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has 1 to 32 lower-case letters, digits or hyphens")]
pub struct InvalidCode;

/// True for what can be a code.
pub(in crate::domain) fn is_code(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The code itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_code(text) { Ok(Self(text.to_owned())) } else { Err(InvalidCode) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidCode;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

codes! {
    /// Names a library in the portal's addresses.
    LibrarySlug,
    /// Names a reason for which one may use the library.
    CategoryCode,
    /// Names a branch.
    BranchCode,
    /// Names a consent text.
    ConsentId,
    /// Names a kind of document.
    EvidenceCode,
    /// Names how a guardian is related to a child.
    RelationCode,
    /// Names a reason for which staff stop procedures.
    BlockCode,
    /// Names a way of exchanging files with the library system.
    ProfileName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_codes_are_accepted() {
        for good in ["resident", "harima-region", "a1", &*"x".repeat(32)] {
            assert_eq!(good.parse::<CategoryCode>().unwrap().as_str(), good);
        }
        for bad in ["", "Resident", "在住", "a b", "a/b", &*"x".repeat(33)] {
            assert_eq!(bad.parse::<BranchCode>(), Err(InvalidCode), "{bad}");
        }
    }
}
