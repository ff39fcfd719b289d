//! A call from a station: dial tone, digits, and the destination they lead to.
//!
//! Never: answers.

use tipring_driver::line::{CallerId, Digit, LineFailure, Number};

use super::BY_SWITCH;
use crate::call::{CallBackPart, Detail, Dialling};
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::{EventCause, UniversalFailure};
use crate::csta::private::ReasonCode;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId};
use crate::device::{Device, StationIx, TrunkIx};
use crate::model::{ConnectionState, Origin, Reason};
use crate::route::dial_plan::{Reading, Route};
use crate::route::feature_code::FeatureCodeReading;
use crate::store::{Direction, Outcome, ReleasedBy};
use crate::timers::Timer;

impl Core {
    /// A handset was lifted: it gets dial tone.
    pub(super) fn begin_dialling(&mut self, station: StationIx) {
        let reason = Reason { cause: EventCause::None, origin: Origin::Device(Device::Station(station)) };
        if self.begin_from(station, Dialling { number: Number::new(), is_prompted: false }, reason).is_err() {
            let device = self.devices.station(station).id;
            self.actions.push_back(Action::Trouble(Trouble::TooManyCalls { device }));
        }
    }

    /// Begins a call of a station.
    pub(super) fn begin_from(
        &mut self,
        station: StationIx,
        dialling: Dialling,
        reason: Reason,
    ) -> Result<CallId, UniversalFailure> {
        let device = Device::Station(station);
        let id = self.model.initiate(device, reason)?;
        self.open_from(id, station, dialling);
        Ok(id)
    }

    /// Rings a handset that begins a call when it is lifted. It does not ring for a call that cannot be.
    pub(super) fn ring_to_begin(
        &mut self,
        station: StationIx,
        identity: Option<CallerId>,
        dialling: Dialling,
        reason: Reason,
    ) -> Result<CallId, UniversalFailure> {
        if self.model.is_full() {
            return Err(UniversalFailure::ResourceLimitationRejection);
        }
        self.ring(station, identity).map_err(|_| UniversalFailure::ResourceBusy)?;
        self.begin_from(station, dialling, reason)
    }

    /// The particulars of a call that a station begins.
    pub(super) fn open_from(&mut self, id: CallId, station: StationIx, dialling: Dialling) {
        let name = self.devices.station(station).id;
        let calling = ExtendedDeviceId::inside(name);
        let mut detail =
            Detail::new((id, self.ucid(id)), self.now, Direction::Internal, calling, ExtendedDeviceId::NOT_KNOWN);
        // The called station shows the extension as the caller's number.
        let number = Number::from(name.as_str()).unwrap_or_default();
        detail.identity = Some(CallerId { number, ..CallerId::default() });
        detail.log.station = Some(station);
        detail.dialling = Some(dialling);
        self.counters.calls += 1;
        self.details.insert(id, Box::new(detail));
        self.follow_held(id, Device::Station(station));
    }

    /// A key was pressed at a station.
    pub(super) fn on_dialled_digit(&mut self, station: StationIx, digit: Digit) {
        let device = Device::Station(station);
        let Some(id) = self.model.active(device) else { return };
        if self.model.state(id, device) != Some(ConnectionState::Initiated) {
            return;
        }
        let Some(detail) = self.details.get_mut(&id).filter(|detail| detail.keyed_out.is_none()) else { return };
        let Some(dialling) = detail.dialling.as_mut() else { return };
        let too_long = dialling.number.try_push(digit.as_char()).is_err();
        let number = dialling.number;
        self.touch(id);
        let by_plan = self.dial_plan.read(&number);
        if by_plan == Reading::Invalid {
            let codes = std::sync::Arc::clone(&self.feature_codes);
            match codes.read(&number) {
                FeatureCodeReading::NoCode => {}
                FeatureCodeReading::Incomplete if !too_long => {
                    return self.timers.set(Timer::Connection(id, device), self.now + self.times.next_digit);
                }
                FeatureCodeReading::Complete(command) => return self.carry_out_keys(id, station, &command),
                FeatureCodeReading::Incomplete | FeatureCodeReading::Invalid => return self.refuse_keys(id, station),
            }
        }
        match by_plan {
            Reading::Incomplete | Reading::Enough(_) if !too_long => {
                self.timers.set(Timer::Connection(id, device), self.now + self.times.next_digit);
            }
            Reading::Incomplete | Reading::Enough(_) | Reading::Complete(_) | Reading::Invalid => {
                self.originate(id, station, number, BY_SWITCH);
            }
        }
    }

    /// A station calls a number.
    pub(super) fn originate(&mut self, id: CallId, station: StationIx, number: Number, reason: Reason) {
        let is_attempt =
            self.details.get(&id).is_some_and(|detail| matches!(detail.call_back, Some(CallBackPart::Attempt(_))));
        let leads_to = self.dial_plan.route(&number);
        // A caller is called back by the site, not by the station that is rung for it.
        let route = match leads_to {
            Some(route) if is_attempt => Ok(route),
            _ => self.dial_plan.route_for(&number, station),
        };
        let device = Device::Station(station);
        let dialled = DeviceId::new(&number).unwrap_or_default();
        let called = match leads_to {
            Some(Route::Outside(outside)) => ExtendedDeviceId::outside(DeviceId::new(&outside).unwrap_or_default()),
            Some(Route::Station(_) | Route::Queue(_)) => ExtendedDeviceId::inside(dialled),
            None if dialled.is_empty() => ExtendedDeviceId::NOT_KNOWN,
            None => ExtendedDeviceId::inside(dialled),
        };
        let agent = self.devices.station(station).agent;
        let Some(detail) = self.details.get_mut(&id) else { return };
        detail.called = called;
        detail.dialling = None;
        detail.answering = None;
        if !dialled.is_empty() {
            self.features.set_last_number(station, dialled);
        }
        if matches!(leads_to, Some(Route::Outside(_))) {
            detail.log.direction = Direction::Outbound;
            detail.log.agent = agent;
        }
        if number.is_empty() {
            detail.log.end = Some((self.now, Outcome::NotDialled, ReleasedBy::System));
        }
        if self.model.originated(id, device, reason).is_err() {
            return;
        }
        if !self.has_others(id, device)
            && let Some(cause) = self.not_admitted(&number)
        {
            return self.fail(id, device, cause);
        }
        match route {
            Ok(Route::Station(called)) => self.call_station(id, device, called, reason),
            Ok(Route::Queue(queue)) => {
                if self.model.send(id, Device::Queue(queue), device, reason).is_err() {
                    self.fail(id, device, EventCause::DestNotObtainable);
                }
            }
            Ok(Route::Outside(number)) => self.seize_first(id, device, number),
            Err(why) => self.fail(id, device, why.cause()),
        }
    }

    /// Returns true if a device has calls besides one.
    fn has_others(&self, id: CallId, device: Device) -> bool {
        self.model.appearances(device).is_some_and(|it| it.calls().iter().any(|call| *call != id))
    }

    /// All digits have gone out: the network has the call, and the caller hears it.
    pub(super) fn on_dialled(&mut self, id: CallId, trunk: TrunkIx) {
        // A trunk of an incoming call, or one that was reached already, refuses the step.
        let _ = self.model.reach(id, Device::Trunk(trunk), BY_SWITCH);
        self.customer_rings(id, trunk);
    }

    /// The far end of a trunk has answered: a sign of the line, or the line machine's judgement of what it hears.
    pub(super) fn on_far_end_answered(&mut self, id: CallId, trunk: TrunkIx) {
        let device = Device::Trunk(trunk);
        let reason = Reason { cause: EventCause::None, origin: Origin::Device(device) };
        let _ = self.model.far_end_answered(id, device, reason);
    }

    /// The far end of a trunk has gone.
    pub(super) fn on_trunk_released(&mut self, id: CallId, trunk: TrunkIx) {
        let device = Device::Trunk(trunk);
        if self.is_seizing(id, device) {
            // It has not even taken the digits.
            return self.fail_at_trunk(id, trunk, EventCause::NetworkNotObtainable);
        }
        self.leave(id, device, EventCause::None);
    }

    /// A trunk would not do what was asked.
    pub(super) fn on_trunk_failed(&mut self, id: CallId, trunk: TrunkIx, failure: LineFailure) {
        let device = Device::Trunk(trunk);
        let cause = cause(failure);
        if let Some(predictive) = self.details.get_mut(&id).and_then(|detail| detail.predictive.as_mut()) {
            predictive.reason = classification(failure);
        }
        if !self.is_seizing(id, device) {
            // The network has given up on a call it had, or the line is dead.
            let unanswered = self
                .details
                .get(&id)
                .is_some_and(|detail| detail.log.direction == Direction::Outbound && detail.log.established.is_none());
            return match unanswered || self.recall_station(id, device).is_some() {
                true => self.fail_at_trunk(id, trunk, cause),
                false => self.leave(id, device, cause),
            };
        }
        let retries = matches!(failure, LineFailure::Glare | LineFailure::NoDialTone | LineFailure::NoBattery);
        let caller = self.details.get(&id).and_then(|detail| detail.log.caller);
        let number = self.details.get(&id).and_then(|detail| detail.dialling).map(|dialling| dialling.number);
        match (retries, caller, number) {
            (true, Some(caller), Some(number)) if caller != device => {
                // This trunk has not been reported to anyone yet: another one may do.
                let recall = self.recall_station(id, device);
                if self.model.give_up(id, device, BY_SWITCH).is_ok() {
                    if let Some(detail) = self.details.get_mut(&id) {
                        detail.log.trunk.take_if(|it| *it == trunk);
                    }
                    self.release_trunk(self.devices.trunk(trunk).channel);
                    match (self.seize_next(id, caller, number), recall) {
                        (Ok(()), Some(by)) => self.model.recall_to(id, Device::Station(by)),
                        (Ok(()), None) => {}
                        (Err(_), Some(by)) if self.is_free(by) => self.recall_to_station(id, by),
                        (Err(cause), _) => self.fail(id, caller, cause),
                    }
                }
            }
            _ => self.fail_at_trunk(id, trunk, cause),
        }
    }

    /// Returns true if a trunk is seized and has not taken the digits.
    fn is_seizing(&self, id: CallId, trunk: Device) -> bool {
        self.model
            .call(id)
            .and_then(|call| call.at(trunk))
            .is_some_and(|it| it.state == ConnectionState::Initiated && it.deadline == crate::model::Deadline::FarEnd)
    }

    /// The network could not reach the called number: the caller hears why, and the trunk is given back. A call that
    /// was transferred there comes back.
    fn fail_at_trunk(&mut self, id: CallId, trunk: TrunkIx, cause: EventCause) {
        let device = Device::Trunk(trunk);
        if self.recall_from(id, device, Some(cause)) {
            return;
        }
        self.fail_at(id, device, Reason { cause, origin: Origin::Device(device) });
    }

    /// A device that was called cannot have the call: the caller hears why, if it waits for that device alone.
    pub(super) fn fail_at(&mut self, id: CallId, device: Device, reason: Reason) {
        let caller = self.details.get(&id).and_then(|detail| detail.log.caller);
        if device.station().is_some() && caller != Some(device) && self.return_to_flow(id, Some(device), reason) {
            return;
        }
        if caller == Some(device) && self.is_seizing(id, device) {
            // A predictive call has no caller: the trunk's own connection fails.
            self.fail(id, device, reason.cause);
        }
        if let Some(caller) = caller.filter(|caller| *caller != device)
            && self.model.state(id, caller) == Some(ConnectionState::Connected)
            && self.model.call(id).is_some_and(|call| call.parties().count() == 2)
        {
            self.fail(id, caller, reason.cause);
        }
        let _ = self.model.clear(id, device, reason);
    }

    /// The call cannot go on at a device, which hears why. A caller whom a flow has sent comes back to the flow.
    pub(super) fn fail(&mut self, id: CallId, at: Device, cause: EventCause) {
        let reason = Reason { cause, origin: Origin::Switch };
        if self.details.get(&id).is_some_and(|detail| detail.log.caller == Some(at))
            && self.return_to_flow(id, None, reason)
        {
            return;
        }
        if self.model.fail(id, at, reason).is_err() {
            // The caller has transferred the call away: whoever is left is released, or hears why.
            self.model.settle(id, reason);
        }
    }
}

const fn cause(failure: LineFailure) -> EventCause {
    match failure {
        LineFailure::Busy => EventCause::Busy,
        LineFailure::Congestion => EventCause::NetworkCongestion,
        LineFailure::Unassigned | LineFailure::Intercepted | LineFailure::Announced => EventCause::DestNotObtainable,
        LineFailure::NoDialTone | LineFailure::NoBattery | LineFailure::Glare => EventCause::NetworkNotObtainable,
    }
}

/// The classification of a predictive call that has failed, as far as the line can tell one special information tone
/// from another.
const fn classification(failure: LineFailure) -> ReasonCode {
    match failure {
        LineFailure::Congestion => ReasonCode::SitReorder,
        LineFailure::Unassigned => ReasonCode::SitVacantCode,
        LineFailure::Intercepted => ReasonCode::SitIntercept,
        LineFailure::Announced => ReasonCode::SitUnknown,
        LineFailure::Busy | LineFailure::NoDialTone | LineFailure::NoBattery | LineFailure::Glare => ReasonCode::None,
    }
}
