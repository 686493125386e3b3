//! The token endpoint: proofs in, tokens out.

use super::SimulatedApp;
use super::client::Credentials;
use super::refusal::Refusal;
use super::state::{Grant, Holder, Manner, State, TOKEN_LIFE, Token, unguessable};
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use aws_lc_rs::digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// The key's name in the published set.
const KEY_NAME: &str = "simulated-1";

/// The key that signs ID tokens; made anew at each start.
pub(super) struct IssuerKey {
    private: EncodingKey,
    public: Jwk,
}

/// The body of a token request.
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
}

impl IssuerKey {
    pub(super) fn generate() -> Result<Self, Unspecified> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1()?.as_ref());
        let mut public = Jwk::from_encoding_key(&private, Algorithm::ES256).map_err(|_| Unspecified)?;
        public.common.key_id = Some(KEY_NAME.to_owned());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public })
    }
}

/// The published keys.
pub(super) async fn show_keys(app: web::Data<SimulatedApp>) -> HttpResponse {
    HttpResponse::Ok().json(JwkSet { keys: vec![app.0.issuer_key.public.clone()] })
}

/// Turns a client's proof, and perhaps a person's code, into an access token.
pub(super) async fn issue(
    app: web::Data<SimulatedApp>,
    form: web::Form<TokenRequest>,
) -> Result<HttpResponse, Refusal> {
    let request = form.into_inner();
    let now = app.0.clock.now();
    let mut state = app.state();
    state.forget_expired(now);
    let credentials = Credentials {
        client_id: request.client_id.as_deref(),
        assertion_type: request.client_assertion_type.as_deref(),
        assertion: request.client_assertion.as_deref(),
    };
    app.0.client.authenticate(&credentials, &app.token_endpoint(), &mut state, now)?;
    let answer = match request.grant_type.as_str() {
        "client_credentials" => {
            let access_token = hand_out(&mut state, Holder::Client, now)?;
            json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_LIFE.whole_seconds() })
        }
        "authorization_code" => {
            let grant = redeem(&mut state, &request, now)?;
            if grant.manner == Manner::Offline {
                return Err(Refusal::Unavailable);
            }
            let holder = Holder::Person { subject: grant.subject.clone(), transaction: grant.visit.transaction };
            let access_token = hand_out(&mut state, holder, now)?;
            let id_token = app.id_token(&grant, &access_token, now)?;
            json!({
                "access_token": access_token,
                "id_token": id_token,
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFE.whole_seconds(),
                "scope": if grant.visit.transaction.is_some() { "openid sign" } else { "openid" },
            })
        }
        _ => return Err(Refusal::UnsupportedGrantType),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

fn hand_out(state: &mut State, holder: Holder, now: OffsetDateTime) -> Result<String, Refusal> {
    let name = unguessable()?;
    state.tokens.insert(name.clone(), Token { holder, expires_at: now + TOKEN_LIFE });
    Ok(name)
}

/// A code is used up by the first who shows it, right or wrong.
fn redeem(state: &mut State, request: &TokenRequest, now: OffsetDateTime) -> Result<Grant, Refusal> {
    let code = request.code.as_deref().ok_or(Refusal::InvalidRequest)?;
    let grant = state.codes.remove(code).ok_or(Refusal::InvalidGrant)?;
    let verifier = request.code_verifier.as_deref().ok_or(Refusal::InvalidGrant)?;
    let proved = (43..=128).contains(&verifier.len()) && s256(verifier) == grant.visit.code_challenge;
    let same_way_back = request.redirect_uri.as_ref() == Some(&grant.visit.redirect_uri);
    if proved && same_way_back && grant.expires_at > now { Ok(grant) } else { Err(Refusal::InvalidGrant) }
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
fn s256(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}

impl SimulatedApp {
    fn id_token(&self, grant: &Grant, access_token: &str, now: OffsetDateTime) -> Result<String, Refusal> {
        let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
        let claims: Value = json!({
            "iss": self.issuer(),
            "sub": grant.subject,
            "aud": self.0.client.client_id,
            "azp": self.0.client.client_id,
            "nonce": grant.visit.nonce,
            "iat": now.unix_timestamp(),
            "auth_time": now.unix_timestamp(),
            "exp": (now + TOKEN_LIFE).unix_timestamp(),
            "at_hash": BASE64URL_NOPAD.encode(&hash.as_ref()[..16]),
            "acr": "aal3",
        });
        let header = Header { kid: Some(KEY_NAME.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &claims, &self.0.issuer_key.private).map_err(|_| Refusal::ServerError)
    }
}
