//! Notices: what callers of a region hear while something holds, a planned outage first of all.
//!
//! A notice has a text for agents, a prompt for callers, the region that it is about, and the span of time in which it
//! holds. The store keeps notices; the core has those that hold or will hold, and a flow's node plays those of now for
//! the caller's region. One that is over is silent by itself, one that is ended early is silent at once.
//!
//! A planned outage is to be loaded seven days ahead ([`AHEAD_MS`]), a temporary one at once; the report of notices
//! counts both.
//!
//! Never: does I/O, reads a clock, or plays a prompt that is not there; the node leaves that out.

use core::fmt;

use crate::number_plan::NumberPlan;

/// Time before its begin by which a planned notice is loaded, ms: seven days.
pub const AHEAD_MS: i64 = 7 * 24 * 3_600_000;
/// Most notices that hold or will hold.
pub const NOTICES_MAX: usize = 200;
/// Most notices that a caller hears in a row, those that began last.
pub const HEARD_MAX: usize = 3;
/// Most characters of a text.
const TEXT_MAX: usize = 500;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// The text, for agents.
    pub text: String,
    /// The name of the prompt, for callers.
    pub prompt: String,
    /// The regions that it is about, with commas between them: first digits of callers' numbers, or names of regions as
    /// the file of customers has them; empty for all callers.
    pub region: String,
    /// Holds from this moment on, ms since 1970.
    pub from_ms: i64,
    /// Holds before this moment, ms since 1970.
    pub to_ms: i64,
    /// Planned, not sudden.
    pub is_planned: bool,
    /// The person who loaded it.
    pub person: String,
    /// The moment at which it was loaded, ms since 1970.
    pub loaded_ms: i64,
    /// The moment at which it was ended before its time, ms since 1970.
    pub ended_ms: Option<i64>,
}

/// The reason why a notice is not kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NoticeRefusal {
    /// It has no text, or one that is too long.
    Text,
    /// It ends before it begins.
    Span,
    /// It is over already.
    Over,
    /// An item of the region is empty.
    Region,
    /// There are [`NOTICES_MAX`] already.
    TooMany,
}

impl fmt::Display for NoticeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoticeRefusal::Text => write!(f, "a notice needs a text of 1 to {TEXT_MAX} characters"),
            NoticeRefusal::Span => write!(f, "the notice is over before it begins; its end comes after its begin"),
            NoticeRefusal::Over => write!(f, "the notice is over already; its end is to be in the future"),
            NoticeRefusal::Region => {
                write!(
                    f,
                    "the region has an empty item; write first digits of numbers or names, with one comma between"
                )
            }
            NoticeRefusal::TooMany => {
                write!(f, "there are {NOTICES_MAX} notices that hold or will hold; end some first")
            }
        }
    }
}

impl std::error::Error for NoticeRefusal {}

impl Notice {
    /// Checks a notice that is to be loaded.
    ///
    /// # Errors
    /// A text, a span or a region that cannot be.
    pub fn check(&self) -> Result<(), NoticeRefusal> {
        if self.text.trim().is_empty() || self.text.chars().count() > TEXT_MAX {
            return Err(NoticeRefusal::Text);
        }
        if self.to_ms <= self.from_ms {
            return Err(NoticeRefusal::Span);
        }
        if self.to_ms <= self.loaded_ms {
            return Err(NoticeRefusal::Over);
        }
        if !self.region.trim().is_empty() && self.items().any(str::is_empty) {
            return Err(NoticeRefusal::Region);
        }
        Ok(())
    }

    fn items(&self) -> impl Iterator<Item = &str> {
        self.region.split([',', '，']).map(str::trim)
    }

    /// The end of its span: its own, or the moment at which it was ended.
    pub fn until_ms(&self) -> i64 {
        self.ended_ms.map_or(self.to_ms, |ended| ended.min(self.to_ms))
    }

    /// Returns true if it holds at a moment.
    pub fn holds(&self, now_ms: i64) -> bool {
        (self.from_ms..self.until_ms()).contains(&now_ms)
    }

    /// Returns true if it is about a caller, by the number or the customer's region.
    pub fn is_about(&self, number: &str, region: &str, plan: &NumberPlan) -> bool {
        self.region.trim().is_empty()
            || self.items().any(|item| {
                let is_named = !region.is_empty() && item == region;
                is_named || !number.is_empty() && plan.free_after(item.trim_end_matches('*'), number).is_some()
            })
    }

    /// Returns true if it was loaded in time: a planned one seven days ahead, a sudden one before it is over.
    pub fn is_in_time(&self) -> bool {
        !self.is_planned || self.from_ms - self.loaded_ms >= AHEAD_MS
    }
}

/// Returns the prompts that a caller hears at a moment, those of notices that began last first.
pub fn heard<'a>(
    notices: &'a [Notice],
    (number, region): (&str, &str),
    plan: &NumberPlan,
    now_ms: i64,
) -> Vec<&'a str> {
    let is_heard = |notice: &&Notice| notice.holds(now_ms) && notice.is_about(number, region, plan);
    let mut found: Vec<&Notice> = notices.iter().filter(is_heard).collect();
    found.sort_by_key(|notice| (core::cmp::Reverse(notice.from_ms), notice.id));
    found.into_iter().take(HEARD_MAX).map(|notice| notice.prompt.as_str()).collect()
}

/// Columns of the report of notices, with their definitions.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("begin", "first moment of the interval"),
    ("end", "first moment after the interval"),
    ("loaded", "notices loaded in the interval"),
    ("planned", "of these, planned ones"),
    ("loaded_in_time", "planned notices loaded seven days ahead of their begin"),
    ("loaded_late", "planned notices loaded later"),
    ("sudden", "notices that were not planned: loaded at once"),
    ("ended_early", "notices loaded in the interval that were ended before their time"),
];

/// The row of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct NoticeRow {
    pub begin: u64,
    pub end: u64,
    pub loaded: u64,
    pub planned: u64,
    pub loaded_in_time: u64,
    pub loaded_late: u64,
    pub sudden: u64,
    pub ended_early: u64,
}

impl NoticeRow {
    /// The row of the interval from one moment to another, ms since 1970.
    pub fn new(notices: &[Notice], begin: u64, end: u64) -> NoticeRow {
        let count = |of: fn(&Notice) -> bool| {
            let is_in = |notice: &&Notice| (begin..end).contains(&notice.loaded_ms.max(0).unsigned_abs());
            notices.iter().filter(is_in).filter(|notice| of(notice)).count() as u64
        };
        NoticeRow {
            begin,
            end,
            loaded: count(|_| true),
            planned: count(|notice| notice.is_planned),
            loaded_in_time: count(|notice| notice.is_planned && notice.is_in_time()),
            loaded_late: count(|notice| !notice.is_in_time()),
            sudden: count(|notice| !notice.is_planned),
            ended_early: count(|notice| notice.until_ms() < notice.to_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(region: &str, from_ms: i64, to_ms: i64) -> Notice {
        Notice {
            id: from_ms,
            text: "outage".into(),
            prompt: format!("p{from_ms}"),
            region: region.into(),
            from_ms,
            to_ms,
            is_planned: true,
            person: "zhao".into(),
            loaded_ms: 0,
            ended_ms: None,
        }
    }

    #[test]
    fn a_caller_hears_the_notices_of_the_own_region_while_they_hold() {
        let notices = [notice("0571, north", 10, 50), notice("", 20, 40), notice("138*", 30, 60)];
        for plan in [NumberPlan::default(), NumberPlan::new("CN", "571").expect("a plan")] {
            assert_eq!(heard(&notices, ("05718765", ""), &plan, 35), ["p20", "p10"]);
            assert_eq!(heard(&notices, ("13800138000", "north"), &plan, 35), ["p30", "p20", "p10"]);
            assert_eq!(heard(&notices, ("", ""), &plan, 35), ["p20"]);
            assert_eq!(heard(&notices, ("05718765", ""), &plan, 9), [""; 0]);
            assert_eq!(heard(&notices, ("05718765", "south"), &plan, 50), [""; 0], "over");
        }
        let plan = NumberPlan::new("CN", "571").expect("a plan");
        assert_eq!(heard(&notices, ("87654321", ""), &plan, 35), ["p20", "p10"], "a local number is of its area");
        let ended = Notice { ended_ms: Some(30), ..notice("", 10, 50) };
        assert!(ended.holds(29) && !ended.holds(30));
    }

    #[test]
    fn a_notice_that_cannot_be_is_refused() {
        assert_eq!(notice("north", 1, 2).check(), Ok(()));
        assert_eq!(notice("", 2, 2).check(), Err(NoticeRefusal::Span));
        assert_eq!(notice("north,,south", 1, 2).check(), Err(NoticeRefusal::Region));
        assert_eq!(Notice { loaded_ms: 2, ..notice("", 1, 2) }.check(), Err(NoticeRefusal::Over));
        assert_eq!(Notice { text: " ".into(), ..notice("", 1, 2) }.check(), Err(NoticeRefusal::Text));
    }

    #[test]
    fn a_planned_notice_is_in_time_seven_days_ahead_and_a_sudden_one_at_once() {
        assert!(notice("", AHEAD_MS, AHEAD_MS + 1).is_in_time());
        assert!(!notice("", AHEAD_MS - 1, AHEAD_MS).is_in_time());
        let sudden = Notice { is_planned: false, ended_ms: Some(1), ..notice("", 1, 2) };
        assert!(sudden.is_in_time());
        let all =
            [notice("", AHEAD_MS, AHEAD_MS + 1), notice("", 1, 2), sudden.clone(), Notice { loaded_ms: 5, ..sudden }];
        let row = NoticeRow::new(&all, 0, 5);
        assert_eq!((row.loaded, row.planned, row.loaded_in_time, row.loaded_late), (3, 2, 1, 1));
        assert_eq!((row.sudden, row.ended_early), (1, 1));
    }
}
