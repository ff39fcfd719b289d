//! The way of the sessions to the core: a bounded inbox.
//!
//! Never: drops the opening or the end of a session. A request without room is refused on the spot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use tipring_core::config::{AcdConfig, Config, UserConfig};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::{AgentId, AgentPassword, CallId, DeviceId, InvokeId, Request, SessionId};
use tipring_core::flow::book::FlowBook;
use tipring_core::flow::calendar::Routes;
use tipring_driver::ids::RecordingId;
use tipring_tsapi::server::{Audit, Backend};
use tipring_tsapi::session::Accounts;

use super::wake::CoreWaker;
use crate::log::{Field, Level, Line, Log};
use crate::run::taps::TapCore;

/// Time that the core may take to answer.
const CORE_MAX: Duration = Duration::from_secs(10);

/// A PIN to be verified: the station at which it was keyed, the agent, the PIN.
pub(super) type PinAsked = (DeviceId, AgentId, AgentPassword);

/// A message of a session to the core.
pub(super) enum Message {
    Opened(SessionId, String),
    Request(SessionId, InvokeId, Request, Option<Box<RequestData>>),
    Closed(SessionId),
    /// The verification of a PIN: the station, the agent, and whether it is right.
    Pin(DeviceId, AgentId, bool),
    /// The wall clock, in milliseconds since 1970.
    WallClock(u64),
    /// Other users, and rights.
    Users(Vec<UserConfig>),
    /// Other queues, agents, callers and flows.
    AcdConfig(Box<(AcdConfig, FlowBook)>),
    /// The settings that are read at a start.
    Settings(Box<Config>),
    /// The routes of calendars and the business days from now on.
    Calendars(BTreeMap<String, Routes>, Vec<(u64, u64)>),
    /// The disk has room for new recordings, or none.
    RecordingRoom(bool),
    /// The event mode in force; empty for none.
    EventMode(DeviceId),
    /// A trunk to be blocked, or not, and the way of the answer: whether it is in use; none for no trunk.
    TrunkBlocked(DeviceId, bool, Sender<Option<bool>>),
    /// A tap for a user at a station, and the way of the answer.
    Tap(RecordingId, String, DeviceId, Sender<Result<CallId, UniversalFailure>>),
    /// The end of a tap.
    TapEnded(RecordingId),
}

/// The sessions' end of the inbox.
pub(super) struct CoreInbox {
    pub(super) inbox: Sender<Message>,
    pub(super) waker: Arc<CoreWaker>,
    pub(super) log: Log,
}

impl CoreInbox {
    /// Waits until there is room. The core empties its inbox without ever waiting for sessions.
    fn put(&self, message: Message) {
        // The core's thread ends after the sessions.
        let _ = self.inbox.send(message);
        self.waker.wake();
    }
}

impl CoreInbox {
    /// Has the core follow the wall clock. Without room the next minute sets it.
    pub(super) fn set_wall_clock(&self, unix_ms: i64) {
        let _ = self.inbox.try_send(Message::WallClock(unix_ms.max(0) as u64));
        self.waker.wake();
    }
}

impl CoreInbox {
    /// Replaces users and rights.
    pub(super) fn set_users(&self, users: Vec<UserConfig>) {
        self.put(Message::Users(users));
    }

    /// Replaces queues, agents, callers and flows.
    pub(super) fn set_acd_config(&self, acd: AcdConfig, flows: FlowBook) {
        self.put(Message::AcdConfig(Box::new((acd, flows))));
    }

    /// Has a core that came back take over the settings that are read at a start.
    pub(super) fn set_settings(&self, config: Config) {
        self.put(Message::Settings(Box::new(config)));
    }

    /// Writes the event mode that is in force into the log.
    pub(super) fn set_event_mode(&self, mode: DeviceId) {
        self.put(Message::EventMode(mode));
    }

    /// Blocks a trunk for calls out, or ends that. Returns whether it is in use; none if there is no such trunk, or the
    /// core does not answer in time.
    pub(super) fn set_trunk_blocked(&self, trunk: DeviceId, blocked: bool) -> Option<bool> {
        let (answer, answered) = bounded(1);
        self.put(Message::TrunkBlocked(trunk, blocked, answer));
        answered.recv_timeout(CORE_MAX).ok().flatten()
    }

    /// Has new recordings begin, or not.
    pub(super) fn set_recording_room(&self, has_room: bool) {
        self.put(Message::RecordingRoom(has_room));
    }

    /// Replaces the routes of calendars and the business days.
    pub(super) fn set_calendars(&self, calendars: BTreeMap<String, Routes>, days: Vec<(u64, u64)>) {
        self.put(Message::Calendars(calendars, days));
    }
}

impl CoreInbox {
    /// Verifies PINs keyed at telephones, one after the other, until there is nothing more to verify.
    pub(super) fn verify_pins(&self, accounts: &dyn Accounts, pins: &Receiver<PinAsked>) {
        for (station, agent, pin) in pins {
            let is_right = accounts.verify_agent(&agent, &pin).is_some();
            self.put(Message::Pin(station, agent, is_right));
        }
    }
}

impl TapCore for CoreInbox {
    fn begin_tap(&self, tap: RecordingId, user: &str, station: DeviceId) -> Result<CallId, UniversalFailure> {
        let (answer, answered) = bounded(1);
        self.put(Message::Tap(tap, user.to_owned(), station, answer));
        answered.recv_timeout(CORE_MAX).unwrap_or(Err(UniversalFailure::ResourceOutOfService))
    }

    fn end_tap(&self, tap: RecordingId) {
        self.put(Message::TapEnded(tap));
    }
}

impl Backend for CoreInbox {
    fn opened(&self, session: SessionId, login: &str) {
        self.put(Message::Opened(session, login.to_owned()));
    }

    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let result = self.inbox.try_send(Message::Request(session, invoke, request, data));
        self.waker.wake();
        result.map_err(|error| match error {
            TrySendError::Full(_) => UniversalFailure::ResourceLimitationRejection,
            TrySendError::Disconnected(_) => UniversalFailure::ResourceOutOfService,
        })
    }

    fn closed(&self, session: SessionId) {
        self.put(Message::Closed(session));
    }

    fn audit(&self, entry: &Audit) {
        let level = match entry {
            Audit::LogIn { result: Ok(()), .. } => Level::Info,
            _ => Level::Warning,
        };
        let line = Line::new(level, entry.to_string());
        self.log.line(match entry {
            Audit::LogIn { login, address, .. } => line.with(Field::User, login).with(Field::Peer, address),
            Audit::AgentLogIn { agent, peer, .. } => line.with(Field::Agent, agent).with(Field::Peer, peer),
            Audit::Stream { peer, .. } | Audit::Connection { peer } | Audit::Tls { peer, .. } => {
                line.with(Field::Peer, peer)
            }
            _ => line,
        });
    }
}
