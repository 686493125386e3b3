//! Random lives of applications against the model: one step after the other, and several at once.
//!
//! `TODOKE_TRUTH=10000` tells more stories than usual, `TODOKE_TRUTH_SEED` the one that failed.

use super::actions::{ACTIONS, ANSWERED, Action, CLAIMED, FROZEN, LATER, MUCH_LATER, Planned, RETURNED, SIGNED, Told};
use super::chance::{Chance, first_seed, how_many};
use super::invariants::{must_hold, must_hold_everywhere};
use super::model::{Model, Who};
use super::world::{Subject, World, truths};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use time::Duration;
use tokio::task::JoinSet;

/// How many stories are told, unless the environment says otherwise: every action begins one at least.
const STORIES: u64 = 30;
/// The same of those in which several try at once: some thousand interleavings on each engine.
const CONTESTS: u64 = 270;
/// How many steps a life has at most.
const STEPS: u64 = 14;
/// How many try at once.
const AT_ONCE: u64 = 4;
/// How many rounds of so many an application lives through.
const ROUNDS: u64 = 5;

/// What a story begins with. The seed alone tells it: so it can be told again.
struct Story {
    /// Whose it is.
    place: u64,
    /// What happens first. As many stories as there are actions in a row reach every one of them.
    wanted: &'static Action,
    /// What happens then.
    chance: Chance,
}

impl Story {
    fn told(place: u64, seed: u64) -> Self {
        let wanted = usize::try_from(seed % u64::try_from(ACTIONS.len()).unwrap()).unwrap();
        Self { place, wanted: &ACTIONS[wanted], chance: Chance::new(seed) }
    }
}

/// Tells stories one after the other in one world; the first that fails names its seed.
async fn live_through(world: &Arc<World>, usual: u64, story: impl AsyncFn(&Arc<World>, Story, &mut Tally)) {
    let first = first_seed();
    let mut tally = Tally::default();
    let begun = Instant::now();
    for place in 0..how_many(usual) {
        let seed = first + place;
        world.rewind();
        let named = Named(seed);
        story(world, Story::told(place, seed), &mut tally).await;
        drop(named);
    }
    must_hold_everywhere(world).await;
    let steps = tally.steps;
    println!(
        "seed {first}: {} stories, {steps} steps, {} interleavings of {} in {:?}: {tally:?}",
        how_many(usual),
        tally.together,
        tally.at_once,
        begun.elapsed()
    );
    for action in ACTIONS {
        // Stories that nothing happens in prove nothing.
        assert!(how_many(usual) < usual || tally.done.contains_key(action.name), "{} never happened", action.name);
    }
}

/// Names the seed of a story that fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TODOKE_TRUTH_SEED={} TODOKE_TRUTH=1 tells this story again", self.0);
        }
    }
}

/// How often what was done and what was refused.
#[derive(Debug, Default)]
struct Tally {
    /// Everything that was tried, what led to the beginning of a story included.
    steps: u64,
    done: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, u64>,
    /// What took how long; of those at once, each by itself.
    spent: BTreeMap<&'static str, std::time::Duration>,
    /// How often several tried at once, and how many in all.
    together: u64,
    at_once: u64,
}

impl Tally {
    fn spend(&mut self, what: &'static str, since: Instant) {
        *self.spent.entry(what).or_default() += since.elapsed();
    }

    fn count(&mut self, planned: &Planned, told: &Told) {
        let counted = if *told == Told::Done { &mut self.done } else { &mut self.refused };
        *counted.entry(planned.action.name).or_default() += 1;
        self.steps += 1;
    }
}

/// Time goes by: mostly little, at times as much as a lease, seldom as much as a draft.
fn time_goes_by(world: &World, chance: &mut Chance) {
    world.advance(match chance.below(20) {
        0 => Duration::days(7),
        1 => Duration::days(1),
        2..4 => Duration::minutes(31),
        4..10 => Duration::minutes(7),
        _ => Duration::microseconds(1),
    });
}

/// An application that has come as far as to what is wanted.
async fn begun(world: &Arc<World>, story: &Story, tally: &mut Tally) -> (Subject, Model) {
    let started = Instant::now();
    let is_young = story.wanted.is_of_the_young;
    let subject = if is_young { world.young_applicant(story.place).await } else { world.applicant(story.place).await };
    tally.spend("(somebody comes)", started);
    let mut model = if is_young { Model::started_young(world.now()) } else { Model::started(world.now()) };
    for step in story.wanted.way {
        if *step == LATER {
            world.advance(MUCH_LATER);
            continue;
        }
        let (name, who) = step;
        let seen = world.application(&subject).await.state.version();
        let planned = Planned::named(name, *who, world, seen);
        let attempt = planned.attempt(world);
        let started = Instant::now();
        assert_eq!(planned.clone().carry_out(world, &subject).await, Told::Done, "{name}");
        tally.spend(planned.action.name, started);
        tally.steps += 1;
        assert!((planned.action.expected)(&mut model, &attempt), "{name}");
    }
    let started = Instant::now();
    must_hold(world, &subject, &model).await;
    tally.spend("(it is checked)", started);
    (subject, model)
}

async fn one_after_the_other(world: &Arc<World>, mut story: Story, tally: &mut Tally) {
    let (subject, mut model) = begun(world, &story, tally).await;
    let chance = &mut story.chance;
    let mut trace = Vec::new();
    for step in 0..STEPS {
        let seen = world.application(&subject).await.state.version();
        let planned = if step == 0 {
            Planned::wanted(story.wanted, chance, world, &model, seen)
        } else {
            time_goes_by(world, chance);
            Planned::draw(chance, world, &model, seen)
        };
        let attempt = planned.attempt(world);
        let mut after = model.clone();
        let expected = (planned.action.expected)(&mut after, &attempt);
        let started = Instant::now();
        let told = planned.clone().carry_out(world, &subject).await;
        tally.spend(planned.action.name, started);
        trace.push(format!("{planned:?}: {told:?}"));
        assert_eq!(told == Told::Done, expected, "{trace:#?} {model:#?}");
        assert!(!matches!(told, Told::Broken(_)), "{trace:#?}");
        if expected {
            model = after;
            if planned.action.is_once && chance.below(4) == 0 {
                assert_eq!(planned.clone().carry_out(world, &subject).await, Told::Repeated, "{trace:#?}");
            }
        }
        tally.count(&planned, &told);
        let started = Instant::now();
        must_hold(world, &subject, &model).await;
        tally.spend("(it is checked)", started);
        if model.is_terminal() && chance.below(3) == 0 {
            break;
        }
    }
}

/// Several at once, all with the same page before them. What came of it must be what some order of those who were
/// told "done" would have given, and nobody is turned away by nobody.
async fn all_at_once(world: &Arc<World>, mut story: Story, tally: &mut Tally) {
    let (subject, mut model) = begun(world, &story, tally).await;
    let chance = &mut story.chance;
    for round in 0..ROUNDS {
        if round > 0 {
            time_goes_by(world, chance);
        }
        let seen = world.application(&subject).await.state.version();
        let mut planned = Vec::new();
        for _ in 0..2 + chance.below(AT_ONCE - 1) {
            planned.push(match round {
                // All want the same, and one at least has it.
                0 => Planned::wanted(story.wanted, chance, world, &model, seen),
                _ => Planned::draw(chance, world, &model, seen),
            });
        }
        // The same form twice, as an impatient finger sends it.
        if chance.below(3) == 0 {
            planned.push(planned[0].clone());
        }
        let started = Instant::now();
        let told = together(world, &subject, &planned).await;
        tally.spend("(at once)", started);
        tally.together += 1;
        tally.at_once += u64::try_from(planned.len()).unwrap();
        for (planned, told) in planned.iter().zip(&told) {
            assert!(!matches!(told, Told::Broken(_)), "{planned:?}: {told:?}");
            tally.count(planned, told);
        }
        let started = Instant::now();
        model = explained(world, &subject, &model, &planned, &told).await;
        must_hold(world, &subject, &model).await;
        tally.spend("(it is checked)", started);
        // A supervisor may open again what seemed over.
        if model.is_terminal() && chance.below(2) == 0 {
            break;
        }
    }
}

async fn together(world: &Arc<World>, subject: &Subject, planned: &[Planned]) -> Vec<Told> {
    let mut tasks = JoinSet::new();
    for (place, planned) in planned.iter().cloned().enumerate() {
        let (world, subject) = (Arc::clone(world), subject.clone());
        tasks.spawn(async move { (place, planned.carry_out(&world, &subject).await) });
    }
    let mut told: Vec<(usize, Told)> = tasks.join_all().await;
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, told)| told).collect()
}

/// The model after the order of events that explains everything.
async fn explained(world: &World, subject: &Subject, model: &Model, planned: &[Planned], told: &[Told]) -> Model {
    let done: Vec<&Planned> =
        planned.iter().zip(told).filter(|(_, told)| **told == Told::Done).map(|(planned, _)| planned).collect();
    if !done.iter().any(|planned| moves(planned)) {
        for planned in planned.iter().filter(|planned| moves(planned)) {
            let could = (planned.action.expected)(&mut model.clone(), &planned.attempt(world));
            let overtaken = done.iter().any(|done| is_timer(done));
            assert!(!could || overtaken, "nobody won, though {planned:?} could have: {told:?}");
        }
    }
    let mut ends = Vec::new();
    follow(world, model.clone(), &done, &mut ends);
    let application = world.application(subject).await;
    let record = {
        let mut tx = world.database.db.read().await.unwrap();
        todoke::store::events::list(&mut tx, subject.id).await.unwrap()
    };
    let fits = |end: &Model| super::invariants::fits(world, &application, &record, end);
    let end = ends.iter().find(|end| fits(end));
    let said: Vec<_> = record.iter().map(|chained| (chained.event.kind.as_str(), chained.event.version)).collect();
    let unexplained = || {
        panic!(
            "no order explains {planned:#?} {told:#?} from {model:#?} to {application:#?} by {said:?}; these: {ends:#?}"
        )
    };
    end.unwrap_or_else(unexplained).clone()
}

/// Browsers come back from the app twice: whoever signs what a guardian has just signed is told the same.
fn is_signed_twice(planned: &Planned, model: &Model) -> bool {
    let seen = planned.seen.map_or(0, |version| version.number);
    planned.action.name == "cosign" && model.events.contains(&("cosigned", Who::Applicant, seen))
}

/// A sweep may find nothing to do, and a look changes nothing that others wait for.
fn moves(planned: &Planned) -> bool {
    !is_timer(planned) && planned.action.name != "look"
}

fn is_timer(planned: &Planned) -> bool {
    planned.who == Who::Timer
}

/// Every order of what was done that the model allows. A sweep may have come too early to do anything.
fn follow(world: &World, model: Model, left: &[&Planned], ends: &mut Vec<Model>) {
    if left.is_empty() {
        ends.push(model);
        return;
    }
    for place in 0..left.len() {
        let mut rest = left.to_vec();
        let planned = rest.remove(place);
        let mut after = model.clone();
        if (planned.action.expected)(&mut after, &planned.attempt(world)) {
            follow(world, after, &rest, ends);
        }
        if is_timer(planned) || is_signed_twice(planned, &model) {
            follow(world, model.clone(), &rest, ends);
        }
    }
}

truths! {
    async fn what_was_taken_back_over_a_correction_can_still_be_looked_at(world: &mut Arc<World>) {
        let subject = world.applicant(0).await;
        let mut model = Model::started(world.now());
        let taken_back = ("withdraw", Who::Applicant);
        let looked_at = ("look", Who::Staff(0));
        for (name, who) in [FROZEN, SIGNED, CLAIMED, RETURNED, ANSWERED, FROZEN, taken_back, looked_at] {
            let seen = world.application(&subject).await.state.version();
            let planned = Planned::named(name, who, world, seen);
            assert!((planned.action.expected)(&mut model, &planned.attempt(world)), "{name}");
            assert_eq!(planned.carry_out(world, &subject).await, Told::Done, "{name}");
        }
        let file = world.portal.open_file(&world.staff[0], &subject.reference).await.unwrap();
        assert_eq!(file.version.number, 1, "what was signed, not what was only written");
    }

    async fn one_life_after_the_other_goes_as_the_model_says(world: &mut Arc<World>) {
        live_through(world, STORIES, one_after_the_other).await;
    }

    async fn several_at_once_are_as_if_one_after_the_other(world: &mut Arc<World>) {
        live_through(world, CONTESTS, all_at_once).await;
    }
}
