//! One connection: a socket, a session, and what waits for both.
//!
//! Never: waits, or serves more than a share at a time.

mod requests;

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::epoll::EpollFlags;
use nix::sys::socket::{setsockopt, sockopt};
use requests::Asked;
use tipring_csta_types::AgentId;
use tipring_csta_types::id::{InvokeId, SessionId};
use tipring_csta_types::rights::Rights;

use super::login::Verification;
use super::outbox::{Delivery, Outbox, Overflowed};
use super::quotas::UserShare;
use super::settings::Settings;
use super::transport::Transport;
use super::{Audit, Shared, tls};
use crate::frame::{self, Header};
use crate::pdu::acs::{Acs, AcsFailure};
use crate::pdu::{Framed, Pdu};
use crate::session::{CloseReason, ServerOutput, ServerSession};

/// Octets read at a time.
const READ_OCTETS: usize = 16 * 1024;
/// Unread octets from which on nothing more is read from a client.
const READ_PAUSE_OCTETS: usize = 64 * 1024;
/// Deliveries of one session at a time.
const DELIVERIES_SHARE: usize = 64;
/// Capacity that a worker's empty buffer of frames keeps in octets.
const FRAMES_OCTETS: usize = 64 * 1024;
/// Time that a session which is over gives its client to take the last frames and close.
const LINGER: Duration = Duration::from_secs(2);

/// Buffers that a worker lends to the connection that it serves.
pub(super) struct Hands {
    /// Octets as they come from a socket.
    pub(super) buffer: Box<[u8]>,
    /// Deliveries of a share.
    pub(super) deliveries: Vec<Delivery>,
    /// Frames on their way into a socket.
    pub(super) frames: Vec<u8>,
}

impl Hands {
    pub(super) fn new() -> Hands {
        Hands { buffer: vec![0; READ_OCTETS].into(), deliveries: Vec::new(), frames: Vec::new() }
    }
}

/// End of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The session came to its end, and the last frames were sent as far as the client took them.
    Orderly,
    /// The client was gone without a close.
    Lost,
    /// The client did not read what it was sent.
    TooSlow,
}

/// Next step of a connection.
pub(super) struct Next {
    /// Readiness to wait for.
    pub(super) interest: EpollFlags,
    /// Moment at which it is to be served at the latest.
    pub(super) deadline: Option<Instant>,
    /// True if it has had its share and is to be served again.
    pub(super) again: bool,
}

enum Phase {
    Serving,
    /// The session is over; the client takes the last frames and closes.
    Draining {
        until: Instant,
        shut_down: bool,
    },
}

/// A connection.
pub(super) struct Connection {
    id: SessionId,
    pub(super) transport: Transport,
    pub(super) peer: SocketAddr,
    pub(super) outbox: Arc<Outbox>,
    /// True while octets can be read without the socket becoming ready again.
    readable: bool,
    session: ServerSession,
    phase: Phase,
    /// Octets to be sent, and how many of them have been.
    unread: Vec<u8>,
    sent: usize,
    /// Moment since which octets wait without any of them being taken.
    stalled_since: Instant,
    /// The user whose stream it is, and the user's share.
    pub(super) user: Option<(String, Arc<UserShare>)>,
    monitors: usize,
    outstanding: usize,
    /// Agents whose log-in waits for its reply.
    agent_logins: BTreeMap<InvokeId, AgentId>,
    /// The log-in of an agent whose password is being verified, and the requests behind it.
    verifying: Option<Asked>,
    behind: VecDeque<Asked>,
    /// The interest that the kernel knows, and the deadline that the worker knows.
    pub(super) interest: EpollFlags,
    pub(super) deadline: Option<Instant>,
}

impl Connection {
    pub(super) fn new(
        settings: &Settings,
        id: SessionId,
        transport: Transport,
        peer: SocketAddr,
        session: ServerSession,
        outbox: Arc<Outbox>,
    ) -> io::Result<Connection> {
        set_options(transport.socket(), settings)?;
        Ok(Connection {
            id,
            transport,
            readable: false,
            peer,
            outbox,
            session,
            phase: Phase::Serving,
            unread: Vec::new(),
            sent: 0,
            stalled_since: Instant::now(),
            user: None,
            monitors: 0,
            outstanding: 0,
            agent_logins: BTreeMap::new(),
            verifying: None,
            behind: VecDeque::new(),
            interest: EpollFlags::EPOLLIN,
            deadline: None,
        })
    }

    /// Serves one share of what has come.
    pub(super) fn serve(&mut self, shared: &Shared, readable: bool, hands: &mut Hands) -> Result<Next, Ended> {
        if let Phase::Draining { .. } = self.phase {
            return self.drain(readable, &mut hands.buffer);
        }
        self.session.lend(core::mem::take(&mut hands.frames));
        let served = self.serve_share(shared, readable, hands);
        // What the socket has not taken stays with the connection, all else goes back to the worker.
        hands.frames = self.session.take_lent();
        if self.unread_octets() == 0 && self.unread.capacity() > hands.frames.capacity() {
            hands.frames = core::mem::take(&mut self.unread);
            hands.frames.clear();
            hands.frames.shrink_to(FRAMES_OCTETS);
            self.sent = 0;
        }
        served
    }

    fn serve_share(&mut self, shared: &Shared, readable: bool, hands: &mut Hands) -> Result<Next, Ended> {
        if (readable || self.readable)
            && !self.is_paused(shared)
            && let Err(error) = self.read(shared, &mut hands.buffer)
        {
            if let Some(why) = tls::handshake_failure(&error) {
                shared.counters.lock().tls_failures += 1;
                shared.backend.audit(&Audit::Tls { peer: self.peer, why });
            }
            return Err(Ended::Lost);
        }
        let left = match self.outbox.pop(DELIVERIES_SHARE, &mut hands.deliveries) {
            Ok(left) => left,
            Err(Overflowed) => return Err(self.too_slow()),
        };
        for delivery in hands.deliveries.drain(..) {
            self.deliver(shared, delivery);
        }
        self.session.handle_time(shared.now());
        let closed = self.step(shared);
        *self.outbox.counters.lock() = *self.session.counters();
        if let Some(why) = closed {
            self.log_close(shared, why);
            return self.begin_draining(&mut hands.buffer);
        }
        self.flush().map_err(|_| Ended::Lost)?;
        if self.unread_octets() > shared.settings.unread_octets_max || self.is_stalled(shared.settings.stall_limit) {
            return Err(self.too_slow());
        }
        Ok(self.next(shared, left || self.readable && !self.is_paused(shared)))
    }

    /// True while as many requests wait behind the log-in of an agent as may be outstanding: no more are read.
    fn is_paused(&self, shared: &Shared) -> bool {
        self.verifying.is_some() && self.behind.len() >= shared.settings.session.outstanding_max
    }

    /// Ends the session after a fault of the server.
    pub(super) fn fail(&mut self, hands: &mut Hands) -> Result<Next, Ended> {
        hands.deliveries.clear();
        self.unread.extend(farewell(AcsFailure::SystemError));
        self.begin_draining(&mut hands.buffer)
    }

    fn next(&self, shared: &Shared, again: bool) -> Next {
        let mut interest = EpollFlags::empty();
        if self.unread_octets() < READ_PAUSE_OCTETS && !self.is_paused(shared) {
            interest |= EpollFlags::EPOLLIN;
        }
        if self.is_sending() {
            interest |= EpollFlags::EPOLLOUT;
        }
        let session = self.session.next_time().map(|time| shared.started + time);
        let stall = self.is_sending().then(|| self.stalled_since + shared.settings.stall_limit);
        Next { interest, deadline: session.into_iter().chain(stall).min(), again }
    }

    /// Does what the session wants done; returns the reason if it is over.
    fn step(&mut self, shared: &Shared) -> Option<CloseReason> {
        while let Some(output) = self.session.poll_output() {
            match output {
                ServerOutput::Send(octets) => {
                    if self.unread_octets() == 0 {
                        self.stalled_since = Instant::now();
                        self.sent = 0;
                        let mut empty = core::mem::replace(&mut self.unread, octets);
                        empty.clear();
                        self.session.lend(empty);
                    } else {
                        self.unread.extend_from_slice(&octets);
                    }
                }
                ServerOutput::LogIn { login, password } => {
                    let (login, address) = (login.as_str().to_owned(), self.address());
                    let asked = Verification::User { id: self.id, login, password, address };
                    if let Err(failure) = shared.verify(asked) {
                        self.session.handle_login(shared.now(), Err(failure));
                    }
                }
                ServerOutput::Opened { login } => {
                    self.outbox.mark_open();
                    shared.backend.opened(self.id, login.as_str());
                }
                ServerOutput::Request { invoke, request, data } => {
                    self.handle_request(shared, Asked { invoke, request, data, has_place: false });
                }
                ServerOutput::Closed { why } => return Some(why),
            }
        }
        None
    }

    fn deliver(&mut self, shared: &Shared, delivery: Delivery) {
        match delivery {
            Delivery::Reply(answer) => self.handle_reply(shared, answer.invoke, answer.result, answer.data),
            Delivery::Report { monitor, report } => {
                if report.ends_monitor() {
                    self.end_monitor();
                }
                self.session.handle_report(monitor, &report);
            }
            Delivery::SwitchRequest(asked) => self.session.handle_switch_request(&asked.0, &asked.1),
            Delivery::EventReport(report) => self.session.handle_event_report(&report.0, &report.1),
            Delivery::SystemStatus(status) => self.session.handle_system_status(status),
            Delivery::Rights(rights) => self.session.handle_rights(rights),
            Delivery::LogIn(result) => self.handle_login(shared, result),
            Delivery::AgentVerified(verified) => self.handle_agent_verified(shared, verified),
            Delivery::End(failure) => self.session.end(failure),
        }
    }

    /// The password has been verified: a good one takes a stream of its user's share.
    fn handle_login(&mut self, shared: &Shared, result: Result<Arc<Rights>, AcsFailure>) {
        let result = result.and_then(|rights| {
            let login = self.session.login().ok_or(AcsFailure::NoAcsStream)?.as_str().to_owned();
            let share = shared.shares.lock().open(&shared.settings, self.id, &login);
            self.user = Some((login, share.ok_or(AcsFailure::UserLicensesExceeded)?));
            Ok(rights)
        });
        self.session.handle_login(shared.now(), result);
    }

    fn log_close(&self, shared: &Shared, why: CloseReason) {
        if let CloseReason::Refused(failure) = why {
            shared.backend.audit(&Audit::Stream { peer: self.peer, failure });
        }
    }

    fn address(&self) -> IpAddr {
        self.peer.ip()
    }

    fn read(&mut self, shared: &Shared, buffer: &mut [u8]) -> io::Result<()> {
        self.readable = false;
        match self.transport.read(buffer) {
            Ok((0, _)) => Err(ErrorKind::UnexpectedEof.into()),
            Ok((length, more)) => {
                self.readable = more;
                self.session.handle_octets(shared.now(), &buffer[..length]);
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends what the socket takes.
    fn flush(&mut self) -> io::Result<()> {
        loop {
            if self.transport.flush()? > 0 {
                self.stalled_since = Instant::now();
            }
            if self.unread_octets() == 0 || self.transport.wants_write() {
                break;
            }
            match self.transport.write(&self.unread[self.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => {
                    self.sent += length;
                    self.stalled_since = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.unread_octets() == 0 {
            self.unread.clear();
            self.sent = 0;
        } else if self.sent > self.unread.len() / 2 {
            self.unread.drain(..self.sent);
            self.sent = 0;
        }
        Ok(())
    }

    fn unread_octets(&self) -> usize {
        self.unread.len() - self.sent
    }

    /// Returns true while octets wait for the socket.
    fn is_sending(&self) -> bool {
        self.unread_octets() > 0 || self.transport.wants_write()
    }

    fn is_stalled(&self, limit: Duration) -> bool {
        self.is_sending() && self.stalled_since.elapsed() >= limit
    }

    /// Ends the stream of a client that does not read; the failure is for its counters alone.
    fn too_slow(&mut self) -> Ended {
        self.session.end(AcsFailure::MessageHighWaterMark);
        *self.outbox.counters.lock() = *self.session.counters();
        Ended::TooSlow
    }

    fn begin_draining(&mut self, buffer: &mut [u8]) -> Result<Next, Ended> {
        self.phase = Phase::Draining { until: Instant::now() + LINGER, shut_down: false };
        self.drain(false, buffer)
    }

    /// Sends the last frames, then waits until the client closes: a socket closed with octets unread would take back
    /// what was sent.
    fn drain(&mut self, readable: bool, buffer: &mut [u8]) -> Result<Next, Ended> {
        let Phase::Draining { until, shut_down } = &mut self.phase else { return Err(Ended::Orderly) };
        let (until, was_shut_down) = (*until, core::mem::replace(shut_down, true));
        if readable {
            match self.transport.read(buffer) {
                Ok((0, _)) => return Err(Ended::Orderly),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return Err(Ended::Orderly),
            }
        }
        self.flush().map_err(|_| Ended::Orderly)?;
        if self.is_sending() {
            self.phase = Phase::Draining { until, shut_down: was_shut_down };
        } else if !was_shut_down {
            self.transport.shut_down().map_err(|_| Ended::Orderly)?;
        }
        if Instant::now() >= until {
            return Err(Ended::Orderly);
        }
        let write = if self.is_sending() { EpollFlags::EPOLLOUT } else { EpollFlags::empty() };
        Ok(Next { interest: EpollFlags::EPOLLIN | write, deadline: Some(until), again: false })
    }
}

/// Lets the kernel find dead clients, and keeps its buffer within the bound.
fn set_options(stream: &TcpStream, settings: &Settings) -> nix::Result<()> {
    let seconds = |length: Duration| u32::try_from(length.as_secs().max(1)).unwrap_or(u32::MAX);
    setsockopt(stream, sockopt::SndBuf, &settings.send_buffer_octets)?;
    setsockopt(stream, sockopt::KeepAlive, &true)?;
    setsockopt(stream, sockopt::TcpKeepIdle, &seconds(settings.keep_alive))?;
    setsockopt(stream, sockopt::TcpKeepInterval, &seconds(settings.keep_alive / 3))?;
    setsockopt(stream, sockopt::TcpKeepCount, &3)?;
    setsockopt(stream, sockopt::TcpUserTimeout, &u32::try_from(settings.stall_limit.as_millis()).unwrap_or(u32::MAX))
}

/// Refuses a client for which there is no place.
pub(super) fn turn_away(mut stream: &TcpStream) {
    // A new socket takes these few octets at once; a client that is gone already has no need of them.
    let _ = stream.set_nonblocking(true);
    let _ = stream.write(&farewell(AcsFailure::NoThread));
}

fn farewell(error: AcsFailure) -> Vec<u8> {
    let message = Acs::UniversalFailure { error };
    let header = Header::new(message.class(), message.number(), 0);
    // A single number always fits.
    frame::build(header, &[], |writer| message.write(writer)).unwrap_or_default()
}
