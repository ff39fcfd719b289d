//! The softphone's view of its station: calls by their local connection states, and the request of each command.
//!
//! Never: sends anything, or reads a clock.

use std::collections::BTreeMap;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::private::RequestData;
use tipring_core::csta::reply::SnapshotDeviceEntry;
use tipring_core::csta::tipring::{ReleaseScope, Remark, TipringRequest};
use tipring_core::csta::vendor::VendorRequest;
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, CallId, ConnectionId, ConnectionList, DeviceId, LocalConnectionState, Request,
};

use super::command::{Command, Until};
use super::recording::Recording;

/// The softphone.
#[derive(Debug)]
pub struct Phone {
    station: DeviceId,
    agent: AgentId,
    password: AgentPassword,
    calls: BTreeMap<CallId, LocalConnectionState>,
    card: Option<(CallId, CallData)>,
}

impl Phone {
    /// The softphone of an agent at a station without calls.
    pub const fn new(station: DeviceId, agent: AgentId, password: AgentPassword) -> Phone {
        Phone { station, agent, password, calls: BTreeMap::new(), card: None }
    }

    /// The agent.
    pub const fn agent(&self) -> &AgentId {
        &self.agent
    }

    /// Takes an event of the station's monitor. Returns the connection that has begun to alert, if one has.
    pub fn handle_event(&mut self, event: &Event, data: Option<&CallData>) -> Option<ConnectionId> {
        if let Event::Transferred {
            primary_old_call,
            secondary_old_call,
            transferred_connections: parties,
            local,
            ..
        }
        | Event::Conferenced {
            primary_old_call, secondary_old_call, conference_connections: parties, local, ..
        } = event
        {
            self.merge(&[*primary_old_call, *secondary_old_call], parties, *local);
            return None;
        }
        let (connection, local) = match event {
            Event::CallInformation { connection, .. } => (connection, None),
            Event::CallCleared { cleared_call, .. } => (cleared_call, Some(LocalConnectionState::Null)),
            _ => event.local_state().map(|(connection, local)| (connection, Some(local)))?,
        };
        let call = connection.call;
        if let Some(data) = data {
            self.card = Some((call, data.clone()));
        }
        let local = local?;
        let before = match local {
            LocalConnectionState::Null => self.calls.remove(&call),
            state => self.calls.insert(call, state),
        };
        let alerting = Some(LocalConnectionState::Alerting);
        (Some(local) == alerting && before != alerting).then(|| self.own(call))
    }

    /// Two calls have become one.
    fn merge(&mut self, old: &[ConnectionId], parties: &ConnectionList, local: LocalConnectionState) {
        for call in old {
            self.calls.remove(&call.call);
        }
        let Some(new) = parties.first().map(|party| party.party.call) else { return };
        if parties.iter().any(|party| party.party.device == self.station) {
            self.calls.insert(new, local);
        }
        if let Some((call, _)) = self.card.as_mut().filter(|(call, _)| old.iter().any(|old| old.call == *call)) {
            *call = new;
        }
    }

    /// Takes the calls at the station as a snapshot has them, after the stream was lost.
    pub fn handle_snapshot(&mut self, calls: &[SnapshotDeviceEntry]) {
        let state = |entry: &SnapshotDeviceEntry| Some((entry.connection.call, *entry.states.first()?));
        self.calls = calls.iter().filter_map(state).collect();
    }

    /// The customer's card of the call that the last event with one was about.
    pub const fn card(&self) -> Option<&(CallId, CallData)> {
        self.card.as_ref()
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

    /// True where the other party of a call has gone and the station's handset is not down yet.
    pub fn is_left_off_hook(&self) -> bool {
        self.find(LocalConnectionState::Fail).is_some()
    }

    /// Calls and their states at the station.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, LocalConnectionState)> + '_ {
        self.calls.iter().map(|(call, state)| (*call, *state))
    }

    /// The request of a command; none for those that send nothing. `there` is the connection at the device that the
    /// command names, where it [needs one](target).
    ///
    /// # Errors
    /// There is no call for it: a sentence.
    pub fn request(
        &self,
        command: &Command,
        there: Option<ConnectionId>,
    ) -> Result<Option<(Request, RequestData)>, String> {
        use LocalConnectionState::{Alerting, Connect, Fail, Hold, Initiate};
        let mut data = RequestData::default();
        let talking = || self.first(&[Connect], "There is no call that talks");
        let held = || self.first(&[Hold], "No call is held");
        let there = || there.ok_or_else(|| "There is no such call".to_owned());
        let tipring = |request| Ok(Some((Request::Escape, RequestData::of_tipring(request))));
        let vendor =
            |request| Ok(Some((Request::Escape, RequestData { vendor: Some(request), ..RequestData::default() })));
        let (supervisor, remark) = (self.station, Remark::default());
        let request = match command {
            Command::LogIn => self.set(AgentMode::LogIn),
            Command::LogOut => self.set(AgentMode::LogOut),
            Command::Ready => self.set(AgentMode::Ready),
            Command::NotReady(reason) => {
                data.reason_code = (*reason).into();
                self.set(AgentMode::NotReady)
            }
            Command::Work => self.set(AgentMode::WorkNotReady),
            Command::Answer => Request::AnswerCall { alerting_call: self.first(&[Alerting], "No call rings")? },
            Command::Clear => {
                let call = self.first(&[Connect, Initiate, Fail, Hold, Alerting], "There is no call to clear")?;
                Request::ClearConnection { call }
            }
            Command::Hold => Request::HoldCall { active_call: talking()?, reservation: false },
            Command::Retrieve => Request::RetrieveCall { held_call: held()? },
            Command::Call(number) => Request::MakeCall { calling_device: self.station, called_device: *number },
            Command::Consult(number) => Request::ConsultationCall { active_call: talking()?, called_device: *number },
            Command::Transfer(None) => Request::TransferCall { held_call: held()?, active_call: talking()? },
            Command::Transfer(Some(number)) => {
                let active_call = talking()?;
                return vendor(VendorRequest::SingleStepTransferCall { active_call, transferred_to: *number });
            }
            Command::Conference => Request::ConferenceCall { held_call: held()?, active_call: talking()? },
            Command::Alternate => Request::AlternateCall { active_call: talking()?, other_call: held()? },
            Command::Reconnect => {
                let active_call = self.first(&[Connect, Initiate, Fail], "There is no consultation")?;
                Request::ReconnectCall { active_call, held_call: held()? }
            }
            Command::Pickup(None) => {
                Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: self.station }
            }
            Command::Pickup(Some(_)) | Command::Unpark(_) => {
                Request::PickupCall { deflect_call: there()?, called_device: self.station }
            }
            Command::Park(place) => {
                return tipring(TipringRequest::ParkCall { active_call: talking()?, place: *place });
            }
            Command::Digits(tones) => {
                return vendor(VendorRequest::SendDtmfTone {
                    sender: talking()?,
                    receivers: Vec::new(),
                    tones: *tones,
                    tone_duration: 0,
                    pause_duration: 0,
                });
            }
            Command::Notes(notes) => {
                let active_call = self.first(&[Connect, Hold, Alerting], "There is no call to note anything on")?;
                return tipring(TipringRequest::AnnotateCall { active_call, notes: notes.clone() });
            }
            Command::Record(recording) => {
                let active_call = self.first(&[Connect, Hold], "There is no call to record")?;
                return tipring(recording.request(active_call));
            }
            Command::Supervise(mode, _, follow) => {
                let (mode, follow) = (*mode, *follow);
                let active_call = there()?;
                return tipring(TipringRequest::SuperviseCall { active_call, supervisor, mode, follow, remark });
            }
            Command::Stop => return tipring(TipringRequest::StopSupervision { supervisor }),
            Command::TakeOver(_) => {
                return tipring(TipringRequest::TakeOverCall { active_call: there()?, supervisor, remark });
            }
            Command::Release(_, remark) => {
                let (scope, remark) = (ReleaseScope::Connection, remark.clone());
                return tipring(TipringRequest::ForceRelease { call: there()?, scope, remark });
            }
            Command::Force(device, mode, remark) => {
                let (device, mode, remark) = (*device, *mode, remark.clone());
                return tipring(TipringRequest::ForceAgentState { device, mode, reason_code: 0, remark });
            }
            Command::State => Request::QueryAgentState { device: self.station },
            Command::Card | Command::Wait(..) | Command::Help | Command::Quit => return Ok(None),
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

/// The device at which a command needs a connection, and the states in which that may be.
pub const fn target(command: &Command) -> Option<(DeviceId, &'static [LocalConnectionState])> {
    use LocalConnectionState::{Alerting, Connect, Fail, Hold, Initiate, Queued};
    match command {
        Command::Pickup(Some(device)) => Some((*device, &[Alerting])),
        Command::Unpark(device) => Some((*device, &[Queued])),
        Command::Supervise(_, device, _) | Command::TakeOver(device) => Some((*device, &[Connect])),
        Command::Release(device, _) => Some((*device, &[Connect, Hold, Alerting, Initiate, Fail])),
        _ => None,
    }
}

/// The remedy of a refused command, where there is one.
pub const fn remedy(command: &Command, failure: UniversalFailure) -> &'static str {
    match (command, failure) {
        (Command::Answer, UniversalFailure::GenericStateIncompatibility) => {
            ": a handset is lifted by hand; a station with kind = \"headset\" is answered from here"
        }
        (Command::Record(Recording::Stop), UniversalFailure::PrivilegeViolationOnSpecifiedDevice) => {
            ": a rule has begun it: those who may supervise the station end it; pause it for card data"
        }
        (Command::Record(Recording::Start), UniversalFailure::InvalidObjectState) => ": the call is recorded already",
        (Command::Record(Recording::Start), UniversalFailure::InvalidFeature) => ": the site records nothing",
        (Command::Record(Recording::Start), UniversalFailure::GenericSystemResourceAvailability) => {
            ": the disk has no room"
        }
        (Command::Record(Recording::Pause), UniversalFailure::InvalidObjectState) => {
            ": the call is not recorded, or paused already"
        }
        (Command::Record(Recording::Resume), UniversalFailure::InvalidObjectState) => ": the recording is not paused",
        (Command::Record(_), UniversalFailure::InvalidObjectState) => ": the call is not recorded",
        (_, UniversalFailure::PrivilegeViolationOnSpecifiedDevice) => {
            ": the user has no right to this at the station; grant it with `tipring user`"
        }
        (_, UniversalFailure::SecurityViolation) => {
            ": the user has no right to this service; `tipring user` grants roles"
        }
        (
            Command::Supervise(..) | Command::TakeOver(_) | Command::Pickup(_) | Command::Unpark(_),
            UniversalFailure::GenericStateIncompatibility,
        ) => ": the own line is in use, or there is no conversation there",
        (Command::Pickup(None), UniversalFailure::NoCallToAnswer) => ": no call rings in the pickup group",
        (Command::LogIn, UniversalFailure::GenericUnspecified) => ": the agent or the password is wrong",
        (Command::LogIn, UniversalFailure::GenericOperation) => {
            ": the agent is logged in already, here or elsewhere, or another one is at this station; where it is here, go \
             on with ready or notready"
        }
        (
            Command::Ready | Command::NotReady(_) | Command::Work | Command::LogOut,
            UniversalFailure::InvalidObjectState,
        ) => ": the agent is not logged in at this station; login does it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use tipring_core::csta::cause::EventCause;
    use tipring_core::csta::{ConnectionDevice, ExtendedDeviceId};

    use super::*;

    #[test]
    fn a_handset_is_left_off_hook_from_the_other_partys_end_until_it_is_down() {
        let station = DeviceId::new("1001").expect("a device");
        let agent = AgentId::new("7001").expect("an agent");
        let mut phone = Phone::new(station, agent, AgentPassword::new("4711").expect("a password"));
        let connection =
            ConnectionId { device: station, kind: ConnectionDevice::Static, ..ConnectionId::of_call(CallId(7)) };
        let device = ExtendedDeviceId::inside(station);
        let failed = Event::Failed {
            failed_connection: connection,
            failing_device: device,
            called_device: device,
            local: LocalConnectionState::Fail,
            cause: EventCause::None,
        };
        assert!(!phone.is_left_off_hook());
        phone.handle_event(&failed, None);
        assert!(phone.is_left_off_hook());
        phone.handle_event(
            &Event::ConnectionCleared {
                dropped_connection: connection,
                releasing_device: device,
                local: LocalConnectionState::Null,
                cause: EventCause::None,
            },
            None,
        );
        assert!(!phone.is_left_off_hook());
    }
}
