//! Notices as they come from outside and are shown there: drafts with their prompts, and rows.
//!
//! Never: has a rule of notices; those are in `tipring_core::notice`.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use tipring_core::flow::say::Language;
use tipring_core::notice::Notice;

use crate::config::fault::instead;
use crate::config::flows::prompt_files;

/// A notice as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDraft {
    /// The text, for agents.
    pub text: String,
    /// The name of the prompt, for callers.
    pub prompt: String,
    /// The regions; empty for all callers.
    pub region: String,
    /// The begin, ms since 1970; at once without it.
    pub from_ms: Option<i64>,
    /// The end, ms since 1970.
    pub to_ms: i64,
    /// Not planned, though it begins later.
    pub is_sudden: bool,
}

impl NoticeDraft {
    /// The notice that a person loads at a moment.
    pub fn notice(self, person: String, now_ms: i64) -> Notice {
        let from_ms = self.from_ms.unwrap_or(now_ms);
        Notice {
            id: 0,
            text: self.text,
            prompt: self.prompt,
            region: self.region,
            from_ms,
            to_ms: self.to_ms,
            is_planned: from_ms > now_ms && !self.is_sudden,
            person,
            loaded_ms: now_ms,
            ended_ms: None,
        }
    }
}

/// The names of the prompts that callers of a language can hear, of a folder of prompts.
pub fn prompts(folder: Option<&Path>, language: Language) -> BTreeSet<String> {
    let files = folder.map(prompt_files).unwrap_or_default();
    let own = format!("{}/", language.folder());
    let name = |file: &String| match file.strip_prefix(&own) {
        Some(name) => Some(name.to_owned()),
        None => (!file.contains('/')).then(|| file.clone()),
    };
    files.keys().filter_map(name).collect()
}

/// Checks that callers can hear a prompt.
///
/// # Errors
/// A sentence: the site has no folder of prompts, or the folder no such file.
pub fn check_prompt(folder: Option<&Path>, language: Language, name: &str) -> Result<(), String> {
    let folder = folder.ok_or("the site has no folder of prompts; write prompts = \"FOLDER\" under [ivr]")?;
    let known = prompts(Some(folder), language);
    if known.contains(name) {
        return Ok(());
    }
    let plain = name.strip_suffix(".wav").unwrap_or(name);
    if known.contains(plain) {
        return Err(format!("a prompt is named without its ending: {plain}"));
    }
    let file = folder.join(format!("{plain}.wav"));
    let known = instead(plain, known.iter().map(String::as_str));
    Err(format!("there is no prompt {plain:?}; put {} there: {known}", file.display()))
}

/// A notice as it is listed. Moments are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeRow {
    /// Its number.
    pub notice: i64,
    /// `holds`, `comes`, `over`, or `ended` before its time.
    pub state: &'static str,
    /// The begin.
    pub from_ms: i64,
    /// The end.
    pub to_ms: i64,
    /// The regions; empty for all callers.
    pub region: String,
    /// The prompt.
    pub prompt: String,
    /// The text.
    pub text: String,
    /// It was planned.
    pub planned: bool,
    /// It was loaded in time.
    pub in_time: bool,
    /// The person who loaded it.
    pub person: String,
    /// The moment at which it was loaded.
    pub loaded_ms: i64,
    /// The moment at which it was ended before its time.
    pub ended_ms: Option<i64>,
}

impl NoticeRow {
    /// The row of a notice at a moment.
    pub fn new(notice: Notice, now_ms: i64) -> NoticeRow {
        let state = if notice.holds(now_ms) {
            "holds"
        } else if notice.until_ms() < notice.to_ms {
            "ended"
        } else if now_ms < notice.from_ms {
            "comes"
        } else {
            "over"
        };
        NoticeRow {
            notice: notice.id,
            state,
            planned: notice.is_planned,
            in_time: notice.is_in_time(),
            from_ms: notice.from_ms,
            to_ms: notice.to_ms,
            region: notice.region,
            prompt: notice.prompt,
            text: notice.text,
            person: notice.person,
            loaded_ms: notice.loaded_ms,
            ended_ms: notice.ended_ms,
        }
    }
}
