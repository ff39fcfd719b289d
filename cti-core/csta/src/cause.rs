//! Why something happened (EventCause), and why a request was refused (CSTAUniversalFailure), with their numbers.

use core::fmt;

/// Makes an enum of numbered names that keeps numbers it does not know.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A number without a name here.
            Other(i32),
        }

        impl $name {
            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $($name::$variant => $number,)*
                    $name::Other(number) => number,
                }
            }

            /// The meaning of a number on the wire.
            pub const fn from_number(number: i32) -> $name {
                match number {
                    $($number => $name::$variant,)*
                    other => $name::Other(other),
                }
            }
        }
    };
}

numbered!(
    /// Why an event happened.
    EventCause {
        /// There is nothing to say.
        None = -1,
        /// A conference by monitor.
        ActiveMonitor = 1,
        /// The called device is busy.
        Busy = 3,
        /// The caller gave up.
        CallCancelled = 5,
        /// Nobody answered.
        CallNotAnswered = 10,
        /// The destination cannot be had.
        DestNotObtainable = 13,
        /// Maintenance: a card is gone.
        Maintenance = 19,
        /// The network has no way.
        NetworkCongestion = 20,
        /// The network cannot be had.
        NetworkNotObtainable = 21,
        /// A new call.
        NewCall = 22,
        /// No agent is free.
        NoAvailableAgents = 23,
        /// The queue was too full or the wait too long.
        Overflow = 26,
        /// The call was redirected.
        Redirected = 28,
        /// The network refused with a tone.
        ReorderTone = 29,
        /// Something needed was not there.
        ResourcesNotAvailable = 30,
        /// No trunk is free.
        TrunksBusy = 33,
        /// A signal of the network.
        NetworkSignal = 46,
        /// The device is out of order.
        DestOutOfOrder = 65,
    }
);

numbered!(
    /// Why a request was refused.
    UniversalFailure {
        /// Nothing more can be said.
        GenericUnspecified = 0,
        /// The operation cannot be carried out.
        GenericOperation = 1,
        /// The request does not fit the object.
        RequestIncompatibleWithObject = 2,
        /// A value is out of its range.
        ValueOutOfRange = 3,
        /// The object is not known.
        ObjectNotKnown = 4,
        /// The calling device does not exist or cannot call.
        InvalidCallingDevice = 5,
        /// The called device does not exist or cannot be called.
        InvalidCalledDevice = 6,
        /// The user may not do this to the device.
        PrivilegeViolationOnSpecifiedDevice = 8,
        /// There is no such call.
        InvalidCstaCallIdentifier = 11,
        /// There is no such device.
        InvalidCstaDeviceIdentifier = 12,
        /// There is no such connection.
        InvalidCstaConnectionIdentifier = 13,
        /// The destination is not valid.
        InvalidDestination = 14,
        /// The feature is not there.
        InvalidFeature = 15,
        /// There is no such monitor.
        InvalidCrossRefId = 17,
        /// The object is of the wrong kind.
        InvalidObjectType = 18,
        /// A password was wrong.
        SecurityViolation = 19,
        /// The state does not allow it.
        GenericStateIncompatibility = 21,
        /// The object is in the wrong state.
        InvalidObjectState = 22,
        /// There is no active call.
        NoActiveCall = 24,
        /// There is no call to clear.
        NoCallToClear = 26,
        /// There is no connection to clear.
        NoConnectionToClear = 27,
        /// There is no call to answer.
        NoCallToAnswer = 28,
        /// Resources are not there.
        GenericSystemResourceAvailability = 31,
        /// The resource is busy.
        ResourceBusy = 33,
        /// The resource is out of service.
        ResourceOutOfService = 34,
        /// Too many monitors in all.
        OverallMonitorLimitExceeded = 37,
        /// Too many monitors on the object.
        ObjectMonitorLimitExceeded = 42,
        /// No trunk is left.
        ExternalTrunkLimitExceeded = 43,
        /// Too many requests are waiting.
        OutstandingRequestLimitExceeded = 44,
        /// The service is not known.
        UnrecognizedOperationRejection = 73,
        /// An argument is of the wrong type.
        MistypedArgumentRejection = 74,
        /// A bound was reached.
        ResourceLimitationRejection = 75,
        /// The octets are not a PDU.
        BadlyStructuredApduRejection = 82,
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
