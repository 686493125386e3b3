//! Linking the My Number card, or the next one: the certificate that signed takes the place of those before.

use super::{Case, Held, place_notice};
use crate::domain::card::Card;
use crate::domain::notice::{LinkedNotice, NoticeContent};
use crate::service::certificate_sweep::link_certificate;
use crate::service::{Error, Portal};
use crate::store::signatures::SignatureEvidence;
use crate::store::{Tx, certificate_links, certificate_numbers};
use time::OffsetDateTime;

impl Portal {
    /// Links the certificate that signed, and asks anew for the number of the one for user authentication.
    pub(super) async fn issue_card_link(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        held: Held,
        evidence: &SignatureEvidence,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let card = held.card;
        certificate_links::delete_by_patron(tx, card.library_id, card.patron_id).await?;
        certificate_numbers::delete(tx, card.library_id, card.patron_id).await?;
        link_certificate(tx, &card, evidence, now).await?;
        self.await_certificate_number(tx, card.library_id, card.patron_id, now).await?;
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        place_notice(tx, case, NoticeContent::Linked(LinkedNotice { card: facts }), now).await?;
        Ok(card)
    }
}
