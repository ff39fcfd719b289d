//! Times of calls: durations, timers and limits that a site sets, each within its range.
//!
//! Never: waits; the core does.

use core::ops::RangeInclusive;

use serde::Deserialize;
use tipring_core::config::CallTimers;
use tipring_driver::time::Ticks;

/// Times of calls, in s; a time that is left out is the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimesConfig {
    /// Dial tone before the first digit.
    #[serde(default)]
    pub first_digit_s: Option<u32>,
    /// Wait for the next digit, after which a number counts as complete.
    #[serde(default)]
    pub next_digit_s: Option<u32>,
    /// Time a called station alerts.
    #[serde(default)]
    pub no_answer_s: Option<u32>,
    /// Time a handset is rung to make a call for a client.
    #[serde(default)]
    pub prompting_s: Option<u32>,
    /// Busy tone at a handset.
    #[serde(default)]
    pub busy_tone_s: Option<u32>,
    /// Time on hold before the recall.
    #[serde(default)]
    pub hold_recall_s: Option<u32>,
    /// Time parked before the recall.
    #[serde(default)]
    pub park_recall_s: Option<u32>,
    /// Camp-on: wait for a busy station.
    #[serde(default)]
    pub camp_on_s: Option<u32>,
    /// Time in a queue without a `longest_wait_s` of its own.
    #[serde(default)]
    pub longest_wait_s: Option<u32>,
    /// Time for the far end of a call out to answer.
    #[serde(default)]
    pub far_end_answer_s: Option<u32>,
    /// Time for a routing client to answer.
    #[serde(default)]
    pub route_answer_s: Option<u32>,
}

/// A time that can be set.
struct Rule {
    key: &'static str,
    given: fn(&TimesConfig) -> Option<u32>,
    /// Seconds that it may have.
    range: RangeInclusive<u32>,
    of: fn(&mut CallTimers) -> &mut Ticks,
}

/// The times that can be set, with their ranges.
macro_rules! rules {
    ($($key:ident $range:expr => $of:ident,)*) => {
        [$(Rule { key: stringify!($key), given: |config| config.$key, range: $range, of: |times| &mut times.$of },)*]
    };
}

const RULES: [Rule; 11] = rules! {
    first_digit_s 3..=60 => first_digit,
    next_digit_s 2..=15 => next_digit,
    no_answer_s 10..=300 => no_answer,
    prompting_s 5..=120 => prompting,
    busy_tone_s 5..=300 => busy_tone,
    hold_recall_s 10..=3600 => hold_recall,
    park_recall_s 10..=3600 => park_recall,
    camp_on_s 10..=3600 => camp_on,
    longest_wait_s 30..=86_400 => queue_stay,
    far_end_answer_s 30..=86_400 => far_end_answer,
    route_answer_s 1..=60 => route_answer,
};

impl TimesConfig {
    /// The keys whose values are out of range, each with a sentence.
    pub fn faults(&self) -> impl Iterator<Item = (&'static str, String)> {
        RULES.into_iter().filter_map(|rule| {
            let given = (rule.given)(self).filter(|given| !rule.range.contains(given))?;
            let (key, least, most) = (rule.key, rule.range.start(), rule.range.end());
            Some((key, format!("{key} of [times] is {least} to {most} seconds, not {given}")))
        })
    }

    /// The times of calls: those that are given, and the usual ones.
    pub fn times(&self) -> CallTimers {
        let mut times = CallTimers::default();
        for rule in RULES {
            if let Some(given) = (rule.given)(self) {
                *(rule.of)(&mut times) = Ticks::from_secs(given.into());
            }
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SiteConfig, TEMPLATE};

    #[test]
    fn the_usual_times_are_in_their_ranges_and_given_ones_take_their_place() {
        let mut usual = CallTimers::default();
        assert_eq!(TimesConfig::default().times(), usual);
        for rule in RULES {
            let seconds = (rule.of)(&mut usual).as_ms() / 1000;
            assert!(rule.range.contains(&(seconds as u32)), "{} is {seconds} s", rule.key);
        }
        let given: TimesConfig = toml::from_str("hold_recall_s = 60\nroute_answer_s = 2").expect("times");
        let times = CallTimers { hold_recall: Ticks::from_secs(60), route_answer: Ticks::from_secs(2), ..usual };
        assert_eq!((given.times(), given.faults().count()), (times, 0));
    }

    #[test]
    fn a_time_out_of_its_range_is_a_fault() {
        let given: TimesConfig = toml::from_str("next_digit_s = 1\nno_answer_s = 301\ncamp_on_s = 10").expect("times");
        let found: Vec<_> = given.faults().collect();
        let first = "next_digit_s of [times] is 2 to 15 seconds, not 1".to_owned();
        let second = "no_answer_s of [times] is 10 to 300 seconds, not 301".to_owned();
        assert_eq!(found, [("next_digit_s", first), ("no_answer_s", second)]);
    }

    #[test]
    fn a_time_out_of_its_range_is_found_with_its_line() {
        let text =
            TEMPLATE.replacen("# [times]", "[times]", 1).replacen("# park_recall_s = 120", "park_recall_s = 5", 1);
        let line = text.lines().position(|line| line == "park_recall_s = 5").expect("there") + 1;
        let fault = SiteConfig::parse(&text).expect_err("too short").0.remove(0);
        assert_eq!(fault.line, Some(line));
        assert_eq!(fault.text, "park_recall_s of [times] is 10 to 3600 seconds, not 5");
    }
}
