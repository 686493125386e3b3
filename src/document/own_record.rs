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
    /// One by one.
    pub rows: Vec<RecordRow>,
    /// What is said if there are none.
    pub none: Phrase,
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// What it is.
    pub label: Phrase,
    /// What is kept of it.
    pub value: Phrase,
    /// When it is erased; empty if that is said elsewhere.
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
    rows: Vec<PrintedRow>,
    none: Line,
}

#[derive(Serialize)]
struct PrintedRow {
    label: Line,
    value: Line,
    until: Line,
}

impl Typesetter {
    /// Sets a record as PDF/A-2a + PDF/UA-1, A4.
    ///
    /// # Errors
    /// [`DocumentError::NotSet`] is a fault of ours.
    pub fn own_record(&self, paper: &RecordPaper) -> Result<Vec<u8>, DocumentError> {
        let (words, fonts) = (paper.words, &self.fonts);
        let row = |row: &RecordRow| PrintedRow {
            label: fonts.line(&row.label),
            value: fonts.line(&row.value),
            until: fonts.line(&row.until),
        };
        let section = |one: &RecordSection| PrintedSection {
            heading: fonts.line(&one.heading),
            rows: one.rows.iter().map(row).collect(),
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
        let row = RecordRow {
            label: "氏名".into(), value: "姫路　花子".into(), until: "2030年3月31日まで".into()
        };
        let paper = RecordPaper {
            words: Words::default(),
            library: "姫路市立図書館".into(),
            name: "姫路　花子".into(),
            dated: date!(2026 - 11 - 20),
            sections: vec![
                RecordSection {
                    heading: "あなたについて".into(), rows: vec![row; 60], none: "ありません".into()
                },
                RecordSection { heading: "メール".into(), rows: Vec::new(), none: "ありません".into() },
            ],
        };
        let text = text_of(&TYPESETTER.own_record(&paper).unwrap(), "own-record");
        for part in ["わたしの記録", "姫路", "2030年3月31日まで", "メール", "ありません"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
