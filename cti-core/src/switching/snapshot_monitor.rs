//! Query services, CSTASnapshotCall and CSTASnapshotDevice, and the start and stop of monitors.
//!
//! Never: changes a call.

use crate::call::Detail;
use crate::core::Core;
use crate::csta::cause::UniversalFailure;
use crate::csta::private::{ReplyData, VendorDeviceType};
use crate::csta::reply::{SnapshotCallEntry, SnapshotDeviceEntry};
use crate::csta::rights::ServiceGroup;
use crate::csta::vendor::{UnicodeName, VendorReply};
use crate::csta::{
    CallId, ConnectionId, DeviceClass, DeviceId, DeviceListLevel, MonitorCrossRefId, MonitorFilter, Reply, SdbLevel,
    SessionId,
};
use crate::device::Device;
use crate::limits::DEVICE_LIST_PAGE;
use crate::monitor::{MonitorKey, MonitorObject};

impl Core {
    /// The device of a name, if the session's user may observe it. The right that a service needs beside is judged
    /// before it is carried out.
    pub(super) fn permitted(&self, session: SessionId, id: &DeviceId) -> Result<Device, UniversalFailure> {
        let session = self.sessions.get(&session).ok_or(UniversalFailure::GenericSystemResourceAvailability)?;
        // Of a device outside its rights a user does not learn whether it exists.
        if !session.rights.permits(ServiceGroup::Observe, id) {
            return Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice);
        }
        self.devices.find(id).ok_or(UniversalFailure::InvalidCstaDeviceIdentifier)
    }

    /// The call that a connection names, if the user may watch one of its parties. The call's number alone decides.
    pub(super) fn watched_call(&self, session: SessionId, call: CallId) -> Result<&Detail, UniversalFailure> {
        let detail = self.details.get(&call).ok_or_else(|| self.model.missing(call))?;
        let may = detail.parties.iter().any(|party| self.permitted(session, &self.devices.id(party.device)).is_ok());
        if may { Ok(detail) } else { Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice) }
    }

    /// Query Device Name of the vendor dialect: a station has the name of the agent who is logged on there; a device of
    /// no name has its number.
    pub(super) fn device_name(&self, session: SessionId, id: DeviceId) -> Result<VendorReply, UniversalFailure> {
        let device = self.permitted(session, &id)?;
        let (kind, agent) = match device {
            Device::Station(station) => (VendorDeviceType::Station, self.devices.station(station).agent),
            Device::Queue(_) => (VendorDeviceType::AcdSplit, None),
            Device::Number(_) => (VendorDeviceType::Vdn, None),
            Device::Trunk(_) | Device::Park(_) => (VendorDeviceType::OtherDevice, None),
        };
        let name = agent.map_or_else(|| id.as_str().to_owned(), |agent| self.roster.get(agent).name.clone());
        // A name that is not ASCII stands in its second form alone.
        let plain = DeviceId::new(&name).unwrap_or(DeviceId::EMPTY);
        Ok(VendorReply::QueryDeviceName { kind, device: id, name: plain, unicode_name: UnicodeName(name) })
    }

    /// CSTASnapshotCall: every party of a call with its state, and the data of the call as an event would carry them.
    pub(super) fn snapshot_call(
        &self,
        session: SessionId,
        call: ConnectionId,
    ) -> Result<(Reply, Option<Box<ReplyData>>), UniversalFailure> {
        let detail = self.watched_call(session, call.call)?;
        let entry = |party: &crate::call::Party| SnapshotCallEntry {
            device: party.name,
            connection: party.connection,
            state: party.state,
        };
        let data = ReplyData { call: Some(detail.data.clone()), ..ReplyData::default() };
        Ok((Reply::SnapshotCall { parties: detail.parties.iter().map(entry).collect() }, Some(Box::new(data))))
    }

    /// CSTASnapshotDevice: every call at a device, its own state first.
    pub(super) fn snapshot_device(&self, session: SessionId, device: DeviceId) -> Result<Reply, UniversalFailure> {
        let device = self.permitted(session, &device)?;
        let entry = |id: CallId| {
            let detail = self.details.get(&id)?;
            let own = detail.party(device)?;
            let others = detail.parties.iter().filter(|party| party.device != device).map(|party| party.state);
            let states = core::iter::once(own.state).chain(others).collect();
            Some(SnapshotDeviceEntry { connection: own.connection, states })
        };
        Ok(Reply::SnapshotDevice { calls: self.calls_at(device).into_iter().filter_map(entry).collect() })
    }

    /// The calls at a device.
    fn calls_at(&self, device: Device) -> Vec<CallId> {
        match self.model.appearances(device) {
            Some(appearances) => appearances.calls().to_vec(),
            None => self.model.calls().filter(|call| call.at(device).is_some()).map(|call| call.id).collect(),
        }
    }

    /// CSTAMonitorDevice, and CSTAMonitorCallsViaDevice.
    pub(super) fn monitor_device(
        &mut self,
        session: SessionId,
        device: DeviceId,
        filter: MonitorFilter,
        via: bool,
    ) -> Result<Reply, UniversalFailure> {
        let device = self.permitted(session, &device)?;
        let object = if via { MonitorObject::CallsVia(device) } else { MonitorObject::Device(device) };
        let key = self.monitors.begin(session, object, filter)?;
        if via {
            // Calls that are at the device already are followed, too.
            for call in self.calls_at(device) {
                self.monitors.follow(key, call);
            }
        }
        Ok(Reply::Monitor { monitor: key.id, filter })
    }

    /// CSTAMonitorCall.
    pub(super) fn monitor_call(
        &mut self,
        session: SessionId,
        call: ConnectionId,
        filter: MonitorFilter,
    ) -> Result<Reply, UniversalFailure> {
        let call = self.watched_call(session, call.call)?.id;
        let key = self.monitors.begin(session, MonitorObject::Call(call), filter)?;
        self.monitors.follow(key, call);
        Ok(Reply::Monitor { monitor: key.id, filter })
    }

    /// CSTAMonitorStop.
    pub(super) fn monitor_stop(
        &mut self,
        session: SessionId,
        id: MonitorCrossRefId,
    ) -> Result<Reply, UniversalFailure> {
        self.monitors.end(MonitorKey { session, id }).ok_or(UniversalFailure::InvalidCrossRefId)?;
        Ok(Reply::MonitorStop)
    }

    /// CSTAChangeMonitorFilter.
    pub(super) fn change_filter(
        &mut self,
        session: SessionId,
        id: MonitorCrossRefId,
        filter: MonitorFilter,
    ) -> Result<Reply, UniversalFailure> {
        match self.monitors.set_filter(MonitorKey { session, id }, filter) {
            true => Ok(Reply::ChangeMonitorFilter { filter }),
            false => Err(UniversalFailure::InvalidCrossRefId),
        }
    }

    /// CSTAQueryDeviceInfo.
    pub(super) fn query_device_info(&self, session: SessionId, device: DeviceId) -> Result<Reply, UniversalFailure> {
        let kind = self.permitted(session, &device)?.device_type();
        Ok(Reply::QueryDeviceInfo { device, kind, class: DeviceClass::VOICE })
    }

    /// CSTAGetDeviceList: the user's devices of a level, from `index` on.
    pub(super) fn device_list(
        &self,
        session: SessionId,
        index: i32,
        level: DeviceListLevel,
    ) -> Result<Reply, UniversalFailure> {
        let session = self.sessions.get(&session).ok_or(UniversalFailure::GenericSystemResourceAvailability)?;
        let observed = session.rights.observed();
        let from = match index {
            -1 => 0,
            index => usize::try_from(index).map_err(|_| UniversalFailure::ValueOutOfRange)?,
        };
        let listed = |device: Device| match level {
            DeviceListLevel::HomeWorkTop | DeviceListLevel::CallControl => device.station().is_some(),
            DeviceListLevel::DeviceDeviceMonitor | DeviceListLevel::CallDeviceMonitor => true,
            // No device may be borrowed, and none is routed by clients. Monitoring by call needs no device.
            DeviceListLevel::AwayWorkTop | DeviceListLevel::Routing | DeviceListLevel::CallCallMonitor => false,
        };
        let mut rest = self
            .devices
            .all()
            .filter(|(id, device)| listed(*device) && observed.contains(id))
            .map(|(id, _)| id)
            .skip(from);
        let devices: Vec<DeviceId> = rest.by_ref().take(DEVICE_LIST_PAGE).collect();
        let index = match rest.next() {
            Some(_) => i32::try_from(from + devices.len()).unwrap_or(-1),
            None => -1,
        };
        Ok(Reply::GetDeviceList { sdb_level: SdbLevel::AcsAndCsta, level, index, devices })
    }
}
