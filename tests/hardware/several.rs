//! Several cards in one engine: what happens to one does not reach the others.
//!
//! On virtual time, without a socket: six cards, 24 ports. A voice at a port of one card is heard at a port of another,
//! sample by sample, while a third card goes through everything a card can go through.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tipring_direct::SlotHandle;
use tipring_driver::card::Law;
use tipring_driver::card::tdm400p::Settings as CardSettings;
use tipring_driver::card::{Card, CardCounters};
use tipring_driver::country::CHINA;
use tipring_driver::dsp::g711;
use tipring_driver::engine::{Acceptance, Command, CommandRefused, Ends, Engine, EventSink, Settings};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::{MediaCommand, MediaEvent};
use tipring_driver::spsc::{Producer, queue};
use tipring_driver::time::Tick;
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::fault::{Fault, Faults, Planned};
use tipring_hw_sim::network::{Sound, StationLoad, TrunkFeed, WireFeed, WireLoad, World};
use tipring_tests::Limit;

use crate::rig::{Again, plug};

const CARDS: usize = 6;
const PORTS: usize = 4 * CARDS;
/// Ports of the six cards: two stations, two trunks each.
const MODULES: [sim::Module; 4] = [sim::Module::Fxs, sim::Module::Fxs, sim::Module::Fxo, sim::Module::Fxo];

/// Equipment on the wires of a card: telephones off hook, of which the first may speak and the second listens.
#[derive(Default)]
struct Room {
    /// Samples spoken so far, once the first speaks.
    speaks: Option<u64>,
    /// Everything heard at the second telephone.
    heard: Vec<i16>,
}

struct Wires(Arc<Mutex<Room>>);

/// The sample spoken: octets of the law in an order that does not repeat, decoded.
fn said(sample: u64) -> i16 {
    let octet = (sample.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
    g711::decode(Law::A, octet)
}

impl World for Wires {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let mut room = self.0.lock().unwrap();
        for (port, (load, feed)) in loads.iter().zip(feeds).enumerate() {
            let mut sound: Sound = [0; 8];
            if let Some(at) = room.speaks.as_mut().filter(|_| port == 0) {
                sound = std::array::from_fn(|sample| said(*at + sample as u64));
                *at += 8;
            }
            *feed = match load {
                WireLoad::Nothing => WireFeed::Nothing,
                WireLoad::Trunk(_) => WireFeed::Trunk(TrunkFeed { battery_volts: -48.0, ..TrunkFeed::default() }),
                WireLoad::Station(load) => {
                    if port == 1 {
                        room.heard.extend(load.sound);
                    }
                    WireFeed::Station(StationLoad { off_hook: true, sound, ..StationLoad::default() })
                }
            };
        }
    }
}

/// Counts the service events of each channel.
struct Sink {
    in_service: [i32; PORTS],
}

impl EventSink for Sink {
    fn line_event(&mut self, _now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        match event {
            LineEvent::InService(_) => self.in_service[channel.index()] += 1,
            LineEvent::OutOfService => self.in_service[channel.index()] -= 1,
            _ => {}
        }
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

/// A slot with a card in it, and how its crystal differs.
struct Place {
    slot: SlotHandle,
    room: Arc<Mutex<Room>>,
    /// A millisecond more (or less) of its own every this many.
    drift: Option<i64>,
    /// Its time stands still.
    stalled: bool,
}

/// Six cards, their engine, and the time.
struct Machine {
    engine: Engine<Sink>,
    ends: Ends,
    commands: Producer<Command>,
    places: Vec<Place>,
    ms: u64,
}

impl Machine {
    /// Cards, of which `faulty` has the faults; a failed card is there again after `again` services.
    fn new(faulty: usize, faults: Vec<Planned>, again: u32) -> Machine {
        let settings = CardSettings::default();
        let (mut cards, mut places): (Vec<Box<dyn Card>>, _) = (Vec::new(), Vec::new());
        for index in 0..CARDS {
            let room = Arc::new(Mutex::new(Room::default()));
            let plan = if index == faulty { faults.clone() } else { Vec::new() };
            let device = sim::Tdm400p::new(MODULES, Box::new(Wires(room.clone()))).with_faults(Faults::new(3, plan));
            let (card, slot) = plug(device, settings, &settings.needs(), &Again::After(again));
            cards.push(Box::new(card));
            places.push(Place { slot, room, drift: None, stalled: false });
        }
        let (commands, commands_end) = queue(64);
        let (engine, ends) = Engine::new(cards, Settings::new(&CHINA), commands_end, Sink { in_service: [0; PORTS] });
        let mut machine = Machine { engine, ends, commands, places, ms: 0 };
        machine.run(2500);
        assert_eq!(machine.engine.sink().in_service, [1; PORTS], "24 ports come up");
        machine
    }

    fn run(&mut self, ms: u64) {
        for _ in 0..ms {
            self.ms += 1;
            for place in &self.places {
                let drift = place.drift.filter(|every| self.ms.is_multiple_of(every.unsigned_abs()));
                let steps = if place.stalled { 0 } else { 1 + drift.map_or(0, i64::signum) };
                (0..steps).for_each(|_| place.slot.lock().step());
            }
            self.engine.step_once(1);
        }
    }

    /// The first telephone of one card speaks, the second of another listens.
    fn connect(&mut self, from: usize, to: usize) {
        let (a, b) = (ChannelId(4 * from as u16), ChannelId(4 * to as u16 + 1));
        self.commands.push(Command::Media(MediaCommand::Connect { a, b })).unwrap();
        self.run(20);
        self.places[to].room.lock().unwrap().heard.clear();
        self.places[from].room.lock().unwrap().speaks = Some(0);
    }

    /// Delay of the sound heard, in ticks. Panics unless it is the sound sent, sample by sample, to the end.
    fn assert_true(&self, from: usize, to: usize) -> usize {
        let heard = &self.places[to].room.lock().unwrap().heard;
        let spoken = self.places[from].room.lock().unwrap().speaks.expect("the first telephone speaks");
        let beginning: Vec<i16> = (0..64).map(said).collect();
        let lag = heard.windows(64).position(|window| window == beginning).expect("what was said is heard");
        for (sample, heard) in heard[lag..].iter().enumerate() {
            assert_eq!(*heard, said(sample as u64), "sample {sample} of {spoken}");
        }
        assert!(lag < 8 * 40 && (spoken as usize) < heard.len() + 8, "{lag} samples late");
        lag / 8
    }

    fn counters(&self, card: usize) -> CardCounters {
        self.ends.counters.card(card)
    }

    fn troubles(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.ends.troubles.pop()).map(|trouble| trouble.to_string()).collect()
    }

    /// The cards beside `card` have not noticed anything.
    fn assert_undisturbed(&self, card: usize) {
        for other in (0..CARDS).filter(|other| *other != card) {
            let CardCounters { lost_samples, underrun_ticks, bus_errors, reattached, .. } = self.counters(other);
            assert_eq!((lost_samples, underrun_ticks, bus_errors, reattached), (0, 0, 0, 0), "card {other}");
        }
    }
}

/// Runs a trial of one card, and checks that the others are undisturbed.
fn ordeal(card: usize, expected: &str, faults: Vec<Planned>, again: u32, happens: impl Fn(&mut Machine)) {
    let mut machine = Machine::new(card, faults, again);
    let (from, to) = ((card + 1) % CARDS, (card + 2) % CARDS);
    machine.connect(from, to);
    machine.run(1000);
    happens(&mut machine);
    machine.run(u64::from(again) + 3500);
    machine.assert_true(from, to);
    machine.assert_undisturbed(card);
    assert_eq!(machine.counters(card).reattached, 1);
    assert_eq!(machine.engine.sink().in_service, [1; PORTS], "all ports are back");
    let troubles = machine.troubles();
    assert!(troubles.iter().any(|trouble| trouble.contains(expected)), "{troubles:?}");
    assert!(troubles.iter().all(|trouble| trouble.starts_with(&format!("board {card}:"))), "{troubles:?}");
}

#[test]
fn a_card_that_is_removed_and_put_back_is_not_heard_by_the_others() {
    // The first is the clock at the beginning, the last never is.
    for card in [0, CARDS - 1] {
        ordeal(card, "the card is gone", vec![], 100, |machine| {
            machine.places[card].slot.lock().set_removed(true);
            machine.run(700);
            machine.places[card].slot.lock().set_removed(false);
        });
    }
}

#[test]
fn a_card_whose_time_stands_still_does_not_hold_up_the_others() {
    for card in [0, CARDS - 1] {
        ordeal(card, "has not moved for 250 ms", vec![], 100, |machine| {
            machine.places[card].stalled = true;
            machine.run(400);
            machine.places[card].stalled = false;
        });
    }
}

#[test]
fn a_card_whose_dma_is_aborted_does_not_disturb_the_others() {
    for card in [0, CARDS - 1] {
        let aborts = Planned::during(Fault::MasterAbort, 4000, 300);
        ordeal(card, "no memory", vec![aborts], 100, |_| {});
    }
}

#[test]
fn a_card_that_takes_seconds_to_be_opened_again_does_not_delay_the_others() {
    ordeal(0, "the card is gone", vec![], 5000, |machine| {
        machine.places[0].slot.lock().set_removed(true);
        machine.run(10);
        machine.places[0].slot.lock().set_removed(false);
    });
}

#[test]
fn crystals_that_differ_slip_by_as_much_and_others_do_not() {
    let mut machine = Machine::new(CARDS, vec![], 100);
    // 1000 ppm fast, and 500 slow: ten times what crystals do.
    machine.places[2].drift = Some(1000);
    machine.places[3].drift = Some(-2000);
    machine.connect(4, 5);
    let before = machine.engine.counters().slips;
    machine.run(20_000);
    machine.assert_true(4, 5);
    // Each tick too many or too few is one in each direction; the buffers take the first few.
    let slips = machine.engine.counters().slips - before;
    assert!((40..=64).contains(&slips), "{slips} slips for 20 ticks too many and 10 too few");
    machine.assert_undisturbed(CARDS);
    assert_eq!(machine.troubles(), [""; 0]);
}

#[test]
fn memory_is_lent_and_taken_back_by_the_thread_that_opens() {
    let wires = Wires(Arc::new(Mutex::new(Room::default())));
    let (device, settings) = (sim::Tdm400p::new(MODULES, Box::new(wires)), CardSettings::default());
    let (mut card, slot) = plug(device, settings, &settings.needs(), &Again::InBackground);
    let (changed, changes) = std::sync::mpsc::channel();
    slot.lock().on_memory_change(move || {
        // The card is dropped after the test has read what it wants.
        let _ = changed.send(std::thread::current().name().unwrap_or_default().to_owned());
    });
    let mut failed = 0;
    let limit = Limit::of(Duration::from_secs(30));
    while card.counters().reattached == 0 {
        limit.left("the card to be attached again");
        let mut locked = slot.lock();
        locked.step();
        // Out and in again while it runs.
        locked.set_removed(failed == 0 && card.state() == tipring_driver::card::CardState::Running);
        drop(locked);
        failed += u32::from(card.poll().is_err());
        std::thread::yield_now();
    }
    assert_eq!(failed, 1);
    let threads: Vec<String> = changes.try_iter().collect();
    assert_eq!(threads, ["pci-reopen"; 2], "one buffer taken back and one lent, both there");
}
