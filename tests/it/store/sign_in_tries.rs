use super::fixtures::{NOW, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::store::sign_in_tries::{self, Try};

const KEY: [u8; 32] = [7; 32];

both_engines! {
    async fn tries_are_counted_until_one_has_to_wait(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        for number in 1..=3 {
            assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap(), Try::Counted(number));
        }
        let until = NOW + Duration::seconds(30);
        sign_in_tries::postpone(&mut tx, &KEY, until).await.unwrap();
        let early = until - Duration::SECOND;
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, early).await.unwrap(), Try::Wait { until });
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &[8; 32], NOW).await.unwrap(), Try::Counted(1));
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, until).await.unwrap(), Try::Counted(4));
    }

    async fn one_success_among_others_tries_is_taken_back(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        sign_in_tries::take_back(&mut tx, &KEY).await.unwrap();
        assert_eq!(sign_in_tries::find(&mut tx, &KEY).await.unwrap(), 0);
        for _ in 0..2 {
            sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap();
        }
        for left in [1, 0, 0] {
            sign_in_tries::take_back(&mut tx, &KEY).await.unwrap();
            assert_eq!(sign_in_tries::find(&mut tx, &KEY).await.unwrap(), left);
        }
    }

    async fn a_success_and_a_day_forget_them(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap();
        sign_in_tries::delete(&mut tx, &KEY).await.unwrap();
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap(), Try::Counted(1));
        sign_in_tries::delete_before(&mut tx, NOW - Duration::SECOND).await.unwrap();
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap(), Try::Counted(2));
        sign_in_tries::delete_before(&mut tx, NOW).await.unwrap();
        assert_eq!(sign_in_tries::count(&mut tx, library.id, &KEY, NOW).await.unwrap(), Try::Counted(1));
    }
}
