//! Registers of the PCI bridge (TigerJet TJ320) and of the glue logic on its local bus.
//!
//! Both BARs hold the same registers at the same offsets; we use BAR 1, which is memory and can be mapped. Names and
//! bits: DAHDI `wctdm`, and the ISDN drivers for the same chip (FreeBSD `itjc`, Linux `netjet`, VoiSmart vGSM), which
//! use more of it. Never: decides when anything is written.

use crate::pci::{Access, Bar};

/// The BAR through which all registers are reached.
const BAR: Bar = Bar(1);

/// Defines an octet-wide register: its offset and its bits.
macro_rules! octet_register {
    ($(#[$doc:meta])* $name:ident @ $offset:literal { $($(#[$bit_doc:meta])* $bit:ident = $value:expr;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) struct $name(pub(super) u8);

        #[allow(dead_code, reason = "the register map is whole, whether or not we use every bit")]
        impl $name {
            $($(#[$bit_doc])* pub(super) const $bit: $name = $name($value);)*

            /// The access that reads it.
            pub(super) const fn read() -> Access {
                Access::Read8 { bar: BAR, offset: $offset, value: 0 }
            }

            /// The access that writes this value.
            pub(super) const fn write(self) -> Access {
                Access::Write8 { bar: BAR, offset: $offset, value: self.0 }
            }

            /// Both sets of bits.
            pub(super) const fn and(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }

            /// All but these bits.
            pub(super) const fn without(self, other: $name) -> $name {
                $name(self.0 & !other.0)
            }

            /// Returns true if any of these bits is set.
            pub(super) const fn any(self, other: $name) -> bool {
                self.0 & other.0 != 0
            }
        }
    };
}

octet_register! {
    /// CNTL, 0x00: resets and modes. Reads back what was written.
    Control @ 0x00 {
        /// Bit 0: level of the external reset pin; 0 holds the modules in reset.
        MODULES_RELEASED = 1 << 0;
        /// Bit 1: holds the DMA logic in reset; current addresses return to their start.
        RESET_DMA = 1 << 1;
        /// Bit 2: holds the serial port in reset.
        RESET_SERIAL = 1 << 2;
        /// Bit 3: holds the pulse counter in reset.
        RESET_COUNTER = 1 << 3;
        /// Bits 5:4: the longest cycle on the local bus.
        SLOW_LOCAL_BUS = 3 << 4;
        /// Bit 6: DMA events stay until they are cleared, so that a late reader loses none.
        LATCH_EVENTS = 1 << 6;
        /// Bit 7: DMA stops at the end address instead of wrapping.
        STOP_AT_END = 1 << 7;
    }
}

octet_register! {
    /// OPER, 0x01: runs DMA.
    Operation @ 0x01 {
        /// DMA stands.
        STOP = 0;
        /// Bit 0: DMA runs.
        RUN = 1 << 0;
    }
}

octet_register! {
    /// AUXC, 0x02: direction of the auxiliary pins, 1 is output.
    PinDirections @ 0x02 {
        /// Everything is an output but the module's data.
        CARD = !Pins::FROM_MODULE.0;
    }
}

octet_register! {
    /// AUXD, 0x03: levels of the auxiliary pins that are outputs: the serial bus to the modules.
    Pins @ 0x03 {
        /// Pin 2: chip select, active low, for the modules chosen by [`ModuleSelect`].
        CHIP_SELECT = 1 << 2;
        /// Pin 3: clock; rests high.
        CLOCK = 1 << 3;
        /// Pin 4: data to the module.
        TO_MODULE = 1 << 4;
        /// Pin 5: data from the module; an input, read at [`PinLevels`].
        FROM_MODULE = 1 << 5;
        /// Nothing selected, clock and data high.
        IDLE = 1 << 2 | 1 << 3 | 1 << 4;
    }
}

octet_register! {
    /// MASK0, 0x04: which [`Events`] raise the interrupt.
    EventMask @ 0x04 {
        /// None: the position is polled.
        NONE = 0;
    }
}

octet_register! {
    /// MASK1, 0x05: which auxiliary pins raise the interrupt.
    PinMask @ 0x05 {
        /// None.
        NONE = 0;
    }
}

octet_register! {
    /// INTSTAT, 0x06: DMA and bus events. A bit written as 1 is cleared.
    Events @ 0x06 {
        /// Bit 0: the transmit ring reached its interrupt address.
        TRANSMIT_INTERRUPT = 1 << 0;
        /// Bit 1: the transmit ring reached its end.
        TRANSMIT_END = 1 << 1;
        /// Bit 2: the receive ring reached its interrupt address.
        RECEIVE_INTERRUPT = 1 << 2;
        /// Bit 3: the receive ring reached its end.
        RECEIVE_END = 1 << 3;
        /// Bit 4: no target answered at a DMA address (PCI master abort).
        MASTER_ABORT = 1 << 4;
        /// Bit 5: a DMA access was refused (PCI target abort).
        TARGET_ABORT = 1 << 5;
        /// Every event, for clearing.
        ALL = 0xff;
    }
}

octet_register! {
    /// AUXR, 0x07: live levels of the auxiliary pins.
    PinLevels @ 0x07 {
        /// Pin 5: data from the module.
        FROM_MODULE = 1 << 5;
    }
}

octet_register! {
    /// AUX function, 0x2b: alternate functions of the auxiliary pins.
    PinFunction @ 0x2b {
        /// Value that `wctdm` writes; other drivers call it the crystal oscillator.
        CRYSTAL = 1 << 2;
    }
}

octet_register! {
    /// SERCTL, 0x2d: the serial port on which samples go.
    SerialControl @ 0x2d {
        /// Bit 0: the bit clock has double rate.
        DOUBLE_RATE = 1 << 0;
        /// Bit 6: the most significant bit is received first.
        RECEIVE_MSB_FIRST = 1 << 6;
        /// Bit 7: the most significant bit is transmitted first.
        TRANSMIT_MSB_FIRST = 1 << 7;
        /// All of them: how the modules of this card are wired.
        CARD = 1 << 7 | 1 << 6 | 1 << 0;
    }
}

octet_register! {
    /// FSCDELAY, 0x2f: delay of the frame sync in clock steps.
    FrameSyncDelay @ 0x2f {
        /// No delay.
        NONE = 0;
    }
}

octet_register! {
    /// SYNC of the glue logic (local register 0): frame sync, and in bits 4:1 which modules are there.
    Sync @ 0xc0 {
        /// Bit 0: half-duty frame sync.
        HALF_DUTY = 1 << 0;
    }
}

octet_register! {
    /// TEST of the glue logic (local register 1): an octet to write and read back.
    Scratch @ 0xc4 {}
}

octet_register! {
    /// CS of the glue logic (local register 2): which module's chip select follows the pin, one bit a socket.
    ModuleSelect @ 0xc8 {
        /// None.
        NONE = 0;
    }
}

octet_register! {
    /// VER of the glue logic (local register 3).
    Version @ 0xcc {
        /// Value of a prototype without the logic.
        PROTOTYPE = 0x59;
        /// From this on the self-test goes through [`ModuleSelect`].
        SELECT_READS_BACK = 0x70;
        /// Value of a bus where nothing answers.
        NOBODY = 0xff;
    }
}

/// The address registers of the two DMA rings, 32 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// 0x08: the first word of the transmit ring (memory to line).
    TransmitStart = 0x08,
    /// 0x0c: the word whose transfer raises [`Events::TRANSMIT_INTERRUPT`].
    TransmitInterrupt = 0x0c,
    /// 0x10: the last word of the transmit ring.
    TransmitEnd = 0x10,
    /// 0x14: where the transmit ring is; read only.
    TransmitCurrent = 0x14,
    /// 0x18: the first word of the receive ring (line to memory).
    ReceiveStart = 0x18,
    /// 0x1c: the word whose transfer raises [`Events::RECEIVE_INTERRUPT`].
    ReceiveInterrupt = 0x1c,
    /// 0x20: the last word of the receive ring.
    ReceiveEnd = 0x20,
    /// 0x24: where the receive ring is; read only.
    ReceiveCurrent = 0x24,
}

impl Address {
    /// The access that reads it.
    pub(super) const fn read(self) -> Access {
        Access::Read32 { bar: BAR, offset: self as u32, value: 0 }
    }

    /// The access that writes a card address to it.
    pub(super) const fn write(self, value: u32) -> Access {
        Access::Write32 { bar: BAR, offset: self as u32, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_lie_where_the_drivers_of_others_find_them() {
        assert_eq!(PinDirections::CARD.0, 0xdf);
        assert_eq!(Pins::IDLE.0, 0x1c);
        assert_eq!(Pins::IDLE.write(), Access::Write8 { bar: Bar(1), offset: 0x03, value: 0x1c });
        assert_eq!(Address::ReceiveCurrent.read(), Access::Read32 { bar: Bar(1), offset: 0x24, value: 0 });
    }
}
