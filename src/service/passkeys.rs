//! Passkeys: a patron adds some, removes them, and signs in with one.
//!
//! A challenge rests nowhere: it is derived from the browser's cookie and from what the page carries, counts for a few
//! minutes, and has its effect once.

use super::bearer::proved;
use super::devices::{Device, tell};
use super::own_sessions::patron_of;
use super::password_sign_in::Opening;
use super::session::{Session, SessionToken};
use super::{Error, Once, Portal};
use crate::domain::ids::{LibraryId, PasskeyId, PatronId};
use crate::domain::library::Library;
use crate::domain::notice::MailContent;
use crate::passkey::{Algorithm, KnownKey, Made, PasskeyFault, RelyingParty, Shown, authenticate, register};
use crate::random;
pub use crate::store::passkeys::Passkey;
use crate::store::seal::{self, HashPurpose};
use crate::store::{StoreError, Tx, cards, passkeys, patrons, sessions};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

/// How long somebody may take with the authenticator.
const ANSWER_TIME: Duration = Duration::minutes(10);
/// How long after a sign-in something may be done that a browser which somebody left open must not: a passkey opens
/// everything for years.
pub(super) const JUST_SIGNED_IN: Duration = Duration::minutes(15);
/// More passkeys than this nobody needs.
pub const MOST_PASSKEYS: usize = 10;

/// What the browser is asked to answer, and what the page carries so that the answer is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the page carries: says when it was drawn.
    pub nonce: String,
    /// What the authenticator signs.
    pub bytes: [u8; 32],
}

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Add,
    SignIn,
}

impl Challenge {
    fn fresh(token: &SessionToken, purpose: Purpose, now: OffsetDateTime) -> Self {
        let drawn_at = now.unix_timestamp().to_be_bytes();
        let nonce = BASE64URL_NOPAD.encode(&[&drawn_at[..], &random::bytes::<16>()].concat());
        Self { bytes: *token.key_for(&purpose.key(&nonce)), nonce }
    }

    /// The challenge that a page carried, unless it is too old.
    fn again(token: &SessionToken, purpose: Purpose, nonce: &str, now: OffsetDateTime) -> Result<[u8; 32], Error> {
        let refused = || Error::Passkey(PasskeyFault::OtherChallenge);
        let bytes = BASE64URL_NOPAD.decode(nonce.as_bytes()).map_err(|_| refused())?;
        let (drawn_at, random) = bytes.split_first_chunk::<8>().ok_or_else(refused)?;
        let age = now.unix_timestamp().checked_sub(i64::from_be_bytes(*drawn_at)).ok_or_else(refused)?;
        if random.len() != 16 || age < 0 {
            return Err(refused());
        }
        if age >= ANSWER_TIME.whole_seconds() {
            return Err(Error::Passkey(PasskeyFault::TooLate));
        }
        Ok(*token.key_for(&purpose.key(nonce)))
    }
}

impl Purpose {
    fn key(self, nonce: &str) -> String {
        match self {
            Self::Add => format!("passkey/add/{nonce}"),
            Self::SignIn => format!("passkey/sign-in/{nonce}"),
        }
    }
}

/// What a page needs to offer another passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyOffer {
    /// The challenge.
    pub challenge: Challenge,
    /// What authenticators call the patron: tells nobody who it is.
    pub user: [u8; 32],
    /// The number of the card, by which people know their passkeys apart.
    pub number: String,
    /// Those there are, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// True for whoever has signed in a short while ago: a browser that somebody left open adds none.
    pub may_add: bool,
}

/// What the browser brings back when a passkey is shown.
#[derive(Debug, Clone)]
pub struct PasskeyAnswer {
    /// What the page carried.
    pub nonce: String,
    /// What the authenticator calls the passkey.
    pub credential_id: Vec<u8>,
    /// What the authenticator calls the patron; empty if it does not say.
    pub user: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// The authenticator's data.
    pub authenticator_data: Vec<u8>,
    /// The signature over both.
    pub signature: Vec<u8>,
}

/// What the browser brings back after a passkey was made.
#[derive(Debug, Clone)]
pub struct NewPasskeyAnswer {
    /// What the page carried.
    pub nonce: String,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// The authenticator's data.
    pub authenticator_data: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// The COSE number of its algorithm.
    pub algorithm: i64,
}

impl Portal {
    /// What a browser is asked that wants to sign in with a passkey.
    #[must_use]
    pub fn passkey_challenge(&self, token: &SessionToken) -> Challenge {
        Challenge::fresh(token, Purpose::SignIn, self.clock.now())
    }

    /// The passkeys of whoever the session stands for, and what is needed to add another.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron.
    pub async fn passkey_offer(
        &self,
        library: &Library,
        session: &Session,
        token: &SessionToken,
    ) -> Result<PasskeyOffer, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let patron_id = patron_of(&mut tx, session, now).await?;
        let card = cards::find_by_patron(&mut tx, library.id, patron_id).await?.ok_or(Error::NotFound)?;
        Ok(PasskeyOffer {
            challenge: Challenge::fresh(token, Purpose::Add, now),
            user: user_of(&mut tx, library.id, patron_id).await?,
            number: library.rules.number_series.grouped(&card.number),
            passkeys: passkeys::list_by_patron(&mut tx, library.id, patron_id).await?,
            may_add: has_just_signed_in(&mut tx, session, now).await?,
        })
    }

    /// Adds a passkey to whoever the session stands for, and tells them by mail.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron, [`Error::SignInAgain`] for whoever has proved it some
    /// time ago, [`Error::Passkey`], [`Error::TooManyPasskeys`].
    pub async fn add_passkey(
        &self,
        library: &Library,
        (session, token): (&Session, &SessionToken),
        answer: &NewPasskeyAnswer,
        device: &Device,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let challenge = Challenge::again(token, Purpose::Add, &answer.nonce, now)?;
        let made = Made {
            client_data: &answer.client_data,
            authenticator_data: &answer.authenticator_data,
            public_key: &answer.public_key,
            algorithm: answer.algorithm,
        };
        let new = register(&RelyingParty::at(&self.base_url), &challenge, &made)?;
        let mut tx = self.db.begin().await?;
        Once { key: answer.nonce.clone(), ..once.clone() }.claim(&mut tx, now).await?;
        let patron_id = patron_of(&mut tx, session, now).await?;
        patrons::lock(&mut tx, library.id, patron_id).await?;
        // Whoever ends every way in holds the patron too: what they ended opens no other.
        let session = sessions::find(&mut tx, library.id, &session.token_hash, now).await?.ok_or(Error::SignedOut)?;
        if !has_just_signed_in(&mut tx, &session, now).await? {
            return Err(Error::SignInAgain);
        }
        if passkeys::list_by_patron(&mut tx, library.id, patron_id).await?.len() >= MOST_PASSKEYS {
            return Err(Error::TooManyPasskeys);
        }
        let patron = patrons::find(&mut tx, library.id, patron_id).await?.ok_or(Error::NotFound)?;
        let passkey = Passkey {
            id: PasskeyId::new(now),
            library_id: library.id,
            patron_id,
            credential_id: new.credential_id,
            algorithm: new.algorithm.number(),
            public_key: new.public_key,
            sign_count: new.sign_count,
            device: device.kind,
            added_at: now,
            used_at: None,
        };
        match passkeys::insert(&mut tx, &passkey).await {
            // Another patron's, or the same once more: it is not said which.
            Err(StoreError::Duplicate) => return Err(Error::Passkey(PasskeyFault::UnsuitableKey)),
            inserted => inserted?,
        }
        tell(&mut tx, library.id, &patron, MailContent::PasskeyAdded { device: device.kind }, now).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a passkey of whoever the session stands for. One that is gone is removed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron.
    pub async fn remove_passkey(&self, session: &Session, id: PasskeyId, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let patron_id = patron_of(&mut tx, session, now).await?;
        passkeys::delete(&mut tx, session.library_id, patron_id, id).await?;
        Ok(tx.commit().await?)
    }

    /// Signs a patron in with a passkey.
    ///
    /// # Errors
    /// [`Error::Passkey`]; an unknown one is told from no other fault.
    pub async fn sign_in_with_passkey(
        &self,
        library: &Library,
        token: &SessionToken,
        answer: &PasskeyAnswer,
        device: &Device,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let challenge = Challenge::again(token, Purpose::SignIn, &answer.nonce, now)?;
        let mut tx = self.db.begin().await?;
        Once { key: answer.nonce.clone(), ..once.clone() }.claim(&mut tx, now).await?;
        let found = passkeys::find(&mut tx, library.id, &answer.credential_id).await?;
        let passkey = found.ok_or(Error::Passkey(PasskeyFault::WrongSignature))?;
        let user = user_of(&mut tx, library.id, passkey.patron_id).await?;
        // A passkey that is found without being asked for by name says whose it is (§7.2 step 6).
        if !bool::from(answer.user.as_slice().ct_eq(&user)) {
            return Err(Error::Passkey(PasskeyFault::WrongSignature));
        }
        // Whoever removes it meanwhile ends what it opens.
        patrons::lock(&mut tx, library.id, passkey.patron_id).await?;
        let count = judge(&self.base_url, &challenge, &passkey, answer)?;
        passkeys::mark_used(&mut tx, &passkey, count, now).await?;
        let patron = match patrons::find(&mut tx, library.id, passkey.patron_id).await {
            Err(StoreError::Unsealable { .. }) => None,
            patron => patron?,
        };
        let patron = patron.ok_or(Error::Passkey(PasskeyFault::WrongSignature))?;
        let opening = Opening { library, token, device, cause: answer.nonce.as_bytes() };
        let opened = opening.open(&mut tx, &patron, now).await?;
        tx.commit().await?;
        Ok(opened)
    }
}

/// Tells whether whoever the session stands for has proved it a short while ago.
async fn has_just_signed_in(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<bool, Error> {
    let proved = proved(tx, session, now).await?;
    Ok(proved.is_some_and(|proved| now - proved.proof.at < JUST_SIGNED_IN))
}

fn judge(base_url: &str, challenge: &[u8; 32], passkey: &Passkey, answer: &PasskeyAnswer) -> Result<u32, Error> {
    let algorithm = Algorithm::of_number(passkey.algorithm).ok_or(Error::Internal("a passkey of an unknown kind"))?;
    let known = KnownKey { algorithm, public_key: &passkey.public_key, sign_count: passkey.sign_count };
    let shown = Shown {
        client_data: &answer.client_data,
        authenticator_data: &answer.authenticator_data,
        signature: &answer.signature,
    };
    Ok(authenticate(&RelyingParty::at(base_url), challenge, &known, &shown)?)
}

async fn user_of(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<[u8; 32], Error> {
    let id = patron_id.as_uuid();
    Ok(seal::keyed_hash(tx, library_id, HashPurpose::PasskeyUser, &[id.as_bytes()]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_one_browsers_for_one_purpose_and_ten_minutes() {
        let (token, other) = (SessionToken::random(), SessionToken::random());
        let now = time::macros::datetime!(2026-11-20 09:00 UTC);
        let drawn = Challenge::fresh(&token, Purpose::SignIn, now);
        let again = |token, purpose, nonce: &str, after| Challenge::again(token, purpose, nonce, now + after).ok();
        let last = ANSWER_TIME - Duration::SECOND;
        assert_eq!(again(&token, Purpose::SignIn, &drawn.nonce, last), Some(drawn.bytes));
        assert_eq!(again(&token, Purpose::SignIn, &drawn.nonce, ANSWER_TIME), None);
        assert_eq!(again(&token, Purpose::SignIn, &drawn.nonce, -Duration::SECOND), None);
        assert_ne!(again(&other, Purpose::SignIn, &drawn.nonce, last), Some(drawn.bytes));
        assert_ne!(again(&token, Purpose::Add, &drawn.nonce, last), Some(drawn.bytes));
        for nonce in ["", "AAAA", "no base64!", &drawn.nonce[1..]] {
            assert_eq!(again(&token, Purpose::SignIn, nonce, last), None, "{nonce}");
        }
    }
}
