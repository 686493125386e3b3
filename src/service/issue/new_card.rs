//! A new card: number, expiry date, the right to a password.

use super::suspend::resume;
use super::{Case, Grant, Held, facts_of, held, place_notice, save_facts};
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::credential::Credential;
use crate::domain::ids::CredentialId;
use crate::domain::library::Library;
use crate::domain::notice::NoticeContent;
use crate::domain::patron::PatronFacts;
use crate::service::certificate_sweep::link_certificate;
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, credentials};
use time::{Duration, OffsetDateTime};

impl Portal {
    /// Puts the card in force that was registered for the applicant.
    pub(super) async fn issue_new_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let held = held(tx, case.application).await?.ok_or(Error::Internal("a new card that was not registered"))?;
        let is_first = held.card.is_pending();
        let card = put_in_force(tx, case, held, facts_of(case.answers), now).await?;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        place_notice(tx, case, NoticeContent::Issued(facts), now).await?;
        if let Some(evidence) = grant.evidence.filter(|_| is_first) {
            link_certificate(tx, &card, evidence, now).await?;
            self.await_certificate_number(tx, card.library_id, card.patron_id, now).await?;
        }
        Ok(card)
    }
}

/// Puts a registered card in force, with the right to a password; or says yes again to somebody whom this application
/// made a patron before its decision was opened again: the card stays theirs.
pub(super) async fn put_in_force(
    tx: &mut Tx,
    case: &Case<'_>,
    Held { patron, card }: Held,
    facts: PatronFacts,
    now: OffsetDateTime,
) -> Result<Card, Error> {
    let viewable_until = now + Duration::days(i64::from(case.rules.password.viewable_days));
    if !card.is_pending() {
        credentials::restore(tx, patron.id, viewable_until).await?;
        save_facts(tx, patron, facts).await?;
        return resume(tx, case.application, card).await;
    }
    let id = CredentialId::new(now);
    let credential = Credential::grant(id, case.library.id, patron.id, case.application.id, viewable_until);
    credentials::insert(tx, &credential).await?;
    Ok(cards::save(tx, card.put_in_force()?).await?)
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
