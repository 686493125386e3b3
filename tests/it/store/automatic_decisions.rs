use super::fixtures::{NOW, draft, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::store::automatic_decisions::{self, DueDecision};

both_engines! {
    async fn what_is_due_is_listed_until_it_is_taken_away(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut due = Vec::new();
        for minutes in 0..3 {
            let application = draft(&mut tx, library.id).await;
            let one = DueDecision { library_id: library.id, application_id: application.id };
            automatic_decisions::save(&mut tx, &one, NOW + Duration::minutes(minutes)).await.unwrap();
            due.push(one);
        }
        let now = NOW + Duration::minutes(1);
        assert_eq!(automatic_decisions::list_due(&mut tx, now, 9).await.unwrap(), due[..2]);
        assert_eq!(automatic_decisions::list_due(&mut tx, now, 1).await.unwrap(), due[..1]);
        automatic_decisions::postpone(&mut tx, &due[0], now + Duration::minutes(5)).await.unwrap();
        automatic_decisions::delete(&mut tx, &due[1]).await.unwrap();
        automatic_decisions::postpone(&mut tx, &due[1], now).await.unwrap();
        assert_eq!(automatic_decisions::list_due(&mut tx, now, 9).await.unwrap(), []);
        let later = now + Duration::minutes(5);
        assert_eq!(automatic_decisions::list_due(&mut tx, later, 9).await.unwrap(), [due[2], due[0]]);
    }
}
