//! What the library system says it has taken in: a list of card numbers.

use super::line_count::LineCount;
use crate::domain::card_number::CardNumber;

/// One line of the list: its place in the file, from 1, and the number in its first cell, if it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedLine {
    /// Place, from 1.
    pub line: u64,
    /// The number.
    pub number: Option<CardNumber>,
}

/// Reads a list of card numbers: the first cell of each line, whatever follows. A first line that holds no number is
/// taken for titles. Numbers are ASCII, so the encoding does not matter.
#[must_use]
pub fn read_confirmed(bytes: &[u8]) -> Vec<ConfirmedLine> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut count = LineCount::new(bytes);
    let mut lines = Vec::new();
    loop {
        let start = reader.position().byte();
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            return lines;
        }
        let line = count.line_at(start);
        let cell = std::str::from_utf8(record.get(0).unwrap_or_default()).unwrap_or_default();
        let number: Option<CardNumber> = cell.trim_start_matches('\'').parse().ok();
        if number.is_some() || !lines.is_empty() || line > 1 {
            lines.push(ConfirmedLine { line, number });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_cell_of_each_line_is_the_number() {
        let lines = read_confirmed("番号,日付\r\n1234 5678,2026/11/20\r\n\"S0000103\"\r\n?,x\r\n".as_bytes());
        let numbers: Vec<_> =
            lines.iter().map(|line| (line.line, line.number.as_ref().map(CardNumber::as_str))).collect();
        assert_eq!(numbers, [(2, Some("12345678")), (3, Some("S0000103")), (4, None)]);
        assert_eq!(read_confirmed(b"12345678\n").len(), 1, "titles need not be there");
        assert!(read_confirmed(b"").is_empty());
    }

    proptest! {
        #[test]
        fn no_file_stops_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_confirmed(&bytes);
        }
    }
}
