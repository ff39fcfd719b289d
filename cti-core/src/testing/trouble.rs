//! Glare, lost events, dead cards.

use tipring_driver::engine::Acceptance;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure, LineKind, Number};

use super::rig::{ALL, Rig, caller};
use super::{device, key, site};
use crate::channel::State;
use crate::core::Trouble;
use crate::csta::cause::UniversalFailure;
use crate::csta::{Reply, Request, SystemStatus};
use crate::store::{Outcome, Record};

const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

fn outcomes(rig: &Rig) -> Vec<Outcome> {
    rig.calls().iter().map(|call| call.outcome).collect()
}

#[test]
fn a_trunk_that_rings_in_the_moment_of_its_seizure_is_left_to_its_caller() {
    let mut rig = Rig::new();
    assert_eq!(rig.line_unheard(1, LineEvent::Offered), Acceptance::Accepted);
    rig.make_call("1003", "9110").expect("made");
    assert_eq!(rig.commanded(), ["0 dial 110"]);
    assert_eq!(rig.core.counters().superseded, 1);
    rig.line(1, LineEvent::CallerIdentity(caller("5551234")));
    assert_eq!(rig.commanded(), ["1 answer"]);
    assert_eq!(rig.line(0, LineEvent::Offered), Acceptance::Superseded);
}

#[test]
fn a_trunk_found_ringing_when_dialled_is_given_back_and_the_next_one_taken() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.make_call("1003", "9110").expect("made");
    rig.reported();
    rig.line(1, LineEvent::Failed(LineFailure::Glare));
    assert_eq!(rig.commanded(), ["1 dial 110", "1 release", "0 dial 110"]);
    rig.line(1, LineEvent::Offered);
    rig.line(0, LineEvent::Dialled);
    assert_eq!(rig.reported(), ["D1003: reached 110 by T1 3 22"]);
    assert_eq!(rig.core.calls(), 2);
}

#[test]
fn when_no_trunk_is_left_the_call_fails_with_trunks_busy() {
    let mut rig = Rig::new();
    rig.ring_in(0, "5551234");
    rig.ring_in(1, "5559876");
    rig.monitor("1003");
    rig.make_call("1003", "9110").expect("made");
    assert_eq!(rig.reported().last().map(String::as_str), Some("D1003: failed 1003 at 110 6 33"));
}

#[test]
fn a_busy_number_outside_gives_the_trunk_back_and_tells_the_caller() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.make_call("1003", "9110").expect("made");
    rig.line(1, LineEvent::Dialled);
    rig.reported();
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    assert_eq!(rig.reported(), ["D1003: failed 1003 at 110 6 3", "D1003: dropped T1# by 110 6 3"]);
    rig.pass(3000);
    assert_eq!(rig.reported(), ["D1003: dropped 1003 by 1003 0 -1"]);
    assert_eq!((rig.core.calls(), outcomes(&rig)), (0, vec![Outcome::Busy]));
}

#[test]
fn a_number_that_the_network_says_is_not_to_be_had_fails_for_that_reason() {
    for failure in [LineFailure::Unassigned, LineFailure::Intercepted, LineFailure::Announced] {
        let mut rig = Rig::new();
        rig.monitor("1003");
        rig.make_call("1003", "9110").expect("made");
        rig.line(1, LineEvent::Dialled);
        rig.reported();
        rig.line(1, LineEvent::Failed(failure));
        assert_eq!(rig.reported(), ["D1003: failed 1003 at 110 6 13", "D1003: dropped T1# by 110 6 13"]);
        rig.pass(3000);
        assert_eq!(outcomes(&rig), [Outcome::NotObtainable]);
    }
}

#[test]
fn a_handset_lifted_in_the_moment_when_it_is_to_be_rung_loses_its_turn_until_it_is_put_down() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(5);
    rig.ready("1002", "7002");
    rig.ring_in(0, "5551234");
    rig.commanded();
    rig.line_unheard(0, LineEvent::Digit(key('1')));
    rig.line_unheard(2, LineEvent::OffHook);
    rig.pump();
    assert_eq!(rig.commanded(), ["3 ring for 5551234"]);
    rig.ring_into_queue(1, "5559876");
    assert_eq!(rig.commanded(), ["1 answer"]);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["2 ring for 5559876"]);
}

#[test]
fn a_handset_lifted_in_the_moment_when_its_time_is_over_has_the_call() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.pass(19_999);
    rig.monitor("1001");
    rig.now.0 += 1;
    // The marker of the tick in which the time is over, then the lifting, of the same tick.
    tipring_driver::engine::EventSink::tick(&mut rig.sink, rig.now);
    rig.line_unheard(2, LineEvent::OffHook);
    rig.pump();
    assert_eq!(rig.reported(), ["D1001: established 1001 over 5000 3 22"]);
}

#[test]
fn a_handset_lifted_in_the_moment_when_its_caller_gives_up_gets_dial_tone() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.monitor("1001");
    rig.line_unheard(0, GONE);
    rig.line_unheard(2, LineEvent::OffHook);
    rig.pump();
    assert_eq!(
        rig.reported(),
        ["D1001: dropped T1# by 5551234 2 -1", "D1001: dropped 1001 by 1001 0 5", "D1001: initiated 1001 1 22"]
    );
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.core.calls(), 0);
}

#[test]
fn a_caller_who_gives_up_in_the_moment_of_the_answer_is_missed() {
    let mut rig = Rig::new();
    rig.line(0, LineEvent::Offered);
    rig.line_unheard(0, LineEvent::CallerIdentity(caller("5551234")));
    rig.line_unheard(0, LineEvent::RingingStopped);
    rig.pump();
    assert_eq!(rig.commanded(), [] as [&str; 0]);
    assert_eq!(outcomes(&rig), [Outcome::AbandonedRinging]);
}

#[test]
fn when_a_card_dies_its_calls_end_with_the_reason_and_come_back_with_it() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.monitor("1001");
    rig.monitor("T1");
    rig.commanded();
    rig.line(0, LineEvent::OutOfService);
    rig.line(2, LineEvent::OutOfService);
    assert_eq!(
        rig.reported(),
        [
            "DT1: dropped T1# by 5551234 0 19",
            "D1001: dropped T1# by 5551234 3 19",
            "D1001: failed 1001 at 1001 6 19",
            "D1001: work 7001",
            "DT1: out T1 19",
            "D1001: dropped 1001 by 1001 0 19",
            "D1001: not ready 7001",
            "D1001: out 1001 19",
        ]
    );
    assert_eq!(outcomes(&rig), [Outcome::Answered], "whatever ended it");
    assert_eq!(rig.commanded(), ["2 disconnect"], "the station was there still when its caller went");
    rig.pass(10_000);
    rig.reported();
    rig.ring_into_queue(1, "5559876");
    rig.line(2, LineEvent::InService(LineKind::Station));
    assert_eq!(rig.reported()[0], "D1001: back 1001");
    assert_eq!(rig.commanded(), ["1 answer", "2 ring for 5559876"]);
}

#[test]
fn when_the_program_stops_every_call_that_stands_gets_its_record_and_its_recording() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.ring_into_queue(1, "5559876");
    rig.line(3, LineEvent::OffHook);
    rig.commanded();
    assert_eq!(rig.core.calls(), 3);
    rig.core.handle_stop();
    rig.pump();
    assert_eq!(outcomes(&rig), [Outcome::NotDialled, Outcome::CutOff, Outcome::Answered]);
    assert!(rig.core.is_settled());
    let recordings = rig.records.iter().filter(|record| matches!(record, Record::Recording(..))).count();
    assert_eq!(recordings, 1);
    let commanded = rig.commanded();
    assert!(
        commanded.contains(&"0 release".to_owned()) && commanded.contains(&"1 release".to_owned()),
        "{commanded:?}"
    );
    assert!(!commanded.iter().any(|command| command.contains("ring for")), "{commanded:?}");
}

#[test]
fn when_no_line_is_left_every_client_is_told_and_again_when_one_is_back() {
    use SystemStatus::{Disabled, Normal};
    let mut rig = Rig::new();
    assert_eq!(rig.statuses, [Normal]);
    for channel in 0..5 {
        rig.line(channel, LineEvent::OutOfService);
    }
    assert_eq!(rig.statuses, [Normal, Disabled]);
    assert_eq!(rig.ask(ALL, Request::SystemStatus), Ok(Reply::SystemStatus { status: Disabled }));
    rig.line(0, LineEvent::InService(LineKind::Trunk));
    assert_eq!(rig.statuses, [Normal, Disabled, Normal]);
}

#[test]
fn a_telephone_that_dies_while_it_rings_gives_its_call_back_and_its_agent_stays_ready() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.monitor("1001");
    rig.line(2, LineEvent::OutOfService);
    assert_eq!(rig.reported(), ["D1001: diverted 1001 to 5000 0 19", "D1001: not ready 7001", "D1001: out 1001 19"]);
    rig.commanded();
    rig.line(2, LineEvent::InService(LineKind::Station));
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn a_headset_taken_off_while_a_call_alerts_gives_it_back() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.ring_into_queue(0, "5551234");
    rig.monitor("1003");
    rig.line(4, LineEvent::OnHook);
    assert_eq!(rig.reported(), ["D1003: diverted 1003 to 5000 0 -1", "D1003: not ready 7003"]);
    rig.line(4, LineEvent::OffHook);
    assert_eq!(rig.reported(), ["D1003: ready 7003", "D1003: delivered 1003 from 5551234 to 6000 over 5000 2 28"]);
}

#[test]
fn a_headset_in_its_zip_tone_takes_no_other_call() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.ring_into_queue(0, "5551234");
    rig.ready("1001", "7001");
    rig.ring_into_queue(1, "5550000");
    let (first, second) = (rig.connection(1, "1003"), rig.connection(2, "1001"));
    assert_eq!(rig.ask(ALL, Request::AnswerCall { alerting_call: first }), Ok(Reply::AnswerCall));
    let pickup = Request::PickupCall { deflect_call: second, called_device: device("1003") };
    assert_eq!(rig.ask(ALL, pickup), Err(UniversalFailure::GenericStateIncompatibility));
    let again = rig.ask(ALL, Request::AnswerCall { alerting_call: first });
    assert_eq!(again, Err(UniversalFailure::InvalidObjectState), "it is being answered already");
    rig.monitor("1003");
    rig.pass(250);
    assert_eq!(rig.reported(), ["D1003: established 1003 over 5000 3 22"]);
}

#[test]
fn a_module_of_the_wrong_kind_stays_out_of_service_and_is_told() {
    let mut rig = Rig::out_of_service(site(), 64);
    rig.line(2, LineEvent::InService(LineKind::Trunk));
    assert!(matches!(rig.troubles[..], [Trouble::WrongModule { channel: ChannelId(2), found: LineKind::Trunk, .. }]));
    assert_eq!(
        rig.troubles[0].to_string().as_str(),
        "1001 on channel 2 stays out of service: an FXO module is there, but a station needs an FXS module"
    );
    rig.core.reconcile(crate::channel::Reread::Lost);
    rig.pump();
    let status = rig.ask(ALL, Request::SystemStatus);
    assert_eq!(status, Ok(Reply::SystemStatus { status: SystemStatus::Disabled }));
    rig.line(2, LineEvent::OutOfService);
    rig.line(2, LineEvent::InService(LineKind::Station));
    let status = rig.ask(ALL, Request::SystemStatus);
    assert_eq!(status, Ok(Reply::SystemStatus { status: SystemStatus::Normal }));
}

#[test]
fn after_a_loss_the_core_goes_by_the_words_and_what_it_then_knows_is_not_news() {
    let mut rig = Rig::out_of_service(site(), 8);
    for channel in 0..4 {
        rig.line(channel, LineEvent::InService(if channel < 2 { LineKind::Trunk } else { LineKind::Station }));
    }
    // The core sleeps: six events fit beside what is kept back, the rest is lost.
    for _ in 0..4 {
        rig.line_unheard(2, LineEvent::OffHook);
        rig.line_unheard(2, LineEvent::OnHook);
    }
    rig.line_unheard(0, LineEvent::Offered);
    rig.line_unheard(2, LineEvent::OffHook);
    assert!(rig.table.counters().lost > 0);
    rig.pump();
    rig.pass(1);
    assert_eq!(rig.core.counters().reconciled, 1);
    assert_eq!(rig.troubles, [Trouble::EventsLost]);
    assert_eq!(rig.core.calls(), 2);
    rig.line(2, LineEvent::OnHook);
    rig.line(0, LineEvent::RingingStopped);
    assert_eq!(rig.core.calls(), 0);
    for channel in 0..4 {
        let known = rig.core.devices.state(ChannelId(channel));
        assert_eq!((known, rig.table.read(ChannelId(channel)).state), (State::Idle, State::Idle));
    }
}

#[test]
fn a_lost_hang_up_is_found_in_the_words() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.line_unheard(0, GONE);
    rig.line_unheard(2, LineEvent::OnHook);
    while rig.ring.pop().is_some() {}
    rig.core.reconcile(crate::channel::Reread::Lost);
    rig.pump();
    assert_eq!((rig.core.calls(), outcomes(&rig)), (0, vec![Outcome::Answered]));
    assert!(rig.commanded().contains(&"0 release".to_owned()));
}

#[test]
fn a_later_event_lets_the_time_before_it_pass_first() {
    let mut rig = Rig::new();
    rig.line(0, LineEvent::Offered);
    rig.now.0 += 60_000;
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.commanded(), ["0 answer"]);
    assert_eq!(rig.core.now().0, 60_000);
}

#[test]
fn a_handset_left_off_hook_ends_its_call_and_can_call_again_after_it_was_put_down() {
    let mut rig = Rig::new();
    rig.line(2, LineEvent::OffHook);
    rig.pass(10_000 + 60_000);
    assert_eq!((rig.core.calls(), outcomes(&rig)), (0, vec![Outcome::NotDialled]));
    rig.line(2, LineEvent::OnHook);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(rig.core.calls(), 1);
}

#[test]
fn a_number_longer_than_any_is_dialled_as_far_as_it_goes() {
    let mut rig = Rig::new();
    rig.line(2, LineEvent::OffHook);
    rig.line(2, LineEvent::Digit(key('9')));
    for _ in 0..40 {
        rig.line(2, LineEvent::Digit(key('1')));
    }
    let number = Number::from("1".repeat(31).as_str()).expect("short");
    assert_eq!(rig.commanded(), [format!("1 dial {number}")]);
}

#[test]
fn a_telephone_that_cannot_be_rung_is_not_tried_again_and_again() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.monitor("1001");
    rig.line(2, LineEvent::Failed(LineFailure::NoBattery));
    assert_eq!(rig.reported(), ["D1001: diverted 1001 to 5000 0 65", "D1001: not ready 7001"]);
    assert_eq!(rig.figures("5000").missed, 1);
}

#[test]
fn a_trunk_that_dies_while_it_is_seized_is_replaced_by_the_next() {
    let mut rig = Rig::new();
    rig.make_call("1003", "9110").expect("made");
    rig.line(1, LineEvent::OutOfService);
    assert_eq!(rig.commanded(), ["1 dial 110", "0 dial 110"]);
}

#[test]
fn a_trunk_released_before_it_took_the_digits_fails_the_call() {
    let mut rig = Rig::new();
    rig.monitor("1003");
    rig.make_call("1003", "9110").expect("made");
    rig.reported();
    rig.line(1, LineEvent::Released(DisconnectSignal::LoopBreak));
    assert_eq!(rig.reported(), ["D1003: failed 1003 at 110 6 21"]);
}
