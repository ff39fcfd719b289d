//! One connection's thread: a socket, a session, a mailbox, and one wait for all of them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tipring_csta_types::id::SessionId;

use super::mailbox::{Delivery, Mailbox, Overflowed};
use super::{Shared, locked};
use crate::frame::{self, Header};
use crate::pdu::acs::{Acs, AcsFailure};
use crate::pdu::{Framed, Pdu};
use crate::session::{CloseReason, ServerOutput, ServerSession};

/// Octets read at a time: more than any honest client sends between two waits.
const READ_OCTETS: usize = 16 * 1024;
/// With so many octets unread by the client, nothing more is read from it.
const READ_PAUSE_OCTETS: usize = 64 * 1024;
/// How long a session that is over waits for its client to take the last frames and close.
const LINGER: Duration = Duration::from_secs(2);

/// How a connection ended.
pub(super) enum Ended {
    /// The session came to its end, and the client was told as far as it listened.
    Orderly,
    /// The client was gone without a word.
    Lost,
    /// The client did not read what it was sent.
    TooSlow,
}

pub(super) struct Connection<'a> {
    shared: &'a Shared,
    id: SessionId,
    stream: TcpStream,
    session: ServerSession,
    mailbox: Arc<Mailbox>,
    /// What is to be sent, and how much of it has been.
    unread: Vec<u8>,
    sent: usize,
    /// When octets began to wait without any of them being taken.
    stalled_since: Instant,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        id: SessionId,
        stream: TcpStream,
        session: ServerSession,
        mailbox: Arc<Mailbox>,
    ) -> io::Result<Connection<'a>> {
        stream.set_nonblocking(true)?;
        // Events are small and must not wait for each other.
        stream.set_nodelay(true)?;
        let stalled_since = Instant::now();
        Ok(Connection { shared, id, stream, session, mailbox, unread: Vec::new(), sent: 0, stalled_since })
    }

    /// Serves the client until the session is over.
    pub(super) fn run(&mut self) -> Ended {
        loop {
            let closed = self.step();
            *locked(&self.mailbox.counters) = *self.session.counters();
            match (self.flush(), closed) {
                (Err(_), None) => return Ended::Lost,
                (Err(_), Some(_)) => return Ended::Orderly,
                (Ok(()), Some(_)) => {
                    self.linger();
                    return Ended::Orderly;
                }
                (Ok(()), None) => {}
            }
            if self.unread_octets() > self.shared.settings.unread_octets_max || self.is_stalled() {
                return self.give_up();
            }
            let (readable, rung) = self.wait();
            if rung {
                match self.mailbox.take() {
                    Ok(deliveries) => deliveries.into_iter().for_each(|delivery| self.deliver(delivery)),
                    Err(Overflowed) => return self.give_up(),
                }
            }
            if readable && self.read().is_err() {
                return Ended::Lost;
            }
            self.session.handle_time(now(self.shared.started));
        }
    }

    /// A last word to a client whose session went wrong.
    pub(super) fn apologise(&mut self) {
        self.unread.extend(farewell(AcsFailure::SystemError));
        if self.flush().is_ok() {
            self.linger();
        }
    }

    /// Does what the session wants done; tells why if it wants to be over.
    fn step(&mut self) -> Option<CloseReason> {
        while let Some(output) = self.session.poll_output() {
            match output {
                ServerOutput::Send(octets) => {
                    if self.unread_octets() == 0 {
                        self.stalled_since = Instant::now();
                    }
                    self.unread.extend_from_slice(&octets);
                }
                ServerOutput::Opened { login } => {
                    self.mailbox.mark_open();
                    self.shared.backend.opened(self.id, login.as_str());
                }
                ServerOutput::Request { invoke, request, data } => {
                    if let Err(failure) = self.shared.backend.request(self.id, invoke, request, data) {
                        self.session.handle_reply(invoke, Err(failure), None);
                    }
                }
                ServerOutput::Closed { why } => return Some(why),
            }
        }
        None
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Reply { invoke, result, data } => self.session.handle_reply(invoke, result, data),
            Delivery::SwitchRequest { request, data } => self.session.handle_switch_request(&request, &data),
            Delivery::EventReport { report, data } => self.session.handle_event_report(&report, &data),
            Delivery::Report { monitor, event, data } => self.session.handle_report(monitor, &event, &data),
            Delivery::SystemStatus(status) => self.session.handle_system_status(status),
            Delivery::Stop => self.session.end(AcsFailure::AcsHandleTermination),
        }
    }

    /// Waits for the socket, the mailbox or the session's time. Tells whether the first two have something.
    fn wait(&self) -> (bool, bool) {
        let mut events = PollFlags::empty();
        if self.unread_octets() < READ_PAUSE_OCTETS {
            events |= PollFlags::POLLIN;
        }
        if self.unread_octets() > 0 {
            events |= PollFlags::POLLOUT;
        }
        let mut fds = [PollFd::new(self.stream.as_fd(), events), PollFd::new(self.mailbox.bell(), PollFlags::POLLIN)];
        match poll(&mut fds, self.timeout()) {
            Ok(_) => {
                let ready = |fd: &PollFd<'_>, wanted| fd.revents().is_some_and(|events| events.intersects(wanted));
                let readable = PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR;
                (ready(&fds[0], readable), ready(&fds[1], PollFlags::POLLIN))
            }
            // Interrupted: as if nothing had come. Anything else cannot be with two good descriptors.
            Err(Errno::EINTR) => (false, false),
            Err(_) => (true, true),
        }
    }

    fn timeout(&self) -> PollTimeout {
        let session =
            self.session.next_time().map(|time| time.saturating_sub(now(self.shared.started)).as_millis() as u64 + 1);
        let limit = self.shared.settings.stall_limit;
        let stall = (self.unread_octets() > 0)
            .then(|| limit.saturating_sub(self.stalled_since.elapsed()).as_millis() as u64 + 1);
        match session.into_iter().chain(stall).min() {
            // A minute's more or less does no harm: the loop just looks again.
            Some(ms) => PollTimeout::from(ms.min(60_000) as u16),
            None => PollTimeout::NONE,
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let mut octets = [0; READ_OCTETS];
        match self.stream.read(&mut octets) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                self.session.handle_octets(now(self.shared.started), &octets[..length]);
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends what the socket takes.
    fn flush(&mut self) -> io::Result<()> {
        while self.unread_octets() > 0 {
            match self.stream.write(&self.unread[self.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => {
                    self.sent += length;
                    self.stalled_since = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.unread.clear();
        self.sent = 0;
        Ok(())
    }

    fn unread_octets(&self) -> usize {
        self.unread.len() - self.sent
    }

    fn is_stalled(&self) -> bool {
        self.unread_octets() > 0 && self.stalled_since.elapsed() >= self.shared.settings.stall_limit
    }

    /// Ends the stream of a client that does not read. It is told, but will hardly hear it.
    fn give_up(&mut self) -> Ended {
        self.session.end(AcsFailure::MessageHighWaterMark);
        *locked(&self.mailbox.counters) = *self.session.counters();
        Ended::TooSlow
    }

    /// Lets the client take the last frames and close first: a socket closed with octets unheard would take back what
    /// was sent.
    fn linger(&mut self) {
        let deadline = Instant::now() + LINGER;
        let left = || Some(deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero());
        let mut last = || -> io::Result<()> {
            self.stream.set_nonblocking(false)?;
            self.stream.set_write_timeout(left())?;
            self.stream.write_all(&self.unread[self.sent..])?;
            self.stream.shutdown(Shutdown::Write)?;
            let mut octets = [0; 1024];
            while let Some(left) = left() {
                self.stream.set_read_timeout(Some(left))?;
                if self.stream.read(&mut octets)? == 0 {
                    break;
                }
            }
            Ok(())
        };
        // Whatever fails now, the connection ends.
        let _ = last();
    }
}

/// Tells a client that there is no place for it.
pub(super) fn turn_away(mut stream: &TcpStream) {
    // A new socket takes these few octets at once; a client that is gone already has no need of them.
    let _ = stream.set_nonblocking(true);
    let _ = stream.write(&farewell(AcsFailure::NoThread));
}

/// The server's clock in ticks since it started.
pub(super) fn now(started: Instant) -> Duration {
    started.elapsed()
}

fn farewell(error: AcsFailure) -> Vec<u8> {
    let message = Acs::UniversalFailure { error };
    let header = Header::new(message.class(), message.number(), 0);
    // A single number always fits.
    frame::build(header, &[], |writer| message.write(writer)).unwrap_or_default()
}
