//! A call given to a telephone, until it is answered or taken away again.
//!
//! A handset rings with the caller's number and is answered by lifting it. A headset, off hook all shift, is answered by
//! request: a short zip tone, then the caller.

use std::sync::Arc;

use tipring_driver::line::CallerId;
use tipring_driver::media::ToneKind;

use super::connection::Party;
use super::device::{Device, StationIx};
use super::model::{Call, Place, Recorder, Stage};
use super::release::{Leaving, OpenRecording};
use crate::acd::agent::AgentIx;
use crate::channel::{Intent, State, Superseded};
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::{CallId, ExtendedDeviceId, LocalConnectionState};
use crate::library::recordings;
use crate::store::Outcome;
use crate::timers::Timer;

impl Core {
    /// Rings a handset; a headset has nothing to ring.
    pub(crate) fn ring_station(&mut self, station: StationIx, caller: Option<CallerId>) -> Result<(), Superseded> {
        let station = self.devices.station(station);
        match station.kind {
            StationKind::Handset => self.claim(station.channel, Intent::Ring(caller)),
            StationKind::Headset => Ok(()),
        }
    }

    /// Stops ringing a handset. It fails when the handset has just been lifted: that news is on its way.
    pub(super) fn stop_ringing(&mut self, station: StationIx) -> Result<(), Superseded> {
        let station = self.devices.station(station);
        match (station.kind, self.devices.state(station.channel)) {
            (StationKind::Handset, State::Ringing) => self.claim(station.channel, Intent::StopRinging),
            (StationKind::Handset | StationKind::Headset, _) => Ok(()),
        }
    }

    /// An agent's telephone has begun to ring for a call from a queue.
    pub(crate) fn deliver_from_queue(&mut self, id: CallId, station: StationIx, agent: AgentIx, place: Place) {
        let (queue, device) = (Device::Queue(place.queue), Device::Station(station));
        let queue_name = ExtendedDeviceId::inside(self.devices.id(queue));
        let station_id = self.devices.id(device);
        let alerting = self.queues[place.queue.0 as usize].alerting;
        let Some(call) = self.calls.get_mut(id) else { return };
        call.stage = Stage::Alerting(station, Some(place));
        call.log.alerting = Some(self.now);
        call.log.agent = Some(agent);
        call.log.station = Some(station);
        note_wait(call, self.now);
        call.set_state(queue, LocalConnectionState::Null);
        self.tell_diverted(id, queue, ExtendedDeviceId::inside(station_id), EventCause::Redirected);
        if let Some(call) = self.calls.get_mut(id) {
            call.parties.retain(|party| party.device != queue);
            call.redirected = queue_name;
        }
        self.join(id, Party::inside(id, device, station_id, LocalConnectionState::Alerting));
        self.caller_hears(id, ToneKind::Ringback);
        self.timers.set(Timer::Alerting(id), self.now + alerting);
        self.tell_delivered(id, device, EventCause::Redirected);
    }

    /// A call goes straight to a station: by a station's call, by a trunk that leads there, or because it is redirected; the cause says
    /// which.
    pub(crate) fn call_station(&mut self, id: CallId, station: StationIx, cause: EventCause) {
        let device = Device::Station(station);
        let station_id = self.devices.id(device);
        if self.devices.state(self.devices.station(station).channel) == State::OutOfService {
            return self.fail(id, Some(station), EventCause::DestOutOfOrder, Outcome::NotObtainable);
        }
        let identity = self.calls.get(id).and_then(|call| call.identity);
        if !self.devices.is_free(station) || self.ring_station(station, identity).is_err() {
            return self.fail(id, Some(station), EventCause::Busy, Outcome::Busy);
        }
        let Some(call) = self.calls.get_mut(id) else { return };
        call.stage = Stage::Alerting(station, None);
        call.log.alerting = Some(self.now);
        call.log.station = Some(station);
        self.join(id, Party::inside(id, device, station_id, LocalConnectionState::Alerting));
        self.note_station(station);
        self.caller_hears(id, ToneKind::Ringback);
        self.timers.set(Timer::Alerting(id), self.now + self.times.no_answer);
        self.tell_delivered(id, device, cause);
    }

    /// A headset has been asked to answer: its wearer is warned by a short tone.
    pub(crate) fn begin_answering(&mut self, id: CallId, station: StationIx) {
        let channel = self.devices.station(station).channel;
        let Some(call) = self.calls.get_mut(id) else { return };
        let Stage::Alerting(_, place) = call.stage else { return };
        call.stage = Stage::Answering(station, place);
        self.timers.stop(Timer::Alerting(id));
        self.timers.set(Timer::Zip(id), self.now + self.times.zip);
        self.audio.tone(channel, ToneKind::Zip, &mut self.actions);
    }

    /// The zip tone is over.
    pub(crate) fn on_zip_ended(&mut self, id: CallId) {
        if let Some(&Stage::Answering(station, _)) = self.calls.get(id).map(|call| &call.stage) {
            self.establish(id, station);
        }
    }

    /// A station answers: the two hear each other, and are recorded.
    pub(crate) fn establish(&mut self, id: CallId, station: StationIx) {
        let device = Device::Station(station);
        self.timers.stop(Timer::Alerting(id));
        let Some(call) = self.calls.get_mut(id) else { return };
        let place = match call.stage {
            Stage::Alerting(_, place) | Stage::Answering(_, place) => place,
            Stage::Arriving
            | Stage::Menu(_)
            | Stage::Prompting(_)
            | Stage::Dialling(_)
            | Stage::Queued(_)
            | Stage::Seizing(..)
            | Stage::Talking
            | Stage::Over => None,
        };
        call.stage = Stage::Talking;
        call.log.established = Some(self.now);
        note_wait(call, self.now);
        call.set_state(device, LocalConnectionState::Connect);
        let caller = call.caller().map(|party| party.device);
        let wait = call.log.queued.map(|queued| self.now.since(queued));
        if let (Some(place), Some(wait)) = (place, wait) {
            self.queues[place.queue.0 as usize].figures.note_answered(wait);
        }
        if let Some(caller) = caller {
            self.connect(caller, device);
            self.begin_recording(id);
        }
        self.tell_established(id, device);
    }

    /// Lets two parties hear each other.
    pub(crate) fn connect(&mut self, caller: Device, called: Device) {
        if let (Some(a), Some(b)) = (self.devices.channel(caller), self.devices.channel(called)) {
            self.audio.connect(a, b, &mut self.actions);
        }
    }

    /// Begins to record the two of a call, the outside party on the left: calls over a trunk and those of agents.
    pub(crate) fn begin_recording(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else { return };
        let [a, b] = call.parties.as_slice() else { return };
        let outside = [a, b].into_iter().find(|party| matches!(party.device, Device::Trunk(_)));
        let Some(kind) = self.record else { return };
        if call.recorder.is_some() || (outside.is_none() && call.log.agent.is_none()) {
            return;
        }
        let (left, right) = if outside == Some(b) { (b, a) } else { (a, b) };
        let (Some(left), Some(right)) = (self.devices.channel(left.device), self.devices.channel(right.device)) else {
            return;
        };
        let recording = recordings::recording_id(self.epoch_ms + now.0, self.next_recording);
        self.next_recording = self.next_recording.wrapping_add(1);
        let task = self.audio.record(left, right, (recording, kind), &mut self.actions);
        call.recorder = Some(Recorder { task, recording });
        call.log.recording = Some(recording);
        self.recordings.insert(recording, OpenRecording { call: id, began: now });
    }

    /// Nobody has answered in time.
    pub(crate) fn on_not_answered(&mut self, id: CallId) {
        match self.calls.get(id).map(|call| &call.stage) {
            Some(&Stage::Alerting(station, place)) => {
                if self.stop_ringing(station).is_ok() {
                    self.take_back(id, station, place, EventCause::CallNotAnswered);
                }
            }
            Some(&Stage::Prompting(_)) => self.on_prompting_over(id),
            Some(
                Stage::Arriving
                | Stage::Menu(_)
                | Stage::Dialling(_)
                | Stage::Queued(_)
                | Stage::Answering(..)
                | Stage::Seizing(..)
                | Stage::Talking
                | Stage::Over,
            )
            | None => {}
        }
    }

    /// A handset was to be lifted to make a call, and was not.
    fn on_prompting_over(&mut self, id: CallId) {
        let Some(Device::Station(station)) = self.calls.get(id).and_then(|call| Some(call.caller()?.device)) else {
            return;
        };
        if self.stop_ringing(station).is_ok() {
            let leaving = Leaving::by_system(EventCause::CallNotAnswered, Outcome::NotDialled);
            self.leave(id, Device::Station(station), leaving);
        }
    }

    /// A telephone could not be rung although it seemed to be in order.
    pub(crate) fn on_ringing_failed(&mut self, id: CallId, station: StationIx) {
        match self.calls.get(id).map(|call| &call.stage) {
            Some(&Stage::Alerting(alerting, place)) if alerting == station => {
                self.timers.stop(Timer::Alerting(id));
                self.take_back(id, station, place, EventCause::DestOutOfOrder);
            }
            Some(Stage::Prompting(_)) => {
                let leaving = Leaving::by_system(EventCause::DestOutOfOrder, Outcome::NotObtainable);
                self.leave(id, Device::Station(station), leaving);
            }
            Some(
                Stage::Arriving
                | Stage::Menu(_)
                | Stage::Dialling(_)
                | Stage::Queued(_)
                | Stage::Alerting(..)
                | Stage::Answering(..)
                | Stage::Seizing(..)
                | Stage::Talking
                | Stage::Over,
            )
            | None => {}
        }
    }

    /// A telephone that rings, or is about to be connected, loses its call: back to its place in the queue, or to nowhere.
    pub(crate) fn take_back(&mut self, id: CallId, station: StationIx, place: Option<Place>, cause: EventCause) {
        let device = Device::Station(station);
        self.audio.silence(self.devices.station(station).channel, &mut self.actions);
        let Some(place) = place else {
            return self.leave(id, device, Leaving::by_system(cause, Outcome::NotObtainable));
        };
        let queue_name = ExtendedDeviceId::inside(self.devices.id(Device::Queue(place.queue)));
        self.queues[place.queue.0 as usize].figures.not_answered += 1;
        let Some(call) = self.calls.get_mut(id) else { return };
        call.set_state(device, LocalConnectionState::Null);
        let station_name = ExtendedDeviceId::inside(self.devices.id(device));
        self.tell_diverted(id, device, queue_name, cause);
        if let Some(call) = self.calls.get_mut(id) {
            call.parties.retain(|party| party.device != device);
            call.redirected = station_name;
        }
        self.devices.set_call(device, None);
        self.agent_did_not_answer(station, cause);
        self.wait_in_queue(id, place, EventCause::Redirected);
    }

    fn caller_hears(&mut self, id: CallId, tone: ToneKind) {
        let caller = self.calls.get(id).and_then(|call| Some(call.caller()?.device));
        if let Some(channel) = caller.and_then(|caller| self.devices.channel(caller)) {
            self.audio.tone(channel, tone, &mut self.actions);
        }
    }
}

fn note_wait(call: &mut Call, now: tipring_driver::time::Tick) {
    if let Some(queued) = call.log.queued {
        Arc::make_mut(&mut call.data).wait_ms = now.since(queued).as_ms();
    }
}
