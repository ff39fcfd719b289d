//! A device's part in a call, as clients see it.
//!
//! Inside parties are known by their extension, a static identifier. Parties on a trunk are known by a token that
//! holds for this call only, a dynamic identifier of the shape `T` digits `#`, which is the custom of the field.
//!
//! Never: changes a call.

use core::fmt::Write;

use arrayvec::ArrayString;
use tipring_driver::time::Tick;

use super::leg::Leg;
use super::served::Served;
use crate::acd::ids::AgentIx;
use crate::csta::{CallId, ConnectionDevice, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState};
use crate::device::{Device, QueueIx};
use crate::model::ConnectionState;

/// A device's part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Party {
    /// The device.
    pub device: Device,
    /// The connection.
    pub connection: ConnectionId,
    /// The connection's state.
    pub state: LocalConnectionState,
    /// The name in events: an extension, or the number at the far end of a trunk.
    pub name: ExtendedDeviceId,
    /// The queue from which the call came to this device.
    pub queue: Option<QueueIx>,
    /// The agent to whom distribution offered the call here; the offer outlives the agent's log-in.
    pub offered_to: Option<AgentIx>,
    /// The beginning of its ringing.
    pub alerting: Option<Tick>,
    /// The device's leg: its states so far, for the call detail record.
    pub leg: Leg,
    /// The queue's call that the device has answered.
    pub served: Option<Served>,
    /// The device hears the call without being a party to it.
    pub is_observer: bool,
    /// The call counts as one of the agent who sits at this device.
    pub is_counted: bool,
    /// The device has answered or joined.
    pub has_talked: bool,
}

impl Party {
    /// An inside device's part.
    pub fn inside(call: CallId, device: Device, id: DeviceId) -> Party {
        let connection = ConnectionId { call, device: id, kind: ConnectionDevice::Static };
        let name = ExtendedDeviceId::inside(id);
        Party::new(device, connection, name)
    }

    fn new(device: Device, connection: ConnectionId, name: ExtendedDeviceId) -> Party {
        Party {
            device,
            connection,
            state: LocalConnectionState::Null,
            name,
            queue: None,
            offered_to: None,
            alerting: None,
            leg: Leg::new(ConnectionState::Initiated, Tick::ZERO),
            served: None,
            is_observer: false,
            is_counted: false,
            has_talked: false,
        }
    }

    /// The part of the far end of a trunk. A `token` is used once.
    pub fn outside(call: CallId, device: Device, token: u32, name: ExtendedDeviceId) -> Party {
        let mut text = ArrayString::<16>::new();
        // At most 12 characters, so there is room.
        let _ = write!(text, "T{token}#");
        let id = DeviceId::new(&text).unwrap_or_default();
        let connection = ConnectionId { call, device: id, kind: ConnectionDevice::Dynamic };
        Party::new(device, connection, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::TrunkIx;

    #[test]
    fn a_party_on_a_trunk_is_known_by_a_token_for_this_call() {
        let trunk = Device::Trunk(TrunkIx(0));
        let party = Party::outside(CallId(7), trunk, u32::MAX, ExtendedDeviceId::NOT_KNOWN);
        assert_eq!(party.connection.device.as_str(), "T4294967295#");
        assert_eq!(party.connection.kind, ConnectionDevice::Dynamic);
    }
}
