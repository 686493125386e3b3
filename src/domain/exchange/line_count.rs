//! Which line of a file a record begins in, as an editor counts.

/// Counts lines forward. (The reader of CSV leaves the LF of a CR LF to the next record, and counts it there.)
pub(super) struct LineCount<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCount<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line, from 1, of the record for which the reader began at `start`. Starts must not go back.
    pub(super) fn line_at(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(self.bytes.len());
        let blank = self.bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = start + blank;
        let passed = self.bytes.get(self.at..begin).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.at = begin.max(self.at);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_and_either_ending_count() {
        let mut count = LineCount::new(b"a\r\nb\n\n\nc");
        assert_eq!([0, 2, 5].map(|start| count.line_at(start)), [1, 2, 5]);
        assert_eq!(count.line_at(99), 5, "behind the end is the last line");
    }
}
