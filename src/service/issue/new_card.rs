//! A new card: number, expiry date, the right to a password.

use super::{Case, Grant, Held, category_of, facts_of, held, place_notice, register_facts};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::credential::Credential;
use crate::domain::ids::{CardId, CredentialId, PatronId};
use crate::domain::library::Library;
use crate::domain::notice::NoticeContent;
use crate::domain::patron::Patron;
use crate::service::certificate_sweep::link_certificate;
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, credentials, patrons};
use time::{Duration, OffsetDateTime};

impl Portal {
    /// Makes the applicant a patron with a card.
    pub(super) async fn issue_new_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Case { library, rules, application, answers } = *case;
        if let Some(held) = held(tx, application).await? {
            return self.confirm_card(tx, case, held, now).await;
        }
        let category = category_of(case)?;
        let patron = Patron {
            id: PatronId::new(now),
            library_id: library.id,
            application_id: Some(application.id),
            child_number: 0,
            facts: facts_of(answers),
            registered_at: now,
            row_version: 0,
        };
        patrons::insert(tx, &patron).await?;
        let expires_on = rules.expiry_for(category, answers.birth, japanese_date(now));
        let number = next_number(tx, library).await?;
        let card = Card::issue(CardId::new(now), library.id, patron.id, number, expires_on, now);
        cards::insert(tx, &card).await?;
        let viewable_until = now + Duration::days(i64::from(rules.password.viewable_days));
        let id = CredentialId::new(now);
        let credential = Credential::grant(id, library.id, patron.id, application.id, viewable_until);
        credentials::insert(tx, &credential).await?;
        let facts = self.card_facts(tx, case, &card, &answers.name, now).await?;
        place_notice(tx, case, NoticeContent::Issued(facts), now).await?;
        if let Some(evidence) = grant.evidence {
            link_certificate(tx, &card, evidence, now).await?;
            self.await_certificate_number(tx, card.library_id, card.patron_id, now).await?;
        }
        Ok(card)
    }

    /// Says yes again to somebody whom this application made a patron before its decision was opened again: the card
    /// stays theirs.
    async fn confirm_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        Held { patron, card }: Held,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let patron = register_facts(tx, patron, case.answers).await?;
        let viewable_until = now + Duration::days(i64::from(case.rules.password.viewable_days));
        credentials::restore(tx, patron.id, viewable_until).await?;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        place_notice(tx, case, NoticeContent::Issued(facts), now).await?;
        Ok(card)
    }
}

/// The next number of the library's series. The series in force numbers the card, whatever rules the application
/// began with: two series at once would be two ways to the same number.
pub(super) async fn next_number(tx: &mut Tx, library: &Library) -> Result<CardNumber, Error> {
    // A series that was changed may meet numbers issued before: those are passed over, never used again.
    loop {
        let sequence = cards::next_sequence(tx, library.id).await?;
        let number = library.rules.number_series.number(sequence).map_err(|_| Error::SeriesExhausted)?;
        if cards::find_by_number(tx, library.id, &number).await?.is_none() {
            return Ok(number);
        }
    }
}
