//! Test card, which runs by itself: what its ports show and sound is a function of time, so it needs no hand while it
//! runs, and allocates nothing. For counting allocations, for measuring, and for long runs with stalls.

use core::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::card::{
    Card, CardCounters, CardError, CardState, Frame, Law, Linefeed, PortCommand, PortCondition, PortKind,
};
use crate::dsp::{SILENCE, Samples, g711};
use crate::ids::PortId;
use crate::time::SAMPLES_PER_TICK;

/// Signal of a port: the octet of a port at a sample.
pub(crate) type Sound = fn(port: usize, sample: u64) -> u8;

/// Lead of transmitted over received sound, as on the real card.
const AHEAD_TICKS: usize = 4;
/// A tick of silence.
const IDLE: Frame = [Law::A.idle(); SAMPLES_PER_TICK];

/// A card of trunks that ring from 0.5 to 1.5 s and stations that are lifted after 2 s.
pub(crate) struct TestCard {
    ports: Vec<Port>,
    sound: Sound,
    /// The depth of the receive ring in ticks.
    depth: u64,
    /// Milliseconds that have passed on the card.
    now: Clock,
    /// Ticks taken out.
    taken: u64,
    /// Lines throw back what is played on them: a quarter of its power, three samples later.
    pub echo: bool,
    /// The end of what each port played in the tick before.
    before: Vec<Samples>,
    /// Frames played in each tick, a frame a port, and their tick: the tick's number, round and round.
    playing: Vec<Frame>,
    scan: usize,
    condition: Option<(PortId, PortCondition)>,
    announced: usize,
    counters: CardCounters,
    /// Ticks of transmitted sound that were not idle, over all ports.
    pub sounded: Arc<AtomicU64>,
}

/// The card's own time, moved by the test: its crystal does not care whether it is scanned.
pub(crate) type Clock = Arc<AtomicU64>;

struct Port {
    kind: PortKind,
    off_hook: bool,
    linefeed: Linefeed,
}

impl TestCard {
    pub(crate) fn new(kinds: &[PortKind], depth: u64, sound: Sound, now: Clock) -> TestCard {
        let ports = kinds.iter().map(|kind| Port { kind: *kind, off_hook: false, linefeed: Linefeed::Open }).collect();
        TestCard {
            ports,
            sound,
            depth,
            now,
            taken: 0,
            echo: false,
            before: vec![SILENCE; kinds.len()],
            playing: vec![IDLE; kinds.len() * (AHEAD_TICKS + 1)],
            scan: 0,
            condition: None,
            announced: 0,
            counters: CardCounters::default(),
            sounded: Arc::default(),
        }
    }

    /// The place of a tick's frames in what is played.
    fn slot(&self, tick: u64) -> Range<usize> {
        let first = tick as usize % (AHEAD_TICKS + 1) * self.ports.len();
        first..first + self.ports.len()
    }

    fn shown(&self, port: usize, ms: u64) -> PortCondition {
        let Port { kind, off_hook, linefeed } = &self.ports[port];
        match kind {
            PortKind::Fxs => PortCondition::Fxs { loop_closed: ms > 2000, linefeed: *linefeed, power_alarm: false },
            PortKind::Fxo => PortCondition::Fxo {
                ringing: !off_hook && (500..1500).contains(&ms),
                volts: if *off_hook { 7 } else { 48 },
                milliamps: if *off_hook { 22 } else { 0 },
                off_hook: *off_hook,
            },
            PortKind::Absent | PortKind::Broken => PortCondition::Service(*kind),
        }
    }
}

impl Card for TestCard {
    fn ports(&self) -> usize {
        self.ports.len()
    }

    fn law(&self) -> Law {
        Law::A
    }

    fn state(&self) -> CardState {
        CardState::Running
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.ports[usize::from(port.0)].kind
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        let now = self.now.load(Ordering::Relaxed);
        let mut waiting = now - self.taken;
        if waiting > self.depth {
            self.counters.lost_samples += (waiting - self.depth) * SAMPLES_PER_TICK as u64;
            self.taken = now - self.depth;
            waiting = self.depth;
            self.playing.fill(IDLE);
        }
        if self.announced < self.ports.len() {
            let kind = self.ports[self.announced].kind;
            self.condition = Some((PortId(self.announced as u8), PortCondition::Service(kind)));
            self.announced += 1;
        } else {
            self.scan = (self.scan + 1) % self.ports.len();
            self.condition = Some((PortId(self.scan as u8), self.shown(self.scan, now)));
        }
        Ok(waiting as usize)
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        let now = self.now.load(Ordering::Relaxed);
        let slot = self.slot(self.taken);
        played.copy_from_slice(&self.playing[slot.clone()]);
        self.playing[slot].fill(IDLE);
        let first = self.taken * SAMPLES_PER_TICK as u64;
        for (port, frame) in received.iter_mut().enumerate() {
            for (at, octet) in frame.iter_mut().enumerate() {
                *octet = (self.sound)(port, first + at as u64);
            }
            if self.echo {
                let sent = g711::decode_frame(Law::A, &played[port]);
                let before = core::mem::replace(&mut self.before[port], sent);
                let far = before[5..].iter().chain(&sent);
                for (octet, far) in frame.iter_mut().zip(far) {
                    *octet = g711::encode(Law::A, g711::decode(Law::A, *octet).saturating_add(*far / 2));
                }
            }
        }
        self.taken += 1;
        self.counters.ticks += 1;
        let place = self.taken + AHEAD_TICKS as u64;
        if place <= now {
            self.counters.underrun_ticks += 1;
        } else {
            let slot = self.slot(place);
            self.playing[slot].copy_from_slice(transmit);
        }
        let sounding = transmit.iter().filter(|frame| **frame != IDLE).count();
        self.sounded.fetch_add(sounding as u64, Ordering::Relaxed);
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        self.condition.take()
    }

    fn command(&mut self, port: PortId, command: PortCommand) {
        let port = &mut self.ports[usize::from(port.0)];
        match command {
            PortCommand::Linefeed(linefeed) => port.linefeed = linefeed,
            PortCommand::Hook(off_hook) => port.off_hook = off_hook,
        }
    }

    fn counters(&self) -> CardCounters {
        self.counters
    }

    fn stop(&mut self) {}
}
