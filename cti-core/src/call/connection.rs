//! One device's part in a call: its connection, the state of it, and how the device is named in events.
//!
//! Inside parties are known by their extension, a static identifier. Parties on a trunk are known by a token that
//! holds for this call only, a dynamic identifier of the shape `T` digits `#`, which is the custom of the field.
//!
//! Never: changes a call.

use core::fmt::Write;

use arrayvec::ArrayString;

use super::device::Device;
use crate::csta::{CallId, ConnectionDevice, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState};

/// One device's part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// The device.
    pub device: Device,
    /// Its connection.
    pub connection: ConnectionId,
    /// The connection's state.
    pub state: LocalConnectionState,
    /// How it is named in events: an extension, or the number at the far end of a trunk.
    pub name: ExtendedDeviceId,
}

impl Party {
    /// An inside device's part.
    pub const fn inside(call: CallId, device: Device, id: DeviceId, state: LocalConnectionState) -> Party {
        let connection = ConnectionId { call, device: id, kind: ConnectionDevice::Static };
        Party { device, connection, state, name: ExtendedDeviceId::inside(id) }
    }

    /// The part of somebody at the far end of a trunk. `token` must not be used twice in a call.
    pub fn outside(
        call: CallId,
        device: Device,
        token: u32,
        name: ExtendedDeviceId,
        state: LocalConnectionState,
    ) -> Party {
        let mut text = ArrayString::<16>::new();
        // At most 12 characters, so there is room.
        let _ = write!(text, "T{token}#");
        let device_id = DeviceId::new(&text).unwrap_or_default();
        let connection = ConnectionId { call, device: device_id, kind: ConnectionDevice::Dynamic };
        Party { device, connection, state, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::device::TrunkIx;

    #[test]
    fn a_party_on_a_trunk_is_known_by_a_token_for_this_call() {
        let trunk = Device::Trunk(TrunkIx(0));
        let party =
            Party::outside(CallId(7), trunk, u32::MAX, ExtendedDeviceId::NOT_KNOWN, LocalConnectionState::Connect);
        assert_eq!(party.connection.device.as_str(), "T4294967295#");
        assert_eq!(party.connection.kind, ConnectionDevice::Dynamic);
    }
}
