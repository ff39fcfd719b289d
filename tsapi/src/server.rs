//! The server's sockets: a listener for name service and streams, another for streams within TLS, a few workers for
//! all connections.
//!
//! A connection belongs to one worker, which serves it a share at a time; a slow, flooding or malicious client costs
//! its own stream, and a fault ends one session. The core's thread only posts replies and events and wakes a worker
//! (eventfd); it never waits for a client. Passwords are verified on a thread of their own.
//!
//! Bounds ([`Settings`]): connections in all, by address and without a stream; streams, monitors and outstanding
//! requests by user; what waits for one session, for one client, and for how long. Failed log-ins lock user and address
//! for a growing time.
//!
//! Time here is the operating system's monotonic clock since the server's start; it measures lengths (log-in limits,
//! heartbeats, stalls, locks) and is never recorded.
//!
//! Never: knows what a service does.

mod connection;
mod login;
mod outbox;
mod quotas;
mod recent;
mod settings;
mod tls;
mod transport;
mod worker;

use core::fmt;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use parking_lot::{Condvar, Mutex, RwLock};
use rustls::ServerConfig;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId, SessionId};
use tipring_csta_types::private::{ReplyData, ReportData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{AgentId, Request, SystemStatus};

use self::connection::Ended;

use self::login::Verification;
use self::outbox::{Answer, Delivery, Outbox};
use self::quotas::{Admission, Shares};
use self::recent::Recent;
pub use self::settings::{CONNECTIONS_MAX, ServerCounters, Settings, TlsSettings};
pub use self::tls::TlsIdentity;
use self::worker::{Inbox, Note};
use crate::pdu::acs::AcsFailure;
use crate::session::login_throttle::LoginThrottle;
use crate::session::{Accounts, Security, ServerSettings};

/// Time that the server, when it stops, gives clients to take what they were sent.
const STOP_LIMIT: Duration = Duration::from_secs(3);
/// Rest of the listener when the machine has no descriptor left for one more client.
const ACCEPT_REST_MS: u16 = 100;
/// Descriptors kept free for everything but clients: recordings, database, cards.
const RESERVED_DESCRIPTORS: u64 = 256;

/// The core's side of the server: requests of clients, by session. Called from the workers' threads.
pub trait Backend: Send + Sync {
    /// A user has opened a stream. Comes before any request of the session.
    fn opened(&self, session: SessionId, login: &str);
    /// A client asks for a service, to be answered by [`Dispatcher::reply`].
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
    /// A log-in, or a client that was refused: a line for the log.
    fn audit(&self, _entry: &Audit) {}
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audit {
    /// A user's log-in.
    LogIn {
        /// The user.
        login: String,
        /// The client's address.
        address: IpAddr,
        /// Success, or the failure it was answered with.
        result: Result<(), AcsFailure>,
    },
    /// An agent's log-in failed.
    AgentLogIn {
        /// The agent.
        agent: AgentId,
        /// The client.
        peer: SocketAddr,
        /// The failure it was answered with.
        failure: UniversalFailure,
        /// Time for which further attempts are refused.
        lock: Duration,
    },
    /// A stream was not opened.
    Stream {
        /// The client.
        peer: SocketAddr,
        /// The failure it was answered with.
        failure: AcsFailure,
    },
    /// A client was turned away.
    Connection {
        /// The client.
        peer: SocketAddr,
    },
    /// The octets at the TLS listener are not TLS, or of a version or cipher that is not spoken here.
    Tls {
        /// The client.
        peer: SocketAddr,
        /// The reason.
        why: String,
    },
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Audit::LogIn { login, address, result: Ok(()) } => write!(f, "{login:?} has logged in from {address}"),
            Audit::LogIn { login, address, result: Err(failure) } => {
                write!(f, "The log-in of {login:?} from {address} failed: {failure}")
            }
            Audit::AgentLogIn { agent, peer, failure, lock } => {
                // Neither the client nor the log learns which of the two it is.
                match failure {
                    UniversalFailure::GenericUnspecified => {
                        write!(
                            f,
                            "The log-in of agent {agent} from {peer} failed: the agent or the password is wrong"
                        )?;
                    }
                    other => write!(f, "The log-in of agent {agent} from {peer} failed: {other}")?,
                }
                if lock.is_zero() { Ok(()) } else { write!(f, "; locked for {} s", lock.as_secs()) }
            }
            Audit::Stream { peer, failure } => write!(f, "No stream for {peer}: {failure}"),
            Audit::Connection { peer } => write!(f, "{peer} was turned away: there are too many connections"),
            Audit::Tls { peer, why } => write!(f, "No TLS with {peer}: {why}"),
        }
    }
}

/// A listening server. Stops when dropped.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    tls_address: Option<SocketAddr>,
    listener: Option<JoinHandle<()>>,
    workers: Vec<JoinHandle<()>>,
}

/// The core's way to the sessions: replies and events. Cheap to clone; never waits.
#[derive(Clone)]
pub struct Dispatcher(Arc<Shared>);

struct Shared {
    settings: Settings,
    session_settings: Arc<ServerSettings>,
    accounts: Arc<dyn Accounts>,
    backend: Arc<dyn Backend>,
    tls: Option<Arc<ServerConfig>>,
    started: Instant,
    stop: EventFd,
    stopping: AtomicBool,
    inboxes: Vec<Inbox>,
    /// The sessions there are; written when one comes or goes, read for every delivery.
    sessions: RwLock<HashMap<SessionId, Arc<Outbox>>>,
    shares: Mutex<Shares>,
    guard: Mutex<LoginThrottle>,
    counters: Mutex<ServerCounters>,
    /// The last reports, for further monitors of the same event.
    recent: Mutex<Recent>,
    /// None once the server stops.
    verifications: Mutex<Option<SyncSender<Verification>>>,
    /// Signalled when a connection is over.
    one_less: Condvar,
}

impl Server {
    /// Listens at `address` (port 0 lets the system choose) and serves clients until dropped. Raises the process's
    /// limit of descriptors as far as it may, and keeps 256 of them for other uses.
    ///
    /// # Errors
    /// The operating system's, if it has no socket or thread.
    pub fn start(
        address: impl ToSocketAddrs,
        mut settings: Settings,
        accounts: Arc<dyn Accounts>,
        backend: Arc<dyn Backend>,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let secure_listener = match &settings.tls {
            Some(TlsSettings { address, tlink, .. }) => {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                settings.session.secure = Some((tlink.clone(), listener.local_addr()?.port()));
                Some(listener)
            }
            None => None,
        };
        let tls_address = secure_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        settings.connections_max = settings.connections_max.min(descriptors()?);
        let (verifications, asked) = sync_channel(settings.half_open_max);
        let inboxes = (0..settings.workers.max(1)).map(|_| Inbox::new()).collect::<nix::Result<Vec<_>>>()?;
        let shared = Arc::new(Shared {
            session_settings: Arc::new(settings.session.clone()),
            tls: settings.tls.as_ref().map(|tls| Arc::clone(tls.identity.config())),
            settings,
            accounts,
            backend,
            started: Instant::now(),
            stop: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            stopping: AtomicBool::new(false),
            inboxes,
            sessions: RwLock::default(),
            shares: Mutex::default(),
            guard: Mutex::default(),
            counters: Mutex::default(),
            recent: Mutex::default(),
            verifications: Mutex::new(Some(verifications)),
            one_less: Condvar::new(),
        });
        let mut workers = Vec::new();
        for index in 0..shared.inboxes.len() {
            let shared = Arc::clone(&shared);
            let worker = move || worker::run(&shared, &shared.inboxes[index]);
            workers.push(thread::Builder::new().name(format!("tsapi-{index}")).spawn(worker)?);
        }
        workers.push({
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("tsapi-login".into()).spawn(move || verify(&shared, &asked))?
        });
        let for_listener = Arc::clone(&shared);
        let listeners: Vec<_> = core::iter::once((listener, Security::Clear))
            .chain(secure_listener.map(|listener| (listener, Security::Tls)))
            .collect();
        let listener =
            thread::Builder::new().name("tsapi-accept".into()).spawn(move || listen(&for_listener, &listeners))?;
        Ok(Server { shared, address, tls_address, listener: Some(listener), workers })
    }

    /// Returns the address it listens at.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address it listens at for TLS, if it does.
    pub const fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Returns the way to its sessions.
    pub fn dispatcher(&self) -> Dispatcher {
        Dispatcher(Arc::clone(&self.shared))
    }

    /// Returns its counters.
    pub fn counters(&self) -> ServerCounters {
        self.dispatcher().counters()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Cannot fail: the counter of an event is far from full.
        let _ = self.shared.stop.write(1);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.verifications.lock().take();
        self.shared.inboxes.iter().for_each(|inbox| inbox.put(Note::Stop));
        let deadline = Instant::now() + STOP_LIMIT;
        let mut counters = self.shared.counters.lock();
        while counters.connected > 0 && !self.shared.one_less.wait_until(&mut counters, deadline).timed_out() {}
        let all_gone = counters.connected == 0;
        drop(counters);
        if all_gone {
            for worker in self.workers.drain(..) {
                let _ = worker.join();
            }
        }
    }
}

impl Dispatcher {
    /// Returns the server's counters.
    pub fn counters(&self) -> ServerCounters {
        // Under one lock with the end of a session, so that its counts are seen once.
        let mut counters = *self.0.counters.lock();
        for outbox in self.0.sessions.read().values() {
            counters.sessions += *outbox.counters.lock();
        }
        counters
    }

    /// Answers a request. Dropped if the session is gone.
    pub fn reply(
        &self,
        session: SessionId,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        self.0.post(session, Delivery::Reply(Box::new(Answer { invoke, result, data })));
    }

    /// Sends an event to a monitor. Dropped if the session is gone.
    pub fn report(&self, session: SessionId, monitor: MonitorCrossRefId, event: &Event, data: &ReportData) {
        let report = self.0.recent.lock().of(event, data);
        self.0.post(session, Delivery::Report { monitor, report });
    }

    /// Asks a session for a service.
    pub fn switch_request(&self, session: SessionId, request: SwitchRequest, data: ReportData) {
        self.0.post(session, Delivery::SwitchRequest(Box::new((request, data))));
    }

    /// Reports to a session what belongs to no monitor.
    pub fn event_report(&self, session: SessionId, report: EventReport, data: ReportData) {
        self.0.post(session, Delivery::EventReport(Box::new((report, data))));
    }

    /// Sets the rights of a session. Dropped if the session is gone.
    pub fn rights(&self, session: SessionId, rights: Arc<Rights>) {
        self.0.post(session, Delivery::Rights(rights));
    }

    /// Reports a change of the switch's state to every session; a session that has not asked for it drops it.
    pub fn system_status(&self, status: SystemStatus) {
        let sessions: Vec<SessionId> = self.0.sessions.read().keys().copied().collect();
        for session in sessions {
            self.0.post(session, Delivery::SystemStatus(status));
        }
    }
}

impl Shared {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn post(&self, session: SessionId, delivery: Delivery) {
        let sessions = self.sessions.read();
        if let Some(outbox) = sessions.get(&session)
            && outbox.post(delivery)
        {
            self.inboxes[outbox.worker].put(Note::Posted(session));
        }
    }

    /// Has a password verified.
    fn verify(&self, asked: Verification) -> Result<(), AcsFailure> {
        match &*self.verifications.lock() {
            Some(verifications) => verifications.try_send(asked).map_err(|_| AcsFailure::ResourceLimitation),
            None => Err(AcsFailure::AcsHandleTermination),
        }
    }

    /// A connection is over.
    fn forget(&self, id: SessionId, peer: SocketAddr, user: Option<&str>, outbox: &Outbox, ended: Ended) {
        self.shares.lock().close(id, peer.ip(), user);
        {
            // Under one lock, so that a session's counts are seen once.
            let mut counters = self.counters.lock();
            self.sessions.write().remove(&id);
            counters.sessions += *outbox.counters.lock();
            match ended {
                Ended::Orderly => {}
                Ended::Lost => counters.lost += 1,
                Ended::TooSlow => counters.slow_readers += 1,
            }
        }
        if outbox.is_open() {
            self.backend.closed(id);
        }
        self.counters.lock().connected -= 1;
        self.one_less.notify_all();
    }

    /// A client has connected: it gets a worker, or is turned away.
    fn welcome(&self, stream: TcpStream, security: Security, peer: SocketAddr, id: SessionId) {
        let admission = self.shares.lock().admit(&self.settings, id, peer.ip());
        match admission {
            Admission::Taken { evicted: None } => {}
            Admission::Taken { evicted: Some(oldest) } => {
                self.counters.lock().evicted += 1;
                self.post(oldest, Delivery::End(AcsFailure::NoThread));
            }
            Admission::TurnedAway => {
                self.counters.lock().turned_away += 1;
                self.backend.audit(&Audit::Connection { peer });
                if security == Security::Clear {
                    connection::turn_away(&stream);
                }
                return;
            }
        }
        {
            let mut counters = self.counters.lock();
            counters.accepted += 1;
            counters.connected += 1;
        }
        let worker = id.0 as usize % self.inboxes.len();
        let outbox = Arc::new(Outbox::new(worker, self.settings.deliveries_max));
        self.sessions.write().insert(id, Arc::clone(&outbox));
        self.inboxes[worker].put(Note::Connected { id, stream, security, peer, outbox });
    }
}

fn verify(shared: &Arc<Shared>, asked: &Receiver<Verification>) {
    login::run(shared, asked);
}

/// The listeners' thread.
fn listen(shared: &Arc<Shared>, listeners: &[(TcpListener, Security)]) {
    let stop = listeners.len() as u64;
    let Ok(epoll) = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC) else { return };
    let readable = EpollFlags::EPOLLIN;
    let mut tokens = (0..).zip(listeners);
    let added = tokens.all(|(token, (listener, _))| epoll.add(listener, EpollEvent::new(readable, token)).is_ok());
    if !added || epoll.add(&shared.stop, EpollEvent::new(readable, stop)).is_err() {
        return;
    }
    let mut next_session = 1;
    loop {
        let mut events = [EpollEvent::empty(); 3];
        // An interrupted wait is a wait that has ended.
        let count = epoll.wait(&mut events, EpollTimeout::NONE).unwrap_or(0);
        for event in &events[..count] {
            let Some((listener, security)) = listeners.get(event.data() as usize) else { return };
            match listener.accept() {
                Ok((stream, peer)) => {
                    shared.welcome(stream, *security, peer, SessionId(next_session));
                    next_session += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    // The client is gone again, or the machine is out of descriptors; the latter lasts.
                    shared.counters.lock().accept_errors += 1;
                    thread::sleep(Duration::from_millis(ACCEPT_REST_MS.into()));
                }
            }
        }
    }
}

/// Raises the limit of descriptors as far as it may be; returns those that are left for clients.
fn descriptors() -> nix::Result<usize> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let raised = if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft };
    Ok(usize::try_from(raised.saturating_sub(RESERVED_DESCRIPTORS).max(16)).unwrap_or(usize::MAX))
}
