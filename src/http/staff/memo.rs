//! Memos among colleagues.

use super::Named;
use super::application::{self, Typed};
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::review::Remark;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MemoForm {
    memo: String,
}

/// Writes the memo.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<MemoForm>,
) -> Result<HttpResponse, Error> {
    let read = form.input.memo.parse::<Remark>();
    let read = form.checked(read.map_err(|error| FieldErrors::one("memo", of_remark("メモ", error))));
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/memo", location.clone());
    match read {
        Ok(text) => {
            staff.here.portal.write_memo(&staff.member, &named.reference, text, &once).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => {
            let typed = Typed { memo: input.memo, ..Typed::default() };
            application::again(staff, &named, typed, errors).await
        }
    }
}
