//! Reasons of *not ready* and of log-outs: on the wire, in the records, and with their limits.
//!
//! Never: judges the agent's machine alone; its own tests do that.

use tipring_driver::time::Ticks;

use super::rig::{ALL, Rig};
use super::{book, device, menu, site};
use crate::acd::ids::Reason;
use crate::action::Trouble;
use crate::agent::ReasonRule;
use crate::config::{AcdConfig, Config};
use crate::csta::private::RequestData;
use crate::csta::tipring::{REASONS_PAGE, TipringReply, TipringRequest};
use crate::csta::{AgentId, AgentMode, AgentState, DeviceId, InvokeId, Request};
use crate::report::event::Event;
use crate::store::Record;

fn rule(code: u8, name: &str, limit_s: Option<u64>) -> ReasonRule {
    ReasonRule { code: Reason(code), name: name.into(), limit: limit_s.map(Ticks::from_secs) }
}

fn with_reasons() -> Config {
    Config { reasons: vec![rule(1, "小休", Some(900)), rule(2, "meal", None)], ..site() }
}

/// Asks for a state of agent 7001 at 1001 with a reason code.
fn set(rig: &mut Rig, mode: AgentMode, reason_code: i32) {
    set_at(rig, ("1001", "7001"), mode, reason_code);
}

/// Asks for a state of an agent at a station with a reason code.
pub(super) fn set_at(rig: &mut Rig, (station, agent): (&str, &str), mode: AgentMode, reason_code: i32) {
    let request = Request::SetAgentState {
        device: device(station),
        mode,
        agent_id: AgentId::new(agent).expect("short"),
        agent_group: DeviceId::EMPTY,
        password: Default::default(),
    };
    let data = RequestData { reason_code, ..RequestData::default() };
    rig.core.handle_request(ALL, InvokeId(9_999), request, Some(Box::new(data)));
    rig.pump();
}

/// The state and the reason code of each record of an agent.
fn kept(rig: &Rig) -> Vec<(AgentState, u8)> {
    let agents = rig.records.iter().filter_map(|record| match record {
        Record::Agent(change) => Some((change.state, change.reason)),
        _ => None,
    });
    agents.collect()
}

#[test]
fn a_reason_goes_with_the_event_the_record_and_the_query_of_the_state() {
    let mut rig = Rig::of(with_reasons());
    rig.ready("1001", "7001");
    rig.monitor("1001");
    for code in [1, 2, 55] {
        set(&mut rig, AgentMode::NotReady, code);
        let data = rig.event_data.take().expect("private data");
        assert_eq!(data.reason_code, code, "another reason is an event of its own; one without a name as well");
        rig.ask(ALL, Request::QueryAgentState { device: device("1001") }).expect("the state");
        let state = rig.reply_data.take().and_then(|data| data.agent_state).expect("the reason");
        assert_eq!(state.reason_code, code);
    }
    set(&mut rig, AgentMode::LogOut, 2);
    assert_eq!(rig.event_data.take().map(|data| data.reason_code), Some(2), "a log-out has a reason too");
    let kept = kept(&rig);
    let expected = [(AgentState::NotReady, 1), (AgentState::NotReady, 2), (AgentState::NotReady, 55)];
    assert_eq!(kept[kept.len() - 4..kept.len() - 1], expected);
    assert_eq!(kept.last(), Some(&(AgentState::Null, 2)));
}

#[test]
fn a_break_beyond_its_limit_is_a_trouble_and_an_entry_of_the_log_once() {
    let mut rig = Rig::of(with_reasons());
    rig.ready("1001", "7001");
    set(&mut rig, AgentMode::NotReady, 1);
    rig.skip(899_000);
    assert!(rig.troubles.is_empty());
    rig.skip(2_000_000);
    let agent = AgentId::new("7001").expect("short");
    let trouble = Trouble::BreakTooLong { agent, reason: "1, 小休".into(), limit: Ticks::from_secs(900) };
    assert_eq!(rig.troubles, [trouble]);
    assert_eq!(rig.troubles[0].to_string(), "Agent 7001 is not ready (1, 小休) for longer than 900 s");
    let entries = rig.log.iter().filter(|entry| matches!(entry.event, Event::BreakTooLong { reason: 1, .. }));
    assert_eq!(entries.count(), 1);
    set(&mut rig, AgentMode::NotReady, 2);
    rig.skip(10_000_000);
    assert_eq!(rig.troubles.len(), 1, "a reason without a limit");
}

#[test]
fn other_limits_are_in_force_for_the_breaks_that_go_on() {
    let mut rig = Rig::of(with_reasons());
    rig.ready("1001", "7001");
    set(&mut rig, AgentMode::NotReady, 1);
    rig.skip(600_000);
    let Config { queues, agents, callers, .. } = site();
    let acd = AcdConfig { queues, agents, callers, reasons: vec![rule(1, "break", Some(300))] };
    rig.core.handle_acd_config(&acd, book(&[menu().flow("main")])).expect("no fault");
    rig.pump();
    assert_eq!(rig.troubles.len(), 1, "ten minutes are more than five");
    assert!(rig.troubles[0].to_string().contains("(1, break)"));
}

#[test]
fn the_names_of_reasons_are_read_page_by_page_and_each_page_fits_a_private_area() {
    let name = "休".repeat(13);
    let reasons = (1..=99).map(|code| rule(code, &name, Some(u64::from(u32::MAX)))).collect();
    let mut rig = Rig::of(Config { reasons, ..site() });
    let (mut from, mut read) = (0, 0);
    loop {
        let reply = rig.tipring(ALL, TipringRequest::QueryReasons { from }).expect("a page");
        let octets = serde_json::to_string(&reply).expect("JSON").len();
        let TipringReply::QueryReasons { reasons, next } = reply else { panic!("{reply:?}") };
        assert!(octets < 1_000 && reasons.len() <= REASONS_PAGE, "{octets} octets");
        read += reasons.len();
        if next == 0 {
            break;
        }
        assert_eq!(next, reasons.last().map_or(0, |last| last.code + 1));
        from = next;
    }
    assert_eq!(read, 99);
}
