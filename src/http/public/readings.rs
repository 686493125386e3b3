//! The switch for the readings above kanji.

use crate::http::error::Error;
use crate::http::{languages, page, urls};
use crate::words::Lang;
use actix_web::http::Uri;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The page that the switch stood on.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct StoodOn {
    page: Option<String>,
}

/// Remembers the choice and leads back. The form has no fields and none to keep secret: the worst that another could do
/// with it is to hide readings, and the guard lets only our own pages send it.
pub(in crate::http) async fn submit(
    path: web::Path<String>,
    query: web::Query<StoodOn>,
) -> Result<HttpResponse, Error> {
    let readings = match path.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Error::NotFound),
    };
    let back = query.into_inner().page.filter(|page| is_ours(page)).unwrap_or_else(|| urls::libraries().to_owned());
    let mut answer = page::see_other(back);
    // No other language has readings.
    answer.add_cookie(&languages::cookie(Lang::JaSimple, readings)).map_err(Error::internal)?;
    Ok(answer)
}

/// True of a path of this portal: whatever else begins with two slashes is somebody else's address.
fn is_ours(page: &str) -> bool {
    let is_path = page.starts_with('/') && !page.starts_with("//") && !page.contains('\\');
    is_path && page.parse::<Uri>().is_ok_and(|uri| uri.authority().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_to_no_other_site() {
        for page in ["/", "/s", "/g/abc?lang=ja-simple", "/himeji/ja-simple/card?why=not-in-use"] {
            assert!(is_ours(page), "{page}");
        }
        for page in [
            "",
            "s",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "/\t/evil.example",
            "/\n",
        ] {
            assert!(!is_ours(page), "{page}");
        }
    }
}
