//! Kinds of orders, and the limits of their clocks.
//!
//! The kinds are data: a site may have its own. The usual ones are those of an electricity hotline (95598).
//!
//! Never: changes a limit of an order that was accepted; it keeps the moments that it was given.

/// One minute, ms.
pub(super) const MINUTE_MS: u64 = 60_000;
/// One day, ms.
pub(super) const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// A kind of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKind {
    /// The name, in lower case.
    pub name: String,
    /// The title for people.
    pub title: String,
    /// Limit from the call to the dispatch, ms; none without one.
    pub dispatch_within_ms: Option<u64>,
    /// Limit from the call to the answer (*done*), ms; none without one.
    pub answer_within_ms: Option<u64>,
    /// Working days from the result to the first try to call the customer about it; none without a call-back.
    pub try_within_days: Option<u8>,
    /// Working days from the result to the customer's word, or to the last try.
    pub revisit_within_days: Option<u8>,
}

/// The kinds of a site, in the order in which they are shown, and the working days by which their call-backs are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    /// The kinds.
    pub all: Vec<OrderKind>,
    /// The ends of working days from now on, ms since 1970, each with its begin, the earliest first.
    pub working_days: Vec<(i64, i64)>,
}

/// A usual kind: name, title, limits of dispatch and answer, and whether its customer is called about the result.
type Usual = (&'static str, &'static str, Option<u64>, Option<u64>, bool);

/// The usual kinds: name, title, limits of dispatch and answer. A fault report is dispatched within 5 min of the call,
/// a complaint is answered within 5 days, a report of an offence within 10. Where work was done, the customer is called
/// within 1 working day of it, and with several tries within 3.
const USUAL: &[Usual] = &[
    ("fault", "Fault report 故障报修", Some(5 * MINUTE_MS), None, true),
    ("complaint", "Complaint 投诉", None, Some(5 * DAY_MS), true),
    ("report", "Report of an offence 举报", None, Some(10 * DAY_MS), true),
    ("enquiry", "Enquiry 咨询", None, None, false),
    ("installation", "New supply 新装", None, None, true),
    ("increase", "Increase of capacity 增容", None, None, true),
    ("change", "Change of a contract 变更", None, None, true),
    ("appointment", "Appointment 预约", None, None, true),
    ("suggestion", "Suggestion 建议", None, None, false),
    ("opinion", "Opinion 意见", None, None, false),
    ("praise", "Praise 表扬", None, None, false),
];

/// Working days from the result to the first try to call the customer.
pub const TRY_DAYS: u8 = 1;
/// Working days from the result to the customer's word, or to the last try.
pub const REVISIT_DAYS: u8 = 3;

impl Default for Kinds {
    fn default() -> Kinds {
        let kind = |&(name, title, dispatch_within_ms, answer_within_ms, is_called): &Usual| OrderKind {
            name: name.to_owned(),
            title: title.to_owned(),
            dispatch_within_ms,
            answer_within_ms,
            try_within_days: is_called.then_some(TRY_DAYS),
            revisit_within_days: is_called.then_some(REVISIT_DAYS),
        };
        Kinds { all: USUAL.iter().map(kind).collect(), working_days: Vec::new() }
    }
}

impl Kinds {
    /// The kind of a name.
    pub fn find(&self, name: &str) -> Option<&OrderKind> {
        self.all.iter().find(|kind| kind.name == name)
    }

    /// The names, for a sentence.
    pub fn names(&self) -> String {
        self.all.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The end of a working day after the day of a moment, counted from 1: on a Friday, the first ends with Monday.
    /// Without working days, all days are.
    pub fn after_days(&self, from_ms: i64, days: u8) -> i64 {
        let mut later = self.working_days.iter().filter(|(begin, _)| *begin > from_ms).map(|(_, end)| *end);
        let day = i64::from(days) * DAY_MS as i64;
        later.nth(usize::from(days).saturating_sub(1)).unwrap_or(from_ms.saturating_add(day))
    }
}
