//! Devices and calls as they are, and the other questions of clients that change nothing but who is told what.

use std::collections::BTreeSet;

use super::monitor::{MonitorKey, Watched};
use crate::call::device::Device;
use crate::call::model::Call;
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure;
use crate::csta::request::{MonitorFilter, Reply, SnapshotCallEntry, SnapshotDeviceEntry};
use crate::csta::{ConnectionId, DeviceClass, DeviceId, DeviceListLevel, SdbLevel};
use crate::ids::{MonitorCrossRefId, SessionId};
use crate::limits::DEVICE_LIST_PAGE;

impl Core {
    /// CSTASnapshotCall: every party of a call with its state.
    pub(crate) fn snapshot_call(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
    ) -> Result<Reply, UniversalFailure> {
        let call = self.watched_call(session, &connection)?;
        let parties = call
            .parties
            .iter()
            .map(|party| SnapshotCallEntry { device: party.name, connection: party.connection, state: party.state })
            .collect();
        Ok(Reply::SnapshotCall { parties })
    }

    /// CSTASnapshotDevice: every call at a device, its own state first.
    pub(crate) fn snapshot_device(&mut self, session: SessionId, device: DeviceId) -> Result<Reply, UniversalFailure> {
        let device = self.permitted(session, &device)?;
        let entry = |id: CallId| {
            let call = self.calls.get(id)?;
            let own = call.party(device)?;
            let others = call.parties.iter().filter(|party| party.device != device).map(|party| party.state);
            let states = core::iter::once(own.state).chain(others).collect();
            Some(SnapshotDeviceEntry { connection: own.connection, states })
        };
        let calls = match device {
            Device::Queue(queue) => self.queues[queue.0 as usize].calls().filter_map(entry).collect(),
            Device::Trunk(_) | Device::Station(_) => self.devices.call(device).into_iter().filter_map(entry).collect(),
        };
        Ok(Reply::SnapshotDevice { calls })
    }

    /// The call of a connection, if the user may watch one of its parties.
    fn watched_call(&self, session: SessionId, connection: &ConnectionId) -> Result<&Call, UniversalFailure> {
        let call = self.calls.get(connection.call).ok_or(UniversalFailure::InvalidCstaCallIdentifier)?;
        let known = connection.device.is_empty()
            || call.parties.iter().any(|party| party.connection.device == connection.device);
        if !known {
            return Err(UniversalFailure::InvalidCstaConnectionIdentifier);
        }
        let may = call.parties.iter().any(|party| self.permitted(session, &self.devices.id(party.device)).is_ok());
        if may { Ok(call) } else { Err(UniversalFailure::PrivilegeViolationOnSpecifiedDevice) }
    }

    /// CSTAMonitorDevice, and CSTAMonitorCallsViaDevice.
    pub(crate) fn monitor_device(
        &mut self,
        session: SessionId,
        device: DeviceId,
        filter: MonitorFilter,
        via: bool,
    ) -> Result<Reply, UniversalFailure> {
        let device = self.permitted(session, &device)?;
        let watched = if via { Watched::CallsVia(device) } else { Watched::Device(device) };
        let key = self.monitors.begin(session, watched, filter)?;
        if via {
            // Calls that are at the device already are followed, too.
            let calls: Vec<CallId> = match device {
                Device::Queue(queue) => self.queues[queue.0 as usize].calls().collect(),
                Device::Trunk(_) | Device::Station(_) => self.devices.call(device).into_iter().collect(),
            };
            for call in calls {
                if let Some(call) = self.calls.get_mut(call) {
                    call.followers.push(key);
                }
            }
        }
        Ok(Reply::Monitor { monitor: key.id, filter })
    }

    /// CSTAMonitorCall.
    pub(crate) fn monitor_call(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        filter: MonitorFilter,
    ) -> Result<Reply, UniversalFailure> {
        let call = self.watched_call(session, &connection)?.id;
        let key = self.monitors.begin(session, Watched::Call(call), filter)?;
        if let Some(call) = self.calls.get_mut(call) {
            call.followers.push(key);
        }
        Ok(Reply::Monitor { monitor: key.id, filter })
    }

    /// CSTAMonitorStop.
    pub(crate) fn monitor_stop(
        &mut self,
        session: SessionId,
        id: MonitorCrossRefId,
    ) -> Result<Reply, UniversalFailure> {
        let key = MonitorKey { session, id };
        let monitor = self.monitors.end(key).ok_or(UniversalFailure::InvalidCrossRefId)?;
        if let Watched::Call(call) = monitor.watched
            && let Some(call) = self.calls.get_mut(call)
        {
            call.followers.retain(|follower| *follower != key);
        }
        Ok(Reply::MonitorStop)
    }

    /// CSTAQueryDeviceInfo.
    pub(crate) fn query_device_info(
        &mut self,
        session: SessionId,
        device: DeviceId,
    ) -> Result<Reply, UniversalFailure> {
        let kind = self.permitted(session, &device)?.device_type();
        Ok(Reply::QueryDeviceInfo { device, kind, class: DeviceClass::VOICE })
    }

    /// CSTAGetDeviceList: the user's devices of a level, from `index` on.
    pub(crate) fn device_list(
        &mut self,
        session: SessionId,
        index: i32,
        level: DeviceListLevel,
    ) -> Result<Reply, UniversalFailure> {
        let rights = self.sessions.get(&session).ok_or(UniversalFailure::GenericSystemResourceAvailability)?;
        let rights: Option<&BTreeSet<DeviceId>> = rights.rights.as_deref();
        let from = match index {
            -1 => 0,
            index => usize::try_from(index).map_err(|_| UniversalFailure::ValueOutOfRange)?,
        };
        let listed = |device: Device| match level {
            DeviceListLevel::HomeWorkTop | DeviceListLevel::CallControl => matches!(device, Device::Station(_)),
            DeviceListLevel::DeviceDeviceMonitor | DeviceListLevel::CallDeviceMonitor => true,
            // Nobody's devices may be borrowed, and no device is routed by clients. Monitoring by call needs no device.
            DeviceListLevel::AwayWorkTop | DeviceListLevel::Routing | DeviceListLevel::CallCallMonitor => false,
        };
        let mut rest = self
            .devices
            .all()
            .filter(|(id, device)| listed(*device) && rights.is_none_or(|rights| rights.contains(id)))
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
