use super::fixtures::{NOW, draft, library, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::application::Application;
use todoke::domain::ids::NoticeId;
use todoke::domain::language::Language;
use todoke::domain::notice::{DeclinedNotice, Notice, NoticeAbout, NoticeContent, PaperWay};
use todoke::store::{StoreError, Tx, notices, paper_notices};

/// A notice that can be read.
pub(super) async fn noted(tx: &mut Tx, application: &Application, seconds: i64) -> Notice {
    let at = NOW + Duration::seconds(seconds);
    let notice = Notice {
        id: NoticeId::new(at),
        library_id: application.library_id,
        about: NoticeAbout::Application(application.id),
        language: Language::En,
        content: NoticeContent::Declined(DeclinedNotice {
            document_number: "2026-000001".into(),
            decided_on: date!(2026 - 11 - 20),
            library_name: "himeji図書館".into(),
            issuer: "図書館長".into(),
            contact: "079-000-0000".into(),
            reference: application.reference.clone(),
            name: "姫路 梅".parse().unwrap(),
            reason: "住所を確かめられませんでした。".into(),
            library_words: None,
        }),
        placed_at: at,
        mailed_at: None,
        first_read_at: None,
        first_saved_at: None,
    };
    notices::insert(tx, &notice).await.unwrap();
    notice
}

/// The same, which goes on paper.
async fn placed(tx: &mut Tx, application: &Application, seconds: i64) -> Notice {
    let notice = noted(tx, application, seconds).await;
    paper_notices::insert(tx, &notice).await.unwrap();
    notice
}

both_engines! {
    async fn a_notice_waits_on_paper_until_it_has_left_the_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (ume, other) = (draft(&mut tx, himeji.id).await, draft(&mut tx, himeji.id).await);
        let sato = staff_member(&mut tx, himeji.id, "sato").await;
        let (second, first) = (placed(&mut tx, &ume, 5).await, placed(&mut tx, &other, 1).await);
        let listed = paper_notices::list_waiting(&mut tx, himeji.id, 9).await.unwrap();
        assert_eq!(listed.iter().map(|paper| paper.notice_id).collect::<Vec<_>>(), [first.id, second.id]);
        assert_eq!((listed[0].kind.as_str(), listed[0].about, listed[0].delivered), ("declined", NoticeAbout::Application(other.id), None));
        assert_eq!(paper_notices::list_waiting(&mut tx, himeji.id, 1).await.unwrap(), listed[..1]);
        assert_eq!(paper_notices::list_waiting(&mut tx, akashi.id, 9).await.unwrap(), []);
        assert!(paper_notices::is_any_waiting(&mut tx, ume.id).await.unwrap());

        let by = (PaperWay::Posted, sato.id);
        assert!(!paper_notices::mark_delivered(&mut tx, akashi.id, second.id, by, NOW).await.unwrap());
        assert!(paper_notices::mark_delivered(&mut tx, himeji.id, second.id, by, NOW).await.unwrap());
        assert!(!paper_notices::mark_delivered(&mut tx, himeji.id, second.id, by, NOW).await.unwrap(), "once");
        assert!(!paper_notices::is_any_waiting(&mut tx, ume.id).await.unwrap());
        let found = paper_notices::find(&mut tx, himeji.id, second.id).await.unwrap().unwrap();
        assert_eq!(found.delivered, Some((PaperWay::Posted, sato.id, NOW)));
        assert_eq!(paper_notices::find(&mut tx, akashi.id, second.id).await.unwrap(), None);
        assert_eq!(paper_notices::list_waiting(&mut tx, himeji.id, 9).await.unwrap(), listed[..1]);
        assert!(matches!(paper_notices::insert(&mut tx, &first).await, Err(StoreError::Duplicate)));
    }
}
