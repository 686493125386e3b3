use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::device::DeviceKind;
use todoke::store::patron_devices;

const DEVICE: [u8; 32] = [7; 32];

both_engines! {
    async fn a_device_is_new_once_for_each_patron(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        assert!(!patron_devices::is_known(&mut tx, patron.id, &DEVICE).await.unwrap());
        for (kind, is_new) in [(DeviceKind::Iphone, true), (DeviceKind::Other, false)] {
            let saved = patron_devices::save(&mut tx, library.id, patron.id, &DEVICE, kind, NOW).await.unwrap();
            assert_eq!(saved, is_new);
        }
        assert!(patron_devices::is_known(&mut tx, patron.id, &DEVICE).await.unwrap());
        assert!(!patron_devices::is_known(&mut tx, patron.id, &[8; 32]).await.unwrap());
        patron_devices::delete_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        assert!(!patron_devices::is_known(&mut tx, patron.id, &DEVICE).await.unwrap());
    }

    async fn what_one_library_knows_a_device_by_means_nothing_to_another(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, shiomi) = (library(&mut tx, "himeji").await, library(&mut tx, "shiomi").await);
        let (hanako, kaito) = (patron(&mut tx, himeji.id).await, patron(&mut tx, shiomi.id).await);
        patron_devices::save(&mut tx, himeji.id, hanako.id, &DEVICE, DeviceKind::Mac, NOW).await.unwrap();
        assert!(!patron_devices::is_known(&mut tx, kaito.id, &DEVICE).await.unwrap());
        assert!(patron_devices::save(&mut tx, shiomi.id, kaito.id, &DEVICE, DeviceKind::Mac, NOW).await.unwrap());
        // Another library's word about this patron changes nothing here.
        patron_devices::delete_by_patron(&mut tx, shiomi.id, hanako.id).await.unwrap();
        assert!(patron_devices::is_known(&mut tx, hanako.id, &DEVICE).await.unwrap());
        patron_devices::delete_by_patron(&mut tx, himeji.id, hanako.id).await.unwrap();
        assert!(!patron_devices::is_known(&mut tx, hanako.id, &DEVICE).await.unwrap());
        assert!(patron_devices::is_known(&mut tx, kaito.id, &DEVICE).await.unwrap());
    }

    async fn what_is_not_used_is_forgotten(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        for at in [NOW - Duration::DAY, NOW] {
            patron_devices::save(&mut tx, library.id, patron.id, &DEVICE, DeviceKind::Mac, at).await.unwrap();
        }
        patron_devices::delete_unused(&mut tx, NOW - Duration::SECOND).await.unwrap();
        assert!(patron_devices::is_known(&mut tx, patron.id, &DEVICE).await.unwrap(), "the last use counts");
        patron_devices::delete_unused(&mut tx, NOW).await.unwrap();
        assert!(!patron_devices::is_known(&mut tx, patron.id, &DEVICE).await.unwrap());
    }
}
