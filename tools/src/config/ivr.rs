//! Greeting, keys and flows of incoming calls.
//!
//! Never: reads a flow.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use tipring_core::flow::say::Language;

use super::{Device, Key};

/// Greeting and menu of incoming calls.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IvrConfig {
    /// A WAV file.
    #[serde(default)]
    pub greeting: Option<PathBuf>,
    /// Time to wait for a key after the greeting, in s.
    #[serde(default = "five")]
    pub wait_s: u32,
    /// The queue of callers who press nothing, or a key without a choice. Left out where callers enter a flow.
    #[serde(default)]
    pub default: Option<Device>,
    /// Destination of each key.
    #[serde(default)]
    pub choices: BTreeMap<Key, Device>,
    /// Files of flows.
    #[serde(default)]
    pub flows: Vec<PathBuf>,
    /// The folder of prompts and phrases.
    #[serde(default)]
    pub prompts: Option<PathBuf>,
    /// The language in which callers begin.
    #[serde(default)]
    pub language: Language,
    /// Notices of now (`tipring notice`) before each queue.
    #[serde(default)]
    pub notices: bool,
    /// The flow of callers whose trunk names none; the greeting and its keys if left out.
    #[serde(default)]
    pub entry: Option<Device>,
}

fn five() -> u32 {
    5
}
