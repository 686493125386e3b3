//! The decision: carrying out what was chosen.

use super::Named;
use super::application::{ApplicationPage, Desk};
use super::conflict;
use super::decision_form::{Choice, DecisionForm};
use super::signed_in::SignedInStaff;
use super::template_choice;
use crate::domain::template::TemplateKind;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page;
use actix_web::{HttpResponse, web};

/// Carries the decision out. Everything that has changed since the file was shown stops it.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<DecisionForm>,
) -> Result<HttpResponse, Error> {
    let choice = form.checked(form.input.choice());
    let TextForm { input, once, .. } = form;
    let seen = input.seen()?;
    let location = staff.here.urls.staff_application(&named.reference);
    let choice = match choice {
        Ok(choice) => choice,
        Err(errors) => {
            let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
            let desk = Desk::laid(&staff, &file, None).await?;
            return page::again(&ApplicationPage::new(staff, &file, desk, input, errors));
        }
    };
    let once = staff.here.once(once, "staff/decision", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    let decided = match choice {
        Choice::Approve => portal.approve(library, &staff.member, &named.reference, seen, &once).await.map(drop),
        Choice::Decline(reason) => portal.decline(library, &staff.member, &named.reference, seen, reason, &once).await,
    };
    match decided {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &input.reason).await,
    }
}

/// Shows the file again with the chosen template in the field for the reason. Changes nothing.
pub(in crate::http) async fn insert_template(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<DecisionForm>,
) -> Result<HttpResponse, Error> {
    let input = form.input;
    let words = template_choice::words(&staff, TemplateKind::Decline, &input.template, &named.reference).await?;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    let desk = Desk::laid(&staff, &file, None).await?;
    let Some(text) = words else {
        let errors = FieldErrors::one("template", "ひな形を選んでください");
        return page::again(&ApplicationPage::new(staff, &file, desk, input, errors));
    };
    let input = DecisionForm { outcome: "decline".to_owned(), reason: text, ..input };
    page::ok(&ApplicationPage::new(staff, &file, desk, input, FieldErrors::none()))
}
