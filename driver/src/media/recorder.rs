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
//! | state | what happens | next |
//! |---|---|---|
//! | Free | two tracks are to be recorded | Recording |
//! | Recording | stopped | Finishing |
//! | Recording | the file failed | Failed, the end is reported |
//! | Finishing | the file thread has finished the file | Free, the end is reported |
//! | Failed | the file thread has let go | Free |
//!
//! Never: waits for the file thread, or knows a path.

use super::file_io::{FileRequest, Slot, Take};
use super::{MediaEnd, MediaEvent, RecordingKind, Track};
use crate::dsp::Samples;
use crate::ids::{RecordingId, TaskId};
use crate::ring::Producer;

/// All recorders of an engine.
#[derive(Debug)]
pub struct Recorders {
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
    Recording { task: TaskId, recording: RecordingId, left: Track, right: Track, kind: RecordingKind },
    Finishing { task: TaskId, recording: RecordingId },
    Failed,
}

impl Recorders {
    /// One recorder for each ring.
    pub fn new(rings: Vec<Producer<Take>>) -> Recorders {
        let busy = Vec::with_capacity(rings.len());
        let recorders = rings.into_iter().map(|ring| Recorder { ring, state: RecorderState::Free, gap: 0 }).collect();
        Recorders { recorders, busy, lost_ticks: 0 }
    }

    /// Records `left` and `right`. Tells at once if there is no recorder left.
    pub fn record(
        &mut self,
        task: TaskId,
        (left, right): (Track, Track),
        (recording, kind): (RecordingId, RecordingKind),
        requests: &mut Producer<FileRequest>,
    ) -> Option<MediaEvent> {
        let none = MediaEvent::RecordEnded { task, recording, end: MediaEnd::NoResources, samples: 0 };
        let Some(free) = self.recorders.iter().position(|recorder| recorder.state == RecorderState::Free) else {
            return Some(none);
        };
        let slot = Slot(free as u16);
        // Each slot has at most two requests under way, and the ring holds that many for every slot.
        if requests.push(FileRequest::OpenRecording { slot, recording, kind }).is_err() {
            return Some(none);
        }
        self.recorders[free].state = RecorderState::Recording { task, recording, left, right, kind };
        self.recorders[free].gap = 0;
        self.busy.push(slot);
        None
    }

    /// Ends the recorder of `task`, if there is one. Its end is reported when the file is whole.
    pub fn stop(&mut self, task: TaskId, requests: &mut Producer<FileRequest>) {
        for slot in &self.busy {
            let recorder = &mut self.recorders[slot.index()];
            if let RecorderState::Recording { task: of, recording, .. } = recorder.state
                && of == task
            {
                recorder.state = RecorderState::Finishing { task, recording };
                // There is room: see `record`.
                let _ = requests.push(FileRequest::CloseRecording { slot: *slot, gap: recorder.gap });
            }
        }
    }

    /// The file thread could not write on.
    pub fn handle_failed(
        &mut self,
        slot: Slot,
        samples: u64,
        requests: &mut Producer<FileRequest>,
    ) -> Option<MediaEvent> {
        let recorder = self.recorders.get_mut(slot.index())?;
        let RecorderState::Recording { task, recording, .. } = recorder.state else { return None };
        recorder.state = RecorderState::Failed;
        // There is room: see `record`.
        let _ = requests.push(FileRequest::CloseRecording { slot, gap: 0 });
        Some(MediaEvent::RecordEnded { task, recording, end: MediaEnd::FileFailed, samples })
    }

    /// The file thread has let go of the slot: it can be used again.
    pub fn handle_closed(&mut self, slot: Slot, end: MediaEnd, samples: u64) -> Option<MediaEvent> {
        let recorder = self.recorders.get_mut(slot.index())?;
        let state = core::mem::replace(&mut recorder.state, RecorderState::Free);
        self.busy.retain(|busy| *busy != slot);
        match state {
            RecorderState::Finishing { task, recording } | RecorderState::Recording { task, recording, .. } => {
                Some(MediaEvent::RecordEnded { task, recording, end, samples })
            }
            RecorderState::Free | RecorderState::Failed => None,
        }
    }

    /// Passes on one tick of every recorder: what each party said, by channel, what of it those who listen hear, and
    /// what each party is sent.
    pub fn step(&mut self, said: &[Samples], heard: &[Samples], sent: &[Samples]) {
        for slot in &self.busy {
            let recorder = &mut self.recorders[slot.index()];
            let RecorderState::Recording { left, right, kind, .. } = recorder.state else { continue };
            let tap = match kind {
                RecordingKind::Evidence => said,
                RecordingKind::Listening(_) => heard,
            };
            if recorder.gap > 0 && recorder.ring.push(Take::Gap(recorder.gap)).is_ok() {
                recorder.gap = 0;
            }
            let sound = Take::Sound([left, right].map(|track| match track {
                Track::Received(channel) => tap[channel.index()],
                Track::Sent(channel) => sent[channel.index()],
            }));
            if recorder.gap > 0 || recorder.ring.push(sound).is_err() {
                recorder.gap += 1;
                self.lost_ticks += 1;
            }
        }
    }

    /// Ticks that were not recorded because a ring was full.
    pub fn lost_ticks(&self) -> u64 {
        self.lost_ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::SILENCE;
    use crate::dsp::enhance::Enhancement;
    use crate::ids::ChannelId;
    use crate::ring::ring;

    #[test]
    fn evidence_is_taken_before_what_keeps_echoes_back_and_the_rest_behind_it() {
        let (rings, mut ends): (Vec<_>, Vec<_>) = (0..2).map(|_| ring(4)).unzip();
        let (mut requests, mut asked) = ring(4);
        let mut recorders = Recorders::new(rings);
        let kinds = [RecordingKind::Evidence, RecordingKind::Listening(Enhancement::NONE)];
        for (task, kind) in kinds.into_iter().enumerate() {
            let sides = (Track::Received(ChannelId(0)), Track::Received(ChannelId(1)));
            let recording = RecordingId(task as u64);
            assert_eq!(recorders.record(TaskId(task as u32), sides, (recording, kind), &mut requests), None);
            let Some(FileRequest::OpenRecording { kind: kind_asked, .. }) = asked.pop() else {
                panic!("nothing was asked")
            };
            assert_eq!(kind_asked, kind, "the file thread knows what it is for");
        }
        let (said, heard) = ([[1; 8], [2; 8]], [SILENCE, [3; 8]]);
        recorders.step(&said, &heard, &[SILENCE; 2]);
        let mut taken = ends.iter_mut().map(|end| end.pop());
        assert_eq!(taken.next(), Some(Some(Take::Sound(said))));
        assert_eq!(taken.next(), Some(Some(Take::Sound(heard))));
    }
}
