//! The rules of a queue as data: order of agents, skills and their widening, overflow, announcements.
//!
//! One currency: **seconds of waiting**. A caller's priority, a queue's importance and an agent's preference for a
//! queue are each worth so much wait. So the order of two contacts never changes while they wait, which keeps every
//! index sorted without touching it, and whoever waits longer than all credits together comes first: nothing starves.
//!
//! Never: reads a clock or knows who waits.

use tipring_driver::ids::PromptId;
use tipring_driver::time::Ticks;

use super::ids::{QueueIx, SkillIx, Skills};
use crate::route::destination::Destination;

/// Overflow rules of one queue. More are an error of the configuration.
pub const OVERFLOW_MAX: usize = 8;

/// The order in which the free agents of a queue are offered a contact. Ties go to the one idle longest, then to the
/// first in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Strategy {
    /// The agent idle longest.
    #[default]
    LongestIdle,
    /// The agent whose last offer from this queue is longest ago.
    RoundRobin,
    /// The agent with the fewest answered contacts since log-in.
    FewestCalls,
    /// The agent with the least talk time since log-in.
    LeastTalk,
    /// All free agents at once; the first to answer has the call.
    RingAll,
    /// The agents in the order of their [`QueueMembership::position`].
    FixedOrder,
    /// The agent with the highest level of this skill.
    SkillLevel(SkillIx),
    /// By lot, in proportion to [`QueueMembership::weight`]; the same seed gives the same lots.
    Weighted {
        /// Seed of the lots.
        seed: u64,
    },
}

impl Strategy {
    /// The name, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Strategy::LongestIdle => "longest idle",
            Strategy::RoundRobin => "round robin",
            Strategy::FewestCalls => "fewest calls",
            Strategy::LeastTalk => "least talk time",
            Strategy::RingAll => "ring all",
            Strategy::FixedOrder => "fixed order",
            Strategy::SkillLevel(_) => "skill level",
            Strategy::Weighted { .. } => "weighted",
        }
    }
}

/// The rules of one queue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QueueRules {
    /// Order of the free agents.
    pub strategy: Strategy,
    /// Head start of this queue's contacts over those of other queues an agent serves (escalation, VIP queue).
    pub credit: Ticks,
    /// Length of an offer's lease: ringing longer than this withdraws it.
    pub lease: Ticks,
    /// Time before a contact is offered again to an agent who missed it.
    pub retry: Ticks,
    /// Skills that each contact needs, besides its own needs.
    pub needs: Skills,
    /// Steps by which the needs are relaxed; ascending in both fields.
    pub widening: Vec<Widening>,
    /// Conditions for entry, in order; the first that holds sends the contact elsewhere before it has a place.
    pub gate: Vec<Gate>,
    /// Ways out while waiting, in order.
    pub overflow: Vec<Overflow>,
    /// Announcements of place and expected wait; none for silence.
    pub announce: Option<Announce>,
    /// Calling back those who ask for it; none where it is not offered.
    pub call_back: Option<CallBackRule>,
    /// Mean handling time (talk, hold and work) assumed until the queue has figures of its own.
    pub handling: Ticks,
}

impl Default for QueueRules {
    fn default() -> QueueRules {
        QueueRules {
            strategy: Strategy::LongestIdle,
            credit: Ticks::ZERO,
            lease: Ticks::from_secs(20),
            retry: Ticks::from_secs(30),
            needs: Skills::NONE,
            widening: Vec::new(),
            gate: Vec::new(),
            overflow: Vec::new(),
            announce: None,
            call_back: None,
            handling: Ticks::from_secs(180),
        }
    }
}

/// One step of widening: after `after` of waiting every needed level is lowered by `lower`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Widening {
    /// Wait from the earned place on.
    pub after: Ticks,
    /// Levels that every need is lowered by; a need at 0 is none.
    pub lower: u8,
}

/// A condition about a queue or a contact in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Condition {
    /// In any case (overflow by wait alone).
    Always,
    /// More contacts wait than this.
    Depth(u16),
    /// The expected wait is longer, or cannot be known because no agent is logged on.
    ExpectedWait(Ticks),
    /// No agent of the queue is logged on.
    NoAgents,
    /// No agent of the queue is ready or at work with a contact: all are on a break or logged off.
    NoneReady,
    /// Waiting contacts for each 100 agents logged on are more than this.
    Ratio(u16),
}

/// A condition for entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gate {
    /// Condition at entry, the entering contact counted in.
    pub when: Condition,
    /// Destination if it holds.
    pub to: Target,
}

/// A way out of the queue while waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Overflow {
    /// Wait in this queue before the rule is first looked at.
    pub after: Ticks,
    /// Interval at which it is looked at again; none for once only.
    pub every: Option<Ticks>,
    /// Condition.
    pub when: Condition,
    /// Destination if it holds.
    pub to: Target,
}

/// A destination outside the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Target {
    /// Another queue; the place earned so far is kept.
    Queue(QueueIx),
    /// A flow or a station; the place is given up.
    To(Destination),
    /// Offer of a call-back; the place is kept.
    CallBack,
    /// An announcement, if there is one, then busy tone, then release.
    Busy(Option<PromptId>),
}

/// Announcements to waiting callers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Announce {
    /// Wait before the first.
    pub first: Ticks,
    /// Interval between two; at least 1 s.
    pub every: Ticks,
    /// The position is announced.
    pub position: bool,
    /// The expected wait is announced.
    pub expected: bool,
    /// Name of a prompt that comes before them.
    pub prompt: Option<String>,
}

/// The one who is called first to call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum CalledFirst {
    /// An agent who is free takes the attempt, then the customer is dialled.
    #[default]
    Agent,
    /// An agent who is free is kept while the customer is dialled; the customer who answers is offered first.
    Customer,
}

/// Calling back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallBackRule {
    /// The one who is called first.
    pub first: CalledFirst,
    /// Numbers dialled before a request is given up, from 1.
    pub tries: u8,
    /// Pause between two attempts.
    pub gap: Ticks,
    /// Time the customer's telephone may ring.
    pub ring: Ticks,
    /// Name of the prompt that offers a call-back to a caller who waits.
    pub prompt: Option<String>,
    /// The key that accepts it.
    pub key: char,
    /// Name of the prompt that confirms it, before the call ends.
    pub taken: Option<String>,
    /// The flow to which the key leads instead: it says the number back, takes another one, and leaves the request.
    pub flow: Option<Destination>,
    /// Name of the prompt that a customer who is called first hears at the answer.
    pub answered: Option<String>,
    /// Name of the prompt that tells such a customer that no agent has come yet.
    pub delayed: Option<String>,
}

impl Default for CallBackRule {
    fn default() -> CallBackRule {
        let [gap, ring] = [600, 60].map(Ticks::from_secs);
        CallBackRule {
            first: CalledFirst::Agent,
            tries: 3,
            gap,
            ring,
            prompt: None,
            key: '1',
            taken: None,
            flow: None,
            answered: None,
            delayed: None,
        }
    }
}

/// An agent's membership in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QueueMembership {
    /// The queue.
    pub queue: QueueIx,
    /// Wait that a contact of this queue must be ahead by to be preferred to one of a queue with none: a reserve agent
    /// has a long one. Zero for all queues means first come, first served over all of them.
    pub reserve: Ticks,
    /// Place in the fixed order, the lowest first.
    pub position: u16,
    /// Weight of the lots; 0 counts as 1.
    pub weight: u16,
}

impl QueueMembership {
    /// A membership with the usual terms.
    pub const fn equal(queue: QueueIx) -> QueueMembership {
        QueueMembership { queue, reserve: Ticks::ZERO, position: 0, weight: 1 }
    }
}

impl QueueRules {
    /// Wait after which an agent may serve whose skills are `gap` levels short; none if never.
    pub fn wait_for_gap(&self, gap: u8) -> Option<Ticks> {
        match gap {
            0 => Some(Ticks::ZERO),
            _ => self.widening.iter().find(|step| step.lower >= gap).map(|step| step.after),
        }
    }

    /// The next widening after a wait of `waited`, as wait from the earned place on.
    pub fn next_widening(&self, waited: Ticks) -> Option<Ticks> {
        self.widening.iter().map(|step| step.after).find(|&after| after > waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_bridged_by_the_first_step_that_lowers_far_enough() {
        let widening = vec![
            Widening { after: Ticks::from_secs(30), lower: 1 },
            Widening { after: Ticks::from_secs(60), lower: 3 },
        ];
        let rules = QueueRules { widening, ..QueueRules::default() };
        let after = |gap| rules.wait_for_gap(gap).map(|wait| wait.as_ms() / 1000);
        assert_eq!([after(0), after(1), after(2), after(3), after(4)], [Some(0), Some(30), Some(60), Some(60), None]);
        assert_eq!(rules.next_widening(Ticks::from_secs(30)), Some(Ticks::from_secs(60)));
        assert_eq!(rules.next_widening(Ticks::from_secs(60)), None);
    }
}
