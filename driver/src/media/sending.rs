//! Senders of a line: DTMF keys, caller ID, alerting tone. One at a time for each channel.

use crate::country::CallerIdKind;
use crate::dsp::caller_id::alert;
use crate::dsp::fsk::Modem;
use crate::dsp::tone::Generator;
use crate::dsp::{Samples, caller_id, dtmf};
use crate::signal::{CallerId, Number};

/// Sound on its way out, a tick at a time.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one a channel, made in the media thread, where nothing is boxed")]
pub(crate) enum Sending {
    /// Keys, or a caller's identity made of keys.
    Keys(dtmf::Sender),
    /// A caller's identity as frequency-shift keying.
    Identity(caller_id::Sender),
    /// The tone that alerts to it, for this many ticks more.
    Alert(Generator, u32),
}

impl Sending {
    /// Sends `digits`.
    pub(crate) fn digits(digits: &str, timing: &dtmf::Timing) -> Sending {
        Sending::Keys(dtmf::Sender::new(digits, timing))
    }

    /// Sends whether messages wait, on lines with on-hook FSK caller ID.
    pub(crate) fn waiting(waiting: bool, stamp: caller_id::Stamp, kind: CallerIdKind) -> Option<Sending> {
        let modem = match kind {
            CallerIdKind::Bell202 => Modem::Bell202,
            CallerIdKind::V23 => Modem::V23,
            CallerIdKind::Ntt | CallerIdKind::Dtmf { .. } => return None,
        };
        Some(Sending::Identity(caller_id::Sender::of_waiting(waiting, stamp, &caller_id::Settings::on_hook(modem))))
    }

    /// Sends the tone that alerts a set to a message.
    pub(crate) fn alert() -> Sending {
        Sending::Alert(Generator::new(&alert::TONE), alert::TONE_MS)
    }

    /// Sends who is calling, in the manner of the line.
    pub(crate) fn identity(
        caller: &CallerId,
        stamp: caller_id::Stamp,
        kind: CallerIdKind,
        timing: &dtmf::Timing,
    ) -> Sending {
        let modem = match kind {
            CallerIdKind::Bell202 => Modem::Bell202,
            CallerIdKind::V23 => Modem::V23,
            CallerIdKind::Ntt => return Sending::Identity(caller_id::Sender::of_number_display(caller)),
            CallerIdKind::Dtmf { start, end } => {
                let mut keys = Number::new();
                // A number that fills the string to its end has no room for the marks, and is cut.
                let room = keys.capacity() - 1;
                keys.push(start);
                for key in caller.number.chars().filter(|c| c.is_ascii_digit()).take(room - 1) {
                    keys.push(key);
                }
                keys.push(end);
                return Sending::digits(&keys, timing);
            }
        };
        Sending::Identity(caller_id::Sender::new(caller, stamp, &caller_id::Settings::on_hook(modem)))
    }

    /// The next tick of it; none when it is over.
    pub(crate) fn next(&mut self) -> Option<Samples> {
        match self {
            Sending::Keys(keys) => keys.next(),
            Sending::Identity(identity) => identity.next(),
            Sending::Alert(tone, left) => {
                *left = left.checked_sub(1)?;
                Some(tone.next())
            }
        }
    }
}
