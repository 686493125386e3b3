//! The process dies between any two statements of every transition, before its commit, and right after it, before
//! anybody hears. Whoever comes back finds all of it or nothing, and sends the same form again.

use super::actions::{
    ACTIONS, ANSWERED, CLAIMED, COSIGNED, FROZEN, LATER, MUCH_LATER, Planned, RETURNED, SIGNED, SWEPT, Step, Told,
    UNANSWERED,
};
use super::invariants::{must_hold, must_hold_everywhere, reminders_of};
use super::model::{Model, Who};
use super::world::{SUPERVISOR, Subject, World, truths};
use std::sync::Arc;
use time::Duration;
use todoke::store::FaultPoint;

/// How an application comes to the state that a transition begins in, and how long that takes.
struct Drill {
    action: &'static str,
    who: Who,
    before: &'static [Step],
    later: Duration,
}

/// Who may not decide alone.
const REVIEWER: usize = 3;
const TAKEN_UP: Step = ("claim", Who::Staff(REVIEWER));
const HELD: Step = ("hold", Who::Staff(0));
const ISSUED: Step = ("approve", Who::Staff(0));
const NOW: Duration = Duration::ZERO;
/// Each transition, out of each state in which it takes another way.
const DRILLS: [Drill; 31] = [
    Drill { action: "save", who: Who::Applicant, before: &[FROZEN], later: NOW },
    Drill { action: "freeze", who: Who::Applicant, before: &[], later: NOW },
    Drill { action: "sign", who: Who::Applicant, before: &[FROZEN], later: NOW },
    Drill { action: "claim", who: Who::Staff(0), before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "release", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "look", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "approve", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "decline", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "withdraw", who: Who::Applicant, before: &[FROZEN], later: NOW },
    Drill { action: "withdraw", who: Who::Applicant, before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "take over", who: Who::Staff(SUPERVISOR), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "approve", who: Who::Staff(REVIEWER), before: &[FROZEN, SIGNED, TAKEN_UP], later: NOW },
    Drill { action: "sweep", who: Who::Timer, before: &[], later: Duration::days(7) },
    Drill { action: "sweep", who: Who::Timer, before: &[LATER, SWEPT], later: Duration::days(7) },
    Drill { action: "sweep", who: Who::Timer, before: &[FROZEN, SIGNED, CLAIMED], later: Duration::hours(1) },
    Drill { action: "sweep", who: Who::Timer, before: &[FROZEN], later: Duration::hours(1) },
    Drill { action: "return", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "answer", who: Who::Applicant, before: &[FROZEN, SIGNED, CLAIMED, RETURNED], later: NOW },
    Drill {
        action: "sign",
        who: Who::Applicant,
        before: &[FROZEN, SIGNED, CLAIMED, RETURNED, ANSWERED, FROZEN],
        later: NOW,
    },
    Drill {
        action: "sweep",
        who: Who::Timer,
        before: &[FROZEN, SIGNED, CLAIMED, RETURNED, LATER, SWEPT],
        later: MUCH_LATER,
    },
    Drill { action: "ask once more", who: Who::Staff(SUPERVISOR), before: UNANSWERED, later: MUCH_LATER },
    Drill { action: "hold", who: Who::Staff(0), before: &[FROZEN, SIGNED, CLAIMED], later: NOW },
    Drill { action: "claim", who: Who::Staff(1), before: &[FROZEN, SIGNED, CLAIMED, HELD], later: NOW },
    Drill { action: "reopen", who: Who::Staff(SUPERVISOR), before: &[FROZEN, SIGNED, CLAIMED, ISSUED], later: NOW },
    Drill { action: "cosign", who: Who::Guardian, before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "refuse to cosign", who: Who::Guardian, before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "wrong guardian", who: Who::Guardian, before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "name guardian", who: Who::Applicant, before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "withdraw young", who: Who::Applicant, before: &[FROZEN, SIGNED], later: NOW },
    Drill { action: "review young", who: Who::Staff(0), before: &[FROZEN, SIGNED, COSIGNED], later: NOW },
    Drill { action: "lapse young", who: Who::Timer, before: &[FROZEN, SIGNED, LATER, SWEPT], later: MUCH_LATER },
];

async fn prepared(world: &Arc<World>, drill: &Drill, place: u64) -> (Subject, Model) {
    world.rewind();
    let is_young = ACTIONS.iter().any(|action| action.name == drill.action && action.is_of_the_young);
    let subject = if is_young { world.young_applicant(place).await } else { world.applicant(place).await };
    let mut model = if is_young { Model::started_young(world.now()) } else { Model::started(world.now()) };
    for (name, who) in drill.before {
        if *name == "later" {
            world.advance(drill.later);
            continue;
        }
        let seen = world.application(&subject).await.state.version();
        let planned = Planned::named(name, *who, world, seen);
        assert!((planned.action.expected)(&mut model, &planned.attempt(world)), "{name}");
        assert_eq!(planned.carry_out(world, &subject).await, Told::Done, "{name}");
    }
    world.advance(drill.later);
    (subject, model)
}

/// What a death leaves.
#[derive(PartialEq)]
enum Left {
    Nothing,
    All,
    /// There was no place left to die at.
    Alive,
}

/// Sends the form, lets the process die after so many statements, and starts it again.
async fn dies_after(
    world: &mut Arc<World>,
    subject: &Subject,
    planned: &Planned,
    ends: [&Model; 2],
    statements: u64,
) -> Left {
    let what = format!("{planned:?} dies after {statements}");
    let [before, after] = ends;
    let fault = FaultPoint::after(statements);
    let portal = &mut Arc::get_mut(world).expect("nobody else is there").portal;
    portal.db = portal.db.dying_at(&fault);
    let told = planned.clone().carry_out(world, subject).await;
    // Nothing of the dead process is left but the database.
    Arc::get_mut(world).expect("nobody else is there").restart().await;
    if !fault.has_struck() {
        assert_eq!(told, Told::Done, "{what}");
        must_hold(world, subject, after).await;
        return Left::Alive;
    }
    let happened = world.application(subject).await.row_version != before.row_version
        || reminders_of(world, subject).await != before.reminders;
    must_hold(world, subject, if happened { after } else { before }).await;
    // A timer and a look acknowledge nothing.
    let acknowledged = told == Told::Done && !["sweep", "look", "lapse young"].contains(&planned.action.name);
    assert!(happened || !acknowledged, "{what}: acknowledged, and lost");
    if !happened {
        return Left::Nothing;
    }
    // Whoever heard nothing sends the form once more.
    let again = planned.clone().carry_out(world, subject).await;
    match planned.action.name {
        "sign" | "cosign" | "refuse to cosign" | "wrong guardian" => {
            assert!(matches!(again, Told::Refused(_)), "{what}: {again:?}");
        }
        _ if planned.action.is_once => assert_eq!(again, Told::Repeated, "{what}"),
        _ => assert_eq!(again, Told::Done, "{what}"),
    }
    let mut end = after.clone();
    if planned.action.name == "save" {
        // The same answer once more is one more change of the row, and nothing else.
        end.row_version += 1;
    }
    must_hold(world, subject, &end).await;
    Left::All
}

/// What waits for its applicant would cost every later sweep a look.
async fn clear_away(world: &Arc<World>, subject: &Subject) {
    if !matches!(
        world.application(subject).await.state.name(),
        "draft" | "awaiting_signature" | "awaiting_guardian" | "returned"
    ) {
        return;
    }
    for (name, who) in [("withdraw", Who::Applicant), SWEPT] {
        assert_eq!(Planned::named(name, who, world, None).carry_out(world, subject).await, Told::Done, "{name}");
    }
}

/// Sends one form again and again, while the process lives a statement longer each time; where it had its effect
/// though nobody heard, another application goes on. How many places there were to die at.
async fn drilled(world: &mut Arc<World>, drill: &Drill, place: &mut u64) -> u64 {
    let mut statements = 0;
    loop {
        *place += 1;
        let (subject, before) = prepared(world, drill, *place).await;
        let seen = world.application(&subject).await.state.version();
        let planned = Planned::named(drill.action, drill.who, world, seen);
        let mut after = before.clone();
        assert!((planned.action.expected)(&mut after, &planned.attempt(world)), "{planned:?}");
        loop {
            let left = dies_after(world, &subject, &planned, [&before, &after], statements).await;
            if left == Left::Alive {
                return statements;
            }
            statements += 1;
            assert!(statements < 200, "{planned:?} never ends");
            if left == Left::All {
                break;
            }
        }
        clear_away(world, &subject).await;
    }
}

truths! {
    async fn whoever_dies_at_any_statement_leaves_all_or_nothing(world: &mut Arc<World>) {
        let mut place = 0;
        for drill in &DRILLS {
            let places = drilled(world, drill, &mut place).await;
            assert!(places > 2, "{}: only {places} places to die at", drill.action);
            println!("{} from {:?}: {places} places to die at", drill.action, drill.before);
        }
        assert!(ACTIONS.iter().all(|action| DRILLS.iter().any(|drill| drill.action == action.name)), "a drill for each");
        must_hold_everywhere(world).await;
    }
}
