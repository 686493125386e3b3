//! Certificates and lists of any shape, for the check by the book.

use time::Duration;

use super::*;
use crate::jpki::encode::{algorithm, bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use crate::jpki::oid;
use der::asn1::ObjectIdentifier;

/// A name with one organization.
pub(super) fn named(organization: &str) -> Vec<u8> {
    sequence(&[&relative(organization)])
}

/// One relative name.
pub(super) fn relative(text: &str) -> Vec<u8> {
    set_of(vec![sequence(&[&object_identifier(&oid::ORGANIZATION), &tlv(0x0C, &[text.as_bytes()])])])
}

pub(super) fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xFF] } else { &[] };
    sequence(&[&object_identifier(&ObjectIdentifier::new_unwrap(oid)), critical, &tlv(0x04, &[value])])
}

fn key_info(key: &CardKey) -> Vec<u8> {
    sequence(&[&algorithm(&oid::RSA_ENCRYPTION), &bit_string(key.public())])
}

fn signed(to_be_signed: &[u8], key: &CardKey) -> Vec<u8> {
    sequence(&[to_be_signed, &algorithm(&oid::SHA256_WITH_RSA), &bit_string(&key.sign(to_be_signed).unwrap())])
}

/// A certificate in the making.
pub(super) struct Paper<'a> {
    pub(super) subject: &'a str,
    pub(super) issuer: &'a str,
    /// The contents of the INTEGER.
    pub(super) serial: &'a [u8],
    pub(super) key: &'a CardKey,
    pub(super) signer: &'a CardKey,
    pub(super) extensions: Vec<Vec<u8>>,
}

impl Paper<'_> {
    pub(super) fn to_der(&self) -> Vec<u8> {
        let extensions = if self.extensions.is_empty() {
            vec![extension("2.5.29.14", false, &[0x04, 0x01, 0x01])]
        } else {
            self.extensions.clone()
        };
        let to_be_signed = sequence(&[
            &[0xA0, 0x03, 0x02, 0x01, 0x02],
            &tlv(0x02, &[self.serial]),
            &algorithm(&oid::SHA256_WITH_RSA),
            &named(self.issuer),
            &sequence(&[&instant(NOW - Duration::days(30)), &instant(NOW + Duration::days(300))]),
            &named(self.subject),
            &key_info(self.key),
            &tlv(0xA3, &[&tlv(0x30, &[&extensions.concat()])]),
        ]);
        signed(&to_be_signed, self.signer)
    }
}

/// The extensions of an authority; `usage` is the second octet of keyUsage.
pub(super) fn authority(usage: u8) -> Vec<Vec<u8>> {
    vec![
        extension("2.5.29.19", true, &sequence(&[&[0x01, 0x01, 0xFF]])),
        extension("2.5.29.15", true, &[0x03, 0x02, 0x01, usage]),
    ]
}

/// A list in the making.
#[derive(Clone)]
pub(super) struct Sheet<'a> {
    pub(super) issuer: &'a str,
    pub(super) signer: &'a CardKey,
    pub(super) made: OffsetDateTime,
    pub(super) due: Option<OffsetDateTime>,
    pub(super) number: Option<u8>,
    pub(super) base: Option<u8>,
    pub(super) point: Option<Vec<u8>>,
    pub(super) more: Vec<Vec<u8>>,
    pub(super) entries: Vec<Vec<u8>>,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(issuer: &'a str, signer: &'a CardKey) -> Self {
        Self {
            issuer,
            signer,
            made: NOW - Duration::hours(1),
            due: Some(NOW + Duration::hours(1)),
            number: Some(5),
            base: None,
            point: None,
            more: Vec::new(),
            entries: Vec::new(),
        }
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let mut extensions = self.more.clone();
        if let Some(number) = self.number {
            extensions.push(extension("2.5.29.20", false, &unsigned_integer(&[number])));
        }
        if let Some(base) = self.base {
            extensions.push(extension("2.5.29.27", true, &unsigned_integer(&[base])));
        }
        if let Some(point) = &self.point {
            extensions.push(extension("2.5.29.28", true, &tlv(0x30, &[point])));
        }
        let revoked = if self.entries.is_empty() { Vec::new() } else { tlv(0x30, &[&self.entries.concat()]) };
        let to_be_signed = sequence(&[
            if extensions.is_empty() { &[] } else { &[0x02, 0x01, 0x01] },
            &algorithm(&oid::SHA256_WITH_RSA),
            &named(self.issuer),
            &instant(self.made),
            &self.due.map_or_else(Vec::new, instant),
            &revoked,
            &if extensions.is_empty() { Vec::new() } else { tlv(0xA0, &[&tlv(0x30, &[&extensions.concat()])]) },
        ]);
        signed(&to_be_signed, self.signer)
    }
}

/// An entry; `serial` is the contents of the INTEGER.
pub(super) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0x30, &[&extensions.concat()]) };
    sequence(&[&tlv(0x02, &[serial]), &instant(NOW - Duration::days(1)), &extensions])
}

pub(super) fn because(code: u8) -> Vec<u8> {
    extension("2.5.29.21", false, &[0x0A, 0x01, code])
}

pub(super) fn issued_by(organization: &str) -> Vec<u8> {
    extension("2.5.29.29", true, &sequence(&[&tlv(0xA4, &[&named(organization)])]))
}

/// `[0] fullName` of a point with one URI.
pub(super) fn uri(address: &str) -> Vec<u8> {
    tlv(0xA0, &[&tlv(0xA0, &[&tlv(0x86, &[address.as_bytes()])])])
}

/// `[0] fullName` of a point with one directory name.
pub(super) fn directory(organization: &str) -> Vec<u8> {
    tlv(0xA0, &[&tlv(0xA0, &[&tlv(0xA4, &[&named(organization)])])])
}

/// `[0] nameRelativeToCRLIssuer` of a point.
pub(super) fn relative_point(text: &str) -> Vec<u8> {
    let whole = relative(text);
    tlv(0xA0, &[&tlv(0xA1, &[&whole[2..]])])
}

/// cRLDistributionPoints of the points, each a list of fields.
pub(super) fn points(points: &[&[&[u8]]]) -> Vec<u8> {
    let each: Vec<Vec<u8>> = points.iter().map(|fields| sequence(fields)).collect();
    extension("2.5.29.31", false, &tlv(0x30, &[&each.concat()]))
}
