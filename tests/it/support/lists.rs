//! Revocation lists of the stories' authority, and a server that hands them out.

use super::app::{Submitted, TestApp};
use reqwest::Url;
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, LazyLock, Mutex};
use time::{Duration, OffsetDateTime};
use todoke::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation};
use todoke::jpki::{Certificate, RevocationReason};
use todoke::store::signatures;

/// The servers by the portal that asks them: a stage is set before its story has hands.
static SERVERS: LazyLock<Mutex<HashMap<String, ListServer>>> = LazyLock::new(Mutex::default);

/// A server on loopback whose one answer the story changes; at first it is out of order.
#[derive(Clone)]
pub(crate) struct ListServer {
    url: Url,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl ListServer {
    /// Starts the server of one portal.
    pub(crate) fn start(portal: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/himeji.crl", listener.local_addr().unwrap()).parse().unwrap();
        let server = Self { url, answer: Arc::default() };
        server.answer("503 Service Unavailable", b"");
        let answer = Arc::clone(&server.answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.read(&mut [0; 8192]);
                let bytes = answer.lock().unwrap().clone();
                let _ = stream.write_all(&bytes);
            }
        });
        SERVERS.lock().unwrap().insert(portal.to_owned(), server.clone());
        server
    }

    /// The server of one portal.
    pub(crate) fn of(portal: &str) -> Self {
        SERVERS.lock().unwrap()[portal].clone()
    }

    /// Where it is.
    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// What it answers from now on.
    pub(crate) fn answer(&self, head: &str, body: &[u8]) {
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        *self.answer.lock().unwrap() = [head.as_bytes(), body].concat();
    }
}

/// The entry that revokes an applicant's certificate.
pub(crate) async fn entry(app: &TestApp, submitted: &Submitted, at: OffsetDateTime) -> Revocation {
    let application = app.application("himeji", &submitted.reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let evidence = signatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
    let serial = Certificate::parse(&evidence.certificate).unwrap().serial_number().to_vec();
    Revocation { serial, at, reason: RevocationReason::AffiliationChanged }
}

/// A list made now that holds for a week; it names one applicant's certificate if told to.
pub(crate) async fn list(app: &TestApp, number: u32, revoked: Option<(&Submitted, OffsetDateTime)>) -> Vec<u8> {
    let mut entries = Vec::new();
    if let Some((submitted, at)) = revoked {
        entries.push(entry(app, submitted, at).await);
    }
    let order = CrlOrder {
        municipality: &Municipality::default(),
        revoked: &entries,
        this_update: app.now(),
        next_update: app.now() + Duration::days(7),
        number,
        fault: CrlFault::None,
    };
    app.stage.authority.crl(&order).unwrap()
}

/// A new list comes into force; it names the applicant's certificate if it was revoked at that time.
pub(crate) async fn publish(app: &TestApp, number: u32, revoked: Option<(&Submitted, OffsetDateTime)>) {
    let der = list(app, number, revoked).await;
    assert!(app.portal().revocation.add(&der, &app.portal().trust, app.now()).unwrap(), "a newer list");
}
