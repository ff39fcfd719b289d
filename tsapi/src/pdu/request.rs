//! What a client may ask (class 3). Each request is confirmed by the PDU with the next number, but 111, 112 and 113 by
//! 114, and any may be refused by 53.

use tipring_csta_types::request::Request;

use super::messages;

messages!(
    /// The service requests.
    Request {
        /// CSTAAnswerCall ::= SEQUENCE { alertingCall ConnectionID }
        3 CstaRequest AnswerCall { alerting_call };
        /// CSTAClearConnection ::= SEQUENCE { call ConnectionID }
        9 CstaRequest ClearConnection { call };
        /// CSTAMakeCall ::= SEQUENCE { callingDevice DeviceID, calledDevice DeviceID }
        23 CstaRequest MakeCall { calling_device, called_device };
        /// CSTAQueryAgentState ::= SEQUENCE { device DeviceID }
        33 CstaRequest QueryAgentState { device };
        /// CSTAQueryDeviceInfo ::= SEQUENCE { device DeviceID }
        37 CstaRequest QueryDeviceInfo { device };
        /// CSTASetAgentState ::= SEQUENCE { device DeviceID, agentMode AgentMode, agentID AgentID,
        /// agentGroup DeviceID, agentPassword AgentPassword }
        49 CstaRequest SetAgentState { device, mode, agent_id, agent_group, password };
        /// CSTAReqSysStat ::= SEQUENCE { NULL }
        98 CstaRequest SystemStatus;
        /// CSTASysStatStart ::= SEQUENCE { statusFilter BIT STRING (8) }
        100 CstaRequest SystemStatusStart { filter };
        /// CSTASysStatStop ::= SEQUENCE { NULL }
        102 CstaRequest SystemStatusStop;
        /// CSTAMonitorDevice ::= SEQUENCE { deviceID DeviceID, monitorFilter CSTAMonitorFilter }
        111 CstaRequest MonitorDevice { device, filter };
        /// CSTAMonitorCall ::= SEQUENCE { call ConnectionID, monitorFilter CSTAMonitorFilter }
        112 CstaRequest MonitorCall { call, filter };
        /// CSTAMonitorCallsViaDevice ::= SEQUENCE { deviceID DeviceID, monitorFilter CSTAMonitorFilter }
        113 CstaRequest MonitorCallsViaDevice { device, filter };
        /// CSTAMonitorStop ::= SEQUENCE { monitorCrossRefID INTEGER }
        117 CstaRequest MonitorStop { monitor };
        /// CSTASnapshotCall ::= SEQUENCE { snapshotObject ConnectionID }
        120 CstaRequest SnapshotCall { call };
        /// CSTASnapshotDevice ::= SEQUENCE { snapshotObject DeviceID }
        122 CstaRequest SnapshotDevice { device };
        /// CSTAGetAPICaps ::= SEQUENCE { NULL }
        124 CstaRequest GetApiCaps;
        /// CSTAGetDeviceList ::= SEQUENCE { index INTEGER, level CSTALevel }
        126 CstaRequest GetDeviceList { index, level };
        /// CSTAQueryCallMonitor ::= SEQUENCE { NULL }
        128 CstaRequest QueryCallMonitor;
    }
);

/// Whether a client waits for an answer to what it sent in class 3. It does not when it answers a request of the
/// server's (92 escape, 109 system status) or sends a private event (95).
pub const fn is_confirmed(pdu: u16) -> bool {
    !matches!(pdu, 92 | 95 | 109)
}
