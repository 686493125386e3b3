use super::fixtures::{NOW, draft, library, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::ids::MessageId;
use todoke::domain::message::{Message, Sender};
use todoke::store::messages::{self, Side};

fn message(application: &Application, sender: Sender, minutes: i64) -> Message {
    let sent_at = NOW + Duration::minutes(minutes);
    Message {
        id: MessageId::new(sent_at),
        library_id: application.library_id,
        application_id: application.id,
        sender,
        text: "土曜日に行きます".parse().unwrap(),
        sent_at,
        read_at: None,
    }
}

both_engines! {
    async fn messages_come_back_in_order_and_are_read_by_the_other_side(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = draft(&mut tx, library.id).await;
        let sent = [
            message(&application, Sender::Applicant, 0),
            message(&application, Sender::Staff(by.id), 1),
            message(&application, Sender::Applicant, 2),
        ];
        for one in &sent {
            messages::insert(&mut tx, one).await.unwrap();
        }
        assert_eq!(messages::list(&mut tx, application.id, 50).await.unwrap(), sent);
        assert_eq!(messages::list(&mut tx, application.id, 2).await.unwrap(), sent[1..], "the newest");
        assert_eq!(messages::count_unread(&mut tx, application.id, Side::Staff).await.unwrap(), 2);
        let since = NOW + Duration::minutes(1);
        assert_eq!(messages::count_sent_since(&mut tx, application.id, Side::Applicant, since).await.unwrap(), 1);
        let later = NOW + Duration::hours(1);
        assert_eq!(messages::mark_read(&mut tx, application.id, Side::Staff, later).await.unwrap(), 2);
        assert_eq!(messages::mark_read(&mut tx, application.id, Side::Staff, later).await.unwrap(), 0);
        assert_eq!(messages::count_unread(&mut tx, application.id, Side::Applicant).await.unwrap(), 1);
        let listed = messages::list(&mut tx, application.id, 50).await.unwrap();
        assert_eq!((listed[0].read_at, listed[1].read_at), (Some(later), None));
        tx.commit().await.unwrap();
        assert!(!database.holds("土曜日に行きます").await);
    }
}
