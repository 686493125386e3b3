//! Responders (OCSP): asked where no list can tell, at signing and afterwards.

use crate::support::app::{TestApp, stories};
use crate::support::lists;
use crate::support::responder::Responder;
use time::Duration;
use todoke::demo::journey::Person;
use todoke::demo::stage::Stage;
use todoke::gateway::revocation::{Revocation, RevocationSettings};

fn with_a_responder(stage: &mut Stage) {
    let settings = RevocationSettings::Ocsp { urls: vec![Responder::start(stage)], nonce: true };
    stage.portal.revocation = Revocation::new(&[settings], None).unwrap();
}

fn with_a_responder_and_lists(stage: &mut Stage) {
    with_a_responder(stage);
    let (portal, now) = (&stage.portal, stage.portal.clock.now());
    assert!(portal.revocation.add(&stage.crl, &portal.trust, now).unwrap());
}

stories! {
    #[stage(with_a_responder)]
    async fn a_responder_tells_at_signing_what_no_list_can(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        assert!(!staff.open_staff("queue").await.unwrap().text_of("tbody").unwrap().contains("失効を確認できず"));
        let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures WHERE revocation = 'good'").await, 1);
        app.deliver_mail().await;
    }

    #[stage(with_a_responder)]
    async fn a_responder_that_is_down_leaves_the_question_open_and_answers_it_later(app: &TestApp) {
        let responder = Responder::of(&app.portal().base_url);
        responder.set_down(true);
        let submitted = app.submitted_by_hanako().await;
        assert_eq!(responder.questions(), 2, "asked, and once more");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM revocation_checks").await, 1);
        responder.set_down(false);
        responder.revoke(lists::entry(app, &submitted, app.now() - Duration::HOUR).await);
        app.advance(Duration::minutes(5));
        app.portal().ask_revocation_again().await.unwrap();
        let told = "SELECT COUNT(*) FROM revocation_answers WHERE source = 'ocsp' AND status = 'revoked'";
        assert_eq!(app.database.count(told).await, 1);
        let staff = app.sato().await;
        assert!(staff.open_staff("queue").await.unwrap().text().contains("証明書が失効"));
    }

    #[stage(with_a_responder)]
    async fn a_card_that_the_responder_knows_as_revoked_does_not_sign(app: &TestApp) {
        let first = app.submitted_by_hanako().await;
        app.sato().await.decide(&first.reference, "decline", "書類を確かめられませんでした。").await.unwrap();
        let revoked = lists::entry(app, &first, app.now() - Duration::HOUR).await;
        Responder::of(&app.portal().base_url).revoke(revoked);
        let (applicant, sign) = app.frozen("himeji", &Person::hanako().with_email("again@example.jp")).await;
        let page = applicant.sign_with(&sign, "normal").await.unwrap();
        assert!(page.url.path().ends_with("/apply/sign/problem/revoked"), "{}", page.url);
        app.deliver_mail().await;
    }

    #[stage(with_a_responder_and_lists)]
    async fn nobody_is_asked_about_what_a_list_tells(app: &TestApp) {
        app.submitted_by_hanako().await;
        assert_eq!(Responder::of(&app.portal().base_url).questions(), 0);
    }
}
