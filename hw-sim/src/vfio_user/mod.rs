//! A [`Device`] behind a Unix socket, spoken to by vfio-user: what an emulator, or a driver of our own, plugs in.
//!
//! One thread serves everything: it waits for the clock, the listening socket and the client at once, so that a
//! register access is answered as soon as it comes. It never waits for the client; answers that the socket does not
//! take are kept, and nothing more is read until they are gone.
//!
//! There is one client at a time, as a card sits in one slot. When it goes, the card is reset and its memory forgotten;
//! the world at the card's wires goes on. Another client meanwhile is turned away at once.
//!
//! | file | part |
//! |---|---|
//! | `wire` | the messages, as octets and values |
//! | `session` | what they mean |
//! | `connection` | the stream and the descriptors beside it |
//! | `clock` | pacing: when the card advances by a millisecond |

mod clock;
mod connection;
mod session;
mod wire;

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

pub use clock::{CATCH_UP_MAX_MS, Clock, DEBT_MAX_MS, PATIENCE_MS};

use crate::device::Device;
use crate::guest_memory::GuestMemory;
use clock::{Due, Ticker};
use connection::{Inbox, Next, Outbox, Received};
use session::Session;

/// Statistics so far. Any thread may read them.
#[derive(Debug, Default)]
pub struct Counters {
    /// Milliseconds lived.
    pub steps: AtomicU64,
    /// Times when more than one millisecond was due at once.
    pub late: AtomicU64,
    /// Times when more milliseconds were due at once than the driver's rings hold: sound was lost.
    pub overruns: AtomicU64,
    /// Milliseconds left out after an absence of more than [`CATCH_UP_MAX_MS`].
    pub skipped_ms: AtomicU64,
    /// Times when the driven clock went on without the driver.
    pub impatient: AtomicU64,
    /// Clients served.
    pub clients: AtomicU64,
    /// Clients turned away, since there was one already.
    pub turned_away: AtomicU64,
    /// Messages refused.
    pub refused: AtomicU64,
    /// Accesses of the card to memory that is not mapped.
    pub dma_misses: AtomicU64,
}

/// A device on a socket.
pub struct Server {
    path: PathBuf,
    listener: UnixListener,
    device: Box<dyn Device>,
    memory: GuestMemory,
    client: Option<Client>,
    counters: Arc<Counters>,
}

struct Client {
    stream: UnixStream,
    inbox: Inbox,
    outbox: Outbox,
    session: Session,
}

impl Server {
    /// Puts a device on a socket at `path`. A socket left behind by a process that is gone is replaced; one that a
    /// process listens on, or a file that is no socket, is not.
    ///
    /// # Errors
    ///
    /// Of the operating system; `AddrInUse` if a process listens there.
    pub fn bind(path: &Path, device: Box<dyn Device>) -> io::Result<Server> {
        remove_stale(path)?;
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        let counters = Arc::default();
        Ok(Server { path: path.to_owned(), listener, device, memory: GuestMemory::default(), client: None, counters })
    }

    /// Statistics so far, which stay valid while the server runs.
    pub fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    /// Serves until `stop` is set, which is looked at once a tick of the clock.
    ///
    /// # Errors
    ///
    /// Of the operating system: the timer, or waiting for the socket.
    pub fn run(&mut self, clock: Clock, stop: &AtomicBool) -> io::Result<()> {
        let mut ticker = Ticker::new(clock)?;
        while !stop.load(Ordering::Relaxed) {
            let ready = self.wait(&ticker)?;
            if ready.client {
                self.serve_client();
                if ticker.taken(self.device.taken()) {
                    self.live(Due { steps: 1, ..Due::default() });
                }
            }
            if ready.listener {
                self.accept();
            }
            if ready.clock {
                let due = ticker.tick(self.device.taken())?;
                self.live(due);
            }
        }
        Ok(())
    }

    fn wait(&self, ticker: &Ticker) -> io::Result<Ready> {
        let clock = PollFd::new(ticker.descriptor(), PollFlags::POLLIN);
        let listener = PollFd::new(self.listener.as_fd(), PollFlags::POLLIN);
        let mut three;
        let mut two;
        let sources: &mut [PollFd] = match &self.client {
            Some(client) => {
                three = [clock, listener, PollFd::new(client.stream.as_fd(), client.wants())];
                &mut three
            }
            None => {
                two = [clock, listener];
                &mut two
            }
        };
        match poll(sources, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let is_ready = |at: usize| sources.get(at).is_some_and(|source| source.any() == Some(true));
        Ok(Ready { clock: is_ready(0), listener: is_ready(1), client: is_ready(2) })
    }

    /// Lives the milliseconds that are due.
    fn live(&mut self, due: Due) {
        let count = |counter: &AtomicU64, by: u64| counter.fetch_add(by, Ordering::Relaxed);
        if due.steps > 1 {
            count(&self.counters.late, 1);
            if self.device.ring_ms().is_some_and(|ring| due.steps >= u64::from(ring)) {
                count(&self.counters.overruns, 1);
            }
        }
        count(&self.counters.skipped_ms, due.skipped);
        count(&self.counters.impatient, u64::from(due.impatient));
        for _ in 0..due.steps {
            self.device.step(&self.memory);
            if let Some(client) = &mut self.client {
                client.session.update_interrupt(self.device.as_ref());
            }
        }
        count(&self.counters.steps, due.steps);
        self.counters.dma_misses.store(self.memory.misses(), Ordering::Relaxed);
    }

    fn accept(&mut self) {
        // A client that is gone before it is accepted is no error of ours.
        let Ok((stream, _)) = self.listener.accept() else { return };
        if self.client.is_some() {
            self.counters.turned_away.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if stream.set_nonblocking(true).is_ok() {
            self.counters.clients.fetch_add(1, Ordering::Relaxed);
            self.client = Some(Client {
                stream,
                inbox: Inbox::default(),
                outbox: Outbox::default(),
                session: Session::default(),
            });
        }
    }

    /// Reads once from the client and answers all messages that are whole.
    fn serve_client(&mut self) {
        let Some(client) = &mut self.client else { return };
        if !client.serve(self.device.as_mut(), &mut self.memory, &self.counters) {
            self.client = None;
            self.memory.clear();
            self.device.reset();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Another process may have removed it, which is as good.
        let _ = fs::remove_file(&self.path);
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Ready {
    clock: bool,
    listener: bool,
    client: bool,
}

impl Client {
    /// Event to wait for: octets to read, or, while too many answers wait, room for these.
    fn wants(&self) -> PollFlags {
        match self.outbox.waiting() {
            0 => PollFlags::POLLIN,
            waiting if waiting < Outbox::WAITING_MAX => PollFlags::POLLIN | PollFlags::POLLOUT,
            _ => PollFlags::POLLOUT,
        }
    }

    /// Reads once, answers what is whole and sends what the socket takes. Returns false when the client is gone, or is
    /// to go.
    fn serve(&mut self, device: &mut dyn Device, memory: &mut GuestMemory, counters: &Counters) -> bool {
        if self.outbox.send(&self.stream).is_err() {
            return false;
        }
        if self.outbox.waiting() < Outbox::WAITING_MAX {
            match self.inbox.receive(&self.stream) {
                Ok(Received::Octets | Received::Nothing) => {}
                Ok(Received::Closed) | Err(_) => return false,
            }
        }
        while self.outbox.waiting() < Outbox::WAITING_MAX {
            let progress = self.answer(device, memory, counters);
            if progress == Progress::OutOfStep || self.outbox.send(&self.stream).is_err() {
                return false;
            }
            if progress == Progress::Done {
                break;
            }
        }
        true
    }

    /// Answers what is whole, until enough answers wait.
    fn answer(&mut self, device: &mut dyn Device, memory: &mut GuestMemory, counters: &Counters) -> Progress {
        while self.outbox.waiting() < Outbox::WAITING_MAX {
            let accepted = match self.inbox.next() {
                Next::Message(header, body, descriptors) if header.is_command() => {
                    let body = self.inbox.body(body);
                    self.session.handle(&header, body, descriptors, device, memory, &mut self.outbox.octets)
                }
                // A reply without a request.
                Next::Message(..) => false,
                Next::TooLong(header) => {
                    self.session.refuse(&header, Errno::EMSGSIZE, &mut self.outbox.octets);
                    false
                }
                Next::Incomplete => return Progress::Done,
                Next::OutOfStep => {
                    counters.refused.fetch_add(1, Ordering::Relaxed);
                    return Progress::OutOfStep;
                }
            };
            counters.refused.fetch_add(u64::from(!accepted), Ordering::Relaxed);
        }
        Progress::Full
    }
}

/// Progress of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing whole is left.
    Done,
    /// Enough answers wait.
    Full,
    /// The stream makes no sense any more.
    OutOfStep,
}

/// Removes a socket without a listener.
fn remove_stale(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let refused = |what: &str| io::Error::new(io::ErrorKind::AddrInUse, format!("{}: {what}", path.display()));
    if !kind.is_socket() {
        return Err(refused("there is a file which is no socket, and it is left alone"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(refused("another process serves a card on this socket")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
