//! Every order of all services, line events and deadlines on three stations, a trunk, a queue, a parking place and a
//! number whose calls run a flow or are routed by a client.
//!
//! `TIPRING_STATES=1000000 cargo test --release -p tipring-core --lib leaves_a_call_stuck -- --nocapture` goes on to
//! that many states; the whole: `cargo test --release -p tipring-core --lib explore -- --ignored --nocapture`.

use indexmap::IndexSet;

use super::actions::{Action, FEATURES, broken_promise, every, next_to_end, set_features};
use super::packed::{Packed, pack, unpack};
use super::replay::Picture;
use super::small_site::{SiteState, SmallSite};
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

/// The states that the search of the normal run reaches.
const STATES: usize = 6_000;
/// The most states in which a planted fault is looked for.
pub const BOUNDED: usize = 20_000;

/// Searches breadth-first from an empty site, up to `most` states.
pub fn explore(model: Model, most: usize) -> Result<Explored, String> {
    explore_with(model, most, Action::apply)
}

/// The same, with services that may have a fault; every state empties too.
pub fn explore_with(
    model: Model,
    most: usize,
    service: impl Fn(Action, &mut SmallSite) -> Result<(), Refused>,
) -> Result<Explored, String> {
    let mut site = SmallSite::new(model);
    let mut found = Explored { states: IndexSet::from([pack(&site)]), steps: 0, whole: true, longest: 0 };
    let mut search = Search { actions: Vec::new(), before: Picture::default(), picture: Picture::default() };
    let mut at = 0;
    while let Some(&state) = found.states.get_index(at) {
        at += 1;
        if at % 100_000 == 0 {
            println!("{at} of {} states", found.states.len());
        }
        search.expand(&mut site, &state, &service, |site| {
            found.steps += 1;
            if found.states.len() < most {
                found.states.insert(pack(site));
            } else {
                found.whole &= found.states.contains(&pack(site));
            }
        })?;
    }
    found.longest = found.longest_end(&mut site, &service)?;
    Ok(found)
}

/// A state in words.
pub fn text(state: &SiteState) -> String {
    let connection =
        |it: &Connection| format!("{} {:?} {:?} {:?} {:?}", name(it.device), it.state, it.wait, it.role, it.recall);
    let one = |call: &Call| call.connections.iter().map(connection).collect::<Vec<_>>().join(", ");
    let asked = |call: &Call| if state.asked.contains(&call.id) { ", a client is asked" } else { "" };
    let word = |call: &Call| format!("call {} ({:?}{}): {}", call.id.0, call.entry, asked(call), one(call));
    let all = state.calls.iter().map(word);
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
        site: &mut SmallSite,
        state: &Packed,
        service: &impl Fn(Action, &mut SmallSite) -> Result<(), Refused>,
        mut reached: impl FnMut(&SmallSite),
    ) -> Result<(), String> {
        let packed = state;
        let state = unpack(packed);
        site.set(&state);
        self.before.take(site);
        every(&state.calls.iter().map(|call| call.id).collect::<Vec<_>>(), &mut self.actions);
        for features in 0..FEATURES.len() {
            set_features(site, features);
            for &action in self.actions.iter().filter(|action| features == 0 || action.meets(features)) {
                let after =
                    |why: String| format!("{why}\nafter {action:?} with features {features} in {}", text(&state));
                if service(action, site).is_err() {
                    if !site.changes().is_empty() {
                        return Err(after(format!("a refusal changed {:?}", site.changes())));
                    }
                    continue;
                }
                judge(site, action).map_err(after)?;
                self.picture.clone_from(&self.before);
                self.picture.follow(site).map_err(after)?;
                reached(site);
                site.set(&state);
            }
        }
        // Refusals have left the site as it was.
        if pack(site) == *packed { Ok(()) } else { Err(format!("a refusal changed {}", text(&state))) }
    }
}

/// Judges the outcome of an action: the conditions of the model and of its dialogues, and the promise of the service.
pub fn judge(site: &SmallSite, action: Action) -> Result<(), String> {
    site.check().map_err(|broken| format!("{broken:?}"))?;
    site.check_dialogues()?;
    match broken_promise(site, action) {
        Some(promise) => Err(format!("not so: {promise:?}")),
        None => Ok(()),
    }
}

impl Explored {
    /// Deadlines and hang-ups alone empty the site from every state. Returns the most that it takes.
    fn longest_end(
        &self,
        site: &mut SmallSite,
        service: &impl Fn(Action, &mut SmallSite) -> Result<(), Refused>,
    ) -> Result<u8, String> {
        set_features(site, 0);
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
                state = leads_on(site, &state, service)?;
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
pub fn leads_on(
    site: &mut SmallSite,
    packed: &Packed,
    service: &impl Fn(Action, &mut SmallSite) -> Result<(), Refused>,
) -> Result<Packed, String> {
    let state = unpack(packed);
    site.set(&state);
    let actions: Vec<Action> = next_to_end(site).collect();
    for action in actions {
        // A recall waits while its holder talks; every other deadline leads on.
        let at = |call, by| site.call(call).and_then(|of| of.at(by)).map_or(Wait::None, |it| it.wait);
        let must = matches!(action, Action::Expire(call, by) if at(call, by) != Wait::HoldRecall);
        if service(action, site).is_ok() {
            let next = pack(site);
            if next != *packed {
                return Ok(next);
            }
            if must {
                return Err(format!("stuck: {action:?} leads nowhere in {}", text(&state)));
            }
        }
        site.set(&state);
    }
    Err(format!("stuck: {}", text(&state)))
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
    let most = std::env::var("TIPRING_STATES").map_or(STATES, |text| text.parse().expect("a number of states"));
    let found = explored(site(BOUNDS), most);
    assert!(found.states.len() == most || found.whole);
}

/// Explores three stations of one kind to the end: of the states that differ by their order one stands for all.
fn explored_whole(kind: StationKind, bounds: Bounds) {
    let first = Model::new(&[kind; 3], 1, 1, bounds, CallId(0));
    assert!(explored(first, usize::MAX).whole);
}

/// More than 737,000 states.
#[test]
#[ignore = "many minutes in release: every order of two calls"]
fn no_order_leaves_two_calls_stuck_on_the_whole_site() {
    explored_whole(StationKind::Handset, Bounds { calls: 2, ..BOUNDS });
}

/// Several million states; 48 octets of memory and about 0.1 ms each.
#[test]
#[ignore = "hours in release: every order of three calls"]
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
    let (mut site, mut actions) = (SmallSite::new(site(BOUNDS)), Vec::new());
    for state in &found.states {
        let state = unpack(state);
        let mut turned = state.clone();
        turned.calls.iter_mut().for_each(|call| call.connections.reverse());
        every(&state.calls.iter().map(|call| call.id).collect::<Vec<_>>(), &mut actions);
        for &action in &actions {
            let [one, other] = [&state, &turned].map(|state| {
                site.set(state);
                (action.apply(&mut site), pack(&site))
            });
            assert_eq!(one, other, "{action:?} in {}", text(&state));
        }
    }
}
