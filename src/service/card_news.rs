//! Notices about a card for which nobody applied: it was stopped, can be used again, or its last day is near. They are
//! placed with what they tell, in one transaction, and a mail rings the bell of whoever has an address.

use super::Error;
use super::issue::{contact_of, document_number};
use super::review::NoticePreview;
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::ids::{MailId, NoticeId};
use crate::domain::library::{Library, LibraryRules, NoticeKind, RenewalWindow};
use crate::domain::notice::{
    CardNews, CardNotice, MailContent, Notice, NoticeAbout, NoticeContent, QueuedMail, RenewalWay, Stopper,
};
use crate::domain::patron::Patron;
use crate::domain::procedure::Procedure;
use crate::store::{Tx, notices, outbox, paper_notices};
use time::{Date, OffsetDateTime};

/// Places the notice that a card was stopped or can be used again, and rings the bell. `application` is the one whose
/// record tells of the card, if there is one.
pub(super) async fn announce(
    tx: &mut Tx,
    library: &Library,
    application: Option<&Application>,
    (patron, card): (&Patron, &Card),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let (news, content) = news_of(card);
    let notice = place(tx, library, (patron, card), news, now).await?;
    if let Some(mail) = mail_about(application, patron, content, now) {
        outbox::insert_telling_of(tx, notice, &mail, &once(card, &mail)).await?;
    }
    Ok(())
}

/// Tells by mail alone that a card was stopped: nobody can open a notice of it any more.
pub(super) async fn tell_stopped(
    tx: &mut Tx,
    application: Option<&Application>,
    (patron, card): (&Patron, &Card),
    now: OffsetDateTime,
) -> Result<(), Error> {
    if let Some(mail) = mail_about(application, patron, MailContent::CardStopped, now) {
        outbox::insert(tx, &mail, Some(&once(card, &mail))).await?;
    }
    Ok(())
}

/// The notice that a card's last day is near: the one that was placed before for this day, or a new one.
pub(super) async fn expiring_notice(
    tx: &mut Tx,
    library: &Library,
    (patron, card): (&Patron, &Card),
    now: OffsetDateTime,
) -> Result<NoticeId, Error> {
    let is_same = |content: &NoticeContent| {
        matches!(content, NoticeContent::OfCard(CardNotice { news: CardNews::Expiring { .. }, card_number, expires_on, .. })
            if *card_number == card.number && *expires_on == card.expires_on)
    };
    let placed = notices::list_by_patron(tx, library.id, patron.id).await?;
    if let Some(before) = placed.iter().find(|notice| is_same(&notice.content)) {
        return Ok(before.id);
    }
    let renewal = renewal_way(&library.rules, card.expires_on, japanese_date(now));
    place(tx, library, (patron, card), CardNews::Expiring { renewal }, now).await
}

/// What the holder would read if staff stopped the card now, or let it be used again. None of a card with which they can
/// do neither.
pub(super) fn preview(library: &Library, patron: &Patron, card: &Card, now: OffsetDateTime) -> Option<NoticePreview> {
    let news = match card.state {
        CardState::Active => CardNews::Stopped { by: Stopper::Library },
        CardState::Stopped { .. } => CardNews::Released,
        CardState::Pending | CardState::Replaced { .. } => return None,
    };
    let content = notice_of(library, (patron, card), news, String::new(), now);
    Some(NoticePreview { content, language: patron.language, gives_number: false })
}

/// What the state of a card is to its holder, and the mail that tells of it.
fn news_of(card: &Card) -> (CardNews, MailContent) {
    let by = match card.state {
        CardState::Stopped { reason: StopReason::Lost, .. } => Stopper::Holder,
        CardState::Stopped { reason: StopReason::ByLibrary, .. } => Stopper::Library,
        CardState::Active | CardState::Pending | CardState::Replaced { .. } => {
            return (CardNews::Released, MailContent::CardFound);
        }
    };
    (CardNews::Stopped { by }, MailContent::CardStopped)
}

/// How a card is renewed that can still be used: in the portal, from the day on from which that takes it.
fn renewal_way(rules: &LibraryRules, expires_on: Date, today: Date) -> RenewalWay {
    if !rules.offers(Procedure::Renewal) {
        return RenewalWay::Counter;
    }
    match rules.renewal_window(expires_on, today) {
        RenewalWindow::Open { .. } => RenewalWay::Online(today),
        RenewalWindow::TooEarly { from } => RenewalWay::Online(from),
        RenewalWindow::TooLate { .. } => RenewalWay::Counter,
    }
}

async fn place(
    tx: &mut Tx,
    library: &Library,
    (patron, card): (&Patron, &Card),
    news: CardNews,
    now: OffsetDateTime,
) -> Result<NoticeId, Error> {
    let number = document_number(tx, library.id, now).await?;
    let notice = Notice {
        id: NoticeId::new(now),
        library_id: library.id,
        about: NoticeAbout::Patron(patron.id),
        language: patron.language,
        content: notice_of(library, (patron, card), news, number, now),
        placed_at: now,
        mailed_at: None,
        first_read_at: None,
        first_saved_at: None,
    };
    notices::insert(tx, &notice).await?;
    // What somebody did themselves they know; of what the library did they learn in one way or another.
    let is_news_to_them = matches!(news, CardNews::Stopped { by: Stopper::Library });
    if is_news_to_them && patron.facts.email.is_none() {
        paper_notices::insert(tx, &notice).await?;
    }
    Ok(notice.id)
}

fn notice_of(
    library: &Library,
    (patron, card): (&Patron, &Card),
    news: CardNews,
    document_number: String,
    now: OffsetDateTime,
) -> NoticeContent {
    let rules = &library.rules;
    let kind = match news {
        CardNews::Stopped { .. } => NoticeKind::Stopped,
        CardNews::Released => NoticeKind::Released,
        CardNews::Expiring { .. } => NoticeKind::Expiring,
    };
    NoticeContent::OfCard(CardNotice {
        document_number,
        placed_on: japanese_date(now),
        library_name: rules.name.clone(),
        issuer: rules.issuer.clone(),
        contact: contact_of(rules),
        name: patron.facts.name.clone(),
        card_number: card.number.clone(),
        card_number_grouped: rules.number_series.grouped(&card.number),
        expires_on: card.expires_on,
        news,
        library_words: rules.notice_words(kind),
    })
}

/// Tells the holder by mail what became of the card, in case it was somebody else's doing. None without an address.
fn mail_about(
    application: Option<&Application>,
    patron: &Patron,
    content: MailContent,
    now: OffsetDateTime,
) -> Option<QueuedMail> {
    Some(QueuedMail {
        id: MailId::new(now),
        library_id: patron.library_id,
        // What was erased seals nothing any more.
        application_id: application
            .filter(|application| !matches!(application.state, ApplicationState::Purged { .. }))
            .map(|application| application.id),
        recipient: patron.facts.email.clone()?,
        language: patron.language,
        content,
        queued_at: now,
        attempts: 0,
    })
}

/// A card can be stopped, found and stopped again.
fn once(card: &Card, mail: &QueuedMail) -> String {
    format!("{}/{}/{}", card.id, mail.content.kind(), card.row_version)
}
