use super::fixtures::{NOW, email, library, patron, submitted};
use crate::support::database::both_engines;
use time::macros::date;
use time::{Date, Duration};
use todoke::domain::card::{Card, StopReason};
use todoke::domain::ids::{CardId, CertificateLinkId, LibraryId, MailId};
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::domain::patron::Patron;
use todoke::jpki::RevocationReason;
use todoke::store::certificate_links::{self, CertificateLink, LinkedCard, LinkedEnds};
use todoke::store::patron_reminders::{self, PatronReminder, PatronReminderKind, Reminded, Window};
use todoke::store::revocation_answers::RevokedSince;
use todoke::store::{Tx, cards, outbox};

const TODAY: Date = date!(2026 - 11 - 20);
const SOON: Window = Window { after: date!(2026 - 11 - 19), until: date!(2026 - 11 - 27), days_before: 7 };

async fn card(tx: &mut Tx, patron: &Patron, number: &str, expires_on: Date) -> Card {
    let card = Card::issue(CardId::new(NOW), patron.library_id, patron.id, number.parse().unwrap(), expires_on, NOW);
    cards::insert(tx, &card).await.unwrap();
    card
}

/// A link by an application for it, whose certificate ends on a day.
async fn link(tx: &mut Tx, patron: &Patron, number: u8, ends_on: Option<Date>) -> CertificateLinkId {
    let link = CertificateLink {
        id: CertificateLinkId::new(NOW + Duration::seconds(i64::from(number))),
        library_id: patron.library_id,
        patron_id: patron.id,
        application_id: patron.application_id.unwrap(),
        signer_token: [number; 32],
        serial: vec![0x40, number],
        linked_at: NOW,
    };
    certificate_links::insert(tx, &link).await.unwrap();
    certificate_links::save_end(tx, patron.library_id, link.id, ends_on).await.unwrap();
    link.id
}

async fn mail(tx: &mut Tx, library_id: LibraryId) -> MailId {
    let mail = QueuedMail {
        id: MailId::new(NOW),
        library_id,
        application_id: None,
        recipient: email("hanako@example.jp"),
        language: Language::Ja,
        content: MailContent::CertificateRevoked,
        queued_at: NOW,
        attempts: 0,
    };
    outbox::insert(tx, &mail, None).await.unwrap();
    mail.id
}

both_engines! {
    async fn cards_that_end_in_the_window_are_listed_until_their_holders_were_reminded(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, taro) = (patron(&mut tx, himeji.id).await, patron(&mut tx, himeji.id).await);
        let last = card(&mut tx, &hanako, "1000001", SOON.until).await;
        let today = card(&mut tx, &taro, "1000002", TODAY).await;
        for (number, day) in [("1000003", TODAY - Duration::DAY), ("1000004", SOON.until + Duration::DAY)] {
            let other = patron(&mut tx, himeji.id).await;
            card(&mut tx, &other, number, day).await;
        }
        let foreign = patron(&mut tx, akashi.id).await;
        card(&mut tx, &foreign, "1000001", TODAY).await;
        let due = patron_reminders::list_expiring(&mut tx, himeji.id, SOON, 9).await.unwrap();
        let subjects: Vec<_> = due.iter().map(|one| one.subject_id).collect();
        assert_eq!(subjects, [today.id.as_uuid(), last.id.as_uuid()], "neither what is over nor what is far");
        assert_eq!(patron_reminders::list_expiring(&mut tx, himeji.id, SOON, 1).await.unwrap(), due[..1]);
        assert_eq!(patron_reminders::list_expiring(&mut tx, akashi.id, SOON, 9).await.unwrap().len(), 1);

        assert!(patron_reminders::insert(&mut tx, &due[0], None, NOW).await.unwrap());
        assert!(!patron_reminders::insert(&mut tx, &due[0], None, NOW).await.unwrap(), "once");
        let earlier = PatronReminder { days_before: 30, ..due[1] };
        assert!(patron_reminders::insert(&mut tx, &earlier, None, NOW).await.unwrap());
        let left = patron_reminders::list_expiring(&mut tx, himeji.id, SOON, 9).await.unwrap();
        assert_eq!(left, due[1..], "a reminder long before is another");
        cards::save(&mut tx, last.stop(StopReason::ByLibrary, NOW).unwrap()).await.unwrap();
        cards::save(&mut tx, Card { expires_on: SOON.until, ..today }).await.unwrap();
        let renewed = patron_reminders::list_expiring(&mut tx, himeji.id, SOON, 9).await.unwrap();
        assert_eq!(renewed, [PatronReminder { due_on: SOON.until, ..due[0] }], "another term; a stopped card never");
    }

    async fn whoever_has_asked_for_a_renewal_is_not_reminded(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let hanako = patron(&mut tx, library.id).await;
        card(&mut tx, &hanako, "1000001", TODAY).await;
        let asking = submitted(&mut tx, library.id, b"1", NOW).await;
        tx.commit().await.unwrap();
        let of_hanako = "(SELECT patron_id FROM cards)";
        let asks = format!("UPDATE applications SET procedure = 'renewal', patron_id = {of_hanako} WHERE state = 'submitted'");
        assert_eq!(database.execute(&asks).await.unwrap(), 1, "{}", asking.reference);
        let mut tx = database.db.begin().await.unwrap();
        assert!(patron_reminders::list_expiring(&mut tx, library.id, SOON, 9).await.unwrap().is_empty());
        drop(tx);
        database.execute("UPDATE applications SET procedure = 'change' WHERE state = 'submitted'").await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(patron_reminders::list_expiring(&mut tx, library.id, SOON, 9).await.unwrap().len(), 1);
    }

    async fn only_certificates_of_linked_cards_in_use_are_reminded_of(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut patrons = Vec::new();
        for number in 1..=4_u8 {
            let patron = patron(&mut tx, library.id).await;
            let ends_on = if number == 3 { None } else { Some(SOON.until) };
            let id = link(&mut tx, &patron, number, ends_on).await;
            let expires_on = if number == 4 { TODAY - Duration::DAY } else { date!(2029 - 01 - 01) };
            card(&mut tx, &patron, &format!("100000{number}"), expires_on).await;
            patrons.push((patron, id));
        }
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(patron_reminders::list_ending(&mut tx, library.id, SOON, TODAY, 9).await.unwrap().is_empty(), "a new card");
        drop(tx);
        database.execute("UPDATE applications SET procedure = 'card_link'").await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        let revoked = RevokedSince { at: NOW, reason: RevocationReason::AffiliationChanged };
        certificate_links::mark_revoked(&mut tx, library.id, patrons[1].1, revoked, NOW).await.unwrap();
        let ending = patron_reminders::list_ending(&mut tx, library.id, SOON, TODAY, 9).await.unwrap();
        assert_eq!(ending.iter().map(|one| one.patron_id).collect::<Vec<_>>(), [patrons[0].0.id]);
        let found = patron_reminders::list_revoked(&mut tx, library.id, TODAY, 9).await.unwrap();
        assert_eq!(found.iter().map(|one| (one.patron_id, one.due_on)).collect::<Vec<_>>(), [(patrons[1].0.id, TODAY)]);
        assert_eq!(found[0].kind, PatronReminderKind::CertificateRevoked);

        let ends = certificate_links::count_ends(&mut tx, library.id, TODAY).await.unwrap();
        assert_eq!(ends, LinkedEnds { linked: 4, ended: 0, revoked: 1, unknown: 1 });
        let late = certificate_links::count_ends(&mut tx, library.id, SOON.until + Duration::DAY).await.unwrap();
        assert_eq!(late, LinkedEnds { linked: 4, ended: 2, revoked: 1, unknown: 1 });
        assert_eq!(certificate_links::count_ending(&mut tx, library.id, TODAY, SOON.until).await.unwrap(), 2);
        let before = certificate_links::count_ending(&mut tx, library.id, TODAY, TODAY).await.unwrap();
        assert_eq!(before, 0);
        let linked = certificate_links::find_linked_card(&mut tx, library.id, patrons[1].0.id).await.unwrap();
        assert_eq!(linked, Some(LinkedCard { ends_on: Some(SOON.until), is_revoked: true }));

        let (sent, waiting) = (mail(&mut tx, library.id).await, mail(&mut tx, library.id).await);
        patron_reminders::insert(&mut tx, &ending[0], Some(sent), NOW - Duration::DAY).await.unwrap();
        patron_reminders::insert(&mut tx, &found[0], Some(waiting), NOW - Duration::DAY).await.unwrap();
        let nobody = PatronReminder { patron_id: patrons[2].0.id, subject_id: patrons[2].1.as_uuid(), ..ending[0] };
        patron_reminders::insert(&mut tx, &nobody, None, NOW).await.unwrap();
        outbox::mark_sent(&mut tx, sent, NOW).await.unwrap();
        let counted = patron_reminders::count_of_certificates(&mut tx, library.id).await.unwrap();
        assert_eq!(counted, Reminded { patrons: 1, linked_again: 1, without_address: 1 }, "only what was handed over");
        assert!(patron_reminders::list_ending(&mut tx, library.id, SOON, TODAY, 9).await.unwrap().is_empty());
        assert!(patron_reminders::list_revoked(&mut tx, library.id, TODAY, 9).await.unwrap().is_empty());
        let of_hanako = patron_reminders::delete_of_certificates(&mut tx, library.id, patrons[0].0.id).await.unwrap();
        assert_eq!(of_hanako, 1);
    }

    async fn the_end_of_a_certificate_is_read_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let (read, unread) = (link(&mut tx, &patron, 1, None).await, CertificateLinkId::new(NOW + Duration::MINUTE));
        let second = CertificateLink {
            id: unread,
            library_id: library.id,
            patron_id: patron.id,
            application_id: patron.application_id.unwrap(),
            signer_token: [9; 32],
            serial: vec![0x49],
            linked_at: NOW,
        };
        certificate_links::insert(&mut tx, &second).await.unwrap();
        assert_eq!(certificate_links::list_unread(&mut tx, 9).await.unwrap(), [(library.id, unread)], "not {read}");
    }
}
