//! Certificate revocation lists (RFC 5280 §5), read once into an index that answers at once.
//!
//! A list is read in one pass from memory or from a download, and only its index stays: nine
//! octets for each of JPKI's certificates. [`Crl`] is a list as JPKI makes them; what else the
//! standard knows (changes only, other issuers, some reasons) is read as well and left to the
//! check by the book in `revocation`.

mod entry;
mod index;
mod point;
mod read;
mod reason;
mod report;
mod source;

use std::cmp::Ordering;
use std::io::Read;

use aws_lc_rs::digest::{Context, SHA256};

use serde::Serialize;
use time::OffsetDateTime;

use super::chain::{Issuer, Trust};
use super::name;
use super::reason::Reason;
use index::{Index, Record};

pub(super) use point::{DistributionPoint, Only};
pub(super) use read::UnverifiedCrl;
pub(super) use reason::Reasons;
pub use reason::RevocationReason;
pub use report::{CrlReport, ListRules, verify_crl};
pub use source::CrlReadError;

/// A revoked certificate in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// Since when.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

impl Revoked {
    fn of(record: Record) -> Option<Self> {
        let at = OffsetDateTime::from_unix_timestamp(i64::from(record.at)).ok()?;
        Some(Self { at, reason: RevocationReason::from_code(record.reason)? })
    }
}

/// What a list is, for people who watch over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListFacts {
    /// The authority.
    pub issuer: String,
    /// The distribution point, if the list is for one: a name or an address.
    pub point: Option<String>,
    /// The number in lower-case hexadecimal.
    pub number: Option<String>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub this_update: OffsetDateTime,
    /// When the next one is due.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_update: Option<OffsetDateTime>,
    /// How many certificates it revokes.
    pub revoked: usize,
}

/// A list that a pinned root signed, sorted for looking up.
#[derive(Debug, Clone)]
pub struct Crl {
    sha256: [u8; 32],
    pub(super) anchor_sha256: [u8; 32],
    /// Canonical names of the distribution point; empty for a list about everything.
    pub(super) points: Vec<Vec<u8>>,
    issuer: Vec<u8>,
    point: Option<String>,
    number: Vec<u8>,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    index: Index,
}

/// Takes the digest of everything that is read through it.
struct Digesting<R> {
    reader: R,
    context: Context,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.context.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<R> Digesting<R> {
    fn finish(self) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.context.finish().as_ref());
        digest
    }
}

impl Crl {
    /// Reads a list and checks that a trusted root signed it.
    ///
    /// # Errors
    /// The rule that it breaks. Lists that leave something out — delta, indirect, for authorities
    /// only, for some reasons only — are refused rather than half understood.
    pub fn parse(der: &[u8], trust: &Trust) -> Result<Self, Reason> {
        Self::read_from(der, trust).map_err(|error| match error {
            CrlReadError::Refused(reason) => reason,
            CrlReadError::Unreadable(_) => Reason::CrlMalformed,
        })
    }

    /// Reads a list from a file or download, of which no more than a window is in memory at once.
    ///
    /// # Errors
    /// As [`Self::parse`], or the bytes stopped coming.
    pub fn read_from(reader: impl Read, trust: &Trust) -> Result<Self, CrlReadError> {
        let mut reader = Digesting { reader, context: Context::new(&SHA256) };
        let list = UnverifiedCrl::read(&mut reader)?;
        let sha256 = reader.finish();
        let (next_update, points) = check_profile(&list)?;
        if !trust.rules.algorithms.contains(&list.algorithm()) {
            return Err(Reason::CrlAlgorithm.into());
        }
        let key_identifier = list.extensions.key_identifier.as_deref();
        let mut nobody = Reason::CrlIssuerUnknown;
        let anchors = trust.anchors.iter().map(Issuer::from).filter(|anchor| anchor.may_sign_lists);
        let anchor = anchors
            .filter(|anchor| anchor.is_named(&list.issuer, key_identifier))
            .inspect(|_| nobody = Reason::CrlSignature)
            .find(|anchor| list.is_signed_by(anchor))
            .map(|anchor| anchor.sha256);
        Ok(Self {
            sha256,
            anchor_sha256: anchor.ok_or(nobody)?,
            points,
            point: list.extensions.point_value.as_deref().and_then(point::text),
            number: list.extensions.number.ok_or(Reason::CrlNumberMissing)?,
            issuer: list.issuer,
            this_update: list.this_update,
            next_update,
            index: list.own,
        })
    }

    /// SHA-256 of the list as it was read.
    #[must_use]
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The serial number of every revoked certificate, perhaps with zero octets before its magnitude.
    pub fn serials(&self) -> impl Iterator<Item = &[u8]> {
        self.index.serials()
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
        self.index.len()
    }

    /// Whether it revokes nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.index.len() == 0
    }

    /// SHA-256 of the root that signed it.
    #[must_use]
    pub const fn anchor_sha256(&self) -> [u8; 32] {
        self.anchor_sha256
    }

    /// What the list is, for people.
    #[must_use]
    pub fn facts(&self) -> ListFacts {
        ListFacts {
            issuer: name::text(&self.issuer),
            point: self.point.clone(),
            number: Some(self.number()),
            this_update: self.this_update,
            next_update: Some(self.next_update),
            revoked: self.len(),
        }
    }

    /// When and why the certificate with this serial number was revoked; the number is given as a
    /// big-endian magnitude. Says nothing of whether the list is current.
    #[must_use]
    pub fn lookup(&self, serial: &[u8]) -> Option<Revoked> {
        let start = serial.iter().position(|octet| *octet != 0).unwrap_or(serial.len().saturating_sub(1));
        let magnitude = serial.get(start..)?;
        if magnitude.first()? & 0x80 == 0 {
            return Revoked::of(self.index.find(magnitude)?);
        }
        // An INTEGER is signed; a positive one with the first bit set has an octet before it.
        let mut contents = [0; 21];
        let (_, number) = contents.split_at_mut_checked(1)?;
        number.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
        Revoked::of(self.index.find(contents.get(..=magnitude.len())?)?)
    }

    /// Orders lists of one distribution point by their number.
    pub(super) fn compare_number(&self, other: &Self) -> Ordering {
        compare_numbers(&self.number, &other.number)
    }
}

/// Orders numbers given as magnitudes without leading zeros.
pub(super) fn compare_numbers(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// When the next list is due and which points this one is for, if it is for people's certificates
/// of its own issuer and all reasons.
fn check_profile(list: &UnverifiedCrl) -> Result<(OffsetDateTime, Vec<Vec<u8>>), Reason> {
    if list.version_one {
        return Err(Reason::CrlVersion);
    }
    if list.extensions.base.is_some() {
        return Err(Reason::CrlDelta);
    }
    let next_update = list.next_update.ok_or(Reason::CrlNextUpdateMissing)?;
    let point = list.extensions.point.as_ref();
    if list.names_authorities || point.is_some_and(|point| point.indirect) {
        return Err(Reason::CrlIndirect);
    }
    let Some(point) = point else { return Ok((next_update, Vec::new())) };
    if matches!(point.only, Some(Only::Authorities | Only::Attributes)) || point.reasons.is_some() {
        return Err(Reason::CrlScope);
    }
    Ok((next_update, point.names.clone().unwrap_or_default()))
}
