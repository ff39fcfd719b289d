//! The shelf of prompts: every sound that callers can hear, in memory, at the line's rate.
//!
//! A name keeps its number from one version of the flows to the next, so that calls which finish an older version hear
//! its prompts: a prompt that the newest version has no more stays on the shelf.
//!
//! Never: reads a file while a caller waits for its sound.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_core::flow::book::FlowBook;
use tipring_driver::ids::PromptId;
use tipring_driver::media::wav::PromptReader;

use crate::caller_audio;
use crate::config::flows::SiteFlows;

/// Composed prompts that may wait to be played. Beyond this the oldest is dropped, and its caller hears nothing.
const COMPOSED_MAX: usize = 1024;

/// The sounds of a site.
#[derive(Default)]
pub struct Shelf(Mutex<Sounds>);

#[derive(Default)]
struct Sounds {
    names: BTreeMap<String, PromptId>,
    samples: BTreeMap<PromptId, Arc<[i16]>>,
    /// Prompts made of others that have not been played yet.
    composed: VecDeque<(PromptId, Vec<PromptId>)>,
}

impl Shelf {
    /// Puts the sounds of flows on the shelf. Returns the flows with the numbers of their sounds.
    ///
    /// # Errors
    /// Files that are no sound, each a sentence. The shelf is as before then.
    pub fn stock(&self, site: &SiteFlows) -> Result<FlowBook, Vec<String>> {
        let phrases = site.phrases.iter().map(|(&(language, phrase), path)| {
            (format!("phrases/{}/{}", language.folder(), phrase.0), path, Some((language, phrase)))
        });
        let prompts = site.prompts.iter().map(|(name, path)| (name.clone(), path, None));
        let read: Vec<_> = prompts.chain(phrases).map(|(name, path, phrase)| (name, read(path), phrase)).collect();
        let faults: Vec<_> = read.iter().filter_map(|(_, sound, _)| sound.as_ref().err().cloned()).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut book = FlowBook {
            flows: site.flows.clone(),
            language: site.language,
            mailboxes: site.mailboxes.clone(),
            ..FlowBook::default()
        };
        let mut sounds = self.0.lock();
        for (name, sound, phrase) in read {
            let next = PromptId(sounds.names.len() as u32);
            let id = *sounds.names.entry(name.clone()).or_insert(next);
            sounds.samples.insert(id, sound.unwrap_or_default().into());
            match phrase {
                Some(phrase) => drop(book.phrases.insert(phrase, id)),
                None => drop(book.prompts.insert(name, id)),
            }
        }
        Ok(book)
    }

    /// A prompt is made of others, to be played once.
    pub fn compose(&self, prompt: PromptId, parts: Vec<PromptId>) {
        let composed = &mut self.0.lock().composed;
        if composed.len() >= COMPOSED_MAX {
            composed.pop_front();
        }
        composed.push_back((prompt, parts));
    }

    /// The samples of a prompt.
    pub fn samples(&self, prompt: PromptId) -> Option<Arc<[i16]>> {
        let mut sounds = self.0.lock();
        let Some(place) = sounds.composed.iter().position(|(id, _)| *id == prompt) else {
            return sounds.samples.get(&prompt).cloned();
        };
        let (_, parts) = sounds.composed.remove(place)?;
        let parts: Vec<_> = parts.iter().filter_map(|part| sounds.samples.get(part).cloned()).collect();
        drop(sounds);
        Some(parts.iter().flat_map(|part| part.iter().copied()).collect())
    }
}

/// Reads a prompt: as it is, if it has a telephone's format; any other is brought to the line's rate and level.
fn read(path: &Path) -> Result<Vec<i16>, String> {
    if let Ok(mut reader) = PromptReader::open(path) {
        let mut samples = Vec::new();
        let mut block = [0; 4096];
        loop {
            match reader.read(&mut block) {
                Ok(0) => return Ok(samples),
                Ok(count) => samples.extend_from_slice(&block[..count]),
                Err(error) => return Err(format!("The prompt {} is damaged: {error}", path.display())),
            }
        }
    }
    caller_audio::load(path).map_err(|error| error.to_string())
}
