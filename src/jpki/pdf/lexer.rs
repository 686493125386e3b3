//! The words of a PDF (ISO 32000-2 §7.2, §7.3), read in place. What two readers could take for two
//! things is refused.

use std::borrow::Cow;

/// The bytes are not the words of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// One word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Integer(i64),
    Real(f64),
    /// What follows the slash, as written.
    Name(&'a [u8]),
    /// What stands between the parentheses, as written.
    Text(&'a [u8]),
    /// What stands between the angle brackets, as written.
    Hex(&'a [u8]),
    ArrayOpen,
    ArrayClose,
    DictionaryOpen,
    DictionaryClose,
    Word(&'a [u8]),
}

/// A cursor over a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    pub(super) const fn jump(&mut self, position: usize) {
        self.position = position;
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// The next word and where it begins; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Token<'a>)>, Broken> {
        self.skip_blanks();
        let start = self.position;
        let Some(first) = self.rest().first() else { return Ok(None) };
        let token = match first {
            b'/' => {
                self.position += 1;
                Token::Name(self.regular())
            }
            b'(' => self.text()?,
            b'<' if self.rest().starts_with(b"<<") => self.delimiter(2, Token::DictionaryOpen),
            b'<' => self.hex()?,
            b'>' if self.rest().starts_with(b">>") => self.delimiter(2, Token::DictionaryClose),
            b'[' => self.delimiter(1, Token::ArrayOpen),
            b']' => self.delimiter(1, Token::ArrayClose),
            b'>' | b')' | b'{' | b'}' => return Err(Broken),
            _ => number_or_word(self.regular()),
        };
        Ok(Some((start, token)))
    }

    const fn delimiter(&mut self, length: usize, token: Token<'a>) -> Token<'a> {
        self.position += length;
        token
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
            self.position += blanks;
            if !self.rest().starts_with(b"%") {
                return;
            }
            self.position += self.rest().iter().take_while(|byte| !matches!(**byte, b'\r' | b'\n')).count();
        }
    }

    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| !is_blank(**byte) && !is_delimiter(**byte)).count();
        self.position += length;
        rest.get(..length).unwrap_or_default()
    }

    fn text(&mut self) -> Result<Token<'a>, Broken> {
        let rest = self.rest();
        let (mut depth, mut escaped) = (0_usize, false);
        for (position, byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' if depth == 1 => {
                    self.position += position + 1;
                    return rest.get(1..position).map(Token::Text).ok_or(Broken);
                }
                b')' => depth -= 1,
                _ => {}
            }
        }
        Err(Broken)
    }

    fn hex(&mut self) -> Result<Token<'a>, Broken> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte == b'>').ok_or(Broken)?;
        let digits = rest.get(1..length).ok_or(Broken)?;
        if !digits.iter().all(|byte| byte.is_ascii_hexdigit() || is_blank(*byte)) {
            return Err(Broken);
        }
        self.position += length + 1;
        Ok(Token::Hex(digits))
    }
}

/// The name with its `#xx` resolved (§7.3.5).
pub(super) fn name(written: &[u8]) -> Cow<'_, [u8]> {
    if !written.contains(&b'#') {
        return Cow::Borrowed(written);
    }
    let mut name = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match after.first_chunk().filter(|_| *byte == b'#').copied().and_then(octet) {
            Some(decoded) => {
                name.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => name.push(*byte),
        }
    }
    Cow::Owned(name)
}

/// The octet that two hexadecimal digits write.
fn octet(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn number_or_word(run: &[u8]) -> Token<'_> {
    let unsigned = run.strip_prefix(b"-").or_else(|| run.strip_prefix(b"+")).unwrap_or(run);
    let has_digit = unsigned.iter().any(u8::is_ascii_digit);
    let mut points = unsigned.iter().filter(|byte| **byte == b'.');
    let (is_real, is_none) = (points.next().is_some(), points.next().is_some());
    if !has_digit || is_none || !unsigned.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return Token::Word(run);
    }
    let number = str::from_utf8(run).unwrap_or_default();
    if !is_real {
        return number.parse().map_or(Token::Word(run), Token::Integer);
    }
    number.parse().map_or(Token::Word(run), Token::Real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &[u8]) -> Result<Vec<Token<'_>>, Broken> {
        let mut lexer = Lexer::new(text, 0);
        let mut tokens = Vec::new();
        while let Some((_, token)) = lexer.next()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    #[test]
    fn words_are_what_the_standard_says() {
        let text = b"<</A#42 -1 %/B\n/C(a\\)(b)c)>>[<4 2>.5]true 99999999999999999999";
        let expected = [
            Token::DictionaryOpen,
            Token::Name(b"A#42"),
            Token::Integer(-1),
            Token::Name(b"C"),
            Token::Text(b"a\\)(b)c"),
            Token::DictionaryClose,
            Token::ArrayOpen,
            Token::Hex(b"4 2"),
            Token::Real(0.5),
            Token::ArrayClose,
            Token::Word(b"true"),
            Token::Word(b"99999999999999999999"),
        ];
        assert_eq!(tokens(text).unwrap(), expected);
    }

    #[test]
    fn what_is_not_closed_or_not_hexadecimal_is_refused() {
        for text in [&b"(a"[..], b"(a\\)", b"<41", b"<4g>", b">", b")", b"{"] {
            assert_eq!(tokens(text), Err(Broken), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn names_may_be_disguised() {
        assert_eq!(name(b"Byte#52#61nge").as_ref(), b"ByteRange");
        assert_eq!(name(b"A#4").as_ref(), b"A#4");
        assert_eq!(name(b"A#zzB").as_ref(), b"A#zzB");
    }
}
