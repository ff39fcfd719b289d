//! Lines by country: register contents of both kinds of module once the card is up, read back over the serial bus by a
//! few lines that share nothing with the driver, and the ringing on the wires.
//!
//! Expected values are computed here from the data sheets' formulas and from the countries' standards, in volts and
//! hertz.

use tipring_direct::Direct;
use tipring_driver::card::tdm400p::LineSettings;
use tipring_driver::card::tdm400p::Settings;
use tipring_driver::card::{Card, Linefeed, PortCommand, PortCondition};
use tipring_driver::country::Country;
use tipring_driver::ids::PortId;
use tipring_driver::pci::{Access, Bar, PciFunction};
use tipring_hw_sim::network::WireLoad;
use tipring_hw_sim::network::country::COUNTRIES;

use crate::rig::Rig;

/// A country's lines, from its standards.
struct Lines {
    code: &'static str,
    /// Si3210, register 10: bit 3, and the network of the chip that is nearest to the national one.
    impedance: u8,
    /// Ringing of a station: frequency in hertz, and volts (RMS).
    ringing: (f64, f64),
    /// Si3050, registers 16, 26, 30 and 31.
    trunk: [u8; 4],
}

const LINES: [Lines; 22] = [
    Lines { code: "CN", impedance: 0x0e, ringing: (25.0, 60.0), trunk: [0x00, 0x30, 0x0f, 0xa3] },
    Lines { code: "US", impedance: 0x08, ringing: (20.0, 45.0), trunk: [0x01, 0xc0, 0x00, 0xa3] },
    Lines { code: "GB", impedance: 0x0f, ringing: (25.0, 47.0), trunk: [0x00, 0xc2, 0x05, 0xab] },
    Lines { code: "DE", impedance: 0x0e, ringing: (25.0, 47.0), trunk: [0x00, 0xc2, 0x03, 0xab] },
    Lines { code: "JP", impedance: 0x08, ringing: (16.0, 60.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
    Lines { code: "HK", impedance: 0x08, ringing: (25.0, 47.0), trunk: [0x00, 0xc0, 0x00, 0xa3] },
    Lines { code: "FR", impedance: 0x0c, ringing: (50.0, 47.0), trunk: [0x00, 0xc2, 0x02, 0xab] },
    Lines { code: "IT", impedance: 0x0c, ringing: (25.0, 47.0), trunk: [0x00, 0xc2, 0x02, 0xab] },
    Lines { code: "ES", impedance: 0x0c, ringing: (25.0, 47.0), trunk: [0x00, 0xc2, 0x02, 0xab] },
    Lines { code: "GR", impedance: 0x0c, ringing: (25.0, 47.0), trunk: [0x00, 0xc2, 0x02, 0xab] },
    Lines { code: "RU", impedance: 0x08, ringing: (25.0, 47.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
    Lines { code: "AU", impedance: 0x0d, ringing: (25.0, 60.0), trunk: [0x40, 0x30, 0x03, 0xa3] },
    Lines { code: "NZ", impedance: 0x0f, ringing: (20.0, 47.0), trunk: [0x00, 0xc0, 0x04, 0xa3] },
    Lines { code: "IN", impedance: 0x08, ringing: (25.0, 60.0), trunk: [0x00, 0xc0, 0x04, 0xa3] },
    Lines { code: "SG", impedance: 0x08, ringing: (24.0, 47.0), trunk: [0x00, 0xc0, 0x00, 0xa3] },
    Lines { code: "MY", impedance: 0x08, ringing: (25.0, 47.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
    Lines { code: "ZA", impedance: 0x0e, ringing: (25.0, 47.0), trunk: [0x42, 0xc0, 0x03, 0xa3] },
    Lines { code: "AE", impedance: 0x08, ringing: (25.0, 47.0), trunk: [0x00, 0xc0, 0x00, 0xa3] },
    Lines { code: "KR", impedance: 0x08, ringing: (20.0, 47.0), trunk: [0x00, 0xc0, 0x00, 0xa3] },
    Lines { code: "TW", impedance: 0x08, ringing: (20.0, 47.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
    Lines { code: "TH", impedance: 0x08, ringing: (25.0, 47.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
    Lines { code: "BR", impedance: 0x09, ringing: (25.0, 47.0), trunk: [0x00, 0x30, 0x00, 0xa3] },
];

/// The card's serial bus, bit by bit: select on AUX pin 2, clock on 3, data out on 4, data in on 5.
struct Bus(Direct);

impl Bus {
    fn access(&mut self, offset: u16, value: Option<u8>) -> u8 {
        let bar = Bar(1);
        let mut one = [match value {
            Some(value) => Access::Write8 { bar, offset: offset.into(), value },
            None => Access::Read8 { bar, offset: offset.into(), value: 0 },
        }];
        self.0.transact(&mut one).expect("the card answers");
        match one {
            [Access::Read8 { value, .. }] => value,
            _ => 0,
        }
    }

    fn octet(&mut self, sent: u8) -> u8 {
        let mut received = 0;
        self.access(3, Some(0x18));
        for bit in (0..8).rev() {
            let data = (sent >> bit & 1) << 4;
            self.access(3, Some(data));
            self.access(3, Some(data | 0x08));
            received = received << 1 | self.access(7, None) >> 5 & 1;
        }
        self.access(3, Some(0x1c));
        received
    }

    fn fxs(&mut self, register: u8) -> u8 {
        self.octet(register | 0x80);
        self.octet(0xff)
    }

    fn indirect(&mut self, register: u8) -> u16 {
        self.octet(30);
        self.octet(register);
        u16::from_le_bytes([self.fxs(28), self.fxs(29)])
    }

    fn fxo(&mut self, register: u8) -> u8 {
        self.octet(0x60);
        self.octet(register);
        self.octet(0xff)
    }
}

/// A card with a telephone at port 0 and a line at port 1, set for a country, and up.
fn up(code: &str) -> Rig {
    let line = *LineSettings::of(code).expect("the country has line settings");
    let mut rig = Rig::with("xo--", Settings { line, ..Settings::default() }, Vec::new());
    rig.bring_up();
    rig.run(200);
    rig
}

/// Reads the chips with the port's module selected.
fn look<T>(rig: &Rig, port: u8, look: impl FnOnce(&mut Bus) -> T) -> T {
    let mut bus = Bus(Direct::open(&rig.slot));
    let selected = bus.access(0xc8, None);
    bus.access(0xc8, Some(1 << port));
    let seen = look(&mut bus);
    bus.access(0xc8, Some(selected));
    seen
}

#[test]
fn the_station_chip_is_told_the_countrys_impedance_feed_and_ringing() {
    for lines in LINES {
        let rig = up(lines.code);
        let (hz, volts) = lines.ringing;
        let c = (std::f64::consts::TAU * hz / 1000.0).cos();
        let peak = volts * std::f64::consts::SQRT_2;
        let amplitude = 8192.0 * ((1.0 - c) / (1.0 + c)).sqrt() * peak / 96.0;
        look(&rig, 0, |bus| {
            let code = lines.code;
            assert_eq!(bus.fxs(10), lines.impedance, "{code}: impedance");
            assert_eq!(20 + 3 * bus.fxs(71), 23, "{code}: loop current in mA");
            assert!(f64::from(bus.fxs(74)) * 1.5 >= peak + 9.0, "{code}: the supply carries the peak of {peak:.0} V");
            assert_eq!(bus.fxs(34) & 0b1_1011, 0, "{code}: a sine without offset, its cadence made by the host");
            let [offset, frequency, level] = [19, 20, 21].map(|register| bus.indirect(register));
            assert_eq!(offset, 0, "{code}");
            assert!((f64::from(frequency) - c * 32768.0).abs() <= 1.0, "{code}: {frequency:#x}");
            assert!((f64::from(level) - amplitude).abs() <= 1.0, "{code}: {level:#x} for {amplitude:.1}");
            let milliamps = |value: u16| f64::from(value >> 9) * 1.27;
            assert!(
                (milliamps(bus.indirect(28)) - 10.0).abs() < 1.27 && bus.indirect(28) == bus.indirect(43),
                "{code}"
            );
            assert!((milliamps(bus.indirect(29)) - 34.0).abs() < 1.27, "{code}: ring trip");
            // The data sheet's rows for 16.667, 20 and 50 Hz; there is none for 25.
            let (filter, debounce) = match hz {
                ..20.0 => (0x0200, 0x0f),
                ..30.0 => (0x0320, 0x0b),
                _ => (0x06a8, 0x05),
            };
            assert_eq!((bus.indirect(36), bus.fxs(70)), (filter, debounce), "{code}: ring trip filter");
        });
    }
}

#[test]
fn the_trunk_chip_is_told_the_countrys_line() {
    for lines in LINES {
        let rig = up(lines.code);
        let seen = look(&rig, 1, |bus| [16, 26, 30, 31].map(|register| bus.fxo(register)));
        assert_eq!(seen, lines.trunk, "{}", lines.code);
    }
}

#[test]
fn a_station_rings_with_the_countrys_frequency_and_voltage_and_trips_when_lifted() {
    for lines in LINES {
        let mut rig = up(lines.code);
        let (hz, volts) = lines.ringing;
        rig.card.command(PortId(0), PortCommand::Linefeed(Linefeed::Ringing));
        rig.run(1_000);
        let WireLoad::Station(feed) = rig.wires.hold().loads[0] else { panic!("port 0 is a station") };
        assert!((f64::from(feed.ringing_hertz) - hz).abs() < 0.2, "{}: {} Hz", lines.code, feed.ringing_hertz);
        assert!((f64::from(feed.ringing_volts) - volts).abs() < 1.0, "{}: {} V", lines.code, feed.ringing_volts);
        assert!(
            matches!(rig.newest(0), Some(PortCondition::Fxs { loop_closed: false, linefeed: Linefeed::Ringing, .. })),
            "{}: no false trip",
            lines.code
        );
        rig.wires.hold().lifted[0] = true;
        rig.run(200);
        assert!(
            matches!(
                rig.newest(0),
                Some(PortCondition::Fxs { loop_closed: true, linefeed: Linefeed::ForwardActive, .. })
            ),
            "{}: ring trip within 200 ms",
            lines.code
        );
    }
}

#[test]
fn ringing_of_each_countrys_exchange_is_seen_on_a_trunk_and_its_end_too() {
    for there in COUNTRIES {
        let mut rig = up(there.code);
        rig.wires.hold().ringing_hertz = there.ringing_hertz;
        rig.wires.hold().ringing[1] = there.ringing_volts;
        rig.run(1_000);
        let seen = rig.conditions.iter().filter(|(port, _)| *port == PortId(1));
        let rings = seen.filter(|(_, seen)| matches!(seen, PortCondition::Fxo { ringing: true, .. })).count();
        // The chip shows the positive half waves: somewhat less than half of all looks.
        assert!(rings > 20, "{}: seen {rings} times in a second of {} Hz", there.code, there.ringing_hertz);
        rig.wires.hold().ringing[1] = 0.0;
        rig.run(100);
        rig.conditions.clear();
        rig.run(100);
        assert!(matches!(rig.newest(1), Some(PortCondition::Fxo { ringing: false, .. })), "{}", there.code);
        let ours = Country::of(there.code).expect("a profile");
        assert_eq!(there.ringing_hertz, ours.ringing.hz as f32, "{}: both readings of the standard agree", there.code);
    }
}
