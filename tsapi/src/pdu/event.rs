//! What a monitor is told (class 4). The monitor's cross reference is in the frame's header, not in the body.

use tipring_csta_types::event::Event;

use super::messages;

messages!(
    /// The unsolicited events.
    Event {
        /// CSTACallClearedEvent ::= SEQUENCE { clearedCall ConnectionID, localConnectionInfo LocalConnectionState,
        /// cause EventCause }
        54 CstaUnsolicited CallCleared { cleared_call, local, cause };
        /// CSTAConnectionClearedEvent ::= SEQUENCE { droppedConnection ConnectionID,
        /// releasingDevice ExtendedDeviceID, localConnectionInfo LocalConnectionState, cause EventCause }
        56 CstaUnsolicited ConnectionCleared { dropped_connection, releasing_device, local, cause };
        /// CSTADeliveredEvent ::= SEQUENCE { connection ConnectionID, alertingDevice ExtendedDeviceID,
        /// callingDevice ExtendedDeviceID, calledDevice ExtendedDeviceID, lastRedirectionDevice ExtendedDeviceID,
        /// localConnectionInfo LocalConnectionState, cause EventCause }
        57 CstaUnsolicited Delivered {
            connection, alerting_device, calling_device, called_device, last_redirection_device, local, cause
        };
        /// CSTADivertedEvent ::= SEQUENCE { connection ConnectionID, divertingDevice ExtendedDeviceID,
        /// newDestination ExtendedDeviceID, localConnectionInfo LocalConnectionState, cause EventCause }
        58 CstaUnsolicited Diverted { connection, diverting_device, new_destination, local, cause };
        /// CSTAEstablishedEvent ::= SEQUENCE { establishedConnection ConnectionID, answeringDevice ExtendedDeviceID,
        /// callingDevice ExtendedDeviceID, calledDevice ExtendedDeviceID, lastRedirectionDevice ExtendedDeviceID,
        /// localConnectionInfo LocalConnectionState, cause EventCause }
        59 CstaUnsolicited Established {
            established_connection, answering_device, calling_device, called_device, last_redirection_device, local,
            cause
        };
        /// CSTAFailedEvent ::= SEQUENCE { failedConnection ConnectionID, failingDevice ExtendedDeviceID,
        /// calledDevice ExtendedDeviceID, localConnectionInfo LocalConnectionState, cause EventCause }
        60 CstaUnsolicited Failed { failed_connection, failing_device, called_device, local, cause };
        /// CSTANetworkReachedEvent ::= SEQUENCE { connection ConnectionID, trunkUsed ExtendedDeviceID,
        /// calledDevice ExtendedDeviceID, localConnectionInfo LocalConnectionState, cause EventCause }
        62 CstaUnsolicited NetworkReached { connection, trunk_used, called_device, local, cause };
        /// CSTAOriginatedEvent ::= SEQUENCE { originatedConnection ConnectionID, callingDevice ExtendedDeviceID,
        /// calledDevice ExtendedDeviceID, localConnectionInfo LocalConnectionState, cause EventCause }
        63 CstaUnsolicited Originated { originated_connection, calling_device, called_device, local, cause };
        /// CSTAQueuedEvent ::= SEQUENCE { queuedConnection ConnectionID, queue ExtendedDeviceID,
        /// callingDevice ExtendedDeviceID, calledDevice ExtendedDeviceID, lastRedirectionDevice ExtendedDeviceID,
        /// numberQueued INTEGER, localConnectionInfo LocalConnectionState, cause EventCause }
        64 CstaUnsolicited Queued {
            queued_connection, queue, calling_device, called_device, last_redirection_device, number_queued, local,
            cause
        };
        /// CSTAServiceInitiatedEvent ::= SEQUENCE { initiatedConnection ConnectionID,
        /// localConnectionInfo LocalConnectionState, cause EventCause }
        66 CstaUnsolicited ServiceInitiated { initiated_connection, local, cause };
        /// CSTACallInformationEvent ::= SEQUENCE { connection ConnectionID, device ExtendedDeviceID, accountInfo AccountInfo,
        /// authorisationCode AuthCode }
        68 CstaUnsolicited CallInformation { connection, device, account_info, authorisation_code };
        /// CSTALoggedOnEvent ::= SEQUENCE { agentDevice ExtendedDeviceID, agentID AgentID, agentGroup DeviceID,
        /// password AgentPassword }
        72 CstaUnsolicited LoggedOn { agent_device, agent_id, agent_group, password };
        /// CSTALoggedOffEvent ::= SEQUENCE { agentDevice ExtendedDeviceID, agentID AgentID, agentGroup DeviceID }
        73 CstaUnsolicited LoggedOff { agent_device, agent_id, agent_group };
        /// CSTANotReadyEvent ::= SEQUENCE { agentDevice ExtendedDeviceID, agentID AgentID }
        74 CstaUnsolicited NotReady { agent_device, agent_id };
        /// CSTAReadyEvent ::= SEQUENCE { agentDevice ExtendedDeviceID, agentID AgentID }
        75 CstaUnsolicited Ready { agent_device, agent_id };
        /// CSTAWorkNotReadyEvent ::= SEQUENCE { agentDevice ExtendedDeviceID, agentID AgentID }
        76 CstaUnsolicited WorkNotReady { agent_device, agent_id };
        /// CSTABackInServiceEvent ::= SEQUENCE { device DeviceID, cause EventCause }
        96 CstaUnsolicited BackInService { device, cause };
        /// CSTAOutOfServiceEvent ::= SEQUENCE { device DeviceID, cause EventCause }
        97 CstaUnsolicited OutOfService { device, cause };
        /// CSTAMonitorEndedEvent ::= SEQUENCE { cause EventCause }
        119 CstaUnsolicited MonitorEnded { cause };
    }
);

/// Whether screen-pop data may travel with an event: those that bring a call to somebody, and the one that tells of nothing else.
pub const fn carries_call_data(event: &Event) -> bool {
    match event {
        Event::Delivered { .. } | Event::Established { .. } | Event::CallInformation { .. } => true,
        Event::CallCleared { .. }
        | Event::ConnectionCleared { .. }
        | Event::Diverted { .. }
        | Event::Failed { .. }
        | Event::NetworkReached { .. }
        | Event::Originated { .. }
        | Event::Queued { .. }
        | Event::ServiceInitiated { .. }
        | Event::LoggedOn { .. }
        | Event::LoggedOff { .. }
        | Event::NotReady { .. }
        | Event::Ready { .. }
        | Event::WorkNotReady { .. }
        | Event::BackInService { .. }
        | Event::OutOfService { .. }
        | Event::MonitorEnded { .. } => false,
    }
}
