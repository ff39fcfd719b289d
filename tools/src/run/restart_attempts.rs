//! Counter of failed warm restarts, in a small file beside the log of inputs.
//!
//! A fault of the program that lies in those calls, or in what waits for the core, comes again at each restart. Where
//! two have failed, the calls are given up, so that the site serves.
//!
//! | moment | the file |
//! |---|---|
//! | before the replay | counts one more |
//! | the core has taken all that waited for it, and the site's settings | is removed |
//! | a thread fails in the first minute after that | counts one more |
//! | the calls are given up | is removed |
//!
//! A program that is killed without a report, for lack of memory or of stack, is counted by the first row.
//!
//! Never: counts a program that is killed while it serves.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Stopwatch;
use crate::failure::Failure;

/// Come-backs that fail before the calls are given up. The first one may have met something that passes.
pub const FAILURES_MAX: u32 = 2;
/// Time after a come-back in which a failure is counted as its failure, ms: a minute, longer than a client needs to
/// come again with a request that the core does not bear.
const FIRST_MOMENTS_MS: u64 = 60_000;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Counted {
    /// The run of the engine.
    engine: u64,
    /// Come-backs to it that have failed.
    failed: u32,
}

/// The come-backs to a run of an engine.
#[derive(Debug)]
pub struct RestartAttempts {
    path: PathBuf,
    engine: u64,
    failed: u32,
    since: Stopwatch,
}

impl RestartAttempts {
    /// Reads the count for a run of an engine; 0 where there is none, or it cannot be read.
    pub fn read(log: &Path, engine: u64) -> RestartAttempts {
        let path = log.with_extension("come-backs");
        let counted = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Counted>(&text).ok());
        let failed = counted.filter(|counted| counted.engine == engine).map_or(0, |counted| counted.failed);
        RestartAttempts { path, engine, failed, since: Stopwatch::start() }
    }

    /// Come-backs that have failed.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// A come-back begins: it counts as failed until [`succeeds`](RestartAttempts::succeeds).
    ///
    /// # Errors
    /// The file cannot be written: a sentence.
    pub fn begin(&self) -> Result<(), Failure> {
        let counted = Counted { engine: self.engine, failed: self.failed + 1 };
        let written = std::fs::write(&self.path, serde_json::to_vec(&counted)?);
        written.map_err(|error| format!("{}: {error}", self.path.display()).into())
    }

    /// The core has taken all that waited for it.
    pub fn succeeds(&self) {
        self.end();
    }

    /// A part of the program has failed. Counted in the first minute.
    pub fn fails(&self) {
        self.fails_after(self.since.millis());
    }

    fn fails_after(&self, ms: u64) {
        if ms < FIRST_MOMENTS_MS {
            // On a disk without room it is not counted, and the next start tries once more.
            let _ = self.begin();
        }
    }

    /// The calls have been given up, or have ended.
    pub fn end(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn come_backs_that_fail_are_counted_for_their_engine_until_one_succeeds() {
        let folder = std::env::temp_dir().join(format!("tipring-come-backs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let log = folder.join("site.inputs");
        let failed = |engine| RestartAttempts::read(&log, engine).failed();
        assert_eq!(failed(7), 0);
        // Two that are killed.
        for count in 0..2 {
            let restart_attempts = RestartAttempts::read(&log, 7);
            assert_eq!(restart_attempts.failed(), count);
            restart_attempts.begin().unwrap();
        }
        assert_eq!((failed(7), failed(8)), (2, 0));
        // One that serves, and fails a moment later; what is killed then is not counted.
        let restart_attempts = RestartAttempts::read(&log, 7);
        restart_attempts.succeeds();
        assert_eq!(failed(7), 0);
        restart_attempts.fails_after(FIRST_MOMENTS_MS);
        assert_eq!(failed(7), 0);
        restart_attempts.fails_after(FIRST_MOMENTS_MS - 1);
        assert_eq!(failed(7), 3);
        restart_attempts.end();
        assert_eq!(failed(7), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
