//! An initial password for whoever stands at the counter: it is checked who asks, then it is shown once, to be printed.

use super::record::NamedPatron;
use crate::domain::ids::PatronId;
use crate::domain::library::LibraryRules;
use crate::domain::obstacle::Obstacle;
use crate::domain::visit::IdentityProof;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::patron::spelling::{Sign, in_fours, read_out};
use crate::http::staff::signed_in::SignedInStaff;
use crate::service;
use crate::service::counter_password::{CounterDesk, HandedOut};
use crate::words::Words;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// By which document it was checked who asks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct ProofForm {
    proof: String,
}

/// Before: who asks, and by what that is checked.
#[derive(Template)]
#[template(path = "staff/patron_password.html")]
struct DeskPage {
    layout: Layout,
    errors: FieldErrors,
    patron_url: String,
    name: String,
    number: String,
    last_at: Option<Moment>,
    proofs: Vec<(String, String)>,
    chosen: String,
}

/// The password, to be printed.
#[derive(Template)]
#[template(path = "staff/patron_password_shown.html")]
struct ShownPage {
    layout: Layout,
    patron_url: String,
    library: String,
    contact: String,
    name: String,
    number: String,
    until: Day,
    groups: Vec<String>,
    signs: Vec<Sign>,
    at: Moment,
}

/// Why none can be handed out now.
#[derive(Template)]
#[template(path = "staff/patron_password_not_now.html")]
struct NotNowPage {
    layout: Layout,
    patron_url: String,
    /// True if staff have stopped passwords; else there is no card that can be used.
    is_blocked: bool,
}

/// Asks by what it was checked who asks.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<NamedPatron>) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    match staff.here.portal.counter_desk(&staff.member, id).await {
        Ok(desk) => page::ok(&DeskPage::new(staff, &desk, ProofForm::default(), FieldErrors::none())),
        Err(error) => not_now(staff, id, error),
    }
}

/// Shows the password. It stands in this answer and nowhere else: loading the page again leads back to the question.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
    form: CsrfForm<ProofForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let here = &staff.here;
    let Some(proof) = IdentityProof::parse(&form.input.proof, &here.library.rules, here.portal.clock.today()) else {
        let errors = FieldErrors::one("proof", "本人であることを確かめた書類を選んでください");
        return match here.portal.counter_desk(&staff.member, id).await {
            Ok(desk) => page::again(&DeskPage::new(staff, &desk, form.input, errors)),
            Err(error) => not_now(staff, id, error),
        };
    };
    let once = here.once(form.once, "staff/patrons/password", here.urls.staff_patron(id, "/password"));
    match here.portal.hand_out_password(&here.library, &staff.member, id, &proof, &once).await {
        Ok(handed_out) => page::ok(&ShownPage::new(staff, &handed_out)),
        Err(error) => not_now(staff, id, error),
    }
}

/// Says what stands against it; any other error stays what it is.
fn not_now(staff: SignedInStaff, id: PatronId, error: service::Error) -> Result<HttpResponse, Error> {
    let service::Error::Obstacle(obstacle) = error else { return Err(error.into()) };
    page::conflict(&NotNowPage {
        patron_url: staff.here.urls.staff_patron(id, ""),
        is_blocked: matches!(obstacle, Obstacle::Blocked { .. }),
        layout: staff.here.layout,
    })
}

impl DeskPage {
    fn new(staff: SignedInStaff, desk: &CounterDesk, input: ProofForm, errors: FieldErrors) -> Self {
        let (here, today) = (&staff.here, staff.here.portal.clock.today());
        Self {
            errors,
            patron_url: here.urls.staff_patron(desk.patron.id, ""),
            name: desk.patron.facts.name.as_str().to_owned(),
            number: here.library.rules.number_series.grouped(&desk.card.number),
            last_at: desk.last_at.map(Moment),
            proofs: proofs(&here.library.rules, today),
            chosen: input.proof,
            layout: staff.here.layout,
        }
    }
}

impl ShownPage {
    fn new(staff: SignedInStaff, handed_out: &HandedOut) -> Self {
        let rules = &staff.here.library.rules;
        let HandedOut { password, patron, card, at } = handed_out;
        Self {
            patron_url: staff.here.urls.staff_patron(patron.id, ""),
            library: rules.name.as_str().to_owned(),
            contact: format!("{}　{}", rules.contact.telephone, rules.contact.hours.as_str()),
            name: patron.facts.name.as_str().to_owned(),
            number: rules.number_series.grouped(&card.number),
            until: Day(card.expires_on),
            groups: in_fours(password.expose()),
            signs: read_out(Words::default(), password.expose()),
            at: Moment(*at),
            layout: staff.here.layout,
        }
    }
}

/// What staff choose from: the documents that the rules name, and any other.
fn proofs(rules: &LibraryRules, today: Date) -> Vec<(String, String)> {
    let named = rules.proofs_of_identity(today).map(|kind| (kind.code.to_string(), kind.label.as_str().to_owned()));
    let other = (IdentityProof::Other.as_str().to_owned(), "そのほかの、本人であることがわかる書類".to_owned());
    named.chain([other]).collect()
}
