//! Requests of clients (CSTARequest, PDUs 1 to 133), in the order of their PDUs (ECMA-179).
//!
//! A request is confirmed by the reply with the next number (111 to 113 by 114, routing answers and 92, 95, 109, 110 by
//! none), or refused by a failure. Refinements beyond the standard travel beside it
//! ([`RequestData`](crate::private::RequestData)).
//!
//! Never: knows what a service does.

use serde::{Deserialize, Serialize};

use crate::cause::UniversalFailure;
use crate::device::ForwardingInfo;
use crate::filter::MonitorFilter;
use crate::id::{
    AgentId, AgentPassword, ConnectionId, DeviceId, MonitorCrossRefId, RouteRegisterId, RoutingCrossRefId,
};
use crate::message::define_messages;
use crate::state::{AgentMode, AllocationState, DeviceListLevel, Feature, SystemStatus};

/// Hands the list of requests to a macro.
#[macro_export]
macro_rules! requests {
    ($callback:ident) => {
        $callback! {
        /// A service request.
        Request tag "request" {
            /// Alternate Call: holds the active call and retrieves the held one.
            1 AlternateCall {
                /// The active connection.
                active_call: ConnectionId,
                /// The held connection.
                other_call: ConnectionId,
            };
            /// Answer Call: answers an alerting connection.
            3 AnswerCall {
                /// The alerting connection.
                alerting_call: ConnectionId,
            };
            /// Call Completion: camp on, call back or intrude at a busy device.
            5 CallCompletion {
                /// The feature.
                feature: Feature,
                /// The failed or alerting connection.
                call: ConnectionId,
            };
            /// Clear Call: releases all devices from a call.
            7 ClearCall {
                /// Any connection of the call.
                call: ConnectionId,
            };
            /// Clear Connection: releases one device from a call.
            9 ClearConnection {
                /// Its connection.
                call: ConnectionId,
            };
            /// Conference Call: joins a held and an active call of one device.
            11 ConferenceCall {
                /// The held connection.
                held_call: ConnectionId,
                /// The active connection.
                active_call: ConnectionId,
            };
            /// Consultation Call: holds the active call and makes another.
            13 ConsultationCall {
                /// The active connection.
                active_call: ConnectionId,
                /// The device to consult.
                called_device: DeviceId,
            };
            /// Deflect Call: sends an alerting call to another device.
            15 DeflectCall {
                /// The alerting connection.
                deflect_call: ConnectionId,
                /// The destination.
                called_device: DeviceId,
            };
            /// Call Pickup: takes a call that alerts at another device.
            17 PickupCall {
                /// The alerting connection.
                deflect_call: ConnectionId,
                /// The device that takes it.
                called_device: DeviceId,
            };
            /// Group Pickup: takes a call that alerts in the pickup group.
            19 GroupPickupCall {
                /// The alerting connection.
                deflect_call: ConnectionId,
                /// The device that takes it.
                pickup_device: DeviceId,
            };
            /// Hold Call: holds a connection.
            21 HoldCall {
                /// The connection.
                active_call: ConnectionId,
                /// True if the channel stays reserved.
                reservation: bool,
            };
            /// Make Call: calls from one device to another.
            23 MakeCall {
                /// The calling device.
                calling_device: DeviceId,
                /// The destination: an extension, a queue, or an outside number with its prefix.
                called_device: DeviceId,
            };
            /// Make Predictive Call: calls the called device first, then delivers to the calling one.
            25 MakePredictiveCall {
                /// The queue or group that gets the call.
                calling_device: DeviceId,
                /// The device that is called first.
                called_device: DeviceId,
                /// State of the call at which it is delivered.
                allocation_state: AllocationState,
            };
            /// Query Message Waiting Indicator: asks whether the lamp of a device is lit.
            27 QueryMessageWaiting {
                /// The device.
                device: DeviceId,
            };
            /// Query Do Not Disturb: asks whether a device refuses calls.
            29 QueryDoNotDisturb {
                /// The device.
                device: DeviceId,
            };
            /// Query Forwarding: asks for the forwardings of a device.
            31 QueryForwarding {
                /// The device.
                device: DeviceId,
            };
            /// Query Agent State: asks for the state of the agent at a station.
            33 QueryAgentState {
                /// The device.
                device: DeviceId,
            };
            /// Query Last Number: asks for the number a device called last.
            35 QueryLastNumber {
                /// The device.
                device: DeviceId,
            };
            /// Query Device Information: asks for the kind of a device.
            37 QueryDeviceInfo {
                /// The device.
                device: DeviceId,
            };
            /// Reconnect Call: clears the active call and retrieves the held one.
            39 ReconnectCall {
                /// The active connection.
                active_call: ConnectionId,
                /// The held connection.
                held_call: ConnectionId,
            };
            /// Retrieve Call: takes back a held connection.
            41 RetrieveCall {
                /// The held connection.
                held_call: ConnectionId,
            };
            /// Set Message Waiting Indicator: lights the lamp of a device or puts it out.
            43 SetMessageWaiting {
                /// The device.
                device: DeviceId,
                /// True to light it.
                messages: bool,
            };
            /// Set Do Not Disturb: lets a device refuse calls or take them.
            45 SetDoNotDisturb {
                /// The device.
                device: DeviceId,
                /// True to refuse calls.
                do_not_disturb: bool,
            };
            /// Set Forwarding: sets or ends a forwarding of a device.
            47 SetForwarding {
                /// The device.
                device: DeviceId,
                /// The forwarding.
                forward: ForwardingInfo,
            };
            /// Set Agent State: changes the state of an agent.
            49 SetAgentState {
                /// The station.
                device: DeviceId,
                /// The state asked for.
                #[serde(rename = "agentMode")]
                mode: AgentMode,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
                /// The group; empty for all the agent serves.
                agent_group: DeviceId,
                /// The agent's password; needed to log in.
                #[serde(rename = "agentPassword")]
                password: AgentPassword,
            };
            /// Transfer Call: joins a held and an active call of one device, which leaves.
            51 TransferCall {
                /// The held connection.
                held_call: ConnectionId,
                /// The active connection.
                active_call: ConnectionId,
            };
            /// Route Register: asks to route the calls of a device.
            78 RouteRegister {
                /// The routing device; `AllRouteAddress` for all of them.
                routing_device: DeviceId,
            };
            /// Route Register Cancel: ends a registration.
            80 RouteRegisterCancel {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
            };
            /// Route Select: answers a route request with a destination.
            132 | 84 RouteSelect {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
                /// The destination.
                route_selected: DeviceId,
                /// Further destinations left; -1 no list, -2 no count.
                remain_retry: i16,
                /// Set-up information, unused.
                setup_information: SetupInformation,
                /// True to ask for Route Used.
                route_used_req: bool,
            };
            /// Route End: ends a routing dialogue without a destination.
            133 | 88 RouteEnd {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
                /// The reason.
                #[serde(rename = "errorValue")]
                error: UniversalFailure,
            };
            /// Escape: a vendor service, which is private data only.
            89 Escape;
            /// Escape Confirmation: answers an escape request of the switch.
            92 EscapeConf {
                /// The result.
                #[serde(rename = "errorValue")]
                error: UniversalFailure,
            };
            /// Send Private: a private event of the client, not confirmed.
            95 SendPrivate;
            /// Request System Status: asks for the state of the switch.
            98 SystemStatus;
            /// System Status Start: asks for changes of that state.
            100 SystemStatusStart {
                /// Changes that are not wanted: a bit a status, initializing 0x80 to overload relieved 0x01.
                #[serde(rename = "statusFilter")]
                filter: u8,
            };
            /// System Status Stop: ends them.
            102 SystemStatusStop;
            /// Change System Status Filter: changes which of them are wanted.
            104 ChangeSystemStatusFilter {
                /// Changes that are not wanted: a bit a status, initializing 0x80 to overload relieved 0x01.
                #[serde(rename = "statusFilter")]
                filter: u8,
            };
            /// System Status Confirmation: answers the switch's question for the client's state.
            109 SystemStatusConf {
                /// The client's state.
                #[serde(rename = "systemStatus")]
                status: SystemStatus,
            };
            /// System Status Event: reports a change of the client's state (CSTAEventReport), not confirmed.
            110 SystemStatusEvent {
                /// The client's state.
                #[serde(rename = "systemStatus")]
                status: SystemStatus,
            };
            /// Monitor Device: asks for the events of a device.
            111 MonitorDevice {
                /// The device.
                #[serde(rename = "deviceID")]
                device: DeviceId,
                /// Events that are not wanted.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// Monitor Call: asks for the events of one call, wherever it goes, until it ends.
            112 MonitorCall {
                /// Any connection of the call.
                call: ConnectionId,
                /// Events that are not wanted.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// Monitor Calls Via Device: asks for the events of every call that touches a device, until it ends.
            113 MonitorCallsViaDevice {
                /// The device.
                #[serde(rename = "deviceID")]
                device: DeviceId,
                /// Events that are not wanted.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// Change Monitor Filter: changes which events of a monitor are wanted.
            115 ChangeMonitorFilter {
                /// The monitor.
                #[serde(rename = "monitorCrossRefID")]
                monitor: MonitorCrossRefId,
                /// Events that are not wanted.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// Monitor Stop: ends a monitor.
            117 MonitorStop {
                /// The monitor.
                #[serde(rename = "monitorCrossRefID")]
                monitor: MonitorCrossRefId,
            };
            /// Snapshot Call: asks for the parties of a call.
            120 SnapshotCall {
                /// Any connection of the call.
                #[serde(rename = "snapshotObject")]
                call: ConnectionId,
            };
            /// Snapshot Device: asks for the calls at a device.
            122 SnapshotDevice {
                /// The device.
                #[serde(rename = "snapshotObject")]
                device: DeviceId,
            };
            /// Get API Capabilities: asks for the services and events there are.
            124 GetApiCaps;
            /// Get Device List: asks for the devices, up to 20 at a time.
            126 GetDeviceList {
                /// -1 to begin, then the index of the last reply.
                index: i32,
                /// The list.
                level: DeviceListLevel,
            };
            /// Query Call Monitor: asks whether calls may be monitored by call.
            128 QueryCallMonitor;
        }
        }
    };
}

requests!(define_messages);

impl Request {
    /// Returns true if the client waits for a reply or a failure.
    ///
    /// The exceptions are the answers to the switch's own requests (92 escape, 109 system status), the routing answers,
    /// which Route Used and Route End answer, and the client's own events (95, 110).
    pub const fn is_confirmed(pdu: u16) -> bool {
        !matches!(pdu, 84 | 88 | 92 | 95 | 109 | 110 | 132 | 133)
    }
}

/// Set-up information of a routed call: octets that are passed on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SetupInformation(pub Vec<u8>);

/// Routing device that stands for all of them in a registration.
pub const ALL_ROUTE_ADDRESS: &str = "AllRouteAddress";
