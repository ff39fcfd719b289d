//! Private data of the ECS vendor: PDU and members of each, after the tables of the protocol.
//!
//! Never: knows which message they travel with.

use crate::events::{CALL_PARTY, CONNECTION, EXTENDED, PARTY};
use crate::layout::Node::{
    self, Bits8, Bool, Bounded, Enum, List, Long, Null, Octet, Octets16, Real, Record, Short, Text,
};

/// A private PDU.
#[derive(Debug)]
pub(crate) struct PrivatePdu {
    /// Its number.
    pub(crate) number: u16,
    /// Its structure in the headers.
    #[cfg_attr(not(test), expect(dead_code, reason = "by it tests find a PDU, and readers its declaration"))]
    pub(crate) name: &'static str,
    /// Its SEQUENCE.
    pub(crate) node: Node,
}

/// Finds a private PDU.
pub(crate) fn find(number: u16) -> Option<&'static PrivatePdu> {
    PRIVATE.iter().find(|pdu| pdu.number == number)
}

/// ATTUnicodeDeviceID.
const UNICODE: Node = Bounded(&Short, 64);
/// DeviceHistory_t.
const HISTORY: Node = List(&HISTORY_ENTRY);
/// ATTTrunkList_t.
const TRUNKS: Node = Bounded(&TRUNK, 5);
/// ATTV5UserToUserInfo_t.
const V5_USER_INFO: Node = Record(&[Enum, Octets16(33)]);
/// ATTUserToUserInfo_t.
const USER_INFO: Node = Record(&[Enum, Octets16(129)]);
/// ATTV4LookaheadInfo_t.
const V4_LOOKAHEAD: Node = Record(&[Enum, Enum, Short, Short, Short, Text(64)]);
/// ATTLookaheadInfo_t.
const LOOKAHEAD: Node = Record(&[Enum, Enum, Short, Short, Short, Text(64), UNICODE]);
/// ATTUserEnteredCode_t.
const ENTERED_CODE: Node = Record(&[Enum, Enum, Text(25), Text(64)]);
/// ATTUserCollectCode_t.
const COLLECT_CODE: Node = Record(&[Enum, Short, Short, CONNECTION, Enum]);
/// ATTUserProvidedCode_t.
const PROVIDED_CODE: Node = Record(&[Enum, Text(25)]);
/// ATTCallOriginatorInfo_t.
const ORIGINATOR: Node = Record(&[Bool, Short]);
/// DeviceHistoryEntry_t.
const HISTORY_ENTRY: Node = Record(&[Text(64), Enum, CONNECTION]);
/// ATTV4OriginalCallInfo_t.
const V4_ORIGINAL_CALL: Node =
    Record(&[Enum, EXTENDED, EXTENDED, Text(64), Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO]);
/// ATTV5OriginalCallInfo_t.
const V5_ORIGINAL_CALL: Node = Record(&[
    Enum,
    EXTENDED,
    EXTENDED,
    Text(64),
    Text(64),
    LOOKAHEAD,
    ENTERED_CODE,
    V5_USER_INFO,
    Text(64),
    ORIGINATOR,
    Bool,
]);
/// ATTV6OriginalCallInfo_t.
const V6_ORIGINAL_CALL: Node = Record(&[
    Enum,
    EXTENDED,
    EXTENDED,
    Text(64),
    Text(64),
    LOOKAHEAD,
    ENTERED_CODE,
    USER_INFO,
    Text(64),
    ORIGINATOR,
    Bool,
]);
/// ATTOriginalCallInfo_t.
const ORIGINAL_CALL: Node = Record(&[
    Enum,
    EXTENDED,
    EXTENDED,
    Text(64),
    Text(64),
    LOOKAHEAD,
    ENTERED_CODE,
    USER_INFO,
    Text(64),
    ORIGINATOR,
    Bool,
    HISTORY,
]);
/// ATTTrunkInfo_t.
const TRUNK: Node = Record(&[CONNECTION, Text(64), Text(64)]);
/// ATTLinkStatus_t.
const LINK: Node = Record(&[Short, Enum]);
/// ATTSnapshotDevice_t.
const DEVICE_CALL_STATE: Node = Record(&[CONNECTION, Enum]);
/// ATTAgentMeasurements_t.
const AGENT_MEASUREMENTS: Node = Record(&[
    Long,
    Text(6),
    Text(16),
    Octet,
    Long,
    Long,
    Long,
    Short,
    Long,
    Long,
    Long,
    Long,
    Long,
    Short,
    Long,
    Long,
    Short,
    Short,
    Short,
    Short,
    Short,
    Short,
    Short,
    Long,
    Long,
    Short,
    Short,
    Long,
    Long,
    Long,
    Long,
    Short,
    Text(16),
    Short,
    Text(6),
    Text(6),
    Short,
    Octet,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
    Long,
]);
/// ATTAgentMeasurementsPresent_t.
const AGENT_MEASUREMENTS_PRESENT: Node = Record(&[Bool; 51]);
/// ATTSplitSkillMeasurements_t.
const SPLIT_MEASUREMENTS: Node = Record(&[
    Short,
    Long,
    Long,
    Short,
    Short,
    Short,
    Short,
    Short,
    Short,
    Short,
    Long,
    Long,
    Short,
    Short,
    Long,
    Long,
    Long,
    Long,
    Short,
    Short,
    Octet,
    Text(16),
    Text(6),
    Short,
    Text(6),
    Long,
    Long,
    Long,
]);
/// ATTSplitSkillMeasurementsPresent_t.
const SPLIT_MEASUREMENTS_PRESENT: Node = Record(&[Bool; 29]);
/// ATTTrunkGroupMeasurements_t.
const TRUNK_MEASUREMENTS: Node =
    Record(&[Long, Long, Long, Long, Long, Short, Long, Long, Long, Octet, Octet, Text(16), Short, Short, Short]);
/// ATTTrunkGroupMeasurementsPresent_t.
const TRUNK_MEASUREMENTS_PRESENT: Node = Record(&[Bool; 16]);
/// ATTVdnMeasurements_t.
const VDN_MEASUREMENTS: Node = Record(&[
    Short,
    Long,
    Long,
    Short,
    Short,
    Long,
    Long,
    Long,
    Long,
    Short,
    Long,
    Short,
    Octet,
    Long,
    Text(6),
    Text(16),
]);
/// ATTVdnMeasurementsPresent_t.
const VDN_MEASUREMENTS_PRESENT: Node = Record(&[Bool; 17]);

/// All private PDUs of the headers.
#[rustfmt::skip]
pub(crate) const PRIVATE: &[PrivatePdu] = &[
    PrivatePdu { number: 1, name: "ATTV5ClearConnection_t", node: Record(&[Enum, V5_USER_INFO]) },
    PrivatePdu { number: 2, name: "ATTV5ConsultationCall_t", node: Record(&[Text(64), Bool, V5_USER_INFO]) },
    PrivatePdu { number: 3, name: "ATTV5MakeCall_t", node: Record(&[Text(64), Bool, V5_USER_INFO]) },
    PrivatePdu { number: 4, name: "ATTV5DirectAgentCall_t", node: Record(&[Text(64), Bool, V5_USER_INFO]) },
    PrivatePdu { number: 5, name: "ATTV5MakePredictiveCall_t", node: Record(&[Bool, Short, Enum, Text(64), V5_USER_INFO]) },
    PrivatePdu { number: 6, name: "ATTV5SupervisorAssistCall_t", node: Record(&[Text(64), V5_USER_INFO]) },
    PrivatePdu { number: 7, name: "ATTV5ReconnectCall_t", node: Record(&[Enum, V5_USER_INFO]) },
    PrivatePdu { number: 8, name: "ATTV4SendDTMFTone_t", node: Record(&[CONNECTION, Bounded(&CONNECTION, 5), Text(33), Short, Short]) },
    PrivatePdu { number: 9, name: "ATTSendDTMFToneConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 10, name: "ATTV4SetAgentState_t", node: Record(&[Enum]) },
    PrivatePdu { number: 11, name: "ATTQueryAcdSplit_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 12, name: "ATTQueryAcdSplitConfEvent_t", node: Record(&[Short, Short, Short]) },
    PrivatePdu { number: 13, name: "ATTQueryAgentLogin_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 14, name: "ATTQueryAgentLoginConfEvent_t", node: Record(&[Long]) },
    PrivatePdu { number: 15, name: "ATTQueryAgentLoginResp_t", node: Record(&[Long, Bounded(&Text(64), 10)]) },
    PrivatePdu { number: 16, name: "ATTQueryAgentState_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 17, name: "ATTV4QueryAgentStateConfEvent_t", node: Record(&[Enum, Enum]) },
    PrivatePdu { number: 18, name: "ATTQueryCallClassifier_t", node: Record(&[Null]) },
    PrivatePdu { number: 19, name: "ATTQueryCallClassifierConfEvent_t", node: Record(&[Short, Short]) },
    PrivatePdu { number: 20, name: "ATTV4QueryDeviceInfoConfEvent_t", node: Record(&[Enum]) },
    PrivatePdu { number: 21, name: "ATTQueryMwiConfEvent_t", node: Record(&[Bits8(8)]) },
    PrivatePdu { number: 22, name: "ATTQueryStationStatus_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 23, name: "ATTQueryStationStatusConfEvent_t", node: Record(&[Bool]) },
    PrivatePdu { number: 24, name: "ATTQueryTod_t", node: Record(&[Null]) },
    PrivatePdu { number: 25, name: "ATTQueryTodConfEvent_t", node: Record(&[Short, Short, Short, Short, Short, Short]) },
    PrivatePdu { number: 26, name: "ATTQueryTg_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 27, name: "ATTQueryTgConfEvent_t", node: Record(&[Short, Short]) },
    PrivatePdu { number: 28, name: "ATTV4SnapshotDeviceConfEvent_t", node: Bounded(&DEVICE_CALL_STATE, 6) },
    PrivatePdu { number: 29, name: "ATTV4MonitorFilter_t", node: Record(&[Bits8(2)]) },
    PrivatePdu { number: 30, name: "ATTV4MonitorConfEvent_t", node: Record(&[Bits8(2)]) },
    PrivatePdu { number: 31, name: "ATTMonitorStopOnCall_t", node: Record(&[Long, CONNECTION]) },
    PrivatePdu { number: 32, name: "ATTMonitorStopOnCallConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 33, name: "ATTV4MonitorCallConfEvent_t", node: Record(&[Bits8(2), Bounded(&CALL_PARTY, 6)]) },
    PrivatePdu { number: 34, name: "ATTCallClearedEvent_t", node: Record(&[Enum]) },
    PrivatePdu { number: 35, name: "ATTV3ConferencedEvent_t", node: Record(&[V4_ORIGINAL_CALL]) },
    PrivatePdu { number: 36, name: "ATTV5ConnectionClearedEvent_t", node: Record(&[V5_USER_INFO]) },
    PrivatePdu { number: 37, name: "ATTV3DeliveredEvent_t", node: Record(&[Enum, Text(64), Text(64), Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V4_ORIGINAL_CALL]) },
    PrivatePdu { number: 38, name: "ATTEnteredDigitsEvent_t", node: Record(&[CONNECTION, Text(25), Enum, Enum]) },
    PrivatePdu { number: 39, name: "ATTV3EstablishedEvent_t", node: Record(&[Text(64), Text(64), Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V4_ORIGINAL_CALL]) },
    PrivatePdu { number: 40, name: "ATTV4NetworkReachedEvent_t", node: Record(&[Enum, Enum]) },
    PrivatePdu { number: 41, name: "ATTV3TransferredEvent_t", node: Record(&[V4_ORIGINAL_CALL]) },
    PrivatePdu { number: 42, name: "ATTV4RouteRequestEvent_t", node: Record(&[Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO]) },
    PrivatePdu { number: 43, name: "ATTV5RouteSelect_t", node: Record(&[Text(64), Text(64), Bool, Text(64), COLLECT_CODE, PROVIDED_CODE, V5_USER_INFO]) },
    PrivatePdu { number: 44, name: "ATTRouteUsedEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 45, name: "ATTSysStat_t", node: Record(&[Bool]) },
    PrivatePdu { number: 46, name: "ATTV3LinkStatusEvent_t", node: Bounded(&LINK, 4) },
    PrivatePdu { number: 47, name: "ATTV5OriginatedEvent_t", node: Record(&[Text(64), V5_USER_INFO]) },
    PrivatePdu { number: 48, name: "ATTLoggedOnEvent_t", node: Record(&[Enum]) },
    PrivatePdu { number: 49, name: "ATTQueryDeviceName_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 50, name: "ATTV4QueryDeviceNameConfEvent_t", node: Record(&[Enum, Text(64), Text(16)]) },
    PrivatePdu { number: 51, name: "ATTQueryAgentMeasurements_t", node: Record(&[Text(64), Enum, Enum, AGENT_MEASUREMENTS_PRESENT, Short]) },
    PrivatePdu { number: 52, name: "ATTQueryAgentMeasurementsConfEvent_t", node: Record(&[AGENT_MEASUREMENTS_PRESENT, AGENT_MEASUREMENTS]) },
    PrivatePdu { number: 53, name: "ATTQuerySplitSkillMeasurements_t", node: Record(&[Text(64), SPLIT_MEASUREMENTS_PRESENT, Short]) },
    PrivatePdu { number: 54, name: "ATTQuerySplitSkillMeasurementsConfEvent_t", node: Record(&[SPLIT_MEASUREMENTS_PRESENT, SPLIT_MEASUREMENTS]) },
    PrivatePdu { number: 55, name: "ATTQueryTrunkGroupMeasurements_t", node: Record(&[Text(64), TRUNK_MEASUREMENTS_PRESENT, Short]) },
    PrivatePdu { number: 56, name: "ATTQueryTrunkGroupMeasurementsConfEvent_t", node: Record(&[TRUNK_MEASUREMENTS_PRESENT, TRUNK_MEASUREMENTS]) },
    PrivatePdu { number: 57, name: "ATTQueryVdnMeasurements_t", node: Record(&[Text(64), VDN_MEASUREMENTS_PRESENT, Short]) },
    PrivatePdu { number: 58, name: "ATTQueryVdnMeasurementsConfEvent_t", node: Record(&[VDN_MEASUREMENTS_PRESENT, VDN_MEASUREMENTS]) },
    PrivatePdu { number: 59, name: "ATTV4ConferencedEvent_t", node: Record(&[V4_ORIGINAL_CALL, EXTENDED]) },
    PrivatePdu { number: 60, name: "ATTV4DeliveredEvent_t", node: Record(&[Enum, Text(64), Text(64), Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V4_ORIGINAL_CALL, EXTENDED]) },
    PrivatePdu { number: 61, name: "ATTV4EstablishedEvent_t", node: Record(&[Text(64), Text(64), Text(64), V4_LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V4_ORIGINAL_CALL, EXTENDED]) },
    PrivatePdu { number: 62, name: "ATTV4TransferredEvent_t", node: Record(&[V4_ORIGINAL_CALL, EXTENDED]) },
    PrivatePdu { number: 63, name: "ATTV4LinkStatusEvent_t", node: Bounded(&LINK, 8) },
    PrivatePdu { number: 64, name: "ATTV4GetAPICapsConfEvent_t", node: Record(&[Text(16), Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool]) },
    PrivatePdu { number: 65, name: "ATTSingleStepConferenceCall_t", node: Record(&[CONNECTION, Text(64), Enum, Bool]) },
    PrivatePdu { number: 66, name: "ATTSingleStepConferenceCallConfEvent_t", node: Record(&[CONNECTION, List(&PARTY), Text(64)]) },
    PrivatePdu { number: 67, name: "ATTSelectiveListeningHold_t", node: Record(&[CONNECTION, Bool, CONNECTION]) },
    PrivatePdu { number: 68, name: "ATTSelectiveListeningHoldConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 69, name: "ATTSelectiveListeningRetrieve_t", node: Record(&[CONNECTION, Bool, CONNECTION]) },
    PrivatePdu { number: 70, name: "ATTSelectiveListeningRetrieveConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 71, name: "ATTSendDTMFTone_t", node: Record(&[CONNECTION, List(&CONNECTION), Text(33), Short, Short]) },
    PrivatePdu { number: 72, name: "ATTSnapshotDeviceConfEvent_t", node: List(&DEVICE_CALL_STATE) },
    PrivatePdu { number: 73, name: "ATTLinkStatusEvent_t", node: List(&LINK) },
    PrivatePdu { number: 74, name: "ATTSetBillRate_t", node: Record(&[CONNECTION, Enum, Real]) },
    PrivatePdu { number: 75, name: "ATTSetBillRateConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 76, name: "ATTQueryUcid_t", node: Record(&[CONNECTION]) },
    PrivatePdu { number: 77, name: "ATTQueryUcidConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 78, name: "ATTV5ConferencedEvent_t", node: Record(&[V5_ORIGINAL_CALL, EXTENDED, Text(64)]) },
    PrivatePdu { number: 79, name: "ATTLoggedOffEvent_t", node: Record(&[Long]) },
    PrivatePdu { number: 80, name: "ATTV5DeliveredEvent_t", node: Record(&[Enum, Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V5_ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool]) },
    PrivatePdu { number: 81, name: "ATTV5EstablishedEvent_t", node: Record(&[Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Enum, V5_ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool]) },
    PrivatePdu { number: 82, name: "ATTV5TransferredEvent_t", node: Record(&[V5_ORIGINAL_CALL, EXTENDED, Text(64)]) },
    PrivatePdu { number: 83, name: "ATTV5RouteRequestEvent_t", node: Record(&[Text(64), LOOKAHEAD, ENTERED_CODE, V5_USER_INFO, Text(64), ORIGINATOR, Bool]) },
    PrivatePdu { number: 84, name: "ATTConsultationCallConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 85, name: "ATTMakeCallConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 86, name: "ATTMakePredictiveCallConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 87, name: "ATTV5SetAgentState_t", node: Record(&[Enum, Long]) },
    PrivatePdu { number: 88, name: "ATTV5QueryAgentStateConfEvent_t", node: Record(&[Enum, Enum, Long]) },
    PrivatePdu { number: 89, name: "ATTV6QueryDeviceNameConfEvent_t", node: Record(&[Enum, Text(64), Text(64), UNICODE]) },
    PrivatePdu { number: 90, name: "ATTConferenceCallConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 91, name: "ATTTransferCallConfEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 92, name: "ATTMonitorFilter_t", node: Record(&[Bits8(2)]) },
    PrivatePdu { number: 93, name: "ATTMonitorConfEvent_t", node: Record(&[Bits8(2)]) },
    PrivatePdu { number: 94, name: "ATTMonitorCallConfEvent_t", node: Record(&[Bits8(2), List(&CALL_PARTY)]) },
    PrivatePdu { number: 95, name: "ATTV8ServiceInitiatedEvent_t", node: Record(&[Text(64)]) },
    PrivatePdu { number: 96, name: "ATTChargeAdviceEvent_t", node: Record(&[CONNECTION, Text(64), Text(64), Text(64), Text(64), Enum, Long, Enum]) },
    PrivatePdu { number: 97, name: "ATTV6GetAPICapsConfEvent_t", node: Record(&[Text(16), Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool]) },
    PrivatePdu { number: 98, name: "ATTQueryDeviceInfoConfEvent_t", node: Record(&[Enum, Enum, Text(64)]) },
    PrivatePdu { number: 99, name: "ATTSetAdviceOfCharge_t", node: Record(&[Bool]) },
    PrivatePdu { number: 100, name: "ATTSetAdviceOfChargeConfEvent_t", node: Record(&[Null]) },
    PrivatePdu { number: 101, name: "ATTV6NetworkReachedEvent_t", node: Record(&[Enum, Enum, Text(64), Text(64)]) },
    PrivatePdu { number: 102, name: "ATTSetAgentState_t", node: Record(&[Enum, Long, Bool]) },
    PrivatePdu { number: 103, name: "ATTSetAgentStateConfEvent_t", node: Record(&[Bool]) },
    PrivatePdu { number: 104, name: "ATTQueryAgentStateConfEvent_t", node: Record(&[Enum, Enum, Long, Enum, Long]) },
    PrivatePdu { number: 105, name: "ATTV6RouteRequestEvent_t", node: Record(&[Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Text(64), ORIGINATOR, Bool, Text(64)]) },
    PrivatePdu { number: 106, name: "ATTV6TransferredEvent_t", node: Record(&[V6_ORIGINAL_CALL, EXTENDED, Text(64), TRUNKS]) },
    PrivatePdu { number: 107, name: "ATTV6ConferencedEvent_t", node: Record(&[V6_ORIGINAL_CALL, EXTENDED, Text(64), TRUNKS]) },
    PrivatePdu { number: 108, name: "ATTClearConnection_t", node: Record(&[Enum, USER_INFO]) },
    PrivatePdu { number: 109, name: "ATTConsultationCall_t", node: Record(&[Text(64), Bool, USER_INFO]) },
    PrivatePdu { number: 110, name: "ATTMakeCall_t", node: Record(&[Text(64), Bool, USER_INFO]) },
    PrivatePdu { number: 111, name: "ATTDirectAgentCall_t", node: Record(&[Text(64), Bool, USER_INFO]) },
    PrivatePdu { number: 112, name: "ATTMakePredictiveCall_t", node: Record(&[Bool, Short, Enum, Text(64), USER_INFO]) },
    PrivatePdu { number: 113, name: "ATTSupervisorAssistCall_t", node: Record(&[Text(64), USER_INFO]) },
    PrivatePdu { number: 114, name: "ATTReconnectCall_t", node: Record(&[Enum, USER_INFO]) },
    PrivatePdu { number: 115, name: "ATTV6ConnectionClearedEvent_t", node: Record(&[USER_INFO]) },
    PrivatePdu { number: 116, name: "ATTV6RouteSelect_t", node: Record(&[Text(64), Text(64), Bool, Text(64), COLLECT_CODE, PROVIDED_CODE, USER_INFO]) },
    PrivatePdu { number: 117, name: "ATTV6DeliveredEvent_t", node: Record(&[Enum, Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Enum, V6_ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool]) },
    PrivatePdu { number: 118, name: "ATTV6EstablishedEvent_t", node: Record(&[Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Enum, V6_ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool]) },
    PrivatePdu { number: 119, name: "ATTV8OriginatedEvent_t", node: Record(&[Text(64), USER_INFO]) },
    PrivatePdu { number: 125, name: "ATTQueryDeviceNameConfEvent_t", node: Record(&[Enum, Text(64), Text(64), UNICODE]) },
    PrivatePdu { number: 126, name: "ATTRouteSelect_t", node: Record(&[Text(64), Text(64), Bool, Text(64), COLLECT_CODE, PROVIDED_CODE, USER_INFO, Enum]) },
    PrivatePdu { number: 127, name: "ATTGetAPICapsConfEvent_t", node: Record(&[Text(65), Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Octet, Text(256), Text(256), Text(256), Text(256)]) },
    PrivatePdu { number: 128, name: "ATTDeliveredEvent_t", node: Record(&[Enum, Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Enum, ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool, HISTORY, EXTENDED]) },
    PrivatePdu { number: 129, name: "ATTEstablishedEvent_t", node: Record(&[Text(64), Text(64), Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Enum, ORIGINAL_CALL, EXTENDED, Text(64), ORIGINATOR, Bool, HISTORY, EXTENDED]) },
    PrivatePdu { number: 130, name: "ATTQueuedEvent_t", node: Record(&[HISTORY]) },
    PrivatePdu { number: 131, name: "ATTRouteRequestEvent_t", node: Record(&[Text(64), LOOKAHEAD, ENTERED_CODE, USER_INFO, Text(64), ORIGINATOR, Bool, Text(64), HISTORY]) },
    PrivatePdu { number: 132, name: "ATTTransferredEvent_t", node: Record(&[ORIGINAL_CALL, EXTENDED, Text(64), TRUNKS, HISTORY, EXTENDED]) },
    PrivatePdu { number: 133, name: "ATTConferencedEvent_t", node: Record(&[ORIGINAL_CALL, EXTENDED, Text(64), TRUNKS, HISTORY, EXTENDED]) },
    PrivatePdu { number: 134, name: "ATTConnectionClearedEvent_t", node: Record(&[USER_INFO, HISTORY]) },
    PrivatePdu { number: 135, name: "ATTDivertedEvent_t", node: Record(&[HISTORY]) },
    PrivatePdu { number: 136, name: "ATTNetworkReachedEvent_t", node: Record(&[Enum, Enum, Text(64), Text(64), HISTORY]) },
    PrivatePdu { number: 137, name: "ATTV7FailedEvent_t", node: Record(&[HISTORY]) },
    PrivatePdu { number: 138, name: "ATTSnapshotCallConfEvent_t", node: Record(&[HISTORY]) },
    PrivatePdu { number: 141, name: "ATTFailedEvent_t", node: Record(&[HISTORY, EXTENDED]) },
    PrivatePdu { number: 142, name: "ATTSingleStepTransferCall_t", node: Record(&[CONNECTION, Text(64)]) },
    PrivatePdu { number: 143, name: "ATTV8SingleStepTransferCallConfEvent_t", node: Record(&[CONNECTION]) },
    PrivatePdu { number: 144, name: "ATTMonitorCallsViaDevice_t", node: Record(&[Bits8(2), Bool]) },
    PrivatePdu { number: 145, name: "ATTOriginatedEvent_t", node: Record(&[Text(64), USER_INFO, Enum]) },
    PrivatePdu { number: 146, name: "ATTHeldEvent_t", node: Record(&[Enum]) },
    PrivatePdu { number: 147, name: "ATTServiceInitiatedEvent_t", node: Record(&[Text(64), Enum]) },
    PrivatePdu { number: 148, name: "ATTSingleStepTransferCallConfEvent_t", node: Record(&[CONNECTION, Text(64)]) },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_structure_of_the_header_has_its_pdu_and_the_largest_is_that_of_64_bit_linux() {
        let header = include_str!("../include/attpdefs.h");
        for PrivatePdu { number, name, .. } in PRIVATE {
            assert!(header.contains(&format!("/* {number} */\ntypedef struct {name} {{")), "{number}: {name}");
        }
        assert_eq!(header.matches("*/\ntypedef struct").count(), PRIVATE.len());
        assert_eq!(PRIVATE.iter().map(|pdu| pdu.node.size()).max(), Some(2080), "the union of ATTEvent_t");
        assert!(PRIVATE.is_sorted_by_key(|pdu| pdu.number));
    }
}
