//! Reading a list, whoever signed it: structure and index, in one pass over the bytes.

use std::collections::HashMap;
use std::io::Read;

use aws_lc_rs::digest::Digest;
use time::OffsetDateTime;

use super::super::algorithm::SignatureAlgorithm;
use super::super::chain::{Issuer, IssuerKey};
use super::super::extension::{self, Extension};
use super::super::reason::Reason;
use super::super::tlv::{self, BIT_STRING, GENERALIZED_TIME, INTEGER, Malformed, Reader, SEQUENCE, UTC_TIME};
use super::super::{name, oid};
use super::entry::{EntryReader, entry};
use super::index::Index;
use super::point::{self, IssuingPoint};
use super::source::{CrlReadError, Header, Source, WINDOW};
use super::{Revoked, compare_numbers};

/// Indirect lists name few authorities; each takes more room than an entry.
const MOST_AUTHORITIES: usize = 4096;

/// A list as it was read; nobody vouches for it yet.
#[derive(Debug, Clone)]
pub(in crate::jpki) struct UnverifiedCrl {
    /// The name of the issuer, the whole SEQUENCE.
    pub(in crate::jpki) issuer: Vec<u8>,
    /// Version 1 has neither extensions nor a number.
    pub(in crate::jpki) version_one: bool,
    pub(in crate::jpki) this_update: OffsetDateTime,
    pub(in crate::jpki) next_update: Option<OffsetDateTime>,
    pub(in crate::jpki) extensions: ListExtensions,
    /// What RFC 5280 forbids the issuer although nobody is misled by it.
    pub(in crate::jpki) irregularity: Option<Reason>,
    /// Whether an entry names another authority.
    pub(in crate::jpki) names_authorities: bool,
    algorithm: SignatureAlgorithm,
    digest: Digest,
    signature: Vec<u8>,
    /// The certificates of the issuer itself.
    pub(super) own: Index,
    /// The certificates of others, by their canonical name.
    others: HashMap<Vec<u8>, Index>,
}

/// The extensions of a list.
#[derive(Debug, Clone, Default)]
pub(in crate::jpki) struct ListExtensions {
    pub(in crate::jpki) key_identifier: Option<Vec<u8>>,
    /// The value of authorityKeyIdentifier.
    pub(in crate::jpki) authority_key: Option<Vec<u8>>,
    /// The magnitude of cRLNumber.
    pub(in crate::jpki) number: Option<Vec<u8>>,
    /// For a list of changes, the magnitude of the number of the list that they start from.
    pub(in crate::jpki) base: Option<Vec<u8>>,
    pub(in crate::jpki) point: Option<IssuingPoint>,
    /// The value of issuingDistributionPoint.
    pub(in crate::jpki) point_value: Option<Vec<u8>>,
    /// Whether it says where its changes are published.
    pub(in crate::jpki) has_freshest: bool,
}

impl UnverifiedCrl {
    /// Reads a list to its end.
    pub(in crate::jpki) fn read(reader: impl Read) -> Result<Self, CrlReadError> {
        let mut source = Source::new(reader);
        let whole = source.enter(SEQUENCE)?;
        let (version_one, algorithm, identifier) = prelude(source.fill(WINDOW)?)?;
        source.begin_digest(algorithm.hash);
        let mut list = covered(&mut source, version_one, whole.contents)?;
        let Some(digest) = source.end_digest() else { return Err(Malformed.into()) };
        let outer = source.element()?;
        let signature_field = source.element()?;
        let signature = tlv::octets(&tlv::only(&signature_field, BIT_STRING)?)?;
        if list.octets.saturating_add(outer.len() + signature_field.len()) != whole.contents {
            return Err(Malformed.into());
        }
        if !source.fill(1)?.is_empty() {
            return Err(Reason::TrailingBytes.into());
        }
        if outer != identifier {
            return Err(Reason::CrlAlgorithm.into());
        }
        let mut doubled = list.own.seal();
        for index in list.others.values_mut() {
            doubled |= index.seal();
        }
        Ok(Self {
            issuer: list.issuer,
            version_one,
            this_update: list.this_update,
            next_update: list.next_update,
            extensions: list.extensions,
            irregularity: list.irregularity.or(doubled.then_some(Reason::CrlDuplicate)),
            names_authorities: list.names_authorities,
            algorithm,
            digest,
            signature: signature.to_vec(),
            own: list.own,
            others: list.others,
        })
    }

    pub(in crate::jpki) const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Whether the list was made later, or as the later one of the same moment.
    pub(in crate::jpki) fn is_newer_than(&self, other: &Self) -> bool {
        let number = |list: &Self| list.extensions.number.clone().unwrap_or_default();
        let made = self.this_update.cmp(&other.this_update);
        made.then_with(|| compare_numbers(&number(self), &number(other))).is_gt()
    }

    /// Whether this authority signed the list.
    pub(in crate::jpki) fn is_signed_by(&self, issuer: &Issuer<'_>) -> bool {
        match issuer.key {
            IssuerKey::Prepared(key) => key.signed_digest(self.algorithm, &self.digest, &self.signature),
            IssuerKey::Certified(key) => key
                .prepare(self.algorithm)
                .is_ok_and(|key| key.signed_digest(self.algorithm, &self.digest, &self.signature)),
        }
    }

    /// What the list says of a certificate, given the canonical name of its issuer and the contents
    /// of its serial number.
    pub(in crate::jpki) fn find(&self, issuer: &[u8], serial: &[u8]) -> Option<Revoked> {
        let own = name::canonical(&self.issuer).is_ok_and(|own| own == issuer);
        let in_own = if own { self.own.find(serial) } else { None };
        in_own.or_else(|| self.others.get(issuer)?.find(serial)).and_then(Revoked::of)
    }

    /// How many certificates it names.
    pub(in crate::jpki) fn len(&self) -> usize {
        self.own.len() + self.others.values().map(Index::len).sum::<usize>()
    }
}

/// Version and algorithm stand first, and the digest can only begin with them known: whether it is
/// version 1, the algorithm, and its identifier as received.
fn prelude(window: &[u8]) -> Result<(bool, SignatureAlgorithm, Vec<u8>), CrlReadError> {
    let header = Header::read(window)?.filter(|header| header.tag == SEQUENCE).ok_or(Malformed)?;
    let mut fields = Reader::new(window.get(header.octets..).ok_or(Malformed)?);
    let version_one = match fields.optional(INTEGER)? {
        Some(version) if tlv::small(&version)? == 1 => false,
        Some(_) => return Err(Reason::CrlVersion.into()),
        None => true,
    };
    let identifier = fields.expect(SEQUENCE)?;
    let algorithm = SignatureAlgorithm::of_signed(&identifier).ok_or(Reason::CrlAlgorithm)?;
    Ok((version_one, algorithm, identifier.raw.to_vec()))
}

/// What the signature covers.
struct Covered {
    octets: usize,
    issuer: Vec<u8>,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    extensions: ListExtensions,
    irregularity: Option<Reason>,
    names_authorities: bool,
    own: Index,
    others: HashMap<Vec<u8>, Index>,
}

fn covered<R: Read>(source: &mut Source<R>, version_one: bool, room: usize) -> Result<Covered, CrlReadError> {
    let header = source.enter(SEQUENCE)?;
    let octets = header.whole()?;
    if octets > room {
        return Err(Malformed.into());
    }
    let mut fields = Fields { source, left: header.contents };
    if !version_one {
        fields.element()?;
    }
    fields.element()?;
    let issuer = fields.element()?;
    let issuer_contents = tlv::only(&issuer, SEQUENCE)?;
    name::canonical(&issuer)?;
    if issuer_contents.value.is_empty() {
        return Err(Malformed.into());
    }
    let this_update = moment(&fields.element()?)?;
    let next_update = match fields.next_tag()? {
        Some(UTC_TIME | GENERALIZED_TIME) => Some(moment(&fields.element()?)?),
        _ => None,
    };
    let mut entries = Entries::default();
    if fields.next_tag()? == Some(SEQUENCE) {
        entries.read(&mut fields)?;
    }
    let mut irregularity = None;
    let extensions = match fields.next_tag()? {
        None => ListExtensions::default(),
        // RFC 5280 §5.1.2.1: extensions make a list version 2.
        Some(_) if version_one => return Err(Reason::CrlVersion.into()),
        Some(_) => {
            let wrapped = fields.element()?;
            let wrapped = tlv::only(&wrapped, tlv::constructed(0))?;
            let list = tlv::only(wrapped.value, SEQUENCE)?.reader();
            ListExtensions::parse(list, &issuer, &mut irregularity)?
        }
    };
    if version_one && entries.extended {
        return Err(Reason::CrlVersion.into());
    }
    if fields.left != 0 {
        return Err(Malformed.into());
    }
    if entries.criticality {
        irregularity = irregularity.or(Some(Reason::CrlCriticality));
    }
    Ok(Covered {
        octets,
        issuer,
        this_update,
        next_update,
        extensions,
        irregularity,
        names_authorities: entries.names_authorities,
        own: entries.own,
        others: entries.others,
    })
}

/// The fields of what is signed; none may reach beyond its end.
struct Fields<'s, R> {
    source: &'s mut Source<R>,
    left: usize,
}

impl<R: Read> Fields<'_, R> {
    fn next_tag(&mut self) -> Result<Option<u8>, CrlReadError> {
        if self.left == 0 {
            return Ok(None);
        }
        Ok(Some(*self.source.fill(1)?.first().ok_or(Malformed)?))
    }

    fn element(&mut self) -> Result<Vec<u8>, CrlReadError> {
        let element = self.source.element()?;
        self.left = self.left.checked_sub(element.len()).ok_or(Malformed)?;
        Ok(element)
    }
}

#[derive(Default)]
struct Entries {
    own: Index,
    others: HashMap<Vec<u8>, Index>,
    /// The authority of the certificate in the entry before, which goes on to the next (§5.3.3).
    authority: Option<Vec<u8>>,
    names_authorities: bool,
    extended: bool,
    criticality: bool,
}

impl Entries {
    fn read<R: Read>(&mut self, fields: &mut Fields<'_, R>) -> Result<(), CrlReadError> {
        let header = fields.source.enter(SEQUENCE)?;
        fields.left = fields.left.checked_sub(header.whole()?).ok_or(Malformed)?;
        let mut left = header.contents;
        let mut reader = EntryReader::default();
        while left > 0 {
            // A window that is nearly used up is filled again before an entry is cut in two.
            let window = fields.source.fill(left.min(1024))?;
            let mut used = self.take(&mut reader, window.get(..left.min(window.len())).unwrap_or_default())?;
            if used == 0 {
                let window = fields.source.fill(left.min(WINDOW))?;
                used = self.take(&mut reader, window.get(..left.min(window.len())).unwrap_or_default())?;
            }
            if used == 0 {
                return Err(if left > WINDOW { Reason::TooLarge } else { Reason::CrlMalformed }.into());
            }
            fields.source.consume(used);
            left -= used;
        }
        Ok(())
    }

    /// Takes as many entries as are whole; says how many octets they took.
    fn take(&mut self, reader: &mut EntryReader, window: &[u8]) -> Result<usize, CrlReadError> {
        let mut used = 0;
        while let Some(rest @ [_, ..]) = window.get(used..) {
            if self.authority.is_none()
                && let Some((serial, record, length)) = reader.usual(rest)
            {
                self.own.push(serial, record)?;
                self.extended |= record.reason != 0 || length > serial.len() + 19;
                used += length;
                continue;
            }
            let Some(header) = Header::read(rest)? else { break };
            let Some(member) = rest.get(..header.whole()?) else { break };
            self.unusual(member)?;
            used += member.len();
        }
        Ok(used)
    }

    fn unusual(&mut self, member: &[u8]) -> Result<(), CrlReadError> {
        let member = tlv::only(member, SEQUENCE)?;
        let entry = entry(&member)?;
        self.criticality |= entry.criticality;
        self.extended |= entry.extended;
        if let Some(names) = entry.certificate_issuer {
            let names = point::directory_names(tlv::only(names, SEQUENCE)?.reader())?;
            let (_, authority) = names.into_iter().next().ok_or(Malformed)?;
            self.names_authorities = true;
            self.authority = Some(authority);
        }
        let Some(authority) = &self.authority else {
            return Ok(self.own.push(entry.serial, entry.record)?);
        };
        if let Some(index) = self.others.get_mut(authority) {
            return Ok(index.push(entry.serial, entry.record)?);
        }
        if self.others.len() == MOST_AUTHORITIES {
            return Err(Reason::TooLarge.into());
        }
        let mut index = Index::default();
        index.push(entry.serial, entry.record)?;
        self.others.insert(authority.clone(), index);
        Ok(())
    }
}

impl ListExtensions {
    fn parse(mut list: Reader<'_>, issuer: &[u8], irregularity: &mut Option<Reason>) -> Result<Self, CrlReadError> {
        let mut read = Self::default();
        let mut seen: Vec<&[u8]> = Vec::with_capacity(4);
        if list.is_empty() {
            return Err(Malformed.into());
        }
        while !list.is_empty() {
            let Extension { oid, critical, value } = extension::read(&list.expect(SEQUENCE)?)?;
            if seen.contains(&oid) || seen.len() > 32 {
                return Err(Malformed.into());
            }
            seen.push(oid);
            let is = |known: &der::asn1::ObjectIdentifier| oid == known.as_bytes();
            let must_be_critical = is(&oid::ISSUING_DISTRIBUTION_POINT) || is(&oid::DELTA_CRL_INDICATOR);
            if is(&oid::AUTHORITY_KEY_IDENTIFIER) {
                read.key_identifier = extension::key_identifier(value)?.map(<[u8]>::to_vec);
                read.authority_key = Some(value.to_vec());
            } else if is(&oid::CRL_NUMBER) {
                read.number = Some(number(value)?);
            } else if is(&oid::DELTA_CRL_INDICATOR) {
                read.base = Some(number(value)?);
            } else if is(&oid::ISSUING_DISTRIBUTION_POINT) {
                read.point = Some(IssuingPoint::parse(value, issuer)?);
                read.point_value = Some(value.to_vec());
            } else if is(&oid::FRESHEST_CRL) {
                tlv::only(value, SEQUENCE)?;
                read.has_freshest = true;
            } else if is(&oid::ISSUER_ALT_NAME) || is(&oid::AUTHORITY_INFORMATION_ACCESS) {
                tlv::only(value, SEQUENCE)?;
            } else if critical {
                // RFC 5280 §5.2: such a list says nothing about anybody.
                return Err(Reason::CrlUnknownCritical.into());
            } else {
                continue;
            }
            if critical != must_be_critical {
                *irregularity = irregularity.or(Some(Reason::CrlCriticality));
            }
        }
        Ok(read)
    }
}

/// The magnitude of a number of up to 20 octets (RFC 5280 §5.2.3).
fn number(value: &[u8]) -> Result<Vec<u8>, Malformed> {
    let number = tlv::unsigned(&tlv::only(value, INTEGER)?)?;
    if number.len() > 20 { Err(Malformed) } else { Ok(number.to_vec()) }
}

/// A moment in either form (RFC 5280 §5.1.2.4).
fn moment(element: &[u8]) -> Result<OffsetDateTime, Malformed> {
    tlv::instant(&Reader::new(element).any()?)
}
