//! Recordings and music that fail, or that a rule leaves out: the two talk on.
//!
//! Never: has a line that fails; those are in `trouble`.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent, ToneKind};
use tipring_driver::time::Ticks;

use super::rig::{ALL, Rig};
use super::{MUSIC, device, with_music};
use crate::core::Trouble;
use crate::csta::{CallId, Request};
use crate::store::{Outcome, Record, RecordingEnd};

#[test]
fn a_recording_that_fails_is_told_and_the_two_talk_on() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    let Some(&MediaCommand::Record { task, recording, .. }) = rig.media.last() else { panic!("no recorder") };
    rig.media_ends(MediaEvent::RecordEnded {
        task,
        recording,
        end: MediaEnd::FileFailed,
        samples: 800,
        voice: Ticks::ZERO,
    });
    let [trouble @ Trouble::RecordingFailed { call, file, samples: 800 }] = &rig.troubles[..] else {
        panic!("{:?}", rig.troubles)
    };
    assert!(trouble.to_string().starts_with("Call 1 was not recorded whole: "), "{trouble}");
    let unbegun = Trouble::RecordingFailed { call: *call, file: file.clone(), samples: 0 };
    assert!(unbegun.to_string().starts_with("Call 1 was not recorded: "), "{unbegun}");
    assert_eq!(rig.core.calls(), 1);
    assert!(
        matches!(rig.records.last(), Some(Record::Recording(record)) if record.end == RecordingEnd::FileFailed && record.samples == 800)
    );
}

#[test]
fn a_call_that_the_disk_has_no_room_for_goes_on_and_its_record_says_so() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.core.handle_recording_room(false);
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    assert!(!rig.media.iter().any(|command| matches!(command, MediaCommand::Record { .. })), "nothing is recorded");
    let left_out = rig.records.iter().find_map(|record| match record {
        Record::Recording(record) => Some((record.call, record.recording, record.end, record.samples)),
        _ => None,
    });
    let Some((CallId(1), recording, RecordingEnd::NoRoom, 0)) = left_out else { panic!("{left_out:?}") };
    rig.core.handle_recording_room(true);
    rig.line(2, LineEvent::OnHook);
    let named = rig.records.iter().any(
        |record| matches!(record, Record::Call(call) if call.recording == Some(recording) && call.outcome == Outcome::Answered),
    );
    assert!(named, "the call's record names the recording that says why there is none");
}

#[test]
fn a_call_that_no_rule_names_is_not_recorded_and_one_of_a_named_queue_is() {
    for (queue, is_recorded) in [("5001", false), ("5000", true)] {
        let mut rig = Rig::new();
        rig.core.record_rules.queues = vec![device(queue)];
        rig.ready("1001", "7001");
        rig.ring_into_queue(0, "5551234");
        rig.line(2, LineEvent::OffHook);
        let recorders = rig.media.iter().filter(|command| matches!(command, MediaCommand::Record { .. })).count();
        assert_eq!(recorders > 0, is_recorded, "only calls of {queue} are recorded");
    }
}

#[test]
fn a_queue_whose_music_cannot_be_played_gives_ringback_instead() {
    let mut rig = Rig::of(with_music());
    rig.ring_into_queue(0, "5551234");
    let Some(&MediaCommand::Play { task, repeat: true, prompt: MUSIC, .. }) = rig.media.last() else {
        panic!("{:?}", rig.media)
    };
    rig.media_ends(MediaEvent::PlayEnded { task, end: MediaEnd::FileFailed });
    let tone = Some(ToneKind::Ringback);
    assert_eq!(rig.media.last(), Some(&MediaCommand::Tone { channel: ChannelId(0), tone }));
}

#[test]
fn a_party_on_hold_hears_music_from_its_beginning_and_the_other_again_afterwards() {
    let mut rig = Rig::of(with_music());
    rig.ring_into_queue(0, "5551234");
    rig.ready("1001", "7001");
    rig.line(2, LineEvent::OffHook);
    let active_call = rig.connection(1, "1001");
    rig.media.clear();
    rig.ask(ALL, Request::HoldCall { active_call, reservation: false }).expect("held");
    let plays = |command: &MediaCommand| matches!(command, MediaCommand::Play { prompt: MUSIC, repeat: true, .. });
    assert!(rig.media.iter().any(plays), "{:?}", rig.media);
    rig.media.clear();
    rig.ask(ALL, Request::RetrieveCall { held_call: active_call }).expect("retrieved");
    let connect = MediaCommand::Connect { a: ChannelId(0), b: ChannelId(2) };
    assert!(rig.media.contains(&connect), "{:?}", rig.media);
}

#[test]
fn music_that_the_flow_book_has_not_any_more_is_ringback_tone() {
    let mut config = with_music();
    config.flows.prompts.clear();
    let mut rig = Rig::of(config);
    rig.ring_into_queue(0, "5551234");
    let tone = Some(ToneKind::Ringback);
    assert_eq!(rig.media.last(), Some(&MediaCommand::Tone { channel: ChannelId(0), tone }));
}
