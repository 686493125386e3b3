//! Pictures of documents: sent, signed for, looked at, destroyed; and what is not taken.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{Rgb, RgbImage};
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::Stage;
use todoke::domain::library::LibraryRules;
use todoke::evidence::Archive;
use todoke::gateway::picture_reader::PictureReader;
use todoke::service::attach::AttachmentLimits;

const KEPT: &str = "SELECT COUNT(*) FROM attachments WHERE contents IS NOT NULL";

/// 姫路 花子 as somebody who works in Himeji, and may show so.
fn commuter() -> Person {
    Person { category: "commuter-student", ..Person::hanako() }
}

fn pattern(side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| if (x / 8 + y / 8) % 2 == 0 { Rgb([255; 3]) } else { Rgb([40, 40, 90]) })
}

pub(crate) fn jpeg(side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    pattern(side).write_with_encoder(JpegEncoder::new_with_quality(&mut file, 90)).unwrap();
    file
}

fn png(side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    pattern(side).write_with_encoder(PngEncoder::new(&mut file)).unwrap();
    file
}

/// A photograph with a place and a comment in it.
fn photograph() -> Vec<u8> {
    let plain = jpeg(700);
    let segment = |marker: u8, contents: &[u8]| {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker][..], &length, contents].concat()
    };
    let exif = segment(0xE1, b"Exif\0\0MM\0\x2A\0\0\0\x08\0\0\0\0\0\0 GPS-CANARY 34.8394 134.6939");
    [&plain[..2], &exif, &segment(0xFE, b"COMMENT-CANARY"), &plain[2..]].concat()
}

/// Everything answered up to the documents.
async fn asked_for_documents(app: &TestApp, person: &Person) -> (Journey, Page) {
    let applicant = app.journey("himeji");
    let page = applicant.fill_in(person, async || app.handed_over().await).await.unwrap();
    pages::is_at(&page, "/apply/documents");
    (applicant, page)
}

/// The form for one kind of document with a file in it.
async fn sending(applicant: &Journey, kind: &str, file: &[u8]) -> Sending {
    let page = applicant.open(&format!("apply/documents/add/{kind}")).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let mut form = page.form("file").unwrap();
    for (name, value) in [("year", "令和8"), ("month", "4"), ("day", "1")] {
        form = form.fill(name, value).unwrap();
    }
    Sending::form(&form, &applicant.browser).file(file)
}

async fn send(applicant: &Journey, kind: &str, file: &[u8]) -> Page {
    sending(applicant, kind, file).await.send().await
}

#[track_caller]
fn is_attached(answer: &Page) {
    assert_eq!(
        (answer.status, location(answer).as_deref()),
        (303, Some("/himeji/ja/apply/documents")),
        "{}",
        answer.text()
    );
}

/// With one picture attached, signed and in the queue.
async fn submitted_with_picture(app: &TestApp) -> Submitted {
    let (applicant, _) = asked_for_documents(app, &commuter()).await;
    is_attached(&send(&applicant, "staff-card", &photograph()).await);
    let check = applicant.press(&applicant.open("apply/documents").await.unwrap(), "次へ").await.unwrap();
    pages::is_at(&check, "/apply/check");
    let sign = applicant.agree(&check).await.unwrap();
    let done = applicant.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    Submitted::on(applicant, &commuter(), &done)
}

fn few(stage: &mut Stage) {
    stage.portal.attachment_limits = AttachmentLimits { largest_file: 1 << 20, most_files: 2, most_kept: 1 << 20 };
}

fn apart(stage: &mut Stage) {
    stage.portal.pictures = PictureReader::apart(env!("CARGO_BIN_EXE_todoke").into());
}

fn broken(stage: &mut Stage) {
    stage.portal.pictures = PictureReader::apart("/bin/false".into());
}

stories! {
    async fn a_picture_that_is_cut_short_is_refused_at_its_field(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        let whole = photograph();
        let refused = send(&applicant, "staff-card", &whole[..whole.len() / 3]).await;
        pages::is_rejected(&refused, "file", "画像が途中で切れています");
        assert_eq!(refused.form("year").unwrap().value("year"), Some("令和8"), "the day is kept");
        assert_eq!(app.database.count(KEPT).await, 0);
    }

    async fn a_picture_is_kept_without_its_place_and_under_lock(app: &TestApp) {
        let (applicant, asked) = asked_for_documents(app, &commuter()).await;
        assert!(asked.text().contains("勤め先か、学校がわかる書類") && asked.text().contains("通知カード"), "{}", asked.text());
        let sent = photograph();
        let sending = sending(&applicant, "staff-card", &sent).await.named("C:/secret/カナリア証\u{202E}gpj.jpg");
        is_attached(&sending.send().await);
        let again = sending.send().await;
        assert_eq!(location(&again).as_deref(), Some("/himeji/ja/apply/documents?same=staff-card"), "{}", again.text());
        assert_eq!(app.database.count(KEPT).await, 1, "the second click attaches nothing more");
        let told = applicant.open("apply/documents?same=staff-card").await.unwrap();
        assert!(told.text().contains("同じ画像を、もう「社員証"), "{}", told.text());
        assert!(!applicant.open("apply/documents").await.unwrap().text().contains("同じ画像を"));
        let page = applicant.open("apply/documents").await.unwrap();
        assert!(page.text().contains("カナリア証gpj.jpg") && page.text().contains("2027年4月1日"), "{}", page.text());
        assert!(!page.html().contains("secret") && !page.html().contains('\u{202E}'));
        let picture = applicant.browser.open(page.link("画像を見る").unwrap().as_str()).await.unwrap();
        assert_eq!(picture.headers["content-type"], "image/jpeg");
        assert!(picture.body.starts_with(b"\xFF\xD8\xFF"));
        for canary in [&b"GPS-CANARY"[..], b"COMMENT-CANARY", b"Exif"] {
            assert!(sent.windows(canary.len()).any(|part| part == canary));
            assert!(!picture.body.windows(canary.len()).any(|part| part == canary));
        }
        for canary in ["JFIF\0\u{1}", "カナリア証", "CANARY"] {
            assert!(!app.database.holds(canary).await, "{canary:?} rests in the clear");
        }
    }

    async fn what_is_not_a_picture_is_refused_in_words_and_costs_nothing_else(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        is_attached(&send(&applicant, "staff-card", &jpeg(700)).await);
        let (before, answers) = app.draft_of("himeji", "hanako@example.jp").await;
        let mut huge = png(64);
        huge[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
        let end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\0\0\0\0\0\0";
        for (file, sentence) in [
            (&b""[..], "えらんでください"),
            (b"GIF89a\x01\0\x01\0", "JPEGかPNG"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", "JPEGかPNG"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
            (b"PK\x03\x04", "JPEGかPNG"),
            (&[&jpeg(64)[..], end].concat(), "安全のため"),
            (&[&jpeg(64)[..], b"<script>alert(1)</script>"].concat(), "安全のため"),
            (&jpeg(700)[..200], "こわれて"),
            (&huge, "こわれて"),
            (b"%PDF-1.7\nnothing", "こわれて"),
        ] {
            let page = send(&applicant, "staff-card", file).await;
            pages::is_rejected(&page, "file", sentence);
            assert!(page.html().contains("value=\"令和8\""), "the day stays as typed");
        }
        let (after, same) = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!((after, same), (before, answers));
        assert_eq!(app.database.count(KEPT).await, 1);
    }

    async fn a_day_is_asked_for_and_must_not_be_over(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        for (year, sentence) in [("", "日付を入力"), ("2024", "期限が切れて"), ("abc", "日付を確かめて")] {
            let sending = sending(&applicant, "student-card", &jpeg(700)).await.without("year").field("year", year);
            let sending = if year.is_empty() { sending.without("month").without("day") } else { sending };
            pages::is_rejected(&sending.send().await, "year", sentence);
        }
        let elsewhere = applicant.open("apply/documents/add/my-number-card").await.unwrap();
        pages::is_at(&elsewhere, "/apply/documents");
        assert_eq!(app.database.count(KEPT).await, 0);
    }

    #[stage(super::few)]
    async fn there_are_limits_in_size_and_number(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        let large = [&jpeg(700)[..], &vec![0; 1 << 20]].concat();
        pages::is_rejected(&send(&applicant, "staff-card", &large).await, "file", "1MBまで");
        for side in [690, 700] {
            is_attached(&send(&applicant, "staff-card", &jpeg(side)).await);
        }
        pages::is_rejected(&send(&applicant, "staff-card", &jpeg(710)).await, "file", "これ以上は送れません");
        assert_eq!(app.database.count(KEPT).await, 2);
    }

    async fn a_picture_is_taken_back_and_is_nobody_elses(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        is_attached(&send(&applicant, "staff-card", &jpeg(700)).await);
        let page = applicant.open("apply/documents").await.unwrap();
        let picture = page.link("画像を見る").unwrap();
        let stranger = Person { category: "commuter-student", ..pages::taro() };
        let (stranger, _) = asked_for_documents(app, &stranger).await;
        assert_eq!(stranger.browser.open(picture.as_str()).await.unwrap().status, 404);
        let remove = picture.as_str().replace("/picture", "/remove");
        let own = stranger.open("apply/documents").await.unwrap();
        let mut theirs = own.form("次へ").unwrap();
        theirs.action = remove.parse().unwrap();
        stranger.browser.submit(&theirs).await.unwrap();
        assert_eq!(app.database.count(KEPT).await, 1, "a stranger takes nothing away");
        let removing = Sending::form(&page.form("取りやめる").unwrap(), &applicant.browser);
        for _ in 0..2 {
            is_attached(&removing.send().await);
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM attachments").await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'attachment_removed'").await, 1);
        assert_eq!(applicant.browser.open(picture.as_str()).await.unwrap().status, 404);
        assert_eq!(app.draft_of("himeji", "hanako@example.jp").await.1.attachments, []);
    }

    async fn what_is_attached_is_what_is_signed_and_a_change_asks_for_another_signature(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        is_attached(&send(&applicant, "staff-card", &jpeg(700)).await);
        let check = applicant.open("apply/check").await.unwrap();
        assert!(check.text().contains("社員証・在職証明書（2027年4月1日"), "{}", check.text());
        applicant.agree(&check).await.unwrap();
        let (frozen, _) = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!(frozen.state.name(), "awaiting_signature");
        is_attached(&send(&applicant, "staff-card", &jpeg(720)).await);
        let (edited, _) = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!(edited.state.name(), "draft");
    }

    async fn staff_look_at_the_picture_that_was_signed_for_and_each_look_is_recorded(app: &TestApp) {
        let submitted = submitted_with_picture(app).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("社員証・在職証明書") && file.text().contains("2027年4月1日"), "{}", file.text());
        let link = file.link("画像をひらく").unwrap();
        let picture = staff.browser.open(link.as_str()).await.unwrap();
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(picture.headers[name], value, "{name}");
        }
        assert!(picture.headers["content-disposition"].to_str().unwrap().starts_with("inline; filename=\"picture.jpg\""));
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("書類の画像を見ました"), "{}", file.text());
        let application = app.application("himeji", &submitted.reference).await;
        let path = link.path().replace("/himeji/", "/shiomi/");
        let elsewhere = app.staff("shiomi", todoke::demo::STAFF_LOGIN).await;
        let foreign = elsewhere.browser.open(&format!("{}{path}", app.portal().base_url)).await.unwrap();
        assert_eq!(foreign.status, 404);
        assert_eq!(submitted.applicant.browser.open(link.as_str()).await.unwrap().url.path(), "/himeji/staff/sign-in");
        assert_eq!(application.state.name(), "submitted");
    }

    async fn staff_destroy_a_back_side_at_once_and_that_stays_on_record(app: &TestApp) {
        let submitted = submitted_with_picture(app).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let link = file.link("画像をひらく").unwrap();
        let click = Sending::form(&file.form("この画像をすぐに消す").unwrap(), &staff.browser);
        for _ in 0..2 {
            assert_eq!(click.send().await.status, 303);
        }
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("この画像は消しました") && file.text().contains("持ってはいけない画像"), "{}", file.text());
        assert_eq!(staff.browser.open(link.as_str()).await.unwrap().status, 404);
        assert_eq!(app.database.count(KEPT).await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'attachment_destroyed'").await, 1);
        let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "the signature stands: {}", decided.text());
        app.deliver_mail().await;
    }

    async fn a_required_picture_that_staff_destroyed_is_asked_for_again(app: &TestApp) {
        let demand = r#"proves = ["work", "study"], procedures = ["new_card", "renewal"], signed = "#;
        let source = LIBRARIES[0].replace(&format!("{demand}\"optional\""), &format!("{demand}\"required\""));
        assert_ne!(source, LIBRARIES[0], "the rule file has moved on");
        app.portal().import_library(&LibraryRules::parse(&source).unwrap(), &source).await.unwrap();
        let submitted = submitted_with_picture(app).await;
        let applicant = &submitted.applicant;
        let staff = app.sato().await;
        let path = format!("applications/{}", submitted.reference);
        let file = staff.press(&staff.open_staff(&path).await.unwrap(), "担当する").await.unwrap();
        staff.browser.submit(&file.form("この画像をすぐに消す").unwrap()).await.unwrap();
        let page = staff.open_staff(&format!("{path}/correction")).await.unwrap();
        let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
        let form = form.fill("reason_name", "mismatch").unwrap().fill("text_name", "確かめてください。").unwrap();
        staff.press(&staff.browser.submit(&form).await.unwrap(), "修正をお願いする").await.unwrap();
        app.deliver_mail().await;

        let fix = applicant.open("status/fix").await.unwrap();
        let right = fix.form("text").unwrap().fill("text", "このままで正しいです。").unwrap();
        let fix = applicant.browser.submit(&right).await.unwrap();
        let documents = applicant.browser.click(&fix, "書類の画像を付ける").await.unwrap();
        pages::is_at(&documents, "/apply/documents");
        assert!(!documents.text().contains("付けました"), "{}", documents.text());
        pages::is_at(&applicant.open("apply/check").await.unwrap(), "/apply/documents");
        is_attached(&send(applicant, "staff-card", &jpeg(800)).await);
        let check = applicant.open("apply/check").await.unwrap();
        pages::is_at(&check, "/apply/check");
        let sign = applicant.press(&check, "署名へ進む").await.unwrap();
        applicant.sign_with(&sign, "normal").await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        app.deliver_mail().await;
    }

    #[stage(super::apart)]
    async fn a_process_of_its_own_reads_what_strangers_send(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        pages::is_rejected(&send(&applicant, "staff-card", b"GIF89a").await, "file", "JPEGかPNG");
        is_attached(&send(&applicant, "staff-card", &photograph()).await);
        assert_eq!(app.database.count(KEPT).await, 1);
    }

    #[stage(super::broken)]
    async fn a_file_that_breaks_that_process_breaks_nothing_else(app: &TestApp) {
        let (applicant, _) = asked_for_documents(app, &commuter()).await;
        pages::is_rejected(&send(&applicant, "staff-card", &jpeg(700)).await, "file", "開けませんでした");
        pages::is_at(&applicant.open("apply/documents").await.unwrap(), "/apply/documents");
    }

    async fn nobody_can_leave_a_my_number_in_a_form(app: &TestApp) {
        const NUMBER: &str = "１２３４－５６７８－９０１８";
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let name = applicant.answer("apply/name", &[("name", NUMBER), ("kana", "ひめじ はなこ")]).await.unwrap();
        pages::is_rejected(&name, "name", "マイナンバー");
        assert!(name.html().contains(NUMBER), "so that it can be mended");
        let address = applicant.answer("apply/address", &[("line2", "1234 5678 9018")]).await.unwrap();
        pages::is_rejected(&address, "line2", "マイナンバー");
        assert_eq!(app.draft_of("himeji", "hanako@example.jp").await.1.name.unwrap().as_str(), "姫路　花子");
        for needle in [NUMBER, "123456789018", "1234 5678 9018"] {
            assert!(!app.database.holds(needle).await, "{needle}");
        }
    }

    async fn what_was_typed_beside_a_my_number_is_kept_on_every_form(app: &TestApp) {
        const NUMBER: &str = "1234 5678 9018";
        let holder = app.journey("himeji");
        let card = holder.open("apply/card?procedure=reissue").await.unwrap();
        let typed = [("number", "300000014"), ("reason", "lost"), ("lost_on", NUMBER)];
        let refused = holder.send(&card, &typed).await.unwrap();
        pages::is_rejected(&refused, "lost_on", "マイナンバー");
        let form = refused.form("lost_on").unwrap();
        assert_eq!((form.value("number"), form.value("reason")), (Some("300000014"), Some("lost")));

        let young = app.journey("shiomi");
        let cosigner = young.fill_in(&pages::minato(), async || app.handed_over().await).await.unwrap();
        pages::is_at(&cosigner, "/apply/guardian");
        let typed = [("guardian_name", NUMBER), ("guardian_email", "haha@example.jp")];
        let refused = young.send(&cosigner, &typed).await.unwrap();
        pages::is_rejected(&refused, "guardian_name", "マイナンバー");
        assert_eq!(refused.form("guardian_name").unwrap().value("guardian_email"), Some("haha@example.jp"));

        let back = app.journey("himeji");
        let refused = back.answer("resume", &[("email", NUMBER)]).await.unwrap();
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert_eq!(refused.form("email").unwrap().value("email"), Some(NUMBER));
        assert!(!app.database.holds(NUMBER).await && !app.database.holds("123456789018").await);
    }

    async fn a_reason_with_twelve_digits_is_asked_about_and_goes_on_if_it_is_another_number(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let claimed = staff.press(&file, "担当する").await.unwrap();
        let reason = "免許証（番号 123456789018）の住所とちがいます。";
        let asked = staff.send(&claimed, &[("outcome", "decline"), ("reason", reason)]).await.unwrap();
        pages::is_rejected(&asked, "reason", "12けたの番号");
        assert!(asked.html().contains("name=\"not_my_number\""));
        let form = asked.form("reason").unwrap().fill("not_my_number", "yes").unwrap();
        let confirmation = staff.browser.submit(&form).await.unwrap();
        assert_eq!(confirmation.status, 200, "{}", confirmation.text());
        let decided = staff.press(&confirmation, "承認しないと決定する").await.unwrap();
        assert!(decided.text().contains("承認しない」と決定"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn the_evidence_has_the_picture_as_long_as_it_is_kept_and_its_digest_for_ever(app: &TestApp) {
        let submitted = submitted_with_picture(app).await;
        app.portal().gather_evidence().await.unwrap();
        let staff = app.sato().await;
        let url = format!("applications/{}/evidence.zip", submitted.reference);
        let archive = Archive::from_zip(&staff.open_staff(&url).await.unwrap().body).unwrap();
        let [entry] = archive.manifest().attachments.as_slice() else { panic!("{:?}", archive.manifest()) };
        assert!(archive.file(&entry.name).unwrap().starts_with(b"\xFF\xD8\xFF"));
        app.database.execute("UPDATE attachments SET contents = NULL, file_name = NULL, destroyed_at = attached_at").await.unwrap();
        let later = Archive::from_zip(&staff.open_staff(&url).await.unwrap().body).unwrap();
        assert_eq!((later.manifest(), later.file(&entry.name)), (archive.manifest(), None));
    }
}
