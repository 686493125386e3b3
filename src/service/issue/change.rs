//! Other facts about a patron. The address for mails that was known before is told as well: it may be somebody else's doing.

use super::{Case, Held, facts_of, mail, place_notice, save_facts};
use crate::domain::card::Card;
use crate::domain::notice::{ChangedNotice, MailContent, NoticeContent};
use crate::domain::request::Changed;
use crate::service::{Error, Portal};
use crate::store::{Tx, outbox};
use time::OffsetDateTime;

impl Portal {
    /// Puts what was signed in the place of what was known.
    pub(super) async fn issue_change(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        held: Held,
        changed: &[Changed],
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Held { patron, card } = held;
        let old_email = patron.facts.email.clone();
        save_facts(tx, patron, facts_of(case.answers)).await?;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        let notice = ChangedNotice { card: facts, changed: changed.to_vec() };
        place_notice(tx, case, NoticeContent::Changed(notice), now).await?;
        if let Some(old) = old_email.filter(|old| Some(old) != case.answers.email.as_ref()) {
            let (mail, once) = mail(case.application, &old, MailContent::FactsChanged, now);
            outbox::insert(tx, &mail, Some(&once)).await?;
        }
        Ok(card)
    }
}
