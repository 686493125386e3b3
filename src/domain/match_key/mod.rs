//! Comparing what an applicant declared with what the signing certificate says.
//!
//! The register writes names and addresses in its own way: other variants of kanji, full-width
//! digits, 丁目 and 番地 in words, stand-ins for characters that the certificate cannot hold.
//! Keys make such ways of writing equal. They are for comparing only; nobody ever reads one.

mod address;
mod align;
mod birth;
mod latin;
mod name;
mod sign;
mod variant;

pub use address::{address_key, compare_address, place_keys};
pub use birth::{PartialDate, compare_birth};
pub use name::{are_alike, compare_name, kana_key, name_key, name_keys};

/// How much a declared value is like the certificate's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// The same, but for width, case and spaces.
    Same,
    /// The same in another way of writing (表記のちがい); nobody needs to act.
    WrittenDifferently,
    /// Not the same; a reviewer must look.
    Different,
    /// The certificate does not say.
    NotKnown,
}

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The whole value.
    pub likeness: Likeness,
    /// The places that differ, in order, for marking.
    pub differences: Vec<Difference>,
}

impl Comparison {
    const fn without_differences(likeness: Likeness) -> Self {
        Self { likeness, differences: Vec::new() }
    }

    /// The comparison of signs that stand in pairs.
    fn of(differences: Vec<Difference>) -> Self {
        let likeness = differences.iter().map(|difference| difference.likeness).max().unwrap_or(Likeness::Same);
        Self { likeness, differences }
    }
}

/// One place at which two values differ. Personal data: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// The characters as declared; may be empty.
    pub declared: String,
    /// The characters of the certificate; may be empty.
    pub certificate: String,
    /// [`Likeness::WrittenDifferently`] or [`Likeness::Different`].
    pub likeness: Likeness,
}

impl std::fmt::Debug for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Difference({:?})", self.likeness)
    }
}
