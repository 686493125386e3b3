//! Signed with other software and uploaded: what counts, what does not, and that nothing is lost.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use time::Duration;
use todoke::demo::authority::{CardHolder, CardKey, Fault};
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::signing_app::{hanako, taro};
use todoke::evidence::{Archive, DOCUMENT, Form, Recorded, verify_evidence};
use todoke::jpki::SignedAttributes;
use todoke::store::signatures::{self, SigningWay};

const SUBMISSIONS: &str = "SELECT COUNT(*) FROM events WHERE kind = 'submitted'";

/// A detached signature over `document`, as software at a PC makes it.
fn signed_by(app: &TestApp, holder: &CardHolder, fault: Fault, document: &[u8]) -> Vec<u8> {
    let key = CardKey::generate().unwrap();
    let card = app.stage.authority.issue(holder, fault, &key, app.now() - Duration::hours(1)).unwrap();
    let digest: [u8; 32] = digest(&SHA256, document).as_ref().try_into().unwrap();
    let attributes = SignedAttributes::new(digest, app.now());
    let signature = card.sign(&attributes.digest_info()).unwrap();
    attributes.to_cms(&signature, card.certificate_der()).unwrap()
}

fn signed(app: &TestApp, document: &[u8]) -> Vec<u8> {
    signed_by(app, &hanako(), Fault::None, document)
}

/// The document with a signature inside, as PDF software makes it.
fn signed_inside(app: &TestApp, fault: Fault, document: &[u8]) -> Vec<u8> {
    let key = CardKey::generate().unwrap();
    let card = app.stage.authority.issue(&hanako(), fault, &key, app.now() - Duration::hours(1)).unwrap();
    card.sign_pdf(document, app.now()).unwrap()
}

/// The document as the upload page gives it away.
async fn download(applicant: &Journey) -> Vec<u8> {
    let page = applicant.open("apply/sign/upload").await.unwrap();
    let pdf = applicant.browser.open(page.link("ダウンロードする").unwrap().as_str()).await.unwrap();
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    assert!(pdf.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"LC-"));
    pdf.body
}

/// The form of the upload page with a file in it.
async fn sending(applicant: &Journey, file: &[u8]) -> Sending {
    let page = applicant.open("apply/sign/upload").await.unwrap();
    pages::is_at(&page, "/apply/sign/upload");
    Sending::form(&page.form("file").unwrap(), &applicant.browser).file(file)
}

async fn upload(applicant: &Journey, file: &[u8]) -> Page {
    sending(applicant, file).await.send().await
}

#[track_caller]
fn leads_to(page: &Page, path: &str) {
    assert_eq!((page.status, location(page).as_deref()), (303, Some(path)), "{}", page.text());
}

/// The same message in BER with an indefinite length around it, as streaming software writes it.
fn in_ber(der: &[u8]) -> Vec<u8> {
    let header = 2 + usize::from(der[1] & 0x7F);
    [&[0x30, 0x80], &der[header..], &[0, 0]].concat()
}

stories! {
    async fn a_detached_signature_submits_and_stands_up_to_review(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let document = download(&applicant).await;
        leads_to(&upload(&applicant, &signed(app, &document)).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
        let done = applicant.open("apply/done").await.unwrap();
        let submitted = Submitted::on(applicant, &Person::hanako(), &done);
        let application = app.application("himeji", &submitted.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let evidence = signatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
        assert_eq!((evidence.way, evidence.pdf_update), (SigningWay::Upload, None));
        drop(tx);
        let decided = app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn a_signature_inside_the_document_submits_and_stands_up_to_review(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let document = download(&applicant).await;
        let signed = signed_inside(app, Fault::None, &document);
        let mut broken = signed.clone();
        let place = document.len() + 40;
        broken[place] ^= 1;
        let refused = upload(&applicant, &broken).await;
        assert!(refused.status == 422 || location(&refused).unwrap().contains("/problem/"), "{}", refused.status);
        let update = [&document[..], b"\n% a line of somebody's own\n"].concat();
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        let refused = upload(&applicant, &update).await;
        assert!(refused.status == 422 || location(&refused).unwrap().contains("/problem/"), "{}", refused.status);
        let expired = signed_inside(app, Fault::Expired, &document);
        leads_to(&upload(&applicant, &expired).await, "/himeji/ja/apply/sign/problem/expired");

        leads_to(&upload(&applicant, &signed).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
        let done = applicant.open("apply/done").await.unwrap();
        let submitted = Submitted::on(applicant, &Person::hanako(), &done);
        let application = app.application("himeji", &submitted.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let evidence = signatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
        assert_eq!((evidence.way, evidence.pdf_update.as_deref()), (SigningWay::Upload, Some(&signed[document.len()..])));
        drop(tx);
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("ファイルをアップロード") && file.text().contains("署名入り"), "{}", file.text());
        assert!(file.link("署名を保存する（.p7s）").is_err(), "it is inside the document");
        let archive = staff.browser.open(file.link("証拠書類をまとめて保存する").unwrap().as_str()).await.unwrap();
        let archive = Archive::from_zip(&archive.body).unwrap();
        assert_eq!((archive.manifest().form, archive.file(DOCUMENT)), (Form::Pdf, Some(&signed[..])));
        let trust = &app.portal().trust;
        let proved = verify_evidence(&archive, trust, trust);
        assert_eq!((proved.reason(), proved.recorded), (None, Recorded::Same));
        let kept = staff.open_staff(&format!("applications/{}/document", submitted.reference)).await.unwrap();
        assert_eq!(kept.body, signed, "the staff gets the file as it was signed");
        let none = staff.open_staff(&format!("applications/{}/signature", submitted.reference)).await.unwrap();
        assert_eq!(none.status, 404);
        let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn pem_and_ber_are_read_too(app: &TestApp) {
        let (one, _) = app.frozen("himeji", &Person::hanako()).await;
        let cms = signed(app, &download(&one).await);
        let pem = format!("-----BEGIN PKCS7-----\r\n{}\r\n-----END PKCS7-----\r\n", BASE64.encode(&cms));
        leads_to(&upload(&one, pem.as_bytes()).await, "/himeji/ja/apply/done");
        let two = Person { birth: ["昭和50", "3", "20"], ..pages::taro() };
        let (two, _) = app.frozen("himeji", &two).await;
        let cms = signed_by(app, &taro(), Fault::None, &download(&two).await);
        leads_to(&upload(&two, &in_ber(&cms)).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
        let staff = app.sato().await;
        let done = two.open("apply/done").await.unwrap();
        let reference = done.text_of(".lc-panel .lc-big").unwrap();
        let decided = staff.decide(&reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn other_files_are_explained_at_the_field_and_nothing_is_lost(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let before = app.draft_of("himeji", "hanako@example.jp").await;
        let document = download(&applicant).await;
        let cms = signed(app, &document);
        let mut altered = document.clone();
        altered[20] ^= 1;
        let key = CardKey::generate().unwrap();
        let card = app.stage.authority.issue(&hanako(), Fault::None, &key, app.now()).unwrap();
        let files: [(&[u8], &str); 10] = [
            (b"", "選んでください"),
            (b"\xFF\xD8\xFF\xE0\x00\x10JFIF", "写真や画像は受け付けていません"),
            (b"\x89PNG\r\n\x1a\n", "写真や画像は受け付けていません"),
            (b"\0\0\0\x18ftypheic", "写真や画像は受け付けていません"),
            (b"PK\x03\x04", "署名のファイルではありません"),
            (b"-----BEGIN PKCS7-----\n!\n-----END PKCS7-----\n", "署名のファイルではありません"),
            (card.certificate_der(), "電子証明書のファイルです"),
            (&document, "まだ署名がありません"),
            (&altered, "中身がちがうPDFです"),
            (b"%PDF-1.7\n1 0 obj", "中身がちがうPDFです"),
        ];
        for (file, sentence) in files {
            pages::is_rejected(&upload(&applicant, file).await, "file", sentence);
        }
        let padded = |length: usize| [&cms[..], &vec![0; length - cms.len()]].concat();
        let large = padded((1 << 20) + 1);
        pages::is_rejected(&upload(&applicant, &large).await, "file", "大きすぎます");
        let huge = [&document[..], &vec![b' '; (1 << 20) + 1]].concat();
        pages::is_rejected(&upload(&applicant, &huge).await, "file", "大きすぎます");
        let after = app.draft_of("himeji", "hanako@example.jp").await;
        assert_eq!((after.0.state, after.1), (before.0.state, before.1));
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        leads_to(&upload(&applicant, &cms).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
    }

    async fn what_was_downloaded_before_a_change_is_told_apart(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let old_document = download(&applicant).await;
        let old_signature = signed(app, &old_document);
        let old_form = sending(&applicant, &old_signature).await;
        let check = applicant.answer("apply/contact?from=check", &[("phone", "079-777-1234")]).await.unwrap();
        leads_to(&old_form.send().await, "/himeji/ja/apply/check");
        pages::is_at(&applicant.agree(&check).await.unwrap(), "/apply/sign");
        let changed = "ダウンロードしたあとに、申込みの内容が変わりました";
        pages::is_rejected(&old_form.send().await, "file", changed);
        pages::is_rejected(&upload(&applicant, &old_signature).await, "file", changed);
        let old_pdf = [&old_document[..], b"\n1 0 obj << /Type /Sig >> endobj"].concat();
        pages::is_rejected(&upload(&applicant, &old_pdf).await, "file", changed);
        // The right signature under the old page's number is no better: its reader has not seen what changed.
        let signature = signed(app, &download(&applicant).await);
        let sent = old_form.file(&signature).send().await;
        pages::is_rejected(&sent, "file", changed);
        leads_to(&upload(&applicant, &signature).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
    }

    async fn a_bad_card_gets_the_same_page_as_in_the_app(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let document = download(&applicant).await;
        let bad = [
            (hanako(), Fault::Expired, "expired"),
            (hanako(), Fault::UserAuthentication, "wrong-certificate"),
            (hanako(), Fault::ForgedIssuer, "not-trusted"),
            (taro(), Fault::None, "other-person"),
        ];
        for (holder, fault, kind) in bad {
            let cms = signed_by(app, &holder, fault, &document);
            leads_to(&upload(&applicant, &cms).await, &format!("/himeji/ja/apply/sign/problem/{kind}"));
        }
        let another = signed(app, b"another document");
        leads_to(&upload(&applicant, &another).await, "/himeji/ja/apply/sign/problem/wrong-document");
        let mut broken = signed(app, &document);
        *broken.last_mut().unwrap() ^= 1;
        leads_to(&upload(&applicant, &broken).await, "/himeji/ja/apply/sign/problem/wrong-document");
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        leads_to(&upload(&applicant, &signed(app, &document)).await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
    }

    async fn a_signature_counts_in_the_session_of_its_own_application_only(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let cms = signed(app, &download(&applicant).await);
        let (other, _) = app.frozen("himeji", &Person::hanako().with_email("other@example.jp")).await;
        leads_to(&upload(&other, &cms).await, "/himeji/ja/apply/sign/problem/wrong-document");
        let form = sending(&applicant, &cms).await;
        let stranger = app.journey("himeji");
        let url = format!("{}/ja/apply/sign/upload", applicant.library).parse().unwrap();
        let theirs = Sending::to(reqwest::Method::POST, url, &stranger.browser).header("sec-fetch-site", "same-origin");
        leads_to(&theirs.file(&cms).send().await, "/himeji/ja/resume?why=lost");
        assert_eq!(form.clone().without("csrf").send().await.status, 403);
        assert_eq!(form.clone().header("sec-fetch-site", "cross-site").send().await.status, 403);
        assert_eq!(form.clone().without("version").send().await.status, 400);
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
        leads_to(&form.send().await, "/himeji/ja/apply/done");
        app.deliver_mail().await;
    }

    async fn after_the_time_it_is_asked_for_again(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let cms = signed(app, &download(&applicant).await);
        app.advance(Duration::minutes(30));
        leads_to(&upload(&applicant, &cms).await, "/himeji/ja/apply/sign/problem/request-expired");
        assert_eq!(app.database.count(SUBMISSIONS).await, 0);
    }

    async fn five_uploads_at_once_submit_once(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let cms = signed(app, &download(&applicant).await);
        let form = sending(&applicant, &cms).await;
        let answers = all_at_once(vec![form; 5]).await;
        assert!(answers.iter().all(|answer| answer.status == 303), "nobody sees a fault");
        assert_eq!(app.database.count(SUBMISSIONS).await, 1);
        pages::is_at(&applicant.open("apply/done").await.unwrap(), "/apply/done");
        assert_eq!(app.deliver_mail().await.sent, 1);
    }
}
