//! The last day of the card, for one's own calendar.

use crate::document::CalendarDay;
use crate::domain::library_text::LibraryText;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::patron::pdf::disposition;
use crate::http::patron::reader::Holder;
use crate::service;
use crate::service::my_card::OwnCard;
use crate::sha256::sha256;
use actix_web::HttpResponse;
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

/// Answers the file. No number of a card is in it: calendars are shared.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let own = match here.portal.own_card(&here.library, &holder.session).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        own => own?,
    };
    let rules = &here.library.rules;
    let alarms = &rules.renewal.reminder_days;
    let day = day_of(&here.layout, &own, (&rules.name, alarms), here.portal.clock.now());
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header(disposition("図書館カードの有効期限.ics", "library-card.ics"))
        .body(day.to_ics()))
}

fn day_of(
    layout: &Layout,
    own: &OwnCard,
    (library, alarms): (&LibraryText, &[u16]),
    now: OffsetDateTime,
) -> CalendarDay {
    let (words, card) = (layout.words, &own.my.card);
    // Stays the same whatever becomes of the card, and tells nothing of it.
    let uid = HEXLOWER.encode(&sha256(format!("card {}", card.id).as_bytes())[..16]);
    let host = layout.own_address().split("://").last().unwrap_or_default();
    CalendarDay {
        uid: format!("{uid}@{host}"),
        sequence: card.row_version,
        written_at: now,
        day: card.expires_on,
        summary: words.card_calendar_summary().plain(),
        description: words.card_calendar_description(library).plain(),
        url: layout.absolute(&layout.urls.card()),
        alarms: alarms.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tile::tests::{card, own};
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_day_keeps_its_identity_and_says_no_number() {
        let (own, now) = (own(card()), datetime!(2026-11-20 03:00 UTC));
        let day = day_of(&Layout::sample(), &own, (&"姫路市立図書館".into(), &[60, 14, 0]), now);
        let renewed = {
            let mut own = own.clone();
            own.my.card.expires_on = own.my.card.expires_on.next_day().unwrap();
            own.my.card.row_version = 1;
            day_of(&Layout::sample(), &own, (&"姫路市立図書館".into(), &[60, 14, 0]), now)
        };
        assert_eq!(day.uid, renewed.uid);
        assert!(day.sequence < renewed.sequence && day.day < renewed.day);
        let file = day.to_ics();
        assert!(!file.contains("300000014") && !file.contains("花子"), "{file}");
        assert_eq!(day.alarms, [60, 14, 0], "as the library reminds by mail");
        assert!(day.url.ends_with("/aozora/ja/card") && day.uid.ends_with("@card.example.jp"));
    }
}
