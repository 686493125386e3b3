//! Telling the applicant that what they were told counts no more.

use super::submitted_version;
use crate::clock::japanese_date;
use crate::document::read_statement;
use crate::domain::application::Application;
use crate::domain::library::{Library, LibraryRules, NoticeKind};
use crate::domain::notice::{NoticeContent, ReopenedNotice};
use crate::domain::review::ReopenEffect;
use crate::service::Error;
use crate::service::issue::{Case, contact_of, document_number, place_notice};
use crate::store::Tx;
use time::OffsetDateTime;

/// Places the notice that a decision was opened again, and rings the bell. `effect` is what becomes meanwhile of what
/// was granted.
pub(super) async fn announce(
    tx: &mut Tx,
    (library, rules): (&Library, &LibraryRules),
    reopened: &Application,
    effect: Option<ReopenEffect>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let (submitted, _) = submitted_version(tx, reopened).await?;
    let answers = read_statement(&submitted.document)?.answers;
    let case = Case { library, rules, application: reopened, answers: &answers };
    let today = japanese_date(now);
    let content = NoticeContent::Reopened(ReopenedNotice {
        document_number: document_number(tx, library.id, now).await?,
        reopened_on: today,
        answer_by: reopened.due_on.unwrap_or(today),
        library_name: rules.name.clone(),
        issuer: rules.issuer.clone(),
        contact: contact_of(rules),
        reference: reopened.reference.clone(),
        name: answers.name.clone(),
        effect,
        library_words: rules.notice_words(NoticeKind::Reopened),
    });
    place_notice(tx, &case, content, now).await
}
