use super::fixtures::{NOW, draft, email, library, patron};
use crate::support::database::both_engines;
use time::{Duration, OffsetDateTime};
use todoke::domain::ids::{ApplicationId, LibraryId, MailId};
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::store::seal::erase_key;
use todoke::store::{Db, Tx, dead_addresses, outbox, own_record};

const LEASE: Duration = Duration::minutes(5);
/// The columns that a mail had before it had a language.
const COLUMNS: &str = "id, library_id, kind, state, recipient, content, queued_at, next_at, attempts, address_token";

fn mail(library_id: LibraryId, application_id: Option<ApplicationId>) -> QueuedMail {
    QueuedMail {
        id: MailId::new(NOW),
        library_id,
        application_id,
        recipient: email("hanako@example.jp"),
        language: Language::Ja,
        content: MailContent::Code { code: "123456".into(), valid_until: NOW + Duration::minutes(10) },
        queued_at: NOW,
        attempts: 0,
    }
}

/// Claims the mail that is due, and tells how often it was claimed so far.
async fn attempts(tx: &mut Tx, now: OffsetDateTime) -> Option<u32> {
    outbox::claim(tx, now, LEASE, 1).await.unwrap().mails.first().map(|mail| mail.attempts)
}

async fn work(db: Db) -> Vec<MailId> {
    let mut sent = Vec::new();
    loop {
        let mut tx = db.begin().await.unwrap();
        let claimed = outbox::claim(&mut tx, NOW, LEASE, 3).await.unwrap().mails;
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for mail in claimed {
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
    async fn a_patron_reads_of_the_mails_to_their_address_that_are_about_no_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, own) = (patron(&mut tx, himeji.id).await, email("hanako@example.jp"));
        for (library_id, recipient, dedupe) in [
            (himeji.id, own.clone(), None),
            (himeji.id, own.clone(), Some("card/card_stopped/1")),
            (himeji.id, email("other@example.jp"), None),
            (akashi.id, own.clone(), None),
        ] {
            outbox::insert(&mut tx, &QueuedMail { recipient, ..mail(library_id, None) }, dedupe).await.unwrap();
        }
        outbox::insert(&mut tx, &mail(himeji.id, hanako.application_id), None).await.unwrap();
        let mut read = async |email| {
            let found = own_record::list_mails(&mut tx, himeji.id, (hanako.id, email), &[], 9).await.unwrap();
            let mut stays: Vec<bool> = found.iter().map(|mail| mail.stays).collect();
            stays.sort_unstable();
            stays
        };
        assert_eq!(read(Some(&own)).await, [false, true], "what was queued under a key stays");
        assert_eq!(read(None).await, Vec::<bool>::new());
    }

    async fn a_mail_is_claimed_sent_and_forgotten(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let (alone, about) = (mail(library.id, None), mail(library.id, Some(application.id)));
        assert!(outbox::insert(&mut tx, &alone, None).await.unwrap());
        assert!(outbox::insert(&mut tx, &about, None).await.unwrap());
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 2);
        assert_eq!(outbox::claim(&mut tx, NOW - Duration::SECOND, LEASE, 9).await.unwrap().mails, []);
        let mut expected = [QueuedMail { attempts: 1, ..alone.clone() }, QueuedMail { attempts: 1, ..about.clone() }];
        expected.sort_by_key(|mail| mail.id);
        assert_eq!(outbox::claim(&mut tx, NOW, LEASE, 9).await.unwrap().mails, expected);
        assert_eq!(outbox::claim(&mut tx, NOW, LEASE, 9).await.unwrap().mails, []);
        assert!(outbox::mark_sent(&mut tx, alone.id, NOW).await.unwrap());
        assert!(!outbox::mark_sent(&mut tx, alone.id, NOW).await.unwrap());
        assert!(outbox::mark_failed(&mut tx, about.id, NOW).await.unwrap());
        assert_eq!(outbox::count_waiting(&mut tx).await.unwrap(), 0);
        assert!(!erase_key(&mut tx, alone.id.as_uuid()).await.unwrap(), "its key went with it");
        tx.commit().await.unwrap();
        let left = "UPDATE outbox SET kind = kind WHERE recipient IS NOT NULL OR content IS NOT NULL";
        assert_eq!(database.execute(left).await.unwrap(), 0);
    }

    async fn a_mail_is_claimed_in_the_language_of_its_reader(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        for language in Language::ALL {
            let mail = QueuedMail { language, ..mail(library.id, None) };
            outbox::insert(&mut tx, &mail, None).await.unwrap();
            let claimed = outbox::claim(&mut tx, NOW, LEASE, 1).await.unwrap().mails;
            assert_eq!(claimed, [QueuedMail { attempts: 1, ..mail }]);
        }
    }

    async fn a_mail_that_was_stored_before_languages_were_is_japanese(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mail = QueuedMail { language: Language::En, ..mail(library.id, None) };
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        tx.commit().await.unwrap();
        // The row once more, as an earlier version wrote it.
        for sql in [
            "CREATE TABLE earlier AS SELECT * FROM outbox".to_owned(),
            "DELETE FROM outbox".to_owned(),
            format!("INSERT INTO outbox ({COLUMNS}) SELECT {COLUMNS} FROM earlier"),
        ] {
            database.execute(&sql).await.unwrap();
        }
        let mut tx = database.db.begin().await.unwrap();
        let claimed = outbox::claim(&mut tx, NOW, LEASE, 1).await.unwrap().mails;
        assert_eq!(claimed, [QueuedMail { attempts: 1, language: Language::Ja, ..mail }]);
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
        outbox::mark_retry(&mut tx, mail.id, 1, next_at).await.unwrap();
        assert_eq!(attempts(&mut tx, NOW + LEASE).await, None, "whoever comes too late ends no lease of another");
        outbox::mark_retry(&mut tx, mail.id, 2, next_at).await.unwrap();
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
        let claimed = outbox::claim(&mut tx, NOW + Duration::SECOND, LEASE, 2).await.unwrap();
        let ids: Vec<_> = claimed.mails.iter().map(|mail| mail.id).collect();
        assert_eq!(ids, [other.id], "the first one holds nobody up");
        assert_eq!(claimed.unopened.len(), 1);
        assert!(claimed.unopened[0].is_erased && claimed.unopened[0].application_id == Some(application.id));
        assert!(!claimed.is_last(2) && claimed.is_last(3));
    }

    async fn two_couriers_never_hold_the_same_mail_nor_wait_for_each_other(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        for _ in 0..6 {
            outbox::insert(&mut tx, &mail(library.id, None), None).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut first = database.db.begin().await.unwrap();
        let held = outbox::claim(&mut first, NOW, LEASE, 4).await.unwrap().mails;
        let mut first = Some(first);
        if database.address.starts_with("sqlite") {
            // It has one writer: the other begins when the first is through.
            first.take().unwrap().commit().await.unwrap();
        }
        let mut second = database.db.begin().await.unwrap();
        let others = outbox::claim(&mut second, NOW, LEASE, 4).await.unwrap().mails;
        second.commit().await.unwrap();
        drop(first);
        assert_eq!((held.len(), others.len()), (4, 2));
        assert!(others.iter().all(|mail| held.iter().all(|other| other.id != mail.id)));
    }

    async fn a_return_counts_once_and_only_for_what_was_handed_over_lately(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let [sent, old] = [mail(library.id, Some(application.id)), mail(library.id, None)];
        for mail in [&sent, &old] {
            outbox::insert(&mut tx, mail, None).await.unwrap();
        }
        assert_eq!(outbox::find_sent(&mut tx, sent.id).await.unwrap(), None, "it waits yet");
        assert!(!outbox::mark_returned(&mut tx, sent.id, NOW).await.unwrap());
        outbox::mark_sent(&mut tx, old.id, NOW - Duration::SECOND).await.unwrap();
        outbox::mark_sent(&mut tx, sent.id, NOW).await.unwrap();
        assert_eq!(outbox::forget_addresses(&mut tx, NOW).await.unwrap(), 1);
        assert_eq!(outbox::find_sent(&mut tx, old.id).await.unwrap(), None, "too long ago");
        let found = outbox::find_sent(&mut tx, sent.id).await.unwrap().unwrap();
        assert_eq!((found.library_id, found.application_id, found.kind.as_str()), (library.id, Some(application.id), "code"));
        assert!(outbox::mark_returned(&mut tx, sent.id, NOW).await.unwrap());
        assert!(!outbox::mark_returned(&mut tx, sent.id, NOW).await.unwrap());
        assert_eq!(outbox::find_sent(&mut tx, sent.id).await.unwrap(), None);

        let address = email("hanako@example.jp");
        assert!(!dead_addresses::contains(&mut tx, library.id, &address).await.unwrap());
        dead_addresses::insert(&mut tx, library.id, &found.address_token, NOW).await.unwrap();
        dead_addresses::note(&mut tx, library.id, &address, NOW).await.unwrap();
        assert!(dead_addresses::contains(&mut tx, library.id, &address).await.unwrap());
        dead_addresses::delete(&mut tx, library.id, &address).await.unwrap();
        assert!(!dead_addresses::contains(&mut tx, library.id, &address).await.unwrap());
        dead_addresses::note(&mut tx, library.id, &address, NOW).await.unwrap();
        assert_eq!(dead_addresses::delete_before(&mut tx, NOW + Duration::SECOND).await.unwrap(), 1);
    }

    async fn the_figures_tell_what_waits_what_went_and_what_was_given_up(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mails: Vec<QueuedMail> = (0..5).map(|_| mail(library.id, None)).collect();
        for mail in &mails {
            outbox::insert(&mut tx, mail, None).await.unwrap();
        }
        assert_eq!(outbox::figures(&mut tx, NOW).await.unwrap().waiting, 5);
        outbox::mark_sent(&mut tx, mails[0].id, NOW).await.unwrap();
        outbox::mark_failed(&mut tx, mails[1].id, NOW - Duration::SECOND).await.unwrap();
        outbox::mark_failed(&mut tx, mails[2].id, NOW).await.unwrap();
        outbox::mark_undelivered(&mut tx, mails[3].id, NOW).await.unwrap();
        let figures = outbox::figures(&mut tx, NOW).await.unwrap();
        assert_eq!((figures.waiting, figures.failed), (1, 1), "an address at which nobody is says nothing of the server");
        assert_eq!((figures.oldest_queued_at, figures.last_sent_at), (Some(NOW), Some(NOW)));
        assert_eq!((figures.recipients, figures.untried_since), (1, Some(NOW)), "one person's");
        let other = QueuedMail { recipient: email("taro@example.jp"), ..mail(library.id, None) };
        outbox::insert(&mut tx, &other, None).await.unwrap();
        assert_eq!(outbox::figures(&mut tx, NOW).await.unwrap().recipients, 1, "nobody has tried it");
        outbox::claim(&mut tx, NOW, LEASE, 9).await.unwrap();
        let figures = outbox::figures(&mut tx, NOW).await.unwrap();
        assert_eq!((figures.recipients, figures.untried_since), (2, None));
    }
}
