//! Calling back, customer first, seen in calls: an agent is kept, the customer is dialled, and is the next in line.
//!
//! Never: rings the agent's telephone before the customer has answered.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};

use super::call_backs::{leaves, order, outcomes, states};
use super::queues::{gate, heard, overflow, with};
use super::rig::Rig;
use super::walks::flow;
use super::{book, device, key};
use crate::acd::callers::CallerSet;
use crate::acd::rule::{CallBackRule, CalledFirst, Condition, QueueRules, Target};
use crate::config::{CallerConfig, Destination};
use crate::csta::AgentMode;
use crate::store::{AttemptOutcome, CallBackOrder, CallBackState, Outcome};
use crate::time::Ticks;

/// A queue that offers call-backs and calls customers first: `welcome` at the answer, `number` for a delay.
fn rules() -> QueueRules {
    let prompts = [Some("welcome".to_owned()), Some("number".to_owned())];
    let [answered, delayed] = prompts;
    let prompt = Some("number".to_owned());
    let rule =
        CallBackRule { first: CalledFirst::Customer, tries: 2, prompt, answered, delayed, ..CallBackRule::default() };
    QueueRules { call_back: Some(rule), ..gate(Condition::Always, Target::CallBack) }
}

/// The customer 5551234 is being dialled on the second trunk, and 7001 at 1001 is kept.
fn dialled() -> Rig {
    let mut rig = Rig::of(with(rules()));
    leaves(&mut rig, "5551234");
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["1 dial 5551234"], "the customer, and no telephone of an agent");
    rig.line(1, LineEvent::Dialled);
    rig
}

#[test]
fn the_customer_is_dialled_with_an_agent_kept_and_rings_at_that_agent_on_answering() {
    let mut rig = dialled();
    rig.line(1, LineEvent::Answered);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    assert_eq!(heard(&rig, 1).0.last(), Some(&1), "the customer hears whose call it is");
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::Reached, 1)]);
    assert_eq!(outcomes(&rig), [AttemptOutcome::Answered]);
    rig.line(2, LineEvent::OffHook);
    rig.line(1, LineEvent::Released(DisconnectSignal::Tone));
    rig.line(2, LineEvent::OnHook);
    let call = *rig.calls().last().expect("a record");
    assert_eq!((call.queue, call.outcome), (Some(device("5000")), Outcome::Answered));
    let figures = rig.figures("5000");
    assert_eq!((figures.called_back, figures.answered, figures.call_backs_lost), (1, 1, 0));
}

#[test]
fn no_more_customers_are_dialled_than_agents_are_kept() {
    let mut rig = Rig::of(with(rules()));
    leaves(&mut rig, "5551234");
    leaves(&mut rig, "5555678");
    rig.ready("1001", "7001");
    assert_eq!(rig.commanded(), ["1 dial 5551234"]);
    rig.pass(1000);
    assert_eq!(rig.commanded(), [""; 0], "one agent, one customer");
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded(), ["0 dial 5555678"]);
}

#[test]
fn the_customer_who_has_answered_comes_before_a_vip_who_came_meanwhile() {
    let mut config = with(rules());
    let callers = CallerSet::Number("13800*".into());
    config.callers = vec![CallerConfig { callers, credit: Ticks::from_secs(3600), owner: None }];
    let mut rig = Rig::of(config);
    leaves(&mut rig, "5551234");
    rig.ready("1001", "7001");
    rig.line(1, LineEvent::Dialled);
    rig.ring_into_queue(0, "13800138000");
    rig.commanded();
    rig.line(1, LineEvent::Answered);
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
}

#[test]
fn a_customer_whose_agent_has_gone_is_told_stays_first_and_is_not_dialled_again() {
    let mut rig = dialled();
    rig.agent("1001", "7001", AgentMode::NotReady).expect("a break");
    rig.ready("1002", "7002");
    assert_eq!(rig.commanded(), [""; 0], "another agent is kept, and the same call goes on");
    rig.agent("1002", "7002", AgentMode::NotReady).expect("a break");
    rig.line(1, LineEvent::Answered);
    assert_eq!(heard(&rig, 1).0.last(), Some(&1));
    super::queues::prompt_ends(&mut rig, 1);
    assert_eq!(heard(&rig, 1).0.last(), Some(&2), "and that no agent has come yet");
    rig.ring_into_queue(0, "5559999");
    rig.commanded();
    rig.agent("1001", "7001", AgentMode::Ready).expect("back");
    assert_eq!(rig.commanded(), ["2 ring for 5551234"]);
    rig.pass(20_100);
    assert_eq!(heard(&rig, 1).0.last(), Some(&2), "the agent did not come: it is said again");
    rig.commanded();
    rig.agent("1002", "7002", AgentMode::Ready).expect("back");
    assert_eq!(rig.commanded(), ["3 ring for 5551234"], "still the first");
}

#[test]
fn a_busy_customer_is_tried_again_after_the_gap_and_the_agent_is_free_meanwhile() {
    let mut rig = dialled();
    rig.line(1, LineEvent::Failed(LineFailure::Busy));
    assert_eq!((outcomes(&rig), states(&rig)[0].1), (vec![AttemptOutcome::Busy], CallBackState::Waiting));
    rig.ring_into_queue(0, "5559999");
    assert!(rig.commanded().contains(&"2 ring for 5559999".to_owned()), "the agent takes another call");
    rig.line(0, LineEvent::Released(DisconnectSignal::Tone));
    rig.skip(601_000);
    assert!(
        rig.commanded().contains(&"1 dial 5551234".to_owned())
            || rig.commanded().contains(&"0 dial 5551234".to_owned())
    );
}

#[test]
fn a_customer_who_does_not_answer_rings_for_so_long_and_is_given_up_after_the_last_try() {
    let mut rig = dialled();
    rig.pass(60_500);
    assert_eq!(outcomes(&rig), [AttemptOutcome::NoAnswer]);
    rig.commanded();
    rig.skip(601_000);
    assert!(rig.commanded().iter().any(|line| line.ends_with("dial 5551234")));
    rig.line(1, LineEvent::Dialled);
    rig.pass(60_500);
    assert_eq!(states(&rig), [("5551234".to_owned(), CallBackState::GivenUp, 2)]);
    assert_eq!(rig.figures("5000").call_backs_given_up, 1);
}

#[test]
fn a_customer_who_hangs_up_before_an_agent_comes_is_counted_and_stands_among_the_abandoned() {
    let mut rig = dialled();
    rig.line(1, LineEvent::Answered);
    rig.line(1, LineEvent::Released(DisconnectSignal::Tone));
    let figures = rig.figures("5000");
    assert_eq!((figures.called_back, figures.abandoned, figures.call_backs_lost), (1, 1, 1));
    assert_eq!(rig.commanded().last().map(String::as_str), Some("2 release"), "the agent's telephone stops");
}

#[test]
fn a_vip_keeps_the_head_start_when_called_back() {
    let mut config = with(rules());
    config.callers = vec![CallerConfig { callers: CallerSet::Vip, credit: Ticks::from_secs(600), owner: None }];
    let mut rig = Rig::of(config);
    let number = |text| tipring_driver::line::Number::from(text).expect("short");
    order(
        &mut rig,
        CallBackOrder::Add { number: number("5551111"), queue: device("5000"), is_vip: false, work_order: 0 },
    );
    rig.skip(60_000);
    order(
        &mut rig,
        CallBackOrder::Add { number: number("5552222"), queue: device("5000"), is_vip: true, work_order: 0 },
    );
    rig.ready("1001", "7001");
    assert!(rig.commanded()[0].ends_with("dial 5552222"));
}

#[test]
fn the_key_leads_to_a_flow_that_leaves_the_request_for_another_number_with_the_wait_that_was_earned() {
    let nodes = [
        (
            "key",
            r#"{"do": "collect", "prompt": "number", "into": "phone", "min": 7, "max": 7, "end": "\u0023",
                "wait": 5000, "between": 3000, "tries": 2, "next": "leave", "no_key": "bye", "too_few": "bye"}"#,
        ),
        ("leave", r#"{"do": "call_back", "queue": "5000", "number": "phone", "next": "bye", "failed": "bye"}"#),
        ("bye", r#"{"do": "end"}"#),
    ];
    let mut config = with(QueueRules { call_back: rules().call_back, ..overflow(10, Target::CallBack) });
    config.flows = book(&[
        flow("main", &[("a", r#"{"do": "queue", "queue": "5000", "full": "b"}"#), ("b", r#"{"do": "end"}"#)]),
        flow("other", &nodes),
    ]);
    if let Some(rule) = config.queues[0].rules.call_back.as_mut() {
        rule.flow = Some(Destination::Flow(device("other")));
    }
    let mut rig = Rig::of(config);
    rig.ring_in(0, "5551234");
    rig.pass(30_000);
    rig.ring_in(1, "5559999");
    rig.line(0, LineEvent::Digit(key('1')));
    for digit in "5558888".chars() {
        rig.line(0, LineEvent::Digit(key(digit)));
    }
    assert_eq!(states(&rig), [("5558888".to_owned(), CallBackState::Waiting, 0)]);
    rig.commanded();
    rig.ready("1001", "7001");
    assert!(rig.commanded().iter().any(|line| line == "0 dial 5558888"), "before the one who came later");
}
