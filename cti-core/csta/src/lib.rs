//! CSTA phase I as plain types: devices, connections, services, events, causes and failures, under the standard's names.
//!
//! There is no second vocabulary. The TSAPI codec writes and reads these very types, and other encodings do the same.
//! Names and numbers are those of the TSAPI dialect (ECMA-179, ECMA-180).
//!
//! Never: how any of this is written in octets, or what a call does next.

pub mod capabilities;
pub mod cause;
pub mod event;
pub mod ids;
pub mod request;

use core::fmt;

use arrayvec::ArrayString;

/// The longest device identifier in octets.
pub const DEVICE_ID_MAX: usize = 63;
/// The longest agent identifier and password in octets.
pub const AGENT_ID_MAX: usize = 31;

/// Text that was too long, or not in the IA5 alphabet, to be an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "An identifier is plain ASCII: at most {DEVICE_ID_MAX} characters for a device, {AGENT_ID_MAX} for an agent"
        )
    }
}

impl std::error::Error for InvalidId {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(ArrayString<$max>);

        impl $name {
            /// The empty identifier: absent, or not known.
            pub const EMPTY: $name = $name(ArrayString::new_const());

            /// An identifier from text, if it is short enough and plain ASCII without NUL.
            pub fn new(text: &str) -> Result<$name, InvalidId> {
                if !text.is_ascii() || text.contains('\0') {
                    return Err(InvalidId);
                }
                ArrayString::from(text).map($name).map_err(|_| InvalidId)
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Whether it is absent or not known.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

text_id!(
    /// A device: a station's extension, a queue, a trunk, or an outside number.
    DeviceId,
    DEVICE_ID_MAX
);
text_id!(
    /// An agent's login.
    AgentId,
    AGENT_ID_MAX
);
text_id!(
    /// An agent's password, as it travels in CSTASetAgentState.
    AgentPassword,
    AGENT_ID_MAX
);

text_id!(
    /// To whose account a call is put down (AccountInfo).
    AccountInfo,
    AGENT_ID_MAX
);
text_id!(
    /// By what code a call was allowed (AuthCode).
    AuthCode,
    AGENT_ID_MAX
);

/// A call: unique in the switch, the same for the call's life. Positive; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CallId(pub i32);

/// Whether a connection's device identifier names a device for good or for this call only (ConnectionID_Device).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ConnectionDevice {
    /// An inside device.
    #[default]
    Static,
    /// A party known by a token that holds for this call only, as an outside one on a trunk.
    Dynamic,
}

/// One device's part in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnectionId {
    /// The call.
    pub call: CallId,
    /// The device in it; empty for the call as such.
    pub device: DeviceId,
    /// What kind of identifier that is.
    pub kind: ConnectionDevice,
}

impl ConnectionId {
    /// No connection: nothing is known.
    pub const NONE: ConnectionId =
        ConnectionId { call: CallId(0), device: DeviceId::EMPTY, kind: ConnectionDevice::Static };
}

/// What kind of number a device identifier is (DeviceIDType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeviceIdType {
    /// 0: an inside device.
    #[default]
    DeviceIdentifier,
    /// 20: an outside number as received.
    ImplicitPublic,
    /// 30: an outside number of unknown kind.
    ExplicitPublicUnknown,
    /// 55: an inside number.
    ExplicitPrivateLocalNumber,
    /// 70: a trunk.
    TrunkIdentifier,
    /// 71: a trunk group.
    TrunkGroupIdentifier,
    /// Any other kind, by its number.
    Other(i32),
}

/// Whether a device identifier is there (DeviceIDStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeviceIdStatus {
    /// 0: it is.
    #[default]
    Provided,
    /// 1: nobody knows it.
    NotKnown,
    /// 2: there is nothing to say.
    NotRequired,
}

/// A device with what is known of its identifier (ExtendedDeviceID).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExtendedDeviceId {
    /// The identifier; empty unless provided.
    pub device: DeviceId,
    /// What kind of number it is.
    pub kind: DeviceIdType,
    /// Whether it is there.
    pub status: DeviceIdStatus,
}

impl ExtendedDeviceId {
    /// Nobody knows it: empty, type 0, status 1.
    pub const NOT_KNOWN: ExtendedDeviceId = ExtendedDeviceId {
        device: DeviceId::EMPTY,
        kind: DeviceIdType::DeviceIdentifier,
        status: DeviceIdStatus::NotKnown,
    };
    /// Nothing to say: empty, type 0, status 2.
    pub const NOT_REQUIRED: ExtendedDeviceId = ExtendedDeviceId {
        device: DeviceId::EMPTY,
        kind: DeviceIdType::DeviceIdentifier,
        status: DeviceIdStatus::NotRequired,
    };

    /// An inside device.
    pub const fn inside(device: DeviceId) -> ExtendedDeviceId {
        ExtendedDeviceId { device, kind: DeviceIdType::DeviceIdentifier, status: DeviceIdStatus::Provided }
    }

    /// An outside number as received; not known when it is empty.
    pub fn outside(number: DeviceId) -> ExtendedDeviceId {
        if number.is_empty() {
            return ExtendedDeviceId::NOT_KNOWN;
        }
        ExtendedDeviceId { device: number, kind: DeviceIdType::ImplicitPublic, status: DeviceIdStatus::Provided }
    }

    /// A trunk as a party.
    pub const fn trunk(device: DeviceId) -> ExtendedDeviceId {
        ExtendedDeviceId { device, kind: DeviceIdType::TrunkIdentifier, status: DeviceIdStatus::Provided }
    }
}

/// The state of a connection at its device (LocalConnectionState).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalConnectionState {
    /// −1: not told, as to a monitor that follows calls.
    None,
    /// 0: no connection.
    Null,
    /// 1: the device has begun a call.
    Initiate,
    /// 2: the device is being rung.
    Alerting,
    /// 3: the device takes part.
    Connect,
    /// 4: the device holds the call.
    Hold,
    /// 5: the call waits at the device.
    Queued,
    /// 6: the call could not be completed.
    Fail,
}

/// What an agent is doing (AgentState).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// −1: nothing is known.
    NotInitialized,
    /// 0: logged on, not to be given calls.
    NotReady,
    /// 1: not logged on.
    Null,
    /// 2: logged on, to be given calls.
    Ready,
    /// 3: after-call work, not to be given calls.
    WorkNotReady,
    /// 4: after-call work, calls may come.
    WorkReady,
}

/// What an agent asks to be (AgentMode).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentMode {
    /// 0.
    LogIn,
    /// 1.
    LogOut,
    /// 2.
    NotReady,
    /// 3.
    Ready,
    /// 4.
    WorkNotReady,
    /// 5.
    WorkReady,
}

/// What a device is (DeviceType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceType {
    /// 0: a telephone.
    Station,
    /// 3: a queue.
    Acd,
    /// 4: a line of the exchange.
    Trunk,
    /// 19: a group of agents that a queue serves.
    AcdGroup,
    /// 20: lines of the exchange that serve the same purpose.
    TrunkGroup,
    /// Any other, by its number; 255 says nothing.
    Other(i32),
}

/// How the switch is (SystemStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SystemStatus {
    /// 0.
    Initializing,
    /// 1.
    Enabled,
    /// 2.
    Normal,
    /// 3.
    MessagesLost,
    /// 4.
    Disabled,
    /// 5.
    OverloadImminent,
    /// 6.
    OverloadReached,
    /// 7.
    OverloadRelieved,
}

/// Which devices a device list is asked for (CSTALevel).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceListLevel {
    /// 1: the user's own.
    HomeWorkTop,
    /// 2: those the user may borrow.
    AwayWorkTop,
    /// 3: those whose devices may be monitored.
    DeviceDeviceMonitor,
    /// 4: those whose calls may be monitored.
    CallDeviceMonitor,
    /// 5: those that may be controlled.
    CallControl,
    /// 6: those that may be routed.
    Routing,
    /// 7: those whose calls may be monitored by call.
    CallCallMonitor,
}

/// What the server checks of a user's rights (SDBLevel).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SdbLevel {
    /// −1: nothing.
    NoChecking,
    /// 0: the stream and the devices.
    AcsAndCsta,
    /// 1: the stream only.
    AcsOnly,
}
