//! The path from a certificate to a pinned root: building it and validating it (RFC 5280 §6.1).
//!
//! JPKI has one tier: a root signs people's certificates, and the path is found at the first try.
//! Timestamps and general suites have more; for them every way is tried within bounds.

mod building;
mod names;
mod policies;
mod validation;

pub(super) use names::NameConstraints;
pub(super) use policies::PolicyDemand;

use super::certificate::Certificate;
use super::chain::{Anchor, Issuer};

/// What paths may be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathRules {
    /// How many authorities may stand between root and certificate, self-issued ones not counted.
    pub(super) depth: u32,
    /// What is asked of policies; `None` if the profile alone looks at them.
    pub(super) policies: Option<PolicyDemand>,
    /// The purposes one of which an authority below the root must be for, if it names any.
    pub(super) purposes: Vec<Vec<u8>>,
    /// Whether a key identifier that differs rules an issuer out, or only puts it last.
    pub(super) key_identifier_decides: bool,
    /// How many signatures may be checked on the way, in vain or not.
    pub(super) signatures: usize,
    /// Whether certificates must carry the key identifiers of RFC 5280 §4.2.1.1 and §4.2.1.2.
    pub(super) needs_key_identifiers: bool,
}

impl PathRules {
    /// Root and certificate, nothing between.
    pub(super) const fn direct() -> Self {
        Self {
            depth: 0,
            policies: None,
            purposes: Vec::new(),
            key_identifier_decides: true,
            signatures: 64,
            needs_key_identifiers: true,
        }
    }
}

/// A path that was validated: a root and the authorities below it, down to who issued the
/// certificate in question.
#[derive(Debug, Clone)]
pub(super) struct Path<'a> {
    pub(super) anchor: &'a Anchor,
    /// From the root down; empty in JPKI.
    pub(super) intermediates: Vec<Certificate<'a>>,
}

impl Path<'_> {
    /// Who issued the certificate at the end.
    pub(super) fn issuer(&self) -> Issuer<'_> {
        self.issuer_at(self.intermediates.len())
    }

    /// Every certificate below the root with its issuer, the one at the end first: those that may
    /// have been revoked.
    pub(super) fn links<'p>(
        &'p self,
        end: &'p Certificate<'p>,
    ) -> impl Iterator<Item = (&'p Certificate<'p>, Issuer<'p>)> {
        let above = self.intermediates.iter().enumerate().rev();
        std::iter::once((end, self.issuer()))
            .chain(above.map(|(position, certificate)| (certificate, self.issuer_at(position))))
    }

    fn issuer_at(&self, position: usize) -> Issuer<'_> {
        position
            .checked_sub(1)
            .and_then(|above| self.intermediates.get(above))
            .map_or_else(|| Issuer::from(self.anchor), |issuer| Issuer::certified(issuer, self.anchor))
    }
}
