//! New cards for small children, on the signature of their guardian: for each a number, an expiry date and a password
//! of its own. The guardian's certificate says nothing about the children: nothing is linked.

use super::new_card::put_in_force;
use super::{Case, Held, place_notice};
use crate::domain::card::Card;
use crate::domain::notice::{ChildrenNotice, IssuedNotice, NoticeContent};
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, patrons};
use time::OffsetDateTime;

impl Portal {
    /// Puts the card of each child in force. Gives the first one's.
    pub(super) async fn issue_to_children(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Case { library, application, answers, .. } = *case;
        let known = patrons::list_children(tx, library.id, application.id).await?;
        let mut issued = Vec::new();
        for (child, patron) in answers.children().iter().zip(known) {
            let card = cards::find_by_patron(tx, library.id, patron.id).await?;
            let card = card.ok_or(Error::Internal("a child without its card"))?;
            let card = put_in_force(tx, case, Held { patron, card }, answers.facts_of_child(child), now).await?;
            issued.push((card, &child.name));
        }
        let (first, name) = issued.first().ok_or(Error::Internal("a guardian applies for a child"))?;
        let facts = self.card_facts(tx, case, first, name, now).await?;
        let mut notices = Vec::new();
        for (card, name) in &issued {
            notices.push(IssuedNotice {
                name: (*name).clone(),
                card_number_grouped: case.library.rules.number_series.grouped(&card.number),
                barcode: case.library.rules.number_series.barcode_text(&card.number),
                card_number: card.number.clone(),
                expires_on: card.expires_on,
                ..facts.clone()
            });
        }
        let notice = ChildrenNotice { guardian: case.answers.name.clone(), cards: notices };
        place_notice(tx, case, NoticeContent::IssuedToChildren(notice), now).await?;
        Ok(issued.swap_remove(0).0)
    }
}
