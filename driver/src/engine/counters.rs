//! Counters of the engine, late ticks (scheduling latency, jitter) among them, and the same numbers for readers on
//! other threads.
//!
//! The media thread writes, once in each wake-up; anyone may read at any time. Each number is right by itself; two of
//! them may be one wake-up apart.
//!
//! Never: resets a counter, or orders two of them.

use crate::card::CardCounters;
use crate::counters::counters;
use crate::shared::{Placed, Plan, Region, RegionError, Spot};
use crate::sync::atomic::{AtomicU64, Ordering};

counters! {
    /// Counters of the engine since it was made. Never reset, so that two readers do not disturb each other.
    pub struct Counters {
        /// Ticks stepped.
        pub ticks: u64,
        /// Times the media thread was woken.
        pub wakes: u64,
        /// Ticks that were stepped late: those beyond what a wake-up is meant to find, by the pace's count.
        pub late_ticks: u64,
        /// The longest time between two wake-ups, by the pace's count, in milliseconds.
        pub longest_wait_ms: u64,
        /// Commands taken.
        pub commands: u64,
        /// Commands for a channel or of a kind that the engine does not have.
        pub commands_refused: u64,
        /// Ticks of silence that a player gave because its ring had run dry.
        pub player_dry_ticks: u64,
        /// Ticks of sound that a recorder lost because its ring was full; the file has silence in their place.
        pub recorder_lost_ticks: u64,
        /// Ticks left out or put in because a board's clock and the first board's differ.
        pub slips: u64,
        /// Detections that were dropped because there were too many in one tick.
        pub reports_lost: u64,
        /// Troubles that could not be reported because earlier ones were not read.
        pub troubles_lost: u64,
    }
}

/// The numbers of one engine, readable from any thread; in a region, by another process too.
#[derive(Debug, Clone)]
pub struct SharedCounters {
    engine: Placed<EngineWords>,
    cards: Placed<[CardWords]>,
}

type EngineWords = [AtomicU64; Counters::COUNT];

/// A card's counters; behind them, 1 while sound moves on it.
type CardWords = [AtomicU64; CardCounters::COUNT + 1];

/// The place of an engine's numbers in a region.
#[derive(Debug)]
pub struct CountersSpot {
    engine: Spot<EngineWords>,
    cards: Spot<CardWords>,
}

impl CountersSpot {
    /// Puts the numbers of an engine of `boards` boards next in a region.
    pub fn new(plan: &mut Plan, boards: usize) -> CountersSpot {
        CountersSpot { engine: plan.words("counters", 1), cards: plan.words("card counters", boards) }
    }
}

impl SharedCounters {
    /// The numbers of an engine of `boards` boards, on the heap.
    pub fn new(boards: usize) -> SharedCounters {
        let words = || core::array::from_fn(|_| AtomicU64::new(0));
        SharedCounters {
            engine: Placed::new(core::array::from_fn(|_| AtomicU64::new(0))),
            cards: Placed::slice((0..boards).map(|_| words())),
        }
    }

    /// The numbers in a region.
    ///
    /// # Errors
    /// The spot is another plan's.
    pub fn in_region(region: &Region, spot: &CountersSpot) -> Result<SharedCounters, RegionError> {
        Ok(SharedCounters { engine: region.value(&spot.engine)?, cards: region.words(&spot.cards)? })
    }

    /// The engine's counters.
    pub fn engine(&self) -> Counters {
        Counters::from_values(self.engine.each_ref().map(load))
    }

    /// Number of boards.
    pub fn boards(&self) -> usize {
        self.cards.len()
    }

    /// Counters of one board's card; all zero for a board that does not exist.
    pub fn card(&self, board: usize) -> CardCounters {
        self.cards.get(board).map_or_else(CardCounters::default, |card| {
            CardCounters::from_values(core::array::from_fn(|at| load(&card[at])))
        })
    }

    /// Returns true while sound moves on one board's card; false for a board that does not exist.
    pub fn is_running(&self, board: usize) -> bool {
        self.cards.get(board).is_some_and(|card| load(&card[CardCounters::COUNT]) != 0)
    }

    pub(super) fn set_engine(&self, counters: &Counters) {
        store(&*self.engine, counters.values());
    }

    pub(super) fn set_card(&self, board: usize, counters: &CardCounters, is_running: bool) {
        if let Some(card) = self.cards.get(board) {
            store(card, counters.values());
            card[CardCounters::COUNT].store(u64::from(is_running), Ordering::Relaxed);
        }
    }
}

fn load(word: &AtomicU64) -> u64 {
    // Each number stands for itself: no order between them is needed.
    word.load(Ordering::Relaxed)
}

fn store<const N: usize>(words: &[AtomicU64], values: [u64; N]) {
    for (word, value) in words.iter().zip(values) {
        word.store(value, Ordering::Relaxed);
    }
}
