//! Nobody decides on their own application, or on one of their family.

use super::{about_to, claimed, is_conflict};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::answers::DraftAnswers;
use todoke::domain::application::Application;
use todoke::domain::guardianship::{Child, DraftGuardianship};
use todoke::store::{applications, cards, drafts, patrons};

/// Posts an empty form to an address beside the page's own.
async fn press_beside(staff: &Journey, page: &Page, rest: &str) -> Page {
    let mut form = page.form("サインアウト").unwrap();
    form.action = page.url.join(&format!("{}/{rest}", page.url.path())).unwrap();
    staff.browser.submit(&form).await.unwrap()
}

/// Sends what the button would, which is not there.
async fn try_to_claim(staff: &Journey, submitted: &Submitted) -> Page {
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
    assert!(file.form("担当する").is_err() && file.form("outcome").is_err(), "{}", file.text());
    assert!(file.text().contains("あなたは、この申込みを担当できません"), "{}", file.text());
    press_beside(staff, &file, "claim").await
}

stories! {
    async fn whoever_names_a_card_leaves_its_holder_to_others(app: &TestApp) {
        app.issued_to_hanako().await;
        let card = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let person = Person::hanako().with_email("again@example.jp");
        let (applicant, sign) = app.frozen("himeji", &person).await;
        let done = applicant.sign_with(&sign, "birth-unknown").await.unwrap();
        app.deliver_mail().await;
        let again = Submitted::on(applicant, &person, &done);
        let decision = about_to(&sato, &claimed(&sato, &again).await, "decline", "理由です。").await;

        let relations = sato.open_staff("relations").await.unwrap();
        for (typed, sentence) in [("", "カードのとおりに"), ("9", "見つかりません")] {
            let page = sato.send(&relations, &[("card", typed)]).await.unwrap();
            pages::is_rejected(&page, "card", sentence);
        }
        let named = sato.send(&relations, &[("card", &card)]).await.unwrap();
        assert!(named.text().contains(&card), "{}", named.text());
        assert!(!imai.open_staff("relations").await.unwrap().text().contains(&card), "colleagues do not see it");

        is_conflict(&sato.browser.submit(&decision).await.unwrap(), "ほかの職員に担当をお願い");
        is_conflict(&sato.open_staff(&format!("applications/{}/duplicates", again.reference)).await.unwrap(), "ほかの職員");
        assert_eq!(app.state("himeji", &again.reference).await, "submitted", "what was claimed is given back");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'released'").await, 1);
        is_conflict(&try_to_claim(&sato, &again).await, "ほかの職員に担当をお願い");
        assert_eq!(app.state("himeji", &again.reference).await, "submitted");
        claimed(&imai, &again).await;

        let named = sato.open_staff("relations").await.unwrap();
        assert!(!sato.press(&named, "消す").await.unwrap().text().contains(&card));
    }

    async fn others_decide_about_the_cards_of_ones_own_people(app: &TestApp) {
        app.issued_to_hanako().await;
        let number = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        let sato = app.sato().await;
        let library = app.library("himeji").await;
        let mut tx = app.database.db.read().await.unwrap();
        let card = cards::find_by_number(&mut tx, library.id, &number.parse().unwrap()).await.unwrap().unwrap();
        drop(tx);
        let path = format!("patrons/{}", card.patron_id);
        let before = sato.open_staff(&path).await.unwrap();
        let stop = before.form("カードを止める").unwrap();
        let block = before.form("block").unwrap().fill("block", "ask-at-counter").unwrap();
        let relations = sato.open_staff("relations").await.unwrap();
        sato.send(&relations, &[("card", &number)]).await.unwrap();

        let after = sato.open_staff(&path).await.unwrap();
        assert!(after.text().contains("ほかの職員にお願いしてください"), "{}", after.text());
        assert!(after.form("カードを止める").is_err() && after.form("block").is_err(), "{}", after.text());
        for form in [&stop, &block] {
            pages::refuses(&sato.browser.submit(form).await.unwrap(), 409, "ほかの職員にお願いしてください");
        }
        pages::refuses(&press_beside(&sato, &after, "release").await, 409, "ほかの職員にお願いしてください");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_blocks").await, 0);
        app.hire("himeji", "imai", "今井").await;
        let imai = app.staff("himeji", "imai").await;
        let page = imai.open_staff(&path).await.unwrap();
        assert!(imai.press(&page, "カードを止める").await.unwrap().text().contains("図書館が止めています"));
        app.deliver_mail().await;
    }

    async fn the_card_that_was_named_is_certain_however_its_holder_is_written(app: &TestApp) {
        app.issued_to_hanako().await;
        let card = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        let taro = app.submitted("himeji", &pages::taro()).await;
        let sato = app.sato().await;
        let relations = sato.open_staff("relations").await.unwrap();
        sato.send(&relations, &[("card", &card)]).await.unwrap();
        let application = app.application("himeji", &taro.reference).await;
        let number = card.parse().unwrap();
        let mut tx = app.database.db.begin().await.unwrap();
        let patron = cards::find_by_number(&mut tx, application.library_id, &number).await.unwrap().unwrap().patron_id;
        let about = Application { patron_id: Some(patron), ..application };
        applications::save(&mut tx, about).await.unwrap();
        tx.commit().await.unwrap();
        is_conflict(&try_to_claim(&sato, &taro).await, "ほかの職員に担当をお願い");
        assert_eq!(app.state("himeji", &taro.reference).await, "submitted");
    }

    async fn the_child_of_a_guardian_is_somebody_too(app: &TestApp) {
        app.issued_to_hanako().await;
        let card = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        let taro = app.submitted("himeji", &pages::taro()).await;
        let sato = app.sato().await;
        let relations = sato.open_staff("relations").await.unwrap();
        sato.send(&relations, &[("card", &card)]).await.unwrap();
        let application = app.application("himeji", &taro.reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        let number = card.parse().unwrap();
        let patron = cards::find_by_number(&mut tx, application.library_id, &number).await.unwrap().unwrap().patron_id;
        let facts = patrons::find(&mut tx, application.library_id, patron).await.unwrap().unwrap().facts;
        let child = Child { name: facts.name, kana: facts.kana, birth: facts.birth, address: facts.address };
        let elder = Child { name: "試験　一郎".parse().unwrap(), birth: "2020-01-02".parse().unwrap(), ..child.clone() };
        let answers = drafts::find(&mut tx, application.id).await.unwrap();
        let guardianship = Some(DraftGuardianship { relation: None, children: vec![elder, child] });
        drafts::save(&mut tx, &application, &DraftAnswers { guardianship, ..answers }).await.unwrap();
        tx.commit().await.unwrap();
        is_conflict(&try_to_claim(&sato, &taro).await, "ほかの職員に担当をお願い");
    }

    async fn whoever_leaves_an_application_to_others_cannot_come_back(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        let sato = app.sato().await;
        let file = claimed(&sato, &submitted).await;
        let decision = about_to(&sato, &file, "approve", "").await;
        let queue = sato.press(&file, "関係者なので担当しません").await.unwrap();
        pages::is_at(&queue, "/staff/queue");
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        is_conflict(&sato.browser.submit(&decision).await.unwrap(), "ほかの職員に担当をお願い");
        is_conflict(&try_to_claim(&sato, &submitted).await, "ほかの職員に担当をお願い");
        claimed(&sato, &taro).await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'recused'").await, 1);
        app.hire("himeji", "imai", "今井").await;
        claimed(&app.staff("himeji", "imai").await, &submitted).await;
    }
}
