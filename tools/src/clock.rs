//! The only reading of the system's clock. Everything else counts ticks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Timelike, Utc};
use nix::time::{ClockId, clock_gettime};
use tipring_driver::dsp::caller_id::Stamp;

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

/// Milliseconds of the machine's steady clock since any moment: the same in all its processes.
pub fn steady_ms() -> u64 {
    // The clock is there on every Linux.
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
    now.as_millis() as u64
}

/// Time of day and date as the stamp of caller ID.
pub fn stamp(time: &(impl Datelike + Timelike)) -> Stamp {
    let [month, day, hour, minute] = [time.month(), time.day(), time.hour(), time.minute()].map(|part| part as u8);
    Stamp { month, day, hour, minute }
}

/// The moment as part of a file's name, in UTC: names sort as moments do.
pub fn file_stamp(epoch_ms: i64) -> String {
    at(epoch_ms).format("%Y-%m-%dT%H%M%SZ").to_string()
}

fn at(epoch_ms: i64) -> DateTime<Utc> {
    // Out of range is beyond the year 262,000.
    DateTime::from_timestamp_millis(epoch_ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_a_clock_would() {
        // 2026-01-01 00:00 UTC, and a day, an hour and a minute and a half later.
        assert_eq!(stamp(&at(1_767_225_600_000)), Stamp { month: 1, day: 1, hour: 0, minute: 0 });
        assert_eq!(stamp(&at(1_767_225_600_000 + 90_090_000)), Stamp { month: 1, day: 2, hour: 1, minute: 1 });
    }
}
