//! Events of monitors (CSTAUnsolicited, PDUs 54 to 77, 94, 96, 97, 119), in the standard's words and order (ECMA-179).
//!
//! A monitor's cross reference is not part of an event: it travels beside it, and so does what is beyond the standard
//! ([`EventData`](crate::private::EventData)).
//!
//! Never: decides which monitor gets an event, or when.

use crate::cause::EventCause;
use crate::device::{ConnectionList, ExtendedDeviceId, ForwardingInfo};
use crate::id::{AccountInfo, AgentId, AgentPassword, AuthCode, ConnectionId, DeviceId};
use crate::message::define_messages;
use crate::state::LocalConnectionState;

pub use crate::call_data::{CallData, Machine, RecordingState};

/// Hands the list of events to a macro.
#[macro_export]
macro_rules! events {
    ($callback:ident) => {
        $callback! {
        /// An event as one monitor sees it.
        Event tag "event" {
            /// Call Cleared: a call is over.
            54 CallCleared {
                /// The call; its device is empty.
                cleared_call: ConnectionId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Conferenced: two calls have become one, or a party has joined.
            55 Conferenced {
                /// The controller's connection in the held call; call 0 where the monitor does not know it.
                primary_old_call: ConnectionId,
                /// The controller's connection in the active call; call 0 where the monitor does not know it.
                secondary_old_call: ConnectionId,
                /// The device that made the conference.
                conf_controller: ExtendedDeviceId,
                /// The party that was added.
                added_party: ExtendedDeviceId,
                /// All parties of the resulting call, with its call identifier.
                conference_connections: ConnectionList,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Connection Cleared: one device has left a call.
            56 ConnectionCleared {
                /// The connection that is no more.
                dropped_connection: ConnectionId,
                /// The device that released it.
                releasing_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Delivered: a call alerts at a device.
            57 Delivered {
                /// The alerting connection.
                connection: ConnectionId,
                /// The alerting device.
                alerting_device: ExtendedDeviceId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// The device from which the call was redirected last, if any.
                last_redirection_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Diverted: a call has left a device for another.
            58 Diverted {
                /// The connection that is no more.
                connection: ConnectionId,
                /// The device it left.
                diverting_device: ExtendedDeviceId,
                /// The device it goes to.
                new_destination: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Established: a device has answered or joined.
            59 Established {
                /// The answered connection.
                established_connection: ConnectionId,
                /// The answering device.
                answering_device: ExtendedDeviceId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// The device from which the call was redirected last, if any.
                last_redirection_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Failed: a call could not be completed.
            60 Failed {
                /// The connection that failed.
                failed_connection: ConnectionId,
                /// The device at which it failed.
                failing_device: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Held: a device holds a call.
            61 Held {
                /// The held connection.
                held_connection: ConnectionId,
                /// The holding device.
                holding_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Network Reached: a call has left by a trunk.
            62 NetworkReached {
                /// The trunk's connection.
                connection: ConnectionId,
                /// The trunk.
                trunk_used: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Originated: a device has made a call.
            63 Originated {
                /// The caller's connection.
                originated_connection: ConnectionId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Queued: a call waits.
            64 Queued {
                /// The waiting connection.
                queued_connection: ConnectionId,
                /// The device at which it waits.
                queue: ExtendedDeviceId,
                /// The calling device.
                calling_device: ExtendedDeviceId,
                /// The called device.
                called_device: ExtendedDeviceId,
                /// The device from which the call was redirected last, if any.
                last_redirection_device: ExtendedDeviceId,
                /// Calls that wait there, this one counted.
                number_queued: i16,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Retrieved: a held call is taken back.
            65 Retrieved {
                /// The retrieved connection.
                retrieved_connection: ConnectionId,
                /// The retrieving device.
                retrieving_device: ExtendedDeviceId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Service Initiated: a device has begun a call: off hook, or prompted to go off hook.
            66 ServiceInitiated {
                /// Its connection.
                initiated_connection: ConnectionId,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Transferred: two calls have become one, and the transferring device has left.
            67 Transferred {
                /// The transferring device's connection in the held call; call 0 where the monitor does not know it.
                primary_old_call: ConnectionId,
                /// The transferring device's connection in the active call; call 0 where the monitor does not know it.
                secondary_old_call: ConnectionId,
                /// The transferring device.
                transferring_device: ExtendedDeviceId,
                /// The device to which the call was transferred.
                transferred_device: ExtendedDeviceId,
                /// All parties of the resulting call, with its call identifier.
                transferred_connections: ConnectionList,
                /// State of the monitored device's own connection.
                #[serde(rename = "localConnectionInfo")]
                local: LocalConnectionState,
                /// Cause.
                cause: EventCause,
            };
            /// Call Information: data of a call has become known; it travels as private data.
            68 CallInformation {
                /// The connection it is about.
                connection: ConnectionId,
                /// Its device.
                device: ExtendedDeviceId,
                /// The account, if any.
                account_info: AccountInfo,
                /// The authorisation code, if any.
                authorisation_code: AuthCode,
            };
            /// Do Not Disturb: a device refuses calls, or takes them again.
            69 DoNotDisturb {
                /// The device.
                device: ExtendedDeviceId,
                /// True if it refuses calls.
                do_not_disturb_on: bool,
            };
            /// Forwarding: a forwarding of a device was set or ended.
            70 Forwarding {
                /// The device.
                device: ExtendedDeviceId,
                /// The forwarding.
                forwarding_information: ForwardingInfo,
            };
            /// Message Waiting: the lamp of a device was lit or put out.
            71 MessageWaiting {
                /// The device.
                device_for_message: ExtendedDeviceId,
                /// The device that did it, if any.
                invoking_device: ExtendedDeviceId,
                /// True if it is lit.
                message_waiting_on: bool,
            };
            /// Logged On: an agent has logged on.
            72 LoggedOn {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
                /// The group.
                agent_group: DeviceId,
                /// Always empty.
                password: AgentPassword,
            };
            /// Logged Off: an agent has logged off.
            73 LoggedOff {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
                /// The group.
                agent_group: DeviceId,
            };
            /// Not Ready: an agent gets no calls.
            74 NotReady {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
            };
            /// Ready: an agent gets calls.
            75 Ready {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
            };
            /// Work Not Ready: an agent does after-call work and gets no calls.
            76 WorkNotReady {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
            };
            /// Work Ready: an agent does after-call work and gets calls.
            77 WorkReady {
                /// The agent's station.
                agent_device: ExtendedDeviceId,
                /// The agent.
                #[serde(rename = "agentID")]
                agent_id: AgentId,
            };
            /// Private Status: an event of a monitor that is private data only.
            94 PrivateStatus;
            /// Back In Service: a device can be used again.
            96 BackInService {
                /// The device.
                device: DeviceId,
                /// Cause.
                cause: EventCause,
            };
            /// Out Of Service: a device cannot be used.
            97 OutOfService {
                /// The device.
                device: DeviceId,
                /// Cause.
                cause: EventCause,
            };
            /// Monitor Ended: the monitor itself is over.
            119 MonitorEnded {
                /// Cause.
                cause: EventCause,
            };
        }
        }
    };
}

events!(define_messages);

impl Event {
    /// Returns true if screen-pop data travel with the event: those that bring a call to a device or make one call of
    /// two, and Call Information.
    pub const fn carries_call_data(&self) -> bool {
        matches!(
            self,
            Event::Delivered { .. }
                | Event::Established { .. }
                | Event::CallInformation { .. }
                | Event::Transferred { .. }
                | Event::Conferenced { .. }
        )
    }

    /// A connection of the call that the event changes, and the monitored device's own state in that call; none for
    /// events that change no call.
    pub const fn local_state(&self) -> Option<(&ConnectionId, LocalConnectionState)> {
        match self {
            Event::CallCleared { cleared_call: connection, local, .. }
            | Event::Conferenced { primary_old_call: connection, local, .. }
            | Event::ConnectionCleared { dropped_connection: connection, local, .. }
            | Event::Delivered { connection, local, .. }
            | Event::Diverted { connection, local, .. }
            | Event::Established { established_connection: connection, local, .. }
            | Event::Failed { failed_connection: connection, local, .. }
            | Event::Held { held_connection: connection, local, .. }
            | Event::NetworkReached { connection, local, .. }
            | Event::Originated { originated_connection: connection, local, .. }
            | Event::Queued { queued_connection: connection, local, .. }
            | Event::Retrieved { retrieved_connection: connection, local, .. }
            | Event::ServiceInitiated { initiated_connection: connection, local, .. }
            | Event::Transferred { primary_old_call: connection, local, .. } => Some((connection, *local)),
            Event::BackInService { .. }
            | Event::CallInformation { .. }
            | Event::DoNotDisturb { .. }
            | Event::Forwarding { .. }
            | Event::LoggedOff { .. }
            | Event::LoggedOn { .. }
            | Event::MessageWaiting { .. }
            | Event::MonitorEnded { .. }
            | Event::NotReady { .. }
            | Event::OutOfService { .. }
            | Event::PrivateStatus
            | Event::Ready { .. }
            | Event::WorkNotReady { .. }
            | Event::WorkReady { .. } => None,
        }
    }
}
