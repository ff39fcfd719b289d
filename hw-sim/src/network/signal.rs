//! Sounds that equipment makes and understands: tones, keys, caller identity.
//!
//! Written from the recommendations alone, apart from any driver on purpose: two readings of a standard that meet on a
//! wire find each other's mistakes.
//!
//! Levels are dBm0 on the scale of G.711 A-law, where a sine of 0 dBm0 peaks at 22827 of a 16-bit sample.
//!
//! Never: knows who makes a sound, or why.

use std::sync::LazyLock;

use super::Sound;

pub mod caller_id;
pub mod dtmf;
pub mod fsk;
pub mod music;
pub mod tone;
pub mod tone_receiver;

/// Samples a second.
pub const SAMPLE_RATE: f32 = 8000.0;
/// Samples a millisecond.
pub const SAMPLES_PER_MS: usize = 8;
/// The peak of a sine of 0 dBm0 (G.711 A-law: overload is 3.14 dB above).
pub const PEAK_0_DBM0: f32 = 22827.0;
/// The root mean square of a signal of 0 dBm0.
pub const RMS_0_DBM0: f32 = 16141.0;
/// A millisecond of nothing.
pub const SILENCE: Sound = [0; SAMPLES_PER_MS];

/// The ratio of amplitudes that `db` decibels are.
pub fn amplitude(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// The level of a signal of this mean square, in dBm0; very low for silence.
pub fn level_dbm0(mean_square: f32) -> f32 {
    10.0 * (mean_square.max(1e-3) / (RMS_0_DBM0 * RMS_0_DBM0)).log10()
}

/// Adds two sounds, as two signals meet on a wire, stopping at the limits of a sample.
pub fn mixed(a: &Sound, b: &Sound) -> Sound {
    std::array::from_fn(|i| a[i].saturating_add(b[i]))
}

/// The nearest sample, stopping at its limits.
pub(crate) fn to_sample(value: f32) -> i16 {
    // A cast from float to integer cuts off and saturates.
    (value + 0.5f32.copysign(value)) as i16
}

const TABLE_BITS: u32 = 11;
const TABLE_LENGTH: usize = 1 << TABLE_BITS;

/// One period of a sine.
static SINE: LazyLock<[f32; TABLE_LENGTH]> =
    LazyLock::new(|| std::array::from_fn(|i| (std::f32::consts::TAU * i as f32 / TABLE_LENGTH as f32).sin()));

/// A sine by table, phase-continuous whatever its frequency does.
#[derive(Debug, Clone, Copy)]
pub struct Oscillator {
    table: &'static [f32; TABLE_LENGTH],
    /// The phase, a whole turn being 2^32.
    phase: u32,
    step: u32,
}

impl Oscillator {
    /// A sine of `hertz`, starting at its upward zero crossing.
    pub fn new(hertz: f32) -> Oscillator {
        Oscillator { table: &SINE, phase: 0, step: Oscillator::step_of(hertz) }
    }

    /// The phase step of one sample at `hertz`, a whole turn being 2^32.
    pub fn step_of(hertz: f32) -> u32 {
        (f64::from(hertz) / f64::from(SAMPLE_RATE) * 4_294_967_296.0) as u32
    }

    /// The next sample, from -1 to 1.
    pub fn sample(&mut self) -> f32 {
        self.sample_by(self.step)
    }

    /// The next sample, the phase then moving by `step` instead of by the oscillator's own.
    pub fn sample_by(&mut self, step: u32) -> f32 {
        let value = self.table[(self.phase >> (32 - TABLE_BITS)) as usize];
        self.phase = self.phase.wrapping_add(step);
        value
    }

    /// Goes on by so much of a turn.
    pub fn advance(&mut self, turns: f64) {
        self.phase = self.phase.wrapping_add((turns * 4_294_967_296.0) as u32);
    }
}

/// The power at one frequency over a block (Goertzel), on the scale of a mean square: a sine of peak `p` gives `p²/2`.
pub fn power_at(hertz: f32, block: &[i16]) -> f32 {
    power_with(2.0 * (std::f32::consts::TAU * hertz / SAMPLE_RATE).cos(), block)
}

/// As [`power_at`], with the coefficient 2·cos(2π·f/8000) worked out before.
pub(crate) fn power_with(coefficient: f32, block: &[i16]) -> f32 {
    let (mut one, mut two) = (0f32, 0f32);
    for &sample in block {
        let zero = coefficient * one - two + f32::from(sample);
        (one, two) = (zero, one);
    }
    let length = block.len() as f32;
    2.0 * (one * one + two * two - coefficient * one * two) / (length * length)
}

/// The mean square of a block.
pub fn mean_square(block: &[i16]) -> f32 {
    let sum: i64 = block.iter().map(|&s| i64::from(i32::from(s) * i32::from(s))).sum();
    sum as f32 / block.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_of_0_dbm0_measures_so() {
        let mut oscillator = Oscillator::new(1000.0);
        let block: Vec<i16> = (0..800).map(|_| to_sample(oscillator.sample() * PEAK_0_DBM0)).collect();
        assert!((level_dbm0(mean_square(&block)) - 0.0).abs() < 0.05);
        assert!((level_dbm0(power_at(1000.0, &block)) - 0.0).abs() < 0.05);
        assert!(level_dbm0(power_at(1200.0, &block)) < -40.0);
    }

    #[test]
    fn mixing_stops_at_the_limits() {
        assert_eq!(mixed(&[30000; 8], &[30000; 8]), [32767; 8]);
        assert_eq!(mixed(&[-30000; 8], &[-30000; 8]), [-32768; 8]);
    }
}
