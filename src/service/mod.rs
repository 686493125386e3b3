//! What a person wants done. One public function is one goal and one transaction.
//!
//! Every function keeps the same beats: open, load, decide (in `domain`, pure), save,
//! record the event, announce through the outbox, commit. Nothing slow happens between
//! `begin` and `commit`: documents are set, signatures verified and passwords hashed
//! before, and the signing app is asked before.
//!
//! - [`apply`]: the draft, question by question, and its e-mail codes
//! - [`sign`]: freezing a version, asking the app, verifying what comes back
//! - [`review`]: the queue, the claim, the decision
//! - [`issue`]: number, expiry date, notice — inside the deciding transaction
//! - [`deliver`]: status, notice, initial password
//! - [`sign_in`]: the applicant's and the staff's ways in; [`session`]: what a cookie stands for
//! - [`courier`]: the outbox; [`retain`]: what has run out

pub mod apply;
pub mod codes;
pub mod courier;
pub mod deliver;
mod error;
pub mod issue;
pub mod once;
pub mod password;
pub mod retain;
pub mod review;
pub mod session;
pub mod sign;
pub mod sign_in;
pub mod staff;

pub use error::Error;
pub use once::Once;

use crate::clock::Clock;
use crate::document::Typesetter;
use crate::domain::library::{Library, LibraryRules};
use crate::gateway::mail::Mailer;
use crate::gateway::revocation::RevocationSource;
use crate::gateway::signing_app::SigningApp;
use crate::jpki::Trust;
use crate::store::{Db, libraries};
use password::PasswordHasher;
use std::sync::Arc;

/// The portal: everything that the use cases need, put together once in `server`.
pub struct Portal {
    /// The store.
    pub db: Db,
    /// The present.
    pub clock: Clock,
    /// The app that asks the card to sign.
    pub signing_app: SigningApp,
    /// The roots and policies by which signatures are judged.
    pub trust: Trust,
    /// The lists of revoked certificates.
    pub revocation: RevocationSource,
    /// Sets the documents.
    pub typesetter: Arc<Typesetter>,
    /// Hands over mail.
    pub mailer: Mailer,
    /// Hashes passwords, a few at a time.
    pub passwords: PasswordHasher,
    /// The portal's own address, such as `https://card.example.jp`, without a final slash.
    pub base_url: String,
}

impl Portal {
    /// The library behind a path such as `/himeji`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn library(&self, slug: &str) -> Result<Library, Error> {
        let mut tx = self.db.read().await?;
        libraries::find_by_slug(&mut tx, slug).await?.ok_or(Error::NotFound)
    }

    /// All libraries, for the front page.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn libraries(&self) -> Result<Vec<Library>, Error> {
        let mut tx = self.db.read().await?;
        Ok(libraries::list(&mut tx).await?)
    }

    /// Puts a library's rules in force; the text is kept as it was given.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn import_library(&self, rules: &LibraryRules, source: &str) -> Result<Library, Error> {
        let mut tx = self.db.begin().await?;
        let library = libraries::save_rules(&mut tx, rules, source, self.clock.now()).await?;
        tx.commit().await?;
        Ok(library)
    }

    /// Tells whether the portal can serve: the store answers.
    ///
    /// # Errors
    /// The store's, if it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.db.ping().await?)
    }
}
