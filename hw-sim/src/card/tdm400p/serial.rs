//! The serial bus between the bridge's pins and the four module sockets, bit by bit.
//!
//! Clock idle high; a module takes a bit at the rising edge and changes its answer at the falling one, most significant
//! bit first. One octet goes in each select frame; a frame of any other length makes a module expect a first octet
//! again. The two kinds of module speak differently:
//!
//! | module | write | read |
//! |---|---|---|
//! | FXS (Si3210) | register, value | register with bit 7 set, then the answer |
//! | FXO (Si3050) | 0x20, register, value | 0x60, register, then the answer |
//!
//! An FXO module ignores the traffic of the other kind: it waits for a control octet with bit 5 set. Without an answer,
//! the line is high.

use super::bridge::{PIN_CLOCK, PIN_DATA_OUT, PIN_SELECT};

/// Register access to one module, as the serial bus delivers it.
pub(super) trait Registers {
    /// Reads a register.
    fn read(&mut self, register: u8) -> u8;
    /// Writes a register.
    fn write(&mut self, register: u8, value: u8);
}

/// Framing of the octets on the serial bus, by kind of module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Register number with bit 7 for reading, then the value.
    ProSlic,
    /// Control octet, register number, then the value.
    Daa,
}

/// Octet that a module expects next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Expect {
    /// The first octet of an access.
    #[default]
    First,
    /// The register number after a control octet.
    Register {
        read: bool,
        /// The control octet named this module, the first and only one of its chain.
        named: bool,
    },
    /// The value for a register.
    Value { register: u8, named: bool },
    /// Clocks, to shift the answer out.
    Answer { octet: u8 },
}

/// One module's end of the bus.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Port {
    expect: Expect,
}

/// FXS: reads have this bit set in the register number.
const PROSLIC_READ: u8 = 1 << 7;
/// FXO control octet: for all modules of a chain.
const DAA_BROADCAST: u8 = 1 << 7;
/// FXO control octet: a read.
const DAA_READ: u8 = 1 << 6;
/// FXO control octet: always set.
const DAA_ALWAYS: u8 = 1 << 5;
/// FXO control octet: place in the chain. There are no chains on this card.
const DAA_CHANNEL: u8 = 0x1f;

impl Port {
    /// Waits for a first octet, as after reset.
    pub(super) fn reset(&mut self) {
        self.expect = Expect::First;
    }

    /// The octet to shift out in the coming frame; all ones when nothing is due.
    fn answer(&self) -> u8 {
        match self.expect {
            Expect::Answer { octet } => octet,
            Expect::First | Expect::Register { .. } | Expect::Value { .. } => 0xff,
        }
    }

    /// Takes a whole octet.
    fn take(&mut self, protocol: Protocol, octet: u8, module: &mut dyn Registers) {
        self.expect = match (self.expect, protocol) {
            (Expect::First, Protocol::ProSlic) => {
                let register = octet & !PROSLIC_READ;
                if octet & PROSLIC_READ != 0 {
                    Expect::Answer { octet: module.read(register) }
                } else {
                    Expect::Value { register, named: true }
                }
            }
            (Expect::First, Protocol::Daa) if octet & DAA_ALWAYS != 0 => {
                let named = octet & DAA_CHANNEL == 0 || octet & DAA_BROADCAST != 0;
                Expect::Register { read: octet & DAA_READ != 0, named }
            }
            (Expect::First, Protocol::Daa) => Expect::First,
            (Expect::Register { read: true, named }, _) => {
                Expect::Answer { octet: if named { module.read(octet) } else { 0xff } }
            }
            (Expect::Register { read: false, named }, _) => Expect::Value { register: octet, named },
            (Expect::Value { register, named }, _) => {
                if named {
                    module.write(register, octet);
                }
                Expect::First
            }
            (Expect::Answer { .. }, _) => Expect::First,
        };
    }
}

/// The bus itself: what the pins did last, and the octet under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serial {
    pins: u8,
    /// Clocks since the select pin fell.
    clocks: u32,
    shifted_in: u8,
    shifted_out: u8,
    /// The ports that were selected when the frame began, one bit each.
    selected: u8,
    data_in: bool,
}

/// Modules on the bus, by port.
pub(super) trait Modules {
    /// The end of the bus, how it speaks and its registers; `None` where a socket is empty or its module dumb.
    fn module(&mut self, port: usize) -> Option<(&mut Port, Protocol, &mut dyn Registers)>;
}

impl Default for Serial {
    fn default() -> Self {
        Serial { pins: 0xff, clocks: 0, shifted_in: 0, shifted_out: 0xff, selected: 0, data_in: true }
    }
}

impl Serial {
    /// Follows the pins to new levels. Returns the level of the answer line.
    #[inline]
    pub(super) fn set_pins(&mut self, pins: u8, selected: u8, modules: &mut dyn Modules) -> bool {
        let rising = pins & !self.pins;
        let falling = self.pins & !pins;
        self.pins = pins;
        if falling & PIN_SELECT != 0 {
            self.begin(selected, modules);
        } else if rising & PIN_SELECT != 0 {
            self.end(modules);
        }
        if pins & PIN_SELECT == 0 {
            if falling & PIN_CLOCK != 0 {
                self.data_in = self.shifted_out & 0x80 != 0;
                self.shifted_out = self.shifted_out << 1 | 1;
            } else if rising & PIN_CLOCK != 0 {
                self.clocks += 1;
                self.shifted_in = self.shifted_in << 1 | u8::from(pins & PIN_DATA_OUT != 0);
            }
        }
        self.data_in
    }

    fn begin(&mut self, selected: u8, modules: &mut dyn Modules) {
        self.selected = selected;
        self.clocks = 0;
        self.shifted_in = 0;
        self.shifted_out = 0xff;
        for port in ports(selected) {
            if let Some((end, _, _)) = modules.module(port) {
                // Two modules answering at once pull the line low together.
                self.shifted_out &= end.answer();
            }
        }
    }

    fn end(&mut self, modules: &mut dyn Modules) {
        self.data_in = true;
        for port in ports(self.selected) {
            if let Some((end, protocol, registers)) = modules.module(port) {
                match self.clocks {
                    8 => end.take(protocol, self.shifted_in, registers),
                    _ => end.reset(),
                }
            }
        }
    }
}

fn ports(selected: u8) -> impl Iterator<Item = usize> {
    (0..4).filter(move |port| selected & 1 << port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: u8 = PIN_SELECT | PIN_CLOCK | PIN_DATA_OUT;

    struct Storage([u8; 256]);

    impl Registers for Storage {
        fn read(&mut self, register: u8) -> u8 {
            self.0[usize::from(register)]
        }
        fn write(&mut self, register: u8, value: u8) {
            self.0[usize::from(register)] = value;
        }
    }

    /// Port 0 is an FXS, port 1 an FXO, the others are empty.
    struct Card {
        serial: Serial,
        ends: [Port; 2],
        storage: [Storage; 2],
        selected: u8,
    }

    struct Sockets<'a>(&'a mut [Port; 2], &'a mut [Storage; 2]);

    impl Modules for Sockets<'_> {
        fn module(&mut self, port: usize) -> Option<(&mut Port, Protocol, &mut dyn Registers)> {
            let protocol = [Protocol::ProSlic, Protocol::Daa].get(port)?;
            Some((&mut self.0[port], *protocol, &mut self.1[port]))
        }
    }

    impl Card {
        fn new() -> Card {
            Card {
                serial: Serial::default(),
                ends: [Port::default(); 2],
                storage: [Storage([0; 256]), Storage([0; 256])],
                selected: 0,
            }
        }

        fn pins(&mut self, pins: u8) -> bool {
            let mut sockets = Sockets(&mut self.ends, &mut self.storage);
            self.serial.set_pins(pins, self.selected, &mut sockets)
        }

        fn send(&mut self, octet: u8) {
            self.pins(IDLE & !PIN_SELECT);
            for bit in (0..8).rev() {
                let data = if octet >> bit & 1 != 0 { PIN_DATA_OUT } else { 0 };
                self.pins(data);
                self.pins(data | PIN_CLOCK);
            }
            self.pins(IDLE);
        }

        fn receive(&mut self) -> u8 {
            self.pins(IDLE & !PIN_SELECT);
            let mut octet = 0;
            for _ in 0..8 {
                self.pins(0);
                octet = octet << 1 | u8::from(self.pins(PIN_CLOCK));
            }
            self.pins(IDLE);
            octet
        }

        fn resynchronise(&mut self) {
            for pins in [IDLE, IDLE & !PIN_SELECT, PIN_DATA_OUT, PIN_CLOCK, IDLE, IDLE & !PIN_CLOCK, IDLE] {
                self.pins(pins);
            }
        }
    }

    #[test]
    fn an_fxs_register_is_written_and_read_back() {
        let mut card = Card::new();
        card.selected = 1;
        card.send(64);
        card.send(0xa5);
        assert_eq!(card.storage[0].0[64], 0xa5);
        card.send(64 | 0x80);
        assert_eq!(card.receive(), 0xa5);
    }

    #[test]
    fn an_fxo_register_is_written_and_read_back() {
        let mut card = Card::new();
        card.selected = 2;
        card.resynchronise();
        for octet in [0x20, 5, 0x09] {
            card.send(octet);
        }
        assert_eq!(card.storage[1].0[5], 0x09);
        card.send(0x60);
        card.send(5);
        assert_eq!(card.receive(), 0x09);
    }

    #[test]
    fn an_fxo_is_deaf_to_the_probe_for_an_fxs_and_an_empty_socket_reads_all_ones() {
        let mut card = Card::new();
        card.selected = 2;
        card.storage[1].0[0] = 0x12;
        card.send(0x80);
        assert_eq!(card.receive(), 0xff);
        card.resynchronise();
        card.send(0x60);
        card.send(0);
        assert_eq!(card.receive(), 0x12);
        card.selected = 4;
        card.send(0x80);
        assert_eq!(card.receive(), 0xff);
    }

    #[test]
    fn a_frame_that_is_too_short_starts_over() {
        let mut card = Card::new();
        card.selected = 1;
        card.send(64);
        card.resynchronise();
        card.send(65);
        card.send(0x77);
        assert_eq!((card.storage[0].0[64], card.storage[0].0[65]), (0, 0x77));
    }

    #[test]
    fn clocks_outside_a_frame_are_nobodys() {
        let mut card = Card::new();
        card.selected = 1;
        for _ in 0..5 {
            card.pins(IDLE & !PIN_CLOCK);
            card.pins(IDLE);
        }
        card.send(3);
        card.send(9);
        assert_eq!(card.storage[0].0[3], 9);
    }

    #[test]
    fn a_control_octet_for_a_place_in_a_chain_that_is_not_there_changes_nothing() {
        let mut card = Card::new();
        card.selected = 2;
        for octet in [0x24, 5, 0x09] {
            card.send(octet);
        }
        assert_eq!(card.storage[1].0[5], 0);
        for octet in [0xa4, 5, 0x09] {
            card.send(octet);
        }
        assert_eq!(card.storage[1].0[5], 9, "a broadcast is for everyone");
    }
}
