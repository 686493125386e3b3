//! The campaign for linking the My Number card again, in numbers.

use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::service::campaign::Campaign;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "staff/campaign.html")]
struct CampaignPage {
    layout: Layout,
    campaign: Campaign,
}

/// Shows how it stands.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let campaign = here.portal.certificate_campaign(&here.library, &staff.member).await?;
    page::ok(&CampaignPage { campaign, layout: staff.here.layout })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::certificate_links::LinkedEnds;
    use crate::store::patron_reminders::Reminded;

    #[test]
    fn every_number_stands_beside_what_it_counts() {
        let campaign = Campaign {
            ending: vec![(90, 41), (30, 12)],
            ends: LinkedEnds { linked: 500, ended: 7, revoked: 3, unknown: 2 },
            reminded: Reminded { patrons: 40, linked_again: 9, without_address: 1 },
            is_sending: false,
        };
        let page = CampaignPage { layout: Layout::sample(), campaign }.render().unwrap();
        for row in [
            "90日以内に切れる</dt><dd>41人",
            "30日以内に切れる</dt><dd>12人",
            "失効している</dt><dd>3人",
            "40人",
            "9人",
        ] {
            assert!(page.contains(row), "{row}");
        }
        assert!(page.contains("お知らせのメールは送っていません"));
    }
}
