//! Somebody leaves a call, and what becomes of the rest.
//!
//! Who is left on a trunk is released at once; who is left with a handset hears busy tone until putting it down; a
//! headset is free at once. A call of which nobody is left is over: its record is written.

use tipring_driver::engine::Command;
use tipring_driver::ids::RecordingId;
use tipring_driver::line::{LineCommand, Number};
use tipring_driver::media::{MediaEnd, ToneKind};
use tipring_driver::time::Tick;

use super::device::{Device, StationIx};
use super::model::{Call, Stage};
use crate::channel::{Intent, State};
use crate::config::StationKind;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::{CallId, ConnectionId, ExtendedDeviceId, LocalConnectionState};
use crate::library::recordings;
use crate::limits::RECORDING_WAIT_MAX;
use crate::store::{CallRecord, Outcome, Record, RecordingRecord, ReleasedBy};
use crate::timers::Timer;

/// Why somebody leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaving {
    cause: EventCause,
    /// Whose doing it is; the device's own if none.
    by: Option<ReleasedBy>,
    /// What is written if this ends the call; what the stage says if none.
    outcome: Option<Outcome>,
}

impl Leaving {
    /// The party has gone by itself.
    pub(crate) const fn by_itself(cause: EventCause) -> Leaving {
        Leaving { cause, by: None, outcome: None }
    }

    /// A client has asked for it.
    pub(crate) const fn by_client() -> Leaving {
        Leaving { cause: EventCause::None, by: Some(ReleasedBy::Client), outcome: None }
    }

    /// The system has decided it.
    pub(crate) const fn by_system(cause: EventCause, outcome: Outcome) -> Leaving {
        Leaving { cause, by: Some(ReleasedBy::System), outcome: Some(outcome) }
    }

    /// The program stops: what the call had come to is what is written.
    pub(crate) const fn by_stop() -> Leaving {
        Leaving { cause: EventCause::Maintenance, by: Some(ReleasedBy::System), outcome: None }
    }

    /// The card is gone.
    pub(crate) const fn by_failure() -> Leaving {
        Leaving::by_system(EventCause::Maintenance, Outcome::OutOfService)
    }
}

/// A recording whose end has not been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenRecording {
    /// Of which call.
    pub(crate) call: CallId,
    /// When it began.
    pub(crate) began: Tick,
}

impl Core {
    /// Ends every call that stands, so that each has its record and its whole recording: the program is about to stop.
    ///
    /// The newest goes first, so that no agent who comes free is given a call that is to end as well.
    pub(crate) fn end_all_calls(&mut self) {
        while let Some((id, device)) = self.calls.newest().and_then(|call| {
            let party = call.caller().or(call.parties.first())?;
            Some((call.id, party.device))
        }) {
            self.leave(id, device, Leaving::by_stop());
        }
    }

    /// A party leaves a call. The line has gone, or goes now.
    pub(crate) fn leave(&mut self, id: CallId, device: Device, leaving: Leaving) {
        let Some(call) = self.calls.get(id) else { return };
        let Some(party) = call.party(device) else { return };
        let name = party.name;
        if let (Stage::Alerting(station, place @ Some(_)) | Stage::Answering(station, place @ Some(_)), true) =
            (&call.stage, call.caller().is_some_and(|caller| caller.device != device))
        {
            // The caller is still there, and so is the place in the queue.
            let (station, place) = (*station, *place);
            self.stop_call_timers(id);
            return self.take_back(id, station, place, leaving.cause);
        }
        if call.stage == Stage::Arriving {
            // Who watches the trunk has not heard of the call yet.
            self.tell_entered(id);
        }
        self.stop_call_timers(id);
        self.stop_recorder(id);
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else { return };
        let is_caller = call.caller().is_some_and(|caller| caller.device == device);
        let by = leaving.by.unwrap_or(if is_caller { ReleasedBy::Caller } else { ReleasedBy::Called });
        call.note_end(now, leaving.outcome.unwrap_or(outcome(call, is_caller)), by);
        if is_caller {
            self.give_up_queue(id);
        }
        self.part(id, device, name, leaving.cause);
        self.settle(id);
    }

    /// Takes one party out: tells it, and puts its line down if it is a trunk.
    fn part(&mut self, id: CallId, device: Device, releasing: ExtendedDeviceId, cause: EventCause) {
        let Some(call) = self.calls.get_mut(id) else { return };
        call.set_state(device, LocalConnectionState::Null);
        let talked = call.log.established.is_some();
        if let Some(channel) = self.devices.channel(device) {
            self.audio.silence(channel, &mut self.actions);
        }
        self.tell_connection_cleared(id, device, releasing, cause);
        if let Some(call) = self.calls.get_mut(id) {
            call.parties.retain(|party| party.device != device);
        }
        self.devices.set_call(device, None);
        match device {
            Device::Trunk(trunk) => self.release_trunk(self.devices.trunk(trunk).channel),
            Device::Station(station) => self.agent_left_call(station, id, talked),
            Device::Queue(_) => {}
        }
    }

    /// Takes one party out of a call that goes on without it.
    pub(crate) fn drop_party(&mut self, id: CallId, device: Device, cause: EventCause) {
        self.stop_recorder(id);
        if let Some(name) = self.calls.get(id).and_then(|call| Some(call.party(device)?.name)) {
            self.part(id, device, name, cause);
        }
    }

    /// What becomes of those who are left after somebody has gone.
    fn settle(&mut self, id: CallId) {
        while let Some(&party) = self.calls.get(id).and_then(|call| call.parties.first()) {
            match party.device {
                // A queue is left without a word of its own: the caller's leaving has said it.
                Device::Queue(_) => {
                    if let Some(call) = self.calls.get_mut(id) {
                        call.parties.remove(0);
                    }
                }
                Device::Trunk(_) => self.part(id, party.device, party.name, EventCause::None),
                Device::Station(station) if party.state == LocalConnectionState::Alerting => {
                    self.stop_alerting(station);
                    self.part(id, party.device, party.name, EventCause::CallCancelled);
                }
                Device::Station(station) => match self.devices.station(station).kind {
                    StationKind::Headset => self.part(id, party.device, party.name, EventCause::None),
                    StationKind::Handset => {
                        self.hears_the_end(id, station, ToneKind::Busy);
                        return self.show_the_end(station);
                    }
                },
            }
        }
        self.finish(id);
    }

    /// Stops ringing. If the handset was lifted in this moment, its owner finds dial tone.
    fn stop_alerting(&mut self, station: StationIx) {
        let channel = self.devices.station(station).channel;
        if self.devices.state(channel) == State::Ringing {
            let _ = self.claim(channel, Intent::StopRinging);
        }
    }

    /// A handset is left alone, or could not reach anybody: it hears a tone until it is put down.
    fn hears_the_end(&mut self, id: CallId, station: StationIx, tone: ToneKind) {
        let station = self.devices.station(station);
        let wait = match station.kind {
            StationKind::Handset => self.times.busy_tone,
            StationKind::Headset => self.times.headset_busy_tone,
        };
        self.audio.tone(station.channel, tone, &mut self.actions);
        if let Some(call) = self.calls.get_mut(id) {
            call.stage = Stage::Over;
        }
        self.timers.set(Timer::BusyTone(id), self.now + wait);
    }

    /// The line of a station shows, where it has a sign for it, that nobody is there any more: behind some stations stands a
    /// private exchange, which does not listen to tones.
    fn show_the_end(&mut self, station: StationIx) {
        let channel = self.devices.station(station).channel;
        if self.devices.state(channel) == State::InUse {
            self.actions.push_back(Action::Command(Command::Line { channel, command: LineCommand::Disconnect }));
        }
    }

    /// Nobody has put the handset down: the call ends all the same.
    pub(crate) fn on_busy_tone_over(&mut self, id: CallId) {
        if let Some(party) = self.calls.get(id).and_then(|call| call.parties.first()) {
            let device = party.device;
            if let Device::Station(station) = device {
                self.show_the_end(station);
            }
            self.leave(id, device, Leaving::by_system(EventCause::None, Outcome::NotObtainable));
        }
    }

    /// The called device could not be had: the caller hears why. `called` is the station, if it was one.
    pub(crate) fn fail(&mut self, id: CallId, called: Option<StationIx>, cause: EventCause, outcome: Outcome) {
        let called = called.map(|station| self.devices.id(Device::Station(station)));
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else { return };
        let Some(caller) = call.caller().copied() else { return };
        call.note_end(now, outcome, ReleasedBy::System);
        call.stage = Stage::Over;
        let failed = match (called, cause) {
            (Some(device), EventCause::Busy | EventCause::DestOutOfOrder) => {
                ConnectionId { call: id, device, ..ConnectionId::NONE }
            }
            // There is no other end: it is the caller's own connection that has failed.
            (Some(_) | None, _) => {
                call.set_state(caller.device, LocalConnectionState::Fail);
                caller.connection
            }
        };
        self.tell_failed(id, failed, cause);
        let tone = match cause {
            EventCause::Busy => ToneKind::Busy,
            _ => ToneKind::Congestion,
        };
        match caller.device {
            Device::Station(station) => self.hears_the_end(id, station, tone),
            Device::Trunk(_) | Device::Queue(_) => {
                self.leave(id, caller.device, Leaving::by_system(EventCause::None, outcome));
            }
        }
    }

    /// The caller of a queued call gives up.
    fn give_up_queue(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let (place, waits) = match call.stage {
            Stage::Queued(place) => (place, true),
            Stage::Alerting(_, Some(place)) | Stage::Answering(_, Some(place)) => (place, false),
            Stage::Arriving
            | Stage::Menu(_)
            | Stage::Prompting(_)
            | Stage::Dialling(_)
            | Stage::Alerting(_, None)
            | Stage::Answering(_, None)
            | Stage::Seizing(..)
            | Stage::Talking
            | Stage::Over => return,
        };
        call.set_state(Device::Queue(place.queue), LocalConnectionState::Null);
        let wait = call.log.queued.map(|queued| self.now.since(queued)).unwrap_or_default();
        let queue = &mut self.queues[place.queue.0 as usize];
        queue.figures.note_abandoned(wait);
        if waits {
            queue.leave(place.order);
        }
    }

    pub(crate) fn stop_call_timers(&mut self, id: CallId) {
        for timer in [
            Timer::CallerIdentity(id),
            Timer::Prompt(id),
            Timer::MenuKey(id),
            Timer::NextDigit(id),
            Timer::Alerting(id),
            Timer::Zip(id),
            Timer::BusyTone(id),
        ] {
            self.timers.stop(timer);
        }
    }

    fn stop_recorder(&mut self, id: CallId) {
        let Some(recorder) = self.calls.get_mut(id).and_then(|call| call.recorder.take()) else { return };
        self.audio.stop(recorder.task, &mut self.actions);
        self.timers.set(Timer::RecordingEnd(recorder.recording), self.now + RECORDING_WAIT_MAX);
    }

    /// A recorder has ended: what became of it is kept.
    pub(crate) fn on_record_ended(&mut self, recording: RecordingId, end: MediaEnd, samples: u64) {
        let Some(open) = self.recordings.remove(&recording) else { return };
        self.timers.stop(Timer::RecordingEnd(recording));
        if let Some(call) = self.calls.get_mut(open.call) {
            // It may have ended by itself, a full disk for one, while the two talk on.
            call.recorder.take_if(|recorder| recorder.recording == recording);
        }
        let whole = matches!(end, MediaEnd::Complete | MediaEnd::Stopped);
        let file = recordings::file_name(recording);
        if !whole {
            self.actions.push_back(Action::Trouble(Trouble::RecordingFailed { call: open.call, file: file.clone() }));
        }
        let record = RecordingRecord { recording, call: open.call, file, began: open.began, samples, whole };
        self.keep(Record::Recording(record));
    }

    /// The end of a recorder was never told.
    pub(crate) fn on_recording_lost(&mut self, recording: RecordingId) {
        self.on_record_ended(recording, MediaEnd::FileFailed, 0);
    }

    /// Nobody is left: the call is over.
    fn finish(&mut self, id: CallId) {
        self.stop_call_timers(id);
        self.stop_recorder(id);
        self.tell_call_cleared(id, EventCause::None);
        let Some(call) = self.calls.remove(id) else { return };
        if let Some(lookup) = call.lookup {
            self.looked_up.remove(&lookup);
        }
        let record = self.call_record(&call);
        self.keep(Record::Call(Box::new(record)));
    }

    fn call_record(&self, call: &Call) -> CallRecord {
        let log = &call.log;
        let number = |text: &str| Number::from(text).unwrap_or_default();
        let (ended, outcome, released_by) = log.end.unwrap_or((self.now, Outcome::NotObtainable, ReleasedBy::System));
        CallRecord {
            call: call.id,
            direction: log.direction,
            trunk: log.trunk.map(|trunk| self.devices.id(Device::Trunk(trunk))),
            caller: number(call.calling.device.as_str()),
            called: number(call.called.device.as_str()),
            queue: log.queue.map(|queue| self.devices.id(Device::Queue(queue))),
            agent: log.agent.map(|agent| self.agents.get(agent).id),
            station: log.station.map(|station| self.devices.id(Device::Station(station))),
            keyed: number(&call.data.keyed),
            offered: log.offered,
            answered: log.answered,
            queued: log.queued,
            alerting: log.alerting,
            established: log.established,
            ended,
            outcome,
            released_by,
            recording: log.recording,
            machine: call.data.machine,
        }
    }
}

/// What is written of a call that ends at its present stage because the caller, or the other, has gone.
fn outcome(call: &Call, is_caller: bool) -> Outcome {
    match call.stage {
        Stage::Arriving => Outcome::AbandonedRinging,
        Stage::Menu(_) => Outcome::AbandonedInIvr,
        Stage::Queued(_) => Outcome::AbandonedQueued,
        Stage::Prompting(_) | Stage::Dialling(_) => Outcome::NotDialled,
        Stage::Talking if call.log.established.is_some() => Outcome::Answered,
        // The network has the call, and the far end has not answered.
        Stage::Talking | Stage::Alerting(..) | Stage::Answering(..) | Stage::Seizing(..) if is_caller => {
            Outcome::AbandonedAlerting
        }
        Stage::Talking | Stage::Alerting(..) | Stage::Answering(..) | Stage::Seizing(..) | Stage::Over => {
            Outcome::NotObtainable
        }
    }
}
