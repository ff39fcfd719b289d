//! Notices as they are shown outside.
//!
//! Never: a rule of notices.

use serde::Serialize;
use tipring_core::notice::Notice;

/// A notice as it is listed. Moments are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeRow {
    /// Its number.
    pub notice: i64,
    /// `holds`, `comes`, `over`, or `ended` before its time.
    pub state: &'static str,
    /// The begin.
    pub from_ms: i64,
    /// The end.
    pub to_ms: i64,
    /// The regions; empty for all callers.
    pub region: String,
    /// The prompt.
    pub prompt: String,
    /// The text.
    pub text: String,
    /// It was planned.
    pub planned: bool,
    /// It was loaded in time.
    pub in_time: bool,
    /// The person who loaded it.
    pub person: String,
    /// The moment at which it was loaded.
    pub loaded_ms: i64,
    /// The moment at which it was ended before its time.
    pub ended_ms: Option<i64>,
}

impl NoticeRow {
    /// The row of a notice at a moment.
    pub fn new(notice: Notice, now_ms: i64) -> NoticeRow {
        let state = if notice.holds(now_ms) {
            "holds"
        } else if notice.until_ms() < notice.to_ms {
            "ended"
        } else if now_ms < notice.from_ms {
            "comes"
        } else {
            "over"
        };
        NoticeRow {
            notice: notice.id,
            state,
            planned: notice.is_planned,
            in_time: notice.is_in_time(),
            from_ms: notice.from_ms,
            to_ms: notice.to_ms,
            region: notice.region,
            prompt: notice.prompt,
            text: notice.text,
            person: notice.person,
            loaded_ms: notice.loaded_ms,
            ended_ms: notice.ended_ms,
        }
    }
}
