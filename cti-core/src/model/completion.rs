//! Call completion: a caller who finds a station busy waits for it, or is called back.
//!
//! ```text
//! camp on     caller Failed → Connected, station (null) → Queued;  free: station Queued → Alerting
//! call back   caller clears;  both free: caller (null) → Alerting → Connected, station (null) → Alerting
//! ```
//!
//! Source: ECMA-179, Call Completion.
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
    /// NO_CALL_TO_COMPLETE if the call has not failed; GENERIC_STATE_INCOMPATIBILITY if the station is not to be
    /// disturbed, or
    /// is in the call; RESOURCE_LIMITATION_REJECTION if another call waits there, or it has no room.
    pub fn camp_on(&mut self, call: CallId, from: Device, to: Device, reason: Reason) -> Result<(), Refused> {
        self.judge(Service::CampOn, from, call, None)?;
        self.can_complete(call, to)?;
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

    /// Call back: the caller leaves the call, which has failed, and is called when both are free.
    ///
    /// # Errors
    ///
    /// As [`camp_on`](Model::camp_on); RESOURCE_LIMITATION_REJECTION if the caller waits for another call back.
    pub fn call_back(&mut self, call: CallId, from: Device, to: Device, reason: Reason) -> Result<(), Refused> {
        self.judge(Service::CallBack, from, call, None)?;
        self.can_complete(call, to)?;
        if self.call_backs.iter().any(|&(waiting, _)| waiting == from) {
            return Err(F::ResourceLimitationRejection);
        }
        self.call_backs.push((from, to));
        self.clear(call, from, reason)
    }

    /// Withdraws the call back for which a caller waits. Returns whether there was one.
    pub fn cancel_call_back(&mut self, from: Device) -> bool {
        let before = self.call_backs.len();
        self.call_backs.retain(|&(waiting, _)| waiting != from);
        self.call_backs.len() != before
    }

    fn can_complete(&self, call: CallId, to: Device) -> Result<(), Refused> {
        if !matches!(to, Device::Station(_)) {
            return Err(F::InvalidObjectType);
        }
        if self.features(to).do_not_disturb || self.state(call, to).is_some() {
            return Err(F::GenericStateIncompatibility);
        }
        Ok(())
    }

    /// The call that waits at a station.
    pub fn camped(&self, station: Device) -> Option<CallId> {
        let calls = self.appearances(station)?.calls().iter().copied();
        calls.into_iter().find(|&call| self.state(call, station) == Some(ConnectionState::Queued))
    }

    /// A station that has become free for the call that waits there.
    pub fn next_camped(&self) -> Option<(CallId, Device)> {
        self.station_devices()
            .find_map(|station| Some((self.camped(station).filter(|_| self.is_idle(station, 1))?, station)))
    }

    /// The call that waits at a station alerts there.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if it does not wait there; RESOURCE_BUSY if the station is not free.
    pub fn offer_camped(&mut self, call: CallId, station: Device, reason: Reason) -> Result<(), Refused> {
        if self.camped(station) != Some(call) {
            return Err(F::InvalidObjectState);
        }
        if !self.is_idle(station, 1) {
            return Err(F::ResourceBusy);
        }
        self.go(call, station, Trigger::Offer, reason)
    }

    /// A caller who waits to be called back, and the station; both have become free.
    pub fn next_call_back(&self) -> Option<(Device, Device)> {
        self.call_backs.iter().copied().find(|&(from, to)| self.is_idle(from, 0) && self.is_idle(to, 0))
    }

    /// Calls a caller back: the call goes on to `to` when `from` answers.
    ///
    /// # Errors
    ///
    /// RESOURCE_BUSY if one of them is not free.
    pub fn ring_back(&mut self, from: Device, to: Device, reason: Reason) -> Result<CallId, Refused> {
        let stations = matches!((from, to), (Device::Station(_), Device::Station(_)));
        if !stations || from == to || !self.is_idle(from, 0) || !self.is_idle(to, 0) {
            return Err(F::ResourceBusy);
        }
        let call = self.begin().ok_or(F::ResourceLimitationRejection)?;
        if let Some(of) = self.call_mut(call) {
            of.entry = Some(to);
        }
        self.cancel_call_back(from);
        self.go(call, from, Trigger::Offer, reason)?;
        Ok(call)
    }

    /// Returns true if a device has that many calls, and no more.
    fn is_idle(&self, device: Device, calls: usize) -> bool {
        self.appearances(device).is_some_and(|appearances| appearances.calls().len() == calls)
    }
}
