//! Camp on: a caller who finds a station busy waits for it.
//!
//! ```text
//! caller Failed → Connected, station (null) → Queued;  free: station Queued → Alerting
//! ```
//!
//! Source: ECMA-179, Call Completion. The other kind, a call back, is a call of its own: `switching::features`.
//!
//! Never: decides when a telephone rings; the transaction that frees a station does.

use super::calls::Model;
use super::change::Reason;
use super::judge::{Refused, Service};
use super::table::{ConnectionState, Trigger};
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure as F;
use crate::device::Device;

impl Model {
    /// Camp on: the call, which has failed at `from`, waits at the busy station, and alerts there at once if it can.
    ///
    /// # Errors
    ///
    /// NO_CALL_TO_COMPLETE if the call has not failed; INVALID_OBJECT_TYPE if `to` is no station;
    /// GENERIC_STATE_INCOMPATIBILITY if it is in the call; RESOURCE_LIMITATION_REJECTION if another call waits there,
    /// or it has no room.
    pub fn camp_on(&mut self, call: CallId, from: Device, to: Device, reason: Reason) -> Result<(), Refused> {
        self.judge(Service::CampOn, from, call, None)?;
        if !matches!(to, Device::Station(_)) {
            return Err(F::InvalidObjectType);
        }
        if self.state(call, to).is_some() {
            return Err(F::GenericStateIncompatibility);
        }
        if !self.has_appearance(to)
            || self.camped(to).is_some()
            || self.call(call).is_some_and(|of| of.connections.len() >= self.bounds.connections)
        {
            return Err(F::ResourceLimitationRejection);
        }
        let trigger = if self.can_offer(call, to) { Trigger::Offer } else { Trigger::Enter };
        self.go(call, from, Trigger::Complete, reason)?;
        self.go(call, to, trigger, reason)
    }

    /// The call that waits at a station.
    pub fn camped(&self, station: Device) -> Option<CallId> {
        let calls = self.appearances(station)?.calls().iter().copied();
        calls.into_iter().find(|&call| self.state(call, station) == Some(ConnectionState::Queued))
    }

    /// The call that waits at a station alerts there.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if it does not wait there; RESOURCE_BUSY if the station has another call.
    pub fn offer_camped(&mut self, call: CallId, station: Device, reason: Reason) -> Result<(), Refused> {
        if self.camped(station) != Some(call) {
            return Err(F::InvalidObjectState);
        }
        if self.appearances(station).is_none_or(|it| it.calls().len() != 1) {
            return Err(F::ResourceBusy);
        }
        self.go(call, station, Trigger::Offer, reason)
    }
}
