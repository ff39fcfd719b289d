//! Endurance: nothing grows, sticks or is lost.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineKind};

use crate::channel::State;
use crate::core::Trouble;
use crate::csta::{AgentMode, AgentState, CallId, MonitorFilter, Reply, Request, SessionId};
use crate::store::{StoreReply, StoreRequest};
use crate::testing::rig::{ALL, Rig, agent_request};
use crate::testing::{device, key, site};

#[test]
fn a_station_that_lost_a_race_and_its_events_is_free_again_after_the_words_were_read() {
    let mut rig = Rig::out_of_service(site(), 16);
    for channel in 0..5 {
        let kind = if channel < 2 { LineKind::Trunk } else { LineKind::Station };
        rig.line(channel, LineEvent::InService(kind));
    }
    rig.ready("1001", "7001");
    rig.ring_in(0, "5551234");
    // The caller's key is in the ring, then noise fills it; the lift and the hang-up at 1001 find no room.
    rig.line_unheard(0, LineEvent::Digit(key('1')));
    for _ in 0..40 {
        rig.line_unheard(3, LineEvent::OffHook);
        rig.line_unheard(3, LineEvent::OnHook);
    }
    rig.line_unheard(2, LineEvent::OffHook);
    rig.line_unheard(2, LineEvent::OnHook);
    rig.pump();
    rig.pass(2);
    rig.line(3, LineEvent::OnHook);
    rig.pass(60_000);
    // Without a lift the telephone is rung for 20 s, the agent is not ready, and the call has its place.
    assert_eq!(rig.table.read(ChannelId(2)).state, State::Idle);
    assert_eq!(rig.core.counters().reconciled, 1);
    assert!(rig.commanded().contains(&"2 ring for 5551234".to_owned()), "a call waits beside a free telephone");
    assert_eq!((rig.agent_state("1001"), rig.waiting("5000")), (AgentState::NotReady, 1));
    rig.agent("1001", "7001", AgentMode::Ready).expect("ready");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn monitors_that_were_stopped_leave_no_followers() {
    let mut rig = Rig::new();
    rig.ring_into_queue(0, "5551234");
    for _ in 0..10_000 {
        let request = Request::MonitorCallsViaDevice { device: device("5000"), filter: MonitorFilter::default() };
        let Ok(Reply::Monitor { monitor, .. }) = rig.ask(ALL, request) else { panic!("refused") };
        rig.ask(ALL, Request::MonitorStop { monitor }).expect("stopped");
    }
    assert_eq!(rig.core.monitors.followers(CallId(1)).len(), 0);
    assert!(rig.core.monitors.is_empty());
}

#[test]
fn desks_that_ask_without_end_for_one_agent_leave_the_changes_of_another_alone() {
    let mut rig = Rig::new();
    rig.store_answers = false;
    for session in (10..15).map(SessionId) {
        rig.core.handle_session_opened(session, "all");
        for _ in 0..60 {
            for mode in [AgentMode::LogIn, AgentMode::Ready, AgentMode::NotReady] {
                rig.send(session, agent_request("1001", "7001", "secret", mode));
            }
        }
    }
    for (mode, state) in [
        (AgentMode::LogIn, AgentState::NotReady),
        (AgentMode::Ready, AgentState::Ready),
        (AgentMode::LogOut, AgentState::Null),
    ] {
        rig.agent("1002", "7002", mode).expect("no other desk's business");
        assert_eq!(rig.agent_state("1002"), state, "{mode:?}");
    }
}

#[test]
fn sessions_that_are_gone_leave_no_followers() {
    let mut rig = Rig::new();
    rig.ring_into_queue(0, "5551234");
    for number in 0..1000 {
        let session = SessionId(100 + number);
        rig.core.handle_session_opened(session, "all");
        let request = Request::MonitorCall { call: rig.connection(1, ""), filter: MonitorFilter::default() };
        rig.ask(session, request).expect("granted");
        rig.core.handle_session_closed(session);
    }
    assert_eq!(rig.core.monitors.followers(CallId(1)).len(), 0);
    assert!(rig.core.monitors.is_empty());
}

#[test]
fn two_hundred_desks_may_watch_one_queue() {
    let mut rig = Rig::new();
    for number in 0..200 {
        let session = SessionId(100 + number);
        rig.core.handle_session_opened(session, "all");
        let request = Request::MonitorDevice { device: device("5000"), filter: MonitorFilter::default() };
        let granted = rig.ask(session, request);
        assert!(matches!(granted, Ok(Reply::Monitor { .. })), "desk {number}: {granted:?}");
    }
    rig.events.clear();
    rig.ring_into_queue(0, "5551234");
    assert_eq!(rig.events.len(), 200, "each desk has the event that the call is queued, once");
}

#[test]
fn a_caller_in_a_queue_without_agents_is_not_kept_for_ever() {
    let mut rig = Rig::new();
    rig.ring_into_queue(0, "5551234");
    rig.skip(3_599_999);
    assert_eq!(rig.waiting("5000"), 1);
    rig.skip(1);
    assert_eq!(rig.waiting("5000"), 0);
    rig.skip(3000);
    assert_eq!(rig.core.calls(), 0, "busy tone, then released");
    assert_eq!(rig.commanded(), ["0 answer", "0 release"]);
}

#[test]
fn a_line_command_that_found_no_room_does_not_leave_a_call_for_ever() {
    let mut rig = Rig::new();
    rig.ring_in(0, "5551234");
    // "Answer" found no room on its way: the line rings on, and the caller gives up.
    assert_eq!(rig.commanded(), ["0 answer"]);
    rig.line(0, LineEvent::RingingStopped);
    rig.skip(3 * 3_600_000);
    rig.skip(10_000);
    assert_eq!(rig.core.calls(), 0);
    assert_eq!(rig.calls().len(), 1);
}

#[test]
fn answers_that_the_store_never_gave_do_not_lock_an_agent_out() {
    let mut rig = Rig::new();
    rig.store_answers = false;
    for number in 0..256 {
        let (station, agent) = [("1001", "7001"), ("1002", "7002"), ("1003", "7003")][number % 3];
        let mode = if number % 2 == 0 { AgentMode::LogIn } else { AgentMode::LogOut };
        rig.send(ALL, agent_request(station, agent, "secret", mode));
    }
    rig.unanswered.clear();
    rig.store_answers = true;
    rig.skip(5001);
    let _ = rig.agent("1001", "7001", AgentMode::LogOut);
    assert_eq!(rig.agent("1001", "7001", AgentMode::LogIn), Ok(Reply::SetAgentState));
    assert_eq!(rig.agent_state("1001"), AgentState::NotReady);
}

#[test]
fn a_look_up_that_failed_is_not_counted_as_a_lost_record() {
    let mut rig = Rig::new();
    rig.store_answers = false;
    rig.ring_in(0, "5551234");
    let look_up = |request: &StoreRequest| match request {
        StoreRequest::FindCustomer { id, .. } => Some(*id),
        StoreRequest::Keep { .. } => None,
    };
    let id = rig.unanswered.iter().find_map(look_up).expect("a look-up");
    rig.core.handle_stored(StoreReply::Failed { id, why: "Looking up 5551234 failed: locked".into() });
    rig.pump();
    assert!(matches!(rig.troubles[..], [Trouble::LookUpFailed { .. }]), "{:?}", rig.troubles);
    assert_eq!((rig.core.counters().not_stored, rig.core.counters().failed_look_ups), (0, 1));
    assert_eq!(rig.commanded(), ["0 answer"], "the call goes on");
}
