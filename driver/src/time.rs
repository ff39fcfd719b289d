//! Time is the board's sample clock. A tick is 1 ms, 8 samples of every channel.
//!
//! Every timer, cadence, timeout and event stamp counts ticks. Nothing here or above reads the system's clock;
//! wall-clock time is derived from ticks once, at the edge.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

/// Samples of one channel in a second.
pub const SAMPLE_RATE_HZ: u32 = 8000;
/// Samples of one channel in a tick.
pub const SAMPLES_PER_TICK: usize = 8;

/// A moment: ticks since the engine started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Tick(pub u64);

/// A length of time in ticks, which is to say in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Ticks(pub u64);

impl Tick {
    /// The moment at which the engine started.
    pub const ZERO: Tick = Tick(0);

    /// Time since `earlier`; zero if that is yet to come.
    pub const fn since(self, earlier: Tick) -> Ticks {
        Ticks(self.0.saturating_sub(earlier.0))
    }
}

impl Ticks {
    /// No time at all.
    pub const ZERO: Ticks = Ticks(0);

    /// A length given in milliseconds.
    pub const fn from_ms(ms: u64) -> Ticks {
        Ticks(ms)
    }

    /// A length given in seconds.
    pub const fn from_secs(secs: u64) -> Ticks {
        Ticks(secs * 1000)
    }

    /// The length in milliseconds.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// The length in samples of one channel.
    pub const fn as_samples(self) -> u64 {
        self.0 * SAMPLES_PER_TICK as u64
    }
}

impl Add<Ticks> for Tick {
    type Output = Tick;
    fn add(self, length: Ticks) -> Tick {
        Tick(self.0 + length.0)
    }
}

impl AddAssign<Ticks> for Tick {
    fn add_assign(&mut self, length: Ticks) {
        self.0 += length.0;
    }
}

impl Sub for Tick {
    type Output = Ticks;
    fn sub(self, earlier: Tick) -> Ticks {
        self.since(earlier)
    }
}

impl Add for Ticks {
    type Output = Ticks;
    fn add(self, other: Ticks) -> Ticks {
        Ticks(self.0 + other.0)
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1000, self.0 % 1000)
    }
}

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}
