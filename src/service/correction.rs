//! Corrections: the reviewer asks, the applicant puts right what was asked and nothing else.

use super::apply::{event, load_draft, rules_of};
use super::deliver::note_reading;
use super::issue::{Case, mail, place_notice_of};
use super::record::staff_event;
use super::review::{Work, submitted_version};
use super::{Error, Once, Portal};
use crate::clock::japanese_date;
use crate::document::read_statement;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::{Application, Refused};
use crate::domain::correction::{AskedItem, Correction, Field, answer_by, changed_fields};
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{Library, LibraryRules, NoticeKind};
use crate::domain::message::LetterText;
use crate::domain::notice::{MailContent, NoticeContent, ReturnedNotice};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::domain::version::Version;
use crate::store::{applications, corrections, events, notices, outbox, visits};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// What a reviewer asks of an applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRequest {
    /// What stands above the single items, if anything.
    pub text: Option<LetterText>,
    /// Each field at most once, and at least one.
    pub items: Vec<AskedItem>,
}

/// The notice that asks for it.
pub(super) fn request_notice(
    case: &Case<'_>,
    request: CorrectionRequest,
    document_number: String,
    now: OffsetDateTime,
) -> NoticeContent {
    let Case { rules, application, answers, .. } = case;
    NoticeContent::Returned(ReturnedNotice {
        document_number,
        asked_on: japanese_date(now),
        answer_by: japanese_date(answer_by(japanese_date(now), rules.correction.answer_days)),
        library_name: rules.name.clone(),
        issuer: rules.issuer.clone(),
        contact: super::issue::contact_of(rules),
        reference: application.reference.clone(),
        name: answers.name.clone(),
        text: request.text,
        items: request.items,
        library_words: rules.notice_words(NoticeKind::Returned),
    })
}

/// What the applicant sees of a request for correction.
#[derive(Debug, Clone)]
pub struct CorrectionDesk {
    /// The application.
    pub application: Application,
    /// The rules that it began with.
    pub rules: LibraryRules,
    /// What was signed, and what the reviewer saw.
    pub signed: Statement,
    /// What is written now.
    pub now: DraftAnswers,
    /// What stands above the single items, if anything.
    pub text: Option<LetterText>,
    /// What is asked and still open.
    pub corrections: Vec<Correction>,
    /// The fields that differ from what was signed.
    pub changed: BTreeSet<Field>,
    /// Until when an answer counts.
    pub answer_by: OffsetDateTime,
    /// True if staff destroyed a picture, and the rules ask for one in its place.
    pub lacks_documents: bool,
    /// True if it was entered at the counter: there it can be put right as well.
    pub is_visit: bool,
}

impl Portal {
    /// Sends an application under review back to its applicant, who is told what is asked and until when. The
    /// library's time stands still meanwhile.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim, on another version, and for a field that the procedure does not ask;
    /// [`Error::Repeated`] for the second sending.
    pub async fn return_for_correction(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        seen: Version,
        request: CorrectionRequest,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        let statement = read_statement(&frozen.document)?;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let askable = Field::all_in(application.procedure);
        if request.items.is_empty() || request.items.iter().any(|item| !askable.contains(&item.field)) {
            return Err(Refused::NotAsked.into());
        }
        let until = answer_by(japanese_date(now), rules.correction.answer_days);
        let application = applications::save(&mut tx, application.return_for_correction(by, seen, until, now)?).await?;
        let before = corrections::list(&mut tx, application.id).await?.len();
        for (seq, item) in (before + 1..).zip(&request.items) {
            let correction = Correction {
                library_id: application.library_id,
                application_id: application.id,
                seq: u32::try_from(seq).map_err(|_| Error::Internal("too many corrections"))?,
                version: seen.number,
                item: item.clone(),
                asked_by: by.id,
                asked_at: now,
                answer: None,
                resolved_at: None,
                resolved_version: None,
            };
            corrections::insert(&mut tx, &correction).await?;
        }
        let asked = staff_event(&application, EventKind::Returned, by, now);
        let asked = crate::domain::event::Event { detail: request.items.len().to_string(), ..asked };
        events::insert(&mut tx, &asked).await?;
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        let number = super::issue::document_number(&mut tx, library.id, now).await?;
        let content = request_notice(&case, request, number, now);
        let notice = place_notice_of(&mut tx, &case, content, now).await?;
        let content = MailContent::Correction { answer_by: japanese_date(until) };
        if let Some(email) = &statement.answers.email {
            let (mail, key) = mail(&application, email, content, now);
            outbox::insert_telling_of(&mut tx, notice, &mail, &key).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What is asked of an applicant, beside what was signed and what is written now. The notice that says so counts as
    /// read from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless something is asked.
    pub async fn correction_desk(&self, library: &Library, id: ApplicationId) -> Result<CorrectionDesk, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let draft = load_draft(&mut tx, library, id).await?;
        let asked = draft.application.state.correction().ok_or(Error::NotFound)?;
        if draft.application.state.is_final() {
            return Err(Error::NotFound);
        }
        let lacks_documents = draft.has_lost_documents && draft.lacks_evidence(japanese_date(now));
        let signed = draft.signed.ok_or(Error::Internal("a correction without what was signed"))?;
        let notices = notices::list_by_application(&mut tx, library.id, id).await?;
        let mut text = None;
        for mut notice in notices {
            if let NoticeContent::Returned(returned) = &notice.content {
                text.clone_from(&returned.text);
                note_reading(&mut tx, Some(&draft.application), &mut notice, now).await?;
            }
        }
        let is_visit = visits::is_any_seen(&mut tx, id).await?;
        tx.commit().await?;
        let changed = match draft.answers.complete(&draft.rules) {
            Ok(now) => changed_fields(&signed.answers, &now),
            // An address that is being changed and not confirmed yet is no whole set of answers.
            Err(_) => BTreeSet::new(),
        };
        Ok(CorrectionDesk {
            application: draft.application,
            rules: draft.rules,
            signed,
            now: draft.answers,
            text,
            corrections: draft.corrections.into_iter().filter(Correction::is_open).collect(),
            changed,
            answer_by: asked.answer_by,
            lacks_documents,
            is_visit,
        })
    }

    /// Says of a field that was asked about that it is right as it is, and why; `None` takes that back.
    ///
    /// # Errors
    /// [`Error::Refused`] unless the field was asked about and the application is open for writing.
    pub async fn answer_correction(
        &self,
        library: &Library,
        id: ApplicationId,
        field: Field,
        answer: Option<LetterText>,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let draft = super::apply::change_draft(&mut tx, library, id, now, |_| {}).await?;
        if !corrections::answer(&mut tx, id, field, answer.as_ref()).await? {
            return Err(Refused::NotAsked.into());
        }
        let kind = EventKind::CorrectionAnswered;
        events::insert(&mut tx, &event(&draft.application, kind, field.as_str(), now)).await?;
        Ok(tx.commit().await?)
    }
}
