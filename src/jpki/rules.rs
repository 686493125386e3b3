//! What a certificate must be like to count: the JPKI profiles as data.

use super::algorithm::SignatureAlgorithm;
use super::key::{Curve, KeyRules};
use super::policy::Policies;
use super::reason::Reason;

/// The rules of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// The kinds of certificates that count.
    pub(super) policies: Policies,
    /// By which algorithms certificates, lists and messages may be signed.
    pub(super) algorithms: &'static [SignatureAlgorithm],
    /// The keys of people.
    pub(super) person_keys: KeyRules,
    /// The keys of authorities.
    pub(super) authority_keys: KeyRules,
}

/// Today's cards and the next ones.
const JPKI_ALGORITHMS: &[SignatureAlgorithm] =
    &[SignatureAlgorithm::SHA256_WITH_RSA, SignatureAlgorithm::ECDSA_WITH_SHA384];

impl Rules {
    /// The profile of certificates for signing.
    pub(super) fn signing(policies: Policies) -> Self {
        Self {
            policies,
            algorithms: JPKI_ALGORITHMS,
            person_keys: KeyRules { rsa_bits: 2048..=2048, any_exponent: false, curves: &[Curve::P384] },
            authority_keys: KeyRules { rsa_bits: 2048..=4096, any_exponent: false, curves: &[Curve::P384] },
        }
    }

    /// Whether a message may be signed so.
    pub(super) fn check_algorithm(&self, algorithm: SignatureAlgorithm) -> Result<(), Reason> {
        if self.algorithms.contains(&algorithm) {
            return Ok(());
        }
        let digest_known = self.algorithms.iter().any(|allowed| allowed.hash == algorithm.hash);
        Err(if digest_known { Reason::SignatureAlgorithm } else { Reason::DigestAlgorithm })
    }
}
