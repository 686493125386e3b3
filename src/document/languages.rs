//! Papers in every language of their readers, read as other programs read them.

use super::tests::{TYPESETTER, declined, issued, of_card, returned, slip, text_of};
use super::wording::words_of;
use super::{Edition, RecordGroup, RecordPaper, RecordSection, WayToVerify};
use crate::domain::language::Language;
use crate::domain::notice::{
    CardNews, ChangedNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, LinkedNotice, NoticeContent, PaperSize,
    PasswordIssuedNotice, ReissuedNotice, RenewalWay, RenewedNotice, ReopenedNotice, Stopper,
};
use crate::domain::request::Changed;
use crate::domain::review::ReopenEffect;
use crate::words::{Lang, Words, has_japanese};
use lopdf::{Document, Object};
use time::macros::date;

/// Every kind of notice, and what it is called in English and in law.
fn every_kind() -> [(NoticeContent, &'static str, &'static str); 13] {
    let at_counter = IssuedNotice { password_at_counter: true, ends_with: Some("在留カード".into()), ..issued() };
    let (old_expiry, viewable_until) = (date!(2026 - 12 - 31), date!(2026 - 12 - 20));
    let old_number_grouped = Some("8765 4321".to_owned());
    let reissued = ReissuedNotice { card: at_counter.clone(), old_number_grouped, plastic_card: true };
    let children = ChildrenNotice { guardian: "山田 はは".parse().unwrap(), cards: vec![issued(), at_counter] };
    let DeclinedNotice { document_number, library_name, issuer, contact, reference, name, .. } = declined();
    let reopened = ReopenedNotice {
        document_number,
        reopened_on: date!(2026 - 11 - 21),
        answer_by: date!(2026 - 11 - 25),
        library_name,
        issuer,
        contact,
        reference,
        name,
        effect: Some(ReopenEffect::StopCard),
        library_words: None,
    };
    let changed = vec![Changed::Address, Changed::Email];
    let of_card = |news| NoticeContent::OfCard(of_card(news));
    [
        (
            of_card(CardNews::Stopped { by: Stopper::Library }),
            "Notice that your library card was stopped",
            "図書館カードを止めたお知らせ",
        ),
        (
            of_card(CardNews::Released),
            "Notice that you can use your library card again",
            "図書館カードがまた使えるお知らせ",
        ),
        (
            of_card(CardNews::Expiring { renewal: RenewalWay::Online(date!(2026 - 12 - 19)) }),
            "Notice about the last day of your library card",
            "図書館カードの有効期限のお知らせ",
        ),
        (NoticeContent::Issued(issued()), "Notice of your library card", "貸出券番号等通知書"),
        (NoticeContent::IssuedToChildren(children), "Notice of your library card", "貸出券番号等通知書"),
        (NoticeContent::Declined(declined()), "Result of your application", "お申し込みの結果のお知らせ"),
        (NoticeContent::Returned(returned()), "Something to put right in your application", "申込みの修正のお願い"),
        (NoticeContent::Reopened(reopened), "Notice that a decision was taken back", "決定を取り消したお知らせ"),
        (
            NoticeContent::Renewed(RenewedNotice { card: issued(), old_expiry }),
            "Notice of renewal",
            "有効期限延長のお知らせ",
        ),
        (NoticeContent::Reissued(reissued), "Notice of your new library card", "図書館カード再発行のお知らせ"),
        (
            NoticeContent::Linked(LinkedNotice { card: issued() }),
            "Notice that your My Number Card is linked",
            "マイナンバーカード登録のお知らせ",
        ),
        (
            NoticeContent::PasswordIssued(PasswordIssuedNotice { card: issued(), viewable_until }),
            "Notice of a new password",
            "予約用パスワード発行のお知らせ",
        ),
        (
            NoticeContent::Changed(ChangedNotice { card: issued(), changed }),
            "Notice that your details are changed",
            "登録内容変更のお知らせ",
        ),
    ]
}

fn edition(language: Language, size: PaperSize) -> Edition {
    let page = format!("https://card.example.jp/himeji/{}/verify", language.as_str());
    let (code, address) = ("7KQF-2M9X-0ZT4-B6RC".to_owned(), format!("{page}/7KQF2M9X0ZT4B6RC"));
    Edition {
        size,
        words: words_of(language),
        verification: Some(WayToVerify { code, address, page }),
        is_sealed: true,
    }
}

fn set(notice: &NoticeContent, language: Language) -> Vec<u8> {
    TYPESETTER.notice_as(notice, &edition(language, PaperSize::Regular)).unwrap()
}

/// The text without white space: lines break anywhere in Japanese.
fn letters_of(pdf: &[u8], name: &str) -> String {
    text_of(pdf, name).replace(char::is_whitespace, "")
}

/// The values of a key wherever it stands in a file.
fn every(pdf: &Document, key: &[u8]) -> Vec<String> {
    let dictionaries = pdf.objects.values().filter_map(|object| object.as_dict().ok());
    dictionaries.filter_map(|entries| entries.get(key).ok()).filter_map(as_text).collect()
}

/// A text of a PDF: UTF-16 behind its mark, or letters of one byte.
fn as_text(object: &Object) -> Option<String> {
    let bytes = object.as_str().ok()?;
    let Some(wide) = bytes.strip_prefix(b"\xfe\xff") else { return String::from_utf8(bytes.to_vec()).ok() };
    let units: Vec<u16> = wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

/// What is Japanese on any paper of these tests: names, what the library and its staff wrote, what the law says.
const THEIRS: [&str; 14] = [
    "姫路市立図書館",
    "姫路市立城内図書館長",
    "電話079-289-4888",
    "火曜日から日曜日10時から18時まで",
    "山田花子",
    "山田はは",
    "一般（市内に住んでいる人）",
    "在留カード",
    "申込書の住所が、電子証明書の住所とちがいます。",
    "引っ越しをしたときは、市役所でマイナンバーカードの住所を書きかえてから、もう一度申し込んでください。",
    "お申し込みありがとうございます。",
    "建物の名前と*部屋番号*を入力してください。",
    "行政不服審査法による審査請求ができる場合、その期間は、この決定を知った日の翌日から3か月以内です。",
    "宛先と方法は、問い合わせ先でご案内します。",
];

#[test]
fn every_notice_says_everything_in_english() {
    for (place, (notice, title, official)) in every_kind().into_iter().enumerate() {
        let pdf = set(&notice, Language::En);
        let text = letters_of(&pdf, &format!("english-{place}"));
        assert!(text.contains(&title.replace(' ', "")) && text.contains(official), "{title}: {text}");
        assert!(!text.contains('〓'), "{title}: {text}");
        assert!(text.contains("7KQF-2M9X-0ZT4-B6RC"), "{title}: anybody can find out whether it is genuine");
        let left = THEIRS.iter().chain([&official]).fold(text.clone(), |text, theirs| text.replace(theirs, ""));
        let left: String = left.chars().filter(|letter| has_japanese(&letter.to_string())).collect();
        assert_eq!(left, "", "{title}: {text}");

        let pdf = Document::load_mem(&pdf).unwrap();
        assert_eq!(pdf.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"en", "{title}");
        assert!(pdf.catalog().unwrap().has(b"StructTreeRoot"), "{title}");
        assert!(every(&pdf, b"Title").iter().any(|said| said.starts_with(&format!("{title} 2026-"))), "{title}");
        let pictures = every(&pdf, b"Alt");
        assert!(!pictures.is_empty() || notice.card().is_none(), "{title}");
        assert!(pictures.iter().all(|said| !has_japanese(said)), "{title}: {pictures:?}");
        assert!(every(&pdf, b"Lang").contains(&"ja-JP".to_owned()), "{title}: Japanese is marked as such");
    }
}

#[test]
fn every_notice_says_everything_in_easy_japanese_with_readings() {
    for (place, (notice, title, official)) in every_kind().into_iter().enumerate() {
        let pdf = set(&notice, Language::JaSimple);
        let text = letters_of(&pdf, &format!("easy-{place}"));
        for part in [official, "さん", "としょかん", "ばんごう", "2026-0001"] {
            assert!(text.contains(part), "{title}: {part} is missing in {text}");
        }
        assert!(!text.contains('〓'), "{title}: {text}");
        let pdf = Document::load_mem(&pdf).unwrap();
        assert_eq!(pdf.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"ja-JP", "{title}");
        assert!(every(&pdf, b"Lang").iter().all(|lang| lang == "ja-JP"), "{title}");
    }
}

#[test]
fn a_heading_with_readings_is_listed_without_them() {
    let pdf = Document::load_mem(&set(&NoticeContent::Issued(issued()), Language::JaSimple)).unwrap();
    let titles = every(&pdf, b"Title");
    assert!(titles.contains(&"図書館カードの お知らせ".to_owned()), "{titles:?}");
    assert!(titles.iter().all(|title| !title.contains("としょかん")), "{titles:?}");
}

#[test]
fn what_the_law_says_stands_in_japanese_behind_its_translation() {
    let notice = NoticeContent::Declined(declined());
    for (language, translation, remark) in [
        (Language::En, "mustbemadewithin3months", "thefollowingJapanesetextcounts"),
        (Language::JaSimple, "もらうこと", "文は、次の日本語です"),
    ] {
        let text = letters_of(&set(&notice, language), &format!("law-{}", language.as_str()));
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing in {text}"));
        assert!(at(translation) < at(remark) && at(remark) < at("行政不服審査法による審査請求"), "{text}");
    }
    let text = letters_of(&set(&notice, Language::Ja), "law-ja");
    assert!(text.contains("行政不服審査法") && !text.contains("次の日本語です"), "{text}");
}

#[test]
fn large_type_and_making_again_work_in_every_language() {
    for language in Language::ALL {
        for notice in [NoticeContent::Issued(issued()), NoticeContent::Declined(declined())] {
            let large = edition(language, PaperSize::Large);
            let first = TYPESETTER.notice_as(&notice, &large).unwrap();
            assert!(first == TYPESETTER.notice_as(&notice, &large).unwrap(), "{language:?}");
            assert!(first != set(&notice, language), "{language:?}");
        }
    }
}

#[test]
fn a_letter_that_no_font_has_is_explained_in_the_readers_language() {
    let notice = DeclinedNotice { name: "\u{31350}野 太郎".parse().unwrap(), ..declined() };
    let text = letters_of(&set(&NoticeContent::Declined(notice), Language::En), "english-rare");
    assert!(text.contains("lacks(U+31350)."), "{text}");
}

#[test]
fn what_the_library_wrote_is_printed_in_the_readers_language_with_the_original_of_who_decides() {
    let text = |japanese: &str, english: &str, easy: &str| {
        serde_json::from_value(serde_json::json!({ "ja": japanese, "en": english, "ja-simple": easy })).unwrap()
    };
    let notice = NoticeContent::Issued(IssuedNotice {
        library_name: text("姫路市立図書館", "Himeji City Library", "姫路市立図書館《ひめじしりつとしょかん》"),
        issuer: text("図書館長", "Director", "図書館長《としょかんちょう》"),
        category: text("市内に住んでいる人", "Resident", "姫路《ひめじ》に ｜住む《すむ》 人《ひと》"),
        contact: text("10時から\n本町68", "From 10\n68 Honmachi", "10時《じ》から\n本町《ほんまち》68"),
        ..issued()
    });
    let english = letters_of(&set(&notice, Language::En), "theirs-english");
    for part in ["HimejiCityLibrary", "Director(図書館長)", "Resident", "From10", "68Honmachi"] {
        assert!(english.contains(part), "{part}: {english}");
    }
    for part in ["姫路市立図書館", "市内に住んでいる人", "本町68"] {
        assert!(!english.contains(part), "{part}: {english}");
    }
    let easy = letters_of(&set(&notice, Language::JaSimple), "theirs-easy");
    assert!(easy.contains("ひめじしりつとしょかん") && easy.contains("すむ") && !easy.contains('《'), "{easy}");
    let japanese = letters_of(&set(&notice, Language::Ja), "theirs-japanese");
    assert!(japanese.contains("市内に住んでいる人") && !japanese.contains("Director"), "{japanese}");
}

#[test]
fn a_slip_and_a_record_speak_the_language_of_their_page() {
    let english = Words::new(Lang::En);
    let url = "https://card.example.jp/himeji/staff/visits/1";
    let pdf = TYPESETTER.visit_slip(&slip(), url, date!(2026 - 11 - 20), english).unwrap();
    let text = text_of(&pdf, "english-slip");
    for part in ["Visit slip", "来館票", "Something that shows your name", "運転免許証", "20 December 2026 (Reiwa 8)"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let group = RecordGroup {
        rows: vec![(english.apply_label_name(), english.typed("姫路　\u{31350}子"))],
        until: english.card_record_until_closed(),
    };
    let section = RecordSection { heading: english.card_record_facts(), groups: vec![group], none: "-".into() };
    let paper = RecordPaper {
        words: english,
        library: "姫路市立図書館".into(),
        name: "姫路　花子".to_owned(),
        dated: date!(2026 - 11 - 20),
        sections: vec![section],
    };
    let pdf = TYPESETTER.own_record(&paper).unwrap();
    let text = text_of(&pdf, "english-record");
    for part in ["My record", "To 姫路", "About you", "U+31350"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let pdf = Document::load_mem(&pdf).unwrap();
    assert_eq!(pdf.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"en");
}
