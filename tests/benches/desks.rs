//! A site's desks under load: 200 desks and 5 wallboards over the JSON socket, with a file of customers, calls, orders.
//!
//! ```text
//! cargo bench -p tipring-tests --bench desks
//! TIPRING_SECONDS=600 TIPRING_DESKS=400 cargo bench -p tipring-tests --bench desks
//! ```
//!
//! Where Debian's package chromium is installed, one desk and one wallboard are the console in a browser, and what they
//! show is timed to the frame that shows it; then eight hours of that desk's calls are posted, and its memory printed.
//!
//! This process has the JSON socket, the site's records over a database of 20,000 customers, the store's writer with
//! the records of each call, and a stand-in for the core, which answers requests and posts events: a call a second for
//! every 20 desks, each to its desk and to every wallboard. The clients are a process of their own (`desks/fleet.rs`).
//! As the console does, a desk reads the customer's card and opens the lists of orders and notices when a call pops,
//! takes an order down in every tenth call, and reads a list anew when it has changed. A latency is the time from the
//! call that posts an event, or from the request, to the client's hand. Not shown: a network, a screen, and a core that
//! has calls to look after.

#[path = "../scenarios/console/browser.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod browser;
#[path = "desks/fleet.rs"]
mod fleet;
#[path = "desks/pages.rs"]
mod pages;
#[path = "desks/site.rs"]
mod site;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use tipring_core::csta::call_data::CallData;
use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::event::Event;
use tipring_core::csta::private::EventData;
use tipring_core::csta::reply::Reply;
use tipring_core::csta::{
    AgentState, CallId, ConnectionId, DeviceClass, DeviceId, DeviceType, ExtendedDeviceId, InvokeId,
    LocalConnectionState, MonitorCrossRefId, Request, SdbLevel, SessionId,
};
use tipring_tests::Folder;
use tipring_web::{WebDispatcher, WebServer, WebSettings};

use fleet::Fleet;
use pages::{Pages, Posted, wall_ms};
use site::{CUSTOMERS, Figured, Input, QUEUES, ToCore, Users, Writer};

/// Desks for each call a second.
const DESKS_A_CALL: usize = 20;
/// Time from a call's pop to its end.
const TALK: Duration = Duration::from_secs(5);
/// Calls of a desk in eight hours: one a minute.
const CALLS_A_DAY: usize = 480;
/// The eight hours take minutes here: the time of one of these calls, and the calls of the other desks in that time.
const PAGE_TALK: Duration = Duration::from_millis(300);
const PACES_A_PAGE_CALL: usize = 4;
/// Devices in a part of the list of devices.
const LIST_PART: usize = 20;

fn main() {
    // Cargo adds options of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [address, first, desks, walls] = &arguments[..] {
        return fleet::run(address, first, desks, walls);
    }
    let number = |name: &str, usual: usize| {
        std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let (desks, walls) = (number("TIPRING_DESKS", 200), number("TIPRING_WALLBOARDS", 5));
    let seconds = number("TIPRING_SECONDS", 20);
    let folder = Folder::new("desks");
    let (records, writer) = site::start(&folder.path("site.db"));
    let before = memory_kib();
    let (to_core, asked) = channel();
    let settings = WebSettings::new(([127, 0, 0, 1], 0).into());
    let server = WebServer::start(settings, Arc::new(Users), Arc::new(ToCore::new(to_core)), Arc::clone(&records) as _);
    let server = server.expect("loopback has ports");
    let mut core = Core::new(server.dispatcher(), asked, records, writer, desks);
    // The pages take the places of a desk and of a wallboard.
    let pages = Pages::open(&folder.path(""), server.address());
    if let Some(pages) = &pages {
        core.serve_until_some(|| pages.seen());
    }
    let in_pages = usize::from(pages.is_some());
    let fleet = Fleet::start(server.address(), in_pages..desks, walls - in_pages);
    let queues = in_pages * QUEUES as usize;
    core.serve_until(|core| core.monitors.values().map(Vec::len).sum::<usize>() == desks + desks * walls + queues);
    fleet.wait_until_ready();
    let with_clients = memory_kib();

    let pace = Duration::from_secs_f64(DESKS_A_CALL as f64 / desks as f64);
    let (begun, times) = (Instant::now(), Times::now());
    while begun.elapsed() < Duration::from_secs(seconds as u64) {
        core.pop_at_the_next_desk();
        core.serve_for(pace);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let used = Times::now().since(&times);
    println!(
        "{desks} desks, {walls} wallboards, {} calls in {elapsed:.0} s; {CUSTOMERS} customers on file",
        core.popped
    );
    println!(
        "processor time of the server: {:.1} % of a processor, the store's writer among it; of the stand-in for the \
         core: {:.1} %",
        used.server * 100.0 / elapsed,
        used.core * 100.0 / elapsed
    );
    println!(
        "memory: {:.1} MiB, of them {:.1} KiB a client",
        memory_kib() / 1024.0,
        (with_clients - before) / (desks + walls) as f64
    );
    if let Some(pages) = pages {
        core.have_eight_hours(&pages, pace);
    }
    println!("{}", fleet.report());
    let counters = server.counters();
    println!("{counters}");
    assert_eq!((counters.records_refused, counters.gaps, counters.dead), (0, 0, 0), "nothing is refused or lost");
}

/// The stand-in for the core: monitors, and calls that pop and end.
struct Core {
    dispatcher: WebDispatcher,
    asked: Receiver<Input>,
    records: Arc<Figured>,
    writer: Writer,
    desks: usize,
    /// The user of each session.
    logins: BTreeMap<SessionId, String>,
    /// The monitors of each device.
    monitors: BTreeMap<DeviceId, Vec<(SessionId, MonitorCrossRefId)>>,
    /// Calls that go on: the number and the desk of each, and when it ends.
    calls: Vec<(i32, DeviceId, Instant)>,
    /// Calls so far.
    popped: usize,
    /// Moment of the next call of the others, while they come at their pace.
    next_pop: Option<Instant>,
    next_monitor: u32,
    posted: Posted,
}

impl Core {
    fn new(
        dispatcher: WebDispatcher,
        asked: Receiver<Input>,
        records: Arc<Figured>,
        writer: Writer,
        desks: usize,
    ) -> Core {
        Core {
            dispatcher,
            asked,
            records,
            writer,
            desks,
            logins: BTreeMap::new(),
            monitors: BTreeMap::new(),
            calls: Vec::new(),
            popped: 0,
            next_pop: None,
            next_monitor: 0,
            posted: Posted::default(),
        }
    }

    /// Answers requests until a condition holds.
    fn serve_until(&mut self, mut holds: impl FnMut(&Core) -> bool) {
        while !holds(self) {
            match self.asked.recv_timeout(Duration::from_millis(1)) {
                Ok(Input::Opened(session, login)) => drop(self.logins.insert(session, login)),
                Ok(Input::Request(session, invoke, request)) => self.answer(session, invoke, request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("the server lives"),
            }
            self.end_calls();
        }
    }

    /// Answers requests until there is a value.
    fn serve_until_some<T>(&mut self, mut value: impl FnMut() -> Option<T>) -> T {
        let mut found = None;
        self.serve_until(|_| {
            found = value();
            found.is_some()
        });
        found.expect("it was waited for")
    }

    /// Answers requests for a step of an even pace.
    fn serve_for(&mut self, pace: Duration) {
        let next = self.next_pop.unwrap_or_else(Instant::now) + pace;
        self.serve_until(|_| Instant::now() >= next);
        self.next_pop = Some(next);
    }

    fn answer(&mut self, session: SessionId, invoke: InvokeId, request: Request) {
        let reply: Result<Reply, UniversalFailure> = match request {
            Request::MonitorDevice { device, filter } => {
                self.next_monitor += 1;
                let monitor = MonitorCrossRefId(self.next_monitor.cast_signed());
                self.monitors.entry(device).or_default().push((session, monitor));
                Ok(Reply::Monitor { monitor, filter })
            }
            Request::GetDeviceList { index, level } => {
                let all = self.devices_of(session);
                let from = usize::try_from(index).unwrap_or_default();
                let devices: Vec<DeviceId> = all.iter().skip(from).take(LIST_PART).copied().collect();
                let next = from + devices.len();
                let index = if next < all.len() { next as i32 } else { -1 };
                Ok(Reply::GetDeviceList { sdb_level: SdbLevel::AcsAndCsta, level, index, devices })
            }
            Request::QueryDeviceInfo { device } => {
                let is_queue = (0..QUEUES).any(|queue| device == queue_device(queue));
                let kind = if is_queue { DeviceType::Acd } else { DeviceType::Station };
                Ok(Reply::QueryDeviceInfo { device, kind, class: DeviceClass::VOICE })
            }
            Request::SnapshotDevice { .. } => Ok(Reply::SnapshotDevice { calls: Vec::new() }),
            Request::QueryAgentState { .. } => Ok(Reply::QueryAgentState { state: AgentState::Ready }),
            _ => Err(UniversalFailure::GenericUnspecified),
        };
        self.dispatcher.reply(session, invoke, reply, None);
    }

    /// The devices that a session's user has rights to.
    fn devices_of(&self, session: SessionId) -> Vec<DeviceId> {
        match self.logins.get(&session).map(String::as_str) {
            Some(fleet::WALLBOARD) => {
                (0..self.desks).map(fleet::station).chain((0..QUEUES).map(queue_device)).collect()
            }
            Some(desk) => DeviceId::new(desk).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A call pops at the desks in turns.
    fn pop_at_the_next_desk(&mut self) {
        self.pop(self.popped % self.desks, TALK);
    }

    /// A call pops at a desk, and goes on for a time. Its number is the moment at which it was posted.
    fn pop(&mut self, desk: usize, talk: Duration) {
        let (device, customer) = (fleet::station(desk), self.popped % CUSTOMERS);
        self.popped += 1;
        let data = CallData {
            customer: Some(site::name(customer)),
            caller: Some(site::number(customer)),
            queue: Some(queue_device(0).to_string()),
            ..CallData::default()
        };
        let (call, at) = (fleet::now(), wall_ms());
        self.posted.counts.insert(self.records.count(), at);
        if desk == 0 {
            self.posted.calls.insert(call, at);
        }
        let connection = ConnectionId { call: CallId(call), device, ..ConnectionId::NONE };
        let event = Event::Delivered {
            connection,
            alerting_device: ExtendedDeviceId::inside(device),
            calling_device: ExtendedDeviceId::outside(DeviceId::new(&site::number(customer)).expect("digits")),
            called_device: ExtendedDeviceId::inside(queue_device(0)),
            last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
            local: LocalConnectionState::Alerting,
            cause: EventCause::NewCall,
        };
        self.tell(&device, &event, &Some(Arc::new(EventData::of_call(Arc::new(data)))));
        self.calls.push((call, device, Instant::now() + talk));
    }

    /// Eight hours of calls at the desk in a page, beside those of the others: what the pages show, and its memory.
    fn have_eight_hours(&mut self, pages: &Pages, pace: Duration) {
        pages.look();
        self.serve_until_some(|| pages.seen()).print_memory("after the log-in");
        self.next_pop = None;
        for _ in 0..CALLS_A_DAY {
            self.pop(0, PAGE_TALK);
            for _ in 0..PACES_A_PAGE_CALL {
                self.pop_at_the_next_desk();
                self.serve_for(pace);
            }
        }
        pages.look();
        let seen = self.serve_until_some(|| pages.seen());
        seen.print_latencies(&self.posted);
        seen.print_memory("after eight hours of calls");
    }

    fn tell(&self, desk: &DeviceId, event: &Event, data: &Option<Arc<EventData>>) {
        for (session, monitor) in self.monitors.get(desk).into_iter().flatten() {
            self.dispatcher.report(*session, *monitor, event, data);
        }
    }

    /// Calls that have gone on for their time are over, and on record.
    fn end_calls(&mut self) {
        let now = Instant::now();
        let (over, on): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.calls).into_iter().partition(|(.., end)| *end <= now);
        self.calls = on;
        for (call, desk, _) in over {
            let dropped_connection = ConnectionId { call: CallId(call), device: desk, ..ConnectionId::NONE };
            let event = Event::ConnectionCleared {
                dropped_connection,
                releasing_device: ExtendedDeviceId::inside(desk),
                local: LocalConnectionState::Null,
                cause: EventCause::None,
            };
            self.tell(&desk, &event, &None);
            self.writer.keep(call, &desk);
        }
    }
}

fn queue_device(queue: u64) -> DeviceId {
    DeviceId::new(&site::queue_number(queue).to_string()).expect("digits")
}

/// Seconds of processor time: of the thread that stands in for the core, and of all others here.
struct Times {
    core: f64,
    server: f64,
}

impl Times {
    fn now() -> Times {
        let read = |file: &str| std::fs::read_to_string(file).expect("Linux");
        let core = read("/proc/thread-self/schedstat");
        let core = core.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).expect("a number") / 1e9;
        // Threads that have ended count here.
        let all = nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID.now().expect("Linux");
        Times { core, server: Duration::from(all).as_secs_f64() - core }
    }

    fn since(&self, before: &Times) -> Times {
        Times { core: self.core - before.core, server: self.server - before.server }
    }
}

/// Memory of this process.
fn memory_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it is there");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Names a thread, so that a person who looks at the processes knows it.
fn named(name: &str, body: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().name(name.into()).spawn(body).expect("a thread")
}
