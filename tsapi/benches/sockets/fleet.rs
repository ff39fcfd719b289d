//! Clients in a process of their own: some that hear, some that do not read, one that floods.
//!
//! The process says `ready` when every stream has its monitor. For each line that it is sent then, it waits until it
//! has as many events as the line says, and answers with their latencies; it ends with its input.
//!
//! Never: knows anything of the server but its address.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{setsockopt, sockopt};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::read;
use tipring_csta_types::event::Event;
use tipring_csta_types::filter::MonitorFilter;
use tipring_csta_types::{DeviceId, Request, SessionId};
use tipring_tsapi::client::Client;
use tipring_tsapi::frame::{EventClass, Reassembly};
use tipring_tsapi::pdu::Pdu;
use tipring_tsapi::pdu::acs::{LoginId, ServerId};
use tipring_tsapi::session::ClientSettings;

/// Time limit of each step.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Users of the streams: a user has a bound on streams.
const STREAMS_PER_USER: usize = 50;

/// Habit of the clients of a process.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    /// They hear every event.
    Hears,
    /// They do not read.
    Deaf,
    /// It asks as fast as it is answered, by several requests at a time.
    Flood,
}

/// Microseconds of the machine's monotonic clock, as far as a call's number takes them.
pub fn now() -> i32 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("Linux has it");
    let micros = time.tv_sec() as u64 * 1_000_000 + time.tv_nsec() as u64 / 1_000;
    (micros & 0x7FFF_FFFF) as i32
}

/// Latencies of a round in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
}

impl Latency {
    /// The medians of the figures of some rounds.
    pub fn median(rounds: &[Latency]) -> Latency {
        let median = |figure: fn(&Latency) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Latency { p50: median(|round| round.p50), p99: median(|round| round.p99) }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "median {:.0} µs, p99 {:.0} µs", self.p50, self.p99)
    }
}

/// A process with clients, seen from the server's.
pub struct Fleet {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub sessions: Vec<SessionId>,
    turn: usize,
}

impl Fleet {
    pub fn start(role: Role, address: SocketAddr, streams: usize) -> Fleet {
        let mut child = Command::new(std::env::current_exe().expect("it runs"))
            .args([&format!("{role:?}"), &address.to_string(), &streams.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started again");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("it is piped"));
        Fleet { child, to, from: BufReader::new(from), sessions: Vec::new(), turn: 0 }
    }

    pub fn opened(mut self, sessions: Vec<SessionId>) -> Fleet {
        self.sessions = sessions;
        assert_eq!(self.line(), "ready");
        self
    }

    /// The stream whose turn it is.
    pub fn next(&mut self) -> SessionId {
        self.turn = (self.turn + 1) % self.sessions.len();
        self.sessions[self.turn]
    }

    /// Waits until this number of events more has been heard, and gives their latencies.
    pub fn latency(&mut self, events: usize) -> Latency {
        let to = self.to.as_mut().expect("it lives");
        writeln!(to, "{events}").expect("it reads");
        let line = self.line();
        let mut figures = line.split(' ').map(|figure| figure.parse().expect("a number"));
        let mut next = || figures.next().expect("two figures");
        Latency { p50: next(), p99: next() }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it writes");
        line.trim().to_owned()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.child.wait();
    }
}

/// The process.
pub fn run(role: &str, address: &str, streams: &str) {
    let (address, streams) = (address.parse().expect("an address"), streams.parse().expect("a number"));
    raise_descriptors();
    let mut clients: Vec<Client> = (0..streams).map(|number| open(address, number)).collect();
    if role == "Deaf" {
        // Little room at the client's side: the server is left with what is not read.
        clients.iter().for_each(|client| setsockopt(client, sockopt::RcvBuf, &4096).expect("it is open"));
    }
    println!("ready");
    match role {
        "Hears" => hear(&clients),
        "Flood" => flood(clients.pop().expect("one")),
        _ => lines().for_each(drop),
    }
}

fn raise_descriptors() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("Linux");
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).expect("up to the hard limit");
}

fn open(address: SocketAddr, number: usize) -> Client {
    let tlink = ServerId::fitted("TIPRING#OFFICE#CSTA#pc1");
    // Users of its own for each process.
    let login = format!("{}-{}", std::process::id(), number / STREAMS_PER_USER);
    let settings = ClientSettings::new(tlink, LoginId::fitted(&login), "secret");
    let mut client = Client::open_at(address, settings, LIMIT).expect("the server is there");
    let device = DeviceId::new("1001").expect("short");
    client.call(&Request::MonitorDevice { device, filter: MonitorFilter::default() }).expect("a monitor");
    client
}

fn lines() -> impl Iterator<Item = String> {
    std::io::stdin().lines().map_while(Result::ok)
}

/// Hears events on all streams in one thread, and answers lines in another.
fn hear(clients: &[Client]) {
    let latencies: Arc<Mutex<Vec<i32>>> = Arc::default();
    thread::spawn({
        let latencies = Arc::clone(&latencies);
        move || {
            for line in lines() {
                let wanted: usize = line.parse().expect("a number");
                let deadline = Instant::now() + LIMIT;
                while latencies.lock().expect("no panic has it").len() < wanted && Instant::now() < deadline {
                    thread::sleep(Duration::from_millis(1));
                }
                let mut heard = std::mem::take(&mut *latencies.lock().expect("no panic has it"));
                assert!(heard.len() >= wanted, "{} of {wanted} events have come", heard.len());
                heard.sort_unstable();
                let at = |share: usize| heard.get(heard.len() * share / 100).copied().unwrap_or_default();
                println!("{} {}", at(50), at(99));
            }
            std::process::exit(0);
        }
    });
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("a descriptor");
    for (number, client) in clients.iter().enumerate() {
        epoll.add(client, EpollEvent::new(EpollFlags::EPOLLIN, number as u64)).expect("it is open");
    }
    let mut reassemblies: Vec<Reassembly> = clients.iter().map(|_| Reassembly::new()).collect();
    let mut buffer = [0; 16 * 1024];
    loop {
        let mut events = [EpollEvent::empty(); 64];
        let count = epoll.wait(&mut events, EpollTimeout::NONE).unwrap_or(0);
        for event in &events[..count] {
            let number = event.data() as usize;
            let length = read(clients[number].as_fd(), &mut buffer).expect("the server lives");
            assert!(length > 0, "the server has ended a stream that reads");
            let at = now();
            reassemblies[number].push(&buffer[..length]);
            while let Some(frame) = reassemblies[number].frame().expect("good frames") {
                if frame.header.class == EventClass::CstaUnsolicited
                    && let Ok(Event::Delivered { connection, .. }) = Event::read(frame.header.pdu, frame.body)
                {
                    let latency = (at - connection.call.0) & 0x7FFF_FFFF;
                    latencies.lock().expect("no panic has it").push(latency);
                }
            }
        }
    }
}

/// Asks without end, 50 requests at a time, until the input ends.
fn flood(mut client: Client) {
    let over = Arc::new(AtomicBool::new(false));
    let on = Arc::clone(&over);
    let asking = thread::spawn(move || {
        while !on.load(Ordering::Relaxed) {
            for _ in 0..50 {
                client.send(&Request::SystemStatus).expect("the server lives");
            }
            for _ in 0..50 {
                client.receive(LIMIT).expect("the server lives");
            }
        }
    });
    lines().for_each(drop);
    over.store(true, Ordering::Relaxed);
    asking.join().expect("the flood ends in order");
}
