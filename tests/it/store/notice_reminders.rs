use super::fixtures::{NOW, draft, library, staff_member};
use super::paper_notices::noted;
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::MailId;
use todoke::domain::notice::{NoticeAbout, PaperReason, PaperWay};
use todoke::store::notice_reminders::{self, Waiting};
use todoke::store::{notices, paper_notices};

both_engines! {
    async fn notices_that_nobody_opened_are_listed_by_how_long_they_wait(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (ume, take) = (draft(&mut tx, himeji.id).await, draft(&mut tx, himeji.id).await);
        let (second, first) = (noted(&mut tx, &ume, 5).await, noted(&mut tx, &take, 1).await);
        let at = |seconds| NOW + Duration::seconds(seconds);
        let all = Waiting { after: at(0), until: at(9), reminded_for: Some(3) };
        let unread = notice_reminders::list_unread(&mut tx, himeji.id, all, 9).await.unwrap();
        assert_eq!(unread.iter().map(|one| one.notice_id).collect::<Vec<_>>(), [first.id, second.id]);
        assert_eq!((unread[0].about, unread[0].placed_at), (NoticeAbout::Application(take.id), at(1)));
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, all, 1).await.unwrap(), unread[..1]);
        assert_eq!(notice_reminders::list_unread(&mut tx, akashi.id, all, 9).await.unwrap(), []);
        let late = Waiting { after: at(1), ..all };
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, late, 9).await.unwrap(), unread[1..]);
        let early = Waiting { until: at(4), ..all };
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, early, 9).await.unwrap(), unread[..1]);

        let mail = Some(MailId::new(NOW));
        assert!(notice_reminders::insert(&mut tx, &unread[0], 3, mail, NOW).await.unwrap());
        assert!(!notice_reminders::insert(&mut tx, &unread[0], 3, None, NOW).await.unwrap(), "once");
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, all, 9).await.unwrap(), unread[1..]);
        let longer = Waiting { reminded_for: Some(7), ..all };
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, longer, 9).await.unwrap(), unread);
        let whoever = Waiting { reminded_for: None, ..all };
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, whoever, 9).await.unwrap(), unread);

        assert!(notices::mark_read(&mut tx, second.id, NOW).await.unwrap());
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, whoever, 9).await.unwrap(), unread[..1]);
        assert!(paper_notices::insert_unread(&mut tx, &unread[0], NOW).await.unwrap());
        assert_eq!(notice_reminders::list_unread(&mut tx, himeji.id, whoever, 9).await.unwrap(), []);
    }

    async fn what_was_opened_after_all_needs_no_paper_unless_it_has_left(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (ume, take) = (draft(&mut tx, himeji.id).await, draft(&mut tx, himeji.id).await);
        let sato = staff_member(&mut tx, himeji.id, "sato").await;
        let (stays, goes) = (noted(&mut tx, &ume, 1).await, noted(&mut tx, &take, 2).await);
        let all = Waiting { after: NOW, until: NOW + Duration::seconds(9), reminded_for: None };
        let unread = notice_reminders::list_unread(&mut tx, himeji.id, all, 9).await.unwrap();
        for notice in &unread {
            assert!(paper_notices::insert_unread(&mut tx, notice, NOW).await.unwrap());
            assert!(!paper_notices::insert_unread(&mut tx, notice, NOW).await.unwrap(), "once");
        }
        let paper = paper_notices::find(&mut tx, himeji.id, stays.id).await.unwrap().unwrap();
        assert_eq!((paper.reason, paper.placed_at), (PaperReason::Unread, NOW));
        assert!(!paper_notices::is_any_waiting(&mut tx, ume.id).await.unwrap(), "nobody has to wait for it");
        paper_notices::take_back_unread(&mut tx, akashi.id, stays.id).await.unwrap();
        let by = (PaperWay::Posted, sato.id);
        assert!(paper_notices::mark_delivered(&mut tx, himeji.id, stays.id, by, NOW).await.unwrap());
        for notice in [stays.id, goes.id] {
            paper_notices::take_back_unread(&mut tx, himeji.id, notice).await.unwrap();
        }
        assert!(paper_notices::find(&mut tx, himeji.id, stays.id).await.unwrap().is_some());
        assert_eq!(paper_notices::find(&mut tx, himeji.id, goes.id).await.unwrap(), None);
    }
}
