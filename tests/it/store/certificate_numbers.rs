use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::certificate_number::{CertificateNumber, NumberSource, NumberState, PatronCertificate};
use todoke::domain::patron::Patron;
use todoke::store::{StoreError, certificate_numbers};

fn number(text: &str) -> CertificateNumber {
    text.parse().unwrap()
}

fn pending(patron: &Patron, minutes: i64) -> PatronCertificate {
    PatronCertificate {
        library_id: patron.library_id,
        patron_id: patron.id,
        state: NumberState::Pending { tries: 2, next_try_at: NOW + Duration::minutes(minutes) },
    }
}

both_engines! {
    async fn each_state_comes_back_whole_and_takes_the_place_of_the_one_before(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let hanako = patron(&mut tx, library.id).await;
        assert_eq!(certificate_numbers::find(&mut tx, library.id, hanako.id).await.unwrap(), None);
        let pending = pending(&hanako, 5);
        let recorded = pending.clone().record(number("0a1b"), NumberSource::CounterReading, NOW);
        let confirmed = recorded.clone().confirm(NOW + Duration::HOUR).unwrap();
        for state in [pending, recorded, confirmed] {
            certificate_numbers::save(&mut tx, &state).await.unwrap();
            assert_eq!(certificate_numbers::find(&mut tx, library.id, hanako.id).await.unwrap(), Some(state));
        }
        assert!(certificate_numbers::delete(&mut tx, library.id, hanako.id).await.unwrap());
        assert!(!certificate_numbers::delete(&mut tx, library.id, hanako.id).await.unwrap());
    }

    async fn a_number_is_one_patrons_within_a_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, taro) = (patron(&mut tx, himeji.id).await, patron(&mut tx, himeji.id).await);
        let other = patron(&mut tx, akashi.id).await;
        for one in [&hanako, &other] {
            let recorded = pending(one, 0).record(number("a1b"), NumberSource::StaffEntry, NOW);
            certificate_numbers::save(&mut tx, &recorded).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(DISTINCT number_token) FROM certificate_numbers").await, 2);
        let mut tx = database.db.begin().await.unwrap();
        let twin = pending(&taro, 0).record(number("a1b"), NumberSource::StaffEntry, NOW);
        assert!(matches!(certificate_numbers::save(&mut tx, &twin).await, Err(StoreError::Duplicate)));
    }

    async fn the_pending_are_due_in_their_order(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut all = Vec::new();
        for minutes in [10, 5, 20] {
            let patron = patron(&mut tx, library.id).await;
            all.push(pending(&patron, minutes));
            certificate_numbers::save(&mut tx, &all[all.len() - 1]).await.unwrap();
        }
        let at = NOW + Duration::minutes(10);
        let due = certificate_numbers::list_due(&mut tx, at, 9).await.unwrap();
        assert_eq!(due, [all[1].clone(), all[0].clone()]);
        certificate_numbers::save(&mut tx, &all[1].clone().record(number("1"), NumberSource::App, NOW)).await.unwrap();
        assert_eq!(certificate_numbers::list_due(&mut tx, at, 9).await.unwrap(), [all[0].clone()]);
    }
}
