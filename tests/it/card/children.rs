//! A guardian asks for something about the card of a child, and signs with their own card.

use super::{OWN, granted_to_children, must_say, number_of, signed_in};
use crate::correction::{ask, sign_again};
use crate::guardian::{TARO, signed_for};
use crate::procedures::expires_on;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::lists;
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use time::Duration;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::answers::DraftAnswers;
use todoke::domain::card::{Card, CardState};
use todoke::domain::guardianship::SigningGuardian;
use todoke::domain::notice::NoticeContent;
use todoke::domain::patron::Patron;
use todoke::domain::request::Request;
use todoke::service::apply::Answer;
use todoke::store::{cards, drafts, notices, patrons};

const REISSUE: &str = "カードを再発行する";

/// The guardian goes over to the card of one of the children.
async fn card_of_child(guardian: &Journey, name: &str) -> Page {
    let family = guardian.open("card/family").await.unwrap();
    let [open, go_on] =
        ["このカードの画面をひらく", "このカードの画面"].map(|words| format!("{words} 姫路\u{3000}{name}"));
    let home = match family.form(&open) {
        Ok(form) => guardian.browser.submit(&form).await.unwrap(),
        // It is open already.
        Err(_) => guardian.browser.click(&family, &go_on).await.unwrap(),
    };
    pages::is_at(&home, "/card");
    must_say(&home, &[&format!("姫路 {name}")]);
    home
}

/// The guardian says why another card is needed; all else is known.
async fn reissue(guardian: &Journey, home: &Page, reason: &str) -> Page {
    let asked = guardian.press(home, REISSUE).await.unwrap();
    pages::is_at(&asked, "/apply/card");
    let check = guardian.send(&asked, &[("reason", reason)]).await.unwrap();
    pages::is_at(&check, "/apply/check");
    check
}

/// Signed with the guardian's own card, and received.
async fn signed(app: &TestApp, guardian: &Journey, check: &Page) -> Submitted {
    pages::is_at(check, "/apply/check");
    let sign = guardian.agree(check).await.unwrap();
    pages::is_at(&sign, "/apply/sign");
    must_say(&sign, &["保護者の方（姫路 花子さん）のマイナンバーカードで署名します"]);
    let done = guardian.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    Submitted::on(guardian.clone(), &Person::hanako(), &done)
}

async fn approved(app: &TestApp, submitted: &Submitted) -> Page {
    let decided = app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    app.deliver_mail().await;
    assert_eq!(app.state("himeji", &submitted.reference).await, "issued", "{}", decided.text());
    decided
}

/// The card that counts now.
async fn card_of(app: &TestApp, child: &Patron) -> Card {
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_patron(&mut tx, child.library_id, child.id).await.unwrap().expect("a card")
}

async fn again(app: &TestApp, child: &Patron) -> Patron {
    let mut tx = app.database.db.read().await.unwrap();
    patrons::find(&mut tx, child.library_id, child.id).await.unwrap().expect("the child")
}

async fn notice(app: &TestApp, reference: &str) -> NoticeContent {
    let application = app.application("himeji", reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let mut found = notices::list_by_application(&mut tx, application.library_id, application.id).await.unwrap();
    assert_eq!(found.len(), 1, "one notice each");
    found.remove(0).content
}

stories! {
    async fn the_lost_card_of_the_second_child_is_issued_again(app: &TestApp) {
        let own = app.submitted("himeji", &Person::hanako().with_email("hanako2@example.jp")).await;
        approved(app, &own).await;
        let (submitted, children) = granted_to_children(app).await;
        let [sakura, taro] = &children[..] else { panic!("two children") };
        let (old, sisters) = (card_of(app, taro).await, card_of(app, sakura).await);
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let asked = guardian.press(&home, REISSUE).await.unwrap();
        must_say(&asked, &["姫路 太郎さんのカードの手続きです"]);
        let form = asked.form("reason").unwrap();
        assert_eq!(form.value("number"), Some(old.number.as_str()), "the child's");
        let check = guardian.send(&asked, &[("reason", "lost")]).await.unwrap();
        must_say(&check, &["姫路 太郎", "2023年", "署名する保護者", "姫路 花子", "父または母", "hanako@example.jp"]);
        assert!(!check.html().contains("apply/children"), "who signs is no question: {}", check.html());
        let request = signed(app, &guardian, &check).await;

        assert!(matches!(card_of(app, taro).await.state, CardState::Stopped { .. }), "nobody can use what was lost");
        assert_eq!(card_of(app, sakura).await, sisters);
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        must_say(&file, &["保護者が、子どものカードについて申し込んでいます", "署名した保護者", "姫路 花子", "姫路 太郎"]);
        assert!(!file.text().contains("別の人の証明書かもしれません"), "{}", file.text());
        app.advance(Duration::days(8));
        lists::publish(app, 9, None).await;
        approved(app, &request).await;

        let fresh = card_of(app, taro).await;
        assert!(fresh.is_active() && fresh.number != old.number, "{:?}", fresh.state);
        let mut tx = app.database.db.read().await.unwrap();
        let dead = cards::find(&mut tx, old.library_id, old.id).await.unwrap().unwrap();
        drop(tx);
        assert!(matches!(dead.state, CardState::Replaced { .. }), "{:?}", dead.state);
        assert_eq!(card_of(app, sakura).await, sisters, "the sister's is as it was");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 3);
        assert_eq!(again(app, taro).await.facts, taro.facts, "nothing of the guardian's was taken for the child's");
        let NoticeContent::Reissued(told) = notice(app, &request.reference).await else { panic!("reissued") };
        assert_eq!((told.card.name.as_str(), &told.card.card_number), ("姫路\u{3000}太郎", &fresh.number));
        assert!(app.letters_to("hanako@example.jp").iter().any(|letter| letter.text.contains(&request.reference)));

        // Who reads what became of it is the guardian, and sees both cards.
        let (guardian, status) = app.reader("himeji", &submitted.person, &request.reference).await;
        must_say(&status, &["姫路 太郎"]);
        let letter = guardian.browser.click(&status, "再発行").await.unwrap();
        must_say(&letter, &["姫路 太郎", &told.card.card_number_grouped]);
        must_say(&guardian.open("card/family").await.unwrap(), &["姫路 太郎", "姫路 さくら"]);
        for path in ["card/record", "card/requests", "card/close", "account"] {
            pages::is_at(&guardian.open(path).await.unwrap(), "/status");
        }
        app.deliver_mail().await;
    }

    async fn the_guardians_card_opens_no_childs_own_pages_after_it_has_signed_for_the_child(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let check = reissue(&guardian, &home, "damaged").await;
        let request = signed(app, &guardian, &check).await;
        approved(app, &request).await;
        let by_card = app.journey("himeji");
        let door = by_card.open("sign-in").await.unwrap();
        let pick = by_card.press(&door, "マイナンバーカードでサインイン").await.unwrap();
        by_card.send(&pick, &[("card", "normal")]).await.unwrap();
        must_say(&by_card.open("card/family").await.unwrap(), &["姫路 さくら", "姫路 太郎"]);
        for path in ["card/record", "card/requests", "card/close", "account"] {
            pages::is_at(&by_card.open(path).await.unwrap(), "/status");
        }
        // The child by itself sees nothing of it, and is told whose it is to ask.
        let number = number_of(app, &children[1]).await;
        let (taro, home) = signed_in(app, children[1].id, &number).await;
        must_say(&home, &["15歳になるまでは、保護者の方が手続きします"]);
        assert!(home.form(REISSUE).is_err(), "{}", home.text());
        for path in ["card", "card/record", "sign-in/list"] {
            let page = taro.open(path).await.unwrap();
            assert!(!page.text().contains(&request.reference) && !page.text().contains("花子"), "{}", page.text());
        }
        pages::is_at(&taro.open("card/record").await.unwrap(), "/card/record");
        app.deliver_mail().await;
    }

    async fn nobody_but_the_guardian_who_applied_signs_for_a_child(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let check = reissue(&guardian, &home, "lost").await;
        let sign = guardian.agree(&check).await.unwrap();
        let refused = guardian.sign_with(&sign, "other-person").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/not-the-guardian");
        must_say(&refused, &["そのカードを申し込んだ保護者の方だけです"]);
        assert!(card_of(app, &children[1]).await.is_active(), "what nobody may sign stops nothing");

        // The draft is about one child: another number is none of it, on the page and behind it.
        let (draft, answers) = app.draft_of("himeji", "hanako@example.jp").await;
        let sisters = number_of(app, &children[0]).await;
        let mixed = guardian.answer("apply/card", &[("number", &sisters), ("reason", "damaged")]).await.unwrap();
        pages::is_rejected(&mixed, "number", "このお子さんのカードの番号ではありません");
        let library = app.library("himeji").await;
        let Some(Request::Reissue { reason, lost_on, .. }) = answers.request.whole().cloned() else { panic!("whole") };
        let other = Request::Reissue { card_number: sisters.parse().unwrap(), reason, lost_on };
        app.portal().answer(&library, draft.id, Answer::Request(other)).await.unwrap();
        let check = guardian.open("apply/check").await.unwrap();
        let sign = guardian.agree(&check).await.unwrap();
        let refused = guardian.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/not-the-guardian");
        assert!(card_of(app, &children[0]).await.is_active(), "nor another child's card");

        // A draft that says of itself that another parent signs is not believed.
        let own = answers.request.whole().cloned().unwrap();
        app.portal().answer(&library, draft.id, Answer::Request(own)).await.unwrap();
        let (draft, answers) = app.draft_of("himeji", "hanako@example.jp").await;
        let other = pages::taro();
        let by_guardian = answers.by_guardian.clone().map(|guardian| SigningGuardian {
            name: other.name.parse().unwrap(),
            kana: other.kana.parse().unwrap(),
            birth: "1975-03-20".parse().unwrap(),
            ..guardian
        });
        assert!(by_guardian.is_some());
        let mut tx = app.database.db.begin().await.unwrap();
        drafts::save(&mut tx, &draft, &DraftAnswers { by_guardian, ..answers }).await.unwrap();
        tx.commit().await.unwrap();
        let check = guardian.open("apply/check").await.unwrap();
        let sign = guardian.agree(&check).await.unwrap();
        let refused = guardian.sign_with(&sign, "other-person").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/not-the-guardian");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 1, "only that of the first application");
        app.deliver_mail().await;
    }

    async fn a_child_that_is_old_enough_is_signed_for_no_more(app: &TestApp) {
        const ICHIRO: (&str, &str, &str, &str) = ("姫路 一郎", "ひめじ いちろう", "2011", "12");
        let (journey, done) = signed_for(app, "hanako@example.jp", &[ICHIRO, TARO]).await;
        let submitted = Submitted::on(journey, &Person::hanako(), &done);
        approved(app, &submitted).await;
        app.advance(Duration::days(6));
        lists::publish(app, 9, None).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "一郎").await;
        let check = reissue(&guardian, &home, "damaged").await;
        let sign = guardian.agree(&check).await.unwrap();
        app.advance(Duration::days(5));
        lists::publish(app, 10, None).await;
        let refused = guardian.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/child-grown");
        must_say(&refused, &["ご本人が手続きできる年齢になりました"]);
        let check = guardian.open("apply/check").await.unwrap();
        pages::is_at(&guardian.agree(&check).await.unwrap(), "/apply/sign/problem/child-grown");
        // Neither is his card among those that the guardian opens; the brother's is.
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let family = guardian.open("card/family").await.unwrap();
        assert!(!family.text().contains("一郎"), "{}", family.text());
        let mut forged = family.form("このカードの画面をひらく").unwrap();
        forged = forged.forge("child", "1");
        assert_eq!(guardian.browser.submit(&forged).await.unwrap().status, 404);
        card_of_child(&guardian, "太郎").await;
        app.deliver_mail().await;
    }

    async fn pressing_again_or_going_back_begins_nothing_twice(app: &TestApp) {
        let begun = "SELECT COUNT(*) FROM applications WHERE procedure = 'reissue'";
        let (submitted, _) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let form = Sending::form(&home.form(REISSUE).unwrap(), &guardian.browser);
        let mut answers = all_at_once(vec![form.clone(), form.clone()]).await;
        // One comes when all is over.
        answers.push(form.send().await);
        for answer in answers {
            assert_eq!(answer.status, 303, "{}", answer.text());
            assert_eq!(location(&answer).as_deref(), Some("/himeji/ja/apply/card?from=check"));
        }
        assert_eq!(app.database.count(begun).await, 1);
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let asked = guardian.press(&home, REISSUE).await.unwrap();
        guardian.send(&asked, &[("reason", "damaged")]).await.unwrap();
        app.advance(Duration::minutes(5));
        let home = guardian.open("card").await.unwrap();
        must_say(&home, &["姫路 太郎"]);
        let on = guardian.press(&home, REISSUE).await.unwrap();
        assert!(on.text_of("input[value='damaged'][checked]").is_some(), "{}", on.html());
        assert_eq!(app.database.count(begun).await, 1);
        // The sister's is another draft, and each is gone on with from its own card.
        let home = card_of_child(&guardian, "さくら").await;
        let hers = guardian.press(&home, REISSUE).await.unwrap();
        must_say(&hers, &["姫路 さくらさんのカードの手続きです"]);
        assert_eq!(app.database.count(begun).await, 2);
        let home = card_of_child(&guardian, "太郎").await;
        let check = reissue(&guardian, &home, "damaged").await;
        assert_eq!(app.database.count(begun).await, 2);
        let request = signed(app, &guardian, &check).await;
        // It is open now: the page says so, and a page that was open before as well.
        let home = card_of_child(&guardian, "太郎").await;
        must_say(&home, &[&request.reference]);
        assert!(home.form(REISSUE).is_err(), "{}", home.text());
        let home = card_of_child(&guardian, "さくら").await;
        let check = reissue(&guardian, &home, "damaged").await;
        signed(app, &guardian, &check).await;
        assert_eq!(app.database.count(begun).await, 2);
    }

    async fn what_staff_ask_about_is_put_right_and_signed_again_by_the_guardian(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let check = reissue(&guardian, &home, "damaged").await;
        let request = signed(app, &guardian, &check).await;
        ask(&app.sato().await, &request, &["name"]).await;
        app.deliver_mail().await;
        let (guardian, _) = app.reader("himeji", &request.person, &request.reference).await;
        let fix = guardian.open("status/fix").await.unwrap();
        let name = guardian.browser.click(&fix, "修正をはじめる").await.unwrap();
        must_say(&name, &["姫路 太郎さんのカードの手続きです"]);
        guardian.send(&name, &[("kana", "ひめじ　たろお")]).await.unwrap();
        let check = guardian.open("apply/check").await.unwrap();
        let sign = guardian.press(&check, "署名へ進む").await.unwrap();
        let refused = guardian.sign_with(&sign, "other-person").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/not-the-guardian");
        sign_again(&guardian).await;
        app.deliver_mail().await;
        approved(app, &request).await;
        assert!(card_of(app, &children[1]).await.is_active());
        let file = app.sato().await.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        must_say(&file, &["ヒメジ タロオ", "署名した保護者"]);
    }

    async fn a_guardian_renews_a_childs_card_and_a_person_decides(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        expires_on(app, "2026-12-20").await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let asked = guardian.press(&home, "有効期限を延ばす").await.unwrap();
        let check = guardian.send(&asked, &[("facts", "unchanged")]).await.unwrap();
        let renewal = signed(app, &guardian, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "no rule knows who looks after a child");
        approved(app, &renewal).await;
        assert_eq!(card_of(app, &children[1]).await.expires_on, date!(2029 - 11 - 20));
        assert_eq!(card_of(app, &children[0]).await.expires_on, date!(2026 - 12 - 20));
        assert!(matches!(notice(app, &renewal.reference).await, NoticeContent::Renewed(told)
            if told.card.name.as_str() == "姫路\u{3000}太郎"));
    }

    async fn other_facts_are_told_of_the_child_alone(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let asked = guardian.press(&home, "登録内容を変更する").await.unwrap();
        let contact = guardian.send(&asked, &[("changed", "phone")]).await.unwrap();
        pages::is_at(&contact, "/apply/contact");
        must_say(&contact, &["姫路 太郎さんのカードの手続きです"]);
        let check = guardian.send(&contact, &[("phone", "079-000-0001"), ("branch", "jonai")]).await.unwrap();
        let change = signed(app, &guardian, &check).await;
        approved(app, &change).await;
        let phone = |child: Patron| child.facts.phone.map(|phone| phone.as_str().to_owned());
        assert_eq!(phone(again(app, &children[1]).await).as_deref(), Some("079-000-0001"));
        assert_eq!(phone(again(app, &children[0]).await), None);
        let taro = again(app, &children[1]).await;
        assert_eq!((taro.facts.name.as_str(), taro.facts.birth), ("姫路\u{3000}太郎", children[1].facts.birth));
    }

    async fn a_guardian_gets_a_child_a_new_password_and_nobody_elses_session_is_ended(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let number = number_of(app, &children[1]).await;
        let (taro, _) = signed_in(app, children[1].id, &number).await;
        app.deliver_mail().await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let check = guardian.press(&home, "パスワードを発行する").await.unwrap();
        let request = signed(app, &guardian, &check).await;
        approved(app, &request).await;
        pages::is_at(&taro.open("card").await.unwrap(), "/sign-in");
        let home = guardian.open("card").await.unwrap();
        must_say(&home, &["姫路 太郎"]);
        let desk = guardian.browser.click(&home, "初期パスワードを受け取る").await.unwrap();
        must_say(&desk, &["姫路 太郎"]);
        let shown = guardian.send(&desk, &[("code", &request.collection_code)]).await.unwrap();
        let initial: String = shown.text_of("output").expect("a password").split_whitespace().collect();
        let door = app.journey("himeji");
        let page = door.open("sign-in/password").await.unwrap();
        let choice = door.send(&page, &[("number", &number), ("password", &initial)]).await.unwrap();
        pages::is_at(&choice, "/sign-in/new-password");
        let home = door.send(&choice, &[("password", OWN), ("again", OWN)]).await.unwrap();
        must_say(&home, &["姫路 太郎"]);
        app.deliver_mail().await;
    }

    async fn the_page_of_a_child_leads_to_the_password_of_that_child(app: &TestApp) {
        let (submitted, _) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = card_of_child(&guardian, "太郎").await;
        let desk = guardian.browser.click(&home, "初期パスワードを受け取る").await.unwrap();
        must_say(&desk, &["姫路 太郎"]);
        guardian.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
        // His is collected; that his sister's is not says her page.
        let home = guardian.open("card").await.unwrap();
        assert!(home.link("初期パスワードを受け取る").is_err(), "{}", home.text());
    }

    async fn what_a_guardian_begins_for_themselves_is_nothing_of_the_childs(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        card_of_child(&guardian, "太郎").await;
        guardian.answer("apply/card?procedure=password_issue", &[("number", "300000099")]).await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM holder_drafts").await, 0);
        let home = card_of_child(&guardian, "太郎").await;
        reissue(&guardian, &home, "damaged").await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM holder_drafts").await, 1);
        let number = number_of(app, &children[1]).await;
        let (taro, home) = signed_in(app, children[1].id, &number).await;
        assert!(!home.text().contains("入力中"), "the draft is the guardian's: {}", home.text());
        must_say(&taro.open("card").await.unwrap(), &["姫路 太郎"]);
        app.deliver_mail().await;
    }
}
