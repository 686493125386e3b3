//! Requests to sign and their results, as programs see them.

use super::SimulatedApp;
use super::bearer::holder;
use super::refusal::Refusal;
use super::sealed;
use super::state::{DIGEST_INFO_LENGTH, Holder, Manner, Signed, TRANSACTION_LIFE, Transaction};
use crate::jpki::SHA256_DIGEST_INFO_PREFIX;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// The body of a request to sign.
#[derive(Deserialize)]
pub(super) struct Order {
    digest: String,
}

/// Opens a transaction for the client.
pub(super) async fn open(
    app: web::Data<SimulatedApp>,
    request: HttpRequest,
    order: web::Json<Order>,
) -> Result<HttpResponse, Refusal> {
    if holder(&app, &request)? != Holder::Client {
        return Err(Refusal::InsufficientScope);
    }
    let digest_info = digest_info(&order.digest).ok_or(Refusal::InvalidRequest)?;
    let (id, now) = (Uuid::new_v4(), app.0.clock.now());
    let mut state = app.state();
    state.forget_expired(now);
    let transaction = Transaction { digest_info, expires_at: now + TRANSACTION_LIFE, signed: None };
    state.transactions.insert(id, transaction);
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "id": id.to_string() })))
}

/// Gives signature and certificate to whoever holds the token of the person who signed.
pub(super) async fn show_result(
    app: web::Data<SimulatedApp>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let Holder::Person { transaction: Some(transaction), .. } = holder(&app, &request)? else {
        return Err(Refusal::InsufficientScope);
    };
    if id.parse() != Ok(transaction) {
        return Err(Refusal::NotFound);
    }
    let signed = take_signed(&app, transaction)?;
    match signed.manner {
        Manner::Slow => actix_web::rt::time::sleep(app.0.slowness).await,
        Manner::Hiccup => return Err(Refusal::Unavailable),
        Manner::Prompt | Manner::Offline => {}
    }
    let result = json!({
        "signature": BASE64.encode(&signed.signature),
        "certificate": BASE64.encode(&signed.certificate),
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    match &app.0.client.encryption_key {
        Some(key) if signed.sealed => {
            let sealed = sealed::for_client(key, result.to_string().as_bytes())?;
            Ok(response.content_type("application/jose").body(sealed))
        }
        _ => Ok(response.json(result)),
    }
}

/// The signature of a transaction. A hiccup happens once.
fn take_signed(app: &SimulatedApp, transaction: Uuid) -> Result<Signed, Refusal> {
    let now = app.0.clock.now();
    let mut state = app.state();
    let open = state.transactions.get_mut(&transaction).filter(|transaction| transaction.expires_at > now);
    let signed = open.and_then(|transaction| transaction.signed.as_mut()).ok_or(Refusal::NotFound)?;
    let answer = signed.clone();
    if signed.manner == Manner::Hiccup {
        signed.manner = Manner::Prompt;
    }
    Ok(answer)
}

fn digest_info(base64: &str) -> Option<[u8; DIGEST_INFO_LENGTH]> {
    let bytes: [u8; DIGEST_INFO_LENGTH] = BASE64.decode(base64.as_bytes()).ok()?.try_into().ok()?;
    bytes.starts_with(&SHA256_DIGEST_INFO_PREFIX).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sha256_digest_info_can_be_signed() {
        let whole = [SHA256_DIGEST_INFO_PREFIX.as_slice(), &[7; 32]].concat();
        assert!(digest_info(&BASE64.encode(&whole)).is_some());
        let bare_digest = BASE64.encode(&[7; 32]);
        let sha1_named = BASE64.encode(&[0x30; 51]);
        let too_long = BASE64.encode(&[whole.as_slice(), &[0]].concat());
        for refused in [bare_digest.as_str(), &sha1_named, &too_long, "not base64", ""] {
            assert!(digest_info(refused).is_none(), "{refused}");
        }
    }
}
