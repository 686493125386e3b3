//! Help, counter, accessibility, personal data, cookies: short pages from the library's own facts.

use super::ways::wording::span;
use super::young;
use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::{self, Here, Layout};
use crate::http::session::{Door, device_cookie_name};
use crate::words::{AsWritten, Phrase};
use actix_web::HttpResponse;
use askama::Template;

/// Help with the form, the card and its passwords.
#[derive(Template)]
#[template(path = "public/help.html")]
struct HelpPage {
    layout: Layout,
    telephone: String,
    hours: AsWritten,
    draft_days: u32,
    viewable_days: u32,
    young: Vec<Phrase>,
}

/// The counter.
#[derive(Template)]
#[template(path = "public/counter.html")]
struct CounterPage {
    layout: Layout,
    library: AsWritten,
    head_branch: AsWritten,
    address: AsWritten,
    telephone: String,
    hours: AsWritten,
    branches: Vec<AsWritten>,
    minimum_age: u32,
    young: Vec<Phrase>,
}

/// The accessibility statement.
#[derive(Template)]
#[template(path = "public/accessibility.html")]
struct AccessibilityPage {
    layout: Layout,
    library: AsWritten,
    telephone: String,
}

/// What is kept of a person, what for, and how long.
#[derive(Template)]
#[template(path = "public/privacy.html")]
struct PrivacyPage {
    layout: Layout,
    library: AsWritten,
    telephone: String,
    draft_days: u32,
    /// How long patrons are kept after their card has ended, if a clock ends it.
    patrons_kept: Option<Phrase>,
    /// What applicants agree to: heading and paragraphs, as the library has written them.
    consents: Vec<(AsWritten, Vec<AsWritten>)>,
}

/// The cookies.
#[derive(Template)]
#[template(path = "public/cookies.html")]
struct CookiesPage {
    layout: Layout,
    public_cookie: String,
    device_cookie: String,
    staff_cookie: String,
    words_cookie: &'static str,
}

/// Shows the help page.
pub(in crate::http) async fn help(here: Here) -> Result<HttpResponse, Error> {
    let rules = &here.library.rules;
    page::for_everybody(&HelpPage {
        young: young::sentences(here.layout.words, rules),
        layout: here.layout,
        telephone: rules.contact.telephone.clone(),
        hours: (&rules.contact.hours).into(),
        draft_days: rules.draft_days,
        viewable_days: rules.password.viewable_days,
    })
}

/// Shows where the counter is.
pub(in crate::http) async fn counter(here: Here) -> Result<HttpResponse, Error> {
    let rules = &here.library.rules;
    let head_branch = rules.branch(&rules.head_branch).map(|branch| AsWritten::from(&branch.name)).unwrap_or_default();
    page::for_everybody(&CounterPage {
        young: young::sentences(here.layout.words, rules),
        layout: here.layout,
        head_branch,
        library: (&rules.name).into(),
        address: (&rules.contact.address).into(),
        telephone: rules.contact.telephone.clone(),
        hours: (&rules.contact.hours).into(),
        branches: rules.branches.iter().map(|branch| AsWritten::from(&branch.name)).collect(),
        minimum_age: rules.minimum_age,
    })
}

/// Shows the accessibility statement.
pub(in crate::http) async fn accessibility(here: Here) -> Result<HttpResponse, Error> {
    let rules = &here.library.rules;
    page::for_everybody(&AccessibilityPage {
        layout: here.layout,
        library: (&rules.name).into(),
        telephone: rules.contact.telephone.clone(),
    })
}

/// Shows what is kept of a person.
pub(in crate::http) async fn privacy(here: Here) -> Result<HttpResponse, Error> {
    let (rules, words) = (&here.library.rules, here.layout.words);
    page::for_everybody(&PrivacyPage {
        patrons_kept: rules.after_expiry.erased_after.map(|kept| span(words, kept)),
        layout: here.layout,
        library: (&rules.name).into(),
        telephone: rules.contact.telephone.clone(),
        draft_days: rules.draft_days,
        consents: rules
            .consents
            .iter()
            .map(|consent| (AsWritten::from(&consent.title), AsWritten::from(&consent.text).paragraphs(words)))
            .collect(),
    })
}

/// Shows which cookies there are.
pub(in crate::http) async fn cookies(here: Here) -> Result<HttpResponse, Error> {
    page::for_everybody(&CookiesPage {
        layout: here.layout,
        public_cookie: Door::Public.cookie_name(&here.library.rules.slug),
        device_cookie: device_cookie_name(&here.library.rules.slug),
        staff_cookie: Door::Staff.cookie_name(&here.library.rules.slug),
        words_cookie: languages::COOKIE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn every_guidance_page_draws_with_its_facts() {
        let telephone = || "076-000-0000".to_owned();
        let library = || "あおぞら市立図書館";
        let help = HelpPage {
            layout: Layout::sample(),
            telephone: telephone(),
            hours: "9:30〜18:00".into(),
            draft_days: 7,
            viewable_days: 30,
            young: Vec::new(),
        };
        let counter = CounterPage {
            layout: Layout::sample(),
            library: library().into(),
            head_branch: "中央図書館".into(),
            address: "石川県あおぞら市中央1-2-3".into(),
            telephone: telephone(),
            hours: "9:30〜18:00".into(),
            branches: vec!["中央図書館".into(), "北分館".into()],
            minimum_age: 15,
            young: Vec::new(),
        };
        let accessibility =
            AccessibilityPage { layout: Layout::sample(), library: library().into(), telephone: telephone() };
        let privacy = PrivacyPage {
            layout: Layout::sample(),
            library: library().into(),
            telephone: telephone(),
            draft_days: 7,
            patrons_kept: Some("3年".into()),
            consents: vec![("個人情報の取扱い".into(), vec!["督促のために使います。".into()])],
        };
        let cookies = CookiesPage {
            layout: Layout::sample(),
            public_cookie: Door::Public.cookie_name("aozora"),
            device_cookie: device_cookie_name("aozora"),
            staff_cookie: Door::Staff.cookie_name("aozora"),
            words_cookie: languages::COOKIE,
        };
        for (page, fact) in [
            (help.render().unwrap(), "076-000-0000"),
            (counter.render().unwrap(), "北分館"),
            (accessibility.render().unwrap(), "JIS X 8341-3"),
            (privacy.render().unwrap(), "7日"),
            (privacy.render().unwrap(), "督促のために使います。"),
            (cookies.render().unwrap(), "__Host-todoke-staff"),
        ] {
            assert!(page.contains(fact), "{fact}");
            assert_eq!(page.matches("<h1").count(), 1);
        }
    }

    #[test]
    fn the_short_pages_speak_the_complete_languages() {
        for (lang, part) in [(Lang::En, "Apply at the counter"), (Lang::JaSimple, "<rt>まどぐち</rt>")] {
            let layout = Layout::sample().speaking(lang);
            let page = CounterPage {
                layout,
                library: "あおぞら市立図書館".into(),
                head_branch: "中央図書館".into(),
                address: "石川県あおぞら市中央1-2-3".into(),
                telephone: "076-000-0000".into(),
                hours: "9:30〜18:00".into(),
                branches: vec!["北分館".into()],
                minimum_age: 15,
                young: Vec::new(),
            };
            let page = page.render().unwrap();
            assert!(page.contains(part) && !page.contains("窓口で申し込む"), "{lang}: {page}");
        }
    }
}
