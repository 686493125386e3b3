//! From a PC to a telephone: the PC shows a QR code, the telephone names a number, reads what it is about, and signs.
//!
//! The telephone has a session of its own that is worth nothing anywhere else: it may read and
//! sign the one version that it was handed, and the receipt goes to the PC.

use super::freeze::Frozen;
use super::request::Asker;
use super::wait::Progress;
use crate::domain::application::ApplicationState;
use crate::domain::handoff::{HANDOFF_LIFE, Handoff, HandoffState, MatchNumber, NumberMatch};
use crate::domain::ids::{ApplicationId, HandoffId};
use crate::domain::library::Library;
use crate::domain::short_code::ShortCode;
use crate::random;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::store::handoffs::HandoffSecrets;
use crate::store::{StoreError, Tx, applications, handoffs, libraries};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// How often handle and code are drawn anew because somebody else's are the same.
const DRAWS: u32 = 3;

/// What the PC shows of its own hand-off.
#[derive(Debug, Clone)]
pub struct HandoffPage {
    /// How far it is.
    pub progress: Progress,
    /// What stands in the QR code's address.
    pub handle: String,
    /// What can be typed instead.
    pub code: ShortCode,
    /// The number to match (照合番号).
    pub number: MatchNumber,
    /// Until when.
    pub until: OffsetDateTime,
}

/// What a telephone finds behind a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenedHandoff {
    /// Three numbers, one of which the PC shows. Nothing personal, not even the library.
    Numbers([MatchNumber; 3]),
    /// This very telephone has named the right number before.
    Yours(HandoffId),
}

/// A telephone that has named the right number.
#[derive(Debug)]
pub struct Matched {
    /// By which its further pages are addressed; worth nothing without `token`.
    pub id: HandoffId,
    /// The session that it has from now on.
    pub token: SessionToken,
}

/// What a telephone reads before it signs.
#[derive(Debug, Clone)]
pub struct HandoffSummary {
    /// The library.
    pub library: Library,
    /// What is to be signed.
    pub frozen: Frozen,
    /// When the PC has shown the QR code.
    pub shown_at: OffsetDateTime,
}

/// What a telephone may still know once it has been at the signing app.
#[derive(Debug, Clone)]
pub struct HandoffEnd {
    /// The library.
    pub library: Library,
    /// True once it was signed from this telephone.
    pub is_finished: bool,
}

impl Portal {
    /// Shows a new QR code for the version that waits for its signature; older ones become void.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless a signature is awaited.
    pub async fn show_handoff(&self, library: &Library, token: &SessionToken, id: ApplicationId) -> Result<(), Error> {
        for _ in 1..DRAWS {
            match self.draw_handoff(library, token, id).await {
                Err(Error::Store(StoreError::Duplicate)) => {}
                outcome => return outcome,
            }
        }
        self.draw_handoff(library, token, id).await
    }

    async fn draw_handoff(&self, library: &Library, token: &SessionToken, id: ApplicationId) -> Result<(), Error> {
        let now = self.clock.now();
        let secrets = HandoffSecrets {
            handle: BASE64URL_NOPAD.encode(&random::bytes::<16>()),
            code: ShortCode::from_random(u64::from_be_bytes(random::bytes())),
        };
        let numbers = NumberMatch::from_random(u64::from_be_bytes(random::bytes()));
        let mut tx = self.db.begin().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let ApplicationState::AwaitingSignature { version, request, expires_at, .. } = application.state else {
            return Err(Error::NotFound);
        };
        let handoff = Handoff {
            id: HandoffId::new(now),
            library_id: library.id,
            application_id: id,
            version: version.number,
            session_hash: token.hash(),
            numbers,
            shown_at: now,
            expires_at: now + HANDOFF_LIFE,
            state: HandoffState::Shown,
            problem: None,
        };
        if expires_at < handoff.expires_at {
            // The version must not be opened again while its QR code is still being read.
            applications::save(&mut tx, application.ask_again(request, now)?).await?;
        }
        handoffs::replace_all(&mut tx, id).await?;
        handoffs::insert(&mut tx, &handoff, &secrets).await?;
        Ok(tx.commit().await?)
    }

    /// What the PC shows of the hand-off that it has begun for the version that waits; `None` if there is none.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn handoff_page(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<Option<HandoffPage>, Error> {
        let mut tx = self.db.read().await?;
        let shown = handoffs::find_shown(&mut tx, id, &token.hash()).await?;
        let Some(handoff) = shown.filter(|handoff| handoff.library_id == library.id) else { return Ok(None) };
        if !is_awaited(&mut tx, &handoff).await? {
            return Ok(None);
        }
        let HandoffSecrets { handle, code } = handoffs::open_secrets(&mut tx, &handoff).await?;
        let progress = Progress::of(&handoff, self.clock.now());
        Ok(Some(HandoffPage { progress, handle, code, number: handoff.numbers.right(), until: handoff.expires_at }))
    }

    /// The handle that a typed code stands for.
    ///
    /// # Errors
    /// [`Error::WrongCode`] if it stands for none, or for one that can no longer be used.
    pub async fn handle_of_code(&self, code: &ShortCode) -> Result<String, Error> {
        let mut tx = self.db.read().await?;
        let handoff = handoffs::find_by_code(&mut tx, code).await?.ok_or(Error::WrongCode)?;
        if !matches!(handoff.state, HandoffState::Shown | HandoffState::Opened) || !handoff.is_living(self.clock.now())
        {
            return Err(Error::WrongCode);
        }
        Ok(handoffs::open_secrets(&mut tx, &handoff).await?.handle)
    }

    /// Opens what a QR code leads to. Uses nothing up: whatever previews links may do it, too.
    ///
    /// # Errors
    /// [`Error::HandoffVoid`] if it cannot be used (any more), or is another telephone's by now.
    pub async fn open_handoff(&self, phone: &SessionToken, handle: &str) -> Result<OpenedHandoff, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let handoff = handoffs::find_by_handle(&mut tx, handle).await?.ok_or(Error::HandoffVoid)?;
        if is_of(&handoff, phone) {
            return Ok(OpenedHandoff::Yours(handoff.id));
        }
        let was = handoff.state;
        let opened = handoff.open(now).map_err(|_| Error::HandoffVoid)?;
        if !is_awaited(&mut tx, &opened).await? {
            return Err(Error::HandoffVoid);
        }
        drop(tx);
        if was == HandoffState::Shown {
            let mut tx = self.db.begin().await?;
            match handoffs::save(&mut tx, was, &opened).await {
                // Somebody else opened it at the same moment; the number decides.
                Ok(()) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
            tx.commit().await?;
        }
        Ok(OpenedHandoff::Numbers(opened.numbers.choices()))
    }

    /// Takes the one answer to which number the PC shows, and gives the telephone a session of its own. The same
    /// right answer from the same browser (a second click) counts once more.
    ///
    /// # Errors
    /// [`Error::WrongNumber`], which ends the hand-off; [`Error::HandoffVoid`].
    pub async fn match_handoff(
        &self,
        phone: &SessionToken,
        handle: &str,
        number: MatchNumber,
    ) -> Result<Matched, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let handoff = handoffs::find_by_handle(&mut tx, handle).await?.ok_or(Error::HandoffVoid)?;
        let token = phone.successor(&mut tx, handoff.library_id, handoff.id.as_uuid().as_bytes()).await?;
        let (id, was) = (handoff.id, handoff.state);
        if is_of(&handoff, &token) && number == handoff.numbers.right() {
            return Ok(Matched { id, token });
        }
        if !is_awaited(&mut tx, &handoff).await? {
            return Err(Error::HandoffVoid);
        }
        let answered = handoff.answer(number, token.hash(), now).map_err(|_| Error::HandoffVoid)?;
        match handoffs::save(&mut tx, was, &answered).await {
            Err(StoreError::Stale) => return Err(Error::HandoffVoid),
            saved => saved?,
        }
        // Committed even though it may be refused: otherwise wrong answers would be free.
        tx.commit().await?;
        match answered.state {
            HandoffState::Matched { .. } => Ok(Matched { id, token }),
            _ => Err(Error::WrongNumber),
        }
    }

    /// What the telephone reads before it signs: everything that is signed.
    ///
    /// # Errors
    /// [`Error::HandoffVoid`] for any other telephone, after the time, and once the answers were changed.
    pub async fn handoff_summary(&self, phone: &SessionToken, id: HandoffId) -> Result<HandoffSummary, Error> {
        let (handoff, library) = self.own_handoff(phone, id).await?;
        if !handoff.is_living(self.clock.now()) {
            return Err(Error::HandoffVoid);
        }
        let frozen = match self.frozen(&library, handoff.application_id).await {
            Err(Error::NotFound) => return Err(Error::HandoffVoid),
            frozen => frozen?,
        };
        if frozen.statement.version != handoff.version {
            return Err(Error::HandoffVoid);
        }
        Ok(HandoffSummary { library, frozen, shown_at: handoff.shown_at })
    }

    /// Opens a signing request for the telephone and returns the address to send its browser to.
    ///
    /// # Errors
    /// [`Error::HandoffVoid`]; [`Error::SigningApp`] if the app cannot be reached: nothing has changed then.
    pub async fn begin_handoff_signing(&self, phone: &SessionToken, id: HandoffId) -> Result<String, Error> {
        let (handoff, library) = self.own_handoff(phone, id).await?;
        if !handoff.is_living(self.clock.now()) {
            return Err(Error::HandoffVoid);
        }
        let asker = Asker { token: phone, handoff: Some(&handoff), invitation: None };
        match self.begin_signing_as(&library, asker, handoff.application_id).await {
            Err(Error::NotFound | Error::Stale) => Err(Error::HandoffVoid),
            outcome => outcome,
        }
    }

    /// The library of a hand-off, and whether it has ended with a signature: for the telephone that it is of.
    ///
    /// # Errors
    /// [`Error::HandoffVoid`] for any other.
    pub async fn handoff_end(&self, phone: &SessionToken, id: HandoffId) -> Result<HandoffEnd, Error> {
        let (handoff, library) = self.own_handoff(phone, id).await?;
        let is_finished = matches!(handoff.state, HandoffState::Finished { .. });
        Ok(HandoffEnd { library, is_finished })
    }

    async fn own_handoff(&self, phone: &SessionToken, id: HandoffId) -> Result<(Handoff, Library), Error> {
        let mut tx = self.db.read().await?;
        let handoff = handoffs::find(&mut tx, id).await?.ok_or(Error::HandoffVoid)?;
        if !is_of(&handoff, phone) {
            return Err(Error::HandoffVoid);
        }
        let library = libraries::find(&mut tx, handoff.library_id).await?.ok_or(Error::HandoffVoid)?;
        Ok((handoff, library))
    }
}

fn is_of(handoff: &Handoff, phone: &SessionToken) -> bool {
    handoff.state.phone().is_some_and(|own| bool::from(own.ct_eq(&phone.hash())))
}

/// True while exactly the version that was handed over waits for its signature.
async fn is_awaited(tx: &mut Tx, handoff: &Handoff) -> Result<bool, Error> {
    let application = applications::find(tx, handoff.library_id, handoff.application_id).await?;
    Ok(application.is_some_and(|application| {
        matches!(application.state, ApplicationState::AwaitingSignature { version, .. } if version.number == handoff.version)
    }))
}
