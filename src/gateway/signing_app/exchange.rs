//! Requests to the app's server and what their outcome means.

use super::error::SigningAppError;
use reqwest::{Client, ClientBuilder, RequestBuilder, StatusCode, Url, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// No answer of the protocol comes near this size; a longer one is not read to its end.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The HTTP client, set up to be suspicious: no redirects, a time limit, short answers.
pub(super) struct Exchange {
    client: Client,
}

impl Exchange {
    /// Sets the client up for requests to `endpoints`.
    pub(super) fn new(timeout: Duration, endpoints: &[&Url]) -> reqwest::Result<Self> {
        let mut builder = ClientBuilder::new()
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(timeout)
            .connect_timeout(timeout)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        if endpoints.iter().all(|endpoint| endpoint.scheme() == "http") {
            // A system without root certificates must still be able to talk to itself.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self { client: builder.build()? })
    }

    /// Posts a form and reads the JSON answer.
    pub(super) async fn post_form<A: DeserializeOwned>(
        &self,
        url: Url,
        form: &[(&str, &str)],
    ) -> Result<A, SigningAppError> {
        answer(self.client.post(url).form(form)).await
    }

    /// Posts JSON under a bearer token and reads the JSON answer.
    pub(super) async fn post_json<A: DeserializeOwned>(
        &self,
        url: Url,
        bearer: &str,
        body: &impl Serialize,
    ) -> Result<A, SigningAppError> {
        answer(self.client.post(url).bearer_auth(bearer).json(body)).await
    }

    /// Reads a public JSON document.
    pub(super) async fn fetch<A: DeserializeOwned>(&self, url: Url) -> Result<A, SigningAppError> {
        answer(self.client.get(url)).await
    }

    /// Asks for the result of a transaction. A refusal that is not about the token means
    /// that there is no result.
    pub(super) async fn fetch_result<A: DeserializeOwned>(&self, url: Url, bearer: &str) -> Result<A, SigningAppError> {
        match answer(self.client.get(url).bearer_auth(bearer)).await {
            Err(SigningAppError::Refused { status }) if status != 401 && status != 403 => {
                Err(SigningAppError::NotSigned)
            }
            outcome => outcome,
        }
    }
}

async fn answer<A: DeserializeOwned>(request: RequestBuilder) -> Result<A, SigningAppError> {
    let mut response = request.send().await.map_err(|_| SigningAppError::Unreachable)?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(SigningAppError::Unreachable);
    }
    if status.is_client_error() {
        return Err(SigningAppError::Refused { status: status.as_u16() });
    }
    if !status.is_success() {
        return Err(SigningAppError::BadAnswer);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| SigningAppError::Unreachable)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(SigningAppError::BadAnswer);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|_| SigningAppError::BadAnswer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A server that gives one answer to one request, whatever it is.
    async fn server_that_answers(head: &str, body: Vec<u8>) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            let _ = stream.shutdown().await;
        });
        url
    }

    async fn outcome(head: &str, body: &[u8]) -> Result<Value, SigningAppError> {
        let url = server_that_answers(head, body.to_vec()).await;
        Exchange::new(Duration::from_secs(10), &[&url]).unwrap().fetch(url).await
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
        for (head, meaning) in [
            ("404 Not Found", SigningAppError::NotSigned),
            ("409 Conflict", SigningAppError::NotSigned),
            ("401 Unauthorized", SigningAppError::Refused { status: 401 }),
        ] {
            let url = server_that_answers(head, Vec::new()).await;
            let exchange = Exchange::new(Duration::from_secs(10), &[&url]).unwrap();
            assert_eq!(exchange.fetch_result::<Value>(url, "token").await, Err(meaning));
        }
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let exchange = Exchange::new(Duration::from_secs(10), &[&url]).unwrap();
        assert_eq!(exchange.fetch::<Value>(url).await, Err(SigningAppError::Unreachable));
    }
}
