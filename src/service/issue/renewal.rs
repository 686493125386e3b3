//! A longer validity: the same card, a later last day.

use super::{Case, Held, facts_of, place_notice, registered, save_facts};
use crate::domain::card::Card;
use crate::domain::notice::{NoticeContent, RenewedNotice};
use crate::service::{Error, Portal};
use crate::store::{Tx, cards};
use time::OffsetDateTime;

impl Portal {
    /// Extends the validity of a card.
    pub(super) async fn issue_renewal(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        held: Held,
        changes_facts: bool,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Held { patron, card } = held;
        let old_expiry = card.expires_on;
        let expires_on = registered(tx, case).await?.expires_on;
        let expires_on = expires_on.ok_or(Error::Internal("a renewal without its last day"))?;
        let card = cards::save(tx, card.renew(expires_on)?).await?;
        if changes_facts {
            save_facts(tx, patron, facts_of(case.answers)).await?;
        }
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        place_notice(tx, case, NoticeContent::Renewed(RenewedNotice { card: facts, old_expiry }), now).await?;
        Ok(card)
    }
}
