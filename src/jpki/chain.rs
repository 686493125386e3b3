//! What a verifier trusts: pinned roots, and who else may answer for a signature through them.

use time::OffsetDateTime;

use super::algorithm::SignatureAlgorithm;
use super::certificate::Certificate;
use super::extension::{BasicConstraints, CRL_SIGN, KEY_CERT_SIGN};
use super::key::{PublicKey, VerifyingKey};
use super::laboratory::Laboratory;
use super::policy::{Environment, Policies};
use super::reason::Reason;
use super::rules::Rules;
use super::{name, oid};

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
    /// Whether its certificate limits what may be below it.
    is_constrained: bool,
}

impl Anchor {
    /// Reads a root certificate and checks that it is one of an authority as JPKI has it.
    ///
    /// # Errors
    /// The rule that it breaks: every rule of a certificate, the self-signature, critical
    /// basicConstraints with cA, critical keyUsage with keyCertSign and cRLSign, no unknown
    /// critical extension, RSA of 2048 to 4096 bits or P-384.
    pub fn from_der(der: &[u8]) -> Result<Self, Reason> {
        let certificate = Certificate::parse(der)?;
        let malformed = |_| Reason::CertificateMalformed;
        let rules = Rules::signing(Policies::of(&[]));
        if !rules.algorithms.contains(&certificate.algorithm) {
            return Err(Reason::CertificateAlgorithm);
        }
        certificate.public_key.check(&rules.authority_keys)?;
        match certificate.extensions.basic_constraints().map_err(malformed)? {
            Some(BasicConstraints { authority: true, critical: true, .. }) => {}
            _ => return Err(Reason::AnchorNotAuthority),
        }
        match certificate.extensions.key_usage().map_err(malformed)? {
            Some((bits, true)) if bits & KEY_CERT_SIGN != 0 && bits & CRL_SIGN != 0 => {}
            _ => return Err(Reason::AnchorKeyUsage),
        }
        certificate.extensions.check_criticality()?;
        certificate.check_standard(true)?;
        let key = certificate.public_key.prepare(certificate.algorithm)?;
        if !certificate.is_self_issued()
            || !key.signed(certificate.algorithm, certificate.to_be_signed, certificate.signature)
        {
            return Err(Reason::AnchorSignature);
        }
        Self::new(&certificate, key)
    }

    /// Takes a certificate as a root for general suites: its name and its key count, whoever signed
    /// it and by whatever algorithm, and its constraints hold for what is below it (RFC 5937).
    ///
    /// # Errors
    /// The rule that it breaks: it is a certificate in good order with critical basicConstraints
    /// and cA, keyCertSign where keyUsage stands, and a key of the kinds that `laboratory` takes.
    pub fn laboratory(der: &[u8], laboratory: &Laboratory) -> Result<Self, Reason> {
        let rules = laboratory.rules();
        let certificate = Certificate::parse_root(der)?;
        let malformed = |_| Reason::CertificateMalformed;
        certificate.public_key.check(&rules.authority_keys)?;
        match certificate.extensions.basic_constraints().map_err(malformed)? {
            Some(BasicConstraints { authority: true, critical: true, .. }) => {}
            Some(BasicConstraints { authority: true, .. }) => return Err(Reason::ExtensionCriticality),
            _ => return Err(Reason::AnchorNotAuthority),
        }
        if certificate.extensions.key_usage().map_err(malformed)?.is_some_and(|(bits, _)| bits & KEY_CERT_SIGN == 0) {
            return Err(Reason::AnchorKeyUsage);
        }
        certificate.check_standard(rules.path.needs_key_identifiers)?;
        let key = certificate.public_key.prepare_any()?;
        Self::new(&certificate, key)
    }

    fn new(certificate: &Certificate<'_>, key: VerifyingKey) -> Result<Self, Reason> {
        let malformed = |_| Reason::CertificateMalformed;
        let extensions = &certificate.extensions;
        let key_identifier = extensions.subject_key_identifier().map_err(malformed)?;
        let usage = extensions.key_usage().map_err(malformed)?;
        let constraints = extensions.basic_constraints().map_err(malformed)?;
        let limiting =
            [oid::NAME_CONSTRAINTS, oid::CERTIFICATE_POLICIES, oid::POLICY_CONSTRAINTS, oid::INHIBIT_ANY_POLICY];
        Ok(Self {
            sha256: certificate.sha256(),
            subject: certificate.subject.raw.to_vec(),
            key_identifier: key_identifier.map(<[u8]>::to_vec),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            key,
            may_sign_lists: usage.is_none_or(|(bits, _)| bits & CRL_SIGN != 0),
            is_constrained: constraints.is_some_and(|constraints| constraints.path_length.is_some())
                || limiting.iter().any(|oid| extensions.find(oid).is_some()),
            der: certificate.der.to_vec(),
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
        Environment::of(&self.subject).unwrap_or(Environment::Demo)
    }

    /// Whether this root made the signature.
    pub(super) fn signed(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        self.key.signed(algorithm, message, signature)
    }

    /// Whether its certificate limits what may be below it (RFC 5937 §3).
    pub(super) const fn is_constrained(&self) -> bool {
        self.is_constrained
    }

    /// Its distinguished name, the whole SEQUENCE.
    pub(super) fn name(&self) -> &[u8] {
        &self.subject
    }

    /// Whether what names its issuer's key so can come from this root.
    pub(super) fn may_have_key(&self, key_identifier: Option<&[u8]>) -> bool {
        match (key_identifier, &self.key_identifier) {
            (Some(wanted), Some(own)) => wanted == own.as_slice(),
            _ => true,
        }
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
    /// Certificates of authorities that a path may lead through, as received.
    pub(super) intermediates: Vec<Vec<u8>>,
    /// Why the first of the roots that were offered and cannot be used is none.
    pub(super) refused_root: Option<Reason>,
    /// What a certificate must be like to count.
    pub(super) rules: Rules,
}

impl Trust {
    const fn new(anchors: Vec<Anchor>, rules: Rules) -> Self {
        Self { anchors, intermediates: Vec::new(), refused_root: None, rules }
    }

    /// For the signatures of people: certificates for signing, of the kinds that `policies` accepts.
    #[must_use]
    pub fn signing(anchors: Vec<Anchor>, policies: Policies) -> Self {
        Self::new(anchors, Rules::signing(policies))
    }

    /// For people who sign in: certificates for user authentication, of the kinds that `policies`
    /// accepts. They name nobody.
    #[must_use]
    pub fn user_authentication(anchors: Vec<Anchor>, policies: Policies) -> Self {
        Self::new(anchors, Rules::user_authentication(policies))
    }

    /// For timestamp authorities (RFC 3161 §2.3), directly below a root or a few authorities down.
    #[must_use]
    pub fn timestamping(anchors: Vec<Anchor>) -> Self {
        Self::new(anchors, Rules::timestamping())
    }

    /// The same with certificates of authorities that a path may lead through, besides those that
    /// come with a message. How many may stand on it the rules say as before.
    #[must_use]
    pub fn with_intermediates(self, intermediates: Vec<Vec<u8>>) -> Self {
        Self { intermediates, ..self }
    }

    /// For general suites: what `laboratory` loosens and nothing else. Roots that are none are left
    /// out; their reason is told when no path is found. No server may trust so.
    #[must_use]
    pub fn laboratory(roots: &[Vec<u8>], intermediates: Vec<Vec<u8>>, laboratory: &Laboratory) -> Self {
        let mut trust = Self { intermediates, ..Self::new(Vec::with_capacity(roots.len()), laboratory.rules()) };
        for root in roots {
            match Anchor::laboratory(root, laboratory) {
                Ok(anchor) => trust.anchors.push(anchor),
                Err(reason) => drop(trust.refused_root.get_or_insert(reason)),
            }
        }
        trust
    }

    /// The pinned roots.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Everyone of this name who may answer for a signature as of `at`: the pinned roots, and the
    /// certificates with a valid path to one. The signature decides which of them made it.
    pub(super) fn issuers_named(&self, name: &[u8], at: OffsetDateTime) -> Vec<Issuer<'_>> {
        self.issuers_who(name, at, &mut Effort::default(), |_| true)
    }

    /// Those of them who made something. Paths are looked for only to these, and only while there
    /// is an effort left: a crowd of authorities must not keep anybody waiting.
    pub(super) fn issuers_who(
        &self,
        name: &[u8],
        at: OffsetDateTime,
        effort: &mut Effort,
        made: impl Fn(&Issuer<'_>) -> bool,
    ) -> Vec<Issuer<'_>> {
        let roots = self.anchors.iter().map(Issuer::from).filter(|issuer| issuer.is_named(name, None));
        let mut found: Vec<Issuer<'_>> = roots.filter(&made).collect();
        if self.intermediates.is_empty() || !effort.spend() {
            return found;
        }
        let sound = self.intermediates.iter().filter_map(|der| self.sound(der, name, at));
        for certificate in sound.filter(|certificate| made(&Issuer::unproven(certificate))) {
            if !effort.spend() {
                break;
            }
            found.extend(self.certified(&certificate, at));
        }
        found
    }

    /// The certificate of an authority of this name, if it is in good order.
    fn sound<'a>(&'a self, der: &'a [u8], name: &[u8], at: OffsetDateTime) -> Option<Certificate<'a>> {
        let certificate = Certificate::parse(der).ok()?;
        let is_sound = name::same(certificate.subject.raw, name)
            && self.rules.algorithms.contains(&certificate.algorithm)
            && certificate.public_key.check(&self.rules.authority_keys).is_ok()
            && certificate.check_standard(self.rules.path.needs_key_identifiers).is_ok()
            && certificate.check_validity(at, Reason::NotYetValid, Reason::Expired).is_ok();
        is_sound.then_some(certificate)
    }

    fn certified<'a>(&'a self, certificate: &Certificate<'a>, at: OffsetDateTime) -> Option<Issuer<'a>> {
        let path = self.path_to(certificate, &[], at).ok()?;
        path.anchor.check_validity(at).ok()?;
        Some(Issuer::certified(certificate, path.anchor))
    }
}

/// How much may still be done to find out who signed: one for every look at the authorities that are
/// known, and one for every path that is looked for. What is honest takes a few.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort(u8);

impl Default for Effort {
    fn default() -> Self {
        Self(32)
    }
}

impl Effort {
    /// Takes one; whether there was one left.
    pub(super) const fn spend(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
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

impl<'a> Issuer<'a> {
    /// The authority of a certificate whose path begins with `anchor`.
    pub(super) fn certified(certificate: &Certificate<'a>, anchor: &Anchor) -> Self {
        Self { anchor_sha256: anchor.sha256, ..Self::unproven(certificate) }
    }

    /// The authority of a certificate of which nobody knows yet where its path begins.
    fn unproven(certificate: &Certificate<'a>) -> Self {
        let usage = certificate.extensions.key_usage().ok().flatten();
        Self {
            name: certificate.subject.raw,
            key_identifier: certificate.extensions.subject_key_identifier().ok().flatten(),
            key: IssuerKey::Certified(certificate.public_key),
            may_sign_lists: usage.is_none_or(|(bits, _)| bits & CRL_SIGN != 0),
            sha256: certificate.sha256(),
            anchor_sha256: [0; 32],
        }
    }

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

/// Whether the certificate carries a subject key identifier equal to `identifier`.
pub(super) fn has_key_identifier(certificate: &Certificate<'_>, identifier: &[u8]) -> bool {
    certificate.extensions.subject_key_identifier() == Ok(Some(identifier))
}
