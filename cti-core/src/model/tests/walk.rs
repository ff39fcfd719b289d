//! Random orders of services with many calls at once: deeper than a search by breadth comes.
//!
//! `TIPRING_WALKS=1000000 cargo test --release -p tipring-core --lib random_order -- --nocapture`
//!
//! Never: begins in a state that no order of services leads to.

use super::actions::{Action, FEATURES, every, set_features};
use super::explore::{judge, leads_on, text};
use super::packed::{pack, unpack};
use super::replay::Picture;
use super::small_site::SmallSite;
use super::*;

/// Walks of the normal run.
const WALKS: u64 = 150;
/// Actions tried on a walk; most are refused.
const STEPS: usize = 1500;
/// The most deadlines and hang-ups until a site is empty.
const END_MAX: usize = 100;

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }
}

/// Goes through one order, and empties the site. Returns the most calls at once, and the steps taken.
fn walk(seed: u64) -> Result<(usize, usize), String> {
    let mut dice = Dice(seed);
    let mut site = SmallSite::new(site(BOUNDS));
    let (mut most, mut steps, mut state, mut all, mut picture) = (0, 0, pack(&site), Vec::new(), Picture::of(&site));
    every(&[], &mut all);
    for _ in 0..STEPS {
        let action = all[dice.roll(all.len())];
        // What ends a call is rarer than what leads on.
        let ends =
            matches!(action, Action::Clear(..) | Action::ClearCall(_) | Action::ForceRelease(_) | Action::Expire(..));
        if ends && dice.roll(4) > 0 {
            continue;
        }
        set_features(&mut site, dice.roll(FEATURES.len()));
        let after = |why: String| format!("{why}\nafter {action:?} in {}", text(&unpack(&state)));
        if action.apply(&mut site).is_err() {
            if !site.changes().is_empty() || pack(&site) != state {
                return Err(after("a refusal changed it".into()));
            }
            continue;
        }
        judge(&site, action).and_then(|()| picture.follow(&site)).map_err(after)?;
        site.drain_changes().for_each(drop);
        state = pack(&site);
        every(&site.calls().map(|call| call.id).collect::<Vec<_>>(), &mut all);
        (steps, most) = (steps + 1, most.max(site.len()));
    }
    set_features(&mut site, 0);
    for _ in 0..END_MAX {
        if unpack(&state).calls.is_empty() {
            return Ok((most, steps));
        }
        state = leads_on(&mut site, &state, &Action::apply)?;
    }
    Err(format!("never empty: {}", text(&unpack(&state))))
}

#[test]
fn no_random_order_of_many_calls_leaves_one_stuck() {
    let given = |name| std::env::var(name).ok().map(|text: String| text.parse::<u64>().expect("a number"));
    let walks = given("TIPRING_WALKS").unwrap_or(WALKS);
    let seeds = given("TIPRING_SEED").map_or(1..=walks, |seed| seed..=seed);
    let (mut most, mut steps) = (0, 0);
    for seed in seeds {
        let (calls, taken) = walk(seed)
            .unwrap_or_else(|why| panic!("{why}\nTIPRING_SEED={seed} cargo test -p tipring-core --lib random_order"));
        (most, steps) = (most.max(calls), steps + taken);
    }
    println!("{walks} walks, {steps} steps, up to {most} calls at once");
    assert!(most >= 3 || given("TIPRING_SEED").is_some(), "{most} calls at once are too few");
}
