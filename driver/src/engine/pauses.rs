//! Tests of a paused recording: its file holds silence, the call goes on.
//!
//! Never: pauses the sound of a call.

use super::testing::{FakeCard, Rig, sine};
use crate::card::PortKind;
use crate::dsp::enhance::Enhancement;
use crate::ids::{ChannelId, RecordingId, TaskId};
use crate::media::{MediaCommand, RecordingKind, Track};

const A: ChannelId = ChannelId(0);
const B: ChannelId = ChannelId(1);
const TASK: TaskId = TaskId(3);

/// Largest sample of each side between two moments of a file, in ms.
fn peak(samples: &[i16], (from, to): (usize, usize)) -> [u16; 2] {
    [0, 1].map(|side| {
        samples[from * 16..to * 16].iter().skip(side).step_by(2).map(|it| it.unsigned_abs()).max().unwrap_or(0)
    })
}

#[test]
fn what_is_said_in_a_pause_is_not_in_the_file_and_what_follows_stands_at_its_true_place() {
    for kind in [RecordingKind::Evidence, RecordingKind::Listening(Enhancement::NONE)] {
        let card = FakeCard::new(&[PortKind::Fxo, PortKind::Fxs]);
        let mut rig = Rig::new("pause", std::slice::from_ref(&card), Vec::new());
        rig.run(200);
        card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
        card.lock().ports[1].voice = Some(sine(700.0, 3000.0));
        let (left, right) = (Track::Received(A), Track::Received(B));
        rig.media(MediaCommand::Record { task: TASK, left, right, recording: RecordingId(42), kind, silence: None });
        rig.run(1000);
        rig.media(MediaCommand::Pause { task: TASK, pause: true });
        rig.run(700);
        rig.media(MediaCommand::Pause { task: TASK, pause: false });
        rig.run(300);
        rig.media(MediaCommand::Stop { task: TASK });
        rig.run(5);
        let mut reader = hound::WavReader::open(rig.folder.join("42.wav")).unwrap();
        assert_eq!(reader.duration(), 16_000, "as long as the talk, pause and all");
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(peak(&samples, (1000, 1700)), [0, 0], "{kind:?}: not a word of either side");
        for span in [(0, 1000), (1700, 2000)] {
            let [left, right] = peak(&samples, span);
            assert!(left > 8000 && right > 2500, "{kind:?} {span:?}: {left} {right}");
        }
    }
}

#[test]
fn a_pause_of_a_recorder_that_is_not_there_is_nothing_and_the_next_one_begins_without() {
    let card = FakeCard::new(&[PortKind::Fxo, PortKind::Fxs]);
    let mut rig = Rig::new("no pause", std::slice::from_ref(&card), Vec::new());
    rig.run(200);
    rig.media(MediaCommand::Pause { task: TASK, pause: true });
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    let (left, right) = (Track::Received(A), Track::Received(B));
    let (recording, kind) = (RecordingId(43), RecordingKind::Evidence);
    rig.media(MediaCommand::Record { task: TASK, left, right, recording, kind, silence: None });
    rig.run(100);
    rig.media(MediaCommand::Stop { task: TASK });
    rig.run(5);
    let mut reader = hound::WavReader::open(rig.folder.join("43.wav")).unwrap();
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    assert!(peak(&samples, (10, 90))[0] > 8000);
}
