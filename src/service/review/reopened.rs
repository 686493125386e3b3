//! Telling the applicant that what they were told counts no more.

use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::ids::NoticeId;
use crate::domain::library::{Library, LibraryRules};
use crate::domain::notice::{MailContent, Notice, NoticeContent, ReopenedNotice};
use crate::domain::review::ReopenEffect;
use crate::service::Error;
use crate::service::issue::{contact_of, mail};
use crate::store::{Tx, drafts, notices, outbox};
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
    let answers = drafts::find(tx, reopened.id).await?;
    let Some(name) = answers.name else { return Ok(()) };
    let today = japanese_date(now);
    let number = notices::next_document_number(tx, library.id, today.year()).await?;
    let content = NoticeContent::Reopened(ReopenedNotice {
        document_number: format!("{}-{number:06}", today.year()),
        reopened_on: today,
        answer_by: reopened.due_on.unwrap_or(today),
        library_name: rules.name.clone(),
        issuer: rules.issuer.clone(),
        contact: contact_of(rules),
        reference: reopened.reference.clone(),
        name,
        effect,
    });
    let notice = Notice {
        id: NoticeId::new(now),
        library_id: library.id,
        application_id: reopened.id,
        content,
        placed_at: now,
        first_read_at: None,
    };
    notices::insert(tx, &notice).await?;
    if let Some(email) = answers.email.filter(|_| answers.email_confirmed) {
        let (mail, once) = mail(reopened, &email, MailContent::NoticeReady, now);
        // Once per notice: a decision can be opened again, made, and opened again.
        outbox::insert_telling_of(tx, notice.id, &mail, &format!("{once}/{}", notice.id)).await?;
    }
    Ok(())
}
