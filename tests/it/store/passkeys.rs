use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::device::DeviceKind;
use todoke::domain::ids::{PasskeyId, PatronId};
use todoke::domain::patron::Patron;
use todoke::store::StoreError;
use todoke::store::passkeys::{self, Passkey};

fn passkey(patron: &Patron, name: &[u8]) -> Passkey {
    Passkey {
        id: PasskeyId::new(NOW),
        library_id: patron.library_id,
        patron_id: patron.id,
        credential_id: name.to_vec(),
        algorithm: -7,
        public_key: b"a public key".to_vec(),
        sign_count: 3,
        device: DeviceKind::Android,
        added_at: NOW,
        used_at: None,
    }
}

both_engines! {
    async fn a_passkey_is_found_by_its_name_in_its_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        let (one, two) = (passkey(&patron, b"one"), Passkey { added_at: NOW - Duration::DAY, ..passkey(&patron, b"two") });
        for kept in [&one, &two] {
            passkeys::insert(&mut tx, kept).await.unwrap();
        }
        assert_eq!(passkeys::find(&mut tx, himeji.id, b"one").await.unwrap(), Some(one.clone()));
        assert_eq!(passkeys::find(&mut tx, akashi.id, b"one").await.unwrap(), None);
        assert_eq!(passkeys::find(&mut tx, himeji.id, b"on").await.unwrap(), None);
        assert_eq!(passkeys::list_by_patron(&mut tx, himeji.id, patron.id).await.unwrap(), [two, one.clone()]);
        let twin = passkeys::insert(&mut tx, &passkey(&patron, b"one")).await;
        assert!(matches!(twin, Err(StoreError::Duplicate)), "{twin:?}");
    }

    async fn a_counter_is_saved_over_the_one_that_was_read(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let one = passkey(&patron(&mut tx, library.id).await, b"one");
        passkeys::insert(&mut tx, &one).await.unwrap();
        passkeys::mark_used(&mut tx, &one, 4, NOW).await.unwrap();
        let used = Passkey { sign_count: 4, used_at: Some(NOW), ..one.clone() };
        assert_eq!(passkeys::find(&mut tx, library.id, b"one").await.unwrap(), Some(used));
        assert!(matches!(passkeys::mark_used(&mut tx, &one, 5, NOW).await, Err(StoreError::Stale)));
    }

    async fn only_its_owner_removes_a_passkey(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let one = passkey(&patron(&mut tx, library.id).await, b"one");
        passkeys::insert(&mut tx, &one).await.unwrap();
        assert!(!passkeys::delete(&mut tx, one.library_id, PatronId::new(NOW), one.id).await.unwrap());
        assert!(passkeys::delete(&mut tx, one.library_id, one.patron_id, one.id).await.unwrap());
        assert!(!passkeys::delete(&mut tx, one.library_id, one.patron_id, one.id).await.unwrap());
        assert_eq!(passkeys::find(&mut tx, library.id, b"one").await.unwrap(), None);
    }
}
