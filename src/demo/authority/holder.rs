//! The person on a card and who issued it, in the form of the certificate.

/// The municipality that issues a card, romanised as in the certificate's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Municipality {
    /// `Hyogo-ken`.
    pub prefecture: String,
    /// `Himeji-shi`.
    pub name: String,
}

impl Default for Municipality {
    fn default() -> Self {
        Self { prefecture: "Hyogo-ken".to_owned(), name: "Himeji-shi".to_owned() }
    }
}

/// The person on a card, in the form of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardHolder {
    /// Surname and given name apart by U+3000.
    pub name: String,
    /// One `0` or `1` for each character of the name; empty means all zeros.
    pub name_substitutes: String,
    /// `EYYYYMMDD`, zeros for what is unknown.
    pub birth: String,
    /// From the prefecture on, in full-width digits.
    pub address: String,
    /// One `0` or `1` for each character of the address; empty means all zeros.
    pub address_substitutes: String,
    /// Who issued the card.
    pub municipality: Municipality,
}

impl CardHolder {
    /// A person of Himeji without substitute characters.
    #[must_use]
    pub fn new(name: &str, birth: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            name_substitutes: String::new(),
            birth: birth.to_owned(),
            address: address.to_owned(),
            address_substitutes: String::new(),
            municipality: Municipality::default(),
        }
    }
}
