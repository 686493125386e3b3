//! The answers in words: the rows of the check page and of the page before signing.

use crate::domain::answers::{Answers, Delivery, DraftAnswers, Question};
use crate::domain::attachment::Attached;
use crate::domain::guardianship::{Child, DraftGuardianship};
use crate::domain::library::LibraryRules;
use crate::domain::person::{BirthDate, EmailAddress, Phone, PostalAddress};
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::domain::statement::Statement;
use crate::http::filters::{Birth, Day};
use crate::http::procedure_wording as wording;

/// One row: what was asked and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Row {
    pub(in crate::http) label: &'static str,
    pub(in crate::http) value: String,
    pub(in crate::http) question: Question,
}

/// The answers of a draft. What is still open is left out: the page is shown only once all are there.
pub(in crate::http) fn of_draft(answers: &DraftAnswers, rules: &LibraryRules) -> Vec<Row> {
    let category = answers.category.as_ref().and_then(|code| rules.category(code)).map(|found| found.label.clone());
    let branch = answers.branch.as_ref().and_then(|code| rules.branch(code)).map(|found| found.name.clone());
    let mut about_card = request_rows(answers.request.whole());
    about_card.extend(rows([
        (Question::Who, category),
        (Question::Email, email_of(answers)),
        (Question::Name, answers.name.as_ref().map(|name| name.as_str().to_owned())),
        (Question::Name, answers.kana.as_ref().map(|kana| kana.as_str().to_owned())),
        (Question::Birth, answers.birth.map(in_both_calendars)),
        (Question::Address, answers.address.as_ref().map(on_lines)),
        (Question::Contact, Some(or_none(answers.phone.as_ref()))),
        (Question::Contact, branch),
    ]));
    if let Some(DraftGuardianship { relation, children }) = &answers.guardianship {
        let relation = relation.as_ref().and_then(|code| rules.relation(code)).map(str::to_owned);
        about_card.extend(guardianship_rows(relation, children));
    }
    about_card.extend(answers.attachments.iter().map(of_attached));
    about_card
}

fn email_of(answers: &DraftAnswers) -> Option<String> {
    let none = answers.has_no_email().then(|| "なし".to_owned());
    answers.email.as_ref().map(|email| email.as_str().to_owned()).or(none)
}

fn of_attached(attached: &Attached) -> Row {
    let until = attached.expires_on.map(|day| format!("（{}まで）", Day(day))).unwrap_or_default();
    Row { label: "書類の画像", value: format!("{}{until}", attached.label), question: Question::Documents }
}

fn guardianship_rows(relation: Option<String>, children: &[Child]) -> Vec<Row> {
    let of_child = |child: &Child| {
        let home = child.address.as_ref().map_or_else(|| "住所は保護者と同じ".to_owned(), on_lines);
        let lines = [child.name.as_str(), child.kana.as_str(), &in_both_calendars(child.birth), &home].join("\n");
        Row { label: "カードを作る子ども", value: lines, question: Question::Children }
    };
    let relation = relation.map(|value| Row { label: "子どもとの関係", value, question: Question::Children });
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
    let rows = request.map(wording::rows_of).unwrap_or_default();
    rows.into_iter().map(|(label, value)| Row { label, value, question: Question::Card }).collect()
}

/// The answers of a frozen statement, as they stand in the document.
pub(in crate::http) fn of_statement(statement: &Statement) -> Vec<Row> {
    let Answers { email, name, kana, birth, address, phone, delivery, plastic_card, .. } = &statement.answers;
    let mut about_card = request_rows(statement.request.as_ref());
    about_card.extend(rows([
        (Question::Who, Some(statement.labels.category.clone())),
        (Question::Email, Some(email.as_ref().map_or("なし", EmailAddress::as_str).to_owned())),
        (Question::Name, Some(name.as_str().to_owned())),
        (Question::Name, Some(kana.as_str().to_owned())),
        (Question::Birth, Some(in_both_calendars(*birth))),
        (Question::Address, Some(on_lines(address))),
        (Question::Contact, Some(or_none(phone.as_ref()))),
        (Question::Contact, Some(statement.labels.branch.clone())),
    ]));
    let mut rows = about_card;
    if let Some(part) = &statement.answers.guardianship {
        rows.extend(guardianship_rows(statement.labels.relation.clone(), &part.children));
    }
    rows.extend(statement.answers.attachments.iter().map(of_attached));
    rows.extend(delivery_rows(statement.procedure, *delivery, *plastic_card));
    rows
}

fn delivery_rows(procedure: Procedure, delivery: Delivery, plastic_card: bool) -> Vec<Row> {
    let delivery = match delivery {
        Delivery::Electronic => "このサイトで受け取る（電子交付）",
        Delivery::Paper => "紙で受け取る",
    };
    let card = if plastic_card { "希望する" } else { "希望しない" };
    let mut rows =
        vec![Row { label: "お知らせの受け取り方", value: delivery.to_owned(), question: Question::Consent }];
    if wording::makes_card(procedure) {
        rows.push(Row { label: "プラスチックのカード", value: card.to_owned(), question: Question::Consent });
    }
    rows
}

const LABELS: [&str; 8] =
    ["図書館を使う理由", "メールアドレス", "氏名", "フリガナ", "生年月日", "住所", "電話番号", "よく使う図書館"];

fn rows(values: [(Question, Option<String>); 8]) -> Vec<Row> {
    LABELS
        .into_iter()
        .zip(values)
        .filter_map(|(label, (question, value))| value.map(|value| Row { label, value, question }))
        .collect()
}

fn in_both_calendars(birth: BirthDate) -> String {
    Birth(birth).to_string()
}

fn on_lines(address: &PostalAddress) -> String {
    let first = format!("{}{}{}", address.prefecture().name(), address.municipality(), address.line1());
    let building = address.line2().map(|building| format!("\n{building}")).unwrap_or_default();
    format!("〒{}\n{first}{building}", address.postcode())
}

fn or_none(phone: Option<&Phone>) -> String {
    phone.map_or_else(|| "入力なし".to_owned(), |phone| phone.as_str().to_owned())
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
        assert_eq!(on_lines(&address), "〒920-0000\n石川県金沢市中央一丁目2-3\n青空荘101");
    }

    #[test]
    fn an_absent_telephone_is_said_to_be_absent() {
        assert_eq!(or_none(None), "入力なし");
    }
}
