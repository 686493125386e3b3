//! The same letter as HTML: plain paragraphs and one link that looks like a button. No pictures, nothing that tells on
//! its reader, and no colour of its own but the button's frame, so that dark screens keep it readable.

use crate::words::{Phrase, Words};
use askama::Template;

#[derive(Template)]
#[template(path = "email/letter.html")]
struct LetterPage<'a> {
    lang: &'static str,
    subject: &'a str,
    paragraphs: Vec<Vec<Line<'a>>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    /// What the library wrote itself is marked as Japanese where the letter is not.
    Words(Phrase),
    /// An address that stands on a line of its own.
    Link(&'a str),
    /// The first of them: what the letter is for.
    Button(&'a str),
}

/// Makes the HTML of a letter from its text, so that both always say the same.
pub(super) fn of_text(words: Words, subject: &str, text: &str) -> askama::Result<String> {
    LetterPage { lang: words.lang().as_str(), subject, paragraphs: paragraphs(words, text) }.render()
}

fn paragraphs(words: Words, text: &str) -> Vec<Vec<Line<'_>>> {
    let mut paragraphs = vec![Vec::new()];
    let mut has_button = false;
    for line in text.lines().map(str::trim_end) {
        let line = match line {
            "" | "--" => {
                paragraphs.push(Vec::new());
                continue;
            }
            link if is_link(link) && !has_button => {
                has_button = true;
                Line::Button(link)
            }
            link if is_link(link) => Line::Link(link),
            line => Line::Words(words.typed(line)),
        };
        if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.push(line);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn is_link(line: &str) -> bool {
    (line.starts_with("https://") || line.starts_with("http://")) && !line.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    const TEXT: &str = "ごらんください。\nhttps://card.example.jp/g/a-token\n\n<b>&\n\n--\n図書館\nhttps://card.example.jp/himeji/ja/\n（ブックマーク）\n";

    #[test]
    fn paragraphs_follow_the_text_and_only_the_first_link_is_a_button() {
        assert_eq!(
            paragraphs(Words::default(), TEXT),
            [
                vec![
                    Line::Words(Words::default().typed("ごらんください。")),
                    Line::Button("https://card.example.jp/g/a-token")
                ],
                vec![Line::Words(Words::default().typed("<b>&"))],
                vec![
                    Line::Words(Words::default().typed("図書館")),
                    Line::Link("https://card.example.jp/himeji/ja/"),
                    Line::Words(Words::default().typed("（ブックマーク）"))
                ],
            ]
        );
    }

    #[test]
    fn the_page_names_its_language_and_fetches_nothing() {
        let page = of_text(Words::default(), "件名 <1>", TEXT).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"ja\">"), "{page}");
        assert!(page.contains("&lt;b&gt;&amp;") || page.contains("&#60;b&#62;&#38;"), "{page}");
        assert!(page.contains("content=\"light dark\""));
        for foreign in ["<img", "<link", "<script", "src=", "url(", "background", "<b>"] {
            assert!(!page.contains(foreign), "{foreign}: {page}");
        }
        assert_eq!(page.matches("href=").count(), 2);
    }

    #[test]
    fn what_is_japanese_in_a_letter_of_another_language_says_so() {
        let page =
            of_text(Words::new(Lang::En), "A letter", "Please read it.\n\n--\n市立図書館\n079-000-0000").unwrap();
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{page}");
        assert!(page.contains("<span lang=\"ja\">市立図書館</span>") && page.matches("<span").count() == 1, "{page}");
        assert!(!of_text(Words::new(Lang::JaSimple), "手紙", TEXT).unwrap().contains("<span"));
    }
}
