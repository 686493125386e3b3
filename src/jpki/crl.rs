//! Certificate revocation lists (RFC 5280 §5), read once into an index that answers at once.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::algorithm::SignatureAlgorithm;
use super::certificate::Signed;
use super::chain::{Message, Nobody, Trust};
use super::extension::{self, Extension};
use super::oid;
use super::reason::Reason;
use super::tlv::{self, ENUMERATED, GENERALIZED_TIME, INTEGER, Malformed, Reader, SEQUENCE, Tlv, UTC_TIME};

const SERIAL: usize = 20;

/// Why the authority revoked a certificate (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationReason {
    /// Not said; JPKI uses it for cards discarded before they were handed over.
    Unspecified,
    /// The key may be in other hands.
    KeyCompromise,
    /// The authority's key may be in other hands.
    AuthorityCompromise,
    /// Registered particulars changed: moved or renamed.
    AffiliationChanged,
    /// Renewed.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Stopped for the time being; counts as revoked.
    CertificateHold,
    /// Taken off the list; has no place in a complete list and counts as revoked.
    RemoveFromList = 8,
    /// A right that came with the certificate ended.
    PrivilegeWithdrawn,
    /// The key of an attribute authority may be in other hands.
    AttributeAuthorityCompromise,
}

impl RevocationReason {
    const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AuthorityCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromList,
        Self::PrivilegeWithdrawn,
        Self::AttributeAuthorityCompromise,
    ];

    /// The number of the reason in a list.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// One revoked certificate: small, because lists reach millions of them.
#[derive(Debug, Clone, Copy)]
struct Entry {
    serial: [u8; SERIAL],
    /// Seconds since 1970; enough until 2106.
    at: u32,
    reason: RevocationReason,
}

/// A list that a pinned root signed, sorted for looking up.
#[derive(Debug, Clone)]
pub struct Crl {
    pub(super) anchor_sha256: [u8; 32],
    /// Canonical names of the distribution point; empty for a list about everything.
    pub(super) points: Vec<Vec<u8>>,
    number: Vec<u8>,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    entries: Vec<Entry>,
}

impl Crl {
    /// Reads a list and checks that a trusted root signed it.
    ///
    /// # Errors
    /// The rule that it breaks. Lists that leave something out — delta, indirect, for authorities
    /// only, for some reasons only — are refused rather than half understood.
    pub fn parse(der: &[u8], trust: &Trust) -> Result<Self, Reason> {
        let Signed { covered, algorithm, signature } = Signed::split(der, Reason::CrlMalformed)?;
        let mut fields = covered.reader();
        let version = fields.optional(INTEGER).map_err(malformed)?.ok_or(Reason::CrlVersion)?;
        if tlv::small(&version).map_err(malformed)? != 1 {
            return Err(Reason::CrlVersion);
        }
        if fields.expect(SEQUENCE).map_err(malformed)?.raw != algorithm.raw {
            return Err(Reason::CrlAlgorithm);
        }
        let algorithm = SignatureAlgorithm::of_signed(&algorithm)
            .filter(|algorithm| trust.rules.algorithms.contains(algorithm))
            .ok_or(Reason::CrlAlgorithm)?;
        let issuer = fields.expect(SEQUENCE).map_err(malformed)?;
        let this_update = fields.any().and_then(|time| tlv::instant(&time)).map_err(malformed)?;
        let next_update = match fields.optional(UTC_TIME).map_err(malformed)? {
            Some(time) => Some(time),
            None => fields.optional(GENERALIZED_TIME).map_err(malformed)?,
        };
        let next_update = next_update.ok_or(Reason::CrlNextUpdateMissing)?;
        let next_update = tlv::instant(&next_update).map_err(malformed)?;
        let revoked = fields.optional(SEQUENCE).map_err(malformed)?;
        let extensions = match fields.optional(tlv::constructed(0)).map_err(malformed)? {
            Some(wrapped) => ListExtensions::parse(tlv::only(wrapped.value, SEQUENCE).map_err(malformed)?.reader())?,
            None => ListExtensions::default(),
        };
        fields.finish().map_err(malformed)?;

        let message = Message { algorithm, covered: covered.raw, signature };
        let anchor = trust.signer(issuer.raw, extensions.authority_key_identifier, message);
        let anchor = anchor.map_err(|nobody| match nobody {
            Nobody::Named => Reason::CrlIssuerUnknown,
            Nobody::Signed => Reason::CrlSignature,
        })?;
        Ok(Self {
            anchor_sha256: anchor.sha256(),
            points: extensions.points,
            number: extensions.number.ok_or(Reason::CrlNumberMissing)?.to_vec(),
            this_update,
            next_update,
            entries: revoked.map_or(Ok(Vec::new()), |revoked| entries(&revoked))?,
        })
    }

    /// The list's number in lower-case hexadecimal.
    #[must_use]
    pub fn number(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.number)
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub const fn next_update(&self) -> OffsetDateTime {
        self.next_update
    }

    /// How many certificates it revokes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it revokes nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Orders lists of one distribution point by their number.
    pub(super) fn compare_number(&self, other: &Self) -> Ordering {
        self.number.len().cmp(&other.number.len()).then_with(|| self.number.cmp(&other.number))
    }

    /// When and why the certificate with this serial number was revoked.
    pub(super) fn find(&self, serial: &[u8]) -> Option<(OffsetDateTime, RevocationReason)> {
        let serial = padded(serial)?;
        let position = self.entries.binary_search_by(|entry| entry.serial.cmp(&serial)).ok()?;
        let entry = self.entries.get(position)?;
        Some((OffsetDateTime::from_unix_timestamp(i64::from(entry.at)).ok()?, entry.reason))
    }
}

#[derive(Default)]
struct ListExtensions<'a> {
    authority_key_identifier: Option<&'a [u8]>,
    number: Option<&'a [u8]>,
    points: Vec<Vec<u8>>,
}

impl<'a> ListExtensions<'a> {
    fn parse(mut extensions: Reader<'a>) -> Result<Self, Reason> {
        let mut read = Self::default();
        let mut seen: Vec<&[u8]> = Vec::with_capacity(4);
        while !extensions.is_empty() {
            let Extension { oid, critical, value } =
                extensions.expect(SEQUENCE).and_then(|one| extension::read(&one)).map_err(malformed)?;
            if seen.contains(&oid) || seen.len() > 32 {
                return Err(Reason::CrlMalformed);
            }
            seen.push(oid);
            if oid == oid::AUTHORITY_KEY_IDENTIFIER.as_bytes() {
                read.authority_key_identifier = extension::key_identifier(value).map_err(malformed)?;
            } else if oid == oid::CRL_NUMBER.as_bytes() {
                let number = tlv::only(value, INTEGER).map_err(malformed)?;
                tlv::unsigned(&number).map_err(malformed)?;
                read.number = Some(number.value.strip_prefix(&[0]).unwrap_or(number.value));
            } else if oid == oid::ISSUING_DISTRIBUTION_POINT.as_bytes() {
                read.points = issuing_distribution_point(value)?;
            } else if oid == oid::DELTA_CRL_INDICATOR.as_bytes() {
                return Err(Reason::CrlDelta);
            } else if critical {
                return Err(Reason::CrlUnknownCritical);
            }
        }
        Ok(read)
    }
}

/// The names of the point that the list is for, if it is for people's certificates and all reasons.
fn issuing_distribution_point(value: &[u8]) -> Result<Vec<Vec<u8>>, Reason> {
    let mut fields = tlv::only(value, SEQUENCE).map_err(malformed)?.reader();
    let point = fields.optional(tlv::constructed(0)).map_err(malformed)?;
    let mut flag = |number| -> Result<bool, Malformed> {
        match fields.optional(tlv::context(number))? {
            Some(flag) if tlv::boolean(flag.value)? => Ok(true),
            Some(_) => Err(Malformed),
            None => Ok(false),
        }
    };
    let _only_people = flag(1).map_err(malformed)?;
    let only_authorities = flag(2).map_err(malformed)?;
    let some_reasons = fields.optional(tlv::context(3)).map_err(malformed)?.is_some();
    let mut flag = |number| fields.optional(tlv::context(number)).map(|flag| flag.is_some());
    let indirect = flag(4).map_err(malformed)?;
    let only_attributes = flag(5).map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    if indirect {
        return Err(Reason::CrlIndirect);
    }
    if only_authorities || some_reasons || only_attributes {
        return Err(Reason::CrlScope);
    }
    let points = point.map_or(Ok(Vec::new()), |point| extension::point_names(&point)).map_err(malformed)?;
    // A point whose name cannot be read is not "everything".
    if point.is_some() && points.is_empty() { Err(Reason::CrlScope) } else { Ok(points) }
}

fn entries(revoked: &Tlv<'_>) -> Result<Vec<Entry>, Reason> {
    // The shortest entry takes some twenty octets, so a huge list is allocated for once.
    let mut entries = Vec::with_capacity(revoked.value.len() / 36);
    let mut members = revoked.reader();
    while !members.is_empty() {
        entries.push(entry(&members.expect(SEQUENCE).map_err(malformed)?)?);
    }
    // Of two entries for one certificate the earlier counts.
    entries.sort_unstable_by(|one: &Entry, next| one.serial.cmp(&next.serial).then(one.at.cmp(&next.at)));
    entries.dedup_by(|next, earlier| next.serial == earlier.serial);
    entries.shrink_to_fit();
    Ok(entries)
}

fn entry(member: &Tlv<'_>) -> Result<Entry, Reason> {
    let mut fields = member.reader();
    let serial = fields.expect(INTEGER).map_err(malformed)?;
    let serial = padded(tlv::unsigned(&serial).map_err(malformed)?).ok_or(Reason::CrlMalformed)?;
    let at = fields.any().and_then(|time| tlv::instant(&time)).map_err(malformed)?;
    let at = u32::try_from(at.unix_timestamp()).map_err(|_| Reason::CrlMalformed)?;
    let mut reason = RevocationReason::Unspecified;
    if let Some(extensions) = fields.optional(SEQUENCE).map_err(malformed)? {
        let mut extensions = extensions.reader();
        while !extensions.is_empty() {
            let Extension { oid, critical, value } =
                extensions.expect(SEQUENCE).and_then(|one| extension::read(&one)).map_err(malformed)?;
            if oid == oid::REASON_CODE.as_bytes() {
                let code = tlv::only(value, ENUMERATED).and_then(|code| tlv::small(&code)).map_err(malformed)?;
                reason = RevocationReason::from_code(code).ok_or(Reason::CrlMalformed)?;
            } else if oid == oid::CERTIFICATE_ISSUER.as_bytes() {
                return Err(Reason::CrlIndirect);
            } else if critical && oid != oid::INVALIDITY_DATE.as_bytes() {
                return Err(Reason::CrlUnknownCritical);
            }
        }
    }
    fields.finish().map_err(malformed)?;
    Ok(Entry { serial, at, reason })
}

/// A serial number at the fixed width of the index.
fn padded(serial: &[u8]) -> Option<[u8; SERIAL]> {
    let mut key = [0; SERIAL];
    let start = SERIAL.checked_sub(serial.len())?;
    key.get_mut(start..)?.copy_from_slice(serial);
    Some(key)
}

const fn malformed(_: Malformed) -> Reason {
    Reason::CrlMalformed
}
