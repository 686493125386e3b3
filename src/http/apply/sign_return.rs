//! The way back from the signing app.

use crate::domain::ids::CosignInvitationId;
use crate::domain::library::Library;
use crate::http::error::Error;
use crate::http::languages;
use crate::http::page;
use crate::http::patron::card_return;
use crate::http::session::Visit;
use crate::http::urls::{self, Urls};
use crate::service::session::SessionToken;
use crate::service::sign::{Callback, RequestOrigin, SigningOutcome};
use crate::service::{self, Portal};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// What the app's redirect carries (RFC 6749 §4.1.2). Other parameters must be ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Returned {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Takes the app's answer and leads on: to the receipt, or to what went wrong.
pub(in crate::http) async fn complete(
    portal: web::Data<Portal>,
    visit: Visit,
    request: HttpRequest,
    returned: web::Query<Returned>,
) -> Result<HttpResponse, Error> {
    let (state, callback) = read(returned.into_inner()).ok_or(Error::ForeignSigning)?;
    // The address belongs to no library: the request tells which of this browser's sessions it is about.
    let mut asked = None;
    for token in visit.tokens_elsewhere() {
        match portal.origin_of_request(token, &state).await {
            Ok(origin) => asked = Some((origin, token.clone())),
            Err(service::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Not to sign: to sign in, or nothing of ours.
    let Some((RequestOrigin { library, handoff, invitation }, token)) = asked else {
        return card_return::complete(portal, visit, &request, state, callback).await;
    };
    if let Some(id) = invitation {
        return complete_for_guardian(portal, (library, id), token, state, callback).await;
    }
    let urls = Urls::new(&library.rules.slug, languages::preferred(&request));
    // Telephones drop connections when they change apps; a signature that was given must arrive all the same.
    let completed =
        actix_web::rt::spawn(async move { portal.complete_signing(&library, &token, &state, callback).await });
    let leads_to = match (completed.await.map_err(Error::internal)??, handoff) {
        (SigningOutcome::Submitted, None) => urls.apply_done(),
        (SigningOutcome::Submitted, Some(id)) => urls::handoff_done(id),
        (SigningOutcome::Problem(problem), None) => urls.apply_sign_problem(problem.kind()),
        (SigningOutcome::Problem(problem), Some(id)) => urls::handoff_problem(id, problem.kind()),
    };
    Ok(page::see_other(leads_to))
}

async fn complete_for_guardian(
    portal: web::Data<Portal>,
    (library, id): (Library, CosignInvitationId),
    token: SessionToken,
    state: String,
    callback: Callback,
) -> Result<HttpResponse, Error> {
    let completed =
        actix_web::rt::spawn(async move { portal.complete_cosigning(&library, &token, &state, callback).await });
    Ok(page::see_other(match completed.await.map_err(Error::internal)?? {
        SigningOutcome::Submitted => urls::cosign_done(id),
        SigningOutcome::Problem(problem) => urls::cosign_problem(id, problem.kind()),
    }))
}

fn read(returned: Returned) -> Option<(String, Callback)> {
    let callback = match (returned.code, returned.error) {
        (Some(code), None) => Callback::Code(code),
        (None, Some(error)) => Callback::Failed(error),
        _ => return None,
    };
    Some((returned.state?, callback))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returned(state: Option<&str>, code: Option<&str>, error: Option<&str>) -> Option<(String, Callback)> {
        read(Returned { state: state.map(Into::into), code: code.map(Into::into), error: error.map(Into::into) })
    }

    #[test]
    fn an_answer_is_a_code_or_an_error_and_always_has_a_state() {
        assert!(matches!(returned(Some("s"), Some("c"), None), Some((_, Callback::Code(code))) if code == "c"));
        let cancelled = returned(Some("s"), None, Some("access_denied"));
        assert!(matches!(cancelled, Some((_, Callback::Failed(code))) if code == "access_denied"));
        assert!(returned(None, Some("c"), None).is_none());
        assert!(returned(Some("s"), Some("c"), Some("access_denied")).is_none());
        assert!(returned(Some("s"), None, None).is_none());
    }
}
