//! A new card: number, expiry date, the right to a password.

use super::register::Holder;
use super::suspend::resume;
use super::{Case, Grant, Held, facts_of, held, place_notice, save_facts};
use crate::domain::card::Card;
use crate::domain::credential::Credential;
use crate::domain::ids::{CardId, CredentialId, PatronId};
use crate::domain::library::Library;
use crate::domain::notice::NoticeContent;
use crate::domain::patron::PatronFacts;
use crate::service::certificate_sweep::link_certificate;
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, credentials};
use time::{Date, Duration, OffsetDateTime};

impl Portal {
    /// Puts the card in force that was registered for the applicant.
    pub(super) async fn issue_new_card(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        holder: Option<Holder>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Holder { held, is_new } = if let Some(holder) = holder {
            holder
        } else {
            let held = held(tx, case.application).await?;
            Holder { held: held.ok_or(Error::Internal("a new card that was not registered"))?, is_new: false }
        };
        let is_first = is_new || held.card.is_pending();
        let card = if is_new {
            give_password(tx, case, &held, now).await?;
            held.card
        } else {
            put_in_force(tx, case, held, facts_of(case.answers), now).await?
        };
        let name = &case.answers.name;
        let facts = if is_first {
            self.card_facts_of(tx, case, &card, name, false, now).await?
        } else {
            self.card_facts(tx, case, &card, name, now).await?
        };
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
    if !card.is_pending() {
        credentials::restore(tx, patron.id, viewable_until(case, now)).await?;
        save_facts(tx, patron, facts).await?;
        return resume(tx, case.application, card).await;
    }
    let held = Held { patron, card };
    give_password(tx, case, &held, now).await?;
    Ok(cards::save(tx, held.card.put_in_force()?).await?)
}

/// Gives the right to a first password.
async fn give_password(tx: &mut Tx, case: &Case<'_>, held: &Held, now: OffsetDateTime) -> Result<(), Error> {
    let (id, until) = (CredentialId::new(now), viewable_until(case, now));
    let credential = Credential::grant(id, case.library.id, held.patron.id, case.application.id, until);
    Ok(credentials::insert(tx, &credential).await?)
}

fn viewable_until(case: &Case<'_>, now: OffsetDateTime) -> OffsetDateTime {
    now + Duration::days(i64::from(case.rules.password.viewable_days))
}

/// Registers a card under the next number of the library's series, in force `at_once` or later. The series in force
/// numbers the card, whatever rules the application began with: two series at once would be two ways to the same number.
pub(super) async fn register_card(
    tx: &mut Tx,
    library: &Library,
    patron_id: PatronId,
    expires_on: Date,
    at_once: bool,
    now: OffsetDateTime,
) -> Result<Card, Error> {
    // A series that was changed may meet numbers issued before: those are passed over, never used again.
    loop {
        let sequence = cards::next_sequence(tx, library.id).await?;
        let number = library.rules.number_series.number(sequence).map_err(|_| Error::SeriesExhausted)?;
        let card = Card::register(CardId::new(now), library.id, patron_id, number, expires_on, now);
        let card = if at_once { card.put_in_force()? } else { card };
        if cards::insert_unless_taken(tx, &card).await? {
            return Ok(card);
        }
    }
}
