//! The switching function: the owner of calls, agents, queues, monitors and timers. It dispatches; the parts are in
//! `switching`.
//!
//! Sans-IO: the outside hands events in by the `handle_*` methods and then drains
//! [`poll_action`](Core::poll_action). `now` is the tick of the last event taken; timers run when a tick marker, or an
//! event of a later tick, says that their time has come.
//!
//! Never: reads a clock, waits, or does anything outside itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tipring_driver::ids::{ChannelId, RecordingId};
use tipring_driver::media::{MediaEvent, RecordingKind};
use tipring_driver::time::{Tick, Ticks};

use crate::acd;
use crate::acd::callers::{CallerRule, Callers};
use crate::acd::floor::Floor;
use crate::acd::ids::{AgentIx, CallBackId};
use crate::acd::requests::Requests;
use crate::acd::rule::{OVERFLOW_MAX, QueueRules};
pub use crate::action::{Action, Counters, Trouble};
use crate::agent::rings::RingCadence;
use crate::agent::{AgentRules, Reasons, Roster};
use crate::call::Detail;
use crate::channel::{ChannelEvent, ChannelTable, What};
use crate::config::{CallerConfig, Config, ConfigError, QueueConfig, QueueSound, Times};
use crate::csta::private::RequestData;
use crate::csta::request::Request;
use crate::csta::rights::Rights;
use crate::csta::{AgentId, CallId, DeviceId, Ucid};
use crate::device::{Device, Devices, Features, QueueIx};
use crate::flow::book::FlowBook;
use crate::flow::calendar::Routes;
use crate::flow::walk::{DipAnswer, DipId};
use crate::ids::{InvokeId, SessionId};
use crate::library::rules::RecordingRules;
use crate::limits::{COMMANDS_KEPT, SESSIONS_MAX};
use crate::model::{Bounds, Change, Model};
use crate::monitor::Monitors;
use crate::pending::{CallBack, OpenRecording, PromptedServices, Supervisions};
use crate::route::dial_plan::DialPlan;
use crate::route::dialogue::Routing;
use crate::route::key_code::{KeyCodes, SecondFlash};
use crate::route::target::Target;
use crate::route::trunk_group::TrunkGroup;
use crate::sound::Sound;
use crate::store::{Record, StoreId, StoreReply, StoreRequest};
use crate::timers::{Timer, Timers};

/// A session, as far as the core has to know it.
#[derive(Debug)]
pub(crate) struct Session {
    /// The user.
    pub(crate) login: String,
    /// The user's rights.
    pub(crate) rights: Arc<Rights>,
}

/// The settings of a queue that are not rules of distribution.
#[derive(Debug)]
pub(crate) struct QueueSettings {
    pub(crate) after_call_work: Ticks,
    pub(crate) sound: QueueSound,
    pub(crate) longest_wait: Ticks,
    pub(crate) owner: Option<AgentIx>,
    pub(crate) hold: Ticks,
    pub(crate) last_agent: Ticks,
}

impl QueueSettings {
    /// The settings of a queue; calls wait for the usual time if it gives none.
    pub(crate) fn new(queue: &QueueConfig, owner: Option<AgentIx>, usual: Ticks) -> QueueSettings {
        QueueSettings {
            after_call_work: queue.after_call_work,
            sound: queue.sound,
            owner,
            hold: queue.personal.hold,
            last_agent: queue.personal.last_agent,
            longest_wait: queue.longest_wait.unwrap_or(usual),
        }
    }
}

/// The rules of all queues, known to lead somewhere.
fn queue_rules(queues: &[QueueConfig], devices: &Devices, flows: &[String]) -> Result<Vec<QueueRules>, ConfigError> {
    let check = |queue: &QueueConfig| {
        let exits = queue.rules.gate.iter().map(|gate| gate.to);
        for exit in exits.chain(queue.rules.overflow.iter().map(|rule| rule.to)) {
            match exit {
                acd::rule::Target::Queue(to) if usize::from(to.0) >= queues.len() => {
                    return Err(ConfigError::NoSuchOverflow(queue.device, to));
                }
                acd::rule::Target::To(destination) => drop(Target::resolve(destination, devices, flows)?),
                _ => {}
            }
        }
        match queue.rules.overflow.len() > OVERFLOW_MAX {
            true => Err(ConfigError::TooManyRules(queue.device)),
            false => Ok(queue.rules.clone()),
        }
    };
    queues.iter().map(check).collect()
}

/// From line events and requests to commands, answers and events.
#[derive(Debug)]
pub struct Core {
    pub(crate) now: Tick,
    pub(crate) epoch_ms: u64,
    pub(crate) times: Times,
    node: u32,
    pub(crate) record: Option<RecordingKind>,
    /// Rules by which calls are chosen to be recorded.
    pub(crate) record_rules: RecordingRules,
    /// Places on the way of commands to the engine.
    pub(crate) command_room: usize,
    /// The disk has room for new recordings.
    pub(crate) has_recording_room: bool,
    pub(crate) hold_music: Option<tipring_driver::ids::PromptId>,
    pub(crate) table: Arc<ChannelTable>,
    pub(crate) devices: Devices,
    /// The channels that are in service.
    pub(crate) in_service: BTreeSet<ChannelId>,
    pub(crate) entries: Vec<Target>,
    /// The flows of the newest version; calls hold the one they began with.
    pub(crate) flows: Arc<FlowBook>,
    /// The names of flows, those of earlier versions included: a number of a flow stands for a name.
    pub(crate) flow_names: Vec<String>,
    /// The routes of calendars, by name.
    pub(crate) calendars: BTreeMap<String, Routes>,
    /// Questions to data sources, with their calls.
    pub(crate) dips: BTreeMap<DipId, CallId>,
    pub(crate) next_dip: u64,
    pub(crate) next_composed: u32,
    pub(crate) dial_plan: DialPlan,
    pub(crate) trunk_group: TrunkGroup,
    pub(crate) features: Features,
    pub(crate) call_backs: Vec<CallBack>,
    /// Requests to be called back, and those that the store has not acknowledged.
    pub(crate) requests: Requests,
    pub(crate) unsaved: BTreeMap<StoreId, CallBackId>,
    pub(crate) routing: Routing,
    pub(crate) supervisions: Supervisions,
    pub(crate) prompted: PromptedServices,
    pub(crate) key_codes: Arc<KeyCodes>,
    pub(crate) second_flash: SecondFlash,
    /// Stations that wait for the verification of a PIN, with their calls.
    pub(crate) pins: BTreeMap<crate::device::StationIx, CallId>,
    /// The table of connections.
    pub(crate) model: Model,
    /// The particulars of each call.
    pub(crate) details: BTreeMap<CallId, Detail>,
    pub(crate) roster: Roster,
    pub(crate) floor: Floor,
    pub(crate) queues: Vec<QueueSettings>,
    pub(crate) ring_cadence: RingCadence,
    /// The number of the last entry in the log.
    pub(crate) last_entry: u64,
    pub(crate) is_log_begun: bool,
    /// Calls that have entered a queue in this transaction; empty between two.
    pub(crate) queued: Vec<CallId>,
    /// The wall clock less the ticks, ms.
    pub(crate) clock_shift_ms: i64,
    pub(crate) callers: Callers,
    /// Calls that a gate has turned away in this transaction; empty between two.
    pub(crate) exits: Vec<(CallId, QueueIx, acd::rule::Target)>,
    pub(crate) next_token: u32,
    pub(crate) next_playing: u32,
    pub(crate) sound: Sound,
    /// Devices whose connections have changed in this transaction.
    pub(crate) touched: BTreeSet<Device>,
    pub(crate) touched_calls: BTreeSet<CallId>,
    /// The changes of this transaction; empty between two.
    pub(crate) changes: Vec<Change>,
    pub(crate) recordings: BTreeMap<RecordingId, OpenRecording>,
    /// Counts of new messages, by owner.
    pub(crate) new_messages: BTreeMap<String, u32>,
    pub(crate) next_recording: u16,
    pub(crate) timers: Timers,
    pub(crate) monitors: Monitors,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    users: BTreeMap<String, Arc<Rights>>,
    /// Calls whose caller the store is looking up.
    pub(crate) looked_up: BTreeMap<StoreId, CallId>,
    /// The program stops: no call is offered to an agent any more.
    pub(crate) is_stopping: bool,
    /// New calls are refused; those that stand go on.
    pub(crate) is_draining: bool,
    /// The conditions between two transactions are checked; a measurement leaves that out.
    #[cfg(test)]
    pub(crate) is_checked: bool,
    next_store_id: u64,
    pub(crate) actions: VecDeque<Action>,
    pub(crate) counters: Counters,
}

impl Core {
    /// The core of a site whose channels are in `table`. Every device is out of service until its line says otherwise.
    ///
    /// # Errors
    ///
    /// If the configuration contradicts itself or the table.
    pub fn new(config: Config, table: Arc<ChannelTable>) -> Result<Core, ConfigError> {
        let devices = Devices::new(&config, table.len())?;
        let flow_names: Vec<_> = config.flows.flows.names().map(str::to_owned).collect();
        let entries = config
            .trunks
            .iter()
            .map(|trunk| Target::resolve(trunk.entry, &devices, &flow_names))
            .collect::<Result<_, _>>()?;
        let mut users = BTreeMap::new();
        for user in &config.users {
            if users.insert(user.login.clone(), Arc::new(user.rights.clone())).is_some() {
                return Err(ConfigError::UserTwice(user.login.clone()));
            }
        }
        // One missed offer is enough: the next caller is not to wait for the same empty chair.
        let reasons = Reasons::new(config.reasons.clone());
        let rules = AgentRules { misses: 1, reasons, ..AgentRules::default() };
        let roster = Roster::new(&config.agents, &devices, rules)?;
        let staff = config.agents.iter().map(|agent| Roster::staff(agent, &devices)).collect::<Result<_, _>>()?;
        let owner = |id: Option<AgentId>| match id {
            Some(id) => roster.find(&id).map(Some).ok_or(ConfigError::NoSuchAgent(id)),
            None => Ok(None),
        };
        let known = config.callers.iter().map(|caller| {
            let CallerConfig { number, credit, .. } = caller.clone();
            Ok(CallerRule { number, credit, owner: owner(caller.owner)? })
        });
        let callers = Callers::new(known.collect::<Result<_, ConfigError>>()?);
        let owners =
            config.queues.iter().map(|queue| owner(queue.personal.owner)).collect::<Result<Vec<_>, ConfigError>>()?;
        let rules = queue_rules(&config.queues, &devices, &flow_names)?;
        let kinds: Vec<_> = devices.stations().iter().map(|station| station.kind).collect();
        let groups: Vec<Option<u16>> = config.stations.iter().map(|station| station.pickup_group).collect();
        let mut model =
            Model::new(&kinds, devices.trunks().len(), devices.parks(), Bounds::default(), config.last_call);
        for (ix, &pickup_group) in groups.iter().enumerate() {
            let station = Device::Station(crate::device::StationIx(ix as u16));
            let _ = model.set_features(station, crate::model::Features { pickup_group, ..Default::default() });
        }
        let mut core = Core {
            now: Tick::ZERO,
            epoch_ms: config.epoch_ms,
            node: config.node.clamp(1, 99_999),
            times: config.times,
            record: config.record,
            record_rules: config.record_rules,
            command_room: usize::MAX,
            has_recording_room: true,
            hold_music: config.hold_music,
            dial_plan: DialPlan::new(&config.dial_plan, &devices),
            model,
            floor: Floor::new(rules, staff),
            roster,
            queues: config
                .queues
                .iter()
                .zip(owners)
                .map(|(queue, owner)| QueueSettings::new(queue, owner, config.times.queue))
                .collect(),
            ring_cadence: config.ring_cadence,
            last_entry: config.last_entry,
            is_log_begun: false,
            queued: Vec::new(),
            clock_shift_ms: 0,
            exits: Vec::new(),
            callers,
            sound: Sound::new(table.len()),
            devices,
            in_service: BTreeSet::new(),
            entries,
            flows: Arc::new(config.flows),
            flow_names,
            calendars: BTreeMap::new(),
            dips: BTreeMap::new(),
            next_dip: 0,
            next_composed: 0,
            table,
            trunk_group: TrunkGroup::default(),
            features: Features::default(),
            call_backs: Vec::new(),
            requests: Requests::new(config.last_call_back),
            unsaved: BTreeMap::new(),
            routing: Routing::default(),
            supervisions: Supervisions::default(),
            prompted: PromptedServices::default(),
            key_codes: Arc::new(config.key_codes),
            second_flash: config.second_flash,
            pins: BTreeMap::new(),
            details: BTreeMap::new(),
            next_token: 0,
            next_playing: 0,
            touched: BTreeSet::new(),
            touched_calls: BTreeSet::new(),
            changes: Vec::new(),
            recordings: BTreeMap::new(),
            new_messages: BTreeMap::new(),
            next_recording: 0,
            timers: Timers::default(),
            monitors: Monitors::default(),
            sessions: BTreeMap::new(),
            users,
            looked_up: BTreeMap::new(),
            is_stopping: false,
            is_draining: false,
            #[cfg(test)]
            is_checked: true,
            next_store_id: 0,
            actions: VecDeque::new(),
            counters: Counters::default(),
        };
        core.restore_requests(&config.call_backs);
        Ok(core)
    }

    /// The tick the core has come to.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// The tick at which time alone brings the next change; none if nothing is waited for.
    pub fn next_tick(&self) -> Option<Tick> {
        self.timers.next()
    }

    /// Counts since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The number of calls.
    pub fn calls(&self) -> usize {
        self.model.len()
    }

    /// The highest call identifier used so far.
    pub fn last_call(&self) -> CallId {
        self.model.last()
    }

    /// The number of calls that wait in a queue; none if there is no such queue.
    pub fn queue_waiting(&self, queue: &DeviceId) -> Option<usize> {
        match self.devices.find(queue)? {
            Device::Queue(queue) => Some(self.floor.waiting(queue)),
            Device::Trunk(_) | Device::Station(_) | Device::Park(_) | Device::Number(_) => None,
        }
    }

    /// Takes one event of the media thread. Then drain [`poll_action`](Core::poll_action).
    pub fn handle_channel_event(&mut self, event: ChannelEvent) {
        if event.at.0 > self.now.0 + 1 {
            // Markers were left out because the ring was half full: their time has passed all the same.
            self.advance(Tick(event.at.0 - 1));
        }
        self.set_now(self.now.max(event.at));
        match event.what {
            What::Line { channel, generation, event } => self.on_line_event(channel, generation, event),
            What::Media(MediaEvent::PlayEnded { task, end: _ }) => self.on_play_ended(task),
            What::Media(MediaEvent::RecordEnded { task: _, recording, end, samples, voice }) => {
                self.on_record_ended(recording, end, samples, voice);
            }
            What::Refused(refused) => {
                self.counters.commands_refused += 1;
                self.actions.push_back(Action::Trouble(Trouble::CommandRefused(refused)));
            }
            What::Tick => {
                self.advance(event.at);
                if self.table.take_overflowed() {
                    self.reconcile();
                }
            }
        }
        self.commit();
    }

    /// Takes one service request; its answer comes out of [`poll_action`](Core::poll_action), before any event it
    /// causes.
    pub fn handle_request(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) {
        let place = self.actions.len();
        let Some(result) = self.carry_out(session, request, data) else { return };
        self.commit();
        if result.is_err() {
            self.counters.refused += 1;
        }
        let (result, data) = match result {
            Ok((reply, data)) => (Ok(reply), data),
            Err(failure) => (Err(failure), None),
        };
        // Whatever was done has put its events behind this place: the confirmation goes before them.
        self.actions.insert(place, Action::Reply { session, invoke, result, data });
    }

    /// A session has been opened by a user whose password was right.
    pub fn handle_session_opened(&mut self, session: SessionId, login: &str) {
        if self.sessions.len() >= SESSIONS_MAX {
            return;
        }
        // A user who is not in the list may open a stream if the edge says so, but no device is granted.
        let rights = self.users.get(login).cloned().unwrap_or_default();
        self.sessions.insert(session, Session { login: login.to_owned(), rights });
    }

    /// A session is gone: its monitors end, its calls go on.
    pub fn handle_session_closed(&mut self, session: SessionId) {
        self.end_routing_of(session);
        self.sessions.remove(&session);
        self.monitors.end_session(session);
        self.commit();
    }

    /// Takes one answer of the store.
    pub fn handle_stored(&mut self, reply: StoreReply) {
        match reply {
            StoreReply::Kept { id } => {
                if let Some(request) = self.unsaved.remove(&id) {
                    self.on_request_kept(request);
                    self.commit();
                }
            }
            StoreReply::CallBackOrders { orders, last } => {
                orders.iter().for_each(|order| self.on_call_back_order(order));
                // Behind the records of what they have changed: nothing is lost between.
                self.persist(Record::CallBackOrdersDone(last));
                self.commit();
            }
            StoreReply::Customer { id, customer } => {
                if let (Some(call), Some(customer)) = (self.looked_up.remove(&id), customer) {
                    self.on_customer(call, customer);
                }
            }
            StoreReply::NewMessages(counts) => self.on_new_messages(counts),
            StoreReply::Failed { id, why } if self.looked_up.remove(&id).is_some() => {
                self.counters.failed_look_ups += 1;
                self.actions.push_back(Action::Trouble(Trouble::LookUpFailed { why }));
            }
            StoreReply::Failed { id, why } => {
                if let Some(request) = self.unsaved.remove(&id) {
                    self.on_request_lost(request);
                    self.commit();
                }
                self.counters.not_stored += 1;
                self.actions.push_back(Action::Trouble(Trouble::NotStored { why }));
            }
        }
    }

    /// Replaces the flows. Calls that walk finish the version they began with.
    pub fn handle_flows(&mut self, book: FlowBook) {
        for name in book.flows.names() {
            if !self.flow_names.iter().any(|known| known == name) {
                self.flow_names.push(name.to_owned());
            }
        }
        self.flows = Arc::new(book);
    }

    /// Replaces the routes of calendars, by name.
    pub fn handle_calendars(&mut self, calendars: BTreeMap<String, Routes>) {
        self.calendars = calendars;
    }

    /// Begins recordings of calls from now on only if the disk has room for them; those under way go on.
    pub fn handle_recording_room(&mut self, has_room: bool) {
        self.has_recording_room = has_room;
    }

    /// The number of commands that the engine's ring is sure to take from now on. While there is no place for a new
    /// call's, no channel is claimed for one: a claim is never left without its command.
    pub fn handle_command_room(&mut self, room: usize) {
        let had_room = self.has_command_room();
        self.command_room = room;
        if !had_room && self.has_command_room() {
            self.commit();
        }
    }

    /// Returns true if a new call may command lines. Each action not yet taken counts as a command.
    pub(crate) fn has_command_room(&self) -> bool {
        self.command_room.saturating_sub(self.actions.len()) > COMMANDS_KEPT
    }

    /// Takes the answer of a data source. One that comes too late changes nothing.
    pub fn handle_dipped(&mut self, dip: DipId, answer: DipAnswer) {
        if let Some(call) = self.dips.remove(&dip) {
            self.on_dipped(call, dip, answer);
            self.commit();
        }
    }

    /// The program will stop when the calls that stand have ended: new ones get busy tone, those of clients are
    /// refused, and who waits is served as before. A station that holds a call may consult another.
    pub fn handle_drain(&mut self) {
        self.is_draining = true;
    }

    /// Number of calls that stand.
    pub fn calls_standing(&self) -> usize {
        self.model.len()
    }

    /// The program is about to stop: ends every call, so that each has its record. Then drain
    /// [`poll_action`](Core::poll_action), and go on as before until [`is_settled`](Core::is_settled), so that
    /// recordings come to their ends.
    pub fn handle_stop(&mut self) {
        self.is_stopping = true;
        self.end_all_calls();
        self.log_all_off();
    }

    /// The engine has stopped: calls that came since [`handle_stop`](Core::handle_stop) end as well, and a recording
    /// whose end was not reported by now never will be.
    pub fn handle_stopped(&mut self) {
        self.is_stopping = true;
        self.end_all_calls();
        self.log_all_off();
        while let Some((&recording, _)) = self.recordings.first_key_value() {
            self.on_recording_lost(recording);
        }
    }

    /// Returns true if there is no call, and no recording whose end has not been reported.
    pub fn is_settled(&self) -> bool {
        self.model.is_empty() && self.recordings.is_empty()
    }

    /// The next thing to be done outside, in the order in which it was decided.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    pub(crate) fn set_now(&mut self, now: Tick) {
        self.now = now;
        self.model.set_now(now);
    }

    /// The universal identifier of a call: node, sequence and time, 20 digits. With identifiers that go on after a
    /// restart it is never used twice.
    pub(crate) fn ucid(&self, call: CallId) -> Ucid {
        let seconds = (self.epoch_ms + self.now.0) / 1000;
        let text = format!("{:05}{:05}{:010}", self.node, call.0 % 100_000, seconds % 10_000_000_000);
        Ucid::new(&text).unwrap_or_default()
    }

    fn advance(&mut self, to: Tick) {
        while let Some(at) = self.timers.next().filter(|&at| at <= to) {
            self.set_now(self.now.max(at));
            if let Some(timer) = self.timers.expired(at) {
                match timer {
                    Timer::Connection(call, device) => self.on_deadline(call, device),
                    Timer::Agent(agent) => self.on_agent_due(agent),
                    Timer::Floor => {}
                    Timer::CallBack(request) => self.on_request_due(request),
                    Timer::RecordingEnd(recording) => self.on_recording_lost(recording),
                }
                self.commit();
            }
        }
        self.set_now(self.now.max(to));
    }

    /// Asks the store for something. The caller keeps what hangs on the answer.
    pub(crate) fn ask_store(&mut self, request: impl FnOnce(StoreId) -> StoreRequest) -> StoreId {
        self.next_store_id += 1;
        let id = StoreId(self.next_store_id);
        self.actions.push_back(Action::Store(request(id)));
        id
    }

    /// Has the store keep a record.
    pub(crate) fn persist(&mut self, record: Record) {
        self.ask_store(|id| StoreRequest::Keep { id, record });
    }
}
