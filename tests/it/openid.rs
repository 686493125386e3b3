//! The signing app's client against an OpenID provider that others wrote: `tests/openid`, run by Node.

use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use openssl::x509::X509;
use reqwest::{Client, StatusCode, Url, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use time::OffsetDateTime;
use todoke::clock::Clock;
use todoke::demo::authority::{CardHolder, CardKey, Fault, TestAuthority};
use todoke::gateway::signing_app::{
    AppSignature, Pkce, SigningApp, SigningAppError, SigningAppSettings, TransactionId, random_token,
};
use todoke::jpki::SHA256_DIGEST_INFO_PREFIX;
use uuid::Uuid;

const CLIENT: &str = "RP00000001";
const REDIRECT: &str = "http://127.0.0.1:9/signing/return";
const STATEMENT: &[u8] = b"what the applicant declares";

/// How a provider is set up.
#[derive(Clone, Copy)]
struct Manner {
    assertion: &'static str,
    id_token: &'static str,
    /// What is encrypted: nothing, the whole result, or the certificate.
    sealed: &'static str,
}

const ELLIPTIC: Manner = Manner { assertion: "ES256", id_token: "ES256", sealed: "nothing" };

/// A running provider, and our client of it.
struct Story {
    app: SigningApp,
    http: Client,
    issuer: String,
    provider: Child,
    folder: PathBuf,
}

/// One request to sign, as the portal keeps it.
struct Asked {
    transaction: TransactionId,
    state: String,
    nonce: String,
    pkce: Pkce,
}

fn now() -> OffsetDateTime {
    Clock::System.now()
}

/// Making keys takes longer than telling a story.
fn keys() -> &'static (TestAuthority, CardKey, String) {
    static KEYS: OnceLock<(TestAuthority, CardKey, String)> = OnceLock::new();
    KEYS.get_or_init(|| (TestAuthority::generate(now()).unwrap(), CardKey::generate().unwrap(), rsa_pem()))
}

fn rsa_pem() -> String {
    let key = openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

fn ec_pem() -> String {
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let key = openssl::pkey::PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
    String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

/// The configuration as an operator would write it: everything that differs from the Digital Authentication App.
fn settings(issuer: &str, assertion_key: &str) -> SigningAppSettings {
    let text = format!(
        r#"
        issuer = "{issuer}"
        client_id = "{CLIENT}"
        redirect_uri = "{REDIRECT}"
        discovery = true
        sign_transactions_endpoint = "{issuer}/api/sign-transactions"
        client_credentials_scope = "sign"
        acr_values = "aal3 crl"
        required_acr = "aal3"
        kid = "our-key"
        order = {{ purpose = "図書館カードの申込み", data = {{ version = 1 }} }}
        assertion_key = {{ value = """{assertion_key}""" }}
        decryption_key = {{ value = """{}""" }}
        [fields]
        digest = "data.digests.0.value"
        id = "data.transaction.id"
        signature = "data.signature"
        certificate = "/data/certificate"
        "#,
        keys().2
    );
    toml::from_str(&text).unwrap()
}

impl Story {
    fn begin(manner: Manner) -> Self {
        let module = std::path::absolute("tests/openid").unwrap();
        assert!(
            module.join("node_modules/oidc-provider").is_dir(),
            "the OpenID provider is not installed: npm ci --prefix tests/openid"
        );
        let assertion_key = if manner.assertion == "ES256" { ec_pem() } else { rsa_pem() };
        let keys_only = SigningApp::new(settings("http://127.0.0.1:9", &assertion_key)).unwrap();
        let folder = std::env::temp_dir().join(format!("todoke-openid-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        let (authority, card_key, _) = keys();
        let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
        let card = authority.issue(&holder, Fault::None, card_key, now()).unwrap();
        std::fs::write(folder.join("card.key"), card.key().to_pkcs8().unwrap()).unwrap();
        std::fs::write(folder.join("card.der"), card.certificate_der()).unwrap();
        let registration = json!({
            "clientId": CLIENT,
            "redirectUri": REDIRECT,
            "assertionAlg": manner.assertion,
            "idTokenAlg": manner.id_token,
            "sealed": manner.sealed,
            "signatureKey": keys_only.public_key(),
            "encryptionKey": keys_only.encryption_key(),
            "card": { "key": folder.join("card.key"), "certificate": folder.join("card.der") },
        });
        std::fs::write(folder.join("settings.json"), registration.to_string()).unwrap();
        let mut provider = Command::new("node")
            .arg(module.join("provider.mjs"))
            .arg(folder.join("settings.json"))
            .env("NODE_ENV", "test")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node 20.19 or newer is needed");
        let mut line = String::new();
        BufReader::new(provider.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the provider says where it listens");
        let issuer = ready["issuer"].as_str().unwrap().to_owned();
        let app = SigningApp::new(settings(&issuer, &assertion_key)).unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { app, http, issuer, provider, folder }
    }

    async fn ask(&self) -> Asked {
        let digest = openssl::sha::sha256(STATEMENT);
        let digest_info = [SHA256_DIGEST_INFO_PREFIX.as_slice(), &digest].concat().try_into().unwrap();
        Asked {
            transaction: self.app.open_transaction(&digest_info, now()).await.unwrap(),
            state: random_token(),
            nonce: random_token(),
            pkce: Pkce::random(),
        }
    }

    /// The way through the provider's pages as a browser walks it, with its cookies; yields the callback's query.
    async fn walk(&self, address: String) -> BTreeMap<String, String> {
        let (mut address, mut cookies) = (Url::parse(&address).unwrap(), BTreeMap::new());
        for _ in 0..10 {
            let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = self.http.get(address.clone()).header(header::COOKIE, jar.join("; ")).send().await.unwrap();
            for cookie in answer.headers().get_all(header::SET_COOKIE) {
                let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let Some(to) = to else { panic!("{address}: {} {}", answer.status(), answer.text().await.unwrap()) };
            address = address.join(&to).unwrap();
            if address.as_str().starts_with(REDIRECT) {
                return address.query_pairs().into_owned().collect();
            }
        }
        panic!("the provider leads on and on");
    }

    async fn sign(&self, asked: &Asked) -> BTreeMap<String, String> {
        let transaction = asked.transaction.to_string();
        let address = self.app.authorization_url(&transaction, &asked.state, &asked.nonce, &asked.pkce.challenge);
        let callback = self.walk(address.await.unwrap()).await;
        assert_eq!(callback["state"], asked.state);
        callback
    }

    async fn fetch(&self, asked: &Asked, code: &str) -> Result<AppSignature, SigningAppError> {
        let transaction = asked.transaction.to_string();
        self.app.fetch_result(code, &asked.pkce.verifier, &asked.nonce, &transaction, now()).await
    }

    /// The whole way, and a look at what came of it.
    async fn signed(&self) -> AppSignature {
        let asked = self.ask().await;
        let callback = self.sign(&asked).await;
        let signature = self.fetch(&asked, &callback["code"]).await.unwrap();
        assert_eq!(signature.certificate, std::fs::read(self.folder.join("card.der")).unwrap());
        let key = X509::from_der(&signature.certificate).unwrap().public_key().unwrap();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
        assert!(verifier.verify_oneshot(&signature.signature, STATEMENT).unwrap(), "the card signed the statement");
        signature
    }

    async fn test_route(&self, name: &str) -> Value {
        let answer = self.http.get(format!("{}/test/{name}", self.issuer)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        let _ = self.provider.kill();
        let _ = self.provider.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_signature_comes_back_in_each_form() {
    let manners = [
        ELLIPTIC,
        Manner { sealed: "whole", ..ELLIPTIC },
        Manner { assertion: "RS256", id_token: "RS256", sealed: "certificate" },
    ];
    for manner in manners {
        let story = Story::begin(manner);
        story.signed().await;
        assert_eq!(story.test_route("asked").await, json!({ "token": 2, "jwks": 1, "discovery": 1 }));
        // What is known need not be asked for again.
        story.signed().await;
        assert_eq!(story.test_route("asked").await, json!({ "token": 4, "jwks": 1, "discovery": 1 }));
    }
}

#[tokio::test]
async fn changed_keys_are_noticed() {
    let story = Story::begin(ELLIPTIC);
    story.signed().await;
    story.test_route("rotate").await;
    story.signed().await;
    assert_eq!(story.test_route("asked").await["jwks"], 2);
}

#[tokio::test]
async fn whoever_signs_in_is_the_one_who_signed() {
    let story = Story::begin(ELLIPTIC);
    let signer = story.signed().await.subject;
    let (state, nonce, pkce) = (random_token(), random_token(), Pkce::random());
    let address = story.app.sign_in_url(&state, &nonce, &pkce.challenge).await.unwrap();
    assert!(!address.contains("sign_transaction_id") && address.contains("scope=openid&"), "{address}");
    let callback = story.walk(address).await;
    let subject = story.app.fetch_subject(&callback["code"], &pkce.verifier, &nonce, now()).await.unwrap();
    assert_eq!(subject, signer);
    assert_ne!(subject.as_str(), "holder-of-the-card", "the name is pairwise");
}

#[tokio::test]
async fn a_code_counts_once() {
    let story = Story::begin(ELLIPTIC);
    let asked = story.ask().await;
    let callback = story.sign(&asked).await;
    story.fetch(&asked, &callback["code"]).await.unwrap();
    assert_eq!(story.fetch(&asked, &callback["code"]).await, Err(SigningAppError::Refused { status: 400 }));
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier() {
    let story = Story::begin(ELLIPTIC);
    let asked = story.ask().await;
    let callback = story.sign(&asked).await;
    let thief = Asked { pkce: Pkce::random(), ..asked };
    assert_eq!(story.fetch(&thief, &callback["code"]).await, Err(SigningAppError::Refused { status: 400 }));
}

#[tokio::test]
async fn an_answer_to_another_nonce_is_noticed() {
    let story = Story::begin(ELLIPTIC);
    let asked = story.ask().await;
    let callback = story.sign(&asked).await;
    let mixed_up = Asked { nonce: random_token(), ..asked };
    let outcome = story.fetch(&mixed_up, &callback["code"]).await;
    assert_eq!(outcome, Err(SigningAppError::InvalidToken { why: "nonce" }));
}

#[tokio::test]
async fn a_code_opens_no_other_transaction() {
    let story = Story::begin(ELLIPTIC);
    let (asked, other) = (story.ask().await, story.ask().await);
    let callback = story.sign(&asked).await;
    let mixed_up = Asked { transaction: other.transaction, ..asked };
    assert_eq!(story.fetch(&mixed_up, &callback["code"]).await, Err(SigningAppError::NotSigned));
}

#[tokio::test]
async fn another_key_opens_no_transaction() {
    let story = Story::begin(ELLIPTIC);
    let impostor = SigningApp::new(settings(&story.issuer, &ec_pem())).unwrap();
    let outcome = impostor.open_transaction(&[0; 51], now()).await;
    assert_eq!(outcome, Err(SigningAppError::Refused { status: 401 }));
}

#[test]
fn the_registered_keys_hold_nothing_private() {
    let app = SigningApp::new(settings("http://127.0.0.1:9", &ec_pem())).unwrap();
    for key in [Some(app.public_key()), app.encryption_key()] {
        let key = serde_json::to_value(key.unwrap()).unwrap();
        assert!(key.get("d").is_none() && key.get("kty").is_some(), "{key}");
    }
}
