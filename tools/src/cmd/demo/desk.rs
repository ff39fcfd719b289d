//! An agent's desk: the screen-pop client that logs an agent in, watches the station and, for a headset, answers.
//!
//! Sans-IO: confirmations, reports and the time go in; requests and things worth showing come out. The agent's hands
//! and ears are in the simulator; a desk only has what a program on the agent's screen would have.

use std::collections::VecDeque;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::private::RequestData;
use tipring_core::csta::tipring::SupervisionMode;
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, CallId, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState,
    MonitorCrossRefId, MonitorFilter, Reply, Request,
};
use tipring_core::time::{Tick, Ticks};
use tipring_tsapi::session::client::Incoming;

use super::colleague::Colleague;
use super::part::{Part, PartKind};
use super::programme::Programme;
use super::supervisor::{Supervisor, Task};
use super::telephone::Telephone;

/// Purpose of the monitor of the colleague's station, which is the supervised one.
const WATCH: &str = "monitor the colleague's station";
/// Services of the programme, which may be refused: a conversation may end, or a call come, in the moment of the
/// request.
const SUPERVISION: [&str; 4] = ["listen", "whisper", "barge in", "leave"];
const COLLEAGUE: [&str; 7] =
    ["pick up", "consult", "conference", "transfer", "release the colleague", "reconnect", "release"];
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
    /// Tick of the desk's clock.
    pub at: Tick,
    /// The ringing connection.
    pub connection: ConnectionId,
    /// Calling device.
    pub calling: ExtendedDeviceId,
    /// Call data, if the event has any.
    pub data: Option<CallData>,
}

/// An event that a person would want to see.
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
    /// The call of a connection goes on under another identifier.
    Renamed(ConnectionId, CallId),
    /// The call that alerted at this desk has gone to another device.
    Diverted(ConnectionId),
    /// A part of a conversation has begun.
    Begins(Part),
    /// A part of such a kind is over, or a supervisor's if none is given.
    Ends(Option<PartKind>),
    /// A request was refused.
    Refused(&'static str, UniversalFailure),
}

/// The desk.
pub struct Desk {
    seat: Seat,
    waiting: VecDeque<&'static str>,
    requests: VecDeque<(&'static str, Request, RequestData)>,
    supervisor: Option<Supervisor>,
    colleague: Option<Colleague>,
    /// The monitor of the colleague's station.
    other: Option<MonitorCrossRefId>,
    /// The own telephone, and the colleague's.
    own_telephone: Telephone,
    other_telephone: Telephone,
    /// The own station takes part in a supervised conversation.
    is_in: bool,
    sights: VecDeque<Sight>,
    answer: Option<(Tick, ConnectionId)>,
}

impl Desk {
    /// A desk whose stream has just been opened.
    pub fn new(seat: Seat, programme: &Programme) -> Desk {
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
        let supervisor = seat.supervises.map(|task| Supervisor::new(seat.station, task, programme.clone()));
        let colleague = seat.supervises.map(|task| Colleague::new(seat.station, task, programme.clone()));
        let mut requests: VecDeque<_> =
            requests.into_iter().map(|(what, request)| (what, request, RequestData::default())).collect();
        if let Some(supervisor) = &supervisor {
            let (device, filter) = (supervisor.station(), MonitorFilter::default());
            let request = Request::MonitorDevice { device, filter };
            requests.push_back((WATCH, request, RequestData::default()));
        }
        Desk {
            supervisor,
            colleague,
            other: None,
            own_telephone: Telephone::default(),
            other_telephone: Telephone::default(),
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
            Incoming::Confirmation { result, .. } => self.handle_confirmation(now, result),
            Incoming::Report { monitor, event, .. } if self.other == Some(*monitor) => {
                self.other_telephone.follow(event);
                if let Some(supervisor) = &mut self.supervisor {
                    supervisor.handle_station(event);
                }
                if let Some(colleague) = &mut self.colleague {
                    colleague.handle_station(now, event);
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
    fn handle_confirmation(&mut self, now: Tick, result: &Result<Reply, UniversalFailure>) {
        let what = self.waiting.pop_front().unwrap_or("answer a request that was not made");
        match (what, result) {
            (WATCH, Ok(Reply::Monitor { monitor, .. })) => self.other = Some(*monitor),
            ("whisper" | "barge in", Ok(_)) => {
                let part = self.supervisor.as_ref().and_then(Supervisor::confirmed);
                self.sights.extend(part.and_then(|(mode, call)| self.part(mode, call)));
            }
            (what, Err(_)) if SUPERVISION.contains(&what) => {
                if let Some(supervisor) = &mut self.supervisor {
                    supervisor.refused();
                }
            }
            (what, Err(_)) if COLLEAGUE.contains(&what) => {
                if let Some(colleague) = &mut self.colleague {
                    colleague.refused(now);
                }
            }
            ("consult", Ok(reply)) => {
                let part = self.colleague.as_mut().and_then(|colleague| colleague.handle_reply(reply));
                self.sights.extend(part.map(Sight::Begins));
            }
            (_, Err(failure)) => self.sights.push_back(Sight::Refused(what, *failure)),
            (_, Ok(_)) => {}
        }
    }

    /// Takes an event of the station's monitor.
    fn handle_report(&mut self, now: Tick, event: &Event, data: Option<&CallData>) {
        self.own_telephone.follow(event);
        let part = self.supervisor.as_mut().and_then(|supervisor| supervisor.handle_own(now, event));
        if let Some((mode, call)) = part {
            self.is_in = true;
            let part = self.part(mode, call);
            self.sights.extend(part);
        }
        match event {
            Event::ConnectionCleared { local: LocalConnectionState::Null, .. } if self.is_in => {
                self.is_in = false;
                self.sights.push_back(Sight::Ends(None));
                return;
            }
            _ if self.is_in => return,
            _ => {}
        }
        let picked_up = self.colleague.as_ref().is_some_and(Colleague::picks_up);
        let part = self.colleague.as_mut().and_then(|colleague| colleague.handle_own(now, event));
        match event {
            Event::Established { established_connection, calling_device, .. }
                if picked_up && established_connection.device == self.seat.station =>
            {
                let (connection, calling) = (*established_connection, *calling_device);
                let pop = Pop { at: now, connection, calling, data: data.cloned() };
                self.sights.push_back(Sight::Popped(Box::new(pop)));
            }
            Event::Delivered { connection, calling_device, local: LocalConnectionState::Alerting, .. } => {
                let pop = Pop { at: now, connection: *connection, calling: *calling_device, data: data.cloned() };
                self.sights.push_back(Sight::Popped(Box::new(pop)));
                if self.seat.headset {
                    self.answer = Some((now + READING_TIME, *connection));
                }
            }
            Event::Established {
                established_connection, calling_device, local: LocalConnectionState::Connect, ..
            } if established_connection.device == self.seat.station
                && self.seat.supervises.is_none_or(|task| task.station != calling_device.device) =>
            {
                self.answer = None;
                self.sights.push_back(Sight::Talking(*established_connection));
            }
            Event::ConnectionCleared { dropped_connection, local: LocalConnectionState::Null, .. } => {
                self.answer = None;
                // The call by which the telephone was rung for a pickup has served its purpose.
                if !picked_up {
                    self.sights.push_back(Sight::Cleared(*dropped_connection));
                }
            }
            Event::Diverted { connection, local: LocalConnectionState::Null, .. } => {
                self.answer = None;
                self.sights.push_back(Sight::Diverted(*connection));
            }
            Event::Conferenced { primary_old_call, conference_connections: parties, .. }
            | Event::Transferred { primary_old_call, transferred_connections: parties, .. }
                if primary_old_call.device == self.seat.station =>
            {
                if let Some(of) = parties.first() {
                    self.sights.push_back(Sight::Renamed(*primary_old_call, of.party.call));
                }
            }
            Event::Ready { .. } => self.sights.push_back(Sight::Ready),
            _ => {}
        }
        self.sights.extend(part.map(Sight::Begins));
    }

    /// Tells the desk what time it is.
    pub fn handle_time(&mut self, now: Tick) {
        let is_free = self.own_telephone.is_free();
        let due = self.supervisor.as_mut().and_then(|supervisor| supervisor.poll_request(now, is_free));
        self.requests.extend(due);
        if let Some(colleague) = &mut self.colleague {
            let due = colleague.poll_request(now, is_free, self.other_telephone.is_free());
            self.requests.extend(due.map(|(what, request)| (what, request, RequestData::default())));
            self.sights.extend(colleague.poll_end(now).map(|kind| Sight::Ends(Some(kind))));
        }
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
        let kind = PartKind::Supervision(mode);
        Some(Sight::Begins(Part { kind, call, other: self.seat.station, station }))
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
