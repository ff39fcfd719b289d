//! The ledger rolled over the log from interval to interval: a report over years holds one interval in memory.
//!
//! Never: leaves out an interval in which something was counted.

use std::collections::BTreeMap;

use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::event::{Entry, Moment};
use tipring_core::report::figures::{Limits, ServiceLevel};
use tipring_core::report::ledger::Ledger;
use tipring_core::store::sqlite::SqliteStore;

use crate::failure::Failure;

/// The limits and the formula of the service level, by queue and for all others.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// For queues without their own.
    pub default: (Limits, ServiceLevel),
    /// By queue.
    pub queues: BTreeMap<DeviceId, (Limits, ServiceLevel)>,
}

impl Targets {
    /// An empty ledger over these intervals.
    pub fn ledger(&self, bounds: Bounds) -> Ledger {
        let limits = self.queues.iter().map(|(queue, (limits, _))| (*queue, *limits)).collect();
        Ledger::new(bounds, self.default.0, limits)
    }

    /// The formula of a queue.
    pub fn formula(&self, queue: &DeviceId) -> ServiceLevel {
        self.queues.get(queue).map_or(self.default.1, |(_, formula)| *formula)
    }
}

/// The ledger over the intervals of a report, one after another.
pub struct Roll<F> {
    bounds: Bounds,
    ix: usize,
    ledger: Ledger,
    each: F,
}

impl<F: FnMut(&Ledger)> Roll<F> {
    /// A roll that gives each interval's ledger to `each`, in order.
    pub fn new(targets: &Targets, bounds: Bounds, each: F) -> Roll<F> {
        let ledger = targets.ledger(bounds.only(0));
        Roll { bounds, ix: 0, ledger, each }
    }

    /// Folds an entry in.
    pub fn apply(&mut self, entry: &Entry) {
        while entry.at >= self.bounds.interval(self.ix).1 && self.next_interval() {}
        self.ledger.apply(entry);
    }

    /// Closes the interval. False if it was the last one.
    fn next_interval(&mut self) -> bool {
        if self.ix + 1 >= self.bounds.count() {
            return false;
        }
        self.ledger.close(self.bounds.interval(self.ix).1);
        (self.each)(&self.ledger);
        self.ix += 1;
        self.ledger.roll(self.bounds.only(self.ix));
        true
    }

    /// Closes the last intervals: what goes on counts up to `now`, the end of the log.
    pub fn finish(mut self, now: Moment) -> Ledger {
        while now > self.bounds.interval(self.ix).1 && self.next_interval() {}
        self.ledger.close(now.min(self.bounds.interval(self.ix).1));
        (self.each)(&self.ledger);
        self.ledger
    }
}

/// Reads the log of a store through the intervals. Returns the ledger as it stands at the end.
///
/// # Errors
/// The log cannot be read.
pub fn read(
    store: &SqliteStore,
    targets: &Targets,
    bounds: Bounds,
    each: impl FnMut(&Ledger),
) -> Result<Ledger, Failure> {
    let (from, to) = (bounds.interval(0).0, bounds.interval(bounds.count() - 1).1);
    let last = store.log_span()?.map_or(from, |(_, last)| last);
    let mut roll = Roll::new(targets, bounds, each);
    store.each_entry(from, to, |entry| roll.apply(entry))?;
    Ok(roll.finish(last))
}
