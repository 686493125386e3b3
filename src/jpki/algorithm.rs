//! The algorithms by which signatures are made: one table, and which of them a verifier takes.
//!
//! Today's cards sign with RSA-2048 and SHA-256, the next generation with ECDSA on P-384 and
//! SHA-384. The others are here so that general conformance suites can be run.

use aws_lc_rs::digest::{self, Digest};
use der::asn1::ObjectIdentifier;

use super::oid;
use super::tlv::{Malformed, NULL, OID, Tlv};

/// A digest algorithm of the SHA-2 family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [(Self, ObjectIdentifier); 3] =
        [(Self::Sha256, oid::SHA256), (Self::Sha384, oid::SHA384), (Self::Sha512, oid::SHA512)];

    /// The digest algorithm that an `AlgorithmIdentifier` names. RFC 5754 §2 wants the parameters
    /// absent and NULL accepted.
    pub(super) fn of(algorithm: &Tlv<'_>) -> Option<Self> {
        let (oid, _) = read(algorithm).ok()?;
        Self::ALL.into_iter().find(|(_, known)| known.as_bytes() == oid).map(|(hash, _)| hash)
    }

    /// The digest of some bytes.
    pub(super) fn digest(self, bytes: &[u8]) -> Digest {
        digest::digest(self.algorithm(), bytes)
    }

    /// The algorithm as the cryptographic library knows it.
    pub(super) fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// Its name, for people.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// What kind of key makes the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// RSASSA-PKCS1-v1_5.
    Rsa,
    /// ECDSA, the signature a DER SEQUENCE.
    Ecdsa,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SignatureAlgorithm {
    pub(super) family: Family,
    pub(super) hash: Hash,
}

impl SignatureAlgorithm {
    /// What today's cards and their authority use.
    pub(super) const SHA256_WITH_RSA: Self = Self { family: Family::Rsa, hash: Hash::Sha256 };
    /// What the next cards and their authority use.
    pub(super) const ECDSA_WITH_SHA384: Self = Self { family: Family::Ecdsa, hash: Hash::Sha384 };

    const KNOWN: [(Self, ObjectIdentifier); 6] = [
        (Self::SHA256_WITH_RSA, oid::SHA256_WITH_RSA),
        (Self { family: Family::Rsa, hash: Hash::Sha384 }, oid::SHA384_WITH_RSA),
        (Self { family: Family::Rsa, hash: Hash::Sha512 }, oid::SHA512_WITH_RSA),
        (Self { family: Family::Ecdsa, hash: Hash::Sha256 }, oid::ECDSA_WITH_SHA256),
        (Self::ECDSA_WITH_SHA384, oid::ECDSA_WITH_SHA384),
        (Self { family: Family::Ecdsa, hash: Hash::Sha512 }, oid::ECDSA_WITH_SHA512),
    ];

    /// The algorithm of a certificate, list or answer. There its identifier has one encoding:
    /// NULL for RSA (RFC 4055 §5), no parameters for ECDSA (RFC 5758 §3.2).
    pub(super) fn of_signed(algorithm: &Tlv<'_>) -> Option<Self> {
        let (oid, null) = read(algorithm).ok()?;
        let known = Self::known(oid)?;
        (null == (known.family == Family::Rsa)).then_some(known)
    }

    /// The algorithm of a CMS signer whose digest algorithm is `hash`. rsaEncryption leaves the
    /// digest to the other field (RFC 3370 §3.2); the others must agree with it.
    pub(super) fn of_signer(algorithm: &Tlv<'_>, hash: Hash) -> Option<Self> {
        let (oid, null) = read(algorithm).ok()?;
        if oid == oid::RSA_ENCRYPTION.as_bytes() {
            return Some(Self { family: Family::Rsa, hash });
        }
        let known = Self::known(oid)?;
        (known.hash == hash && !(null && known.family == Family::Ecdsa)).then_some(known)
    }

    /// Every algorithm there is here.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::KNOWN.into_iter().map(|(algorithm, _)| algorithm)
    }

    fn known(oid: &[u8]) -> Option<Self> {
        Self::KNOWN.into_iter().find(|(_, known)| known.as_bytes() == oid).map(|(algorithm, _)| algorithm)
    }

    /// Its name as RFC 5912 has it.
    pub(super) const fn as_str(self) -> &'static str {
        match (self.family, self.hash) {
            (Family::Rsa, Hash::Sha256) => "sha256WithRSAEncryption",
            (Family::Rsa, Hash::Sha384) => "sha384WithRSAEncryption",
            (Family::Rsa, Hash::Sha512) => "sha512WithRSAEncryption",
            (Family::Ecdsa, Hash::Sha256) => "ecdsa-with-SHA256",
            (Family::Ecdsa, Hash::Sha384) => "ecdsa-with-SHA384",
            (Family::Ecdsa, Hash::Sha512) => "ecdsa-with-SHA512",
        }
    }
}

/// The identifier, and whether NULL parameters follow; other parameters are none of ours.
fn read<'a>(algorithm: &Tlv<'a>) -> Result<(&'a [u8], bool), Malformed> {
    let mut fields = algorithm.reader();
    let oid = fields.expect(OID)?.value;
    let null = fields.optional(NULL)?;
    fields.finish()?;
    if null.is_some_and(|null| !null.value.is_empty()) {
        return Err(Malformed);
    }
    Ok((oid, null.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::encode::{object_identifier, sequence};
    use crate::jpki::tlv::{SEQUENCE, only};

    fn identifier(oid: &ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
        sequence(&[&object_identifier(oid), parameters])
    }

    #[test]
    fn an_identifier_has_one_encoding_in_a_certificate() {
        let of = |der: &[u8]| SignatureAlgorithm::of_signed(&only(der, SEQUENCE).unwrap());
        let null = [5, 0];
        assert_eq!(of(&identifier(&oid::SHA256_WITH_RSA, &null)), Some(SignatureAlgorithm::SHA256_WITH_RSA));
        assert_eq!(of(&identifier(&oid::SHA256_WITH_RSA, &[])), None);
        assert_eq!(of(&identifier(&oid::ECDSA_WITH_SHA384, &[])), Some(SignatureAlgorithm::ECDSA_WITH_SHA384));
        assert_eq!(of(&identifier(&oid::ECDSA_WITH_SHA384, &null)), None);
        assert_eq!(of(&identifier(&oid::RSA_ENCRYPTION, &null)), None);
        assert_eq!(of(&identifier(&oid::SHA256_WITH_RSA, &[2, 1, 0])), None);
    }

    #[test]
    fn a_signer_may_name_the_key_alone_and_must_not_contradict_the_digest() {
        let of = |oid, hash| SignatureAlgorithm::of_signer(&only(&identifier(oid, &[]), SEQUENCE).unwrap(), hash);
        assert_eq!(of(&oid::RSA_ENCRYPTION, Hash::Sha256), Some(SignatureAlgorithm::SHA256_WITH_RSA));
        assert_eq!(of(&oid::SHA256_WITH_RSA, Hash::Sha256), Some(SignatureAlgorithm::SHA256_WITH_RSA));
        assert_eq!(of(&oid::SHA256_WITH_RSA, Hash::Sha384), None);
        assert_eq!(of(&oid::DATA, Hash::Sha256), None);
    }
}
