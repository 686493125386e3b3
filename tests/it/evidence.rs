//! The evidence archive: gathered after the receipt, time-stamped, taken by staff, and checked without the portal.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::loopback;
use crate::support::pages;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use time::Duration;
use todoke::demo::authority::TimestampFault;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::Stage;
use todoke::evidence::{Archive, Form, Recorded, Revocation, Vouched, verify_evidence};
use todoke::gateway::timestamp::TimestampAuthority;
use todoke::jpki::{Anchor, Policies, RevocationStatus, Trust};
use todoke::store::evidence::{SignatureKey, set_time_stamp};

/// Whether the time-stamping authority of a portal is there; a stage is set before its story has hands.
static IS_DOWN: LazyLock<Mutex<HashMap<String, bool>>> = LazyLock::new(Mutex::default);

fn set_down(portal: &str, is_down: bool) {
    IS_DOWN.lock().unwrap().insert(portal.to_owned(), is_down);
}

fn with_a_timestamping_authority(stage: &mut Stage) {
    let portal = stage.portal.base_url.clone();
    set_down(&portal, false);
    let (authority, clock) = (Arc::clone(&stage.authority), stage.portal.clock.clone());
    let url = loopback::serve("application/timestamp-query", move |question| {
        let is_up = !IS_DOWN.lock().unwrap()[&portal];
        is_up.then(|| authority.stamp(question, TimestampFault::None, clock.now()).unwrap())
    });
    let anchors = vec![Anchor::from_der(stage.authority.anchor_der()).unwrap()];
    let timeout = std::time::Duration::from_secs(5);
    stage.portal.timestamps = Some(TimestampAuthority::over(url.as_str(), anchors, timeout).unwrap());
}

async fn file_of(staff: &Journey, submitted: &Submitted) -> Page {
    staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap()
}

/// Takes the archive as staff do.
async fn taken(app: &TestApp, submitted: &Submitted) -> Archive {
    let staff = app.sato().await;
    let file = file_of(&staff, submitted).await;
    let zip = staff.browser.open(file.link("証拠書類").unwrap().as_str()).await.unwrap();
    assert_eq!(zip.headers["content-type"], "application/zip");
    Archive::from_zip(&zip.body).unwrap()
}

fn anchors(app: &TestApp) -> Vec<Anchor> {
    vec![Anchor::from_der(app.stage.authority.anchor_der()).unwrap()]
}

/// Checks an archive with nothing but the roots.
fn checked(app: &TestApp, archive: &Archive) -> todoke::evidence::EvidenceVerdict {
    let trust = Trust::signing(anchors(app), Policies::demo());
    verify_evidence(archive, &trust, &Trust::timestamping(anchors(app)))
}

stories! {
    async fn staff_take_an_archive_that_proves_the_signature_by_itself(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.portal().gather_evidence().await.unwrap();
        let archive = taken(app, &submitted).await;
        let manifest = archive.manifest();
        assert_eq!((manifest.subject.reference.as_str(), manifest.form), (submitted.reference.as_str(), Form::Detached));
        assert!(matches!(manifest.revocation[0], Revocation::List { .. }), "{:?}", manifest.revocation);
        let found = checked(app, &archive);
        assert_eq!((found.reason(), found.recorded), (None, Recorded::Same));
        assert!(matches!(found.verdict.revocation, RevocationStatus::Good { .. }));
        assert_eq!(found.vouched, [], "nobody vouches for the time");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'evidence_taken'").await, 1);
    }

    async fn an_archive_that_was_not_gathered_yet_is_gathered_when_it_is_asked_for(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM evidence").await, 0);
        let first = taken(app, &submitted).await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM evidence").await, 1);
        app.advance(Duration::minutes(3));
        assert_eq!(taken(app, &submitted).await, first, "the same again");
    }

    #[stage(with_a_timestamping_authority)]
    async fn evidence_waits_for_its_time_stamp_and_nothing_else_does(app: &TestApp) {
        set_down(&app.portal().base_url, true);
        let submitted = app.submitted_by_hanako().await;
        app.portal().gather_evidence().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM evidence WHERE time_stamp IS NULL").await, 1);
        app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "issued");

        set_down(&app.portal().base_url, false);
        app.advance(Duration::minutes(10));
        let stamped_at = app.now();
        app.portal().gather_evidence().await.unwrap();
        app.portal().gather_evidence().await.unwrap();
        let found = checked(app, &taken(app, &submitted).await);
        assert_eq!(found.reason(), None);
        let [Vouched::At { time, .. }] = found.vouched.as_slice() else { panic!("{:?}", found.vouched) };
        assert!((*time - stamped_at).abs() < Duration::SECOND, "{time}");
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
