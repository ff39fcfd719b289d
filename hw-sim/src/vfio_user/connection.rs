//! The two ends of a client's stream: octets and descriptors to messages, answers to octets.
//!
//! Descriptors travel beside the stream. The kernel hands them over with the first octets of the write they came with,
//! and ends a read after those octets; a client writes each message that carries some by itself. So descriptors belong
//! to the last message that begins in the read they came with.

#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, send};

use super::wire::{DESCRIPTORS_MAX, HEADER, Header, MESSAGE_MAX};

/// Octets read at once.
const READ_MAX: usize = 64 * 1024;
/// The most descriptor batches that wait for their message; a client that sends more is cut off.
const BATCHES_MAX: usize = 64;

/// Outcome of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// Octets have come.
    Octets,
    /// Nothing yet.
    Nothing,
    /// The client is gone.
    Closed,
}

/// Message at the head of the stream.
pub(super) enum Next {
    /// A whole message: its header, where its body lies, and its descriptors.
    Message(Header, Range<usize>, Vec<OwnedFd>),
    /// A message that is too long to be kept; it is passed over.
    TooLong(Header),
    /// Not yet a whole message.
    Incomplete,
    /// A length that cannot be; where the next message begins is unknown.
    OutOfStep,
}

/// The client's half of the stream.
pub(super) struct Inbox {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Stream offset of `buffer[start]`.
    position: u64,
    /// Octets of a message that is too long, still to come.
    passing: usize,
    /// Descriptors, each batch with the stream offset at which its read ended.
    batches: VecDeque<(u64, Vec<OwnedFd>)>,
    /// Room for descriptors as the kernel hands them over.
    control: Vec<u8>,
}

impl Default for Inbox {
    fn default() -> Self {
        Inbox {
            buffer: vec![0; MESSAGE_MAX + READ_MAX],
            start: 0,
            end: 0,
            position: 0,
            passing: 0,
            batches: VecDeque::new(),
            control: nix::cmsg_space!([RawFd; DESCRIPTORS_MAX]),
        }
    }
}

impl Inbox {
    /// Reads what is there, without waiting.
    pub(super) fn receive(&mut self, stream: &UnixStream) -> io::Result<Received> {
        if self.buffer.len() - self.end < READ_MAX {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let space = &mut self.buffer[self.end..];
        let length = space.len().min(READ_MAX);
        let mut parts = [IoSliceMut::new(&mut space[..length])];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
        let message = match recvmsg::<()>(stream.as_raw_fd(), &mut parts, Some(&mut self.control), flags) {
            Ok(message) => message,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(Received::Nothing),
            Err(Errno::ECONNRESET) => return Ok(Received::Closed),
            Err(error) => return Err(error.into()),
        };
        let octets = message.bytes;
        let mut descriptors = Vec::new();
        if let Ok(control) = message.cmsgs() {
            for part in control {
                if let ControlMessageOwned::ScmRights(received) = part {
                    for raw in received {
                        // SAFETY: the kernel has just made this descriptor for this process; it has no other owner.
                        descriptors.push(unsafe { OwnedFd::from_raw_fd(raw) });
                    }
                }
            }
        }
        if octets == 0 {
            return Ok(Received::Closed);
        }
        self.end += octets;
        if !descriptors.is_empty() {
            if self.batches.len() == BATCHES_MAX {
                return Err(io::Error::other("more descriptors than messages that could want them"));
            }
            self.batches.push_back((self.position + (self.end - self.start) as u64, descriptors));
        }
        Ok(Received::Octets)
    }

    /// Takes the message at the head of the stream.
    pub(super) fn next(&mut self) -> Next {
        if self.passing > 0 {
            let passed = self.passing.min(self.end - self.start);
            self.passing -= passed;
            self.advance(passed);
            if self.passing > 0 {
                return Next::Incomplete;
            }
        }
        let waiting = &self.buffer[self.start..self.end];
        let Some(header) = Header::parse(waiting).filter(|_| waiting.len() >= HEADER) else {
            return Next::Incomplete;
        };
        let size = header.size as usize;
        if size < HEADER {
            return Next::OutOfStep;
        }
        if size > MESSAGE_MAX {
            drop(self.descriptors(size));
            self.advance(HEADER);
            self.passing = size - HEADER;
            return Next::TooLong(header);
        }
        if waiting.len() < size {
            return Next::Incomplete;
        }
        let descriptors = self.descriptors(size);
        let body = self.start + HEADER..self.start + size;
        self.advance(size);
        Next::Message(header, body, descriptors)
    }

    /// The octets of a body, until the next read.
    pub(super) fn body(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The descriptors of the message of that many octets at the head of the stream.
    fn descriptors(&mut self, size: usize) -> Vec<OwnedFd> {
        let end = self.position + size as u64;
        let mut found = Vec::new();
        while let Some((_, batch)) = self.batches.pop_front_if(|(read_end, _)| *read_end <= end) {
            found.extend(batch);
        }
        found
    }

    fn advance(&mut self, octets: usize) {
        self.start += octets;
        self.position += octets as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }
}

/// Our half of the stream: answers not yet taken by the socket.
#[derive(Default)]
pub(super) struct Outbox {
    /// Buffer of answers.
    pub octets: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Limit of waiting octets above which nothing more is read from the client.
    pub(super) const WAITING_MAX: usize = 1 << 20;

    /// Hands to the socket what it takes, without waiting.
    pub(super) fn send(&mut self, stream: &UnixStream) -> io::Result<()> {
        while self.waiting() > 0 {
            let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
            match send(stream.as_raw_fd(), &self.octets[self.sent..], flags) {
                Ok(sent) => self.sent += sent,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.octets.clear();
        self.sent = 0;
        Ok(())
    }

    /// Number of waiting octets.
    pub(super) fn waiting(&self) -> usize {
        self.octets.len() - self.sent
    }
}
