//! Identifiers: devices, agents, calls, connections, sessions, requests, monitors and routing dialogues.
//!
//! Text identifiers are IA5 text of a bounded length; the empty one stands for "absent" or "not known".
//!
//! Never: knows what a device, an agent or a call does.

use core::fmt;

use arrayvec::ArrayString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::enumerations::numbered;
use crate::text::PlainText;

/// Length of the longest device identifier in octets.
pub const DEVICE_ID_MAX: usize = 63;
/// Length of the longest agent identifier, password, account or authorisation code in octets.
pub const AGENT_ID_MAX: usize = 31;

/// Refusal of text that is too long, or not in the IA5 alphabet, as an identifier.
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
        text_id!(@type $(#[$doc])* $name, $max);

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
    (@type $(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(PlainText<{ $max }>);

        impl $name {
            /// The empty identifier: absent, or not known.
            pub const EMPTY: $name = $name(PlainText::EMPTY);
            /// Length of the longest one in octets.
            pub const MAX: usize = $max;

            /// Makes an identifier of text.
            ///
            /// # Errors
            /// [`InvalidId`] if the text is longer than [`MAX`](Self::MAX), not ASCII, or has a NUL.
            pub fn new(text: &str) -> Result<$name, InvalidId> {
                let mut identifier = $name::EMPTY;
                identifier.set(text.as_bytes())?;
                Ok(identifier)
            }

            /// Makes it the identifier of this text, in place.
            ///
            /// # Errors
            /// As [`new`](Self::new); then it is empty.
            #[inline]
            pub fn set(&mut self, text: &[u8]) -> Result<(), InvalidId> {
                if self.0.set(text) { Ok(()) } else { Err(InvalidId) }
            }

            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Returns the octets of the text.
            #[inline]
            pub fn as_octets(&self) -> &[u8] {
                self.0.as_octets()
            }

            /// Returns the octets of the text, and zeros behind them: an array that is copied without a look at its
            /// length.
            #[inline]
            pub fn padded(&self) -> &[u8; $max] {
                self.0.padded()
            }

            /// Returns true if it is absent or not known.
            pub fn is_empty(&self) -> bool {
                self.0.as_octets().is_empty()
            }
        }

        impl Default for $name {
            #[inline]
            fn default() -> $name {
                $name::EMPTY
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "maxLength": $max })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = ArrayString::<{ $max }>::deserialize(deserializer)?;
                $name::new(&text).map_err(D::Error::custom)
            }
        }
    };
}

text_id!(
    /// A device: a station's extension, a queue, a trunk, or an outside number (DeviceID).
    DeviceId,
    DEVICE_ID_MAX
);
text_id!(
    /// An agent's log-in (AgentID).
    AgentId,
    AGENT_ID_MAX
);
text_id!(
    @type
    /// An agent's password, as it travels in CSTASetAgentState (AgentPassword). Its text never shows in `Debug`.
    AgentPassword,
    AGENT_ID_MAX
);
text_id!(
    /// The account to which a call is charged (AccountInfo).
    AccountInfo,
    AGENT_ID_MAX
);
text_id!(
    /// The code by which a call was authorised (AuthCode).
    AuthCode,
    AGENT_ID_MAX
);
text_id!(
    /// Universal call identifier: 20 digits, the same for a call's life and never used again. Empty where there is
    /// none.
    Ucid,
    DEVICE_ID_MAX
);
text_id!(
    /// Digits keyed by a party: 0 to 9, `*` and `#`.
    Digits,
    32
);

impl fmt::Debug for AgentPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "\"\"" } else { "\"…\"" })
    }
}

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident($number:ty);)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub $number);
    )*};
}

number_id!(
    /// A call: unique in the switch, the same for the call's life. Positive; 0 where there is none.
    CallId(i32);
    /// A client's session, as the server counts them; never used twice.
    SessionId(u32);
    /// The number a client gave its request; echoed with the reply (InvokeID).
    InvokeId(u32);
    /// A monitor of one session (CSTAMonitorCrossRefID): positive, unique within its session.
    MonitorCrossRefId(i32);
    /// A registration of a routing device (RouteRegisterReqID): positive, unique within its session.
    RouteRegisterId(i32);
    /// A routing dialogue (RoutingCrossRefID): positive, unique within its registration.
    RoutingCrossRefId(i32);
    /// A series of private events that answers one request (privEventCrossRefID).
    PrivateCrossRefId(i32);
);

numbered!(closed
    /// Lifetime of a connection's device identifier (ConnectionID_Device).
    #[derive(Default)]
    ConnectionDevice {
        /// An inside device.
        #[default]
        0 Static,
        /// A party known by a token that holds for this call only, as an outside one on a trunk.
        1 Dynamic,
    }
);

/// The part of one device in one call (ConnectionID).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionId {
    /// The call.
    #[serde(rename = "callID")]
    pub call: CallId,
    /// The device in it; empty for the call as such.
    #[serde(rename = "deviceID")]
    pub device: DeviceId,
    /// Lifetime of that identifier.
    #[serde(rename = "devIDType", default)]
    pub kind: ConnectionDevice,
}

impl ConnectionId {
    /// No connection: nothing is known.
    pub const NONE: ConnectionId =
        ConnectionId { call: CallId(0), device: DeviceId::EMPTY, kind: ConnectionDevice::Static };

    /// Returns the connection of a call as such: its device is empty.
    pub const fn of_call(call: CallId) -> ConnectionId {
        ConnectionId { call, device: DeviceId::EMPTY, kind: ConnectionDevice::Static }
    }
}
