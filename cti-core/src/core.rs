//! The owner of all: calls, agents, queues, monitors, timers. It only dispatches; what is done stands in the parts.
//!
//! Sans-IO: the outside hands in what happened with the `handle_*` methods and then drains
//! [`poll_action`](Core::poll_action). `now` is the tick of the last event taken; timers run when a tick marker, or an
//! event of a later tick, says that their time has come.
//!
//! Never: reads a clock, waits, or does anything outside itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use tipring_driver::engine::Command;
use tipring_driver::ids::{ChannelId, RecordingId};
use tipring_driver::line::LineKind;
use tipring_driver::media::{MediaEvent, RecordingKind};
use tipring_driver::time::Tick;

use crate::acd::agent::Agents;
use crate::acd::change::{AgentChange, AgentRequest, Wish};
use crate::acd::queue::{Figures, Queue};
use crate::call::audio::Audio;
use crate::call::device::{Device, Devices, StationIx};
use crate::call::model::Calls;
use crate::call::monitor::Monitors;
use crate::call::release::OpenRecording;
use crate::channel::{ChannelEvent, ChannelTable, Intent, Superseded, What, Word};
use crate::config::{Config, ConfigError, Rights, Times};
use crate::csta::cause::UniversalFailure;
use crate::csta::event::Event;
use crate::csta::private::{ReplyData, RequestData};
use crate::csta::request::{Capabilities, Reply, ReportData, Request};
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{CallId, DeviceId, SystemStatus};
use crate::ids::{InvokeId, MonitorCrossRefId, SessionId};
use crate::ivr::{Menu, Target};
use crate::limits::SESSIONS_MAX;
use crate::route::dial_plan::DialPlan;
use crate::route::trunk_group::TrunkGroup;
use crate::store::{Record, StoreId, StoreReply, StoreRequest};
use crate::timers::{Timer, Timers};

/// The next thing to be done outside.
#[allow(clippy::large_enum_variant, reason = "most actions are reports: a box for each would cost more than the room")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// To be given to the engine.
    Command(Command),
    /// To be answered to a session.
    Reply {
        /// Which session.
        session: SessionId,
        /// Which of its requests.
        invoke: InvokeId,
        /// The answer.
        result: Result<Reply, UniversalFailure>,
        /// What it says beyond the standard.
        data: Option<Box<ReplyData>>,
    },
    /// A request of the switch to a session.
    SwitchRequest {
        /// The session.
        session: SessionId,
        /// The request.
        request: SwitchRequest,
        /// What it says beyond the standard.
        data: ReportData,
    },
    /// A report to a session that belongs to no monitor.
    EventReport {
        /// The session.
        session: SessionId,
        /// The report.
        report: EventReport,
        /// What it says beyond the standard.
        data: ReportData,
    },
    /// To be told to a session.
    Report {
        /// Which session.
        session: SessionId,
        /// Which of its monitors.
        monitor: MonitorCrossRefId,
        /// What happened.
        event: Event,
        /// What goes with it.
        data: ReportData,
    },
    /// To be told to every session; which of them wants to hear it is for the session to know.
    SystemStatus(SystemStatus),
    /// To be given to the store.
    Store(StoreRequest),
    /// To be told to the people who run the site.
    Trouble(Trouble),
}

/// Something that the people who run the site should know. Calls go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A module is not of the kind that is configured for its channel; the device stays out of service.
    WrongModule {
        /// The device.
        device: DeviceId,
        /// Where it is.
        channel: ChannelId,
        /// What is there.
        found: LineKind,
    },
    /// The store has given up on something.
    NotStored {
        /// Why, as a sentence.
        why: String,
    },
    /// A recording could not be made, or not to its end.
    RecordingFailed {
        /// The call.
        call: CallId,
        /// Its file.
        file: String,
    },
    /// There are too many calls: one that came was not taken.
    TooManyCalls {
        /// Where it came.
        device: DeviceId,
    },
    /// Events of lines were lost because the core was too slow. The channels' words were looked at instead.
    EventsLost,
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
            Trouble::NotStored { why } => write!(f, "A record was not kept: {why}"),
            Trouble::RecordingFailed { call, file } => write!(f, "Call {} was not recorded whole: {file}", call.0),
            Trouble::TooManyCalls { device } => write!(f, "A call at {device} was not taken: there are too many calls"),
            Trouble::EventsLost => {
                write!(f, "Events of lines were lost, because they came faster than they were taken")
            }
        }
    }
}

/// What the core has counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls begun.
    pub calls: u64,
    /// Claims that the line was first to.
    pub superseded: u64,
    /// Events of a use of a channel that is over, or that did not fit what was known of it: dropped.
    pub stale_events: u64,
    /// Events told to monitors.
    pub reports: u64,
    /// Requests refused.
    pub refused: u64,
    /// Times the channels' words had to be looked at because events were lost.
    pub reconciled: u64,
    /// Records the store gave up on.
    pub not_stored: u64,
}

/// A session, as far as the core has to know it.
#[derive(Debug)]
pub(crate) struct Session {
    /// Which devices it may watch and control; none for all of them.
    pub(crate) rights: Option<Arc<BTreeSet<DeviceId>>>,
}

/// From line events and requests to commands, answers and events.
#[derive(Debug)]
pub struct Core {
    pub(crate) now: Tick,
    pub(crate) epoch_ms: u64,
    pub(crate) times: Times,
    pub(crate) record: Option<RecordingKind>,
    pub(crate) table: Arc<ChannelTable>,
    pub(crate) devices: Devices,
    /// The channels that can be used.
    pub(crate) in_service: BTreeSet<ChannelId>,
    pub(crate) entries: Vec<Target>,
    pub(crate) menus: Vec<Menu>,
    pub(crate) dial_plan: DialPlan,
    pub(crate) trunk_group: TrunkGroup,
    pub(crate) calls: Calls,
    pub(crate) agents: Agents,
    pub(crate) queues: Vec<Queue>,
    pub(crate) next_order: u64,
    pub(crate) next_token: u32,
    pub(crate) audio: Audio,
    pub(crate) recordings: BTreeMap<RecordingId, OpenRecording>,
    pub(crate) next_recording: u16,
    pub(crate) timers: Timers,
    pub(crate) monitors: Monitors,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    users: BTreeMap<String, Option<Arc<BTreeSet<DeviceId>>>>,
    /// Calls whose caller the store is looking up.
    pub(crate) looked_up: BTreeMap<StoreId, CallId>,
    /// Changes of agents' states that the store has not kept yet.
    pub(crate) changes: BTreeMap<StoreId, AgentChange>,
    /// Stations at which one of them is awaited.
    pub(crate) changing: BTreeMap<StationIx, StoreId>,
    /// Requests that wait for the one before them at their station.
    pub(crate) deferred: VecDeque<AgentRequest>,
    next_store_id: u64,
    pub(crate) actions: VecDeque<Action>,
    pub(crate) counters: Counters,
}

impl Core {
    /// The core of a site whose channels are in `table`. Every device is out of service until its line says otherwise.
    pub fn new(config: Config, table: Arc<ChannelTable>) -> Result<Core, ConfigError> {
        let devices = Devices::new(&config, table.len())?;
        let menus = Menu::resolve_all(&config.menus, &devices)?;
        let entries = config
            .trunks
            .iter()
            .map(|trunk| Target::resolve(trunk.entry, &devices, menus.len()))
            .collect::<Result<_, _>>()?;
        let mut users = BTreeMap::new();
        for user in &config.users {
            let rights = match &user.devices {
                Rights::All => None,
                Rights::Only(devices) => Some(Arc::new(devices.iter().copied().collect())),
            };
            if users.insert(user.login.clone(), rights).is_some() {
                return Err(ConfigError::UserTwice(user.login.clone()));
            }
        }
        Ok(Core {
            now: Tick::ZERO,
            epoch_ms: config.epoch_ms,
            times: config.times,
            record: config.record,
            dial_plan: DialPlan::new(&config.dial_plan, &devices),
            agents: Agents::new(&config.agents, &devices)?,
            queues: config.queues.iter().map(Queue::new).collect(),
            audio: Audio::new(table.len()),
            devices,
            in_service: BTreeSet::new(),
            entries,
            menus,
            table,
            trunk_group: TrunkGroup::default(),
            calls: Calls::default(),
            next_order: 0,
            next_token: 0,
            recordings: BTreeMap::new(),
            next_recording: 0,
            timers: Timers::default(),
            monitors: Monitors::default(),
            sessions: BTreeMap::new(),
            users,
            looked_up: BTreeMap::new(),
            changes: BTreeMap::new(),
            changing: BTreeMap::new(),
            deferred: VecDeque::new(),
            next_store_id: 0,
            actions: VecDeque::new(),
            counters: Counters::default(),
        })
    }

    /// The tick the core has come to.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many calls there are now.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// What has become of a queue's calls; none if there is no such queue.
    pub fn queue_figures(&self, queue: &DeviceId) -> Option<Figures> {
        match self.devices.find(queue)? {
            Device::Queue(queue) => Some(self.queues[queue.0 as usize].figures),
            Device::Trunk(_) | Device::Station(_) => None,
        }
    }

    /// Takes one event of the media thread. Then drain [`poll_action`](Core::poll_action).
    pub fn handle_channel_event(&mut self, event: ChannelEvent) {
        if event.at.0 > self.now.0 + 1 {
            // Markers were left out because the ring was half full: their time has passed all the same.
            self.advance(Tick(event.at.0 - 1));
        }
        self.now = self.now.max(event.at);
        match event.what {
            What::Line { channel, generation, event } => self.on_line_event(channel, generation, event),
            What::Media(MediaEvent::PlayEnded { task, end: _ }) => self.on_play_ended(task),
            What::Media(MediaEvent::RecordEnded { task: _, recording, end, samples }) => {
                self.on_record_ended(recording, end, samples);
            }
            What::Tick => {
                self.advance(event.at);
                if self.table.take_overflowed() {
                    self.reconcile();
                }
            }
        }
    }

    /// Takes one service request; its answer comes out of [`poll_action`](Core::poll_action), before any event it causes.
    ///
    /// `_data` refines the request beyond the standard; nothing of it is heeded yet.
    pub fn handle_request(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _data: Option<Box<RequestData>>,
    ) {
        let place = self.actions.len();
        let result = match request {
            Request::AnswerCall { alerting_call } => self.answer_call(session, alerting_call),
            Request::ClearConnection { call } => self.clear_connection(session, call),
            Request::MakeCall { calling_device, called_device } => {
                self.make_call(session, calling_device, called_device)
            }
            Request::QueryAgentState { device } => self.query_agent_state(session, device),
            Request::QueryDeviceInfo { device } => self.query_device_info(session, device),
            Request::SetAgentState { device, mode, agent_id, agent_group, password } => {
                let wish = Wish { mode, agent_id, agent_group, password };
                match self.set_agent_state(session, invoke, device, wish) {
                    Ok(()) => return,
                    Err(failure) => Err(failure),
                }
            }
            Request::SystemStatus => Ok(Reply::SystemStatus { status: self.status() }),
            // What is wanted is kept by the session; every change is told to all of them.
            Request::SystemStatusStart { filter } => Ok(Reply::SystemStatusStart { filter }),
            Request::SystemStatusStop => Ok(Reply::SystemStatusStop),
            Request::MonitorDevice { device, filter } => self.monitor_device(session, device, filter, false),
            Request::MonitorCallsViaDevice { device, filter } => self.monitor_device(session, device, filter, true),
            Request::MonitorCall { call, filter } => self.monitor_call(session, call, filter),
            Request::MonitorStop { monitor } => self.monitor_stop(session, monitor),
            Request::SnapshotCall { call } => self.snapshot_call(session, call),
            Request::SnapshotDevice { device } => self.snapshot_device(session, device),
            Request::GetApiCaps => Ok(Reply::GetApiCaps { capabilities: Capabilities::BUILT }),
            Request::GetDeviceList { index, level } => self.device_list(session, index, level),
            Request::QueryCallMonitor => Ok(Reply::QueryCallMonitor { allowed: true }),
            // Events of the client, and its answers to requests of the switch, get no reply.
            Request::SendPrivate
            | Request::EscapeConf { .. }
            | Request::SystemStatusConf { .. }
            | Request::SystemStatusEvent { .. }
            | Request::RouteSelect { .. }
            | Request::RouteEnd { .. } => return,
            Request::AlternateCall { .. }
            | Request::CallCompletion { .. }
            | Request::ClearCall { .. }
            | Request::ConferenceCall { .. }
            | Request::ConsultationCall { .. }
            | Request::DeflectCall { .. }
            | Request::PickupCall { .. }
            | Request::GroupPickupCall { .. }
            | Request::HoldCall { .. }
            | Request::MakePredictiveCall { .. }
            | Request::QueryMessageWaiting { .. }
            | Request::QueryDoNotDisturb { .. }
            | Request::QueryForwarding { .. }
            | Request::QueryLastNumber { .. }
            | Request::ReconnectCall { .. }
            | Request::RetrieveCall { .. }
            | Request::SetMessageWaiting { .. }
            | Request::SetDoNotDisturb { .. }
            | Request::SetForwarding { .. }
            | Request::TransferCall { .. }
            | Request::RouteRegister { .. }
            | Request::RouteRegisterCancel { .. }
            | Request::Escape
            | Request::ChangeSystemStatusFilter { .. }
            | Request::ChangeMonitorFilter { .. } => Err(UniversalFailure::UnrecognizedOperationRejection),
        };
        if result.is_err() {
            self.counters.refused += 1;
        }
        // Whatever was done has put its events behind this place: the confirmation goes before them.
        self.actions.insert(place, Action::Reply { session, invoke, result, data: None });
    }

    /// A session has been opened by a user whose password was right.
    pub fn handle_session_opened(&mut self, session: SessionId, login: &str) {
        if self.sessions.len() >= SESSIONS_MAX {
            return;
        }
        // Who is not in the list may open a stream if the edge says so, but nothing is theirs.
        let rights = self.users.get(login).cloned().unwrap_or_else(|| Some(Arc::default()));
        self.sessions.insert(session, Session { rights });
    }

    /// A session is gone: its monitors end, its calls go on.
    pub fn handle_session_closed(&mut self, session: SessionId) {
        self.sessions.remove(&session);
        self.monitors.end_session(session);
    }

    /// Takes one answer of the store.
    pub fn handle_stored(&mut self, reply: StoreReply) {
        let (id, failure, customer) = match reply {
            StoreReply::Kept { id } => (id, None, None),
            StoreReply::Customer { id, customer } => (id, None, customer),
            StoreReply::Failed { id, why } => (id, Some(why), None),
        };
        let kept = failure.is_none();
        if let Some(why) = failure {
            self.counters.not_stored += 1;
            self.actions.push_back(Action::Trouble(Trouble::NotStored { why }));
        }
        if let (Some(call), Some(customer)) = (self.looked_up.remove(&id), customer) {
            self.on_customer(call, customer);
        }
        if let Some(change) = self.changes.remove(&id) {
            self.on_agent_change_kept(id, change, kept);
        }
    }

    /// The program is about to stop: ends every call, so that each has its record. Then drain [`poll_action`](Core::poll_action), and go
    /// on as before until [`is_settled`](Core::is_settled), so that recordings come to their ends.
    pub fn handle_stop(&mut self) {
        self.end_all_calls();
    }

    /// The engine has stopped: what came since [`handle_stop`](Core::handle_stop) ends as well, and a recording whose end was not
    /// told by now never will be.
    pub fn handle_stopped(&mut self) {
        self.end_all_calls();
        while let Some((&recording, _)) = self.recordings.first_key_value() {
            self.on_recording_lost(recording);
        }
    }

    /// Whether there is no call, and no recording whose end has not been told.
    pub fn is_settled(&self) -> bool {
        self.calls.is_empty() && self.recordings.is_empty()
    }

    /// The next thing to be done outside, in the order in which things were decided.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn advance(&mut self, to: Tick) {
        while let Some(at) = self.timers.next().filter(|&at| at <= to) {
            self.now = self.now.max(at);
            if let Some(timer) = self.timers.expired(at) {
                self.on_timer(timer);
            }
        }
        self.now = self.now.max(to);
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::CallerIdentity(call) => self.on_identity_wait_over(call),
            Timer::Prompt(call) => self.on_prompt_lost(call),
            Timer::MenuKey(call) => self.on_menu_key_wait_over(call),
            Timer::NextDigit(call) => self.on_digit_wait_over(call),
            Timer::Alerting(call) => self.on_not_answered(call),
            Timer::Zip(call) => self.on_zip_ended(call),
            Timer::BusyTone(call) => self.on_busy_tone_over(call),
            Timer::AfterCallWork(agent) => self.on_after_call_work_over(agent),
            Timer::AgentKept(id) => self.on_agent_change_late(id),
            Timer::RecordingEnd(recording) => self.on_recording_lost(recording),
        }
    }

    /// Takes a channel's next step and tells the line, or finds that the line was first.
    pub(crate) fn claim(&mut self, channel: ChannelId, intent: Intent) -> Result<(), Superseded> {
        let Some(line) = self.devices.line_mut(channel) else {
            return Err(Superseded { channel, found: Word::START });
        };
        match self.table.claim(channel, line.generation, intent) {
            Ok(claim) => {
                line.generation = claim.generation;
                line.state = claim.state;
                self.actions.push_back(Action::Command(claim.command));
                self.note_line_state(channel);
                Ok(())
            }
            Err(glare) => {
                self.counters.superseded += 1;
                Err(glare)
            }
        }
    }

    /// Asks the store for something. What hangs on the answer is for the caller to note.
    pub(crate) fn ask_store(&mut self, request: impl FnOnce(StoreId) -> StoreRequest) -> StoreId {
        self.next_store_id += 1;
        let id = StoreId(self.next_store_id);
        self.actions.push_back(Action::Store(request(id)));
        id
    }

    /// Has the store keep a record.
    pub(crate) fn keep(&mut self, record: Record) -> StoreId {
        self.ask_store(|id| StoreRequest::Keep { id, record })
    }
}
