//! A library whose system has to take in what was approved before it is in force.

use crate::guardian::{SAKURA, TARO, signed_for};
use crate::procedures::{by_one_tap, expires_on, from_the_start};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::lists;
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use time::macros::date;
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::card::{Card, CardState};
use todoke::domain::library::LibraryRules;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::service::exchange::confirmation::Confirmed;
use todoke::store::{cards, patrons};

/// The first number of the series.
const NUMBER: &str = "300000014";
/// The second one.
const NEXT: &str = "300000021";

/// Lets himeji wait for its library system from now on.
async fn wait_for_the_system(app: &TestApp) {
    let source = LIBRARIES[0].replace("confirmation = \"none\"", "confirmation = \"import\"");
    let rules = LibraryRules::parse(&source).unwrap();
    app.portal().import_library(&rules, &source).await.unwrap();
}

async fn card(app: &TestApp, number: &str) -> Card {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_number(&mut tx, library.id, &number.parse().unwrap()).await.unwrap().expect("the card")
}

/// What tells that something was issued: notices, rights to a password, links, mails that say so.
async fn issued(app: &TestApp) -> [i64; 4] {
    [
        app.database.count("SELECT COUNT(*) FROM notices").await,
        app.database.count("SELECT COUNT(*) FROM credentials").await,
        app.database.count("SELECT COUNT(*) FROM certificate_links").await,
        app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'issued'").await,
    ]
}

/// Approved, and waiting.
async fn approved(app: &TestApp, submitted: &Submitted) -> Journey {
    let staff = app.sato().await;
    let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
    assert!(decided.text().contains("図書館システムへの登録を待っています"), "{}", decided.text());
    assert_eq!(app.state("himeji", &submitted.reference).await, "approved");
    assert_eq!(app.count_waiting_mail().await, 0, "nobody is told anything yet");
    staff
}

/// Approved once more: whoever was refused outside is looked at by two, as the rules want it of reopened decisions.
async fn approved_by_two(app: &TestApp, submitted: &Submitted) -> Journey {
    let first = app
        .staff("himeji", todoke::demo::SECOND_STAFF_LOGIN)
        .await
        .decide(&submitted.reference, "approve", "")
        .await
        .unwrap();
    assert!(first.text().contains("1人目として承認しました"), "{}", first.text());
    approved(app, submitted).await
}

async fn file(staff: &Journey, reference: &str) -> Page {
    staff.open_staff(&format!("applications/{reference}")).await.unwrap()
}

/// A file of everything new: its page, and its text.
async fn export(staff: &Journey) -> (Page, String) {
    let page = staff.open_staff("exchange/new?profile=new-patrons").await.unwrap();
    let made = staff.press(&page, "ファイルを作る").await.unwrap();
    let file = staff.browser.open(made.link("ファイルを保存する").unwrap().as_str()).await.unwrap();
    (made, encoding_rs::SHIFT_JIS.decode(&file.body).0.into_owned())
}

/// Sends a list of numbers.
async fn send(staff: &Journey, mode: &str, list: &str) -> Page {
    let page = staff.open_staff("exchange/confirmations").await.unwrap();
    let form = page.form("file").unwrap().fill("mode", mode).unwrap();
    Sending::form(&form, &staff.browser).file(list.as_bytes()).send().await
}

fn says(page: &Page, words: &str) -> bool {
    let tight = |text: &str| text.split_whitespace().collect::<String>();
    tight(&page.text()).contains(&tight(words))
}

fn must_say(page: &Page, words: &[&str]) {
    for words in words {
        assert!(says(page, words), "{words}: {}", page.text());
    }
}

stories! {
    async fn a_job_at_the_command_line_confirms_a_list_as_the_page_does(app: &TestApp) {
        wait_for_the_system(app).await;
        let submitted = app.submitted_by_hanako().await;
        approved(app, &submitted).await;
        let library = app.library("himeji").await;
        let list = format!("{NUMBER}\n{NEXT}\n");
        let looked = app.portal().list_outside_confirmations(&library, None, list.as_bytes()).await.unwrap();
        assert!(matches!(looked[0].about, Confirmed::Awaiting(_)) && looked[1].about == Confirmed::Unknown, "{looked:?}");
        assert_eq!(app.state("himeji", &submitted.reference).await, "approved");
        let lines = app.portal().confirm_outside(&library, None, list.as_bytes()).await.unwrap();
        assert!(matches!(lines[0].about, Confirmed::Issued(_)), "{lines:?}");
        assert_eq!(app.state("himeji", &submitted.reference).await, "issued");
        let by_nobody = "SELECT COUNT(*) FROM events WHERE kind = 'issued' AND actor = 'system'";
        assert_eq!(app.database.count(by_nobody).await, 1);
        let again = app.portal().confirm_outside(&library, None, list.as_bytes()).await.unwrap();
        assert_eq!(again[0].about, Confirmed::Settled);
        app.deliver_mail().await;
    }

    async fn an_approval_waits_and_everybody_is_told_so(app: &TestApp) {
        wait_for_the_system(app).await;
        let hanako = app.submitted_by_hanako().await;
        approved(app, &hanako).await;
        assert_eq!(issued(app).await, [0; 4]);
        assert_eq!(card(app, NUMBER).await.state, CardState::Pending, "the number is fixed");
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["申込みは承認されました", "登録しています。2026年11月24日(火)までにメールで", "お知らせはまだありません"]);
        assert!(!says(&status, "3000 0001 4"), "{}", status.text());
        assert_eq!(hanako.applicant.open("password").await.unwrap().status, 404);

        app.advance(Duration::days(3));
        let staff_later = app.sato().await;
        let queue = staff_later.open_staff("queue?tab=awaiting_registration").await.unwrap();
        must_say(&queue, &[&hanako.reference, "登録待ち", "承認は3日前"]);
        let overview = staff_later.open_staff("exchange").await.unwrap();
        must_say(&overview, &["登録をまだ確かめていないもの：1件", "3日前に承認"]);
        must_say(&file(&staff_later, &hanako.reference).await, &["登録を待っています", "3日前", "登録できなかったとき"]);
        let typed = staff_later.open_staff(&format!("applications/{}/transcription", hanako.reference)).await.unwrap();
        assert_eq!(typed.text_of("output").as_deref(), Some(NUMBER));
        app.advance(Duration::days(14));
        let (_, late) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        must_say(&late, &["申込みは承認されました", "過ぎています"]);
    }

    async fn a_list_of_numbers_issues_each_card_once(app: &TestApp) {
        wait_for_the_system(app).await;
        let hanako = app.submitted_by_hanako().await;
        let staff = approved(app, &hanako).await;
        let list = format!("番号,氏名\r\n{NUMBER},x\r\n300000022\r\n?\r\n");
        let told = send(&staff, "rehearse", &list).await;
        must_say(&told, &["まだ何も変えていません", &hanako.reference, "2行目", "登録待ち（発行できる）1行"]);
        must_say(&told, &["この番号のカードはありません", "カード番号として読めません"]);
        assert_eq!(issued(app).await, [0; 4]);

        let done = send(&staff, "take", &list).await;
        must_say(&done, &["確認しました", "発行しました1行", &hanako.reference]);
        assert_eq!(issued(app).await, [1; 4]);
        assert_eq!(app.count_waiting_mail().await, 1);
        let again = send(&staff, "take", &list).await;
        must_say(&again, &["確認済み", "登録を待っている申込み：0件"]);
        assert_eq!((issued(app).await, app.count_waiting_mail().await), ([1; 4], 1), "once");
        app.deliver_mail().await;

        assert_eq!(app.state("himeji", &hanako.reference).await, "issued");
        assert_eq!(card(app, NUMBER).await.state, CardState::Active);
        let desk = hanako.applicant.open("password").await.unwrap();
        let shown = hanako.applicant.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        assert!(shown.text_of("output").is_some(), "{}", shown.text());
        let empty = send(&staff, "take", "").await;
        pages::is_rejected(&empty, "numbers", "貼り付けるか");
    }

    async fn a_file_that_was_taken_in_issues_all_that_is_in_it(app: &TestApp) {
        wait_for_the_system(app).await;
        let hanako = app.submitted_by_hanako().await;
        let staff = approved(app, &hanako).await;
        let (made, text) = export(&staff).await;
        assert!(text.contains(&format!("\"{NUMBER}\",\"姫路　花子\"")), "{text}");
        must_say(&made, &["次の申込みのカードが発行されます", &hanako.reference]);
        let taro = app.submitted("himeji", &pages::taro()).await;
        approved(app, &taro).await;
        let confirmed = staff.press(&made, "図書館システムに取り込んだ").await.unwrap();
        must_say(&confirmed, &["取り込んだことを確かめました"]);
        assert_eq!(app.state("himeji", &hanako.reference).await, "issued");
        assert_eq!(app.state("himeji", &taro.reference).await, "approved", "it was not in the file");
        let twice = staff.press(&made, "図書館システムに取り込んだ").await.unwrap();
        assert_eq!(twice.url, made.url);
        assert_eq!(issued(app).await[0], 1);
        let unchanged = staff.browser.open(made.url.as_str()).await.unwrap();
        assert!(!says(&unchanged, "変わった行"), "what is issued is what went out: {}", unchanged.text());
        app.deliver_mail().await;
    }

    async fn what_the_system_refuses_goes_back_into_review(app: &TestApp) {
        wait_for_the_system(app).await;
        let hanako = app.submitted_by_hanako().await;
        let staff = approved(app, &hanako).await;
        let page = file(&staff, &hanako.reference).await;
        let nothing = staff.send(&page, &[("refusal_reason", "")]).await.unwrap();
        pages::is_rejected(&nothing, "refusal_reason", "理由");
        let back = staff.send(&page, &[("refusal_reason", "同じ番号がすでに使われている")]).await.unwrap();
        must_say(&back, &["同じ番号がすでに使われている", "登録できなかったため、承認を取り消しました", "受付済み"]);
        assert_eq!(app.state("himeji", &hanako.reference).await, "submitted");
        assert_eq!((issued(app).await, app.count_waiting_mail().await), ([0; 4], 0));
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["職員の確認を待っています", "もう一度確認することにしました"]);
        must_say(&send(&staff, "take", NUMBER).await, &["待っている申込みはありません"]);

        let staff = approved_by_two(app, &hanako).await;
        assert_eq!(card(app, NEXT).await.state, CardState::Pending, "another number");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE application_id IS NOT NULL").await, 1);
        let page = file(&staff, &hanako.reference).await;
        let done = staff.press(&page, "図書館システムに登録した").await.unwrap();
        must_say(&done, &["承認し、カードを発行しました"]);
        let twice = staff.press(&page, "図書館システムに登録した").await.unwrap();
        assert_eq!(twice.status, 200, "{}", twice.text());
        assert_eq!(issued(app).await, [1; 4]);
        assert_eq!(app.count_waiting_mail().await, 1);
        app.deliver_mail().await;
        assert_eq!(card(app, NUMBER).await.state, CardState::Pending, "never anybody's");
        let (made, text) = export(&staff).await;
        assert!(text.contains(NEXT) && !text.contains(NUMBER), "{text}");
        assert!(!says(&made, "変わった行"));
    }

    async fn a_renewal_by_rule_is_in_force_once_its_file_was_taken_in(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let staff = app.sato().await;
        export(&staff).await;
        wait_for_the_system(app).await;
        expires_on(app, "2026-12-20").await;
        let renewal = by_one_tap(app, &hanako, "有効期限を延ばす").await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "approved");
        assert_eq!(card(app, NUMBER).await.expires_on, date!(2026 - 12 - 20), "not before");
        let unproved = send(&staff, "take", NUMBER).await;
        must_say(&unproved, &["まだ書き出していない変更を待っています", &renewal.reference]);
        assert_eq!(app.state("himeji", &renewal.reference).await, "approved");

        let (_, text) = export(&staff).await;
        assert!(text.contains(NUMBER) && text.contains("20291120"), "{text}");
        must_say(&send(&staff, "take", NUMBER).await, &["発行しました1行"]);
        assert_eq!(app.state("himeji", &renewal.reference).await, "issued");
        assert_eq!(card(app, NUMBER).await.expires_on, date!(2029 - 11 - 20));
        app.deliver_mail().await;
        let status = renewal.applicant.open("status").await.unwrap();
        let notice = renewal.applicant.browser.click(&status, "お知らせを読む").await.unwrap();
        must_say(&notice, &["有効期限延長のお知らせ", "2026年（令和8年）12月20日"]);
    }

    async fn changed_facts_are_known_once_they_are_taken_in_and_not_if_they_are_refused(app: &TestApp) {
        app.issued_to_hanako().await;
        wait_for_the_system(app).await;
        let moved = Person { address: ["670-0012", "28", "姫路市", "本町69"], ..Person::hanako() };
        let request = from_the_start(app, "change", &[("number", NUMBER), ("changed", "address")], &moved).await;
        // Her certificate still has the old address: two persons look.
        let staff = approved_by_two(app, &request).await;
        let knows_it = async || {
            let card = card(app, NUMBER).await;
            let mut tx = app.database.db.read().await.unwrap();
            let patron = patrons::find(&mut tx, card.library_id, card.patron_id).await.unwrap().unwrap();
            patron.facts.address.unwrap().one_line().contains("本町69")
        };
        assert!(!knows_it().await);
        let (made, text) = export(&staff).await;
        assert!(text.contains("６９"), "{text}");
        let page = file(&staff, &request.reference).await;
        staff.send(&page, &[("refusal_reason", "住所の形式が合わない")]).await.unwrap();
        assert!(!knows_it().await);
        let changed = staff.browser.open(made.url.as_str()).await.unwrap();
        must_say(&changed, &["変わった行", "内容が変わりました"]);

        let staff = approved_by_two(app, &request).await;
        let page = file(&staff, &request.reference).await;
        staff.press(&page, "図書館システムに登録した").await.unwrap();
        assert!(knows_it().await);
        app.deliver_mail().await;
    }

    async fn a_new_number_takes_the_old_one_s_place_once_it_is_taken_in(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        wait_for_the_system(app).await;
        app.advance(Duration::days(7));
        lists::publish(app, 9, None).await;
        let (holder, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let card_page = holder.press(&status, "カードを再発行する").await.unwrap();
        let check = holder.send(&card_page, &[("reason", "lost"), ("lost_on", "2026-11-19")]).await.unwrap();
        let sign = holder.agree(&check).await.unwrap();
        let done = holder.sign_with(&sign, "normal").await.unwrap();
        app.deliver_mail().await;
        let request = Submitted::on(holder, &hanako.person, &done);
        let staff = approved(app, &request).await;
        assert_eq!(card(app, NEXT).await.state, CardState::Pending);
        assert!(matches!(card(app, NUMBER).await.state, CardState::Stopped { .. }), "still the one that counts");
        let typed = staff.open_staff(&format!("applications/{}/transcription", request.reference)).await.unwrap();
        assert_eq!(typed.text_of("output").as_deref(), Some(NEXT), "the new number is typed");

        // That the system has a new number proves that it took it in, however it came there.
        must_say(&send(&staff, "take", NEXT).await, &["発行しました1行"]);
        let new = card(app, NEXT).await;
        assert_eq!(new.state, CardState::Active);
        assert!(matches!(card(app, NUMBER).await.state, CardState::Replaced { by, .. } if by == new.id));
        app.deliver_mail().await;
    }

    async fn a_guardian_s_application_waits_for_every_child(app: &TestApp) {
        wait_for_the_system(app).await;
        let (journey, done) = signed_for(app, "hanako@example.jp", &[SAKURA, TARO]).await;
        let submitted = Submitted::on(journey, &Person::hanako(), &done);
        let staff = approved(app, &submitted).await;
        must_say(&send(&staff, "take", NUMBER).await, &["ほかのカードを待っています"]);
        assert_eq!(app.state("himeji", &submitted.reference).await, "approved");
        assert_eq!(issued(app).await, [0; 4]);
        must_say(&send(&staff, "take", &format!("{NEXT}\n{NUMBER}\n")).await, &["発行しました1行"]);
        assert_eq!(issued(app).await, [1, 2, 0, 1], "one notice, a password each");
        app.deliver_mail().await;
    }

    async fn several_approved_at_once_wait_as_well(app: &TestApp) {
        wait_for_the_system(app).await;
        let as_certified = Person { address: ["670-0012", "28", "姫路市", "本町６８番地"], ..Person::hanako() };
        let hanako = app.submitted("himeji", &as_certified).await;
        let staff = app.sato().await;
        let page = file(&staff, &hanako.reference).await;
        staff.press(&page, "担当する").await.unwrap();
        let mine = staff.open_staff("queue?tab=mine").await.unwrap();
        let html = mine.html();
        let value = html.split("name=\"application\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut form = mine.form("csrf").unwrap();
        form.action.set_query(None);
        form.action.set_path("/himeji/staff/queue/approvals/confirm");
        form.fields.retain(|(name, _)| name == "csrf" || name == "idem");
        form.fields.push(("application".to_owned(), value.to_owned()));
        let confirm = staff.browser.submit(&form).await.unwrap();
        must_say(&confirm, &["承認し、図書館システムへの登録待ちにします"]);
        let done = staff.browser.submit(&confirm.form("application").unwrap()).await.unwrap();
        must_say(&done, &["承認しました。図書館システムへの登録を待っています"]);
        assert_eq!(app.state("himeji", &hanako.reference).await, "approved");
        assert_eq!(issued(app).await, [0; 4]);
    }

    async fn what_the_system_keeps_no_record_of_waits_for_nothing(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        wait_for_the_system(app).await;
        let request = by_one_tap(app, &hanako, "マイナンバーカードを登録する").await;
        let decided = app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
        must_say(&decided, &["マイナンバーカードを登録しました"]);
        app.deliver_mail().await;
        assert_eq!(app.state("himeji", &request.reference).await, "issued");
    }

    async fn whoever_exchanges_nothing_confirms_nothing(app: &TestApp) {
        wait_for_the_system(app).await;
        let hanako = app.submitted_by_hanako().await;
        let staff = approved(app, &hanako).await;
        app.hire_as("himeji", "imai", "今井", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let imai = app.staff("himeji", "imai").await;
        let page = file(&imai, &hanako.reference).await;
        must_say(&page, &["図書館システムへの登録を待っています"]);
        assert!(page.form("図書館システムに登録した").is_err(), "{}", page.text());
        assert!(imai.open_staff("exchange/confirmations").await.unwrap().status >= 403);
        let form = file(&staff, &hanako.reference).await.form("図書館システムに登録した").unwrap();
        let own = page.form("csrf").unwrap();
        let forged = Sending::to(reqwest::Method::POST, form.action, &imai.browser)
            .header("sec-fetch-site", "same-origin")
            .field("csrf", own.value("csrf").unwrap())
            .field("idem", own.value("idem").unwrap())
            .send()
            .await;
        assert!(forged.status >= 403, "{}", forged.text());
        assert_eq!(app.state("himeji", &hanako.reference).await, "approved");
    }

    async fn imported_patrons_go_out_once_something_changes(app: &TestApp) {
        let staff = app.sato().await;
        let titles = "利用者番号,氏名,カナ氏名,生年月日,性別,郵便番号,都道府県,市区町村,町名・番地,建物,電話番号,\
                      メールアドレス,利用者区分,登録館,登録日,有効期限";
        let line = format!("{NEXT},姫路　花子,ヒメジ　ハナコ,19900401,,,,,,,,,,,,20261220");
        let list = encoding_rs::SHIFT_JIS.encode(&format!("{titles}\r\n{line}\r\n")).0.into_owned();
        let page = staff.open_staff("exchange/import").await.unwrap();
        let form = page.form("file").unwrap().fill("mode", "take").unwrap();
        Sending::form(&form, &staff.browser).file(&list).send().await;
        must_say(&staff.open_staff("exchange").await.unwrap(), &["まだ書き出していないカード（変更をふくむ）：0件"]);
        let request = from_the_start(app, "renewal", &[("number", NEXT), ("facts", "changed")], &Person::hanako()).await;
        let staff = app.sato().await;
        let decided = staff.decide(&request.reference, "approve", "").await.unwrap();
        must_say(&decided, &["有効期限を延長しました"]);
        app.deliver_mail().await;
        let (_, text) = export(&staff).await;
        assert!(text.contains(NEXT) && text.contains("20291120") && text.contains("670-0012"), "{text}");
        must_say(&staff.open_staff("exchange").await.unwrap(), &["まだ書き出していないカード（変更をふくむ）：0件"]);
    }
}
