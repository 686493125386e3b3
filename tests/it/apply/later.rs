//! Left in the middle, gone on with, and lost: what is kept, and what is said.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};

/// Presses 「保存して後でつづける」 on a page with these fields.
async fn leave(applicant: &Journey, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = applicant.open(path).await.unwrap();
    let mut form = page.form("later").unwrap();
    for (name, value) in fields {
        form = form.fill(name, value).unwrap();
    }
    applicant.browser.submit(&form.fill("later", "yes").unwrap()).await.unwrap()
}

stories! {
    async fn a_page_is_kept_as_it_stands_and_asked_again(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let birth = [("year", "昭和6"), ("month", ""), ("day", "27")];
        pages::is_at(&leave(&applicant, "apply/birth", &birth).await, "/apply/pause");
        let paused = applicant.open("apply/pause").await.unwrap();
        assert!(paused.text().contains("入力した内容を保存しました"), "{}", paused.text());

        let other = app.journey("himeji");
        let asked = other.answer("resume", &[("email", "hanako@example.jp")]).await.unwrap();
        app.deliver_mail().await;
        let code = other.newest_code("hanako@example.jp").unwrap();
        other.send(&asked, &[("code", &code)]).await.unwrap();
        let back = other.open("apply/check").await.unwrap();
        pages::is_at(&back, "/apply/birth");
        let form = back.form("year").unwrap();
        assert_eq!(["year", "month", "day"].map(|name| form.value(name).unwrap()), ["昭和6", "", "27"]);
        assert!(!back.text().contains("入力内容を確認してください"), "nothing was judged");

        let answered = other.send(&back, &[("year", "昭和60"), ("month", "4")]).await.unwrap();
        pages::is_at(&answered, "/apply/address");
        pages::is_at(&other.open("apply/check").await.unwrap(), "/apply/check");
        assert!(app.draft_of("himeji", "hanako@example.jp").await.1.unjudged.is_empty());
    }

    async fn every_page_with_the_button_keeps_what_stands_on_it(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        for (path, field, typed) in [
            ("apply/name", "name", "髙橋　花"),
            ("apply/address", "line1", "途中"),
            ("apply/contact", "phone", "0790"),
            ("apply/check", "delivery", "paper"),
        ] {
            pages::is_at(&leave(&applicant, path, &[(field, typed)]).await, "/apply/pause");
            let back = applicant.open(path).await.unwrap();
            pages::is_at(&back, path);
            assert_eq!(back.form(field).unwrap().value(field), Some(typed), "{path}");
            applicant.answer_the_rest(&Person::hanako()).await.unwrap();
            applicant.answer("apply/contact", &[("phone", ""), ("branch", "kodera")]).await.unwrap();
        }
    }

    async fn a_my_number_is_not_kept_for_later_either(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let refused = leave(&applicant, "apply/name", &[("name", "1234-5678-9018")]).await;
        pages::is_rejected(&refused, "name", "マイナンバー");
        assert!(app.draft_of("himeji", "hanako@example.jp").await.1.unjudged.is_empty());
        let year = [("year", "123456789018"), ("month", "4"), ("day", "27")];
        let refused = applicant.answer("apply/birth", &year).await.unwrap();
        pages::is_rejected(&refused, "year", "マイナンバー");
        assert_eq!(refused.form("month").unwrap().value("month"), Some("4"), "the rest is kept");
    }

    async fn whoever_has_lost_the_session_reads_so_and_finds_the_way_back(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        applicant.browser.forget();
        for page in [applicant.open("apply/name").await.unwrap(), applicant.open("apply/check").await.unwrap(), applicant.open("apply/done").await.unwrap()] {
            pages::is_at(&page, "/resume");
            assert!(page.text().contains("入力のつづきをひらけませんでした"), "{}", page.text());
            page.link("はじめから申し込む").unwrap();
        }
        assert!(!applicant.open("resume").await.unwrap().text().contains("ひらけませんでした"));
        let sign_in = applicant.open("status").await.unwrap();
        pages::is_at(&sign_in, "/sign-in");
        assert!(sign_in.text().contains("見るには、サインインしてください"), "{}", sign_in.text());
    }

    async fn whoever_changed_the_answers_in_another_tab_reads_why_nothing_was_signed(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        applicant.answer("apply/address", &[("line1", "本町1番地")]).await.unwrap();
        let back = applicant.press(&sign, "アプリで署名する").await.unwrap();
        pages::is_at(&back, "/apply/check");
        assert!(back.text().contains("ほかの画面で内容が変わった"), "{}", back.text());
        let form = back.form("delivery").unwrap();
        assert_eq!(form.value("delivery"), Some("electronic"), "the choice is kept");
        assert!(form.value("consent").is_some(), "and so are the ticks");
        assert!(!applicant.open("apply/check").await.unwrap().text().contains("ほかの画面で内容が変わった"));
    }

    async fn a_mistyped_address_stands_in_the_box_to_be_mended(app: &TestApp) {
        let applicant = app.journey("himeji");
        applicant.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let code = applicant.answer("apply/email", &[("email", "hanakoo@example.jp")]).await.unwrap();
        let again = applicant.browser.open(code.link("メールアドレスを変える").unwrap().as_str()).await.unwrap();
        assert_eq!(again.form("email").unwrap().value("email"), Some("hanakoo@example.jp"));
        for (typed, sentence) in [("hana ko@example.jp", "中に空白"), ("hana..ko@docomo.ne.jp", "「.」が続く")] {
            let refused = applicant.answer("apply/email", &[("email", typed)]).await.unwrap();
            pages::is_rejected(&refused, "email", sentence);
            assert_eq!(refused.form("email").unwrap().value("email"), Some(typed));
        }
        app.deliver_mail().await;
    }

    async fn names_are_letters_and_addresses_are_said_once(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        for name in ["山田😀", "山田\u{2400}"] {
            let refused = applicant.answer("apply/name", &[("name", name), ("kana", "ヤマダ")]).await.unwrap();
            pages::is_rejected(&refused, "name", "絵文字や記号");
        }
        let twice = [("municipality", "兵庫県姫路市"), ("line1", "兵庫県姫路市本町68")];
        pages::is_at(&applicant.answer("apply/address", &twice).await.unwrap(), "/apply/contact");
        let check = applicant.open("apply/check").await.unwrap();
        assert!(check.text().contains("兵庫県姫路市本町68") && !check.text().contains("姫路市兵庫県"), "{}", check.text());
        let refused = applicant.answer("apply/address", &[("postcode", "0000000")]).await.unwrap();
        pages::is_rejected(&refused, "postcode", "郵便番号");
    }

    async fn the_public_pages_follow_from_each_librarys_rules(app: &TestApp) {
        for (slug, with, without) in [
            ("himeji", ["15歳未満の方のカードは、保護者の方が", "窓口で書類を見せて", "入力しなおさずに"], "書類の画像を送って"),
            ("shiomi", ["12歳未満の方のカードは、保護者の方が", "書類の画像を送って", "サインインすると"], "入力しなおさずに"),
        ] {
            let visitor = app.journey(slug);
            let text = visitor.open("").await.unwrap().text() + &visitor.open("procedures").await.unwrap().text();
            for part in with {
                assert!(text.contains(part), "{slug}: {part}");
            }
            assert!(!text.contains(without), "{slug}: {without}");
            assert!(!text.contains("歳未満の方は、窓口で"), "{slug}");
            assert!(visitor.open("help").await.unwrap().text().contains("のカードは、保護者の方が"), "{slug}");
        }
    }
}
