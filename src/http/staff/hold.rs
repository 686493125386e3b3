//! Putting an application aside until a day.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::listing::day_of;
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::clock::japanese_date;
use crate::domain::review::{Remark, hold_until};
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use time::Date;

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HoldForm {
    hold_until: String,
    hold_reason: String,
}

/// Puts the application aside and goes back to the queue.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<HoldForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(parse(&staff, &form.input));
    let TextForm { input, once, .. } = form;
    let hold = match read {
        Ok(hold) => hold,
        Err(errors) => {
            let HoldForm { hold_until, hold_reason } = input;
            return application::again(staff, &named, Typed { hold_until, hold_reason, ..Typed::default() }, errors)
                .await;
        }
    };
    let location = staff.here.urls.staff_queue();
    let once = staff.here.once(once, "staff/hold", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.hold(library, &staff.member, &named.reference, hold, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &input.hold_reason).await,
    }
}

fn parse(staff: &SignedInStaff, input: &HoldForm) -> Result<(Date, Remark), FieldErrors> {
    let mut errors = FieldErrors::none();
    let longest = staff.here.library.rules.correction.hold_days;
    let until = match day_of(&input.hold_until) {
        None => {
            errors.add("hold_until", "いつまで保留にするかを入力してください");
            None
        }
        Some(day) => hold_until(day, japanese_date(staff.now()), longest)
            .map_err(|invalid| {
                let latest = Day(invalid.latest);
                errors.add("hold_until", format!("あしたから{latest}までの日にしてください"));
            })
            .ok(),
    };
    let reason = input
        .hold_reason
        .parse::<Remark>()
        .map_err(|error| errors.add("hold_reason", of_remark("保留の理由", error)))
        .ok();
    match (until, reason) {
        (Some(until), Some(reason)) => Ok((until, reason)),
        _ => Err(errors),
    }
}
