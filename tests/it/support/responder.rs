//! An OCSP responder of the stories' authority, on loopback.

use reqwest::Url;
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use todoke::demo::authority::Revocation;
use todoke::demo::stage::Stage;

/// The responders by the portal that asks them: a stage is set before its story has hands.
static RESPONDERS: LazyLock<Mutex<HashMap<String, Responder>>> = LazyLock::new(Mutex::default);

/// What a responder does; at first everybody is good.
#[derive(Clone, Default)]
pub(crate) struct Responder(Arc<Mutex<Conduct>>);

#[derive(Default)]
struct Conduct {
    is_down: bool,
    revoked: Vec<Revocation>,
    questions: u32,
}

impl Responder {
    /// Starts the responder of one portal, and tells where it is.
    pub(crate) fn start(stage: &Stage) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let responder = Self::default();
        RESPONDERS.lock().unwrap().insert(stage.portal.base_url.clone(), responder.clone());
        let (authority, clock) = (Arc::clone(&stage.authority), stage.portal.clock.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let question = body(&mut stream);
                let mut conduct = responder.0.lock().unwrap();
                conduct.questions += 1;
                let answer = authority.answer_ocsp(&question, &conduct.revoked, clock.now()).unwrap();
                let head = if conduct.is_down { "503 Service Unavailable" } else { "200 OK" };
                let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
                let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
            }
        });
        url
    }

    /// The responder of one portal.
    pub(crate) fn of(portal: &str) -> Self {
        RESPONDERS.lock().unwrap()[portal].clone()
    }

    /// Takes it away, or brings it back.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.lock().unwrap().is_down = is_down;
    }

    /// Tells it of a revocation.
    pub(crate) fn revoke(&self, revocation: Revocation) {
        self.0.lock().unwrap().revoked.push(revocation);
    }

    /// How often it was asked.
    pub(crate) fn questions(&self) -> u32 {
        self.0.lock().unwrap().questions
    }
}

/// The body of a request, as long as its head says.
fn body(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let length = stream.read(&mut chunk).unwrap_or_default();
        read.extend_from_slice(&chunk[..length]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
            if length == 0 {
                return Vec::new();
            }
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        assert!(head.contains("content-type: application/ocsp-request"), "{head}");
        let expected = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let expected: usize = expected.and_then(|number| number.parse().ok()).unwrap_or_default();
        if length == 0 || read.len() >= end + 4 + expected {
            return read.split_off(end + 4);
        }
    }
}
