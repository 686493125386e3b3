//! The digital card: what is held under a scanner, printed, or saved. A card that cannot be used has no barcode.

use super::home::{Doing, Way, ways_out};
use super::tile::Tile;
use crate::domain::library::LibraryRules;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::patron::printed::Bars;
use crate::http::patron::reader::Holder;
use crate::service;
use crate::service::my_card::OwnCard;
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// The page.
#[derive(Template)]
#[template(path = "patron/card/show.html")]
struct ShowPage {
    layout: Layout,
    tile: Tile,
    bars: Option<Bars>,
    /// What can be done about a card that cannot be used.
    doings: Vec<Doing>,
    telephone: String,
}

/// Shows the card; whoever holds none is led to their application.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    match here.portal.own_card(&here.library, &holder.session).await {
        Ok(own) => page::ok(&draw(here.layout.clone(), &own, &here.library.rules, here.portal.clock.today())),
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, own: &OwnCard, rules: &LibraryRules, today: Date) -> ShowPage {
    let tile = Tile::of(own, rules, layout.words, today);
    let text = rules.number_series.barcode_text(&own.my.card.number);
    ShowPage {
        bars: Some(text).filter(|_| tile.is_usable).and_then(|text| Bars::of_text(&text)),
        doings: if tile.is_usable { Vec::new() } else { ways_out(&own.my, layout.words, &layout.urls) },
        telephone: rules.contact.telephone.clone(),
        tile,
        layout,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tile::tests::{TODAY, card, own, rules, stopped};
    use super::*;
    use crate::domain::card::{Card, StopReason};
    use crate::domain::procedure::Procedure;
    use crate::service::procedures::Offer;
    use time::macros::date;

    fn drawn(card: Card) -> String {
        let mut own = own(card);
        own.my.offers = vec![Offer { procedure: Procedure::Renewal, obstacle: None, open: None }];
        draw(Layout::sample(), &own, &rules(), TODAY).render().unwrap()
    }

    #[test]
    fn a_card_in_force_has_a_barcode_and_its_number_in_text() {
        let page = drawn(card());
        assert!(page.contains("role=\"img\"") && page.contains("3000 0001 4") && page.contains("3 0 0 0 0 0 0 1 4"));
        assert!(
            page.contains("data-awake")
                && page.contains("card.png\"")
                && page.contains("card.pdf\"")
                && page.contains("data-print"),
            "{page}"
        );
    }

    #[test]
    fn a_card_that_cannot_be_used_has_none_and_says_what_to_do() {
        let expired = drawn(Card { expires_on: date!(2026 - 11 - 19), ..card() });
        let (lost, by_library) = (drawn(stopped(StopReason::Lost)), drawn(stopped(StopReason::ByLibrary)));
        for page in [&expired, &lost, &by_library] {
            assert!(!page.contains("role=\"img\"") && !page.contains("card.png") && !page.contains("data-awake"));
            assert!(page.contains("0790-"), "the telephone of the library: {page}");
        }
        assert!(expired.contains("procedures/renewal") && lost.contains("/card/found"), "{expired}");
        assert!(!by_library.contains("/card/found"));
    }
}
