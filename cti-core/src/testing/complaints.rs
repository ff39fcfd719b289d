//! Faults that users of other call centres report in public, each as the right behaviour. The table of all of them,
//! with the tests elsewhere, is `tools/docs/complaints.md`.
//!
//! Never: looks into the model; it judges what monitors, lines, records and figures show.

use tipring_driver::line::LineEvent;
use tipring_driver::time::Ticks;

use super::device;
use super::queues::with;
use super::rig::{ALL, Rig};
use crate::acd::rule::{QueueRules, Strategy};
use crate::csta::{AgentId, AgentMode, AgentState, Request};
use crate::report::ledger::Key;
use crate::store::{Record, RecordingRecord};

/// An agent at 1001 talks to the first caller of the queue 5000.
pub(super) fn talking() -> Rig {
    let mut rig = Rig::new();
    rig.ready("1001", "7001");
    rig.ring_into_queue(0, "5551234");
    rig.line(2, LineEvent::OffHook);
    rig
}

/// The agent at 1001 transfers the caller to 1002, which answers.
fn transfer(rig: &mut Rig) {
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("1002") }).expect("consults");
    rig.line(3, LineEvent::OffHook);
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::TransferCall { held_call, active_call }).expect("transferred");
}

fn recordings(rig: &Rig) -> Vec<&RecordingRecord> {
    rig.records
        .iter()
        .filter_map(|record| match record {
            Record::Recording(recording) => Some(recording),
            _ => None,
        })
        .collect()
}

#[test]
fn the_fixed_order_goes_on_when_the_agent_who_stands_last_is_not_to_be_had() {
    let mut config = with(QueueRules { strategy: Strategy::FixedOrder, ..QueueRules::default() });
    config.agents[0].queues[0].position = 1;
    config.agents[1].queues[0].position = 2;
    let mut rig = Rig::of(config);
    rig.ready("1001", "7001");
    rig.ready("1002", "7002");
    rig.line(3, LineEvent::OutOfService);
    for caller in ["5551111", "5552222", "5553333"] {
        rig.ring_into_queue(0, caller);
        assert!(rig.commanded().contains(&format!("2 ring for {caller}")), "{caller} rings at the first");
        rig.line(2, LineEvent::OffHook);
        rig.line(2, LineEvent::OnHook);
        rig.line(0, LineEvent::Idle);
        rig.agent("1001", "7001", AgentMode::Ready).expect("ready");
    }
}

#[test]
fn the_work_after_a_call_ends_by_itself_for_each_agent_and_not_only_for_the_last() {
    let mut rig = Rig::new();
    for (station, agent, channel) in [("1001", "7001", 2), ("1002", "7002", 3)] {
        rig.ready(station, agent);
        rig.ring_into_queue(channel - 2, "5551234");
        rig.line(channel, LineEvent::OffHook);
    }
    for channel in [2, 3] {
        rig.line(channel, LineEvent::OnHook);
        rig.pass(1000);
    }
    let states = |rig: &mut Rig| ["1001", "1002"].map(|station| rig.agent_state(station));
    assert_eq!(states(&mut rig), [AgentState::WorkNotReady; 2]);
    rig.pass(3001);
    assert_eq!(states(&mut rig), [AgentState::Ready, AgentState::WorkNotReady]);
    rig.pass(1000);
    assert_eq!(states(&mut rig), [AgentState::Ready; 2]);
}

#[test]
fn an_agent_of_two_queues_has_the_work_of_the_one_served_and_no_call_of_the_other_meanwhile() {
    let mut config = super::site();
    config.queues[1].after_call_work = Ticks::from_secs(20);
    let mut rig = Rig::of(config);
    rig.ready("1001", "7001");
    rig.ring_in(0, "5551111");
    rig.keys(0, "2");
    rig.line(2, LineEvent::OffHook);
    rig.line(2, LineEvent::OnHook);
    rig.ring_into_queue(1, "5552222");
    rig.pass(19_000);
    assert!(!rig.commanded().contains(&"2 ring for 5552222".to_owned()), "the work of the other queue has 20 s");
    rig.pass(1_001);
    assert!(rig.commanded().contains(&"2 ring for 5552222".to_owned()));
}

#[test]
fn the_talk_of_an_agent_who_transfers_ends_with_the_transfer() {
    let mut rig = talking();
    rig.pass(30_000);
    transfer(&mut rig);
    rig.line(2, LineEvent::OnHook);
    rig.pass(3_600_000);
    rig.line(3, LineEvent::OnHook);
    let figures = rig.ledger.total(&Key::Agent(AgentId::new("7001").expect("short")));
    assert_eq!((figures.answered, figures.handled, figures.transferred), (1, 1, 1));
    assert_eq!(figures.talk, 30_000, "not an hour more");
}

#[test]
fn a_transfer_leaves_the_line_and_the_log_in_of_the_agent_as_they_were() {
    let mut rig = talking();
    transfer(&mut rig);
    rig.line(2, LineEvent::OnHook);
    rig.pass(5_001);
    rig.commanded();
    rig.ring_into_queue(1, "5552222");
    assert!(rig.commanded().contains(&"2 ring for 5552222".to_owned()), "the agent has the next call");
}

#[test]
fn one_recording_goes_on_over_hold_consultation_transfer_and_a_second_conversation() {
    let mut rig = talking();
    rig.pass(10_000);
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::HoldCall { active_call, reservation: false }).expect("held");
    rig.pass(5_000);
    rig.ask(ALL, Request::RetrieveCall { held_call: active_call }).expect("retrieved");
    transfer(&mut rig);
    rig.line(2, LineEvent::OnHook);
    rig.pass(20_000);
    rig.line(3, LineEvent::OnHook);
    rig.pass(1);
    let all = recordings(&rig);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].samples, all[0].end.reason().is_none()), (35_000 * 8, true));
    let of = rig.calls().iter().filter(|call| call.recording == Some(all[0].recording)).count();
    assert_eq!(of, 1, "one record names it");
}

#[test]
fn when_the_outside_party_has_gone_the_agents_who_stay_are_not_recorded() {
    let mut rig = talking();
    let active_call = rig.connection(1, "1001");
    rig.ask(ALL, Request::ConsultationCall { active_call, called_device: device("1002") }).expect("consults");
    rig.line(3, LineEvent::OffHook);
    let (held_call, active_call) = (rig.connection(1, "1001"), rig.connection(2, "1001"));
    rig.ask(ALL, Request::ConferenceCall { held_call, active_call }).expect("a conference");
    rig.pass(10_000);
    rig.line(0, LineEvent::Released(tipring_driver::line::DisconnectSignal::Tone));
    rig.pass(60_000);
    let all = recordings(&rig);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].samples, 10_000 * 8);
}
