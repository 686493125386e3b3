//! One walk over a whole file: every object as it stands, whatever the cross-reference table says.
//!
//! What a table leaves out is seen here too, so nothing hides behind it. Stream data is passed over;
//! a dictionary inside an object stream cannot be a signature, because its `/Contents` has no place in
//! the file (ISO 32000-2 §7.5.7, §12.8.1).

use std::ops::Range;

use super::lexer::{Broken, Lexer, Token, name};
use crate::jpki::reason::Reason;

/// Deeper than honest objects nest.
const MAX_DEPTH: usize = 128;
const END_OF_STREAM: &[u8] = b"endstream";

/// What stands at the top level of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item<'a> {
    Object(Placed),
    /// The dictionary after `trailer`.
    Trailer(Range<usize>),
    /// Any other word: the cross-reference table and `startxref`.
    Other(usize, Token<'a>),
}

/// `number generation obj … endobj`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) number: i64,
    pub(super) generation: i64,
    /// Where its number begins.
    pub(super) start: usize,
    /// What stands between `obj` and `endobj` or `stream`.
    pub(super) body: Range<usize>,
    pub(super) is_stream: bool,
}

/// A dictionary that has a `/ByteRange`, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignatureDictionary {
    pub(super) span: Range<usize>,
    /// The number of the object that it is or stands in.
    pub(super) object: Option<i64>,
}

/// The walk and what it met.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    lexer: Lexer<'a>,
    /// The first dictionary with a `/ByteRange`.
    pub(super) signature: Option<SignatureDictionary>,
    /// How many there are.
    pub(super) signatures: usize,
    /// Whether a trailer or cross-reference stream names an encryption dictionary.
    pub(super) encrypted: bool,
    integers: [Option<(usize, i64)>; 2],
    object: Option<i64>,
}

/// An array or dictionary that is open.
struct Frame {
    start: usize,
    is_dictionary: bool,
    entry: Entry,
    /// The key is `/Length` and its value so far one number.
    is_length: bool,
    length: Option<usize>,
    is_signature: bool,
}

/// How much of a dictionary's entry has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Nothing,
    Key,
    /// A key and at least one word of its value.
    Value,
}

/// A container that was read to its end.
struct Closed {
    span: Range<usize>,
    length: Option<usize>,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(bytes: &'a [u8], position: usize) -> Self {
        Self {
            lexer: Lexer::new(bytes, position),
            signature: None,
            signatures: 0,
            encrypted: false,
            integers: [None; 2],
            object: None,
        }
    }

    /// Walks to the end.
    pub(super) fn finish(&mut self) -> Result<(), Reason> {
        while self.next()?.is_some() {}
        Ok(())
    }

    pub(super) fn next(&mut self) -> Result<Option<Item<'a>>, Reason> {
        let Some((start, token)) = self.lexer.next().map_err(malformed)? else { return Ok(None) };
        let integers = std::mem::take(&mut self.integers);
        match token {
            Token::Integer(number) => {
                self.integers = [integers[1], Some((start, number))];
                Ok(Some(Item::Other(start, token)))
            }
            Token::Word(b"obj") => {
                let [Some((start, number)), Some((_, generation))] = integers else { return Err(Reason::PdfMalformed) };
                self.object = Some(number);
                let (body, is_stream) = self.object_body()?;
                self.object = None;
                Ok(Some(Item::Object(Placed { number, generation, start, body, is_stream })))
            }
            Token::Word(b"trailer") => match self.lexer.next().map_err(malformed)? {
                Some((start, Token::DictionaryOpen)) => Ok(Some(Item::Trailer(self.container(start, true)?.span))),
                _ => Err(Reason::PdfMalformed),
            },
            Token::Word(_) => Ok(Some(Item::Other(start, token))),
            _ => Err(Reason::PdfMalformed),
        }
    }

    fn object_body(&mut self) -> Result<(Range<usize>, bool), Reason> {
        let start = self.lexer.position();
        let mut dictionary = None;
        loop {
            let (at, token) = self.lexer.next().map_err(malformed)?.ok_or(Reason::PdfMalformed)?;
            match token {
                Token::Word(b"endobj") => return Ok((start..at, false)),
                Token::Word(b"stream") => {
                    let Closed { span, length } = dictionary.ok_or(Reason::PdfMalformed)?;
                    self.skip_stream(length)?;
                    return match self.lexer.next().map_err(malformed)? {
                        Some((_, Token::Word(b"endobj"))) => Ok((span, true)),
                        _ => Err(Reason::PdfMalformed),
                    };
                }
                Token::Word(b"obj") | Token::ArrayClose | Token::DictionaryClose => return Err(Reason::PdfMalformed),
                Token::DictionaryOpen => dictionary = Some(self.container(at, true)?),
                Token::ArrayOpen => {
                    self.container(at, false)?;
                }
                _ => dictionary = None,
            }
        }
    }

    /// To the end of a container whose opening was read at `start`.
    fn container(&mut self, start: usize, is_dictionary: bool) -> Result<Closed, Reason> {
        let mut frames = vec![Frame::new(start, is_dictionary)];
        while let Some(frame) = frames.last_mut() {
            let (at, token) = self.lexer.next().map_err(malformed)?.ok_or(Reason::PdfMalformed)?;
            match token {
                Token::DictionaryOpen | Token::ArrayOpen => {
                    frame.take_value(None)?;
                    if frames.len() == MAX_DEPTH {
                        return Err(Reason::TooDeep);
                    }
                    frames.push(Frame::new(at, token == Token::DictionaryOpen));
                }
                Token::DictionaryClose | Token::ArrayClose => {
                    let is_dictionary = token == Token::DictionaryClose;
                    if frame.is_dictionary != is_dictionary || frame.entry == Entry::Key {
                        return Err(Reason::PdfMalformed);
                    }
                    let closed = Closed { span: frame.start..self.lexer.position(), length: frame.length };
                    if frame.is_signature {
                        self.signatures += 1;
                        let found = SignatureDictionary { span: closed.span.clone(), object: self.object };
                        self.signature.get_or_insert(found);
                    }
                    frames.pop();
                    if frames.is_empty() {
                        return Ok(closed);
                    }
                }
                Token::Name(written) if frame.awaits_key() => {
                    let key = name(written);
                    frame.take_key(&key);
                    self.encrypted |= frames.len() == 1 && key.as_ref() == b"Encrypt";
                }
                Token::Word(b"obj" | b"endobj" | b"stream" | b"endstream") => return Err(Reason::PdfMalformed),
                Token::Integer(number) => frame.take_value(usize::try_from(number).ok())?,
                _ => frame.take_value(None)?,
            }
        }
        Err(Reason::PdfMalformed)
    }

    /// The data of a stream: as long as `/Length` says if `endstream` stands there, otherwise up to the
    /// first `endstream`.
    fn skip_stream(&mut self, length: Option<usize>) -> Result<(), Reason> {
        let rest = self.lexer.rest();
        let eol = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return Err(Reason::PdfMalformed),
        };
        let data = self.lexer.position() + eol;
        let said = length.and_then(|length| eol.checked_add(length)).and_then(|end| {
            let after = rest.get(end..)?;
            let blanks = after.iter().take(2).take_while(|byte| matches!(**byte, b'\r' | b'\n')).count();
            after.get(blanks..)?.starts_with(END_OF_STREAM).then_some(self.lexer.position() + end + blanks)
        });
        let end = said.or_else(|| find(rest, END_OF_STREAM).map(|found| self.lexer.position() + found));
        let end = end.filter(|end| *end >= data).ok_or(Reason::PdfMalformed)?;
        self.lexer.jump(end + END_OF_STREAM.len());
        Ok(())
    }
}

impl Frame {
    const fn new(start: usize, is_dictionary: bool) -> Self {
        Self { start, is_dictionary, entry: Entry::Nothing, is_length: false, length: None, is_signature: false }
    }

    /// A name that follows a value, or the opening, is a key; one that follows a key is its value.
    fn awaits_key(&self) -> bool {
        self.is_dictionary && self.entry != Entry::Key
    }

    fn take_key(&mut self, key: &[u8]) {
        self.entry = Entry::Key;
        self.is_length = key == b"Length";
        self.is_signature |= key == b"ByteRange";
    }

    /// A value may be several words: `12 0 R`.
    fn take_value(&mut self, number: Option<usize>) -> Result<(), Reason> {
        if !self.is_dictionary {
            return Ok(());
        }
        if self.entry == Entry::Nothing {
            return Err(Reason::PdfMalformed);
        }
        if self.is_length {
            self.length = if self.entry == Entry::Value { None } else { number };
        }
        self.entry = Entry::Value;
        Ok(())
    }
}

/// Where `wanted` first stands.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = wanted.first()?;
    let mut from = 0;
    while let Some(found) = bytes.get(from..)?.iter().position(|byte| byte == first) {
        from += found;
        if bytes.get(from..)?.starts_with(wanted) {
            return Some(from);
        }
        from += 1;
    }
    None
}

pub(super) const fn malformed(_: Broken) -> Reason {
    Reason::PdfMalformed
}
