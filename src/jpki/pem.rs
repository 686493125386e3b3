//! What a file holds: DER or PEM (RFC 7468), a signature or a certificate.

use std::borrow::Cow;

use super::tlv::{ENUMERATED, GENERALIZED_TIME, INTEGER, OID, Reader, SEQUENCE, UTC_TIME};

/// What a block begins with.
const BEGIN: &str = "-----BEGIN ";

/// The DER inside the first PEM block, or the bytes themselves if they are no PEM.
///
/// `None` if there is a PEM block that cannot be read.
#[must_use]
pub fn pem_or_der(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    pem_blocks(bytes).map_or(Some(Cow::Borrowed(bytes)), |blocks| blocks.into_iter().next()?.map(Cow::Owned))
}

/// Every PEM block in the order of the file, `None` for one that is not base64; or `None` at all if
/// the bytes are no PEM file. Base64 alone, as some tools hand it on, counts as one block.
#[must_use]
pub fn pem_blocks(bytes: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let text = text(bytes)?;
    if !text.contains(BEGIN) {
        return bare_base64(&text).map(|block| vec![Some(block)]);
    }
    let mut blocks = Vec::new();
    let mut body: Option<String> = None;
    for line in text.split(['\n', '\r']).map(str::trim) {
        if line.starts_with(BEGIN) {
            body = Some(String::new());
        } else if line.starts_with("-----END ") {
            blocks.push(body.take().and_then(|body| data_encoding::BASE64.decode(body.as_bytes()).ok()));
        } else if let Some(body) = &mut body {
            body.push_str(line);
        }
    }
    if body.is_some() {
        blocks.push(None);
    }
    Some(blocks)
}

/// The bytes as text, without a byte order mark. What people write around a block may be in any
/// character set; but bytes that begin like DER and are no UTF-8 are DER, whatever they quote.
fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) if bytes.first() == Some(&SEQUENCE) => None,
        // Latin-1, which no bytes can fail to be.
        Err(_) if bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes()) => {
            Some(bytes.iter().copied().map(char::from).collect())
        }
        Err(_) => None,
    }
}

/// What base64 without lines around it says, if that begins like DER.
fn bare_base64(text: &str) -> Option<Vec<u8>> {
    if !text.trim_start().starts_with('M') {
        return None;
    }
    let body: String = text.split_ascii_whitespace().collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok().filter(|der| der.first() == Some(&SEQUENCE))
}

/// What can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A CMS message: a SEQUENCE that begins with an object identifier.
    Cms,
    /// A certificate: what is signed begins with its version and serial number.
    Certificate,
    /// A revocation list: what is signed has a time where a certificate has its validity.
    List,
    /// An OCSP response: a SEQUENCE that begins with an ENUMERATED.
    OcspResponse,
    /// A bare public key (SubjectPublicKeyInfo): a SEQUENCE that begins with an algorithm.
    PublicKey,
}

impl Form {
    /// What the bytes begin like, in DER or BER; whether they are one is for the verification to say.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let contents = contents(bytes)?;
        match *contents.first()? {
            OID => Some(Self::Cms),
            ENUMERATED => Some(Self::OcspResponse),
            SEQUENCE if self::contents(contents).is_some_and(|inner| inner.first() == Some(&OID)) => {
                Some(Self::PublicKey)
            }
            SEQUENCE if is_list(contents) => Some(Self::List),
            SEQUENCE => Some(Self::Certificate),
            _ => None,
        }
    }
}

/// Whether what is signed goes version (if any), algorithm, issuer, time (RFC 5280 §5.1).
fn is_list(signed: &[u8]) -> bool {
    let tags = || -> Option<bool> {
        let mut fields = Reader::new(contents(signed)?);
        fields.optional(INTEGER).ok()?;
        fields.expect(SEQUENCE).ok()?;
        fields.expect(SEQUENCE).ok()?;
        Some(matches!(fields.any().ok()?.tag, UTC_TIME | GENERALIZED_TIME))
    };
    tags().unwrap_or(false)
}

/// What follows the header of a SEQUENCE, however long it says to be.
fn contents(sequence: &[u8]) -> Option<&[u8]> {
    match sequence {
        [SEQUENCE, 0..=0x80, contents @ ..] => Some(contents),
        [SEQUENCE, long @ 0x81..=0x84, rest @ ..] => rest.get(usize::from(long & 0x7F)..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_and_der_are_both_read() {
        let pem = b"a certificate\n-----BEGIN CERTIFICATE-----\r\nMAMC\r\nAQU=\r\n-----END CERTIFICATE-----\n";
        assert_eq!(pem_or_der(pem).unwrap().as_ref(), [0x30, 3, 2, 1, 5]);
        assert_eq!(pem_or_der(&[0x30, 3, 2, 1, 5]).unwrap().as_ref(), [0x30, 3, 2, 1, 5]);
        assert_eq!(pem_or_der(b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----"), None);
        assert_eq!(pem_or_der(b"-----BEGIN CERTIFICATE-----\nMAMC"), None);
    }

    #[test]
    fn text_comes_in_many_dresses() {
        let block = "-----BEGIN CMS-----\nMAMC\nAQU=\n-----END CMS-----\n";
        let mark = ["\u{FEFF}", block].concat();
        let latin = [&b"caf\xE9\n"[..], block.as_bytes()].concat();
        let old = block.replace('\n', "\r");
        for file in [mark.as_bytes(), &latin, old.as_bytes(), b"MAMCAQU=", b" MAMC\r\nAQU=\n"] {
            assert_eq!(pem_or_der(file).unwrap().as_ref(), [0x30, 3, 2, 1, 5], "{file:?}");
        }
        // A message in DER may quote PEM, and plain words are no base64 of DER.
        let quoting = [&[0x30, 0x81, 0xFF][..], block.as_bytes()].concat();
        for file in [&quoting[..], b"Many", b"MAMCAQU"] {
            assert_eq!(pem_or_der(file).unwrap().as_ref(), file);
        }
    }

    #[test]
    fn the_form_shows_in_the_first_bytes() {
        assert_eq!(Form::of(&[0x30, 0x80, 0x06, 0x09]), Some(Form::Cms));
        assert_eq!(Form::of(&[0x30, 0x82, 0x01, 0x00, 0x30, 0x82]), Some(Form::Certificate));
        assert_eq!(Form::of(&[0x30, 0x82, 0x01, 0x00, 0x0A, 0x01, 0x00]), Some(Form::OcspResponse));
        assert_eq!(Form::of(&[0x30, 5, 0x30, 3, 6, 1, 0x2A]), Some(Form::PublicKey));
        let list = [0x30, 8, 0x30, 6, 2, 1, 1, 0x30, 0, 0x30, 0, 0x17, 0];
        assert_eq!(Form::of(&list), Some(Form::List));
        assert_eq!(Form::of(&[0x30, 8, 0x30, 6, 2, 1, 1, 0x30, 0, 0x30, 0, 0x30, 0]), Some(Form::Certificate));
        for neither in [&b"%PDF-1.7"[..], &[], &[0x30], &[0x30, 0x82, 0x01], &[0x30, 0x03, 0x02, 0x01, 0x00]] {
            assert_eq!(Form::of(neither), None);
        }
    }
}
