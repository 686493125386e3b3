//! What staff read on their pages while they work, and that nothing happens in silence.

use super::claimed;
use crate::store::fixtures::submitted;
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::Person;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::reference::Reference;
use todoke::domain::review::FirstApproval;
use todoke::store::{first_approvals, staff};

stories! {
    async fn the_file_of_an_issued_card_names_it_and_leads_to_its_holder(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let number = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let record = sato.browser.click(&file, &number).await.unwrap();
        assert!(record.status == 200 && record.title().contains("姫路 花子 さん｜利用者"), "{}", record.title());
        let back = sato.browser.click(&record, &submitted.reference).await.unwrap();
        pages::is_at(&back, &format!("/staff/applications/{}", submitted.reference));
    }

    async fn many_first_approvals_of_ones_own_do_not_hide_what_is_next(app: &TestApp) {
        let library_id = app.library("himeji").await.id;
        let mut tx = app.database.db.begin().await.unwrap();
        let sato = staff::find_by_login(&mut tx, library_id, "sato").await.unwrap().unwrap().member;
        let mut waiting = Vec::new();
        for place in 0..22_u8 {
            let at = app.now() + Duration::seconds(place.into());
            let application = submitted(&mut tx, library_id, &[1, place], at).await;
            if place < 21 {
                let version = application.state.version().unwrap();
                let first = FirstApproval {
                    library_id,
                    application_id: application.id,
                    version,
                    approved_by: sato.id,
                    approved_at: at,
                };
                first_approvals::insert(&mut tx, &first).await.unwrap();
            }
            waiting.push(application);
        }
        tx.commit().await.unwrap();
        let next = app.portal().next_to_review(&sato, &waiting[0]).await.unwrap();
        assert_eq!(next.as_ref(), Some(&waiting[21].reference), "behind two pages of ones own");
        assert_eq!(app.portal().next_to_review(&sato, &waiting[21]).await.unwrap(), None);
    }

    async fn why_two_persons_are_needed_is_said_and_the_first_is_led_on_to_something_else(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        app.hire_as("himeji", "ueda", "上田", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let ueda = app.staff("himeji", "ueda").await;
        let held = claimed(&ueda, &hanako).await;
        for part in ["2人の承認が必要です", "あなたの役割では、1人で決定できません"] {
            assert!(held.text().contains(part), "{part}: {}", held.text());
        }
        let preview = ueda.send(&held, &[("outcome", "approve")]).await.unwrap();
        let first = ueda.send(&preview, &[("outcome", "approve")]).await.unwrap();
        assert!(first.text().contains(&format!("次の申込みを担当する（{}）", taro.reference)), "{}", first.text());
        let sato = app.sato().await;
        let second = sato.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        assert!(!second.text().contains(&format!("次の申込みを担当する（{}）", hanako.reference)), "{}", second.text());
        // Nothing else is left to whoever was the first.
        sato.decide(&taro.reference, "approve", "").await.unwrap();
        let file = ueda.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        assert!(!file.text().contains("次の申込みを担当する"), "{}", file.text());
        app.deliver_mail().await;
    }

    async fn what_is_not_there_keeps_the_staffs_menu(app: &TestApp) {
        let sato = app.sato().await;
        let nobodys = Reference::from_random(42);
        for path in [
            format!("applications/{nobodys}"), format!("visits/{nobodys}"), "patrons/x".to_owned(), "nowhere".to_owned(),
            "nowhere/at/all".to_owned(),
        ] {
            let page = sato.open_staff(&path).await.unwrap();
            pages::refuses(&page, 404, "ページが見つかりません");
            assert!(page.text().contains("サインアウト") && page.link("申込みの一覧へ").is_ok(), "{path}: {}", page.text());
            assert!(!page.text().contains("窓口・電話でたずねる"), "{path}");
        }
        let stranger = app.journey("himeji").open_staff("nowhere").await.unwrap();
        pages::is_at(&stranger, "/staff/sign-in");
    }

    async fn nothing_happens_in_silence(app: &TestApp) {
        app.submitted_by_hanako().await;
        let sato = app.sato().await;
        let queue = sato.open_staff("queue").await.unwrap();
        for path in ["queue/claims", "queue/approvals/confirm"] {
            let mut form = queue.form("サインアウト").unwrap();
            form.action = queue.url.join(path).unwrap();
            let told = sato.browser.submit(&form).await.unwrap();
            pages::refuses(&told, 422, "申込みを選んでください");
        }
        let settings = sato.open_staff("settings").await.unwrap();
        assert!(!settings.text().contains("設定を保存しました"));
        let saved = sato.press(&settings, "保存する").await.unwrap();
        assert!(saved.text().contains("設定を保存しました"), "{}", saved.text());
    }

    async fn an_absence_is_ones_own_unless_chosen_and_stands_once_and_soon(app: &TestApp) {
        app.hire("himeji", "ai", "相田").await;
        let sato = app.sato().await;
        let page = sato.open_staff("absences").await.unwrap();
        let form = page.form("from_on").unwrap();
        let member = form.value("member").unwrap().to_owned();
        let noted = sato.send(&page, &[("from_on", "2026-11-25"), ("until_on", "2026-11-27")]).await.unwrap();
        let list = noted.text_of("main ul").unwrap();
        assert!(list.contains("佐藤") && !list.contains("相田"), "{list}");
        let overlapping = [("member", member.as_str()), ("from_on", "2026-11-27"), ("until_on", "2026-11-28")];
        pages::is_rejected(&sato.send(&noted, &overlapping).await.unwrap(), "from_on", "もう入っています");
        let page = sato.open_staff("absences").await.unwrap();
        let far = [("from_on", "2099-01-01"), ("until_on", "2099-01-02")];
        pages::is_rejected(&sato.send(&page, &far).await.unwrap(), "until_on", "までの日にしてください");
        let nobody = [("member", ""), ("from_on", "2026-12-01"), ("until_on", "2026-12-02")];
        pages::is_rejected(&sato.send(&page, &nobody).await.unwrap(), "member", "だれの不在か");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM absences").await, 1);
    }

    async fn an_address_with_a_bad_number_stays_on_the_staffs_side(app: &TestApp) {
        let sato = app.sato().await;
        for bad in ["applications/LC-0000-0000", "applications/%E5%A7%AB", "visits/nothing", "applications/x/messages", "patrons/x", "papers/x"] {
            let page = sato.open_staff(bad).await.unwrap();
            let is_staffs = page.text().contains("佐藤") && page.text().contains("申込みの一覧") && !page.text().contains("窓口・電話で");
            assert!(page.status == 404 || bad.starts_with("papers"), "{bad}: {}", page.status);
            assert!(is_staffs, "{bad}: {}", page.text());
        }
        let stranger = app.journey("himeji");
        for path in ["applications/LC-0000-0000", "applications/x"] {
            let page = stranger.open_staff(path).await.unwrap();
            assert!(page.url.path().ends_with("/staff/sign-in"), "{path} tells a stranger nothing: {}", page.url);
        }
        app.hire_as("himeji", "uketsuke", "受付 一子", vec![RoleGrant::everywhere(Role::Reception)]).await;
        let reception = app.staff("himeji", "uketsuke").await;
        pages::refuses(&reception.open_staff("applications/x").await.unwrap(), 403, "このページは見られません");
    }

    async fn what_staff_do_with_patrons_can_be_read_afterwards(app: &TestApp) {
        app.issued_to_hanako().await;
        let sato = app.sato().await;
        let search = sato.open_staff("patrons").await.unwrap();
        let found = sato.send(&search, &[("name", "姫路　花子"), ("birth", "1990-04-01")]).await.unwrap();
        let record = sato.browser.click(&found, "花子").await.unwrap();
        sato.press(&record, "カードを止める").await.unwrap();
        sato.send(&record, &[("block", "ask-at-counter")]).await.unwrap();
        let page = sato.open_staff("absences").await.unwrap();
        sato.send(&page, &[("from_on", "2026-11-25"), ("until_on", "2026-11-27")]).await.unwrap();
        let page = sato.open_staff("record").await.unwrap();
        let deeds = sato.browser.click(&page, "利用者・ファイルなどの操作の記録").await.unwrap();
        for part in [
            "サインインした", "利用者をさがした・生年月日・氏名でさがして、1件", "利用者の記録をひらいた", "カードを止めた",
            "手続きを止めた・窓口でお話ししたいことがあります", "不在を入力した",
        ] {
            assert!(deeds.text().contains(part), "{part}: {}", deeds.text());
        }
        assert!(!deeds.text().contains("花子"), "what was typed is not recorded: {}", deeds.text());
        let narrowed = sato.send(&deeds, &[("what", "card_stopped")]).await.unwrap();
        let lines = narrowed.text_of("tbody").unwrap();
        assert!(lines.contains("カードを止めた") && !lines.contains("さがした"), "{lines}");
        app.hire_as("himeji", "ueda", "上田", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let ueda = app.staff("himeji", "ueda").await;
        pages::refuses(&ueda.open_staff("record/deeds").await.unwrap(), 403, "このページは見られません");
        app.deliver_mail().await;
    }

    async fn twelve_digits_are_asked_about_at_the_box(app: &TestApp) {
        let submitted = app.submitted("himeji", &Person::hanako()).await;
        let sato = app.sato().await;
        let file = claimed(&sato, &submitted).await;
        let digits = "免許証 123456789018";
        for (field, beside) in [("memo", ""), ("hold_reason", "2026-11-25")] {
            let mut fields = vec![(field, digits)];
            if !beside.is_empty() {
                fields.push(("hold_until", beside));
            }
            let asked = sato.send(&file, &fields).await.unwrap();
            pages::is_rejected(&asked, field, "マイナンバーのような12けたの番号があります");
            fields.push(("not_my_number", "yes"));
            let taken = sato.send(&asked, &fields).await.unwrap();
            assert_eq!(taken.status, 200, "{}", taken.text());
        }
        let templates = sato.open_staff("templates").await.unwrap();
        let asked = sato.send(&templates, &[("kind", "decline"), ("title", "番号"), ("body", digits)]).await.unwrap();
        pages::is_rejected(&asked, "body", "マイナンバーのような12けたの番号があります");
        let relations = sato.open_staff("relations").await.unwrap();
        let unknown = sato.send(&relations, &[("card", "123456789018")]).await.unwrap();
        pages::is_rejected(&unknown, "card", "見つかりません");
    }
}
