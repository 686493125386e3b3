//! In which language somebody reads what the portal writes to them.

use super::procedure::UnknownName;

/// A language of which every page and every mail has its own words. Whoever reads another one is written to in English,
/// as their pages lead to English ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Japanese.
    #[default]
    Ja,
    /// Japanese in short and easy sentences (やさしい日本語).
    JaSimple,
    /// English.
    En,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ja, Self::JaSimple, Self::En];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::JaSimple => "ja-simple",
            Self::En => "en",
        }
    }
}

impl std::str::FromStr for Language {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|language| language.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_stored_under_its_own_name() {
        for language in Language::ALL {
            assert_eq!(language.as_str().parse(), Ok(language));
        }
        assert_eq!("ko".parse::<Language>(), Err(UnknownName));
    }
}
