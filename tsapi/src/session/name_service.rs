//! The client's end of the name service: which Tlinks there are, and where.
//!
//! A conversation of its own on a connection of its own: ask until there are no more, then leave.

use core::net::SocketAddr;
use std::collections::VecDeque;

use core::time::Duration;

use super::login::read_address;
use super::{CloseReason, LOGIN_STEP_LIMIT};
use crate::error::PduError;
use crate::frame::{self, EventClass, Frame, Header, Reassembly};
use crate::pdu::acs::{Acs, NameAddress, StreamType};
use crate::pdu::{Framed, Pdu};

/// The most Tlinks a client takes note of.
const SERVERS_MAX: usize = 256;

/// A Tlink that a name service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedServer {
    /// Its name.
    pub name: String,
    /// Address at which it says it listens. Clients usually take only the port of it, and the address from where they
    /// asked.
    pub address: SocketAddr,
}

/// Output of the conversation, to be handled in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOutput {
    /// Send this.
    Send(Vec<u8>),
    /// It is over: send what is left, then close the connection.
    Done {
        /// The Tlinks, or why there is no list.
        result: Result<Vec<NamedServer>, CloseReason>,
    },
}

/// The client's end of the name service.
#[derive(Debug)]
pub struct NameLookup {
    invoke: u32,
    deadline: Duration,
    servers: Vec<NamedServer>,
    done: bool,
    reassembly: Reassembly,
    outputs: VecDeque<NameOutput>,
}

impl NameLookup {
    /// Asks at once; the server has 10 s.
    pub fn new(now: Duration) -> NameLookup {
        let mut lookup = NameLookup {
            invoke: 0,
            deadline: now + LOGIN_STEP_LIMIT,
            servers: Vec::new(),
            done: false,
            reassembly: Reassembly::new(),
            outputs: VecDeque::new(),
        };
        lookup.send(&Acs::NameRequest { stream_type: StreamType::Csta });
        lookup
    }

    /// Octets from the server, cut anywhere.
    pub fn handle_octets(&mut self, octets: &[u8]) {
        let mut reassembly = core::mem::take(&mut self.reassembly);
        reassembly.push(octets);
        while !self.done {
            match reassembly.frame() {
                Ok(Some(frame)) => self.handle_frame(&frame),
                Ok(None) => break,
                Err(error) => self.finish(Err(CloseReason::Frame(error))),
            }
        }
        self.reassembly = reassembly;
    }

    /// Time has passed.
    pub fn handle_time(&mut self, now: Duration) {
        if !self.done && now >= self.deadline {
            self.finish(Err(CloseReason::TimedOut));
        }
    }

    /// Time of the next [`NameLookup::handle_time`].
    pub fn next_time(&self) -> Option<Duration> {
        (!self.done).then_some(self.deadline)
    }

    /// Returns the next output.
    pub fn poll_output(&mut self) -> Option<NameOutput> {
        self.outputs.pop_front()
    }

    fn handle_frame(&mut self, frame: &Frame<'_>) {
        if frame.header.class != EventClass::AcsConfirmation || frame.header.invoke != self.invoke {
            return;
        }
        match Acs::read(frame.header.pdu, frame.body) {
            Ok(Acs::NameReply { more, list }) => {
                // An entry whose address is of no known kind is of no use.
                let known = |entry: &NameAddress| {
                    let address = read_address(entry.address.as_slice())?;
                    Some(NamedServer { name: entry.name.as_str().into(), address })
                };
                self.servers.extend(list.iter().filter_map(known));
                if more && !list.is_empty() && self.servers.len() < SERVERS_MAX {
                    self.send(&Acs::NameRequest { stream_type: StreamType::Csta });
                } else {
                    self.send(&Acs::AbortStream);
                    let servers = core::mem::take(&mut self.servers);
                    self.finish(Ok(servers));
                }
            }
            Ok(Acs::UniversalFailureConf { error }) => self.finish(Err(CloseReason::Refused(error))),
            Ok(_) => self.finish(Err(CloseReason::Message(PduError::Unsupported { pdu: frame.header.pdu }))),
            Err(error) => self.finish(Err(CloseReason::Message(error))),
        }
    }

    fn send(&mut self, message: &Acs) {
        self.invoke += 1;
        let header = Header::new(message.class(), message.number(), self.invoke);
        let octets = frame::build(header, &[], |writer| message.write(writer));
        // The two messages sent here have 26 octets and 27.
        self.outputs.push_back(NameOutput::Send(octets.expect("short")));
    }

    fn finish(&mut self, result: Result<Vec<NamedServer>, CloseReason>) {
        self.done = true;
        self.outputs.push_back(NameOutput::Done { result });
    }
}
