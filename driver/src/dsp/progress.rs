//! Call progress detection: dial tone, ringback, busy, congestion, by the country's cadences.
//!
//! [`Bank`] tells every 10 ms which frequencies sound, and whether they hold most of the power: speech rarely does that
//! for long. The cadence then decides what it means, since most countries use one frequency for everything.
//!
//! Special information tones are detected by [`sit`].
//!
//! Sources: ITU-T E.180 and its supplement 2; tolerances by the profile of the [country](crate::country).

mod bank;
mod cadence;
mod correlator;
mod lane;
pub mod sit;

pub use bank::Bank;

use crate::signal::ToneKind;

/// A length of time with its tolerance, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// At least.
    pub min_ms: u32,
    /// At most.
    pub max_ms: u32,
}

impl Span {
    /// `ms` give or take this many per cent, but at least 50 ms (and never down to nothing).
    pub const fn around(ms: u32, percent: u32) -> Span {
        let by_percent = ms * percent / 100;
        let tolerance = if by_percent > 50 { by_percent } else { 50 };
        Span { min_ms: if tolerance < ms / 2 { ms - tolerance } else { ms / 2 }, max_ms: ms + tolerance }
    }

    /// Returns true if `ms` lies within.
    pub(crate) const fn contains(self, ms: u32) -> bool {
        self.min_ms <= ms && ms <= self.max_ms
    }
}

/// The course of a tone in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// It sounds on and on: recognised after `ms`; silences up to `gap_ms` do not interrupt it.
    Steady {
        /// Least length of the tone.
        ms: u32,
        /// The longest silence that is part of it; 0 for none.
        gap_ms: u32,
    },
    /// Sound and silence in turn, each of its own length, beginning with sound; recognised after `enough` of them in a
    /// row.
    Cycle {
        /// Sound, silence, sound, silence, …
        spans: &'static [Span],
        /// Number of spans that must fit, counted from the beginning of a burst.
        enough: u8,
    },
    /// Any regular cadence: bursts alike, silences alike.
    Regular {
        /// Allowed lengths of each.
        spans: Span,
        /// Allowed difference among those of one kind.
        spread_ms: u32,
        /// Number of spans that must fit, counted from the beginning of a burst.
        enough: u8,
    },
}

/// One tone to recognise. A tone may have several patterns; of two that fit, the first wins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern<T: 'static = ToneKind> {
    /// Its meaning.
    pub tone: T,
    /// The frequencies that sound together.
    pub hz: &'static [f64],
    /// Cadence in which they sound.
    pub cadence: Cadence,
}

/// Detection parameters of a network's tones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection<T: 'static = ToneKind> {
    /// Length of the correlation window: 10 to 40 ms in steps of 10. Long windows part near frequencies, short ones
    /// allow for off frequencies.
    pub coherent_ms: u32,
    /// Tones below this level are not heard, each in dBm0.
    pub floor_dbm0: f64,
    /// The part of the power that the frequencies of a pattern must hold, 0.4 to 0.9. A single frequency keeps 0.81 of
    /// its power in 10 ms when it is off by 25 Hz, 0.6 by 38 Hz, 0.4 by 50 Hz.
    pub purity: f32,
    /// Blocks of 10 ms of which the greater part decides between sound and silence: 3, 5 or 7. More bridge the dips
    /// of a
    /// tone that swells, and take as long again to see its end.
    pub majority_of: u8,
    /// Tones to recognise.
    pub patterns: &'static [Pattern<T>],
}

/// Report of a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<T = ToneKind> {
    /// Frequencies of the network have sounded for 450 ms without a break. What they mean is not known yet; it is
    /// enough for one who waits for dial tone.
    Begun,
    /// The cadence is that of this tone.
    Recognised(T),
    /// The tone that was recognised has ended, or become another.
    Ended(T),
}

/// A burst longer than the shortest busy tones: most likely dial tone.
pub(crate) const BEGUN_MS: u32 = 450;
