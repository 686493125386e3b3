//! Beginning a procedure: a new card, one about a card whose number is typed, or one about one's own card with everything
//! that the library knows filled in; or going on with what was begun before.
//!
//! Each is one transaction: the form's key, the draft, and the session that goes over to it.

use super::apply::{draft_life, event, random_reference};
use super::bearer::{self, Proved};
use super::begun;
use super::guardian::guardian_of;
use super::issue::Held;
use super::procedures::offer;
use super::session::{self, Session, SessionToken};
use super::{Error, Once, Portal};
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::event::EventKind;
use crate::domain::language::Language;
use crate::domain::library::{Library, ReissueReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::PatronFacts;
use crate::domain::procedure::Procedure;
use crate::domain::request::{DraftRequest, Request};
use crate::store::{Tx, applications, drafts, events, holder_drafts, patrons, sessions};
use time::OffsetDateTime;

/// The session that what a form begins belongs to.
enum Claimed {
    /// A new one, for this form.
    Fresh(SessionToken),
    /// The one that the same form went over to before.
    Repeated(SessionToken),
}

impl Portal {
    /// Begins a procedure for somebody who is not signed in, and binds it to a fresh browser session. Whether the
    /// number is anybody's is not looked up: that would tell strangers.
    ///
    /// # Errors
    /// [`Error::Obstacle`] if the library does not offer it, [`Error::KeyReused`].
    pub async fn begin_procedure(
        &self,
        library: &Library,
        token: &SessionToken,
        request: Request,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        if !library.rules.offers(request.procedure()) {
            return Err(Error::Obstacle(Obstacle::NotOffered));
        }
        let answers = DraftAnswers { request: DraftRequest::Whole(request), ..DraftAnswers::default() };
        self.begin(library, token, &answers, language, once).await
    }

    /// Begins a procedure for the holder of a card, with everything that the library knows filled in; or goes on with it,
    /// where they have begun it before. Of several who do so for one card at once, one begins it and the others go on.
    ///
    /// # Errors
    /// [`Error::Obstacle`] with what stands against it, [`Error::AlreadyOpen`] with the open application,
    /// [`Error::NotFound`] for whoever was granted no card, [`Error::SignedOut`] if the session has ended.
    pub async fn begin_for_holder(
        &self,
        library: &Library,
        token: &SessionToken,
        procedure: Procedure,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let fresh = match claim(&mut tx, token, once, now).await? {
            Claimed::Fresh(fresh) => fresh,
            Claimed::Repeated(fresh) => return Ok(fresh),
        };
        let session = sessions::find(&mut tx, library.id, &token.hash(), now).await?.ok_or(Error::SignedOut)?;
        let holder = bearer::proved(&mut tx, &session, now).await?.ok_or(Error::NotFound)?.held.patron.id;
        patrons::lock(&mut tx, library.id, holder).await?;
        // As things are once whoever held the patron is done.
        let proved = bearer::proved(&mut tx, &session, now).await?.ok_or(Error::NotFound)?;
        // One that was ended since it was read, as by another click, stays ended.
        if !sessions::delete(&mut tx, &token.hash()).await? {
            return Err(Error::SignedOut);
        }
        must_be_offered(&mut tx, library, &proved, procedure, now).await?;
        let application = if let Some(draft) = begun::find(&mut tx, &proved, procedure).await? {
            draft
        } else {
            let answers = answers_of(&mut tx, &proved, procedure).await?;
            let application = insert(&mut tx, library, &answers, language, now).await?;
            holder_drafts::insert(&mut tx, &application, proved.held.patron.id).await?;
            application
        };
        hand_over(&mut tx, &fresh, &application, Some((&session, Some(&proved))), now).await?;
        tx.commit().await?;
        Ok(fresh)
    }

    /// The session that this form has begun a procedure in already, if it has.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn begun_before(
        &self,
        library: &Library,
        token: &SessionToken,
        once: &Once,
    ) -> Result<Option<SessionToken>, Error> {
        let mut tx = self.db.begin().await?;
        if !once.is_repeated(&mut tx).await? {
            return Ok(None);
        }
        Ok(Some(token.successor(&mut tx, library.id, once.key.as_bytes()).await?))
    }

    /// Begins an application with what is known of it so far.
    pub(super) async fn begin(
        &self,
        library: &Library,
        token: &SessionToken,
        answers: &DraftAnswers,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let fresh = match claim(&mut tx, token, once, now).await? {
            Claimed::Fresh(fresh) => fresh,
            Claimed::Repeated(fresh) => return Ok(fresh),
        };
        let application = insert(&mut tx, library, answers, language, now).await?;
        let session = sessions::find(&mut tx, library.id, &token.hash(), now).await?;
        // One that was ended elsewhere since it was read stays ended.
        let session = if sessions::delete(&mut tx, &token.hash()).await? { session } else { None };
        let proved = match &session {
            Some(session) => bearer::proved(&mut tx, session, now).await?,
            None => None,
        };
        // What a guardian begins for themselves is nothing of the child's whose card is open.
        if let Some(proved) = proved.as_ref().filter(|proved| !proved.is_guardian()) {
            holder_drafts::insert(&mut tx, &application, proved.held.patron.id).await?;
        }
        let before = session.as_ref().map(|session| (session, proved.as_ref()));
        hand_over(&mut tx, &fresh, &application, before, now).await?;
        tx.commit().await?;
        Ok(fresh)
    }
}

/// Claims the key of the form that begins something.
async fn claim(tx: &mut Tx, token: &SessionToken, once: &Once, now: OffsetDateTime) -> Result<Claimed, Error> {
    let fresh = token.successor(tx, once.library_id, once.key.as_bytes()).await?;
    match once.claim(tx, now).await {
        Ok(()) => Ok(Claimed::Fresh(fresh)),
        Err(Error::Repeated { .. }) => Ok(Claimed::Repeated(fresh)),
        Err(error) => Err(error),
    }
}

/// Refuses what something stands against.
async fn must_be_offered(
    tx: &mut Tx,
    library: &Library,
    proved: &Proved,
    procedure: Procedure,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let offer = offer(tx, library, proved, procedure, now).await?;
    match (offer.open, offer.obstacle) {
        (Some(open), _) => Err(Error::AlreadyOpen(open)),
        (None, Some(obstacle)) => Err(Error::Obstacle(obstacle)),
        (None, None) => Ok(()),
    }
}

/// What whoever begins a procedure about this card would otherwise have to fill in.
async fn answers_of(tx: &mut Tx, proved: &Proved, procedure: Procedure) -> Result<DraftAnswers, Error> {
    let Held { patron, card } = &proved.held;
    let by_guardian = if proved.is_guardian() {
        // Without what they signed nobody can tell who they are.
        Some(guardian_of(tx, patron).await?.ok_or(Error::Obstacle(Obstacle::CounterOnly))?)
    } else {
        None
    };
    Ok(DraftAnswers { by_guardian, ..prefilled(patron.facts.clone(), procedure, card) })
}

/// Inserts the draft of an application.
async fn insert(
    tx: &mut Tx,
    library: &Library,
    answers: &DraftAnswers,
    language: Language,
    now: OffsetDateTime,
) -> Result<Application, Error> {
    let procedure = answers.request.procedure();
    let life = draft_life(&library.rules);
    let started = Application::start(library.id, random_reference(), procedure, library.rules_version, life, now);
    let application = Application { language, ..started };
    applications::insert(tx, &application).await?;
    drafts::save(tx, &application, answers).await?;
    events::insert(tx, &event(&application, EventKind::Started, "", now)).await?;
    Ok(application)
}

/// Lets a fresh session go on with a draft. One that stood for a patron goes on standing for them: a new procedure takes
/// nobody's card out of their sight.
async fn hand_over(
    tx: &mut Tx,
    fresh: &SessionToken,
    application: &Application,
    before: Option<(&Session, Option<&Proved>)>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let device = before.and_then(|(session, _)| session.device);
    let proof = before.and_then(|(_, proved)| proved).map(|proved| proved.kept(now));
    let session = session::of_applicant(fresh, application.library_id, application.id, now);
    Ok(sessions::insert(tx, &Session { proof, device, ..session }).await?)
}

fn prefilled(facts: PatronFacts, procedure: Procedure, card: &Card) -> DraftAnswers {
    let card_number = card.number.clone();
    let request = match procedure {
        Procedure::NewCard => DraftRequest::NewCard,
        Procedure::CardLink => DraftRequest::Whole(Request::CardLink { card_number }),
        Procedure::PasswordIssue => DraftRequest::Whole(Request::PasswordIssue { card_number }),
        Procedure::Reissue if card.lost_since().is_some() => {
            DraftRequest::Whole(Request::Reissue { card_number, reason: ReissueReason::Lost, lost_on: None })
        }
        // What only the holder can say is asked: a statement that nobody made must not be signed.
        Procedure::Renewal | Procedure::Reissue | Procedure::Change => {
            DraftRequest::Begun { procedure, card_number: Some(card_number) }
        }
    };
    DraftAnswers {
        request,
        category: facts.category,
        // It was confirmed when the library learnt it, and whoever reads here has just been told a code by it or has
        // signed.
        email_confirmed: facts.email.is_some(),
        email: facts.email,
        name: Some(facts.name),
        kana: Some(facts.kana),
        birth: Some(facts.birth),
        address: facts.address,
        phone: facts.phone,
        branch: facts.branch,
        ..DraftAnswers::default()
    }
}
