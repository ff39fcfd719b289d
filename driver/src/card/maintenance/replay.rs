//! A card that says again what a trace of another has: its sound and the conditions of its ports.
//!
//! A command of the trace is a meeting point: a port that has come to one stands still until the same command is given
//! again, and goes straight there when it is given sooner. So a program that takes a little longer than the traced one
//! meets the same events. A port that is given another command than the trace has next goes out of service with a
//! sentence, and so does each at the end of the trace.
//!
//! Never: makes up what a line would have done.

use core::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::trace::{Entry, Header, NoTrace, Record, read};
use crate::card::{Card, CardCounters, CardError, CardState, Frame, Law, PortCommand, PortCondition, PortKind};
use crate::ids::PortId;
use crate::time::SAMPLES_PER_TICK;

/// The most ticks handed over in one service.
const DUE_MAX: u64 = 32;

/// The time of a replay, advanced by another thread or between two services.
#[derive(Debug, Clone, Default)]
pub struct ReplayClock(Arc<AtomicU64>);

impl ReplayClock {
    /// Lets milliseconds go by.
    pub fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// Reason for which a port of a replay says nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// The trace has ended.
    Ended,
    /// A command differs from the trace.
    Diverged { tick: u32, given: PortCommand, expected: Option<PortCommand> },
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Silence::Ended => f.write_str("The trace has ended"),
            Silence::Diverged { tick, given, expected: Some(expected) } => {
                write!(f, "The trace has {expected} after {tick} ms, not {given}")
            }
            Silence::Diverged { tick, given, expected: None } => {
                write!(f, "The trace has no command after {tick} ms, not {given} either")
            }
        }
    }
}

/// One port's part of a trace.
#[derive(Debug)]
struct Track {
    port: PortId,
    records: Box<[Record]>,
    /// The place of the record that comes next.
    at: usize,
    /// The first record whose condition has not been reported.
    unreported: usize,
    /// Ticks of the trace that have been played.
    tick: u32,
    kind: PortKind,
    silence: Option<Silence>,
    silence_reported: bool,
}

impl Track {
    fn next_command(&self) -> Option<(usize, Record, PortCommand)> {
        self.records[self.at..].iter().enumerate().find_map(|(ahead, record)| match record.entry {
            Entry::Command(command) => Some((self.at + ahead, *record, command)),
            Entry::Sound { .. } | Entry::Condition(_) | Entry::Lost(_) | Entry::End => None,
        })
    }

    /// Goes on to the present tick, or to a command. Returns sound, if there is some at this tick.
    fn go_on(&mut self) -> Option<(Frame, Frame)> {
        let mut sound = None;
        while self.silence.is_none()
            && let Some(record) = self.records.get(self.at).filter(|record| record.tick <= self.tick)
        {
            match record.entry {
                Entry::Command(_) => break,
                Entry::Sound { received, played } => sound = Some((received, played)),
                Entry::End => self.silence = Some(Silence::Ended),
                Entry::Condition(_) | Entry::Lost(_) => {}
            }
            self.at += 1;
        }
        if self.at == self.records.len() && self.silence.is_none() {
            self.silence = Some(Silence::Ended);
        }
        sound
    }

    fn waits(&self) -> bool {
        let next = self.records.get(self.at);
        next.is_some_and(|record| record.tick <= self.tick && matches!(record.entry, Entry::Command(_)))
    }

    fn step(&mut self) -> Option<(Frame, Frame)> {
        if self.silence.is_some() || self.waits() {
            return None;
        }
        self.tick += 1;
        self.go_on()
    }

    /// Returns true for a command that leaves the port as its last condition has it. A trace that begins in the middle
    /// of a card's service does not have those by which its lines were brought into service.
    fn stands_so(&self, given: PortCommand) -> bool {
        let condition = self.records[..self.at].iter().rev().find_map(|record| match record.entry {
            Entry::Condition(condition @ (PortCondition::Fxo { .. } | PortCondition::Fxs { .. })) => Some(condition),
            _ => None,
        });
        match (condition, given) {
            (Some(PortCondition::Fxo { off_hook, .. }), PortCommand::Hook(wanted)) => off_hook == wanted,
            (Some(PortCondition::Fxs { linefeed, .. }), PortCommand::Linefeed(wanted)) => linefeed == wanted,
            _ => false,
        }
    }

    fn command(&mut self, given: PortCommand) {
        if self.silence.is_some() {
            return;
        }
        let next = self.next_command();
        match next {
            Some((_, _, command)) if command != given && self.stands_so(given) => {}
            Some((place, record, command)) if command == given => {
                (self.at, self.tick) = (place + 1, record.tick);
                self.go_on();
            }
            _ => {
                let expected = next.map(|(_, _, command)| command);
                self.silence = Some(Silence::Diverged { tick: self.tick, given, expected });
            }
        }
    }

    fn poll_condition(&mut self) -> Option<PortCondition> {
        while self.unreported < self.at {
            let entry = self.records[self.unreported].entry;
            self.unreported += 1;
            if let Entry::Condition(condition) = entry {
                if let PortCondition::Service(kind) = condition {
                    self.kind = kind;
                }
                return Some(condition);
            }
        }
        let over = self.silence.is_some() && !std::mem::replace(&mut self.silence_reported, self.silence.is_some());
        if over && matches!(self.kind, PortKind::Fxs | PortKind::Fxo) {
            self.kind = PortKind::Broken;
            return Some(PortCondition::Service(PortKind::Broken));
        }
        None
    }
}

/// The card.
#[derive(Debug)]
pub struct Replay {
    law: Law,
    tracks: Box<[Track]>,
    clock: ReplayClock,
    served: u64,
    counters: CardCounters,
}

impl Replay {
    /// A card from the octets of a trace, with its header and its clock.
    ///
    /// # Errors
    /// [`NoTrace`].
    pub fn new(octets: &[u8]) -> Result<(Replay, Header, ReplayClock), NoTrace> {
        let (header, records) = read(octets)?;
        let end = Record { tick: 0, port: PortId(0), entry: Entry::End };
        let last = records.last().map_or(0, |record| record.tick);
        let tracks = (0..header.ports).map(PortId).map(|port| {
            let own = records.iter().filter(|record| record.port == port && !matches!(record.entry, Entry::End));
            let records: Vec<Record> = own.copied().chain([Record { port, tick: last, ..end }]).collect();
            let (kind, silence) = (PortKind::Absent, None);
            let records = records.into();
            Track { port, records, at: 0, unreported: 0, tick: 0, kind, silence, silence_reported: false }
        });
        let (tracks, clock) = (tracks.collect(), ReplayClock::default());
        let card =
            Replay { law: header.law, tracks, clock: clock.clone(), served: 0, counters: CardCounters::default() };
        Ok((card, header, clock))
    }

    fn track(&self, port: PortId) -> Option<&Track> {
        self.tracks.get(usize::from(port.0))
    }
}

impl Card for Replay {
    fn ports(&self) -> usize {
        self.tracks.len()
    }

    fn law(&self) -> Law {
        self.law
    }

    fn state(&self) -> CardState {
        CardState::Running
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.track(port).map_or(PortKind::Absent, |track| track.kind)
    }

    fn fault(&self, port: PortId) -> Option<&dyn fmt::Display> {
        self.track(port)?.silence.as_ref().map(|silence| silence as &dyn fmt::Display)
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        let due = (self.clock.0.load(Ordering::Relaxed) - self.served).min(DUE_MAX);
        Ok(due as usize)
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], _transmit: &[Frame]) {
        self.served += 1;
        self.counters.ticks += 1;
        let idle = [self.law.idle(); SAMPLES_PER_TICK];
        for ((track, received), played) in self.tracks.iter_mut().zip(received).zip(played) {
            (*received, *played) = track.step().unwrap_or((idle, idle));
        }
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        self.tracks.iter_mut().find_map(|track| track.poll_condition().map(|condition| (track.port, condition)))
    }

    fn command(&mut self, port: PortId, command: PortCommand) {
        if let Some(track) = self.tracks.get_mut(usize::from(port.0)) {
            track.command(command);
        }
    }

    fn counters(&self) -> CardCounters {
        self.counters
    }

    fn stop(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const RINGING: PortCondition = PortCondition::Fxo { ringing: true, volts: 48, milliamps: 0, off_hook: false };
    const QUIET: PortCondition = PortCondition::Fxo { ringing: false, volts: 48, milliamps: 0, off_hook: false };
    const SOUND: Frame = [0x55; SAMPLES_PER_TICK];

    /// A trunk that rings at 2, stops at 4, is seized at 6 and has sound at 8.
    fn replay() -> Replay {
        let header = Header { ports: 1, law: Law::A, country: *b"CN" };
        let entries = [
            (0, Entry::Condition(PortCondition::Service(PortKind::Fxo))),
            (2, Entry::Condition(RINGING)),
            (4, Entry::Condition(QUIET)),
            (6, Entry::Command(PortCommand::Hook(true))),
            (8, Entry::Sound { received: SOUND, played: SOUND }),
            (10, Entry::End),
        ];
        let mut file = header.to_octets().to_vec();
        for (tick, entry) in entries {
            file.extend(Record { tick, port: PortId(0), entry }.to_octets());
        }
        Replay::new(&file).expect("it is a trace").0
    }

    /// One tick: whether there was sound, and the conditions.
    fn tick(card: &mut Replay) -> (bool, Vec<PortCondition>) {
        let (mut received, mut played) = ([[0; SAMPLES_PER_TICK]], [[0; SAMPLES_PER_TICK]]);
        card.exchange(&mut received, &mut played, &[[0; SAMPLES_PER_TICK]]);
        (received[0] == SOUND, std::iter::from_fn(|| card.poll_condition()).map(|(_, condition)| condition).collect())
    }

    #[test]
    fn a_line_waits_at_a_command_until_it_is_given() {
        let mut card = replay();
        let seen: Vec<_> = (0..20).flat_map(|_| tick(&mut card).1).collect();
        assert_eq!(seen, [PortCondition::Service(PortKind::Fxo), RINGING, QUIET]);
        card.command(PortId(0), PortCommand::Hook(true));
        assert_eq!([tick(&mut card).0, tick(&mut card).0, tick(&mut card).0], [false, true, false]);
        assert_eq!(tick(&mut card).1, [PortCondition::Service(PortKind::Broken)]);
        assert_eq!(card.fault(PortId(0)).map(ToString::to_string).as_deref(), Some("The trace has ended"));
    }

    #[test]
    fn a_command_that_is_given_sooner_takes_the_line_straight_there() {
        let mut card = replay();
        let (_, seen) = tick(&mut card);
        assert_eq!(seen, [PortCondition::Service(PortKind::Fxo)]);
        card.command(PortId(0), PortCommand::Hook(true));
        assert_eq!(tick(&mut card), (false, vec![RINGING, QUIET]));
        assert!(tick(&mut card).0);
    }

    #[test]
    fn a_command_that_leaves_the_line_as_it_is_is_no_step_of_its_own() {
        let mut card = replay();
        for _ in 0..5 {
            tick(&mut card);
        }
        card.command(PortId(0), PortCommand::Hook(false));
        assert!(card.fault(PortId(0)).is_none(), "it is on hook");
        card.command(PortId(0), PortCommand::Hook(true));
        assert!(card.fault(PortId(0)).is_none());
    }

    #[test]
    fn another_command_than_the_trace_has_takes_the_line_out_of_service() {
        let mut card = replay();
        tick(&mut card);
        card.command(PortId(0), PortCommand::Hook(false));
        assert_eq!(tick(&mut card).1, [PortCondition::Service(PortKind::Broken)]);
        let fault = card.fault(PortId(0)).map(ToString::to_string);
        assert_eq!(fault.as_deref(), Some("The trace has off hook after 1 ms, not on hook"));
    }
}
