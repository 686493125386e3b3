//! What the end of a revision says: the root of the document and where its table is.

use std::ops::Range;

use super::lexer::Token;
use super::object::Object;
use super::scan::{Item, Placed, Scanner};
use crate::jpki::reason::Reason;

/// A revision with a cross-reference table, as it stands between two ends of file.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) objects: Vec<Placed>,
    pub(super) trailer: Object,
    /// Where the word `xref` of each table stands.
    pub(super) tables: Vec<usize>,
    /// What stands after each `startxref`.
    pub(super) starts: Vec<i64>,
    pub(super) trailers: usize,
}

impl Outline {
    /// Reads everything from `from` on, at most `most` objects.
    pub(super) fn read(pdf: &[u8], from: usize, most: usize) -> Result<Self, Reason> {
        let mut scanner = Scanner::new(pdf, from);
        let (mut objects, mut tables, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut trailer, mut trailers): (Option<Range<usize>>, usize) = (None, 0);
        let mut awaits_start = false;
        while let Some(item) = scanner.next()? {
            match item {
                Item::Object(_) if objects.len() == most => return Err(Reason::TooLarge),
                Item::Object(placed) => objects.push(placed),
                Item::Trailer(span) => {
                    trailer = Some(span);
                    trailers += 1;
                }
                Item::Other(at, Token::Word(b"xref")) => tables.push(at),
                Item::Other(_, Token::Word(b"startxref")) => awaits_start = true,
                Item::Other(_, Token::Integer(number)) if awaits_start => {
                    starts.push(number);
                    awaits_start = false;
                }
                Item::Other(..) => {}
            }
        }
        let trailer = Object::parse(pdf, &trailer.ok_or(Reason::PdfMalformed)?)?;
        Ok(Self { objects, trailer, tables, starts, trailers })
    }

    /// The object of this number that counts: the last one.
    pub(super) fn find(&self, number: i64) -> Option<&Placed> {
        self.objects.iter().rfind(|placed| placed.number == number)
    }

    /// The object of this number as a tree.
    pub(super) fn object(&self, pdf: &[u8], number: i64) -> Result<Object, Reason> {
        Object::parse(pdf, &self.find(number).ok_or(Reason::PdfMalformed)?.body)
    }

    pub(super) fn reference(&self, key: &[u8]) -> Option<i64> {
        self.trailer.entry(key)?.reference()
    }

    /// A whole number in the trailer.
    pub(super) fn number(&self, key: &[u8]) -> Option<i64> {
        let number = self.trailer.entry(key)?.number()?;
        #[expect(clippy::cast_possible_truncation, reason = "compared with itself right after")]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "a number that loses precision is not equal")]
        let exact = (whole as f64 - number).abs() < f64::EPSILON;
        exact.then_some(whole)
    }
}
