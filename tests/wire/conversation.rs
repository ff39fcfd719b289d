//! Both ends of a stream talking to each other without a socket, on virtual time.

use core::time::Duration;
use std::sync::Arc;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{EventData, RequestData};
use tipring_core::csta::reply::SnapshotCallEntry;
use tipring_core::csta::rights::Rights;
use tipring_core::csta::vendor::VendorRequest;
use tipring_core::csta::{
    CallId, ConnectionId, ExtendedDeviceId, InvokeId, LocalConnectionState, MonitorCrossRefId, MonitorFilter, Reply,
    Request, SystemStatus,
};
use tipring_tsapi::frame::{EventClass, Frame, Header};
use tipring_tsapi::pdu::acs::{Acs, AcsFailure, CryptPassword, LoginId, ServerId, StreamType, Version};
use tipring_tsapi::pdu::private_area::{self, Private};
use tipring_tsapi::session::login::{Tlink, Vendor};
use tipring_tsapi::session::{
    ClientOutput, ClientSession, ClientSettings, CloseReason, Incoming, NameLookup, NameOutput, Report, Security,
    ServerOutput, ServerSession, ServerSettings, password,
};

use crate::golden;
use crate::messages::{self, CHALLENGE, Message, device};
use crate::ms;

pub fn server() -> ServerSession {
    let tlink = Tlink::new("OFFICE", "pc1").unwrap();
    let settings = ServerSettings { outstanding_max: 4, ..ServerSettings::new(tlink) };
    let address = "127.0.0.1:14450".parse().unwrap();
    ServerSession::new(Arc::new(settings), address, Security::Clear, CHALLENGE, Duration::ZERO)
}

fn client_settings() -> ClientSettings {
    ClientSettings::new(ServerId::new("tipring#office#csta#pc1").unwrap(), LoginId::new("user").unwrap(), "secret")
}

/// Everything a server's session has to say: messages by name, what it asks for, how it ended.
/// Everything the server wants done; log-ins are verified at once.
fn drain(server: &mut ServerSession) -> Vec<ServerOutput> {
    let mut outputs = Vec::new();
    while let Some(output) = next_output(ms(2), server) {
        outputs.push(output);
    }
    outputs
}

/// The next output of a server, log-ins done.
pub fn next_output(now: Duration, server: &mut ServerSession) -> Option<ServerOutput> {
    loop {
        match server.poll_output()? {
            ServerOutput::LogIn { login, password } => {
                let known = login.as_str() == "user" && password.0 == "secret";
                let rights = known.then(|| Arc::new(Rights::everything()));
                server.handle_login(now, rights.ok_or(AcsFailure::BadPasswordOrLogin));
            }
            output => return Some(output),
        }
    }
}

/// The messages in an output.
fn all_messages(output: &ServerOutput) -> Vec<Message> {
    let ServerOutput::Send(octets) = output else { panic!("{output:?} is no message") };
    let (mut rest, mut messages) = (&octets[..], Vec::new());
    while !rest.is_empty() {
        let (frame, length) = Frame::split(rest).unwrap().unwrap();
        messages.push(Message::read(&frame).unwrap());
        rest = &rest[length..];
    }
    messages
}

/// The only message in an output.
fn message(output: &ServerOutput) -> Message {
    let mut messages = all_messages(output);
    assert_eq!(messages.len(), 1);
    messages.remove(0)
}

/// The ACS failure with which a server's session answers.
fn failure(output: &ServerOutput) -> AcsFailure {
    match message(output) {
        Message::Acs(Acs::UniversalFailureConf { error } | Acs::UniversalFailure { error }) => error,
        other => panic!("{other:?} is no failure"),
    }
}

fn open_request(change: impl FnOnce(&mut Acs)) -> Vec<u8> {
    let mut request = Acs::OpenStream {
        stream_type: StreamType::Csta,
        server: ServerId::new("TIPRING#OFFICE#CSTA#pc1").unwrap(),
        login: LoginId::new("user").unwrap(),
        password: CryptPassword::new(&password::encipher(b"secret", CHALLENGE)),
        application: Version::fitted("test"),
        level: tipring_tsapi::pdu::acs::Level::Level1,
        api_version: Version::fitted("TS1-2"),
        library_version: Version::fitted("test"),
        server_version: Version::default(),
    };
    change(&mut request);
    Message::Acs(request).build(2, 0, &[])
}

/// A server's session with an open stream; `vendors` is the list a client asks for.
pub fn open_server(vendors: &str) -> ServerSession {
    open_server_with(vendors, "TS1-2")
}

/// An open server, with the versions of the interface that the client asks for.
pub fn open_server_with(vendors: &str, versions: &str) -> ServerSession {
    let mut server = server();
    server.handle_octets(ms(1), &golden::frame("key request"));
    let private = private_area::area("VERSION", &[&[0], vendors.as_bytes(), &[0]].concat());
    let open = open_request(|request| {
        if let Acs::OpenStream { api_version, .. } = request {
            *api_version = Version::fitted(versions);
        }
    });
    let (frame, _) = Frame::split(&open).unwrap().unwrap();
    let request = Message::read(&frame).unwrap().build(2, 0, &private);
    server.handle_octets(ms(2), &request);
    drain(&mut server);
    assert!(server.is_open());
    server
}

/// Carries octets between the two until neither has any; gives what else they have to say.
pub fn exchange(
    now: Duration,
    client: &mut ClientSession,
    server: &mut ServerSession,
) -> (Vec<ClientOutput>, Vec<ServerOutput>) {
    let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
    loop {
        match (client.poll_output(), next_output(now, server)) {
            (None, None) => return (from_client, from_server),
            (to_server, to_client) => {
                match to_server {
                    // One octet at a time: the most unfriendly network.
                    Some(ClientOutput::Send(octets)) => {
                        octets.chunks(1).for_each(|octet| server.handle_octets(now, octet));
                    }
                    other => from_client.extend(other),
                }
                match to_client {
                    Some(ServerOutput::Send(octets)) => {
                        octets.chunks(1).for_each(|octet| client.handle_octets(now, octet));
                    }
                    other => from_server.extend(other),
                }
            }
        }
    }
}

pub fn opened_pair() -> (ClientSession, ServerSession) {
    let (mut client, mut server) = (ClientSession::new(client_settings(), Duration::ZERO), server());
    let (from_client, from_server) = exchange(ms(5), &mut client, &mut server);
    assert_eq!(from_client, [ClientOutput::Opened { api_version: "ST2".into(), vendor: Some(Vendor::tipring()) }]);
    assert_eq!(from_server, [ServerOutput::Opened { login: LoginId::new("user").unwrap() }]);
    (client, server)
}

#[test]
fn the_name_service_tells_the_tlink_and_its_place() {
    let (mut lookup, mut server) = (NameLookup::new(Duration::ZERO), server());
    let mut found = None;
    while found.is_none() {
        match lookup.poll_output().expect("a lookup goes on until it is done") {
            NameOutput::Send(octets) => {
                server.handle_octets(ms(1), &octets);
                for output in drain(&mut server) {
                    match output {
                        ServerOutput::Send(octets) => lookup.handle_octets(&octets),
                        ServerOutput::Closed { why } => assert_eq!(why, CloseReason::Aborted),
                        other => panic!("{other:?} in a name lookup"),
                    }
                }
            }
            NameOutput::Done { result } => found = Some(result),
        }
    }
    let servers = found.unwrap().unwrap();
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0].name, "TIPRING#OFFICE#CSTA#pc1");
    assert_eq!(servers[0].address, "127.0.0.1:14450".parse().unwrap());
}

/// The octets of a client of another maker, as they were seen, are served as that client needs it.
#[test]
fn a_client_of_another_maker_logs_in() {
    let tlink = Tlink::new("CM", "AES").unwrap();
    let settings = ServerSettings::new(tlink);
    let address = "127.0.0.1:14450".parse().unwrap();
    let mut server = ServerSession::new(Arc::new(settings), address, Security::Clear, CHALLENGE, Duration::ZERO);
    server.handle_octets(ms(1), &golden::frame("key request"));
    assert_eq!(drain(&mut server), [ServerOutput::Send(golden::frame("auth reply two"))]);

    // That client asks for a Tlink of its own vendor; ours has our name in the same form.
    let (frame, _) =
        Frame::split(&golden::frame("open stream")).map(|f| f.map(|(f, n)| (f.private.to_vec(), n))).unwrap().unwrap();
    let open = open_request(|request| {
        if let Acs::OpenStream { server, api_version, library_version, .. } = request {
            *server = ServerId::fitted("TIPRING#CM#CSTA#AES");
            *api_version = Version::fitted("TS1:2");
            *library_version = Version::fitted("AES6.2.0.54");
        }
    });
    let (request, _) = Frame::split(&open).unwrap().unwrap();
    server.handle_octets(ms(2), &Message::read(&request).unwrap().build(2, 0, &frame));
    let outputs = drain(&mut server);
    let ServerOutput::Send(octets) = &outputs[0] else { panic!("{outputs:?}") };
    let (conf, _) = Frame::split(octets).unwrap().unwrap();
    assert_eq!((conf.header.class, conf.header.pdu, conf.header.invoke), (EventClass::AcsConfirmation, 2, 2));
    let granted = Private::read(conf.private).unwrap().unwrap();
    assert_eq!((granted.vendor, granted.data), ("ECS", &b"\x0010\0"[..]), "vendor mode");
    assert_eq!(outputs[1], ServerOutput::Opened { login: LoginId::new("user").unwrap() });

    server.handle_octets(ms(3), &golden::frame("get api caps"));
    assert_eq!(
        drain(&mut server),
        [ServerOutput::Request { invoke: InvokeId(3), request: Request::GetApiCaps, data: None }]
    );
    server.handle_octets(ms(3), &golden::frame("escape, query agent login"));
    let vendor = Some(VendorRequest::QueryAgentLogin { device: device("1001") });
    let data = Some(Box::new(RequestData { vendor, ..RequestData::default() }));
    let escape = ServerOutput::Request { invoke: InvokeId(21), request: Request::Escape, data };
    assert_eq!(drain(&mut server), [escape]);
}

#[test]
fn requests_are_answered_and_monitors_are_told() {
    let (mut client, mut server) = opened_pair();
    let request = Request::MonitorDevice { device: device("1001"), filter: MonitorFilter::default() };
    let invoke = client.request(&request).unwrap();
    let (_, asked) = exchange(ms(10), &mut client, &mut server);
    assert_eq!(asked, [ServerOutput::Request { invoke, request, data: None }]);

    let monitor = MonitorCrossRefId(7);
    let reply = Reply::Monitor { monitor, filter: MonitorFilter::default() };
    server.handle_reply(invoke, Ok(reply.clone()), None);
    let expected = messages::expected();
    let event = |name: &str| match &expected.iter().find(|(known, _)| *known == name).unwrap().1 {
        Message::Event(event) => event.clone(),
        other => panic!("{other:?}"),
    };
    let data = Some(Arc::new(EventData::of_call(Arc::new(messages::call_data()))));
    for name in ["queued", "delivered with call data", "established"] {
        let event = event(name);
        // The switching function decides which events have a screen pop; the stream sends what it is given.
        let data = data.clone().filter(|_| event.carries_call_data());
        server.handle_report(monitor, &Report::new(event, data));
    }
    let (heard, _) = exchange(ms(11), &mut client, &mut server);
    let report = |name, data| ClientOutput::Incoming(Incoming::Report { monitor, event: event(name), data });
    assert_eq!(
        heard,
        [
            ClientOutput::Incoming(Incoming::Confirmation { invoke, result: Ok(reply), data: None }),
            // No screen pops for a call that waits.
            report("queued", None),
            report("delivered with call data", Some(messages::call_data())),
            report("established", Some(messages::call_data())),
        ]
    );
}

#[test]
fn screen_pop_octets_are_the_golden_ones_and_only_for_those_who_asked() {
    let expected = messages::expected();
    let (_, Message::Event(event)) = expected.iter().find(|(name, _)| *name == "delivered with call data").unwrap()
    else {
        panic!("an event")
    };
    let data = Some(Arc::new(EventData::of_call(Arc::new(messages::call_data()))));
    let mut ours = open_server("TIPRING#1");
    ours.handle_report(MonitorCrossRefId(7), &Report::new(event.clone(), data.clone()));
    assert_eq!(drain(&mut ours), [ServerOutput::Send(golden::frame("delivered with call data"))]);
    for vendors in ["ECS#4-10", "", "TIPRING#2"] {
        let mut other = open_server(vendors);
        other.handle_report(MonitorCrossRefId(7), &Report::new(event.clone(), data.clone()));
        let outputs = drain(&mut other);
        let ServerOutput::Send(octets) = &outputs[0] else { panic!("{outputs:?}") };
        let (frame, _) = Frame::split(octets).unwrap().unwrap();
        let vendor = Private::read(frame.private).unwrap().map(|private| private.vendor);
        assert_eq!(vendor, vendors.starts_with("ECS").then_some("ECS"), "{vendors:?}");
    }
}

#[test]
fn a_stream_is_refused_for_the_right_reason() {
    let set = |change: fn(&mut Acs)| open_request(change);
    let cases = [
        (
            AcsFailure::BadStreamType,
            set(|r| {
                if let Acs::OpenStream { stream_type, .. } = r {
                    *stream_type = StreamType::Oam
                }
            }),
        ),
        (
            AcsFailure::BadStreamType,
            set(|r| {
                if let Acs::OpenStream { stream_type, .. } = r {
                    *stream_type = StreamType::TrustedApplication
                }
            }),
        ),
        (
            AcsFailure::BadServerId,
            set(|r| {
                if let Acs::OpenStream { server, .. } = r {
                    *server = ServerId::fitted("AVAYA#CM#CSTA#AES")
                }
            }),
        ),
        (
            AcsFailure::VersionMismatch,
            set(|r| {
                if let Acs::OpenStream { api_version, .. } = r {
                    *api_version = Version::fitted("2")
                }
            }),
        ),
        (
            AcsFailure::PduVersionMismatch,
            set(|r| {
                if let Acs::OpenStream { api_version, .. } = r {
                    *api_version = Version::fitted("TS3-9")
                }
            }),
        ),
        (
            AcsFailure::BadPasswordEncryption,
            set(|r| {
                if let Acs::OpenStream { password, .. } = r {
                    *password = CryptPassword::new(&[7; 8])
                }
            }),
        ),
        (
            AcsFailure::BadPasswordOrLogin,
            set(|r| {
                if let Acs::OpenStream { login, .. } = r {
                    *login = LoginId::fitted("unknown")
                }
            }),
        ),
        (
            AcsFailure::BadPasswordOrLogin,
            set(|r| {
                if let Acs::OpenStream { password, .. } = r {
                    *password = CryptPassword::new(&password::encipher(b"Secret", CHALLENGE))
                }
            }),
        ),
        (
            AcsFailure::BadPasswordOrLogin,
            set(|r| {
                if let Acs::OpenStream { password, .. } = r {
                    *password = CryptPassword::new(&[0xFF; 40])
                }
            }),
        ),
    ];
    for (reason, open) in cases {
        let mut server = server();
        server.handle_octets(ms(1), &golden::frame("key request"));
        drain(&mut server);
        server.handle_octets(ms(2), &open);
        let outputs = drain(&mut server);
        assert_eq!(failure(&outputs[0]), reason);
        assert_eq!(outputs[1..], [ServerOutput::Closed { why: CloseReason::Refused(reason) }]);
        assert_eq!(server.counters().bad_logins, 1);
    }
}

#[test]
fn what_comes_out_of_order_is_refused() {
    // A stream is opened without a challenge.
    let mut early = server();
    early.handle_octets(ms(1), &open_request(|_| {}));
    assert_eq!(failure(&drain(&mut early)[0]), AcsFailure::BadTservProtocol);
    // A service is asked for before there is a stream.
    let mut early = server();
    early.handle_octets(ms(1), &golden::frame("get api caps"));
    let outputs = drain(&mut early);
    assert_eq!(failure(&outputs[0]), AcsFailure::NoAcsStream);
    assert!(matches!(outputs[1], ServerOutput::Closed { .. }));
    // About a stream that is not there.
    for name in ["close stream", "set heartbeat"] {
        let mut early = server();
        early.handle_octets(ms(1), &golden::frame(name));
        assert_eq!(failure(&drain(&mut early)[0]), AcsFailure::NoAcsStream, "{name}");
    }
    // Again, when it is open: refused, and the stream lives.
    let mut server = open_server("");
    server.handle_octets(ms(3), &golden::frame("key request"));
    assert_eq!(failure(&drain(&mut server)[0]), AcsFailure::BadTservProtocol);
    server.handle_octets(ms(3), &open_request(|_| {}));
    assert_eq!(failure(&drain(&mut server)[0]), AcsFailure::DuplicateAcsHandle);
    assert_eq!(server.counters().out_of_order, 2);
    assert!(server.is_open());
    // What only servers say.
    for name in ["heartbeat", "failure conf"] {
        let mut server = open_server("");
        server.handle_octets(ms(3), &golden::frame(name));
        let outputs = drain(&mut server);
        assert_eq!(failure(&outputs[0]), AcsFailure::InvalidClassRejection, "{name}");
        assert!(matches!(outputs[1], ServerOutput::Closed { .. }));
    }
}

#[test]
fn bad_bodies_get_the_right_failure_and_the_stream_lives() {
    let mut server = open_server("");
    let request = |pdu, body: &[u8], private: &[u8]| {
        let mut octets =
            tipring_tsapi::frame::build(Header::new(EventClass::CstaRequest, pdu, 9), private, |writer| writer.null())
                .unwrap();
        // The body as given, not as a good writer would have it.
        let head = octets.len() - private.len() - 4;
        octets.splice(head..head + 4, body.iter().copied());
        let length = (octets.len() - 4) as u32;
        octets[0..4].copy_from_slice(&length.to_le_bytes());
        octets[18..20].copy_from_slice(&(body.len() as u16).to_le_bytes());
        octets
    };
    let cases: [(u16, &[u8], UniversalFailure); 10] = [
        (37, &[0x30, 6, 0x16, 9, 0x31, 0x30, 0x30, 0x31], UniversalFailure::BadlyStructuredApduRejection),
        (37, &[0x30, 0x80, 0x16, 1, 0x31, 0, 0], UniversalFailure::BadlyStructuredApduRejection),
        (37, &[0x30, 3, 0x16, 1, 0x31, 0x00], UniversalFailure::BadlyStructuredApduRejection),
        (37, &[], UniversalFailure::BadlyStructuredApduRejection),
        (37, &[0x30, 3, 0x04, 1, 0x31], UniversalFailure::MistypedArgumentRejection),
        (37, &[0x30, 3, 0x16, 1, 0xB1], UniversalFailure::MistypedArgumentRejection),
        (126, &[0x30, 6, 2, 1, 0xFF, 0x0A, 1, 99], UniversalFailure::ValueOutOfRange),
        (21, &[0x30, 2, 5, 0], UniversalFailure::MistypedArgumentRejection),
        (200, &[0x30, 2, 5, 0], UniversalFailure::UnrecognizedOperationRejection),
        (9999, &[0x30, 2, 5, 0], UniversalFailure::UnrecognizedOperationRejection),
    ];
    for (pdu, body, expected) in cases {
        server.handle_octets(ms(3), &request(pdu, body, &[]));
        assert_eq!(message(&drain(&mut server)[0]), Message::Failure(expected), "PDU {pdu}, {body:02x?}");
    }
    // A private area that is none.
    server.handle_octets(ms(3), &request(124, &[0x30, 2, 5, 0], &[1, 2, 3]));
    assert_eq!(message(&drain(&mut server)[0]), Message::Failure(UniversalFailure::BadlyStructuredApduRejection));
    // The client waits for no answer to these.
    for pdu in [92, 109, 132] {
        server.handle_octets(ms(3), &request(pdu, &[0x30, 2, 5, 0], &[]));
        assert_eq!(drain(&mut server), []);
    }
    assert_eq!((server.counters().bad_bodies, server.counters().unsupported), (12, 2));
    assert!(server.is_open());
}

#[test]
fn a_flood_of_requests_is_refused_beyond_the_bound() {
    let mut server = open_server("");
    let flood: Vec<u8> = (0..10).flat_map(|n| Message::Request(Request::SystemStatus).build(n, 0, &[])).collect();
    server.handle_octets(ms(3), &flood);
    let outputs = drain(&mut server);
    // Frames go out before what is asked, all of them at once.
    let (refused, asked) = outputs.split_first().expect("outputs");
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|output| matches!(output, ServerOutput::Request { .. })));
    let refused = all_messages(refused);
    assert_eq!(refused.len(), 6);
    for refusal in refused {
        assert_eq!(refusal, Message::Failure(UniversalFailure::OutstandingRequestLimitExceeded));
    }
    assert_eq!(server.counters().over_limit, 6);
    // An answer makes room; an answer without a request makes none.
    server.handle_reply(InvokeId(2), Ok(Reply::SystemStatus { status: SystemStatus::Normal }), None);
    server.handle_reply(InvokeId(2), Ok(Reply::SystemStatus { status: SystemStatus::Normal }), None);
    assert_eq!(drain(&mut server).len(), 1);
    assert_eq!(server.counters().stray_answers, 1);
    server.handle_octets(ms(3), &Message::Request(Request::SystemStatus).build(20, 0, &[]));
    assert!(matches!(drain(&mut server)[..], [ServerOutput::Request { invoke: InvokeId(20), .. }]));
}

#[test]
fn an_answer_too_long_for_a_frame_becomes_a_failure() {
    let mut server = open_server("");
    server.handle_octets(ms(3), &Message::Request(Request::SnapshotCall { call: ConnectionId::NONE }).build(3, 0, &[]));
    drain(&mut server);
    let party = SnapshotCallEntry {
        device: ExtendedDeviceId::inside(device("1001")),
        connection: ConnectionId { call: CallId(42), ..ConnectionId::NONE },
        state: LocalConnectionState::Connect,
    };
    server.handle_reply(InvokeId(3), Ok(Reply::SnapshotCall { parties: vec![party; 2000] }), None);
    assert_eq!(message(&drain(&mut server)[0]), Message::Failure(UniversalFailure::ResourceLimitationRejection));
}

#[test]
fn heartbeats_come_as_often_as_asked() {
    let (mut client, mut server) = opened_pair();
    assert_eq!(server.next_time(), Some(ms(5) + Duration::from_secs(20)));
    for seconds in [4, 61, -5, i16::MIN] {
        client.set_heartbeat(seconds).unwrap();
        let (heard, _) = exchange(ms(6), &mut client, &mut server);
        let failure = AcsFailure::InvalidHeartbeatInterval;
        assert_eq!(heard, [ClientOutput::Incoming(Incoming::Refused { failure })], "{seconds} s");
        assert_eq!(failure.number(), 119);
    }
    client.set_heartbeat(5).unwrap();
    let (heard, _) = exchange(ms(1000), &mut client, &mut server);
    assert_eq!(heard, [ClientOutput::Incoming(Incoming::HeartbeatSet { seconds: 5 })]);
    assert_eq!(server.next_time(), Some(ms(6000)));
    server.handle_time(ms(5999));
    assert_eq!(server.poll_output(), None);
    server.handle_time(ms(6000));
    assert_eq!(client.next_time(), None, "a server need not send heartbeats");
    exchange(ms(6000), &mut client, &mut server);
    assert_eq!(client.next_time(), Some(ms(16_000)), "but when it does, two must not be missed");
    client.handle_time(ms(16_000));
    assert_eq!(client.poll_output(), Some(ClientOutput::Closed { why: CloseReason::TimedOut }));
}

#[test]
fn a_stream_ends_by_close_abort_or_the_server() {
    let (mut client, mut server) = opened_pair();
    client.close();
    let (heard, ended) = exchange(ms(10), &mut client, &mut server);
    assert_eq!(heard, [ClientOutput::Closed { why: CloseReason::Closed }]);
    assert_eq!(ended, [ServerOutput::Closed { why: CloseReason::Closed }]);
    assert!(client.request(&Request::GetApiCaps).is_err());

    let (mut client, mut server) = opened_pair();
    client.abort();
    let (heard, ended) = exchange(ms(10), &mut client, &mut server);
    assert_eq!(heard, [ClientOutput::Closed { why: CloseReason::Aborted }]);
    assert_eq!(ended, [ServerOutput::Closed { why: CloseReason::Aborted }]);

    let (mut client, mut server) = opened_pair();
    server.end(AcsFailure::AcsHandleTermination);
    let why = CloseReason::Ended(AcsFailure::AcsHandleTermination);
    let (heard, ended) = exchange(ms(10), &mut client, &mut server);
    assert_eq!((heard, ended), (vec![ClientOutput::Closed { why }], vec![ServerOutput::Closed { why }]));
}

#[test]
fn a_wrong_password_is_told_to_the_client() {
    let settings = ClientSettings { password: "guess".into(), ..client_settings() };
    let (mut client, mut server) = (ClientSession::new(settings, Duration::ZERO), server());
    let (heard, _) = exchange(ms(5), &mut client, &mut server);
    let why = CloseReason::Refused(AcsFailure::BadPasswordOrLogin);
    assert_eq!(heard, [ClientOutput::Closed { why }]);
    assert_eq!(why.to_string(), "The stream was not opened: The login or the password is wrong (ACS failure 25)");
}

#[test]
fn whoever_does_not_log_in_in_time_is_sent_away() {
    let mut server = server();
    assert_eq!(server.next_time(), Some(ms(30_000)));
    server.handle_octets(ms(29_000), &golden::frame("key request"));
    drain(&mut server);
    server.handle_time(ms(30_000));
    assert_eq!(drain(&mut server), [ServerOutput::Closed { why: CloseReason::TimedOut }]);
    let mut client = ClientSession::new(client_settings(), Duration::ZERO);
    client.poll_output();
    client.handle_time(ms(10_000));
    assert_eq!(client.poll_output(), Some(ClientOutput::Closed { why: CloseReason::TimedOut }));
}

#[test]
fn status_changes_are_told_to_those_who_asked() {
    let (mut client, mut server) = opened_pair();
    let mut ask = |server: &mut ServerSession, request: Request, reply: Reply| {
        let invoke = client.request(&request).unwrap();
        exchange(ms(10), &mut client, server);
        server.handle_reply(invoke, Ok(reply), None);
        server.handle_system_status(SystemStatus::Disabled);
        server.handle_system_status(SystemStatus::Normal);
        let (heard, _) = exchange(ms(10), &mut client, server);
        let statuses: Vec<SystemStatus> = heard
            .into_iter()
            .filter_map(|output| match output {
                ClientOutput::Incoming(Incoming::SystemStatus(status)) => Some(status),
                _ => None,
            })
            .collect();
        statuses
    };
    assert_eq!(ask(&mut server, Request::SystemStatus, Reply::SystemStatus { status: SystemStatus::Normal }), []);
    // A bit of 1 suppresses: normal is not wanted.
    let filter = 0x20;
    assert_eq!(
        ask(&mut server, Request::SystemStatusStart { filter }, Reply::SystemStatusStart { filter }),
        [SystemStatus::Disabled]
    );
    // All are wanted; without a filter to change it is refused.
    let (request, reply) =
        (Request::ChangeSystemStatusFilter { filter: 0 }, Reply::ChangeSystemStatusFilter { selected: 0, active: 0 });
    let both = [SystemStatus::Disabled, SystemStatus::Normal];
    assert_eq!(ask(&mut server, request.clone(), reply.clone()), both);
    assert_eq!(ask(&mut server, Request::SystemStatusStop, Reply::SystemStatusStop), []);
    assert_eq!(ask(&mut server, request, reply), []);
}

#[test]
fn a_client_lives_with_messages_it_does_not_know() {
    let (mut client, _) = opened_pair();
    let mut unknown = golden::frame("held");
    unknown[16] = 200;
    client.handle_octets(ms(10), &unknown);
    client.handle_octets(ms(10), &golden::frame("make call conf with a UCID"));
    assert_eq!(client.poll_output(), None);
    assert_eq!((client.counters().unsupported, client.counters().stray_answers), (1, 1));
    let event = Event::MonitorEnded { cause: tipring_core::csta::cause::EventCause::None };
    client.handle_octets(ms(11), &golden::frame("monitor ended"));
    let monitor = MonitorCrossRefId(7);
    assert_eq!(client.poll_output(), Some(ClientOutput::Incoming(Incoming::Report { monitor, event, data: None })));
}
