//! The services of call control: make call, predictive call, answer, clear, hold, retrieve, alternate, reconnect,
//! consultation, deflect, pickup. Each is judged by the model's preconditions, claims the lines it needs, and steps.
//! Transfer and conference are in `transfer`.
//!
//! A telephone whose line is on hook takes part again only when it is lifted; so a service that connects a handset
//! needs it off hook, or rings it.
//!
//! Never: sends an event; those follow from the changes.

use tipring_driver::line::Number;

use super::{BY_CLIENT, BY_SWITCH};
use crate::call::{Dialling, Predictive};
use crate::channel::State;
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::csta::private::{AnswerTreatment, UserInfo};
use crate::csta::{
    AllocationState, CallId, ConnectionDevice, ConnectionId, DeviceId, LocalConnectionState, Reply, SessionId,
};
use crate::device::{Device, StationIx};
use crate::model::{ConnectionState, Reason};
use crate::route::dial_plan::{NotRouted, Route};

type ServiceResult = Result<Reply, F>;

impl Core {
    /// The device of a connection that exists, if the user may control it.
    fn connected(&self, session: SessionId, connection: &ConnectionId) -> Result<(CallId, Device), F> {
        let (call, device) = self.party_of(connection)?;
        self.permitted(session, &self.devices.id(device))?;
        Ok((call, device))
    }

    /// The device of a connection that exists.
    fn party_of(&self, connection: &ConnectionId) -> Result<(CallId, Device), F> {
        let detail = self.details.get(&connection.call).ok_or_else(|| self.model.missing(connection.call))?;
        let party = detail
            .parties
            .iter()
            .find(|party| party.connection.device == connection.device)
            .ok_or(F::InvalidCstaConnectionIdentifier)?;
        Ok((detail.id, party.device))
    }

    pub(super) fn station_of(&self, session: SessionId, connection: &ConnectionId) -> Result<(CallId, StationIx), F> {
        let (call, device) = self.connected(session, connection)?;
        Ok((call, device.station().ok_or(F::InvalidObjectType)?))
    }

    pub(super) fn connection_of(&self, call: CallId, station: StationIx) -> ConnectionId {
        ConnectionId { call, device: self.devices.station(station).id, kind: ConnectionDevice::Static }
    }

    /// CSTAAnswerCall: a headset takes a call that is alerting there. A handset has to be lifted by a hand.
    pub(super) fn answer_call(&mut self, session: SessionId, alerting: ConnectionId) -> ServiceResult {
        let (call, station) = self.station_of(session, &alerting)?;
        let device = Device::Station(station);
        self.model.judge(crate::model::Service::AnswerCall, device, call, None)?;
        if self.details.get(&call).is_some_and(|detail| detail.answering == Some(station)) {
            // It is being answered already.
            return Err(F::InvalidObjectState);
        }
        if self.is_answering(station) {
            return Err(F::GenericStateIncompatibility);
        }
        match self.devices.station(station).kind {
            // On hook, and nothing but a hand can change that.
            StationKind::Handset if !self.is_off_hook(station) => Err(F::GenericStateIncompatibility),
            StationKind::Handset => {
                self.answer(call, station);
                Ok(Reply::AnswerCall)
            }
            StationKind::Headset => {
                self.begin_answering(call, station);
                Ok(Reply::AnswerCall)
            }
        }
    }

    pub(super) fn is_off_hook(&self, station: StationIx) -> bool {
        self.devices.state(self.devices.station(station).channel) == State::InUse
    }

    /// CSTAClearConnection: one device is released from a call. A call that alerts there goes on to where it came from.
    /// The user-to-user information is that of its Connection Cleared.
    pub(super) fn clear_connection(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        user_info: UserInfo,
    ) -> ServiceResult {
        let (call, device) = self.connected(session, &connection)?;
        match (device, self.model.state(call, device)) {
            (Device::Queue(_) | Device::Park(_) | Device::Number(_), _) => return Err(F::InvalidObjectType),
            // A line that only rings cannot be put down: it would have to be answered first.
            (Device::Trunk(trunk), _) if self.devices.state(self.devices.trunk(trunk).channel) == State::Offered => {
                return Err(F::InvalidObjectState);
            }
            (Device::Station(station), Some(ConnectionState::Alerting)) => {
                if self.details.get(&call).is_some_and(|detail| detail.answering == Some(station)) {
                    // The answer was confirmed: it is completed, and then the connection cleared.
                    self.answer(call, station);
                    self.commit();
                } else {
                    self.stop_ringing(station).map_err(|_| F::ResourceBusy)?;
                    if self.comes_from_queue(call, station) {
                        self.take_back(call, station, EventCause::Redirected);
                        return Ok(Reply::ClearConnection);
                    }
                }
            }
            (Device::Station(station), Some(ConnectionState::Initiated)) => {
                self.stop_ringing(station).map_err(|_| F::ResourceBusy)?;
            }
            _ => {}
        }
        self.model.clear(call, device, BY_CLIENT)?;
        self.attach_to_clearing(call, user_info);
        Ok(Reply::ClearConnection)
    }

    /// CSTAClearCall: every device is released.
    pub(super) fn clear_call(&mut self, session: SessionId, call: ConnectionId) -> ServiceResult {
        let call = self.watched_call(session, call.call)?.id;
        if let Some(detail) = self.details.get_mut(&call) {
            detail.log_cleared(self.now, BY_CLIENT);
        }
        self.model.clear_call(call, BY_CLIENT)?;
        Ok(Reply::ClearCall)
    }

    /// CSTAMakeCall: a headset calls at once, a handset is rung first and calls when it is lifted.
    pub(super) fn make_call(&mut self, session: SessionId, calling: DeviceId, called: DeviceId) -> ServiceResult {
        let station = match self.permitted(session, &calling) {
            Ok(Device::Station(station)) => station,
            Ok(_) | Err(F::InvalidCstaDeviceIdentifier) => return Err(F::InvalidCallingDevice),
            Err(failure) => return Err(failure),
        };
        let number = self.dialled(&called, station)?;
        self.admit(&number)?;
        if self.devices.state(self.devices.station(station).channel) == State::OutOfService {
            return Err(F::ResourceOutOfService);
        }
        if !self.is_free(station) {
            return Err(F::GenericStateIncompatibility);
        }
        let id = match self.devices.station(station).kind {
            StationKind::Headset => {
                let id = self.begin_from(station, Dialling { number, is_prompted: false }, BY_CLIENT)?;
                self.commit();
                self.originate(id, station, number, BY_SWITCH);
                id
            }
            StationKind::Handset => {
                self.ring_to_begin(station, None, Dialling { number, is_prompted: true }, BY_CLIENT)?
            }
        };
        Ok(Reply::MakeCall { new_call: self.connection_of(id, station) })
    }

    /// The number of a destination, if it leads anywhere and the station may call it.
    pub(super) fn dialled(&self, called: &DeviceId, station: StationIx) -> Result<Number, F> {
        let number = match called.as_str().starts_with('+') {
            // A number as address books have it: no trunk prefix stands before it.
            true => self
                .numbers
                .dialled(called.as_str())
                .and_then(|number| self.dial_plan.outside(&Number::from(&number).ok()?)),
            false => Number::from(called.as_str()).ok(),
        };
        let number = number.ok_or(F::InvalidCalledDevice)?;
        self.dial_plan.route_for(&number, station).map(|_| number).map_err(NotRouted::failure)
    }

    /// CSTAMakePredictiveCall: a trunk is seized first; when its far end answers, the call enters the queue.
    ///
    /// An analogue line does not report that the far end is alerted, so a call cannot be allocated to an agent by that
    /// (INVALID_ALLOCATION_STATE). The number of rings is counted by the cadence of ringing, from the last digit on.
    /// Fax machines and modems are known by their tone; an answering machine is a person to the line.
    pub(super) fn make_predictive_call(
        &mut self,
        session: SessionId,
        (calling, called): (DeviceId, DeviceId),
        allocation: AllocationState,
        (rings, treatment): (i16, AnswerTreatment),
    ) -> ServiceResult {
        if allocation != AllocationState::CallEstablished {
            return Err(F::InvalidAllocationState);
        }
        let rings = u8::try_from(rings).map_err(|_| F::ValueOutOfRange)?;
        if let AnswerTreatment::Other(_) = treatment {
            return Err(F::ValueOutOfRange);
        }
        let predictive = Predictive {
            rings: Some(rings).filter(|&rings| rings > 0),
            drops_machine: treatment == AnswerTreatment::Drop,
            ..Predictive::default()
        };
        let Device::Queue(queue) = self.permitted(session, &calling)? else { return Err(F::InvalidCallingDevice) };
        let Some(Route::Outside(number)) = self.dial_plan.route(called.as_str()) else {
            return Err(F::InvalidCalledDevice);
        };
        let id = self.call_for_queue(queue, number, (false, predictive), BY_CLIENT)?;
        let new_call = ConnectionId { call: id, device: calling, kind: ConnectionDevice::Static };
        Ok(Reply::MakePredictiveCall { new_call })
    }

    /// CSTAHoldCall.
    pub(super) fn hold_call(&mut self, session: SessionId, active: ConnectionId) -> ServiceResult {
        let (call, station) = self.station_of(session, &active)?;
        self.model.hold(call, Device::Station(station), BY_CLIENT)?;
        Ok(Reply::HoldCall)
    }

    /// CSTARetrieveCall.
    pub(super) fn retrieve_call(&mut self, session: SessionId, held: ConnectionId) -> ServiceResult {
        let (call, station) = self.station_of(session, &held)?;
        if !self.is_off_hook(station) || self.is_answering(station) {
            return Err(F::GenericStateIncompatibility);
        }
        self.model.retrieve(call, Device::Station(station), BY_CLIENT)?;
        Ok(Reply::RetrieveCall)
    }

    /// Two connections of one device, in two calls.
    pub(super) fn pair(
        &self,
        session: SessionId,
        active: &ConnectionId,
        other: &ConnectionId,
    ) -> Result<(CallId, CallId, StationIx), F> {
        let (active, station) = self.station_of(session, active)?;
        let (other, again) = self.station_of(session, other)?;
        if station != again {
            return Err(F::InvalidCstaConnectionIdentifier);
        }
        Ok((active, other, station))
    }

    /// CSTAAlternateCall.
    pub(super) fn alternate_call(
        &mut self,
        session: SessionId,
        active: ConnectionId,
        other: ConnectionId,
    ) -> ServiceResult {
        let (active, other, station) = self.pair(session, &active, &other)?;
        let reason = Reason { cause: EventCause::Alternate, ..BY_CLIENT };
        self.model.alternate(active, other, Device::Station(station), reason)?;
        Ok(Reply::AlternateCall)
    }

    /// CSTAReconnectCall.
    pub(super) fn reconnect_call(
        &mut self,
        session: SessionId,
        active: ConnectionId,
        held: ConnectionId,
        user_info: UserInfo,
    ) -> ServiceResult {
        let (active, held, station) = self.pair(session, &active, &held)?;
        self.model.reconnect(active, held, Device::Station(station), BY_CLIENT)?;
        self.attach_to_clearing(active, user_info);
        Ok(Reply::ReconnectCall)
    }

    /// The next Connection Cleared of a call, which is yet to be reported, carries this.
    fn attach_to_clearing(&mut self, call: CallId, user_info: UserInfo) {
        if let Some(detail) = self.details.get_mut(&call) {
            detail.clearing_info = user_info;
        }
    }

    /// CSTAConsultationCall: the active call is held, and another is made from the same station.
    pub(super) fn consultation_call(
        &mut self,
        session: SessionId,
        active: ConnectionId,
        called: DeviceId,
    ) -> ServiceResult {
        let (call, station) = self.station_of(session, &active)?;
        let number = self.dialled(&called, station)?;
        let device = Device::Station(station);
        self.model.judge(crate::model::Service::ConsultationCall, device, call, None)?;
        self.model.hold(call, device, BY_CLIENT)?;
        self.commit();
        let reason = Reason { cause: EventCause::None, ..BY_CLIENT };
        let id = self.begin_from(station, Dialling { number, is_prompted: false }, reason)?;
        self.commit();
        self.originate(id, station, number, BY_SWITCH);
        Ok(Reply::ConsultationCall { new_call: self.connection_of(id, station) })
    }

    /// CSTADeflectCall: an alerting call goes to another device instead.
    pub(super) fn deflect_call(&mut self, session: SessionId, alerting: ConnectionId, to: DeviceId) -> ServiceResult {
        let (call, station) = self.station_of(session, &alerting)?;
        let device = Device::Station(station);
        self.model.judge(crate::model::Service::DeflectCall, device, call, None)?;
        let number = self.dialled(&to, station)?;
        let to = match self.dial_plan.route(&number) {
            Some(Route::Station(to)) if to == station => return Err(F::InvalidCalledDevice),
            Some(Route::Station(to)) if !self.is_free(to) => return Err(F::ResourceBusy),
            Some(Route::Station(to)) => Device::Station(to),
            Some(Route::Queue(to)) => Device::Queue(to),
            Some(Route::Outside(_)) | None => return Err(F::InvalidDestination),
        };
        if self.details.get(&call).is_some_and(|detail| detail.party(to).is_some()) {
            return Err(F::InvalidCalledDevice);
        }
        if matches!(to, Device::Queue(_)) && !self.model.can_offer(call, to) {
            return Err(F::ResourceBusy);
        }
        self.stop_ringing(station).map_err(|_| F::ResourceBusy)?;
        self.leave_queue(call, device, to);
        self.send_on(call, device, to, Reason { cause: EventCause::Redirected, ..BY_CLIENT });
        Ok(Reply::DeflectCall)
    }

    /// CSTAPickupCall: a station takes a call that alerts, waits or is parked elsewhere.
    pub(super) fn pickup_call(&mut self, session: SessionId, alerting: ConnectionId, by: DeviceId) -> ServiceResult {
        let (call, from) = self.connected(session, &alerting)?;
        let station = self.permitted(session, &by)?.station().ok_or(F::InvalidCalledDevice)?;
        self.pick_up(call, from, station)?;
        Ok(Reply::PickupCall)
    }

    /// CSTAGroupPickupCall: a station takes the call that alerts at another station of its group. Without a connection
    /// it is the one that has alerted longest.
    pub(super) fn group_pickup_call(
        &mut self,
        session: SessionId,
        alerting: ConnectionId,
        by: DeviceId,
    ) -> ServiceResult {
        let station = self.permitted(session, &by)?.station().ok_or(F::InvalidCalledDevice)?;
        let (call, from) = self.alerting_in_group(station)?;
        let (call, from) = if alerting == ConnectionId::NONE {
            (call, from)
        } else {
            let (call, from) = self.party_of(&alerting)?;
            if self.pickup_group(from) != self.pickup_group(Device::Station(station)) {
                return Err(F::InvalidDestination);
            }
            (call, from)
        };
        self.pick_up(call, from, station)?;
        Ok(Reply::GroupPickupCall)
    }

    /// The state of a device's own connection, for private replies.
    pub(super) fn is_busy(&self, device: Device) -> bool {
        let calls = self.model.appearances(device).map_or(&[][..], |it| it.calls());
        calls
            .iter()
            .any(|&call| self.model.state(call, device).is_some_and(|it| it.local() != LocalConnectionState::Null))
    }
}
