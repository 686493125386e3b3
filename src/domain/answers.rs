//! What the applicant tells us: unfinished as a draft, whole as [`Answers`].

use super::attachment::Attached;
use super::guardianship::{AGE_OF_MAJORITY, Cosigner, DraftGuardianship, Guardianship, SigningGuardian};
use super::library::{BranchCode, Category, CategoryCode, ConsentVersion, Ineligible, LibraryRules, ReissueReason};
use super::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};
use super::procedure::Procedure;
use super::request::{Changed, DraftRequest, Request};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use time::Date;

/// A page as somebody left it, fields and all, whatever stands in them: drawn again, and never more than that.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unjudged(String);

impl Unjudged {
    /// Takes the fields as they were sent.
    #[must_use]
    pub fn new(fields: &str) -> Self {
        Self(fields.to_owned())
    }

    /// The fields.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unjudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unjudged(…)")
    }
}

/// The questions of the form, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which card, and the procedure's own details; not for a new card.
    Card,
    /// Why this person may use the library.
    Who,
    /// Where notices are announced; confirmed by a code.
    Email,
    /// Name and kana.
    Name,
    /// Date of birth.
    Birth,
    /// Address.
    Address,
    /// The children, and what the applicant is to them; only if a guardian applies for them.
    Children,
    /// Telephone and branch.
    Contact,
    /// Pictures of documents, where the rules ask for any.
    Documents,
    /// Consents and the way of delivery, asked on the check page.
    Consent,
}

impl Question {
    /// All questions in order.
    pub const ALL: [Self; 10] = [
        Self::Card,
        Self::Who,
        Self::Email,
        Self::Name,
        Self::Birth,
        Self::Address,
        Self::Children,
        Self::Contact,
        Self::Documents,
        Self::Consent,
    ];

    /// The questions that are asked of an applicant for a procedure, in order.
    #[must_use]
    pub const fn of(procedure: Procedure) -> &'static [Self] {
        const ABOUT_A_CARD: &[Question] = &[
            Question::Card,
            Question::Who,
            Question::Email,
            Question::Name,
            Question::Birth,
            Question::Address,
            Question::Contact,
            Question::Documents,
            Question::Consent,
        ];
        if procedure.needs_card() { ABOUT_A_CARD } else { ABOUT_A_CARD.split_at(1).1 }
    }

    /// The questions whose answers have changed, as a request says, in order.
    #[must_use]
    pub fn changed_by(request: &Request) -> Vec<Self> {
        let asks = |fact: &Changed| match fact {
            Changed::Address => Self::Address,
            Changed::Name => Self::Name,
            Changed::Phone => Self::Contact,
            Changed::Email => Self::Email,
        };
        let facts = match request {
            Request::Change { changed, .. } => changed.as_slice(),
            Request::Reissue { reason: ReissueReason::NameChanged, .. } => &[Changed::Name],
            // What has changed is not asked there.
            Request::Renewal { facts_unchanged: false, .. } => &Changed::ALL,
            Request::Renewal { .. }
            | Request::Reissue { .. }
            | Request::CardLink { .. }
            | Request::PasswordIssue { .. } => &[],
        };
        let mut questions: Vec<Self> = facts.iter().map(asks).collect();
        questions.sort_unstable();
        questions
    }

    /// The questions that are asked of a guardian, in order.
    #[must_use]
    pub const fn of_guardian() -> &'static [Self] {
        const ALL: &[Question] = &Question::ALL;
        ALL.split_at(1).1
    }
}

/// How the result reaches the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// In the portal (電子交付), which the law lets us do only if the applicant says so.
    Electronic,
    /// On paper, by post or at the counter.
    Paper,
}

/// The answers given so far. Every field is either absent or already sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftAnswers {
    /// What is asked for.
    pub request: DraftRequest,
    /// Why this person may use the library.
    pub category: Option<CategoryCode>,
    /// The address as given; see `email_confirmed`.
    pub email: Option<EmailAddress>,
    /// True once a code sent to `email` came back.
    pub email_confirmed: bool,
    /// How the applicant is told anything.
    #[serde(skip_serializing_if = "Reached::is_by_mail")]
    pub reached: Reached,
    /// Name, byte for byte as typed.
    pub name: Option<PersonName>,
    /// Reading of the name.
    pub kana: Option<Kana>,
    /// Date of birth.
    pub birth: Option<BirthDate>,
    /// Postal address.
    pub address: Option<PostalAddress>,
    /// Telephone, if the applicant gave one.
    pub phone: Option<Phone>,
    /// The branch used most.
    pub branch: Option<BranchCode>,
    /// How the result is delivered.
    pub delivery: Option<Delivery>,
    /// True if a plastic card is wanted besides the number.
    pub plastic_card: bool,
    /// The consents given, each with the version that was on the page.
    pub consents: Vec<ConsentVersion>,
    /// The documents attached so far.
    pub attachments: Vec<Attached>,
    /// The children for whom a guardian applies, if it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardianship: Option<DraftGuardianship>,
    /// The guardian who signs about the card of a child, if it is so: known from the application for that card, and never
    /// typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_guardian: Option<SigningGuardian>,
    /// The guardian who is asked to sign as well. No part of what is signed: another one can be named while the
    /// signature stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosigner: Option<Cosigner>,
    /// True if pictures of documents are sent instead of a signature.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsigned: bool,
    /// Pages that were left unfinished: those questions are asked again, with what stood there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unjudged: BTreeMap<Question, Unjudged>,
}

/// How an applicant is told anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// By e-mail, which says that something is to be read.
    #[default]
    ByMail,
    /// On paper only: a visitor who has no e-mail address, said at the counter.
    OnPaper,
}

impl Reached {
    const fn is_by_mail(&self) -> bool {
        matches!(self, Self::ByMail)
    }
}

impl DraftAnswers {
    /// True for a visitor who has no e-mail address.
    #[must_use]
    pub const fn has_no_email(&self) -> bool {
        matches!(self.reached, Reached::OnPaper)
    }

    /// Tells whether `question` has a sound answer under `rules`.
    #[must_use]
    pub fn answers(&self, question: Question, rules: &LibraryRules) -> bool {
        match question {
            Question::Card => self.request.is_said(),
            Question::Who => self.category.as_ref().is_some_and(|code| rules.category(code).is_some()),
            Question::Email => self.has_no_email() || (self.email.is_some() && self.email_confirmed),
            Question::Name => self.name.is_some() && self.kana.is_some(),
            Question::Birth => self.birth.is_some(),
            Question::Address => self.address.is_some(),
            Question::Children => self.guardianship.as_ref().is_none_or(|draft| draft.complete(rules).is_some()),
            Question::Contact => self.branch.as_ref().is_some_and(|code| rules.branch(code).is_some()),
            // Which are needed depends on the procedure and on the day; see `lacks_evidence`.
            Question::Documents => true,
            Question::Consent => {
                self.delivery.is_some()
                    && rules.consents.iter().all(|consent| self.consents.contains(&consent.version()))
            }
        }
    }

    /// Whoever declares that nothing has changed and then changes what was there before, declares it no longer.
    pub fn note_changes(&mut self, before: &Self) {
        let DraftRequest::Whole(Request::Renewal { facts_unchanged, .. }) = &mut self.request else { return };
        let is_other = (before.name.is_some() && before.name != self.name)
            || (before.kana.is_some() && before.kana != self.kana)
            || (before.birth.is_some() && before.birth != self.birth)
            || (before.address.is_some() && before.address != self.address)
            || (before.email.is_some() && before.email != self.email)
            || (before.branch.is_some() && before.phone != self.phone);
        *facts_unchanged &= !is_other;
    }

    /// The first question that still needs an answer.
    #[must_use]
    pub fn first_unanswered(&self, rules: &LibraryRules) -> Option<Question> {
        let is_open = |question: &Question| self.unjudged.contains_key(question) || !self.answers(*question, rules);
        self.questions().iter().copied().find(is_open)
    }

    /// The questions of what is asked for, in order.
    #[must_use]
    pub fn questions(&self) -> &'static [Question] {
        if self.guardianship.is_some() { Question::of_guardian() } else { Question::of(self.request.procedure()) }
    }

    /// Tells whether what was answered so far shuts the applicant out of the online way on `today`.
    ///
    /// # Errors
    /// The first rule that does.
    pub fn check_eligibility(&self, rules: &LibraryRules, today: Date) -> Result<(), Ineligible> {
        let Some(code) = &self.category else { return Ok(()) };
        let category = rules.category(code).ok_or(Ineligible::UnknownCategory)?;
        if !category.online {
            return Err(Ineligible::CounterOnly);
        }
        if let Some(draft) = &self.guardianship {
            return self.check_guardian(draft, rules, category, today);
        }
        if self.by_guardian.is_some() {
            if let Some(birth) = self.birth {
                rules.eligible_child(category, birth, today)?;
            }
        } else if let Some(birth) = self.birth {
            rules.eligible_age(category, birth, today)?;
            if self.request.procedure() == Procedure::CardLink {
                rules.eligible_to_link(birth.age_on(today))?;
            }
        }
        match &self.address {
            Some(address) if !category.covers(address) => Err(Ineligible::OutOfArea),
            _ => Ok(()),
        }
    }

    /// The guardian is of age; each child belongs to the category, lives in its area, and cannot apply by itself.
    fn check_guardian(
        &self,
        draft: &DraftGuardianship,
        rules: &LibraryRules,
        category: &Category,
        today: Date,
    ) -> Result<(), Ineligible> {
        if self.birth.is_some_and(|birth| birth.age_on(today) < AGE_OF_MAJORITY) {
            return Err(Ineligible::TooYoung { minimum: AGE_OF_MAJORITY });
        }
        for child in &draft.children {
            rules.eligible_child(category, child.birth, today)?;
            if child.address.as_ref().or(self.address.as_ref()).is_some_and(|address| !category.covers(address)) {
                return Err(Ineligible::OutOfArea);
            }
        }
        Ok(())
    }

    /// The whole set of answers, or the first question that is still open.
    ///
    /// # Errors
    /// The question to ask next.
    pub fn complete(&self, rules: &LibraryRules) -> Result<Answers, Question> {
        if let Some(question) = self.first_unanswered(rules) {
            return Err(question);
        }
        Ok(Answers {
            category: self.category.clone().ok_or(Question::Who)?,
            email: self.email.clone().filter(|_| !self.has_no_email()),
            name: self.name.clone().ok_or(Question::Name)?,
            kana: self.kana.clone().ok_or(Question::Name)?,
            birth: self.birth.ok_or(Question::Birth)?,
            address: self.address.clone().ok_or(Question::Address)?,
            phone: self.phone.clone(),
            branch: self.branch.clone().ok_or(Question::Contact)?,
            delivery: self.delivery.ok_or(Question::Consent)?,
            plastic_card: self.plastic_card,
            attachments: self.attachments.clone(),
            guardianship: match &self.guardianship {
                Some(draft) => Some(draft.complete(rules).ok_or(Question::Children)?),
                None => None,
            },
            by_guardian: self.by_guardian.clone(),
        })
    }
}

/// A complete set of answers: the part of a [`Statement`](super::statement::Statement) that the applicant wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Why this person may use the library.
    pub category: CategoryCode,
    /// Confirmed e-mail address; none of a visitor who has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Name, byte for byte as typed.
    pub name: PersonName,
    /// Reading of the name.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Postal address.
    pub address: PostalAddress,
    /// Telephone, if given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// The branch used most.
    pub branch: BranchCode,
    /// How the result is delivered.
    pub delivery: Delivery,
    /// True if a plastic card is wanted besides the number.
    pub plastic_card: bool,
    /// The documents attached. Absent from statements of applications without any, as it was before there were any.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attachments: Vec<Attached>,
    /// The children who get the cards, if a guardian applies for them: all else is then about the guardian. Absent from
    /// all other statements, which never had it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub guardianship: Option<Guardianship>,
    /// The guardian who signs, if it is about a child's card: all else is then about the child. Absent from all other
    /// statements, which never had it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by_guardian: Option<SigningGuardian>,
}

impl Answers {
    /// Tells whether what is decided goes on paper: as the applicant wants it, or for want of an address.
    #[must_use]
    pub fn goes_on_paper(&self) -> bool {
        self.delivery == Delivery::Paper || self.email.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::TypedAddress;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../deploy/libraries/himeji.toml")).unwrap()
    }

    fn whole_draft(rules: &LibraryRules) -> DraftAnswers {
        let address = TypedAddress {
            postcode: "670-0012",
            prefecture: "28",
            municipality: "姫路市",
            line1: "本町68番地",
            line2: "",
        };
        DraftAnswers {
            request: DraftRequest::NewCard,
            category: Some("resident".parse().unwrap()),
            email: Some("hana@example.jp".parse().unwrap()),
            email_confirmed: true,
            reached: Reached::ByMail,
            name: Some("髙橋　花".parse().unwrap()),
            kana: Some("タカハシ　ハナ".parse().unwrap()),
            birth: Some("1985-04-27".parse().unwrap()),
            address: Some(PostalAddress::parse(address).unwrap()),
            phone: None,
            branch: Some("jonai".parse().unwrap()),
            delivery: Some(Delivery::Electronic),
            plastic_card: false,
            consents: rules.consents.iter().map(super::super::library::Consent::version).collect(),
            attachments: Vec::new(),
            guardianship: None,
            by_guardian: None,
            cosigner: None,
            unsigned: false,
            unjudged: BTreeMap::new(),
        }
    }

    #[test]
    fn a_page_that_was_left_unfinished_is_asked_again_and_shows_nothing_to_logs() {
        let rules = rules();
        let mut draft = whole_draft(&rules);
        draft.unjudged.insert(Question::Birth, Unjudged::new("year=198&month=&day="));
        assert_eq!(draft.complete(&rules), Err(Question::Birth));
        let stored = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<DraftAnswers>(&stored).unwrap(), draft);
        assert!(!format!("{draft:?}").contains("198"));
    }

    #[test]
    fn a_draft_of_before_is_one_that_is_signed() {
        let draft = whole_draft(&rules());
        let stored = serde_json::to_string(&draft).unwrap();
        assert!(!stored.contains("unsigned"));
        assert_eq!(serde_json::from_str::<DraftAnswers>(&stored).unwrap(), draft);
        let unsigned = DraftAnswers { unsigned: true, ..draft };
        let stored = serde_json::to_string(&unsigned).unwrap();
        assert_eq!(serde_json::from_str::<DraftAnswers>(&stored).unwrap(), unsigned);
    }

    #[test]
    fn an_empty_draft_begins_with_the_first_question() {
        assert_eq!(DraftAnswers::default().complete(&rules()), Err(Question::Who));
    }

    #[test]
    fn the_card_is_asked_for_first_where_there_is_one() {
        let rules = rules();
        let request = DraftRequest::Begun { procedure: Procedure::Renewal, card_number: None };
        let draft = DraftAnswers { request, ..whole_draft(&rules) };
        assert_eq!(draft.complete(&rules), Err(Question::Card));
        assert_eq!(Question::of(Procedure::NewCard)[0], Question::Who);
        assert_eq!(Question::of(Procedure::Change)[0], Question::Card);
    }

    #[test]
    fn what_is_changed_is_no_longer_declared_as_unchanged() {
        let card_number: super::super::card_number::CardNumber = "300000014".parse().unwrap();
        let request = DraftRequest::Whole(Request::Renewal { card_number, facts_unchanged: true });
        let known = DraftAnswers { request: request.clone(), ..whole_draft(&rules()) };
        let is_unchanged = |before: &DraftAnswers, mut after: DraftAnswers| {
            after.note_changes(before);
            matches!(after.request, DraftRequest::Whole(Request::Renewal { facts_unchanged: true, .. }))
        };
        assert!(is_unchanged(&known, DraftAnswers { plastic_card: true, ..known.clone() }));
        assert!(!is_unchanged(
            &known,
            DraftAnswers { email: Some("new@example.jp".parse().unwrap()), ..known.clone() }
        ));
        assert!(!is_unchanged(&known, DraftAnswers { phone: Some("0790000000".parse().unwrap()), ..known.clone() }));
        let empty = DraftAnswers { request, ..DraftAnswers::default() };
        assert!(is_unchanged(&empty, known), "what is typed for the first time is no change");
    }

    #[test]
    fn the_first_open_question_is_asked_next() {
        let rules = rules();
        let whole = whole_draft(&rules);
        for (question, draft) in [
            (Question::Who, DraftAnswers { category: Some("tourist".parse().unwrap()), ..whole.clone() }),
            (Question::Email, DraftAnswers { email_confirmed: false, ..whole.clone() }),
            (Question::Email, DraftAnswers { email: None, ..whole.clone() }),
            (Question::Name, DraftAnswers { kana: None, ..whole.clone() }),
            (Question::Birth, DraftAnswers { birth: None, ..whole.clone() }),
            (Question::Address, DraftAnswers { address: None, ..whole.clone() }),
            (Question::Contact, DraftAnswers { branch: Some("elsewhere".parse().unwrap()), ..whole.clone() }),
            (Question::Consent, DraftAnswers { delivery: None, ..whole.clone() }),
            (Question::Consent, DraftAnswers { consents: whole.consents[1..].to_vec(), ..whole.clone() }),
        ] {
            assert_eq!(draft.first_unanswered(&rules), Some(question));
            assert_eq!(draft.complete(&rules), Err(question));
        }
    }

    #[test]
    fn a_consent_to_an_older_text_is_asked_again() {
        let rules = rules();
        let mut draft = whole_draft(&rules);
        draft.consents[0].version = 0;
        assert_eq!(draft.first_unanswered(&rules), Some(Question::Consent));
    }

    #[test]
    fn a_whole_draft_becomes_answers_and_the_telephone_stays_free() {
        let rules = rules();
        let answers = whole_draft(&rules).complete(&rules).unwrap();
        assert_eq!(answers.name.as_str(), "髙橋　花");
        assert_eq!(answers.phone, None);
        let json = serde_json::to_string(&answers).unwrap();
        assert!(!json.contains("phone"), "what was not given is not there");
        assert_eq!(serde_json::from_str::<Answers>(&json).unwrap(), answers);
    }

    #[test]
    fn a_stored_draft_is_read_back_and_unknown_fields_are_not() {
        let draft = whole_draft(&rules());
        let json = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<DraftAnswers>(&json).unwrap(), draft);
        assert!(serde_json::from_str::<DraftAnswers>(r#"{"gender":"x"}"#).is_err());
        assert!(
            serde_json::from_str::<DraftAnswers>(r#"{"birth":"1985-02-30"}"#).is_err(),
            "stored values are parsed too"
        );
    }
}
