use tipring_csta_types::cause::EventCause;
use tipring_csta_types::filter::MonitorFilter;
use tipring_csta_types::reply::SnapshotDeviceEntry;
use tipring_csta_types::{ExtendedDeviceId, LocalConnectionState};

use super::*;
use crate::replay_buffer::MESSAGES_MAX;

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("short and plain")
}

fn connection(call: i32) -> ConnectionId {
    ConnectionId { call: CallId(call), device: device("1001"), ..ConnectionId::NONE }
}

fn held(call: i32) -> Delivery {
    let event = Event::Held {
        held_connection: connection(call),
        holding_device: ExtendedDeviceId::inside(device("1001")),
        local: LocalConnectionState::Hold,
        cause: EventCause::None,
    };
    Delivery::Report { monitor: MonitorCrossRefId(1), event, data: None }
}

fn reply(session: &mut Session, reply: Reply) -> Request {
    let ForSwitch { invoke, request, .. } = session.poll_request().expect("a request for the switch");
    session.handle_delivery(Delivery::Reply { invoke, result: Ok(reply), data: None });
    request
}

fn json(session: &Session, after: u64) -> Value {
    match session.after(after) {
        Next::Message(number, text) => {
            let value: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(value["sequence"], number);
            value
        }
        other => panic!("{other:?}"),
    }
}

/// A session with a monitor of 1001, whose reply is message 1.
fn monitoring() -> Session {
    let mut session = Session::new(Arc::new(Rights::everything()));
    assert!(!session.handle_text(r#"{"id":"m","request":"monitorDevice","deviceID":"1001"}"#));
    reply(&mut session, Reply::Monitor { monitor: MonitorCrossRefId(1), filter: MonitorFilter::NONE });
    let answer = json(&session, 0);
    assert_eq!((&answer["id"], &answer["monitorCrossRefID"]), (&"m".into(), &1.into()));
    session
}

#[test]
fn replies_and_events_are_numbered_in_the_order_of_the_switch() {
    let mut session = monitoring();
    session.handle_delivery(held(42));
    session.handle_text(r#"{"id":2,"request":"systemStatus"}"#);
    session.handle_delivery(held(43));
    reply(&mut session, Reply::SystemStatus { status: SystemStatus::Normal });
    let numbers = [1, 2, 3].map(|after| json(&session, after));
    assert_eq!((&numbers[0]["event"], &numbers[0]["heldConnection"]["callID"]), (&"held".into(), &42.into()));
    assert_eq!(numbers[1]["event"], "held");
    assert_eq!((&numbers[2]["id"], &numbers[2]["reply"]), (&2.into(), &"systemStatus".into()));
    assert_eq!(session.after(4), Next::Nothing);
}

#[test]
fn a_request_without_a_right_is_refused_here() {
    let mut session = Session::new(Arc::default());
    session.handle_text(r#"{"id":1,"request":"monitorDevice","deviceID":"1001"}"#);
    assert_eq!((session.poll_request(), session.forbidden), (None, 1));
    let refused = json(&session, 0);
    assert_eq!((&refused["failure"], &refused["error"]), (&"securityViolation".into(), &19.into()));
}

#[test]
fn requests_beyond_the_bound_are_refused_and_a_reply_makes_room() {
    let mut session = Session::new(Arc::new(Rights::everything()));
    for id in 0..=OUTSTANDING_MAX {
        session.handle_text(&format!(r#"{{"id":{id},"request":"systemStatus"}}"#));
    }
    assert_eq!(json(&session, 0)["failure"], "outstandingRequestLimitExceeded");
    reply(&mut session, Reply::SystemStatus { status: SystemStatus::Normal });
    session.handle_text(r#"{"id":"again","request":"systemStatus"}"#);
    assert_eq!(session.requests.len(), OUTSTANDING_MAX);
}

#[test]
fn after_a_gap_every_monitored_device_and_its_calls_are_shown_once() {
    let mut session = monitoring();
    session.handle_text(r#"{"id":"m2","request":"monitorDevice","deviceID":"1001"}"#);
    reply(&mut session, Reply::Monitor { monitor: MonitorCrossRefId(2), filter: MonitorFilter::NONE });
    (0..MESSAGES_MAX).for_each(|call| session.handle_delivery(held(call as i32)));
    let Next::Gap { from: 1, to } = session.after(0) else { panic!("a gap: {:?}", session.after(0)) };
    assert_eq!(to, session.newest());
    session.begin_snapshots();
    let calls = [42, 43]
        .map(|call| SnapshotDeviceEntry { connection: connection(call), states: vec![LocalConnectionState::Hold] });
    let asked = reply(&mut session, Reply::SnapshotDevice { calls: calls.into() });
    assert_eq!(asked, Request::SnapshotDevice { device: device("1001") });
    // What happens meanwhile stands in its place between the snapshots.
    session.handle_delivery(held(44));
    for call in [42, 43] {
        let asked = reply(&mut session, Reply::SnapshotCall { parties: vec![] });
        assert_eq!(asked, Request::SnapshotCall { call: ConnectionId::of_call(CallId(call)) });
    }
    assert_eq!(session.poll_request(), None, "both monitors share one snapshot");
    let shown = [0, 1, 2, 3, 4].map(|place| json(&session, to + place));
    assert_eq!(shown[0]["snapshot"]["deviceID"], "1001");
    assert_eq!(shown[0]["snapshot"]["snapshotData"][0]["callIdentifier"]["callID"], 42);
    assert_eq!(shown[1]["event"], "held");
    assert_eq!((&shown[2]["snapshot"]["callID"], &shown[3]["snapshot"]["callID"]), (&42.into(), &43.into()));
    assert_eq!(shown[4]["snapshot"]["complete"], true);
}

#[test]
fn a_monitor_that_was_stopped_is_shown_no_more() {
    let mut session = monitoring();
    session.handle_text(r#"{"id":3,"request":"monitorStop","monitorCrossRefID":1}"#);
    reply(&mut session, Reply::MonitorStop);
    session.lose();
    session.begin_snapshots();
    assert_eq!(session.poll_request(), None);
    assert_eq!(json(&session, session.newest() - 1)["snapshot"]["complete"], true);
}

#[test]
fn the_switchs_status_comes_to_those_who_asked_for_it() {
    let mut session = Session::new(Arc::new(Rights::everything()));
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Disabled));
    assert_eq!(session.newest(), 0);
    session.handle_text(r#"{"id":1,"request":"systemStatusStart"}"#);
    reply(&mut session, Reply::SystemStatusStart { filter: 0x20 });
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Normal));
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Disabled));
    assert_eq!((&json(&session, 1)["systemStatus"], session.newest()), (&"disabled".into(), 2));
    session.handle_text(r#"{"id":2,"request":"changeSystemStatusFilter","statusFilter":8}"#);
    reply(&mut session, Reply::ChangeSystemStatusFilter { selected: 0x08, active: 0x08 });
    let before = session.newest();
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Disabled));
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Normal));
    assert_eq!(session.newest(), before + 1);
}

#[test]
fn a_status_filter_that_was_never_given_cannot_be_changed() {
    let mut session = Session::new(Arc::new(Rights::everything()));
    session.handle_text(r#"{"id":1,"request":"changeSystemStatusFilter","statusFilter":0}"#);
    reply(&mut session, Reply::ChangeSystemStatusFilter { selected: 0, active: 0 });
    assert!(json(&session, 0).to_string().contains("invalidObjectState"), "{}", json(&session, 0));
    session.handle_delivery(Delivery::SystemStatus(SystemStatus::Disabled));
    assert_eq!(session.newest(), 1);
}
