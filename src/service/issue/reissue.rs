//! A card in place of another: under the same number, or under a new one and the old one is dead.

use super::new_card::next_number;
use super::{Case, Held, expiry_of_reissued, place_notice, register_facts};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::ids::CardId;
use crate::domain::library::{NumberAfter, ReissueReason};
use crate::domain::notice::{NoticeContent, ReissuedNotice};
use crate::service::{Error, Portal};
use crate::store::{Tx, cards};
use time::OffsetDateTime;

impl Portal {
    /// Issues a card in place of another.
    pub(super) async fn issue_reissue(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        held: Held,
        reason: ReissueReason,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Held { patron, card: old } = held;
        let expires_on = expiry_of_reissued(case, &old, patron.facts.birth, japanese_date(now))?;
        let old_number = case.library.rules.number_series.grouped(&old.number);
        let (card, old_number_grouped) = match case.rules.number_after(reason) {
            NumberAfter::Kept => (cards::save(tx, old.remake(expires_on)?).await?, None),
            NumberAfter::New => {
                let number = next_number(tx, case.library).await?;
                let card = Card::issue(CardId::new(now), old.library_id, old.patron_id, number, expires_on, now);
                cards::insert(tx, &card).await?;
                cards::save(tx, old.replace(card.id, now)?).await?;
                (card, Some(old_number))
            }
        };
        if reason == ReissueReason::NameChanged {
            register_facts(tx, patron, case.answers).await?;
        }
        let plastic_card = case.answers.plastic_card;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        let notice = ReissuedNotice { card: facts, old_number_grouped, plastic_card };
        place_notice(tx, case, NoticeContent::Reissued(notice), now).await?;
        Ok(card)
    }
}
