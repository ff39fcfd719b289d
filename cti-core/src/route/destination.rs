//! Destinations as a configuration writes them, by name.
//!
//! Never: looks a device up; that is [`target`](super::target).

use crate::csta::DeviceId;

/// Destination of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Destination {
    /// A flow, by its name.
    Flow(DeviceId),
    /// A queue.
    Queue(DeviceId),
    /// A station.
    Station(DeviceId),
}
