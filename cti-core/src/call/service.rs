//! What clients ask of calls: make, answer, clear. Each is judged first and then done; the confirmation is put before the
//! events by whoever called.

use tipring_driver::line::Number;

use super::device::{Device, StationIx};
use super::model::Stage;
use super::release::Leaving;
use crate::channel::{Intent, State};
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::cause::UniversalFailure;
use crate::csta::request::Reply;
use crate::csta::{ConnectionId, DeviceId, LocalConnectionState};
use crate::ids::SessionId;
use crate::timers::Timer;

impl Core {
    /// The device of a name, if the session's user may watch and control it.
    pub(crate) fn permitted(&self, session: SessionId, id: &DeviceId) -> Result<Device, UniversalFailure> {
        let session = self.sessions.get(&session).ok_or(UniversalFailure::GenericSystemResourceAvailability)?;
        let device = self.devices.find(id).ok_or(UniversalFailure::InvalidCstaDeviceIdentifier)?;
        match &session.rights {
            Some(rights) if !rights.contains(id) => Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice),
            Some(_) | None => Ok(device),
        }
    }

    /// The device of a connection that exists, if the user may control it.
    fn connected(
        &self,
        session: SessionId,
        connection: &ConnectionId,
    ) -> Result<(Device, LocalConnectionState), UniversalFailure> {
        let call = self.calls.get(connection.call).ok_or(UniversalFailure::InvalidCstaCallIdentifier)?;
        let party = call
            .parties
            .iter()
            .find(|party| party.connection.device == connection.device)
            .ok_or(UniversalFailure::InvalidCstaConnectionIdentifier)?;
        self.permitted(session, &self.devices.id(party.device))?;
        Ok((party.device, party.state))
    }

    /// CSTAAnswerCall: a headset takes a call that is alerting there. A handset has to be lifted by a hand.
    pub(crate) fn answer_call(
        &mut self,
        session: SessionId,
        alerting: ConnectionId,
    ) -> Result<Reply, UniversalFailure> {
        let (device, state) = self.connected(session, &alerting)?;
        let Device::Station(station) = device else {
            return Err(UniversalFailure::InvalidObjectType);
        };
        if state != LocalConnectionState::Alerting {
            return Err(UniversalFailure::InvalidObjectState);
        }
        match (self.calls.get(alerting.call).map(|call| &call.stage), self.devices.station(station).kind) {
            // On hook, and nobody but a hand can change that.
            (Some(Stage::Alerting(..)), StationKind::Handset) => Err(UniversalFailure::GenericStateIncompatibility),
            (Some(Stage::Alerting(..)), StationKind::Headset) => {
                self.begin_answering(alerting.call, station);
                Ok(Reply::AnswerCall)
            }
            // It is being answered already.
            (Some(_) | None, _) => Err(UniversalFailure::InvalidObjectState),
        }
    }

    /// CSTAClearConnection: one device is released from a call.
    pub(crate) fn clear_connection(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
    ) -> Result<Reply, UniversalFailure> {
        let (device, state) = self.connected(session, &connection)?;
        match (device, state) {
            // A queue's calls are cleared at their callers.
            (Device::Queue(_), _) => Err(UniversalFailure::InvalidObjectType),
            (
                Device::Station(_) | Device::Trunk(_),
                LocalConnectionState::Initiate
                | LocalConnectionState::Connect
                | LocalConnectionState::Hold
                | LocalConnectionState::Fail,
            ) => self.clear(connection, device),
            // A telephone that only alerts is diverted, not cleared.
            (
                Device::Station(_) | Device::Trunk(_),
                LocalConnectionState::None
                | LocalConnectionState::Null
                | LocalConnectionState::Alerting
                | LocalConnectionState::Queued,
            ) => Err(UniversalFailure::InvalidObjectState),
        }
    }

    fn clear(&mut self, connection: ConnectionId, device: Device) -> Result<Reply, UniversalFailure> {
        match device {
            Device::Trunk(trunk) => {
                // A line that only rings cannot be put down: it would have to be answered first.
                if self.devices.state(self.devices.trunk(trunk).channel) == State::Offered {
                    return Err(UniversalFailure::InvalidObjectState);
                }
            }
            Device::Station(station) => {
                let channel = self.devices.station(station).channel;
                if self.devices.state(channel) == State::Ringing && self.claim(channel, Intent::StopRinging).is_err() {
                    return Err(UniversalFailure::ResourceBusy);
                }
            }
            Device::Queue(_) => {}
        }
        self.leave(connection.call, device, Leaving::by_client());
        Ok(Reply::ClearConnection)
    }

    /// CSTAMakeCall: a headset calls at once, a handset is rung first and calls when it is lifted.
    pub(crate) fn make_call(
        &mut self,
        session: SessionId,
        calling: DeviceId,
        called: DeviceId,
    ) -> Result<Reply, UniversalFailure> {
        let station = match self.permitted(session, &calling) {
            Ok(Device::Station(station)) => station,
            Ok(Device::Trunk(_) | Device::Queue(_)) | Err(UniversalFailure::InvalidCstaDeviceIdentifier) => {
                return Err(UniversalFailure::InvalidCallingDevice);
            }
            Err(failure) => return Err(failure),
        };
        let number = Number::from(called.as_str()).map_err(|_| UniversalFailure::InvalidCalledDevice)?;
        if self.dial_plan.route(&number).is_none() {
            return Err(UniversalFailure::InvalidCalledDevice);
        }
        let channel = self.devices.station(station).channel;
        if self.devices.state(channel) == State::OutOfService {
            return Err(UniversalFailure::ResourceOutOfService);
        }
        if !self.devices.is_free(station) {
            return Err(UniversalFailure::GenericStateIncompatibility);
        }
        if !self.calls.has_room() {
            return Err(UniversalFailure::ResourceLimitationRejection);
        }
        let new_call = match self.devices.station(station).kind {
            StationKind::Headset => self.make_from_headset(station, number),
            StationKind::Handset => {
                if self.claim(channel, Intent::Ring(None)).is_err() {
                    return Err(UniversalFailure::ResourceBusy);
                }
                self.make_from_handset(station, number)
            }
        };
        new_call.map(|new_call| Reply::MakeCall { new_call }).ok_or(UniversalFailure::ResourceLimitationRejection)
    }

    fn make_from_headset(&mut self, station: StationIx, number: Number) -> Option<ConnectionId> {
        let id = self.begin_from(station, Stage::Dialling(number), LocalConnectionState::Initiate)?;
        let connection = self.calls.get(id)?.caller()?.connection;
        self.tell_service_initiated(id, Device::Station(station));
        self.originate(id, station, number);
        Some(connection)
    }

    fn make_from_handset(&mut self, station: StationIx, number: Number) -> Option<ConnectionId> {
        let id = self.begin_from(station, Stage::Prompting(number), LocalConnectionState::Initiate)?;
        let connection = self.calls.get(id)?.caller()?.connection;
        self.timers.set(Timer::Alerting(id), self.now + self.times.prompting);
        self.tell_service_initiated(id, Device::Station(station));
        Some(connection)
    }
}
