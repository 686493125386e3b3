//! From the BER that streaming signers write to DER, within bounds.
//!
//! Indefinite lengths and OCTET STRINGs in pieces become what DER has instead; everything else is
//! copied. Lengths that are merely longer than needed are refused: no known signer writes them,
//! and they would give one message many faces.

use super::encode::tlv;
use super::reason::Reason;

/// Deeper than SignedData with certificates ever nests.
const MAX_DEPTH: usize = 24;

const OCTET_STRING: u8 = 0x04;
const OCTET_STRING_IN_PIECES: u8 = 0x24;
const CONSTRUCTED: u8 = 0x20;
const HIGH_TAG: u8 = 0x1F;
const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// Rewrites one BER element as DER. Input that is DER already comes back unchanged.
///
/// # Errors
/// `TrailingBytes`, `TooDeep`, or `CmsMalformed` for anything that is not bounded BER.
pub fn to_der(input: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut rest = input;
    let mut output = Vec::with_capacity(input.len());
    element(&mut rest, &mut output, 0)?;
    if rest.is_empty() { Ok(output) } else { Err(Reason::TrailingBytes) }
}

fn element(rest: &mut &[u8], output: &mut Vec<u8>, depth: usize) -> Result<(), Reason> {
    if depth >= MAX_DEPTH {
        return Err(Reason::TooDeep);
    }
    let tag = octet(rest)?;
    if tag & HIGH_TAG == HIGH_TAG {
        return Err(Reason::CmsMalformed);
    }
    let length = length(rest)?;
    if tag & CONSTRUCTED == 0 {
        let contents = take(rest, length.ok_or(Reason::CmsMalformed)?)?;
        output.extend(tlv(tag, &[contents]));
        return Ok(());
    }
    let mut children = Vec::new();
    if let Some(length) = length {
        let mut contents = take(rest, length)?;
        while !contents.is_empty() {
            child(&mut contents, &mut children, tag, depth)?;
        }
    } else {
        while !rest.starts_with(&END_OF_CONTENTS) {
            child(rest, &mut children, tag, depth)?;
        }
        take(rest, END_OF_CONTENTS.len())?;
    }
    let tag = if tag == OCTET_STRING_IN_PIECES { OCTET_STRING } else { tag };
    output.extend(tlv(tag, &[&children]));
    Ok(())
}

/// A child goes whole into its parent, except that a piece of an OCTET STRING leaves its header behind.
fn child(rest: &mut &[u8], children: &mut Vec<u8>, parent: u8, depth: usize) -> Result<(), Reason> {
    if parent != OCTET_STRING_IN_PIECES {
        return element(rest, children, depth + 1);
    }
    let mut piece = Vec::new();
    element(rest, &mut piece, depth + 1)?;
    let mut piece = piece.as_slice();
    if octet(&mut piece)? != OCTET_STRING {
        return Err(Reason::CmsMalformed);
    }
    let length = length(&mut piece)?.ok_or(Reason::CmsMalformed)?;
    children.extend_from_slice(take(&mut piece, length)?);
    Ok(())
}

/// A length of at most four octets in its shortest form, or `None` for the indefinite one.
fn length(rest: &mut &[u8]) -> Result<Option<usize>, Reason> {
    match octet(rest)? {
        INDEFINITE => Ok(None),
        short @ 0..=0x7F => Ok(Some(usize::from(short))),
        long => {
            let octets = take(rest, usize::from(long & 0x7F))?;
            if octets.len() > 4 || octets.first() == Some(&0) {
                return Err(Reason::CmsMalformed);
            }
            let length = octets.iter().fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
            if length < 0x80 { Err(Reason::CmsMalformed) } else { Ok(Some(length)) }
        }
    }
}

fn octet(rest: &mut &[u8]) -> Result<u8, Reason> {
    take(rest, 1)?.first().copied().ok_or(Reason::CmsMalformed)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Reason> {
    let (taken, left) = rest.split_at_checked(length).ok_or(Reason::CmsMalformed)?;
    *rest = left;
    Ok(taken)
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
    fn a_bomb_of_nested_sequences_is_refused() {
        assert_eq!(to_der(&[0x30, 0x80].repeat(200_000)), Err(Reason::TooDeep));
    }

    #[test]
    fn what_is_not_bounded_ber_is_refused() {
        for (bytes, reason) in [
            (&[0x04, 0x81, 0x01, 0x00][..], Reason::CmsMalformed), // longer length than needed
            (&[0x04, 0x80, 0x00, 0x00], Reason::CmsMalformed),     // primitive and indefinite
            (&[0x30, 0x80, 0x05, 0x00], Reason::CmsMalformed),     // never ends
            (&[0x1F, 0x20, 0x00], Reason::CmsMalformed),           // high tag
            (&[0x24, 0x02, 0x05, 0x00], Reason::CmsMalformed),     // a piece that is not one
            (&[0x05, 0x00, 0x00], Reason::TrailingBytes),
            (&[], Reason::CmsMalformed),
        ] {
            assert_eq!(to_der(bytes), Err(reason), "{bytes:02x?}");
        }
    }
}
