//! One DMA ring and its position, and how two rings of different lengths tell the laps.
//!
//! Never: reads a register, or touches the memory of a ring. It is given positions.

use super::Astray;
use crate::card::tdm400p::bridge::Address;
use crate::time::SAMPLES_PER_TICK;

/// Words by which the two positions may differ because they are read one after the other.
pub(super) const SKEW: u64 = 3;

/// One ring.
pub(super) struct Ring {
    /// The first word, in the buffer.
    pub(super) first: usize,
    /// The length in words.
    pub(super) words: u64,
    /// The position as the card gave it last, in words from the first.
    pub(super) position: u64,
    /// Words that have passed since DMA began.
    pub(super) total: u64,
}

impl Ring {
    pub(super) fn new(first: usize, words: u64) -> Ring {
        Ring { first, words, position: 0, total: 0 }
    }

    /// The word's place in the buffer.
    pub(super) fn word(&self, index: u64) -> usize {
        self.first + (index % self.words) as usize
    }

    /// The position that an address means. The one past the end is the first.
    pub(super) fn place(&self, base: u32, register: Address, value: u32) -> Result<u64, Astray> {
        let start = base + self.first as u32 * 4;
        let place = u64::from(value.wrapping_sub(start) / 4);
        if value < start || place > self.words { Err(Astray { register, value }) } else { Ok(place % self.words) }
    }
}

/// Progress of both rings, from the apparent progress of each within its length.
///
/// The lengths in ticks have no common divisor, so the pair repeats only after their product: 8.1 s with rings of 64
/// and 127 ms. If the positions do not fit together at all, the receive ring is believed.
pub(super) fn unwrap(receive: u64, transmit: u64, receive_words: u64, transmit_words: u64) -> u64 {
    let fits = |moved: u64| {
        let apart = (moved % transmit_words + transmit_words - transmit) % transmit_words;
        apart <= SKEW || transmit_words - apart <= SKEW
    };
    let laps = transmit_words / SAMPLES_PER_TICK as u64;
    (0..laps).map(|lap| receive + lap * receive_words).find(|moved| fits(*moved)).unwrap_or(receive)
}
