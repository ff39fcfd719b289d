//! Talk time and hold time of an ACD call at the station that answered it: for the log of events and the agent's
//! figures.
//!
//! Never: outlives the telephone's part in the call.

use tipring_driver::time::{Tick, Ticks};

use super::holds::Holds;
use crate::acd::ids::AgentIx;
use crate::csta::CallId;

/// An ACD call at the station that answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Served {
    /// The call's number in the log.
    pub call: CallId,
    /// The agent who has answered.
    #[serde(default)]
    pub agent: Option<AgentIx>,
    /// Tick of the answer.
    #[serde(default)]
    pub since: Tick,
    /// Time on hold since the answer.
    #[serde(flatten)]
    pub holds: Holds,
}

impl Served {
    /// A call that is answered now.
    pub fn new(call: CallId, agent: Option<AgentIx>, now: Tick) -> Served {
        Served { call, agent, since: now, holds: Holds::default() }
    }

    /// Talk so far, without the holds that have ended.
    pub fn talk(&self, now: Tick) -> Ticks {
        Ticks(now.since(self.since).0.saturating_sub(self.holds.total.0))
    }
}
