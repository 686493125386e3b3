//! Saying yes once more. What an application about a card put into force before its decision was opened again is in
//! force: nothing of it happens a second time, and no window or limit stands against what the patron has already. Only
//! facts that were put right are others, and the notice says the same under another number.

use super::suspend::resume;
use super::{Case, Grant, Held, document_number, facts_of, held, place_notice, save_facts};
use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::notice::Notice;
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::service::{Error, Portal};
use crate::store::{Tx, credentials, notices};
use time::{Duration, OffsetDateTime};

/// The notice of what an application about a card put into force before its decision was opened again.
pub(super) async fn granted_before(tx: &mut Tx, application: &Application) -> Result<Option<Notice>, Error> {
    if application.procedure == Procedure::NewCard {
        return Ok(None);
    }
    Ok(notices::find_revoked_grant(tx, application.library_id, application.id).await?)
}

impl Portal {
    /// Says yes again to what is in force, and places its notice again.
    pub(super) async fn grant_again(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        (grant, request): (&Grant<'_>, &Request),
        before: Notice,
        now: OffsetDateTime,
    ) -> Result<Card, Error> {
        let Held { patron, card } = held(tx, case.application).await?.ok_or(Error::Obstacle(Obstacle::NotMatched))?;
        let card = resume(tx, case.application, card).await?;
        let viewable_until = now + Duration::days(i64::from(case.rules.password.viewable_days));
        let restored = matches!(request, Request::PasswordIssue { .. })
            && credentials::restore(tx, patron.id, viewable_until).await?;
        if request.changes_facts() {
            save_facts(tx, patron, facts_of(case.answers)).await?;
        }
        let number = document_number(tx, case.library.id, now).await?;
        let content = before.content.said_again(number, japanese_date(now), &case.answers.name);
        let content = if restored { content.viewable_until(japanese_date(viewable_until)) } else { content };
        place_notice(tx, case, content, now).await?;
        self.close(tx, case, grant, card, now).await
    }
}
