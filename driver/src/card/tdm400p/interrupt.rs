//! Interrupt accounting (INTx), without coalescing: interrupt points, missed and spurious interrupts, acknowledge and
//! unmask.
//!
//! A ring has two interrupt points, its middle and its end, so an interrupt comes every half receive ring: every 32 ms
//! with the usual one. Looks in between are the pace's, by its timer, which begins anew with each interrupt. The other
//! ways were weighed:
//!
//! - A receive ring short enough to pace ticks by itself (8 ms: an interrupt every 4) loses sound in a stall of 3 ms.
//! - A short *transmit* ring that paces beside a deep receive ring loses nothing received, but plays what is in it over
//!   and over in a stall of more than its length, with no thread awake to clear it.
//! - Moving the interrupt address along a deep ring gives both, but whether the chip takes that while it runs is not
//!   known.
//! - One interrupt every 22 ms or more bears a stall of 20 ms by itself, and makes sound late by as much; the pulses of
//!   a dial are missed, for modules must be looked at every 16 ms.
//!
//! So an interrupt gives the looks their phase, and comes when a timer fails to; it is not needed for anything.
//!
//! Nothing hangs on an interrupt: each look reads the positions. One that did not come, or came to nothing, is counted:
//!
//! - *missed*: the position is a millisecond past an interrupt point, and no interrupt has come;
//! - *spurious*: an interrupt came, and no event stands in the card. Its line stays masked until the next look that was
//!   not woken by it, so that a line which is stuck costs a look a millisecond and not all of the processor.
//!
//! Never: touches the card. It takes values read and returns values to write.

use super::bridge::{EventMask, Events};
use crate::pci::attach::Interrupt;
use crate::time::SAMPLES_PER_TICK;

/// The events that interrupt: the receive ring's two points, and aborted DMA.
const INTERRUPTING: Events =
    Events::RECEIVE_INTERRUPT.and(Events::RECEIVE_END).and(Events::MASTER_ABORT).and(Events::TARGET_ABORT);

/// State of the interrupt line and its counters.
#[derive(Debug)]
pub(super) struct InterruptMonitor {
    line: Option<Interrupt>,
    /// The last interrupt point whose interrupt has come, or was counted as missed.
    covered: u64,
    /// The line has fired and has not been unmasked.
    masked: bool,
    /// Events were cleared before their interrupt was seen: it comes to nothing, and rightly so.
    early: bool,
    /// Events that were seen and are to be cleared.
    seen: Events,
    /// The last interrupt came to nothing: the line is to stay masked for now.
    stuck: bool,
    /// Interrupts that did not come.
    pub missed: u64,
    /// Interrupts that came to nothing.
    pub spurious: u64,
}

/// Accesses due once the sound that a scan announced has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Acknowledge {
    /// Events to be cleared.
    pub clear: Events,
    /// The line is to be let fire again.
    pub unmask: bool,
}

impl Default for InterruptMonitor {
    /// No interrupt, and nothing counted.
    fn default() -> InterruptMonitor {
        InterruptMonitor {
            line: None,
            covered: 0,
            masked: false,
            early: false,
            seen: Events(0),
            stuck: false,
            missed: 0,
            spurious: 0,
        }
    }
}

impl InterruptMonitor {
    /// The card has been attached, with or without an interrupt.
    pub(super) fn attach(&mut self, line: Option<Interrupt>) {
        if let Some(line) = &line {
            // What the function before has left behind.
            line.take();
        }
        let (missed, spurious) = (self.missed, self.spurious);
        *self = InterruptMonitor { line, missed, spurious, ..InterruptMonitor::default() };
    }

    /// Sound begins to count, `received` words after DMA began.
    pub(super) fn start(&mut self, received: u64, words_per_interrupt: u64) {
        self.covered = received / words_per_interrupt;
    }

    /// Returns true for a card served by interrupt.
    pub(super) fn is_interrupt(&self) -> bool {
        self.line.is_some()
    }

    /// The events to be enabled while sound moves.
    pub(super) fn mask(&self) -> EventMask {
        if self.is_interrupt() { EventMask(INTERRUPTING.0) } else { EventMask::NONE }
    }

    /// A look has found `events`, and that `received` words have passed since DMA began.
    pub(super) fn look(&mut self, events: Events, received: u64, words_per_interrupt: u64) {
        let Some(line) = &self.line else { return };
        let woken = line.take();
        let told = Events(events.0 & INTERRUPTING.0);
        if woken {
            self.masked = true;
            self.covered = self.covered.max(received / words_per_interrupt);
        }
        let due = received.saturating_sub(SAMPLES_PER_TICK as u64) / words_per_interrupt;
        if due > self.covered {
            self.missed += due - self.covered;
            self.covered = due;
        }
        self.stuck = woken && told.0 == 0 && !core::mem::take(&mut self.early);
        self.spurious += u64::from(self.stuck);
        if told.0 != 0 {
            self.early = !self.masked;
        }
        self.seen = self.seen.and(told);
    }

    /// Accesses due now: given once the sound has been taken, so that the card does not call for more before that.
    pub(super) fn acknowledge(&mut self) -> Acknowledge {
        let unmask = !self.stuck && core::mem::take(&mut self.masked);
        Acknowledge { clear: core::mem::replace(&mut self.seen, Events(0)), unmask }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: u64 = 32;
    const NOTHING: Acknowledge = Acknowledge { clear: Events(0), unmask: false };

    fn interrupt() -> (InterruptMonitor, Interrupt) {
        let line = Interrupt::new().unwrap();
        let mut interrupt = InterruptMonitor::default();
        interrupt.attach(Some(line.clone()));
        interrupt.start(0, HALF);
        (interrupt, line)
    }

    fn fire(line: &Interrupt) {
        nix::unistd::write(line.descriptor(), &1u64.to_ne_bytes()).unwrap();
        line.look();
    }

    fn counted(interrupt: &InterruptMonitor) -> (u64, u64) {
        (interrupt.missed, interrupt.spurious)
    }

    /// A look whose sound is taken at once.
    fn look(interrupt: &mut InterruptMonitor, events: Events, received: u64) -> Acknowledge {
        interrupt.look(events, received, HALF);
        interrupt.acknowledge()
    }

    #[test]
    fn an_interrupt_in_time_is_cleared_and_let_fire_again() {
        let (mut interrupt, line) = interrupt();
        for half in 1..10 {
            fire(&line);
            let answer = look(&mut interrupt, Events::RECEIVE_END, half * HALF + 3);
            assert_eq!(answer, Acknowledge { clear: Events::RECEIVE_END, unmask: true });
        }
        assert_eq!(counted(&interrupt), (0, 0));
    }

    #[test]
    fn events_seen_twice_before_their_sound_is_taken_are_cleared_once() {
        let (mut interrupt, line) = interrupt();
        fire(&line);
        interrupt.look(Events::RECEIVE_INTERRUPT, HALF, HALF);
        interrupt.look(Events::RECEIVE_INTERRUPT.and(Events::RECEIVE_END), 2 * HALF, HALF);
        let both = Events::RECEIVE_INTERRUPT.and(Events::RECEIVE_END);
        assert_eq!(interrupt.acknowledge(), Acknowledge { clear: both, unmask: true });
        assert_eq!(interrupt.acknowledge(), NOTHING);
        fire(&line);
        assert!(!look(&mut interrupt, Events(0), 2 * HALF + 8).unmask);
        assert_eq!(counted(&interrupt), (0, 1), "nothing excuses an interrupt that comes to nothing then");
    }

    #[test]
    fn an_interrupt_that_is_lost_is_counted_once_and_the_next_is_in_time() {
        let (mut interrupt, line) = interrupt();
        assert_eq!(look(&mut interrupt, Events(0), HALF + 7), NOTHING, "it may still come");
        assert_eq!(look(&mut interrupt, Events(0), HALF + 8), NOTHING);
        assert_eq!(look(&mut interrupt, Events(0), HALF + 16), NOTHING);
        assert_eq!(counted(&interrupt), (1, 0));
        fire(&line);
        assert!(look(&mut interrupt, Events::RECEIVE_END, 2 * HALF).unmask);
        assert_eq!(counted(&interrupt), (1, 0));
    }

    #[test]
    fn an_interrupt_that_is_late_is_missed_and_its_events_cleared_before_it_comes_to_nothing() {
        let (mut interrupt, line) = interrupt();
        let answer = look(&mut interrupt, Events::RECEIVE_INTERRUPT, HALF + 8);
        assert_eq!(answer, Acknowledge { clear: Events::RECEIVE_INTERRUPT, unmask: false }, "it has not fired");
        fire(&line);
        assert!(look(&mut interrupt, Events(0), HALF + 16).unmask);
        assert_eq!(counted(&interrupt), (1, 0));
    }

    #[test]
    fn a_stuck_line_stays_masked_until_a_look_that_it_did_not_cause() {
        let (mut interrupt, line) = interrupt();
        fire(&line);
        assert_eq!(look(&mut interrupt, Events(0), 8), NOTHING);
        assert_eq!(look(&mut interrupt, Events(0), 16), Acknowledge { clear: Events(0), unmask: true });
        assert_eq!(counted(&interrupt), (0, 1));
    }
}
