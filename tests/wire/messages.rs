//! The golden frames as values.

use tipring_core::csta::capabilities::Capabilities;
use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::private::UserInfo;
use tipring_core::csta::reply::{SnapshotCallEntry, SnapshotDeviceEntry};
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{
    AccountInfo, AgentId, AgentMode, AgentPassword, AgentState, AuthCode, CallId, ConnectionDevice, ConnectionId,
    DeviceClass, DeviceId, DeviceListLevel, DeviceType, ExtendedDeviceId, LocalConnectionState as Local,
    MonitorCrossRefId, MonitorFilter, Reply, Request, SdbLevel, SystemStatus,
};
use tipring_tsapi::ber::{Ber, Reader};
use tipring_tsapi::error::PduError;
use tipring_tsapi::frame::{self, EventClass, Frame, Header};
use tipring_tsapi::pdu::acs::{
    Acs, AcsFailure, AuthInfo, AuthType, Challenge, CryptPassword, EncodeType, Ia5, Level, LoginId, NameAddress,
    ServerAddress, ServerId, StreamType, Version,
};
use tipring_tsapi::pdu::{Framed, Pdu, reply};
use tipring_tsapi::session::password;

/// Any message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Acs(Acs),
    Request(Request),
    Reply(Reply),
    Failure(UniversalFailure),
    Event(Event),
    SwitchRequest(SwitchRequest),
    EventReport(EventReport),
}

impl Message {
    pub fn number(&self) -> u16 {
        match self {
            Message::Acs(message) => message.number(),
            Message::Request(message) => message.number(),
            Message::Reply(message) => message.number(),
            Message::Failure(_) => reply::UNIVERSAL_FAILURE_CONF,
            Message::Event(message) => message.number(),
            Message::SwitchRequest(message) => message.number(),
            Message::EventReport(message) => message.number(),
        }
    }

    pub fn class(&self) -> EventClass {
        match self {
            Message::Acs(message) => message.class(),
            Message::Request(message) => message.class(),
            Message::Reply(message) => message.class(),
            Message::Failure(_) => EventClass::CstaConfirmation,
            Message::Event(message) => message.class(),
            Message::SwitchRequest(message) => message.class(),
            Message::EventReport(message) => message.class(),
        }
    }

    pub fn build(&self, invoke: u32, monitor: i32, private: &[u8]) -> Vec<u8> {
        let header = Header { invoke, monitor, class: self.class(), pdu: self.number() };
        let built = frame::build(header, private, |writer| match self {
            Message::Acs(message) => message.write(writer),
            Message::Request(message) => message.write(writer),
            Message::Reply(message) => message.write(writer),
            Message::Failure(failure) => failure.write(writer),
            Message::Event(message) => message.write(writer),
            Message::SwitchRequest(message) => message.write(writer),
            Message::EventReport(message) => message.write(writer),
        });
        built.expect("a short message")
    }

    pub fn read(frame: &Frame<'_>) -> Result<Message, PduError> {
        let Frame { header: Header { class, pdu, .. }, body, .. } = *frame;
        match class {
            EventClass::AcsRequest | EventClass::AcsUnsolicited | EventClass::AcsConfirmation => {
                Acs::read(pdu, body).map(Message::Acs)
            }
            // Both ends ask in the same class: 85, 91, 108 and 130 are the switch's.
            EventClass::CstaRequest if SwitchRequest::ALL.iter().any(|(number, _)| *number == pdu) => {
                SwitchRequest::read(pdu, body).map(Message::SwitchRequest)
            }
            EventClass::CstaRequest => Request::read(pdu, body).map(Message::Request),
            EventClass::CstaConfirmation if pdu == reply::UNIVERSAL_FAILURE_CONF => {
                Ok(Message::Failure(Reader::body(body, UniversalFailure::read)?))
            }
            EventClass::CstaConfirmation => Reply::read(pdu, body).map(Message::Reply),
            EventClass::CstaUnsolicited => Event::read(pdu, body).map(Message::Event),
            EventClass::CstaEventReport if pdu == 110 => Request::read(pdu, body).map(Message::Request),
            EventClass::CstaEventReport => EventReport::read(pdu, body).map(Message::EventReport),
        }
    }
}

pub fn device(text: &str) -> DeviceId {
    DeviceId::new(text).unwrap()
}

pub fn agent(text: &str) -> AgentId {
    AgentId::new(text).unwrap()
}

fn conn(call: i32, device: &str) -> ConnectionId {
    let kind = if device.starts_with('T') { ConnectionDevice::Dynamic } else { ConnectionDevice::Static };
    ConnectionId { call: CallId(call), device: DeviceId::new(device).unwrap(), kind }
}

fn inside(text: &str) -> ExtendedDeviceId {
    ExtendedDeviceId::inside(device(text))
}

fn outside(text: &str) -> ExtendedDeviceId {
    ExtendedDeviceId::outside(device(text))
}

fn trunk(text: &str) -> ExtendedDeviceId {
    ExtendedDeviceId::trunk(device(text))
}

fn ia5<const MAX: usize>(text: &str) -> Ia5<MAX> {
    Ia5::new(text).unwrap()
}

/// The challenge of all examples.
pub const CHALLENGE: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

/// The screen-pop data of `delivered with call data`.
pub fn call_data() -> CallData {
    CallData {
        customer: Some("王小明".into()),
        account: Some("A-17".into()),
        caller: Some("13800138000".into()),
        caller_name: None,
        keyed: "2".into(),
        queue: Some("5000".into()),
        wait_ms: 4250,
        machine: None,
        variables: Default::default(),
        notes: String::new(),
        recording: None,
        card: None,
        user_info: UserInfo::default(),
        related_calls: Vec::new(),
    }
}

/// Every golden frame's name and meaning.
pub fn expected() -> Vec<(&'static str, Message)> {
    let mut all = Vec::new();
    all.extend(acs().into_iter().map(|(name, message)| (name, Message::Acs(message))));
    all.extend(requests().into_iter().map(|(name, message)| (name, Message::Request(message))));
    all.extend(replies().into_iter().map(|(name, message)| (name, Message::Reply(message))));
    all.push(("failure conf", Message::Failure(UniversalFailure::InvalidObjectState)));
    all.extend(events().into_iter().map(|(name, message)| (name, Message::Event(message))));
    all.push((
        "system status changed",
        Message::EventReport(EventReport::SystemStatus { status: SystemStatus::Disabled }),
    ));
    all
}

fn acs() -> Vec<(&'static str, Acs)> {
    let key = Challenge(CHALLENGE);
    let address = [2, 0, 0x38, 0x72, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    vec![
        ("name request", Acs::NameRequest { stream_type: StreamType::Csta }),
        (
            "name reply",
            Acs::NameReply {
                more: false,
                list: vec![NameAddress { name: ia5("AVAYA#CM#CSTA#AES"), address: ServerAddress::new(&address) }],
            },
        ),
        ("abort stream", Acs::AbortStream),
        ("key request", Acs::KeyRequest { login: ia5("user") }),
        (
            "auth reply two",
            Acs::AuthReplyTwo {
                object: 1,
                key,
                auth: AuthInfo { kind: AuthType::NeedLoginIdAndPassword, login: LoginId::default() },
                encode_type: EncodeType::Bindery,
                pipe: Ia5::default(),
            },
        ),
        (
            "open stream",
            Acs::OpenStream {
                stream_type: StreamType::Csta,
                server: ServerId::new("AVAYA#CM#CSTA#AES").unwrap(),
                login: ia5("user"),
                password: CryptPassword::new(&password::encipher(b"secret", CHALLENGE)),
                application: ia5("Jtapi Client"),
                level: Level::Level1,
                api_version: ia5("TS1:2"),
                library_version: ia5("AES6.2.0.54"),
                server_version: Version::default(),
            },
        ),
        (
            "open stream conf",
            Acs::OpenStreamConf {
                api_version: ia5("ST2"),
                library_version: ia5("AES6.2.0.54"),
                server_version: ia5("1.0"),
                driver_version: ia5("1.0"),
            },
        ),
        ("close stream", Acs::CloseStream),
        ("close stream conf", Acs::CloseStreamConf),
        ("stream failure conf", Acs::UniversalFailureConf { error: AcsFailure::BadPasswordOrLogin }),
        ("stream failure", Acs::UniversalFailure { error: AcsFailure::AcsHandleTermination }),
        ("key reply", Acs::KeyReply { object: 0x0102_0304, key }),
        (
            "auth reply",
            Acs::AuthReply {
                object: 0x0102_0304,
                key,
                auth: AuthInfo { kind: AuthType::AnyLoginId, login: ia5("guest") },
            },
        ),
        ("set heartbeat", Acs::SetHeartbeat { seconds: 20 }),
        ("set heartbeat conf", Acs::SetHeartbeatConf { seconds: 20 }),
        ("heartbeat", Acs::ClientHeartbeat),
    ]
}

fn requests() -> Vec<(&'static str, Request)> {
    let agent_id = AgentId::EMPTY;
    let filter = MonitorFilter::default();
    vec![
        ("answer call", Request::AnswerCall { alerting_call: conn(42, "1001") }),
        ("clear connection", Request::ClearConnection { call: conn(42, "T1#") }),
        ("make call", Request::MakeCall { calling_device: device("1001"), called_device: device("1002") }),
        ("query agent state", Request::QueryAgentState { device: device("1001") }),
        ("query device info", Request::QueryDeviceInfo { device: device("5000") }),
        (
            "set agent state",
            Request::SetAgentState {
                device: device("1001"),
                mode: AgentMode::LogIn,
                agent_id: agent("7001"),
                agent_group: device("5000"),
                password: AgentPassword::new("1234").unwrap(),
            },
        ),
        (
            "set agent state, most of it absent",
            Request::SetAgentState {
                device: device("1001"),
                mode: AgentMode::WorkNotReady,
                agent_id,
                agent_group: DeviceId::EMPTY,
                password: AgentPassword::EMPTY,
            },
        ),
        ("system status", Request::SystemStatus),
        ("system status start", Request::SystemStatusStart { filter: 0x80 }),
        ("system status stop", Request::SystemStatusStop),
        ("monitor device", Request::MonitorDevice { device: device("1001"), filter }),
        (
            "monitor device, filtered",
            Request::MonitorDevice {
                device: device("1001"),
                filter: MonitorFilter { call: 0xFFFC, feature: 0xF0, agent: 0xFC, maintenance: 0xC0, private: 1 },
            },
        ),
        ("monitor call", Request::MonitorCall { call: conn(42, ""), filter: MonitorFilter { call: 0x8000, ..filter } }),
        ("monitor calls via device", Request::MonitorCallsViaDevice { device: device("5000"), filter }),
        ("monitor stop", Request::MonitorStop { monitor: MonitorCrossRefId(7) }),
        ("snapshot call", Request::SnapshotCall { call: conn(i32::MAX, "1001") }),
        ("snapshot device", Request::SnapshotDevice { device: device("1001") }),
        ("get api caps", Request::GetApiCaps),
        ("get device list", Request::GetDeviceList { index: -1, level: DeviceListLevel::HomeWorkTop }),
        ("query call monitor", Request::QueryCallMonitor),
    ]
}

fn replies() -> Vec<(&'static str, Reply)> {
    let mut built = [false; Capabilities::COUNT];
    for place in [
        2, 5, 12, 17, 19, 25, 27, 28, 30, 31, 32, 33, 34, 36, 37, 38, 40, 46, 47, 48, 49, 50, 52, 53, 60, 61, 62, 64,
        65, 66, 67, 73, 74, 75, 79,
    ] {
        built[place - 1] = true;
    }
    vec![
        ("answer call conf", Reply::AnswerCall),
        ("clear connection conf", Reply::ClearConnection),
        ("make call conf", Reply::MakeCall { new_call: conn(43, "1001") }),
        ("query agent state conf", Reply::QueryAgentState { state: AgentState::WorkNotReady }),
        ("query agent state conf, no agent", Reply::QueryAgentState { state: AgentState::NotInitialized }),
        (
            "query device info conf",
            Reply::QueryDeviceInfo { device: device("5000"), kind: DeviceType::Acd, class: DeviceClass::VOICE },
        ),
        ("set agent state conf", Reply::SetAgentState),
        ("system status conf", Reply::SystemStatus { status: SystemStatus::Normal }),
        ("system status start conf", Reply::SystemStatusStart { filter: 0x80 }),
        ("system status stop conf", Reply::SystemStatusStop),
        ("monitor conf", Reply::Monitor { monitor: MonitorCrossRefId(7), filter: MonitorFilter::default() }),
        ("monitor stop conf", Reply::MonitorStop),
        (
            "snapshot call conf",
            Reply::SnapshotCall {
                parties: vec![
                    SnapshotCallEntry { device: trunk("T1#"), connection: conn(42, "T1#"), state: Local::Connect },
                    SnapshotCallEntry { device: inside("1001"), connection: conn(42, "1001"), state: Local::Alerting },
                ],
            },
        ),
        (
            "snapshot device conf",
            Reply::SnapshotDevice {
                calls: vec![SnapshotDeviceEntry {
                    connection: conn(42, "1001"),
                    states: vec![Local::Alerting, Local::Connect],
                }],
            },
        ),
        ("snapshot device conf, idle", Reply::SnapshotDevice { calls: vec![] }),
        ("get api caps conf", Reply::GetApiCaps { capabilities: Capabilities(built) }),
        (
            "get device list conf",
            Reply::GetDeviceList {
                sdb_level: SdbLevel::AcsAndCsta,
                level: DeviceListLevel::DeviceDeviceMonitor,
                index: -1,
                devices: vec![device("1001"), device("1002")],
            },
        ),
        ("query call monitor conf", Reply::QueryCallMonitor { allowed: true }),
    ]
}

fn events() -> Vec<(&'static str, Event)> {
    let (agent_device, agent_id) = (inside("1001"), agent("7001"));
    vec![
        (
            "call cleared",
            Event::CallCleared { cleared_call: conn(42, ""), local: Local::Null, cause: EventCause::None },
        ),
        (
            "connection cleared",
            Event::ConnectionCleared {
                dropped_connection: conn(42, "T1#"),
                releasing_device: outside("5551234"),
                local: Local::Connect,
                cause: EventCause::None,
            },
        ),
        (
            "delivered",
            Event::Delivered {
                connection: conn(42, "1001"),
                alerting_device: inside("1001"),
                calling_device: outside("5551234"),
                called_device: inside("1001"),
                last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
                local: Local::Alerting,
                cause: EventCause::NewCall,
            },
        ),
        (
            "delivered with call data",
            Event::Delivered {
                connection: conn(42, "1001"),
                alerting_device: inside("1001"),
                calling_device: outside("13800138000"),
                called_device: inside("5001"),
                last_redirection_device: inside("5000"),
                local: Local::Alerting,
                cause: EventCause::Redirected,
            },
        ),
        (
            "diverted",
            Event::Diverted {
                connection: conn(42, "5000"),
                diverting_device: inside("5000"),
                new_destination: inside("1001"),
                local: Local::Null,
                cause: EventCause::Redirected,
            },
        ),
        (
            "established",
            Event::Established {
                established_connection: conn(42, "1001"),
                answering_device: inside("1001"),
                calling_device: ExtendedDeviceId::NOT_KNOWN,
                called_device: inside("5001"),
                last_redirection_device: inside("5000"),
                local: Local::Connect,
                cause: EventCause::NewCall,
            },
        ),
        (
            "failed",
            Event::Failed {
                failed_connection: conn(44, "1002"),
                failing_device: inside("1002"),
                called_device: inside("1002"),
                local: Local::Fail,
                cause: EventCause::Busy,
            },
        ),
        (
            "network reached",
            Event::NetworkReached {
                connection: conn(45, "T2#"),
                trunk_used: trunk("T2"),
                called_device: outside("02161234567"),
                local: Local::Connect,
                cause: EventCause::NewCall,
            },
        ),
        (
            "originated",
            Event::Originated {
                originated_connection: conn(45, "1001"),
                calling_device: inside("1001"),
                called_device: outside("02161234567"),
                local: Local::Connect,
                cause: EventCause::NewCall,
            },
        ),
        (
            "queued",
            Event::Queued {
                queued_connection: conn(42, "5000"),
                queue: inside("5000"),
                calling_device: outside("5551234"),
                called_device: inside("5001"),
                last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
                number_queued: 200,
                local: Local::Queued,
                cause: EventCause::NoAvailableAgents,
            },
        ),
        (
            "service initiated",
            Event::ServiceInitiated {
                initiated_connection: conn(45, "1001"),
                local: Local::Initiate,
                cause: EventCause::None,
            },
        ),
        (
            "call information",
            Event::CallInformation {
                connection: conn(42, "T1#"),
                device: outside("5551234"),
                account_info: AccountInfo::EMPTY,
                authorisation_code: AuthCode::EMPTY,
            },
        ),
        (
            "logged on",
            Event::LoggedOn { agent_device, agent_id, agent_group: device("5000"), password: AgentPassword::EMPTY },
        ),
        ("logged off", Event::LoggedOff { agent_device, agent_id, agent_group: device("5000") }),
        ("not ready", Event::NotReady { agent_device, agent_id }),
        ("ready", Event::Ready { agent_device, agent_id }),
        ("work not ready", Event::WorkNotReady { agent_device, agent_id }),
        ("back in service", Event::BackInService { device: device("1001"), cause: EventCause::None }),
        ("out of service", Event::OutOfService { device: device("1001"), cause: EventCause::Maintenance }),
        ("monitor ended", Event::MonitorEnded { cause: EventCause::None }),
    ]
}
