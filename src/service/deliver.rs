//! Delivery (電子交付): the status, the notice, and the initial password that is born when it is looked at.

use super::apply::{event, rules_of};
use super::bearer::Bearer;
use super::notice_document::fresh_code;
use super::pace;
pub use super::pace::Pace;
use super::session::{Session, SessionToken};
use super::sign::{CosignStatus, FIRST_SENDING, RECEIPT_SHOWN_FOR, cosign_status_of};
use super::{Error, Portal, card_sign_in, promise};
use crate::clock::japanese_date;
use crate::document::DocumentError;
use crate::document::barcode::{Svg, nw7_svg};
use crate::domain::answers::Answers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::credential::{CollectionCode, Credential, CredentialState, InitialPassword, SHOWN_AGAIN_FOR};
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::ids::{ApplicationId, CredentialId, LibraryId, NoticeId};
use crate::domain::library::{CardSignIn, Library, LibraryRules};
use crate::domain::notice::{IssuedNotice, Notice};
use crate::domain::person::PersonName;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::verification::VerificationCode;
use crate::domain::visit::SlipTerm;
use crate::random;
use crate::store::messages::{self, Side};
use crate::store::seal::{self, HashPurpose};
use crate::store::signatures::{self, RevocationAnswer};
use crate::store::{
    Tx, app_subjects, applications, cards, collection_tries, credentials, drafts, events, idempotency, notice_codes,
    notices, paper_notices, patrons, visits,
};
use subtle::ConstantTimeEq;
use time::{Date, OffsetDateTime};
use zeroize::Zeroizing;

/// What an applicant sees of an application.
#[derive(Debug, Clone)]
pub struct Status {
    /// Where it stands.
    pub application: Application,
    /// What was answered, if it was submitted.
    pub answers: Option<Answers>,
    /// The rules that it began with.
    pub rules: LibraryRules,
    /// What happened.
    pub timeline: Vec<ChainedEvent>,
    /// True if a card was issued and its initial password can still be fetched.
    pub password_waits: bool,
    /// How many messages of the staff's were not opened yet.
    pub unread_messages: u64,
    /// The guardian who is to sign as well, while one is awaited.
    pub cosigning: Option<CosignStatus>,
    /// How quickly the library answered last month, if enough was answered to say so.
    pub pace: Option<Pace>,
    /// The day after which the contents are erased, once it is over.
    pub kept_until: Option<Date>,
    /// Until when nothing can be granted: the card is searched for first.
    pub allowed_from: Option<Date>,
    /// The counter slip that a draft became.
    pub slip: Option<SlipTerm>,
}

/// A notice that is being read.
#[derive(Debug, Clone)]
pub enum ReadNotice {
    /// It counts.
    InForce {
        /// What it says.
        notice: Notice,
        /// The code by which anybody can ask about it.
        code: VerificationCode,
    },
    /// Its decision was opened again.
    TakenBack {
        /// What it said.
        notice: Notice,
        /// When it was taken back.
        at: OffsetDateTime,
    },
}

/// What the "done" page prints.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The application, in the queue.
    pub application: Application,
    /// The code needed to see the initial password.
    pub collection_code: CollectionCode,
    /// In how many open days the library means to answer.
    pub promised_days: u32,
    /// The day by which it means to answer, where that is later: the card is searched for first.
    pub answer_by: Option<Date>,
    /// True if nobody could say on receipt whether the certificate was revoked.
    pub is_unchecked: bool,
    /// The guardian who is to sign as well before the library has it, if one is.
    pub cosigning: Option<CosignStatus>,
}

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
    /// The receipt, for the browser session that applied and for no other: it holds the collection code,
    /// which whoever merely reads the mailbox must not get.
    ///
    /// # Errors
    /// [`Error::NotFound`] in any other session, or before submission.
    pub async fn receipt(&self, library: &Library, token: &SessionToken, id: ApplicationId) -> Result<Receipt, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        // The session that began and signed, or had a telephone sign for it; never the telephone's own.
        let evidence = signatures::find(&mut tx, id, application.signed_number()).await?;
        let received_at = match &application.state {
            ApplicationState::Declined { .. } => None,
            // Nobody has it yet; but whoever signed has to be able to take it back.
            ApplicationState::AwaitingGuardian { answers: None, .. } => {
                evidence.as_ref().map(|evidence| evidence.received_at)
            }
            state => state.submitted_at(),
        };
        let received_at = received_at.ok_or(Error::NotFound)?;
        if received_at + RECEIPT_SHOWN_FOR <= self.clock.now() {
            return Err(Error::NotFound);
        }
        let is_own = match &evidence {
            Some(evidence) => evidence.session_hash.is_some_and(|owner| bool::from(owner.ct_eq(&token.hash()))),
            // Nobody signed: the session that sent it, at that moment. A patron's session may have sent another one.
            None => idempotency::is_claimed(&mut tx, library.id, &token.hash(), FIRST_SENDING, received_at).await?,
        };
        if !is_own {
            return Err(Error::NotFound);
        }
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let usual = rules.answer_promised_for(application.procedure, japanese_date(received_at));
        let collection_code = collection_code(&mut tx, library.id, id).await?;
        let is_unchecked = evidence.is_some_and(|evidence| evidence.revocation == RevocationAnswer::Unknown);
        let cosigning = cosign_status_of(&mut tx, library, id).await?;
        Ok(Receipt {
            collection_code,
            promised_days: rules.promised_open_days_for(application.procedure),
            answer_by: application.due_on.filter(|day| *day > usual),
            is_unchecked,
            cosigning,
            application,
        })
    }

    /// The application as its applicant may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] once it is gone.
    pub async fn status(&self, library: &Library, id: ApplicationId) -> Result<Status, Error> {
        let now = self.clock.now();
        status_of(&mut self.db.read().await?, library, id, now).await
    }

    /// A notice of whoever the session stands for, with its first reading recorded; and when it was taken back, if it
    /// was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else's notice.
    pub async fn read_notice(&self, library: &Library, session: &Session, id: NoticeId) -> Result<ReadNotice, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        if let Some(revoked) = notices::find_revoked(&mut tx, library.id, id).await? {
            bearer.application(revoked.notice.application_id).ok_or(Error::NotFound)?;
            return Ok(ReadNotice::TakenBack { notice: revoked.notice, at: revoked.revoked_at });
        }
        let (application, mut notice) = load_notice(&mut tx, library, &bearer, id).await?;
        note_reading(&mut tx, &application, &mut notice, now).await?;
        let code = notice_codes::ensure(&mut tx, &notice, &fresh_code()).await?;
        tx.commit().await?;
        Ok(ReadNotice::InForce { notice, code })
    }

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

/// Tells whether the signer's My Number card has to be shown to see the password: the library wants it so, and one signed.
async fn needs_card(tx: &mut Tx, library: &Library, id: ApplicationId) -> Result<bool, Error> {
    match library.rules.password.card_sign_in {
        CardSignIn::Offered => Ok(false),
        CardSignIn::Required => Ok(app_subjects::find(tx, library.id, id).await?.is_some()),
    }
}

/// An application as its applicant may see it.
pub(super) async fn status_of(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
    now: OffsetDateTime,
) -> Result<Status, Error> {
    let application = applications::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let rules = rules_of(tx, library, application.rules_version).await?;
    let draft = drafts::find(tx, id).await?;
    let allowed_from = promise::allowed_from(tx, &rules, &application, draft.request.whole(), now).await?;
    let pace = match application.state {
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } => {
            pace::of_last_month(tx, library, now).await?
        }
        _ => None,
    };
    let retention = &library.rules.retention;
    let kept_until = application.state.ended().map(|(ending, at)| retention.of(ending).after(japanese_date(at)));
    Ok(Status {
        answers: draft.complete(&rules).ok(),
        timeline: events::list(tx, id).await?,
        cosigning: cosign_status_of(tx, library, id).await?,
        password_waits: password_waits(tx, library, &application, now).await?,
        unread_messages: messages::count_unread(tx, id, Side::Applicant).await?,
        slip: visits::find_slip(tx, id).await?,
        application,
        rules,
        pace,
        kept_until,
        allowed_from,
    })
}

/// Counts a try within `tx`, where nobody else can try meanwhile, and compares. A wrong one must be committed before
/// anybody hears of it: it counts.
pub(super) async fn try_collection_code(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
    typed: Option<&CollectionCode>,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let code = collection_code(tx, library.id, id).await?;
    if collection_tries::count(tx, library.id, id).await?.is_none() {
        return Err(Error::TooMany { retry_at: now });
    }
    Ok(typed.is_some_and(|typed| bool::from(typed.as_bytes().ct_eq(code.as_bytes()))))
}

/// The collection code is derived, not kept: the store alone does not give it away.
async fn collection_code(tx: &mut Tx, library_id: LibraryId, id: ApplicationId) -> Result<CollectionCode, Error> {
    let id = id.as_uuid();
    let parts: [&[u8]; 1] = [id.as_bytes()];
    let hash = seal::keyed_hash(tx, library_id, HashPurpose::CollectionCode, &parts).await?;
    let mut random = [0; 8];
    random.copy_from_slice(&hash[..8]);
    Ok(CollectionCode::from_random(u64::from_be_bytes(random)))
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

/// Records the first time that somebody has a notice before them, as a page or as a file: then paper is not needed.
pub(super) async fn note_reading(
    tx: &mut Tx,
    application: &Application,
    notice: &mut Notice,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if notices::mark_read(tx, notice.id, now).await? {
        notice.first_read_at = Some(now);
        paper_notices::take_back_unread(tx, notice.library_id, notice.id).await?;
        events::insert(tx, &event(application, EventKind::NoticeRead, notice.content.kind(), now)).await?;
    }
    Ok(())
}

pub(super) async fn load_notice(
    tx: &mut Tx,
    library: &Library,
    bearer: &Bearer,
    id: NoticeId,
) -> Result<(Application, Notice), Error> {
    let notice = notices::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let application = bearer.application(notice.application_id).ok_or(Error::NotFound)?;
    Ok((application.clone(), notice))
}

/// Tells whether a password is collected through an application, whatever has become of it.
pub(super) async fn collects_password(
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
    let credential = credentials::find_by_patron(tx, library.id, patron.id).await?;
    // An application that was not granted, or granted something else, opens nobody's password.
    let own = credential.filter(|credential| credential.is_collected_through(id));
    let own = own.filter(|_| gives_password(&application, true)).ok_or(Error::NotFound)?;
    let holder = (patron.child_number > 0).then_some(patron.facts.name);
    let children = children.into_iter().map(|child| (child.child_number, child.facts.name)).collect();
    Ok(Collected { card, credential: own, holder, children, reference: application.reference })
}

/// Tells whether a password can be fetched that nobody has seen: the patron's, or one of the children's.
pub(super) async fn password_waits(
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
        let credential = credentials::find_by_patron(tx, library.id, patron.id).await?;
        let own = credential.filter(|credential| credential.is_collected_through(application.id));
        let is_given = gives_password(application, own.is_some());
        if own.is_some_and(|own| is_given && own.state == CredentialState::Unseen && own.viewable_until > now) {
            return Ok(true);
        }
    }
    Ok(false)
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

/// In narrow bars; the page stretches the drawing to the height that it has room for.
const SCREEN_BARCODE_HEIGHT: u32 = 44;

/// The bars of a card's number, to be drawn inside a page.
///
/// # Errors
/// [`Error::Document`] if NW-7 cannot say the number.
pub fn barcode(notice: &IssuedNotice) -> Result<Svg, Error> {
    barcode_of(&notice.barcode)
}

/// The bars of a barcode's text, start and stop sign included.
///
/// # Errors
/// [`Error::Document`] if NW-7 cannot say it.
pub fn barcode_of(text: &str) -> Result<Svg, Error> {
    Ok(nw7_svg(text, SCREEN_BARCODE_HEIGHT).map_err(DocumentError::from)?)
}
