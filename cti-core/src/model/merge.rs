//! Transfer and conference: two calls become one.
//!
//! Never: leaves a device in both calls.

use super::calls::Model;
use super::change::{ChangeKind, Reason};
use super::connection::{Call, Connection};
use super::judge::{Refused, Service};
use super::table::{ConnectionState, Deadline};
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure as F;
use crate::device::Device;

impl Model {
    /// CSTATransferCall: the two calls become one without the device.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::TransferCall`]; INVALID_OBJECT_STATE if one of the calls has no other party,
    /// or both wait; GENERIC_STATE_INCOMPATIBILITY if another device is in both; RESOURCE_LIMITATION_REJECTION if both
    /// together are too large for one call.
    pub fn transfer(&mut self, active: CallId, held: CallId, device: Device, reason: Reason) -> Result<(), Refused> {
        self.judge(Service::TransferCall, device, active, Some(held))?;
        self.merge(held, active, device, false, reason)
    }

    /// CSTAConferenceCall: the two calls become one, the device among its parties.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::ConferenceCall`]; else as [`Model::transfer`].
    pub fn conference(&mut self, active: CallId, held: CallId, device: Device, reason: Reason) -> Result<(), Refused> {
        self.judge(Service::ConferenceCall, device, active, Some(held))?;
        self.merge(held, active, device, true, reason)
    }

    fn merge(&mut self, held: CallId, active: CallId, by: Device, stays: bool, reason: Reason) -> Result<(), Refused> {
        let (Some(from), Some(into)) = (self.call(held), self.call(active)) else {
            return Err(F::InvalidCstaCallIdentifier);
        };
        let others = |call: &Call| call.parties().filter(|party| party.device != by).count();
        if others(from) == 0 || others(into) == 0 {
            return Err(F::InvalidObjectState);
        }
        if from.waits() && into.waits() {
            return Err(F::InvalidObjectState);
        }
        let meets = |other: &Connection| other.device != by && into.at(other.device).is_some();
        if from.connections.iter().any(meets) {
            return Err(F::GenericStateIncompatibility);
        }
        // The device counts twice before, and once or not at all after.
        if from.connections.len() + into.connections.len() - 2 + usize::from(stays) > self.bounds.connections {
            return Err(F::ResourceLimitationRejection);
        }
        if !stays {
            self.withdraw(active, by);
        }
        self.absorb(held, active, by);
        // A device that alerts for the consultation alerts for the call now, which comes back if it does not answer.
        if !stays {
            self.recall_to(active, by);
        }
        let parties = self.call(active).into_iter().flat_map(|call| &call.connections).map(|it| it.device).collect();
        self.record(active, ChangeKind::Merged { held, by, stays, parties }, reason);
        self.settle(active, reason);
        Ok(())
    }

    /// The devices that alert for a call, and a trunk whose far end has not answered, send it back to `by` if it is not
    /// answered there, but for those that have another device to send it back to.
    pub fn recall_to(&mut self, call: CallId, by: Device) {
        let unanswered = |it: &&mut Connection| {
            (it.state == ConnectionState::Alerting || it.deadline == Deadline::FarEnd) && it.recall.is_none()
        };
        if let Some(call) = self.call_mut(call) {
            call.connections.iter_mut().filter(unanswered).for_each(|it| it.recall = Some(by));
        }
    }
}
