//! The stream to the process that holds the card: messages out, replies in, in order, each within the deadline.
//!
//! The deadline is the socket's own: it bounds each wait for octets, and no clock is read here. After the first failure
//! the stream may be out of step, so it is never used again: every later operation says that the card is gone.
//!
//! Never: knows what a register is. Nothing here allocates once the connection stands.

use core::task::Poll;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, recv, send, sendmsg};

use super::wire::{self, Command, HEADER, Header, MESSAGE_MAX, Reply};
use crate::pci::{Breach, PciErrorKind};

/// Octets collected before they are sent: all posted writes of a transaction of about 1,900 accesses.
const OUTBOX: usize = 64 * 1024;

/// Longest wait for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Each wait as long as the deadline.
    Deadline,
    /// This many waits of a millisecond, all together; then the answer is that it is pending.
    Moments(u8),
}

pub(super) struct Connection {
    stream: UnixStream,
    deadline: Duration,
    next_id: u16,
    outbox: Vec<u8>,
    /// Octets of the outbox that have been sent.
    sent: usize,
    inbox: Box<[u8]>,
    /// Octets of the inbox received and not yet taken.
    received: std::ops::Range<usize>,
    broken: bool,
}

impl Connection {
    /// Connects to a socket. Nothing has been said yet.
    pub(super) fn open(path: &Path, deadline: Duration) -> Result<Connection, PciErrorKind> {
        let metadata = std::fs::metadata(path).map_err(PciErrorKind::Io)?;
        if !metadata.file_type().is_socket() {
            return Err(PciErrorKind::Protocol("the path is not a socket".into()));
        }
        let stream = UnixStream::connect(path).map_err(PciErrorKind::Io)?;
        stream.set_read_timeout(Some(deadline)).map_err(PciErrorKind::Io)?;
        stream.set_write_timeout(Some(deadline)).map_err(PciErrorKind::Io)?;
        Ok(Connection {
            stream,
            deadline,
            next_id: 0,
            outbox: Vec::with_capacity(OUTBOX),
            sent: 0,
            inbox: vec![0; 2 * MESSAGE_MAX].into_boxed_slice(),
            received: 0..0,
            broken: false,
        })
    }

    /// The longest wait for octets.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Returns true if a message with a body of this length has to wait until the outbox is sent.
    pub(super) fn is_full(&self, length: usize) -> bool {
        self.outbox.len() + HEADER + length > OUTBOX
    }

    /// Appends a message to what will be sent, which must not be [full](Connection::is_full); `body` must append
    /// exactly `length` octets. Gives the message's id.
    pub(super) fn put(
        &mut self,
        command: Command,
        length: usize,
        reply: Reply,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> u16 {
        debug_assert!(!self.is_full(length), "the outbox is sent before it is full");
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        wire::put_header(&mut self.outbox, id, command, length, reply);
        let start = self.outbox.len();
        body(&mut self.outbox);
        debug_assert_eq!(self.outbox.len() - start, length, "a message is as long as its header says");
        id
    }

    /// Puts one message, sends it, with a descriptor if one is given, and waits for its reply. Gives the reply's body.
    pub(super) fn call(
        &mut self,
        command: Command,
        length: usize,
        descriptor: Option<BorrowedFd<'_>>,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Result<&[u8], PciErrorKind> {
        ready(self.flush(&mut Wait::Deadline)?);
        let id = self.put(command, length, Reply::Wanted, body);
        match descriptor {
            None => ready(self.flush(&mut Wait::Deadline)?),
            Some(descriptor) => {
                ready(self.send(&[ControlMessage::ScmRights(&[descriptor.as_raw_fd()])], &mut Wait::Deadline)?);
            }
        }
        ready(self.await_reply(command, id, &mut Wait::Deadline)?);
        self.take_reply()
    }

    /// Sends what was put.
    pub(super) fn flush(&mut self, wait: &mut Wait) -> Result<Poll<()>, PciErrorKind> {
        self.send(&[], wait)
    }

    /// Sends the outbox; control messages go with its first octets.
    fn send(&mut self, control: &[ControlMessage<'_>], wait: &mut Wait) -> Result<Poll<()>, PciErrorKind> {
        if self.broken {
            return Err(PciErrorKind::Gone);
        }
        let socket = self.stream.as_raw_fd();
        // MSG_NOSIGNAL: a card that has gone must not kill the program that hosts us.
        let flags = MsgFlags::MSG_NOSIGNAL | wait.flags();
        while self.sent < self.outbox.len() {
            let rest = &self.outbox[self.sent..];
            let result = if self.sent == 0 && !control.is_empty() {
                sendmsg::<UnixAddr>(socket, &[IoSlice::new(rest)], control, flags, None)
            } else {
                send(socket, rest, flags)
            };
            match result {
                Ok(octets) => self.sent += octets,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) if *wait != Wait::Deadline => {
                    if !wait.for_moment(&self.stream, PollFlags::POLLOUT) {
                        return Ok(Poll::Pending);
                    }
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
        self.outbox.clear();
        self.sent = 0;
        Ok(Poll::Ready(()))
    }

    /// Waits for the reply to message `id`, which is then [taken](Connection::take_reply). Replies come in the order of
    /// the messages.
    pub(super) fn await_reply(&mut self, command: Command, id: u16, wait: &mut Wait) -> Result<Poll<()>, PciErrorKind> {
        if self.fill(HEADER, wait)?.is_pending() {
            return Ok(Poll::Pending);
        }
        let header = self.header();
        let length = header.length as usize;
        if !header.is_reply() || header.command != command as u16 || header.id != id {
            return Err(self.protocol(Breach::NotTheReply {
                awaited: id,
                purpose: command.purpose(),
                id: header.id,
                command: header.command,
                is_reply: header.is_reply(),
            }));
        }
        if !(HEADER..=MESSAGE_MAX).contains(&length) {
            return Err(self.protocol(Breach::Length { octets: length }));
        }
        self.fill(length, wait)
    }

    /// The body of the reply that was awaited, or what it was refused with: then the connection stays good.
    pub(super) fn take_reply(&mut self) -> Result<&[u8], PciErrorKind> {
        let header = self.header();
        let start = self.received.start;
        self.received.start += header.length as usize;
        match header.refusal() {
            Some(number) => Err(PciErrorKind::Io(io::Error::from_raw_os_error(number as i32))),
            None => Ok(&self.inbox[start + HEADER..self.received.start]),
        }
    }

    /// The header at the head of the inbox, which must be there.
    fn header(&self) -> Header {
        let head = &self.inbox[self.received.start..][..HEADER];
        Header::parse(head.try_into().expect("a slice of that length"))
    }

    /// Waits until at least `octets` lie in the inbox.
    fn fill(&mut self, octets: usize, wait: &mut Wait) -> Result<Poll<()>, PciErrorKind> {
        if self.broken {
            return Err(PciErrorKind::Gone);
        }
        if self.received.is_empty() {
            self.received = 0..0;
        } else if self.inbox.len() - self.received.start < octets {
            self.inbox.copy_within(self.received.clone(), 0);
            self.received = 0..self.received.len();
        }
        while self.received.len() < octets {
            match recv(self.stream.as_raw_fd(), &mut self.inbox[self.received.end..], wait.flags()) {
                Ok(0) => return Err(self.fail(Errno::ECONNRESET)),
                Ok(count) => self.received.end += count,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) if *wait != Wait::Deadline => {
                    if !wait.for_moment(&self.stream, PollFlags::POLLIN) {
                        return Ok(Poll::Pending);
                    }
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
        Ok(Poll::Ready(()))
    }

    /// Ends the use of the stream because the other side has not answered in time.
    pub(super) fn give_up(&mut self) -> PciErrorKind {
        self.fail(Errno::EAGAIN)
    }

    /// Ends the use of the stream, and says why.
    fn fail(&mut self, error: Errno) -> PciErrorKind {
        self.broken = true;
        match error {
            Errno::EPIPE | Errno::ECONNRESET => PciErrorKind::Gone,
            Errno::EAGAIN | Errno::ETIMEDOUT => PciErrorKind::Deadline,
            _ => PciErrorKind::Io(error.into()),
        }
    }

    /// Ends the use of the stream because the other side does not keep to the protocol.
    pub(super) fn protocol(&mut self, what: Breach) -> PciErrorKind {
        self.broken = true;
        PciErrorKind::Protocol(what)
    }
}

impl Wait {
    fn flags(self) -> MsgFlags {
        match self {
            Wait::Deadline => MsgFlags::empty(),
            Wait::Moments(_) => MsgFlags::MSG_DONTWAIT,
        }
    }

    /// Spends one of the moments on waiting for the stream. False if there is none left.
    fn for_moment(&mut self, stream: &UnixStream, what: PollFlags) -> bool {
        match self {
            Wait::Deadline => true,
            Wait::Moments(0) => false,
            Wait::Moments(left) => {
                *left -= 1;
                // Whether it came shows in the next attempt.
                let _ = poll(&mut [PollFd::new(stream.as_fd(), what)], PollTimeout::from(1u8));
                true
            }
        }
    }
}

/// A wait as long as the deadline is never pending.
fn ready(poll: Poll<()>) {
    debug_assert!(poll.is_ready(), "the deadline ends in an error");
}
