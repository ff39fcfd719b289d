//! Endurance: no allocation after the start, and no sample lost in a stall.
//!
//! The quick forms run with all tests. The long ones are started by hand:
//! `cargo test --release -p tipring-driver -- --ignored --nocapture endurance`

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::counting;
use super::test_card::{Clock, Sound, TestCard};
use super::{Acceptance, Command, CommandRefused, Ends, Engine, EventSink, Settings};
use crate::card::{Card, Law, PortKind};
use crate::country::CHINA;
use crate::dsp::{g711, level};
use crate::ids::{ChannelId, PromptId, RecordingId, TaskId};
use crate::line::{LineCommand, LineEvent};
use crate::media::MediaSettings;
use crate::media::file_io::{FileService, Library, PromptSource, RecordingTarget};
use crate::media::{MediaCommand, MediaEvent, RecordingKind, ToneKind, Track};
use crate::spsc::{Producer, queue};
use crate::time::Tick;

/// A sink that counts, and asks for everything that can be asked of a channel.
struct Busy {
    events: u64,
}

impl EventSink for Busy {
    fn line_event(&mut self, _now: Tick, _channel: ChannelId, _event: LineEvent) -> Acceptance {
        self.events += 1;
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {
        self.events += 1;
    }

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

struct Shelf(PathBuf);

impl Library for Shelf {
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String> {
        Ok(PromptSource::Samples(vec![500 + prompt.0 as i16; 8000].into()))
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::File(self.0.join(format!("{}.wav", recording.0))))
    }
}

/// Noise: every octet there is, different for every port and sample.
fn noise(port: usize, sample: u64) -> u8 {
    let mut word = (sample << 5 | port as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word ^= word >> 29;
    (word.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56) as u8
}

/// Noise of a voice's level that comes and goes: the parties of a pair speak in turns, and every few seconds both do.
fn turns(port: usize, sample: u64) -> u8 {
    let (half_second, second_party) = (sample / 4000, port as u64 % 2);
    if half_second % 2 == second_party || half_second % 8 == 6 {
        g711::encode(Law::A, g711::decode(Law::A, noise(port, sample)) / 8)
    } else {
        Law::A.idle()
    }
}

struct Rig {
    engine: Engine<Busy>,
    files: FileService,
    commands: Producer<Command>,
    clock: Clock,
    sounded: Arc<AtomicU64>,
    folder: PathBuf,
    pairs: usize,
}

impl Rig {
    /// Pairs of a trunk and a station, on cards of four ports.
    fn new(name: &str, pairs: usize) -> Rig {
        Rig::with(name, pairs, noise, false)
    }

    /// A rig with what the ports sound, and with echo or without.
    fn with(name: &str, pairs: usize, sound: Sound, echo: bool) -> Rig {
        let folder = std::env::temp_dir().join(format!("tipring-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Clock::default();
        let kinds: Vec<PortKind> = (0..pairs).flat_map(|_| [PortKind::Fxo, PortKind::Fxs]).collect();
        let mut card = TestCard::new(&kinds, 60, sound, clock.clone());
        card.echo = echo;
        let sounded = card.sounded.clone();
        let (commands, commands_end) = queue(256);
        let mut settings = Settings::new(&CHINA);
        settings.media = MediaSettings { players: pairs, recorders: pairs, ..MediaSettings::default() };
        let cards: Vec<Box<dyn Card>> = vec![Box::new(card)];
        let (engine, Ends { files, .. }) = Engine::new(cards, settings, commands_end, Busy { events: 0 });
        let files = FileService::new(files, Box::new(Shelf(folder.clone())));
        Rig { engine, files, commands, clock, sounded, folder, pairs }
    }

    /// Time passes on the cards; the engine is woken once at its end.
    fn wake_after(&mut self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
        self.engine.step_once(ms);
    }

    fn command(&mut self, command: Command) {
        self.commands.push(command).unwrap();
    }

    /// Answers every trunk, connects it with its station, plays, sounds tones and records.
    fn everything_on(&mut self) {
        for pair in 0..self.pairs {
            let (trunk, station) = (ChannelId(2 * pair as u16), ChannelId(2 * pair as u16 + 1));
            let task = TaskId(2 * pair as u32);
            self.command(Command::Line { channel: trunk, command: LineCommand::Answer });
            self.command(Command::Media(MediaCommand::Connect { a: trunk, b: station }));
            let record = MediaCommand::Record {
                task,
                left: Track::Received(trunk),
                right: Track::Received(station),
                recording: RecordingId(pair as u64),
                kind: RecordingKind::Evidence,
                silence: None,
            };
            self.command(Command::Media(record));
            let play = MediaCommand::Play {
                task: TaskId(task.0 + 1),
                channel: station,
                prompt: PromptId(pair as u32),
                repeat: true,
            };
            self.command(Command::Media(play));
            self.command(Command::Media(MediaCommand::Tone { channel: trunk, tone: Some(ToneKind::Ringback) }));
        }
    }

    fn stop_recording(&mut self) {
        for pair in 0..self.pairs {
            self.command(Command::Media(MediaCommand::Stop { task: TaskId(2 * pair as u32) }));
        }
        for _ in 0..5 {
            self.wake_after(1);
            self.files.step();
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Everything on, with a stall of 20 ms every second. Gives when recording began, in samples of the card.
fn stalled_every_second(rig: &mut Rig, seconds: u64) -> u64 {
    for _ in 0..1000 {
        rig.wake_after(1);
    }
    rig.everything_on();
    // Recording begins with the sound of the next tick.
    let begin = rig.clock.load(Ordering::Relaxed) * 8;
    for _ in 0..seconds {
        for _ in 0..98 {
            (0..10).for_each(|_| rig.wake_after(1));
            rig.files.step();
        }
        rig.wake_after(20);
    }
    rig.stop_recording();
    let counters = rig.engine.counters();
    assert_eq!(counters.late_ticks, 19 * seconds, "every stall is counted");
    assert_eq!((counters.recorder_lost_ticks, counters.player_dry_ticks, counters.reports_lost), (0, 0, 0));
    assert!(rig.sounded.load(Ordering::Relaxed) > seconds * 1000 * 12);
    begin
}

/// Recording of a pair: left and right, sample by sample.
fn recorded(rig: &Rig, pair: usize, seconds: u64) -> impl Iterator<Item = [i16; 2]> {
    let reader = hound::WavReader::open(rig.folder.join(format!("{pair}.wav"))).unwrap();
    assert!(u64::from(reader.duration()) >= seconds * 8000);
    let mut samples = reader.into_samples::<i16>().map(Result::unwrap);
    core::iter::from_fn(move || Some([samples.next()?, samples.next()?]))
}

/// Without echo: every sample received from when recording began must be in its file, as it was received.
fn no_sample_is_lost(name: &str, seconds: u64) {
    let mut rig = Rig::new(name, 12);
    let begin = stalled_every_second(&mut rig, seconds);
    for pair in 0..rig.pairs {
        for (sample_at, sides) in (begin..).zip(recorded(&rig, pair, seconds)) {
            let expected = [0, 1].map(|side| g711::decode(Law::A, noise(2 * pair + side, sample_at)));
            assert_eq!(sides, expected, "pair {pair}, sample {sample_at}");
        }
    }
}

/// With an echo of 6 dB on every line: every sample that was said must be in its file, and from the fifth second on
/// nothing of what was sent to the line, in any tenth of a second; no stall brings it back.
fn no_echo_comes_back(name: &str, seconds: u64) {
    const BLOCK: usize = 800;
    let mut rig = Rig::with(name, 12, turns, true);
    let begin = stalled_every_second(&mut rig, seconds);
    let mut worst = [f64::NEG_INFINITY; 2];
    for pair in 0..rig.pairs {
        let mut left = [0.0; 2];
        for (at, sides) in recorded(&rig, pair, seconds).enumerate() {
            for (side, sample) in sides.into_iter().enumerate() {
                let said = g711::decode(Law::A, turns(2 * pair + side, begin + at as u64));
                left[side] += (f64::from(sample) - f64::from(said)).powi(2) / BLOCK as f64;
            }
            if at % BLOCK == BLOCK - 1 {
                for (side, left) in core::mem::take(&mut left).into_iter().enumerate().filter(|_| at > 40_000) {
                    worst[side] = worst[side].max(level::dbm0(left));
                }
            }
        }
    }
    println!("the worst tenth of a second: {:.1} dBm0 of echo left on a trunk, {:.1} on a station", worst[0], worst[1]);
    assert!(worst[0] < -38.0 && worst[1] < -38.0, "{worst:.1?} dBm0");
}

#[test]
fn endurance_no_sample_is_lost_in_stalls_of_20_ms() {
    no_sample_is_lost("stalls", 5);
}

#[test]
fn endurance_no_echo_comes_back_in_stalls_of_20_ms() {
    no_echo_comes_back("echoes", 12);
}

#[test]
#[ignore = "ten minutes of 24 ports: some seconds of processor time in release, 230 MB of recordings"]
fn endurance_no_sample_is_lost_in_ten_minutes_of_24_ports() {
    no_sample_is_lost("stalls-long", 600);
}

#[test]
#[ignore = "ten minutes of 24 ports: some seconds of processor time in release, 230 MB of recordings"]
fn endurance_no_echo_comes_back_in_ten_minutes_of_24_ports() {
    no_echo_comes_back("echoes-long", 600);
}

#[test]
fn endurance_after_its_start_the_engine_allocates_nothing() {
    let mut rig = Rig::new("allocations", 2);
    let waked = |rig: &mut Rig, times: u64| counting::during(|| (0..times).for_each(|_| rig.wake_after(1)));
    assert_eq!(waked(&mut rig, 1000), 0, "while modules come into service and lines ring");
    rig.everything_on();
    rig.command(Command::Line { channel: ChannelId(1), command: LineCommand::Ring(Some(Default::default())) });
    for _ in 0..300 {
        assert_eq!(waked(&mut rig, 10), 0, "while everything is on");
        rig.files.step();
    }
    rig.command(Command::Line { channel: ChannelId(0), command: LineCommand::Release });
    rig.command(Command::Media(MediaCommand::Stop { task: TaskId(1) }));
    assert_eq!(waked(&mut rig, 3000), 0, "while things end");
}

#[test]
#[ignore = "a measurement: run it in release, on an idle machine"]
fn endurance_speed_of_the_step() {
    for (name, pairs) in [("speed-4", 2), ("speed-24", 12), ("speed-96", 48)] {
        let mut rig = Rig::with(name, pairs, turns, true);
        for _ in 0..1000 {
            rig.wake_after(1);
        }
        let idle = time(&mut rig, 20_000, false);
        rig.everything_on();
        time(&mut rig, 2000, true);
        let busy = time(&mut rig, 20_000, true);
        println!(
            "{} ports: {idle:.2} us a tick with trunks idle or ringing, {busy:.2} us with everything on, echoes included",
            2 * pairs
        );
    }
}

/// Microseconds of one step at the median; the file thread's share is not counted.
fn time(rig: &mut Rig, ticks: u64, files: bool) -> f64 {
    let mut spent = Vec::new();
    for _ in 0..ticks / 20 {
        let before = Instant::now();
        (0..20).for_each(|_| rig.wake_after(1));
        spent.push(before.elapsed().as_secs_f64() * 1e6 / 20.0);
        if files {
            rig.files.step();
        }
    }
    spent.sort_by(f64::total_cmp);
    spent[spent.len() / 2]
}
