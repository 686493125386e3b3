//! A responder (RFC 6960), asked about one certificate at a time.

use super::state::Failure;
use super::web::Web;
use crate::jpki::{RevocationGap, RevocationStatus, Trust};
use reqwest::Url;
use time::OffsetDateTime;

/// The address of a responder.
#[derive(Debug)]
pub(super) struct Responder {
    address: Url,
}

impl Responder {
    pub(super) const fn new(address: Url) -> Self {
        Self { address }
    }

    pub(super) const fn address(&self) -> &Url {
        &self.address
    }

    /// Asks about a certificate whose path was found valid.
    pub(super) async fn ask(
        &self,
        web: &Web,
        certificate: &[u8],
        _trust: &Trust,
        _at: OffsetDateTime,
    ) -> Result<RevocationStatus, Failure> {
        web.ask(&self.address, certificate).await?;
        Ok(RevocationStatus::Unknown { why: RevocationGap::NotAsked })
    }
}
