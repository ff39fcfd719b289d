//! Behaviour of a whole engine, a sentence a test: cards in memory at one end, a sink that remembers at the other.

use crate::time::Ticks;
use std::sync::Arc;

use super::testing::{FakeCard, Given, Rig, sine};
use crate::card::{CardError, Law, Linefeed, PortKind};
use crate::country::CHINA;
use crate::dsp::enhance::{DELAY, Enhancement};
use crate::dsp::fsk::Modem;
use crate::dsp::tone::Generator;
use crate::dsp::{caller_id, dtmf, g711};
use crate::ids::{ChannelId, PromptId, RecordingId, TaskId};
use crate::line::{CallerId, Digit, DisconnectSignal, LineCommand, LineEvent, LineKind, Number};
use crate::media::file_io::{PromptSource, recover};
use crate::media::{MediaCommand, MediaEnd, MediaEvent, RecordingKind, ToneKind, Track};
use crate::refusal::Refusal;

const A: ChannelId = ChannelId(0);
const B: ChannelId = ChannelId(1);

fn trunk_and_station() -> FakeCard {
    FakeCard::new(&[PortKind::Fxo, PortKind::Fxs])
}

fn started(name: &str, card: &FakeCard, prompts: Vec<PromptSource>) -> Rig {
    let mut rig = Rig::new(name, std::slice::from_ref(card), prompts);
    let mut given = rig.run(200);
    given.sort_by_key(|given| match given {
        Given::Line(channel, _) => *channel,
        Given::Media(_) | Given::Refused(..) => u16::MAX,
    });
    assert_eq!(
        given,
        [
            Given::Line(0, LineEvent::InService(LineKind::Trunk)),
            Given::Line(1, LineEvent::InService(LineKind::Station))
        ]
    );
    rig
}

#[test]
fn a_ringing_trunk_is_offered_answered_and_taken_off_hook() {
    let card = trunk_and_station();
    let mut rig = started("offered", &card, Vec::new());
    card.lock().ports[0].ringing = true;
    assert_eq!(rig.run(300), [Given::Line(0, LineEvent::Offered)]);
    rig.line(0, LineCommand::Answer);
    rig.run(1);
    assert!(card.lock().ports[0].off_hook);
}

#[test]
fn a_station_is_rung_in_cadence_and_its_lifting_told() {
    let card = trunk_and_station();
    let mut rig = started("rung", &card, Vec::new());
    rig.line(1, LineCommand::Ring(None));
    rig.run(1);
    assert_eq!(card.lock().ports[1].linefeed, Linefeed::Ringing);
    rig.run(1500);
    assert_eq!(card.lock().ports[1].linefeed, Linefeed::ForwardOnHookTransmission);
    card.lock().ports[1].loop_closed = true;
    assert_eq!(rig.run(100), [Given::Line(1, LineEvent::OffHook)]);
    assert_eq!(card.lock().ports[1].linefeed, Linefeed::ForwardActive);
}

#[test]
fn a_prompt_is_heard_to_its_last_sample_and_its_end_told() {
    let prompt: Arc<[i16]> = (0..4001).map(|at| (at * 7 % 8000 - 4000) as i16).collect();
    let card = trunk_and_station();
    let mut rig = started("prompt", &card, vec![PromptSource::Samples(prompt.clone())]);
    card.lock().ports[0].heard.clear();
    rig.media(MediaCommand::Play { task: TaskId(7), channel: A, prompt: PromptId(0), repeat: false });
    assert_eq!(rig.run(600), [Given::Media(MediaEvent::PlayEnded { task: TaskId(7), end: MediaEnd::Complete })]);
    let through_the_law = |sample: &i16| g711::decode(Law::A, g711::encode(Law::A, *sample));
    let expected: Vec<i16> = prompt.iter().map(through_the_law).collect();
    let idle = g711::decode(Law::A, Law::A.idle());
    let heard = card.lock().ports[0].heard.clone();
    let begin = heard.iter().position(|sample| *sample != idle).expect("something is heard");
    assert_eq!(heard[begin..begin + expected.len()], expected);
    assert!(heard[begin + expected.len() + 8..].iter().all(|sample| *sample == idle));
    assert_eq!(rig.engine.counters().player_dry_ticks, 0);
}

#[test]
fn a_repeated_prompt_goes_on_without_a_gap_until_it_is_stopped() {
    let prompt: Arc<[i16]> = vec![1000; 12].into();
    let card = trunk_and_station();
    let mut rig = started("repeat", &card, vec![PromptSource::Samples(prompt)]);
    rig.media(MediaCommand::Play { task: TaskId(1), channel: A, prompt: PromptId(0), repeat: true });
    assert_eq!(rig.run(1000), []);
    let heard = card.lock().ports[0].heard.clone();
    assert!(heard[heard.len() - 7000..].iter().all(|sample| (900..1100).contains(sample)));
    rig.media(MediaCommand::Stop { task: TaskId(1) });
    assert_eq!(rig.run(5), [Given::Media(MediaEvent::PlayEnded { task: TaskId(1), end: MediaEnd::Stopped })]);
    rig.run(5);
    assert!(card.lock().ports[0].heard.iter().rev().take(8).all(|sample| sample.abs() <= 8));
}

#[test]
fn a_missing_prompt_ends_its_own_task_with_a_sentence_for_the_log() {
    let card = trunk_and_station();
    let mut rig = started("missing", &card, vec![PromptSource::File("/nowhere/greeting.wav".into())]);
    for (task, prompt) in [(1, 0), (2, 99)] {
        rig.media(MediaCommand::Play { task: TaskId(task), channel: A, prompt: PromptId(prompt), repeat: true });
        assert_eq!(
            rig.run(10),
            [Given::Media(MediaEvent::PlayEnded { task: TaskId(task), end: MediaEnd::FileFailed })]
        );
    }
    let first = rig.files.poll_trouble().unwrap().to_string();
    assert!(first.starts_with("Playing prompt 0 from /nowhere/greeting.wav failed: "), "{first}");
    assert_eq!(rig.files.poll_trouble().unwrap().to_string(), "Playing prompt 99 failed: there is no such prompt");
}

#[test]
fn connected_parties_hear_each_other_octet_for_octet_within_two_ticks() {
    let card = trunk_and_station();
    let mut rig = started("connect", &card, Vec::new());
    rig.media(MediaCommand::Connect { a: A, b: B });
    rig.run(2);
    card.lock().ports[0].heard.clear();
    card.lock().ports[1].heard.clear();
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    card.lock().ports[1].voice = Some(sine(700.0, 3000.0));
    rig.run(100);
    let card = card.lock();
    for (port, hz, amplitude) in [(1, 440.0, 9000.0), (0, 700.0, 3000.0)] {
        let mut source = sine(hz, amplitude);
        let said: Vec<i16> = (0..99).flat_map(|_| source().unwrap()).collect();
        let sent = said.iter().map(|sample| g711::decode(Law::A, g711::encode(Law::A, *sample)));
        let heard = &card.ports[port].heard[8..];
        assert!(sent.eq(heard.iter().copied()), "port {port}");
    }
}

#[test]
fn a_recording_holds_both_sides_and_is_as_long_as_the_talk() {
    let card = trunk_and_station();
    let mut rig = started("record", &card, Vec::new());
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    card.lock().ports[1].voice = Some(sine(700.0, 3000.0));
    rig.media(MediaCommand::Record {
        task: TaskId(3),
        left: Track::Received(A),
        right: Track::Received(B),
        recording: RecordingId(42),
        kind: RecordingKind::Evidence,
        silence: None,
    });
    assert_eq!(rig.run(2500), []);
    rig.media(MediaCommand::Stop { task: TaskId(3) });
    let ended = MediaEvent::RecordEnded {
        task: TaskId(3),
        recording: RecordingId(42),
        end: MediaEnd::Stopped,
        samples: 2500 * 8,
        voice: Ticks::ZERO,
    };
    assert_eq!(rig.run(5), [Given::Media(ended)]);
    let mut reader = hound::WavReader::open(rig.folder.join("42.wav")).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate, reader.duration()), (2, 8000, 20_000));
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let (mut left, mut right) = (sine(440.0, 9000.0), sine(700.0, 3000.0));
    let law = |sample: i16| g711::decode(Law::A, g711::encode(Law::A, sample));
    let expected = (0..2500).flat_map(|_| {
        let (left, right) = (left().unwrap(), right().unwrap());
        (0..8).flat_map(move |at| [law(left[at]), law(right[at])])
    });
    assert!(expected.eq(samples));
}

#[test]
fn the_other_way_of_a_line_holds_whatever_its_party_is_sent() {
    let card = trunk_and_station();
    let mut rig = started("sent", &card, Vec::new());
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    card.lock().ports[1].voice = Some(sine(700.0, 3000.0));
    rig.media(MediaCommand::Record {
        task: TaskId(3),
        left: Track::Received(A),
        right: Track::Sent(A),
        recording: RecordingId(43),
        kind: RecordingKind::Evidence,
        silence: None,
    });
    rig.run(100);
    rig.media(MediaCommand::Tone { channel: A, tone: Some(ToneKind::Dial) });
    rig.run(100);
    rig.media(MediaCommand::Tone { channel: A, tone: None });
    rig.media(MediaCommand::Connect { a: A, b: B });
    rig.run(100);
    rig.media(MediaCommand::Stop { task: TaskId(3) });
    rig.run(5);
    let mut reader = hound::WavReader::open(rig.folder.join("43.wav")).unwrap();
    let right: Vec<f32> = reader.samples::<i16>().skip(1).step_by(2).map(|it| f32::from(it.unwrap())).collect();
    assert_eq!(right.len(), 2400);
    let rms = |from: usize| (right[from..from + 640].iter().map(|it| it * it).sum::<f32>() / 640.0).sqrt();
    let of = |hertz: f32, from: usize| {
        let turn = |at: usize| std::f32::consts::TAU * hertz * at as f32 / 8000.0;
        let part = |wave: fn(f32) -> f32| (from..from + 640).map(|at| right[at] * wave(turn(at))).sum::<f32>();
        (part(f32::sin).hypot(part(f32::cos)) / 640.0) * std::f32::consts::SQRT_2
    };
    assert!(rms(80) < 20.0, "silence until something is sent: {}", rms(80));
    assert!(rms(880) > 500.0 && of(700.0, 880) < 100.0, "then the tone, and not the party that is not connected");
    assert!(of(700.0, 1680) > 1500.0 && of(700.0, 1680) > 0.9 * rms(1680), "then the other party's voice");
}

#[test]
fn a_recording_for_listening_is_as_long_as_the_talk_and_leaves_tones_as_they_are() {
    let card = trunk_and_station();
    let mut rig = started("listening", &card, Vec::new());
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    card.lock().ports[1].voice = Some(sine(700.0, 3000.0));
    rig.media(listening(42));
    assert_eq!(rig.run(2500), []);
    // What a crash would leave at this moment, under another name.
    std::fs::copy(rig.folder.join("42.wav.part"), rig.folder.join("7.wav.part")).unwrap();
    let left_by_crash = recover(&rig.folder.join("7.wav")).unwrap().samples();
    assert!((16_000..=20_000 - DELAY as u64).contains(&left_by_crash), "{left_by_crash} samples");
    rig.media(MediaCommand::Stop { task: TaskId(3) });
    let ended = MediaEvent::RecordEnded {
        task: TaskId(3),
        recording: RecordingId(42),
        end: MediaEnd::Stopped,
        samples: 2500 * 8,
        voice: Ticks::ZERO,
    };
    assert_eq!(rig.run(5), [Given::Media(ended)]);
    let samples: Vec<i16> =
        hound::WavReader::open(rig.folder.join("42.wav")).unwrap().samples().map(Result::unwrap).collect();
    let (mut left, mut right) = (sine(440.0, 9000.0), sine(700.0, 3000.0));
    let law = |sample: i16| g711::decode(Law::A, g711::encode(Law::A, sample));
    let expected = (0..2500).flat_map(|_| {
        let (left, right) = (left().unwrap(), right().unwrap());
        (0..8).flat_map(move |at| [law(left[at]), law(right[at])])
    });
    assert!(expected.eq(samples));
}

/// Task 3: both sides, made better.
fn listening(recording: u64) -> MediaCommand {
    let kind = RecordingKind::Listening(Enhancement::ALL);
    let (left, right) = (Track::Received(A), Track::Received(B));
    MediaCommand::Record { task: TaskId(3), left, right, recording: RecordingId(recording), kind, silence: None }
}

#[test]
fn a_recording_that_cannot_be_written_fails_alone() {
    let card = trunk_and_station();
    let mut rig = started("unwritable", &card, Vec::new());
    std::fs::remove_dir_all(&rig.folder).unwrap();
    rig.media(MediaCommand::Record {
        task: TaskId(3),
        left: Track::Received(A),
        right: Track::Received(B),
        recording: RecordingId(1),
        kind: RecordingKind::Evidence,
        silence: None,
    });
    let ended = MediaEvent::RecordEnded {
        task: TaskId(3),
        recording: RecordingId(1),
        end: MediaEnd::FileFailed,
        samples: 0,
        voice: Ticks::ZERO,
    };
    assert_eq!(rig.run(10), [Given::Media(ended)]);
    assert!(rig.files.poll_trouble().unwrap().to_string().starts_with("Recording 1 to "));
    rig.media(MediaCommand::Stop { task: TaskId(3) });
    assert_eq!(rig.run(10), []);
}

#[test]
fn a_recorder_ends_by_itself_after_silence_and_knows_how_much_voice_there_was() {
    let card = trunk_and_station();
    let mut rig = started("silence", &card, Vec::new());
    rig.media(MediaCommand::Record {
        task: TaskId(3),
        left: Track::Received(A),
        right: Track::Received(A),
        recording: RecordingId(42),
        kind: RecordingKind::Evidence,
        silence: Some(Ticks::from_ms(2000)),
    });
    assert_eq!(rig.run(1500), [], "a pause before the first word");
    // Syllables of 100 ms, loud and soft in turn; then a tone, which is no voice.
    for at in 0..12 {
        card.lock().ports[0].voice = Some(sine(440.0, if at % 2 == 0 { 9000.0 } else { 3000.0 }));
        assert_eq!(rig.run(100), []);
    }
    card.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    assert_eq!(rig.run(1000), []);
    card.lock().ports[0].voice = None;
    let Given::Media(MediaEvent::RecordEnded { end, samples, voice, .. }) = rig.run(2200)[0] else {
        panic!("the recorder goes on")
    };
    assert_eq!(end, MediaEnd::Silence);
    // It takes half a second to know a voice, and as long to know that it has ended.
    assert!((1000..=1500).contains(&voice.as_ms()), "{voice:?}");
    assert!((5650..=5800).contains(&(samples / 8)), "{samples}");
}

#[test]
fn a_disk_that_stands_still_costs_sound_of_the_file_and_not_its_length() {
    let evidence = MediaCommand::Record {
        task: TaskId(3),
        left: Track::Received(A),
        right: Track::Received(B),
        recording: RecordingId(1),
        kind: RecordingKind::Evidence,
        silence: None,
    };
    for (name, command) in [("stalled", evidence), ("stalled-listening", listening(1))] {
        let card = trunk_and_station();
        let mut rig = started(name, &card, Vec::new());
        rig.media(command);
        rig.run(10);
        for _ in 0..2000 {
            rig.engine.step_once(1);
        }
        assert!(rig.engine.counters().recorder_lost_ticks > 900);
        rig.run(490);
        rig.media(MediaCommand::Stop { task: TaskId(3) });
        rig.run(5);
        assert_eq!(hound::WavReader::open(rig.folder.join("1.wav")).unwrap().duration(), 2500 * 8, "{name}");
    }
}

#[test]
fn more_tasks_than_there_is_room_for_never_begin() {
    let card = trunk_and_station();
    let mut rig = started("resources", &card, vec![PromptSource::Samples(vec![0; 8000].into())]);
    for task in 0..33 {
        rig.media(MediaCommand::Play { task: TaskId(task), channel: A, prompt: PromptId(0), repeat: true });
    }
    assert_eq!(rig.run(5), [Given::Media(MediaEvent::PlayEnded { task: TaskId(32), end: MediaEnd::NoResources })]);
    for task in 0..32 {
        rig.media(MediaCommand::Stop { task: TaskId(task) });
    }
    assert_eq!(rig.run(5).len(), 32);
    rig.media(MediaCommand::Play { task: TaskId(40), channel: A, prompt: PromptId(0), repeat: true });
    assert_eq!(rig.run(5), []);
}

#[test]
fn a_refused_command_is_an_event_with_channel_and_reason_and_is_counted() {
    let card = trunk_and_station();
    let mut rig = started("nonsense", &card, Vec::new());
    rig.line(9, LineCommand::Answer);
    rig.line(1, LineCommand::Answer);
    rig.media(MediaCommand::Connect { a: A, b: ChannelId(500) });
    rig.media(MediaCommand::Tone { channel: ChannelId(2), tone: None });
    let refused = |channel: u16, reason| Given::Refused(Some(ChannelId(channel)), reason);
    let expected = [
        refused(9, Refusal::NoChannel),
        refused(1, Refusal::WrongKind),
        refused(0, Refusal::NoChannel),
        refused(2, Refusal::NoChannel),
    ];
    assert_eq!(rig.run(5), expected);
    assert_eq!(rig.engine.counters().commands_refused, 4);
}

#[test]
fn a_card_that_fails_goes_out_of_service_alone_and_comes_back_fresh() {
    let (first, second) = (trunk_and_station(), trunk_and_station());
    let mut rig = Rig::new("failing", &[first.clone(), second.clone()], Vec::new());
    rig.run(200);
    first.lock().failure = Some(CardError::Stalled { ms: 50 });
    assert_eq!(rig.run(10), [Given::Line(0, LineEvent::OutOfService), Given::Line(1, LineEvent::OutOfService)]);
    assert_eq!(rig.troubles(), ["board 0: The card's DMA position has not moved for 50 ms"]);
    second.lock().ports[1].loop_closed = true;
    assert_eq!(rig.run(100), [Given::Line(3, LineEvent::OffHook)]);
    let before = rig.engine.now();
    second.lock().failure = Some(CardError::NoModules);
    rig.run(100);
    assert_eq!(rig.engine.now().since(before).0, 100, "time goes on without a card");
    first.revive();
    assert_eq!(
        rig.run(200),
        [
            Given::Line(1, LineEvent::InService(LineKind::Station)),
            Given::Line(0, LineEvent::InService(LineKind::Trunk))
        ]
    );
}

#[test]
fn time_lost_while_the_clock_board_was_dying_is_made_up_for() {
    let card = trunk_and_station();
    let mut rig = Rig::new("dying", std::slice::from_ref(&card), Vec::new());
    rig.run(100);
    card.lock().per_poll = 0;
    rig.run(40);
    assert_eq!(rig.engine.now().0, 100);
    card.lock().failure = Some(CardError::Stalled { ms: 40 });
    rig.run(1);
    assert_eq!(rig.engine.now().0, 141);
}

#[test]
fn a_late_wake_up_catches_up_tick_by_tick_and_is_counted() {
    let card = trunk_and_station();
    let mut rig = Rig::new("late", std::slice::from_ref(&card), Vec::new());
    rig.run(100);
    card.lock().waiting = 19;
    rig.engine.step_once(20);
    assert_eq!(rig.engine.now().0, 120);
    let counters = rig.engine.counters();
    assert_eq!((counters.late_ticks, counters.longest_wait_ms), (19, 20));
    assert_eq!(rig.ends.as_ref().unwrap().1.engine(), counters);
    assert_eq!(rig.ends.as_ref().unwrap().1.card(0).ticks, 120);
}

#[test]
fn a_board_with_a_faster_crystal_slips_and_one_with_the_same_does_not() {
    let (first, second) = (trunk_and_station(), trunk_and_station());
    let mut rig = Rig::new("slips", &[first.clone(), second.clone()], Vec::new());
    rig.run(1000);
    assert_eq!(rig.engine.counters().slips, 0);
    for _ in 0..100 {
        second.lock().waiting += 1;
        rig.run(10);
    }
    let slips = rig.engine.counters().slips;
    assert!((180..=200).contains(&slips), "100 ticks too many in one direction, too few in the other: {slips}");
    assert_eq!(second.lock().waiting, 0);
}

#[test]
fn who_is_held_up_between_two_boards_lets_neither_slip() {
    let (first, second) = (trunk_and_station(), trunk_and_station());
    let mut rig = Rig::new("held-up", &[first.clone(), second.clone()], Vec::new());
    rig.run(10);
    rig.media(MediaCommand::Connect { a: A, b: ChannelId(3) });
    rig.media(MediaCommand::Connect { a: B, b: ChannelId(2) });
    rig.run(10);
    for (card, port) in [(&first, 0), (&second, 0)] {
        card.lock().ports[port].voice = Some(sine(440.0, 9000.0));
    }
    // The second has been looked at so much later than the first, the clock; at the next look that has caught up.
    for held_up in (0..50).flat_map(|_| [1, 5, 20]) {
        second.lock().waiting += held_up;
        rig.run(1);
        first.lock().waiting += held_up;
        rig.run(3);
    }
    assert_eq!(rig.engine.counters().slips, 0);
    let law = |sample: i16| g711::decode(Law::A, g711::encode(Law::A, sample));
    let mut source = sine(440.0, 9000.0);
    let said: Vec<i16> = (0..1700).flat_map(|_| source().unwrap()).map(law).collect();
    for (card, port) in [(&second, 1), (&first, 1)] {
        let heard = card.lock().ports[port].heard.clone();
        assert!(heard.windows(said.len()).any(|window| window == said), "unbroken in {} samples", heard.len());
    }
}

#[test]
fn sound_crosses_between_boards() {
    let (first, second) = (trunk_and_station(), trunk_and_station());
    let mut rig = Rig::new("boards", &[first.clone(), second.clone()], Vec::new());
    rig.run(10);
    rig.media(MediaCommand::Connect { a: A, b: ChannelId(3) });
    first.lock().ports[0].voice = Some(sine(440.0, 9000.0));
    rig.run(200);
    let heard = second.lock().ports[1].heard.clone();
    let law = |sample: i16| g711::decode(Law::A, g711::encode(Law::A, sample));
    let mut source = sine(440.0, 9000.0);
    let said: Vec<i16> = (0..150).flat_map(|_| source().unwrap()).map(law).collect();
    assert!(heard.windows(said.len()).any(|window| window == said), "unbroken, some ticks later");
}

#[test]
fn sound_between_two_boards_is_unbroken_while_a_third_that_was_the_clock_stalls_fails_and_comes_back() {
    let cards = [trunk_and_station(), trunk_and_station(), trunk_and_station()];
    let mut rig = Rig::new("third", &cards, Vec::new());
    rig.run(10);
    rig.media(MediaCommand::Connect { a: ChannelId(2), b: ChannelId(5) });
    rig.run(10);
    cards[2].lock().ports[1].heard.clear();
    cards[1].lock().ports[0].voice = Some(sine(441.0, 9000.0));
    rig.run(100);
    cards[0].lock().per_poll = 0;
    rig.run(40);
    assert!((157..=160).contains(&rig.engine.now().0), "time went on by another board: {}", rig.engine.now());
    cards[0].lock().failure = Some(CardError::Stalled { ms: 40 });
    rig.run(60);
    cards[0].lock().per_poll = 1;
    cards[0].revive();
    rig.run(100);
    cards[0].lock().failure = Some(CardError::BusAbort);
    rig.run(100);
    let heard = cards[2].lock().ports[1].heard.clone();
    let law = |sample: i16| g711::decode(Law::A, g711::encode(Law::A, sample));
    let mut source = sine(441.0, 9000.0);
    let said: Vec<i16> = (0..390).flat_map(|_| source().unwrap()).map(law).collect();
    assert!(heard.windows(said.len()).any(|window| window == said), "unbroken");
    assert_eq!(cards[1].lock().waiting + cards[2].lock().waiting, 0);
}

#[test]
fn a_key_pressed_by_a_connected_party_is_told_and_passes() {
    let card = trunk_and_station();
    let mut rig = started("keys", &card, Vec::new());
    card.lock().ports[1].loop_closed = true;
    rig.run(100);
    rig.media(MediaCommand::Connect { a: A, b: B });
    let mut keys = dtmf::Sender::new("5", &CHINA.dtmf);
    card.lock().ports[1].voice = Some(Box::new(move || keys.next()));
    card.lock().ports[0].heard.clear();
    assert_eq!(rig.run(300), [Given::Line(1, LineEvent::Digit(Digit::new('5').unwrap()))]);
    let loud = card.lock().ports[0].heard.iter().filter(|sample| sample.abs() > 1000).count();
    assert!(loud > 400, "100 ms of sound are not muted: {loud} loud samples");
}

#[test]
fn an_inbound_call_from_ring_to_release() {
    let card = trunk_and_station();
    let mut rig = started("inbound", &card, Vec::new());
    let caller = CallerId { number: Number::from("01062345678").unwrap(), ..CallerId::default() };
    card.lock().ports[0].ringing = true;
    assert_eq!(rig.run(1000), [Given::Line(0, LineEvent::Offered)]);
    card.lock().ports[0].ringing = false;
    assert_eq!(rig.run(600), []);
    let stamp = caller_id::Stamp { month: 11, day: 22, hour: 9, minute: 30 };
    let mut identity = caller_id::Sender::new(&caller, stamp, &caller_id::Settings::on_hook(Modem::Bell202));
    card.lock().ports[0].voice = Some(Box::new(move || identity.next()));
    assert_eq!(rig.run(2000), [Given::Line(0, LineEvent::CallerIdentity(caller))]);
    rig.line(0, LineCommand::Answer);
    assert_eq!(rig.run(1000), []);
    assert!(card.lock().ports[0].off_hook);
    let mut busy = Generator::new(CHINA.tone(ToneKind::Busy));
    card.lock().ports[0].voice = Some(Box::new(move || Some(busy.next())));
    assert_eq!(rig.run(4000), [Given::Line(0, LineEvent::Released(DisconnectSignal::Tone))]);
    rig.line(0, LineCommand::Release);
    assert_eq!(rig.run(2000), [Given::Line(0, LineEvent::Idle)]);
    assert!(!card.lock().ports[0].off_hook);
}

#[test]
fn an_outbound_call_from_dial_tone_to_answer() {
    let card = trunk_and_station();
    let mut rig = started("outbound", &card, Vec::new());
    let mut dial_tone = Generator::new(CHINA.tone(ToneKind::Dial));
    card.lock().ports[0].voice = Some(Box::new(move || Some(dial_tone.next())));
    rig.line(0, LineCommand::Dial(Number::from("114").unwrap()));
    // The line settles, and dial tone is waited for until it is sure that it is no other.
    assert_eq!(rig.run(1290), []);
    card.lock().ports[0].voice = None;
    card.lock().ports[0].heard.clear();
    assert_eq!(rig.run(1800), [Given::Line(0, LineEvent::Dialled)]);
    let loud = card.lock().ports[0].heard.iter().filter(|sample| sample.abs() > 1000).count();
    assert!(loud > 3 * 500, "three keys went out: {loud} loud samples");
    let mut ringback = Generator::new(CHINA.tone(ToneKind::Ringback));
    card.lock().ports[0].voice = Some(Box::new(move || Some(ringback.next())));
    assert_eq!(rig.run(12_000), []);
    card.lock().ports[0].voice = None;
    assert_eq!(rig.run(10_000), [Given::Line(0, LineEvent::Answered)]);
}
