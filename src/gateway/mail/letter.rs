//! Writing a letter: from the outbox's facts to the text that is sent.

use super::{MailError, markup};
use crate::domain::device::DeviceKind;
use crate::domain::ids::MailId;
use crate::domain::library::LibraryRules;
use crate::domain::notice::{MailContent, QueuedMail, Todo};
use crate::domain::person::EmailAddress;
use askama::Template;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime};

/// Half-width columns in a line: 35 full-width characters, which a telephone shows without breaking.
const LINE_COLUMNS: usize = 70;

/// A letter, ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The mail of the outbox that it is made from.
    pub id: MailId,
    /// `<mail id@host>`: the same for every try.
    pub message_id: String,
    /// The library's name and address for mails.
    pub from: Mailbox,
    /// The sender in the envelope: where the letter comes back to if it does not arrive.
    pub returns_to: Address,
    /// The one recipient.
    pub to: Address,
    /// The subject, one line.
    pub subject: String,
    /// The body, plain text with `\n`.
    pub text: String,
    /// When it was written.
    pub date: OffsetDateTime,
}

impl Letter {
    /// Writes the letter for `mail` in the name of the library that `rules` describe. Every
    /// try writes the same letter: it is dated when it was queued.
    ///
    /// `base_url` is the portal's configured address without a final slash; it alone decides
    /// the link and the host in the `Message-ID`, never what a request says about itself.
    ///
    /// # Errors
    /// [`MailError::Permanent`] if an address cannot stand in a letter.
    pub fn compose(mail: &QueuedMail, rules: &LibraryRules, base_url: &str) -> Result<Self, MailError> {
        let host = host_of(base_url).ok_or(MailError::permanent("the portal's address is unsound"))?;
        let library = one_line(&rules.name);
        let footer = Footer {
            signature: signature(&library, &rules.contact.telephone, &rules.contact.hours),
            link: format!("{base_url}/{}/ja/", rules.slug),
            base_url: base_url.to_owned(),
        };
        let (subject, text) = written(&mail.content, &library, &footer)
            .map_err(|_| MailError::permanent("the template cannot be filled in"))?;
        let from = address(&rules.mail.address)?;
        Ok(Self {
            id: mail.id,
            message_id: format!("<{}@{host}>", mail.id),
            returns_to: from.clone(),
            from: Mailbox::new(Some(one_line(&rules.mail.name)), from),
            to: address(&mail.recipient)?,
            subject: one_line(&subject),
            text,
            date: mail.queued_at,
        })
    }

    /// The same, to come back to another address than the one in `From`.
    #[must_use]
    pub fn returning_to(self, returns_to: Option<Address>) -> Self {
        Self { returns_to: returns_to.unwrap_or(self.returns_to), ..self }
    }

    /// The letter in the form in which it travels (RFC 5322, MIME): text, and the same as HTML. Every try makes the
    /// same octets.
    pub(super) fn to_message(&self) -> Result<Message, MailError> {
        let html = markup::of_text(&self.subject, &self.text)
            .map_err(|_| MailError::permanent("the template cannot be filled in"))?;
        let both = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(format!("todoke-{}", self.id))
            .singlepart(SinglePart::plain(self.text.clone()))
            .singlepart(SinglePart::html(html));
        let envelope = Envelope::new(Some(self.returns_to.clone()), vec![self.to.clone()])
            .map_err(|_| MailError::permanent("the letter has no recipient"))?;
        Message::builder()
            .envelope(envelope)
            .message_id(Some(self.message_id.clone()))
            .date(self.date.into())
            .from(self.from.clone())
            .to(Mailbox::new(None, self.to.clone()))
            .subject(&self.subject)
            // RFC 3834: no out-of-office answers to a machine.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(both)
            .map_err(|_| MailError::permanent("the letter has no sound form"))
    }
}

fn address(address: &EmailAddress) -> Result<Address, MailError> {
    address.as_str().parse().map_err(|_| MailError::permanent("an e-mail address is unsound"))
}

struct Footer {
    signature: Vec<String>,
    link: String,
    base_url: String,
}

macro_rules! templates {
    ($($name:ident $path:literal { $($field:ident : $type:ty),* $(,)? })+) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            $($field: $type,)*
        }
    )+};
}

templates! {
    CodeSubject "email/code/subject.txt" { library: &'a str }
    CodeBody "email/code/body.txt" { code: &'a str, valid_until: String, signature: &'a [String], link: &'a str }
    ReceivedSubject "email/received/subject.txt" { library: &'a str }
    ReceivedBody "email/received/body.txt" {
        reference: &'a str,
        promised_days: u32,
        answer_by: Option<String>,
        signature: &'a [String],
        link: &'a str,
    }
    NoticeReadySubject "email/notice_ready/subject.txt" { library: &'a str }
    NoticeReadyBody "email/notice_ready/body.txt" { signature: &'a [String], link: &'a str }
    NoticeUnreadSubject "email/notice_unread/subject.txt" { library: &'a str }
    NoticeUnreadBody "email/notice_unread/body.txt" { since: String, signature: &'a [String], link: &'a str }
    CorrectionSubject "email/correction/subject.txt" { library: &'a str }
    CorrectionBody "email/correction/body.txt" { answer_by: String, signature: &'a [String], link: &'a str }
    ReminderSubject "email/reminder/subject.txt" { library: &'a str, todo: Todo }
    ReminderBody "email/reminder/body.txt" {
        todo: Todo,
        until: String,
        signature: &'a [String],
        link: &'a str,
    }
    CosignSubject "email/cosign/subject.txt" { library: &'a str, is_reminder: bool }
    CosignBody "email/cosign/body.txt" {
        address: String,
        until: String,
        is_reminder: bool,
        signature: &'a [String],
        link: &'a str,
    }
    CosignedSubject "email/cosigned/subject.txt" { library: &'a str }
    CosignedBody "email/cosigned/body.txt" { reference: &'a str, signature: &'a [String], link: &'a str }
    CosignRefusedSubject "email/cosign_refused/subject.txt" { library: &'a str }
    CosignRefusedBody "email/cosign_refused/body.txt" { signature: &'a [String], link: &'a str }
    LapsedSubject "email/lapsed/subject.txt" { library: &'a str }
    LapsedBody "email/lapsed/body.txt" { signature: &'a [String], link: &'a str }
    MessageSubject "email/message/subject.txt" { library: &'a str }
    MessageBody "email/message/body.txt" { signature: &'a [String], link: &'a str }
    FactsChangedSubject "email/facts_changed/subject.txt" { library: &'a str }
    FactsChangedBody "email/facts_changed/body.txt" { signature: &'a [String], link: &'a str }
    CardStoppedSubject "email/card_stopped/subject.txt" { library: &'a str }
    CardStoppedBody "email/card_stopped/body.txt" { signature: &'a [String], link: &'a str }
    NewDeviceSubject "email/new_device/subject.txt" { library: &'a str }
    NewDeviceBody "email/new_device/body.txt" { at: String, device: &'a str, signature: &'a [String], link: &'a str }
    PasswordChangedSubject "email/password_changed/subject.txt" { library: &'a str }
    PasswordChangedBody "email/password_changed/body.txt" { signature: &'a [String], link: &'a str }
    PasskeyAddedSubject "email/passkey_added/subject.txt" { library: &'a str }
    PasskeyAddedBody "email/passkey_added/body.txt" { device: &'a str, signature: &'a [String], link: &'a str }
    CardExpiresSubject "email/card_expires/subject.txt" { library: &'a str }
    CardExpiresBody "email/card_expires/body.txt" { on: String, signature: &'a [String], link: &'a str }
    CertificateEndsSubject "email/certificate_ends/subject.txt" { library: &'a str }
    CertificateEndsBody "email/certificate_ends/body.txt" { on: String, signature: &'a [String], link: &'a str }
    CertificateRevokedSubject "email/certificate_revoked/subject.txt" { library: &'a str }
    CertificateRevokedBody "email/certificate_revoked/body.txt" { signature: &'a [String], link: &'a str }
    RecordErasedSubject "email/record_erased/subject.txt" { library: &'a str }
    RecordErasedBody "email/record_erased/body.txt" { until: String, signature: &'a [String], link: &'a str }
}

fn written(content: &MailContent, library: &str, footer: &Footer) -> askama::Result<(String, String)> {
    let (signature, link) = (footer.signature.as_slice(), footer.link.as_str());
    Ok(match content {
        MailContent::Code { code, valid_until } => {
            let body = CodeBody { code, valid_until: time_of_day(*valid_until), signature, link };
            (CodeSubject { library }.render()?, body.render()?)
        }
        MailContent::Received { reference, promised_days, answer_by } => {
            let reference = reference.to_string();
            let body = ReceivedBody {
                reference: &reference,
                promised_days: *promised_days,
                answer_by: answer_by.map(day),
                signature,
                link,
            };
            (ReceivedSubject { library }.render()?, body.render()?)
        }
        MailContent::NoticeReady => {
            (NoticeReadySubject { library }.render()?, NoticeReadyBody { signature, link }.render()?)
        }
        MailContent::NoticeUnread { since } => {
            let body = NoticeUnreadBody { since: day(*since), signature, link };
            (NoticeUnreadSubject { library }.render()?, body.render()?)
        }
        MailContent::Correction { answer_by } => {
            let body = CorrectionBody { answer_by: day(*answer_by), signature, link };
            (CorrectionSubject { library }.render()?, body.render()?)
        }
        MailContent::Reminder { todo, until } => {
            let body = ReminderBody { todo: *todo, until: day(*until), signature, link };
            (ReminderSubject { library, todo: *todo }.render()?, body.render()?)
        }
        MailContent::Cosign { token, until, is_reminder } => {
            let address = format!("{}/g/{token}", footer.base_url);
            let (until, is_reminder) = (day(*until), *is_reminder);
            let body = CosignBody { address, until, is_reminder, signature, link };
            (CosignSubject { library, is_reminder }.render()?, body.render()?)
        }
        MailContent::Cosigned { reference } => {
            let reference = reference.to_string();
            let body = CosignedBody { reference: &reference, signature, link };
            (CosignedSubject { library }.render()?, body.render()?)
        }
        MailContent::CosignRefused => {
            (CosignRefusedSubject { library }.render()?, CosignRefusedBody { signature, link }.render()?)
        }
        MailContent::Lapsed => (LapsedSubject { library }.render()?, LapsedBody { signature, link }.render()?),
        MailContent::Message => (MessageSubject { library }.render()?, MessageBody { signature, link }.render()?),
        MailContent::FactsChanged => {
            (FactsChangedSubject { library }.render()?, FactsChangedBody { signature, link }.render()?)
        }
        MailContent::CardStopped => {
            (CardStoppedSubject { library }.render()?, CardStoppedBody { signature, link }.render()?)
        }
        MailContent::NewDevice { at, device } => {
            let at = format!("{} {}", day(at.to_offset(offset!(+9)).date()), time_of_day(*at));
            let body = NewDeviceBody { at, device: kind_of(*device), signature, link };
            (NewDeviceSubject { library }.render()?, body.render()?)
        }
        MailContent::PasswordChanged => {
            (PasswordChangedSubject { library }.render()?, PasswordChangedBody { signature, link }.render()?)
        }
        MailContent::PasskeyAdded { device } => {
            let body = PasskeyAddedBody { device: kind_of(*device), signature, link };
            (PasskeyAddedSubject { library }.render()?, body.render()?)
        }
        MailContent::CardExpires { on } => {
            let body = CardExpiresBody { on: day(*on), signature, link };
            (CardExpiresSubject { library }.render()?, body.render()?)
        }
        MailContent::CertificateEnds { on } => {
            let body = CertificateEndsBody { on: day(*on), signature, link };
            (CertificateEndsSubject { library }.render()?, body.render()?)
        }
        MailContent::CertificateRevoked => {
            (CertificateRevokedSubject { library }.render()?, CertificateRevokedBody { signature, link }.render()?)
        }
        MailContent::RecordErased { until } => {
            let body = RecordErasedBody { until: day(*until), signature, link };
            (RecordErasedSubject { library }.render()?, body.render()?)
        }
    })
}

/// A kind of device.
const fn kind_of(device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Iphone => "iPhone",
        DeviceKind::Ipad => "iPad",
        DeviceKind::Android => "Androidのスマートフォンかタブレット",
        DeviceKind::Windows => "Windowsのパソコン",
        DeviceKind::Mac => "MacかiPad",
        DeviceKind::Linux => "Linuxのパソコン",
        DeviceKind::Other => "そのほかの端末",
    }
}

/// A day, such as `12月4日`.
fn day(day: Date) -> String {
    format!("{}月{}日", u8::from(day.month()), day.day())
}

/// The time of day in Japan, such as `14:40`.
fn time_of_day(instant: OffsetDateTime) -> String {
    let format = format_description!("[hour]:[minute]");
    instant.to_offset(offset!(+9)).format(format).unwrap_or_default()
}

/// Library, telephone and opening hours, each on lines of its own that are not too long.
fn signature(library: &str, phone: &str, hours: &str) -> Vec<String> {
    [library, phone, hours].into_iter().flat_map(short_lines).collect()
}

fn short_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= LINE_COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A header is one line, whatever somebody wrote into the library's name.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The host of an address, without port; a bare IP address in the brackets that mail wants (RFC 5321 §4.1.3).
fn host_of(base_url: &str) -> Option<String> {
    let url = reqwest::Url::parse(base_url).ok()?;
    let host = url.host_str()?;
    Some(match host.trim_matches(['[', ']']).parse() {
        Ok(std::net::IpAddr::V4(address)) => format!("[{address}]"),
        Ok(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => host.to_owned(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::ids::LibraryId;
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
        name.clone_into(&mut rules.name);
        name.clone_into(&mut rules.mail.name);
        hours.clone_into(&mut rules.contact.hours);
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
            content,
            queued_at: NOW,
            attempts: 0,
        }
    }

    fn every_content() -> [MailContent; 22] {
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
            MailContent::CardExpires { on: until },
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
        ]
    }

    fn written_for(rules: &LibraryRules, content: MailContent) -> Letter {
        Letter::compose(&queued(content), rules, BASE).unwrap()
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
        let kinds: BTreeSet<&str> = every_content().iter().map(MailContent::kind).collect();
        let folders = std::fs::read_dir("templates/email").unwrap().map(|entry| entry.unwrap());
        let folders = folders.filter(|entry| entry.file_type().unwrap().is_dir());
        let named: BTreeSet<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
        assert_eq!(kinds.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), named);
    }

    #[test]
    fn a_letter_has_short_lines_one_link_and_a_telephone_number() {
        for content in every_content() {
            // Whoever has no session of their own is led where they are asked.
            let asked = matches!(content, MailContent::Cosign { .. }).then_some("https://card.example.jp/g/a-token");
            let letter = written_for(&himeji(), content);
            for line in letter.text.lines() {
                assert!(columns(line) <= LINE_COLUMNS, "{line}");
            }
            let links: Vec<&str> = letter.text.lines().filter(|line| line.contains("://")).collect();
            let ours = asked.into_iter().chain(["https://card.example.jp/himeji/ja/"]);
            assert_eq!(links, ours.collect::<Vec<_>>());
            assert!(letter.text.contains("079-289-4888\n火曜日から日曜日 "), "{}", letter.text);
        }
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
        for name in
            ["図書館\r\nBcc: evil@example.com", "Library\r\nBcc: evil@example.com\r\n\r\nHello", "a\nBcc: b\u{0}"]
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
                assert_eq!(names.len(), 8, "{names:?}");
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
}
