//! The ledger rolled over the log from interval to interval: a report over years holds one interval in memory.
//!
//! Never: leaves out an interval in which something was counted.

use std::collections::BTreeMap;

use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::event::{Entry, Event, Moment};
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
        Ledger::new(bounds, self.default.0, self.limits())
    }

    /// The limits of the queues with their own.
    pub fn limits(&self) -> BTreeMap<DeviceId, Limits> {
        self.queues.iter().map(|(queue, (limits, _))| (*queue, *limits)).collect()
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
        if entry.event == Event::Started {
            self.ledger.cut_off();
        }
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
    let mut seq = 0;
    store.each_entry(from, to, |entry| {
        seq = entry.seq;
        roll.apply(entry);
    })?;
    if store.starts_after(seq)? {
        roll.ledger.cut_off();
    }
    Ok(roll.finish(last))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tipring_core::agent::Activity;
    use tipring_core::csta::{AgentId, CallId};
    use tipring_core::report::event::Event;
    use tipring_core::report::ledger::Key;
    use tipring_core::store::{Record, Store, StoreId, StoreRequest};

    use super::*;

    const HOUR: u64 = 3_600_000;
    const BEGIN: u64 = 1_700_000_000_000 / HOUR * HOUR;

    /// A log that ends with a caller who waits and an agent who is idle, 59 min after its beginning, and goes on with a
    /// start of the program 14 h later.
    fn cut_off_store() -> SqliteStore {
        let mut store = SqliteStore::open(Path::new(":memory:"), 0).unwrap();
        let device = |name: &str| DeviceId::new(name).unwrap();
        let idle = Event::Agent { agent: AgentId::new("7001").unwrap(), to: Activity::Idle, queue: DeviceId::EMPTY };
        let (queue, caller) = (device("5000"), device("13800138000"));
        let queued = Event::Queued { call: CallId(1), queue, caller, dialled: device("95598"), group: DeviceId::EMPTY };
        for (seq, (at, event)) in
            [(0, idle), (59 * 60_000, queued), (15 * HOUR, Event::Started)].into_iter().enumerate()
        {
            let entry = Entry { seq: seq as u64 + 1, at: BEGIN + at, event };
            store.submit(StoreRequest::Keep { id: StoreId(seq as u64), records: vec![Record::Event(Box::new(entry))] });
        }
        store.commit().unwrap();
        store
    }

    #[test]
    fn what_was_cut_off_ended_with_the_last_entry_before_the_start_whatever_the_intervals_are() {
        let store = cut_off_store();
        for hours in [1, 8, 16] {
            let bounds = Bounds::regular(BEGIN, HOUR, hours).unwrap();
            let (mut idle, mut cleared) = (0.0, Vec::new());
            let ledger = read(&store, &Targets::default(), bounds, |ledger| {
                idle += ledger.agent_rows().iter().map(|row| row.idle).sum::<f64>();
                cleared.push(ledger.total(&Key::Queue(DeviceId::new("5000").unwrap())).cleared);
            })
            .unwrap();
            assert_eq!(idle, 59.0 * 60.0, "{hours} h: nothing is known of the time after it");
            assert_eq!((cleared[0], cleared.iter().sum::<u64>()), (1, 1), "{hours} h");
            let lost = ledger.lost_callers(0);
            assert!(lost.len() == 1 && lost[0].last.is_cut_off && lost[0].last.at == BEGIN + 59 * 60_000, "{lost:?}");
        }
    }
}
