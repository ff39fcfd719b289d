//! Features, routing and predictive calls; the test names are the rules.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};

use super::rig::{ALL, Rig};
use super::{device, key};
use crate::csta::cause::UniversalFailure as F;
use crate::csta::request::{ALL_ROUTE_ADDRESS, SetupInformation};
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{
    AgentMode, AllocationState, Feature, ForwardingInfo, ForwardingType, Reply, Request, RouteRegisterId,
    RoutingCrossRefId, SessionId,
};
use crate::store::{Outcome, Record};

const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

fn make_call(from: &str, to: &str) -> Request {
    Request::MakeCall { calling_device: device(from), called_device: device(to) }
}

fn forward(rig: &mut Rig, from: &str, kind: ForwardingType, to: &str) -> Result<Reply, F> {
    let forward = ForwardingInfo { kind, on: true, destination: device(to) };
    rig.ask(ALL, Request::SetForwarding { device: device(from), forward })
}

fn outcomes(rig: &Rig) -> Vec<Outcome> {
    let outcome = |record: &Record| match record {
        Record::Call(call) => Some(call.outcome),
        _ => None,
    };
    rig.records.iter().filter_map(outcome).collect()
}

#[test]
fn a_forwarded_call_rings_elsewhere_and_names_the_station_it_was_for() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.monitor("1002");
    forward(&mut rig, "1001", ForwardingType::Immediate, "1002").expect("set");
    assert_eq!(rig.reported(), ["D1001: forwarding 1001 to 1002 true"]);
    rig.ask(ALL, make_call("1003", "1001")).expect("made");
    assert_eq!(rig.commanded(), ["3 ring for 1003"]);
    assert_eq!(rig.reported(), ["D1002: delivered 1002 from 1003 to 1001 over 1001 2 6"]);
    let forward = vec![ForwardingInfo { kind: ForwardingType::Immediate, on: true, destination: device("1002") }];
    let query = Request::QueryForwarding { device: device("1001") };
    assert_eq!(rig.ask(ALL, query), Ok(Reply::QueryForwarding { forward }));
}

#[test]
fn an_engaged_station_and_one_that_does_not_answer_each_have_their_forwarding() {
    let mut rig = Rig::new();
    forward(&mut rig, "1001", ForwardingType::Busy, "1002").expect("set");
    forward(&mut rig, "1002", ForwardingType::NoAnswer, "5000").expect("set");
    rig.line(2, LineEvent::OffHook);
    rig.monitor("1003");
    rig.ask(ALL, make_call("1003", "1001")).expect("made");
    assert_eq!(
        rig.reported().last().map(String::as_str),
        Some("D1003: delivered 1002 from 1003 to 1001 over 1001 3 7")
    );
    rig.commanded();
    rig.pass(60_000);
    assert_eq!(rig.commanded().last().map(String::as_str), Some("3 release"));
    let reported = rig.reported();
    assert_eq!(reported[0], "D1003: diverted 1002 to 5000 3 8");
    assert!(reported[1].starts_with("D1003: queued 5000 as 1 over 1002 3 "), "{reported:?}");
}

#[test]
fn a_forwarding_to_oneself_or_to_nowhere_is_refused_and_a_circle_fails_the_call() {
    let mut rig = Rig::new();
    let refused = Err(F::InvalidForwardingDestination);
    assert_eq!(forward(&mut rig, "1001", ForwardingType::Immediate, "1001"), refused);
    assert_eq!(forward(&mut rig, "1001", ForwardingType::Immediate, "3333"), refused);
    assert_eq!(forward(&mut rig, "5000", ForwardingType::Immediate, "1001"), Err(F::InvalidObjectType));
    forward(&mut rig, "1001", ForwardingType::Immediate, "1002").expect("set");
    forward(&mut rig, "1002", ForwardingType::Immediate, "1001").expect("set");
    rig.monitor("1003");
    rig.ask(ALL, make_call("1003", "1001")).expect("made");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1003: failed 1003 at 1001 6 13"));
}

#[test]
fn a_station_that_is_not_to_be_disturbed_is_not_rung_nor_is_its_agent_offered_calls() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(1);
    rig.ready("1002", "7002");
    rig.monitor("1001");
    let on = |do_not_disturb| Request::SetDoNotDisturb { device: device("1001"), do_not_disturb };
    rig.ask(ALL, on(true)).expect("set");
    rig.ask(ALL, on(true)).expect("set again");
    assert_eq!(rig.reported(), ["D1001: do not disturb 1001 true"], "reported once");
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"], "the next agent");
    rig.monitor("1003");
    rig.ask(ALL, make_call("1003", "1001")).expect("made");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1003: failed 1003 at 1001 6 14"));
    rig.line(0, GONE);
    rig.ask(ALL, on(false)).expect("ended");
    rig.commanded();
    rig.ring_into_queue(1, "5559876");
    assert_eq!(rig.commanded().last().map(String::as_str), Some("2 ring for 5559876"));
}

#[test]
fn a_lamp_is_lit_at_the_telephone_and_told_once() {
    let mut rig = Rig::new();
    rig.monitor("1002");
    let lamp = |messages| Request::SetMessageWaiting { device: device("1002"), messages };
    rig.ask(ALL, lamp(true)).expect("lit");
    rig.ask(ALL, lamp(true)).expect("lit already");
    assert_eq!(rig.commanded(), ["3 message waiting true"]);
    assert_eq!(rig.reported(), ["D1002: message waiting 1002 true"]);
    let query = Request::QueryMessageWaiting { device: device("1002") };
    assert_eq!(rig.ask(ALL, query), Ok(Reply::QueryMessageWaiting { messages: true }));
}

#[test]
fn the_last_number_dialled_is_kept_for_the_station() {
    let mut rig = Rig::new();
    let query = Request::QueryLastNumber { device: device("1001") };
    assert_eq!(rig.ask(ALL, query.clone()), Ok(Reply::QueryLastNumber { last_number: device("") }));
    rig.line(2, LineEvent::OffHook);
    for digit in "9110#".chars() {
        rig.line(2, LineEvent::Digit(key(digit)));
    }
    assert_eq!(rig.ask(ALL, query), Ok(Reply::QueryLastNumber { last_number: device("9110#") }));
}

#[test]
fn an_engaged_station_is_called_back_when_both_are_free() {
    let mut rig = Rig::new();
    rig.line(3, LineEvent::OffHook);
    rig.line(2, LineEvent::OffHook);
    for digit in "1002".chars() {
        rig.line(2, LineEvent::Digit(key(digit)));
    }
    let failed = rig.connection(2, "1001");
    let request = |feature| Request::CallCompletion { feature, call: failed };
    assert_eq!(rig.ask(ALL, request(Feature::Intrude)), Err(F::InvalidFeature));
    assert_eq!(rig.ask(ALL, request(Feature::CallBack)), Ok(Reply::CallCompletion));
    rig.commanded();
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.commanded(), [""; 0], "1002 talks still");
    rig.line(3, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["2 ring"]);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.commanded(), ["3 ring for 1001"]);
}

#[test]
fn no_station_waits_for_itself_or_for_one_that_is_not_to_be_disturbed() {
    let mut rig = Rig::new();
    let request = |rig: &Rig, call, feature| Request::CallCompletion { feature, call: rig.connection(call, "1003") };
    rig.make_call("1003", "1003").expect("a call to itself hears busy tone");
    for feature in [Feature::CallBack, Feature::CampOn] {
        assert_eq!(rig.ask(ALL, request(&rig, 1, feature)), Err(F::GenericStateIncompatibility));
    }
    rig.pass(3_000);
    rig.ask(ALL, Request::SetDoNotDisturb { device: device("1002"), do_not_disturb: true }).expect("set");
    rig.make_call("1003", "1002").expect("a call that is refused");
    for feature in [Feature::CallBack, Feature::CampOn] {
        assert_eq!(rig.ask(ALL, request(&rig, 2, feature)), Err(F::GenericStateIncompatibility));
    }
}

#[test]
fn a_predictive_call_enters_the_queue_when_its_far_end_answers() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.monitor_via("5000");
    let predictive = |to: &str| Request::MakePredictiveCall {
        calling_device: device("5000"),
        called_device: device(to),
        allocation_state: AllocationState::CallEstablished,
    };
    assert_eq!(rig.ask(ALL, predictive("1002")), Err(F::InvalidCalledDevice));
    let new_call = rig.connection(1, "5000");
    assert_eq!(rig.ask(ALL, predictive("95551234")), Ok(Reply::MakePredictiveCall { new_call }));
    assert_eq!(rig.commanded(), ["1 dial 5551234"]);
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Answered);
    assert_eq!(rig.commanded().len(), 1, "the agent's telephone rings");
    rig.pass(2000);
    rig.line(2, LineEvent::OffHook);
    rig.reported();
    rig.line(1, GONE);
    rig.line(2, LineEvent::OnHook);
    let Some(Record::Call(call)) = rig.records.iter().find(|record| matches!(record, Record::Call(_))) else {
        panic!("a record");
    };
    assert_eq!((call.outcome, call.agent.map(|id| id.to_string())), (Outcome::Answered, Some("7001".into())));
    assert_eq!(call.established.expect("by the agent").since(call.answered.expect("by the far end")).as_ms(), 2000);
}

#[test]
fn a_predictive_call_that_fails_leaves_a_record_and_a_free_trunk() {
    let mut rig = Rig::new();
    let request = Request::MakePredictiveCall {
        calling_device: device("5000"),
        called_device: device("95551234"),
        allocation_state: AllocationState::CallEstablished,
    };
    rig.ask(ALL, request).expect("made");
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    assert_eq!((rig.core.calls(), outcomes(&rig)), (0, vec![Outcome::Busy]));
    assert_eq!(rig.commanded().last().map(String::as_str), Some("1 release"));
}

fn register(rig: &mut Rig, device_name: &str) -> RouteRegisterId {
    match rig.ask(ALL, Request::RouteRegister { routing_device: device(device_name) }) {
        Ok(Reply::RouteRegister { register }) => register,
        other => panic!("{other:?}"),
    }
}

fn asked(rig: &mut Rig) -> RoutingCrossRefId {
    match rig.switch_requests.pop() {
        Some(SwitchRequest::Route { dialogue, .. }) => dialogue,
        other => panic!("{other:?}"),
    }
}

fn select(register: RouteRegisterId, dialogue: RoutingCrossRefId, to: &str, remain_retry: i16) -> Request {
    Request::RouteSelect {
        register,
        dialogue,
        route_selected: device(to),
        remain_retry,
        setup_information: SetupInformation::default(),
        route_used_req: true,
    }
}

#[test]
fn a_client_routes_a_call_to_the_destination_it_selects() {
    let mut rig = Rig::new();
    let register = register(&mut rig, "6000");
    rig.ring_in(0, "5551234");
    let dialogue = asked(&mut rig);
    assert!(rig.media.is_empty(), "no flow meanwhile");
    rig.send(ALL, select(register, dialogue, "1002", 0));
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"]);
    let [EventReport::RouteUsed { .. }, EventReport::RouteEnd { error, .. }] = rig.event_reports[..] else {
        panic!("{:?}", rig.event_reports);
    };
    assert_eq!(error.number(), 0);
    assert!(rig.core.routing.is_idle());
}

#[test]
fn a_route_that_cannot_be_taken_is_asked_for_again_and_then_the_entry_is_taken() {
    let mut rig = Rig::new();
    let register = register(&mut rig, ALL_ROUTE_ADDRESS);
    rig.ring_in(0, "5551234");
    let dialogue = asked(&mut rig);
    rig.send(ALL, select(register, dialogue, "3333", 1));
    assert!(matches!(rig.switch_requests[..], [SwitchRequest::ReRoute { .. }]));
    rig.send(ALL, select(register, dialogue, "3333", 0));
    assert!(matches!(rig.event_reports[..], [EventReport::RouteEnd { .. }]));
    assert!(!rig.media.is_empty(), "the flow speaks");
}

#[test]
fn a_client_that_does_not_answer_or_goes_leaves_the_caller_to_the_entry() {
    let mut rig = Rig::new();
    register(&mut rig, "6000");
    rig.ring_in(0, "5551234");
    rig.pass(5000);
    assert!(!rig.media.is_empty(), "the flow speaks");
    assert!(matches!(rig.event_reports[..], [EventReport::RouteEnd { .. }]));
    rig.ring_in(1, "5559876");
    rig.media.clear();
    rig.core.handle_session_closed(ALL);
    rig.pump();
    assert!(!rig.media.is_empty(), "the flow speaks");
    assert!(rig.core.routing.is_idle());
}

#[test]
fn one_number_has_one_routing_client_and_only_its_own_may_cancel() {
    let mut rig = Rig::new();
    let register = register(&mut rig, "6000");
    let again = rig.ask(ALL, Request::RouteRegister { routing_device: device("6000") });
    assert_eq!(again, Err(F::OutstandingRequestLimitExceeded));
    assert_eq!(rig.ask(ALL, Request::RouteRegister { routing_device: device("1001") }), Err(F::InvalidObjectType));
    let other = SessionId(7);
    rig.core.handle_session_opened(other, "all");
    assert_eq!(rig.ask(other, Request::RouteRegisterCancel { register }), Err(F::InvalidCrossRefId));
    assert_eq!(rig.ask(ALL, Request::RouteRegisterCancel { register }), Ok(Reply::RouteRegisterCancel { register }));
}

#[test]
fn an_agent_whose_telephone_is_forwarded_is_passed_over() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    forward(&mut rig, "1001", ForwardingType::Immediate, "1002").expect("set");
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer"]);
    let end = ForwardingInfo { kind: ForwardingType::Immediate, on: false, destination: device("1002") };
    rig.ask(ALL, Request::SetForwarding { device: device("1001"), forward: end }).expect("ended");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    rig.agent("1001", "7001", AgentMode::LogOut).expect("logged out");
}

#[test]
fn notes_and_digits_go_with_the_call_and_digits_need_a_trunk() {
    use crate::csta::private::RequestData;
    use crate::csta::tipring::{Remark, TipringRequest};
    use crate::csta::vendor::VendorRequest;
    use crate::csta::{ConnectionId, Digits};
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.ring_into_queue(0, "5551234");
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
    rig.pass(250);
    rig.monitor("1003");
    let notes = |text: &str| TipringRequest::AnnotateCall { active_call: alerting_call, notes: Remark(text.into()) };
    rig.tipring(ALL, notes(" calls about\nthe invoice ")).expect("noted");
    assert_eq!(rig.reported().len(), 1, "those who monitor hear of it");
    assert_eq!(rig.data.as_deref().map(|data| data.notes.as_str()), Some("calls about the invoice"));
    let send = |sender: ConnectionId| {
        let tones = Digits::new("12#").expect("short");
        let vendor =
            VendorRequest::SendDtmfTone { sender, receivers: Vec::new(), tones, tone_duration: 0, pause_duration: 0 };
        RequestData { vendor: Some(vendor), ..RequestData::default() }
    };
    rig.commanded();
    rig.escape(ALL, send(alerting_call)).expect("sent");
    assert_eq!(rig.commanded(), ["0 send 12#"]);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.escape(ALL, send(rig.connection(2, "1001"))), Err(F::InvalidObjectState));
}

#[test]
fn a_client_asks_for_names_and_for_the_universal_identifier_of_a_call() {
    use crate::csta::DeviceId;
    use crate::csta::private::{RequestData, VendorDeviceType};
    use crate::csta::vendor::{UnicodeName, VendorReply, VendorRequest};
    let mut rig = Rig::new();
    let vendor = |rig: &mut Rig, request| {
        rig.escape(ALL, RequestData { vendor: Some(request), ..RequestData::default() })?;
        Ok::<_, F>(rig.reply_data.take().and_then(|data| data.vendor).expect("a vendor's reply"))
    };
    let name = |kind, id: &str, name: &str| VendorReply::QueryDeviceName {
        kind,
        device: device(id),
        name: DeviceId::new(name).unwrap_or(DeviceId::EMPTY),
        unicode_name: UnicodeName(name.into()),
    };
    let ask = |id: &str| VendorRequest::QueryDeviceName { device: device(id) };
    assert_eq!(vendor(&mut rig, ask("5000")), Ok(name(VendorDeviceType::AcdSplit, "5000", "5000")));
    assert_eq!(vendor(&mut rig, ask("1003")), Ok(name(VendorDeviceType::Station, "1003", "1003")));
    rig.ready("1003", "7003");
    let agent = rig.core.roster.iter().find(|(_, it)| it.id.as_str() == "7003").map(|(_, it)| it.name.clone());
    assert_eq!(vendor(&mut rig, ask("1003")), Ok(name(VendorDeviceType::Station, "1003", &agent.expect("an agent"))));
    assert_eq!(vendor(&mut rig, ask("9999")), Err(F::InvalidCstaDeviceIdentifier));

    rig.ring_into_queue(0, "5551234");
    let call = rig.connection(1, "1003");
    let ucid = rig.core.details.get(&call.call).map(|detail| detail.ucid).expect("a call");
    assert!(!ucid.is_empty());
    assert_eq!(vendor(&mut rig, VendorRequest::QueryUcid { call }), Ok(VendorReply::QueryUcid { ucid }));
    let gone = crate::csta::ConnectionId::of_call(crate::csta::CallId(77));
    assert!(vendor(&mut rig, VendorRequest::QueryUcid { call: gone }).is_err());
}
