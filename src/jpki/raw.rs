//! Signatures without a message around them: what a signing app hands back, and what general suites
//! consist of.
//!
//! The app hands the card whatever bytes it is given, and the card pads and signs these. Given a
//! `DigestInfo` the result is an ordinary PKCS #1 v1.5 signature; given a bare SHA-256 it is one
//! without the `DigestInfo` (RFC 8017 §9.2 step 2 left out), which is compared here with the only
//! padding that it can have.

use time::OffsetDateTime;

use super::algorithm::{Family, Hash, SignatureAlgorithm};
use super::chain::Trust;
use super::key::PublicKey;
use super::reason::Reason;
use super::revocation::CrlSet;
use super::step::{Check, Verdict};
use super::tlv::{self, SEQUENCE};
use super::verify::{Inspection, Verifier};

/// What the key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An ordinary signature: for RSA the `DigestInfo` of the content.
    Ordinary(SignatureAlgorithm),
    /// The SHA-256 of the content as it is.
    BareDigest,
}

impl Form {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary(algorithm) => algorithm.as_str(),
            Self::BareDigest => "bare-digest",
        }
    }
}

impl Verifier<'_> {
    /// Verifies a signature over `content` by the key of a certificate: profile, path, validity,
    /// signature and revocation.
    #[must_use]
    pub fn raw(&self, signature: &[u8], content: &[u8], certificate: &[u8]) -> Verdict {
        let mut inspection = Inspection::new(self);
        let mut inspect = || {
            let identified = inspection.certificate(certificate, &[])?;
            inspection.identify(&identified, None);
            inspection.validity(&identified)?;
            inspection.step(Check::Signature, |facts| {
                let key = &identified.certificate.public_key;
                let form = ordinary(key, &self.trust.rules.algorithms, signature, content)?
                    .or_else(|| is_bare_digest(key, signature, content).then_some(Form::BareDigest));
                facts.add("algorithm", form.map_or("unknown", Form::as_str));
                form.map(drop).ok_or(Reason::SignatureMismatch)
            })?;
            inspection.revocation(&identified)
        };
        let result = inspect();
        inspection.conclude(result)
    }

    /// Verifies an ordinary signature over `content` by a bare `SubjectPublicKeyInfo`, of which
    /// nobody says whose it is.
    #[must_use]
    pub fn raw_by_key(&self, signature: &[u8], content: &[u8], public_key: &[u8]) -> Verdict {
        let mut inspection = Inspection::new(self);
        let rules = &self.trust.rules;
        let result = inspection.step(Check::Signature, |facts| {
            let info = tlv::only(public_key, SEQUENCE).map_err(|_| Reason::PublicKeyMalformed)?;
            let key = PublicKey::parse(&info).map_err(|reason| match reason {
                Reason::CertificateMalformed => Reason::PublicKeyMalformed,
                other => other,
            })?;
            key.check(&rules.person_keys)?;
            let form = ordinary(&key, &rules.algorithms, signature, content)?.ok_or(Reason::SignatureMismatch)?;
            facts.add("algorithm", form.as_str());
            Ok(())
        });
        inspection.conclude(result)
    }
}

/// Verifies a signature over `content` by the key of a certificate; see [`Verifier::raw`].
#[must_use]
pub fn verify_raw(
    signature: &[u8],
    content: &[u8],
    certificate: &[u8],
    trust: &Trust,
    crls: &CrlSet,
    at: OffsetDateTime,
) -> Verdict {
    Verifier::new(trust, crls, at).raw(signature, content, certificate)
}

/// The algorithm by which the key made the signature: nothing but the key says which can be meant.
fn ordinary(
    key: &PublicKey<'_>,
    algorithms: &[SignatureAlgorithm],
    signature: &[u8],
    content: &[u8],
) -> Result<Option<Form>, Reason> {
    let family = match key {
        PublicKey::Rsa { .. } => Family::Rsa,
        PublicKey::Ec { .. } => Family::Ecdsa,
    };
    let mut tried = Err(Reason::PublicKeyAlgorithm);
    for algorithm in algorithms.iter().filter(|algorithm| algorithm.family == family) {
        let Ok(prepared) = key.prepare(*algorithm) else { continue };
        if prepared.signed(*algorithm, content, signature) {
            return Ok(Some(Form::Ordinary(*algorithm)));
        }
        tried = Ok(None);
    }
    tried
}

/// Whether the signature is `00 01 FF … FF 00` and the SHA-256 of the content.
fn is_bare_digest(key: &PublicKey<'_>, signature: &[u8], content: &[u8]) -> bool {
    let PublicKey::Rsa { modulus, exponent, .. } = key else { return false };
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let digest = Hash::Sha256.digest(content);
    let Some(padding) = modulus.len().checked_sub(digest.as_ref().len() + 3).filter(|padding| *padding >= 8) else {
        return false;
    };
    if *exponent != [1, 0, 1] || signature.len() != modulus.len() || signature >= modulus {
        return false;
    }
    let expected = [&[0, 1], vec![0xFF; padding].as_slice(), &[0], digest.as_ref()].concat();
    to_the_65537th(signature, modulus) == expected
}

/// `base` to the power of 65537 modulo `modulus`, all big-endian and of one length. A public
/// operation on public numbers, so it need not hide how long it takes.
fn to_the_65537th(base: &[u8], modulus: &[u8]) -> Vec<u8> {
    let (base, modulus) = (limbs(base), limbs(modulus));
    let mut power = base.clone();
    for _ in 0..16 {
        power = product(&power, &power, &modulus);
    }
    let power = product(&power, &base, &modulus);
    let octets = power.iter().rev().flat_map(|limb| limb.to_be_bytes());
    octets.collect()
}

/// Little-endian limbs; lengths of keys are multiples of eight octets.
fn limbs(number: &[u8]) -> Vec<u64> {
    let limb = |octets: &[u8]| octets.iter().fold(0, |limb, octet| (limb << 8) | u64::from(*octet));
    number.rchunks(8).map(limb).collect()
}

/// Doubling and adding, reduced at every step.
fn product(one: &[u64], other: &[u64], modulus: &[u64]) -> Vec<u64> {
    let mut result = vec![0; modulus.len()];
    for limb in other.iter().rev() {
        for bit in (0..u64::BITS).rev() {
            let copy = result.clone();
            add(&mut result, &copy, modulus);
            if limb >> bit & 1 == 1 {
                add(&mut result, one, modulus);
            }
        }
    }
    result
}

/// Adds a number below the modulus to one below the modulus.
fn add(sum: &mut [u64], number: &[u64], modulus: &[u64]) {
    let mut carry = false;
    for (limb, other) in sum.iter_mut().zip(number) {
        let (added, over) = limb.overflowing_add(*other);
        let (added, again) = added.overflowing_add(u64::from(carry));
        (*limb, carry) = (added, over || again);
    }
    if !carry && sum.iter().rev().lt(modulus.iter().rev()) {
        return;
    }
    let mut borrow = false;
    for (limb, other) in sum.iter_mut().zip(modulus) {
        let (left, under) = limb.overflowing_sub(*other);
        let (left, again) = left.overflowing_sub(u64::from(borrow));
        (*limb, borrow) = (left, under || again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_what_they_are() {
        // 3^65537 mod (2^64 - 59), by another implementation.
        let modulus = 0xFFFF_FFFF_FFFF_FFC5_u64.to_be_bytes();
        let power = to_the_65537th(&3_u64.to_be_bytes(), &modulus);
        let mut expected = 1_u128;
        for _ in 0..65537 {
            expected = expected * 3 % 0xFFFF_FFFF_FFFF_FFC5;
        }
        assert_eq!(power, expected.to_be_bytes()[8..]);
    }
}
