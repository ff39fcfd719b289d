//! Protocol sequence: the two ends of a stream as machines without a socket. The server sends the heartbeat
//! ([`HEARTBEAT_SECONDS`], 5 to 60 as the client asks).
//!
//! Both are used in the same way. Hand in what happened (`handle_…`), then take everything that follows from it with
//! `poll_output` until there is none. `next_time` says when `handle_time` must be called at the latest. After `Closed`
//! nothing more comes out, and what is handed in is dropped.
//!
//! Time is a tick of any clock that never goes back; a session only measures lengths with it.
//!
//! Never: touches a socket, a thread, or a clock of its own. Nothing that comes from outside can make a session panic.

mod accounts;
pub mod client;
mod failure;
pub mod login;
pub mod login_throttle;
pub mod name_service;
pub mod password;
pub mod report;
mod routing;
pub mod server;
mod system_status;

use core::fmt;
use core::ops::{AddAssign, RangeInclusive};

use core::time::Duration;

use crate::error::{FrameError, PduError};
use crate::pdu::acs::AcsFailure;

pub use accounts::{Accounts, Recalled, Secret};
pub use client::{ClientOutput, ClientSession, ClientSettings, Incoming, NotRefined};
pub use name_service::{NameLookup, NameOutput, NamedServer};
pub use report::Report;
pub use server::{ServerOutput, ServerSession, ServerSettings};
pub use system_status::StatusFilter;

/// The heartbeat intervals a client may ask for, in seconds.
pub const HEARTBEAT_SECONDS: RangeInclusive<i16> = 5..=60;
/// The heartbeat interval if the client asks for none.
pub const HEARTBEAT_DEFAULT: Duration = Duration::from_secs(20);
/// Time limit of a client for each step of the log-in.
pub const LOGIN_STEP_LIMIT: Duration = Duration::from_secs(10);

/// Protection of a connection on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// None.
    Clear,
    /// TLS from the first octet on; the Tlink's third part is `CSTA-S`.
    Tls,
}

/// Reason for which a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client closed the stream, which was confirmed.
    Closed,
    /// The client is gone without waiting for an answer.
    Aborted,
    /// The stream was not opened.
    Refused(AcsFailure),
    /// The server ended the stream.
    Ended(AcsFailure),
    /// The octets were not a frame.
    Frame(FrameError),
    /// A message from the server could not be read.
    Message(PduError),
    /// The server wants a form of log-in that this client does not know.
    UnknownLogin {
        /// The PDU it answered with.
        pdu: u16,
    },
    /// Nothing came for too long.
    TimedOut,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseReason::Closed => write!(f, "The stream was closed"),
            CloseReason::Aborted => write!(f, "The client left"),
            CloseReason::Refused(failure) => write!(f, "The stream was not opened: {failure}"),
            CloseReason::Ended(failure) => write!(f, "The server ended the stream: {failure}"),
            CloseReason::Frame(error) => write!(f, "What came is not a TSAPI stream: {error}"),
            CloseReason::Message(error) => write!(f, "A message from the server cannot be read: {error}"),
            CloseReason::UnknownLogin { pdu } => {
                write!(f, "The server wants a log-in of a kind that is not known here (PDU {pdu})")
            }
            CloseReason::TimedOut => write!(f, "Nothing was heard for too long"),
        }
    }
}

impl std::error::Error for CloseReason {}

/// Counters of a session. Every kind of bad input is counted in its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Whole frames that came.
    pub frames_received: u64,
    /// Frames handed out to be sent.
    pub frames_sent: u64,
    /// Requests handed to the core.
    pub requests: u64,
    /// Events handed to a monitor.
    pub reports: u64,
    /// Streams that ended because what came was not a frame or had no place.
    pub bad_frames: u64,
    /// Messages with a body or a private area that could not be read.
    pub bad_bodies: u64,
    /// Messages that no session knows, or services that are not built.
    pub unsupported: u64,
    /// Messages that had no place where they came.
    pub out_of_order: u64,
    /// Log-ins that were refused.
    pub bad_logins: u64,
    /// Requests for which the user has no right.
    pub forbidden: u64,
    /// Requests refused because too many were waiting.
    pub over_limit: u64,
    /// Answers without a request.
    pub stray_answers: u64,
    /// Answers and events too long for a frame.
    pub too_long: u64,
    /// Connections that never opened a stream in time, or streams on which nothing was heard.
    pub timed_out: u64,
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        // Taken apart, so that a counter that is added cannot be forgotten here.
        let Counters {
            frames_received,
            frames_sent,
            requests,
            reports,
            bad_frames,
            bad_bodies,
            unsupported,
            out_of_order,
            bad_logins,
            forbidden,
            over_limit,
            stray_answers,
            too_long,
            timed_out,
        } = other;
        self.frames_received += frames_received;
        self.frames_sent += frames_sent;
        self.requests += requests;
        self.reports += reports;
        self.bad_frames += bad_frames;
        self.bad_bodies += bad_bodies;
        self.unsupported += unsupported;
        self.out_of_order += out_of_order;
        self.bad_logins += bad_logins;
        self.forbidden += forbidden;
        self.over_limit += over_limit;
        self.stray_answers += stray_answers;
        self.too_long += too_long;
        self.timed_out += timed_out;
    }
}
