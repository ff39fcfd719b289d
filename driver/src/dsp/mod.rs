//! Sound as numbers: codecs, tones, DTMF, caller identity, call progress, echo; noise reduction and level control for
//! recordings.
//!
//! Everything runs at 8 kHz on 16-bit samples at the scale of G.711 (a sine of 0 dBm0 peaks at 22827), 8 samples a
//! tick. Detectors are banks: lanes are channels, one channel is a bank of one, and every lane gives bit for bit what a
//! bank of one would give. Nothing here allocates after it was made.
//!
//! Never: knows what a line or a call is.

pub mod agc;
pub mod caller_id;
pub mod dtmf;
pub mod echo;
pub mod enhance;
pub mod fax_modem_tones;
pub mod fsk;
pub mod g711;
pub mod g726;
pub mod level;
pub(crate) mod noise_reduction;
pub mod progress;
pub(crate) mod spectrum;
pub(crate) mod tonal;
pub mod tone;
mod vector;

use crate::time::SAMPLES_PER_TICK;

/// One tick of one channel as linear samples.
pub type Samples = [i16; SAMPLES_PER_TICK];

/// A tick of silence.
pub const SILENCE: Samples = [0; SAMPLES_PER_TICK];

/// The most lanes a bank can have.
pub(crate) const LANES_MAX: usize = 512;

/// A set of lanes of a bank: those to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lanes([u64; LANES_MAX / 64]);

impl Lanes {
    /// No lane.
    pub(crate) const NONE: Lanes = Lanes([0; LANES_MAX / 64]);

    /// The first `count` lanes, at most 512.
    pub fn first(count: usize) -> Lanes {
        let mut lanes = Lanes::NONE;
        for lane in 0..count.min(LANES_MAX) {
            lanes.insert(lane);
        }
        lanes
    }

    /// Adds a lane; without effect beyond [`LANES_MAX`].
    pub(crate) fn insert(&mut self, lane: usize) {
        if let Some(word) = self.0.get_mut(lane / 64) {
            *word |= 1 << (lane % 64);
        }
    }

    /// Takes a lane out.
    pub(crate) fn remove(&mut self, lane: usize) {
        if let Some(word) = self.0.get_mut(lane / 64) {
            *word &= !(1 << (lane % 64));
        }
    }

    /// Returns true if the lane is in the set.
    pub(crate) fn contains(&self, lane: usize) -> bool {
        self.0.get(lane / 64).is_some_and(|word| word >> (lane % 64) & 1 == 1)
    }

    /// The eight lanes from `first`, a multiple of eight, that are in the set: bit 0 for the first of them.
    pub(crate) fn eight(&self, first: usize) -> u8 {
        self.0.get(first / 64).map_or(0, |word| (word >> (first % 64)) as u8)
    }

    /// Returns true for an empty set.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}
/// A tick of sound: the samples, then silence.
pub fn padded(samples: &[i16]) -> Samples {
    let mut tick = SILENCE;
    for (place, sample) in tick.iter_mut().zip(samples) {
        *place = *sample;
    }
    tick
}
