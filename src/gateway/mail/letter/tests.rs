//! What a letter says, in which form, and in which language.

use super::lines::{LINE_COLUMNS, broken, columns};
use super::*;
use crate::domain::device::DeviceKind;
use crate::domain::ids::LibraryId;
use crate::domain::language::Language;
use crate::domain::notice::{MailContent, Todo};
use crate::domain::reference::Reference;
use std::collections::BTreeSet;
use time::macros::datetime;
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-20 05:30 UTC);
const BASE: &str = "https://card.example.jp";

const RULES: &str = r#"
    slug = "himeji"
    name = "replaced"
    municipality = "兵庫県姫路市"
    issuer = "館長"
    head_branch = "jonai"
    minimum_age = 15
    promised_open_days = 3
    procedures = ["new_card"]
    validity = { rule = "years_from_issue", years = 5 }
    contact = { telephone = "079-289-4888", hours = "replaced", address = "姫路市本町68番地258" }
    mail = { address = "library@card.example.jp", name = "replaced" }
    number_series = { width = 7, check = "none", first = 1 }
    password = { length = 8, viewable_days = 14 }
    branches = [{ code = "jonai", name = "城内図書館" }]
    categories = [{ code = "resident", label = "市内に住んでいる方", loan_limit = 10 }]
    consents = []
"#;

/// The rules of a library whose name and contact lines can be chosen.
fn rules(name: &str, hours: &str) -> LibraryRules {
    let mut rules: LibraryRules = toml::from_str(RULES).unwrap();
    rules.name = name.into();
    rules.mail.name = name.into();
    rules.contact.hours = hours.into();
    rules
}

fn himeji() -> LibraryRules {
    rules("姫路市立城内図書館", "火曜日から日曜日 9時30分から20時まで（土曜日・日曜日・祝日は18時まで）")
}

fn queued(content: MailContent) -> QueuedMail {
    QueuedMail {
        id: MailId::from_uuid(Uuid::from_u128(7)),
        library_id: LibraryId::from_uuid(Uuid::from_u128(1)),
        application_id: None,
        recipient: "hanako@example.jp".parse().unwrap(),
        language: Language::Ja,
        content,
        queued_at: NOW,
        attempts: 0,
    }
}

fn every_content() -> [MailContent; 29] {
    let until = time::macros::date!(2026 - 12 - 04);
    [
        MailContent::Code { code: "123456".to_owned(), valid_until: datetime!(2026-11-20 05:40 UTC) },
        MailContent::Received { reference: Reference::from_random(42), promised_days: 3, answer_by: None },
        MailContent::NoticeReady,
        MailContent::NoticeUnread { since: until },
        MailContent::Correction { answer_by: until },
        MailContent::Reminder { todo: Todo::Finish, until },
        MailContent::Cosign { token: "a-token".to_owned(), until, is_reminder: false },
        MailContent::Reminder { todo: Todo::Correct, until },
        MailContent::Lapsed,
        MailContent::Message,
        MailContent::CardExpires { on: until, is_last_day: false },
        MailContent::CertificateEnds { on: until },
        MailContent::CertificateRevoked,
        MailContent::RecordErased { until },
        MailContent::NewDevice { at: NOW, device: DeviceKind::Iphone },
        MailContent::PasswordChanged,
        MailContent::PasskeyAdded { device: DeviceKind::Windows },
        MailContent::Received { reference: Reference::from_random(42), promised_days: 3, answer_by: Some(until) },
        MailContent::Cosigned { reference: Reference::from_random(42) },
        MailContent::CosignRefused,
        MailContent::FactsChanged,
        MailContent::CardStopped,
        MailContent::Cosign { token: "a-token".to_owned(), until, is_reminder: true },
        MailContent::AccountClosed,
        MailContent::CardExpires { on: until, is_last_day: true },
        MailContent::CardFound,
        MailContent::CardUnlinked,
        MailContent::PasswordChosen,
        MailContent::RequestAnswered,
    ]
}

fn written_for(rules: &LibraryRules, content: MailContent) -> Letter {
    written_in(Language::Ja, rules, content)
}

fn written_in(language: Language, rules: &LibraryRules, content: MailContent) -> Letter {
    Letter::compose(&QueuedMail { language, ..queued(content) }, rules, BASE).unwrap()
}

/// Some letter, the same at every call.
pub(in crate::gateway::mail) fn a_letter() -> Letter {
    written_for(&himeji(), MailContent::NoticeReady)
}

#[test]
fn each_letter_says_what_it_is_for() {
    let [
        code,
        received,
        ready,
        unread,
        correction,
        finish,
        cosign,
        correct,
        lapsed,
        message,
        card,
        certificate,
        revoked,
        erased,
        device,
        changed,
        passkey,
        searched,
        ..,
    ] = every_content().map(|content| written_for(&himeji(), content));
    assert_eq!(code.subject, "【姫路市立城内図書館】確認コード");
    assert!(code.text.starts_with("確認コード：123456\n\n14:40まで使えます。\n"), "{}", code.text);
    assert_eq!(received.subject, "【姫路市立城内図書館】申込みを受け付けました");
    assert!(
        received.text.contains(&format!("申込番号：{}\n\n3開館日以内に", Reference::from_random(42))),
        "{}",
        received.text
    );
    assert_eq!(ready.subject, "【姫路市立城内図書館】お知らせが届いています");
    assert!(ready.text.contains("サインインしてご覧ください。"), "{}", ready.text);
    assert!(!ready.text.contains("心当たり"));
    assert!(unread.text.starts_with("12月4日にお届けしたお知らせが、まだ開かれていません。\n"), "{}", unread.text);
    assert_eq!(correction.subject, "【姫路市立城内図書館】申込みの修正をお願いします");
    assert!(correction.text.contains("12月4日までにお願いします。"), "{}", correction.text);
    assert_eq!(finish.subject, "【姫路市立城内図書館】申込みがまだ終わっていません");
    assert!(
        finish
            .text
            .starts_with("申込みがまだ終わっていません。\n入力した内容は、12月4日まで残っています。\n\n過ぎると"),
        "{}",
        finish.text
    );
    assert!(
        cosign.text.contains("\n\nhttps://card.example.jp/g/a-token\n")
            && cosign.subject.contains("保護者の方の署名")
            && correct.subject.contains("修正をお待ちしています")
    );
    assert!(lapsed.text.contains("申込みは終わりました") && message.subject.contains("メッセージが届いています"));
    assert!(card.text.starts_with("図書館カードの有効期限は、12月4日です。\n"), "{}", card.text);
    assert!(certificate.text.contains("署名用電子証明書の有効期限は、\n12月4日です。\n"), "{}", certificate.text);
    assert!(revoked.text.contains("失効しています") && revoked.subject.contains("再登録のお願い"));
    assert!(device.subject.ends_with("新しい端末からサインインがありました"), "{}", device.subject);
    assert!(device.text.contains("\n日時：11月20日 14:30\n端末：iPhone\n"), "{}", device.text);
    assert!(searched.text.contains("確認します。\n12月4日までにお知らせします。\n"), "{}", searched.text);
    assert!(passkey.text.contains("端末：Windowsのパソコン"), "{}", passkey.text);
    assert!(changed.text.contains("ほかの端末は、すべてサインアウトしました。"), "{}", changed.text);
    assert!(erased.text.contains("12月4日まで保存し、\nそのあと消します。"), "{}", erased.text);
}

#[test]
fn no_kind_of_letter_is_left_out() {
    let kinds: BTreeSet<String> = every_content().iter().map(|content| content.kind().replace('_', "-")).collect();
    let files = std::fs::read_dir("templates/words/ja/mail").unwrap().map(|entry| entry.unwrap().path());
    let named = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(kinds, named.collect::<BTreeSet<_>>());
}

#[test]
fn a_letter_has_short_lines_one_link_and_a_telephone_number_in_every_language() {
    for (language, content) in in_every_language() {
        let asked = match (&content, language) {
            // Whoever has no session of their own is led where they are asked.
            (MailContent::Cosign { .. }, Language::Ja) => Some("https://card.example.jp/g/a-token".to_owned()),
            (MailContent::Cosign { .. }, _) => {
                Some(format!("https://card.example.jp/g/a-token?lang={}", language.as_str()))
            }
            _ => None,
        };
        let letter = written_in(language, &himeji(), content);
        let text = broken(&letter.text);
        for line in text.lines() {
            assert!(columns(line) <= LINE_COLUMNS, "{line}");
        }
        let links: Vec<&str> = text.lines().filter(|line| line.contains("://")).collect();
        let ours = asked.into_iter().chain([format!("https://card.example.jp/himeji/{}/", language.as_str())]);
        assert_eq!(links, ours.collect::<Vec<_>>());
        assert!(text.contains("079-289-4888\n火曜日から日曜日 "), "{text}");
    }
}

fn in_every_language() -> impl Iterator<Item = (Language, MailContent)> {
    Language::ALL.into_iter().flat_map(|language| every_content().map(|content| (language, content)))
}

/// What is not the library's own, and no number of an application.
fn own_words(letter: &Letter) -> String {
    let foot = letter.text.find("\n--\n").unwrap();
    format!("{}\n{}", letter.subject.split_once('】').unwrap().1, letter.text[..foot].trim_end())
}

#[test]
fn every_letter_speaks_the_language_of_its_reader_and_no_other() {
    let is_japanese = |c| matches!(c, '\u{3001}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    for content in every_content() {
        let kind = content.kind();
        let [everyday, easy, english] =
            Language::ALL.map(|language| own_words(&written_in(language, &himeji(), content.clone())));
        assert!(everyday.contains(is_japanese) && !everyday.contains("（かくにん）"), "{kind}: {everyday}");
        assert!(easy.contains(is_japanese) && easy.contains('（') && easy != everyday, "{kind}: {easy}");
        assert!(!english.contains(is_japanese), "{kind}: {english}");
        for text in [everyday, easy, english] {
            assert!(text.trim() == text && !text.contains(['《', '｜', '{']), "{kind}: {text}");
        }
    }
}

#[test]
fn a_letter_says_in_which_language_it_is_to_be_read() {
    for (language, content) in in_every_language() {
        let letter = written_in(language, &himeji(), content);
        let message = String::from_utf8(letter.to_message().unwrap().formatted()).unwrap();
        assert!(message.contains(&format!("Content-Language: {}\r\n", language.as_str())), "{message}");
        let html = markup::of_text(letter.words, &letter.subject, &letter.text).unwrap();
        assert!(html.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{}\">", language.as_str())), "{html}");
        assert_eq!(html.contains("<span lang=\"ja\">姫路市立城内図書館</span>"), language == Language::En, "{html}");
    }
}

#[test]
fn each_language_says_days_times_and_numbers_in_its_own_way() {
    let [code, received, ..] = every_content();
    let device = MailContent::NewDevice { at: NOW, device: DeviceKind::Windows };
    let easy = |content: &MailContent| written_in(Language::JaSimple, &himeji(), content.clone());
    let english = |content: &MailContent| written_in(Language::En, &himeji(), content.clone());
    assert_eq!(easy(&code).subject, "【姫路市立城内図書館】確認（かくにん）コード");
    assert!(easy(&code).text.starts_with("確認（かくにん）コード：123456\n\n14:40まで 使えます（つかえます）。\n"));
    assert!(
        english(&code).text.starts_with("Confirmation code: 123456\n\nIt can be used until 14:40 (time in Japan).\n")
    );
    assert!(english(&received).text.contains("\nYou hear from us within 3 opening days.\n"));
    let soon = MailContent::Received { reference: Reference::from_random(42), promised_days: 1, answer_by: None };
    assert!(english(&soon).text.contains(" within 1 opening day.\n"), "{}", english(&soon).text);
    assert!(english(&device).text.contains("\nWhen: 20 November, 14:30 (time in Japan)\nDevice: Windows PC\n"));
    assert!(easy(&device).text.contains("\nいつ：11月（がつ）20日（にち） 14:30\n"), "{}", easy(&device).text);
}

#[test]
fn a_repeat_is_the_same_letter() {
    let again = QueuedMail { attempts: 3, ..queued(MailContent::NoticeReady) };
    let again = Letter::compose(&again, &himeji(), BASE).unwrap();
    assert_eq!(again, a_letter());
    assert_eq!(again.message_id, "<00000000-0000-0000-0000-000000000007@card.example.jp>");
}

#[test]
fn a_demo_on_loopback_has_a_sound_message_id() {
    let mail = queued(MailContent::NoticeReady);
    let local = Letter::compose(&mail, &himeji(), "http://127.0.0.1:8080").unwrap();
    assert_eq!(local.message_id, "<00000000-0000-0000-0000-000000000007@[127.0.0.1]>");
    assert!(local.text.contains("http://127.0.0.1:8080/himeji/ja/\n"));
    let nowhere = Letter::compose(&mail, &himeji(), "card.example.jp");
    assert!(matches!(nowhere, Err(MailError::Permanent(_))));
}

/// Decodes a header's encoded words (RFC 2047), as a reader's mail program does.
fn decoded_header(message: &str, name: &str) -> String {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ");
    let value = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap();
    let words = value.split(' ').map(|word| {
        let base64 = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?=")).expect(word);
        data_encoding::BASE64.decode(base64.as_bytes()).unwrap()
    });
    String::from_utf8(words.flatten().collect()).unwrap()
}

#[test]
fn a_subject_beyond_the_first_plane_comes_back_as_it_was() {
    let letter = written_for(&rules("𠮷野町立図書館〔髙見分室〕", "9時から17時"), MailContent::NoticeReady);
    let message = String::from_utf8(letter.to_message().unwrap().formatted()).unwrap();
    assert!(message.is_ascii());
    assert_eq!(decoded_header(&message, "Subject"), "【𠮷野町立図書館〔髙見分室〕】お知らせが届いています");
}

#[test]
fn no_name_can_add_a_header() {
    for name in ["図書館\r\nBcc: evil@example.com", "Library\r\nBcc: evil@example.com\r\n\r\nHello", "a\nBcc: b\u{0}"]
    {
        for content in every_content() {
            let letter = written_for(&rules(name, "9時から17時"), content);
            let message = String::from_utf8(letter.to_message().unwrap().formatted()).unwrap();
            let (head, _) = message.split_once("\r\n\r\n").unwrap();
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with(' '))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{head}");
            assert_eq!(names.len(), 9, "{names:?}");
            assert!(!head.replace("\r\n", "").contains(['\r', '\n', '\0']));
        }
    }
}

#[test]
fn no_letter_can_be_answered_by_a_machine() {
    let message = String::from_utf8(a_letter().to_message().unwrap().formatted()).unwrap();
    assert!(message.contains("Auto-Submitted: auto-generated\r\n"));
    assert!(message.contains("Content-Type: text/plain; charset=utf-8\r\n"));
}
