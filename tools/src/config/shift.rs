//! Shifts of a site: hours by weekday, each with one principal and one deputy, who are named for each day.
//!
//! Never: knows who leads a shift; that is in the store.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use tipring_core::csta::AgentId;
use tipring_core::shift::Shift;

use super::SiteConfig;
use super::calendar::{Day, TimeOfDay};
use super::fault::Faults;
use crate::site_clock::SiteClock;

/// Most octets of a shift's name.
const NAME_MAX: usize = 32;

/// A shift, as configured by `[[shift]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftConfig {
    /// The name, in any script.
    pub name: String,
    /// Its begin, local time.
    pub from: TimeOfDay,
    /// Its end, local time; one before the begin, or the same, is on the next day.
    pub to: TimeOfDay,
    /// The weekdays on which it begins; all if left out.
    #[serde(default)]
    pub days: Vec<Day>,
}

impl ShiftConfig {
    /// The shift of a date; none if it does not begin on that day of the week.
    pub fn of(&self, clock: SiteClock, date: NaiveDate) -> Option<Shift> {
        if !self.days.is_empty() && !self.days.contains(&Day(date.weekday())) {
            return None;
        }
        let last = if self.to.0 > self.from.0 { date } else { date.succ_opt()? };
        let bounds = [date.and_time(self.from.0), last.and_time(self.to.0)];
        let [begin_ms, end_ms] = bounds.map(|time| clock.moment(time).timestamp_millis());
        Some(Shift { begin_ms, end_ms, name: self.name.clone() })
    }
}

/// The shifts of a site, and the agents who may lead them.
#[derive(Debug, Clone)]
pub struct Roster {
    /// The shifts.
    pub shifts: Vec<ShiftConfig>,
    /// The agents with their names.
    pub agents: Vec<(AgentId, String)>,
    /// The site's clock.
    pub clock: SiteClock,
}

impl SiteConfig {
    /// The roster.
    pub fn roster(&self) -> Roster {
        let agents = self.agents.iter().map(|agent| (agent.id.0, agent.name.clone())).collect();
        Roster { shifts: self.shifts.clone(), agents, clock: self.clock() }
    }
}

impl Roster {
    /// The shifts that begin in a span, ms since 1970, in the order of their begin.
    pub fn between(&self, from_ms: i64, to_ms: i64) -> Vec<Shift> {
        let (first, last) = (self.clock.day(from_ms), self.clock.day(to_ms));
        let dates = first.iter_days().take_while(|date| *date <= last);
        let of_date = |date: NaiveDate| self.shifts.iter().filter_map(move |shift| shift.of(self.clock, date));
        let mut found: Vec<Shift> = dates.flat_map(of_date).collect();
        found.retain(|shift| (from_ms..to_ms).contains(&shift.begin_ms));
        found.sort();
        found
    }

    /// The shifts that run at a moment, ms since 1970.
    pub fn at(&self, now_ms: i64) -> Vec<Shift> {
        // A shift has at most a day, and the hour that a change of the clocks adds.
        const LONGEST_MS: i64 = 26 * 3_600_000;
        let mut found = self.between(now_ms.saturating_sub(LONGEST_MS), now_ms + 1);
        found.retain(|shift| shift.holds(now_ms));
        found
    }
}

/// Names that cannot be typed or stand there twice.
pub(super) fn check_shifts(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, shift) in site.shifts.iter().enumerate() {
        let name = shift.name.as_str();
        let mut add = |key, text: String| faults.add(("shift", Some(index), key), text);
        if name.is_empty() || name.len() > NAME_MAX || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            add("name", format!("the name of a shift is 1 to {NAME_MAX} octets without spaces, not {name:?}"));
        } else if !names.insert(name) {
            add("name", format!("two shifts have the name {name}; give one of them another"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};
    use chrono::{DateTime, NaiveDateTime, TimeZone};
    use chrono_tz::Asia::Shanghai;

    fn at(text: &str) -> i64 {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
        Shanghai.from_local_datetime(&local).unwrap().timestamp_millis()
    }

    #[test]
    fn shifts_begin_on_their_days_and_one_over_midnight_runs_into_the_next() {
        let text = "[[shift]]\nname = \"早班\"\nfrom = \"08:00\"\nto = \"16:00\"\ndays = [\"mon\", \"tue\"]\n\
                    [[shift]]\nname = \"night\"\nfrom = \"20:00\"\nto = \"08:00\"\n";
        let site =
            SiteConfig::parse(&format!("{TEMPLATE}\n{text}")).map_err(|error| error.to_string()).expect("a site");
        let found = site.roster().between(at("2026-11-30 00:00"), at("2026-12-02 20:00"));
        let shown: Vec<_> = found
            .iter()
            .map(|shift| {
                let show =
                    |ms| DateTime::from_timestamp_millis(ms).unwrap().with_timezone(&Shanghai).format("%d %H:%M");
                format!("{} {} {}", shift.name, show(shift.begin_ms), show(shift.end_ms))
            })
            .collect();
        let expected =
            ["早班 30 08:00 30 16:00", "night 30 20:00 01 08:00", "早班 01 08:00 01 16:00", "night 01 20:00 02 08:00"];
        assert_eq!(shown, expected);
        let running = |text: &str| site.roster().at(at(text)).into_iter().map(|shift| shift.name).collect::<Vec<_>>();
        assert_eq!(running("2026-12-01 07:59"), ["night"]);
        assert_eq!(running("2026-12-01 08:00"), ["早班"]);
        assert_eq!(running("2026-12-01 17:00"), [""; 0]);
    }

    #[test]
    fn each_fault_of_a_shift_is_found_with_its_line() {
        let shift = "from = \"08:00\"\nto = \"16:00\"\n";
        let text = format!(
            "{TEMPLATE}\n[[shift]]\nname = \"a\"\n{shift}[[shift]]\nname = \"a\"\n{shift}[[shift]]\nname = \"a b\"\n{shift}"
        );
        let why = SiteConfig::parse(&text).expect_err("two faults").to_string();
        let first = TEMPLATE.lines().count() + 2;
        assert!(why.contains(&format!("line {}: two shifts have the name a", first + 5)), "{why}");
        assert!(why.contains(&format!("line {}: the name of a shift is 1 to 32", first + 9)), "{why}");
    }
}
