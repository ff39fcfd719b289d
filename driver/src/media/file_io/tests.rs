//! Tests of the file thread's part: prompts read ahead, recordings written, troubles kept.
//!
//! Never: plays a sound.

use std::sync::Mutex;

use super::*;
use crate::spsc::queue;

/// Gives a tick now and then, and ends after three.
struct Slow {
    asked: u32,
}

impl SoundSource for Slow {
    fn read(&mut self, into: &mut [i16]) -> Result<Option<usize>, String> {
        self.asked += 1;
        match self.asked {
            6.. => Ok(Some(0)),
            asked if asked % 2 == 1 => {
                into.fill(asked as i16);
                Ok(Some(into.len()))
            }
            _ => Ok(None),
        }
    }

    fn rewind(&mut self) -> Result<(), String> {
        Err("this source is heard once".into())
    }
}

/// Keeps what it is given, until it is full.
struct Short(Arc<Mutex<Vec<i16>>>);

impl SoundSink for Short {
    fn write(&mut self, left: &[i16], _right: &[i16]) -> Result<(), String> {
        let mut kept = self.0.lock().unwrap();
        if kept.len() >= 16 {
            return Err("it is full".into());
        }
        kept.extend(left);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

struct Shelf(Arc<Mutex<Vec<i16>>>);

impl Library for Shelf {
    fn prompt(&mut self, _prompt: PromptId) -> Result<PromptSource, String> {
        Ok(PromptSource::Source(Box::new(Slow { asked: 0 })))
    }

    fn recording(&mut self, _recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::Sink(Box::new(Short(self.0.clone()))))
    }
}

#[test]
fn a_source_that_has_nothing_yet_is_asked_again_and_a_sink_that_fails_ends_its_recording() {
    let (mut requests, requests_end) = queue(8);
    let (reports_end, mut reports) = queue(8);
    let (prompt, mut played) = queue(64);
    let (mut recorded, recording) = queue(64);
    let kept = Arc::new(Mutex::new(Vec::new()));
    let ends =
        FileEnds { requests: requests_end, reports: reports_end, prompts: vec![prompt], recordings: vec![recording] };
    let mut service = FileService::new(ends, Box::new(Shelf(kept.clone())));
    let slot = Slot(0);
    requests.push(FileRequest::OpenPrompt { slot, prompt: PromptId(1), repeat: false }).unwrap();
    service.step();
    assert_eq!(reports.pop(), Some(FileReport::PromptReady { slot }), "a live source begins with what it has");
    assert_eq!((played.pop(), played.pop()), (Some(Piece::Sound([1; 8])), None));
    for _ in 0..3 {
        service.step();
    }
    let rest: Vec<Piece> = std::iter::from_fn(|| played.pop()).collect();
    assert_eq!(rest, [Piece::Sound([3; 8]), Piece::Sound([5; 8]), Piece::End(MediaEnd::Complete)]);

    requests
        .push(FileRequest::OpenRecording { slot, recording: RecordingId(1), kind: RecordingKind::Evidence })
        .unwrap();
    let mut record = |ticks| {
        for _ in 0..ticks {
            recorded.push(Take::Sound([[7; 8], [0; 8]])).unwrap();
        }
    };
    record(BATCH_TICKS - 1);
    service.step();
    assert!(kept.lock().unwrap().is_empty(), "less than 20 ms waits for the rest");
    record(1);
    service.step();
    record(BATCH_TICKS);
    service.step();
    assert_eq!(reports.pop(), Some(FileReport::RecordingFailed { slot, samples: 160 }));
    assert_eq!(service.poll_trouble().unwrap().to_string(), "Recording 1 failed: it is full");
    assert_eq!(kept.lock().unwrap().len(), 160);

    for recording in 0..TROUBLES_MAX + 2 {
        service.trouble(&format!("Recording {recording}"), "it is full".into());
    }
    assert!(service.poll_trouble().unwrap().to_string().starts_with("The log of 2 files"));
    let kept: Vec<String> = std::iter::from_fn(|| service.poll_trouble()).map(|trouble| trouble.operation).collect();
    assert_eq!((kept.len(), kept[0].as_str()), (TROUBLES_MAX, "Recording 2"));
}
