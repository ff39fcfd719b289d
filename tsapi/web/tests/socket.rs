//! The JSON socket over loopback: numbered messages, resumption, gaps, bad input, and the examples.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tipring_csta_types::call_data::CallData;
use tipring_csta_types::cause::{EventCause, UniversalFailure as F};
use tipring_csta_types::event::Event;
use tipring_csta_types::private::{EventData, ReplyData, RequestData};
use tipring_csta_types::reply::SnapshotDeviceEntry;
use tipring_csta_types::rights::{Devices, Rights, ServiceGroup};
use tipring_csta_types::{
    AgentId, AgentPassword, CallId, ConnectionId, DeviceId, ExtendedDeviceId, InvokeId, LocalConnectionState,
    MonitorCrossRefId, Reply, Request, SessionId, SystemStatus,
};
use tipring_tsapi::error::TlsError;
use tipring_tsapi::server::{Backend, TlsIdentity};
use tipring_tsapi::session::{Accounts, Recalled};
use tipring_web::records::{
    Changes, OrderChange, Records, RecordsClient, RecordsRefusal, RecordsReply, RecordsRequest, SOUND_MAX,
};
use tipring_web::{WebDispatcher, WebServer, WebSettings};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).unwrap()
}

fn call_data() -> CallData {
    CallData { customer: Some("Li Wei".into()), keyed: "1".into(), ..CallData::default() }
}

const LIMIT: Duration = Duration::from_secs(20);

struct OneDesk;

impl Accounts for OneDesk {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        let mut rights = Rights::default();
        let desk = Devices::Only([device("1001")].into());
        [ServiceGroup::Call, ServiceGroup::Agent].into_iter().for_each(|group| rights.permit(group, &desk));
        ((login, password) == ("desk1", "secret")).then(|| Arc::new(rights))
    }

    fn verify_agent(&self, agent: &AgentId, password: &AgentPassword) -> Option<AgentPassword> {
        ((agent.as_str(), password.as_str()) == ("7001", "pin")).then(|| AgentPassword::new("key").unwrap())
    }

    fn recall(&self, login: &str) -> Option<Recalled<Arc<Rights>>> {
        let grant = self.verify(login, "secret")?;
        Some(Recalled { grant, mark: "of secret".into() })
    }

    fn recall_agent(&self, agent: &AgentId) -> Option<Recalled<AgentPassword>> {
        let grant = self.verify_agent(agent, &AgentPassword::new("pin").unwrap())?;
        Some(Recalled { grant, mark: "of pin".into() })
    }
}

#[derive(Debug)]
enum Seen {
    Opened(SessionId),
    Request(Request),
    Closed,
}

struct Switch {
    asked: Mutex<Sender<(SessionId, InvokeId, Request)>>,
    seen: Mutex<Sender<Seen>>,
}

impl Backend for Switch {
    fn opened(&self, session: SessionId, _: &str) {
        let _ = self.seen.lock().unwrap().send(Seen::Opened(session));
    }
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _: Option<Box<RequestData>>,
    ) -> Result<(), F> {
        let _ = self.seen.lock().unwrap().send(Seen::Request(request.clone()));
        self.asked.lock().unwrap().send((session, invoke, request)).map_err(|_| F::ResourceOutOfService)
    }
    fn closed(&self, _: SessionId) {
        let _ = self.seen.lock().unwrap().send(Seen::Closed);
    }
}

/// Records of a site: silence without an end, a list of messages that only `desk1` may see, and a report that takes as
/// long as the test holds its lock; and changes that the test makes.
#[derive(Default)]
struct Shelf {
    report: Mutex<()>,
    changes: Mutex<Changes>,
}

impl Records for Shelf {
    fn answer(&self, client: &RecordsClient, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal> {
        assert_eq!((client.login.as_str(), client.address.as_str()), ("desk1", "127.0.0.1"));
        match request {
            RecordsRequest::ReadSound { from, count, .. } => {
                let silence = "1".repeat(*count as usize * 4 / 3);
                Ok(RecordsReply::Sound { from: *from, left: silence.clone(), right: silence })
            }
            RecordsRequest::RequestCallBack { .. } | RecordsRequest::ListOrders { .. } => Ok(RecordsReply::Done),
            RecordsRequest::ReportDay { .. } => {
                drop(self.report.lock());
                Ok(RecordsReply::Done)
            }
            RecordsRequest::ListForms => panic!("a file that this program cannot read"),
            _ => Err(RecordsRefusal { failure: F::SecurityViolation, why: "no right".into() }),
        }
    }

    fn changes(&self) -> Result<Changes, RecordsRefusal> {
        Ok(std::mem::take(&mut *self.changes.lock().unwrap()))
    }

    fn concerns(&self, (login, _): (&str, &Rights), number: Option<&str>, change: &OrderChange) -> bool {
        login == "desk1" && number == Some(change.number.as_str())
    }
}

struct Rig {
    server: WebServer,
    shelf: Arc<Shelf>,
    seen: Receiver<Seen>,
}

fn start(change: impl FnOnce(&mut WebSettings)) -> Rig {
    let mut settings = WebSettings::new("127.0.0.1:0".parse().unwrap());
    change(&mut settings);
    let (asked, requests) = mpsc::channel();
    let (seen_in, seen) = mpsc::channel();
    let switch = Arc::new(Switch { asked: Mutex::new(asked), seen: Mutex::new(seen_in) });
    let shelf = Arc::new(Shelf::default());
    let server = WebServer::start(settings, Arc::new(OneDesk), switch, Arc::clone(&shelf) as Arc<_>).unwrap();
    let dispatcher = server.dispatcher();
    thread::spawn(move || answer(&dispatcher, &requests));
    Rig { server, shelf, seen }
}

fn answer(dispatcher: &WebDispatcher, requests: &Receiver<(SessionId, InvokeId, Request)>) {
    for (session, invoke, request) in requests {
        let reply = match &request {
            Request::MonitorDevice { filter, .. } => Reply::Monitor { monitor: MonitorCrossRefId(7), filter: *filter },
            Request::SetAgentState { .. } => Reply::SetAgentState,
            Request::SnapshotDevice { .. } => Reply::SnapshotDevice {
                calls: vec![SnapshotDeviceEntry {
                    connection: connection(42),
                    states: vec![LocalConnectionState::Connect],
                }],
            },
            Request::SnapshotCall { .. } => Reply::SnapshotCall { parties: vec![] },
            _ => Reply::SystemStatus { status: SystemStatus::Normal },
        };
        let pop = || Arc::new(CallData { customer: Some("王芳".into()), ..CallData::default() });
        let data = matches!(request, Request::SnapshotCall { .. })
            .then(|| Box::new(ReplyData { call: Some(pop()), ..ReplyData::default() }));
        dispatcher.reply(session, invoke, Ok(reply), data);
    }
}

fn connection(call: i32) -> ConnectionId {
    ConnectionId { call: CallId(call), device: device("1001"), ..ConnectionId::NONE }
}

fn delivered(call: i32) -> Event {
    Event::Delivered {
        connection: connection(call),
        alerting_device: ExtendedDeviceId::inside(device("1001")),
        calling_device: ExtendedDeviceId::outside(device("5551234")),
        called_device: ExtendedDeviceId::inside(device("5001")),
        last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
        local: LocalConnectionState::Alerting,
        cause: EventCause::NewCall,
    }
}

impl Rig {
    fn connect(&self) -> Socket {
        let stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let url = format!("ws://{}/csta", self.server.address());
        let config = WebSocketConfig::default();
        let (socket, _) = tungstenite::client::client_with_config(url, stream, Some(config)).unwrap();
        Socket(socket)
    }

    /// A socket with an open session.
    fn log_in(&self) -> (Socket, String, SessionId) {
        let mut socket = self.connect();
        socket.send(&json!({ "logIn": { "login": "desk1", "password": "secret" } }));
        let opened = socket.receive();
        let token = opened["opened"]["token"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        let Seen::Opened(session) = self.next() else { panic!("the session is opened first") };
        (socket, token, session)
    }

    fn next(&self) -> Seen {
        self.seen.recv_timeout(LIMIT).expect("the switch hears of it in time")
    }

    fn resume(&self, token: &str, sequence: u64) -> Socket {
        let mut socket = self.connect();
        socket.send(&json!({ "resume": { "token": token, "sequence": sequence } }));
        assert_eq!(socket.receive(), json!({ "resumed": { "sequence": sequence } }));
        socket
    }

    fn report(&self, session: SessionId, calls: std::ops::Range<i32>) {
        let dispatcher = self.server.dispatcher();
        let data = Some(Arc::new(EventData::of_call(Arc::new(call_data()))));
        calls.for_each(|call| dispatcher.report(session, MonitorCrossRefId(7), &delivered(call), &data));
    }
}

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn send(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    fn receive(&mut self) -> Value {
        loop {
            match self.0.read().expect("a message in time") {
                Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code with which the server closes.
    fn closed(&mut self) -> u16 {
        loop {
            match self.0.read() {
                Ok(Message::Close(Some(frame))) => return frame.code.into(),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn monitor(socket: &mut Socket) {
    socket.send(&json!({ "id": "m", "request": "monitorDevice", "deviceID": "1001" }));
    let reply = socket.receive();
    assert_eq!((&reply["id"], &reply["monitorCrossRefID"]), (&"m".into(), &7.into()), "{reply}");
}

#[test]
fn a_client_logs_in_monitors_and_gets_numbered_events() {
    let rig = start(|_| {});
    let (mut socket, _, session) = rig.log_in();
    monitor(&mut socket);
    rig.report(session, 42..44);
    for (sequence, call) in [(2, 42), (3, 43)] {
        let event = socket.receive();
        assert_eq!(event["sequence"], sequence);
        assert_eq!((&event["event"], &event["connection"]["callID"]), (&"delivered".into(), &call.into()));
        assert_eq!(event["private"]["customer"], call_data().customer.unwrap());
    }
    socket.send(&json!({ "close": true }));
    assert_eq!(socket.closed(), 1000);
    assert!(matches!(rig.next(), Seen::Request(Request::MonitorDevice { .. })));
    assert!(matches!(rig.next(), Seen::Closed));
}

#[test]
fn a_client_that_was_cut_off_resumes_without_a_lost_or_doubled_message() {
    let rig = start(|_| {});
    let (mut socket, token, session) = rig.log_in();
    monitor(&mut socket);
    let (mut last, mut calls) = (1, Vec::new());
    for round in 0..20 {
        rig.report(session, round * 50..round * 50 + 50);
        // The socket is lost after a few of them, without a close.
        for _ in 0..7 {
            let event = socket.receive();
            assert_eq!(event["sequence"], last + 1);
            last += 1;
            calls.push(event["connection"]["callID"].as_i64().unwrap());
        }
        drop(socket);
        socket = rig.resume(&token, last);
    }
    while calls.len() < 1000 {
        calls.push(socket.receive()["connection"]["callID"].as_i64().unwrap());
    }
    assert_eq!(calls, (0..1000).collect::<Vec<i64>>());
    assert_eq!((rig.server.counters().resumed, rig.server.counters().gaps), (20, 0));
}

#[test]
fn messages_that_are_kept_no_more_are_a_gap_and_the_state_follows() {
    let rig = start(|_| {});
    let (mut socket, token, session) = rig.log_in();
    monitor(&mut socket);
    drop(socket);
    rig.report(session, 0..3_000);
    let deadline = Instant::now() + LIMIT;
    let mut socket = rig.resume(&token, 1);
    let gap = socket.receive();
    assert_eq!(gap["gap"]["from"], 2, "{gap}");
    let mut last = gap["gap"]["to"].as_u64().unwrap();
    let mut shown = VecDeque::new();
    while shown.back() != Some(&json!({ "complete": true })) {
        assert!(Instant::now() < deadline);
        let message = socket.receive();
        if let Some(gap) = message.get("gap") {
            // The replay buffer was still being written.
            last = gap["to"].as_u64().unwrap();
            shown.clear();
            continue;
        }
        assert_eq!(message["sequence"], last + 1, "{message}");
        last += 1;
        if let Some(snapshot) = message.get("snapshot") {
            shown.push_back(snapshot.clone());
        }
    }
    // The end of the state after an earlier gap may stand before the whole state after the last.
    let device = shown.iter().position(|part| part["deviceID"] == "1001").expect("the device is shown");
    assert_eq!(shown[device]["snapshotData"][0]["callIdentifier"]["callID"], 42);
    assert!(shown.iter().skip(device).any(|part| part["callID"] == 42), "{shown:?}");
}

#[test]
fn the_snapshot_of_a_call_carries_its_screen_pop_data_as_an_event_does() {
    let rig = start(|_| {});
    let (mut socket, ..) = rig.log_in();
    let snapshot = json!({ "callID": 42, "deviceID": "1001", "devIDType": "static" });
    socket.send(&json!({ "request": "snapshotCall", "snapshotObject": snapshot, "id": 1 }));
    let reply = socket.receive();
    assert_eq!((&reply["private"]["customer"], reply.get("vendor")), (&json!("王芳"), None), "{reply}");
}

#[test]
fn a_newer_socket_takes_the_session_and_a_session_without_a_socket_ends() {
    let rig = start(|settings| settings.linger = Duration::from_millis(200));
    let (mut first, token, _) = rig.log_in();
    let second = rig.resume(&token, 0);
    assert_eq!(first.closed(), 1001);
    drop(second);
    assert!(matches!(rig.next(), Seen::Closed));
    let mut late = rig.connect();
    late.send(&json!({ "resume": { "token": token, "sequence": 0 } }));
    let refused = late.receive();
    assert_eq!(refused["refused"]["error"], 66, "{refused}");
    assert_eq!(late.closed(), 1008);
}

fn log_in_agent(socket: &mut Socket, password: &str) -> Value {
    let members = json!({ "id": "a", "request": "setAgentState", "device": "1001", "agentMode": "logIn",
                          "agentID": "7001", "agentPassword": password });
    socket.send(&members);
    socket.receive()
}

#[test]
fn a_session_goes_on_after_a_new_start_once_and_its_agent_logs_in_again_without_the_password() {
    let file = std::env::temp_dir().join(format!("tipring-socket-{}.sessions", std::process::id()));
    let with_tickets = |settings: &mut WebSettings| settings.resumable_sessions = Some(file.clone());
    let rig = start(with_tickets);
    let (mut socket, token, _) = rig.log_in();
    let (mut closed, closed_token, _) = rig.log_in();
    assert!(log_in_agent(&mut socket, "").get("failure").is_some(), "no password was verified yet");
    assert_eq!(log_in_agent(&mut socket, "pin")["reply"], "setAgentState");
    closed.send(&json!({ "close": true }));
    assert_eq!(closed.closed(), 1000);
    drop(rig);
    assert_eq!(socket.closed(), 1012, "clients learn that the server is stopped");

    let rig = start(with_tickets);
    let resume = |token: &str| {
        let mut socket = rig.connect();
        socket.send(&json!({ "resume": { "token": token, "sequence": 2 } }));
        let answer = socket.receive();
        (socket, answer)
    };
    let (mut socket, answer) = resume(&token);
    assert_eq!(answer["opened"]["login"], "desk1", "{answer}");
    assert_ne!(answer["opened"]["token"], token.as_str());
    assert_eq!(log_in_agent(&mut socket, "")["reply"], "setAgentState");
    for void in [&token, &closed_token] {
        assert_eq!(resume(void).1["refused"]["text"], "No stream has been opened (ACS failure 66)");
    }
    assert_eq!(rig.server.counters().continued, 1);
    drop(rig);
    let _ = std::fs::remove_file(file);
}

#[test]
fn what_was_delivered_before_a_stop_reaches_the_client() {
    let rig = start(|_| {});
    let (mut socket, _, session) = rig.log_in();
    monitor(&mut socket);
    rig.report(session, 0..500);
    drop(rig);
    for call in 0..500 {
        assert_eq!(socket.receive()["connection"]["callID"], call);
    }
    assert_eq!(socket.closed(), 1012);
}

#[test]
fn what_may_not_be_is_refused_with_its_failure_and_a_sentence() {
    let rig = start(|_| {});
    let (mut socket, ..) = rig.log_in();
    for (message, failure) in [
        (json!({ "id": 1, "request": "makeCoffee" }), "unrecognizedOperationRejection"),
        (json!({ "id": 2, "request": "makeCall", "callingDevice": "1001" }), "mistypedArgumentRejection"),
        (
            json!({ "id": 3, "request": "makeCall", "callingDevice": "1002", "calledDevice": "1" }),
            "privilegeViolationOnCallingDevice",
        ),
        (json!({ "id": 4, "request": "routeRegister", "routingDevice": "5000" }), "securityViolation"),
        (
            json!({ "id": 5, "request": "setAgentState", "device": "1001", "agentMode": "logIn", "agentID": "7001", "agentPassword": "no" }),
            "genericUnspecified",
        ),
        (json!([]), "badlyStructuredApduRejection"),
    ] {
        socket.send(&message);
        let refused = socket.receive();
        assert_eq!((&refused["failure"], &refused["id"]), (&failure.into(), &message["id"]), "{refused}");
    }
    socket.send(&json!({ "id": 6, "request": "setAgentState", "device": "1001", "agentMode": "logIn", "agentID": "7001", "agentPassword": "pin" }));
    assert_eq!(socket.receive()["reply"], "setAgentState");
    let Seen::Request(Request::SetAgentState { password, .. }) = rig.next() else {
        panic!("nothing else comes so far")
    };
    assert_eq!(password.as_str(), "key");
    socket.0.send(Message::binary(vec![0])).unwrap();
    assert_eq!(socket.closed(), 1003);
}

#[test]
fn a_message_beyond_the_limit_closes_the_socket_with_the_reason_and_the_session_waits() {
    let rig = start(|_| {});
    let (mut socket, token, _) = rig.log_in();
    let message = |octets: usize| json!({ "id": "x".repeat(octets), "request": "unknown" });
    socket.send(&message(16_000));
    assert_eq!(socket.receive()["failure"], "unrecognizedOperationRejection");
    socket.send(&message(17_000));
    assert_eq!(socket.closed(), 1009);
    rig.resume(&token, 1);
}

#[test]
fn requests_for_records_are_answered_beside_the_switch_and_only_changes_have_numbers() {
    let rig = start(|_| {});
    let (mut socket, token, _) = rig.log_in();
    for (message, wanted) in [
        (json!({ "id": 1, "request": "requestCallBack", "number": "13800138000", "queue": "5000" }), json!("done")),
        (json!({ "id": 2, "request": "listMessages" }), json!("securityViolation")),
        (json!({ "id": 3, "request": "listForms" }), json!("genericUnspecified")),
        (json!({ "id": 4, "request": "reportDay" }), json!("mistypedArgumentRejection")),
        (json!({ "id": 5, "request": "readSound", "recording": "7", "from": 0, "count": 8000 }), json!("sound")),
    ] {
        socket.send(&message);
        let answer = socket.receive();
        let said = answer.get("reply").or(answer.get("failure")).unwrap_or_else(|| panic!("{answer}"));
        assert_eq!((&answer["id"], said), (&message["id"], &wanted), "{answer}");
        // A refusal that the socket itself finds has a number, as that of a service has.
        assert_eq!(answer.get("sequence").is_some(), [1, 4].map(Value::from).contains(&message["id"]), "{answer}");
    }
    assert_eq!(rig.server.counters().forbidden, 1);
    drop(socket);
    assert_eq!(rig.resume(&token, 0).receive()["reply"], "done", "the change comes again, what was read does not");
}

#[test]
fn a_slow_report_delays_nothing_but_reports_and_a_full_lane_refuses_in_the_form_of_the_socket() {
    let rig = start(|_| {});
    let held = rig.shelf.report.lock().unwrap();
    let mut desks: Vec<Socket> = (0..9).map(|_| rig.log_in().0).collect();
    let report = |id: usize| json!({ "id": id, "request": "reportDay", "interval": 30 });
    // One is carried out and 64 wait; a session may have eight without a reply.
    for desk in &mut desks[..8] {
        (0..8).for_each(|id| desk.send(&report(id)));
    }
    // Asked for on the same socket after them: the answer shows that they were taken.
    for desk in &mut desks[..8] {
        desk.send(&json!({ "id": "m", "request": "monitorDevice", "deviceID": "1001" }));
        assert_eq!(desk.receive()["id"], "m");
    }
    desks[8].send(&report(0));
    desks[8].send(&report(1));
    let refused = desks[8].receive();
    assert_eq!((&refused["id"], &refused["failure"]), (&json!(1), &json!("serviceBusy")), "{refused}");
    assert!(refused["why"].as_str().unwrap().contains("ask again"), "{refused}");
    desks[8].send(&json!({ "id": 2, "request": "readSound", "recording": "7", "from": 0, "count": 8 }));
    assert_eq!(desks[8].receive()["id"], 2, "what is read in a moment waits for no report");
    desks[8].send(&json!({ "id": 3, "request": "requestCallBack", "number": "13800138000", "queue": "5000" }));
    assert_eq!(desks[8].receive()["id"], 3, "nor does a change");
    drop(held);
    assert_eq!(desks[8].receive()["id"], 0);
    for desk in &mut desks[..8] {
        let answered: Vec<Value> = (0..8).map(|_| desk.receive()["id"].clone()).collect();
        assert_eq!(answered, (0..8).map(Value::from).collect::<Vec<_>>(), "in the order in which they were asked");
    }
    let counters = rig.server.counters();
    assert_eq!((counters.records, counters.records_refused), (64 + 4, 1));
}

#[test]
fn a_client_with_a_list_open_is_told_when_to_read_it_anew() {
    let rig = start(|_| {});
    let (mut desk, token, _) = rig.log_in();
    let (mut other, ..) = rig.log_in();
    let list = |number: &str| json!({ "id": 1, "request": "listOrders", "number": number, "watch": true });
    for (socket, number) in [(&mut desk, "5550001"), (&mut other, "5550002")] {
        socket.send(&list(number));
        assert_eq!(socket.receive()["reply"], "done");
    }
    let change = |number: &str| OrderChange { number: number.into(), owner: String::new() };
    rig.shelf.changes.lock().unwrap().orders = vec![change("5550001"), change("5550001")];
    assert_eq!(desk.receive(), json!({ "changed": ["orders"] }));
    other.send(&json!({ "id": 2, "request": "requestCallBack", "number": "13800138000", "queue": "5000" }));
    assert_eq!(other.receive()["id"], 2, "nothing was said of another customer's list");
    // The list stays open for the next socket.
    drop(desk);
    let mut desk = rig.resume(&token, 0);
    rig.shelf.changes.lock().unwrap().all_orders = true;
    assert_eq!(desk.receive(), json!({ "changed": ["orders"] }));
    assert_eq!(other.receive(), json!({ "changed": ["orders"] }));
}

#[test]
fn sound_that_a_client_does_not_take_pushes_no_event_out() {
    let rig = start(|_| {});
    let (mut socket, _, session) = rig.log_in();
    monitor(&mut socket);
    // More than the replay buffer holds, asked for as fast as the bound on requests without a reply allows.
    let (mut asked, mut answered, mut refused) = (0, 0, 0);
    while answered < 60 {
        while asked < answered + refused + 12 {
            socket
                .send(&json!({ "id": asked, "request": "readSound", "recording": "7", "from": 0, "count": SOUND_MAX }));
            asked += 1;
        }
        let answer = socket.receive();
        answered += usize::from(answer["reply"] == "sound");
        refused += usize::from(answer["failure"] == "outstandingRequestLimitExceeded");
        assert!(answer.get("gap").is_none(), "{answer}");
    }
    rig.report(session, 1..3);
    let mut events = 0;
    while events < 2 {
        let message = socket.receive();
        assert!(message.get("gap").is_none(), "{message}");
        events += usize::from(message["event"] == "delivered");
    }
    assert_eq!(rig.server.counters().gaps, 0);
}

#[test]
fn only_allowed_origins_known_users_and_good_first_messages_get_a_session() {
    let rig = start(|settings| settings.origins = vec!["https://desk.example".into()]);
    let status = |origin: &str| {
        let mut stream = TcpStream::connect(rig.server.address()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let request = format!(
            "GET /csta HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{origin}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    };
    assert!(status("").contains("101"));
    assert!(status("Origin: https://desk.example\r\n").contains("101"));
    for origin in ["https://evil.example", "null", "https://desk.example.evil.example"] {
        assert!(status(&format!("Origin: {origin}\r\n")).contains("403"), "{origin}");
    }
    assert_eq!(rig.server.counters().bad_origins, 3);
    // Pages of this server itself, also through a proxy that ends TLS.
    assert!(status("Origin: http://x\r\n").contains("101"));
    assert!(status("Origin: https://x\r\n").contains("101"));
    for first in [json!({ "request": "systemStatus" }), json!({ "logIn": { "login": "desk1" } }), json!(7)] {
        let mut socket = rig.connect();
        socket.send(&first);
        assert_eq!(socket.receive()["refused"]["error"], 38, "{first}");
        assert_eq!(socket.closed(), 1008);
    }
    for (attempt, error) in [(1, 25), (2, 25), (3, 25), (4, 117)] {
        let mut socket = rig.connect();
        socket.send(&json!({ "logIn": { "login": "desk1", "password": "wrong" } }));
        assert_eq!(socket.receive()["refused"]["error"], error, "attempt {attempt}");
    }
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_served_and_its_references_lead_somewhere() {
    let rig = start(|_| {});
    let mut stream = TcpStream::connect(rig.server.address()).unwrap();
    stream.write_all(b"GET /schema HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/json"), "{head}");
    let served: Value = serde_json::from_str(body).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/asyncapi.json");
    if std::env::var_os("TIPRING_STORE").is_some() {
        std::fs::write(path, body).unwrap();
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(stored, served, "TIPRING_STORE=1 cargo test -p tipring-web schema writes it anew");
    let mut references = 0;
    walk(&served, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            references += 1;
            let place = reference.strip_prefix('#').expect("within the document");
            assert!(served.pointer(place).is_some(), "{reference} leads nowhere");
        }
    });
    assert!(references > 100, "{references}");
    let text = served.to_string();
    for name in ["makeCall", "delivered", "monitorDevice", "snapshotCall", "userEnteredCode", "lingerSeconds"] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}

fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    visit(value);
    match value {
        Value::Object(members) => members.values().for_each(|member| walk(member, visit)),
        Value::Array(list) => list.iter().for_each(|member| walk(member, visit)),
        _ => {}
    }
}

/// An example at work, ended when dropped.
struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs an example against a server until it shows a call; false if its interpreter is not installed.
fn pops(interpreter: &[&str], arguments: impl Fn(&WebServer) -> Vec<String>) -> bool {
    let rig = start(|_| {});
    let example = Command::new(interpreter[0])
        .args(&interpreter[1..])
        .args(arguments(&rig.server))
        .env("TIPRING_PASSWORD", "secret")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut example) = example.map(Example) else { return false };
    let Ok(Seen::Opened(session)) = rig.seen.recv_timeout(LIMIT) else {
        panic!("{interpreter:?} did not open a session: {:?}", example.0.try_wait());
    };
    assert!(matches!(rig.next(), Seen::Request(Request::MonitorDevice { .. })));
    rig.report(session, 42..43);
    let (lines_in, lines) = mpsc::channel();
    let output = BufReader::new(example.0.stdout.take().unwrap());
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| lines_in.send(line)));
    let customer = call_data().customer.unwrap();
    loop {
        let line = lines.recv_timeout(LIMIT).expect("the example shows the call");
        if line.starts_with("ringing: 5551234") {
            assert!(line.contains(&customer), "{line}");
            return true;
        }
    }
}

#[test]
fn the_python_example_pops() {
    let ran = pops(&["python3", "screen_pop.py"], |server| {
        let address = server.address();
        vec![address.ip().to_string(), address.port().to_string(), "desk1".into(), "1001".into()]
    });
    assert!(ran, "python3 is wanted for this test");
}

#[test]
fn the_javascript_example_pops() {
    // Node 22 has WebSocket without the option, and takes it.
    let ran = pops(&["node", "--experimental-websocket", "screen_pop.mjs"], |server| {
        vec![format!("ws://{}/csta", server.address()), "desk1".into(), "1001".into()]
    });
    if !ran {
        eprintln!("node is not installed: the example was not run");
    }
}

/// A root of trust with one certificate, and what a client makes of it.
fn trusting(certificate: &str) -> Arc<rustls::ClientConfig> {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// The first answer of the server to a log-in over TLS.
fn log_in_over_tls(address: SocketAddr, certificate: &str) -> Result<Value, String> {
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let connection = rustls::ClientConnection::new(trusting(certificate), name).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let stream = rustls::StreamOwned::new(connection, stream);
    let (mut socket, _) = tungstenite::client("wss://localhost/csta", stream).map_err(|error| error.to_string())?;
    let log_in = json!({ "logIn": { "login": "desk1", "password": "secret" } });
    socket.send(Message::text(log_in.to_string())).map_err(|error| error.to_string())?;
    match socket.read() {
        Ok(Message::Text(text)) => Ok(serde_json::from_str(text.as_str()).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn with_a_certificate_all_is_within_tls_and_a_new_one_counts_from_the_next_handshake_on() {
    let (first, second) = (pair(), pair());
    let identity = TlsIdentity::from_pem(first.0.as_bytes(), first.1.as_bytes()).unwrap();
    let rig = start(|settings| settings.tls = Some(identity.clone()));
    let address = rig.server.address();
    assert!(log_in_over_tls(address, &first.0).unwrap()["opened"]["token"].is_string());
    assert!(log_in_over_tls(address, &second.0).is_err(), "a client trusts what it was given only");

    let refused = identity.replace_pem(second.0.as_bytes(), first.1.as_bytes()).unwrap_err();
    assert!(matches!(refused, TlsError::Pair(_)), "{refused}");
    assert!(log_in_over_tls(address, &first.0).is_ok(), "the pair before stays");
    identity.replace_pem(second.0.as_bytes(), second.1.as_bytes()).unwrap();
    assert!(log_in_over_tls(address, &second.0).is_ok());
    assert!(log_in_over_tls(address, &first.0).is_err());

    // In the clear there is no answer of HTTP, and the listener serves on.
    let mut clear = TcpStream::connect(address).unwrap();
    clear.set_read_timeout(Some(LIMIT)).unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert!(log_in_over_tls(address, &second.0).is_ok());
}
