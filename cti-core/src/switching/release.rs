//! Devices that leave a call: by hanging up, by hook flash, or at the deadline of their state. Recall of held and
//! parked calls is the deadline of *Held* and of a parking place; a call that was transferred before the answer, to a
//! station or outside, comes back when it cannot be had there.
//!
//! The model decides the rest: a remaining trunk is released at once; a handset hears a tone until it is on hook; a
//! headset is free at once.
//!
//! Never: clears a call that its parties could go on with.

use super::BY_SWITCH;
use crate::call::Dialling;
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::{Device, StationIx};
use crate::limits::RETRY;
use crate::model::{ConnectionState, Deadline, Origin, Reason};
use crate::route::feature_code::SecondFlash;
use crate::timers::Timer;

/// A call comes back to a station that has held, parked or transferred it.
const RECALL: Reason = Reason { cause: EventCause::Recall, origin: Origin::Switch };

impl Core {
    /// A device leaves a call by itself.
    pub(super) fn leave(&mut self, id: CallId, device: Device, cause: EventCause) {
        if let Some(detail) = self.details.get(&id).filter(|_| device.trunk().is_some())
            && detail.log.answered.is_none()
            && detail.log.caller == Some(device)
            && self.model.state(id, device) == Some(ConnectionState::Initiated)
        {
            // The call is reported although it was never answered: a caller has been there.
            let _ = self.model.accept(id, device, BY_SWITCH);
        }
        let _ = self.model.clear(id, device, Reason { cause, origin: Origin::Device(device) });
    }

    /// The line of a device is dead: its calls end, or go back to where they waited.
    pub(super) fn lose_line(&mut self, device: Device) {
        let cause = EventCause::Maintenance;
        for id in self.model.appearances(device).map(|it| it.list()).unwrap_or_default() {
            match (device, self.model.state(id, device)) {
                (Device::Station(station), Some(ConnectionState::Alerting)) => self.take_back(id, station, cause),
                (Device::Trunk(trunk), Some(ConnectionState::Initiated))
                    if self.details.get(&id).is_some_and(|detail| detail.log.caller != Some(device)) =>
                {
                    self.on_trunk_failed(id, trunk, tipring_driver::line::LineFailure::NoBattery);
                }
                (Device::Trunk(_), Some(_)) if self.recall_from(id, device, Some(cause)) => {}
                _ => self.leave(id, device, cause),
            }
        }
    }

    /// A handset was put down, or a headset taken off. With a call held beside the one that talks, the two are put
    /// through to each other; a call held alone rings its holder back.
    pub(super) fn on_put_down(&mut self, station: StationIx) {
        let device = Device::Station(station);
        let reason = Reason { cause: EventCause::None, origin: Origin::Device(device) };
        let calls = self.model.appearances(device).map(|it| it.list()).unwrap_or_default();
        let held = calls.iter().copied().find(|&id| self.model.state(id, device) == Some(ConnectionState::Held));
        let active = self.model.active(device);
        if let (Some(held), Some(active)) = (held, active)
            && self.transfer(active, held, device, reason).is_ok()
        {
            return;
        }
        if let Some(active) = active {
            self.leave(active, device, EventCause::None);
            if calls.len() > 1 {
                // The line is at rest for the recall.
                self.commit();
            }
        }
        for id in calls {
            match self.model.state(id, device) {
                Some(ConnectionState::Held) => self.recall(id, station),
                // A headset taken off cannot be answered.
                Some(ConnectionState::Alerting)
                    if self.devices.station(station).kind == crate::config::StationKind::Headset =>
                {
                    self.take_back(id, station, EventCause::None);
                }
                _ => {}
            }
        }
    }

    /// Returns true if two calls of a station can become a conference: the other party of the active one has answered.
    fn can_confer(&self, active: CallId, held: CallId) -> bool {
        let talks = |call: CallId| {
            self.model.call(call).is_some_and(|of| {
                of.parties().filter(|it| it.state == ConnectionState::Connected).count() > usize::from(call == active)
            })
        };
        talks(active) && talks(held)
    }

    /// Hook flash: the call is held and dial tone given; with a call held beside the one that talks, the two become a
    /// conference or change places, as the site has it; the held one comes back when no other party talks.
    pub(super) fn on_flash(&mut self, station: StationIx) {
        let device = Device::Station(station);
        let reason = Reason { cause: EventCause::None, origin: Origin::Device(device) };
        let Some(active) = self.model.active(device) else { return };
        let calls = self.model.appearances(device).map(|it| it.list()).unwrap_or_default();
        let held = calls.iter().copied().find(|&id| self.model.state(id, device) == Some(ConnectionState::Held));
        match (held, self.model.state(active, device)) {
            (None, Some(ConnectionState::Connected)) => {
                let dialling = Dialling { number: tipring_driver::line::Number::new(), is_prompted: false };
                let is_held = self.model.hold(active, device, reason).is_ok();
                if is_held && self.begin_from(station, dialling, reason).is_err() {
                    let _ = self.model.retrieve(active, device, reason);
                }
            }
            (Some(held), Some(ConnectionState::Connected)) if self.second_flash == SecondFlash::Conference => {
                let confers = self.can_confer(active, held);
                if !confers || self.model.conference(active, held, device, reason).is_err() {
                    let _ = self.model.reconnect(active, held, device, reason);
                }
            }
            (Some(held), Some(ConnectionState::Connected)) => {
                let alternate = Reason { cause: EventCause::Alternate, ..reason };
                if self.model.alternate(active, held, device, alternate).is_err() {
                    let _ = self.model.reconnect(active, held, device, reason);
                }
            }
            (Some(held), _) => {
                let _ = self.model.reconnect(active, held, device, reason);
            }
            _ => {}
        }
    }

    /// A held call comes back to its holder, whose telephone rings.
    fn recall(&mut self, id: CallId, station: StationIx) {
        let device = Device::Station(station);
        let identity = self.details.get(&id).and_then(|detail| detail.identity);
        let rings = self.model.active(device).is_none() && self.ring(station, identity).is_ok();
        if rings {
            let _ = self.model.recall(id, device, RECALL);
        }
        if self.model.state(id, device) == Some(ConnectionState::Held) {
            // Its holder talks, or another call of the holder's rings: later.
            self.timers.set(Timer::Connection(id, device), self.now + RETRY);
        }
    }

    /// The deadline of a connection.
    pub(crate) fn on_deadline(&mut self, id: CallId, device: Device) {
        let Some(connection) = self.model.call(id).and_then(|call| call.at(device)).copied() else { return };
        let reason = |cause| Reason { cause, origin: Origin::Switch };
        match (connection.deadline, device) {
            (Deadline::None, Device::Station(station)) => self.end_zip(id, station),
            (Deadline::None, _) => {}
            (Deadline::Identity, Device::Trunk(trunk)) => self.answer_trunk(id, trunk),
            (Deadline::Digits, Device::Station(station)) => self.on_digits_deadline(id, station),
            (Deadline::NoAnswer, Device::Station(station)) => self.on_answer_deadline(id, station),
            (Deadline::NoAnswer, Device::Number(_)) => self.on_flow_deadline(id, device),
            (Deadline::HoldRecall, Device::Station(station)) => self.recall(id, station),
            (Deadline::ParkRecall, _) => self.on_park_deadline(id, device),
            (Deadline::QueueTime, _) => {
                let cause = match device {
                    Device::Station(_) => EventCause::Busy,
                    _ => EventCause::NoAvailableAgents,
                };
                self.refuse(id, device, None, cause);
            }
            (Deadline::FarEnd, Device::Trunk(_)) if self.recall_from(id, device, Some(EventCause::CallNotAnswered)) => {
            }
            (Deadline::FarEnd, Device::Trunk(_)) if self.rings_in_vain(id) => {
                self.fail_at(id, device, reason(EventCause::CallNotAnswered));
            }
            // The other devices do not come to these states.
            (
                Deadline::Tone
                | Deadline::FarEnd
                | Deadline::Identity
                | Deadline::Digits
                | Deadline::NoAnswer
                | Deadline::HoldRecall,
                _,
            ) => {
                let _ = self.model.clear(id, device, reason(EventCause::None));
            }
        }
    }

    /// Returns true if a predictive call rings and is not answered.
    fn rings_in_vain(&self, id: CallId) -> bool {
        let predictive = self.details.get(&id).and_then(|detail| detail.predictive);
        predictive.is_some_and(|predictive| predictive.is_dialled)
    }

    /// No further digit came: the number is what it is. Or a station that was rung to make a call was not lifted.
    fn on_digits_deadline(&mut self, id: CallId, station: StationIx) {
        let Some(dialling) = self.details.get(&id).and_then(|detail| detail.dialling) else { return };
        let is_code = matches!(dialling.number.as_bytes().first(), Some(b'*' | b'#'));
        if is_code || self.details.get(&id).is_some_and(|detail| detail.keyed_out.is_some()) {
            return self.refuse_keys(id, station);
        }
        if !dialling.is_prompted {
            return self.originate(id, station, dialling.number, BY_SWITCH);
        }
        if self.stop_ringing(station).is_ok() {
            let reason = Reason { cause: EventCause::CallNotAnswered, origin: Origin::Switch };
            let _ = self.model.clear(id, Device::Station(station), reason);
        } else {
            self.timers.set(Timer::Connection(id, Device::Station(station)), self.now + RETRY);
        }
    }

    /// A parked call was not fetched: it rings where it was parked.
    fn on_park_deadline(&mut self, id: CallId, place: Device) {
        if self.recall_station(id, place).is_none() {
            let _ = self.model.clear(id, place, RECALL);
        } else if !self.recall_from(id, place, None) {
            self.timers.set(Timer::Connection(id, place), self.now + self.times.park_recall);
        }
    }

    /// The station to which a call returns that is parked here, or was transferred to here before the answer. Of three
    /// parties the others talk on, and nothing returns; nor does a call whose other end has no one.
    pub(super) fn recall_station(&self, id: CallId, from: Device) -> Option<StationIx> {
        let call = self.model.call(id).filter(|call| call.parties().count() <= 2)?;
        let other = call.parties().find(|it| it.device != from)?;
        if !matches!(other.state, ConnectionState::Initiated | ConnectionState::Connected | ConnectionState::Held) {
            return None;
        }
        call.at(from).filter(|it| it.can_be_taken())?.recall?.station()
    }

    /// A call that was parked here, or transferred to here before the answer, rings where it came from. The leg here
    /// has the cause of a failure. Returns false if that station is not free, or there is none.
    pub(super) fn recall_from(&mut self, id: CallId, from: Device, failure: Option<EventCause>) -> bool {
        let Some(station) = self.recall_station(id, from).filter(|&station| self.is_free(station)) else {
            return false;
        };
        if let Some(party) = self.details.get_mut(&id).and_then(|detail| detail.party_mut(from)) {
            party.leg.failure = failure;
        }
        if self.model.take(id, from, RECALL).is_ok() {
            self.recall_to_station(id, station);
        }
        true
    }

    /// A call that could not be had where it was transferred to rings at a station again.
    pub(super) fn recall_to_station(&mut self, id: CallId, station: StationIx) {
        let caller = self.details.get(&id).and_then(|detail| detail.log.caller);
        self.call_station(id, caller.unwrap_or(Device::Station(station)), station, RECALL);
    }

    /// Ends every call, so that each has its record and its whole recording: the program is about to stop.
    pub(crate) fn end_all_calls(&mut self) {
        let calls: Vec<CallId> = self.model.calls().map(|call| call.id).collect();
        for id in calls.into_iter().rev() {
            let _ = self.model.clear_call(id, Reason { cause: EventCause::Maintenance, origin: Origin::Switch });
            self.commit();
        }
    }
}
