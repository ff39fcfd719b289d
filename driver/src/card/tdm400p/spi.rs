//! The serial bus to the modules (SPI), bit-banged over the bridge's auxiliary pins, and the transaction it is
//! collected in.
//!
//! One module register is 36 to 62 accesses of the bridge. They are planned into a [`Transaction`] together with
//! everything else of a service, carried out with one wait, and the answers picked out afterwards.
//!
//! Mode 3: the clock rests high, the module takes data on its rising edge and gives data on its falling edge. Chip
//! select is raised after every octet; the module keeps its place between the octets of an access.
//!
//! Never: knows what a module register means.

use core::task::Poll;

use super::bridge::{ModuleSelect, PinLevels, Pins};
use crate::pci::{Access, PciError, PciFunction};

/// The most accesses planned into one transaction.
const ACCESSES_MAX: usize = 3072;

/// A module socket, 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Socket(pub u8);

impl Socket {
    /// The four sockets of the card.
    pub(super) const ALL: [Socket; 4] = [Socket(0), Socket(1), Socket(2), Socket(3)];

    /// The bit of the socket in a mask.
    pub(super) const fn bit(self) -> u8 {
        1 << self.0
    }
}

/// Slot of a planned read in its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadSlot(usize);

/// The accesses of one service of the card, planned in order and carried out together.
pub(super) struct Transaction {
    accesses: Vec<Access>,
    /// The socket that is selected once everything planned has been carried out.
    selected: Option<Socket>,
    /// The pins likewise.
    pins: Pins,
}

/// The accesses between two reads of a bit: clock low, clock high, read.
const READ_STRIDE: usize = 3;

/// Register numbers of a ProSLIC are read with this bit set.
const PROSLIC_READ: u8 = 0x80;
/// Control octets of a DAA that is first (and alone) on its chain: bit 5 always, bit 6 to read.
const DAA_WRITE: u8 = 0x20;
const DAA_READ: u8 = 0x60;

impl Transaction {
    /// An empty transaction. Nothing is allocated afterwards.
    pub(super) fn new() -> Transaction {
        Transaction { accesses: Vec::with_capacity(ACCESSES_MAX), selected: None, pins: Pins::IDLE }
    }

    /// Forgets what was planned or done; what the pins and the selection are is remembered.
    pub(super) fn clear(&mut self) {
        self.accesses.clear();
    }

    /// Forgets the selection too: the glue logic was reset, or the progress of a transaction is unknown.
    pub(super) fn forget(&mut self) {
        self.accesses.clear();
        self.selected = None;
        self.pins = Pins::IDLE;
    }

    /// Plans an access of the bridge.
    pub(super) fn push(&mut self, access: Access) -> ReadSlot {
        debug_assert!(self.accesses.len() < ACCESSES_MAX, "what one service may do is bounded");
        self.accesses.push(access);
        ReadSlot(self.accesses.len() - 1)
    }

    /// Carries everything out.
    pub(super) fn run(&mut self, function: &mut dyn PciFunction) -> Result<(), PciError> {
        let result = function.transact(&mut self.accesses);
        if result.is_err() {
            self.selected = None;
        }
        result
    }

    /// Carries everything out without waiting for long. While it is pending, nothing is planned, and it is
    /// continued.
    pub(super) fn run_soon(&mut self, function: &mut dyn PciFunction) -> Poll<Result<(), PciError>> {
        let result = function.transact_soon(&mut self.accesses);
        if matches!(result, Poll::Ready(Err(_))) {
            self.selected = None;
        }
        result
    }

    /// The octet that a planned access of the bridge read.
    pub(super) fn octet(&self, answer: ReadSlot) -> u8 {
        match self.accesses[answer.0] {
            Access::Read8 { value, .. } | Access::Write8 { value, .. } => value,
            Access::Read32 { .. } | Access::Write32 { .. } => unreachable!("an octet was asked of a word's access"),
        }
    }

    /// The word that a planned access of the bridge read.
    pub(super) fn word(&self, answer: ReadSlot) -> u32 {
        match self.accesses[answer.0] {
            Access::Read32 { value, .. } | Access::Write32 { value, .. } => value,
            Access::Read8 { .. } | Access::Write8 { .. } => unreachable!("a word was asked of an octet's access"),
        }
    }

    /// The octet that a planned read of a module brought: eight levels of the data pin, most significant first.
    pub(super) fn module_octet(&self, answer: ReadSlot) -> u8 {
        (0..8).fold(0, |octet, bit| {
            let level = PinLevels(self.octet(ReadSlot(answer.0 + bit * READ_STRIDE))).any(PinLevels::FROM_MODULE);
            octet << 1 | u8::from(level)
        })
    }

    /// Plans writing a direct register of a ProSLIC.
    pub(super) fn proslic_write(&mut self, socket: Socket, register: u8, value: u8) {
        self.select(socket);
        self.send(register);
        self.send(value);
    }

    /// Plans reading a direct register of a ProSLIC.
    pub(super) fn proslic_read(&mut self, socket: Socket, register: u8) -> ReadSlot {
        self.select(socket);
        self.send(register | PROSLIC_READ);
        self.fetch()
    }

    /// Plans writing a register of a DAA.
    pub(super) fn daa_write(&mut self, socket: Socket, register: u8, value: u8) {
        self.select(socket);
        self.send(DAA_WRITE);
        self.send(register);
        self.send(value);
    }

    /// Plans reading a register of a DAA.
    pub(super) fn daa_read(&mut self, socket: Socket, register: u8) -> ReadSlot {
        self.select(socket);
        self.send(DAA_READ);
        self.send(register);
        self.fetch()
    }

    /// Plans bringing a DAA back into step, whatever it took for a control octet: a chip select with one clock only,
    /// then one clock without chip select.
    pub(super) fn daa_resynchronise(&mut self, socket: Socket) {
        self.select(socket);
        self.set(Pins::IDLE);
        self.set(Pins::IDLE.without(Pins::CHIP_SELECT));
        self.set(Pins::TO_MODULE);
        self.set(Pins::TO_MODULE.and(Pins::CLOCK));
        self.set(Pins::IDLE);
        self.set(Pins::IDLE.without(Pins::CLOCK));
        self.set(Pins::IDLE);
    }

    fn select(&mut self, socket: Socket) {
        if self.selected != Some(socket) {
            self.push(ModuleSelect(socket.bit()).write());
            self.selected = Some(socket);
        }
    }

    fn set(&mut self, pins: Pins) {
        self.pins = pins;
        self.push(pins.write());
    }

    fn send(&mut self, octet: u8) {
        self.set(self.pins.without(Pins::CHIP_SELECT));
        for bit in (0..8).rev() {
            let low = self.pins.without(Pins::CLOCK).without(Pins::TO_MODULE);
            let low = if octet >> bit & 1 == 1 { low.and(Pins::TO_MODULE) } else { low };
            self.set(low);
            self.set(low.and(Pins::CLOCK));
        }
        self.set(self.pins.and(Pins::CHIP_SELECT));
    }

    fn fetch(&mut self) -> ReadSlot {
        self.set(self.pins.without(Pins::CHIP_SELECT));
        let first = self.accesses.len() + 2;
        for _ in 0..8 {
            self.set(self.pins.without(Pins::CLOCK));
            self.set(self.pins.and(Pins::CLOCK));
            self.push(PinLevels::read());
        }
        self.set(self.pins.and(Pins::CHIP_SELECT));
        ReadSlot(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Octets as a module receives them: octets between chip selects, by the level of the data pin at rising clocks.
    fn octets_seen(accesses: &[Access]) -> Vec<u8> {
        let mut seen = Vec::new();
        let (mut octet, mut bits, mut before) = (0u8, 0, Pins::IDLE);
        for access in accesses {
            let &Access::Write8 { offset: 0x03, value, .. } = access else { continue };
            let pins = Pins(value);
            if !pins.any(Pins::CHIP_SELECT) {
                if !before.any(Pins::CLOCK) && pins.any(Pins::CLOCK) {
                    octet = octet << 1 | u8::from(pins.any(Pins::TO_MODULE));
                    bits += 1;
                }
            } else if !before.any(Pins::CHIP_SELECT) {
                if bits == 8 {
                    seen.push(octet);
                }
                (octet, bits) = (0, 0);
            }
            before = pins;
        }
        seen
    }

    #[test]
    fn a_module_sees_the_octets_that_were_planned() {
        let mut transaction = Transaction::new();
        transaction.proslic_write(Socket(2), 64, 0x11);
        assert_eq!(octets_seen(&transaction.accesses), [64, 0x11]);
        assert_eq!(transaction.accesses.len(), 1 + 36, "one to select, 36 for the access");

        transaction.clear();
        transaction.daa_write(Socket(2), 5, 0x09);
        assert_eq!(octets_seen(&transaction.accesses), [0x20, 5, 0x09]);
        assert_eq!(transaction.accesses.len(), 54, "the socket is still selected");

        transaction.clear();
        transaction.daa_resynchronise(Socket(2));
        assert_eq!(octets_seen(&transaction.accesses), [], "a single clock is no octet");
    }

    #[test]
    fn an_answer_is_read_bit_by_bit_after_the_rising_clock() {
        let mut transaction = Transaction::new();
        let answer = transaction.proslic_read(Socket(0), 68);
        assert_eq!(octets_seen(&transaction.accesses)[0], 68 | 0x80);
        let mut bit = 8;
        for access in &mut transaction.accesses {
            if let Access::Read8 { value, .. } = access {
                bit -= 1;
                *value = if 0xa5 >> bit & 1 == 1 { 0xff } else { 0xdf };
            }
        }
        assert_eq!(bit, 0, "eight bits are read");
        assert_eq!(transaction.module_octet(answer), 0xa5);
    }
}
