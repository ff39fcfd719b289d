//! The changes of a transaction: everything that follows from it is computed from their list.
//!
//! Never: leaves out a step, or reports one twice.

use core::fmt;

use arrayvec::ArrayVec;

use super::table::{ConnectionState, Row, Trigger};
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::Device;
use crate::limits::CALL_CONNECTIONS_MAX;

/// The origin of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The device itself: a lift, a hang-up, a sign of the line.
    Device(Device),
    /// A service request.
    Client,
    /// A deadline or a rule of the switch.
    Switch,
}

/// The reason of a change: its cause in the event, and its origin in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason {
    /// The cause.
    pub cause: EventCause,
    /// The origin.
    pub origin: Origin,
}

/// A change, with its number in the log of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The number; counts up by one from the start of the switch.
    pub seq: u64,
    /// The call.
    pub call: CallId,
    /// The change itself.
    pub kind: ChangeKind,
    /// The reason.
    pub reason: Reason,
}

/// The kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// A connection has taken a step of the table.
    Step {
        /// The device.
        device: Device,
        /// The step.
        row: &'static Row,
    },
    /// Two calls have become one. The merged call is gone; its connections belong to this one.
    Merged {
        /// The call that is gone: the one that was held.
        held: CallId,
        /// The device that has merged them.
        by: Device,
        /// True for a conference, in which the device takes part; false for a transfer.
        stays: bool,
        /// The devices of the result.
        parties: ArrayVec<Device, CALL_CONNECTIONS_MAX>,
    },
    /// The call has ended.
    CallCleared,
}

/// A step that the table does not permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Illegal {
    /// The device.
    pub device: Device,
    /// The state before.
    pub from: Option<ConnectionState>,
    /// The trigger.
    pub trigger: Trigger,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not permitted at {:?} in the state {:?}", self.trigger, self.device, self.from)
    }
}

impl std::error::Error for Illegal {}
