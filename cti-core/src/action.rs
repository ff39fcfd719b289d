//! Actions, the outputs of the core: commands, answers, events, records, troubles.
//!
//! Never: carries an action out.

use std::fmt;
use std::sync::Arc;

use tipring_driver::engine::{Command, CommandRefused};
use tipring_driver::ids::{ChannelId, PromptId};
use tipring_driver::line::{LineKind, Number};
use tipring_driver::time::Ticks;

use crate::csta::cause::UniversalFailure;
use crate::csta::event::Event;
use crate::csta::private::{ReplyData, ReportData};
use crate::csta::rights::Rights;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{
    AgentId, AgentPassword, CallId, DeviceId, InvokeId, MonitorCrossRefId, Reply, SessionId, SystemStatus,
};
use crate::flow::walk::{DipId, Value};
use crate::limits::SESSIONS_MAX;
use crate::store::StoreRequest;

/// The next thing to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A command for the engine.
    Command(Command),
    /// The answer to a request.
    Reply {
        /// The session.
        session: SessionId,
        /// The request.
        invoke: InvokeId,
        /// The answer.
        result: Result<Reply, UniversalFailure>,
        /// Data beyond the standard.
        data: Option<Box<ReplyData>>,
    },
    /// A request of the switch to a session.
    SwitchRequest {
        /// The session.
        session: SessionId,
        /// The request; by itself, as is [an event](Action::Report).
        request: Box<SwitchRequest>,
        /// Data beyond the standard.
        data: ReportData,
    },
    /// A report to a session that belongs to no monitor.
    EventReport {
        /// The session.
        session: SessionId,
        /// The report; by itself, as is [an event](Action::Report).
        report: Box<EventReport>,
        /// Data beyond the standard.
        data: ReportData,
    },
    /// An event for a monitor.
    Report {
        /// The session.
        session: SessionId,
        /// The monitor.
        monitor: MonitorCrossRefId,
        /// The event; by itself, for it is larger than any other action, and each is moved several times.
        event: Box<Event>,
        /// Data beyond the standard.
        data: ReportData,
    },
    /// The rights of a session from now on.
    Rights {
        /// The session.
        session: SessionId,
        /// Its rights.
        rights: Arc<Rights>,
    },
    /// A change of the system status, for every session that has asked for it.
    SystemStatus(SystemStatus),
    /// A request for the store.
    Store(StoreRequest),
    /// An agent's PIN, keyed at a station, is to be verified; the answer is
    /// [`Core::handle_pin`](crate::core::Core::handle_pin).
    VerifyPin {
        /// The station; by itself, so that the action is no larger than others.
        station: Box<DeviceId>,
        /// The agent.
        agent: AgentId,
        /// The PIN.
        pin: AgentPassword,
    },
    /// A question to a data source. An answer after the wait is of no use.
    Dip {
        /// The question.
        dip: DipId,
        /// Name of the source.
        source: String,
        /// The value that is looked up.
        key: Value,
        /// The longest wait.
        wait: Ticks,
    },
    /// A prompt made of others, played once by the command that follows.
    Compose {
        /// The prompt.
        prompt: PromptId,
        /// Its parts, one after the other.
        parts: Vec<PromptId>,
    },
    /// A message for the people who run the site.
    Trouble(Trouble),
}

/// A fault that the people who run the site should know of. Calls go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A module is not of the kind that is configured for its channel; the device stays out of service.
    WrongModule {
        /// The device.
        device: DeviceId,
        /// The port.
        channel: ChannelId,
        /// The kind of module found.
        found: LineKind,
    },
    /// The store could not look a caller up: the call goes on without its customer.
    LookUpFailed {
        /// The reason, as a sentence.
        why: String,
    },
    /// A session found no room: its requests are refused.
    TooManySessions {
        /// Its user.
        login: String,
    },
    /// A log-in by keys was refused.
    LogInRefused {
        /// The agent.
        agent: AgentId,
        /// The station.
        station: DeviceId,
    },
    /// A data source could not be asked: the flow goes on by its `failed`.
    DipFailed {
        /// The reason, as a sentence that names the source.
        why: String,
    },
    /// A request to be called back could not be kept: its caller waits on.
    CallBackNotKept {
        /// The number.
        number: Number,
    },
    /// A change of the call-back lists was not carried out.
    CallBackOrderRefused {
        /// The number.
        number: Number,
        /// The reason, in words.
        why: &'static str,
    },
    /// A flow to which calls are sent is gone from the newest version.
    NoSuchFlow {
        /// Its name.
        flow: String,
    },
    /// A break has passed the limit of its reason.
    BreakTooLong {
        /// The agent.
        agent: AgentId,
        /// The reason, its code and name.
        reason: String,
        /// The limit.
        limit: Ticks,
    },
    /// The store has given up on something.
    NotStored {
        /// The reason, as a sentence.
        why: String,
    },
    /// A recording could not be made, or not to its end.
    RecordingFailed {
        /// The call.
        call: CallId,
        /// The file.
        file: String,
        /// Samples of each side that are in it.
        samples: u64,
    },
    /// A recording was paused for as long as one may be: it goes on.
    PauseTooLong {
        /// The call.
        call: CallId,
        /// The limit.
        limit: Ticks,
    },
    /// There are too many calls: one was not taken.
    TooManyCalls {
        /// The device.
        device: DeviceId,
    },
    /// The store is behind: new calls are left ringing, or refused, until it has caught up.
    StoreBehind {
        /// Requests to keep records that wait.
        requests: u64,
    },
    /// Events of lines were lost because the core was too slow. The channels' words were read instead.
    EventsLost,
    /// A line or the media refused a command.
    CommandRefused(CommandRefused),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::WrongModule { device, channel, found } => {
                let (found, wanted) = match found {
                    LineKind::Trunk => ("an FXO module", "a station needs an FXS module"),
                    LineKind::Station => ("an FXS module", "a trunk needs an FXO module"),
                };
                write!(f, "{device} on {channel} stays out of service: {found} is there, but {wanted}")
            }
            Trouble::LookUpFailed { why } => write!(f, "A caller could not be looked up: {why}"),
            Trouble::TooManySessions { login } => {
                write!(f, "A session of {login:?} found no room: {SESSIONS_MAX} are open, and its requests are refused")
            }
            Trouble::LogInRefused { agent, station } => {
                write!(f, "audit: the log-in of agent {agent} by the keys of {station} was refused")
            }
            Trouble::DipFailed { why } => write!(f, "A caller's data could not be looked up: {why}"),
            Trouble::CallBackNotKept { number } => {
                write!(f, "A request to call {number} back was not kept in time: its caller waits on, or is gone")
            }
            Trouble::CallBackOrderRefused { number, why } => {
                write!(f, "The call-backs of {number} stay as they are: {why}")
            }
            Trouble::NoSuchFlow { flow } => {
                write!(f, "A caller was sent to the flow {flow}, which the flows in force do not have: add it again")
            }
            Trouble::BreakTooLong { agent, reason, limit } => {
                write!(f, "Agent {agent} is not ready ({reason}) for longer than {} s", limit.as_ms() / 1000)
            }
            Trouble::NotStored { why } => write!(f, "A record was not kept: {why}"),
            Trouble::RecordingFailed { call, file, samples: 0 } => {
                write!(f, "Call {} was not recorded: {file} could not be written", call.0)
            }
            Trouble::RecordingFailed { call, file, .. } => write!(f, "Call {} was not recorded whole: {file}", call.0),
            Trouble::PauseTooLong { call, limit } => {
                let seconds = limit.as_ms() / 1000;
                write!(f, "The recording of call {} was paused for {seconds} s and goes on by itself", call.0)
            }
            Trouble::TooManyCalls { device } => write!(f, "A call at {device} was not taken: there are too many calls"),
            Trouble::StoreBehind { requests } => write!(
                f,
                "The store is behind by the records of {requests} steps: new calls are left ringing, or refused, until it \
                 has caught up"
            ),
            Trouble::CommandRefused(refused) => write!(f, "{refused}"),
            Trouble::EventsLost => {
                write!(f, "Events of lines were lost, because they came faster than they were taken")
            }
        }
    }
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Counters {
    /// Calls begun.
    pub calls: u64,
    /// Claims that the line was first to.
    pub superseded: u64,
    /// Events of a use of a channel that is over, or that did not fit what was known of it: dropped.
    pub stale_events: u64,
    /// Events reported to monitors.
    pub reports: u64,
    /// Requests refused.
    pub refused: u64,
    /// New calls not taken, because too many records wait for the store; a trunk left ringing counts each time.
    #[serde(default)]
    pub not_admitted: u64,
    /// Claims not made, because the way of commands to the engine had no room.
    pub no_command_room: u64,
    /// Commands that lines or the media refused.
    pub commands_refused: u64,
    /// Times the channels' words had to be read because events were lost.
    pub reconciled: u64,
    /// Records the store gave up on.
    pub not_stored: u64,
    /// Callers that could not be looked up.
    pub failed_look_ups: u64,
    /// Questions to data sources that brought no answer in time.
    pub failed_dips: u64,
}
