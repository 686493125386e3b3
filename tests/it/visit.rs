//! People who cannot sign: the draft becomes a visit slip, staff look at documents, others review it.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::application::ApplicationState;
use todoke::domain::ids::MemoId;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::review::Memo;
use todoke::service::retain::purge::PurgeCap;
use todoke::store::{applications, memos, staff};

/// The slip of 姫路 花子 at the page that shows all answers; its reference.
async fn slip(app: &TestApp) -> (Journey, String) {
    let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
    let offer = applicant.open("apply/visit").await.unwrap();
    let slip = applicant.press(&offer, "来館票を作る").await.unwrap();
    pages::is_at(&slip, "/apply/visit");
    let reference = slip.text_of(".lc-big").expect("the slip's number");
    (applicant, reference)
}

/// The slip, entered by somebody at the counter who has seen the documents; its reference.
async fn entered(app: &TestApp) -> String {
    let (_, reference) = slip(app).await;
    app.hire_as("himeji", "uketsuke", "受付 一子", vec![RoleGrant::everywhere(Role::Reception)]).await;
    let reception = app.staff("himeji", "uketsuke").await;
    let visit = reception.open_staff(&format!("visits/{reference}")).await.unwrap();
    enter(&reception, &visit).await;
    assert_eq!(app.state("himeji", &reference).await, "submitted");
    app.deliver_mail().await;
    reference
}

/// Asks for the name of an application to be put right, which `staff` has claimed.
async fn ask_for_the_name(staff: &Journey, reference: &str) {
    let page = staff.open_staff(&format!("applications/{reference}/correction")).await.unwrap();
    let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
    let form = form.fill("reason_name", "incorrect").unwrap().fill("text_name", "読みがちがいます。").unwrap();
    let confirm = staff.browser.submit(&form).await.unwrap();
    let file = staff.press(&confirm, "修正をお願いする").await.unwrap();
    assert!(file.text().contains("修正のお願い中"), "{}", file.text());
}

/// What stands on the visit page is filled in: a licence that counts until 2030, and the consent.
async fn enter(staff: &Journey, page: &Page) -> Page {
    let form = page.form("consent").unwrap().fill("consent", "yes").unwrap();
    let form = form.fill("seen-driving-licence", "yes").unwrap();
    let mut form = form.fill("dated-driving-licence", "2030-05-01").unwrap();
    if form.value("delivery").is_none() && !form.choices("delivery").is_empty() {
        form = form.fill("delivery", "paper").unwrap();
    }
    staff.browser.submit(&form).await.unwrap()
}

stories! {
    async fn a_slip_is_entered_at_the_counter_and_approved_by_another_person(app: &TestApp) {
        let (applicant, reference) = slip(app).await;
        let page = applicant.open("apply/visit").await.unwrap();
        for part in ["持ってくるもの", "氏名がわかる書類", "2026年12月20日", "来られる日"] {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
        let pdf = applicant.open("apply/visit/slip.pdf").await.unwrap();
        assert!(pdf.body.starts_with(b"%PDF"));

        app.hire_as("himeji", "uketsuke", "受付 一子", vec![RoleGrant::everywhere(Role::Reception)]).await;
        let reception = app.staff("himeji", "uketsuke").await;
        let visit = reception.open_staff(&format!("visits/{reference}")).await.unwrap();
        assert!(visit.text().contains("姫路 花子") && visit.text().contains("姫路市"), "{}", visit.text());
        let nothing = reception.browser.submit(&visit.form("consent").unwrap()).await.unwrap();
        pages::is_rejected(&nothing, "seen", "確認した書類を選んでください");
        let form = visit.form("consent").unwrap().fill("consent", "yes").unwrap();
        let form = form.fill("seen-driving-licence", "yes").unwrap().fill("dated-driving-licence", "2020-05-01").unwrap();
        let over = reception.browser.submit(&form).await.unwrap();
        pages::is_rejected(&over, "dated-driving-licence", "期限が過ぎています");
        let entered = enter(&reception, &visit).await;
        pages::is_at(&entered, &format!("/staff/visits/{reference}"));
        assert!(entered.text().contains("受け付けました") && !entered.text().contains("姫路 花子"), "{}", entered.text());
        assert!(entered.link("申込みをひらく").is_err(), "the reception opens no files");
        assert_eq!(app.state("himeji", &reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 0, "no card has signed");
        app.deliver_mail().await;

        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        for part in ["署名なし・窓口で書類を確認しました", "受付 一子", "2030"] {
            assert!(file.text().contains(part), "{part}: {}", file.text());
        }
        assert!(file.link("署名を保存する（.p7s）").is_err());
        let decided = sato.decide(&reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.state("himeji", &reference).await, "issued");
        let again = reception.open_staff(&format!("visits/{reference}")).await.unwrap();
        assert!(again.status == 200 && again.text().contains("受付済み"), "{}", again.text());
        let again = sato.open_staff(&format!("visits/{reference}")).await.unwrap();
        let file = sato.browser.click(&again, "申込みをひらく").await.unwrap();
        pages::is_at(&file, &format!("/staff/applications/{reference}"));
        app.deliver_mail().await;
    }

    async fn what_the_slip_does_not_say_is_asked_at_the_counter(app: &TestApp) {
        let (_, reference) = slip(app).await;
        let sato = app.sato().await;
        let visit = sato.open_staff(&format!("visits/{reference}")).await.unwrap();
        let form = visit.form("consent").unwrap().fill("consent", "yes").unwrap();
        let form = form.fill("seen-driving-licence", "yes").unwrap().fill("dated-driving-licence", "2030-05-01").unwrap();
        let missing = sato.browser.submit(&form).await.unwrap();
        pages::is_rejected(&missing, "delivery", "お知らせの受け取り方を選んでください");
        let form = missing.form("consent").unwrap().fill("delivery", "electronic").unwrap();
        let entered = sato.browser.submit(&form.fill("plastic_card", "yes").unwrap()).await.unwrap();
        let file = sato.browser.click(&entered, "申込みをひらく").await.unwrap();
        let seen = file.text();
        assert!(seen.contains("このサイトで受け取る") && seen.contains("ほしい"), "{seen}");
        assert!(seen.contains("受け付けた文書から読み取ったものです") && !seen.contains("署名された文書"), "{seen}");
        app.deliver_mail().await;
    }

    async fn a_child_is_entered_with_a_guardian_beside_them_only(app: &TestApp) {
        let sato = app.sato().await;
        let counter = sato.open_staff("counter").await.unwrap();
        let child = [
            ("category", "resident"), ("name", "姫路　さくら"), ("kana", "ヒメジ　サクラ"), ("year", "2015"),
            ("month", "2"), ("day", "2"), ("postcode", "670-0012"), ("prefecture", "28"), ("municipality", "姫路市"),
            ("line1", "本町68"), ("email", "sakura@example.jp"), ("branch", "jonai"), ("delivery", "paper"),
        ];
        let mut form = counter.form("category").unwrap();
        for (name, value) in child {
            form = form.fill(name, value).unwrap();
        }
        let visit = sato.browser.submit(&form).await.unwrap();
        assert!(visit.text().contains("保護者がいっしょに来て"), "{}", visit.text());
        let form = visit.form("consent").unwrap().fill("consent", "yes").unwrap();
        let form = form.fill("seen-driving-licence", "yes").unwrap().fill("dated-driving-licence", "2030-05-01").unwrap();
        let alone = sato.browser.submit(&form).await.unwrap();
        pages::is_rejected(&alone, "guardian", "保護者がいっしょに来て、同意したことを確かめてください");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sightings").await, 0);
        let form = alone.form("consent").unwrap().fill("guardian", "parent").unwrap();
        let entered = sato.browser.submit(&form).await.unwrap();
        let file = sato.browser.click(&entered, "申込みをひらく").await.unwrap();
        assert!(file.text().contains("保護者の同席と同意（父または母）"), "{}", file.text());
        app.deliver_mail().await;
    }

    async fn a_slip_keeps_the_draft_for_its_time_once(app: &TestApp) {
        let (applicant, reference) = slip(app).await;
        let until = |state: ApplicationState| match state {
            ApplicationState::Draft { expires_at } => expires_at,
            other => panic!("{}", other.name()),
        };
        let first = until(app.application("himeji", &reference).await.state);
        assert_eq!(first, app.now() + Duration::days(30));
        app.advance(Duration::days(2));
        applicant.answer("apply/contact", &[("branch", "jonai")]).await.unwrap();
        assert_eq!(until(app.application("himeji", &reference).await.state), first, "neither shorter nor longer");
    }

    async fn what_is_no_slip_is_nobodys_visit(app: &TestApp) {
        let (_, _) = app.answered("himeji", &Person::hanako()).await;
        let (draft, _) = app.draft_of("himeji", "hanako@example.jp").await;
        let sato = app.sato().await;
        let page = sato.open_staff(&format!("visits/{}", draft.reference)).await.unwrap();
        assert_eq!(page.status, 404, "a draft is its applicant's own");
    }

    async fn a_visit_that_was_taken_back_is_kept_its_time_and_then_erased(app: &TestApp) {
        let reference = entered(app).await;
        app.hire("himeji", "ueda", "上田 二郎").await;
        let library = app.library("himeji").await;
        let row = app.application("himeji", &reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        let ueda = staff::find_by_login(&mut tx, library.id, "ueda").await.unwrap().unwrap().member;
        let memo = Memo {
            id: MemoId::new(app.now()),
            library_id: library.id,
            application_id: row.id,
            written_by: ueda.id,
            written_at: app.now(),
            text: "来館は土曜日".parse().unwrap(),
        };
        memos::insert(&mut tx, &memo).await.unwrap();
        applications::save(&mut tx, row.withdraw(app.now()).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        app.portal().sweep().await.unwrap();
        app.portal().sweep().await.unwrap();
        for table in ["drafts", "versions", "sightings", "memos"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
        }
        app.advance(Duration::days(400));
        assert_eq!(app.portal().purge(PurgeCap::default()).await.unwrap(), 1);
        assert_eq!(app.state("himeji", &reference).await, "purged");
        for table in ["drafts", "versions", "sightings", "visit_slips", "memos", "app_subjects", "search_tokens"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(app.portal().purge(PurgeCap::default()).await.unwrap(), 0, "once is enough");
    }

    async fn a_visit_that_was_sent_back_is_put_right_at_the_counter(app: &TestApp) {
        let (applicant, reference) = slip(app).await;
        let sato = app.sato().await;
        let visit = sato.open_staff(&format!("visits/{reference}")).await.unwrap();
        enter(&sato, &visit).await;
        app.deliver_mail().await;
        app.hire("himeji", "ueda", "上田 二郎").await;
        let ueda = app.staff("himeji", "ueda").await;
        let path = format!("applications/{reference}");
        let file = ueda.open_staff(&path).await.unwrap();
        ueda.press(&file, "担当する").await.unwrap();
        let over = ueda.open_staff(&format!("visits/{reference}")).await.unwrap();
        assert!(over.form("consent").is_err() && over.text().contains("受付済み"), "the library has it");
        ask_for_the_name(&ueda, &reference).await;
        app.deliver_mail().await;

        let fix = applicant.open("status/fix").await.unwrap();
        for part in ["窓口で受け付けました", "署名はいりません"] {
            assert!(fix.text().contains(part), "{part}: {}", fix.text());
        }
        let again = applicant.browser.click(&fix, "来館票を見る").await.unwrap();
        pages::is_at(&again, "/apply/visit");
        assert!(again.text().contains(&reference) && again.text().contains("もう一度受け付けます"), "{}", again.text());

        let file = sato.open_staff(&path).await.unwrap();
        let visit = sato.browser.click(&file, "窓口で直して受け付ける").await.unwrap();
        assert!(visit.text().contains("読みがちがいます。"), "{}", visit.text());
        let form = sato.browser.click(&visit, "まちがいを直す").await.unwrap();
        let boxes = form.form("name").unwrap();
        assert!(boxes.value("line1").is_none() && boxes.value("email").is_none(), "nobody asked about those");
        let visit = sato.send(&form, &[("kana", "ヒメジ　カコ")]).await.unwrap();
        pages::is_at(&visit, &format!("/staff/visits/{reference}"));
        enter(&sato, &visit).await;
        assert_eq!(app.state("himeji", &reference).await, "submitted");
        let open = "SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL OR resolved_number <> 2";
        assert_eq!(app.database.count(open).await, 0);
        app.deliver_mail().await;
        let file = ueda.open_staff(&path).await.unwrap();
        assert!(file.text().contains("ヒメジ カコ"), "{}", file.text());
        let decided = ueda.decide(&reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn what_a_card_signed_is_not_put_right_by_others(app: &TestApp) {
        // A slip that was not needed: the card signed after all.
        let (applicant, reference) = slip(app).await;
        let check = applicant.open("apply/check").await.unwrap();
        let sign = applicant.agree(&check).await.unwrap();
        applicant.sign_with(&sign, "normal").await.unwrap();
        app.deliver_mail().await;
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        sato.press(&file, "担当する").await.unwrap();
        ask_for_the_name(&sato, &reference).await;
        app.deliver_mail().await;
        assert_eq!(sato.open_staff(&format!("visits/{reference}")).await.unwrap().status, 404);
        let fix = applicant.open("status/fix").await.unwrap();
        assert!(fix.text().contains("もう一度署名") && fix.link("来館票を見る").is_err(), "{}", fix.text());
        assert!(!applicant.open("apply/visit").await.unwrap().url.path().ends_with("/apply/visit"));
    }

    async fn a_slip_is_entered_at_the_branch_that_was_chosen_and_found_at_no_other(app: &TestApp) {
        let (_, reference) = slip(app).await;
        let at = |branch: &str| vec![RoleGrant { role: Role::Reception, branch: Some(branch.parse().unwrap()) }];
        app.hire_as("himeji", "aboshi", "網干 一子", at("aboshi")).await;
        app.hire_as("himeji", "jonai", "城内 二子", at("jonai")).await;
        let aboshi = app.staff("himeji", "aboshi").await;
        for path in [format!("visits/{reference}"), format!("visits/{reference}/answers")] {
            let page = aboshi.open_staff(&path).await.unwrap();
            assert!(page.status == 404 && !page.text().contains("姫路 花子"), "{path} {}", page.text());
        }
        let jonai = app.staff("himeji", "jonai").await;
        let visit = jonai.open_staff(&format!("visits/{reference}")).await.unwrap();
        assert!(visit.text().contains("姫路 花子"), "{}", visit.text());
        let form = jonai.browser.click(&visit, "まちがいを直す").await.unwrap();
        let boxes = form.form("name").unwrap();
        let elsewhere = jonai.browser.submit(&boxes.forge("branch", "aboshi")).await.unwrap();
        pages::is_rejected(&elsewhere, "branch", "この館の申込みは");
        enter(&jonai, &visit).await;
        assert_eq!(app.state("himeji", &reference).await, "submitted");
        app.deliver_mail().await;
    }
}
