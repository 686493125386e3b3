//! What a certificate must be like to count: the profiles as data.

use super::algorithm::SignatureAlgorithm;
use super::extension::{CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN, NON_REPUDIATION};
use super::key::{Curve, KeyRules};
use super::oid;
use super::policy::{Policies, Purpose};
use super::reason::Reason;

/// The rules of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// The kinds of JPKI certificates that count; `None` for certificates of others.
    pub(super) kinds: Option<(Purpose, Policies)>,
    /// What keyUsage must say.
    pub(super) key_usage: KeyUsageRule,
    /// What extendedKeyUsage must say.
    pub(super) extended_key_usage: PurposeRule,
    /// Whether a certificate of an authority may stand at the end of a path.
    pub(super) may_be_authority: bool,
    /// By which algorithms certificates, lists and messages may be signed.
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    /// The keys of people.
    pub(super) person_keys: KeyRules,
    /// The keys of authorities.
    pub(super) authority_keys: KeyRules,
    /// The path to the root.
    pub(super) path: PathRules,
    /// Whether every certificate of the path is asked about, by whatever lists RFC 5280 knows.
    /// People's certificates stand directly below a root, which answers in its own lists.
    pub(super) lists_by_the_book: bool,
}

/// What paths may be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathRules {
    /// How many authorities may stand between root and certificate, self-issued ones not counted.
    pub(super) depth: u32,
    /// What is asked of policies; `None` if the profile alone looks at them.
    pub(super) policies: Option<PolicyDemand>,
    /// The purposes one of which an authority below the root must be for, if it names any.
    pub(super) purposes: Vec<Vec<u8>>,
    /// Whether a key identifier that differs rules an issuer out, or only puts it last.
    pub(super) key_identifier_decides: bool,
    /// How many signatures may be checked on the way, in vain or not.
    pub(super) signatures: usize,
    /// Whether certificates must carry the key identifiers of RFC 5280 §4.2.1.1 and §4.2.1.2.
    pub(super) needs_key_identifiers: bool,
}

impl PathRules {
    /// Root and certificate, nothing between.
    pub(super) const fn direct() -> Self {
        Self {
            depth: 0,
            policies: None,
            purposes: Vec::new(),
            key_identifier_decides: true,
            signatures: 64,
            needs_key_identifiers: true,
        }
    }
}

/// What a verifier asks of the policies of a path (RFC 5280 §6.1.1 (c), (e), (f), (g)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PolicyDemand {
    /// The policies that count, as content octets; `None` for any.
    pub(super) accepted: Option<Vec<Vec<u8>>>,
    /// Whether the path must be valid for one of them.
    pub(super) explicit: bool,
    /// Whether one policy may not stand for another.
    pub(super) inhibit_mapping: bool,
    /// Whether anyPolicy means nothing.
    pub(super) inhibit_any: bool,
}

/// What keyUsage must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyUsageRule {
    /// It is there and critical, with all of some bits and none of others.
    Critical { all_of: u16, none_of: u16 },
    /// Where it stands, it has all of these bits.
    AllOf(u16),
    /// Where it stands, it has one of these bits.
    OneOf(u16),
}

/// What extendedKeyUsage must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PurposeRule {
    /// It does not stand there.
    Absent,
    /// Anything.
    Any,
    /// It is there, names this purpose, and is critical or not.
    Required { purpose: &'static [u8], critical: Option<bool>, alone: bool },
    /// Where it stands, it names one of these purposes itself.
    OneOf(Vec<Vec<u8>>),
}

/// Today's cards and the next ones.
const JPKI_ALGORITHMS: [SignatureAlgorithm; 2] =
    [SignatureAlgorithm::SHA256_WITH_RSA, SignatureAlgorithm::ECDSA_WITH_SHA384];

impl Rules {
    /// The profile of certificates for signing.
    pub(super) fn signing(policies: Policies) -> Self {
        Self {
            kinds: Some((Purpose::Signing, policies)),
            key_usage: KeyUsageRule::Critical {
                all_of: DIGITAL_SIGNATURE | NON_REPUDIATION,
                none_of: KEY_CERT_SIGN | CRL_SIGN,
            },
            extended_key_usage: PurposeRule::Absent,
            may_be_authority: false,
            algorithms: JPKI_ALGORITHMS.to_vec(),
            person_keys: KeyRules { rsa_bits: 2048..=2048, any_exponent: false, curves: &[Curve::P384] },
            authority_keys: KeyRules { rsa_bits: 2048..=4096, any_exponent: false, curves: &[Curve::P384] },
            path: PathRules::direct(),
            lists_by_the_book: false,
        }
    }

    /// The profile of certificates for signing in.
    pub(super) fn user_authentication(policies: Policies) -> Self {
        Self {
            kinds: Some((Purpose::UserAuthentication, policies)),
            key_usage: KeyUsageRule::Critical { all_of: DIGITAL_SIGNATURE, none_of: !DIGITAL_SIGNATURE },
            extended_key_usage: PurposeRule::Required {
                purpose: oid::CLIENT_AUTH.as_bytes(),
                critical: Some(false),
                alone: false,
            },
            ..Self::signing(Policies::of(&[]))
        }
    }

    /// The certificate of a timestamp authority (RFC 3161 §2.3).
    pub(super) fn timestamping() -> Self {
        let keys =
            KeyRules { rsa_bits: 2048..=8192, any_exponent: false, curves: &[Curve::P256, Curve::P384, Curve::P521] };
        let purpose = oid::TIMESTAMPING.as_bytes();
        Self {
            kinds: None,
            key_usage: KeyUsageRule::OneOf(DIGITAL_SIGNATURE | NON_REPUDIATION),
            extended_key_usage: PurposeRule::Required { purpose, critical: Some(true), alone: true },
            may_be_authority: false,
            algorithms: SignatureAlgorithm::all().collect(),
            person_keys: keys.clone(),
            authority_keys: keys,
            path: PathRules {
                depth: 4,
                policies: Some(PolicyDemand::default()),
                purposes: vec![purpose.to_vec()],
                key_identifier_decides: false,
                // A message or an archive may come with dozens of timestamps.
                signatures: 40,
                needs_key_identifiers: false,
            },
            lists_by_the_book: false,
        }
    }

    /// The certificate of an OCSP responder to which an authority of these rules delegates
    /// (RFC 6960 §4.2.2.2). Who asks must see that the authority itself issued it.
    pub(super) fn responder(&self) -> Self {
        Self {
            kinds: None,
            key_usage: KeyUsageRule::OneOf(DIGITAL_SIGNATURE | NON_REPUDIATION),
            extended_key_usage: PurposeRule::Required {
                purpose: oid::OCSP_SIGNING.as_bytes(),
                critical: None,
                alone: false,
            },
            may_be_authority: false,
            algorithms: self.algorithms.clone(),
            person_keys: self.authority_keys.clone(),
            authority_keys: self.authority_keys.clone(),
            path: PathRules { needs_key_identifiers: false, ..PathRules::direct() },
            lists_by_the_book: self.lists_by_the_book,
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
