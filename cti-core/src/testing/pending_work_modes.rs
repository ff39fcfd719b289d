//! A break asked for during a call: it begins when call and work have ended, at every moment and however the call ends,
//! and the report of breaks has it once.
//!
//! Never: judges the agent's machine alone; its own tests do that.

use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::time::Ticks;

use super::reasons::set_at;
use super::rig::{ALL, Rig};
use super::{device, site};
use crate::acd::ids::Reason;
use crate::agent::Activity;
use crate::config::Config;
use crate::csta::{AgentMode, AgentState, Request};
use crate::report::event::Event;

const DESK: (&str, &str) = ("1003", "7003");
/// Reason code of the break that is asked for.
const MEAL: i32 = 2;
/// After-call work of the tests' site in ms.
const WORK_MS: u64 = 5_000;

/// The ways in which the agent's call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Caller,
    Agent,
    Hold,
    Transfer,
    Conference,
}

const ENDS: [End; 5] = [End::Caller, End::Agent, End::Hold, End::Transfer, End::Conference];

fn site_with(work_ms: u64) -> Config {
    let mut config = site();
    config.queues.iter_mut().for_each(|queue| queue.after_call_work = Ticks::from_ms(work_ms));
    config
}

/// A caller of 5000 talks to the agent at the headset 1003.
fn talking(work_ms: u64) -> Rig {
    let mut rig = Rig::of(site_with(work_ms));
    rig.ready(DESK.0, DESK.1);
    rig.ring_into_queue(0, "5551234");
    let alerting_call = rig.connection(1, "1003");
    rig.ask(ALL, Request::AnswerCall { alerting_call }).expect("alerting");
    rig.pass(300);
    rig
}

/// Ends the agent's part in the call.
fn end(rig: &mut Rig, how: End) {
    let own = |rig: &Rig, call| rig.connection(call, "1003");
    match how {
        End::Caller => _ = rig.line(0, LineEvent::Released(DisconnectSignal::Tone)),
        End::Agent => _ = rig.ask(ALL, Request::ClearConnection { call: own(rig, 1) }).expect("connected"),
        End::Hold => {
            let active_call = own(rig, 1);
            rig.ask(ALL, Request::HoldCall { active_call, reservation: false }).expect("connected");
            rig.pass(100);
            rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
        }
        End::Transfer | End::Conference => {
            let active_call = own(rig, 1);
            let consultation = Request::ConsultationCall { active_call, called_device: device("1001") };
            rig.ask(ALL, consultation).expect("connected");
            rig.line(2, LineEvent::OffHook);
            let (held_call, active_call) = (own(rig, 1), own(rig, 2));
            let join = match how {
                End::Transfer => Request::TransferCall { held_call, active_call },
                _ => Request::ConferenceCall { held_call, active_call },
            };
            rig.ask(ALL, join).expect("two calls");
            if how == End::Conference {
                rig.pass(100);
                rig.ask(ALL, Request::ClearConnection { call: own(rig, 2) }).expect("connected");
            }
        }
    }
}

/// Number of breaks that the report has for a reason of the agent at the desk.
fn breaks(rig: &Rig, reason: i32) -> u64 {
    let of_the_reason = rig.ledger.breaks().filter(|&(_, agent, code, _)| agent == DESK.1 && i32::from(code) == reason);
    of_the_reason.map(|(.., of)| of.count).sum()
}

/// The activities of the agent at the desk, in order.
fn activities(rig: &Rig) -> Vec<Activity> {
    let of_the_desk = rig.log.iter().filter_map(|entry| match entry.event {
        Event::Agent { agent, to, .. } if agent.as_str() == DESK.1 => Some(to),
        _ => None,
    });
    of_the_desk.collect()
}

#[test]
fn a_break_asked_for_during_a_call_is_in_the_report_however_the_call_ends_and_whenever_it_was_asked_for() {
    for how in ENDS {
        for work_ms in [0, WORK_MS] {
            for talked in [0, 250, 3_000] {
                let case = format!("{how:?}, {work_ms} ms of work, asked after {talked} ms");
                let mut rig = talking(work_ms);
                rig.pass(talked);
                set_at(&mut rig, DESK, AgentMode::NotReady, MEAL);
                assert_eq!(rig.reply_data.take().and_then(|data| data.is_pending), Some(true), "{case}");
                assert_eq!((rig.agent_state("1003"), breaks(&rig, MEAL)), (AgentState::Ready, 0), "{case}");
                end(&mut rig, how);
                if work_ms > 0 {
                    assert_eq!(rig.agent_state("1003"), AgentState::WorkNotReady, "{case}");
                }
                rig.pass(work_ms + 10_000);
                assert_eq!((rig.agent_state("1003"), breaks(&rig, MEAL)), (AgentState::NotReady, 1), "{case}");
                let reason = Reason(MEAL as u8);
                assert_eq!(activities(&rig).last(), Some(&Activity::NotReady(reason)), "{case}");
            }
        }
    }
}

#[test]
fn the_last_of_several_pending_work_modes_is_carried_out() {
    let mut rig = talking(WORK_MS);
    for reason in [1, MEAL, MEAL] {
        set_at(&mut rig, DESK, AgentMode::NotReady, reason);
    }
    end(&mut rig, End::Caller);
    rig.pass(WORK_MS + 1_000);
    assert_eq!((breaks(&rig, 1), breaks(&rig, MEAL)), (0, 1));

    let mut rig = talking(WORK_MS);
    set_at(&mut rig, DESK, AgentMode::NotReady, MEAL);
    end(&mut rig, End::Caller);
    rig.pass(1_000);
    set_at(&mut rig, DESK, AgentMode::Ready, 0);
    rig.pass(60_000);
    assert_eq!(
        (rig.agent_state("1003"), breaks(&rig, MEAL)),
        (AgentState::Ready, 0),
        "ready during the work ends both"
    );
}

#[test]
fn a_break_asked_for_in_one_call_outlives_a_caller_who_is_given_to_the_desk_during_the_work() {
    for worked in (0..WORK_MS).step_by(700) {
        let mut rig = talking(WORK_MS);
        rig.ring_into_queue(1, "5550000");
        set_at(&mut rig, DESK, AgentMode::NotReady, MEAL);
        end(&mut rig, End::Caller);
        rig.pass(worked);
        let deflect_call = rig.connection(2, "5000");
        rig.ask(ALL, Request::PickupCall { deflect_call, called_device: device("1003") }).expect("a free headset");
        rig.pass(8_000);
        assert_eq!(breaks(&rig, MEAL), 0, "a conversation after {worked} ms of work");
        rig.ask(ALL, Request::ClearConnection { call: rig.connection(2, "1003") }).expect("connected");
        assert_eq!(rig.agent_state("1003"), AgentState::WorkNotReady);
        rig.pass(WORK_MS + 1_000);
        assert_eq!((rig.agent_state("1003"), breaks(&rig, MEAL)), (AgentState::NotReady, 1), "after {worked} ms");
    }
}

#[test]
fn a_call_given_to_a_desk_in_its_break_begins_the_break_anew_after_it() {
    let mut rig = talking(WORK_MS);
    end(&mut rig, End::Agent);
    set_at(&mut rig, DESK, AgentMode::NotReady, MEAL);
    assert_eq!(rig.reply_data.take(), None, "during the work it begins at once");
    rig.pass(3_000);
    rig.ring_into_queue(1, "5550000");
    let deflect_call = rig.connection(2, "5000");
    rig.ask(ALL, Request::PickupCall { deflect_call, called_device: device("1003") }).expect("a free headset");
    rig.pass(8_000);
    rig.line(1, LineEvent::Released(DisconnectSignal::Tone));
    rig.pass(WORK_MS + 1_000);
    assert_eq!((rig.agent_state("1003"), breaks(&rig, MEAL)), (AgentState::NotReady, 2));
}
