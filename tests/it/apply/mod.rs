//! Applying: from the first question to the page that leads to the signing app.

mod codes;
mod draft;
mod fields;
mod forged;
mod later;

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use todoke::demo::journey::Person;

stories! {
    async fn an_application_goes_from_the_first_question_to_the_queue(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        let letters = app.letters_to("hanako@example.jp");
        assert_eq!(letters.len(), 2, "one code, one receipt");
        assert!(letters[1].text.contains(&submitted.reference));
        assert!(!letters[1].text.contains(&submitted.collection_code), "whoever reads the mailbox must not get it");
        let again = submitted.applicant.open("apply/done").await.unwrap();
        pages::is_at(&again, "/apply/done");
        assert!(again.text().contains(&submitted.collection_code), "a refresh shows the receipt again");
        let back = submitted.applicant.open("apply/name").await.unwrap();
        pages::is_at(&back, "/apply/done");
    }

    async fn the_other_towns_form_has_its_own_questions_and_rules(app: &TestApp) {
        let (applicant, check) = app.answered("shiomi", &pages::hanako_of_shiomi()).await;
        assert!(check.text().contains("荒天のときの休館") && !check.text().contains("図書館カードの利用規約"));
        let sign = applicant.agree(&check).await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/shiomi/ja/apply/done");
        assert!(done.text().contains("5開館日以内"), "{}", done.text());
        app.deliver_mail().await;
    }

    async fn who_cannot_apply_online_reads_why(app: &TestApp) {
        let applicant = app.journey("himeji");
        for (category, age, part) in [("resident", "no", "15歳以上の方"), ("none-of-these", "yes", "条件に、当てはまらない")] {
            let page = applicant.answer("apply/who", &[("category", category), ("age", age)]).await.unwrap();
            pages::is_at(&page, "/apply/elsewhere");
            assert!(page.text().contains(part), "{}", page.text());
            page.link("窓口での申し込み方を見る").unwrap();
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications").await, 0);
    }

    async fn who_turns_out_too_young_or_too_far_away_reads_why_and_cannot_sign(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let young = [("year", "2011"), ("month", "11"), ("day", "22")];
        let page = applicant.answer("apply/birth", &young).await.unwrap();
        pages::is_at(&page, "/apply/elsewhere");
        assert!(page.text().contains("15歳"), "one day too young: {}", page.text());
        pages::is_at(&applicant.agree(&check).await.unwrap(), "/apply/elsewhere");

        let just_fifteen = [("year", "2011"), ("month", "11"), ("day", "20")];
        pages::is_at(&applicant.answer("apply/birth", &just_fifteen).await.unwrap(), "/apply/address");
        let page = applicant.answer("apply/address", &[("municipality", "明石市")]).await.unwrap();
        pages::is_at(&page, "/apply/elsewhere");
        assert!(page.text().contains("対象の地域に入っていません"), "{}", page.text());
        let check = applicant.open("apply/check").await.unwrap();
        pages::is_at(&applicant.agree(&check).await.unwrap(), "/apply/elsewhere");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 0, "nothing to sign was made");
    }
}
