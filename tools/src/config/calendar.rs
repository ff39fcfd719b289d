//! Calendars of a site: hours by weekday, holidays, a time zone, and the route of event mode.
//!
//! The core knows no dates: it gets the moments at which a calendar's route changes. They are exact across changes of
//! daylight saving, since each is found by reading the route at the moment itself.
//!
//! Never: reads a clock.

use std::collections::BTreeSet;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use serde::Deserialize;
use tipring_core::flow::calendar::Routes;

/// Days ahead for which changes are computed; a running site computes them anew each hour.
pub const DAYS_AHEAD: u64 = 40;

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarConfig {
    /// The route outside all hours.
    pub closed: String,
    /// The route while the site is in event mode; that of the hours if left out.
    #[serde(default)]
    pub event: Option<String>,
    /// Hours by weekday; the first that fit count.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// Holidays; they go before hours.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
}

/// Hours of some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Weekdays: `mon` to `sun`.
    pub days: Vec<Day>,
    /// Beginning, local time.
    pub from: TimeOfDay,
    /// End, local time; one before the beginning is on the next day.
    pub to: TimeOfDay,
    /// The route.
    pub route: String,
}

/// A holiday of one day or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// First day.
    pub from: Date,
    /// Last day; the first if left out.
    #[serde(default)]
    pub to: Option<Date>,
    /// The route.
    pub route: String,
}

macro_rules! parsed {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub $inner);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<$name, String> {
                let parse: fn(&str) -> Option<$inner> = $parse;
                parse(&text).map($name).ok_or_else(|| format!("{text:?} is not {}", $wanted))
            }
        }
    };
}

parsed!(
    /// A weekday.
    Day(Weekday),
    |text| text.parse().ok(),
    "a weekday: mon, tue, wed, thu, fri, sat, sun"
);
parsed!(
    /// A time of day; 24:00 is midnight.
    TimeOfDay(NaiveTime),
    |text| NaiveTime::parse_from_str(if text == "24:00" { "00:00" } else { text }, "%H:%M").ok(),
    "a time of day: 08:30"
);
parsed!(
    /// A date.
    Date(NaiveDate),
    |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    "a date: 2026-10-01"
);
parsed!(
    /// A time zone of the IANA database.
    Zone(Tz),
    |text| text.parse().ok(),
    "a time zone of the IANA database: Asia/Shanghai"
);

impl CalendarConfig {
    /// Returns true if a day has a moment that is not closed.
    pub fn has_hours(&self, date: NaiveDate) -> bool {
        let begins = self.hours.iter().map(|hours| hours.from.0).chain([NaiveTime::MIN]);
        { begins }.any(|time| self.route(date.and_time(time)) != self.closed)
    }

    /// The route at a local time.
    pub fn route(&self, at: NaiveDateTime) -> &str {
        let (date, time) = (at.date(), at.time());
        let holiday = self.holidays.iter().find(|it| (it.from.0..=it.to.unwrap_or(it.from).0).contains(&date));
        if let Some(holiday) = holiday {
            return &holiday.route;
        }
        let on = |hours: &Hours, day: Weekday| hours.days.contains(&Day(day));
        let open = self.hours.iter().find(|hours| {
            let (from, to) = (hours.from.0, hours.to.0);
            if from < to {
                on(hours, date.weekday()) && (from..to).contains(&time)
            } else {
                on(hours, date.weekday()) && time >= from || on(hours, date.weekday().pred()) && time < to
            }
        });
        open.map_or(&self.closed, |hours| &hours.route)
    }

    /// The names of all routes it can have.
    pub fn route_names(&self) -> impl Iterator<Item = &str> {
        let of_days = self.hours.iter().map(|hours| &hours.route).chain(self.holidays.iter().map(|day| &day.route));
        [&self.closed].into_iter().chain(&self.event).chain(of_days).map(String::as_str)
    }

    /// The routes from a moment on, [`DAYS_AHEAD`] days of them.
    pub fn routes(&self, zone: Tz, from: DateTime<Utc>, event_mode: bool) -> Routes {
        if let (true, Some(event)) = (event_mode, &self.event) {
            return Routes { first: event.clone(), changes: Vec::new() };
        }
        let at = |moment: DateTime<Utc>| self.route(moment.with_timezone(&zone).naive_local());
        let mut routes = Routes { first: at(from).to_owned(), changes: Vec::new() };
        let mut last = at(from);
        for moment in self.moments(zone, from) {
            let route = at(moment);
            if route != last {
                routes.changes.push((moment.timestamp_millis().max(0) as u64, route.to_owned()));
                last = route;
            }
        }
        routes
    }

    /// Every moment at which the route could change: bounds of days and hours, and changes of the clocks.
    fn moments(&self, zone: Tz, from: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
        let bounds: Vec<_> =
            self.hours.iter().flat_map(|hours| [hours.from.0, hours.to.0]).chain([NaiveTime::MIN]).collect();
        let first = from.with_timezone(&zone).date_naive();
        let mut moments = BTreeSet::new();
        for day in 0..=DAYS_AHEAD {
            let Some(date) = first.checked_add_days(Days::new(day)) else { break };
            for &time in &bounds {
                let local = zone.from_local_datetime(&date.and_time(time));
                moments
                    .extend([local.earliest(), local.latest()].into_iter().flatten().map(|it| it.with_timezone(&Utc)));
            }
            moments.extend(clock_change(zone, from + TimeDelta::days(day as i64)));
        }
        moments.into_iter().filter(|&moment| moment > from).collect()
    }
}

/// The change of the clocks within a day from a moment on, to the second.
fn clock_change(zone: Tz, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = |moment: DateTime<Utc>| zone.offset_from_utc_datetime(&moment.naive_utc()).fix();
    let (mut before, mut after) = (from, from + TimeDelta::days(1));
    if offset(before) == offset(after) {
        return None;
    }
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if offset(middle) == offset(before) { before = middle } else { after = middle }
    }
    // A change falls on a whole second.
    DateTime::from_timestamp(after.timestamp(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: &str = r#"
        closed = "night"
        event = "storm"
        hours = [
            { days = ["mon", "tue", "wed", "thu", "fri"], from = "08:30", to = "17:30", route = "open" },
            { days = ["sat"], from = "22:00", to = "02:30", route = "late" },
        ]
        holidays = [{ from = "2026-10-01", to = "2026-10-07", route = "holiday" }]
    "#;

    fn office() -> CalendarConfig {
        toml::from_str(OFFICE).unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn hours_end_with_their_minute_and_holidays_go_before_hours() {
        for (at, route) in [
            ("2026-09-30 08:29", "night"),
            ("2026-09-30 08:30", "open"),
            ("2026-09-30 17:29", "open"),
            ("2026-09-30 17:30", "night"),
            ("2026-10-01 10:00", "holiday"),
            ("2026-10-07 23:59", "holiday"),
            ("2026-10-08 10:00", "open"),
            ("2026-10-10 22:00", "late"),
            ("2026-10-11 02:29", "late"),
            ("2026-10-11 02:30", "night"),
        ] {
            assert_eq!(office().route(local(at)), route, "{at}");
        }
    }

    #[test]
    fn the_table_of_changes_says_at_each_minute_of_a_month_what_the_calendar_says_also_across_daylight_saving() {
        for (zone, from) in [
            (chrono_tz::Asia::Shanghai, "2026-09-20 00:00"),
            (chrono_tz::Europe::Berlin, "2026-10-10 00:00"),
            (chrono_tz::Europe::Berlin, "2026-03-15 00:00"),
            (chrono_tz::America::New_York, "2026-10-20 00:00"),
            (chrono_tz::Australia::Lord_Howe, "2026-03-20 00:00"),
        ] {
            let from = local(from).and_utc();
            let routes = office().routes(zone, from, false);
            for minute in 0..(DAYS_AHEAD as i64 - 1) * 1440 {
                let moment = from + TimeDelta::minutes(minute);
                let expected = office();
                let expected = expected.route(moment.with_timezone(&zone).naive_local());
                assert_eq!(routes.at(moment.timestamp_millis() as u64), expected, "{moment} in {zone}");
            }
        }
    }

    #[test]
    fn event_mode_is_one_route_until_it_ends() {
        let routes = office().routes(chrono_tz::Asia::Shanghai, local("2026-09-20 00:00").and_utc(), true);
        assert_eq!(routes, Routes { first: "storm".into(), changes: Vec::new() });
    }

    #[test]
    fn a_time_a_day_and_a_zone_that_do_not_exist_are_refused_with_what_is_wanted() {
        let refused = |text: &str| toml::from_str::<CalendarConfig>(text).unwrap_err().to_string();
        assert!(refused(&OFFICE.replacen("08:30", "25:00", 1)).contains("a time of day: 08:30"));
        assert!(refused(&OFFICE.replacen("\"mon\"", "\"moon\"", 1)).contains("a weekday: mon"));
        assert!(refused(&OFFICE.replacen("2026-10-07", "2026-02-30", 1)).contains("a date: 2026-10-01"));
        assert!(Zone::try_from("Asia/Peking".to_owned()).unwrap_err().contains("Asia/Shanghai"));
    }
}
