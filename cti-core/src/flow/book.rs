//! The flow set: all flows of a site with the sounds that they name, one version of it (a *book*).
//!
//! A new version replaces the book as a whole; a call that walks holds the book it began with.
//!
//! Never: changes once it is made.

use std::collections::{BTreeMap, BTreeSet};

use tipring_driver::ids::PromptId;
use tipring_driver::time::Ticks;

use super::check::Flows;
use super::say::{Language, Phrase};
use crate::csta::DeviceId;

/// A mailbox: callers leave messages in it, which wait for their owner.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct FlowBook {
    /// Flows.
    pub flows: Flows,
    /// Prompts by name. A prompt of one language has its [folder](Language::folder) before the name: `english/welcome`.
    pub prompts: BTreeMap<String, PromptId>,
    /// Phrases by language and name.
    #[serde(with = "phrase_list")]
    pub phrases: BTreeMap<(Language, Phrase), PromptId>,
    /// Mailboxes by name.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// Language in which a walk begins.
    pub language: Language,
}

/// The number of a version of the flow book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct BookId(u32);

/// The newest flow book, and those that calls still walk.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct FlowBooks {
    newest: (BookId, FlowBook),
    older: BTreeMap<BookId, FlowBook>,
}

impl FlowBooks {
    /// The first version.
    pub const fn new(book: FlowBook) -> FlowBooks {
        FlowBooks { newest: (BookId(0), book), older: BTreeMap::new() }
    }

    /// Has calls walk a new version from now on. Versions that are not `walked` are forgotten.
    pub fn replace(&mut self, book: FlowBook, walked: &BTreeSet<BookId>) {
        let next = BookId(self.newest.0.0 + 1);
        let (version, before) = std::mem::replace(&mut self.newest, (next, book));
        self.older.insert(version, before);
        self.older.retain(|version, _| walked.contains(version));
    }

    /// The newest version.
    pub const fn newest(&self) -> &FlowBook {
        &self.newest.1
    }

    /// The number of the newest version.
    pub const fn newest_id(&self) -> BookId {
        self.newest.0
    }

    /// A version that a call walks.
    pub fn version(&self, version: BookId) -> &FlowBook {
        self.older.get(&version).unwrap_or(&self.newest.1)
    }
}

/// The phrases as a list in a serialised book: their names are those that readings are made of.
mod phrase_list {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::super::{queue_position, say};
    use super::{BTreeMap, Language, Phrase, PromptId};

    pub(super) fn serialize<S: Serializer>(
        phrases: &BTreeMap<(Language, Phrase), PromptId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(phrases.iter().map(|((language, phrase), prompt)| (language, phrase.0, prompt)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(Language, Phrase), PromptId>, D::Error> {
        let listed = Vec::<(Language, String, PromptId)>::deserialize(deserializer)?;
        let known = |language, name: &str| {
            let mut words = say::words(language).into_iter().chain(queue_position::words(language));
            words.find(|word| *word == name).map(Phrase)
        };
        let phrase = |(language, name, prompt): (Language, String, PromptId)| match known(language, &name) {
            Some(phrase) => Ok(((language, phrase), prompt)),
            None => Err(D::Error::custom(format!("no reading has the phrase {name}"))),
        };
        listed.into_iter().map(phrase).collect()
    }
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
