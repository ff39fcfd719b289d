//! Replies to requests that were carried out (CSTAConfirmation), in the order of their PDUs (ECMA-179).
//!
//! Data beyond the standard travel beside a reply ([`ReplyData`](crate::private::ReplyData)).
//!
//! Never: knows how a reply comes about.

use serde::{Deserialize, Serialize};

use crate::capabilities::Capabilities;
use crate::device::{ConnectionList, DeviceClass, DeviceType, ExtendedDeviceId, ForwardingInfo};
use crate::filter::MonitorFilter;
use crate::id::{ConnectionId, DeviceId, MonitorCrossRefId, RouteRegisterId};
use crate::message::define_messages;
use crate::state::{AgentState, DeviceListLevel, LocalConnectionState, SdbLevel, SystemStatus};

/// Hands the list of replies to a macro.
#[macro_export]
macro_rules! replies {
    ($callback:ident) => {
        $callback! {
        /// The answer to a request that was carried out.
        Reply tag "reply" {
            /// Confirmation of CSTAAlternateCall.
            2 AlternateCall;
            /// Confirmation of CSTAAnswerCall.
            4 AnswerCall;
            /// Confirmation of CSTACallCompletion.
            6 CallCompletion;
            /// Confirmation of CSTAClearCall.
            8 ClearCall;
            /// Confirmation of CSTAClearConnection.
            10 ClearConnection;
            /// The conference.
            12 ConferenceCall {
                /// The requester's connection in the resulting call.
                new_call: ConnectionId,
                /// All parties of the resulting call.
                #[serde(rename = "connList")]
                connections: ConnectionList,
            };
            /// The new call.
            14 ConsultationCall {
                /// The caller's connection in the new call.
                new_call: ConnectionId,
            };
            /// Confirmation of CSTADeflectCall.
            16 DeflectCall;
            /// Confirmation of CSTAPickupCall.
            18 PickupCall;
            /// Confirmation of CSTAGroupPickupCall.
            20 GroupPickupCall;
            /// Confirmation of CSTAHoldCall.
            22 HoldCall;
            /// The new call.
            24 MakeCall {
                /// The caller's connection in the new call.
                new_call: ConnectionId,
            };
            /// The new call.
            26 MakePredictiveCall {
                /// The calling device's connection in the new call.
                new_call: ConnectionId,
            };
            /// The lamp.
            28 QueryMessageWaiting {
                /// True if it is lit.
                messages: bool,
            };
            /// Do not disturb.
            30 QueryDoNotDisturb {
                /// True if the device refuses calls.
                do_not_disturb: bool,
            };
            /// The forwardings.
            32 QueryForwarding {
                /// At most 7.
                forward: Vec<ForwardingInfo>,
            };
            /// The state of the agent.
            34 QueryAgentState {
                /// The state.
                #[serde(rename = "agentState")]
                state: AgentState,
            };
            /// The number called last.
            36 QueryLastNumber {
                /// The number; empty if there is none.
                last_number: DeviceId,
            };
            /// The kind of the device.
            38 QueryDeviceInfo {
                /// The device asked for.
                device: DeviceId,
                /// Its kind.
                #[serde(rename = "deviceType")]
                kind: DeviceType,
                /// Its media.
                #[serde(rename = "deviceClass")]
                class: DeviceClass,
            };
            /// Confirmation of CSTAReconnectCall.
            40 ReconnectCall;
            /// Confirmation of CSTARetrieveCall.
            42 RetrieveCall;
            /// Confirmation of CSTASetMsgWaitingInd.
            44 SetMessageWaiting;
            /// Confirmation of CSTASetDoNotDisturb.
            46 SetDoNotDisturb;
            /// Confirmation of CSTASetForwarding.
            48 SetForwarding;
            /// Confirmation of CSTASetAgentState.
            50 SetAgentState;
            /// The resulting call.
            52 TransferCall {
                /// A remaining party in the resulting call, or the call as such.
                new_call: ConnectionId,
                /// All parties of the resulting call.
                #[serde(rename = "connList")]
                connections: ConnectionList,
            };
            /// The registration.
            79 RouteRegister {
                /// The registration.
                #[serde(rename = "registerReqID")]
                register: RouteRegisterId,
            };
            /// The registration is over.
            81 RouteRegisterCancel {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
            };
            /// The vendor service is done; its result is private data.
            90 Escape;
            /// The state of the switch.
            99 SystemStatus {
                /// The state.
                #[serde(rename = "systemStatus")]
                status: SystemStatus,
            };
            /// Changes are reported.
            101 SystemStatusStart {
                /// The filter in force.
                #[serde(rename = "statusFilter")]
                filter: u8,
            };
            /// Confirmation of CSTASysStatStop.
            103 SystemStatusStop;
            /// The filter is changed.
            105 ChangeSystemStatusFilter {
                /// The filter asked for.
                #[serde(rename = "statusFilterSelected")]
                selected: u8,
                /// The filter in force.
                #[serde(rename = "statusFilterActive")]
                active: u8,
            };
            /// The monitor, to 111, 112 and 113.
            114 Monitor {
                /// The monitor.
                #[serde(rename = "monitorCrossRefID")]
                monitor: MonitorCrossRefId,
                /// The filter in force.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// The filter is changed.
            116 ChangeMonitorFilter {
                /// The filter in force.
                #[serde(rename = "monitorFilter")]
                filter: MonitorFilter,
            };
            /// Confirmation of CSTAMonitorStop.
            118 MonitorStop;
            /// Every party of the call.
            121 SnapshotCall {
                /// The parties.
                #[serde(rename = "snapshotData")]
                parties: Vec<SnapshotCallEntry>,
            };
            /// Every call at the device.
            123 SnapshotDevice {
                /// The calls.
                #[serde(rename = "snapshotData")]
                calls: Vec<SnapshotDeviceEntry>,
            };
            /// The services and events there are.
            125 GetApiCaps {
                /// One place a service or event.
                capabilities: Capabilities,
            };
            /// A part of the list.
            127 GetDeviceList {
                /// Extent of the check of the user's rights.
                #[serde(rename = "driverSdbLevel")]
                sdb_level: SdbLevel,
                /// The list asked for.
                level: DeviceListLevel,
                /// Index of the next request; -1 when this was the last part.
                index: i32,
                /// At most 20 devices.
                #[serde(rename = "devList")]
                devices: Vec<DeviceId>,
            };
            /// Permission to monitor calls by call.
            129 QueryCallMonitor {
                /// True if permitted.
                #[serde(rename = "callMonitor")]
                allowed: bool,
            };
        }
        }
    };
}

replies!(define_messages);

/// One party of a call (CSTASnapshotCallResponseInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SnapshotCallEntry {
    /// The device.
    #[serde(rename = "deviceOnCall")]
    pub device: ExtendedDeviceId,
    /// Its connection.
    #[serde(rename = "callIdentifier")]
    pub connection: ConnectionId,
    /// The connection's state.
    #[serde(rename = "localConnectionState")]
    pub state: LocalConnectionState,
}

/// One call at a device (CSTASnapshotDeviceResponseInfo).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SnapshotDeviceEntry {
    /// The device's connection.
    #[serde(rename = "callIdentifier")]
    pub connection: ConnectionId,
    /// The states of all parties, the device's own first.
    #[serde(rename = "localCallState")]
    pub states: Vec<LocalConnectionState>,
}
