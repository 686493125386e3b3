//! Texts that a library writes for its patrons, in the languages that it has.

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// A text of the library's own: Japanese, and the same in other languages.
///
/// In the rule file `label = "本館"`, or `label = { ja = "本館", en = "Main Library" }`. Japanese is what counts: it is
/// what is signed, compared, sent to the library system and shown to staff. The other languages are for the pages, mails
/// and papers of those who read them; where one is missing, its readers are shown Japanese, marked as such.
///
/// In やさしい日本語 readings may stand as in the portal's own texts: `本館《ほんかん》`, `｜申込み《もうしこみ》`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LibraryText {
    japanese: String,
    /// By language, in [`LANGUAGES`](Self::LANGUAGES).
    translations: BTreeMap<&'static str, String>,
}

impl LibraryText {
    /// What the other languages are called, as in the addresses of pages.
    pub const LANGUAGES: [&'static str; 6] = ["ja-simple", "en", "zh-Hans", "ko", "vi", "pt"];
    const JAPANESE: &'static str = "ja";
    /// The one language in which readings are marked.
    const WITH_READINGS: &'static str = "ja-simple";

    /// The Japanese text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.japanese
    }

    /// The other languages that it has, and what it says in them.
    pub fn translations(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.translations.iter().map(|(language, text)| (*language, text.as_str()))
    }

    /// Only the Japanese text, to compare what counts.
    #[must_use]
    pub fn untranslated(&self) -> Self {
        self.as_str().into()
    }

    /// Several texts put together by `compose`, in Japanese and in each language that all of them have.
    #[must_use]
    pub fn composed<const N: usize>(parts: [&Self; N], compose: impl Fn([&str; N]) -> String) -> Self {
        let in_language = |language: &'static str| {
            let said = parts.map(|part| part.translations.get(language));
            said.iter()
                .all(Option::is_some)
                .then(|| (language, compose(said.map(|text| text.map_or("", String::as_str)))))
        };
        Self {
            japanese: compose(parts.map(Self::as_str)),
            translations: Self::LANGUAGES.into_iter().filter_map(in_language).collect(),
        }
    }

    /// True if nothing is said.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.japanese.trim().is_empty()
    }
}

impl From<String> for LibraryText {
    fn from(japanese: String) -> Self {
        Self { japanese, translations: BTreeMap::new() }
    }
}

impl From<&str> for LibraryText {
    fn from(japanese: &str) -> Self {
        japanese.to_owned().into()
    }
}

impl Serialize for LibraryText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.translations.is_empty() {
            return serializer.serialize_str(&self.japanese);
        }
        let mut map = serializer.serialize_map(Some(1 + self.translations.len()))?;
        map.serialize_entry(Self::JAPANESE, &self.japanese)?;
        for (language, text) in &self.translations {
            map.serialize_entry(language, text)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for LibraryText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = LibraryText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a table of one text for each language")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<LibraryText, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LibraryText, A::Error> {
        let mut japanese: Option<String> = None;
        let mut translations = BTreeMap::new();
        while let Some(Tag(language)) = map.next_key()? {
            if language == LibraryText::JAPANESE {
                japanese = Some(map.next_value()?);
            } else if language == LibraryText::WITH_READINGS {
                let MarkedText(text) = map.next_value()?;
                translations.insert(language, text);
            } else {
                let Translation(text) = map.next_value()?;
                translations.insert(language, text);
            }
        }
        let japanese = japanese.ok_or_else(|| de::Error::missing_field(LibraryText::JAPANESE))?;
        Ok(LibraryText { japanese, translations })
    }
}

/// The name of a language. It is read by itself, so that a fault in it has its line.
struct Tag(&'static str);

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mut known = LibraryText::LANGUAGES.into_iter().chain([LibraryText::JAPANESE]);
        let found = known.find(|language| *language == name);
        found.map(Self).ok_or_else(|| de::Error::custom(format!("the portal does not speak `{name}`")))
    }
}

/// A text that is not empty: whoever has no translation leaves it out.
struct Translation(String);

impl<'de> Deserialize<'de> for Translation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            return Err(de::Error::custom("the text is empty"));
        }
        Ok(Self(text))
    }
}

/// The same with readings, each of which stands behind something that it belongs to.
struct MarkedText(String);

impl<'de> Deserialize<'de> for MarkedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Translation(text) = Translation::deserialize(deserializer)?;
        if !has_sound_readings(&text) {
            return Err(de::Error::custom("a reading is not written as 漢字《かんじ》 or ｜読む《よむ》"));
        }
        Ok(Self(text))
    }
}

fn has_sound_readings(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('《') {
        let Some((reading, after)) = after.split_once('》') else { return false };
        let base = before.rsplit_once('｜').map_or(before, |(_, base)| base);
        let ends_in_kanji = before.ends_with(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '々' | '〆'));
        let has_base = !base.is_empty() && (ends_in_kanji || before.contains('｜'));
        if !has_base || reading.is_empty() || reading.contains(['《', '｜']) || before.contains('》') {
            return false;
        }
        rest = after;
    }
    !rest.contains(['》', '｜'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Branch {
        name: LibraryText,
    }

    fn read(toml: &str) -> Result<LibraryText, String> {
        let read = toml::from_str::<Branch>(toml).map(|branch| branch.name);
        read.map_err(|error| {
            let line = error.span().map(|span| 1 + toml[..span.start].matches('\n').count());
            format!("{line:?} {}", error.message())
        })
    }

    #[test]
    fn one_language_is_a_text_and_several_are_a_table() {
        let plain = read("name = \"本館\"").unwrap();
        assert_eq!((plain.as_str(), plain.translations().count()), ("本館", 0));
        let table = "name = { ja = \"本館\", en = \"Main Library\", ja-simple = \"本館《ほんかん》\", pt = \"Sede\" }";
        let dotted =
            "name.ja = \"本館\"\nname.en = \"Main Library\"\nname.ja-simple = \"本館《ほんかん》\"\nname.pt = \"Sede\"";
        let both = [table, dotted].map(|toml| read(toml).unwrap());
        assert_eq!(both[0], both[1]);
        assert_eq!(both[0].as_str(), "本館");
        let said: Vec<_> = both[0].translations().collect();
        assert_eq!(said, [("en", "Main Library"), ("ja-simple", "本館《ほんかん》"), ("pt", "Sede")]);
        assert_eq!(both[0].untranslated(), plain);
    }

    #[test]
    fn what_is_stored_reads_back_and_one_language_is_stored_as_before() {
        for (name, stored) in [
            (read("name = \"本館\"").unwrap(), "{\"name\":\"本館\"}"),
            (
                read("name = { en = \"Main Library\", ja = \"本館\" }").unwrap(),
                "{\"name\":{\"ja\":\"本館\",\"en\":\"Main Library\"}}",
            ),
        ] {
            let branch = Branch { name };
            assert_eq!(serde_json::to_string(&branch).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Branch>(stored).unwrap(), branch);
        }
    }

    #[test]
    fn a_fault_names_its_line() {
        for (toml, line, told) in [
            ("name = 7", 1, "a text, or a table"),
            ("\nname = { en = \"Main Library\" }", 2, "`ja`"),
            ("[name]\nja = \"本館\"\nde = \"Haupthaus\"", 3, "does not speak `de`"),
            ("name.ja = \"本館\"\nname.en = \" \"", 2, "empty"),
            ("name.ja = \"本館\"\nname.en = 7", 2, "string"),
            ("name.ja = \"本館\"\n\nname.ja-simple = \"本館《ほんかん\"", 3, "reading"),
        ] {
            let fault = read(toml).unwrap_err();
            assert!(fault.starts_with(&format!("Some({line}) ")) && fault.contains(told), "{toml}: {fault}");
        }
    }

    #[test]
    fn readings_belong_to_something() {
        for sound in ["本館", "本館《ほんかん》と窓口《まどぐち》", "お｜申込み《もうしこみ》です"]
        {
            assert!(has_sound_readings(sound), "{sound}");
        }
        for unsound in
            ["《ほん》", "よむ《よむ》", "本《》", "本《ほん", "本ほん》", "｜本", "本《ほ《ん》》", "｜《ほん》"]
        {
            assert!(!has_sound_readings(unsound), "{unsound}");
        }
    }

    #[test]
    fn what_is_put_together_speaks_the_languages_of_all_its_parts() {
        let hours = read("name = { ja = \"10時から\", en = \"From 10\", ko = \"10시\" }").unwrap();
        let address = read("name = { ja = \"本町\", en = \"Honmachi\" }").unwrap();
        let both = LibraryText::composed([&hours, &address], |[hours, address]| format!("{hours} {address}"));
        assert_eq!(both.as_str(), "10時から 本町");
        assert_eq!(both.translations().collect::<Vec<_>>(), [("en", "From 10 Honmachi")]);
    }
}
