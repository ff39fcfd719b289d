//! The ledger read: figures by interval and key, and the picture of now beside them.
//!
//! Never: counts; the ledger does, entry by entry.

use super::{Key, Ledger};
use crate::agent::activity::Activity;
use crate::csta::{AgentId, DeviceId};
use crate::report::bounds::Bounds;
use crate::report::event::Moment;
use crate::report::figures::{Break, Figures, Times, Traffic};
use crate::report::returns::{Abandoned, LostCaller, Returns, ToReturn};

impl Ledger {
    /// The intervals.
    pub const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Figures by interval and key, in order.
    pub fn figures(&self) -> impl Iterator<Item = (usize, &Key, &Figures)> {
        self.figures.iter().map(|((ix, key), figures)| (*ix, key, figures))
    }

    /// Figures of one key over all intervals.
    pub fn total(&self, key: &Key) -> Figures {
        let mut total = Figures::default();
        self.figures().filter(|(_, each, _)| *each == key).for_each(|(_, _, figures)| total.add(figures));
        total
    }

    /// Times of agents' activities by interval, in order.
    pub fn times(&self) -> impl Iterator<Item = (usize, &str, &Times)> {
        self.times.iter().map(|((ix, agent), times)| (*ix, agent.as_str(), times))
    }

    /// Agents' times not ready by interval, agent and reason code, in order.
    pub fn breaks(&self) -> impl Iterator<Item = (usize, &str, u8, &Break)> {
        self.breaks.iter().map(|((ix, agent, reason), of)| (*ix, agent.as_str(), *reason, of))
    }

    /// The reason code of an agent's break that has passed its limit and goes on.
    pub fn break_too_long(&self, agent: &AgentId) -> Option<u8> {
        self.too_long.get(agent).copied()
    }

    /// Figures of trunk groups by interval, in order.
    pub fn traffic(&self) -> impl Iterator<Item = (usize, &str, &Traffic)> {
        self.traffic.iter().map(|((ix, group), traffic)| (*ix, group.as_str(), traffic))
    }

    /// Calls that wait in a queue now, and the longest wait, ms.
    pub fn waiting(&self, queue: &DeviceId) -> (usize, u64) {
        let here = self.calls.values().filter(|open| open.queue == *queue && open.answered.is_none());
        here.fold((0, 0), |(count, longest), open| (count + 1, longest.max(self.now - open.queued)))
    }

    /// Calls that wait in queues or talk to those who answered them.
    pub fn open_calls(&self) -> usize {
        self.calls.len()
    }

    /// True while a trunk is occupied.
    pub fn is_occupied(&self, trunk: &DeviceId) -> bool {
        self.trunks.get(trunk).is_some_and(|trunk| trunk.counted.is_some())
    }

    /// An agent's activity now, and its length so far, ms.
    pub fn activity(&self, agent: &AgentId) -> Option<(Activity, u64)> {
        self.agents.get(agent).map(|doing| (doing.activity, self.now - doing.since))
    }

    /// Trunks of a group that are occupied now, and those that are out of service.
    pub fn trunks(&self, group: &DeviceId) -> (usize, usize) {
        let here = self.trunks.values().filter(|trunk| trunk.group == *group);
        here.fold((0, 0), |(busy, out), trunk| {
            (busy + usize::from(trunk.counted.is_some()), out + usize::from(trunk.out_of_service))
        })
    }

    /// Callers who hung up or were cut off, and have not been reached since: an entry for each time, oldest first.
    pub fn abandoned(&self) -> impl ExactSizeIterator<Item = &Abandoned> {
        self.lost.list()
    }

    /// Callers lost since a moment, each of them once, in the order of their last times.
    pub fn lost_callers(&self, since: Moment) -> Vec<LostCaller> {
        LostCaller::of(self.lost.list().filter(|lost| lost.at >= since))
    }

    /// The callers of a queue who are to be called back, at a moment.
    pub fn to_return(&self, queue: &DeviceId, now: Moment) -> ToReturn {
        self.lost.to_return(queue, now)
    }

    /// Figures of returned callers by interval and queue, in order. Queues with callers on the list stand in the last
    /// interval in any case.
    pub fn returns(&self) -> impl Iterator<Item = (usize, DeviceId, Returns)> {
        let last = self.bounds.count().saturating_sub(1);
        (0..self.bounds.count()).flat_map(move |ix| {
            let queues = self.lost.queues(ix, ix == last).into_iter();
            queues.map(move |queue| (ix, queue, self.lost.figures(ix, &queue)))
        })
    }

    /// The moment of the last entry, or to which the ledger was closed since.
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// Entries missing from the log.
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }
}
