//! My record on paper: everything that the library keeps of a patron, for that patron.

use super::DocumentError;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::Line;
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use crate::domain::library_text::LibraryText;
use crate::words::{Phrase, Words};
use serde::Serialize;
use time::Date;
use typst_pdf::PdfStandard;

/// What is put on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPaper {
    /// The language of its reader.
    pub words: Words,
    /// The library.
    pub library: LibraryText,
    /// Of whom it is.
    pub name: String,
    /// The day.
    pub dated: Date,
    /// What is kept.
    pub sections: Vec<RecordSection>,
}

/// Things of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSection {
    /// What they are.
    pub heading: Phrase,
    /// What is kept equally long stands together.
    pub groups: Vec<RecordGroup>,
    /// What is said if there are none.
    pub none: Phrase,
}

/// Things that are kept equally long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordGroup {
    /// What each is, and what is kept of it.
    pub rows: Vec<(Phrase, Phrase)>,
    /// When all of them are erased.
    pub until: Phrase,
}

#[derive(Serialize)]
struct Page {
    title: String,
    heading: Line,
    dear: Line,
    lead: Line,
    library: Line,
    dated: PrintedDate,
    sections: Vec<PrintedSection>,
}

#[derive(Serialize)]
struct PrintedSection {
    heading: Line,
    groups: Vec<PrintedGroup>,
    none: Line,
}

#[derive(Serialize)]
struct PrintedGroup {
    rows: Vec<PrintedRow>,
    until: Line,
}

#[derive(Serialize)]
struct PrintedRow {
    label: Line,
    value: Line,
}

impl Typesetter {
    /// Sets a record as PDF/A-2a + PDF/UA-1, A4.
    ///
    /// # Errors
    /// [`DocumentError::NotSet`] is a fault of ours.
    pub fn own_record(&self, paper: &RecordPaper) -> Result<Vec<u8>, DocumentError> {
        let (words, fonts) = (paper.words, &self.fonts);
        let row = |(label, value): &(Phrase, Phrase)| PrintedRow { label: fonts.line(label), value: fonts.line(value) };
        let group = |group: &RecordGroup| PrintedGroup {
            rows: group.rows.iter().map(row).collect(),
            until: fonts.line(&group.until),
        };
        let section = |one: &RecordSection| PrintedSection {
            heading: fonts.line(&one.heading),
            groups: one.groups.iter().map(group).collect(),
            none: fonts.line(&one.none),
        };
        let data = Page {
            title: words.card_record_title().plain(),
            heading: fonts.line(&words.card_record_title()),
            dear: fonts.line(&words.patron_notice_dear(words.typed(&paper.name))),
            lead: fonts.line(&words.card_record_lead()),
            library: fonts.line(&words.say(&paper.library)),
            dated: PrintedDate::of(paper.dated, words, fonts),
            sections: paper.sections.iter().map(section).collect(),
        };
        self.set(Order {
            template: "own_record.typ",
            edition: &Edition { words, ..Edition::default() },
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("own record {}", paper.dated),
            dated: start_of_day(paper.dated),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TYPESETTER, text_of};
    use super::*;
    use time::macros::date;

    #[test]
    fn every_row_stands_on_paper_and_an_empty_section_says_so() {
        let rows = vec![("氏名".into(), "姫路　花子".into()); 60];
        let group = RecordGroup { rows, until: "2030年3月31日まで".into() };
        let section =
            |heading: &str, groups| RecordSection { heading: heading.into(), groups, none: "ありません".into() };
        let paper = RecordPaper {
            words: Words::default(),
            library: "姫路市立図書館".into(),
            name: "姫路　花子".into(),
            dated: date!(2026 - 11 - 20),
            sections: vec![section("あなたについて", vec![group]), section("メール", Vec::new())],
        };
        let text = text_of(&TYPESETTER.own_record(&paper).unwrap(), "own-record");
        for part in ["わたしの記録", "姫路", "2030年3月31日まで", "メール", "ありません"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert_eq!(text.matches("2030年3月31日まで").count(), 1, "said once of all");
    }
}
