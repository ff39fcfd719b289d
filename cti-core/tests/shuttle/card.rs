//! A card in memory, whose time is its services.
//!
//! Never: sounds other than what was played on it.

use tipring_driver::card::{
    Card, CardCounters, CardError, CardState, Frame, Law, Linefeed, PortCommand, PortCondition, PortKind,
};
use tipring_driver::ids::PortId;

/// The trunk rings from this tick on.
const RINGS: u64 = 100;
/// From the first ringing of the telephone to its lift, and from there to its end, in ticks.
const REACHES: u64 = 40;
const TALKS: u64 = 300;

/// A card in memory: a trunk that rings until it is answered, and a telephone that is lifted when it rings.
#[derive(Default)]
pub(crate) struct Telephone {
    now: u64,
    off_hook: bool,
    linefeed: Option<Linefeed>,
    rang: Option<u64>,
    scan: usize,
    conditions: Vec<(PortId, PortCondition)>,
}

impl Telephone {
    fn is_lifted(&self) -> bool {
        self.rang.is_some_and(|rang| (rang + REACHES..rang + REACHES + TALKS).contains(&self.now))
    }
}

impl Card for Telephone {
    fn ports(&self) -> usize {
        2
    }

    fn law(&self) -> Law {
        Law::A
    }

    fn state(&self) -> CardState {
        CardState::Running
    }

    fn kind(&self, port: PortId) -> PortKind {
        if port.0 == 0 { PortKind::Fxo } else { PortKind::Fxs }
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        self.now += 1;
        if self.now <= 2 {
            let port = PortId(self.now as u8 - 1);
            self.conditions.push((port, PortCondition::Service(self.kind(port))));
            return Ok(1);
        }
        self.scan = 1 - self.scan;
        self.conditions.push(match self.scan {
            0 => (
                PortId(0),
                PortCondition::Fxo {
                    ringing: self.now >= RINGS && !self.off_hook && self.rang.is_none(),
                    volts: if self.off_hook { 7 } else { 48 },
                    milliamps: if self.off_hook { 22 } else { 0 },
                    off_hook: self.off_hook,
                },
            ),
            _ => (
                PortId(1),
                PortCondition::Fxs {
                    loop_closed: self.is_lifted(),
                    linefeed: self.linefeed.unwrap_or(Linefeed::ForwardActive),
                    power_alarm: false,
                },
            ),
        });
        Ok(1)
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        received.copy_from_slice(transmit);
        played.copy_from_slice(transmit);
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        self.conditions.pop()
    }

    fn command(&mut self, _: PortId, command: PortCommand) {
        match command {
            PortCommand::Hook(off_hook) => self.off_hook = off_hook,
            PortCommand::Linefeed(linefeed) => {
                self.linefeed = Some(linefeed);
                if linefeed == Linefeed::Ringing {
                    self.rang = self.rang.or(Some(self.now));
                }
            }
        }
    }

    fn counters(&self) -> CardCounters {
        CardCounters::default()
    }

    fn stop(&mut self) {}
}
