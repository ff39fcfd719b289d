//! Requests: what is answered, what is refused and with which error, and what an agent's change owes to the store.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;

use super::rig::{ALL, Rig, agent_request};
use super::{device, site};
use crate::config::{StationConfig, StationKind};
use crate::csta::cause::UniversalFailure;
use crate::csta::{
    AgentMode, AgentState, CallId, ConnectionId, DeviceClass, DeviceListLevel, DeviceType, MonitorCrossRefId,
    MonitorFilter, Reply, Request, SessionId,
};
use crate::store::{Record, StoreReply, StoreRequest};

fn make_call(from: &str, to: &str) -> Request {
    Request::MakeCall { calling_device: device(from), called_device: device(to) }
}

#[test]
fn a_change_of_an_agent_takes_effect_at_once_and_is_journalled_beside() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.store_answers = false;
    let log_in = rig.send(ALL, agent_request("1001", "7001", "secret", AgentMode::LogIn));
    let ready = rig.send(ALL, agent_request("1001", "7001", "secret", AgentMode::Ready));
    assert_eq!(rig.replies, [(log_in, Ok(Reply::SetAgentState)), (ready, Ok(Reply::SetAgentState))]);
    assert_eq!(rig.reported(), ["D1001: logged on 7001 for 5000", "D1001: not ready 7001", "D1001: ready 7001"]);
    let records = rig.unanswered.iter().flat_map(|request| match request {
        StoreRequest::Keep { records, .. } => records,
        StoreRequest::FindCustomer { .. } => panic!("{request:?}"),
    });
    let kept = |record: &Record| match record {
        Record::Agent(agent) => Some(agent.state),
        Record::Event(_) | Record::Decision(_) => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(records.filter_map(kept).collect::<Vec<_>>(), [AgentState::NotReady, AgentState::Ready]);
}

#[test]
fn a_store_that_gives_up_is_told_to_the_people_who_run_the_site() {
    let mut rig = Rig::new();
    rig.store_answers = false;
    rig.send(ALL, agent_request("1001", "7001", "secret", AgentMode::LogIn));
    let StoreRequest::Keep { id, .. } = rig.unanswered.remove(0) else { panic!("a record") };
    rig.core.handle_stored(StoreReply::Failed { id, why: "The disk is full".into() });
    rig.pump();
    assert_eq!(rig.troubles[0].to_string(), "A record was not kept: The disk is full");
    assert_eq!(rig.core.counters().not_stored, 1);
}

#[test]
fn log_in_is_refused_with_the_wrong_password_at_a_second_place_or_at_no_telephone() {
    use UniversalFailure as F;
    let mut rig = Rig::new();
    let wrong = rig.ask(ALL, agent_request("1001", "7001", "guess", AgentMode::LogIn));
    assert_eq!(wrong, Err(F::GenericUnspecified));
    assert_eq!(rig.agent("1001", "unknown", AgentMode::LogIn), Err(F::GenericUnspecified));
    assert_eq!(rig.agent("5000", "7001", AgentMode::LogIn), Err(F::InvalidObjectType));
    assert_eq!(rig.agent("1001", "7001", AgentMode::Ready), Err(F::InvalidObjectState));
    rig.agent("1001", "7001", AgentMode::LogIn).expect("logged on");
    assert_eq!(rig.agent("1002", "7001", AgentMode::LogIn), Err(F::GenericOperation));
    assert_eq!(rig.agent("1001", "7002", AgentMode::LogIn), Err(F::GenericOperation));
    assert_eq!(rig.agent("1001", "7002", AgentMode::Ready), Err(F::RequestIncompatibleWithObject));
    assert_eq!(rig.agent("1001", "7001", AgentMode::WorkReady), Err(F::InvalidFeature));
}

#[test]
fn requests_that_cannot_be_granted_get_the_standards_own_errors() {
    use UniversalFailure as F;
    let mut rig = Rig::new();
    let filter = MonitorFilter::default();
    let monitor = |name: &str| Request::MonitorDevice { device: device(name), filter };
    let connection = |call, name: &str| ConnectionId { call: CallId(call), device: device(name), ..ConnectionId::NONE };
    rig.line(2, LineEvent::OffHook);
    let table = [
        (monitor("9999"), F::InvalidCstaDeviceIdentifier),
        (Request::MonitorStop { monitor: MonitorCrossRefId(77) }, F::InvalidCrossRefId),
        (Request::MonitorCall { call: connection(99, ""), filter }, F::InvalidCstaCallIdentifier),
        (Request::SnapshotCall { call: connection(99, "1001") }, F::InvalidCstaCallIdentifier),
        (Request::SnapshotDevice { device: device("x") }, F::InvalidCstaDeviceIdentifier),
        (Request::AnswerCall { alerting_call: connection(99, "1001") }, F::InvalidCstaCallIdentifier),
        (Request::AnswerCall { alerting_call: connection(1, "1002") }, F::InvalidCstaConnectionIdentifier),
        (Request::AnswerCall { alerting_call: connection(1, "1001") }, F::InvalidObjectState),
        (Request::ClearConnection { call: connection(99, "1001") }, F::InvalidCstaCallIdentifier),
        (make_call("1001", "1002"), F::GenericStateIncompatibility),
        (make_call("1003", "3333"), F::InvalidCalledDevice),
        (make_call("1003", ""), F::InvalidCalledDevice),
        (make_call("5000", "1002"), F::InvalidCallingDevice),
        (make_call("unknown", "1002"), F::InvalidCallingDevice),
        (Request::QueryAgentState { device: device("5000") }, F::InvalidObjectType),
        (Request::GetDeviceList { index: -7, level: DeviceListLevel::HomeWorkTop }, F::ValueOutOfRange),
    ];
    for (request, failure) in table {
        assert_eq!(rig.ask(ALL, request.clone()), Err(failure), "{request:?}");
    }
    rig.line(4, LineEvent::OutOfService);
    assert_eq!(rig.ask(ALL, make_call("1003", "1002")), Err(F::ResourceOutOfService));
    let unknown = SessionId(42);
    assert_eq!(rig.ask(unknown, monitor("1001")), Err(F::GenericSystemResourceAvailability));
}

#[test]
fn a_user_sees_and_controls_only_what_is_granted() {
    use UniversalFailure::PrivilegeViolationOnSpecifiedDevice as NotYours;
    let mut rig = Rig::new();
    let one = SessionId(2);
    rig.core.handle_session_opened(one, "one");
    let filter = MonitorFilter::default();
    let monitor = |name: &str| Request::MonitorDevice { device: device(name), filter };
    assert!(rig.ask(one, monitor("1001")).is_ok());
    assert_eq!(rig.ask(one, monitor("1002")), Err(NotYours));
    let failure = UniversalFailure::PrivilegeViolationOnCallingDevice;
    assert_eq!(rig.ask(one, make_call("1003", "1001")), Err(failure));
    assert_eq!(rig.ask(one, agent_request("1002", "7001", "secret", AgentMode::LogIn)), Err(NotYours));
    rig.line(3, LineEvent::OffHook);
    assert_eq!(rig.ask(one, Request::ClearConnection { call: rig.connection(1, "1002") }), Err(NotYours));
    assert_eq!(rig.ask(one, Request::SnapshotCall { call: rig.connection(1, "") }), Err(NotYours));
    let nobody = SessionId(3);
    rig.core.handle_session_opened(nobody, "a stranger");
    // Without a right to any device the service itself is refused.
    assert_eq!(rig.ask(nobody, monitor("1001")), Err(UniversalFailure::SecurityViolation));
}

#[test]
fn a_device_list_comes_in_pages_of_twenty() {
    let mut config = site();
    config.stations = (0..45)
        .map(|n| StationConfig {
            channel: ChannelId(n),
            device: device(&format!("{}", 2000 + n)),
            kind: StationKind::Handset,
            pickup_group: None,
        })
        .collect();
    config.trunks.clear();
    config.users[1].rights = super::only(&["2003"]);
    let table = std::sync::Arc::new(crate::channel::ChannelTable::new(45));
    let mut core = crate::core::Core::new(config, table).expect("a site that can be");
    core.handle_session_opened(ALL, "all");
    core.handle_session_opened(SessionId(2), "one");
    let mut page = |session, index, level| {
        core.handle_request(session, crate::csta::InvokeId(1), Request::GetDeviceList { index, level }, None);
        match core.poll_action() {
            Some(crate::core::Action::Reply { result: Ok(Reply::GetDeviceList { index, devices, .. }), .. }) => {
                (devices.len(), index)
            }
            other => panic!("{other:?}"),
        }
    };
    let level = DeviceListLevel::HomeWorkTop;
    assert_eq!(page(ALL, -1, level), (20, 20));
    assert_eq!(page(ALL, 20, level), (20, 40));
    assert_eq!(page(ALL, 40, level), (5, -1));
    assert_eq!(page(ALL, 4000, level), (0, -1));
    assert_eq!(page(ALL, -1, DeviceListLevel::Routing), (0, -1));
    assert_eq!(page(SessionId(2), -1, DeviceListLevel::DeviceDeviceMonitor), (1, -1));
}

#[test]
fn snapshots_show_calls_and_devices_as_they_are() {
    let mut rig = Rig::new();
    let idle = rig.ask(ALL, Request::SnapshotDevice { device: device("1001") });
    assert_eq!(idle, Ok(Reply::SnapshotDevice { calls: vec![] }));
    rig.ring_into_queue(0, "5551234");
    let Ok(Reply::SnapshotDevice { calls }) = rig.ask(ALL, Request::SnapshotDevice { device: device("5000") }) else {
        panic!("a queue has calls");
    };
    use crate::csta::LocalConnectionState::{Alerting, Connect, Queued};
    assert_eq!((calls.len(), calls[0].states.as_slice()), (1, [Queued, Connect].as_slice()));
    rig.ready("1001", "7001");
    let Ok(Reply::SnapshotCall { parties }) = rig.ask(ALL, Request::SnapshotCall { call: rig.connection(1, "1001") })
    else {
        panic!("the call is there");
    };
    let parties: Vec<_> = parties
        .iter()
        .map(|party| (party.connection.device.to_string(), party.device.device.to_string(), party.state))
        .collect();
    assert_eq!(parties, [("T1#".into(), "5551234".into(), Connect), ("1001".into(), "1001".into(), Alerting)]);
    let info = rig.ask(ALL, Request::QueryDeviceInfo { device: device("5000") });
    assert_eq!(
        info,
        Ok(Reply::QueryDeviceInfo { device: device("5000"), kind: DeviceType::Acd, class: DeviceClass::VOICE })
    );
}

#[test]
fn a_filter_keeps_events_away_and_a_stopped_monitor_hears_nothing() {
    let mut rig = Rig::new();
    let filter = MonitorFilter { call: 0x0008, ..MonitorFilter::default() };
    let Ok(Reply::Monitor { monitor, filter: granted }) =
        rig.ask(ALL, Request::MonitorDevice { device: device("1001"), filter })
    else {
        panic!("refused");
    };
    assert_eq!(granted, filter);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.reported(), [] as [&str; 0]);
    rig.ask(ALL, Request::MonitorStop { monitor }).expect("stopped");
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.reported(), [] as [&str; 0]);
}

#[test]
fn filters_of_call_monitors_and_of_calls_via_a_device_keep_events_away_and_can_be_changed() {
    // Delivered and Established are not wanted.
    let filter = MonitorFilter { call: 0x1400, ..MonitorFilter::default() };
    let words = |rig: &mut Rig, all: &[&str]| {
        let reported = rig.reported();
        all.iter().map(|word| reported.iter().filter(|it| it.contains(word)).count()).collect::<Vec<_>>()
    };
    for is_via_device in [false, true] {
        let mut rig = Rig::new();
        if is_via_device {
            let request = Request::MonitorCallsViaDevice { device: device("1001"), filter };
            rig.ask(ALL, request).expect("granted");
        }
        rig.ask(ALL, make_call("1003", "1001")).expect("made");
        if !is_via_device {
            rig.ask(ALL, Request::MonitorCall { call: rig.connection(1, ""), filter }).expect("granted");
        }
        rig.line(2, LineEvent::OffHook);
        assert_eq!(words(&mut rig, &["delivered", "established"]), [0, 0], "{is_via_device}");
        let monitor = MonitorCrossRefId(1);
        let granted = rig.ask(ALL, Request::ChangeMonitorFilter { monitor, filter: MonitorFilter::NONE });
        assert_eq!(granted, Ok(Reply::ChangeMonitorFilter { filter: MonitorFilter::NONE }));
        rig.line(2, LineEvent::OnHook);
        assert_eq!(words(&mut rig, &["dropped 1001"]), [1], "{is_via_device}");
    }
}

#[test]
fn a_call_monitor_ends_with_its_call() {
    let mut rig = Rig::new();
    rig.line(2, LineEvent::OffHook);
    let request = Request::MonitorCall { call: rig.connection(1, ""), filter: MonitorFilter::default() };
    rig.ask(ALL, request).expect("granted");
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.reported(), [": dropped 1001 by 1001 -1 -1", ": cleared - -1 -1", ": monitor ended"]);
    assert!(rig.core.monitors.is_empty());
}

#[test]
fn a_closed_session_leaves_its_calls_alone() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.ask(ALL, make_call("1003", "1001")).expect("made");
    rig.core.handle_session_closed(ALL);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.core.calls(), 1);
    assert!(rig.core.monitors.is_empty());
}

#[test]
fn a_site_that_cannot_be_is_refused_with_a_sentence() {
    use crate::config::{ConfigError, Destination};
    let refused = |change: fn(&mut crate::config::Config)| {
        let mut config = site();
        change(&mut config);
        let table = std::sync::Arc::new(crate::channel::ChannelTable::new(6));
        crate::core::Core::new(config, table).err()
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|c| c.stations[1].device = device("5000")), Some(ConfigError::DeviceTwice(device("5000"))));
    assert_eq!(refused(|c| c.stations[1].channel = ChannelId(0)), Some(ConfigError::ChannelTwice(ChannelId(0))));
    let far = Some(ConfigError::NoSuchChannel(device("T1"), ChannelId(9)));
    assert_eq!(refused(|c| c.trunks[0].channel = ChannelId(9)), far);
    let gone = Some(ConfigError::NoSuchFlow(device("night")));
    assert_eq!(refused(|c| c.trunks[0].entry = Destination::Flow(device("night"))), gone);
    let nowhere = Some(ConfigError::NoSuchDestination(device("T1")));
    assert_eq!(refused(|c| c.trunks[0].entry = Destination::Queue(device("T1"))), nowhere);
    let error = refused(|c| c.agents[1].id = c.agents[0].id).expect("two of one name");
    assert_eq!(error.to_string(), "There are two agents called 7001");
}

#[test]
fn a_user_without_the_right_supervises_no_one_and_the_refusal_is_audited() {
    use crate::csta::cause::UniversalFailure as F;
    use crate::csta::private::{ParticipationType, RequestData};
    use crate::csta::tipring::{Remark, SupervisionMode, TipringRequest};
    let mut rig = Rig::new();
    let one = SessionId(5);
    rig.core.handle_session_opened(one, "one");
    rig.ready("1003", "7003");
    rig.ring_into_queue(0, "5551234");
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
    rig.pass(250);
    let remark = Remark("curious".into());
    let (mode, supervisor) = (SupervisionMode::Listen, device("1001"));
    let listen = TipringRequest::SuperviseCall { active_call: alerting_call, supervisor, mode, follow: false, remark };
    assert_eq!(rig.tipring(one, listen), Err(F::PrivilegeViolationOnSpecifiedDevice));
    let Some(Record::Supervision(record)) = rig.records.last() else { panic!("{:?}", rig.records) };
    assert_eq!((record.user.as_str(), record.agent.map(|it| it.to_string())), ("one", Some("7003".into())));
    assert_eq!((record.remark.as_str(), record.failure), ("curious", Some(F::PrivilegeViolationOnSpecifiedDevice)));
    // Nor by the vendor dialect: the right counts for a station of the call, not for the one that joins.
    let join = |participation| crate::csta::vendor::VendorRequest::SingleStepConferenceCall {
        active_call: alerting_call,
        device_to_be_join: supervisor,
        participation,
        alert_destination: false,
    };
    for participation in [ParticipationType::Silent, ParticipationType::Active] {
        let data = RequestData { vendor: Some(join(participation)), ..RequestData::default() };
        assert_eq!(rig.escape(one, data), Err(F::PrivilegeViolationOnSpecifiedDevice), "{participation:?}");
    }
}
