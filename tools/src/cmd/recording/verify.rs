//! `tipring recording verify`: the files against what the database says of them.
//!
//! Exit status 1 says that a file is missing, short or changed, or encrypted by a key that is not there.
//!
//! Never: mends anything.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use tipring_core::recording::recordings;
use tipring_core::store::sqlite::{RecordingQuery, RecordingRow};

use crate::encryption::reader;
use crate::failure::Failure;
use crate::recording::archive::{Archive, Place, Presence, Target};
use crate::recording::checksum;

/// Arguments of `tipring recording verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A recording or a call; without it, all of them, and files that no record names
    recording: Option<Target>,
    #[command(flatten)]
    place: Place,
    /// JSON lines, with every recording
    #[arg(long)]
    json: bool,
}

/// The state of a file beside its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// As it was when its checksum was taken.
    Proved,
    /// There, but no checksum was taken yet.
    NoChecksum,
    /// Gone.
    Missing,
    /// Shorter than it was.
    Short,
    /// Other than it was.
    Changed,
    /// As it was, but encrypted by a key that is not there.
    NoKey,
    /// No record names it.
    NotOnRecord,
    /// Removed by retention, or never begun for want of room.
    None,
}

impl Verdict {
    const fn is_fault(self) -> bool {
        matches!(self, Verdict::Missing | Verdict::Short | Verdict::Changed | Verdict::NoKey)
    }

    const fn word(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::NoChecksum => "no checksum",
            Verdict::Missing => "missing",
            Verdict::Short => "short",
            Verdict::Changed => "changed",
            Verdict::NoKey => "no key",
            Verdict::NotOnRecord => "not on record",
            Verdict::None => "no file",
        }
    }
}

#[derive(Debug, Serialize)]
struct Row {
    recording: Option<i64>,
    call: Option<i32>,
    file: String,
    verdict: Verdict,
    text: String,
}

pub(super) fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let archive = args.place.open()?;
    let recordings: Vec<RecordingRow> = match &args.recording {
        Some(target) => archive.find(target)?.into_iter().map(|found| found.recording).collect(),
        None => {
            let all = archive.store.find_recordings(&RecordingQuery::default())?;
            all.into_iter().map(|found| found.recording).collect()
        }
    };
    let mut out = BufWriter::new(stdout().lock());
    let mut counts: Vec<(Verdict, u64)> = Vec::new();
    let mut show = |row: Row| -> Result<(), Failure> {
        match counts.iter_mut().find(|(verdict, _)| *verdict == row.verdict) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.verdict, 1)),
        }
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&row)?)?;
        } else if row.verdict.is_fault() || matches!(row.verdict, Verdict::NoChecksum | Verdict::NotOnRecord) {
            writeln!(out, "{:<13}  {}  {}", row.verdict.word(), row.file, row.text)?;
        }
        Ok(())
    };
    for recording in &recordings {
        let (verdict, text) = examine(&archive, recording)?;
        let (id, call) = (Some(recording.id), Some(recording.call_id));
        show(Row { recording: id, call, file: recording.file.clone(), verdict, text })?;
    }
    if args.recording.is_none() {
        let known: BTreeSet<&str> = recordings.iter().map(|recording| recording.file.as_str()).collect();
        for file in files(&archive.folder)?.into_iter().filter(|file| !known.contains(file.as_str())) {
            let text = "is on no record: of a call that goes on, or put there by hand".to_owned();
            show(Row { recording: None, call: None, file, verdict: Verdict::NotOnRecord, text })?;
        }
    }
    if !args.json {
        let counted: Vec<String> =
            counts.iter().map(|(verdict, count)| format!("{count} {}", verdict.word())).collect();
        writeln!(out, "{}", if counted.is_empty() { "There is no recording".to_owned() } else { counted.join(", ") })?;
    }
    out.flush()?;
    let is_sound = counts.iter().all(|(verdict, _)| !verdict.is_fault());
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn examine(archive: &Archive, recording: &RecordingRow) -> Result<(Verdict, String), Failure> {
    if matches!(archive.presence(recording), Presence::Removed | Presence::NoRoom) {
        return Ok((Verdict::None, String::new()));
    }
    let path = archive.path(recording);
    let found = match checksum::of_file(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((Verdict::Missing, format!("of the call {} is gone", recording.call_id)));
        }
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display()).into()),
    };
    let (Some(sha256), Some(octets)) = (&recording.sha256, recording.octets) else {
        return Ok((Verdict::NoChecksum, "is there; `tipring serve` takes its checksum".into()));
    };
    let there = i64::try_from(found.octets).unwrap_or(i64::MAX);
    Ok(if found.sha256 == *sha256 {
        let key = reader::key_of(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        match key.and_then(|key| archive.keys.lacks(key)) {
            None => (Verdict::Proved, String::new()),
            Some(why) => (Verdict::NoKey, why),
        }
    } else if there < octets {
        (Verdict::Short, format!("has {there} octets of {octets}"))
    } else {
        (Verdict::Changed, format!("has SHA-256 {}, not {sha256}", found.sha256))
    })
}

/// The recordings' files in a folder, by their names below it.
fn files(folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |error: io::Error| format!("The folder of recordings {} cannot be read: {error}", folder.display());
    let mut files = Vec::new();
    for day in fs::read_dir(folder).map_err(failed)? {
        let day = day.map_err(failed)?;
        let names = fs::read_dir(day.path()).into_iter().flatten().flatten();
        let names = names.map(|file| format!("{}/{}", day.file_name().display(), file.file_name().display()));
        files.extend(names.filter(|name| recordings::recording_of(name).is_some()));
    }
    files.sort();
    Ok(files)
}
