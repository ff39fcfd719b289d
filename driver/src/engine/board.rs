//! A card in the engine: its channels, and the elastic buffers between its clock and the engine's.
//!
//! One board is the clock: its ticks are the engine's ticks. Any other board has a crystal of its own, so now and then
//! it has a tick more or less than the engine. Two crystals that differ by 100 ppm slip every 10 s.
//!
//! A board that came beside a clock goes through its buffers for as long as it runs, also when it becomes the clock
//! itself: one tick in, one tick out, so that its sound goes on without a gap when another board fails.
//!
//! Never: waits for a card, or lets one card's failure reach another.

use core::fmt;
use core::ops::Range;

use super::elastic::Elastic;
use crate::card::{Card, CardCounters, CardError, CardState, Frame, Law, PortCommand, PortCondition};
use crate::ids::{BoardId, PortId};
use crate::time::SAMPLES_PER_TICK;

/// A card, its place among the channels, and its buffers.
pub(super) struct Board {
    id: BoardId,
    card: Box<dyn Card>,
    idle: Frame,
    /// The channels of this board, one for each port.
    channels: Range<usize>,
    /// Ticks of sound that wait in the card, as of the last poll.
    waiting: usize,
    was_running: bool,
    /// Sound goes through the buffers: the board is beside the clock, or was when it came.
    buffered: bool,
    /// Frames received and, behind each, the frame played in the same time: the two stay together.
    received: Elastic,
    transmit: Elastic,
    /// Wake-ups in a row at whose end the card had more than the clock.
    ahead: u32,
    slips: u64,
}

/// This many wake-ups in a row the card must have more than the clock before its buffers take it. One who was held up
/// between the two has the rest of the clock's ticks at the next wake-up; a crystal that is faster stays ahead.
const AHEAD_WAKES: u32 = 8;

impl Board {
    /// A board whose channels begin at `first`.
    pub(super) fn new(id: BoardId, card: Box<dyn Card>, first: usize) -> Board {
        let ports = card.ports();
        let idle = [card.law().idle(); SAMPLES_PER_TICK];
        Board {
            id,
            card,
            idle,
            channels: first..first + ports,
            waiting: 0,
            was_running: false,
            buffered: false,
            received: Elastic::new(2 * ports, idle),
            transmit: Elastic::new(ports, idle),
            ahead: 0,
            slips: 0,
        }
    }

    /// Number of the board.
    pub(super) fn id(&self) -> BoardId {
        self.id
    }

    /// The channels of this board.
    pub(super) fn channels(&self) -> Range<usize> {
        self.channels.clone()
    }

    /// The law of its octets.
    pub(super) fn law(&self) -> Law {
        self.card.law()
    }

    /// Counters of the card.
    pub(super) fn counters(&self) -> CardCounters {
        self.card.counters()
    }

    /// Ticks left out or put in.
    pub(super) fn slips(&self) -> u64 {
        self.slips
    }

    /// Returns true while DMA runs on this board.
    pub(super) fn is_running(&self) -> bool {
        self.card.state() == CardState::Running
    }

    /// Services the card. An error is reported once, and the engine goes on without the card until it is back.
    pub(super) fn poll(&mut self) -> Result<(), CardError> {
        let polled = self.card.poll();
        let running = self.is_running();
        self.waiting = if running { *polled.as_ref().unwrap_or(&0) } else { 0 };
        // One that comes goes straight, unless it is put beside another that is the clock.
        self.buffered &= running && self.was_running;
        self.was_running = running;
        polled.map(|_| ())
    }

    /// The board is not the clock: from now on through the buffers, for as long as it runs.
    pub(super) fn put_beside(&mut self) {
        if !self.buffered {
            self.buffered = true;
            self.received.start();
            self.transmit.start();
        }
    }

    /// Ticks of sound that wait in the card and have not been exchanged.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Gives the next tick of sound from the board, with what was played in its time, and takes one for it: straight
    /// from and to the card, or by way of the buffers, between which and the card goes a tick if the card has one.
    pub(super) fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        if !self.is_running() {
            received.fill(self.idle);
            played.fill(self.idle);
            return;
        }
        if !self.buffered {
            self.waiting = self.waiting.saturating_sub(1);
            self.card.exchange(received, played, transmit);
            return;
        }
        self.exchange_with_buffers();
        match self.received.take() {
            Some(frames) => {
                let (frames_received, frames_played) = frames.split_at(received.len());
                received.copy_from_slice(frames_received);
                played.copy_from_slice(frames_played);
            }
            None => {
                received.fill(self.idle);
                played.fill(self.idle);
                self.slips += 1;
            }
        }
        match self.transmit.place() {
            Some(place) => place.copy_from_slice(transmit),
            None => self.slips += 1,
        }
    }

    /// Beside the clock, at the end of a wake-up: takes what the card still has, if it has had more for long enough,
    /// and keeps the buffers shallow.
    pub(super) fn settle(&mut self) {
        self.ahead = if self.waiting > 0 { self.ahead + 1 } else { 0 };
        if self.ahead < AHEAD_WAKES {
            return;
        }
        while self.waiting > 0 {
            self.exchange_with_buffers();
        }
        self.slips += self.received.leave_out() + self.transmit.leave_out();
    }

    /// The next thing seen at a port, if any.
    pub(super) fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        self.card.poll_condition()
    }

    /// The fault of a port's module as a sentence; none without a fault.
    pub(super) fn fault(&self, port: PortId) -> Option<&dyn fmt::Display> {
        self.card.fault(port)
    }

    /// Asks the card for something to be done to a port.
    pub(super) fn command(&mut self, port: PortId, command: PortCommand) {
        self.card.command(port, command);
    }

    /// Stops the card: the last thing before it is closed.
    pub(super) fn stop(&mut self) {
        self.card.stop();
    }

    fn exchange_with_buffers(&mut self) {
        if self.waiting == 0 {
            return;
        }
        self.waiting -= 1;
        if self.received.is_full() {
            // What came longest ago gives way.
            self.received.take();
            self.slips += 1;
        }
        let Some(place) = self.received.place() else {
            debug_assert!(false, "there is room: see above");
            return;
        };
        let (received, played) = place.split_at_mut(self.channels.len());
        match self.transmit.take() {
            Some(transmit) => self.card.exchange(received, played, transmit),
            None => {
                self.slips += 1;
                self.card.exchange(received, played, self.transmit.idle());
            }
        }
    }
}
