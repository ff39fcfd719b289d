//! Traces of a card: what went in and out of it, as records of 24 octets.
//!
//! ```text
//! octets 0 to 3    tick since the beginning of the trace, little endian
//! octet  4         entry: 1 sound, 2 condition, 3 command, 4 records lost, 5 end
//! octet  5         port
//! octets 6, 7      zero
//! octets 8 to 23   sound: 8 octets received, 8 octets played in the same time, in the card's law
//!                  condition: kind, then its values      command: kind, then its value
//!                  records lost: their number, little endian
//! ```
//!
//! A file begins with a header of the same length: the text "tipring trace 1", a zero, the number of ports, the law
//! (0 A-law, 1 mu-law), and the country's two letters. A tick at which a port received and played silence has no
//! record. A trace begins with the condition of each port as it stood then.
//!
//! Never: reads or writes a file.

use core::fmt;

use crate::card::{Frame, Law, Linefeed, PortCommand, PortCondition, PortKind};
use crate::ids::PortId;
use crate::spsc::Producer;
use crate::time::SAMPLES_PER_TICK;

/// Octets of a record, and of the header.
pub(crate) const RECORD_LEN: usize = 24;
const MAGIC: &[u8; 16] = b"tipring trace 1\0";
/// Offset of a record's values.
const VALUES: usize = 8;

/// Content of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Sound of a port in one tick.
    Sound {
        /// Received from the line.
        received: Frame,
        /// Played to the line in the same time.
        played: Frame,
    },
    /// Port condition reported by the card.
    Condition(PortCondition),
    /// Port command issued to the card.
    Command(PortCommand),
    /// This many records found no room on their way to the file.
    Lost(u32),
    /// The end of the trace.
    End,
}

/// A record of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Ticks since the beginning of the trace.
    pub tick: u32,
    /// The port; 0 for a loss and the end.
    pub port: PortId,
    /// The entry.
    pub entry: Entry,
}

/// Header of a trace file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Ports of the card.
    pub ports: u8,
    /// Law of its octets.
    pub law: Law,
    /// Country of its lines (ISO 3166-1), in two letters.
    pub country: [u8; 2],
}

/// A file is no trace, or holds a record that no trace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTrace {
    /// The header is not one of a trace.
    Header,
    /// A record, counted from 0, cannot be read.
    Record(usize),
}

impl fmt::Display for NoTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTrace::Header => f.write_str("The file is no trace of a card"),
            NoTrace::Record(at) => write!(f, "Record {at} of the trace cannot be read"),
        }
    }
}

impl std::error::Error for NoTrace {}

impl Header {
    /// The header's octets.
    pub fn to_octets(self) -> [u8; RECORD_LEN] {
        let mut octets = [0; RECORD_LEN];
        octets[..MAGIC.len()].copy_from_slice(MAGIC);
        octets[16] = self.ports;
        octets[17] = match self.law {
            Law::A => 0,
            Law::Mu => 1,
        };
        octets[18..20].copy_from_slice(&self.country);
        octets
    }

    fn from_octets(octets: &[u8; RECORD_LEN]) -> Option<Header> {
        let law = match octets[17] {
            0 => Law::A,
            1 => Law::Mu,
            _ => return None,
        };
        let (magic, country) = (octets.starts_with(MAGIC), [octets[18], octets[19]]);
        (magic && octets[16] > 0).then_some(Header { ports: octets[16], law, country })
    }
}

/// Reads a trace: header and records. An incomplete record at the end is left out: the program was ended there.
///
/// # Errors
/// [`NoTrace`].
pub(crate) fn read(octets: &[u8]) -> Result<(Header, Vec<Record>), NoTrace> {
    let (records, _) = octets.as_chunks::<RECORD_LEN>();
    let (header, records) = records.split_first().ok_or(NoTrace::Header)?;
    let header = Header::from_octets(header).ok_or(NoTrace::Header)?;
    let read = records.iter().enumerate().map(|(at, octets)| {
        Record::from_octets(octets).filter(|record| record.port.0 < header.ports).ok_or(NoTrace::Record(at))
    });
    Ok((header, read.collect::<Result<_, _>>()?))
}

/// The line feeds in the order of the Si3210's register 64.
const LINEFEEDS: [Linefeed; 8] = [
    Linefeed::Open,
    Linefeed::ForwardActive,
    Linefeed::ForwardOnHookTransmission,
    Linefeed::TipOpen,
    Linefeed::Ringing,
    Linefeed::ReverseActive,
    Linefeed::ReverseOnHookTransmission,
    Linefeed::RingOpen,
];
const KINDS: [PortKind; 4] = [PortKind::Absent, PortKind::Fxs, PortKind::Fxo, PortKind::Broken];

fn place_in<T: PartialEq>(list: &[T], value: &T) -> u8 {
    list.iter().position(|other| other == value).unwrap_or(0) as u8
}

impl Record {
    /// The record's octets.
    pub fn to_octets(self) -> [u8; RECORD_LEN] {
        let mut octets = [0; RECORD_LEN];
        octets[..4].copy_from_slice(&self.tick.to_le_bytes());
        octets[5] = self.port.0;
        let (entry, values): (u8, [u8; 4]) = match self.entry {
            Entry::Sound { received, played } => {
                octets[VALUES..VALUES + SAMPLES_PER_TICK].copy_from_slice(&received);
                octets[VALUES + SAMPLES_PER_TICK..].copy_from_slice(&played);
                octets[4] = 1;
                return octets;
            }
            Entry::Condition(PortCondition::Service(kind)) => (2, [0, place_in(&KINDS, &kind), 0, 0]),
            Entry::Condition(PortCondition::Fxs { loop_closed, linefeed, power_alarm }) => {
                (2, [1, loop_closed.into(), place_in(&LINEFEEDS, &linefeed), power_alarm.into()])
            }
            Entry::Condition(PortCondition::Fxo { ringing, volts, milliamps, off_hook }) => {
                let kind = 2 | u8::from(ringing) << 2 | u8::from(off_hook) << 3;
                (2, [kind, volts.cast_unsigned(), milliamps, 0])
            }
            Entry::Command(PortCommand::Linefeed(linefeed)) => (3, [0, place_in(&LINEFEEDS, &linefeed), 0, 0]),
            Entry::Command(PortCommand::Hook(off_hook)) => (3, [1, off_hook.into(), 0, 0]),
            Entry::Lost(count) => (4, count.to_le_bytes()),
            Entry::End => (5, [0; 4]),
        };
        octets[4] = entry;
        octets[VALUES..VALUES + 4].copy_from_slice(&values);
        octets
    }

    fn from_octets(octets: &[u8; RECORD_LEN]) -> Option<Record> {
        let values: [u8; 4] = octets[VALUES..VALUES + 4].try_into().ok()?;
        let linefeed = |at: u8| LINEFEEDS.get(usize::from(at)).copied();
        let entry = match (octets[4], values) {
            (1, _) => Entry::Sound {
                received: octets[VALUES..VALUES + SAMPLES_PER_TICK].try_into().ok()?,
                played: octets[VALUES + SAMPLES_PER_TICK..].try_into().ok()?,
            },
            (2, [0, kind, ..]) => Entry::Condition(PortCondition::Service(*KINDS.get(usize::from(kind))?)),
            (2, [1, closed @ 0..=1, feed, alarm @ 0..=1]) => Entry::Condition(PortCondition::Fxs {
                loop_closed: closed == 1,
                linefeed: linefeed(feed)?,
                power_alarm: alarm == 1,
            }),
            (2, [kind, volts, milliamps, _]) if kind & 0b11 == 2 && kind < 16 => Entry::Condition(PortCondition::Fxo {
                ringing: kind & 4 != 0,
                volts: volts.cast_signed(),
                milliamps,
                off_hook: kind & 8 != 0,
            }),
            (3, [0, feed, ..]) => Entry::Command(PortCommand::Linefeed(linefeed(feed)?)),
            (3, [1, off_hook @ 0..=1, ..]) => Entry::Command(PortCommand::Hook(off_hook == 1)),
            (4, count) => Entry::Lost(u32::from_le_bytes(count)),
            (5, _) => Entry::End,
            _ => return None,
        };
        let tick = u32::from_le_bytes(octets[..4].try_into().ok()?);
        Some(Record { tick, port: PortId(octets[5]), entry })
    }
}

/// Makes the records of a card while a trace is on.
#[derive(Debug)]
pub(crate) struct Tap {
    records: Producer<Record>,
    idle: Frame,
    /// Ticks since the trace began.
    tick: u32,
    on: bool,
    /// Records that found no room since the last that did.
    lost: u32,
    /// Of each port its kind and its last condition, also while no trace is on.
    seen: Box<[(PortKind, Option<PortCondition>)]>,
}

impl Tap {
    /// A tap that is closed.
    pub(crate) fn new(ports: usize, law: Law, records: Producer<Record>) -> Tap {
        Tap {
            records,
            idle: [law.idle(); SAMPLES_PER_TICK],
            tick: 0,
            on: false,
            lost: 0,
            seen: vec![(PortKind::Absent, None); ports].into(),
        }
    }

    /// Begins a trace with the condition of each port.
    pub(crate) fn begin(&mut self) {
        (self.on, self.tick, self.lost) = (true, 0, 0);
        for at in 0..self.seen.len() {
            let (kind, condition) = self.seen[at];
            if kind != PortKind::Absent {
                self.put(PortId(at as u8), Entry::Condition(PortCondition::Service(kind)));
            }
            if let Some(condition) = condition {
                self.put(PortId(at as u8), Entry::Condition(condition));
            }
        }
    }

    /// Ends the trace.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.on) {
            let end = Record { tick: self.tick, port: PortId(0), entry: Entry::End };
            // The last places are kept back for this: at most one end waits for its file.
            let _ = self.records.push_important(end);
        }
    }

    fn put(&mut self, port: PortId, entry: Entry) {
        if self.lost > 0 {
            let lost = Record { tick: self.tick, port: PortId(0), entry: Entry::Lost(self.lost) };
            if self.records.push(lost).is_ok() {
                self.lost = 0;
            }
        }
        if self.lost > 0 || self.records.push(Record { tick: self.tick, port, entry }).is_err() {
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// A tick of sound.
    pub(crate) fn tick(&mut self, received: &[Frame], played: &[Frame]) {
        if !self.on {
            return;
        }
        self.tick = self.tick.saturating_add(1);
        for (at, (received, played)) in received.iter().zip(played).enumerate() {
            if *received != self.idle || *played != self.idle {
                self.put(PortId(at as u8), Entry::Sound { received: *received, played: *played });
            }
        }
    }

    /// A tick without sound.
    pub(crate) fn idle_tick(&mut self) {
        self.tick = self.tick.saturating_add(u32::from(self.on));
    }

    /// Records a port condition.
    pub(crate) fn condition(&mut self, port: PortId, condition: PortCondition) {
        if let Some((kind, seen)) = self.seen.get_mut(usize::from(port.0)) {
            match condition {
                PortCondition::Service(now) => (*kind, *seen) = (now, None),
                PortCondition::Fxs { .. } | PortCondition::Fxo { .. } => *seen = Some(condition),
            }
        }
        if self.on {
            self.put(port, Entry::Condition(condition));
        }
    }

    /// The card failed: the engine takes its ports out of service.
    pub(crate) fn card_failed(&mut self) {
        for at in 0..self.seen.len() {
            if self.seen[at].0 != PortKind::Absent {
                self.condition(PortId(at as u8), PortCondition::Service(PortKind::Absent));
            }
        }
    }

    /// Records a port command.
    pub(crate) fn command(&mut self, port: PortId, command: PortCommand) {
        if self.on {
            self.put(port, Entry::Command(command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spsc::queue_with_reserve;

    #[test]
    fn every_entry_is_read_as_it_was_written() {
        let mut entries = vec![
            Entry::Sound { received: [1, 2, 3, 4, 5, 6, 7, 8], played: [9; 8] },
            Entry::Condition(PortCondition::Fxo { ringing: true, volts: -48, milliamps: 21, off_hook: false }),
            Entry::Condition(PortCondition::Fxo { ringing: false, volts: 9, milliamps: 0, off_hook: true }),
            Entry::Command(PortCommand::Hook(true)),
            Entry::Command(PortCommand::Hook(false)),
            Entry::Lost(70_000),
            Entry::End,
        ];
        entries.extend(KINDS.map(|kind| Entry::Condition(PortCondition::Service(kind))));
        for linefeed in LINEFEEDS {
            entries.push(Entry::Command(PortCommand::Linefeed(linefeed)));
            for (loop_closed, power_alarm) in [(false, true), (true, false)] {
                entries.push(Entry::Condition(PortCondition::Fxs { loop_closed, linefeed, power_alarm }));
            }
        }
        let header = Header { ports: 4, law: Law::Mu, country: *b"CN" };
        let mut file = header.to_octets().to_vec();
        let records: Vec<Record> =
            entries.iter().zip(7..).map(|(&entry, tick)| Record { tick, port: PortId(3), entry }).collect();
        records.iter().for_each(|record| file.extend(record.to_octets()));
        assert_eq!(read(&file), Ok((header, records.clone())));
        // A program that was ended within a record.
        file.pop();
        assert_eq!(read(&file).map(|(_, read)| read.len()), Ok(records.len() - 1));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_place() {
        let file = |ports: u8, record: [u8; RECORD_LEN]| {
            let header = Header { ports, law: Law::A, country: *b"DE" };
            [header.to_octets(), record].concat()
        };
        let record = Record { tick: 1, port: PortId(1), entry: Entry::End }.to_octets();
        assert!(read(&file(2, record)).is_ok());
        assert_eq!(read(&file(1, record)), Err(NoTrace::Record(0)), "a port that the card has not");
        assert_eq!(read(&file(0, record)), Err(NoTrace::Header));
        assert_eq!(read(b"RIFF"), Err(NoTrace::Header));
        assert_eq!(read(&[0; 48]), Err(NoTrace::Header));
        let mut unknown = record;
        unknown[4] = 9;
        assert_eq!(read(&file(2, unknown)), Err(NoTrace::Record(0)));
    }

    #[test]
    fn records_that_find_no_room_are_counted_and_the_end_is_not_lost() {
        let (records, mut out) = queue_with_reserve(8, 2);
        let mut tap = Tap::new(2, Law::A, records);
        tap.condition(PortId(1), PortCondition::Service(PortKind::Fxs));
        tap.begin();
        assert_eq!(out.pop().map(|record| record.entry), Some(Entry::Condition(PortCondition::Service(PortKind::Fxs))));
        for _ in 0..10 {
            tap.tick(&[[0xd5; 8], [1; 8]], &[[0xd5; 8]; 2]);
        }
        tap.end();
        let kept: Vec<Record> = std::iter::from_fn(|| out.pop()).collect();
        assert_eq!(kept.len(), 7, "six that fitted, and the end");
        assert!(kept.iter().all(|record| record.port == PortId(1) || record.entry == Entry::End));
        assert_eq!(kept.last(), Some(&Record { tick: 10, port: PortId(0), entry: Entry::End }));
        // With room again, the loss stands before what comes next.
        tap.begin();
        assert_eq!(out.pop().map(|record| record.tick), Some(0));
        for _ in 0..10 {
            tap.tick(&[[0xd5; 8], [1; 8]], &[[0xd5; 8]; 2]);
        }
        while out.pop().is_some() {}
        tap.tick(&[[0xd5; 8], [1; 8]], &[[0xd5; 8]; 2]);
        assert_eq!(out.pop().map(|record| record.entry), Some(Entry::Lost(4)));
        assert_eq!(out.pop().map(|record| record.tick), Some(11));
    }
}
