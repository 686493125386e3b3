use super::fixtures::{NOW, awaiting_signature, draft, library, staff_member, under_review};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::application::Application;
use todoke::domain::ids::AttachmentId;
use todoke::domain::version::Digest;
use todoke::picture::Hint;
use todoke::sha256::sha256;
use todoke::store::attachments::{self, Attachment};
use todoke::store::{StoreError, applications};

const PICTURE: &[u8] = b"a-canary-in-the-picture";

fn attachment(application: &Application, picture: &[u8]) -> Attachment {
    Attachment {
        id: AttachmentId::new(NOW),
        library_id: application.library_id,
        application_id: application.id,
        kind: "driving-licence".parse().unwrap(),
        file_name: Some("カナリアの免許証.jpg".to_owned()),
        size: picture.len() as u64,
        sha256: Digest::from_bytes(sha256(picture)),
        hints: vec![Hint::Small, Hint::Blurred],
        expires_on: Some(date!(2030 - 05 - 01)),
        attached_at: NOW,
        destroyed_at: None,
    }
}

both_engines! {
    async fn a_picture_comes_back_whole_and_is_sealed_with_its_name(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (mine, other) = (draft(&mut tx, library.id).await, draft(&mut tx, library.id).await);
        let first = attachment(&mine, PICTURE);
        let second = Attachment { file_name: None, hints: Vec::new(), expires_on: None, attached_at: NOW + Duration::SECOND, ..attachment(&mine, b"another") };
        attachments::insert(&mut tx, &second, b"another").await.unwrap();
        attachments::insert(&mut tx, &first, PICTURE).await.unwrap();
        assert_eq!(attachments::list(&mut tx, mine.id).await.unwrap(), [first.clone(), second]);
        assert_eq!(attachments::list(&mut tx, other.id).await.unwrap(), []);
        let found = attachments::find_contents(&mut tx, mine.id, first.id).await.unwrap();
        assert_eq!(found.as_deref(), Some(PICTURE));
        assert_eq!(attachments::find_contents(&mut tx, other.id, first.id).await.unwrap(), None);
        tx.commit().await.unwrap();
        for canary in ["a-canary-in-the-picture", "カナリア"] {
            assert!(!database.holds(canary).await, "{canary}");
        }
        assert!(database.holds("driving-licence").await, "the search finds what is there");
    }

    async fn the_same_picture_is_attached_once_to_an_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (mine, other) = (draft(&mut tx, library.id).await, draft(&mut tx, library.id).await);
        for application in [&mine, &other] {
            attachments::insert(&mut tx, &attachment(application, PICTURE), PICTURE).await.unwrap();
        }
        assert!(matches!(attachments::insert(&mut tx, &attachment(&mine, PICTURE), PICTURE).await, Err(StoreError::Duplicate)));
    }

    async fn a_destroyed_picture_leaves_its_line_and_a_deleted_one_nothing(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mine = draft(&mut tx, library.id).await;
        let (one, two) = (attachment(&mine, PICTURE), attachment(&mine, b"another"));
        attachments::insert(&mut tx, &one, PICTURE).await.unwrap();
        attachments::insert(&mut tx, &two, b"another").await.unwrap();
        let later = NOW + Duration::HOUR;
        assert!(attachments::destroy(&mut tx, mine.id, one.id, later).await.unwrap());
        assert!(!attachments::destroy(&mut tx, mine.id, one.id, later).await.unwrap(), "once is enough");
        assert!(!attachments::delete(&mut tx, mine.id, one.id).await.unwrap(), "its line stays");
        assert_eq!(attachments::list_present(&mut tx, mine.id).await.unwrap(), [two.sha256]);
        assert!(attachments::delete(&mut tx, mine.id, two.id).await.unwrap());
        assert!(!attachments::delete(&mut tx, mine.id, two.id).await.unwrap());
        assert_eq!(attachments::find_contents(&mut tx, mine.id, one.id).await.unwrap(), None);
        let rest = attachments::list(&mut tx, mine.id).await.unwrap();
        assert_eq!(rest, [Attachment { file_name: None, destroyed_at: Some(later), ..one }]);
    }

    async fn pictures_go_with_the_contents_of_their_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (gone, other) = (awaiting_signature(&mut tx, library.id).await, draft(&mut tx, library.id).await);
        for application in [&gone, &other] {
            attachments::insert(&mut tx, &attachment(application, PICTURE), PICTURE).await.unwrap();
        }
        let gone = applications::save(&mut tx, gone.withdraw(NOW).unwrap()).await.unwrap();
        assert!(applications::erase_contents(&mut tx, &gone).await.unwrap());
        assert_eq!(attachments::list(&mut tx, gone.id).await.unwrap(), []);
        assert_eq!(attachments::list(&mut tx, other.id).await.unwrap().len(), 1);
    }

    async fn pictures_of_decided_applications_are_found_by_the_day_of_the_decision(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let sato = staff_member(&mut tx, library.id, "sato").await;
        let (decided, open) = (under_review(&mut tx, &sato, b"1").await, draft(&mut tx, library.id).await);
        for (application, picture) in [(&decided, PICTURE), (&decided, b"another"), (&open, PICTURE)] {
            attachments::insert(&mut tx, &attachment(application, picture), picture).await.unwrap();
        }
        let later = NOW + Duration::SECOND;
        assert_eq!(attachments::count_decided(&mut tx, library.id, later).await.unwrap(), (0, 0));
        let seen = decided.state.submitted_version().unwrap();
        let decided = applications::save(&mut tx, decided.decline(&sato, seen, NOW).unwrap()).await.unwrap();
        assert_eq!(attachments::count_decided(&mut tx, library.id, NOW).await.unwrap(), (0, 1));
        assert_eq!(attachments::list_decided(&mut tx, library.id, NOW, 9).await.unwrap(), []);
        assert_eq!(attachments::count_decided(&mut tx, library.id, later).await.unwrap(), (1, 1));
        assert_eq!(attachments::list_decided(&mut tx, library.id, later, 9).await.unwrap(), [decided.id]);
    }

    async fn the_longest_decided_come_first_each_once_and_no_other_librarys(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let mut decided = Vec::new();
        for (slug, serials) in [("himeji", [b"1", b"2"]), ("akashi", [b"3", b"4"])] {
            let library = library(&mut tx, slug).await;
            let sato = staff_member(&mut tx, library.id, "sato").await;
            let mut ids = Vec::new();
            // What was decided last was begun first.
            for (serial, after) in serials.into_iter().zip([Duration::MINUTE, Duration::ZERO]) {
                let mine = under_review(&mut tx, &sato, serial).await;
                for picture in [PICTURE, b"another"] {
                    attachments::insert(&mut tx, &attachment(&mine, picture), picture).await.unwrap();
                }
                let seen = mine.state.submitted_version().unwrap();
                let declined = mine.decline(&sato, seen, NOW + after).unwrap();
                ids.insert(0, applications::save(&mut tx, declined).await.unwrap().id);
            }
            decided.push((library.id, ids));
        }
        for (library_id, ids) in decided {
            let later = NOW + Duration::HOUR;
            assert_eq!(attachments::count_decided(&mut tx, library_id, later).await.unwrap(), (2, 2));
            assert_eq!(attachments::list_decided(&mut tx, library_id, later, 9).await.unwrap(), ids);
            assert_eq!(attachments::list_decided(&mut tx, library_id, later, 1).await.unwrap(), ids[..1]);
            assert_eq!(attachments::list_decided(&mut tx, library_id, NOW + Duration::MINUTE, 9).await.unwrap(), ids[..1]);
        }
    }

    async fn a_picture_moved_elsewhere_does_not_open(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mine = draft(&mut tx, library.id).await;
        let (one, two) = (attachment(&mine, PICTURE), attachment(&mine, b"another"));
        attachments::insert(&mut tx, &one, PICTURE).await.unwrap();
        attachments::insert(&mut tx, &two, b"another").await.unwrap();
        tx.commit().await.unwrap();
        database.execute("UPDATE attachments SET contents = (SELECT contents FROM attachments ORDER BY id LIMIT 1)").await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        let mut broken = 0;
        for id in [one.id, two.id] {
            broken += usize::from(matches!(attachments::find_contents(&mut tx, mine.id, id).await, Err(StoreError::Unsealable { .. })));
        }
        assert_eq!(broken, 1);
    }
}
