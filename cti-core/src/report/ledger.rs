//! The computation of figures: entries of the log in, figures by interval and key out, with the picture of now beside
//! them.
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
//! Never: gives a figure that does not come from an entry.

use std::collections::BTreeMap;

mod read;

use super::bounds::Bounds;
use super::event::{CallKey, Entry, Event, Moment};
use super::figures::{Break, Figures, Limits, Times, Traffic};
use super::returns::{Abandoned, Lost};
use crate::acd::ids::Reason;
use crate::agent::activity::Activity;
use crate::csta::{AgentId, DeviceId};
use crate::store::CallBackState;

/// A subject of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A queue.
    Queue(DeviceId),
    /// An agent: the calls answered and handled.
    Agent(AgentId),
    /// A trunk group: the calls that came by it.
    Group(DeviceId),
    /// A dialled number.
    Dialled(DeviceId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    queue: DeviceId,
    caller: DeviceId,
    dialled: DeviceId,
    group: DeviceId,
    queued: Moment,
    /// Moment of the answer, and the agent.
    answered: Option<(Moment, AgentId)>,
    is_called_back: bool,
}

/// An agent's activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doing {
    activity: Activity,
    queue: DeviceId,
    /// Its beginning.
    since: Moment,
    /// Up to here it is counted.
    counted: Moment,
}

/// The use of a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Use {
    group: DeviceId,
    /// Up to here an occupied one is counted; none for one that is free.
    counted: Option<Moment>,
    out_of_service: bool,
}

/// The computation of figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    bounds: Bounds,
    default_limits: Limits,
    limits: BTreeMap<DeviceId, Limits>,
    figures: BTreeMap<(usize, Key), Figures>,
    times: BTreeMap<(usize, AgentId), Times>,
    breaks: BTreeMap<(usize, AgentId, u8), Break>,
    /// Agents whose break has passed its limit, with the reason.
    too_long: BTreeMap<AgentId, u8>,
    traffic: BTreeMap<(usize, DeviceId), Traffic>,
    calls: BTreeMap<CallKey, Open>,
    agents: BTreeMap<AgentId, Doing>,
    trunks: BTreeMap<DeviceId, Use>,
    lost: Lost,
    now: Moment,
    next: u64,
    gaps: u64,
}

impl Ledger {
    /// An empty ledger over these intervals, with limits by queue's name and for all others.
    pub fn new(bounds: Bounds, default_limits: Limits, limits: BTreeMap<DeviceId, Limits>) -> Ledger {
        Ledger {
            bounds,
            default_limits,
            limits,
            figures: BTreeMap::new(),
            times: BTreeMap::new(),
            breaks: BTreeMap::new(),
            too_long: BTreeMap::new(),
            traffic: BTreeMap::new(),
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            trunks: BTreeMap::new(),
            lost: Lost::default(),
            now: 0,
            next: 0,
            gaps: 0,
        }
    }

    /// Replaces the limits: what happens from now on is counted against them.
    pub fn set_limits(&mut self, default_limits: Limits, limits: BTreeMap<DeviceId, Limits>) {
        (self.default_limits, self.limits) = (default_limits, limits);
    }

    /// Folds an entry in. An entry seen before is left out; a gap in the numbers is counted ([`gaps`](Ledger::gaps)).
    /// A clock set back does not take time away: such an entry counts at the moment of the one before.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq < self.next {
            return;
        }
        self.gaps += if self.next == 0 { 0 } else { entry.seq - self.next };
        self.next = entry.seq + 1;
        if entry.event == Event::Started {
            self.cut_off();
        }
        let at = entry.at.max(self.now);
        self.now = at;
        match entry.event {
            Event::Started => {}
            Event::Queued { call, queue, caller, dialled, group } => {
                let open = Open { queue, caller, dialled, group, queued: at, answered: None, is_called_back: false };
                self.count(at, &open, |figures, _| figures.offered += 1);
                self.calls.insert(call, open);
            }
            Event::Missed { call, agent } => {
                if let Some(open) = self.calls.get(&call).copied() {
                    self.count(at, &open, |figures, _| figures.missed += 1);
                    self.count_key(at, Key::Agent(agent), |figures| figures.missed += 1);
                }
            }
            Event::Answered { call, agent, rings } => {
                let Some(open) = self.calls.get_mut(&call).filter(|open| open.answered.is_none()) else { return };
                open.answered = Some((at, agent));
                let open = *open;
                let wait = at - open.queued;
                self.count(at, &open, |figures, limits| figures.count_answer(wait, rings, limits));
                self.reached(open.caller);
            }
            Event::Abandoned { call, due } => {
                let Some(open) = self.leave(call) else { return };
                let wait = at - open.queued;
                self.count(at, &open, |figures, limits| {
                    figures.count_abandon(wait, limits);
                    figures.call_backs_lost += u64::from(open.is_called_back);
                });
                self.lose(&open, due, false);
            }
            Event::Cleared { call, due } => {
                if let Some(open) = self.leave(call) {
                    self.count(at, &open, |figures, _| figures.cleared += 1);
                    self.lose(&open, due, true);
                }
            }
            Event::FlowedOut { call, .. } => {
                if let Some(open) = self.leave(call) {
                    self.count(at, &open, |figures, _| figures.flowed_out += 1);
                }
            }
            Event::CalledBack { call } => {
                self.calls.entry(call).and_modify(|open| open.is_called_back = true);
            }
            Event::CallBackLeft { call } => {
                if let Some(open) = self.leave(call) {
                    self.count(at, &open, |figures, _| figures.call_backs += 1);
                }
            }
            Event::CallBackDone { queue, caller, state, .. } => match state {
                CallBackState::Reached => {
                    self.count_key(at, Key::Queue(queue), |figures| figures.called_back += 1);
                    self.reached(caller);
                }
                CallBackState::GivenUp => {
                    self.count_key(at, Key::Queue(queue), |figures| figures.call_backs_given_up += 1);
                    self.lost.give_up(caller, self.bounds.find(at));
                }
                CallBackState::Cancelled => self.lost.give_up(caller, self.bounds.find(at)),
                _ => {}
            },
            Event::Reached { caller, .. } => self.reached(caller),
            // A message belongs to no queue, nor does a try; their rows are the store's.
            Event::CallBackBegun { .. } | Event::CallBackTried { .. } => {}
            Event::MessageLeft { .. } | Event::EventMode { .. } => {}
            Event::Ended { call, hold, longest_hold, transferred, by_customer } => {
                let Some(open) = self.calls.get(&call).copied() else { return };
                let Some((answered, _)) = open.answered else { return };
                self.calls.remove(&call);
                let length = at - answered;
                let talk = length.saturating_sub(hold);
                self.count(at, &open, |figures, limits| {
                    figures.handled += 1;
                    figures.talk += talk;
                    figures.hold += hold;
                    figures.longest_hold = figures.longest_hold.max(longest_hold);
                    figures.held_too_long += u64::from(longest_hold > limits.hold);
                    figures.too_long += u64::from(length > limits.call);
                    figures.transferred += u64::from(transferred);
                    figures.by_customer += u64::from(by_customer);
                });
            }
            Event::Agent { agent, to, queue } => {
                self.close_agent(agent);
                let before = self.agents.get(&agent).map(|doing| doing.activity);
                match to {
                    Activity::NotReady(Reason(code)) => {
                        if before != Some(to) {
                            self.count_break(at, agent, code, |of| of.count += 1);
                        }
                        if self.too_long.get(&agent).is_some_and(|known| *known != code) {
                            self.too_long.remove(&agent);
                        }
                    }
                    Activity::Idle | Activity::Offered | Activity::LoggedOff => drop(self.too_long.remove(&agent)),
                    // A call or an open line during a break does not end it.
                    _ => {}
                }
                self.agents.insert(agent, Doing { activity: to, queue, since: at, counted: at });
            }
            Event::BreakTooLong { agent, reason } => {
                self.count_break(at, agent, reason, |of| of.too_long += 1);
                self.too_long.insert(agent, reason);
            }
            Event::Seized { trunk, group, incoming } => {
                self.close_trunk(trunk);
                let seized = self.trunks.entry(trunk).or_default();
                (seized.group, seized.counted) = (group, Some(at));
                let seizures = |traffic: &mut Traffic| {
                    *(if incoming { &mut traffic.incoming } else { &mut traffic.outgoing }) += 1;
                };
                self.count_traffic(at, group, seizures);
            }
            Event::Released { trunk } => {
                self.close_trunk(trunk);
                self.trunks.entry(trunk).or_default().counted = None;
            }
            Event::Blocked { group } => self.count_traffic(at, group, |traffic| traffic.blocked += 1),
            Event::OutOfService { trunk, group } | Event::InService { trunk, group } => {
                let of = self.trunks.entry(trunk).or_default();
                (of.group, of.out_of_service) = (group, matches!(entry.event, Event::OutOfService { .. }));
            }
        }
    }

    /// Counts running activities and occupied trunks up to `now`; to be called before figures are read.
    pub fn close(&mut self, now: Moment) {
        self.now = self.now.max(now);
        for agent in self.agents.keys().copied().collect::<Vec<_>>() {
            self.close_agent(agent);
        }
        for trunk in self.trunks.keys().copied().collect::<Vec<_>>() {
            self.close_trunk(trunk);
        }
    }

    /// Goes on with other intervals: figures begin anew; who waits, works and talks stays. To be called after
    /// [`close`](Ledger::close) at the last bound, so that nothing falls between them.
    pub fn roll(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.figures.clear();
        self.times.clear();
        self.breaks.clear();
        self.traffic.clear();
        self.lost.roll();
    }

    /// The program was started again: what had no end in the log ended, at the latest, with its last entry. To be
    /// called before the intervals between that one and the start are rolled over: nothing is known of that time.
    pub fn cut_off(&mut self) {
        self.close(self.now);
        self.agents.clear();
        self.too_long.clear();
        self.trunks.clear();
        for (_, open) in core::mem::take(&mut self.calls) {
            if open.answered.is_none() {
                self.count(self.now, &open, |figures, _| figures.cleared += 1);
                self.lose(&open, None, true);
            }
        }
    }

    /// A caller leaves without an answer now, and goes onto the list of those to be called back.
    fn lose(&mut self, open: &Open, due: Option<Moment>, is_cut_off: bool) {
        let Open { caller, queue, queued, .. } = *open;
        let (at, wait) = (self.now, self.now - queued);
        let lost = Abandoned { at, caller, queue, wait, due, is_cut_off, is_given_up: false };
        self.lost.lose(lost, self.bounds.find(at));
    }

    /// A caller has been reached: nothing of that number is on the list of the abandoned any more.
    fn reached(&mut self, caller: DeviceId) {
        self.lost.reached(caller, self.now, self.bounds.find(self.now));
    }

    fn leave(&mut self, call: CallKey) -> Option<Open> {
        self.calls.get(&call).filter(|open| open.answered.is_none())?;
        self.calls.remove(&call)
    }

    fn close_agent(&mut self, agent: AgentId) {
        let Some(doing) = self.agents.get_mut(&agent) else { return };
        let from = core::mem::replace(&mut doing.counted, self.now);
        let Doing { activity, queue, .. } = *doing;
        let work = activity == Activity::AfterCallWork && !queue.is_empty();
        for (ix, length) in self.bounds.parts(from, self.now) {
            self.times.entry((ix, agent)).or_default()[activity.index()] += length;
            if let Activity::NotReady(Reason(code)) = activity {
                self.breaks.entry((ix, agent, code)).or_default().time += length;
            }
            if work {
                for key in [Key::Queue(queue), Key::Agent(agent)] {
                    self.figures.entry((ix, key)).or_default().work += length;
                }
            }
        }
    }

    fn count_break(&mut self, at: Moment, agent: AgentId, reason: u8, f: impl Fn(&mut Break)) {
        if let Some(ix) = self.bounds.find(at) {
            f(self.breaks.entry((ix, agent, reason)).or_default());
        }
    }

    fn close_trunk(&mut self, trunk: DeviceId) {
        let Some(occupied) = self.trunks.get_mut(&trunk) else { return };
        let Some(from) = occupied.counted.replace(self.now) else {
            occupied.counted = None;
            return;
        };
        let group = occupied.group;
        for (ix, length) in self.bounds.parts(from, self.now) {
            self.traffic.entry((ix, group)).or_default().busy += length;
        }
    }

    fn count_traffic(&mut self, at: Moment, group: DeviceId, f: impl Fn(&mut Traffic)) {
        if let Some(ix) = self.bounds.find(at) {
            f(self.traffic.entry((ix, group)).or_default());
        }
    }

    /// Counts a fact of a call for its queue, its trunk group, its dialled number and, once answered, its agent.
    fn count(&mut self, at: Moment, open: &Open, f: impl Fn(&mut Figures, &Limits)) {
        let limits = *self.limits.get(&open.queue).unwrap_or(&self.default_limits);
        let agent = open.answered.map(|(_, agent)| agent).filter(|agent| !agent.is_empty()).map(Key::Agent);
        let group = Some(Key::Group(open.group)).filter(|_| !open.group.is_empty());
        let dialled = Some(Key::Dialled(open.dialled)).filter(|_| !open.dialled.is_empty());
        for key in [Some(Key::Queue(open.queue)), agent, group, dialled].into_iter().flatten() {
            self.count_key(at, key, |figures| f(figures, &limits));
        }
    }

    fn count_key(&mut self, at: Moment, key: Key, f: impl Fn(&mut Figures)) {
        if let Some(ix) = self.bounds.find(at) {
            f(self.figures.entry((ix, key)).or_default());
        }
    }
}
