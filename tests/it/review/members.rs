//! The accounts of the staff, kept on their page: inviting, roles, shutting out and letting in again.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::{SECOND_STAFF_LOGIN, STAFF_LOGIN, STAFF_PASSWORD};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::service::staff::current_code;

async fn opened(staff: &Journey, name: &str) -> Page {
    let list = staff.open_staff("members").await.unwrap();
    let url = list.link(name).unwrap();
    staff.browser.open(url.as_str()).await.unwrap()
}

/// Presses the button that means `deed`, in the form that says `button`.
async fn does(staff: &Journey, page: &Page, (button, deed): (&str, &str)) -> Page {
    let form = page.form(button).unwrap().fill("deed", deed).unwrap();
    staff.browser.submit(&form).await.unwrap()
}

const SUSPEND: (&str, &str) = ("停止する", "suspend");

stories! {
    async fn a_colleague_is_invited_on_the_page_and_comes_in_with_the_address_shown_once(app: &TestApp) {
        let sato = app.sato().await;
        let list = sato.open_staff("members").await.unwrap();
        let bad = sato.send(&list, &[("login", "imai"), ("name", "今井")]).await.unwrap();
        pages::is_rejected(&bad, "role", "役割を選んでください");
        let fields = [("login", "Imai"), ("name", "今井"), ("role", "reviewer"), ("branch", "jonai")];
        let shown = sato.send(&list, &fields).await.unwrap();
        let address = shown.text_of("#address").unwrap();
        assert!(address.contains("/himeji/staff/invitation/"), "{address}");
        let again = sato.send(&list, &fields).await.unwrap();
        pages::is_at(&again, "/staff/members");
        assert!(again.text().contains("招待中") && !again.text().contains("invitation/"), "{}", again.text());
        let list = sato.open_staff("members").await.unwrap();
        let taken = sato.send(&list, &[("login", "imai"), ("name", "別の人"), ("role", "auditor")]).await.unwrap();
        pages::is_rejected(&taken, "login", "使われています");

        let imai = app.journey("himeji");
        let page = imai.browser.open(&address).await.unwrap();
        let secret = page.text_of("#secret").unwrap().replace(' ', "");
        let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let code = current_code(&secret, app.now()).unwrap();
        imai.send(&page, &[("password", "馬と電池と正しい針金です"), ("code", &code)]).await.unwrap();
        app.advance(Duration::seconds(30));
        let code = current_code(&secret, app.now()).unwrap();
        pages::is_at(&imai.sign_in_staff("imai", "馬と電池と正しい針金です", &code).await.unwrap(), "/staff/queue");
        let file = opened(&app.sato().await, "今井").await;
        assert!(!file.text().contains("まだありません") && file.text().contains("審査（内容を確かめる）・城内図書館"), "{}", file.text());
    }

    async fn what_is_done_with_accounts_stands_in_the_record_of_what_staff_did(app: &TestApp) {
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        let page = opened(&sato, "今井").await;
        does(&sato, &page, SUSPEND).await;
        let record = sato.open_staff("record").await.unwrap();
        let deeds = sato.browser.click(&record, "利用者・ファイルなどの操作の記録").await.unwrap();
        let lines = deeds.text_of("tbody").unwrap();
        assert!(lines.contains("職員の利用を停止した・今井（監督（引き継ぎ、やり直し）"), "{lines}");
        let narrowed = sato.send(&deeds, &[("what", "account_suspended")]).await.unwrap().text_of("tbody").unwrap();
        assert!(narrowed.contains("今井") && !narrowed.contains("サインイン"), "{narrowed}");
    }

    async fn whoever_is_suspended_is_out_at_once_and_comes_back_with_the_same_ways_in(app: &TestApp) {
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let page = opened(&sato, "今井").await;
        let suspended = does(&sato, &page, SUSPEND).await;
        assert!(suspended.text().contains("停止中"), "{}", suspended.text());
        pages::is_at(&imai.open_staff("queue").await.unwrap(), "/staff/sign-in");
        app.advance(Duration::seconds(30));
        let refused = app.journey("himeji").sign_in_staff("imai", STAFF_PASSWORD, &app.staff_code()).await.unwrap();
        assert_eq!(refused.status, 422);
        let late = does(&sato, &page, ("招待し直す", "invite")).await;
        pages::is_rejected(&late, "role", "ほかの職員が先に変えました");
        does(&sato, &suspended, ("停止を解く", "reinstate")).await;
        app.staff("himeji", "imai").await;
    }

    async fn a_lost_phone_is_answered_on_the_page(app: &TestApp) {
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let shown = does(&sato, &opened(&sato, "今井").await, ("招待し直す", "invite")).await;
        assert!(shown.text().contains("今井さんを招待しました") && shown.text_of("#address").is_some(), "{}", shown.text());
        pages::is_at(&imai.open_staff("queue").await.unwrap(), "/staff/sign-in");
    }

    async fn roles_are_given_and_taken_and_count_from_the_next_page(app: &TestApp) {
        app.hire_as("himeji", "imai", "今井", vec![RoleGrant::everywhere(Role::Auditor)]).await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        assert_eq!(imai.open_staff("counter").await.unwrap().status, 403);
        let page = opened(&sato, "今井").await;
        let form = page.form("役割を加える").unwrap();
        let form = form.fill("role", "reception").unwrap().fill("branch", "jonai").unwrap().fill("deed", "give").unwrap();
        let given = sato.browser.submit(&form).await.unwrap();
        assert!(given.text().contains("受付（窓口で受け付ける）・城内図書館"), "{}", given.text());
        assert_eq!(imai.open_staff("counter").await.unwrap().status, 200);
        does(&sato, &given, ("はずす", "take")).await;
        let record = opened(&sato, "今井").await.text();
        assert_eq!(record.matches("今井 さんの役割を変えました").count(), 2, "{record}");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM staff_changes WHERE what = 'roles' AND made_by IS NOT NULL").await, 2);
    }

    async fn nobody_changes_their_own_account_or_takes_the_last_administrator(app: &TestApp) {
        let sato = app.sato().await;
        let second = sato.open_staff("members").await.unwrap();
        let library = app.library("himeji").await;
        let members = app.portal().list_staff(&library).await.unwrap();
        let me = members.iter().find(|member| member.login == STAFF_LOGIN).unwrap().clone();
        let mine = sato.open_staff(&format!("members/{}", me.id)).await.unwrap();
        assert!(mine.text().contains("あなたには変えられません") && mine.form("deed").is_err(), "{}", mine.text());
        let other = members.iter().find(|member| member.login == SECOND_STAFF_LOGIN).unwrap();
        assert!(second.text().contains(&other.name));
        let page = opened(&sato, &other.name).await;
        let mut forged = page.form("停止する").unwrap().fill("deed", "suspend").unwrap();
        forged.action = mine.url.clone();
        let refused = sato.browser.submit(&forged).await.unwrap();
        pages::is_rejected(&refused, "role", "自分の登録は変えられません");
        does(&sato, &page, SUSPEND).await;
        let last = app.portal().disable_staff(&library, &STAFF_LOGIN.parse().unwrap()).await;
        assert!(matches!(last, Err(todoke::service::Error::Account(_))), "{last:?}");
        app.sato().await;
    }

    async fn an_administrator_of_one_branch_keeps_only_its_accounts(app: &TestApp) {
        let grant = |role, branch: &str| vec![RoleGrant { role, branch: Some(branch.parse().unwrap()) }];
        let mut both = grant(Role::Administrator, "jonai");
        both.extend(grant(Role::Reviewer, "jonai"));
        app.hire_as("himeji", "kato", "加藤", both).await;
        app.hire_as("himeji", "imai", "今井", grant(Role::Reviewer, "jonai")).await;
        app.hire_as("himeji", "ueda", "上田", grant(Role::Reviewer, "aboshi")).await;
        let kato = app.staff("himeji", "kato").await;
        assert!(opened(&kato, "上田").await.text().contains("あなたには変えられません"));
        let page = opened(&kato, "今井").await;
        let form = page.form("役割を加える").unwrap().fill("role", "approver").unwrap().fill("deed", "give").unwrap();
        let refused = kato.browser.submit(&form).await.unwrap();
        pages::is_rejected(&refused, "role", "担当していない館");
        assert!(does(&kato, &page, SUSPEND).await.text().contains("停止中"));
    }
}
