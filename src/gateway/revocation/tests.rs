use super::*;
use crate::demo::authority::{CrlFault, CrlOrder, Municipality, TestAuthority};
use crate::jpki::{Anchor, Crl, Policies};
use std::path::PathBuf;
use std::sync::OnceLock;
use time::macros::datetime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("todoke-crl-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    fn watched(&self) -> Revocation {
        let settings = RevocationSettings::Folder { path: self.0.clone(), every_minutes: 10 };
        let revocation = Revocation::new(&[settings], None).unwrap();
        revocation.load(&trust(), NOW);
        revocation
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn authority() -> &'static TestAuthority {
    static AUTHORITY: OnceLock<TestAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| TestAuthority::generate(NOW).unwrap())
}

fn trust() -> Trust {
    Trust::signing(vec![Anchor::from_der(authority().anchor_der()).unwrap()], Policies::demo())
}

fn list(number: u32, this_update: OffsetDateTime) -> Vec<u8> {
    let municipality = Municipality::default();
    let order = CrlOrder {
        municipality: &municipality,
        revoked: &[],
        this_update,
        next_update: this_update + Duration::days(7),
        number,
        fault: CrlFault::None,
    };
    authority().crl(&order).unwrap()
}

fn numbers(revocation: &Revocation) -> Vec<String> {
    revocation.current().iter().map(Crl::number).collect()
}

async fn looked_again(revocation: &Revocation, after: Duration) -> SourceState {
    revocation.refresh(&trust(), NOW + after).await;
    revocation.states().remove(0)
}

#[tokio::test]
async fn a_newer_list_in_the_folder_comes_into_force_and_an_older_one_does_not() {
    let folder = Folder::new();
    folder.put("himeji.crl", &list(5, NOW));
    folder.put("README.txt", b"not a list");
    let revocation = folder.watched();
    assert_eq!(numbers(&revocation), ["05"]);
    let held = revocation.current();
    folder.put("himeji-4.crl", &list(4, NOW - Duration::days(1)));
    let state = looked_again(&revocation, Duration::minutes(10)).await;
    assert_eq!((numbers(&revocation), state.last_failure), (vec!["05".to_owned()], None));
    folder.put("himeji-6.der", &list(6, NOW));
    looked_again(&revocation, Duration::minutes(15)).await;
    assert_eq!(numbers(&revocation), ["05"], "it is not yet time to look");
    looked_again(&revocation, Duration::minutes(20)).await;
    assert_eq!(numbers(&revocation), ["06"]);
    assert_eq!(held.iter().map(Crl::number).collect::<Vec<_>>(), ["05"]);
}

#[tokio::test]
async fn a_broken_or_missing_file_leaves_the_list_in_force_and_is_told() {
    let folder = Folder::new();
    folder.put("himeji.crl", &list(5, NOW));
    let revocation = folder.watched();
    let whole = list(6, NOW);
    folder.put("himeji.crl", &whole[..whole.len() / 2]);
    let state = looked_again(&revocation, Duration::minutes(10)).await;
    assert!(state.is_failing() && state.lists == 1, "{state:?}");
    std::fs::remove_file(folder.0.join("himeji.crl")).unwrap();
    assert!(!looked_again(&revocation, Duration::minutes(20)).await.is_failing());
    assert_eq!(numbers(&revocation), ["05"]);
    std::fs::remove_dir(&folder.0).unwrap();
    let state = looked_again(&revocation, Duration::minutes(30)).await;
    assert_eq!(state.last_failure.map(|(_, why)| why), Some(Failure::Unreadable));
    assert_eq!(numbers(&revocation), ["05"]);
}

#[tokio::test]
async fn a_list_of_the_future_waits_for_its_time() {
    let folder = Folder::new();
    folder.put("himeji.crl", &list(5, NOW + Duration::minutes(10)));
    let revocation = folder.watched();
    assert!(numbers(&revocation).is_empty());
    assert!(!looked_again(&revocation, Duration::minutes(10)).await.is_failing());
    assert_eq!(numbers(&revocation), ["05"]);
}

#[test]
fn a_list_of_another_authority_is_refused() {
    let folder = Folder::new();
    folder.put("himeji.crl", &list(5, NOW));
    let stranger = TestAuthority::generate(NOW).unwrap();
    let trust = Trust::signing(vec![Anchor::from_der(stranger.anchor_der()).unwrap()], Policies::demo());
    let settings = RevocationSettings::Folder { path: folder.0.clone(), every_minutes: 10 };
    let revocation = Revocation::new(&[settings], None).unwrap();
    revocation.load(&trust, NOW);
    assert!(numbers(&revocation).is_empty());
}

#[test]
fn without_a_source_there_are_no_lists() {
    assert!(numbers(&Revocation::none()).is_empty() && Revocation::none().states().is_empty());
}

/// A server whose answer the test changes; it remembers the head of the last request.
#[derive(Clone)]
struct ListServer {
    url: Url,
    answer: Arc<Mutex<Vec<u8>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ListServer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/himeji.crl", listener.local_addr().unwrap())).unwrap();
        let server = Self { url, answer: Arc::default(), asked: Arc::default() };
        let (answer, asked) = (Arc::clone(&server.answer), Arc::clone(&server.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 8192];
                let length = stream.read(&mut request).await.unwrap_or_default();
                asked.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).to_lowercase());
                let bytes = answer.lock().unwrap().clone();
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        });
        server
    }

    fn answer(&self, head: &str, body: &[u8]) {
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        *self.answer.lock().unwrap() = [head.as_bytes(), body].concat();
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn source(&self, cache: Option<&Path>) -> Revocation {
        let settings = RevocationSettings::Download { urls: vec![self.url.clone()], every_minutes: 60 };
        Revocation::new(&[settings], cache).unwrap()
    }
}

#[tokio::test]
async fn a_download_is_put_in_force_and_then_asked_for_conditionally() {
    let server = ListServer::start().await;
    server.answer("200 OK\r\nETag: \"five\"\r\nLast-Modified: Fri, 20 Nov 2026 09:00:00 GMT", &list(5, NOW));
    let revocation = server.source(None);
    let state = looked_again(&revocation, Duration::ZERO).await;
    assert_eq!((numbers(&revocation), state.oldest.unwrap().number.as_str()), (vec!["05".to_owned()], "05"));
    looked_again(&revocation, Duration::minutes(59)).await;
    assert_eq!(server.requests(), 1, "not before its time");
    server.answer("304 Not Modified", b"");
    let state = looked_again(&revocation, Duration::minutes(60)).await;
    assert!(!state.is_failing() && state.lists == 1, "{state:?}");
    assert_eq!(state.last_success, Some(NOW + Duration::minutes(60)));
    let asked = server.asked.lock().unwrap().last().cloned().unwrap();
    assert!(asked.contains("if-none-match: \"five\""), "{asked}");
    assert!(asked.contains("if-modified-since: fri, 20 nov 2026 09:00:00 gmt"), "{asked}");
}

#[tokio::test]
async fn a_download_that_is_broken_cut_short_or_older_changes_nothing_and_is_retried_soon() {
    let server = ListServer::start().await;
    server.answer("200 OK", &list(5, NOW));
    let revocation = server.source(None);
    let mut after = Duration::ZERO;
    looked_again(&revocation, after).await;
    let six = list(6, NOW);
    after = Duration::minutes(60);
    for (bytes, pause) in [(&six[..six.len() / 2], 1), (b"<html>".as_slice(), 2), (&list(4, NOW), 4)] {
        server.answer("200 OK", bytes);
        let state = looked_again(&revocation, after).await;
        assert!(state.is_failing(), "{state:?}");
        assert_eq!(numbers(&revocation), ["05"]);
        let before = server.requests();
        looked_again(&revocation, after + Duration::minutes(pause) - Duration::SECOND).await;
        assert_eq!(server.requests(), before, "not before {pause} minutes have passed");
        after += Duration::minutes(pause);
    }
    assert_eq!(revocation.states()[0].last_failure.unwrap().1, Failure::Older);
    server.answer("200 OK", &six);
    assert!(!looked_again(&revocation, after).await.is_failing());
    assert_eq!(numbers(&revocation), ["06"]);
}

#[tokio::test]
async fn a_start_without_network_has_the_lists_that_were_fetched_before() {
    let (server, cache) = (ListServer::start().await, Folder::new());
    let der = list(5, NOW);
    let pem = format!("-----BEGIN X509 CRL-----\n{}\n-----END X509 CRL-----\n", data_encoding::BASE64.encode(&der));
    server.answer("200 OK", pem.as_bytes());
    looked_again(&server.source(Some(&cache.0)), Duration::ZERO).await;
    server.answer("503 Service Unavailable", b"");

    let restarted = server.source(Some(&cache.0));
    restarted.load(&trust(), NOW + Duration::HOUR);
    assert_eq!(numbers(&restarted), ["05"]);
    let state = looked_again(&restarted, Duration::HOUR).await;
    assert_eq!((state.lists, state.last_failure.unwrap().1), (1, Failure::Status(503)));
    assert_eq!(numbers(&restarted), ["05"]);
    server.answer("200 OK", &list(4, NOW));
    looked_again(&restarted, Duration::hours(2)).await;
    assert_eq!(numbers(&restarted), ["05"], "an older list does not pass after a restart either");
}

#[test]
fn a_kept_list_that_was_damaged_is_left_out() {
    let cache = Folder::new();
    let settings =
        RevocationSettings::Download { urls: vec!["http://127.0.0.1:9/".parse().unwrap()], every_minutes: 60 };
    let revocation = Revocation::new(std::slice::from_ref(&settings), Some(&cache.0)).unwrap();
    revocation.load(&trust(), NOW);
    assert!(numbers(&revocation).is_empty(), "nothing was kept yet");
    let Supply::Download(download) = &revocation.sources[0].supply else { panic!("a download") };
    download.accept(&list(5, NOW), web::Validators::default(), &trust(), NOW).unwrap();
    let kept = std::fs::read_dir(&cache.0).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&kept, b"damaged").unwrap();
    let again = Revocation::new(&[settings], Some(&cache.0)).unwrap();
    again.load(&trust(), NOW);
    assert!(numbers(&again).is_empty());
}
