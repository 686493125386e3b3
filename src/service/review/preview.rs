//! The notice that a decision would place, for whoever is about to decide.
//!
//! An approval is carried out in a transaction that is taken back again: what is read before is made by what makes the
//! notice in the end, and cannot say anything else.

use super::{file_for, submitted_version};
use crate::document::read_statement;
use crate::domain::application::{Application, ApplicationState, Decider};
use crate::domain::event::Actor;
use crate::domain::exchange::OutsideConfirmation;
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::domain::notice::NoticeContent;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::review::DeclineReason;
use crate::domain::staff::StaffMember;
use crate::service::apply::rules_of;
use crate::service::correction::{CorrectionRequest, request_notice};
use crate::service::issue::{Case, Grant, refusal};
use crate::service::{Error, Portal};
use crate::store::{applications, cards, notices};
use time::OffsetDateTime;

/// A notice that nobody has been sent. Its document number is not its own yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePreview {
    /// What it would say.
    pub content: NoticeContent,
    /// In which language its reader reads it.
    pub language: Language,
    /// True if the decision gives the card its number: the one in the notice may be another's by then.
    pub gives_number: bool,
}

/// What is decided.
#[derive(Debug, Clone)]
pub enum Planned<'a> {
    /// Yes.
    Approval,
    /// No, and why.
    Refusal(&'a DeclineReason),
    /// Something has to be put right first.
    Correction(&'a CorrectionRequest),
}

impl Portal {
    /// The notice that would be placed if it were decided now. `None` where that cannot be told: whoever decides is told
    /// then what stands against it.
    pub async fn preview_notice(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        planned: Planned<'_>,
    ) -> Option<NoticePreview> {
        let now = self.clock.now();
        let made = match planned {
            Planned::Approval => self.granted_notice(library, by, reference, now).await,
            other => self.said_notice(library, by, reference, other, now).await,
        };
        made.inspect_err(|error| tracing::info!(%reference, %error, "a notice cannot be shown before")).ok()
    }

    /// What is only said needs nothing to be done.
    async fn said_notice(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        planned: Planned<'_>,
        now: OffsetDateTime,
    ) -> Result<NoticePreview, Error> {
        let mut tx = self.db.read().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        let answers = read_statement(&frozen.document)?.answers;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &answers };
        let content = match planned {
            Planned::Refusal(reason) => refusal(&case, reason, String::new(), now),
            Planned::Correction(request) => request_notice(&case, request.clone(), String::new(), now),
            Planned::Approval => return Err(Error::Internal("an approval says more than words")),
        };
        Ok(NoticePreview { content, language: application.language, gives_number: false })
    }

    async fn granted_notice(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        now: OffsetDateTime,
    ) -> Result<NoticePreview, Error> {
        // However long it waits for the library system or for a second person: this is what will be read then.
        let mut library = library.clone();
        library.rules.exchange.confirmation = OutsideConfirmation::None;
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let (frozen, proof) = submitted_version(&mut tx, &application).await?;
        let statement = read_statement(&frozen.document)?;
        let (evidence, _) = proof.parts();
        let rules = rules_of(&mut tx, &library, application.rules_version).await?;
        let application = applications::save(&mut tx, as_approved(application, by, now)?).await?;
        let case = Case { library: &library, rules: &rules, application: &application, answers: &statement.answers };
        let request = statement.request.as_ref();
        let grant = Grant { request, evidence: evidence.as_ref(), by: Actor::Staff(by.id) };
        self.grant(&mut tx, &case, &grant, now).await?;
        let placed = notices::list_by_application(&mut tx, library.id, application.id).await?;
        // Never committed.
        drop(tx);
        let newest = placed.into_iter().max_by_key(|notice| (notice.placed_at, notice.id.as_uuid()));
        let notice = newest.ok_or(Error::Internal("a grant without its notice"))?;
        let mut tx = self.db.read().await?;
        let gives_number = match notice.content.card() {
            Some(card) => cards::find_by_number(&mut tx, library.id, &card.card_number).await?.is_none(),
            None => false,
        };
        Ok(NoticePreview { content: notice.content, language: notice.language, gives_number })
    }
}

/// The state from which it is issued, whoever may decide in the end.
fn as_approved(application: Application, by: &StaffMember, now: OffsetDateTime) -> Result<Application, Error> {
    let ApplicationState::UnderReview { version, service, .. } = application.state else { return Err(Error::NotFound) };
    let (service, decider) = (service.paused(now), Decider::Staff(by.id));
    let state = ApplicationState::Approved { version, service, decider, decided_at: now };
    Ok(Application { state, due_on: None, ..application })
}
