//! What colleagues do together: taking over, holding, asking, noting; two approvals; absence.

use super::{about_to, claimed, is_conflict};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once};
use time::Duration;
use todoke::demo::journey::Journey;
use todoke::demo::{STAFF_LOGIN, STAFF_PASSWORD, STAFF_TOTP_SECRET};
use todoke::domain::permission::{Role, RoleGrant};

/// A colleague with one role.
async fn hired(app: &TestApp, login: &str, name: &str, role: Role) -> Journey {
    let library = app.library("himeji").await;
    let roles = vec![RoleGrant::everywhere(role)];
    app.portal().add_demo_staff(&library, login, name, roles, STAFF_PASSWORD, STAFF_TOTP_SECRET).await.unwrap();
    app.staff("himeji", login).await
}

fn path_of(submitted: &Submitted) -> String {
    format!("applications/{}", submitted.reference)
}

stories! {
    async fn a_supervisor_takes_a_claim_over_and_the_one_who_had_it_reads_why(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        let held = claimed(&sato, &submitted).await;
        let decision = about_to(&sato, &held, "approve", "").await;
        let imai = app.staff("himeji", "imai").await;
        let file = imai.open_staff(&path_of(&submitted)).await.unwrap();
        let empty = imai.send(&file, &[("take_over_reason", " ")]).await.unwrap();
        pages::is_rejected(&empty, "take_over_reason", "入力");
        let taken = imai.send(&file, &[("take_over_reason", "窓口でお待ちです")]).await.unwrap();
        assert!(taken.form("outcome").is_ok(), "{}", taken.text());
        is_conflict(&sato.browser.submit(&decision).await.unwrap(), "今井さんが担当しています");
        let queue = sato.open_staff("queue").await.unwrap();
        assert!(queue.text().contains("今井さんが担当を引き継ぎました") && queue.text().contains("窓口でお待ちです"));
        assert!(!imai.open_staff("queue").await.unwrap().text().contains("引き継ぎました"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'taken_over'").await, 1);
        assert!(!app.database.holds("窓口でお待ちです").await, "the reason is sealed");
        // Whoever is no supervisor is offered nothing.
        let ueda = hired(app, "ueda", "上田", Role::Reviewer).await;
        assert!(ueda.open_staff(&path_of(&submitted)).await.unwrap().form("take_over_reason").is_err());
    }

    async fn approval_and_take_over_at_once_have_one_winner(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        let held = claimed(&sato, &submitted).await;
        let decision = about_to(&sato, &held, "approve", "").await;
        let imai = app.staff("himeji", "imai").await;
        let file = imai.open_staff(&path_of(&submitted)).await.unwrap();
        let take_over = file.form("take_over_reason").unwrap().fill("take_over_reason", "急ぎ").unwrap();
        let both = vec![Sending::form(&decision, &sato.browser), Sending::form(&take_over, &imai.browser)];
        let answers = all_at_once(both).await;
        assert!((answers[0].status == 303) != (answers[1].status == 303), "{} {}", answers[0].text(), answers[1].text());
        let issued = answers[0].status == 303;
        assert_eq!(app.state("himeji", &submitted.reference).await, if issued { "issued" } else { "under_review" });
        let lost = &answers[usize::from(issued)];
        pages::refuses(lost, 409, "この操作は保存していません");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, i64::from(issued));
        app.deliver_mail().await;
    }

    async fn what_is_on_hold_is_offered_to_nobody_until_its_day(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        let held = claimed(&sato, &submitted).await;
        for (until, field) in [("", "hold_until"), ("2026-11-20", "hold_until"), ("2027-12-01", "hold_until")] {
            let page = sato.send(&held, &[("hold_until", until), ("hold_reason", "電話を待つ")]).await.unwrap();
            pages::is_rejected(&page, field, "");
            assert!(page.text().contains("電話を待つ"), "nothing typed is lost");
        }
        let queue = sato.send(&held, &[("hold_until", "2026-11-24"), ("hold_reason", "電話を待つ")]).await.unwrap();
        pages::is_at(&queue, "/staff/queue");
        assert!(!queue.text().contains(&submitted.reference), "not among the unclaimed");
        let on_hold = sato.open_staff("queue?tab=on_hold").await.unwrap();
        assert!(on_hold.text().contains(&submitted.reference) && on_hold.text().contains("2026-11-24まで"));
        let file = sato.open_staff(&path_of(&submitted)).await.unwrap();
        assert!(file.text().contains("まで保留中です") && file.text().contains("電話を待つ"));
        assert!(!app.database.holds("電話を待つ").await, "the reason is sealed");
        // Somebody may take it up before the day.
        app.advance(Duration::days(4));
        let sato = app.sato().await;
        assert!(sato.open_staff("queue").await.unwrap().text().contains(&submitted.reference), "its day has come");
        let again = claimed(&sato, &submitted).await;
        assert!(!again.text().contains("まで保留中です"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM holds").await, 0);
    }

    async fn a_colleague_who_is_asked_reads_the_file_and_answers_without_the_claim(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        let held = claimed(&sato, &submitted).await;
        let nobody = sato.send(&held, &[("question", "同じ人ですか")]).await.unwrap();
        pages::is_rejected(&nobody, "colleague", "だれに聞くか");
        let form = held.form("question").unwrap();
        let imai_id = form.choices("colleague").into_iter().find(|id| !id.is_empty()).unwrap();
        let asking = [("colleague", imai_id.as_str()), ("question", "同じ人ですか")];
        let asked = sato.send(&held, &asking).await.unwrap();
        assert!(asked.text().contains("返事を待っています"), "{}", asked.text());
        let twice = sato.send(&asked, &asking).await.unwrap();
        pages::is_rejected(&twice, "colleague", "もう聞いています");
        let imai = app.staff("himeji", "imai").await;
        let queue = imai.open_staff("queue").await.unwrap();
        assert!(queue.text().contains("意見を求められています"), "{}", queue.text());
        let file = imai.browser.click(&queue, &submitted.reference).await.unwrap();
        assert!(file.form("outcome").is_err(), "the claim stays where it is");
        let answered = imai.send(&file, &[("opinion", "同じ人だと思います")]).await.unwrap();
        assert!(answered.text().contains("同じ人だと思います"), "{}", answered.text());
        assert!(!imai.open_staff("queue").await.unwrap().text().contains("意見を求められています"));
        let seen = sato.open_staff(&path_of(&submitted)).await.unwrap();
        assert!(seen.text().contains("同じ人だと思います") && seen.form("outcome").is_ok());
        let (_, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("意見"), "applicants never see it: {}", status.text());
    }

    async fn a_memo_is_for_colleagues_only(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        let file = sato.open_staff(&path_of(&submitted)).await.unwrap();
        pages::is_rejected(&sato.send(&file, &[("memo", "")]).await.unwrap(), "memo", "");
        let noted = sato.send(&file, &[("memo", "電話は午後がよい")]).await.unwrap();
        assert!(noted.text().contains("電話は午後がよい") && noted.text().contains("申込者には見えません"));
        assert!(!app.database.holds("電話は午後がよい").await);
        let (_, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("午後がよい"));
    }

    async fn a_reviewer_proposes_and_another_person_decides(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let ueda = hired(app, "ueda", "上田", Role::Reviewer).await;
        let held = claimed(&ueda, &submitted).await;
        assert!(held.form("reason").is_err(), "a reviewer does not decline");
        let confirmation = ueda.send(&held, &[("outcome", "approve")]).await.unwrap();
        assert!(confirmation.text().contains("2人目の承認待ち"), "{}", confirmation.text());
        let proposed = ueda.send(&confirmation, &[("outcome", "approve")]).await.unwrap();
        assert!(proposed.text().contains("上田さんが1人目として承認しました"), "{}", proposed.text());
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 0);
        // The same person cannot be both, and reads why.
        let again = claimed(&ueda, &submitted).await;
        let refused = ueda.send(&again, &[("outcome", "approve")]).await.unwrap();
        is_conflict(&refused, "1人目の承認をした方は、2人目の承認はできません");
        ueda.press(&again, "担当をはずす").await.unwrap();
        let sato = app.sato().await;
        let queue = sato.open_staff("queue").await.unwrap();
        assert!(queue.text().contains("2人目の承認待ち"), "{}", queue.text());
        let decided = sato.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1);
        app.deliver_mail().await;
    }

    async fn two_first_approvals_by_one_person_are_one(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let ueda = hired(app, "ueda", "上田", Role::Reviewer).await;
        let held = claimed(&ueda, &submitted).await;
        let forms = [about_to_propose(&ueda, &held).await, about_to_propose(&ueda, &held).await];
        let answers = all_at_once(forms.iter().map(|form| Sending::form(form, &ueda.browser)).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM first_approvals").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
    }

    async fn whoever_is_away_keeps_no_claim_and_nobody_counts_on_them(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        claimed(&imai, &submitted).await;
        let page = sato.open_staff("absences").await.unwrap();
        let wrong = [("from_on", "2026-11-25"), ("until_on", "2026-11-20")];
        pages::is_rejected(&sato.send(&page, &wrong).await.unwrap(), "until_on", "おわりの日");
        let form = page.form("from_on").unwrap();
        let ids = form.choices("member");
        assert!(ids.len() >= 2, "a supervisor enters colleagues too");
        let file = sato.open_staff(&path_of(&submitted)).await.unwrap();
        let imai_id = file.form("question").unwrap().choices("colleague").into_iter().find(|id| !id.is_empty()).unwrap();
        let away = [("member", imai_id.as_str()), ("from_on", "2026-11-20"), ("until_on", "2026-11-21")];
        let noted = sato.send(&page, &away).await.unwrap();
        assert!(noted.text().contains("今井"), "{}", noted.text());
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted", "back in the queue");
        let file = sato.open_staff(&path_of(&submitted)).await.unwrap();
        assert!(file.text().contains("職員が不在のため") && file.text().contains("今井（不在）"), "{}", file.text());
    }

    async fn the_supervisor_of_one_branch_gives_back_no_claim_of_another(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let at_aboshi = RoleGrant { role: Role::Supervisor, branch: Some("aboshi".parse().unwrap()) };
        app.hire_as("himeji", "kita", "北", vec![at_aboshi]).await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let kita = app.staff("himeji", "kita").await;
        claimed(&imai, &submitted).await;
        let file = sato.open_staff(&path_of(&submitted)).await.unwrap();
        let form = file.form("question").unwrap();
        for member in form.choices("colleague").iter().filter(|id| !id.is_empty()) {
            let page = kita.open_staff("absences").await.unwrap();
            let away = [("member", member.as_str()), ("from_on", "2026-11-20"), ("until_on", "2026-11-21")];
            let noted = kita.send(&page, &away).await.unwrap();
            assert!(noted.status < 400, "{}", noted.text());
        }
        assert!(app.database.count("SELECT COUNT(*) FROM absences").await > 0);
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review", "it is not at their branch");
    }

    async fn what_a_colleague_who_left_had_claimed_is_anybodys(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        claimed(&app.sato().await, &submitted).await;
        let library = app.library("himeji").await;
        app.portal().disable_staff(&library, &STAFF_LOGIN.parse().unwrap()).await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
    }
}

async fn about_to_propose(staff: &Journey, held: &todoke::demo::browser::Page) -> todoke::demo::browser::Form {
    staff.send(held, &[("outcome", "approve")]).await.unwrap().form("outcome").unwrap()
}
