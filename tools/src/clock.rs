//! The only reading of the system's clock. Everything else counts ticks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A stopwatch, for showing how long things took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Microseconds since the start.
    pub fn micros(&self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }

    /// Milliseconds since the start.
    pub fn millis(&self) -> u64 {
        self.0.elapsed().as_millis() as u64
    }

    /// Seconds since the start.
    pub fn secs_f64(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Milliseconds since 1970, by the system's clock: the epoch of a live system's records.
pub fn epoch_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
