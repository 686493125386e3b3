//! Staff accounts: the one-time invitation, the password with its second factor, the session.

pub mod accounts;

use super::session::{self, SessionToken};
use super::{Error, Portal};
use crate::domain::account::AccountRefused;
use crate::domain::deed::Deed;
use crate::domain::ids::{LibraryId, StaffId};
use crate::domain::library::Library;
use crate::domain::permission::RoleGrant;
use crate::domain::staff::{Login, StaffMember};
use crate::random;
use crate::sha256::sha256;
use crate::store::seal::{self, HashPurpose};
use crate::store::{Tx, sessions, staff, staff_deeds};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use time::Duration;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// How long an invitation can be used.
pub const INVITATION_LIFE: Duration = Duration::days(3);
/// The shortest password that staff may choose, in characters (NIST SP 800-63B: at least eight).
pub const SHORTEST_PASSWORD: usize = 12;

/// The second factor offered to a new staff member.
pub struct Enrolment {
    /// Who enrols.
    pub member: StaffMember,
    /// The secret in base 32, to be typed into an authenticator app.
    pub secret: Zeroizing<String>,
    /// The `otpauth:` address for the app's QR code.
    pub address: Zeroizing<String>,
}

/// Why an enrolment was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentFault {
    /// The password has fewer than [`SHORTEST_PASSWORD`] characters.
    #[error("the password is too short")]
    ShortPassword,
    /// The code does not belong to the secret.
    #[error("the code does not fit the secret")]
    WrongCode,
}

impl Portal {
    /// What an invitation offers: a fresh second factor. The secret is derived from the token, so that the
    /// page can be opened again without storing anything.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the invitation is unknown, used or out of date.
    pub async fn enrolment(&self, library: &Library, token: &str) -> Result<Enrolment, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let id = staff::find_invite(&mut tx, &sha256(token.as_bytes()), now).await?.ok_or(Error::NotFound)?;
        let account = staff::find(&mut tx, library.id, id).await?.filter(|account| account.member.is_active());
        let member = account.ok_or(Error::NotFound)?.member;
        let secret = totp_secret(&mut tx, library.id, token).await?;
        let totp = totp(&secret[..], library.rules.name.as_str(), &member.login)?;
        let address = totp.to_url().map_err(|_| Error::Internal("unspeakable otpauth address"))?;
        let secret = Zeroizing::new(BASE32_NOPAD.encode(&*secret));
        Ok(Enrolment { member, secret, address: Zeroizing::new(address) })
    }

    /// Uses up an invitation: sets the password and the second factor that the page offered.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a dead invitation; the inner error for input to be mended.
    pub async fn enrol(
        &self,
        library: &Library,
        token: &str,
        password: Zeroizing<String>,
        code: &str,
    ) -> Result<Result<(), EnrolmentFault>, Error> {
        let enrolment = self.enrolment(library, token).await?;
        if password.chars().count() < SHORTEST_PASSWORD {
            return Ok(Err(EnrolmentFault::ShortPassword));
        }
        let now = self.clock.now();
        let secret = Zeroizing::new(
            BASE32_NOPAD.decode(enrolment.secret.as_bytes()).map_err(|_| Error::Internal("unreadable secret"))?,
        );
        let totp = totp(&secret, library.rules.name.as_str(), &enrolment.member.login)?;
        let Some(step) = check(&totp, code, now) else { return Ok(Err(EnrolmentFault::WrongCode)) };
        let hash = self.passwords.hash(password).await?;
        let mut tx = self.db.begin().await?;
        let id = staff::consume_invite(&mut tx, &sha256(token.as_bytes()), now).await?.ok_or(Error::NotFound)?;
        staff::save_credentials(&mut tx, id, &hash, &secret).await?;
        staff::accept_totp_step(&mut tx, id, step).await?;
        tx.commit().await?;
        tracing::info!(library = library.rules.slug, staff = %id, "staff member enrolled");
        Ok(Ok(()))
    }

    /// Signs a staff member in. One answer for every failure, after the same work.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`].
    pub async fn sign_in_staff(
        &self,
        library: &Library,
        login: &str,
        password: Zeroizing<String>,
        code: &str,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        // What cannot be a login gets the same work and the same answer as an unknown one.
        let account = match login.parse::<Login>() {
            Ok(login) => staff::find_by_login(&mut tx, library.id, login.as_str()).await?,
            Err(_) => None,
        };
        drop(tx);
        let id = account.as_ref().map(|account| account.member.id);
        let refused = || {
            tracing::info!(
                library = library.rules.slug,
                staff = id.map(tracing::field::display),
                "staff sign-in refused"
            );
            Error::WrongCredentials
        };
        let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
        let known = self.passwords.verify(password, hash).await?;
        let account = account.filter(|account| known && account.member.is_active()).ok_or_else(refused)?;
        let secret = account.totp_secret.as_deref().ok_or_else(refused)?;
        let totp = totp(secret, library.rules.name.as_str(), &account.member.login)?;
        let step = check(&totp, code, now).ok_or_else(refused)?;
        let fresh = SessionToken::random();
        let mut tx = self.db.begin().await?;
        // A code opens one session: whoever saw it typed cannot use it again (RFC 6238 §5.2).
        if !staff::accept_totp_step(&mut tx, account.member.id, step).await? {
            return Err(refused());
        }
        sessions::insert(&mut tx, &session::of_staff(&fresh, library.id, account.member.id, now)).await?;
        staff::mark_signed_in(&mut tx, account.member.id, now).await?;
        staff_deeds::record(&mut tx, &account.member, Deed::SignedIn, "", now).await?;
        tx.commit().await?;
        tracing::info!(library = library.rules.slug, staff = %account.member.id, "staff member signed in");
        Ok(fresh)
    }

    /// The active staff member behind a session.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if the account is gone or disabled.
    pub async fn staff_member(&self, library_id: LibraryId, id: StaffId) -> Result<StaffMember, Error> {
        let mut tx = self.db.read().await?;
        staff::find(&mut tx, library_id, id)
            .await?
            .map(|account| account.member)
            .filter(StaffMember::is_active)
            .ok_or(Error::SignedOut)
    }

    /// Gives a staff member known credentials at once: for demonstrations, never in production.
    ///
    /// # Errors
    /// Only the store's; an existing login is left as it is.
    pub async fn add_demo_staff(
        &self,
        library: &Library,
        login: &str,
        name: &str,
        roles: Vec<RoleGrant>,
        password: &str,
        totp_secret: &[u8],
    ) -> Result<(), Error> {
        let login: Login = login.parse().map_err(|_| Error::Internal("unusable login"))?;
        match self.add_staff(library, &login, name, roles).await {
            Ok(_) => {}
            Err(Error::Account(AccountRefused::LoginTaken)) => return Ok(()),
            Err(error) => return Err(error),
        }
        let hash = self.passwords.hash(Zeroizing::new(password.to_owned())).await?;
        let mut tx = self.db.begin().await?;
        let member = active_member(&mut tx, library, &login).await?;
        staff::save_credentials(&mut tx, member.id, &hash, totp_secret).await?;
        Ok(tx.commit().await?)
    }
}

async fn active_member(tx: &mut Tx, library: &Library, login: &Login) -> Result<StaffMember, Error> {
    let account = staff::find_by_login(tx, library.id, login.as_str()).await?;
    account.map(|account| account.member).filter(StaffMember::is_active).ok_or(Error::NotFound)
}

/// The second factor that an invitation offers, the same each time it is opened.
async fn totp_secret(tx: &mut Tx, library_id: LibraryId, token: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
    let parts: [&[u8]; 1] = [token.as_bytes()];
    Ok(Zeroizing::new(seal::keyed_hash(tx, library_id, HashPurpose::SecondFactor, &parts).await?))
}

/// The code that a secret shows at `now`, for demonstrations and stories.
///
/// # Errors
/// [`Error::Internal`] if the secret is too short.
pub fn current_code(secret: &[u8], now: time::OffsetDateTime) -> Result<String, Error> {
    Ok(totp(secret, "todoke", "demo")?.generate(unix(now)).to_string())
}

fn totp(secret: &[u8], issuer: &str, login: &str) -> Result<Totp, Error> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::from(secret))
        .with_account_name(login)
        // A colon would end the issuer's part of the label.
        .with_issuer(Some(issuer.replace(':', " ")))
        .build()
        .map_err(|_| Error::Internal("unusable second factor"))
}

fn check(totp: &Totp, code: &str, now: time::OffsetDateTime) -> Option<i64> {
    let digits: String = code
        .chars()
        .filter_map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xfee0),
            ' ' | '\u{3000}' | '-' => None,
            other => Some(other),
        })
        .collect();
    totp.check(&digits, unix(now)).and_then(|step| i64::try_from(step).ok())
}

fn unix(now: time::OffsetDateTime) -> u64 {
    u64::try_from(now.unix_timestamp()).unwrap_or_default()
}

fn random_token() -> String {
    BASE64URL_NOPAD.encode(&random::bytes::<24>())
}
