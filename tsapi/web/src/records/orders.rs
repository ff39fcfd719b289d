//! Work orders as requests and replies have them.
//!
//! Never: has a rule of orders; the site has those.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A work order that is to be taken down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrder {
    /// The name of its kind, of those of the reply to `listOrders`.
    pub kind: String,
    /// Subject of the order.
    pub text: String,
    /// The call from which it comes: its clocks run from that call's begin, and the customer's number is the caller's.
    #[serde(default)]
    pub call: Option<i32>,
    /// The customer's number, where it is not the caller's.
    #[serde(default)]
    pub number: Option<String>,
    /// The customer's name; that of the file of customers if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// The place.
    #[serde(default)]
    pub place: String,
    /// The urgency.
    #[serde(default)]
    pub urgency: OrderUrgency,
    /// An order of its own, even where the customer has an open one of this kind.
    #[serde(default)]
    pub separate: bool,
}

/// The urgency of a work order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OrderUrgency {
    /// In its turn.
    #[default]
    Normal,
    /// Before others.
    Urgent,
    /// At once: a danger to people.
    Emergency,
}

/// A step of a work order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OrderStep {
    /// Passes it on to a unit.
    Dispatch,
    /// Has the result.
    Done,
    /// Has the customer's word about the result.
    Revisit,
    /// Closes it.
    File,
    /// Begins anew, with new clocks.
    Reopen,
}

/// A kind of work orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderKindItem {
    /// The name.
    pub kind: String,
    /// The title for people.
    pub title: String,
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderItem {
    /// Its number, with the check digit.
    pub order: String,
    /// The name of its kind.
    pub kind: String,
    /// Its urgency: `normal`, `urgent` or `emergency`.
    pub urgency: String,
    /// Its state: `accepted`, `dispatched`, `done`, `revisited` or `filed`.
    pub state: String,
    /// One of its limits has passed.
    pub late: bool,
    /// The customer's number; empty if not known.
    pub number: String,
    /// The customer's name; empty if not known.
    pub name: String,
    /// The place; empty if it has none.
    pub place: String,
    /// Subject of the order.
    pub text: String,
    /// The owner.
    pub owner: String,
    /// The unit to which it was dispatched last; empty if it was not.
    pub unit: String,
    /// The result; empty until it is done.
    pub result: String,
    /// The call; 0 for none.
    pub call: i32,
    /// Calls about it after the first.
    pub repeats: u32,
    /// Start of its clocks, ms since 1970.
    pub since_ms: i64,
    /// Moment of the last step, ms since 1970.
    pub changed_ms: i64,
    /// Limit of the dispatch, ms since 1970; none for a clock that does not run.
    pub dispatch_due_ms: Option<i64>,
    /// Limit of the answer, ms since 1970; none for a clock that does not run.
    pub answer_due_ms: Option<i64>,
    /// The steps that the asking user can take, in the order of the table.
    pub steps: Vec<OrderStep>,
}
