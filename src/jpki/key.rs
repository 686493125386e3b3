//! Public keys: what a certificate says of its key, and the key made ready for verifying.

use std::ops::RangeInclusive;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{self, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};

use super::algorithm::{Family, Hash, SignatureAlgorithm};
use super::oid;
use super::reason::Reason;
use super::tlv::{self, BIT_STRING, INTEGER, Malformed, NULL, OID, SEQUENCE, Tlv};

/// A curve of FIPS 186-5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    fn of(oid: &[u8]) -> Option<Self> {
        [(Self::P256, oid::SECP256R1), (Self::P384, oid::SECP384R1), (Self::P521, oid::SECP521R1)]
            .into_iter()
            .find_map(|(curve, known)| (known.as_bytes() == oid).then_some(curve))
    }

    /// Octets of one coordinate.
    const fn field(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The longest exponent that counts anywhere: each bit costs a squaring modulo the key, and the
/// cryptographic library refuses longer ones as well.
const MAX_EXPONENT_BITS: usize = 33;

/// Which keys a verifier takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyRules {
    /// Lengths of RSA moduli, in bits.
    pub(super) rsa_bits: RangeInclusive<usize>,
    /// Whether an exponent other than 65537 will do, within bounds.
    pub(super) any_exponent: bool,
    /// The curves.
    pub(super) curves: &'static [Curve],
}

/// A key as it stands in a certificate.
#[derive(Debug, Clone, Copy)]
pub(super) enum PublicKey<'a> {
    Rsa { pkcs1: &'a [u8], modulus: &'a [u8], exponent: &'a [u8] },
    Ec { curve: Curve, point: &'a [u8] },
}

impl<'a> PublicKey<'a> {
    /// Reads a `SubjectPublicKeyInfo` (RFC 3279 §2.3.1, RFC 5480 §2).
    pub(super) fn parse(info: &Tlv<'a>) -> Result<Self, Reason> {
        let malformed = |_: Malformed| Reason::CertificateMalformed;
        let mut fields = info.reader();
        let algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        let key = fields.expect(BIT_STRING).and_then(|key| tlv::octets(&key)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        let mut parameters = algorithm.reader();
        let oid = parameters.expect(OID).map_err(malformed)?.value;
        if oid == oid::RSA_ENCRYPTION.as_bytes() {
            let null = parameters.expect(NULL).map_err(|_| Reason::PublicKeyAlgorithm)?;
            parameters.finish().map_err(|_| Reason::PublicKeyAlgorithm)?;
            if !null.value.is_empty() {
                return Err(Reason::PublicKeyAlgorithm);
            }
            return rsa(key).map_err(malformed);
        }
        if oid == oid::EC_PUBLIC_KEY.as_bytes() {
            // Only named curves (RFC 5480 §2.1.1).
            let named = parameters.expect(OID).map_err(|_| Reason::PublicKeyAlgorithm)?;
            parameters.finish().map_err(|_| Reason::PublicKeyAlgorithm)?;
            let curve = Curve::of(named.value).ok_or(Reason::PublicKeyAlgorithm)?;
            // Uncompressed, as every authority writes it.
            return match key.split_first() {
                Some((0x04, coordinates)) if coordinates.len() == 2 * curve.field() => {
                    Ok(Self::Ec { curve, point: key })
                }
                _ => Err(Reason::CertificateMalformed),
            };
        }
        Err(Reason::PublicKeyAlgorithm)
    }

    /// Checks length, exponent and curve.
    pub(super) fn check(&self, rules: &KeyRules) -> Result<(), Reason> {
        match self {
            Self::Rsa { modulus, exponent, .. } => {
                let bits = bits(modulus);
                if !rules.rsa_bits.contains(&bits) || !bits.is_multiple_of(8) {
                    return Err(Reason::PublicKeySize);
                }
                let small = self::bits(exponent) <= MAX_EXPONENT_BITS;
                if (rules.any_exponent && small) || *exponent == [0x01, 0x00, 0x01] {
                    Ok(())
                } else {
                    Err(Reason::PublicKeyExponent)
                }
            }
            Self::Ec { curve, .. } if rules.curves.contains(curve) => Ok(()),
            Self::Ec { .. } => Err(Reason::PublicKeyAlgorithm),
        }
    }

    /// What tells one key from another: the PKCS#1 structure or the point.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Rsa { pkcs1, .. } => pkcs1,
            Self::Ec { point, .. } => point,
        }
    }

    /// The key made ready for the signatures that such keys usually make.
    pub(super) fn prepare_any(&self) -> Result<VerifyingKey, Reason> {
        let (family, hash) = match self {
            Self::Rsa { .. } => (Family::Rsa, Hash::Sha256),
            Self::Ec { curve: Curve::P256, .. } => (Family::Ecdsa, Hash::Sha256),
            Self::Ec { curve: Curve::P384, .. } => (Family::Ecdsa, Hash::Sha384),
            Self::Ec { curve: Curve::P521, .. } => (Family::Ecdsa, Hash::Sha512),
        };
        self.prepare(SignatureAlgorithm { family, hash })
    }

    /// The key made ready for signatures by `algorithm`; others can be verified as well, slower.
    pub(super) fn prepare(&self, algorithm: SignatureAlgorithm) -> Result<VerifyingKey, Reason> {
        let (kind, bytes) = match self {
            Self::Rsa { pkcs1, modulus, .. } => (Kind::Rsa { bits: bits(modulus) }, *pkcs1),
            Self::Ec { curve, point } => (Kind::Ec(*curve), *point),
        };
        let verification = kind.verification(algorithm).ok_or(Reason::PublicKeyAlgorithm)?;
        let prepared = ParsedPublicKey::new(verification, bytes).map_err(|_| Reason::PublicKeySize)?;
        Ok(VerifyingKey { kind, bytes: bytes.to_vec(), algorithm, prepared })
    }
}

fn rsa(key: &[u8]) -> Result<PublicKey<'_>, Malformed> {
    let mut numbers = tlv::only(key, SEQUENCE)?.reader();
    let (modulus, exponent) = (numbers.expect(INTEGER)?, numbers.expect(INTEGER)?);
    numbers.finish()?;
    tlv::unsigned(&modulus)?;
    tlv::unsigned(&exponent)?;
    Ok(PublicKey::Rsa { pkcs1: key, modulus: modulus.value, exponent: exponent.value })
}

fn bits(modulus: &[u8]) -> usize {
    let magnitude = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let leading = magnitude.first().map_or(0, |first| first.leading_zeros() as usize);
    (magnitude.len() * 8).saturating_sub(leading)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa { bits: usize },
    Ec(Curve),
}

impl Kind {
    /// How the cryptographic library verifies with such a key; `None` if the key makes no such signatures.
    fn verification(self, algorithm: SignatureAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
        let verification: &'static dyn VerificationAlgorithm = match (self, algorithm.family, algorithm.hash) {
            (Self::Rsa { bits }, Family::Rsa, hash) if bits < 2048 => match hash {
                Hash::Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                Hash::Sha384 => return None,
                Hash::Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            },
            (Self::Rsa { .. }, Family::Rsa, Hash::Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa { .. }, Family::Rsa, Hash::Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Self::Rsa { .. }, Family::Rsa, Hash::Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Self::Ec(Curve::P256), Family::Ecdsa, Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::Ec(Curve::P256), Family::Ecdsa, Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::Ec(Curve::P256), Family::Ecdsa, Hash::Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
            (Self::Ec(Curve::P384), Family::Ecdsa, Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::Ec(Curve::P384), Family::Ecdsa, Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::Ec(Curve::P384), Family::Ecdsa, Hash::Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
            (Self::Ec(Curve::P521), Family::Ecdsa, Hash::Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
            (Self::Ec(Curve::P521), Family::Ecdsa, Hash::Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
            (Self::Ec(Curve::P521), Family::Ecdsa, Hash::Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
            (Self::Rsa { .. }, Family::Ecdsa, _) | (Self::Ec(_), Family::Rsa, _) => return None,
        };
        Some(verification)
    }
}

/// A key that has been decoded once and verifies many times.
#[derive(Debug, Clone)]
pub(super) struct VerifyingKey {
    kind: Kind,
    bytes: Vec<u8>,
    algorithm: SignatureAlgorithm,
    prepared: ParsedPublicKey,
}

impl VerifyingKey {
    /// The contents of the BIT STRING in the certificate.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this key made the signature over the message by the algorithm that it was made ready for.
    pub(super) fn signed_as_usual(&self, message: &[u8], signature: &[u8]) -> bool {
        self.signed(self.algorithm, message, signature)
    }

    /// Whether this key made the signature over the message.
    pub(super) fn signed(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        if algorithm == self.algorithm {
            return self.prepared.verify_sig(message, signature).is_ok();
        }
        let Some(verification) = self.kind.verification(algorithm) else { return false };
        UnparsedPublicKey::new(verification, &self.bytes).verify(message, signature).is_ok()
    }

    /// Whether this key made the signature over the message with this digest.
    pub(super) fn signed_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest, signature: &[u8]) -> bool {
        if algorithm == self.algorithm {
            return self.prepared.verify_digest_sig(digest, signature).is_ok();
        }
        let Some(verification) = self.kind.verification(algorithm) else { return false };
        UnparsedPublicKey::new(verification, &self.bytes).verify_digest(digest, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_is_never_long() {
        let rules = KeyRules { rsa_bits: 1024..=8192, any_exponent: true, curves: &[] };
        let check = |exponent: &[u8], any_exponent| {
            let key = PublicKey::Rsa { pkcs1: &[], modulus: &[0xFF; 256], exponent };
            key.check(&KeyRules { any_exponent, ..rules.clone() })
        };
        assert_eq!(check(&[3], true), Ok(()));
        assert_eq!(check(&[1, 0, 0, 0, 1], true), Ok(()));
        assert_eq!(check(&[2, 0, 0, 0, 1], true), Err(Reason::PublicKeyExponent));
        assert_eq!(check(&[0x7F; 1024], true), Err(Reason::PublicKeyExponent));
        assert_eq!(check(&[3], false), Err(Reason::PublicKeyExponent));
    }
}
