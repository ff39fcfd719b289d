//! Requests to be called back, and the attempts, as they are kept.
//!
//! Moments, not ticks: a request outlives the run in which it was left.
//!
//! Never: lets a caller go before the request is kept.

use tipring_driver::line::Number;

use crate::acd::ids::CallBackId;
use crate::csta::{AgentId, CallId, DeviceId};
use crate::named::named;
use crate::report::moment::Moment;

named! {
    /// The state of a request.
    #[serde(rename_all = "snake_case")]
    CallBackState {
        /// In line, or until its next attempt.
        Waiting = "waiting",
        /// The customer's number is being called.
        Trying = "trying",
        /// The customer has answered.
        Reached = "reached",
        /// The last attempt has failed.
        GivenUp = "given-up",
        /// Taken off the list.
        Cancelled = "cancelled",
        /// The customer has called in meanwhile, and has the place.
        CalledIn = "called-in",
    }
}

named! {
    /// The outcome of an attempt.
    #[serde(rename_all = "snake_case")]
    AttemptOutcome {
        /// The customer answered.
        Answered = "answered",
        /// The number was busy.
        Busy = "busy",
        /// The number was not answered.
        NoAnswer = "no-answer",
        /// The network, or every trunk, could not have the call.
        Failed = "failed",
        /// The program ended before the attempt did; it does not count as an attempt.
        Interrupted = "interrupted",
    }
}

/// A request to be called back; a later record replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallBackRecord {
    /// The request.
    pub id: CallBackId,
    /// The queue.
    pub queue: DeviceId,
    /// The number, without the trunk prefix.
    pub number: Number,
    /// The call that left it; 0 for none.
    pub call: CallId,
    /// Moment of the request.
    pub asked: Moment,
    /// Start of the wait that counts.
    pub since: Moment,
    /// Tries so far.
    pub tries: u8,
    /// Moment of the next attempt.
    pub next: Moment,
    /// State.
    pub state: CallBackState,
    /// Moment of the state.
    pub changed: Moment,
    /// Of a customer whom the file has as VIP now; not kept with the request.
    pub is_vip: bool,
    /// The work order that it is about, by its row; 0 for none.
    pub work_order: i64,
}

/// An attempt that has ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallBackAttempt {
    /// The request.
    pub id: CallBackId,
    /// Moment of its end.
    pub at: Moment,
    /// The agent.
    pub agent: AgentId,
    /// The attempt's own call.
    pub call: CallId,
    /// Outcome.
    pub outcome: AttemptOutcome,
}
