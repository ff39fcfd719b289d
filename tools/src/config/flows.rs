//! The flows of a site: files of flows, prompts and phrases, read and checked together.
//!
//! ```text
//! prompts/welcome.wav              a prompt for all languages
//! prompts/english/welcome.wav      the same prompt in one language
//! prompts/phrases/mandarin/1.wav   a phrase
//! ```
//!
//! Never: reads sound; it only says where that is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tipring_core::flow::check::{FlowSource, Flows, Known};
use tipring_core::flow::menu::Menu;
use tipring_core::flow::node::Node;
use tipring_core::flow::say::{Language, Phrase, words};
use tipring_core::flow::walk::LANGUAGE;
use tipring_driver::time::Ticks;

use super::{SiteConfig, flow_file};
use crate::dip;

/// The flow that the keys of `[ivr.choices]` become.
pub const MENU: &str = "menu";
/// The name of the greeting among prompts.
const GREETING: &str = "greeting";
/// The folder of phrases, within that of prompts.
const PHRASES: &str = "phrases";

/// The flows of a site, checked, and the files of the sounds that they name.
#[derive(Debug, Clone)]
pub struct SiteFlows {
    /// Flows.
    pub flows: Flows,
    /// Files of prompts, by name.
    pub prompts: BTreeMap<String, PathBuf>,
    /// Files of phrases.
    pub phrases: BTreeMap<(Language, Phrase), PathBuf>,
    /// Language in which callers begin.
    pub language: Language,
}

impl SiteFlows {
    /// Reads the flows of a site.
    ///
    /// # Errors
    /// All faults, each a sentence with file and line.
    pub fn read(site: &SiteConfig) -> Result<SiteFlows, Vec<String>> {
        let mut faults = dip::faults(&site.sources);
        let mut files = BTreeMap::new();
        let mut sources = Vec::new();
        for path in &site.ivr.flows {
            match read_flow(path) {
                Ok(source) => {
                    files.insert(source.name.clone(), path.clone());
                    sources.push(source);
                }
                Err(found) => faults.extend(found),
            }
        }
        sources.extend(menu(site));
        let mut prompts = site.ivr.prompts.as_deref().map(prompts_in).unwrap_or_default();
        prompts.extend(site.ivr.greeting.iter().map(|greeting| (GREETING.to_owned(), greeting.clone())));
        let languages = languages(site.ivr.language, &sources);
        let queues = site.queues.iter().map(|queue| queue.device.0.as_str().to_owned()).collect();
        let known = Known {
            prompts: known_prompts(&prompts, &languages),
            queues,
            calendars: site.calendars.keys().cloned().collect(),
            sources: site.sources.iter().map(|source| source.name.clone()).collect(),
            // No mailbox can be configured yet: a flow that names one is refused.
            ..Known::default()
        };
        let checked = Flows::check(&sources, &known);
        let mut phrases = BTreeMap::new();
        if sources.iter().any(|source| source.nodes.iter().any(|(.., node)| matches!(node, Node::Say { .. }))) {
            for &language in &languages {
                match phrases_of(site.ivr.prompts.as_deref(), language) {
                    Ok(found) => phrases.extend(found),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        let flows = match checked {
            Ok(flows) if faults.is_empty() => flows,
            checked => {
                for fault in checked.err().unwrap_or_default() {
                    let place = files.get(&fault.flow).map_or(fault.flow.clone(), |file| file.display().to_string());
                    faults.push(format!("{place}:{}: {}: {}", fault.line, fault.node, fault.text));
                }
                return Err(faults);
            }
        };
        Ok(SiteFlows { flows, prompts, phrases, language: site.ivr.language })
    }
}

/// Reads one flow's file.
///
/// # Errors
/// All faults of the file, each a sentence with file and line.
pub fn read_flow(path: &Path) -> Result<FlowSource, Vec<String>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| vec![format!("The flow {} cannot be read: {error}", path.display())])?;
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    flow_file::parse(&stem, &text)
        .map_err(|faults| faults.into_iter().map(|(line, text)| format!("{}:{line}: {text}", path.display())).collect())
}

/// The menu of one key that the site's file describes.
fn menu(site: &SiteConfig) -> Option<FlowSource> {
    let default = site.ivr.default?;
    let menu = Menu {
        prompt: site.ivr.greeting.as_ref().map(|_| GREETING.to_owned()),
        choices: site.ivr.choices.iter().map(|(key, to)| (key.0.as_char(), to.0.as_str().to_owned())).collect(),
        default: default.0.as_str().to_owned(),
        key_wait: Ticks::from_secs(site.ivr.wait_s.into()),
        tries: 2,
    };
    Some(menu.flow(MENU))
}

/// The languages that callers may come to: the site's, and those that flows set.
fn languages(first: Language, sources: &[FlowSource]) -> BTreeSet<Language> {
    let set = sources.iter().flat_map(|source| &source.nodes).filter_map(|(.., node)| match node {
        Node::Set { into, value, .. } if into == LANGUAGE => Language::of_folder(value),
        _ => None,
    });
    set.chain([first]).collect()
}

/// Prompts by name: the WAV files of a folder, and of the folders of languages in it.
fn prompts_in(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut prompts = BTreeMap::new();
    let mut add = |prefix: &str, folder: PathBuf| {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if let (Some("wav"), Some(stem)) = (path.extension().and_then(|it| it.to_str()), path.file_stem()) {
                prompts.insert(format!("{prefix}{}", stem.to_string_lossy()), path.clone());
            }
        }
    };
    add("", folder.to_owned());
    for language in Language::ALL {
        add(&format!("{}/", language.folder()), folder.join(language.folder()));
    }
    prompts
}

/// The prompts that every caller can hear, whatever the language.
fn known_prompts(prompts: &BTreeMap<String, PathBuf>, languages: &BTreeSet<Language>) -> BTreeSet<String> {
    let own = |name: &str, language: &Language| prompts.contains_key(&format!("{}/{name}", language.folder()));
    let names = prompts.keys().map(|name| name.rsplit('/').next().unwrap_or(name));
    let heard =
        names.filter(|name| prompts.contains_key(*name) || languages.iter().all(|language| own(name, language)));
    heard.map(str::to_owned).collect()
}

/// The files of all phrases of a language.
fn phrases_of(prompts: Option<&Path>, language: Language) -> Result<BTreeMap<(Language, Phrase), PathBuf>, String> {
    let name = language.folder();
    let Some(prompts) = prompts else {
        return Err(format!(
            "A flow says numbers in {name}, but [ivr] has no folder of prompts: add prompts = \"FOLDER\""
        ));
    };
    let folder = prompts.join(PHRASES).join(name);
    let file = |word: &str| folder.join(format!("{word}.wav"));
    let missing: Vec<_> = words(language).into_iter().filter(|word| !file(word).is_file()).collect();
    if !missing.is_empty() {
        return Err(format!("{} has no sound for {}; record each as WORD.wav", folder.display(), missing.join(", ")));
    }
    Ok(words(language).into_iter().map(|word| ((language, Phrase(word)), file(word))).collect())
}
