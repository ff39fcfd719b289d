//! Causes of events (EventCause) and reasons of refusals (CSTAUniversalFailure), with their numbers.
//!
//! Never: decides which cause an event has.

use core::fmt;

use crate::enumerations::numbered;

numbered!(open
    /// Cause of an event (EventCause).
    EventCause {
        /// No cause is given.
        -1 None,
        /// A conference by an active monitor.
        1 ActiveMonitor,
        /// Alternation of two calls.
        2 Alternate,
        /// The called device is busy.
        3 Busy,
        /// A call back.
        4 CallBack,
        /// The caller has cleared before the answer.
        5 CallCancelled,
        /// Forwarded always.
        6 CallForwardAlways,
        /// Forwarded when busy.
        7 CallForwardBusy,
        /// Forwarded when not answered.
        8 CallForwardNoAnswer,
        /// Forwarded.
        9 CallForward,
        /// The call was not answered.
        10 CallNotAnswered,
        /// A pickup.
        11 CallPickup,
        /// A camp on.
        12 CampOn,
        /// The destination cannot be reached.
        13 DestNotObtainable,
        /// The destination refuses calls.
        14 DoNotDisturb,
        /// The destination is incompatible.
        15 IncompatibleDestination,
        /// The account code is not valid.
        16 InvalidAccountCode,
        /// A conference by key.
        17 KeyConference,
        /// Off hook for too long without a call.
        18 Lockout,
        /// Maintenance: a card is out of service.
        19 Maintenance,
        /// The network is congested.
        20 NetworkCongestion,
        /// The network cannot be reached.
        21 NetworkNotObtainable,
        /// A new call.
        22 NewCall,
        /// No agent is available.
        23 NoAvailableAgents,
        /// An override.
        24 Override,
        /// A call park.
        25 Park,
        /// Overflow: the queue is full or the wait too long.
        26 Overflow,
        /// A recall.
        27 Recall,
        /// Redirected.
        28 Redirected,
        /// Reorder tone: the network refused.
        29 ReorderTone,
        /// A resource is not available.
        30 ResourcesNotAvailable,
        /// A silent monitor.
        31 SilentMonitor,
        /// A transfer.
        32 Transfer,
        /// All trunks are busy.
        33 TrunksBusy,
        /// A voice unit has made the call.
        34 VoiceUnitInitiator,
        /// A consultation.
        37 Consultation,
        /// A signal of the network.
        46 NetworkSignal,
        /// A single-step transfer.
        52 SingleStepTransfer,
        /// The time of alerting has expired.
        60 AlertTimeExpired,
        /// A conference.
        63 Conference,
        /// The destination is out of order.
        65 DestOutOfOrder,
        /// The bearer service is not supported.
        80 NotSupportedBearerService,
        /// The number is not assigned.
        81 UnassignedNumber,
        /// The bearer service is incompatible.
        87 IncompatibleBearerService,
    }
);

numbered!(open
    /// Reason why a request was refused (CSTAUniversalFailure).
    UniversalFailure {
        /// No reason is given.
        0 GenericUnspecified,
        /// The operation cannot be carried out.
        1 GenericOperation,
        /// The request does not fit the object.
        2 RequestIncompatibleWithObject,
        /// A value is out of its range.
        3 ValueOutOfRange,
        /// The object is not known.
        4 ObjectNotKnown,
        /// The calling device does not exist or cannot call.
        5 InvalidCallingDevice,
        /// The called device does not exist or cannot be called.
        6 InvalidCalledDevice,
        /// The destination of a forwarding is not valid.
        7 InvalidForwardingDestination,
        /// The user has no right to the device.
        8 PrivilegeViolationOnSpecifiedDevice,
        /// The user has no right to the called device.
        9 PrivilegeViolationOnCalledDevice,
        /// The user has no right to the calling device.
        10 PrivilegeViolationOnCallingDevice,
        /// There is no such call.
        11 InvalidCstaCallIdentifier,
        /// There is no such device.
        12 InvalidCstaDeviceIdentifier,
        /// There is no such connection.
        13 InvalidCstaConnectionIdentifier,
        /// The destination is not valid.
        14 InvalidDestination,
        /// The feature does not exist.
        15 InvalidFeature,
        /// The allocation state is not valid.
        16 InvalidAllocationState,
        /// There is no such monitor.
        17 InvalidCrossRefId,
        /// The object is of the wrong kind.
        18 InvalidObjectType,
        /// The request violates security.
        19 SecurityViolation,
        /// The state does not allow it.
        21 GenericStateIncompatibility,
        /// The object is in the wrong state.
        22 InvalidObjectState,
        /// The connection is not that of the active call.
        23 InvalidConnectionIdForActiveCall,
        /// There is no active call.
        24 NoActiveCall,
        /// There is no held call.
        25 NoHeldCall,
        /// There is no call to clear.
        26 NoCallToClear,
        /// There is no connection to clear.
        27 NoConnectionToClear,
        /// There is no call to answer.
        28 NoCallToAnswer,
        /// There is no call to complete.
        29 NoCallToComplete,
        /// The system lacks a resource.
        31 GenericSystemResourceAvailability,
        /// The service is busy.
        32 ServiceBusy,
        /// The resource is busy.
        33 ResourceBusy,
        /// The resource is out of service.
        34 ResourceOutOfService,
        /// The network is busy.
        35 NetworkBusy,
        /// The network is out of service.
        36 NetworkOutOfService,
        /// Too many monitors in all.
        37 OverallMonitorLimitExceeded,
        /// Too many parties in the conference.
        38 ConferenceMemberLimitExceeded,
        /// A subscribed resource is missing.
        41 GenericSubscribedResourceAvailability,
        /// Too many monitors on the object.
        42 ObjectMonitorLimitExceeded,
        /// No trunk is left.
        43 ExternalTrunkLimitExceeded,
        /// Too many requests are outstanding.
        44 OutstandingRequestLimitExceeded,
        /// Performance management refuses.
        51 GenericPerformanceManagement,
        /// A limit of performance is exceeded.
        52 PerformanceLimitExceeded,
        /// A security error without a name.
        60 UnspecifiedSecurityError,
        /// The sequence number is wrong.
        61 SequenceNumberViolated,
        /// The time stamp is wrong.
        62 TimeStampViolated,
        /// The certificate of privileges is wrong.
        63 PacViolated,
        /// The seal is wrong.
        64 SealViolated,
        /// Rejected without a reason.
        70 GenericUnspecifiedRejection,
        /// The operation is rejected.
        71 GenericOperationRejection,
        /// The invocation is a duplicate.
        72 DuplicateInvocationRejection,
        /// The service is not known or not supported.
        73 UnrecognizedOperationRejection,
        /// An argument is of the wrong type.
        74 MistypedArgumentRejection,
        /// A limit of resources is reached.
        75 ResourceLimitationRejection,
        /// The stream is ending.
        76 AcsHandleTerminationRejection,
        /// The service is ending.
        77 ServiceTerminationRejection,
        /// The request took too long.
        78 RequestTimeoutRejection,
        /// Too many requests wait on the device.
        79 RequestsOnDeviceExceededRejection,
        /// The APDU is not known.
        80 UnrecognizedApduRejection,
        /// The APDU is of the wrong type.
        81 MistypedApduRejection,
        /// The octets are not an APDU.
        82 BadlyStructuredApduRejection,
        /// The initiator is releasing.
        83 InitiatorReleasingRejection,
        /// The linked identifier is not known.
        84 UnrecognizedLinkedIdRejection,
        /// A linked response was not expected.
        85 LinkedResponseUnexpectedRejection,
        /// A child operation was not expected.
        86 UnexpectedChildOperationRejection,
        /// The result is of the wrong type.
        87 MistypedResultRejection,
        /// The error is not known.
        88 UnrecognizedErrorRejection,
        /// The error was not expected.
        89 UnexpectedErrorRejection,
        /// The parameter is of the wrong type.
        90 MistypedParameterRejection,
        /// A failure outside the standard.
        100 NonStandard,
    }
);

impl fmt::Display for UniversalFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UniversalFailure::Other(number) => write!(f, "CSTA failure {number}"),
            known => write!(f, "{known:?} ({})", known.number()),
        }
    }
}

impl std::error::Error for UniversalFailure {}
