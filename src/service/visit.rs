//! People who cannot sign: the draft becomes a visit slip; at the counter staff look at documents and enter it.

use super::apply::{Draft, change_draft, draft_life, event, load_draft, random_reference};
use super::record::staff_event;
use super::review::acting;
use super::sign::{queue_unsigned, statement_of, typeset_unsigned};
use super::{Error, Once, Portal};
use crate::clock::japanese_date;
use crate::domain::answers::{Delivery, DraftAnswers, Question};
use crate::domain::application::{Application, ApplicationState, Refused};
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{BranchCode, Consent, Library, LibraryRules};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::visit::{SightedDocument, Sighting, SlipTerm, VisitSlip};
use crate::store::{Tx, applications, drafts, events, visits};
use crate::words::Words;
use time::{Duration, OffsetDateTime};

/// What came of a visit.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The documents that were seen.
    pub documents: Vec<SightedDocument>,
    /// The way of delivery, and whether a plastic card is wanted, if the slip does not say.
    pub delivery: Option<(Delivery, bool)>,
    /// That a guardian has come along with a child and agrees, as it is kept among the documents.
    pub guardian: Option<SightedDocument>,
}

impl Portal {
    /// Makes a draft a visit slip; a second time nothing is prolonged. What waited for a signature does so no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the library has no slips, [`Error::Unanswered`] while a question is open,
    /// [`Error::Refused`] after submission.
    pub async fn make_visit_slip(&self, library: &Library, id: ApplicationId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Draft { application, answers, rules, .. } = load_draft(&mut tx, library, id).await?;
        if !rules.unsigned.visit_slip || !is_unsent(&application) {
            return Err(Error::NotFound);
        }
        if let Some(question) = open_question(&answers, &rules) {
            return Err(Error::Unanswered(question));
        }
        let term = visits::find_slip(&mut tx, id).await?;
        let valid_until =
            term.map_or(now + Duration::days(rules.unsigned.visit_slip_days.into()), |term| term.valid_until);
        let kept = (valid_until - now).max(draft_life(&rules));
        let application = match application.state {
            ApplicationState::AwaitingSignature { .. } => application.edit(kept, now)?,
            _ => application.touch(kept, now)?,
        };
        let application = applications::save(&mut tx, application).await?;
        if term.is_none() {
            let slip = SlipTerm { library_id: library.id, application_id: id, made_at: now, valid_until };
            visits::insert_slip(&mut tx, &slip).await?;
            events::insert(&mut tx, &event(&application, EventKind::VisitSlipMade, "", now)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The slip of a draft, if it became one. While something has to be put right, it counts as long as that may be done.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the draft is gone.
    pub async fn visit_slip(&self, library: &Library, id: ApplicationId) -> Result<Option<VisitSlip>, Error> {
        let today = self.clock.today();
        let mut tx = self.db.read().await?;
        let Draft { application, answers, rules, .. } = load_draft(&mut tx, library, id).await?;
        let Some(term) = visits::find_slip(&mut tx, id).await? else { return Ok(None) };
        let asked = application.state.correction().filter(|_| !application.state.is_final());
        let until = japanese_date(asked.map_or(term.valid_until, |asked| asked.answer_by));
        Ok(Some(rules.visit_slip(application.procedure, &answers, &application.reference, until, today)))
    }

    /// The slip with which something that was entered at the counter is put right there; `None` for what a card signed.
    ///
    /// # Errors
    /// As [`visit_slip`](Self::visit_slip).
    pub async fn slip_of_correction(&self, library: &Library, id: ApplicationId) -> Result<Option<VisitSlip>, Error> {
        let is_visit = visits::is_any_seen(&mut self.db.read().await?, id).await?;
        if is_visit { self.visit_slip(library, id).await } else { Ok(None) }
    }

    /// The slip as PDF in the language of `words`; `url` is what its QR code says.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the draft is no slip.
    pub async fn visit_slip_document(
        &self,
        library: &Library,
        id: ApplicationId,
        url: String,
        words: Words,
    ) -> Result<Vec<u8>, Error> {
        let slip = self.visit_slip(library, id).await?.ok_or(Error::NotFound)?;
        let today = self.clock.today();
        self.typeset(move |typesetter| typesetter.visit_slip(&slip, &url, today, words)).await
    }

    /// A visitor's draft, as staff open it at the counter, or what was entered there and has to be put right. Opening it
    /// is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, for what is no visit slip, and while the library has it.
    pub async fn open_visit(&self, library: &Library, by: &StaffMember, reference: &Reference) -> Result<Draft, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = visit_for(&mut tx, by, reference).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Viewed, by, now)).await?;
        let draft = load_draft(&mut tx, library, application.id).await?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Tells whether a visit was entered: the library has it. `None` for what is no visit that `by` could have entered;
    /// else whether they may open the file.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever may enter nothing.
    pub async fn entered_visit(&self, by: &StaffMember, reference: &Reference) -> Result<Option<bool>, Error> {
        let mut tx = self.db.read().await?;
        let found = applications::find_by_reference(&mut tx, by.library_id, reference).await?;
        let Some(application) = found else { return Ok(None) };
        let is_there = application.state.is_in_queue()
            || matches!(
                application.state,
                ApplicationState::Approved { .. } | ApplicationState::Issued { .. } | ApplicationState::Declined { .. }
            );
        if !is_there || !may_enter(by, application.branch.as_ref())? {
            return Ok(None);
        }
        let is_visit = visits::is_any_seen(&mut tx, application.id).await?
            || visits::find_slip(&mut tx, application.id).await?.is_some();
        Ok(is_visit.then(|| application.must_be_for(by, Permission::OpenFile).is_ok()))
    }

    /// Why there is no such visit: the form was sent before and has entered it, or there never was one.
    pub async fn why_no_visit(&self, once: &Once) -> Error {
        let claimed = async {
            let mut tx = self.db.begin().await?;
            once.claim(&mut tx, self.clock.now()).await
        };
        claimed.await.err().unwrap_or(Error::NotFound)
    }

    /// A number for an application that is about to begin.
    #[must_use]
    pub fn next_reference(&self) -> Reference {
        random_reference()
    }

    /// Begins an application for a visitor, or from paper: from the start it is a visit, which
    /// [`enter_visit`](Self::enter_visit) puts into the queue.
    ///
    /// # Errors
    /// [`Error::Refused`] for a branch at which `by` may enter nothing; [`Error::Repeated`] for the second sending.
    pub async fn begin_at_counter(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: Reference,
        answers: DraftAnswers,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        if !may_enter(by, answers.branch.as_ref())? {
            return Err(Refused::NotAllowed.into());
        }
        let procedure = answers.request.procedure();
        let life = draft_life(&library.rules);
        let application = Application::start(library.id, reference, procedure, library.rules_version, life, now);
        applications::insert(&mut tx, &application).await?;
        drafts::save(&mut tx, &application, &answers).await?;
        let slip =
            SlipTerm { library_id: library.id, application_id: application.id, made_at: now, valid_until: now + life };
        visits::insert_slip(&mut tx, &slip).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Started, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Corrects the answers of a visit slip with the visitor. What the counter's form does not ask stays as it is; a new
    /// e-mail address counts, for the visitor has read it back.
    ///
    /// # Errors
    /// As [`open_visit`](Self::open_visit); [`Error::Refused`] for what nobody asked to be put right, and for a
    /// branch at which `by` may enter nothing; [`Error::Repeated`] for the second sending, [`Error::Stale`] if somebody saves at the same instant.
    pub async fn correct_visit(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        answers: DraftAnswers,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let application = visit_for(&mut tx, by, reference).await?;
        if !may_enter(by, answers.branch.as_ref())? {
            return Err(Refused::NotAllowed.into());
        }
        let draft = change_draft(&mut tx, library, application.id, now, |kept| {
            *kept = DraftAnswers {
                request: kept.request.clone(),
                consents: kept.consents.clone(),
                attachments: kept.attachments.clone(),
                guardianship: kept.guardianship.clone(),
                by_guardian: kept.by_guardian.clone(),
                ..answers
            };
        });
        let draft = draft.await?;
        events::insert(&mut tx, &staff_event(&draft.application, EventKind::Edited, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Puts a visitor's draft into the queue without a signature: `by` has seen the documents, and the visitor has
    /// read the texts that everybody agrees to. What a reviewer asked about is settled by it: `by` has gone through it
    /// with the visitor.
    ///
    /// # Errors
    /// [`Error::Unanswered`] with [`Question::Documents`] while something asked for is not proved, with
    /// [`Question::Consent`] while nobody has chosen the way of delivery, with [`Question::Children`] for a child
    /// without a guardian; [`Error::Repeated`]
    /// for the second sending; [`Error::NotFound`] as [`open_visit`](Self::open_visit).
    pub async fn enter_visit(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        mut visit: Visit,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut draft = self.open_visit(library, by, reference).await?;
        draft.answers.consents = draft.rules.consents.iter().map(Consent::version).collect();
        if draft.answers.delivery.is_none() {
            let (delivery, plastic_card) = visit.delivery.ok_or(Error::Unanswered(Question::Consent))?;
            (draft.answers.delivery, draft.answers.plastic_card) = (Some(delivery), plastic_card);
        }
        // Half a page that the visitor left at home counts for nothing beside what is settled here.
        draft.answers.unjudged.clear();
        let (procedure, today) = (draft.application.procedure, japanese_date(now));
        if draft.rules.wants_guardian_at_the_counter(procedure, &draft.answers, today) {
            visit.documents.push(visit.guardian.take().ok_or(Error::Unanswered(Question::Children))?);
        }
        if !draft.rules.is_proved(procedure, &draft.answers, &visit.documents, today) {
            return Err(Error::Unanswered(Question::Documents));
        }
        // Who shows documents at the counter needs no pictures of them.
        draft.answers.unsigned = false;
        let statement = statement_of(library, &draft, now)?;
        let set = typeset_unsigned(self, statement, now).await?;

        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        visit_for(&mut tx, by, reference).await?;
        let application = queue_unsigned(&mut tx, draft, set, now).await?;
        visits::insert_sighting(&mut tx, &sighting_of(&application, visit, by, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::EnteredAtCounter, by, now)).await?;
        Ok(tx.commit().await?)
    }
}

/// The first question that is open, but for what is settled at the counter: consents and documents.
fn open_question(answers: &DraftAnswers, rules: &LibraryRules) -> Option<Question> {
    answers.first_unanswered(rules).filter(|question| *question < Question::Documents)
}

/// True for what the library never had.
const fn is_unsent(application: &Application) -> bool {
    matches!(
        application.state,
        ApplicationState::Draft { .. } | ApplicationState::AwaitingSignature { answers: None, .. }
    )
}

/// What `by` may work on with a visitor: a visit slip, or what was entered at the counter and has to be put right. What
/// a card has signed is signed again.
async fn visit_for(tx: &mut Tx, by: &StaffMember, reference: &Reference) -> Result<Application, Error> {
    let application = applications::find_by_reference(tx, by.library_id, reference).await?.ok_or(Error::NotFound)?;
    let (is_visit, branch) = match application.state {
        ApplicationState::Returned(_) | ApplicationState::AwaitingSignature { answers: Some(_), .. } => {
            (visits::is_any_seen(tx, application.id).await?, application.branch.clone())
        }
        // What was never sent belongs to no branch but the one that was chosen so far.
        _ if is_unsent(&application) => {
            let is_slip = visits::find_slip(tx, application.id).await?.is_some();
            (is_slip, drafts::find(tx, application.id).await?.branch)
        }
        _ => (false, application.branch.clone()),
    };
    if is_visit && may_enter(by, branch.as_ref())? { Ok(application) } else { Err(Error::NotFound) }
}

/// Tells whether `by` may enter what is meant for `branch`. As long as none is chosen, the visitor may be at any.
fn may_enter(by: &StaffMember, branch: Option<&BranchCode>) -> Result<bool, Refused> {
    let scope = by.scope(Permission::EnterApplication).ok_or(Refused::NotAllowed)?;
    Ok(branch.is_none_or(|branch| scope.covers(Some(branch))))
}

fn sighting_of(application: &Application, visit: Visit, by: &StaffMember, now: OffsetDateTime) -> Sighting {
    Sighting {
        library_id: application.library_id,
        application_id: application.id,
        version_number: application.last_version,
        documents: visit.documents,
        sighted_by: by.id,
        sighted_at: now,
    }
}
