//! From a PC to a telephone: the number before anything personal, one telephone, one version, ten minutes.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use fast_qr::ECL;
use fast_qr::qr::QRBuilder;
use reqwest::Url;
use std::num::NonZeroU32;
use std::time::Duration as Pause;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::Stage;
use todoke::http::limits::Rate;
use todoke::service::session::SessionToken;
use todoke::service::sign::{HandoffPage, Waiting};
use todoke::store::signatures::{self, SigningWay};

const SUBMISSIONS: &str = "SELECT COUNT(*) FROM events WHERE kind = 'submitted'";
/// What nobody may read who has not named the number.
const PERSONAL: [&str; 6] = ["姫路", "花子", "ヒメジ", "本町", "hanako", "図書館</b>"];

/// What stands on the screen of the PC.
async fn screen(app: &TestApp, pc: &Journey) -> HandoffPage {
    let library = app.library("himeji").await;
    let url: Url = format!("{}/ja/", pc.library).parse().unwrap();
    let token = SessionToken::parse(&pc.browser.cookie(&url, "__Host-todoke.himeji").unwrap()).unwrap();
    let (draft, _) = app.draft_of("himeji", "hanako@example.jp").await;
    app.portal().handoff_page(&library, &token, draft.id).await.unwrap().expect("a hand-off")
}

/// Another device, in nobody's session.
fn telephone(app: &TestApp) -> Journey {
    app.journey("himeji")
}

/// Reads the QR code.
async fn scan(app: &TestApp, phone: &Journey, screen: &HandoffPage) -> Page {
    phone.browser.open(&format!("{}/s/{}", app.portal().base_url, screen.handle)).await.unwrap()
}

/// Reads the QR code and names the right number: the summary.
async fn matched(app: &TestApp, phone: &Journey, screen: &HandoffPage) -> Page {
    let numbers = scan(app, phone, screen).await;
    let summary = phone.send(&numbers, &[("number", &screen.number.to_string())]).await.unwrap();
    pages::is_at(&summary, "/go");
    summary
}

/// Presses the button of the PC that asks whether the telephone has signed, without waiting.
async fn ask(pc: &Journey) -> Page {
    pc.open("apply/sign/status").await.unwrap()
}

/// One of the numbers that the PC does not show.
fn wrong_number(numbers: &Page, screen: &HandoffPage) -> String {
    let choices = numbers.form("number").unwrap().choices("number");
    assert_eq!(choices.len(), 3, "{choices:?}");
    choices.into_iter().find(|number| *number != screen.number.to_string()).unwrap()
}

#[track_caller]
fn is_void(page: &Page) {
    pages::refuses(page, 410, "このQRコードは使えません");
    for word in PERSONAL {
        assert!(!page.html().contains(word), "{word}");
    }
}

fn nobody_waits(stage: &mut Stage) {
    stage.portal.waiting = Waiting::new(4, 3, Pause::ZERO);
}

fn one_may_wait(stage: &mut Stage) {
    stage.portal.waiting = Waiting::new(1, 600, Pause::from_millis(100));
}

fn few_typed_codes(stage: &mut Stage) {
    let three = NonZeroU32::new(3).unwrap();
    stage.facing.limits.typed_codes = Rate { burst: three, per_minute: NonZeroU32::MIN };
}

/// The dark modules of the picture on a page, row by row.
fn dark_modules(page: &Page) -> Vec<Vec<bool>> {
    let html = page.html();
    let svg = html.split("class=\"lc-qr\"").nth(1).unwrap();
    let between = |start: &str, end: &str| svg.split(start).nth(1).unwrap().split(end).next().unwrap().to_owned();
    let side: usize = between("viewBox=\"0 0 ", " ").parse().unwrap();
    let mut rows = vec![vec![false; side]; side];
    for run in between("<path d=\"", "\"").split('M').filter(|run| !run.is_empty()) {
        let (place, rest) = run.split_once('h').unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let width: usize = rest.split('v').next().unwrap().parse().unwrap();
        rows[y][x..x + width].fill(true);
    }
    rows
}

stories! {
    async fn the_telephone_signs_and_the_pc_gets_the_receipt(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let numbers = scan(app, &phone, &screen).await;
        assert_eq!(numbers.status, 200);
        for word in PERSONAL {
            assert!(!numbers.html().contains(word), "{word} before the number");
        }
        assert!(!numbers.url.as_str().contains("himeji"), "{}", numbers.url);

        let summary = matched(app, &phone, &screen).await;
        for word in ["姫路 花子", "1990年", "h•••@example.jp", "パソコンで 10:00 に始めた", "心当たりがないときは署名しないでください"] {
            assert!(summary.text().contains(word), "{word}: {}", summary.text());
        }
        assert!(!summary.text().contains("hanako@example.jp"), "{}", summary.text());
        let document = pc.open("apply/sign").await.unwrap().text_of("details .lc-num").unwrap();
        assert!(summary.text().contains(&document), "the same document {document}");

        let signed = phone.sign_with(&summary, "normal").await.unwrap();
        pages::is_at(&signed, "/done");
        assert!(signed.text().contains("署名できました") && signed.text().contains("パソコンの画面にもどってください"));
        let done = ask(&pc).await;
        let receipt = Submitted::on(pc.clone(), &Person::hanako(), &done);
        assert!(!signed.html().contains(&receipt.collection_code) && !signed.html().contains(&receipt.reference));
        for path in ["apply/done", "status", "apply/sign", "apply/check"] {
            let page = phone.open(path).await.unwrap();
            assert!(page.url.path().ends_with("/resume") || page.url.path().ends_with("/sign-in"), "{path}: {}", page.url);
        }
        let on = phone.browser.click(&signed, "スマートフォンで続ける").await.unwrap();
        pages::is_at(&on, "/sign-in");

        let application = app.application("himeji", &receipt.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let evidence = signatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
        assert_eq!(evidence.way, SigningWay::Phone);
        drop(tx);
        let file = app.sato().await.open_staff(&format!("applications/{}", receipt.reference)).await.unwrap();
        assert!(file.text().contains("スマートフォンのアプリで署名"), "{}", file.text());
        // The PC's session only reads from now on; the telephone's address leads to the same words again.
        pages::is_at(&pc.open("status").await.unwrap(), "/status");
        pages::is_at(&phone.browser.open(signed.url.as_str()).await.unwrap(), "/done");
        pages::is_at(&phone.browser.open(summary.url.as_str()).await.unwrap(), "/done");
        is_void(&scan(app, &telephone(app), &screen).await);
        app.deliver_mail().await;
    }

    async fn the_picture_says_the_address_and_nothing_else(app: &TestApp) {
        let (pc, sign) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        assert!(screen.handle.len() >= 22, "128 bits in base64url");
        let address = format!("{}/s/{}", app.portal().base_url, screen.handle);
        let expected = QRBuilder::new(address).ecl(ECL::M).build().unwrap();
        let drawn = dark_modules(&sign);
        assert_eq!(drawn.len(), expected.size + 8, "a quiet zone of four modules on each side");
        for y in 0..expected.size {
            let row: Vec<bool> = expected[y].iter().map(|module| module.value()).collect();
            assert_eq!(drawn[y + 4][4..expected.size + 4], row, "row {y}");
        }
        assert!(drawn.iter().enumerate().all(|(y, row)| (4..expected.size + 4).contains(&y) || row.iter().all(|dark| !dark)));
        let text = sign.text();
        for part in [&screen.code.to_string(), &screen.number.to_string(), "10:10", "アプリで署名する"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // Reading the page again shows the same code.
        let again = pc.open("apply/sign").await.unwrap();
        assert_eq!(dark_modules(&again), drawn);
    }

    async fn one_wrong_number_ends_it_and_the_pc_says_so(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let before = app.draft_of("himeji", "hanako@example.jp").await;
        let first = screen(app, &pc).await;
        let thief = telephone(app);
        let numbers = scan(app, &thief, &first).await;
        let unanswered = thief.browser.submit(&numbers.form("number").unwrap()).await.unwrap();
        pages::is_rejected(&unanswered, "number", "番号を選んでください");
        let refused = thief.send(&numbers, &[("number", &wrong_number(&numbers, &first))]).await.unwrap();
        is_void(&refused);
        assert!(refused.text().contains("番号とちがいました"));
        // The right one comes too late, from whomever.
        is_void(&thief.send(&numbers, &[("number", &first.number.to_string())]).await.unwrap());
        is_void(&scan(app, &telephone(app), &first).await);

        let sign = ask(&pc).await;
        pages::is_at(&sign, "/apply/sign");
        assert!(sign.text().contains("そのQRコードを使えなくしました"), "{}", sign.text());
        let after = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!((after.0.state, after.1), (before.0.state, before.1), "nothing is lost");
        let sign = pc.press(&sign, "新しいQRコードを表示").await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        let second = screen(app, &pc).await;
        assert_ne!(second.handle, first.handle);
        let phone = telephone(app);
        let summary = matched(app, &phone, &second).await;
        pages::is_at(&phone.sign_with(&summary, "normal").await.unwrap(), "/done");
        pages::is_at(&ask(&pc).await, "/apply/done");
        app.deliver_mail().await;
    }

    async fn after_ten_minutes_it_is_void(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let first = screen(app, &pc).await;
        let phone = telephone(app);
        let numbers = scan(app, &phone, &first).await;
        app.advance(Duration::minutes(10));
        is_void(&phone.send(&numbers, &[("number", &first.number.to_string())]).await.unwrap());
        is_void(&scan(app, &phone, &first).await);
        let sign = ask(&pc).await;
        pages::is_at(&sign, "/apply/sign");
        assert!(sign.text().contains("QRコードの時間が過ぎました") && !sign.html().contains("lc-qr"), "{}", sign.text());

        // Matched in time, but nobody pressed the button.
        pc.press(&sign, "新しいQRコードを表示").await.unwrap();
        let second = screen(app, &pc).await;
        app.advance(Duration::minutes(9));
        let summary = matched(app, &phone, &second).await;
        app.advance(Duration::minutes(1));
        is_void(&phone.press(&summary, "アプリで署名する").await.unwrap());
        is_void(&phone.browser.open(summary.url.as_str()).await.unwrap());
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
    }

    async fn a_code_shown_late_keeps_its_version_from_being_opened_again(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        app.advance(Duration::minutes(29));
        let sign = pc.open("apply/sign").await.unwrap();
        pc.press(&sign, "新しいQRコードを表示").await.unwrap();
        let screen = screen(app, &pc).await;
        app.advance(Duration::minutes(9));
        app.portal().sweep().await.unwrap();
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        pages::is_at(&phone.sign_with(&summary, "normal").await.unwrap(), "/done");
        app.deliver_mail().await;
    }

    async fn looking_uses_nothing_up_and_naming_the_number_does(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        for _ in 0..3 {
            assert_eq!(scan(app, &telephone(app), &screen).await.status, 200, "a preview of links");
        }
        assert!(ask(&pc).await.text().contains("スマートフォンでひらきました"));
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        assert!(ask(&pc).await.text().contains("番号が合いました"));
        // The same telephone is led on, another one is not, even with the right number.
        pages::is_at(&scan(app, &phone, &screen).await, "/go");
        let other = telephone(app);
        is_void(&scan(app, &other, &screen).await);
        is_void(&other.browser.open(summary.url.as_str()).await.unwrap());
        is_void(&other.browser.open(&summary.url.as_str().replace("/go", "/done")).await.unwrap());
        is_void(&other.browser.open(&summary.url.as_str().replace("/go", "/problem/revoked")).await.unwrap());
        is_void(&pc.browser.open(summary.url.as_str()).await.unwrap());
        let form = summary.form("アプリで署名する").unwrap();
        let stolen = Sending::form(&form, &other.browser).send().await;
        assert_eq!(stolen.status, 403, "a form of another browser");
    }

    async fn two_telephones_at_once_and_one_gets_it(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let mut sendings = Vec::new();
        for _ in 0..4 {
            let phone = telephone(app);
            let numbers = scan(app, &phone, &screen).await;
            let form = numbers.form("number").unwrap().fill("number", &screen.number.to_string()).unwrap();
            sendings.push(Sending::form(&form, &phone.browser));
        }
        let impatient = sendings[0].clone();
        sendings.push(impatient);
        let answers = all_at_once(sendings).await;
        let led: Vec<_> = answers.iter().filter(|answer| answer.status == 303).collect();
        let void = answers.iter().filter(|answer| answer.status == 410).count();
        // The second click of the one who was first is led on, too.
        assert!((1..=2).contains(&led.len()) && led.len() + void == 5, "{} led, {void} void", led.len());
        assert!(led.iter().all(|answer| location(answer) == location(led[0])));
    }

    async fn the_telephones_cookie_opens_nothing_of_the_library(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        let value = phone.browser.cookie(&summary.url, "__Host-todoke.s").expect("a cookie of its own");
        assert_eq!(phone.browser.cookies_for(&summary.url), format!("__Host-todoke.s={value}"));
        pages::is_at(&phone.sign_with(&summary, "normal").await.unwrap(), "/done");
        let forger = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        for path in ["apply/sign", "apply/done", "apply/sign/status", "apply/sign/document", "status", "password"] {
            let url = format!("{}/ja/{path}", phone.library);
            let answer = forger.get(url).header("Cookie", format!("__Host-todoke.himeji={value}")).send().await.unwrap();
            assert_eq!(answer.status(), 303, "{path}");
            let target = answer.headers()["location"].to_str().unwrap();
            assert!(target.ends_with("/resume?why=lost") || target.ends_with("/sign-in?why=first"), "{path}: {target}");
        }
        app.deliver_mail().await;
    }

    async fn once_the_answers_change_the_telephone_signs_nothing(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let first = screen(app, &pc).await;
        let phone = telephone(app);
        let summary = matched(app, &phone, &first).await;
        let cards = phone.press(&summary, "アプリで署名する").await.unwrap();
        let form = cards.form("card").unwrap().fill("card", "normal").unwrap();
        let back = location(&Sending::form(&form, &phone.browser).send().await).unwrap();
        let check = pc.answer("apply/contact?from=check", &[("phone", "079-777-1234")]).await.unwrap();
        assert!(ask(&pc).await.url.path().ends_with("/apply/check"));
        let problem = phone.browser.open(&back).await.unwrap();
        pages::is_at(&problem, "/problem/request-unknown");
        is_void(&phone.browser.open(summary.url.as_str()).await.unwrap());
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        // The new version has a code of its own; the old one leads nowhere.
        pages::is_at(&pc.agree(&check).await.unwrap(), "/apply/sign");
        is_void(&scan(app, &telephone(app), &first).await);
        let second = screen(app, &pc).await;
        assert_ne!(second.handle, first.handle);
        pages::is_at(&matched(app, &phone, &second).await, "/go");
    }

    async fn what_is_being_changed_cannot_be_handed_over(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let numbers = scan(app, &phone, &screen).await;
        pc.answer("apply/contact?from=check", &[("phone", "079-777-1234")]).await.unwrap();
        is_void(&phone.send(&numbers, &[("number", &screen.number.to_string())]).await.unwrap());
        is_void(&scan(app, &phone, &screen).await);
        is_void(&telephone_types(app, &screen.code.to_string()).await);
    }

    async fn what_was_withdrawn_nobody_signs(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        let cards = phone.press(&summary, "アプリで署名する").await.unwrap();
        let form = cards.form("card").unwrap().fill("card", "normal").unwrap();
        let back = location(&Sending::form(&form, &phone.browser).send().await).unwrap();
        let page = pc.open("status/withdraw").await.unwrap();
        pc.press(&page, "申込みを取り下げる").await.unwrap();
        is_void(&phone.browser.open(&back).await.unwrap());
        is_void(&phone.browser.open(summary.url.as_str()).await.unwrap());
        is_void(&scan(app, &telephone(app), &screen).await);
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
    }

    async fn addresses_that_nobody_was_given_lead_nowhere(app: &TestApp) {
        let phone = telephone(app);
        let long = "A".repeat(4000);
        for path in ["q2hCkr4bUe0p3yVt9sXw1A", "%FF", "%00", "staff", "..%2f..", &long, "x/go", "x/done", "x/problem/revoked"] {
            let page = phone.browser.open(&format!("{}/s/{path}", app.portal().base_url)).await.unwrap();
            assert!(matches!(page.status, 400 | 404 | 410), "{path}: {}", page.status);
            assert!(page.text_of("h1").is_some(), "{path}");
        }
    }

    async fn another_code_takes_the_place_of_the_first_even_while_it_signs(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let first = screen(app, &pc).await;
        let phone = telephone(app);
        let summary = matched(app, &phone, &first).await;
        let cards = phone.press(&summary, "アプリで署名する").await.unwrap();
        assert!(ask(&pc).await.text().contains("スマートフォンで署名しています"));
        let sign = pc.open("apply/sign").await.unwrap();
        assert!(!sign.html().contains("lc-qr"), "a code that cannot be read is not shown");
        pc.press(&sign, "新しいQRコードを表示").await.unwrap();
        let refused = phone.send(&cards, &[("card", "normal")]).await.unwrap();
        is_void(&refused);
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 0);
        // The PC itself can still sign on its own device, and the second code is of no use then.
        let second = screen(app, &pc).await;
        let sign = pc.open("apply/sign").await.unwrap();
        pages::is_at(&pc.sign_with(&sign, "normal").await.unwrap(), "/apply/done");
        is_void(&scan(app, &phone, &second).await);
        app.deliver_mail().await;
    }

    async fn a_bad_card_is_explained_on_both_screens_and_a_good_one_still_signs(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let mut summary = matched(app, &phone, &screen).await;
        for (card, kind) in [("revoked", "revoked"), ("other-person", "other-person"), ("cancel", "cancelled")] {
            let problem = phone.sign_with(&summary, card).await.unwrap();
            pages::is_at(&problem, &format!("/problem/{kind}"));
            assert!(!problem.url.path().contains("himeji"), "the telephone stays at its own addresses");
            pages::is_at(&ask(&pc).await, &format!("/apply/sign/problem/{kind}"));
            // However long it takes to find the right card: the app has its own time.
            app.advance(Duration::minutes(8));
            summary = phone.browser.open(summary.url.as_str()).await.unwrap();
            pages::is_at(&summary, "/go");
        }
        pages::is_at(&phone.sign_with(&summary, "normal").await.unwrap(), "/done");
        pages::is_at(&ask(&pc).await, "/apply/done");
        app.deliver_mail().await;
    }

    async fn a_code_can_be_typed_instead(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let page = phone.browser.open(&format!("{}/s", app.portal().base_url)).await.unwrap();
        pages::is_rejected(&phone.send(&page, &[("code", "K7QF")]).await.unwrap(), "code", "8文字");
        pages::is_rejected(&phone.send(&page, &[("code", "K7QF-2M9X")]).await.unwrap(), "code", "このコードは使えません");
        let typed = format!(" {} ", screen.code.to_string().to_lowercase().replace('-', " "));
        let numbers = phone.send(&page, &[("code", &typed)]).await.unwrap();
        assert!(numbers.url.path().ends_with(&screen.handle));
        let summary = phone.send(&numbers, &[("number", &screen.number.to_string())]).await.unwrap();
        pages::is_at(&summary, "/go");
        pages::is_rejected(&telephone_types(app, &typed).await, "code", "このコードは使えません");
    }

    #[stage(few_typed_codes)]
    async fn nobody_tries_all_codes(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        for code in ["K7QF-2M9X", "K7QF-2M9Y", "K7QF-2M9Z"] {
            pages::is_rejected(&telephone_types(app, code).await, "code", "このコードは使えません");
        }
        let refused = telephone_types(app, &screen.code.to_string()).await;
        pages::refuses(&refused, 429, "しばらく待ってから");
        assert_eq!(scan(app, &telephone(app), &screen).await.status, 200, "the QR code can still be read");
    }

    #[stage(nobody_waits)]
    async fn whoever_asks_too_early_reads_when_and_finds_the_same_button(app: &TestApp) {
        let (pc, sign) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        app.advance(Duration::seconds(10));
        let waiting = pc.press(&sign, "署名がおわったら押す").await.unwrap();
        pages::is_at(&waiting, "/apply/sign/status");
        let text = waiting.text();
        assert!(text.contains("まだ確認できていません（10:00:10）") && text.contains(&screen.number.to_string()), "{text}");
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        phone.sign_with(&summary, "normal").await.unwrap();
        pages::is_at(&pc.press(&waiting, "署名がおわったら押す").await.unwrap(), "/apply/done");
        app.deliver_mail().await;
    }

    async fn the_script_hears_of_each_step(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let news = async |seen: &str| {
            let page = pc.open(&format!("apply/sign/status?wait=1&seen={seen}")).await.unwrap();
            assert_eq!(page.headers["content-type"], "application/json");
            page.html()
        };
        let phone = telephone(app);
        scan(app, &phone, &screen).await;
        assert!(news("shown").await.contains("\"is\":\"opened\""));
        let summary = matched(app, &phone, &screen).await;
        assert!(news("opened").await.contains("\"is\":\"matched\""));
        let cards = phone.press(&summary, "アプリで署名する").await.unwrap();
        assert!(news("matched").await.contains("\"is\":\"signing\""));
        phone.send(&cards, &[("card", "normal")]).await.unwrap();
        let signed = news("signing").await;
        assert!(signed.contains("\"is\":\"signed\"") && signed.contains("\"ends\":true"), "{signed}");
        app.deliver_mail().await;
    }

    #[stage(one_may_wait)]
    async fn the_pc_waits_until_the_telephone_has_signed_and_only_so_many_may(app: &TestApp) {
        let (pc, sign) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let form = sign.form("署名がおわったら押す").unwrap();
        let mut url = form.action.clone();
        url.query_pairs_mut().extend_pairs(&form.fields);
        let held = Sending::get(url, &pc.browser);
        let first = held.clone();
        let first = actix_web::rt::spawn(async move { first.send().await });
        while app.portal().waiting.free_seats() > 0 {
            actix_web::rt::task::yield_now().await;
        }
        let second = held.send().await;
        assert_eq!(second.status, 200, "no seat is free: answered at once");
        assert!(!first.is_finished(), "the first still waits");
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        phone.sign_with(&summary, "normal").await.unwrap();
        let first = first.await.unwrap();
        assert_eq!(location(&first).as_deref(), Some("/himeji/ja/apply/done"));
        assert_eq!(app.portal().waiting.free_seats(), 1, "the seat is free again");
        app.deliver_mail().await;
    }

    async fn a_session_that_was_ended_on_the_pc_stays_ended(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let noted = pc.browser.cookies_for(&pc.library.parse().unwrap());
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        let pause = pc.open("apply/pause").await.unwrap();
        pc.press(&pause, "この端末での利用を終える").await.unwrap();
        pages::is_at(&phone.sign_with(&summary, "normal").await.unwrap(), "/done");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = client.get(format!("{}/ja/apply/done", pc.library)).header("Cookie", noted).send().await.unwrap();
        assert_eq!(answer.status(), 303, "nobody at that PC gets the receipt");
        assert!(answer.headers()["location"].to_str().unwrap().ends_with("/resume?why=lost"));
        app.deliver_mail().await;
    }

    async fn a_signing_app_that_is_down_is_said_on_the_telephone(app: &TestApp) {
        let (pc, _) = app.frozen("himeji", &Person::hanako()).await;
        let screen = screen(app, &pc).await;
        let phone = telephone(app);
        let summary = matched(app, &phone, &screen).await;
        app.stage.stop_app().await;
        let down = phone.press(&summary, "アプリで署名する").await.unwrap();
        pages::is_at(&down, "/problem/app-unavailable");
        pages::is_at(&phone.browser.click(&down, "もう一度署名する").await.unwrap(), "/go");
    }
}

async fn telephone_types(app: &TestApp, code: &str) -> Page {
    let phone = telephone(app);
    let page = phone.browser.open(&format!("{}/s", app.portal().base_url)).await.unwrap();
    phone.send(&page, &[("code", code)]).await.unwrap()
}
