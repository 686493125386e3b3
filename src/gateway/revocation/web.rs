//! Requests to the configured addresses: no redirects, a time limit, a size limit.

use super::state::Failure;
use crate::gateway::requests::{self, NoBody};
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use std::time::Duration;

/// How long until a server must be connected, and how long it may be silent.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a whole list may take, even at a trickle.
const LONGEST_DOWNLOAD: Duration = Duration::from_mins(15);
/// How long a responder may take.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// No list comes near this size (two million entries take some 80 MB).
pub(super) const LARGEST_LIST: usize = 256 * 1024 * 1024;
/// No answer of a responder comes near this size.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What tells the server which list we have.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    tag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

/// What a download came to.
pub(super) enum Fetched {
    /// The same list as before (status 304).
    Unchanged,
    /// A list, and what will tell it apart.
    List(Vec<u8>, Validators),
}

/// The client for all sources.
#[derive(Debug, Clone)]
pub(super) struct Web {
    client: Client,
    largest_list: usize,
}

impl Web {
    pub(super) fn new(addresses: &[&Url]) -> reqwest::Result<Self> {
        let client =
            requests::client(addresses.iter().copied()).connect_timeout(PATIENCE).read_timeout(PATIENCE).build()?;
        Ok(Self { client, largest_list: LARGEST_LIST })
    }

    /// Fetches a list, unless it is the one that `known` describes.
    pub(super) async fn fetch(&self, address: &Url, known: &Validators) -> Result<Fetched, Failure> {
        let mut request = self.client.get(address.clone()).timeout(LONGEST_DOWNLOAD);
        if let Some(tag) = &known.tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        if let Some(modified) = &known.modified {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
        let response = request.send().await.map_err(|_| Failure::Unreachable)?;
        match response.status() {
            StatusCode::NOT_MODIFIED if known.tag.is_some() || known.modified.is_some() => {
                return Ok(Fetched::Unchanged);
            }
            StatusCode::OK => {}
            other => return Err(Failure::Status(other.as_u16())),
        }
        let validators = Validators {
            tag: response.headers().get(ETAG).cloned(),
            modified: response.headers().get(LAST_MODIFIED).cloned(),
        };
        Ok(Fetched::List(body(response, self.largest_list).await?, validators))
    }

    /// Posts a question to a responder; tries once more if it cannot be reached.
    pub(super) async fn ask(&self, address: &Url, question: &[u8]) -> Result<Vec<u8>, Failure> {
        let request = || {
            let request = self.client.post(address.clone()).timeout(LONGEST_ANSWER);
            request.header(CONTENT_TYPE, "application/ocsp-request").body(question.to_vec())
        };
        match answer(request()).await {
            Err(Failure::Unreachable | Failure::Interrupted | Failure::Status(500..)) => answer(request()).await,
            settled => settled,
        }
    }
}

async fn answer(request: RequestBuilder) -> Result<Vec<u8>, Failure> {
    let response = request.send().await.map_err(|_| Failure::Unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(Failure::Status(response.status().as_u16()));
    }
    body(response, LARGEST_ANSWER).await
}

async fn body(response: Response, most: usize) -> Result<Vec<u8>, Failure> {
    requests::body(response, most).await.map_err(|no_body| match no_body {
        NoBody::TooLong => Failure::TooLarge,
        NoBody::Interrupted => Failure::Interrupted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A server that gives these answers in turn, and counts them.
    async fn server_that_answers(answers: Vec<Vec<u8>>) -> (Url, Arc<AtomicUsize>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/list.crl", listener.local_addr().unwrap())).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        (url, count)
    }

    fn http(head: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    async fn fetched(answer: Vec<u8>, most: usize) -> Result<Fetched, Failure> {
        let (url, _) = server_that_answers(vec![answer]).await;
        let web = Web { largest_list: most, ..Web::new(&[&url]).unwrap() };
        web.fetch(&url, &Validators::default()).await
    }

    #[tokio::test]
    async fn a_list_comes_whole_or_not_at_all() {
        let list = fetched(http("200 OK\r\nETag: \"a\"", b"list"), 4).await;
        assert!(matches!(list, Ok(Fetched::List(bytes, Validators { tag: Some(_), .. })) if bytes == b"list"));
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nlist".to_vec();
        assert_eq!(fetched(short, 99).await.err(), Some(Failure::Interrupted));
        assert_eq!(fetched(http("200 OK", b"lists"), 4).await.err(), Some(Failure::TooLarge));
        let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlists\r\n".to_vec();
        assert_eq!(fetched(endless, 4).await.err(), Some(Failure::TooLarge));
    }

    #[tokio::test]
    async fn other_answers_are_failures_and_redirects_are_not_followed() {
        for (head, status) in
            [("302 Found\r\nLocation: /other.crl", 302), ("404 Not Found", 404), ("304 Not Modified", 304)]
        {
            assert_eq!(fetched(http(head, b""), 9).await.err(), Some(Failure::Status(status)), "{head}");
        }
    }

    #[tokio::test]
    async fn a_responder_is_asked_once_more_and_only_once() {
        let down = http("503 Service Unavailable", b"");
        let (url, count) = server_that_answers(vec![down.clone(), http("200 OK", b"answer")]).await;
        let web = Web::new(&[&url]).unwrap();
        assert_eq!(web.ask(&url, b"question").await, Ok(b"answer".to_vec()));
        assert_eq!(count.load(Ordering::SeqCst), 2);
        let (url, count) = server_that_answers(vec![down.clone(), down.clone(), down]).await;
        assert_eq!(web.ask(&url, b"question").await, Err(Failure::Status(503)));
        assert_eq!(count.load(Ordering::SeqCst), 2);
        let (url, count) = server_that_answers(vec![http("400 Bad Request", b"")]).await;
        assert_eq!(web.ask(&url, b"question").await, Err(Failure::Status(400)));
        assert_eq!(count.load(Ordering::SeqCst), 1, "a refusal is final");
        let (url, _) = server_that_answers(vec![http("200 OK", &vec![0; LARGEST_ANSWER + 1])]).await;
        assert_eq!(web.ask(&url, b"question").await, Err(Failure::TooLarge));
    }
}
