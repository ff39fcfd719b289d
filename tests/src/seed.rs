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
