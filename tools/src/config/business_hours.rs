//! The business hours of a site as its business days: the days by whose end missed callers are to be called back.
//!
//! A business day is that of a date: it begins with the first hours that begin on the date and ends with the last ones.
//! Hours beyond midnight belong to the date on which they begin; hours of more than a day are cut at each midnight.
//!
//! Never: counts a day as event mode has closed or opened it; the hours of the calendar hold.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::SiteConfig;
use super::calendar::{CalendarConfig, DAYS_AHEAD};
use super::fault::{Faults, instead};
use crate::site_clock::SiteClock;

/// Days before a moment from which on business days are had: the last that is over is one of them, after holidays too.
const DAYS_BACK: u64 = 10;
/// The longest time of warning before the end of the business hours, min.
const WARNING_MAX_MIN: u32 = 720;

/// The hours from a moment on, each with its begin and its end.
fn hours(calendar: &CalendarConfig, clock: SiteClock, from: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let routes = calendar.routes(clock.zone(), from, false);
    let at = |ms: u64| DateTime::from_timestamp_millis(ms as i64).unwrap_or_default();
    let mut open = (routes.first != calendar.closed).then_some(from);
    let mut all = Vec::new();
    for (moment, route) in &routes.changes {
        match (open, *route == calendar.closed) {
            (Some(begin), true) => {
                all.push((begin, at(*moment)));
                open = None;
            }
            (None, false) => open = Some(at(*moment)),
            _ => {}
        }
    }
    all.extend(open.map(|begin| (begin, from + TimeDelta::days(DAYS_AHEAD as i64))));
    all
}

/// The parts of hours that are no longer than a day.
fn cut(clock: SiteClock, (mut begin, end): (DateTime<Utc>, DateTime<Utc>)) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut parts = Vec::new();
    if end - begin > TimeDelta::days(1) {
        while let Some(next) = clock.of(&begin).date_naive().succ_opt().map(|date| clock.midnight_utc(date))
            && next < end
        {
            parts.push((begin, next));
            begin = next;
        }
    }
    parts.push((begin, end));
    parts
}

/// The business hours of a site.
#[derive(Debug, Clone)]
pub struct BusinessHours {
    /// Their calendar; without one every hour is.
    calendar: Option<CalendarConfig>,
    clock: SiteClock,
}

impl BusinessHours {
    /// The business days from some days before a moment on, ms since 1970: first moment and end, the earliest first.
    pub fn days(&self, now_ms: i64) -> Vec<(u64, u64)> {
        let clock = self.clock;
        let today = clock.day(now_ms.max(0));
        let first = today.checked_sub_days(Days::new(DAYS_BACK)).unwrap_or(today);
        let from = clock.midnight_utc(first);
        let spans = match &self.calendar {
            Some(calendar) => hours(calendar, clock, from),
            None => {
                let last = first.checked_add_days(Days::new(DAYS_AHEAD));
                let end = last.map_or(from, |date| clock.midnight_utc(date));
                vec![(from, end)]
            }
        };
        let mut days: Vec<(NaiveDate, u64, u64)> = Vec::new();
        for (begin, end) in spans.into_iter().flat_map(|span| cut(clock, span)) {
            let date = clock.of(&begin).date_naive();
            let [begin, end] = [begin, end].map(|moment| moment.timestamp_millis().max(0) as u64);
            match days.last_mut().filter(|(of, ..)| *of == date) {
                Some(day) => day.2 = end,
                None => days.push((date, begin, end)),
            }
        }
        days.into_iter().map(|(_, begin, end)| (begin, end)).collect()
    }

    /// The end of the last business day that is over at a moment, ms since 1970; none if none is known.
    pub fn last_end(&self, now_ms: u64) -> Option<u64> {
        let days = self.days(i64::try_from(now_ms).unwrap_or(i64::MAX)).into_iter();
        days.map(|(_, end)| end).take_while(|end| *end <= now_ms).last()
    }
}

impl SiteConfig {
    /// The business hours.
    pub fn business_hours(&self) -> BusinessHours {
        let calendar = self.business_calendar.as_ref().and_then(|name| self.calendars.get(name)).cloned();
        BusinessHours { calendar, clock: self.clock() }
    }
}

/// A calendar that is not there, and a time of warning out of range.
pub(super) fn check_business_hours(site: &SiteConfig, faults: &mut Faults<'_>) {
    if let Some(name) = site.business_calendar.as_ref().filter(|name| !site.calendars.contains_key(*name)) {
        let known = instead(name, site.calendars.keys().map(String::as_str));
        faults.add(("business_calendar", None, ""), format!("business_calendar: there is no calendar {name}; {known}"));
    }
    if site.return_warning_min > WARNING_MAX_MIN {
        let text = format!("return_warning_min is 0 to {WARNING_MAX_MIN}, not {}", site.return_warning_min);
        faults.add(("return_warning_min", None, ""), text);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};
    use chrono::{DateTime, NaiveDateTime, TimeZone};
    use chrono_tz::Asia::Shanghai;

    fn site(calendar: &str) -> SiteConfig {
        let text =
            format!("business_calendar = \"office\"\n{TEMPLATE}\n[calendar.office]\nclosed = \"night\"\n{calendar}");
        SiteConfig::parse(&text).map_err(|error| error.to_string()).expect("a site")
    }

    fn at(text: &str) -> i64 {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
        Shanghai.from_local_datetime(&local).unwrap().timestamp_millis()
    }

    /// The end of the business day of a moment, as the core finds it.
    fn due(site: &SiteConfig, text: &str) -> String {
        let now = at(text);
        let end = site.business_hours().days(now).into_iter().map(|(_, end)| end as i64).find(|end| *end > now);
        let end = DateTime::from_timestamp_millis(end.expect("a day")).expect("a moment").with_timezone(&Shanghai);
        end.format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn a_business_day_ends_with_its_last_hours_and_what_comes_after_is_due_on_the_next_one() {
        let days = "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]";
        let office = site(&format!(
            "hours = [{{ {days}, from = \"08:30\", to = \"12:00\", route = \"open\" }},\n\
             {{ {days}, from = \"13:30\", to = \"17:30\", route = \"open\" }}]\n\
             holidays = [{{ from = \"2026-10-01\", to = \"2026-10-07\", route = \"night\" }}]\n"
        ));
        for (left, end) in [
            ("2026-09-29 07:00", "2026-09-29 17:30"),
            ("2026-09-29 12:30", "2026-09-29 17:30"),
            ("2026-09-29 17:29", "2026-09-29 17:30"),
            ("2026-09-29 17:30", "2026-09-30 17:30"),
            ("2026-09-30 22:00", "2026-10-08 17:30"),
            ("2026-10-09 18:00", "2026-10-12 17:30"),
        ] {
            assert_eq!(due(&office, left), end, "{left}");
        }
        let last = office.business_hours().last_end(at("2026-10-12 08:00") as u64);
        assert_eq!(last, Some(at("2026-10-09 17:30") as u64), "over the weekend");
    }

    #[test]
    fn hours_beyond_midnight_belong_to_the_day_before_and_a_site_that_never_closes_has_its_midnights() {
        let late = site("hours = [{ days = [\"sat\"], from = \"16:00\", to = \"02:00\", route = \"open\" }]\n");
        assert_eq!(due(&late, "2026-10-10 23:00"), "2026-10-11 02:00");
        assert_eq!(due(&late, "2026-10-11 01:00"), "2026-10-11 02:00");
        let always =
            site("hours = []\nholidays = [{ from = \"2026-01-01\", to = \"2027-12-31\", route = \"open\" }]\n");
        assert_eq!(due(&always, "2026-10-10 23:00"), "2026-10-11 00:00");
        let none = SiteConfig::parse(TEMPLATE).unwrap();
        assert_eq!(due(&none, "2026-10-10 00:00"), "2026-10-11 00:00");
    }

    #[test]
    fn a_calendar_that_is_not_there_and_a_long_warning_are_faults_and_the_older_name_is_read() {
        let text = format!(
            "business_calendar = \"offic\"\nreturn_warning_min = 721\n{TEMPLATE}\n[calendar.office]\nclosed = \"n\"\n"
        );
        let why = SiteConfig::parse(&text).expect_err("two faults").to_string();
        assert!(
            why.contains("line 1: business_calendar: there is no calendar offic") && why.contains("office"),
            "{why}"
        );
        assert!(why.contains("line 2: return_warning_min is 0 to 720"), "{why}");
        let old = format!("order_calendar = \"office\"\n{TEMPLATE}\n[calendar.office]\nclosed = \"n\"\n");
        assert_eq!(SiteConfig::parse(&old).unwrap().business_calendar.as_deref(), Some("office"));
    }
}
