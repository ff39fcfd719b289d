//! A decision of distribution about a call, with its reasons, as it is kept.
//!
//! Never: decides.

use core::fmt::Write as _;

use arrayvec::ArrayVec;
use tipring_driver::time::Tick;

use crate::acd::ids::RING_MAX;
use crate::acd::why::{NOT_OFFERED, NotOffered, Rule};
use crate::csta::{AgentId, CallId, DeviceId};
use crate::named::named;

/// A decision about a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DecisionRecord {
    /// The moment.
    pub at: Tick,
    /// The call.
    pub call: CallId,
    /// The queue it waits in.
    pub queue: DeviceId,
    /// The decision.
    pub decided: Decided,
    /// The rule behind it.
    pub rule: Rule,
    /// The agents chosen.
    pub chosen: ArrayVec<AgentId, RING_MAX>,
    /// Agents of the queue passed over, counted by [`NotOffered::index`].
    #[serde(rename = "passed", deserialize_with = "crate::acd::why::counts")]
    pub not_offered: [u16; NotOffered::COUNT],
    /// The first of them, with their verdicts.
    pub head: ArrayVec<(AgentId, NotOffered), 8>,
}

named! {
    /// The kind of a decision: the column `decision.decided`.
    Decided {
        /// The call waits: no agent can be offered it.
        Waits = "waits",
        /// It is offered to the agents chosen.
        Offered = "offered",
        /// The offer is withdrawn.
        Withdrawn = "withdrawn",
        /// It is sent on by an overflow rule.
        Moved = "moved",
    }
}

/// Octets of a usual text of agents passed over: room for it is made once.
const PASSED_LENGTH: usize = 256;

impl DecisionRecord {
    /// The agents passed over as text: the first ones by name, then the counts by reason if there are more.
    pub fn passed_over(&self) -> String {
        let mut text = String::with_capacity(PASSED_LENGTH);
        for (agent, verdict) in &self.head {
            text.push_str(if text.is_empty() { "" } else { "; " });
            text.push_str(agent.as_str());
            text.push(' ');
            // Writing into a string cannot fail.
            let _ = write!(text, "{verdict}");
        }
        let all: usize = self.not_offered.iter().copied().map(usize::from).sum();
        if all > self.head.len() {
            let mut between = if text.is_empty() { "" } else { "; in all " };
            for (count, word) in self.not_offered.iter().zip(NOT_OFFERED).filter(|(count, _)| **count > 0) {
                let _ = write!(text, "{between}{count} {word}");
                between = ", ";
            }
        }
        text
    }

    /// The rule as text; empty if there is none.
    pub fn rule_text(&self) -> String {
        match self.rule {
            Rule::None => String::new(),
            Rule::Strategy(strategy) => strategy.name().to_owned(),
            Rule::Wanted => "the agent wanted".to_owned(),
            Rule::Overflow(place) => format!("overflow rule {}", u16::from(place) + 1),
            Rule::Lease => "ring no answer".to_owned(),
            Rule::Unavailable => "the agent became unavailable".to_owned(),
            Rule::Announce => "announcement".to_owned(),
        }
    }
}
