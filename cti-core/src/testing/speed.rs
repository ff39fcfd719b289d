//! Events the core takes in a second. A measurement, not a test: run it alone, optimised.
//!
//!     cargo test --release -p tipring-core --lib speed -- --ignored --nocapture

use std::sync::Arc;
use std::time::Instant;

use tipring_driver::engine::{Command, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{DisconnectSignal, LineCommand, LineEvent, LineKind};
use tipring_driver::spsc::{Consumer, queue_with_reserve};
use tipring_driver::time::Tick;

use super::rig::{ALL, agent_request, caller};
use super::{device, key, site};
use crate::channel::{ChannelEvent, ChannelTable, TableSink};
use crate::config::{AgentConfig, StationConfig, StationKind, TrunkConfig};
use crate::core::{Action, Checkpoint, Core};
use crate::csta::{AgentId, AgentMode, InvokeId, MonitorFilter, Request};
use crate::replay::Recovery;
use crate::report::event::Event;
use crate::store::{Record, StoreReply, StoreRequest};

const AGENTS: u16 = 240;
const MINUTES: u64 = 40;

/// The core, its sink and its ring, with everything outside answered at once and forgotten.
struct Bench {
    core: Core,
    sink: TableSink,
    ring: Consumer<ChannelEvent>,
    /// Stations that were commanded to ring.
    rung: Vec<ChannelId>,
    taken: u64,
    answered: u64,
    commands: u64,
    table: Arc<ChannelTable>,
    /// The core as it began.
    first: String,
    /// The log of inputs, a line each, if it is kept.
    log: Option<Vec<u8>>,
}

impl Bench {
    fn new(logged: bool) -> Bench {
        let mut config = site();
        let (trunk, agent) = (config.trunks[0].clone(), config.agents[0].clone());
        config.trunks = (0..AGENTS)
            .map(|n| TrunkConfig { channel: ChannelId(n), device: device(&format!("T{n}")), ..trunk.clone() })
            .collect();
        config.stations = (0..AGENTS)
            .map(|n| {
                let (channel, kind) = (ChannelId(AGENTS + n), StationKind::Handset);
                StationConfig { channel, device: device(&extension(n)), kind, pickup_group: None }
            })
            .collect();
        config.agents = (0..AGENTS)
            .map(|n| AgentConfig { id: AgentId::new(&format!("a{n}")).expect("short"), ..agent.clone() })
            .collect();
        let table = Arc::new(ChannelTable::new(2 * AGENTS as usize));
        let (events, ring) = queue_with_reserve(8192, 64);
        let sink = TableSink::new(table.clone(), events);
        let mut core = Core::new(config, table.clone()).expect("a site that can be");
        core.is_checked = false;
        if logged {
            core.keep_log();
        }
        let log = logged.then(Vec::new);
        let first = written(&core);
        Bench { core, sink, ring, rung: Vec::new(), taken: 0, answered: 0, commands: 0, table, first, log }
    }

    /// Everything comes into service and every agent is ready and monitored.
    fn begin_shift(&mut self) {
        self.core.handle_session_opened(ALL, "all");
        for n in 0..AGENTS {
            self.line(0, ChannelId(n), LineEvent::InService(LineKind::Trunk));
            self.line(0, ChannelId(AGENTS + n), LineEvent::InService(LineKind::Station));
            let monitor = Request::MonitorDevice { device: device(&extension(n)), filter: MonitorFilter::default() };
            self.core.handle_request(ALL, InvokeId(0), monitor, None);
            for mode in [AgentMode::LogIn, AgentMode::Ready] {
                let request = agent_request(&extension(n), &format!("a{n}"), "secret", mode);
                self.core.handle_request(ALL, InvokeId(0), request, None);
                self.pump(0);
            }
        }
    }

    /// A call on every trunk, answered by every agent, ended by every caller.
    fn minute(&mut self, start: u64) {
        let stations = self.answer(start);
        let trunks = || (0..AGENTS).map(ChannelId);
        trunks().for_each(|trunk| self.line(start + 39_000, trunk, LineEvent::Released(DisconnectSignal::Tone)));
        stations.iter().for_each(|&station| self.line(start + 40_000, station, LineEvent::OnHook));
        self.pump(start + 50_000);
    }

    /// A call on every trunk, answered by every agent. Returns their stations.
    fn answer(&mut self, start: u64) -> Vec<ChannelId> {
        let identity = LineEvent::CallerIdentity(caller("13800138000"));
        let trunks = || (0..AGENTS).map(ChannelId);
        for (after, event) in [(0, LineEvent::Offered), (2000, identity), (4000, LineEvent::Digit(key('1')))] {
            trunks().for_each(|trunk| self.line(start + after, trunk, event));
        }
        let stations = std::mem::take(&mut self.rung);
        stations.iter().for_each(|&station| self.line(start + 8000, station, LineEvent::OffHook));
        stations
    }

    fn line(&mut self, at: u64, channel: ChannelId, event: LineEvent) {
        self.sink.line_event(Tick(at), channel, event);
        self.pump(at);
    }

    fn pump(&mut self, at: u64) {
        self.sink.tick(Tick(at));
        loop {
            self.write_log();
            while let Some(action) = self.core.poll_action() {
                self.commands += u64::from(matches!(action, Action::Command(_)));
                self.act(at, action);
            }
            self.write_log();
            let Some(event) = self.ring.pop() else { return };
            self.taken += 1;
            self.core.handle_channel_event(event);
        }
    }

    fn write_log(&mut self) {
        let Some(log) = &mut self.log else { return };
        for entry in self.core.take_log() {
            serde_json::to_writer(&mut *log, &entry).expect("plain data");
            log.push(b'\n');
        }
    }

    fn act(&mut self, at: u64, action: Action) {
        match action {
            Action::Store(StoreRequest::Keep { id, records }) => {
                let answered = |record: &&Record| matches!(record, Record::Event(entry) if matches!(entry.event, Event::Answered { .. }));
                self.answered += records.iter().filter(answered).count() as u64;
                self.core.handle_stored(StoreReply::Kept { up_to: id });
            }
            Action::Store(StoreRequest::FindCustomer { id, .. }) => {
                self.core.handle_stored(StoreReply::Customer { id, customer: None, card: Box::default() });
            }
            Action::Command(Command::Line { channel, command: LineCommand::Release }) => {
                self.sink.line_event(Tick(at), channel, LineEvent::Idle);
            }
            Action::Command(Command::Line { channel, command: LineCommand::Ring(_) }) => self.rung.push(channel),
            Action::Command(_)
            | Action::Reply { .. }
            | Action::SwitchRequest { .. }
            | Action::EventReport { .. }
            | Action::Report { .. }
            | Action::Rights { .. }
            | Action::SystemStatus(_)
            | Action::VerifyPin { .. }
            | Action::Dip { .. }
            | Action::Compose { .. }
            | Action::Trouble(_) => {}
        }
    }
}

fn written(core: &Core) -> String {
    serde_json::to_string(&core.checkpoint().expect("nothing is to be done")).expect("plain data")
}

fn extension(n: u16) -> String {
    format!("{}", 1000 + n)
}

/// A shift, and its length in seconds without the log-ins.
fn shift(logged: bool) -> (Bench, f64) {
    let mut bench = Bench::new(logged);
    bench.begin_shift();
    bench.taken = 0;
    let began = Instant::now();
    for minute in 0..MINUTES {
        bench.minute(1000 + minute * 60_000);
    }
    let seconds = began.elapsed().as_secs_f64();
    (bench, seconds)
}

#[test]
#[ignore = "a measurement"]
fn a_log_of_inputs_and_its_replay() {
    let (plain, without) = shift(false);
    let (bench, with) = shift(true);
    let log = bench.log.as_deref().unwrap_or_default();
    let began = Instant::now();
    let first = serde_json::from_str(&bench.first).expect("plain data");
    let mut recovery = Recovery::new(first, bench.table, bench.commands).expect("the same channels");
    for line in log.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()) {
        recovery.replay(serde_json::from_slice(line).expect("plain data"), |_| ());
    }
    let (core, unsent) = recovery.finish(&[]).expect("the same commands");
    let seconds = began.elapsed().as_secs_f64();
    let calls = core.counters().calls;
    println!(
        "{calls} calls: {:.2} times the time with the log, {} octets a call; replayed in {seconds:.3} s, {:.0} calls a second",
        with / without,
        log.len() as u64 / calls,
        calls as f64 / seconds
    );
    assert_eq!(calls, plain.core.counters().calls);
    assert!(unsent.is_empty());
}

#[test]
#[ignore = "a measurement"]
fn events_a_second() {
    let (bench, seconds) = shift(false);
    let counters = bench.core.counters();
    println!(
        "{} events and ticks, {} calls, {} reports in {seconds:.3} s: {:.0} a second, {:.0} calls a second",
        bench.taken,
        counters.calls,
        counters.reports,
        bench.taken as f64 / seconds,
        counters.calls as f64 / seconds
    );
    assert_eq!(bench.answered, u64::from(AGENTS) * MINUTES);
}

#[test]
#[ignore = "a measurement"]
fn a_checkpoint_of_240_calls_that_talk() {
    let mut bench = Bench::new(true);
    bench.begin_shift();
    for minute in 0..MINUTES {
        bench.minute(1000 + minute * 60_000);
    }
    let stations = bench.answer(1000 + MINUTES * 60_000);
    let mut times: Vec<_> = (0..100)
        .map(|_| {
            let began = Instant::now();
            let octets = written(&bench.core).len();
            (began.elapsed(), octets)
        })
        .collect();
    times.sort();
    let text = written(&bench.core);
    let began = Instant::now();
    let read: Checkpoint = serde_json::from_str(&text).expect("reads back");
    println!(
        "{} calls, {} at the telephone: {} octets, written in {:?} (median of 100, longest {:?}), read in {:?}",
        bench.core.calls(),
        stations.len(),
        times[0].1,
        times[50].0,
        times[99].0,
        began.elapsed()
    );
    assert_eq!(read.core().calls(), usize::from(AGENTS));
}
