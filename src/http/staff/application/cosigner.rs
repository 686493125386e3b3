//! The guardian's signature, beside the applicant's or about a child's card: the same checks, the declared name beside the certified one, and what no check can say.

use super::certificate::CertificateFacts;
use super::checks::{self, CheckLine};
use super::comparison::ComparisonRow;
use crate::domain::statement::Statement;
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

/// The guardian who signed about a child's card.
pub(super) struct SignedBy {
    pub(super) name: String,
    /// What they call themselves to the child.
    pub(super) relation: String,
}

impl SignedBy {
    pub(super) fn of(statement: &Statement) -> Option<Self> {
        let guardian = statement.answers.by_guardian.as_ref()?;
        let relation = statement.labels.relation.clone().unwrap_or_default();
        Some(Self { name: guardian.name.as_str().to_owned(), relation })
    }
}
