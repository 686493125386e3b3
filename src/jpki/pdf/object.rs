//! A small object as a tree, so that two of them can be compared whatever way they are written.

use std::ops::Range;

use super::lexer::{Lexer, Token, is_blank, name};
use super::scan::malformed;
use crate::jpki::reason::Reason;

/// A catalog, page or field is far smaller.
const MAX_LENGTH: usize = 64 * 1024;
const MAX_DEPTH: usize = 32;
/// Each key is compared with every other.
const MAX_ENTRIES: usize = 512;
/// Half of a ten-thousandth of a point; writers round differently.
const SAME_NUMBER: f64 = 5e-5;

/// An object without its stream.
#[derive(Debug, Clone)]
pub(super) enum Object {
    /// `true`, `false`, `null` and what is none of these.
    Word(Vec<u8>),
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dictionary(Vec<(Vec<u8>, Object)>),
    /// An indirect object of generation 0.
    Reference(i64),
}

impl Object {
    /// Reads the one object in `span`.
    pub(super) fn parse(pdf: &[u8], span: &Range<usize>) -> Result<Self, Reason> {
        if span.len() > MAX_LENGTH {
            return Err(Reason::TooLarge);
        }
        let text = pdf.get(span.clone()).ok_or(Reason::PdfMalformed)?;
        let mut lexer = Lexer::new(text, 0);
        let mut objects = list(&mut lexer, None, 0)?;
        match (objects.pop(), objects.is_empty()) {
            (Some(object), true) => Ok(object),
            _ => Err(Reason::PdfMalformed),
        }
    }

    /// The value of a key, if this is a dictionary that has it.
    pub(super) fn entry(&self, key: &[u8]) -> Option<&Self> {
        self.entries()?.iter().find(|(own, _)| own == key).map(|(_, value)| value)
    }

    pub(super) fn entries(&self) -> Option<&[(Vec<u8>, Self)]> {
        match self {
            Self::Dictionary(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> Option<&[Self]> {
        match self {
            Self::Array(members) => Some(members),
            _ => None,
        }
    }

    pub(super) const fn reference(&self) -> Option<i64> {
        match self {
            Self::Reference(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn string(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_name(&self, wanted: &[u8]) -> bool {
        matches!(self, Self::Name(name) if name == wanted)
    }

    /// Whether both say the same, whatever the order of keys and the spelling of numbers and strings.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(other))
            | (Self::Name(one), Self::Name(other))
            | (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => (one - other).abs() < SAME_NUMBER,
            (Self::Reference(one), Self::Reference(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.same(other))
            }
            (Self::Dictionary(_), Self::Dictionary(_)) => self.same_but_for(other, &[]),
            _ => false,
        }
    }

    /// Whether both are dictionaries that say the same under every key but these.
    pub(super) fn same_but_for(&self, other: &Self, keys: &[&[u8]]) -> bool {
        let (Some(own), Some(others)) = (self.entries(), other.entries()) else { return false };
        let counts = |(key, _): &&(Vec<u8>, Self)| !keys.contains(&key.as_slice());
        own.iter().filter(counts).count() == others.iter().filter(counts).count()
            && own.iter().filter(counts).all(|(key, value)| other.entry(key).is_some_and(|other| value.same(other)))
    }
}

/// The objects up to `end`, or to the end of the text.
fn list(lexer: &mut Lexer<'_>, end: Option<Token<'static>>, depth: usize) -> Result<Vec<Object>, Reason> {
    if depth > MAX_DEPTH {
        return Err(Reason::TooDeep);
    }
    let mut objects = Vec::new();
    loop {
        let Some((_, token)) = lexer.next().map_err(malformed)? else {
            return if end.is_none() { Ok(objects) } else { Err(Reason::PdfMalformed) };
        };
        if end == Some(token) {
            return Ok(objects);
        }
        let object = match token {
            Token::Word(b"R") => reference(&mut objects)?,
            Token::Word(word) => Object::Word(word.to_vec()),
            #[expect(clippy::cast_precision_loss, reason = "a number of this size stands in no honest object")]
            Token::Integer(number) => Object::Number(number as f64),
            Token::Real(number) => Object::Number(number),
            Token::Name(written) => Object::Name(name(written).into_owned()),
            Token::Text(written) => Object::Text(text(written)),
            Token::Hex(digits) => Object::Text(hexadecimal(digits)?),
            Token::ArrayOpen => Object::Array(list(lexer, Some(Token::ArrayClose), depth + 1)?),
            Token::DictionaryOpen => dictionary(list(lexer, Some(Token::DictionaryClose), depth + 1)?)?,
            Token::ArrayClose | Token::DictionaryClose => return Err(Reason::PdfMalformed),
        };
        objects.push(object);
    }
}

/// `12 0 R`; no other generation occurs in what is compared.
fn reference(objects: &mut Vec<Object>) -> Result<Object, Reason> {
    let generation = objects.pop().and_then(|object| object.number());
    let number = objects.pop().and_then(|object| object.number());
    match (number, generation) {
        (Some(number), Some(0.0)) if (0.0..1e9).contains(&number) && number.fract() == 0.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number in range")]
            let number = number as i64;
            Ok(Object::Reference(number))
        }
        _ => Err(Reason::PdfMalformed),
    }
}

/// Keys and values in turn, each key once.
fn dictionary(objects: Vec<Object>) -> Result<Object, Reason> {
    if objects.len() > 2 * MAX_ENTRIES {
        return Err(Reason::TooLarge);
    }
    let mut entries: Vec<(Vec<u8>, Object)> = Vec::with_capacity(objects.len() / 2);
    let mut objects = objects.into_iter();
    while let Some(key) = objects.next() {
        let (Object::Name(key), Some(value)) = (key, objects.next()) else { return Err(Reason::PdfMalformed) };
        if entries.iter().any(|(earlier, _)| *earlier == key) {
            return Err(Reason::PdfMalformed);
        }
        entries.push((key, value));
    }
    Ok(Object::Dictionary(entries))
}

fn hexadecimal(digits: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut digits: Vec<u8> = digits.iter().copied().filter(|byte| !is_blank(*byte)).collect();
    if !digits.len().is_multiple_of(2) {
        digits.push(b'0');
    }
    data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).map_err(|_| Reason::PdfMalformed)
}

/// A literal string with its escapes resolved (ISO 32000-2 §7.3.4.2).
fn text(written: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(written.len());
    let mut bytes = written.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'\r') => drop(bytes.next_if_eq(&b'\n')),
            Some(b'\n') | None => {}
            Some(digit @ b'0'..=b'7') => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    let Some(next) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                    value = value.wrapping_mul(8).wrapping_add(next - b'0');
                }
                text.push(value);
            }
            Some(other) => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &[u8]) -> Object {
        Object::parse(text, &(0..text.len())).unwrap()
    }

    #[test]
    fn the_same_object_may_be_written_in_many_ways() {
        let one = object(b"<</A[1 2.50 R#42]/B 12 0 R/C(a\\051\\\n)>>");
        let other = object(b"<< /C <6129> /B 12 0 R /A [ 1.0 +2.5 /RB ] >>");
        let third = object(b"<</C <6129>/B 12 0 R/A [1.0 2.5 R#42]>>");
        assert!(one.same(&third));
        assert!(!one.same(&other), "a word is no name");
        assert!(!object(b"[1 2]").same(&object(b"[1 2 3]")));
        assert!(!object(b"<</A 1>>").same(&object(b"<</A 1/B 2>>")));
        assert!(object(b"<</A 1/D 3>>").same_but_for(&object(b"<</A 1/B 2>>"), &[b"B", b"D"]));
    }

    #[test]
    fn what_is_written_twice_is_refused() {
        for text in [&b"<</A 1/A 1>>"[..], b"<</A>>", b"<</A 1 2>>", b"1 2", b"", b"[1 R]", b"<<1 2>>"] {
            assert!(Object::parse(text, &(0..text.len())).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }
}
