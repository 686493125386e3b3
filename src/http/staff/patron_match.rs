//! Saying whose card an application is about. Its place is the file's page.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::signed_in::SignedInStaff;
use crate::domain::card_number::CardNumber;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page;
use crate::http::wording::Wording;
use crate::service;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The number, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct MatchForm {
    card: String,
}

/// Takes the holder of the card with this number for the applicant.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<MatchForm>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/patron", location.clone());
    let number = match form.input.card.parse::<CardNumber>() {
        Ok(number) => number,
        Err(error) => return again(staff, &named, form.input, error.wording().plain()).await,
    };
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.match_patron(library, &staff.member, &named.reference, &number, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::NotFound) => {
            again(staff, &named, form.input, "この番号のカードはありません。番号を確かめてください".to_owned()).await
        }
        Err(service::Error::AlreadyOpen(reference)) => {
            let message = format!("この利用者の同じ手続きが、申込番号 {reference} で受け付けられています");
            again(staff, &named, form.input, message).await
        }
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

/// The file again, with what was typed and what is wrong with it.
async fn again(staff: SignedInStaff, named: &Named, input: MatchForm, message: String) -> Result<HttpResponse, Error> {
    let typed = Typed { card: input.card, ..Typed::default() };
    application::again(staff, named, typed, FieldErrors::one("card", message)).await
}
