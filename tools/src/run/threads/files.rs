//! The file thread: recordings to disk, prompts from it.
//!
//! Never: holds up the media thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tipring_driver::media::file_io::FileService;

use crate::log::{Level, Log};
use crate::run::engine::boundary::FileCounts;

/// Interval at which the file thread polls its rings.
const FILE_PERIOD: Duration = Duration::from_millis(2);

/// Serves the rings until the site stops, then finishes every file.
pub(super) fn file_thread(mut files: FileService, stop: &AtomicBool, counts: &FileCounts, log: &Log) {
    while !stop.load(Ordering::Acquire) {
        if files.step() == 0 {
            thread::sleep(FILE_PERIOD);
        }
        report(&mut files, counts, log);
    }
    files.finish();
    report(&mut files, counts, log);
}

fn report(files: &mut FileService, counts: &FileCounts, log: &Log) {
    counts.set(files.recordings_open(), files.recordings_failed());
    while let Some(trouble) = files.poll_trouble() {
        log(Level::Warning, &trouble.to_string());
    }
}
