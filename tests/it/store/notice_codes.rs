use super::fixtures::{NOW, awaiting_signature, library};
use super::notices::notice;
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::{LibraryId, NoticeId};
use todoke::domain::notice::Notice;
use todoke::domain::verification::{NoticeStanding, VerificationCode, VerifiedNotice};
use todoke::store::{Tx, applications, notice_codes, notices};

fn code(random: u8) -> VerificationCode {
    VerificationCode::from_random([random; 10])
}

async fn standing(tx: &mut Tx, library: LibraryId, code: &VerificationCode) -> NoticeStanding {
    notice_codes::verify(tx, library, code).await.unwrap().unwrap().standing
}

both_engines! {
    async fn a_notice_has_one_code_and_is_found_by_it_in_its_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let notice = notice(&awaiting_signature(&mut tx, himeji.id).await);
        notices::insert(&mut tx, &notice).await.unwrap();
        assert_eq!(notice_codes::find(&mut tx, &notice).await.unwrap(), None);
        assert_eq!(notice_codes::ensure(&mut tx, &notice, &code(1)).await.unwrap(), code(1));
        assert_eq!(notice_codes::ensure(&mut tx, &notice, &code(2)).await.unwrap(), code(1), "the first stays");
        let known = VerifiedNotice { kind: "declined".into(), placed_at: NOW, standing: NoticeStanding::InForce };
        assert_eq!(notice_codes::verify(&mut tx, himeji.id, &code(1)).await.unwrap(), Some(known.clone()));
        assert_eq!(notice_codes::verify_notice(&mut tx, himeji.id, notice.id).await.unwrap(), Some(known));
        assert_eq!(notice_codes::verify(&mut tx, himeji.id, &code(2)).await.unwrap(), None);
        assert_eq!(notice_codes::verify(&mut tx, akashi.id, &code(1)).await.unwrap(), None);
        assert_eq!(notice_codes::verify_notice(&mut tx, akashi.id, notice.id).await.unwrap(), None);
    }

    async fn what_follows_supersedes_and_what_is_taken_back_is_revoked(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let first = notice(&application);
        notices::insert(&mut tx, &first).await.unwrap();
        notice_codes::ensure(&mut tx, &first, &code(1)).await.unwrap();
        assert_eq!(standing(&mut tx, library.id, &code(1)).await, NoticeStanding::InForce);
        // Another version of the same application, decided on later.
        let later = NOW + Duration::DAY;
        let next = Notice { id: NoticeId::new(later), placed_at: later, ..notice(&application) };
        notices::revoke(&mut tx, library.id, application.id, NOW).await.unwrap();
        assert_eq!(standing(&mut tx, library.id, &code(1)).await, NoticeStanding::Revoked);
        notices::insert(&mut tx, &next).await.unwrap();
        notice_codes::ensure(&mut tx, &next, &code(2)).await.unwrap();
        assert_eq!(standing(&mut tx, library.id, &code(1)).await, NoticeStanding::Revoked);
        assert_eq!(standing(&mut tx, library.id, &code(2)).await, NoticeStanding::InForce);
    }

    async fn a_later_notice_of_the_same_application_is_the_last_word(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let first = notice(&application);
        notices::insert(&mut tx, &first).await.unwrap();
        notice_codes::ensure(&mut tx, &first, &code(1)).await.unwrap();
        tx.commit().await.unwrap();
        // The same kind stands once per version: another kind follows.
        database
            .execute(
                "INSERT INTO notices (id, library_id, application_id, kind, version_number, content, placed_at)
                 SELECT library_id, library_id, application_id, 'issued', version_number, content, placed_at
                 FROM notices",
            )
            .await
            .unwrap();
        let mut tx = database.db.read().await.unwrap();
        let of_first = standing(&mut tx, library.id, &code(1)).await;
        let (low, high) = (library.id.as_uuid().min(first.id.as_uuid()), library.id.as_uuid().max(first.id.as_uuid()));
        assert_ne!(low, high);
        // Of two at the same moment, the later identifier counts.
        let expected =
            if high == library.id.as_uuid() { NoticeStanding::Superseded } else { NoticeStanding::InForce };
        assert_eq!(of_first, expected);
    }

    async fn after_the_contents_are_erased_only_the_fact_remains(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let notice = notice(&application);
        notices::insert(&mut tx, &notice).await.unwrap();
        notice_codes::ensure(&mut tx, &notice, &code(1)).await.unwrap();
        applications::erase_signed(&mut tx, &application).await.unwrap();
        assert_eq!(standing(&mut tx, library.id, &code(1)).await, NoticeStanding::Erased);
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM notice_codes WHERE code IS NOT NULL").await, 0);
    }
}
