//! The status of a site at a moment: calls, queues, agents, trunks, and the figures of today.
//!
//! Never: ends the running interval.

use serde::{Deserialize, Serialize};
use tipring_core::agent::Activity;
use tipring_core::csta::{AgentId, AgentState, DeviceId};
use tipring_core::model::ConnectionState;
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::report::returns::ToReturn;
use tipring_web::records::QueueFigures;

use super::{Agent, Call, Observer, Staff};
use crate::shifts::Duty;

/// An agent in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// The log-in.
    pub agent: String,
    /// The name.
    pub name: String,
    /// The queues.
    pub queues: Vec<String>,
    /// The station, if logged in.
    pub station: Option<String>,
    /// The state.
    pub state: String,
    /// The activity and its length so far, s; none for an agent who has not logged in today.
    pub activity: Option<(String, f64)>,
    /// The reason of *not ready*, code and name; none without a reason.
    pub reason: Option<String>,
    /// The break goes on beyond the limit of its reason.
    pub over_limit: bool,
    /// Breaks beyond their limits today.
    pub breaks_too_long: u64,
    /// The agent's place in a shift that runs: `principal` or `deputy`.
    #[serde(default)]
    pub duty: Option<String>,
}

/// A shift that runs, in a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftStatus {
    /// The shift.
    pub shift: String,
    /// Its end, ms since 1970.
    pub end_ms: i64,
    /// The principal.
    pub principal: LeaderStatus,
    /// The deputy.
    pub deputy: LeaderStatus,
}

/// One of those who lead a shift, in a status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeaderStatus {
    /// The agent; empty if none is named.
    pub agent: String,
    /// The agent is signed in.
    pub is_signed_in: bool,
}

/// A call in a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStatus {
    /// CSTA's number of the call.
    pub call: i32,
    /// The caller's number; empty if it is not known.
    pub caller: String,
    /// The device that has the call: a trunk, a queue or a station.
    pub device: String,
    /// The call's state there.
    pub state: CallState,
}

/// A queue in a status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// The number.
    pub queue: String,
    /// The name.
    pub name: String,
    /// Count of calls that wait.
    pub waiting: usize,
    /// Count of agents of the queue that are logged in.
    pub logged_in: usize,
    /// Count of those that are ready and free for a call.
    pub ready: usize,
    /// The longest wait now, s.
    pub longest_wait: f64,
    /// Calls that entered the queue today.
    pub offered: u64,
    /// Calls answered today.
    pub answered: u64,
    /// Callers who gave up today.
    pub abandoned: u64,
    /// Share of today's calls answered in time; none without calls.
    pub service_level: Option<f64>,
    /// Callers who hung up before an answer and have not been reached since.
    #[serde(default)]
    pub to_return: ToReturnStatus,
}

/// Callers of a queue who are to be called back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToReturnStatus {
    /// Their count.
    pub count: u64,
    /// Callers among them whose business day has ended.
    pub late: u64,
    /// The end of the business day by which the others are to be called, ms since 1970; none if none is known.
    pub due_ms: Option<u64>,
    /// That end is near: within the site's time of warning.
    pub is_near: bool,
}

/// A trunk group in a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunksStatus {
    /// The group: that of `[[trunk_group]]`, or the number by which its lines are called.
    pub group: String,
    /// Trunks of the group.
    pub trunks: usize,
    /// Trunks occupied.
    pub busy: usize,
    /// Trunks out of service.
    pub out_of_service: usize,
    /// Trunks that are blocked for calls out.
    pub blocked: Vec<String>,
    /// Trunks that are neither out of service nor blocked.
    pub available: usize,
}

/// The status of a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Calls in progress.
    pub calls: Vec<CallStatus>,
    /// Queues.
    pub queues: Vec<QueueStatus>,
    /// Agents.
    pub agents: Vec<AgentStatus>,
    /// Trunk groups.
    pub trunks: Vec<TrunksStatus>,
    /// Shifts that run.
    #[serde(default)]
    pub shifts: Vec<ShiftStatus>,
    /// The event mode in force; none for the site as it is written.
    pub event_mode: Option<String>,
    /// Entries of the log that did not reach this view; its figures are too low by them until the next start.
    pub missing_entries: u64,
    /// Devices out of service.
    pub out_of_service: Vec<String>,
    /// Calls that have ended since the start.
    pub ended: u64,
    /// Calls among them that were answered by a person.
    pub answered: u64,
    /// The time zone of the site.
    #[serde(default)]
    pub time_zone: String,
}

/// The state of a call in a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// It alerts at a station or a trunk.
    Rings,
    /// It is queued.
    Waits,
    /// It is answered.
    Talks,
}

impl CallState {
    /// Each state.
    pub const ALL: [CallState; 3] = [CallState::Rings, CallState::Waits, CallState::Talks];

    /// Its word, as in a status.
    pub const fn word(self) -> &'static str {
        match self {
            CallState::Rings => "rings",
            CallState::Waits => "waits",
            CallState::Talks => "talks",
        }
    }
}

impl From<ConnectionState> for CallState {
    fn from(state: ConnectionState) -> CallState {
        match state {
            ConnectionState::Alerting => CallState::Rings,
            ConnectionState::Queued => CallState::Waits,
            _ => CallState::Talks,
        }
    }
}

/// The words for an agent's state.
pub const fn state_words(state: AgentState) -> &'static str {
    match state {
        AgentState::Null => "logged out",
        AgentState::NotReady => "not ready",
        AgentState::Ready => "ready",
        AgentState::WorkNotReady => "wrap-up",
        AgentState::WorkReady => "wrap-up, ready",
        AgentState::NotInitialized => "not known",
    }
}

impl Observer {
    fn agent_status(&self, live: &Ledger, id: &str, agent: &Agent) -> AgentStatus {
        let login = AgentId::new(id).unwrap_or_default();
        let activity = live.activity(&login);
        let reason = match activity {
            Some((Activity::NotReady(reason), _)) => self.reasons.shown(reason),
            _ => String::new(),
        };
        let breaks = live.breaks().filter(|(_, agent, ..)| *agent == id);
        AgentStatus {
            agent: id.to_owned(),
            name: agent.name.clone(),
            queues: agent.queues.iter().map(ToString::to_string).collect(),
            station: agent.station.map(|station| station.to_string()),
            state: state_words(agent.state).into(),
            activity: activity
                .map(|(activity, length)| (Activity::NAMES[activity.index()].to_owned(), length as f64 / 1000.0)),
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            over_limit: live.break_too_long(&login).is_some(),
            breaks_too_long: breaks.map(|(.., of)| of.too_long).sum(),
            duty: self.duty_of(&login).map(str::to_owned),
        }
    }

    /// The place of an agent in a shift that runs.
    fn duty_of(&self, agent: &AgentId) -> Option<&'static str> {
        let places = self
            .duties
            .iter()
            .flat_map(|Duty { leaders, .. }| [(leaders.principal, "principal"), (leaders.deputy, "deputy")]);
        { places }.find(|(named, _)| !agent.is_empty() && named == agent).map(|(_, place)| place)
    }

    fn shift_status(&self, Duty { shift, leaders }: &Duty) -> ShiftStatus {
        let leader =
            |agent: &AgentId| LeaderStatus { agent: agent.to_string(), is_signed_in: self.is_signed_in(agent) };
        let (principal, deputy) = (leader(&leaders.principal), leader(&leaders.deputy));
        ShiftStatus { shift: shift.name.clone(), end_ms: shift.end_ms, principal, deputy }
    }

    fn to_return(&self, live: &Ledger, queue: &DeviceId, now_ms: u64) -> ToReturnStatus {
        let ToReturn { count, late, next_due, .. } = live.to_return(queue, now_ms);
        let is_near = next_due.is_some_and(|due| due.saturating_sub(now_ms) <= self.return_warning_ms);
        ToReturnStatus { count, late, due_ms: next_due, is_near }
    }

    /// The live figures of every queue at a moment, in milliseconds since 1970; cheap enough for many times a second.
    pub fn figures(&mut self, now_ms: u64) -> Vec<QueueFigures> {
        self.turn_to(now_ms);
        let figures = |(queue, name): &(DeviceId, String)| {
            let Staff { logged_in, free, .. } = self.staff(queue);
            let of = self.ledger.total(&Key::Queue(*queue));
            QueueFigures {
                queue: queue.to_string(),
                name: name.clone(),
                waiting: self.calls.values().filter(|call| call.device == *queue).count() as u64,
                logged_in: logged_in as u64,
                available: free as u64,
                offered: of.offered,
                answered: of.answered,
                abandoned: of.abandoned,
                service_level: self.targets.formula(queue).of(&of),
            }
        };
        self.queues.iter().map(figures).collect()
    }

    /// The status at a moment, in milliseconds since 1970.
    pub fn status(&mut self, now_ms: u64) -> Status {
        self.turn_to(now_ms);
        // Entries come a moment later than the clock says: the computation itself is not closed.
        let mut live = self.ledger.clone();
        live.close(now_ms);
        let groups = self.groups.iter().map(|(group, trunks)| {
            let is_out = |trunk: &&DeviceId| self.out_of_service.contains(*trunk);
            TrunksStatus {
                group: group.to_string(),
                trunks: trunks.len(),
                busy: live.trunks(group).0,
                out_of_service: trunks.iter().filter(is_out).count(),
                blocked: trunks.iter().filter(|trunk| self.blocked.contains(*trunk)).map(ToString::to_string).collect(),
                available: trunks.iter().filter(|it| !is_out(it) && !self.blocked.contains(*it)).count(),
            }
        });
        let trunks = groups.collect();
        let queues = self.queues.iter().map(|(queue, name)| {
            let Staff { logged_in, free: ready, .. } = self.staff(queue);
            let waiting = self.waiting(queue);
            let figures = live.total(&Key::Queue(*queue));
            QueueStatus {
                queue: queue.to_string(),
                name: name.clone(),
                waiting,
                logged_in,
                ready,
                longest_wait: live.waiting(queue).1 as f64 / 1000.0,
                offered: figures.offered,
                answered: figures.answered,
                abandoned: figures.abandoned,
                service_level: self.targets.formula(queue).of(&figures),
                to_return: self.to_return(&live, queue, now_ms),
            }
        });
        Status {
            calls: self
                .calls
                .iter()
                .map(|(call, Call { caller, device, state })| CallStatus {
                    call: call.0,
                    caller: caller.to_string(),
                    device: device.to_string(),
                    state: *state,
                })
                .collect(),
            queues: queues.collect(),
            agents: self.agents.iter().map(|(id, agent)| self.agent_status(&live, id, agent)).collect(),
            trunks,
            shifts: self.duties.iter().map(|duty| self.shift_status(duty)).collect(),
            event_mode: self.event_mode.clone(),
            missing_entries: live.gaps(),
            out_of_service: self.out_of_service.iter().map(ToString::to_string).collect(),
            ended: self.ended,
            answered: self.answered,
            time_zone: self.clock.name().to_owned(),
        }
    }
}
