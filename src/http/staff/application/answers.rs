//! The signed answers, in the order in which they were asked.

use crate::domain::person::EmailAddress;
use crate::domain::statement::Statement;
use crate::http::filters::{Birth, Day};
use crate::http::procedure_wording::rows_of;
use crate::http::staff::wording;
use crate::words::Words;

/// One answer in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) label: String,
    pub(super) value: String,
}

/// The guardian's children, each with what is its own.
fn guardianship_lines(statement: &Statement) -> Vec<Answer> {
    let line = |label: &str, value: String| Answer { label: label.to_owned(), value };
    let relation = statement.labels.relation.iter().map(|label| line("申込者と子どもの関係", label.clone()));
    let children = (1..).zip(statement.answers.children()).map(|(number, child)| {
        let home = child.address.as_ref().map_or_else(
            || "住所は保護者と同じ".to_owned(),
            |address| format!("〒{}　{}", address.postcode(), address.one_line()),
        );
        let birth = Birth(child.birth).to_string();
        let value = [child.name.as_str(), child.kana.as_str(), &birth, &home].join("\n");
        line(&format!("カードを作る子ども {number}"), value)
    });
    let guardian = statement.answers.by_guardian.iter().map(|guardian| {
        let birth = Birth(guardian.birth).to_string();
        line("署名した保護者", [guardian.name.as_str(), guardian.kana.as_str(), &birth].join("\n"))
    });
    guardian.chain(relation).chain(children).collect()
}

/// All that was declared.
pub(super) fn lines(statement: &Statement) -> Vec<Answer> {
    let answers = &statement.answers;
    let address = format!("〒{}\n{}", answers.address.postcode(), answers.address.one_line());
    let phone = answers.phone.as_ref().map_or("（なし）", |phone| phone.as_str());
    let asked = statement.request.as_ref().map(|request| rows_of(Words::default(), request)).unwrap_or_default();
    let mut lines: Vec<Answer> = [
        ("図書館を使う理由", statement.labels.category.clone()),
        ("メールアドレス", answers.email.as_ref().map_or("（なし。紙で知らせます）", EmailAddress::as_str).to_owned()),
        ("氏名", answers.name.as_str().to_owned()),
        ("フリガナ", answers.kana.as_str().to_owned()),
        ("生年月日", Birth(answers.birth).to_string()),
        ("住所", address),
        ("電話番号", phone.to_owned()),
        ("よく使う図書館", statement.labels.branch.clone()),
        ("結果の受け取り", wording::of_delivery(answers.delivery).to_owned()),
        ("プラスチックのカード", if answers.plastic_card { "ほしい" } else { "いらない" }.to_owned()),
        ("申し込んだ日", Day(statement.applied_on).to_string()),
        ("文書の版", format!("第{}版", statement.version)),
    ]
    .into_iter()
    .map(|(label, value)| Answer { label: label.to_owned(), value })
    .collect();
    lines.splice(0..0, asked.into_iter().map(|(label, value)| Answer { label: label.plain(), value: value.plain() }));
    lines.extend(guardianship_lines(statement));
    lines.extend(statement.consents.iter().map(|consent| Answer {
        label: "同意".to_owned(),
        value: format!("{}（第{}版）", consent.title, consent.version),
    }));
    lines
}
