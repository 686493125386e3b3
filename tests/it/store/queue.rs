use super::fixtures::{
    NOW, answers, awaiting_signature, draft, email, evidence, library, new_draft, staff_member, submitted,
};
use crate::support::database::both_engines;
use time::{Duration, OffsetDateTime};
use todoke::domain::ids::MailId;
use todoke::domain::ids::{ApplicationId, LibraryId};
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::domain::permission::Scope;
use todoke::store::applications::{
    self, BranchFilter, QueueCounts, QueueFlag, QueueKey, QueueQuery, QueueRow, QueueSearch, QueueTab,
};
use todoke::store::seal::erase_key;
use todoke::store::signatures::RevocationAnswer;
use todoke::store::{StoreError, Tx, outbox, signatures};

fn everywhere() -> BranchFilter {
    BranchFilter::of(&Scope::Library)
}

async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    (tab, search, after, limit): (QueueTab, Option<&QueueSearch>, Option<QueueKey>, u32),
    now: OffsetDateTime,
) -> Result<Vec<QueueRow>, StoreError> {
    let query = QueueQuery { branches: &everywhere(), tab, search, after, limit };
    applications::list_queue(tx, library_id, &query, now).await
}

async fn ids(tx: &mut Tx, library_id: LibraryId, tab: QueueTab, minutes: i64) -> Vec<ApplicationId> {
    let now = NOW + Duration::minutes(minutes);
    let rows = list(tx, library_id, (tab, None, None, 50), now).await.unwrap();
    rows.into_iter().map(|row| row.application.id).collect()
}

async fn hits(tx: &mut Tx, library_id: LibraryId, search: QueueSearch) -> usize {
    list(tx, library_id, (QueueTab::All, Some(&search), None, 50), NOW).await.unwrap().len()
}

both_engines! {
    async fn each_tab_shows_its_part(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let ueda = staff_member(&mut tx, himeji.id, "ueda").await;
        draft(&mut tx, himeji.id).await;
        submitted(&mut tx, akashi.id, b"1", NOW).await;
        let free = submitted(&mut tx, himeji.id, b"1", NOW + Duration::minutes(2)).await;
        let claimed = submitted(&mut tx, himeji.id, b"2", NOW + Duration::minutes(1)).await;
        let claimed = applications::save(&mut tx, claimed.claim(&imai, NOW).unwrap()).await.unwrap();
        let decided = submitted(&mut tx, himeji.id, b"3", NOW).await;
        let decided = applications::save(&mut tx, decided.claim(&ueda, NOW).unwrap()).await.unwrap();
        let seen = decided.state.version().unwrap();
        let decided = applications::save(&mut tx, decided.approve(&ueda, seen, None, NOW).unwrap().issue().unwrap()).await.unwrap();

        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Unclaimed, 29).await, [free.id]);
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Mine(imai.id), 29).await, [claimed.id]);
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Mine(ueda.id), 29).await, []);
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Decided, 29).await, [decided.id]);
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::All, 29).await, [decided.id, claimed.id, free.id]);
        let counts = applications::count_queue(&mut tx, himeji.id, &everywhere(), imai.id, NOW).await.unwrap();
        assert_eq!(counts, QueueCounts { unclaimed: 1, mine: 1, decided: 1, all: 3 });

        // After half an hour the claim has ended.
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Unclaimed, 30).await, [claimed.id, free.id]);
        assert_eq!(ids(&mut tx, himeji.id, QueueTab::Mine(imai.id), 30).await, []);
        let ended = NOW + Duration::minutes(30);
        let counts = applications::count_queue(&mut tx, himeji.id, &everywhere(), imai.id, ended).await.unwrap();
        assert_eq!(counts, QueueCounts { unclaimed: 2, mine: 0, decided: 1, all: 3 });
    }

    async fn pages_follow_each_other_without_gap_or_repeat(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut expected = Vec::new();
        for serial in 0..7_u8 {
            // Several of them at the same moment: the id decides between those.
            let at = NOW + Duration::minutes(i64::from(serial / 3));
            expected.push(submitted(&mut tx, library.id, &[serial], at).await);
        }
        expected.sort_by_key(|application| (application.started_at, application.id));
        let mut found = Vec::new();
        let mut after: Option<QueueKey> = None;
        loop {
            let page = list(&mut tx, library.id, (QueueTab::All, None, after, 3), NOW).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.key());
            assert!(page.is_sorted_by_key(|row| (row.submitted_at, row.application.id)));
            found.extend(page.into_iter().map(|row| row.application.id));
        }
        assert_eq!(found.len(), 7);
        found.sort();
        assert_eq!(found, expected.iter().map(|application| application.id).collect::<Vec<_>>());
    }

    async fn applications_are_found_by_what_a_reviewer_types(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = submitted(&mut tx, himeji.id, b"1", NOW).await;
        let searches = [
            (QueueSearch::Reference(application.reference), 1),
            (QueueSearch::Reference(new_draft(himeji.id).reference), 0),
            (QueueSearch::Name("姫路花子".parse().unwrap()), 1),
            (QueueSearch::Name("姫路".parse().unwrap()), 0),
            (QueueSearch::Kana("ひめ".parse().unwrap()), 1),
            (QueueSearch::Kana("ヒメジハナコ".parse().unwrap()), 1),
            (QueueSearch::Kana("ハナコ".parse().unwrap()), 0),
            (QueueSearch::Birth("1985-04-27".parse().unwrap()), 1),
            (QueueSearch::Birth("1985-04-28".parse().unwrap()), 0),
            (QueueSearch::Email(email("hanako@example.jp")), 1),
            (QueueSearch::Email(email("taro@example.jp")), 0),
        ];
        for (search, expected) in searches {
            assert_eq!(hits(&mut tx, himeji.id, search.clone()).await, expected, "{search:?}");
            assert_eq!(hits(&mut tx, akashi.id, search).await, 0);
        }
    }

    async fn a_line_shows_the_name_and_what_to_know(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let mut evidence = evidence(&mut tx, &application, b"1").await;
        evidence.revocation = RevocationAnswer::Unknown;
        signatures::insert(&mut tx, &evidence, &evidence.signer_token).await.unwrap();
        let todoke::domain::application::ApplicationState::AwaitingSignature { request, .. } = application.state else {
            panic!("{:?}", application.state);
        };
        let application = applications::save(&mut tx, application.submit(request, NOW).unwrap()).await.unwrap();
        let mail = QueuedMail {
            id: MailId::new(NOW),
            library_id: library.id,
            application_id: Some(application.id),
            recipient: email("hanako@example.jp"),
            content: MailContent::NoticeReady,
            queued_at: NOW,
            attempts: 0,
        };
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        let line = |rows: Vec<applications::QueueRow>| rows.into_iter().next().unwrap();
        let row = line(list(&mut tx, library.id, (QueueTab::All, None, None, 9), NOW).await.unwrap());
        assert_eq!(row.applicant, answers().name);
        assert_eq!(row.flags, [QueueFlag::RevocationUnknown]);
        assert_eq!(row.application, application);
        outbox::mark_failed(&mut tx, mail.id, NOW).await.unwrap();
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let row = line(list(&mut tx, library.id, (QueueTab::All, None, None, 9), NOW).await.unwrap());
        assert_eq!(row.applicant, None);
        assert_eq!(row.flags, [QueueFlag::RevocationUnknown, QueueFlag::MailFailed]);
    }
}
