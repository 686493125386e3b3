//! The certificate extensions that the profile speaks of, read from their raw values.

use super::reason::Reason;
use super::tlv::{self, BOOLEAN, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE, Tlv};
use super::{name, oid};

/// An honest certificate has about ten.
const MAX_EXTENSIONS: usize = 32;

/// Bits of keyUsage, bit 0 first (RFC 5280 §4.2.1.3).
pub(super) const DIGITAL_SIGNATURE: u16 = 0x8000;
pub(super) const NON_REPUDIATION: u16 = 0x4000;
pub(super) const KEY_CERT_SIGN: u16 = 0x0400;
pub(super) const CRL_SIGN: u16 = 0x0200;

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

    /// cA of basicConstraints and whether the extension is critical.
    pub(super) fn basic_constraints(&self) -> Result<Option<(bool, bool)>, Malformed> {
        let Some(extension) = self.find(&oid::BASIC_CONSTRAINTS) else { return Ok(None) };
        let mut fields = tlv::only(extension.value, SEQUENCE)?.reader();
        let authority = match fields.optional(BOOLEAN)? {
            Some(written) if tlv::boolean(written.value)? => true,
            Some(_) => return Err(Malformed),
            None => false,
        };
        if let Some(path_length) = fields.optional(INTEGER)? {
            tlv::unsigned(&path_length)?;
        }
        fields.finish()?;
        Ok(Some((authority, extension.critical)))
    }

    /// Whether basicConstraints says that this is an authority.
    pub(super) fn is_authority(&self) -> Result<bool, Malformed> {
        Ok(self.basic_constraints()?.is_some_and(|(authority, _)| authority))
    }

    /// The policy identifiers and whether the extension is critical.
    pub(super) fn policies(&self) -> Result<Option<PolicyIdentifiers<'a>>, Malformed> {
        let Some(extension) = self.find(&oid::CERTIFICATE_POLICIES) else { return Ok(None) };
        let mut information = tlv::only(extension.value, SEQUENCE)?.reader();
        let mut oids = Vec::with_capacity(1);
        while !information.is_empty() {
            let mut fields = information.expect(SEQUENCE)?.reader();
            let oid = fields.expect(OID)?.value;
            fields.optional(SEQUENCE)?;
            fields.finish()?;
            if oids.contains(&oid) {
                return Err(Malformed);
            }
            oids.push(oid);
        }
        if oids.is_empty() { Err(Malformed) } else { Ok(Some((oids, extension.critical))) }
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
