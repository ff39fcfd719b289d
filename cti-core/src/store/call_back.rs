//! Requests to be called back, and the attempts, as they are kept.
//!
//! Moments, not ticks: a request outlives the run in which it was left.
//!
//! Never: lets a caller go before the request is kept.

use tipring_driver::line::Number;

use crate::acd::ids::CallBackId;
use crate::csta::{AgentId, CallId, DeviceId};
use crate::report::moment::Moment;

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallBackState {
    /// In line, or until its next try.
    Waiting,
    /// The customer's number is being called.
    Trying,
    /// The customer has answered.
    Reached,
    /// The last try has failed.
    GivenUp,
    /// Taken off the list.
    Cancelled,
    /// The customer has called in meanwhile, and has the place.
    CalledIn,
}

impl CallBackState {
    /// All states with their names.
    pub const ALL: [(CallBackState, &'static str); 6] = [
        (CallBackState::Waiting, "waiting"),
        (CallBackState::Trying, "trying"),
        (CallBackState::Reached, "reached"),
        (CallBackState::GivenUp, "given-up"),
        (CallBackState::Cancelled, "cancelled"),
        (CallBackState::CalledIn, "called-in"),
    ];

    /// The name, as the store has it.
    pub fn name(self) -> &'static str {
        CallBackState::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// The state of a name.
    pub fn of_name(name: &str) -> Option<CallBackState> {
        CallBackState::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// The outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryOutcome {
    /// The customer answered.
    Answered,
    /// The number was busy.
    Busy,
    /// The number was not answered.
    NoAnswer,
    /// The network, or every trunk, could not have the call.
    Failed,
    /// The program ended before the attempt did; it does not count as a try.
    Interrupted,
}

impl TryOutcome {
    /// The name, as the store has it.
    pub const fn name(self) -> &'static str {
        match self {
            TryOutcome::Answered => "answered",
            TryOutcome::Busy => "busy",
            TryOutcome::NoAnswer => "no-answer",
            TryOutcome::Failed => "failed",
            TryOutcome::Interrupted => "interrupted",
        }
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
    /// Moment of the next try.
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
pub struct CallBackTry {
    /// The request.
    pub id: CallBackId,
    /// Moment of its end.
    pub at: Moment,
    /// The agent.
    pub agent: AgentId,
    /// The attempt's own call.
    pub call: CallId,
    /// Outcome.
    pub outcome: TryOutcome,
}
