//! Loop-start lines: a pair of wires, fed by one side, closed by the other.
//!
//! The trunk side ([`Fxo`]) is a telephone to an exchange, the station side ([`Fxs`]) an exchange to a telephone. Both
//! are given port conditions, detections, commands and the time; both act through an [`LineIo`](crate::line::LineIo).
//! Their times come from the [`Country`](crate::country::Country), and what single lines have otherwise from the
//! [`LineProfile`](crate::country::LineProfile).

mod cid_rx;
mod cid_tx;
mod fxo;
#[cfg(test)]
mod fxo_tests;
mod fxs;
#[cfg(test)]
mod fxs_tests;
mod supervision;

pub(crate) use fxo::Fxo;
pub(crate) use fxs::Fxs;

use crate::time::Ticks;

/// Line voltage below this is none: what a module shows on an open line (practice of a classic board).
const BATTERY_MIN_VOLTS: u8 = 3;

/// Polarity of a trunk: the wire that is the negative one, as its module shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Normal,
    Reversed,
}

/// A time of a country in ticks.
const fn ticks(ms: u32) -> Ticks {
    Ticks(ms as u64)
}

#[cfg(test)]
pub(super) mod testing {
    use crate::card::PortCommand;
    use crate::line::Acceptance;
    use crate::line::{LineEvent, LineIo, Outgoing};

    /// Actions of a machine.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) enum Did {
        Event(LineEvent),
        Port(PortCommand),
        SentDigits(String),
        SentCallerId(String),
        SentWaiting(bool),
        SentAlert,
        SentNothing,
    }

    /// A `LineIo` that remembers, and answers as set.
    #[derive(Debug, Default)]
    pub(crate) struct Recorder {
        pub did: Vec<Did>,
        /// The events that come second to a command.
        pub glare_on: Vec<LineEvent>,
    }

    impl Recorder {
        /// Actions since the last call.
        pub(crate) fn take(&mut self) -> Vec<Did> {
            std::mem::take(&mut self.did)
        }
    }

    impl LineIo for Recorder {
        fn event(&mut self, event: LineEvent) -> Acceptance {
            self.did.push(Did::Event(event));
            if self.glare_on.contains(&event) { Acceptance::Superseded } else { Acceptance::Accepted }
        }

        fn port(&mut self, command: PortCommand) {
            self.did.push(Did::Port(command));
        }

        fn send(&mut self, outgoing: Outgoing<'_>) {
            self.did.push(match outgoing {
                Outgoing::Digits(digits) => Did::SentDigits(digits.to_string()),
                Outgoing::CallerId(caller) => Did::SentCallerId(caller.number.to_string()),
                Outgoing::MessageWaiting(waiting) => Did::SentWaiting(waiting),
                Outgoing::Alert => Did::SentAlert,
                Outgoing::Nothing => Did::SentNothing,
            });
        }
    }
}
