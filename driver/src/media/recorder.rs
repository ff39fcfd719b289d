//! Recorders: two tracks of sound to the file thread, each recorder over a bounded ring of its own. A track is what a
//! channel receives, or what it is sent: both of one channel are the whole of a line, whoever it is connected to.
//!
//! When the file thread falls behind and a ring is full, the ticks that do not fit are counted, and as soon as there is
//! room again the file gets as much silence: a recording is always as long as the talk was.
//! Their number is fixed when the engine is made.
//!
//! The sound of a recording that is evidence is taken before the non-linear processor of echo control, that of one to
//! be listened to after it. What else is done to the latter, the file thread does. What a channel is sent is the same
//! for both.
//!
//! A pause records silence of its true length on both tracks: what is said meanwhile is in no file, and what is said
//! after it stands at its true place.
//!
//! | state | what happens | next |
//! |---|---|---|
//! | Free | two tracks are to be recorded | Recording |
//! | Recording | stopped, or silent for too long | Finishing |
//! | Recording | the file failed | Failed, the end is reported |
//! | Finishing | the file thread has finished the file | Free, the end is reported |
//! | Failed | the file thread has let go | Free |
//!
//! Never: waits for the file thread, or knows a path.

use super::file_ring::{FileRequest, Slot, Take};
use super::voice_activity::{BLOCK_TICKS, Lane};
use super::{MediaEnd, MediaEvent, RecordingKind, Track};
use crate::dsp::{SILENCE, Samples};
use crate::ids::{RecordingId, TaskId};
use crate::spsc::Producer;
use crate::time::Ticks;

/// All recorders of an engine.
#[derive(Debug)]
pub(crate) struct Recorders {
    recorders: Vec<Recorder>,
    /// The slots that are not free.
    busy: Vec<Slot>,
    lost_ticks: u64,
}

#[derive(Debug)]
struct Recorder {
    ring: Producer<Take>,
    state: RecorderState,
    /// Ticks that did not fit and are still to be reported to the file thread.
    gap: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecorderState {
    Free,
    Recording {
        of: Task,
        left: Track,
        right: Track,
        kind: RecordingKind,
        ear: Ear,
        is_paused: bool,
    },
    /// The end is another than that of the file, if it has ended by itself.
    Finishing {
        of: Task,
        voice: Ticks,
        end: Option<MediaEnd>,
    },
    Failed,
}

/// The task of a recorder, and where its sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Task {
    task: TaskId,
    recording: RecordingId,
}

impl Task {
    fn ended(self, end: MediaEnd, samples: u64, voice: Ticks) -> MediaEvent {
        MediaEvent::RecordEnded { task: self.task, recording: self.recording, end, samples, voice }
    }
}

/// Voice and silence of the left track, in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ear {
    /// The longest silence; none to record on.
    silence: Option<Ticks>,
    lane: Lane,
    ticks: u32,
    voice: Ticks,
    quiet: Ticks,
}

impl Ear {
    /// Hears one tick. True if the silence has lasted long enough.
    fn hear(&mut self, samples: &Samples) -> bool {
        self.lane.hear(samples);
        self.ticks += 1;
        if self.ticks < BLOCK_TICKS {
            return false;
        }
        self.ticks = 0;
        let block = Ticks::from_ms(BLOCK_TICKS.into());
        let (is_voice, is_quiet) = self.lane.end_block();
        if is_voice {
            self.voice = self.voice + block;
        }
        self.quiet = if is_quiet { self.quiet + block } else { Ticks::ZERO };
        self.silence.is_some_and(|longest| self.quiet >= longest)
    }
}

impl Recorders {
    /// One recorder for each ring.
    pub(crate) fn new(rings: Vec<Producer<Take>>) -> Recorders {
        let busy = Vec::with_capacity(rings.len());
        let recorders = rings.into_iter().map(|ring| Recorder { ring, state: RecorderState::Free, gap: 0 }).collect();
        Recorders { recorders, busy, lost_ticks: 0 }
    }

    /// Records `left` and `right`. Tells at once if there is no recorder left.
    pub(crate) fn record(
        &mut self,
        task: TaskId,
        (left, right): (Track, Track),
        (recording, kind, silence): (RecordingId, RecordingKind, Option<Ticks>),
        requests: &mut Producer<FileRequest>,
    ) -> Option<MediaEvent> {
        let of = Task { task, recording };
        let none = of.ended(MediaEnd::NoResources, 0, Ticks::ZERO);
        let Some(free) = self.recorders.iter().position(|recorder| recorder.state == RecorderState::Free) else {
            return Some(none);
        };
        let slot = Slot(free as u16);
        // Each slot has at most two requests under way, and the ring holds that many for every slot.
        if requests.push(FileRequest::OpenRecording { slot, recording, kind }).is_err() {
            return Some(none);
        }
        self.recorders[free].state = RecorderState::Recording {
            of,
            left,
            right,
            kind,
            ear: Ear { silence, ..Ear::default() },
            is_paused: false,
        };
        self.recorders[free].gap = 0;
        self.busy.push(slot);
        None
    }

    /// Ends the recorder of `task`, if there is one. Its end is reported when the file is whole.
    pub(crate) fn stop(&mut self, task: TaskId, requests: &mut Producer<FileRequest>) {
        self.stop_those(|of| of == task, requests);
    }

    /// Ends all recorders, each as [`stop`](Recorders::stop) does.
    pub(crate) fn stop_all(&mut self, requests: &mut Producer<FileRequest>) {
        self.stop_those(|_| true, requests);
    }

    fn stop_those(&mut self, of_these: impl Fn(TaskId) -> bool, requests: &mut Producer<FileRequest>) {
        for slot in &self.busy {
            let recorder = &mut self.recorders[slot.index()];
            if let RecorderState::Recording { of, ear, .. } = recorder.state
                && of_these(of.task)
            {
                recorder.finish(*slot, (of, ear.voice, None), requests);
            }
        }
    }

    /// Begins or ends a pause of the recorder of `task`, if there is one. It takes effect with the next tick.
    pub(crate) fn pause(&mut self, task: TaskId, pause: bool) {
        for slot in &self.busy {
            if let RecorderState::Recording { of, is_paused, .. } = &mut self.recorders[slot.index()].state
                && of.task == task
            {
                *is_paused = pause;
            }
        }
    }

    /// The file thread could not write on.
    pub(crate) fn handle_failed(
        &mut self,
        slot: Slot,
        samples: u64,
        requests: &mut Producer<FileRequest>,
    ) -> Option<MediaEvent> {
        let recorder = self.recorders.get_mut(slot.index())?;
        let RecorderState::Recording { of, ear, .. } = recorder.state else { return None };
        recorder.state = RecorderState::Failed;
        // There is room: see `record`.
        let _ = requests.push(FileRequest::CloseRecording { slot, gap: 0 });
        Some(of.ended(MediaEnd::FileFailed, samples, ear.voice))
    }

    /// The file thread has let go of the slot: it can be used again.
    pub(crate) fn handle_closed(&mut self, slot: Slot, end: MediaEnd, samples: u64) -> Option<MediaEvent> {
        let recorder = self.recorders.get_mut(slot.index())?;
        let state = core::mem::replace(&mut recorder.state, RecorderState::Free);
        self.busy.retain(|busy| *busy != slot);
        match state {
            RecorderState::Finishing { of, voice, end: own } => {
                Some(of.ended(own.filter(|_| end == MediaEnd::Stopped).unwrap_or(end), samples, voice))
            }
            RecorderState::Recording { of, ear, .. } => Some(of.ended(end, samples, ear.voice)),
            RecorderState::Free | RecorderState::Failed => None,
        }
    }

    /// Passes on one tick of every recorder: what each party said, by channel, what of it those who listen hear, and
    /// what each party is sent.
    pub(crate) fn step(
        &mut self,
        said: &[Samples],
        heard: &[Samples],
        sent: &[Samples],
        requests: &mut Producer<FileRequest>,
    ) {
        for slot in &self.busy {
            let recorder = &mut self.recorders[slot.index()];
            let RecorderState::Recording { of, left, right, kind, ear, is_paused } = &mut recorder.state else {
                continue;
            };
            let tap = match kind {
                RecordingKind::Evidence => said,
                RecordingKind::Listening(_) => heard,
            };
            if recorder.gap > 0 && recorder.ring.push(Take::Gap(recorder.gap)).is_ok() {
                recorder.gap = 0;
            }
            let sound = [*left, *right].map(|track| match track {
                _ if *is_paused => SILENCE,
                Track::Received(channel) => tap[channel.index()],
                Track::Sent(channel) => sent[channel.index()],
            });
            let ended = ear.hear(&sound[0]).then_some((*of, ear.voice, Some(MediaEnd::Silence)));
            let sound = Take::Sound(sound);
            if recorder.gap > 0 || recorder.ring.push(sound).is_err() {
                recorder.gap += 1;
                self.lost_ticks += 1;
            }
            if let Some(ended) = ended {
                recorder.finish(*slot, ended, requests);
            }
        }
    }

    /// Ticks that were not recorded because a ring was full.
    pub(crate) fn lost_ticks(&self) -> u64 {
        self.lost_ticks
    }
}

impl Recorder {
    /// Has the file thread finish the file.
    fn finish(
        &mut self,
        slot: Slot,
        (of, voice, end): (Task, Ticks, Option<MediaEnd>),
        requests: &mut Producer<FileRequest>,
    ) {
        self.state = RecorderState::Finishing { of, voice, end };
        // There is room: see `record`.
        let _ = requests.push(FileRequest::CloseRecording { slot, gap: self.gap });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::enhance::Enhancement;
    use crate::ids::ChannelId;
    use crate::spsc::queue;

    #[test]
    fn evidence_is_taken_before_what_keeps_echoes_back_and_the_rest_behind_it() {
        let (rings, mut ends): (Vec<_>, Vec<_>) = (0..2).map(|_| queue(4)).unzip();
        let (mut requests, mut asked) = queue(4);
        let mut recorders = Recorders::new(rings);
        let kinds = [RecordingKind::Evidence, RecordingKind::Listening(Enhancement::NONE)];
        for (task, kind) in kinds.into_iter().enumerate() {
            let sides = (Track::Received(ChannelId(0)), Track::Received(ChannelId(1)));
            let recording = RecordingId(task as u64);
            assert_eq!(recorders.record(TaskId(task as u32), sides, (recording, kind, None), &mut requests), None);
            let Some(FileRequest::OpenRecording { kind: kind_asked, .. }) = asked.pop() else {
                panic!("nothing was asked")
            };
            assert_eq!(kind_asked, kind, "the file thread knows what it is for");
        }
        let (said, heard) = ([[1; 8], [2; 8]], [SILENCE, [3; 8]]);
        recorders.step(&said, &heard, &[SILENCE; 2], &mut requests);
        let mut taken = ends.iter_mut().map(|end| end.pop());
        assert_eq!(taken.next(), Some(Some(Take::Sound(said))));
        assert_eq!(taken.next(), Some(Some(Take::Sound(heard))));
    }
}
