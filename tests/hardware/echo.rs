//! Echo control on a whole line: engine, driver, simulated card, hybrids that return a quarter of the power, and people
//! beyond them.

use std::sync::{Arc, Mutex, MutexGuard};

use tipring_direct::SlotHandle;
use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::Settings as CardSettings;
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Acceptance, Command, CommandRefused, Engine, EventSink, Settings};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::line::{LineCommand, LineEvent};
use tipring_driver::media::file_io::{FileService, Library, PromptSource, RecordingTarget};
use tipring_driver::media::{MediaCommand, MediaEvent};
use tipring_driver::spsc::{Producer, queue};
use tipring_driver::time::Tick;
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::fault::{Fault, Faults, Planned};
use tipring_hw_sim::network::{StationLoad, TrunkFeed, WireFeed, WireLoad, World};

use crate::rig::{Again, plug};
use crate::signal::{MS, Signal};
use crate::speech::Speech;

/// Ports of the card.
const PORTS: u16 = 4;
const SECOND: usize = 1000 * MS;

/// The parties at the ends of the wires: what they are going to say, and what they have heard.
#[derive(Debug, Clone, Default)]
struct Party {
    says: Vec<i16>,
    heard: Vec<i16>,
}

#[derive(Clone)]
struct Parties(Arc<Mutex<[Party; 2]>>);

impl Parties {
    fn hold(&self) -> MutexGuard<'_, [Party; 2]> {
        self.0.lock().unwrap()
    }
}

impl World for Parties {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        for ((party, load), feed) in self.hold().iter_mut().zip(loads).zip(feeds) {
            let at = party.heard.len();
            let said = party.says.get(at..at + MS).and_then(<[i16]>::first_chunk).copied().unwrap_or_default();
            match load {
                WireLoad::Nothing => {}
                WireLoad::Trunk(load) => {
                    party.heard.extend(load.sound);
                    *feed = WireFeed::Trunk(TrunkFeed { battery_volts: -48.0, sound: said, ..TrunkFeed::default() });
                }
                WireLoad::Station(load) => {
                    party.heard.extend(load.sound);
                    *feed = WireFeed::Station(StationLoad { off_hook: true, sound: said, ..StationLoad::default() });
                }
            }
        }
    }
}

/// Remembers the keys that were pressed.
#[derive(Default)]
struct Keys(String);

impl EventSink for Keys {
    fn line_event(&mut self, _now: Tick, _channel: ChannelId, event: LineEvent) -> Acceptance {
        if let LineEvent::Digit(digit) = event {
            self.0.push(digit.as_char());
        }
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

/// One prompt.
struct Shelf(Arc<[i16]>);

impl Library for Shelf {
    fn prompt(&mut self, _prompt: PromptId) -> Result<PromptSource, String> {
        Ok(PromptSource::Samples(self.0.clone()))
    }

    fn recording(&mut self, _recording: RecordingId) -> Result<RecordingTarget, String> {
        Err("nothing is recorded".into())
    }
}

/// A station and a trunk in conversation, each with a hybrid of 6 dB.
struct Call {
    engine: Engine<Keys>,
    slots: Vec<SlotHandle>,
    station: ChannelId,
    trunk: ChannelId,
    files: FileService,
    commands: Producer<Command>,
    parties: Parties,
}

impl Call {
    fn new(echo_tail_ms: u32, prompt: Arc<[i16]>) -> Call {
        Call::beside(0, echo_tail_ms, prompt)
    }

    /// A card beside `others` more, of which the first is the clock.
    fn beside(others: u16, echo_tail_ms: u32, prompt: Arc<[i16]>) -> Call {
        let parties = Parties(Arc::default());
        let echo = |port, delay_samples| Planned::always(Fault::Echo { port, loss_db: 6.0, delay_samples });
        let sockets = [sim::Module::Fxs, sim::Module::Fxo, sim::Module::Absent, sim::Module::Absent];
        let device = sim::Tdm400p::new(sockets, Box::new(parties.clone()))
            .with_faults(Faults::new(3, vec![echo(0, 9), echo(1, 23)]));
        let other = || sim::Tdm400p::new(sockets, Box::new(Parties(Arc::default())));
        let devices = (0..others).map(|_| other()).chain([device]);
        let settings = CardSettings::default();
        let plugged = devices.map(|device| plug(device, settings, &settings.needs(), &Again::Never));
        let (cards, slots) = plugged.map(|(card, slot)| (Box::new(card) as Box<dyn Card>, slot)).unzip();
        let (commands, commands_end) = queue(64);
        let mut settings = Settings::new(&CHINA);
        settings.media.echo_tail_ms = echo_tail_ms;
        let (engine, ends) = Engine::new(cards, settings, commands_end, Keys::default());
        let files = FileService::new(ends.files, Box::new(Shelf(prompt)));
        let (station, trunk) = (ChannelId(PORTS * others), ChannelId(PORTS * others + 1));
        let mut call = Call { engine, slots, station, trunk, files, commands, parties };
        // The modules come up, the telephone is lifted, the trunk is seized.
        call.run(6000, |_| 1);
        call.command(Command::Line { channel: trunk, command: LineCommand::Answer });
        call.run(1000, |_| 1);
        call
    }

    fn command(&mut self, command: Command) {
        self.commands.push(command).unwrap();
    }

    /// Runs for `ms` milliseconds; the driver is served after `wake` of them each time.
    fn run(&mut self, ms: u64, wake: impl Fn(u64) -> u64) {
        let mut at = 0;
        while at < ms {
            let passed = wake(at);
            for _ in 0..passed {
                self.slots.iter().for_each(|slot| slot.lock().step());
            }
            self.engine.step_once(passed);
            self.files.step();
            at += passed;
        }
    }

    /// Everything that is said from now on, and nothing heard before.
    fn say(&mut self, station: Vec<i16>, trunk: Vec<i16>) {
        *self.parties.hold() = [Party { says: station, heard: Vec::new() }, Party { says: trunk, heard: Vec::new() }];
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.engine.stop();
    }
}

fn voice(seed: u64, seconds: usize) -> Vec<i16> {
    let mut speech = Speech::new(seed);
    (0..seconds * SECOND).map(|_| speech.next()).collect()
}

fn level_dbm0(samples: &[i16]) -> f64 {
    let square = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64;
    tipring_driver::dsp::level::dbm0(square)
}

/// A conversation in turns; how much weaker each party's own voice comes back to it, in dB: the trunk's, then the
/// station's.
fn own_voices_db(mut call: Call, wake: impl Fn(u64) -> u64) -> [f64; 2] {
    call.command(Command::Media(MediaCommand::Connect { a: call.station, b: call.trunk }));
    call.run(100, |_| 1);
    let silence = vec![0; 5 * SECOND];
    // The trunk speaks, the station, and again; the second time counts.
    let trunk = [voice(1, 5), silence.clone(), voice(3, 5), silence.clone()].concat();
    let station = [silence.clone(), voice(2, 5), silence, voice(4, 5)].concat();
    call.say(station.clone(), trunk.clone());
    call.run(20_000, wake);
    let parties = call.parties.hold().clone();
    let lost = |said: &[i16], heard: &[i16], from: usize| {
        let part = from * SECOND + SECOND / 10..(from + 5) * SECOND - SECOND / 10;
        level_dbm0(&said[part.clone()]) - level_dbm0(&heard[part])
    };
    // And each hears the other.
    for (said, heard, from) in [(&trunk, &parties[0].heard, 10), (&station, &parties[1].heard, 15)] {
        assert!(lost(said, heard, from).abs() < 1.5, "{:.1} dB on the way", lost(said, heard, from));
    }
    [lost(&trunk, &parties[1].heard, 10), lost(&station, &parties[0].heard, 15)]
}

#[test]
fn each_hears_the_other_and_not_his_own_voice() {
    let [trunk, station] = own_voices_db(Call::new(0, Arc::default()), |_| 1);
    assert!(trunk < 9.0 && station < 9.0, "without echo control {trunk:.1} and {station:.1} dB");
    let [trunk, station] = own_voices_db(Call::new(16, Arc::default()), |_| 1);
    assert!(trunk > 40.0 && station > 40.0, "with it {trunk:.1} and {station:.1} dB");
}

#[test]
fn a_stall_of_20_ms_every_second_does_not_bring_the_echo_back() {
    let stalls = |at| if at % 1000 == 500 { 20 } else { 1 };
    let [trunk, station] = own_voices_db(Call::new(16, Arc::default()), stalls);
    assert!(trunk > 35.0 && station > 35.0, "{trunk:.1} and {station:.1} dB");
}

#[test]
fn on_a_card_beside_the_clock_what_was_played_stays_with_what_came_in() {
    let [trunk, station] = own_voices_db(Call::beside(1, 16, Arc::default()), |_| 1);
    assert!(trunk > 40.0 && station > 40.0, "{trunk:.1} and {station:.1} dB");
}

/// Keys pressed by the caller while a loud prompt plays; which of them are recognised.
fn keys_over_a_prompt(echo_tail_ms: u32) -> String {
    let mut call = Call::new(echo_tail_ms, voice(7, 12).into());
    let play = MediaCommand::Play { task: TaskId(1), channel: call.trunk, prompt: PromptId(0), repeat: true };
    call.command(Command::Media(play));
    let mut keys = Signal::default();
    keys.silence(2 * SECOND);
    for (low, high) in [(697.0, 1209.0), (770.0, 1336.0), (852.0, 1477.0), (941.0, 1336.0)].repeat(5) {
        // Quiet, as from a mobile telephone, and short.
        keys.tones(60 * MS, &[(low, -24.0), (high, -22.0)]);
        keys.silence(340 * MS);
    }
    let length = keys.0.len();
    call.say(Vec::new(), keys.0.iter().map(|sample| sample.round() as i16).collect());
    call.run((length / MS) as u64, |_| 1);
    core::mem::take(&mut call.engine.sink().0)
}

#[test]
fn a_callers_keys_are_heard_over_a_loud_prompt() {
    assert_eq!(keys_over_a_prompt(16), "1590".repeat(5));
    let without = keys_over_a_prompt(0);
    assert!(without.len() < 18, "the prompt's echo hides keys, or this proves nothing: {without}");
}
