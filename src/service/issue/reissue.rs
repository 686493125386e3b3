//! A card in place of another: under the same number, or under a new one and the old one is dead.

use super::{Case, Held, facts_of, place_notice, registered, save_facts};
use crate::domain::card::Card;
use crate::domain::library::ReissueReason;
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
        let registered = registered(tx, case).await?;
        let old_number = case.library.rules.number_series.grouped(&old.number);
        let (card, old_number_grouped) = if registered.card_id == old.id {
            let expires_on = registered.expires_on.ok_or(Error::Internal("a reissue without its last day"))?;
            (cards::save(tx, old.remake(expires_on)?).await?, None)
        } else {
            let card = cards::find(tx, old.library_id, registered.card_id).await?;
            let card = card.ok_or(Error::Internal("a reissue without its card"))?.put_in_force()?;
            let card = cards::save(tx, card).await?;
            cards::save(tx, old.replace(card.id, now)?).await?;
            (card, Some(old_number))
        };
        if reason == ReissueReason::NameChanged {
            save_facts(tx, patron, facts_of(case.answers)).await?;
        }
        let plastic_card = case.answers.plastic_card;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        let notice = ReissuedNotice { card: facts, old_number_grouped, plastic_card };
        place_notice(tx, case, NoticeContent::Reissued(notice), now).await?;
        Ok(card)
    }
}
