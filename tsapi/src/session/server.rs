//! The server's end of a stream: octets and answers in, octets and requests out.
//!
//! One machine serves both roles of a listener: the name service, and a stream from log-in to close.
//!
//! Bad input: octets that are no frame, or of a class no client sends, end the stream with
//! ACSUniversalFailure; a message about the stream that cannot be read, is not known or out of order gets
//! ACSUniversalFailureConf; a service that cannot be read, is not built or is one too many gets
//! CSTAUniversalFailureConf, and so does a service for which the user has no right. Each is counted.
//!
//! Never: knows what a service does, or which users there are.

mod opening;

use core::net::SocketAddr;
use std::collections::VecDeque;
use std::sync::Arc;

use core::time::Duration;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId};
use tipring_csta_types::private::{ReplyData, ReportData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{Request, SystemStatus};

use opening::{OpenRequest, Opening};

use super::accounts::Secret;
use super::login::{Tlink, Vendor};
use super::report::Report;
use super::system_status::StatusFilter;
use super::{CloseReason, Counters, HEARTBEAT_DEFAULT, HEARTBEAT_SECONDS, Security};
use super::{failure, routing};
use crate::ber::{Ber, Writer};
use crate::error::{FrameError, PduError};
use crate::frame::{self, EventClass, Frame, Header, Reassembly, TooLong};
use crate::pdu::acs::{Acs, AcsFailure, Challenge, LoginId};
use crate::pdu::private_area::{self, Dialect, Private};
use crate::pdu::{Framed, Pdu, reply};

/// Settings of all sessions of a server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The Tlink that is served in the clear.
    pub tlink: Tlink,
    /// The Tlink that is served within TLS, and its port; none without TLS.
    pub secure: Option<(Tlink, u16)>,
    /// True if streams are opened in the clear as well; false leaves the clear listener to the name service.
    pub clear_streams: bool,
    /// The product's version, as clients see it; cut to 20 characters.
    pub version: String,
    /// Requests of one client without an answer at a time.
    pub outstanding_max: usize,
    /// Time limit of opening a stream.
    pub login_limit: Duration,
    /// Heartbeat interval until the client asks for another.
    pub heartbeat: Duration,
}

impl ServerSettings {
    /// Usual settings for a Tlink: 64 waiting requests, 30 s to log in, a heartbeat every 20 s.
    pub fn new(tlink: Tlink) -> ServerSettings {
        ServerSettings {
            tlink,
            secure: None,
            clear_streams: true,
            version: env!("CARGO_PKG_VERSION").into(),
            outstanding_max: 64,
            login_limit: Duration::from_secs(30),
            heartbeat: HEARTBEAT_DEFAULT,
        }
    }
}

/// Output of a server's session, to be handled in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerOutput {
    /// Send this; always whole frames.
    Send(Vec<u8>),
    /// The client wants to log in; answer with [`ServerSession::handle_login`].
    LogIn {
        /// The user.
        login: LoginId,
        /// The password.
        password: Secret,
    },
    /// A user has opened a stream.
    Opened {
        /// The user.
        login: LoginId,
    },
    /// The client asks for a service; answer with [`ServerSession::handle_reply`].
    Request {
        /// To be echoed.
        invoke: InvokeId,
        /// The service.
        request: Request,
        /// Refinements beyond the standard.
        data: Option<Box<RequestData>>,
    },
    /// The session is over: send what is left, then close the connection.
    Closed {
        /// Reason for the end.
        why: CloseReason,
    },
}

/// The server's end of a stream.
pub struct ServerSession {
    settings: Arc<ServerSettings>,
    /// Address of this listener, for the name service.
    address: SocketAddr,
    security: Security,
    challenge: Challenge,
    state: State,
    reassembly: Reassembly,
    /// Frames to be sent; they go out before the other outputs.
    frames: Vec<u8>,
    outputs: VecDeque<ServerOutput>,
    counters: Counters,
}

enum State {
    /// Connected: the name service, or a key request, or the client leaves.
    Connected { deadline: Duration },
    /// The challenge is out; the client may open a stream with it.
    Challenged { deadline: Duration },
    /// The password is being verified; the client waits.
    Verifying { deadline: Duration, opening: Box<Opening> },
    /// The stream is open.
    Open(Stream),
    /// It is over.
    Closed,
}

struct Stream {
    rights: Arc<Rights>,
    /// The version of the interface: on 1, routing travels in its older PDUs.
    api_version: u16,
    vendor: Option<Vendor>,
    /// Status changes that the client does not want; nothing while it wants none.
    status_filter: StatusFilter,
    /// Requests without an answer yet. Clients may use a number twice.
    outstanding: Vec<InvokeId>,
    heartbeat: Duration,
    next_heartbeat: Duration,
}

impl Stream {
    /// Returns a private area of the stream's vendor with the data that `write` makes; empty where there are none.
    fn area(&self, write: impl FnOnce(Dialect) -> Option<Vec<u8>>) -> Vec<u8> {
        let data = self.vendor.as_ref().and_then(|vendor| Some((vendor, write(vendor.dialect()?)?)));
        data.map_or_else(Vec::new, |(vendor, data)| private_area::area(&vendor.name, &data))
    }

    /// Returns what refines a request. Data of another vendor than the stream's are read over.
    fn refinement(
        &self,
        request: &Request,
        private: Option<Private<'_>>,
    ) -> Result<Option<Box<RequestData>>, UniversalFailure> {
        let dialect = |private: &Private<'_>| {
            self.vendor.as_ref().filter(|vendor| vendor.name == private.vendor).and_then(Vendor::dialect)
        };
        let Some((dialect, private)) = private.and_then(|private| Some((dialect(&private)?, private))) else {
            return match request {
                Request::Escape => Err(UniversalFailure::UnrecognizedOperationRejection),
                _ => Ok(None),
            };
        };
        let read = private_area::read_request_data(dialect, request, private.data);
        read.map(|data| Some(Box::new(data))).map_err(failure::of_request)
    }
}

impl ServerSession {
    /// A session for a connection that has just been accepted. `address` is what the name service tells clients, and
    /// `challenge` must be new for every connection.
    pub fn new(
        settings: Arc<ServerSettings>,
        address: SocketAddr,
        security: Security,
        challenge: [u8; 8],
        now: Duration,
    ) -> ServerSession {
        let deadline = now + settings.login_limit;
        ServerSession {
            settings,
            address,
            security,
            challenge: Challenge(challenge),
            state: State::Connected { deadline },
            reassembly: Reassembly::new(),
            frames: Vec::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Returns the session's counters.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns true if a stream is open.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Returns the vendor of the private data, if a stream is open and any travel.
    pub fn vendor(&self) -> Option<&Vendor> {
        match &self.state {
            State::Open(stream) => stream.vendor.as_ref(),
            State::Connected { .. } | State::Challenged { .. } | State::Verifying { .. } | State::Closed => None,
        }
    }

    /// Octets from the client, cut anywhere.
    pub fn handle_octets(&mut self, now: Duration, octets: &[u8]) {
        let mut reassembly = core::mem::take(&mut self.reassembly);
        reassembly.push(octets);
        while !matches!(self.state, State::Closed) {
            match reassembly.frame() {
                Ok(Some(frame)) => self.handle_frame(now, &frame),
                Ok(None) => break,
                Err(error) => {
                    self.counters.bad_frames += 1;
                    self.send_acs(0, &Acs::UniversalFailure { error: failure::of_frame(error) });
                    self.close(CloseReason::Frame(error));
                }
            }
        }
        reassembly.rest();
        self.reassembly = reassembly;
    }

    /// The core's answer to a request.
    pub fn handle_reply(
        &mut self,
        invoke: InvokeId,
        result: Result<Reply, UniversalFailure>,
        data: Option<Box<ReplyData>>,
    ) {
        let State::Open(stream) = &mut self.state else { return };
        let Some(place) = stream.outstanding.iter().position(|waiting| *waiting == invoke) else {
            self.counters.stray_answers += 1;
            return;
        };
        stream.outstanding.swap_remove(place);
        match stream.status_filter.follow(result) {
            Ok(reply) => {
                let header = Header::new(EventClass::CstaConfirmation, reply.number(), invoke.0);
                let area = self.reply_area(&reply, data.as_deref());
                if !self.send(header, &area, |writer| Pdu::write(&reply, writer)) {
                    self.send_failure(invoke.0, UniversalFailure::ResourceLimitationRejection);
                }
            }
            Err(failure) => self.send_failure(invoke.0, failure),
        }
    }

    /// Sends an event to one of the client's monitors, with what the stream's vendor has room for.
    pub fn handle_report(&mut self, monitor: MonitorCrossRefId, report: &Report) {
        let State::Open(stream) = &self.state else { return };
        let appended = report.append(&mut self.frames, monitor, stream.vendor.as_ref());
        self.counters.reports += 1;
        self.count(appended);
    }

    /// Replaces the rights of the user whose stream is open.
    pub fn handle_rights(&mut self, rights: Arc<Rights>) {
        if let State::Open(stream) = &mut self.state {
            stream.rights = rights;
        }
    }

    /// The switch's status has changed: a message for clients that asked for it.
    pub fn handle_system_status(&mut self, status: SystemStatus) {
        let State::Open(stream) = &self.state else { return };
        if stream.status_filter.wants(status) {
            let report = EventReport::SystemStatus { status };
            let header = Header::new(report.class(), report.number(), 0);
            self.send(header, &[], |writer| report.write(writer));
        }
    }

    /// Sends a request of the switch.
    pub fn handle_switch_request(&mut self, request: &SwitchRequest, data: &ReportData) {
        let State::Open(stream) = &self.state else { return };
        let area = stream.area(|dialect| private_area::write_switch_request_data(dialect, request, data.as_deref()?));
        let header = |pdu| Header::new(request.class(), pdu, 0);
        match (stream.api_version, routing::plain_request(request)) {
            (1, Some(plain)) => self.send(header(routing::ROUTE_REQUEST_V1), &area, plain),
            _ => self.send(header(request.number()), &area, |writer| Pdu::write(request, writer)),
        };
    }

    /// Sends a report that belongs to no monitor.
    pub fn handle_event_report(&mut self, report: &EventReport, data: &ReportData) {
        let State::Open(stream) = &self.state else { return };
        let area = stream.area(|dialect| private_area::write_report_data(dialect, data.as_deref()?));
        let header = |pdu| Header::new(report.class(), pdu, 0);
        match (stream.api_version, routing::plain_used(report)) {
            (1, Some(plain)) => self.send(header(routing::ROUTE_USED_V1), &area, plain),
            _ => self.send(header(report.number()), &area, |writer| Pdu::write(report, writer)),
        };
    }

    /// Returns the user whose log-in is being verified.
    pub fn login(&self) -> Option<&LoginId> {
        match &self.state {
            State::Verifying { opening, .. } => Some(&opening.login),
            _ => None,
        }
    }

    /// Returns the private area of a reply; empty where there is none.
    fn reply_area(&self, reply: &Reply, data: Option<&ReplyData>) -> Vec<u8> {
        match &self.state {
            State::Open(stream) => stream.area(|dialect| private_area::write_reply_data(dialect, reply, data)),
            _ => Vec::new(),
        }
    }

    /// Time has passed.
    pub fn handle_time(&mut self, now: Duration) {
        match &mut self.state {
            State::Connected { deadline } | State::Challenged { deadline } | State::Verifying { deadline, .. }
                if now >= *deadline =>
            {
                self.counters.timed_out += 1;
                self.close(CloseReason::TimedOut);
            }
            State::Open(stream) if now >= stream.next_heartbeat => {
                stream.next_heartbeat = now + stream.heartbeat;
                self.send_acs(0, &Acs::ClientHeartbeat);
            }
            State::Connected { .. }
            | State::Challenged { .. }
            | State::Verifying { .. }
            | State::Open(_)
            | State::Closed => {}
        }
    }

    /// Time of the next [`ServerSession::handle_time`].
    pub fn next_time(&self) -> Option<Duration> {
        match &self.state {
            State::Connected { deadline } | State::Challenged { deadline } | State::Verifying { deadline, .. } => {
                Some(*deadline)
            }
            State::Open(stream) => Some(stream.next_heartbeat),
            State::Closed => None,
        }
    }

    /// Ends the session from this side.
    pub fn end(&mut self, failure: AcsFailure) {
        if !matches!(self.state, State::Closed) {
            self.send_acs(0, &Acs::UniversalFailure { error: failure });
            self.close(CloseReason::Ended(failure));
        }
    }

    /// Returns the next output.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        if self.frames.is_empty() {
            return self.outputs.pop_front();
        }
        Some(ServerOutput::Send(core::mem::take(&mut self.frames)))
    }

    /// Lends an empty buffer to write frames into; the next [`ServerOutput::Send`] gives it back.
    pub fn lend(&mut self, buffer: Vec<u8>) {
        if self.frames.is_empty() && buffer.is_empty() {
            self.frames = buffer;
        }
    }

    /// Takes a buffer back that was lent and not used.
    pub fn take_lent(&mut self) -> Vec<u8> {
        if self.frames.is_empty() { core::mem::take(&mut self.frames) } else { Vec::new() }
    }

    fn handle_frame(&mut self, now: Duration, frame: &Frame<'_>) {
        self.counters.frames_received += 1;
        match frame.header.class {
            EventClass::AcsRequest => self.handle_acs(now, frame),
            EventClass::CstaRequest => self.handle_request(frame),
            // The only such message of a client's tells its own status (110), which is of no use to us.
            EventClass::CstaEventReport => self.counters.unsupported += 1,
            class @ (EventClass::AcsUnsolicited
            | EventClass::AcsConfirmation
            | EventClass::CstaUnsolicited
            | EventClass::CstaConfirmation) => {
                self.counters.bad_frames += 1;
                self.send_acs(0, &Acs::UniversalFailure { error: AcsFailure::InvalidClassRejection });
                self.close(CloseReason::Frame(FrameError::Class(class.number())));
            }
        }
    }

    fn handle_request(&mut self, frame: &Frame<'_>) {
        let State::Open(stream) = &mut self.state else {
            self.counters.out_of_order += 1;
            self.send_acs(0, &Acs::UniversalFailure { error: AcsFailure::NoAcsStream });
            self.close(CloseReason::Refused(AcsFailure::NoAcsStream));
            return;
        };
        let Header { invoke, pdu, .. } = frame.header;
        let refinement = |request: &Request| match Private::read(frame.private) {
            Ok(private) => stream.refinement(request, private),
            Err(private_area::BadPrivate) => Err(UniversalFailure::BadlyStructuredApduRejection),
        };
        let read = Request::read(pdu, frame.body).map(|request| (refinement(&request), request));
        let refusal = match read {
            Ok((Err(failure), _)) => {
                self.counters.bad_bodies += 1;
                failure
            }
            Ok(_) if stream.outstanding.len() >= self.settings.outstanding_max => {
                self.counters.over_limit += 1;
                UniversalFailure::OutstandingRequestLimitExceeded
            }
            Ok((Ok(data), request)) => {
                if let Err(failure) = stream.rights.check(&request, data.as_deref()) {
                    self.counters.forbidden += 1;
                    if Request::is_confirmed(pdu) {
                        self.send_failure(invoke, failure);
                    }
                    return;
                }
                let invoke = InvokeId(invoke);
                if Request::is_confirmed(pdu) {
                    stream.outstanding.push(invoke);
                }
                self.counters.requests += 1;
                self.outputs.push_back(ServerOutput::Request { invoke, request, data });
                return;
            }
            Err(error) => {
                match error {
                    PduError::Unsupported { .. } => self.counters.unsupported += 1,
                    PduError::Malformed(_) => self.counters.bad_bodies += 1,
                }
                failure::of_request(error)
            }
        };
        // The client waits for no answer to an event of its own, or to its answer to a request of the switch.
        if Request::is_confirmed(pdu) {
            self.send_failure(invoke, refusal);
        }
    }

    fn handle_acs(&mut self, now: Duration, frame: &Frame<'_>) {
        let invoke = frame.header.invoke;
        let (message, private) = match (Acs::read(frame.header.pdu, frame.body), Private::read(frame.private)) {
            (Ok(message), Ok(private)) => (message, private),
            (Err(PduError::Unsupported { .. }), _) => {
                self.counters.unsupported += 1;
                return self.refuse(invoke, AcsFailure::BadPdu);
            }
            (Err(PduError::Malformed(_)), _) | (_, Err(private_area::BadPrivate)) => {
                self.counters.bad_bodies += 1;
                return self.refuse(invoke, AcsFailure::DecodeFailed);
            }
        };
        match message {
            Acs::NameRequest { stream_type } => self.handle_name_request(invoke, stream_type),
            Acs::KeyRequest { login } => self.handle_key_request(invoke, login),
            Acs::OpenStream { stream_type, server, login, password, api_version, library_version, .. } => {
                let asked = OpenRequest { stream_type, server, login, password, api_version, library_version };
                self.handle_open_stream(invoke, asked, private);
            }
            Acs::SetHeartbeat { seconds } => self.handle_set_heartbeat(now, invoke, seconds),
            Acs::CloseStream => match self.state {
                State::Open(_) => {
                    self.send_acs(invoke, &Acs::CloseStreamConf);
                    self.close(CloseReason::Closed);
                }
                State::Connected { .. } | State::Challenged { .. } | State::Verifying { .. } | State::Closed => {
                    self.counters.out_of_order += 1;
                    self.refuse(invoke, AcsFailure::NoAcsStream);
                }
            },
            Acs::AbortStream => self.close(CloseReason::Aborted),
            Acs::OpenStreamConf { .. }
            | Acs::CloseStreamConf
            | Acs::UniversalFailureConf { .. }
            | Acs::UniversalFailure { .. }
            | Acs::KeyReply { .. }
            | Acs::NameReply { .. }
            | Acs::AuthReply { .. }
            | Acs::AuthReplyTwo { .. }
            | Acs::SetHeartbeatConf { .. }
            | Acs::ClientHeartbeat => {
                self.counters.unsupported += 1;
                self.refuse(invoke, AcsFailure::BadPdu);
            }
        }
    }

    fn handle_set_heartbeat(&mut self, now: Duration, invoke: u32, seconds: i16) {
        match &mut self.state {
            State::Open(stream) if HEARTBEAT_SECONDS.contains(&seconds) => {
                stream.heartbeat = Duration::from_secs(seconds.unsigned_abs().into());
                stream.next_heartbeat = now + stream.heartbeat;
                self.send_acs(invoke, &Acs::SetHeartbeatConf { seconds });
            }
            State::Open(_) => self.refuse(invoke, AcsFailure::InvalidHeartbeatInterval),
            State::Connected { .. } | State::Challenged { .. } | State::Verifying { .. } | State::Closed => {
                self.counters.out_of_order += 1;
                self.refuse(invoke, AcsFailure::NoAcsStream);
            }
        }
    }

    fn refuse(&mut self, invoke: u32, error: AcsFailure) {
        self.send_acs(invoke, &Acs::UniversalFailureConf { error });
    }

    fn send_failure(&mut self, invoke: u32, failure: UniversalFailure) {
        let header = Header::new(EventClass::CstaConfirmation, reply::UNIVERSAL_FAILURE_CONF, invoke);
        self.send(header, &[], |writer| failure.write(writer));
    }

    fn send_acs(&mut self, invoke: u32, message: &Acs) {
        let header = Header::new(message.class(), message.number(), invoke);
        self.send(header, &[], |writer| message.write(writer));
    }

    /// Appends a frame to those that are to be sent; false if it is too long for one.
    fn send(&mut self, header: Header, private: &[u8], body: impl FnOnce(&mut Writer<'_>)) -> bool {
        let appended = frame::append(&mut self.frames, header, private, body);
        self.count(appended)
    }

    fn count(&mut self, appended: Result<(), TooLong>) -> bool {
        match appended {
            Ok(()) => self.counters.frames_sent += 1,
            Err(TooLong) => self.counters.too_long += 1,
        }
        appended.is_ok()
    }

    fn close(&mut self, why: CloseReason) {
        self.state = State::Closed;
        self.outputs.push_back(ServerOutput::Closed { why });
    }
}
