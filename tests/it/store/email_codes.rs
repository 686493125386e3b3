use super::fixtures::{NOW, draft, email, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::{ApplicationId, EmailCodeId, LibraryId};
use todoke::store::Db;
use todoke::store::email_codes::{self, CodePurpose, EmailCode, MOST_TRIES};
use todoke::store::seal::erase_key;

fn code(library_id: LibraryId, application_id: Option<ApplicationId>) -> EmailCode {
    EmailCode {
        id: EmailCodeId::new(NOW),
        library_id,
        session_hash: [1; 32],
        purpose: CodePurpose::Confirm,
        email: email("hanako@example.jp"),
        application_id,
        code_hash: [2; 32],
        sent_at: NOW,
        expires_at: NOW + Duration::minutes(10),
        tries: 0,
        used_at: None,
    }
}

async fn use_up(db: Db, id: EmailCodeId) -> Option<u32> {
    let mut tx = db.begin().await.unwrap();
    let tries = email_codes::count_try(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    tries
}

both_engines! {
    async fn a_session_sees_its_own_living_codes(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let first = code(library.id, None);
        let second = EmailCode { sent_at: NOW + Duration::MINUTE, ..code(library.id, Some(application.id)) };
        let resume = EmailCode { purpose: CodePurpose::Resume, ..code(library.id, None) };
        let sign_in = EmailCode { purpose: CodePurpose::SignIn, session_hash: [7; 32], ..code(library.id, None) };
        for code in [&first, &second, &resume, &sign_in] {
            email_codes::insert(&mut tx, code).await.unwrap();
        }
        let live = |at, session, purpose| (at, session, purpose);
        for ((at, session, purpose), expected) in [
            (live(NOW, [1; 32], CodePurpose::Confirm), vec![second.clone(), first.clone()]),
            (live(NOW, [1; 32], CodePurpose::Resume), vec![resume]),
            (live(NOW, [7; 32], CodePurpose::SignIn), vec![sign_in]),
            (live(NOW, [7; 32], CodePurpose::Confirm), vec![]),
            (live(first.expires_at, [1; 32], CodePurpose::Confirm), vec![]),
        ] {
            assert_eq!(email_codes::list_live(&mut tx, &session, purpose, at).await.unwrap(), expected);
        }
        assert!(email_codes::mark_used(&mut tx, second.id, NOW).await.unwrap());
        assert!(!email_codes::mark_used(&mut tx, second.id, NOW).await.unwrap());
        assert!(!email_codes::mark_used(&mut tx, first.id, first.expires_at).await.unwrap());
        let left = email_codes::list_live(&mut tx, &[1; 32], CodePurpose::Confirm, NOW).await.unwrap();
        assert_eq!(left, [first]);
        let before = NOW - Duration::SECOND;
        let used = email_codes::list_used_since(&mut tx, &[1; 32], CodePurpose::Confirm, before).await.unwrap();
        assert_eq!(used.iter().map(|code| code.id).collect::<Vec<_>>(), [second.id]);
        for (session, purpose, since) in
            [([7; 32], CodePurpose::Confirm, before), ([1; 32], CodePurpose::SignIn, before), ([1; 32], CodePurpose::Confirm, NOW)]
        {
            assert!(email_codes::list_used_since(&mut tx, &session, purpose, since).await.unwrap().is_empty());
        }
    }

    async fn a_code_is_tried_five_times_however_many_try_at_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let code = code(library.id, None);
        email_codes::insert(&mut tx, &code).await.unwrap();
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..12).map(|_| tokio::spawn(use_up(database.db.clone(), code.id))).collect();
        let mut tries = Vec::new();
        for task in tasks {
            tries.extend(task.await.unwrap());
        }
        tries.sort_unstable();
        assert_eq!(tries, (1..=MOST_TRIES).collect::<Vec<_>>());
        let mut tx = database.db.read().await.unwrap();
        assert!(email_codes::list_live(&mut tx, &[1; 32], CodePurpose::Confirm, NOW).await.unwrap().is_empty());
    }

    async fn sent_codes_are_counted_by_address_and_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let mine = email("hanako@EXAMPLE.jp");
        assert_eq!(email_codes::last_sent_at(&mut tx, himeji.id, &mine, CodePurpose::Confirm).await.unwrap(), None);
        let later = NOW + Duration::HOUR;
        for code in [
            code(himeji.id, None),
            EmailCode { sent_at: later, ..code(himeji.id, None) },
            EmailCode { email: email("taro@example.jp"), ..code(himeji.id, None) },
            code(akashi.id, None),
        ] {
            email_codes::insert(&mut tx, &code).await.unwrap();
        }
        assert_eq!(email_codes::count_sent_since(&mut tx, himeji.id, &mine, CodePurpose::Confirm, NOW).await.unwrap(), 2);
        assert_eq!(email_codes::count_sent_since(&mut tx, himeji.id, &mine, CodePurpose::Confirm, later).await.unwrap(), 1);
        assert_eq!(email_codes::count_sent_since(&mut tx, akashi.id, &mine, CodePurpose::Confirm, NOW).await.unwrap(), 1);
        assert_eq!(email_codes::last_sent_at(&mut tx, himeji.id, &mine, CodePurpose::Confirm).await.unwrap(), Some(later));
        let other = CodePurpose::SignIn;
        assert_eq!(email_codes::count_sent_since(&mut tx, himeji.id, &mine, other, NOW).await.unwrap(), 0);
        assert_eq!(email_codes::last_sent_at(&mut tx, himeji.id, &mine, other).await.unwrap(), None);
        assert_eq!(email_codes::count_asked_since(&mut tx, &[1; 32], NOW).await.unwrap(), 4);
        assert_eq!(email_codes::count_asked_since(&mut tx, &[7; 32], NOW).await.unwrap(), 0);
    }

    async fn expired_codes_are_deleted_with_their_keys(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let (alone, about) = (code(library.id, None), code(library.id, Some(application.id)));
        email_codes::insert(&mut tx, &alone).await.unwrap();
        email_codes::insert(&mut tx, &about).await.unwrap();
        assert_eq!(email_codes::delete_expired(&mut tx, alone.expires_at).await.unwrap(), 0);
        assert_eq!(email_codes::delete_expired(&mut tx, alone.expires_at + Duration::SECOND).await.unwrap(), 2);
        assert!(!erase_key(&mut tx, alone.id.as_uuid()).await.unwrap());
        assert!(erase_key(&mut tx, application.id.as_uuid()).await.unwrap(), "the application keeps its key");
    }
}
