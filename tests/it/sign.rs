//! Signing: every card on the table, every way back from the app.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use reqwest::Url;
use time::Duration;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::Stage;
use todoke::document::read_statement;
use todoke::domain::answers::Delivery;
use todoke::gateway::revocation::Revocation;
use todoke::jpki::{self, CrlSet};
use todoke::service::review::RevocationAnswer;
use todoke::store::signatures;

/// What each card on the table comes to, in the words of the problem pages.
const CARDS: [(&str, &str, &str); 15] = [
    ("cancel", "cancelled", "署名を中止しました"),
    ("other-person", "other-person", "入力内容とカードの情報がちがいます"),
    ("revoked", "revoked", "電子証明書が使えなくなっています"),
    ("expired", "expired", "電子証明書の有効期限が切れています"),
    ("not-yet-valid", "not-yet-valid", "電子証明書がまだ使えません"),
    ("user-authentication", "wrong-certificate", "署名用ではない電子証明書が使われました"),
    ("unknown-policy", "wrong-certificate", "署名用ではない電子証明書が使われました"),
    ("self-made", "not-trusted", "この電子証明書は使えません"),
    ("wrong-document", "wrong-document", "署名を確認できませんでした"),
    ("substitute", "other-person", "入力内容とカードの情報がちがいます"),
    ("no-certificate", "no-certificate", "署名用の電子証明書が入っていません"),
    ("locked", "pin-locked", "暗証番号がロックされています"),
    ("unreadable", "read-error", "カードを読み取れませんでした"),
    ("old-telephone", "unsupported-device", "このスマートフォンでは署名できません"),
    ("offline", "app-unavailable", "署名のアプリにつながりません"),
];

/// How often anything was received.
const SUBMISSIONS: &str = "SELECT COUNT(*) FROM events WHERE kind = 'submitted'";

fn without_lists(stage: &mut Stage) {
    stage.portal.revocation = Revocation::none();
}

/// Takes a card in the app and stops before the browser goes back: the address that it would open.
async fn way_back(applicant: &Journey, sign: &Page, card: &str) -> Url {
    let cards = applicant.press(sign, "アプリで署名する").await.unwrap();
    let form = cards.form("card").unwrap().fill("card", card).unwrap();
    let answer = Sending::form(&form, &applicant.browser).send().await;
    location(&answer).expect("the app sends the browser back").parse().unwrap()
}

/// The page that explains why a signature was not accepted.
#[track_caller]
fn explains(page: &Page, kind: &str, heading: &str) {
    pages::is_at(page, &format!("/apply/sign/problem/{kind}"));
    assert!(page.text_of("h1").unwrap().contains(heading), "{}", page.text());
}

stories! {
    async fn each_bad_card_is_explained_and_the_good_one_still_signs(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let draft = app.draft_of("himeji", "hanako@example.jp").await;
        for (card, kind, heading) in CARDS {
            let sign = applicant.open("apply/sign").await.unwrap();
            pages::is_at(&sign, "/apply/sign");
            explains(&applicant.sign_with(&sign, card).await.unwrap(), kind, heading);
            let kept = app.draft_of("himeji", "hanako@example.jp").await;
            assert_eq!(kept.1, draft.1, "the answers are kept after {card}");
            assert_eq!(kept.0.state.name(), "awaiting_signature", "after {card}");
            assert_eq!(app.database.count(SUBMISSIONS).await, 0, "nothing was received");
        }
        assert_eq!(app.count_waiting_mail().await, 0);
        let sign = applicant.open("apply/sign").await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        let submitted = Submitted::on(applicant, &Person::hanako(), &done);
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 1, "the same document all the time");
        app.deliver_mail().await;
    }

    async fn what_differs_from_the_card_is_named_but_not_shown(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let differs = [
            ("apply/name", ("name", "姫路　花代"), ("name", "姫路　花子"), "other-name", "氏名を直す"),
            ("apply/birth", ("day", "2"), ("day", "1"), "other-birth", "生年月日を直す"),
        ];
        for (path, wrong, right, kind, button) in differs {
            let check = applicant.answer(&format!("{path}?from=check"), &[wrong]).await.unwrap();
            let sign = applicant.agree(&check).await.unwrap();
            let problem = applicant.sign_with(&sign, "normal").await.unwrap();
            pages::is_at(&problem, &format!("/apply/sign/problem/{kind}"));
            for certified in ["花子", "1990", "平成", "本町"] {
                assert!(!problem.text().contains(certified), "{certified} of the card stands in {}", problem.text());
            }
            let question = applicant.browser.click(&problem, button).await.unwrap();
            pages::is_at(&question, path.strip_prefix("apply").unwrap());
            pages::is_at(&applicant.send(&question, &[right]).await.unwrap(), "/apply/check");
        }
        let check = applicant.open("apply/check").await.unwrap();
        let done = applicant.sign_with(&applicant.agree(&check).await.unwrap(), "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        app.deliver_mail().await;
    }

    async fn a_forgotten_password_locks_the_card_at_the_fifth_try(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let mut page = applicant.sign_with(&sign, "wrong-password").await.unwrap();
        for remaining in ["あと4回", "あと3回", "あと2回", "あと1回"] {
            assert!(page.text().contains(remaining), "{}", page.text());
            page = applicant.send(&page, &[("card", "wrong-password")]).await.unwrap();
        }
        explains(&page, "pin-locked", "暗証番号がロックされています");
        // Remembered in time, it signs.
        let sign = applicant.open("apply/sign").await.unwrap();
        let again = applicant.sign_with(&sign, "wrong-password").await.unwrap();
        pages::is_at(&applicant.send(&again, &[("card", "normal")]).await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn each_way_of_the_result_arrives(app: &TestApp) {
        for (at, (card, sealed)) in [("hiccup", false), ("normal", true), ("birth-partly-known", true), ("birth-unknown", false)]
            .into_iter()
            .enumerate()
        {
            let person = Person::hanako().with_email(&format!("hanako{at}@example.jp"));
            let (applicant, sign) = app.frozen("himeji", &person).await;
            let cards = applicant.press(&sign, "アプリで署名する").await.unwrap();
            let mut form = cards.form("card").unwrap();
            if sealed {
                form = form.fill("sealed", "1").unwrap();
            }
            let done = applicant.browser.submit(&form.fill("card", card).unwrap()).await.unwrap();
            let submitted = Submitted::on(applicant, &person, &done);
            app.deliver_mail().await;
            // One card has one open application.
            app.sato().await.decide(&submitted.reference, "decline", "練習です。").await.unwrap();
            app.deliver_mail().await;
        }
    }

    async fn a_certificate_that_spells_the_name_with_a_substitute_is_the_same_person(app: &TestApp) {
        let submitted = app.submitted("himeji", &pages::takahashi()).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let compared = file.text_of("table.lc-compare").unwrap();
        assert!(compared.contains("髙") && compared.contains("高") && compared.contains("表記のちがい"), "{compared}");
        assert!(!compared.contains("ちがう "), "{compared}");
    }

    async fn the_way_back_taken_twice_leads_to_the_receipt_and_changes_nothing(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        let first = applicant.browser.open(back.as_str()).await.unwrap();
        let again = applicant.browser.open(back.as_str()).await.unwrap();
        pages::is_at(&first, "/apply/done");
        assert_eq!(first.text_of(".lc-panel"), again.text_of(".lc-panel"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 1);
        assert_eq!(app.database.count(SUBMISSIONS).await, 1);
        assert_eq!(app.deliver_mail().await.sent, 1);
        assert_eq!(app.letters_to("hanako@example.jp").len(), 2);
    }

    async fn whoever_reads_the_mailbox_gets_neither_receipt_nor_collection_code(app: &TestApp) {
        let person = Person::hanako();
        app.frozen("himeji", &person).await;
        // Somebody with the mailbox takes the draft over, asks the app, and waits.
        let thief = app.journey("himeji");
        let asked = thief.answer("resume", &[("email", &person.email)]).await.unwrap();
        app.deliver_mail().await;
        let code = thief.newest_code(&person.email).unwrap();
        thief.send(&asked, &[("code", &code)]).await.unwrap();
        let sign = thief.open("apply/sign").await.unwrap();
        let theirs = way_back(&thief, &sign, "cancel").await;
        // The applicant comes back by mail code too, and signs.
        app.advance(Duration::minutes(2));
        let applicant = app.journey("himeji");
        let asked = applicant.answer("resume", &[("email", &person.email)]).await.unwrap();
        app.deliver_mail().await;
        let code = applicant.newest_code(&person.email).unwrap();
        applicant.send(&asked, &[("code", &code)]).await.unwrap();
        let sign = applicant.open("apply/sign").await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        let receipt = Submitted::on(applicant.clone(), &person, &done);
        // The older request must not count as the one that signed.
        thief.browser.open(theirs.as_str()).await.unwrap();
        let page = thief.open("apply/done").await.unwrap();
        assert!(!page.html().contains(&receipt.collection_code), "{}", page.text());
        let own = applicant.open("apply/done").await.unwrap();
        assert!(own.html().contains(&receipt.collection_code), "the applicant's own receipt stays");
        let failed = "SELECT COUNT(*) FROM events WHERE kind = 'signing_failed'";
        assert_eq!(app.database.count(failed).await, 0, "nothing is recorded on a submitted application");
        app.deliver_mail().await;
    }

    async fn a_noted_cookie_opens_nothing_once_somebody_applies(app: &TestApp) {
        let applicant = app.journey("himeji");
        let who = applicant.open("apply/who").await.unwrap();
        let noted = applicant.browser.cookies_for(&who.url);
        applicant.send(&who, &[("category", "resident"), ("age", "yes")]).await.unwrap();
        assert_ne!(applicant.browser.cookies_for(&who.url), noted, "a new session has a new cookie");
        let stranger = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let email = who.url.join("email").unwrap();
        let answer = stranger.get(email).header("Cookie", noted).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert!(answer.headers()["location"].to_str().unwrap().ends_with("/resume?why=lost"));
    }

    async fn two_libraries_in_one_browser_do_not_disturb_each_other(app: &TestApp) {
        let himeji = app.journey("himeji");
        himeji.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let shiomi = Journey { library: himeji.library.replace("/himeji", "/shiomi"), ..himeji.clone() };
        shiomi.answer("apply/who", &[("category", "townspeople"), ("age", "yes")]).await.unwrap();
        pages::is_at(&himeji.open("apply/email").await.unwrap(), "/himeji/ja/apply/email");
        pages::is_at(&shiomi.open("apply/email").await.unwrap(), "/shiomi/ja/apply/email");
    }

    async fn the_way_back_taken_five_times_at_once_submits_once(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        let answers = all_at_once(vec![Sending::get(back, &applicant.browser); 5]).await;
        assert!(answers.iter().all(|answer| answer.status == 303), "nobody sees a fault");
        let done = answers.iter().filter(|answer| location(answer).as_deref() == Some("/himeji/ja/apply/done"));
        assert_eq!(done.count(), 5, "each of them finds that it was received");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 1);
        assert_eq!(app.database.count(SUBMISSIONS).await, 1);
        pages::is_at(&applicant.open("apply/done").await.unwrap(), "/apply/done");
        assert_eq!(app.deliver_mail().await.sent, 1);
    }

    async fn another_browser_cannot_take_the_way_back(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        let empty = app.journey("himeji");
        let (busy, _) = app.answered("himeji", &pages::taro()).await;
        for stranger in [&empty, &busy] {
            let page = stranger.browser.open(back.as_str()).await.unwrap();
            pages::refuses(&page, 404, "この署名は使えません");
            let done = stranger.open("apply/done").await.unwrap();
            assert!(!done.text().contains("受取コード"));
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 0);
        // It was not used up: the one who began can still go back.
        pages::is_at(&applicant.browser.open(back.as_str()).await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn a_way_back_that_nobody_sent_leads_nowhere(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        let with = |name: &str, value: &str| {
            let pairs = back.query_pairs().into_owned();
            let pairs: Vec<_> = pairs.map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) }).collect();
            let mut url = back.clone();
            url.query_pairs_mut().clear().extend_pairs(pairs);
            url
        };
        let foreign = applicant.browser.open(with("state", "AAAA").as_str()).await.unwrap();
        pages::refuses(&foreign, 404, "この署名は使えません");
        let bare = applicant.browser.open(back.as_str().split('?').next().unwrap()).await.unwrap();
        pages::refuses(&bare, 404, "この署名は使えません");
        let guessed = applicant.browser.open(with("code", "guessed").as_str()).await.unwrap();
        explains(&guessed, "app-unavailable", "アプリ");
        // The true code comes too late for this request; another one can be begun.
        let late = applicant.browser.open(back.as_str()).await.unwrap();
        explains(&late, "request-unknown", "この署名は使えません");
        let sign = applicant.open("apply/sign").await.unwrap();
        pages::is_at(&applicant.sign_with(&sign, "normal").await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn one_card_has_one_open_application(app: &TestApp) {
        let first = app.submitted_by_hanako().await;
        let (second, sign) = app.frozen("himeji", &Person::hanako().with_email("second@example.jp")).await;
        let refused = second.sign_with(&sign, "normal").await.unwrap();
        explains(&refused, "already-applied", "すでに申し込まれています");
        assert_eq!(app.database.count(SUBMISSIONS).await, 1);
        // Another town is another matter.
        let other_town = app.submitted("shiomi", &pages::hanako_of_shiomi().with_email("third@example.jp")).await;
        assert_eq!(app.state("shiomi", &other_town.reference).await, "submitted");
        // Once the first is decided, the second may be signed.
        app.sato().await.decide(&first.reference, "decline", "書類を確かめられませんでした。").await.unwrap();
        let sign = second.open("apply/sign").await.unwrap();
        pages::is_at(&second.sign_with(&sign, "normal").await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn two_applications_of_one_card_at_once_submit_one(app: &TestApp) {
        let (one, sign_one) = app.frozen("himeji", &Person::hanako()).await;
        let (two, sign_two) = app.frozen("himeji", &Person::hanako().with_email("two@example.jp")).await;
        let back_one = way_back(&one, &sign_one, "normal").await;
        let back_two = way_back(&two, &sign_two, "normal").await;
        let both = vec![Sending::get(back_one, &one.browser), Sending::get(back_two, &two.browser)];
        let mut led: Vec<_> = all_at_once(both).await.iter().map(|answer| location(answer).unwrap_or_default()).collect();
        led.sort();
        assert_eq!(led, ["/himeji/ja/apply/done", "/himeji/ja/apply/sign/problem/already-applied"]);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications WHERE state = 'submitted'").await, 1);
        app.deliver_mail().await;
    }

    async fn a_signature_that_comes_after_half_an_hour_is_asked_for_again(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        app.advance(Duration::minutes(30));
        let late = applicant.browser.open(back.as_str()).await.unwrap();
        explains(&late, "request-expired", "署名の受付時間が過ぎました");
        let sign = applicant.open("apply/sign").await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        pages::is_at(&applicant.sign_with(&sign, "normal").await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn what_was_never_signed_becomes_a_draft_again(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let before = app.draft_of("himeji", "hanako@example.jp").await;
        app.advance(Duration::minutes(31));
        app.portal().sweep().await.unwrap();
        let waiting = app.draft_of("himeji", "hanako@example.jp").await.0;
        assert_eq!(waiting.state.name(), "awaiting_signature", "an answer in time may still be on its way");
        app.advance(Duration::minutes(1));
        app.portal().sweep().await.unwrap();
        let after = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!((after.0.state.name(), &after.1), ("draft", &before.1), "nothing is lost");
        let check = applicant.open("apply/sign").await.unwrap();
        pages::is_at(&check, "/apply/check");
        let sign = applicant.agree(&check).await.unwrap();
        pages::is_at(&applicant.sign_with(&sign, "normal").await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn a_signing_app_that_is_down_costs_nothing(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let back = way_back(&applicant, &sign, "normal").await;
        app.stage.stop_app().await;
        let before = app.draft_of("himeji", "hanako@example.jp").await;
        let cut_off = applicant.browser.open(back.as_str()).await.unwrap();
        explains(&cut_off, "app-unavailable", "アプリ");
        let sign = applicant.open("apply/sign").await.unwrap();
        let down = applicant.press(&sign, "アプリで署名する").await.unwrap();
        explains(&down, "app-unavailable", "アプリ");
        let after = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!((after.0.state.version(), &after.1), (before.0.state.version(), &before.1));
        pages::is_at(&applicant.open("apply/sign").await.unwrap(), "/apply/sign");
    }

    #[stage(without_lists)]
    async fn without_a_revocation_list_the_application_arrives_with_a_flag(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let receipt = submitted.applicant.open("apply/done").await.unwrap();
        assert!(receipt.text().contains("署名の確認に時間がかかっています"), "{}", receipt.text());
        let staff = app.sato().await;
        let queue = staff.open_staff("queue").await.unwrap();
        assert!(queue.text_of("tbody").unwrap().contains("失効を確認できず"), "{}", queue.text());
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("証明書の失効を確認できていません"), "{}", file.text());
        let refused = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        pages::refuses(&refused, 409, "この操作は保存していません");
        app.deliver_mail().await;
    }

    async fn a_stale_revocation_list_raises_the_same_flag(app: &TestApp) {
        app.advance(Duration::days(8));
        app.submitted_by_hanako().await;
        let queue = app.sato().await.open_staff("queue").await.unwrap();
        assert!(queue.text_of("tbody").unwrap().contains("失効を確認できず"), "{}", queue.text());
    }

    async fn a_current_list_raises_no_flag(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let receipt = submitted.applicant.open("apply/done").await.unwrap();
        assert!(!receipt.text().contains("時間がかかっています"), "{}", receipt.text());
        let queue = app.sato().await.open_staff("queue").await.unwrap();
        assert!(!queue.text_of("tbody").unwrap().contains("失効を確認できず"), "{}", queue.text());
    }

    async fn what_was_signed_says_what_was_typed_and_verifies_by_itself(app: &TestApp) {
        let person = Person { address: ["６７０ー００１２", "28", "姫路市", "本町６８番地"], ..pages::takahashi() };
        let submitted = app.submitted("himeji", &person).await;
        let staff = app.sato().await;
        let part = async |part: &str| {
            let page = staff.open_staff(&format!("applications/{}/{part}", submitted.reference)).await.unwrap();
            assert_eq!(page.status, 200);
            page.body
        };
        let (pdf, cms) = (part("document").await, part("signature").await);
        let application = app.application("himeji", &submitted.reference).await;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &pdf);
        assert_eq!(application.state.version().unwrap().digest.as_bytes(), digest.as_ref());

        let statement = read_statement(&pdf).unwrap();
        assert_eq!(statement.reference.to_string(), submitted.reference);
        assert_eq!((statement.version, statement.applied_on), (1, date!(2026 - 11 - 20)));
        assert_eq!(statement.library.name, "姫路市立図書館");
        assert_eq!(statement.labels.branch, "飾磨分館");
        assert_eq!(statement.consents.len(), 2);
        let answers = statement.answers;
        assert_eq!(answers.name.as_str(), person.name, "byte for byte");
        assert_eq!(answers.birth.date(), date!(1988 - 08 - 12));
        assert_eq!(answers.address.line1(), "本町６８番地");
        assert_eq!(answers.email.unwrap().as_str(), "takahashi@example.jp");
        assert_eq!((answers.delivery, answers.plastic_card), (Delivery::Electronic, false));

        let (trust, now) = (&app.portal().trust, app.now());
        assert!(jpki::verify_cms(&cms, Some(&pdf), trust, &CrlSet::new(), now).is_valid());
        let mut altered = pdf.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert!(!jpki::verify_cms(&cms, Some(&altered), trust, &CrlSet::new(), now).is_valid());

        let mut tx = app.database.db.read().await.unwrap();
        let evidence = signatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
        assert_eq!((evidence.revocation, evidence.cms), (RevocationAnswer::Good, cms));
    }
}
