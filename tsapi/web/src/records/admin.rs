//! The site's own settings as requests and replies have them.
//!
//! Never: passes a setting on that the site has not checked, or writes a PIN to a log.

use std::collections::BTreeMap;
use std::fmt;

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

/// A PIN of an agent: 1 to 31 plain characters; digits alone can be keyed at a telephone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pin(pub String);

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// A queue as the site's configuration has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueSetting {
    /// The number.
    pub queue: String,
    /// The name.
    pub name: String,
    /// Order in which free agents ring: one of the `strategies` of the settings.
    pub strategy: String,
    /// The skill that the strategy `skill-level` goes by.
    #[serde(default)]
    pub by_skill: Option<String>,
    /// Time that an agent's telephone rings before the call goes back to the queue, s.
    pub alert_s: u32,
    /// Time for which an agent is left alone after a call, s.
    pub after_call_work_s: u32,
    /// Time before a call is offered again to an agent who missed it, s.
    pub retry_s: u32,
    /// Head start of its calls over those of other queues, s.
    pub importance_s: u32,
    /// The longest wait, s, after which a caller hears busy tone; no limit if left out.
    #[serde(default)]
    pub longest_wait_s: Option<u32>,
    /// Skills that each call needs, with levels from 1 to 255.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
}

/// A reason of *not ready*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReasonSetting {
    /// The code, 1 to 99.
    pub code: u8,
    /// The name.
    pub name: String,
    /// The longest time *not ready* for it, s; no limit if left out.
    #[serde(default)]
    pub limit_s: Option<u32>,
}

/// A flow as it is in force, for a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowItem {
    /// The name.
    pub flow: String,
    /// The nodes; the first is where it begins.
    pub nodes: Vec<FlowNode>,
}

/// A node of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowNode {
    /// The name.
    pub node: String,
    /// The node's type, as `do` has it in the flow's file.
    pub kind: String,
    /// The node's argument: a prompt, a variable, a queue; empty for a type without one.
    pub about: String,
    /// The node's exits.
    pub ways: Vec<FlowWay>,
}

/// A way from a node to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowWay {
    /// A key, a value, or the name of the way.
    pub label: String,
    /// The next node.
    pub to: String,
}

/// A line of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    /// The trunk or the station.
    pub device: String,
    /// `trunk` or `station`.
    pub kind: String,
    /// The port, counted from 0 over all cards.
    pub port: u16,
    /// The number by which callers reach a trunk; none of a station.
    pub number: Option<String>,
    /// It is in service.
    pub in_service: bool,
    /// Calls out do not seize it.
    pub blocked: bool,
}
