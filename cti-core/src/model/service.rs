//! Services as steps: hold, retrieve, alternation, pickup, park and recall among them; transfer and conference are in
//! `merge`. Each is judged first, then carried out whole. A service of several of them, as consultation is, is composed
//! in `switching`.
//!
//! Never: leaves a refused service half done.

use super::calls::Model;
use super::change::Reason;
use super::judge::{Refused, Service};
use super::table::{ConnectionState, Deadline, Trigger};
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure as F;
use crate::device::Device;
use crate::device::QueueIx;

type Outcome = Result<(), Refused>;

impl Model {
    /// Takes a step that has been judged. A refusal of the table is a fault of the rules, and is answered as one.
    pub(super) fn go(&mut self, call: CallId, device: Device, trigger: Trigger, reason: Reason) -> Outcome {
        self.step(call, device, trigger, reason).map_err(|_| F::InvalidObjectState)
    }

    /// A station requests service; the digits follow.
    ///
    /// # Errors
    ///
    /// GENERIC_STATE_INCOMPATIBILITY if the station is in an active call; RESOURCE_LIMITATION_REJECTION if it has no
    /// room for one more, or the site none.
    pub fn initiate(&mut self, from: Device, reason: Reason) -> Result<CallId, Refused> {
        if self.active(from).is_some() {
            return Err(F::GenericStateIncompatibility);
        }
        if !self.has_appearance(from) {
            return Err(F::ResourceLimitationRejection);
        }
        let call = self.begin().ok_or(F::ResourceLimitationRejection)?;
        self.go(call, from, Trigger::Initiate, reason)?;
        Ok(call)
    }

    /// The number of an initiated call is complete; the same transaction sends the call on.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if the call is not being dialled there.
    pub fn originated(&mut self, call: CallId, from: Device, reason: Reason) -> Outcome {
        self.go(call, from, Trigger::Originate, reason)
    }

    /// The call cannot go on at a device, which hears a tone.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if the connection cannot fail.
    pub fn fail(&mut self, call: CallId, at: Device, reason: Reason) -> Outcome {
        self.go(call, at, Trigger::Fail, reason)
    }

    /// CSTAMakePredictiveCall: a trunk is seized first; the answered call enters the queue.
    ///
    /// # Errors
    ///
    /// RESOURCE_BUSY if the trunk is in use; RESOURCE_LIMITATION_REJECTION if the site has no room for one more call.
    pub fn predictive(&mut self, trunk: Device, queue: QueueIx, reason: Reason) -> Result<CallId, Refused> {
        if !self.has_appearance(trunk) {
            return Err(F::ResourceBusy);
        }
        let call = self.begin().ok_or(F::ResourceLimitationRejection)?;
        if let Some(call) = self.call_mut(call) {
            call.predictive = Some(queue);
        }
        self.go(call, trunk, Trigger::Seize, reason)?;
        Ok(call)
    }

    /// A call comes in on a trunk, which is answered by [`accept`](Model::accept); then the call is offered to `entry`.
    ///
    /// # Errors
    ///
    /// RESOURCE_BUSY if the trunk is in use; RESOURCE_LIMITATION_REJECTION if the site has no room for one more call.
    pub fn arrive(&mut self, trunk: Device, entry: Device, reason: Reason) -> Result<CallId, Refused> {
        if !self.has_appearance(trunk) {
            return Err(F::ResourceBusy);
        }
        let call = self.begin().ok_or(F::ResourceLimitationRejection)?;
        if let Some(call) = self.call_mut(call) {
            call.entry = Some(entry);
        }
        self.go(call, trunk, Trigger::Arrive, reason)?;
        Ok(call)
    }

    /// The trunk of an incoming call is answered.
    ///
    /// # Errors
    ///
    /// The failure of [`Model::missing`] for a call that is not there, INVALID_CSTA_CONNECTION_IDENTIFIER if the trunk
    /// takes no part in it; INVALID_OBJECT_STATE if it has been answered.
    pub fn accept(&mut self, call: CallId, trunk: Device, reason: Reason) -> Outcome {
        let of = self.call(call).ok_or(self.missing(call))?;
        let at = of.at(trunk).ok_or(F::InvalidCstaConnectionIdentifier)?;
        let entry = of.entry.filter(|_| at.deadline == Deadline::Identity).ok_or(F::InvalidObjectState)?;
        self.go(call, trunk, Trigger::Accept, reason)?;
        if let Some(call) = self.call_mut(call) {
            call.entry = None;
        }
        self.send(call, entry, trunk, reason)
    }

    /// Sends a call to a device; where that cannot take it, the call fails at `caller`.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if the call can neither be there nor fail.
    pub fn send(&mut self, call: CallId, to: Device, caller: Device, reason: Reason) -> Outcome {
        if !self.can_offer(call, to) {
            return self.go(call, caller, Trigger::Fail, reason);
        }
        let trigger = match to {
            Device::Station(_) | Device::Number(_) => Trigger::Offer,
            Device::Trunk(_) => Trigger::Seize,
            Device::Queue(_) => Trigger::Enter,
            Device::Park(_) => Trigger::Park,
        };
        self.go(call, to, trigger, reason)
    }

    /// The network has all digits of a call out. A predictive call has no caller yet who could hear the network.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if the trunk waits for no far end.
    pub fn reach(&mut self, call: CallId, trunk: Device, reason: Reason) -> Outcome {
        if self.call(call).is_some_and(|call| call.predictive.is_some()) {
            return Ok(());
        }
        if self.call(call).and_then(|call| call.at(trunk)).is_none_or(|at| at.deadline != Deadline::FarEnd) {
            return Err(F::InvalidObjectState);
        }
        self.go(call, trunk, Trigger::Reach, reason)
    }

    /// The far end of a trunk has answered.
    ///
    /// # Errors
    ///
    /// The failure of [`Model::missing`] for a call that is not there, INVALID_CSTA_CONNECTION_IDENTIFIER if the trunk
    /// takes no part in it; INVALID_OBJECT_STATE if it waits for no far end.
    pub fn far_end_answered(&mut self, call: CallId, trunk: Device, reason: Reason) -> Outcome {
        let at = self.call(call).ok_or(self.missing(call))?.at(trunk).ok_or(F::InvalidCstaConnectionIdentifier)?;
        if at.deadline != Deadline::FarEnd {
            return Err(F::InvalidObjectState);
        }
        if at.state == ConnectionState::Initiated {
            self.go(call, trunk, Trigger::Reach, reason)?;
        }
        self.go(call, trunk, Trigger::Answer, reason)?;
        match self.call_mut(call).and_then(|call| call.predictive.take()) {
            Some(queue) => self.send(call, Device::Queue(queue), trunk, reason),
            None => Ok(()),
        }
    }

    /// CSTAAnswerCall.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::AnswerCall`].
    pub fn answer(&mut self, call: CallId, device: Device, reason: Reason) -> Outcome {
        self.judge(Service::AnswerCall, device, call, None)?;
        self.go(call, device, Trigger::Answer, reason)
    }

    /// CSTAHoldCall.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::HoldCall`].
    pub fn hold(&mut self, call: CallId, device: Device, reason: Reason) -> Outcome {
        self.judge(Service::HoldCall, device, call, None)?;
        self.go(call, device, Trigger::Hold, reason)
    }

    /// CSTARetrieveCall.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::RetrieveCall`].
    pub fn retrieve(&mut self, call: CallId, device: Device, reason: Reason) -> Outcome {
        self.judge(Service::RetrieveCall, device, call, None)?;
        self.go(call, device, Trigger::Retrieve, reason)
    }

    /// CSTAAlternateCall.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::AlternateCall`].
    pub fn alternate(&mut self, active: CallId, other: CallId, device: Device, reason: Reason) -> Outcome {
        self.judge(Service::AlternateCall, device, active, Some(other))?;
        let is_held = self.state(other, device) == Some(ConnectionState::Held);
        self.go(active, device, Trigger::Hold, reason)?;
        self.go(other, device, if is_held { Trigger::Retrieve } else { Trigger::Answer }, reason)
    }

    /// A held call comes back to its holder, whose line is at rest and at whom no other call alerts.
    ///
    /// # Errors
    ///
    /// GENERIC_STATE_INCOMPATIBILITY if the line is in use; INVALID_OBJECT_STATE if the call is not held there.
    pub fn recall(&mut self, call: CallId, device: Device, reason: Reason) -> Outcome {
        if self.active(device).is_some() || self.is_alerting(device) {
            return Err(F::GenericStateIncompatibility);
        }
        self.go(call, device, Trigger::Recall, reason)?;
        self.settle(call, reason);
        Ok(())
    }

    /// CSTAReconnectCall: the active call is left, and the held one retrieved.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::ReconnectCall`].
    pub fn reconnect(&mut self, active: CallId, held: CallId, device: Device, reason: Reason) -> Outcome {
        self.judge(Service::ReconnectCall, device, active, Some(held))?;
        self.clear(active, device, reason)?;
        self.go(held, device, Trigger::Retrieve, reason)
    }

    /// Takes a call from a device where it waits, alerts or has not been answered; the same transaction sends it on. A
    /// trunk that was never reported is given up in silence.
    ///
    /// # Errors
    ///
    /// The failure of [`Model::missing`] for a call that is not there, INVALID_CSTA_CONNECTION_IDENTIFIER if the device
    /// takes no part in it; INVALID_OBJECT_STATE if it is connected there.
    pub fn take(&mut self, call: CallId, from: Device, reason: Reason) -> Outcome {
        let of = self.call(call).ok_or(self.missing(call))?;
        let at = of.at(from).ok_or(F::InvalidCstaConnectionIdentifier)?;
        if !at.can_be_taken() {
            return Err(F::InvalidObjectState);
        }
        let trigger = if at.state == ConnectionState::Initiated { Trigger::GiveUp } else { Trigger::Divert };
        self.go(call, from, trigger, reason)
    }

    /// Offers a call to one more station.
    ///
    /// # Errors
    ///
    /// RESOURCE_BUSY if the station cannot take it.
    pub fn offer(&mut self, call: CallId, to: Device, reason: Reason) -> Outcome {
        if !self.can_offer(call, to) {
            return Err(F::ResourceBusy);
        }
        self.go(call, to, Trigger::Offer, reason)
    }

    /// A seized trunk is given back before the network had the call; the same transaction tries another, or fails.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if the network has had it.
    pub fn give_up(&mut self, call: CallId, trunk: Device, reason: Reason) -> Outcome {
        self.go(call, trunk, Trigger::GiveUp, reason)
    }

    /// CSTAPickupCall: a device takes a call that alerts, waits or is parked at another.
    ///
    /// # Errors
    ///
    /// As [`Model::can_pick_up`] and [`Model::can_join`].
    pub fn pickup(&mut self, call: CallId, from: Device, by: Device, reason: Reason) -> Outcome {
        self.can_pick_up(call, from)?;
        self.can_join(call, by)?;
        self.go(call, from, Trigger::Divert, reason)?;
        self.go(call, by, Trigger::Join, reason)?;
        self.settle(call, reason);
        Ok(())
    }

    /// Checks that a call alerts, waits or is parked at a device, and has a party to be picked up for.
    ///
    /// # Errors
    ///
    /// INVALID_OBJECT_STATE if it does not; INVALID_CSTA_CONNECTION_IDENTIFIER if the device takes no part in it.
    pub fn can_pick_up(&self, call: CallId, from: Device) -> Outcome {
        let of = self.call(call).ok_or(self.missing(call))?;
        let state = of.at(from).ok_or(F::InvalidCstaConnectionIdentifier)?.state;
        if !matches!(state, ConnectionState::Alerting | ConnectionState::Queued) || of.parties().count() < 2 {
            return Err(F::InvalidObjectState);
        }
        Ok(())
    }

    /// Call park: the device leaves its call, which waits at a parking place and comes back if it is not fetched.
    ///
    /// # Errors
    ///
    /// As [`Model::judge`] for [`Service::ParkCall`]; INVALID_OBJECT_TYPE if `place` is no parking place;
    /// GENERIC_STATE_INCOMPATIBILITY if it is taken, or the call is a conference; INVALID_OBJECT_STATE if the other
    /// party is not connected.
    pub fn park(&mut self, call: CallId, from: Device, place: Device, reason: Reason) -> Outcome {
        self.judge(Service::ParkCall, from, call, None)?;
        let others = self.call(call).map_or(0, |call| call.parties().count()) - 1;
        if !matches!(place, Device::Park(_)) {
            return Err(F::InvalidObjectType);
        }
        if others != 1 || !self.has_appearance(place) {
            return Err(F::GenericStateIncompatibility);
        }
        let other = self.call(call).and_then(|call| call.parties().find(|party| party.device != from));
        if other.is_none_or(|other| other.state != ConnectionState::Connected) {
            return Err(F::InvalidObjectState);
        }
        self.go(call, from, Trigger::Divert, reason)?;
        self.go(call, place, Trigger::Park, reason)?;
        if let Some(parked) = self.call_mut(call).and_then(|call| call.connections.last_mut()) {
            parked.recall = Some(from);
        }
        self.settle(call, reason);
        Ok(())
    }

    /// Checks that a station can join a call: it has no part in it, no other call that is active, and room for one.
    ///
    /// # Errors
    ///
    /// GENERIC_STATE_INCOMPATIBILITY if it has; RESOURCE_LIMITATION_REJECTION without room; INVALID_OBJECT_TYPE if it
    /// is no station.
    pub fn can_join(&self, call: CallId, by: Device) -> Outcome {
        let of = self.call(call).ok_or(self.missing(call))?;
        if !matches!(by, Device::Station(_)) {
            return Err(F::InvalidObjectType);
        }
        if of.at(by).is_some() || self.active(by).is_some() {
            return Err(F::GenericStateIncompatibility);
        }
        if !self.has_appearance(by) || of.connections.len() >= self.bounds.connections {
            return Err(F::ResourceLimitationRejection);
        }
        Ok(())
    }

    /// CSTAClearConnection, and a device that leaves by itself.
    ///
    /// # Errors
    ///
    /// The failure of [`Model::missing`] for a call that is not there, INVALID_CSTA_CONNECTION_IDENTIFIER if the device
    /// takes no part in it.
    pub fn clear(&mut self, call: CallId, device: Device, reason: Reason) -> Outcome {
        if self.call(call).ok_or(self.missing(call))?.at(device).is_none() {
            return Err(F::InvalidCstaConnectionIdentifier);
        }
        let state = self.state(call, device).ok_or(F::InvalidCstaConnectionIdentifier)?;
        self.go(call, device, Trigger::leaving(device, state), reason)?;
        self.settle(call, reason);
        Ok(())
    }

    /// CSTAClearCall: every device leaves.
    ///
    /// # Errors
    ///
    /// The failure of [`Model::missing`] if it is not there.
    pub fn clear_call(&mut self, call: CallId, reason: Reason) -> Outcome {
        let of = self.call(call).ok_or(self.missing(call))?;
        let devices = of.connections.clone();
        for connection in devices {
            self.go(call, connection.device, Trigger::leaving(connection.device, connection.state), reason)?;
        }
        self.settle(call, reason);
        Ok(())
    }
}
