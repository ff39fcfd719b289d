//! A recorder at work, and what has been asked for beside the rules.
//!
//! Never: decides that a call is recorded.

use tipring_driver::ids::{ChannelId, RecordingId, TaskId};
use tipring_driver::time::Tick;

/// A recorder at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recorder {
    /// The task, for stopping it.
    pub task: TaskId,
    /// The recording.
    pub recording: RecordingId,
    /// The channel whose both directions are recorded.
    pub channel: ChannelId,
    /// Marks of the recording so far.
    pub marks: u16,
    /// The pause that goes on.
    pub pause: Option<Pause>,
}

/// A pause of a recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pause {
    /// The number of its mark.
    pub mark: u16,
    /// The moment at which it ends by itself; none while masked digits are keyed.
    pub limit: Option<Tick>,
    /// Made for masked digits that are keyed into a flow, rather than asked for.
    #[serde(default)]
    pub for_masked_digits: bool,
}

impl Recorder {
    /// A recorder that begins.
    pub const fn new(task: TaskId, recording: RecordingId, channel: ChannelId) -> Recorder {
        Recorder { task, recording, channel, marks: 0, pause: None }
    }

    /// The number of the next mark: from 1 on.
    pub const fn next_mark(&mut self) -> u16 {
        self.marks = self.marks.wrapping_add(1);
        self.marks
    }
}

/// The order by which a call is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum RecordOrder {
    /// The rules of the site.
    #[default]
    Rules,
    /// Recorded on demand, whatever the rules say.
    Start,
    /// Not recorded any more, on demand.
    Stop,
}
