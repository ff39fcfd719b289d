//! Resumable sessions: those that may resume after the server was started anew, in a file of the site.
//!
//! An entry holds the digest of a session's token, its user, and the agents whose passwords the session has verified,
//! with marks of their passwords: a password that was changed meanwhile makes the entry void. The file stands on the
//! disk while the sessions do, so that a server that was killed leaves it, too. After a start its entries are good for
//! the time that a session without a socket lasts, each of them once.
//!
//! Never: keeps a token or a password in the clear.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumableSession {
    /// The user.
    pub(crate) login: String,
    /// Mark of the user's password.
    pub(crate) mark: String,
    /// Agents with the marks of their passwords.
    #[serde(default)]
    pub(crate) agents: BTreeMap<String, String>,
}

/// Entries by the digests of the tokens.
type ByDigest = BTreeMap<String, ResumableSession>;

/// The entries of a server.
#[derive(Debug, Default)]
pub(crate) struct ResumableSessions {
    /// The file; none where sessions end with the server.
    file: Option<PathBuf>,
    all: Mutex<All>,
    /// Notified when the file has to be written.
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
struct All {
    /// Entries of the sessions there are.
    present: ByDigest,
    /// Entries of an earlier run that no client has used yet.
    earlier: ByDigest,
}

impl ResumableSessions {
    /// Reads the entries of an earlier run. A file that cannot be read has none: its clients log in.
    pub(crate) fn read(file: Option<PathBuf>) -> ResumableSessions {
        let earlier = file.as_deref().and_then(|file| fs::read(file).ok());
        let earlier = earlier.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        ResumableSessions { file, all: Mutex::new(All { present: ByDigest::new(), earlier }), changed: Notify::new() }
    }

    /// Writes an entry for a session.
    pub(crate) fn insert(&self, token: &str, resumable: ResumableSession) {
        self.all.lock().present.insert(digest(token), resumable);
        self.changed.notify_one();
    }

    /// Adds an agent whose password a session has verified.
    pub(crate) fn insert_agent(&self, token: &str, agent: String, mark: String) {
        if let Some(resumable) = self.all.lock().present.get_mut(&digest(token)) {
            resumable.agents.insert(agent, mark);
            self.changed.notify_one();
        }
    }

    /// Returns the mark of an agent's password that a session has verified.
    pub(crate) fn agent(&self, token: &str, agent: &str) -> Option<String> {
        self.all.lock().present.get(&digest(token))?.agents.get(agent).cloned()
    }

    /// Drops the entry of a session that ends.
    pub(crate) fn remove(&self, token: &str) {
        if self.all.lock().present.remove(&digest(token)).is_some() {
            self.changed.notify_one();
        }
    }

    /// Takes an entry of an earlier run: it is good once.
    pub(crate) fn redeem(&self, token: &str) -> Option<ResumableSession> {
        let resumable = self.all.lock().earlier.remove(&digest(token))?;
        self.changed.notify_one();
        Some(resumable)
    }

    /// Drops what is left of an earlier run.
    pub(crate) fn expire(&self) {
        self.all.lock().earlier.clear();
        self.changed.notify_one();
    }

    /// Writes the file: whole, or not at all.
    ///
    /// # Errors
    /// The operating system's. The entries in memory stay good.
    pub(crate) fn write(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let text = {
            let all = self.all.lock();
            let both: BTreeMap<&String, &ResumableSession> = all.earlier.iter().chain(&all.present).collect();
            serde_json::to_vec(&both).expect("text by text")
        };
        write_whole(file, &text)
    }
}

fn write_whole(file: &Path, text: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("sessions.new");
    let mut new = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    new.write_all(text)?;
    new.sync_all()?;
    fs::rename(&beside, file)
}

/// SHA-256 of a token in hexadecimal digits.
fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resumable() -> ResumableSession {
        ResumableSession { login: "desk1".into(), mark: "m".into(), agents: BTreeMap::new() }
    }

    #[test]
    fn an_entry_of_an_earlier_run_is_good_once_and_holds_no_token() {
        let file = std::env::temp_dir().join(format!("tipring-resumable_sessions-{}.sessions", std::process::id()));
        let before = ResumableSessions::read(Some(file.clone()));
        before.insert("9f", resumable());
        before.insert("77", resumable());
        before.insert_agent("9f", "7001".into(), "a".into());
        before.remove("77");
        before.write().unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("\"9f\""));
        let after = ResumableSessions::read(Some(file.clone()));
        assert_eq!(after.redeem("77"), None);
        let redeemed = after.redeem("9f").unwrap();
        assert_eq!(redeemed.agents.get("7001").map(String::as_str), Some("a"));
        assert_eq!(after.redeem("9f"), None);
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_read_has_no_entries_and_expired_ones_are_void() {
        let file = std::env::temp_dir().join(format!("tipring-no-resumable_sessions-{}.sessions", std::process::id()));
        fs::write(&file, "{\"9f\": 7}").unwrap();
        assert_eq!(ResumableSessions::read(Some(file.clone())).redeem("9f"), None);
        let before = ResumableSessions::read(Some(file.clone()));
        before.insert("9f", resumable());
        before.write().unwrap();
        let after = ResumableSessions::read(Some(file.clone()));
        after.expire();
        assert_eq!(after.redeem("9f"), None);
        fs::remove_file(&file).unwrap();
    }
}
