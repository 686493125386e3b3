//! The certificates that the authority issues: good ones and one for every rule.

use aws_lc_rs::digest;
use der::asn1::ObjectIdentifier;
use time::{Duration, OffsetDateTime};

use super::holder::{CardHolder, Municipality};
use super::key::{rsa_key, signature_identifier};
use super::{CardKey, Failed, TestAuthority};
use crate::jpki::encode::{bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use crate::jpki::{DEMO_SIGNING, DEMO_USER_AUTHENTICATION, Purpose};

/// What is wrong with a certificate; only this, the rest is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing.
    None,
    /// Valid for five years that ended the day before.
    Expired,
    /// Valid only from the day after.
    NotYetValid,
    /// The certificate for signing in, which must not sign documents.
    UserAuthentication,
    /// The policy of J-LIS's test cards instead of ours.
    OtherEnvironment,
    /// A policy that nobody knows.
    UnknownPolicy,
    /// anyPolicy.
    AnyPolicy,
    /// No certificatePolicies.
    NoPolicy,
    /// certificatePolicies is not critical.
    PolicyNotCritical,
    /// No keyUsage.
    NoKeyUsage,
    /// keyUsage is not critical.
    KeyUsageNotCritical,
    /// keyUsage with digitalSignature alone.
    KeyUsageWithoutNonRepudiation,
    /// keyUsage with keyCertSign besides.
    KeyUsageWithCertSign,
    /// An unknown critical extension.
    UnknownCritical,
    /// subjectAltName is critical.
    CriticalHolder,
    /// basicConstraints with cA.
    Authority,
    /// extendedKeyUsage clientAuth.
    ExtendedKeyUsage,
    /// keyUsage twice.
    DuplicateExtension,
    /// An RSA key of 3072 bits (which nobody holds).
    LongKey,
    /// An RSA key of 1024 bits (which nobody holds).
    ShortKey,
    /// The RSA exponent 3.
    SmallExponent,
    /// A key on the curve P-256 (which nobody holds).
    EllipticKey,
    /// No subjectAltName.
    NoHolder,
    /// A birth date that is none.
    MalformedBirth,
    /// Signed by another key under the authority's name and key identifier.
    ForgedIssuer,
    /// Signed by another authority of the same name, with its own key identifier.
    OtherIssuer,
    /// The algorithm outside says sha512WithRSAEncryption and the one inside sha256.
    AlgorithmMismatch,
    /// Both algorithms say sha1WithRSAEncryption.
    WeakAlgorithm,
    /// Version 1.
    VersionOne,
    /// Serial number zero.
    SerialZero,
    /// A byte follows the end.
    TrailingByte,
    /// No authorityKeyIdentifier.
    NoAuthorityKey,
    /// authorityKeyIdentifier is critical.
    CriticalAuthorityKey,
    /// authorityInfoAccess that describes nothing.
    EmptyAccess,
    /// pathLenConstraint without cA.
    PathLength,
    /// The policy stands twice.
    PolicyTwice,
    /// No subject.
    NoSubject,
    /// Not wrong: a fact about the holder that nobody knows yet.
    UnknownFact,
    /// A fact about the holder twice.
    FactTwice,
    /// For signing in, without extendedKeyUsage.
    UserAuthenticationWithoutPurpose,
    /// For signing in, with critical extendedKeyUsage.
    UserAuthenticationCriticalPurpose,
    /// For signing in, with serverAuth instead of clientAuth.
    UserAuthenticationOtherPurpose,
    /// For signing in, with nonRepudiation besides.
    UserAuthenticationNonRepudiation,
}

impl Fault {
    /// Whether it is a fault of a certificate for signing in.
    const fn is_of_user_authentication(self) -> bool {
        matches!(
            self,
            Self::UserAuthentication
                | Self::UserAuthenticationWithoutPurpose
                | Self::UserAuthenticationCriticalPurpose
                | Self::UserAuthenticationOtherPurpose
                | Self::UserAuthenticationNonRepudiation
        )
    }
}

const SHA1_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const JLIS_TEST_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.20");
const UNKNOWN_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.9.9");
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const HOLDER_ARC: &str = "1.2.392.200149.8.5.5";

const KEY_USAGE: &str = "2.5.29.15";
const ROOT_SERIAL: [u8; 3] = [0x0A, 0x00, 0x01];

/// The self-signed root.
pub(super) fn root(key: &CardKey, purpose: Purpose, at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
    let extensions = [
        extension(KEY_USAGE, true, &[0x03, 0x02, 0x01, 0x06]),
        extension("2.5.29.19", true, &sequence(&[&[0x01, 0x01, 0xFF]])),
        extension("2.5.29.31", false, &distribution_points(&authority_name(purpose))),
        extension("2.5.29.14", false, &tlv(0x04, &[&key_identifier(key)])),
    ];
    let to_be_signed = Draft {
        version: Some(2),
        serial: &ROOT_SERIAL,
        validity: (at - Duration::days(1), at + Duration::days(3652)),
        issuer: &authority_name(purpose),
        subject: &authority_name(purpose),
        public_key: key.public_info(),
        extensions: extensions.concat(),
        algorithm: key.algorithm(),
    }
    .to_der();
    sign(&to_be_signed, key.algorithm(), key)
}

/// The certificate of a person.
pub(super) fn of_person(
    authority: &TestAuthority,
    holder: &CardHolder,
    fault: Fault,
    key: &CardKey,
    serial: &[u8],
    at: OffsetDateTime,
) -> Result<Vec<u8>, Failed> {
    let five_years = Duration::days(1826);
    let validity = match fault {
        Fault::Expired => (at - five_years, at - Duration::days(1)),
        Fault::NotYetValid => (at + Duration::days(1), at + five_years),
        _ => (at, at + five_years),
    };
    let subject = match fault {
        Fault::NoSubject => sequence(&[]),
        fault if fault.is_of_user_authentication() => {
            distinguished_name(&[("2.5.4.6", "JP"), ("2.5.4.3", "997794E9AGCIEG28201003A")])
        }
        _ => distinguished_name(&[
            ("2.5.4.6", "JP"),
            ("2.5.4.7", &holder.municipality.prefecture),
            ("2.5.4.7", &holder.municipality.name),
            ("2.5.4.3", "202601010900000000128201003A"),
        ]),
    };
    let inner = if fault == Fault::WeakAlgorithm { &SHA1_WITH_RSA } else { authority.key.algorithm() };
    let outer = if fault == Fault::AlgorithmMismatch { &SHA512_WITH_RSA } else { inner };
    let to_be_signed = Draft {
        version: (fault != Fault::VersionOne).then_some(2),
        serial: if fault == Fault::SerialZero { &[] } else { serial },
        validity,
        issuer: &authority.name(),
        subject: &subject,
        public_key: public_key(fault, key),
        extensions: extensions(authority, holder, fault, key),
        algorithm: inner,
    }
    .to_der();
    let signer = match fault {
        Fault::ForgedIssuer | Fault::OtherIssuer => &authority.impostor,
        _ => &authority.key,
    };
    let mut certificate = sign(&to_be_signed, outer, signer)?;
    if fault == Fault::TrailingByte {
        certificate.push(0);
    }
    Ok(certificate)
}

/// In the order of the real card.
fn extensions(authority: &TestAuthority, holder: &CardHolder, fault: Fault, key: &CardKey) -> Vec<u8> {
    let mut list = Vec::new();
    let usage: [u8; 4] = match fault {
        Fault::UserAuthenticationNonRepudiation => [0x03, 0x02, 0x06, 0xC0],
        fault if fault.is_of_user_authentication() => [0x03, 0x02, 0x07, 0x80],
        Fault::KeyUsageWithoutNonRepudiation => [0x03, 0x02, 0x07, 0x80],
        Fault::KeyUsageWithCertSign => [0x03, 0x02, 0x02, 0xC4],
        _ => [0x03, 0x02, 0x06, 0xC0],
    };
    if fault != Fault::NoKeyUsage {
        list.push(extension(KEY_USAGE, fault != Fault::KeyUsageNotCritical, &usage));
    }
    if fault == Fault::DuplicateExtension {
        list.push(extension(KEY_USAGE, true, &usage));
    }
    let has_purpose = fault.is_of_user_authentication() && fault != Fault::UserAuthenticationWithoutPurpose;
    if has_purpose || fault == Fault::ExtendedKeyUsage {
        let purpose = if fault == Fault::UserAuthenticationOtherPurpose { SERVER_AUTH } else { CLIENT_AUTH };
        let critical = fault == Fault::UserAuthenticationCriticalPurpose;
        list.push(extension("2.5.29.37", critical, &sequence(&[&object_identifier(&purpose)])));
    }
    if fault != Fault::NoHolder && !fault.is_of_user_authentication() {
        list.push(extension("2.5.29.17", fault == Fault::CriticalHolder, &alternative_names(holder, fault)));
    }
    let policy = match fault {
        fault if fault.is_of_user_authentication() => DEMO_USER_AUTHENTICATION,
        Fault::OtherEnvironment => JLIS_TEST_SIGNING,
        Fault::UnknownPolicy => UNKNOWN_POLICY,
        Fault::AnyPolicy => ANY_POLICY,
        _ => DEMO_SIGNING,
    };
    if fault != Fault::NoPolicy {
        let policy = sequence(&[&object_identifier(&policy)]);
        let again: &[u8] = if fault == Fault::PolicyTwice { &policy } else { &[] };
        let policies = sequence(&[&policy, again]);
        list.push(extension("2.5.29.32", fault != Fault::PolicyNotCritical, &policies));
    }
    if fault == Fault::Authority {
        list.push(extension("2.5.29.19", true, &sequence(&[&[0x01, 0x01, 0xFF]])));
    }
    if fault == Fault::PathLength {
        list.push(extension("2.5.29.19", true, &sequence(&[&[0x02, 0x01, 0x00]])));
    }
    if fault == Fault::EmptyAccess {
        list.push(extension(ACCESS, false, &sequence(&[])));
    } else if fault.is_of_user_authentication() {
        let responder = tlv(0x86, &[b"http://ocsp.todoke-demo.example"]);
        let ocsp = object_identifier(&ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1"));
        list.push(extension(ACCESS, false, &sequence(&[&sequence(&[&ocsp, &responder])])));
    }
    if fault == Fault::UnknownCritical {
        list.push(extension("1.3.6.1.4.1.32473.9.1", true, &[0x05, 0x00]));
    }
    let issuer_name = tlv(0xA4, &[&distinguished_name(&[("2.5.4.6", "JP"), ("2.5.4.10", "届デモ認証サービス")])]);
    list.push(extension("2.5.29.18", false, &sequence(&[&issuer_name])));
    let point = distribution_points(&point_name(&holder.municipality));
    list.push(extension("2.5.29.31", false, &point));
    let issuer_key = if fault == Fault::OtherIssuer { &authority.impostor } else { &authority.key };
    let authority_key = sequence(&[
        &tlv(0x80, &[&key_identifier(issuer_key)]),
        &tlv(0xA1, &[&tlv(0xA4, &[&authority.name()])]),
        &tlv(0x82, &[&ROOT_SERIAL]),
    ]);
    if fault != Fault::NoAuthorityKey {
        list.push(extension("2.5.29.35", fault == Fault::CriticalAuthorityKey, &authority_key));
    }
    list.push(extension("2.5.29.14", false, &tlv(0x04, &[&key_identifier(key)])));
    list.concat()
}

/// The holder's facts, in the order of the real card: name, birth, sex, address, flags.
fn alternative_names(holder: &CardHolder, fault: Fault) -> Vec<u8> {
    let zeros_for = |flags: &str, text: &str| {
        if flags.is_empty() { "0".repeat(text.chars().count()) } else { flags.to_owned() }
    };
    let birth = if fault == Fault::MalformedBirth { "4２０００２２９" } else { &holder.birth };
    let mut facts = vec![other_name(1, &holder.name), other_name(4, birth), other_name(3, "2")];
    if !holder.address.is_empty() {
        facts.push(other_name(5, &holder.address));
    }
    match fault {
        Fault::UnknownFact => facts.push(other_name(77, "シケン　ハナコ")),
        Fault::FactTwice => facts.push(other_name(1, &holder.name)),
        _ => {}
    }
    facts.push(other_name(2, &zeros_for(&holder.name_substitutes, &holder.name)));
    if !holder.address.is_empty() {
        facts.push(other_name(6, &zeros_for(&holder.address_substitutes, &holder.address)));
    }
    tlv(0x30, &[&facts.concat()])
}

fn other_name(number: u8, text: &str) -> Vec<u8> {
    let kind = ObjectIdentifier::new_unwrap(&format!("{HOLDER_ARC}.{number}"));
    tlv(0xA0, &[&object_identifier(&kind), &tlv(0xA0, &[&tlv(0x0C, &[text.as_bytes()])])])
}

fn public_key(fault: Fault, key: &CardKey) -> Vec<u8> {
    let made_up = |octets: usize, exponent: &[u8]| {
        let mut modulus = vec![0xC5; octets];
        modulus.push(0x0D);
        rsa_key(&sequence(&[&unsigned_integer(&modulus), &unsigned_integer(exponent)]))
    };
    match fault {
        Fault::LongKey => made_up(383, &[1, 0, 1]),
        Fault::ShortKey => made_up(127, &[1, 0, 1]),
        Fault::SmallExponent => made_up(255, &[3]),
        Fault::EllipticKey => sequence(&[
            &sequence(&[&object_identifier(&EC_PUBLIC_KEY), &object_identifier(&PRIME256V1)]),
            &bit_string(&[4; 65]),
        ]),
        _ => key.public_info(),
    }
}

struct Draft<'a> {
    version: Option<u8>,
    serial: &'a [u8],
    validity: (OffsetDateTime, OffsetDateTime),
    issuer: &'a [u8],
    subject: &'a [u8],
    public_key: Vec<u8>,
    extensions: Vec<u8>,
    algorithm: &'a ObjectIdentifier,
}

impl Draft<'_> {
    fn to_der(&self) -> Vec<u8> {
        let version = self.version.map_or_else(Vec::new, |version| tlv(0xA0, &[&[0x02, 0x01, version]]));
        let extensions =
            if self.version.is_some() { tlv(0xA3, &[&tlv(0x30, &[&self.extensions])]) } else { Vec::new() };
        sequence(&[
            &version,
            &unsigned_integer(self.serial),
            &signature_identifier(self.algorithm),
            self.issuer,
            &sequence(&[&instant(self.validity.0), &instant(self.validity.1)]),
            self.subject,
            &self.public_key,
            &extensions,
        ])
    }
}

/// Wraps what is to be signed with its signature.
pub(super) fn sign(to_be_signed: &[u8], outer: &ObjectIdentifier, key: &CardKey) -> Result<Vec<u8>, Failed> {
    Ok(sequence(&[to_be_signed, &signature_identifier(outer), &bit_string(&key.sign(to_be_signed)?)]))
}

/// The name of the roots made here.
pub(super) fn authority_name(purpose: Purpose) -> Vec<u8> {
    let unit = match purpose {
        Purpose::Signing => "JPKI for digital signature",
        Purpose::UserAuthentication => "JPKI for user authentication",
    };
    distinguished_name(&[
        ("2.5.4.6", "JP"),
        ("2.5.4.10", "TODOKE-DEMO"),
        ("2.5.4.11", unit),
        ("2.5.4.11", "Synthetic authority - not J-LIS"),
    ])
}

/// The name of a municipality's revocation list.
pub(super) fn point_name(municipality: &Municipality) -> Vec<u8> {
    distinguished_name(&[
        ("2.5.4.6", "JP"),
        ("2.5.4.10", "TODOKE-DEMO"),
        ("2.5.4.11", "JPKI for digital signature"),
        ("2.5.4.11", "CRL Distribution Points"),
        ("2.5.4.11", &municipality.prefecture),
        ("2.5.4.3", &format!("{} CRLDP", municipality.name)),
    ])
}

/// SHA-1 of the key, RFC 5280 §4.2.1.2 (1), is what authorities use; any fixed digest will do.
pub(super) fn key_identifier(key: &CardKey) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.public()).as_ref().iter().take(20).copied().collect()
}

/// One Extension.
pub(super) fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xFF] } else { &[] };
    sequence(&[&object_identifier(&ObjectIdentifier::new_unwrap(oid)), critical, &tlv(0x04, &[value])])
}

fn distribution_points(name: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&tlv(0xA0, &[&tlv(0xA0, &[&tlv(0xA4, &[name])])])])])
}

/// A name with one attribute in each relative name; the country is a `PrintableString`.
pub(super) fn distinguished_name(attributes: &[(&str, &str)]) -> Vec<u8> {
    let relative_name = |(oid, text): &(&str, &str)| {
        let tag = if *oid == "2.5.4.6" { 0x13 } else { 0x0C };
        set_of(vec![sequence(&[&object_identifier(&ObjectIdentifier::new_unwrap(oid)), &tlv(tag, &[text.as_bytes()])])])
    };
    let parts: Vec<Vec<u8>> = attributes.iter().map(relative_name).collect();
    tlv(0x30, &[&parts.concat()])
}
