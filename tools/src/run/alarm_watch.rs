//! The watch over a site: its alarms observed every two seconds, logged, and kept beside its database.
//!
//! Never: decides on an alarm; that is for the table of [`alarms`](super::alarms).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::alarms::{Alarm, Alarms};
use super::readings::Readings;
use super::sources::Sources;
use crate::clock::{self, Stopwatch};
use crate::config::SiteConfig;
use crate::log::{Level, Log};

/// The watch over a site.
pub struct Watch {
    sources: Arc<Sources>,
    alarms: Arc<Mutex<Alarms>>,
    steady: Stopwatch,
    file: PathBuf,
    /// The file could not be written last time.
    unwritten: bool,
    log: Log,
}

/// The file of kept alarms that belongs to a database.
pub fn file_of(database: &Path) -> PathBuf {
    database.with_extension("alarms")
}

impl Watch {
    /// The watch over a site that has begun; the alarms of its last run are kept.
    pub fn new(site: &SiteConfig, sources: Arc<Sources>, alarms: Arc<Mutex<Alarms>>, log: Log) -> Watch {
        let file = file_of(&site.store.database);
        match read(&file) {
            Ok(kept) => *alarms.lock() = Alarms::restore(kept, clock::epoch_ms().max(0) as u64),
            Err(error) => log(Level::Warning, &format!("{} cannot be read and is begun anew: {error}", file.display())),
        }
        Watch { sources, alarms, steady: Stopwatch::start(), file, unwritten: false, log }
    }

    /// Observes the site once.
    pub fn observe(&mut self, site: &SiteConfig) {
        let readings = Readings::take(site, &self.steady);
        self.sources.observer.lock().set_duties(readings.duties.clone());
        let snapshot = self.sources.take();
        let lines = self.alarms.lock().observe(&snapshot, &readings, clock::epoch_ms().max(0) as u64);
        let changed = !lines.is_empty();
        lines.into_iter().for_each(|line| self.log.line(line));
        if changed || self.unwritten {
            self.keep();
        }
    }

    fn keep(&mut self) {
        let kept: Vec<Alarm> = self.alarms.lock().kept().cloned().collect();
        let written = write(&self.file, &kept);
        if let (Err(error), false) = (&written, self.unwritten) {
            (self.log)(Level::Warning, &format!("Alarms cannot be kept in {}: {error}", self.file.display()));
        }
        self.unwritten = written.is_err();
    }
}

/// Reads kept alarms; none where there is no file.
fn read(file: &Path) -> Result<Vec<Alarm>, String> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}

/// Writes kept alarms into a file that is whole at any time.
fn write(file: &Path, kept: &[Alarm]) -> std::io::Result<()> {
    let part = file.with_extension("alarms.part");
    let mut out = fs::File::create(&part)?;
    out.write_all(serde_json::to_string(kept)?.as_bytes())?;
    out.write_all(b"\n")?;
    drop(out);
    fs::rename(part, file)
}

#[cfg(test)]
mod tests {
    use super::super::alarms::Severity;
    use super::*;

    #[test]
    fn alarms_are_read_as_they_were_kept_and_a_broken_file_is_named() {
        let file = std::env::temp_dir().join(format!("tipring-watch-{}.alarms", std::process::id()));
        assert_eq!(read(&file), Ok(Vec::new()));
        let kept = vec![Alarm {
            id: "card-gone".into(),
            severity: Severity::Critical,
            subject: "pci:0000:03:00.0".into(),
            text: "The card does not run".into(),
            remedy: "Look at it".into(),
            raised_ms: 5,
            cleared_ms: None,
        }];
        write(&file, &kept).unwrap();
        assert_eq!(read(&file), Ok(kept));
        fs::write(&file, "[{").unwrap();
        assert!(read(&file).is_err());
        fs::remove_file(&file).unwrap();
    }
}
