//! Faults planted into the core's hand: the search finds each.
//!
//! Never: makes a fault that only its own test could see.

use super::step::Step;
use super::{BEGINNINGS, Search};
use crate::csta::event::Event;
use crate::testing::rig::Rig;
use crate::timers::Timer;

/// The states in which a fault is looked for.
const STATES: usize = 3_000;

/// The first failure that a fault leads to.
fn found(fault: fn(Step, &mut Rig)) -> String {
    let mut search = Search::new(fault, BEGINNINGS);
    search.run(STATES, 1);
    search.failures.into_iter().next().expect("a failure")
}

#[test]
fn a_held_call_without_a_deadline_is_found() {
    let found = found(|step, rig| {
        if let Step::Hold(_) = step {
            let held: Vec<Timer> = rig.core.timers.iter().collect();
            held.into_iter().for_each(|timer| rig.core.timers.stop(timer));
        }
    });
    assert!(found.contains("has no deadline"), "{found}");
}

#[test]
fn an_event_that_is_left_out_is_found() {
    let found = found(|step, rig| {
        if let Step::Retrieve(_) = step {
            rig.events.retain(|(_, _, event)| !matches!(event, Event::Retrieved { .. }));
        }
    });
    assert!(found.contains("the client's picture") || found.contains("cannot become"), "{found}");
}

#[test]
fn an_answer_that_a_transfer_forgets_is_found() {
    let found = found(|step, rig| {
        if let Step::Transfer(..) = step {
            rig.core.details.values_mut().for_each(|detail| detail.answering = None);
        }
    });
    assert!(found.contains("AnswerCall was confirmed"), "{found}");
}

#[test]
fn a_sound_that_goes_on_is_found() {
    let found = found(|step, rig| {
        if let Step::Hold(_) = step {
            rig.media.clear();
        }
    });
    assert!(found.contains("hears others than those it talks to"), "{found}");
}

#[test]
fn a_call_that_leaves_no_record_is_found() {
    let found = found(|step, rig| {
        if let Step::ClearCall(_) = step {
            rig.records.clear();
        }
    });
    assert!(found.contains("each call leaves one record"), "{found}");
}
