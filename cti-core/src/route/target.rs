//! A destination that is known to exist.
//!
//! Never: leads nowhere. What cannot be is refused when the site is read.

use super::destination::Destination;
use crate::config::ConfigError;
use crate::csta::DeviceId;
use crate::device::{Device, Devices, QueueIx, StationIx};

/// A destination of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Target {
    /// A flow, by its place among the names of flows.
    Flow(u16),
    /// A queue.
    Queue(QueueIx),
    /// A station.
    Station(StationIx),
}

impl Target {
    /// The target of a configured destination.
    ///
    /// # Errors
    ///
    /// A flow, queue or station of that name does not exist.
    pub fn resolve(destination: Destination, devices: &Devices, flows: &[String]) -> Result<Target, ConfigError> {
        let nowhere = |id: DeviceId| Err(ConfigError::NoSuchDestination(id));
        match destination {
            Destination::Flow(name) => match flows.iter().position(|flow| *flow == name.as_str()) {
                Some(place) => Ok(Target::Flow(place as u16)),
                None => Err(ConfigError::NoSuchFlow(name)),
            },
            Destination::Queue(id) => match devices.find(&id) {
                Some(Device::Queue(queue)) => Ok(Target::Queue(queue)),
                _ => nowhere(id),
            },
            Destination::Station(id) => match devices.find(&id) {
                Some(Device::Station(station)) => Ok(Target::Station(station)),
                _ => nowhere(id),
            },
        }
    }
}
