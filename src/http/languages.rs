//! In which languages a page speaks, which one a browser is led to, and what it remembers of that.
//!
//! The path names the language; the cookie and `Accept-Language` count only where the path names none. A page that does
//! not exist in the language of its path leads to the same page in one in which it does, so that nobody reads half.

use super::urls::{Urls, lang_of};
use crate::domain::language::Language;
use crate::words::{Lang, Words};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{Method, header};

/// What remembers a language that somebody chose, and whether they read without readings.
pub const COOKIE: &str = "__Host-todoke-words";
const LIFE: Duration = Duration::days(180);
const WITHOUT_READINGS: &str = ".plain";

/// Below a library and a language: the pages that speak every language.
const EVERYWHERE: [&str; 3] = ["", "/", "/procedures"];

/// Of no library, and without a language in their paths: the list of libraries, and addresses that many people read
/// aloud or scan.
const SHORT: [&str; 3] = ["", "s", "g"];
/// What names the language behind such a path.
const ASKED: &str = "lang=";

/// A way from a page to the same page in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageLink {
    /// The language.
    pub lang: Lang,
    /// The address.
    pub url: String,
}

/// The languages of the page at a path that names one.
#[must_use]
pub fn offered(path: &str) -> &'static [Lang] {
    if EVERYWHERE.contains(&rest_of(path)) { Lang::ALL } else { Lang::COMPLETE }
}

/// Where the reader of `lang` is led if the page does not speak it.
#[must_use]
pub fn instead_of(lang: Lang, offered: &[Lang]) -> Option<Lang> {
    if offered.contains(&lang) {
        return None;
    }
    Some(if offered.contains(&Lang::En) { Lang::En } else { Lang::Ja })
}

/// The same page, with what stands behind its `?`, in every language that it speaks.
#[must_use]
pub fn links(slug: &str, request: &HttpRequest, offered: &[Lang]) -> Vec<LanguageLink> {
    let link = |lang: &Lang| LanguageLink { lang: *lang, url: in_language(slug, request, *lang) };
    offered.iter().map(link).collect()
}

/// The address of the same page in another language.
#[must_use]
pub fn in_language(slug: &str, request: &HttpRequest, lang: Lang) -> String {
    let rest = rest_of(request.path());
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    Urls::new(slug, lang).path(&format!("{rest}{query}"))
}

/// The language that a browser is led to where the path names none: chosen before, preferred, Japanese.
#[must_use]
pub fn preferred(request: &HttpRequest) -> Lang {
    let accepted = || {
        let header = request.headers().get(header::ACCEPT_LANGUAGE)?;
        Lang::accepted(header.to_str().ok()?)
    };
    remembered(request).map(|(lang, _)| lang).or_else(accepted).unwrap_or(Lang::Ja)
}

/// The words of a page whose address names no language: what the browser likes, if every page speaks it.
#[must_use]
pub fn spoken(request: &HttpRequest) -> Words {
    let liked = liked(request);
    words(request, if liked.is_complete() { liked } else { Lang::En })
}

/// What the reader of such a page likes best, whether or not it speaks it: where its ways lead, others may.
#[must_use]
pub fn liked(request: &HttpRequest) -> Lang {
    asked(request).unwrap_or_else(|| preferred(request))
}

/// The same page in every language, where its path has no place for one.
#[must_use]
pub fn spoken_links(request: &HttpRequest) -> Vec<LanguageLink> {
    let link = |lang: &Lang| LanguageLink { lang: *lang, url: format!("{}?{ASKED}{lang}", request.path()) };
    Lang::COMPLETE.iter().map(link).collect()
}

/// What follows the path of such an address to have it speak `lang`; nothing for Japanese, which keeps it short.
#[must_use]
pub fn asking_for(lang: Lang) -> String {
    if lang == Lang::Ja { String::new() } else { format!("?{ASKED}{lang}") }
}

/// The language that a short address asks for.
fn asked(request: &HttpRequest) -> Option<Lang> {
    let first = request.path().split('/').nth(1)?;
    let pieces = || request.query_string().split('&');
    let asked: Lang = pieces().find_map(|piece| piece.strip_prefix(ASKED))?.parse().ok()?;
    (SHORT.contains(&first) && asked.is_complete()).then_some(asked)
}

/// The words of a page in `lang`, with or without readings as this browser wants them.
#[must_use]
pub fn words(request: &HttpRequest, lang: Lang) -> Words {
    Words::new(lang).with_ruby(remembered(request).is_none_or(|(_, readings)| readings))
}

/// The cookie that remembers a choice.
#[must_use]
pub fn cookie(lang: Lang, readings: bool) -> Cookie<'static> {
    let value = format!("{lang}{}", if readings { "" } else { WITHOUT_READINGS });
    Cookie::build(COOKIE, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).max_age(LIFE).finish()
}

/// The cookie for somebody who has just gone over from the same page in another language, or whose short address asks
/// for one; nobody else gets any.
#[must_use]
pub fn newly_chosen(request: &HttpRequest, own_origin: &str) -> Option<Cookie<'static>> {
    if let Some(lang) = asked(request) {
        let is_new = remembered(request).is_none_or(|(before, _)| before != lang);
        return is_new.then(|| cookie(lang, words(request, Lang::JaSimple).has_ruby()));
    }
    let lang = lang_of(request.path())?;
    let before = request.headers().get(header::REFERER)?.to_str().ok()?.strip_prefix(own_origin)?;
    let before = before.split(['?', '#']).next().unwrap_or_default();
    let is_same_page = rest_of(before) == rest_of(request.path());
    if !is_same_page || lang_of(before).is_none_or(|other| other == lang) {
        return None;
    }
    Some(cookie(lang, words(request, Lang::JaSimple).has_ruby()))
}

/// True if somebody has just chosen a language, or does something on a page that speaks it.
#[must_use]
pub fn is_used(request: &HttpRequest, own_origin: &str) -> bool {
    request.method() == Method::POST || newly_chosen(request, own_origin).is_some()
}

/// The language in which the reader of a page is written to.
#[must_use]
pub const fn written(lang: Lang) -> Language {
    match lang {
        Lang::Ja => Language::Ja,
        Lang::JaSimple => Language::JaSimple,
        Lang::En | Lang::ZhHans | Lang::Ko | Lang::Vi | Lang::Pt => Language::En,
    }
}

fn remembered(request: &HttpRequest) -> Option<(Lang, bool)> {
    let cookie = request.cookie(COOKIE)?;
    let (lang, readings) = match cookie.value().strip_suffix(WITHOUT_READINGS) {
        Some(lang) => (lang, false),
        None => (cookie.value(), true),
    };
    Some((lang.parse().ok()?, readings))
}

/// What follows library and language in a path.
fn rest_of(path: &str) -> &str {
    let mut rest = path;
    for _ in 0..2 {
        let inner = rest.get(1..).unwrap_or_default();
        rest = inner.find('/').map_or("", |at| &inner[at..]);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::wording::words_of;
    use crate::http::routes::ROUTES;
    use actix_web::test::TestRequest;

    const OWN: &str = "https://card.example.jp";

    fn coming_from(referer: &str, path: &str) -> Option<String> {
        let request = TestRequest::with_uri(path).insert_header((header::REFERER, referer)).to_http_request();
        newly_chosen(&request, OWN).map(|cookie| cookie.value().to_owned())
    }

    #[test]
    fn every_page_speaks_japanese_and_the_first_ones_speak_all() {
        assert!(ROUTES.iter().all(|entry| offered(entry.path).contains(&Lang::Ja)));
        assert_eq!(offered("/himeji/ko/"), Lang::ALL);
        assert_eq!(offered("/himeji/ko/procedures"), Lang::ALL);
        assert_eq!(offered("/himeji/ko/apply/name"), Lang::COMPLETE);
        assert_eq!(instead_of(Lang::Ko, Lang::COMPLETE), Some(Lang::En));
        assert_eq!(instead_of(Lang::En, &[Lang::Ja]), Some(Lang::Ja));
        assert_eq!(instead_of(Lang::Vi, Lang::ALL), None);
    }

    #[test]
    fn no_path_stands_in_the_list_in_vain() {
        let paths = || ROUTES.iter().filter_map(|entry| entry.path.strip_prefix("/{library}/{lang}"));
        for start in EVERYWHERE {
            assert!(paths().any(|path| path.starts_with(start)), "{start}");
        }
    }

    #[test]
    fn the_same_page_is_found_in_another_language_with_its_query() {
        let request = TestRequest::with_uri("/aozora/ja/apply/who?procedure=renewal").to_http_request();
        assert_eq!(in_language("aozora", &request, Lang::En), "/aozora/en/apply/who?procedure=renewal");
        let request = TestRequest::with_uri("/aozora/ja/").to_http_request();
        assert_eq!(in_language("aozora", &request, Lang::ZhHans), "/aozora/zh-Hans/");
    }

    #[test]
    fn the_cookie_comes_before_what_the_browser_prefers() {
        let browser = || TestRequest::default().insert_header((header::ACCEPT_LANGUAGE, "vi,en;q=0.5"));
        assert_eq!(preferred(&browser().to_http_request()), Lang::Vi);
        let request = browser().cookie(cookie(Lang::JaSimple, false)).to_http_request();
        assert_eq!(preferred(&request), Lang::JaSimple);
        assert!(!words(&request, Lang::JaSimple).has_ruby());
        assert_eq!(preferred(&TestRequest::default().to_http_request()), Lang::Ja);
        let strange = TestRequest::default().cookie(Cookie::new(COOKIE, "xx.plain")).to_http_request();
        assert_eq!(preferred(&strange), Lang::Ja);
        assert!(words(&strange, Lang::JaSimple).has_ruby());
    }

    #[test]
    fn a_short_address_asks_for_a_language_that_its_next_pages_remember() {
        let asking = |uri: &str| TestRequest::with_uri(uri).to_http_request();
        assert_eq!(spoken(&asking("/s/x?lang=en")).lang(), Lang::En);
        assert_eq!(spoken(&asking("/g/x?lang=ja-simple")).lang(), Lang::JaSimple);
        assert_eq!([spoken(&asking("/?lang=en")).lang(), liked(&asking("/?lang=en"))], [Lang::En; 2]);
        let remembered = newly_chosen(&asking("/s/x?lang=en"), OWN).unwrap();
        let next = TestRequest::with_uri("/s/x/go").cookie(remembered).to_http_request();
        assert_eq!(spoken(&next).lang(), Lang::En);
        for uri in ["/s/x", "/s/x?lang=ko", "/s/x?lang=xx", "/aozora/staff/queue?lang=en"] {
            assert_eq!(spoken(&asking(uri)).lang(), Lang::Ja, "{uri}");
            assert_eq!(newly_chosen(&asking(uri), OWN), None, "{uri}");
        }
        assert_eq!(spoken_links(&asking("/s?x=1"))[2].url, "/s?lang=en");
        assert_eq!(spoken_links(&asking("/"))[2].url, "/?lang=en");
        assert_eq!([asking_for(Lang::Ja), asking_for(Lang::En)], ["", "?lang=en"]);
    }

    #[test]
    fn a_language_is_used_by_choosing_it_or_by_doing_something_in_it() {
        let path = "/aozora/en/card";
        let looked = TestRequest::with_uri(path).to_http_request();
        assert!(!is_used(&looked, OWN));
        let chosen = TestRequest::with_uri(path).insert_header((header::REFERER, format!("{OWN}/aozora/ja/card")));
        assert!(is_used(&chosen.to_http_request(), OWN));
        assert!(is_used(&TestRequest::with_uri(path).method(Method::POST).to_http_request(), OWN));
        assert_eq!([Lang::Ja, Lang::JaSimple, Lang::Vi].map(written), [Language::Ja, Language::JaSimple, Language::En]);
    }

    #[test]
    fn whoever_is_written_to_in_a_language_reads_its_pages() {
        assert!(Language::ALL.into_iter().all(|language| written(words_of(language).lang()) == language));
    }

    #[test]
    fn only_going_over_to_the_same_page_in_another_language_is_remembered() {
        assert_eq!(coming_from("https://card.example.jp/aozora/ja/help?x=1", "/aozora/en/help"), Some("en".into()));
        for (referer, path) in [
            ("https://card.example.jp/aozora/en/", "/aozora/en/help"),
            ("https://card.example.jp/aozora/ko/", "/aozora/en/apply/who"),
            ("https://elsewhere.example/aozora/ja/help", "/aozora/en/help"),
            ("https://card.example.jp/", "/aozora/en/"),
            ("https://card.example.jp/aozora/ja/help", "/aozora/staff/help"),
        ] {
            assert_eq!(coming_from(referer, path), None, "{referer} {path}");
        }
    }
}
