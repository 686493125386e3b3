//! A server on loopback that answers one kind of question, as responders and time-stamping authorities do.

use reqwest::Url;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// Serves until the tests end. Without an answer the server is out of order.
pub(crate) fn serve(kind: &'static str, answer: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let question = body(&mut stream, kind);
            let answer = answer(&question);
            let head = if answer.is_some() { "200 OK" } else { "503 Service Unavailable" };
            let answer = answer.unwrap_or_default();
            let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
        }
    });
    url
}

/// The body of a request, as long as its head says.
fn body(stream: &mut TcpStream, kind: &str) -> Vec<u8> {
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
        assert!(head.contains(&format!("content-type: {kind}")), "{head}");
        let expected = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let expected: usize = expected.and_then(|number| number.parse().ok()).unwrap_or_default();
        if length == 0 || read.len() >= end + 4 + expected {
            return read.split_off(end + 4);
        }
    }
}
