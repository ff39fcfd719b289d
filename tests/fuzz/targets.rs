//! The use of octets from outside, and its rules. Coverage chooses the octets (`run`); the tests of
//! `tests/wire` do the same with those that are kept in `corpus`.
//!
//! Never: opens a socket, starts a thread, or reads a clock.

use std::sync::Arc;
use std::time::Duration;

use tipring_csta_types::Request;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::private::RequestData;
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_tsapi::ber::Writer;
use tipring_tsapi::frame::{self, EventClass, Frame, Header, Reassembly};
use tipring_tsapi::pdu::acs::Acs;
use tipring_tsapi::pdu::private_area::{self, Dialect, Private};
use tipring_tsapi::pdu::{Framed, Pdu};
use tipring_tsapi::session::login::Tlink;
use tipring_tsapi::session::{Security, ServerOutput, ServerSession, ServerSettings, password};

/// A target, for any octets.
pub type Target = fn(&[u8]);

/// The targets by their names.
pub const TARGETS: [(&str, Target); 5] =
    [("frame", frame), ("json", json), ("opening", opening), ("private", private), ("stream", stream)];

/// Octets of the challenge of every session here.
const CHALLENGE: [u8; 8] = [7; 8];

/// Frames and the messages in them, whichever way the octets are cut: what is read is written to a message that is
/// read as the same.
pub fn frame(octets: &[u8]) {
    let mut whole = Reassembly::new();
    whole.push(octets);
    let (first, second) = octets.split_at(octets.first().map_or(0, |cut| usize::from(*cut).min(octets.len())));
    let mut cut = Reassembly::new();
    cut.push(first);
    let mut halves = [first, second].into_iter().skip(1);
    loop {
        let of_whole = whole.frame();
        let of_cut = loop {
            match cut.frame() {
                Ok(None) => match halves.next() {
                    Some(half) => cut.push(half),
                    None => break Ok(None),
                },
                // A borrow does not live through the loop: the frame is read again.
                Ok(Some(frame)) => break Ok(Some((frame.header, frame.body.to_vec(), frame.private.to_vec()))),
                Err(error) => break Err(error),
            }
        };
        let of_whole = of_whole.map(|frame| frame.map(|it| (it.header, it.body.to_vec(), it.private.to_vec())));
        assert_eq!(of_whole, of_cut, "the same frames, cut or whole");
        match of_whole {
            Ok(Some((header, body, area))) => message(&Frame { header, body: &body, private: &area }),
            Ok(None) | Err(_) => return,
        }
    }
}

fn message(frame: &Frame<'_>) {
    let (pdu, body) = (frame.header.pdu, frame.body);
    let _ = Private::read(frame.private);
    match frame.header.class {
        EventClass::AcsRequest | EventClass::AcsUnsolicited | EventClass::AcsConfirmation => {
            let read = |body: &[u8]| Acs::read(pdu, body).ok();
            again(read, body, |message, writer| message.write(writer));
        }
        EventClass::CstaRequest => {
            let read = |body: &[u8]| <Request as Pdu>::read(pdu, body).ok();
            again(read, body, Pdu::write);
            let read = |body: &[u8]| <SwitchRequest as Pdu>::read(pdu, body).ok();
            again(read, body, Pdu::write);
        }
        EventClass::CstaUnsolicited => {
            let read = |body: &[u8]| <Event as Pdu>::read(pdu, body).ok();
            again(read, body, Pdu::write);
        }
        EventClass::CstaConfirmation => {
            let read = |body: &[u8]| <Reply as Pdu>::read(pdu, body).ok();
            again(read, body, Pdu::write);
        }
        EventClass::CstaEventReport => {
            let read = |body: &[u8]| <EventReport as Pdu>::read(pdu, body).ok();
            again(read, body, Pdu::write);
        }
    }
}

/// Writes what is read, and reads it again as the same.
fn again<T: PartialEq + core::fmt::Debug>(
    read: impl Fn(&[u8]) -> Option<T>,
    body: &[u8],
    write: impl Fn(&T, &mut Writer<'_>),
) {
    let Some(message) = read(body) else { return };
    let mut octets = Vec::new();
    Writer::new(&mut octets).sequence(|writer| write(&message, writer));
    assert_eq!(read(&octets), Some(message), "read {body:x?}, written {octets:x?}");
}

fn session() -> ServerSession {
    let settings = Arc::new(ServerSettings::new(Tlink::new("OFFICE", "pc1").expect("short")));
    let address = "127.0.0.1:450".parse().expect("an address");
    ServerSession::new(settings, address, Security::Clear, CHALLENGE, Duration::ZERO)
}

/// Does what a session wants done; a request gets a reply or a failure. False if the session is over.
fn settle(session: &mut ServerSession) -> bool {
    let mut lives = true;
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Send(octets) => {
                let mut rest = &octets[..];
                while !rest.is_empty() {
                    let (_, length) = Frame::split(rest).expect("ours are good").expect("and whole");
                    rest = &rest[length..];
                }
            }
            ServerOutput::LogIn { .. } => session.handle_login(Duration::ZERO, Ok(Arc::new(Rights::everything()))),
            ServerOutput::Request { invoke, request, .. } => {
                let reply = match request {
                    Request::ClearCall { .. } => Ok(Reply::ClearCall),
                    Request::SystemStatusStart { filter } => Ok(Reply::SystemStatusStart { filter }),
                    _ => Err(UniversalFailure::GenericOperation),
                };
                session.handle_reply(invoke, reply, None);
            }
            ServerOutput::Opened { .. } => {}
            ServerOutput::Closed { .. } => lives = false,
        }
    }
    lives
}

/// Hands a session octets in pieces of the length that the first octet says.
fn feed(session: &mut ServerSession, octets: &[u8]) {
    let Some((&piece, octets)) = octets.split_first() else { return };
    for piece in octets.chunks(usize::from(piece).max(1)) {
        session.handle_octets(Duration::ZERO, piece);
        if !settle(session) {
            return;
        }
    }
    session.handle_time(Duration::from_secs(100));
    settle(session);
}

/// A session before its log-in.
pub fn opening(octets: &[u8]) {
    feed(&mut session(), octets);
}

/// A session whose stream is open, with private data of the kind that the first octet chooses.
pub fn stream(octets: &[u8]) {
    let Some((&kind, octets)) = octets.split_first() else { return };
    let versions = match kind % 12 {
        0 => String::new(),
        1 => "TIPRING#1".into(),
        version => format!("ECS#{}", version.min(10)),
    };
    let mut session = session();
    let open = opening_frames(&versions);
    session.handle_octets(Duration::ZERO, &open);
    assert!(settle(&mut session) && session.is_open(), "the stream is open");
    feed(&mut session, octets);
}

/// A key request and a request to open a stream.
fn opening_frames(versions: &str) -> Vec<u8> {
    use tipring_tsapi::pdu::acs::{CryptPassword, Level, LoginId, ServerId, StreamType, Version};
    let login = LoginId::fitted("agent1");
    let key = Acs::KeyRequest { login: login.clone() };
    let open = Acs::OpenStream {
        stream_type: StreamType::Csta,
        server: ServerId::fitted("TIPRING#OFFICE#CSTA#pc1"),
        login,
        password: CryptPassword::new(&password::encipher(b"secret", CHALLENGE)),
        application: Version::fitted("fuzz"),
        level: Level::Level1,
        api_version: Version::fitted("TS1-2"),
        library_version: Version::default(),
        server_version: Version::default(),
    };
    let area = match versions {
        "" => Vec::new(),
        versions => private_area::area("VERSION", format!("\0{versions}\0").as_bytes()),
    };
    let build = |message: &Acs, area: &[u8], invoke| {
        let header = Header::new(message.class(), message.number(), invoke);
        frame::build(header, area, |writer| message.write(writer)).expect("short")
    };
    [build(&key, &[], 1), build(&open, &area, 2)].concat()
}

/// Private data of a request, in the dialect that the first octet chooses; the second chooses the request.
pub fn private(octets: &[u8]) {
    let [dialect, request, data @ ..] = octets else { return };
    let dialect = match dialect % 10 {
        0 => Dialect::Tipring,
        version => Dialect::ecs(u16::from(version) + 1).expect("2 to 10"),
    };
    let Some(request) = request_of(*request) else { return };
    if let Ok(read) = private_area::read_request_data(dialect, &request, data)
        && dialect == Dialect::Tipring
    {
        // What is read is written to data that are read as the same.
        let written = private_area::write_json(&read);
        assert_eq!(private_area::read_json::<RequestData>(&written), Some(read));
    }
    let _ = private_area::read_call_data(data);
}

/// A request that takes private data, empty otherwise.
fn request_of(number: u8) -> Option<Request> {
    let connection = serde_json::json!({"callID": 1, "deviceID": "1001", "devIDType": "static"});
    let device = "1001";
    let value = match number % 8 {
        0 => return Some(Request::Escape),
        1 => serde_json::json!({"request": "makeCall", "callingDevice": device, "calledDevice": device}),
        2 => serde_json::json!({"request": "clearConnection", "call": connection}),
        3 => serde_json::json!({"request": "consultationCall", "activeCall": connection, "calledDevice": device}),
        4 => serde_json::json!({"request": "queryAgentState", "device": device}),
        5 => serde_json::json!({"request": "monitorCallsViaDevice", "deviceID": device, "monitorFilter": {}}),
        6 => serde_json::json!({"request": "setAgentState", "device": device, "agentMode": "ready", "agentID": "",
            "agentGroup": "", "agentPassword": ""}),
        _ => serde_json::json!({"request": "routeSelect", "routeRegisterReqID": 1, "routingCrossRefID": 1,
            "routeSelected": device, "remainRetry": 0, "setupInformation": [], "routeUsedReq": false}),
    };
    Some(serde_json::from_value(value).expect("a request"))
}

/// A client's message on the JSON socket.
pub fn json(octets: &[u8]) {
    let Ok(text) = core::str::from_utf8(octets) else { return };
    if let Err((_, why)) = tipring_web::check_message(text) {
        assert!(!why.is_empty(), "a refusal says why");
    }
    if let Ok(request) = serde_json::from_str::<Request>(text) {
        let written = serde_json::to_string(&request).expect("it is text");
        assert_eq!(serde_json::from_str::<Request>(&written).ok(), Some(request));
    }
}
