//! The least ERLE of the linear canceller in each stretch of a conversation.
//!
//! Never: uses a pair that the bench holds out.

use std::ops::RangeInclusive;

use crate::erle::{Case, STRETCHES, ours};

/// Some of the pairs that constants were chosen on.
const PAIRS: RangeInclusive<u64> = 301..=306;
/// The least mean of each stretch, in decibels: 0.1 to 0.3 below what it is.
const LEAST: [(usize, [f64; 4]); 2] = [(128, [14.8, 33.6, 21.9, 34.1]), (1024, [6.6, 24.4, 21.7, 32.7])];

#[test]
fn the_canceller_takes_away_no_less_of_an_echo_than_it_did() {
    for (taps, least) in LEAST {
        let cases: Vec<[f64; 4]> = PAIRS.map(|seed| Case::new(seed, taps).enhancement(ours(taps))).collect();
        let means: [f64; 4] =
            std::array::from_fn(|at| cases.iter().map(|case| case[at]).sum::<f64>() / cases.len() as f64);
        for (((name, _), mean), least) in STRETCHES.iter().zip(means).zip(least) {
            assert!(mean >= least, "{taps} taps, {name}: {mean:.2} dB, and {least} is the least; all: {means:.2?}");
        }
    }
}

/// Pairs whose voices are on one note for a while in double talk, so that no filter seems better than the right one.
const ON_ONE_NOTE: [u64; 2] = [3334, 3449];

#[test]
fn two_voices_on_one_note_do_not_make_it_forget_the_path() {
    for seed in ON_ONE_NOTE {
        let [.., both, _] = Case::new(seed, 128).enhancement(ours(128));
        assert!(both > 20.0, "pair {seed}: {both:.1} dB while both speak");
    }
}
