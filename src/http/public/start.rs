//! A library's front page.

use super::young;
use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::{self, Here, Layout};
use crate::http::urls::Urls;
use crate::service::Portal;
use crate::words::{AsWritten, Phrase};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// What the service is, what one needs, and one button.
#[derive(Template)]
#[template(path = "public/start.html")]
struct StartPage {
    layout: Layout,
    library: AsWritten,
    /// What those do who are too young to apply alone.
    young: Vec<Phrase>,
    promised_days: u32,
    draft_days: u32,
    /// True if there is more to do online than to apply for a card.
    has_more: bool,
    /// True if pictures of documents may take the place of a signature.
    takes_pictures: bool,
    /// True for whoever has just signed out.
    is_signed_out: bool,
}

/// Why the page was opened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    why: String,
}

/// Shows the front page.
pub(in crate::http) async fn show(here: Here, arrival: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    let rules = &here.library.rules;
    page::for_everybody(&StartPage {
        young: young::sentences(here.layout.words, rules),
        layout: here.layout,
        library: (&rules.name).into(),
        promised_days: rules.promised_open_days,
        draft_days: rules.draft_days,
        has_more: rules.procedures.len() > 1,
        takes_pictures: rules.unsigned.upload,
        is_signed_out: arrival.why == "signed-out",
    })
}

/// Leads from the bare library to its front page in the language that the browser chose or prefers.
pub(in crate::http) async fn into_language(
    portal: web::Data<Portal>,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let library = portal.library(&slug).await?;
    Ok(page::see_other(Urls::new(&library.rules.slug, languages::preferred(&request)).start()))
}

/// Leads from the address without its final slash to the front page.
pub(in crate::http) async fn with_slash(here: Here) -> HttpResponse {
    page::see_other(here.urls.start())
}

/// There is no such page at this library.
pub(in crate::http) async fn nowhere(_here: Here) -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::LibraryRules;
    use crate::words::Lang;

    fn young_in(layout: &Layout) -> Vec<Phrase> {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        young::sentences(layout.words, &rules)
    }

    fn drawn(lang: Lang) -> String {
        let layout = Layout::sample().speaking(lang);
        let library = "あおぞら市立図書館".into();
        let page = StartPage {
            young: young_in(&layout),
            layout,
            library,
            promised_days: 3,
            draft_days: 7,
            has_more: true,
            takes_pictures: true,
            is_signed_out: false,
        };
        page.render().unwrap()
    }

    #[test]
    fn the_front_page_speaks_every_language_and_nothing_else() {
        for (lang, part) in [
            (Lang::En, "within 3 opening days"),
            (Lang::ZhHans, "之后的页面以英文显示"),
            (Lang::Ko, "3일 이내"),
            (Lang::Vi, "dưới 15 tuổi"),
            (Lang::Pt, "menos de 15 anos"),
        ] {
            let page = drawn(lang);
            assert!(page.contains(part) && page.contains(&format!("<html lang=\"{lang}\">")), "{lang}");
            assert!(page.contains("<span lang=\"ja\">あおぞら市立図書館</span>"), "{lang}: the name stays as it is");
            assert!(!page.contains("申込み") && !page.contains("<ruby>"), "{lang}");
        }
        let simple = drawn(Lang::JaSimple);
        assert!(simple.contains("<ruby>図書館<rp>（</rp><rt>としょかん</rt><rp>）</rp></ruby>"));
        assert!(!simple[..simple.find("</title>").unwrap()].contains("<ruby>"), "no readings in a title");
    }

    #[test]
    fn the_front_page_says_what_one_needs_and_has_one_main_button() {
        let page = StartPage {
            layout: Layout::sample(),
            library: "あおぞら市立図書館".into(),
            young: young_in(&Layout::sample()),
            promised_days: 3,
            draft_days: 7,
            has_more: true,
            takes_pictures: true,
            is_signed_out: false,
        };
        let page = page.render().unwrap();
        for part in [
            "署名用の暗証番号",
            "マイナンバー（12けたの番号）は使いません",
            "15歳未満",
            "3開館日",
            "/apply/who",
            "/procedures",
            "書類の画像を送って",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("data-v=\"solid\"").count(), 1);
        assert!(!page.contains("name=\"csrf\""), "the front page can be cached");
    }
}
