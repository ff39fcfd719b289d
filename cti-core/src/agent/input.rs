//! Inputs of an agent's machine: requests of the agent or a supervisor, and facts about calls and line.
//!
//! Never: says which of them can be; the table in `machine` does.

use tipring_driver::time::Ticks;

use crate::acd::ids::{QueueIx, Reason, StationIx};

/// The agent's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Presence {
    /// Logged off.
    LoggedOff,
    /// Logged on, not to be offered contacts, with the reason.
    NotReady(Reason),
    /// Logged on and ready.
    Ready,
}

/// A request of the agent or a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum AgentRequest {
    /// Log on at a station, with that presence.
    LogOn(StationIx, Presence),
    /// Log off, for a reason.
    LogOff(Reason),
    /// Not ready.
    NotReady(Reason),
    /// Ready; ends after-call work early.
    Ready,
    /// After-call work for so long, without a call or longer than the queue grants.
    #[serde(rename = "Work")]
    AfterCallWork(Ticks),
}

/// The source of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Doer {
    /// The agent.
    Agent,
    /// A supervisor (forced state).
    Supervisor,
    /// A rule or a call.
    System,
}

/// A fact about the agent's calls and line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// An offer begins to ring.
    Offered,
    /// The offer was withdrawn: the caller hung up, or another agent answered.
    Withdrawn,
    /// The offer was missed (ring no answer) or refused.
    Missed,
    /// A call begins: an answered offer, or any other call of the station.
    CallBegan,
    /// A call ends, at whichever end. With a queue's call follows its work.
    CallEnded {
        /// The queue the call came from, and the length of its after-call work.
        work: Option<(QueueIx, Ticks)>,
    },
    /// Busy tone after a call.
    BusyTone,
    /// Off hook without a call. A headset, which is off hook all shift, is not reported.
    OffHook,
    /// On hook.
    OnHook,
    /// The line is dead.
    OutOfOrder,
    /// The line is back.
    InOrder,
}
