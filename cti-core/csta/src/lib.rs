//! CSTA phase I in the TSAPI dialect as plain types, under the standard's names (ECMA-179, ECMA-180).
//!
//! These are the only types of requests, replies and events; codecs and core use them directly: the core takes
//! [`Request`]s and emits [`Reply`]s and [`Event`]s, the TSAPI codec reads and writes the same types, and their JSON
//! follows from the same lists of members.
//!
//! ```
//! use tipring_csta_types::Request;
//! use tipring_csta_types::{CallId, ConnectionId, DeviceId};
//!
//! let alerting_call = ConnectionId { call: CallId(42), device: DeviceId::new("1001")?, ..ConnectionId::NONE };
//! let request = Request::AnswerCall { alerting_call };
//! assert_eq!((request.number(), request.name()), (3, "AnswerCall"));
//! # Ok::<(), tipring_csta_types::InvalidId>(())
//! ```
//!
//! Glossary:
//!
//! | term | type | source |
//! |---|---|---|
//! | service request, PDU | [`Request`] | ECMA-179, ECMA-180 |
//! | positive acknowledgement (confirmation) | [`Reply`] | ECMA-179 |
//! | negative acknowledgement | [`cause::UniversalFailure`] | ECMA-179 |
//! | event report of a monitor | [`Event`] | ECMA-179 |
//! | monitor filter | [`filter::MonitorFilter`] | ECMA-179 |
//! | request of the switching function | [`switch::SwitchRequest`] | ECMA-179 |
//! | event report without a monitor | [`switch::EventReport`] | ECMA-179 |
//! | private data, escape service | [`private`], [`vendor`] | TSAPI vendor dialect |
//! | ATT private data (G3PD, attpriv.h) | [`vendor`] | TSAPI vendor dialect |
//! | connection, connection state | [`ConnectionId`], [`LocalConnectionState`] | ECMA-179 |
//! | silent monitor, coach, barge-in, take over, forced release, call park | [`tipring`] | industry usage |
//! | user-to-user information (UUI) | [`private::UserInfo`] | Q.931 |
//! | permission of a user | [`rights::Rights`], [`rights::ServiceGroup`] | ECMA-179 (privilege violations) |
//! | right that a service needs | [`required_right`] | ECMA-179 (privilege violations) |
//! | screen pop, customer card | [`call_data::CallData`], [`customer_card::CustomerCard`] | industry usage |
//! | UCID, work mode | [`Ucid`], [`private::WorkMode`] | TSAPI vendor dialect |
//!
//! Never: encodes a value, or controls a call.

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod call_data;
pub mod capabilities;
pub mod cause;
pub mod customer_card;
pub mod device;
mod enumerations;
pub mod event;
pub mod filter;
pub mod id;
mod message;
pub mod private;
pub mod reply;
pub mod request;
pub mod required_right;
pub mod rights;
pub mod state;
pub mod switch;
mod text;
pub mod tipring;
pub mod vendor;

pub use device::{
    Connection, ConnectionList, DeviceClass, DeviceIdStatus, DeviceIdType, DeviceType, ExtendedDeviceId,
    ForwardingInfo, ForwardingType,
};
pub use event::Event;
pub use filter::MonitorFilter;
pub use id::{
    AGENT_ID_MAX, AccountInfo, AgentId, AgentPassword, AuthCode, CallId, ConnectionDevice, ConnectionId, DEVICE_ID_MAX,
    DeviceId, Digits, InvalidId, InvokeId, MonitorCrossRefId, PrivateCrossRefId, RouteRegisterId, RoutingCrossRefId,
    SessionId, Ucid,
};
pub use reply::Reply;
pub use request::Request;
pub use state::{
    AgentMode, AgentState, AllocationState, DeviceListLevel, Feature, LocalConnectionState, SdbLevel, SelectValue,
    SystemStatus,
};
