//! Noting until when a document counts.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::listing::day_of;
use super::signed_in::SignedInStaff;
use crate::domain::library::EvidenceCode;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page;
use crate::service::attach::AttachFault;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use time::Date;

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ProofForm {
    proof_kind: String,
    proof_day: String,
}

/// Notes it and goes back to the file.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<ProofForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(parse(&form.input));
    let TextForm { input: ProofForm { proof_kind, proof_day }, once, .. } = form;
    let typed = Typed { proof_kind, proof_day, ..Typed::default() };
    let (kind, day) = match read {
        Ok(read) => read,
        Err(errors) => return application::again(staff, &named, typed, errors).await,
    };
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/proof", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.note_proof(library, &staff.member, &named.reference, (&kind, day), &once).await {
        Ok(None) => Ok(page::see_other(location)),
        Ok(Some(fault)) => application::again(staff, &named, typed, errors_of(fault)).await,
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

fn parse(input: &ProofForm) -> Result<(EvidenceCode, Option<Date>), FieldErrors> {
    let mut errors = FieldErrors::none();
    let kind = input.proof_kind.parse::<EvidenceCode>();
    if kind.is_err() {
        errors.add("proof_kind", "書類を選んでください");
    }
    let day = day_of(&input.proof_day);
    if day.is_none() && !input.proof_day.trim().is_empty() {
        errors.add("proof_day", "書類に書いてある日を、2027-03-31 のように入力してください");
    }
    match kind {
        Ok(kind) if errors.is_empty() => Ok((kind, day)),
        _ => Err(errors),
    }
}

fn errors_of(fault: AttachFault) -> FieldErrors {
    match fault {
        AttachFault::DateMissing => FieldErrors::one("proof_day", "書類に書いてある日を入力してください"),
        AttachFault::Expired => FieldErrors::one("proof_day", "この書類は、期限が切れています"),
        _ => FieldErrors::one("proof_kind", "この書類は、この申込みでは受け付けていません"),
    }
}
