//! The page of whoever is signed in: what belongs to a person stays theirs whatever they begin.

use crate::procedures::{by_one_tap, from_the_start};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::store::cards;

/// Hanako's card, as people read it.
const GROUPED: &str = "3000 0001 4";

fn says(page: &Page, words: &str) -> bool {
    page.text().contains(words)
}

#[track_caller]
fn must_say(page: &Page, words: &[&str]) {
    for one in words {
        assert!(says(page, one), "{one}: {}", page.text());
    }
}

/// Goes over to another of one's applications.
async fn go_over(journey: &Journey, reference: &str) -> Page {
    let status = journey.open("status").await.unwrap();
    let over = status.form(reference).unwrap();
    let opened = journey.browser.submit(&over).await.unwrap();
    pages::is_at(&opened, "/status");
    opened
}

/// Stops the card, and takes that back.
async fn stop_and_find(app: &TestApp, journey: &Journey) {
    let stop = journey.open("card/stop").await.unwrap();
    pages::is_at(&stop, "/card/stop");
    let stopped = journey.press(&stop, "いますぐ止める").await.unwrap();
    must_say(&stopped, &["カードを止めました", "借りることも予約もできません"]);
    assert!(stopped.title().starts_with("カードを止めました"), "{}", stopped.title());
    assert!(stopped.text_of("[role=status][autofocus]").is_some(), "it is read out, and stands first");
    let found = journey.open("card/found").await.unwrap();
    pages::is_at(&found, "/card/found");
    let again = journey.press(&found, "また使えるようにする").await.unwrap();
    must_say(&again, &["カードをまた使えるようにしました"]);
    app.deliver_mail().await;
}

async fn patron_url(app: &TestApp) -> String {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.read().await.unwrap();
    let card = cards::find_by_number(&mut tx, library.id, &"300000014".parse().unwrap()).await.unwrap();
    format!("patrons/{}", card.expect("the card").patron_id)
}

async fn begun(hanako: &Submitted, button: &str) {
    let status = hanako.applicant.open("status").await.unwrap();
    hanako.applicant.press(&status, button).await.unwrap();
}

stories! {
    async fn a_procedure_that_is_begun_takes_nobodys_card_away(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let before = hanako.applicant.open("status").await.unwrap();
        let notice = before.link("貸出券番号等通知書").unwrap();
        begun(&hanako, "パスワードを発行する").await;
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["つづきを入力する", GROUPED, &hanako.reference, "貸出券番号等通知書", "使えます"]);
        stop_and_find(app, &hanako.applicant).await;
        assert_eq!(hanako.applicant.browser.open(notice.as_str()).await.unwrap().status, 200);
        let desk = hanako.applicant.open("password").await.unwrap();
        pages::is_at(&desk, "/password");
        must_say(&desk, &[&hanako.reference]);
        let shown = hanako.applicant.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        assert!(shown.text_of("output").is_some(), "{}", shown.text());

        // One tap to the other application, one tap back to the draft, which is worked on as before.
        let first = go_over(&hanako.applicant, &hanako.reference).await;
        must_say(&first, &["カードを発行しました", GROUPED]);
        let (draft, _) = app.draft_of("himeji", &hanako.person.email).await;
        let back = go_over(&hanako.applicant, &draft.reference.to_string()).await;
        must_say(&back, &["つづきを入力する", GROUPED]);
        let withdraw = hanako.applicant.open("status/withdraw").await.unwrap();
        assert!(!says(&withdraw, "カードは発行されません") && says(&withdraw, "図書館には送られません"));
        let withdrawn = hanako.applicant.press(&withdraw, "申込みを取り下げる").await.unwrap();
        must_say(&withdrawn, &["取り下げ", GROUPED, &hanako.reference]);
        stop_and_find(app, &hanako.applicant).await;
    }

    async fn a_card_can_be_stopped_while_a_procedure_is_under_way(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let request = by_one_tap(app, &hanako, "マイナンバーカードを登録する").await;
        let status = request.applicant.open("status").await.unwrap();
        must_say(&status, &["受付済み", GROUPED, &hanako.reference, &request.reference]);
        let withdraw = request.applicant.open("status/withdraw").await.unwrap();
        assert!(!says(&withdraw, "カードは発行されません") && says(&withdraw, "いまのカード"), "{}", withdraw.text());
        stop_and_find(app, &request.applicant).await;
    }

    async fn the_newest_number_leads_to_the_card_as_the_first_one_does(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let fields = [("number", "300000014"), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &hanako.person).await;
        let (reader, status) = app.reader("himeji", &hanako.person, &request.reference).await;
        must_say(&status, &[GROUPED, &hanako.reference, "止めています"]);
        let found = reader.open("card/found").await.unwrap();
        reader.press(&found, "また使えるようにする").await.unwrap();
        let (_, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        must_say(&status, &["使えます", &request.reference, "カードが見つかり、また使えるようにしました"]);
    }

    async fn who_has_proved_nothing_sees_no_card(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        // Somebody who knows the number begins a procedure, and signs in to nothing.
        let stranger = app.journey("himeji");
        let who = stranger.answer("apply/card?procedure=password_issue", &[("number", "300000014")]).await.unwrap();
        pages::is_at(&who, "/apply/who");
        let status = stranger.open("status").await.unwrap();
        assert!(!says(&status, GROUPED) && !says(&status, &hanako.reference), "{}", status.text());
        pages::is_at(&stranger.open("card/stop").await.unwrap(), "/status");
        // The same person's request from another address waits for the library.
        let moved = Person::hanako().with_email("new@example.jp");
        let fields = [("number", "300000014"), ("changed", "email")];
        let request = from_the_start(app, "change", &fields, &moved).await;
        let (reader, status) = app.reader("himeji", &moved, &request.reference).await;
        assert!(!says(&status, GROUPED) && !says(&status, &hanako.reference), "{}", status.text());
        pages::is_at(&reader.open("card/stop").await.unwrap(), "/status");
    }

    async fn a_draft_outlives_the_right_to_see_the_card(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let notice = hanako.applicant.open("status").await.unwrap().link("貸出券番号等通知書").unwrap();
        begun(&hanako, "パスワードを発行する").await;
        app.advance(Duration::minutes(31));
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["つづきを入力する", "カードやほかの申込みを見るには、もう一度"]);
        assert!(!says(&status, GROUPED) && !says(&status, &hanako.reference), "{}", status.text());
        pages::is_at(&hanako.applicant.open("card/stop").await.unwrap(), "/status");
        assert_eq!(hanako.applicant.browser.open(notice.as_str()).await.unwrap().status, 404);
        assert_eq!(hanako.applicant.open("password").await.unwrap().status, 404);
        // It is there again for whoever signs in, and the draft with it.
        let (reader, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let (draft, _) = app.draft_of("himeji", &hanako.person.email).await;
        must_say(&go_over(&reader, &draft.reference.to_string()).await, &["つづきを入力する", GROUPED]);
    }

    async fn a_search_for_a_card_is_part_of_the_promise(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        // Not begun from the page, which would have it wait: reported as lost by whoever is not signed in.
        app.advance(Duration::seconds(61));
        let applicant = app.journey("himeji");
        let fields = [("number", "300000014"), ("reason", "lost")];
        let who = applicant.answer("apply/card?procedure=reissue", &fields).await.unwrap();
        applicant.send(&who, &[("category", hanako.person.category), ("age", "yes")]).await.unwrap();
        let code = applicant.answer("apply/email", &[("email", &hanako.person.email)]).await.unwrap();
        app.deliver_mail().await;
        let digits = applicant.newest_code(&hanako.person.email).unwrap();
        applicant.send(&code, &[("code", &digits)]).await.unwrap();
        let check = applicant.answer_the_rest(&hanako.person).await.unwrap();
        let promise = "2026年11月29日(日)までに";
        must_say(&check, &["カードをさがす期間", "2026年11月27日(金)から確認し", promise]);
        let sign = applicant.agree(&check).await.unwrap();
        let done = applicant.sign_with(&sign, pages::card_of(&hanako.person)).await.unwrap();
        must_say(&done, &["カードをさがす期間", promise]);
        assert!(!says(&done, "3開館日以内"), "{}", done.text());
        app.deliver_mail().await;
        let request = Submitted::on(applicant, &hanako.person, &done);
        let letters = app.letters_to(&hanako.person.email);
        assert!(letters.iter().any(|letter| letter.text.contains("11月29日までにお知らせします")), "the receipt says the day");
        must_say(&request.applicant.open("status").await.unwrap(), &["カードをさがす期間です", promise]);
        let due_on = app.application("himeji", &request.reference).await.due_on;
        assert_eq!(due_on, Some(time::macros::date!(2026 - 11 - 29)), "the staff's day is the same");
    }

    async fn staff_lift_a_patrons_own_stop_once_they_know_who_asks(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        let staff = app.sato().await;
        let page = staff.open_staff(&patron_url(app).await).await.unwrap();
        let refused = staff.press(&page, "見つかったカードを使えるようにする").await.unwrap();
        pages::is_rejected(&refused, "identity", "本人かどうかを確かめてから");
        let active = "SELECT COUNT(*) FROM cards WHERE state = 'active'";
        assert_eq!(app.database.count(active).await, 0);
        let released = staff.send(&refused, &[("identity", "seen")]).await.unwrap();
        must_say(&released, &["使えます"]);
        assert_eq!(app.database.count(active).await, 1);
        let recorded = "SELECT COUNT(*) FROM patron_views WHERE what = 'card_released' AND detail = 'lost'";
        assert_eq!(app.database.count(recorded).await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'card_found' AND actor = 'staff'").await, 1);
        must_say(&hanako.applicant.open("status").await.unwrap(), &["カードが見つかり、また使えるようにしました"]);
        app.deliver_mail().await;
    }

    async fn what_information_is_used_for_is_said_in_one_way(app: &TestApp) {
        let purpose = "貸出し・予約・督促などの図書館サービスのためにだけ使います";
        let visitor = app.journey("himeji");
        let privacy = visitor.open("privacy").await.unwrap();
        must_say(&privacy, &[purpose]);
        assert!(!says(&privacy, "ほかの目的には使いません"), "{}", privacy.text());
        let (_, check) = app.answered("himeji", &Person::hanako()).await;
        must_say(&check, &[purpose]);
        assert!(!says(&check, "この申込みのためだけ"), "{}", check.text());
    }
}
