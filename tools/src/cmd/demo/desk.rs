//! An agent's desk: the screen-pop client that logs an agent in, watches the station and, for a headset, answers.
//!
//! Sans-IO: confirmations, reports and the time go in; requests and things worth showing come out. The agent's hands
//! and ears are the simulator's business; a desk only has what a program on the agent's screen would have.

use std::collections::VecDeque;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::request::{MonitorFilter, Reply, Request};
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, ConnectionId, DeviceId, ExtendedDeviceId, LocalConnectionState,
};
use tipring_core::time::{Tick, Ticks};
use tipring_tsapi::session::client::Incoming;

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
    /// A request was refused.
    Refused(&'static str, UniversalFailure),
}

/// The desk.
pub struct Desk {
    seat: Seat,
    waiting: VecDeque<&'static str>,
    requests: VecDeque<(&'static str, Request)>,
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
        Desk { seat, waiting: VecDeque::new(), requests, sights: VecDeque::new(), answer: None }
    }

    /// Takes what came over the stream.
    pub fn handle_incoming(&mut self, now: Tick, incoming: &Incoming) {
        match incoming {
            Incoming::Confirmation { result, .. } => self.handle_confirmation(result),
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
        if let Err(failure) = result {
            self.sights.push_back(Sight::Refused(what, *failure));
        }
    }

    /// Takes an event of the station's monitor.
    fn handle_report(&mut self, now: Tick, event: &Event, data: Option<&CallData>) {
        match event {
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
        if let Some((at, connection)) = self.answer
            && now >= at
        {
            self.answer = None;
            self.requests.push_back(("answer", Request::AnswerCall { alerting_call: connection }));
        }
    }

    /// The next request to send.
    pub fn poll_request(&mut self) -> Option<Request> {
        let (what, request) = self.requests.pop_front()?;
        self.waiting.push_back(what);
        Some(request)
    }

    /// The next thing worth showing.
    pub fn poll_sight(&mut self) -> Option<Sight> {
        self.sights.pop_front()
    }
}
