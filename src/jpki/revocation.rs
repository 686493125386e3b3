//! Whether a certificate was revoked: good, revoked, or unknown and why.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::certificate::Certificate;
use super::chain::Anchor;
use super::crl::{Crl, RevocationReason};

/// The answer of the newest list that speaks for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum RevocationStatus {
    /// A current list does not name the certificate.
    Good {
        /// The list's number in lower-case hexadecimal.
        crl_number: String,
        /// When the list was made.
        #[serde(with = "time::serde::rfc3339")]
        this_update: OffsetDateTime,
        /// When the next one is due.
        #[serde(with = "time::serde::rfc3339")]
        next_update: OffsetDateTime,
    },
    /// The certificate was revoked.
    Revoked {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// Why.
        reason: RevocationReason,
    },
    /// Nobody can tell.
    Unknown {
        /// Why not.
        why: RevocationGap,
    },
}

/// Why revocation is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationGap {
    /// The checks ended before it was asked.
    NotAsked,
    /// There is no list of this authority.
    NoList,
    /// There are lists of this authority, but none for the certificate's distribution point.
    NoListForDistributionPoint,
    /// The next list was due before the time of the check.
    Stale,
    /// The list was made after the time of the check.
    NotYetMade,
}

/// The revocation lists at hand, the newest of each distribution point. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CrlSet {
    /// By root and canonical name of the distribution point; the empty name stands for everything.
    lists: HashMap<([u8; 32], Vec<u8>), Arc<Crl>>,
}

impl CrlSet {
    /// No lists at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a list, unless one with the same or a higher number is there for each of its
    /// distribution points already: numbers never go back. Says whether it was added.
    pub fn insert(&mut self, crl: Crl) -> bool {
        let crl = Arc::new(crl);
        let everything = [Vec::new()];
        let points = if crl.points.is_empty() { everything.as_slice() } else { crl.points.as_slice() };
        let mut added = false;
        for point in points {
            let key = (crl.anchor_sha256, point.clone());
            if self.lists.get(&key).is_none_or(|known| crl.compare_number(known) == Ordering::Greater) {
                self.lists.insert(key, Arc::clone(&crl));
                added = true;
            }
        }
        added
    }

    /// The list of each distribution point, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Crl> {
        self.lists.values().map(Arc::as_ref)
    }

    /// What the lists say about a certificate that `anchor` signed, as of `at`.
    pub(super) fn status(
        &self,
        certificate: &Certificate<'_>,
        anchor: &Anchor,
        at: OffsetDateTime,
    ) -> RevocationStatus {
        let anchor = anchor.sha256();
        // The profile was checked before, so the extension can be read.
        let points = certificate.extensions.distribution_points().unwrap_or_default();
        let everything = std::iter::once(Vec::new());
        let lists = points.into_iter().chain(everything).filter_map(|point| self.lists.get(&(anchor, point)));
        let answers = lists.map(|list| answer(list, certificate.serial_number(), at));
        answers.min_by_key(weight).unwrap_or_else(|| {
            let of_this_authority = self.lists.keys().any(|(root, _)| *root == anchor);
            let why = if of_this_authority { RevocationGap::NoListForDistributionPoint } else { RevocationGap::NoList };
            RevocationStatus::Unknown { why }
        })
    }
}

/// Of several answers, revoked outweighs good and good outweighs unknown.
const fn weight(status: &RevocationStatus) -> u8 {
    match status {
        RevocationStatus::Revoked { .. } => 0,
        RevocationStatus::Good { .. } => 1,
        RevocationStatus::Unknown { .. } => 2,
    }
}

fn answer(list: &Crl, serial: &[u8], at: OffsetDateTime) -> RevocationStatus {
    let not_yet_made = at.unix_timestamp() < list.this_update().unix_timestamp();
    match list.find(serial) {
        // JPKI never lifts a revocation, so an old list still speaks of those it names; a list
        // made later speaks of the time of the check only where it says "since before".
        Some((since, reason)) if !not_yet_made || since <= at => RevocationStatus::Revoked { at: since, reason },
        _ if not_yet_made => RevocationStatus::Unknown { why: RevocationGap::NotYetMade },
        _ if at.unix_timestamp() > list.next_update().unix_timestamp() => {
            RevocationStatus::Unknown { why: RevocationGap::Stale }
        }
        _ => RevocationStatus::Good {
            crl_number: list.number(),
            this_update: list.this_update(),
            next_update: list.next_update(),
        },
    }
}
