//! Missed-call call-backs: callers who hung up or were cut off before an answer, as a list of those to be called back
//! and as the figures of those who were.
//!
//! A caller is reached by an answered call back, by an answered call of an agent, or as they call again and are
//! answered; then every entry under that number is settled. The business day of a caller who hung up ends with the
//! site's hours: the log has that moment with the entry.
//!
//! Never: counts a caller without a number among those who are to be returned.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::Moment;
use crate::csta::DeviceId;

/// Abandoned callers that are remembered; beyond this the oldest is forgotten.
pub const ABANDONED_MAX: usize = 100_000;

/// A caller who left before an answer, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned {
    /// The moment.
    pub at: Moment,
    /// The caller's number; empty if not known.
    pub caller: DeviceId,
    /// The queue.
    pub queue: DeviceId,
    /// The wait, ms.
    pub wait: u64,
    /// The end of the business day by which the caller is to be called back; none if it was not known.
    pub due: Option<Moment>,
    /// The caller did not hang up: a client, the site or its line ended the call.
    pub is_cut_off: bool,
    /// Every try to call back was in vain, or the number was taken off the list by hand.
    pub is_given_up: bool,
}

impl Abandoned {
    /// True for one who is still to be called back.
    pub fn is_to_return(&self) -> bool {
        !self.caller.is_empty() && !self.is_given_up
    }
}

/// A caller who left before an answer, once or several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostCaller {
    /// The last time.
    pub last: Abandoned,
    /// The moment of the first one.
    pub first: Moment,
    /// Their count.
    pub times: u64,
    /// The earliest end of a business day by which the caller is to be called back; none if none was known.
    pub due: Option<Moment>,
}

impl LostCaller {
    /// Gathers the entries of each caller. One without a number is a caller of its own each time.
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a Abandoned>) -> Vec<LostCaller> {
        let mut by_number: BTreeMap<DeviceId, usize> = BTreeMap::new();
        let mut callers: Vec<LostCaller> = Vec::new();
        for &last in entries {
            let known = by_number.get(&last.caller).copied().filter(|_| !last.caller.is_empty());
            match known {
                Some(ix) => {
                    let of = &mut callers[ix];
                    (of.last, of.times) = (last, of.times + 1);
                    of.due = of.due.into_iter().chain(last.due).min();
                }
                None => {
                    by_number.insert(last.caller, callers.len());
                    callers.push(LostCaller { last, first: last.at, times: 1, due: last.due });
                }
            }
        }
        callers.sort_by_key(|caller| caller.last.at);
        callers
    }
}

/// Figures of returned callers of a queue in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Returns {
    /// Callers with a number who hung up or were cut off.
    pub lost: u64,
    /// Callers who were reached.
    pub returned: u64,
    /// Lost callers who were reached by the end of their business day.
    pub in_time: u64,
    /// Lost callers who were reached after it.
    pub late: u64,
    /// Sum of the times until they were reached, ms.
    pub took: u64,
    /// The longest of these times, ms.
    pub longest: u64,
    /// Callers who were given up.
    pub given_up: u64,
}

/// Callers of a queue who are to be called back, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToReturn {
    /// Their count.
    pub count: u64,
    /// Open ones whose business day has ended.
    pub late: u64,
    /// The moment at which the first of them hung up.
    pub oldest: Option<Moment>,
    /// The earliest end of a business day that is not over.
    pub next_due: Option<Moment>,
}

/// The list and the figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Lost {
    list: VecDeque<Abandoned>,
    /// Numbers on the list, with the count of their entries.
    numbers: BTreeMap<DeviceId, usize>,
    figures: BTreeMap<(usize, DeviceId), Returns>,
}

impl Lost {
    /// A caller goes onto the list; `ix` is the interval of the moment.
    pub(super) fn lose(&mut self, caller: Abandoned, ix: Option<usize>) {
        if self.list.len() >= ABANDONED_MAX
            && let Some(oldest) = self.list.pop_front()
        {
            self.forget(oldest.caller);
        }
        *self.numbers.entry(caller.caller).or_default() += 1;
        self.list.push_back(caller);
        if let (Some(ix), false) = (ix, caller.caller.is_empty()) {
            self.figures.entry((ix, caller.queue)).or_default().lost += 1;
        }
    }

    fn forget(&mut self, caller: DeviceId) {
        if let Some(count) = self.numbers.get_mut(&caller) {
            *count -= 1;
            if *count == 0 {
                self.numbers.remove(&caller);
            }
        }
    }

    /// A caller has been reached: nothing of that number is on the list any more.
    pub(super) fn reached(&mut self, caller: DeviceId, at: Moment, ix: Option<usize>) {
        if caller.is_empty() || self.numbers.remove(&caller).is_none() {
            return;
        }
        for lost in self.list.iter().filter(|lost| lost.caller == caller) {
            let Some(ix) = ix else { break };
            let of = self.figures.entry((ix, lost.queue)).or_default();
            let took = at.saturating_sub(lost.at);
            of.returned += 1;
            of.in_time += u64::from(lost.due.is_some_and(|due| at <= due));
            of.late += u64::from(lost.due.is_some_and(|due| at > due));
            (of.took, of.longest) = (of.took + took, of.longest.max(took));
        }
        self.list.retain(|lost| lost.caller != caller);
    }

    /// A caller was called back in vain for the last time, or taken off the list by hand.
    pub(super) fn give_up(&mut self, caller: DeviceId, ix: Option<usize>) {
        if caller.is_empty() || !self.numbers.contains_key(&caller) {
            return;
        }
        for lost in self.list.iter_mut().filter(|lost| lost.caller == caller && !lost.is_given_up) {
            lost.is_given_up = true;
            if let Some(ix) = ix {
                self.figures.entry((ix, lost.queue)).or_default().given_up += 1;
            }
        }
    }

    /// Figures begin anew; the list stays.
    pub(super) fn roll(&mut self) {
        self.figures.clear();
    }

    /// The list, oldest first.
    pub(super) fn list(&self) -> impl ExactSizeIterator<Item = &Abandoned> {
        self.list.iter()
    }

    /// Figures of a queue in an interval.
    pub(super) fn figures(&self, ix: usize, queue: &DeviceId) -> Returns {
        self.figures.get(&(ix, *queue)).copied().unwrap_or_default()
    }

    /// Queues with figures in an interval, and those with callers on the list if so asked, in order.
    pub(super) fn queues(&self, ix: usize, with_list: bool) -> BTreeSet<DeviceId> {
        let counted = self.figures.keys().filter(|(of, _)| *of == ix).map(|(_, queue)| *queue);
        let listed = self.list.iter().filter(|lost| with_list && lost.is_to_return()).map(|lost| lost.queue);
        counted.chain(listed).collect()
    }

    /// The callers of a queue who are to be called back, at a moment.
    pub(super) fn to_return(&self, queue: &DeviceId, now: Moment) -> ToReturn {
        let mut of = ToReturn::default();
        for lost in self.list.iter().filter(|lost| lost.queue == *queue && lost.is_to_return()) {
            let is_late = lost.due.is_some_and(|due| due < now);
            of.count += 1;
            of.late += u64::from(is_late);
            of.oldest = Some(of.oldest.map_or(lost.at, |oldest| oldest.min(lost.at)));
            let due = lost.due.filter(|_| !is_late);
            of.next_due = of.next_due.into_iter().chain(due).min();
        }
        of
    }
}
