//! Call history, for the call detail record: the states reached, the cause of the end, and the party that released.
//!
//! Never: reads the model.

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::acd::ids::AgentIx;
use crate::csta::cause::EventCause;
use crate::device::{Device, QueueIx, StationIx, TrunkIx};
use crate::store::{Direction, Outcome, ReleasedBy};

/// The course of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Log {
    /// The direction.
    pub direction: Direction,
    /// The trunk it used.
    pub trunk: Option<TrunkIx>,
    /// The queue it waited in last.
    pub queue: Option<QueueIx>,
    /// The agent who had it last.
    pub agent: Option<AgentIx>,
    /// The station that had it last, or made it.
    pub station: Option<StationIx>,
    /// The device that called.
    pub caller: Option<Device>,
    /// The beginning.
    pub offered: Tick,
    /// The answer of the line.
    pub answered: Option<Tick>,
    /// The first entry into a queue.
    pub queued: Option<Tick>,
    /// The last beginning of ringing at a telephone.
    pub alerting: Option<Tick>,
    /// The first answer of a person.
    pub established: Option<Tick>,
    /// The end: when, how far the call had got, and by whom it was ended. The first that leaves too few decides.
    pub end: Option<(Tick, Outcome, ReleasedBy)>,
    /// The cause of the end.
    pub cause: EventCause,
    /// The first recording.
    pub recording: Option<RecordingId>,
}

impl Log {
    /// The log of a call that begins.
    pub const fn new(now: Tick, direction: Direction) -> Log {
        Log {
            direction,
            trunk: None,
            queue: None,
            agent: None,
            station: None,
            caller: None,
            offered: now,
            answered: None,
            queued: None,
            alerting: None,
            established: None,
            end: None,
            cause: EventCause::None,
            recording: None,
        }
    }
}

/// The stage a call has reached, as an open row has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reached {
    /// The line was answered.
    answered: bool,
    /// The station that had it last; none before a person has answered.
    station: Option<StationIx>,
}

impl Log {
    /// The stage the call has reached.
    pub fn reached(&self) -> Reached {
        Reached { answered: self.answered.is_some(), station: self.station.filter(|_| self.established.is_some()) }
    }
}
