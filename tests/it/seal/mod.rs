//! Sealed notices: kept as they were given out, verified by anybody, and never in the way of a decision.

mod hardware;
mod language;
pub(crate) mod validators;

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::seal_authority::SealAuthority;
use todoke::demo::stage::Stage;
use todoke::gateway::seal::Seals;
use todoke::http::limits::Rate;

/// Whether the key of a portal's seal is there; a stage is set before its story has hands.
static KEYS: LazyLock<Mutex<HashMap<String, Arc<AtomicBool>>>> = LazyLock::new(Mutex::default);

fn with_a_key_that_goes_away(stage: &mut Stage) {
    let is_there = Arc::new(AtomicBool::new(true));
    KEYS.lock().unwrap().insert(stage.portal.base_url.clone(), Arc::clone(&is_there));
    let now = stage.portal.clock.now();
    let seal = SealAuthority::generate(now).unwrap().seal_for("himeji", "姫路市立図書館", now).unwrap();
    stage.portal.seals = Seals::of([seal.with_switch(is_there)]);
}

fn set_there(app: &TestApp, is_there: bool) {
    KEYS.lock().unwrap()[&app.portal().base_url].store(is_there, Ordering::SeqCst);
}

fn without_seals(stage: &mut Stage) {
    stage.portal.seals = Seals::default();
}

fn few_verifications(stage: &mut Stage) {
    let three = NonZeroU32::new(3).unwrap();
    stage.facing.limits.verifications = Rate { burst: three, per_minute: NonZeroU32::MIN };
}

/// The page of the only notice, and a browser that may read it.
async fn notice_of(app: &TestApp, submitted: &Submitted) -> (Journey, Page) {
    let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
    let notice = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
    (reader, notice)
}

async fn file_of(reader: &Journey, notice: &Page) -> Vec<u8> {
    let pdf = reader.browser.click(notice, "PDFで保存").await.unwrap();
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    pdf.body
}

/// The code as the notice's page prints it.
fn code_on(notice: &Page) -> String {
    let text = notice.text();
    let code = text.split("確認コード").last().unwrap().trim().chars().take(19).collect::<String>();
    assert_eq!(code.matches('-').count(), 3, "{code}");
    code
}

/// Anybody's browser before the answer about a code.
async fn ask(app: &TestApp, code: &str) -> Page {
    app.journey("himeji").answer("verify", &[("code", code)]).await.unwrap()
}

/// Anybody's browser before the answer about a file.
async fn send(app: &TestApp, slug: &str, file: &[u8]) -> Page {
    let anybody = app.journey(slug);
    let page = anybody.open("verify").await.unwrap();
    let form = page.form("ファイルを調べる").unwrap();
    Sending::form(&form, &anybody.browser).file(file).send().await
}

stories! {
    async fn a_notice_is_sealed_by_itself_and_stays_the_same_for_ever(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        app.portal().seal_notices().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notice_documents WHERE level = 'b_b'").await, 1);
        app.advance(Duration::hours(5));
        let (reader, notice) = notice_of(app, &submitted).await;
        let first = file_of(&reader, &notice).await;
        let seal = app.portal().seals.find("himeji").unwrap();
        seal.is_on(&first).unwrap();
        assert!(app.portal().seals.find("shiomi").unwrap().is_on(&first).is_err(), "another library's seal");
        app.advance(Duration::minutes(9));
        assert!(file_of(&reader, &notice).await == first);

        let large = reader.browser.click(&notice, "大きな文字のPDFで保存").await.unwrap().body;
        seal.is_on(&large).unwrap();
        assert!(large != first);
        assert!(reader.browser.click(&notice, "大きな文字のPDFで保存").await.unwrap().body == large);
        assert!(!app.database.holds("ETSI.CAdES.detached").await, "the file rests sealed");
    }

    async fn two_who_ask_at_once_get_the_same_file(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let address = notice.link("PDFで保存").unwrap();
        let sendings = (0..4).map(|_| Sending::get(address.clone(), &reader.browser)).collect();
        let mut files: Vec<Vec<u8>> =
            crate::support::sending::all_at_once(sendings).await.into_iter().map(|page| page.body).collect();
        files.dedup();
        assert_eq!(files.len(), 1);
        assert!(files[0].starts_with(b"%PDF-"));
    }

    #[stage(with_a_key_that_goes_away)]
    async fn while_the_key_is_away_the_page_is_read_and_the_file_follows_by_itself(app: &TestApp) {
        set_there(app, false);
        let submitted = app.issued_to_hanako().await;
        app.portal().seal_notices().await.unwrap();
        let (reader, notice) = notice_of(app, &submitted).await;
        assert!(notice.text().contains("3000 0001 4"), "{}", notice.text());
        let later = reader.browser.click(&notice, "PDFで保存").await.unwrap();
        assert_eq!((later.status, &later.headers["retry-after"]), (503, &"300".parse().unwrap()));
        assert!(later.text().contains("PDFの用意ができていません"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'notice_downloaded'").await, 0);
        let health = app.journey("himeji").browser.open(&format!("{}/health/seals", app.portal().base_url)).await.unwrap();
        assert!(health.html().contains("\"failing\""), "{}", health.html());

        set_there(app, true);
        app.portal().seal_notices().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notice_documents").await, 1);
        assert!(file_of(&reader, &notice).await.starts_with(b"%PDF-"));
        let health = app.journey("himeji").browser.open(&format!("{}/health/seals", app.portal().base_url)).await.unwrap();
        assert!(health.html().contains("\"sealing\""), "{}", health.html());
    }

    #[stage(without_seals)]
    async fn a_library_without_a_seal_gives_out_files_that_claim_none(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        assert!(!app.portal().seal_notices().await.unwrap());
        let (reader, notice) = notice_of(app, &submitted).await;
        let file = file_of(&reader, &notice).await;
        assert!(!String::from_utf8_lossy(&file).contains("ETSI.CAdES"));
        assert!(!validators::text_of(&file).contains("電子印"));
        let page = ask(app, &code_on(&notice)).await;
        assert_eq!(page.text_of("h1").unwrap(), "本物です");
        let question = app.journey("himeji").open("verify").await.unwrap();
        assert!(!question.html().contains("type=\"file\""), "no file can be judged");
    }

    async fn anybody_learns_that_a_notice_is_genuine_and_nothing_about_whom_it_is(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let code = code_on(&notice);
        let typed = format!(" {} ", code.to_lowercase().replace('-', " ").replace('0', "o"));
        let genuine = ask(app, &typed).await;
        pages::is_at(&genuine, &format!("/himeji/ja/verify/{}", code.replace('-', "")));
        for part in ["本物です", "姫路市立図書館", "貸出券番号等通知書", "2026年（令和8年）11月20日"] {
            assert!(genuine.text().contains(part), "{part}: {}", genuine.text());
        }
        for personal in ["花子", "3000", &submitted.reference, "2026-000001", "2029"] {
            assert!(!genuine.text().contains(personal), "{personal}: {}", genuine.text());
        }
        // The file says the same: its QR code leads there.
        assert!(validators::text_of(&file_of(&reader, &notice).await).contains(&code));

        let unknown = ask(app, "0000-0000-0000-0000").await;
        assert_eq!((unknown.status, unknown.text_of("h1").unwrap()), (200, "見つかりません".to_owned()));
        assert_eq!(unknown.headers["cache-control"], genuine.headers["cache-control"]);
        let elsewhere = app.journey("shiomi").answer("verify", &[("code", &code)]).await.unwrap();
        assert_eq!(elsewhere.text_of("h1").unwrap(), "見つかりません", "another town knows nothing of it");
        for wrong in ["", "7KQF-2M9X", "髙橋花子"] {
            pages::is_rejected(&ask(app, wrong).await, "code", "確認コード");
        }
        assert!(!app.database.holds(&code.replace('-', "")).await, "the code rests sealed");
    }

    async fn a_notice_that_was_taken_back_is_revoked(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let (code, file) = (code_on(&notice), file_of(&reader, &notice).await);
        let sato = app.sato().await;
        let page = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let form = [("effect", "withdraw_password"), ("reopen_reason", "住所がちがっていた")];
        sato.send(&page, &form).await.unwrap();
        assert_eq!(ask(app, &code).await.text_of("h1").unwrap(), "取り消されています");
        assert_eq!(send(app, "himeji", &file).await.text_of("h1").unwrap(), "取り消されています");

        // That it was opened again is told by a notice that can be found genuine as well.
        let status = reader.open("status").await.unwrap();
        let told = reader.browser.click(&status, "決定を取り消したお知らせ").await.unwrap();
        let code_of_it = code_on(&told);
        assert!(validators::text_of(&file_of(&reader, &told).await).contains(&code_of_it));
        let genuine = ask(app, &code_of_it).await;
        assert!(genuine.text().contains("本物です") && genuine.text().contains("決定を取り消したお知らせ"), "{}", genuine.text());

        // What was decided before is looked at by two, as the rules of this library have it.
        sato.decide(&submitted.reference, "approve", "").await.unwrap();
        let second = app.staff("himeji", todoke::demo::SECOND_STAFF_LOGIN).await;
        second.decide(&submitted.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let (_, again) = notice_of(app, &submitted).await;
        assert_eq!(ask(app, &code_on(&again)).await.text_of("h1").unwrap(), "本物です");
        assert_eq!(ask(app, &code).await.text_of("h1").unwrap(), "取り消されています");
    }

    async fn a_file_is_judged_by_its_seal_and_forgotten(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let file = file_of(&reader, &notice).await;
        let before = app.written().await;
        let heading = async |slug: &str, file: &[u8]| send(app, slug, file).await.text_of("h1").unwrap();
        assert_eq!(heading("himeji", &file).await, "本物です");
        assert_eq!(heading("shiomi", &file).await, "この図書館の電子印ではありません");
        let mut changed = file.clone();
        let at = changed.windows(8).position(|window| window == b"/Creator").unwrap();
        changed[at + 9] ^= 1;
        assert_eq!(heading("himeji", &changed).await, "ファイルが変えられています");
        let appended = [file.as_slice(), b"\n% one more thing\n"].concat();
        assert_eq!(heading("himeji", &appended).await, "ファイルが変えられています");
        // Wherever it is changed, also where it can no longer be read as a PDF at all.
        for at in (0..file.len()).step_by(file.len() / 40) {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            assert_eq!(heading("himeji", &changed).await, "ファイルが変えられています", "byte {at}");
        }
        assert_eq!(heading("himeji", b"%PDF-1.7\n%%EOF\n").await, "電子印がありません");
        assert_eq!(heading("himeji", b"\xFF\xD8 a photograph").await, "電子印がありません");
        pages::is_rejected(&send(app, "himeji", b"").await, "file", "選んでください");
        pages::is_rejected(&send(app, "himeji", &vec![b'x'; (4 << 20) + 1]).await, "file", "大きすぎます");
        assert_eq!(app.written().await, before);

        // What is erased is still known to bear the seal, and no more.
        app.database.execute("DELETE FROM notice_documents").await.unwrap();
        assert_eq!(heading("himeji", &file).await, "電子印は正しいものです");
    }

    #[stage(few_verifications)]
    async fn nobody_tries_codes_by_the_hundred(app: &TestApp) {
        for _ in 0..3 {
            assert_eq!(ask(app, "0000-0000-0000-0000").await.status, 200);
        }
        pages::refuses(&ask(app, "0000-0000-0000-0001").await, 429, "しばらく待ってから");
        pages::refuses(&send(app, "himeji", b"%PDF-1.7\n%%EOF\n").await, 429, "しばらく待ってから");
        assert_eq!(app.journey("himeji").open("verify").await.unwrap().status, 200);
    }
}
