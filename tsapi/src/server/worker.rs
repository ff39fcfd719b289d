//! A worker: one thread, one epoll, a share of the connections.
//!
//! A connection is served when it can be read or written, when something was posted for it, and when its time has come;
//! each time at most one share, so that a busy one holds no other up.
//!
//! Never: waits for a client, or for the core beyond what the backend does.

use std::collections::{BTreeSet, HashMap};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use parking_lot::Mutex;
use tipring_csta_types::SessionId;

use super::Shared;
use super::connection::{Connection, Ended, Hands};
use super::outbox::{Delivery, Outbox};
use super::transport::Transport;
use crate::pdu::acs::AcsFailure;
use crate::session::{Security, ServerSession};

/// Token of the wake-up; sessions count from 1.
const WAKEUP: u64 = 0;
/// Readiness taken from the kernel at a time.
const EVENTS: usize = 256;

/// A note to a worker.
pub(super) enum Note {
    /// A client has connected.
    Connected { id: SessionId, stream: TcpStream, security: Security, peer: SocketAddr, outbox: Arc<Outbox> },
    /// A delivery was posted for a session.
    Posted(SessionId),
    /// The server stops: all sessions end.
    Stop,
}

/// A worker's inbox of notes.
pub(super) struct Inbox {
    notes: Mutex<Vec<Note>>,
    wakeup: EventFd,
}

impl Inbox {
    pub(super) fn new() -> nix::Result<Inbox> {
        Ok(Inbox {
            notes: Mutex::default(),
            wakeup: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
        })
    }

    pub(super) fn put(&self, note: Note) {
        let mut notes = self.notes.lock();
        notes.push(note);
        if notes.len() == 1 {
            // Cannot fail before 2^64 - 2 wake-ups have gone unread.
            let _ = self.wakeup.write(1);
        }
    }

    /// Exchanges the notes for an empty list.
    fn take(&self, into: &mut Vec<Note>) {
        let mut notes = self.notes.lock();
        // Silent, or woken once: both are right.
        let _ = self.wakeup.read();
        core::mem::swap(&mut *notes, into);
    }
}

struct Worker<'a> {
    shared: &'a Arc<Shared>,
    inbox: &'a Inbox,
    epoll: Epoll,
    connections: HashMap<SessionId, Connection>,
    deadlines: BTreeSet<(Instant, SessionId)>,
    /// Connections that have had their share and want more.
    again: Vec<SessionId>,
    /// Notes being handled.
    notes: Vec<Note>,
    hands: Hands,
    stopping: bool,
}

/// The thread: serves until the server stops and the last connection is gone.
pub(super) fn run(shared: &Arc<Shared>, inbox: &Inbox) {
    // A new epoll fails for want of a descriptor only; the listener has reserved some.
    let Ok(epoll) = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC) else { return };
    if epoll.add(&inbox.wakeup, EpollEvent::new(EpollFlags::EPOLLIN, WAKEUP)).is_err() {
        return;
    }
    let mut worker = Worker {
        shared,
        inbox,
        epoll,
        connections: HashMap::new(),
        deadlines: BTreeSet::new(),
        again: Vec::new(),
        notes: Vec::new(),
        hands: Hands::new(),
        stopping: false,
    };
    while !(worker.stopping && worker.connections.is_empty()) {
        worker.turn();
    }
}

impl Worker<'_> {
    fn turn(&mut self) {
        let mut events = [EpollEvent::empty(); EVENTS];
        let ready = match self.epoll.wait(&mut events, self.timeout()) {
            Ok(count) => &events[..count],
            // Interrupted: as if nothing had come.
            Err(Errno::EINTR) => &events[..0],
            Err(error) => unreachable!("a good epoll waits: {error}"),
        };
        let mut again = core::mem::take(&mut self.again);
        let mut woken = false;
        for event in ready {
            match event.data() {
                WAKEUP => woken = true,
                token => {
                    let id = SessionId(token as u32);
                    let readable = EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
                    self.serve(id, event.events().intersects(readable));
                }
            }
        }
        again.drain(..).for_each(|id| self.serve(id, false));
        // Those that want more have been put into a new list; the old one keeps its memory where there are none.
        if self.again.is_empty() {
            self.again = again;
        }
        if woken {
            let mut notes = core::mem::take(&mut self.notes);
            self.inbox.take(&mut notes);
            notes.drain(..).for_each(|note| self.handle(note));
            self.notes = notes;
        }
        let now = Instant::now();
        while let Some(&(deadline, id)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.deadline = None;
            }
            self.serve(id, false);
        }
    }

    fn timeout(&self) -> EpollTimeout {
        if !self.again.is_empty() {
            return EpollTimeout::ZERO;
        }
        let Some((deadline, _)) = self.deadlines.first() else { return EpollTimeout::NONE };
        // Up to the next millisecond; a minute's more or less does no harm: the loop just turns again.
        let ms = deadline.saturating_duration_since(Instant::now()).as_millis() + 1;
        EpollTimeout::from(ms.min(60_000) as u16)
    }

    fn handle(&mut self, note: Note) {
        match note {
            Note::Connected { id, stream, security, peer, outbox } => self.connect(id, stream, security, peer, outbox),
            Note::Posted(id) => self.serve(id, false),
            Note::Stop => {
                self.stopping = true;
                let ids: Vec<SessionId> = self.connections.keys().copied().collect();
                for id in ids {
                    if let Some(connection) = self.connections.get(&id) {
                        connection.outbox.post(Delivery::End(AcsFailure::AcsHandleTermination));
                    }
                    self.serve(id, false);
                }
            }
        }
    }

    fn connect(&mut self, id: SessionId, stream: TcpStream, security: Security, peer: SocketAddr, outbox: Arc<Outbox>) {
        let shared = self.shared;
        let made = (|| {
            let address = stream.local_addr()?;
            let mut challenge = [0; 8];
            getrandom::fill(&mut challenge).map_err(std::io::Error::other)?;
            let settings = Arc::clone(&shared.session_settings);
            let session = ServerSession::new(settings, address, security, challenge, shared.now());
            let transport = Transport::new(stream, shared.tls.as_ref().filter(|_| security == Security::Tls))?;
            let connection = Connection::new(&shared.settings, id, transport, peer, session, Arc::clone(&outbox))?;
            let event = EpollEvent::new(connection.interest, u64::from(id.0));
            self.epoll.add(connection.transport.as_fd(), event)?;
            Ok::<_, std::io::Error>(connection)
        })();
        match made {
            Ok(connection) => {
                self.connections.insert(id, connection);
                self.serve(id, false);
            }
            Err(_) => shared.forget(id, peer, None, &outbox, Ended::Lost),
        }
    }

    fn serve(&mut self, id: SessionId, readable: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let (shared, hands) = (self.shared, &mut self.hands);
        let served = catch_unwind(AssertUnwindSafe(|| connection.serve(shared, readable, hands)));
        let served = served.unwrap_or_else(|_| {
            self.shared.counters.lock().panics += 1;
            connection.fail(&mut self.hands)
        });
        match served {
            Ok(next) => {
                if next.interest != connection.interest {
                    connection.interest = next.interest;
                    let mut event = EpollEvent::new(next.interest, u64::from(id.0));
                    // The descriptor is in this epoll as long as the connection lives.
                    let _ = self.epoll.modify(connection.transport.as_fd(), &mut event);
                }
                if next.deadline != connection.deadline {
                    if let Some(old) = connection.deadline {
                        self.deadlines.remove(&(old, id));
                    }
                    if let Some(new) = next.deadline {
                        self.deadlines.insert((new, id));
                    }
                    connection.deadline = next.deadline;
                }
                if next.again {
                    self.again.push(id);
                }
            }
            Err(ended) => self.remove(id, ended),
        }
    }

    fn remove(&mut self, id: SessionId, ended: Ended) {
        let Some(mut connection) = self.connections.remove(&id) else { return };
        if let Some(deadline) = connection.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        connection.release();
        let user = connection.user.as_ref().map(|(user, _)| user.as_str());
        self.shared.forget(id, connection.peer, user, &connection.outbox, ended);
    }
}
