//! New cards for small children, on the signature of their guardian: for each a number, an expiry date and a password
//! of its own. The guardian's certificate says nothing about the children: nothing is linked.

use super::new_card::next_number;
use super::{Case, category_of, place_notice};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::credential::Credential;
use crate::domain::guardianship::Child;
use crate::domain::ids::{CardId, CredentialId, PatronId};
use crate::domain::notice::{ChildrenNotice, IssuedNotice, NoticeContent};
use crate::domain::patron::{Patron, PatronFacts};
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, credentials, patrons};
use time::{Duration, OffsetDateTime};

impl Portal {
    /// Makes each child a patron with a card. Gives the first one's.
    pub(super) async fn issue_to_children(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let mut issued = Vec::new();
        for (child_number, child) in (1..).zip(case.answers.children()) {
            let card = issue_to_child(tx, case, child_number, child, now).await?;
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

async fn issue_to_child(
    tx: &mut Tx,
    case: &Case<'_>,
    child_number: u32,
    child: &Child,
    now: OffsetDateTime,
) -> Result<Card, Error> {
    let Case { library, rules, application, answers } = *case;
    let viewable_until = now + Duration::days(i64::from(rules.password.viewable_days));
    let known = patrons::list_children(tx, library.id, application.id).await?;
    if let Some(patron) = known.into_iter().find(|patron| patron.child_number == child_number) {
        return confirm_card(tx, patron, answers.facts_of_child(child), viewable_until).await;
    }
    let patron = Patron {
        id: PatronId::new(now),
        library_id: library.id,
        application_id: Some(application.id),
        child_number,
        facts: answers.facts_of_child(child),
        registered_at: now,
        row_version: 0,
    };
    patrons::insert(tx, &patron).await?;
    let expires_on = rules.expiry_for(category_of(case)?, child.birth, japanese_date(now));
    let number = next_number(tx, library).await?;
    let card = Card::issue(CardId::new(now), library.id, patron.id, number, expires_on, now);
    cards::insert(tx, &card).await?;
    let id = CredentialId::new(now);
    let credential = Credential::grant(id, library.id, patron.id, application.id, viewable_until);
    credentials::insert(tx, &credential).await?;
    Ok(card)
}

/// Says yes again to a child whom this application made a patron before its decision was opened again: the card stays
/// theirs.
async fn confirm_card(
    tx: &mut Tx,
    patron: Patron,
    facts: PatronFacts,
    viewable_until: OffsetDateTime,
) -> Result<Card, Error> {
    let patron = Patron { facts, ..patron };
    patrons::save(tx, &patron).await?;
    credentials::restore(tx, patron.id, viewable_until).await?;
    cards::find_by_patron(tx, patron.library_id, patron.id).await?.ok_or(Error::Internal("a child without its card"))
}
