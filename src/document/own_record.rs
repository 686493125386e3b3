//! My record on paper: everything that the library keeps of a patron, for that patron.

use super::DocumentError;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::Printed;
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use serde::Serialize;
use time::Date;
use typst_pdf::PdfStandard;

/// What is put on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPaper {
    /// The library.
    pub library: String,
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
    pub heading: String,
    /// One by one.
    pub rows: Vec<RecordRow>,
    /// What is said if there are none.
    pub none: String,
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// What it is.
    pub label: String,
    /// What is kept of it.
    pub value: String,
    /// When it is erased; empty if that is said elsewhere.
    pub until: String,
}

#[derive(Serialize)]
struct Page {
    library: Printed,
    name: Printed,
    dated: PrintedDate,
    sections: Vec<PrintedSection>,
}

#[derive(Serialize)]
struct PrintedSection {
    heading: Printed,
    rows: Vec<PrintedRow>,
    none: Printed,
}

#[derive(Serialize)]
struct PrintedRow {
    label: Printed,
    value: Printed,
    until: Printed,
}

impl Typesetter {
    /// Sets a record as PDF/A-2a + PDF/UA-1, A4.
    ///
    /// # Errors
    /// [`DocumentError::NotSet`] is a fault of ours.
    pub fn own_record(&self, paper: &RecordPaper) -> Result<Vec<u8>, DocumentError> {
        let printed = |text: &str| self.fonts.printed(text);
        let row = |row: &RecordRow| PrintedRow {
            label: printed(&row.label),
            value: printed(&row.value),
            until: printed(&row.until),
        };
        let section = |one: &RecordSection| PrintedSection {
            heading: printed(&one.heading),
            rows: one.rows.iter().map(row).collect(),
            none: printed(&one.none),
        };
        let data = Page {
            library: printed(&paper.library),
            name: printed(&paper.name),
            dated: paper.dated.into(),
            sections: paper.sections.iter().map(section).collect(),
        };
        self.set(Order {
            template: "own_record.typ",
            edition: &Edition::default(),
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
