//! DTMF (Q.23, Q.24): sending and receiving.
//!
//! | | 1209 | 1336 | 1477 | 1633 Hz |
//! |---|---|---|---|---|
//! | **697 Hz** | 1 | 2 | 3 | A |
//! | **770 Hz** | 4 | 5 | 6 | B |
//! | **852 Hz** | 7 | 8 | 9 | C |
//! | **941 Hz** | * | 0 | # | D |
//!
//! | file | holds |
//! |---|---|
//! | `bank` | receivers of many lines, a tick at a time |
//! | `filter` | high-pass filter |
//! | `correlator` | the eight tones in 4 ms |
//! | `judge` | decision: twist, frequency, purity, duration, talk-off |
//! | `pair` | measures of a pair of tones: power, frequency, drift, and how much of a hop it fills |
//! | `low_band` | power below the keys' tones, which speaks for a voice (talk-off) |
//! | `sender` | keys sent |
//!
//! Sources: ITU-T Q.23 (frequencies), Q.24 (receivers, table A-1).

mod bank;
mod correlator;
mod filter;
mod judge;
mod low_band;
mod pair;
mod sender;

pub use bank::{Bank, Event};
pub use sender::{Sender, Timing};

use crate::signal::Digit;

/// The low group, in hertz: the rows of the keypad.
pub(crate) const LOW_HZ: [u32; 4] = [697, 770, 852, 941];
/// The high group, in hertz: the columns of the keypad.
pub(crate) const HIGH_HZ: [u32; 4] = [1209, 1336, 1477, 1633];

/// Samples from one correlation to the next.
const HOP: usize = 32;
/// Hops of the sound as it came that are kept.
const RAW_HOPS: usize = 4;

/// The keypad, row by row.
const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// The key in a row and a column, both below 4.
fn key(row: usize, column: usize) -> Option<Digit> {
    KEYS.get(row).and_then(|keys| keys.get(column)).and_then(|key| Digit::new(*key))
}

/// The row and the column of a key.
fn place(digit: Digit) -> Option<(usize, usize)> {
    KEYS.iter().enumerate().find_map(|(row, keys)| {
        let column = keys.iter().position(|key| *key == digit.as_char())?;
        Some((row, column))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_where_it_stands() {
        for (row, keys) in KEYS.iter().enumerate() {
            for (column, name) in keys.iter().enumerate() {
                let digit = Digit::new(*name).expect("the keypad holds keys only");
                assert_eq!(place(digit), Some((row, column)));
                assert_eq!(key(row, column), Some(digit));
            }
        }
    }
}
