use super::fixtures::{NOW, awaiting_signature, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::handoff::{HANDOFF_LIFE, Handoff, HandoffState, NumberMatch};
use todoke::domain::ids::HandoffId;
use todoke::domain::short_code::ShortCode;
use todoke::store::handoffs::{self, HandoffSecrets};
use todoke::store::{Db, StoreError, applications};

const PHONE: [u8; 32] = [5; 32];

fn handoff(application: &Application, minutes: i64) -> Handoff {
    let shown_at = NOW + Duration::minutes(minutes);
    Handoff {
        id: HandoffId::new(shown_at),
        library_id: application.library_id,
        application_id: application.id,
        version: 1,
        session_hash: [9; 32],
        numbers: NumberMatch::from_stored("12 47 83", "47").unwrap(),
        shown_at,
        expires_at: shown_at + HANDOFF_LIFE,
        state: HandoffState::Shown,
        problem: None,
    }
}

fn secrets(seed: u64) -> HandoffSecrets {
    HandoffSecrets { handle: format!("handle-{seed}"), code: ShortCode::from_random(seed) }
}

async fn answer(db: Db, handoff: Handoff, number: &str, phone: u8) -> bool {
    let was = handoff.state;
    let answered = handoff.answer(number.parse().unwrap(), [phone; 32], NOW).unwrap();
    let mut tx = db.begin().await.unwrap();
    match handoffs::save(&mut tx, was, &answered).await {
        Ok(()) => tx.commit().await.is_ok(),
        Err(StoreError::Stale) => false,
        Err(error) => panic!("{error}"),
    }
}

both_engines! {
    async fn a_handoff_is_found_by_handle_and_by_code(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let (first, second) = (handoff(&application, 0), handoff(&application, 1));
        handoffs::insert(&mut tx, &first, &secrets(1)).await.unwrap();
        handoffs::insert(&mut tx, &second, &secrets(2)).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(handoffs::find_by_handle(&mut tx, "handle-1").await.unwrap(), Some(first.clone()));
        assert_eq!(handoffs::find_by_handle(&mut tx, "handle-3").await.unwrap(), None);
        assert_eq!(handoffs::find_by_code(&mut tx, &secrets(2).code).await.unwrap(), Some(second.clone()));
        assert_eq!(handoffs::find_by_code(&mut tx, &secrets(3).code).await.unwrap(), None);
        assert_eq!(handoffs::find(&mut tx, first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(handoffs::find_shown(&mut tx, application.id, &[9; 32]).await.unwrap(), Some(second));
        assert_eq!(handoffs::find_shown(&mut tx, application.id, &[8; 32]).await.unwrap(), None);
        assert_eq!(handoffs::open_secrets(&mut tx, &first).await.unwrap(), secrets(1));
        let third = handoff(&application, 2);
        let same_handle = HandoffSecrets { code: ShortCode::from_random(7), ..secrets(1) };
        assert!(matches!(handoffs::insert(&mut tx, &third, &same_handle).await, Err(StoreError::Duplicate)));
    }

    async fn neither_handle_nor_code_can_be_read_in_the_database(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let secrets = HandoffSecrets { handle: "a-handle-of-somebody".into(), ..secrets(u64::MAX / 3) };
        handoffs::insert(&mut tx, &handoff(&application, 0), &secrets).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!database.holds(&secrets.handle).await);
        let code = String::from_utf8(secrets.code.as_bytes().to_vec()).unwrap();
        assert!(!database.holds(&code).await && !database.holds(&secrets.code.to_string()).await);
    }

    async fn of_many_answers_one_is_taken(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let shown = handoff(&application, 0);
        handoffs::insert(&mut tx, &shown, &secrets(1)).await.unwrap();
        tx.commit().await.unwrap();
        let tries = (0..8_u8).map(|phone| (if phone % 2 == 0 { "47" } else { "12" }, phone));
        let tasks: Vec<_> = tries
            .map(|(number, phone)| tokio::spawn(answer(database.db.clone(), shown.clone(), number, phone)))
            .collect();
        let mut taken = 0;
        for task in tasks {
            taken += usize::from(task.await.unwrap());
        }
        assert_eq!(taken, 1);
    }

    async fn each_state_is_kept_and_a_replaced_one_stays_so(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let shown = handoff(&application, 0);
        handoffs::insert(&mut tx, &shown, &secrets(1)).await.unwrap();
        let opened = shown.clone().open(NOW).unwrap();
        let matched = opened.clone().answer("47".parse().unwrap(), PHONE, NOW).unwrap();
        let signing = matched.clone().begin(&PHONE, NOW + Duration::MINUTE).unwrap();
        for (was, now) in [(&shown, &opened), (&opened, &matched), (&matched, &signing)] {
            handoffs::save(&mut tx, was.state, now).await.unwrap();
            assert_eq!(handoffs::find(&mut tx, shown.id).await.unwrap().as_ref(), Some(now));
        }
        handoffs::note_problem(&mut tx, shown.id, "revoked").await.unwrap();
        let noted = handoffs::find(&mut tx, shown.id).await.unwrap().unwrap();
        assert_eq!(noted.problem.as_deref(), Some("revoked"));
        handoffs::replace_all(&mut tx, application.id).await.unwrap();
        let replaced = handoffs::find(&mut tx, shown.id).await.unwrap().unwrap();
        assert_eq!(replaced.state, HandoffState::Replaced);
        assert_eq!(handoffs::find_shown(&mut tx, application.id, &[9; 32]).await.unwrap(), None);
        let finished = signing.clone().finish().unwrap();
        assert!(matches!(handoffs::save(&mut tx, signing.state, &finished).await, Err(StoreError::Stale)));
    }

    async fn what_is_over_is_deleted_and_erasing_takes_the_rest(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        handoffs::insert(&mut tx, &handoff(&application, 0), &secrets(1)).await.unwrap();
        handoffs::insert(&mut tx, &handoff(&application, 5), &secrets(2)).await.unwrap();
        let end = NOW + HANDOFF_LIFE + Duration::SECOND;
        assert_eq!(handoffs::delete_expired(&mut tx, end).await.unwrap(), 1);
        let withdrawn = applications::save(&mut tx, application.withdraw(NOW).unwrap()).await.unwrap();
        assert!(applications::erase_contents(&mut tx, &withdrawn).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM handoffs").await, 0);
    }
}
