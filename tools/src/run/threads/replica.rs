//! The thread of the replica on PostgreSQL: carries over what the store has committed.
//!
//! While the database is away, it is tried after 0.25 s, then after twice as long, up to 5 s; the site's database keeps
//! what has changed meanwhile, up to [`CHANGES_MAX`]. Beyond that the log of changes is given up, and the replica
//! copied anew when it is back. What the thread has written to the site's database goes through the store's thread.
//!
//! Never: holds back a call or a record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::Sender;
use tipring_core::store::sqlite::SqliteStore;
use tipring_postgres::Replica;

use super::store::Job;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::replication;
use crate::run::gauges::Gauges;

/// Interval at which changes are looked for.
const PERIOD: Duration = Duration::from_millis(250);
/// The longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Interval at which the database is asked even if nothing has changed: it may have gone.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// Interval at which changes that are carried over leave the log.
const FORGET_EVERY: Duration = Duration::from_secs(1);
/// Changes that the log keeps while the database is away: some 60 MB, half a million calls.
const CHANGES_MAX: i64 = 2_000_000;
/// Refused rows of one group that are named in the log.
const NAMED_MAX: usize = 5;

/// The thread's parts.
pub(super) struct ReplicaThread {
    pub(super) store: SqliteStore,
    pub(super) replica: Replica,
    pub(super) jobs: Sender<Job>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) log: Log,
}

/// The progress of the thread.
struct Progress {
    /// The last change that is carried over, as far as it is known.
    up_to: Option<i64>,
    /// Nothing is left after it.
    is_whole: bool,
    /// The reason for which the last group failed.
    failing: Option<String>,
    pause: Duration,
    asked: Instant,
    forgot: Instant,
}

impl ReplicaThread {
    /// Works until the site stops.
    pub(super) fn run(mut self, stop: &AtomicBool) {
        let now = Instant::now();
        let mut progress =
            Progress { up_to: None, is_whole: false, failing: None, pause: PERIOD, asked: now, forgot: now };
        while !stop.load(Ordering::Acquire) {
            let mut wait = self.work(&mut progress);
            while !wait.is_zero() && !stop.load(Ordering::Acquire) {
                let part = wait.min(PERIOD);
                thread::sleep(part);
                wait -= part;
            }
        }
    }

    /// Carries a group over, if there is one. Returns the time until the next look.
    fn work(&mut self, progress: &mut Progress) -> Duration {
        let log = match self.store.change_log() {
            Ok(Some(log)) => log,
            Ok(None) => {
                // It was given up: it begins again when the database is back.
                let Err(failure) = self.replica.begin() else {
                    self.replica.roll_back();
                    let _ = self.jobs.try_send(Job::KeepChangeLog);
                    return PERIOD;
                };
                return self.fail(progress, &failure.to_string().into(), 0);
            }
            Err(error) => return self.fail(progress, &error.into(), 0),
        };
        let is_whole = progress.is_whole && progress.up_to == Some(log.last);
        if is_whole && progress.asked.elapsed() < ASK_EVERY {
            return PERIOD;
        }
        progress.asked = Instant::now();
        let step = match replication::step(&self.store, &mut self.replica, false) {
            Ok(step) => step,
            Err(failure) => {
                let waiting = log.last - progress.up_to.unwrap_or(log.first - 1);
                return self.fail(progress, &failure, waiting);
            }
        };
        if progress.failing.take().is_some() {
            (self.log)(Level::Info, "PostgreSQL takes records again; it is caught up with");
        }
        progress.pause = PERIOD;
        if let Some(why) = step.began {
            (self.log)(Level::Info, &format!("PostgreSQL: all records are copied from the beginning, for {why}"));
        }
        for refused in step.refused.iter().take(NAMED_MAX) {
            let text = format!("PostgreSQL takes no row {} of {}: {}", refused.key, refused.table, refused.why);
            (self.log)(Level::Error, &text);
        }
        if step.refused.len() > NAMED_MAX {
            let more = step.refused.len() - NAMED_MAX;
            (self.log)(
                Level::Error,
                &format!("PostgreSQL takes {more} more rows not; replica_refused there names them"),
            );
        }
        self.gauges.replica_follows(&step);
        (progress.up_to, progress.is_whole) = (Some(step.up_to), step.is_whole());
        if progress.forgot.elapsed() >= FORGET_EVERY || log.first + (CHANGES_MAX / 10) < step.up_to {
            progress.forgot = Instant::now();
            // Without room the next time does it.
            let _ = self.jobs.try_send(Job::CarriedOver(step.up_to));
        }
        if step.is_whole() { PERIOD } else { Duration::ZERO }
    }

    fn fail(&mut self, progress: &mut Progress, failure: &Failure, waiting: i64) -> Duration {
        let why = failure.to_string();
        if progress.failing.as_ref() != Some(&why) {
            let text = format!("PostgreSQL takes no records: {why}. They wait in the site's own database; calls go on");
            (self.log)(Level::Warning, &text);
            progress.failing = Some(why);
        }
        progress.is_whole = false;
        self.gauges.replica_is_away(waiting.max(0) as u64);
        if waiting > CHANGES_MAX {
            let text = "PostgreSQL has been away for too many changes: all records are copied anew when it is back";
            (self.log)(Level::Warning, text);
            let _ = self.jobs.try_send(Job::EndChangeLog);
        }
        let pause = progress.pause;
        progress.pause = (pause * 2).min(PAUSE_MAX);
        pause
    }
}
