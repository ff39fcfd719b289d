//! The keys of a telephone as sound (ITU-T Q.23), and a receiver as an exchange has one (Q.24).

use super::{Oscillator, PEAK_0_DBM0, SILENCE, amplitude, mean_square, power_with, to_sample};
use crate::network::Sound;

/// The low group in hertz: the rows of the keypad.
const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// The high group in hertz: the columns of the keypad.
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// The keypad, row by row.
const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// The level of the low group as a Chinese telephone sends it (GB/T 15279-2002), in dBm0.
pub const LOW_DBM0: f32 = -9.0;
/// The level of the high group, in dBm0.
pub const HIGH_DBM0: f32 = -7.0;

/// Returns true for a DTMF key: `0` to `9`, `*`, `#`, `A` to `D`.
pub fn is_key(key: char) -> bool {
    KEYS.iter().flatten().any(|&k| k == key)
}

/// A key held down.
#[derive(Debug, Clone)]
pub struct Press {
    low: Oscillator,
    high: Oscillator,
    left_ms: u16,
}

impl Press {
    /// The key held for `ms`; nothing if there is no such key.
    pub fn new(key: char, ms: u16) -> Option<Press> {
        let (row, column) = (0..16).map(|i| (i / 4, i % 4)).find(|&(r, c)| KEYS[r][c] == key)?;
        Some(Press { low: Oscillator::new(ROWS[row]), high: Oscillator::new(COLUMNS[column]), left_ms: ms })
    }

    /// The next millisecond, until the key is released.
    pub fn next_ms(&mut self) -> Option<Sound> {
        self.left_ms = self.left_ms.checked_sub(1)?;
        let (low, high) = (PEAK_0_DBM0 * amplitude(LOW_DBM0), PEAK_0_DBM0 * amplitude(HIGH_DBM0));
        Some(std::array::from_fn(|_| to_sample(low * self.low.sample() + high * self.high.sample())))
    }
}

/// Several keys one after the other, as a machine presses them.
#[derive(Debug, Clone)]
pub struct Sequence {
    keys: Vec<char>,
    next: usize,
    press: Option<Press>,
    on_ms: u16,
    off_ms: u16,
    pause_left: u16,
}

impl Sequence {
    /// The keys, each `on_ms` long and followed by `off_ms` of silence. What is no key is left out.
    pub fn new(keys: &str, on_ms: u16, off_ms: u16) -> Sequence {
        let keys = keys.chars().filter(|&k| is_key(k)).collect();
        Sequence { keys, next: 0, press: None, on_ms, off_ms, pause_left: 0 }
    }

    /// Length of all keys with their pauses, in ms.
    pub fn length_ms(&self) -> u32 {
        self.keys.len() as u32 * (u32::from(self.on_ms) + u32::from(self.off_ms))
    }

    /// The next millisecond, until the last pause is over.
    pub fn next_ms(&mut self) -> Option<Sound> {
        if let Some(press) = &mut self.press {
            if let Some(sound) = press.next_ms() {
                return Some(sound);
            }
            self.press = None;
            self.pause_left = self.off_ms;
        }
        if self.pause_left > 0 {
            self.pause_left -= 1;
            return Some(SILENCE);
        }
        let key = *self.keys.get(self.next)?;
        self.next += 1;
        self.press = Press::new(key, self.on_ms);
        self.press.as_mut()?.next_ms()
    }
}

/// Samples of a block of the receiver: 13 ms, so that 40 ms of a key always hold two whole blocks.
const BLOCK: usize = 104;

/// A receiver of keys.
#[derive(Debug, Clone)]
pub struct Receiver {
    rows: [f32; 4],
    columns: [f32; 4],
    block: [i16; BLOCK],
    filled: usize,
    /// Key in the last block.
    last: Option<char>,
    /// The key that has been reported and is still held.
    held: Option<char>,
}

impl Default for Receiver {
    fn default() -> Receiver {
        Receiver::new()
    }
}

impl Receiver {
    /// A receiver that has heard nothing yet.
    pub fn new() -> Receiver {
        let coefficient = |hertz: f32| 2.0 * (std::f32::consts::TAU * hertz / super::SAMPLE_RATE).cos();
        Receiver {
            rows: ROWS.map(coefficient),
            columns: COLUMNS.map(coefficient),
            block: [0; BLOCK],
            filled: 0,
            last: None,
            held: None,
        }
    }

    /// Hears a millisecond; returns a key when it has been there for two blocks.
    pub fn hear(&mut self, sound: &Sound) -> Option<char> {
        self.block[self.filled..self.filled + sound.len()].copy_from_slice(sound);
        self.filled += sound.len();
        if self.filled < BLOCK {
            return None;
        }
        self.filled = 0;
        let found = self.judge();
        let steady = found == self.last;
        self.last = found;
        if !steady || found == self.held {
            return None;
        }
        self.held = found;
        found
    }

    /// The key in the block, if it holds one and little else.
    fn judge(&self) -> Option<char> {
        let total = mean_square(&self.block);
        // Nothing below -35 dBm0 is a key.
        if total < 81.0 * 1000.0 {
            return None;
        }
        let (row, low) = strongest(&self.rows, &self.block)?;
        let (column, high) = strongest(&self.columns, &self.block)?;
        // Twist: the low group at most 8 dB stronger, the high group at most 6 dB.
        let twist_fits = low <= high * 6.3 && high <= low * 4.0;
        (twist_fits && low + high >= 0.75 * total).then(|| KEYS[row][column])
    }
}

/// The strongest of a group, if it is at least 8 dB above the others.
fn strongest(group: &[f32; 4], block: &[i16]) -> Option<(usize, f32)> {
    let powers = group.map(|coefficient| power_with(coefficient, block));
    let (best, &power) = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    let alone = powers.iter().enumerate().all(|(i, &other)| i == best || other * 6.3 < power);
    alone.then_some((best, power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(sounds: impl Iterator<Item = Sound>) -> String {
        let mut receiver = Receiver::new();
        sounds.chain(std::iter::repeat_n(SILENCE, 60)).filter_map(|s| receiver.hear(&s)).collect()
    }

    #[test]
    fn every_key_is_heard_once() {
        let keys = "0123456789*#ABCD";
        for (on, off) in [(40, 40), (50, 50), (80, 80), (300, 100)] {
            let mut sequence = Sequence::new(keys, on, off);
            assert_eq!(received(std::iter::from_fn(|| sequence.next_ms())), keys, "{on}/{off} ms");
        }
    }

    #[test]
    fn the_same_key_twice_is_two_keys() {
        let mut sequence = Sequence::new("5500", 60, 60);
        assert_eq!(received(std::iter::from_fn(|| sequence.next_ms())), "5500");
    }

    #[test]
    fn a_single_tone_is_no_key() {
        let mut oscillator = Oscillator::new(770.0);
        let tone = (0..500).map(|_| std::array::from_fn(|_| to_sample(8000.0 * oscillator.sample())));
        assert_eq!(received(tone), "");
    }
}
