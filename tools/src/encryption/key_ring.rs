//! The keys of a site that runs: read when they are needed first, and again when their file has changed.
//!
//! Keys that were read stay in memory: a file that is lost or spoiled while the site runs stops no recording. The next
//! start refuses it, and `tipring doctor` names it before.
//!
//! Never: reads a key file that no recording needs.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Unreadable;
use super::format::{FileKey, Header};
use super::keys::{KeyId, Keys};

/// The keys of a site, if it has any.
#[derive(Debug, Default)]
pub struct KeyRing {
    file: Option<PathBuf>,
    known: Mutex<Option<(Stamp, Arc<Keys>)>>,
}

/// The state of a file: it has changed if it has another one.
type Stamp = (u64, i64, i64);

fn stamp(path: &Path) -> io::Result<Stamp> {
    let found = std::fs::metadata(path)?;
    Ok((found.ino(), found.ctime(), found.ctime_nsec()))
}

impl KeyRing {
    /// The keys of a file; none without one.
    pub fn new(file: Option<&Path>) -> KeyRing {
        KeyRing { file: file.map(Path::to_owned), known: Mutex::default() }
    }

    /// The file.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The keys as their file has them now; none where nothing is to be encrypted.
    ///
    /// # Errors
    /// The file cannot be used, and could not be before: a sentence with the remedy.
    pub fn keys(&self) -> Result<Option<Arc<Keys>>, String> {
        let Some(file) = &self.file else { return Ok(None) };
        let mut known = self.known.lock();
        let now = stamp(file).ok();
        if let Some((then, keys)) = &*known
            && now.is_none_or(|now| now == *then)
        {
            return Ok(Some(Arc::clone(keys)));
        }
        match Keys::load(file) {
            Ok(keys) => {
                let keys = Arc::new(keys);
                *known = now.map(|now| (now, Arc::clone(&keys)));
                Ok(Some(keys))
            }
            Err(why) => known.as_ref().map(|(_, keys)| Some(Arc::clone(keys))).ok_or(why),
        }
    }

    /// The key of a file that has this header.
    ///
    /// # Errors
    /// There is no such key: a clause that names its id.
    pub(super) fn file_key(&self, header: Header) -> Result<FileKey, Unreadable> {
        let id = header.key();
        let keys = self.keys().map_err(|why| Unreadable::NoKey(format!("it is encrypted by the key {id}. {why}")))?;
        match keys.as_deref().map(|keys| keys.of(id).ok_or(keys)) {
            Some(Ok(key)) => FileKey::new(key, header),
            missing => Err(Unreadable::NoKey(absent(id, missing.and_then(Result::err)))),
        }
    }

    /// The reason why a file of this key cannot be read; none if the key is there.
    pub fn lacks(&self, id: KeyId) -> Option<String> {
        match self.keys() {
            Err(why) => Some(why),
            Ok(keys) if keys.as_deref().is_some_and(|keys| keys.of(id).is_some()) => None,
            Ok(keys) => Some(absent(id, keys.as_deref())),
        }
    }
}

/// The clause for a key that is not there.
fn absent(id: KeyId, keys: Option<&Keys>) -> String {
    match keys {
        None => format!("it is encrypted by the key {id}; name the file that has it as `keys` of [recording]"),
        Some(keys) => {
            let ids: Vec<String> = keys.iter().map(|key| key.id().to_string()).collect();
            format!(
                "it is encrypted by the key {id}, which {} has not (it has {}); put the line of that key into it, from \
                 a copy",
                keys.file().display(),
                ids.join(", ")
            )
        }
    }
}
