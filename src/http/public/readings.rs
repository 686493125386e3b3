//! The switch for the readings above kanji.

use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::{self, Here};
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
    here: Here,
    path: web::Path<(String, String, String)>,
    query: web::Query<StoodOn>,
) -> Result<HttpResponse, Error> {
    let readings = match path.2.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Error::NotFound),
    };
    let start = here.urls.start();
    let back = query.into_inner().page.filter(|page| page.starts_with(&start)).unwrap_or(start);
    let mut answer = page::see_other(back);
    answer.add_cookie(&languages::cookie(here.layout.words.lang(), readings)).map_err(Error::internal)?;
    Ok(answer)
}
