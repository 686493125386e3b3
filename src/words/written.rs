//! What the library wrote itself, in the languages in which it did.

use super::{Lang, Said, Value, Words};

/// A text of the library's own. A page says it in its own language if the library wrote it in that; if not, a page
/// in another language than Japanese says it in English, and where there is none either, in Japanese. What is said in
/// another language than the page's is marked as such.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AsWritten {
    japanese: String,
    translations: Vec<(Lang, String)>,
}

impl From<&str> for AsWritten {
    fn from(japanese: &str) -> Self {
        japanese.to_owned().into()
    }
}

impl From<String> for AsWritten {
    fn from(japanese: String) -> Self {
        Self { japanese, translations: Vec::new() }
    }
}

impl Value for AsWritten {
    fn said(self, _: Words) -> Said {
        Said::Theirs(self)
    }
}

impl AsWritten {
    /// The same with a translation. In やさしい日本語 it may have readings, marked as in the texts of pages.
    #[must_use]
    pub fn or_in(mut self, lang: Lang, text: &str) -> Self {
        self.translations.push((lang, text.to_owned()));
        self
    }

    /// True if there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.japanese.is_empty() && self.translations.is_empty()
    }

    /// What counts, for whoever has read a translation: the Japanese alone. `None` where that has just been said itself.
    #[must_use]
    pub fn behind_translation(&self, words: Words) -> Option<Self> {
        let (lang, _) = self.in_language(words.lang());
        (lang != Lang::Ja).then(|| self.japanese.as_str().into())
    }

    /// What is said in the language of `words`, each paragraph by itself.
    #[must_use]
    pub fn paragraphs(&self, words: Words) -> Vec<Self> {
        self.split(words, "\n\n")
    }

    /// The same, each line by itself.
    #[must_use]
    pub fn lines(&self, words: Words) -> Vec<Self> {
        self.split(words, "\n")
    }

    fn split(&self, words: Words, between: &str) -> Vec<Self> {
        let (lang, text) = self.in_language(words.lang());
        let one = |text: &str| match lang {
            Lang::Ja => text.into(),
            other => Self::default().or_in(other, text),
        };
        text.split(between).map(|part| one(part.trim())).collect()
    }

    /// What is said on a page in `lang`, and in which language that is.
    pub(super) fn in_language(&self, lang: Lang) -> (Lang, &str) {
        let written = |wanted: Lang| {
            let found = self.translations.iter().find(|(lang, _)| *lang == wanted);
            found.map(|(lang, text)| (*lang, text.as_str()))
        };
        let english = || if lang.is_japanese() { None } else { written(Lang::En) };
        written(lang).or_else(english).unwrap_or((Lang::Ja, &self.japanese))
    }
}

/// Tells a text in pieces, each with its reading if one is marked: it belongs to the kanji before it, or to everything
/// after a `｜`. A mark that belongs to nothing is told as it stands.
pub(super) fn in_pieces<'a, E>(
    text: &'a str,
    tell: &mut dyn FnMut(&'a str, Option<&'a str>) -> Result<(), E>,
) -> Result<(), E> {
    let mut rest = text;
    while let Some((before, (reading, after))) =
        rest.split_once('《').and_then(|(before, after)| Some((before, after.split_once('》')?)))
    {
        let (plain, base) = match before.rsplit_once('｜') {
            Some(marked) => marked,
            None => before.split_at(before.trim_end_matches(is_kanji).len()),
        };
        tell(plain, None)?;
        tell(base, Some(reading))?;
        rest = after;
    }
    tell(rest, None)
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '々' | '〆')
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::Template;

    #[derive(Template)]
    #[template(source = "{{ phrase }}|{{ phrase.plain() }}|{{ phrase.spelled() }}", ext = "html")]
    struct Drawn {
        phrase: crate::words::Phrase,
    }

    fn main_library() -> AsWritten {
        AsWritten::from("本館").or_in(Lang::En, "Main <Library>").or_in(Lang::JaSimple, "<本館《ほんかん》>")
    }

    fn drawn(text: AsWritten, words: Words) -> String {
        Drawn { phrase: words.say(text) }.render().unwrap()
    }

    #[test]
    fn a_page_says_it_in_its_own_language() {
        assert_eq!(drawn(main_library(), Words::new(Lang::Ja)), "本館|本館|本館");
        let english = "Main &#60;Library&#62;|Main &#60;Library&#62;|Main &#60;Library&#62;";
        assert_eq!(drawn(main_library(), Words::new(Lang::En)), english);
        let simple = drawn(main_library(), Words::new(Lang::JaSimple));
        let ruby = "&#60;<ruby>本館<rp>（</rp><rt>ほんかん</rt><rp>）</rp></ruby>&#62;";
        assert_eq!(simple, format!("{ruby}|&#60;本館&#62;|&#60;本館（ほんかん）&#62;"));
        let without = drawn(main_library(), Words::new(Lang::JaSimple).with_ruby(false));
        assert_eq!(without, "&#60;本館&#62;|&#60;本館&#62;|&#60;本館&#62;");
    }

    #[test]
    fn what_is_said_in_another_language_is_marked_as_such() {
        let vietnamese = drawn(main_library(), Words::new(Lang::Vi));
        assert!(vietnamese.starts_with("<span lang=\"en\">Main &#60;Library&#62;</span>|Main"), "{vietnamese}");
        for lang in [Lang::En, Lang::Ko] {
            assert!(drawn("本館".into(), Words::new(lang)).starts_with("<span lang=\"ja\">本館</span>|本館"), "{lang}");
        }
        assert!(drawn("本館".into(), Words::new(Lang::JaSimple)).starts_with("本館|"));
    }

    #[test]
    fn a_phrase_said_again_in_another_language_says_what_the_library_wrote_in_that() {
        let phrase = Words::new(Lang::Ja).say(main_library());
        assert_eq!(phrase.in_words(Words::new(Lang::En)).plain(), "Main <Library>");
    }

    #[test]
    fn paragraphs_are_those_of_the_language() {
        let text = AsWritten::from("一。\n\n二。\n").or_in(Lang::En, "One.\n\nTwo.\n\nThree.");
        let said = |lang| {
            let words = Words::new(lang);
            text.paragraphs(words).into_iter().map(|one| words.say(one).plain()).collect::<Vec<_>>()
        };
        assert_eq!(said(Lang::Ja), ["一。", "二。"]);
        assert_eq!(said(Lang::En), ["One.", "Two.", "Three."]);
        assert_eq!(said(Lang::JaSimple), ["一。", "二。"]);
        let behind = |lang| text.behind_translation(Words::new(lang)).map(|text| text.japanese);
        assert_eq!(behind(Lang::En).as_deref(), Some("一。\n\n二。\n"));
        assert_eq!([behind(Lang::Ja), behind(Lang::JaSimple)], [None, None]);
    }

    #[test]
    fn marks_that_belong_to_nothing_stand_as_they_are() {
        let mut pieces = Vec::new();
        let told: Result<(), ()> =
            in_pieces("お｜申込み《もうしこみ》と窓口《まどぐち》《", &mut |text, reading| {
                pieces.push((text, reading));
                Ok(())
            });
        assert_eq!(told, Ok(()));
        let expected =
            [("お", None), ("申込み", Some("もうしこみ")), ("と", None), ("窓口", Some("まどぐち")), ("《", None)];
        assert_eq!(pieces, expected);
    }
}
