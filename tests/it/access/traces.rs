//! What is left behind outside the store: logs, addresses, links in mails.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use todoke::demo::SECOND_STAFF_LOGIN;
use todoke::demo::journey::Person;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged in this process since the first story that asked.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log of this process, more talkative than any installation's.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let filter = EnvFilter::new("info,todoke=trace,sqlx=trace,actix_web=debug");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(log.clone()).init();
        log
    })
}

stories! {
    async fn personal_data_and_secrets_reach_neither_log_nor_address(app: &TestApp) {
        const CHOSEN: &str = "a canary chose this";
        const BUILDING: &str = "カナリア荘303";
        const REASON_CANARY: &str = "カナリアの理由";
        let log = log();
        tracing::info!("the log is read");
        let person = Person { address: ["6710252", "28", "姫路市", "花田町カナリア1"], ..pages::takahashi() };
        let person = person.with_email("canary-7f3a@example.jp");
        let (applicant, _) = app.answered("himeji", &person).await;
        let code = applicant.newest_code(&person.email).unwrap();
        applicant.answer("apply/address?from=check", &[("line2", BUILDING)]).await.unwrap();
        let check = applicant.answer("apply/contact", &[("phone", "079-777-1234")]).await.unwrap();
        // Faults on the way are logged too.
        applicant.answer("apply/name", &[("name", "カナリア\u{202e}"), ("kana", "1")]).await.unwrap();
        let sign = applicant.agree(&check).await.unwrap();
        let refused = applicant.sign_with(&sign, "revoked").await.unwrap();
        assert!(refused.url.path().contains("/problem/"));
        let sign = applicant.open("apply/sign").await.unwrap();
        let done = applicant.sign_with(&sign, "substitute").await.unwrap();
        let submitted = crate::support::app::Submitted::on(applicant.clone(), &person, &done);
        app.stage.mailbox.fail_with(Some(todoke::gateway::mail::MailError::Transient(
            todoke::gateway::mail::MailFault::Reply(451),
        )));
        app.deliver_mail().await;
        app.stage.mailbox.fail_with(None);
        app.advance(time::Duration::minutes(5));
        app.deliver_mail().await;
        let staff = app.sato().await;
        let queue = staff.open_staff("queue").await.unwrap();
        let found = staff.send(&queue, &[("q", "髙橋")]).await.unwrap();
        assert!(found.text().contains(&submitted.reference) && !found.url.as_str().contains("%E9"), "{}", found.url);
        staff.decide(&submitted.reference, "approve", REASON_CANARY).await.unwrap();
        let second = app.staff("himeji", SECOND_STAFF_LOGIN).await;
        second.decide(&submitted.reference, "approve", REASON_CANARY).await.unwrap();
        let (reader, status) = app.reader("himeji", &person, &submitted.reference).await;
        let notice = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
        let number = notice.text_of(".lc-facts .lc-big").unwrap();
        let desk = reader.open("password").await.unwrap();
        let shown = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
        let password = shown.text_of("output").unwrap().replace(' ', "");

        let entry = reader.open("sign-in/password").await.unwrap();
        let choose = reader.send(&entry, &[("number", &number), ("password", &password)]).await.unwrap();
        let fields = [("password", CHOSEN), ("again", CHOSEN)];
        assert!(reader.send(&choose, &fields).await.unwrap().url.path().ends_with("/card"));
        app.deliver_mail().await;

        let cookies = reader.browser.cookies_for(&status.url);
        let cookies: Vec<&str> = cookies.split("; ").filter_map(|cookie| cookie.split_once('=')).map(|(_, value)| value).collect();
        assert_eq!(cookies.len(), 2, "the session and the device");
        let canaries = [
            "髙橋",
            "タカハシ",
            "1988-08-12",
            "canary-7f3a",
            BUILDING,
            "花田町カナリア",
            "6710252",
            "079-777-1234",
            "0797771234",
            "カナリア",
            code.as_str(),
            &submitted.collection_code,
            &submitted.collection_code.replace('-', ""),
            &number,
            &number.replace(' ', ""),
            &password,
            cookies[0],
            cookies[1],
            CHOSEN,
            todoke::demo::STAFF_PASSWORD,
        ];
        let written = log.text();
        assert!(written.contains("the log is read") && written.contains("mail postponed"), "the log is captured");
        for canary in canaries {
            assert!(!written.contains(canary), "{canary} stands in the log");
        }
        for browser in [&applicant.browser, &staff.browser, &reader.browser] {
            for url in browser.visited() {
                let clear = decoded(url.as_str());
                for canary in canaries.iter().filter(|canary| canary.chars().count() > 6) {
                    assert!(!clear.contains(canary), "{canary} stands in {url}");
                }
            }
        }
    }

    async fn a_hostile_host_stands_in_no_address_and_no_mail(app: &TestApp) {
        let journey = app.journey("himeji");
        let page = journey.open("apply/who").await.unwrap();
        let form = page.form("category").unwrap().fill("category", "resident").unwrap().fill("age", "yes").unwrap();
        let evil = |sending: Sending| {
            sending.header("host", "evil.example").header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example")
        };
        for url in ["himeji", "himeji/ja", "himeji/ja/", "himeji/ja/status", "himeji/staff/", "signing/return", "nowhere"] {
            let url = format!("{}/{url}", app.portal().base_url).parse().unwrap();
            let page = evil(Sending::get(url, &journey.browser)).send().await;
            assert!(!page.html().contains("evil.example") && !format!("{:?}", page.headers).contains("evil.example"));
        }
        let begun = evil(Sending::form(&form, &journey.browser)).send().await;
        assert!(!location(&begun).unwrap_or_default().contains("evil"), "{:?}", begun.headers);
        let email = journey.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let form = email.form("email").unwrap().fill("email", "hanako@example.jp").unwrap();
        evil(Sending::form(&form, &journey.browser)).send().await;
        app.deliver_mail().await;
        let letter = app.letters_to("hanako@example.jp").pop().expect("a code was mailed");
        assert!(!letter.text.contains("evil") && !letter.message_id.contains("evil"), "{}", letter.text);
        assert!(letter.text.contains(&format!("{}/himeji/ja/", app.portal().base_url)), "{}", letter.text);
    }
}

/// An address as people would read it.
fn decoded(url: &str) -> String {
    let mut bytes = Vec::with_capacity(url.len());
    let mut rest = url.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let hex: String = rest.by_ref().take(2).map(char::from).collect();
        bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
