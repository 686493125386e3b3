//! Signed: back to the PC, where the receipt is.

use super::telephone::Telephone;
use super::void::{self, Why};
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page. It shows neither number nor code: they are the PC's.
#[derive(Template)]
#[template(path = "handoff/done.html")]
struct DonePage {
    layout: Layout,
}

/// Says that it is done.
pub(in crate::http) async fn show(telephone: Telephone) -> Result<HttpResponse, Error> {
    let Some(id) = telephone.handoff() else { return void::answer(&telephone, Why::Void) };
    match telephone.portal.handoff_end(&telephone.visit.token(), id).await {
        Ok(end) if end.is_finished => page::ok(&DonePage { layout: telephone.of(&end.library) }),
        Ok(_) => Ok(page::see_other(urls::handoff_summary(id))),
        Err(service::Error::HandoffVoid) => void::answer(&telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_leads_back_to_the_pc_and_offers_to_go_on_here() {
        let page = DonePage { layout: Layout::sample() }.render().unwrap();
        for part in ["署名できました", "パソコンの画面にもどってください", "スマートフォンで続ける"]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
