//! Issue: number, expiry date, notice, mail — in the transaction of the decision that grants them.

use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::credential::{Credential, CredentialState};
use crate::domain::ids::{CardId, CredentialId, MailId, NoticeId, PatronId};
use crate::domain::library::{Library, LibraryRules};
use crate::domain::notice::{DeclinedNotice, IssuedNotice, MailContent, Notice, NoticeContent, QueuedMail};
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::person::EmailAddress;
use crate::domain::review::DeclineReason;
use crate::store::{Tx, cards, credentials, notices, outbox, patrons};
use time::{Duration, OffsetDateTime};

/// What a decision is about, as the deciding transaction loaded it.
pub(super) struct Case<'a> {
    pub(super) library: &'a Library,
    pub(super) rules: &'a LibraryRules,
    pub(super) application: &'a Application,
    pub(super) answers: &'a Answers,
}

impl Portal {
    /// Makes the applicant a patron with a card, and places the notice.
    pub(super) async fn issue(&self, tx: &mut Tx, case: &Case<'_>, now: OffsetDateTime) -> Result<Card, Error> {
        let Case { library, rules, application, answers } = *case;
        let today = japanese_date(now);
        let category = rules.category(&answers.category).ok_or(Error::Internal("a category without its rule"))?;
        let patron = Patron {
            id: PatronId::new(now),
            library_id: library.id,
            application_id: Some(application.id),
            facts: facts_of(answers),
            registered_at: now,
            row_version: 0,
        };
        patrons::insert(tx, &patron).await?;

        // The series in force numbers the card, whatever rules the application began with:
        // two series at once would be two ways to the same number.
        let series = &library.rules.number_series;
        // A series that was changed may meet numbers issued before: those are passed over, never used again.
        let number = loop {
            let sequence = cards::next_sequence(tx, library.id).await?;
            let number = series.number(sequence).map_err(|_| Error::SeriesExhausted)?;
            if cards::find_by_number(tx, library.id, &number).await?.is_none() {
                break number;
            }
        };
        let card = Card {
            id: CardId::new(now),
            library_id: library.id,
            patron_id: patron.id,
            number,
            expires_on: rules.expiry_for(category, answers.birth, today),
            issued_at: now,
        };
        cards::insert(tx, &card).await?;
        let credential = Credential {
            id: CredentialId::new(now),
            library_id: library.id,
            patron_id: patron.id,
            viewable_until: now + Duration::days(i64::from(rules.password.viewable_days)),
            state: CredentialState::Unseen,
        };
        credentials::insert(tx, &credential).await?;
        self.announce_card(tx, case, &card, now).await?;
        Ok(card)
    }

    /// Places the notice that tells of a card.
    pub(super) async fn announce_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        card: &Card,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let Case { library, rules, application, answers } = *case;
        let category = rules.category(&answers.category).ok_or(Error::Internal("a category without its rule"))?;
        let series = &library.rules.number_series;
        let content = NoticeContent::Issued(IssuedNotice {
            document_number: document_number(tx, case, now).await?,
            issued_on: japanese_date(now),
            library_name: rules.name.clone(),
            issuer: rules.issuer.clone(),
            contact: contact_of(rules),
            reference: application.reference.clone(),
            name: answers.name.clone(),
            category: category.label.clone(),
            card_number_grouped: series.grouped(&card.number),
            barcode: series.barcode_text(&card.number),
            card_number: card.number.clone(),
            expires_on: card.expires_on,
            loan_limit: category.loan_limit,
            portal_url: format!("{}/{}/ja/", self.base_url, library.rules.slug),
        });
        place_notice(tx, case, content, now).await
    }

    /// Places the notice that says no, and why.
    pub(super) async fn announce_refusal(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        reason: &DeclineReason,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let content = NoticeContent::Declined(DeclinedNotice {
            document_number: document_number(tx, case, now).await?,
            decided_on: japanese_date(now),
            library_name: case.rules.name.clone(),
            issuer: case.rules.issuer.clone(),
            contact: contact_of(case.rules),
            reference: case.application.reference.clone(),
            name: case.answers.name.clone(),
            reason: reason.as_str().to_owned(),
        });
        place_notice(tx, case, content, now).await
    }
}

fn contact_of(rules: &LibraryRules) -> String {
    let contact = &rules.contact;
    format!("{}　{}　{}", contact.telephone, contact.hours, contact.address)
}

async fn document_number(tx: &mut Tx, case: &Case<'_>, now: OffsetDateTime) -> Result<String, Error> {
    let year = japanese_date(now).year();
    let number = notices::next_document_number(tx, case.library.id, year).await?;
    Ok(format!("{year}-{number:06}"))
}

async fn place_notice(tx: &mut Tx, case: &Case<'_>, content: NoticeContent, now: OffsetDateTime) -> Result<(), Error> {
    let notice = Notice {
        id: NoticeId::new(now),
        library_id: case.library.id,
        application_id: case.application.id,
        content,
        placed_at: now,
        first_read_at: None,
    };
    notices::insert(tx, &notice).await?;
    let (mail, once) = mail(case.application, &case.answers.email, MailContent::NoticeReady, now);
    // Once per notice: a decision that was opened again is told of again.
    outbox::insert(tx, &mail, Some(&format!("{once}/{}", notice.id))).await?;
    Ok(())
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
        email: Some(answers.email.clone()),
        category: Some(answers.category.clone()),
        branch: Some(answers.branch.clone()),
    }
}
