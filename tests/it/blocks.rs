//! Blocks: staff stop procedures of a patron, and let them go on.

use crate::procedures::renew;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::domain::ids::PatronId;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::store::cards;

const NUMBER: &str = "300000014";
const NEUTRAL: &str = "この手続きは窓口で承ります";
const LABEL: &str = "窓口でお話ししたいことがあります";
const NOTE: &str = "本人確認の書類をもう一度";

async fn patron(app: &TestApp) -> PatronId {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_number(&mut tx, library.id, &NUMBER.parse().unwrap()).await.unwrap().expect("the card").patron_id
}

async fn record(app: &TestApp, staff: &Journey) -> Page {
    staff.open_staff(&format!("patrons/{}", patron(app).await)).await.unwrap()
}

async fn block(app: &TestApp, staff: &Journey) -> Page {
    let page = record(app, staff).await;
    staff.send(&page, &[("block_note", NOTE), ("block", "ask-at-counter")]).await.unwrap()
}

/// Says yes to what one has claimed.
async fn approve_claimed(staff: &Journey, reference: &str) -> Page {
    let file = staff.open_staff(&format!("applications/{reference}")).await.unwrap();
    let confirmation = staff.send(&file, &[("outcome", "approve")]).await.unwrap();
    if confirmation.status != 200 {
        return confirmation;
    }
    staff.send(&confirmation, &[("outcome", "approve")]).await.unwrap()
}

async fn expires_soon(app: &TestApp) {
    app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
}

/// Signs what is on the check page of a procedure begun from the status page.
async fn signed(app: &TestApp, hanako: &Submitted, check: &Page) -> Submitted {
    pages::is_at(check, "/apply/check");
    let sign = hanako.applicant.agree(check).await.unwrap();
    let done = hanako.applicant.sign_with(&sign, pages::card_of(&hanako.person)).await.unwrap();
    app.deliver_mail().await;
    Submitted::on(hanako.applicant.clone(), &hanako.person, &done)
}

stories! {
    async fn a_blocked_patron_is_told_before_filling_in_anything_and_not_why(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_soon(app).await;
        let open = hanako.applicant.open("status").await.unwrap();
        let staff = app.sato().await;
        let page = block(app, &staff).await;
        assert!(page.text().contains(LABEL) && page.text().contains(NOTE), "{}", page.text());
        assert!(page.text().contains("止めている手続き：期限延長、再発行、パスワード"), "{}", page.text());

        let status = hanako.applicant.open("status").await.unwrap();
        assert_eq!(status.text().matches(NEUTRAL).count(), 3, "renewal, reissue, password: {}", status.text());
        // The page was open before the block was there.
        let refused = hanako.applicant.press(&open, "有効期限を延ばす").await.unwrap();
        pages::refuses(&refused, 409, "いまは手続きできません");
        for told in [NEUTRAL, &app.library("himeji").await.rules.contact.telephone] {
            assert!(refused.text().contains(told), "{}", refused.text());
        }
        for page in [&status, &refused] {
            assert!(!page.html().contains(LABEL) && !page.html().contains(NOTE) && !page.html().contains("ask-at-counter"));
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications").await, 1, "nothing was begun");
        let change = hanako.applicant.press(&status, "登録内容を変更する").await.unwrap();
        pages::is_at(&change, "/apply/card");
    }

    async fn neither_the_rules_nor_staff_decide_while_a_block_is_there(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_soon(app).await;
        let status = hanako.applicant.open("status").await.unwrap();
        let check = renew(&hanako.applicant, &status).await;
        let staff = app.sato().await;
        block(app, &staff).await;
        let renewal = signed(app, &hanako, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "the rules leave it to somebody");
        let file = staff.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        assert!(file.text().contains("この手続きを止められています") && file.text().contains(LABEL), "{}", file.text());
        assert!(!file.text().contains(NEUTRAL) && !file.text().contains(NOTE), "the note is on the patron's record");
        let refused = staff.decide(&renewal.reference, "approve", "").await.unwrap();
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert!(refused.text().contains("解除されるまで、承認はできません"), "{}", refused.text());
        assert_eq!(app.state("himeji", &renewal.reference).await, "under_review");
        let held = staff.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        assert!(held.text_of("input[value='approve'][disabled]").is_some(), "nobody chooses in vain: {}", held.html());
        assert!(held.text_of("#outcome-rh").unwrap().contains("解除されるまで、承認はできません"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE expires_on = '2026-12-20'").await, 1);

        let page = record(app, &staff).await;
        let lifted = staff.press(&page, "解除する").await.unwrap();
        assert!(lifted.text().contains("止めている手続きはありません"), "{}", lifted.text());
        let decided = approve_claimed(&staff, &renewal.reference).await;
        assert!(decided.text().contains("有効期限を延長しました"), "{}", decided.text());
        app.deliver_mail().await;
        let kept = "SELECT COUNT(*) FROM patron_views WHERE what IN ('blocked', 'unblocked') AND detail = 'ask-at-counter'";
        assert_eq!(app.database.count(kept).await, 2);
    }

    async fn the_first_of_two_approvals_is_refused_as_well(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        let check = hanako.applicant.press(&status, "パスワードを発行する").await.unwrap();
        let request = signed(app, &hanako, &check).await;
        block(app, &app.sato().await).await;
        app.hire_as("himeji", "mori", "森", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let mori = app.staff("himeji", "mori").await;
        let file = mori.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        mori.press(&file, "担当する").await.unwrap();
        let refused = approve_claimed(&mori, &request.reference).await;
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM first_approvals").await, 0);
        let page = record(app, &mori).await;
        assert!(page.text().contains(LABEL) && page.form("block").is_err(), "a reviewer reads and does not change it");
    }

    async fn a_kind_must_be_chosen_and_what_was_typed_stays(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        let page = record(app, &staff).await;
        let missing = staff.send(&page, &[("block_note", NOTE)]).await.unwrap();
        pages::is_rejected(&missing, "block", "どの理由で止めるか");
        assert!(missing.text().contains(NOTE), "{}", missing.text());
        let number = staff.send(&missing, &[("block_note", "123456789018"), ("block", "ask-at-counter")]).await.unwrap();
        assert_eq!(number.status, 422, "a My Number is written nowhere: {}", number.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_blocks").await, 0);
        let unknown = page.form("block_note").unwrap().forge("block", "unknown");
        assert_eq!(staff.browser.submit(&unknown).await.unwrap().status, 422);
        let set = staff.send(&missing, &[("block_note", ""), ("block", "ask-at-counter")]).await.unwrap();
        assert!(set.status == 200 && set.text().contains(LABEL), "{}", set.text());
    }
}
