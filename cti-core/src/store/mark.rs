//! Marks of recordings: bookmarks, pauses, and what was begun and ended on demand.
//!
//! Never: holds sound; that is in the recording's file.

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::csta::DeviceId;
use crate::named::named;

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

named! {
    /// Kind of a mark: the column `recording_mark.kind`.
    MarkKind {
        /// The recording was begun on demand.
        Start = "start",
        /// The recording was ended on demand.
        Stop = "stop",
        /// The recording holds silence in place of what was said.
        Pause = "pause",
        /// A place to find again.
        Bookmark = "bookmark",
    }
}

named! {
    /// Reason for which a pause has ended: the column `recording_mark.ended_by`.
    PauseEnd {
        /// It was ended on demand.
        Resumed = "resumed",
        /// The recording ended.
        Ended = "recording-ended",
        /// It had lasted for as long as one may.
        Limit = "limit",
    }
}
