//! The fold: entries of the log in, figures by interval and key out, with the picture of now beside them.
//!
//! | counted | in the interval of |
//! |---|---|
//! | offered, trunk seizures | the entry |
//! | answered, abandoned, flowed out, call-backs, missed, with their waits | their own moment |
//! | talk, hold, transfers | the end of the call at its agent |
//! | times of agents' activities, work, trunk occupancy | split at each bound, to the millisecond |
//!
//! Wait begins at entry into the queue, not in the menu, and ends with the answer, not with the ringing.
//!
//! Never: a figure that does not come from an entry.

use std::collections::BTreeMap;

use super::event::{CallKey, Entry, Event, Moment};
use super::figures::{Figures, Limits};
use crate::agent::Activity;

/// A subject of figures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A queue.
    Queue(String),
    /// An agent: the calls answered and handled.
    Agent(String),
    /// A trunk group: the calls that came by it.
    Group(String),
    /// A dialled number.
    Dialled(String),
}

/// Bounds of intervals: interval *i* holds the moments from bound *i* up to, not including, bound *i* + 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds(Vec<Moment>);

impl Bounds {
    /// Intervals between ascending bounds, of any lengths: days of 23 h and months too. None for less than two bounds or
    /// bounds that do not ascend.
    pub fn new(bounds: Vec<Moment>) -> Option<Bounds> {
        (bounds.len() >= 2 && bounds.is_sorted_by(|a, b| a < b)).then_some(Bounds(bounds))
    }

    /// Equal intervals of `length` ms.
    pub fn regular(begin: Moment, length: u64, count: usize) -> Option<Bounds> {
        Bounds::new((0..=count as u64).map(|n| begin + n * length).collect())
    }

    /// Number of intervals.
    pub fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// Begin and end of an interval.
    pub fn interval(&self, ix: usize) -> (Moment, Moment) {
        (self.0[ix], self.0[ix + 1])
    }

    fn find(&self, at: Moment) -> Option<usize> {
        let ix = self.0.partition_point(|&bound| bound <= at);
        (1..self.0.len()).contains(&ix).then(|| ix - 1)
    }

    /// The parts of a span that lie in intervals.
    fn parts(&self, from: Moment, to: Moment) -> impl Iterator<Item = (usize, u64)> + '_ {
        let first = self.0.partition_point(|&bound| bound <= from).saturating_sub(1);
        (first..self.count()).map_while(move |ix| {
            let (begin, end) = self.interval(ix);
            (begin < to).then(|| (ix, end.min(to).saturating_sub(begin.max(from))))
        })
    }
}

/// Times of an agent's activities in one interval, ms, by [`Activity::index`].
pub type Times = [u64; Activity::COUNT];

/// Figures of a trunk group in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Seizures for calls in.
    pub incoming: u64,
    /// Seizures for calls out.
    pub outgoing: u64,
    /// Calls out that found all trunks busy.
    pub blocked: u64,
    /// Occupancy summed over the trunks, ms; divided by the interval's length it is the traffic in erlang.
    pub busy: u64,
}

/// A caller who hung up before an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// The moment.
    pub at: Moment,
    /// The caller's number; empty if not known.
    pub caller: String,
    /// The queue.
    pub queue: String,
    /// The wait, ms.
    pub wait: u64,
}

#[derive(Debug, Clone)]
struct Open {
    queue: String,
    caller: String,
    dialled: String,
    group: String,
    queued: Moment,
    /// Moment of the answer, and the agent.
    answered: Option<(Moment, String)>,
}

/// The fold.
#[derive(Debug, Clone)]
pub struct Ledger {
    bounds: Bounds,
    default_limits: Limits,
    limits: BTreeMap<String, Limits>,
    figures: BTreeMap<(usize, Key), Figures>,
    times: BTreeMap<(usize, String), Times>,
    traffic: BTreeMap<(usize, String), Traffic>,
    calls: BTreeMap<CallKey, Open>,
    agents: BTreeMap<String, (Activity, String, Moment)>,
    trunks: BTreeMap<String, (String, Moment)>,
    abandoned: Vec<Abandoned>,
    now: Moment,
    next: u64,
    gaps: u64,
}

impl Ledger {
    /// An empty ledger over these intervals, with limits by queue's name and for all others.
    pub fn new(bounds: Bounds, default_limits: Limits, limits: BTreeMap<String, Limits>) -> Ledger {
        Ledger {
            bounds,
            default_limits,
            limits,
            figures: BTreeMap::new(),
            times: BTreeMap::new(),
            traffic: BTreeMap::new(),
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            trunks: BTreeMap::new(),
            abandoned: Vec::new(),
            now: 0,
            next: 0,
            gaps: 0,
        }
    }

    /// Folds an entry in. An entry seen before is left out; a gap in the numbers is counted ([`gaps`](Ledger::gaps)).
    /// A clock set back does not take time away: such an entry counts at the moment of the one before.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq < self.next {
            return;
        }
        self.gaps += if self.next == 0 { 0 } else { entry.seq - self.next };
        self.next = entry.seq + 1;
        let at = entry.at.max(self.now);
        self.now = at;
        match &entry.event {
            Event::Queued { call, queue, caller, dialled, group } => {
                let open = Open {
                    queue: queue.clone(),
                    caller: caller.clone(),
                    dialled: dialled.clone(),
                    group: group.clone(),
                    queued: at,
                    answered: None,
                };
                self.count(at, &open, |figures, _| figures.offered += 1);
                self.calls.insert(*call, open);
            }
            Event::Missed { call, agent } => {
                if let Some(open) = self.calls.get(call).cloned() {
                    self.count(at, &open, |figures, _| figures.missed += 1);
                    self.count_key(at, Key::Agent(agent.clone()), |figures| figures.missed += 1);
                }
            }
            Event::Answered { call, agent, rings } => {
                let Some(open) = self.calls.get_mut(call).filter(|open| open.answered.is_none()) else { return };
                open.answered = Some((at, agent.clone()));
                let open = open.clone();
                let wait = at - open.queued;
                self.count(at, &open, |figures, limits| figures.count_answer(wait, *rings, limits));
                self.abandoned.retain(|lost| lost.caller.is_empty() || lost.caller != open.caller);
            }
            Event::Abandoned { call } => {
                let Some(open) = self.leave(*call) else { return };
                let wait = at - open.queued;
                self.count(at, &open, |figures, limits| figures.count_abandon(wait, limits));
                self.abandoned.push(Abandoned { at, caller: open.caller, queue: open.queue, wait });
            }
            Event::FlowedOut { call, .. } => {
                if let Some(open) = self.leave(*call) {
                    self.count(at, &open, |figures, _| figures.flowed_out += 1);
                }
            }
            Event::CallBackLeft { call } => {
                if let Some(open) = self.leave(*call) {
                    self.count(at, &open, |figures, _| figures.call_backs += 1);
                }
            }
            Event::CalledBack { caller } => self.abandoned.retain(|lost| lost.caller != *caller),
            Event::Ended { call, hold, longest_hold, transferred, by_customer } => {
                let Some(open) = self.calls.remove(call) else { return };
                let Some((answered, _)) = open.answered else { return };
                let talk = (at - answered).saturating_sub(*hold);
                self.count(at, &open, |figures, limits| {
                    figures.handled += 1;
                    figures.talk += talk;
                    figures.hold += hold;
                    figures.longest_hold = figures.longest_hold.max(*longest_hold);
                    figures.held_too_long += u64::from(*longest_hold > limits.hold);
                    figures.transferred += u64::from(*transferred);
                    figures.by_customer += u64::from(*by_customer);
                });
            }
            Event::Agent { agent, to, queue } => {
                self.close_agent(agent);
                self.agents.insert(agent.clone(), (*to, queue.clone(), at));
            }
            Event::Seized { trunk, group, incoming } => {
                self.close_trunk(trunk);
                self.trunks.insert(trunk.clone(), (group.clone(), at));
                if let Some(ix) = self.bounds.find(at) {
                    let traffic = self.traffic.entry((ix, group.clone())).or_default();
                    *(if *incoming { &mut traffic.incoming } else { &mut traffic.outgoing }) += 1;
                }
            }
            Event::Released { trunk } => {
                self.close_trunk(trunk);
                self.trunks.remove(trunk);
            }
            Event::Blocked { group } => {
                if let Some(ix) = self.bounds.find(at) {
                    self.traffic.entry((ix, group.clone())).or_default().blocked += 1;
                }
            }
        }
    }

    /// Counts running activities and occupied trunks up to `now`; to be called before figures are read.
    pub fn close(&mut self, now: Moment) {
        self.now = self.now.max(now);
        for agent in self.agents.keys().cloned().collect::<Vec<_>>() {
            self.close_agent(&agent);
        }
        for trunk in self.trunks.keys().cloned().collect::<Vec<_>>() {
            self.close_trunk(&trunk);
        }
    }

    fn leave(&mut self, call: CallKey) -> Option<Open> {
        self.calls.get(&call).filter(|open| open.answered.is_none())?;
        self.calls.remove(&call)
    }

    fn close_agent(&mut self, agent: &str) {
        let Some((activity, queue, since)) = self.agents.get_mut(agent) else { return };
        let (from, activity, queue) = (core::mem::replace(since, self.now), *activity, queue.clone());
        let work = activity == Activity::Work && !queue.is_empty();
        for (ix, length) in self.bounds.parts(from, self.now) {
            self.times.entry((ix, agent.to_owned())).or_default()[activity.index()] += length;
            if work {
                for key in [Key::Queue(queue.clone()), Key::Agent(agent.to_owned())] {
                    self.figures.entry((ix, key)).or_default().work += length;
                }
            }
        }
    }

    fn close_trunk(&mut self, trunk: &str) {
        let Some((group, since)) = self.trunks.get_mut(trunk) else { return };
        let (from, group) = (core::mem::replace(since, self.now), group.clone());
        for (ix, length) in self.bounds.parts(from, self.now) {
            self.traffic.entry((ix, group.clone())).or_default().busy += length;
        }
    }

    /// Counts a fact of a call for its queue, its trunk group, its dialled number and, once answered, its agent.
    fn count(&mut self, at: Moment, open: &Open, f: impl Fn(&mut Figures, &Limits)) {
        let limits = *self.limits.get(&open.queue).unwrap_or(&self.default_limits);
        let agent = open.answered.as_ref().map(|(_, agent)| Key::Agent(agent.clone()));
        let group = Some(Key::Group(open.group.clone())).filter(|_| !open.group.is_empty());
        let dialled = Some(Key::Dialled(open.dialled.clone())).filter(|_| !open.dialled.is_empty());
        for key in [Some(Key::Queue(open.queue.clone())), agent, group, dialled].into_iter().flatten() {
            self.count_key(at, key, |figures| f(figures, &limits));
        }
    }

    fn count_key(&mut self, at: Moment, key: Key, f: impl Fn(&mut Figures)) {
        if let Some(ix) = self.bounds.find(at) {
            f(self.figures.entry((ix, key)).or_default());
        }
    }

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

    /// Figures of trunk groups by interval, in order.
    pub fn traffic(&self) -> impl Iterator<Item = (usize, &str, &Traffic)> {
        self.traffic.iter().map(|((ix, group), traffic)| (*ix, group.as_str(), traffic))
    }

    /// Calls that wait in a queue now, and the longest wait, ms.
    pub fn waiting(&self, queue: &str) -> (usize, u64) {
        let here = self.calls.values().filter(|open| open.queue == queue && open.answered.is_none());
        here.fold((0, 0), |(count, longest), open| (count + 1, longest.max(self.now - open.queued)))
    }

    /// An agent's activity now, and its length so far, ms.
    pub fn activity(&self, agent: &str) -> Option<(Activity, u64)> {
        self.agents.get(agent).map(|(activity, _, since)| (*activity, self.now - since))
    }

    /// Callers who hung up and have not been answered or called back since, oldest first.
    pub fn abandoned(&self) -> &[Abandoned] {
        &self.abandoned
    }

    /// Entries missing from the log.
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }
}
