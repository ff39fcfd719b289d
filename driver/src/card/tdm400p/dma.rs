//! The two DMA rings, served by position: one 32-bit word a sample, one octet a port.
//!
//! Octet n of a word (the lowest address first) is the sample of port n. Both rings advance together, a word every 125 us;
//! where they are is read from the card, so a late service loses nothing as long as the receive ring has not gone round.
//!
//! - *Receive* is read up to two words behind the position, whose own word may not be whole yet.
//! - *Transmit* runs a fixed time ahead of receive: the tick taken at word n is answered at word n + a constant, so that
//!   what was said when is known exactly. A tick that comes too late for its place is dropped and counted.
//! - *What was played is remembered* for as long as the words received with it have not been taken: the two rings' words of
//!   the same number are of the same 125 us, and what comes in holds the echo of what went out.
//! - *Played words are overwritten with idle*, so that a stalled driver is heard as silence, not as old sound, until it has
//!   stalled for a whole transmit ring. Then what was left in it comes round once a lap: as many milliseconds of old sound as
//!   transmit runs ahead, usually 4, in each 127, until the driver is back. Nobody is awake to prevent it: the chip's other
//!   mode, stopping at the end of the ring, would stop in every lap of a driver in time too; and a longer ring only makes the
//!   laps longer, beyond what other drivers have tried on this chip.
//! - *The rings differ in length.* Their lengths in milliseconds have no common divisor, so the two positions together tell
//!   how often the rings have gone round (like the two scales of a vernier): what was lost is counted, not guessed. That
//!   holds for positions of one moment only. Whoever reads them may be held up in between, so receive is read again after
//!   transmit: if it has moved on, laps are counted at the next look.
//!
//! Never: reads a register. It is given positions.

use std::sync::Arc;

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
/// Words by which the two positions may differ because they are read one after the other.
const SKEW: u64 = 3;
/// The length of the transmit ring in milliseconds: a prime.
const TRANSMIT_MS: u32 = 127;
/// The same, when the receive ring is that long.
const TRANSMIT_MS_OTHER: u32 = 125;

/// The shortest and the longest receive ring in milliseconds.
pub const RECEIVE_MS: core::ops::RangeInclusive<u32> = 2..=128;
/// How far transmit may run ahead, in milliseconds.
pub const AHEAD_MS: core::ops::RangeInclusive<u32> = 1..=64;

/// The rings of a card that runs.
pub struct Rings {
    buffer: Arc<DmaBuffer>,
    receive: Ring,
    transmit: Ring,
    /// Words between a received tick's end and the place of its answer.
    ahead: u64,
    /// A word of idle octets.
    idle: u32,
    /// Words taken by [`exchange`](Rings::exchange), or passed over.
    taken: u64,
    /// Up to where transmit has been written.
    written: u64,
    /// Up to where transmit has been made idle again.
    cleared: u64,
    /// The transmit ring as the card met it: like it, but a word is made idle only once its tick has been taken.
    played: Vec<u32>,
}

/// One ring.
struct Ring {
    /// The first word, in the buffer.
    first: usize,
    /// The length in words.
    words: u64,
    /// The position as the card gave it last, in words from the first.
    position: u64,
    /// Words that have passed since DMA began.
    total: u64,
}

/// What a look at the positions showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Words that have passed since the last look.
    pub moved: u64,
    /// Samples of each port that were overwritten before they were taken; whole ticks.
    pub lost: u64,
}

/// A position that lies outside its ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Astray {
    /// Which register gave it.
    pub register: Address,
    /// What it gave.
    pub value: u32,
}

/// What became of a tick that was given to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It will be played at its place.
    InTime,
    /// Its place had been played already, as idle, when the position was last read.
    TooLate,
}

impl Rings {
    /// Octets of DMA memory needed for a receive ring of so many milliseconds.
    pub fn octets(receive_ms: u32) -> u32 {
        (words(receive_ms) + words(transmit_ms(receive_ms))) as u32 * 4
    }

    /// Room for what was played, to be given to [`new`](Rings::new), and taken back by [`into_room`](Rings::into_room).
    pub fn room(receive_ms: u32) -> Vec<u32> {
        Vec::with_capacity(words(transmit_ms(receive_ms)) as usize)
    }

    /// Rings in `buffer`, which has at least [`octets`](Rings::octets). Everything is idle. Nothing is allocated, if `room` is
    /// for a receive ring of this length.
    pub fn new(buffer: Arc<DmaBuffer>, receive_ms: u32, ahead_ms: u32, idle: u8, mut room: Vec<u32>) -> Rings {
        let receive = Ring::new(0, words(receive_ms));
        let transmit = Ring::new(receive.words as usize, words(transmit_ms(receive_ms)));
        let idle = u32::from_le_bytes([idle; 4]);
        for word in 0..(receive.words + transmit.words) as usize {
            buffer.write(word, idle);
        }
        let ahead = u64::from(ahead_ms) * TICK;
        room.clear();
        room.resize(transmit.words as usize, idle);
        Rings { buffer, receive, transmit, ahead, idle, taken: 0, written: 0, cleared: 0, played: room }
    }

    /// Gives the room back.
    pub fn into_room(self) -> Vec<u32> {
        self.played
    }

    /// Words received since DMA began.
    pub fn received(&self) -> u64 {
        self.receive.total
    }

    /// Words between two interrupts of the receive ring: its middle and its end.
    pub fn words_per_interrupt(&self) -> u64 {
        self.receive.words / 2
    }

    /// The accesses that tell the card where its rings are.
    pub fn addresses(&self) -> [Access; 6] {
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
    pub fn advance(
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
        self.clear_played();
        Ok(Progress { moved, lost })
    }

    /// Whole ticks that wait to be taken.
    pub fn waiting(&self) -> u64 {
        (self.receive.total.saturating_sub(self.taken + RECEIVE_GUARD)) / TICK
    }

    /// Forgets all that has been received until now: what was heard while the modules came up.
    pub fn start_from_here(&mut self) {
        self.taken = self.receive.total / TICK * TICK;
        self.written = self.transmit.total;
        self.cleared = self.transmit.total;
        self.played.fill(self.idle);
    }

    /// Takes one tick, which must be [waiting](Rings::waiting), with what was played in the same time, and gives one tick to be
    /// played.
    pub fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) -> Placed {
        for sample in 0..SAMPLES_PER_TICK {
            let word = self.taken + sample as u64;
            spread(self.buffer.read(self.receive.word(word)), received, sample);
            let place = (word % self.transmit.words) as usize;
            spread(core::mem::replace(&mut self.played[place], self.idle), played, sample);
        }
        self.taken += TICK;
        let place = self.taken + self.ahead;
        if place < self.transmit.total + TRANSMIT_GUARD {
            return Placed::TooLate;
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
            let word = u32::from_le_bytes(octets);
            self.buffer.write(self.transmit.word(place + sample as u64), word);
            self.played[((place + sample as u64) % self.transmit.words) as usize] = word;
        }
        self.written = place + TICK;
        Placed::InTime
    }

    /// Makes idle again what has been played.
    fn clear_played(&mut self) {
        let played = self.transmit.total.saturating_sub(RECEIVE_GUARD).min(self.written);
        while self.cleared < played {
            self.buffer.write(self.transmit.word(self.cleared), self.idle);
            self.cleared += 1;
        }
    }

    /// Passes over ticks that the card has overwritten, or is about to. Gives the words passed over.
    fn pass_over_lost(&mut self) -> u64 {
        // A tick of room, because the card goes on writing while we read; the shortest rings have none to give.
        let room = self.receive.words - if self.receive.words > 4 * TICK { TICK } else { 0 };
        let behind = self.receive.total.saturating_sub(self.taken);
        let lost = behind.saturating_sub(room).next_multiple_of(TICK);
        if lost > 0 {
            // Beside the ticks that wait stands what came round again. What was idle by then, or is not of their time, is not.
            let cleared = self.taken..self.cleared.min(self.taken + lost);
            let other = self.transmit.total.max(self.written)..self.taken + lost + self.transmit.words;
            for word in cleared.chain(other) {
                self.played[(word % self.transmit.words) as usize] = self.idle;
            }
        }
        self.taken += lost;
        lost
    }
}

impl Ring {
    fn new(first: usize, words: u64) -> Ring {
        Ring { first, words, position: 0, total: 0 }
    }

    /// The word's place in the buffer.
    fn word(&self, index: u64) -> usize {
        self.first + (index % self.words) as usize
    }

    /// The position that an address means. The one past the end is the first.
    fn place(&self, base: u32, register: Address, value: u32) -> Result<u64, Astray> {
        let start = base + self.first as u32 * 4;
        let place = u64::from(value.wrapping_sub(start) / 4);
        if value < start || place > self.words { Err(Astray { register, value }) } else { Ok(place % self.words) }
    }
}

/// Gives each port its octet of a word.
fn spread(word: u32, frames: &mut [Frame], sample: usize) {
    for (frame, octet) in frames.iter_mut().zip(word.to_le_bytes()) {
        frame[sample] = octet;
    }
}

/// Words in so many milliseconds.
fn words(ms: u32) -> u64 {
    u64::from(ms) * TICK
}

/// The length of the transmit ring beside a receive ring: without a common divisor, so that the pair tells more.
fn transmit_ms(receive_ms: u32) -> u32 {
    if receive_ms == TRANSMIT_MS { TRANSMIT_MS_OTHER } else { TRANSMIT_MS }
}

/// How far both rings have moved, given how far each seems to have moved within its length.
///
/// The lengths in ticks have no common divisor, so the pair repeats only after their product: 8.1 s with rings of 64 and
/// 127 ms. If the positions do not fit together at all, the receive ring is believed.
fn unwrap(receive: u64, transmit: u64, receive_words: u64, transmit_words: u64) -> u64 {
    let fits = |moved: u64| {
        let apart = (moved % transmit_words + transmit_words - transmit) % transmit_words;
        apart <= SKEW || transmit_words - apart <= SKEW
    };
    let laps = transmit_words / TICK;
    (0..laps).map(|lap| receive + lap * receive_words).find(|moved| fits(*moved)).unwrap_or(receive)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: u8 = 0xd5;
    const BASE: u32 = 0x1000_0000;

    /// A card in a few lines: plays and records by the word.
    struct Card {
        rings: Rings,
        at: u64,
        played: Vec<u32>,
    }

    impl Card {
        fn new(receive_ms: u32, ahead_ms: u32) -> Card {
            let buffer = DmaBuffer::allocate(Rings::octets(receive_ms)).unwrap().mapped_at(BASE, Box::new(|| {}));
            let room = Rings::room(receive_ms);
            Card { rings: Rings::new(Arc::new(buffer), receive_ms, ahead_ms, IDLE, room), at: 0, played: Vec::new() }
        }

        fn run(&mut self, ms: u64) {
            for _ in 0..ms * TICK {
                let word = self.rings.transmit.word(self.at);
                self.played.push(self.rings.buffer.read(word));
                self.rings.buffer.write(self.rings.receive.word(self.at), self.at as u32);
                self.at += 1;
            }
        }

        fn look(&mut self) -> Progress {
            let receive = BASE + self.rings.receive.word(self.at) as u32 * 4;
            let transmit = BASE + self.rings.transmit.word(self.at) as u32 * 4;
            self.rings.advance(receive, transmit, receive).unwrap()
        }

        /// A look during which the card runs on for so many milliseconds before each further register.
        fn look_held_up(&mut self, ms: u64) -> Progress {
            let receive = BASE + self.rings.receive.word(self.at) as u32 * 4;
            self.run(ms);
            let transmit = BASE + self.rings.transmit.word(self.at) as u32 * 4;
            self.run(ms);
            let again = BASE + self.rings.receive.word(self.at) as u32 * 4;
            self.rings.advance(receive, transmit, again).unwrap()
        }

        /// Takes all that waits; each answer is the low octet of its tick's number. Gives the ticks' first words.
        ///
        /// What is said to have been played beside a tick must be what was played.
        fn take(&mut self) -> (Vec<u32>, usize) {
            let (mut ticks, mut late) = (Vec::new(), 0);
            for _ in 0..self.rings.waiting() {
                let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
                let first = self.rings.taken as usize;
                let number = (self.rings.taken / TICK) as u8;
                let placed = self.rings.exchange(&mut received, &mut played, &[[number; 8]; 4]);
                late += usize::from(placed == Placed::TooLate);
                ticks.push(u32::from_le_bytes(core::array::from_fn(|port| received[port][0])));
                for (sample, word) in self.played[first..first + SAMPLES_PER_TICK].iter().enumerate() {
                    let said = u32::from_le_bytes(core::array::from_fn(|port| played[port][sample]));
                    assert_eq!(said, *word, "what was played at word {}", first + sample);
                }
            }
            (ticks, late)
        }
    }

    #[test]
    fn every_tick_is_taken_once_and_answered_at_its_place() {
        let mut card = Card::new(64, 4);
        let mut expected = 0;
        for _ in 0..500 {
            card.run(1);
            assert_eq!(card.look(), Progress { moved: 8, lost: 0 });
            let (ticks, late) = card.take();
            for tick in ticks {
                assert_eq!(tick, expected * 8);
                expected += 1;
            }
            assert_eq!(late, 0);
        }
        assert_eq!(expected, 499, "all but the tick under way");
        // Tick n is answered at tick n + 1 + 4.
        for (word, played) in card.played.iter().enumerate().skip(5 * 8) {
            assert_eq!(played.to_le_bytes(), [(word / 8 - 5) as u8; 4], "word {word}");
        }
    }

    #[test]
    fn a_stall_loses_nothing_received_and_replays_nothing() {
        let mut card = Card::new(64, 4);
        let mut taken = Vec::new();
        let mut late = 0;
        for round in 0..300 {
            card.run(if round % 100 == 50 { 20 } else { 1 });
            assert_eq!(card.look().lost, 0);
            let (ticks, missed) = card.take();
            taken.extend(ticks);
            late += missed;
        }
        assert!(taken.iter().enumerate().all(|(tick, word)| *word == tick as u32 * 8), "in order, none missing");
        // Of 20 ticks the last three were still in time.
        assert_eq!(late, 3 * 17);
        let idle = [IDLE; 4];
        for (word, played) in card.played.iter().enumerate().skip(5 * 8) {
            let octets = played.to_le_bytes();
            assert!(octets == idle || octets == [(word / 8 - 5) as u8; 4], "word {word} plays {octets:?}");
        }
    }

    #[test]
    fn a_stall_longer_than_the_ring_is_counted_to_the_tick() {
        for stall in [63, 64, 65, 127, 128, 200, 1000, 4321, 8000] {
            let mut card = Card::new(64, 4);
            let mut taken = 0;
            for _ in 0..10 {
                card.run(1);
                card.look();
                taken += card.take().0.len() as u64;
            }
            card.run(stall);
            let progress = card.look();
            assert_eq!(progress.moved, stall * 8);
            let (ticks, _) = card.take();
            taken += ticks.len() as u64;
            assert!(ticks.windows(2).all(|pair| pair[1] == pair[0] + 8));
            assert_eq!(taken + progress.lost / 8, 10 + stall - 1, "stall {stall}");
            let before = card.played.len();
            card.run(120);
            assert!(card.played[before + 6 * 8..].iter().all(|word| word.to_le_bytes() == [IDLE; 4]), "no old sound");
        }
    }

    #[test]
    fn what_was_played_beside_a_tick_is_known_through_every_stall() {
        // `take` compares each tick with what the card played. Rings of every proportion, stalls of up to several laps.
        for (receive_ms, ahead_ms) in [(64, 4), (2, 64), (128, 64), (127, 1), (20, 20)] {
            let mut card = Card::new(receive_ms, ahead_ms);
            let mut taken = 0;
            for round in 0..400u64 {
                let stall = match round % 40 {
                    7 => 20,
                    17 => 3 + round % 90,
                    27 => 100 + round,
                    37 => 8 * round,
                    _ => 1,
                };
                // Longer than both lengths multiplied, nobody can tell.
                card.run(stall.min(u64::from(receive_ms) * 120));
                card.look();
                taken += card.take().0.len();
            }
            assert!(taken >= 399, "{taken} ticks taken");
        }
    }

    #[test]
    fn positions_read_a_few_words_apart_still_agree() {
        for skew in 0..=SKEW {
            let transmit = (8 * 70 + skew) % words(127);
            assert_eq!(unwrap((8 * 70) % 512, transmit, 512, words(127)), 8 * 70);
        }
    }

    #[test]
    fn positions_read_while_held_up_tell_no_laps_that_were_not() {
        let mut card = Card::new(64, 4);
        let mut taken = Vec::new();
        for round in 0..200 {
            card.run(1);
            let progress = if round % 3 == 0 { card.look_held_up(1 + round % 5) } else { card.look() };
            assert_eq!(progress.lost, 0, "round {round}");
            taken.extend(card.take().0);
        }
        assert!(taken.iter().enumerate().all(|(tick, word)| *word == tick as u32 * 8), "in order, none missing");
    }

    #[test]
    fn laps_missed_while_held_up_are_counted_at_the_next_look() {
        let mut card = Card::new(64, 4);
        card.run(10);
        card.look();
        let before = card.take().0.len() as u64;
        card.run(1000);
        let first = card.look_held_up(1);
        let taken = card.take().0.len() as u64;
        card.run(1);
        let second = card.look();
        assert_eq!(first.moved + second.moved, 1003 * 8);
        let taken = before + taken + card.take().0.len() as u64;
        assert_eq!(taken + (first.lost + second.lost) / 8, 1013 - 1);
    }

    #[test]
    fn a_stall_of_laps_replays_what_was_ahead_once_a_lap() {
        let mut card = Card::new(64, 4);
        for _ in 0..200 {
            card.run(1);
            card.look();
            card.take();
        }
        let before = card.played.len();
        card.run(5 * u64::from(TRANSMIT_MS));
        let old = card.played[before..].iter().filter(|word| word.to_le_bytes() != [IDLE; 4]).count() as u64;
        // The guard's words of the tick before are not idle again yet.
        assert!((5 * 4 * TICK..=5 * (4 + 1) * TICK).contains(&old), "{old} words in five laps");
    }

    #[test]
    fn rings_are_made_again_without_allocating() {
        let buffer = || Arc::new(DmaBuffer::allocate(Rings::octets(64)).unwrap());
        let room = Rings::room(64);
        let place = room.as_ptr();
        let rings = Rings::new(buffer(), 64, 4, IDLE, room);
        let room = rings.into_room();
        let rings = Rings::new(buffer(), 64, 4, IDLE, room);
        assert_eq!(rings.played.as_ptr(), place, "the room is the same");
    }

    #[test]
    fn a_position_outside_its_ring_is_refused() {
        let mut card = Card::new(64, 4);
        let astray = card.rings.advance(u32::MAX, u32::MAX, u32::MAX).unwrap_err();
        assert_eq!(astray, Astray { register: Address::ReceiveCurrent, value: u32::MAX });
    }

    #[test]
    fn the_smallest_and_the_largest_ring_work() {
        for ms in [2, 3, 127, 128] {
            let mut card = Card::new(ms, 1);
            let mut taken = 0;
            for _ in 0..400 {
                card.run(1);
                assert_eq!(card.look().lost, 0, "{ms} ms");
                taken += card.take().0.len();
            }
            assert_eq!(taken, 399, "{ms} ms");
        }
    }
}
