//! The file of the core's inputs, for a middleware that comes back while its engine's process goes on.
//!
//! The first line says what the core was made of, each further line is an entry. Entries are written before the actions
//! that they lead to. A program that is killed leaves what it wrote with the system, so nothing is synced: a power cut
//! ends the engine too, and with it the use of the file.
//!
//! Never: holds a call up, or is read for another engine, or by another build of the program.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tipring_core::config::Config;
use tipring_core::csta::AgentPassword;
use tipring_core::input::{Entry, Input};

use crate::failure::Failure;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// The build of the program: another one may decide otherwise.
    pub build: String,
    /// The run of the engine.
    pub engine: u64,
    /// The core's configuration.
    pub config: Config,
    /// The word under which agents' PINs are known to the core.
    pub agent_key: AgentPassword,
    /// Commands that the engine had been given before.
    pub commands: u64,
}

/// A further line.
#[derive(Debug, Serialize, Deserialize)]
struct Written<E> {
    /// Events that counted as taken when the entry was written.
    taken: u64,
    entry: E,
}

/// A log that is being written.
#[derive(Debug)]
pub struct InputLog {
    file: File,
    path: PathBuf,
    line: Vec<u8>,
}

/// The path of the log of a site with this database.
pub fn path_beside(database: &Path) -> PathBuf {
    database.with_extension("inputs")
}

/// This build of the program: its file, as the system knows it.
pub fn build() -> String {
    let file = std::fs::metadata("/proc/self/exe");
    file.map_or_else(|_| String::new(), |file| format!("{}-{}-{}-{}", file.dev(), file.ino(), file.mtime(), file.len()))
}

impl InputLog {
    /// Begins a log; one that is there is replaced.
    ///
    /// # Errors
    /// The file cannot be written: a sentence.
    pub fn begin(path: &Path, beginning: &Beginning) -> Result<InputLog, Failure> {
        let fail = |error: &dyn std::fmt::Display| Failure::from(format!("{}: {error}", path.display()));
        // In place of the old one at once: a log without its first line would be worse than either.
        let fresh = path.with_extension("inputs-new");
        let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        let mut file = options.open(&fresh).map_err(|error| fail(&error))?;
        let mut line = serde_json::to_vec(beginning).map_err(|error| fail(&error))?;
        line.push(b'\n');
        file.write_all(&line).map_err(|error| fail(&error))?;
        std::fs::rename(&fresh, path).map_err(|error| fail(&error))?;
        line.clear();
        Ok(InputLog { file, path: path.into(), line })
    }

    /// Goes on with a log that has been read; what was left of a last line is cut off.
    ///
    /// # Errors
    /// The file cannot be written: a sentence.
    pub fn go_on(read: &ReadLog) -> Result<InputLog, Failure> {
        let fail = |error: std::io::Error| Failure::from(format!("{}: {error}", read.path.display()));
        let file = OpenOptions::new().append(true).open(&read.path).map_err(fail)?;
        file.set_len(read.length).map_err(fail)?;
        Ok(InputLog { file, path: read.path.clone(), line: Vec::new() })
    }

    /// Ends the log with the calls: there is nothing to come back to.
    pub fn end(self) {
        // One that stays is of no use to another engine, and a core that stops ends its calls again.
        let _ = std::fs::remove_file(&self.path);
    }

    /// Writes entries; `taken` events counted as taken before them.
    ///
    /// # Errors
    /// They cannot be written. The log is of no use any more, and is removed.
    pub fn append(&mut self, taken: u64, entries: &[Entry]) -> Result<(), Failure> {
        self.line.clear();
        for entry in entries {
            serde_json::to_writer(&mut self.line, &Written { taken, entry })?;
            self.line.push(b'\n');
        }
        let written = self.file.write_all(&self.line);
        written.map_err(|error| {
            // Without it the next start releases the lines, as after any end.
            let _ = std::fs::remove_file(&self.path);
            format!("{}: {error}", self.path.display()).into()
        })
    }
}

/// A log of an earlier run of the program beside the same engine.
#[derive(Debug)]
pub struct ReadLog {
    /// The first line.
    pub beginning: Beginning,
    /// The entries, the oldest first.
    pub entries: Vec<Entry>,
    /// The events that were taken with them, whether they counted so already or not.
    pub taken: u64,
    path: PathBuf,
    /// The octets of whole lines.
    length: u64,
}

impl ReadLog {
    /// Reads the log; none if there is none, or it is of another engine or another build.
    ///
    /// # Errors
    /// The file is damaged: a sentence.
    pub fn read(path: &Path, build: &str, engine: u64) -> Result<Option<ReadLog>, Failure> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        };
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        let mut length = 0;
        let mut beginning: Option<Beginning> = None;
        let (mut entries, mut taken) = (Vec::new(), 0);
        loop {
            line.clear();
            let octets = lines.read_until(b'\n', &mut line).map_err(|error| format!("{}: {error}", path.display()))?;
            if line.last() != Some(&b'\n') {
                break;
            }
            let fail = |error| format!("{}, after {length} octets: {error}", path.display());
            match &beginning {
                // The form of another build's first line is its own affair.
                None => match serde_json::from_slice::<Beginning>(&line) {
                    Ok(first) if first.build == build && first.engine == engine => beginning = Some(first),
                    _ => return Ok(None),
                },
                Some(_) => {
                    let written: Written<Entry> = serde_json::from_slice(&line).map_err(fail)?;
                    taken = written.taken + u64::from(matches!(written.entry.input, Input::Channel(_)));
                    entries.push(written.entry);
                }
            }
            length += octets as u64;
        }
        Ok(beginning.map(|beginning| ReadLog { beginning, entries, taken, path: path.into(), length }))
    }
}

#[cfg(test)]
mod tests {
    use tipring_core::time::Tick;

    use super::*;

    fn beginning() -> Beginning {
        Beginning {
            build: "this".into(),
            engine: 7,
            config: Config::default(),
            agent_key: AgentPassword::default(),
            commands: 0,
        }
    }

    fn entry(now: u64) -> Entry {
        Entry { now: Tick(now), input: Input::Stop, looks: Vec::new() }
    }

    #[test]
    fn a_log_is_read_back_without_a_torn_last_line_and_goes_on_behind_the_last_whole_one() {
        let folder = tempdir("torn");
        let path = path_beside(&folder.join("site.db"));
        let mut log = InputLog::begin(&path, &beginning()).unwrap();
        log.append(5, &[entry(1), entry(2)]).unwrap();
        log.file.write_all(b"{\"now\":3").unwrap();
        let read = ReadLog::read(&path, "this", 7).unwrap().expect("a log");
        assert_eq!((&read.beginning, read.entries.len()), (&beginning(), 2));
        InputLog::go_on(&read).unwrap().append(6, &[entry(4)]).unwrap();
        let again = ReadLog::read(&path, "this", 7).unwrap().expect("a log");
        assert_eq!((again.entries, again.taken), (vec![entry(1), entry(2), entry(4)], 6));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_log_of_another_engine_or_build_is_none() {
        let folder = tempdir("other");
        let path = path_beside(&folder.join("site.db"));
        assert!(ReadLog::read(&path, "this", 7).unwrap().is_none());
        InputLog::begin(&path, &beginning()).unwrap();
        assert!(ReadLog::read(&path, "this", 8).unwrap().is_none());
        assert!(ReadLog::read(&path, "that", 7).unwrap().is_none());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_damaged_entry_is_a_failure_that_names_its_place() {
        let folder = tempdir("damaged");
        let path = path_beside(&folder.join("site.db"));
        let mut log = InputLog::begin(&path, &beginning()).unwrap();
        log.file.write_all(b"no entry\n").unwrap();
        let failure = ReadLog::read(&path, "this", 7).unwrap_err().to_string();
        assert!(failure.contains("site.inputs, after "), "{failure}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempdir(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("tipring-inputs-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}
