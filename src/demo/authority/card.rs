//! Cards: who holds them, and what they sign.

use time::OffsetDateTime;

use super::certificate::{self, Fault};
use super::holder::CardHolder;
use super::{CardKey, Failed, Revocation, TestAuthority, random_serial};
use crate::jpki::RevocationReason;

/// A card: the certificate in its chip and the key that never leaves it.
#[derive(Debug, Clone)]
pub struct TestCard {
    certificate_der: Vec<u8>,
    serial: Vec<u8>,
    key: CardKey,
}

impl TestAuthority {
    /// Issues a card that is valid for five years from `at`, or whatever the fault makes of it.
    /// A revoked card is one whose [`TestCard::revocation`] goes into the next list.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn issue(
        &self,
        holder: &CardHolder,
        fault: Fault,
        key: &CardKey,
        at: OffsetDateTime,
    ) -> Result<TestCard, Failed> {
        let serial = random_serial()?.to_vec();
        let certificate_der = certificate::of_person(self, holder, fault, key, &serial, at)?;
        Ok(TestCard { certificate_der, serial, key: key.clone() })
    }
}

impl TestCard {
    /// A card put together from a certificate and key that were kept.
    #[must_use]
    pub const fn from_parts(certificate_der: Vec<u8>, serial: Vec<u8>, key: CardKey) -> Self {
        Self { certificate_der, serial, key }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    /// The serial number of the certificate as a big-endian magnitude.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The key, to keep it.
    #[must_use]
    pub const fn key(&self) -> &CardKey {
        &self.key
    }

    /// The entry that revokes this card.
    #[must_use]
    pub fn revocation(&self, at: OffsetDateTime, reason: RevocationReason) -> Revocation {
        Revocation { serial: self.serial.clone(), at, reason }
    }

    /// Signs a DigestInfo for SHA-256 as the card does: PKCS#1 v1.5 padding around these 51 bytes.
    ///
    /// # Errors
    /// [`Failed`] for anything else than such a DigestInfo, and for a card whose key is on P-384.
    pub fn sign(&self, digest_info: &[u8]) -> Result<Vec<u8>, Failed> {
        self.key.sign_digest_info(digest_info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use time::macros::datetime;

    #[test]
    fn the_card_makes_an_ordinary_signature_over_what_was_digested() {
        let at = datetime!(2026-04-01 00:00 UTC);
        let authority = TestAuthority::generate(at).unwrap();
        let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
        let card = authority.issue(&holder, Fault::None, authority.key(), at).unwrap();
        let attributes = crate::jpki::SignedAttributes::new([7; 32], at);
        let signature = card.sign(&attributes.digest_info()).unwrap();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, card.key().public());
        key.verify(attributes.as_der(), &signature).unwrap();
        assert_eq!(card.sign(&attributes.digest_info()[1..]), Err(Failed));
        assert_eq!(card.sign(b"anything"), Err(Failed));
    }

    #[test]
    fn a_kept_key_gives_the_same_root() {
        let at = datetime!(2026-04-01 00:00 UTC);
        let authority = TestAuthority::generate(at).unwrap();
        let kept = CardKey::from_pkcs8(&authority.key().to_pkcs8().unwrap()).unwrap();
        assert_eq!(TestAuthority::from_key(kept, at).unwrap().anchor_der(), authority.anchor_der());
        let next = CardKey::generate_p384().unwrap();
        assert_eq!(CardKey::from_pkcs8(&next.to_pkcs8().unwrap()).unwrap().public(), next.public());
    }
}
