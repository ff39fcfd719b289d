//! The board's side: the engine with its cards on the media thread, the transmit watchdog, the file thread, and the one
//! that brings running recordings to the disk.
//!
//! The same in one process with the middleware, and in a process of its own.
//!
//! Never: knows on which side of a process's border the core is.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tipring_core::channel::TableSink;
use tipring_driver::engine::{Engine, EventSink, Trouble};
use tipring_driver::media::file_io::FileService;
use tipring_driver::pace::Pace;
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::spsc::Consumer;

use super::Meter;
use super::disk_sync::disk_sync_thread;
use super::files::file_thread;
use super::wake::WakingSink;
use super::watchdog::{OBSERVE_EVERY, Supervisor};
use crate::clock;
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::run::cards::Opened;
use crate::run::engine::boundary::{BoardEnds, FileCounts};
use crate::run::realtime;
use crate::run::site::{SiteLibrary, engine_settings, recordings_folder};
use crate::run::sounds::Shelf;
use crate::run::taps::Taps;

/// The board's side before its threads run.
pub struct BoardSide<M: Meter> {
    engine: Engine<WakingSink<M>>,
    pace: Box<dyn Pace + Send>,
    tx_watchdog: TxWatchdog,
    files: FileService,
    counts: FileCounts,
    recordings: PathBuf,
    processor: Option<usize>,
}

impl<M: Meter> BoardSide<M> {
    /// Makes the engine of a site that starts at `epoch_ms`. Returns its troubles too.
    ///
    /// # Errors
    /// The folder of recordings cannot be made, or a line has no settings: a sentence.
    pub fn new(
        site: &SiteConfig,
        epoch_ms: i64,
        opened: Opened,
        ends: BoardEnds,
        (shelf, taps): (Arc<Shelf>, Arc<Taps>),
        meter: M,
    ) -> Result<(BoardSide<M>, Consumer<Trouble>), Failure> {
        let library = SiteLibrary::new(site, shelf)?.with_composed(ends.composed).with_taps(taps);
        let settings = engine_settings(site, clock::stamp(&site.clock().at(epoch_ms)))?;
        let sink = WakingSink { inner: TableSink::new(ends.table, ends.events), waker: ends.waker, meter };
        let Opened { cards, pace, tx_watchdog, found: _ } = opened;
        let (engine, out) = Engine::with_counters(cards, settings, ends.commands, sink, ends.counters);
        let files = FileService::new(out.files, Box::new(library)).finishing_apart()?;
        let processor = site.server.media_processor;
        let recordings = recordings_folder(site)?;
        let side = BoardSide { engine, pace, tx_watchdog, files, counts: ends.files, recordings, processor };
        Ok((side, out.troubles))
    }

    /// Starts the threads; `last` follows the last tick.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn spawn(
        self,
        supervisor: &mut Supervisor,
        stop: &Arc<AtomicBool>,
        log: &Log,
        last: impl FnOnce() + Send + 'static,
    ) -> Result<(), Failure> {
        let BoardSide { mut engine, mut pace, tx_watchdog, files, counts, recordings, processor } = self;
        let own = || (Arc::clone(stop), Log::clone(log));
        supervisor.spawn_then(
            "media",
            {
                let (stop, log) = own();
                move || media_thread(&mut engine, pace.as_mut(), &stop, processor, &log)
            },
            last,
        )?;
        supervisor.spawn("tx-watchdog", {
            let (stop, log) = own();
            move || tx_watchdog_thread(tx_watchdog, &stop, &log)
        })?;
        supervisor.spawn("disk-sync", {
            let ((stop, log), counts) = (own(), counts.clone());
            move || disk_sync_thread(&recordings, &stop, &counts, &log)
        })?;
        supervisor.spawn("files", {
            let (stop, log) = own();
            move || file_thread(files, &stop, &counts, &log)
        })
    }
}

/// The media thread: asks for its place among the system's threads, then runs the engine until the stop.
fn media_thread<S: EventSink>(
    engine: &mut Engine<S>,
    pace: &mut dyn Pace,
    stop: &AtomicBool,
    processor: Option<usize>,
    log: &Log,
) {
    let pinned = processor.map_or(Ok(()), realtime::keep_to);
    for why in [realtime::ask(), realtime::lock_memory(), pinned].into_iter().filter_map(Result::err) {
        log(Level::Warning, &why);
    }
    engine.run(pace, stop);
}

/// The transmit watchdog's thread; after a failure it stays until the stop, so that the site goes on without it.
fn tx_watchdog_thread(watchdog: TxWatchdog, stop: &AtomicBool, log: &Log) {
    // The media thread has logged already what is not allowed.
    let _ = realtime::ask();
    if let Err(error) = watchdog.serve(stop) {
        log(Level::Error, &format!("The transmit watchdog of the cards has failed: {error}"));
        while !stop.load(Ordering::Acquire) {
            std::thread::sleep(OBSERVE_EVERY);
        }
    }
}
