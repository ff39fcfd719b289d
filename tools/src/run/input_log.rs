//! The file of the core's state and inputs, for a middleware that comes back while its engine's process goes on.
//!
//! | line | holds |
//! |---|---|
//! | 1 | [`Head`]: the format, the build, the run of the engine |
//! | 2 | [`Beginning`]: a checkpoint of the core, and what else its successor has to know |
//! | further | an entry each: an input that the core has taken since |
//!
//! Entries are written before the actions that they lead to. When there are many, the file begins anew with the next
//! checkpoint: it is written beside the old one and takes its place at once, so there is a whole one at any moment. A
//! program that is killed leaves what it wrote with the system, so nothing is synced: a power cut ends the engine too,
//! and with it the use of the file.
//!
//! A checkpoint is read by every build that reads its format. Entries are read by the build that wrote them alone:
//! another one may decide otherwise.
//!
//! Never: holds a call up, or is read for another engine.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tipring_core::core::{Checkpoint, FORMAT, OLDEST_FORMAT};
use tipring_core::csta::{AgentPassword, DeviceId};
use tipring_core::input::{Entry, Input};

use crate::failure::Failure;

/// Entries after which a checkpoint is due: the inputs of some hundreds of calls, of which more than a thousand were
/// replayed in a second.
const ENTRIES_MAX: u64 = 8192;
/// Octets of entries after which one is due: entries with whole configurations are long.
const OCTETS_MAX: u64 = 8 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the checkpoint.
    pub format: u32,
    /// The build of the program that wrote the entries.
    pub build: String,
    /// The run of the engine.
    pub engine: u64,
}

/// The second line: the moment at which the file begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning<C> {
    /// The word under which agents' PINs are known to the core.
    pub agent_key: AgentPassword,
    /// Commands that the engine had been given.
    pub commands: u64,
    /// Events that the core had taken.
    pub taken: u64,
    /// The devices that the site monitors, by the number of the request that began it.
    pub site: Vec<DeviceId>,
    /// Calls that had ended, and those of them that a person had answered.
    pub ended: (u64, u64),
    /// The core.
    pub core: C,
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
    engine: u64,
    line: Vec<u8>,
    /// Entries since the checkpoint, and their octets.
    entries: u64,
    octets: u64,
}

/// The path of the log of a site with this database.
pub fn path_beside(database: &Path) -> PathBuf {
    database.with_extension("inputs")
}

/// This build of the program: its file, as the system knows it.
fn build() -> String {
    let file = std::fs::metadata("/proc/self/exe");
    file.map_or_else(|_| String::new(), |file| format!("{}-{}-{}-{}", file.dev(), file.ino(), file.mtime(), file.len()))
}

impl InputLog {
    /// Begins a log beside an engine; one that is there is replaced.
    ///
    /// # Errors
    /// The file cannot be written: a sentence. The one that was there stays.
    pub fn begin(path: &Path, engine: u64, beginning: &Beginning<impl Serialize>) -> Result<InputLog, Failure> {
        let head = Head { format: FORMAT, build: build(), engine };
        let file = write_anew(path, &head, beginning).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(InputLog { file, path: path.into(), engine, line: Vec::new(), entries: 0, octets: 0 })
    }

    /// Goes on with a log that has been read; what was left of a last line is cut off. A checkpoint is due.
    ///
    /// # Errors
    /// The file cannot be written: a sentence.
    pub fn go_on(read: &ReadLog) -> Result<InputLog, Failure> {
        let fail = |error: std::io::Error| Failure::from(format!("{}: {error}", read.path.display()));
        let file = OpenOptions::new().append(true).open(&read.path).map_err(fail)?;
        file.set_len(read.length).map_err(fail)?;
        let (path, engine) = (read.path.clone(), read.engine);
        Ok(InputLog { file, path, engine, line: Vec::new(), entries: ENTRIES_MAX, octets: 0 })
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
        self.entries += entries.len() as u64;
        self.octets += self.line.len() as u64;
        let written = self.file.write_all(&self.line);
        written.map_err(|error| {
            // Without it the next start releases the lines, as after any end.
            let _ = std::fs::remove_file(&self.path);
            format!("{}: {error}", self.path.display()).into()
        })
    }

    /// Returns true if there are entries enough for a checkpoint.
    pub const fn is_checkpoint_due(&self) -> bool {
        self.entries >= ENTRIES_MAX || self.octets >= OCTETS_MAX
    }

    /// Begins the file anew with a checkpoint.
    ///
    /// # Errors
    /// It cannot be written: a sentence. The file goes on as it was, and the next checkpoint is due after as many
    /// entries again.
    pub fn checkpoint(&mut self, beginning: &Beginning<impl Serialize>) -> Result<(), Failure> {
        (self.entries, self.octets) = (0, 0);
        *self = InputLog::begin(&self.path, self.engine, beginning)?;
        Ok(())
    }
}

/// Writes a file with its first two lines in place of the one that is there.
fn write_anew(path: &Path, head: &Head, beginning: &Beginning<impl Serialize>) -> std::io::Result<File> {
    let fresh = path.with_extension("inputs-new");
    let options = OpenOptions::new().append(true).create(true).mode(0o600).clone();
    let mut file = options.open(&fresh)?;
    file.set_len(0)?;
    let mut lines = serde_json::to_vec(head)?;
    lines.push(b'\n');
    serde_json::to_writer(&mut lines, beginning)?;
    lines.push(b'\n');
    file.write_all(&lines)?;
    std::fs::rename(&fresh, path)?;
    Ok(file)
}

/// A log of an earlier run of the program beside the same engine.
#[derive(Debug)]
pub struct ReadLog {
    /// The second line.
    pub beginning: Beginning<Checkpoint>,
    /// The entries, the oldest first.
    pub entries: Vec<Entry>,
    /// The events that were taken, whether they counted so already or not.
    pub taken: u64,
    /// The run of the engine.
    pub engine: u64,
    path: PathBuf,
    /// The octets of whole lines.
    length: u64,
}

impl ReadLog {
    /// Reads the log; none if there is none, or it is of another engine.
    ///
    /// # Errors
    /// The file is damaged, or this build cannot read it: a sentence.
    pub fn read(path: &Path, engine: u64) -> Result<Option<ReadLog>, Failure> {
        ReadLog::read_by(path, &build(), engine)
    }

    fn read_by(path: &Path, build: &str, engine: u64) -> Result<Option<ReadLog>, Failure> {
        let name = path.display();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{name}: {error}").into()),
        };
        let mut lines = Lines { file: BufReader::new(file), line: Vec::new(), length: 0 };
        let damaged = |octets: u64, error: &dyn std::fmt::Display| format!("{name}, after {octets} octets: {error}");
        let head = lines.next()?.ok_or_else(|| damaged(0, &"the first line is missing"))?;
        let head: Head = serde_json::from_slice(head).map_err(|error| damaged(0, &error))?;
        if head.engine != engine {
            return Ok(None);
        }
        if !(OLDEST_FORMAT..=FORMAT).contains(&head.format) {
            return Err(format!(
                "{name} has the state of the calls in format {}, and this program reads {OLDEST_FORMAT} to {FORMAT}; at \
                 a change between such programs, let the calls end before (drain_s, or INT)",
                head.format
            )
            .into());
        }
        let at = lines.length;
        let beginning = lines.next()?.ok_or_else(|| damaged(at, &"the state of the calls is missing"))?;
        let beginning: Beginning<Checkpoint> =
            serde_json::from_slice(beginning).map_err(|error| damaged(at, &error))?;
        let (mut entries, mut taken) = (Vec::new(), beginning.taken);
        loop {
            let at = lines.length;
            let Some(line) = lines.next()? else { break };
            if head.build != build {
                return Err(format!(
                    "{name} is of another build of the program, which did not stop in order; after such an end only \
                     the same build can go on"
                )
                .into());
            }
            let written: Written<Entry> = serde_json::from_slice(line).map_err(|error| damaged(at, &error))?;
            taken = written.taken + u64::from(matches!(written.entry.input, Input::Channel(_)));
            entries.push(written.entry);
        }
        Ok(Some(ReadLog { beginning, entries, taken, engine, path: path.into(), length: lines.length }))
    }
}

/// The whole lines of a file.
struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
    /// Octets of those read.
    length: u64,
}

impl Lines {
    /// The next line; none at the end, or before what is left of a line that was not written to its end.
    fn next(&mut self) -> std::io::Result<Option<&[u8]>> {
        self.line.clear();
        let octets = self.file.read_until(b'\n', &mut self.line)?;
        if self.line.last() != Some(&b'\n') {
            return Ok(None);
        }
        self.length += octets as u64;
        Ok(Some(&self.line))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tipring_core::channel::ChannelTable;
    use tipring_core::config::Config;
    use tipring_core::core::Core;
    use tipring_core::time::Tick;

    use super::*;

    const ENGINE: u64 = 7;

    fn begin(path: &Path) -> InputLog {
        let core = Core::new(Config::default(), Arc::new(ChannelTable::new(2))).unwrap();
        InputLog::begin(path, ENGINE, &beginning(&core)).unwrap()
    }

    fn beginning(core: &Core) -> Beginning<impl Serialize> {
        let core = core.checkpoint().expect("nothing is to be done");
        Beginning { agent_key: AgentPassword::default(), commands: 3, taken: 4, site: Vec::new(), ended: (2, 1), core }
    }

    fn entry(now: u64) -> Entry {
        Entry { now: Tick(now), input: Input::Stop, looks: Vec::new() }
    }

    #[test]
    fn a_log_is_read_back_without_a_torn_last_line_and_goes_on_behind_the_last_whole_one() {
        let folder = tempdir("torn");
        let path = path_beside(&folder.join("site.db"));
        let mut log = begin(&path);
        log.append(5, &[entry(1), entry(2)]).unwrap();
        log.file.write_all(b"{\"now\":3").unwrap();
        let read = ReadLog::read(&path, ENGINE).unwrap().expect("a log");
        assert_eq!((read.beginning.commands, read.beginning.ended, read.entries.len()), (3, (2, 1), 2));
        InputLog::go_on(&read).unwrap().append(6, &[entry(4)]).unwrap();
        let again = ReadLog::read(&path, ENGINE).unwrap().expect("a log");
        assert_eq!((again.entries, again.taken), (vec![entry(1), entry(2), entry(4)], 6));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_checkpoint_takes_the_place_of_the_entries_before_it() {
        let folder = tempdir("anew");
        let path = path_beside(&folder.join("site.db"));
        let mut log = begin(&path);
        let core = Core::new(Config::default(), Arc::new(ChannelTable::new(2))).unwrap();
        log.append(5, &vec![entry(1); ENTRIES_MAX as usize - 1]).unwrap();
        assert!(!log.is_checkpoint_due());
        log.append(5, &[entry(2)]).unwrap();
        assert!(log.is_checkpoint_due());
        log.checkpoint(&beginning(&core)).unwrap();
        assert!(!log.is_checkpoint_due());
        log.append(9, &[entry(3)]).unwrap();
        let read = ReadLog::read(&path, ENGINE).unwrap().expect("a log");
        assert_eq!((read.entries, read.taken), (vec![entry(3)], 9));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_build_reads_a_checkpoint_but_no_entry_and_another_engine_is_none() {
        let folder = tempdir("other");
        let path = path_beside(&folder.join("site.db"));
        assert!(ReadLog::read(&path, ENGINE).unwrap().is_none());
        let mut log = begin(&path);
        assert!(ReadLog::read(&path, ENGINE + 1).unwrap().is_none());
        let read = ReadLog::read_by(&path, "another", ENGINE).unwrap().expect("a log");
        assert_eq!((read.entries.len(), read.taken), (0, 4));
        log.append(5, &[entry(1)]).unwrap();
        let failure = ReadLog::read_by(&path, "another", ENGINE).unwrap_err().to_string();
        assert!(failure.contains("another build") && failure.contains("did not stop in order"), "{failure}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_format_and_a_damaged_line_are_failures_that_name_their_place() {
        let folder = tempdir("damaged");
        let path = path_beside(&folder.join("site.db"));
        begin(&path);
        let whole = std::fs::read_to_string(&path).unwrap();
        let said = |text: &str| {
            std::fs::write(&path, text).unwrap();
            ReadLog::read(&path, ENGINE).unwrap_err().to_string()
        };
        let newer = said(&whole.replacen(&format!("\"format\":{FORMAT}"), "\"format\":9999", 1));
        assert!(newer.contains("format 9999") && newer.contains("let the calls end"), "{newer}");
        let older = said(&whole.replacen(&format!("\"format\":{FORMAT}"), "\"format\":0", 1));
        assert!(older.contains("format 0") && older.contains("let the calls end"), "{older}");
        let cut = said(&whole.replacen("\"timers\":", "\"chimes\":", 1));
        assert!(cut.contains("site.inputs, after ") && cut.contains("timers"), "{cut}");
        std::fs::write(&path, &whole).unwrap();
        let mut log = InputLog::go_on(&ReadLog::read(&path, ENGINE).unwrap().expect("a log")).unwrap();
        log.file.write_all(b"no entry\n").unwrap();
        let failure = ReadLog::read(&path, ENGINE).unwrap_err().to_string();
        assert!(failure.contains("site.inputs, after "), "{failure}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempdir(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("tipring-inputs-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}
