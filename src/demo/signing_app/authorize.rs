//! The authorization endpoint: the request is checked, a card is picked, the browser goes back.

use super::SimulatedApp;
use super::cards::{self, Card, Outcome};
use super::page::{CardsPage, RefusedPage};
use super::state::{CODE_LIFE, DIGEST_INFO_LENGTH, Grant, Signed, State, VISIT_LIFE, Visit, unguessable};
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

/// How often a password may be wrong before the card locks itself.
const TRIES: u32 = 5;

/// What the page's form sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    visit: String,
    card: String,
    /// Sent where the box for encrypted results is ticked.
    sealed: Option<String>,
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
    let visit = match query.into_visit(&state, now) {
        Ok(visit) => visit,
        Err(refused) => return refused.go_back(),
    };
    let Ok(name) = unguessable() else {
        return app.refused("いまは利用できません。");
    };
    let response = app.cards_page(&name, digest_info(&state, &visit), String::new());
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
    let outcome = match (visit.transaction, digest_info(&state, &visit)) {
        (Some(_), Some(digest_info)) => card.sign(&digest_info),
        (Some(_), None) => return app.refused("署名の受付時間が過ぎました。"),
        (None, _) => match card.sign_in() {
            Ok(()) => {
                state.visits.remove(&choice.visit);
                return app.lead_back(&mut state, visit, card, now);
            }
            Err(outcome) => outcome,
        },
    };
    match outcome {
        Outcome::Signed(signature, certificate) => {
            state.visits.remove(&choice.visit);
            let signed = Signed { signature, certificate, manner: card.manner, sealed: choice.sealed.is_some() };
            if let Some(open) = visit.transaction.and_then(|id| state.transactions.get_mut(&id)) {
                open.signed = Some(signed);
            }
            app.lead_back(&mut state, visit, card, now)
        }
        Outcome::WrongPassword => app.count_wrong_password(&mut state, &choice.visit, visit),
        Outcome::Failed(code) => {
            state.visits.remove(&choice.visit);
            go_back(&visit.redirect_uri, &visit.state, &[("error", code)])
        }
    }
}

/// What a visit is to sign, while it can be signed.
fn digest_info(state: &State, visit: &Visit) -> Option<[u8; DIGEST_INFO_LENGTH]> {
    Some(state.transactions.get(&visit.transaction?)?.digest_info)
}

impl SimulatedApp {
    /// Back to the client, with a code.
    fn lead_back(&self, state: &mut State, visit: Visit, card: &Card, now: OffsetDateTime) -> HttpResponse {
        let (Ok(code), Ok(session_state)) = (unguessable(), unguessable()) else {
            return self.refused("いまは利用できません。");
        };
        let answer = [("session_state", session_state.as_str()), ("code", code.as_str())];
        let response = go_back(&visit.redirect_uri, &visit.state, &answer);
        let subject = card.subject(&self.issuer(), &self.0.client.client_id);
        state.codes.insert(code, Grant { visit, subject, manner: card.manner, expires_at: now + CODE_LIFE });
        response
    }

    /// The real app, too, says on the telephone how many tries remain, and gives up when none does.
    fn count_wrong_password(&self, state: &mut State, name: &str, visit: Visit) -> HttpResponse {
        let wrong_passwords = visit.wrong_passwords + 1;
        if wrong_passwords >= TRIES {
            state.visits.remove(name);
            return go_back(&visit.redirect_uri, &visit.state, &[("error", cards::locked())]);
        }
        let message = format!("暗証番号がちがいます。あと{}回まちがえるとロックされます。", TRIES - wrong_passwords);
        let response = self.cards_page(name, digest_info(state, &visit), message);
        state.visits.insert(name.to_owned(), Visit { wrong_passwords, ..visit });
        response
    }

    fn cards_page(&self, visit: &str, digest_info: Option<[u8; DIGEST_INFO_LENGTH]>, message: String) -> HttpResponse {
        self.page(
            StatusCode::OK,
            &CardsPage {
                action: CHOICE_PATH,
                visit,
                client_id: &self.0.client.client_id,
                fingerprint: digest_info.map(|info| HEXLOWER.encode(&info[DIGEST_INFO_LENGTH - 32..][..8])),
                may_seal: self.0.client.encryption_key.is_some(),
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
    fn into_visit(self, state: &State, now: OffsetDateTime) -> Result<Visit, RefusedRequest> {
        let echoed = self.state.clone().filter(|text| is_visible_ascii(text)).unwrap_or_default();
        match self.check(state, now) {
            Ok((transaction, expires_at)) => Ok(Visit {
                redirect_uri: self.redirect_uri,
                state: echoed,
                nonce: self.nonce.unwrap_or_default(),
                code_challenge: self.code_challenge.unwrap_or_default(),
                transaction,
                wrong_passwords: 0,
                expires_at,
            }),
            Err(error) => Err(RefusedRequest { redirect_uri: self.redirect_uri, state: echoed, error }),
        }
    }

    /// The constraints of the authorization request, in the order in which an OAuth server names them.
    fn check(&self, state: &State, now: OffsetDateTime) -> Result<(Option<Uuid>, OffsetDateTime), &'static str> {
        if self.response_type.as_deref() != Some("code") {
            return Err("unsupported_response_type");
        }
        let scopes: Vec<&str> = self.scope.as_deref().unwrap_or_default().split(' ').collect();
        if !scopes.contains(&"openid") {
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
        if !scopes.contains(&"sign") {
            let only_signs_in = self.sign_transaction_id.is_none();
            return if only_signs_in { Ok((None, now + VISIT_LIFE)) } else { Err("invalid_scope") };
        }
        let transaction =
            self.sign_transaction_id.as_deref().and_then(|id| id.parse().ok()).ok_or("invalid_request")?;
        match state.transactions.get(&transaction) {
            Some(open) if open.signed.is_none() => Ok((Some(transaction), open.expires_at)),
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
