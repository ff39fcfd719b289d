//! The middleware's end of the engine's socket.
//!
//! Never: starts an engine. Where there is none, the middleware ends with a sentence.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use tipring_driver::ids::PromptId;
use tipring_driver::shared::RegionError;

use super::boundary::{CoreEnds, Size, attach};
use super::message::{SoundFile, ToEngine, ToMiddleware, receive, send};
use super::{PROTOCOL, VERSION};
use crate::failure::{Failure, Unavailable};
use crate::log::{Level, Log};
use crate::run::sounds::Sounds;
use crate::run::threads::wake::CoreWaker;

/// Time that an engine may take to begin, and the interval at which it is looked for.
const BEGIN_MAX: Duration = Duration::from_secs(5);
const BEGIN_EVERY: Duration = Duration::from_millis(20);
/// Time that the one attached before may take to let the engine's memory go.
const LEAVE_MAX: Duration = Duration::from_secs(5);
/// Time that the engine may take for its welcome.
const WELCOME_MAX: Duration = Duration::from_secs(10);
/// Time that the engine may take to read the sounds of a site.
const STOCK_MAX: Duration = Duration::from_secs(60);
/// Interval at which the end of the site is looked for.
const STOP_EVERY: Duration = Duration::from_millis(100);

/// An engine in another process.
pub struct Link {
    stream: UnixStream,
    /// Held for a question and its answer.
    asking: Mutex<()>,
    process: u32,
    run: u64,
    found: Vec<String>,
}

impl Link {
    /// Attaches to the engine that listens at a path.
    ///
    /// # Errors
    /// No engine listens there, or it refuses this process: a sentence.
    pub fn connect(path: &Path, site: u64) -> Result<(Link, CoreEnds), Failure> {
        let none = |error: io::Error| {
            Unavailable(format!(
                "No engine listens at {} ({error}). Start it: tipring engine --config FILE, or systemctl start \
                 tipring-engine",
                path.display()
            ))
        };
        // Both may have been started at once.
        let since = Instant::now();
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(error) if since.elapsed() > BEGIN_MAX => return Err(none(error).into()),
                Err(_) => thread::sleep(BEGIN_EVERY),
            }
        };
        stream.set_read_timeout(Some(WELCOME_MAX))?;
        stream.set_write_timeout(Some(WELCOME_MAX))?;
        send(&stream, &ToEngine::Hello { version: VERSION.into(), protocol: PROTOCOL, site }, &[])?;
        let silent = |error| format!("The engine at {} gives no answer: {error}", path.display());
        let (message, descriptors) = receive(&stream).map_err(silent)?;
        let (process, run, size, found) = match message {
            ToMiddleware::Welcome { process, run, channels, boards, found } => {
                (process, run, Size { channels, boards }, found)
            }
            ToMiddleware::Refused(why) => return Err(format!("The engine at {}: {why}", path.display()).into()),
            ToMiddleware::Stocked(_) => return Err(silent(io::ErrorKind::InvalidData.into()).into()),
        };
        let Ok([memory, waker]) = <[_; 2]>::try_from(descriptors) else {
            return Err("The engine's welcome came without its memory".into());
        };
        stream.set_read_timeout(Some(STOCK_MAX))?;
        let waker = Arc::new(CoreWaker::from(waker));
        let since = Instant::now();
        let ends = loop {
            match attach(size, memory.as_fd(), Arc::clone(&waker)) {
                // The one before has written its last records, and is about to let the memory go.
                Err(RegionError::Busy) if since.elapsed() < LEAVE_MAX => thread::sleep(BEGIN_EVERY),
                Err(error @ RegionError::Busy) => {
                    return Err(
                        format!("{error}: a tipring serve that ends or stands still; see ps, and start again").into()
                    );
                }
                other => break other?,
            }
        };
        Ok((Link { stream, asking: Mutex::new(()), process, run, found }, ends))
    }

    /// The engine's process.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// The number of this run of the engine.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// A sentence on each card.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// Returns when the engine has ended, which is logged, or `stop` is set.
    pub fn wait(&self, stop: &AtomicBool, log: &Log) {
        let timeout = PollTimeout::try_from(STOP_EVERY).unwrap_or(PollTimeout::MAX);
        while !stop.load(Ordering::Acquire) {
            let mut waiting = [PollFd::new(self.stream.as_fd(), PollFlags::empty())];
            if poll(&mut waiting, timeout).is_ok() && waiting[0].any() == Some(true) {
                let process = self.process;
                log(Level::Error, &format!("The engine (process {process}) has ended; start it again, then the site"));
                return;
            }
        }
    }
}

impl Sounds for Link {
    fn put(&self, sounds: &[SoundFile]) -> Result<Vec<PromptId>, Vec<String>> {
        // The engine has a working folder of its own.
        let sounds =
            sounds.iter().map(|(name, path)| (name.clone(), std::path::absolute(path).unwrap_or(path.clone())));
        let question = ToEngine::Stock(sounds.collect());
        let _asking = self.asking.lock();
        match send(&self.stream, &question, &[]).and_then(|()| receive(&self.stream)) {
            Ok((ToMiddleware::Stocked(numbers), _)) => Ok(numbers?.into_iter().map(PromptId).collect()),
            Ok(_) => Err(vec!["The engine has not understood the list of sounds".into()]),
            Err(error) => Err(vec![format!("The engine does not take the sounds: {error}")]),
        }
    }
}
