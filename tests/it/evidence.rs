//! The evidence archive: gathered after the receipt, time-stamped, taken by staff, and checked without the portal.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::loopback;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use time::Duration;
use todoke::demo::authority::TimestampFault;
use todoke::demo::stage::Stage;
use todoke::evidence::{Archive, Form, Recorded, Revocation, Vouched, verify_evidence};
use todoke::gateway::timestamp::TimestampAuthority;
use todoke::jpki::{Anchor, Policies, RevocationStatus, Trust};

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

/// Takes the archive as staff do.
async fn taken(app: &TestApp, submitted: &Submitted) -> Archive {
    let staff = app.sato().await;
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
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

    async fn the_archive_is_for_the_librarys_own_staff(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let path = format!("applications/{}/evidence.zip", submitted.reference);
        let stranger = app.journey("himeji").open_staff(&path).await;
        assert!(stranger.is_err() || stranger.unwrap().url.path().ends_with("/staff/sign-in"));
    }
}
