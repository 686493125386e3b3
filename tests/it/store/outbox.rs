use super::fixtures::{NOW, draft, email, library};
use crate::support::database::both_engines;
use time::{Duration, OffsetDateTime};
use todoke::domain::ids::{ApplicationId, LibraryId, MailId};
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::store::seal::erase_key;
use todoke::store::{Db, Tx, outbox};

const LEASE: Duration = Duration::minutes(5);

fn mail(library_id: LibraryId, application_id: Option<ApplicationId>) -> QueuedMail {
    QueuedMail {
        id: MailId::new(NOW),
        library_id,
        application_id,
        recipient: email("hanako@example.jp"),
        content: MailContent::Code { code: "123456".into(), valid_until: NOW + Duration::minutes(10) },
        queued_at: NOW,
        attempts: 0,
    }
}

/// Claims the mail that is due, and tells how often it was claimed so far.
async fn attempts(tx: &mut Tx, now: OffsetDateTime) -> Option<u32> {
    outbox::claim(tx, now, LEASE).await.unwrap().map(|mail| mail.attempts)
}

async fn work(db: Db) -> Vec<MailId> {
    let mut sent = Vec::new();
    loop {
        let mut tx = db.begin().await.unwrap();
        let claimed = outbox::claim(&mut tx, NOW, LEASE).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        if let Some(mail) = claimed {
            assert!(outbox::mark_sent(&mut tx, mail.id, NOW).await.unwrap());
            sent.push(mail.id);
        }
        let waiting = outbox::count_waiting(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        if waiting == 0 {
            return sent;
        }
    }
}

both_engines! {
    async fn a_mail_is_claimed_sent_and_forgotten(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let (alone, about) = (mail(library.id, None), mail(library.id, Some(application.id)));
        assert!(outbox::insert(&mut tx, &alone, None).await.unwrap());
        assert!(outbox::insert(&mut tx, &about, None).await.unwrap());
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 2);
        assert_eq!(outbox::claim(&mut tx, NOW - Duration::SECOND, LEASE).await.unwrap(), None);
        let mut expected = [QueuedMail { attempts: 1, ..alone.clone() }, QueuedMail { attempts: 1, ..about.clone() }];
        expected.sort_by_key(|mail| mail.id);
        for mail in expected {
            assert_eq!(outbox::claim(&mut tx, NOW, LEASE).await.unwrap(), Some(mail));
        }
        assert_eq!(outbox::claim(&mut tx, NOW, LEASE).await.unwrap(), None);
        assert!(outbox::mark_sent(&mut tx, alone.id, NOW).await.unwrap());
        assert!(!outbox::mark_sent(&mut tx, alone.id, NOW).await.unwrap());
        assert!(outbox::mark_failed(&mut tx, about.id, NOW).await.unwrap());
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 0);
        assert!(!erase_key(&mut tx, alone.id.as_uuid()).await.unwrap(), "its key went with it");
        tx.commit().await.unwrap();
        let left = "UPDATE outbox SET kind = kind WHERE recipient IS NOT NULL OR content IS NOT NULL";
        assert_eq!(database.execute(left).await.unwrap(), 0);
    }

    async fn a_claimed_mail_is_due_again_after_its_lease_or_when_told(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mail = mail(library.id, None);
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        assert_eq!(attempts(&mut tx, NOW).await, Some(1));
        assert_eq!(attempts(&mut tx, NOW + LEASE - Duration::SECOND).await, None);
        assert_eq!(attempts(&mut tx, NOW + LEASE).await, Some(2));
        let next_at = NOW + Duration::HOUR;
        outbox::mark_retry(&mut tx, mail.id, next_at).await.unwrap();
        assert_eq!(attempts(&mut tx, next_at - Duration::SECOND).await, None);
        assert_eq!(attempts(&mut tx, next_at).await, Some(3));
    }

    async fn six_workers_send_each_of_fifty_mails_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut queued = Vec::new();
        for _ in 0..50 {
            let mail = mail(library.id, None);
            outbox::insert(&mut tx, &mail, None).await.unwrap();
            queued.push(mail.id);
        }
        tx.commit().await.unwrap();
        let workers: Vec<_> = (0..6).map(|_| tokio::spawn(work(database.db.clone()))).collect();
        let mut sent = Vec::new();
        for worker in workers {
            sent.extend(worker.await.unwrap());
        }
        sent.sort_unstable();
        queued.sort_unstable();
        assert_eq!(sent, queued);
    }

    async fn the_same_announcement_is_queued_once_per_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = draft(&mut tx, himeji.id).await;
        let key = format!("{}/received/1", application.id);
        let about = Some(application.id);
        assert!(outbox::insert(&mut tx, &mail(himeji.id, about), Some(&key)).await.unwrap());
        assert!(!outbox::insert(&mut tx, &mail(himeji.id, about), Some(&key)).await.unwrap());
        let again = mail(himeji.id, None);
        assert!(!outbox::insert(&mut tx, &again, Some(&key)).await.unwrap());
        assert!(!erase_key(&mut tx, again.id.as_uuid()).await.unwrap(), "no key is left behind");
        assert!(outbox::insert(&mut tx, &mail(akashi.id, None), Some(&key)).await.unwrap());
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 2);
    }

    async fn a_mail_to_an_erased_person_is_given_up(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        // It comes second.
        let other = QueuedMail { queued_at: NOW + Duration::SECOND, ..mail(library.id, None) };
        outbox::insert(&mut tx, &mail(library.id, Some(application.id)), None).await.unwrap();
        outbox::insert(&mut tx, &other, None).await.unwrap();
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let claimed = outbox::claim(&mut tx, NOW + Duration::SECOND, LEASE).await.unwrap();
        assert_eq!(claimed.map(|mail| mail.id), Some(other.id), "the first one holds nobody up");
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 1);
    }
}
