//! Caller-ID sender: channel seizure, marks, octets.

use super::message::{Format, Message, Stamp, compose, compose_waiting};
use super::ntt;
use crate::dsp::fsk::{Modem, Modulator};
use crate::dsp::{SILENCE, Samples};
use crate::signal::CallerId;

/// Parameters of a transmission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The pair of frequencies.
    pub modem: Modem,
    /// The form of the message.
    pub format: Format,
    /// The level, in dBm0; -13.5 by GR-30.
    pub dbm0: f64,
    /// Alternating bits before the mark bits: 300 on hook, none off hook.
    pub seizure_bits: u32,
    /// Mark bits before the message: 180 on hook, 80 off hook.
    pub mark_bits: u32,
}

impl Settings {
    /// Parameters for an on-hook set, by GR-30-CORE and EN 300 659-1.
    pub const fn on_hook(modem: Modem) -> Settings {
        Settings { modem, format: Format::Mdmf, dbm0: -13.5, seizure_bits: 300, mark_bits: 180 }
    }

    /// Parameters for an off-hook set, by the same: no channel seizure and fewer marks.
    pub(crate) const fn off_hook(modem: Modem) -> Settings {
        Settings { seizure_bits: 0, mark_bits: 80, ..Settings::on_hook(modem) }
    }
}

/// Marks after the last stop bit, so that it is heard whole.
const TRAILING_BITS: u32 = 4;
/// A start bit, eight bits, a stop bit.
const OCTET_BITS: u32 = 10;

/// Sends one message, a tick at a time.
#[derive(Debug, Clone)]
pub struct Sender {
    modulator: Modulator,
    bits: Bits,
}

#[derive(Debug, Clone)]
struct Bits {
    seizure: u32,
    marks: u32,
    message: Message,
    at: u32,
}

impl Iterator for Bits {
    type Item = bool;

    fn next(&mut self) -> Option<bool> {
        let at = self.at;
        self.at += 1;
        if at < self.seizure {
            return Some(at % 2 == 1);
        }
        let at = at - self.seizure;
        if at < self.marks {
            return Some(true);
        }
        let at = at - self.marks;
        match (self.message.get((at / OCTET_BITS) as usize), at % OCTET_BITS) {
            (Some(_), 0) => Some(false),
            (Some(octet), bit @ 1..=8) => Some(octet >> (bit - 1) & 1 == 1),
            (Some(_), _) => Some(true),
            (None, _) => (at < self.message.len() as u32 * OCTET_BITS + TRAILING_BITS).then_some(true),
        }
    }
}

impl Sender {
    /// A sender of the caller ID and the time of the call.
    pub fn new(caller: &CallerId, stamp: Stamp, settings: &Settings) -> Sender {
        Sender::of_message(compose(caller, stamp, settings.format), settings)
    }

    /// A sender of whether messages wait.
    pub(crate) fn of_waiting(waiting: bool, stamp: Stamp, settings: &Settings) -> Sender {
        Sender::of_message(compose_waiting(waiting, stamp, settings.format), settings)
    }

    /// A sender of the caller ID in NTT's frame, to a set that has gone off hook for it.
    pub(crate) fn of_number_display(caller: &CallerId) -> Sender {
        Sender::of_message(ntt::compose(caller), &Settings::off_hook(Modem::V23))
    }

    /// A sender of a message as it is, right or wrong.
    pub(crate) fn of_message(message: Message, settings: &Settings) -> Sender {
        Sender {
            modulator: Modulator::new(settings.modem, settings.dbm0),
            bits: Bits { seizure: settings.seizure_bits, marks: settings.mark_bits, message, at: 0 },
        }
    }

    /// The next tick; none when the message is over.
    #[expect(clippy::should_implement_trait, reason = "used a tick at a time beside other sources of sound")]
    pub fn next(&mut self) -> Option<Samples> {
        let mut samples = SILENCE;
        let mut count = 0;
        for sample in &mut samples {
            let Some(value) = self.modulator.next_sample(|| self.bits.next()) else { break };
            *sample = value;
            count += 1;
        }
        (count > 0).then_some(samples)
    }
}
