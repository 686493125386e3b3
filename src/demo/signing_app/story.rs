//! The portal's client against the simulated app, over a real loopback connection.

use super::{RegisteredClient, SimulatedApp, error_meanings};
use crate::clock::Clock;
use crate::demo::authority::TestAuthority;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::{
    AppSignature, CallbackError, Pkce, SigningApp, SigningAppError, SigningAppSettings, TransactionId, random_token,
};
use crate::jpki::SHA256_DIGEST_INFO_PREFIX;
use actix_web::{App, HttpServer};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64;
use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use openssl::x509::X509;
use reqwest::{StatusCode, Url, header};
use scraper::{Html, Selector};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::OnceLock;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
const CLIENT: &str = "RP00000001";
const REDIRECT: &str = "http://127.0.0.1:9/signing/return";
const STATEMENT: &[u8] = b"what the applicant declares";

struct Story {
    portal: SigningApp,
    http: reqwest::Client,
    base_url: String,
    clock: Clock,
}

/// One request to sign, as the portal keeps it.
struct Asked {
    transaction: TransactionId,
    state: String,
    nonce: String,
    pkce: Pkce,
}

fn authority() -> &'static TestAuthority {
    static AUTHORITY: OnceLock<TestAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| TestAuthority::generate(NOW).unwrap())
}

fn client_key() -> SecretSource {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    SecretSource::value(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64.encode(der.as_ref())
    ))
}

fn decryption_key() -> SecretSource {
    static KEY: OnceLock<String> = OnceLock::new();
    let make = || {
        let key = openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap()
    };
    SecretSource::value(KEY.get_or_init(make).as_str())
}

fn digest_info(message: &[u8]) -> [u8; 51] {
    let digest = digest::digest(&digest::SHA256, message);
    [SHA256_DIGEST_INFO_PREFIX.as_slice(), digest.as_ref()].concat().try_into().unwrap()
}

fn start() -> Story {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut settings =
        SigningAppSettings::for_issuer(&format!("{base_url}/api/realms/main"), CLIENT, REDIRECT, client_key()).unwrap();
    settings.errors = error_meanings();
    settings.decryption_key = Some(decryption_key());
    let portal = SigningApp::new(settings).unwrap();
    let client = RegisteredClient {
        client_id: CLIENT.to_owned(),
        public_key: portal.public_key().clone(),
        encryption_key: portal.encryption_key().cloned(),
        redirect_uris: vec![REDIRECT.to_owned()],
    };
    let clock = Clock::fixed(NOW);
    let app = SimulatedApp::new(authority(), client, &base_url, clock.clone()).unwrap();
    let server = HttpServer::new(move || App::new().configure(|config| app.configure(config)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    actix_web::rt::spawn(server);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    Story { portal, http, base_url, clock }
}

impl Story {
    async fn ask(&self) -> Asked {
        Asked {
            transaction: self.portal.open_transaction(&digest_info(STATEMENT), self.clock.now()).await.unwrap(),
            state: random_token(),
            nonce: random_token(),
            pkce: Pkce::random(),
        }
    }

    async fn address(&self, asked: &Asked) -> Url {
        let transaction = asked.transaction.to_string();
        let url = self.portal.authorization_url(&transaction, &asked.state, &asked.nonce, &asked.pkce.challenge);
        Url::parse(&url.await.unwrap()).unwrap()
    }

    /// The address with one parameter changed.
    async fn address_with(&self, asked: &Asked, name: &str, value: &str) -> Url {
        let mut url = self.address(asked).await;
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let changed = pairs.into_iter().map(|(n, v)| if n == name { (n, value.to_owned()) } else { (n, v) });
        url.query_pairs_mut().clear().extend_pairs(changed);
        url
    }

    async fn cards_page(&self, asked: &Asked) -> String {
        let response = self.http.get(self.address(asked).await).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.unwrap()
    }

    /// Presses a button of the page's own form.
    async fn press(&self, page: &str, card: &str) -> reqwest::Response {
        let (action, mut fields) = form(page);
        assert!(page.contains(&format!("value=\"{card}\"")), "no button {card}");
        fields.push(("card".to_owned(), card.to_owned()));
        self.http.post(format!("{}{action}", self.base_url)).form(&fields).send().await.unwrap()
    }

    /// The whole way through the app; yields the query of the callback.
    async fn pick(&self, asked: &Asked, card: &str) -> HashMap<String, String> {
        let page = self.cards_page(asked).await;
        callback(&self.press(&page, card).await)
    }

    async fn fetch(&self, asked: &Asked, code: &str) -> Result<AppSignature, SigningAppError> {
        let transaction = asked.transaction.to_string();
        self.portal.fetch_result(code, &asked.pkce.verifier, &asked.nonce, &transaction, self.clock.now()).await
    }
}

fn form(page: &str) -> (String, Vec<(String, String)>) {
    let page = Html::parse_document(page);
    let form = page.select(&Selector::parse("form").unwrap()).next().unwrap();
    let hidden = Selector::parse("input[type=hidden]").unwrap();
    let fields = form
        .select(&hidden)
        .map(|input| (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap().to_owned()));
    (form.attr("action").unwrap().to_owned(), fields.collect())
}

fn callback(response: &reqwest::Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    assert!(location.starts_with(&format!("{REDIRECT}?")), "{location}");
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

fn is_signed_by(message: &[u8], signature: &AppSignature) -> bool {
    let key = X509::from_der(&signature.certificate).unwrap().public_key().unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    verifier.verify_oneshot(&signature.signature, message).unwrap()
}

#[actix_web::test]
async fn a_picked_card_signs_what_was_asked() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    assert_eq!(answer["state"], asked.state);
    let signature = story.fetch(&asked, &answer["code"]).await.unwrap();
    assert!(is_signed_by(STATEMENT, &signature));
    assert!(!signature.subject.as_str().is_empty());
}

#[actix_web::test]
async fn a_broken_app_signs_another_document() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "wrong-document").await;
    let signature = story.fetch(&asked, &answer["code"]).await.unwrap();
    assert!(!is_signed_by(STATEMENT, &signature));
    assert!(is_signed_by(b"another document", &signature));
}

#[actix_web::test]
async fn cancelling_comes_back_as_access_denied() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "cancel").await;
    assert_eq!(answer["state"], asked.state);
    assert!(!answer.contains_key("code"));
    assert_eq!(CallbackError::from_code(&answer["error"]), CallbackError::Cancelled);
}

#[actix_web::test]
async fn each_failure_of_card_and_telephone_comes_back_as_a_code_that_the_client_knows() {
    let story = start();
    for (card, meaning) in [
        ("no-certificate", CallbackError::NoCertificate),
        ("locked", CallbackError::PinLocked),
        ("unreadable", CallbackError::ReadError),
        ("old-telephone", CallbackError::UnsupportedDevice),
    ] {
        let answer = story.pick(&story.ask().await, card).await;
        assert_eq!(CallbackError::from_code(&answer["error"]), CallbackError::NotCompleted, "no word of the standards");
        assert_eq!(story.portal.callback_error(&answer["error"]), meaning, "{card}");
    }
}

#[actix_web::test]
async fn five_wrong_passwords_lock_the_card() {
    let story = start();
    let mut page = story.cards_page(&story.ask().await).await;
    for remaining in ["あと4回", "あと3回", "あと2回", "あと1回"] {
        page = story.press(&page, "wrong-password").await.text().await.unwrap();
        assert!(page.contains(remaining) && page.contains("<title>エラー"), "{remaining}");
    }
    let answer = callback(&story.press(&page, "wrong-password").await);
    assert_eq!(story.portal.callback_error(&answer["error"]), CallbackError::PinLocked);
}

#[actix_web::test]
async fn a_sealed_result_says_the_same() {
    let story = start();
    let asked = story.ask().await;
    let page = story.cards_page(&asked).await;
    let (action, mut fields) = form(&page);
    fields.extend([("card", "normal"), ("sealed", "1")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let answer = story.http.post(format!("{}{action}", story.base_url)).form(&fields).send().await.unwrap();
    let signature = story.fetch(&asked, &callback(&answer)["code"]).await.unwrap();
    assert!(is_signed_by(STATEMENT, &signature));
}

#[actix_web::test]
async fn a_result_that_fails_once_is_asked_for_again() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "hiccup").await;
    assert!(is_signed_by(STATEMENT, &story.fetch(&asked, &answer["code"]).await.unwrap()));
}

#[actix_web::test]
async fn a_server_that_falls_silent_is_unreachable_and_works_again_for_the_next() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "offline").await;
    assert_eq!(story.fetch(&asked, &answer["code"]).await, Err(SigningAppError::Unreachable));
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    assert!(story.fetch(&asked, &answer["code"]).await.is_ok());
}

#[actix_web::test]
async fn whoever_signs_in_is_the_one_who_signed() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    let signer = story.fetch(&asked, &answer["code"]).await.unwrap().subject;
    for (card, is_the_same) in
        [("expired", true), ("other-person", false), ("no-certificate", false), ("renewed", false)]
    {
        let (state, nonce, pkce) = (random_token(), random_token(), Pkce::random());
        let address = story.portal.sign_in_url(&state, &nonce, &pkce.challenge).await.unwrap();
        let page = story.http.get(address).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("マイナンバーカードでサインイン") && !page.contains("指紋"));
        let answer = callback(&story.press(&page, card).await);
        let subject = story.portal.fetch_subject(&answer["code"], &pkce.verifier, &nonce, NOW).await.unwrap();
        assert_eq!(subject == signer, is_the_same, "{card}");
    }
}

#[actix_web::test]
async fn a_code_counts_once() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    story.fetch(&asked, &answer["code"]).await.unwrap();
    assert_eq!(story.fetch(&asked, &answer["code"]).await, Err(SigningAppError::Refused { status: 400 }));
}

#[actix_web::test]
async fn a_code_is_worth_nothing_without_its_verifier() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    let thief = Asked { pkce: Pkce::random(), ..asked };
    assert_eq!(story.fetch(&thief, &answer["code"]).await, Err(SigningAppError::Refused { status: 400 }));
}

#[actix_web::test]
async fn an_answer_to_another_nonce_is_noticed() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    let mixed_up = Asked { nonce: random_token(), ..asked };
    let outcome = story.fetch(&mixed_up, &answer["code"]).await;
    assert_eq!(outcome, Err(SigningAppError::InvalidToken { why: "nonce" }));
}

#[actix_web::test]
async fn a_code_opens_no_other_transaction() {
    let story = start();
    let (asked, other) = (story.ask().await, story.ask().await);
    let answer = story.pick(&asked, "normal").await;
    let mixed_up = Asked { transaction: other.transaction, ..asked };
    assert_eq!(story.fetch(&mixed_up, &answer["code"]).await, Err(SigningAppError::NotSigned));
}

#[actix_web::test]
async fn a_code_grows_old() {
    let story = start();
    let asked = story.ask().await;
    let answer = story.pick(&asked, "normal").await;
    story.clock.advance(Duration::minutes(1));
    assert_eq!(story.fetch(&asked, &answer["code"]).await, Err(SigningAppError::Refused { status: 400 }));
}

#[actix_web::test]
async fn a_transaction_ends_after_half_an_hour() {
    let story = start();
    let asked = story.ask().await;
    let page = story.cards_page(&asked).await;
    story.clock.advance(Duration::minutes(30));
    assert_eq!(story.press(&page, "normal").await.status(), StatusCode::BAD_REQUEST);
    let late = story.http.get(story.address(&asked).await).send().await.unwrap();
    assert_eq!(callback(&late)["error"], "invalid_request");
}

#[actix_web::test]
async fn a_transaction_is_signed_once() {
    let story = start();
    let asked = story.ask().await;
    let page = story.cards_page(&asked).await;
    callback(&story.press(&page, "normal").await);
    assert_eq!(story.press(&page, "other-person").await.status(), StatusCode::BAD_REQUEST);
    let again = story.http.get(story.address(&asked).await).send().await.unwrap();
    assert_eq!(callback(&again)["error"], "invalid_request");
}

#[actix_web::test]
async fn a_foreign_way_back_gets_a_page_and_no_redirect() {
    let story = start();
    let asked = story.ask().await;
    for (name, value) in [("redirect_uri", "https://evil.example/"), ("client_id", "RP9")] {
        let url = story.address_with(&asked, name, value).await;
        let response = story.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{name}");
        assert!(!response.headers().contains_key(header::LOCATION));
    }
}

#[actix_web::test]
async fn each_unsound_request_goes_back_with_its_error() {
    let story = start();
    let asked = story.ask().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "openid", "invalid_scope"),
        ("scope", "sign", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("sign_transaction_id", "5d9e7d6c-0000-4000-8000-000000000000", "invalid_request"),
    ] {
        let url = story.address_with(&asked, name, value).await;
        let response = story.http.get(url).send().await.unwrap();
        let answer = callback(&response);
        assert_eq!((answer["error"].as_str(), answer["state"].as_str()), (error, asked.state.as_str()), "{name}");
    }
}

#[actix_web::test]
async fn the_page_says_that_it_is_for_practice_and_runs_no_script() {
    let story = start();
    let asked = story.ask().await;
    let response = story.http.get(story.address(&asked).await).send().await.unwrap();
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:9;"));
    let page = response.text().await.unwrap();
    assert!(page.contains("これは練習用のアプリです"));
    assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));
    let style = story.http.get(format!("{}/assets/app.css", story.base_url)).send().await.unwrap();
    assert_eq!(style.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
}

#[actix_web::test]
async fn nobody_opens_a_transaction_without_the_clients_key() {
    let story = start();
    let response = story
        .http
        .post(format!("{}/api/sign-transactions", story.base_url))
        .bearer_auth("made-up")
        .json(&serde_json::json!({ "digest": BASE64.encode(&digest_info(STATEMENT)) }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);

    let issuer = format!("{}/api/realms/main", story.base_url);
    let settings = SigningAppSettings::for_issuer(&issuer, CLIENT, REDIRECT, client_key()).unwrap();
    let impostor = SigningApp::new(settings).unwrap();
    let outcome = impostor.open_transaction(&digest_info(STATEMENT), NOW).await;
    assert_eq!(outcome, Err(SigningAppError::Refused { status: 401 }));
}
