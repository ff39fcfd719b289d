//! Inputs of the core as data, and the entries of their log.
//!
//! Never: leaves an input of the core out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::channel::{ChannelEvent, Look};
use crate::config::{AcdConfig, Config, ConfigError, UserConfig};
use crate::csta::cause::UniversalFailure;
use crate::csta::private::RequestData;
use crate::csta::{AgentId, CallId, DeviceId, InvokeId, Request, SessionId};
use crate::flow::book::FlowBook;
use crate::flow::calendar::Routes;
use crate::flow::walk::{DipAnswer, DipId};
use crate::store::StoreReply;

/// An input of the core: for each there is a method of [`Core`](crate::core::Core).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// An event of the media thread.
    Channel(ChannelEvent),
    /// A service request.
    Request {
        /// The session.
        session: SessionId,
        /// The number that its client gave it.
        invoke: InvokeId,
        /// The request.
        request: Request,
        /// Data beyond the standard.
        data: Option<Box<RequestData>>,
    },
    /// A session has been opened.
    Opened {
        /// The session.
        session: SessionId,
        /// The user.
        login: String,
    },
    /// A session is gone.
    Closed(SessionId),
    /// An answer of the store.
    Stored(StoreReply),
    /// An answer of a data source.
    Dipped(DipId, DipAnswer),
    /// A PIN has been verified.
    Pin {
        /// The station.
        station: DeviceId,
        /// The agent.
        agent: AgentId,
        /// The PIN was the agent's.
        is_right: bool,
    },
    /// The number of commands that the engine's ring is sure to take.
    CommandRoom(usize),
    /// The disk has room for recordings, or has none.
    RecordingRoom(bool),
    /// The wall clock, in milliseconds since 1970.
    WallClock(u64),
    /// New flows.
    Flows(Box<FlowBook>),
    /// New queues, agents, callers and flows.
    #[serde(rename = "Staffing")]
    AcdConfig(Box<(AcdConfig, FlowBook)>),
    /// The settings that are read at a start.
    Settings(Box<Config>),
    /// New users and rights.
    Users(Vec<UserConfig>),
    /// New routes of calendars.
    Calendars(BTreeMap<String, Routes>),
    /// The business days from now on: first moment, and the first after it.
    BusinessDays(Vec<(u64, u64)>),
    /// The event mode in force.
    EventMode(DeviceId),
    /// A trunk is blocked for calls out, or no more.
    TrunkBlocked(DeviceId, bool),
    /// A listener without a telephone begins to hear a station.
    Tap {
        /// The number of the tap: that of the recording in whose place it is.
        tap: RecordingId,
        /// The user.
        user: String,
        /// The station.
        station: DeviceId,
    },
    /// The listener of a tap has gone.
    TapEnded(RecordingId),
    /// No new call is to begin, or the end of that.
    Drain(bool),
    /// Every call is to end.
    Stop,
    /// The engine has stopped.
    Stopped,
}

/// An input as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Tick the core had come to before.
    pub now: Tick,
    /// The input.
    pub input: Input,
    /// Channel states that differed from the prediction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

/// Outcome of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Done,
    /// A configuration was refused; everything is as before.
    Refused(ConfigError),
    /// State of a trunk that was to be blocked: true if it is in use, none if there is no such trunk.
    Trunk(Option<bool>),
    /// The call of a tap, or the failure.
    Tap(Result<CallId, UniversalFailure>),
}

impl From<Result<(), ConfigError>> for Outcome {
    fn from(result: Result<(), ConfigError>) -> Outcome {
        result.map_or_else(Outcome::Refused, |()| Outcome::Done)
    }
}
