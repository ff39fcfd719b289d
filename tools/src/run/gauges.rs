//! Thread metrics: numbers that the threads of a site publish for its snapshot, each a word that is stored and read
//! without a wait.
//!
//! Times are milliseconds since the site began, by a clock that is never set. Each number is right by itself; two of
//! them may be a moment apart.
//!
//! Never: locks, or computes a figure of calls.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tipring_core::store::sqlite::OpenMessages;

use crate::clock::{self, Stopwatch};
use crate::replication::Step;
use crate::run::engine::boundary::FileCounts;

/// The store's thread and its database.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Requests that wait for the store's thread.
    pub queued: usize,
    /// Requests of the core with records that are not known to be safe.
    #[serde(default)]
    pub waiting: u64,
    /// True while new calls are left ringing or refused because too many wait.
    #[serde(default)]
    pub behind: bool,
    /// New calls left ringing or refused because too many waited.
    #[serde(default)]
    pub calls_not_taken: u64,
    /// Records that wait in memory for a commit.
    pub pending: u64,
    /// Commits, each made durable (fsync) before it counts.
    pub commits: u64,
    /// Records committed.
    pub records: u64,
    /// Commits that the database refused.
    pub failures: u64,
    /// Age of the last commit, s; none before the first.
    pub last_commit_s: Option<f64>,
    /// Length of the commit under way, s; none while there is none.
    pub committing_s: Option<f64>,
    /// Time for which the database has refused every commit, s; none while it takes them.
    pub refusing_s: Option<f64>,
    /// Calls that the end of the run before has cut off: their records say interrupted.
    #[serde(default)]
    pub cut_off: u64,
}

/// The replica on PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PostgresStatus {
    /// True while it takes records.
    pub connected: bool,
    /// True while all records are copied from the beginning.
    pub filling: bool,
    /// Changes of the site's own database that are not carried over yet.
    pub waiting: u64,
    /// Time since it had every record, s; 0 while it has.
    pub behind_s: f64,
    /// Rows carried over.
    pub rows: u64,
    /// Rows that it does not take.
    pub refused: u64,
}

/// The recordings.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RecordingsStatus {
    /// Recordings being written.
    pub open: u64,
    /// Recordings that could not be made, or not to their end.
    pub failed: u64,
    /// Times at which free space fell below a limit.
    pub space_alarms: u64,
    /// Free space is below the limit under which no recording begins.
    pub without_room: bool,
    /// Age of the oldest sound that is not on the disk yet, s; 0 while there is none.
    #[serde(default)]
    pub unsynced_s: f64,
}

/// The messages of callers that are not done.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MessagesStatus {
    /// Their count.
    pub open: u64,
    /// Messages among them that were not listened to.
    pub unheard: u64,
    /// Age of the oldest, s; none without one.
    pub oldest_s: Option<f64>,
}

/// The numbers.
#[derive(Debug)]
pub struct Gauges {
    up: Stopwatch,
    pending: AtomicU64,
    commits: AtomicU64,
    records: AtomicU64,
    failures: AtomicU64,
    last_commit: Moment,
    committing: Moment,
    refusing: Moment,
    cut_off: AtomicU64,
    waiting: AtomicU64,
    behind: AtomicBool,
    not_taken: AtomicU64,
    files: FileCounts,
    space_alarms: AtomicU64,
    without_room: AtomicBool,
    core_still_ms: AtomicU64,
    media_still_ms: AtomicU64,
    messages_open: AtomicU64,
    messages_unheard: AtomicU64,
    /// The moment at which the oldest was left, ms since 1970 by the wall clock, and one more; 0 without one.
    oldest_message: AtomicU64,
    /// Calls left and one more; 0 while new ones are taken.
    calls_left: AtomicU64,
    replica: ReplicaGauges,
}

/// The numbers of the replica.
#[derive(Debug, Default)]
struct ReplicaGauges {
    is_there: AtomicBool,
    connected: AtomicBool,
    filling: AtomicBool,
    waiting: AtomicU64,
    /// The moment at which it had every record last.
    whole: Moment,
    rows: AtomicU64,
    refused: AtomicU64,
}

/// A moment since the site began, or none.
#[derive(Debug, Default)]
struct Moment(AtomicU64);

impl Moment {
    fn set(&self, now_ms: u64) {
        self.0.store(now_ms + 1, Ordering::Relaxed);
    }

    fn set_once(&self, now_ms: u64) {
        if self.0.load(Ordering::Relaxed) == 0 {
            self.set(now_ms);
        }
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Time since then, s.
    fn age(&self, now_ms: u64) -> Option<f64> {
        let at = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some(now_ms.saturating_sub(at) as f64 / 1000.0)
    }
}

impl Default for Gauges {
    fn default() -> Gauges {
        Gauges::new(FileCounts::default())
    }
}

impl Gauges {
    /// The numbers of a site that begins, beside those of its file thread.
    pub fn new(files: FileCounts) -> Gauges {
        Gauges {
            up: Stopwatch::start(),
            pending: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            records: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            last_commit: Moment::default(),
            committing: Moment::default(),
            refusing: Moment::default(),
            cut_off: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            behind: AtomicBool::new(false),
            not_taken: AtomicU64::new(0),
            files,
            space_alarms: AtomicU64::new(0),
            without_room: AtomicBool::new(false),
            core_still_ms: AtomicU64::new(0),
            media_still_ms: AtomicU64::new(0),
            messages_open: AtomicU64::new(0),
            messages_unheard: AtomicU64::new(0),
            oldest_message: AtomicU64::new(0),
            calls_left: AtomicU64::new(0),
            replica: ReplicaGauges::default(),
        }
    }

    /// Time since the site began, s.
    pub fn up_s(&self) -> f64 {
        self.up.secs_f64()
    }

    /// A commit of records that wait begins.
    pub fn commit_begins(&self, pending: usize) {
        self.pending.store(pending as u64, Ordering::Relaxed);
        self.committing.set(self.up.millis());
    }

    /// The commit has ended: the database has taken records, or refused them.
    pub fn commit_ended(&self, taken: bool, pending: usize) {
        let now = self.up.millis();
        let before = self.pending.swap(pending as u64, Ordering::Relaxed);
        if taken {
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.records.fetch_add(before.saturating_sub(pending as u64), Ordering::Relaxed);
            self.last_commit.set(now);
            self.refusing.clear();
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
            self.refusing.set_once(now);
        }
        self.committing.clear();
    }

    /// Publishes the count of calls that the end of the run before has cut off.
    pub fn set_cut_off(&self, calls: usize) {
        self.cut_off.store(calls as u64, Ordering::Relaxed);
    }

    /// Publishes how far the store is behind: requests that wait, new calls that were not taken, and whether more are
    /// not taken now.
    pub fn set_store_behind(&self, waiting: u64, not_taken: u64, behind: bool) {
        self.waiting.store(waiting, Ordering::Relaxed);
        self.not_taken.store(not_taken, Ordering::Relaxed);
        self.behind.store(behind, Ordering::Relaxed);
    }

    /// Publishes the messages that are not done.
    pub fn set_messages(&self, open: &OpenMessages) {
        self.messages_open.store(open.count, Ordering::Relaxed);
        self.messages_unheard.store(open.unheard, Ordering::Relaxed);
        let oldest = open.oldest_ms.map_or(0, |at| at.max(0) as u64 + 1);
        self.oldest_message.store(oldest, Ordering::Relaxed);
    }

    /// The messages that are not done, at a moment of the wall clock, ms since 1970.
    pub fn messages(&self, now_ms: u64) -> MessagesStatus {
        let oldest = self.oldest_message.load(Ordering::Relaxed).checked_sub(1);
        MessagesStatus {
            open: self.messages_open.load(Ordering::Relaxed),
            unheard: self.messages_unheard.load(Ordering::Relaxed),
            oldest_s: oldest.map(|at| now_ms.saturating_sub(at) as f64 / 1000.0),
        }
    }

    /// Publishes that the free space of the disk of recordings has another level.
    pub fn set_recording_space(&self, is_low: bool, has_room: bool) {
        self.space_alarms.fetch_add(u64::from(is_low), Ordering::Relaxed);
        self.without_room.store(!has_room, Ordering::Relaxed);
    }

    /// Publishes for how long core and media thread have stood still, ms.
    pub fn set_still(&self, core_ms: u64, media_ms: u64) {
        self.core_still_ms.store(core_ms, Ordering::Relaxed);
        self.media_still_ms.store(media_ms, Ordering::Relaxed);
    }

    /// Publishes the count of calls that are left while new ones are refused.
    pub fn set_calls_left(&self, calls: usize) {
        self.calls_left.store(calls as u64 + 1, Ordering::Relaxed);
    }

    /// Calls that are left while new ones are refused; none while they are taken.
    pub fn calls_left(&self) -> Option<u64> {
        self.calls_left.load(Ordering::Relaxed).checked_sub(1)
    }

    /// Times for which core and media thread have stood still, s.
    pub fn still_s(&self) -> (f64, f64) {
        let seconds = |word: &AtomicU64| word.load(Ordering::Relaxed) as f64 / 1000.0;
        (seconds(&self.core_still_ms), seconds(&self.media_still_ms))
    }

    /// The store's numbers, with the requests that wait for its thread.
    pub fn store(&self, queued: usize) -> StoreStatus {
        let now = self.up.millis();
        let load = |word: &AtomicU64| word.load(Ordering::Relaxed);
        StoreStatus {
            queued,
            waiting: load(&self.waiting),
            behind: self.behind.load(Ordering::Relaxed),
            calls_not_taken: load(&self.not_taken),
            pending: load(&self.pending),
            commits: load(&self.commits),
            records: load(&self.records),
            failures: load(&self.failures),
            last_commit_s: self.last_commit.age(now),
            committing_s: self.committing.age(now),
            refusing_s: self.refusing.age(now),
            cut_off: load(&self.cut_off),
        }
    }

    /// Publishes that there is a replica.
    pub fn replica_begins(&self) {
        self.replica.whole.set(self.up.millis());
        self.replica.is_there.store(true, Ordering::Relaxed);
    }

    /// Publishes that the replica has taken a group.
    pub fn replica_follows(&self, step: &Step) {
        let replica = &self.replica;
        replica.connected.store(true, Ordering::Relaxed);
        replica.filling.store(step.is_filling, Ordering::Relaxed);
        replica.waiting.store(step.waiting, Ordering::Relaxed);
        replica.rows.fetch_add(step.rows, Ordering::Relaxed);
        replica.refused.store(step.refused_count, Ordering::Relaxed);
        if step.is_whole() {
            replica.whole.set(self.up.millis());
        }
    }

    /// Publishes that the replica has taken nothing, and how many changes wait.
    pub fn replica_is_away(&self, waiting: u64) {
        self.replica.connected.store(false, Ordering::Relaxed);
        self.replica.waiting.store(waiting, Ordering::Relaxed);
    }

    /// The replica's numbers; none without one.
    pub fn postgres(&self) -> Option<PostgresStatus> {
        let replica = &self.replica;
        if !replica.is_there.load(Ordering::Relaxed) {
            return None;
        }
        let mut status = PostgresStatus {
            connected: replica.connected.load(Ordering::Relaxed),
            filling: replica.filling.load(Ordering::Relaxed),
            waiting: replica.waiting.load(Ordering::Relaxed),
            behind_s: 0.0,
            rows: replica.rows.load(Ordering::Relaxed),
            refused: replica.refused.load(Ordering::Relaxed),
        };
        if !status.connected || status.filling || status.waiting > 0 {
            status.behind_s = replica.whole.age(self.up.millis()).unwrap_or(0.0);
        }
        Some(status)
    }

    /// The recordings' numbers.
    pub fn recordings(&self) -> RecordingsStatus {
        RecordingsStatus {
            open: self.files.open(),
            failed: self.files.failed(),
            space_alarms: self.space_alarms.load(Ordering::Relaxed),
            without_room: self.without_room.load(Ordering::Relaxed),
            unsynced_s: self
                .files
                .unsynced()
                .map_or(0.0, |since| clock::steady_ms().saturating_sub(since) as f64 / 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_messages_are_shown_with_the_age_of_the_oldest_until_there_is_none() {
        let gauges = Gauges::default();
        assert_eq!(gauges.messages(5_000), MessagesStatus::default());
        gauges.set_messages(&OpenMessages { count: 3, unheard: 1, oldest_ms: Some(2_000) });
        assert_eq!(gauges.messages(5_500), MessagesStatus { open: 3, unheard: 1, oldest_s: Some(3.5) });
        assert_eq!(gauges.messages(1_000).oldest_s, Some(0.0), "the clock was set back");
        gauges.set_messages(&OpenMessages::default());
        assert_eq!(gauges.messages(6_000), MessagesStatus::default());
    }

    #[test]
    fn a_replica_is_behind_until_nothing_waits() {
        let gauges = Gauges::default();
        assert_eq!(gauges.postgres(), None);
        gauges.replica_begins();
        assert!(gauges.postgres().is_some_and(|it| !it.connected && it.rows == 0));
        gauges.replica_follows(&Step { rows: 7, waiting: 2, refused_count: 1, ..Step::default() });
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(gauges.postgres().is_some_and(|it| it.connected && it.behind_s > 0.0 && it.refused == 1));
        gauges.replica_follows(&Step { rows: 2, ..Step::default() });
        let whole = PostgresStatus { connected: true, rows: 9, ..PostgresStatus::default() };
        assert_eq!(gauges.postgres(), Some(whole));
        gauges.replica_is_away(5);
        assert!(gauges.postgres().is_some_and(|it| !it.connected && it.waiting == 5));
    }

    #[test]
    fn a_refused_commit_counts_until_the_database_takes_records_again() {
        let gauges = Gauges::default();
        assert_eq!(gauges.store(3), StoreStatus { queued: 3, ..StoreStatus::default() });
        gauges.commit_begins(5);
        assert!(gauges.store(0).committing_s.is_some());
        gauges.commit_ended(false, 5);
        gauges.commit_begins(6);
        gauges.commit_ended(false, 6);
        let store = gauges.store(0);
        assert_eq!((store.commits, store.failures, store.pending, store.last_commit_s), (0, 2, 6, None));
        assert!(store.refusing_s.is_some() && store.committing_s.is_none());
        gauges.commit_begins(6);
        gauges.commit_ended(true, 1);
        let store = gauges.store(0);
        assert_eq!((store.commits, store.records, store.pending, store.refusing_s), (1, 5, 1, None));
        assert!(store.last_commit_s.is_some());
    }
}
