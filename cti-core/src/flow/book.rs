//! The flow book: all flows of a site with the sounds that they name, one version of it.
//!
//! A new version replaces the book as a whole; a call that walks holds the book it began with.
//!
//! Never: changed once it is made.

use std::collections::BTreeMap;

use tipring_driver::ids::PromptId;
use tipring_driver::time::Ticks;

use super::check::Flows;
use super::say::{Language, Phrase};
use crate::csta::DeviceId;

/// A mailbox: callers leave messages in it, which wait for their owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The prompt before the tone; none for the tone alone.
    pub greeting: Option<String>,
    /// The station or agent whose message lamp is lit while there are new messages.
    pub owner: Option<DeviceId>,
    /// The longest message.
    pub longest: Ticks,
    /// The silence that ends a message.
    pub silence: Ticks,
}

/// The flows of a site and the sounds that they name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowBook {
    /// Flows.
    pub flows: Flows,
    /// Prompts by name. A prompt of one language has its [folder](Language::folder) before the name: `english/welcome`.
    pub prompts: BTreeMap<String, PromptId>,
    /// Phrases by language and name.
    pub phrases: BTreeMap<(Language, Phrase), PromptId>,
    /// Mailboxes by name.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// Language in which a walk begins.
    pub language: Language,
}

impl FlowBook {
    /// The prompt of a name: that of the language, if there is one, else the one for all languages.
    pub fn prompt(&self, language: Language, name: &str) -> Option<PromptId> {
        let own = self.prompts.get(&format!("{}/{name}", language.folder()));
        own.or_else(|| self.prompts.get(name)).copied()
    }

    /// The prompts for phrases, in order; none if one of them has no sound.
    pub fn phrases(&self, language: Language, phrases: &[Phrase]) -> Option<Vec<PromptId>> {
        phrases.iter().map(|&phrase| self.phrases.get(&(language, phrase)).copied()).collect()
    }
}
