//! Calls in flows: what a caller hears, where the call goes, and what comes of a destination that cannot have it.
//!
//! Never: judges a walk alone; `flow/tests` does that.

use std::collections::BTreeMap;

use tipring_driver::ids::PromptId;
use tipring_driver::line::{DisconnectSignal, LineEvent};
use tipring_driver::media::{MediaCommand, MediaEnd, MediaEvent};
use tipring_driver::time::Ticks;

use super::rig::{ALL, Rig};
use super::{book, key, menu, site};
use crate::acd::rule::{Condition, Gate, Target};
use crate::config::{Config, Destination};
use crate::csta::private::RequestData;
use crate::csta::vendor::VendorRequest;
use crate::flow::calendar::Routes;
use crate::flow::check::FlowSource;
use crate::flow::node::Node;
use crate::flow::walk::DipAnswer;
use crate::store::{MarkKind, Outcome, PauseEnd, Record, ReleasedBy};

/// A flow from JSON nodes.
pub(super) fn flow(name: &str, nodes: &[(&str, &str)]) -> FlowSource {
    let node = |text: &str| serde_json::from_str::<Node>(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let nodes = nodes.iter().map(|&(name, text)| (name.to_owned(), 1, node(text))).collect();
    FlowSource { name: name.to_owned(), version: 1, nodes }
}

/// The site of the tests with another flow `main`.
fn with(nodes: &[(&str, &str)]) -> Config {
    Config { flows: book(&[flow("main", nodes)]), ..site() }
}

/// The prompt that plays on the first trunk.
fn plays(rig: &Rig) -> Option<PromptId> {
    rig.media.iter().rev().find_map(|command| match command {
        MediaCommand::Play { prompt, .. } => Some(*prompt),
        _ => None,
    })
}

/// The prompt that plays comes to its end.
fn prompt_ends(rig: &mut Rig) {
    let task = rig.media.iter().rev().find_map(|command| match command {
        MediaCommand::Play { task, .. } => Some(*task),
        _ => None,
    });
    let task = task.expect("a prompt plays");
    rig.media_ends(MediaEvent::PlayEnded { task, end: MediaEnd::Complete });
}

fn keys(rig: &mut Rig, keys: &str) {
    for each in keys.chars() {
        rig.line(0, LineEvent::Digit(key(each)));
    }
}

const BALANCE: [(&str, &str); 6] = [
    (
        "number",
        r##"{"do":"collect","prompt":"number","into":"meter","min":4,"max":6,"end":"#","wait":5000,"between":3000,
            "tries":2,"next":"dip","no_key":"end","too_few":"end"}"##,
    ),
    (
        "dip",
        r#"{"do":"dip","source":"balance","key":"meter","wait":2000,"into":"due","next":"say","none":"end",
            "failed":"agent"}"#,
    ),
    ("say", r#"{"do":"say","kind":"money","value":"due","next":"agent","failed":"agent"}"#),
    ("agent", r#"{"do":"queue","queue":"5000","full":"busy"}"#),
    ("busy", r#"{"do":"busy"}"#),
    ("end", r#"{"do":"end"}"#),
];

#[test]
fn a_caller_keys_a_number_hears_what_is_due_and_the_agent_sees_both() {
    let mut rig = Rig::of(with(&BALANCE));
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.ring_in(0, "5551234");
    assert_eq!(plays(&rig), Some(PromptId(2)));
    keys(&mut rig, "0571#");
    let [(dip, ref source, ref meter)] = rig.dips[..] else { panic!("{:?}", rig.dips) };
    assert_eq!((source.as_str(), meter.as_str()), ("balance", "0571"));
    rig.core.handle_dipped(dip, DipAnswer::Found("12.50".into()));
    rig.pump();
    let [(composed, ref parts)] = rig.composed[..] else { panic!("one play of all phrases: {:?}", rig.composed) };
    assert_eq!((plays(&rig), parts.len()), (Some(composed), 5));
    prompt_ends(&mut rig);
    let data = rig.data.clone().expect("data with Delivered");
    let variables: Vec<_> = data.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!((variables, data.keyed.as_str()), (vec![("due", "12.50"), ("meter", "0571")], "0571#"));
}

#[test]
fn a_source_that_does_not_answer_in_time_leads_on_and_its_late_answer_changes_nothing() {
    let mut rig = Rig::of(with(&BALANCE));
    rig.ring_in(0, "5551234");
    keys(&mut rig, "0571#");
    rig.pass(1999);
    assert_eq!(rig.core.queue_waiting(&super::device("5000")), Some(0));
    rig.pass(1);
    assert_eq!(rig.core.queue_waiting(&super::device("5000")), Some(1), "by the way on of a failure");
    let late = rig.dips[0].0;
    rig.core.handle_dipped(late, DipAnswer::Found("12.50".into()));
    rig.pump();
    assert!(rig.composed.is_empty() && rig.core.dips.is_empty());
    assert_eq!(rig.core.counters().failed_dips, 1);
}

#[test]
fn a_question_dies_with_its_call() {
    let mut rig = Rig::of(with(&BALANCE));
    rig.ring_in(0, "5551234");
    keys(&mut rig, "0571#");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    assert!(rig.core.dips.is_empty());
    assert_eq!(rig.calls()[0].outcome, Outcome::AbandonedInIvr);
}

#[test]
fn a_flow_that_ends_has_served_its_caller_and_clears_the_call() {
    let mut rig = Rig::of(with(&BALANCE));
    rig.ring_in(0, "5551234");
    keys(&mut rig, "0571#");
    let dip = rig.dips[0].0;
    rig.core.handle_dipped(dip, DipAnswer::None);
    rig.pump();
    let calls = rig.calls();
    assert_eq!((calls[0].outcome, calls[0].released_by), (Outcome::ServedInIvr, ReleasedBy::System));
    assert_eq!(rig.core.calls(), 0);
}

#[test]
fn masked_digits_are_in_no_record_and_on_no_screen() {
    let masked = BALANCE.map(|(name, text)| (name, text.replace("\"tries\":2,", "\"tries\":2,\"masked\":true,")));
    let nodes = masked.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut rig = Rig::of(with(&nodes));
    rig.ready("1001", "7001");
    rig.monitor("1001");
    rig.ring_in(0, "5551234");
    keys(&mut rig, "0571#");
    let dip = rig.dips[0].0;
    assert_eq!(rig.dips[0].2, "0571", "the source gets it");
    rig.core.handle_dipped(dip, DipAnswer::Failed("closed".into()));
    rig.pump();
    let data = rig.data.clone().expect("data with Delivered");
    assert!(data.variables.is_empty() && data.keyed.is_empty(), "{data:?}");
}

/// The pauses of recorders so far.
fn pauses(rig: &Rig) -> Vec<bool> {
    let pause = |command: &MediaCommand| match *command {
        MediaCommand::Pause { pause, .. } => Some(pause),
        _ => None,
    };
    rig.media.iter().filter_map(pause).collect()
}

/// A caller who talks to 1001 and is recorded is transferred to a queue that leads to a flow with masked digits.
fn transferred_to_masked_digits() -> Rig {
    let masked = BALANCE.map(|(name, text)| (name, text.replace("\"tries\":2,", "\"tries\":2,\"masked\":true,")));
    let nodes = masked.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut rig = Rig::of(with(&nodes));
    rig.ready("1001", "7001");
    rig.ring_in(0, "5551234");
    keys(&mut rig, "0571#");
    let dip = rig.dips[0].0;
    rig.core.handle_dipped(dip, DipAnswer::Failed("closed".into()));
    rig.pump();
    rig.line(2, LineEvent::OffHook);
    assert!(pauses(&rig).is_empty(), "the flow came before the conversation");
    let second = crate::device::QueueIx(1);
    let mut rules = rig.core.floor.rules(second).clone();
    rules.gate = vec![Gate { when: Condition::Always, to: Target::To(Destination::Flow(super::device("main"))) }];
    rig.core.floor.set_rules(second, rules, rig.now);
    let active_call = rig.connection(1, "1001");
    let request = VendorRequest::SingleStepTransferCall { active_call, transferred_to: super::device("5001") };
    rig.escape(ALL, RequestData { vendor: Some(request), ..RequestData::default() }).expect("transferred");
    rig
}

#[test]
fn masked_digits_of_a_recorded_call_are_in_no_recording() {
    let mut rig = transferred_to_masked_digits();
    assert_eq!(pauses(&rig), [true]);
    rig.pass(1999);
    keys(&mut rig, "0571#");
    assert_eq!(pauses(&rig), [true], "the tone of the last key goes on");
    rig.pass(999);
    assert_eq!(pauses(&rig), [true]);
    rig.pass(1);
    assert_eq!(pauses(&rig), [true, false]);
    let kinds = rig.records.iter().filter_map(|record| match record {
        Record::Mark(mark) => Some((mark.kind, mark.user.as_str())),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), [(MarkKind::Pause, "")]);
}

#[test]
fn digits_are_masked_in_each_try_and_to_the_end_of_the_call() {
    let mut rig = transferred_to_masked_digits();
    prompt_ends(&mut rig);
    rig.pass(5000);
    assert_eq!(pauses(&rig), [true], "a second try");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    let ends = rig.records.iter().filter_map(|record| match record {
        Record::MarkEnd(end) => Some(end.by),
        _ => None,
    });
    assert_eq!(ends.collect::<Vec<_>>(), [PauseEnd::Ended]);
}

const TRANSFER: [(&str, &str); 4] = [
    ("transfer", r#"{"do":"transfer","to":"1002","failed":"sorry"}"#),
    ("sorry", r#"{"do":"play","prompt":"welcome","next":"agent"}"#),
    ("agent", r#"{"do":"queue","queue":"5000","full":"busy"}"#),
    ("busy", r#"{"do":"busy"}"#),
];

#[test]
fn a_station_that_is_engaged_or_does_not_answer_gives_the_caller_back_to_the_flow() {
    let mut rig = Rig::of(with(&TRANSFER));
    rig.line(3, LineEvent::OffHook);
    rig.ring_in(0, "5551234");
    assert_eq!(plays(&rig), Some(PromptId(1)), "engaged");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    rig.line(3, LineEvent::OnHook);
    rig.media.clear();
    rig.monitor("T2");
    rig.ring_in(1, "5559876");
    rig.pass(59_999);
    assert_eq!(plays(&rig), None);
    rig.reported();
    rig.pass(1);
    assert_eq!(plays(&rig), Some(PromptId(1)), "no answer in 60 s");
    let reports = rig.reported();
    assert!(reports[0].starts_with("DT2: diverted 1002 to 6000"), "{reports:?}");
    assert!(reports[1].starts_with("DT2: delivered 6000 from 5559876"), "{reports:?}");
    prompt_ends(&mut rig);
    assert_eq!(rig.core.queue_waiting(&super::device("5000")), Some(1));
}

#[test]
fn a_caller_whom_the_gate_or_the_longest_wait_turns_away_goes_on_in_the_flow() {
    let nodes = [
        ("agent", r#"{"do":"queue","queue":"5000","full":"sorry"}"#),
        ("sorry", r#"{"do":"play","prompt":"welcome","next":"end"}"#),
        ("end", r#"{"do":"end"}"#),
    ];
    let mut rig = Rig::of(with(&nodes));
    rig.ring_in(0, "5551234");
    assert_eq!(plays(&rig), None, "waits");
    rig.skip(3_600_000);
    assert_eq!(plays(&rig), Some(PromptId(1)));
    prompt_ends(&mut rig);
    assert_eq!(rig.core.calls(), 0);
    rig.media.clear();
    let mut rules = rig.core.floor.rules(crate::device::QueueIx(0)).clone();
    rules.gate = vec![Gate { when: Condition::NoAgents, to: Target::Busy(None) }];
    rig.core.floor.set_rules(crate::device::QueueIx(0), rules, rig.now);
    rig.ring_in(1, "5559876");
    assert_eq!(plays(&rig), Some(PromptId(1)), "no agent is logged on");
}

#[test]
fn a_calendar_is_read_at_the_moment_of_the_call() {
    let nodes = [
        ("hours", r#"{"do":"calendar","calendar":"hours","cases":{"open":"agent"},"default":"night"}"#),
        ("agent", r#"{"do":"queue","queue":"5000","full":"busy"}"#),
        ("night", r#"{"do":"play","prompt":"welcome","next":"busy"}"#),
        ("busy", r#"{"do":"busy"}"#),
    ];
    let mut rig = Rig::of(with(&nodes));
    let routes = Routes { first: "night".into(), changes: vec![(site().epoch_ms + 60_000, "open".into())] };
    rig.core.handle_calendars(BTreeMap::from([("hours".to_owned(), routes)]));
    rig.ring_in(0, "5551234");
    assert_eq!(plays(&rig), Some(PromptId(1)));
    rig.skip(60_000);
    rig.ring_in(1, "5559876");
    assert_eq!(rig.core.queue_waiting(&super::device("5000")), Some(1));
}

#[test]
fn a_caller_finishes_the_version_begun_and_the_next_caller_hears_the_new_one() {
    let mut rig = Rig::new();
    rig.ring_in(0, "5551234");
    let quick = menu();
    let newer = FlowSource {
        version: 2,
        ..crate::flow::one_key_menu::OneKeyMenu { prompt: Some("number".into()), ..quick }.flow("main")
    };
    rig.core.handle_flows(book(&[newer]));
    prompt_ends(&mut rig);
    rig.pass(Ticks::from_secs(5).as_ms());
    assert_eq!(plays(&rig), Some(PromptId(1)), "once more, as before");
    rig.ring_in(1, "5559876");
    assert_eq!(plays(&rig), Some(PromptId(2)));
}

#[test]
fn a_flow_that_the_newest_version_has_not_any_more_gives_busy_tone_and_a_sentence() {
    let mut rig = Rig::new();
    rig.core.handle_flows(book(&[menu().flow("other")]));
    rig.ring_in(0, "5551234");
    assert!(rig.troubles[0].to_string().contains("the flow main"), "{:?}", rig.troubles);
    assert!(rig.media.iter().any(|command| matches!(command, MediaCommand::Tone { tone: Some(_), .. })));
}
