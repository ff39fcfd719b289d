//! Marks of recordings: bookmarks, pauses, and what was begun and ended on demand.
//!
//! Never: holds sound; that is in the recording's file.

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::csta::DeviceId;

/// A mark of a recording.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MarkRecord {
    /// The recording.
    pub recording: RecordingId,
    /// The number within the recording, from 1 on.
    pub number: u16,
    /// The kind.
    pub kind: MarkKind,
    /// The moment; of a pause, its begin.
    pub at: Tick,
    /// The user who has asked for it; empty where the system has set it.
    pub user: String,
    /// The station at whose call it was asked for.
    pub station: DeviceId,
    /// The text of a bookmark.
    pub text: String,
}

/// The end of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MarkEndRecord {
    /// The recording.
    pub recording: RecordingId,
    /// The number of the pause's mark.
    pub number: u16,
    /// The moment.
    pub at: Tick,
    /// The reason.
    pub by: PauseEnd,
}

/// Kind of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MarkKind {
    /// The recording was begun on demand.
    Start,
    /// The recording was ended on demand.
    Stop,
    /// The recording holds silence in place of what was said.
    Pause,
    /// A place to find again.
    Bookmark,
}

impl MarkKind {
    /// The column `recording_mark.kind`.
    pub const fn name(self) -> &'static str {
        match self {
            MarkKind::Start => "start",
            MarkKind::Stop => "stop",
            MarkKind::Pause => "pause",
            MarkKind::Bookmark => "bookmark",
        }
    }
}

/// Reason for which a pause has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PauseEnd {
    /// It was ended on demand.
    Resumed,
    /// The recording ended.
    Ended,
    /// It had lasted for as long as one may.
    Limit,
}

impl PauseEnd {
    /// The column `recording_mark.ended_by`.
    pub const fn name(self) -> &'static str {
        match self {
            PauseEnd::Resumed => "resumed",
            PauseEnd::Ended => "recording-ended",
            PauseEnd::Limit => "limit",
        }
    }
}
