//! The certificate extensions that the profile speaks of, read from their raw values.

use super::general_name::{self, GeneralName};
use super::reason::Reason;
use super::tlv::{self, BOOLEAN, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE, Tlv};
use super::{name, oid};

/// An honest certificate has about ten.
const MAX_EXTENSIONS: usize = 32;

/// Bits of keyUsage, bit 0 first (RFC 5280 §4.2.1.3).
pub(super) const DIGITAL_SIGNATURE: u16 = 0x8000;
pub(super) const NON_REPUDIATION: u16 = 0x4000;
pub(super) const KEY_ENCIPHERMENT: u16 = 0x2000;
pub(super) const DATA_ENCIPHERMENT: u16 = 0x1000;
pub(super) const KEY_AGREEMENT: u16 = 0x0800;
pub(super) const KEY_CERT_SIGN: u16 = 0x0400;
pub(super) const CRL_SIGN: u16 = 0x0200;
pub(super) const ENCIPHER_ONLY: u16 = 0x0100;
pub(super) const DECIPHER_ONLY: u16 = 0x0080;

/// One extension, its value still as received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

/// Reads one `Extension` SEQUENCE.
pub(super) fn read<'a>(extension: &Tlv<'a>) -> Result<Extension<'a>, Malformed> {
    let mut fields = extension.reader();
    let oid = fields.expect(OID)?.value;
    // DER leaves out what equals the default, so a written FALSE is not DER.
    let critical = match fields.optional(BOOLEAN)? {
        Some(written) if tlv::boolean(written.value)? => true,
        Some(_) => return Err(Malformed),
        None => false,
    };
    let value = fields.expect(OCTET_STRING)?.value;
    fields.finish()?;
    Ok(Extension { oid, critical, value })
}

/// What basicConstraints says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BasicConstraints {
    /// cA
    pub(super) authority: bool,
    /// pathLenConstraint
    pub(super) path_length: Option<u32>,
    /// Whether the extension is critical.
    pub(super) critical: bool,
}

/// A number of certificates; one too large to count to is as good as the largest.
fn count(number: &Tlv<'_>) -> Result<u32, Malformed> {
    let magnitude = tlv::unsigned(number)?;
    Ok(magnitude
        .iter()
        .try_fold(0_u32, |sum, octet| sum.checked_mul(256)?.checked_add(u32::from(*octet)))
        .unwrap_or(u32::MAX))
}

/// The content octets of purposes of a key, and whether the extension is critical.
pub(super) type Purposes<'a> = (Vec<&'a [u8]>, bool);

/// A policy of the issuer and the one of the subject that stands for it.
pub(super) type Mapping<'a> = (&'a [u8], &'a [u8]);

/// The content octets of policy identifiers, and whether the extension is critical.
pub(super) type PolicyIdentifiers<'a> = (Vec<&'a [u8]>, bool);

/// All extensions of one certificate; each kind stands at most once.
#[derive(Debug, Clone)]
pub(super) struct Extensions<'a>(Vec<Extension<'a>>);

impl<'a> Extensions<'a> {
    pub(super) fn parse(mut extensions: Reader<'a>) -> Result<Self, Reason> {
        let malformed = |_: Malformed| Reason::CertificateMalformed;
        let mut list: Vec<Extension<'a>> = Vec::with_capacity(8);
        if extensions.is_empty() {
            return Err(Reason::CertificateMalformed);
        }
        while !extensions.is_empty() {
            let extension = read(&extensions.expect(SEQUENCE).map_err(malformed)?).map_err(malformed)?;
            if list.iter().any(|earlier| earlier.oid == extension.oid) {
                return Err(Reason::ExtensionDuplicate);
            }
            if list.len() == MAX_EXTENSIONS {
                return Err(Reason::TooLarge);
            }
            list.push(extension);
        }
        Ok(Self(list))
    }

    /// Every extension, in the order of the certificate.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Extension<'a>> {
        self.0.iter()
    }

    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn find(&self, oid: &der::asn1::ObjectIdentifier) -> Option<&Extension<'a>> {
        self.0.iter().find(|extension| extension.oid == oid.as_bytes())
    }

    /// Every critical extension must be one that is understood here, and those that the profile
    /// has as non-critical must be so.
    pub(super) fn check_criticality(&self) -> Result<(), Reason> {
        let may_be_critical =
            [oid::KEY_USAGE, oid::CERTIFICATE_POLICIES, oid::BASIC_CONSTRAINTS, oid::EXTENDED_KEY_USAGE];
        let never_critical = [
            oid::SUBJECT_ALT_NAME,
            oid::ISSUER_ALT_NAME,
            oid::CRL_DISTRIBUTION_POINTS,
            oid::AUTHORITY_KEY_IDENTIFIER,
            oid::SUBJECT_KEY_IDENTIFIER,
            oid::AUTHORITY_INFORMATION_ACCESS,
        ];
        for extension in self.0.iter().filter(|extension| extension.critical) {
            let among =
                |list: &[der::asn1::ObjectIdentifier]| list.iter().any(|known| known.as_bytes() == extension.oid);
            if among(&never_critical) {
                return Err(Reason::ExtensionCriticality);
            }
            if !among(&may_be_critical) {
                return Err(Reason::ExtensionUnknownCritical);
            }
        }
        Ok(())
    }

    /// The keyUsage bits and whether the extension is critical.
    pub(super) fn key_usage(&self) -> Result<Option<(u16, bool)>, Malformed> {
        let Some(extension) = self.find(&oid::KEY_USAGE) else { return Ok(None) };
        let bits = tlv::named_bits(tlv::only(extension.value, tlv::BIT_STRING)?.value)?;
        Ok(Some((bits, extension.critical)))
    }

    /// basicConstraints (RFC 5280 §4.2.1.9).
    pub(super) fn basic_constraints(&self) -> Result<Option<BasicConstraints>, Malformed> {
        let Some(extension) = self.find(&oid::BASIC_CONSTRAINTS) else { return Ok(None) };
        let mut fields = tlv::only(extension.value, SEQUENCE)?.reader();
        let authority = match fields.optional(BOOLEAN)? {
            Some(written) if tlv::boolean(written.value)? => true,
            Some(_) => return Err(Malformed),
            None => false,
        };
        let path_length = fields.optional(INTEGER)?.map(|length| count(&length)).transpose()?;
        fields.finish()?;
        Ok(Some(BasicConstraints { authority, path_length, critical: extension.critical }))
    }

    /// Whether basicConstraints says that this is an authority.
    pub(super) fn is_authority(&self) -> Result<bool, Malformed> {
        Ok(self.basic_constraints()?.is_some_and(|constraints| constraints.authority))
    }

    /// The purposes of the key and whether the extension is critical (RFC 5280 §4.2.1.12).
    pub(super) fn extended_key_usage(&self) -> Result<Option<Purposes<'a>>, Malformed> {
        let Some(extension) = self.find(&oid::EXTENDED_KEY_USAGE) else { return Ok(None) };
        let mut purposes = tlv::only(extension.value, SEQUENCE)?.reader();
        let mut oids = Vec::with_capacity(1);
        while !purposes.is_empty() {
            oids.push(purposes.expect(OID)?.value);
        }
        if oids.is_empty() { Err(Malformed) } else { Ok(Some((oids, extension.critical))) }
    }

    /// The other names of the subject and whether the extension is critical.
    pub(super) fn alternative_names(&self) -> Result<Option<(Vec<GeneralName<'a>>, bool)>, Malformed> {
        let Some(extension) = self.find(&oid::SUBJECT_ALT_NAME) else { return Ok(None) };
        let names = general_name::list(tlv::only(extension.value, SEQUENCE)?.reader())?;
        Ok(Some((names, extension.critical)))
    }

    /// policyMappings: pairs of the issuer's and the subject's policy (RFC 5280 §4.2.1.5).
    pub(super) fn policy_mappings(&self) -> Result<Vec<Mapping<'a>>, Malformed> {
        self.find(&oid::POLICY_MAPPINGS).map_or(Ok(Vec::new()), |extension| read_policy_mappings(extension.value))
    }

    /// requireExplicitPolicy and inhibitPolicyMapping (RFC 5280 §4.2.1.11).
    pub(super) fn policy_constraints(&self) -> Result<(Option<u32>, Option<u32>), Malformed> {
        self.find(&oid::POLICY_CONSTRAINTS)
            .map_or(Ok((None, None)), |extension| read_policy_constraints(extension.value))
    }

    /// inhibitAnyPolicy (RFC 5280 §4.2.1.14).
    pub(super) fn inhibit_any_policy(&self) -> Result<Option<u32>, Malformed> {
        self.find(&oid::INHIBIT_ANY_POLICY).map(|extension| read_count(extension.value)).transpose()
    }

    /// The policy identifiers and whether the extension is critical.
    pub(super) fn policies(&self) -> Result<Option<PolicyIdentifiers<'a>>, Malformed> {
        let Some(extension) = self.find(&oid::CERTIFICATE_POLICIES) else { return Ok(None) };
        Ok(Some((read_policies(extension.value)?, extension.critical)))
    }

    /// The key identifier of the issuer.
    pub(super) fn authority_key_identifier(&self) -> Result<Option<&'a [u8]>, Malformed> {
        self.find(&oid::AUTHORITY_KEY_IDENTIFIER).map_or(Ok(None), |extension| key_identifier(extension.value))
    }

    /// The certificate's own key identifier.
    pub(super) fn subject_key_identifier(&self) -> Result<Option<&'a [u8]>, Malformed> {
        let Some(extension) = self.find(&oid::SUBJECT_KEY_IDENTIFIER) else { return Ok(None) };
        Ok(Some(tlv::only(extension.value, OCTET_STRING)?.value))
    }

    /// The canonical names of the lists in which a revocation of this certificate would stand.
    pub(super) fn distribution_points(&self) -> Result<Vec<Vec<u8>>, Malformed> {
        let Some(extension) = self.find(&oid::CRL_DISTRIBUTION_POINTS) else { return Ok(Vec::new()) };
        let mut points = tlv::only(extension.value, SEQUENCE)?.reader();
        let mut names = Vec::with_capacity(1);
        while !points.is_empty() {
            let mut fields = points.expect(SEQUENCE)?.reader();
            let point = fields.optional(tlv::constructed(0))?;
            let some_reasons_only = fields.optional(tlv::context(1))?.is_some();
            let other_issuer = fields.optional(tlv::constructed(2))?.is_some();
            fields.finish()?;
            if let (Some(point), false, false) = (point, some_reasons_only, other_issuer) {
                names.extend(point_names(&point)?);
            }
        }
        Ok(names)
    }
}

/// `keyIdentifier` of an `AuthorityKeyIdentifier`.
pub(super) fn key_identifier(value: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let mut fields = tlv::only(value, SEQUENCE)?.reader();
    let identifier = fields.optional(tlv::context(0))?;
    fields.optional(tlv::constructed(1))?;
    fields.optional(tlv::context(2))?;
    fields.finish()?;
    Ok(identifier.map(|identifier| identifier.value))
}

/// The identifiers of `CertificatePolicies`; their qualifiers say nothing that decides.
pub(super) fn read_policies(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut information = tlv::only(value, SEQUENCE)?.reader();
    let mut oids = Vec::with_capacity(1);
    while !information.is_empty() {
        let mut fields = information.expect(SEQUENCE)?.reader();
        oids.push(fields.expect(OID)?.value);
        fields.optional(SEQUENCE)?;
        fields.finish()?;
    }
    if oids.is_empty() { Err(Malformed) } else { Ok(oids) }
}

/// The pairs of `PolicyMappings`.
pub(super) fn read_policy_mappings(value: &[u8]) -> Result<Vec<Mapping<'_>>, Malformed> {
    let mut mappings = tlv::only(value, SEQUENCE)?.reader();
    let mut pairs = Vec::with_capacity(1);
    while !mappings.is_empty() {
        let mut fields = mappings.expect(SEQUENCE)?.reader();
        pairs.push((fields.expect(OID)?.value, fields.expect(OID)?.value));
        fields.finish()?;
    }
    if pairs.is_empty() { Err(Malformed) } else { Ok(pairs) }
}

/// The two numbers of `PolicyConstraints`, of which there is at least one.
pub(super) fn read_policy_constraints(value: &[u8]) -> Result<(Option<u32>, Option<u32>), Malformed> {
    let mut fields = tlv::only(value, SEQUENCE)?.reader();
    let explicit = fields.optional(tlv::context(0))?.map(|skip| count(&skip)).transpose()?;
    let inhibit = fields.optional(tlv::context(1))?.map(|skip| count(&skip)).transpose()?;
    fields.finish()?;
    if explicit.is_none() && inhibit.is_none() { Err(Malformed) } else { Ok((explicit, inhibit)) }
}

/// A `SkipCerts`.
pub(super) fn read_count(value: &[u8]) -> Result<u32, Malformed> {
    count(&tlv::only(value, INTEGER)?)
}

/// Checks an `AuthorityKeyIdentifier`: the issuer's name and serial number come together or not at
/// all (RFC 5280 §4.2.1.1).
pub(super) fn check_authority_key_identifier(value: &[u8]) -> Result<(), Malformed> {
    let mut fields = tlv::only(value, SEQUENCE)?.reader();
    fields.optional(tlv::context(0))?;
    let issuer = fields.optional(tlv::constructed(1))?;
    let serial = fields.optional(tlv::context(2))?;
    fields.finish()?;
    if let Some(issuer) = issuer {
        general_name::list(issuer.reader())?;
    }
    if issuer.is_some() == serial.is_some() { Ok(()) } else { Err(Malformed) }
}

/// Checks the descriptions of an access extension, of which there is at least one (RFC 5280 §4.2.2).
pub(super) fn check_access_descriptions(value: &[u8]) -> Result<(), Malformed> {
    let mut descriptions = tlv::only(value, SEQUENCE)?.reader();
    if descriptions.is_empty() {
        return Err(Malformed);
    }
    while !descriptions.is_empty() {
        let mut fields = descriptions.expect(SEQUENCE)?.reader();
        fields.expect(OID)?;
        GeneralName::parse(&fields.any()?)?;
        fields.finish()?;
    }
    Ok(())
}

/// Checks distribution points, each of which says where or by whom (RFC 5280 §4.2.1.13).
pub(super) fn check_distribution_points(value: &[u8]) -> Result<(), Malformed> {
    let mut points = tlv::only(value, SEQUENCE)?.reader();
    if points.is_empty() {
        return Err(Malformed);
    }
    while !points.is_empty() {
        let mut fields = points.expect(SEQUENCE)?.reader();
        let point = fields.optional(tlv::constructed(0))?;
        fields.optional(tlv::context(1))?;
        let issuer = fields.optional(tlv::constructed(2))?;
        fields.finish()?;
        if let Some(issuer) = issuer {
            general_name::list(issuer.reader())?;
        }
        if point.is_none() && issuer.is_none() {
            return Err(Malformed);
        }
    }
    Ok(())
}

/// The general names of a `DistributionPointName`, each in canonical form. A name relative to the
/// issuer is not used by JPKI and matches nothing.
pub(super) fn point_names(point: &Tlv<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut choice = point.reader();
    let full_name = choice.any()?;
    choice.finish()?;
    if full_name.tag != tlv::constructed(0) {
        return Ok(Vec::new());
    }
    let mut names = Vec::with_capacity(1);
    let mut general_names = full_name.reader();
    while !general_names.is_empty() {
        let general_name = general_names.any()?;
        names.push(if general_name.tag == tlv::constructed(4) {
            name::canonical(general_name.value)?
        } else {
            general_name.raw.to_vec()
        });
    }
    Ok(names)
}
