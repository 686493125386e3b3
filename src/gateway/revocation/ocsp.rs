//! A responder (RFC 6960), asked about one certificate at a time.

use super::state::Failure;
use super::web::Web;
use crate::jpki::{CrlSet, RevocationStatus, Trust, ocsp_request, verify_ocsp_with_lists};
use crate::random;
use reqwest::Url;
use time::OffsetDateTime;

/// The address of a responder.
#[derive(Debug)]
pub(super) struct Responder {
    address: Url,
    /// Whether an answer must repeat the number that was sent along.
    nonce: bool,
}

impl Responder {
    pub(super) const fn new(address: Url, nonce: bool) -> Self {
        Self { address, nonce }
    }

    pub(super) const fn address(&self) -> &Url {
        &self.address
    }

    /// Asks about a certificate whose path was found valid. A fresh nonce goes with each question, so that nobody on
    /// the way can give an old answer.
    pub(super) async fn ask(
        &self,
        web: &Web,
        certificate: &[u8],
        trust: &Trust,
        lists: &CrlSet,
        at: OffsetDateTime,
    ) -> Result<(RevocationStatus, Vec<u8>), Failure> {
        let number = random::bytes::<32>();
        let nonce = self.nonce.then_some(&number);
        let question = ocsp_request(certificate, trust, nonce).map_err(Failure::Refused)?;
        let answer = web.ask(&self.address, &question).await?;
        let status = verify_ocsp_with_lists(&answer, certificate, nonce, trust, lists, at).map_err(Failure::Refused)?;
        Ok((status, answer))
    }
}
