//! The initial password: generated when its owner looks, shown for ten minutes in one browser, and never kept.

use super::receipt::try_collection_code;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::credential::{CollectionCode, Credential, CredentialState, InitialPassword, SHOWN_AGAIN_FOR};
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, CredentialId};
use crate::domain::library::{CardSignIn, Library};
use crate::domain::password_way::PasswordWay;
use crate::domain::patron::Patron;
use crate::domain::person::PersonName;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::random;
use crate::service::apply::event;
use crate::service::password_sign_in::opens_by_initial;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal, card_sign_in};
use crate::store::{Tx, app_subjects, applications, cards, credentials, events, patrons, seal};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// An initial password, for one page.
#[derive(Debug)]
pub struct ShownPassword {
    /// The password.
    pub password: InitialPassword,
    /// The card that it belongs to.
    pub card: Card,
    /// When it was first shown.
    pub shown_at: OffsetDateTime,
    /// Until when it can be shown again in this browser session.
    pub until: OffsetDateTime,
}

/// What is known before the password is asked for.
#[derive(Debug, Clone)]
pub struct PasswordDesk {
    /// The card that the password belongs to.
    pub card: Card,
    /// Where it stands.
    pub state: PasswordState,
    /// Whose it is, if it is a child's.
    pub holder: Option<PersonName>,
    /// The children of the application, with their numbers: each has a password of its own.
    pub children: Vec<(u32, PersonName)>,
    /// The application through which it is collected: the collection code was shown on its receipt.
    pub reference: Reference,
}

/// Where an initial password stands for this browser session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordState {
    /// Not seen yet; the collection code is needed.
    Waiting {
        /// Until when.
        until: OffsetDateTime,
    },
    /// Not seen yet; the signer's card has to be shown.
    CardNeeded {
        /// Until when.
        until: OffsetDateTime,
    },
    /// Not seen yet; the signer's card was shown in this session, and no code is needed.
    CardShown {
        /// Until when.
        until: OffsetDateTime,
    },
    /// Shown in this session, and it can be shown again.
    ShownHere {
        /// Until when.
        until: OffsetDateTime,
    },
    /// Shown before; never again.
    Gone {
        /// When it was shown.
        shown_at: OffsetDateTime,
    },
    /// The patron has taken one of their own since.
    Chosen {
        /// When.
        chosen_at: OffsetDateTime,
    },
    /// Nobody looked in time.
    RunOut,
}

impl Portal {
    /// Where the initial password stands, before anything is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no card was issued.
    pub async fn password_desk(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        child: u32,
    ) -> Result<PasswordDesk, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Collected { card, credential, children, holder, reference } =
            load_credential(&mut tx, library, id, child).await?;
        let state = match &credential.state {
            CredentialState::Unseen if credential.viewable_until <= now => PasswordState::RunOut,
            CredentialState::Unseen => match card_sign_in::shown_until(&mut tx, library.id, token, id, now).await? {
                Some(until) => PasswordState::CardShown { until: until.min(credential.viewable_until) },
                None if needs_card(&mut tx, library, id).await? => {
                    PasswordState::CardNeeded { until: credential.viewable_until }
                }
                None => PasswordState::Waiting { until: credential.viewable_until },
            },
            CredentialState::Chosen { chosen_at, .. } => PasswordState::Chosen { chosen_at: *chosen_at },
            CredentialState::Shown { shown_at, .. } => match open_sealed(&mut tx, token, credential.id, now).await? {
                Some((_, until)) => PasswordState::ShownHere { until },
                None => PasswordState::Gone { shown_at: *shown_at },
            },
        };
        Ok(PasswordDesk { card, state, holder, children, reference })
    }

    /// Shows the initial password: generates it at the first call, and repeats it for ten minutes in the
    /// same browser session. Only its Argon2id hash rests, and for those ten minutes a copy sealed under
    /// a key that only the session's cookie holds. What opens it is the collection code, or the signer's card
    /// shown in this session a short while ago.
    ///
    /// # Errors
    /// [`Error::WrongCollectionCode`], [`Error::TooMany`], [`Error::AlreadyShown`], [`Error::NotFound`].
    pub async fn show_password(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        child: u32,
        typed: Option<&CollectionCode>,
    ) -> Result<ShownPassword, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Collected { card, credential, .. } = load_credential(&mut tx, library, id, child).await?;
        let card_was_shown = card_sign_in::shown_until(&mut tx, library.id, token, id, now).await?.is_some();
        drop(tx);
        if credential.state == CredentialState::Unseen {
            if !card_was_shown {
                if needs_card(&mut self.db.read().await?, library, id).await? {
                    return Err(Error::WrongCollectionCode);
                }
                self.check_collection_code(library, id, typed, now).await?;
            }
            match self.generate_password(library, token, id, &credential, now).await {
                Ok(password) => {
                    return Ok(ShownPassword { password, card, shown_at: now, until: now + SHOWN_AGAIN_FOR });
                }
                // Two clicks at once: the other one has generated it.
                Err(Error::Stale) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tx = self.db.read().await?;
        let Collected { credential, .. } = load_credential(&mut tx, library, id, child).await?;
        let CredentialState::Shown { shown_at, .. } = credential.state else { return Err(Error::AlreadyShown) };
        let (password, until) = open_sealed(&mut tx, token, credential.id, now).await?.ok_or(Error::AlreadyShown)?;
        Ok(ShownPassword { password, card, shown_at, until })
    }

    async fn check_collection_code(
        &self,
        library: &Library,
        id: ApplicationId,
        typed: Option<&CollectionCode>,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let fits = try_collection_code(&mut tx, library, id, typed, now).await?;
        tx.commit().await?;
        if fits { Ok(()) } else { Err(Error::WrongCollectionCode) }
    }

    async fn generate_password(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        credential: &Credential,
        now: OffsetDateTime,
    ) -> Result<InitialPassword, Error> {
        if credential.viewable_until <= now {
            return Err(Error::AlreadyShown);
        }
        let length = library.rules.password.length;
        let mut drawn = Zeroizing::new(vec![0; length * 4]);
        random::fill(&mut drawn);
        let password = InitialPassword::from_random(&drawn, length).ok_or(Error::Internal("randomness was unfair"))?;
        let hash = self.passwords.hash(Zeroizing::new(password.expose().to_owned())).await?;
        let sealed = seal::seal_under(&view_key(token, credential.id), VIEW, password.expose().as_bytes());

        let mut tx = self.db.begin().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        credentials::mark_shown(&mut tx, credential, &hash, &sealed, now + SHOWN_AGAIN_FOR, now).await?;
        events::insert(&mut tx, &event(&application, EventKind::PasswordShown, "", now)).await?;
        tx.commit().await?;
        Ok(password)
    }
}

/// What binds a sealed password to its use.
const VIEW: &[u8] = b"credentials.sealed";

fn view_key(token: &SessionToken, id: CredentialId) -> Zeroizing<[u8; 32]> {
    token.key_for(&format!("initial-password/{id}"))
}

async fn open_sealed(
    tx: &mut Tx,
    token: &SessionToken,
    id: CredentialId,
    now: OffsetDateTime,
) -> Result<Option<(InitialPassword, OffsetDateTime)>, Error> {
    let Some(sealed) = credentials::find_sealed(tx, id, now).await? else { return Ok(None) };
    // Another browser session has another key: for it the password is gone.
    let Some(clear) = seal::open_under(&view_key(token, id), VIEW, &sealed.bytes) else { return Ok(None) };
    let text = String::from_utf8(clear.to_vec()).map_err(|_| Error::Internal("unreadable sealed password"))?;
    Ok(Some((InitialPassword::from_sealed(text), sealed.until)))
}

/// Tells whether the signer's My Number card has to be shown to see the password: the library wants it so, and one signed.
async fn needs_card(tx: &mut Tx, library: &Library, id: ApplicationId) -> Result<bool, Error> {
    Ok(password_way(tx, library, id).await? == PasswordWay::Card)
}

/// What opens the password that is collected through an application.
pub(in crate::service) async fn password_way(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
) -> Result<PasswordWay, Error> {
    Ok(match library.rules.password.card_sign_in {
        CardSignIn::Offered => PasswordWay::CodeOrCard,
        CardSignIn::Required if app_subjects::find(tx, library.id, id).await?.is_some() => PasswordWay::Card,
        CardSignIn::Required => PasswordWay::Code,
    })
}

/// Tells whether a password is collected through an application, whatever has become of it.
pub(in crate::service) async fn collects_password(
    tx: &mut Tx,
    library: &Library,
    application: &Application,
    child: u32,
) -> Result<bool, Error> {
    if !gives_password(application, true) {
        return Ok(false);
    }
    match load_credential(tx, library, application.id, child).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn load_credential(tx: &mut Tx, library: &Library, id: ApplicationId, child: u32) -> Result<Collected, Error> {
    let application = applications::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let children = patrons::list_children(tx, library.id, id).await?;
    let patron = match children.iter().find(|patron| patron.child_number == child) {
        Some(patron) => patron.clone(),
        None if child == 0 => patrons::find_by_application(tx, library.id, id).await?.ok_or(Error::NotFound)?,
        None => return Err(Error::NotFound),
    };
    let card = cards::find_by_patron(tx, library.id, patron.id).await?.ok_or(Error::NotFound)?;
    // What would be refused at the sign-in, and could not be seen again, is not shown.
    if !opens_by_initial(&card) {
        return Err(Error::NotFound);
    }
    let credential = credentials::find_by_patron(tx, library.id, patron.id).await?;
    // An application that was not granted, or granted something else, opens nobody's password.
    let own = credential.filter(|credential| credential.is_collected_through(id));
    let own = own.filter(|_| gives_password(&application, true)).ok_or(Error::NotFound)?;
    let holder = (patron.child_number > 0).then_some(patron.facts.name);
    let children = children.into_iter().map(|child| (child.child_number, child.facts.name)).collect();
    Ok(Collected { card, credential: own, holder, children, reference: application.reference })
}

/// Tells whether a password can be fetched that nobody has seen: the patron's, or one of the children's.
pub(in crate::service) async fn password_waits(
    tx: &mut Tx,
    library: &Library,
    application: &Application,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let mut patrons = patrons::list_children(tx, library.id, application.id).await?;
    if patrons.is_empty() {
        patrons.extend(patrons::find_by_application(tx, library.id, application.id).await?);
    }
    for patron in patrons {
        if waits_for(tx, application, &patron, now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether the password of this patron can be fetched through an application, and nobody has seen it.
pub(in crate::service) async fn waits_for(
    tx: &mut Tx,
    application: &Application,
    patron: &Patron,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let card = cards::find_by_patron(tx, application.library_id, patron.id).await?;
    if !card.is_some_and(|card| opens_by_initial(&card)) {
        return Ok(false);
    }
    let credential = credentials::find_by_patron(tx, application.library_id, patron.id).await?;
    let own = credential.filter(|credential| credential.is_collected_through(application.id));
    let is_given = gives_password(application, own.is_some());
    Ok(own.is_some_and(|own| is_given && own.state == CredentialState::Unseen && own.viewable_until > now))
}

/// A right to see a password, and for whom it is.
struct Collected {
    card: Card,
    credential: Credential,
    holder: Option<PersonName>,
    children: Vec<(u32, PersonName)>,
    reference: Reference,
}

/// Tells whether a password is collected through this application.
const fn gives_password(application: &Application, is_its_own: bool) -> bool {
    let asks_for_one = matches!(application.procedure, Procedure::NewCard | Procedure::PasswordIssue);
    is_its_own && asks_for_one && matches!(application.state, ApplicationState::Issued { .. })
}
