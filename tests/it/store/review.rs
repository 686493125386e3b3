use super::fixtures::{NOW, digest_of, library, staff_member, submitted, under_review};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::application::Decider;
use todoke::domain::ids::{AbsenceId, MemoId, OpinionId, TemplateId};
use todoke::domain::language::Language;
use todoke::domain::review::{Decision, FirstApproval, Hold, Memo, Opinion, OpinionAnswer, Outcome};
use todoke::domain::staff::Absence;
use todoke::domain::template::{Template, TemplateKind};
use todoke::domain::version::Version;
use todoke::store::seal::erase_key;
use todoke::store::takeovers::{self, Takeover};
use todoke::store::{StoreError, applications, decisions, first_approvals, holds, memos, opinions, staff, templates};

both_engines! {
    async fn a_first_approval_counts_for_the_version_that_was_seen_and_no_other(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let version = application.state.version().unwrap();
        let first = FirstApproval {
            library_id: library.id,
            application_id: application.id,
            version,
            approved_by: imai.id,
            approved_at: NOW,
        };
        first_approvals::insert(&mut tx, &first).await.unwrap();
        assert_eq!(first_approvals::find(&mut tx, application.id, version).await.unwrap(), Some(first));
        let other = Version { digest: digest_of(b"another document"), ..version };
        assert_eq!(first_approvals::find(&mut tx, application.id, other).await.unwrap(), None);
        let next = Version { number: 2, ..version };
        assert_eq!(first_approvals::find(&mut tx, application.id, next).await.unwrap(), None);
        first_approvals::delete_by_application(&mut tx, application.id).await.unwrap();
        assert_eq!(first_approvals::find(&mut tx, application.id, version).await.unwrap(), None);
    }

    async fn what_came_before_a_decision_is_found_in_one_look(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let version = application.state.version().unwrap();
        let (library_id, application_id) = (library.id, application.id);
        assert_eq!(first_approvals::find_with_past(&mut tx, application_id, version).await.unwrap(), (None, false));
        let decision = Decision {
            library_id,
            application_id,
            version,
            outcome: Outcome::Approved,
            decided_by: Decider::Staff(imai.id),
            decided_at: NOW,
        };
        decisions::insert(&mut tx, &decision).await.unwrap();
        assert_eq!(first_approvals::find_with_past(&mut tx, application_id, version).await.unwrap(), (None, false));
        decisions::supersede(&mut tx, application_id, NOW).await.unwrap();
        assert_eq!(first_approvals::find_with_past(&mut tx, application_id, version).await.unwrap(), (None, true));
        let first = FirstApproval { library_id, application_id, version, approved_by: imai.id, approved_at: NOW };
        first_approvals::insert(&mut tx, &first).await.unwrap();
        let found = first_approvals::find_with_past(&mut tx, application_id, version).await.unwrap();
        assert_eq!(found, (Some(first), true));
        let other = Version { digest: digest_of(b"another document"), ..version };
        assert_eq!(first_approvals::find_with_past(&mut tx, application_id, other).await.unwrap(), (None, true));
    }

    async fn a_version_has_one_first_approval(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let first = FirstApproval {
            library_id: library.id,
            application_id: application.id,
            version: application.state.version().unwrap(),
            approved_by: imai.id,
            approved_at: NOW,
        };
        first_approvals::insert(&mut tx, &first).await.unwrap();
        assert!(matches!(first_approvals::insert(&mut tx, &first).await, Err(StoreError::Duplicate)));
    }

    async fn a_hold_is_kept_replaced_and_ended(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let hold = Hold {
            library_id: library.id,
            application_id: application.id,
            held_by: imai.id,
            held_at: NOW,
            until_on: date!(2026 - 12 - 01),
            reason: "本人に電話で確認中".parse().unwrap(),
        };
        holds::save(&mut tx, &hold).await.unwrap();
        let longer = Hold { until_on: date!(2026 - 12 - 08), reason: "まだ確認中".parse().unwrap(), ..hold };
        holds::save(&mut tx, &longer).await.unwrap();
        assert_eq!(holds::find(&mut tx, application.id).await.unwrap(), Some(longer));
        assert!(holds::delete(&mut tx, application.id).await.unwrap());
        assert!(!holds::delete(&mut tx, application.id).await.unwrap());
        assert_eq!(holds::find(&mut tx, application.id).await.unwrap(), None);
    }

    async fn what_colleagues_write_is_sealed_and_goes_with_the_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let ueda = staff_member(&mut tx, library.id, "ueda").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let memo = Memo {
            id: MemoId::new(NOW),
            library_id: library.id,
            application_id: application.id,
            written_by: imai.id,
            written_at: NOW,
            text: "ひみつのメモ".parse().unwrap(),
        };
        memos::insert(&mut tx, &memo).await.unwrap();
        let opinion = Opinion {
            id: OpinionId::new(NOW),
            library_id: library.id,
            application_id: application.id,
            asked_by: imai.id,
            asked_of: ueda.id,
            question: "ひみつの質問".parse().unwrap(),
            asked_at: NOW,
            answer: None,
        };
        opinions::insert(&mut tx, &opinion).await.unwrap();
        assert!(opinions::is_asked(&mut tx, application.id, ueda.id).await.unwrap());
        assert_eq!(opinions::list_asked(&mut tx, library.id, ueda.id).await.unwrap(), std::slice::from_ref(&application.reference));
        let answer = OpinionAnswer { text: "ひみつの返事".parse().unwrap(), answered_at: NOW };
        let stranger = opinions::answer(&mut tx, application.id, imai.id, &answer).await;
        assert!(matches!(stranger, Err(StoreError::Stale)), "nobody asked imai");
        opinions::answer(&mut tx, application.id, ueda.id, &answer).await.unwrap();
        assert!(matches!(opinions::answer(&mut tx, application.id, ueda.id, &answer).await, Err(StoreError::Stale)));
        let answered = Opinion { answer: Some(answer), ..opinion };
        assert_eq!(opinions::list_by_application(&mut tx, application.id).await.unwrap(), [answered]);
        assert_eq!(opinions::list_asked(&mut tx, library.id, ueda.id).await.unwrap(), []);
        assert_eq!(memos::list_by_application(&mut tx, application.id).await.unwrap(), [memo]);
        tx.commit().await.unwrap();
        for text in ["ひみつのメモ", "ひみつの質問", "ひみつの返事"] {
            assert!(!database.holds(text).await, "{text}");
        }
        let mut tx = database.db.begin().await.unwrap();
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let gone = memos::list_by_application(&mut tx, application.id).await;
        assert!(matches!(gone, Err(StoreError::Unsealable { .. })));
    }

    async fn a_colleague_has_one_open_question_about_an_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let ueda = staff_member(&mut tx, library.id, "ueda").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let opinion = Opinion {
            id: OpinionId::new(NOW),
            library_id: library.id,
            application_id: application.id,
            asked_by: imai.id,
            asked_of: ueda.id,
            question: "どう思いますか".parse().unwrap(),
            asked_at: NOW,
            answer: None,
        };
        opinions::insert(&mut tx, &opinion).await.unwrap();
        let again = Opinion { id: OpinionId::new(NOW + Duration::SECOND), ..opinion };
        assert!(matches!(opinions::insert(&mut tx, &again).await, Err(StoreError::Duplicate)));
    }

    async fn nobody_is_asked_any_more_about_what_is_over(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let ueda = staff_member(&mut tx, library.id, "ueda").await;
        let application = under_review(&mut tx, &imai, b"1").await;
        let opinion = Opinion {
            id: OpinionId::new(NOW),
            library_id: library.id,
            application_id: application.id,
            asked_by: imai.id,
            asked_of: ueda.id,
            question: "どう思いますか".parse().unwrap(),
            asked_at: NOW,
            answer: None,
        };
        opinions::insert(&mut tx, &opinion).await.unwrap();
        let asked = opinions::list_asked(&mut tx, library.id, ueda.id).await.unwrap();
        assert_eq!(asked, std::slice::from_ref(&application.reference));
        applications::save(&mut tx, application.withdraw(NOW).unwrap()).await.unwrap();
        assert_eq!(opinions::list_asked(&mut tx, library.id, ueda.id).await.unwrap(), []);
    }

    async fn whoever_lost_a_claim_reads_it_for_a_while(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let imai = staff_member(&mut tx, library.id, "imai").await;
        let ueda = staff_member(&mut tx, library.id, "ueda").await;
        let application = under_review(&mut tx, &imai, b"1").await;
        let lost = Takeover {
            reference: application.reference.clone(),
            taken_by: ueda.id,
            taken_at: NOW,
            reason: "急ぎのため".parse().unwrap(),
        };
        takeovers::save(&mut tx, &application, imai.id, &lost).await.unwrap();
        let since = NOW - Duration::HOUR;
        assert_eq!(takeovers::list_lost(&mut tx, library.id, imai.id, since).await.unwrap(), [lost]);
        assert_eq!(takeovers::list_lost(&mut tx, library.id, ueda.id, since).await.unwrap(), []);
        assert_eq!(takeovers::list_lost(&mut tx, library.id, imai.id, NOW).await.unwrap(), []);
        takeovers::delete(&mut tx, application.id, imai.id).await.unwrap();
        assert_eq!(takeovers::list_lost(&mut tx, library.id, imai.id, since).await.unwrap(), []);
    }

    async fn every_version_of_a_template_stays(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let first = Template {
            id: TemplateId::new(NOW),
            version: 1,
            library_id: himeji.id,
            kind: TemplateKind::Decline,
            language: Language::En,
            title: "住所".parse().unwrap(),
            body: "{library}です。".parse().unwrap(),
            is_retired: false,
            saved_by: imai.id,
            saved_at: NOW,
        };
        templates::insert(&mut tx, &first).await.unwrap();
        let second = Template { version: 2, is_retired: true, ..first.clone() };
        templates::insert(&mut tx, &second).await.unwrap();
        assert_eq!(templates::list_newest(&mut tx, himeji.id).await.unwrap(), std::slice::from_ref(&second));
        assert_eq!(templates::list_versions(&mut tx, himeji.id, first.id).await.unwrap(), [second.clone(), first.clone()]);
        assert_eq!(templates::list_versions(&mut tx, akashi.id, first.id).await.unwrap(), []);
        assert!(matches!(templates::insert(&mut tx, &second).await, Err(StoreError::Duplicate)));
    }

    async fn absences_are_listed_until_they_are_over(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        let absence = Absence {
            id: AbsenceId::new(NOW),
            library_id: himeji.id,
            staff_id: imai.id,
            from_on: date!(2026 - 11 - 21),
            until_on: date!(2026 - 11 - 25),
            entered_by: imai.id,
        };
        staff::insert_absence(&mut tx, &absence, NOW).await.unwrap();
        assert_eq!(staff::list_absences(&mut tx, himeji.id, date!(2026 - 11 - 25)).await.unwrap(), [absence]);
        assert_eq!(staff::list_absences(&mut tx, himeji.id, date!(2026 - 11 - 26)).await.unwrap(), []);
        assert!(absence.covers(date!(2026 - 11 - 21)) && !absence.covers(date!(2026 - 11 - 20)));
        assert!(!staff::delete_absence(&mut tx, akashi.id, absence.id).await.unwrap());
        assert!(staff::delete_absence(&mut tx, himeji.id, absence.id).await.unwrap());
    }
}
