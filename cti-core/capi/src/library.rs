//! Sound by number: what the file thread plays and where it records, put there by the program's calls.
//!
//! Never: holds its lock while a file is opened.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_driver::ids::{PromptId, RecordingId};
use tipring_driver::media::file_io::{Library, PromptSource, RecordingTarget};

/// Prompts and recordings that operations under way refer to.
#[derive(Clone, Default)]
pub struct Sounds(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    prompts: BTreeMap<u32, PromptSource>,
    recordings: BTreeMap<u64, PathBuf>,
    last: u32,
}

impl Sounds {
    /// Keeps a prompt until [`Sounds::forget_prompt`].
    pub fn add_prompt(&self, source: PromptSource) -> PromptId {
        let mut shelf = self.0.lock();
        shelf.last = shelf.last.wrapping_add(1);
        let id = shelf.last;
        shelf.prompts.insert(id, source);
        PromptId(id)
    }

    /// Keeps the path of a recording until [`Sounds::forget_recording`].
    pub fn add_recording(&self, path: PathBuf) -> RecordingId {
        let mut shelf = self.0.lock();
        shelf.last = shelf.last.wrapping_add(1);
        let id = u64::from(shelf.last);
        shelf.recordings.insert(id, path);
        RecordingId(id)
    }

    /// No longer needed.
    pub fn forget_prompt(&self, prompt: PromptId) {
        self.0.lock().prompts.remove(&prompt.0);
    }

    /// No longer needed.
    pub fn forget_recording(&self, recording: RecordingId) {
        self.0.lock().recordings.remove(&recording.0);
    }
}

impl Library for Sounds {
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String> {
        self.0.lock().prompts.remove(&prompt.0).ok_or_else(|| format!("Prompt {} has ended already", prompt.0))
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        let path = self.0.lock().recordings.get(&recording.0).cloned();
        path.map(RecordingTarget::File).ok_or_else(|| format!("Recording {} has ended already", recording.0))
    }
}
