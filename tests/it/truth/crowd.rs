//! Two hundred people at once: nobody is lost, nobody is counted twice.

use super::actions::{Planned, Told};
use super::invariants::{must_hold, must_hold_everywhere};
use super::model::{Model, Who};
use super::world::{Subject, World, truths};
use std::sync::Arc;
use tokio::task::JoinSet;

/// How many people come.
const CROWD: u64 = 200;

/// Does the same for everybody at once, each with their own page before them.
async fn everybody(world: &Arc<World>, subjects: &[Subject], name: &str, who: Who) {
    let mut tasks = JoinSet::new();
    for subject in subjects {
        let seen = world.application(subject).await.state.version();
        let planned = Planned::named(name, who, world, seen);
        let (world, subject) = (Arc::clone(world), subject.clone());
        tasks.spawn(async move { planned.carry_out(&world, &subject).await });
    }
    for told in tasks.join_all().await {
        assert_eq!(told, Told::Done, "{name}");
    }
}

async fn crowd(world: &Arc<World>, size: u64) -> Vec<Subject> {
    let mut tasks = JoinSet::new();
    for place in 0..size {
        let world = Arc::clone(world);
        tasks.spawn(async move { world.applicant(place).await });
    }
    let subjects = tasks.join_all().await;
    everybody(world, &subjects, "freeze", Who::Applicant).await;
    everybody(world, &subjects, "sign", Who::Applicant).await;
    subjects
}

async fn counted(world: &World) -> Vec<i64> {
    const WHAT: [&str; 7] = [
        "SELECT COUNT(*) FROM applications WHERE state = 'issued'",
        "SELECT COUNT(*) FROM events WHERE kind = 'issued'",
        "SELECT COUNT(DISTINCT number) FROM cards",
        "SELECT COUNT(*) FROM credentials",
        "SELECT COUNT(*) FROM notices",
        "SELECT COUNT(*) FROM outbox WHERE kind = 'notice_ready'",
        "SELECT COUNT(*) FROM outbox WHERE kind = 'received'",
    ];
    let mut counted = Vec::new();
    for what in WHAT {
        counted.push(world.database.count(what).await);
    }
    counted
}

truths! {
    async fn two_hundred_registrations_and_approvals_at_once_lose_none(world: &mut Arc<World>) {
        let subjects = crowd(world, CROWD).await;
        let all = i64::try_from(CROWD).unwrap();
        assert_eq!(world.database.count("SELECT COUNT(*) FROM applications WHERE state = 'submitted'").await, all);
        assert_eq!(counted(world).await, [0, 0, 0, 0, 0, 0, all]);
        // Two reviewers share the work.
        let (one, other) = subjects.split_at(subjects.len() / 2);
        for (half, who) in [(one, Who::Staff(0)), (other, Who::Staff(1))] {
            everybody(world, half, "claim", who).await;
        }
        let (first, second) = tokio::join!(
            everybody(world, one, "approve", Who::Staff(0)),
            everybody(world, other, "approve", Who::Staff(1)),
        );
        assert_eq!((first, second), ((), ()));
        assert_eq!(counted(world).await, [all; 7]);
        must_hold_everywhere(world).await;
    }

    async fn twenty_of_the_same_form_are_one_decision(world: &mut Arc<World>) {
        let subject = crowd(world, 1).await.remove(0);
        everybody(world, std::slice::from_ref(&subject), "claim", Who::Staff(0)).await;
        let seen = world.application(&subject).await.state.version();
        let planned = Planned::named("approve", Who::Staff(0), world, seen);
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let (world, subject, planned) = (Arc::clone(world), subject.clone(), planned.clone());
            tasks.spawn(async move { planned.carry_out(&world, &subject).await });
        }
        let told = tasks.join_all().await;
        assert_eq!(told.iter().filter(|told| **told == Told::Done).count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|told| **told == Told::Repeated).count(), 19, "{told:?}");
        let mut model = Model::started(world.now());
        for (name, who) in [
            ("freeze", Who::Applicant),
            ("sign", Who::Applicant),
            ("claim", Who::Staff(0)),
            ("approve", Who::Staff(0)),
        ] {
            let planned = Planned::named(name, who, world, seen);
            assert!((planned.action.expected)(&mut model, &planned.attempt(world)), "{name}");
        }
        must_hold(world, &subject, &model).await;
    }

    async fn i7_a_password_is_made_once_however_often_it_is_asked_for(world: &mut Arc<World>) {
        let subject = crowd(world, 1).await.remove(0);
        for name in ["claim", "approve"] {
            everybody(world, std::slice::from_ref(&subject), name, Who::Staff(0)).await;
        }
        let mut tasks = JoinSet::new();
        for _ in 0..6 {
            let (world, subject) = (Arc::clone(world), subject.clone());
            tasks.spawn(async move {
                let code = subject.code.get();
                let shown = world.portal.show_password(&world.library, &subject.token, subject.id, 0, code).await.unwrap();
                shown.password.expose().to_owned()
            });
        }
        let mut shown = tasks.join_all().await;
        shown.dedup();
        assert_eq!(shown.len(), 1, "everybody sees the same");
        assert_eq!(world.database.count("SELECT COUNT(*) FROM events WHERE kind = 'password_shown'").await, 1);
        assert_eq!(world.database.count("SELECT COUNT(*) FROM credentials WHERE state = 'shown'").await, 1);
        assert!(!world.database.holds(&shown[0]).await, "only its hash rests");
    }
}
