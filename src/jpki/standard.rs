//! What RFC 5280 §4.2 asks of the extensions of every certificate, whoever it is for.
//!
//! | rule | RFC 5280 | kept here |
//! |---|---|---|
//! | known extensions are DER of their type, lists not empty | §4.2 | always |
//! | AKI, SKI, AIA, SIA, directory attributes, freshest CRL not critical | §4.2.1.1, .2, .8, .15, §4.2.2 | always |
//! | name constraints, policy constraints, inhibitAnyPolicy critical | §4.2.1.10, .11, .14 | always |
//! | basicConstraints of an authority critical | §4.2.1.9 | roots only: §6.1.4 (k) asks for cA alone |
//! | keyUsage has a bit | §4.2.1.3 | always |
//! | keyCertSign only with cA | §4.2.1.3, .9 | always |
//! | pathLenConstraint only with cA and keyCertSign | §4.2.1.9 | always |
//! | name constraints only with cA | §4.2.1.10 | always |
//! | no anyPolicy in mappings | §4.2.1.5, §6.1.4 (a) | always |
//! | an authority has a subject; who has none has a critical SAN | §4.1.2.6 | always |
//! | names in SAN have the syntax of their kind | §4.2.1.6 | always |
//! | AKI with key identifier unless self-issued, SKI in authorities | §4.2.1.1, .2 | unless loosened |
//! | dates through 2049 as `UTCTime` | §4.1.2.5 | not: readers must take both forms |
//! | characters of `PrintableString` | X.680 §41.4 | not: compared, never shown as markup |
//! | unique identifiers | §4.1.2.8 | passed over |

use super::certificate::Certificate;
use super::extension::{self, Extension, KEY_CERT_SIGN};
use super::general_name::GeneralName;
use super::path::NameConstraints;
use super::reason::Reason;
use super::tlv::{self, Malformed, OCTET_STRING, OID, Reader, SEQUENCE};
use super::{name, oid};

/// The last arc of the extensions under 2.5.29, the arc of X.509 itself.
const ARC: [u8; 2] = [0x55, 0x1D];

impl Certificate<'_> {
    /// Checks the rules of the table above, and that every critical extension is understood.
    pub(super) fn check_standard(&self, needs_key_identifiers: bool) -> Result<(), Reason> {
        let malformed = |_: Malformed| Reason::CertificateMalformed;
        for extension in self.extensions.iter() {
            check_extension(extension)?;
        }
        let constraints = self.extensions.basic_constraints().map_err(malformed)?;
        let is_authority = constraints.is_some_and(|constraints| constraints.authority);
        let usage = self.extensions.key_usage().map_err(malformed)?.map(|(bits, _)| bits);
        if usage == Some(0) {
            return Err(Reason::KeyUsageEmpty);
        }
        let may_certify = usage.is_none_or(|bits| bits & KEY_CERT_SIGN != 0);
        if usage.is_some() && may_certify && !is_authority {
            return Err(Reason::CertificateSignMisplaced);
        }
        if constraints.is_some_and(|constraints| constraints.path_length.is_some()) && !(is_authority && may_certify) {
            return Err(Reason::PathLengthMisplaced);
        }
        if !is_authority && self.extensions.find(&oid::NAME_CONSTRAINTS).is_some() {
            return Err(Reason::NameConstraintsMisplaced);
        }
        if name::is_empty(&self.subject) {
            let alternative = self.extensions.find(&oid::SUBJECT_ALT_NAME);
            if is_authority || !alternative.is_some_and(|names| names.critical) {
                return Err(Reason::CertificateNameEmpty);
            }
        }
        if needs_key_identifiers { self.check_key_identifiers(is_authority) } else { Ok(()) }
    }

    /// RFC 5280 §4.2.1.1 and §4.2.1.2: what lets a path be found must be there.
    fn check_key_identifiers(&self, is_authority: bool) -> Result<(), Reason> {
        let of_issuer = self.extensions.authority_key_identifier();
        let of_issuer = of_issuer.map_err(|_| Reason::CertificateMalformed)?;
        // Where the names are different, the exception for self-signed certificates is out of the question.
        if of_issuer.is_none() && !self.is_self_issued() {
            return Err(Reason::AuthorityKeyIdentifierMissing);
        }
        if is_authority && self.extensions.find(&oid::SUBJECT_KEY_IDENTIFIER).is_none() {
            return Err(Reason::SubjectKeyIdentifierMissing);
        }
        Ok(())
    }

    /// Whether issuer and subject are the same entity (RFC 5280 §6.1).
    pub(super) fn is_self_issued(&self) -> bool {
        *self.self_issued.get_or_init(|| name::same(self.issuer.raw, self.subject.raw))
    }

    /// Says so where it is known already.
    pub(super) fn settle_self_issued(&self, self_issued: bool) {
        self.self_issued.get_or_init(|| self_issued);
    }
}

/// One extension: its criticality and its form.
fn check_extension(extension: &Extension<'_>) -> Result<(), Reason> {
    let criticality =
        |wanted: bool| if extension.critical == wanted { Ok(()) } else { Err(Reason::ExtensionCriticality) };
    let value = extension.value;
    let form = match extension.oid {
        [arc @ .., number] if *arc == ARC => match number {
            // subjectDirectoryAttributes
            9 => {
                criticality(false)?;
                sequence_of(value, |member| member.expect(SEQUENCE).map(drop))
            }
            // subjectKeyIdentifier
            14 => {
                criticality(false)?;
                tlv::only(value, OCTET_STRING).map(drop)
            }
            // keyUsage and basicConstraints are read together with each other.
            15 | 19 => Ok(()),
            // subjectAltName
            17 => alternative_names(value, true),
            // issuerAltName
            18 => alternative_names(value, false),
            // nameConstraints
            30 => {
                criticality(true)?;
                return NameConstraints::parse(value).map(drop);
            }
            // cRLDistributionPoints
            31 => extension::check_distribution_points(value),
            // certificatePolicies
            32 => return check_policies(value),
            // policyMappings
            33 => return check_policy_mappings(value),
            // authorityKeyIdentifier
            35 => {
                criticality(false)?;
                extension::check_authority_key_identifier(value)
            }
            // policyConstraints
            36 => {
                criticality(true)?;
                extension::read_policy_constraints(value).map(drop)
            }
            // extKeyUsage
            37 => sequence_of(value, |member| member.expect(OID).map(drop)),
            // freshestCRL
            46 => {
                criticality(false)?;
                extension::check_distribution_points(value)
            }
            // inhibitAnyPolicy
            54 => {
                criticality(true)?;
                extension::read_count(value).map(drop)
            }
            _ => return unknown(extension),
        },
        other if other == oid::AUTHORITY_INFORMATION_ACCESS.as_bytes() => {
            criticality(false)?;
            extension::check_access_descriptions(value)
        }
        other if other == oid::SUBJECT_INFORMATION_ACCESS.as_bytes() => {
            criticality(false)?;
            extension::check_access_descriptions(value)
        }
        _ => return unknown(extension),
    };
    form.map_err(|_| Reason::CertificateMalformed)
}

const fn unknown(extension: &Extension<'_>) -> Result<(), Reason> {
    if extension.critical { Err(Reason::ExtensionUnknownCritical) } else { Ok(()) }
}

/// A SEQUENCE OF with one member or more.
fn sequence_of(value: &[u8], member: impl Fn(&mut Reader<'_>) -> Result<(), Malformed>) -> Result<(), Malformed> {
    let mut members = tlv::only(value, SEQUENCE)?.reader();
    if members.is_empty() {
        return Err(Malformed);
    }
    while !members.is_empty() {
        member(&mut members)?;
    }
    Ok(())
}

fn alternative_names(value: &[u8], of_subject: bool) -> Result<(), Malformed> {
    sequence_of(value, |names| {
        let name = GeneralName::parse(&names.any()?)?;
        if of_subject { name.check() } else { Ok(()) }
    })
}

/// Identifiers stand once each (RFC 5280 §4.2.1.4).
fn check_policies(value: &[u8]) -> Result<(), Reason> {
    let oids = extension::read_policies(value).map_err(|_| Reason::CertificateMalformed)?;
    let mut sorted = oids;
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| matches!(pair, [one, next] if one == next)) {
        return Err(Reason::PolicyDuplicate);
    }
    Ok(())
}

fn check_policy_mappings(value: &[u8]) -> Result<(), Reason> {
    let pairs = extension::read_policy_mappings(value).map_err(|_| Reason::CertificateMalformed)?;
    let any = oid::ANY_POLICY.as_bytes();
    if pairs.iter().any(|(of_issuer, of_subject)| *of_issuer == any || *of_subject == any) {
        return Err(Reason::PolicyMappingAny);
    }
    Ok(())
}
