//! A queue's call at the telephone that answered it: its holds for the log, its talk for the agent's account.
//!
//! Never: outlives the telephone's part in the call.

use tipring_driver::time::{Tick, Ticks};

use crate::acd::ids::AgentIx;
use crate::csta::CallId;

/// A queue's call at the telephone that answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Served {
    /// The call's number in the log.
    pub call: CallId,
    /// The agent who has answered.
    #[serde(default)]
    pub agent: Option<AgentIx>,
    /// The answer.
    #[serde(default)]
    pub since: Tick,
    /// Hold so far, without the one that lasts.
    pub hold: Ticks,
    /// The longest single hold so far.
    pub longest_hold: Ticks,
    /// Beginning of the hold that lasts.
    pub held: Option<Tick>,
}

impl Served {
    /// A call that is answered now.
    pub const fn new(call: CallId, agent: Option<AgentIx>, now: Tick) -> Served {
        Served { call, agent, since: now, hold: Ticks::ZERO, longest_hold: Ticks::ZERO, held: None }
    }

    /// Talk so far, without the holds that have ended.
    pub fn talk(&self, now: Tick) -> Ticks {
        Ticks(now.since(self.since).0.saturating_sub(self.hold.0))
    }

    /// Ends the hold that lasts, if any.
    pub fn retrieve(&mut self, now: Tick) {
        if let Some(since) = self.held.take() {
            let length = now.since(since);
            self.hold = self.hold + length;
            self.longest_hold = self.longest_hold.max(length);
        }
    }
}
