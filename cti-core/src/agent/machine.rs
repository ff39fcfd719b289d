//! State machine of an agent: requests by a table, facts as they come, deadlines of wrap-up (work after a call) and of
//! breaks.
//!
//! Never: stores a state that could be computed.

use tipring_driver::time::{Tick, Ticks};

use super::activity::Activity;
use super::input::{AgentRequest, Doer, Fact, Presence};
use super::reason::Reasons;
use crate::acd::floor::Availability;
use crate::acd::ids::{QueueIx, Reason, StationIx};
use crate::csta::AgentState;

/// Rules for all agents.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentRules {
    /// Missed offers in a row after which the agent is not ready; 0 for never.
    pub misses: u8,
    /// The reason given then.
    pub missed: Reason,
    /// Reasons with their limits; a break beyond the limit is reported once.
    pub reasons: Reasons,
    /// The longest work, extensions included.
    #[serde(rename = "work_max")]
    pub after_call_work_max: Ticks,
}

impl Default for AgentRules {
    fn default() -> AgentRules {
        AgentRules {
            misses: 2,
            missed: Reason(0),
            reasons: Reasons::default(),
            after_call_work_max: Ticks::from_secs(900),
        }
    }
}

/// A request that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The agent is logged on already (CSTA failure 22, invalid object state).
    LoggedOn,
    /// The agent is not logged on (22).
    LoggedOff,
}

/// The way a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Carried out.
    Now(Option<Change>),
    /// Pending until call and work have ended.
    Pending,
}

/// A change of the activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The moment.
    pub at: Tick,
    /// The activity before.
    pub from: Activity,
    /// The activity after.
    pub to: Activity,
    /// The queue whose work it is.
    pub queue: Option<QueueIx>,
    /// The source.
    pub by: Doer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
enum Line {
    Quiet,
    OffHook,
    BusyTone,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Agent {
    presence: Presence,
    station: Option<StationIx>,
    #[serde(default, alias = "wish")]
    pending: Option<(AgentRequest, Doer)>,
    work: Option<(Option<QueueIx>, Tick)>,
    /// Start of the work, for the longest one.
    work_since: Tick,
    calls: u8,
    is_offered: bool,
    line: Line,
    is_dead: bool,
    misses: u8,
    idle_since: Tick,
    /// Begin of *not ready*, its limit not reported yet; none while there is nothing to report.
    unreported: Option<Tick>,
    /// End of the break's limit.
    limit: Option<Tick>,
    /// Reason of the last log-out.
    left: Reason,
}

/// A change that time alone has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// After-call work has ended.
    AfterCallWorkEnded(Option<Change>),
    /// A break has passed its limit.
    BreakTooLong(Reason),
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Do {
    Now,
    Pending,
    On,
    Off,
}

/// Requests by activity: logged off; at rest (idle, not ready, off hook, out of order); offered; work; talking or busy
/// tone. *Not ready* while a telephone rings takes effect at once and sends the call back to its place.
const TABLE: [[Do; 5]; 5] = {
    use Do::{Now, Off, On, Pending};
    [
        // Off, rest, offered, work, call.
        [Now, On, On, On, On],         // log on
        [Off, Now, Now, Now, Pending], // log off
        [Off, Now, Now, Now, Pending], // not ready
        [Off, Now, Now, Now, Pending], // ready
        [Off, Now, Now, Now, Pending], // work
    ]
};

impl Default for Agent {
    fn default() -> Agent {
        Agent::new()
    }
}

impl Agent {
    /// An agent logged off.
    pub const fn new() -> Agent {
        Agent {
            presence: Presence::LoggedOff,
            station: None,
            pending: None,
            work: None,
            work_since: Tick::ZERO,
            calls: 0,
            is_offered: false,
            line: Line::Quiet,
            is_dead: false,
            misses: 0,
            idle_since: Tick::ZERO,
            unreported: None,
            limit: None,
            left: Reason(0),
        }
    }

    /// The activity: the first row of the table in the [module's header](super) that holds.
    pub const fn activity(&self) -> Activity {
        match (self.presence, self.line) {
            (Presence::LoggedOff, _) => Activity::LoggedOff,
            _ if self.is_dead => Activity::OutOfOrder,
            _ if self.calls > 0 => Activity::Talking,
            _ if self.is_offered => Activity::Offered,
            _ if self.work.is_some() => Activity::AfterCallWork,
            (_, Line::BusyTone) => Activity::BusyTone,
            (_, Line::OffHook) => Activity::OffHook,
            (Presence::NotReady(reason), Line::Quiet) => Activity::NotReady(reason),
            (Presence::Ready, Line::Quiet) => Activity::Idle,
        }
    }

    /// The availability for contacts.
    pub const fn availability(&self) -> Availability {
        self.activity().availability(self.idle_since)
    }

    /// CSTA's agent state.
    pub const fn csta_state(&self) -> AgentState {
        match (self.activity(), self.presence) {
            (Activity::LoggedOff, _) => AgentState::Null,
            (Activity::AfterCallWork, _) => AgentState::WorkNotReady,
            (Activity::Talking | Activity::Offered | Activity::Idle, Presence::Ready) => AgentState::Ready,
            _ => AgentState::NotReady,
        }
    }

    /// The agent's own word.
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// The reason of *not ready*, or of the last log-out; 0 for none.
    pub const fn reason(&self) -> Reason {
        match self.presence {
            Presence::NotReady(reason) => reason,
            Presence::LoggedOff => self.left,
            Presence::Ready => Reason(0),
        }
    }

    /// The station logged on at.
    pub const fn station(&self) -> Option<StationIx> {
        self.station
    }

    /// The pending request.
    pub fn pending(&self) -> Option<AgentRequest> {
        self.pending.map(|(request, _)| request)
    }

    /// A request of the agent or, forced, of a supervisor.
    ///
    /// # Errors
    /// [`Refused`] if the agent is logged on, or off, and may not be for this request.
    pub fn request(
        &mut self,
        request: AgentRequest,
        by: Doer,
        now: Tick,
        rules: &AgentRules,
    ) -> Result<Taken, Refused> {
        let row = match request {
            AgentRequest::LogOn(..) => 0,
            AgentRequest::LogOff(_) => 1,
            AgentRequest::NotReady(_) => 2,
            AgentRequest::Ready => 3,
            AgentRequest::AfterCallWork(_) => 4,
        };
        let column = match self.presence {
            Presence::LoggedOff => 0,
            _ if self.calls > 0 || self.line == Line::BusyTone => 4,
            _ if self.is_offered => 2,
            _ if self.work.is_some() => 3,
            _ => 1,
        };
        match TABLE[row][column] {
            Do::On => Err(Refused::LoggedOn),
            Do::Off => Err(Refused::LoggedOff),
            Do::Pending => {
                self.pending = Some((request, by));
                Ok(Taken::Pending)
            }
            Do::Now => Ok(Taken::Now(self.change(now, by, rules, |agent| agent.carry_out(request, now, rules)))),
        }
    }

    /// A fact about calls and line. Returns the change of the activity it brings.
    pub fn observe(&mut self, fact: Fact, now: Tick, rules: &AgentRules) -> Option<Change> {
        self.change(now, Doer::System, rules, |agent| match fact {
            Fact::Offered => agent.is_offered = true,
            Fact::Withdrawn => agent.is_offered = false,
            Fact::Missed => {
                agent.is_offered = false;
                agent.misses = agent.misses.saturating_add(1);
                agent.idle_since = now;
                if rules.misses > 0 && agent.misses >= rules.misses && agent.presence == Presence::Ready {
                    agent.set_presence(Presence::NotReady(rules.missed), now, rules);
                }
            }
            Fact::CallBegan => {
                (agent.is_offered, agent.misses) = (false, 0);
                agent.calls += 1;
                agent.line = Line::Quiet;
            }
            Fact::CallEnded { work } => {
                agent.calls = agent.calls.saturating_sub(1);
                let work = work.filter(|(_, length)| *length > Ticks::ZERO && agent.presence != Presence::LoggedOff);
                if let Some((queue, length)) = work {
                    (agent.work, agent.work_since) =
                        (Some((Some(queue), now + length.min(rules.after_call_work_max))), now);
                }
            }
            Fact::BusyTone => agent.line = Line::BusyTone,
            Fact::OffHook => agent.line = Line::OffHook,
            Fact::OnHook => agent.line = Line::Quiet,
            // A dead line has no tone that would hold a log-out back.
            Fact::OutOfOrder => (agent.is_dead, agent.is_offered, agent.line) = (true, false, Line::Quiet),
            Fact::InOrder => agent.is_dead = false,
        })
    }

    /// The next moment at which time alone changes something.
    pub fn next_tick(&self) -> Option<Tick> {
        self.work.map(|(_, until)| until).into_iter().chain(self.limit).min()
    }

    /// Time alone: the first thing that is due at `now`. To be called until nothing is.
    pub fn advance(&mut self, now: Tick, rules: &AgentRules) -> Option<Due> {
        if self.work.is_some_and(|(_, until)| until <= now) {
            return Some(Due::AfterCallWorkEnded(self.change(now, Doer::System, rules, |agent| agent.work = None)));
        }
        if self.limit.is_some_and(|until| until <= now) {
            (self.limit, self.unreported) = (None, None);
            if let Presence::NotReady(reason) = self.presence {
                return Some(Due::BreakTooLong(reason));
            }
        }
        None
    }

    fn carry_out(&mut self, request: AgentRequest, now: Tick, rules: &AgentRules) {
        self.pending = None;
        match request {
            AgentRequest::LogOn(station, presence) => {
                let presence = if presence == Presence::LoggedOff { Presence::Ready } else { presence };
                let (line, is_dead, calls) = (self.line, self.is_dead, self.calls);
                *self = Agent { line, is_dead, calls, station: Some(station), idle_since: now, ..Agent::new() };
                self.set_presence(presence, now, rules);
            }
            AgentRequest::LogOff(left) => {
                let (line, is_dead, calls) = (self.line, self.is_dead, self.calls);
                *self = Agent { line, is_dead, calls, left, ..Agent::new() };
            }
            AgentRequest::NotReady(reason) => {
                (self.work, self.is_offered) = (None, false);
                self.set_presence(Presence::NotReady(reason), now, rules);
            }
            AgentRequest::Ready => {
                self.work = None;
                self.misses = 0;
                self.set_presence(Presence::Ready, now, rules);
            }
            AgentRequest::AfterCallWork(length) => {
                let queue = self.work.and_then(|(queue, _)| queue);
                if self.work.is_none() {
                    self.work_since = now;
                }
                self.is_offered = false;
                self.work = Some((queue, (now + length).min(self.work_since + rules.after_call_work_max)));
            }
        }
    }

    fn set_presence(&mut self, presence: Presence, now: Tick, rules: &AgentRules) {
        // Asked for once more, a break goes on.
        if self.presence != presence {
            self.unreported = matches!(presence, Presence::NotReady(_)).then_some(now);
        }
        self.presence = presence;
        self.apply_limits(rules);
    }

    /// Takes the limits of breaks from other rules; a break beyond its new limit is due at once.
    pub fn apply_limits(&mut self, rules: &AgentRules) {
        self.limit = match (self.presence, self.unreported) {
            (Presence::NotReady(reason), Some(since)) => rules.reasons.limit(reason).map(|limit| since + limit),
            _ => None,
        };
    }

    /// Changes the agent, then carries the pending request out if call and work have ended; returns the change of the
    /// activity.
    fn change(&mut self, now: Tick, by: Doer, rules: &AgentRules, f: impl FnOnce(&mut Agent)) -> Option<Change> {
        let (from, before) = (self.activity(), self.work);
        f(self);
        let at_rest = self.calls == 0 && !self.is_offered && self.work.is_none() && self.line != Line::BusyTone;
        let pending = self.pending.filter(|_| at_rest);
        if let Some((request, _)) = pending {
            self.carry_out(request, now, rules);
        }
        let to = self.activity();
        // Talk, work and breaks end idleness; an offer that was withdrawn does not.
        if to == Activity::Idle && !matches!(from, Activity::Idle | Activity::Offered) {
            self.idle_since = now;
        }
        let queue = self.work.or(before).and_then(|(queue, _)| queue);
        (from != to).then_some(Change { at: now, from, to, queue, by: pending.map_or(by, |(_, by)| by) })
    }
}

#[cfg(test)]
mod explore;
