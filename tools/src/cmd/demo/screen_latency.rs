//! The meter of a demo, screen latency: time from the tick that decided an event to the client's screen in this
//! process.
//!
//! Never: runs in a site that is served; it takes a lock on the core's thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tipring_core::csta::SessionId;
use tipring_core::time::Tick;

use crate::clock::Stopwatch;
use crate::run::threads::Meter;

/// Ticks whose beginnings are remembered, and reports on their way that are remembered for a session.
const REMEMBERED: usize = 4096;

/// The meter.
#[derive(Clone)]
pub struct Latency(Arc<Shared>);

struct Shared {
    watch: Stopwatch,
    /// The ends of the last ticks, in µs by `watch`.
    ticks: [AtomicU64; REMEMBERED],
    /// The ticks of the reports on their way, oldest first, by session.
    reports: Mutex<BTreeMap<SessionId, VecDeque<Tick>>>,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency(Arc::new(Shared {
            watch: Stopwatch::start(),
            ticks: [const { AtomicU64::new(0) }; REMEMBERED],
            reports: Mutex::default(),
        }))
    }
}

impl Meter for Latency {
    fn tick(&self, now: Tick) {
        self.0.ticks[now.0 as usize % REMEMBERED].store(self.0.watch.micros(), Ordering::Relaxed);
    }

    fn sent(&self, session: SessionId, now: Tick) {
        let mut reports = self.0.reports.lock();
        let waiting = reports.entry(session).or_default();
        if waiting.len() >= REMEMBERED {
            waiting.pop_front();
        }
        waiting.push_back(now);
    }
}

impl Latency {
    /// The time that the next report of a session took to a client of this process, which has it in hand now, in µs.
    pub fn received(&self, session: SessionId) -> Option<u64> {
        let now = self.0.watch.micros();
        let tick = self.0.reports.lock().get_mut(&session)?.pop_front()?;
        Some(now.saturating_sub(self.0.ticks[tick.0 as usize % REMEMBERED].load(Ordering::Relaxed)))
    }
}
