//! The answers in words: the rows of the check page and of the page before signing.
//!
//! They are told in Japanese, as in the document; a page says them in its own words ([`Phrase::in_words`]).

use crate::domain::answers::{Answers, Delivery, DraftAnswers, Question};
use crate::domain::attachment::Attached;
use crate::domain::guardianship::{Child, DraftGuardianship, SigningGuardian};
use crate::domain::library::{LibraryRules, LibraryText};
use crate::domain::person::{BirthDate, EmailAddress, Phone, PostalAddress};
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::domain::statement::{Labels, Statement};
use crate::http::filters::{Birth, Day};
use crate::http::procedure_wording as wording;
use crate::words::{AsTyped, Lang, Phrase, Words};

const TOLD: Words = Words::new(Lang::Ja);

/// One row: what was asked and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Row {
    pub(in crate::http) label: Phrase,
    pub(in crate::http) value: Phrase,
    pub(in crate::http) question: Question,
}

impl Row {
    /// The same in the words of a page.
    pub(in crate::http) fn in_words(&self, words: Words) -> Self {
        Self { label: self.label.in_words(words), value: self.value.in_words(words), question: self.question }
    }
}

/// The answers of a draft. What is still open is left out: the page is shown only once all are there.
pub(in crate::http) fn of_draft(answers: &DraftAnswers, rules: &LibraryRules) -> Vec<Row> {
    let category = answers.category.as_ref().and_then(|code| rules.category(code)).map(|found| &found.label);
    let branch = answers.branch.as_ref().and_then(|code| rules.branch(code)).map(|found| &found.name);
    let mut about_card = request_rows(answers.request.whole());
    about_card.extend(rows([
        (Question::Who, category.map(written)),
        (Question::Email, email_of(answers)),
        (Question::Name, answers.name.as_ref().map(|name| typed(name.as_str()))),
        (Question::Name, answers.kana.as_ref().map(|kana| typed(kana.as_str()))),
        (Question::Birth, answers.birth.map(in_both_calendars)),
        (Question::Address, answers.address.as_ref().map(on_lines)),
        (Question::Contact, Some(or_none(answers.phone.as_ref()))),
        (Question::Contact, branch.map(written)),
    ]));
    if let Some(DraftGuardianship { relation, children }) = &answers.guardianship {
        let relation = relation.as_ref().and_then(|code| rules.relation(code));
        about_card.extend(guardianship_rows(relation, children));
    }
    if let Some(guardian) = &answers.by_guardian {
        about_card.push(signer_row(guardian, rules.relation(&guardian.relation)));
    }
    about_card.extend(answers.attachments.iter().map(|attached| of_attached(attached, Some(rules))));
    about_card
}

/// The guardian who signs about a child's card.
fn signer_row(guardian: &SigningGuardian, relation: Option<&LibraryText>) -> Row {
    let SigningGuardian { name, kana, birth, .. } = guardian;
    let lines = [typed(name.as_str()), typed(kana.as_str()), in_both_calendars(*birth)];
    let lines = lines.into_iter().chain(relation.map(written));
    Row { label: TOLD.apply_label_by_guardian(), value: TOLD.join(lines, "\n"), question: Question::Children }
}

fn written(text: &LibraryText) -> Phrase {
    TOLD.say(text)
}

/// A label as it stands in a statement, with its translations if the rules still call the thing so.
fn signed(label: &str, known: Option<&LibraryText>) -> LibraryText {
    known.filter(|known| known.as_str() == label).cloned().unwrap_or_else(|| label.into())
}

fn typed(text: &str) -> Phrase {
    TOLD.say(AsTyped::from(text))
}

fn email_of(answers: &DraftAnswers) -> Option<Phrase> {
    let none = answers.has_no_email().then(|| TOLD.apply_answers_none());
    answers.email.as_ref().map(|email| typed(email.as_str())).or(none)
}

fn of_attached(attached: &Attached, rules: Option<&LibraryRules>) -> Row {
    let known = rules.and_then(|rules| Some(&rules.evidence_kind(&attached.kind)?.label));
    let label = signed(&attached.label, known);
    let value = attached.expires_on.map_or_else(|| TOLD.say(&label), |day| TOLD.apply_answers_until(&label, Day(day)));
    Row { label: TOLD.apply_label_attachment(), value, question: Question::Documents }
}

fn guardianship_rows(relation: Option<&LibraryText>, children: &[Child]) -> Vec<Row> {
    let of_child = |child: &Child| {
        let home = child.address.as_ref().map_or_else(|| TOLD.apply_child_same_home(), on_lines);
        let lines = [typed(child.name.as_str()), typed(child.kana.as_str()), in_both_calendars(child.birth), home];
        Row { label: TOLD.apply_label_children(), value: TOLD.join(lines, "\n"), question: Question::Children }
    };
    let relation = relation.map(|relation| Row {
        label: TOLD.apply_label_relation(),
        value: written(relation),
        question: Question::Children,
    });
    relation.into_iter().chain(children.iter().map(of_child)).collect()
}

/// The same with the way of delivery.
pub(in crate::http) fn of_draft_with_delivery(answers: &DraftAnswers, rules: &LibraryRules) -> Vec<Row> {
    let mut rows = of_draft(answers, rules);
    let procedure = answers.request.procedure();
    rows.extend(
        answers.delivery.into_iter().flat_map(|delivery| delivery_rows(procedure, delivery, answers.plastic_card)),
    );
    rows
}

fn request_rows(request: Option<&Request>) -> Vec<Row> {
    let rows = request.map(|request| wording::rows_of(TOLD, request)).unwrap_or_default();
    rows.into_iter().map(|(label, value)| Row { label, value, question: Question::Card }).collect()
}

/// The answers of a frozen statement, as they stand in the document; in another language, as `rules` call them.
/// Staff, who read Japanese, need none.
pub(in crate::http) fn of_statement(statement: &Statement, rules: Option<&LibraryRules>) -> Vec<Row> {
    let Answers { email, name, kana, birth, address, phone, delivery, plastic_card, .. } = &statement.answers;
    let email = email.as_ref().map(EmailAddress::as_str).map_or_else(|| TOLD.apply_answers_none(), typed);
    let Labels { category, branch, relation } = &statement.labels;
    let category = signed(category, rules.and_then(|rules| Some(&rules.category(&statement.answers.category)?.label)));
    let branch = signed(branch, rules.and_then(|rules| Some(&rules.branch(&statement.answers.branch)?.name)));
    let mut about_card = request_rows(statement.request.as_ref());
    about_card.extend(rows([
        (Question::Who, Some(written(&category))),
        (Question::Email, Some(email)),
        (Question::Name, Some(typed(name.as_str()))),
        (Question::Name, Some(typed(kana.as_str()))),
        (Question::Birth, Some(in_both_calendars(*birth))),
        (Question::Address, Some(on_lines(address))),
        (Question::Contact, Some(or_none(phone.as_ref()))),
        (Question::Contact, Some(written(&branch))),
    ]));
    let mut rows = about_card;
    let known = statement.answers.relation().and_then(|code| rules.and_then(|rules| rules.relation(code)));
    let relation = relation.as_ref().map(|label| signed(label, known));
    if let Some(part) = &statement.answers.guardianship {
        rows.extend(guardianship_rows(relation.as_ref(), &part.children));
    }
    rows.extend(statement.answers.by_guardian.iter().map(|guardian| signer_row(guardian, relation.as_ref())));
    rows.extend(statement.answers.attachments.iter().map(|attached| of_attached(attached, rules)));
    rows.extend(delivery_rows(statement.procedure, *delivery, *plastic_card));
    rows
}

fn delivery_rows(procedure: Procedure, delivery: Delivery, plastic_card: bool) -> Vec<Row> {
    let delivery = match delivery {
        Delivery::Electronic => TOLD.apply_answers_electronic(),
        Delivery::Paper => TOLD.apply_answers_paper(),
    };
    let card = if plastic_card { TOLD.apply_answers_plastic_yes() } else { TOLD.apply_answers_plastic_no() };
    let mut rows = vec![Row { label: TOLD.apply_label_delivery(), value: delivery, question: Question::Consent }];
    if wording::makes_card(procedure) {
        rows.push(Row { label: TOLD.apply_label_plastic(), value: card, question: Question::Consent });
    }
    rows
}

fn rows(values: [(Question, Option<Phrase>); 8]) -> Vec<Row> {
    let labels = [
        TOLD.apply_label_category(),
        TOLD.apply_label_email(),
        TOLD.apply_label_name(),
        TOLD.apply_label_kana(),
        TOLD.apply_label_birth(),
        TOLD.apply_label_address(),
        TOLD.apply_label_phone(),
        TOLD.apply_label_branch(),
    ];
    labels
        .into_iter()
        .zip(values)
        .filter_map(|(label, (question, value))| value.map(|value| Row { label, value, question }))
        .collect()
}

fn in_both_calendars(birth: BirthDate) -> Phrase {
    TOLD.say(Birth(birth))
}

fn on_lines(address: &PostalAddress) -> Phrase {
    let first = format!("{}{}{}", address.prefecture().name(), address.municipality(), address.line1());
    let building = address.line2().map(|building| format!("\n{building}")).unwrap_or_default();
    typed(&format!("〒{}\n{first}{building}", address.postcode()))
}

fn or_none(phone: Option<&Phone>) -> Phrase {
    phone.map_or_else(|| TOLD.apply_answers_no_phone(), |phone| typed(phone.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::TypedAddress;

    #[test]
    fn an_address_stands_on_lines_of_its_own() {
        let typed = TypedAddress {
            postcode: "9200000",
            prefecture: "17",
            municipality: "金沢市",
            line1: "中央一丁目2-3",
            line2: "青空荘101",
        };
        let address = PostalAddress::parse(typed).unwrap();
        assert_eq!(on_lines(&address).plain(), "〒920-0000\n石川県金沢市中央一丁目2-3\n青空荘101");
    }

    #[test]
    fn an_absent_telephone_is_said_to_be_absent() {
        assert_eq!(or_none(None).plain(), "入力なし");
    }
}
