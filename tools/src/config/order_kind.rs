//! Kinds of work orders with the limits of their clocks.
//!
//! Never: adds a kind to those of the file; a site with one has its own alone.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use tipring_core::work_order::{Kinds, OrderKind, REVISIT_DAYS, TRY_DAYS};

use super::SiteConfig;
use super::fault::Faults;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// A kind of work orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderKindConfig {
    /// The name by which it is asked for and reported.
    pub name: String,
    /// The title for people, in any script; the name if left out.
    #[serde(default)]
    pub title: Option<String>,
    /// Limit from the call to the dispatch, min; none if left out.
    #[serde(default)]
    pub dispatch_within_min: Option<u32>,
    /// Limit from the call to the answer, days; none if left out.
    #[serde(default)]
    pub answer_within_days: Option<u32>,
    /// The customer is called about the result.
    #[serde(default)]
    pub call_back: bool,
    /// Working days from the result to the first try of that.
    #[serde(default = "try_days")]
    pub try_within_days: u8,
    /// Working days from the result to the customer's word, or to the last try.
    #[serde(default = "revisit_days")]
    pub revisit_within_days: u8,
}

const fn try_days() -> u8 {
    TRY_DAYS
}

const fn revisit_days() -> u8 {
    REVISIT_DAYS
}

/// Working days that are known ahead.
const DAYS_AHEAD: u64 = 800;

impl SiteConfig {
    /// The kinds of work orders: those of the file, or the usual ones where it has none; with the working days from a
    /// moment on.
    pub fn kinds(&self, now_ms: i64) -> Kinds {
        let working_days = self.working_days(now_ms);
        if self.order_kinds.is_empty() {
            return Kinds { working_days, ..Kinds::default() };
        }
        let kind = |kind: &OrderKindConfig| OrderKind {
            name: kind.name.clone(),
            title: kind.title.clone().unwrap_or_else(|| kind.name.clone()),
            dispatch_within_ms: kind.dispatch_within_min.map(|limit| u64::from(limit) * MINUTE_MS),
            answer_within_ms: kind.answer_within_days.map(|limit| u64::from(limit) * DAY_MS),
            try_within_days: kind.call_back.then_some(kind.try_within_days),
            revisit_within_days: kind.call_back.then_some(kind.revisit_within_days),
        };
        Kinds { all: self.order_kinds.iter().map(kind).collect(), working_days }
    }

    /// The working days from the day of a moment on: those on which the calendar of `business_calendar` has hours,
    /// Monday to Friday without one.
    fn working_days(&self, now_ms: i64) -> Vec<(i64, i64)> {
        let clock = self.clock();
        let today = clock.day(now_ms);
        let calendar = self.business_calendar.as_ref().and_then(|name| self.calendars.get(name));
        let is_working = |date: &NaiveDate| match calendar {
            Some(calendar) => calendar.has_hours(*date),
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        };
        let midnight = |date: NaiveDate| clock.midnight(date).timestamp_millis();
        let days = (0..DAYS_AHEAD).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        let ends = |date: NaiveDate| Some((midnight(date), midnight(date.succ_opt()?)));
        days.filter(is_working).filter_map(ends).collect()
    }
}

/// Names that cannot be typed or stand there twice, and limits of no time.
pub(super) fn check_order_kinds(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, kind) in site.order_kinds.iter().enumerate() {
        let name = kind.name.as_str();
        let mut add = |key, text: String| faults.add(("order_kind", Some(index), key), text);
        if name.is_empty()
            || name.len() > 32
            || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        {
            add("name", format!("the name of a kind of orders is 1 to 32 octets without spaces, not {name:?}"));
        } else if !names.insert(name) {
            add("name", format!("two kinds of orders have the name {name}; give one of them another"));
        }
        let limits =
            [("dispatch_within_min", kind.dispatch_within_min), ("answer_within_days", kind.answer_within_days)];
        for (key, _) in limits.into_iter().filter(|(_, limit)| *limit == Some(0)) {
            add(key, format!("{key} of the kind {name} is 0: leave it out for no limit"));
        }
        if kind.try_within_days == 0 || kind.revisit_within_days < kind.try_within_days {
            add(
                "revisit_within_days",
                format!("the kind {name}: 1 <= try_within_days <= revisit_within_days is wanted"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};

    fn with(kinds: &str) -> Result<SiteConfig, String> {
        SiteConfig::parse(&format!("{TEMPLATE}\n{kinds}")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_site_has_the_usual_kinds_or_its_own_alone() {
        assert!(with("").expect("a site").kinds(0).find("complaint").is_some());
        let text = "[[order_kind]]\nname = \"leak\"\ntitle = \"漏水\"\ndispatch_within_min = 10\n";
        let kinds = with(text).expect("a kind that can be").kinds(0);
        assert_eq!(kinds.names(), "leak");
        assert_eq!(kinds.all[0].dispatch_within_ms, Some(600_000));
    }

    #[test]
    fn working_days_are_those_on_which_the_calendar_has_hours_or_monday_to_friday() {
        const DAY: i64 = 86_400_000;
        // Friday 2026-05-01 in Shanghai, its noon.
        let friday = 1_777_608_000_000;
        let next = |site: &SiteConfig| (site.kinds(friday).after_days(friday, 1) - friday + DAY / 2) / DAY;
        assert_eq!(next(&with("").expect("a site")), 4, "the end of Monday");
        let calendar = "[calendar.office]\nclosed = \"night\"\n\
                        hours = [{ days = [\"mon\", \"tue\", \"sat\"], from = \"08:00\", to = \"17:00\", route = \"open\" }]\n\
                        holidays = [{ from = \"2026-05-01\", to = \"2026-05-04\", route = \"night\" }]\n";
        let text = format!("business_calendar = \"office\"\n{TEMPLATE}\n{calendar}");
        let site = SiteConfig::parse(&text).map_err(|error| error.to_string()).expect("a site");
        assert_eq!(next(&site), 5, "Saturday and Monday are holidays: the end of Tuesday");
    }

    #[test]
    fn each_fault_of_a_kind_is_found_with_its_line() {
        let text = "[[order_kind]]\nname = \"leak\"\n[[order_kind]]\nname = \"leak\"\n\
                    [[order_kind]]\nname = \"a b\"\nanswer_within_days = 0\n";
        let why = with(text).expect_err("three faults");
        let first = TEMPLATE.lines().count() + 2;
        for (line, fault) in [
            (first + 3, "two kinds of orders have the name leak"),
            (first + 5, "the name of a kind of orders is 1 to 32 octets without spaces, not \"a b\""),
            (first + 6, "answer_within_days of the kind a b is 0"),
        ] {
            assert!(why.contains(&format!("line {line}: {fault}")), "{fault} at {line}:\n{why}");
        }
    }
}
