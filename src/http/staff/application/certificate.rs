//! The certificate's facts.

use crate::http::filters::Moment;
use crate::http::staff::wording;
use crate::jpki::Signer;

/// What identifies the certificate, and who vouches for it until when.
#[derive(Debug)]
pub(super) struct CertificateFacts {
    pub(super) serial: String,
    pub(super) issuer: String,
    pub(super) not_before: Moment,
    pub(super) not_after: Moment,
    pub(super) policy: String,
    pub(super) medium: &'static str,
    pub(super) environment: &'static str,
    pub(super) sha256: String,
    pub(super) claimed_signing_time: Option<Moment>,
}

impl CertificateFacts {
    pub(super) fn of(signer: &Signer) -> Self {
        let (medium, environment) = signer.kind.map_or(("不明", "不明"), wording::of_kind);
        Self {
            serial: signer.serial.clone(),
            issuer: signer.issuer.clone(),
            not_before: Moment(signer.not_before),
            not_after: Moment(signer.not_after),
            policy: signer.policy.clone().unwrap_or_default(),
            medium,
            environment,
            sha256: signer.sha256.clone(),
            claimed_signing_time: signer.claimed_signing_time.map(Moment),
        }
    }
}
