//! A new colleague's invitation: choose a password, connect an authenticator app.
//!
//! The token stands in the address. It works once, these pages are kept by no cache, and the
//! site's referrer policy names them to no other site.

use crate::document::qr::QrPicture;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::service;
use crate::service::staff::{Enrolment, EnrolmentFault, SHORTEST_PASSWORD};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

/// The invitation that an address is about.
#[derive(Deserialize)]
pub(in crate::http) struct Invited {
    token: String,
}

/// The form as sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct InvitationForm {
    password: String,
    code: String,
}

/// The invitation.
#[derive(Template)]
#[template(path = "staff/invitation.html")]
struct InvitationPage {
    layout: Layout,
    errors: FieldErrors,
    name: String,
    login: String,
    secret: Zeroizing<String>,
    picture: QrPicture,
    password_rule: String,
}

/// An invitation that is used up, out of date or unknown.
#[derive(Template)]
#[template(path = "staff/invitation_over.html")]
struct InvitationOverPage {
    layout: Layout,
}

/// Shows the invitation.
pub(in crate::http) async fn show(here: Here, invited: web::Path<Invited>) -> Result<HttpResponse, Error> {
    match here.portal.enrolment(&here.library, &invited.token).await {
        Ok(enrolment) => page::ok(&draw(here.layout, &enrolment, FieldErrors::none())?),
        Err(service::Error::NotFound) => over(here),
        Err(error) => Err(error.into()),
    }
}

/// Takes the invitation up.
pub(in crate::http) async fn submit(
    here: Here,
    invited: web::Path<Invited>,
    form: CsrfForm<InvitationForm>,
) -> Result<HttpResponse, Error> {
    let InvitationForm { password, code } = form.input;
    match here.portal.enrol(&here.library, &invited.token, Zeroizing::new(password), &code).await {
        Ok(Ok(())) => Ok(page::see_other(format!("{}?from=enrolled", here.urls.staff_sign_in()))),
        Ok(Err(fault)) => {
            let enrolment = here.portal.enrolment(&here.library, &invited.token).await?;
            page::again(&draw(here.layout, &enrolment, of_fault(fault))?)
        }
        Err(service::Error::NotFound) => over(here),
        Err(error) => Err(error.into()),
    }
}

fn of_fault(fault: EnrolmentFault) -> FieldErrors {
    match fault {
        EnrolmentFault::ShortPassword => {
            FieldErrors::one("password", format!("パスワードは{SHORTEST_PASSWORD}文字以上にしてください"))
        }
        EnrolmentFault::WrongCode => FieldErrors::one(
            "code",
            "コードがちがいます。アプリに表示されている6けたの数字を入力し、パスワードももう一度入力してください",
        ),
    }
}

fn over(here: Here) -> Result<HttpResponse, Error> {
    page::gone(&InvitationOverPage { layout: here.layout })
}

fn draw(layout: Layout, enrolment: &Enrolment, errors: FieldErrors) -> Result<InvitationPage, Error> {
    Ok(InvitationPage {
        layout,
        errors,
        name: enrolment.member.name.clone(),
        login: enrolment.member.login.clone(),
        secret: in_groups(&enrolment.secret),
        picture: QrPicture::of(&enrolment.address).map_err(Error::internal)?,
        password_rule: format!(
            "{SHORTEST_PASSWORD}文字以上。長い文でもかまいません。ほかで使っていないものにしてください。"
        ),
    })
}

/// Four letters at a time are easier to copy; apps ignore the spaces.
fn in_groups(secret: &str) -> Zeroizing<String> {
    let mut grouped = Zeroizing::new(String::with_capacity(secret.len() * 2));
    for (index, letter) in secret.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LibraryId, StaffId};
    use crate::domain::staff::StaffMember;
    use time::macros::datetime;

    fn drawn(errors: FieldErrors) -> String {
        let now = datetime!(2026-11-20 05:05 UTC);
        let member = StaffMember {
            id: StaffId::new(now),
            library_id: LibraryId::new(now),
            login: "sato".into(),
            name: "佐藤 <花>".into(),
            disabled_at: None,
            roles: Vec::new(),
        };
        let secret = Zeroizing::new("JBSWY3DPEHPK3PXP".to_owned());
        let address = Zeroizing::new("otpauth://totp/todoke:sato?secret=JBSWY3DPEHPK3PXP".to_owned());
        draw(Layout::sample(), &Enrolment { member, secret, address }, errors).unwrap().render().unwrap()
    }

    #[test]
    fn the_second_factor_is_offered_as_text_and_as_picture() {
        let page = drawn(FieldErrors::none());
        assert!(page.contains("JBSW Y3DP EHPK 3PXP"));
        assert!(
            page.contains("role=\"img\" aria-label=\"認証アプリに登録するQRコード")
                && page.contains("<path d=\"M4 4h7")
        );
        assert!(page.contains("佐藤 &#60;花&#62;") && page.contains("12文字以上"));
        assert!(!page.contains("otpauth:"), "the address is in the picture only");
    }

    #[test]
    fn each_fault_is_named_at_its_field() {
        let page = drawn(of_fault(EnrolmentFault::ShortPassword));
        assert!(page.contains("id=\"password-e\"") && page.contains("パスワードは12文字以上にしてください"));
        assert!(drawn(of_fault(EnrolmentFault::WrongCode)).contains("id=\"code-e\""));
    }

    #[test]
    fn a_used_invitation_explains_itself() {
        let page = InvitationOverPage { layout: Layout::sample() }.render().unwrap();
        assert!(page.contains("招待は使えません") && page.contains("href=\"/aozora/staff/sign-in\""));
    }
}
