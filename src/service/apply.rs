//! The draft: begun, and answered question by question.

use super::codes::{CodePurpose, CodeRequest, TypedCode};
use super::proofs::earlier_of;
use super::record::event_by;
use super::session::SessionToken;
use super::{Error, Once, Portal};
use crate::document::read_statement;
use crate::domain::answers::{Delivery, DraftAnswers, Question, Reached, Unjudged};
use crate::domain::application::{Application, ApplicationState, Refused};
use crate::domain::attachment::Attached;
use crate::domain::card_holder::CardHolder;
use crate::domain::correction::{self, Correction, Field};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::guardianship::Cosigner;
use crate::domain::guardianship::{Child, DraftGuardianship};
use crate::domain::ids::ApplicationId;
use crate::domain::language::Language;
use crate::domain::library::{BranchCode, CategoryCode, ConsentVersion, Library, LibraryRules, RelationCode};
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};
use crate::domain::proof::EarlierProofs;
use crate::domain::reference::Reference;
use crate::domain::request::{DraftRequest, Request};
use crate::domain::statement::Statement;
use crate::random;
use crate::store::{Tx, applications, attachments, corrections, drafts, events, libraries, versions};
use std::borrow::Cow;
use std::collections::BTreeSet;
use time::{Date, Duration, OffsetDateTime};

/// An application with what has been answered so far and the rules it began with.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where it stands.
    pub application: Application,
    /// The answers so far.
    pub answers: DraftAnswers,
    /// The library's rules as of the start.
    pub rules: LibraryRules,
    /// What reviewers have asked to be put right, the settled included; empty unless something is open.
    pub corrections: Vec<Correction>,
    /// What the reviewer saw who asked for a correction, without the pictures that staff destroyed since.
    pub signed: Option<Statement>,
    /// True if staff destroyed a picture of what has to be put right: it is missing.
    pub has_lost_documents: bool,
    /// What the holder of a card that is renewed showed before, where it is certain who they are.
    pub earlier: Option<EarlierProofs>,
}

impl Draft {
    /// The fields that may be changed; `None` if all may.
    #[must_use]
    pub fn open_fields(&self) -> Option<BTreeSet<Field>> {
        let mut open = correction::open_fields(&self.corrections);
        if let Some(open) = open.as_mut().filter(|_| self.has_lost_documents) {
            open.insert(Field::Documents);
        }
        open
    }

    /// Tells whether the answer to `question` may be changed.
    #[must_use]
    pub fn is_open(&self, question: Question) -> bool {
        let field = Field::of_question(question);
        self.open_fields().is_none_or(|open| field.is_some_and(|field| open.contains(&field)))
    }

    /// What reviewers wrote about `question`, if they asked about it.
    #[must_use]
    pub fn asked_about(&self, question: Question) -> Option<&Correction> {
        self.corrections.iter().find(|one| one.is_open() && one.item.field.question() == question)
    }

    /// Tells whether this draft may become `after`.
    pub(super) fn may_become(&self, after: &DraftAnswers) -> Result<(), Refused> {
        match self.open_fields() {
            Some(open) if !correction::keeps_to(&open, &self.answers, after) => Err(Refused::NotAsked),
            _ => Ok(()),
        }
    }
}

/// The answer to one page of the form.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Which card, and the procedure's own details.
    Request(Request),
    /// Why one may use the library, and for whom the card is.
    Category(CategoryCode, CardHolder),
    /// Name and reading.
    Name(PersonName, Kana),
    /// Date of birth.
    Birth(BirthDate),
    /// Address.
    Address(PostalAddress),
    /// What a guardian is to the children.
    Relation(RelationCode),
    /// A child in its place, counted from 1; behind the last one it is added.
    Child(usize, Child),
    /// A child is taken out.
    ChildRemoved(usize),
    /// The guardian who is asked to sign as well.
    Cosigner(Cosigner),
    /// Telephone and branch.
    Contact(Option<Phone>, BranchCode),
    /// Consents, way of delivery, plastic card.
    Consent {
        /// The consents ticked, with the versions that were on the page.
        consents: Vec<ConsentVersion>,
        /// Electronic or on paper.
        delivery: Delivery,
        /// Whether a plastic card is wanted too.
        plastic_card: bool,
    },
    /// A page as it stands, to go on with later.
    Unjudged(Question, Unjudged),
}

impl Draft {
    /// The first question that still needs an answer, documents included.
    #[must_use]
    pub fn first_unanswered(&self, today: Date) -> Option<Question> {
        let documents = self.lacks_evidence(today).then_some(Question::Documents);
        self.answers.first_unanswered(&self.rules).into_iter().chain(documents).min()
    }
}

impl Answer {
    /// The question of which this is the answer; none for what is only a part.
    const fn question(&self) -> Option<Question> {
        Some(match self {
            Self::Request(_) => Question::Card,
            Self::Category(..) => Question::Who,
            Self::Name(..) => Question::Name,
            Self::Birth(_) => Question::Birth,
            Self::Address(_) => Question::Address,
            Self::Relation(_) => Question::Children,
            Self::Contact(..) => Question::Contact,
            Self::Consent { .. } => Question::Consent,
            Self::Child(..) | Self::ChildRemoved(_) | Self::Cosigner(_) | Self::Unjudged(..) => return None,
        })
    }

    pub(super) fn put(self, answers: &mut DraftAnswers) {
        if let Some(answered) = self.question() {
            answers.unjudged.remove(&answered);
        }
        match self {
            Self::Unjudged(question, page) => {
                answers.unjudged.insert(question, page);
            }
            // What an application is about never changes.
            Self::Request(request) if request.procedure() == answers.request.procedure() => {
                answers.request = DraftRequest::Whole(request);
            }
            Self::Request(_) => {}
            Self::Category(category, holder) => {
                answers.category = Some(category);
                answers.apply_for(holder);
            }
            Self::Name(name, kana) => {
                answers.name = Some(name);
                answers.kana = Some(kana);
            }
            Self::Birth(birth) => answers.birth = Some(birth),
            Self::Address(address) => answers.address = Some(address),
            Self::Relation(_) | Self::Child(..) | Self::ChildRemoved(_) => {
                if let Some(guardianship) = &mut answers.guardianship {
                    self.put_guardianship(guardianship);
                }
            }
            Self::Cosigner(cosigner) => answers.cosigner = Some(cosigner),
            Self::Contact(phone, branch) => {
                answers.phone = phone;
                answers.branch = Some(branch);
            }
            Self::Consent { consents, delivery, plastic_card } => {
                answers.consents = consents;
                answers.delivery = Some(delivery);
                answers.plastic_card = plastic_card;
            }
        }
    }

    fn put_guardianship(self, guardianship: &mut DraftGuardianship) {
        match self {
            Self::Relation(relation) => guardianship.relation = Some(relation),
            Self::Child(number, child) => guardianship.put(number, child),
            Self::ChildRemoved(number) => guardianship.remove(number),
            _ => {}
        }
    }
}

impl Portal {
    /// Begins an application for a new card and binds it to a fresh browser session; the second sending of the
    /// same form gets the session of the first.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the form's key comes with other contents.
    pub async fn start_application(
        &self,
        library: &Library,
        token: &SessionToken,
        category: CategoryCode,
        holder: CardHolder,
        language: Language,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let mut answers = DraftAnswers { category: Some(category), ..DraftAnswers::default() };
        answers.apply_for(holder);
        self.begin(library, token, &answers, language, once).await
    }

    /// The draft (or what became of it) for its own applicant.
    ///
    /// # Errors
    /// [`Error::NotFound`] once it is gone.
    pub async fn draft(&self, library: &Library, id: ApplicationId) -> Result<Draft, Error> {
        let mut tx = self.db.read().await?;
        load_draft(&mut tx, library, id).await
    }

    /// Saves the answer to one page. A version that waits for its signature is opened again:
    /// what is signed must be what the applicant last said.
    ///
    /// # Errors
    /// [`Error::Refused`] after submission, [`Error::Stale`] if two pages save at the same instant.
    pub async fn answer(&self, library: &Library, id: ApplicationId, answer: Answer) -> Result<Draft, Error> {
        let mut tx = self.db.begin().await?;
        let draft = change_draft(&mut tx, library, id, self.clock.now(), |answers| answer.put(answers)).await?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Sends a code to the address where notices shall be announced. The address counts only
    /// once the code has come back.
    ///
    /// # Errors
    /// [`Error::TooMany`] within a minute of the last code, or after six in an hour.
    pub async fn send_email_code(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        email: &EmailAddress,
    ) -> Result<OffsetDateTime, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let draft = load_draft(&mut tx, library, id).await?;
        let mut answers = draft.answers.clone();
        answers.email_confirmed &= answers.email.as_ref() == Some(email);
        answers.email = Some(email.clone());
        answers.reached = Reached::ByMail;
        answers.note_changes(&draft.answers);
        draft.may_become(&answers)?;
        let application = match draft.application.state {
            ApplicationState::AwaitingSignature { .. } => draft.application.edit(draft_life(&draft.rules), now)?,
            _ => draft.application.touch(draft_life(&draft.rules), now)?,
        };
        let request = CodeRequest {
            library_id: library.id,
            session: token,
            purpose: CodePurpose::Confirm,
            email,
            application_id: Some(id),
            language: application.language,
            deliver: true,
        };
        let valid_until = self.issue_code(&mut tx, &request, now).await?;
        let application = applications::save(&mut tx, application).await?;
        drafts::save(&mut tx, &application, &answers).await?;
        tx.commit().await?;
        Ok(valid_until)
    }

    /// Takes the code back and so confirms the address that it was sent to.
    ///
    /// # Errors
    /// [`Error::WrongCode`], [`Error::ExpiredCode`], [`Error::TooMany`].
    pub async fn confirm_email(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        typed: TypedCode,
    ) -> Result<Draft, Error> {
        let now = self.clock.now();
        let (mut tx, code) = self.spend_code(library, token, CodePurpose::Confirm, typed).await?;
        if code.application_id != Some(id) {
            return Err(Error::WrongCode);
        }
        let mut news = false;
        let draft = change_draft(&mut tx, library, id, now, |answers| {
            news = !answers.email_confirmed || answers.email.as_ref() != Some(&code.email);
            answers.email = Some(code.email);
            answers.reached = Reached::ByMail;
            answers.email_confirmed = true;
        })
        .await?;
        if news {
            events::insert(&mut tx, &event(&draft.application, EventKind::EmailConfirmed, "", now)).await?;
        }
        tx.commit().await?;
        Ok(draft)
    }
}

/// Changes the answers of a draft, as far as they are open; a version that waits for its signature is opened again.
pub(super) async fn change_draft(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
    now: OffsetDateTime,
    change: impl FnOnce(&mut DraftAnswers),
) -> Result<Draft, Error> {
    let draft = load_draft(tx, library, id).await?;
    let mut answers = draft.answers.clone();
    change(&mut answers);
    answers.note_changes(&draft.answers);
    draft.may_become(&answers)?;
    let Draft { application, rules, corrections, signed, has_lost_documents, earlier, .. } = draft;
    let application = if matches!(application.state, ApplicationState::AwaitingSignature { .. }) {
        let application = application.edit(draft_life(&rules), now)?;
        events::insert(tx, &event(&application, EventKind::Edited, "", now)).await?;
        application
    } else {
        application.touch(draft_life(&rules), now)?
    };
    let application = applications::save(tx, application).await?;
    drafts::save(tx, &application, &answers).await?;
    Ok(Draft { application, answers, rules, corrections, signed, has_lost_documents, earlier })
}

pub(super) async fn load_draft(tx: &mut Tx, library: &Library, id: ApplicationId) -> Result<Draft, Error> {
    let application = applications::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let mut answers = drafts::find(tx, id).await?;
    let rules = rules_of(tx, library, application.rules_version).await?;
    let earlier = earlier_of(tx, &application).await?;
    let Some(asked) = application.state.correction().filter(|_| !application.state.is_final()) else {
        let (corrections, signed) = (Vec::new(), None);
        return Ok(Draft { application, answers, rules, corrections, signed, has_lost_documents: false, earlier });
    };
    let frozen = versions::find(tx, id, asked.version.number).await?;
    let frozen = frozen.ok_or(Error::Internal("a correction without its version"))?;
    let mut signed = read_statement(&frozen.document)?;
    let corrections = corrections::list(tx, id).await?;
    // Staff destroyed it, or it was kept its time before the decision was opened again.
    let present = attachments::list_present(tx, id).await?;
    let is_there = |attached: &Attached| present.contains(&attached.sha256);
    let has_lost_documents = !signed.answers.attachments.iter().all(is_there);
    signed.answers.attachments.retain(is_there);
    answers.attachments.retain(is_there);
    Ok(Draft { application, answers, rules, corrections, signed: Some(signed), has_lost_documents, earlier })
}

/// The rules that an application began with, which are not always those in force.
pub(super) async fn rules_of(tx: &mut Tx, library: &Library, version: u32) -> Result<LibraryRules, Error> {
    Ok(rules_in(tx, library, version).await?.into_owned())
}

/// The same rules, only borrowed if they are those in force.
pub(super) async fn rules_in<'a>(
    tx: &mut Tx,
    library: &'a Library,
    version: u32,
) -> Result<Cow<'a, LibraryRules>, Error> {
    if version == library.rules_version {
        return Ok(Cow::Borrowed(&library.rules));
    }
    let rules = libraries::find_rules(tx, library.id, version).await?;
    rules.map(Cow::Owned).ok_or(Error::Internal("rules of an application are gone"))
}

pub(super) fn draft_life(rules: &LibraryRules) -> Duration {
    Duration::days(i64::from(rules.draft_days))
}

/// An event of the applicant's doing.
pub(super) fn event(application: &Application, kind: EventKind, detail: &str, now: OffsetDateTime) -> Event {
    Event { detail: detail.to_owned(), ..event_by(application, kind, Actor::Applicant, now) }
}

pub(super) fn random_reference() -> Reference {
    Reference::from_random(u64::from_be_bytes(random::bytes()))
}
