//! Who works here: a living staff session of the library in the path.

use crate::domain::permission::{Permission, Scope};
use crate::domain::staff::StaffMember;
use crate::http::audience::Audience;
use crate::http::error::Error;
use crate::http::page::{self, Here};
use crate::http::urls::Urls;
use crate::service;
use crate::service::session::SessionSubject;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use std::future::Future;
use std::pin::Pin;
use time::OffsetDateTime;

/// A member of staff of this library whose role allows what the route is for. Whoever is not signed in is led to
/// the sign-in page.
pub(in crate::http) struct SignedInStaff {
    pub(super) here: Here,
    pub(super) member: StaffMember,
}

impl SignedInStaff {
    /// The portal's present.
    pub(super) fn now(&self) -> OffsetDateTime {
        self.here.portal.clock.now()
    }
}

/// The cookie of a browser whose user has switched the keys of the keyboard on. It says nothing else.
pub(super) const KEYS_COOKIE: &str = "__Host-todoke-keys";

/// What a member of staff must be allowed to do for a page to be of use.
enum Needs {
    /// Anywhere.
    Somewhere(Permission),
    /// In the whole library: the page divides by no branch.
    Everywhere(Permission),
}

impl Needs {
    fn are_met_by(&self, member: &StaffMember) -> bool {
        match self {
            Self::Somewhere(permission) => member.may(*permission),
            Self::Everywhere(permission) => member.scope(*permission) == Some(Scope::Library),
        }
    }
}

/// Where a member of staff may go. The first is where they begin.
fn links(urls: &Urls, member: &StaffMember) -> Vec<(&'static str, String)> {
    use Needs::{Everywhere, Somewhere};
    let all = [
        (Somewhere(Permission::SeeQueue), "申込みの一覧", urls.staff_queue()),
        (Somewhere(Permission::EnterApplication), "窓口", urls.staff_counter()),
        (Somewhere(Permission::SeeQueue), "不在", urls.staff_absences()),
        (Somewhere(Permission::SeePatrons), "利用者", urls.staff_patrons()),
        (Somewhere(Permission::Decide), "申し出", urls.staff_requests()),
        (Everywhere(Permission::Exchange), "図書館システム", urls.staff_exchange()),
        (Somewhere(Permission::WriteTemplates), "ひな形", urls.staff_templates()),
        (Somewhere(Permission::ManageStaff), "職員", urls.staff_members()),
        (Everywhere(Permission::ReadRecord), "操作の記録", urls.staff_record()),
    ];
    let allowed = all.into_iter().filter(|(needs, ..)| needs.are_met_by(member));
    let help = ("使い方", urls.staff_help());
    allowed.map(|(_, label, url)| (label, url)).chain([help]).collect()
}

/// Leads to where this member of staff begins.
pub(in crate::http) async fn lead_home(staff: SignedInStaff) -> HttpResponse {
    let home = staff.here.layout.staff_links.into_iter().next();
    page::see_other(home.map_or_else(|| staff.here.urls.staff_help(), |(_, url)| url))
}

impl FromRequest for SignedInStaff {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::from_request(request, payload);
        let has_keys = request.cookie(KEYS_COOKIE).is_some_and(|cookie| cookie.value() == "on");
        let audience = request.extensions().get::<Audience>().copied();
        let request = request.clone();
        Box::pin(async move {
            let mut here = here.await?;
            let session = here.session().await?;
            let member = match session.map(|session| session.subject) {
                Some(SessionSubject::Staff(id)) => here.portal.staff_member(here.library.id, id).await,
                _ => Err(service::Error::SignedOut),
            };
            match member {
                Ok(member) => {
                    here.layout.staff_name = Some(member.name.clone());
                    here.layout.staff_links = links(&here.urls, &member);
                    here.layout.has_keys = has_keys;
                    // Should the handler fail, its error page has the staff's menu.
                    request.extensions_mut().insert(here.layout.clone());
                    match audience {
                        Some(Audience::AnyStaff) => {}
                        Some(Audience::Staff(permission)) if member.may(permission) => {}
                        _ => return Err(Error::Forbidden),
                    }
                    Ok(Self { here, member })
                }
                Err(service::Error::SignedOut) => {
                    Err(Error::SeeOther(format!("{}?from=ended", here.urls.staff_sign_in())))
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}
