//! The result of a sign transaction: plain JSON, or encrypted as a whole or field by field.

use super::error::SigningAppError;
use super::fields::{FieldPath, TransactionFields};
use super::jwe::{DecryptionKey, looks_sealed};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::Value;

/// What a result says: nothing in it is verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) signature: Vec<u8>,
    pub(super) certificate: Vec<u8>,
}

/// Reads results.
pub(super) struct ResultReader<'a> {
    pub(super) fields: &'a TransactionFields,
    pub(super) key: Option<&'a DecryptionKey>,
}

impl ResultReader<'_> {
    /// Reads the body of a result: a JSON object, a JWE of one, or a JSON object around a JWE of one.
    pub(super) fn read(&self, body: &[u8]) -> Result<Signed, SigningAppError> {
        let document = self.document(body)?;
        Ok(Signed {
            signature: self.bytes(&document, &self.fields.signature)?,
            certificate: self.bytes(&document, &self.fields.certificate)?,
        })
    }

    fn document(&self, body: &[u8]) -> Result<Value, SigningAppError> {
        let text = std::str::from_utf8(body).map_err(|_| SigningAppError::BadAnswer)?.trim();
        if looks_sealed(text) {
            return self.opened_document(text);
        }
        let document: Value = serde_json::from_str(text).map_err(|_| SigningAppError::BadAnswer)?;
        let envelope = match (&document, &self.fields.envelope) {
            (Value::String(sealed), _) => Some(sealed.as_str()),
            (_, Some(place)) => Some(place.text(&document).ok_or(SigningAppError::BadAnswer)?),
            _ => None,
        };
        match envelope {
            Some(sealed) => self.opened_document(sealed),
            None => Ok(document),
        }
    }

    fn opened_document(&self, sealed: &str) -> Result<Value, SigningAppError> {
        serde_json::from_slice(&self.open(sealed)?).map_err(|_| SigningAppError::BadAnswer)
    }

    /// The bytes of a field: base64 in either alphabet, or a JWE whose content is base64, JSON text of it, or the bytes.
    fn bytes(&self, document: &Value, place: &FieldPath) -> Result<Vec<u8>, SigningAppError> {
        let text = place.text(document).ok_or(SigningAppError::BadAnswer)?;
        if !looks_sealed(text) {
            return base64(text).ok_or(SigningAppError::BadAnswer);
        }
        let content = self.open(text)?;
        if let Some(bytes) = std::str::from_utf8(&content).ok().and_then(|text| base64(text.trim().trim_matches('"'))) {
            return Ok(bytes);
        }
        match serde_json::from_slice(&content) {
            Ok(inner) => place.text(&inner).and_then(base64).ok_or(SigningAppError::BadAnswer),
            Err(_) => Ok(content.to_vec()),
        }
    }

    fn open(&self, sealed: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, SigningAppError> {
        let key = self.key.ok_or(SigningAppError::Undecipherable { why: "no decryption_key is configured" })?;
        key.open(sealed)
    }
}

/// Reads base64 as programs write it: standard or URL-safe, with or without padding, in lines or in one.
fn base64(text: &str) -> Option<Vec<u8>> {
    let bare: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bare = bare.trim_end_matches('=');
    if bare.is_empty() {
        return None;
    }
    BASE64_NOPAD.decode(bare.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(bare.as_bytes())).ok()
}

#[cfg(test)]
mod tests {
    use super::super::jwe::tests::{HEADER, key_pair, sealed_for};
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD};
    use serde_json::json;

    const SIGNATURE: &[u8] = &[0xFB, 0xEF, 0xFF, 1];
    const CERTIFICATE: &[u8] = &[0x30, 0x82, 0xFF, 0xFE];

    fn signed() -> Signed {
        Signed { signature: SIGNATURE.to_vec(), certificate: CERTIFICATE.to_vec() }
    }

    fn plain() -> Value {
        json!({ "signature": BASE64.encode(SIGNATURE), "certificate": BASE64.encode(CERTIFICATE) })
    }

    fn read(fields: &TransactionFields, key: Option<&DecryptionKey>, body: &[u8]) -> Result<Signed, SigningAppError> {
        ResultReader { fields, key }.read(body)
    }

    #[test]
    fn a_plain_result_is_read_in_either_alphabet_and_at_any_place() {
        let fields = TransactionFields::default();
        assert_eq!(read(&fields, None, plain().to_string().as_bytes()), Ok(signed()));
        let url = BASE64URL_NOPAD.encode(SIGNATURE);
        let other = json!({ "signature": url, "certificate": format!("{}\r\n", BASE64.encode(CERTIFICATE)) });
        assert_eq!(read(&fields, None, other.to_string().as_bytes()), Ok(signed()));
        let fields = TransactionFields {
            signature: "data.0.sign".parse().unwrap(),
            certificate: "data.0.cert".parse().unwrap(),
            ..TransactionFields::default()
        };
        let nested = json!({ "data": [{ "sign": BASE64.encode(SIGNATURE), "cert": BASE64.encode(CERTIFICATE) }] });
        assert_eq!(read(&fields, None, nested.to_string().as_bytes()), Ok(signed()));
    }

    #[test]
    fn a_sealed_result_is_read_in_each_of_its_forms() {
        let (pair, source) = key_pair();
        let key = DecryptionKey::read(&source).unwrap();
        let fields = TransactionFields::default();
        let whole = sealed_for(&pair, HEADER, plain().to_string().as_bytes());
        let in_field = TransactionFields { envelope: Some("result.jwe".parse().unwrap()), ..fields.clone() };
        assert_eq!(read(&fields, Some(&key), whole.as_bytes()), Ok(signed()), "as the body");
        assert_eq!(read(&fields, Some(&key), json!(whole).to_string().as_bytes()), Ok(signed()), "as JSON text");
        let around = json!({ "result": { "jwe": whole } }).to_string();
        assert_eq!(read(&in_field, Some(&key), around.as_bytes()), Ok(signed()), "in a field");

        let inner = json!({ "certificate": BASE64.encode(CERTIFICATE) }).to_string();
        let text = BASE64.encode(CERTIFICATE);
        for content in [CERTIFICATE, text.as_bytes(), json!(text).to_string().as_bytes(), inner.as_bytes()] {
            let mut body = plain();
            body["certificate"] = sealed_for(&pair, HEADER, content).into();
            assert_eq!(read(&fields, Some(&key), body.to_string().as_bytes()), Ok(signed()), "{content:?}");
        }
    }

    #[test]
    fn a_sealed_result_without_a_key_is_named_as_such() {
        let (pair, _) = key_pair();
        let whole = sealed_for(&pair, HEADER, plain().to_string().as_bytes());
        let outcome = read(&TransactionFields::default(), None, whole.as_bytes());
        assert_eq!(outcome, Err(SigningAppError::Undecipherable { why: "no decryption_key is configured" }));
    }

    #[test]
    fn what_lacks_a_field_is_no_result() {
        let (pair, source) = key_pair();
        let key = DecryptionKey::read(&source).unwrap();
        let fields = TransactionFields::default();
        let empty = sealed_for(&pair, HEADER, b"{}");
        let bodies: [&[u8]; 8] = [
            b"",
            b"{}",
            b"[]",
            b"null",
            b"\xFF",
            br#"{"signature":"","certificate":"AAAA"}"#,
            br#"{"signature":"AAAA","certificate":[]}"#,
            empty.as_bytes(),
        ];
        for body in bodies {
            assert_eq!(read(&fields, Some(&key), body), Err(SigningAppError::BadAnswer), "{body:?}");
        }
    }
}
