//! Call monitor: the site's own view of its calls, agents and devices, computed from the core's events and records: a
//! line for the log at each change, and a status at any time. Its figures are those of the reports, by the same
//! computation over the same entries, from the site's midnight on.
//!
//! Never: reads a clock, or decides anything about a call.

mod lines;
mod site_state;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use tipring_core::agent::{Activity, Reasons};
use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentState, CallId, DeviceId, MonitorCrossRefId};
use tipring_core::report::bounds::Bounds;
use tipring_core::report::event::Entry;
use tipring_core::report::ledger::Ledger;
use tipring_core::store::Record;
use tipring_core::store::sqlite::SqliteStore;

use crate::config::SiteConfig;
use crate::config::business_hours::BusinessHours;
use crate::failure::Failure;
use crate::log::{Field, Level, Line};
use crate::report::computation::Targets;
use crate::report::span::Interval;
use crate::shifts::Duty;
use crate::site_clock::SiteClock;

pub use self::lines::failure_words;
pub use self::site_state::SiteState;
pub use self::status::{
    AgentStatus, CallState, CallStatus, LeaderStatus, QueueStatus, ShiftStatus, Status, ToReturnStatus, TrunksStatus,
    state_words,
};

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
    /// The state of the core, in place of observations that were missed.
    SiteState(Box<SiteState>),
}

/// An agent of the site.
#[derive(Debug)]
struct Agent {
    name: String,
    queues: Vec<DeviceId>,
    station: Option<DeviceId>,
    state: AgentState,
}

/// A call in progress.
#[derive(Debug)]
struct Call {
    caller: DeviceId,
    device: DeviceId,
    state: CallState,
}

/// The site's own view, computed from observations.
#[derive(Debug)]
pub struct Observer {
    agents: BTreeMap<String, Agent>,
    reasons: Reasons,
    event_mode: Option<String>,
    queues: Vec<(DeviceId, String)>,
    monitors: BTreeMap<MonitorCrossRefId, DeviceId>,
    calls: BTreeMap<CallId, Call>,
    /// Trunks and stations.
    lines: BTreeSet<DeviceId>,
    out_of_service: BTreeSet<DeviceId>,
    ended: u64,
    answered: u64,
    /// The trunks of each group.
    groups: BTreeMap<DeviceId, Vec<DeviceId>>,
    /// Trunks that are blocked for calls out.
    blocked: BTreeSet<DeviceId>,
    targets: Targets,
    ledger: Ledger,
    /// Time before the end of the business hours from which open returns are near it, ms.
    return_warning_ms: u64,
    business_hours: BusinessHours,
    clock: SiteClock,
    /// The shifts that run.
    duties: Vec<Duty>,
}

impl Observer {
    /// The observer of a site before its first event.
    pub fn new(site: &SiteConfig) -> Observer {
        let targets = site.targets();
        let devices = site.trunks.iter().map(|trunk| trunk.name.0);
        let lines: BTreeSet<_> = devices.chain(site.stations.iter().map(|station| station.extension.0)).collect();
        let groups = site.groups_of_trunks().into_iter();
        let mut observer = Observer {
            agents: BTreeMap::new(),
            reasons: Reasons::default(),
            event_mode: None,
            queues: Vec::new(),
            monitors: BTreeMap::new(),
            calls: BTreeMap::new(),
            out_of_service: lines.clone(),
            lines,
            ended: 0,
            answered: 0,
            groups: groups.map(|(group, trunks)| (group.0, trunks.iter().map(|trunk| trunk.0).collect())).collect(),
            blocked: BTreeSet::new(),
            ledger: targets.ledger(Bounds::none()),
            return_warning_ms: 0,
            business_hours: site.business_hours(),
            clock: site.clock(),
            duties: Vec::new(),
            targets,
        };
        observer.set_site(site);
        observer
    }

    /// Takes over the queues and agents of a site. A removed agent is shown until the next change after the log-out.
    pub fn set_site(&mut self, site: &SiteConfig) {
        self.queues = site.queues.iter().map(|queue| (queue.device.0, queue.name.clone())).collect();
        self.targets = site.targets();
        self.ledger.set_limits(self.targets.default.0, self.targets.limits());
        self.reasons = site.reasons();
        self.business_hours = site.business_hours();
        self.clock = site.clock();
        self.return_warning_ms = u64::from(site.return_warning_min) * 60_000;
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

    /// True for a device in service, and for a trunk that is blocked for calls out.
    pub fn line(&self, device: &DeviceId) -> (bool, bool) {
        (!self.out_of_service.contains(device), self.blocked.contains(device))
    }

    /// The shifts that run now, with the people who lead them.
    pub fn set_duties(&mut self, duties: Vec<Duty>) {
        self.duties = duties;
    }

    /// True for an agent who is signed in.
    pub fn is_signed_in(&self, agent: &AgentId) -> bool {
        self.agents.get(agent.as_str()).is_some_and(|agent| agent.station.is_some())
    }

    /// A trunk has been blocked for calls out, or that has ended.
    pub fn set_blocked(&mut self, trunk: DeviceId, blocked: bool) {
        match blocked {
            true => self.blocked.insert(trunk),
            false => self.blocked.remove(&trunk),
        };
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
                    self.apply(&entry);
                    None
                }
                Record::Supervision(record) => Some(lines::supervised(&record)),
                _ => None,
            },
            Observed::SiteState(state) => {
                self.begin_with(*state);
                let text = "The site's view of its calls and agents had missed some of their events: it is set anew";
                Some(Line::new(Level::Warning, text))
            }
        }
    }

    /// Calls that have ended since the start, and those of them that were answered by a person.
    pub const fn ended_calls(&self) -> (u64, u64) {
        (self.ended, self.answered)
    }

    /// Folds today's part of the log in up to an entry, after a start, and that since the end of the last business day,
    /// whose callers are to be called back today: what comes behind it is observed.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn read_log(&mut self, store: &SqliteStore, now_ms: u64, last_entry: u64) -> Result<(), Failure> {
        let today = self.day(now_ms)?.interval(0).0;
        let from = self.business_hours.last_end(now_ms).map_or(today, |end| end.min(today));
        let before = |entry: &Entry| entry.seq <= last_entry;
        Ok(store.each_entry(from, u64::MAX, |entry| {
            if before(entry) {
                self.apply(entry)
            }
        })?)
    }

    /// Folds an entry of the log in; with the first of a day the figures begin anew.
    fn apply(&mut self, entry: &Entry) {
        self.turn_to(entry.at);
        self.ledger.apply(entry);
    }

    /// The day of a moment.
    fn day(&self, now_ms: u64) -> Result<Bounds, Failure> {
        Interval::Day.bounds(self.clock.at(now_ms), self.clock.at(now_ms + 1))
    }

    fn turn_to(&mut self, now_ms: u64) {
        let (_, end) = self.ledger.bounds().interval(0);
        if now_ms >= end
            && let Ok(day) = self.day(now_ms)
        {
            self.ledger.close(end);
            self.ledger.roll(day);
        }
    }

    /// Count of calls that wait in a queue now; a call-back that is due waits in none.
    fn waiting(&self, queue: &DeviceId) -> usize {
        self.calls.values().filter(|call| call.device == *queue).count()
    }

    /// The agents of a queue now.
    fn staff(&self, queue: &DeviceId) -> Staff {
        let mut staff = Staff::default();
        for (id, agent) in &self.agents {
            if agent.station.is_none() || !agent.queues.contains(queue) {
                continue;
            }
            let activity = AgentId::new(id).ok().and_then(|id| self.ledger.activity(&id));
            let is_idle = activity.is_none_or(|(activity, _)| activity == Activity::Idle);
            staff.logged_in += 1;
            staff.ready += usize::from(agent.state == AgentState::Ready);
            staff.free += usize::from(agent.state == AgentState::Ready && is_idle);
        }
        staff
    }
}

/// Counts of the agents of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Staff {
    logged_in: usize,
    /// Agents among them that take calls, whether or not they are in one.
    ready: usize,
    /// Agents among them that a call can be offered to now.
    free: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;
    use tipring_core::csta::cause::EventCause;
    use tipring_core::csta::{ConnectionId, ExtendedDeviceId, LocalConnectionState};
    use tipring_core::report::event::Event as LogEvent;
    use tipring_core::store::AgentRecord;
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
        Observed::Record(Box::new(Record::Agent(Box::new(AgentRecord {
            at: Tick(0),
            agent: AgentId::new("7001").unwrap(),
            station: device("1001"),
            state,
            reason: 0,
        }))))
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
        assert!(observer.handle(queued()).unwrap().text.ends_with("the agent who is logged in is not ready"));
        observer.handle(agent(AgentState::Ready));
        assert!(observer.handle(queued()).unwrap().text.ends_with("1 agent is free"));
        let status = observer.status(0);
        assert_eq!((status.queues[0].waiting, status.queues[0].ready), (1, 1));
        assert_eq!(status.agents[0].station.as_deref(), Some("1001"));
    }

    #[test]
    fn those_who_lead_a_shift_are_shown_with_their_state_and_with_the_shift() {
        use tipring_core::shift::{Leaders, Shift};
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        let shift = Shift { begin_ms: 0, end_ms: 1000, name: "早班".into() };
        let leaders = Leaders { principal: AgentId::new("7001").unwrap(), deputy: AgentId::EMPTY };
        observer.set_duties(vec![Duty { shift, leaders }]);
        let status = observer.status(0);
        assert_eq!(status.agents[0].duty.as_deref(), Some("principal"));
        assert_eq!(status.shifts[0].principal.to_string(), "7001 (not signed in)");
        observer.handle(agent(AgentState::Ready));
        let status = observer.status(0);
        assert!(status.shifts[0].principal.is_signed_in && !status.shifts[0].deputy.is_signed_in);
        let text = status.to_string();
        assert!(text.contains("shift 早班: principal 7001, deputy not named"), "{text}");
        assert!(text.contains("principal of the shift"), "{text}");
    }

    #[test]
    fn an_agent_who_talks_is_ready_and_not_free() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("5000") });
        observer.handle(agent(AgentState::Ready));
        for (seq, (activity, free)) in (1..).zip([(Activity::Talking, 0), (Activity::Idle, 1), (Activity::Offered, 0)])
        {
            let agent = AgentId::new("7001").unwrap();
            let event = LogEvent::Agent { agent, to: activity, queue: DeviceId::EMPTY };
            observer.apply(&Entry { seq, at: 1_000 + seq, event });
            assert_eq!(observer.staff(&device("5000")), Staff { logged_in: 1, ready: 1, free }, "{activity:?}");
            assert_eq!(observer.status(1_000 + seq).queues[0].ready, free);
            assert_eq!(observer.figures(1_000 + seq)[0].available, free as u64);
        }
        let text = observer.handle(queued()).unwrap().text;
        assert!(text.ends_with("the agent who is ready is in a call"), "{text}");
    }

    #[test]
    fn a_caller_who_hangs_up_first_is_no_failure_and_a_call_that_fails_has_its_reason() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("1001") });
        let mut failed = |cause| {
            let event = Box::new(Event::Failed {
                failed_connection: ConnectionId { call: CallId(4), device: device("1001"), ..ConnectionId::NONE },
                failing_device: ExtendedDeviceId::inside(device("1001")),
                called_device: ExtendedDeviceId::inside(device("95598")),
                local: LocalConnectionState::Fail,
                cause,
            });
            observer.handle(Observed::Event { monitor: MonitorCrossRefId(1), event }).unwrap().text
        };
        assert_eq!(failed(EventCause::None), "call 4: the other party has hung up; 1001 is off hook still");
        assert_eq!(failed(EventCause::Busy), "call 4: not put through at 1001: the number is busy");
    }

    #[test]
    fn a_state_that_stands_takes_the_place_of_what_was_missed() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("5000") });
        observer.handle(queued());
        observer.handle(agent(AgentState::Ready));
        let line = observer.lines.first().copied().unwrap();
        let missed = SiteState {
            monitors: vec![(MonitorCrossRefId(2), device("5000"))],
            in_service: vec![line],
            ended: (7, 5),
            ..SiteState::default()
        };
        let logged = observer.handle(Observed::SiteState(Box::new(missed))).unwrap();
        assert_eq!(logged.level, Level::Warning);
        let status = observer.status(0);
        assert_eq!(status.calls, [], "call 4 has ended unseen");
        assert_eq!((status.agents[0].station.as_deref(), status.agents[0].state.as_str()), (None, "logged out"));
        assert_eq!(status.out_of_service.len(), observer.lines.len() - 1);
        assert_eq!(observer.ended_calls(), (7, 5));
        assert_eq!(observer.handle(queued()), None, "the monitor is another one");
    }

    #[test]
    fn an_event_is_logged_once_for_the_device_it_is_about() {
        let mut observer = Observer::new(&SiteConfig::parse(TEMPLATE).unwrap());
        observer.handle(Observed::Monitor { monitor: MonitorCrossRefId(1), device: device("T1") });
        assert_eq!(observer.handle(queued()), None);
    }
}
