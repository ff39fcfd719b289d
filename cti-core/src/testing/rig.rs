//! The core with a table, a ring and a sink below it, and clients and a store above it, all in one hand.
//!
//! Lines do by themselves only what a line machine always does: they come to rest after a release. Recorders end when
//! they are stopped, and the store keeps what it is given, unless a test says otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_driver::engine::{Acceptance, Command, EventSink};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::line::{CallerId, LineCommand, LineEvent, LineKind, Number};
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent, ToneKind};
use tipring_driver::spsc::{Consumer, queue_with_reserve};
use tipring_driver::time::Tick;

use super::losses::Losses;
use super::{device, site};
use crate::channel::{ChannelEvent, ChannelTable, TableSink};
use crate::config::Config;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::UniversalFailure;
use crate::csta::event::{CallData, Event};
use crate::csta::private::{ParticipationType, ReplyData, ReportData, RequestData};
use crate::csta::rights::Rights;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::tipring::{TipringReply, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::csta::{
    AgentId, AgentMode, AgentPassword, AgentState, CallId, Connection, ConnectionId, DeviceId, ExtendedDeviceId,
    InvokeId, LocalConnectionState, MonitorCrossRefId, MonitorFilter, Reply, Request, SessionId, SystemStatus,
};
use crate::customer::{Customer, card};
use crate::flow::walk::DipId;
use crate::report::bounds::Bounds;
use crate::report::event::Entry;
use crate::report::figures::{Figures, Limits};
use crate::report::ledger::{Key, Ledger};
use crate::store::{CallRecord, DecisionRecord, Record, StoreReply, StoreRequest};

/// The session of the user `all`, opened with every rig.
pub(crate) const ALL: SessionId = SessionId(1);

pub(crate) struct Rig {
    pub(crate) core: Core,
    pub(crate) table: Arc<ChannelTable>,
    pub(crate) sink: TableSink,
    pub(crate) ring: Consumer<ChannelEvent>,
    pub(crate) now: Tick,
    /// The commands to lines, as text, since they were last taken.
    lines: Vec<String>,
    /// The commands about sound; a test clears them.
    pub(crate) media: Vec<MediaCommand>,
    /// The events reported, as text, since they were last taken, each with its monitor's name.
    reports: Vec<String>,
    /// Every event with its monitor, for judges.
    pub(crate) events: Vec<(SessionId, MonitorCrossRefId, Event)>,
    pub(crate) switch_requests: Vec<SwitchRequest>,
    pub(crate) event_reports: Vec<EventReport>,
    pub(crate) data: Option<Arc<CallData>>,
    /// The data of the last event that has any.
    pub(crate) event_data: ReportData,
    pub(crate) replies: Vec<(InvokeId, Result<Reply, UniversalFailure>)>,
    /// The data of the last reply.
    pub(crate) reply_data: Option<Box<ReplyData>>,
    pub(crate) records: Vec<Record>,
    /// The log of events, and the ledger that was fed with each entry as it came.
    pub(crate) log: Vec<Entry>,
    pub(crate) decisions: Vec<DecisionRecord>,
    pub(crate) ledger: Ledger,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) statuses: Vec<SystemStatus>,
    /// Rights that sessions were given while they stood.
    pub(crate) rights: Vec<(SessionId, Arc<Rights>)>,
    /// Questions to data sources: the source and the key.
    pub(crate) dips: Vec<(DipId, String, String)>,
    /// Prompts made of others.
    pub(crate) composed: Vec<(PromptId, Vec<PromptId>)>,
    pub(crate) customers: BTreeMap<String, Customer>,
    /// The store answers; if not, its requests pile up in `unanswered`.
    pub(crate) store_answers: bool,
    pub(crate) unanswered: Vec<StoreRequest>,
    /// Moments at which the core is lost and made again.
    pub(crate) losses: Losses,
    recorders: BTreeMap<TaskId, (RecordingId, Tick)>,
    names: BTreeMap<(SessionId, MonitorCrossRefId), String>,
    invoke: u32,
}

/// A ledger with one interval for all that a test does.
pub(crate) fn ledger() -> Ledger {
    let bounds = Bounds::new(vec![0, u64::MAX]).expect("ascending");
    Ledger::new(bounds, Limits::default(), BTreeMap::new())
}

impl Rig {
    /// The site of the tests with everything in service; headsets are worn.
    pub(crate) fn new() -> Rig {
        Rig::of(site())
    }

    pub(crate) fn of(config: Config) -> Rig {
        let mut rig = Rig::out_of_service(config, 1024);
        for channel in 0..5 {
            let kind = if channel < 2 { LineKind::Trunk } else { LineKind::Station };
            rig.line(channel, LineEvent::InService(kind));
        }
        rig.line(4, LineEvent::OffHook);
        rig.lines.clear();
        rig
    }

    pub(crate) fn out_of_service(config: Config, ring: usize) -> Rig {
        Rig::lossy(config, ring, Losses::default())
    }

    /// A rig whose core is lost now and then.
    pub(crate) fn lossy(config: Config, ring: usize, mut losses: Losses) -> Rig {
        let table = Arc::new(ChannelTable::new(8));
        let mut core = Core::new(config, table.clone()).expect("a site that can be");
        losses.begin(&mut core);
        core.handle_session_opened(ALL, "all");
        Rig::around(core, table, ring, losses)
    }

    /// A copy of this moment, with nothing of what was reported and recorded before it. The core has heard all that
    /// lines have said.
    pub(super) fn fork(&self) -> Rig {
        assert!(self.unanswered.is_empty(), "the store owes an answer");
        let table = Arc::new(self.table.copy());
        let mut core = self.core.clone();
        core.channels.set_table(table.clone()).expect("the same channels");
        let mut rig = Rig::around(core, table, self.ring.capacity(), Losses::default());
        rig.now = self.now;
        rig.recorders.clone_from(&self.recorders);
        rig.names.clone_from(&self.names);
        rig.invoke = self.invoke;
        rig
    }

    fn around(core: Core, table: Arc<ChannelTable>, ring: usize, losses: Losses) -> Rig {
        let (events, ring) = queue_with_reserve(ring, ring / 8);
        Rig {
            core,
            sink: TableSink::new(table.clone(), events),
            table,
            ring,
            now: Tick::ZERO,
            lines: Vec::new(),
            media: Vec::new(),
            reports: Vec::new(),
            events: Vec::new(),
            switch_requests: Vec::new(),
            event_reports: Vec::new(),
            data: None,
            event_data: None,
            replies: Vec::new(),
            reply_data: None,
            records: Vec::new(),
            log: Vec::new(),
            decisions: Vec::new(),
            ledger: ledger(),
            troubles: Vec::new(),
            statuses: Vec::new(),
            rights: Vec::new(),
            dips: Vec::new(),
            composed: Vec::new(),
            customers: BTreeMap::new(),
            store_answers: true,
            unanswered: Vec::new(),
            losses,
            recorders: BTreeMap::new(),
            names: BTreeMap::new(),
            invoke: 0,
        }
    }

    /// A line says something now, and the core hears it.
    pub(crate) fn line(&mut self, channel: u16, event: LineEvent) -> Acceptance {
        let verdict = self.sink.line_event(self.now, ChannelId(channel), event);
        self.pump();
        verdict
    }

    /// A line says something that the core has not yet heard.
    pub(crate) fn line_unheard(&mut self, channel: u16, event: LineEvent) -> Acceptance {
        self.sink.line_event(self.now, ChannelId(channel), event)
    }

    /// Recorders do not report their ends any more.
    pub(crate) fn lose_recorders(&mut self) {
        self.recorders.clear();
    }

    /// A media task ends now.
    pub(crate) fn media_ends(&mut self, event: MediaEvent) {
        self.sink.media_event(self.now, event);
        self.pump();
    }

    /// Time passes, a tick at a time.
    pub(crate) fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now = Tick(self.now.0 + 1);
            self.sink.tick(self.now);
            self.pump();
        }
    }

    /// The core takes what is in the ring, and its actions are carried out.
    pub(crate) fn pump(&mut self) {
        loop {
            self.act();
            match self.ring.pop() {
                Some(event) => {
                    self.lose_before_the_log(event);
                    self.core.handle_channel_event(event);
                }
                None => break,
            }
        }
        self.core.check_deadlines();
    }

    fn act(&mut self) {
        while let Some(action) = self.next_action() {
            match action {
                Action::Command(Command::Line { channel, command }) => self.line_told(channel, command),
                Action::Command(Command::Media(command)) => self.media_told(command),
                Action::VerifyPin { station, agent, pin } => {
                    self.core.handle_pin(&station, &agent, pin.as_str() == "1234");
                }
                Action::Reply { session: _, invoke, result, data } => {
                    self.replies.push((invoke, result));
                    self.reply_data = data;
                }
                Action::SwitchRequest { request, .. } => self.switch_requests.push(*request),
                Action::EventReport { report, .. } => self.event_reports.push(*report),
                Action::Report { session, monitor, event, data } => {
                    let name = self.names.get(&(session, monitor)).cloned().unwrap_or_default();
                    self.reports.push(format!("{name}: {}", brief(&event)));
                    self.events.push((session, monitor, *event));
                    if data.is_some() {
                        self.event_data.clone_from(&data);
                    }
                    if let Some(call) = data.and_then(|data| data.call.clone()) {
                        self.data = Some(call);
                    }
                }
                Action::SystemStatus(status) => self.statuses.push(status),
                Action::Rights { session, rights } => self.rights.push((session, rights)),
                Action::Store(request) if self.store_answers => self.store(request),
                Action::Store(request) => self.unanswered.push(request),
                Action::Dip { dip, source, key, wait: _ } => self.dips.push((dip, source, key.text)),
                Action::Compose { prompt, parts } => self.composed.push((prompt, parts)),
                Action::Trouble(trouble) => self.troubles.push(trouble),
            }
        }
    }

    /// The store does as it is asked.
    pub(crate) fn store(&mut self, request: StoreRequest) {
        let reply = match request {
            StoreRequest::Keep { id, records } => {
                for record in records {
                    match record {
                        Record::Event(entry) => {
                            self.ledger.apply(&entry);
                            self.log.push(*entry);
                        }
                        Record::Decision(decision) => self.decisions.push(*decision),
                        record => self.records.push(record),
                    }
                }
                StoreReply::Kept { up_to: id }
            }
            StoreRequest::FindCustomer { id, number } => {
                let customer = self.customers.get(number.as_str()).cloned();
                let card = Box::new(card(customer.as_ref(), &[], &[], &[]));
                StoreReply::Customer { id, customer, card }
            }
        };
        self.core.handle_stored(reply);
    }

    fn line_told(&mut self, channel: ChannelId, command: LineCommand) {
        let text = match command {
            LineCommand::Answer => "answer".into(),
            LineCommand::Dial(number) => format!("dial {number}"),
            LineCommand::Release => "release".into(),
            LineCommand::Ring(None) => "ring".into(),
            LineCommand::Ring(Some(caller)) => format!("ring for {}", caller.number),
            LineCommand::SendDigits(digits) => format!("send {digits}"),
            LineCommand::MessageWaiting(waiting) => format!("message waiting {waiting}"),
            LineCommand::Flash => "flash".into(),
            LineCommand::Disconnect => "disconnect".into(),
        };
        self.lines.push(format!("{} {text}", channel.0));
        if command == LineCommand::Release {
            self.sink.line_event(self.now, channel, LineEvent::Idle);
        }
    }

    fn media_told(&mut self, command: MediaCommand) {
        self.media.push(command);
        match command {
            MediaCommand::Record { task, recording, .. } => {
                self.recorders.insert(task, (recording, self.now));
            }
            MediaCommand::Stop { task } => {
                if let Some((recording, began)) = self.recorders.remove(&task) {
                    let samples = self.now.since(began).as_samples();
                    let end = MediaEnd::Stopped;
                    self.sink.media_event(
                        self.now,
                        MediaEvent::RecordEnded { task, recording, end, samples, voice: self.now.since(began) },
                    );
                } else {
                    self.sink.media_event(self.now, MediaEvent::PlayEnded { task, end: MediaEnd::Stopped });
                }
            }
            MediaCommand::Play { .. }
            | MediaCommand::Tone { .. }
            | MediaCommand::Connect { .. }
            | MediaCommand::Disconnect { .. }
            | MediaCommand::Listen { .. }
            | MediaCommand::Unlisten { .. }
            | MediaCommand::Join { .. }
            | MediaCommand::Leave { .. }
            | MediaCommand::Pause { .. }
            | MediaCommand::Gain { .. }
            | MediaCommand::Clear => {}
        }
    }

    /// Asks, without looking at the answer.
    pub(crate) fn send(&mut self, session: SessionId, request: Request) -> InvokeId {
        self.send_with(session, request, None)
    }

    /// Sends a request with private data.
    pub(super) fn send_with(
        &mut self,
        session: SessionId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> InvokeId {
        self.invoke += 1;
        let invoke = InvokeId(self.invoke);
        self.core.handle_request(session, invoke, request, data);
        self.pump();
        invoke
    }

    /// Asks and gives the answer.
    pub(crate) fn ask(&mut self, session: SessionId, request: Request) -> Result<Reply, UniversalFailure> {
        let invoke = self.send(session, request);
        let ix = self.replies.iter().position(|(id, _)| *id == invoke).expect("an answer at once");
        self.replies.remove(ix).1
    }

    /// Single step conference: a station joins a call, as a party or silently.
    pub(crate) fn join(&mut self, call: ConnectionId, by: DeviceId, silent: bool) -> Result<Reply, UniversalFailure> {
        let vendor = VendorRequest::SingleStepConferenceCall {
            active_call: call,
            device_to_be_join: by,
            participation: if silent { ParticipationType::Silent } else { ParticipationType::Active },
            alert_destination: false,
        };
        self.escape(ALL, RequestData { vendor: Some(vendor), ..RequestData::default() })
    }

    /// A private request.
    pub(crate) fn escape(&mut self, session: SessionId, data: RequestData) -> Result<Reply, UniversalFailure> {
        let invoke = self.send_with(session, Request::Escape, Some(Box::new(data)));
        let ix = self.replies.iter().position(|(id, _)| *id == invoke).expect("an answer at once");
        self.replies.remove(ix).1
    }

    /// A request of the vendor `TIPRING`.
    pub(crate) fn tipring(
        &mut self,
        session: SessionId,
        request: TipringRequest,
    ) -> Result<TipringReply, UniversalFailure> {
        self.escape(session, RequestData::of_tipring(request))?;
        let reply = self.reply_data.take().and_then(|data| data.tipring);
        Ok(reply.expect("a request of the vendor has its reply"))
    }

    /// Monitors a device; its events are named `name`.
    pub(crate) fn monitor(&mut self, name: &str) {
        let request = Request::MonitorDevice { device: device(name), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("D{name}"));
    }

    /// Monitors the calls via a device.
    pub(crate) fn monitor_via(&mut self, name: &str) {
        let request = Request::MonitorCallsViaDevice { device: device(name), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("C{name}"));
    }

    /// Monitors a call; its events are named `M` with its number.
    pub(crate) fn monitor_call(&mut self, id: CallId) {
        let request = Request::MonitorCall { call: ConnectionId::of_call(id), filter: MonitorFilter::default() };
        self.name_monitor(request, format!("M{}", id.0));
    }

    fn name_monitor(&mut self, request: Request, name: String) {
        match self.ask(ALL, request) {
            Ok(Reply::Monitor { monitor, .. }) => self.names.insert((ALL, monitor), name),
            other => panic!("a monitor was refused: {other:?}"),
        };
    }

    pub(crate) fn agent(&mut self, station: &str, id: &str, mode: AgentMode) -> Result<Reply, UniversalFailure> {
        self.ask(ALL, agent_request(station, id, "secret", mode))
    }

    /// Logs an agent on and makes him ready.
    pub(crate) fn ready(&mut self, station: &str, id: &str) {
        self.agent(station, id, AgentMode::LogIn).expect("logged on");
        self.agent(station, id, AgentMode::Ready).expect("ready");
    }

    /// A caller rings on a trunk and is known: the trunk is answered and its flow begins.
    pub(crate) fn ring_in(&mut self, channel: u16, number: &str) {
        self.line(channel, LineEvent::Offered);
        self.line(channel, LineEvent::CallerIdentity(caller(number)));
    }

    /// A caller rings on a trunk and presses 1: the queue 5000.
    pub(crate) fn ring_into_queue(&mut self, channel: u16, number: &str) {
        self.ring_in(channel, number);
        self.line(channel, LineEvent::Digit(super::key('1')));
    }

    /// The events reported since the last call, each with its monitor's name.
    pub(crate) fn reported(&mut self) -> Vec<String> {
        std::mem::take(&mut self.reports)
    }

    /// The commands to lines since the last call.
    pub(crate) fn commanded(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// Time passes in one step, as after a pause of the media thread.
    pub(crate) fn skip(&mut self, ms: u64) {
        self.now = Tick(self.now.0 + ms);
        self.sink.tick(self.now);
        self.pump();
    }

    /// The store answers again, first what it has left unanswered.
    pub(crate) fn catch_up(&mut self) {
        self.store_answers = true;
        for request in std::mem::take(&mut self.unanswered) {
            self.store(request);
        }
        self.pump();
    }

    /// The last tone that a channel was made to hear.
    pub(crate) fn tone(&self, channel: u16) -> Option<ToneKind> {
        self.media.iter().rev().find_map(|command| match *command {
            MediaCommand::Tone { channel: at, tone } if at.0 == channel => Some(tone),
            _ => None,
        })?
    }

    /// The records of calls, oldest first.
    pub(crate) fn calls(&self) -> Vec<&CallRecord> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Call(call) => Some(call.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The history of agents: the moment in milliseconds, the log-in, the state.
    pub(crate) fn history(&self) -> Vec<(u64, String, AgentState)> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Agent(change) => Some((change.at.0, change.agent.to_string(), change.state)),
                _ => None,
            })
            .collect()
    }

    /// The state of the agent at a station, as a client asks for it.
    pub(crate) fn agent_state(&mut self, station: &str) -> AgentState {
        match self.ask(ALL, Request::QueryAgentState { device: device(station) }) {
            Ok(Reply::QueryAgentState { state }) => state,
            other => panic!("{other:?}"),
        }
    }

    /// The number of calls that wait in a queue.
    pub(crate) fn waiting(&self, queue: &str) -> usize {
        self.core.queue_waiting(&device(queue)).expect("a queue")
    }

    /// The figures of a queue.
    pub(crate) fn figures(&self, queue: &str) -> Figures {
        self.ledger.total(&Key::Queue(device(queue)))
    }

    /// A call is made by request.
    pub(crate) fn make_call(&mut self, from: &str, to: &str) -> Result<Reply, UniversalFailure> {
        self.ask(ALL, Request::MakeCall { calling_device: device(from), called_device: device(to) })
    }

    /// Keys are pressed at a station.
    pub(crate) fn keys(&mut self, channel: u16, keys: &str) {
        for c in keys.chars() {
            self.line(channel, LineEvent::Digit(super::key(c)));
        }
    }

    /// A station's connection in a call.
    pub(crate) fn connection(&self, call: i32, name: &str) -> ConnectionId {
        ConnectionId { call: CallId(call), device: device(name), ..ConnectionId::NONE }
    }
}

pub(crate) fn caller(number: &str) -> CallerId {
    CallerId { number: Number::from(number).expect("short"), ..CallerId::default() }
}

pub(crate) fn agent_request(station: &str, id: &str, password: &str, mode: AgentMode) -> Request {
    Request::SetAgentState {
        device: device(station),
        mode,
        agent_id: AgentId::new(id).expect("short"),
        agent_group: DeviceId::EMPTY,
        password: AgentPassword::new(password).expect("short"),
    }
}

/// An event in a few words: its name, its connection's or device's name, who else matters, the local state, the cause.
pub(crate) fn brief(event: &Event) -> String {
    let name = |id: &ExtendedDeviceId| if id.device.is_empty() { "-".to_owned() } else { id.device.to_string() };
    let call = |what: &str, connection: &ConnectionId, more: String, local: &LocalConnectionState, cause: i32| {
        let device = if connection.device.is_empty() { "-" } else { connection.device.as_str() };
        format!("{what} {device}{more} {} {cause}", local_number(*local))
    };
    match event {
        Event::CallCleared { cleared_call, local, cause } => {
            call("cleared", cleared_call, String::new(), local, cause.number())
        }
        Event::ConnectionCleared { dropped_connection, releasing_device, local, cause } => {
            let by = format!(" by {}", name(releasing_device));
            call("dropped", dropped_connection, by, local, cause.number())
        }
        Event::Delivered {
            connection, calling_device, called_device, last_redirection_device, local, cause, ..
        } => {
            let more = format!(
                " from {} to {} over {}",
                name(calling_device),
                name(called_device),
                name(last_redirection_device)
            );
            call("delivered", connection, more, local, cause.number())
        }
        Event::Diverted { connection, new_destination, local, cause, .. } => {
            call("diverted", connection, format!(" to {}", name(new_destination)), local, cause.number())
        }
        Event::Established { established_connection, last_redirection_device, local, cause, .. } => {
            let more = format!(" over {}", name(last_redirection_device));
            call("established", established_connection, more, local, cause.number())
        }
        Event::Failed { failed_connection, failing_device, local, cause, .. } => {
            call("failed", failed_connection, format!(" at {}", name(failing_device)), local, cause.number())
        }
        Event::NetworkReached { trunk_used, called_device, local, cause, .. } => {
            format!(
                "reached {} by {} {} {}",
                name(called_device),
                name(trunk_used),
                local_number(*local),
                cause.number()
            )
        }
        Event::Originated { originated_connection, called_device, local, cause, .. } => {
            call("originated", originated_connection, format!(" to {}", name(called_device)), local, cause.number())
        }
        Event::Queued { queued_connection, number_queued, last_redirection_device, local, cause, .. } => {
            let more = format!(" as {number_queued} over {}", name(last_redirection_device));
            call("queued", queued_connection, more, local, cause.number())
        }
        Event::ServiceInitiated { initiated_connection, local, cause } => {
            call("initiated", initiated_connection, String::new(), local, cause.number())
        }
        Event::CallInformation { connection, device, .. } => {
            format!("information {} of {}", connection.device, name(device))
        }
        Event::LoggedOn { agent_id, agent_group, .. } => format!("logged on {agent_id} for {agent_group}"),
        Event::LoggedOff { agent_id, agent_group, .. } => format!("logged off {agent_id} for {agent_group}"),
        Event::NotReady { agent_id, .. } => format!("not ready {agent_id}"),
        Event::Ready { agent_id, .. } => format!("ready {agent_id}"),
        Event::WorkNotReady { agent_id, .. } => format!("work {agent_id}"),
        Event::BackInService { device, .. } => format!("back {device}"),
        Event::OutOfService { device, cause } => format!("out {device} {}", cause.number()),
        Event::MonitorEnded { .. } => "monitor ended".into(),
        Event::Held { held_connection, local, cause, .. } => {
            call("held", held_connection, String::new(), local, cause.number())
        }
        Event::Retrieved { retrieved_connection, local, cause, .. } => {
            call("retrieved", retrieved_connection, String::new(), local, cause.number())
        }
        Event::Conferenced { primary_old_call, secondary_old_call, conference_connections, local, cause, .. } => {
            let more = format!(" and {} are {}", secondary_old_call.call.0, parties(conference_connections));
            call("conferenced", primary_old_call, more, local, cause.number())
        }
        Event::Transferred { primary_old_call, secondary_old_call, transferred_connections, local, cause, .. } => {
            let more = format!(" and {} are {}", secondary_old_call.call.0, parties(transferred_connections));
            call("transferred", primary_old_call, more, local, cause.number())
        }
        Event::DoNotDisturb { device, do_not_disturb_on } => {
            format!("do not disturb {} {do_not_disturb_on}", name(device))
        }
        Event::Forwarding { device, forwarding_information } => {
            let to = forwarding_information.destination;
            format!("forwarding {} to {to} {}", name(device), forwarding_information.on)
        }
        Event::MessageWaiting { device_for_message, message_waiting_on, .. } => {
            format!("message waiting {} {message_waiting_on}", name(device_for_message))
        }
        Event::WorkReady { agent_id, .. } => format!("work ready {agent_id}"),
        Event::PrivateStatus => "private".into(),
    }
}

/// The parties of a resulting call: its number, then their devices.
fn parties(connections: &[Connection]) -> String {
    let mut text = connections.first().map_or("0".into(), |first| first.party.call.0.to_string());
    for connection in connections {
        text.push(' ');
        text.push_str(connection.party.device.as_str());
    }
    text
}

pub(crate) fn local_number(local: LocalConnectionState) -> i32 {
    match local {
        LocalConnectionState::None => -1,
        LocalConnectionState::Null => 0,
        LocalConnectionState::Initiate => 1,
        LocalConnectionState::Alerting => 2,
        LocalConnectionState::Connect => 3,
        LocalConnectionState::Hold => 4,
        LocalConnectionState::Queued => 5,
        LocalConnectionState::Fail => 6,
    }
}
