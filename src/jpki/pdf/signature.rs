//! The one signature of a file and the bytes that it covers (ISO 32000-2 §12.8.1).

use std::ops::Range;

use super::lexer::{Lexer, Token, is_blank, name};
use super::scan::{Scanner, SignatureDictionary, malformed};
use crate::jpki::ber;
use crate::jpki::reason::Reason;
use crate::jpki::verify::Reference;

/// A signature that covers its whole file.
#[derive(Debug, Clone)]
pub(in crate::jpki) struct Signature<'a> {
    pub(super) dictionary: SignatureDictionary,
    /// What stands before and after the signature.
    pub(in crate::jpki) covered: [&'a [u8]; 2],
    /// The CMS message without the zeros behind it.
    pub(in crate::jpki) cms: Vec<u8>,
    pub(super) form: Form,
}

/// The lawful values of `/SubFilter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `adbe.pkcs7.detached`
    Pkcs7,
    /// `ETSI.CAdES.detached`
    Cades,
}

impl Form {
    fn of(sub_filter: &[u8]) -> Result<Self, Reason> {
        match sub_filter {
            b"adbe.pkcs7.detached" => Ok(Self::Pkcs7),
            b"ETSI.CAdES.detached" => Ok(Self::Cades),
            b"ETSI.RFC3161" => Err(Reason::PdfDocumentTimestamp),
            // Among them adbe.pkcs7.sha1 and adbe.x509.rsa_sha1, which rest on SHA-1.
            _ => Err(Reason::PdfSubfilter),
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs7 => "adbe.pkcs7.detached",
            Self::Cades => "ETSI.CAdES.detached",
        }
    }

    /// ETSI EN 319 142-1 §6.3 wants the certificate named; PKCS #7 does not.
    pub(super) const fn reference(self) -> Reference {
        match self {
            Self::Pkcs7 => Reference::Optional,
            Self::Cades => Reference::Required,
        }
    }
}

impl<'a> Signature<'a> {
    /// Finds the only signature and checks that nothing but itself is left out of it.
    pub(in crate::jpki) fn find(pdf: &'a [u8]) -> Result<Self, Reason> {
        if pdf.len() > ber::MAX_LENGTH {
            return Err(Reason::TooLarge);
        }
        let end = pdf.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
        if !pdf.starts_with(b"%PDF-") || !pdf.get(..end).is_some_and(|pdf| pdf.ends_with(b"%%EOF")) {
            return Err(Reason::PdfMalformed);
        }
        let mut scanner = Scanner::new(pdf, 0);
        scanner.finish()?;
        if scanner.encrypted {
            return Err(Reason::PdfEncrypted);
        }
        let dictionary = scanner.signature.ok_or(Reason::PdfSignatureMissing)?;
        if scanner.signatures > 1 {
            return Err(Reason::PdfSignatureMultiple);
        }
        let entries = Entries::read(pdf, dictionary.span.start)?;
        if entries.kind.as_deref() == Some(b"DocTimeStamp") {
            return Err(Reason::PdfDocumentTimestamp);
        }
        if entries.kind.as_deref().is_some_and(|kind| kind != b"Sig") {
            return Err(Reason::PdfSignatureMissing);
        }
        let form = Form::of(entries.sub_filter.as_deref().ok_or(Reason::PdfSubfilter)?)?;
        let [gap_start, gap_end, length] = entries.byte_range.ok_or(Reason::PdfByteRange)?;
        let covered_end = gap_end.checked_add(length).ok_or(Reason::PdfByteRange)?;
        if gap_start >= gap_end || covered_end > pdf.len() {
            return Err(Reason::PdfByteRange);
        }
        let (contents, digits) = entries.contents.ok_or(Reason::PdfContents)?;
        if contents != (gap_start..gap_end) {
            return Err(Reason::PdfContents);
        }
        // To the last byte: what would follow the end of the signed part is read by viewers.
        if covered_end != pdf.len() {
            return Err(Reason::PdfNotCovered);
        }
        let cms = message(digits)?;
        let covered = [pdf.get(..gap_start), pdf.get(gap_end..)].map(Option::unwrap_or_default);
        Ok(Self { dictionary, covered, cms, form })
    }
}

/// The message in `/Contents`: hexadecimal without blanks, one element, then only zeros.
fn message(digits: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut cms = data_encoding::HEXLOWER_PERMISSIVE.decode(digits).map_err(|_| Reason::PdfContents)?;
    let length = ber::element_length(&cms).map_err(|reason| match reason {
        Reason::CmsMalformed => Reason::PdfContents,
        other => other,
    })?;
    let padding = cms.get(length..).unwrap_or_default();
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Reason::PdfContents);
    }
    cms.truncate(length);
    Ok(cms)
}

/// The entries of a signature dictionary that matter here, each at most once.
#[derive(Debug, Default)]
struct Entries<'a> {
    kind: Option<std::borrow::Cow<'a, [u8]>>,
    sub_filter: Option<std::borrow::Cow<'a, [u8]>>,
    /// The numbers after the leading zero.
    byte_range: Option<[usize; 3]>,
    contents: Option<(Range<usize>, &'a [u8])>,
}

impl<'a> Entries<'a> {
    /// All values are direct: the byte range could otherwise point at a signature of another place.
    fn read(pdf: &'a [u8], start: usize) -> Result<Self, Reason> {
        let mut entries = Self::default();
        let mut seen: [bool; 4] = [false; 4];
        let mut lexer = Lexer::new(pdf, start);
        lexer.next().map_err(malformed)?;
        let mut depth = 1_usize;
        // Only names that follow a value at the top level are keys.
        let mut awaits_key = true;
        while depth > 0 {
            let (_, token) = lexer.next().map_err(malformed)?.ok_or(Reason::PdfMalformed)?;
            match token {
                Token::DictionaryOpen | Token::ArrayOpen => depth += 1,
                Token::DictionaryClose | Token::ArrayClose => {
                    depth -= 1;
                    awaits_key = true;
                }
                Token::Name(key) if depth == 1 && awaits_key => {
                    awaits_key = false;
                    let key = name(key);
                    let known = [&b"Type"[..], b"SubFilter", b"ByteRange", b"Contents"];
                    let Some(position) = known.iter().position(|known| *known == key.as_ref()) else { continue };
                    match seen.get_mut(position) {
                        Some(seen) if !*seen => *seen = true,
                        _ => return Err(Reason::PdfMalformed),
                    }
                    let mut ahead = lexer;
                    let value = ahead.next().map_err(malformed)?;
                    match (position, value) {
                        (0, Some((_, Token::Name(kind)))) => entries.kind = Some(name(kind)),
                        (1, Some((_, Token::Name(filter)))) => entries.sub_filter = Some(name(filter)),
                        (2, Some((_, Token::ArrayOpen))) => entries.byte_range = byte_range(&mut ahead),
                        (3, Some((at, Token::Hex(digits)))) => entries.contents = Some((at..ahead.position(), digits)),
                        _ => {}
                    }
                }
                _ => awaits_key = true,
            }
        }
        Ok(entries)
    }
}

/// `0 a b c]`, all of them written as numbers.
fn byte_range(lexer: &mut Lexer<'_>) -> Option<[usize; 3]> {
    let mut number = || match lexer.next() {
        Ok(Some((_, Token::Integer(number)))) => usize::try_from(number).ok(),
        _ => None,
    };
    let [zero, rest @ ..] = [number()?, number()?, number()?, number()?];
    let closed = matches!(lexer.next(), Ok(Some((_, Token::ArrayClose))));
    (zero == 0 && closed).then_some(rest)
}
