//! Call recording: the recorder of each line, or of an agent's station in a call without one.
//!
//! A recording belongs to a line: the outside party's trunk, or, in a call of an agent without one, the first party's
//! station. It begins when the two are first connected and ends when the line is released, whatever becomes of the call
//! in between: hold, consultation, conference, transfer, a queue once more. On the left is the party's voice, on the
//! right all that the party is sent, so that it holds the voices of all others, and of a coach it holds nothing.
//!
//! Never: decides about a call.

use tipring_driver::ids::{ChannelId, RecordingId};
use tipring_driver::media::{MediaEnd, Track};
use tipring_driver::time::Ticks;

use crate::call::{Detail, RecordOrder, Recorder};
use crate::core::{Action, Core, Trouble};
use crate::csta::CallId;
use crate::device::Device;
use crate::limits::RECORDING_WAIT_MAX;
use crate::model::{ConnectionState, Role};
use crate::pending::OpenRecording;
use crate::recording::recordings;
use crate::store::{PauseEnd, Record, RecordingEnd, RecordingRecord};
use crate::timers::Timer;

impl Core {
    /// Starts, stops or changes the recorder of a call, by who takes part now, and pauses it for masked digits.
    pub(super) fn settle_recorder(&mut self, call: CallId) {
        self.choose_recorded(call);
        self.settle_masked_digits(call);
    }

    fn choose_recorded(&mut self, call: CallId) {
        let channel = self.recorded(call);
        let Some(detail) = self.details.get_mut(&call) else { return };
        let running = detail.recorder.map(|recorder| recorder.channel);
        if running == channel {
            return;
        }
        let old = detail.recorder.take();
        let pause = old.as_ref().and_then(|recorder| recorder.pause);
        self.stop_recorder(old);
        if let (Some(channel), Some(kind)) = (channel, self.record) {
            let recording = recordings::recording_id(self.epoch_ms + self.now.0, self.next_recording);
            self.next_recording = self.next_recording.wrapping_add(1);
            if !self.has_recording_room {
                return self.leave_out(call, channel, recording);
            }
            let tracks = (Track::Received(channel), Track::Sent(channel));
            let task = self.sound.record(tracks, (recording, kind, None), &mut self.actions);
            self.recordings.insert(recording, OpenRecording { call, began: self.now, message: None });
            if let Some(detail) = self.details.get_mut(&call) {
                detail.recorder = Some(Recorder::new(task, recording, channel));
                detail.log.recording.get_or_insert(recording);
            }
            if let Some(pause) = pause {
                self.carry_pause(call, pause);
            }
        }
        self.update_recording(call);
    }

    /// Leaves a call out for which the disk has no room: its record names a recording, whose record says so.
    fn leave_out(&mut self, call: CallId, channel: ChannelId, recording: RecordingId) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.lost = Some(channel);
        detail.log.recording.get_or_insert(recording);
        let (file, began) = (recordings::file_name(recording), self.now);
        let record = RecordingRecord { recording, call, file, began, samples: 0, end: RecordingEnd::NoRoom };
        self.persist(Record::Recording(record));
    }

    /// The channel of a call to be recorded: the one that is recorded already, as long as its line takes part.
    fn recorded(&self, call: CallId) -> Option<ChannelId> {
        let detail = self.details.get(&call)?;
        detail.log.established?;
        self.record?;
        if detail.record_order == RecordOrder::Stop {
            return None;
        }
        let parties = self.model.call(call)?.connections.iter().filter(|it| {
            it.role == Role::Party && matches!(it.state, ConnectionState::Connected | ConnectionState::Held)
        });
        let lines: Vec<(Device, ChannelId)> =
            parties.filter_map(|it| Some((it.device, self.devices.channel(it.device)?))).collect();
        let trunks = lines.iter().filter(|(device, _)| device.trunk().is_some());
        let is_asked_for = detail.record_order == RecordOrder::Start;
        let is_inside = detail.log.trunk.is_none() && (detail.log.agent.is_some() || is_asked_for);
        let stations = lines.iter().filter(|(device, _)| is_inside && device.station().is_some());
        let mut channels = trunks.chain(stations).map(|(_, channel)| *channel);
        let first = channels.clone().next();
        let running = detail.recorder.map(|recorder| recorder.channel);
        let channel = channels.find(|&channel| Some(channel) == running).or(first)?;
        // Chosen once, a call is recorded to its end.
        if running.is_none() && !is_asked_for && !self.is_chosen(detail) {
            return None;
        }
        // A recorder that has ended by itself, a full disk for one, is not begun again for the same line.
        (detail.lost != Some(channel)).then_some(channel)
    }

    /// Returns true if the rules choose a call.
    fn is_chosen(&self, detail: &Detail) -> bool {
        let queue = detail.log.queue.map(|queue| self.devices.id(Device::Queue(queue)));
        let agent = detail.log.agent.map(|agent| self.roster.get(agent).id);
        self.record_rules.choose(detail.id, queue.as_ref(), agent.as_ref())
    }

    pub(super) fn stop_recorder(&mut self, recorder: Option<Recorder>) {
        let Some(recorder) = recorder else { return };
        self.close_pause(&recorder, PauseEnd::Ended);
        self.sound.stop(recorder.task, &mut self.actions);
        self.timers.set(Timer::RecordingEnd(recorder.recording), self.now + RECORDING_WAIT_MAX);
    }

    /// A recorder has ended: its recording is kept.
    pub(crate) fn on_record_ended(&mut self, recording: RecordingId, end: MediaEnd, samples: u64, voice: Ticks) {
        let Some(open) = self.recordings.remove(&recording) else { return self.on_tap_ended(recording) };
        self.timers.stop(Timer::RecordingEnd(recording));
        let of_call = self.details.get_mut(&open.call);
        let of_call = of_call.filter(|it| it.recorder.is_some_and(|recorder| recorder.recording == recording));
        if let Some(detail) = of_call {
            // It has ended by itself while the parties talk on.
            let ended = detail.recorder.take();
            detail.lost = ended.as_ref().map(|recorder| recorder.channel);
            let call = detail.id;
            if let Some(recorder) = ended {
                self.close_pause(&recorder, PauseEnd::Ended);
            }
            self.update_recording(call);
        }
        let end = match end {
            MediaEnd::Complete | MediaEnd::Stopped | MediaEnd::Silence => RecordingEnd::Whole,
            _ => RecordingEnd::FileFailed,
        };
        let file = recordings::file_name(recording);
        if end != RecordingEnd::Whole {
            let (call, file) = (open.call, file.clone());
            self.actions.push_back(Action::Trouble(Trouble::RecordingFailed { call, file, samples }));
        }
        let record = RecordingRecord { recording, call: open.call, file, began: open.began, samples, end };
        self.persist(Record::Recording(record));
        if open.message.is_some() {
            self.on_message_ended(recording, &open, samples, voice);
        }
    }

    /// The end of a recorder was never reported.
    pub(crate) fn on_recording_lost(&mut self, recording: RecordingId) {
        self.on_record_ended(recording, MediaEnd::FileFailed, 0, Ticks::ZERO);
    }
}
