//! Programs in C and C++ (tests/capi/csta_*.c) against a live server: compiled without a warning, linked shared and
//! static, and run; and the symbols of the library.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use tipring_csta_types::call_data::CallData;
use tipring_csta_types::cause::{EventCause, UniversalFailure};
use tipring_csta_types::event::Event;
use tipring_csta_types::private::{EventData, RequestData};
use tipring_csta_types::reply::{Reply, SnapshotDeviceEntry};
use tipring_csta_types::request::Request;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::{
    CallId, ConnectionId, DeviceId, DeviceListLevel, ExtendedDeviceId, InvokeId, LocalConnectionState as State,
    MonitorCrossRefId, SdbLevel, SessionId, SystemStatus,
};
use tipring_tsapi::server::{Backend, Dispatcher, Server, Settings};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Accounts, ServerSettings};

struct OneDesk;

impl Accounts for OneDesk {
    fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
        ((login, password) == ("desk1", "secret")).then(|| Arc::new(Rights::everything()))
    }
}

type Asked = (SessionId, InvokeId, Request);

struct ToSwitch(Mutex<Sender<Asked>>);

impl Backend for ToSwitch {
    fn opened(&self, _: SessionId, _: &str) {}
    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let asked = self.0.lock().expect("no test panics with it").send((session, invoke, request));
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

/// The switch: one call 43 at 1001, and a call that comes when the device is monitored.
fn switch(dispatcher: &Dispatcher, requests: &Receiver<Asked>) {
    for (session, invoke, request) in requests {
        let monitor = MonitorCrossRefId(7);
        let entry = |call, states| SnapshotDeviceEntry { connection: connection(call), states };
        let reply = match &request {
            Request::MonitorDevice { filter, .. } => Ok(Reply::Monitor { monitor, filter: *filter }),
            Request::SetAgentState { agent_id, password, .. }
                if (agent_id.as_str(), password.as_str()) == ("7001", "pin") =>
            {
                Ok(Reply::SetAgentState)
            }
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
        dispatcher.reply(session, invoke, reply, None);
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

fn serve() -> Server {
    let settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").expect("short")));
    let (asked, requests) = channel();
    let server = Server::start("127.0.0.1:0", settings, Arc::new(OneDesk), Arc::new(ToSwitch(Mutex::new(asked))));
    let server = server.expect("loopback has ports");
    let dispatcher = server.dispatcher();
    thread::spawn(move || switch(&dispatcher, &requests));
    server
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
    Command::new("timeout")
        .arg("60")
        .arg(program)
        .args(arguments)
        .env("TIPRING_CSTA_SERVERS", server)
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
    let headers = [include_str!("../include/acs.h"), include_str!("../include/csta.h")].concat();
    for symbol in &exported {
        assert!(headers.contains(&format!("{symbol}(")), "{symbol} is in no header");
    }
}
