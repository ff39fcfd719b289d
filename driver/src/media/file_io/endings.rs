//! Ends of recordings: a file is made whole by a sync, which waits for the disk, so a thread of its own does it.
//!
//! The file thread hands over the sink and goes on with the sound of all others; a simulation, which must do the same
//! in each run, has it done at once.
//!
//! Never: touches a ring.

use std::io;

use super::threads::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use super::threads::thread;
use super::{Slot, SoundSink};

/// A recording with all its sound in its sink.
pub(super) struct Ending {
    pub(super) slot: Slot,
    pub(super) operation: String,
    /// Samples of each side.
    pub(super) samples: u64,
    /// None if the recording has failed.
    pub(super) sink: Option<Box<dyn SoundSink>>,
}

/// A recording that has come to its end.
pub(super) struct Ended {
    pub(super) slot: Slot,
    pub(super) operation: String,
    pub(super) samples: u64,
    /// True if it is whole; false if it failed before its end; an error is a sentence.
    pub(super) whole: Result<bool, String>,
}

impl Ending {
    /// Makes the recording whole.
    fn finish(self) -> Ended {
        let Ending { slot, operation, samples, sink } = self;
        // The sink goes before its end is known.
        let whole = sink.map_or(Ok(false), |mut sink| sink.finish().map(|()| true));
        Ended { slot, operation, samples, whole }
    }
}

/// The place where recordings are made whole.
pub(super) enum Endings {
    /// On the thread that asks, at once.
    Here,
    /// On a thread of its own, one after the other.
    Apart {
        endings: SyncSender<Ending>,
        ended: Receiver<Ended>,
        /// Recordings whose end is not known yet.
        under_way: usize,
    },
}

impl Endings {
    /// Starts a thread that makes recordings whole; it ends with these.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn apart(recordings: usize) -> io::Result<Endings> {
        let (endings, asked) = sync_channel::<Ending>(recordings);
        let (done, ended) = sync_channel(recordings);
        thread::Builder::new().name("tipring-sync".into()).spawn(move || {
            for ending in asked {
                // Without a reader the program is at its end.
                let _ = done.send(ending.finish());
            }
        })?;
        Ok(Endings::Apart { endings, ended, under_way: 0 })
    }

    /// Recordings whose end is not known yet.
    pub(super) fn under_way(&self) -> usize {
        match self {
            Endings::Here => 0,
            Endings::Apart { under_way, .. } => *under_way,
        }
    }

    /// Brings a recording to its end. Returns it if that is so already.
    ///
    /// # Panics
    /// The thread is gone: the file thread goes as well, and the program with it.
    pub(super) fn begin(&mut self, ending: Ending) -> Option<Ended> {
        match self {
            Endings::Here => Some(ending.finish()),
            Endings::Apart { endings, under_way, .. } => {
                // Each slot has one at a time, and there is room for that many.
                assert!(endings.send(ending).is_ok(), "{GONE}");
                *under_way += 1;
                None
            }
        }
    }

    /// The next recording that has come to its end; none while there is none.
    ///
    /// # Panics
    /// The thread is gone.
    pub(super) fn poll(&mut self) -> Option<Ended> {
        let Endings::Apart { ended, under_way, .. } = self else { return None };
        match ended.try_recv() {
            Ok(next) => {
                *under_way -= 1;
                Some(next)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => panic!("{GONE}"),
        }
    }

    /// Waits for the next recording under way; none if there is none.
    ///
    /// # Panics
    /// The thread is gone.
    pub(super) fn wait(&mut self) -> Option<Ended> {
        let Endings::Apart { ended, under_way, .. } = self else { return None };
        if *under_way == 0 {
            return None;
        }
        *under_way -= 1;
        Some(ended.recv().expect(GONE))
    }
}

/// The reason of a panic that follows another one.
const GONE: &str = "the thread that makes recordings whole has ended";

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::{
        FileEnds, FileReport, FileRequest, FileService, Library, MediaEnd, PromptSource, RecordingKind,
        RecordingTarget, Take,
    };
    use super::*;
    use crate::ids::{PromptId, RecordingId};
    use crate::spsc::queue;

    /// Ticks of sound that go to a sink together.
    const TICKS: usize = 20;

    /// A disk that makes nothing whole while it is locked, and what was written to it.
    #[derive(Clone, Default)]
    struct Disk {
        busy: Arc<Mutex<()>>,
        written: Arc<Mutex<usize>>,
    }

    impl SoundSink for Disk {
        fn write(&mut self, left: &[i16], _right: &[i16]) -> Result<(), String> {
            *self.written.lock().unwrap() += left.len();
            Ok(())
        }

        fn finish(&mut self) -> Result<(), String> {
            drop(self.busy.lock().unwrap());
            Ok(())
        }
    }

    impl Library for Disk {
        fn prompt(&mut self, _prompt: PromptId) -> Result<PromptSource, String> {
            Err("there is none".into())
        }

        fn recording(&mut self, _recording: RecordingId) -> Result<RecordingTarget, String> {
            Ok(RecordingTarget::Sink(Box::new(self.clone())))
        }
    }

    #[test]
    fn a_recording_that_waits_for_the_disk_at_its_end_keeps_no_other_waiting() {
        let (mut requests, requests_end) = queue(8);
        let (reports_end, mut reports) = queue(8);
        let ((_silent, ends), (mut recorded, goes_on)) = (queue(64), queue(64));
        let disk = Disk::default();
        let rings = FileEnds {
            requests: requests_end,
            reports: reports_end,
            prompts: Vec::new(),
            recordings: vec![ends, goes_on],
        };
        let mut service = FileService::new(rings, Box::new(disk.clone())).finishing_apart().unwrap();
        for slot in [Slot(0), Slot(1)] {
            let kind = RecordingKind::Evidence;
            requests.push(FileRequest::OpenRecording { slot, recording: RecordingId(1), kind }).unwrap();
        }
        let busy = disk.busy.lock().unwrap();
        requests.push(FileRequest::CloseRecording { slot: Slot(0), gap: 0 }).unwrap();
        service.step();
        for _ in 0..TICKS {
            recorded.push(Take::Sound([[7; 8], [0; 8]])).unwrap();
        }
        service.step();
        assert_eq!((*disk.written.lock().unwrap(), reports.pop()), (8 * TICKS, None), "the disk is busy");
        assert_eq!(service.recordings_open(), 2, "neither is whole");
        drop(busy);
        service.finish();
        assert_eq!(service.recordings_open(), 0);
        let closed = |slot, samples| Some(FileReport::RecordingClosed { slot, end: MediaEnd::Stopped, samples });
        assert_eq!([reports.pop(), reports.pop()], [closed(Slot(0), 0), closed(Slot(1), 8 * TICKS as u64)]);
    }
}
