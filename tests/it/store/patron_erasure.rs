use super::fixtures::{NOW, email, library, patron};
use crate::support::database::both_engines;
use time::macros::date;
use time::{Date, Duration};
use todoke::domain::card::Card;
use todoke::domain::erasure::{Told, ToldHow};
use todoke::domain::ids::{ApplicationId, CardId, LibraryId, MailId};
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::domain::patron::Patron;
use todoke::store::seal::erase_key;
use todoke::store::{StoreError, Tx, applications, cards, outbox, patron_erasure, patrons};

const ENDED: Date = date!(2023 - 11 - 19);

/// A patron for whom nothing is open, with a card.
async fn holder(tx: &mut Tx, library_id: LibraryId, number: &str, expires_on: Date) -> (Patron, Card) {
    let patron = patron(tx, library_id).await;
    let made_by = applications::find(tx, library_id, patron.application_id.unwrap()).await.unwrap().unwrap();
    applications::save(tx, made_by.withdraw(NOW).unwrap()).await.unwrap();
    let card = card(tx, &patron, number, expires_on).await;
    (patron, card)
}

async fn card(tx: &mut Tx, patron: &Patron, number: &str, expires_on: Date) -> Card {
    let card = Card::issue(CardId::new(NOW), patron.library_id, patron.id, number.parse().unwrap(), expires_on, NOW);
    cards::insert(tx, &card).await.unwrap();
    card
}

async fn mail(tx: &mut Tx, library_id: LibraryId) -> MailId {
    let mail = QueuedMail {
        id: MailId::new(NOW),
        library_id,
        application_id: None,
        recipient: email("hanako@example.jp"),
        language: Language::Ja,
        content: MailContent::RecordErased { until: ENDED },
        queued_at: NOW,
        attempts: 0,
    };
    outbox::insert(tx, &mail, None).await.unwrap();
    mail.id
}

both_engines! {
    async fn patrons_whose_last_card_has_ended_are_listed_by_its_last_day(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (second, _) = holder(&mut tx, himeji.id, "1000001", ENDED).await;
        let (first, _) = holder(&mut tx, himeji.id, "1000002", ENDED - Duration::DAY).await;
        holder(&mut tx, himeji.id, "1000003", ENDED + Duration::DAY).await;
        holder(&mut tx, akashi.id, "1000001", ENDED).await;
        let (renewed, _) = holder(&mut tx, himeji.id, "1000004", ENDED).await;
        card(&mut tx, &renewed, "1000005", ENDED + Duration::days(900)).await;
        let asking = patron(&mut tx, himeji.id).await;
        card(&mut tx, &asking, "1000006", ENDED).await;
        let (gone, _) = holder(&mut tx, himeji.id, "1000007", ENDED).await;
        erase_key(&mut tx, gone.id.as_uuid()).await.unwrap();
        let (waiting, _) = holder(&mut tx, himeji.id, "1000008", ENDED).await;
        let number = "1000009".parse().unwrap();
        let pending = Card::register(CardId::new(NOW), himeji.id, waiting.id, number, ENDED, NOW);
        cards::insert(&mut tx, &pending).await.unwrap();

        let listed = patron_erasure::list(&mut tx, himeji.id, ENDED, None, 9).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.patron_id).collect::<Vec<_>>(), [first.id, second.id]);
        assert_eq!(patron_erasure::list(&mut tx, himeji.id, ENDED, None, 1).await.unwrap(), listed[..1]);
        assert_eq!(patron_erasure::list(&mut tx, himeji.id, ENDED, Some(&listed[0]), 9).await.unwrap(), listed[1..]);
        assert_eq!(patron_erasure::list(&mut tx, himeji.id, Date::MIN, None, 9).await.unwrap(), []);
        assert_eq!(patron_erasure::find(&mut tx, himeji.id, ENDED, first.id).await.unwrap(), Some(listed[0]));
        assert_eq!(patron_erasure::find(&mut tx, akashi.id, ENDED, first.id).await.unwrap(), None);
        assert_eq!(patron_erasure::find(&mut tx, himeji.id, ENDED, renewed.id).await.unwrap(), None);
    }

    async fn how_a_patron_was_told_is_read_with_them(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let mut expected = Vec::new();
        for (number, how) in
            [ToldHow::NoAddress, ToldHow::Waiting, ToldHow::HandedOver(NOW + Duration::HOUR), ToldHow::Failed].into_iter().enumerate()
        {
            let (patron, _) = holder(&mut tx, himeji.id, &format!("100000{number}"), ENDED).await;
            let expired = patron_erasure::find(&mut tx, himeji.id, ENDED, patron.id).await.unwrap().unwrap();
            assert_eq!(expired.told, None);
            let mail = if how == ToldHow::NoAddress { None } else { Some(mail(&mut tx, himeji.id).await) };
            assert!(patron_erasure::insert_told(&mut tx, &expired, mail, NOW).await.unwrap());
            assert!(!patron_erasure::insert_told(&mut tx, &expired, mail, NOW).await.unwrap(), "once");
            match (how, mail) {
                (ToldHow::HandedOver(at), Some(mail)) => assert!(outbox::mark_sent(&mut tx, mail, at).await.unwrap()),
                (ToldHow::Failed, Some(mail)) => assert!(outbox::mark_failed(&mut tx, mail, NOW).await.unwrap()),
                _ => {}
            }
            expected.push((patron.id, how));
        }
        for (id, how) in expected {
            let expired = patron_erasure::find(&mut tx, himeji.id, ENDED, id).await.unwrap().unwrap();
            assert_eq!(expired.told, Some(Told { noted_at: NOW, how }));
        }
    }

    async fn an_erased_patron_is_nobody_and_keeps_the_number_taken(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, card) = holder(&mut tx, himeji.id, "1000001", ENDED).await;
        let (taro, _) = holder(&mut tx, himeji.id, "1000002", ENDED).await;
        assert_eq!(patron_erasure::count_known(&mut tx, himeji.id).await.unwrap(), 2);
        assert!(matches!(patrons::erase(&mut tx, akashi.id, hanako.id, NOW).await, Err(StoreError::Stale)));
        patron_erasure::delete_belongings(&mut tx, himeji.id, hanako.id).await.unwrap();
        patrons::erase(&mut tx, himeji.id, hanako.id, NOW).await.unwrap();
        assert!(matches!(patrons::erase(&mut tx, himeji.id, hanako.id, NOW).await, Err(StoreError::Stale)), "once");
        assert_eq!(patrons::find(&mut tx, himeji.id, hanako.id).await.unwrap(), None);
        assert_eq!(patrons::find_erased_at(&mut tx, himeji.id, hanako.id).await.unwrap(), Some(NOW));
        assert_eq!(patrons::find_erased_at(&mut tx, himeji.id, taro.id).await.unwrap(), None);
        let nobody = ApplicationId::new(NOW);
        for (library, id, is_erased) in [(himeji.id, hanako.id, true), (himeji.id, taro.id, false), (akashi.id, hanako.id, false)] {
            assert_eq!(patrons::is_anybody_erased(&mut tx, library, nobody, Some(id)).await.unwrap(), is_erased);
        }
        assert!(!patrons::is_anybody_erased(&mut tx, himeji.id, nobody, None).await.unwrap());
        assert_eq!(patron_erasure::count_known(&mut tx, himeji.id).await.unwrap(), 1);
        assert_eq!(patron_erasure::find(&mut tx, himeji.id, ENDED, hanako.id).await.unwrap(), None);
        assert_eq!(cards::find_by_number(&mut tx, himeji.id, &card.number).await.unwrap(), Some(card));
        assert!(patrons::find(&mut tx, himeji.id, taro.id).await.unwrap().is_some());
    }
}
