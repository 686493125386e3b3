//! What a library wrote itself, in the language of whoever reads it.

use crate::support::app::{Submitted, TestApp, stories};
use scraper::{Html, Selector};
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::Person;
use todoke::domain::library::LibraryRules;
use todoke::words::Lang;

/// Everything that says of itself that it is Japanese, but the choice of languages.
fn marked(page: &Page) -> Vec<String> {
    let document = Html::parse_document(&page.html());
    let spans = Selector::parse("span[lang=ja]").unwrap();
    document.select(&spans).map(|span| span.text().collect()).collect()
}

async fn import(app: &TestApp, source: &str) {
    app.portal().import_library(&LibraryRules::parse(source).unwrap(), source).await.unwrap();
}

stories! {
    async fn an_english_applicant_chooses_in_english_and_signs_in_japanese(app: &TestApp) {
        let (person, applicant) = (Person::hanako(), app.journey("himeji").speaking(Lang::En));
        let who = applicant.open("apply/who").await.unwrap();
        let choices = who.text_of("form").unwrap();
        for label in ["I live in Himeji", "I work or go to school in Himeji", "Aioi, Kakogawa"] {
            assert!(choices.contains(label), "{label}: {choices}");
        }
        assert!(who.title().ends_with("Himeji City Library"), "{}", who.title());
        let check = applicant.fill_in(&person, async || app.handed_over().await).await.unwrap();
        let answers = check.text_of("dl").unwrap();
        assert!(answers.contains("I live in Himeji") && answers.contains("Jonai Library"), "{answers}");

        // What is agreed to is the Japanese text, which stands below its translation and says so.
        let text = check.text();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing in {text}"));
        assert!(at("Only the person who applied may use") < at("which is the one that counts"));
        assert!(at("which is the one that counts") < at("図書館カードは、申し込んだご本人だけが使えます。"));

        let sign = applicant.agree(&check).await.unwrap();
        let answers = sign.text_of("dl").unwrap();
        assert!(answers.contains("I live in Himeji") && !answers.contains("姫路市に住んでいる"), "{answers}");
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        app.deliver_mail().await;
        let letter = app.letters_to(&person.email).pop().unwrap();
        assert!(letter.subject.starts_with("【Himeji City Library】"), "{}", letter.subject);
        assert!(letter.text.contains("Himeji City Library\n0790-00-0000\nTuesday to Sunday"), "{}", letter.text);
        assert!(letter.from.to_string().contains("Himeji City Library"), "{}", letter.from);

        let submitted = Submitted::on(applicant, &person, &done);
        let sato = app.sato().await;
        let document = sato.open_staff(&format!("applications/{}/document", submitted.reference)).await.unwrap();
        let statement = todoke::document::read_statement(&document.body).unwrap();
        assert_eq!([statement.labels.category.as_str(), &statement.labels.branch], ["姫路市に住んでいる", "城内図書館"]);
        assert_eq!(statement.library.municipality, "兵庫県姫路市");
        let consent = &LibraryRules::parse(LIBRARIES[0]).unwrap().consents[1];
        assert_eq!([&statement.consents[1].title, &statement.consents[1].text], [consent.title.as_str(), consent.text.as_str()]);
        let file = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("姫路市に住んでいる") && !file.text().contains("I live in Himeji"), "{}", file.text());
        sato.decide(&submitted.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let status = submitted.applicant.open("status").await.unwrap();
        let notice = submitted.applicant.browser.click(&status, "Notice of your library card").await.unwrap();
        let (facts, foot) = (notice.text_of("table").unwrap(), notice.text_of("article footer").unwrap());
        assert!(facts.contains("I live in Himeji"), "{facts}");
        assert!(foot.contains("Director of the Himeji City Jonai Library ( 姫路市立城内図書館長 )"), "{foot}");
        assert!(foot.contains("0790-00-0000 Tuesday to Sunday, 10:00 to 18:00 68 Honmachi"), "{foot}");
    }

    async fn what_has_no_translation_stays_japanese_and_says_so(app: &TestApp) {
        let source = LIBRARIES[0].replace("label.en = \"I live in Himeji\"\n", "").replace(", en = \"Aboshi Branch\"", "");
        assert!(!source.contains("I live in Himeji") && !source.contains("Aboshi Branch"));
        import(app, &source).await;
        let applicant = app.journey("himeji").speaking(Lang::En);
        let who = applicant.open("apply/who").await.unwrap();
        assert_eq!(marked(&who), ["姫路市に住んでいる"]);
        assert_eq!(marked(&applicant.open("counter").await.unwrap()), ["網干分館"]);
        let korean = app.journey("himeji").speaking(Lang::Ko).open("").await.unwrap();
        assert!(marked(&korean).is_empty() && korean.html().contains("<span lang=\"en\">Himeji City Library</span>"));
        let town = app.journey("shiomi").speaking(Lang::Ko).open("").await.unwrap();
        assert!(town.text().contains("시오미정립 도서관"), "{}", town.text());
    }

    async fn easy_japanese_reads_the_library_with_readings(app: &TestApp) {
        let reader = app.journey("himeji").speaking(Lang::JaSimple);
        let counter = reader.open("counter").await.unwrap();
        assert!(counter.html().contains("<ruby>網干分館<rp>（</rp><rt>あぼしぶんかん</rt>"), "{}", counter.html());
        assert!(counter.title().ends_with("姫路市立図書館"), "no readings in a title: {}", counter.title());
    }

    async fn the_list_of_libraries_speaks_the_language_of_its_reader(app: &TestApp) {
        let reader = app.journey("himeji");
        let home = format!("{}/", app.portal().base_url);
        let japanese = reader.browser.open(&home).await.unwrap();
        assert_eq!(japanese.text_of("h1").unwrap(), "図書館をえらぶ");
        let english = reader.browser.click(&japanese, "English").await.unwrap();
        assert_eq!(english.url.query(), Some("lang=en"));
        assert_eq!(english.text_of("h1").unwrap(), "Choose your library");
        assert!(english.text().contains("Himeji City, Hyogo") && marked(&english).is_empty(), "{}", english.text());
        assert!(english.html().contains(&format!("<link rel=\"canonical\" href=\"{home}\">")), "{}", english.html());
        // The choice is remembered, and its ways lead to pages that speak it.
        assert_eq!(reader.browser.open(&home).await.unwrap().text_of("h1").unwrap(), "Choose your library");
        let town = reader.browser.click(&english, "Shiomi Town Library").await.unwrap();
        assert!(town.url.path().ends_with("/shiomi/en/"), "{}", town.url);
        let simple = reader.browser.click(&english, "やさしい日本語").await.unwrap();
        assert!(simple.html().contains("<ruby>潮見町立図書館<rp>"), "{}", simple.html());
        let strange = reader.browser.open(&format!("{home}?lang=xx")).await.unwrap();
        assert!(strange.html().contains("<html lang=\"ja-simple\">"), "{}", strange.html());
    }
}
