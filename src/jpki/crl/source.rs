//! Bytes as they come in, element by element, digested on the way: a list need not be in memory.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, Digest};

use super::super::algorithm::Hash;
use super::super::reason::Reason;
use super::super::tlv::Malformed;

/// Nothing but the list of entries is longer than this in an honest list.
pub(super) const WINDOW: usize = 64 * 1024;

/// Why a list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CrlReadError {
    /// The bytes stopped coming.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// The rule that the list breaks.
    #[error(transparent)]
    Refused(#[from] Reason),
}

impl From<Malformed> for CrlReadError {
    fn from(_: Malformed) -> Self {
        Self::Refused(Reason::CrlMalformed)
    }
}

/// A tag and the length of what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tag: u8,
    /// Octets of tag and length.
    pub(super) octets: usize,
    /// Octets of the contents.
    pub(super) contents: usize,
}

impl Header {
    /// Octets of the whole element.
    pub(super) const fn whole(self) -> Result<usize, Malformed> {
        match self.octets.checked_add(self.contents) {
            Some(whole) => Ok(whole),
            None => Err(Malformed),
        }
    }

    /// The header at the beginning of some bytes; `None` if they end too early. DER: the length in
    /// as few octets as will do, tags of one octet.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let (tag, first, rest) = match bytes {
            [tag, ..] if tag & 0x1F == 0x1F => return Err(Malformed),
            [tag, first, rest @ ..] => (*tag, *first, rest),
            _ => return Ok(None),
        };
        let count = match first {
            0..=0x7F => return Ok(Some(Self { tag, octets: 2, contents: usize::from(first) })),
            0x81..=0x84 => usize::from(first & 0x7F),
            _ => return Err(Malformed),
        };
        let Some(octets) = rest.get(..count) else { return Ok(None) };
        let contents = octets.iter().fold(0_u64, |length, octet| length << 8 | u64::from(*octet));
        let minimal = contents > 0x7F && octets.first().is_some_and(|first| *first != 0);
        let contents = usize::try_from(contents).map_err(|_| Malformed)?;
        if minimal { Ok(Some(Self { tag, octets: count + 2, contents })) } else { Err(Malformed) }
    }
}

/// A window over the bytes.
pub(super) struct Source<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The digest, and up to where the window went into it.
    digest: Option<(Context, usize)>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; WINDOW], start: 0, end: 0, digest: None }
    }

    /// What is at hand: `wanted` octets, or all that are left if they are fewer.
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        if self.end - self.start < wanted.min(WINDOW) {
            self.digest_consumed();
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if let Some((_, digested)) = &mut self.digest {
                *digested = 0;
            }
            while let Some(room @ [_, ..]) = self.buffer.get_mut(self.end..) {
                match self.reader.read(room) {
                    Ok(0) => break,
                    Ok(read) => self.end += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(self.window())
    }

    fn window(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The header of the next element.
    pub(super) fn header(&mut self) -> Result<Header, CrlReadError> {
        Ok(Header::read(self.fill(6)?)?.ok_or(Malformed)?)
    }

    /// The header of the next element, consumed.
    pub(super) fn enter(&mut self, tag: u8) -> Result<Header, CrlReadError> {
        let header = self.header()?;
        if header.tag != tag {
            return Err(Malformed.into());
        }
        self.consume(header.octets);
        Ok(header)
    }

    /// The next element, which may be a window long.
    pub(super) fn element(&mut self) -> Result<Vec<u8>, CrlReadError> {
        let whole = self.header()?.whole()?;
        if whole > WINDOW {
            return Err(Reason::TooLarge.into());
        }
        let element = self.fill(whole)?.get(..whole).ok_or(Malformed)?.to_vec();
        self.consume(whole);
        Ok(element)
    }

    pub(super) fn consume(&mut self, octets: usize) {
        self.start = self.start.saturating_add(octets).min(self.end);
    }

    /// From here on, what is consumed is digested.
    pub(super) fn begin_digest(&mut self, hash: Hash) {
        self.digest = Some((Context::new(hash.algorithm()), self.start));
    }

    /// The digest of what was consumed since it began.
    pub(super) fn end_digest(&mut self) -> Option<Digest> {
        self.digest_consumed();
        self.digest.take().map(|(context, _)| context.finish())
    }

    fn digest_consumed(&mut self) {
        if let Some((context, digested)) = &mut self.digest {
            context.update(self.buffer.get(*digested..self.start).unwrap_or_default());
            *digested = self.start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_der() {
        let header = |tag, octets, contents| Ok(Some(Header { tag, octets, contents }));
        assert_eq!(Header::read(&[0x30, 0x7F]), header(0x30, 2, 127));
        assert_eq!(Header::read(&[0x30, 0x81, 0x80]), header(0x30, 3, 128));
        assert_eq!(Header::read(&[0x30, 0x84, 1, 0, 0, 0]), header(0x30, 6, 1 << 24));
        for cut in [&[][..], &[0x30], &[0x30, 0x82, 1]] {
            assert_eq!(Header::read(cut), Ok(None));
        }
        for wrong in [&[0x30, 0x80][..], &[0x30, 0x81, 0x7F], &[0x30, 0x82, 0, 0xFF], &[0x1F, 1], &[0x30, 0x85, 1, 0]] {
            assert_eq!(Header::read(wrong), Err(Malformed), "{wrong:02x?}");
        }
    }
}
