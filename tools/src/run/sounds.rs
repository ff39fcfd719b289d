//! Prompt cache: every prompt in memory, at 8 kHz.
//!
//! A name keeps its number from one version of the flows to the next, so that calls which finish an older version hear
//! its prompts: a prompt that the newest version has no more stays in memory.
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
use crate::run::engine::message::SoundFile;

/// Composed prompts that may wait to be played. Beyond this the oldest is dropped, and its caller hears nothing.
const COMPOSED_MAX: usize = 1024;

/// The sounds of a site.
#[derive(Default)]
pub struct Shelf(Mutex<Store>);

#[derive(Default)]
struct Store {
    names: BTreeMap<String, PromptId>,
    samples: BTreeMap<PromptId, Arc<[i16]>>,
    /// Prompts made of others that have not been played yet.
    composed: VecDeque<(PromptId, Vec<PromptId>)>,
}

/// The place of a site's sounds: the shelf of this process, or of the engine's.
pub trait Sounds: Send + Sync {
    /// Puts sounds there by their names and files. Returns their numbers, in their order.
    ///
    /// # Errors
    /// Files that are no sound, each a sentence. Everything is as before then.
    fn put(&self, sounds: &[SoundFile]) -> Result<Vec<PromptId>, Vec<String>>;
}

/// Puts the sounds of flows into their place. Returns the flows with the numbers of their sounds.
///
/// # Errors
/// Files that are no sound, each a sentence. Everything is as before then.
pub fn stock(site: &SiteFlows, place: &dyn Sounds) -> Result<FlowBook, Vec<String>> {
    let phrases = site
        .phrases
        .iter()
        .map(|(&(language, phrase), path)| (format!("phrases/{}/{}", language.folder(), phrase.0), path.clone()));
    let prompts = site.prompts.iter().map(|(name, path)| (name.clone(), path.clone()));
    let numbers = place
        .put(&prompts.chain(phrases).collect::<Vec<_>>())
        .map_err(|faults| faults.into_iter().map(|fault| with_places(site, fault)).collect::<Vec<_>>())?;
    let (prompts, phrases) = numbers.split_at(site.prompts.len().min(numbers.len()));
    Ok(FlowBook {
        flows: site.flows.clone(),
        language: site.language,
        mailboxes: site.mailboxes.clone(),
        prompts: site.prompts.keys().cloned().zip(prompts.iter().copied()).collect(),
        phrases: site.phrases.keys().copied().zip(phrases.iter().copied()).collect(),
    })
}

/// The fault of a prompt's file, with the places that play it.
fn with_places(site: &SiteFlows, fault: String) -> String {
    let found = site.prompts.iter().find(|(_, path)| fault.contains(&path.display().to_string()));
    let Some((name, _)) = found else { return fault };
    let plain = name.rsplit('/').next().unwrap_or(name);
    match site.played_by.get(plain) {
        Some(places) => format!("{fault}; {}", places.join("; ")),
        None => format!("{fault}; nothing plays it: take it out of the folder of prompts"),
    }
}

impl Sounds for Shelf {
    fn put(&self, sounds: &[SoundFile]) -> Result<Vec<PromptId>, Vec<String>> {
        let read: Vec<_> = sounds.iter().map(|(name, path)| (name, read(path))).collect();
        let faults: Vec<_> = read.iter().filter_map(|(_, sound)| sound.as_ref().err().cloned()).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut shelf = self.0.lock();
        let number = |(name, sound): (&String, Result<Vec<i16>, String>)| {
            let next = PromptId(shelf.names.len() as u32);
            let id = *shelf.names.entry(name.clone()).or_insert(next);
            shelf.samples.insert(id, sound.unwrap_or_default().into());
            id
        };
        Ok(read.into_iter().map(number).collect())
    }
}

impl Shelf {
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
