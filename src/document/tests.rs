//! Documents as a whole, looked at by programs that are not ours: qpdf, poppler, zbar.

use super::*;
use crate::domain::answers::{Answers, Delivery};
use crate::domain::correction::{AskedItem, CorrectionReason, Field};
use crate::domain::guardianship::{Child, Guardianship};
use crate::domain::library::Proof;
use crate::domain::notice::{
    CardNews, CardNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, NoticeContent, ReopenedNotice, ReturnedNotice,
};
use crate::domain::person::{PostalAddress, TypedAddress};
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::review::ReopenEffect;
use crate::domain::statement::{Addressee, AgreedText, Labels, SCHEMA, Statement};
use crate::domain::visit::{BringAlong, VisitSlip};
use crate::words::Words;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::{date, datetime};

pub(super) static TYPESETTER: LazyLock<Typesetter> = LazyLock::new(|| Typesetter::new(Vec::new()).unwrap());
pub(super) const FROZEN_AT: OffsetDateTime = datetime!(2026-11-20 14:05:09 +9);

pub(super) fn statement() -> Statement {
    Statement {
        schema: SCHEMA.to_owned(),
        library: Addressee {
            slug: "himeji".to_owned(),
            name: "姫路市立図書館".to_owned(),
            municipality: "姫路市".to_owned(),
        },
        procedure: Procedure::NewCard,
        request: None,
        reference: Reference::from_random(20_261_120),
        version: 2,
        applied_on: date!(2026 - 11 - 20),
        answers: Answers {
            category: "resident".parse().unwrap(),
            email: Some("hanako.yamada@example.jp".parse().unwrap()),
            name: "山田 花子".parse().unwrap(),
            kana: "ヤマダ ハナコ".parse().unwrap(),
            birth: "1990-04-01".parse().unwrap(),
            address: PostalAddress::parse(TypedAddress {
                postcode: "6700012",
                prefecture: "兵庫県",
                municipality: "姫路市",
                line1: "本町68番地290",
                line2: "城見ハイツ305号",
            })
            .unwrap(),
            phone: Some("079-289-4888".parse().unwrap()),
            branch: "joto".parse().unwrap(),
            delivery: Delivery::Electronic,
            plastic_card: false,
            attachments: Vec::new(),
            guardianship: None,
            by_guardian: None,
        },
        labels: Labels { category: "姫路市に住んでいる".to_owned(), branch: "城内図書館".to_owned(), relation: None },
        consents: vec![
            AgreedText {
                id: "privacy".parse().unwrap(),
                version: 3,
                title: "個人情報の取り扱い".to_owned(),
                text: "図書館は、氏名、住所、生年月日、連絡先を、図書館カードの交付と貸し出しのためだけに使います。\n借りた本の記録は、返したあとに残しません。".to_owned(),
            },
            AgreedText {
                id: "electronic-delivery".parse().unwrap(),
                version: 1,
                title: "電子交付".to_owned(),
                text: "図書館からの通知書を、紙ではなく、このサイトの中で受け取ることを承諾します。".to_owned(),
            },
        ],
        rules_version: 4,
        unsigned: false,
    }
}

pub(super) fn issued() -> IssuedNotice {
    IssuedNotice {
        document_number: "2026-000123".to_owned(),
        issued_on: date!(2026 - 11 - 20),
        library_name: "姫路市立図書館".into(),
        issuer: "姫路市立城内図書館長".into(),
        contact: "電話 079-289-4888\n火曜日から日曜日 10時から18時まで".into(),
        reference: Reference::from_random(20_261_120),
        name: "山田 花子".parse().unwrap(),
        category: "一般（市内に住んでいる人）".into(),
        card_number: "12345674".parse().unwrap(),
        card_number_grouped: "1234 5674".to_owned(),
        barcode: "A12345674A".to_owned(),
        expires_on: date!(2029 - 11 - 20),
        ends_with: None,
        loan_limit: 12,
        portal_url: "https://todoke.example/himeji/ja/my".to_owned(),
        password_at_counter: false,
        password_way: None,
        library_words: None,
    }
}

pub(super) fn of_card(news: CardNews) -> CardNotice {
    CardNotice {
        document_number: "2026-000126".to_owned(),
        placed_on: date!(2026 - 11 - 20),
        library_name: "姫路市立図書館".into(),
        issuer: "姫路市立城内図書館長".into(),
        contact: "電話 079-289-4888\n火曜日から日曜日 10時から18時まで".into(),
        name: "山田 花子".parse().unwrap(),
        card_number: "12345674".parse().unwrap(),
        card_number_grouped: "1234 5674".to_owned(),
        expires_on: date!(2027 - 01 - 19),
        news,
        library_words: None,
    }
}

pub(super) fn declined() -> DeclinedNotice {
    DeclinedNotice {
        document_number: "2026-000124".to_owned(),
        decided_on: date!(2026 - 11 - 20),
        library_name: "姫路市立図書館".into(),
        issuer: "姫路市立城内図書館長".into(),
        contact: "電話 079-289-4888\n火曜日から日曜日 10時から18時まで".into(),
        reference: Reference::from_random(20_261_120),
        name: "山田 花子".parse().unwrap(),
        reason: "申込書の住所が、電子証明書の住所とちがいます。\n引っ越しをしたときは、市役所でマイナンバーカードの住所を書きかえてから、もう一度申し込んでください。".to_owned(),
        library_words: None,
    }
}

pub(super) fn returned() -> ReturnedNotice {
    ReturnedNotice {
        document_number: "2026-000125".to_owned(),
        asked_on: date!(2026 - 11 - 20),
        answer_by: date!(2026 - 12 - 04),
        library_name: "姫路市立図書館".into(),
        issuer: "姫路市立城内図書館長".into(),
        contact: "電話 079-289-4888\n火曜日から日曜日 10時から18時まで".into(),
        reference: Reference::from_random(20_261_120),
        name: "山田 花子".parse().unwrap(),
        text: Some("お申し込みありがとうございます。".parse().unwrap()),
        items: vec![AskedItem {
            field: Field::Address,
            reason: CorrectionReason::Incomplete,
            text: "建物の名前と*部屋番号*を入力してください。".parse().unwrap(),
        }],
        library_words: None,
    }
}

pub(super) fn slip() -> VisitSlip {
    VisitSlip {
        library_name: "姫路市立図書館".into(),
        reference: Reference::from_random(20_261_120),
        branch: "城内図書館".into(),
        bring: vec![BringAlong { proves: vec![Proof::Name], kinds: vec!["運転免許証".into()] }],
        open_on: vec![date!(2026 - 11 - 21)],
        hours: "10時から18時まで".into(),
        telephone: "079-289-4888".into(),
        address: "姫路市本町68".into(),
        valid_until: date!(2026 - 12 - 20),
    }
}

fn four_documents() -> [(&'static str, Vec<u8>); 4] {
    [
        ("application", TYPESETTER.application(&statement(), FROZEN_AT).unwrap()),
        ("issued", TYPESETTER.notice(&NoticeContent::Issued(issued())).unwrap()),
        ("declined", TYPESETTER.notice(&NoticeContent::Declined(declined())).unwrap()),
        ("returned", TYPESETTER.notice(&NoticeContent::Returned(returned())).unwrap()),
    ]
}

/// A folder of its own for the files that other programs look at; gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("todoke-document-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory is no reason to fail.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What `program` says about `file`; the test fails if it is not installed or not content.
fn ask(program: &str, before: &[&str], file: &Path, after: &[&str]) -> String {
    let output = Command::new(program)
        .args(before)
        .arg(file)
        .args(after)
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(super) fn text_of(pdf: &[u8], name: &str) -> String {
    let folder = Folder::new(name);
    ask("pdftotext", &["-layout"], &folder.put("document.pdf", pdf), &["-"])
}

#[test]
fn other_programs_find_nothing_wrong() {
    let folder = Folder::new("check");
    for (name, pdf) in four_documents() {
        let file = folder.put(&format!("{name}.pdf"), &pdf);
        let verdict = ask("qpdf", &["--check"], &file, &[]);
        assert!(verdict.contains("No syntax or stream encoding errors found"), "{name}: {verdict}");

        let fonts = ask("pdffonts", &[], &file, &[]);
        let rows: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!rows.is_empty());
        // Columns from the right: object (two), uni, sub, emb.
        assert!(rows.iter().all(|row| row.split_whitespace().rev().nth(4) == Some("yes")), "{name}: {fonts}");
        assert!(rows.iter().all(|row| row.contains("BIZUDPGothic")), "{name}: {fonts}");

        let info = ask("pdfinfo", &[], &file, &[]);
        for line in ["Tagged:          yes", "595.276 x 841.89 pts (A4)", "CreationDate:"] {
            assert!(info.contains(line), "{name}: {info}");
        }
    }
}

#[test]
fn documents_say_to_which_standards_they_conform() {
    for ((name, pdf), part) in four_documents().into_iter().zip(["3", "2", "2"]) {
        let text = String::from_utf8_lossy(&pdf);
        for claim in [
            format!("<pdfaid:part>{part}</pdfaid:part>"),
            "<pdfaid:conformance>A</pdfaid:conformance>".to_owned(),
            "<pdfuaid:part>1</pdfuaid:part>".to_owned(),
        ] {
            assert!(text.contains(&claim), "{name} lacks {claim}");
        }
        let document = lopdf::Document::load_mem(&pdf).unwrap();
        assert_eq!(document.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"ja-JP", "{name}");
    }
}

#[test]
fn the_application_says_every_answer_in_words() {
    let pdf = TYPESETTER.application(&statement(), FROZEN_AT).unwrap();
    let text = text_of(&pdf, "answers");
    let reference = statement().reference.to_string();
    for expected in [
        "図書館カード交付申込書",
        "姫路市立図書館 御中",
        &reference,
        "第2版",
        "2026年11月20日（令和8年11月20日）",
        "姫路市に住んでいる",
        "山田 花子",
        "ヤマダ ハナコ",
        "1990年4月1日（平成2年4月1日）",
        "670-0012",
        "兵庫県姫路市本町68番地290",
        "城見ハイツ305号",
        "079-289-4888",
        "hanako.yamada@example.jp",
        "城内図書館",
        "電子交付",
        "希望しない",
        "個人情報の取り扱い（第3版）",
        "借りた本の記録は、返したあとに残しません。",
        "電子交付（第1版）",
        "電子署名をすると、",
        "規則（第4版）",
        "1/2",
        "2/2",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn the_statement_is_read_back_as_it_was_enclosed() {
    let pdf = TYPESETTER.application(&statement(), FROZEN_AT).unwrap();
    assert_eq!(read_statement(&pdf).unwrap(), statement());

    let folder = Folder::new("attachment");
    let file = folder.put("application.pdf", &pdf);
    let listed = ask("pdfdetach", &["-list"], &file, &[]);
    assert!(listed.contains("1 embedded files") && listed.contains(STATEMENT_FILE), "{listed}");
    let saved = folder.0.join("saved.json");
    ask("pdfdetach", &["-save", "1", "-o", saved.to_str().unwrap()], &file, &[]);
    assert_eq!(std::fs::read_to_string(saved).unwrap(), statement().to_canonical_json());
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    for ((name, first), (_, again)) in four_documents().into_iter().zip(four_documents()) {
        assert!(first == again, "{name}");
    }
    let mut next_version = statement();
    next_version.version += 1;
    assert_ne!(
        TYPESETTER.application(&next_version, FROZEN_AT).unwrap(),
        TYPESETTER.application(&statement(), FROZEN_AT).unwrap()
    );
}

#[test]
fn a_kanji_of_names_stands_on_paper_in_a_font_that_is_in_the_file() {
    let mut rare = statement();
    rare.answers.name = "𠮷田 高槗".parse().unwrap();
    let pdf = TYPESETTER.application(&rare, FROZEN_AT).unwrap();
    let text = text_of(&pdf, "names");
    assert!(text.contains("𠮷田 高槗") && !text.contains('〓'), "{text}");
    let folder = Folder::new("names-fonts");
    let fonts = ask("pdffonts", &[], &folder.put("document.pdf", &pdf), &[]);
    let row = fonts.lines().find(|row| row.contains("TodokeNames")).unwrap_or_else(|| panic!("{fonts}"));
    assert!(row.contains(" yes yes yes "), "embedded, a subset, and readable: {row}");
}

#[test]
fn a_rare_kanji_is_named_on_paper_and_exact_in_the_statement() {
    let mut rare = statement();
    rare.answers.name = "\u{31350}野 太郎".parse().unwrap();
    assert_eq!(TYPESETTER.uncovered("\u{31350}野 太郎"), ['\u{31350}']);
    let pdf = TYPESETTER.application(&rare, FROZEN_AT).unwrap();
    let text = text_of(&pdf, "rare");
    assert!(text.contains("〓野 太郎"), "{text}");
    assert!(text.contains("U+31350"), "{text}");
    assert_eq!(read_statement(&pdf).unwrap().answers.name.as_str(), "\u{31350}野\u{3000}太郎");

    let notice = DeclinedNotice { name: "\u{31350}野 太郎".parse().unwrap(), ..declined() };
    let text = text_of(&TYPESETTER.notice(&NoticeContent::Declined(notice)).unwrap(), "rare-notice");
    assert!(text.contains("〓野 太郎 様") && text.contains("U+31350"), "{text}");
}

#[test]
fn a_decision_that_is_opened_again_says_what_becomes_of_the_card() {
    let said = |effect| {
        let DeclinedNotice { document_number, library_name, issuer, contact, reference, name, .. } = declined();
        let (reopened_on, answer_by) = (date!(2026 - 11 - 21), date!(2026 - 11 - 25));
        let notice = ReopenedNotice {
            document_number,
            reopened_on,
            answer_by,
            library_name,
            issuer,
            contact,
            reference,
            name,
            effect,
            library_words: None,
        };
        let pdf = TYPESETTER.notice(&NoticeContent::Reopened(notice)).unwrap();
        text_of(&pdf, "reopened").replace(char::is_whitespace, "")
    };
    let stopped = said(Some(ReopenEffect::StopCard));
    assert!(stopped.contains("カードを止めました") && stopped.contains("受け取れなくなりました"), "{stopped}");
    let kept = said(Some(ReopenEffect::Keep));
    assert!(kept.contains("そのまま使えます") && !kept.contains("受け取れなく"), "{kept}");
    let declined = said(None);
    assert!(declined.contains("もう一度確認する") && !declined.contains("いまのカード"), "{declined}");
}

#[test]
fn markup_in_answers_is_only_text() {
    for hostile in [
        "#set page(fill: red)",
        "*太字* _斜体_ `code`",
        "$x^2$ #{1+1}",
        "= 見出し",
        "</text><script>",
        "\\u{41} \\ ~ @ref <label>",
        "// 註 /* */ --- ...",
        "#read(\"data.json\")",
    ] {
        let mut notice = declined();
        notice.reason = hostile.to_owned();
        let pdf = TYPESETTER.notice(&NoticeContent::Declined(notice)).unwrap();
        let text = text_of(&pdf, "markup");
        assert!(text.contains(hostile), "{hostile} is not in\n{text}");
    }
}

#[test]
fn no_character_makes_a_document_fail() {
    // Every block has its own trouble: controls, joiners, right-to-left, emoji, private use,
    // variation selectors without a base, kana marks without a kana, noncharacters.
    let mut notice = declined();
    notice.reason = (0..=0x10_ffff_u32)
        .filter(|code| code % 0x100 < 2 || (0x2000..0x2070).contains(code) || *code < 0x100)
        .chain([0x3099, 0x309a, 0xfe0f, 0xfeff, 0xfffe, 0xffff, 0x1f468, 0x200d, 0x1f469, 0xe0100])
        .filter_map(char::from_u32)
        .collect();
    TYPESETTER.notice(&NoticeContent::Declined(notice)).unwrap();
}

#[test]
fn a_scanner_reads_the_card_number_from_the_notice() {
    let folder = Folder::new("barcode");
    for barcode in ["A12345674A", "B0123456789012D", "C-12/34:56.78+9$0D"] {
        let notice = IssuedNotice { barcode: barcode.to_owned(), ..issued() };
        let file = folder.put("issued.pdf", &TYPESETTER.notice(&NoticeContent::Issued(notice)).unwrap());
        ask("pdftoppm", &["-r", "200", "-png", "-singlefile"], &file, &[folder.0.join("page").to_str().unwrap()]);
        let read = ask("zbarimg", &["-q", "--raw", "-Sdisable", "-Scodabar.enable"], &folder.0.join("page.png"), &[]);
        assert_eq!(read.trim(), barcode);
    }
}

#[test]
fn the_notice_says_how_to_go_on_and_keeps_the_password_to_itself() {
    let pdf = TYPESETTER.notice(&NoticeContent::Issued(issued())).unwrap();
    let text = text_of(&pdf, "issued");
    for expected in [
        "貸出券番号等通知書",
        "山田 花子 様",
        "1234 5674",
        "2029年11月20日（令和11年11月20日）",
        "12点まで",
        "初期パスワードは、この書面には書いていません。",
        "https://todoke.example/himeji/ja/my",
        "姫路市立城内図書館長",
        "079-289-4888",
        "文書番号 2026-000123",
        "1/2",
        "切り取って使うカード",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    let raw = String::from_utf8_lossy(&pdf).into_owned();
    assert!(!raw.contains("EmbeddedFile"));
}

#[test]
fn a_notice_with_another_barcode_is_not_made() {
    let notice = IssuedNotice { barcode: "12345674".to_owned(), ..issued() };
    let refused = TYPESETTER.notice(&NoticeContent::Issued(notice)).unwrap_err();
    assert!(matches!(refused, DocumentError::Barcode(barcode::NotNw7::NoStartOrStop)));
}

#[test]
fn the_refusal_gives_the_reason_and_the_ways_to_object() {
    let pdf = TYPESETTER.notice(&NoticeContent::Declined(declined())).unwrap();
    let text = text_of(&pdf, "declined");
    for expected in ["申込書の住所が、電子証明書の住所とちがいます。", "審査請求", "3か月", "079-289-4888"]
    {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn a_guardians_application_names_each_child_and_one_that_nobody_signs_says_so() {
    let child = |name: &str, address| Child {
        name: name.parse().unwrap(),
        kana: "ヤマダ サクラ".parse().unwrap(),
        birth: "2020-04-01".parse().unwrap(),
        address,
    };
    let mut statement = statement();
    let elsewhere = Some(statement.answers.address.clone());
    let children = vec![child("山田 さくら", None), child("山田 太郎", elsewhere)];
    statement.answers.guardianship = Some(Guardianship { relation: "parent".parse().unwrap(), children });
    statement.labels.relation = Some("父または母".to_owned());
    statement.unsigned = true;
    let pdf = TYPESETTER.application(&statement, FROZEN_AT).unwrap();
    assert_eq!(read_statement(&pdf).unwrap(), statement);
    let text = text_of(&pdf, "guardian");
    for part in ["山田 さくら", "山田 太郎", "申し込む人と同じ", "父または母", "電子署名はありません"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_notice_lists_the_card_of_each_child() {
    let second = IssuedNotice { name: "山田 太郎".parse().unwrap(), ..issued() };
    let notice = ChildrenNotice { guardian: "山田 はは".parse().unwrap(), cards: vec![issued(), second] };
    let pdf = TYPESETTER.notice(&NoticeContent::IssuedToChildren(notice)).unwrap();
    let text = text_of(&pdf, "children");
    for part in ["山田 はは", "山田 太郎", "子どもごとに1つ"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("借りられる点数").count(), 2);
}

#[test]
fn a_visit_slip_says_what_to_bring_and_until_when() {
    let pdf = TYPESETTER
        .visit_slip(&slip(), "https://card.example.jp/himeji/staff/visits/1", date!(2026 - 11 - 20), Words::default())
        .unwrap();
    let text = text_of(&pdf, "visit");
    for part in ["来館票", "氏名がわかるもの", "運転免許証", "2026年12月20日", "2026年11月21日"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_request_for_correction_says_what_and_until_when() {
    let pdf = TYPESETTER.notice(&NoticeContent::Returned(returned())).unwrap();
    let text = text_of(&pdf, "returned");
    for expected in
        ["12月4日", "お申し込みありがとうございます。", "足りないところがあります。", "*部屋番号*", "079-289-4888"]
    {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}
