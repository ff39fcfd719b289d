//! States of agents, pending work modes, and their history.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};

use crate::csta::cause::UniversalFailure;
use crate::csta::{AgentMode, AgentState, Reply, Request};
use crate::limits::LOOK_UP_WAIT_MAX;
use crate::testing::key;
use crate::testing::rig::{ALL, Rig};

const GONE: LineEvent = LineEvent::Released(DisconnectSignal::Tone);

/// An agent talks to a caller from the queue 5000.
fn talking(station: &str, channel: u16, agent: &str) -> Rig {
    let mut rig = Rig::new();
    rig.ready(station, agent);
    rig.ring_into_queue(0, "5551234");
    rig.line(channel, LineEvent::OffHook);
    rig.commanded();
    rig
}

/// An agent at 1001 talks to an outside number that was dialled by hand.
fn calling_out() -> Rig {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "9110#");
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Answered);
    rig.commanded();
    rig
}

#[test]
fn a_confirmed_log_out_holds_when_a_call_comes_while_the_store_is_busy() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.store_answers = false;
    assert_eq!(rig.agent("1001", "7001", AgentMode::LogOut), Ok(Reply::SetAgentState));
    rig.ring_in(0, "5551234");
    rig.pass(LOOK_UP_WAIT_MAX.as_ms());
    rig.line(0, LineEvent::Digit(key('1')));
    assert_eq!(rig.commanded(), ["0 answer"], "an agent who has gone is not rung");
    rig.catch_up();
    rig.pass(20_000);
    assert_eq!(rig.agent_state("1001"), AgentState::Null);
}

#[test]
fn a_log_out_while_a_telephone_rings_takes_effect_and_the_call_goes_on() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(1);
    rig.ready("1002", "7002");
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.agent("1001", "7001", AgentMode::LogOut).expect("logged off");
    assert_eq!(rig.commanded(), ["2 release", "3 ring for 5551234"]);
    assert_eq!(rig.agent_state("1001"), AgentState::Null);
}

#[test]
fn an_older_request_of_an_agent_who_has_gone_does_not_log_him_on_again() {
    let mut rig = talking("1001", 2, "7001");
    rig.store_answers = false;
    rig.agent("1001", "7001", AgentMode::LogOut).expect("pending");
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    rig.pass(5000);
    assert_eq!(rig.agent_state("1001"), AgentState::Null);
    let late = rig.agent("1001", "7001", AgentMode::NotReady);
    assert_eq!(late, Err(UniversalFailure::InvalidObjectState));
    rig.catch_up();
    assert_eq!(rig.agent_state("1001"), AgentState::Null);
}

#[test]
fn a_wish_during_a_call_is_written_when_it_takes_effect_and_once() {
    let mut rig = talking("1001", 2, "7001");
    rig.pass(1000);
    rig.agent("1001", "7001", AgentMode::NotReady).expect("pending");
    rig.pass(9000);
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    rig.pass(5000);
    let states: Vec<_> = rig.history().into_iter().map(|(at, _, state)| (at, state)).collect();
    use AgentState::{NotReady, Ready, WorkNotReady};
    assert_eq!(states, [(0, NotReady), (0, Ready), (10_000, WorkNotReady), (15_000, NotReady)]);
}

#[test]
fn ready_pressed_during_a_call_does_not_take_the_work_after_it_away() {
    let mut rig = talking("1001", 2, "7001");
    rig.agent("1001", "7001", AgentMode::NotReady).expect("pending");
    rig.agent("1001", "7001", AgentMode::Ready).expect("pending");
    rig.pass(9000);
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.agent_state("1001"), AgentState::WorkNotReady);
    rig.pass(5000);
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
    let breaks = rig.history().iter().filter(|(at, _, state)| *at > 0 && *state == AgentState::NotReady).count();
    assert_eq!(breaks, 0, "a break that never was");
}

#[test]
fn an_agent_who_has_just_made_a_long_call_is_not_the_one_idle_longest() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(10);
    rig.ready("1002", "7002");
    rig.line(2, LineEvent::OffHook);
    rig.keys(2, "9110#");
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Answered);
    rig.skip(600_000);
    rig.line(2, LineEvent::OnHook);
    rig.pass(5000);
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
    rig.commanded();
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.commanded(), ["0 answer", "3 ring for 5551234"]);
}

#[test]
fn after_a_call_out_an_agent_has_time_for_notes() {
    let mut rig = calling_out();
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.commanded(), ["1 release"], "the next caller does not ring in that moment");
    assert_eq!(rig.agent_state("1001"), AgentState::WorkNotReady);
    rig.pass(5000);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn log_out_during_a_call_out_waits_for_its_end_as_during_any_call() {
    let mut out = calling_out();
    let mut queued = talking("1001", 2, "7001");
    for rig in [&mut out, &mut queued] {
        assert_eq!(rig.agent("1001", "7001", AgentMode::LogOut), Ok(Reply::SetAgentState));
        assert_ne!(rig.agent_state("1001"), AgentState::Null, "the call has not ended");
        rig.line(2, LineEvent::OnHook);
        rig.pass(5000);
        assert_eq!(rig.agent_state("1001"), AgentState::Null);
    }
}

#[test]
fn an_agent_may_refuse_a_call_that_alerts_and_the_next_one_gets_it() {
    let mut rig = Rig::new();
    rig.ready("1003", "7003");
    rig.pass(1);
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    let call = rig.connection(1, "1003");
    assert_eq!(rig.ask(ALL, Request::ClearConnection { call }), Ok(Reply::ClearConnection));
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn ready_after_a_missed_call_and_a_pending_break_is_ready() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.agent("1001", "7001", AgentMode::NotReady).expect("not ready");
    rig.pass(20_000);
    assert_eq!(rig.agent_state("1001"), AgentState::NotReady);
    rig.agent("1001", "7001", AgentMode::Ready).expect("ready");
    rig.pass(1);
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
}

#[test]
fn not_ready_while_ringing_stops_the_ringing_and_the_call_goes_on() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.pass(1);
    rig.ready("1002", "7002");
    rig.ring_into_queue(0, "5551234");
    rig.commanded();
    rig.agent("1001", "7001", AgentMode::NotReady).expect("not ready");
    assert_eq!(rig.commanded(), ["2 release", "3 ring for 5551234"]);
    assert_eq!(rig.agent_state("1001"), AgentState::NotReady);
}

#[test]
fn a_call_out_that_fails_leaves_a_break_a_break() {
    let mut rig = Rig::new();
    rig.agent("1003", "7003", AgentMode::LogIn).expect("logged on");
    rig.make_call("1003", "9110").expect("made");
    rig.line(1, LineEvent::Dialled);
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    rig.pass(10_000);
    assert_eq!(rig.agent_state("1003"), AgentState::NotReady);
    assert_eq!(rig.history().len(), 1, "no work, no change: {:?}", rig.history());
}

#[test]
fn a_call_that_comes_during_work_is_offered_when_it_is_over() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "1");
    rig.line(2, LineEvent::OffHook);
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    rig.pass(100);
    rig.ring_into_queue(0, "2");
    rig.commanded();
    rig.pass(4899);
    assert_eq!(rig.commanded(), [] as [&str; 0]);
    rig.pass(1);
    assert_eq!(rig.commanded(), ["2 ring for 2"]);
}

#[test]
fn an_agent_whose_handset_was_left_off_hook_is_not_ready_and_the_next_caller_does_not_wait_for_it() {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.line(2, LineEvent::OffHook);
    rig.pass(10_001);
    rig.skip(60_000);
    let reported = rig.reported();
    assert!(reported.contains(&"D1001: not ready 7001".to_owned()), "{reported:?}");
    rig.ring_into_queue(0, "5551234");
    rig.skip(600_000);
    assert_eq!(rig.agent_state("1001"), AgentState::NotReady);
    rig.commanded();
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn work_asked_for_during_a_call_ends_by_itself() {
    let mut rig = talking("1001", 2, "7001");
    rig.agent("1001", "7001", AgentMode::WorkNotReady).expect("pending");
    rig.line(0, GONE);
    rig.line(2, LineEvent::OnHook);
    assert_eq!(rig.agent_state("1001"), AgentState::WorkNotReady);
    rig.pass(10_000);
    assert_eq!(rig.agent_state("1001"), AgentState::Ready);
}
