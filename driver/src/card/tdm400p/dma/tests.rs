//! DMA ring tests against a model of the card: words taken, played, lost and repeated, in time and in stalls of every
//! length.

use super::*;

const IDLE: u8 = 0xd5;
const BASE: u32 = 0x1000_0000;

/// A card in a few lines: plays and records by the word.
struct Card {
    rings: Rings,
    at: u64,
    played: Vec<u32>,
    /// Places may be missed without notice: then what is said to have been played is not compared.
    unnoticed: bool,
}

impl Card {
    fn new(receive_ms: u32, ahead_ms: u32) -> Card {
        let buffer = DmaBuffer::allocate(Rings::octets(receive_ms)).unwrap().mapped_at(BASE, Box::new(|| {}));
        let room = Rings::room(receive_ms);
        Card {
            rings: Rings::new(Arc::new(buffer), receive_ms, ahead_ms, IDLE, room),
            at: 0,
            played: Vec::new(),
            unnoticed: false,
        }
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

    /// A look during which the card runs on for this many milliseconds before each further register.
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
    /// The sound reported as played beside a tick equals the sound played.
    fn take(&mut self) -> (Vec<u32>, usize) {
        let (ticks, late, overrun) = self.take_held_up(0);
        assert_eq!(overrun, 0);
        (ticks, late)
    }

    /// Takes as before, while the card runs on for this many milliseconds first. Gives also how many were overrun.
    fn take_held_up(&mut self, ms: u64) -> (Vec<u32>, usize, u64) {
        let (mut ticks, mut late, mut overrun) = (Vec::new(), 0, 0);
        let waiting = self.rings.waiting();
        self.run(ms);
        for _ in 0..waiting {
            let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
            let first = self.rings.taken as usize;
            let number = (self.rings.taken / TICK) as u8;
            let placed = self.rings.exchange(&mut received, &mut played, &[[number; 8]; 4]);
            if placed == Placement::Overrun {
                assert_eq!((received, played), ([[IDLE; 8]; 4], [[IDLE; 8]; 4]));
                overrun += 1;
                continue;
            }
            late += usize::from(placed == Placement::Underrun);
            ticks.push(u32::from_le_bytes(core::array::from_fn(|port| received[port][0])));
            let compared = self.played[first..first + SAMPLES_PER_TICK].iter().filter(|_| !self.unnoticed);
            for (sample, word) in compared.enumerate() {
                let said = u32::from_le_bytes(core::array::from_fn(|port| played[port][sample]));
                assert_eq!(said, *word, "what was played at word {}", first + sample);
            }
        }
        (ticks, late, overrun)
    }
}

#[test]
fn every_tick_is_taken_once_and_answered_at_its_place() {
    let mut card = Card::new(64, 4);
    let mut expected = 0;
    for _ in 0..500 {
        card.run(1);
        assert_eq!(card.look(), Progress { moved: 8, lost: 0, replayed: 0 });
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
        assert_eq!(card.rings.waiting(), 0, "whether there is time to take them, the next look tells");
        card.run(1);
        assert_eq!(card.look().lost, 0);
        let (ticks, _) = card.take();
        assert!(ticks.len() >= 48, "three quarters of the ring are kept");
        taken += ticks.len() as u64;
        assert!(ticks.windows(2).all(|pair| pair[1] == pair[0] + 8));
        assert_eq!(taken + progress.lost / 8, 11 + stall - 1, "stall {stall}");
        let before = card.played.len();
        card.run(120);
        assert!(card.played[before + 6 * 8..].iter().all(|word| word.to_le_bytes() == [IDLE; 4]), "no old sound");
    }
}

#[test]
fn a_tick_that_the_card_overwrites_while_it_is_taken_is_lost_and_counted() {
    for (receive_ms, held_up) in
        [(64, 20), (64, 61), (64, 62), (64, 63), (64, 64), (64, 300), (5, 3), (5, 4), (128, 127)]
    {
        for waiting in 1..4 {
            let mut card = Card::new(receive_ms, 4);
            let (mut ticks, mut lost) = (Vec::new(), 0);
            for round in 0..200 {
                card.run(if round % 20 == 10 { waiting } else { 1 });
                lost += card.look().lost / 8;
                let (taken, _, overrun) = card.take_held_up(if round % 20 == 10 { held_up } else { 0 });
                // What was taken is whole and of its place in time: `at` when it came.
                let first = card.rings.taken / 8 - taken.len() as u64;
                if overrun == 0 {
                    assert!(taken.iter().zip(first..).all(|(word, tick)| u64::from(*word) == tick * 8), "{taken:?}");
                }
                ticks.extend(taken);
                lost += overrun;
            }
            assert!(ticks.windows(2).all(|pair| pair[1] > pair[0]) && ticks.iter().all(|word| word % 8 == 0));
            let passed = card.at / 8;
            let what = format!("ring {receive_ms}, held up {held_up}, {waiting} waiting");
            assert_eq!(ticks.len() as u64 + lost, passed - 1, "{what}: every tick is taken or counted");
            // The card writes a word before what it has come round to.
            assert_eq!(lost > 0, held_up + waiting + 1 >= u64::from(receive_ms), "{what}: {lost} lost");
        }
    }
}

#[test]
fn who_is_late_again_right_after_a_loss_takes_nothing_torn() {
    let mut card = Card::new(64, 4);
    card.unnoticed = true;
    let (mut ticks, mut lost) = (Vec::new(), 0);
    for round in 0..400u64 {
        // Late when it looks, when it takes, or both, time after time.
        let (look, take) =
            [(1, 0), (70, 0), (70, 30), (30, 10), (1, 0), (100, 100), (40, 0), (1, 0), (20, 30)][(round % 9) as usize];
        card.run(look);
        lost += card.look().lost / 8;
        let (taken, _, overrun) = card.take_held_up(take);
        ticks.extend(taken);
        lost += overrun;
    }
    for _ in 0..2 {
        card.run(1);
        lost += card.look().lost / 8;
        ticks.extend(card.take().0);
    }
    assert!(ticks.windows(2).all(|pair| pair[1] > pair[0]) && ticks.iter().all(|word| word % 8 == 0), "none is torn");
    assert_eq!(ticks.len() as u64 + lost, card.at / 8 - 1);
    assert!(ticks.len() > 2000, "{}", ticks.len());
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
            // Longer than both lengths multiplied, it cannot be known.
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
    let mut taken = card.take().0.len() as u64;
    card.run(1000);
    let first = card.look_held_up(1);
    let (ticks, _, overrun) = card.take_held_up(0);
    assert_eq!(ticks.len(), 0, "the positions are of a lap long gone, and the marks say so");
    card.run(1);
    let second = card.look();
    assert_eq!(first.moved + second.moved, 1003 * 8);
    card.run(1);
    assert_eq!(card.look().lost, 0);
    taken += card.take().0.len() as u64;
    assert_eq!(taken + overrun + (first.lost + second.lost) / 8, 1014 - 1);
}

#[test]
fn a_stall_of_laps_replays_what_was_ahead_once_a_lap_and_counts_it() {
    for stall in [100, 126, 127, 130, 131, 254, 5 * 127, 5000] {
        let mut card = Card::new(64, 4);
        for _ in 0..200 {
            card.run(1);
            card.look();
            card.take();
        }
        let before = card.played.len();
        let ahead: Vec<u32> = (0..127 * TICK)
            .map(|word| card.rings.transmit.word(card.at + word))
            .map(|word| card.rings.buffer.read(word))
            .collect();
        let ahead = ahead.iter().filter(|word| word.to_le_bytes() != [IDLE; 4]).count() as u64;
        card.run(stall);
        let sounded = card.played[before..].iter().filter(|word| word.to_le_bytes() != [IDLE; 4]).count() as u64;
        // The guard's words of the tick before are not idle again yet: the first of the replay.
        let guard = RECEIVE_GUARD;
        let once = ahead - guard + if stall >= 127 { 0 } else { sounded.saturating_sub(ahead - guard) };
        let replayed = card.look().replayed;
        assert_eq!(replayed, sounded - once, "stall {stall}: {ahead} ahead, {sounded} sounded");
        assert_eq!(replayed > 0, stall >= 127, "stall {stall}");
    }
}

#[test]
fn what_was_silenced_in_time_is_not_replayed_and_known_to_be_silent() {
    let mut card = Card::new(64, 4);
    for round in 0..100 {
        for _ in 0..200 {
            card.run(1);
            assert_eq!(card.look().replayed, 0);
            card.take();
        }
        card.run(90);
        for word in Rings::played_words(64) {
            card.rings.buffer.write(word, u32::from_le_bytes([IDLE; 4]));
        }
        let before = card.played.len();
        card.run(60 + 70 * round);
        assert!(card.played[before..].iter().all(|word| word.to_le_bytes() == [IDLE; 4]));
        assert_eq!(card.look().replayed, 0);
        // `take` compares with what was played.
        card.take();
    }
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
