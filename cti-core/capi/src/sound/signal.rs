//! A tone that the program defines: one or two frequencies, steady or with a cadence, looked for in blocks of 20 ms.
//!
//! A block holds the tone if 0.7 of its power lie at the frequencies, at least a tenth at each of two, and its level is
//! above [`FLOOR_DBM0`]. Frequencies may be 1.5 % off; exchanges keep theirs within 1 % (E.180).
//!
//! Never: hears a tone in speech because one of its harmonics passes by: the power of the block counts.

use super::block::{BLOCK, BLOCK_MS, power_of};
use super::list::RATE;

/// The level below which no tone is looked for, in dBm0.
pub const FLOOR_DBM0: f64 = -38.0;
/// The share of a block's power at the tone's frequencies.
const SHARE: f64 = 0.7;
/// The least share of either of two frequencies.
const EACH: f64 = 0.1;
/// The deviation of a cadence's times: a quarter, and one block at each edge.
const QUARTER: u32 = 4;
/// Tolerance of frequencies.
const TOLERANCE: f64 = 0.015;

/// A tone to be detected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// Frequencies in Hz; the second is 0 for a tone of one.
    pub hertz: [f64; 2],
    /// Duration of a burst in ms: at least this if `off_ms` is 0, else this and a quarter either way.
    pub on_ms: u32,
    /// Duration of the pause behind it in ms, and a quarter either way; 0 for a steady tone.
    pub off_ms: u32,
    /// Bursts, each with its pause.
    pub bursts: u32,
}

/// The search for a tone.
#[derive(Debug, Clone)]
pub struct Search {
    signal: Signal,
    /// The tone stands, and its length so far in ms.
    on: bool,
    ms: u32,
    /// Bursts of the right length, and whether the one under way may be the next.
    bursts: u32,
}

impl Search {
    /// A search that has heard nothing.
    pub fn new(signal: Signal) -> Search {
        Search { signal, on: false, ms: 0, bursts: 0 }
    }

    /// Takes a block. Returns true when the tone is there.
    pub fn step(&mut self, block: &[i16; BLOCK], power: f64) -> bool {
        let Signal { on_ms, off_ms, bursts, .. } = self.signal;
        let on = self.holds(block, power);
        if on == self.on {
            self.ms += BLOCK_MS;
            return on && off_ms == 0 && self.ms >= on_ms;
        }
        let (was_on, ms) = (self.on, self.ms);
        (self.on, self.ms) = (on, BLOCK_MS);
        if off_ms == 0 {
            return on && self.ms >= on_ms;
        }
        if was_on {
            self.bursts = if near(ms, on_ms) { self.bursts + 1 } else { 0 };
        } else if !near(ms, off_ms) {
            self.bursts = 0;
        }
        // The pause behind the last burst is known by its end: the next burst.
        !was_on && self.bursts >= bursts
    }

    fn holds(&self, block: &[i16; BLOCK], power: f64) -> bool {
        if power < power_of(FLOOR_DBM0) {
            return false;
        }
        let [one, two] = self.signal.hertz;
        let shares = [at(block, one) / power, if two > 0.0 { at(block, two) / power } else { 0.0 }];
        shares[0] + shares[1] >= SHARE && (two == 0.0 || shares.iter().all(|share| *share >= EACH))
    }
}

fn near(ms: u32, wanted: u32) -> bool {
    ms.abs_diff(wanted) <= wanted / QUARTER + BLOCK_MS
}

/// Power of the block at a frequency: the most within its tolerance.
fn at(block: &[i16; BLOCK], hertz: f64) -> f64 {
    [1.0 - TOLERANCE, 1.0, 1.0 + TOLERANCE]
        .into_iter()
        .map(|factor| {
            // Goertzel's algorithm.
            let coefficient = 2.0 * (std::f64::consts::TAU * hertz * factor / f64::from(RATE)).cos();
            let (mut before, mut last) = (0.0, 0.0);
            for sample in block {
                (before, last) = (last, f64::from(*sample) + coefficient * last - before);
            }
            let energy = last * last + before * before - coefficient * last * before;
            2.0 * energy / (BLOCK * BLOCK) as f64
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks until the tone was found in bursts of this kind; none if it was not.
    fn found(signal: Signal, hertz: [f64; 2], on_ms: usize, off_ms: usize) -> Option<usize> {
        let mut search = Search::new(signal);
        let samples: Vec<i16> = (0..5 * RATE as usize)
            .map(|n| {
                let on = n / 8 % (on_ms + off_ms) < on_ms;
                let sum: f64 =
                    hertz.iter().map(|hertz| (std::f64::consts::TAU * hertz * n as f64 / 8000.0).sin()).sum();
                if on { (4000.0 * sum) as i16 } else { 0 }
            })
            .collect();
        samples.chunks_exact(BLOCK).position(|block| {
            let block: &[i16; BLOCK] = block.try_into().expect("a block");
            search.step(block, super::super::block::power(block))
        })
    }

    #[test]
    fn a_tone_is_found_by_its_frequencies_and_cadence_and_no_other_is() {
        let steady = Signal { hertz: [950.0, 0.0], on_ms: 200, off_ms: 0, bursts: 1 };
        assert_eq!(found(steady, [950.0, 0.0], 1000, 0), Some(9));
        assert!(found(steady, [960.0, 0.0], 1000, 0).is_some(), "1 % off");
        assert_eq!(found(steady, [1020.0, 0.0], 1000, 0), None);
        assert_eq!(found(steady, [950.0, 0.0], 100, 100), None, "too short");
        assert_eq!(found(steady, [950.0, 1400.0], 1000, 0), None, "half of the power lies elsewhere");
        let two = Signal { hertz: [350.0, 440.0], on_ms: 100, off_ms: 0, bursts: 1 };
        assert!(found(two, [350.0, 440.0], 1000, 0).is_some());
        assert_eq!(found(two, [350.0, 0.0], 1000, 0), None, "one of the two is missing");
        let busy = Signal { hertz: [450.0, 0.0], on_ms: 350, off_ms: 350, bursts: 2 };
        assert!(found(busy, [450.0, 0.0], 350, 350).is_some_and(|blocks| (69..=71).contains(&blocks)));
        assert_eq!(found(busy, [450.0, 0.0], 700, 700), None);
        assert_eq!(found(busy, [450.0, 0.0], 1000, 0), None);
    }
}
