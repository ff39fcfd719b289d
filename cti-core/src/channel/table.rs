//! Channel table: one atomic word a channel. The line and the core write it, any thread reads it, and none ever waits.
//!
//! Two kinds of writer: the media thread through its [`TableSink`](super::TableSink), and the core through
//! [`ChannelTable::claim`]. Each step is one compare-and-swap along an [edge](super::transition), so of two that race
//! exactly one wins. A reader loads one word; state, owner, cause and generation in it belong together.
//!
//! Orderings: a step is published with *release* and read with *acquire*, so that a reader of a state also sees what
//! its writer did before. A step that is taken needs no acquire of its own: the word that it replaces was read with
//! one. Each ordering is needed by one of the models in `cti-core/tests/loom.rs`. Different channels have no order
//! between them; the events of the ring have.
//!
//! Never: blocks, allocates after it was made, or takes a step that is not in the table of edges.

use core::fmt;

use tipring_driver::engine::Command;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::shared::{Placed, Plan, Region, RegionError, Spot};
use tipring_driver::sync::atomic::{AtomicU64, Ordering};

use super::transition::{self, Intent, LineEdge};
use super::word::{Generation, State, Word};

/// The words of all channels. Shared between the media thread, the core, and readers.
#[derive(Debug)]
pub struct ChannelTable {
    words: Placed<[AtomicU64]>,
    tally: Placed<Tally>,
}

/// Beside the words: [`OVERFLOWED`], [`SUPERSEDED`] and [`LOST`].
type Tally = [AtomicU64; 3];

/// Not 0 when the core must read all words once: the number of the reason.
const OVERFLOWED: usize = 0;
/// Line events superseded by a command; written by the media thread alone.
const SUPERSEDED: usize = 1;
/// Events lost; written by the media thread alone.
const LOST: usize = 2;

/// [`OVERFLOWED`] where a core begins beside a table that another has served.
const BEGUN: u64 = 1;
/// [`OVERFLOWED`] where an event was lost because the ring was full.
const EVENT_LOST: u64 = 2;

/// Reason for which the core must read all words once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reread {
    /// It begins beside a table that another core has served.
    Begun,
    /// Events were lost.
    Lost,
}

/// The place of a table in memory that two processes share.
#[derive(Debug)]
pub struct TableSpot {
    words: Spot<AtomicU64>,
    tally: Spot<Tally>,
}

impl TableSpot {
    /// Puts a table of `channels` channels next in a region.
    pub fn new(plan: &mut Plan, channels: usize) -> TableSpot {
        TableSpot { words: plan.words("channel words", channels), tally: plan.words("channel tally", 1) }
    }
}

/// Counters of the line's side of the table since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableCounters {
    /// Line events superseded by a command.
    pub superseded: u64,
    /// Events that found no room in the ring, tick markers aside.
    pub lost: u64,
}

impl ChannelTable {
    /// A table of `channels` channels, all out of service until their lines say otherwise.
    pub fn new(channels: usize) -> ChannelTable {
        let words = Placed::slice((0..channels).map(|_| AtomicU64::new(Word::START.to_bits())));
        ChannelTable { words, tally: Placed::new(core::array::from_fn(|_| AtomicU64::new(0))) }
    }

    /// The table in memory that two processes share.
    ///
    /// # Errors
    /// The spot is another plan's.
    pub fn in_region(region: &Region, spot: &TableSpot) -> Result<ChannelTable, RegionError> {
        // A region begins as zeros.
        const { assert!(Word::START.to_bits() == 0) };
        Ok(ChannelTable { words: region.words(&spot.words)?, tally: region.value(&spot.tally)? })
    }

    /// Another table with the same words.
    #[cfg(test)]
    pub(crate) fn copy(&self) -> ChannelTable {
        let table = ChannelTable::new(self.len());
        for (to, from) in table.words.iter().zip(self.words.iter()) {
            to.store(from.load(Ordering::Acquire), Ordering::Release);
        }
        table
    }

    /// Number of channels.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns true if there is no channel.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Reads a channel's word with one load, without disturbing a writer. A channel that does not exist is out of
    /// service.
    #[inline]
    pub fn read(&self, channel: ChannelId) -> Word {
        match self.words.get(channel.index()) {
            Some(word) => Word::from_bits(word.load(Ordering::Acquire)),
            None => Word::START,
        }
    }

    /// Takes a channel's next step for the core, if it is still in the use that the core knows and the step exists.
    ///
    /// `known` is the generation of the last event the core has taken from the channel. The line command must be given
    /// to the engine once the claim is won, and never without it.
    ///
    /// # Errors
    /// [`Superseded`] with the word that was found, if the use is another one or the step does not exist in it; nothing
    /// is claimed.
    pub fn claim(&self, channel: ChannelId, known: Generation, intent: Intent) -> Result<Claim, Superseded> {
        let Some(cell) = self.words.get(channel.index()) else {
            return Err(Superseded { channel, found: Word::START });
        };
        let mut bits = cell.load(Ordering::Acquire);
        loop {
            let claim = Claim::judge(channel, Word::from_bits(bits), known, &intent)?;
            // Fails only if the line has just stepped: then the new word decides. It steps a few times in a second at
            // most, so this does not go round.
            match cell.compare_exchange(bits, claim.word.to_bits(), Ordering::Release, Ordering::Acquire) {
                Ok(_) => return Ok(claim),
                Err(newer) => bits = newer,
            }
        }
    }

    /// Takes a claim back whose command was never given to the engine, unless the line has stepped since. Returns true
    /// if the word is `before` again.
    pub(crate) fn undo(&self, channel: ChannelId, claimed: Word, before: Word) -> bool {
        self.words.get(channel.index()).is_some_and(|cell| {
            let (claimed, before) = (claimed.to_bits(), before.to_bits());
            cell.compare_exchange(claimed, before, Ordering::Release, Ordering::Relaxed).is_ok()
        })
    }

    /// Takes a channel's next step for the line. `Some` is the word in which the event was news.
    pub(super) fn line_step(&self, channel: ChannelId, event: &LineEvent) -> Option<Word> {
        let cell = self.words.get(channel.index())?;
        let mut bits = cell.load(Ordering::Acquire);
        loop {
            let found = Word::from_bits(bits);
            let next = match transition::line(found, event) {
                LineEdge::Step(next) => next,
                LineEdge::Stay => return Some(found),
                LineEdge::Superseded => return None,
            };
            match cell.compare_exchange(bits, next.to_bits(), Ordering::Release, Ordering::Acquire) {
                Ok(_) => return Some(next),
                Err(newer) => bits = newer,
            }
        }
    }

    /// Returns the counters of the line's side.
    pub fn counters(&self) -> TableCounters {
        let load = |word: usize| self.tally[word].load(Ordering::Relaxed);
        TableCounters { superseded: load(SUPERSEDED), lost: load(LOST) }
    }

    /// Counts a line event superseded by a command. Only the media thread counts, so a load and a store are enough.
    pub(super) fn count_superseded(&self) {
        self.count(SUPERSEDED);
    }

    /// Counts an event that was lost, and sets the flag for the core.
    pub(super) fn count_lost(&self) {
        self.count(LOST);
        self.tally[OVERFLOWED].store(EVENT_LOST, Ordering::Release);
    }

    /// Has the core read all words once: for a core that begins beside a table which another has served.
    pub fn set_begun(&self) {
        // Events that are lost in this moment are the graver reason.
        self.tally[OVERFLOWED].fetch_max(BEGUN, Ordering::Release);
    }

    fn count(&self, word: usize) {
        self.tally[word].store(self.tally[word].load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Returns true if the words must be read, and have not been since.
    pub fn is_overflowed(&self) -> bool {
        self.tally[OVERFLOWED].load(Ordering::Relaxed) != 0
    }

    /// Takes the overflow flag: the reason for which the words must be read, if there is one since the last call. Words
    /// read after it are valid.
    pub fn take_overflowed(&self) -> Option<Reread> {
        // A plain load first: the common answer must not take the cache line from the media thread.
        let reason = if self.is_overflowed() { self.tally[OVERFLOWED].swap(0, Ordering::Acquire) } else { 0 };
        match reason {
            0 => None,
            BEGUN => Some(Reread::Begun),
            _ => Some(Reread::Lost),
        }
    }
}

/// A step that the core has won, with the command for the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the command belongs to the line"]
pub struct Claim {
    /// For the engine.
    pub command: Command,
    /// The channel's word before the step.
    pub found: Word,
    /// The channel's word after the step.
    pub word: Word,
}

impl Claim {
    /// Judges a claim by the word that it finds: `known` is the use of the channel that the core knows.
    pub(crate) fn judge(
        channel: ChannelId,
        found: Word,
        known: Generation,
        intent: &Intent,
    ) -> Result<Claim, Superseded> {
        match transition::command(found, intent) {
            Some(word) if found.generation == known => {
                Ok(Claim { command: Command::Line { channel, command: intent.line_command() }, found, word })
            }
            Some(_) | None => Err(Superseded { channel, found }),
        }
    }
}

/// The core's claim came second: the channel is no longer in the state, or not in the use, that the core knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded {
    /// The channel.
    pub channel: ChannelId,
    /// The channel's word.
    pub found: Word,
}

impl Superseded {
    /// State of the channel.
    pub const fn state(&self) -> State {
        self.found.state
    }
}

impl fmt::Display for Superseded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The line was first on {}: it is {}", self.channel, self.found)
    }
}

impl std::error::Error for Superseded {}

/// The line's side of the table for the models of `tests/loom.rs`, which stand outside the crate.
#[cfg(loom)]
impl ChannelTable {
    /// The step that [`super::TableSink`] takes at an event of a line.
    pub fn step_of_line(&self, channel: ChannelId, event: &LineEvent) -> Option<Word> {
        self.line_step(channel, event)
    }

    /// Counts an event that finds no place, as [`super::TableSink`] does.
    pub fn loss_of_event(&self) {
        self.count_lost();
    }
}

#[cfg(test)]
mod tests {
    use tipring_driver::line::{LineKind, Number};

    use super::*;

    const TRUNK: ChannelId = ChannelId(0);

    fn table() -> ChannelTable {
        let table = ChannelTable::new(1);
        table.line_step(TRUNK, &LineEvent::InService(LineKind::Trunk));
        table
    }

    #[test]
    fn a_trunk_that_began_to_ring_cannot_be_seized() {
        let table = table();
        let known = table.read(TRUNK).generation;
        assert!(table.line_step(TRUNK, &LineEvent::Offered).is_some());
        let glare = table.claim(TRUNK, known, Intent::Dial(Number::new())).expect_err("the line was first");
        assert_eq!(glare.state(), State::Offered);
    }

    #[test]
    fn a_seized_trunk_cannot_be_offered() {
        let table = table();
        let known = table.read(TRUNK).generation;
        let _ = table.claim(TRUNK, known, Intent::Dial(Number::new())).expect("the trunk was idle");
        assert_eq!(table.line_step(TRUNK, &LineEvent::Offered), None);
        assert_eq!(table.read(TRUNK).state, State::Dialling);
    }

    #[test]
    fn the_next_ringing_is_not_the_one_the_core_knew() {
        let table = table();
        let first = table.line_step(TRUNK, &LineEvent::Offered).expect("idle").generation;
        assert!(table.line_step(TRUNK, &LineEvent::RingingStopped).is_some());
        assert!(table.line_step(TRUNK, &LineEvent::Offered).is_some());
        assert!(table.claim(TRUNK, first, Intent::Answer).is_err());
    }

    #[test]
    fn a_channel_that_does_not_exist_is_out_of_service_and_cannot_be_claimed() {
        let table = table();
        assert_eq!(table.read(ChannelId(9)), Word::START);
        assert!(table.claim(ChannelId(9), Generation::default(), Intent::Release).is_err());
    }
}
