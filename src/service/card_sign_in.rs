//! Signing in with the card: to one's own page, and to the initial password.
//!
//! The signing app has its own name for each person (pairwise `sub`), which is linked with an application when it is
//! signed. Whoever comes back under that name is the one who signed. A name that nothing is linked with (no
//! application here, or a new name after the card was replaced) opens nothing: the other ways stay open.

use super::bearer::{self, Bearer};
use super::begun::is_writable;
use super::devices::{self, Device, Telling};
use super::session::{self, READER_LONGEST, Session, SessionToken};
use super::sign::Callback;
use super::{Error, Portal};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, CardSignInId, LibraryId};
use crate::domain::library::Library;
use crate::domain::reference::Reference;
use crate::gateway::signing_app::{CallbackError, Pkce, SigningAppError, Subject};
use crate::sha256::sha256;
pub use crate::store::card_sign_ins::CardPurpose;
use crate::store::card_sign_ins::{self, CardProof, CardSignIn};
use crate::store::{Tx, app_subjects, libraries, sessions};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

/// How long somebody may take with the card.
const ANSWER_TIME: Duration = Duration::minutes(10);
/// For how long the card that was shown opens the initial password.
const PROOF_LIFE: Duration = Duration::minutes(10);

/// Why the card opened nothing: one page each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardProblem {
    /// No application is linked with the app's name for this person.
    Unknown,
    /// The open application was signed by somebody else, or under another name.
    OtherPerson,
    /// The person stopped in the app.
    Cancelled,
    /// The card could not be read.
    ReadError,
    /// The card's password is locked.
    PinLocked,
    /// The telephone is too old for the app, or reads no cards.
    UnsupportedDevice,
    /// The app could not be reached, or gave an answer that proves nothing.
    AppUnavailable,
    /// It took too long, or the answer was used.
    RequestExpired,
}

impl CardProblem {
    /// The word in addresses.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::OtherPerson => "other-person",
            Self::Cancelled => "cancelled",
            Self::ReadError => "read-error",
            Self::PinLocked => "pin-locked",
            Self::UnsupportedDevice => "unsupported-device",
            Self::AppUnavailable => "app-unavailable",
            Self::RequestExpired => "request-expired",
        }
    }

    const fn of_callback(error: CallbackError) -> Self {
        match error {
            CallbackError::Cancelled => Self::Cancelled,
            CallbackError::ReadError => Self::ReadError,
            CallbackError::PinLocked => Self::PinLocked,
            CallbackError::UnsupportedDevice => Self::UnsupportedDevice,
            // What is said of the signing certificate means nothing here.
            CallbackError::NotCompleted
            | CallbackError::Unavailable
            | CallbackError::Misconfigured
            | CallbackError::NoCertificate
            | CallbackError::CertificateExpired
            | CallbackError::CertificateRevoked => Self::AppUnavailable,
        }
    }

    const fn of_app(error: &SigningAppError) -> Self {
        match error {
            SigningAppError::Stopped(why) => Self::of_callback(*why),
            _ => Self::AppUnavailable,
        }
    }
}

/// What the app's answer came to.
#[derive(Debug)]
pub enum CardOutcome {
    /// The card opened what it was shown for; the browser goes on with a fresh session.
    Opened {
        /// The fresh session.
        fresh: SessionToken,
        /// True if the person has more than one application to choose from.
        is_choice: bool,
    },
    /// The same answer had its effect before.
    Repeated,
    /// It opened nothing, and why.
    Problem(CardProblem),
}

/// Which library's page asked for the card, and what for.
#[derive(Debug, Clone)]
pub struct CardRequest {
    /// The library.
    pub library: Library,
    /// What for.
    pub purpose: CardPurpose,
}

impl Portal {
    /// Opens a request and returns the address of the app to send the browser to.
    ///
    /// # Errors
    /// [`Error::SigningApp`] if the app's address cannot be found out: nothing has changed then.
    pub async fn begin_card_sign_in(
        &self,
        library: &Library,
        token: &SessionToken,
        purpose: CardPurpose,
    ) -> Result<String, Error> {
        let now = self.clock.now();
        let secrets = Secrets::of(token, CardSignInId::new(now));
        let challenge = Pkce::challenge_of(&secrets.verifier);
        let address = self.signing_app.sign_in_url(&secrets.state, &secrets.nonce, &challenge).await?;
        let request = CardSignIn {
            id: secrets.id,
            library_id: library.id,
            purpose,
            state_hash: sha256(secrets.state.as_bytes()),
            session_hash: token.hash(),
            opened_at: now,
            expires_at: now + ANSWER_TIME,
            consumed_at: None,
            proof: None,
        };
        let mut tx = self.db.begin().await?;
        card_sign_ins::insert(&mut tx, &request).await?;
        tx.commit().await?;
        Ok(address)
    }

    /// What the app's answer with this `state` is about.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it belongs to no request of this browser session.
    pub async fn card_request(&self, token: &SessionToken, state: &str) -> Result<CardRequest, Error> {
        let mut tx = self.db.read().await?;
        let request = request_of(&mut tx, token, state).await?;
        let library = libraries::find(&mut tx, request.library_id).await?.ok_or(Error::NotFound)?;
        Ok(CardRequest { library, purpose: request.purpose })
    }

    /// Takes the app's answer: finds out who showed the card, and opens what is theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`] if `state` belongs to no request of this browser session; beyond that only failures
    /// inside, for every fault of the answer is a [`CardProblem`].
    pub async fn complete_card_sign_in(
        &self,
        library: &Library,
        token: &SessionToken,
        (state, callback): (&str, Callback),
        device: &Device,
    ) -> Result<CardOutcome, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let request = request_of(&mut tx, token, state).await?;
        if request.library_id != library.id {
            return Err(Error::NotFound);
        }
        if !card_sign_ins::consume(&mut tx, request.id, now).await? {
            return Ok(match request.proof {
                Some(_) => CardOutcome::Repeated,
                None => CardOutcome::Problem(CardProblem::RequestExpired),
            });
        }
        tx.commit().await?;
        let subject = match self.subject_of(token, &request, callback, now).await {
            Ok(subject) => subject,
            Err(problem) => return Ok(CardOutcome::Problem(problem)),
        };
        self.open_by_card(library, (token, device), &request, &subject, now).await
    }

    async fn subject_of(
        &self,
        token: &SessionToken,
        request: &CardSignIn,
        callback: Callback,
        now: OffsetDateTime,
    ) -> Result<Subject, CardProblem> {
        let code = match callback {
            Callback::Code(code) => code,
            Callback::Failed(code) => return Err(CardProblem::of_callback(self.signing_app.callback_error(&code))),
        };
        let Secrets { nonce, verifier, .. } = Secrets::of(token, request.id);
        self.signing_app.fetch_subject(&code, &verifier, &nonce, now).await.map_err(|error| {
            tracing::warn!(%error, "nobody was signed in by the signing app");
            CardProblem::of_app(&error)
        })
    }

    async fn open_by_card(
        &self,
        library: &Library,
        (token, device): (&SessionToken, &Device),
        request: &CardSignIn,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<CardOutcome, Error> {
        let mut tx = self.db.begin().await?;
        let issuer = self.signing_app.issuer();
        let subject_token = app_subjects::subject_token(&mut tx, library.id, issuer, subject.as_str()).await?;
        let applications = app_subjects::list_applications(&mut tx, library.id, &subject_token).await?;
        let open = sessions::find(&mut tx, library.id, &token.hash(), now).await?;
        let opened = match request.purpose {
            CardPurpose::SignIn => bearer::opened_by_card(&mut tx, &applications).await?,
            // The password of whoever the open session stands for, of nobody else.
            CardPurpose::Reveal => match &open {
                Some(open) => collected(&mut tx, library, open, now)
                    .await?
                    .filter(|id| applications.iter().any(|own| own.id == *id)),
                None => None,
            },
        };
        let Some(opened) = opened else {
            let is_reveal = request.purpose == CardPurpose::Reveal;
            let problem = if is_reveal { CardProblem::OtherPerson } else { CardProblem::Unknown };
            return Ok(CardOutcome::Problem(problem));
        };
        let fresh = token.successor(&mut tx, library.id, request.id.as_uuid().as_bytes()).await?;
        card_sign_ins::save_proof(&mut tx, request.id, &CardProof { session_hash: fresh.hash(), subject_token })
            .await?;
        let is_open = sessions::delete(&mut tx, &token.hash()).await?;
        if request.purpose == CardPurpose::Reveal && !is_open {
            return Err(Error::SignedOut);
        }
        let following = if let Some(open) = open.filter(|_| request.purpose == CardPurpose::Reveal) {
            // What is open stays open.
            Session { token_hash: fresh.hash(), seen_at: now, ..open }
        } else {
            let proof = bearer::proof_by_card(&mut tx, &applications, now).await?;
            Session { proof, device: Some(device.kind), ..session::of_reader(&fresh, library.id, opened, now) }
        };
        sessions::insert(&mut tx, &following).await?;
        if request.purpose == CardPurpose::SignIn
            && let Some(bearer::Proved { held, .. }) = bearer::proved(&mut tx, &following, now).await?
        {
            devices::remember(&mut tx, library.id, &held.patron, device, Telling::ByMail, now).await?;
        }
        tx.commit().await?;
        Ok(CardOutcome::Opened { fresh, is_choice: request.purpose == CardPurpose::SignIn && applications.len() > 1 })
    }

    /// Goes over to another application of whoever the session stands for, and to the card that it granted. A draft that
    /// they began as the patron is worked on where they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not one of theirs.
    pub async fn switch_application(
        &self,
        library: &Library,
        token: &SessionToken,
        to: &Reference,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let open = sessions::find(&mut tx, library.id, &token.hash(), now).await?.ok_or(Error::SignedOut)?;
        let bearer = Bearer::find(&mut tx, &open, now).await?;
        let chosen = bearer.applications.iter().find(|one| one.reference == *to).ok_or(Error::NotFound)?;
        if bearer.application == Some(chosen.id) {
            return Ok(());
        }
        // The same person at the same browser: the cookie may stay, and so may the end of the session.
        let reader = session::of_reader(token, library.id, chosen.id, now);
        let is_own_draft = is_writable(&chosen.state) && bearer::is_begun_by(&mut tx, &bearer, chosen).await?;
        let next = if is_own_draft { session::of_applicant(token, library.id, chosen.id, now) } else { reader };
        if !sessions::delete(&mut tx, &token.hash()).await? {
            // It was ended elsewhere since it was read, and stays so.
            return Err(Error::SignedOut);
        }
        let proof = bearer::proof_about(&mut tx, &bearer, chosen, now).await?;
        sessions::insert(&mut tx, &Session { started_at: open.started_at, proof, device: open.device, ..next }).await?;
        Ok(tx.commit().await?)
    }

    /// Links an application that was just signed with the app's name for the signer. Without the link there is only
    /// one way in less, so a failure does not undo what was submitted.
    pub(super) async fn link_signer(
        &self,
        library: &Library,
        id: ApplicationId,
        subject: &Subject,
        now: OffsetDateTime,
    ) {
        if let Err(error) = self.save_link(library, id, subject, now).await {
            tracing::error!(%error, application = %id, "the signer could not be linked: the card will not sign in");
        }
    }

    async fn save_link(
        &self,
        library: &Library,
        id: ApplicationId,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let issuer = self.signing_app.issuer();
        let subject_token = app_subjects::subject_token(&mut tx, library.id, issuer, subject.as_str()).await?;
        app_subjects::save(&mut tx, library.id, id, &subject_token, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether this session showed the signer's card a short while ago, and until when that counts.
pub(super) async fn shown_until(
    tx: &mut Tx,
    library_id: LibraryId,
    token: &SessionToken,
    id: ApplicationId,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, Error> {
    let Some((proof, shown_at)) = proof_of(tx, library_id, &token.hash()).await? else { return Ok(None) };
    let is_signer = app_subjects::find(tx, library_id, id).await?.is_some_and(|signer| signer == proof.subject_token);
    Ok(Some(shown_at + PROOF_LIFE).filter(|until| is_signer && *until > now))
}

/// Deletes what no session can refer to any more.
pub(super) async fn delete_expired(tx: &mut Tx, now: OffsetDateTime) -> Result<(), Error> {
    card_sign_ins::delete_opened_before(tx, now - ANSWER_TIME - READER_LONGEST).await?;
    Ok(())
}

/// The applications of whoever showed the card in this session, the newest first; none if somebody signed in another
/// way.
pub(super) async fn applications_shown(
    tx: &mut Tx,
    library_id: LibraryId,
    token_hash: &[u8; 32],
) -> Result<Vec<Application>, Error> {
    match proof_of(tx, library_id, token_hash).await? {
        Some((proof, _)) => Ok(app_subjects::list_applications(tx, library_id, &proof.subject_token).await?),
        None => Ok(Vec::new()),
    }
}

/// The application through which the password of whoever the session stands for is collected; without one, the open one.
async fn collected(
    tx: &mut Tx,
    library: &Library,
    open: &Session,
    now: OffsetDateTime,
) -> Result<Option<ApplicationId>, Error> {
    match bearer::password_application(tx, library, open, (None, 0), now).await {
        Ok(id) => Ok(Some(id)),
        Err(Error::NotFound) => Ok(bearer::application_of(open.subject)),
        Err(error) => Err(error),
    }
}

async fn proof_of(
    tx: &mut Tx,
    library_id: LibraryId,
    token_hash: &[u8; 32],
) -> Result<Option<(CardProof, OffsetDateTime)>, Error> {
    let request = card_sign_ins::find_by_proved_session(tx, library_id, token_hash).await?;
    Ok(request.and_then(|request| request.proof.zip(request.consumed_at)))
}

/// The request of a `state`, for the session that asked and for the one that followed it.
async fn request_of(tx: &mut Tx, token: &SessionToken, state: &str) -> Result<CardSignIn, Error> {
    let request = card_sign_ins::find_by_state(tx, &sha256(state.as_bytes())).await?.ok_or(Error::NotFound)?;
    let hash = token.hash();
    let followed = request.proof.is_some_and(|proof| bool::from(proof.session_hash.ct_eq(&hash)));
    if followed || bool::from(request.session_hash.ct_eq(&hash)) { Ok(request) } else { Err(Error::NotFound) }
}

/// What only the browser that asked can make again: derived from its cookie, kept nowhere.
struct Secrets {
    id: CardSignInId,
    state: String,
    nonce: String,
    verifier: String,
}

impl Secrets {
    fn of(token: &SessionToken, id: CardSignInId) -> Self {
        let derived = |what: &str| BASE64URL_NOPAD.encode(&token.key_for(&format!("card-sign-in/{what}/{id}"))[..]);
        Self { id, state: derived("state"), nonce: derived("nonce"), verifier: derived("verifier") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_and_each_request_has_secrets_of_its_own() {
        let (token, other) = (SessionToken::random(), SessionToken::random());
        let at = time::macros::datetime!(2026-11-20 09:00 UTC);
        let (id, next) = (CardSignInId::new(at), CardSignInId::new(at));
        let one = Secrets::of(&token, id);
        let again = Secrets::of(&token, id);
        assert_eq!((&one.state, &one.nonce, &one.verifier), (&again.state, &again.nonce, &again.verifier));
        // RFC 7636 §4.1: 43 to 128 characters.
        assert_eq!(one.verifier.len(), 43);
        assert!(one.state != one.nonce && one.nonce != one.verifier);
        assert_ne!(one.state, Secrets::of(&other, id).state);
        assert_ne!(one.state, Secrets::of(&token, next).state);
    }
}
