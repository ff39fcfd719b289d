//! The listener over loopback: many clients, greedy ones, deaf ones, and a session that goes wrong.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::private::{EventData, RequestData};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{
    AgentMode, AgentPassword, CallId, ConnectionId, DeviceListLevel, InvokeId, MonitorCrossRefId, MonitorFilter, Reply,
    Request, SessionId, SystemStatus,
};
use tipring_core::csta::{ExtendedDeviceId, LocalConnectionState, cause::EventCause, event::Event};
use tipring_core::csta::{RouteRegisterId, RoutingCrossRefId};
use tipring_tsapi::client::{Client, ClientError, ClientOptions};
use tipring_tsapi::pdu::acs::{AcsFailure, LoginId, ServerId};
use tipring_tsapi::server::{Backend, Dispatcher, Server, Settings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, ClientSettings, CloseReason, Incoming, ServerSettings};

use crate::messages::{self, Message, device};

const LIMIT: Duration = Duration::from_secs(20);

/// Lets `agent1`, `agent2` … in with "secret"; goes wrong on "panic".
struct Agents;

impl Accounts for Agents {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        assert!(password != "panic", "as this test wants it");
        let good = login.starts_with("agent") && password == "secret";
        good.then(|| Arc::new(Rights::everything()))
    }
}

#[derive(Debug)]
pub(crate) enum Heard {
    Opened(SessionId, String),
    Request(SessionId, InvokeId, Request),
    Closed(SessionId),
    Stop,
}

struct ToCore(Mutex<Sender<Heard>>);

impl Backend for ToCore {
    fn opened(&self, session: SessionId, login: &str) {
        let _ = self.0.lock().unwrap().send(Heard::Opened(session, login.into()));
    }
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        if let Request::SystemStatusStop | Request::RouteEnd { .. } = request {
            return Err(UniversalFailure::ResourceLimitationRejection);
        }
        if let Request::SetAgentState { password, .. } = &request
            && password.as_str() != "7001"
        {
            let _ = self.0.lock().unwrap().send(Heard::Request(session, invoke, request));
            return Err(UniversalFailure::GenericUnspecified);
        }
        assert!(!matches!(request, Request::QueryCallMonitor), "as this test wants it");
        let _ = self.0.lock().unwrap().send(Heard::Request(session, invoke, request));
        Ok(())
    }
    fn closed(&self, session: SessionId) {
        let _ = self.0.lock().unwrap().send(Heard::Closed(session));
    }
}

/// A server with something behind it that hears what the core would, and answers.
pub(crate) struct Rig {
    pub(crate) server: Server,
    core: thread::JoinHandle<Vec<Heard>>,
    to_core: Sender<Heard>,
}

/// Answers a request, or not.
pub(crate) type Answer = fn(SessionId, &Request) -> Option<Reply>;

pub(crate) fn start(change: impl FnOnce(&mut Settings), answer: Answer) -> Rig {
    start_at("127.0.0.1:0", change, answer)
}

/// A server at an address of this machine.
pub(crate) fn start_at(address: &str, change: impl FnOnce(&mut Settings), answer: Answer) -> Rig {
    let mut settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").unwrap()));
    change(&mut settings);
    let (to_core, heard) = mpsc::channel();
    let backend = Arc::new(ToCore(Mutex::new(to_core.clone())));
    let server = Server::start(address, settings, Arc::new(Agents), backend).expect("it has ports");
    let dispatcher = server.dispatcher();
    let core = thread::spawn(move || core(&dispatcher, &heard, answer));
    Rig { server, core, to_core }
}

fn core(dispatcher: &Dispatcher, heard: &Receiver<Heard>, answer: Answer) -> Vec<Heard> {
    let mut log = Vec::new();
    for heard in heard {
        match &heard {
            Heard::Request(session, invoke, request) => {
                if let Some(reply) = answer(*session, request) {
                    dispatcher.reply(*session, *invoke, Ok(reply), None);
                }
            }
            Heard::Opened(..) | Heard::Closed(_) => {}
            Heard::Stop => break,
        }
        log.push(heard);
    }
    log
}

/// A monitor has the number of its session; all else is the system status.
pub(crate) fn answer_all(session: SessionId, request: &Request) -> Option<Reply> {
    let monitor = MonitorCrossRefId(session.0.cast_signed());
    Some(match request {
        Request::MonitorDevice { filter, .. } => Reply::Monitor { monitor, filter: *filter },
        _ => Reply::SystemStatus { status: SystemStatus::Normal },
    })
}

impl Rig {
    /// Stops the server and gives what the core has heard.
    pub(crate) fn stop(self) -> Vec<Heard> {
        drop(self.server);
        self.to_core.send(Heard::Stop).expect("the core listens");
        self.core.join().expect("the core ends")
    }
}

pub(crate) fn options(address: SocketAddr, login: &str, password: &str) -> ClientOptions {
    ClientOptions { limit: LIMIT, ..ClientOptions::new(&address.to_string(), login, password) }
}

fn open(server: &Server, login: &str) -> Client {
    Client::open(&options(server.address(), login, "secret")).expect("the login is good")
}

pub(crate) fn delivered(call: i32) -> Event {
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

/// Waits until a condition holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} did not come to be");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_client_logs_in_asks_and_listens() {
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let mut client = open(server, "agent1");
    assert_eq!((client.api_version(), client.vendor().map(|vendor| vendor.version)), ("ST2", Some(1)));
    let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    let Reply::Monitor { monitor, .. } = client.call(&request).unwrap() else { panic!("a monitor") };
    let session = SessionId(monitor.0.unsigned_abs());
    server.dispatcher().report(
        session,
        monitor,
        &delivered(42),
        &Some(Arc::new(EventData::of_call(Arc::new(messages::call_data())))),
    );
    server.dispatcher().report(session, monitor, &delivered(43), &None);
    // Events that come while an answer is waited for are kept.
    eventually("both events", || server.counters().sessions.reports == 2);
    client.call(&Request::SystemStatus).unwrap();
    for (call, data) in [(42, Some(messages::call_data())), (43, None)] {
        let expected = Incoming::Report { monitor, event: delivered(call), data };
        assert_eq!(client.receive(LIMIT).unwrap(), Some(expected));
    }
    assert_eq!(client.receive(Duration::from_millis(10)).unwrap(), None);
    // What the core has no room for is refused by the session.
    let refused = client.call(&Request::SystemStatusStop).unwrap_err();
    assert!(matches!(refused, ClientError::Refused(UniversalFailure::ResourceLimitationRejection)));
    client.close().unwrap();
    eventually("the end", || server.counters().connected == 0);
    let log = rig.stop();
    assert!(matches!(&log[0], Heard::Opened(opened, login) if *opened == session && login == "agent1"));
    assert!(matches!(log.last(), Some(Heard::Closed(closed)) if *closed == session));
}

#[test]
fn errors_are_sentences() {
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let error = |options: &ClientOptions| Client::open(options).err().expect("it must fail").to_string();
    let good = options(server.address(), "agent1", "secret");
    assert_eq!(
        error(&ClientOptions { password: "wrong".into(), ..good.clone() }),
        "The stream was not opened: The login or the password is wrong (ACS failure 25)"
    );
    assert_eq!(
        error(&ClientOptions { tlink: Some("AVAYA#CM#CSTA#AES".into()), ..good.clone() }),
        "The server does not know the Tlink AVAYA#CM#CSTA#AES; it has TIPRING#OFFICE#CSTA#pc1"
    );
    assert!(error(&ClientOptions { login: "坐席".into(), ..good.clone() }).starts_with("A login is plain ASCII"));
    rig.stop();
    assert!(error(&good).starts_with("Connecting to 127.0.0.1:"), "{}", error(&good));
}

#[test]
fn clients_beyond_the_bound_are_told_and_places_come_back() {
    let rig = start(|settings| settings.connections_max = 2, answer_all);
    let server = &rig.server;
    // Past the name service, which takes a place of its own for a moment.
    let open = |login: &str| {
        let tlink = ServerId::fitted("TIPRING#OFFICE#CSTA#pc1");
        Client::open_at(server.address(), ClientSettings::new(tlink, LoginId::fitted(login), "secret"), LIMIT)
    };
    let (first, second) = (open("agent1").unwrap(), open("agent2").unwrap());
    let refused = open("agent3").err().expect("no place is left");
    assert!(matches!(refused, ClientError::Closed(CloseReason::Ended(AcsFailure::NoThread)) | ClientError::Lost));
    assert_eq!(server.counters().turned_away, 1);
    first.close().unwrap();
    eventually("a free place", || server.counters().connected < 2);
    let third = open("agent3").unwrap();
    drop((second, third));
    rig.stop();
}

#[test]
fn a_panic_ends_one_session_only() {
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let mut other = open(server, "agent1");
    // Within the accounts, before the stream is open, and within a request.
    let refused = Client::open(&options(server.address(), "agent2", "panic")).err().expect("it goes wrong");
    assert!(matches!(refused, ClientError::Closed(CloseReason::Refused(AcsFailure::SystemError))), "{refused}");
    let mut unlucky = open(server, "agent3");
    let ended = unlucky.call(&Request::QueryCallMonitor).unwrap_err();
    assert!(matches!(ended, ClientError::Closed(CloseReason::Ended(AcsFailure::SystemError))), "{ended}");
    other.call(&Request::SystemStatus).expect("the others go on");
    eventually("two panics", || server.counters().panics == 2);
    drop((other, unlucky));
    let log = rig.stop();
    let opened = log.iter().filter(|heard| matches!(heard, Heard::Opened(..))).count();
    let closed = log.iter().filter(|heard| matches!(heard, Heard::Closed(_))).count();
    assert_eq!((opened, closed), (2, 2), "the core hears of every end");
}

#[test]
fn a_client_that_does_not_read_loses_its_stream() {
    let rig = start(|settings| settings.unread_octets_max = 32 * 1024, answer_all);
    let server = &rig.server;
    let mut deaf = open(server, "agent1");
    let mut other = open(server, "agent2");
    let monitor = |client: &mut Client| {
        let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
        match client.call(&request).unwrap() {
            Reply::Monitor { monitor, .. } => monitor,
            reply => panic!("{reply:?}"),
        }
    };
    let (deaf_monitor, other_monitor) = (monitor(&mut deaf), monitor(&mut other));
    let dispatcher = server.dispatcher();
    let mut calls = 0;
    while server.counters().slow_readers == 0 {
        for _ in 0..100 {
            calls += 1;
            dispatcher.report(SessionId(deaf_monitor.0.unsigned_abs()), deaf_monitor, &delivered(calls), &None);
        }
        thread::sleep(Duration::from_millis(1));
        // An event has about 100 octets: everything that waits for the client, kernel buffers included, is under 1 MiB.
        assert!(calls < 10_000, "a deaf client's stream must end");
    }
    dispatcher.report(SessionId(other_monitor.0.unsigned_abs()), other_monitor, &delivered(1), &None);
    assert!(other.receive(LIMIT).unwrap().is_some(), "the others go on");
    drop((deaf, other));
    rig.stop();
}

#[test]
fn a_flood_is_refused_and_holds_up_nobody() {
    // What the flood asks is never answered and stays outstanding.
    let rig = start(
        |_| {},
        |session, request| match request {
            Request::GetDeviceList { .. } => None,
            other => answer_all(session, other),
        },
    );
    let server = &rig.server;
    let mut other = open(server, "agent2");
    let flooded = server.address();
    let flood = thread::spawn(move || {
        let mut client = Client::open(&options(flooded, "agent1", "secret")).unwrap();
        let request = Request::GetDeviceList { index: -1, level: DeviceListLevel::HomeWorkTop };
        let mut refused = 0;
        for _ in 0..5_000 {
            client.send(&request).unwrap();
        }
        while refused < 5_000 - 64 {
            match client.receive(LIMIT).unwrap().expect("every request beyond the bound is refused") {
                Incoming::Confirmation { result, .. } => {
                    assert_eq!(result, Err(UniversalFailure::OutstandingRequestLimitExceeded));
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    });
    let mut answered = 0;
    while !flood.is_finished() {
        other.call(&Request::SystemStatus).expect("the others are served");
        answered += 1;
    }
    flood.join().unwrap();
    assert!(answered > 0);
    assert_eq!(server.counters().sessions.over_limit, 5_000 - 64);
    drop(other);
    rig.stop();
}

#[test]
fn a_refused_request_gives_back_no_place_that_it_never_had() {
    // The first two requests are never answered, and fill the user's share.
    let rig = start(
        |settings| settings.outstanding_per_user_max = 2,
        |session, request| match request {
            Request::GetDeviceList { .. } => None,
            other => answer_all(session, other),
        },
    );
    let server = &rig.server;
    let mut client = open(server, "agent1");
    for _ in 0..10 {
        client.send(&Request::GetDeviceList { index: -1, level: DeviceListLevel::HomeWorkTop }).unwrap();
    }
    // One that gets no reply is refused by the switch, and has no place either.
    let error = UniversalFailure::GenericUnspecified;
    client.send(&Request::RouteEnd { register: RouteRegisterId(1), dialogue: RoutingCrossRefId(1), error }).unwrap();
    client.send(&Request::SystemStatus).unwrap();
    for number in 0..9 {
        match client.receive(LIMIT).unwrap().expect("each of them is refused") {
            Incoming::Confirmation { result, .. } => {
                assert_eq!(result, Err(UniversalFailure::OutstandingRequestLimitExceeded), "{number}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(server.counters().over_share, 9);
    drop(client);
    let heard = rig.stop();
    let lists = |heard: &&Heard| matches!(heard, Heard::Request(.., Request::GetDeviceList { .. }));
    assert_eq!(heard.iter().filter(lists).count(), 2);
}

#[test]
fn garbage_on_one_connection_harms_no_other() {
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let mut other = open(server, "agent1");
    let get = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".to_vec();
    let half = Message::Request(Request::GetApiCaps).build(1, 0, &[])[..20].to_vec();
    for garbage in [get, vec![0; 4096], vec![0xFF; 100_000], half, Vec::new()] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        // The server may have closed already; then there is nothing more to send.
        let _ = stream.write_all(&garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
        other.call(&Request::SystemStatus).expect("the others go on");
    }
    eventually("the others' end", || server.counters().connected == 1);
    assert_eq!(server.counters().sessions.bad_frames, 3);
    drop(other);
    rig.stop();
}

#[test]
fn many_clients_hear_every_event_in_order() {
    const CLIENTS: usize = 40;
    const EVENTS: i32 = 200;
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let dispatcher = server.dispatcher();
    let (ready, sessions) = mpsc::channel();
    let address = server.address();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let ready = ready.clone();
            thread::spawn(move || {
                let mut client = Client::open(&options(address, &format!("agent{number}"), "secret")).unwrap();
                let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
                let Reply::Monitor { monitor, .. } = client.call(&request).unwrap() else { panic!("a monitor") };
                ready.send(monitor).unwrap();
                for call in 1..=EVENTS {
                    match client.receive(LIMIT).unwrap() {
                        Some(Incoming::Report { event, .. }) => assert_eq!(event, delivered(call)),
                        other => panic!("{other:?} instead of call {call}"),
                    }
                }
                client.close().unwrap();
            })
        })
        .collect();
    let monitors: Vec<MonitorCrossRefId> = sessions.iter().take(CLIENTS).collect();
    for call in 1..=EVENTS {
        for monitor in &monitors {
            dispatcher.report(SessionId(monitor.0.unsigned_abs()), *monitor, &delivered(call), &None);
        }
        // A core has its ticks; it does not tell 200 events of 40 monitors within one.
        thread::sleep(Duration::from_micros(200));
    }
    clients.into_iter().for_each(|client| client.join().unwrap());
    assert_eq!(server.counters().sessions.reports, CLIENTS as u64 * EVENTS as u64);
    assert_eq!((server.counters().slow_readers, server.counters().panics), (0, 0));
    rig.stop();
}

#[test]
fn silent_connections_shut_no_client_out() {
    let rig = start(|settings| settings.half_open_max = 100, answer_all);
    let server = &rig.server;
    let silent: Vec<TcpStream> = (0..254).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    eventually("254 connections", || server.counters().accepted == 254);
    let mut client = open(server, "agent1");
    client.call(&Request::SystemStatus).expect("a client that logs in is served");
    eventually("room", || server.counters().evicted >= 154);
    assert_eq!(server.counters().turned_away, 0);
    drop((silent, client));
    rig.stop();
}

#[test]
fn guessing_passwords_locks_user_and_address_for_a_growing_time() {
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let refusal = |password: &str| match Client::open(&options(server.address(), "agent9", password)).err() {
        Some(ClientError::Closed(CloseReason::Refused(failure))) => failure,
        other => panic!("{other:?}"),
    };
    for _ in 0..3 {
        assert_eq!(refusal("guess"), AcsFailure::BadPasswordOrLogin);
    }
    assert_eq!(refusal("secret"), AcsFailure::AccountLockedOut, "even the right one, for a second");
    assert_eq!(server.counters().locked_out, 1);
    drop(open(server, "agent1"));
    eventually("the end of the lock", || Client::open(&options(server.address(), "agent9", "secret")).is_ok());
    rig.stop();
}

#[test]
fn guesses_of_agents_passwords_reach_the_core_three_times() {
    let rig = start(|_| {}, |_, _| Some(Reply::SetAgentState));
    let mut client = open(&rig.server, "agent1");
    let log_in = |agent: &str, password: &str| Request::SetAgentState {
        device: device("1001"),
        mode: AgentMode::LogIn,
        agent_id: messages::agent(agent),
        agent_group: device("5000"),
        password: AgentPassword::new(password).unwrap(),
    };
    for guess in 0..100 {
        let refused = client.call(&log_in("7001", &guess.to_string())).unwrap_err();
        assert!(matches!(refused, ClientError::Refused(UniversalFailure::GenericUnspecified)), "{refused}");
    }
    assert_eq!(rig.server.counters().locked_out, 97);
    client.call(&log_in("7002", "7001")).expect("another agent is not locked");
    drop(client);
    let heard = rig.stop();
    assert_eq!(heard.iter().filter(|heard| matches!(heard, Heard::Request(..))).count(), 4);
}

#[test]
fn monitors_of_one_user_have_a_bound_on_all_streams_together() {
    let rig = start(
        |settings| settings.monitors_per_user_max = 10,
        |session, request| match request {
            Request::MonitorStop { .. } => Some(Reply::MonitorStop),
            other => answer_all(session, other),
        },
    );
    let (mut first, mut second) = (open(&rig.server, "agent1"), open(&rig.server, "agent1"));
    let mut other = open(&rig.server, "agent2");
    let monitor = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    for _ in 0..5 {
        first.call(&monitor).unwrap();
        second.call(&monitor).unwrap();
    }
    let refused = first.call(&monitor).unwrap_err();
    assert!(matches!(refused, ClientError::Refused(UniversalFailure::OverallMonitorLimitExceeded)), "{refused}");
    other.call(&monitor).expect("another user has a share of its own");
    // A thousand monitors that come and go leave nothing behind.
    for _ in 0..1_000 {
        first.call(&Request::MonitorStop { monitor: MonitorCrossRefId(1) }).unwrap();
        first.call(&monitor).unwrap();
    }
    drop(second);
    eventually("the monitors of the ended stream are free", || {
        let mut third = open(&rig.server, "agent1");
        (0..5).all(|_| third.call(&monitor).is_ok())
    });
    drop((first, other));
    rig.stop();
}

#[test]
fn a_busy_stream_holds_no_other_up() {
    let rig = start(|settings| settings.workers = 1, answer_all);
    let server = &rig.server;
    let (mut busy, mut other) = (open(server, "agent1"), open(server, "agent2"));
    for _ in 0..20_000 {
        busy.send(&Request::SystemStatus).unwrap();
        if server.counters().sessions.requests > 15_000 {
            break;
        }
    }
    other.call(&Request::SystemStatus).expect("it is served between the shares of the busy one");
    drop((busy, other));
    rig.stop();
}

/// Resident memory of this process in KiB.
pub(crate) fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a process has memory");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number of KiB")
}

/// Time from the core to a client, the median and the 99th percentile of 500 events.
fn latency(dispatcher: &Dispatcher, client: &mut Client, monitor: MonitorCrossRefId) -> [Duration; 2] {
    let mut times: Vec<Duration> = (1..=500)
        .map(|call| {
            let posted = Instant::now();
            dispatcher.report(SessionId(monitor.0.unsigned_abs()), monitor, &delivered(call), &None);
            assert!(client.receive(LIMIT).unwrap().is_some());
            posted.elapsed()
        })
        .collect();
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

/// A measurement: `cargo test -p tipring-tests --test wire -- --ignored --nocapture five_thousand`.
#[test]
#[ignore = "opens ten thousand descriptors and takes a minute"]
fn five_thousand_streams_with_a_monitor_each_hear_every_event() {
    const STREAMS: usize = 5_000;
    let rig = start(|_| {}, answer_all);
    let server = &rig.server;
    let dispatcher = server.dispatcher();
    let monitor = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    let with_monitor = |number: usize| {
        let mut client = open(server, &format!("agent{number}"));
        let Reply::Monitor { monitor, .. } = client.call(&monitor).unwrap() else { panic!("a monitor") };
        (client, monitor)
    };
    let (mut first, first_monitor) = with_monitor(0);
    let alone = latency(&dispatcher, &mut first, first_monitor);
    let before = resident_kib();
    let mut others: Vec<(Client, MonitorCrossRefId)> = (1..STREAMS).map(with_monitor).collect();
    let kib = (resident_kib() - before) as f64 / others.len() as f64;
    let among = latency(&dispatcher, &mut first, first_monitor);
    let posted = Instant::now();
    for (_, monitor) in &others {
        dispatcher.report(SessionId(monitor.0.unsigned_abs()), *monitor, &delivered(1), &None);
    }
    let core = posted.elapsed();
    for (client, _) in &mut others {
        let Some(Incoming::Report { event, .. }) = client.receive(LIMIT).unwrap() else { panic!("a report") };
        assert_eq!(event, delivered(1));
    }
    let all = posted.elapsed();
    println!("one stream: p50 and p99 {alone:?}; among {STREAMS}: {among:?}; {kib:.1} KiB a stream, both ends");
    println!("one event to {STREAMS}: the core posts for {core:?}, the last client has it after {all:?}");
    assert_eq!((server.counters().slow_readers, server.counters().turned_away), (0, 0));
    drop((first, others));
    rig.stop();
}
