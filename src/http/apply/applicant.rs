//! Who is applying: the session's own draft, and the way from question to question.

use crate::domain::answers::{Question, Unjudged};
use crate::domain::application::ApplicationState;
use crate::domain::card_holder::CardHolder;
use crate::domain::correction::AskedItem;
use crate::domain::ids::ApplicationId;
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::http::asked;
use crate::http::error::Error;
use crate::http::page::{self, Here};
use crate::http::urls::Urls;
use crate::service;
use crate::service::apply::{Answer, Draft};
use crate::service::session::SessionSubject;
use crate::words::{AsTyped, Phrase, Words};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use time::Date;

/// A browser session that belongs to one application, whatever has become of it; it may be there to read only.
pub(in crate::http) struct ApplicantSession {
    pub(in crate::http) here: Here,
    pub(in crate::http) id: ApplicationId,
    /// True if the draft can be worked on in this session, not only read.
    may_edit: bool,
}

impl FromRequest for ApplicantSession {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::from_request(request, payload);
        Box::pin(async move {
            let here = here.await?;
            let session = here.session().await?;
            match session.map(|session| session.subject) {
                Some(SessionSubject::Applicant(id)) => Ok(Self { here, id, may_edit: true }),
                Some(SessionSubject::Reader(id)) => Ok(Self { here, id, may_edit: false }),
                _ => Err(Error::SeeOther(here.urls.resume_lost())),
            }
        })
    }
}

/// An applicant whose draft can still be worked on.
pub(in crate::http) struct Applicant {
    pub(super) here: Here,
    pub(super) draft: Draft,
}

impl FromRequest for Applicant {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = ApplicantSession::from_request(request, payload);
        Box::pin(async move {
            let ApplicantSession { here, id, may_edit } = session.await?;
            let mut draft = match here.portal.draft(&here.library, id).await {
                Err(service::Error::NotFound) => return Err(Error::SeeOther(here.urls.resume_lost())),
                draft => draft?,
            };
            here.portal.note_language(&draft.application, here.language()).await?;
            draft.application.language = here.language();
            // What a reviewer asked about is put right by whoever may read the request: it has to be signed again.
            let may_edit = may_edit || draft.open_fields().is_some();
            match draft.application.state {
                ApplicationState::Draft { .. }
                | ApplicationState::AwaitingSignature { .. }
                | ApplicationState::Returned(_)
                    if !may_edit =>
                {
                    Err(Error::SeeOther(here.urls.status()))
                }
                ApplicationState::Draft { .. }
                | ApplicationState::AwaitingSignature { .. }
                | ApplicationState::Returned(_) => Ok(Self { here, draft }),
                ApplicationState::Withdrawn { .. }
                | ApplicationState::Lapsed { .. }
                | ApplicationState::Purged { .. } => Err(Error::SeeOther(here.urls.resume_lost())),
                ApplicationState::AwaitingGuardian { .. }
                | ApplicationState::Submitted { .. }
                | ApplicationState::UnderReview { .. }
                | ApplicationState::Approved { .. }
                | ApplicationState::Issued { .. }
                | ApplicationState::Declined { .. } => Err(Error::SeeOther(here.urls.apply_done())),
            }
        })
    }
}

impl Applicant {
    /// Lets a page be asked only after those before it; while something has to be put right, only what was asked about.
    pub(super) fn has_come_to(&self, question: Question) -> Result<(), Error> {
        if question != Question::Consent && !self.draft.is_open(question) {
            return Err(Error::SeeOther(self.here.urls.status_fix()));
        }
        match self.draft.first_unanswered(self.today()) {
            Some(open) if open < question => Err(Error::SeeOther(url_of(&self.here.urls, open))),
            _ => Ok(()),
        }
    }

    /// What stands around a question.
    pub(super) fn frame(&self, question: Question, origin: &Origin) -> Frame {
        Frame {
            title: title_of(self.words(), question),
            step: step_of(self.words(), self.questions(), question),
            applies_for_children: self.draft.answers.card_holder() == CardHolder::Children,
            about_child: self.child(),
            back: match () {
                () if origin.is_changes() => format!("{}?from=check", self.here.urls.apply_card()),
                () if origin.is_check() => self.here.urls.apply_check(),
                () => self.before(question),
            },
            awaiting_signature: self.is_awaiting_signature(),
            asked: self.draft.asked_about(question).map(|one| Asked::of(self.words(), &one.item)),
            is_correction: false,
        }
        .in_correction(self)
    }

    /// What stands around the question who signs as well.
    pub(super) fn frame_of_cosigner(&self) -> Frame {
        let frame = self.frame(Question::Consent, &Origin::default());
        let back = if self.draft.answers.cosigner.is_some() { self.here.urls.apply_check() } else { frame.back };
        Frame { title: self.words().apply_question_cosigner(), back, asked: None, ..frame }
    }

    /// The words of the page.
    pub(super) fn words(&self) -> Words {
        self.here.layout.words
    }

    /// The child about whose card a guardian asks.
    pub(super) fn child(&self) -> Option<AsTyped> {
        let answers = &self.draft.answers;
        let name = answers.name.as_ref().filter(|_| answers.by_guardian.is_some());
        name.map(|name| name.as_str().into())
    }

    /// True while something that was sent has to be put right.
    pub(super) fn is_correcting(&self) -> bool {
        self.draft.open_fields().is_some()
    }

    /// The questions of the procedure, in order.
    fn questions(&self) -> &'static [Question] {
        self.draft.answers.questions()
    }

    /// A page as it was left by 「保存して後でつづける」, if it was.
    pub(super) fn left<T: DeserializeOwned>(&self, question: Question) -> Option<T> {
        let page = self.draft.answers.unjudged.get(&question)?;
        serde_html_form::from_str(page.as_str()).ok()
    }

    /// Keeps a page as it stands and leads to where the way on is told. While something has to be put right, no page
    /// offers this.
    pub(super) async fn leave(&self, question: Question, page: &str) -> Result<HttpResponse, Error> {
        if self.is_correcting() {
            return Err(Error::SeeOther(self.here.urls.status_fix()));
        }
        self.answer(Answer::Unjudged(question, Unjudged::new(page))).await?;
        Ok(page::see_other(self.here.urls.apply_pause()))
    }

    /// Saves an answer.
    pub(super) async fn answer(&self, answer: Answer) -> Result<Draft, Error> {
        Ok(self.here.portal.answer(&self.here.library, self.draft.application.id, answer).await?)
    }

    /// Leads on after a question was answered.
    pub(super) fn next_after(&self, question: Question, origin: &Origin) -> HttpResponse {
        let location = match question {
            question if self.is_correcting() && question != Question::Consent => self.here.urls.status_fix(),
            question if origin.is_changes() => {
                let asked = self.draft.answers.request.whole();
                asked.map_or_else(
                    || self.here.urls.apply_check(),
                    |asked| changes_after(&self.here.urls, asked, question),
                )
            }
            Question::Contact if !self.draft.asks_documents(self.today()) => self.here.urls.apply_check(),
            question => next(&self.here.urls, self.questions(), question, origin),
        };
        page::see_other(location)
    }

    fn before(&self, question: Question) -> String {
        match question {
            Question::Consent if !self.draft.asks_documents(self.today()) => self.here.urls.apply_contact(),
            question => before(&self.here.urls, self.questions(), question),
        }
    }

    /// True if a frozen version waits for its signature.
    pub(super) const fn is_awaiting_signature(&self) -> bool {
        matches!(self.draft.application.state, ApplicationState::AwaitingSignature { .. })
    }

    /// The day in Japan.
    pub(super) fn today(&self) -> Date {
        self.here.portal.clock.today()
    }
}

/// What stands around a question.
pub(super) struct Frame {
    pub(super) title: Phrase,
    pub(super) step: Phrase,
    pub(super) back: String,
    /// True if a guardian answers, about their own person where nothing else is said.
    pub(super) applies_for_children: bool,
    /// The child about whose card a guardian asks: the questions are about the child.
    pub(super) about_child: Option<AsTyped>,
    /// True if saving this page undoes a version that waits for its signature.
    pub(super) awaiting_signature: bool,
    /// What a reviewer wrote about this question.
    pub(super) asked: Option<Asked>,
    /// True while something that was sent has to be put right: the way leads back to the list of what was asked.
    pub(super) is_correction: bool,
}

/// What a reviewer wrote about a question.
pub(super) struct Asked {
    /// Why it is asked about.
    pub(super) reason: Phrase,
    /// What to do about it.
    pub(super) text: AsTyped,
}

impl Asked {
    fn of(words: Words, item: &AskedItem) -> Self {
        Self { reason: asked::reason_of(words, item.reason), text: item.text.as_str().into() }
    }
}

/// The origin of a question that is asked because its answer has changed.
const CHANGES: &str = "changes";

/// From where a question was opened.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Origin {
    from: String,
    /// The procedure that shall be begun, if a page was opened to begin one.
    procedure: String,
}

impl Origin {
    /// True if it was opened by 「変更」 on the check page, where it shall lead back to.
    pub(super) fn is_check(&self) -> bool {
        self.from == "check"
    }

    /// True if what has changed is asked, one question after the other.
    fn is_changes(&self) -> bool {
        self.from == CHANGES
    }

    /// The address of a page that leads on as this one would; `joint` is what stands before what it adds.
    pub(super) fn kept(&self, url: String, joint: char) -> String {
        if self.is_check() || self.is_changes() { format!("{url}{joint}from={}", self.from) } else { url }
    }

    /// The procedure that shall be begun.
    pub(super) fn procedure(&self) -> Option<Procedure> {
        self.procedure.parse().ok()
    }

    /// The draft of this session, unless the page was opened to begin another procedure. No draft is no error; a store
    /// that does not answer is.
    pub(super) fn own_draft(&self, applicant: Result<Applicant, Error>) -> Result<Option<Applicant>, Error> {
        let is_meant = |applicant: &Applicant| {
            self.procedure().is_none_or(|wanted| wanted == applicant.draft.application.procedure)
        };
        match applicant {
            Ok(applicant) => Ok(Some(applicant).filter(is_meant)),
            Err(Error::SeeOther(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The address at which a question is asked.
pub(in crate::http) fn url_of(urls: &Urls, question: Question) -> String {
    match question {
        Question::Card => urls.apply_card(),
        Question::Who => urls.apply_who(),
        Question::Email => urls.apply_email(),
        Question::Name => urls.apply_name(),
        Question::Birth => urls.apply_birth(),
        Question::Address => urls.apply_address(),
        Question::Children => urls.apply_children(),
        Question::Contact => urls.apply_contact(),
        Question::Documents => urls.apply_documents(),
        Question::Consent => urls.apply_check(),
    }
}

/// Where an answered question leads to.
pub(super) fn next(urls: &Urls, questions: &[Question], question: Question, origin: &Origin) -> String {
    let following = questions.iter().find(|other| **other > question).filter(|_| !origin.is_check());
    url_of(urls, following.copied().unwrap_or(Question::Consent))
}

/// Where the next thing is asked that has changed, as the request says, once `question` is answered; then all is shown.
pub(super) fn changes_after(urls: &Urls, request: &Request, question: Question) -> String {
    match Question::changed_by(request).into_iter().find(|other| *other > question) {
        Some(changed) => format!("{}?from={CHANGES}", url_of(urls, changed)),
        None => urls.apply_check(),
    }
}

fn before(urls: &Urls, questions: &[Question], question: Question) -> String {
    let previous = questions.iter().rev().find(|other| **other < question);
    previous.map_or_else(|| urls.start(), |other| url_of(urls, *other))
}

fn title_of(words: Words, question: Question) -> Phrase {
    match question {
        Question::Card => words.apply_question_card(),
        Question::Who => words.apply_question_who(),
        Question::Email => words.apply_question_email(),
        Question::Name => words.apply_question_name(),
        Question::Birth => words.apply_question_birth(),
        Question::Address => words.apply_question_address(),
        Question::Children => words.apply_question_children(),
        Question::Contact => words.apply_question_contact(),
        Question::Documents => words.apply_question_documents(),
        Question::Consent => words.apply_question_consent(),
    }
}

/// Which step of how many. The check page is none of them.
fn step_of(words: Words, questions: &[Question], question: Question) -> Phrase {
    let asked: Vec<Question> = questions.iter().copied().filter(|other| *other < Question::Documents).collect();
    let Some(place) = asked.iter().position(|other| *other == question) else {
        let is_documents = question == Question::Documents;
        return if is_documents { words.apply_question_step_documents() } else { words.apply_question_step_check() };
    };
    let group = match question {
        Question::Card | Question::Who => words.apply_question_group_first(),
        Question::Email => words.apply_question_group_email(),
        _ => words.apply_question_group_rest(),
    };
    words.apply_question_step((place + 1).to_string(), asked.len().to_string(), group)
}

impl Frame {
    fn in_correction(self, applicant: &Applicant) -> Self {
        if applicant.is_correcting() {
            let back = applicant.here.urls.status_fix();
            let step = applicant.words().apply_question_step_correction();
            return Self { step, back, is_correction: true, ..self };
        }
        self
    }

    /// The frame of the first question, before there is a draft.
    pub(super) fn of_first(words: Words, urls: &Urls, procedure: Procedure) -> Self {
        let questions = Question::of(procedure);
        let question = if procedure.needs_card() { Question::Card } else { Question::Who };
        Self {
            title: title_of(words, question),
            step: step_of(words, questions, question),
            back: if procedure.needs_card() { urls.procedures() } else { urls.start() },
            awaiting_signature: false,
            applies_for_children: false,
            about_child: None,
            asked: None,
            is_correction: false,
        }
    }
}

#[cfg(test)]
impl Frame {
    /// A frame to draw pages with in tests.
    pub(super) fn sample(question: Question) -> Self {
        Self {
            title: title_of(Words::default(), question),
            step: step_of(Words::default(), Question::of(Procedure::NewCard), question),
            back: "/aozora/ja/apply/who".into(),
            awaiting_signature: true,
            applies_for_children: false,
            about_child: None,
            asked: None,
            is_correction: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn questions_lead_to_one_another_and_changes_lead_back_to_the_check_page() {
        let urls = Urls::new("aozora", Lang::Ja);
        let (new_card, renewal) = (Question::of(Procedure::NewCard), Question::of(Procedure::Renewal));
        let after = |question| next(&urls, new_card, question, &Origin::default());
        assert_eq!(after(Question::Who), "/aozora/ja/apply/email");
        assert_eq!(after(Question::Address), "/aozora/ja/apply/contact");
        assert_eq!(after(Question::Contact), "/aozora/ja/apply/documents");
        assert_eq!(after(Question::Documents), "/aozora/ja/apply/check");
        let of_guardian = next(&urls, Question::of_guardian(), Question::Address, &Origin::default());
        assert_eq!(of_guardian, "/aozora/ja/apply/children");
        assert_eq!(
            next(&urls, new_card, Question::Name, &Origin { from: "check".into(), ..Origin::default() }),
            "/aozora/ja/apply/check"
        );
        assert_eq!(before(&urls, new_card, Question::Who), "/aozora/ja/");
        assert_eq!(before(&urls, renewal, Question::Who), "/aozora/ja/apply/card");
        assert_eq!(before(&urls, new_card, Question::Birth), "/aozora/ja/apply/name");
    }

    #[test]
    fn steps_are_counted_without_the_check_page() {
        let (new_card, renewal) = (Question::of(Procedure::NewCard), Question::of(Procedure::Renewal));
        let step = |questions, question| step_of(Words::default(), questions, question).plain();
        assert_eq!(step(new_card, Question::Who), "1/6　はじめに");
        assert_eq!(step(renewal, Question::Card), "1/7　はじめに");
        assert_eq!(step(renewal, Question::Contact), "7/7　申込みの内容");
        assert_eq!(step(renewal, Question::Consent), "送る前の確認");
    }
}
