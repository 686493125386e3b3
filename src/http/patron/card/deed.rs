//! What a holder does with the card at once: stop it, lift the stop, end the link of the My Number card.
//!
//! Each is a page that says what happens, with one button, and has its effect the moment that is pressed.

use super::done::{Done, Hindrance};
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::patron::reader::Holder;
use crate::http::procedure_wording::title;
use crate::service;
use crate::service::procedures::MyCard;
use crate::words::Phrase;
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Stop,
    Found,
    Unlink,
}

/// The page before it is done.
#[derive(Template)]
#[template(path = "patron/card/deed.html")]
struct DeedPage {
    layout: Layout,
    heading: Phrase,
    number: String,
    effects: Vec<Phrase>,
    button: Phrase,
    /// True if the button takes something away.
    is_danger: bool,
    back: Phrase,
}

/// Explains what stopping means.
pub(in crate::http) async fn show_stop(holder: Holder) -> Result<HttpResponse, Error> {
    show(holder, Deed::Stop).await
}

/// Stops the card.
pub(in crate::http) async fn stop(holder: Holder, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(holder, form, Deed::Stop).await
}

/// Explains what lifting the stop means.
pub(in crate::http) async fn show_found(holder: Holder) -> Result<HttpResponse, Error> {
    show(holder, Deed::Found).await
}

/// Lifts the stop.
pub(in crate::http) async fn found(holder: Holder, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(holder, form, Deed::Found).await
}

/// Explains what ending the link means.
pub(in crate::http) async fn show_unlink(holder: Holder) -> Result<HttpResponse, Error> {
    show(holder, Deed::Unlink).await
}

/// Ends the link.
pub(in crate::http) async fn unlink(holder: Holder, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(holder, form, Deed::Unlink).await
}

async fn show(holder: Holder, deed: Deed) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let own = match here.portal.own_card(&here.library, &holder.session).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        own => own?,
    };
    if !deed.is_possible(&own.my) {
        return Ok(page::see_other(here.urls.card_without(deed.hindrance().as_str())));
    }
    let number = here.library.rules.number_series.grouped(&own.my.card.number);
    page::ok(&draw(here.layout.clone(), deed, number, &own.my, here.portal.clock.today()))
}

async fn carry_out(holder: Holder, form: CsrfForm<Press>, deed: Deed) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let location = here.urls.card_after(deed.done().as_str());
    let once = here.once(form.once, deed.route(), location.clone());
    let (portal, library) = (&here.portal, &here.library);
    let done = match deed {
        Deed::Stop => portal.stop_card(library, &holder.session, &once).await,
        Deed::Found => portal.find_card_again(library, &holder.session, &once).await,
        Deed::Unlink => portal.unlink_card(library, &holder.session, &once).await,
    };
    match done {
        Ok(()) => Ok(page::see_other(location)),
        // The card is in another state by now: its page says which.
        Err(service::Error::Obstacle(_)) => Ok(page::see_other(here.urls.card_without(deed.hindrance().as_str()))),
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

impl Deed {
    fn is_possible(self, my: &MyCard) -> bool {
        match self {
            Self::Stop => my.card.is_active(),
            Self::Found => my.may_be_found,
            Self::Unlink => my.is_linked,
        }
    }

    const fn done(self) -> Done {
        match self {
            Self::Stop => Done::Stopped,
            Self::Found => Done::Found,
            Self::Unlink => Done::Unlinked,
        }
    }

    /// Why there is nothing to do, if it is not possible.
    const fn hindrance(self) -> Hindrance {
        match self {
            Self::Stop => Hindrance::NotInUse,
            Self::Found => Hindrance::NotLost,
            Self::Unlink => Hindrance::NotLinked,
        }
    }

    const fn route(self) -> &'static str {
        match self {
            Self::Stop => "card/stop",
            Self::Found => "card/found",
            Self::Unlink => "card/unlink",
        }
    }
}

fn draw(layout: Layout, deed: Deed, number: String, my: &MyCard, today: Date) -> DeedPage {
    let (words, has_ended) = (layout.words, my.card.expires_on < today);
    let (heading, effects, button, back) = match deed {
        Deed::Stop => (
            words.card_deed_stop(),
            vec![
                words.card_deed_stop_at_once(),
                words.card_deed_stop_effect(),
                words.card_deed_stop_next(title(words, Procedure::Reissue)),
            ],
            words.card_deed_stop_now(),
            words.card_deed_stop_back(),
        ),
        Deed::Found => (
            words.card_deed_find(),
            if has_ended {
                vec![words.card_deed_find_expired(), words.card_deed_find_check()]
            } else {
                let until = words.card_deed_until(Day(my.card.expires_on));
                vec![words.card_deed_find_at_once(), until, words.card_deed_find_check()]
            },
            words.card_deed_find_now(),
            words.card_deed_find_back(),
        ),
        Deed::Unlink => (
            words.card_deed_unlink(),
            vec![
                words.card_deed_unlink_at_once(),
                words.card_deed_unlink_effect(),
                words.card_deed_unlink_card(),
                words.card_deed_unlink_again(),
            ],
            words.card_deed_unlink_now(),
            words.card_deed_unlink_back(),
        ),
    };
    DeedPage { layout, heading, number, effects, button, is_danger: deed != Deed::Found, back }
}

#[cfg(test)]
mod tests {
    use super::super::tile::tests::{TODAY, card, own, stopped};
    use super::*;
    use crate::domain::card::{Card, StopReason};
    use crate::words::Lang;
    use time::macros::date;

    #[test]
    fn each_page_says_what_happens_and_offers_the_way_back() {
        let my = own(card()).my;
        for (deed, button) in
            [(Deed::Stop, "いますぐ止める"), (Deed::Found, "また使えるようにする"), (Deed::Unlink, "登録をやめる")]
        {
            let page = draw(Layout::sample(), deed, "3000 0001 4".into(), &my, TODAY).render().unwrap();
            assert!(page.contains(&format!(">{button}</button>")) && page.contains("3000 0001 4"), "{page}");
            assert!(page.contains("/aozora/ja/card\"") && page.contains("name=\"idem\""));
            assert_eq!(page.contains("data-v=\"danger\""), deed != Deed::Found, "lifting a stop takes nothing away");
        }
        let english = Layout::sample().speaking(Lang::En);
        let page = draw(english, Deed::Stop, "3000 0001 4".into(), &my, TODAY).render().unwrap();
        assert!(page.contains("Stop it now"), "{page}");
    }

    #[test]
    fn a_found_card_that_has_ended_is_not_promised_to_work() {
        let drawn = |card| draw(Layout::sample(), Deed::Found, String::new(), &own(card).my, TODAY).render().unwrap();
        let lost = stopped(StopReason::Lost);
        assert!(drawn(lost.clone()).contains("すぐに使えるようになります"));
        let ended = drawn(Card { expires_on: date!(2026 - 11 - 19), ..lost });
        assert!(!ended.contains("すぐに使える") && ended.contains("有効期限を延ばしてください"), "{ended}");
    }
}
