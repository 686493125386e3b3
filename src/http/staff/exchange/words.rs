//! Japanese words for what the exchange of files shows: fields, notes, refusals.

use crate::domain::card_number::InvalidCardNumber;
use crate::domain::exchange::{Field, FileFault, LineFault, Note, NoteKind};
use crate::domain::person::AddressPart;
use crate::http::wording::Wording;
use crate::service::exchange::import::{LineResult, Refusal};

/// What a field is.
pub(super) const fn of_field(field: Field) -> &'static str {
    match field {
        Field::CardNumber => "カード番号",
        Field::Name => "氏名",
        Field::Kana => "フリガナ",
        Field::Birth => "生年月日",
        Field::Postcode => "郵便番号",
        Field::Prefecture => "都道府県",
        Field::Municipality => "市区町村",
        Field::Line1 => "町名・番地",
        Field::Line2 => "建物・部屋番号",
        Field::Address => "住所",
        Field::Phone => "電話番号",
        Field::Email => "メールアドレス",
        Field::Category => "図書館を使う理由",
        Field::Branch => "よく使う図書館",
        Field::ExpiresOn => "有効期限",
        Field::IssuedOn => "発行した日",
        Field::State => "カードの状態",
        Field::Linked => "マイナンバーカードの登録",
        Field::Reference => "申込番号",
        Field::Fixed => "決まった値",
        Field::Unused => "使わない項目",
    }
}

/// What happened to a cell.
pub(super) fn of_note(note: &Note) -> String {
    match &note.kind {
        NoteKind::Replaced { from, to } if to.is_empty() => {
            format!("「{from}」（U+{:04X}）は、この文字コードにないため、のぞきました", u32::from(*from))
        }
        NoteKind::Replaced { from, to } => {
            format!("「{from}」（U+{:04X}）は、この文字コードにないため、「{to}」にしました", u32::from(*from))
        }
        NoteKind::Cut { length } => format!("長すぎるため、途中までにしました（もとは{length}文字）"),
        NoteKind::FormulaSign => "＝・＋・－・＠のどれかで始まります。表計算ソフトでひらかないでください".to_owned(),
    }
}

/// What came of a line.
pub(super) const fn of_result(result: &LineResult) -> &'static str {
    match result {
        LineResult::Taken => "新しく取り込む",
        LineResult::Equal => "同じ",
        LineResult::Changed => "変わる",
        LineResult::Refused(_) => "取り込めない",
    }
}

/// Why a line cannot be taken.
pub(super) fn of_refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NumberUsed => "この番号は、ほかの人のカード番号です".to_owned(),
        Refusal::Line(fault) => of_fault(fault),
    }
}

fn of_fault(fault: &LineFault) -> String {
    let words = match fault {
        LineFault::Encoding { at } => return format!("文字として読めない部分があります（先頭から{at}バイト目）"),
        LineFault::Cells { expected, found } => return format!("項目が{found}個あります（{expected}個のはずです）"),
        LineFault::RepeatedNumber { first } => return format!("同じカード番号が、{first}行目にもあります"),
        LineFault::CellTooLong(title) => return format!("「{title}」が長すぎます"),
        LineFault::TooLong => "行が長すぎます。引用符（\"）が閉じているか、確かめてください",
        LineFault::Number(InvalidCardNumber::Empty) => "カード番号がありません",
        LineFault::Number(InvalidCardNumber::TooLong) => "カード番号が長すぎます",
        LineFault::Number(InvalidCardNumber::OtherSigns) => "カード番号に使えない文字があります",
        LineFault::ForeignNumber => "この館の番号の形でないか、検査数字が合いません",
        LineFault::MyNumber => "マイナンバー（個人番号）かもしれない番号です。取り込むことはできません",
        LineFault::Name(error) => return error.wording().plain(),
        LineFault::Kana(error) => return error.wording().plain(),
        LineFault::Birth(error) => return error.wording().plain(),
        LineFault::Expiry => "有効期限を読めません",
        LineFault::IssuedOn => "発行した日を読めません",
        LineFault::Category => "図書館を使う理由が、決めた値のどれでもありません",
        LineFault::Branch => "館が、決めた値のどれでもありません",
        LineFault::Address(AddressPart::Postcode) => "郵便番号を読めません",
        LineFault::Address(_) => "住所の一部がないか、読めません",
        LineFault::Phone => "電話番号を読めません",
        LineFault::Email(error) => return error.wording().plain(),
    };
    words.to_owned()
}

/// Why nothing of a file was read.
pub(super) fn of_file_fault(fault: &FileFault) -> String {
    match fault {
        FileFault::Empty => "ファイルに、利用者の行がありません".to_owned(),
        FileFault::TooManyLines => "行が多すぎます。20万行までのファイルに分けてください".to_owned(),
        FileFault::Title { column, expected, .. } if expected.is_empty() => {
            format!("{column}番目の項目は、決めた形にありません。ファイルと種類を確かめてください")
        }
        FileFault::Title { column, expected, found } => {
            format!(
                "{column}番目の項目の名前が「{found}」です（「{expected}」のはずです）。ファイルと種類を確かめてください"
            )
        }
    }
}
