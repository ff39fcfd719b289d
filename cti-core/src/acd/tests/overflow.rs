//! Ways out of a queue: overflow by wait, depth, ratio and expected wait, and the gate at its entry.
//!
//! Never: carries a decision out.

use super::*;
use crate::acd::decide::gate;
use crate::acd::ids::Reason;
use crate::acd::rule::{Condition, Gate, Overflow, Target};
use crate::config::Destination;

fn overflow(after: u64, every: Option<u64>, when: Condition, to: Target) -> Overflow {
    Overflow { after: secs(after), every: every.map(secs), when, to }
}

#[test]
fn overflow_by_wait_moves_the_call_with_its_place_and_never_in_a_circle() {
    let to = |queue| vec![overflow(60, Some(10), Condition::Always, Target::Queue(QueueIx(queue)))];
    let rules = [1, 0].map(|other| QueueRules { overflow: to(other), ..QueueRules::default() });
    let mut site = Site::with(rules.to_vec(), vec![]);
    site.queue(call(1));
    let moves = site.pass(secs(3600));
    assert_eq!(moves, [Decision::Move { contact: call(1), from: QueueIx(0), to: Target::Queue(QueueIx(1)) }]);
    let (queue, place) = site.floor.place(call(1)).expect("waits");
    assert_eq!((queue, place.since), (QueueIx(1), Tick::ZERO));
}

#[test]
fn callers_move_on_when_the_last_agent_logs_off_and_new_ones_at_once() {
    let overflow = vec![overflow(0, None, Condition::NoAgents, Target::To(Destination::Flow(Default::default())))];
    let mut site = Site::new(QueueRules { overflow, ..QueueRules::default() }, 2);
    site.away(0, TALK);
    site.away(1, NotOffered::NotReady(Reason(1)));
    site.queue(call(1));
    assert_eq!(site.settle(), []);
    site.away(1, NotOffered::LoggedOff);
    assert_eq!(site.settle(), []);
    site.away(0, NotOffered::LoggedOff);
    let mail = |number| Decision::Move {
        contact: call(number),
        from: QueueIx(0),
        to: Target::To(Destination::Flow(Default::default())),
    };
    assert_eq!(site.settle(), [mail(1)]);
    site.queue(call(2));
    assert_eq!(site.settle(), [mail(2)]);
}

#[test]
fn overflow_by_depth_ratio_and_expected_wait_is_looked_at_again_in_its_interval() {
    let rule = |when| vec![overflow(10, Some(10), when, Target::Busy(None))];
    let conditions =
        [Condition::Depth(2), Condition::Ratio(200), Condition::ExpectedWait(secs(500)), Condition::NoneReady];
    for when in conditions {
        let mut site = Site::new(QueueRules { overflow: rule(when), ..QueueRules::default() }, 1);
        site.away(0, TALK);
        site.queue(call(1));
        site.queue(call(2));
        assert_eq!(site.pass(secs(25)), [], "{when:?} does not hold");
        if when == Condition::NoneReady {
            site.away(0, NotOffered::NotReady(Reason(1)));
        } else {
            site.queue(call(3));
        }
        assert!(!site.pass(secs(10)).is_empty(), "{when:?} holds");
    }
}

#[test]
fn the_gate_turns_callers_away_who_would_wait_too_long() {
    let gates = vec![
        Gate { when: Condition::NoAgents, to: Target::To(Destination::Flow(Default::default())) },
        Gate { when: Condition::ExpectedWait(secs(200)), to: Target::CallBack },
        Gate { when: Condition::Depth(5), to: Target::Busy(None) },
    ];
    let mut site = Site::new(QueueRules { gate: gates, ..QueueRules::default() }, 1);
    assert_eq!(gate(&site.floor, QueueIx(0)), Some(Target::To(Destination::Flow(Default::default()))));
    site.away(0, TALK);
    assert_eq!(gate(&site.floor, QueueIx(0)), None, "one call of three minutes");
    site.queue(call(1));
    assert_eq!(gate(&site.floor, QueueIx(0)), Some(Target::CallBack));
}
