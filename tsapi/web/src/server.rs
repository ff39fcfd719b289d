//! The socket: WebSocket at `/csta`, the schema at `/schema`, on one thread with a runtime of its own.
//!
//! The first message opens a session or resumes one; it must come within 10 s. A page of a browser names its
//! origin, which must be this server's own or one of those that are allowed; a program names none. A session without a
//! socket lasts for a while, so that its client can resume; after a new start of the server, its entry opens
//! another. With a certificate all of it is within TLS. The console is served at `/`.
//!
//! | file | part |
//! |---|---|
//! | `opening` | log-ins, and sessions resumed |
//! | `conversation` | a socket from its first message to its end |
//! | `pushes` | messages without a number: figures, lists to be read anew |
//! | `lanes` | threads and queues of requests for records |
//!
//! Never: knows what a service does.

mod conversation;
mod lanes;
mod opening;
mod pushes;

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use parking_lot::Mutex;
use tipring_tsapi::server::{Audit, Backend, TlsIdentity};
use tipring_tsapi::session::Accounts;
use tipring_tsapi::session::login_throttle::LoginThrottle;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use self::lanes::Lanes;
use crate::console;
use crate::hub::{Hub, WebDispatcher};
use crate::listener::{Bounded, Peer};
use crate::records::Records;
use crate::resumable_sessions::ResumableSessions;
use crate::schema;

/// Time limit of a client for its first message.
const OPENING_LIMIT: Duration = Duration::from_secs(10);
/// Time that clients have for what was delivered to them before the server stops, and the interval of the check.
const STOP_LIMIT: Duration = Duration::from_secs(2);
const STOP_POLL: Duration = Duration::from_millis(10);
/// Longest message of a client in octets; a longer one closes its socket with the reason.
const MESSAGE_MAX: usize = 16 * 1024;
/// Longest message that is read at all: what is longer is no client's mistake, and cuts the socket.
const READ_MAX: usize = 4 * MESSAGE_MAX;
/// Size of a socket's buffers in octets.
const BUFFER_OCTETS: usize = 8 * 1024;
/// Octets that wait for a client in its socket's buffer: more than the longest message.
const WRITE_BUFFER_MAX: usize = 1024 * 1024;
/// Connections without a WebSocket, beside those with one.
const HALF_OPEN_MAX: usize = 64;
/// Threads that verify passwords; the one that writes resumable sessions, and the one that looks for changes.
const VERIFIERS: usize = 2;
const SINGLE: usize = 2;

/// Sockets, and sessions, that the JSON socket has at a time by its usual settings.
pub const SESSIONS_MAX: usize = 2_000;

/// Settings of the JSON socket.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WebSettings {
    /// The address; port 0 lets the system choose.
    pub address: SocketAddr,
    /// Origins of pages that may connect, as `https://desk.example`.
    pub origins: Vec<String>,
    /// Sockets at a time.
    pub sockets_max: usize,
    /// Sessions at a time, those without a socket included.
    pub sessions_max: usize,
    /// Life of a session without a socket.
    pub linger: Duration,
    /// Certificate and key; clients connect within TLS then, and only so.
    pub tls: Option<TlsIdentity>,
    /// File of the resumable sessions by which sessions go on after a new start; without one they end with the server.
    pub resumable_sessions: Option<PathBuf>,
}

impl WebSettings {
    /// Returns the usual settings: no page of another origin, 2,000 sockets and sessions, 60 s to resume.
    pub const fn new(address: SocketAddr) -> WebSettings {
        WebSettings {
            address,
            origins: Vec::new(),
            sockets_max: SESSIONS_MAX,
            sessions_max: SESSIONS_MAX,
            linger: Duration::from_secs(60),
            tls: None,
            resumable_sessions: None,
        }
    }
}

/// Counters of the JSON socket since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct WebCounters {
    /// Sockets accepted.
    pub sockets: u64,
    /// Sockets refused at a bound.
    pub turned_away: u64,
    /// Pages refused for their origin.
    pub bad_origins: u64,
    /// Log-ins refused.
    pub bad_logins: u64,
    /// Sessions resumed.
    pub resumed: u64,
    /// Gaps shown to clients.
    pub gaps: u64,
    /// Requests refused for want of a right.
    pub forbidden: u64,
    /// Requests for records.
    pub records: u64,
    /// Requests among them that were refused because too many waited.
    pub records_refused: u64,
    /// Sockets whose client was silent or took nothing.
    pub dead: u64,
    /// Sessions of an earlier run that were resumed.
    pub continued: u64,
    /// Writes of the file of resumable sessions that have failed.
    pub unwritten: u64,
}

impl fmt::Display for WebCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WebCounters { sockets, turned_away, bad_origins, bad_logins, resumed, gaps, forbidden, dead, .. } = self;
        let WebCounters { continued, unwritten, records, records_refused, .. } = self;
        write!(
            f,
            "{sockets} JSON sockets, {turned_away} turned away, {bad_origins} of other origins, {dead} dead; \
             {bad_logins} failed log-ins, {forbidden} requests without a right, {records} for records, {records_refused} of them \
             refused because too many waited, {resumed} resumed, \
             {continued} of an earlier run, {gaps} gaps, {unwritten} failed writes of resumable sessions"
        )
    }
}

struct Shared {
    settings: WebSettings,
    accounts: Arc<dyn Accounts>,
    hub: Arc<Hub>,
    records: Arc<dyn Records>,
    lanes: Lanes,
    /// Notified when a client has changed something on record.
    acted: Notify,
    guard: Mutex<LoginThrottle>,
    started: Instant,
    counters: Mutex<WebCounters>,
    sockets: AtomicUsize,
    next_socket: AtomicU64,
}

/// The JSON socket. Stops when dropped.
pub struct WebServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl WebServer {
    /// Listens and serves clients until dropped.
    ///
    /// # Errors
    /// The operating system's, if it has no socket or thread.
    pub fn start(
        settings: WebSettings,
        accounts: Arc<dyn Accounts>,
        backend: Arc<dyn Backend>,
        records: Arc<dyn Records>,
    ) -> io::Result<WebServer> {
        let listener = std::net::TcpListener::bind(settings.address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(VERIFIERS + SINGLE + lanes::THREADS)
            .build()?;
        let resumable_sessions = ResumableSessions::read(settings.resumable_sessions.clone());
        let shared = Arc::new(Shared {
            settings,
            accounts,
            hub: Arc::new(Hub::new(backend, resumable_sessions)),
            records,
            lanes: Lanes::new(),
            acted: Notify::new(),
            guard: Mutex::default(),
            started: Instant::now(),
            counters: Mutex::default(),
            sockets: AtomicUsize::new(0),
            next_socket: AtomicU64::new(1),
        });
        let stop = Arc::new(Notify::new());
        let thread = thread::Builder::new().name("web".into()).spawn({
            let (shared, stop) = (Arc::clone(&shared), Arc::clone(&stop));
            move || {
                runtime.block_on(serve(&shared, listener, &stop));
                write_resumable_sessions(&shared);
                shared.hub.end_all();
                // Verifications under way are not waited for.
                runtime.shutdown_background();
            }
        })?;
        Ok(WebServer { shared, address, stop, thread: Some(thread) })
    }

    /// Returns the address it listens at.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the way to its sessions.
    pub fn dispatcher(&self) -> WebDispatcher {
        WebDispatcher(Arc::clone(&self.shared.hub))
    }

    /// Returns its counters.
    pub fn counters(&self) -> WebCounters {
        self.gauge().counters()
    }

    /// Returns its figures, for any thread.
    pub fn gauge(&self) -> WebGauge {
        WebGauge(Arc::clone(&self.shared))
    }
}

/// The figures of a JSON socket, for any thread; they stay readable when it has stopped.
#[derive(Clone)]
pub struct WebGauge(Arc<Shared>);

impl WebGauge {
    /// Returns the counters.
    pub fn counters(&self) -> WebCounters {
        *self.0.counters.lock()
    }

    /// Returns the number of sockets now.
    pub fn sockets(&self) -> usize {
        self.0.sockets.load(Ordering::Relaxed)
    }

    /// Returns the number of sessions now, those without a socket included.
    pub fn sessions(&self) -> usize {
        self.0.hub.count()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(shared: &Arc<Shared>, listener: std::net::TcpListener, stop: &Notify) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let router = Router::new()
        .route("/csta", get(upgrade))
        .route("/schema", get(|| async { ([(header::CONTENT_TYPE, "application/json")], schema::text()) }))
        .merge(console::routes())
        .with_state(Arc::clone(shared));
    let service = router.into_make_service_with_connect_info::<Peer>();
    let tls = shared.settings.tls.clone();
    let listener = Bounded::new(listener, shared.settings.sockets_max + HALF_OPEN_MAX, OPENING_LIMIT, tls);
    let finished = async {
        stop.notified().await;
        finish(shared).await;
    };
    tokio::select! {
        _ = axum::serve(listener, service).into_future() => {}
        () = shared.hub.pump() => {}
        () = keep_resumable_sessions(shared) => {}
        () = pushes::figures(shared) => {}
        () = pushes::changes(shared) => {}
        () = finished => {}
    }
}

/// Lets the sockets end: clients get what has been delivered to them, and the reason.
async fn finish(shared: &Shared) {
    shared.hub.begin_stop();
    let ended = async {
        while shared.sockets.load(Ordering::Relaxed) > 0 {
            sleep(STOP_POLL).await;
        }
    };
    // A client that takes nothing is not waited for.
    let _ = timeout(STOP_LIMIT, ended).await;
}

/// Writes the resumable sessions whenever they change, for ever; those of an earlier run are good for a while.
async fn keep_resumable_sessions(shared: &Arc<Shared>) {
    let expiry = sleep(shared.settings.linger);
    tokio::pin!(expiry);
    let mut is_fresh = true;
    loop {
        tokio::select! {
            () = shared.hub.resumable_sessions.changed.notified() => {
                let shared = Arc::clone(shared);
                // A panic there is none of this task's.
                let _ = tokio::task::spawn_blocking(move || write_resumable_sessions(&shared)).await;
            }
            () = &mut expiry, if is_fresh => {
                is_fresh = false;
                shared.hub.resumable_sessions.expire();
            }
        }
    }
}

fn write_resumable_sessions(shared: &Shared) {
    if shared.hub.resumable_sessions.write().is_err() {
        shared.counters.lock().unwritten += 1;
    }
}

/// Accepts a WebSocket, if its origin may connect and there is room.
async fn upgrade(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(Peer { address: peer, upgraded }): ConnectInfo<Peer>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let allowed = &shared.settings.origins;
        let may = |origin: &str| is_own_origin(origin, &headers) || allowed.iter().any(|known| known == origin);
        if !origin.to_str().is_ok_and(may) {
            shared.counters.lock().bad_origins += 1;
            return (StatusCode::FORBIDDEN, "pages of this origin may not connect\n").into_response();
        }
    }
    let place = shared.sockets.fetch_add(1, Ordering::Relaxed);
    if place >= shared.settings.sockets_max {
        shared.sockets.fetch_sub(1, Ordering::Relaxed);
        shared.counters.lock().turned_away += 1;
        shared.hub.backend.audit(&Audit::Connection { peer });
        return (StatusCode::SERVICE_UNAVAILABLE, "there are too many clients\n").into_response();
    }
    shared.counters.lock().sockets += 1;
    upgraded.store(true, Ordering::Relaxed);
    let place = Place(Arc::clone(&shared));
    socket
        .max_message_size(READ_MAX)
        .max_frame_size(READ_MAX)
        .read_buffer_size(BUFFER_OCTETS)
        .write_buffer_size(BUFFER_OCTETS)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .on_upgrade(move |socket| async move {
            let _place = place;
            conversation::run(&shared, socket, peer).await;
        })
}

/// Returns true if a page comes from the host and port that its socket asks for: this server, or a proxy before it.
fn is_own_origin(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    page.is_some() && page == host
}

/// A place among the sockets.
struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}
