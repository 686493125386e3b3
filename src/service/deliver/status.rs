//! What an applicant sees of an application: where it stands, what happened, and what may be done.

use super::password::password_waits;
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::ChainedEvent;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{Library, LibraryRules};
use crate::domain::visit::SlipTerm;
use crate::service::apply::rules_of;
use crate::service::pace::{self, Pace};
use crate::service::sign::{CosignStatus, cosign_status_of};
use crate::service::{Error, Portal, promise};
use crate::store::messages::{self, Side};
use crate::store::{Tx, applications, drafts, events, visits};
use time::{Date, OffsetDateTime};

/// What an applicant sees of an application.
#[derive(Debug, Clone)]
pub struct Status {
    /// Where it stands.
    pub application: Application,
    /// What was answered, if it was submitted.
    pub answers: Option<Answers>,
    /// The rules that it began with.
    pub rules: LibraryRules,
    /// What happened.
    pub timeline: Vec<ChainedEvent>,
    /// True if a card was issued and its initial password can still be fetched.
    pub password_waits: bool,
    /// How many messages of the staff's were not opened yet.
    pub unread_messages: u64,
    /// The guardian who is to sign as well, while one is awaited.
    pub cosigning: Option<CosignStatus>,
    /// How quickly the library answered last month, if enough was answered to say so.
    pub pace: Option<Pace>,
    /// The day after which the contents are erased, once it is over.
    pub kept_until: Option<Date>,
    /// Until when nothing can be granted: the card is searched for first.
    pub allowed_from: Option<Date>,
    /// The counter slip that a draft became.
    pub slip: Option<SlipTerm>,
}

impl Portal {
    /// The application as its applicant may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] once it is gone.
    pub async fn status(&self, library: &Library, id: ApplicationId) -> Result<Status, Error> {
        let now = self.clock.now();
        status_of(&mut self.db.read().await?, library, id, now).await
    }
}

/// An application as its applicant may see it.
pub(in crate::service) async fn status_of(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
    now: OffsetDateTime,
) -> Result<Status, Error> {
    let application = applications::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let rules = rules_of(tx, library, application.rules_version).await?;
    let draft = drafts::find(tx, id).await?;
    let allowed_from = promise::allowed_from(tx, &rules, &application, draft.request.whole(), now).await?;
    let pace = match application.state {
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } => {
            pace::of_last_month(tx, library, now).await?
        }
        _ => None,
    };
    let retention = &library.rules.retention;
    let kept_until = application.state.ended().map(|(ending, at)| retention.of(ending).after(japanese_date(at)));
    Ok(Status {
        answers: draft.complete(&rules).ok(),
        timeline: events::list(tx, id).await?,
        cosigning: cosign_status_of(tx, library, id).await?,
        password_waits: password_waits(tx, library, &application, now).await?,
        unread_messages: messages::count_unread(tx, id, Side::Applicant).await?,
        slip: visits::find_slip(tx, id).await?,
        application,
        rules,
        pace,
        kept_until,
        allowed_from,
    })
}
