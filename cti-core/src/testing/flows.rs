//! The events of whole calls in, and of agents, in the order of the TSAPI vendor dialect; the test names are the rules.
//! The numbers at the ends of lines are the local connection state and the cause.

use tipring_driver::ids::PromptId;
use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent, ToneKind, Track};

use super::key;
use super::rig::{ALL, Rig};
use crate::config::CallTimers;
use crate::csta::cause::UniversalFailure;
use crate::csta::{AgentMode, DeviceId, Reply, Request};
use crate::customer::{Customer, CustomerId};
use crate::store::{Outcome, Record, RecordingEnd, ReleasedBy};

const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

#[test]
fn an_inbound_call_is_queued_delivered_answered_and_cleared_as_in_7_3() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    for name in ["1001", "5000", "T1"] {
        rig.monitor(name);
    }
    rig.monitor_via("5000");
    rig.ring_in(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer"]);
    assert_eq!(rig.reported(), ["DT1: delivered 6000 from 5551234 to 6000 over - 3 22"]);
    rig.line(0, LineEvent::Digit(key('1')));
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    assert_eq!(
        rig.reported(),
        [
            "DT1: diverted 6000 to 5000 3 28",
            "DT1: queued 5000 as 1 over 6000 3 22",
            "D5000: queued 5000 as 1 over 6000 5 22",
            "C5000: queued 5000 as 1 over 6000 -1 22",
            "DT1: diverted 5000 to 1001 3 28",
            "D5000: diverted 5000 to 1001 0 28",
            "C5000: diverted 5000 to 1001 -1 28",
            "DT1: delivered 1001 from 5551234 to 6000 over 5000 3 28",
            "D1001: delivered 1001 from 5551234 to 6000 over 5000 2 28",
            "C5000: delivered 1001 from 5551234 to 6000 over 5000 -1 28",
        ]
    );
    rig.pass(3000);
    rig.line(2, LineEvent::OffHook);
    assert_eq!(
        rig.reported(),
        [
            "DT1: established 1001 over 5000 3 22",
            "D1001: established 1001 over 5000 3 22",
            "C5000: established 1001 over 5000 -1 22",
        ]
    );
    rig.pass(10_000);
    rig.line(0, GONE);
    assert_eq!(
        rig.reported(),
        [
            "DT1: dropped T1# by 5551234 0 -1",
            "D1001: dropped T1# by 5551234 3 -1",
            "C5000: dropped T1# by 5551234 -1 -1",
            "D1001: failed 1001 at 1001 6 -1",
            "C5000: failed 1001 at 1001 -1 -1",
            "D1001: work 7001",
            "D5000: work 7001",
        ]
    );
    rig.pass(700);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(
        rig.reported(),
        ["D1001: dropped 1001 by 1001 0 -1", "C5000: dropped 1001 by 1001 -1 -1", "C5000: cleared - -1 -1",]
    );
    rig.pass(4300);
    assert_eq!(rig.reported(), ["D1001: ready 7001", "D5000: ready 7001"], "5 s after the caller has gone");
    let calls = rig.calls();
    let [call] = calls.as_slice() else { panic!("one call: {calls:?}") };
    assert_eq!((call.outcome, call.released_by), (Outcome::Answered, ReleasedBy::Caller));
    assert_eq!(call.ended.since(call.established.expect("answered")).as_ms(), 10_000);
    assert_eq!(call.established.expect("answered").since(call.queued.expect("queued")).as_ms(), 3000);
    assert_eq!((call.caller.as_str(), call.keyed.as_str()), ("5551234", "1"));
    assert!(rig.records.iter().any(|record| matches!(record, Record::Recording(recording)
        if Some(recording.recording) == calls[0].recording && recording.samples == 80_000 && recording.end == RecordingEnd::Whole)));
}

#[test]
fn the_two_hear_each_other_and_the_customer_is_recorded_on_the_left() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.media.clear();
    rig.line(2, LineEvent::OffHook);
    let [tone, connect, record] = rig.media[..] else { panic!("{:?}", rig.media) };
    let (trunk, station) = (tipring_driver::ids::ChannelId(0), tipring_driver::ids::ChannelId(2));
    assert_eq!(tone, MediaCommand::Tone { channel: trunk, tone: None });
    assert_eq!(connect, MediaCommand::Connect { a: trunk, b: station });
    let sides = (Track::Received(trunk), Track::Sent(trunk));
    assert!(matches!(record, MediaCommand::Record { left, right, .. } if (left, right) == sides));
}

#[test]
fn the_screen_pop_knows_the_customer_the_key_and_the_wait() {
    let mut rig = Rig::new();
    let customer = Customer {
        id: CustomerId(1),
        numbers: vec!["5551234".into()],
        name: "王芳".into(),
        account: "A-1".into(),
        ..Customer::default()
    };
    rig.customers.insert("5551234".into(), customer);
    rig.monitor("1001");
    rig.ring_into_queue(0, "5551234");
    rig.pass(2500);
    rig.ready("1001", "7001");
    let data = rig.data.clone().expect("data with Delivered");
    assert_eq!((data.customer.as_deref(), data.account.as_deref()), (Some("王芳"), Some("A-1")));
    assert_eq!((data.keyed.as_str(), data.queue.as_deref(), data.wait_ms), ("1", Some("5000"), 2500));
    rig.pass(1000);
    rig.line(2, LineEvent::OffHook);
    let data = rig.data.clone().expect("data with Established");
    assert_eq!(data.wait_ms, 3500);
    let call = rig.connection(1, "1001");
    rig.ask(ALL, Request::SnapshotCall { call }).expect("the call");
    let seen = rig.reply_data.take().and_then(|reply| reply.call);
    assert_eq!(seen.and_then(|call| call.customer.clone()), data.customer, "a desk that comes in the middle of a call");
}

#[test]
fn a_name_in_chinese_and_latin_letters_goes_from_the_octets_of_the_line_to_the_screen() {
    // MDMF: time, number 5551234, and a name in GB 2312 with ASCII beside it.
    let mut message = vec![0x80, 0x00, 0x01, 8];
    message.extend(b"09301230\x02\x075551234\x07\x09\xd5\xc5\xc8\xfd Wang");
    message[1] = message.len() as u8 - 2;
    let sum = message.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet));
    message.push(sum.wrapping_neg());
    let caller = tipring_driver::dsp::caller_id::message::parse(&message).expect("a whole message");
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.ready("1001", "7001");
    rig.line(0, LineEvent::Offered);
    rig.line(0, LineEvent::CallerIdentity(caller));
    rig.pass(6000);
    rig.line(0, LineEvent::Digit(key('1')));
    let data = rig.data.clone().expect("data with Delivered");
    assert_eq!((data.caller.as_deref(), data.caller_name.as_deref()), (Some("5551234"), Some("张三 Wang")));
}

#[test]
fn a_call_is_answered_without_an_identity_when_none_has_come_in_time() {
    let mut rig = Rig::new();
    rig.line(0, LineEvent::Offered);
    rig.pass(CallTimers::default().caller_identity.as_ms() - 1);
    assert_eq!(rig.commanded(), [] as [&str; 0]);
    rig.pass(1);
    assert_eq!(rig.commanded(), ["0 answer"]);
}

#[test]
fn an_identity_that_comes_before_the_ring_belongs_to_it() {
    let mut rig = Rig::new();
    rig.line(0, LineEvent::CallerIdentity(super::rig::caller("5551234")));
    rig.pass(800);
    rig.line(0, LineEvent::Offered);
    assert_eq!(rig.commanded(), ["0 answer"]);
}

#[test]
fn a_menu_says_its_prompt_once_more_and_then_sends_the_caller_to_the_default() {
    let mut rig = Rig::new();
    rig.ring_in(0, "5551234");
    for _ in 0..2 {
        let Some(&MediaCommand::Play { task, prompt, repeat, .. }) = rig.media.last() else { panic!("no prompt") };
        assert_eq!((prompt, repeat), (PromptId(1), false));
        rig.media_ends(MediaEvent::PlayEnded { task, end: MediaEnd::Complete });
        rig.pass(5000);
    }
    let ringback = MediaCommand::Tone { channel: tipring_driver::ids::ChannelId(0), tone: Some(ToneKind::Ringback) };
    assert_eq!(rig.media.last(), Some(&ringback));
    assert_eq!(rig.figures("5000").offered, 1);
}

#[test]
fn who_gives_up_is_recorded_at_the_stage_where_it_happened() {
    let mut rig = Rig::new();
    rig.line(0, LineEvent::Offered);
    rig.line(0, LineEvent::RingingStopped);
    rig.ring_in(0, "5551234");
    rig.line(0, GONE);
    rig.ring_into_queue(0, "5551234");
    rig.line(0, GONE);
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(0, GONE);
    let outcomes: Vec<Outcome> = rig.calls().iter().map(|call| call.outcome).collect();
    use Outcome::{AbandonedAlerting, AbandonedInIvr, AbandonedQueued, AbandonedRinging};
    assert_eq!(outcomes, [AbandonedRinging, AbandonedInIvr, AbandonedQueued, AbandonedAlerting]);
    let figures = rig.figures("5000");
    assert_eq!((figures.offered, figures.answered, figures.abandoned), (2, 0, 2));
}

#[test]
fn a_caller_who_gives_up_in_the_queue_is_told_to_its_monitors() {
    let mut rig = Rig::new();
    rig.monitor("5000");
    rig.monitor_via("5000");
    rig.ring_into_queue(0, "5551234");
    rig.reported();
    rig.line(0, GONE);
    assert_eq!(
        rig.reported(),
        [
            "D5000: dropped T1# by 5551234 5 -1",
            "C5000: dropped T1# by 5551234 -1 -1",
            "D5000: dropped 5000 by 5000 0 -1",
            "C5000: dropped 5000 by 5000 -1 -1",
            "C5000: cleared - -1 -1",
        ]
    );
}

#[test]
fn a_caller_who_gives_up_while_a_telephone_rings_frees_it_and_its_agent_keeps_his_turn() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(10);
    rig.ready("1002", "7002");
    rig.monitor("1001");
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.reported();
    rig.line(0, GONE);
    assert_eq!(rig.commanded(), ["0 release", "2 release"]);
    assert_eq!(rig.reported(), ["D1001: dropped T1# by 5551234 2 -1", "D1001: dropped 1001 by 1001 0 5"]);
    rig.ring_into_queue(1, "5559876");
    assert_eq!(rig.commanded(), ["1 answer", "2 ring for 5559876"]);
}

#[test]
fn a_telephone_nobody_answers_gives_its_call_back_to_the_head_of_the_queue() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.ring_into_queue(1, "5559876");
    rig.monitor("1001");
    rig.monitor("5000");
    rig.pass(20_000);
    assert_eq!(
        rig.reported(),
        [
            "D1001: diverted 1001 to 5000 0 10",
            "D1001: not ready 7001",
            "D5000: not ready 7001",
            "D5000: queued 5000 as 2 over 1001 5 28",
        ]
    );
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded().last().map(String::as_str), Some("3 ring for 5551234"));
}

#[test]
fn the_agent_idle_longest_is_rung_and_calls_are_served_in_their_order() {
    let mut rig = Rig::new();
    rig.ready("1002", "7002");
    rig.pass(10);
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "1");
    rig.ring_into_queue(1, "2");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 1", "1 answer", "2 ring for 2"]);
}

#[test]
fn a_headset_is_answered_by_request_with_a_zip_tone_and_only_once() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.monitor("1003");
    rig.ring_into_queue(0, "5551234");
    rig.reported();
    let alerting = rig.connection(1, "1003");
    assert_eq!(rig.ask(ALL, Request::AnswerCall { alerting_call: alerting }), Ok(Reply::AnswerCall));
    let again = rig.ask(ALL, Request::AnswerCall { alerting_call: alerting });
    assert_eq!(again, Err(UniversalFailure::InvalidObjectState));
    assert_eq!(rig.reported(), [] as [&str; 0]);
    rig.pass(250);
    assert_eq!(rig.reported(), ["D1003: established 1003 over 5000 3 22"]);
    let again = rig.ask(ALL, Request::AnswerCall { alerting_call: alerting });
    assert_eq!(again, Err(UniversalFailure::InvalidObjectState));
    assert_eq!(rig.ask(ALL, Request::ClearConnection { call: alerting }), Ok(Reply::ClearConnection));
    assert_eq!(rig.reported(), ["D1003: dropped 1003 by 1003 0 -1", "D1003: work 7003"]);
    assert_eq!(rig.calls()[0].released_by, ReleasedBy::Called, "the agent, by the screen");
}

#[test]
fn a_handset_on_hook_cannot_be_answered_by_request() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    let alerting_call = rig.connection(1, "1001");
    let refused = rig.ask(ALL, Request::AnswerCall { alerting_call });
    assert_eq!(refused, Err(UniversalFailure::GenericStateIncompatibility));
}

#[test]
fn an_agent_who_hangs_up_first_releases_the_trunk() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.commanded();
    rig.reported();
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["0 release"]);
    assert_eq!(rig.reported(), ["D1001: dropped 1001 by 1001 0 -1", "D1001: work 7001"]);
    assert_eq!(rig.calls()[0].released_by, ReleasedBy::Called);
}

#[test]
fn an_agent_logs_on_to_the_monitors_of_station_and_queues() {
    let mut rig = Rig::new();
    rig.monitor("1001");
    rig.monitor("5000");
    rig.agent("1001", "7001", AgentMode::LogIn).expect("logged on");
    assert_eq!(
        rig.reported(),
        [
            "D1001: logged on 7001 for 5000",
            "D5000: logged on 7001 for 5000",
            "D1001: not ready 7001",
            "D5000: not ready 7001",
        ]
    );
    rig.agent("1001", "7001", AgentMode::Ready).expect("ready");
    assert_eq!(rig.reported(), ["D1001: ready 7001", "D5000: ready 7001"]);
    rig.agent("1001", "7001", AgentMode::LogOut).expect("logged off");
    assert_eq!(rig.reported(), ["D1001: logged off 7001 for 5000", "D5000: logged off 7001 for 5000"]);
}

#[test]
fn what_an_agent_asks_during_a_call_comes_after_it() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig.monitor("1001");
    rig.agent("1001", "7001", AgentMode::NotReady).expect("noted");
    rig.agent("1001", "7001", AgentMode::LogOut).expect("noted");
    assert_eq!(rig.reported(), [] as [&str; 0]);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.reported(), ["D1001: dropped 1001 by 1001 0 -1", "D1001: work 7001"]);
    rig.pass(5000);
    assert_eq!(rig.reported(), ["D1001: logged off 7001 for 5000"]);
}

#[test]
fn an_agent_without_a_queue_logs_on_for_none() {
    let mut config = super::site();
    config.agents[0].queues.clear();
    let mut rig = Rig::of(config);
    rig.monitor("1001");
    rig.agent("1001", "7001", AgentMode::LogIn).expect("logged on");
    assert_eq!(rig.reported()[0], format!("D1001: logged on 7001 for {}", DeviceId::EMPTY));
}
