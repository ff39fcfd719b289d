//! Cost of the interface beside the engine alone: 480 channels that play, record and listen at the same time.
//!
//! Both sides are given the same sound by replays of one trace, so that no simulator is in the figures.
//! `cargo test --release -p tipring-capi cost -- --ignored --nocapture`
//!
//! Never: judges; it prints what it measured.

use std::ffi::CString;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use nix::time::{ClockId, clock_gettime};
use tipring_core::channel::{ChannelTable, TableSink};
use tipring_driver::card::Card;
use tipring_driver::card::maintenance::{Replay, ReplayClock};
use tipring_driver::country::CHINA;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::engine::{Command, Engine, Settings};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::media::MediaSettings;
use tipring_driver::media::file_io::{FileService, Library, PromptSource, RecordingTarget, SoundSink};
use tipring_driver::media::{MediaCommand, RecordingKind, Track};
use tipring_driver::spsc::{Consumer, queue};

use crate::abi::{self, number};
use crate::border::Entry;
use crate::functions::{maintenance, operation, simulation};
use crate::functions::{tr_channel_open, tr_close, tr_event_next, tr_open};

const CARDS: usize = 120;
const CHANNELS: usize = CARDS * 4;
/// Length of a round, and number of rounds of each side.
const ROUND_MS: u32 = 300;
const ROUNDS: usize = 21;
/// Time until the stations are in service and lifted.
const START_MS: u32 = 3000;

fn thread_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("the thread has a clock");
    std::time::Duration::from(now).as_nanos() as u64
}

/// A context of these cards on the virtual clock.
fn open(cards: &[String]) -> *mut Entry {
    let cards: Vec<CString> = cards.iter().map(|card| CString::new(card.as_str()).expect("no zero in it")).collect();
    let cards: Vec<_> = cards.iter().map(|card| card.as_ptr()).collect();
    let config = abi::Config {
        size: size_of::<abi::Config>() as u32,
        card_count: cards.len() as u32,
        cards: cards.as_ptr(),
        country: ptr::null(),
        queue_capacity: 0,
        virtual_clock: 1,
        log: None,
        log_user: ptr::null_mut(),
        echo_tail_ms: 0,
        reserved: 0,
    };
    let mut context = ptr::null_mut();
    assert_eq!(tr_open(&raw const config, &raw mut context), 0);
    context
}

/// A trace of a card of four stations that are lifted and speak.
fn make_trace(path: &Path) {
    let context = open(&["sim:fxs,fxs,fxs,fxs".into()]);
    let name = CString::new(path.to_str().expect("a plain path")).expect("no zero in it");
    assert_eq!(maintenance::tr_trace(context, 0, name.as_ptr(), ptr::null_mut()), 0);
    assert_eq!(simulation::tr_sim_advance(context, START_MS - 1000), 0);
    let mut word = 1u32;
    let speech: Vec<i16> = (0..8 * 12_000)
        .map(|sample| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if sample / 4000 % 2 == 0 { (word >> 19) as i16 - 4096 } else { 0 }
        })
        .collect();
    for port in 0..4 {
        assert_eq!(simulation::tr_sim_lift(context, port), 0);
        assert_eq!(simulation::tr_sim_speak(context, port, speech.as_ptr(), speech.len()), 0);
    }
    assert_eq!(simulation::tr_sim_advance(context, 1000 + ROUND_MS * (ROUNDS as u32 + 2)), 0);
    assert_eq!(tr_close(context, 100), 0);
}

/// A second of sound.
fn sound() -> Vec<i16> {
    (0..8000).map(|sample| (sample % 80 * 100) as i16 - 4000).collect()
}

extern "C" fn discard(_user: *mut core::ffi::c_void, _samples: *const i16, _count: usize) -> i32 {
    0
}

/// The interface's side: every channel plays a second of sound without end, records into a function, and listens.
struct Through(*mut Entry);

impl Through {
    fn new(trace: &Path) -> Through {
        let context = open(&vec![format!("trace:{}", trace.display()); CARDS]);
        let sound = sound();
        assert_eq!(simulation::tr_sim_advance(context, START_MS), 0);
        for port in 0..CHANNELS {
            let path = CString::new(port.to_string()).expect("no zero in it");
            let mut channel = 0;
            assert_eq!(tr_channel_open(context, path.as_ptr(), ptr::null_mut(), &raw mut channel), 0);
            // SAFETY: every pattern of octets is a value of these (Sized32).
            #[allow(unsafe_code)]
            let (mut source, mut sink, mut until): (abi::Source, abi::Sink, abi::Until) = unsafe { std::mem::zeroed() };
            source.size = size_of::<abi::Source>() as u32;
            (source.kind, source.times) = (number::SOURCE_MEMORY, number::FOREVER);
            (source.samples, source.count) = (sound.as_ptr(), sound.len());
            sink.size = size_of::<abi::Sink>() as u32;
            (sink.kind, sink.tracks, sink.write) =
                (number::SINK_FUNCTION, number::TRACKS_LEFT, Some(discard as abi::WriteFn));
            until.size = size_of::<abi::Until>() as u32;
            (until.kind, until.value) = (number::UNTIL_SOUND, 60_000);
            let (source, sink, until, op) = (&raw const source, &raw const sink, &raw const until, ptr::null_mut());
            assert_eq!(operation::tr_play(context, channel, source, 1, ptr::null(), 0, op), 0);
            assert_eq!(operation::tr_record(context, channel, sink, ptr::null(), 0, op), 0);
            assert_eq!(operation::tr_detect(context, channel, until, 1, op), 0);
        }
        Through(context)
    }

    #[inline(never)]
    fn round(&self) -> u64 {
        let from = thread_ns();
        assert_eq!(simulation::tr_sim_advance(self.0, ROUND_MS), 0);
        let passed = thread_ns() - from;
        // SAFETY: as above.
        #[allow(unsafe_code)]
        let mut event: abi::Event = unsafe { std::mem::zeroed() };
        event.size = size_of::<abi::Event>() as u32;
        while tr_event_next(self.0, &raw mut event, 0) == 1 {
            assert_ne!(event.r#type, number::EVENT_OP_DONE, "everything goes on to the end");
        }
        passed
    }
}

struct Nowhere;

impl SoundSink for Nowhere {
    fn write(&mut self, _left: &[i16], _right: &[i16]) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// Gives each player sound of its own, as a program's memory and files are.
struct Shelf(Vec<i16>);

impl Library for Shelf {
    fn prompt(&mut self, _prompt: PromptId) -> Result<PromptSource, String> {
        Ok(PromptSource::Samples(Arc::from(self.0.as_slice())))
    }

    fn recording(&mut self, _recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::Sink(Box::new(Nowhere)))
    }
}

/// The engine's side: the same commands to the same cards.
struct Alone {
    engine: Engine<TableSink>,
    files: FileService,
    clocks: Vec<ReplayClock>,
    events: Consumer<tipring_core::channel::ChannelEvent>,
}

impl Alone {
    fn new(trace: &Path) -> Alone {
        let octets = std::fs::read(trace).expect("the trace is there");
        let mut clocks = Vec::new();
        let cards = (0..CARDS).map(|_| {
            let (card, _, clock) = Replay::new(&octets).expect("it is a trace");
            clocks.push(clock);
            Box::new(card) as Box<dyn Card>
        });
        let cards = cards.collect();
        let (mut commands, commands_out) = queue(8192);
        let (events_in, events) = queue(8192);
        let sink = TableSink::new(Arc::new(ChannelTable::new(CHANNELS)), events_in);
        let media = MediaSettings { players: CHANNELS, recorders: 4 * CHANNELS, ..MediaSettings::default() };
        let (engine, ends) = Engine::new(cards, Settings { media, ..Settings::new(&CHINA) }, commands_out, sink);
        let files = FileService::new(ends.files, Box::new(Shelf(sound())));
        let mut alone = Alone { engine, files, clocks, events };
        alone.advance(START_MS);
        for port in 0..CHANNELS as u16 {
            let channel = ChannelId(port);
            let task = |n: u32| TaskId(u32::from(port) * 3 + n);
            let play = MediaCommand::Play { task: task(0), channel, prompt: PromptId(0), repeat: true };
            let record = |n: u32, kind| {
                let (left, right) = (Track::Received(channel), Track::Received(channel));
                MediaCommand::Record {
                    task: task(n),
                    left,
                    right,
                    recording: RecordingId(n.into()),
                    kind,
                    silence: None,
                }
            };
            let listen = RecordingKind::Listening(Enhancement::NONE);
            for command in [play, record(1, RecordingKind::Evidence), record(2, listen)] {
                commands.push(Command::Media(command)).expect("there is room");
            }
        }
        alone
    }

    fn advance(&mut self, ms: u32) {
        for _ in 0..ms {
            self.clocks.iter().for_each(|clock| clock.advance(1));
            self.engine.step_once(1);
            self.files.step();
            while self.events.pop().is_some() {}
        }
    }

    #[inline(never)]
    fn round(&mut self) -> u64 {
        let from = thread_ns();
        self.advance(ROUND_MS);
        thread_ns() - from
    }
}

#[test]
#[ignore = "a measurement"]
fn cost_of_480_channels_beside_the_engine_alone() {
    let folder = std::env::temp_dir().join(format!("tipring-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let trace = folder.join("stations.trace");
    make_trace(&trace);
    let (through, mut alone) = (Through::new(&trace), Alone::new(&trace));
    let mut rounds: Vec<[u64; 2]> = (0..ROUNDS).map(|_| [through.round(), alone.round()]).collect();
    // The first round of each begins the tasks.
    rounds.remove(0);
    let median = |side: usize| {
        let mut all: Vec<u64> = rounds.iter().map(|round| round[side]).collect();
        all.sort_unstable();
        all[all.len() / 2] as f64 / f64::from(ROUND_MS) / 1000.0
    };
    println!(
        "{CHANNELS} channels that play, record and listen: {:.0} us a millisecond through the interface, {:.0} us the \
         engine alone: {:.3} times",
        median(0),
        median(1),
        median(0) / median(1)
    );
    alone.engine.stop();
    assert_eq!(tr_close(through.0, 0), 0);
    let _ = std::fs::remove_dir_all(&folder);
}
