//! The list of libraries.

use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::{self, Layout};
use crate::http::session::Visit;
use crate::http::site::Site;
use crate::http::urls::Urls;
use crate::service::Portal;
use crate::words::AsWritten;
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

/// Shows the libraries.
pub(in crate::http) async fn show(
    portal: web::Data<Portal>,
    site: web::Data<Site>,
    visit: Visit,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let lang = languages::preferred(&request);
    let libraries = portal.libraries().await?.into_iter().map(|library| LibraryLink {
        url: Urls::new(&library.rules.slug, lang).start(),
        name: library.rules.name.into(),
        municipality: library.rules.municipality.into(),
    });
    page::for_everybody(&LibrariesPage { layout: Layout::bare(&site, &visit), libraries: libraries.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(libraries: Vec<LibraryLink>) -> String {
        LibrariesPage { layout: Layout::sample(), libraries }.render().unwrap()
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
    fn an_empty_portal_says_so() {
        assert!(drawn(Vec::new()).contains("図書館はまだありません"));
    }
}
