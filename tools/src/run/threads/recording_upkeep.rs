//! The thread of finished recordings: their checksums, their retention, and the room on their disk.
//!
//! The database is its list of work: each recording without a checksum is read once its file is whole, so that nothing
//! is left out by a crash, and what fails is tried again by the next run. Its writes go through the store's thread.
//!
//! | every | is done |
//! |---|---|
//! | second | checksums of recordings that have been finished |
//! | 10 seconds | free space of the disk |
//! | hour | recordings older than their retention are removed, at most [`REMOVALS_MAX`] at a time |
//!
//! Never: touches a recording that is on hold, or one that is being made.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam::channel::Sender;
use tipring_core::store::sqlite::SqliteStore;

use super::inbox::CoreInbox;
use super::store::Job;
use crate::clock;
use crate::log::{Level, Log};
use crate::recording::checksum;
use crate::recording::disk_space::{Change, Room};
use crate::recording::retention::{REMOVALS_MAX, Retention};
use crate::run::gauges::Gauges;

/// Interval at which it is seen that the site stops.
const PERIOD: Duration = Duration::from_millis(200);
/// Periods between two searches for recordings without a checksum.
const CHECKSUMS_EVERY: u64 = 5;
/// Periods between two measurements of free space.
const ROOM_EVERY: u64 = 50;
/// Periods between two sweeps of retention.
const SWEEP_EVERY: u64 = 18_000;
/// Recordings whose checksums are taken between two other works.
const CHECKSUMS_MAX: usize = 64;

/// The thread's parts.
pub(super) struct Keeper {
    pub(super) store: SqliteStore,
    pub(super) folder: PathBuf,
    pub(super) retention: Retention,
    pub(super) room: Room,
    pub(super) jobs: Sender<Job>,
    pub(super) core: Arc<CoreInbox>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) log: Log,
    /// Recordings whose files cannot be read.
    pub(super) unreadable: BTreeSet<i64>,
}

impl Keeper {
    /// Works until the site stops.
    pub(super) fn run(mut self, stop: &AtomicBool) {
        let mut period = 0u64;
        while !stop.load(Ordering::Acquire) {
            if period.is_multiple_of(CHECKSUMS_EVERY) {
                self.take_checksums();
            }
            if period.is_multiple_of(ROOM_EVERY) {
                self.measure_room();
            }
            if period.is_multiple_of(SWEEP_EVERY) {
                self.sweep();
            }
            period += 1;
            thread::sleep(PERIOD);
        }
    }

    fn take_checksums(&mut self) {
        let rows = match self.store.recordings_without_checksum(CHECKSUMS_MAX + self.unreadable.len()) {
            Ok(rows) => rows,
            Err(error) => return (self.log)(Level::Warning, &error.to_string()),
        };
        for row in rows {
            if self.unreadable.contains(&row.id) {
                continue;
            }
            match checksum::of_file(&self.folder.join(&row.file)) {
                Ok(checksum) => {
                    // Without room it is taken again at the next time.
                    let _ = self.jobs.try_send(Job::Checksum(row.id, checksum));
                }
                Err(error) => {
                    self.unreadable.insert(row.id);
                    let text = format!("The recording {} has no checksum: {error}", row.file);
                    (self.log)(Level::Warning, &text);
                }
            }
        }
    }

    fn measure_room(&mut self) {
        match self.room.measure(&self.folder) {
            Ok(None) => {}
            Ok(Some(Change { level, text, has_room })) => {
                (self.log)(level, &text);
                self.gauges.set_recording_space(level != Level::Info, has_room);
                self.core.set_recording_room(has_room);
            }
            Err(why) => (self.log)(Level::Warning, &why),
        }
    }

    fn sweep(&mut self) {
        match self.retention.sweep(&self.store, &self.folder, clock::epoch_ms()) {
            Ok(removed) if removed.is_empty() => {}
            Ok(removed) => {
                let more = if removed.len() >= REMOVALS_MAX { "; more wait for the next hour" } else { "" };
                (self.log)(Level::Info, &format!("{} recordings removed by retention{more}", removed.len()));
                // Without room the next sweep, which finds no files, puts it on record.
                let _ = self.jobs.try_send(Job::Removed(removed));
            }
            Err(error) => (self.log)(Level::Warning, &error.to_string()),
        }
    }
}
