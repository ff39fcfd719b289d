//! The whole card through its registers, as a driver meets it, with wires whose far ends the test holds in its hand.

mod broken;
mod bus;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use nix::sys::memfd::{MFdFlags, memfd_create};

use super::bridge::{PIN_CLOCK, PIN_DATA_IN, PIN_DATA_OUT, PIN_SELECT, register};
use super::*;
use crate::fault::{Fault, Planned};
use crate::network::{StationFeed, StationLoad, TrunkLoad};

const BUFFER: u32 = 0x0010_0000;
/// Frames in each ring.
const RING: u32 = 64;
const PINS_IDLE: u8 = PIN_SELECT | PIN_CLOCK | PIN_DATA_OUT;

/// The far ends of all wires.
#[derive(Default, Clone)]
struct Wires {
    feeds: [WireFeed; PORTS],
    loads: Option<[WireLoad; PORTS]>,
}

struct Held(Arc<Mutex<Wires>>);

impl World for Held {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let mut wires = self.0.lock().unwrap();
        wires.loads = loads.try_into().ok();
        feeds.copy_from_slice(&wires.feeds);
    }
}

/// A host with a card in it.
struct Host {
    card: Tdm400p,
    wires: Arc<Mutex<Wires>>,
    memory: GuestMemory,
    file: File,
    pins: u8,
}

impl Host {
    fn new(modules: [Module; PORTS], plan: Vec<Planned>) -> Host {
        let wires = Arc::default();
        let card = Tdm400p::new(modules, Box::new(Held(Arc::clone(&wires)))).with_faults(Faults::new(1, plan));
        let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
        file.set_len(4096).unwrap();
        let mut memory = GuestMemory::default();
        memory.map(u64::from(BUFFER), 4096, file.try_clone().unwrap().into(), 0, true).unwrap();
        let mut host = Host { card, wires, memory, file, pins: PINS_IDLE };
        host.card.write(Region::Config, 0x04, &[0x06, 0x00]);
        host
    }

    /// A host whose card has port 0 FXS and port 1 FXO, modules out of reset and DMA running.
    fn started(plan: Vec<Planned>) -> Host {
        let mut host = Host::new([Module::Fxs, Module::Fxo, Module::Absent, Module::Absent], plan);
        host.start();
        host
    }

    /// Modules out of reset, rings set up, DMA running.
    fn start(&mut self) {
        self.write(register::AUXD, 0x1c);
        self.write(register::AUXC, 0xdf);
        self.write(register::CNTL, 0x41);
        for (offset, base) in [(register::TX, BUFFER), (register::RX, BUFFER + 4 * RING)] {
            self.write32(offset, base);
            self.write32(offset + 4, base + 4 * (RING / 2 - 1));
            self.write32(offset + 8, base + 4 * (RING - 1));
        }
        self.write(register::MASK0, 0x3f);
        self.write(register::OPER, 1);
    }

    fn read(&mut self, offset: u64) -> u8 {
        let mut octet = [0];
        self.card.read(Region::Bar(1), offset, &mut octet);
        octet[0]
    }

    fn write(&mut self, offset: u64, value: u8) {
        self.card.write(Region::Bar(1), offset, &[value]);
    }

    fn write32(&mut self, offset: u64, value: u32) {
        self.card.write(Region::Bar(1), offset, &value.to_le_bytes());
    }

    fn live(&mut self, ms: u32) {
        for _ in 0..ms {
            self.card.step(&self.memory);
        }
    }

    fn set_pins(&mut self, pins: u8) {
        self.pins = pins;
        self.write(register::AUXD, pins);
    }

    fn send(&mut self, octet: u8) {
        self.set_pins(self.pins & !PIN_SELECT);
        for bit in (0..8).rev() {
            let data = if octet >> bit & 1 != 0 { PIN_DATA_OUT } else { 0 };
            self.set_pins(data);
            self.set_pins(data | PIN_CLOCK);
        }
        self.set_pins(self.pins | PIN_SELECT);
    }

    fn receive(&mut self) -> u8 {
        self.set_pins(self.pins & !PIN_SELECT);
        let mut octet = 0;
        for _ in 0..8 {
            self.set_pins(self.pins & !PIN_CLOCK);
            self.set_pins(self.pins | PIN_CLOCK);
            octet = octet << 1 | u8::from(self.read(register::AUXR) & PIN_DATA_IN != 0);
        }
        self.set_pins(self.pins | PIN_SELECT);
        octet
    }

    fn fxs(&mut self, number: u8) -> u8 {
        self.write(0xc8, 1);
        self.send(number | 0x80);
        self.receive()
    }

    fn set_fxs(&mut self, number: u8, value: u8) {
        self.write(0xc8, 1);
        self.send(number);
        self.send(value);
    }

    fn set_indirect(&mut self, number: u8, value: u16) {
        let [low, high] = value.to_le_bytes();
        self.set_fxs(28, low);
        self.set_fxs(29, high);
        self.set_fxs(30, number);
    }

    fn indirect(&mut self, number: u8) -> u16 {
        self.set_fxs(30, number);
        u16::from_le_bytes([self.fxs(28), self.fxs(29)])
    }

    fn fxo(&mut self, number: u8) -> u8 {
        self.write(0xc8, 2);
        self.send(0x60);
        self.send(number);
        self.receive()
    }

    fn set_fxo(&mut self, number: u8, value: u8) {
        self.write(0xc8, 2);
        for octet in [0x20, number, value] {
            self.send(octet);
        }
    }

    fn wires(&self, change: impl FnOnce(&mut Wires)) {
        change(&mut self.wires.lock().unwrap());
    }

    fn telephone(&self, off_hook: bool, sample: i16) {
        self.wires(|wires| {
            wires.feeds[0] = WireFeed::Station(StationLoad { off_hook, sound: [sample; 8], ..StationLoad::default() })
        });
    }

    fn exchange(&self, feed: TrunkFeed) {
        self.wires(|wires| wires.feeds[1] = WireFeed::Trunk(feed));
    }

    fn station_feed(&self) -> StationFeed {
        match self.wires.lock().unwrap().loads.unwrap()[0] {
            WireLoad::Station(feed) => feed,
            other => panic!("port 0 is a station, not {other:?}"),
        }
    }

    fn trunk_load(&self) -> TrunkLoad {
        match self.wires.lock().unwrap().loads.unwrap()[1] {
            WireLoad::Trunk(load) => load,
            other => panic!("port 1 is a trunk, not {other:?}"),
        }
    }

    /// Powers the station line up and makes it active; returns whether the battery came up.
    fn feed_line(&mut self) -> bool {
        self.set_fxs(8, 0);
        for (number, value) in [(26, 0x4000), (27, 0x4000), (20, 0x7ef0), (21, 0x0160), (28, 0x1000), (29, 0x3600)] {
            self.set_indirect(number, value);
        }
        for (number, value) in [(67, 0x07), (66, 1), (92, 0xff), (14, 0), (73, 4), (1, 0x20), (2, 24), (4, 24)] {
            self.set_fxs(number, value);
        }
        self.live(200);
        let up = self.fxs(82) >= 0xc0;
        self.set_fxs(64, 1);
        self.live(100);
        up
    }

    /// Powers the trunk's line side up, on hook, with A-law in its slot.
    fn power_trunk(&mut self) {
        self.exchange(TrunkFeed { battery_volts: 48.0, ..TrunkFeed::default() });
        for (number, value) in [(33, 0x20), (34, 16), (36, 16), (6, 0), (5, 8), (31, 0xe3)] {
            self.set_fxo(number, value);
        }
        self.live(100);
    }

    /// Fills the transmit ring with one word.
    fn say(&self, word: u32) {
        for at in 0..RING {
            self.file.write_all_at(&word.to_le_bytes(), u64::from(4 * at)).unwrap();
        }
    }

    /// The receive ring's words.
    fn heard(&self) -> Vec<u32> {
        let mut octets = vec![0; 4 * RING as usize];
        self.file.read_exact_at(&mut octets, u64::from(4 * RING)).unwrap();
        octets.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    }
}

#[test]
fn both_modules_identify_themselves_and_empty_sockets_stay_silent() {
    let mut host = Host::started(vec![]);
    assert_eq!([0, 1, 8, 11, 64].map(|number| host.fxs(number)), [0x05, 0x08, 0x02, 0x33, 0x00]);
    assert_eq!(host.fxo(2), 0x03);
    for select in [2, 4, 8] {
        host.write(0xc8, select);
        host.send(0x80);
        assert_eq!(host.receive(), 0xff, "no module of the first kind at {select}");
    }
}

#[test]
fn a_reset_by_the_control_register_brings_the_defaults_back() {
    let mut host = Host::started(vec![]);
    host.set_fxs(11, 0x44);
    host.set_fxo(30, 0x0f);
    host.write(register::CNTL, 0x40);
    assert_eq!(host.fxs(11), 0xff, "held in reset");
    host.write(register::CNTL, 0x41);
    assert_eq!((host.fxs(11), host.fxo(30)), (0x33, 0));
}

#[test]
fn the_power_up_of_a_station_module_meets_every_check() {
    let mut host = Host::started(vec![]);
    for number in 0..44u8 {
        host.set_indirect(number, u16::from(number) * 1111);
    }
    for number in 0..44u8 {
        assert_eq!(host.indirect(number), u16::from(number) * 1111);
    }
    assert_eq!(host.fxs(31), 0);
    host.set_fxs(14, 0);
    host.live(100);
    assert!(host.fxs(82) >= 0xc0, "powered within 100 ms");
    host.set_fxs(14, 0x10);
    host.live(500);
    assert!((7..0xc0).contains(&host.fxs(82)), "without a leak the capacitor keeps something for half a second");
    host.set_fxs(14, 0);
    host.live(100);
    assert!(host.fxs(82) >= 0xc0);
    host.set_fxs(97, 0x1f);
    host.set_fxs(96, 0x5f);
    host.live(10);
    assert_ne!(host.fxs(96), 0);
    host.live(200);
    assert_eq!(host.fxs(96), 0);
    host.set_fxs(93, 0x99);
    host.live(20);
    assert_eq!((host.fxs(93), host.fxs(107)), (0x19, 0x08));
    host.set_fxs(64, 1);
    assert_eq!(host.fxs(64), 0x11);
    host.set_fxs(64, 5);
    assert_eq!(host.fxs(64), 0x55);
}

#[test]
fn manual_calibration_finds_an_offset_at_which_no_current_flows() {
    let mut host = Host::started(vec![]);
    for (offset, current) in [(98, 88), (99, 89)] {
        host.set_fxs(offset, 0x1f);
        assert_ne!(host.fxs(current), 0);
        let found = (0..0x1f).rev().find(|&value| {
            host.set_fxs(offset, value);
            host.fxs(current) == 0
        });
        assert_eq!(found, Some(0x12));
    }
}

#[test]
fn sound_passes_both_ways_octet_by_octet() {
    let mut host = Host::started(vec![]);
    assert!(host.feed_line());
    host.power_trunk();
    host.set_fxo(5, 9);
    host.telephone(true, -8_960);
    host.exchange(TrunkFeed { battery_volts: 48.0, sound: [20_992; 8], ..TrunkFeed::default() });
    host.say(0x0000_3421);
    host.live(100);
    assert_eq!(host.station_feed().sound, [-20_992; 8], "0x21 on port 0");
    assert_eq!(host.trunk_load().sound, [-8_960; 8], "0x34 on port 1");
    assert_eq!(host.heard(), vec![0xffff_a134; RING as usize], "idle bus on empty ports");
}

#[test]
fn a_sample_takes_less_than_a_millisecond_from_wire_to_memory() {
    let mut host = Host::started(vec![]);
    host.power_trunk();
    host.set_fxo(5, 9);
    host.live(64);
    let at = |host: &mut Host| {
        let mut octets = [0; 4];
        host.card.read(Region::Bar(1), 0x24, &mut octets);
        (u32::from_le_bytes(octets) - (BUFFER + 4 * RING)) / 4
    };
    let position = at(&mut host) as usize;
    host.exchange(TrunkFeed { battery_volts: 48.0, sound: [-8_960; 8], ..TrunkFeed::default() });
    host.live(1);
    assert!(host.heard()[position..position + 8].iter().all(|word| word.to_le_bytes()[1] == 0x34));
}

#[test]
fn ringing_ends_by_itself_when_the_telephone_is_lifted() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.set_fxs(64, 4);
    host.live(100);
    let feed = host.station_feed();
    assert!((44.0..47.0).contains(&feed.ringing_volts), "64 V peak: {feed:?}");
    assert_eq!((host.fxs(64), host.fxs(34) & 4, host.fxs(68)), (0x44, 4, 0));
    host.telephone(true, 0);
    host.live(20);
    assert_eq!(host.fxs(64), 0x11, "active by itself");
    assert_eq!(host.fxs(68) & 0b10, 0b10, "ring trip");
    host.live(20);
    assert_eq!(host.fxs(68) & 0b01, 0b01, "loop closed");
    assert_eq!(host.station_feed().ringing_volts, 0.0);
    assert_eq!(host.fxs(19) & 0b11, 0b11);
    host.set_fxs(19, 0xff);
    assert_eq!(host.fxs(19), 0);
}

#[test]
fn what_is_on_the_wire_is_what_the_ringing_generator_was_told() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    // 16 Hz of 60 V over 5 V: by the data sheet's formulas, with c = cos(2 pi 16 / 1000).
    let c = (std::f64::consts::TAU * 16.0 / 1000.0).cos();
    let peak = 60.0 * std::f64::consts::SQRT_2;
    host.set_indirect(20, (c * 32_768.0) as u16);
    host.set_indirect(21, (8_192.0 * ((1.0 - c) / (1.0 + c)).sqrt() * peak / 96.0) as u16);
    host.set_indirect(19, (5.0 / 96.0 * 32_768.0) as u16);
    host.set_fxs(74, 0x3f);
    host.set_fxs(34, 0x02);
    host.set_fxs(64, 4);
    host.live(200);
    let feed = host.station_feed();
    assert!((feed.ringing_hertz - 16.0).abs() < 0.1, "{feed:?}");
    assert!((feed.ringing_volts - 60.0).abs() < 0.5 && (feed.ringing_offset_volts - 5.0).abs() < 0.1, "{feed:?}");
    host.set_fxs(74, 0x32);
    host.live(400);
    let feed = host.station_feed();
    assert!(
        (feed.ringing_volts - 70.0 / std::f32::consts::SQRT_2).abs() < 1.0,
        "75 V of supply, 5 of them taken: {feed:?}"
    );
    // A trapezoid with half a period of 25 ms.
    host.set_fxs(34, 0x01);
    host.set_indirect(22, 200);
    host.set_indirect(21, 0x7000);
    host.live(2);
    let feed = host.station_feed();
    assert!((feed.ringing_hertz - 20.0).abs() < 0.1 && feed.ringing_volts > 50.0, "{feed:?}");
}

#[test]
fn a_threshold_of_ring_trip_that_is_too_low_trips_at_the_bell_itself() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.set_indirect(29, 0x0200);
    host.set_fxs(64, 4);
    host.live(100);
    assert_eq!(host.fxs(64), 0x11, "the bell's own 6 mA are more than 1.27");
}

#[test]
fn a_threshold_of_loop_closure_above_the_loop_current_never_sees_the_telephone_lifted() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.set_indirect(28, 20 << 9);
    host.telephone(true, 0);
    host.live(100);
    assert_eq!(
        (host.fxs(79), host.fxs(68) & 0b101),
        (16, 0b100),
        "20 mA flow, 25.4 are asked for; the raw detector sees them"
    );
    host.set_fxs(71, 2);
    host.live(100);
    assert_eq!(host.fxs(68) & 1, 1, "26 mA are enough");
}

#[test]
fn loopbacks_give_back_codes_or_sound() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.set_fxs(1, 0x28);
    host.say(0x7f);
    host.set_fxs(8, 0x02);
    host.live(10);
    assert!(host.heard().iter().all(|&word| word == 0xffff_ff7f), "negative zero of mu-law, code for code");
    host.set_fxs(8, 0x04);
    host.say(0x34);
    host.live(10);
    assert!(host.heard().iter().all(|&word| word == u32::MAX), "on hook the converters rest");
    host.set_fxs(64, 2);
    host.live(10);
    assert!(host.heard().iter().all(|&word| word == 0xffff_ff34));
    host.say(0x7f);
    host.live(10);
    assert!(host.heard().iter().all(|&word| word == u32::MAX), "through the converters there is one zero only");
}

#[test]
fn pulses_of_the_dial_are_seen_behind_the_debounce() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.telephone(true, 0);
    host.live(100);
    let mut edges = 0;
    let mut last = true;
    for pulse in 0..10 {
        for (off_hook, ms) in [(false, 60), (true, 40)] {
            host.telephone(off_hook, 0);
            for _ in 0..ms {
                host.live(1);
                let closed = host.fxs(68) & 1 != 0;
                edges += u32::from(closed != last);
                last = closed;
            }
        }
        assert_eq!(edges, 2 * (pulse + 1), "each pulse is seen once");
    }
    host.telephone(false, 0);
    host.live(5);
    host.telephone(true, 0);
    host.live(30);
    assert_eq!(host.fxs(68) & 1, 1, "5 ms are no pulse");
}

#[test]
fn on_hook_transmission_carries_sound_to_a_telephone_that_lies() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.telephone(false, 0);
    host.say(0x34);
    host.live(20);
    assert_eq!(host.station_feed().sound, [0; 8], "active, but on hook");
    host.set_fxs(64, 2);
    host.live(2);
    assert_eq!(host.station_feed().sound, [-8_960; 8]);
    host.telephone(true, 0);
    host.live(30);
    assert_eq!(host.fxs(64), 0x11, "lifted, the line becomes active by itself");
}

#[test]
fn polarity_and_open_line_are_what_the_telephone_finds() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    assert_eq!(host.station_feed().battery_volts, 48.0);
    host.set_fxs(64, 5);
    host.live(1);
    assert_eq!(host.station_feed().battery_volts, -48.0);
    host.set_fxs(64, 0);
    host.live(1);
    assert_eq!(host.station_feed().battery_volts, 0.0);
}

#[test]
fn a_reversal_in_a_call_lets_sound_pass() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.telephone(true, -8_960);
    host.say(0x34);
    host.live(50);
    host.set_fxs(64, 5);
    host.live(50);
    let feed = host.station_feed();
    assert_eq!((feed.battery_volts, feed.sound), (-48.0, [-8_960; 8]));
    assert!(host.heard().iter().all(|word| word.to_le_bytes()[0] == 0x34));
    assert_eq!((host.fxs(64), host.fxs(68) & 1, host.fxs(79)), (0x55, 1, 0x50), "20 mA the other way");
}

#[test]
fn voltages_are_those_of_the_data_sheet_on_hook_and_move_off_hook() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    host.live(300);
    let near = |value: u8, expected: u8| value.abs_diff(expected) <= 2;
    assert!(near(host.fxs(80), 0x10) && near(host.fxs(81), 0x90) && near(host.fxs(82), 0x95));
    assert_eq!(host.fxs(79), 0);
    host.telephone(true, 0);
    host.live(300);
    assert_eq!(host.fxs(79), 16, "20 mA");
    assert_eq!(host.fxs(78), 4, "6 V");
    assert!(host.fxs(82) < 0x45, "the battery is lowered");
}

#[test]
fn the_chip_rings_in_bursts_by_itself_when_its_timers_are_on() {
    let mut host = Host::started(vec![]);
    host.feed_line();
    for (number, value) in [(48, 0xe0), (49, 0x01), (50, 0xf0), (51, 0x05), (34, 0x19), (64, 4)] {
        host.set_fxs(number, value);
    }
    let mut states = Vec::new();
    for _ in 0..500 {
        host.live(1);
        states.push(host.fxs(64) >> 4);
    }
    let ringing = states.iter().filter(|&&state| state == 4).count();
    assert_eq!((ringing, states.len() - ringing), (120, 380), "60 ms of ringing, 190 ms of on-hook transmission");
}

/// Run by hand, in release: `cargo test --release -p tipring-hw-sim -- --ignored --nocapture cost_of`.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_millisecond() {
    let mut host = Host::new([Module::Fxo, Module::Fxo, Module::Fxs, Module::Fxs], vec![]);
    host.write(register::AUXC, 0xdf);
    host.write(register::CNTL, 0x41);
    for (offset, base) in [(register::TX, BUFFER), (register::RX, BUFFER + 4 * RING)] {
        host.write32(offset, base);
        host.write32(offset + 8, base + 4 * (RING - 1));
    }
    host.write(register::OPER, 1);
    for port in 0..4u8 {
        host.write(0xc8, 1 << port);
        let start = (3 - port) * 8;
        if port < 2 {
            for (number, value) in [(33, 0x20), (34, start), (36, start), (6, 0), (5, 9), (31, 0xe3)] {
                for octet in [0x20, number, value] {
                    host.send(octet);
                }
            }
        } else {
            for (number, value) in [
                (14, 0),
                (1, 0x20),
                (2, start),
                (4, start),
                (28, 0),
                (29, 0x40),
                (30, 26),
                (29, 0x40),
                (30, 27),
                (64, 2),
            ] {
                host.send(number);
                host.send(value);
            }
        }
    }
    host.live(200);
    const MS: u32 = 200_000;
    let start = std::time::Instant::now();
    host.live(MS);
    println!("a step with four ports talking: {:.2} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(MS));
    let start = std::time::Instant::now();
    for _ in 0..MS {
        host.fxo(29);
    }
    println!("a module register read (63 accesses): {:.2} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(MS));
}
