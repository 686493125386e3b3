//! An invitation that cannot be used: it has ended, in whichever way, or is another browser's.

use super::guardian::Guardian;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "cosign/void.html")]
struct VoidPage {
    layout: Layout,
}

/// Says that it cannot be used, and what to do.
pub(super) fn answer(guardian: &Guardian) -> Result<HttpResponse, Error> {
    page::gone(&VoidPage { layout: guardian.bare() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_whom_to_ask() {
        let page = VoidPage { layout: Layout::sample() }.render().unwrap();
        assert!(page.contains("このお願いは使えません") && page.contains("申し込んだ方"));
    }
}
