//! The TSAPI server under load: thousands of streams, dead clients, a flood, its processor time and its memory.
//!
//! ```text
//! cargo bench -p tipring-tsapi --bench sockets
//! TIPRING_STREAMS=1000 TIPRING_ROUNDS=3 cargo bench -p tipring-tsapi --bench sockets
//! ```
//!
//! This process has the server and a stand-in for the core, which answers requests and posts events; clients are
//! processes of their own (`sockets/fleet.rs`), so that memory and processor time here are the server's alone. A
//! latency is the time from the call that posts an event to the client's hand, by the one monotonic clock of the
//! machine; what is compared takes turns within the run, and the figure of a case is the median of its rounds. Not
//! shown: a network, and a core that has calls to look after.

#[path = "sockets/fleet.rs"]
mod fleet;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tipring_csta_types::cause::{EventCause, UniversalFailure};
use tipring_csta_types::event::Event;
use tipring_csta_types::private::RequestData;
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::{
    CallId, ConnectionId, DeviceId, ExtendedDeviceId, InvokeId, LocalConnectionState, MonitorCrossRefId, Request,
    SessionId, SystemStatus,
};
use tipring_tsapi::server::{Backend, Dispatcher, Server, Settings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, ServerSettings};

use fleet::{Fleet, Latency, Role};

/// Events of a round, and the time between two of them.
const EVENTS: usize = 2_000;
const PAUSE: Duration = Duration::from_micros(500);
/// Streams of the smaller fleets.
const HUNDRED: usize = 100;
/// Events a second for the figure of processor time, and their time.
const RATE: usize = 20_000;
const RATE_TIME: Duration = Duration::from_secs(5);

fn main() {
    // Cargo adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [role, address, streams] = &arguments[..] {
        return fleet::run(role, address, streams);
    }
    let number = |name: &str, usual: usize| {
        std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let (streams, rounds) = (number("TIPRING_STREAMS", 5_000), number("TIPRING_ROUNDS", 7));
    let mut rig = Rig::start();
    let mut one = rig.fleet(Role::Hears, 1);
    let (before, kernel) = (resident_kib(), kernel_kib());
    let mut many = rig.fleet(Role::Hears, streams);
    let each = |now: f64, then: f64| (now - then) / streams as f64;
    println!(
        "memory of a stream with a monitor: {:.1} KiB, and {:.1} KiB of the kernel's buffers while nothing waits",
        each(resident_kib(), before),
        each(kernel_kib(), kernel),
    );
    rig.contest("one stream", &mut one, &format!("{streams} streams"), &mut many, rounds);

    let mut live = rig.fleet(Role::Hears, HUNDRED);
    let mut dead = rig.fleet(Role::Deaf, HUNDRED);
    rig.beside_dead_clients(&mut many, &mut live, &mut dead);

    let quiet: Vec<Latency> = (0..rounds).map(|_| rig.round(&mut many)).collect();
    let flood = rig.fleet(Role::Flood, 1);
    let flooded: Vec<Latency> = (0..rounds).map(|_| rig.round(&mut many)).collect();
    let requests = rig.server.counters().sessions.requests;
    drop(flood);
    compare("without a flood", &quiet, "one user floods", &flooded);
    println!("  {requests} requests were taken meanwhile");

    let (core, server) = rig.processor_time(&mut live);
    println!(
        "{RATE} events a second to {HUNDRED} streams: {:.0} % of a processor, {:.0} % of them in the server's threads",
        core + server,
        server * 100.0 / (core + server)
    );
    let counters = rig.server.counters();
    println!("{counters}");
}

struct Anyone;

impl Accounts for Anyone {
    fn verify(&self, _login: &str, _password: &str) -> Option<Arc<Rights>> {
        Some(Arc::new(Rights::everything()))
    }
}

/// Hands requests to the stand-in for the core.
struct ToCore(Mutex<Sender<(SessionId, InvokeId, Request)>>);

impl Backend for ToCore {
    fn opened(&self, _session: SessionId, _login: &str) {}
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let sent = self.0.lock().expect("no panic has it").send((session, invoke, request));
        sent.map_err(|_| UniversalFailure::ResourceOutOfService)
    }
    fn closed(&self, _session: SessionId) {}
}

struct Rig {
    server: Server,
    dispatcher: Dispatcher,
    /// Sessions that have got their monitor.
    monitored: Receiver<SessionId>,
}

impl Rig {
    fn start() -> Rig {
        let mut settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").expect("short")));
        settings.connections_max = 12_000;
        settings.connections_per_address_max = 12_000;
        let (to_core, requests) = channel();
        let server = Server::start("127.0.0.1:0", settings, Arc::new(Anyone), Arc::new(ToCore(Mutex::new(to_core))));
        let server = server.expect("loopback has ports");
        let dispatcher = server.dispatcher();
        let (to_rig, monitored) = channel();
        thread::spawn({
            let dispatcher = dispatcher.clone();
            move || {
                for (session, invoke, request) in requests {
                    let monitor = monitor_of(session);
                    let reply = match request {
                        Request::MonitorDevice { filter, .. } => Reply::Monitor { monitor, filter },
                        _ => Reply::SystemStatus { status: SystemStatus::Normal },
                    };
                    dispatcher.reply(session, invoke, Ok(reply), None);
                    if let Request::MonitorDevice { .. } = request {
                        let _ = to_rig.send(session);
                    }
                }
            }
        });
        Rig { server, dispatcher, monitored }
    }

    /// Starts a process with streams, each with a monitor, and waits until it has them.
    fn fleet(&mut self, role: Role, streams: usize) -> Fleet {
        let fleet = Fleet::start(role, self.server.address(), streams);
        let next = || self.monitored.recv_timeout(fleet::LIMIT).expect("every stream gets its monitor");
        let sessions = (0..streams).map(|_| next()).collect();
        fleet.opened(sessions)
    }

    fn post(&self, session: SessionId) {
        self.dispatcher.report(session, monitor_of(session), &delivered(fleet::now()), &None);
    }

    /// Posts events at a pace, one stream after the other.
    fn round(&self, fleet: &mut Fleet) -> Latency {
        self.paced(|| self.post(fleet.next()));
        fleet.latency(EVENTS)
    }

    fn paced(&self, mut post: impl FnMut()) {
        let mut at = Instant::now();
        for _ in 0..EVENTS {
            post();
            at += PAUSE;
            thread::sleep(at.saturating_duration_since(Instant::now()));
        }
    }

    fn contest(&self, name: &str, one: &mut Fleet, other_name: &str, other: &mut Fleet, rounds: usize) {
        let [mut these, mut those] = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            these.push(self.round(one));
            those.push(self.round(other));
        }
        compare(name, &these, other_name, &those);
    }

    /// Every event goes to a hundred more streams besides: to some that read, then to some that do not, from before
    /// their buffers are full until they are cut off.
    fn beside_dead_clients(&self, many: &mut Fleet, live: &mut Fleet, dead: &mut Fleet) {
        let among = |others: &Fleet, many: &mut Fleet| {
            let mut turn = 0;
            self.paced(|| {
                // Ten of the hundred at a time: 20,000 events a second.
                others.sessions.iter().skip(turn % 10 * 10).take(10).for_each(|session| self.post(*session));
                turn += 1;
                self.post(many.next());
            });
            many.latency(EVENTS)
        };
        let [mut beside_live, mut beside_dead] = [Vec::new(), Vec::new()];
        let cut_before = self.server.counters().slow_readers;
        let mut cut = 0;
        while cut < HUNDRED as u64 && beside_dead.len() < 60 {
            beside_live.push(among(live, many));
            beside_dead.push(among(dead, many));
            cut = self.server.counters().slow_readers - cut_before;
        }
        live.latency(0);
        compare("beside 100 that read", &beside_live, "beside 100 that do not", &beside_dead);
        println!("  {cut} of {HUNDRED} were cut off in {} rounds", beside_dead.len());
    }

    /// Processor time in per cent of one processor, of the thread that posts and of the server's.
    fn processor_time(&self, fleet: &mut Fleet) -> (f64, f64) {
        const A_MS: Duration = Duration::from_millis(1);
        let (begun, before) = (Instant::now(), times());
        let mut at = begun;
        while begun.elapsed() < RATE_TIME {
            (0..RATE / 1_000).for_each(|_| self.post(fleet.next()));
            at += A_MS;
            thread::sleep(at.saturating_duration_since(Instant::now()));
        }
        let elapsed = begun.elapsed().as_secs_f64();
        let after = times();
        fleet.latency(0);
        let per_cent = |then: f64, now: f64| (now - then) / elapsed * 100.0;
        (per_cent(before.0, after.0), per_cent(before.1, after.1))
    }
}

fn monitor_of(session: SessionId) -> MonitorCrossRefId {
    MonitorCrossRefId(session.0.cast_signed())
}

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("short and plain")
}

/// An event whose call is the moment at which it was posted.
fn delivered(call: i32) -> Event {
    Event::Delivered {
        connection: ConnectionId { call: CallId(call), device: device("1001"), ..ConnectionId::NONE },
        alerting_device: ExtendedDeviceId::inside(device("1001")),
        calling_device: ExtendedDeviceId::outside(device("5551234")),
        called_device: ExtendedDeviceId::inside(device("5001")),
        last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
        local: LocalConnectionState::Alerting,
        cause: EventCause::NewCall,
    }
}

/// Prints two cases and the ratio of their 99th percentiles.
fn compare(one: &str, these: &[Latency], other: &str, those: &[Latency]) {
    let [this, that] = [Latency::median(these), Latency::median(those)];
    println!("{one:>24}: {this}");
    println!("{other:>24}: {that}; p99 {:.2} times", that.p99 / this.p99);
}

/// Seconds of processor time: of the thread that posts, and of the server's threads.
fn times() -> (f64, f64) {
    let mut times = (0.0, 0.0);
    for task in std::fs::read_dir("/proc/self/task").expect("Linux").flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let Some(ns) = read("schedstat").split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()) else {
            continue;
        };
        match read("comm").starts_with("tsapi-") {
            true => times.1 += ns / 1e9,
            false => times.0 += ns / 1e9,
        }
    }
    times
}

fn field(file: &str, line: &str, word: &str) -> f64 {
    let text = std::fs::read_to_string(file).expect("Linux");
    let line = text.lines().find(|found| found.starts_with(line)).expect("it is there");
    let mut words = line.split_whitespace().skip_while(|found| *found != word).skip(1);
    words.next().and_then(|number| number.parse().ok()).expect("a number")
}

fn resident_kib() -> f64 {
    field("/proc/self/status", "VmRSS:", "VmRSS:")
}

/// Memory of all TCP sockets of this machine, clients' included.
fn kernel_kib() -> f64 {
    4.0 * field("/proc/net/sockstat", "TCP:", "mem")
}
