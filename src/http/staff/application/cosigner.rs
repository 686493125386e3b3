//! The guardian's signature: the same checks, the declared name beside the certified one, and what no check can say.

use super::certificate::CertificateFacts;
use super::checks::{self, CheckLine};
use super::comparison::ComparisonRow;
use crate::http::filters::Moment;
use crate::service::review::{GuardianSignature, RevocationAnswer};

/// The section.
pub(super) struct GuardianSection {
    /// What the applicant calls the relation.
    pub(super) relation: String,
    pub(super) checks: Vec<CheckLine>,
    pub(super) comparison: Option<ComparisonRow>,
    pub(super) certificate: Option<CertificateFacts>,
    pub(super) received_at: Moment,
    pub(super) is_unknown: bool,
    pub(super) is_revoked: bool,
}

impl GuardianSection {
    pub(super) fn of(guardian: &GuardianSignature) -> Self {
        Self {
            relation: guardian.relation.clone(),
            checks: checks::lines(&guardian.verdict, None),
            comparison: guardian.comparison.as_ref().map(ComparisonRow::of),
            certificate: guardian.verdict.signer.as_ref().map(CertificateFacts::of),
            received_at: Moment(guardian.received_at),
            is_unknown: guardian.revocation == RevocationAnswer::Unknown,
            is_revoked: guardian.revocation == RevocationAnswer::Revoked,
        }
    }
}
