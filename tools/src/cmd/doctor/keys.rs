//! Checks of the keys of encrypted recordings.
//!
//! Never: shows a secret; opens every recording, which `tipring recording verify` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::SiteConfig;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::reader::key_of;
use crate::plural::count;

/// The keys of recordings: where they are, and whether those of each day are among them. A key file that cannot be used
/// is a fault of the configuration.
pub(super) fn check(site: &SiteConfig) -> Vec<Finding> {
    let ring = KeyRing::new(site.recording.keys.as_deref());
    let mut findings = Vec::new();
    if let Ok(Some(keys)) = ring.keys() {
        let file = keys.file();
        let (id, made) = (keys.writing().id(), &keys.writing().made);
        let text = format!("{} has {}; {id} ({made}) encrypts", file.display(), count(keys.iter().count(), "key"));
        findings.push(match file.starts_with(&site.store.recordings) {
            true => Finding::warning(
                "keys",
                format!("{text}, and stands among the recordings: a copy of them has their keys in it"),
                "Move it beside the configuration, and name it there as keys of [recording]",
            ),
            false => Finding::good("keys", text),
        });
    }
    let mut lacking = BTreeMap::new();
    for file in last_of_each_day(&site.store.recordings) {
        if let Ok(Some(id)) = key_of(&file)
            && let Some(why) = ring.lacks(id)
        {
            lacking.entry(id).or_insert((file, why));
        }
    }
    findings.extend(lacking.into_values().map(|(file, why)| {
        let remedy = "Put the key back from a copy; tipring recording verify names every recording that needs it";
        Finding::failed("keys", format!("{} cannot be heard: {why}", file.display()), remedy)
    }));
    findings
}

/// The last recording of each day.
fn last_of_each_day(recordings: &Path) -> Vec<PathBuf> {
    let days = fs::read_dir(recordings).into_iter().flatten().flatten();
    days.filter_map(|day| fs::read_dir(day.path()).ok()?.flatten().map(|file| file.path()).max()).collect()
}
