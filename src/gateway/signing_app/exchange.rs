//! Requests to the app's server, what their outcome means, and which may be made a second time.
//!
//! One repetition, and never one that could have an effect twice:
//!
//! - what only reads (discovery, keys, a result) is asked again after any failure that may pass;
//! - what has an effect (redeeming a code, opening a transaction) is sent again only if no connection could be
//!   made, so that nothing of it had left this machine. A code that was sent and got no answer may be used up:
//!   the applicant signs again rather than the portal guessing.

use super::error::SigningAppError;
use crate::gateway::requests::{self, NoBody};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// No answer of the protocol comes near this size; a longer one is not read to its end.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a server gets to come back to itself before it is asked again.
const BREATH: Duration = Duration::from_millis(300);

/// The HTTP client, set up to be suspicious: no redirects, a time limit, short answers.
pub(super) struct Exchange {
    client: Client,
}

/// Whether a failed request may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It only reads.
    None,
    /// It must not happen twice.
    Once,
}

/// Why a request gave nothing.
#[derive(Debug)]
struct Failure {
    error: SigningAppError,
    /// Whether anything of the request may have reached the server.
    sent: bool,
    /// The `error` of a refusal (RFC 6749 §5.2).
    code: Option<String>,
}

impl Failure {
    const fn after_sending(error: SigningAppError) -> Self {
        Self { error, sent: true, code: None }
    }

    fn may_pass(&self) -> bool {
        self.error == SigningAppError::Unreachable
    }
}

/// Why a server has no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoResult {
    /// It says so, perhaps with a reason of its own.
    Refused(Option<String>),
    /// Anything else.
    Failed(SigningAppError),
}

impl Exchange {
    /// Sets the client up for requests to `endpoints`.
    pub(super) fn new<'a>(timeout: Duration, endpoints: impl IntoIterator<Item = &'a Url>) -> reqwest::Result<Self> {
        Ok(Self { client: requests::client(endpoints).timeout(timeout).connect_timeout(timeout).build()? })
    }

    /// Posts a form and reads the JSON answer.
    pub(super) async fn post_form<A: DeserializeOwned>(
        &self,
        url: Url,
        form: &[(&str, &str)],
    ) -> Result<A, SigningAppError> {
        json(answer(self.client.post(url).form(form), Effect::Once).await)
    }

    /// Posts JSON under a bearer token and reads the JSON answer.
    pub(super) async fn post_json<A: DeserializeOwned>(
        &self,
        url: Url,
        bearer: &str,
        body: &impl Serialize,
    ) -> Result<A, SigningAppError> {
        json(answer(self.client.post(url).bearer_auth(bearer).json(body), Effect::Once).await)
    }

    /// Reads a public JSON document.
    pub(super) async fn fetch<A: DeserializeOwned>(&self, url: Url) -> Result<A, SigningAppError> {
        json(answer(self.client.get(url), Effect::None).await)
    }

    /// Asks for the result of a transaction. A refusal that is not about the token means
    /// that there is no result.
    pub(super) async fn fetch_result(&self, url: Url, bearer: &str) -> Result<Vec<u8>, NoResult> {
        let accept = HeaderValue::from_static("application/json, application/jose;q=0.9");
        let request = self.client.get(url).bearer_auth(bearer).header(ACCEPT, accept);
        answer(request, Effect::None).await.map_err(|failure| match failure.error {
            SigningAppError::Refused { status } if status != 401 && status != 403 => NoResult::Refused(failure.code),
            error => NoResult::Failed(error),
        })
    }
}

/// Ends what takes too long altogether; somebody waits before a white page.
pub(super) async fn within<T>(
    overall: Duration,
    steps: impl Future<Output = Result<T, SigningAppError>>,
) -> Result<T, SigningAppError> {
    tokio::time::timeout(overall, steps).await.unwrap_or(Err(SigningAppError::Unreachable))
}

/// Makes a request, and a second time where that is safe.
async fn answer(request: RequestBuilder, effect: Effect) -> Result<Vec<u8>, Failure> {
    let again = request.try_clone();
    match (attempt(request).await, again) {
        (Err(failure), Some(again)) if may_repeat(&failure, effect) => {
            tracing::info!(sent = failure.sent, "the signing app's server did not answer: asking once more");
            tokio::time::sleep(BREATH).await;
            attempt(again).await
        }
        (outcome, _) => outcome,
    }
}

fn may_repeat(failure: &Failure, effect: Effect) -> bool {
    failure.may_pass() && (effect == Effect::None || !failure.sent)
}

async fn attempt(request: RequestBuilder) -> Result<Vec<u8>, Failure> {
    let unreachable =
        |error: reqwest::Error| Failure { error: SigningAppError::Unreachable, sent: !error.is_connect(), code: None };
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::after_sending(SigningAppError::Unreachable));
    }
    let body = requests::body(response, LONGEST_ANSWER).await.map_err(|no_body| {
        Failure::after_sending(match no_body {
            NoBody::TooLong => SigningAppError::BadAnswer,
            NoBody::Interrupted => SigningAppError::Unreachable,
        })
    })?;
    if status.is_client_error() {
        let error = SigningAppError::Refused { status: status.as_u16() };
        return Err(Failure { error, sent: true, code: error_code(&body) });
    }
    if !status.is_success() {
        return Err(Failure::after_sending(SigningAppError::BadAnswer));
    }
    Ok(body)
}

fn json<A: DeserializeOwned>(answer: Result<Vec<u8>, Failure>) -> Result<A, SigningAppError> {
    let body = answer.map_err(|failure| failure.error)?;
    serde_json::from_slice(&body).map_err(|_| SigningAppError::BadAnswer)
}

fn error_code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    serde_json::from_slice::<Refusal>(body).ok().map(|refusal| refusal.error)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A server that gives its answers in turn, one a connection, and hangs up without one once they are used up.
    pub(in crate::gateway::signing_app) struct Canned {
        pub(in crate::gateway::signing_app) url: Url,
        answers: Arc<Mutex<VecDeque<Vec<u8>>>>,
        asked: Arc<Mutex<usize>>,
    }

    impl Canned {
        pub(in crate::gateway::signing_app) async fn listen() -> Self {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
            let canned = Self { url, answers: Arc::default(), asked: Arc::default() };
            let (answers, asked) = (Arc::clone(&canned.answers), Arc::clone(&canned.asked));
            tokio::spawn(async move {
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let mut request = [0; 4096];
                    if stream.read(&mut request).await.unwrap_or_default() == 0 {
                        continue;
                    }
                    *asked.lock().unwrap() += 1;
                    let answer = answers.lock().unwrap().pop_front().unwrap_or_default();
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                }
            });
            canned
        }

        pub(in crate::gateway::signing_app) fn answer(&self, head: &str, body: impl AsRef<[u8]>) {
            let body = body.as_ref();
            let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            self.answers.lock().unwrap().push_back([head.as_bytes(), body].concat());
        }

        pub(in crate::gateway::signing_app) fn asked(&self) -> usize {
            *self.asked.lock().unwrap()
        }

        fn exchange(&self) -> Exchange {
            Exchange::new(Duration::from_secs(10), [&self.url]).unwrap()
        }
    }

    async fn outcome(head: &str, body: &[u8]) -> Result<Value, SigningAppError> {
        let server = Canned::listen().await;
        server.answer(head, body);
        server.exchange().post_form(server.url.clone(), &[]).await
    }

    #[tokio::test]
    async fn each_answer_has_one_meaning() {
        assert_eq!(outcome("200 OK", b"{}").await, Ok(serde_json::json!({})));
        assert_eq!(outcome("200 OK", b"<html>").await, Err(SigningAppError::BadAnswer));
        assert_eq!(outcome("302 Found\r\nLocation: /", b"").await, Err(SigningAppError::BadAnswer));
        assert_eq!(outcome("400 Bad Request", b"{}").await, Err(SigningAppError::Refused { status: 400 }));
        assert_eq!(outcome("429 Too Many Requests", b"").await, Err(SigningAppError::Unreachable));
        assert_eq!(outcome("503 Service Unavailable", b"").await, Err(SigningAppError::Unreachable));
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read() {
        let long = format!("\"{}\"", "x".repeat(LONGEST_ANSWER));
        assert_eq!(outcome("200 OK", long.as_bytes()).await, Err(SigningAppError::BadAnswer));
    }

    #[tokio::test]
    async fn a_missing_result_is_told_from_a_refused_token() {
        let refused_token = SigningAppError::Refused { status: 401 };
        for (head, body, meaning) in [
            ("404 Not Found", "", NoResult::Refused(None)),
            ("409 Conflict", r#"{"error":"pin_locked"}"#, NoResult::Refused(Some("pin_locked".to_owned()))),
            ("401 Unauthorized", r#"{"error":"invalid_token"}"#, NoResult::Failed(refused_token)),
        ] {
            let server = Canned::listen().await;
            server.answer(head, body);
            assert_eq!(server.exchange().fetch_result(server.url.clone(), "token").await, Err(meaning));
        }
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let exchange = Exchange::new(Duration::from_secs(10), [&url]).unwrap();
        assert_eq!(exchange.fetch::<Value>(url.clone()).await, Err(SigningAppError::Unreachable));
        let failure = attempt(exchange.client.post(url)).await.unwrap_err();
        assert!(!failure.sent && may_repeat(&failure, Effect::Once), "nothing had left this machine");
    }

    #[tokio::test]
    async fn what_only_reads_is_asked_once_more_after_any_failure() {
        for failing in ["503 Service Unavailable", "hangs up"] {
            let server = Canned::listen().await;
            match failing {
                "hangs up" => server.answers.lock().unwrap().push_back(Vec::new()),
                head => server.answer(head, ""),
            }
            server.answer("200 OK", "{}");
            let answered = server.exchange().fetch_result(server.url.clone(), "token").await;
            assert_eq!(answered, Ok(b"{}".to_vec()), "{failing}");
            assert_eq!(server.asked(), 2);
        }
        let server = Canned::listen().await;
        for _ in 0..3 {
            server.answer("503 Service Unavailable", "");
        }
        let outcome = server.exchange().fetch::<Value>(server.url.clone()).await;
        assert_eq!((outcome, server.asked()), (Err(SigningAppError::Unreachable), 2), "once more, not for ever");
    }

    #[tokio::test]
    async fn what_has_an_effect_is_never_sent_twice() {
        for failing in ["503 Service Unavailable", "200 OK\r\nX-Cut: off", "hangs up"] {
            let server = Canned::listen().await;
            match failing {
                "hangs up" => {}
                // Less than was promised: the server acted, and its answer was lost.
                head if head.contains("Cut") => {
                    let cut = format!("HTTP/1.1 {head}\r\nContent-Length: 100\r\n\r\n{{");
                    server.answers.lock().unwrap().push_back(cut.into_bytes());
                }
                head => server.answer(head, ""),
            }
            let form = server.exchange().post_form::<Value>(server.url.clone(), &[("code", "c")]).await;
            assert_eq!((form, server.asked()), (Err(SigningAppError::Unreachable), 1), "{failing}");
            let json = server.exchange().post_json::<Value>(server.url.clone(), "token", &1).await;
            assert_eq!((json, server.asked()), (Err(SigningAppError::Unreachable), 2), "{failing}");
        }
    }

    #[tokio::test]
    async fn what_takes_too_long_altogether_ends_as_unreachable() {
        let endless = std::future::pending::<Result<(), SigningAppError>>();
        assert_eq!(within(Duration::ZERO, endless).await, Err(SigningAppError::Unreachable));
        assert_eq!(within(Duration::from_secs(10), async { Ok(1) }).await, Ok(1));
    }

    #[test]
    fn a_refusal_is_not_asked_about_again() {
        let refused = Failure::after_sending(SigningAppError::Refused { status: 400 });
        assert!(!may_repeat(&refused, Effect::None));
        assert!(!may_repeat(&Failure::after_sending(SigningAppError::BadAnswer), Effect::None));
    }
}
