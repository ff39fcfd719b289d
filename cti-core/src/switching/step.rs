//! A step of a connection as data for its `consequences`, and the ways in which a call leaves a queue.
//!
//! Never: carries out a consequence.

use crate::acd::ids::AgentIx;
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId};
use crate::device::Device;
use crate::model::{Reason, Role, Row, Trigger};

/// A step of a connection, in the terms of its consequences.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) call: CallId,
    pub(super) device: Device,
    pub(super) row: &'static Row,
    pub(super) reason: Reason,
    /// The call was taken away from another device by the change before.
    pub(super) is_redirected: bool,
    /// The device to which the call goes next.
    pub(super) destination: Option<Device>,
    /// The device's part in the conversation; none if it has left.
    pub(super) role: Option<Role>,
    /// The agent at the device.
    pub(super) agent: Option<AgentIx>,
}

impl Step {
    /// Returns true if a station takes a call that alerted, waited or was parked elsewhere.
    pub(super) fn is_pickup(&self) -> bool {
        let joins = self.row.from.is_none() && self.row.trigger == Trigger::Join;
        joins && self.reason.cause == EventCause::CallPickup && self.device.station().is_some()
    }
}

/// The ways in which a call leaves a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// A device has answered.
    Answered(Device),
    /// The caller has hung up.
    Abandoned,
    /// It goes on to another destination.
    FlowedOut(DeviceId),
    /// A request to be called back has been left.
    CallBack,
    /// It ended otherwise.
    Cleared,
}
