//! Failures of a stream (ACSUniversalFailure): refused or ended; in numbers for the wire and sentences for people.

use core::fmt;

use crate::ber::{Ber, Reader, Writer};
use crate::error::BerError;

macro_rules! failures {
    ($($number:literal $variant:ident $sentence:literal,)*) => {
        /// Failure for which a stream was refused or ended. The numbers that other servers send and ours does not are
        /// kept as they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AcsFailure {
            $(#[doc = $sentence] $variant,)*
            /// A number without a name here.
            Other(i32),
        }

        impl AcsFailure {
            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $(AcsFailure::$variant => $number,)*
                    AcsFailure::Other(number) => number,
                }
            }

            /// The meaning of a number on the wire.
            pub const fn from_number(number: i32) -> AcsFailure {
                match number {
                    $($number => AcsFailure::$variant,)*
                    other => AcsFailure::Other(other),
                }
            }
        }

        impl fmt::Display for AcsFailure {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(AcsFailure::$variant => write!(f, concat!($sentence, " (ACS failure ", $number, ")")),)*
                    AcsFailure::Other(number) => write!(f, "The server gave ACS failure {number}"),
                }
            }
        }
    };
}

failures!(
    0 StreamFailed "The stream has failed",
    1 NoThread "The server serves as many clients as it can",
    4 MessageHighWaterMark "The client did not read what it was sent",
    11 NoMemory "The server has no memory left",
    13 DecodeFailed "The server could not read the message",
    14 BadConnection "The connection is bad",
    15 BadPdu "The server does not know the message",
    16 NoVersion "The server has no version to offer",
    23 BadServerId "The server does not serve that Tlink",
    24 BadStreamType "The server has no streams of that type",
    25 BadPasswordOrLogin "The login or the password is wrong",
    26 NoUserRecord "The server does not know the user",
    28 DeviceNotOnList "The device is not on the user's list",
    36 InsufficientPermission "The user may not do that",
    38 InvalidMessage "The message makes no sense here",
    42 UserLicensesExceeded "All the user's streams are in use",
    46 BadPacket "The frame is damaged",
    66 NoAcsStream "No stream has been opened",
    80 BadPasswordEncryption "The password is not enciphered as was asked",
    81 BadTservProtocol "The message comes out of order",
    84 PduVersionMismatch "The server speaks none of the versions asked for",
    85 VersionMismatch "The list of versions cannot be read",
    93 SystemError "The server has failed within",
    95 TcpFailed "The network connection has failed",
    112 AccountDisabled "The account is disabled",
    117 AccountLockedOut "The account is locked",
    118 PasswordExpired "The password has expired",
    119 InvalidHeartbeatInterval "The heartbeat interval must be from 5 to 60 seconds",
    1000 DuplicateAcsHandle "The stream is open already",
    1003 InvalidClassRejection "The server takes no messages of that class",
    1005 ResourceLimitation "The server has reached a limit",
    1006 AcsHandleTermination "The server has closed the stream",
    1007 LinkUnavailable "The switch cannot be reached",
);

/// `ACSFailure ::= ENUMERATED`
impl Ber for AcsFailure {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.enumerated(self.number());
    }
    fn read(reader: &mut Reader<'_>) -> Result<AcsFailure, BerError> {
        reader.enumerated(|number| Some(AcsFailure::from_number(number)))
    }
}

impl std::error::Error for AcsFailure {}
