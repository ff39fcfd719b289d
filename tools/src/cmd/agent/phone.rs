//! The softphone's view of its station: calls by their local connection states, and the request of each command.
//!
//! Never: sends anything, or reads a clock.

use std::collections::BTreeMap;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::request::Request;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, CallId, ConnectionId, DeviceId, LocalConnectionState};

use super::command::{Command, Until};

/// The softphone.
#[derive(Debug)]
pub struct Phone {
    station: DeviceId,
    agent: AgentId,
    password: AgentPassword,
    calls: BTreeMap<CallId, LocalConnectionState>,
}

impl Phone {
    /// The softphone of an agent at a station without calls.
    pub const fn new(station: DeviceId, agent: AgentId, password: AgentPassword) -> Phone {
        Phone { station, agent, password, calls: BTreeMap::new() }
    }

    /// Takes an event of the station's monitor. Returns the connection that has begun to alert, if one has.
    pub fn handle_event(&mut self, event: &Event) -> Option<ConnectionId> {
        let (connection, local) = local_state(event)?;
        let call = connection.call;
        let before = match local {
            LocalConnectionState::Null => self.calls.remove(&call),
            state => self.calls.insert(call, state),
        };
        let alerting = Some(LocalConnectionState::Alerting);
        (Some(local) == alerting && before != alerting).then(|| self.own(call))
    }

    /// True if the station is in the state that `wait` waits for.
    pub fn is(&self, until: Until) -> bool {
        match until {
            Until::Ringing => self.find(LocalConnectionState::Alerting).is_some(),
            Until::Talking => self.find(LocalConnectionState::Connect).is_some(),
            Until::Idle => self.calls.is_empty(),
            Until::Time => false,
        }
    }

    /// Calls and their states at the station.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, LocalConnectionState)> + '_ {
        self.calls.iter().map(|(call, state)| (*call, *state))
    }

    /// The request of a command; none for those that send nothing.
    ///
    /// # Errors
    /// There is no call for it: a sentence.
    pub fn request(&self, command: Command) -> Result<Option<(Request, RequestData)>, String> {
        use LocalConnectionState::{Alerting, Connect, Fail, Hold, Initiate};
        let mut data = RequestData::default();
        let request = match command {
            Command::LogIn => self.set(AgentMode::LogIn),
            Command::LogOut => self.set(AgentMode::LogOut),
            Command::Ready => self.set(AgentMode::Ready),
            Command::NotReady(reason) => {
                data.reason_code = reason.into();
                self.set(AgentMode::NotReady)
            }
            Command::Work => self.set(AgentMode::WorkNotReady),
            Command::Answer => Request::AnswerCall { alerting_call: self.first(&[Alerting], "No call rings")? },
            Command::Clear => {
                let call = self.first(&[Connect, Initiate, Fail, Hold], "There is no call to clear")?;
                Request::ClearConnection { call }
            }
            Command::Hold => {
                let active_call = self.first(&[Connect], "There is no call to hold")?;
                Request::HoldCall { active_call, reservation: false }
            }
            Command::Retrieve => Request::RetrieveCall { held_call: self.first(&[Hold], "No call is held")? },
            Command::Call(number) => Request::MakeCall { calling_device: self.station, called_device: number },
            Command::State => Request::QueryAgentState { device: self.station },
            Command::Wait(..) | Command::Help | Command::Quit => return Ok(None),
        };
        Ok(Some((request, data)))
    }

    fn set(&self, mode: AgentMode) -> Request {
        Request::SetAgentState {
            device: self.station,
            mode,
            agent_id: self.agent,
            agent_group: DeviceId::EMPTY,
            password: if mode == AgentMode::LogIn { self.password } else { AgentPassword::default() },
        }
    }

    fn find(&self, state: LocalConnectionState) -> Option<ConnectionId> {
        self.calls.iter().find(|(_, here)| **here == state).map(|(call, _)| self.own(*call))
    }

    fn first(&self, states: &[LocalConnectionState], missing: &str) -> Result<ConnectionId, String> {
        states.iter().find_map(|state| self.find(*state)).ok_or_else(|| missing.to_owned())
    }

    /// The station's own connection in a call.
    const fn own(&self, call: CallId) -> ConnectionId {
        ConnectionId { device: self.station, ..ConnectionId::of_call(call) }
    }
}

/// A connection of the call that an event is about, and the monitored device's own state in it.
const fn local_state(event: &Event) -> Option<(&ConnectionId, LocalConnectionState)> {
    match event {
        Event::CallCleared { cleared_call: connection, .. } => Some((connection, LocalConnectionState::Null)),
        Event::ConnectionCleared { dropped_connection: connection, local, .. }
        | Event::Delivered { connection, local, .. }
        | Event::Diverted { connection, local, .. }
        | Event::Established { established_connection: connection, local, .. }
        | Event::Failed { failed_connection: connection, local, .. }
        | Event::Held { held_connection: connection, local, .. }
        | Event::Originated { originated_connection: connection, local, .. }
        | Event::Retrieved { retrieved_connection: connection, local, .. }
        | Event::ServiceInitiated { initiated_connection: connection, local, .. } => Some((connection, *local)),
        _ => None,
    }
}

/// The remedy of a refused command, where there is one.
pub const fn remedy(command: Command, failure: UniversalFailure) -> &'static str {
    match (command, failure) {
        (Command::Answer, UniversalFailure::GenericStateIncompatibility) => {
            ": a handset is lifted by hand; a station with kind = \"headset\" is answered from here"
        }
        (_, UniversalFailure::PrivilegeViolationOnSpecifiedDevice) => {
            ": the user has no right to this at the station; grant it with `tipring user`"
        }
        (Command::LogIn, UniversalFailure::GenericUnspecified) => ": the agent or the password is wrong",
        _ => "",
    }
}
