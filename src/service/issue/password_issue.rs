//! A reservation password: the old one dies at this moment, never at the request, or anybody could shut a patron out.

use super::{Case, Held, place_notice};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::credential::Credential;
use crate::domain::ids::CredentialId;
use crate::domain::notice::{NoticeContent, PasswordIssuedNotice};
use crate::service::own_sessions::end_password;
use crate::service::{Error, Portal};
use crate::store::{Tx, credentials, patrons};
use time::{Duration, OffsetDateTime};

impl Portal {
    /// Gives the right to see a new password. Patrons from before the portal may have had none.
    pub(super) async fn issue_password(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        held: Held,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Held { patron, card } = held;
        let (library_id, application_id) = (case.library.id, case.application.id);
        patrons::lock(tx, library_id, patron.id).await?;
        end_password(tx, library_id, patron.id, now).await?;
        let viewable_until = now + Duration::days(i64::from(case.rules.password.viewable_days));
        if let Some(old) = credentials::find_by_patron(tx, library_id, patron.id).await? {
            credentials::save_reissued(tx, &old.reissue(application_id, viewable_until)).await?;
        } else {
            let id = CredentialId::new(now);
            let granted = Credential::grant(id, library_id, patron.id, application_id, viewable_until);
            credentials::insert(tx, &granted).await?;
        }
        let facts = self.card_facts(tx, case, &card, &case.answers.name, now).await?;
        let notice = PasswordIssuedNotice { card: facts, viewable_until: japanese_date(viewable_until) };
        place_notice(tx, case, NoticeContent::PasswordIssued(notice), now).await?;
        Ok(card)
    }
}
