//! Services of the vendor `TIPRING`: supervision, parking, and what a desk needs beyond the standard. They travel in
//! Escape, as JSON in the private data of the vendor, and under `private` in the JSON socket.
//!
//! | service | the right `supervise` for | and `call` for |
//! |---|---|---|
//! | supervise call, take over call | the supervised station | the supervisor's station |
//! | stop supervision | | the supervisor's station |
//! | force release, force agent state | the station | |
//! | park call, annotate call | | the station |
//! | start, stop, pause, resume, bookmark, query recording | the station | or the station: one of the two is enough |
//! | query reasons | | (`observe`, for any device) |
//!
//! Never: knows octets, or what a service does to a call.

use serde::{Deserialize, Serialize};

use crate::call_data::RecordingState;
use crate::enumerations::numbered;
use crate::id::{ConnectionId, DeviceId};
use crate::message::define_messages;
use crate::state::{AgentMode, AgentState};

numbered!(closed
    /// Part of a supervisor in the conversation of an agent.
    #[derive(Default)]
    SupervisionMode {
        /// Silent monitor: hears all parties, is heard by none.
        #[default]
        0 Listen,
        /// Coach: hears all parties, is heard by the agent alone.
        1 Whisper,
        /// Barge-in: a party among the others.
        2 Barge,
    }
);

numbered!(closed
    /// Part of a call that a forced release ends.
    #[derive(Default)]
    ReleaseScope {
        /// The connection; the other parties go on.
        #[default]
        0 Connection,
        /// The whole call.
        1 Call,
    }
);

/// Length of the longest remark in octets.
pub const REMARK_MAX: usize = 200;

/// Reason of an act of supervision, in the supervisor's own words; kept in the audit record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Remark(pub String);

impl Remark {
    /// Returns true if it says nothing.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Returns the remark without line breaks, at most [`REMARK_MAX`] octets long.
    pub fn trimmed(&self) -> Remark {
        let text: String = self.0.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Remark(text[..text.floor_char_boundary(REMARK_MAX)].to_owned())
    }
}

/// Length of the longest name of a reason in octets.
pub const REASON_NAME_MAX: usize = 40;
/// Reasons in one reply; as many fit into a private area.
pub const REASONS_PAGE: usize = 8;

/// A reason of *not ready*.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReasonEntry {
    /// The code, 1 to 99.
    pub code: u8,
    /// The name, at most [`REASON_NAME_MAX`] octets.
    pub name: String,
    /// The longest time *not ready* for it, in seconds; none without a limit.
    pub limit_seconds: Option<u32>,
}

/// A recording at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordingPosition {
    /// The number of the recording, in decimal digits: it has more of them than a number of JavaScript holds.
    pub id: String,
    /// Milliseconds from its begin to this moment.
    pub position_ms: u64,
}

/// Hands the list of the vendor's requests to a macro.
#[macro_export]
macro_rules! tipring_requests {
    ($callback:ident) => {
        $callback! {
        /// A request of the vendor `TIPRING`; travels in [`Request::Escape`](crate::request::Request::Escape).
        TipringRequest tag "tipringRequest" {
            /// Supervise Call: a supervisor joins the conversation of a station, or changes the part taken in it. A
            /// handset on hook is rung first.
            1 SuperviseCall {
                /// The connection of the supervised station.
                active_call: ConnectionId,
                /// The supervisor's station.
                supervisor: DeviceId,
                /// The part.
                mode: SupervisionMode,
                /// True to go with the station to its next conversations; false to end with this one.
                #[serde(default)]
                follow: bool,
                /// The reason.
                #[serde(default)]
                remark: Remark,
            };
            /// Stop Supervision: the supervisor leaves, and follows no more.
            3 StopSupervision {
                /// The supervisor's station.
                supervisor: DeviceId,
            };
            /// Take Over Call: the supervisor becomes a party, and the station leaves.
            5 TakeOverCall {
                /// The connection of the station.
                active_call: ConnectionId,
                /// The supervisor's station.
                supervisor: DeviceId,
                /// The reason.
                #[serde(default)]
                remark: Remark,
            };
            /// Force Release: clears the connection of a station, or its whole call.
            7 ForceRelease {
                /// The connection of the station.
                call: ConnectionId,
                /// The part of the call that ends.
                #[serde(default)]
                scope: ReleaseScope,
                /// The reason; it must not be blank.
                remark: Remark,
            };
            /// Force Agent State: changes the state of the agent at a station.
            9 ForceAgentState {
                /// The station.
                device: DeviceId,
                /// The state: ready, not ready, work not ready, or logged out.
                #[serde(rename = "agentMode")]
                mode: AgentMode,
                /// Reason code of *not ready*, 1 to 99; 0 for none.
                #[serde(default)]
                reason_code: u8,
                /// The reason.
                #[serde(default)]
                remark: Remark,
            };
            /// Park Call: a station leaves its call, which waits at a parking place.
            11 ParkCall {
                /// The connection of the station.
                active_call: ConnectionId,
                /// The parking place; empty for the first that is free.
                #[serde(default)]
                place: DeviceId,
            };
            /// Annotate Call: sets the notes that go with a call.
            13 AnnotateCall {
                /// The connection of the station.
                active_call: ConnectionId,
                /// The notes; those before are replaced.
                notes: Remark,
            };
            /// Query Reasons: names and limits of the reasons of *not ready*, [`REASONS_PAGE`] at a time.
            15 QueryReasons {
                /// The lowest code wanted.
                #[serde(default)]
                from: u8,
            };
            /// Start Recording: records a conversation that the rules do not have recorded.
            17 StartRecording {
                /// The connection of the station.
                active_call: ConnectionId,
            };
            /// Stop Recording: ends the recording of a conversation. One that a rule has begun is ended by those who
            /// may supervise the station.
            19 StopRecording {
                /// The connection of the station.
                active_call: ConnectionId,
            };
            /// Pause Recording: the file holds silence in place of what is said, until it is resumed, for as long as a
            /// pause may last.
            21 PauseRecording {
                /// The connection of the station.
                active_call: ConnectionId,
            };
            /// Resume Recording: ends a pause.
            23 ResumeRecording {
                /// The connection of the station.
                active_call: ConnectionId,
            };
            /// Bookmark Recording: marks this moment.
            25 BookmarkRecording {
                /// The connection of the station.
                active_call: ConnectionId,
                /// The text, at most [`REMARK_MAX`] octets.
                #[serde(default)]
                text: Remark,
            };
            /// Query Recording: asks whether a conversation is recorded.
            27 QueryRecording {
                /// The connection of the station.
                active_call: ConnectionId,
            };
        }
        }
    };
}

tipring_requests!(define_messages);

/// Hands the list of the vendor's replies to a macro.
#[macro_export]
macro_rules! tipring_replies {
    ($callback:ident) => {
        $callback! {
        /// The answer to a request of the vendor `TIPRING`; travels in [`Reply::Escape`](crate::reply::Reply::Escape).
        TipringReply tag "tipringReply" {
            /// Confirmation of *supervise call*: done, or begun.
            2 SuperviseCall {
                /// The supervisor's connection.
                new_call: ConnectionId,
                /// True if the supervisor's handset is on hook and rings; the supervisor joins when it is lifted.
                is_prompted: bool,
            };
            /// Confirmation of *stop supervision*.
            4 StopSupervision;
            /// Confirmation of *take over call*: done, or begun.
            6 TakeOverCall {
                /// The supervisor's connection.
                new_call: ConnectionId,
                /// True if the supervisor's handset is on hook and rings; the call is taken when it is lifted.
                is_prompted: bool,
            };
            /// Confirmation of *force release*.
            8 ForceRelease;
            /// Confirmation of *force agent state*: done, or pending until the agent's call has ended.
            10 ForceAgentState {
                /// The state of the agent now.
                #[serde(rename = "agentState")]
                state: AgentState,
            };
            /// Confirmation of *park call*.
            12 ParkCall {
                /// The connection at the parking place, for picking the call up.
                parked_call: ConnectionId,
            };
            /// Confirmation of *annotate call*.
            14 AnnotateCall;
            /// The reasons that have names.
            16 QueryReasons {
                /// Reasons by ascending code.
                reasons: Vec<ReasonEntry>,
                /// The code to go on from; 0 after the last.
                next: u8,
            };
            /// Confirmation of *start recording*: it has begun.
            18 StartRecording {
                /// The recording.
                recording: RecordingPosition,
            };
            /// Confirmation of *stop recording*.
            20 StopRecording {
                /// The recording.
                recording: RecordingPosition,
            };
            /// Confirmation of *pause recording*: it has begun.
            22 PauseRecording {
                /// The recording.
                recording: RecordingPosition,
            };
            /// Confirmation of *resume recording*.
            24 ResumeRecording {
                /// The recording.
                recording: RecordingPosition,
            };
            /// Confirmation of *bookmark recording*.
            26 BookmarkRecording {
                /// The recording.
                recording: RecordingPosition,
            };
            /// The recording at work.
            28 QueryRecording {
                /// The state.
                state: RecordingState,
                /// The recording; none while the call is not recorded.
                recording: Option<RecordingPosition>,
            };
        }
        }
    };
}

tipring_replies!(define_messages);
