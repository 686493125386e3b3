//! The path from a certificate to a pinned root: building it and validating it (RFC 5280 §6.1).
//!
//! JPKI has one tier: a root signs people's certificates, and the path is found at the first try.
//! Timestamps and general suites have more; for them every way is tried within bounds.

mod building;
mod names;
mod policies;
mod validation;

pub(super) use names::NameConstraints;

use super::certificate::Certificate;
use super::chain::{Anchor, Issuer};

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
