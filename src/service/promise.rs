//! By when the library means to answer. The days are counted from the end of the search where a card is searched for
//! first: before, nobody can say yes.

use super::bearer;
use super::issue::{Held, held, reason_of};
use super::session::SessionToken;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{CardDates, Library, LibraryRules};
use crate::domain::request::Request;
use crate::store::{Tx, applications, drafts, libraries, sessions};
use time::{Date, OffsetDateTime};

/// A promise that begins later than today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatePromise {
    /// The first day on which it can be granted.
    pub allowed_from: Date,
    /// The day by which the library means to answer.
    pub answer_by: Date,
}

impl Portal {
    /// What is promised for a draft that is about to be sent, if its time begins later than today. Whoever has not
    /// proved whose card it is reads what holds for every card.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the draft is gone.
    pub async fn promise_before_sending(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<Option<LatePromise>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let rules = libraries::find_rules(&mut tx, library.id, application.rules_version).await?;
        let rules = rules.ok_or(Error::Internal("rules of an application are gone"))?;
        let draft = drafts::find(&mut tx, id).await?;
        let Some(request) = draft.request.whole() else { return Ok(None) };
        let session = sessions::find(&mut tx, library.id, &token.hash(), now).await?;
        let proved = match session {
            Some(session) => bearer::proved(&mut tx, &session, now).await?,
            None => None,
        };
        let card = proved.map(|proved| proved.held.card).filter(|card| card.number == *request.card_number());
        let today = japanese_date(now);
        let allowed_from = first_day(&rules, request, card.as_ref(), asked_at(&application, now));
        Ok(allowed_from.filter(|from| *from > today).map(|allowed_from| LatePromise {
            allowed_from,
            answer_by: due(&rules, &application, Some(allowed_from), now),
        }))
    }
}

/// The first day on which what an application asks for can be granted, if its card is searched for first.
pub(super) async fn allowed_from(
    tx: &mut Tx,
    rules: &LibraryRules,
    application: &Application,
    request: Option<&Request>,
    now: OffsetDateTime,
) -> Result<Option<Date>, Error> {
    let Some(request) = request.filter(|request| reason_of(request).is_some()) else { return Ok(None) };
    if application.state.submitted_version().is_none() || application.state.is_final() {
        return Ok(None);
    }
    let card = held(tx, application).await?.map(|Held { card, .. }| card);
    Ok(first_day(rules, request, card.as_ref(), asked_at(application, now)))
}

/// The application as the library takes it in: with its branch, and the day by which it is to be answered. `card` is
/// the one it is about, if that is certain.
pub(super) fn promised(
    application: Application,
    answers: &Answers,
    rules: &LibraryRules,
    (request, card): (Option<&Request>, Option<&Card>),
    now: OffsetDateTime,
) -> Application {
    let asked_at = asked_at(&application, now);
    let allowed_from = request.and_then(|request| first_day(rules, request, card, asked_at));
    let due_on = due(rules, &application, allowed_from, now);
    Application { branch: Some(answers.branch.clone()), due_on: Some(due_on), ..application }
}

/// What was submitted, with the day by which it is to be answered counted anew once it is certain whose card it is
/// about: how long is searched may depend on the card. What waits for no search keeps its day.
pub(super) fn recounted(rules: &LibraryRules, application: Application, request: &Request, card: &Card) -> Application {
    let Some(service) = application.state.service() else { return application };
    let Some(allowed_from) = first_day(rules, request, Some(card), service.submitted_at) else { return application };
    // The turn began then; what the turns before have used counts.
    let begun = service.running_since.unwrap_or(service.submitted_at);
    let due_on = due(rules, &application, Some(allowed_from), begun);
    Application { due_on: Some(due_on), ..application }
}

/// When the library was first asked, or will have been if it is sent now. A correction does not ask anew.
fn asked_at(application: &Application, now: OffsetDateTime) -> OffsetDateTime {
    application.state.submitted_at().unwrap_or(now)
}

/// In how many open days an answer is promised: what was promised, less what the library has used before it asked for a
/// correction, and one at least.
pub(super) fn promised_days(rules: &LibraryRules, application: &Application, now: OffsetDateTime) -> u32 {
    let promised = rules.promised_open_days_for(application.procedure);
    let used = application.state.service().map_or(0, |service| {
        let received = japanese_date(service.submitted_at);
        rules.open_days.between(received, japanese_date(service.used_until(now)))
    });
    promised.saturating_sub(used).max(1)
}

/// The day by which an answer is promised, whose days may begin to count later than today.
pub(super) fn due(
    rules: &LibraryRules,
    application: &Application,
    allowed_from: Option<Date>,
    now: OffsetDateTime,
) -> Date {
    rules.answer_due(promised_days(rules, application, now), japanese_date(now), allowed_from)
}

/// The first day on which a request made at `asked_at` can be granted; while nobody knows whose card it is, the first
/// that holds for every card.
fn first_day(rules: &LibraryRules, request: &Request, card: Option<&Card>, asked_at: OffsetDateTime) -> Option<Date> {
    let reason = reason_of(request)?;
    let Some(card) = card else { return rules.reissue_allowed_at_latest(reason, japanese_date(asked_at)) };
    let told_at = card.lost_since().map_or(asked_at, |at| at.min(asked_at));
    let dates = CardDates { issued_on: japanese_date(card.issued_at), expires_on: card.expires_on };
    Some(rules.reissue_allowed_from(reason, dates, japanese_date(told_at)))
}
