//! Columns of the tables for people; CSV and JSON have all.
//!
//! Never: names a column that the rows have not.

/// Columns about the calls of a queue, a trunk group or a number.
pub(in crate::cmd) const CALLS: &[&str] = &[
    "begin",
    "name",
    "offered",
    "answered",
    "abandoned",
    "flowed_out",
    "cleared",
    "service_level",
    "asa",
    "longest_wait",
    "handled",
    "aht",
    "within_3_rings",
    "within_4_rings",
    "late",
    "abandon_rate",
    "held_too_long",
    "too_long",
];
/// Columns about agents' calls.
pub(in crate::cmd) const AGENTS: &[&str] = &[
    "begin",
    "name",
    "offered",
    "answered",
    "missed",
    "asa",
    "handled",
    "aht",
    "talk",
    "hold",
    "work",
    "within_3_rings",
    "within_4_rings",
    "late",
    "held_too_long",
    "too_long",
    "transferred",
    "by_customer",
];
/// Columns about agents' time.
pub(in crate::cmd) const TIMES: &[&str] = &[
    "begin",
    "agent",
    "logged_on",
    "idle",
    "offered_time",
    "talking",
    "work",
    "not_ready",
    "line_out",
    "occupancy",
    "utilisation",
];
/// Columns about agents' breaks.
pub(in crate::cmd) const BREAKS: &[&str] =
    &["begin", "agent", "reason", "reason_name", "breaks", "break_time", "breaks_too_long"];
/// Columns about trunk groups.
pub(in crate::cmd) const TRUNKS: &[&str] = &["begin", "group", "incoming", "outgoing", "blocked", "traffic"];
