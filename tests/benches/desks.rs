//! A site's desks under load: 200 desks and 5 wallboards over the JSON socket, with a file of customers, calls, orders.
//!
//! ```text
//! cargo bench -p tipring-tests --bench desks
//! TIPRING_SECONDS=600 TIPRING_DESKS=400 cargo bench -p tipring-tests --bench desks
//! ```
//!
//! This process has the JSON socket, the site's records over a database of 20,000 customers, the store's writer with
//! the records of each call, and a stand-in for the core, which answers requests and posts events: a call a second for
//! every 20 desks, each to its desk and to every wallboard. The clients are a process of their own (`desks/fleet.rs`).
//! As the console does, a desk reads the customer's card and opens the lists of orders and notices when a call pops,
//! takes an order down in every tenth call, and reads a list anew when it has changed. A latency is the time from the
//! call that posts an event, or from the request, to the client's hand. Not shown: a network, a browser, and a core
//! that has calls to look after.

#[path = "desks/fleet.rs"]
mod fleet;
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
    CallId, ConnectionId, DeviceId, ExtendedDeviceId, InvokeId, LocalConnectionState, MonitorCrossRefId, Request,
    SessionId, SystemStatus,
};
use tipring_tests::Folder;
use tipring_web::{WebDispatcher, WebServer, WebSettings};

use fleet::Fleet;
use site::{CUSTOMERS, Figured, ToCore, Users, Writer};

/// Desks to a call a second.
const DESKS_A_CALL: usize = 20;
/// Time from a call's pop to its end.
const TALK: Duration = Duration::from_secs(5);

fn main() {
    // Cargo adds options of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [address, desks, walls] = &arguments[..] {
        return fleet::run(address, desks, walls);
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
    let fleet = Fleet::start(server.address(), desks, walls);
    let mut core =
        Core { dispatcher: server.dispatcher(), asked, monitors: BTreeMap::new(), calls: Vec::new(), next: 0 };
    core.serve_until(|core| core.monitors.values().map(Vec::len).sum::<usize>() == desks + desks * walls);
    fleet.wait_until_ready();
    let with_clients = memory_kib();

    let (begun, times) = (Instant::now(), Times::now());
    let pace = Duration::from_secs_f64(DESKS_A_CALL as f64 / desks as f64);
    let mut popped = 0;
    while begun.elapsed() < Duration::from_secs(seconds as u64) {
        core.pop(popped, desks, &records);
        popped += 1;
        let next = begun + pace * u32::try_from(popped).expect("few");
        core.serve_until(|_| Instant::now() >= next);
        core.end_calls(&writer);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let used = Times::now().since(&times);
    let counters = server.counters();
    println!("{desks} desks, {walls} wallboards, {popped} calls in {elapsed:.0} s; {CUSTOMERS} customers on file");
    println!("{}", fleet.report());
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
    println!("{counters}");
    assert_eq!((counters.records_refused, counters.gaps, counters.dead), (0, 0, 0), "nothing is refused or lost");
}

/// The stand-in for the core: monitors, and calls that pop and end.
struct Core {
    dispatcher: WebDispatcher,
    asked: Receiver<(SessionId, InvokeId, Request)>,
    /// The monitors of each device.
    monitors: BTreeMap<DeviceId, Vec<(SessionId, MonitorCrossRefId)>>,
    /// Calls that go on: the number and the desk of each, and when it began.
    calls: Vec<(i32, DeviceId, Instant)>,
    next: u32,
}

impl Core {
    /// Answers requests until a condition holds.
    fn serve_until(&mut self, holds: impl Fn(&Core) -> bool) {
        while !holds(self) {
            match self.asked.recv_timeout(Duration::from_millis(1)) {
                Ok((session, invoke, request)) => self.answer(session, invoke, request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("the server lives"),
            }
        }
    }

    fn answer(&mut self, session: SessionId, invoke: InvokeId, request: Request) {
        let reply: Result<Reply, UniversalFailure> = match request {
            Request::MonitorDevice { device, filter } => {
                self.next += 1;
                let monitor = MonitorCrossRefId(self.next.cast_signed());
                self.monitors.entry(device).or_default().push((session, monitor));
                Ok(Reply::Monitor { monitor, filter })
            }
            _ => Ok(Reply::SystemStatus { status: SystemStatus::Normal }),
        };
        self.dispatcher.reply(session, invoke, reply, None);
    }

    /// A call pops at the next desk. Its number is the moment at which it was posted.
    fn pop(&mut self, popped: usize, desks: usize, records: &Figured) {
        let (desk, caller) = (fleet::station(popped % desks), site::number(popped % CUSTOMERS));
        let data = CallData {
            customer: Some(site::name(popped % CUSTOMERS)),
            caller: Some(caller.clone()),
            queue: Some("5000".into()),
            ..CallData::default()
        };
        records.count();
        let call = fleet::now();
        let connection = ConnectionId { call: CallId(call), device: desk, ..ConnectionId::NONE };
        let event = Event::Delivered {
            connection,
            alerting_device: ExtendedDeviceId::inside(desk),
            calling_device: ExtendedDeviceId::outside(DeviceId::new(&caller).expect("digits")),
            called_device: ExtendedDeviceId::inside(DeviceId::new("5000").expect("digits")),
            last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
            local: LocalConnectionState::Alerting,
            cause: EventCause::NewCall,
        };
        self.tell(&desk, &event, &Some(Arc::new(EventData::of_call(Arc::new(data)))));
        self.calls.push((call, desk, Instant::now()));
    }

    fn tell(&self, desk: &DeviceId, event: &Event, data: &Option<Arc<EventData>>) {
        for (session, monitor) in self.monitors.get(desk).into_iter().flatten() {
            self.dispatcher.report(*session, *monitor, event, data);
        }
    }

    /// Calls that have gone on for their time are over, and on record.
    fn end_calls(&mut self, writer: &Writer) {
        let (over, on) = std::mem::take(&mut self.calls).into_iter().partition(|(.., begun)| begun.elapsed() > TALK);
        self.calls = on;
        let over: Vec<(i32, DeviceId, Instant)> = over;
        for (call, desk, _) in over {
            let dropped_connection = ConnectionId { call: CallId(call), device: desk, ..ConnectionId::NONE };
            let event = Event::ConnectionCleared {
                dropped_connection,
                releasing_device: ExtendedDeviceId::inside(desk),
                local: LocalConnectionState::Null,
                cause: EventCause::None,
            };
            self.tell(&desk, &event, &None);
            writer.keep(call, &desk);
        }
    }
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
