//! From the BER that streaming signers write to DER, within bounds.
//!
//! Indefinite lengths and strings in pieces become what DER has instead; everything else is
//! copied. Lengths that are merely longer than needed are refused: no known signer writes them,
//! and they would give one message many faces.
//!
//! Three passes over the input, each linear: how many constructed elements there are, how long the
//! contents of each become, and the copy. So nothing is copied twice however deep it lies, and the
//! lengths take at most two octets for each octet of input.

use super::encode::push_length;
use super::reason::Reason;

/// Deeper than SignedData with a timestamp and its certificates ever nests.
const MAX_DEPTH: usize = 32;
/// Far above the pieces of a large document: streaming signers write thousands of octets in each.
const MAX_ELEMENTS: usize = 4_000_000;
/// A message with its document inside.
pub(super) const MAX_LENGTH: usize = 128 * 1024 * 1024;

const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const HIGH_TAG: u8 = 0x1F;
const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// Rewrites one BER element as DER. Input that is DER already comes back unchanged.
///
/// # Errors
/// `TrailingBytes`, `TooLarge`, `TooDeep`, or `CmsMalformed` for anything that is not bounded BER.
pub fn to_der(input: &[u8]) -> Result<Vec<u8>, Reason> {
    let (length, constructed) = measure(input)?;
    if length != input.len() {
        return Err(Reason::TrailingBytes);
    }
    let mut lengths = Lengths::with_capacity(constructed);
    let total = lengths.of_element(&mut Cursor::new(input), None)?;
    let mut writer = Writer { output: Vec::with_capacity(total.whole), lengths: lengths.contents.into_iter() };
    writer.element(&mut Cursor::new(input), None)?;
    Ok(writer.output)
}

/// How many octets the first BER element takes, whatever follows it.
///
/// # Errors
/// `TooLarge`, `TooDeep` or `CmsMalformed` if there is no such element.
pub(super) fn element_length(input: &[u8]) -> Result<usize, Reason> {
    measure(input).map(|(length, _)| length)
}

/// The length of the first element and how many constructed ones it holds.
fn measure(input: &[u8]) -> Result<(usize, usize), Reason> {
    if input.len() > MAX_LENGTH {
        return Err(Reason::TooLarge);
    }
    let mut cursor = Cursor::new(input);
    let mut counted = Counted::default();
    counted.element(&mut cursor, 0)?;
    Ok((input.len() - cursor.rest.len(), counted.constructed))
}

/// The first pass.
#[derive(Default)]
struct Counted {
    elements: usize,
    constructed: usize,
}

impl Counted {
    fn element(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Reason> {
        if depth >= MAX_DEPTH {
            return Err(Reason::TooDeep);
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(Reason::TooLarge);
        }
        let header = cursor.header()?;
        let Some(mut contents) = header.contents(cursor)? else { return Ok(()) };
        self.constructed += 1;
        while contents.has_more(cursor) {
            self.element(contents.cursor(cursor), depth + 1)?;
        }
        contents.finish(cursor)
    }
}

/// The string type whose pieces stand in a constructed element, if it is one (X.690 §8.6.4, §8.7.3,
/// §8.23): the pieces of a bit string are bit strings, those of all others octet strings.
const fn pieces_of(tag: u8) -> Option<u8> {
    match tag {
        0x23 => Some(BIT_STRING),
        // OCTET STRING, UTF8String, the restricted strings and the two times.
        0x24 | 0x2C | 0x32..=0x3C | 0x3E => Some(OCTET_STRING),
        _ => None,
    }
}

/// What an element becomes.
#[derive(Clone, Copy)]
struct Size {
    contents: usize,
    whole: usize,
}

/// The lengths of the contents of all constructed elements, in the order of their beginnings.
struct Lengths {
    contents: Vec<u32>,
}

impl Lengths {
    fn with_capacity(constructed: usize) -> Self {
        Self { contents: Vec::with_capacity(constructed) }
    }

    /// `piece_of` is the string type that the element is a piece of.
    fn of_element(&mut self, cursor: &mut Cursor<'_>, piece_of: Option<u8>) -> Result<Size, Reason> {
        let header = cursor.header()?;
        header.check_piece(piece_of)?;
        let position = self.contents.len();
        let Some(mut children) = header.contents(cursor)? else {
            let contents = cursor.skipped(piece_of)?.len();
            return Ok(Size { contents, whole: with_header(contents) });
        };
        self.contents.push(0);
        let pieces = pieces_of(header.tag);
        let mut contents = 0;
        while children.has_more(cursor) {
            let child = self.of_element(children.cursor(cursor), pieces)?;
            contents += if pieces.is_some() { child.contents } else { child.whole };
        }
        children.finish(cursor)?;
        // Joined from its pieces, a bit string says once how many bits are unused.
        if pieces == Some(BIT_STRING) {
            contents += 1;
        }
        if let Some(length) = self.contents.get_mut(position) {
            *length = u32::try_from(contents).map_err(|_| Reason::TooLarge)?;
        }
        Ok(Size { contents, whole: with_header(contents) })
    }
}

/// The third pass.
struct Writer {
    output: Vec<u8>,
    lengths: std::vec::IntoIter<u32>,
}

impl Writer {
    fn element(&mut self, cursor: &mut Cursor<'_>, piece_of: Option<u8>) -> Result<(), Reason> {
        let header = cursor.header()?;
        let Some(mut children) = header.contents(cursor)? else {
            let contents = cursor.skipped(piece_of)?;
            if piece_of.is_none() {
                self.output.push(header.tag);
                push_length(&mut self.output, contents.len());
            }
            self.output.extend_from_slice(contents);
            return Ok(());
        };
        let length = self.lengths.next().and_then(|length| usize::try_from(length).ok()).ok_or(Reason::CmsMalformed)?;
        let pieces = pieces_of(header.tag);
        let mut unused_bits = None;
        if piece_of.is_none() {
            self.output.push(if pieces.is_some() { header.tag & !CONSTRUCTED } else { header.tag });
            push_length(&mut self.output, length);
            if pieces == Some(BIT_STRING) {
                unused_bits = Some(self.output.len());
                self.output.push(0);
            }
        }
        while children.has_more(cursor) {
            let child = children.cursor(cursor);
            if let (Some(position), Some(unused)) = (unused_bits, child.unused_bits())
                && let Some(octet) = self.output.get_mut(position)
            {
                // Only the last piece may end within an octet (X.690 §8.6.4).
                if *octet != 0 {
                    return Err(Reason::CmsMalformed);
                }
                *octet = unused;
            }
            self.element(child, pieces)?;
        }
        children.finish(cursor)
    }
}

/// Octets of tag, length and contents.
const fn with_header(contents: usize) -> usize {
    contents
        + match contents {
            0..0x80 => 2,
            0x80..0x100 => 3,
            0x100..0x1_0000 => 4,
            0x1_0000..0x100_0000 => 5,
            _ => 6,
        }
}

/// Tag and length of an element.
#[derive(Clone, Copy)]
struct Header {
    tag: u8,
    /// `None` for the indefinite one.
    length: Option<usize>,
}

impl Header {
    /// The children of a constructed element; `None` for a primitive one, whose contents are skipped
    /// and stay at hand as [`Cursor::skipped`].
    fn contents<'a>(&self, cursor: &mut Cursor<'a>) -> Result<Option<Children<'a>>, Reason> {
        if self.tag & CONSTRUCTED == 0 {
            cursor.last = cursor.take(self.length.ok_or(Reason::CmsMalformed)?)?;
            return Ok(None);
        }
        let own = self.length.map(|length| cursor.take(length).map(Cursor::new)).transpose()?;
        Ok(Some(Children { own }))
    }

    fn check_piece(&self, piece_of: Option<u8>) -> Result<(), Reason> {
        match piece_of {
            None => Ok(()),
            Some(kind) if self.tag == kind => Ok(()),
            // Octet strings may be cut again; nobody does so with a bit string.
            Some(OCTET_STRING) if self.tag == OCTET_STRING | CONSTRUCTED => Ok(()),
            Some(_) => Err(Reason::CmsMalformed),
        }
    }
}

/// Where the children of a constructed element are read from: bytes of their own if the length is
/// definite, the parent's up to the end-of-contents otherwise.
struct Children<'a> {
    own: Option<Cursor<'a>>,
}

impl<'a> Children<'a> {
    fn has_more(&self, parent: &Cursor<'a>) -> bool {
        match &self.own {
            Some(own) => !own.rest.is_empty(),
            None => !parent.rest.starts_with(&END_OF_CONTENTS),
        }
    }

    fn cursor<'c>(&'c mut self, parent: &'c mut Cursor<'a>) -> &'c mut Cursor<'a> {
        self.own.as_mut().unwrap_or(parent)
    }

    fn finish(&self, parent: &mut Cursor<'a>) -> Result<(), Reason> {
        if self.own.is_none() {
            parent.take(END_OF_CONTENTS.len())?;
        }
        Ok(())
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
    /// The contents of the primitive element that was read last.
    last: &'a [u8],
}

impl<'a> Cursor<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, last: &[] }
    }

    fn header(&mut self) -> Result<Header, Reason> {
        let tag = self.octet()?;
        if tag & HIGH_TAG == HIGH_TAG {
            return Err(Reason::CmsMalformed);
        }
        // End-of-contents ends an indefinite length and is no element (X.690 §8.1.5).
        if tag & !CONSTRUCTED == 0 {
            return Err(Reason::CmsMalformed);
        }
        Ok(Header { tag, length: self.length()? })
    }

    /// A length of at most four octets in its shortest form, or `None` for the indefinite one.
    fn length(&mut self) -> Result<Option<usize>, Reason> {
        match self.octet()? {
            INDEFINITE => Ok(None),
            short @ 0..=0x7F => Ok(Some(usize::from(short))),
            long => {
                let octets = self.take(usize::from(long & 0x7F))?;
                if octets.len() > 4 || octets.first() == Some(&0) {
                    return Err(Reason::CmsMalformed);
                }
                let length = octets.iter().fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
                if length < 0x80 { Err(Reason::CmsMalformed) } else { Ok(Some(length)) }
            }
        }
    }

    /// The contents that were skipped; of a piece of a bit string without its count of unused bits.
    fn skipped(&self, piece_of: Option<u8>) -> Result<&'a [u8], Reason> {
        if piece_of != Some(BIT_STRING) {
            return Ok(self.last);
        }
        self.last.split_first().map(|(_, octets)| octets).ok_or(Reason::CmsMalformed)
    }

    /// How many bits the primitive piece of a bit string that comes next leaves unused.
    fn unused_bits(&self) -> Option<u8> {
        let mut ahead = Cursor::new(self.rest);
        let header = ahead.header().ok()?;
        (header.tag == BIT_STRING).then(|| ahead.octet().ok()).flatten()
    }

    fn octet(&mut self) -> Result<u8, Reason> {
        self.take(1)?.first().copied().ok_or(Reason::CmsMalformed)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Reason> {
        let (taken, left) = self.rest.split_at_checked(length).ok_or(Reason::CmsMalformed)?;
        self.rest = left;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_comes_back_unchanged() {
        let der = [0x30, 0x06, 0x04, 0x01, 0xAA, 0xA0, 0x01, 0x00];
        assert_eq!(to_der(&der), Err(Reason::CmsMalformed), "a constructed tag holds whole elements");
        let der = [0x30, 0x07, 0x04, 0x01, 0xAA, 0xA0, 0x02, 0x05, 0x00];
        assert_eq!(to_der(&der).unwrap(), der);
    }

    #[test]
    fn indefinite_lengths_and_pieces_become_der() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xAA, 0x24, 0x03, 0x04, 0x01, 0xBB, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
        ];
        assert_eq!(to_der(&ber).unwrap(), [0x30, 0x06, 0x04, 0x02, 0xAA, 0xBB, 0x05, 0x00]);
    }

    #[test]
    fn the_pieces_of_other_strings_are_joined_as_well() {
        // Two pieces of a BIT STRING, the second of which leaves four bits unused (X.690 §8.6.4.2).
        let bits = [0x23, 0x80, 0x03, 0x02, 0x00, 0xAA, 0x03, 0x02, 0x04, 0xB0, 0x00, 0x00];
        assert_eq!(to_der(&bits).unwrap(), [0x03, 0x03, 0x04, 0xAA, 0xB0]);
        let early = [0x23, 0x80, 0x03, 0x02, 0x04, 0xA0, 0x03, 0x02, 0x00, 0xB0, 0x00, 0x00];
        assert_eq!(to_der(&early), Err(Reason::CmsMalformed), "only the last may end within an octet");
        // "Jones" as a VisibleString (X.690 §8.23.6).
        let text = [0x3A, 0x09, 0x04, 0x03, 0x4A, 0x6F, 0x6E, 0x04, 0x02, 0x65, 0x73];
        assert_eq!(to_der(&text).unwrap(), b"\x1A\x05Jones");
    }

    #[test]
    fn a_bomb_of_nested_sequences_is_refused() {
        assert_eq!(to_der(&[0x30, 0x80].repeat(200_000)), Err(Reason::TooDeep));
        assert_eq!(to_der(&[0x24, 0x80].repeat(200_000)), Err(Reason::TooDeep));
    }

    #[test]
    fn a_document_in_crumbs_is_refused() {
        let pieces = |count: usize| [&[0x24, 0x80][..], &[4, 0].repeat(count), &[0, 0]].concat();
        assert_eq!(to_der(&pieces(MAX_ELEMENTS)), Err(Reason::TooLarge));
        assert_eq!(to_der(&pieces(MAX_ELEMENTS - 1)).unwrap(), [4, 0]);
    }

    #[test]
    fn however_deep_it_lies_every_octet_is_copied_once() {
        let shells = MAX_DEPTH - 1;
        let text = vec![0x5A; 100_000];
        let leaf = crate::jpki::encode::tlv(OCTET_STRING, &[&text]);
        let ber = [[0x30, 0x80].repeat(shells), leaf, [0, 0].repeat(shells)].concat();
        let der = to_der(&ber).unwrap();
        assert!(der.ends_with(&text));
        assert_eq!(to_der(&der).unwrap(), der);
        assert_eq!(der.capacity(), der.len(), "the space was known before");
    }

    #[test]
    fn the_first_element_may_be_followed_by_others() {
        assert_eq!(element_length(&[0x30, 0x80, 0x05, 0x00, 0x00, 0x00, 0x00]), Ok(6));
        assert_eq!(element_length(&[0x30, 0x02, 0x05, 0x00, 0xFF]), Ok(4));
        assert_eq!(element_length(&[0x30, 0x02, 0x05]), Err(Reason::CmsMalformed));
    }

    #[test]
    fn what_is_not_bounded_ber_is_refused() {
        for (bytes, reason) in [
            (&[0x04, 0x81, 0x01, 0x00][..], Reason::CmsMalformed), // longer length than needed
            (&[0x04, 0x80, 0x00, 0x00], Reason::CmsMalformed),     // primitive and indefinite
            (&[0x30, 0x80, 0x05, 0x00], Reason::CmsMalformed),     // never ends
            (&[0x30, 0x02, 0x00, 0x00], Reason::CmsMalformed),     // ends what has a length
            (&[0x1F, 0x20, 0x00], Reason::CmsMalformed),           // high tag
            (&[0x24, 0x02, 0x05, 0x00], Reason::CmsMalformed),     // a piece that is not one
            (&[0x23, 0x02, 0x03, 0x00], Reason::CmsMalformed),     // a piece without its count
            (&[0x05, 0x00, 0x00], Reason::TrailingBytes),
            (&[], Reason::CmsMalformed),
        ] {
            assert_eq!(to_der(bytes), Err(reason), "{bytes:02x?}");
        }
    }
}
