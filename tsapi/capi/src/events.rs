//! Messages to a program: class, PDU and members of each, after the tables of the protocol.
//!
//! Never: reads the octets of a member.

use crate::layout::Node::{self, Bits8, Bits16, Bool, Bounded, Enum, List, Long, Null, Octets, Record, Short, Text};

/// A message.
#[derive(Debug)]
pub(crate) struct Event {
    /// Its class.
    pub(crate) class: u16,
    /// Its PDU.
    pub(crate) pdu: u16,
    /// Its structure in the headers.
    #[cfg_attr(not(test), expect(dead_code, reason = "by it tests find an event, and readers its declaration"))]
    pub(crate) name: &'static str,
    /// Its members.
    pub(crate) members: &'static [Node],
}

/// ConnectionID_t.
pub(crate) const CONNECTION: Node = Record(&[Long, Text(64), Enum]);
/// ExtendedDeviceID_t.
pub(crate) const EXTENDED: Node = Record(&[Text(64), Enum, Enum]);
/// Connection_t.
pub(crate) const PARTY: Node = Record(&[CONNECTION, EXTENDED]);
/// CSTAMonitorFilter_t.
pub(crate) const FILTER: Node = Record(&[Bits16, Bits8(4), Bits8(6), Bits8(2), Long]);
/// ForwardingInfo_t.
pub(crate) const FORWARDING: Node = Record(&[Enum, Bool, Text(64)]);
/// CSTASnapshotCallResponseInfo_t.
pub(crate) const CALL_PARTY: Node = Record(&[EXTENDED, CONNECTION, Enum]);
/// CSTASnapshotDeviceResponseInfo_t.
pub(crate) const DEVICE_CALL: Node = Record(&[CONNECTION, List(&Enum)]);

/// Finds a message.
pub(crate) fn find(class: u16, pdu: u16) -> Option<&'static Event> {
    EVENTS.iter().find(|event| (event.class, event.pdu) == (class, pdu))
}

/// All messages.
#[rustfmt::skip]
pub(crate) const EVENTS: &[Event] = &[
    Event { class: 1, pdu: 7, name: "ACSUniversalFailureEvent_t", members: &[Enum] },
    Event { class: 2, pdu: 2, name: "ACSOpenStreamConfEvent_t", members: &[Text(21), Text(21), Text(21), Text(21)] },
    Event { class: 2, pdu: 4, name: "ACSCloseStreamConfEvent_t", members: &[Null] },
    Event { class: 2, pdu: 6, name: "ACSUniversalFailureConfEvent_t", members: &[Enum] },
    Event { class: 2, pdu: 15, name: "ACSSetHeartbeatIntervalConfEvent_t", members: &[Short] },
    Event { class: 3, pdu: 83, name: "CSTARouteRequestEvent_t", members: &[Long, Long, Text(64), Text(64), CONNECTION, Enum, Bool, Octets] },
    Event { class: 3, pdu: 85, name: "CSTAReRouteRequest_t", members: &[Long, Long] },
    Event { class: 3, pdu: 91, name: "CSTAEscapeSvcReqEvent_t", members: &[Null] },
    Event { class: 3, pdu: 108, name: "CSTASysStatReqEvent_t", members: &[Null] },
    Event { class: 3, pdu: 130, name: "CSTARouteRequestExtEvent_t", members: &[Long, Long, EXTENDED, EXTENDED, CONNECTION, Enum, Bool, Octets] },
    Event { class: 4, pdu: 54, name: "CSTACallClearedEvent_t", members: &[CONNECTION, Enum, Enum] },
    Event { class: 4, pdu: 55, name: "CSTAConferencedEvent_t", members: &[CONNECTION, CONNECTION, EXTENDED, EXTENDED, List(&PARTY), Enum, Enum] },
    Event { class: 4, pdu: 56, name: "CSTAConnectionClearedEvent_t", members: &[CONNECTION, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 57, name: "CSTADeliveredEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 58, name: "CSTADivertedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 59, name: "CSTAEstablishedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 60, name: "CSTAFailedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 61, name: "CSTAHeldEvent_t", members: &[CONNECTION, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 62, name: "CSTANetworkReachedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 63, name: "CSTAOriginatedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 64, name: "CSTAQueuedEvent_t", members: &[CONNECTION, EXTENDED, EXTENDED, EXTENDED, EXTENDED, Short, Enum, Enum] },
    Event { class: 4, pdu: 65, name: "CSTARetrievedEvent_t", members: &[CONNECTION, EXTENDED, Enum, Enum] },
    Event { class: 4, pdu: 66, name: "CSTAServiceInitiatedEvent_t", members: &[CONNECTION, Enum, Enum] },
    Event { class: 4, pdu: 67, name: "CSTATransferredEvent_t", members: &[CONNECTION, CONNECTION, EXTENDED, EXTENDED, List(&PARTY), Enum, Enum] },
    Event { class: 4, pdu: 68, name: "CSTACallInformationEvent_t", members: &[CONNECTION, EXTENDED, Text(32), Text(32)] },
    Event { class: 4, pdu: 69, name: "CSTADoNotDisturbEvent_t", members: &[EXTENDED, Bool] },
    Event { class: 4, pdu: 70, name: "CSTAForwardingEvent_t", members: &[EXTENDED, FORWARDING] },
    Event { class: 4, pdu: 71, name: "CSTAMessageWaitingEvent_t", members: &[EXTENDED, EXTENDED, Bool] },
    Event { class: 4, pdu: 72, name: "CSTALoggedOnEvent_t", members: &[EXTENDED, Text(32), Text(64), Text(32)] },
    Event { class: 4, pdu: 73, name: "CSTALoggedOffEvent_t", members: &[EXTENDED, Text(32), Text(64)] },
    Event { class: 4, pdu: 74, name: "CSTANotReadyEvent_t", members: &[EXTENDED, Text(32)] },
    Event { class: 4, pdu: 75, name: "CSTAReadyEvent_t", members: &[EXTENDED, Text(32)] },
    Event { class: 4, pdu: 76, name: "CSTAWorkNotReadyEvent_t", members: &[EXTENDED, Text(32)] },
    Event { class: 4, pdu: 77, name: "CSTAWorkReadyEvent_t", members: &[EXTENDED, Text(32)] },
    Event { class: 4, pdu: 94, name: "CSTAPrivateStatusEvent_t", members: &[Null] },
    Event { class: 4, pdu: 96, name: "CSTABackInServiceEvent_t", members: &[Text(64), Enum] },
    Event { class: 4, pdu: 97, name: "CSTAOutOfServiceEvent_t", members: &[Text(64), Enum] },
    Event { class: 4, pdu: 119, name: "CSTAMonitorEndedEvent_t", members: &[Enum] },
    Event { class: 5, pdu: 2, name: "CSTAAlternateCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 4, name: "CSTAAnswerCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 6, name: "CSTACallCompletionConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 8, name: "CSTAClearCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 10, name: "CSTAClearConnectionConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 12, name: "CSTAConferenceCallConfEvent_t", members: &[CONNECTION, List(&PARTY)] },
    Event { class: 5, pdu: 14, name: "CSTAConsultationCallConfEvent_t", members: &[CONNECTION] },
    Event { class: 5, pdu: 16, name: "CSTADeflectCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 18, name: "CSTAPickupCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 20, name: "CSTAGroupPickupCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 22, name: "CSTAHoldCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 24, name: "CSTAMakeCallConfEvent_t", members: &[CONNECTION] },
    Event { class: 5, pdu: 26, name: "CSTAMakePredictiveCallConfEvent_t", members: &[CONNECTION] },
    Event { class: 5, pdu: 28, name: "CSTAQueryMwiConfEvent_t", members: &[Bool] },
    Event { class: 5, pdu: 30, name: "CSTAQueryDndConfEvent_t", members: &[Bool] },
    Event { class: 5, pdu: 32, name: "CSTAQueryFwdConfEvent_t", members: &[Bounded(&FORWARDING, 7)] },
    Event { class: 5, pdu: 34, name: "CSTAQueryAgentStateConfEvent_t", members: &[Enum] },
    Event { class: 5, pdu: 36, name: "CSTAQueryLastNumberConfEvent_t", members: &[Text(64)] },
    Event { class: 5, pdu: 38, name: "CSTAQueryDeviceInfoConfEvent_t", members: &[Text(64), Enum, Bits8(4)] },
    Event { class: 5, pdu: 40, name: "CSTAReconnectCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 42, name: "CSTARetrieveCallConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 44, name: "CSTASetMwiConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 46, name: "CSTASetDndConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 48, name: "CSTASetFwdConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 50, name: "CSTASetAgentStateConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 52, name: "CSTATransferCallConfEvent_t", members: &[CONNECTION, List(&PARTY)] },
    Event { class: 5, pdu: 53, name: "CSTAUniversalFailureConfEvent_t", members: &[Enum] },
    Event { class: 5, pdu: 79, name: "CSTARouteRegisterReqConfEvent_t", members: &[Long] },
    Event { class: 5, pdu: 81, name: "CSTARouteRegisterCancelConfEvent_t", members: &[Long] },
    Event { class: 5, pdu: 90, name: "CSTAEscapeSvcConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 99, name: "CSTASysStatReqConfEvent_t", members: &[Enum] },
    Event { class: 5, pdu: 101, name: "CSTASysStatStartConfEvent_t", members: &[Bits8(8)] },
    Event { class: 5, pdu: 103, name: "CSTASysStatStopConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 105, name: "CSTAChangeSysStatFilterConfEvent_t", members: &[Bits8(8), Bits8(8)] },
    Event { class: 5, pdu: 114, name: "CSTAMonitorConfEvent_t", members: &[Long, FILTER] },
    Event { class: 5, pdu: 116, name: "CSTAChangeMonitorFilterConfEvent_t", members: &[FILTER] },
    Event { class: 5, pdu: 118, name: "CSTAMonitorStopConfEvent_t", members: &[Null] },
    Event { class: 5, pdu: 121, name: "CSTASnapshotCallConfEvent_t", members: &[List(&CALL_PARTY)] },
    Event { class: 5, pdu: 123, name: "CSTASnapshotDeviceConfEvent_t", members: &[List(&DEVICE_CALL)] },
    Event { class: 5, pdu: 125, name: "CSTAGetAPICapsConfEvent_t", members: &[Short; 79] },
    Event { class: 5, pdu: 127, name: "CSTAGetDeviceListConfEvent_t", members: &[Enum, Enum, Long, Bounded(&Text(64), 20)] },
    Event { class: 5, pdu: 129, name: "CSTAQueryCallMonitorConfEvent_t", members: &[Bool] },
    Event { class: 6, pdu: 82, name: "CSTARouteRegisterAbortEvent_t", members: &[Long] },
    Event { class: 6, pdu: 86, name: "CSTARouteUsedEvent_t", members: &[Long, Long, Text(64), Text(64), Bool] },
    Event { class: 6, pdu: 87, name: "CSTARouteEndEvent_t", members: &[Long, Long, Enum] },
    Event { class: 6, pdu: 93, name: "CSTAPrivateEvent_t", members: &[Null] },
    Event { class: 6, pdu: 106, name: "CSTASysStatEvent_t", members: &[Enum] },
    Event { class: 6, pdu: 107, name: "CSTASysStatEndedEvent_t", members: &[Null] },
    Event { class: 6, pdu: 131, name: "CSTARouteUsedExtEvent_t", members: &[Long, Long, EXTENDED, EXTENDED, Bool] },
];
