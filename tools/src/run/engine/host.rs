//! The engine's end of its socket: one middleware at a time, of the same user and site, which knows the same messages.
//!
//! Never: touches the rings; the memory is handed over as a whole.

use std::fs::{self, Permissions};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Uid;

use super::boundary::Size;
use super::message::{ToEngine, ToMiddleware, receive, send};
use super::{PROTOCOL, VERSION};
use crate::clock::Stopwatch;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::run::sounds::{Shelf, Sounds};
use crate::run::threads::wake::CoreWaker;

/// Time that a middleware may take to write a message and to read one.
const PEER_MAX: Duration = Duration::from_secs(2);

/// The engine as a middleware finds it.
pub struct Offer {
    /// The shared memory.
    pub memory: OwnedFd,
    /// Wakes the core.
    pub waker: Arc<CoreWaker>,
    /// The size of the boundary.
    pub size: Size,
    /// The fingerprint of the site.
    pub site: u64,
    /// A sentence on each card.
    pub found: Vec<String>,
    /// The sounds of the flows.
    pub shelf: Arc<Shelf>,
}

/// The socket; removed when dropped.
pub struct Host {
    path: PathBuf,
    listener: UnixListener,
    offer: Offer,
    guest: Option<Guest>,
    /// The time since a middleware has gone and none has come after it.
    alone: Option<Stopwatch>,
    /// The number of this run, by which a middleware that comes back knows its engine.
    run: u64,
    log: Log,
}

/// The middleware that is attached.
struct Guest {
    stream: UnixStream,
    process: i32,
}

impl Host {
    /// Listens at a path. A socket that an ended engine has left there is replaced.
    ///
    /// # Errors
    /// Another engine listens there, or the socket cannot be made.
    pub fn start(path: PathBuf, offer: Offer, log: Log) -> Result<Host, Failure> {
        if UnixStream::connect(&path).is_ok() {
            return Err(format!("Another engine listens at {}. Stop that one first", path.display()).into());
        }
        let cannot = |error| format!("The engine's socket {} cannot be made: {error}", path.display());
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).map_err(cannot)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(cannot)?;
        Ok(Host { path, listener, offer, guest: None, alone: None, run: new_run()?, log })
    }

    /// Time for which the calls that a middleware has left are without one, ms; none if there is one, or was none.
    pub fn alone_ms(&self) -> Option<u64> {
        self.alone.as_ref().map(Stopwatch::millis)
    }

    /// The calls have been ended: what the middleware has left is of no use to the next one.
    ///
    /// # Errors
    /// The system gives no number for the new run.
    pub fn begin_anew(&mut self) -> Result<(), Failure> {
        self.alone = None;
        self.run = new_run()?;
        Ok(())
    }

    /// The engine's memory, its waker and its size.
    pub fn memory(&self) -> (BorrowedFd<'_>, &Arc<CoreWaker>, Size) {
        (self.offer.memory.as_fd(), &self.offer.waker, self.offer.size)
    }

    /// Serves what comes within `wait`, one thing at most.
    pub fn serve(&mut self, wait: Duration) {
        let mut waiting = vec![PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        waiting.extend(self.guest.as_ref().map(|guest| PollFd::new(guest.stream.as_fd(), PollFlags::POLLIN)));
        let timeout = PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX);
        if poll(&mut waiting, timeout).is_err() {
            return;
        }
        let ready: Vec<bool> = waiting.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        // The one that is attached first: where it has gone, the next may come.
        if ready.get(1) == Some(&true) {
            self.serve_guest();
        }
        if ready[0] {
            self.accept();
        }
    }

    fn serve_guest(&mut self) {
        let Some(guest) = &self.guest else { return };
        let answered = receive::<ToEngine>(&guest.stream).and_then(|(message, _)| match message {
            ToEngine::Stock(sounds) => {
                let stocked = self.offer.shelf.put(&sounds);
                let numbers = stocked.map(|prompts| prompts.into_iter().map(|prompt| prompt.0).collect());
                send(&guest.stream, &ToMiddleware::Stocked(numbers), &[])
            }
            ToEngine::Hello { .. } => Err(std::io::ErrorKind::InvalidData.into()),
        });
        if answered.is_err() {
            let process = guest.process;
            self.guest = None;
            self.alone = Some(Stopwatch::start());
            (self.log)(
                Level::Warning,
                &format!("the middleware (process {process}) has gone; calls and recordings go on"),
            );
        }
    }

    fn accept(&mut self) {
        let Ok((stream, _)) = self.listener.accept() else { return };
        let timeouts = stream.set_read_timeout(Some(PEER_MAX)).and(stream.set_write_timeout(Some(PEER_MAX)));
        let Ok(peer) = getsockopt(&stream, PeerCredentials) else { return };
        if timeouts.is_err() {
            return;
        }
        if let Err(why) = self.judge(&stream, peer.uid()) {
            if !why.is_empty() {
                (self.log)(Level::Warning, &format!("process {} may not attach: {why}", peer.pid()));
                // One that does not read needs no answer.
                let _ = send(&stream, &ToMiddleware::Refused(why), &[]);
            }
            return;
        }
        let Size { channels, boards } = self.offer.size;
        let found = self.offer.found.clone();
        let welcome = ToMiddleware::Welcome { process: std::process::id(), run: self.run, channels, boards, found };
        let descriptors = [self.offer.memory.as_raw_fd(), self.offer.waker.as_fd().as_raw_fd()];
        if send(&stream, &welcome, &descriptors).is_ok() {
            (self.log)(Level::Info, &format!("the middleware (process {}) is attached", peer.pid()));
            self.guest = Some(Guest { stream, process: peer.pid() });
            self.alone = None;
        }
    }

    /// Judges the hello of a process. The sentence is empty for one that has only looked whether this end is alive.
    fn judge(&self, stream: &UnixStream, user: u32) -> Result<(), String> {
        let own = Uid::current().as_raw();
        if user != own {
            return Err(format!("it runs as user {user}; the engine serves user {own} alone"));
        }
        let Ok((ToEngine::Hello { version, protocol, site }, _)) = receive(stream) else { return Err(String::new()) };
        if protocol != PROTOCOL {
            return Err(format!(
                "the engine is tipring {VERSION}, the middleware tipring {version}, which does not understand it; start \
                 the engine anew with the program of the middleware"
            ));
        }
        if site != self.offer.site {
            return Err(
                "the engine was started with other cards, lines or folders than the configuration says now, or \
                        by a program that reads it otherwise; put them back to keep the calls in progress, or start the \
                        engine anew, which ends them"
                    .into(),
            );
        }
        if let Some(guest) = &self.guest {
            return Err(format!(
                "the engine serves another middleware (process {}); stop that one first",
                guest.process
            ));
        }
        Ok(())
    }
}

/// The number of a run: another one each time.
fn new_run() -> Result<u64, Failure> {
    let mut run = [0; 8];
    getrandom::fill(&mut run)?;
    Ok(u64::from_ne_bytes(run))
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
