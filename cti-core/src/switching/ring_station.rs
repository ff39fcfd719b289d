//! A telephone that is rung, until it is answered or the call is taken away again.
//!
//! A handset rings with the caller's number and is answered by lifting it. A headset, off hook all shift, is answered
//! by request: a short zip tone, then the caller. A call that is not answered in time is forwarded (CFNA), to where
//! `device::Features` says, or goes back to where it came from.
//!
//! Never: decides which agent is rung.

use tipring_driver::line::CallerId;

use super::BY_SWITCH;
use super::line_event::NotClaimed;
use crate::channel::{Intent, State};
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::{Device, Resolved, Situation, StationIx};
use crate::limits::RETRY;
use crate::model::{ConnectionState, Origin, Reason};
use crate::timers::Timer;

impl Core {
    /// Rings a handset; a headset has nothing to ring.
    pub(super) fn ring(&mut self, station: StationIx, caller: Option<CallerId>) -> Result<(), NotClaimed> {
        let station = self.devices.station(station);
        match (station.kind, self.devices.state(station.channel)) {
            (StationKind::Handset, State::Ringing) | (StationKind::Headset, _) => Ok(()),
            (StationKind::Handset, _) => self.claim(station.channel, Intent::Ring(caller)),
        }
    }

    /// Stops ringing a handset. Fails when the handset has just been lifted: that event is on its way.
    pub(super) fn stop_ringing(&mut self, station: StationIx) -> Result<(), NotClaimed> {
        let station = self.devices.station(station);
        match (station.kind, self.devices.state(station.channel)) {
            (StationKind::Handset, State::Ringing) => self.claim(station.channel, Intent::StopRinging),
            (StationKind::Handset | StationKind::Headset, _) => Ok(()),
        }
    }

    /// Returns true if a call can be offered to a station: its line is at rest and it has no call.
    pub(super) fn is_free(&self, station: StationIx) -> bool {
        let calls = self.model.appearances(Device::Station(station)).map_or(0, |it| it.calls().len());
        calls == 0 && self.devices.is_at_rest(station)
    }

    /// Returns true if a call that alerts at a station would return to its place in a queue.
    pub(super) fn comes_from_queue(&self, call: CallId, station: StationIx) -> bool {
        self.details.get(&call).is_some_and(|detail| {
            let party = detail.party(Device::Station(station));
            detail.place.is_some() && party.is_some_and(|party| party.queue.is_some() && !party.has_talked)
        })
    }

    /// Sends a call on to a station that is called directly, or to where that is forwarded.
    pub(super) fn call_station(&mut self, id: CallId, caller: Device, station: StationIx, reason: Reason) {
        match self.resolve(caller, station, Situation::Offered) {
            Resolved::Here => self.ring_station(id, caller, station, reason),
            Resolved::Elsewhere(to, cause) => self.forward(id, caller, station, (to, cause)),
            Resolved::Refused => self.fail(id, caller, EventCause::DoNotDisturb),
            Resolved::Circle => self.fail(id, caller, EventCause::DestNotObtainable),
        }
    }

    /// Rings a station that is called directly. If it cannot be had, `caller` hears why.
    pub(super) fn ring_station(&mut self, id: CallId, caller: Device, station: StationIx, reason: Reason) {
        let identity = self.details.get(&id).and_then(|detail| detail.identity);
        if self.devices.state(self.devices.station(station).channel) == State::OutOfService {
            return self.fail(id, caller, EventCause::DestOutOfOrder);
        }
        if !self.is_free(station) || self.ring(station, identity).is_err() {
            return match self.resolve(caller, station, Situation::Busy) {
                Resolved::Elsewhere(to, cause) => self.forward(id, caller, station, (to, cause)),
                _ => self.fail(id, caller, EventCause::Busy),
            };
        }
        if self.model.send(id, Device::Station(station), caller, reason).is_err() {
            let _ = self.stop_ringing(station);
            self.fail(id, caller, EventCause::Busy);
        }
    }

    /// Takes a call from a device at which it waits or alerts, and sends it to a station or a queue.
    pub(super) fn send_on(&mut self, id: CallId, from: Device, to: Device, reason: Reason) {
        let Some(caller) = self.details.get(&id).and_then(|detail| detail.log.caller) else { return };
        let recall = self.recall_station(id, from);
        if self.model.take(id, from, reason).is_err() {
            return;
        }
        match to {
            Device::Station(station) => self.call_station(id, caller, station, reason),
            _ => {
                if self.model.send(id, to, caller, reason).is_err() {
                    self.fail(id, caller, EventCause::DestNotObtainable);
                }
            }
        }
        if let Some(station) = recall {
            self.model.recall_to(id, Device::Station(station));
        }
        // A caller who hears a tone now leaves no one behind who rings for the call.
        self.model.settle(id, reason);
    }

    /// A handset was lifted, or a headset put on.
    pub(super) fn on_lifted(&mut self, station: StationIx) {
        let device = Device::Station(station);
        let calls = self.model.appearances(device).map(|it| it.list()).unwrap_or_default();
        let in_state =
            |core: &Core, state| calls.iter().copied().find(|&id| core.model.state(id, device) == Some(state));
        let prompted = in_state(self, ConnectionState::Initiated)
            .and_then(|id| Some((id, self.details.get(&id)?.dialling.filter(|dialling| dialling.is_prompted)?)));
        if let Some((id, dialling)) = prompted {
            if !self.on_prompted(id, station) {
                self.originate(id, station, dialling.number, BY_SWITCH);
            }
            return;
        }
        if self.devices.station(station).kind == StationKind::Headset {
            return;
        }
        if let Some(id) = in_state(self, ConnectionState::Alerting) {
            self.answer(id, station);
        } else if self.model.active(device).is_none() {
            self.begin_dialling(station);
        }
    }

    /// A station answers the call that alerts there. The first of several telephones that ring has it.
    pub(super) fn answer(&mut self, id: CallId, station: StationIx) {
        self.win_offer(id, station);
        let device = Device::Station(station);
        let reason = Reason { cause: EventCause::None, origin: Origin::Device(device) };
        let _ = self.model.answer(id, device, reason);
    }

    /// An agent has answered an offer: the contact leaves the floor, and the other telephones stop ringing.
    pub(super) fn win_offer(&mut self, id: CallId, station: StationIx) {
        let Some((agent, offer)) = self.offer_at(id, station) else { return };
        let Ok(answered) = self.floor.answer(offer, agent, self.now) else { return };
        for other in answered.others {
            if let Some(other) = self.station_rung(id, other) {
                // A telephone lifted in the same moment finds dial tone.
                let _ = self.stop_ringing(other);
                let reason = Reason { cause: EventCause::Redirected, origin: Origin::Switch };
                let _ = self.model.take(id, Device::Station(other), reason);
            }
        }
    }

    /// A headset has been asked to answer: its wearer is warned by a short tone.
    pub(super) fn begin_answering(&mut self, id: CallId, station: StationIx) {
        self.win_offer(id, station);
        if let Some(detail) = self.details.get_mut(&id) {
            detail.answering = Some(station);
        }
        let device = Device::Station(station);
        self.timers.set(Timer::Connection(id, device), self.now + self.times.zip);
        self.touched.insert(device);
    }

    /// The zip tone of a headset that was given a call is over: it hears the caller.
    pub(super) fn end_zip(&mut self, id: CallId, station: StationIx) {
        if let Some(detail) = self.details.get_mut(&id)
            && detail.answering.take_if(|answering| *answering == station).is_some()
        {
            self.touch(id);
        }
    }

    /// The time of a ringing telephone is over, or its zip tone.
    pub(super) fn on_answer_deadline(&mut self, id: CallId, station: StationIx) {
        if self.details.get(&id).is_some_and(|detail| detail.answering == Some(station)) {
            return self.answer(id, station);
        }
        let device = Device::Station(station);
        let recall = self.recall_station(id, device);
        let is_in_service = |by: StationIx| self.devices.state(self.devices.station(by).channel) != State::OutOfService;
        if recall.is_some_and(|by| !self.is_free(by) && is_in_service(by)) {
            // The one who has transferred the call talks: it rings on until that telephone is free.
            self.timers.set(Timer::Connection(id, device), self.now + self.times.no_answer);
        } else if self.stop_ringing(station).is_ok() {
            let caller = self.details.get(&id).and_then(|detail| detail.log.caller);
            if let (Some(caller), false) = (caller, self.comes_from_queue(id, station))
                && let Resolved::Elsewhere(to, cause) = self.resolve(caller, station, Situation::NoAnswer)
            {
                let reason = Reason { cause, origin: Origin::Switch };
                if self.model.take(id, device, reason).is_ok() {
                    self.forward(id, caller, station, (to, cause));
                    if let Some(by) = recall {
                        self.model.recall_to(id, Device::Station(by));
                    }
                }
                return;
            }
            self.take_back(id, station, EventCause::CallNotAnswered);
        } else {
            self.timers.set(Timer::Connection(id, device), self.now + RETRY);
        }
    }

    /// A telephone could not be rung although it seemed to be in order.
    pub(super) fn on_ringing_failed(&mut self, station: StationIx) {
        let device = Device::Station(station);
        for id in self.model.appearances(device).map(|it| it.list()).unwrap_or_default() {
            match self.model.state(id, device) {
                Some(ConnectionState::Alerting) => self.take_back(id, station, EventCause::DestOutOfOrder),
                Some(ConnectionState::Initiated) => {
                    let reason = Reason { cause: EventCause::DestOutOfOrder, origin: Origin::Switch };
                    let _ = self.model.clear(id, device, reason);
                }
                _ => {}
            }
        }
    }

    /// A telephone that rings, or is about to be connected, loses its call: back to the earned place, or to the station
    /// that has transferred it, or to nowhere.
    pub(super) fn take_back(&mut self, id: CallId, station: StationIx, cause: EventCause) {
        let device = Device::Station(station);
        let reason = Reason { cause, origin: Origin::Switch };
        let offer = self.offer_at(id, station);
        let comes_from_queue = self.comes_from_queue(id, station);
        let place = self.details.get_mut(&id).and_then(|detail| {
            detail.answering.take_if(|answering| *answering == station);
            detail.place.filter(|_| comes_from_queue)
        });
        let back = match (offer, place) {
            (Some((agent, offer)), Some(_)) => match cause {
                // The agent's telephone, not the agent.
                EventCause::Maintenance | EventCause::None => self.floor.give_back(offer, agent, self.now),
                _ => self.floor.decline(offer, agent, self.now),
            }
            .unwrap_or(true),
            _ => true,
        };
        match place {
            Some((queue, _)) => {
                self.log_missed(id, offer.map(|(agent, _)| agent).or(self.devices.station(station).agent));
                let to = Device::Queue(queue);
                if self.model.take(id, device, reason).is_ok() && back {
                    let caller = self.details.get(&id).and_then(|detail| detail.log.caller).unwrap_or(to);
                    let _ = self.model.send(id, to, caller, Reason { cause: EventCause::None, ..reason });
                    self.tell_delay(id);
                }
            }
            None if self.recall_from(id, device, None) => {}
            None => self.fail_at(id, device, reason),
        }
    }
}
