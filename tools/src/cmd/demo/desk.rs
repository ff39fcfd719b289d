//! An agent's desk: the screen-pop client that logs an agent in, watches the station and, for a headset, answers.
//!
//! Sans-IO: confirmations, reports and the time go in; requests and things worth showing come out. The agent's hands
//! and ears are the simulator's business; a desk only has what a program on the agent's screen would have.

use std::collections::{BTreeSet, VecDeque};

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::private::RequestData;
use tipring_core::csta::request::{MonitorFilter, Reply, Request};
use tipring_core::csta::tipring::SupervisionMode;
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, CallId, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState,
    MonitorCrossRefId,
};
use tipring_core::time::{Tick, Ticks};
use tipring_tsapi::session::client::Incoming;

use super::supervisor::{Supervisor, Task};

/// Purpose of the monitor of the supervised station.
const SUPERVISE: &str = "monitor the supervised station";
/// Time an agent with a headset reads the screen before taking the call.
const READING_TIME: Ticks = Ticks::from_ms(900);

/// An agent at a station.
#[derive(Debug, Clone, Copy)]
pub struct Seat {
    /// The agent.
    pub agent: AgentId,
    /// The agent's password.
    pub password: AgentPassword,
    /// The station.
    pub station: DeviceId,
    /// The supervision that belongs to the seat.
    pub supervises: Option<Task>,
    /// A headset is off hook all shift and answers from the screen; a handset is answered by hand.
    pub headset: bool,
}

/// A call as it popped on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pop {
    /// When, by the desk's clock.
    pub at: Tick,
    /// The ringing connection.
    pub connection: ConnectionId,
    /// Calling device.
    pub calling: ExtendedDeviceId,
    /// Call data, if the event has any.
    pub data: Option<CallData>,
}

/// A supervisor's part in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The part.
    pub mode: SupervisionMode,
    /// The call.
    pub call: CallId,
    /// The supervisor's station.
    pub supervisor: DeviceId,
    /// The supervised station.
    pub station: DeviceId,
}

/// Something a person would want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The agent is logged in and ready.
    Ready,
    /// A call popped.
    Popped(Box<Pop>),
    /// The agent talks.
    Talking(ConnectionId),
    /// The call is over at this desk.
    Cleared(ConnectionId),
    /// The supervisor's part in a conversation has begun.
    Supervises(Part),
    /// The supervisor has left.
    LeavesSupervision,
    /// A request was refused.
    Refused(&'static str, UniversalFailure),
}

/// The desk.
pub struct Desk {
    seat: Seat,
    waiting: VecDeque<&'static str>,
    requests: VecDeque<(&'static str, Request, RequestData)>,
    supervisor: Option<Supervisor>,
    /// The monitor of the supervised station.
    other: Option<MonitorCrossRefId>,
    /// The calls at the own station.
    calls: BTreeSet<CallId>,
    /// The own station takes part in a supervised conversation.
    is_in: bool,
    sights: VecDeque<Sight>,
    answer: Option<(Tick, ConnectionId)>,
}

impl Desk {
    /// A desk whose stream has just been opened.
    pub fn new(seat: Seat) -> Desk {
        let set = |mode| Request::SetAgentState {
            device: seat.station,
            mode,
            agent_id: seat.agent,
            agent_group: DeviceId::EMPTY,
            password: if mode == AgentMode::LogIn { seat.password } else { AgentPassword::default() },
        };
        let requests = VecDeque::from([
            ("monitor the station", Request::MonitorDevice { device: seat.station, filter: MonitorFilter::default() }),
            ("log in", set(AgentMode::LogIn)),
            ("become ready", set(AgentMode::Ready)),
        ]);
        let supervisor = seat.supervises.map(|task| Supervisor::new(seat.station, task));
        let mut requests: VecDeque<_> =
            requests.into_iter().map(|(what, request)| (what, request, RequestData::default())).collect();
        if let Some(supervisor) = &supervisor {
            let (device, filter) = (supervisor.station(), MonitorFilter::default());
            let request = Request::MonitorDevice { device, filter };
            requests.push_back((SUPERVISE, request, RequestData::default()));
        }
        Desk {
            supervisor,
            other: None,
            calls: BTreeSet::new(),
            is_in: false,
            seat,
            waiting: VecDeque::new(),
            requests,
            sights: VecDeque::new(),
            answer: None,
        }
    }

    /// Takes what came over the stream.
    pub fn handle_incoming(&mut self, now: Tick, incoming: &Incoming) {
        match incoming {
            Incoming::Confirmation { result, .. } => self.handle_confirmation(result),
            Incoming::Report { monitor, event, .. } if self.other == Some(*monitor) => {
                if let Some(supervisor) = &mut self.supervisor {
                    supervisor.handle_station(event);
                }
            }
            Incoming::Report { event, data, .. } => self.handle_report(now, event, data.as_ref()),
            Incoming::SystemStatus(_)
            | Incoming::EventReport(_)
            | Incoming::SwitchRequest { .. }
            | Incoming::HeartbeatSet { .. }
            | Incoming::Refused { .. } => {}
        }
    }

    /// Takes the answer to the oldest request not yet answered.
    fn handle_confirmation(&mut self, result: &Result<Reply, UniversalFailure>) {
        let what = self.waiting.pop_front().unwrap_or("answer a request that was not made");
        match (what, result) {
            (SUPERVISE, Ok(Reply::Monitor { monitor, .. })) => self.other = Some(*monitor),
            ("whisper" | "barge in", Ok(_)) => {
                let part = self.supervisor.as_ref().and_then(Supervisor::confirmed);
                self.sights.extend(part.and_then(|(mode, call)| self.part(mode, call)));
            }
            // The conversation may end, or a call come, in the moment of the request.
            ("listen" | "whisper" | "barge in" | "leave", Err(_)) => {
                if let Some(supervisor) = &mut self.supervisor {
                    supervisor.refused();
                }
            }
            (_, Err(failure)) => self.sights.push_back(Sight::Refused(what, *failure)),
            (_, Ok(_)) => {}
        }
    }

    /// Takes an event of the station's monitor.
    fn handle_report(&mut self, now: Tick, event: &Event, data: Option<&CallData>) {
        self.follow_calls(event);
        let part = self.supervisor.as_mut().and_then(|supervisor| supervisor.handle_own(now, event));
        if let Some((mode, call)) = part {
            self.is_in = true;
            let part = self.part(mode, call);
            self.sights.extend(part);
        }
        match event {
            Event::ConnectionCleared { local: LocalConnectionState::Null, .. } if self.is_in => {
                self.is_in = false;
                self.sights.push_back(Sight::LeavesSupervision);
            }
            _ if self.is_in => {}
            Event::Delivered { connection, calling_device, local: LocalConnectionState::Alerting, .. } => {
                let pop = Pop { at: now, connection: *connection, calling: *calling_device, data: data.cloned() };
                self.sights.push_back(Sight::Popped(Box::new(pop)));
                if self.seat.headset {
                    self.answer = Some((now + READING_TIME, *connection));
                }
            }
            Event::Established { established_connection, local: LocalConnectionState::Connect, .. } => {
                self.answer = None;
                self.sights.push_back(Sight::Talking(*established_connection));
            }
            Event::ConnectionCleared { dropped_connection, local: LocalConnectionState::Null, .. }
            | Event::Diverted { connection: dropped_connection, local: LocalConnectionState::Null, .. } => {
                self.answer = None;
                self.sights.push_back(Sight::Cleared(*dropped_connection));
            }
            Event::Ready { .. } => self.sights.push_back(Sight::Ready),
            _ => {}
        }
    }

    /// Tells the desk what time it is.
    pub fn handle_time(&mut self, now: Tick) {
        let is_free = self.calls.is_empty();
        let due = self.supervisor.as_mut().and_then(|supervisor| supervisor.poll_request(now, is_free));
        self.requests.extend(due);
        if let Some((at, connection)) = self.answer
            && now >= at
        {
            self.answer = None;
            let request = Request::AnswerCall { alerting_call: connection };
            self.requests.push_back(("answer", request, RequestData::default()));
        }
    }

    fn part(&self, mode: SupervisionMode, call: CallId) -> Option<Sight> {
        let station = self.supervisor.as_ref()?.station();
        Some(Sight::Supervises(Part { mode, call, supervisor: self.seat.station, station }))
    }

    /// The calls at the own station, by the events that bring and end them.
    fn follow_calls(&mut self, event: &Event) {
        let (call, local) = match event {
            Event::Delivered { connection, local, .. } | Event::Diverted { connection, local, .. } => {
                (connection.call, *local)
            }
            Event::ServiceInitiated { initiated_connection, local, .. } => (initiated_connection.call, *local),
            Event::Established { established_connection, local, .. } => (established_connection.call, *local),
            Event::Failed { failed_connection, local, .. } => (failed_connection.call, *local),
            Event::ConnectionCleared { dropped_connection, local, .. } => (dropped_connection.call, *local),
            _ => return,
        };
        match local {
            LocalConnectionState::Null => self.calls.remove(&call),
            _ => self.calls.insert(call),
        };
    }

    /// The next request to send.
    pub fn poll_request(&mut self) -> Option<(Request, RequestData)> {
        let (what, request, data) = self.requests.pop_front()?;
        self.waiting.push_back(what);
        Some((request, data))
    }

    /// The next thing worth showing.
    pub fn poll_sight(&mut self) -> Option<Sight> {
        self.sights.pop_front()
    }
}
