//! Programs in C and C++ (tests/capi/csta_*.c) against a live server: compiled without a warning, linked shared and
//! static, and run; and the symbols of the library.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tipring_csta_types::call_data::CallData;
use tipring_csta_types::cause::{EventCause, UniversalFailure};
use tipring_csta_types::event::Event;
use tipring_csta_types::private::{
    AgentStateData, DeviceHistoryEntry, EventData, ReplyData, RequestData, UserInfo, VendorDeviceType,
};
use tipring_csta_types::reply::{Reply, SnapshotDeviceEntry};
use tipring_csta_types::request::SetupInformation;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::vendor::{UnicodeName, VendorReply, VendorRequest};
use tipring_csta_types::{
    AgentState, CallId, ConnectionId, DeviceId, DeviceListLevel, ExtendedDeviceId, InvokeId,
    LocalConnectionState as State, MonitorCrossRefId, Request, RouteRegisterId, RoutingCrossRefId, SdbLevel,
    SelectValue, SessionId, SystemStatus, Ucid,
};
use tipring_tsapi::server::{Backend, Dispatcher, Server, Settings, TlsIdentity, TlsSettings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, ServerSettings};

struct OneDesk;

impl Accounts for OneDesk {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        ((login, password) == ("desk1", "secret")).then(|| Arc::new(Rights::everything()))
    }
}

type Asked = (SessionId, InvokeId, Request, RequestData);

struct ToSwitch(Mutex<Sender<Asked>>);

impl Backend for ToSwitch {
    fn opened(&self, _: SessionId, _: &str) {}
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let asked = (session, invoke, request, data.map(|data| *data).unwrap_or_default());
        let asked = self.0.lock().expect("no test panics with it").send(asked);
        asked.map_err(|_| UniversalFailure::ResourceOutOfService)
    }
    fn closed(&self, _: SessionId) {}
}

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("short and plain")
}

fn connection(call: i32) -> ConnectionId {
    ConnectionId { call: CallId(call), device: device("1001"), ..ConnectionId::NONE }
}

/// The switch: one call 43 at 1001, and a call that comes when the device is monitored. What a call is made with is
/// what its Established says; an agent's work mode is the one that it logs on with.
fn switch(dispatcher: &Dispatcher, requests: &Receiver<Asked>) {
    let mut agent = AgentStateData::default();
    for (session, invoke, request, refined) in requests {
        let monitor = MonitorCrossRefId(7);
        let entry = |call, states| SnapshotDeviceEntry { connection: connection(call), states };
        let reply = match &request {
            Request::MonitorDevice { filter, .. } => Ok(Reply::Monitor { monitor, filter: *filter }),
            Request::SetAgentState { agent_id, password, .. }
                if (agent_id.as_str(), password.as_str()) == ("7001", "pin") =>
            {
                (agent.work_mode, agent.reason_code) = (refined.work_mode, refined.reason_code);
                Ok(Reply::SetAgentState)
            }
            Request::QueryAgentState { .. } => Ok(Reply::QueryAgentState { state: AgentState::WorkNotReady }),
            Request::Escape => match &refined.vendor {
                Some(VendorRequest::QueryDeviceName { .. }) => Ok(Reply::Escape),
                _ => Err(UniversalFailure::UnrecognizedOperationRejection),
            },
            Request::MakeCall { .. } => Ok(Reply::MakeCall { new_call: connection(43) }),
            Request::SnapshotDevice { .. } => Ok(Reply::SnapshotDevice {
                calls: vec![entry(42, vec![State::Hold]), entry(43, vec![State::Connect, State::Alerting])],
            }),
            Request::ClearConnection { call } if *call == connection(43) => Ok(Reply::ClearConnection),
            Request::GetDeviceList { index: -1, .. } => Ok(Reply::GetDeviceList {
                sdb_level: SdbLevel::AcsAndCsta,
                level: DeviceListLevel::DeviceDeviceMonitor,
                index: -1,
                devices: vec![device("1001"), device("1002")],
            }),
            Request::SystemStatus => Ok(Reply::SystemStatus { status: SystemStatus::Normal }),
            _ => Err(UniversalFailure::InvalidObjectState),
        };
        let is_monitor = matches!(request, Request::MonitorDevice { .. });
        let data = match &request {
            Request::MakeCall { .. } => Some(ReplyData::of_call(ucid())),
            Request::QueryAgentState { .. } => Some(ReplyData { agent_state: Some(agent), ..ReplyData::default() }),
            Request::Escape => Some(ReplyData::of_vendor(VendorReply::QueryDeviceName {
                kind: VendorDeviceType::Station,
                device: device("1001"),
                name: device("Li Wei"),
                unicode_name: UnicodeName("李伟".into()),
            })),
            _ => None,
        };
        dispatcher.reply(session, invoke, reply, data.map(Box::new));
        if let Request::MakeCall { .. } = request
            && refined.user_info != UserInfo::default()
        {
            let data = EventData {
                user_info: refined.user_info,
                split: device("5000"),
                device_history: vec![DeviceHistoryEntry {
                    device: device("5001"),
                    cause: EventCause::Redirected,
                    connection: connection(43),
                }],
                ..EventData::default()
            };
            dispatcher.report(session, monitor, &established(), &Some(Arc::new(data)));
        }
        if is_monitor {
            let call = CallData { customer: Some("Li Wei".into()), ..CallData::default() };
            dispatcher.report(session, monitor, &delivered(), &Some(Arc::new(EventData::of_call(Arc::new(call)))));
        }
    }
}

fn delivered() -> Event {
    Event::Delivered {
        connection: connection(42),
        alerting_device: ExtendedDeviceId::inside(device("1001")),
        calling_device: ExtendedDeviceId::outside(device("5551234")),
        called_device: ExtendedDeviceId::inside(device("5001")),
        last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
        local: State::Alerting,
        cause: EventCause::NewCall,
    }
}

fn ucid() -> Ucid {
    Ucid::new("00001000431234567890").expect("20 digits")
}

fn established() -> Event {
    Event::Established {
        established_connection: connection(43),
        answering_device: ExtendedDeviceId::outside(device("5551234")),
        calling_device: ExtendedDeviceId::inside(device("1001")),
        called_device: ExtendedDeviceId::outside(device("5551234")),
        last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
        local: State::Connect,
        cause: EventCause::NewCall,
    }
}

fn serve() -> Server {
    serve_with(None)
}

fn serve_with(tls: Option<TlsSettings>) -> Server {
    start(tls, switch)
}

/// Starts a server before something that answers.
fn start(tls: Option<TlsSettings>, answer: impl FnOnce(&Dispatcher, &Receiver<Asked>) + Send + 'static) -> Server {
    let mut settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").expect("short")));
    settings.tls = tls;
    let (asked, requests) = channel();
    let server = Server::start("127.0.0.1:0", settings, Arc::new(OneDesk), Arc::new(ToSwitch(Mutex::new(asked))));
    let server = server.expect("loopback has ports");
    let dispatcher = server.dispatcher();
    thread::spawn(move || answer(&dispatcher, &requests));
    server
}

/// A switch that asks for the routes of three calls to 95598, one after the other, and notes where each goes: 5000
/// where the router ends the dialogue or says nothing.
fn route(dispatcher: &Dispatcher, requests: &Receiver<Asked>, went: &Mutex<Vec<String>>) {
    const CALLS: i32 = 3;
    let register = RouteRegisterId(9);
    let ask = |session, call| {
        let request = SwitchRequest::Route {
            register,
            dialogue: RoutingCrossRefId(call),
            current_route: ExtendedDeviceId::inside(device("95598")),
            calling_device: ExtendedDeviceId::outside(device("5551234")),
            routed_call: ConnectionId::of_call(CallId(call)),
            algorithm: SelectValue::Normal,
            priority: false,
            setup_information: SetupInformation::default(),
        };
        dispatcher.switch_request(session, request, None);
    };
    let report = |session, report| dispatcher.event_report(session, report, None);
    let mut asked = None;
    loop {
        // The third call's router is silent: its time is soon over.
        let (session, invoke, request, _) = match (asked, requests.recv_timeout(Duration::from_millis(300))) {
            (_, Ok(request)) => request,
            (Some((session, call)), Err(RecvTimeoutError::Timeout)) if call == CALLS => {
                went.lock().unwrap().push("5000".into());
                let (dialogue, error) = (RoutingCrossRefId(call), UniversalFailure::RequestTimeoutRejection);
                report(session, EventReport::RouteEnd { register, dialogue, error });
                asked = None;
                continue;
            }
            (_, Err(RecvTimeoutError::Timeout)) => continue,
            (_, Err(RecvTimeoutError::Disconnected)) => return,
        };
        let next = match request {
            Request::RouteRegister { .. } => {
                dispatcher.reply(session, invoke, Ok(Reply::RouteRegister { register }), None);
                1
            }
            Request::RouteSelect { dialogue, route_selected, route_used_req: true, .. } => {
                went.lock().unwrap().push(route_selected.as_str().into());
                let route_used = ExtendedDeviceId::inside(route_selected);
                let calling_device = ExtendedDeviceId::outside(device("5551234"));
                report(
                    session,
                    EventReport::RouteUsed { register, dialogue, route_used, calling_device, domain: false },
                );
                let error = UniversalFailure::GenericUnspecified;
                report(session, EventReport::RouteEnd { register, dialogue, error });
                dialogue.0 + 1
            }
            Request::RouteEnd { dialogue, .. } => {
                went.lock().unwrap().push("5000".into());
                dialogue.0 + 1
            }
            Request::RouteRegisterCancel { .. } => {
                dispatcher.reply(session, invoke, Ok(Reply::RouteRegisterCancel { register }), None);
                continue;
            }
            other => panic!("a router does not ask {other:?}"),
        };
        if next <= CALLS {
            ask(session, next);
            asked = Some((session, next));
        }
    }
}

/// The folder with libcsta.so and libcsta.a.
fn libraries() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let deps = test.parent().expect("it stands in a folder");
    [deps, deps.parent().expect("below the profile's")]
        .into_iter()
        .find(|folder| folder.join("libcsta.a").exists() && folder.join("libcsta.so").exists())
        .expect("cargo builds the libraries before their tests")
        .to_owned()
}

#[derive(Clone, Copy, Debug)]
enum Way {
    C11Shared,
    C11Static,
    Cxx17Shared,
}

fn compile(program: &str, way: Way) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = here.join("../../tests/capi").join(format!("{program}.c"));
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{program}-{way:?}"));
    let folder = libraries();
    let mut command = match way {
        Way::C11Shared | Way::C11Static => Command::new("cc"),
        Way::Cxx17Shared => Command::new("c++"),
    };
    match way {
        Way::C11Shared | Way::C11Static => command.args(["-std=c11", "-D_POSIX_C_SOURCE=200809L"]),
        Way::Cxx17Shared => command.args(["-std=c++17", "-x", "c++"]),
    };
    command.args(["-Wall", "-Wextra", "-Werror", "-g", "-o"]).arg(&out);
    command.arg("-I").arg(here.join("include")).arg(source).args(["-x", "none"]);
    match way {
        Way::C11Static => command.arg(folder.join("libcsta.a")).args(["-lm", "-lpthread", "-ldl", "-lgcc_s"]),
        Way::C11Shared | Way::Cxx17Shared => {
            command.arg(folder.join("libcsta.so")).arg(format!("-Wl,-rpath,{}", folder.display()))
        }
    };
    let output = command.output().expect("a C and a C++ compiler are there");
    assert!(output.status.success(), "{program} {way:?}: {}", String::from_utf8_lossy(&output.stderr));
    // The SONAME leads to the library that was linked.
    let _ = std::os::unix::fs::symlink(folder.join("libcsta.so"), folder.join("libcsta.so.0"));
    out
}

fn run(program: &Path, arguments: &[&str], server: &str) -> Output {
    run_with(program, arguments, &[("TIPRING_CSTA_SERVERS", server)])
}

fn run_with(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new("timeout")
        .arg("60")
        .arg(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the program can be started")
}

fn check(program: &str, arguments: &[&str], expected: &[&str]) {
    let server = serve();
    let address = server.address().to_string();
    for way in [Way::C11Shared, Way::C11Static, Way::Cxx17Shared] {
        let output = run(&compile(program, way), arguments, &address);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{program} {way:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        for line in expected {
            assert!(text.contains(line), "{program} {way:?} does not say {line:?}: {text}");
        }
    }
}

#[test]
fn layouts_are_those_of_64_bit_linux_and_bad_arguments_get_their_codes() {
    check("csta_layout", &[], &["good"]);
}

#[test]
fn a_screen_pop_in_c_shows_caller_and_customer() {
    let expected = [
        "open: ST2 with TIPRING",
        "monitor 7",
        "ringing: call 42 from 5551234 at 1001, cause 22",
        "Li Wei",
        "closed: ACSERR_BADHDL",
    ];
    check("csta_screen_pop", &["desk1", "secret", "1001"], &expected);
}

#[test]
fn a_softphone_in_c_logs_an_agent_on_and_controls_a_call() {
    let arguments = ["TIPRING#OFFICE#CSTA#pc1", "desk1", "secret", "1001", "7001", "pin"];
    check("csta_softphone", &arguments, &["call 43 at 1001", "hold: ", "2 devices, the first 1001", "good"]);
}

#[test]
fn a_router_in_c_sends_one_call_leaves_one_to_the_switch_and_is_too_late_for_the_third() {
    let went: Arc<Mutex<Vec<String>>> = Arc::default();
    let server = start(None, {
        let went = Arc::clone(&went);
        move |dispatcher, requests| route(dispatcher, requests, &went)
    });
    let address = server.address().to_string();
    for way in [Way::C11Shared, Way::Cxx17Shared] {
        let arguments = ["desk1", "secret", "95598", "1001", "end", "silent"];
        let output = run(&compile("csta_router", way), &arguments, &address);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{way:?}: {text}");
        let said: Vec<&str> = text.lines().collect();
        let expected = [
            "routes 95598",
            "call 1 from 5551234 to 95598: 1001",
            "used 1001",
            "end 0",
            "call 2 from 5551234 to 95598: end",
            "call 3 from 5551234 to 95598: silent",
            "end 78",
        ];
        assert_eq!(said, expected, "{way:?}");
        assert_eq!(std::mem::take(&mut *went.lock().unwrap()), ["1001", "5000", "5000"]);
    }
}

#[test]
fn private_data_in_c_refine_requests_and_are_read_from_events() {
    let arguments = ["TIPRING#OFFICE#CSTA#pc1", "desk1", "secret", "1001"];
    let expected = [
        "private data: ECS of version 8",
        "the call is 00001000431234567890",
        "established with hello, split 5000, device 5001 before",
        "1001 is Li Wei, 2 letters",
        "bill rate: ",
        "work mode 2, reason 3",
        "good",
    ];
    check("csta_private", &arguments, &expected);
}

#[test]
fn a_stream_within_tls_is_opened_by_the_name_of_its_tlink_and_the_certificate_it_trusts() {
    let certified = |host: &str| rcgen::generate_simple_self_signed([host.to_owned()]).expect("a name");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("csta-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder of its own");
    let program = compile("csta_softphone", Way::C11Shared);
    let arguments = ["TIPRING#OFFICE#CSTA-S#pc1", "desk1", "secret", "1001", "7001", "pin"];
    // The certificate's host, the host that is trusted, the check of names, and what the program says.
    for (host, trusted, checks, expected) in [
        ("127.0.0.1", Some("127.0.0.1"), true, "good"),
        ("pbx.example", Some("pbx.example"), false, "good"),
        ("pbx.example", Some("pbx.example"), true, "ACSERR_SSL_FQDN_MISMATCH"),
        ("127.0.0.1", Some("other.example"), true, "ACSERR_SSL_CONNECT_FAILED"),
        ("127.0.0.1", None, true, "ACSERR_SSL_INIT_FAILED"),
    ] {
        let own = certified(host);
        let identity = TlsIdentity::from_pem(own.cert.pem().as_bytes(), own.signing_key.serialize_pem().as_bytes());
        let server = serve_with(Some(TlsSettings {
            address: "127.0.0.1:0".parse().expect("an address"),
            tlink: Tlink::secure("OFFICE", "pc1").expect("short"),
            identity: identity.expect("a certificate and its key"),
        }));
        let pem = match trusted {
            Some(name) if name == host => own.cert.pem(),
            Some(name) => certified(name).cert.pem(),
            None => String::new(),
        };
        let (trust, file) = (folder.join("ca.pem"), folder.join("tslibrc"));
        std::fs::write(&trust, pem).expect("it can be written");
        let trusted = trusted.map_or(String::new(), |_| format!("Trusted CA File={}\n", trust.display()));
        let text = format!(
            "[Telephony Servers]\n127.0.0.1={}\n[Config]\n{trusted}Verify Server FQDN={}\n",
            server.address().port(),
            u8::from(checks)
        );
        std::fs::write(&file, text).expect("it can be written");
        let output = run_with(&program, &arguments, &[("TIPRING_CSTA_FILE", &file.display().to_string())]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(expected), "{host} trusting {trusted:?}, names checked {checks}: {text}");
        assert_eq!(output.status.success(), expected == "good", "{text}");
    }
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn a_client_in_python_written_from_the_document_alone_shows_who_is_calling() {
    let server = serve();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/pop.py");
    let mut child = Command::new("python3")
        .arg(program)
        .args(["127.0.0.1", &server.address().port().to_string(), "desk1", "1001"])
        .env("TIPRING_PASSWORD", "secret")
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let said: Vec<String> = lines.map_while(Result::ok).take(2).collect();
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(said.first().map(String::as_str), Some("watches 1001"));
    assert!(said[1].starts_with("call 42 from 5551234") && said[1].contains("Li Wei"), "{said:?}");
}

#[test]
fn a_wrong_password_is_a_refusal_in_words() {
    let server = serve();
    let program = compile("csta_screen_pop", Way::C11Shared);
    let output = run(&program, &["desk1", "wrong", "1001"], &server.address().to_string());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && text.contains("The login or the password is wrong"), "{text}");
}

#[test]
fn the_library_exports_the_functions_of_its_headers_and_no_other() {
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(libraries().join("libcsta.so")).output();
    let text = String::from_utf8(output.expect("nm is there").stdout).expect("symbols are text");
    let mut exported: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    exported.sort_unstable();
    let stored = include_str!("symbols.txt");
    assert_eq!(exported, stored.lines().collect::<Vec<_>>());
    let headers =
        [include_str!("../include/acs.h"), include_str!("../include/csta.h"), include_str!("../include/attpriv.h")]
            .concat();
    for symbol in &exported {
        assert!(headers.contains(&format!("{symbol}(")), "{symbol} is in no header");
    }
}
