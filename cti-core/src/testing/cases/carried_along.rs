//! Consequences of consultation, transfer and conference that outlive them: legs, work, data and identifiers
//! of a history; and why an agent is passed over.
//!
//! Never: looks into the model; it judges what monitors, lines and records show.

use std::collections::BTreeSet;

use tipring_driver::line::{DisconnectSignal, LineEvent};

use crate::acd::why::NotOffered;
use crate::config::Config;
use crate::csta::event::Event;
use crate::csta::private::EventData;
use crate::csta::{AgentMode, CallId, DeviceId, ForwardingInfo, ForwardingType, Reply, Request, Ucid};
use crate::customer::Customer;
use crate::store::{CallRecord, LegRecord, Outcome};
use crate::testing::complaints::talking;
use crate::testing::legs::legs;
use crate::testing::rig::{ALL, Rig};
use crate::testing::{device, site};

fn consult(rig: &mut Rig, call: i32, from: &str, to: &str) {
    let active_call = rig.connection(call, from);
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device(to) }).expect("consults");
}

fn transfer(rig: &mut Rig, held: i32, active: i32, by: &str) {
    let (held_call, active_call) = (rig.connection(held, by), rig.connection(active, by));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
}

fn gone(rig: &mut Rig, channel: u16) {
    rig.line(channel, LineEvent::Released(DisconnectSignal::Tone));
}

/// The legs of stations in a call, in their order: station, agent, and milliseconds of talk. Busy tone is none.
fn talks(rig: &Rig, call: &CallRecord) -> Vec<(String, String, u64)> {
    let mut of: Vec<&LegRecord> = legs(&rig.records).into_iter().filter(|leg| leg.ucid == call.ucid).collect();
    of.sort_by_key(|leg| leg.began);
    of.into_iter()
        .filter(|leg| leg.device.as_str().starts_with('1'))
        .map(|leg| {
            let agent = leg.agent.map(|agent| agent.to_string()).unwrap_or_default();
            let talk = leg.connected.map_or(0, |at| leg.ended.min(call.ended).since(at).as_ms() - leg.hold.as_ms());
            (leg.device.to_string(), agent, talk)
        })
        .collect()
}

/// The record of the customer's call, which was answered.
fn customers_call(rig: &Rig) -> CallRecord {
    let answered: Vec<_> = rig.calls().into_iter().filter(|call| call.trunk.is_some()).cloned().collect();
    let [call] = answered.as_slice() else { panic!("one record of the customer's call: {answered:?}") };
    assert_eq!(call.outcome, Outcome::Answered);
    call.clone()
}

#[test]
fn a_blind_and_then_an_attended_transfer_leave_a_leg_for_each_of_three_agents_and_one_end_with_the_last() {
    let mut rig = talking();
    rig.agent("1002", "7002", AgentMode::LogIn).expect("logged on");
    rig.agent("1003", "7003", AgentMode::LogIn).expect("logged on");
    rig.monitor_call(CallId(1));
    rig.pass(5_000);
    consult(&mut rig, 1, "1001", "1002");
    transfer(&mut rig, 1, 2, "1001");
    rig.line(2, LineEvent::OnHook);
    rig.pass(1_000);
    rig.line(3, LineEvent::OffHook);
    rig.pass(7_000);
    consult(&mut rig, 2, "1002", "1003");
    let alerting_call = rig.connection(3, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answers");
    rig.pass(2_250);
    transfer(&mut rig, 2, 3, "1002");
    rig.line(3, LineEvent::OnHook);
    rig.pass(11_000);
    rig.events.clear();
    gone(&mut rig, 0);
    rig.pass(20_000);
    let ends = rig.events.iter().filter(|(_, _, event)| matches!(event, Event::CallCleared { .. })).count();
    assert_eq!(ends, 1, "the end is reported once");
    let call = customers_call(&rig);
    assert_eq!(call.agent.map(|agent| agent.to_string()).as_deref(), Some("7003"), "the agent who had it last");
    let talk = |station: &str, agent: &str, ms| (station.to_owned(), agent.to_owned(), ms);
    assert_eq!(
        talks(&rig, &call),
        [talk("1001", "7001", 5_000), talk("1002", "7002", 7_000), talk("1003", "7003", 11_000)]
    );
    assert_eq!(call.ended.since(call.offered).as_ms(), 27_250 - 1_000);
}

#[test]
fn whoever_leaves_a_conference_first_its_record_holds_every_party() {
    for order in [[0, 2, 3], [0, 3, 2], [2, 0, 3], [2, 3, 0], [3, 0, 2], [3, 2, 0]] {
        let mut rig = talking();
        rig.agent("1002", "7002", AgentMode::LogIn).expect("logged on");
        consult(&mut rig, 1, "1001", "1002");
        rig.line(3, LineEvent::OffHook);
        rig.pass(1_000);
        let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
        rig.ask(ALL, Request::ConferenceCall { held_call, active_call }).expect("conferenced");
        for channel in order {
            rig.pass(1_000);
            match channel {
                0 => gone(&mut rig, 0),
                station => drop(rig.line(station, LineEvent::OnHook)),
            }
        }
        rig.pass(1_000);
        let call = customers_call(&rig);
        let devices: BTreeSet<DeviceId> =
            legs(&rig.records).into_iter().filter(|leg| leg.ucid == call.ucid).map(|leg| leg.device).collect();
        let all = ["T1", "1001", "1002", "5000"].map(device).into();
        assert_eq!(devices, all, "left in the order {order:?}");
        let both: Vec<(String, String)> =
            talks(&rig, &call).into_iter().map(|(station, agent, _)| (station, agent)).collect();
        assert_eq!(both, [("1001".into(), "7001".into()), ("1002".into(), "7002".into())], "{order:?}");
    }
}

/// A queue 5001 with a minute of after-call work, where 5000 has five seconds.
fn with_long_work() -> Config {
    let mut config = site();
    config.queues[1].after_call_work = tipring_driver::time::Ticks::from_secs(60);
    config
}

#[test]
fn after_a_transfer_into_another_queue_the_work_is_that_of_the_own_queue_and_the_idle_time_counts_from_its_end() {
    for (ready_after, next) in [(3_000, 4), (7_000, 2)] {
        let mut rig = Rig::of(with_long_work());
        rig.ready("1001", "7001");
        rig.ring_into_queue(0, "5551234");
        rig.line(2, LineEvent::OffHook);
        consult(&mut rig, 1, "1001", "5001");
        transfer(&mut rig, 1, 2, "1001");
        rig.line(2, LineEvent::OnHook);
        // The caller gives up in the other queue.
        gone(&mut rig, 0);
        rig.pass(ready_after);
        rig.ready("1003", "7003");
        rig.pass(10_000 - ready_after);
        rig.commanded();
        rig.ring_into_queue(1, "5559876");
        // 1003 is a headset: it is not rung, and its agent hears the zip tone.
        let rung = rig.commanded().iter().any(|command| command.starts_with("2 ring"));
        assert_eq!(rung, next == 2, "idle since {ready_after} ms, and since 5,000 ms");
    }
}

#[test]
fn the_first_screen_of_a_transfer_has_the_customers_name_also_through_a_queue() {
    for to in ["1002", "5001"] {
        let mut rig = Rig::new();
        let customer = Customer { name: "Li Wei".into(), account: "12".into(), ..Customer::default() };
        rig.customers.insert("5551234".into(), Customer { numbers: vec!["5551234".into()], ..customer });
        rig.ready("1001", "7001");
        rig.ring_into_queue(0, "5551234");
        rig.line(2, LineEvent::OffHook);
        consult(&mut rig, 1, "1001", to);
        if to == "5001" {
            transfer(&mut rig, 1, 2, "1001");
        }
        rig.monitor("1002");
        (rig.data, rig.event_data) = (None, None);
        if to == "5001" {
            rig.ready("1002", "7002");
        } else {
            rig.line(3, LineEvent::OffHook);
        }
        let data = rig.data.clone().expect("a screen pop");
        assert_eq!(data.customer.as_deref(), Some("Li Wei"), "{to}");
        let original = rig.event_data.as_deref().and_then(|data| data.original_call_info.clone());
        assert_eq!(original.expect("the customer's call").calling_device.device, device("5551234"), "{to}");
    }
}

#[test]
fn a_consultation_and_the_call_it_was_made_from_name_each_other_in_events_records_and_data() {
    let mut rig = talking();
    rig.monitor("1001");
    rig.monitor("1002");
    let of_customer = rig.core.details.values().next().expect("the customer's call").ucid;
    // One consultation is given up, one leads to a transfer.
    consult(&mut rig, 1, "1001", "1002");
    let (active_call, held_call) = (rig.connection(2, "1001"), rig.connection(1, "1001"));
    rig.ask(ALL, Request::ReconnectCall { active_call, held_call }).expect("reconnected");
    consult(&mut rig, 1, "1001", "1002");
    let data = rig.event_data.clone().expect("private data of Delivered");
    let original = data.original_call_info.clone().expect("the customer's call");
    assert_eq!((original.ucid, original.calling_device.device), (of_customer, device("5551234")));
    let consultation = data.ucid;
    assert_ne!(consultation, of_customer);
    rig.line(3, LineEvent::OffHook);
    transfer(&mut rig, 1, 3, "1001");
    let data: &EventData = rig.event_data.as_deref().expect("private data of Transferred");
    assert_eq!(data.ucid, of_customer, "the customer's call goes on");
    let named = data.call.clone().expect("the screen pop").related_calls.clone();
    assert!(named.contains(&consultation), "{named:?}");
    assert_eq!(named.len(), 2, "that which was given up is of the same history: {named:?}");
    gone(&mut rig, 0);
    rig.line(3, LineEvent::OnHook);
    rig.pass(1);
    let lead_there: BTreeSet<Ucid> =
        rig.calls().iter().filter(|call| call.main_call == Some(of_customer)).map(|call| call.ucid).collect();
    assert_eq!(lead_there, named.into_iter().collect(), "from each record to the customer's");
    assert_eq!(customers_call(&rig).main_call, None);
}

#[test]
fn an_agent_whose_station_is_forwarded_or_not_to_be_disturbed_is_passed_over_and_the_reason_is_reported() {
    let to = device("1002");
    let forward = ForwardingInfo { kind: ForwardingType::Immediate, on: true, destination: to };
    let requests = [
        (Request::SetDoNotDisturb { device: device("1001"), do_not_disturb: true }, NotOffered::DoNotDisturb),
        (Request::SetForwarding { device: device("1001"), forward }, NotOffered::Forwarded),
    ];
    for (request, reason) in requests {
        let mut rig = Rig::new();
        rig.ready("1001", "7001");
        rig.monitor("1001");
        let reply = rig.ask(ALL, request);
        assert!(matches!(reply, Ok(Reply::SetDoNotDisturb | Reply::SetForwarding)), "{reply:?}");
        let event = rig.reported().join("\n");
        assert!(
            event.starts_with("D1001: do not disturb 1001") || event.starts_with("D1001: forwarding 1001"),
            "{event}"
        );
        rig.commanded();
        rig.ring_into_queue(0, "5551234");
        assert_eq!(rig.commanded(), ["0 answer"], "no telephone rings");
        let decision = rig.decisions.last().expect("why the caller waits");
        assert_eq!(decision.head.iter().map(|(_, why)| *why).find(|why| *why == reason), Some(reason), "{decision:?}");
        assert!(decision.passed_over().contains(&format!("7001 {reason}")), "{}", decision.passed_over());
    }
}
