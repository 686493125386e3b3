//! Issue: what an approval puts into force — number, expiry date, link, password, facts — with notice and mail. One file
//! per procedure.
//!
//! It has two steps. `register` fixes what the library system has to take in; `Portal::issue` puts it in force and
//! tells the applicant. Both happen in the transaction of the decision, unless the library waits for its system: then
//! the second step is that of the confirmation.

mod again;
mod card_link;
mod change;
mod children;
mod new_card;
mod password_issue;
mod register;
mod reissue;
mod renewal;
mod suspend;

pub(super) use suspend::{end_new_card, holders, suspend, withdraw_passwords};

use super::deliver::password_way;
use super::record::event_by;
use super::{Error, Portal, blocks, proofs};
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::Application;
use crate::domain::card::{Card, CardRefused};
use crate::domain::event::{Actor, EventKind};
use crate::domain::ids::{LibraryId, MailId, NoticeId};
use crate::domain::library::{CardDates, Category, Library, LibraryRules, LibraryText, NoticeKind, ReissueReason};
use crate::domain::notice::{
    DeclinedNotice, IssuedNotice, MailContent, Notice, NoticeAbout, NoticeContent, QueuedMail,
};
use crate::domain::obstacle::{Matter, Obstacle};
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::person::{BirthDate, EmailAddress, PersonName};
use crate::domain::procedure::Procedure;
use crate::domain::proof::ShownProof;
use crate::domain::registration::Registration;
use crate::domain::request::Request;
use crate::domain::review::DeclineReason;
use crate::store::signatures::SignatureEvidence;
use crate::store::{
    Tx, applications, cards, certificate_links, duplicates, events, notices, outbox, paper_notices, patrons,
    registrations, visits,
};
use again::granted_before;
use register::{Holder, Registered};
use time::{Date, Duration, OffsetDateTime};

/// What a decision is about, as the deciding transaction loaded it.
pub(super) struct Case<'a> {
    pub(super) library: &'a Library,
    pub(super) rules: &'a LibraryRules,
    pub(super) application: &'a Application,
    pub(super) answers: &'a Answers,
}

/// What is granted: what was asked for, on which signature, by whose decision.
pub(super) struct Grant<'a> {
    pub(super) request: Option<&'a Request>,
    /// None where no card signed: staff saw documents.
    pub(super) evidence: Option<&'a SignatureEvidence>,
    pub(super) by: Actor,
}

/// The card that a procedure is about, and whose it is.
pub(super) struct Held {
    pub(super) patron: Patron,
    pub(super) card: Card,
}

impl Portal {
    /// Registers what was approved, and puts it into force unless the library system has to take it in first. Gives the
    /// card if it is in force.
    pub(super) async fn grant(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        now: OffsetDateTime,
    ) -> Result<Option<Card>, Error> {
        if let Some(request) = grant.request
            && let Some(before) = granted_before(tx, case.application).await?
        {
            return self.grant_again(tx, case, (grant, request), before, now).await.map(Some);
        }
        let is_awaited = case.library.rules.exchange.confirmation.is_awaited_for(case.application.procedure);
        let Registered { patron_id, holder } = self.register(tx, case, grant, is_awaited, now).await?;
        let application = Application { patron_id: Some(patron_id), ..case.application.clone() };
        if !is_awaited {
            let case = Case { application: &application, ..*case };
            return self.issue_to(tx, &case, grant, holder, now).await.map(Some);
        }
        let application =
            if *case.application == application { application } else { applications::save(tx, application).await? };
        events::insert(tx, &event_by(&application, EventKind::Registered, grant.by, now)).await?;
        Ok(None)
    }

    /// Puts what was registered into force, and places the notice.
    pub(super) async fn issue(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        self.issue_to(tx, case, grant, None, now).await
    }

    /// The same; `holder` is whoever was registered in this transaction, and so need not be looked up.
    async fn issue_to(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        holder: Option<Holder>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let waits = !holder.as_ref().is_some_and(|holder| holder.is_new);
        let card = match grant.request {
            None if case.answers.guardianship.is_some() => self.issue_to_children(tx, case, now).await?,
            None => self.issue_new_card(tx, case, grant, holder, now).await?,
            Some(request) => self.issue_about_card(tx, case, grant, request, now).await?,
        };
        if waits {
            registrations::put_in_force(tx, case.application.id, now).await?;
        }
        self.close(tx, case, grant, card, now).await
    }

    /// Ends the application: what was asked for is in force.
    async fn close(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        card: Card,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let issued = Application { patron_id: Some(card.patron_id), ..case.application.clone() }.issue()?;
        let issued = applications::save(tx, issued).await?;
        proofs::keep(tx, case, grant, card.patron_id, now).await?;
        events::insert(tx, &event_by(&issued, EventKind::Issued, grant.by, now)).await?;
        Ok(card)
    }

    async fn issue_about_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let held = held(tx, case.application).await?.ok_or(Error::Obstacle(Obstacle::NotMatched))?;
        note_language(tx, case.application, &held.patron).await?;
        match request {
            Request::Renewal { .. } => self.issue_renewal(tx, case, held, request.changes_facts(), now).await,
            Request::Reissue { reason, .. } => self.issue_reissue(tx, case, held, *reason, now).await,
            Request::CardLink { .. } => {
                let evidence = grant.evidence.ok_or(Error::Obstacle(Obstacle::NotMatched))?;
                self.issue_card_link(tx, case, held, evidence, now).await
            }
            Request::PasswordIssue { .. } => self.issue_password(tx, case, held, now).await,
            Request::Change { changed, .. } => self.issue_change(tx, case, held, changed, now).await,
        }
    }

    /// Places the notice that says no, and why.
    pub(super) async fn announce_refusal(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        reason: &DeclineReason,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let content = refusal(case, reason, document_number(tx, case.library.id, now).await?, now);
        place_notice(tx, case, content, now).await
    }

    /// A card's facts as a notice states them.
    async fn card_facts(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        card: &Card,
        name: &PersonName,
        now: OffsetDateTime,
    ) -> Result<IssuedNotice, Error> {
        let is_linked = certificate_links::is_card_linked(tx, case.library.id, card.patron_id).await?;
        self.card_facts_of(tx, case, card, name, is_linked, now).await
    }

    /// The same of somebody of whom it is known whether the My Number card is linked.
    async fn card_facts_of(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        card: &Card,
        name: &PersonName,
        is_linked: bool,
        now: OffsetDateTime,
    ) -> Result<IssuedNotice, Error> {
        let Case { library, rules, application, .. } = *case;
        let category = category_of(case)?;
        let series = &library.rules.number_series;
        let (kind, gives_password) = kind_of(application.procedure);
        let password_way = if gives_password { Some(password_way(tx, library, application.id).await?) } else { None };
        Ok(IssuedNotice {
            document_number: document_number(tx, library.id, now).await?,
            issued_on: japanese_date(now),
            library_name: rules.name.clone(),
            issuer: rules.issuer.clone(),
            contact: contact_of(rules),
            reference: application.reference.clone(),
            name: name.clone(),
            category: category.label.clone(),
            card_number_grouped: series.grouped(&card.number),
            barcode: series.barcode_text(&card.number),
            card_number: card.number.clone(),
            expires_on: card.expires_on,
            ends_with: proofs::ends_with(tx, case, (card.patron_id, card.expires_on), japanese_date(now)).await?,
            loan_limit: rules.loan_limit(category, is_linked),
            portal_url: format!("{}/{}/{}/", self.base_url, library.rules.slug, application.language.as_str()),
            password_at_counter: case.answers.email.is_none(),
            password_way,
            library_words: rules.notice_words(kind),
        })
    }
}

/// What the notice of a granted procedure is called in the rules, and whether it tells of a password.
const fn kind_of(procedure: Procedure) -> (NoticeKind, bool) {
    match procedure {
        Procedure::NewCard => (NoticeKind::Issued, true),
        Procedure::CardLink => (NoticeKind::Linked, false),
        Procedure::Renewal => (NoticeKind::Renewed, false),
        Procedure::Reissue => (NoticeKind::Reissued, false),
        Procedure::PasswordIssue => (NoticeKind::Password, true),
        Procedure::Change => (NoticeKind::Changed, false),
    }
}

/// The notice that says no, and why.
pub(super) fn refusal(
    case: &Case<'_>,
    reason: &DeclineReason,
    document_number: String,
    now: OffsetDateTime,
) -> NoticeContent {
    NoticeContent::Declined(DeclinedNotice {
        document_number,
        decided_on: japanese_date(now),
        library_name: case.rules.name.clone(),
        issuer: case.rules.issuer.clone(),
        contact: contact_of(case.rules),
        reference: case.application.reference.clone(),
        name: case.answers.name.clone(),
        reason: reason.as_str().to_owned(),
        library_words: case.rules.notice_words(NoticeKind::Declined),
    })
}

/// Takes what an approval takes from the series of its library, if it makes one person a patron; any other takes it where
/// it needs it.
pub(super) async fn lock_to_register(
    tx: &mut Tx,
    case: &Case<'_>,
    request: Option<&Request>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Case { library, application, answers, .. } = case;
    if request.is_some() || answers.guardianship.is_some() || application.patron_id.is_some() {
        return Ok(());
    }
    let is_awaited = library.rules.exchange.confirmation.is_awaited_for(application.procedure);
    let notice_in = (!is_awaited).then(|| japanese_date(now).year());
    Ok(duplicates::lock_to_register(tx, library.id, notice_in).await?)
}

/// The one thing that an approval about a card registered.
async fn registered(tx: &mut Tx, case: &Case<'_>) -> Result<Registration, Error> {
    let mut waiting = registrations::list_waiting(tx, case.application.id).await?;
    waiting.pop().ok_or(Error::Internal("an approval that registered nothing"))
}

/// The patron whom an application is about, once that is certain, and the card that counts now.
pub(super) async fn held(tx: &mut Tx, application: &Application) -> Result<Option<Held>, Error> {
    let Some(id) = application.patron_id else { return Ok(None) };
    let patron = patrons::find(tx, application.library_id, id).await?;
    let card = cards::find_by_patron(tx, application.library_id, id).await?;
    Ok(patron.zip(card).map(|(patron, card)| Held { patron, card }))
}

/// Tells what stands against what is asked for, besides what staff judge.
pub(super) async fn obstacle(
    tx: &mut Tx,
    rules: &LibraryRules,
    application: &Application,
    request: &Request,
    now: OffsetDateTime,
) -> Result<Option<Obstacle>, Error> {
    let Some(Held { card, .. }) = held(tx, application).await? else { return Ok(Some(Obstacle::NotMatched)) };
    if granted_before(tx, application).await?.is_some() {
        return blocks::obstacle_of(tx, card.library_id, card.patron_id, application.procedure).await;
    }
    let asked_at = application.state.submitted_at().unwrap_or(now);
    // It was stopped when it was reported: whoever lifted the stop has it.
    if request.reports_loss() && card.is_active() {
        return Ok(Some(Obstacle::FoundAgain));
    }
    obstacle_for(tx, rules, &card, request.procedure(), reason_of(request), asked_at, now).await
}

/// Tells what stands against a procedure about a card, asked for at `asked_at`.
pub(super) async fn obstacle_for(
    tx: &mut Tx,
    rules: &LibraryRules,
    card: &Card,
    procedure: Procedure,
    reason: Option<ReissueReason>,
    asked_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Option<Obstacle>, Error> {
    if rules.offers(procedure)
        && let Some(blocked) = blocks::obstacle_of(tx, card.library_id, card.patron_id, procedure).await?
    {
        return Ok(Some(blocked));
    }
    // The search for a lost card began when the library was first told.
    let told_at = card.lost_since().filter(|_| procedure == Procedure::Reissue).map_or(asked_at, |at| at.min(asked_at));
    let matter = Matter {
        procedure,
        reason,
        card,
        dates: CardDates { issued_on: japanese_date(card.issued_at), expires_on: card.expires_on },
        asked_on: japanese_date(told_at),
        today: japanese_date(now),
    };
    if let Some(obstacle) = rules.obstacle(&matter) {
        return Ok(Some(obstacle));
    }
    let Some(limit) = rules.password.reissue_limit.filter(|_| procedure == Procedure::PasswordIssue) else {
        return Ok(None);
    };
    let since = now - Duration::days(limit.days.into());
    let issued = applications::count_issued_since(tx, card.library_id, procedure, card.patron_id, since).await?;
    Ok((issued >= u64::from(limit.times)).then_some(Obstacle::TooOften))
}

/// Why another card is needed, if that is what is asked for.
pub(super) const fn reason_of(request: &Request) -> Option<ReissueReason> {
    match request {
        Request::Reissue { reason, .. } => Some(*reason),
        _ => None,
    }
}

impl From<CardRefused> for Error {
    fn from(refused: CardRefused) -> Self {
        Self::Obstacle(match refused {
            CardRefused::NotActive | CardRefused::NotPending | CardRefused::NotStopped => Obstacle::Stopped,
            CardRefused::Replaced => Obstacle::Replaced,
        })
    }
}

fn category_of<'a>(case: &Case<'a>) -> Result<&'a Category, Error> {
    case.rules.category(&case.answers.category).ok_or(Error::Internal("a category without its rule"))
}

/// Lets these facts be what the library knows from now on: what was signed, or what staff put right.
pub(super) async fn save_facts(tx: &mut Tx, patron: Patron, facts: PatronFacts) -> Result<(), Error> {
    Ok(patrons::save(tx, &Patron { facts, ..patron }).await?)
}

/// A patron reads in the language in which they applied last. What staff entered for them says nothing of that.
async fn note_language(tx: &mut Tx, application: &Application, patron: &Patron) -> Result<(), Error> {
    let language = application.language;
    if language == patron.language || visits::find_slip(tx, application.id).await?.is_some() {
        return Ok(());
    }
    Ok(patrons::save_language(tx, patron.library_id, patron.id, language).await?)
}

/// The last day of use of a card in place of another: a valid one keeps it, an expired one gets a new term.
fn expiry_of_reissued(
    case: &Case<'_>,
    card: &Card,
    birth: BirthDate,
    shown: &[ShownProof],
    today: Date,
) -> Result<Date, Error> {
    if card.expires_on > today {
        return Ok(card.expires_on);
    }
    let days = (card.expires_on, today);
    Ok(case.rules.renewed_expiry_until(category_of(case)?, birth, days, shown).expires_on)
}

pub(super) fn contact_of(rules: &LibraryRules) -> LibraryText {
    let contact = &rules.contact;
    let parts = [&contact.hours, &contact.address];
    LibraryText::composed(parts, |[hours, address]| format!("{}　{hours}　{address}", contact.telephone))
}

/// The next number of a library's papers (文書番号).
pub(super) async fn document_number(tx: &mut Tx, library_id: LibraryId, now: OffsetDateTime) -> Result<String, Error> {
    let year = japanese_date(now).year();
    let number = notices::next_document_number(tx, library_id, year).await?;
    Ok(format!("{year}-{number:06}"))
}

/// Places a notice, and rings the bell of whoever has an address.
pub(super) async fn place_notice(
    tx: &mut Tx,
    case: &Case<'_>,
    content: NoticeContent,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let notice = place_notice_of(tx, case, content, now).await?;
    if let Some(email) = &case.answers.email {
        let (mail, once) = mail(case.application, email, MailContent::NoticeReady, now);
        // Once per notice: a decision that was opened again is told of again.
        outbox::insert_telling_of(tx, notice, &mail, &format!("{once}/{notice}")).await?;
    }
    Ok(())
}

/// Places a notice, of which another mail tells than the usual one.
pub(super) async fn place_notice_of(
    tx: &mut Tx,
    case: &Case<'_>,
    content: NoticeContent,
    now: OffsetDateTime,
) -> Result<NoticeId, Error> {
    let notice = Notice {
        id: NoticeId::new(now),
        library_id: case.library.id,
        about: NoticeAbout::Application(case.application.id),
        language: case.application.language,
        content,
        placed_at: now,
        mailed_at: None,
        first_read_at: None,
        first_saved_at: None,
    };
    notices::insert(tx, &notice).await?;
    if case.answers.goes_on_paper() {
        paper_notices::insert(tx, &notice).await?;
    }
    Ok(notice.id)
}

/// A mail about an application, and the key under which it is queued at most once.
pub(super) fn mail(
    application: &Application,
    recipient: &EmailAddress,
    content: MailContent,
    now: OffsetDateTime,
) -> (QueuedMail, String) {
    let once = format!("{}/{}/{}", application.id, content.kind(), application.last_version);
    let mail = QueuedMail {
        id: MailId::new(now),
        library_id: application.library_id,
        application_id: Some(application.id),
        recipient: recipient.clone(),
        language: application.language,
        content,
        queued_at: now,
        attempts: 0,
    };
    (mail, once)
}

pub(super) fn facts_of(answers: &Answers) -> PatronFacts {
    PatronFacts {
        name: answers.name.clone(),
        kana: answers.kana.clone(),
        birth: answers.birth,
        address: Some(answers.address.clone()),
        phone: answers.phone.clone(),
        email: answers.email.clone(),
        category: Some(answers.category.clone()),
        branch: Some(answers.branch.clone()),
    }
}
