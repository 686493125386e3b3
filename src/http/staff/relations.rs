//! The cards of one's own people, named once, so that nobody decides on their own family.

use super::signed_in::SignedInStaff;
use crate::domain::card_number::{CardNumber, InvalidCardNumber};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::relations::Relation;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// A number, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CardForm {
    #[serde(default)]
    card: String,
}

/// Which record to take back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RemovalForm {
    patron: String,
}

/// The list.
#[derive(Template)]
#[template(path = "staff/relations.html")]
struct RelationsPage {
    layout: Layout,
    errors: FieldErrors,
    typed: String,
    rows: Vec<Row>,
}

struct Row {
    patron: String,
    number: String,
    since: Moment,
}

/// Shows the cards that were named.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    let relations = staff.here.portal.relations(&staff.member).await?;
    page::ok(&RelationsPage::new(staff.here.layout, relations, String::new(), FieldErrors::none()))
}

/// Names one more.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: CsrfForm<CardForm>) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_relations();
    let once = staff.here.once(form.once, "staff/relations", location.clone());
    let typed = form.input.card;
    let Ok(number) = read_number(&typed) else {
        return again(staff, typed, "カード番号を、カードのとおりに入力してください").await;
    };
    match staff.here.portal.record_relation(&staff.member, &number, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::NotFound) => {
            again(staff, typed, "この番号のカードは見つかりません。番号を確かめてください").await
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes one back.
pub(in crate::http) async fn remove(staff: SignedInStaff, form: CsrfForm<RemovalForm>) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_relations();
    let once = staff.here.once(form.once, "staff/relations/remove", location.clone());
    let patron = form.input.patron.parse().map_err(|_| Error::BadForm)?;
    staff.here.portal.remove_relation(&staff.member, patron, &once).await?;
    Ok(page::see_other(location))
}

/// Leads from an address that only takes posts to the list.
pub(in crate::http) async fn lead_there(staff: SignedInStaff) -> HttpResponse {
    page::see_other(staff.here.urls.staff_relations())
}

/// A number as people copy it from a card: of any width, with spaces or hyphens.
fn read_number(typed: &str) -> Result<CardNumber, InvalidCardNumber> {
    let narrow = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '‐' | 'ー'));
    let narrow = narrow.map(|c| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    });
    narrow.collect::<String>().to_uppercase().parse()
}

async fn again(staff: SignedInStaff, typed: String, message: &'static str) -> Result<HttpResponse, Error> {
    let relations = staff.here.portal.relations(&staff.member).await?;
    page::again(&RelationsPage::new(staff.here.layout, relations, typed, FieldErrors::one("card", message)))
}

impl RelationsPage {
    fn new(layout: Layout, relations: Vec<Relation>, typed: String, errors: FieldErrors) -> Self {
        let rows = relations.into_iter().map(|relation| Row {
            patron: relation.patron_id.to_string(),
            number: relation.number.map_or_else(|| "（番号なし）".to_owned(), |number| number.as_str().to_owned()),
            since: Moment(relation.recorded_at),
        });
        Self { rows: rows.collect(), layout, errors, typed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PatronId;
    use time::macros::datetime;

    #[test]
    fn the_page_lists_cards_and_names_nobody() {
        let at = datetime!(2026-11-20 05:05 UTC);
        let number = read_number(" ２０００-0000 0017 ").unwrap();
        assert_eq!(number.as_str(), "200000000017");
        let relations = vec![Relation { patron_id: PatronId::new(at), number: Some(number), recorded_at: at }];
        let page = RelationsPage::new(Layout::sample(), relations, "x<".into(), FieldErrors::one("card", "だめ"));
        let html = page.render().unwrap();
        assert!(html.contains("200000000017") && html.contains("x&#60;") && html.contains("エラー："));
    }
}
