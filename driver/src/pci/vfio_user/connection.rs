//! The stream to the process that holds the card: messages out, replies in, in order, each within the deadline.
//!
//! The deadline is the socket's own: it bounds each wait for octets, and no clock is read here. After the first failure
//! the stream may be out of step, so it is never used again: every later operation says that the card is gone.
//!
//! Never: knows what a register is. Nothing here allocates once the connection stands, except to describe a failure.

use std::io::{self, IoSlice, Read};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, send, sendmsg};

use super::wire::{self, Command, HEADER, Header, MESSAGE_MAX, Reply};
use crate::pci::PciErrorKind;

/// Octets collected before they are sent: all posted writes of a transaction of about 1,900 accesses.
const OUTBOX: usize = 64 * 1024;

pub(super) struct Connection {
    stream: UnixStream,
    deadline: Duration,
    next_id: u16,
    outbox: Vec<u8>,
    inbox: Box<[u8]>,
    /// What of the inbox has been received and not yet taken.
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
            inbox: vec![0; 2 * MESSAGE_MAX].into_boxed_slice(),
            received: 0..0,
            broken: false,
        })
    }

    /// The longest wait for octets.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Appends a message to what will be sent; `body` must append exactly `length` octets. Gives the message's id.
    pub(super) fn put(
        &mut self,
        command: Command,
        length: usize,
        reply: Reply,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Result<u16, PciErrorKind> {
        if self.outbox.len() + HEADER + length > OUTBOX {
            self.flush()?;
        }
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        wire::put_header(&mut self.outbox, id, command, length, reply);
        let start = self.outbox.len();
        body(&mut self.outbox);
        debug_assert_eq!(self.outbox.len() - start, length, "a message is as long as its header says");
        Ok(id)
    }

    /// Sends what was put.
    pub(super) fn flush(&mut self) -> Result<(), PciErrorKind> {
        self.send_outbox(&[])
    }

    /// Puts one message, sends it, with a descriptor if one is given, and waits for its reply. Gives the reply's body.
    pub(super) fn call(
        &mut self,
        command: Command,
        length: usize,
        descriptor: Option<BorrowedFd<'_>>,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Result<&[u8], PciErrorKind> {
        self.flush()?;
        let id = self.put(command, length, Reply::Wanted, body)?;
        match descriptor {
            None => self.send_outbox(&[])?,
            Some(descriptor) => self.send_outbox(&[ControlMessage::ScmRights(&[descriptor.as_raw_fd()])])?,
        }
        self.receive(command, id)
    }

    /// Sends the outbox; control messages go with its first octets.
    fn send_outbox(&mut self, control: &[ControlMessage<'_>]) -> Result<(), PciErrorKind> {
        if self.broken {
            return Err(PciErrorKind::Gone);
        }
        let socket = self.stream.as_raw_fd();
        let mut sent = 0;
        while sent < self.outbox.len() {
            let rest = &self.outbox[sent..];
            // MSG_NOSIGNAL: a card that has gone must not kill the program that hosts us.
            let result = if sent == 0 && !control.is_empty() {
                sendmsg::<UnixAddr>(socket, &[IoSlice::new(rest)], control, MsgFlags::MSG_NOSIGNAL, None)
            } else {
                send(socket, rest, MsgFlags::MSG_NOSIGNAL)
            };
            match result {
                Ok(octets) => sent += octets,
                Err(nix::Error::EINTR) => {}
                Err(error) => return Err(self.fail(error.into())),
            }
        }
        self.outbox.clear();
        Ok(())
    }

    /// Waits for the reply to message `id`. Replies come in the order of the messages.
    pub(super) fn receive(&mut self, command: Command, id: u16) -> Result<&[u8], PciErrorKind> {
        self.fill(HEADER)?;
        let start = self.received.start;
        let head = self.inbox[start..start + HEADER].try_into().expect("a slice of that length");
        let header = Header::parse(head);
        let length = header.length as usize;
        if !header.is_reply() || header.command != command as u16 || header.id != id {
            return Err(self.protocol(format!(
                "after message {id} ({}) came message {} with command {}{}",
                command.purpose(),
                header.id,
                header.command,
                if header.is_reply() { "" } else { ", which is not a reply" },
            )));
        }
        if !(HEADER..=MESSAGE_MAX).contains(&length) {
            return Err(self.protocol(format!("a reply claims to have {length} octets")));
        }
        self.fill(length)?;
        let start = self.received.start;
        self.received.start += length;
        if let Some(number) = header.refusal() {
            // A refusal is in step: the connection stays good.
            return Err(PciErrorKind::Io(io::Error::from_raw_os_error(number as i32)));
        }
        Ok(&self.inbox[start + HEADER..start + length])
    }

    /// Waits until at least `octets` lie in the inbox.
    fn fill(&mut self, octets: usize) -> Result<(), PciErrorKind> {
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
            match self.stream.read(&mut self.inbox[self.received.end..]) {
                Ok(0) => return Err(self.fail(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => self.received.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fail(error)),
            }
        }
        Ok(())
    }

    /// Ends the use of the stream, and says why.
    fn fail(&mut self, error: io::Error) -> PciErrorKind {
        self.broken = true;
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
                PciErrorKind::Gone
            }
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => PciErrorKind::Deadline,
            _ => PciErrorKind::Io(error),
        }
    }

    /// Ends the use of the stream because the other side does not keep to the protocol.
    pub(super) fn protocol(&mut self, what: String) -> PciErrorKind {
        self.broken = true;
        PciErrorKind::Protocol(what)
    }
}
