//! What a client is answered (class 5), and the status events it may ask for (class 6).

use tipring_csta_types::SystemStatus;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::request::Reply;

use super::messages;
use crate::ber::{Ber, Reader, Writer};
use crate::error::BerError;

/// CSTAUniversalFailureConfEvent ::= SEQUENCE { error CSTAFailure }: the PDU that refuses any request.
pub const UNIVERSAL_FAILURE_CONF: u16 = 53;
/// CSTASysStatEvent ::= SEQUENCE { systemStatus SystemStatus }, class 6.
pub const SYSTEM_STATUS_EVENT: u16 = 106;

/// Which kinds of media a device is for: BIT STRING (4), voice first. All of ours are for voice.
#[derive(Debug, Clone, Copy)]
struct DeviceClass(u8);

impl DeviceClass {
    const VOICE: DeviceClass = DeviceClass(0x80);
}

impl Ber for DeviceClass {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bits8(self.0, 4);
    }
    fn read(reader: &mut Reader<'_>) -> Result<DeviceClass, BerError> {
        u8::read(reader).map(DeviceClass)
    }
}

messages!(
    /// The confirmations.
    Reply {
        /// CSTAAnswerCallConfEvent ::= SEQUENCE { NULL }
        4 CstaConfirmation AnswerCall;
        /// CSTAClearConnectionConfEvent ::= SEQUENCE { NULL }
        10 CstaConfirmation ClearConnection;
        /// CSTAMakeCallConfEvent ::= SEQUENCE { newCall ConnectionID }
        24 CstaConfirmation MakeCall { new_call };
        /// CSTAQueryAgentStateConfEvent ::= SEQUENCE { agentState AgentState }
        34 CstaConfirmation QueryAgentState { state };
        /// CSTAQueryDeviceInfoConfEvent ::= SEQUENCE { device DeviceID, deviceType DeviceType,
        /// deviceClass BIT STRING (4) }
        38 CstaConfirmation QueryDeviceInfo { device, kind, [DeviceClass::VOICE] };
        /// CSTASetAgentStateConfEvent ::= SEQUENCE { NULL }
        50 CstaConfirmation SetAgentState;
        /// CSTASysStatReqConfEvent ::= SEQUENCE { systemStatus SystemStatus }
        99 CstaConfirmation SystemStatus { status };
        /// CSTASysStatStartConfEvent ::= SEQUENCE { statusFilter BIT STRING (8) }
        101 CstaConfirmation SystemStatusStart { filter };
        /// CSTASysStatStopConfEvent ::= SEQUENCE { NULL }
        103 CstaConfirmation SystemStatusStop;
        /// CSTAMonitorConfEvent ::= SEQUENCE { monitorCrossRefID INTEGER, monitorFilter CSTAMonitorFilter }
        114 CstaConfirmation Monitor { monitor, filter };
        /// CSTAMonitorStopConfEvent ::= SEQUENCE { NULL }
        118 CstaConfirmation MonitorStop;
        /// CSTASnapshotCallConfEvent ::= SEQUENCE { snapshotData SEQUENCE OF CSTASnapshotCallResponseInfo }
        121 CstaConfirmation SnapshotCall { parties };
        /// CSTASnapshotDeviceConfEvent ::= SEQUENCE { snapshotData SEQUENCE OF CSTASnapshotDeviceResponseInfo }
        123 CstaConfirmation SnapshotDevice { calls };
        /// CSTAGetAPICapsConfEvent ::= SEQUENCE { 79 times INTEGER }
        125 CstaConfirmation GetApiCaps(capabilities);
        /// CSTAGetDeviceListConfEvent ::= SEQUENCE { driverSdbLevel SDBLevel, level CSTALevel, index INTEGER,
        /// devList SEQUENCE OF DeviceID }
        127 CstaConfirmation GetDeviceList { sdb_level, level, index, devices };
        /// CSTAQueryCallMonitorConfEvent ::= SEQUENCE { callMonitor BOOLEAN }
        129 CstaConfirmation QueryCallMonitor { allowed };
    }
);

/// Reads the body of a confirmation, whichever it is.
pub fn read_confirmation(number: u16, body: &[u8]) -> Result<Result<Reply, UniversalFailure>, crate::error::PduError> {
    if number == UNIVERSAL_FAILURE_CONF {
        return Ok(Err(Reader::body(body, UniversalFailure::read)?));
    }
    <Reply as super::Pdu>::read(number, body).map(Ok)
}

/// Reads the body of a status event.
pub fn read_system_status(body: &[u8]) -> Result<SystemStatus, BerError> {
    Reader::body(body, SystemStatus::read)
}
