//! The server's sockets: one listener for name service and streams, one thread for each connection.
//!
//! A connection's thread owns its session, so that a slow, flooding or malicious client costs its own thread and nobody
//! else's, and a panic ends one session. The core's thread only puts answers and reports into the mailboxes of sessions
//! and rings their bells; it never waits for a client.
//!
//! Bounds: connections, a mailbox's length and the octets that wait for a client. A client beyond the first is told so
//! and sent away; one that does not read what it is sent loses its stream.
//!
//! Time here is the operating system's monotonic clock, in ticks since the server started, and only measures lengths
//! (log-in limits, heartbeats, stalls); nothing of it is ever recorded.

mod connection;
mod mailbox;

use core::fmt;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use tipring_csta_types::SystemStatus;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId, SessionId};
use tipring_csta_types::private::{ReplyData, ReportData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::request::Request;
use tipring_csta_types::switch::{EventReport, SwitchRequest};

use self::connection::Connection;
use self::mailbox::{Delivery, Mailbox};
use crate::session::{Accounts, Counters, ServerSession, ServerSettings};

/// How long the server waits, when it stops, for clients to take what they were sent.
const STOP_LIMIT: Duration = Duration::from_secs(3);
/// How long the listener rests when the machine has no descriptor or thread left for one more client.
const ACCEPT_REST_MS: u16 = 100;
/// A connection's thread needs little room.
const STACK_OCTETS: usize = 256 * 1024;

/// Where sessions and the core meet: what clients want, by session. Called from the sessions' threads.
pub trait Backend: Send + Sync {
    /// A user has opened a stream. Comes before any request of the session.
    fn opened(&self, session: SessionId, login: &str);
    /// A client asks for a service, to be answered by [`Outlet::reply`]. An error is answered at once in its stead.
    ///
    /// # Errors
    /// The failure to answer with, if the request cannot be taken.
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure>;
    /// The stream is over. Comes once for each `opened`, and last.
    fn closed(&self, session: SessionId);
}

/// The bounds and the place of a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the sessions have in common.
    pub session: ServerSettings,
    /// How many clients may be connected at a time.
    pub connections_max: usize,
    /// How many answers and events may wait for one session's thread.
    pub deliveries_max: usize,
    /// How many octets may wait for one client to read them.
    pub unread_octets_max: usize,
    /// How long octets may wait for one client without any of them being read.
    pub stall_limit: Duration,
    /// Where the log-in challenges come from. They hide passwords from a glance only, but should not be the same at
    /// every start.
    pub seed: u64,
}

impl Settings {
    /// Usual bounds: 256 clients, 1,024 deliveries, 256 KiB and 10 s unread.
    pub const fn new(session: ServerSettings, seed: u64) -> Settings {
        Settings {
            session,
            connections_max: 256,
            deliveries_max: 1024,
            unread_octets_max: 256 * 1024,
            stall_limit: Duration::from_secs(10),
            seed,
        }
    }
}

/// What a server has seen since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerCounters {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections turned away because there were as many as there may be.
    pub turned_away: u64,
    /// Connections there are now.
    pub connected: u64,
    /// Connections whose client was gone without a word.
    pub lost: u64,
    /// Streams ended because the client did not read.
    pub slow_readers: u64,
    /// Sessions that ended by a mistake of ours.
    pub panics: u64,
    /// Times the listener could not accept.
    pub accept_errors: u64,
    /// What the sessions have seen, all together.
    pub sessions: Counters,
}

impl fmt::Display for ServerCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counters { requests, reports, bad_frames, bad_bodies, unsupported, bad_logins, .. } = self.sessions;
        write!(
            f,
            "{} clients connected of {} accepted, {} turned away, {} lost, {} too slow; {requests} requests, {reports} \
             events, {bad_logins} failed log-ins, {} malformed, {unsupported} unsupported",
            self.connected,
            self.accepted,
            self.turned_away,
            self.lost,
            self.slow_readers,
            bad_frames + bad_bodies,
        )
    }
}

/// A listening server. Stops when dropped.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    listener: Option<JoinHandle<()>>,
}

/// Where the core puts answers and reports. Cheap to clone; never waits.
#[derive(Clone)]
pub struct Outlet(Arc<Shared>);

struct Shared {
    settings: Settings,
    session_settings: Arc<ServerSettings>,
    accounts: Arc<dyn Accounts>,
    backend: Arc<dyn Backend>,
    started: Instant,
    stop: EventFd,
    /// The sessions there are; written when one comes or goes, read for every delivery.
    sessions: RwLock<BTreeMap<SessionId, Arc<Mailbox>>>,
    counters: Mutex<ServerCounters>,
    /// Told when a connection is over.
    one_less: Condvar,
}

impl Server {
    /// Listens at `address` (port 0 lets the system choose) and serves clients until dropped.
    pub fn start(
        address: impl ToSocketAddrs,
        settings: Settings,
        accounts: Arc<dyn Accounts>,
        backend: Arc<dyn Backend>,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            session_settings: Arc::new(settings.session.clone()),
            settings,
            accounts,
            backend,
            started: Instant::now(),
            stop: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            sessions: RwLock::default(),
            counters: Mutex::default(),
            one_less: Condvar::new(),
        });
        let for_listener = Arc::clone(&shared);
        let listener = thread::Builder::new().name("tsapi".into()).spawn(move || listen(&for_listener, &listener))?;
        Ok(Server { shared, address, listener: Some(listener) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where answers and reports go.
    pub fn outlet(&self) -> Outlet {
        Outlet(Arc::clone(&self.shared))
    }

    /// What it has seen.
    pub fn counters(&self) -> ServerCounters {
        let mut counters = *locked(&self.shared.counters);
        for mailbox in read(&self.shared.sessions).values() {
            counters.sessions += *locked(&mailbox.counters);
        }
        counters
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Neither can fail: the counter of an event is far from full, and the listener catches its sessions' panics.
        let _ = self.shared.stop.write(1);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        for mailbox in read(&self.shared.sessions).values() {
            mailbox.post(Delivery::Stop);
        }
        let deadline = Instant::now() + STOP_LIMIT;
        let mut counters = locked(&self.shared.counters);
        while counters.connected > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            counters = self.shared.one_less.wait_timeout(counters, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Outlet {
    /// Answers a request. A session that is gone does not mind.
    pub fn reply(
        &self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        self.post(session, Delivery::Reply { invoke, result, data });
    }

    /// Asks a session for a service.
    pub fn switch_request(&self, session: SessionId, request: SwitchRequest, data: ReportData) {
        self.post(session, Delivery::SwitchRequest { request, data });
    }

    /// Reports to a session what belongs to no monitor.
    pub fn event_report(&self, session: SessionId, report: EventReport, data: ReportData) {
        self.post(session, Delivery::EventReport { report, data });
    }

    /// Tells a session what one of its monitors sees. A session that is gone does not mind.
    pub fn report(&self, session: SessionId, monitor: MonitorCrossRefId, event: Event, data: ReportData) {
        self.post(session, Delivery::Report { monitor, event, data });
    }

    /// Tells all who want to know how the switch is.
    pub fn system_status(&self, status: SystemStatus) {
        for mailbox in read(&self.0.sessions).values() {
            mailbox.post(Delivery::SystemStatus(status));
        }
    }

    fn post(&self, session: SessionId, delivery: Delivery) {
        if let Some(mailbox) = read(&self.0.sessions).get(&session) {
            mailbox.post(delivery);
        }
    }
}

/// The listener's thread.
fn listen(shared: &Arc<Shared>, listener: &TcpListener) {
    let mut next_session = 1;
    loop {
        let mut fds =
            [PollFd::new(listener.as_fd(), PollFlags::POLLIN), PollFd::new(shared.stop.as_fd(), PollFlags::POLLIN)];
        // An interrupted wait is a wait that has ended.
        let _ = poll(&mut fds, PollTimeout::NONE);
        if fds[1].any().unwrap_or(false) {
            return;
        }
        match listener.accept() {
            Ok((stream, _)) => {
                welcome(shared, stream, SessionId(next_session));
                next_session += 1;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => {
                // The client is gone again, or the machine is out of descriptors; the latter lasts.
                locked(&shared.counters).accept_errors += 1;
                let mut fds = [PollFd::new(shared.stop.as_fd(), PollFlags::POLLIN)];
                let _ = poll(&mut fds, ACCEPT_REST_MS);
            }
        }
    }
}

/// Gives a connection its thread, or turns it away.
fn welcome(shared: &Arc<Shared>, stream: TcpStream, id: SessionId) {
    {
        let mut counters = locked(&shared.counters);
        if counters.connected >= shared.settings.connections_max as u64 {
            counters.turned_away += 1;
            drop(counters);
            return connection::turn_away(&stream);
        }
        counters.accepted += 1;
        counters.connected += 1;
    }
    let place = Place { shared: Arc::clone(shared), id };
    // A thread that cannot be had gives its place back by dropping it.
    let _ = thread::Builder::new().name(format!("tsapi-{}", id.0)).stack_size(STACK_OCTETS).spawn(move || {
        serve(&place, stream);
    });
}

/// A connection's thread.
fn serve(place: &Place, stream: TcpStream) {
    let Place { shared, id } = place;
    let Ok(address) = stream.local_addr() else { return };
    let Ok(mailbox) = Mailbox::new(shared.settings.deliveries_max) else { return };
    let mailbox = Arc::new(mailbox);
    shared.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(*id, Arc::clone(&mailbox));
    let accounts = Arc::clone(&shared.accounts);
    let challenge = challenge(shared.settings.seed, *id);
    let now = connection::now(shared.started);
    let session = ServerSession::new(Arc::clone(&shared.session_settings), accounts, address, challenge, now);
    let Ok(mut connection) = Connection::new(shared, *id, stream, session, mailbox) else { return };
    let ended = catch_unwind(AssertUnwindSafe(|| connection.run()));
    let mut counters = locked(&shared.counters);
    match ended {
        Ok(connection::Ended::Orderly) => {}
        Ok(connection::Ended::Lost) => counters.lost += 1,
        Ok(connection::Ended::TooSlow) => counters.slow_readers += 1,
        Err(_) => {
            counters.panics += 1;
            drop(counters);
            connection.apologise();
        }
    }
}

/// A connection's place among those there may be; given back however its thread ends.
struct Place {
    shared: Arc<Shared>,
    id: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counters = locked(&self.shared.counters);
        let mailbox = self.shared.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
        if let Some(mailbox) = mailbox {
            // Under the same lock, so that nobody sees a session's counts twice or not at all.
            counters.sessions += *locked(&mailbox.counters);
            drop(counters);
            if mailbox.is_open() {
                self.shared.backend.closed(self.id);
            }
            counters = locked(&self.shared.counters);
        }
        counters.connected -= 1;
        self.shared.one_less.notify_all();
    }
}

/// The challenge of a session: 8 octets that differ for every session of a start (SplitMix64).
fn challenge(seed: u64, SessionId(id): SessionId) -> [u8; 8] {
    let mut word = seed.wrapping_add(u64::from(id).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (word ^ (word >> 31)).to_le_bytes()
}

/// A lock whose holder may have panicked: what these locks guard is whole between any two statements.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}
