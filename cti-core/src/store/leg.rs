//! The record of a leg: a device's part in a call.
//!
//! Never: counts before the leg is over; of a call in progress, the store keeps its legs so far apart.

use tipring_driver::time::{Tick, Ticks};

use crate::csta::cause::EventCause;
use crate::csta::{AgentId, CallId, DeviceId, Ucid};
use crate::named::named;

/// A leg record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LegRecord {
    /// The universal identifier of its call.
    pub ucid: Ucid,
    /// The call, by its identifier at the end of the leg.
    pub call: CallId,
    /// The device: a trunk, a station, a queue, a parking place.
    pub device: DeviceId,
    /// Kind of the device.
    pub kind: LegKind,
    /// The agent at the device.
    pub agent: Option<AgentId>,
    /// Tick at which the device came into the call.
    pub began: Tick,
    /// Tick at which it took part first.
    pub connected: Option<Tick>,
    /// Tick at which it left.
    pub ended: Tick,
    /// Time of ringing.
    pub rung: Ticks,
    /// Time on hold.
    pub hold: Ticks,
    /// The longest single hold.
    pub longest_hold: Ticks,
    /// Count of holds.
    pub holds: u16,
    /// The furthest state.
    pub reached: LegReached,
    /// Cause of its end.
    pub cause: EventCause,
    /// By whom it was ended.
    pub ended_by: LegEndedBy,
}

named! {
    /// Kind of a leg's device, and its part in the conversation.
    LegKind {
        /// A line of the exchange.
        Trunk = "trunk",
        /// A telephone.
        Station = "station",
        /// A telephone that listens only.
        SilentMonitor = "silent-monitor",
        /// A telephone that listens, and speaks to one other alone.
        Coach = "coach",
        /// A queue.
        Queue = "queue",
        /// A parking place.
        Park = "park",
    }
}

named! {
    /// The furthest state of a leg.
    LegReached {
        /// The call could not be had there.
        Failed = "failed",
        /// The device asked for service.
        Initiated = "initiated",
        /// The call waited there.
        Queued = "queued",
        /// The device was offered the call.
        Alerting = "alerting",
        /// The device took part.
        Connected = "connected",
    }
}

named! {
    /// The origin of a leg's end.
    LegEndedBy {
        /// The device itself: it went on hook, or its line did.
        Device = "device",
        /// A client, by a service request.
        Client = "client",
        /// The switch: a deadline or a rule.
        Switch = "switch",
        /// The end of the program, a power cut for one: the call was not over.
        Interrupted = "interrupted",
    }
}
