//! How the answer of [`super::read`] travels from one process to another: one octet that says which, then for a
//! picture one octet of hints, and the JPEG.

use super::{Hint, Picture, Unreadable};

/// The first octet of a picture; reasons count from 1 in the order of [`Unreadable::ALL`].
const PICTURE: u8 = 0;

/// Writes an answer.
#[must_use]
pub fn encode(answer: &Result<Picture, Unreadable>) -> Vec<u8> {
    match answer {
        Ok(picture) => [&[PICTURE, bits_of(&picture.hints)][..], &picture.jpeg].concat(),
        Err(reason) => (1..).zip(Unreadable::ALL).filter(|(_, other)| other == reason).map(|(code, _)| code).collect(),
    }
}

/// Reads an answer; `None` if it is none.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Result<Picture, Unreadable>> {
    match bytes {
        [PICTURE, bits, jpeg @ ..] if jpeg.starts_with(b"\xFF\xD8\xFF") => {
            Some(Ok(Picture { jpeg: jpeg.to_vec(), hints: hints_of(*bits) }))
        }
        [code, ..] => usize::from(*code).checked_sub(1).and_then(|place| Unreadable::ALL.get(place)).copied().map(Err),
        [] => None,
    }
}

fn bits_of(hints: &[Hint]) -> u8 {
    (0..).zip(Hint::ALL).filter(|(_, hint)| hints.contains(hint)).fold(0, |bits, (place, _)| bits | 1 << place)
}

fn hints_of(bits: u8) -> Vec<Hint> {
    (0..).zip(Hint::ALL).filter(|(place, _)| bits & (1 << place) != 0).map(|(_, hint)| hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_arrives_as_it_was_sent() {
        let picture = |hints: &[Hint]| Picture { jpeg: b"\xFF\xD8\xFF\xE0".to_vec(), hints: hints.to_vec() };
        let pictures = [&[][..], &[Hint::Small], &[Hint::Blurred], &Hint::ALL].map(|hints| Ok(picture(hints)));
        for answer in pictures.into_iter().chain(Unreadable::ALL.map(Err)) {
            assert_eq!(decode(&encode(&answer)), Some(answer));
        }
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        for bytes in [&b""[..], b"\0", b"\0\0", b"\0\0GIF89a", b"\xFF", b"\x0D"] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
