//! A call from a station: dial tone, digits, and where they lead.

use tipring_driver::line::{CallerId, Digit, LineFailure, Number};
use tipring_driver::media::ToneKind;

use super::connection::Party;
use super::device::{Device, StationIx, TrunkIx};
use super::model::{Call, Stage};
use super::release::Leaving;
use crate::acd::agent::AgentIx;
use crate::channel::Intent;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, LocalConnectionState};
use crate::route::dial_plan::{Reading, Route};
use crate::store::{Direction, Outcome, ReleasedBy};
use crate::timers::Timer;

impl Core {
    /// A handset was lifted: it gets dial tone.
    pub(crate) fn begin_dialling(&mut self, station: StationIx) {
        let channel = self.devices.station(station).channel;
        let Some(id) = self.begin_from(station, Stage::Dialling(Number::new()), LocalConnectionState::Initiate) else {
            let device = self.devices.station(station).id;
            self.actions.push_back(Action::Trouble(Trouble::TooManyCalls { device }));
            return;
        };
        self.audio.tone(channel, ToneKind::Dial, &mut self.actions);
        self.timers.set(Timer::NextDigit(id), self.now + self.times.first_digit);
        self.tell_service_initiated(id, Device::Station(station));
    }

    /// Begins a call of a station; none if there are too many calls.
    pub(crate) fn begin_from(
        &mut self,
        station: StationIx,
        stage: Stage,
        state: LocalConnectionState,
    ) -> Option<CallId> {
        let device = Device::Station(station);
        let station_id = self.devices.id(device);
        let calling = ExtendedDeviceId::inside(station_id);
        let call = self.calls.begin(self.now, Direction::Internal, stage, calling, ExtendedDeviceId::NOT_KNOWN)?;
        let id = call.id;
        // Who is called is told who calls: the extension is the number.
        let number = Number::from(station_id.as_str()).unwrap_or_default();
        call.identity = Some(CallerId { number, ..CallerId::default() });
        call.log.station = Some(station);
        self.counters.calls += 1;
        self.join(id, Party::inside(id, device, station_id, state));
        self.note_station(station);
        Some(id)
    }

    /// A key was pressed at a station.
    pub(crate) fn on_dialled_digit(&mut self, id: CallId, digit: Digit) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Stage::Dialling(number) = &mut call.stage else { return };
        let too_long = number.try_push(digit.as_char()).is_err();
        let number = *number;
        let Some(Device::Station(station)) = call.caller().map(|caller| caller.device) else { return };
        self.audio.silence(self.devices.station(station).channel, &mut self.actions);
        match self.dial_plan.read(&number) {
            Reading::Incomplete | Reading::Enough(_) if !too_long => {
                self.timers.set(Timer::NextDigit(id), self.now + self.times.next_digit);
            }
            Reading::Incomplete | Reading::Enough(_) | Reading::Complete(_) | Reading::Invalid => {
                self.originate(id, station, number);
            }
        }
    }

    /// No further digit came: the number is what it is.
    pub(crate) fn on_digit_wait_over(&mut self, id: CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let Stage::Dialling(number) = call.stage else { return };
        if let Some(Device::Station(station)) = call.caller().map(|caller| caller.device) {
            self.originate(id, station, number);
        }
    }

    /// A station calls a number.
    pub(crate) fn originate(&mut self, id: CallId, station: StationIx, number: Number) {
        let route = self.dial_plan.route(&number);
        self.stop_call_timers(id);
        let device = Device::Station(station);
        let agent = self.devices.station(station).agent;
        let dialled = DeviceId::new(&number).unwrap_or_default();
        let called = match route {
            Some(Route::Outside(outside)) => ExtendedDeviceId::outside(DeviceId::new(&outside).unwrap_or_default()),
            Some(Route::Station(_) | Route::Queue(_)) => ExtendedDeviceId::inside(dialled),
            None if dialled.is_empty() => ExtendedDeviceId::NOT_KNOWN,
            None => ExtendedDeviceId::inside(dialled),
        };
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else { return };
        call.set_state(device, LocalConnectionState::Connect);
        call.called = called;
        note_origin(call, route, agent);
        if number.is_empty() {
            call.note_end(now, Outcome::NotDialled, ReleasedBy::System);
        }
        self.tell_originated(id, device);
        match route {
            Some(Route::Station(called)) => self.call_station(id, called, EventCause::NewCall),
            Some(Route::Queue(queue)) => self.enter_queue(id, queue),
            Some(Route::Outside(number)) => self.seize_next(id, number, None),
            None => self.fail(id, None, EventCause::DestNotObtainable, Outcome::NotObtainable),
        }
    }

    /// Takes the next trunk for a call out. Who rings there first keeps it, and the one before it is tried.
    fn seize_next(&mut self, id: CallId, number: Number, tried: Option<TrunkIx>) {
        let mut tried = tried;
        while let Some(trunk) = self.trunk_group.next(tried) {
            tried = Some(trunk);
            if self.claim(self.devices.trunk(trunk).channel, Intent::Dial(number)).is_err() {
                continue;
            }
            let token = self.next_token();
            let Some(call) = self.calls.get_mut(id) else { return };
            call.stage = Stage::Seizing(trunk, number);
            call.log.trunk = Some(trunk);
            let name = call.called;
            let party = Party::outside(id, Device::Trunk(trunk), token, name, LocalConnectionState::Initiate);
            self.join(id, party);
            return;
        }
        self.fail(id, None, EventCause::TrunksBusy, Outcome::NotObtainable);
    }

    /// All digits have gone out: the network has the call, and the caller may hear what it says.
    pub(crate) fn on_dialled(&mut self, id: CallId, trunk: TrunkIx) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if !matches!(call.stage, Stage::Seizing(..)) {
            return;
        }
        // Not answered yet, but the caller hears what the network says.
        call.stage = Stage::Talking;
        call.set_state(Device::Trunk(trunk), LocalConnectionState::Connect);
        let Some(caller) = call.caller().map(|caller| caller.device) else { return };
        self.connect(caller, Device::Trunk(trunk));
        self.tell_network_reached(id, Device::Trunk(trunk));
    }

    /// The far end of a trunk has answered: a sign of the line, or the line machine's judgement of what it hears.
    pub(crate) fn on_far_end_answered(&mut self, id: CallId, trunk: TrunkIx) {
        self.on_dialled(id, trunk);
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else { return };
        if call.stage == Stage::Talking && call.log.established.is_none() {
            call.log.answered = Some(now);
            call.log.established = Some(now);
            self.begin_recording(id);
            self.tell_established(id, Device::Trunk(trunk));
        }
    }

    /// The far end of a trunk has gone.
    pub(crate) fn on_trunk_released(&mut self, id: CallId, trunk: TrunkIx) {
        match self.calls.get(id).map(|call| &call.stage) {
            // It has not even taken the digits.
            Some(Stage::Seizing(..)) => {
                self.fail_at_trunk(id, trunk, EventCause::NetworkNotObtainable, Outcome::NotObtainable);
            }
            Some(_) | None => self.leave(id, Device::Trunk(trunk), Leaving::by_itself(EventCause::None)),
        }
    }

    /// A trunk would not do what was asked.
    pub(crate) fn on_trunk_failed(&mut self, id: CallId, trunk: TrunkIx, failure: LineFailure) {
        let device = Device::Trunk(trunk);
        let channel = self.devices.trunk(trunk).channel;
        let Some(call) = self.calls.get_mut(id) else { return };
        let Stage::Seizing(_, number) = call.stage else {
            // The network has given up on a call it had, or the line is dead.
            let (cause, outcome) = reason(failure);
            let unanswered = call.stage == Stage::Talking && call.log.established.is_none();
            return match (unanswered, call.log.direction) {
                (true, Direction::Outbound) => self.fail_at_trunk(id, trunk, cause, outcome),
                (true | false, _) => self.leave(id, device, Leaving::by_itself(cause)),
            };
        };
        match failure {
            LineFailure::Glare | LineFailure::NoDialTone | LineFailure::NoBattery => {
                // Nobody has been told of this trunk yet: another one may do.
                call.parties.retain(|party| party.device != device);
                call.log.trunk = None;
                self.devices.set_call(device, None);
                self.release_trunk(channel);
                self.seize_next(id, number, Some(trunk));
            }
            LineFailure::Busy
            | LineFailure::Congestion
            | LineFailure::Unassigned
            | LineFailure::Intercepted
            | LineFailure::Announced => {
                let (cause, outcome) = reason(failure);
                self.fail_at_trunk(id, trunk, cause, outcome);
            }
        }
    }

    /// The network could not reach the called number: the trunk is given back, and the caller hears why.
    fn fail_at_trunk(&mut self, id: CallId, trunk: TrunkIx, cause: EventCause, outcome: Outcome) {
        let device = Device::Trunk(trunk);
        self.audio.silence(self.devices.trunk(trunk).channel, &mut self.actions);
        self.fail(id, None, cause, outcome);
        self.drop_party(id, device, cause);
    }
}

/// Notes which way a call goes, and which agent makes it.
fn note_origin(call: &mut Call, route: Option<Route>, agent: Option<AgentIx>) {
    call.log.direction = match route {
        Some(Route::Outside(_)) => Direction::Outbound,
        Some(Route::Station(_) | Route::Queue(_)) | None => Direction::Internal,
    };
    if matches!(route, Some(Route::Outside(_))) {
        call.log.agent = agent;
    }
}

const fn reason(failure: LineFailure) -> (EventCause, Outcome) {
    match failure {
        LineFailure::Busy => (EventCause::Busy, Outcome::Busy),
        LineFailure::Congestion => (EventCause::NetworkCongestion, Outcome::NotObtainable),
        LineFailure::Unassigned | LineFailure::Intercepted | LineFailure::Announced => {
            (EventCause::DestNotObtainable, Outcome::NotObtainable)
        }
        LineFailure::NoDialTone | LineFailure::NoBattery | LineFailure::Glare => {
            (EventCause::NetworkNotObtainable, Outcome::NotObtainable)
        }
    }
}
