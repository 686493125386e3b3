//! What can be done about a card: seen by its holder, and begun with everything that the library knows.

use super::apply::{draft_life, event, random_reference};
use super::bearer::{self, Proved};
use super::begun;
use super::guardian::guardian_of;
use super::issue::{Held, obstacle_for};
use super::session::{self, Session, SessionToken};
use super::{Error, Once, Portal};
use crate::clock::japanese_date;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::language::Language;
use crate::domain::library::{CardDates, Library, LibraryRules, PatronService, ReissueReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::PatronFacts;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::request::{DraftRequest, Request};
use crate::store::certificate_links::LinkedCard;
use crate::store::{Tx, applications, certificate_links, drafts, events, holder_drafts, sessions};
use time::{Date, Duration, OffsetDateTime};

/// A patron's card, and what can be done about it now.
#[derive(Debug, Clone)]
pub struct MyCard {
    /// The card.
    pub card: Card,
    /// How many items may be borrowed; not known of patrons whose category nobody told.
    pub loan_limit: Option<u32>,
    /// How many more could be with the My Number card linked, where that makes a difference.
    pub loan_limit_linked: Option<u32>,
    /// True if the My Number card is linked.
    pub is_linked: bool,
    /// Why it should be linked again, if there is reason to.
    pub linked_end: Option<LinkedEnd>,
    /// The last day for the electronic library, where that comes before the card's own.
    pub e_library_until: Option<Date>,
    /// The last day on which the record is kept, once the card has ended, if a clock ends it.
    pub kept_until: Option<Date>,
    /// From when another card is issued in place of one that was reported as lost.
    pub reissued_from: Option<Date>,
    /// True if the holder may lift the stop when the card turns up.
    pub may_be_found: bool,
    /// The procedures that the library offers, in its order.
    pub offers: Vec<Offer>,
}

/// Why a My Number card should be linked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedEnd {
    /// The last day of its certificate comes near, or is over.
    Ends(Date),
    /// Its certificate was found revoked.
    Revoked,
}

/// A procedure, and whether it can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub procedure: Procedure,
    /// What stands against it.
    pub obstacle: Option<Obstacle>,
    /// The application for it that is open already.
    pub open: Option<Reference>,
}

/// With what a procedure is begun.
enum Beginning {
    /// Everything that the library knows of the holder of a card, and of the procedure.
    Anew(Box<DraftAnswers>),
    /// What they have begun before.
    GoOn(ApplicationId),
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
        self.begin(library, token, answers, language, once).await
    }

    /// Begins a procedure for the holder of a card, with everything that the library knows filled in; or goes on with it,
    /// where they have begun it before.
    ///
    /// # Errors
    /// [`Error::Obstacle`] with what stands against it, [`Error::AlreadyOpen`] with the open application,
    /// [`Error::NotFound`] for whoever was granted no card.
    pub async fn begin_for_holder(
        &self,
        library: &Library,
        token: &SessionToken,
        procedure: Procedure,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        match self.beginning(library, token, procedure).await {
            Ok(Beginning::Anew(answers)) => self.begin(library, token, *answers, language, once).await,
            Ok(Beginning::GoOn(draft)) => self.go_on(library, token, draft, once).await,
            // The second click finds the session gone over and the procedure open, by the first.
            Err(error) => self.begun_before(library, token, once).await?.ok_or(error),
        }
    }

    /// With what the holder of a card begins.
    async fn beginning(
        &self,
        library: &Library,
        token: &SessionToken,
        procedure: Procedure,
    ) -> Result<Beginning, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let session = sessions::find(&mut tx, library.id, &token.hash(), now).await?.ok_or(Error::SignedOut)?;
        let proved = bearer::proved(&mut tx, &session, now).await?.ok_or(Error::NotFound)?;
        let offer = offer(&mut tx, library, &proved, procedure, now).await?;
        if let Some(open) = offer.open {
            return Err(Error::AlreadyOpen(open));
        }
        if let Some(obstacle) = offer.obstacle {
            return Err(Error::Obstacle(obstacle));
        }
        if let Some(draft) = begun::find(&mut tx, &proved, procedure).await? {
            return Ok(Beginning::GoOn(draft.id));
        }
        let by_guardian = if proved.is_guardian() {
            let guardian = guardian_of(&mut tx, &proved.held.patron).await?;
            // Without what they signed nobody can tell who they are.
            Some(guardian.ok_or(Error::Obstacle(Obstacle::CounterOnly))?)
        } else {
            None
        };
        let Held { patron, card } = proved.held;
        let answers = prefilled(patron.facts, procedure, &card);
        Ok(Beginning::Anew(Box::new(DraftAnswers { by_guardian, ..answers })))
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

    /// Begins an application with what is known of it so far. A session that stands for a patron goes on standing for them.
    pub(super) async fn begin(
        &self,
        library: &Library,
        token: &SessionToken,
        answers: DraftAnswers,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let fresh = token.successor(&mut tx, library.id, once.key.as_bytes()).await?;
        match once.claim(&mut tx, now).await {
            Ok(()) => {}
            Err(Error::Repeated { .. }) => return Ok(fresh),
            Err(error) => return Err(error),
        }
        let procedure = answers.request.procedure();
        let life = draft_life(&library.rules);
        let reference = random_reference();
        let started = Application::start(library.id, reference, procedure, library.rules_version, life, now);
        let application = Application { language, ..started };
        applications::insert(&mut tx, &application).await?;
        drafts::save(&mut tx, &application, &answers).await?;
        events::insert(&mut tx, &event(&application, EventKind::Started, "", now)).await?;
        // Whoever stands for a patron goes on doing so: a new procedure takes nobody's card out of their sight.
        let before = sessions::find(&mut tx, library.id, &token.hash(), now).await?;
        // One that was ended elsewhere since it was read stays ended.
        let before = if sessions::delete(&mut tx, &token.hash()).await? { before } else { None };
        let device = before.as_ref().and_then(|before| before.device);
        let proved = match before {
            Some(before) => bearer::proved(&mut tx, &before, now).await?,
            None => None,
        };
        // What a guardian begins for themselves is nothing of the child's whose card is open.
        if let Some(proved) = proved.as_ref().filter(|one| one.is_guardian() == answers.by_guardian.is_some()) {
            holder_drafts::insert(&mut tx, &application, proved.held.patron.id).await?;
        }
        let proof = proved.map(|proved| proved.kept(now));
        let session = session::of_applicant(&fresh, library.id, application.id, now);
        sessions::insert(&mut tx, &Session { proof, device, ..session }).await?;
        tx.commit().await?;
        Ok(fresh)
    }
}

/// A patron's card, and what can be done about it.
pub(super) async fn card_of(
    tx: &mut Tx,
    library: &Library,
    proved: Proved,
    now: OffsetDateTime,
) -> Result<MyCard, Error> {
    let rules = &library.rules;
    let mut offers = Vec::new();
    for procedure in rules.procedures.iter().copied().filter(|procedure| procedure.needs_card()) {
        offers.push(offer(tx, library, &proved, procedure, now).await?);
    }
    let Held { patron, card } = proved.held;
    let linked = certificate_links::find_linked_card(tx, library.id, patron.id).await?;
    let is_linked = linked.is_some();
    let category = patron.facts.category.as_ref().and_then(|code| rules.category(code));
    let limits = category.map(|category| (rules.loan_limit(category, is_linked), rules.loan_limit(category, true)));
    let e_library_until = Some(rules.e_library_until(card.expires_on)).filter(|until| {
        let is_withheld = category.is_some_and(|category| category.withheld.contains(&PatronService::ELibrary));
        *until < card.expires_on && !is_withheld
    });
    let has_ended = card.expires_on < japanese_date(now);
    let dates = CardDates { issued_on: japanese_date(card.issued_at), expires_on: card.expires_on };
    let lost_on = card.lost_since().map(japanese_date);
    Ok(MyCard {
        loan_limit: limits.map(|(limit, _)| limit),
        loan_limit_linked: limits.filter(|(limit, linked)| limit < linked).map(|(_, linked)| linked),
        is_linked,
        e_library_until,
        kept_until: rules.record_kept_until(card.expires_on).filter(|_| has_ended),
        linked_end: linked.and_then(|linked| linked_end(rules, linked, japanese_date(now))),
        reissued_from: lost_on.map(|lost_on| rules.reissue_allowed_from(ReissueReason::Lost, dates, lost_on)),
        may_be_found: lost_on.is_some() && rules.reissue.found_again.is_lifted_by_patron(),
        offers,
        card,
    })
}

/// What there is to say of a linked certificate: from the day of the first reminder on.
fn linked_end(rules: &LibraryRules, linked: LinkedCard, today: Date) -> Option<LinkedEnd> {
    if linked.is_revoked {
        return Some(LinkedEnd::Revoked);
    }
    let longest = rules.card_link.reminder_days.first().copied().unwrap_or_default();
    let soon = today.checked_add(Duration::days(longest.into())).unwrap_or(Date::MAX);
    linked.ends_on.filter(|ends_on| *ends_on <= soon).map(LinkedEnd::Ends)
}

async fn offer(
    tx: &mut Tx,
    library: &Library,
    proved: &Proved,
    procedure: Procedure,
    now: OffsetDateTime,
) -> Result<Offer, Error> {
    let Held { patron, card } = &proved.held;
    let reason = card.lost_since().filter(|_| procedure == Procedure::Reissue).map(|_| ReissueReason::Lost);
    let obstacle = match obstacle_for(tx, &library.rules, card, procedure, reason, now, now).await? {
        // Who is too young waits in vain for a day on which it could be done online.
        found @ (Some(Obstacle::TooEarly { .. } | Obstacle::Waiting { .. }) | None) => {
            let today = japanese_date(now);
            library.rules.young_for(procedure, proved.asker(), &patron.facts, today).or(found)
        }
        found => found,
    };
    let open = applications::find_open_by_patron(tx, library.id, procedure, card.patron_id).await?;
    Ok(Offer { procedure, obstacle, open: open.map(|application| application.reference) })
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
