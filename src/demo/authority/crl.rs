//! Revocation lists, of any length and with any single fault.

use time::OffsetDateTime;

use super::certificate::{extension, key_identifier, point_name, sign};
use super::holder::Municipality;
use super::key::signature_identifier;
use super::{Failed, TestAuthority};
use crate::jpki::RevocationReason;
use crate::jpki::encode::{instant, sequence, tlv, unsigned_integer};

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Big-endian magnitude of the serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

/// What is wrong with a list; only this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrlFault {
    /// Nothing.
    None,
    /// No issuingDistributionPoint: a list about everything. Not wrong, but not how JPKI does it.
    NoDistributionPoint,
    /// Signed by another key under the authority's name and key identifier.
    ForgedIssuer,
    /// An unknown critical extension of the list.
    UnknownCritical,
    /// An unknown critical extension of an entry.
    UnknownCriticalEntry,
    /// Says only what changed.
    Delta,
    /// Speaks for other issuers as well.
    Indirect,
    /// For certificates of authorities only.
    AuthoritiesOnly,
    /// For some reasons only.
    SomeReasons,
    /// No nextUpdate.
    NoNextUpdate,
    /// No cRLNumber.
    NoNumber,
    /// Version 1.
    VersionOne,
    /// A byte follows the end.
    TrailingByte,
}

/// What goes into a list.
#[derive(Debug, Clone)]
pub struct CrlOrder<'a> {
    /// Whose list.
    pub municipality: &'a Municipality,
    /// Who is on it.
    pub revoked: &'a [Revocation],
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next one is due.
    pub next_update: OffsetDateTime,
    /// Its number.
    pub number: u32,
    /// What is wrong with it.
    pub fault: CrlFault,
}

impl TestAuthority {
    /// Signs a revocation list.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn crl(&self, order: &CrlOrder<'_>) -> Result<Vec<u8>, Failed> {
        let fault = order.fault;
        let mut entries = Vec::with_capacity(order.revoked.len() * 40);
        for revocation in order.revoked {
            entries.extend(entry(revocation, fault));
        }
        let revoked = if entries.is_empty() { Vec::new() } else { tlv(0x30, &[&entries]) };
        let key = if fault == CrlFault::ForgedIssuer { &self.impostor } else { &self.key };
        let to_be_signed = sequence(&[
            if fault == CrlFault::VersionOne { &[] } else { &[0x02, 0x01, 0x01] },
            &signature_identifier(key.algorithm()),
            &self.name(),
            &instant(order.this_update),
            &if fault == CrlFault::NoNextUpdate { Vec::new() } else { instant(order.next_update) },
            &revoked,
            &if fault == CrlFault::VersionOne { Vec::new() } else { self.extensions(order) },
        ]);
        let mut list = sign(&to_be_signed, key.algorithm(), key)?;
        if fault == CrlFault::TrailingByte {
            list.push(0);
        }
        Ok(list)
    }

    fn extensions(&self, order: &CrlOrder<'_>) -> Vec<u8> {
        let fault = order.fault;
        let mut list = vec![extension("2.5.29.35", false, &sequence(&[&tlv(0x80, &[&key_identifier(&self.key)])]))];
        let number = unsigned_integer(&order.number.to_be_bytes());
        if fault != CrlFault::NoNumber {
            list.push(extension("2.5.29.20", false, &number));
        }
        if fault != CrlFault::NoDistributionPoint {
            let point = tlv(0xA0, &[&tlv(0xA0, &[&tlv(0xA4, &[&point_name(order.municipality)])])]);
            let flags: &[u8] = match fault {
                CrlFault::AuthoritiesOnly => &[0x82, 0x01, 0xFF],
                CrlFault::SomeReasons => &[0x83, 0x02, 0x06, 0x40],
                CrlFault::Indirect => &[0x84, 0x01, 0xFF],
                _ => &[],
            };
            list.push(extension("2.5.29.28", true, &sequence(&[&point, flags])));
        }
        match fault {
            CrlFault::Delta => list.push(extension("2.5.29.27", true, &number)),
            CrlFault::UnknownCritical => list.push(extension("1.3.6.1.4.1.32473.9.1", true, &[0x05, 0x00])),
            _ => {}
        }
        tlv(0xA0, &[&tlv(0x30, &[&list.concat()])])
    }
}

fn entry(revocation: &Revocation, fault: CrlFault) -> Vec<u8> {
    let mut extensions = Vec::new();
    if revocation.reason != RevocationReason::Unspecified {
        extensions.extend(extension("2.5.29.21", false, &[0x0A, 0x01, revocation.reason.code()]));
    }
    if fault == CrlFault::UnknownCriticalEntry {
        extensions.extend(extension("1.3.6.1.4.1.32473.9.2", true, &[0x05, 0x00]));
    }
    let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0x30, &[&extensions]) };
    sequence(&[&unsigned_integer(&revocation.serial), &instant(revocation.at), &extensions])
}
