//! Devices by their places in the configuration.
//!
//! Never: knows a name, or the state of a line.

use crate::by_key::Key;
use crate::csta::DeviceType;

/// A line of the exchange, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct TrunkIx(pub u16);

/// A telephone, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StationIx(pub u16);

/// A queue, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct QueueIx(pub u16);

/// A parking place, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ParkIx(pub u16);

/// A number that callers dial, by its place among the numbers of the trunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct NumberIx(pub u16);

/// A device that can have a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Device {
    /// A telephone.
    Station(StationIx),
    /// A line of the exchange.
    Trunk(TrunkIx),
    /// A queue; any number of calls wait there.
    Queue(QueueIx),
    /// A parking place.
    Park(ParkIx),
    /// A number at which calls arrive, and are led on by a flow; any number of calls.
    Number(NumberIx),
}

impl Key for Device {
    fn number(self) -> u64 {
        let (kind, ix) = match self {
            Device::Station(ix) => (0, ix.0),
            Device::Trunk(ix) => (1, ix.0),
            Device::Queue(ix) => (2, ix.0),
            Device::Park(ix) => (3, ix.0),
            Device::Number(ix) => (4, ix.0),
        };
        kind << u16::BITS | u64::from(ix)
    }
}

impl Device {
    /// The standard's type of the device. A number that leads into a flow counts as a distributing device, as vendors
    /// have it.
    pub const fn device_type(self) -> DeviceType {
        match self {
            Device::Trunk(_) => DeviceType::Trunk,
            Device::Station(_) => DeviceType::Station,
            Device::Queue(_) | Device::Number(_) => DeviceType::Acd,
            Device::Park(_) => DeviceType::StationGroup,
        }
    }

    /// The station, if it is one.
    pub const fn station(self) -> Option<StationIx> {
        match self {
            Device::Station(station) => Some(station),
            _ => None,
        }
    }

    /// The trunk, if it is one.
    pub const fn trunk(self) -> Option<TrunkIx> {
        match self {
            Device::Trunk(trunk) => Some(trunk),
            _ => None,
        }
    }
}
