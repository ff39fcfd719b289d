//! The store's thread: groups of records into the database, look-ups out of it.
//!
//! While the database takes no records they wait in memory, and from [`ASIDE_AT`] on they go into a database of their
//! own beside it. At the end, records that the database still does not take go there as well. The next start reads such
//! files in.
//!
//! Never: drops a record in silence.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use tipring_core::customer::CustomerChange;
use tipring_core::limits::RECORDS_WAITING_MAX;
use tipring_core::store::sqlite::{CustomersImport, RecordingAudit, SqliteStore};
use tipring_core::store::{GROUP_WAIT_MS, Store, StoreError, StoreReply, StoreRequest};
use tipring_driver::time::Tick;

use super::wake::CoreWaker;
use crate::clock;
use crate::customers::BY_IMPORT;
use crate::log::{Level, Log};
use crate::recording::checksum::{self, Checksum};
use crate::run::gauges::Gauges;

/// Time after which a group that the database has refused is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// Time for which the last records are tried again at the end before they go aside.
const RETRY_AT_END: Duration = Duration::from_secs(2);
/// Time for the checksums of the last recordings at the end.
const CHECKSUMS_AT_END: Duration = Duration::from_secs(5);
/// Records waiting in memory from which on they go aside: before new calls are refused because requests wait.
const ASIDE_AT: usize = RECORDS_WAITING_MAX as usize / 2;
/// Interval at which changes of the call-back lists and of notices from outside are looked for.
const ORDERS_EVERY: Duration = Duration::from_secs(1);
/// Changes that leave the log at a time: some milliseconds' work.
const FORGET_MAX: i64 = 20_000;
/// The suffix of files with records that the database did not take.
pub const ASIDE_SUFFIX: &str = ".unsaved.db";

/// A job of the store.
#[derive(Debug)]
pub(super) enum Job {
    /// A request of the core.
    Request(StoreRequest),
    /// Count the new messages: another program may have changed them.
    Messages,
    /// Rows of a file of customers, read anew.
    Customers(Vec<CustomerChange>),
    /// The wall clock at a tick, in milliseconds since 1970.
    WallClock(Tick, i64),
    /// The checksum of a recording's file.
    Checksum(i64, Checksum),
    /// Recordings that retention has removed.
    Removed(Vec<RecordingAudit>),
    /// Keep a log of changed rows, for the replica.
    KeepChangeLog,
    /// Keep none any more.
    EndChangeLog,
    /// The replica has all changes up to this one.
    CarriedOver(i64),
}

/// The end of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreEnd {
    /// Every record is in the database.
    Safe,
    /// Records that the database did not take are in a file.
    Aside {
        /// Count of records.
        records: usize,
        /// The file.
        file: PathBuf,
    },
    /// Records are lost.
    Lost {
        /// Count of records.
        records: usize,
        /// The reason, as a sentence.
        why: String,
    },
}

/// The store's thread.
pub(super) struct StoreThread {
    pub(super) store: SqliteStore,
    pub(super) jobs: Receiver<Job>,
    pub(super) replies: Sender<StoreReply>,
    /// Folders for records that the database does not take, the first one that does is used.
    pub(super) aside: Vec<PathBuf>,
    /// The folder of recordings.
    pub(super) recordings: PathBuf,
    /// Answers wait for room on their way to the core.
    pub(super) owes: bool,
    pub(super) gauges: Arc<Gauges>,
    /// The file of customers that is being read in.
    pub(super) import: Option<CustomersImport>,
    pub(super) log: Log,
}

impl StoreThread {
    /// Serves until the core is gone and its records are safe, or as safe as they will be.
    pub(super) fn run(mut self, waker: &CoreWaker) -> StoreEnd {
        let mut refused_since: Option<Instant> = None;
        let mut open = true;
        let mut put_aside: Option<(usize, PathBuf)> = None;
        let mut polled = Instant::now();
        self.take(Job::Messages);
        // A database that is not to be had now is asked again at the next look.
        let _ = self.store.poll_notices(clock::epoch_ms());
        self.answer(waker);
        while open || self.store.is_pending() {
            open &= self.receive(refused_since.is_some());
            // What was looked up does not wait for the commit.
            self.answer(waker);
            match self.commit() {
                Ok(()) if refused_since.take().is_some() => {
                    (self.log)(Level::Info, "The database takes records again; none was lost");
                }
                Ok(()) => {}
                Err(error) => {
                    if refused_since.is_none() {
                        (self.log)(Level::Error, &format!("{error}. Records wait in memory until it takes them"));
                    }
                    let since = *refused_since.get_or_insert_with(Instant::now);
                    let ending = !open && (!error.may_pass || since.elapsed() > RETRY_AT_END);
                    if ending || self.store.pending() > ASIDE_AT {
                        match self.set_aside() {
                            Ok((records, file)) => {
                                let text = format!(
                                    "{records} records that the database did not take are in {}; the next start reads \
                                     them in",
                                    file.display()
                                );
                                (self.log)(Level::Error, &text);
                                let before = put_aside.map_or(0, |(records, _)| records);
                                put_aside = Some((before + records, file));
                            }
                            Err(why) if ending => {
                                let records = self.store.pending();
                                return StoreEnd::Lost { records, why: format!("{error}; {why}") };
                            }
                            Err(why) => (self.log)(Level::Error, &why),
                        }
                    }
                    thread::sleep(RETRY);
                }
            }
            self.import_customers();
            if polled.elapsed() >= ORDERS_EVERY {
                polled = Instant::now();
                // A database that is not to be had now is asked again at the next look.
                let _ = self.store.poll_call_back_orders();
                let _ = self.store.poll_notices(clock::epoch_ms());
            }
            self.answer(waker);
        }
        // Recordings whose calls have ended with the site; the next run takes what is left.
        if let Err(error) = checksum::take_missing(&mut self.store, &self.recordings, CHECKSUMS_AT_END) {
            (self.log)(Level::Warning, &error.to_string());
        }
        match put_aside {
            None => StoreEnd::Safe,
            Some((records, file)) => StoreEnd::Aside { records, file },
        }
    }

    /// Commits the next group of records, if any waits.
    fn commit(&mut self) -> Result<(), StoreError> {
        if !self.store.is_pending() {
            return Ok(());
        }
        self.gauges.commit_begins(self.store.pending());
        let committed = self.store.commit();
        self.gauges.commit_ended(committed.is_ok(), self.store.pending());
        committed
    }

    /// Takes the jobs that wait; sleeps until there is one if nothing is pending. False once there will be no more.
    fn receive(&mut self, refused: bool) -> bool {
        let first = if self.import.is_some() {
            self.jobs.recv_timeout(Duration::ZERO)
        } else if self.store.is_pending() || self.owes {
            // The first record of a group waits for others, as do answers for room.
            self.jobs.recv_timeout(if refused { RETRY } else { Duration::from_millis(GROUP_WAIT_MS) })
        } else {
            self.jobs.recv_timeout(ORDERS_EVERY)
        };
        match first {
            Ok(job) => self.take(job),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        // Beyond this many the core's records wait in the inbox, and then in the core's own queue.
        while self.store.pending() <= 2 * ASIDE_AT {
            match self.jobs.try_recv() {
                Ok(job) => self.take(job),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Request(request) => self.store.submit(request),
            Job::WallClock(tick, unix_ms) => self.store.set_wall_clock(tick, unix_ms),
            Job::Messages => {
                let open = self.store.open_messages().map(|open| self.gauges.set_messages(&open));
                if let Err(error) = open.and_then(|()| self.store.ask_new_messages()) {
                    (self.log)(Level::Warning, &error.to_string());
                }
            }
            // A newer file takes the place of one that is still being read in.
            Job::Customers(rows) => self.import = Some(CustomersImport::new(rows, BY_IMPORT)),
            // The recording stays on the list of those without a checksum, and comes again.
            Job::Checksum(recording, checksum) => {
                drop(self.store.keep_checksum(recording, &checksum.sha256, checksum.octets));
            }
            Job::Removed(removals) => {
                if let Err(error) = self.store.keep_removals(&removals) {
                    (self.log)(Level::Warning, &format!("{error}. The next sweep puts them on record"));
                }
            }
            // What the database does not do now is asked for again.
            Job::KeepChangeLog => drop(self.store.keep_change_log()),
            Job::EndChangeLog => drop(self.store.end_change_log()),
            Job::CarriedOver(up_to) => drop(self.store.forget_changes(up_to, FORGET_MAX)),
        }
    }

    /// Takes in the next group of rows of a file of customers, so that records and look-ups are had between groups.
    fn import_customers(&mut self) {
        let Some(import) = &mut self.import else { return };
        match self.store.import_group(import, clock::epoch_ms()) {
            Ok(true) => return,
            Ok(false) => (self.log)(Level::Info, &import.counts().to_string()),
            Err(error) => {
                let text = format!("{error}. Customers are as read up to there: {}", import.counts());
                (self.log)(Level::Error, &text);
            }
        }
        self.import = None;
    }

    fn answer(&mut self, waker: &CoreWaker) {
        let mut is_posted = false;
        self.owes = false;
        loop {
            if self.replies.is_full() {
                // Nothing asks for an answer twice: it waits.
                self.owes = true;
                break;
            }
            let Some(reply) = self.store.poll_reply() else { break };
            if let StoreReply::Failed { why, .. } = &reply {
                (self.log)(Level::Error, why);
            }
            is_posted |= self.replies.try_send(reply).is_ok();
        }
        if is_posted {
            waker.wake();
        }
    }

    /// Moves the pending records into a file of their own. Returns their count and the file.
    fn set_aside(&mut self) -> Result<(usize, PathBuf), String> {
        let mut why = String::new();
        for folder in &self.aside {
            let file = folder.join(format!("tipring-{}{ASIDE_SUFFIX}", clock::epoch_ms()));
            match self.store.set_aside(&file) {
                Ok(records) => return Ok((records, file)),
                Err(error) => {
                    remove_database(&file);
                    why = format!("Records cannot be written to {} either: {}", file.display(), error.why);
                }
            }
        }
        Err(why)
    }
}

/// Removes a database with the files that SQLite keeps beside it.
pub(super) fn remove_database(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
}
