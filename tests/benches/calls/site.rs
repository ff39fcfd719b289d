//! The site of the bench: the core with its lines below, and above it what is outside: a client's monitor, the store.
//!
//! Never: decides about a call.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tipring_core::acd::ids::Skills;
use tipring_core::acd::rule::QueueRules;
use tipring_core::channel::{ChannelEvent, ChannelTable, TableSink};
use tipring_core::config::{
    AgentConfig, Destination, MembershipConfig, PersonalConfig, QueueConfig, QueueSound, StationConfig, StationKind,
    TrunkConfig, UserConfig,
};
use tipring_core::core::Trouble;
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, InvokeId, MonitorFilter, Request, SessionId};
use tipring_core::limits::SESSION_MONITORS_MAX;
use tipring_core::store::{Record, StoreId, StoreReply, StoreRequest};
use tipring_core::time::{Tick, Ticks};
use tipring_core::{Action, Config, Core};
use tipring_driver::engine::EventSink;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineKind};
use tipring_driver::spsc::{Consumer, queue_with_reserve};

use crate::lines::{Callers, Lines};
use crate::outside::Outside;

const CLIENT: SessionId = SessionId(1);
const QUEUE: &str = "5000";

fn id(text: &str) -> DeviceId {
    DeviceId::new(text).expect("a short name")
}

fn extension(line: u16) -> DeviceId {
    id(&format!("{}", 10_000 + u32::from(line)))
}

/// Idle stations, among which the monitors of other devices are spread.
const WATCHED_STATIONS: u16 = 100;

/// The size of a site.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Trunks, and as many stations with an agent each.
    pub lines: u16,
    /// Monitors of the queue's calls.
    pub queue_monitors: usize,
    /// Monitors of devices that have no calls.
    pub idle_monitors: usize,
}

impl Size {
    /// With one monitor, on the queue's calls.
    pub fn of(lines: u16) -> Size {
        Size { lines, queue_monitors: 1, idle_monitors: 0 }
    }

    /// The channel of an idle station behind those of trunks and agents.
    fn watched(self, station: u16) -> ChannelId {
        ChannelId(2 * self.lines + station)
    }
}

fn config(size: Size) -> Config {
    let lines = size.lines;
    let (agent, password) = (|line| AgentId::new(&format!("{line}")), AgentPassword::new("secret").expect("short"));
    Config {
        trunks: (0..lines)
            .map(|line| TrunkConfig {
                channel: ChannelId(line),
                device: id(&format!("T{line}")),
                number: id("6000"),
                entry: Destination::Queue(id(QUEUE)),
                fax: None,
            })
            .collect(),
        stations: (0..lines)
            .map(|line| StationConfig {
                channel: ChannelId(lines + line),
                device: extension(line),
                kind: StationKind::Handset,
                pickup_group: None,
            })
            .chain((0..WATCHED_STATIONS).map(|station| StationConfig {
                channel: size.watched(station),
                device: extension(lines + station),
                kind: StationKind::Handset,
                pickup_group: None,
            }))
            .collect(),
        agents: (0..lines)
            .map(|line| AgentConfig {
                id: agent(line).expect("short"),
                password,
                name: format!("Agent {line}"),
                skills: Skills::NONE,
                queues: vec![MembershipConfig::equal(id(QUEUE))],
                greeting: None,
            })
            .collect(),
        queues: vec![QueueConfig {
            device: id(QUEUE),
            name: "Hotline".into(),
            rules: QueueRules::default(),
            longest_wait: None,
            personal: PersonalConfig::default(),
            after_call_work: Ticks::ZERO,
            sound: QueueSound::Ringback,
            announces_agent: false,
        }],
        users: vec![UserConfig { login: "desk".into(), rights: Rights::everything() }],
        ..Config::default()
    }
}

/// The passing of time at the site.
pub enum Clock {
    /// That of the wall, from this moment on.
    Wall(Instant),
    /// A tick a turn: a run is the same each time, to the instruction.
    Turns,
}

impl Clock {
    fn next(&self, now: Tick) -> Tick {
        match self {
            Clock::Wall(began) => Tick(began.elapsed().as_millis() as u64),
            Clock::Turns => Tick(now.0 + 1),
        }
    }
}

/// The site at work.
pub struct Site<O> {
    core: Core,
    sink: TableSink,
    ring: Consumer<ChannelEvent>,
    lines: Lines,
    /// Room for the events of a turn; empty between two.
    events: VecDeque<(ChannelId, LineEvent)>,
    count: u16,
    /// The client and the store.
    pub outside: O,
    /// The requests to keep records that are not committed yet, with the records and the ended calls in each.
    unsaved: VecDeque<(StoreId, u64, u64)>,
    clock: Clock,
    now: Tick,
    begun: u64,
    committed: u64,
    kept: u64,
    behind: u64,
}

impl<O: Outside> Site<O> {
    /// Everything in service, all agents ready, and the monitors started.
    pub fn new(size: Size, callers: Callers, clock: Clock, outside: O) -> Site<O> {
        let count = size.lines;
        let table = Arc::new(ChannelTable::new(2 * usize::from(count) + usize::from(WATCHED_STATIONS)));
        let (events, ring) = queue_with_reserve(8192, 64);
        let mut site = Site {
            core: Core::new(config(size), table.clone()).expect("a site that can be"),
            sink: TableSink::new(table, events),
            ring,
            lines: Lines::new(count, callers),
            events: VecDeque::new(),
            count,
            outside,
            unsaved: VecDeque::new(),
            clock,
            now: Tick::ZERO,
            begun: 0,
            committed: 0,
            kept: 0,
            behind: 0,
        };
        site.core.handle_session_opened(CLIENT, "desk");
        for line in 0..count {
            site.say(ChannelId(line), LineEvent::InService(LineKind::Trunk));
            site.say(ChannelId(count + line), LineEvent::InService(LineKind::Station));
            for mode in [AgentMode::LogIn, AgentMode::Ready] {
                let request = Request::SetAgentState {
                    device: extension(line),
                    mode,
                    agent_id: AgentId::new(&format!("{line}")).expect("short"),
                    agent_group: DeviceId::EMPTY,
                    password: AgentPassword::new("secret").expect("short"),
                };
                site.core.handle_request(CLIENT, InvokeId(0), request, None);
                site.pump();
            }
        }
        let filter = MonitorFilter::default();
        let of_queue = Request::MonitorCallsViaDevice { device: id(QUEUE), filter };
        let of_station = |ix: usize| {
            let device = extension(count + (ix % usize::from(WATCHED_STATIONS)) as u16);
            Request::MonitorDevice { device, filter }
        };
        let of_queue = std::iter::repeat_n(of_queue, size.queue_monitors);
        for (ix, monitor) in of_queue.chain((0..size.idle_monitors).map(of_station)).enumerate() {
            let session = SessionId(CLIENT.0 + (ix / SESSION_MONITORS_MAX) as u32);
            if ix % SESSION_MONITORS_MAX == 0 && session != CLIENT {
                site.core.handle_session_opened(session, "desk");
            }
            site.core.handle_request(session, InvokeId(0), monitor, None);
            site.pump();
        }
        site
    }

    /// Callers come, and everyone does what comes next.
    pub fn turn(&mut self, callers: u64) {
        let now = self.clock.next(self.now);
        if now > self.now {
            self.now = now;
            self.sink.tick(now);
        }
        self.begun += self.lines.ring(callers);
        let mut events = std::mem::take(&mut self.events);
        self.lines.take(&mut events);
        let nothing = events.is_empty();
        for (channel, event) in events.drain(..) {
            self.say(channel, event);
        }
        self.events = events;
        self.pump();
        self.outside.send();
        let mut answers = 0;
        while let Some(reply) = self.outside.reply() {
            answers += 1;
            if let StoreReply::Kept { up_to } = &reply {
                while let Some((_, records, calls)) = self.unsaved.pop_front_if(|(id, ..)| *id <= *up_to) {
                    self.kept += records;
                    self.committed += calls;
                }
            }
            assert!(!matches!(reply, StoreReply::Failed { .. }), "{reply:?}");
            self.core.handle_stored(reply);
        }
        self.pump();
        if nothing && answers == 0 {
            // The store's thread has the processor: to look again and again would be counted as work.
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    fn say(&mut self, channel: ChannelId, event: LineEvent) {
        self.sink.line_event(self.now, channel, event);
    }

    fn pump(&mut self) {
        loop {
            match self.core.poll_action() {
                Some(Action::Store(request)) => {
                    if let StoreRequest::Keep { id, records } = &request {
                        let calls = records.iter().filter(|record| matches!(record, Record::Call(_))).count();
                        self.unsaved.push_back((*id, records.len() as u64, calls as u64));
                    }
                    self.outside.store(request);
                }
                Some(Action::Report { monitor, event, data, .. }) => {
                    self.outside.report(monitor, &event, data.as_deref());
                }
                Some(Action::Command(command)) => self.lines.obey(command),
                Some(Action::Trouble(Trouble::StoreBehind { .. })) => self.behind += 1,
                Some(Action::Trouble(trouble)) => panic!("{trouble}"),
                Some(_) => {}
                None => {
                    let Some(event) = self.ring.pop() else { return };
                    self.core.handle_channel_event(event);
                }
            }
        }
    }

    /// The number of lines.
    pub fn lines(&self) -> u16 {
        self.count
    }

    /// Calls that have begun.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Calls whose record is in the database.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    /// Records in the database.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Times at which the store was so far behind that calls were left ringing, and calls that were.
    pub fn left_ringing(&self) -> (u64, u64) {
        (self.behind, self.core.counters().not_admitted)
    }

    /// Nothing is left to be done.
    pub fn is_idle(&self) -> bool {
        self.committed == self.begun && self.lines.is_idle() && self.core.calls() == 0
    }

    /// The rest, in words.
    pub fn left(&self) -> String {
        format!("{} calls, {} of {} committed", self.core.calls(), self.committed, self.begun)
    }

    /// Each call was taken and answered, and nothing was lost.
    pub fn check(&self) {
        let counters = self.core.counters();
        assert_eq!((counters.calls, counters.not_stored, counters.reconciled), (self.begun, 0, 0));
    }
}
