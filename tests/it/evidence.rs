//! The evidence of a signature: what the reviewer sees of it and takes away, and that it proves itself offline.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::evidence::{Archive, Form, Recorded, verify_evidence};
use todoke::store::evidence::{SignatureKey, set_time_stamp};

const TAKEN: &str = "SELECT COUNT(*) FROM events WHERE kind = 'evidence_taken'";

async fn file_of(staff: &Journey, submitted: &Submitted) -> Page {
    staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap()
}

/// The archive, as the link on the file gives it away.
async fn archive(staff: &Journey, file: &Page) -> Archive {
    let link = file.link("証拠書類をまとめて保存する").unwrap();
    let zip = staff.browser.open(link.as_str()).await.unwrap();
    assert_eq!((zip.status, &zip.headers["content-type"]), (200, &"application/zip".parse().unwrap()));
    assert!(zip.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"LC-"));
    Archive::from_zip(&zip.body).unwrap()
}

stories! {
    async fn the_archive_proves_the_signature_offline_in_ten_years(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let file = file_of(&staff, &submitted).await;
        assert!(file.text().contains("申込みをした端末のアプリ") && file.link("署名を保存する（.p7s）").is_ok());
        let before = app.database.count(TAKEN).await;
        let first = archive(&staff, &file).await;
        assert_eq!(app.database.count(TAKEN).await, before + 1, "taking it is recorded");
        assert_eq!(first.manifest().subject.reference, submitted.reference);
        assert_eq!(first.manifest().form, Form::Detached);
        let trust = &app.portal().trust;
        let proved = verify_evidence(&first, trust, trust, app.now() + Duration::days(3650));
        assert_eq!((proved.reason(), proved.recorded), (None, Recorded::Same));

        app.advance(Duration::days(1));
        let staff = app.sato().await;
        let again = archive(&staff, &file_of(&staff, &submitted).await).await;
        assert_eq!(again.manifest_json(), first.manifest_json(), "it was gathered once");
        app.deliver_mail().await;
    }

    async fn the_reviewer_sees_when_the_evidence_was_time_stamped(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        while app.portal().gather_evidence().await.unwrap() {}
        let staff = app.sato().await;
        assert!(!file_of(&staff, &submitted).await.text().contains("時刻の証明"));
        let application = app.application("himeji", &submitted.reference).await;
        let key = SignatureKey { library_id: application.library_id, application_id: application.id, version_number: 1 };
        let mut tx = app.database.db.begin().await.unwrap();
        assert!(set_time_stamp(&mut tx, &key, b"a token", app.now()).await.unwrap());
        tx.commit().await.unwrap();
        let file = file_of(&staff, &submitted).await;
        assert!(file.text().contains("時刻の証明") && file.text().contains("2026-11-20 10:00"), "{}", file.text());
        app.deliver_mail().await;
    }

    async fn nobody_else_takes_it(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let path = format!("applications/{}/evidence.zip", submitted.reference);
        let stranger = app.journey("himeji");
        pages::is_at(&stranger.open_staff(&path).await.unwrap(), "/staff/sign-in");
        let elsewhere = app.staff("shiomi", "sato").await;
        assert_eq!(elsewhere.open_staff(&path).await.unwrap().status, 404);
        let (draft, _) = app.frozen("himeji", &Person::hanako().with_email("draft@example.jp")).await;
        let reference = app.draft_of("himeji", "draft@example.jp").await.0.reference;
        let staff = app.sato().await;
        let early = staff.open_staff(&format!("applications/{reference}/evidence.zip")).await.unwrap();
        assert_eq!(early.status, 404, "nothing was signed");
        drop(draft);
        app.deliver_mail().await;
    }
}
