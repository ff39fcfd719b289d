//! The ledger, entry by entry. `recomputed` computes every figure a second time; `lost` has the callers who are to be
//! called back.
//!
//! Never: runs in the program.

mod lost;
mod recomputed;

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bounds;
use super::event::{CallKey, Entry, Event};
use super::figures::{Figures, Limits, ServiceLevel};
use super::ledger::{Key, Ledger};
use super::rows::{AgentRow, CallRow, DEFINITIONS, TrunkRow};
use crate::acd::ids::Reason;
use crate::agent::Activity;
use crate::csta::{AgentId, CallId, DeviceId};

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("a short name")
}

fn agent(text: &str) -> AgentId {
    AgentId::new(text).expect("a short name")
}

const BEGIN: u64 = 1_700_000_000_000;

fn entry(seq: u64, at: u64, event: Event) -> Entry {
    Entry { seq, at: BEGIN + at * 1000, event }
}

fn queued(call: i32, caller: &str) -> Event {
    let (queue, caller, dialled) = (device("hotline"), device(caller), device("95598"));
    Event::Queued { call: CallId(call), queue, caller, dialled, group: DeviceId::EMPTY }
}

fn hour() -> Bounds {
    Bounds::regular(BEGIN, 3_600_000, 1).expect("ascending")
}

#[test]
fn the_service_level_is_given_by_each_formula_and_of_no_calls_there_is_none() {
    let figures = Figures {
        offered: 100,
        answered: 80,
        answered_in_time: 60,
        abandoned: 15,
        abandoned_in_time: 9,
        abandoned_short: 5,
        ..Figures::default()
    };
    let all = ServiceLevel::ALL.map(|(formula, _)| formula.of(&figures).expect("calls"));
    let expected = [0.6, 60.0 / 95.0, 60.0 / 90.0, 60.0 / 86.0, 69.0 / 95.0, 0.75];
    assert_eq!(all, expected);
    assert!(ServiceLevel::ALL.iter().all(|(formula, _)| formula.of(&Figures::default()).is_none()));
}

#[test]
fn a_clock_set_back_takes_no_time_away_and_a_gap_in_the_log_is_counted() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    ledger.apply(&entry(0, 100, queued(1, "5551")));
    ledger.apply(&entry(1, 50, Event::Answered { call: CallId(1), agent: agent("7001"), rings: 1 }));
    let total = ledger.total(&Key::Queue(device("hotline")));
    assert_eq!((total.answered, total.wait_answered), (1, 0));
    ledger.apply(&entry(1, 200, Event::Abandoned { call: CallId(1), due: None }));
    assert_eq!(ledger.gaps(), 0, "an entry read twice is no gap");
    ledger.apply(&entry(5, 200, queued(2, "")));
    assert_eq!(ledger.gaps(), 3);
}

#[test]
fn the_live_view_shows_who_waits_and_since_when_agents_do_what_they_do() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let work = Event::Agent { agent: agent("7001"), to: Activity::AfterCallWork, queue: device("hotline") };
    for (seq, (at, event)) in [(0, queued(1, "")), (5, queued(2, "")), (7, work)].into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    assert_eq!(ledger.waiting(&device("hotline")), (2, 7000));
    assert_eq!(ledger.activity(&agent("7001")), Some((Activity::AfterCallWork, 0)));
    ledger.apply(&entry(3, 9, Event::Abandoned { call: CallId(1), due: None }));
    assert_eq!(ledger.waiting(&device("hotline")), (1, 4000));
}

#[test]
fn bounds_hold_days_of_any_length_and_refuse_disorder() {
    let hours = |n: u64| BEGIN + n * 3_600_000;
    let days = Bounds::new(vec![hours(0), hours(23), hours(48)]).expect("ascending");
    assert_eq!(days.interval(0), (hours(0), hours(23)));
    assert!(Bounds::new(vec![hours(1), hours(1)]).is_none() && Bounds::new(vec![hours(1)]).is_none());
}

#[test]
fn every_column_has_a_definition_and_an_entry_reads_back_as_written() {
    fn columns<T: serde::Serialize>(row: &T) -> Vec<String> {
        let serde_json::Value::Object(map) = serde_json::to_value(row).expect("plain") else { panic!("a row") };
        map.keys().cloned().collect()
    }
    let bounds = hour();
    let mut ledger = Ledger::new(bounds, Limits::default(), BTreeMap::new());
    let idle = Event::Agent { agent: agent("7001"), to: Activity::Idle, queue: DeviceId::EMPTY };
    let seized = Event::Seized { trunk: device("T1"), group: device("city"), incoming: true };
    let too_long = Event::BreakTooLong { agent: agent("7001"), reason: 1 };
    let left = Event::Abandoned { call: CallId(1), due: Some(BEGIN) };
    for (seq, event) in [queued(1, "5551"), idle, seized, too_long, left].into_iter().enumerate() {
        let entry = entry(seq as u64, 1, event);
        let text = serde_json::to_string(&entry).expect("plain");
        assert_eq!(serde_json::from_str::<Entry>(&text).expect("reads back"), entry);
        ledger.apply(&entry);
    }
    ledger.close(BEGIN + 3_600_000);
    let calls: Vec<CallRow> = ledger.call_rows(|_| true, |_| ServiceLevel::Standard);
    let agents: Vec<AgentRow> = ledger.agent_rows();
    let breaks = ledger.break_rows(|_| String::new());
    let trunks: Vec<TrunkRow> = ledger.trunk_rows();
    assert_eq!((trunks[0].traffic * 3600.0).round(), 3599.0);
    assert_eq!((agents[0].idle, agents[0].occupancy), (3599.0, Some(0.0)));
    let returns = ledger.return_rows();
    let all = [columns(&calls[0]), columns(&agents[0]), columns(&trunks[0]), columns(&breaks[0]), columns(&returns[0])];
    let used: BTreeSet<_> = all.into_iter().flatten().collect();
    let defined: BTreeSet<_> = DEFINITIONS.iter().map(|(column, _)| (*column).to_owned()).collect();
    assert_eq!(used, defined);
}

#[test]
fn breaks_are_counted_by_reason_and_one_beyond_its_limit_lasts_until_the_agent_returns() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let to = |to| Event::Agent { agent: agent("7001"), to, queue: DeviceId::EMPTY };
    let too_long = Event::BreakTooLong { agent: agent("7001"), reason: 1 };
    let id = agent("7001");
    let steps = [
        (0, to(Activity::Idle), None),
        (10, to(Activity::NotReady(Reason(1))), None),
        (40, too_long, Some(1)),
        (50, to(Activity::Talking), Some(1)),
        (60, to(Activity::NotReady(Reason(1))), Some(1)),
        (70, to(Activity::NotReady(Reason(2))), None),
        (75, to(Activity::Idle), None),
    ];
    for (seq, (at, event, over)) in steps.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
        assert_eq!(ledger.break_too_long(&id), over, "at {at} s");
    }
    ledger.close(BEGIN + 100_000);
    let rows = ledger.break_rows(|code| format!("reason {code}"));
    let figures: Vec<_> =
        rows.iter().map(|row| (row.reason_name.as_str(), row.breaks, row.break_time, row.breaks_too_long)).collect();
    assert_eq!(figures, [("reason 1", 2, 50.0, 1), ("reason 2", 1, 5.0, 0)]);
    assert_eq!(ledger.agent_rows()[0].not_ready, 55.0, "the same time in all");
}

#[test]
fn after_a_start_what_was_cut_off_has_ended_with_the_last_entry_before() {
    let mut ledger = Ledger::new(hour(), Limits::default(), BTreeMap::new());
    let idle = Event::Agent { agent: agent("7001"), to: Activity::Idle, queue: DeviceId::EMPTY };
    let seized = Event::Seized { trunk: device("T1"), group: device("city"), incoming: true };
    let answered = Event::Answered { call: CallId(2), agent: agent("7001"), rings: 1 };
    let events = [(0, idle), (0, seized), (10, queued(1, "5551")), (10, queued(2, "")), (20, answered)];
    for (seq, (at, event)) in events.into_iter().enumerate() {
        ledger.apply(&entry(seq as u64, at, event));
    }
    ledger.apply(&entry(5, 500, Event::Started));
    ledger.close(BEGIN + 600_000);
    let total = ledger.total(&Key::Queue(device("hotline")));
    assert_eq!((total.offered, total.answered, total.cleared, total.handled), (2, 1, 1, 0));
    assert_eq!(ledger.waiting(&device("hotline")), (0, 0));
    assert_eq!(ledger.agent_rows()[0].idle, 20.0, "nothing is known of the time between");
    assert_eq!((ledger.activity(&agent("7001")), ledger.trunks(&device("city"))), (None, (0, 0)));
}
