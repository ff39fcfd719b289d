//! An agent's history: a fold of the changes of activity.
//!
//! The times of all activities add up to the time logged on, exactly.
//!
//! Never: records a request; it records the change when it happens.

use std::collections::BTreeMap;

use tipring_driver::time::{Tick, Ticks};

use super::activity::Activity;
use super::machine::Change;
use crate::acd::ids::{QueueIx, Reason};

/// The time of one agent, over all shifts folded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    activity: Activity,
    queue: Option<QueueIx>,
    since: Tick,
    times: [Ticks; Activity::COUNT],
    breaks: BTreeMap<Reason, Ticks>,
    work: BTreeMap<Option<QueueIx>, Ticks>,
    shifts: u32,
}

impl History {
    /// A history that begins at `now`, logged off.
    pub fn new(now: Tick) -> History {
        History {
            activity: Activity::LoggedOff,
            queue: None,
            since: now,
            times: [Ticks::ZERO; Activity::COUNT],
            breaks: BTreeMap::new(),
            work: BTreeMap::new(),
            shifts: 0,
        }
    }

    /// Folds a change in.
    pub fn apply(&mut self, change: &Change) {
        self.close(change.at);
        if change.from == Activity::LoggedOff {
            self.shifts += 1;
        }
        (self.activity, self.queue) = (change.to, change.queue);
    }

    /// Counts the running activity up to `now`, at the end of an interval for instance.
    pub fn close(&mut self, now: Tick) {
        let spent = now.since(self.since);
        let add = |total: &mut Ticks| *total = *total + spent;
        add(&mut self.times[self.activity.index()]);
        match self.activity {
            Activity::NotReady(reason) => add(self.breaks.entry(reason).or_default()),
            Activity::Work => add(self.work.entry(self.queue).or_default()),
            _ => {}
        }
        self.since = self.since.max(now);
    }

    /// Time in activities of that kind, up to the last fold.
    pub const fn time(&self, kind: Activity) -> Ticks {
        self.times[kind.index()]
    }

    /// Time logged on: the sum of all activities but *logged off*.
    pub fn logged_on(&self) -> Ticks {
        Ticks(self.times.iter().skip(1).map(|time| time.0).sum())
    }

    /// Time not ready by reason.
    pub fn breaks(&self) -> impl Iterator<Item = (Reason, Ticks)> + '_ {
        self.breaks.iter().map(|(&reason, &time)| (reason, time))
    }

    /// Time of work by queue; none for work without a queue's call.
    pub fn work(&self) -> impl Iterator<Item = (Option<QueueIx>, Ticks)> + '_ {
        self.work.iter().map(|(&queue, &time)| (queue, time))
    }

    /// Log-ons.
    pub const fn shifts(&self) -> u32 {
        self.shifts
    }

    /// Occupancy: (talking + offered + work) / (the same + idle); none without any of them.
    pub fn occupancy(&self) -> Option<f64> {
        let of = |kind: Activity| self.time(kind).0 as f64;
        let busy = of(Activity::Talking) + of(Activity::Offered) + of(Activity::Work);
        let all = busy + of(Activity::Idle);
        (all > 0.0).then(|| busy / all)
    }
}
