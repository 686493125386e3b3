//! What a person tells about themselves: each value is parsed once and is sound from then on.
//!
//! These values are personal data. Their `Debug` forms show nothing, so that a log line or
//! a failed assertion cannot carry them away; `as_str` is the way to the contents.

mod address;
mod birth;
mod email;
mod kana;
mod name;
pub(super) mod numeral;
mod phone;
mod prefecture;
pub(super) mod width;

pub use address::{AddressPart, InvalidAddress, InvalidPostcode, PostalAddress, Postcode, TypedAddress};
pub use birth::{BirthDate, DatePart, Era, InvalidBirth, Wareki, typed_day};
pub use email::{EmailAddress, InvalidEmail};
pub use kana::{InvalidKana, Kana};
pub use name::{InvalidName, PersonName};
pub use phone::{InvalidPhone, Phone};
pub use prefecture::{InvalidPrefecture, Prefecture};

/// Gives a newtype over text its everyday traits: a silent `Debug`, `TryFrom<String>` and `String` for serde.
macro_rules! personal_text {
    ($name:ident, $error:ty) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}
use personal_text;
