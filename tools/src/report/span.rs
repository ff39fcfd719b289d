//! The span of a report and its intervals, by the site's own time: days of 23 or 25 h where the clock changes, and
//! months.
//!
//! Never: overlaps another interval, or leaves a moment out.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use chrono_tz::Tz;
use tipring_core::report::bounds::Bounds;

use crate::failure::Failure;
use crate::site_clock::{SiteClock, unix_ms};

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

/// A day as it was typed; which one it is, the site's clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// `today`.
    Today,
    /// `yesterday`.
    Yesterday,
    /// `2026-11-29`.
    Date(NaiveDate),
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Day, String> {
        let wrong = |_| format!("a day is today, yesterday, or as 2026-11-29, not {text:?}");
        match text {
            "today" => Ok(Day::Today),
            "yesterday" => Ok(Day::Yesterday),
            _ => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Day::Date).map_err(wrong),
        }
    }
}

impl Day {
    fn date(self, now: DateTime<Tz>) -> NaiveDate {
        let today = now.date_naive();
        match self {
            Day::Today => today,
            Day::Yesterday => today.checked_sub_days(Days::new(1)).unwrap_or(today),
            Day::Date(date) => date,
        }
    }

    /// Its first moment, and the first after it.
    pub fn bounds(self, clock: SiteClock) -> (DateTime<Tz>, DateTime<Tz>) {
        let day = self.date(clock.now());
        (clock.midnight(day), clock.midnight(day.checked_add_days(Days::new(1)).unwrap_or(day)))
    }
}

/// A moment as it was typed: `2026-11-29` (its midnight), `2026-11-29T08:30` or with an offset as in RFC 3339; `today`
/// and `yesterday` (their midnights), `08:30` of today, `now`. Without an offset it is by the site's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The present.
    Now,
    /// The midnight with which a day begins.
    Day(Day),
    /// A time of today.
    Time(NaiveTime),
    /// A time of a day.
    At(NaiveDateTime),
    /// A time with its offset.
    Fixed(DateTime<FixedOffset>),
}

impl FromStr for Typed {
    type Err = String;

    fn from_str(text: &str) -> Result<Typed, String> {
        if text == "now" {
            return Ok(Typed::Now);
        }
        let fixed = DateTime::parse_from_rfc3339(text).ok().map(Typed::Fixed);
        let day = || text.parse().ok().map(Typed::Day);
        let time = || NaiveTime::parse_from_str(text, "%H:%M").ok().map(Typed::Time);
        let at = |form| NaiveDateTime::parse_from_str(text, form).ok().map(Typed::At);
        let found =
            fixed.or_else(day).or_else(time).or_else(|| at("%Y-%m-%dT%H:%M")).or_else(|| at("%Y-%m-%dT%H:%M:%S"));
        found.ok_or_else(|| format!("a moment is {FORMS}, not {text:?}"))
    }
}

impl Typed {
    /// The moment by a site's clock.
    pub fn on(self, clock: SiteClock) -> DateTime<Tz> {
        self.at(clock, clock.now())
    }

    fn at(self, clock: SiteClock, now: DateTime<Tz>) -> DateTime<Tz> {
        match self {
            Typed::Now => now,
            Typed::Day(day) => clock.midnight(day.date(now)),
            Typed::Time(time) => clock.moment(now.date_naive().and_time(time)),
            Typed::At(time) => clock.moment(time),
            Typed::Fixed(moment) => clock.of(&moment),
        }
    }
}

impl Interval {
    /// The begin of the interval in which a moment lies.
    fn begin(self, moment: DateTime<Tz>) -> DateTime<Tz> {
        let (clock, day) = (SiteClock::new(moment.timezone()), moment.date_naive());
        match self {
            Interval::Minutes(length) => {
                let over = i64::from(moment.minute() % length) * 60_000
                    + i64::from(moment.second()) * 1000
                    + i64::from(moment.timestamp_subsec_millis());
                moment - chrono::TimeDelta::milliseconds(over) - sub_ms(&moment)
            }
            Interval::Day => clock.midnight(day),
            Interval::Month => clock.midnight(day.with_day(1).unwrap_or(day)),
            Interval::Whole => moment,
        }
    }

    /// The begin of the next interval.
    fn next(self, begin: DateTime<Tz>, to: DateTime<Tz>) -> DateTime<Tz> {
        let (clock, day) = (SiteClock::new(begin.timezone()), begin.date_naive());
        match self {
            Interval::Minutes(length) => begin + chrono::TimeDelta::minutes(length.into()),
            Interval::Day => clock.midnight(day.checked_add_days(Days::new(1)).unwrap_or(day)),
            Interval::Month => clock.midnight(day.checked_add_months(Months::new(1)).unwrap_or(day)),
            Interval::Whole => to,
        }
    }

    /// The intervals that hold the moments from `from` up to, not including, `to`.
    ///
    /// # Errors
    /// The span is empty, or has too many intervals.
    pub fn bounds(self, from: DateTime<Tz>, to: DateTime<Tz>) -> Result<Bounds, Failure> {
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
fn sub_ms(moment: &DateTime<Tz>) -> chrono::TimeDelta {
    chrono::TimeDelta::nanoseconds(i64::from(moment.timestamp_subsec_nanos() % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: SiteClock = SiteClock::new(Tz::Asia__Kolkata);

    #[test]
    fn intervals_begin_where_the_sites_clock_shows_a_whole_one_and_hold_every_moment() {
        for interval in [Interval::Minutes(15), Interval::Minutes(60), Interval::Day, Interval::Month] {
            let (from, to) = (CLOCK.at(1_700_000_123_456_u64), CLOCK.at(1_710_000_000_000_u64));
            let bounds = interval.bounds(from, to).expect("a span");
            let (first, _) = bounds.interval(0);
            let (_, last) = bounds.interval(bounds.count() - 1);
            assert!(first <= unix_ms(&from) && last >= unix_ms(&to), "{interval:?}");
            assert_eq!((CLOCK.at(first).second(), CLOCK.at(first).timestamp_subsec_millis()), (0, 0), "{interval:?}");
            if !matches!(interval, Interval::Minutes(_)) {
                assert_eq!((CLOCK.at(first).hour(), CLOCK.at(last).hour(), CLOCK.at(last).minute()), (0, 0, 0));
            }
            for ix in 1..bounds.count() {
                assert_eq!(bounds.interval(ix - 1).1, bounds.interval(ix).0);
            }
        }
    }

    #[test]
    fn a_moment_that_is_none_is_refused_with_the_form_that_is_wanted() {
        assert!("someday".parse::<Typed>().unwrap_err().contains("2026-11-29T08:30"));
        assert!("08:30".parse::<Day>().unwrap_err().contains("2026-11-29"));
        assert!(Interval::Day.bounds(CLOCK.at(2000), CLOCK.at(1000)).is_err());
    }

    #[test]
    fn days_and_moments_are_those_of_the_sites_clock_and_may_be_named_by_today() {
        let of = |clock, text: &str| text.parse::<Typed>().unwrap().at(clock, CLOCK.now());
        let now = of(CLOCK, "2026-11-29T08:30:05");
        assert_eq!(now.to_rfc3339(), "2026-11-29T08:30:05+05:30");
        let at = |text: &str| text.parse::<Typed>().unwrap().at(CLOCK, now);
        assert_eq!(at("today"), at("2026-11-29"));
        assert_eq!(at("yesterday"), at("2026-11-28"));
        assert_eq!((at("08:30"), at("now")), (at("2026-11-29T08:30"), now));
        assert_eq!(at("2026-11-29"), at("2026-11-28T18:30:00Z"));
        assert_eq!(at("2026-11-29") - of(SiteClock::UTC, "2026-11-29"), chrono::TimeDelta::minutes(-330));
        let (begin, end) = "2026-11-29".parse::<Day>().unwrap().bounds(CLOCK);
        assert_eq!((begin, end), (at("today"), at("2026-11-30")));
        assert_eq!(Day::Yesterday.date(now), at("2026-11-28").date_naive());
    }
}
