//! What a person wants done. One public function is one goal and one transaction.
//!
//! Every function keeps the same beats: open, load, decide (in `domain`, pure), save,
//! record the event, announce through the outbox, commit. Nothing slow happens between
//! `begin` and `commit`: documents are set, signatures verified and passwords hashed
//! before, and the signing app is asked before.
//!
//! - [`apply`]: the draft, question by question; [`codes`]: what proves an address; [`resume`], [`withdraw`]
//! - [`attach`]: pictures of documents, from the applicant and before the reviewer
//! - [`correction`]: what reviewers ask applicants to put right; [`messages`]: what both write to each other
//! - [`sign`]: freezing a version, asking the app, verifying what comes back
//! - [`review`]: the queue, the claim, the decision; [`templates`]: texts to begin with; [`absence`]: who is not there
//! - [`duplicates`]: whether the applicant is known already; [`relations`]: who must leave an application to others
//! - `revocation`: whether the signer's certificate was revoked, asked again until it is known
//! - [`certificate_number`]: the number of a patron's user-authentication certificate
//! - [`certificate_sweep`]: whether the certificates behind issued cards are still good
//! - [`evidence`]: what is kept so that a signature can be checked again in ten years
//! - [`issue`]: number, expiry date, link, password, facts, notice — inside the deciding transaction
//! - [`procedures`]: what a patron can do about the card; `beginning`: beginning it, with what is known; `begun`: what was
//!   begun before; [`my_card`]: stop, found, unlink
//! - [`about_card`]: whose card an application is about; `automatic`: what the rules decide by themselves
//! - [`deliver`]: status, notice, initial password; [`notice_document`]: its file and seal; [`verify_notice`]: whether it
//!   is genuine; [`bearer`]: who a session stands for; [`patron_page`],
//!   [`own_record`], [`family`]: what they see
//! - [`patrons`]: staff look for a patron and open the record; [`requests`]: what patrons ask about it
//! - [`exchange`]: files to and from the library system
//! - [`sign_in`], [`card_sign_in`], [`password_sign_in`]: the ways in, by code, by My Number card, by number and password;
//!   [`session`]: what a cookie stands for; [`own_sessions`], [`devices`]: where a patron is signed in, and was
//! - [`password_change`]: a password of one's own in the place of the initial one; [`passkeys`]: in the place of passwords
//! - [`courier`]: the outbox; [`bounces`]: what comes back of it; [`mail_care`]: whether it goes out; [`retain`]: what has run out
//! - [`simulate`]: what changed rules would treat differently
//! - [`staff`]: accounts; [`keys`]: the change of the master key; [`audit`]: whether the record still holds

pub mod about_card;
pub mod absence;
pub mod apply;
pub mod attach;
pub mod audit;
mod automatic;
pub mod bearer;
mod beginning;
mod begun;
pub mod blocks;
pub mod bounces;
pub mod campaign;
mod card_news;
pub mod card_sign_in;
pub mod certificate_number;
pub mod certificate_sweep;
pub mod closing;
pub mod codes;
pub mod correction;
pub mod counter_password;
pub mod courier;
pub mod deliver;
pub mod devices;
pub mod duplicates;
mod error;
pub mod evidence;
pub mod exchange;
pub mod family;
mod guardian;
pub mod issue;
pub mod keys;
pub mod language;
mod library;
pub mod mail_care;
pub mod messages;
pub mod my_card;
pub mod notice_document;
pub mod once;
pub mod own_record;
pub mod own_sessions;
mod pace;
pub mod papers;
pub mod passkeys;
pub mod password;
pub mod password_change;
pub mod password_sign_in;
pub mod patron_page;
pub mod patrons;
pub mod procedures;
pub mod promise;
mod proofs;
mod record;
pub mod relations;
pub mod remind;
pub mod requests;
pub mod resume;
pub mod retain;
pub mod review;
mod revocation;
pub mod session;
pub mod sign;
pub mod sign_in;
pub mod simulate;
pub mod staff;
pub mod templates;
pub mod typeset;
mod unread;
pub mod verify_notice;
pub mod visit;
pub mod withdraw;

pub use error::Error;
pub use library::KnownLibraries;
pub use once::Once;

use crate::clock::Clock;
use crate::document::Typesetter;
use crate::gateway::certificate_lookup::CertificateLookup;
use crate::gateway::mail::Mailer;
use crate::gateway::picture_reader::PictureReader;
use crate::gateway::revocation::Revocation;
use crate::gateway::seal::Seals;
use crate::gateway::signing_app::SigningApp;
use crate::gateway::timestamp::TimestampAuthority;
use crate::jpki::Trust;
use crate::store::Db;
use attach::AttachmentLimits;
use certificate_sweep::SweptLists;
use mail_care::MailCare;
use password::PasswordHasher;
use retain::purge::PurgeCap;
use sign::Waiting;
use std::sync::Arc;
use typeset::Typesetting;

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
    /// Whether certificates were revoked.
    pub revocation: Revocation,
    /// By which lists the linked certificates were checked last.
    pub swept: SweptLists,
    /// Who knows the numbers of user-authentication certificates.
    pub certificate_lookup: CertificateLookup,
    /// Who vouches for the time of evidence, if anybody does.
    pub timestamps: Option<TimestampAuthority>,
    /// What proves that a notice is a library's.
    pub seals: Seals,
    /// Sets the documents.
    pub typesetter: Arc<Typesetter>,
    /// Lets as many documents be set at once as there are processors.
    pub typesetting: Typesetting,
    /// Makes pictures of what is sent as proof.
    pub pictures: PictureReader,
    /// How much may be sent as proof.
    pub attachment_limits: AttachmentLimits,
    /// How much may be erased at once of what was kept long enough.
    pub purge_cap: PurgeCap,
    /// Lets a few people at a time wait for a signature on another device.
    pub waiting: Waiting,
    /// Hands over mail.
    pub mailer: Mailer,
    /// Where it comes back to, and whether it goes out.
    pub mail_care: MailCare,
    /// Hashes passwords, a few at a time.
    pub passwords: PasswordHasher,
    /// The portal's own address, such as `https://card.example.jp`, without a final slash.
    pub base_url: String,
    /// The libraries that were looked up lately.
    pub known_libraries: KnownLibraries,
}

impl Portal {
    /// Tells whether the portal can serve: the store answers.
    ///
    /// # Errors
    /// The store's, if it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.db.ping().await?)
    }
}
