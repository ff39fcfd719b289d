//! Private data beside messages: which PDU of the ECS vendor travels in which version, octet by octet; and our own
//! JSON.

use std::sync::Arc;

use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::event::Event;
use tipring_core::csta::private::{
    AgentStateData, DeliveredType, DeviceHistoryEntry, DeviceInfoData, EventData, ExtensionClass, ReplyData,
    RequestData, TalkState, UserInfo, UserInfoType, WorkMode,
};
use tipring_core::csta::reply::Reply;
use tipring_core::csta::vendor::VendorRequest;
use tipring_core::csta::{
    AgentMode, AgentPassword, AgentState, CallId, ConnectionId, DeviceClass, DeviceType, ExtendedDeviceId, InvokeId,
    LocalConnectionState, MonitorCrossRefId, Request, Ucid,
};
use tipring_tsapi::frame::Frame;
use tipring_tsapi::pdu::private_area::{self, Private};
use tipring_tsapi::session::{ClientOutput, Incoming, Report, ServerOutput, ServerSession};

use crate::conversation::{exchange, open_server, opened_pair};
use crate::golden::hex;
use crate::messages::{Message, agent, device};
use crate::ms;

const UCID: &str = "00001000421234567890";

fn delivered() -> Event {
    Event::Delivered {
        connection: ConnectionId { call: CallId(42), device: device("1001"), ..ConnectionId::NONE },
        alerting_device: ExtendedDeviceId::inside(device("1001")),
        calling_device: ExtendedDeviceId::outside(device("5551234")),
        called_device: ExtendedDeviceId::inside(device("5001")),
        last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
        local: LocalConnectionState::Alerting,
        cause: EventCause::NewCall,
    }
}

fn data() -> Arc<EventData> {
    let user_info = UserInfo { kind: UserInfoType::Ia5, data: b"hello"[..].try_into().unwrap() };
    Arc::new(EventData {
        delivered_type: Some(DeliveredType::ToStation),
        user_info,
        ucid: Ucid::new(UCID).unwrap(),
        device_history: vec![DeviceHistoryEntry {
            device: device("1009"),
            cause: EventCause::Redirected,
            connection: ConnectionId { call: CallId(40), device: device("1009"), ..ConnectionId::NONE },
        }],
        ..EventData::default()
    })
}

/// The private data of the next frame a server sends; none if it sends the frame without.
fn next_data(server: &mut ServerSession) -> Option<Vec<u8>> {
    let Some(ServerOutput::Send(octets)) = server.poll_output() else { panic!("a frame") };
    let (frame, _) = Frame::split(&octets).unwrap().unwrap();
    Private::read(frame.private).unwrap().map(|private| private.data.to_vec())
}

fn number(data: &[u8]) -> u16 {
    assert_eq!(data[..2], [2, 0], "the discriminator");
    u16::from_le_bytes([data[2], data[3]])
}

#[test]
fn delivered_extras_of_version_7_are_the_octets_another_makers_client_took() {
    let mut server = open_server("ECS#7");
    server.handle_report(MonitorCrossRefId(7), &Report::new(delivered(), Some(data())));
    let lookahead = "30130a01ff0a010002010002010002010016003000";
    let no_device = "300816000a01000a0102";
    let original = format!(
        "30520a0100{no_device}{no_device}16001600{lookahead}300a0a01ff0a01001600160030050a01ff04001600300601010002010001\
         01003000"
    );
    let expected = format!(
        "020080003081dd0a0102160016001600{lookahead}300a0a01ff0a010016001600300a0a0104040568656c6c6f0a0100{original}\
         {no_device}1614{}30060101000201000101003019301716043130 30390a011c300c0201281604313030390a0100{no_device}",
        hex(UCID.as_bytes())
    );
    assert_eq!(hex(&next_data(&mut server).unwrap()), expected.replace(' ', ""));
}

#[test]
fn each_version_has_its_own_pdu_for_an_event() {
    for (version, expected) in [(2, 37), (3, 37), (4, 60), (5, 80), (6, 117), (7, 128), (8, 128), (9, 128), (10, 128)] {
        let mut server = open_server(&format!("ECS#{version}"));
        server.handle_report(MonitorCrossRefId(7), &Report::new(delivered(), Some(data())));
        assert_eq!(number(&next_data(&mut server).unwrap()), expected, "version {version}");
    }
}

#[test]
fn one_report_serves_streams_of_all_versions() {
    let report = Report::new(delivered(), Some(data()));
    for vendors in ["ECS#4", "", "AT&T Definity G3#8", "ECS#4"] {
        let mut server = open_server(vendors);
        server.handle_report(MonitorCrossRefId(7), &report);
        let number = next_data(&mut server).map(|data| number(&data));
        assert_eq!(number, (!vendors.is_empty()).then(|| if vendors == "ECS#4" { 60 } else { 128 }), "{vendors:?}");
    }
}

/// A request with private data as the server reads it.
fn asked(vendors: &str, request: Request, vendor: &str, data: &[u8]) -> Result<Option<RequestData>, UniversalFailure> {
    let mut server = open_server(vendors);
    server.handle_octets(ms(3), &Message::Request(request).build(9, 0, &private_area::area(vendor, data)));
    match server.poll_output() {
        Some(ServerOutput::Request { data, .. }) => Ok(data.map(|data| *data)),
        Some(ServerOutput::Send(octets)) => {
            let (frame, _) = Frame::split(&octets).unwrap().unwrap();
            match Message::read(&frame) {
                Ok(Message::Failure(failure)) => Err(failure),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn set_agent_state() -> Request {
    Request::SetAgentState {
        device: device("1001"),
        mode: AgentMode::NotReady,
        agent_id: agent("7001"),
        agent_group: device("5000"),
        password: AgentPassword::EMPTY,
    }
}

#[test]
fn work_mode_and_reason_code_are_read_in_every_version() {
    let manual = RequestData { work_mode: WorkMode::ManualIn, ..RequestData::default() };
    let reason = RequestData { reason_code: 7, ..manual.clone() };
    let pending = RequestData { enable_pending: true, ..reason.clone() };
    let cases: [(&[u8], RequestData); 3] = [
        (&[2, 0, 10, 0, 0x30, 3, 0x0A, 1, 4], manual),
        (&[2, 0, 87, 0, 0x30, 6, 0x0A, 1, 4, 2, 1, 7], reason),
        (&[2, 0, 102, 0, 0x30, 9, 0x0A, 1, 4, 2, 1, 7, 1, 1, 0xFF], pending),
    ];
    for (data, expected) in cases {
        assert_eq!(asked("ECS#8", set_agent_state(), "ECS", data), Ok(Some(expected)));
    }
    // Data of a vendor that was not granted, and a PDU that belongs to another request, are read over.
    let (data, _) = (&[2, 0, 10, 0, 0x30, 3, 0x0A, 1, 4], ());
    assert_eq!(asked("ECS#8", set_agent_state(), "AT&T Definity G3", data), Ok(None));
    assert_eq!(asked("ECS#8", Request::GetApiCaps, "ECS", data), Ok(Some(RequestData::default())));
    let cut = [2, 0, 87, 0, 0x30, 6, 0x0A, 1, 4];
    assert_eq!(asked("ECS#8", set_agent_state(), "ECS", &cut), Err(UniversalFailure::BadlyStructuredApduRejection));
}

#[test]
fn an_escape_needs_a_service_that_exists() {
    let ucid = [2, 0, 76, 0, 0x30, 10, 0x30, 8, 2, 1, 42, 0x16, 0, 0x0A, 1, 0];
    let call = ConnectionId { call: CallId(42), ..ConnectionId::NONE };
    let read = asked("ECS#8", Request::Escape, "ECS", &ucid).unwrap().unwrap();
    assert_eq!(read.vendor, Some(VendorRequest::QueryUcid { call }));
    let unknown = UniversalFailure::UnrecognizedOperationRejection;
    assert_eq!(asked("ECS#8", Request::Escape, "ECS", &[2, 0, 51, 0, 0x30, 2, 5, 0]), Err(unknown));
    assert_eq!(asked("ECS#8", Request::Escape, "ECS", &[9]), Err(unknown));
    assert_eq!(asked("", Request::Escape, "ECS", &ucid), Err(unknown), "no private data were granted");
}

#[test]
fn our_own_vendor_refines_requests_in_json() {
    let json = br#"{"workMode":"manualIn","reasonCode":7}"#;
    let data = [&[1], &json[..]].concat();
    let expected = RequestData { work_mode: WorkMode::ManualIn, reason_code: 7, ..RequestData::default() };
    assert_eq!(asked("TIPRING#1", set_agent_state(), "TIPRING", &data), Ok(Some(expected)));
    let failure = UniversalFailure::BadlyStructuredApduRejection;
    assert_eq!(asked("TIPRING#1", set_agent_state(), "TIPRING", &data[..9]), Err(failure));
}

#[test]
fn replies_carry_the_pdu_of_their_version() {
    let agent_state =
        AgentStateData { work_mode: WorkMode::AuxWork, talk_state: TalkState::Idle, ..Default::default() };
    let device_info = DeviceInfoData {
        extension_class: ExtensionClass::AcdSplit,
        associated_class: ExtensionClass::AcdSplit,
        associated_device: device(""),
    };
    let data = ReplyData {
        ucid: Ucid::new(UCID).unwrap(),
        agent_state: Some(agent_state),
        device_info: Some(device_info),
        is_pending: Some(true),
        ..ReplyData::default()
    };
    let made = || Reply::MakeCall { new_call: ConnectionId::NONE };
    let info = || Reply::QueryDeviceInfo { device: device("5000"), kind: DeviceType::Acd, class: DeviceClass::VOICE };
    let state = || Reply::QueryAgentState { state: AgentState::NotReady };
    for (version, expected) in [
        (4, [None, Some(20), Some(17), None]),
        (5, [Some(85), Some(98), Some(88), None]),
        (8, [Some(85), Some(98), Some(104), Some(103)]),
    ] {
        let numbers = [made(), info(), state(), Reply::SetAgentState].map(|reply| {
            let mut server = open_server(&format!("ECS#{version}"));
            server.handle_octets(ms(3), &Message::Request(Request::GetApiCaps).build(9, 0, &[]));
            server.poll_output();
            server.handle_reply(InvokeId(9), Ok(reply), Some(Box::new(data.clone())));
            next_data(&mut server).map(|data| number(&data))
        });
        assert_eq!(numbers, expected, "version {version}");
    }
}

#[test]
fn refinements_and_extras_of_our_own_vendor_travel_both_ways() {
    let (mut client, mut server) = opened_pair();
    let data = RequestData { work_mode: WorkMode::AutoIn, reason_code: 3, ..RequestData::default() };
    let invoke = client.request_with(&set_agent_state(), &data).unwrap();
    let (_, asked) = exchange(ms(10), &mut client, &mut server);
    let request = set_agent_state();
    assert_eq!(asked, [ServerOutput::Request { invoke, request, data: Some(Box::new(data)) }]);
    let data = Some(Box::new(ReplyData { is_pending: Some(true), ..ReplyData::default() }));
    server.handle_reply(invoke, Ok(Reply::SetAgentState), data.clone());
    let (heard, _) = exchange(ms(11), &mut client, &mut server);
    let confirmation = Incoming::Confirmation { invoke, result: Ok(Reply::SetAgentState), data };
    assert_eq!(heard, [ClientOutput::Incoming(confirmation)]);
}
