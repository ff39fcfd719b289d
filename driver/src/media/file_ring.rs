//! The rings between the media thread and the file thread: requests and reports, the sound of prompts and recordings.
//!
//! Never: opens a file.

use super::{MediaEnd, RecordingKind};
use crate::dsp::Samples;
use crate::ids::{PromptId, RecordingId};
use crate::spsc::{Consumer, Producer};

/// A place among the players, or among the recorders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(super) u16);

impl Slot {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Request of the media thread to the file thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileRequest {
    /// Fills the ring of a player.
    OpenPrompt {
        /// The player.
        slot: Slot,
        /// The prompt.
        prompt: PromptId,
        /// From the start again at its end.
        repeat: bool,
    },
    /// Lets go of a player.
    ClosePrompt {
        /// The player.
        slot: Slot,
    },
    /// Empties the ring of a recorder into a file.
    OpenRecording {
        /// The recorder.
        slot: Slot,
        /// The recording that takes the sound.
        recording: RecordingId,
        /// Its purpose.
        kind: RecordingKind,
    },
    /// Finishes the file of a recorder and lets go of it.
    CloseRecording {
        /// The recorder.
        slot: Slot,
        /// Ticks of silence to be added at the end, for what did not fit into the ring.
        gap: u32,
    },
}

/// Answer of the file thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileReport {
    /// Enough of the prompt is in the ring, or all of it, or its failure.
    PromptReady {
        /// The player.
        slot: Slot,
    },
    /// The player's slot is free; nothing more comes into its ring.
    PromptClosed {
        /// The player.
        slot: Slot,
    },
    /// The file could not be made or written. The recorder's ring is emptied all the same until it is closed.
    RecordingFailed {
        /// The recorder.
        slot: Slot,
        /// Samples of each side that were written.
        samples: u64,
    },
    /// The recorder's slot is free; its file is whole, or has failed.
    RecordingClosed {
        /// The recorder.
        slot: Slot,
        /// [`MediaEnd::Stopped`] for a whole file, else its failure.
        end: MediaEnd,
        /// Samples of each side in the file.
        samples: u64,
    },
}

/// Entry of a player's ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One tick of sound.
    Sound(Samples),
    /// Nothing more follows.
    End(MediaEnd),
}

/// Entry of a recorder's ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// One tick of sound: left and right.
    Sound([Samples; 2]),
    /// This many ticks did not fit.
    Gap(u32),
}

/// The file thread's ends of all rings.
#[derive(Debug)]
pub struct FileEnds {
    pub(super) requests: Consumer<FileRequest>,
    pub(super) reports: Producer<FileReport>,
    pub(super) prompts: Vec<Producer<Piece>>,
    pub(super) recordings: Vec<Consumer<Take>>,
}
