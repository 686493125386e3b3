//! The list of libraries.

use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::{self, Layout};
use crate::http::session::Visit;
use crate::http::site::Site;
use crate::http::urls::Urls;
use crate::service::Portal;
use crate::words::AsWritten;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The libraries of this portal.
#[derive(Template)]
#[template(path = "public/libraries.html")]
struct LibrariesPage {
    layout: Layout,
    libraries: Vec<LibraryLink>,
}

struct LibraryLink {
    name: AsWritten,
    municipality: AsWritten,
    url: String,
}

/// Shows the libraries, in the language that the address asks for, the visitor chose before, or the browser prefers.
pub(in crate::http) async fn show(
    portal: web::Data<Portal>,
    site: web::Data<Site>,
    visit: Visit,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    // Where a library begins, more languages are spoken than here.
    let onward = languages::liked(&request);
    let libraries = portal.libraries().await?.into_iter().map(|library| LibraryLink {
        url: Urls::new(&library.rules.slug, onward).start(),
        name: (&library.rules.name).into(),
        municipality: (&library.rules.municipality).into(),
    });
    let layout = Layout::bare(&site, &visit).as_spoken(&request);
    let mut response = page::for_everybody(&LibrariesPage { layout, libraries: libraries.collect() })?;
    // One address, several languages: whoever keeps copies has to tell them apart.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn drawn_in(lang: Lang, libraries: Vec<LibraryLink>) -> String {
        LibrariesPage { layout: Layout::sample().speaking(lang), libraries }.render().unwrap()
    }

    fn drawn(libraries: Vec<LibraryLink>) -> String {
        drawn_in(Lang::Ja, libraries)
    }

    #[test]
    fn libraries_are_listed_with_their_towns() {
        let page = drawn(vec![LibraryLink {
            name: "<b>ほし</b>図書館".into(),
            municipality: "石川県あおぞら市".into(),
            url: "/aozora/ja/".into(),
        }]);
        assert!(page.contains("href=\"/aozora/ja/\"") && page.contains("石川県あおぞら市"));
        assert!(!page.contains("<b>ほし"), "names are escaped");
    }

    #[test]
    fn names_are_in_the_language_of_the_page_if_the_library_has_them() {
        let stars = AsWritten::from("ほし図書館").or_in(Lang::En, "Star Library");
        let link = LibraryLink { name: stars, municipality: "あおぞら市".into(), url: "/aozora/en/".into() };
        let page = drawn_in(Lang::En, vec![link]);
        assert!(page.contains(">Star Library</a>") && page.contains("<span lang=\"ja\">あおぞら市</span>"), "{page}");
        assert!(page.contains("<link rel=\"canonical\" href=\"https://card.example.jp/\">"), "{page}");
        assert!(page.contains("<h1>Choose your library</h1>") && page.contains("<html lang=\"en\">"), "{page}");
    }

    #[test]
    fn an_empty_portal_says_so() {
        assert!(drawn(Vec::new()).contains("図書館はまだありません"));
        assert!(drawn_in(Lang::En, Vec::new()).contains("There are no libraries yet"));
    }
}
