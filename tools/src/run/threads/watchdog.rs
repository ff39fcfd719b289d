//! Watchdog of the threads: each is known by name, a panic is reported with its reason, and a thread that stands
//! still is noticed by its pulse.
//!
//! Never: starts a thread again. State after a panic is unknown; the process ends in order, and its service manager
//! starts it anew.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, unbounded};

use crate::failure::Failure;

/// Interval at which the pulses are observed.
pub const OBSERVE_EVERY: Duration = Duration::from_millis(500);
/// Observations in a row without a beat at which a thread counts as standing still: 5 s. A process that is suspended as
/// a whole observes nothing meanwhile, and loses none of them.
const STILL_MAX: u32 = 10;

/// The end of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The thread.
    pub thread: &'static str,
    /// The message of its panic; none if it has returned.
    pub panic: Option<String>,
}

/// The threads of a site.
pub struct Supervisor {
    ends_in: Sender<Ended>,
    ends: Receiver<Ended>,
    threads: Vec<(&'static str, JoinHandle<()>)>,
}

impl Default for Supervisor {
    fn default() -> Supervisor {
        // One entry a thread: bounded by the number of threads.
        let (ends_in, ends) = unbounded();
        Supervisor { ends_in, ends, threads: Vec::new() }
    }
}

impl Supervisor {
    /// Starts a thread whose end will be reported.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn spawn(&mut self, name: &'static str, body: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
        self.spawn_then(name, body, || {})
    }

    /// Starts a thread whose end will be reported, with a step that follows the report, after a panic too: threads that
    /// end by it are reported after the one whose end is the reason.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn spawn_then(
        &mut self,
        name: &'static str,
        body: impl FnOnce() + Send + 'static,
        then: impl FnOnce() + Send + 'static,
    ) -> Result<(), Failure> {
        let ends = self.ends_in.clone();
        let handle = thread::Builder::new().name(name.into()).spawn(move || {
            let panic = catch_unwind(AssertUnwindSafe(body)).err().map(|payload| message(payload.as_ref()));
            let _ = ends.send(Ended { thread: name, panic });
            then();
        })?;
        self.threads.push((name, handle));
        Ok(())
    }

    /// The ends of threads, as they come. While a site runs, any of them is a failure.
    pub fn ends(&self) -> &Receiver<Ended> {
        &self.ends
    }

    /// Waits until all threads have ended, `limit` at most. Returns the names of those that stand still, and those that
    /// have panicked.
    pub fn join(self, limit: Duration) -> (Vec<&'static str>, Vec<Ended>) {
        let deadline = Instant::now() + limit;
        let mut panicked = Vec::new();
        let mut running: Vec<&'static str> =
            self.threads.iter().filter(|(_, handle)| !handle.is_finished()).map(|&(name, _)| name).collect();
        while let Ok(ended) = self.ends.recv_timeout(match running.is_empty() {
            true => Duration::ZERO,
            false => deadline.saturating_duration_since(Instant::now()),
        }) {
            running.retain(|name| *name != ended.thread);
            if ended.panic.is_some() {
                panicked.push(ended);
            }
        }
        (running, panicked)
    }
}

/// The text of a panic.
pub(super) fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}

/// Heartbeat of a thread: a count that each turn of its loop moves on.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Moves the count on.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The count.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The watchdog of one thread: its last count, and the observations since it moved.
#[derive(Debug)]
pub struct Watchdog {
    thread: &'static str,
    last: u64,
    still: u32,
}

impl Watchdog {
    /// A watchdog of the thread.
    pub const fn new(thread: &'static str) -> Watchdog {
        Watchdog { thread, last: u64::MAX, still: 0 }
    }

    /// Time for which the thread has stood still, ms.
    pub fn still_ms(&self) -> u64 {
        (OBSERVE_EVERY * self.still).as_millis() as u64
    }

    /// Observes the thread's count, once every [`OBSERVE_EVERY`].
    ///
    /// # Errors
    /// The thread has stood still for too long: a sentence about it.
    pub fn observe(&mut self, count: u64) -> Result<(), String> {
        if count != self.last {
            (self.last, self.still) = (count, 0);
            return Ok(());
        }
        self.still += 1;
        if self.still < STILL_MAX {
            return Ok(());
        }
        let seconds = (OBSERVE_EVERY * self.still).as_secs();
        Err(format!("The {} thread has stood still for {seconds} s", self.thread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_reported_with_its_thread_and_its_message() {
        let mut supervisor = Supervisor::default();
        supervisor.spawn("files", || panic!("no room for {}", "sound")).unwrap();
        let ended = supervisor.ends().recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(ended, Ended { thread: "files", panic: Some("no room for sound".into()) });
    }

    #[test]
    fn the_step_after_a_thread_follows_its_report_and_its_panic() {
        for panics in [false, true] {
            let mut supervisor = Supervisor::default();
            let (then, after) = crossbeam::channel::bounded(1);
            let ends = supervisor.ends().clone();
            let then = move || then.send(ends.len()).expect("the test waits");
            supervisor.spawn_then("media", move || assert!(!panics, "late"), then).unwrap();
            let reports = after.recv_timeout(Duration::from_secs(10)).unwrap();
            assert_eq!(reports, 1, "the step came before the report");
            let ended = supervisor.ends().try_recv().unwrap();
            assert_eq!(ended.panic.is_some(), panics);
        }
    }

    #[test]
    fn joining_names_the_threads_that_stand_still_and_those_that_panicked() {
        let (release, held) = crossbeam::channel::bounded::<()>(0);
        let mut supervisor = Supervisor::default();
        supervisor.spawn("core", move || while held.recv().is_ok() {}).unwrap();
        supervisor.spawn("store", || {}).unwrap();
        supervisor.spawn("media", || panic!("late")).unwrap();
        let (still, panicked) = supervisor.join(Duration::from_millis(500));
        assert_eq!(still, ["core"]);
        assert_eq!(panicked, [Ended { thread: "media", panic: Some("late".into()) }]);
        drop(release);
    }

    #[test]
    fn a_thread_without_a_beat_for_five_seconds_stands_still() {
        let mut watchdog = Watchdog::new("core");
        for count in [0, 1, 1, 2] {
            watchdog.observe(count).unwrap();
        }
        for _ in 1..STILL_MAX {
            watchdog.observe(2).unwrap();
        }
        assert_eq!(watchdog.observe(2).unwrap_err(), "The core thread has stood still for 5 s");
        watchdog.observe(3).unwrap();
    }
}
