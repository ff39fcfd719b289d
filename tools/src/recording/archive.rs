//! Database and folder of a site's recordings: the search, and the audit record of those who listen.
//!
//! Never: gives out sound that no audit record stands for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use nix::unistd::{Uid, User, getuid};
use tipring_core::recording::recordings;
use tipring_core::store::sqlite::{FoundRecording, RecordingAudit, RecordingQuery, RecordingRow, SqliteStore};
use tipring_driver::ids::RecordingId;

use crate::clock;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::reader::Damage;
use crate::failure::Failure;
use crate::recording::marks::Mark;
use crate::recording::sound::Recorded;
use crate::site_clock::SiteClock;

/// The place of a site's recordings.
#[derive(Debug, Args)]
pub struct Place {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", conflicts_with_all = ["db", "recordings"])]
    site: Option<PathBuf>,
    /// The site's database
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// The folder of recordings; without it, `recordings` beside the database
    #[arg(long, value_name = "FOLDER", requires = "db")]
    recordings: Option<PathBuf>,
    /// The key file of encrypted recordings; with a site it is the one that [recording] names
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// The person who acts.
#[derive(Debug, Args)]
pub struct Person {
    /// The reason, for the audit record
    #[arg(long = "why", value_name = "REASON", value_parser = said)]
    reason: String,
    /// The person, for the audit record; without it, the user of the operating system, who is on record in any case
    #[arg(long = "as", value_name = "NAME", value_parser = said)]
    name: Option<String>,
}

impl Person {
    /// The person as given, else the user of the operating system; and that user.
    pub fn names(&self) -> (String, String) {
        let os_user = os_user();
        (self.name.clone().unwrap_or_else(|| os_user.clone()), os_user)
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The audit record of an act of this person, now.
    pub fn act(&self, act: &'static str, detail: &str, recording: Option<i64>, call: i32) -> RecordingAudit {
        let (user, os_user) = self.names();
        RecordingAudit {
            at_ms: clock::epoch_ms(),
            user,
            os_user,
            act,
            recording,
            call,
            detail: detail.to_owned(),
            reason: self.reason.clone(),
        }
    }
}

/// The treatment of encrypted recordings that are not what was written.
#[derive(Debug, Args)]
pub struct DamageArgs {
    /// Gives out what can be proved of an encrypted recording that was changed or cut off, with silence in place of the
    /// rest
    #[arg(long)]
    despite_damage: bool,
}

impl DamageArgs {
    /// The treatment.
    pub const fn treatment(&self) -> Damage {
        if self.despite_damage { Damage::Silence } else { Damage::Refused }
    }

    /// The words for it in an audit record.
    pub const fn words(&self) -> &'static str {
        if self.despite_damage { ", silence in place of damage" } else { "" }
    }
}

fn said(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("it may not be empty".into()) } else { Ok(text.to_owned()) }
}

/// A recording, or all of a call, as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All recordings of a call.
    Call(i32),
    /// One recording.
    Recording(i64),
}

impl std::str::FromStr for Target {
    type Err = String;

    /// Calls have identifiers of 31 bits; recordings have numbers that are much greater, or are named by their files.
    fn from_str(text: &str) -> Result<Target, String> {
        if let Ok(number) = text.parse::<i64>()
            && number > 0
        {
            return Ok(i32::try_from(number).map_or(Target::Recording(number), Target::Call));
        }
        let file = text.trim_start_matches("./");
        match recordings::recording_of(file) {
            Some((RecordingId(id), _)) => Ok(Target::Recording(id as i64)),
            None => Err(format!(
                "a recording is named by its call (17), its own number, or its file (2026-11-29/083000-123-00001.wav), not by {text:?}"
            )),
        }
    }
}

impl Target {
    fn query(&self) -> RecordingQuery {
        match *self {
            Target::Call(call) => RecordingQuery { call: Some(call), ..RecordingQuery::default() },
            Target::Recording(id) => RecordingQuery { recording: Some(id), ..RecordingQuery::default() },
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Call(call) => write!(f, "recording of the call {call}"),
            Target::Recording(id) => write!(f, "recording {id}"),
        }
    }
}

/// The recordings of a site.
pub struct Archive {
    /// The database.
    pub store: SqliteStore,
    /// The folder.
    pub folder: PathBuf,
    /// The keys of those that are encrypted.
    pub keys: Arc<KeyRing>,
    /// The clock of its moments.
    pub clock: SiteClock,
}

/// The presence of a recording's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// All of it.
    Whole,
    /// As much as there was when its file failed or the program ended.
    CutOff,
    /// None, though there should be one.
    Missing,
    /// None: retention has removed it.
    Removed,
    /// None: the disk had no room for a new recording.
    NoRoom,
}

impl Presence {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Presence::Whole => "whole",
            Presence::CutOff => "cut off",
            Presence::Missing => "missing",
            Presence::Removed => "removed",
            Presence::NoRoom => "no room",
        }
    }
}

/// The user of the operating system on record where a recording is heard in a browser.
pub fn console_user(address: &str) -> String {
    format!("console at {address}")
}

impl Place {
    /// Opens the recordings by a function that opens their database.
    fn opened<E: Into<Failure>>(&self, open: impl Fn(&Path) -> Result<SqliteStore, E>) -> Result<Archive, Failure> {
        if let Some(database) = &self.db {
            let beside = || database.parent().unwrap_or(Path::new("")).join("recordings");
            let folder = self.recordings.clone().unwrap_or_else(beside);
            let keys = Arc::new(KeyRing::new(self.keys.as_deref()));
            let store = open(database).map_err(Into::into)?;
            return Ok(Archive { store, folder, keys, clock: SiteClock::of_machine() });
        }
        let site = SiteConfig::load_without_users(&self.site.clone().unwrap_or_else(site_file))?;
        let keys = Arc::new(KeyRing::new(self.keys.as_deref().or(site.recording.keys.as_deref())));
        let (store, clock) = (open(&site.store.database).map_err(Into::into)?, site.clock());
        Ok(Archive { store, folder: site.store.recordings, keys, clock })
    }

    /// Opens the recordings to be searched.
    ///
    /// # Errors
    /// There is no such site or database: a sentence.
    pub fn open(&self) -> Result<Archive, Failure> {
        self.opened(SqliteStore::open_to_read)
    }

    /// Opens the recordings for acts that leave an audit record.
    ///
    /// # Errors
    /// There is no such site or database, or it cannot be written: a sentence.
    pub fn open_to_act(&self) -> Result<Archive, Failure> {
        self.opened(SqliteStore::open_beside)
    }
}

impl Archive {
    /// Returns the recordings of a target, oldest first.
    ///
    /// # Errors
    /// There is none: a sentence.
    pub fn find(&self, target: &Target) -> Result<Vec<FoundRecording>, Failure> {
        let found = self.store.find_recordings(&target.query())?;
        if found.is_empty() {
            return Err(format!("There is no {target}; `tipring recording list` shows those there are").into());
        }
        Ok(found)
    }

    /// The file of a recording.
    pub fn path(&self, recording: &RecordingRow) -> PathBuf {
        self.folder.join(&recording.file)
    }

    /// Returns the marks of a recording.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn marks(&self, recording: &RecordingRow) -> Result<Vec<Mark>, Failure> {
        let rows = self.store.recording_marks(recording.id)?;
        Ok(rows.into_iter().map(|row| Mark::new(recording, row)).collect())
    }

    /// Returns the presence of a recording's file.
    pub fn presence(&self, recording: &RecordingRow) -> Presence {
        match (recording.removed_ms, recording.reason.as_deref()) {
            (Some(_), _) => return Presence::Removed,
            (_, Some("no-room")) => return Presence::NoRoom,
            _ => {}
        }
        match (self.path(recording).is_file(), recording.whole) {
            (false, _) => Presence::Missing,
            (true, true) => Presence::Whole,
            (true, false) => Presence::CutOff,
        }
    }

    /// Opens the sound of a recording.
    ///
    /// # Errors
    /// There is none, its key is not there, it is not what was written, or no recording: a sentence with the reason.
    pub fn sound(&self, recording: &RecordingRow) -> Result<Recorded, Failure> {
        self.sound_with(recording, Damage::Refused)
    }

    /// The sound of a recording, with a treatment of parts that are not what was written.
    ///
    /// # Errors
    /// As those of [`Archive::sound`].
    pub fn sound_with(&self, recording: &RecordingRow, damage: Damage) -> Result<Recorded, Failure> {
        let id = recording.id;
        match self.presence(recording) {
            Presence::Removed => {
                let at = self.clock.minute(recording.removed_ms.unwrap_or_default());
                Err(format!("The recording {id} was removed by retention on {at}").into())
            }
            Presence::NoRoom => {
                Err(format!("The call {} was not recorded: the disk had no room", recording.call_id).into())
            }
            _ => Recorded::open(&self.path(recording), &self.keys, damage),
        }
    }

    /// Puts all recordings of a call on hold, or releases them, with an audit record. Returns false if nothing was to
    /// be changed.
    ///
    /// # Errors
    /// There is no such call, or the database takes no records: a sentence.
    pub fn hold(&mut self, person: &Person, call: i32, is_held: bool) -> Result<bool, Failure> {
        if !self.store.has_call(call)? {
            return Err(format!("There is no call {call}; `tipring report calls` lists the calls there are").into());
        }
        let act = person.act(if is_held { "hold" } else { "release" }, "", None, call);
        Ok(self.store.hold_recordings(&act, is_held)?)
    }

    /// Puts acts on recordings on record, all or none; they are safe when this returns.
    ///
    /// # Errors
    /// The database takes no records: a sentence. The act has to be left undone.
    pub fn audit(
        &mut self,
        person: &Person,
        (act, detail): (&'static str, &str),
        recordings: &[FoundRecording],
    ) -> Result<(), Failure> {
        let acts: Vec<RecordingAudit> = recordings
            .iter()
            .map(|found| person.act(act, detail, Some(found.recording.id), found.recording.call_id))
            .collect();
        self.keep_audit(&acts)
    }

    /// Keeps audit records, all or none; they are safe when this returns.
    ///
    /// # Errors
    /// The database takes no records: a sentence. The act has to be left undone.
    pub fn keep_audit(&mut self, acts: &[RecordingAudit]) -> Result<(), Failure> {
        Ok(self
            .store
            .audit_recordings(acts)
            .map_err(|error| format!("{error}. No sound is given out without its audit record"))?)
    }
}

/// The user of the operating system, by name if it has one.
pub fn os_user() -> String {
    user_name(getuid())
}

/// The name of a user of the operating system, if it has one.
pub fn user_name(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_named_by_call_number_or_file() {
        for (text, wanted) in [
            ("17", Target::Call(17)),
            ("112014792896741376", Target::Recording(112_014_792_896_741_376)),
            ("2024-02-29/123456-007-00012.wav", {
                Target::Recording(recordings::recording_id(1_709_210_096_007, 12).0 as i64)
            }),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        for text in ["", "0", "-4", "last", "2024-02-30/123456-007-00012.wav", "../x.wav"] {
            assert!(text.parse::<Target>().unwrap_err().contains("is named by its call"), "{text}");
        }
    }
}
