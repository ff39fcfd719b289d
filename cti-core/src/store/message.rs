//! The record of a message that a caller has left.
//!
//! Never: holds sound; that is in the recording's file.

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::csta::{CallId, DeviceId};

/// A message of a caller.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MessageRecord {
    /// Its recording, by which it is known.
    pub recording: RecordingId,
    /// The call.
    pub call: CallId,
    /// The mailbox.
    pub mailbox: String,
    /// The owner of the mailbox, a station or an agent.
    pub owner: Option<DeviceId>,
    /// The caller's number; empty if it is not known.
    pub caller: String,
    /// The caller's name; empty if it is not known.
    pub name: String,
    /// The beginning.
    pub at: Tick,
    /// Samples.
    pub samples: u64,
    /// The file, below the folder of recordings.
    pub file: String,
    /// The state.
    pub state: MessageState,
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum MessageState {
    /// The caller speaks.
    Recording,
    /// It has not been heard.
    New,
    /// It has been heard.
    Heard,
    /// It is settled.
    Done,
    /// There is hardly a word in it.
    Dropped,
}

impl MessageState {
    /// All of them.
    pub const ALL: &[MessageState] =
        &[MessageState::Recording, MessageState::New, MessageState::Heard, MessageState::Done, MessageState::Dropped];

    /// The state of a name.
    pub fn of_name(name: &str) -> Option<MessageState> {
        MessageState::ALL.iter().copied().find(|state| state.name() == name)
    }

    /// The column `message.state`.
    pub const fn name(self) -> &'static str {
        match self {
            MessageState::Recording => "recording",
            MessageState::New => "new",
            MessageState::Heard => "heard",
            MessageState::Done => "done",
            MessageState::Dropped => "dropped",
        }
    }
}
