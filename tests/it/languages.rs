//! The pages of an application in the languages of its readers.

use crate::card::granted_to_children;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use scraper::{ElementRef, Html, Node, Selector};
use std::collections::BTreeSet;
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::words::Lang;

/// Attributes that are read out.
const HEARD: [&str; 4] = ["aria-label", "alt", "title", "data-copy"];

const fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// The language of an element: its own, or that of what it stands in.
fn lang_of(element: ElementRef<'_>) -> String {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    let mut all = [element].into_iter().chain(around);
    all.find_map(|one| one.value().attr("lang")).unwrap_or_default().to_owned()
}

/// Whatever is Japanese and not marked as such: texts, and attributes that are read out.
fn unmarked(page: &Page) -> Vec<String> {
    let document = Html::parse_document(&page.html());
    let spoken = lang_of(document.root_element());
    let mut found = Vec::new();
    for node in document.tree.root().descendants() {
        let Some(element) = ElementRef::wrap(node).or_else(|| node.parent().and_then(ElementRef::wrap)) else {
            continue;
        };
        // In a title nothing can be marked.
        if element.value().name() == "title" || element.value().name() == "script" || lang_of(element) != spoken {
            continue;
        }
        match node.value() {
            Node::Text(text) if text.contains(is_japanese) => found.push(text.trim().to_owned()),
            Node::Element(element) => {
                let heard = HEARD.iter().filter_map(|name| element.attr(name));
                // The choice of a language says what it is to whoever does not read the page's.
                let heard = heard.filter(|text| !text.ends_with(" / Language"));
                found.extend(heard.filter(|text| text.contains(is_japanese)).map(ToOwned::to_owned));
            }
            _ => {}
        }
    }
    // The name of the library stands behind the page's own; one page is named after a document, as the library calls it.
    let title = page.title();
    let own = title.split('｜').next().unwrap_or_default();
    let is_named_by_library = page.url.path().contains("/documents/add/");
    found.extend((own.contains(is_japanese) && !is_named_by_library).then(|| own.to_owned()));
    found
}

/// Texts that stand against each other without a space, so that they are read as one word.
fn glued(page: &Page) -> Vec<String> {
    let document = Html::parse_document(&page.html());
    let lines = Selector::parse("p:not(.lc-row), li, td, dd, dt, label, legend, h1, h2, h3, button, a").unwrap();
    let blocks = Selector::parse("p, div, form, ul, ol, dl, table, h3, details, br").unwrap();
    let mut found = Vec::new();
    for text in document.root_element().text() {
        found.extend(run_together(text).then(|| text.to_owned()));
    }
    for line in document.select(&lines).filter(|line| line.select(&blocks).next().is_none()) {
        let texts: Vec<&str> = line.text().collect();
        for pair in texts.windows(2) {
            let ends = pair[0].ends_with(|c: char| c.is_ascii_lowercase() || ".!?".contains(c));
            if ends && pair[1].starts_with(|c: char| c.is_ascii_uppercase()) {
                found.push(pair.concat());
            }
        }
    }
    found
}

/// True if a sentence begins right after another one, within one text.
fn run_together(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters
        .windows(3)
        .any(|three| three[0].is_ascii_lowercase() && ".!?".contains(three[1]) && three[2].is_ascii_uppercase())
}

/// Kanji without a reading, where the reader decides what to do next.
fn unread(page: &Page) -> Vec<String> {
    let document = Html::parse_document(&page.html());
    let places = Selector::parse("h1, h2, button, label, legend, summary").unwrap();
    let is_kanji = |c: char| matches!(c, '\u{3005}' | '\u{3400}'..='\u{9fff}');
    let mut found = Vec::new();
    for node in document.select(&places).flat_map(|place| place.descendants()) {
        let Node::Text(text) = node.value() else { continue };
        let has_reading = || {
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            around.any(|one| one.value().name() == "ruby")
        };
        // The name of somebody has no readings.
        let is_name = || text.ends_with(" / Language") || text.trim().starts_with("姫路\u{3000}");
        if text.contains(is_kanji) && !has_reading() && !is_name() {
            found.push(text.trim().to_owned());
        }
    }
    found
}

/// What the rules of the samples say in Japanese and have a translation of.
fn translated() -> BTreeSet<String> {
    fn walk(value: &toml::Value, found: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => {
                if let Some(japanese) = table.get("ja").filter(|_| table.contains_key("en")) {
                    let lines = japanese.as_str().unwrap().lines();
                    found.extend(lines.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()));
                }
                table.values().for_each(|value| walk(value, found));
            }
            toml::Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for source in LIBRARIES {
        walk(&toml::from_str(source).unwrap(), &mut found);
    }
    assert!(found.contains("城内図書館") && found.contains("姫路市に住んでいる"), "the rules have moved");
    found
}

/// What stands in Japanese though the rules have a translation. What counts in law stands beside its translation: consents
/// in a part of their own, whoever decides in brackets, and what has a reading below it.
fn untranslated(page: &Page) -> Vec<String> {
    let translated = translated();
    let document = Html::parse_document(&page.html());
    let mut found = Vec::new();
    for node in document.tree.root().descendants() {
        let Node::Text(text) = node.value() else { continue };
        let around = || node.ancestors().filter_map(ElementRef::wrap);
        let is_original = around().any(|one| matches!(one.value().name(), "details" | "footer" | "ruby"));
        // An option has no room for readings.
        let is_option = around().any(|one| one.value().name() == "option") && page.url.path().contains("/ja-simple/");
        if translated.contains(text.trim()) && !is_original && !is_option {
            found.push(text.trim().to_owned());
        }
    }
    found
}

/// The page speaks `lang` and, if that is not Japanese, nothing else without saying so.
fn speaks(page: &Page, lang: Lang) {
    assert!(page.url.path().contains(&format!("/{lang}/")), "{}", page.url);
    let document = Html::parse_document(&page.html());
    assert_eq!(lang_of(document.root_element()), lang.as_str(), "{}", page.url);
    let html = page.html();
    assert!(!html[..html.find("</title>").unwrap()].contains("<ruby>"), "no readings in a title: {}", page.url);
    if !lang.is_japanese() {
        assert!(unmarked(page).is_empty(), "{}: {:#?}", page.url, unmarked(page));
        assert!(glued(page).is_empty(), "{}: {:#?}", page.url, glued(page));
        assert!(untranslated(page).is_empty(), "{}: {:#?}", page.url, untranslated(page));
    }
    if html.contains("<ruby>") {
        assert!(untranslated(page).is_empty(), "{}: {:#?}", page.url, untranslated(page));
        assert!(unread(page).is_empty(), "{}: {:#?}", page.url, unread(page));
    }
}

/// What can be read without having begun anything.
const OPEN: [&str; 46] = [
    "",
    "procedures",
    "counter",
    "accessibility",
    "cookies",
    "ways",
    "help",
    "privacy",
    "resume",
    "resume?why=lost",
    "resume/code",
    "apply/who",
    "apply/card?procedure=renewal",
    "apply/card?procedure=reissue",
    "apply/card?procedure=change",
    "apply/card?procedure=card_link",
    "apply/elsewhere?why=age",
    "apply/elsewhere?why=category",
    "apply/elsewhere?why=cosigner",
    "apply/elsewhere?why=guardian",
    "apply/elsewhere?why=area",
    "apply/sign/problem/cancelled",
    "apply/sign/problem/revoked",
    "apply/sign/problem/no-certificate",
    "apply/sign/problem/pin-locked",
    "apply/sign/problem/read-error",
    "apply/sign/problem/other-person",
    "apply/sign/problem/other-name",
    "apply/sign/problem/other-birth",
    "apply/sign/problem/already-applied",
    "verify",
    "verify?code=1",
    "verify/0000000000000000",
    "sign-in",
    "sign-in?why=first",
    "sign-in/code",
    "sign-in/password",
    "sign-in/password?why=changed",
    "sign-in/card/problem/unknown",
    "sign-in/card/problem/other-person",
    "sign-in/card/problem/cancelled",
    "sign-in/card/problem/read-error",
    "sign-in/card/problem/pin-locked",
    "sign-in/card/problem/unsupported-device",
    "sign-in/card/problem/app-unavailable",
    "password/card/problem/request-expired",
];

/// The questions after the e-mail address, an answer that is refused, and one that is taken.
type Asked<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);
const ASKED: [Asked<'_>; 4] = [
    ("apply/name", &[("name", ""), ("kana", "漢字")], &[("name", "姫路 花子"), ("kana", "himeji hanako")]),
    (
        "apply/birth",
        &[("year", "1990"), ("month", "2"), ("day", "31")],
        &[("year", "1990"), ("month", "4"), ("day", "1")],
    ),
    (
        "apply/address",
        &[("postcode", "1"), ("municipality", "")],
        &[("postcode", "670-0012"), ("prefecture", "28"), ("municipality", "姫路市"), ("line1", "本町68")],
    ),
    ("apply/contact", &[("phone", "12"), ("branch", "")], &[("branch", "jonai")]),
];

/// From the first question to the page with all answers, each once refused.
async fn answered(app: &TestApp, applicant: &Journey, email: &str) -> Page {
    let lang = applicant.lang;
    let refused = |page: &Page| {
        assert_eq!(page.status, 422, "{}", page.text());
        speaks(page, lang);
    };
    let who = applicant.open("apply/who").await.unwrap();
    refused(&applicant.send(&who, &[("category", "resident")]).await.unwrap());
    let asked = applicant.send(&who, &[("category", "resident"), ("age", "yes")]).await.unwrap();
    speaks(&asked, lang);
    for typed in ["", "a b@example.jp", "a..b@example.jp", "hanako@gmial.com"] {
        refused(&applicant.send(&asked, &[("email", typed)]).await.unwrap());
    }
    let code = applicant.send(&asked, &[("email", email)]).await.unwrap();
    speaks(&code, lang);
    refused(&applicant.send(&code, &[("code", "1")]).await.unwrap());
    app.deliver_mail().await;
    let mut page = applicant.send(&code, &[("code", &applicant.newest_code(email).unwrap())]).await.unwrap();
    for (path, wrong, right) in ASKED {
        pages::is_at(&page, path);
        speaks(&page, lang);
        refused(&applicant.send(&page, wrong).await.unwrap());
        page = applicant.send(&page, right).await.unwrap();
    }
    pages::is_at(&page, "/apply/check");
    page
}

stories! {
    async fn whoever_reads_english_reads_no_japanese_that_is_not_marked(app: &TestApp) {
        for slug in ["himeji", "shiomi"] {
            let reader = app.journey(slug).speaking(Lang::En);
            for path in OPEN.iter().filter(|path| slug == "himeji" || !path.contains("card?")) {
                speaks(&reader.open(path).await.unwrap(), Lang::En);
            }
        }
    }

    async fn a_whole_application_in_english(app: &TestApp) {
        let applicant = app.journey("himeji").speaking(Lang::En);
        let check = answered(app, &applicant, "hanako@example.jp").await;
        speaks(&check, Lang::En);
        for part in ["Date of birth", "1 April 1990 (Heisei 2)", "These texts are the library’s own"] {
            assert!(check.text().contains(part), "{part}: {}", check.text());
        }
        let refused = applicant.send(&check, &[("plastic_card", "yes")]).await.unwrap();
        assert_eq!(refused.status, 422);
        speaks(&refused, Lang::En);
        for path in ["apply/pause", "apply/visit"] {
            speaks(&applicant.open(path).await.unwrap(), Lang::En);
        }
        let slip = applicant.press(&applicant.open("apply/visit").await.unwrap(), "Make a visit slip").await.unwrap();
        pages::is_at(&slip, "/apply/visit");
        speaks(&slip, Lang::En);
        let sign = applicant.agree(&applicant.open("apply/check").await.unwrap()).await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        speaks(&sign, Lang::En);
        assert!(sign.text().contains("The document that you sign is in Japanese"), "{}", sign.text());
        for path in ["apply/sign/upload", "apply/sign/status"] {
            speaks(&applicant.open(path).await.unwrap(), Lang::En);
        }
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        speaks(&done, Lang::En);
        app.deliver_mail().await;
        Submitted::on(applicant, &Person::hanako(), &done);
    }

    async fn a_whole_application_in_easy_japanese(app: &TestApp) {
        let applicant = app.journey("himeji").speaking(Lang::JaSimple);
        for path in OPEN {
            speaks(&applicant.open(path).await.unwrap(), Lang::JaSimple);
        }
        let who = applicant.open("apply/who").await.unwrap();
        assert!(who.html().contains("<ruby>図書館<rp>（</rp><rt>としょかん</rt>"), "{}", who.html());
        let plain = applicant.press(&who, "ふりがなを").await.unwrap();
        assert!(!plain.html().contains("<ruby>"));
        let check = answered(app, &applicant, "hanako@example.jp").await;
        speaks(&check, Lang::JaSimple);
        let answers = check.text_of("dl").unwrap();
        assert!(answers.contains("生まれた日") && !answers.contains("生年月日"), "{answers}");
        let sign = applicant.agree(&check).await.unwrap();
        speaks(&sign, Lang::JaSimple);
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        speaks(&done, Lang::JaSimple);
        app.deliver_mail().await;
        Submitted::on(applicant, &Person::hanako(), &done);
    }

    async fn a_draft_goes_on_in_another_language(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let english = applicant.browser.click(&check, "English").await.unwrap();
        speaks(&english, Lang::En);
        assert!(english.text().contains("姫路"), "{}", english.text());
        let fix = applicant.browser.open(english.link("Change").unwrap().as_ref()).await.unwrap();
        speaks(&fix, Lang::En);
        let problem = applicant.clone().speaking(Lang::En);
        let sign = problem.agree(&english).await.unwrap();
        let refused = problem.sign_with(&sign, "revoked").await.unwrap();
        pages::is_at(&refused, "/apply/sign/problem/revoked");
        speaks(&refused, Lang::En);
        app.deliver_mail().await;
    }

    async fn documents_children_and_guardians_are_asked_for_in_english(app: &TestApp) {
        let (applicant, _) = app.answered("shiomi", &pages::hanako_of_shiomi()).await;
        let english = applicant.speaking(Lang::En);
        let offer = english.open("apply/visit").await.unwrap();
        speaks(&offer, Lang::En);
        let documents = english.press(&offer, "Apply with pictures of documents").await.unwrap();
        pages::is_at(&documents, "/apply/documents");
        speaks(&documents, Lang::En);
        let refused = english.press(&documents, "Next").await.unwrap();
        assert_eq!(refused.status, 422);
        speaks(&refused, Lang::En);
        speaks(&english.open("apply/documents/add/licence").await.unwrap(), Lang::En);

        let young = app.journey("shiomi").speaking(Lang::En);
        let cosigner = young.fill_in(&pages::minato(), async || app.handed_over().await).await.unwrap();
        pages::is_at(&cosigner, "/apply/guardian");
        speaks(&cosigner, Lang::En);
        let refused = young.send(&cosigner, &[("guardian_name", ""), ("guardian_email", "x")]).await.unwrap();
        assert_eq!(refused.status, 422);
        speaks(&refused, Lang::En);

        let guardian = app.journey("himeji").speaking(Lang::En);
        let person = Person::hanako().with_email("guardian@example.jp");
        guardian.answer("apply/who", &[("category", "resident"), ("age", "child")]).await.unwrap();
        let code = guardian.answer("apply/email", &[("email", &person.email)]).await.unwrap();
        app.deliver_mail().await;
        guardian.send(&code, &[("code", &guardian.newest_code(&person.email).unwrap())]).await.unwrap();
        for (path, _, right) in ASKED.into_iter().take(3) {
            let page = guardian.open(path).await.unwrap();
            speaks(&page, Lang::En);
            guardian.send(&page, right).await.unwrap();
        }
        let children = guardian.open("apply/children").await.unwrap();
        speaks(&children, Lang::En);
        speaks(&guardian.press(&children, "Next").await.unwrap(), Lang::En);
        let child = guardian.open("apply/children/1").await.unwrap();
        speaks(&child, Lang::En);
        let refused = guardian.send(&child, &[("name", "姫路 一郎"), ("year", "2005")]).await.unwrap();
        assert_eq!(refused.status, 422);
        speaks(&refused, Lang::En);
    }

    async fn what_follows_an_application_is_read_in_english_and_in_easy_japanese(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        for lang in [Lang::JaSimple, Lang::En] {
            let reader = hanako.applicant.clone().speaking(lang);
            for path in ["status", "status/messages", "password", "account", "account/password", "account/passkeys"] {
                speaks(&reader.open(path).await.unwrap(), lang);
            }
            for path in ["card", "card/show", "card/stop", "card/record", "card/requests", "card/close"] {
                let page = reader.open(path).await.unwrap();
                pages::is_at(&page, path);
                speaks(&page, lang);
            }
            for how in ["erased", "asked", "closed"] {
                speaks(&reader.open(&format!("card/closed?how={how}")).await.unwrap(), lang);
            }
            let refused = reader.send(&reader.open("password").await.unwrap(), &[("code", "AB2C-3D4E")]).await.unwrap();
            assert_eq!(refused.status, 422);
            speaks(&refused, lang);
            let wrong = [("reference", "x"), ("year", "1990"), ("month", "")];
            let refused = reader.send(&reader.open("sign-in").await.unwrap(), &wrong).await.unwrap();
            assert_eq!(refused.status, 422);
            speaks(&refused, lang);
            let wrong = [("number", "300000015"), ("password", "x")];
            let refused = reader.send(&reader.open("sign-in/password").await.unwrap(), &wrong).await.unwrap();
            assert_eq!(refused.status, 422);
            speaks(&refused, lang);
        }
        let reader = hanako.applicant.clone().speaking(Lang::En);
        let status = reader.open("status").await.unwrap();
        for part in ["Card issued", "Friday 20 November 2026", "Can be used", "Notice of your library card"] {
            assert!(status.text().contains(part), "{part}: {}", status.text());
        }
        let notice = reader.browser.click(&status, "Notice of your library card").await.unwrap();
        speaks(&notice, Lang::En);
        for part in ["The PDF of this notice is in Japanese.", "To 姫路 花子", "20 November 2029 (Reiwa 11)"] {
            assert!(notice.text().contains(part), "{part}: {}", notice.text());
        }
        let desk = reader.open("password").await.unwrap();
        let shown = reader.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        speaks(&shown, Lang::En);
        assert!(shown.text().contains("Choose a password of your own"), "{}", shown.text());
        let password = shown.text_of("output").unwrap().replace(' ', "");
        let visitor = app.journey("himeji").speaking(Lang::En);
        let door = visitor.open("sign-in/password").await.unwrap();
        let first = [("number", "300000014"), ("password", password.as_str())];
        let choice = visitor.send(&door, &first).await.unwrap();
        pages::is_at(&choice, "/sign-in/new-password");
        speaks(&choice, Lang::En);
        let weak = visitor.send(&choice, &[("password", "abc"), ("again", "abc")]).await.unwrap();
        assert_eq!(weak.status, 422);
        speaks(&weak, Lang::En);
    }

    async fn the_card_of_a_child_and_one_that_cannot_be_used_are_read_in_three_languages(app: &TestApp) {
        let (submitted, _) = granted_to_children(app).await;
        let hanako = app.submitted("himeji", &pages::taro()).await;
        app.sato().await.decide(&hanako.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        app.database.execute("UPDATE certificate_links SET is_end_read = 1, ends_on = '2026-11-30'").await.unwrap();
        for lang in [Lang::JaSimple, Lang::En] {
            let family = submitted.applicant.clone().speaking(lang).open("card/family").await.unwrap();
            pages::is_at(&family, "card/family");
            speaks(&family, lang);
            let reader = hanako.applicant.clone().speaking(lang);
            for path in ["card", "card?done=stopped", "card/show", "card/found", "card/record"] {
                speaks(&reader.open(path).await.unwrap(), lang);
            }
        }
    }

    async fn what_was_refused_or_taken_back_is_told_in_english(app: &TestApp) {
        let taro = app.submitted("himeji", &pages::taro()).await;
        let reader = taro.applicant.clone().speaking(Lang::En);
        let withdraw = reader.open("status/withdraw").await.unwrap();
        speaks(&withdraw, Lang::En);
        let refused = reader.send(&withdraw, &[("code", "AB2C-3D4E")]).await.unwrap();
        assert_eq!(refused.status, 422);
        speaks(&refused, Lang::En);
        let messages = reader.open("status/messages").await.unwrap();
        speaks(&messages, Lang::En);
        let empty = reader.send(&messages, &[("text", " ")]).await.unwrap();
        assert_eq!(empty.status, 422);
        speaks(&empty, Lang::En);
        let staff = app.sato().await;
        staff.decide(&taro.reference, "decline", "確かめられませんでした。").await.unwrap();
        let status = reader.open("status").await.unwrap();
        speaks(&status, Lang::En);
        let notice = reader.browser.click(&status, "Result of your application").await.unwrap();
        speaks(&notice, Lang::En);
        assert!(notice.html().contains("<span lang=\"ja\">確かめられませんでした。</span>"), "{}", notice.html());
        app.deliver_mail().await;
    }

    async fn a_telephone_speaks_the_language_that_was_chosen_on_it(app: &TestApp) {
        let telephone = app.journey("himeji");
        let help = telephone.open("help").await.unwrap();
        let japanese = telephone.browser.open(help.url.join("/s").unwrap().as_str()).await.unwrap();
        assert!(japanese.text().contains("パソコンの画面のコードを入力"), "{}", japanese.text());
        let page = telephone.browser.click(&japanese, "English").await.unwrap();
        assert!(page.text().contains("Type the code on the PC"), "{}", page.text());
        let refused = telephone.send(&page, &[("code", "1")]).await.unwrap();
        assert_eq!(refused.status, 422);
        let void = telephone.browser.open(help.url.join("/g/nothing").unwrap().as_str()).await.unwrap();
        assert!(void.text().contains("This request cannot be used"), "{}", void.text());
        for page in [&page, &refused, &void] {
            assert!(unmarked(page).is_empty() && glued(page).is_empty(), "{}: {:#?}", page.url, unmarked(page));
        }
    }

    async fn readings_are_switched_where_the_address_names_no_language(app: &TestApp) {
        let start = app.journey("himeji").open("help").await.unwrap().url;
        for path in ["/?lang=ja-simple", "/s?lang=ja-simple", "/g/nothing?lang=ja-simple"] {
            let reader = app.journey("himeji");
            let with = reader.browser.open(start.join(path).unwrap().as_str()).await.unwrap();
            assert!(with.html().contains("<ruby>"), "{path}: {}", with.html());
            let without = reader.press(&with, "ふりがなを").await.unwrap();
            assert!(!without.html().contains("<ruby>"), "{path}: {}", without.html());
            assert_eq!(without.url, with.url, "it leads back");
            let again = reader.press(&without, "ふりがなを").await.unwrap();
            assert!(again.html().contains("<ruby>"), "{path}: {}", again.html());
            // A library's own pages have it from there.
            reader.press(&again, "ふりがなを").await.unwrap();
            let help = reader.speaking(Lang::JaSimple).open("help").await.unwrap();
            assert!(!help.html().contains("<ruby>"), "{path}: {}", help.html());
        }
    }
}
