use super::fixtures::{NOW, draft, email, library};
use crate::support::database::both_engines;
use time::{Date, Duration};
use todoke::domain::ids::MailId;
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail, Todo};
use todoke::store::reminders::{Deadline, Handed, ReminderKind, find_handed, find_latest, insert};
use todoke::store::{Tx, outbox};

async fn queue(tx: &mut Tx, deadline: &Deadline) -> MailId {
    let mail = QueuedMail {
        id: MailId::new(NOW),
        library_id: deadline.library_id,
        application_id: Some(deadline.application_id),
        recipient: email("hanako@example.jp"),
        language: Language::Ja,
        content: MailContent::Reminder { todo: Todo::Correct, until: Date::MAX },
        queued_at: NOW,
        attempts: 0,
    };
    outbox::insert(tx, &mail, None).await.unwrap();
    mail.id
}

both_engines! {
    async fn only_what_was_handed_over_counts(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let (kind, at) = (ReminderKind::Returned, NOW + Duration::days(14));
        let deadline = Deadline { library_id: library.id, application_id: application.id, kind, at };
        assert_eq!(find_latest(&mut tx, &deadline).await.unwrap(), None);
        let mails = [queue(&mut tx, &deadline).await, queue(&mut tx, &deadline).await, queue(&mut tx, &deadline).await];
        for (mail, days) in mails.into_iter().zip([7, 3, 1]) {
            assert!(insert(&mut tx, &deadline, days, mail).await.unwrap());
        }
        assert!(!insert(&mut tx, &deadline, 1, mails[2]).await.unwrap(), "once");
        assert_eq!(find_latest(&mut tx, &deadline).await.unwrap(), Some(1));
        outbox::mark_sent(&mut tx, mails[0], NOW).await.unwrap();
        outbox::mark_failed(&mut tx, mails[1], NOW).await.unwrap();
        let handed = find_handed(&mut tx, &deadline).await.unwrap();
        assert_eq!(handed, Handed { waiting: 1, failed: 1, last: Some((NOW, 7)) });
        let other = Deadline { at: at + Duration::DAY, ..deadline };
        assert_eq!(find_handed(&mut tx, &other).await.unwrap(), Handed::default(), "another end has its own");
    }
}
