//! A QR code that cannot be used: used before, run out, replaced, another telephone's, or never shown.

use super::telephone::Telephone;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::urls;
use actix_web::HttpResponse;
use askama::Template;

/// Why it cannot be used, as far as a stranger may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Whatever it is.
    Void,
    /// The wrong number was named just now.
    WrongNumber,
}

/// The page.
#[derive(Template)]
#[template(path = "handoff/void.html")]
struct VoidPage {
    layout: Layout,
    is_wrong_number: bool,
    code_url: &'static str,
}

/// Says that it cannot be used, and what to do.
pub(super) fn answer(telephone: &Telephone, why: Why) -> Result<HttpResponse, Error> {
    page::gone(&VoidPage {
        layout: telephone.bare(),
        is_wrong_number: why == Why::WrongNumber,
        code_url: urls::handoff_code(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_sends_back_to_the_pc() {
        for is_wrong_number in [true, false] {
            let page = VoidPage { layout: Layout::sample(), is_wrong_number, code_url: "/s" }.render().unwrap();
            assert!(page.contains("このQRコードは使えません") && page.contains("新しいQRコードを表示"));
            assert_eq!(page.contains("番号とちがいました"), is_wrong_number);
        }
    }
}
