//! Every mail in the language of its reader, from the page that was used to what arrived.

use crate::cosign;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::{Journey, Person};
use todoke::gateway::mail::Letter;
use todoke::words::Lang;

const HANAKO: &str = "hanako@example.jp";

fn newest(app: &TestApp, address: &str) -> Letter {
    app.letters_to(address).pop().expect("a letter")
}

/// The letter speaks `lang`, says `what` in its subject, and leads to the pages of that language only.
#[track_caller]
fn speaks(app: &TestApp, letter: &Letter, lang: Lang, what: &str) {
    assert_eq!(letter.words.lang(), lang, "{}", letter.subject);
    assert!(letter.subject.ends_with(&format!("】{what}")), "{}", letter.subject);
    let links: Vec<&str> = letter.text.lines().filter(|line| line.contains("://")).collect();
    assert_eq!(links, [format!("{}/himeji/{lang}/", app.portal().base_url)], "{}", letter.text);
    assert!(letter.text.contains("0790-"), "{}", letter.text);
}

/// From the first question to the card: what each letter on the way says.
async fn whole_way(app: &TestApp, lang: Lang, [code, received, ready, device]: [&str; 4]) {
    let person = Person::hanako();
    let applicant = app.journey("himeji").speaking(lang);
    if lang == Lang::JaSimple {
        // Buttons are found by their words; mails have readings all the same.
        applicant.press(&applicant.open("apply/who").await.unwrap(), "ふりがなを").await.unwrap();
    }
    let check = applicant.fill_in(&person, async || app.handed_over().await).await.unwrap();
    speaks(app, &newest(app, HANAKO), lang, code);
    let sign = applicant.agree(&check).await.unwrap();
    let done = applicant.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    let submitted = Submitted::on(applicant, &person, &done);
    speaks(app, &newest(app, HANAKO), lang, received);
    app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    app.deliver_mail().await;
    speaks(app, &newest(app, HANAKO), lang, ready);
    let patrons = format!("SELECT COUNT(*) FROM patrons WHERE language = '{lang}'");
    assert_eq!(app.database.count(&patrons).await, 1, "whoever became a patron goes on reading {lang}");

    // In whatever language others sign in with the password, the patron is warned in theirs.
    let stranger = if lang == Lang::Ja { Lang::En } else { Lang::Ja };
    let desk = submitted.applicant.open("password").await.unwrap();
    let shown = submitted.applicant.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
    let initial = shown.text_of("output").unwrap().replace(' ', "");
    let visitor = app.journey("himeji").speaking(stranger);
    let door = visitor.open("sign-in/password").await.unwrap();
    let choice = visitor.send(&door, &[("number", "300000014"), ("password", &initial)]).await.unwrap();
    let own = "川のほとりの 桜 三本";
    visitor.send(&choice, &[("password", own), ("again", own)]).await.unwrap();
    // Handed over by themselves: what is queued at one moment goes out in any order.
    app.deliver_mail().await;
    let other = app.journey("himeji").speaking(stranger);
    let door = other.open("sign-in/password").await.unwrap();
    other.send(&door, &[("number", "300000014"), ("password", own)]).await.unwrap();
    app.deliver_mail().await;
    speaks(app, &newest(app, HANAKO), lang, device);
}

stories! {
    async fn who_applies_in_japanese_is_written_to_in_japanese(app: &TestApp) {
        let words = ["確認コード", "申込みを受け付けました", "お知らせが届いています", "新しい端末からサインインがありました"];
        whole_way(app, Lang::Ja, words).await;
    }

    async fn who_applies_in_easy_japanese_is_written_to_in_easy_japanese(app: &TestApp) {
        let words = [
            "確認（かくにん）コード",
            "申込（もうしこ）みを 受け取りました（うけとりました）",
            "お知らせ（しらせ）が 届きました（とどきました）",
            "新しい（あたらしい） 端末（たんまつ）から サインインが ありました",
        ];
        whole_way(app, Lang::JaSimple, words).await;
    }

    async fn who_applies_in_english_is_written_to_in_english(app: &TestApp) {
        let words = [
            "Confirmation code",
            "We have received your application",
            "There is a notice for you",
            "Sign-in from a new device",
        ];
        whole_way(app, Lang::En, words).await;
    }

    async fn the_language_that_was_used_last_counts(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        speaks(app, &newest(app, HANAKO), Lang::Ja, "確認コード");
        let english = applicant.speaking(Lang::En);
        let check = english.open("apply/check").await.unwrap();
        let done = english.sign_with(&english.agree(&check).await.unwrap(), "normal").await.unwrap();
        app.deliver_mail().await;
        speaks(app, &newest(app, HANAKO), Lang::En, "We have received your application");
        let submitted = Submitted::on(english, &Person::hanako(), &done);
        // What is only looked at in another language changes nothing; what is done there does.
        let reader = submitted.applicant.clone().speaking(Lang::JaSimple);
        let messages = reader.open("status/messages").await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications WHERE language = 'en'").await, 1);
        reader.send(&messages, &[("text", "質問です")]).await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications WHERE language = 'ja-simple'").await, 1);
    }

    async fn a_holder_is_written_to_in_the_language_of_the_pages_of_the_card(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let reader = hanako.applicant.speaking(Lang::En);
        let stop = reader.open("card/stop").await.unwrap();
        reader.press(&stop, "Stop it now").await.unwrap();
        app.deliver_mail().await;
        speaks(app, &newest(app, HANAKO), Lang::En, "Your library card has been stopped");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE language = 'en'").await, 1);
        // Whoever asks for a code before anything is known of them gets it in the language of the page.
        app.advance(Duration::seconds(61));
        let elsewhere = app.journey("himeji").speaking(Lang::JaSimple);
        elsewhere.sign_in(&hanako.person, &hanako.reference, async || app.handed_over().await).await.unwrap();
        speaks(app, &newest(app, HANAKO), Lang::JaSimple, "確認（かくにん）コード");
    }

    async fn a_guardian_is_asked_in_the_language_of_the_application(app: &TestApp) {
        let young: Journey = app.journey("shiomi").speaking(Lang::En);
        let guardian = young.fill_in(&pages::minato(), async || app.handed_over().await).await.unwrap();
        let named = [("guardian_name", "潮見 汐里"), ("relation", "guardian"), ("guardian_email", cosign::GUARDIAN)];
        let check = young.send(&guardian, &named).await.unwrap();
        let sign = young.agree(&check).await.unwrap();
        young.sign_with(&sign, "young").await.unwrap();
        app.deliver_mail().await;
        let letter = newest(app, cosign::GUARDIAN);
        assert!(letter.subject.ends_with("】Please sign as a parent or guardian"), "{}", letter.subject);
        let opened = app.journey("shiomi").browser.open(&cosign::address(app, cosign::GUARDIAN)).await.unwrap();
        assert!(opened.text().contains("Ask the applicant for the code word"), "{}", opened.text());
    }
}
