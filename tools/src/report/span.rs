//! The span of a report and its intervals, by the site's own time: days of 23 or 25 h where the clock changes, and
//! months.
//!
//! Never: overlaps another interval, or leaves a moment out.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Local, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use tipring_core::report::bounds::Bounds;

use crate::clock;
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

/// The forms of a moment, for refusals and help.
const FORMS: &str = "today, yesterday, a day as 2026-11-29, or a time as 08:30 (today) or 2026-11-29T08:30";

/// A moment by the site's clock: `2026-11-29` (its midnight), `2026-11-29T08:30` or with an offset as in RFC 3339;
/// `today` and `yesterday` (their midnights), `08:30` of today, `now`.
pub fn parse_moment(text: &str) -> Result<DateTime<Local>, String> {
    moment_at(text, now())
}

/// A day from its midnight to the next one, by the site's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its first moment.
    pub begin: DateTime<Local>,
    /// The first moment after it.
    pub end: DateTime<Local>,
}

/// A day by the site's clock: `today`, `yesterday`, or as `2026-11-29`.
pub fn parse_day(text: &str) -> Result<Day, String> {
    let day =
        day_at(text, now()).ok_or_else(|| format!("a day is today, yesterday, or as 2026-11-29, not {text:?}"))?;
    let midnight = |day: NaiveDate| local(day.and_time(NaiveTime::MIN));
    Ok(Day { begin: midnight(day), end: midnight(day.checked_add_days(Days::new(1)).unwrap_or(day)) })
}

fn now() -> DateTime<Local> {
    moment(clock::epoch_ms().max(0) as u64)
}

fn day_at(text: &str, now: DateTime<Local>) -> Option<NaiveDate> {
    let today = now.date_naive();
    match text {
        "today" => Some(today),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        _ => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    }
}

fn moment_at(text: &str, now: DateTime<Local>) -> Result<DateTime<Local>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.with_timezone(&Local));
    }
    if text == "now" {
        return Ok(now);
    }
    let day = day_at(text, now).map(|day| day.and_time(NaiveTime::MIN));
    let time = || NaiveTime::parse_from_str(text, "%H:%M").ok().map(|time| now.date_naive().and_time(time));
    let minute = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok();
    let second = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok();
    let found = day.or_else(time).or_else(minute).or_else(second);
    found.map(local).ok_or_else(|| format!("a moment is {FORMS}, not {text:?}"))
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
        assert!(parse_moment("someday").unwrap_err().contains("2026-11-29T08:30"));
        assert!(parse_day("08:30").unwrap_err().contains("2026-11-29"));
        assert_eq!(parse_moment("2026-11-29").unwrap(), parse_moment("2026-11-29T00:00").unwrap());
        assert!(Interval::Day.bounds(moment(2000), moment(1000)).is_err());
    }

    #[test]
    fn days_and_moments_may_be_named_by_today() {
        let now = moment_at("2026-11-29T08:30:05", moment(0)).unwrap();
        let at = |text: &str| moment_at(text, now).unwrap();
        assert_eq!(at("today"), at("2026-11-29"));
        assert_eq!(at("yesterday"), at("2026-11-28"));
        assert_eq!((at("08:30"), at("now")), (at("2026-11-29T08:30"), now));
        let Day { begin, end } = parse_day("2026-11-29").unwrap();
        assert_eq!((begin, end), (at("today"), at("2026-11-30")));
        assert_eq!(day_at("yesterday", now), Some(at("2026-11-28").date_naive()));
    }
}
