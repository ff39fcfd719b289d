//! The configuration space of a simple PCI function: a type 0 header and a power management capability.
//!
//! Source: PCI Local Bus Specification 3.0, chapter 6; PCI Power Management Interface 1.2, section 3.2. Every octet has
//! a mask of the bits that software may write; status bits that are cleared by writing 1 are handled apart.

/// The length of configuration space in octets.
pub(crate) const LENGTH: usize = 256;

const COMMAND: usize = 0x04;
const STATUS: usize = 0x06;
const BARS: usize = 0x10;
const POWER_MANAGEMENT: usize = 0x40;
const POWER_STATE: usize = POWER_MANAGEMENT + 4;

/// Command register, bit 0: answers in I/O space.
pub(crate) const COMMAND_IO: u16 = 1 << 0;
/// Command register, bit 1: answers in memory space.
pub(crate) const COMMAND_MEMORY: u16 = 1 << 1;
/// Command register, bit 2: may reach memory by itself.
pub(crate) const COMMAND_BUS_MASTER: u16 = 1 << 2;
const COMMAND_PARITY: u16 = 1 << 6;
const COMMAND_SERR: u16 = 1 << 8;
/// Command register, bit 10: keeps the interrupt pin down.
pub(crate) const COMMAND_INTX_DISABLE: u16 = 1 << 10;

/// Status register, bit 3: an interrupt is wanted, whether or not the pin may show it.
pub(crate) const STATUS_INTERRUPT: u16 = 1 << 3;
const STATUS_CAPABILITIES: u16 = 1 << 4;
const STATUS_66_MHZ: u16 = 1 << 5;
const STATUS_MEDIUM_DEVSEL: u16 = 1 << 9;
/// Status register, bit 12: an access of ours was answered by a target abort. Cleared by writing 1.
pub(crate) const STATUS_RECEIVED_TARGET_ABORT: u16 = 1 << 12;
/// Status register, bit 13: received master abort. Cleared by writing 1.
pub(crate) const STATUS_RECEIVED_MASTER_ABORT: u16 = 1 << 13;
/// Bits 15 to 11 and 8 are cleared by writing 1.
const STATUS_CLEARED_BY_ONE: u16 = 0xf900;

/// Space decoded by a base address register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BarKind {
    /// Nothing; reads as 0.
    None,
    /// I/O ports. The size is a power of two from 4 to 256 octets.
    Io {
        /// Octets.
        size: u32,
    },
    /// Memory below 4 GiB, not prefetchable. The size is a power of two of at least 16 octets.
    Memory {
        /// Octets.
        size: u32,
    },
}

impl BarKind {
    /// The size in octets; 0 for none.
    pub(crate) fn size(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Io { size } | Self::Memory { size } => size,
        }
    }

    /// The bits that software cannot change and what they read as.
    fn fixed(self) -> (u32, u32) {
        match self {
            Self::None => (u32::MAX, 0),
            Self::Io { size } => (size - 1, 1),
            Self::Memory { size } => (size - 1, 0),
        }
    }
}

/// Identity of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Vendor, at 0x00.
    pub vendor: u16,
    /// Device, at 0x02.
    pub device: u16,
    /// Revision, at 0x08.
    pub revision: u8,
    /// Programming interface, subclass and class, at 0x09, as one number: 0x078000.
    pub class: u32,
    /// Subsystem vendor, at 0x2c.
    pub subsystem_vendor: u16,
    /// Subsystem device, at 0x2e.
    pub subsystem_device: u16,
    /// Interrupt pin, at 0x3d: 1 for INTA#, 0 for none.
    pub interrupt_pin: u8,
    /// Minimum grant: bus time wanted, in units of 250 ns, at 0x3e.
    pub min_grant: u8,
    /// Maximum latency: interval at which it is wanted, in units of 250 ns, at 0x3f.
    pub max_latency: u8,
    /// The base address registers.
    pub bars: [BarKind; 6],
}

/// The configuration space of one function.
#[derive(Debug, Clone)]
pub(crate) struct ConfigSpace {
    identity: Identity,
    octets: [u8; LENGTH],
    writable: [u8; LENGTH],
}

impl ConfigSpace {
    /// A function as it is after power-up: nothing decoded, not bus master.
    pub(crate) fn new(identity: Identity) -> ConfigSpace {
        let mut space = ConfigSpace { identity, octets: [0; LENGTH], writable: [0; LENGTH] };
        space.put16(0x00, identity.vendor);
        space.put16(0x02, identity.device);
        space.put16(STATUS, STATUS_CAPABILITIES | STATUS_66_MHZ | STATUS_MEDIUM_DEVSEL);
        space.put32(0x08, identity.class << 8 | u32::from(identity.revision));
        space.put16(0x2c, identity.subsystem_vendor);
        space.put16(0x2e, identity.subsystem_device);
        space.octets[0x34] = POWER_MANAGEMENT as u8;
        space.octets[0x3d] = identity.interrupt_pin;
        space.octets[0x3e] = identity.min_grant;
        space.octets[0x3f] = identity.max_latency;
        // The one capability: identity 1, no next, version 2, only D0 and D3hot, no power management event.
        space.octets[POWER_MANAGEMENT] = 0x01;
        space.octets[POWER_MANAGEMENT + 2] = 0x02;

        let command =
            COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_PARITY | COMMAND_SERR | COMMAND_INTX_DISABLE;
        space.writable[COMMAND..COMMAND + 2].copy_from_slice(&command.to_le_bytes());
        space.writable[0x0c] = 0xff; // cache line size
        space.writable[0x0d] = 0xff; // latency timer
        space.writable[0x3c] = 0xff; // interrupt line, a note software leaves for itself
        space.writable[POWER_STATE] = 0x03; // power state
        for (number, bar) in identity.bars.into_iter().enumerate() {
            let (fixed, value) = bar.fixed();
            space.put32(BARS + 4 * number, value);
            space.writable[BARS + 4 * number..][..4].copy_from_slice(&(!fixed).to_le_bytes());
        }
        space
    }

    /// As after power-up.
    pub(crate) fn reset(&mut self) {
        *self = ConfigSpace::new(self.identity);
    }

    /// Reads octets; beyond the end all ones.
    pub(crate) fn read(&self, offset: u64, data: &mut [u8]) {
        for (at, octet) in (offset..).zip(data) {
            *octet = usize::try_from(at).ok().and_then(|at| self.octets.get(at)).copied().unwrap_or(0xff);
        }
    }

    /// Writes octets, each as far as its bits are writable; beyond the end without effect.
    ///
    /// Returns whether the function came back from D3hot, which resets all of it.
    pub(crate) fn write(&mut self, offset: u64, data: &[u8]) -> bool {
        let was = self.power_state();
        for (at, &octet) in (offset..).zip(data) {
            let Some(at) = usize::try_from(at).ok().filter(|&at| at < LENGTH) else { break };
            let mut mask = self.writable[at];
            let mut value = octet;
            if at == STATUS || at == STATUS + 1 {
                mask = STATUS_CLEARED_BY_ONE.to_le_bytes()[at - STATUS] & octet;
                value = 0;
            }
            // A power state that does not exist is not entered.
            if at == POWER_STATE && !matches!(octet & 0x03, 0 | 3) {
                mask &= !0x03;
            }
            self.octets[at] = self.octets[at] & !mask | value & mask;
        }
        let woken = was == 3 && self.power_state() == 0;
        if woken {
            self.reset();
        }
        woken
    }

    /// The command register.
    pub(crate) fn command(&self) -> u16 {
        u16::from_le_bytes([self.octets[COMMAND], self.octets[COMMAND + 1]])
    }

    /// Returns true if BAR `number` answers now: it exists, decoding of its space is enabled, and power is on.
    pub(crate) fn decodes(&self, number: u8) -> bool {
        let enable = match self.identity.bars.get(usize::from(number)) {
            None | Some(BarKind::None) => return false,
            Some(BarKind::Io { .. }) => COMMAND_IO,
            Some(BarKind::Memory { .. }) => COMMAND_MEMORY,
        };
        self.command() & enable != 0 && self.power_state() == 0
    }

    /// Returns true if the function may be bus master.
    pub(crate) fn bus_master(&self) -> bool {
        self.command() & COMMAND_BUS_MASTER != 0 && self.power_state() == 0
    }

    /// Shows in the status register whether an interrupt is wanted.
    pub(crate) fn show_interrupt(&mut self, wanted: bool) {
        let bit = STATUS_INTERRUPT as u8;
        self.octets[STATUS] = if wanted { self.octets[STATUS] | bit } else { self.octets[STATUS] & !bit };
    }

    /// Returns true if the interrupt pin may be asserted: it is not disabled, and power is on.
    pub(crate) fn interrupt_enabled(&self) -> bool {
        self.command() & COMMAND_INTX_DISABLE == 0 && self.power_state() == 0
    }

    /// Sets bits of the status register that stay until software clears them.
    pub(crate) fn raise_status(&mut self, bits: u16) {
        self.octets[STATUS + 1] |= (bits & STATUS_CLEARED_BY_ONE).to_le_bytes()[1];
    }

    /// The power state: 0 for D0, 3 for D3hot.
    fn power_state(&self) -> u8 {
        self.octets[POWER_STATE] & 0x03
    }

    fn put16(&mut self, at: usize, value: u16) {
        self.octets[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }

    fn put32(&mut self, at: usize, value: u32) {
        self.octets[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> ConfigSpace {
        ConfigSpace::new(Identity {
            vendor: 0xe159,
            device: 0x0001,
            revision: 0,
            class: 0x07_8000,
            subsystem_vendor: 0xb1d9,
            subsystem_device: 0x0003,
            interrupt_pin: 1,
            min_grant: 1,
            max_latency: 0x80,
            bars: [
                BarKind::Io { size: 256 },
                BarKind::Memory { size: 4096 },
                BarKind::None,
                BarKind::None,
                BarKind::None,
                BarKind::None,
            ],
        })
    }

    fn read32(space: &ConfigSpace, offset: u64) -> u32 {
        let mut data = [0; 4];
        space.read(offset, &mut data);
        u32::from_le_bytes(data)
    }

    #[test]
    fn numbers_stand_where_the_header_has_them() {
        let space = space();
        assert_eq!(read32(&space, 0x00), 0x0001_e159);
        assert_eq!(read32(&space, 0x08), 0x0780_0000);
        assert_eq!(read32(&space, 0x2c), 0x0003_b1d9);
        assert_eq!(read32(&space, 0x3c), 0x8001_0100);
        assert_eq!(read32(&space, 0x34), 0x40);
        assert_eq!(read32(&space, 0x40) & 0xffff, 0x0001);
        assert_eq!(read32(&space, 0x04) >> 16, 0x0230, "capabilities, 66 MHz, medium DEVSEL");
        assert_eq!(read32(&space, 0x100), u32::MAX);
    }

    #[test]
    fn writing_ones_to_a_bar_tells_its_size_and_kind() {
        let mut space = space();
        for offset in [0x10, 0x14, 0x18] {
            space.write(offset, &[0xff; 4]);
        }
        assert_eq!(read32(&space, 0x10), 0xffff_ff01);
        assert_eq!(read32(&space, 0x14), 0xffff_f000);
        assert_eq!(read32(&space, 0x18), 0);
        space.write(0x14, &[0x78, 0x56, 0x34, 0x12]);
        assert_eq!(read32(&space, 0x14), 0x1234_5000);
    }

    #[test]
    fn what_may_not_be_written_stays_whatever_is_written() {
        let mut space = space();
        let read_all = |space: &ConfigSpace| {
            let mut octets = [0; LENGTH];
            space.read(0, &mut octets);
            octets
        };
        let before = read_all(&space);
        space.write(0, &[0xff; LENGTH]);
        let after = read_all(&space);
        let changed: Vec<usize> = (0..LENGTH).filter(|&at| before[at] != after[at]).collect();
        // Command; cache line and latency timer; both windows' addresses; the interrupt line; the power state.
        let expected = [0x04, 0x05, 0x0c, 0x0d, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x3c, 0x44];
        assert_eq!(changed, expected);
        assert_eq!(
            u16::from_le_bytes([after[4], after[5]]),
            0x0547,
            "bits of the command register that do nothing stay 0"
        );
    }

    #[test]
    fn a_bar_answers_only_while_its_space_is_decoded() {
        let mut space = space();
        assert!(!space.decodes(0) && !space.decodes(1) && !space.bus_master());
        space.write(0x04, &[0x02, 0]);
        assert!(!space.decodes(0) && space.decodes(1) && !space.decodes(2) && !space.decodes(9));
        space.write(0x04, &[0x05, 0]);
        assert!(space.decodes(0) && !space.decodes(1) && space.bus_master());
    }

    #[test]
    fn the_interrupt_shows_in_status_even_when_the_pin_is_disabled() {
        let mut space = space();
        space.show_interrupt(true);
        assert!(space.interrupt_enabled());
        assert_eq!(read32(&space, 0x04) >> 16 & 8, 8);
        space.write(0x05, &[0x04]);
        space.show_interrupt(true);
        assert!(!space.interrupt_enabled());
        assert_eq!(read32(&space, 0x04) >> 16 & 8, 8);
        space.show_interrupt(false);
        assert_eq!(read32(&space, 0x04) >> 16 & 8, 0);
    }

    #[test]
    fn an_abort_stays_until_its_bit_is_written_as_one() {
        let mut space = space();
        space.raise_status(STATUS_RECEIVED_MASTER_ABORT);
        space.write(0x06, &[0, 0]);
        assert_eq!(read32(&space, 0x04) >> 16, 0x2230);
        space.write(0x06, &[0xff, 0x20]);
        assert_eq!(read32(&space, 0x04) >> 16, 0x0230);
    }

    #[test]
    fn coming_back_from_d3_forgets_what_was_enabled() {
        let mut space = space();
        space.write(0x04, &[0x07, 0]);
        assert!(!space.write(0x44, &[0x03]));
        assert!(!space.decodes(1) && !space.bus_master() && !space.interrupt_enabled());
        assert!(space.write(0x44, &[0x00]));
        assert_eq!(space.command(), 0);
    }

    #[test]
    fn a_power_state_that_does_not_exist_is_not_entered() {
        let mut space = space();
        space.write(0x04, &[0x07, 0]);
        for state in [1, 2] {
            assert!(!space.write(0x44, &[state]));
            assert!(space.decodes(1), "still D0 after D{state} was asked for");
            assert_eq!(read32(&space, 0x44) & 3, 0);
        }
    }
}
