//! Every order of all services, line events and deadlines on three stations, a trunk, a queue and a parking place.
//!
//! The whole: `cargo test --release -p tipring-core --lib model::tests::explore -- --ignored --nocapture`.

use indexmap::IndexSet;

use super::actions::{Action, broken_promise, every, next_to_end};
use super::packed::{Packed, pack, unpack};
use super::replay::Picture;
use super::*;

/// The states reached, in the order of their discovery: the set is the queue of the search too.
pub struct Explored {
    states: IndexSet<Packed>,
    steps: u64,
    /// Every state that a step leads to is in the set.
    whole: bool,
}

/// Searches breadth-first from an empty site, up to `most` states.
pub fn explore(mut model: Model, most: usize) -> Result<Explored, String> {
    let mut found = Explored { states: IndexSet::from([pack(&model)]), steps: 0, whole: true };
    let (mut actions, mut before, mut picture) = (Vec::new(), Picture::default(), Picture::default());
    let mut at = 0;
    while let Some(&state) = found.states.get_index(at) {
        at += 1;
        let calls = unpack(&state);
        model.restore(calls.clone());
        before.take(&model);
        every(&calls.iter().map(|call| call.id).collect::<Vec<_>>(), &mut actions);
        for &action in &actions {
            let after = |why: String| format!("{why}\nafter {action:?} in {calls:#?}");
            if action.apply(&mut model).is_err() {
                if !model.changes().is_empty() {
                    return Err(after(format!("a refusal changed {:?}", model.changes())));
                }
                continue;
            }
            found.steps += 1;
            model.check().map_err(|broken| after(format!("{broken:?}")))?;
            if let Some(promise) = broken_promise(&model, action) {
                return Err(after(format!("not so: {promise:?}")));
            }
            picture.clone_from(&before);
            picture.follow(&model).map_err(after)?;
            if found.states.len() < most {
                found.states.insert(pack(&model));
            } else {
                found.whole &= found.states.contains(&pack(&model));
            }
            model.restore(calls.clone());
        }
        // Refusals have left the model as it was.
        if pack(&model) != state {
            return Err(format!("a refusal changed {calls:#?}"));
        }
    }
    Ok(found)
}

impl Explored {
    /// Deadlines and hang-ups alone empty the site from every state. Returns the most that it takes.
    fn longest_end(&self, mut model: Model) -> Result<u8, String> {
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
                    return Err(format!("never empty: {:#?}", unpack(&self.states[start])));
                }
                path.push(ix);
                state = leads_on(&mut model, &state)?;
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
fn leads_on(model: &mut Model, state: &Packed) -> Result<Packed, String> {
    let calls = unpack(state);
    model.restore(calls.clone());
    let actions: Vec<Action> = next_to_end(model).collect();
    for action in actions {
        if action.apply(model).is_ok() {
            let next = pack(model);
            if next != *state {
                return Ok(next);
            }
        }
        model.restore(calls.clone());
    }
    Err(format!("stuck: {calls:#?}"))
}

fn report(found: &Explored, longest: u8) {
    println!(
        "{} states, {} steps, each empty after at most {longest} deadlines and hang-ups{}",
        found.states.len(),
        found.steps,
        if found.whole { "" } else { " (bounded)" }
    );
}

fn explored(most: usize) -> Explored {
    let found = explore(site(BOUNDS), most).unwrap_or_else(|why| panic!("{why}"));
    let longest = found.longest_end(site(BOUNDS)).unwrap_or_else(|why| panic!("{why}"));
    report(&found, longest);
    found
}

#[test]
fn no_order_of_services_and_deadlines_leaves_a_call_stuck() {
    assert_eq!(explored(20_000).states.len(), 20_000);
}

#[test]
#[ignore = "an hour at most: the whole state space"]
fn no_order_of_services_and_deadlines_leaves_a_call_stuck_on_the_whole_site() {
    assert!(explored(usize::MAX).whole);
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
            assert_eq!(one, other, "{action:?} in {calls:#?}");
        }
    }
}
