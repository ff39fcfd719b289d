//! Random values of every message a stream carries.

use proptest::collection::vec;
use proptest::prelude::*;
use tipring_core::csta::cause::{EventCause, UniversalFailure};
use tipring_core::csta::event::{CallData, Event, Machine};
use tipring_core::csta::request::{
    Capabilities, MonitorFilter, Reply, Request, SnapshotCallEntry, SnapshotDeviceEntry,
};
use tipring_core::csta::{
    AccountInfo, AgentId, AgentMode, AgentPassword, AgentState, AuthCode, CallId, ConnectionDevice, ConnectionId,
    DeviceId, DeviceIdStatus, DeviceIdType, DeviceListLevel, DeviceType, ExtendedDeviceId,
    LocalConnectionState as Local, SdbLevel, SystemStatus,
};
use tipring_core::ids::MonitorCrossRefId;

use crate::messages::Message;

pub fn device() -> impl Strategy<Value = DeviceId> {
    "[ -~]{0,63}".prop_map(|text| DeviceId::new(&text).unwrap())
}

fn agent() -> impl Strategy<Value = AgentId> {
    "[ -~]{0,31}".prop_map(|text| AgentId::new(&text).unwrap())
}

fn password() -> impl Strategy<Value = AgentPassword> {
    "[ -~]{0,31}".prop_map(|text| AgentPassword::new(&text).unwrap())
}

fn connection() -> impl Strategy<Value = ConnectionId> {
    let kind = prop_oneof![Just(ConnectionDevice::Static), Just(ConnectionDevice::Dynamic)];
    (any::<i32>(), device(), kind).prop_map(|(call, device, kind)| ConnectionId { call: CallId(call), device, kind })
}

fn extended() -> impl Strategy<Value = ExtendedDeviceId> {
    let kind = prop_oneof![
        Just(DeviceIdType::DeviceIdentifier),
        Just(DeviceIdType::ImplicitPublic),
        Just(DeviceIdType::ExplicitPublicUnknown),
        Just(DeviceIdType::ExplicitPrivateLocalNumber),
        Just(DeviceIdType::TrunkIdentifier),
        Just(DeviceIdType::TrunkGroupIdentifier),
        (72..1000).prop_map(DeviceIdType::Other),
    ];
    let status =
        prop_oneof![Just(DeviceIdStatus::Provided), Just(DeviceIdStatus::NotKnown), Just(DeviceIdStatus::NotRequired)];
    (device(), kind, status).prop_map(|(device, kind, status)| ExtendedDeviceId { device, kind, status })
}

fn local() -> impl Strategy<Value = Local> {
    prop_oneof![
        Just(Local::None),
        Just(Local::Null),
        Just(Local::Initiate),
        Just(Local::Alerting),
        Just(Local::Connect),
        Just(Local::Hold),
        Just(Local::Queued),
        Just(Local::Fail),
    ]
}

fn cause() -> impl Strategy<Value = EventCause> {
    (-1..200).prop_map(EventCause::from_number)
}

fn filter() -> impl Strategy<Value = MonitorFilter> {
    (any::<u16>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<i32>()).prop_map(
        |(call, feature, agent, maintenance, private)| MonitorFilter {
            call: call & 0xFFFC,
            feature: feature & 0xF0,
            agent: agent & 0xFC,
            maintenance: maintenance & 0xC0,
            private,
        },
    )
}

fn status() -> impl Strategy<Value = SystemStatus> {
    prop_oneof![
        Just(SystemStatus::Initializing),
        Just(SystemStatus::Normal),
        Just(SystemStatus::MessagesLost),
        Just(SystemStatus::Disabled),
        Just(SystemStatus::OverloadRelieved),
    ]
}

fn level() -> impl Strategy<Value = DeviceListLevel> {
    prop_oneof![
        Just(DeviceListLevel::HomeWorkTop),
        Just(DeviceListLevel::AwayWorkTop),
        Just(DeviceListLevel::DeviceDeviceMonitor),
        Just(DeviceListLevel::CallDeviceMonitor),
        Just(DeviceListLevel::CallControl),
        Just(DeviceListLevel::Routing),
        Just(DeviceListLevel::CallCallMonitor),
    ]
}

pub fn event() -> impl Strategy<Value = Event> {
    let parts = (connection(), [extended(), extended(), extended(), extended()], local(), cause());
    let agents = (agent(), device(), password(), any::<i16>());
    (0..19, parts, agents).prop_map(|(which, (conn, [a, b, c, d], local, cause), (id, group, password, number))| {
        match which {
            0 => Event::CallCleared { cleared_call: conn, local, cause },
            1 => Event::ConnectionCleared { dropped_connection: conn, releasing_device: a, local, cause },
            2 => Event::Delivered {
                connection: conn,
                alerting_device: a,
                calling_device: b,
                called_device: c,
                last_redirection_device: d,
                local,
                cause,
            },
            3 => Event::Diverted { connection: conn, diverting_device: a, new_destination: b, local, cause },
            4 => Event::Established {
                established_connection: conn,
                answering_device: a,
                calling_device: b,
                called_device: c,
                last_redirection_device: d,
                local,
                cause,
            },
            5 => Event::Failed { failed_connection: conn, failing_device: a, called_device: b, local, cause },
            6 => Event::NetworkReached { connection: conn, trunk_used: a, called_device: b, local, cause },
            7 => Event::Originated { originated_connection: conn, calling_device: a, called_device: b, local, cause },
            8 => Event::Queued {
                queued_connection: conn,
                queue: a,
                calling_device: b,
                called_device: c,
                last_redirection_device: d,
                number_queued: number,
                local,
                cause,
            },
            9 => Event::ServiceInitiated { initiated_connection: conn, local, cause },
            10 => Event::LoggedOn { agent_device: a, agent_id: id, agent_group: group, password },
            11 => Event::LoggedOff { agent_device: a, agent_id: id, agent_group: group },
            12 => Event::NotReady { agent_device: a, agent_id: id },
            13 => Event::Ready { agent_device: a, agent_id: id },
            14 => Event::WorkNotReady { agent_device: a, agent_id: id },
            15 => Event::BackInService { device: group, cause },
            16 => Event::OutOfService { device: group, cause },
            17 => {
                let account_info = AccountInfo::new(id.as_str()).unwrap();
                let authorisation_code = AuthCode::new(password.as_str()).unwrap();
                Event::CallInformation { connection: conn, device: a, account_info, authorisation_code }
            }
            _ => Event::MonitorEnded { cause },
        }
    })
}

pub fn request() -> impl Strategy<Value = Request> {
    let mode = prop_oneof![
        Just(AgentMode::LogIn),
        Just(AgentMode::LogOut),
        Just(AgentMode::NotReady),
        Just(AgentMode::Ready),
        Just(AgentMode::WorkNotReady),
        Just(AgentMode::WorkReady),
    ];
    prop_oneof![
        connection().prop_map(|alerting_call| Request::AnswerCall { alerting_call }),
        connection().prop_map(|call| Request::ClearConnection { call }),
        (device(), device())
            .prop_map(|(calling_device, called_device)| Request::MakeCall { calling_device, called_device }),
        device().prop_map(|device| Request::QueryAgentState { device }),
        device().prop_map(|device| Request::QueryDeviceInfo { device }),
        (device(), mode, agent(), device(), password()).prop_map(|(device, mode, agent_id, agent_group, password)| {
            Request::SetAgentState { device, mode, agent_id, agent_group, password }
        }),
        Just(Request::SystemStatus),
        any::<u8>().prop_map(|filter| Request::SystemStatusStart { filter }),
        Just(Request::SystemStatusStop),
        (device(), filter()).prop_map(|(device, filter)| Request::MonitorDevice { device, filter }),
        (connection(), filter()).prop_map(|(call, filter)| Request::MonitorCall { call, filter }),
        (device(), filter()).prop_map(|(device, filter)| Request::MonitorCallsViaDevice { device, filter }),
        any::<i32>().prop_map(|monitor| Request::MonitorStop { monitor: MonitorCrossRefId(monitor) }),
        connection().prop_map(|call| Request::SnapshotCall { call }),
        device().prop_map(|device| Request::SnapshotDevice { device }),
        Just(Request::GetApiCaps),
        (any::<i32>(), level()).prop_map(|(index, level)| Request::GetDeviceList { index, level }),
        Just(Request::QueryCallMonitor),
    ]
}

pub fn reply() -> impl Strategy<Value = Reply> {
    let state = prop_oneof![
        Just(AgentState::NotInitialized),
        Just(AgentState::NotReady),
        Just(AgentState::Null),
        Just(AgentState::Ready),
        Just(AgentState::WorkNotReady),
        Just(AgentState::WorkReady),
    ];
    let kind = prop_oneof![
        Just(DeviceType::Station),
        Just(DeviceType::Acd),
        Just(DeviceType::Trunk),
        Just(DeviceType::AcdGroup),
        Just(DeviceType::TrunkGroup),
        Just(DeviceType::Other(255)),
    ];
    let sdb_level = prop_oneof![Just(SdbLevel::NoChecking), Just(SdbLevel::AcsAndCsta), Just(SdbLevel::AcsOnly)];
    let party = (extended(), connection(), local()).prop_map(|(device, connection, state)| SnapshotCallEntry {
        device,
        connection,
        state,
    });
    let call =
        (connection(), vec(local(), 0..8)).prop_map(|(connection, states)| SnapshotDeviceEntry { connection, states });
    prop_oneof![
        Just(Reply::AnswerCall),
        Just(Reply::ClearConnection),
        connection().prop_map(|new_call| Reply::MakeCall { new_call }),
        state.prop_map(|state| Reply::QueryAgentState { state }),
        (device(), kind).prop_map(|(device, kind)| Reply::QueryDeviceInfo { device, kind }),
        Just(Reply::SetAgentState),
        status().prop_map(|status| Reply::SystemStatus { status }),
        any::<u8>().prop_map(|filter| Reply::SystemStatusStart { filter }),
        Just(Reply::SystemStatusStop),
        (any::<i32>(), filter())
            .prop_map(|(monitor, filter)| Reply::Monitor { monitor: MonitorCrossRefId(monitor), filter }),
        Just(Reply::MonitorStop),
        vec(party, 0..8).prop_map(|parties| Reply::SnapshotCall { parties }),
        vec(call, 0..8).prop_map(|calls| Reply::SnapshotDevice { calls }),
        vec(any::<bool>(), Capabilities::COUNT)
            .prop_map(|built| Reply::GetApiCaps(Capabilities(built.try_into().unwrap()))),
        (sdb_level, level(), any::<i32>(), vec(device(), 0..=20)).prop_map(|(sdb_level, level, index, devices)| {
            Reply::GetDeviceList { sdb_level, level, index, devices }
        }),
        any::<bool>().prop_map(|allowed| Reply::QueryCallMonitor { allowed }),
    ]
}

pub fn call_data() -> impl Strategy<Value = CallData> {
    let text = || proptest::option::of(".{0,700}");
    let machine =
        prop_oneof![Just(None), Just(Some(Machine::Fax)), Just(Some(Machine::Modem)), Just(Some(Machine::FaxOrModem)),];
    (text(), text(), text(), text(), ".{0,700}", text(), any::<u64>(), machine).prop_map(
        |(customer, account, caller, caller_name, keyed, queue, wait_ms, machine)| CallData {
            customer,
            account,
            caller,
            caller_name,
            keyed,
            queue,
            wait_ms,
            machine,
        },
    )
}

/// What a stream carries once it is open.
pub fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        request().prop_map(Message::Request),
        reply().prop_map(Message::Reply),
        (0..110).prop_map(|number| Message::Failure(UniversalFailure::from_number(number))),
        event().prop_map(Message::Event),
        status().prop_map(Message::Status),
    ]
}
