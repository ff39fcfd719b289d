//! The span of a report and its intervals, by the site's own time: days of 23 or 25 h where the clock changes, and
//! months.
//!
//! Never: overlaps another interval, or leaves a moment out.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Local, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use tipring_core::report::bounds::Bounds;

use crate::failure::Failure;

/// Intervals that one report may have: 15 minutes over ten years.
const INTERVALS_MAX: usize = 350_640;

/// The length of a report's intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Minutes that divide an hour, or 60.
    Minutes(u32),
    /// Days from midnight to midnight.
    Day,
    /// Months.
    Month,
    /// The whole span.
    Whole,
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Interval, String> {
        match text {
            "15m" => Ok(Interval::Minutes(15)),
            "30m" => Ok(Interval::Minutes(30)),
            "1h" | "60m" => Ok(Interval::Minutes(60)),
            "day" | "1d" => Ok(Interval::Day),
            "month" => Ok(Interval::Month),
            "whole" => Ok(Interval::Whole),
            _ => Err(format!("an interval is 15m, 30m, 1h, day, month or whole, not {text:?}")),
        }
    }
}

/// A moment by the site's clock: `2026-11-29` (its midnight), `2026-11-29T08:30` or with an offset as in RFC 3339.
pub fn parse_moment(text: &str) -> Result<DateTime<Local>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.with_timezone(&Local));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    let minute = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let second = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    day.or(minute)
        .or(second)
        .map(local)
        .map_err(|_| format!("a moment is a day as 2026-11-29 or a time as 2026-11-29T08:30, not {text:?}"))
}

/// The moment at which the site's clock shows a time: the first of two, and the end of the gap if it is left out.
fn local(time: NaiveDateTime) -> DateTime<Local> {
    let mut time = time;
    loop {
        match Local.from_local_datetime(&time).earliest() {
            Some(moment) => return moment,
            None => time += chrono::TimeDelta::minutes(15),
        }
    }
}

/// A moment of the log by the site's clock.
pub fn moment(unix_ms: u64) -> DateTime<Local> {
    let utc = DateTime::from_timestamp_millis(i64::try_from(unix_ms).unwrap_or(i64::MAX)).unwrap_or_default();
    utc.with_timezone(&Local)
}

/// Milliseconds since 1970 of a moment.
pub fn unix_ms(moment: &DateTime<Local>) -> u64 {
    moment.timestamp_millis().max(0) as u64
}

impl Interval {
    /// The begin of the interval in which a moment lies.
    fn begin(self, moment: DateTime<Local>) -> DateTime<Local> {
        let day = moment.date_naive().and_time(NaiveTime::MIN);
        match self {
            Interval::Minutes(length) => {
                let over = i64::from(moment.minute() % length) * 60_000
                    + i64::from(moment.second()) * 1000
                    + i64::from(moment.timestamp_subsec_millis());
                moment - chrono::TimeDelta::milliseconds(over) - sub_ms(&moment)
            }
            Interval::Day => local(day),
            Interval::Month => local(day.with_day(1).unwrap_or(day)),
            Interval::Whole => moment,
        }
    }

    /// The begin of the next interval.
    fn next(self, begin: DateTime<Local>, to: DateTime<Local>) -> DateTime<Local> {
        let day = begin.date_naive();
        match self {
            Interval::Minutes(length) => begin + chrono::TimeDelta::minutes(length.into()),
            Interval::Day => local(day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN)),
            Interval::Month => local(day.checked_add_months(Months::new(1)).unwrap_or(day).and_time(NaiveTime::MIN)),
            Interval::Whole => to,
        }
    }

    /// The intervals that hold the moments from `from` up to, not including, `to`.
    ///
    /// # Errors
    /// The span is empty, or has too many intervals.
    pub fn bounds(self, from: DateTime<Local>, to: DateTime<Local>) -> Result<Bounds, Failure> {
        if to <= from {
            return Err(format!("--to ({}) is not after --from ({})", to.to_rfc3339(), from.to_rfc3339()).into());
        }
        let mut bounds = vec![self.begin(from)];
        while bounds[bounds.len() - 1] < to {
            let next = self.next(bounds[bounds.len() - 1], to);
            if bounds.len() > INTERVALS_MAX || next <= bounds[bounds.len() - 1] {
                return Err("There are more intervals than a report can have; take longer ones with --interval".into());
            }
            bounds.push(next);
        }
        let bounds = bounds.iter().map(unix_ms).collect();
        Bounds::new(bounds).ok_or_else(|| "The intervals of the report do not ascend".into())
    }
}

/// The part of a moment below a millisecond.
fn sub_ms(moment: &DateTime<Local>) -> chrono::TimeDelta {
    chrono::TimeDelta::nanoseconds(i64::from(moment.timestamp_subsec_nanos() % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_begin_where_the_clock_shows_a_whole_one_and_hold_every_moment() {
        for interval in [Interval::Minutes(15), Interval::Minutes(60), Interval::Day, Interval::Month] {
            let (from, to) = (moment(1_700_000_123_456), moment(1_710_000_000_000));
            let bounds = interval.bounds(from, to).expect("a span");
            let (first, _) = bounds.interval(0);
            let (_, last) = bounds.interval(bounds.count() - 1);
            assert!(first <= unix_ms(&from) && last >= unix_ms(&to), "{interval:?}");
            assert_eq!((moment(first).second(), moment(first).timestamp_subsec_millis()), (0, 0), "{interval:?}");
            for ix in 1..bounds.count() {
                assert_eq!(bounds.interval(ix - 1).1, bounds.interval(ix).0);
            }
        }
    }

    #[test]
    fn a_moment_that_is_none_is_refused_with_the_form_that_is_wanted() {
        assert!(parse_moment("yesterday").unwrap_err().contains("2026-11-29T08:30"));
        assert_eq!(parse_moment("2026-11-29").unwrap(), parse_moment("2026-11-29T00:00").unwrap());
        assert!(Interval::Day.bounds(moment(2000), moment(1000)).is_err());
    }
}
