//! A site under full load: six simulated cards, 24 ports, each of which talks, hears a prompt, presses keys and is
//! recorded; and far ends that judge each millisecond they hear.
//!
//! A far end's sound is a function of its port and its own millisecond, different in every sample. So each received
//! sample is compared with the sample sent, and each heard one with the value due in that very millisecond: anything
//! torn, late, early or old differs. Only silence is tolerated, and counted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tipring_direct::SlotHandle;
use tipring_driver::card::tdm400p::Settings as CardSettings;
use tipring_driver::card::{Card, Law};
use tipring_driver::country::CHINA;
use tipring_driver::dsp::g711;
use tipring_driver::engine::{Acceptance, Command, CommandRefused, Ends, Engine, EventSink, Settings};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::line::{LineCommand, LineEvent};
use tipring_driver::media::MediaSettings;
use tipring_driver::media::file_io::{FileService, Library, PromptSource, RecordingTarget};
use tipring_driver::media::{MediaCommand, MediaEvent, RecordingKind, Track};
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::spsc::{Consumer, Producer, queue};
use tipring_driver::time::Tick;
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::network::{Sound, StationLoad, TrunkFeed, WireFeed, WireLoad, World};
use tipring_tests::Folder;

use crate::rig::{Again, plug};

/// Cards of the hall.
pub const CARDS: usize = 6;
/// Ports of the hall.
pub const PORTS: usize = 4 * CARDS;
const PAIRS: usize = PORTS / 2;
const MODULES: [sim::Module; 4] = [sim::Module::Fxs, sim::Module::Fxs, sim::Module::Fxo, sim::Module::Fxo];

/// The evening, in milliseconds since the cards were switched on: when trunks ring, and telephones are lifted;
const RING_MS: u64 = 4000;
/// all calls are answered, connected and recorded;
const CONNECT_MS: u64 = 7000;
/// players begin;
const PLAY_MS: u64 = 8500;
/// everything is judged;
const JUDGE_MS: u64 = 9500;
/// and the first keys are pressed: one every [`KEY_EVERY_MS`], for [`KEY_MS`], with [`QUIET_MS`] of quiet on both
/// sides.
const KEYS_MS: u64 = 10_000;
const KEY_EVERY_MS: u64 = 5000;
const KEY_MS: u64 = 100;
const QUIET_MS: u64 = 100;
/// Before this nothing is to be compared.
pub const BEGUN_MS: u64 = KEYS_MS;

/// Milliseconds of a prompt, which is played over and over.
const PROMPT_MS: u64 = 4000;
/// Sample of an idle octet.
const SILENCE: i16 = 8;
/// Milliseconds from one far end to another, at most.
const LAG_MAX: u64 = 100;

/// A number that looks like nothing else.
fn scramble(seed: u64, port: usize, at: u64) -> u64 {
    let mut word = (at << 6 | port as u64) ^ seed.rotate_left(40);
    word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word ^= word >> 29;
    word = word.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word ^ word >> 32
}

fn through_the_law(sample: i32) -> i16 {
    g711::decode(Law::A, g711::encode(Law::A, sample.clamp(i16::MIN.into(), i16::MAX.into()) as i16))
}

/// The partner in conversation: the first trunk of a card talks with the first station of the next card, the second
/// with the second.
fn partner(port: usize) -> usize {
    let (card, place) = (port / 4, port % 4);
    if place >= 2 { (card + 1) % CARDS * 4 + place - 2 } else { (card + CARDS - 1) % CARDS * 4 + place + 2 }
}

/// The n-th key of a port, and when it is pressed.
fn key(seed: u64, port: usize, n: u64) -> (char, u64) {
    let digit = b"1234567890*#ABCD"[(scramble(seed, port, n) % 16) as usize];
    (char::from(digit), KEYS_MS + KEY_EVERY_MS * n + 150 * port as u64)
}

/// The two tones of a key in hertz (Q.23).
fn tones(key: char) -> [f64; 2] {
    let (row, column) = match key {
        '1'..='9' => ((key as usize - '1' as usize) / 3, (key as usize - '1' as usize) % 3),
        '*' => (3, 0),
        '0' => (3, 1),
        '#' => (3, 2),
        letter => (letter as usize - 'A' as usize, 3),
    };
    [[697.0, 770.0, 852.0, 941.0][row], [1209.0, 1336.0, 1477.0, 1633.0][column]]
}

/// Sound of a port's far end in a millisecond of its own: voices in turns without a full stop, and keys.
fn says(seed: u64, port: usize, ms: u64) -> Sound {
    if ms >= KEYS_MS - QUIET_MS {
        let n = (ms + QUIET_MS).saturating_sub(KEYS_MS + 150 * port as u64) / KEY_EVERY_MS;
        let (digit, pressed) = key(seed, port, n);
        if (pressed..pressed + KEY_MS).contains(&ms) {
            let tones = tones(digit);
            return std::array::from_fn(|sample| {
                let time = ((ms - pressed) * 8 + sample as u64) as f64 / 8000.0;
                let sum: f64 = tones.iter().map(|hz| 5000.0 * (std::f64::consts::TAU * hz * time).sin()).sum();
                through_the_law(sum as i32)
            });
        }
        if (pressed - QUIET_MS..pressed + KEY_MS + QUIET_MS).contains(&ms) {
            return [SILENCE; 8];
        }
    }
    // One party of a pair after the other, now and then both.
    let (half_second, second_party) = (ms / 500, u64::from(port % 4 >= 2));
    let weaker = if half_second % 2 == second_party || half_second % 8 == 6 { 8 } else { 64 };
    std::array::from_fn(|sample| {
        let octet = (scramble(seed, port, ms * 8 + sample as u64) >> 20) as u8;
        through_the_law(i32::from(g711::decode(Law::A, octet)) / weaker)
    })
}

/// A sample of a prompt.
fn prompt(seed: u64, prompt: usize, at: u64) -> i16 {
    (scramble(!seed, prompt, at) % 4001) as i16 - 2000
}

/// A far end that listens.
#[derive(Default)]
struct Ear {
    /// The last 16 milliseconds heard, oldest first.
    last: Vec<Sound>,
    /// Milliseconds from the partner's mouth.
    lag: Option<u64>,
    /// Beginning of the prompt.
    prompt_from: Option<u64>,
    /// Milliseconds judged, and those that were silent.
    judged: u64,
    silent: u64,
    /// Milliseconds of something else than ought to be heard, and the first of them.
    wrong: u64,
    first_wrong: Option<String>,
}

impl Ear {
    /// Sound expected in a millisecond, as far as is known.
    fn expected(&self, seed: u64, port: usize, ms: u64) -> Option<Sound> {
        let voice = says(seed, partner(port), ms - self.lag?);
        let Some(from) = self.prompt_from else { return Some(voice) };
        let first = (ms - from) % PROMPT_MS * 8;
        Some(std::array::from_fn(|sample| {
            let played = prompt(seed, port, first + sample as u64);
            through_the_law(i32::from(voice[sample]) + i32::from(played))
        }))
    }

    /// Returns true if the last 16 milliseconds, up to and with `ms`, are as expected.
    fn fits(&self, seed: u64, port: usize, ms: u64) -> bool {
        let first = ms + 1 - self.last.len() as u64;
        self.last.len() == 16
            && self
                .last
                .iter()
                .rev()
                .zip((first..=ms).rev())
                .all(|(heard, ms)| self.expected(seed, port, ms) == Some(*heard))
    }

    fn hear(&mut self, seed: u64, port: usize, ms: u64, sound: Sound) {
        if ms >= JUDGE_MS {
            self.judged += 1;
            if sound == [SILENCE; 8] {
                self.silent += 1;
            } else if self.expected(seed, port, ms) != Some(sound) {
                self.wrong += 1;
                let ought = self.expected(seed, port, ms);
                self.first_wrong.get_or_insert_with(|| {
                    format!("port {port} at {ms} ms (lag {:?}): {sound:?} instead of {ought:?}", self.lag)
                });
            }
            return;
        }
        if self.last.len() == 16 {
            self.last.remove(0);
        }
        self.last.push(sound);
        if ms > CONNECT_MS && ms < PLAY_MS && self.lag.is_none() {
            self.lag = (0..LAG_MAX).find(|lag| {
                self.lag = Some(*lag);
                self.fits(seed, port, ms)
            });
        }
        if ms > PLAY_MS && ms.is_multiple_of(50) && self.prompt_from.is_none() {
            self.prompt_from = (ms - PROMPT_MS + 1..=ms).find(|from| {
                self.prompt_from = Some(*from);
                from + 16 <= ms && self.fits(seed, port, ms)
            });
        }
    }
}

/// The far ends of a card's four wires.
struct FarEnds {
    seed: u64,
    card: usize,
    ms: u64,
    ears: [Ear; 4],
}

#[derive(Clone)]
struct Wires(Arc<Mutex<FarEnds>>);

impl World for Wires {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let mut ends = self.0.lock().unwrap();
        let FarEnds { seed, card, ms, ears } = &mut *ends;
        for (place, (load, feed)) in loads.iter().zip(feeds).enumerate() {
            let port = 4 * *card + place;
            let said = says(*seed, port, *ms);
            let heard = match load {
                WireLoad::Nothing => panic!("every socket holds a module"),
                WireLoad::Trunk(load) => {
                    let rings = !load.off_hook && *ms >= RING_MS;
                    let sound = if load.off_hook { said } else { [0; 8] };
                    let ringing_volts = if rings { 75.0 } else { 0.0 };
                    *feed =
                        WireFeed::Trunk(TrunkFeed { battery_volts: -48.0, ringing_volts, ringing_hertz: 25.0, sound });
                    load.sound
                }
                WireLoad::Station(load) => {
                    *feed = WireFeed::Station(StationLoad {
                        off_hook: *ms >= RING_MS,
                        sound: said,
                        ..StationLoad::default()
                    });
                    load.sound
                }
            };
            ears[place].hear(*seed, port, *ms, heard);
        }
        *ms += 1;
    }
}

/// Line events, on their way to the loop of the test.
pub struct Sink(Producer<(ChannelId, LineEvent)>);

impl EventSink for Sink {
    fn line_event(&mut self, _now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        // More than ever waits has room; what is missing would be missed.
        let _ = self.0.push((channel, event));
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

struct Shelf {
    seed: u64,
    folder: PathBuf,
}

impl Library for Shelf {
    fn prompt(&mut self, id: PromptId) -> Result<PromptSource, String> {
        Ok(PromptSource::Samples((0..PROMPT_MS * 8).map(|at| prompt(self.seed, id.0 as usize, at)).collect()))
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        Ok(RecordingTarget::File(self.folder.join(format!("{}.wav", recording.0))))
    }
}

/// Six cards and their engine. The parts go to threads of their own, or are stepped by one.
pub struct Hall {
    pub engine: Engine<Sink>,
    pub files: FileService,
    pub slots: Vec<SlotHandle>,
    pub tx_watchdog: TxWatchdog,
    pub troubles: Consumer<tipring_driver::engine::Trouble>,
    pub desk: Desk,
}

/// Whoever works the hall: answers, connects, and judges in the end.
pub struct Desk {
    seed: u64,
    pub commands: Producer<Command>,
    events: Consumer<(ChannelId, LineEvent)>,
    pub counters: tipring_driver::engine::SharedCounters,
    ends: Vec<Arc<Mutex<FarEnds>>>,
    folder: Folder,
    digits: [Vec<char>; PORTS],
    connected: bool,
    playing: bool,
    /// Nothing that a line said is forgotten here.
    released: Vec<(ChannelId, LineEvent)>,
}

impl Hall {
    /// A hall whose cards have just been switched on.
    pub fn new(name: &str, seed: u64) -> Hall {
        let (settings, tx_watchdog) = (CardSettings::default(), TxWatchdog::default());
        let (mut cards, mut slots, mut ends): (Vec<Box<dyn Card>>, _, _) = (Vec::new(), Vec::new(), Vec::new());
        for card in 0..CARDS {
            let far = Arc::new(Mutex::new(FarEnds { seed, card, ms: 0, ears: Default::default() }));
            let device = sim::Tdm400p::new(MODULES, Box::new(Wires(far.clone())));
            let needs = settings.needs().with_tx_watchdog(tx_watchdog.clone());
            let (card, slot) = plug(device, settings, &needs, &Again::InBackground);
            cards.push(Box::new(card));
            slots.push(slot);
            ends.push(far);
        }
        let (commands, commands_end) = queue(256);
        let (sender, events) = queue(4096);
        let settings = Settings {
            media: MediaSettings { players: PORTS, recorders: PAIRS, ..MediaSettings::default() },
            ..Settings::new(&CHINA)
        };
        let (engine, Ends { files, troubles, counters }) = Engine::new(cards, settings, commands_end, Sink(sender));
        let folder = Folder::new(name);
        let files = FileService::new(files, Box::new(Shelf { seed, folder: folder.path("") }));
        let digits = Default::default();
        let (connected, playing, released) = (false, false, Vec::new());
        let desk = Desk { seed, commands, events, counters, ends, folder, digits, connected, playing, released };
        Hall { engine, files, slots, tx_watchdog, troubles, desk }
    }

    /// A millisecond of all cards.
    pub fn live(&self) {
        self.slots.iter().for_each(|slot| slot.lock().step());
    }
}

impl Desk {
    /// Does what is to be done now; often enough is ten times a second.
    pub fn work(&mut self) {
        while let Some((channel, event)) = self.events.pop() {
            match event {
                LineEvent::Offered => self.command(Command::Line { channel, command: LineCommand::Answer }),
                LineEvent::Digit(digit) => self.digits[channel.index()].push(digit.as_char()),
                LineEvent::Released(_) | LineEvent::OutOfService | LineEvent::OnHook => {
                    self.released.push((channel, event));
                }
                _ => {}
            }
        }
        let ms = self.ms();
        let trunks = (0..PORTS).filter(|port| port % 4 >= 2);
        if !self.connected && ms >= CONNECT_MS {
            self.connected = true;
            for trunk in trunks {
                let (a, b) = (ChannelId(trunk as u16), ChannelId(partner(trunk) as u16));
                self.command(Command::Media(MediaCommand::Connect { a, b }));
                let (task, recording) = (TaskId(trunk as u32), RecordingId(trunk as u64));
                let kind = RecordingKind::Evidence;
                self.command(Command::Media(MediaCommand::Record {
                    task,
                    left: Track::Received(a),
                    right: Track::Received(b),
                    recording,
                    kind,
                    silence: None,
                }));
            }
        }
        if !self.playing && ms >= PLAY_MS {
            self.playing = true;
            for port in 0..PORTS as u16 {
                let (task, channel) = (TaskId(100 + u32::from(port)), ChannelId(port));
                let prompt = PromptId(port.into());
                self.command(Command::Media(MediaCommand::Play { task, channel, prompt, repeat: true }));
            }
        }
    }

    /// Ends the recordings. Some ticks later they are whole.
    pub fn stop_recording(&mut self) {
        for trunk in (0..PORTS).filter(|port| port % 4 >= 2) {
            self.command(Command::Media(MediaCommand::Stop { task: TaskId(trunk as u32) }));
        }
    }

    fn command(&mut self, command: Command) {
        self.commands.push(command).expect("room for a command");
    }

    /// Milliseconds that the cards have lived.
    pub fn ms(&self) -> u64 {
        self.ends[0].lock().unwrap().ms
    }

    /// Judges the sound heard, the recordings and the keys, after `recorded_ms` of recording at least. Returns the
    /// silent milliseconds of the port that had most of them.
    pub fn judge(&mut self, recorded_ms: u64) -> u64 {
        self.work();
        assert_eq!(self.released, [], "no call is released");
        let end = self.ms();
        let mut worst = 0;
        for far in &self.ends {
            let far = far.lock().unwrap();
            for (place, ear) in far.ears.iter().enumerate() {
                let port = 4 * far.card + place;
                assert!(ear.lag.is_some(), "port {port} never heard its partner");
                assert!(ear.prompt_from.is_some(), "port {port} never heard its prompt");
                assert_eq!(ear.wrong, 0, "of {} ms; the first: {}", ear.judged, ear.first_wrong.as_ref().unwrap());
                assert!(ear.judged + JUDGE_MS >= end && ear.judged > 0);
                worst = worst.max(ear.silent);
            }
        }
        for (port, digits) in self.digits.iter().enumerate() {
            let pressed = (0..).map(|n| key(self.seed, port, n)).take_while(|(_, at)| at + 2 * KEY_MS < end);
            let pressed: String = pressed.map(|(digit, _)| digit).collect();
            let heard: String = digits.iter().collect();
            assert!(
                heard.starts_with(&pressed) && heard.len() <= pressed.len() + 1,
                "port {port}: {pressed} but {heard}"
            );
        }
        for trunk in (0..PORTS).filter(|port| port % 4 >= 2) {
            self.judge_recording(trunk, recorded_ms);
        }
        worst
    }

    /// Every sample that was received of a pair is in its file, as it was said.
    fn judge_recording(&self, trunk: usize, ms: u64) {
        let reader = hound::WavReader::open(self.folder.path(&format!("{trunk}.wav"))).unwrap();
        assert!(u64::from(reader.duration()) >= ms * 8, "{} samples in {ms} ms", reader.duration());
        let samples: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
        for (side, port) in [trunk, partner(trunk)].into_iter().enumerate() {
            let received = |at: usize| -> Sound { std::array::from_fn(|sample| samples[2 * (8 * at + sample) + side]) };
            let begins = |from: &u64| (0..16).all(|at| received(at as usize) == says(self.seed, port, from + at));
            let from = (CONNECT_MS - LAG_MAX..PLAY_MS).find(begins);
            let from = from.unwrap_or_else(|| panic!("the recording of port {port} begins with what it did not say"));
            for at in 0..samples.len() / 16 {
                let said = says(self.seed, port, from + at as u64);
                assert_eq!(received(at), said, "port {port}: the {at}th ms received is another than was said");
            }
        }
    }
}
