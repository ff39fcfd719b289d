//! The memory of a server after many sessions and monitors, in a process of its own.
//!
//! Never: measures among other tests, whose memory is in the same process.

use std::process::Command;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{InvokeId, MonitorCrossRefId, MonitorFilter, Reply, Request, SessionId};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::server::{Backend, Server, Settings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, ServerSettings};

use crate::messages::device;
use crate::sockets::resident_kib;

/// Sessions after which the first figure is taken, and the last.
const SESSIONS: [usize; 2] = [100, 10_000];
/// Monitors of a session, each started and stopped before the next.
const MONITORS: usize = 10;

struct Anyone;

impl Accounts for Anyone {
    fn verify(&self, _login: &str, _password: &str) -> Option<Arc<Rights>> {
        Some(Arc::new(Rights::everything()))
    }
}

struct Core(Mutex<Sender<(SessionId, InvokeId, Request)>>);

impl Backend for Core {
    fn opened(&self, _session: SessionId, _login: &str) {}
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let _ = self.0.lock().unwrap().send((session, invoke, request));
        Ok(())
    }
    fn closed(&self, _session: SessionId) {}
}

/// Opens the sessions and prints the resident memory after each number of them.
#[test]
#[ignore = "not a test: the process that the test below measures"]
fn open_sessions_and_print_the_memory() {
    let settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").unwrap()));
    let (to_core, requests) = mpsc::channel();
    let server = Server::start("127.0.0.1:0", settings, Arc::new(Anyone), Arc::new(Core(Mutex::new(to_core)))).unwrap();
    let dispatcher = server.dispatcher();
    thread::spawn(move || {
        for (number, (session, invoke, request)) in requests.into_iter().enumerate() {
            let reply = match request {
                Request::MonitorStop { .. } => Reply::MonitorStop,
                _ => Reply::Monitor { monitor: MonitorCrossRefId(number as i32), filter: MonitorFilter::default() },
            };
            dispatcher.reply(session, invoke, Ok(reply), None);
        }
    });
    let address = server.address().to_string();
    for number in 1..=SESSIONS[1] {
        let options = ClientOptions::new(&address, &format!("agent{}", number % 50), "secret");
        let mut client = Client::open(&options).unwrap();
        for _ in 0..MONITORS {
            let monitor = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
            let Reply::Monitor { monitor, .. } = client.call(&monitor).unwrap() else { panic!("a monitor") };
            client.call(&Request::MonitorStop { monitor }).unwrap();
        }
        drop(client);
        if SESSIONS.contains(&number) {
            println!("resident {}", resident_kib());
        }
    }
}

#[test]
fn ten_thousand_sessions_with_100_000_monitors_leave_no_memory_behind() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::open_sessions_and_print_the_memory", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    let figures: Vec<u64> =
        text.lines().filter_map(|line| line.rsplit_once("resident ")?.1.trim().parse().ok()).collect();
    let [few, many] = figures[..] else { panic!("{text}{}", String::from_utf8_lossy(&child.stderr)) };
    println!("{few} KiB after {} sessions, {many} KiB after {}", SESSIONS[0], SESSIONS[1]);
    // 5 %, and a MiB in which pages of the allocator come and go.
    assert!(
        many <= few + few / 20 + 1024,
        "{few} KiB after {} sessions, {many} KiB after {}",
        SESSIONS[0],
        SESSIONS[1]
    );
}
