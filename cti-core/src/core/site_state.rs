//! The state of a site at a moment (calls, agents, trunks), for those who show it.
//!
//! Never: changes anything.

use super::Core;
use crate::channel::State;
use crate::csta::{AgentId, AgentState, CallId, DeviceId, MonitorCrossRefId, SessionId};
use crate::device::{Device, QueueIx};
use crate::model::{Call, ConnectionState};
use crate::monitor::MonitorObject;

/// The place of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallInProgress {
    /// The call.
    pub call: CallId,
    /// The caller's number; empty if it is not known.
    pub caller: DeviceId,
    /// The device that has it.
    pub device: DeviceId,
    /// Its state there: it alerts, is queued, or is connected.
    pub state: ConnectionState,
}

impl Core {
    /// The monitors of devices that a session has.
    pub fn monitored_devices(&self, session: SessionId) -> Vec<(MonitorCrossRefId, DeviceId)> {
        let devices = self.monitors.of_session(session).filter_map(|(key, object)| match object {
            MonitorObject::Device(device) => Some((key.id, self.devices.id(device))),
            MonitorObject::CallsVia(_) | MonitorObject::Call(_) => None,
        });
        devices.collect()
    }

    /// The agents who are logged on, with their stations and states.
    pub fn logged_on_agents(&self) -> Vec<(AgentId, DeviceId, AgentState)> {
        let all = self.roster.iter().filter_map(|(_, person)| {
            let station = self.devices.station(person.agent.station()?).id;
            Some((person.id, station, person.agent.csta_state()))
        });
        all.collect()
    }

    /// The calls that have reached a device.
    pub fn calls_in_progress(&self) -> Vec<CallInProgress> {
        self.model.calls().filter_map(|call| self.call_in_progress(call)).collect()
    }

    /// The lines that are in service.
    pub fn lines_in_service(&self) -> Vec<DeviceId> {
        let trunks = self.devices.trunks().iter().map(|trunk| (trunk.id, trunk.channel));
        let stations = self.devices.stations().iter().map(|station| (station.id, station.channel));
        let lines = trunks.chain(stations);
        lines.filter(|(_, channel)| self.devices.state(*channel) != State::OutOfService).map(|(id, _)| id).collect()
    }

    /// The queues, those that a reload has left out included.
    pub fn queue_devices(&self) -> impl Iterator<Item = DeviceId> {
        (0..self.queues.len()).map(|ix| self.devices.id(Device::Queue(QueueIx(ix as u16))))
    }

    /// The trunks that are blocked for calls out.
    pub fn blocked_trunks(&self) -> Vec<DeviceId> {
        let trunks = (0..).zip(self.devices.trunks());
        let blocked = trunks.filter(|&(ix, _)| self.trunk_groups.is_blocked(crate::device::TrunkIx(ix)));
        blocked.map(|(_, trunk)| trunk.id).collect()
    }

    fn call_in_progress(&self, call: &Call) -> Option<CallInProgress> {
        let detail = self.details.get(&call.id)?;
        let reached = |device: Device, state: ConnectionState| match state {
            ConnectionState::Alerting => Some((0, state, device)),
            ConnectionState::Queued => Some((1, state, device)),
            ConnectionState::Connected | ConnectionState::Held => Some((2, ConnectionState::Connected, device)),
            ConnectionState::Initiated | ConnectionState::Failed => None,
        };
        let others = call.parties().filter(|party| detail.log.caller != Some(party.device));
        let (_, state, device) = others.filter_map(|party| reached(party.device, party.state)).min()?;
        Some(CallInProgress { call: call.id, caller: detail.calling.device, device: self.devices.id(device), state })
    }
}
