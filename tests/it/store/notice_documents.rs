use super::fixtures::{NOW, awaiting_signature, library};
use super::notices::notice;
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::notice::PaperSize;
use todoke::sha256::sha256;
use todoke::store::notice_documents::{self, DocumentKey};
use todoke::store::{applications, notices};

both_engines! {
    async fn the_first_file_is_kept_and_found_by_its_digest(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let notice = notice(&awaiting_signature(&mut tx, himeji.id).await);
        notices::insert(&mut tx, &notice).await.unwrap();
        let unsealed = notice_documents::list_unsealed(&mut tx, himeji.id, 9).await.unwrap();
        assert_eq!(unsealed, [notice.id]);
        assert!(notice_documents::list_unsealed(&mut tx, akashi.id, 9).await.unwrap().is_empty());

        let regular = DocumentKey { notice: &notice, size: PaperSize::Regular };
        let large = DocumentKey { notice: &notice, size: PaperSize::Large };
        assert_eq!(notice_documents::find(&mut tx, regular).await.unwrap(), None);
        assert_eq!(notice_documents::keep(&mut tx, large, b"large", true, NOW).await.unwrap(), b"large");
        assert_eq!(notice_documents::list_unsealed(&mut tx, himeji.id, 9).await.unwrap().len(), 1);
        assert_eq!(notice_documents::keep(&mut tx, regular, b"first", false, NOW).await.unwrap(), b"first");
        let again = notice_documents::keep(&mut tx, regular, b"second", false, NOW + Duration::HOUR).await.unwrap();
        assert_eq!(again, b"first", "what somebody may have saved stays");
        assert!(notice_documents::list_unsealed(&mut tx, himeji.id, 9).await.unwrap().is_empty());

        let by = async |tx: &mut _, library, file: &[u8]| {
            notice_documents::find_by_digest(tx, library, &sha256(file)).await.unwrap()
        };
        assert_eq!(by(&mut tx, himeji.id, b"first").await, Some(notice.id));
        assert_eq!(by(&mut tx, himeji.id, b"large").await, Some(notice.id));
        assert_eq!(by(&mut tx, himeji.id, b"second").await, None);
        assert_eq!(by(&mut tx, akashi.id, b"first").await, None);
    }

    async fn files_are_erased_with_their_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        let key = DocumentKey { notice: &notice, size: PaperSize::Regular };
        notice_documents::keep(&mut tx, key, b"file", false, NOW).await.unwrap();
        applications::erase_signed(&mut tx, &application).await.unwrap();
        assert_eq!(notice_documents::find(&mut tx, key).await.unwrap(), None);
    }
}
