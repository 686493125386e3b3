//! Two at once: exactly one wins, and the other sees why.

use super::{about_to, claimed, is_conflict};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use std::collections::BTreeSet;
use todoke::demo::browser::{Form, Page};
use todoke::demo::journey::{Journey, Person};

/// Splits answers into those that had their effect (and lead on) and those that explain.
fn won_and_lost(answers: Vec<Page>) -> (Vec<Page>, Vec<Page>) {
    answers.into_iter().partition(|answer| answer.status == 303)
}

/// A double click sees no fault: all are led to the same place.
#[track_caller]
fn leads_to_one_place(answers: &[Page]) {
    for answer in answers {
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let places: BTreeSet<Option<String>> = answers.iter().map(location).collect();
    assert_eq!(places.len(), 1, "{places:?}");
}

/// The applicant reads that it was not taken back, and what came before.
#[track_caller]
fn is_too_late(page: &Page, part: &str) {
    pages::refuses(page, 409, "取り下げていません");
    assert!(page.text().contains(part), "{}", page.text());
}

/// What a decision leaves: decisions, cards, notices and mails about it.
async fn left_behind(app: &TestApp) -> [i64; 4] {
    [
        app.database.count("SELECT COUNT(*) FROM decisions").await,
        app.database.count("SELECT COUNT(*) FROM cards").await,
        app.database.count("SELECT COUNT(*) FROM notices").await,
        app.database.count("SELECT COUNT(*) FROM outbox WHERE kind = 'notice_ready'").await,
    ]
}

/// The same decision page in two tabs.
async fn two_tabs(staff: &Journey, submitted: &Submitted, outcomes: [&str; 2]) -> [Form; 2] {
    let page = claimed(staff, submitted).await;
    let reason = "確かめられませんでした。";
    [about_to(staff, &page, outcomes[0], reason).await, about_to(staff, &page, outcomes[1], reason).await]
}

/// The form that sends it back to its applicant, as the confirmation offers it.
async fn about_to_ask(staff: &Journey, claimed: &Page) -> Form {
    let page = staff.browser.click(claimed, "修正をお願いする").await.unwrap();
    let asked = [("ask_name", "yes"), ("reason_name", "mismatch"), ("text_name", "カードのとおりに入力してください。")];
    let form = asked.iter().fold(page.form("ask_name").unwrap(), |form, (name, value)| form.fill(name, value).unwrap());
    staff.browser.submit(&form).await.unwrap().form("修正をお願いする").unwrap()
}

/// The applicant's button to withdraw.
async fn about_to_withdraw(submitted: &Submitted) -> Form {
    let page = submitted.applicant.open("status/withdraw").await.unwrap();
    let form = page.form("申込みを取り下げる").unwrap();
    form.clone().fill("code", &submitted.collection_code).unwrap_or(form)
}

stories! {
    async fn a_decision_pressed_twenty_times_is_one_decision(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let [form, _] = two_tabs(&staff, &submitted, ["approve", "approve"]).await;
        let answers = all_at_once(vec![Sending::form(&form, &staff.browser); 20]).await;
        leads_to_one_place(&answers);
        assert_eq!(left_behind(app).await, [1, 1, 1, 1]);
        assert_eq!(app.deliver_mail().await.sent, 1);
    }

    async fn two_approvals_issue_one_card(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let forms = two_tabs(&staff, &submitted, ["approve", "approve"]).await;
        let (won, lost) = won_and_lost(all_at_once(forms.iter().map(|form| Sending::form(form, &staff.browser)).collect()).await);
        assert_eq!((won.len(), lost.len()), (1, 1));
        is_conflict(&lost[0], "あなたが2026-11-20 10:00に承認し、カードを発行しました");
        assert_eq!(left_behind(app).await, [1, 1, 1, 1]);
        app.deliver_mail().await;
    }

    async fn approval_and_refusal_at_once_leave_one_decision(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let forms = two_tabs(&staff, &submitted, ["approve", "decline"]).await;
        let (won, lost) = won_and_lost(all_at_once(forms.iter().map(|form| Sending::form(form, &staff.browser)).collect()).await);
        assert_eq!((won.len(), lost.len()), (1, 1));
        let issued = app.state("himeji", &submitted.reference).await == "issued";
        is_conflict(&lost[0], if issued { "カードを発行しました" } else { "「承認しない」と決定しました" });
        assert_eq!(left_behind(app).await, [1, i64::from(issued), 1, 1]);
        app.deliver_mail().await;
    }

    async fn withdrawal_and_approval_at_once_leave_one_outcome(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let [approve, _] = two_tabs(&staff, &submitted, ["approve", "approve"]).await;
        let withdraw = about_to_withdraw(&submitted).await;
        let both = vec![
            Sending::form(&approve, &staff.browser),
            Sending::form(&withdraw, &submitted.applicant.browser),
        ];
        let answers = all_at_once(both).await;
        let (approved, withdrawn) = (answers[0].status == 303, answers[1].status == 303);
        assert!(approved != withdrawn, "{} {}", answers[0].text(), answers[1].text());
        if approved {
            assert_eq!(app.state("himeji", &submitted.reference).await, "issued");
            is_too_late(&answers[1], "図書館が2026年11月20日(金) 10:00に決定しました");
            assert_eq!(left_behind(app).await, [1, 1, 1, 1]);
        } else {
            assert_eq!(app.state("himeji", &submitted.reference).await, "withdrawn");
            is_conflict(&answers[0], "申込者が2026-11-20 10:00に取り下げました");
            assert_eq!(left_behind(app).await, [0, 0, 0, 0]);
        }
        app.deliver_mail().await;
    }

    async fn withdrawal_and_refusal_at_once_leave_one_outcome(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let [decline, _] = two_tabs(&staff, &submitted, ["decline", "decline"]).await;
        let withdraw = about_to_withdraw(&submitted).await;
        let both = vec![
            Sending::form(&decline, &staff.browser),
            Sending::form(&withdraw, &submitted.applicant.browser),
        ];
        let answers = all_at_once(both).await;
        let (declined, withdrawn) = (answers[0].status == 303, answers[1].status == 303);
        assert!(declined != withdrawn, "{} {}", answers[0].text(), answers[1].text());
        let outcome = if declined { "declined" } else { "withdrawn" };
        assert_eq!(app.state("himeji", &submitted.reference).await, outcome);
        assert_eq!(left_behind(app).await, if declined { [1, 0, 1, 1] } else { [0; 4] });
        if withdrawn {
            is_conflict(&answers[0], "申込者が2026-11-20 10:00に取り下げました");
        } else {
            is_too_late(&answers[1], "図書館が2026年11月20日(金) 10:00に決定しました");
        }
        app.deliver_mail().await;
    }

    async fn correction_and_approval_at_once_leave_one_of_the_two(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let page = claimed(&staff, &submitted).await;
        let (ask, approve) = (about_to_ask(&staff, &page).await, about_to(&staff, &page, "approve", "").await);
        let both = [&ask, &approve].map(|form| Sending::form(form, &staff.browser)).to_vec();
        let (won, lost) = won_and_lost(all_at_once(both).await);
        assert_eq!((won.len(), lost.len()), (1, 1));
        let issued = app.state("himeji", &submitted.reference).await == "issued";
        let first = if issued { "承認し、カードを発行しました" } else { "、申込者に修正をお願いしました" };
        is_conflict(&lost[0], &format!("あなたが2026-11-20 10:00に{first}"));
        assert_eq!(left_behind(app).await, if issued { [1; 4] } else { [0, 0, 1, 0] });
        assert_eq!(app.database.count("SELECT COUNT(*) FROM corrections").await, i64::from(!issued));
        app.deliver_mail().await;
    }

    async fn correction_and_withdrawal_at_once_leave_nothing_asked(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let page = claimed(&staff, &submitted).await;
        let (ask, withdraw) = (about_to_ask(&staff, &page).await, about_to_withdraw(&submitted).await);
        let both = vec![Sending::form(&ask, &staff.browser), Sending::form(&withdraw, &submitted.applicant.browser)];
        let answers = all_at_once(both).await;
        // Who is asked may still take it back, so both can have their way; somebody does.
        let (asked, withdrawn) = (answers[0].status == 303, answers[1].status == 303);
        assert!(asked || withdrawn, "{} {}", answers[0].text(), answers[1].text());
        let state = app.state("himeji", &submitted.reference).await;
        assert_eq!(state, if withdrawn { "withdrawn" } else { "returned" });
        if !asked {
            is_conflict(&answers[0], "申込者が2026-11-20 10:00に取り下げました");
        }
        if !withdrawn {
            is_too_late(&answers[1], "先に、ほかの変更がありました");
        }
        let open = "SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL";
        assert_eq!(app.database.count(open).await, i64::from(!withdrawn));
        app.deliver_mail().await;
    }

    async fn a_correction_asked_for_twenty_times_is_asked_once(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let page = claimed(&staff, &submitted).await;
        let form = about_to_ask(&staff, &page).await;
        leads_to_one_place(&all_at_once(vec![Sending::form(&form, &staff.browser); 20]).await);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM corrections").await, 1);
        assert_eq!(left_behind(app).await, [0, 0, 1, 0]);
        assert_eq!(app.deliver_mail().await.sent, 1);
    }

    async fn a_withdrawal_pressed_twenty_times_is_one_and_one_try_of_the_code(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let form = about_to_withdraw(&submitted).await;
        leads_to_one_place(&all_at_once(vec![Sending::form(&form, &submitted.applicant.browser); 20]).await);
        assert_eq!(app.state("himeji", &submitted.reference).await, "withdrawn");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'withdrawn'").await, 1);
        assert_eq!(app.database.count("SELECT tries FROM collection_tries").await, 1);
    }

    async fn a_version_sent_for_its_signature_twenty_times_is_one_version(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let mut form = check.form("delivery").unwrap().fill("delivery", "electronic").unwrap();
        for consent in form.choices("consent") {
            form = form.fill("consent", &consent).unwrap();
        }
        leads_to_one_place(&all_at_once(vec![Sending::form(&form, &applicant.browser); 20]).await);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'frozen'").await, 1);
    }

    async fn a_claim_put_back_and_a_decision_at_once_leave_one_of_the_two(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let page = claimed(&staff, &submitted).await;
        let approve = about_to(&staff, &page, "approve", "").await;
        let release = page.form("担当をはずす").unwrap();
        let both = [&approve, &release].map(|form| Sending::form(form, &staff.browser)).to_vec();
        let (won, lost) = won_and_lost(all_at_once(both).await);
        assert_eq!((won.len(), lost.len()), (1, 1));
        let issued = app.state("himeji", &submitted.reference).await == "issued";
        assert_eq!(left_behind(app).await, if issued { [1; 4] } else { [0; 4] });
        assert_eq!(app.state("himeji", &submitted.reference).await, if issued { "issued" } else { "submitted" });
        app.deliver_mail().await;
    }

    async fn a_withdrawal_before_the_decision_stops_it(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let [approve, _] = two_tabs(&staff, &submitted, ["approve", "approve"]).await;
        let status = submitted.applicant.browser.submit(&about_to_withdraw(&submitted).await).await.unwrap();
        assert!(status.text().contains("取り下げ"), "{}", status.text());
        is_conflict(&staff.browser.submit(&approve).await.unwrap(), "取り下げました");
        assert_eq!(left_behind(app).await, [0, 0, 0, 0]);
        let queue = staff.open_staff("queue").await.unwrap();
        assert!(!queue.text().contains(&submitted.reference), "nothing waits any more");
    }

    async fn two_claims_have_one_holder(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let path = format!("applications/{}", submitted.reference);
        let mut claims = Vec::new();
        for staff in [&sato, &imai] {
            let form = staff.open_staff(&path).await.unwrap().form("担当する").unwrap();
            claims.push(Sending::form(&form, &staff.browser));
        }
        let answers = all_at_once(claims).await;
        let holder = if answers[0].status == 303 { "佐藤" } else { "今井" };
        let (won, lost) = won_and_lost(answers);
        assert_eq!((won.len(), lost.len()), (1, 1));
        is_conflict(&lost[0], &format!("{holder}さんが担当しています（2026-11-20 10:31まで"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'claimed'").await, 1);
    }
}
