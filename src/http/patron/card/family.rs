//! The cards of one's children, for the guardian who applied for them.

use super::done::Hindrance;
use super::wording::{Chip, chip};
use crate::domain::library::LibraryRules;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use crate::http::patron::printed::Bars;
use crate::http::patron::reader::Holder;
use crate::http::patron::spelling::one_by_one;
use crate::service::family::FamilyCard;
use crate::words::AsTyped;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use time::Date;

/// The page.
#[derive(Template)]
#[template(path = "patron/card/family.html")]
struct FamilyPage {
    layout: Layout,
    children: Vec<ChildTile>,
    /// Below this age a guardian looks after the card.
    age: u32,
    telephone: String,
}

/// One child's card.
struct ChildTile {
    name: AsTyped,
    number: String,
    number_spoken: String,
    chip: Chip,
    expires_on: Day,
    bars: Option<Bars>,
    /// Where the initial password is collected, while it waits.
    password_url: Option<String>,
    /// Where the card is stopped, while its page is open.
    stop_url: Option<String>,
    /// The card's page, while it is open.
    page_url: Option<String>,
    /// By what it is opened, while it is not: the application, and the child's number in it.
    opened_by: Option<(String, u32)>,
}

/// The choice as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChildForm {
    reference: String,
    child: u32,
}

/// Shows the cards; whoever has no children here is led to their own, and told where those are seen.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let family = here.portal.family(&here.library, &holder.session).await?;
    if family.is_empty() {
        return Ok(page::see_other(here.urls.card_without(Hindrance::NoChildren.as_str())));
    }
    page::ok(&draw(here.layout.clone(), &family, &here.library.rules, here.portal.clock.today()))
}

/// Goes over to the card of one of them.
pub(in crate::http) async fn open(holder: Holder, form: CsrfForm<ChildForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let reference: Reference = form.input.reference.parse().map_err(|_| Error::NotFound)?;
    here.portal.open_child_card(&here.library, &here.visit.token(), (&reference, form.input.child)).await?;
    Ok(page::see_other(here.urls.card()))
}

fn draw(layout: Layout, family: &[FamilyCard], rules: &LibraryRules, today: Date) -> FamilyPage {
    let tile = |one: &FamilyCard| ChildTile::of(one, rules, &layout, today);
    FamilyPage {
        children: family.iter().map(tile).collect(),
        age: rules.guardian.signs_below_age,
        telephone: rules.contact.telephone.clone(),
        layout,
    }
}

impl ChildTile {
    fn of(one: &FamilyCard, rules: &LibraryRules, layout: &Layout, today: Date) -> Self {
        let (words, urls, FamilyCard { child, card, .. }) = (layout.words, &layout.urls, one);
        let text = rules.number_series.barcode_text(&card.number);
        Self {
            name: child.facts.name.as_str().into(),
            number: rules.number_series.grouped(&card.number),
            number_spoken: one_by_one(card.number.as_str()),
            chip: chip(words, card, today),
            expires_on: Day(card.expires_on),
            bars: Some(text).filter(|_| card.is_usable_on(today)).and_then(|text| Bars::of_text(&text)),
            password_url: one.password_waits.then(|| urls.password_of_child(&one.reference, child.child_number)),
            stop_url: (one.is_open && card.is_active()).then(|| urls.card_stop()),
            page_url: one.is_open.then(|| urls.card()),
            opened_by: (!one.is_open).then(|| (one.reference.to_string(), child.child_number)),
        }
    }
}
