//! Words that stand in an address and that nobody else reads: a name that was looked for stays out of histories, logs
//! and proxies (個人情報の保護に関する法律 art. 66).

use crate::random;
use aws_lc_rs::hmac;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;

const NONCE: usize = 24;

/// Conceals and reveals.
pub struct AddressKey(XChaCha20Poly1305);

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressKey")
    }
}

impl AddressKey {
    /// Derives it from the server's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"words in addresses");
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// The words as they stand in an address under `place`; empty for none.
    #[must_use]
    pub fn conceal(&self, place: &str, words: &str) -> String {
        if words.is_empty() {
            return String::new();
        }
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: words.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        BASE64URL_NOPAD.encode(&[nonce.as_slice(), &sealed].concat())
    }

    /// The words again; nothing for what was not concealed here, under the same place.
    #[must_use]
    pub fn reveal(&self, place: &str, text: &str) -> Option<String> {
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        String::from_utf8(self.0.decrypt(&XNonce::from(nonce), payload).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_in_their_place_and_nowhere_else() {
        let key = AddressKey::new(&[7; 32]);
        let text = key.conceal("/himeji", "姫路　花子");
        assert!(text.is_ascii() && !text.contains("姫路"));
        assert_eq!(key.reveal("/himeji", &text).as_deref(), Some("姫路　花子"));
        assert_ne!(key.conceal("/himeji", "姫路　花子"), text, "the same words look different each time");
        assert_eq!(key.reveal("/akashi", &text), None);
        assert_eq!(AddressKey::new(&[8; 32]).reveal("/himeji", &text), None);
        for wrong in ["", "x", "姫路", &text[..40]] {
            assert_eq!(key.reveal("/himeji", wrong), None, "{wrong}");
        }
        assert_eq!(key.conceal("/himeji", ""), "");
    }
}
