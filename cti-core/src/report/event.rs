//! The entries of the log: one fact each, with its moment.
//!
//! Names instead of places in the configuration: the log outlives the configuration it was written under.
//!
//! Never: an entry that changes an earlier one.

use serde::{Deserialize, Serialize};

use crate::agent::Activity;

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
pub type Moment = u64;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Number, ascending without gaps.
    pub seq: u64,
    /// Moment.
    pub at: Moment,
    /// Fact.
    #[serde(flatten)]
    pub event: Event,
}

/// A call's number in the log: never the same for two calls, restarts included.
pub type CallKey = u64;

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A call entered a queue. Its return from a telephone that was not answered, with its place, is no entry.
    Queued {
        /// The call.
        call: CallKey,
        /// The queue.
        queue: String,
        /// The caller's number; empty if not known.
        caller: String,
        /// The dialled number.
        dialled: String,
        /// The trunk group it came by; empty for an internal call.
        group: String,
    },
    /// A telephone was rung for a queue's call and not answered.
    Missed {
        /// The call.
        call: CallKey,
        /// The agent.
        agent: String,
    },
    /// An agent answered; the wait ends.
    Answered {
        /// The call.
        call: CallKey,
        /// The agent.
        agent: String,
        /// Ring bursts begun at the agent's station, the answered one included.
        rings: u8,
    },
    /// The caller hung up while queued or while a telephone rang.
    Abandoned {
        /// The call.
        call: CallKey,
    },
    /// The call left its queue by a rule or a key, neither answered nor abandoned.
    FlowedOut {
        /// The call.
        call: CallKey,
        /// The destination, as the configuration names it.
        to: String,
    },
    /// The caller left a request to be called back, and hung up.
    CallBackLeft {
        /// The call.
        call: CallKey,
    },
    /// An abandoned or missed caller has been reached.
    CalledBack {
        /// The number reached.
        caller: String,
    },
    /// A queue's call ended at its agent: hang-up, transfer, take-over.
    Ended {
        /// The call.
        call: CallKey,
        /// Hold within the call, in ms.
        hold: u64,
        /// The longest single hold, in ms.
        longest_hold: u64,
        /// The call went on elsewhere.
        transferred: bool,
        /// The customer hung up first.
        by_customer: bool,
    },
    /// An agent's activity changed.
    Agent {
        /// The agent.
        agent: String,
        /// The activity that begins.
        to: Activity,
        /// The queue whose work it is; empty if none.
        queue: String,
    },
    /// A trunk was seized, for a call in or out.
    Seized {
        /// The trunk.
        trunk: String,
        /// Its group.
        group: String,
        /// For a call in.
        incoming: bool,
    },
    /// A trunk was released.
    Released {
        /// The trunk.
        trunk: String,
    },
    /// A call out found all trunks of its group busy.
    Blocked {
        /// The group.
        group: String,
    },
}
