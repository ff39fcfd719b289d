//! Devices as parties: the kinds of numbers, the kinds of devices, forwarding.
//!
//! Never: knows which devices a site has.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::enumerations::numbered;
use crate::id::{ConnectionId, DeviceId};

numbered!(open
    /// Kind of number that a device identifier is (DeviceIDType).
    #[derive(Default)]
    DeviceIdType {
        /// An inside device.
        #[default]
        0 DeviceIdentifier,
        /// An outside number as received.
        20 ImplicitPublic,
        /// An outside number of unknown kind.
        30 ExplicitPublicUnknown,
        /// An international number.
        31 ExplicitPublicInternational,
        /// A national number.
        32 ExplicitPublicNational,
        /// A number of a network's own.
        33 ExplicitPublicNetworkSpecific,
        /// A subscriber number.
        34 ExplicitPublicSubscriber,
        /// An abbreviated outside number.
        35 ExplicitPublicAbbreviated,
        /// A private number as received.
        40 ImplicitPrivate,
        /// A private number of unknown kind.
        50 ExplicitPrivateUnknown,
        /// A private number of region level 3.
        51 ExplicitPrivateLevel3RegionalNumber,
        /// A private number of region level 2.
        52 ExplicitPrivateLevel2RegionalNumber,
        /// A private number of region level 1.
        53 ExplicitPrivateLevel1RegionalNumber,
        /// A number of the private network's own.
        54 ExplicitPrivatePtnSpecificNumber,
        /// An inside number.
        55 ExplicitPrivateLocalNumber,
        /// An abbreviated private number.
        56 ExplicitPrivateAbbreviated,
        /// A number of another plan.
        60 OtherPlan,
        /// A trunk.
        70 TrunkIdentifier,
        /// A trunk group.
        71 TrunkGroupIdentifier,
    }
);

numbered!(closed
    /// Presence of a device identifier (DeviceIDStatus).
    #[derive(Default)]
    DeviceIdStatus {
        /// It is there.
        #[default]
        0 Provided,
        /// It is not known.
        1 NotKnown,
        /// There is none.
        2 NotRequired,
    }
);

/// A device with what is known of its identifier (ExtendedDeviceID).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExtendedDeviceId {
    /// The identifier; empty unless provided.
    #[serde(rename = "deviceID")]
    pub device: DeviceId,
    /// Kind of number it is.
    #[serde(rename = "deviceIDType", default)]
    pub kind: DeviceIdType,
    /// Presence.
    #[serde(rename = "deviceIDStatus", default)]
    pub status: DeviceIdStatus,
}

impl ExtendedDeviceId {
    /// Not known: empty, type 0, status 1.
    pub const NOT_KNOWN: ExtendedDeviceId = ExtendedDeviceId {
        device: DeviceId::EMPTY,
        kind: DeviceIdType::DeviceIdentifier,
        status: DeviceIdStatus::NotKnown,
    };
    /// None: empty, type 0, status 2.
    pub const NOT_REQUIRED: ExtendedDeviceId = ExtendedDeviceId {
        device: DeviceId::EMPTY,
        kind: DeviceIdType::DeviceIdentifier,
        status: DeviceIdStatus::NotRequired,
    };

    /// Returns an inside device.
    pub const fn inside(device: DeviceId) -> ExtendedDeviceId {
        ExtendedDeviceId { device, kind: DeviceIdType::DeviceIdentifier, status: DeviceIdStatus::Provided }
    }

    /// Returns an outside number as received; not known when it is empty.
    pub fn outside(number: DeviceId) -> ExtendedDeviceId {
        if number.is_empty() {
            return ExtendedDeviceId::NOT_KNOWN;
        }
        ExtendedDeviceId { device: number, kind: DeviceIdType::ImplicitPublic, status: DeviceIdStatus::Provided }
    }

    /// Returns a trunk as a party.
    pub const fn trunk(device: DeviceId) -> ExtendedDeviceId {
        ExtendedDeviceId { device, kind: DeviceIdType::TrunkIdentifier, status: DeviceIdStatus::Provided }
    }
}

/// A party of a call that a transfer or a conference has made (Connection).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Its connection in the resulting call.
    pub party: ConnectionId,
    /// Its device.
    pub static_device: ExtendedDeviceId,
}

/// The parties of a call that a transfer or a conference has made; shared, since every monitor gets the same.
pub type ConnectionList = Arc<[Connection]>;

numbered!(open
    /// Kind of a device (DeviceType).
    DeviceType {
        /// A telephone.
        0 Station,
        /// A line.
        1 Line,
        /// A button.
        2 Button,
        /// A queue.
        3 Acd,
        /// A line of the exchange.
        4 Trunk,
        /// An operator's position.
        5 Operator,
        /// A group of telephones.
        16 StationGroup,
        /// A group of lines.
        17 LineGroup,
        /// A group of buttons.
        18 ButtonGroup,
        /// A group of agents that a queue serves.
        19 AcdGroup,
        /// Lines of the exchange that serve the same purpose.
        20 TrunkGroup,
        /// A group of operators.
        21 OperatorGroup,
    }
);

/// Media that a device is for: bits, most significant first (DeviceClass, 4 bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DeviceClass(pub u8);

impl DeviceClass {
    /// Voice (0x80).
    pub const VOICE: DeviceClass = DeviceClass(0x80);
    /// Bits with a meaning: voice 0x80, data 0x40, image 0x20, other 0x10.
    pub const MASK: u8 = 0xF0;
}

numbered!(closed
    /// Condition of a forwarding (ForwardingType).
    ForwardingType {
        /// Every call.
        0 Immediate,
        /// Calls that find the device busy.
        1 Busy,
        /// Calls that are not answered.
        2 NoAnswer,
        /// Inside calls that find the device busy.
        3 BusyInternal,
        /// Outside calls that find the device busy.
        4 BusyExternal,
        /// Inside calls that are not answered.
        5 NoAnswerInternal,
        /// Outside calls that are not answered.
        6 NoAnswerExternal,
    }
);

/// A forwarding of a device (ForwardingInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ForwardingInfo {
    /// Its condition.
    #[serde(rename = "forwardingType")]
    pub kind: ForwardingType,
    /// True if it is in force.
    #[serde(rename = "forwardingOn")]
    pub on: bool,
    /// Its destination.
    #[serde(rename = "forwardDN")]
    pub destination: DeviceId,
}

/// Number of forwarding entries a query is answered with at most.
pub const FORWARDING_MAX: usize = 7;
