//! The clients of the bench: a process with desks and wallboards, each on a thread of its own.
//!
//! Never: knows the server.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tungstenite::{Message, WebSocket};

/// Time limit for what takes moments on an idle machine.
const LIMIT: Duration = Duration::from_secs(120);
/// The user of the wallboards.
pub const WALLBOARD: &str = "wallboard";
/// Calls of a desk to an order that it takes down.
const CALLS_AN_ORDER: usize = 10;

/// The station of a desk.
pub fn station(desk: usize) -> DeviceId {
    DeviceId::new(&(10_000 + desk).to_string()).expect("digits")
}

/// This moment in µs by the one monotonic clock of the machine, within 31 bits.
pub fn now() -> i32 {
    let now = Duration::from(nix::time::ClockId::CLOCK_MONOTONIC.now().expect("Linux"));
    (now.as_micros() & 0x7FFF_FFFF) as i32
}

/// The process, seen from the server's.
pub struct Fleet {
    child: Child,
    to: Option<ChildStdin>,
    from: Mutex<BufReader<ChildStdout>>,
}

impl Fleet {
    pub fn start(address: SocketAddr, desks: std::ops::Range<usize>, walls: usize) -> Fleet {
        let mut child = Command::new(std::env::current_exe().expect("it runs"))
            .args([address.to_string(), desks.start.to_string(), desks.end.to_string(), walls.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started again");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("it is piped"));
        Fleet { child, to, from: Mutex::new(BufReader::new(from)) }
    }

    /// Waits until every client has its monitors.
    pub fn wait_until_ready(&self) {
        let mut line = String::new();
        self.from.lock().expect("no panic has it").read_line(&mut line).expect("it writes");
        assert_eq!(line.trim(), "ready");
    }

    /// Ends the clients. Returns their figures, a line each.
    pub fn report(mut self) -> String {
        self.to = None;
        let mut text = String::new();
        self.from.lock().expect("no panic has it").read_to_string(&mut text).expect("it writes");
        let ended = self.child.wait().expect("it is a child");
        assert!(ended.success(), "a client has failed: {ended}");
        text.trim_end().to_owned()
    }
}

/// Latencies in µs by what was waited for.
#[derive(Default)]
struct Figures(Mutex<BTreeMap<&'static str, Vec<i32>>>);

impl Figures {
    fn add(&self, name: &'static str, since: i32) {
        let latency = (now() - since) & 0x7FFF_FFFF;
        self.0.lock().expect("no panic has it").entry(name).or_default().push(latency);
    }
}

/// The process: it runs until its input ends.
pub fn run(address: &str, first: &str, desks: &str, walls: &str) {
    let [first, desks, walls] = [first, desks, walls].map(|text| text.parse::<usize>().expect("a number"));
    let address: SocketAddr = address.parse().expect("an address");
    let figures: Arc<Figures> = Arc::default();
    for client in first..desks + walls {
        let devices = if client < desks { client..client + 1 } else { 0..desks };
        let login = if client < desks { station(client).to_string() } else { WALLBOARD.to_owned() };
        let mut client = Client::open(address, &login, devices, client < desks, Arc::clone(&figures));
        thread::Builder::new().stack_size(256 * 1024).spawn(move || client.run()).expect("a thread");
    }
    println!("ready");
    std::io::stdin().lines().for_each(drop);
    let mut figures = figures.0.lock().expect("no panic has it");
    for (name, all) in figures.iter_mut() {
        all.sort_unstable();
        let at = |share: usize| f64::from(all[(all.len() - 1) * share / 100]) / 1e3;
        println!("{name}: {}, median {:.2} ms, 99 % {:.2} ms", all.len(), at(50), at(99));
    }
    // The other threads read for ever.
    std::process::exit(0);
}

struct Client {
    socket: WebSocket<TcpStream>,
    is_desk: bool,
    figures: Arc<Figures>,
    /// Requests without a reply: what each is, and since when.
    asked: BTreeMap<i64, (&'static str, i32)>,
    next: i64,
    calls: usize,
    /// The customer who has called last.
    number: Option<String>,
}

impl Client {
    fn open(
        address: SocketAddr,
        login: &str,
        devices: std::ops::Range<usize>,
        is_desk: bool,
        figures: Arc<Figures>,
    ) -> Client {
        let stream = TcpStream::connect(address).expect("the server is there");
        stream.set_read_timeout(Some(LIMIT)).expect("it is open");
        stream.set_nodelay(true).expect("it is open");
        let (socket, _) = tungstenite::client(format!("ws://{address}/csta"), stream).expect("the server is there");
        // Desks take their orders down in turns.
        let calls = devices.start;
        let asked = BTreeMap::new();
        let mut client = Client { socket, is_desk, figures, asked, next: 0, calls, number: None };
        client.send(&json!({ "logIn": { "login": login, "password": "secret" } }));
        assert!(client.receive().get("opened").is_some());
        for device in devices {
            client.ask("monitor", "monitorDevice", json!({ "deviceID": station(device) }));
            assert_eq!(client.receive()["reply"], "monitor");
        }
        match is_desk {
            true => client.open_lists(),
            false => client.ask("watch", "watchFigures", json!({})),
        }
        client
    }

    fn run(&mut self) {
        loop {
            let message = self.receive();
            if let Some((name, since)) = message["id"].as_i64().and_then(|id| self.asked.remove(&id)) {
                assert!(message.get("failure").is_none(), "{message}");
                self.figures.add(name, since);
            }
            if message["event"] == "delivered" {
                let posted = message["connection"]["callID"].as_i64().expect("a number") as i32;
                self.figures.add(if self.is_desk { "pop" } else { "pop at a wallboard" }, posted);
                if self.is_desk {
                    self.pop(message["private"]["caller"].as_str().expect("a number").to_owned());
                }
            }
            for list in message["changed"].as_array().into_iter().flatten() {
                match list.as_str() {
                    Some("orders") => self.open_orders(),
                    _ => self.open_notices(),
                }
            }
        }
    }

    /// The requests of a desk as a call pops.
    fn pop(&mut self, number: String) {
        self.number = Some(number);
        self.ask("customer's card", "showCustomer", json!({ "customer": self.number }));
        self.open_lists();
        self.calls += 1;
        if self.calls.is_multiple_of(CALLS_AN_ORDER) {
            let order = json!({ "kind": "fault", "text": "no current", "number": self.number });
            self.ask("order taken down", "createOrder", json!({ "order": order }));
        }
    }

    fn open_lists(&mut self) {
        self.open_orders();
        self.open_notices();
    }

    fn open_orders(&mut self) {
        let name = self.number.as_ref().map_or("lists at the log-in", |_| "list of orders");
        self.ask(name, "listOrders", json!({ "number": self.number, "watch": true }));
    }

    fn open_notices(&mut self) {
        let name = self.number.as_ref().map_or("lists at the log-in", |_| "list of notices");
        self.ask(name, "listNotices", json!({ "number": self.number, "watch": true }));
    }

    fn ask(&mut self, name: &'static str, request: &str, mut members: Value) {
        self.next += 1;
        members["id"] = self.next.into();
        members["request"] = request.into();
        if name != "monitor" {
            self.asked.insert(self.next, (name, now()));
        }
        self.send(&members);
    }

    fn send(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).expect("the server lives");
    }

    fn receive(&mut self) -> Value {
        loop {
            match self.socket.read().expect("a message in time") {
                Message::Text(text) => return serde_json::from_str(text.as_str()).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
