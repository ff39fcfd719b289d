//! Notices as requests and replies have them.
//!
//! Never: has a rule of notices; the site has those.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A notice that callers of a region hear while it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoticeItem {
    /// Its number.
    pub notice: i64,
    /// `holds` or `comes`.
    pub state: String,
    /// The text, for agents.
    pub text: String,
    /// The prompt, for callers.
    pub prompt: String,
    /// First digits of numbers and names of regions, with commas between; empty for all callers.
    pub region: String,
    /// The begin, ms since 1970.
    pub from_ms: i64,
    /// The end, ms since 1970.
    pub to_ms: i64,
    /// It was planned.
    pub planned: bool,
    /// It was loaded in time: a planned one seven days ahead.
    pub in_time: bool,
    /// The person who loaded it.
    pub person: String,
}

/// A notice that is to be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewNotice {
    /// The text, for agents: 1 to 500 characters.
    pub text: String,
    /// The prompt, for callers: one of those that the reply to `listNotices` has.
    pub prompt: String,
    /// First digits of callers' numbers, or names of regions of the file of customers, with commas between; empty for
    /// all callers.
    #[serde(default)]
    pub region: String,
    /// The begin, ms since 1970; at once if left out.
    #[serde(default)]
    pub from_ms: Option<i64>,
    /// The end, ms since 1970.
    pub to_ms: i64,
    /// Not planned, though it begins later: no seven days ahead are asked for.
    #[serde(default)]
    pub sudden: bool,
}
