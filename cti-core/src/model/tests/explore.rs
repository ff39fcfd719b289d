//! Every order of all services, line events and deadlines on three stations, a trunk, a queue and a parking place.
//!
//! The whole: `cargo test --release -p tipring-core --lib model::tests::explore -- --ignored --nocapture`.

use indexmap::IndexSet;

use super::actions::{Action, FEATURES, broken_promise, every, next_to_end, set_features};
use super::packed::{Packed, pack, unpack};
use super::replay::Picture;
use super::*;

/// The states reached, in the order of their discovery: the set is the queue of the search too.
pub struct Explored {
    states: IndexSet<Packed>,
    steps: u64,
    /// The most deadlines and hang-ups that empty the site from one of the states.
    longest: u8,
    /// Every state that a step leads to is in the set.
    whole: bool,
}

/// The states that the bounded search reaches.
pub const BOUNDED: usize = 20_000;

/// Searches breadth-first from an empty site, up to `most` states.
pub fn explore(model: Model, most: usize) -> Result<Explored, String> {
    explore_with(model, most, Action::apply)
}

/// The same, with services that may have a fault; every state empties too.
pub fn explore_with(
    mut model: Model,
    most: usize,
    service: impl Fn(Action, &mut Model) -> Result<(), Refused>,
) -> Result<Explored, String> {
    let mut found = Explored { states: IndexSet::from([pack(&model)]), steps: 0, whole: true, longest: 0 };
    let mut search = Search { actions: Vec::new(), before: Picture::default(), picture: Picture::default() };
    let mut at = 0;
    while let Some(&state) = found.states.get_index(at) {
        at += 1;
        if at % 100_000 == 0 {
            println!("{at} of {} states", found.states.len());
        }
        search.expand(&mut model, &state, &service, |model| {
            found.steps += 1;
            if found.states.len() < most {
                found.states.insert(pack(model));
            } else {
                found.whole &= found.states.contains(&pack(model));
            }
        })?;
    }
    found.longest = found.longest_end(&mut model, &service)?;
    Ok(found)
}

/// Calls in words.
fn text(calls: &[Call]) -> String {
    let connection =
        |it: &Connection| format!("{} {:?} {:?} {:?} {:?}", name(it.device), it.state, it.wait, it.role, it.recall);
    let one = |call: &Call| call.connections.iter().map(connection).collect::<Vec<_>>().join(", ");
    let all = calls.iter().map(|call| format!("call {} ({:?}): {}", call.id.0, call.entry, one(call)));
    all.collect::<Vec<_>>().join("; ")
}

/// The working memory of the search.
struct Search {
    actions: Vec<Action>,
    before: Picture,
    picture: Picture,
}

impl Search {
    /// Takes every step from a state, and checks what it leads to.
    fn expand(
        &mut self,
        model: &mut Model,
        state: &Packed,
        service: &impl Fn(Action, &mut Model) -> Result<(), Refused>,
        mut reached: impl FnMut(&Model),
    ) -> Result<(), String> {
        let calls = unpack(state);
        model.restore(calls.clone());
        self.before.take(model);
        every(&calls.iter().map(|call| call.id).collect::<Vec<_>>(), &mut self.actions);
        for features in 0..FEATURES.len() {
            set_features(model, features);
            for &action in self.actions.iter().filter(|action| features == 0 || action.meets(features)) {
                let after =
                    |why: String| format!("{why}\nafter {action:?} with features {features} in {}", text(&calls));
                if service(action, model).is_err() {
                    if !model.changes().is_empty() {
                        return Err(after(format!("a refusal changed {:?}", model.changes())));
                    }
                    continue;
                }
                model.check().map_err(|broken| after(format!("{broken:?}")))?;
                if let Some(promise) = broken_promise(model, action) {
                    return Err(after(format!("not so: {promise:?}")));
                }
                self.picture.clone_from(&self.before);
                self.picture.follow(model).map_err(after)?;
                reached(model);
                model.restore(calls.clone());
            }
        }
        // Refusals have left the model as it was.
        if pack(model) == *state { Ok(()) } else { Err(format!("a refusal changed {}", text(&calls))) }
    }
}

impl Explored {
    /// Deadlines and hang-ups alone empty the site from every state. Returns the most that it takes.
    fn longest_end(
        &self,
        model: &mut Model,
        service: &impl Fn(Action, &mut Model) -> Result<(), Refused>,
    ) -> Result<u8, String> {
        set_features(model, 0);
        // The length of the way from each state to the empty site; none where it is not known yet.
        let mut ways: Vec<Option<u8>> = vec![None; self.states.len()];
        ways[0] = Some(0);
        for start in 0..self.states.len() {
            let mut path = Vec::new();
            let (mut ix, mut state) = (Some(start), self.states[start]);
            let rest = loop {
                if let Some(way) = ix.and_then(|ix| ways[ix]) {
                    break way;
                }
                if path.len() > 100 {
                    return Err(format!("never empty: {}", text(&unpack(&self.states[start]))));
                }
                path.push(ix);
                state = leads_on(model, &state, service)?;
                ix = self.states.get_index_of(&state);
            };
            for (ix, way) in path.into_iter().rev().zip(rest + 1..) {
                if let Some(ix) = ix {
                    ways[ix] = Some(way);
                }
            }
        }
        Ok(ways.into_iter().flatten().max().unwrap_or(0))
    }
}

/// The state after the next deadline, or after a hang-up where no deadline leads on.
fn leads_on(
    model: &mut Model,
    state: &Packed,
    service: &impl Fn(Action, &mut Model) -> Result<(), Refused>,
) -> Result<Packed, String> {
    let calls = unpack(state);
    model.restore(calls.clone());
    let actions: Vec<Action> = next_to_end(model).collect();
    for action in actions {
        if service(action, model).is_ok() {
            let next = pack(model);
            if next != *state {
                return Ok(next);
            }
        }
        model.restore(calls.clone());
    }
    Err(format!("stuck: {}", text(&calls)))
}

fn explored(first: Model, most: usize) -> Explored {
    let found = explore(first, most).unwrap_or_else(|why| panic!("{why}"));
    let Explored { states, steps, longest, whole } = &found;
    let bounded = if *whole { "" } else { " (bounded)" };
    println!(
        "{} states, {steps} steps, each empty after at most {longest} deadlines and hang-ups{bounded}",
        states.len()
    );
    found
}

#[test]
fn no_order_of_services_and_deadlines_leaves_a_call_stuck() {
    assert_eq!(explored(site(BOUNDS), BOUNDED).states.len(), BOUNDED);
}

/// Explores three stations of one kind to the end: of the states that differ by their order one stands for all.
fn explored_whole(kind: StationKind, bounds: Bounds) {
    let first = Model::new(&[kind; 3], 1, 1, bounds, CallId(0));
    assert!(explored(first, usize::MAX).whole);
}

/// 180,848 states, 6,654,015 steps, each empty after at most 13 deadlines and hang-ups; 13 s of one core.
#[test]
#[ignore = "seconds in release: every order of two calls"]
fn no_order_leaves_two_calls_stuck_on_the_whole_site() {
    explored_whole(StationKind::Handset, Bounds { calls: 2, ..BOUNDS });
}

/// More than 1,400,000 states; 48 octets of memory and about 0.1 ms each.
#[test]
#[ignore = "many minutes in release: every order of three calls"]
fn no_order_leaves_three_calls_stuck_on_the_whole_site() {
    explored_whole(StationKind::Handset, Bounds { calls: 3, ..BOUNDS });
}

#[test]
#[ignore = "an hour or more in release: the whole state space of handsets, which hear a tone when they are left"]
fn no_order_leaves_a_call_stuck_on_the_whole_site_of_handsets() {
    explored_whole(StationKind::Handset, BOUNDS);
}

#[test]
#[ignore = "an hour or more in release: the whole state space of headsets, which are free when they are left"]
fn no_order_leaves_a_call_stuck_on_the_whole_site_of_headsets() {
    explored_whole(StationKind::Headset, BOUNDS);
}

#[test]
fn no_step_depends_on_the_order_in_which_devices_have_come() {
    let found = explore(site(BOUNDS), 2_000).unwrap_or_else(|why| panic!("{why}"));
    let (mut model, mut actions) = (site(BOUNDS), Vec::new());
    for state in &found.states {
        let calls = unpack(state);
        let mut turned = calls.clone();
        turned.iter_mut().for_each(|call| call.connections.reverse());
        every(&calls.iter().map(|call| call.id).collect::<Vec<_>>(), &mut actions);
        for &action in &actions {
            let [one, other] = [&calls, &turned].map(|calls| {
                model.restore(calls.clone());
                (action.apply(&mut model), pack(&model))
            });
            assert_eq!(one, other, "{action:?} in {}", text(&calls));
        }
    }
}
