//! A device's part in a call, and the device's list of them.
//!
//! Never: changes a state; that is for [`Model`](super::Model) alone.

use arrayvec::ArrayVec;
use tipring_driver::time::Tick;

use super::table::{ConnectionState, Deadline};
use crate::csta::CallId;
use crate::device::{Device, QueueIx, StationIx};
use crate::limits::APPEARANCES_MAX;

/// The part a connection has in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Role {
    /// Hears all parties and is heard by all.
    Party,
    /// Silent monitor: hears all parties, is heard by none.
    Silent,
    /// Whisper: hears all parties, is heard by this station alone.
    Coach(StationIx),
}

/// A device's part in a call. Call and device together identify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Connection {
    /// The device.
    pub device: Device,
    /// The state.
    pub state: ConnectionState,
    /// The tick of the step into this state.
    pub since: Tick,
    /// The deadline of this state.
    #[serde(rename = "wait")]
    pub deadline: Deadline,
    /// The part in the conversation.
    pub role: Role,
    /// The device to which the call returns that is parked here, or transferred to here before the answer.
    pub recall: Option<Device>,
}

impl Connection {
    /// Returns true if the call can be taken away from here, to be sent elsewhere: it alerts or waits, or goes out over
    /// a trunk whose far end has not answered.
    pub fn can_be_taken(&self) -> bool {
        matches!(self.state, ConnectionState::Alerting | ConnectionState::Queued) || self.deadline == Deadline::FarEnd
    }
}

/// The calls at one device: at most [`APPEARANCES_MAX`] at a station, one at a trunk or a parking place.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Appearances(pub(super) ArrayVec<CallId, APPEARANCES_MAX>);

impl Appearances {
    /// The calls, in the order of their arrival.
    pub fn calls(&self) -> &[CallId] {
        &self.0
    }

    /// The calls as they are now, to be gone through while they change.
    pub fn list(&self) -> ArrayVec<CallId, APPEARANCES_MAX> {
        self.0.clone()
    }
}

/// A call: its connections in the order of their arrival, the caller's first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Call {
    /// The identifier.
    pub id: CallId,
    /// The connections.
    pub connections: ArrayVec<Connection, { crate::limits::CALL_CONNECTIONS_MAX }>,
    /// The device to which an incoming call goes on when its trunk is answered.
    pub entry: Option<Device>,
    /// The queue that a predictive call enters when its far end answers.
    pub predictive: Option<QueueIx>,
}

/// Returns true for a queue or a number, where a call waits for what comes next.
pub(super) const fn is_waiting_place(device: Device) -> bool {
    matches!(device, Device::Queue(_) | Device::Number(_))
}

impl Call {
    /// A call without connections.
    pub(super) fn new(id: CallId) -> Call {
        Call { id, connections: ArrayVec::new(), entry: None, predictive: None }
    }

    /// A device's connection.
    pub fn at(&self, device: Device) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.device == device)
    }

    /// The number at which the call alerts: a flow runs there, or a client is asked for the route.
    pub fn number(&self) -> Option<Device> {
        self.connections.iter().map(|connection| connection.device).find(|device| matches!(device, Device::Number(_)))
    }

    /// Returns true if the call waits in a queue or at a number: at one of them at a time.
    pub fn waits(&self) -> bool {
        self.connections.iter().any(|connection| is_waiting_place(connection.device))
    }

    /// The connections that are parties rather than observers.
    pub fn parties(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().filter(|connection| connection.role == Role::Party)
    }

    /// Returns true if speech goes from one device to another: both are connected, and the role of the first lets it
    /// be heard.
    pub fn hears(&self, to: Device, from: Device) -> bool {
        let connected = |device| self.at(device).filter(|it| it.state == ConnectionState::Connected);
        let (Some(to), Some(from)) = (connected(to), connected(from)) else { return false };
        to.device != from.device
            && match from.role {
                Role::Party => true,
                Role::Silent => false,
                Role::Coach(station) => to.device == Device::Station(station),
            }
    }
}
