//! The log: one line an event on the standard error, with the time of day in UTC.

use crate::clock;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Writes a line.
pub fn line(text: &str) {
    eprintln!("{} {text}", time_of_day(clock::epoch_ms()));
}

fn time_of_day(epoch_ms: i64) -> String {
    let ms = epoch_ms.rem_euclid(DAY_MS);
    format!("{:02}:{:02}:{:02}.{:03}Z", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_to_the_millisecond() {
        assert_eq!(time_of_day(1_767_225_600_000 + 3_723_004), "01:02:03.004Z");
    }
}
