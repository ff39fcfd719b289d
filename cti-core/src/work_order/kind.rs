//! Kinds of orders, and the limits of their clocks.
//!
//! The kinds are data: a site may have its own. The usual ones are those of an electricity hotline (95598).
//!
//! Never: a limit that changes for an order that was accepted; it keeps the moments that it was given.

/// One minute, ms.
pub const MINUTE_MS: u64 = 60_000;
/// One day, ms.
pub const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

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
}

/// The kinds of a site, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(pub Vec<OrderKind>);

/// The usual kinds: name, title, limits of dispatch and answer. A fault report is dispatched within 5 min of the call,
/// a complaint is answered within 5 days, a report of an offence within 10.
const USUAL: &[(&str, &str, Option<u64>, Option<u64>)] = &[
    ("fault", "Fault report 故障报修", Some(5 * MINUTE_MS), None),
    ("complaint", "Complaint 投诉", None, Some(5 * DAY_MS)),
    ("report", "Report of an offence 举报", None, Some(10 * DAY_MS)),
    ("enquiry", "Enquiry 咨询", None, None),
    ("installation", "New supply 新装", None, None),
    ("increase", "Increase of capacity 增容", None, None),
    ("change", "Change of a contract 变更", None, None),
    ("appointment", "Appointment 预约", None, None),
    ("suggestion", "Suggestion 建议", None, None),
    ("opinion", "Opinion 意见", None, None),
    ("praise", "Praise 表扬", None, None),
];

impl Default for Kinds {
    fn default() -> Kinds {
        let kind = |&(name, title, dispatch_within_ms, answer_within_ms): &(&str, &str, _, _)| OrderKind {
            name: name.to_owned(),
            title: title.to_owned(),
            dispatch_within_ms,
            answer_within_ms,
        };
        Kinds(USUAL.iter().map(kind).collect())
    }
}

impl Kinds {
    /// The kind of a name.
    pub fn find(&self, name: &str) -> Option<&OrderKind> {
        self.0.iter().find(|kind| kind.name == name)
    }

    /// The names, for a sentence.
    pub fn names(&self) -> String {
        self.0.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}
