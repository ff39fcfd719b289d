//! The events that clients are sent: each once, in order, and what is learned late.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::{MediaCommand, ToneKind};
use tipring_driver::time::Ticks;

use crate::config::Destination;
use crate::csta::{AgentMode, LocalConnectionState, Reply, Request};
use crate::customer::{Customer, CustomerId};
use crate::limits::LOOK_UP_WAIT_MAX;
use crate::testing::rig::{ALL, Rig, caller};
use crate::testing::{device, key, site, with_music};

#[test]
fn the_call_of_a_caller_who_gives_up_in_the_moment_of_the_answer_is_reported_once() {
    let mut rig = Rig::new();
    rig.monitor("T1");
    rig.line(0, LineEvent::Offered);
    rig.line_unheard(0, LineEvent::CallerIdentity(caller("5551234")));
    rig.line_unheard(0, LineEvent::RingingStopped);
    rig.pump();
    let reported = rig.reported();
    assert_eq!(reported.iter().filter(|text| text.contains("delivered")).count(), 1, "{reported:?}");
    assert_eq!(rig.calls().len(), 1);
}

#[test]
fn a_customer_found_after_the_telephone_rings_is_reported() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.store_answers = false;
    rig.ring_in(0, "5551234");
    rig.pass(LOOK_UP_WAIT_MAX.as_ms() - 1);
    assert!(rig.commanded().is_empty(), "the store may still answer");
    rig.pass(1);
    assert_eq!(rig.commanded(), ["0 answer"], "a caller is not kept for a store that does not answer");
    rig.line(0, LineEvent::Digit(key('1')));
    let customer = Customer {
        id: CustomerId(1),
        numbers: vec!["5551234".into()],
        name: "王芳".into(),
        account: "A-1".into(),
        ..Customer::default()
    };
    rig.customers.insert("5551234".into(), customer);
    rig.pass(300);
    rig.reported();
    rig.data = None;
    rig.catch_up();
    assert_eq!(rig.reported(), ["D1001: information T1# of 5551234"]);
    assert_eq!(rig.data.expect("data").customer.as_deref(), Some("王芳"));
}

#[test]
fn a_number_that_comes_after_the_telephone_rings_is_reported() {
    let mut config = site();
    config.trunks[0].entry = Destination::Queue(device("5000"));
    let mut rig = Rig::of(config);
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.line(0, LineEvent::Offered);
    rig.pass(10_000);
    rig.reported();
    rig.data = None;
    rig.line(0, LineEvent::CallerIdentity(caller("5551234")));
    assert_eq!(rig.reported(), ["D1001: information T1# of 5551234"]);
    assert_eq!(rig.data.expect("data").caller.as_deref(), Some("5551234"));
}

#[test]
fn a_headset_that_calls_itself_is_busy_and_free_again_after_the_tone() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.make_call("1003", "1003").expect("made");
    assert_eq!(
        rig.reported(),
        ["D1003: initiated 1003 1 22", "D1003: originated 1003 to 1003 3 22", "D1003: failed 1003 at 1003 6 3"]
    );
    let parties = match rig.ask(ALL, Request::SnapshotCall { call: rig.connection(1, "1003") }) {
        Ok(Reply::SnapshotCall { parties }) => parties,
        other => panic!("{other:?}"),
    };
    let states: Vec<_> = parties.iter().map(|party| (party.connection.device, party.state)).collect();
    assert_eq!(states, [(device("1003"), LocalConnectionState::Fail)], "the state that was reported");
    rig.pass(3000);
    assert_eq!(rig.reported(), ["D1003: dropped 1003 by 1003 0 -1"]);
}

#[test]
fn the_next_call_is_not_reported_before_the_last_one_has_ended() {
    let mut config = site();
    config.queues[0].after_call_work = Ticks::ZERO;
    let mut rig = Rig::of(config);
    rig.ready("1003", "7003");
    rig.monitor_via("5000");
    rig.ring_into_queue(0, "1");
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("answered");
    rig.pass(1000);
    rig.ring_into_queue(1, "2");
    rig.reported();
    rig.commanded();
    rig.ask(ALL, Request::ClearConnection { call: alerting_call }).expect("cleared");
    assert_eq!(rig.commanded(), ["0 release"]);
    assert_eq!(
        rig.reported(),
        [
            "C5000: dropped 1003 by 1003 -1 -1",
            "C5000: dropped T1# by 1 -1 -1",
            "C5000: cleared - -1 -1",
            "C5000: diverted 5000 to 1003 -1 28",
            "C5000: delivered 1003 from 2 to 6000 over 5000 -1 28",
        ]
    );
}

#[test]
fn the_first_event_of_a_trunk_that_was_never_through_is_not_its_end() {
    let mut rig = Rig::new();
    rig.monitor("T2");
    rig.make_call("1003", "9110").expect("made");
    rig.line(1, LineEvent::Released(DisconnectSignal::LoopBreak));
    let reported = rig.reported();
    assert!(!reported.iter().any(|text| text.contains("dropped T")), "{reported:?}");
}

#[test]
fn at_a_stop_no_telephone_begins_to_ring_and_no_screen_pops() {
    let mut rig = Rig::new();
    rig.agent("1003", "7003", AgentMode::LogIn).expect("in");
    rig.ring_into_queue(0, "5551234");
    rig.make_call("1003", "9110").expect("made");
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Answered);
    rig.agent("1003", "7003", AgentMode::Ready).expect("pending");
    rig.monitor("1003");
    rig.commanded();
    rig.core.handle_stop();
    rig.pump();
    let reported = rig.reported();
    assert!(!reported.iter().any(|text| text.contains("delivered")), "{reported:?}");
    let commanded = rig.commanded();
    assert!(!commanded.iter().any(|text| text.contains("ring")), "{commanded:?}");
}

#[test]
fn an_agent_who_answers_during_an_announcement_hears_the_caller_at_once() {
    let mut rig = Rig::of(with_music());
    rig.ring_into_queue(0, "5551234");
    rig.ready("1001", "7001");
    rig.media.clear();
    rig.line(2, LineEvent::OffHook);
    let connect = MediaCommand::Connect { a: ChannelId(0), b: ChannelId(2) };
    assert!(rig.media.contains(&connect), "{:?}", rig.media);
}

/// A trunk whose callers go to the telephone 1002.
fn direct() -> Rig {
    let mut config = site();
    config.trunks[0].entry = Destination::Station(device("1002"));
    Rig::of(config)
}

#[test]
fn a_telephone_whose_line_dies_while_it_rings_leaves_the_caller_with_busy_tone() {
    let mut rig = direct();
    rig.ring_in(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"]);
    rig.media.clear();
    rig.line(3, LineEvent::OutOfService);
    let tone = MediaCommand::Tone { channel: ChannelId(0), tone: Some(ToneKind::Busy) };
    assert!(rig.media.contains(&tone), "{:?}", rig.media);
    rig.pass(3000);
    assert_eq!(rig.commanded(), ["0 release"]);
    assert_eq!(rig.calls()[0].outcome, crate::store::Outcome::OutOfService);
}

#[test]
fn a_caller_sent_to_an_engaged_station_hears_busy_before_the_line_is_released() {
    let mut rig = direct();
    rig.line(3, LineEvent::OffHook);
    rig.media.clear();
    rig.ring_in(0, "5551234");
    let tone = MediaCommand::Tone { channel: ChannelId(0), tone: Some(ToneKind::Busy) };
    assert!(rig.media.contains(&tone), "{:?}", rig.media);
    rig.commanded();
    rig.pass(3000);
    assert_eq!(rig.commanded(), ["0 release"]);
}
