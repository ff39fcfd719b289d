//! Sound by number: what the file thread plays and where it records, put there by the program's calls.
//!
//! Never: holds its lock while a file is opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_driver::ids::{PromptId, RecordingId, TaskId};
use tipring_driver::media::file_io::{Library, PromptSource, RecordingTarget};

use crate::sound::list::PlayList;
use crate::sound::sink::{Nowhere, SinkPlan};
use crate::sound::{SoundReport, SoundReports};

/// Prompts and recordings that begin, each under the number of its task.
#[derive(Debug, Clone, Default)]
pub struct Sounds {
    shelf: Arc<Mutex<Shelf>>,
    /// Events of the files.
    pub notices: SoundReports,
}

#[derive(Debug, Default)]
struct Shelf {
    prompts: BTreeMap<u32, PlayList>,
    recordings: BTreeMap<u32, SinkPlan>,
}

impl Sounds {
    /// Keeps a play list until it is opened or forgotten.
    pub fn add_prompt(&self, task: TaskId, mut list: PlayList) -> PromptId {
        list.belong(task, &self.notices);
        self.shelf.lock().prompts.insert(task.0, list);
        PromptId(task.0)
    }

    /// Keeps the plan of a recording until it is opened or forgotten.
    pub fn add_recording(&self, task: TaskId, plan: SinkPlan) -> RecordingId {
        self.shelf.lock().recordings.insert(task.0, plan);
        RecordingId(task.0.into())
    }

    /// Forgets what was not opened: nothing that the program lent is used any more then.
    pub fn forget(&self, task: TaskId) {
        let mut shelf = self.shelf.lock();
        let list = shelf.prompts.remove(&task.0);
        let plan = shelf.recordings.remove(&task.0);
        drop(shelf);
        // The end of a lease is noticed; a plan has none before it is opened.
        drop(list);
        if plan.is_some_and(|plan| plan.is_lent()) {
            self.notices.push(SoundReport::Released(task));
        }
    }
}

impl Library for Sounds {
    fn prompt(&mut self, prompt: PromptId) -> Result<PromptSource, String> {
        let list = self.shelf.lock().prompts.remove(&prompt.0);
        match list {
            Some(list) => Ok(PromptSource::Source(Box::new(list))),
            // Its operation ended before the file thread came to it: that is no fault.
            None => Ok(PromptSource::Samples(Arc::from([]))),
        }
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        let task = TaskId(recording.0 as u32);
        let plan = self.shelf.lock().recordings.remove(&task.0);
        Ok(RecordingTarget::Sink(match plan {
            Some(plan) => plan.open(task, self.notices.clone())?,
            None => Box::new(Nowhere),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leases::Recall;
    use crate::sound::sink::Place;
    use tipring_driver::media::wav::Tracks;

    /// A stop may be quicker than the file thread: what it finds then is an empty sound, not a trouble.
    #[test]
    fn what_was_stopped_before_it_was_opened_is_no_trouble() {
        let mut sounds = Sounds::default();
        let prompt = sounds.add_prompt(TaskId(1), PlayList::new(Vec::new()));
        let plan =
            SinkPlan { place: Place::Nowhere, tracks: Tracks::Each, conditions: Vec::new(), recall: Recall::default() };
        let recording = sounds.add_recording(TaskId(2), plan);
        sounds.forget(TaskId(1));
        sounds.forget(TaskId(2));
        assert!(matches!(sounds.prompt(prompt), Ok(PromptSource::Samples(samples)) if samples.is_empty()));
        assert!(matches!(sounds.recording(recording), Ok(RecordingTarget::Sink(_))));
    }
}
