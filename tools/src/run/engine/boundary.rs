//! The boundary between the board's side and the middleware's: rings, channel table, counters and the waker, on the
//! heap of one process or in memory that two share.
//!
//! Never: knows what goes over it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tipring_core::channel::{ChannelEvent, ChannelTable, TableSpot};
use tipring_driver::engine::{Command, CountersSpot, SharedCounters};
use tipring_driver::shared::{Placed, Plan, Region, RegionError, RingSpot, Side, Spot};
use tipring_driver::spsc::{Consumer, Producer, queue};

use super::composed::Composed;
use crate::run::threads::wake::CoreWaker;

/// Entries of the rings of commands and events.
const RING: usize = 4096;
/// Entries of the ring of composed prompts.
const COMPOSED: usize = 1024;

/// The board's side.
pub struct BoardEnds {
    /// The words of the channels.
    pub table: Arc<ChannelTable>,
    /// Events for the core.
    pub events: Producer<ChannelEvent>,
    /// Commands of the core.
    pub commands: Consumer<Command>,
    /// Prompts that the core has composed.
    pub composed: Consumer<Composed>,
    /// The counters of engine and cards.
    pub counters: SharedCounters,
    /// The figures of the file thread.
    pub files: FileCounts,
    /// Wakes the core.
    pub waker: Arc<CoreWaker>,
}

/// The middleware's side.
pub struct CoreEnds {
    /// The words of the channels.
    pub table: Arc<ChannelTable>,
    /// Events of the lines.
    pub events: Consumer<ChannelEvent>,
    /// Commands for the engine.
    pub commands: Producer<Command>,
    /// Prompts composed, for the file thread.
    pub composed: Producer<Composed>,
    /// The counters of engine and cards.
    pub counters: SharedCounters,
    /// The figures of the file thread.
    pub files: FileCounts,
    /// Wakes the core.
    pub waker: Arc<CoreWaker>,
}

/// The size of a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Channels of all cards.
    pub channels: usize,
    /// Cards.
    pub boards: usize,
}

/// Recordings being written, those that have failed, and the moment since which sound waits for the disk.
#[derive(Debug, Clone)]
pub struct FileCounts(Placed<FileWords>);

type FileWords = [AtomicU64; 3];

impl Default for FileCounts {
    fn default() -> FileCounts {
        FileCounts(Placed::new([const { AtomicU64::new(0) }; 3]))
    }
}

impl FileCounts {
    /// Publishes the counts.
    pub fn set(&self, open: usize, failed: u64) {
        self.0[0].store(open as u64, Ordering::Relaxed);
        self.0[1].store(failed, Ordering::Relaxed);
    }

    /// Recordings being written.
    pub fn open(&self) -> u64 {
        self.0[0].load(Ordering::Relaxed)
    }

    /// Recordings that could not be made, or not to their end.
    pub fn failed(&self) -> u64 {
        self.0[1].load(Ordering::Relaxed)
    }

    /// Publishes the moment since which sound of recordings waits for the disk, in ms of the machine's steady clock;
    /// none while none waits.
    pub fn set_unsynced(&self, since_ms: Option<u64>) {
        self.0[2].store(since_ms.map_or(0, |since| since + 1), Ordering::Relaxed);
    }

    /// The moment since which sound of recordings waits for the disk, in ms of the machine's steady clock.
    pub fn unsynced(&self) -> Option<u64> {
        self.0[2].load(Ordering::Relaxed).checked_sub(1)
    }
}

/// Makes both sides in this process.
pub fn in_process(size: Size, waker: Arc<CoreWaker>) -> (BoardEnds, CoreEnds) {
    let table = Arc::new(ChannelTable::new(size.channels));
    let (events_in, events) = queue(RING);
    let (commands, commands_out) = queue(RING);
    let (composed, composed_out) = queue(COMPOSED);
    let (counters, files) = (SharedCounters::new(size.boards), FileCounts::default());
    let board = BoardEnds {
        table: Arc::clone(&table),
        events: events_in,
        commands: commands_out,
        composed: composed_out,
        counters: counters.clone(),
        files: files.clone(),
        waker: Arc::clone(&waker),
    };
    (board, CoreEnds { table, events, commands, composed, counters, files, waker })
}

/// Makes the board's side in memory that another process may attach to. Returns that memory too.
///
/// # Errors
/// The system has no memory or no descriptor left.
pub fn create(size: Size, waker: Arc<CoreWaker>) -> Result<(BoardEnds, OwnedFd), RegionError> {
    let (plan, spots) = Spots::plan(size);
    let (mut region, memory) = Region::create(plan)?;
    let ends = BoardEnds {
        table: Arc::new(ChannelTable::in_region(&region, &spots.table)?),
        events: region.producer(&spots.events)?,
        commands: region.consumer(&spots.commands)?,
        composed: region.consumer(&spots.composed)?,
        counters: SharedCounters::in_region(&region, &spots.counters)?,
        files: FileCounts(region.value(&spots.files)?),
        waker,
    };
    Ok((ends, memory))
}

/// Attaches to the memory of a board's side in another process.
///
/// # Errors
/// It has another layout, or a middleware.
pub fn attach(size: Size, memory: BorrowedFd<'_>, waker: Arc<CoreWaker>) -> Result<CoreEnds, RegionError> {
    let (plan, spots) = Spots::plan(size);
    let mut region = Region::attach(memory.as_fd(), plan)?;
    Ok(CoreEnds {
        table: Arc::new(ChannelTable::in_region(&region, &spots.table)?),
        events: region.consumer(&spots.events)?,
        commands: region.producer(&spots.commands)?,
        composed: region.producer(&spots.composed)?,
        counters: SharedCounters::in_region(&region, &spots.counters)?,
        files: FileCounts(region.value(&spots.files)?),
        waker,
    })
}

/// The places of all parts in the shared memory.
struct Spots {
    table: TableSpot,
    events: RingSpot<ChannelEvent>,
    commands: RingSpot<Command>,
    composed: RingSpot<Composed>,
    counters: CountersSpot,
    files: Spot<FileWords>,
}

impl Spots {
    /// The one plan, for both sides.
    fn plan(size: Size) -> (Plan, Spots) {
        let mut plan = Plan::default();
        let spots = Spots {
            table: TableSpot::new(&mut plan, size.channels),
            events: plan.ring("events", Side::Maker, RING, 0),
            commands: plan.ring("commands", Side::Guest, RING, 0),
            composed: plan.ring("composed prompts", Side::Guest, COMPOSED, 0),
            counters: CountersSpot::new(&mut plan, size.boards),
            files: plan.words("recordings", 1),
        };
        (plan, spots)
    }
}
