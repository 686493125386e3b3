//! What a holder does with the card at once: stop it, lift the stop, end the link of the My Number card.
//!
//! Each is a page that says what happens, with one button, and has its effect the moment that is pressed.

use super::done::Done;
use super::reader::Reader;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::procedure_wording as wording;
use crate::service;
use crate::service::procedures::MyCard;
use actix_web::HttpResponse;
use askama::Template;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Stop,
    Found,
    Unlink,
}

/// The page before it is done.
#[derive(Template)]
#[template(path = "patron/my_card.html")]
struct DeedPage {
    layout: Layout,
    heading: &'static str,
    number: String,
    effects: Vec<String>,
    button: &'static str,
    back: &'static str,
}

/// Explains what stopping means.
pub(in crate::http) async fn show_stop(reader: Reader) -> Result<HttpResponse, Error> {
    show(reader, Deed::Stop).await
}

/// Stops the card.
pub(in crate::http) async fn stop(reader: Reader, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(reader, form, Deed::Stop).await
}

/// Explains what lifting the stop means.
pub(in crate::http) async fn show_found(reader: Reader) -> Result<HttpResponse, Error> {
    show(reader, Deed::Found).await
}

/// Lifts the stop.
pub(in crate::http) async fn found(reader: Reader, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(reader, form, Deed::Found).await
}

/// Explains what ending the link means.
pub(in crate::http) async fn show_unlink(reader: Reader) -> Result<HttpResponse, Error> {
    show(reader, Deed::Unlink).await
}

/// Ends the link.
pub(in crate::http) async fn unlink(reader: Reader, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    carry_out(reader, form, Deed::Unlink).await
}

async fn show(reader: Reader, deed: Deed) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let page = here.portal.patron_page(&here.library, &reader.session).await?;
    let Some(my) = page.card.filter(|my| deed.is_possible(my)) else {
        return Ok(page::see_other(here.urls.status()));
    };
    let number = here.library.rules.number_series.grouped(&my.card.number);
    page::ok(&draw(here.layout, deed, number, &my))
}

async fn carry_out(reader: Reader, form: CsrfForm<Press>, deed: Deed) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let location = here.urls.status_after(deed.done().as_str());
    let once = here.once(form.once, deed.route(), location.clone());
    let (portal, library) = (&here.portal, &here.library);
    let done = match deed {
        Deed::Stop => portal.stop_card(&reader.session, &once).await,
        Deed::Found => portal.find_card_again(library, &reader.session, &once).await,
        Deed::Unlink => portal.unlink_card(library, &reader.session, &once).await,
    };
    match done {
        Ok(()) => Ok(page::see_other(location)),
        // The card is in another state by now, or nobody's who is here: the status page shows which.
        Err(service::Error::Obstacle(_) | service::Error::NotFound) => Ok(page::see_other(here.urls.status())),
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

    const fn route(self) -> &'static str {
        match self {
            Self::Stop => "card/stop",
            Self::Found => "card/found",
            Self::Unlink => "card/unlink",
        }
    }
}

fn draw(layout: Layout, deed: Deed, number: String, my: &MyCard) -> DeedPage {
    let reissue = wording::title(layout.words, crate::domain::procedure::Procedure::Reissue);
    let (heading, effects, button, back) = match deed {
        Deed::Stop => (
            "カードを止めます",
            vec![
                "すぐに止まります。夜でも、休館日でも止められます。".to_owned(),
                "止めている間は、このカードで借りることも予約もできません。".to_owned(),
                format!("カードが見つからないときは、「{reissue}」を申し込めます。"),
            ],
            "いますぐ止める",
            "止めずに戻る",
        ),
        Deed::Found => (
            "カードをまた使えるようにします",
            vec![
                "すぐに使えるようになります。".to_owned(),
                format!("有効期限は {} のままです。", Day(my.card.expires_on)),
                "手もとにあるカードの番号が、上の番号と同じか確かめてください。".to_owned(),
            ],
            "また使えるようにする",
            "止めたままにする",
        ),
        Deed::Unlink => (
            "マイナンバーカードの登録をやめます",
            vec![
                "理由は必要ありません。すぐに終わります。".to_owned(),
                "図書館は、マイナンバーカードの電子証明書の番号を消します。".to_owned(),
                "図書館カードは、そのまま使えます。借りられる点数は、登録する前の点数になります。".to_owned(),
                "また登録するときは、もう一度申し込んでください。".to_owned(),
            ],
            "登録をやめる",
            "やめずに戻る",
        ),
    };
    DeedPage { layout, heading, number, effects, button, back }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::Card;
    use crate::domain::ids::{CardId, LibraryId, PatronId};
    use time::macros::{date, datetime};

    #[test]
    fn each_page_says_what_happens_and_offers_the_way_back() {
        let now = datetime!(2026-11-20 03:00 UTC);
        let (id, library_id, patron_id) = (CardId::new(now), LibraryId::new(now), PatronId::new(now));
        let card = Card::issue(id, library_id, patron_id, "300000014".parse().unwrap(), date!(2029 - 11 - 20), now);
        let my = MyCard {
            card,
            loan_limit: None,
            loan_limit_linked: None,
            is_linked: true,
            linked_end: None,
            e_library_until: None,
            kept_until: None,
            reissued_from: None,
            may_be_found: true,
            offers: Vec::new(),
        };
        for (deed, button) in
            [(Deed::Stop, "いますぐ止める"), (Deed::Found, "また使えるようにする"), (Deed::Unlink, "登録をやめる")]
        {
            let page = draw(Layout::sample(), deed, "3000 0001 4".into(), &my).render().unwrap();
            assert!(page.contains(&format!(">{button}</button>")) && page.contains("3000 0001 4"), "{page}");
            assert!(page.contains("/aozora/ja/status\"") && page.contains("name=\"idem\""));
        }
    }
}
