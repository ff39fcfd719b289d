//! The entries of the log: one fact each, with its moment.
//!
//! Names instead of places in the configuration: the log outlives the configuration it was written under.
//!
//! Never: changes an earlier entry.

use serde::{Deserialize, Serialize};

use crate::agent::activity::Activity;
use crate::csta::{AgentId, CallId, DeviceId};
use crate::store::call_back::{AttemptOutcome, CallBackState};

pub use super::moment::Moment;

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Number, ascending without gaps.
    pub seq: u64,
    /// Moment.
    pub at: Moment,
    /// Fact.
    #[serde(flatten)]
    pub event: Event,
}

/// A call's number in the log: the identifier it had as it entered the queue; never the same for two calls, restarts
/// included.
pub type CallKey = CallId;

/// A fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The log goes on after a start of the program: what had no end in it was cut off.
    Started,
    /// A call entered a queue. Its return from a telephone that was not answered, with its place, is no entry.
    Queued {
        /// The call.
        call: CallKey,
        /// The queue.
        queue: DeviceId,
        /// The caller's number; empty if not known.
        caller: DeviceId,
        /// The dialled number.
        dialled: DeviceId,
        /// The trunk group it came by; empty for an internal call.
        group: DeviceId,
    },
    /// A telephone was rung for a queue's call and not answered.
    Missed {
        /// The call.
        call: CallKey,
        /// The agent.
        agent: AgentId,
    },
    /// An agent answered; the wait ends.
    Answered {
        /// The call.
        call: CallKey,
        /// The agent; empty if a telephone without one answered.
        agent: AgentId,
        /// Ring bursts begun at the agent's station, the answered one included.
        rings: u8,
    },
    /// The caller hung up while queued or while a telephone rang.
    Abandoned {
        /// The call.
        call: CallKey,
        /// The end of the business day by which the caller is to be called back; none if it is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Moment>,
    },
    /// The call ended in its queue otherwise, and the caller was cut off: cleared by a client or a stop, by a line that
    /// died, after the longest wait.
    Cleared {
        /// The call.
        call: CallKey,
        /// The end of the business day by which the caller is to be called back; none if it is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Moment>,
    },
    /// The call left its queue by a rule or a key, neither answered nor abandoned.
    FlowedOut {
        /// The call.
        call: CallKey,
        /// The destination: a device or number; empty if it has none.
        to: DeviceId,
    },
    /// The call that has entered a queue is that of a customer who was called back and has answered before an agent.
    CalledBack {
        /// The call.
        call: CallKey,
    },
    /// The caller left a request to be called back, and hung up.
    CallBackLeft {
        /// The call.
        call: CallKey,
    },
    /// A caller left a message.
    MessageLeft {
        /// The call.
        call: CallKey,
        /// The mailbox.
        mailbox: DeviceId,
    },
    /// The number of a request to be called back is dialled.
    CallBackBegun {
        /// The request.
        request: u64,
        /// Its queue.
        queue: DeviceId,
        /// The agent who has taken the attempt.
        agent: AgentId,
        /// The number of the try, from 1.
        attempt: u8,
    },
    /// An attempt to call back has an outcome.
    CallBackTried {
        /// The request.
        request: u64,
        /// Its queue.
        queue: DeviceId,
        /// The agent.
        agent: AgentId,
        /// The outcome.
        outcome: AttemptOutcome,
    },
    /// A request to be called back is over: its caller was reached, given up, or has called in; or it was cancelled.
    CallBackDone {
        /// The request.
        request: u64,
        /// Its queue.
        queue: DeviceId,
        /// The number.
        caller: DeviceId,
        /// The state at its end.
        state: CallBackState,
    },
    /// The person at a number that an agent has dialled over a trunk answered.
    Reached {
        /// The number.
        caller: DeviceId,
        /// The agent; empty if a telephone without one has dialled it.
        agent: AgentId,
    },
    /// A queue's call ended at its agent: hang-up, transfer, take-over. The telephone may still hear busy tone.
    Ended {
        /// The call.
        call: CallKey,
        /// Hold within the call, in ms.
        hold: u64,
        /// The longest single hold, in ms.
        longest_hold: u64,
        /// The call went on elsewhere.
        transferred: bool,
        /// The other side hung up first.
        by_customer: bool,
    },
    /// An agent's activity changed.
    Agent {
        /// The agent.
        agent: AgentId,
        /// The activity that begins.
        to: Activity,
        /// The queue whose work it is; empty if none.
        queue: DeviceId,
    },
    /// A break has passed the limit of its reason.
    BreakTooLong {
        /// The agent.
        agent: AgentId,
        /// The reason code.
        reason: u8,
    },
    /// An event mode is in force from now on, restarts included.
    EventMode {
        /// The mode; empty for the site as it is written.
        mode: DeviceId,
    },
    /// A trunk was seized, for a call in or out.
    Seized {
        /// The trunk.
        trunk: DeviceId,
        /// Its group.
        group: DeviceId,
        /// For a call in.
        incoming: bool,
    },
    /// A trunk was released.
    Released {
        /// The trunk.
        trunk: DeviceId,
    },
    /// A call out found all trunks of its group busy.
    Blocked {
        /// The group.
        group: DeviceId,
    },
    /// A trunk went out of service.
    OutOfService {
        /// The trunk.
        trunk: DeviceId,
        /// Its group.
        group: DeviceId,
    },
    /// A trunk came into service.
    InService {
        /// The trunk.
        trunk: DeviceId,
        /// Its group.
        group: DeviceId,
    },
}

impl Event {
    /// The kind, as the log's entries name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Event::Started => "started",
            Event::Queued { .. } => "queued",
            Event::Missed { .. } => "missed",
            Event::Answered { .. } => "answered",
            Event::Abandoned { .. } => "abandoned",
            Event::Cleared { .. } => "cleared",
            Event::FlowedOut { .. } => "flowed_out",
            Event::CalledBack { .. } => "called_back",
            Event::CallBackLeft { .. } => "call_back_left",
            Event::CallBackBegun { .. } => "call_back_begun",
            Event::CallBackTried { .. } => "call_back_tried",
            Event::CallBackDone { .. } => "call_back_done",
            Event::MessageLeft { .. } => "message_left",
            Event::Reached { .. } => "reached",
            Event::Ended { .. } => "ended",
            Event::Agent { .. } => "agent",
            Event::BreakTooLong { .. } => "break_too_long",
            Event::EventMode { .. } => "event_mode",
            Event::Seized { .. } => "seized",
            Event::Released { .. } => "released",
            Event::Blocked { .. } => "blocked",
            Event::OutOfService { .. } => "out_of_service",
            Event::InService { .. } => "in_service",
        }
    }
}
