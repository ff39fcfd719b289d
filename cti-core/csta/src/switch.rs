//! Messages of the switch that are neither replies nor events of a monitor: its own requests (CSTARequest from server
//! to client: routing, escape, system status) and its reports (CSTAEventReport).
//!
//! Never: decides when the switch sends one.

use crate::cause::UniversalFailure;
use crate::device::ExtendedDeviceId;
use crate::id::{ConnectionId, RouteRegisterId, RoutingCrossRefId};
use crate::message::define_messages;
use crate::request::SetupInformation;
use crate::state::{SelectValue, SystemStatus};

/// Hands the list of the switch's requests to a macro.
#[macro_export]
macro_rules! switch_requests {
    ($callback:ident) => {
        $callback! {
        /// A request of the switch to a client.
        SwitchRequest tag "switchRequest" {
            /// Re-Route: the destination was not possible; asks for another.
            85 ReRoute {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
            };
            /// Escape: a vendor service asked of the client, which is private data only.
            91 Escape;
            /// System Status Request: asks for the client's state.
            108 SystemStatus;
            /// Route Request: asks for the destination of a call (PDU 83 with plain devices on a stream of version 1).
            130 Route {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
                /// The destination without routing.
                current_route: ExtendedDeviceId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// The call.
                routed_call: ConnectionId,
                /// The rule.
                #[serde(rename = "routedSelAlgorithm")]
                algorithm: SelectValue,
                /// True for a priority call.
                priority: bool,
                /// Set-up information, unused.
                setup_information: SetupInformation,
            };
        }
        }
    };
}

switch_requests!(define_messages);

/// Hands the list of the switch's reports to a macro.
#[macro_export]
macro_rules! event_reports {
    ($callback:ident) => {
        $callback! {
        /// A report of the switch that belongs to no monitor.
        EventReport tag "report" {
            /// Route Register Abort: the switch ends a registration.
            82 RouteRegisterAbort {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
            };
            /// Route End: a routing dialogue is over.
            87 RouteEnd {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
                /// The result; 0 after success.
                #[serde(rename = "errorValue")]
                error: UniversalFailure,
            };
            /// Private: an event that is private data only.
            93 Private;
            /// System Status: the state of the switch has changed.
            106 SystemStatus {
                /// The state.
                #[serde(rename = "systemStatus")]
                status: SystemStatus,
            };
            /// System Status Ended: no further changes are reported.
            107 SystemStatusEnded;
            /// Route Used: the destination of a routed call (PDU 86 with plain devices on a stream of version 1).
            131 RouteUsed {
                /// The registration.
                #[serde(rename = "routeRegisterReqID")]
                register: RouteRegisterId,
                /// The routing dialogue.
                #[serde(rename = "routingCrossRefID")]
                dialogue: RoutingCrossRefId,
                /// The destination.
                route_used: ExtendedDeviceId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// True if it is outside the switch's domain.
                domain: bool,
            };
        }
        }
    };
}

event_reports!(define_messages);
