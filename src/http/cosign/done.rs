//! Signed, or not agreed: what the guardian reads last.

use super::guardian::Guardian;
use super::void;
use crate::domain::cosigning::InvitationEnd;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "cosign/done.html")]
struct DonePage {
    layout: Layout,
    /// None if the guardian did not agree.
    reference: Option<String>,
}

/// Says what was done.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.cosign_end(&guardian.visit.token(), id).await {
        Ok(end) if matches!(end.end, Some(InvitationEnd::Cosigned | InvitationEnd::Declined)) => {
            let reference = end.reference.map(|reference| reference.to_string());
            page::ok(&DonePage { layout: guardian.of(&end.library), reference })
        }
        Ok(end) if end.end.is_none() => Ok(page::see_other(urls::cosign_review(id))),
        Ok(_) | Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receipt_shows_the_number_and_no_code() {
        let drawn = |reference: Option<&str>| {
            DonePage { layout: Layout::sample(), reference: reference.map(Into::into) }.render().unwrap()
        };
        let signed = drawn(Some("LC-7K3M-92QP"));
        assert!(signed.contains("署名できました") && signed.contains("LC-7K3M-92QP") && !signed.contains("受取コード"));
        assert!(drawn(None).contains("同意しないことを伝えました"));
    }
}
