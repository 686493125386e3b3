//! A form that is sent twice has one effect.
//!
//! Every state-changing form carries a random key made when the page was rendered. The
//! key is claimed in the same transaction as the effect, so either both stand or none.

use super::Error;
use crate::domain::ids::LibraryId;
use crate::store::{Tx, idempotency};
use time::OffsetDateTime;

/// One sending of one form.
#[derive(Debug, Clone)]
pub struct Once {
    /// The library in whose pages the form stood.
    pub library_id: LibraryId,
    /// The hash of the sender's session token.
    pub actor: [u8; 32],
    /// The route that received it.
    pub route: &'static str,
    /// The key that the page carried.
    pub key: String,
    /// SHA-256 of what was sent, without the key and the CSRF token.
    pub body_hash: [u8; 32],
    /// Where success leads; a repeat is led there too.
    pub location: String,
}

impl Once {
    /// Tells whether the form has had its effect.
    pub(super) async fn is_repeated(&self, tx: &mut Tx) -> Result<bool, Error> {
        Ok(idempotency::is_used(tx, self.library_id, &self.actor, self.route, &self.key).await?)
    }

    /// Claims the key within `tx`.
    ///
    /// # Errors
    /// [`Error::Repeated`] if the form has had its effect, [`Error::KeyReused`] if the key
    /// comes with other contents.
    pub(super) async fn claim(&self, tx: &mut Tx, now: OffsetDateTime) -> Result<(), Error> {
        let key = idempotency::OnceKey {
            library_id: self.library_id,
            actor: self.actor,
            route: self.route,
            key: &self.key,
            body_hash: self.body_hash,
            location: &self.location,
        };
        match idempotency::claim(tx, &key, now).await? {
            idempotency::Claim::Fresh => Ok(()),
            idempotency::Claim::Repeat { location } => Err(Error::Repeated { location }),
            idempotency::Claim::OtherBody => Err(Error::KeyReused),
        }
    }
}
