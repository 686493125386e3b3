//! What a verifier trusts: pinned roots, and who else may answer for a signature through them.

use time::OffsetDateTime;

use super::algorithm::SignatureAlgorithm;
use super::certificate::{Certificate, sha256};
use super::extension::{CRL_SIGN, KEY_CERT_SIGN};
use super::key::{PublicKey, VerifyingKey};
use super::name;
use super::policy::{Environment, Policies};
use super::reason::Reason;
use super::rules::Rules;

/// A root that the operator has chosen to trust, by pinning the SHA-256 of its certificate.
/// Several generations of the same authority share one name and stand side by side.
#[derive(Debug, Clone)]
pub struct Anchor {
    der: Vec<u8>,
    sha256: [u8; 32],
    subject: Vec<u8>,
    key_identifier: Option<Vec<u8>>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    key: VerifyingKey,
    may_sign_lists: bool,
    identity: [u8; 32],
}

impl Anchor {
    /// Reads a root certificate and checks that it is one.
    ///
    /// # Errors
    /// The rule that it breaks: every rule of a certificate, the self-signature, critical
    /// basicConstraints with cA, critical keyUsage with keyCertSign and cRLSign, no unknown
    /// critical extension, RSA of 2048 to 4096 bits.
    pub fn from_der(der: &[u8]) -> Result<Self, Reason> {
        let certificate = Certificate::parse(der)?;
        let malformed = |_| Reason::CertificateMalformed;
        let rules = Rules::signing(Policies::of(&[]));
        if !rules.algorithms.contains(&certificate.algorithm) {
            return Err(Reason::CertificateAlgorithm);
        }
        certificate.public_key.check(&rules.authority_keys)?;
        if certificate.extensions.basic_constraints().map_err(malformed)? != Some((true, true)) {
            return Err(Reason::AnchorNotAuthority);
        }
        match certificate.extensions.key_usage().map_err(malformed)? {
            Some((bits, true)) if bits & KEY_CERT_SIGN != 0 && bits & CRL_SIGN != 0 => {}
            _ => return Err(Reason::AnchorKeyUsage),
        }
        certificate.extensions.check_criticality()?;
        let key = certificate.public_key.prepare(certificate.algorithm)?;
        if !name::same(certificate.issuer.raw, certificate.subject.raw)
            || !key.signed(certificate.algorithm, certificate.to_be_signed, certificate.signature)
        {
            return Err(Reason::AnchorSignature);
        }
        let key_identifier = certificate.extensions.subject_key_identifier().map_err(malformed)?;
        Ok(Self {
            sha256: sha256(der),
            subject: certificate.subject.raw.to_vec(),
            key_identifier: key_identifier.map(<[u8]>::to_vec),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            key,
            may_sign_lists: true,
            identity: identity(certificate.subject.raw, &certificate.public_key),
            der: der.to_vec(),
        })
    }

    /// The certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate: what an operator pins.
    #[must_use]
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The name of the authority, for people.
    #[must_use]
    pub fn subject(&self) -> String {
        name::text(&self.subject)
    }

    /// First moment of validity.
    #[must_use]
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Last second of validity.
    #[must_use]
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whose root it says to be: J-LIS's for people, J-LIS's for test cards, or any other, which
    /// counts as a demonstration. Lets a production system refuse the wrong file at its start.
    #[must_use]
    pub fn environment(&self) -> Environment {
        match name::organization(&self.subject).as_deref() {
            Some("JPKI") => Environment::Production,
            Some("JPKI-TEST") => Environment::Test,
            _ => Environment::Demo,
        }
    }

    /// Whether this root made the signature.
    pub(super) fn signed(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        self.key.signed(algorithm, message, signature)
    }

    /// Whether a certificate or list that names its issuer so can come from this root.
    fn is_named(&self, issuer: &[u8], key_identifier: Option<&[u8]>) -> bool {
        let same_key = match (key_identifier, &self.key_identifier) {
            (Some(wanted), Some(own)) => wanted == own.as_slice(),
            _ => true,
        };
        same_key && name::same(issuer, &self.subject)
    }

    pub(super) fn check_validity(&self, at: OffsetDateTime) -> Result<(), Reason> {
        match at.unix_timestamp() {
            second if second < self.not_before.unix_timestamp() => Err(Reason::AnchorNotYetValid),
            second if second > self.not_after.unix_timestamp() => Err(Reason::AnchorExpired),
            _ => Ok(()),
        }
    }
}

/// What a verifier trusts: roots, and the rules for what they sign.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The pinned roots.
    pub(super) anchors: Vec<Anchor>,
    /// What a certificate must be like to count.
    pub(super) rules: Rules,
}

impl Trust {
    /// For the signatures of people: certificates for signing, of the kinds that `policies` accepts.
    #[must_use]
    pub fn signing(anchors: Vec<Anchor>, policies: Policies) -> Self {
        Self { anchors, rules: Rules::signing(policies) }
    }

    /// The pinned roots.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Everyone of this name who may answer for a signature as of `at`: the pinned roots, and the
    /// certificates with a valid path to one. The signature decides which of them made it.
    pub(super) fn issuers_named(&self, name: &[u8], _at: OffsetDateTime) -> Vec<Issuer<'_>> {
        self.anchors.iter().map(Issuer::from).filter(|issuer| issuer.is_named(name, None)).collect()
    }

    /// The root that signed the certificate.
    pub(super) fn issuer_of(&self, certificate: &Certificate<'_>) -> Result<&Anchor, Reason> {
        let key_identifier =
            certificate.extensions.authority_key_identifier().map_err(|_| Reason::CertificateMalformed)?;
        let message = Message {
            algorithm: certificate.algorithm,
            covered: certificate.to_be_signed,
            signature: certificate.signature,
        };
        self.signer(certificate.issuer.raw, key_identifier, message).map_err(|nobody| match nobody {
            Nobody::Named => Reason::IssuerUnknown,
            Nobody::Signed => Reason::IssuerSignature,
        })
    }

    /// The root with that name and key which signed the message.
    pub(super) fn signer(
        &self,
        issuer: &[u8],
        key_identifier: Option<&[u8]>,
        message: Message<'_>,
    ) -> Result<&Anchor, Nobody> {
        let mut named = self.anchors.iter().filter(|anchor| anchor.is_named(issuer, key_identifier)).peekable();
        let nobody = if named.peek().is_some() { Nobody::Signed } else { Nobody::Named };
        named.find(|anchor| anchor.signed(message.algorithm, message.covered, message.signature)).ok_or(nobody)
    }
}

/// An authority that a signature can come from: a pinned root, or a certificate with a valid path
/// to one. What signs lists and answers about revocation is asked for in this form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issuer<'a> {
    /// Its distinguished name, the whole SEQUENCE.
    pub(super) name: &'a [u8],
    /// The identifier of its key, where the certificate has one.
    pub(super) key_identifier: Option<&'a [u8]>,
    /// Its key.
    pub(super) key: IssuerKey<'a>,
    /// Whether keyUsage, where it stands, allows signing revocation lists (RFC 5280 §6.3.3 (f)).
    pub(super) may_sign_lists: bool,
    /// SHA-256 of the certificate.
    pub(super) sha256: [u8; 32],
    /// SHA-256 of the canonical name and the key: the same for every certificate of one authority
    /// and key, so that a list signed with the key counts whichever certificate the path took.
    pub(super) identity: [u8; 32],
    /// SHA-256 of the root that the path begins with.
    pub(super) anchor_sha256: [u8; 32],
}

/// The key of an issuer.
#[derive(Debug, Clone, Copy)]
pub(super) enum IssuerKey<'a> {
    /// Made ready once, as a root's is.
    Prepared(&'a VerifyingKey),
    /// As it stands in a certificate.
    Certified(PublicKey<'a>),
}

impl Issuer<'_> {
    /// Whether this authority made the signature.
    pub(super) fn signed(&self, message: Message<'_>) -> bool {
        let Message { algorithm, covered, signature } = message;
        match self.key {
            IssuerKey::Prepared(key) => key.signed(algorithm, covered, signature),
            IssuerKey::Certified(key) => {
                key.prepare(algorithm).is_ok_and(|key| key.signed(algorithm, covered, signature))
            }
        }
    }

    /// Whether something that names its issuer so can come from this one.
    pub(super) fn is_named(&self, name: &[u8], key_identifier: Option<&[u8]>) -> bool {
        let same_key = match (key_identifier, self.key_identifier) {
            (Some(wanted), Some(own)) => wanted == own,
            _ => true,
        };
        same_key && name::same(name, self.name)
    }
}

impl<'a> From<&'a Anchor> for Issuer<'a> {
    fn from(anchor: &'a Anchor) -> Self {
        Self {
            name: &anchor.subject,
            key_identifier: anchor.key_identifier.as_deref(),
            key: IssuerKey::Prepared(&anchor.key),
            may_sign_lists: anchor.may_sign_lists,
            sha256: anchor.sha256,
            identity: anchor.identity,
            anchor_sha256: anchor.sha256,
        }
    }
}

/// Something that an authority signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) covered: &'a [u8],
    pub(super) signature: &'a [u8],
}

/// Why no root answers for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nobody {
    /// None has the name and key identifier.
    Named,
    /// Some have, and none of them made the signature.
    Signed,
}

/// What all certificates of one authority and key have in common.
pub(super) fn identity(name: &[u8], key: &PublicKey<'_>) -> [u8; 32] {
    let mut form = name::canonical(name).unwrap_or_else(|_| name.to_vec());
    form.extend_from_slice(&sha256(key.bytes()));
    sha256(&form)
}

/// Whether the certificate carries a subject key identifier equal to `identifier`.
pub(super) fn has_key_identifier(certificate: &Certificate<'_>, identifier: &[u8]) -> bool {
    certificate.extensions.subject_key_identifier() == Ok(Some(identifier))
}
