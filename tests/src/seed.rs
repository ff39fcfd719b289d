//! Seeds of random tests: chosen here, printed when a test fails, given back through the environment.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The variable that holds the seed to repeat.
pub const VARIABLE: &str = "TIPRING_SEED";

/// Runs a test with each seed, or only with the one in `TIPRING_SEED`. A failure prints the command that repeats it.
pub fn with_seeds(program: &str, test: &str, seeds: impl IntoIterator<Item = u64>, body: impl Fn(u64)) {
    let given = std::env::var(VARIABLE).ok().map(|seed| seed.parse().expect("TIPRING_SEED is a number"));
    let seeds: Vec<u64> = given.map_or_else(|| seeds.into_iter().collect(), |seed| vec![seed]);
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(seed))) {
            eprintln!("repeat with: {VARIABLE}={seed} cargo test -p tipring-tests --test {program} {test}");
            resume_unwind(panic);
        }
    }
}

/// A random stream of a seed, for tests that draw a few numbers: the multiplier and shifts of SplitMix64.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    /// A number below `bound`, which is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
