//! Form pages beside a bare page of the same size: the same server and templates, nothing behind them.
//!
//! All are asked in turn over loopback by the same client, and the median of the rounds counts. The first form is the one
//! with which everybody begins; behind the second, the applicant's name, stand a session and a sealed draft. Ends with an
//! error if one is answered less than half as often as the bare page.

#![expect(clippy::unwrap_used, reason = "it stands on files of the tests, where nothing is handled")]

#[path = "../it/support/database.rs"]
#[expect(dead_code, unused_macros, unused_imports, reason = "the stories use all of it")]
mod database;

use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use askama::Template;
use database::TestDatabase;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::macros::datetime;
use todoke::clock::Clock;
use todoke::demo::authority::TestAuthority;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::{Doors, OpenStage, Stage};

const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
/// How many clients ask at once.
const AT_ONCE: usize = 8;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
/// Answers for each of the bare page's, at least.
const LIMIT: f64 = 0.5;

/// A page as anybody would begin one: values in, markup out.
#[derive(Template)]
#[template(
    source = r#"<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>{{ title }}</title></head><body><main><h1>{{ title }}</h1>
<form method="post">{% for field in fields %}<p><label for="{{ field }}">{{ field }}</label><input id="{{ field }}" name="{{ field }}"></p>
{% endfor %}<button>次へ</button></form><p>{{ rest }}</p></main></body></html>"#,
    ext = "html"
)]
struct BarePage {
    title: &'static str,
    fields: Vec<String>,
    rest: String,
}

#[actix_web::main]
async fn main() -> ExitCode {
    let mut engines = vec![("SQLite", TestDatabase::sqlite().await)];
    engines.extend(TestDatabase::postgres().await.map(|database| ("PostgreSQL", database)));
    let mut is_met = true;
    for (engine, database) in engines {
        is_met &= Box::pin(measure(engine, &database)).await;
        database.delete().await;
    }
    if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(engine: &str, database: &TestDatabase) -> bool {
    let authority = Arc::new(TestAuthority::generate(NOW).unwrap());
    let stage = Stage::set(Doors::open(0).unwrap(), Clock::fixed(NOW), authority, database.db.clone()).await.unwrap();
    let stage = stage.open().unwrap();
    let address = stage.portal.base_url.trim_start_matches("http://").to_owned();
    let forms = [("first form", request("/himeji/ja/apply/who", "")), ("form with a draft", drafted(&stage).await)];
    let mut is_met = true;
    for (name, form) in forms {
        let size = size_of(&address, &form).await;
        let (bare_address, bare) = (serve_bare(size), request("/", ""));
        assert_eq!(size_of(&bare_address, &bare).await, size, "the same size");
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let ours = rate(&address, &form).await;
            let theirs = rate(&bare_address, &bare).await;
            println!("{engine}, {name}: {ours:.0}/s, bare page {theirs:.0}/s, ratio {:.2}", ours / theirs);
            ratios.push(ours / theirs);
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ROUNDS / 2];
        println!("{engine}, {name}: pages of {size} bytes, median ratio {median:.2}, limit {LIMIT}");
        is_met &= median >= LIMIT;
    }
    stage.stop(false).await;
    is_met
}

fn request(path: &str, cookies: &str) -> String {
    let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{cookies}\r\n")
}

/// The request for the page with the applicant's name, of somebody who has answered everything.
async fn drafted(stage: &OpenStage) -> String {
    let applicant = Journey::new(&stage.portal.base_url, "himeji", &stage.mailbox).unwrap();
    let deliver = async || {
        stage.portal.deliver_mail().await.unwrap();
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    applicant.fill_in(&Person::hanako(), deliver).await.unwrap();
    let page = applicant.open("apply/name").await.unwrap();
    assert!(page.html().contains("花子"), "{}", page.text());
    request(page.url.path(), &applicant.browser.cookies_for(&page.url))
}

/// How many bytes a page has.
async fn size_of(address: &str, request: &str) -> usize {
    let (mut client, request) = (Client::open(address), request.to_owned());
    web::block(move || client.ask(&request)).await.unwrap()
}

/// Serves a bare page of so many bytes.
fn serve_bare(size: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let rest = web::Data::new(size - page(0).render().unwrap().len());
    let server = HttpServer::new(move || App::new().app_data(rest.clone()).route("/", web::get().to(bare)))
        .workers(std::thread::available_parallelism().unwrap().get())
        .tcp_nodelay(true)
        .disable_signals()
        .listen(listener)
        .unwrap();
    actix_web::rt::spawn(server.run());
    address
}

async fn bare(rest: web::Data<usize>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(page(**rest).render().unwrap())
}

fn page(rest: usize) -> BarePage {
    let fields = (0..10).map(|number| format!("field-{number}")).collect();
    BarePage { title: "お名前", fields, rest: "x".repeat(rest) }
}

/// One connection that is kept.
struct Client {
    stream: TcpStream,
    taken: Vec<u8>,
}

impl Client {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, taken: vec![0; 64 * 1024] }
    }

    /// Asks once; how many bytes the page had.
    fn ask(&mut self, request: &str) -> usize {
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut filled = 0;
        loop {
            filled += self.stream.read(&mut self.taken[filled..]).unwrap();
            let Some(head) = self.taken[..filled].windows(4).position(|end| end == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.taken[..head]).unwrap();
            assert!(text.starts_with("HTTP/1.1 200"), "{text}");
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
            while filled < head + 4 + length {
                filled += self.stream.read(&mut self.taken[filled..]).unwrap();
            }
            return length;
        }
    }
}

/// How many answers a second everybody together gets.
async fn rate(address: &str, request: &str) -> f64 {
    let (is_over, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let begun = Instant::now();
    let clients: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (is_over, answers) = (Arc::clone(&is_over), Arc::clone(&answers));
            let (mut client, request) = (Client::open(address), request.to_owned());
            std::thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    client.ask(&request);
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    actix_web::rt::time::sleep(ROUND).await;
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap();
    }
    f64::from(answers.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64()
}
