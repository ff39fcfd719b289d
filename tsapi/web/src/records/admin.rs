//! The site's own settings as requests and replies have them.
//!
//! Never: a password; a setting that the site has not checked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An agent as the site's configuration has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentSetting {
    /// The log-in.
    pub agent: String,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The queues that the agent serves. A part that has its own terms keeps them.
    pub queues: Vec<String>,
    /// Skills with levels, from 1 to 255.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
}

/// A queue of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueItem {
    /// The number.
    pub queue: String,
    /// The name.
    pub name: String,
}
