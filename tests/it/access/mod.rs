//! Who gets in where: every route of the table, as everybody.

mod roles;
mod traces;

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use reqwest::Method;
use std::num::NonZeroU32;
use todoke::demo::browser::{Browser, Page};
use todoke::demo::stage::Stage;
use todoke::http::audience::Audience;
use todoke::http::limits::Rate;
use todoke::http::routes::{Entry, ROUTES, Verb};

/// What stands in the places of a path.
struct Places {
    library: &'static str,
    reference: String,
    notice: String,
}

impl Places {
    fn fill(&self, path: &str) -> String {
        path.replace("{library}", self.library)
            .replace("{lang}", "ja")
            .replace("{reference}", &self.reference)
            .replace("{notice}", &self.notice)
            .replace("{kind}", "expired")
            .replace("{handle}", "q2hCkr4bUe0p3yVt9sXw1A")
            .replace("{handoff}", "01932c07-0000-7000-8000-000000000000")
            .replace("{procedure}", "renewal")
            .replace("{export}", "01932c07-0000-7000-8000-000000000000")
            .replace("{template}", "01932c07-0000-7000-8000-000000000000")
            .replace("{member}", "01932c07-0000-7000-8000-000000000000")
            .replace("{patron}", "01932c07-0000-7000-8000-000000000000")
            .replace("{token}", "unknown")
            .replace("{file:.*}", "nothing")
            .replace("{rest:.*}", "nowhere")
    }
}

/// An issued card at Himeji, the browser of its owner, and where everything is.
async fn issued(app: &TestApp) -> (Places, Browser) {
    let submitted = app.issued_to_hanako().await;
    let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
    let notice = status.link("貸出券番号等通知書").unwrap();
    let notice = notice.path_segments().unwrap().next_back().unwrap().to_owned();
    (Places { library: "himeji", reference: submitted.reference, notice }, reader.browser)
}

fn sending(app: &TestApp, entry: &Entry, places: &Places, browser: &Browser) -> Sending {
    let url = format!("{}{}", app.portal().base_url, places.fill(entry.path)).parse().unwrap();
    let method = if entry.verb == Verb::Get { Method::GET } else { Method::POST };
    Sending::to(method, url, browser).header("sec-fetch-site", "same-origin")
}

/// What every answer carries, and what none must say.
#[track_caller]
fn is_decent(entry: &Entry, page: &Page) {
    let here = format!("{:?} {}: {} {}", entry.verb, entry.path, page.status, page.text());
    assert!(page.status < 500, "{here}");
    let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{here}");
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("x-frame-options", "DENY")]
    {
        assert_eq!(header(name), value, "{name} at {here}");
    }
    let may_be_kept = entry.audience == Audience::Anybody && !page.text().contains("花子");
    if !may_be_kept {
        assert_eq!(header("cache-control"), "no-store", "{here}");
    }
    if page.status >= 400 && page.body.starts_with(b"<") {
        assert!(page.text_of("h1").is_some(), "{here}");
    }
    for word in ["sqlx", "SELECT ", "panicked", "src/", "StoreError", "/root/"] {
        assert!(!page.html().contains(word), "{word} at {here}");
    }
}

/// Where strangers are led.
fn is_way_in(target: &str) -> bool {
    ["/apply/who", "/resume?why=lost", "/sign-in", "/sign-in?why=first", "/staff/sign-in?from=ended"]
        .iter()
        .any(|end| target.ends_with(end))
}

fn few_posts(stage: &mut Stage) {
    let two = NonZeroU32::new(2).unwrap();
    stage.facing.limits.posts = Rate { burst: two, per_minute: NonZeroU32::MIN };
}

stories! {
    async fn strangers_are_led_to_a_door_or_find_nothing(app: &TestApp) {
        let (places, _) = issued(app).await;
        let stranger = Browser::new().unwrap();
        let before = app.written().await;
        for entry in ROUTES {
            let page = sending(app, entry, &places, &stranger).send().await;
            is_decent(entry, &page);
            if entry.audience != Audience::Anybody {
                let target = location(&page).unwrap_or_default();
                let led = page.status == 303 && is_way_in(&target);
                assert!(led || matches!(page.status, 403 | 404), "{:?} {}: {} {target}", entry.verb, entry.path, page.status);
                assert!(!page.text().contains("姫路 花子"), "{}", entry.path);
            }
            if entry.verb == Verb::Post {
                // Whoever may send a file without a session is told first that this is none.
                let is_no_file = entry.path.ends_with("/verify") && page.status == 415;
                assert!(is_no_file || matches!(page.status, 303 | 403 | 404), "{}: {}", entry.path, page.status);
            }
        }
        assert_eq!(app.written().await, before, "and write nothing");
    }

    async fn a_sound_token_of_a_stranger_writes_nothing_personal(app: &TestApp) {
        let (places, _) = issued(app).await;
        let stranger = app.journey("himeji");
        let form = stranger.open("sign-in").await.unwrap().form("reference").unwrap();
        let before = app.written().await;
        for entry in ROUTES.iter().filter(|entry| entry.verb == Verb::Post && entry.audience == Audience::Applicant) {
            let page = sending(app, entry, &places, &stranger.browser)
                .field("csrf", form.value("csrf").unwrap())
                .field("idem", form.value("idem").unwrap())
                .send()
                .await;
            is_decent(entry, &page);
            // A form that is read before its sender is known may also be unreadable.
            let led = page.status == 303 && is_way_in(&location(&page).unwrap());
            assert!(led || page.status == 400, "{}: {}", entry.path, page.status);
        }
        assert_eq!(app.written().await, before);
    }

    async fn the_owner_and_the_staff_open_every_page_and_change_nothing_by_it(app: &TestApp) {
        let (places, owner) = issued(app).await;
        let staff = app.sato().await;
        // The first reading of the notice is recorded; here it has been read.
        owner.open(&format!("{}/himeji/ja/notices/{}", app.portal().base_url, places.notice)).await.unwrap();
        let before = app.written().await;
        for browser in [&owner, &staff.browser] {
            for entry in ROUTES.iter().filter(|entry| entry.verb == Verb::Get) {
                let page = sending(app, entry, &places, browser).send().await;
                is_decent(entry, &page);
                if page.body.starts_with(b"%PDF") {
                    assert_eq!(page.headers["content-type"], "application/pdf");
                }
            }
        }
        let opened = sending(app, find("/{library}/staff/applications/{reference}"), &places, &staff.browser).send().await;
        assert_eq!(opened.status, 200, "the staff's browser is signed in");
        let opened = sending(app, find("/{library}/{lang}/notices/{notice}"), &places, &owner).send().await;
        assert_eq!(opened.status, 200, "the owner's too");
        assert_eq!(app.written().await, before);
    }

    async fn what_belongs_to_one_library_is_not_found_under_the_others_path(app: &TestApp) {
        let (places, _) = issued(app).await;
        let other = app.submitted("shiomi", &pages::hanako_of_shiomi().with_email("s@example.jp")).await;
        let (reader, _) = app.reader("shiomi", &other.person, &other.reference).await;
        let staff = app.staff("shiomi", todoke::demo::STAFF_LOGIN).await;
        let places = Places { library: "shiomi", ..places };
        for entry in ROUTES.iter().filter(|entry| entry.path.contains("{reference}") || entry.path.contains("{notice}")) {
            let browser = if entry.audience.is_staff() { &staff.browser } else { &reader.browser };
            let page = sending(app, entry, &places, browser).send().await;
            is_decent(entry, &page);
            // Some addresses only lead on, without a look at what they name.
            let found = match location(&page) {
                Some(target) => browser.open(&format!("{}{target}", app.portal().base_url)).await.unwrap(),
                None => page,
            };
            // The list of one's own library, whatever paper was named.
            if found.url.path() == "/shiomi/staff/papers" {
                assert!(!found.text().contains("姫路 花子"), "{}", found.text());
                continue;
            }
            assert!(matches!(found.status, 403 | 404), "{:?} {}: {} {}", entry.verb, entry.path, found.status, found.url);
        }
    }

    async fn unknown_libraries_languages_and_methods_are_pages_too(app: &TestApp) {
        let base = &app.portal().base_url;
        let browser = Browser::new().unwrap();
        for path in ["/nowhere/ja/", "/himeji/xx/", "/himeji/ja/apply/nothing", "/a/b/c/d", "/%00/ja/"] {
            let page = browser.open(&format!("{base}{path}")).await.unwrap();
            assert!(matches!(page.status, 400 | 404), "{path}: {} {}", page.status, page.url);
            assert!(page.text_of("h1").is_some(), "{path}");
        }
    }

    #[stage(few_posts)]
    async fn who_posts_too_often_reads_how_long_to_wait(app: &TestApp) {
        let visitor = app.journey("himeji");
        let page = visitor.open("apply/who").await.unwrap();
        let form = Sending::form(&page.form("category").unwrap(), &visitor.browser);
        for _ in 0..2 {
            assert_eq!(form.send().await.status, 422);
        }
        let refused = form.send().await;
        pages::refuses(&refused, 429, "しばらく待ってから");
        assert!(refused.headers.contains_key("retry-after"));
        assert!(visitor.open("apply/who").await.unwrap().status == 200, "reading goes on");
    }
}

fn find(path: &str) -> &'static Entry {
    ROUTES.iter().find(|entry| entry.path == path && entry.verb == Verb::Get).expect("a route")
}
