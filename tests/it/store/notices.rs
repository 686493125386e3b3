use super::fixtures::{NOW, awaiting_signature, email, library};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::application::Application;
use todoke::domain::ids::{MailId, NoticeId};
use todoke::domain::language::Language;
use todoke::domain::notice::{DeclinedNotice, MailContent, Notice, NoticeAbout, NoticeContent, QueuedMail};
use todoke::store::notices::{NoticeTimes, RevokedNotice};
use todoke::store::seal::erase_key;
use todoke::store::{StoreError, notices, outbox};

pub(super) fn notice(application: &Application) -> Notice {
    Notice {
        id: NoticeId::new(NOW),
        library_id: application.library_id,
        about: NoticeAbout::Application(application.id),
        language: Language::En,
        content: NoticeContent::Declined(DeclinedNotice {
            document_number: "2026-000001".into(),
            decided_on: date!(2026 - 11 - 20),
            library_name: "姫路図書館".into(),
            issuer: "図書館長".into(),
            contact: "079-000-0000".into(),
            reference: application.reference.clone(),
            name: "姫路 花子".parse().unwrap(),
            reason: "住所を確かめられませんでした。".into(),
            library_words: None,
        }),
        placed_at: NOW,
        mailed_at: None,
        first_read_at: None,
        first_saved_at: None,
    }
}

both_engines! {
    async fn a_notice_says_in_its_library_what_it_said(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = awaiting_signature(&mut tx, himeji.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        assert_eq!(notices::find(&mut tx, himeji.id, notice.id).await.unwrap(), Some(notice.clone()));
        assert_eq!(notices::find(&mut tx, akashi.id, notice.id).await.unwrap(), None);
        let listed = notices::list_by_application(&mut tx, himeji.id, application.id).await.unwrap();
        assert_eq!(listed, [notice]);
        assert!(notices::list_by_application(&mut tx, akashi.id, application.id).await.unwrap().is_empty());
    }

    async fn a_notice_is_placed_once_per_version(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        notices::insert(&mut tx, &notice(&application)).await.unwrap();
        let again = notices::insert(&mut tx, &notice(&application)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    }

    async fn the_first_reading_is_kept(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        assert!(notices::mark_read(&mut tx, notice.id, NOW).await.unwrap());
        assert!(!notices::mark_read(&mut tx, notice.id, NOW + Duration::HOUR).await.unwrap());
        let read = notices::find(&mut tx, library.id, notice.id).await.unwrap().unwrap();
        assert_eq!(read.first_read_at, Some(NOW));
    }

    async fn the_times_of_a_notice_are_told_without_opening_it(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = awaiting_signature(&mut tx, himeji.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        let mail = QueuedMail {
            id: MailId::new(NOW),
            library_id: himeji.id,
            application_id: Some(application.id),
            recipient: email("hanako@example.jp"),
            language: Language::Ja,
            content: MailContent::NoticeReady,
            queued_at: NOW,
            attempts: 0,
        };
        outbox::insert_telling_of(&mut tx, notice.id, &mail, "once").await.unwrap();
        let (mailed_at, read_at) = (NOW + Duration::MINUTE, NOW + Duration::HOUR);
        assert!(outbox::mark_sent(&mut tx, mail.id, mailed_at).await.unwrap());
        assert!(notices::mark_read(&mut tx, notice.id, read_at).await.unwrap());
        let found = notices::find(&mut tx, himeji.id, notice.id).await.unwrap().unwrap();
        assert_eq!(found, Notice { mailed_at: Some(mailed_at), first_read_at: Some(read_at), ..notice.clone() });
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let times = NoticeTimes {
            kind: "declined".into(),
            placed_at: NOW,
            mailed_at: Some(mailed_at),
            first_read_at: Some(read_at),
        };
        assert_eq!(notices::list_times(&mut tx, himeji.id, application.id).await.unwrap(), [times]);
        assert_eq!(notices::list_times(&mut tx, akashi.id, application.id).await.unwrap(), []);
    }

    async fn a_notice_that_was_taken_back_is_found_with_its_time(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = awaiting_signature(&mut tx, himeji.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        assert!(notices::list_revoked(&mut tx, himeji.id, application.id).await.unwrap().is_empty());
        let at = NOW + Duration::HOUR;
        assert_eq!(notices::revoke(&mut tx, himeji.id, application.id, at).await.unwrap(), 1);
        let revoked = RevokedNotice { notice: notice.clone(), revoked_at: at };
        let listed = notices::list_revoked(&mut tx, himeji.id, application.id).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&revoked));
        assert_eq!(notices::find_revoked(&mut tx, himeji.id, notice.id).await.unwrap(), Some(revoked));
        assert_eq!(notices::find_revoked(&mut tx, akashi.id, notice.id).await.unwrap(), None);
        assert_eq!(notices::find(&mut tx, himeji.id, notice.id).await.unwrap(), None, "it counts no more");
    }

    async fn document_numbers_count_by_library_and_year(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        assert_eq!(notices::next_document_number(&mut tx, himeji.id, 2026).await.unwrap(), 1);
        assert_eq!(notices::next_document_number(&mut tx, himeji.id, 2026).await.unwrap(), 2);
        assert_eq!(notices::next_document_number(&mut tx, himeji.id, 2027).await.unwrap(), 1);
        assert_eq!(notices::next_document_number(&mut tx, akashi.id, 2026).await.unwrap(), 1);
    }
}
