//! Parts common to both kinds of module: outcome of a step, and faults.

use core::fmt;

use super::proslic::registers::VOLTS_PER_STEP;
use super::spi::Socket;
use crate::card::Law;

/// PCM mode (Si3210 register 1, Si3050 register 33), bit 5: the module speaks and hears in its slot.
const PCM_ENABLE: u8 = 1 << 5;
/// PCM mode, bits 4:3: mu-law; A-law is 00.
const PCM_MU_LAW: u8 = 1 << 3;

/// The PCM mode that enables the module's slot in a law.
pub(super) const fn pcm_mode(law: Law) -> u8 {
    match law {
        Law::A => PCM_ENABLE,
        Law::Mu => PCM_ENABLE | PCM_MU_LAW,
    }
}

/// The bit after frame sync at which a module's slot begins (Si3210 registers 2 to 5, Si3050 registers 34 to 37). Slots
/// are counted from the highest octet of the word, which is on the wire first.
pub(super) const fn slot(socket: Socket) -> u16 {
    (3 - socket.0 as u16) * 8
}

/// State of a module after a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModuleStep {
    /// Not done yet.
    Working,
    /// The module works.
    Up,
    /// The socket holds another kind of module, or none.
    NotThisKind,
    /// It is such a module, and something is wrong with it.
    Failed(ModuleFault),
}

/// Fault of a module. The text gives the observation and the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModuleFault {
    /// An FXS chip answers, but its registers are not as after a reset.
    NotReset {
        /// The register.
        register: u8,
        /// Its value after a reset.
        expected: u8,
        /// The value read.
        read: u8,
    },
    /// An indirect access of an FXS chip did not end.
    IndirectBusy {
        /// Value of its status register.
        status: u8,
    },
    /// An indirect register of an FXS chip does not hold what was written to it.
    IndirectMismatch {
        /// The register.
        address: u8,
        /// The value written.
        wrote: u16,
        /// The value read.
        read: u16,
    },
    /// The supply of an FXS module does not rise.
    NoSupply {
        /// Battery voltage reached, in steps of 0.376 V.
        steps: u8,
    },
    /// An FXS chip did not finish its calibration.
    NotCalibrated {
        /// The blocks that are left (register 96).
        left: u8,
    },
    /// An FXS module's line driver cannot be balanced.
    NotBalanced {
        /// The current that is left, in steps.
        current: u8,
    },
    /// An FXS module opens its line to protect itself, again and again.
    PowerAlarm,
    /// The line side of an FXO module does not answer over its isolation link.
    NoLineSide {
        /// Value of register 11.
        read: u8,
    },
    /// A module that worked does not answer any more.
    Silent,
}

impl fmt::Display for ModuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ModuleFault::NotReset { register, expected, read } => write!(
                f,
                "An FXS chip answers, but after a reset its register {register} reads {read:#04x} instead of \
                 {expected:#04x}. Reseat the module."
            ),
            ModuleFault::IndirectBusy { status } => write!(
                f,
                "The FXS chip does not finish an access to its indirect registers (status {status:#04x}). Replace the \
                 module."
            ),
            ModuleFault::IndirectMismatch { address, wrote, read } => write!(
                f,
                "Indirect register {address} of the FXS chip holds {read:#06x}, not {wrote:#06x} as written. Reseat \
                 or replace the module."
            ),
            ModuleFault::NoSupply { steps } => write!(
                f,
                "The FXS module's supply came to {:.0} V instead of 72 V. Is the 12 V power cable plugged into the \
                 card?",
                f32::from(steps) * VOLTS_PER_STEP
            ),
            ModuleFault::NotCalibrated { left } => write!(
                f,
                "The FXS chip did not finish its calibration (left to do: {left:#04x}). Unplug the telephone line and \
                 try again; if that does not help, replace the module."
            ),
            ModuleFault::NotBalanced { current } => write!(
                f,
                "The FXS module's line driver cannot be balanced: {current} steps of current are left. Replace the \
                 module."
            ),
            ModuleFault::PowerAlarm => write!(
                f,
                "The FXS module keeps opening its line to protect itself. Look for a short circuit on the line, then \
                 replace the module."
            ),
            ModuleFault::NoLineSide { read } => write!(
                f,
                "The line side of the FXO module does not answer over its isolation link (register 11 reads \
                 {read:#04x}). Reseat or replace the module."
            ),
            ModuleFault::Silent => {
                write!(f, "The module worked and does not answer any more. Reseat it, with the computer off.")
            }
        }
    }
}
