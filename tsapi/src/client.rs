//! A blocking client: looks the Tlink up, opens a stream, asks, listens.
//!
//! One thread uses it. While it waits for an answer, events that come are kept and given out later, in order.

mod tls;

use core::fmt;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustls::{ClientConnection, RootCertStore, StreamOwned};
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::id::InvokeId;
use tipring_csta_types::private::{ReplyData, RequestData};
use tipring_csta_types::{Reply, Request};

use self::tls::certificate_fault;
pub use self::tls::{authorities, tls_connection};
use crate::pdu::acs::{LoginId, ServerId};
use crate::session::login::Vendor;
use crate::session::{
    ClientOutput, ClientSession, ClientSettings, CloseReason, Incoming, NameLookup, NameOutput, NamedServer, NotRefined,
};

/// The port of the name service if none is given.
pub const DEFAULT_PORT: u16 = 450;
/// Octets read at a time.
const READ_OCTETS: usize = 16 * 1024;

/// Failure of a call on the client.
#[derive(Debug)]
pub enum ClientError {
    /// A login, a Tlink or an address is not of the form it must have.
    Invalid(String),
    /// The network failed.
    Io {
        /// The step that failed.
        doing: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The name service has no such Tlink, or none at all.
    NoTlink {
        /// The name asked for; none if any would have done.
        wanted: Option<String>,
        /// The names there are.
        known: Vec<String>,
    },
    /// The session is over.
    Closed(CloseReason),
    /// The server is gone without a close.
    Lost,
    /// The request was refused.
    Refused(UniversalFailure),
    /// No answer came in time.
    NoAnswer,
    /// The server takes no private data of our own vendor.
    NoPrivateData,
    /// The server's certificate is not one to trust: why, as the end of a sentence.
    Certificate(String),
    /// The port speaks TLS and nothing else.
    WithinTls,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Invalid(what) => f.write_str(what),
            ClientError::Io { doing, source } => write!(f, "{doing} failed: {source}"),
            ClientError::NoTlink { wanted: Some(wanted), known } if !known.is_empty() => {
                write!(f, "The server does not know the Tlink {wanted}; it has {}", known.join(", "))
            }
            ClientError::NoTlink { wanted: None, known } if !known.is_empty() => {
                let other = if is_encrypted(&known[0]) { "without" } else { "with" };
                write!(f, "The server has no Tlink {other} encryption, only {}", known.join(", "))
            }
            ClientError::NoTlink { .. } => write!(f, "The server knows no Tlink"),
            ClientError::Closed(why) => why.fmt(f),
            ClientError::Lost => write!(f, "The server is gone"),
            ClientError::Refused(failure) => write!(f, "The server refuses: {failure}"),
            ClientError::NoAnswer => write!(f, "The server did not answer in time"),
            ClientError::NoPrivateData => NotRefined::NoPrivateData.fmt(f),
            ClientError::Certificate(why) => write!(f, "The server's certificate cannot be trusted: {why}"),
            ClientError::WithinTls => {
                f.write_str("The port is one of streams within TLS; name that of the name service, which finds them")
            }
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ClientError::Io { source, .. } => Some(source),
            ClientError::Closed(why) => Some(why),
            ClientError::Refused(failure) => Some(failure),
            ClientError::Invalid(_)
            | ClientError::NoTlink { .. }
            | ClientError::Lost
            | ClientError::NoAnswer
            | ClientError::NoPrivateData
            | ClientError::Certificate(_)
            | ClientError::WithinTls => None,
        }
    }
}

/// Encryption of streams, and those whom a client trusts at their far end.
#[derive(Clone)]
pub enum Encryption {
    /// In the clear alone.
    Off,
    /// Within TLS where the server has no stream in the clear; these authorities are asked for then.
    IfNeeded(fn() -> Result<RootCertStore, String>),
    /// Within TLS: the server's certificate is signed by one of these, or is one of them.
    On(RootCertStore),
}

/// Address, user and password of a connection.
#[derive(Clone)]
pub struct ClientOptions {
    /// The name service: a host, or host and port.
    pub server: String,
    /// The Tlink; nothing takes the first one that goes with `encryption`.
    pub tlink: Option<String>,
    /// TLS.
    pub encryption: Encryption,
    /// The user.
    pub login: String,
    /// The password.
    pub password: String,
    /// The private data to ask for.
    pub vendors: Vec<Vendor>,
    /// Time limit of connecting, and of an answer.
    pub limit: Duration,
}

impl ClientOptions {
    /// A stream with screen-pop data from the first Tlink of a server; 10 s for everything.
    pub fn new(server: &str, login: &str, password: &str) -> ClientOptions {
        ClientOptions {
            server: server.into(),
            tlink: None,
            encryption: Encryption::Off,
            login: login.into(),
            password: password.into(),
            vendors: vec![Vendor::tipring()],
            limit: Duration::from_secs(10),
        }
    }
}

/// An open stream.
pub struct Client {
    socket: Socket,
    session: ClientSession,
    incoming: VecDeque<Incoming>,
    vendor: Option<Vendor>,
    api_version: String,
    limit: Duration,
    started: Instant,
    /// Reason for which the session is over, once it is.
    closed: Option<CloseReason>,
}

impl Client {
    /// Looks the Tlink up and opens a stream.
    ///
    /// # Errors
    /// [`ClientError::Invalid`] for a login or trust that cannot be, [`ClientError::NoTlink`] if the server has none
    /// that is wanted, [`ClientError::NoAnswer`] after `limit`, [`ClientError::Closed`] if the server refuses; else the
    /// fault of the socket or of TLS.
    pub fn open(options: &ClientOptions) -> Result<Client, ClientError> {
        let login = LoginId::new(&options.login)
            .map_err(|_| ClientError::Invalid("A login is plain ASCII of at most 48 characters".into()))?;
        let (from, known) = look_up(&options.server, options.limit)?;
        let first = |encrypted: bool| known.iter().find(|server| is_encrypted(&server.name) == encrypted);
        let chosen = match (&options.tlink, &options.encryption) {
            (Some(wanted), _) => known.iter().find(|server| server.name.eq_ignore_ascii_case(wanted)),
            (None, Encryption::Off) => first(false),
            (None, Encryption::IfNeeded(_)) => first(false).or_else(|| first(true)),
            (None, Encryption::On(_)) => first(true),
        };
        let Some(chosen) = chosen else {
            let known = known.into_iter().map(|server| server.name).collect();
            return Err(ClientError::NoTlink { wanted: options.tlink.clone(), known });
        };
        let name = ServerId::fitted(&chosen.name);
        // As clients of other makers do: the port of the answer, the address at which the name service was reached.
        let address = SocketAddr::new(from.ip(), chosen.address.port());
        let settings =
            ClientSettings { vendors: options.vendors.clone(), ..ClientSettings::new(name, login, &options.password) };
        if !is_encrypted(&chosen.name) {
            return Client::open_at(address, settings, options.limit);
        }
        let trusted = match &options.encryption {
            Encryption::On(trusted) => trusted.clone(),
            Encryption::IfNeeded(trusted) => trusted().map_err(ClientError::Invalid)?,
            Encryption::Off => {
                let why = format!("The Tlink {} is encrypted: the certificate to trust is wanted", chosen.name);
                return Err(ClientError::Invalid(why));
            }
        };
        let stream = connect(address, options.limit)?;
        Client::open_on(Socket::tls(stream, host_of(&options.server), trusted)?, settings, options.limit)
    }

    /// Opens a stream in the clear at an address that is known already.
    ///
    /// # Errors
    /// [`ClientError::NoAnswer`] after `limit`, [`ClientError::Closed`] if the server refuses; else the fault of the
    /// socket.
    pub fn open_at(address: SocketAddr, settings: ClientSettings, limit: Duration) -> Result<Client, ClientError> {
        Client::open_on(Socket::Clear(connect(address, limit)?), settings, limit)
    }

    fn open_on(socket: Socket, settings: ClientSettings, limit: Duration) -> Result<Client, ClientError> {
        let mut client = Client {
            socket,
            session: ClientSession::new(settings, Duration::ZERO),
            incoming: VecDeque::new(),
            vendor: None,
            api_version: String::new(),
            limit,
            started: Instant::now(),
            closed: None,
        };
        let deadline = Instant::now() + limit;
        while client.api_version.is_empty() {
            client.turn(Some(deadline))?;
            client.check()?;
            if client.api_version.is_empty() && Instant::now() >= deadline {
                return Err(ClientError::NoAnswer);
            }
        }
        Ok(client)
    }

    /// Vendor of the private data.
    pub const fn vendor(&self) -> Option<&Vendor> {
        self.vendor.as_ref()
    }

    /// The version of the interface, as the server writes it.
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// Asks for a service without waiting for the answer.
    ///
    /// # Errors
    /// The stream is over: the reason, or the fault of the socket.
    pub fn send(&mut self, request: &Request) -> Result<InvokeId, ClientError> {
        self.check()?;
        let invoke = self.session.request(request).map_err(|_| ClientError::Lost)?;
        self.drain()?;
        Ok(invoke)
    }

    /// Asks for a service with refinements, if they say anything, without waiting for the answer.
    ///
    /// # Errors
    /// As [`Client::call_with`], without the refusal.
    pub fn send_with(&mut self, request: &Request, data: &RequestData) -> Result<InvokeId, ClientError> {
        if *data == RequestData::default() {
            return self.send(request);
        }
        self.check()?;
        let invoke = self.session.request_with(request, data).map_err(|error| match error {
            NotRefined::NotOpen => ClientError::Lost,
            NotRefined::NoPrivateData => ClientError::NoPrivateData,
        })?;
        self.drain()?;
        Ok(invoke)
    }

    /// Asks for a service and waits for the answer.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the failure of a refused request; any other if the stream is over or no answer
    /// came in time.
    pub fn call(&mut self, request: &Request) -> Result<Reply, ClientError> {
        let invoke = self.send(request)?;
        self.await_reply(invoke).map(|(reply, _)| reply)
    }

    /// Asks for a service with refinements and waits for the answer and what it says beyond the standard.
    ///
    /// # Errors
    /// As [`Client::call`], and [`ClientError::NoPrivateData`] if the server has granted none of our own vendor.
    pub fn call_with(
        &mut self,
        request: &Request,
        data: &RequestData,
    ) -> Result<(Reply, Option<Box<ReplyData>>), ClientError> {
        let invoke = self.send_with(request, data)?;
        self.await_reply(invoke)
    }

    fn await_reply(&mut self, invoke: InvokeId) -> Result<(Reply, Option<Box<ReplyData>>), ClientError> {
        let deadline = Instant::now() + self.limit;
        let mut looked = 0;
        loop {
            let answer = self.incoming.iter().skip(looked).position(
                |incoming| matches!(incoming, Incoming::Confirmation { invoke: answered, .. } if *answered == invoke),
            );
            if let Some(place) = answer
                && let Some(Incoming::Confirmation { result, data, .. }) = self.incoming.remove(looked + place)
            {
                return result.map(|reply| (reply, data)).map_err(ClientError::Refused);
            }
            looked = self.incoming.len();
            self.check()?;
            if Instant::now() >= deadline {
                return Err(ClientError::NoAnswer);
            }
            self.turn(Some(deadline))?;
        }
    }

    /// Waits for what comes next; nothing if that takes longer than `timeout`.
    ///
    /// # Errors
    /// The stream is over, and everything that came before has been given out: the reason, or the fault of the socket.
    pub fn receive(&mut self, timeout: Duration) -> Result<Option<Incoming>, ClientError> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(incoming) = self.incoming.pop_front() {
                return Ok(Some(incoming));
            }
            self.check()?;
            if Instant::now() >= deadline {
                return Ok(None);
            }
            self.turn(Some(deadline))?;
        }
    }

    /// Asks for a heartbeat interval in seconds (5 to 60); [`Incoming::HeartbeatSet`] confirms it.
    ///
    /// # Errors
    /// The stream is over: the reason, or the fault of the socket.
    pub fn set_heartbeat(&mut self, seconds: i16) -> Result<(), ClientError> {
        self.check()?;
        self.session.set_heartbeat(seconds).map_err(|_| ClientError::Lost)?;
        self.drain()
    }

    /// Closes the stream and waits until the server agrees.
    ///
    /// # Errors
    /// [`ClientError::NoAnswer`] if the server does not agree in time; else the reason or fault for which the stream
    /// ended first.
    pub fn close(mut self) -> Result<(), ClientError> {
        self.session.close();
        self.drain()?;
        let deadline = Instant::now() + self.limit;
        while self.closed.is_none() {
            if Instant::now() >= deadline {
                return Err(ClientError::NoAnswer);
            }
            self.turn(Some(deadline))?;
        }
        match self.closed {
            Some(CloseReason::Closed | CloseReason::Aborted) | None => Ok(()),
            Some(why) => Err(ClientError::Closed(why)),
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn check(&self) -> Result<(), ClientError> {
        match self.closed {
            Some(why) => Err(ClientError::Closed(why)),
            None => Ok(()),
        }
    }

    /// One step: sends what is to be sent, waits for octets until `deadline`, and hears them.
    fn turn(&mut self, deadline: Option<Instant>) -> Result<(), ClientError> {
        self.drain()?;
        if self.closed.is_some() {
            return Ok(());
        }
        let for_session = self.session.next_time().map(|time| time.saturating_sub(self.now()));
        let for_caller = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let wait = for_session.into_iter().chain(for_caller).min();
        let octets = receive(&mut self.socket, wait)?;
        let now = self.now();
        self.session.handle_octets(now, &octets);
        self.session.handle_time(now);
        self.drain()
    }

    /// Does what the session wants done.
    fn drain(&mut self) -> Result<(), ClientError> {
        while let Some(output) = self.session.poll_output() {
            match output {
                ClientOutput::Send(octets) => send(&mut self.socket, &octets)?,
                ClientOutput::Opened { api_version, vendor } => {
                    (self.api_version, self.vendor) = (api_version, vendor);
                }
                ClientOutput::Incoming(incoming) => self.incoming.push_back(incoming),
                ClientOutput::Closed { why } => self.closed = Some(why),
            }
        }
        Ok(())
    }
}

/// The stream's descriptor: readable when the server has sent something. What has been received already does not show
/// in it: wait for it only after [`Client::receive`] has had nothing.
impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.tcp().as_fd()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.session.abort();
        // A server that is gone needs no message.
        let _ = self.drain();
    }
}

/// The Tlinks that the name service of a server (host, or host and port) knows, and the address it was reached at.
///
/// # Errors
/// [`ClientError::NoAnswer`] after `limit`, [`ClientError::Closed`] if the server refuses; else the fault of the socket
/// or of the name.
pub fn look_up(server: &str, limit: Duration) -> Result<(SocketAddr, Vec<NamedServer>), ClientError> {
    let stream = connect_any(server, limit)?;
    let from = stream.peer_addr().map_err(|source| ClientError::Io { doing: format!("Reaching {server}"), source })?;
    let mut socket = Socket::Clear(stream);
    let started = Instant::now();
    let mut lookup = NameLookup::new(Duration::ZERO);
    loop {
        while let Some(output) = lookup.poll_output() {
            match output {
                NameOutput::Send(octets) => send(&mut socket, &octets)?,
                NameOutput::Done { result } => return result.map(|list| (from, list)).map_err(ClientError::Closed),
            }
        }
        let octets = receive(&mut socket, Some(limit.saturating_sub(started.elapsed())))?;
        lookup.handle_octets(&octets);
        if started.elapsed() >= limit {
            return Err(ClientError::NoAnswer);
        }
        lookup.handle_time(started.elapsed());
    }
}

/// A socket, in the clear or within TLS.
enum Socket {
    Clear(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Socket {
    /// Begins TLS with a host whose certificate must be good by some authorities.
    fn tls(stream: TcpStream, host: &str, trusted: RootCertStore) -> Result<Socket, ClientError> {
        let connection = tls_connection(host, trusted, true)
            .map_err(|why| ClientError::Invalid(format!("TLS with {host} cannot begin: {why}")))?;
        Ok(Socket::Tls(Box::new(StreamOwned::new(connection, stream))))
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Socket::Clear(stream) => stream,
            Socket::Tls(tls) => &tls.sock,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Clear(stream) => stream.read(buffer),
            Socket::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Clear(stream) => stream.write(octets),
            Socket::Tls(tls) => tls.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Socket::Clear(stream) => stream.flush(),
            Socket::Tls(tls) => tls.flush(),
        }
    }
}

/// Returns the host of `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`.
pub fn host_of(server: &str) -> &str {
    if server.parse::<core::net::IpAddr>().is_ok() {
        return server;
    }
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Returns true if a Tlink's third part means that its stream is encrypted.
fn is_encrypted(tlink: &str) -> bool {
    tlink.split('#').nth(2).is_some_and(|service| service.eq_ignore_ascii_case("CSTA-S"))
}

fn connect_any(server: &str, limit: Duration) -> Result<TcpStream, ClientError> {
    let io = |source| ClientError::Io { doing: format!("Finding the host {server}"), source };
    // What has no port of its own is a host, or an IPv6 address without brackets.
    let addresses = server.to_socket_addrs().or_else(|_| (server, DEFAULT_PORT).to_socket_addrs()).map_err(io)?;
    let mut last = ClientError::Invalid(format!("The host {server} has no address"));
    for address in addresses {
        match connect(address, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn connect(address: SocketAddr, limit: Duration) -> Result<TcpStream, ClientError> {
    let io = |source| ClientError::Io { doing: format!("Connecting to {address}"), source };
    let stream = TcpStream::connect_timeout(&address, limit).map_err(io)?;
    stream.set_nodelay(true).map_err(io)?;
    stream.set_write_timeout(Some(limit)).map_err(io)?;
    Ok(stream)
}

fn send(socket: &mut Socket, octets: &[u8]) -> Result<(), ClientError> {
    socket.write_all(octets).map_err(|source| match source.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => ClientError::Lost,
        _ => failed("Sending to the server", source),
    })
}

/// The error of a failed step.
fn failed(doing: &str, source: io::Error) -> ClientError {
    match certificate_fault(&source) {
        Some(why) => ClientError::Certificate(why),
        None => ClientError::Io { doing: doing.into(), source },
    }
}

/// Returns true for the alert by which a server within TLS refuses what is not: a record of two octets. A frame of
/// TSAPI that begins so would be longer than any.
fn is_tls_alert(octets: &[u8]) -> bool {
    matches!(octets, [0x15, 3, 1..=4, 0, 2, ..])
}

/// Octets from the server; empty if none came in time.
fn receive(socket: &mut Socket, wait: Option<Duration>) -> Result<Vec<u8>, ClientError> {
    let io = |source| failed("Hearing the server", source);
    // A time-out of nothing would mean to wait for ever.
    socket.tcp().set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1)))).map_err(io)?;
    let mut octets = vec![0; READ_OCTETS];
    match socket.read(&mut octets) {
        Ok(0) => Err(ClientError::Lost),
        Ok(length) => {
            octets.truncate(length);
            if matches!(socket, Socket::Clear(_)) && is_tls_alert(&octets) {
                return Err(ClientError::WithinTls);
            }
            Ok(octets)
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(Vec::new()),
            ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => Err(ClientError::Lost),
            _ => Err(io(error)),
        },
    }
}
