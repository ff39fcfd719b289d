//! Rules by which calls are chosen to be recorded.
//!
//! A call is chosen if its queue or its agent is named, or if neither queues nor agents are; of those a share is
//! recorded. A call of a queue that is recorded on demand is never chosen. The share is drawn from the call's
//! identifier alone, so that each choice can be computed again by an auditor.
//!
//! Never: depends on a clock or on chance.

use tipring_driver::time::Ticks;

use crate::csta::{AgentId, CallId, DeviceId};

/// The rules of a site. By default every call is chosen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecordingRules {
    /// Calls of these queues are chosen.
    pub queues: Vec<DeviceId>,
    /// Calls of these agents are chosen.
    pub agents: Vec<AgentId>,
    /// Calls recorded of each hundred that are chosen, 0 to 100.
    pub percent: u8,
    /// Calls of these queues are recorded on demand alone.
    pub on_demand: Vec<DeviceId>,
    /// The longest pause of a recording.
    pub pause_limit: Ticks,
}

/// The usual longest pause: longer than a card's data take to be said, shorter than a talk that should be recorded.
const PAUSE_LIMIT: Ticks = Ticks::from_secs(300);

impl Default for RecordingRules {
    fn default() -> RecordingRules {
        RecordingRules {
            queues: Vec::new(),
            agents: Vec::new(),
            percent: 100,
            on_demand: Vec::new(),
            pause_limit: PAUSE_LIMIT,
        }
    }
}

impl RecordingRules {
    /// Returns true if a call is to be recorded: with the queue it waited in last, and the agent who has it.
    pub fn choose(&self, call: CallId, queue: Option<&DeviceId>, agent: Option<&AgentId>) -> bool {
        if queue.is_some_and(|queue| self.on_demand.contains(queue)) {
            return false;
        }
        let is_any = self.queues.is_empty() && self.agents.is_empty();
        let is_named = queue.is_some_and(|queue| self.queues.contains(queue))
            || agent.is_some_and(|agent| self.agents.contains(agent));
        (is_any || is_named) && draw(call) < self.percent
    }
}

/// The number of a call in the draw, 0 to 99: its identifier through the finaliser of SplitMix64, divided by 100, the
/// remainder. A call with a number below `percent` is recorded.
pub const fn draw(call: CallId) -> u8 {
    let mut z = (call.0 as u32 as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % 100) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str) -> DeviceId {
        DeviceId::new(name).unwrap()
    }

    fn agent(name: &str) -> AgentId {
        AgentId::new(name).unwrap()
    }

    #[test]
    fn a_call_is_chosen_by_queue_or_agent_or_all_are() {
        let (hotline, other) = (device("5000"), device("5001"));
        let (zhao, li) = (agent("7001"), agent("7002"));
        let all = RecordingRules::default();
        let named = RecordingRules { queues: vec![hotline], agents: vec![zhao], ..RecordingRules::default() };
        let asked = RecordingRules { agents: vec![zhao], on_demand: vec![hotline], ..RecordingRules::default() };
        let none = RecordingRules { percent: 0, ..RecordingRules::default() };
        for (rules, queue, agent, wanted) in [
            (&all, None, None, true),
            (&all, Some(&other), Some(&li), true),
            (&named, Some(&hotline), Some(&li), true),
            (&named, Some(&other), Some(&zhao), true),
            (&named, Some(&other), Some(&li), false),
            (&named, None, None, false),
            (&asked, Some(&hotline), Some(&zhao), false),
            (&asked, Some(&other), Some(&zhao), true),
            (&none, Some(&hotline), Some(&zhao), false),
        ] {
            assert_eq!(rules.choose(CallId(17), queue, agent), wanted, "{rules:?} {queue:?} {agent:?}");
        }
    }

    #[test]
    fn a_share_is_met_and_a_greater_one_holds_the_smaller_one() {
        for percent in [1, 20, 50, 99] {
            let rules = RecordingRules { percent, ..RecordingRules::default() };
            let count = (1..=100_000).filter(|&call| rules.choose(CallId(call), None, None)).count();
            let wanted = usize::from(percent) * 1000;
            // Four standard deviations of a draw by lot.
            assert!(count.abs_diff(wanted) < 640, "{count} of 100,000 at {percent} per cent");
        }
        let chosen =
            |percent, call| RecordingRules { percent, ..RecordingRules::default() }.choose(CallId(call), None, None);
        assert!((1..10_000).filter(|&call| chosen(20, call)).all(|call| chosen(50, call)));
        assert_eq!(
            [1, 2, 3, 1000].map(|call| draw(CallId(call))),
            DRAWN,
            "a choice of today is the choice of any year"
        );
    }

    const DRAWN: [u8; 4] = [65, 10, 53, 76];
}
