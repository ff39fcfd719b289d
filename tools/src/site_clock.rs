//! A site's clock: local time by its `time_zone`, whatever the zone of the machine or of the person who reads.
//!
//! Days, hours and moments that a person types or reads go through it: configuration, reports, lists, status.
//!
//! Never: shows a moment by the zone of another machine, where the site is known.

use std::env;

use chrono::{DateTime, DurationRound, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::clock;

/// Step in which the end of a gap is looked for that a change of the clocks leaves: all changes are multiples of it.
const GAP_STEP_MIN: i64 = 15;

/// A site's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteClock {
    zone: Tz,
}

impl SiteClock {
    /// Coordinated Universal Time: for runs that are to repeat on any machine.
    pub const UTC: SiteClock = SiteClock::new(Tz::UTC);

    /// The clock of a time zone.
    pub const fn new(zone: Tz) -> SiteClock {
        SiteClock { zone }
    }

    /// The clock of a zone of the IANA database; that of this machine if there is no such zone.
    pub fn named(zone: &str) -> SiteClock {
        zone.parse().map_or_else(|_| SiteClock::of_machine(), SiteClock::new)
    }

    /// The clock of this machine: its variable `TZ`, else its zone, else UTC. For moments of no site that is known.
    pub fn of_machine() -> SiteClock {
        let variable = env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
        let zone = variable.or_else(|| iana_time_zone::get_timezone().ok()?.parse().ok());
        SiteClock::new(zone.unwrap_or(Tz::UTC))
    }

    /// Its zone.
    pub const fn zone(self) -> Tz {
        self.zone
    }

    /// The name of its zone.
    pub fn name(self) -> &'static str {
        self.zone.name()
    }

    /// The present moment.
    pub fn now(self) -> DateTime<Tz> {
        self.at(clock::epoch_ms())
    }

    /// The time that it shows at a moment, ms since 1970; one beyond the year 262,000 is 1970.
    pub fn at(self, unix_ms: impl TryInto<i64>) -> DateTime<Tz> {
        let utc = DateTime::from_timestamp_millis(unix_ms.try_into().unwrap_or(i64::MAX)).unwrap_or_default();
        utc.with_timezone(&self.zone)
    }

    /// A moment as `2026-11-29 08:30:05`.
    pub fn second(self, unix_ms: impl TryInto<i64>) -> String {
        self.at(unix_ms).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// A moment as `2026-11-29 08:30`.
    pub fn minute(self, unix_ms: impl TryInto<i64>) -> String {
        self.at(unix_ms).format("%Y-%m-%d %H:%M").to_string()
    }

    /// The moment of another zone's clock.
    pub fn of(self, moment: &DateTime<impl TimeZone>) -> DateTime<Tz> {
        moment.with_timezone(&self.zone)
    }

    /// The instant of a local time: the earlier where it occurs twice, the end of the gap where it does not exist
    /// (daylight saving).
    pub fn moment(self, time: NaiveDateTime) -> DateTime<Tz> {
        let mut shown = time;
        loop {
            if let Some(moment) = self.zone.from_local_datetime(&shown).earliest() {
                return moment;
            }
            let step = TimeDelta::minutes(GAP_STEP_MIN);
            match shown.duration_trunc(step).ok().and_then(|shown| shown.checked_add_signed(step)) {
                Some(later) => shown = later,
                None => return self.zone.from_utc_datetime(&time),
            }
        }
    }

    /// The first moment of a day.
    pub fn midnight(self, day: NaiveDate) -> DateTime<Tz> {
        self.moment(day.and_time(NaiveTime::MIN))
    }

    /// The day of a moment, ms since 1970.
    pub fn day(self, unix_ms: i64) -> NaiveDate {
        self.at(unix_ms).date_naive()
    }

    /// The first moment of a day, in UTC.
    pub fn midnight_utc(self, day: NaiveDate) -> DateTime<Utc> {
        self.midnight(day).to_utc()
    }
}

/// Milliseconds since 1970 of a moment.
pub fn unix_ms(moment: &DateTime<impl TimeZone>) -> u64 {
    moment.timestamp_millis().max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_by_the_sites_zone_and_a_time_that_it_leaves_out_is_the_first_after_it() {
        // 2026-01-01 00:00 UTC.
        let at = 1_767_225_600_000_u64;
        assert_eq!(SiteClock::named("Asia/Shanghai").second(at), "2026-01-01 08:00:00");
        assert_eq!(SiteClock::named("America/New_York").minute(at), "2025-12-31 19:00");
        assert_eq!(SiteClock::UTC.at(at).to_rfc3339(), "2026-01-01T00:00:00+00:00");
        let berlin = SiteClock::named("Europe/Berlin");
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(berlin.moment(time("2026-03-29 02:10")).to_rfc3339(), "2026-03-29T03:00:00+02:00");
        assert_eq!(berlin.moment(time("2026-10-25 02:30")).to_rfc3339(), "2026-10-25T02:30:00+02:00");
        let beirut = SiteClock::named("Asia/Beirut");
        let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
        assert_eq!(beirut.midnight(day).to_rfc3339(), "2026-03-29T01:00:00+03:00");
        assert_eq!(beirut.day(beirut.midnight(day).timestamp_millis()), day);
        assert_eq!(unix_ms(&beirut.midnight_utc(day)), unix_ms(&beirut.midnight(day)));
    }
}
