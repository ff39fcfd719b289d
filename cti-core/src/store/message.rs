//! The record of a message that a caller has left.
//!
//! Never: holds sound; that is in the recording's file.

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::csta::{CallId, DeviceId};
use crate::named::named;

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

named! {
    /// The state of a message: the column `message.state`.
    MessageState {
        /// The caller speaks.
        Recording = "recording",
        /// It has not been heard.
        New = "new",
        /// It has been heard.
        Heard = "heard",
        /// It is settled.
        Done = "done",
        /// There is hardly a word in it.
        Dropped = "dropped",
    }
}
