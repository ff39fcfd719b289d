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

use tipring_core::flow::book::Mailbox;
use tipring_core::flow::check::{FlowSource, Flows, Known};
use tipring_core::flow::node::Node;
use tipring_core::flow::one_key_menu::OneKeyMenu;
use tipring_core::flow::queue_position;
use tipring_core::flow::say::{Language, Phrase, digit_words, words};
use tipring_core::flow::walk::LANGUAGE;
use tipring_driver::time::Ticks;

use super::fault::Fault;
use super::notice::{play_notice, play_notices};
use super::queue::AnnounceConfig;
use super::{QueueConfig, SiteConfig, flow_file};
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
    /// The places that play a prompt, by its name, for people.
    pub played_by: BTreeMap<String, Vec<String>>,
    /// Files of phrases.
    pub phrases: BTreeMap<(Language, Phrase), PathBuf>,
    /// Language in which callers begin.
    pub language: Language,
    /// Mailboxes, by name.
    pub mailboxes: BTreeMap<String, Mailbox>,
}

impl SiteFlows {
    /// Reads the flows of a site.
    ///
    /// # Errors
    /// All faults, each a sentence with file and line.
    pub fn read(site: &SiteConfig) -> Result<SiteFlows, Vec<Fault>> {
        let mut faults: Vec<Fault> = dip::faults(&site.sources).into_iter().map(Fault::new).collect();
        let (sources, files, unread) = flow_sources(site);
        faults.extend(unread);
        let mut prompts = site.ivr.prompts.as_deref().map(prompt_files).unwrap_or_default();
        prompts.extend(site.ivr.greeting.iter().map(|greeting| (GREETING.to_owned(), greeting.clone())));
        let languages = languages(site.ivr.language, &sources);
        let queues = site.queues.iter().map(|queue| queue.device.0.as_str().to_owned()).collect();
        let known = Known {
            prompts: known_prompts(&prompts, &languages),
            queues,
            calendars: site.calendars.keys().cloned().collect(),
            sources: site.sources.iter().map(|source| source.name.clone()).collect(),
            mailboxes: site.mailboxes.iter().map(|mailbox| mailbox.name.0.as_str().to_owned()).collect(),
        };
        let checked = Flows::check(&sources, &known);
        let mut phrases = BTreeMap::new();
        for &language in &languages {
            match phrases_of(site.ivr.prompts.as_deref(), language, &words_said(site, &sources, language)) {
                Ok(found) => phrases.extend(found),
                Err(fault) => faults.push(Fault::new(fault)),
            }
        }
        faults.extend(unheard(site, &known.prompts).map(Fault::new));
        let flows = match checked {
            Ok(flows) if faults.is_empty() => flows,
            checked => {
                for fault in checked.err().unwrap_or_default() {
                    let place = files.get(&fault.flow).cloned().unwrap_or_else(|| PathBuf::from(&fault.flow));
                    let text = format!("{}: {}", fault.node, fault.text);
                    faults.push(Fault::of(&place, Some(fault.line as usize), text));
                }
                return Err(faults);
            }
        };
        let mailboxes = site.mailboxes.iter().map(|it| (it.name.0.as_str().to_owned(), it.mailbox())).collect();
        let played_by = played_by(site, &sources, &files);
        Ok(SiteFlows { flows, prompts, played_by, phrases, language: site.ivr.language, mailboxes })
    }
}

/// The flows of a site as they are in force, unchecked: those of its files, and the menu of `[ivr.choices]`; the files
/// by the flows' names; and the faults of files that cannot be read.
pub fn flow_sources(site: &SiteConfig) -> (Vec<FlowSource>, BTreeMap<String, PathBuf>, Vec<Fault>) {
    let (mut sources, mut files, mut faults) = (Vec::new(), BTreeMap::new(), Vec::new());
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
    if site.ivr.notices {
        play_notices(&mut sources);
    }
    if let Some(notice) = site.mode.as_ref().and_then(|mode| mode.notice.as_ref()) {
        play_notice(&mut sources, notice);
    }
    (sources, files, faults)
}

/// Reads one flow's file.
///
/// # Errors
/// All faults of the file, each a sentence with file and line.
pub fn read_flow(path: &Path) -> Result<FlowSource, Vec<Fault>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| vec![Fault::new(format!("The flow {} cannot be read: {error}", path.display()))])?;
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    flow_file::parse(&stem, &text)
        .map_err(|faults| faults.into_iter().map(|(line, text)| Fault::of(path, Some(line as usize), text)).collect())
}

/// The menu of one key that the site's file describes.
fn menu(site: &SiteConfig) -> Option<FlowSource> {
    let default = site.ivr.default?;
    let menu = OneKeyMenu {
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
pub fn prompt_files(folder: &Path) -> BTreeMap<String, PathBuf> {
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

/// The phrases that flows and announcements of queues need in a language.
fn words_said(site: &SiteConfig, sources: &[FlowSource], language: Language) -> BTreeSet<&'static str> {
    let is_said = |node: &Node| matches!(node, Node::Say { .. });
    let flows = sources.iter().any(|source| source.nodes.iter().any(|(.., node)| is_said(node)));
    let announces = |queue: &QueueConfig| queue.announce.as_ref().is_some_and(AnnounceConfig::speaks_numbers);
    let readings = flows.then(|| words(language)).into_iter().flatten();
    let digits =
        site.queues.iter().any(|queue| queue.announce_agent).then(|| digit_words(language)).into_iter().flatten();
    readings
        .chain(digits)
        .chain(site.queues.iter().any(announces).then(|| queue_position::words(language)).into_iter().flatten())
        .collect()
}

/// The places that play each prompt: nodes of flows, queues, mailboxes, agents, music on hold.
fn played_by(
    site: &SiteConfig,
    sources: &[FlowSource],
    files: &BTreeMap<String, PathBuf>,
) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        for (name, line, node) in &source.nodes {
            let (Node::Play { prompt, .. } | Node::Collect { prompt, .. } | Node::Menu { prompt: Some(prompt), .. }) =
                node
            else {
                continue;
            };
            let place = match files.get(&source.name) {
                Some(file) => format!("{}:{line} plays it (node {name})", file.display()),
                None => format!("the flow {} plays it (node {name})", source.name),
            };
            places.entry(prompt.clone()).or_default().push(place);
        }
    }
    for (who, name) in named_prompts(site) {
        places.entry(name.clone()).or_default().push(format!("{who} it"));
    }
    places
}

/// The prompts that queues, mailboxes, agents and `[sound]` name, each with the words before its name.
fn named_prompts(site: &SiteConfig) -> impl Iterator<Item = (String, &String)> {
    let named = site.queues.iter().flat_map(|queue| {
        let call_back = queue.call_back.iter().flat_map(|it| [&it.prompt, &it.taken, &it.answered, &it.delayed]);
        let announced = queue.announce.iter().map(|it| &it.prompt);
        announced.chain(call_back).flatten().map(|name| (format!("The queue {} says", queue.device.0), name))
    });
    let greets = site.mailboxes.iter().filter_map(|mailbox| {
        Some((format!("The mailbox {} greets with", mailbox.name.0), mailbox.greeting.as_ref()?))
    });
    let opens = site
        .agents
        .iter()
        .filter_map(|agent| Some((format!("The agent {} opens with", agent.id.0), agent.greeting.as_ref()?)));
    let waits = site
        .queues
        .iter()
        .filter_map(|queue| Some((format!("The queue {} plays", queue.device.0), queue.music.as_ref()?)));
    let held = site.sound.hold_music.iter().map(|name| ("hold_music of [sound] plays".to_owned(), name));
    named.chain(greets).chain(opens).chain(waits).chain(held)
}

/// A sentence for each prompt that is named and that its callers cannot hear.
fn unheard<'a>(site: &'a SiteConfig, prompts: &'a BTreeSet<String>) -> impl Iterator<Item = String> + 'a {
    named_prompts(site).filter(|(_, name)| !prompts.contains(*name)).map(|(who, name)| {
        format!("{who} {name:?}, which the folder of prompts has not for every language: record it as {name}.wav")
    })
}

/// The files of phrases of a language.
fn phrases_of(
    prompts: Option<&Path>,
    language: Language,
    words: &BTreeSet<&'static str>,
) -> Result<BTreeMap<(Language, Phrase), PathBuf>, String> {
    let name = language.folder();
    let Some(prompts) = prompts.filter(|_| !words.is_empty()) else {
        return match words.is_empty() {
            true => Ok(BTreeMap::new()),
            false => {
                Err(format!("Numbers are said in {name}, but [ivr] has no folder of prompts: add prompts = \"FOLDER\""))
            }
        };
    };
    let folder = prompts.join(PHRASES).join(name);
    let file = |word: &str| folder.join(format!("{word}.wav"));
    let missing: Vec<_> = words.iter().copied().filter(|word| !file(word).is_file()).collect();
    if !missing.is_empty() {
        return Err(format!("{} has no sound for {}; record each as WORD.wav", folder.display(), missing.join(", ")));
    }
    Ok(words.iter().map(|&word| ((language, Phrase(word)), file(word))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::TEMPLATE;
    use super::super::fault::listed;
    use super::*;

    /// A folder of its own, gone with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("tipring-flows-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("made");
            Folder(path)
        }

        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn site(announce: &str, prompts: Option<&Path>) -> SiteConfig {
        let queue = format!("after_call_work_s = 5\nannounce = {announce}");
        let mut site = SiteConfig::parse(&TEMPLATE.replacen("after_call_work_s = 5", &queue, 1)).expect("a site");
        site.ivr.prompts = prompts.map(Path::to_owned);
        site
    }

    #[test]
    fn what_a_queue_announces_has_its_recordings_or_the_load_names_those_that_are_missing() {
        let numbers = "{ position = true, wait = true }";
        let why = listed(&SiteFlows::read(&site(numbers, None)).expect_err("no folder"));
        assert!(why.contains("Numbers are said in mandarin, but [ivr] has no folder of prompts"), "{why}");
        let folder = Folder::new("phrases");
        let phrases = folder.path().join(PHRASES).join("mandarin");
        std::fs::create_dir_all(&phrases).expect("made");
        for word in
            queue_position::words(Language::Mandarin).into_iter().filter(|word| !["bai", "minutes"].contains(word))
        {
            std::fs::write(phrases.join(format!("{word}.wav")), "").expect("written");
        }
        let why = listed(&SiteFlows::read(&site(numbers, Some(folder.path()))).expect_err("two are missing"));
        assert!(why.contains("has no sound for bai, minutes; record each as WORD.wav"), "{why}");
        for word in ["bai", "minutes"] {
            std::fs::write(phrases.join(format!("{word}.wav")), "").expect("written");
        }
        let flows = SiteFlows::read(&site(numbers, Some(folder.path()))).expect("all are there");
        assert_eq!(flows.phrases.len(), queue_position::words(Language::Mandarin).len(), "no other word is needed");
    }

    #[test]
    fn a_prompt_that_a_queue_announces_and_that_is_not_there_is_named() {
        let folder = Folder::new("prompts");
        let thanks = "{ prompt = \"thanks\" }";
        let why = listed(&SiteFlows::read(&site(thanks, Some(folder.path()))).expect_err("not there"));
        assert!(why.contains("The queue 5000 says \"thanks\"") && why.contains("thanks.wav"), "{why}");
        std::fs::write(folder.path().join("thanks.wav"), "").expect("written");
        assert!(SiteFlows::read(&site(thanks, Some(folder.path()))).is_ok());
    }

    #[test]
    fn music_of_a_queue_and_on_hold_is_a_prompt_or_it_is_named() {
        let text = TEMPLATE.replacen("# music = ", "music = ", 1).replacen("# hold_music = ", "hold_music = ", 1);
        let mut site = SiteConfig::parse(&text).expect("a site");
        let folder = Folder::new("music");
        site.ivr.prompts = Some(folder.path().to_owned());
        let why = listed(&SiteFlows::read(&site).expect_err("not there"));
        assert!(why.contains("The queue 5000 plays \"waiting\"") && why.contains("waiting.wav"), "{why}");
        assert!(why.contains("hold_music of [sound] plays \"waiting\""), "{why}");
        std::fs::write(folder.path().join("waiting.wav"), "").expect("written");
        let flows = SiteFlows::read(&site).expect("it is there");
        assert_eq!(flows.played_by["waiting"].len(), 2);
    }

    #[test]
    fn an_agent_who_is_announced_needs_the_digits_and_one_who_greets_the_greeting() {
        let of = |queue: &str, agent: &str, folder: &Path| {
            let text = TEMPLATE
                .replacen("after_call_work_s = 5", &format!("after_call_work_s = 5\n{queue}"), 1)
                .replacen("name = \"Agent One\"", &format!("name = \"Agent One\"\n{agent}"), 1);
            let mut site = SiteConfig::parse(&text).expect("a site");
            site.ivr.prompts = Some(folder.to_owned());
            SiteFlows::read(&site)
        };
        let folder = Folder::new("openings");
        let why = listed(&of("announce_agent = true", "", folder.path()).expect_err("no digits"));
        assert!(why.contains("has no sound for 0, 1, 2") && why.contains("yao"), "{why}");
        let phrases = folder.path().join(PHRASES).join("mandarin");
        std::fs::create_dir_all(&phrases).expect("made");
        for word in digit_words(Language::Mandarin) {
            std::fs::write(phrases.join(format!("{word}.wav")), "").expect("written");
        }
        assert!(of("announce_agent = true", "", folder.path()).is_ok());
        let why = listed(&of("", "greeting = \"zhao\"", folder.path()).expect_err("no greeting"));
        assert!(why.contains("The agent 7001 opens with \"zhao\"") && why.contains("zhao.wav"), "{why}");
        std::fs::write(folder.path().join("zhao.wav"), "").expect("written");
        assert!(of("", "greeting = \"zhao\"", folder.path()).is_ok());
        let named = TEMPLATE.replacen("id = \"7001\"", "id = \"zhao\"", 1);
        let named = named.replacen("after_call_work_s = 5", "after_call_work_s = 5\nannounce_agent = true", 1);
        let why = SiteConfig::parse(&named).expect_err("a log-in of letters").to_string();
        assert!(why.contains("the log-in zhao is not of digits") && why.contains("line "), "{why}");
    }
}
