//! The card of a customer: all that a site has on record about a caller, in short, as it pops with the call.
//!
//! Never: knows where a card comes from, or has more than [`CARD_LINES_MAX`] lines of a kind.

use serde::{Deserialize, Serialize};

/// Most lines of each part of a card.
pub const CARD_LINES_MAX: usize = 3;
/// Most characters of a line's text; what is longer is cut.
pub const CARD_TEXT_MAX: usize = 60;

/// The card of a caller, in the file of customers or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerCard {
    /// The customer's identifier in the file; empty for a number that is not in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub customer: String,
    /// The customer goes before others (绿色通道).
    #[serde(default)]
    pub vip: bool,
    /// The language: `mandarin`, `cantonese` or `english`; empty if not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// The region; empty if not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Calls from and to the customer's numbers before this one, at most 100.
    #[serde(default)]
    pub calls: u32,
    /// Of these, calls in that no person answered, since the last conversation.
    #[serde(default)]
    pub missed: u32,
    /// Work orders that are not filed.
    #[serde(default)]
    pub orders: u32,
    /// Messages that are not done.
    #[serde(default)]
    pub messages: u32,
    /// The newest of each part, at most 3 of calls, of orders and of messages; the newest of all first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<CardLine>,
}

impl CustomerCard {
    /// True if nothing is on record.
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty() && (self.calls, self.orders, self.messages) == (0, 0, 0)
    }
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardLine {
    /// The part.
    pub part: CardPart,
    /// The moment, ms since 1970.
    pub at_ms: i64,
    /// The text, at most 60 characters.
    pub text: String,
}

/// A part of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CardPart {
    /// A call from or to the customer.
    Call,
    /// A call in that no person answered, since the last conversation.
    Missed,
    /// An open work order.
    Order,
    /// An open message.
    Message,
}

impl CardPart {
    /// Returns its name in private data.
    pub const fn name(self) -> &'static str {
        match self {
            CardPart::Call => "call",
            CardPart::Missed => "missed",
            CardPart::Order => "order",
            CardPart::Message => "message",
        }
    }
}
