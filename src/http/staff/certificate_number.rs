//! The number of the user-authentication certificate: noting, confirming, removing. Its place is the file's page.

use super::Named;
use super::application::{self, Typed};
use super::signed_in::SignedInStaff;
use crate::domain::certificate_number::{CertificateNumber, NumberSource};
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors, Press};
use crate::http::page;
use crate::http::wording::Wording;
use crate::service;
use crate::words::Phrase;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The number, as typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NumberForm {
    #[serde(default)]
    number: String,
}

/// Notes the number that was typed.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<NumberForm>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/certificate-number", location.clone());
    let number = match form.input.number.parse::<CertificateNumber>() {
        Ok(number) => number,
        Err(error) => return again(staff, &named, form.input, error.wording()).await,
    };
    let (portal, by) = (&staff.here.portal, &staff.member);
    let source = NumberSource::StaffEntry;
    match portal.record_certificate_number(by, &named.reference, number, source, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::CertificateNumberTaken) => {
            again(
                staff,
                &named,
                form.input,
                "この番号は、ほかの利用者の番号として入力されています。番号を確かめてください",
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// Confirms the number that was noted.
pub(in crate::http) async fn confirm(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/certificate-number/confirm", location.clone());
    staff.here.portal.confirm_certificate_number(&staff.member, &named.reference, &once).await?;
    Ok(page::see_other(location))
}

/// Forgets the number.
pub(in crate::http) async fn remove(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/certificate-number/remove", location.clone());
    staff.here.portal.remove_certificate_number(&staff.member, &named.reference, &once).await?;
    Ok(page::see_other(location))
}

/// The file again, with what was typed and what is wrong with it.
async fn again(
    staff: SignedInStaff,
    named: &Named,
    input: NumberForm,
    message: impl Into<Phrase>,
) -> Result<HttpResponse, Error> {
    let typed = Typed { number: input.number, ..Typed::default() };
    application::again(staff, named, typed, FieldErrors::one("number", message)).await
}
