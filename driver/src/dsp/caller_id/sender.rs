//! Sends the caller's identity.

use crate::dsp::Samples;
use crate::dsp::fsk::Modem;
use crate::line::CallerId;

/// The form of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Single data message format: date, time and number.
    Sdmf,
    /// Multiple data message format: date, time, number, name, reasons.
    Mdmf,
}

/// When the call came: by the clock of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which frequencies.
    pub modem: Modem,
    /// Which form.
    pub format: Format,
    /// The level, in dBm0; -13.5 by GR-30.
    pub dbm0: f64,
    /// Alternating bits before the mark bits: 300 on hook, none off hook.
    pub seizure_bits: u16,
    /// Mark bits before the message: 180 on hook, 80 off hook.
    pub mark_bits: u16,
}

impl Settings {
    /// What an on-hook set expects, by GR-30-CORE and EN 300 659-1.
    pub const fn on_hook(modem: Modem) -> Settings {
        Settings { modem, format: Format::Mdmf, dbm0: -13.5, seizure_bits: 300, mark_bits: 180 }
    }
}

/// Sends one message, a tick at a time.
#[derive(Debug, Clone)]
pub struct Sender {}

impl Sender {
    /// A sender of `caller`.
    pub fn new(caller: &CallerId, stamp: Stamp, settings: &Settings) -> Sender {
        let _ = (caller, stamp, settings);
        Sender {}
    }

    /// The next tick; none when the message is over.
    #[expect(clippy::should_implement_trait, reason = "used a tick at a time beside other sources of sound")]
    pub fn next(&mut self) -> Option<Samples> {
        None
    }
}
