//! The card of a customer, made from what is on record: the last calls, open work orders, open messages.
//!
//! Never: gives more than [`CARD_LINES_MAX`] lines of a part, or a line longer than [`CARD_TEXT_MAX`] characters.

use super::entry::Customer;
use crate::csta::customer_card::{CARD_LINES_MAX, CARD_TEXT_MAX, CardLine, CardPart, CustomerCard};
use crate::work_order::WorkOrder;

/// Most calls that a card is made from, the newest.
pub const CALLS_MAX: usize = 100;

/// A call as a card has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCall {
    /// Its begin, ms since 1970.
    pub at_ms: i64,
    /// From the customer, not to the customer.
    pub is_inbound: bool,
    /// The outcome, as the store names it.
    pub outcome: String,
    /// The queue in which it waited last.
    pub queue: Option<String>,
    /// The agent who had it last.
    pub agent: Option<String>,
    /// Conversation, ms.
    pub talk_ms: i64,
}

/// A message as a card has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardMessage {
    /// Its number.
    pub id: i64,
    /// Its begin, ms since 1970.
    pub at_ms: i64,
    /// The mailbox.
    pub mailbox: String,
    /// Its length, s.
    pub seconds: i64,
}

impl CardCall {
    fn is_conversation(&self) -> bool {
        self.outcome == "answered"
    }

    fn is_missed(&self) -> bool {
        self.is_inbound && (self.outcome.starts_with("abandoned-") || self.outcome == "cut-off")
    }

    fn line(&self, part: CardPart) -> CardLine {
        let way = if self.is_inbound { "in" } else { "out" };
        let queue = self.queue.as_ref().map(|queue| format!(", queue {queue}")).unwrap_or_default();
        let text = match &self.agent {
            Some(agent) if self.is_conversation() => {
                format!("{way}, {} with {agent}{queue}, {} s", self.outcome, self.talk_ms / 1000)
            }
            _ => format!("{way}, {}{queue}", self.outcome),
        };
        line(part, self.at_ms, &text)
    }
}

fn line(part: CardPart, at_ms: i64, text: &str) -> CardLine {
    CardLine { part, at_ms, text: text.chars().take(CARD_TEXT_MAX).collect() }
}

/// Returns the card of a caller, in the file of customers or not. Calls, orders and messages are the newest first.
pub fn card(
    customer: Option<&Customer>,
    calls: &[CardCall],
    orders: &[WorkOrder],
    messages: &[CardMessage],
) -> CustomerCard {
    let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
    // A conversation settles the calls that were missed before it.
    let talked = calls.iter().position(CardCall::is_conversation).unwrap_or(calls.len());
    let part = |at: usize, call: &CardCall| match at < talked && call.is_missed() {
        true => CardPart::Missed,
        false => CardPart::Call,
    };
    let last_calls = calls.iter().enumerate().take(CARD_LINES_MAX).map(|(at, call)| call.line(part(at, call)));
    let open_orders = orders.iter().take(CARD_LINES_MAX).map(|order| {
        let text = format!("{} {}, {}: {}", order.id, order.kind, order.state.name(), order.text);
        line(CardPart::Order, order.since_ms, &text)
    });
    let open_messages = messages.iter().take(CARD_LINES_MAX).map(|message| {
        line(CardPart::Message, message.at_ms, &format!("{}: {}, {} s", message.id, message.mailbox, message.seconds))
    });
    let mut lines: Vec<CardLine> = last_calls.chain(open_orders).chain(open_messages).collect();
    lines.sort_by_key(|line| core::cmp::Reverse(line.at_ms));
    let known = customer.cloned().unwrap_or_default();
    CustomerCard {
        customer: customer.map(|customer| customer.id.to_string()).unwrap_or_default(),
        vip: known.vip,
        language: known.language,
        region: known.region,
        calls: count(calls.len()),
        missed: count(calls[..talked].iter().filter(|call| call.is_missed()).count()),
        orders: count(orders.len()),
        messages: count(messages.len()),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::CustomerId;

    fn call(at_ms: i64, is_inbound: bool, outcome: &str) -> CardCall {
        let agent = (outcome == "answered").then(|| "7001".to_owned());
        CardCall { at_ms, is_inbound, outcome: outcome.into(), queue: Some("5000".into()), agent, talk_ms: 90_500 }
    }

    #[test]
    fn missed_calls_are_those_since_the_last_conversation_whoever_began_it() {
        let calls = [
            call(50, true, "cut-off"),
            call(40, false, "not-obtainable"),
            call(30, true, "abandoned-alerting"),
            call(20, false, "answered"),
            call(10, true, "abandoned-queued"),
        ];
        let made = card(None, &calls, &[], &[]);
        assert_eq!((made.calls, made.missed, made.lines.len()), (5, 2, CARD_LINES_MAX));
        let lines: Vec<_> = made.lines.iter().map(|line| (line.part, line.text.as_str())).collect();
        assert_eq!(lines[0], (CardPart::Missed, "in, cut-off, queue 5000"));
        assert_eq!(lines[1], (CardPart::Call, "out, not-obtainable, queue 5000"));
        let answered = card(None, &calls[3..], &[], &[]);
        assert_eq!(
            (answered.missed, answered.lines[0].text.as_str()),
            (0, "out, answered with 7001, queue 5000, 90 s")
        );
    }

    #[test]
    fn a_number_of_which_nothing_is_on_record_has_an_empty_card() {
        assert!(card(None, &[], &[], &[]).is_empty());
        let known = Customer { id: CustomerId(3), vip: true, ..Customer::default() };
        let made = card(Some(&known), &[], &[], &[]);
        assert!(!made.is_empty() && made.vip && made.customer == "C3", "{made:?}");
    }

    #[test]
    fn a_line_is_cut_at_its_length_and_messages_have_theirs() {
        let messages: Vec<_> =
            (0..5).map(|n| CardMessage { id: n, at_ms: 100 - n, mailbox: "投诉".repeat(40), seconds: 12 }).collect();
        let made = card(None, &[], &[], &messages);
        assert_eq!((made.messages, made.lines.len()), (5, CARD_LINES_MAX));
        assert!(made.lines.iter().all(|line| line.text.chars().count() == CARD_TEXT_MAX));
    }
}
