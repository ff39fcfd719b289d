//! The socket: WebSocket at `/csta`, the schema at `/schema`, on one thread with a runtime of its own.
//!
//! The first message opens a session or goes on with one; it must come within 10 s. A page of a browser names its
//! origin, which must be this server's own or one of those that are allowed; a program names none. A session without a
//! socket lasts for a while, so that its client can resume. With a certificate all of it is within TLS. The console is
//! served at `/`.
//!
//! Never: what a service does.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use parking_lot::Mutex;
use serde_json::json;
use tipring_csta_types::AgentId;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::request::Request;
use tipring_csta_types::rights::Rights;
use tipring_tsapi::pdu::acs::AcsFailure;
use tipring_tsapi::server::{Audit, Backend, TlsIdentity};
use tipring_tsapi::session::Accounts;
use tipring_tsapi::session::guard::Guard;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};

use crate::console;
use crate::hub::{Cell, Hub, WebDispatcher};
use crate::journal::Next;
use crate::listener::{Bounded, Peer};
use crate::message::{LogIn, Opening, Resume};
use crate::records::{Records, RecordsClient, RecordsRefusal};
use crate::schema;
use crate::session::ForSwitch;

/// Time limit of a client for its first message.
const OPENING_LIMIT: Duration = Duration::from_secs(10);
/// Interval of pings.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Time limit of a client that takes nothing.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Longest message of a client in octets.
const MESSAGE_MAX: usize = 16 * 1024;
/// Size of a socket's buffers in octets.
const BUFFER_OCTETS: usize = 8 * 1024;
/// Octets that wait for a client in its socket's buffer: more than the longest message.
const WRITE_BUFFER_MAX: usize = 1024 * 1024;
/// Connections without a WebSocket, beside those with one.
const HALF_OPEN_MAX: usize = 64;
/// Threads that verify passwords, and those that read records.
const VERIFIERS: usize = 2;
const READERS: usize = 2;

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
}

impl WebSettings {
    /// Returns the usual settings: no page of another origin, 2,000 sockets and sessions, 60 s to resume.
    pub const fn new(address: SocketAddr) -> WebSettings {
        WebSettings {
            address,
            origins: Vec::new(),
            sockets_max: 2_000,
            sessions_max: 2_000,
            linger: Duration::from_secs(60),
            tls: None,
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
    /// Sockets whose client was silent or took nothing.
    pub dead: u64,
}

impl fmt::Display for WebCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WebCounters { sockets, turned_away, bad_origins, bad_logins, resumed, gaps, forbidden, dead } = self;
        write!(
            f,
            "{sockets} JSON sockets, {turned_away} turned away, {bad_origins} of other origins, {dead} dead; \
             {bad_logins} failed log-ins, {forbidden} requests without a right, {resumed} resumed, {gaps} gaps"
        )
    }
}

struct Shared {
    settings: WebSettings,
    accounts: Arc<dyn Accounts>,
    hub: Arc<Hub>,
    records: Arc<dyn Records>,
    /// Places of [`READERS`].
    readers: Semaphore,
    guard: Mutex<Guard>,
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
            .max_blocking_threads(VERIFIERS + READERS)
            .build()?;
        let shared = Arc::new(Shared {
            settings,
            accounts,
            hub: Arc::new(Hub::new(backend)),
            records,
            readers: Semaphore::new(READERS),
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
                shared.hub.close_all();
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
    tokio::select! {
        _ = axum::serve(listener, service).into_future() => {}
        () = shared.hub.pump() => {}
        () = stop.notified() => {}
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
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(BUFFER_OCTETS)
        .write_buffer_size(BUFFER_OCTETS)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .on_upgrade(move |socket| async move {
            let _place = place;
            run(&shared, socket, peer).await;
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

/// Serves a socket from its first message to its end.
async fn run(shared: &Arc<Shared>, mut socket: WebSocket, peer: SocketAddr) {
    let opening = match timeout(OPENING_LIMIT, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(text.as_str()).map_err(|why| why.to_string()),
        Ok(Some(Ok(_))) => Err("the first message is text".into()),
        Ok(Some(Err(_)) | None) => return,
        Err(_) => Err("no first message came in time".into()),
    };
    let opened = match opening {
        Ok(Opening::LogIn(log_in)) => open(shared, log_in, peer).await.map(|cell| (cell, None)),
        Ok(Opening::Resume(resume)) => resume_session(shared, &resume).map(|cell| (cell, Some(resume.sequence))),
        Err(why) => Err((AcsFailure::InvalidMessage, why)),
    };
    let (cell, resumed) = match opened {
        Ok(opened) => opened,
        Err((failure, why)) => {
            let refused = json!({ "refused": { "error": failure.number(), "text": failure.to_string(), "why": why } });
            let _ = send(&mut socket, refused.to_string()).await;
            return close(socket, 1008, "refused").await;
        }
    };
    let number = shared.next_socket.fetch_add(1, Ordering::Relaxed);
    *cell.socket.lock() = number;
    cell.session.lock().drop_unnumbered();
    cell.taken.notify_waiters();
    let greeting = match resumed {
        None => {
            let linger = shared.settings.linger.as_secs();
            let services: Vec<_> = cell.session.lock().rights().groups().collect();
            json!({ "opened": {
                "token": cell.token, "login": cell.login, "lingerSeconds": linger, "services": services
            } })
        }
        Some(sequence) => json!({ "resumed": { "sequence": sequence } }),
    };
    let ended = match send(&mut socket, greeting.to_string()).await {
        Ok(()) => converse(shared, &cell, &mut socket, resumed.unwrap_or(0), (number, peer)).await,
        Err(_) => End::Lost,
    };
    match ended {
        End::Closed => {
            shared.hub.close(&cell);
            close(socket, 1000, "closed").await;
        }
        End::Taken => close(socket, 1001, "another socket has resumed the session, or it has ended").await,
        End::Unusable => {
            linger(shared, cell, number);
            close(socket, 1003, "messages are text").await;
        }
        End::Lost => linger(shared, cell, number),
    }
}

/// The end of a socket.
enum End {
    /// The client has closed its session.
    Closed,
    /// Another socket serves the session now, or the session has ended.
    Taken,
    /// The client sent what is no text.
    Unusable,
    /// The client is gone or takes nothing.
    Lost,
}

async fn converse(
    shared: &Arc<Shared>,
    cell: &Arc<Cell>,
    socket: &mut WebSocket,
    mut last: u64,
    (number, peer): (u64, SocketAddr),
) -> End {
    let mut heard = Instant::now();
    loop {
        loop {
            if *cell.socket.lock() != number {
                return End::Taken;
            }
            // One lock: what completes the state after an earlier gap must not come between this one and its own state.
            let next = cell.session.lock().next(last);
            let text = match next {
                Next::Message(sequence, text) => {
                    last = sequence;
                    text.to_string()
                }
                Next::Gap { from, to } => {
                    last = to;
                    shared.counters.lock().gaps += 1;
                    shared.hub.pass_on(cell);
                    json!({ "gap": { "from": from, "to": to } }).to_string()
                }
                Next::Nothing | Next::Beyond => match cell.session.lock().poll_unnumbered() {
                    Some(text) => text,
                    None => break,
                },
            };
            if send(socket, text).await.is_err() {
                shared.counters.lock().dead += 1;
                return End::Lost;
            }
        }
        let taken = cell.taken.notified();
        tokio::select! {
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => {
                        let before = cell.session.lock().forbidden;
                        let closed = cell.session.lock().handle_text(text.as_str());
                        shared.counters.lock().forbidden += cell.session.lock().forbidden - before;
                        if closed {
                            return End::Closed;
                        }
                        answer_records(shared, cell, peer);
                        while let Some(log_in) = shared.hub.pass_on(cell) {
                            log_in_agent(shared, cell, log_in).await;
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return End::Unusable,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Lost,
                }
            }
            () = cell.changed.notified() => {}
            () = taken => {}
            () = sleep(PING_INTERVAL) => {
                if heard.elapsed() > 3 * PING_INTERVAL || socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    shared.counters.lock().dead += 1;
                    return End::Lost;
                }
            }
        }
    }
}

/// Has requests for the site's records carried out, each on a thread that may wait.
fn answer_records(shared: &Arc<Shared>, cell: &Arc<Cell>, peer: SocketAddr) {
    loop {
        let Some((id, request)) = cell.session.lock().poll_records() else { return };
        let client = RecordsClient {
            login: cell.login.clone(),
            rights: cell.session.lock().rights(),
            address: peer.ip().to_string(),
        };
        let (shared, cell) = (Arc::clone(shared), Arc::clone(cell));
        tokio::spawn(async move {
            let is_act = request.is_act();
            let _place = shared.readers.acquire().await;
            let records = Arc::clone(&shared.records);
            let answered = tokio::task::spawn_blocking(move || records.answer(&client, &request)).await;
            let failed = |_| RecordsRefusal {
                failure: UniversalFailure::GenericUnspecified,
                why: "the request has failed inside the server; its log says why".into(),
            };
            let answered = answered.map_err(failed).flatten();
            if answered.as_ref().is_err_and(RecordsRefusal::is_for_want_of_a_right) {
                shared.counters.lock().forbidden += 1;
            }
            cell.session.lock().handle_records(id, is_act, answered);
            cell.changed.notify_one();
        });
    }
}

/// Ends a session when no socket has taken it in time.
fn linger(shared: &Arc<Shared>, cell: Arc<Cell>, number: u64) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        sleep(shared.settings.linger).await;
        if *cell.socket.lock() == number {
            shared.hub.close(&cell);
        }
    });
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), ()> {
    match timeout(SEND_LIMIT, socket.send(Message::Text(text.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(()),
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // A client that is gone needs no farewell.
    let _ = timeout(SEND_LIMIT, socket.send(Message::Close(Some(frame)))).await;
}

type Refusal = (AcsFailure, String);

async fn open(shared: &Arc<Shared>, LogIn { login, password }: LogIn, peer: SocketAddr) -> Result<Arc<Cell>, Refusal> {
    let result = verify(shared, &login, password, peer).await;
    let entry = Audit::LogIn {
        login: login.clone(),
        address: peer.ip(),
        result: result.as_ref().map(drop).map_err(|failure| *failure),
    };
    shared.hub.backend.audit(&entry);
    let rights = result.map_err(|failure| {
        shared.counters.lock().bad_logins += 1;
        (failure, "the log-in failed".to_owned())
    })?;
    if shared.hub.count() >= shared.settings.sessions_max {
        return Err((AcsFailure::UserLicensesExceeded, "there are too many sessions".into()));
    }
    let token = new_token().map_err(|why| (AcsFailure::SystemError, why))?;
    Ok(shared.hub.open(&login, rights, token))
}

async fn verify(
    shared: &Arc<Shared>,
    login: &str,
    password: String,
    peer: SocketAddr,
) -> Result<Arc<Rights>, AcsFailure> {
    if shared.guard.lock().is_locked(shared.started.elapsed(), login, peer.ip()) {
        return Err(AcsFailure::AccountLockedOut);
    }
    let (accounts, name) = (Arc::clone(&shared.accounts), login.to_owned());
    let verified = tokio::task::spawn_blocking(move || accounts.verify(&name, &password)).await;
    let mut guard = shared.guard.lock();
    match verified {
        Ok(Some(rights)) => {
            guard.succeeded(login, peer.ip());
            Ok(rights)
        }
        Ok(None) => {
            guard.failed(shared.started.elapsed(), login, peer.ip());
            Err(AcsFailure::BadPasswordOrLogin)
        }
        // The accounts have panicked.
        Err(_) => Err(AcsFailure::SystemError),
    }
}

fn resume_session(shared: &Arc<Shared>, Resume { token, sequence }: &Resume) -> Result<Arc<Cell>, Refusal> {
    let unknown = || (AcsFailure::NoAcsStream, "there is no such session any more: log in".to_owned());
    let cell = shared.hub.of_token(token).ok_or_else(unknown)?;
    if *sequence > cell.session.lock().newest() {
        return Err((AcsFailure::InvalidMessage, "the sequence is beyond the session's newest message".into()));
    }
    shared.counters.lock().resumed += 1;
    Ok(cell)
}

/// Has the password of an agent verified, then asks the switch; messages behind it wait.
async fn log_in_agent(shared: &Shared, cell: &Cell, mut asked: ForSwitch) {
    let Request::SetAgentState { agent_id, password, .. } = &mut asked.request else { return };
    let (agent, given, key) = (*agent_id, *password, agent_key(agent_id));
    let address = std::net::Ipv4Addr::UNSPECIFIED.into();
    let refuse = |failure| {
        cell.session.lock().handle_refused(asked.invoke, failure);
        cell.changed.notify_one();
    };
    if shared.guard.lock().is_locked(shared.started.elapsed(), &key, address) {
        return refuse(UniversalFailure::GenericUnspecified);
    }
    let accounts = Arc::clone(&shared.accounts);
    let verified = tokio::task::spawn_blocking(move || accounts.verify_agent(&agent, &given)).await;
    match verified {
        Ok(Some(known)) => {
            shared.guard.lock().succeeded(&key, address);
            *password = known;
            shared.hub.ask_switch(cell, asked);
        }
        Ok(None) | Err(_) => {
            shared.guard.lock().failed(shared.started.elapsed(), &key, address);
            refuse(UniversalFailure::GenericUnspecified);
        }
    }
}

/// An agent's name among those whose failed log-ins are counted; no user has a blank in its name.
fn agent_key(agent: &AgentId) -> String {
    format!("agent {agent}")
}

/// Returns a token of 128 random bits.
fn new_token() -> Result<String, String> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(|error| error.to_string())?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}
