//! The whole card through its registers, as a driver meets it, with wires whose far ends the test holds in its hand.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use nix::sys::memfd::{MFdFlags, memfd_create};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

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

    /// Powers the station line up and makes it active; gives whether the battery came up.
    fn feed_line(&mut self) -> bool {
        self.set_fxs(8, 0);
        for (number, value) in [(26, 0x4000), (27, 0x4000), (20, 0x7ef0), (21, 0x0160)] {
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
    host.exchange(TrunkFeed { battery_volts: 48.0, ringing_volts: 0.0, sound: [20_992; 8] });
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
    host.exchange(TrunkFeed { battery_volts: 48.0, ringing_volts: 0.0, sound: [-8_960; 8] });
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

#[test]
fn a_shorted_line_raises_the_alarm_and_opens() {
    let short = Planned::during(Fault::ShortCircuit { port: 0 }, 1_000, 500);
    let mut host = Host::started(vec![short]);
    host.feed_line();
    assert_eq!(host.fxs(64), 0x11);
    host.live(800);
    assert_eq!((host.fxs(64), host.fxs(8)), (0x00, 0x00), "open, but not reset");
    assert_ne!(host.fxs(19) & 0xfc, 0);
    host.set_fxs(64, 1);
    host.live(2);
    assert_eq!(host.fxs(64), 0x00, "still shorted");
    host.live(500);
    host.set_fxs(64, 1);
    host.live(2);
    assert_eq!(host.fxs(64), 0x11);
}

#[test]
fn an_overheated_transistor_opens_the_line_after_a_while() {
    let mut host = Host::started(vec![Planned::always(Fault::Overheating { port: 0 })]);
    host.feed_line();
    assert_eq!(host.fxs(64), 0x11);
    host.live(500);
    assert_eq!(host.fxs(64), 0x00);
    assert_ne!(host.fxs(19) & 0x0c, 0);
}

#[test]
fn a_brown_out_restores_the_defaults_that_a_driver_looks_for() {
    let mut host = Host::started(vec![Planned::during(Fault::BrownOut { port: 0 }, 1_000, 1)]);
    host.feed_line();
    assert_eq!(host.fxs(8), 0);
    host.live(1_000);
    assert_eq!((host.fxs(8), host.fxs(64)), (2, 0));
}

#[test]
fn a_bad_module_fails_where_a_bad_module_does() {
    let mut host = Host::started(vec![Planned::always(Fault::NoLinePower { port: 0 })]);
    assert!(!host.feed_line(), "no 12 V, no battery");

    let mut host = Host::started(vec![Planned::always(Fault::EndlessCalibration { port: 0 })]);
    host.set_fxs(96, 0x5f);
    host.live(3_000);
    assert_ne!(host.fxs(96), 0);

    let mut host = Host::started(vec![Planned::always(Fault::DeadModule { port: 0 })]);
    host.live(1);
    assert_eq!((host.fxs(0), host.fxo(2)), (0xff, 3));

    let mut host = Host::started(vec![Planned::always(Fault::StuckSerial { level: false })]);
    host.live(1);
    assert_eq!((host.fxs(0), host.fxo(2)), (0, 0));
}

#[test]
fn a_cut_trunk_line_has_no_voltage_and_no_sound() {
    let mut host = Host::started(vec![Planned::during(Fault::CutLine { port: 1 }, 1_000, 1_000)]);
    host.power_trunk();
    assert_eq!(host.fxo(29) as i8, 48);
    host.live(1_000);
    assert_eq!(host.fxo(29), 0);
    host.live(1_000);
    assert_eq!(host.fxo(29) as i8, 48);
}

#[test]
fn memory_that_does_not_answer_is_a_master_abort() {
    let mut host = Host::started(vec![]);
    host.live(2);
    host.write(register::INTSTAT, 0xff);
    host.memory.clear();
    host.live(1);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0x10);
    let mut status = [0; 2];
    host.card.read(Region::Config, 0x06, &mut status);
    assert_eq!(u16::from_le_bytes(status) & STATUS_RECEIVED_MASTER_ABORT, STATUS_RECEIVED_MASTER_ABORT);
    assert!(host.card.interrupt());
}

#[test]
fn a_target_abort_on_demand_carries_no_sound() {
    let mut host = Host::started(vec![Planned::during(Fault::TargetAbort, 2, 1)]);
    host.live(2);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0);
    host.file.write_all_at(&[0x77; 4 * RING as usize], u64::from(4 * RING)).unwrap();
    host.live(1);
    assert_eq!(host.read(register::INTSTAT) & 0x30, 0x20);
    assert!(host.heard().iter().all(|&word| word == 0x7777_7777));
}

#[test]
fn without_bus_mastering_nothing_moves() {
    let mut host = Host::started(vec![]);
    host.card.write(Region::Config, 0x04, &[0x02]);
    host.live(10);
    assert_eq!(host.memory.misses(), 0);
    assert_eq!(host.card.ring_ms(), None);
    let mut position = [0; 4];
    host.card.read(Region::Bar(1), 0x14, &mut position);
    assert_eq!(u32::from_le_bytes(position), BUFFER);
    host.card.write(Region::Config, 0x04, &[0x06]);
    assert_eq!(host.card.ring_ms(), Some(RING / 8));
}

#[test]
fn both_bars_are_the_same_registers_and_answer_only_when_decoded() {
    let mut host = Host::started(vec![]);
    host.write(0xc4, 0x5a);
    let mut octet = [0];
    host.card.read(Region::Bar(0), 0xc4, &mut octet);
    assert_eq!(octet, [0xff], "I/O is not decoded");
    host.card.write(Region::Config, 0x04, &[0x07]);
    host.card.read(Region::Bar(0), 0xc4, &mut octet);
    assert_eq!(octet, [0x5a]);
    host.card.read(Region::Bar(0), 256, &mut octet);
    assert_eq!(octet, [0xff]);
}

#[test]
fn interrupts_are_late_lost_or_spurious_as_planned() {
    // Rings of 8 ms: an event every 4.
    let pin = |plan: Vec<Planned>| {
        let mut host = Host::started(plan);
        (0..16)
            .map(|_| {
                host.live(1);
                let pin = host.card.interrupt();
                host.write(register::INTSTAT, if pin { 0x0f } else { 0 });
                pin
            })
            .collect::<Vec<bool>>()
    };
    let up = |at: &[usize]| (0..16).map(|ms| at.contains(&ms)).collect::<Vec<bool>>();
    assert_eq!(pin(vec![]), up(&[3, 7, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::LateInterrupt, 7, 2)]), up(&[3, 9, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::LostInterrupt, 7, 1)]), up(&[3, 11, 15]));
    assert_eq!(pin(vec![Planned::during(Fault::SpuriousInterrupt, 5, 1)]), up(&[3, 5, 7, 11, 15]));
}

#[test]
fn a_reset_of_the_function_stops_everything() {
    let mut host = Host::started(vec![]);
    host.live(10);
    assert!(host.card.interrupt());
    host.card.reset();
    assert!(!host.card.interrupt());
    assert_eq!(host.read(register::CNTL), 0xff, "memory is not decoded");
    host.card.write(Region::Config, 0x04, &[0x06]);
    assert_eq!((host.read(register::CNTL), host.read(register::OPER), host.read(register::MASK0)), (0, 0, 0));
}

#[test]
fn a_million_random_accesses_do_no_harm() {
    const SEED: u64 = 7;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let plan = vec![
        Planned::at_random(Fault::BrownOut { port: 0 }, 0.01),
        Planned::at_random(Fault::Noise { port: 1, level_dbm0: 3.0 }, 0.5),
        Planned::at_random(Fault::MasterAbort, 0.01),
    ];
    let mut host = Host::started(plan);
    // Accesses of 1, 2 and 4 octets to each BAR and to configuration space, and milliseconds of running DMA.
    let (mut widths, mut running) = ([[0; 3]; 3], 0);
    for count in 0..1_000_000u32 {
        let [kind, offset, length, value] = rng.next_u32().to_le_bytes();
        let region = match kind % 32 {
            0 => Region::Config,
            1..16 => Region::Bar(0),
            16..31 => Region::Bar(1),
            _ => Region::Bar(kind % 8),
        };
        let offset = if kind & 0x80 != 0 { u64::from(offset) } else { u64::from(offset) % 0x30 };
        // Mostly what a processor does, and now and then what only a hostile client can.
        let length = if length < 16 { usize::from(length) } else { 1 << (length % 3) };
        let place = match region {
            Region::Bar(number @ 0..2) => Some(usize::from(number)),
            Region::Config => Some(2),
            Region::Bar(_) => None,
        };
        if let (Some(place), 1 | 2 | 4) = (place, length) {
            widths[place][length.ilog2() as usize] += 1;
        }
        if kind & 0x40 != 0 {
            host.card.read(region, offset, &mut [0; 16][..length]);
        } else {
            host.card.write(region, offset, &[value; 16][..length]);
        }
        if count.is_multiple_of(64) {
            host.telephone(value & 1 != 0, i16::from(value) << 7);
            running += u32::from(host.card.ring_ms().is_some());
            host.live(1);
        }
        // What random writes have switched off is switched on again.
        if count.is_multiple_of(256) {
            host.card.write(Region::Config, 0x44, &[0x00]);
            host.card.write(Region::Config, 0x04, &[0x07]);
            host.start();
        }
    }
    assert!(widths.as_flattened().iter().all(|&count| count > 8_000), "{widths:?}");
    assert!(running > 5_000, "DMA ran for {running} of 15625 ms");
    host.card.reset();
    host.card.write(Region::Config, 0x04, &[0x06, 0]);
    host.write(register::AUXC, 0xdf);
    host.write(register::CNTL, 0x41);
    host.set_pins(PINS_IDLE);
    host.telephone(false, 0);
    assert_eq!(host.fxs(0), 0x05, "seed {SEED}: the card still works");
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
