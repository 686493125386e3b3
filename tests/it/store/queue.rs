use super::fixtures::{
    NOW, answers, awaiting_signature, draft, email, evidence, library, new_draft, staff_member, submitted,
};
use crate::support::database::both_engines;
use time::{Date, macros::date};
use time::{Duration, OffsetDateTime};
use todoke::domain::application::Application;
use todoke::domain::ids::{ApplicationId, LibraryId, MailId, StaffId};
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::domain::permission::Scope;
use todoke::domain::procedure::Procedure;
use todoke::domain::queue::{QueuePlace, place_of};
use todoke::domain::review::{FirstApproval, Hold};
use todoke::domain::staff::StaffMember;
use todoke::store::applications::{
    self, BranchFilter, QueueCounts, QueueFilter, QueueFlag, QueueQuery, QueueRow, QueueSearch, QueueTab, QueueWalk,
};
use todoke::store::seal::erase_key;
use todoke::store::signatures::RevocationAnswer;
use todoke::store::{StoreError, Tx, first_approvals, holds, outbox, signatures};

/// The day of [`NOW`] in Japan.
const TODAY: Date = date!(2026 - 11 - 20);
const DUE: Date = date!(2026 - 11 - 25);

fn everywhere() -> BranchFilter {
    BranchFilter::of(&Scope::Library)
}

async fn list(
    tx: &mut Tx,
    (library_id, staff): (LibraryId, StaffId),
    (tab, search, walk, limit): (QueueTab, Option<&QueueSearch>, QueueWalk, u32),
    now: OffsetDateTime,
) -> Result<Vec<QueueRow>, StoreError> {
    let filter = QueueFilter::default();
    let query = QueueQuery { branches: &everywhere(), staff, tab, filter: &filter, search, walk, limit };
    applications::list_queue(tx, library_id, &query, now).await
}

async fn ids(tx: &mut Tx, staff: &StaffMember, tab: QueueTab, minutes: i64) -> Vec<ApplicationId> {
    let now = NOW + Duration::minutes(minutes);
    let rows = list(tx, (staff.library_id, staff.id), (tab, None, QueueWalk::First, 50), now).await.unwrap();
    rows.into_iter().map(|row| row.application.id).collect()
}

async fn filtered(tx: &mut Tx, staff: &StaffMember, tab: QueueTab, filter: QueueFilter) -> Vec<ApplicationId> {
    let branches = everywhere();
    let walk = QueueWalk::First;
    let query =
        QueueQuery { branches: &branches, staff: staff.id, tab, filter: &filter, search: None, walk, limit: 50 };
    let rows = applications::list_queue(tx, staff.library_id, &query, NOW).await.unwrap();
    rows.into_iter().map(|row| row.application.id).collect()
}

async fn counted(tx: &mut Tx, staff: &StaffMember, minutes: i64) -> QueueCounts {
    let now = NOW + Duration::minutes(minutes);
    let days = (staff.id, TODAY, DUE);
    applications::count_queue(tx, staff.library_id, &everywhere(), days, now).await.unwrap()
}

async fn hits(tx: &mut Tx, library_id: LibraryId, search: QueueSearch) -> usize {
    let nobody = StaffId::new(NOW);
    let wanted = (QueueTab::All, Some(&search), QueueWalk::First, 50);
    list(tx, (library_id, nobody), wanted, NOW).await.unwrap().len()
}

/// An application in each state that a library sees, and two that it does not.
async fn one_in_each_place(tx: &mut Tx, imai: &StaffMember, ueda: &StaffMember) -> Vec<Application> {
    let library = imai.library_id;
    let mut all = Vec::new();
    for serial in 0..9_u8 {
        all.push(
            submitted(tx, library, &[serial], NOW - Duration::hours(9) + Duration::minutes(i64::from(serial))).await,
        );
    }
    let save = async |tx: &mut Tx, application: Application| applications::save(tx, application).await.unwrap();
    let seen = all[0].state.version().unwrap();
    all[1] = save(tx, all[1].clone().claim(imai, NOW).unwrap()).await;
    all[2] = save(tx, all[2].clone().claim(ueda, NOW).unwrap()).await;
    let hold = Hold {
        library_id: library,
        application_id: all[3].id,
        held_by: imai.id,
        held_at: NOW,
        until_on: TODAY + Duration::days(3),
        reason: "書類を待つ".parse().unwrap(),
    };
    holds::save(tx, &hold).await.unwrap();
    for application in &mut all[4..8] {
        *application = save(tx, application.clone().claim(imai, NOW).unwrap()).await;
    }
    let later = NOW + Duration::days(14);
    all[4] = save(tx, all[4].clone().return_for_correction(imai, seen, later, NOW).unwrap()).await;
    all[5] = save(tx, all[5].clone().approve(imai, seen, None, NOW).unwrap()).await;
    all[6] = save(tx, all[6].clone().approve(imai, seen, None, NOW).unwrap().issue().unwrap()).await;
    all[7] = save(tx, all[7].clone().decline(imai, seen, NOW).unwrap()).await;
    all[8] = save(tx, all[8].clone().withdraw(NOW).unwrap()).await;
    all.push(draft(tx, library).await);
    all.push(awaiting_signature(tx, library).await);
    all
}

const PARTS: [QueueTab; 6] = [
    QueueTab::Unclaimed,
    QueueTab::Mine,
    QueueTab::Colleagues,
    QueueTab::OnHold,
    QueueTab::WithApplicant,
    QueueTab::AwaitingRegistration,
];

fn tab_of(place: QueuePlace, me: &StaffMember) -> QueueTab {
    match place {
        QueuePlace::Unclaimed => QueueTab::Unclaimed,
        QueuePlace::OnHold => QueueTab::OnHold,
        QueuePlace::Claimed(staff) if staff == me.id => QueueTab::Mine,
        QueuePlace::Claimed(_) => QueueTab::Colleagues,
        QueuePlace::WithApplicant => QueueTab::WithApplicant,
        QueuePlace::AwaitingRegistration => QueueTab::AwaitingRegistration,
    }
}

both_engines! {
    async fn every_application_that_waits_is_in_exactly_one_part(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let ueda = staff_member(&mut tx, himeji.id, "ueda").await;
        let all = one_in_each_place(&mut tx, &imai, &ueda).await;
        // Now, after the leases have ended, and after the hold has.
        for minutes in [29, 30, 4 * 24 * 60] {
            let now = NOW + Duration::minutes(minutes);
            let today = TODAY + Duration::days(minutes / (24 * 60));
            for me in [&imai, &ueda] {
                let mut found = Vec::new();
                for tab in PARTS {
                    found.push((tab, ids(&mut tx, me, tab, minutes).await));
                }
                for application in &all {
                    let held = holds::find(&mut tx, application.id).await.unwrap().map(|hold| hold.until_on);
                    let expected = place_of(&application.state, held, today, now).map(|place| tab_of(place, me));
                    let tabs: Vec<QueueTab> =
                        found.iter().filter(|(_, ids)| ids.contains(&application.id)).map(|(tab, _)| *tab).collect();
                    let expected: Vec<QueueTab> = expected.into_iter().collect();
                    assert_eq!(tabs, expected, "{} after {minutes} minutes", application.state.name());
                }
            }
        }
        let counts = counted(&mut tx, &imai, 29).await;
        let expected = QueueCounts {
            unclaimed: 1,
            mine: 1,
            colleagues: 1,
            on_hold: 1,
            with_applicant: 1,
            awaiting_registration: 1,
            due: 0,
        };
        assert_eq!(counts, expected);
        let counts = counted(&mut tx, &imai, 30).await;
        assert_eq!(counts, QueueCounts { unclaimed: 3, mine: 0, colleagues: 0, ..expected });
        assert_eq!(ids(&mut tx, &imai, QueueTab::Decided, 0).await, [all[7].id, all[6].id], "newest first");
        let received: Vec<_> = all[..8].iter().rev().map(|application| application.id).collect();
        assert_eq!(ids(&mut tx, &imai, QueueTab::All, 0).await, received);
        let akashi = library(&mut tx, "akashi").await;
        let stranger = staff_member(&mut tx, akashi.id, "imai").await;
        assert_eq!(ids(&mut tx, &stranger, QueueTab::All, 0).await, []);
        assert_eq!(counted(&mut tx, &stranger, 0).await, QueueCounts::default());
    }

    async fn what_is_due_is_listed_whoever_has_it(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let due = submitted(&mut tx, himeji.id, b"1", NOW).await;
        let due = applications::save(&mut tx, Application { due_on: Some(DUE), ..due }).await.unwrap();
        let later = submitted(&mut tx, himeji.id, b"2", NOW).await;
        applications::save(&mut tx, Application { due_on: DUE.next_day(), ..later }).await.unwrap();
        assert_eq!(ids(&mut tx, &imai, QueueTab::DueBy(DUE), 0).await, [due.id]);
        assert_eq!(counted(&mut tx, &imai, 0).await.due, 1);
    }

    async fn filters_narrow_what_is_listed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let branch = |code: &str| Some(code.parse().unwrap());
        let mut made = Vec::new();
        for (serial, code) in [(b"1", "main"), (b"2", "aboshi"), (b"3", "main")] {
            let at = NOW + Duration::minutes(i64::from(serial[0] - b'0'));
            let application = submitted(&mut tx, himeji.id, serial, at).await;
            let placed = Application { branch: branch(code), ..application };
            made.push(applications::save(&mut tx, placed).await.unwrap());
        }
        let first = &made[0];
        let version = first.state.version().unwrap();
        let approval = FirstApproval {
            library_id: himeji.id,
            application_id: first.id,
            version,
            approved_by: imai.id,
            approved_at: NOW,
        };
        first_approvals::insert(&mut tx, &approval).await.unwrap();
        let of = QueueFilter::default;
        let ids = |places: &[usize]| places.iter().map(|at| made[*at].id).collect::<Vec<_>>();
        for tab in [QueueTab::Unclaimed, QueueTab::All] {
            let order = |places: &[usize]| {
                let mut found = ids(places);
                if tab == QueueTab::All {
                    found.reverse();
                }
                found
            };
            let at_main = QueueFilter { branch: branch("main"), ..of() };
            assert_eq!(filtered(&mut tx, &imai, tab, at_main.clone()).await, order(&[0, 2]));
            let new_cards = QueueFilter { procedure: Some(Procedure::NewCard), ..of() };
            assert_eq!(filtered(&mut tx, &imai, tab, new_cards).await, order(&[0, 1, 2]));
            let renewals = QueueFilter { procedure: Some(Procedure::Renewal), ..of() };
            assert_eq!(filtered(&mut tx, &imai, tab, renewals.clone()).await, []);
            let both = QueueFilter { procedure: Some(Procedure::Renewal), ..at_main };
            assert_eq!(filtered(&mut tx, &imai, tab, both).await, []);
            let late = QueueFilter { from: Some(made[1].state.submitted_at().unwrap()), ..of() };
            assert_eq!(filtered(&mut tx, &imai, tab, late).await, order(&[1, 2]));
            let early = QueueFilter { until: Some(made[1].state.submitted_at().unwrap()), ..of() };
            assert_eq!(filtered(&mut tx, &imai, tab, early).await, order(&[0]));
        }
        for (flag, expected) in [
            (QueueFlag::SecondPerson, ids(&[0])),
            (QueueFlag::MailFailed, Vec::new()),
            (QueueFlag::RevocationUnknown, Vec::new()),
            (QueueFlag::OnHold, Vec::new()),
        ] {
            let flagged = QueueFilter { flag: Some(flag), ..of() };
            assert_eq!(filtered(&mut tx, &imai, QueueTab::Unclaimed, flagged).await, expected, "{flag:?}");
        }
        // Whoever works at one branch sees that branch only, in every part.
        let scope = BranchFilter::of(&Scope::Branches(vec!["aboshi".parse().unwrap()]));
        for tab in [QueueTab::Unclaimed, QueueTab::All] {
            let filter = of();
            let walk = QueueWalk::First;
            let query =
                QueueQuery { branches: &scope, staff: imai.id, tab, filter: &filter, search: None, walk, limit: 9 };
            let rows = applications::list_queue(&mut tx, himeji.id, &query, NOW).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.application.id).collect::<Vec<_>>(), ids(&[1]));
        }
    }

    async fn pages_follow_each_other_both_ways_without_gap_or_repeat(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let staff = (library.id, StaffId::new(NOW));
        for serial in 0..7_u8 {
            // Several of them at the same moment: the id decides between those.
            submitted(&mut tx, library.id, &[serial], NOW + Duration::minutes(i64::from(serial / 3))).await;
        }
        for tab in [QueueTab::Unclaimed, QueueTab::All] {
            let (mut found, mut walk) = (Vec::new(), QueueWalk::First);
            loop {
                let page = list(&mut tx, staff, (tab, None, walk, 3), NOW).await.unwrap();
                let Some(last) = page.last() else { break };
                walk = QueueWalk::After(last.key());
                found.extend(page.into_iter().map(|row| row.key()));
            }
            assert_eq!(found.len(), 7, "{tab:?}");
            let mut sorted = found.clone();
            sorted.sort();
            if tab == QueueTab::All {
                sorted.reverse();
            }
            assert_eq!(found, sorted);
            let (mut back, mut walk) = (Vec::new(), QueueWalk::Before(found[6]));
            loop {
                let page = list(&mut tx, staff, (tab, None, walk, 2), NOW).await.unwrap();
                let Some(last) = page.last() else { break };
                walk = QueueWalk::Before(last.key());
                back.extend(page.into_iter().map(|row| row.key()));
            }
            back.reverse();
            assert_eq!(back, found[..6], "{tab:?}");
        }
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
            (QueueSearch::NameStart("姫路".parse().unwrap()), 1),
            (QueueSearch::NameStart("花子".parse().unwrap()), 1),
            (QueueSearch::NameStart("路".parse().unwrap()), 0),
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
            language: Language::Ja,
            content: MailContent::NoticeReady,
            queued_at: NOW,
            attempts: 0,
        };
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        let line = |rows: Vec<applications::QueueRow>| rows.into_iter().next().unwrap();
        let row = line(list(&mut tx, (library.id, StaffId::new(NOW)), (QueueTab::All, None, QueueWalk::First, 9), NOW).await.unwrap());
        assert_eq!(row.applicant, answers().name);
        assert_eq!(row.flags, [QueueFlag::RevocationUnknown]);
        assert_eq!(row.application, application);
        outbox::mark_failed(&mut tx, mail.id, NOW).await.unwrap();
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let row = line(list(&mut tx, (library.id, StaffId::new(NOW)), (QueueTab::All, None, QueueWalk::First, 9), NOW).await.unwrap());
        assert_eq!(row.applicant, None);
        assert_eq!(row.flags, [QueueFlag::RevocationUnknown, QueueFlag::MailFailed]);
    }
}
