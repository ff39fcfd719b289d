//! Transfer and conference: two calls become one, without the device that asks for it or with it; each in a single step
//! too. The particulars of the two calls are merged in `merged_calls`.
//!
//! Never: sends an event; those follow from the changes.

use super::{BY_CLIENT, BY_SWITCH};
use crate::core::Core;
use crate::csta::cause::UniversalFailure as F;
use crate::csta::private::UserInfo;
use crate::csta::rights::ServiceGroup;
use crate::csta::tipring::SupervisionMode;
use crate::csta::{CallId, Connection, ConnectionDevice, ConnectionId, ConnectionList, DeviceId, Reply, SessionId};
use crate::device::Device;
use crate::model::{Reason, Role};
use crate::pending::Supervision;
use crate::route::dial_plan::Route;

type ServiceResult = Result<Reply, F>;

impl Core {
    /// CSTATransferCall: the two calls become one without the device.
    pub(super) fn transfer_call(
        &mut self,
        session: SessionId,
        held: ConnectionId,
        active: ConnectionId,
    ) -> ServiceResult {
        let (active, held, station) = self.pair(session, &active, &held)?;
        self.transfer(active, held, Device::Station(station), BY_CLIENT)?;
        self.commit();
        Ok(Reply::TransferCall { new_call: self.call_as_such(active), connections: self.connections(active) })
    }

    /// Merges two calls without the device. One who listened to a device that
    /// has left does not stay in the customer's call.
    pub(super) fn transfer(&mut self, active: CallId, held: CallId, device: Device, reason: Reason) -> Result<(), F> {
        self.can_merge(active, held)?;
        self.model.transfer(active, held, device, reason)?;
        let connections = self.model.call(active).map(|call| call.connections.clone()).unwrap_or_default();
        let is_left = |connection: &&crate::model::Connection| {
            let supervision = connection.device.station().and_then(|by| self.supervisions.get(&by));
            connection.role != Role::Party
                && supervision
                    .is_none_or(|it| connections.iter().all(|each| each.device != Device::Station(it.station)))
        };
        let left: Vec<_> = connections.iter().filter(is_left).collect();
        for observer in left {
            let _ = self.model.clear(active, observer.device, BY_SWITCH);
        }
        Ok(())
    }

    /// A call waits in one queue, or at one number, at a time.
    fn can_merge(&self, active: CallId, held: CallId) -> Result<(), F> {
        let has_place = |call: &CallId| self.details.get(call).is_some_and(|detail| detail.place.is_some());
        let waits = |call: &CallId| has_place(call) || self.number_of(*call).is_some();
        if [active, held].iter().all(waits) { Err(F::InvalidObjectState) } else { Ok(()) }
    }

    /// CSTAConferenceCall: the two calls become one, the device among its parties.
    pub(super) fn conference_call(
        &mut self,
        session: SessionId,
        held: ConnectionId,
        active: ConnectionId,
    ) -> ServiceResult {
        let (active, held, station) = self.pair(session, &active, &held)?;
        self.can_merge(active, held)?;
        self.model.conference(active, held, Device::Station(station), BY_CLIENT)?;
        self.commit();
        let new_call = self.connection_of(active, station);
        Ok(Reply::ConferenceCall { new_call, connections: self.connections(active) })
    }

    /// The connection that stands for a call after its controller has left: that of its first party.
    fn call_as_such(&self, call: CallId) -> ConnectionId {
        let first = self.details.get(&call).and_then(|detail| detail.parties.first());
        first.map_or(ConnectionId { call, ..ConnectionId::NONE }, |party| party.connection)
    }

    pub(super) fn connections(&self, call: CallId) -> ConnectionList {
        let parties = self.details.get(&call).map_or(&[][..], |detail| &detail.parties);
        parties.iter().map(|it| Connection { party: it.connection, static_device: it.name }).collect()
    }

    /// Single Step Conference (private 65): a device joins a call, as a party or as a silent observer.
    pub(super) fn single_step_conference(
        &mut self,
        session: SessionId,
        active: ConnectionId,
        joined: DeviceId,
        silent: bool,
    ) -> Result<ConnectionId, F> {
        let detail = self.watched_call(session, active.call)?;
        let call = detail.id;
        // A station of the call for which the user has the right: the one that is named, or any.
        let group = if silent { ServiceGroup::Supervise } else { ServiceGroup::Call };
        let rights = self.sessions.get(&session).ok_or(F::GenericSystemResourceAvailability)?;
        let stations = detail.parties.iter().filter(|party| !party.is_observer && party.device.station().is_some());
        let known = stations.filter(|party| rights.rights.permits(group, &party.connection.device));
        let named = |party: &&crate::call::Party| {
            active.device.is_empty()
                || active.kind == ConnectionDevice::Dynamic
                || party.connection.device == active.device
        };
        let known = known.into_iter().find(named).and_then(|party| party.device.station());
        let watched = known.ok_or(F::PrivilegeViolationOnSpecifiedDevice)?;
        let station = self.permitted(session, &joined)?.station().ok_or(F::InvalidObjectType)?;
        let mode = if silent { SupervisionMode::Listen } else { SupervisionMode::Barge };
        self.join_or_ring(call, station, Supervision { station: watched, mode, follow: false })?;
        Ok(self.connection_of(call, station))
    }

    /// Single Step Transfer (private 142): the call is held, another made, and the two become one.
    pub(super) fn single_step_transfer(
        &mut self,
        session: SessionId,
        active: ConnectionId,
        to: DeviceId,
    ) -> Result<ConnectionId, F> {
        let (call, station) = self.station_of(session, &active)?;
        self.model.judge(crate::model::Service::SingleStepTransfer, Device::Station(station), call, None)?;
        let number = self.dialled(&to, station)?;
        if let Some(Route::Station(to)) = self.dial_plan.route(&number)
            && (!self.is_free(to) || self.details.get(&call).is_some_and(|it| it.party(Device::Station(to)).is_some()))
            && self.features.forwards(to).is_empty()
        {
            return Err(F::ResourceBusy);
        }
        if let Some(Route::Outside(number)) = self.dial_plan.route(&number)
            && !self.has_trunk(&number)
        {
            return Err(F::ResourceBusy);
        }
        let Reply::ConsultationCall { new_call } = self.consultation_call(session, active, to)? else {
            return Err(F::GenericOperation);
        };
        self.commit();
        match self.transfer_call(session, active, new_call) {
            Ok(Reply::TransferCall { new_call, .. }) => Ok(new_call),
            Ok(_) => Err(F::GenericOperation),
            Err(_) => {
                // The destination could not be had: the party is back where it was.
                self.reconnect_call(session, new_call, active, UserInfo::default())?;
                Err(F::ResourceBusy)
            }
        }
    }
}
