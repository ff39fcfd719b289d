//! What a client may ask, and what it is answered (the services built so far, in the order of their PDUs).

use super::event::CallData;
use super::{
    AgentId, AgentMode, AgentPassword, AgentState, ConnectionId, DeviceId, DeviceListLevel, DeviceType,
    ExtendedDeviceId, LocalConnectionState, SdbLevel, SystemStatus,
};
use crate::ids::MonitorCrossRefId;

/// A service request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// 3: answers a ringing connection.
    AnswerCall {
        /// The ringing connection.
        alerting_call: ConnectionId,
    },
    /// 9: releases one device from a call.
    ClearConnection {
        /// Its connection.
        call: ConnectionId,
    },
    /// 23: calls from one device to another.
    MakeCall {
        /// From where.
        calling_device: DeviceId,
        /// To where: an extension, a queue, or an outside number with its prefix.
        called_device: DeviceId,
    },
    /// 33: asks what the agent at a station is doing.
    QueryAgentState {
        /// The station.
        device: DeviceId,
    },
    /// 37: asks what a device is.
    QueryDeviceInfo {
        /// Which.
        device: DeviceId,
    },
    /// 49: changes what an agent is doing.
    SetAgentState {
        /// The station.
        device: DeviceId,
        /// What to become.
        mode: AgentMode,
        /// Who.
        agent_id: AgentId,
        /// For which group; empty for all the agent serves.
        agent_group: DeviceId,
        /// The agent's password; needed to log in.
        password: AgentPassword,
    },
    /// 98: asks how the switch is.
    SystemStatus,
    /// 100: asks to be told when that changes.
    SystemStatusStart {
        /// Which changes are not wanted, as the wire's bit string, most significant bit first.
        filter: u8,
    },
    /// 102: asks to be told no more.
    SystemStatusStop,
    /// 111: asks for the events of a device.
    MonitorDevice {
        /// Which.
        device: DeviceId,
        /// Which events are not wanted.
        filter: MonitorFilter,
    },
    /// 112: asks for the events of one call, wherever it goes, until it ends.
    MonitorCall {
        /// Any connection of the call.
        call: ConnectionId,
        /// Which events are not wanted.
        filter: MonitorFilter,
    },
    /// 113: asks for the events of every call that touches a device, wherever it goes, until it ends.
    MonitorCallsViaDevice {
        /// Which.
        device: DeviceId,
        /// Which events are not wanted.
        filter: MonitorFilter,
    },
    /// 117: ends a monitor.
    MonitorStop {
        /// Which.
        monitor: MonitorCrossRefId,
    },
    /// 120: asks who takes part in a call.
    SnapshotCall {
        /// Any connection of the call.
        call: ConnectionId,
    },
    /// 122: asks which calls are at a device.
    SnapshotDevice {
        /// Which.
        device: DeviceId,
    },
    /// 124: asks which services and events there are.
    GetApiCaps,
    /// 126: asks for the devices, up to 20 at a time.
    GetDeviceList {
        /// −1 to begin, then what the last answer gave.
        index: i32,
        /// Which list.
        level: DeviceListLevel,
    },
    /// 128: asks whether calls may be monitored by call.
    QueryCallMonitor,
}

/// The answer to a request that could be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// 4.
    AnswerCall,
    /// 10.
    ClearConnection,
    /// 24: the caller's connection in the new call.
    MakeCall {
        /// That connection.
        new_call: ConnectionId,
    },
    /// 34.
    QueryAgentState {
        /// What the agent is doing.
        state: AgentState,
    },
    /// 38.
    QueryDeviceInfo {
        /// The device asked for.
        device: DeviceId,
        /// What it is.
        kind: DeviceType,
    },
    /// 50.
    SetAgentState,
    /// 99.
    SystemStatus {
        /// How the switch is.
        status: SystemStatus,
    },
    /// 101.
    SystemStatusStart {
        /// The filter in force.
        filter: u8,
    },
    /// 103.
    SystemStatusStop,
    /// 114, to 111, 112 and 113.
    Monitor {
        /// The new monitor.
        monitor: MonitorCrossRefId,
        /// The filter in force.
        filter: MonitorFilter,
    },
    /// 118.
    MonitorStop,
    /// 121: every party of the call.
    SnapshotCall {
        /// The parties.
        parties: Vec<SnapshotCallEntry>,
    },
    /// 123: every call at the device.
    SnapshotDevice {
        /// The calls.
        calls: Vec<SnapshotDeviceEntry>,
    },
    /// 125: what is built.
    GetApiCaps(Capabilities),
    /// 127.
    GetDeviceList {
        /// What is checked of the user's rights.
        sdb_level: SdbLevel,
        /// The list asked for.
        level: DeviceListLevel,
        /// What to ask with next; −1 when this was the last.
        index: i32,
        /// At most 20 devices.
        devices: Vec<DeviceId>,
    },
    /// 129.
    QueryCallMonitor {
        /// Whether they may.
        allowed: bool,
    },
}

/// One party of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotCallEntry {
    /// The device.
    pub device: ExtendedDeviceId,
    /// Its connection.
    pub connection: ConnectionId,
    /// The connection's state.
    pub state: LocalConnectionState,
}

/// One call at a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotDeviceEntry {
    /// The device's connection.
    pub connection: ConnectionId,
    /// The states of all parties, the device's own first.
    pub states: Vec<LocalConnectionState>,
}

/// Which events a monitor does not want: a bit of 1 suppresses. Most significant bit first, as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonitorFilter {
    /// 14 bits: call cleared 0x8000, conferenced 0x4000, connection cleared 0x2000, delivered 0x1000, diverted 0x0800,
    /// established 0x0400, failed 0x0200, held 0x0100, network reached 0x0080, originated 0x0040, queued 0x0020,
    /// retrieved 0x0010, service initiated 0x0008, transferred 0x0004.
    pub call: u16,
    /// 4 bits: call information 0x80, do not disturb 0x40, forwarding 0x20, message waiting 0x10.
    pub feature: u8,
    /// 6 bits: logged on 0x80, logged off 0x40, not ready 0x20, ready 0x10, work not ready 0x08, work ready 0x04.
    pub agent: u8,
    /// 2 bits: back in service 0x80, out of service 0x40.
    pub maintenance: u8,
    /// Not zero: no private events.
    pub private: i32,
}

/// What is built, by the places of CSTA_GETAPI_CAPS_CONF (79 of them, in the standard's order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities(pub [bool; Capabilities::COUNT]);

impl Capabilities {
    /// How many services and events the standard lists.
    pub const COUNT: usize = 79;
}

/// What goes with a report to a monitor beyond the event itself.
pub type ReportData = Option<std::sync::Arc<CallData>>;
