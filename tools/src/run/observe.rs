//! The site's own view of its calls, agents and devices: a fold over the core's events and records, which gives a line
//! for the log at each change and a status at any time. Its figures are those of the reports, by the same fold of the
//! same entries, from the site's midnight on.
//!
//! Never: reads a clock, or decides anything about a call.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tipring_core::acd::ids::Reason;
use tipring_core::agent::{Activity, Reasons};
use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentState, CallId, DeviceId, ExtendedDeviceId};
use tipring_core::ids::MonitorCrossRefId;
use tipring_core::report::bounds::Bounds;
use tipring_core::report::event::Entry;
use tipring_core::report::ledger::{Key, Ledger};
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{AgentRecord, CallRecord, Direction, Record, SupervisionRecord};

use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::log::{Field, Level, Line};
use crate::report::fold::Targets;
use crate::report::span::{Interval, moment};

/// An observation of the core.
#[derive(Debug, Clone)]
pub enum Observed {
    /// A monitor of the site has begun.
    Monitor {
        /// The monitor.
        monitor: MonitorCrossRefId,
        /// Its device.
        device: DeviceId,
    },
    /// A monitor of the site has seen an event.
    Event {
        /// The monitor.
        monitor: MonitorCrossRefId,
        /// The event.
        event: Box<Event>,
    },
    /// The core has a record kept.
    Record(Box<Record>),
}

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
    pub state: String,
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
    /// Count of those that are ready.
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
}

/// A trunk group in a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunksStatus {
    /// The group: the number by which its lines are called.
    pub group: String,
    /// Trunks occupied.
    pub busy: usize,
    /// Trunks out of service.
    pub out_of_service: usize,
}

/// The status of a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Calls that stand.
    pub calls: Vec<CallStatus>,
    /// Queues.
    pub queues: Vec<QueueStatus>,
    /// Agents.
    pub agents: Vec<AgentStatus>,
    /// Trunk groups.
    pub trunks: Vec<TrunksStatus>,
    /// The event mode in force; none for the site as it is written.
    pub event_mode: Option<String>,
    /// Entries of the log that did not reach this view; its figures are too low by them until the next start.
    pub missing_entries: u64,
    /// Devices out of service.
    pub out_of_service: Vec<String>,
    /// Calls that have ended since the start.
    pub ended: u64,
    /// Those of them that were answered by a person.
    pub answered: u64,
}

/// An agent of the site.
#[derive(Debug)]
struct Agent {
    name: String,
    queues: Vec<DeviceId>,
    station: Option<DeviceId>,
    state: AgentState,
}

/// A call that stands.
#[derive(Debug)]
struct Call {
    caller: DeviceId,
    device: DeviceId,
    state: &'static str,
}

/// The fold.
#[derive(Debug)]
pub struct Observer {
    agents: BTreeMap<String, Agent>,
    reasons: Reasons,
    event_mode: Option<String>,
    queues: Vec<(DeviceId, String)>,
    monitors: BTreeMap<MonitorCrossRefId, DeviceId>,
    calls: BTreeMap<CallId, Call>,
    out_of_service: BTreeSet<DeviceId>,
    ended: u64,
    answered: u64,
    groups: BTreeSet<DeviceId>,
    targets: Targets,
    ledger: Ledger,
}

impl Observer {
    /// The observer of a site before its first event.
    pub fn new(site: &SiteConfig) -> Observer {
        let targets = Targets::default();
        let devices = site.trunks.iter().map(|trunk| trunk.name.0);
        let mut observer = Observer {
            agents: BTreeMap::new(),
            reasons: Reasons::default(),
            event_mode: None,
            queues: Vec::new(),
            monitors: BTreeMap::new(),
            calls: BTreeMap::new(),
            out_of_service: devices.chain(site.stations.iter().map(|station| station.extension.0)).collect(),
            ended: 0,
            answered: 0,
            groups: site.trunks.iter().map(|trunk| trunk.number.unwrap_or(trunk.name).0).collect(),
            ledger: targets.ledger(Bounds::none()),
            targets,
        };
        observer.set_site(site);
        observer
    }

    /// Takes over the queues and agents of a site. A removed agent is shown until the next change after the log-out.
    pub fn set_site(&mut self, site: &SiteConfig) {
        self.queues = site.queues.iter().map(|queue| (queue.device.0, queue.name.clone())).collect();
        self.reasons = site.reasons();
        self.event_mode = site.mode.as_ref().map(|mode| mode.name.0.to_string());
        let mut before = std::mem::take(&mut self.agents);
        for agent in &site.agents {
            let queues = agent.queues.iter().map(|part| part.queue().0).collect();
            let id = agent.id.0.to_string();
            let (station, state) =
                before.remove(&id).map_or((None, AgentState::Null), |known| (known.station, known.state));
            self.agents.insert(id, Agent { name: agent.name.clone(), queues, station, state });
        }
        self.agents.extend(before.into_iter().filter(|(_, agent)| agent.station.is_some()));
    }

    /// Takes an observation. Returns the line it is worth, if any.
    pub fn handle(&mut self, observed: Observed) -> Option<Line> {
        match observed {
            Observed::Monitor { monitor, device } => {
                self.monitors.insert(monitor, device);
                None
            }
            Observed::Event { monitor, event } => {
                let device = *self.monitors.get(&monitor)?;
                self.event(device, &event)
            }
            Observed::Record(record) => match *record {
                Record::Agent(record) => {
                    let text = self.agent(&record);
                    let line = Line::new(Level::Info, text).with(Field::Agent, record.agent);
                    Some(line.with(Field::Device, record.station))
                }
                Record::Call(record) => Some(self.ended(&record)),
                Record::Event(entry) => {
                    self.fold(&entry);
                    None
                }
                Record::Supervision(record) => Some(supervised(&record)),
                _ => None,
            },
        }
    }

    /// Folds today's part of the log in, after a start.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn read_log(&mut self, store: &SqliteStore, now_ms: u64) -> Result<(), Failure> {
        let today = Interval::Day.bounds(moment(now_ms), moment(now_ms + 1))?;
        Ok(store.each_entry(today.interval(0).0, u64::MAX, |entry| self.fold(entry))?)
    }

    /// Folds an entry of the log in; with the first of a day the figures begin anew.
    fn fold(&mut self, entry: &Entry) {
        self.turn_to(entry.at);
        self.ledger.apply(entry);
    }

    fn turn_to(&mut self, now_ms: u64) {
        let (_, end) = self.ledger.bounds().interval(0);
        if now_ms >= end
            && let Ok(day) = Interval::Day.bounds(moment(now_ms), moment(now_ms + 1))
        {
            self.ledger.close(end);
            self.ledger.roll(day);
        }
    }

    /// An event at the device it is about; the other monitors of the same call see it as well.
    fn event(&mut self, device: DeviceId, event: &Event) -> Option<Line> {
        match event {
            Event::Delivered { connection, calling_device, .. } if connection.device == device => {
                let caller = self.enter(connection.call, calling_device, device, "rings");
                let text = format!("call {}: {caller} rings at {}", connection.call.0, self.station(&device));
                Some(about(Level::Info, text, connection.call, calling_device).with(Field::Device, device))
            }
            Event::Queued { queued_connection, queue, calling_device, number_queued, .. } if queue.device == device => {
                let call = queued_connection.call;
                let caller = self.enter(call, calling_device, device, "waits");
                let why = self.why_waiting(&device);
                let queue = self.queue(&device);
                let text = format!("call {}: {caller} waits at {queue} ({number_queued} waiting); {why}", call.0);
                Some(about(Level::Info, text, call, calling_device).with(Field::Queue, device))
            }
            Event::Established { established_connection, answering_device, calling_device, .. }
                if answering_device.device == device =>
            {
                let call = established_connection.call;
                let caller = self.enter(call, calling_device, device, "talks");
                let text = format!("call {}: {} answers {caller}", call.0, self.station(&device));
                let line = about(Level::Info, text, call, calling_device).with(Field::Device, device);
                Some(match self.agents.iter().find(|(_, agent)| agent.station == Some(device)) {
                    Some((id, _)) => line.with(Field::Agent, id),
                    None => line,
                })
            }
            Event::Failed { failed_connection, failing_device, cause, .. } if failing_device.device == device => {
                let call = failed_connection.call.0;
                let line = Line::new(Level::Info, format!("call {call}: failed at {device} ({cause:?})"));
                Some(line.with(Field::Call, call).with(Field::Device, device))
            }
            Event::OutOfService { device: out, .. } if *out == device => {
                let line = Line::new(Level::Warning, format!("{device} is out of service"));
                self.out_of_service.insert(device).then(|| line.with(Field::Device, device))
            }
            Event::BackInService { device: back, .. } if *back == device => {
                let line = Line::new(Level::Info, format!("{device} is in service"));
                self.out_of_service.remove(&device).then(|| line.with(Field::Device, device))
            }
            _ => None,
        }
    }

    /// Enters where a call stands. Returns its caller for a line.
    fn enter(&mut self, call: CallId, calling: &ExtendedDeviceId, device: DeviceId, state: &'static str) -> String {
        self.calls.insert(call, Call { caller: calling.device, device, state });
        number(calling.device.as_str())
    }

    /// The reason for which a call waits at a queue.
    fn why_waiting(&self, queue: &DeviceId) -> String {
        let (logged_in, ready) = self.staff(queue);
        match (logged_in, ready) {
            (0, _) => "no agent of this queue is logged in".into(),
            (logged_in, 0) => format!("none of the {logged_in} agents logged in is ready"),
            (_, ready) => format!("{ready} agents ready"),
        }
    }

    /// Counts the agents of a queue that are logged in, and those that are ready.
    fn staff(&self, queue: &DeviceId) -> (usize, usize) {
        let here = self.agents.values().filter(|agent| agent.station.is_some() && agent.queues.contains(queue));
        here.fold((0, 0), |(all, ready), agent| (all + 1, ready + usize::from(agent.state == AgentState::Ready)))
    }

    fn agent(&mut self, record: &AgentRecord) -> String {
        let AgentRecord { agent: id, station, state, reason, .. } = *record;
        let id = id.as_str();
        let mut name = String::new();
        if let Some(agent) = self.agents.get_mut(id) {
            agent.state = state;
            agent.station = (state != AgentState::Null).then_some(station);
            name = format!(" ({})", agent.name);
        }
        let reason = self.reasons.shown(Reason(reason));
        let reason = if reason.is_empty() { reason } else { format!(" ({reason})") };
        format!("agent {id}{name} at {station}: {}{reason}", state_words(state))
    }

    fn ended(&mut self, record: &CallRecord) -> Line {
        self.calls.remove(&record.call);
        self.ended += 1;
        self.answered += u64::from(record.established.is_some());
        let way = match record.direction {
            Direction::Inbound => "from",
            Direction::Outbound | Direction::Internal => "by",
        };
        let talk = record.established.map_or(0, |established| record.ended.since(established).as_ms());
        let by = record.agent.map_or(String::new(), |agent| format!(", agent {agent}"));
        let text = format!(
            "call {} {way} {} to {} has ended: {}{by}, {:.1} s of talk, released by {}",
            record.call.0,
            number(record.caller.as_str()),
            number(record.called.as_str()),
            words(&format!("{:?}", record.outcome)),
            talk as f64 / 1000.0,
            words(&format!("{:?}", record.released_by)),
        );
        let line = Line::new(Level::Info, text).with(Field::Call, record.call.0).with(Field::Caller, record.caller);
        match record.agent {
            Some(agent) => line.with(Field::Agent, agent),
            None => line,
        }
    }

    fn station(&self, device: &DeviceId) -> String {
        let here = self.agents.values().find(|agent| agent.station.as_ref() == Some(device));
        here.map_or(device.to_string(), |agent| format!("{device} ({})", agent.name))
    }

    fn queue(&self, device: &DeviceId) -> String {
        let name = self.queues.iter().find(|(queue, _)| queue == device);
        name.map_or(device.to_string(), |(_, name)| format!("{device} ({name})"))
    }

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
        }
    }

    /// The status at a moment, in milliseconds since 1970.
    pub fn status(&mut self, now_ms: u64) -> Status {
        self.turn_to(now_ms);
        // Entries come a moment later than the clock says: the fold itself is not closed.
        let mut live = self.ledger.clone();
        live.close(now_ms);
        let groups = self.groups.iter().map(|group| {
            let (busy, out_of_service) = live.trunks(group);
            TrunksStatus { group: group.to_string(), busy, out_of_service }
        });
        let trunks = groups.collect();
        let queues = self.queues.iter().map(|(queue, name)| {
            let (logged_in, ready) = self.staff(queue);
            let waiting = self.calls.values().filter(|call| call.device == *queue).count();
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
                    state: (*state).into(),
                })
                .collect(),
            queues: queues.collect(),
            agents: self.agents.iter().map(|(id, agent)| self.agent_status(&live, id, agent)).collect(),
            trunks,
            event_mode: self.event_mode.clone(),
            missing_entries: live.gaps(),
            out_of_service: self.out_of_service.iter().map(ToString::to_string).collect(),
            ended: self.ended,
            answered: self.answered,
        }
    }
}

/// A number for a person to read.
fn number(text: &str) -> String {
    if text.is_empty() { "a withheld number".into() } else { text.into() }
}

/// The words of a name in camel case.
fn words(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(character.to_lowercase());
    }
    text
}

/// The words for the states of calls in a status.
pub const CALL_STATES: [&str; 3] = ["rings", "waits", "talks"];

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

/// The audit line of an act of supervision: the user, the act, the supervised, the reason, and the refusal.
fn supervised(record: &SupervisionRecord) -> Line {
    let SupervisionRecord { user, act, supervisor, station, agent, call, remark, failure, .. } = record;
    let mut text = format!("audit: {user:?} {} at {station}", act.name());
    if let Some(agent) = agent {
        text.push_str(&format!(", agent {agent}"));
    }
    if call.0 != 0 {
        text.push_str(&format!(", call {}", call.0));
    }
    if !supervisor.is_empty() {
        text.push_str(&format!(", from {supervisor}"));
    }
    if !remark.is_empty() {
        text.push_str(&format!(", reason {remark:?}"));
    }
    let mut line = match failure {
        None => Line::new(Level::Info, text),
        Some(failure) => Line::new(Level::Warning, format!("{text}: refused, {failure}")),
    };
    line = line.with(Field::User, user).with(Field::Device, station);
    if let Some(agent) = agent {
        line = line.with(Field::Agent, agent);
    }
    if call.0 != 0 { line.with(Field::Call, call.0) } else { line }
}

/// An entry about a call and its caller.
fn about(level: Level, text: String, call: CallId, calling: &ExtendedDeviceId) -> Line {
    let line = Line::new(level, text).with(Field::Call, call.0);
    if calling.device.is_empty() { line } else { line.with(Field::Caller, calling.device) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;
    use tipring_core::csta::cause::EventCause;
    use tipring_core::csta::{ConnectionId, LocalConnectionState};
    use tipring_core::time::Tick;

    fn device(text: &str) -> DeviceId {
        DeviceId::new(text).unwrap()
    }

    fn queued() -> Observed {
        Observed::Event {
            monitor: MonitorCrossRefId(1),
            event: Box::new(Event::Queued {
                queued_connection: ConnectionId { call: CallId(4), device: device("5000"), ..ConnectionId::NONE },
                queue: ExtendedDeviceId::inside(device("5000")),
                calling_device: ExtendedDeviceId::outside(device("13800138000")),
                called_device: ExtendedDeviceId::inside(device("5000")),
                last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
                number_queued: 1,
                local: LocalConnectionState::Queued,
                cause: EventCause::NewCall,
            }),
        }
    }

    fn agent(state: AgentState) -> Observed {
        Observed::Record(Box::new(Record::Agent(AgentRecord {
            at: Tick(0),
            agent: AgentId::new("7001").unwrap(),
            station: device("1001"),
            state,
            reason: 0,
        })))
    }

    #[test]
    fn a_call_that_waits_is_logged_with_the_reason() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("5000") });
        let line = observer.handle(queued()).unwrap().text;
        assert!(
            line.contains("13800138000 waits at 5000 (Hotline)") && line.contains("no agent of this queue"),
            "{line}"
        );
        let line = observer.handle(agent(AgentState::NotReady)).unwrap().text;
        assert_eq!(line, "agent 7001 (Agent One) at 1001: not ready");
        assert!(observer.handle(queued()).unwrap().text.contains("none of the 1 agents logged in is ready"));
        observer.handle(agent(AgentState::Ready));
        assert!(observer.handle(queued()).unwrap().text.ends_with("1 agents ready"));
        let status = observer.status(0);
        assert_eq!((status.queues[0].waiting, status.queues[0].ready), (1, 1));
        assert_eq!(status.agents[0].station.as_deref(), Some("1001"));
    }

    #[test]
    fn an_event_is_logged_once_for_the_device_it_is_about() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("T1") });
        assert_eq!(observer.handle(queued()), None);
    }
}
