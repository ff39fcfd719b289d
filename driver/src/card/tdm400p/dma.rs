//! DMA rings, served by position: overruns, underruns and replays counted; one 32-bit word a sample, one octet a port.
//!
//! Octet n of a word (the lowest address first) is the sample of port n. Both rings advance together, a word every 125
//! us; where they are is read from the card, so a late service loses nothing as long as the receive ring has not gone
//! round.
//!
//! - *Receive* is read up to two words behind the position, whose own word may not be whole yet.
//! - *Transmit* runs a fixed time ahead of receive: the tick taken at word n is answered at word n + a constant, so
//!   that what was said when is known exactly. A tick that comes too late for its place is dropped and counted.
//! - *What was played is remembered* for as long as the words received with it have not been taken: the two rings'
//!   words of the same number are of the same 125 us, and what comes in holds the echo of what went out.
//! - *Played words are overwritten with idle*, so that a stalled driver is heard as silence, not as old sound, until it
//!   has stalled for a whole transmit ring. Before what was left in it comes round, the [transmit
//!   watchdog](crate::pci::tx_watchdog) makes it idle. Where that stands still too (the program is stopped), it is
//!   heard once a lap: as many milliseconds of old sound as transmit runs ahead, usually 4, in each 127; that is
//!   counted. The chip cannot prevent it: its other mode, stopping at the end of the ring, would stop receive too, in
//!   every lap; and a longer ring only makes the laps longer, beyond what other drivers have tried on this chip.
//! - *What was received leaves marks*: words that have been taken are overwritten with them. Whoever looked at the
//!   positions may be held up before it makes use of them, and the marks tell, without a register access, how far the
//!   card has come since, for it writes in order. A tick that the card came round to while it was taken is lost, and
//!   counted; a tick that was written to its place too late is taken back, and counted. Rings up to 4 ms have no room
//!   for marks; and for a lap after a loss there are none where they would tell of the latter.
//! - *The rings differ in length.* Their lengths in milliseconds have no common divisor, so the two positions together
//!   tell how often the rings have wrapped (like the two scales of a vernier): what was lost is counted, not
//!   guessed. That holds for positions of one moment only. Whoever reads them may be held up in between, so receive is
//!   read again after transmit: if it has moved on, laps are counted at the next look.
//!
//! Never: reads a register. It is given positions.

mod ring_buffer;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use self::ring_buffer::{Ring, SKEW, unwrap};
use super::bridge::Address;
use crate::card::Frame;
use crate::pci::Access;
use crate::pci::dma::DmaBuffer;
use crate::time::SAMPLES_PER_TICK;

/// Words of a tick.
const TICK: u64 = SAMPLES_PER_TICK as u64;
/// Words kept between our reading and the card's writing: the word at the position may not be whole.
const RECEIVE_GUARD: u64 = 2;
/// Words kept between the card's reading and our writing: the card may have fetched ahead.
const TRANSMIT_GUARD: u64 = 4;
/// Marks in even and odd words that have been taken, until the card has come round. That sound is the same on all four
/// ports, just when it matters, is not to be expected.
const MARKS: [u32; 2] = [0x9d3a_5c61, 0x62c5_a39e];
/// Receive rings of this many words have no room for marks: the card is always about to come round.
const UNMARKED: u64 = 4 * TICK;
/// The length of the transmit ring in milliseconds: a prime.
const TRANSMIT_MS: u32 = 127;
/// Length of the transmit ring when the receive ring is that long.
const TRANSMIT_MS_OTHER: u32 = 125;

/// The shortest and the longest receive ring in milliseconds.
pub const RECEIVE_MS: core::ops::RangeInclusive<u32> = 2..=128;
/// Longest lead of transmit, in milliseconds.
pub const AHEAD_MS: core::ops::RangeInclusive<u32> = 1..=64;

/// The rings of a card that runs.
pub(super) struct Rings {
    buffer: Arc<DmaBuffer>,
    receive: Ring,
    transmit: Ring,
    /// Words between a received tick's end and the place of its answer.
    ahead: u64,
    /// A word of idle octets.
    idle: u32,
    /// Words taken by [`exchange`](Rings::exchange), or passed over.
    taken: u64,
    marks: Marks,
    /// The first word of those to come where a mark stands; up to a lap after what has been taken.
    marked_from: u64,
    /// Up to where transmit has been written.
    written: u64,
    /// Up to where transmit has been made idle again.
    cleared: u64,
    /// The transmit ring as the card met it: like it, but a word is made idle only once its tick has been taken.
    played: Vec<u32>,
}

/// State of the marks in the two words before the next tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// They stood there before the card came near.
    Good,
    /// They were put there after the positions had been read: whether in time, the next look tells. Nothing is taken
    /// before.
    Fresh,
    /// The card has come round while ticks were taken. Nothing more is taken of what lies there.
    Overrun,
}

/// Result of reading the positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Words that have passed since the last look.
    pub moved: u64,
    /// Samples of each port that were overwritten before they were taken; whole ticks.
    pub lost: u64,
    /// Words of sound that were played again because the transmit ring had wrapped.
    pub replayed: u64,
}

/// A position that lies outside its ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Astray {
    /// The register that gave it.
    pub register: Address,
    /// The sound it gave.
    pub value: u32,
}

/// Placement of a tick in the transmit ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// It will be played at its place.
    InTime,
    /// Underrun: its place had been played already, as idle, when the position was last read, or has been since, as the
    /// marks tell.
    Underrun,
    /// The card came round to the tick while it was taken: silence was given in its place, and nothing will be played.
    Overrun,
}

impl Rings {
    /// Octets of DMA memory needed for a receive ring of this many milliseconds.
    pub(super) fn octets(receive_ms: u32) -> u32 {
        (words(receive_ms) + words(transmit_ms(receive_ms))) as u32 * 4
    }

    /// The words of that memory that the card plays.
    pub(super) fn played_words(receive_ms: u32) -> core::ops::Range<usize> {
        let first = words(receive_ms) as usize;
        first..first + words(transmit_ms(receive_ms)) as usize
    }

    /// Room for what was played, to be given to [`new`](Rings::new), and taken back by [`into_room`](Rings::into_room).
    pub(super) fn room(receive_ms: u32) -> Vec<u32> {
        Vec::with_capacity(words(transmit_ms(receive_ms)) as usize)
    }

    /// Rings in `buffer`, which has at least [`octets`](Rings::octets). Everything is idle. Nothing is allocated, if
    /// `room` is for a receive ring of this length.
    pub(super) fn new(buffer: Arc<DmaBuffer>, receive_ms: u32, ahead_ms: u32, idle: u8, mut room: Vec<u32>) -> Rings {
        let receive = Ring::new(0, words(receive_ms));
        let transmit = Ring::new(receive.words as usize, words(transmit_ms(receive_ms)));
        let idle = u32::from_le_bytes([idle; 4]);
        for word in 0..(receive.words + transmit.words) as usize {
            buffer.write(word, idle);
        }
        let ahead = u64::from(ahead_ms) * TICK;
        room.clear();
        room.resize(transmit.words as usize, idle);
        let rings = Rings {
            buffer,
            receive,
            transmit,
            ahead,
            idle,
            taken: 0,
            marks: Marks::Good,
            marked_from: 0,
            written: 0,
            cleared: 0,
            played: room,
        };
        if rings.has_marks() {
            (0..rings.receive.words).for_each(|word| rings.mark(word));
        }
        rings
    }

    /// Gives the room back.
    pub(super) fn into_room(self) -> Vec<u32> {
        self.played
    }

    /// Words received since DMA began.
    pub(super) fn received(&self) -> u64 {
        self.receive.total
    }

    /// Words between two interrupts of the receive ring: its middle and its end.
    pub(super) fn words_per_interrupt(&self) -> u64 {
        self.receive.words / 2
    }

    /// The accesses that tell the card where its rings are.
    pub(super) fn addresses(&self) -> [Access; 6] {
        let address = |word: u64| self.buffer.address() + word as u32 * 4;
        let of = |ring: &Ring| {
            let first = ring.first as u64;
            [address(first), address(first + ring.words / 2 - 1), address(first + ring.words - 1)]
        };
        let [transmit_start, transmit_middle, transmit_end] = of(&self.transmit);
        let [receive_start, receive_middle, receive_end] = of(&self.receive);
        [
            Address::TransmitStart.write(transmit_start),
            Address::TransmitInterrupt.write(transmit_middle),
            Address::TransmitEnd.write(transmit_end),
            Address::ReceiveStart.write(receive_start),
            Address::ReceiveInterrupt.write(receive_middle),
            Address::ReceiveEnd.write(receive_end),
        ]
    }

    /// Takes the positions that the card gave in one transaction: of receive, of transmit, and of receive again.
    pub(super) fn advance(
        &mut self,
        receive_current: u32,
        transmit_current: u32,
        receive_again: u32,
    ) -> Result<Progress, Astray> {
        let base = self.buffer.address();
        let before = self.receive.place(base, Address::ReceiveCurrent, receive_current)?;
        let mut transmit = self.transmit.place(base, Address::TransmitCurrent, transmit_current)?;
        let receive = self.receive.place(base, Address::ReceiveCurrent, receive_again)?;
        let mut moved = (self.receive.words + receive - self.receive.position) % self.receive.words;
        let held_up = (self.receive.words + receive - before) % self.receive.words > SKEW;
        if held_up {
            // Transmit is of another moment. Where it would be now follows from receive, laps apart.
            transmit = (self.transmit.position + moved) % self.transmit.words;
        } else {
            let transmit_moved = (self.transmit.words + transmit - self.transmit.position) % self.transmit.words;
            moved = unwrap(moved, transmit_moved, self.receive.words, self.transmit.words);
        }
        self.receive.position = receive;
        self.receive.total += moved;
        // The transmit position is kept as it was read, as near to the receive position as it can be.
        let apart = (self.transmit.words + transmit - (self.transmit.position + moved) % self.transmit.words)
            % self.transmit.words;
        self.transmit.position = transmit;
        self.transmit.total += moved;
        if apart <= self.transmit.words / 2 {
            self.transmit.total += apart;
        } else {
            self.transmit.total = self.transmit.total.saturating_sub(self.transmit.words - apart);
        }
        let lost = self.pass_over_lost();
        let replayed = self.replayed();
        self.clear_played();
        Ok(Progress { moved, lost, replayed })
    }

    /// Whole ticks that wait to be taken.
    pub(super) fn waiting(&self) -> u64 {
        if self.marks != Marks::Good {
            return 0;
        }
        (self.receive.total.saturating_sub(self.taken + RECEIVE_GUARD)) / TICK
    }

    /// Forgets all that has been received until now: what was heard while the modules came up.
    pub(super) fn start_from_here(&mut self) {
        self.taken = self.receive.total / TICK * TICK;
        self.written = self.transmit.total;
        self.cleared = self.transmit.total;
        self.played.fill(self.idle);
        self.mark_afresh();
    }

    /// Takes one tick, which must have been [waiting](Rings::waiting) at the last look, with what was played in the
    /// same time, and gives one tick to be played.
    pub(super) fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) -> Placement {
        for sample in 0..SAMPLES_PER_TICK {
            let word = self.taken + sample as u64;
            spread(self.buffer.read(self.receive.word(word)), received, sample);
            let place = (word % self.transmit.words) as usize;
            spread(core::mem::replace(&mut self.played[place], self.idle), played, sample);
        }
        if self.is_overrun() {
            self.marks = Marks::Overrun;
            for sample in 0..SAMPLES_PER_TICK {
                spread(self.idle, received, sample);
                spread(self.idle, played, sample);
            }
            self.taken += TICK;
            return Placement::Overrun;
        }
        self.taken += TICK;
        let place = self.taken + self.ahead;
        if place < self.transmit.total + TRANSMIT_GUARD {
            return Placement::Underrun;
        }
        if self.cleared == self.written {
            // All that was ever written is idle again, and so is what lies between.
            self.cleared = place;
        }
        for sample in 0..SAMPLES_PER_TICK {
            let mut octets = self.idle.to_le_bytes();
            for (octet, frame) in octets.iter_mut().zip(transmit) {
                *octet = frame[sample];
            }
            self.play(place + sample as u64, u32::from_le_bytes(octets));
        }
        self.written = place + TICK;
        fence(Ordering::SeqCst);
        if self.has_passed(place - TRANSMIT_GUARD) {
            (place..place + TICK).for_each(|word| self.play(word, self.idle));
            return Placement::Underrun;
        }
        Placement::InTime
    }

    /// Gives the card a word to be played.
    fn play(&mut self, word: u64, octets: u32) {
        self.buffer.write(self.transmit.word(word), octets);
        self.played[(word % self.transmit.words) as usize] = octets;
    }

    /// Returns true if there are marks.
    fn has_marks(&self) -> bool {
        self.receive.words > UNMARKED
    }

    /// Puts a mark where `word` will be received.
    fn mark(&self, word: u64) {
        self.buffer.write(self.receive.word(word), MARKS[(word % 2) as usize]);
    }

    /// Returns true if the card has received `word`, a word to come at the last look, as far as the marks tell.
    fn has_passed(&self, word: u64) -> bool {
        let is_marked = self.has_marks() && (self.marked_from..self.taken + self.receive.words).contains(&word);
        is_marked && self.buffer.read(self.receive.word(word)) != MARKS[(word % 2) as usize]
    }

    /// Returns true if the card may have come round to the tick that has just been read. If it has not, the tick's
    /// words are marked.
    fn is_overrun(&self) -> bool {
        if !self.has_marks() || self.marks == Marks::Overrun {
            return self.marks == Marks::Overrun;
        }
        // The new marks first: if the old ones stand after that, the card was far from where the new ones are.
        let next_lap = self.taken + self.receive.words;
        (next_lap..next_lap + TICK).for_each(|word| self.mark(word));
        fence(Ordering::SeqCst);
        (next_lap - 2..next_lap).any(|word| self.has_passed(word))
    }

    /// Puts marks before the next tick to be taken, which is not the one after the last that was.
    fn mark_afresh(&mut self) {
        if self.has_marks() {
            self.marked_from = self.taken + self.receive.words - 2;
            (self.marked_from..self.marked_from + 2).for_each(|word| self.mark(word));
            self.marks = Marks::Fresh;
        }
    }

    /// Makes idle again what has been played.
    fn clear_played(&mut self) {
        let played = self.transmit.total.saturating_sub(RECEIVE_GUARD).min(self.written);
        while self.cleared < played {
            self.buffer.write(self.transmit.word(self.cleared), self.idle);
            self.cleared += 1;
        }
    }

    /// Words of sound that were played more than once, because they were not cleared for a lap or more.
    fn replayed(&self) -> u64 {
        let again = |word: u64| self.transmit.total.saturating_sub(word + 1) / self.transmit.words;
        let sound = |word: &u64| self.buffer.read(self.transmit.word(*word)) != self.idle;
        (self.cleared..self.written).take_while(|word| again(*word) > 0).filter(sound).map(again).sum()
    }

    /// Passes over ticks that the card has overwritten, or is about to. Gives the words passed over.
    fn pass_over_lost(&mut self) -> u64 {
        let behind = self.receive.total.saturating_sub(self.taken);
        // A tick of room, because the card goes on writing while we read; the shortest rings have none to give.
        let room = if self.has_marks() { TICK } else { 0 };
        let lost = match self.marks {
            // Marks that were put among what came in are in the way: all of it is left.
            Marks::Overrun => behind / TICK * TICK,
            _ if behind <= self.receive.words - room => {
                self.marks = Marks::Good;
                return 0;
            }
            Marks::Fresh => behind / TICK * TICK,
            // Who was that late may be late again: a quarter of the ring is left free.
            Marks::Good if self.has_marks() => {
                let kept = self.receive.words - (self.receive.words / 4).max(3 * TICK);
                (behind - kept).next_multiple_of(TICK)
            }
            Marks::Good => (behind - self.receive.words).next_multiple_of(TICK),
        };
        if lost > 0 {
            self.forget_played(lost);
        }
        self.taken += lost;
        self.mark_afresh();
        lost
    }

    /// Ticks of this many words are passed over: what was played beside them is forgotten.
    fn forget_played(&mut self, lost: u64) {
        let next = self.taken + lost;
        // Beside the ticks that wait stands what came round again. What was idle by then, or is not of their time, is
        // not.
        let cleared = self.taken..self.cleared.min(next);
        let other = self.transmit.total.max(self.written)..next + self.transmit.words;
        // What has been made idle by others since.
        let silenced = next.max(self.written)..self.transmit.total;
        let silenced = silenced.filter(|word| self.buffer.read(self.transmit.word(*word)) == self.idle);
        for word in cleared.chain(other).chain(silenced) {
            self.played[(word % self.transmit.words) as usize] = self.idle;
        }
    }
}

/// Gives each port its octet of a word.
fn spread(word: u32, frames: &mut [Frame], sample: usize) {
    for (frame, octet) in frames.iter_mut().zip(word.to_le_bytes()) {
        frame[sample] = octet;
    }
}

/// Words in this many milliseconds.
fn words(ms: u32) -> u64 {
    u64::from(ms) * TICK
}

/// The length of the transmit ring beside a receive ring: without a common divisor, so that the pair tells more.
fn transmit_ms(receive_ms: u32) -> u32 {
    if receive_ms == TRANSMIT_MS { TRANSMIT_MS_OTHER } else { TRANSMIT_MS }
}
