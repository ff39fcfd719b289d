//! Notices as replies have them.
//!
//! Never: a rule of notices; the site has those.

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
}
