//! Customers as requests and replies have them.
//!
//! Never: has a rule of customers; the site has those.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A customer of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerItem {
    /// The identifier, as `C17`.
    pub customer: String,
    /// The numbers: digits alone.
    pub numbers: Vec<String>,
    /// The name; empty if not known.
    pub name: String,
    /// The account; empty if not known.
    pub account: String,
    /// The address; empty if not known.
    pub address: String,
    /// `mandarin`, `cantonese` or `english`; empty if not known.
    pub language: String,
    /// The region; empty if not known.
    pub region: String,
    /// Goes before others.
    pub vip: bool,
    /// Notes for agents.
    pub notes: String,
}

/// A call from or to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerCall {
    /// Its begin, ms since 1970.
    pub at_ms: i64,
    /// From the customer, not to the customer.
    pub inbound: bool,
    /// The outcome, as the report of calls names it.
    pub outcome: String,
    /// The queue in which it waited last.
    pub queue: Option<String>,
    /// The agent who had it last.
    pub agent: Option<String>,
    /// Conversation, ms.
    pub talk_ms: i64,
}

/// Changes of a customer; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomerFields {
    /// Numbers to add, in any form.
    #[serde(default)]
    pub add: Vec<String>,
    /// Numbers to remove, in any form.
    #[serde(default)]
    pub remove: Vec<String>,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The account.
    #[serde(default)]
    pub account: Option<String>,
    /// The address.
    #[serde(default)]
    pub address: Option<String>,
    /// `mandarin`, `cantonese`, `english`, or empty.
    #[serde(default)]
    pub language: Option<String>,
    /// The region.
    #[serde(default)]
    pub region: Option<String>,
    /// Goes before others.
    #[serde(default)]
    pub vip: Option<bool>,
    /// Notes for agents.
    #[serde(default)]
    pub notes: Option<String>,
}
