//! Messages of callers: what is kept of them, and whose lamp is lit for them.
//!
//! Never: looks into the model; it judges records, lines and commands.

use std::collections::BTreeMap;

use tipring_driver::ids::{ChannelId, PromptId};
use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent, ToneKind, Track};
use tipring_driver::time::Ticks;

use super::rig::{ALL, Rig};
use super::walks::flow;
use super::{book, device, site};
use crate::config::Config;
use crate::csta::{AgentMode, Reply, Request};
use crate::flow::book::Mailbox;
use crate::report::event::Event as Entry;
use crate::store::{MessageRecord, MessageState, Outcome, Record, ReleasedBy, StoreReply};

/// The site of the tests whose callers come to the mailbox of an owner.
fn with(greeting: Option<&str>, owner: &str) -> Config {
    let mut flows = book(&[flow("main", &[("mail", r#"{"do":"voice_mail","mailbox":"complaints"}"#)])]);
    let mailbox = Mailbox {
        greeting: greeting.map(str::to_owned),
        owner: Some(device(owner)),
        longest: Ticks::from_secs(180),
        silence: Ticks::from_secs(5),
    };
    flows.mailboxes.insert("complaints".into(), mailbox);
    Config { flows, ..site() }
}

/// A caller who hears the tone and is recorded.
fn recorded() -> Rig {
    let mut rig = Rig::of(with(None, "1002"));
    rig.ring_in(0, "5551234");
    rig.pass(600);
    rig
}

/// The records of messages, as they came.
fn messages(rig: &Rig) -> Vec<&MessageRecord> {
    rig.records
        .iter()
        .filter_map(|record| match record {
            Record::Message(message) => Some(&**message),
            _ => None,
        })
        .collect()
}

fn states(rig: &Rig) -> Vec<(MessageState, u64)> {
    messages(rig).iter().map(|message| (message.state, message.samples)).collect()
}

/// The recorder of the message ends by itself.
fn recorder_ends(rig: &mut Rig, end: MediaEnd, voice_ms: u64) {
    let recorder = rig.media.iter().rev().find_map(|command| match command {
        MediaCommand::Record { task, recording, .. } => Some((*task, *recording)),
        _ => None,
    });
    let (task, recording) = recorder.expect("a recorder");
    let voice = Ticks::from_ms(voice_ms);
    rig.media_ends(MediaEvent::RecordEnded { task, recording, end, samples: 48_000, voice });
}

#[test]
fn a_caller_hears_greeting_and_tone_and_is_recorded_until_the_hash_key() {
    let mut rig = Rig::of(with(Some("welcome"), "1002"));
    rig.ring_in(0, "5551234");
    let Some(&MediaCommand::Play { task, channel, prompt, .. }) = rig.media.last() else { panic!("{:?}", rig.media) };
    assert_eq!((channel, prompt), (ChannelId(0), PromptId(1)));
    rig.media_ends(MediaEvent::PlayEnded { task, end: MediaEnd::Complete });
    let tone = MediaCommand::Tone { channel: ChannelId(0), tone: Some(ToneKind::Zip) };
    assert_eq!(rig.media.last(), Some(&tone));
    assert_eq!(messages(&rig), Vec::<&MessageRecord>::new());
    rig.pass(600);
    let silent = MediaCommand::Tone { channel: ChannelId(0), tone: None };
    assert!(rig.media.contains(&silent));
    let side = Track::Received(ChannelId(0));
    let is_recorder = |it: &&MediaCommand| {
        let MediaCommand::Record { left, right, silence, .. } = it else { return false };
        (*left, *right, *silence) == (side, side, Some(Ticks::from_secs(5)))
    };
    assert!(rig.media.iter().any(|it| is_recorder(&it)), "{:?}", rig.media);
    assert_eq!(states(&rig), [(MessageState::Recording, 0)]);
    rig.pass(4000);
    rig.keys(0, "5#");
    assert_eq!(states(&rig), [(MessageState::Recording, 0), (MessageState::New, 32_000)]);
    let message = messages(&rig)[1];
    assert_eq!(
        (message.mailbox.as_str(), message.owner, message.caller.as_str()),
        ("complaints", Some(device("1002")), "5551234")
    );
    assert_eq!(rig.core.calls(), 0, "the flow has cleared the call");
    let call = rig.calls()[0];
    assert_eq!((call.outcome, call.recording), (Outcome::ServedInIvr, None));
    let left = Entry::MessageLeft { call: message.call, mailbox: device("complaints") };
    assert_eq!(rig.log.iter().filter(|entry| entry.event == left).count(), 1);
    let recording = rig.records.iter().find_map(|record| match record {
        Record::Recording(recording) => Some(recording),
        _ => None,
    });
    assert_eq!(recording.map(|it| (it.file.clone(), it.end.reason().is_none())), Some((message.file.clone(), true)));
}

#[test]
fn the_hash_key_skips_the_greeting() {
    let mut rig = Rig::of(with(Some("welcome"), "1002"));
    rig.ring_in(0, "5551234");
    rig.keys(0, "1#");
    rig.pass(600);
    assert_eq!(states(&rig), [(MessageState::Recording, 0)]);
}

#[test]
fn a_caller_who_hangs_up_has_left_the_message() {
    let mut rig = recorded();
    rig.pass(3000);
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    assert_eq!(states(&rig), [(MessageState::Recording, 0), (MessageState::New, 24_000)]);
    let call = rig.calls()[0];
    assert_eq!((call.outcome, call.released_by), (Outcome::ServedInIvr, ReleasedBy::Caller));
}

#[test]
fn the_longest_message_silence_and_a_full_disk_end_it_with_what_there_is() {
    let mut rig = recorded();
    rig.pass(179_999);
    assert_eq!(states(&rig).len(), 1);
    rig.pass(1);
    assert_eq!(states(&rig)[1], (MessageState::New, 180 * 8000));
    assert_eq!(rig.core.calls(), 0);
    for end in [MediaEnd::Silence, MediaEnd::FileFailed] {
        let mut rig = recorded();
        rig.pass(6000);
        recorder_ends(&mut rig, end, 1000);
        assert_eq!(states(&rig)[1], (MessageState::New, 48_000), "{end:?}");
        assert_eq!(rig.core.calls(), 0, "{end:?}");
        assert_eq!(rig.troubles.is_empty(), end == MediaEnd::Silence, "{end:?}");
    }
}

#[test]
fn a_message_without_a_word_is_dropped() {
    let mut rig = recorded();
    rig.pass(6000);
    recorder_ends(&mut rig, MediaEnd::Silence, 950);
    assert_eq!(states(&rig)[1].0, MessageState::Dropped);
    assert!(!rig.log.iter().any(|entry| matches!(entry.event, Entry::MessageLeft { .. })));
    let mut rig = recorded();
    rig.pass(900);
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    assert_eq!(states(&rig)[1].0, MessageState::Dropped);
}

#[test]
fn a_recorder_whose_end_is_never_reported_keeps_no_caller() {
    let mut rig = recorded();
    rig.pass(2000);
    // As if the file thread stood still: the stop is not carried out.
    rig.lose_recorders();
    rig.keys(0, "#");
    assert_eq!(rig.core.calls(), 1);
    rig.pass(crate::limits::RECORDING_WAIT_MAX.as_ms());
    assert_eq!(rig.core.calls(), 0);
}

fn counted(rig: &mut Rig, owner: &str, count: u32) {
    let counts: BTreeMap<_, _> = (count > 0).then(|| (owner.to_owned(), count)).into_iter().collect();
    rig.core.handle_stored(StoreReply::NewMessages(counts));
    rig.pump();
}

fn lamp(rig: &mut Rig, station: &str) -> bool {
    match rig.ask(ALL, Request::QueryMessageWaiting { device: device(station) }) {
        Ok(Reply::QueryMessageWaiting { messages }) => messages,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_lamp_of_a_station_is_lit_while_there_are_new_messages() {
    let mut rig = Rig::of(with(None, "1002"));
    rig.monitor("1002");
    counted(&mut rig, "1002", 1);
    assert_eq!(rig.commanded(), ["3 message waiting true"]);
    assert!(rig.reported().iter().any(|text| text.contains("message waiting 1002 true")));
    counted(&mut rig, "1002", 2);
    assert_eq!(rig.commanded(), Vec::<String>::new());
    // In between the lamp is its user's.
    let off = Request::SetMessageWaiting { device: device("1002"), messages: false };
    assert_eq!(rig.ask(ALL, off), Ok(Reply::SetMessageWaiting));
    counted(&mut rig, "1002", 1);
    assert!(!lamp(&mut rig, "1002"));
    counted(&mut rig, "1002", 0);
    counted(&mut rig, "1002", 1);
    assert!(lamp(&mut rig, "1002"));
    counted(&mut rig, "1002", 0);
    assert!(!lamp(&mut rig, "1002"));
}

#[test]
fn the_lamp_of_an_agent_goes_where_the_agent_is() {
    let mut rig = Rig::of(with(None, "7001"));
    counted(&mut rig, "7001", 1);
    assert_eq!(rig.commanded(), Vec::<String>::new(), "the agent is nowhere");
    rig.agent("1001", "7001", AgentMode::LogIn).unwrap();
    assert!(lamp(&mut rig, "1001"));
    rig.agent("1001", "7001", AgentMode::LogOut).unwrap();
    assert!(!lamp(&mut rig, "1001"));
    rig.agent("1002", "7001", AgentMode::LogIn).unwrap();
    assert!(lamp(&mut rig, "1002"));
    counted(&mut rig, "7001", 0);
    assert!(!lamp(&mut rig, "1002"));
    counted(&mut rig, "9999", 3);
    assert!(!lamp(&mut rig, "1001"), "an owner who is not there lights nothing");
}

#[test]
fn a_lamp_is_lit_again_when_its_line_comes_into_service() {
    let mut rig = Rig::of(with(None, "1002"));
    counted(&mut rig, "1002", 1);
    rig.line(3, LineEvent::OutOfService);
    rig.commanded();
    rig.line(3, LineEvent::InService(tipring_driver::line::LineKind::Station));
    assert_eq!(rig.commanded(), ["3 message waiting true"]);
}
