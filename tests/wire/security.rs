//! Rights, TLS and the audit log of a server, over loopback.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, ConnectionId, DeviceId, InvokeId, MonitorCrossRefId, MonitorFilter, Reply,
    Request, SessionId, SystemStatus,
};
use tipring_tsapi::client::{Client, ClientError, ClientOptions, Encryption, authorities, look_up};
use tipring_tsapi::pdu::acs::AcsFailure;
use tipring_tsapi::server::{Audit, Backend, Dispatcher, Server, Settings, TlsIdentity, TlsSettings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, CloseReason, Incoming, ServerSettings};

use crate::messages::device;

const LIMIT: Duration = Duration::from_secs(20);
/// The password that the switch has for every agent.
const AGENT_KEY: &str = "known-to-the-switch-alone";

/// One user with a right to calls at 1001 and to agents there, and to observe 5000; agent 7001 has the password "pin".
struct OneDesk;

impl Accounts for OneDesk {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        let mut rights = Rights::default();
        let only = |text| Devices::Only([device(text)].into());
        rights.permit(ServiceGroup::Call, &only("1001"));
        rights.permit(ServiceGroup::Agent, &only("1001"));
        rights.permit(ServiceGroup::Observe, &only("5000"));
        ((login, password) == ("desk1", "secret")).then(|| Arc::new(rights))
    }

    fn verify_agent(&self, agent: &AgentId, password: &AgentPassword) -> Option<AgentPassword> {
        // Slow, as a hash is: what comes behind must wait for it.
        thread::sleep(Duration::from_millis(50));
        ((agent.as_str(), password.as_str()) == ("7001", "pin")).then(|| AgentPassword::new(AGENT_KEY).unwrap())
    }
}

type Asked = (SessionId, InvokeId, Request);

struct Switch {
    requests: Mutex<Sender<Asked>>,
    audit: Arc<Mutex<Vec<Audit>>>,
}

impl Backend for Switch {
    fn opened(&self, _: SessionId, _: &str) {}
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _: Option<Box<RequestData>>,
    ) -> Result<(), F> {
        self.requests.lock().unwrap().send((session, invoke, request)).map_err(|_| F::ResourceOutOfService)
    }
    fn closed(&self, _: SessionId) {}
    fn audit(&self, entry: &Audit) {
        self.audit.lock().unwrap().push(entry.clone());
    }
}

/// A server, the requests that its switch has seen, and its audit log.
struct Rig {
    server: Server,
    seen: Receiver<Request>,
    audit: Arc<Mutex<Vec<Audit>>>,
}

fn certificate() -> &'static (String, String) {
    static MADE: OnceLock<(String, String)> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    })
}

fn start(change: impl FnOnce(&mut Settings)) -> Rig {
    let mut settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").unwrap()));
    let (certificate, key) = certificate();
    settings.tls = Some(TlsSettings {
        address: "127.0.0.1:0".parse().unwrap(),
        tlink: Tlink::secure("OFFICE", "pc1").unwrap(),
        identity: TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap(),
    });
    change(&mut settings);
    let (requests, to_switch) = mpsc::channel();
    let audit = Arc::new(Mutex::new(Vec::new()));
    let switch = Arc::new(Switch { requests: Mutex::new(requests), audit: Arc::clone(&audit) });
    let server = Server::start("127.0.0.1:0", settings, Arc::new(OneDesk), switch).unwrap();
    let (seen_in, seen) = mpsc::channel();
    let dispatcher = server.dispatcher();
    thread::spawn(move || answer(&dispatcher, &to_switch, &seen_in));
    Rig { server, seen, audit }
}

fn answer(dispatcher: &Dispatcher, requests: &Receiver<Asked>, seen: &Sender<Request>) {
    for (session, invoke, request) in requests {
        let reply = match &request {
            Request::MonitorDevice { filter, .. } => Reply::Monitor { monitor: MonitorCrossRefId(1), filter: *filter },
            Request::AnswerCall { .. } => Reply::AnswerCall,
            Request::SetAgentState { .. } => Reply::SetAgentState,
            _ => Reply::SystemStatus { status: SystemStatus::Normal },
        };
        if seen.send(request).is_err() {
            return;
        }
        dispatcher.reply(session, invoke, Ok(reply), None);
    }
}

impl Rig {
    fn options(&self) -> ClientOptions {
        let server = format!("localhost:{}", self.server.address().port());
        ClientOptions { limit: LIMIT, ..ClientOptions::new(&server, "desk1", "secret") }
    }

    fn tls_options(&self) -> ClientOptions {
        ClientOptions { encryption: trusting(&certificate().0), ..self.options() }
    }
}

fn trusting(pem: &str) -> Encryption {
    Encryption::On(authorities(pem.as_bytes()).expect("a certificate"))
}

fn refused(client: &mut Client, request: &Request) -> F {
    match client.call(request) {
        Err(ClientError::Refused(failure)) => failure,
        other => panic!("{request:?} was not refused: {other:?}"),
    }
}

fn agent_state(mode: AgentMode, agent: &str, password: &str) -> Request {
    Request::SetAgentState {
        device: device("1001"),
        mode,
        agent_id: AgentId::new(agent).unwrap(),
        agent_group: DeviceId::EMPTY,
        password: AgentPassword::new(password).unwrap(),
    }
}

#[test]
fn a_service_without_a_right_is_refused_and_never_reaches_the_switch() {
    let rig = start(|_| {});
    let mut client = Client::open(&rig.options()).unwrap();
    let connection = |text| ConnectionId { device: device(text), ..ConnectionId::NONE };
    let answer = |text| Request::AnswerCall { alerting_call: connection(text) };
    let make = |text| Request::MakeCall { calling_device: device(text), called_device: device("1001") };
    assert_eq!(refused(&mut client, &answer("1002")), F::PrivilegeViolationOnSpecifiedDevice);
    assert_eq!(
        refused(&mut client, &answer("5000")),
        F::PrivilegeViolationOnSpecifiedDevice,
        "observing is no control"
    );
    assert_eq!(refused(&mut client, &make("1002")), F::PrivilegeViolationOnCallingDevice);
    let register = Request::RouteRegister { routing_device: device("5000") };
    assert_eq!(refused(&mut client, &register), F::SecurityViolation);
    assert_eq!(client.call(&answer("1001")).unwrap(), Reply::AnswerCall);
    client.call(&Request::MonitorDevice { device: device("5000"), filter: MonitorFilter::default() }).unwrap();
    client.close().unwrap();
    assert_eq!(rig.server.counters().sessions.forbidden, 4);
    let seen: Vec<Request> = rig.seen.try_iter().collect();
    assert!(matches!(&seen[..], [Request::AnswerCall { .. }, Request::MonitorDevice { .. }]), "{seen:?}");
}

#[test]
fn an_agents_password_is_verified_at_the_edge_and_later_requests_keep_their_place_behind_it() {
    let rig = start(|_| {});
    let mut client = Client::open(&rig.options()).unwrap();
    // Not waited for in between.
    let asked = [
        agent_state(AgentMode::LogIn, "7001", "pin"),
        agent_state(AgentMode::Ready, "7001", ""),
        Request::SystemStatus,
    ];
    let invokes: Vec<InvokeId> = asked.iter().map(|request| client.send(request).unwrap()).collect();
    for invoke in invokes {
        match client.receive(LIMIT).unwrap() {
            Some(Incoming::Confirmation { invoke: answered, result: Ok(_), .. }) => assert_eq!(answered, invoke),
            other => panic!("{other:?}"),
        }
    }
    for (agent, password) in [("7001", "wrong"), ("7002", "pin"), ("7001", "")] {
        let log_in = agent_state(AgentMode::LogIn, agent, password);
        assert_eq!(refused(&mut client, &log_in), F::GenericUnspecified, "the same for both reasons");
    }
    let seen: Vec<Request> = rig.seen.try_iter().collect();
    let [Request::SetAgentState { password, .. }, Request::SetAgentState { mode: AgentMode::Ready, .. }, _] = &seen[..]
    else {
        panic!("{seen:?}");
    };
    assert_eq!(password.as_str(), AGENT_KEY);
    let failed = |entry: &Audit| matches!(entry, Audit::AgentLogIn { failure: F::GenericUnspecified, .. });
    assert_eq!(rig.audit.lock().unwrap().iter().filter(|entry| failed(entry)).count(), 3);
}

#[test]
fn every_log_in_has_a_line_in_the_audit_log_and_none_has_a_password() {
    let rig = start(|_| {});
    Client::open(&rig.options()).unwrap().close().unwrap();
    let wrong = ClientOptions { password: "hunter2".into(), ..rig.options() };
    Client::open(&wrong).err().expect("the password is wrong");
    let lines: Vec<String> = rig.audit.lock().unwrap().iter().map(Audit::to_string).collect();
    assert!(lines.contains(&"\"desk1\" has logged in from 127.0.0.1".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("The log-in of \"desk1\" from 127.0.0.1 failed")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("secret") || line.contains("hunter2")), "{lines:?}");
}

#[test]
fn a_stream_within_tls_does_what_one_in_the_clear_does() {
    let rig = start(|_| {});
    let (_, names) = look_up(&rig.options().server, LIMIT).unwrap();
    let names: Vec<&str> = names.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["TIPRING#OFFICE#CSTA#pc1", "TIPRING#OFFICE#CSTA-S#pc1"]);
    let mut client = Client::open(&rig.tls_options()).unwrap();
    for _ in 0..500 {
        client.send(&Request::SystemStatus).unwrap();
        client.send(&Request::SystemStatus).unwrap();
        for _ in 0..2 {
            assert!(matches!(client.receive(LIMIT).unwrap(), Some(Incoming::Confirmation { result: Ok(_), .. })));
        }
    }
    client.close().unwrap();
    assert_eq!(rig.server.counters().tls_failures, 0);
}

#[test]
fn a_certificate_that_is_not_trusted_or_of_another_name_ends_the_clients_attempt() {
    let rig = start(|_| {});
    let stranger = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap().cert.pem();
    let options = ClientOptions { encryption: trusting(&stranger), ..rig.tls_options() };
    let error = Client::open(&options).err().expect("it is another certificate").to_string();
    assert!(error.contains("certificate cannot be trusted: no authority that is trusted here"), "{error}");
    let tlink = Some("TIPRING#OFFICE#CSTA-S#pc1".into());
    let blind = ClientOptions { tlink, ..rig.options() };
    let error = Client::open(&blind).err().expect("nothing is trusted").to_string();
    assert!(error.contains("the certificate to trust is wanted"), "{error}");
}

#[test]
fn a_stream_in_the_clear_is_not_opened_at_the_tls_tlink_and_not_at_all_where_clear_streams_are_off() {
    let rig = start(|settings| settings.session.clear_streams = false);
    let (_, names) = look_up(&rig.options().server, LIMIT).unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
    for name in ["TIPRING#OFFICE#CSTA#pc1", "TIPRING#OFFICE#CSTA-S#pc1"] {
        use tipring_tsapi::pdu::acs::{LoginId, ServerId};
        let name = ServerId::fitted(name);
        let settings = tipring_tsapi::session::ClientSettings::new(name, LoginId::fitted("desk1"), "secret");
        let refused = Client::open_at(rig.server.address(), settings, LIMIT).err().expect("clear streams are off");
        assert!(matches!(refused, ClientError::Closed(CloseReason::Refused(AcsFailure::BadServerId))), "{refused}");
    }
    Client::open(&rig.tls_options()).unwrap().close().unwrap();
    // Without a TLS option the client takes the stream there is, and the port itself is named as what it is.
    let if_needed = Encryption::IfNeeded(|| authorities(certificate().0.as_bytes()).map_err(|error| error.to_string()));
    Client::open(&ClientOptions { encryption: if_needed, ..rig.options() }).unwrap().close().unwrap();
    let tls_port = names[0].address.port();
    let refused = look_up(&format!("localhost:{tls_port}"), LIMIT).expect_err("it is no name service");
    assert!(matches!(refused, ClientError::WithinTls), "{refused}");
}

#[test]
fn octets_that_are_no_tls_end_their_connection_and_no_other() {
    let rig = start(|_| {});
    let address = rig.server.tls_address().unwrap();
    let mut other = Client::open(&rig.tls_options()).unwrap();
    for octets in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16, 3, 1, 0xFF, 0xFF, 1], &[0; 64]] {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        socket.write_all(octets).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        // An alert, or nothing; in time.
        let _ = socket.read_to_end(&mut rest);
        assert!(rest.len() < 64, "{rest:x?}");
    }
    other.call(&Request::SystemStatus).expect("the others are served");
    assert!(rig.server.counters().tls_failures >= 2, "{:?}", rig.server.counters());
    let audit = rig.audit.lock().unwrap();
    assert!(audit.iter().any(|entry| matches!(entry, Audit::Tls { .. })), "{audit:?}");
}

#[test]
fn certificate_and_key_that_cannot_be_used_are_a_sentence() {
    let (certificate, key) = certificate();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap().signing_key.serialize_pem();
    for (chain, key, why) in [
        ("", key.as_str(), "there is no certificate"),
        (certificate.as_str(), "", "the private key is not PEM"),
        (certificate.as_str(), other.as_str(), "cannot be used"),
    ] {
        let complaint = TlsIdentity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err().to_string();
        assert!(complaint.contains(why), "{complaint}");
    }
}
