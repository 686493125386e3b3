//! The languages of the pages, and which of them a browser would like best.

use std::fmt;
use std::str::FromStr;

/// The language of a page; part of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// Japanese in short and easy sentences (やさしい日本語), with the reading above the kanji.
    JaSimple,
    /// English.
    En,
    /// Chinese in simplified characters.
    ZhHans,
    /// Korean.
    Ko,
    /// Vietnamese.
    Vi,
    /// Portuguese, as in Brazil.
    Pt,
}

impl Lang {
    /// Every language, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::Ja, Self::JaSimple, Self::En, Self::ZhHans, Self::Ko, Self::Vi, Self::Pt];
    /// The languages that speak every page.
    pub const COMPLETE: &'static [Self] = &[Self::Ja, Self::JaSimple, Self::En];

    /// The path segment, which is also the BCP 47 tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::JaSimple => "ja-simple",
            Self::En => "en",
            Self::ZhHans => "zh-Hans",
            Self::Ko => "ko",
            Self::Vi => "vi",
            Self::Pt => "pt",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::JaSimple => "やさしい日本語",
            Self::En => "English",
            Self::ZhHans => "简体中文",
            Self::Ko => "한국어",
            Self::Vi => "Tiếng Việt",
            Self::Pt => "Português",
        }
    }

    /// True for both kinds of Japanese.
    #[must_use]
    pub const fn is_japanese(self) -> bool {
        matches!(self, Self::Ja | Self::JaSimple)
    }

    /// True if every page speaks this language.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Ja | Self::JaSimple | Self::En)
    }

    /// The language that a browser's `Accept-Language` likes best among ours (RFC 9110 §12.5.4).
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(Self, u16)> = None;
        for range in header.split(',') {
            let mut pieces = range.split(';').map(str::trim);
            let Some(lang) = pieces.next().and_then(Self::of_range) else { continue };
            let weight = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(Some(1000), thousandths);
            let Some(weight) = weight.filter(|weight| *weight > 0) else { continue };
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((lang, weight));
            }
        }
        best.map(|(lang, _)| lang)
    }

    /// Readers of traditional characters are not given simplified ones without asking.
    fn of_range(range: &str) -> Option<Self> {
        let range = range.to_ascii_lowercase();
        match range.split('-').next()? {
            "ja" if range == "ja-simple" => Some(Self::JaSimple),
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            "zh" if range.contains("hant") => None,
            "zh" if matches!(range.as_str(), "zh-tw" | "zh-hk" | "zh-mo") => None,
            "zh" => Some(Self::ZhHans),
            "ko" => Some(Self::Ko),
            "vi" => Some(Self::Vi),
            "pt" => Some(Self::Pt),
            _ => None,
        }
    }
}

/// A weight between `0` and `1` with at most three digits.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let whole: u16 = whole.parse().ok()?;
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some(whole.checked_mul(1000)?.checked_add(fraction)?.min(1000))
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No such language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown language")]
pub struct UnknownLang;

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|lang| lang.as_str() == text).ok_or(UnknownLang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_languages_do_not_parse() {
        for lang in Lang::ALL {
            assert_eq!(lang.as_str().parse(), Ok(*lang));
        }
        for wrong in ["JA", "../ja", "ja-easy", "zh", "de", ""] {
            assert_eq!(wrong.parse::<Lang>(), Err(UnknownLang), "{wrong}");
        }
    }

    #[test]
    fn the_best_liked_of_our_languages_is_chosen() {
        for (header, expected) in [
            ("ja,en-US;q=0.7", Some(Lang::Ja)),
            ("de-DE, de;q=0.9, en;q=0.8, ja;q=0.7", Some(Lang::En)),
            ("en;q=0.5, vi-VN;q=0.8", Some(Lang::Vi)),
            ("zh-CN,zh;q=0.9", Some(Lang::ZhHans)),
            ("zh-TW,en;q=0.5", Some(Lang::En)),
            ("pt-BR", Some(Lang::Pt)),
            ("ja;q=0, ko;q=0.001", Some(Lang::Ko)),
            ("en;q=1.0;q=0.2, ko;q=9", Some(Lang::En)),
            ("*", None),
            ("", None),
            (";;q=,,=", None),
        ] {
            assert_eq!(Lang::accepted(header), expected, "{header}");
        }
    }
}
