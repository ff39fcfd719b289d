//! Recordings that run, brought to the disk: while there is one, the file system of their folder is synced twice a
//! second.
//!
//! The system keeps what is written to a file in memory for half a minute, and a loss of power takes that. One sync of
//! the file system covers the sound, the headers and the names of all recordings: its cost hardly depends on their
//! number, where each file's own sync would be a commit of the journal. It waits as long as the disk is busy, so it has
//! a thread of its own.
//!
//! Never: makes another thread wait for the disk; syncs while nothing is recorded.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::unistd::syncfs;

use crate::clock::{self, Stopwatch};
use crate::log::{Level, Log};
use crate::run::engine::boundary::FileCounts;

/// Interval between the beginnings of two syncs, ms. With the quarter of a second that the file thread gathers, a loss
/// of power costs less than a second of sound while a sync takes less than a quarter.
const SYNC_EVERY_MS: u64 = 500;
/// Interval at which it is seen that the site stops, or that a sync is due.
const PERIOD: Duration = Duration::from_millis(50);

/// Syncs the file system of a folder while recordings are written, until the site stops.
pub(super) fn disk_sync_thread(folder: &Path, stop: &AtomicBool, counts: &FileCounts, log: &Log) {
    let mut syncs = Syncs::default();
    while !stop.load(Ordering::Acquire) {
        thread::sleep(PERIOD);
        if !syncs.is_due(counts, clock::steady_ms()) {
            continue;
        }
        let took = Stopwatch::start();
        let synced = File::open(folder).and_then(|folder| syncfs(folder).map_err(io::Error::from));
        if let Some(why) = syncs.ended(counts, synced, took.millis()) {
            let text = format!("The recordings of {} cannot be brought to the disk: {why}", folder.display());
            log(Level::Error, &text);
        }
    }
}

/// The syncs of a file system: when the next one is due, and what waits for it.
#[derive(Debug, Default)]
struct Syncs {
    /// The beginning of the sync under way, or of the last one, ms.
    began_ms: u64,
    /// Earliest beginning of the next one, ms.
    due_ms: u64,
    /// The last one has failed.
    fails: bool,
}

impl Syncs {
    /// Returns true if a sync is due; it begins now.
    fn is_due(&mut self, counts: &FileCounts, now_ms: u64) -> bool {
        if counts.open() == 0 {
            // A recording is on the disk before it counts as closed.
            counts.set_unsynced(None);
            return false;
        }
        if counts.unsynced().is_none() {
            counts.set_unsynced(Some(now_ms));
        }
        if now_ms < self.due_ms {
            return false;
        }
        self.began_ms = now_ms;
        true
    }

    /// Notes the end of a sync that took so long. Returns the reason of the first failure of several.
    fn ended(&mut self, counts: &FileCounts, synced: io::Result<()>, took_ms: u64) -> Option<io::Error> {
        // A disk that is slow has half of the time for others.
        self.due_ms = self.began_ms + SYNC_EVERY_MS.max(2 * took_ms);
        let failed = synced.err();
        if failed.is_none() {
            counts.set_unsynced(Some(self.began_ms));
        }
        let failed_before = std::mem::replace(&mut self.fails, failed.is_some());
        failed.filter(|_| !failed_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_due_twice_a_second_while_something_is_recorded_and_leaves_a_slow_disk_half_of_its_time() {
        let (mut syncs, counts) = (Syncs::default(), FileCounts::default());
        assert!(!syncs.is_due(&counts, 1_000));
        assert_eq!(counts.unsynced(), None, "nothing is recorded");
        counts.set(1, 0);
        assert!(syncs.is_due(&counts, 1_050));
        assert_eq!(counts.unsynced(), Some(1_050), "it began at most so long ago");
        assert!(syncs.ended(&counts, Ok(()), 20).is_none());
        assert!(!syncs.is_due(&counts, 1_500));
        assert!(syncs.is_due(&counts, 1_550));
        assert_eq!(counts.unsynced(), Some(1_050), "the sync under way has brought nothing yet");
        assert!(syncs.ended(&counts, Ok(()), 2_000).is_none());
        assert_eq!(counts.unsynced(), Some(1_550));
        assert!(!syncs.is_due(&counts, 5_500));
        assert!(syncs.is_due(&counts, 5_550));
        counts.set(0, 0);
        assert!(!syncs.is_due(&counts, 9_000));
        assert_eq!(counts.unsynced(), None);
    }

    #[test]
    fn sound_waits_for_the_disk_until_a_sync_succeeds_and_a_failure_is_logged_once() {
        let (mut syncs, counts) = (Syncs::default(), FileCounts::default());
        counts.set(1, 0);
        let fails = || Err(io::Error::from(io::ErrorKind::StorageFull));
        assert!(syncs.is_due(&counts, 1_000));
        assert!(syncs.ended(&counts, fails(), 1).is_some());
        assert!(syncs.is_due(&counts, 1_500));
        assert!(syncs.ended(&counts, fails(), 1).is_none(), "it is known");
        assert_eq!(counts.unsynced(), Some(1_000));
        assert!(syncs.is_due(&counts, 2_000));
        assert!(syncs.ended(&counts, Ok(()), 1).is_none());
        assert_eq!(counts.unsynced(), Some(2_000));
        assert!(syncs.is_due(&counts, 2_500));
        assert!(syncs.ended(&counts, fails(), 1).is_some(), "it is another one");
    }
}
