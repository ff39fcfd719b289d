//! The client's end of a stream: requests and octets in, octets, answers and reports out.
//!
//! The machine logs in by itself. After `Opened` requests can be made; their numbers count from 3 on, because the
//! log-in takes 1 and 2. An answer without a request, and an unknown event, are counted and dropped.
//!
//! Never: knows which server it talks to, or what a report means.

use std::collections::{BTreeSet, VecDeque};

use core::time::Duration;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::{CallData, Event};
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId};
use tipring_csta_types::private::{ReplyData, RequestData};
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{Reply, Request, SystemStatus};

use super::login::Vendor;
use super::{CloseReason, Counters, HEARTBEAT_DEFAULT, LOGIN_STEP_LIMIT, password};
use crate::error::PduError;
use crate::frame::{self, EventClass, Frame, Header, Reassembly};
use crate::pdu::acs::{Acs, AcsFailure, CryptPassword, EncodeType, Level, LoginId, ServerId, StreamType, Version};
use crate::pdu::private_area::{self, Private, VENDOR_VERSION};
use crate::pdu::{Framed, Pdu, reply};

/// Settings of a client's stream.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The Tlink, as the name service gave it.
    pub server: ServerId,
    /// The user.
    pub login: LoginId,
    /// The password; at most 40 octets count.
    pub password: String,
    /// The program's name.
    pub application: Version,
    /// The versions of the interface to ask for, such as `TS1-2`.
    pub api_version: Version,
    /// The private data to ask for, in no order; empty for none.
    pub vendors: Vec<Vendor>,
}

impl ClientSettings {
    /// A stream with screen-pop data.
    pub fn new(server: ServerId, login: LoginId, password: &str) -> ClientSettings {
        ClientSettings {
            server,
            login,
            password: password.into(),
            application: Version::fitted("tipring"),
            api_version: Version::fitted("TS1-2"),
            vendors: vec![Vendor::tipring()],
        }
    }
}

/// A message of an open stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the largest, a report, is also the most frequent")]
pub enum Incoming {
    /// A request has been answered.
    Confirmation {
        /// Its identifier.
        invoke: InvokeId,
        /// The answer.
        result: Result<Reply, UniversalFailure>,
        /// Data beyond the standard, if the stream has our own vendor's and some came with it.
        data: Option<Box<ReplyData>>,
    },
    /// A monitor has seen something.
    Report {
        /// Its identifier.
        monitor: MonitorCrossRefId,
        /// The event.
        event: Event,
        /// Screen-pop data, if some came with it.
        data: Option<CallData>,
    },
    /// The switch's status has changed.
    SystemStatus(SystemStatus),
    /// The switch reports something else that belongs to no monitor.
    EventReport(EventReport),
    /// The switch asks for a service: a route, an escape, the client's state.
    SwitchRequest {
        /// To be echoed, where the request is answered.
        invoke: InvokeId,
        /// The request.
        request: SwitchRequest,
    },
    /// The heartbeat has the interval that was asked for.
    HeartbeatSet {
        /// In seconds.
        seconds: i16,
    },
    /// A request about the stream was refused.
    Refused {
        /// Reason for the refusal.
        failure: AcsFailure,
    },
}

/// Output of a client's session, to be handled in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the largest is also the most frequent")]
pub enum ClientOutput {
    /// Send this.
    Send(Vec<u8>),
    /// The stream is open.
    Opened {
        /// The version of the interface, as the server writes it.
        api_version: String,
        /// Vendor of the private data, if any travel.
        vendor: Option<Vendor>,
    },
    /// The server has sent this.
    Incoming(Incoming),
    /// The session is over: send what is left, then close the connection.
    Closed {
        /// Reason for the end.
        why: CloseReason,
    },
}

/// A request cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOpen;

impl core::fmt::Display for NotOpen {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "The stream is not open")
    }
}

impl std::error::Error for NotOpen {}

/// A request with refinements cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRefined {
    /// The stream is not open.
    NotOpen,
    /// The server has granted no private data of our own vendor.
    NoPrivateData,
}

impl core::fmt::Display for NotRefined {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            NotRefined::NotOpen => NotOpen.fmt(f),
            NotRefined::NoPrivateData => write!(f, "The server takes no private data of vendor TIPRING"),
        }
    }
}

impl std::error::Error for NotRefined {}

/// The client's end of a stream.
pub struct ClientSession {
    settings: ClientSettings,
    state: State,
    invoke: u32,
    waiting: BTreeSet<InvokeId>,
    reassembly: Reassembly,
    outputs: VecDeque<ClientOutput>,
    counters: Counters,
}

enum State {
    /// The key request is out.
    KeyRequested {
        deadline: Duration,
    },
    /// The open request is out.
    OpenRequested {
        deadline: Duration,
    },
    Open {
        vendor: Option<Vendor>,
        heartbeat: Duration,
        /// Time at which the server is given up; only watched once it has sent a heartbeat.
        silent_until: Option<Duration>,
    },
    Closed,
}

impl ClientSession {
    /// Begins to log in at once.
    pub fn new(settings: ClientSettings, now: Duration) -> ClientSession {
        let login = settings.login.clone();
        let mut session = ClientSession {
            settings,
            state: State::KeyRequested { deadline: now + LOGIN_STEP_LIMIT },
            invoke: 0,
            waiting: BTreeSet::new(),
            reassembly: Reassembly::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
        };
        session.send_acs(&Acs::KeyRequest { login }, &[]);
        session
    }

    /// Returns the session's counters.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Asks for a service; the answer carries the number returned.
    ///
    /// # Errors
    /// [`NotOpen`] before the stream is open and after its end.
    pub fn request(&mut self, request: &Request) -> Result<InvokeId, NotOpen> {
        let State::Open { .. } = self.state else { return Err(NotOpen) };
        Ok(self.send_request(request, &[]))
    }

    /// Asks for a service with refinements: work mode and reason code, user-to-user information, a vendor request in
    /// [`Request::Escape`]. They travel as our own vendor's data.
    ///
    /// # Errors
    /// [`NotRefined`] if no stream is open, or one without our own vendor's data.
    pub fn request_with(&mut self, request: &Request, data: &RequestData) -> Result<InvokeId, NotRefined> {
        let State::Open { vendor, .. } = &self.state else { return Err(NotRefined::NotOpen) };
        let vendor = vendor.as_ref().filter(|vendor| vendor.is_tipring()).ok_or(NotRefined::NoPrivateData)?;
        let area = private_area::area(&vendor.name, &private_area::write_json(data));
        Ok(self.send_request(request, &area))
    }

    fn send_request(&mut self, request: &Request, private: &[u8]) -> InvokeId {
        self.counters.requests += 1;
        let invoke = self.send(request.class(), request.number(), private, |writer| Pdu::write(request, writer));
        if Request::is_confirmed(request.number()) {
            self.waiting.insert(invoke);
        }
        invoke
    }

    /// Asks for a heartbeat interval in seconds.
    ///
    /// # Errors
    /// [`NotOpen`] if the stream is not open, or is being opened.
    pub fn set_heartbeat(&mut self, seconds: i16) -> Result<(), NotOpen> {
        let State::Open { .. } = self.state else { return Err(NotOpen) };
        self.send_acs(&Acs::SetHeartbeat { seconds }, &[]);
        Ok(())
    }

    /// Asks the server to close the stream; what was on its way still comes.
    pub fn close(&mut self) {
        match self.state {
            State::Open { .. } => {
                self.send_acs(&Acs::CloseStream, &[]);
            }
            State::KeyRequested { .. } | State::OpenRequested { .. } => self.abort(),
            State::Closed => {}
        }
    }

    /// Leaves without waiting for anything.
    pub fn abort(&mut self) {
        if !matches!(self.state, State::Closed) {
            self.send_acs(&Acs::AbortStream, &[]);
            self.finish(CloseReason::Aborted);
        }
    }

    /// Octets from the server, cut anywhere.
    pub fn handle_octets(&mut self, now: Duration, octets: &[u8]) {
        let mut reassembly = core::mem::take(&mut self.reassembly);
        reassembly.push(octets);
        while !matches!(self.state, State::Closed) {
            match reassembly.frame() {
                Ok(Some(frame)) => self.handle_frame(now, &frame),
                Ok(None) => break,
                Err(error) => {
                    self.counters.bad_frames += 1;
                    self.finish(CloseReason::Frame(error));
                }
            }
        }
        self.reassembly = reassembly;
    }

    /// Time has passed.
    pub fn handle_time(&mut self, now: Duration) {
        if self.next_time().is_some_and(|time| now >= time) {
            self.counters.timed_out += 1;
            self.finish(CloseReason::TimedOut);
        }
    }

    /// Time of the next [`ClientSession::handle_time`].
    pub fn next_time(&self) -> Option<Duration> {
        match self.state {
            State::KeyRequested { deadline } | State::OpenRequested { deadline } => Some(deadline),
            State::Open { silent_until, .. } => silent_until,
            State::Closed => None,
        }
    }

    /// Returns the next output.
    pub fn poll_output(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    fn handle_frame(&mut self, now: Duration, frame: &Frame<'_>) {
        self.counters.frames_received += 1;
        if let State::Open { silent_until: Some(until), heartbeat, .. } = &mut self.state {
            *until = now + *heartbeat + *heartbeat;
        }
        let outcome = match frame.header.class {
            EventClass::AcsUnsolicited | EventClass::AcsConfirmation => {
                Acs::read(frame.header.pdu, frame.body).map(|message| self.handle_acs(now, frame, message))
            }
            EventClass::CstaConfirmation => self.handle_confirmation(frame),
            EventClass::CstaUnsolicited => self.handle_event(frame),
            EventClass::CstaEventReport => EventReport::read(frame.header.pdu, frame.body).map(|report| {
                self.emit(match report {
                    EventReport::SystemStatus { status } => Incoming::SystemStatus(status),
                    other => Incoming::EventReport(other),
                });
            }),
            EventClass::CstaRequest => SwitchRequest::read(frame.header.pdu, frame.body)
                .map(|request| self.emit(Incoming::SwitchRequest { invoke: InvokeId(frame.header.invoke), request })),
            EventClass::AcsRequest => Err(PduError::Unsupported { pdu: frame.header.pdu }),
        };
        match outcome {
            Ok(()) => {}
            Err(PduError::Unsupported { .. }) => self.counters.unsupported += 1,
            Err(error @ PduError::Malformed(_)) => {
                self.counters.bad_bodies += 1;
                self.finish(CloseReason::Message(error));
            }
        }
    }

    fn handle_acs(&mut self, now: Duration, frame: &Frame<'_>, message: Acs) {
        match (message, &mut self.state) {
            (Acs::AuthReplyTwo { key, encode_type: EncodeType::Bindery, .. }, State::KeyRequested { .. }) => {
                let cipher = password::encipher(self.settings.password.as_bytes(), key.0);
                self.state = State::OpenRequested { deadline: now + LOGIN_STEP_LIMIT };
                self.send_open_stream(&cipher);
            }
            (Acs::AuthReplyTwo { .. } | Acs::AuthReply { .. } | Acs::KeyReply { .. }, State::KeyRequested { .. }) => {
                self.finish(CloseReason::UnknownLogin { pdu: frame.header.pdu })
            }
            (Acs::OpenStreamConf { api_version, .. }, State::OpenRequested { .. }) => {
                let private = Private::read(frame.private).unwrap_or(None);
                let vendor = private.and_then(|private| Vendor::read_grant(private.vendor, private.data));
                self.state = State::Open { vendor: vendor.clone(), heartbeat: HEARTBEAT_DEFAULT, silent_until: None };
                let api_version = api_version.as_str().into();
                self.outputs.push_back(ClientOutput::Opened { api_version, vendor });
            }
            (Acs::UniversalFailureConf { error }, State::KeyRequested { .. } | State::OpenRequested { .. }) => {
                self.finish(CloseReason::Refused(error))
            }
            (Acs::UniversalFailureConf { error }, State::Open { .. }) => {
                self.emit(Incoming::Refused { failure: error });
            }
            (Acs::UniversalFailure { error }, _) => self.finish(CloseReason::Ended(error)),
            (Acs::CloseStreamConf, State::Open { .. }) => self.finish(CloseReason::Closed),
            (Acs::ClientHeartbeat, State::Open { heartbeat, silent_until, .. }) => {
                *silent_until = Some(now + *heartbeat + *heartbeat);
            }
            (Acs::SetHeartbeatConf { seconds }, State::Open { heartbeat, .. }) => {
                *heartbeat = Duration::from_secs(seconds.max(1).unsigned_abs().into());
                self.emit(Incoming::HeartbeatSet { seconds });
            }
            (
                Acs::OpenStream { .. }
                | Acs::OpenStreamConf { .. }
                | Acs::CloseStream
                | Acs::CloseStreamConf
                | Acs::AbortStream
                | Acs::UniversalFailureConf { .. }
                | Acs::KeyRequest { .. }
                | Acs::KeyReply { .. }
                | Acs::NameRequest { .. }
                | Acs::NameReply { .. }
                | Acs::AuthReply { .. }
                | Acs::AuthReplyTwo { .. }
                | Acs::SetHeartbeat { .. }
                | Acs::SetHeartbeatConf { .. }
                | Acs::ClientHeartbeat,
                _,
            ) => self.counters.out_of_order += 1,
        }
    }

    fn handle_confirmation(&mut self, frame: &Frame<'_>) -> Result<(), PduError> {
        let invoke = InvokeId(frame.header.invoke);
        if !self.waiting.contains(&invoke) {
            self.counters.stray_answers += 1;
            return Ok(());
        }
        let result = reply::read_confirmation(frame.header.pdu, frame.body)?;
        self.waiting.remove(&invoke);
        let own = self.own_data(frame);
        let data = match result {
            Ok(Reply::SnapshotCall { .. }) => own.and_then(private_area::read_call_data).map(|call| {
                let call = Some(std::sync::Arc::new(call));
                ReplyData { call, ..ReplyData::default() }
            }),
            _ => own.and_then(private_area::read_json),
        };
        let data = data.map(Box::new);
        self.emit(Incoming::Confirmation { invoke, result, data });
        Ok(())
    }

    /// Returns the data of our own vendor in a frame's private area.
    fn own_data<'a>(&self, frame: &Frame<'a>) -> Option<&'a [u8]> {
        match (&self.state, Private::read(frame.private)) {
            (State::Open { vendor: Some(vendor), .. }, Ok(Some(private)))
                if vendor.is_tipring() && private.vendor == vendor.name =>
            {
                Some(private.data)
            }
            (_, Ok(Some(_)) | Ok(None) | Err(private_area::BadPrivate)) => None,
        }
    }

    fn handle_event(&mut self, frame: &Frame<'_>) -> Result<(), PduError> {
        let event = Event::read(frame.header.pdu, frame.body)?;
        let data = self.own_data(frame).and_then(private_area::read_call_data);
        self.counters.reports += 1;
        let monitor = MonitorCrossRefId(frame.header.monitor);
        self.emit(Incoming::Report { monitor, event, data });
        Ok(())
    }

    fn send_open_stream(&mut self, cipher: &[u8]) {
        let request = Acs::OpenStream {
            stream_type: StreamType::Csta,
            server: self.settings.server.clone(),
            login: self.settings.login.clone(),
            password: CryptPassword::new(cipher),
            application: self.settings.application.clone(),
            level: Level::Level1,
            api_version: self.settings.api_version.clone(),
            library_version: Version::fitted(concat!("tipring ", env!("CARGO_PKG_VERSION"))),
            server_version: Version::default(),
        };
        let private = if self.settings.vendors.is_empty() {
            Vec::new()
        } else {
            private_area::area(VENDOR_VERSION, &Vendor::write_request(&self.settings.vendors))
        };
        self.send_acs(&request, &private);
    }

    fn send_acs(&mut self, message: &Acs, private: &[u8]) {
        self.send(message.class(), message.number(), private, |writer| message.write(writer));
    }

    fn send(
        &mut self,
        class: EventClass,
        pdu: u16,
        private: &[u8],
        body: impl FnOnce(&mut crate::ber::Writer<'_>),
    ) -> InvokeId {
        // Numbers are positive and short, as some servers read them so.
        self.invoke = if self.invoke >= 0x7FFF { 1 } else { self.invoke + 1 };
        let header = Header::new(class, pdu, self.invoke);
        // Every request has members of bounded length, and the list of vendors is the caller's.
        if let Ok(octets) = frame::build(header, private, body) {
            self.counters.frames_sent += 1;
            self.outputs.push_back(ClientOutput::Send(octets));
        } else {
            self.counters.too_long += 1;
        }
        InvokeId(self.invoke)
    }

    fn emit(&mut self, incoming: Incoming) {
        self.outputs.push_back(ClientOutput::Incoming(incoming));
    }

    fn finish(&mut self, why: CloseReason) {
        self.state = State::Closed;
        self.outputs.push_back(ClientOutput::Closed { why });
    }
}
