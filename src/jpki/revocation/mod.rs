//! Whether a certificate was revoked: good, revoked, or unknown and why.

mod book;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::certificate::Certificate;
use super::chain::Anchor;
use super::crl::{Crl, ListFacts, RevocationReason, Revoked, UnverifiedCrl};
use super::reason::Reason;

/// Who says that a certificate is good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationWitness {
    /// A revocation list.
    #[default]
    List,
    /// An OCSP responder.
    Responder,
}

/// The answer of the newest list or responder that speaks for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum RevocationStatus {
    /// A current list does not name the certificate, or a responder knows it as good.
    Good {
        /// Who says so. What was stored before there was a choice came from a list.
        #[serde(default)]
        witness: RevocationWitness,
        /// The list's number in lower-case hexadecimal; a responder's answer has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crl_number: Option<String>,
        /// When the list was made, or as of when the responder speaks.
        #[serde(with = "time::serde::rfc3339")]
        this_update: OffsetDateTime,
        /// When the next one is due, or until when the responder's answer counts.
        #[serde(with = "time::serde::rfc3339")]
        next_update: OffsetDateTime,
        /// When the responder signed its answer; a list has only the moment above.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
        produced_at: Option<OffsetDateTime>,
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

impl RevocationStatus {
    /// Of several answers, revoked outweighs good and good outweighs unknown.
    pub(super) const fn weight(&self) -> u8 {
        match self {
            Self::Revoked { .. } => 0,
            Self::Good { .. } => 1,
            Self::Unknown { .. } => 2,
        }
    }
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
    /// The next list or answer was due before the time of the check.
    Stale,
    /// The list or answer was made after the time of the check.
    NotYetMade,
    /// There is a list, but nobody who may sign it did.
    NotVouchedFor,
    /// The lists together do not speak of every reason for a revocation.
    ReasonsNotCovered,
    /// The responder does not know the certificate.
    UnknownToResponder,
}

/// The revocation lists at hand, the newest of each distribution point. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CrlSet {
    /// By root, and then by canonical name of the distribution point; the empty name stands for
    /// everything.
    lists: HashMap<[u8; 32], HashMap<Vec<u8>, Arc<Crl>>>,
    /// Lists of any kind for the check by the book, the newest first.
    unverified: Vec<Arc<UnverifiedCrl>>,
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
        let of_this_root = self.lists.entry(crl.anchor_sha256).or_default();
        let mut added = false;
        for point in points {
            if of_this_root.get(point).is_none_or(|known| crl.compare_number(known) == Ordering::Greater) {
                of_this_root.insert(point.clone(), Arc::clone(&crl));
                added = true;
            }
        }
        added
    }

    /// Adds a list of any kind that RFC 5280 knows: for laboratory runs, which look for its signer
    /// when they need it. Nothing else looks at it.
    ///
    /// # Errors
    /// The rule of RFC 5280 §5 that it breaks.
    pub fn insert_for_laboratory(&mut self, der: &[u8]) -> Result<(), Reason> {
        let list = UnverifiedCrl::read(der).map_err(|error| match error {
            super::crl::CrlReadError::Refused(reason) => reason,
            super::crl::CrlReadError::Unreadable(_) => Reason::CrlMalformed,
        })?;
        list.check_standard()?;
        // The newest first; of two made at one moment the one with the higher number.
        let position = self.unverified.partition_point(|known| !list.is_newer_than(known));
        self.unverified.insert(position, Arc::new(list));
        Ok(())
    }

    /// The list of each distribution point, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Crl> {
        self.lists.values().flat_map(HashMap::values).map(Arc::as_ref)
    }

    /// What each list is, for people, in no order.
    pub fn facts(&self) -> impl Iterator<Item = ListFacts> {
        self.iter().map(Crl::facts)
    }

    /// The lists that speak of a certificate issued by the root with this SHA-256: of its
    /// distribution points, and of everything. For checking many certificates at once: whoever asks
    /// them must see that they are current.
    pub fn lists_for(
        &self,
        certificate: &Certificate<'_>,
        anchor_sha256: &[u8; 32],
    ) -> impl Iterator<Item = &Arc<Crl>> {
        // The profile was checked before, so the extension can be read.
        let points = certificate.extensions.distribution_points().unwrap_or_default();
        let everything = std::iter::once(Vec::new());
        let of_this_root = self.lists.get(anchor_sha256);
        points.into_iter().chain(everything).filter_map(move |point| of_this_root?.get(&point))
    }

    /// The list by which the status of a certificate is told, if one tells it.
    #[must_use]
    pub fn list_behind(&self, certificate: &[u8], anchor_sha256: &[u8; 32], at: OffsetDateTime) -> Option<&Crl> {
        let certificate = Certificate::parse(certificate).ok()?;
        let serial = certificate.serial_number();
        let lists = self.lists_for(&certificate, anchor_sha256).map(Arc::as_ref);
        let told = lists.map(|list| (answer(list, serial, at).weight(), list));
        let unknown = RevocationStatus::Unknown { why: RevocationGap::NoList }.weight();
        told.filter(|(weight, _)| *weight < unknown).min_by_key(|(weight, _)| *weight).map(|(_, list)| list)
    }

    /// What the lists say about a certificate that `anchor` signed, as of `at`.
    pub(super) fn status(
        &self,
        certificate: &Certificate<'_>,
        anchor: &Anchor,
        at: OffsetDateTime,
    ) -> RevocationStatus {
        self.status_of(certificate, &anchor.sha256(), at)
    }

    /// The same, by the root's SHA-256.
    pub(super) fn status_of(
        &self,
        certificate: &Certificate<'_>,
        anchor_sha256: &[u8; 32],
        at: OffsetDateTime,
    ) -> RevocationStatus {
        let serial = certificate.serial_number();
        let answers = self.lists_for(certificate, anchor_sha256).map(|list| answer(list, serial, at));
        answers.min_by_key(RevocationStatus::weight).unwrap_or_else(|| {
            let of_this_authority = self.lists.contains_key(anchor_sha256);
            let why = if of_this_authority { RevocationGap::NoListForDistributionPoint } else { RevocationGap::NoList };
            RevocationStatus::Unknown { why }
        })
    }
}

fn answer(list: &Crl, serial: &[u8], at: OffsetDateTime) -> RevocationStatus {
    let not_yet_made = at.unix_timestamp() < list.this_update().unix_timestamp();
    match list.lookup(serial) {
        // JPKI never lifts a revocation, so an old list still speaks of those it names; a list
        // made later speaks of the time of the check only where it says "since before".
        Some(Revoked { at: since, reason }) if !not_yet_made || since <= at => {
            RevocationStatus::Revoked { at: since, reason }
        }
        _ if not_yet_made => RevocationStatus::Unknown { why: RevocationGap::NotYetMade },
        _ if at.unix_timestamp() > list.next_update().unix_timestamp() => {
            RevocationStatus::Unknown { why: RevocationGap::Stale }
        }
        _ => RevocationStatus::Good {
            witness: RevocationWitness::List,
            crl_number: Some(list.number()),
            this_update: list.this_update(),
            next_update: list.next_update(),
            produced_at: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_was_stored_before_responders_is_read_as_a_list_s_answer() {
        let stored = r#"{"status":"good","crl_number":"1234","this_update":"2026-06-01T00:00:00Z","next_update":"2026-06-02T00:00:00Z"}"#;
        let good = RevocationStatus::Good {
            witness: RevocationWitness::List,
            crl_number: Some("1234".to_owned()),
            this_update: datetime!(2026-06-01 00:00 UTC),
            next_update: datetime!(2026-06-02 00:00 UTC),
            produced_at: None,
        };
        assert_eq!(serde_json::from_str::<RevocationStatus>(stored).unwrap(), good);
        let answered = RevocationStatus::Good {
            witness: RevocationWitness::Responder,
            crl_number: None,
            this_update: datetime!(2026-06-01 00:00 UTC),
            next_update: datetime!(2026-06-02 00:00 UTC),
            produced_at: Some(datetime!(2026-06-01 00:00:01 UTC)),
        };
        let text = serde_json::to_string(&answered).unwrap();
        assert_eq!(serde_json::from_str::<RevocationStatus>(&text).unwrap(), answered);
    }
}
