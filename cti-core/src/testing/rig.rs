//! The core with a table, a ring and a sink below it, and clients and a store above it, all in one hand.
//!
//! Lines do by themselves only what a line machine always does: they come to rest after a release. Recorders end when
//! they are stopped, and the store keeps what it is given, unless a test says otherwise. The requests of clients are in
//! `client`, events in a few words in `brief`, records and figures read back in `kept`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tipring_driver::engine::{Acceptance, Command, EventSink};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId, TaskId};
use tipring_driver::line::{CallerId, LineCommand, LineEvent, LineKind, Number};
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent};
use tipring_driver::spsc::{Consumer, queue_with_reserve};
use tipring_driver::time::Tick;

mod brief;
mod client;
mod kept;

pub(crate) use self::brief::{beside, brief, brief_data, local_number};
pub(crate) use self::client::agent_request;
use super::losses::Losses;
use super::{device, site};
use crate::channel::{ChannelEvent, ChannelTable, TableSink};
use crate::config::Config;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::UniversalFailure;
use crate::csta::event::{CallData, Event};
use crate::csta::private::{ReplyData, ReportData, RequestData};
use crate::csta::rights::Rights;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{CallId, ConnectionId, InvokeId, MonitorCrossRefId, Reply, SessionId, SystemStatus};
use crate::customer::{Customer, card};
use crate::flow::walk::DipId;
use crate::report::bounds::Bounds;
use crate::report::event::Entry;
use crate::report::figures::Limits;
use crate::report::ledger::Ledger;
use crate::store::{DecisionRecord, Record, StoreReply, StoreRequest};

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
    /// Private data stand beside the events reported.
    pub(crate) shows_data: bool,
    /// Private data of the next request.
    pub(crate) refined: Option<RequestData>,
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
            shows_data: false,
            refined: None,
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
                Action::SwitchRequest { request, data, .. } => {
                    self.switch_requests.push(*request);
                    self.event_data.clone_from(&data);
                }
                Action::EventReport { report, .. } => self.event_reports.push(*report),
                Action::Report { session, monitor, event, data } => {
                    let name = self.names.get(&(session, monitor)).cloned().unwrap_or_default();
                    let with = beside(data.as_deref().filter(|_| self.shows_data));
                    self.reports.push(format!("{name}: {}{with}", brief(&event)));
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
