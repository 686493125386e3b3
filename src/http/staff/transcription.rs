//! What is typed into the library system: the barcode for the reader, and each fact to be copied.

use super::Named;
use super::signed_in::SignedInStaff;
use crate::clock::JAPAN;
use crate::domain::library::LibraryRules;
use crate::domain::person::PostalAddress;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::service::deliver::barcode_of;
use crate::service::exchange::transcription::Transcription;
use actix_web::{HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "staff/transcription.html")]
struct TranscriptionPage {
    layout: Layout,
    reference: String,
    file_url: String,
    cards: Vec<CardFacts>,
}

/// What is typed of one card.
struct CardFacts {
    name: String,
    number: String,
    number_grouped: String,
    barcode: Option<Bars>,
    facts: Vec<(&'static str, String)>,
}

/// A barcode to be drawn inside the page.
struct Bars {
    /// In CSS pixels: narrow bars of three pixels are easy to read from a screen.
    shown_width: u32,
    width: u32,
    height: u32,
    path: String,
}

/// Shows the facts. The service notes the opening in the file's own record.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let here = staff.here;
    let found = here.portal.open_transcriptions(&here.library, &staff.member, &named.reference).await?;
    page::ok(&TranscriptionPage {
        file_url: here.urls.staff_application(&named.reference),
        reference: named.reference.to_string(),
        cards: found.into_iter().map(|one| facts_of(&here.library.rules, one)).collect(),
        layout: here.layout,
    })
}

fn facts_of(rules: &LibraryRules, transcription: Transcription) -> CardFacts {
    let Transcription { number, expires_on, issued_at, facts } = transcription;
    let series = &rules.number_series;
    // A number that NW-7 cannot say is still a number: the page goes without the bars.
    let barcode = barcode_of(&series.barcode_text(&number)).ok().map(|svg| Bars {
        shown_width: svg.modules() * 3,
        width: svg.width(),
        height: svg.height(),
        path: svg.path().to_owned(),
    });
    let address = facts.address.as_ref();
    let category = facts
        .category
        .as_ref()
        .and_then(|code| rules.category(code))
        .map(|category| category.label.as_str().to_owned());
    let branch =
        facts.branch.as_ref().and_then(|code| rules.branch(code)).map(|branch| branch.name.as_str().to_owned());
    let known = [
        ("氏名", Some(facts.name.as_str().to_owned())),
        ("フリガナ", Some(facts.kana.as_str().to_owned())),
        ("生年月日", Some(facts.birth.to_string())),
        ("郵便番号", address.map(|address| address.postcode().to_string())),
        ("住所", address.map(PostalAddress::one_line)),
        ("電話番号", facts.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        ("メールアドレス", facts.email.as_ref().map(|email| email.as_str().to_owned())),
        ("図書館を使う理由", category),
        ("よく使う図書館", branch),
        ("発行した日", Some(issued_at.to_offset(JAPAN).date().to_string())),
        ("有効期限", Some(expires_on.to_string())),
    ];
    CardFacts {
        name: facts.name.as_str().to_owned(),
        number_grouped: series.grouped(&number),
        number: number.to_string(),
        barcode,
        facts: known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::patron::PatronFacts;
    use time::macros::{date, datetime};

    #[test]
    fn every_known_fact_can_be_selected_and_copied() {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        let transcription = Transcription {
            number: rules.number_series.number(0).unwrap(),
            expires_on: date!(2029 - 11 - 20),
            issued_at: datetime!(2026-11-20 16:00 UTC),
            facts: PatronFacts {
                name: "髙橋　花子".parse().unwrap(),
                kana: "タカハシ ハナコ".parse().unwrap(),
                birth: "1985-04-27".parse().unwrap(),
                address: None,
                phone: None,
                email: None,
                category: Some("resident".parse().unwrap()),
                branch: Some("jonai".parse().unwrap()),
            },
        };
        let cards = vec![facts_of(&rules, transcription)];
        let page =
            TranscriptionPage { layout: Layout::sample(), reference: "LC-1".into(), file_url: "/x".into(), cards };
        let page = page.render().unwrap();
        for part in ["<output", "data-copy=\"氏名\"", "髙橋　花子", "2026-11-21", "2029-11-20", "城内図書館", "<path"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(page.contains("data-copy=\"カード番号\">300000014</output>"), "copied without spaces: {page}");
        assert!(!page.contains("メールアドレス"), "what is not known is not shown");
    }
}
