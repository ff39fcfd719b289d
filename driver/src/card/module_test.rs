//! Tests that a module in service can be asked for, and their outcomes.
//!
//! Never: disturbs a call; a card carries a module test out beside its service.

/// Test of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleTest {
    /// Twelve values written to a register and read back.
    RegisterWalk,
    /// The chip sends back what is played to it, octet for octet.
    LoopbackOn,
    /// An FXS chip sends back what is played to it through both its converters: sound for sound.
    AnalogLoopbackOn,
    /// And no more, of either.
    LoopbackOff,
    /// An FXS chip's supply and line current are measured.
    Measure,
}

/// Outcome of a module test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// A register does not hold what was written to it.
    Mismatch {
        /// The register.
        register: u8,
        /// The value written.
        wrote: u8,
        /// The value read.
        read: u8,
    },
    /// The measurement.
    Measured {
        /// The supply behind the line, in volts.
        battery_volts: f32,
        /// The current in the line, in milliamperes.
        loop_milliamps: f32,
    },
    /// The module cannot do this, or there is none in service.
    NotPossible,
}
