//! The authorization endpoint: the request is checked, a card is picked, the browser goes back.

use super::SimulatedApp;
use super::cards::{Card, Outcome};
use super::page::{CardsPage, RefusedPage};
use super::state::{CODE_LIFE, DIGEST_INFO_LENGTH, Grant, Signed, State, Visit, unguessable};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;
use reqwest::Url;
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

/// Where the page's form goes.
pub(super) const CHOICE_PATH: &str = "/api/realms/main/login-actions/authenticate";
/// What the cancel button sends in place of a card.
const CANCEL: &str = "cancel";

#[derive(Deserialize)]
struct Query {
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    sign_transaction_id: Option<String>,
}

/// What the page's form sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    visit: String,
    card: String,
}

/// Shows the cards for a sound request. A request that names another client or way back
/// gets a page, never a redirect (RFC 6749 §4.1.2.1): who knows where it would lead.
pub(super) async fn show(app: web::Data<SimulatedApp>, request: HttpRequest) -> HttpResponse {
    let Ok(query) = serde_html_form::from_str::<Query>(request.query_string()) else {
        return app.refused("リクエストの形式が正しくありません。");
    };
    if query.client_id != app.0.client.client_id || !app.0.client.redirect_uris.contains(&query.redirect_uri) {
        return app.refused("登録されていないサービスからのリクエストです。");
    }
    let now = app.0.clock.now();
    let mut state = app.state();
    state.forget_expired(now);
    let visit = match query.into_visit(&state) {
        Ok(visit) => visit,
        Err(refused) => return refused.go_back(),
    };
    let Ok(name) = unguessable() else {
        return app.refused("いまは利用できません。");
    };
    let response = app.cards_page(&name, &state.transactions[&visit.transaction].digest_info, None);
    state.visits.insert(name, visit);
    response
}

/// Takes the picked card (or the cancellation) and sends the browser back.
pub(super) async fn submit(app: web::Data<SimulatedApp>, choice: web::Form<Choice>) -> HttpResponse {
    let now = app.0.clock.now();
    let mut state = app.state();
    state.forget_expired(now);
    let Some(visit) = state.visits.get(&choice.visit).cloned() else {
        return app.refused("このページの有効期限が切れたか、すでに使われています。");
    };
    if choice.card == CANCEL {
        state.visits.remove(&choice.visit);
        return go_back(&visit.redirect_uri, &visit.state, &[("error", "access_denied")]);
    }
    let Some(card) = app.0.cards.iter().find(|card| card.key == choice.card) else {
        return app.refused("そのカードはありません。");
    };
    let Some(digest_info) = state.transactions.get(&visit.transaction).map(|transaction| transaction.digest_info)
    else {
        return app.refused("署名の受付時間が過ぎました。");
    };
    match card.answer(&digest_info) {
        Outcome::Signed(signed) => {
            state.visits.remove(&choice.visit);
            app.signed(&mut state, visit, card, signed, now)
        }
        // The real app, too, says so on the telephone and lets the person take another card.
        Outcome::Refused(message) => app.cards_page(&choice.visit, &digest_info, Some(message)),
    }
}

impl SimulatedApp {
    fn signed(
        &self,
        state: &mut State,
        visit: Visit,
        card: &Card,
        signed: Signed,
        now: OffsetDateTime,
    ) -> HttpResponse {
        let Ok(code) = unguessable() else {
            return self.refused("いまは利用できません。");
        };
        let Some(transaction) = state.transactions.get_mut(&visit.transaction) else {
            return self.refused("署名の受付時間が過ぎました。");
        };
        transaction.signed = Some(signed);
        let session_state = visit.transaction.to_string();
        let response = go_back(
            &visit.redirect_uri,
            &visit.state,
            &[("session_state", session_state.as_str()), ("code", code.as_str())],
        );
        let subject = card.subject(&self.issuer(), &self.0.client.client_id);
        state.codes.insert(code, Grant { visit, subject, expires_at: now + CODE_LIFE });
        response
    }

    fn cards_page(
        &self,
        visit: &str,
        digest_info: &[u8; DIGEST_INFO_LENGTH],
        message: Option<&'static str>,
    ) -> HttpResponse {
        self.page(
            StatusCode::OK,
            &CardsPage {
                action: CHOICE_PATH,
                visit,
                client_id: &self.0.client.client_id,
                fingerprint: HEXLOWER.encode(&digest_info[DIGEST_INFO_LENGTH - 32..][..8]),
                cards: &self.0.cards,
                message,
            },
        )
    }

    fn refused(&self, reason: &'static str) -> HttpResponse {
        self.page(StatusCode::BAD_REQUEST, &RefusedPage { reason })
    }
}

/// A request that is refused by going back with an `error`.
struct RefusedRequest {
    redirect_uri: String,
    state: String,
    error: &'static str,
}

impl RefusedRequest {
    fn go_back(&self) -> HttpResponse {
        go_back(&self.redirect_uri, &self.state, &[("error", self.error)])
    }
}

impl Query {
    fn into_visit(self, state: &State) -> Result<Visit, RefusedRequest> {
        let echoed = self.state.clone().filter(|text| is_visible_ascii(text)).unwrap_or_default();
        match self.check(state) {
            Ok((transaction, expires_at)) => Ok(Visit {
                redirect_uri: self.redirect_uri,
                state: echoed,
                nonce: self.nonce.unwrap_or_default(),
                code_challenge: self.code_challenge.unwrap_or_default(),
                transaction,
                expires_at,
            }),
            Err(error) => Err(RefusedRequest { redirect_uri: self.redirect_uri, state: echoed, error }),
        }
    }

    /// The constraints of the authorization request, in the order in which an OAuth server names them.
    fn check(&self, state: &State) -> Result<(Uuid, OffsetDateTime), &'static str> {
        if self.response_type.as_deref() != Some("code") {
            return Err("unsupported_response_type");
        }
        let scopes: Vec<&str> = self.scope.as_deref().unwrap_or_default().split(' ').collect();
        if !(scopes.contains(&"openid") && scopes.contains(&"sign")) {
            return Err("invalid_scope");
        }
        let challenge = self.code_challenge.as_deref().unwrap_or_default();
        // A SHA-256 in base64url has 43 characters; `plain` is not offered.
        let proof_promised = challenge.len() == 43
            && challenge.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && self.code_challenge_method.as_deref() == Some("S256");
        let names_given =
            [&self.state, &self.nonce].into_iter().flatten().filter(|text| is_visible_ascii(text)).count();
        if !proof_promised || names_given != 2 {
            return Err("invalid_request");
        }
        let transaction =
            self.sign_transaction_id.as_deref().and_then(|id| id.parse().ok()).ok_or("invalid_request")?;
        match state.transactions.get(&transaction) {
            Some(open) if open.signed.is_none() => Ok((transaction, open.expires_at)),
            _ => Err("invalid_request"),
        }
    }
}

fn is_visible_ascii(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

/// Back to the client, with 303 so that a form is not sent on.
fn go_back(redirect_uri: &str, state: &str, answer: &[(&str, &str)]) -> HttpResponse {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return HttpResponse::InternalServerError().finish();
    };
    url.query_pairs_mut().append_pair("state", state).extend_pairs(answer);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}
