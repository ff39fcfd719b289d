//! The orders of changes of single-step services, features, call completion, and supervision.

use super::*;
use crate::csta::cause::UniversalFailure as F;

/// A talks to B, in call 1.
fn talk(bounds: Bounds) -> (Model, CallId) {
    let mut model = site(bounds);
    let call = model.make(A, B, WHY).expect("made");
    model.answer(call, B, WHY).expect("answered");
    changes(&mut model);
    (model, call)
}

/// A talks to B in call 1, and C, who finds B busy, hears a tone in call 2.
fn busy() -> (Model, CallId, CallId) {
    let (mut model, talk) = talk(Bounds::default());
    model.set_features(B, Features { do_not_disturb: true, ..Features::default() }).expect("set");
    let call = model.make(C, B, WHY).expect("made");
    model.set_features(B, Features::default()).expect("set");
    changes(&mut model);
    (model, talk, call)
}

fn with(model: &mut Model, station: Device, features: Features) {
    model.set_features(station, features).expect("features");
}

/// The causes of the changes since the last drain.
fn causes(model: &Model) -> Vec<EventCause> {
    model.changes().iter().map(|change| change.reason.cause).collect()
}

#[test]
fn a_single_step_transfer_is_a_consultation_and_its_end_in_one() {
    let (mut model, call) = talk(Bounds::default());
    let left = model.single_step(call, A, C, false, WHY).expect("transferred");
    model.answer(left, C, WHY).expect("answered");
    assert!(model.call(left).expect("a call").hears(B, C));
    assert_eq!(
        changes(&mut model),
        [
            "1 Held A",
            "2 ServiceInitiated A",
            "2 Originated A",
            "2 Delivered C",
            "2 Transferred 1 by A: CB",
            "2 Established C"
        ]
    );
}

#[test]
fn a_transfer_that_is_not_answered_comes_back() {
    let (mut model, call) = talk(Bounds::default());
    let left = model.single_step(call, A, C, false, WHY).expect("transferred");
    changes(&mut model);
    model.expire(left, C, WHY).expect("expired");
    assert_eq!(causes(&model), [EventCause::Recall; 2]);
    assert_eq!(changes(&mut model), ["2 Diverted C", "2 Delivered A"]);
}

#[test]
fn a_single_step_conference_adds_a_party_who_alerts() {
    let (mut model, call) = talk(Bounds::default());
    let left = model.single_step(call, A, C, true, WHY).expect("conferenced");
    assert!(model.call(left).expect("a call").hears(A, B));
    model.answer(left, C, WHY).expect("answered");
    assert!(model.call(left).expect("a call").hears(C, B));
    assert_eq!(changes(&mut model).split_off(4), ["2 Conferenced 1 by A: ACB", "2 Established C"]);
}

#[test]
fn a_single_step_to_a_party_of_the_call_is_refused_and_changes_nothing() {
    let (mut model, call) = talk(Bounds::default());
    assert_eq!(model.single_step(call, A, B, true, WHY), Err(F::ResourceBusy));
    assert_eq!(model.single_step(call, A, P, false, WHY), Err(F::ResourceBusy));
    assert!(model.changes().is_empty());
}

#[test]
fn a_group_pickup_takes_the_call_that_has_alerted_longest() {
    let mut model = site(Bounds::default());
    let first = model.arrive(T, A, WHY).expect("arrived");
    model.accept(first, T, WHY).expect("accepted");
    changes(&mut model);
    assert_eq!(model.group_pickup(C, WHY), Err(F::InvalidFeature));
    [A, C].into_iter().for_each(|it| with(&mut model, it, Features { pickup_group: Some(7), ..Features::default() }));
    assert_eq!(model.group_pickup(C, WHY), Ok(first));
    assert_eq!(changes(&mut model), ["1 Diverted A", "1 Established C"]);
    assert_eq!(model.group_pickup(A, WHY), Err(F::NoCallToAnswer));
}

#[test]
fn a_call_goes_where_the_station_forwards_with_the_cause_of_it() {
    let mut model = site(Bounds::default());
    with(&mut model, B, Features { forward_always: Some(C), ..Features::default() });
    model.make(A, B, WHY).expect("made");
    assert_eq!(model.changes().last().expect("delivered").reason.cause, EventCause::CallForwardAlways);
    assert_eq!(changes(&mut model), ["1 ServiceInitiated A", "1 Originated A", "1 Delivered C"]);
}

#[test]
fn a_busy_station_forwards_and_one_that_is_not_busy_does_not() {
    let mut model = site(Bounds { appearances: 1, ..Bounds::default() });
    with(&mut model, A, Features { forward_busy: Some(Q), ..Features::default() });
    model.arrive(T, A, WHY).and_then(|call| model.accept(call, T, WHY)).expect("arrived");
    assert_eq!(changes(&mut model).pop().as_deref(), Some("1 Delivered A"));
    model.make(C, A, WHY).expect("made");
    assert_eq!(model.changes().last().expect("queued").reason.cause, EventCause::CallForwardBusy);
    assert_eq!(changes(&mut model).pop().as_deref(), Some("2 Queued Q"));
}

#[test]
fn a_call_that_is_not_answered_goes_where_the_station_forwards() {
    let mut model = site(Bounds::default());
    with(&mut model, B, Features { forward_no_answer: Some(C), ..Features::default() });
    let call = model.make(A, B, WHY).expect("made");
    changes(&mut model);
    model.expire(call, B, WHY).expect("expired");
    assert_eq!(causes(&model), [EventCause::CallForwardNoAnswer; 2]);
    assert_eq!(changes(&mut model), ["1 Diverted B", "1 Delivered C"]);
}

#[test]
fn a_circle_of_forwarding_ends_in_a_tone() {
    let mut model = site(Bounds::default());
    with(&mut model, B, Features { forward_always: Some(C), ..Features::default() });
    with(&mut model, C, Features { forward_always: Some(B), ..Features::default() });
    model.make(A, B, WHY).expect("made");
    assert_eq!(model.changes().last().expect("failed").reason.cause, EventCause::DestNotObtainable);
    assert_eq!(changes(&mut model).pop().as_deref(), Some("1 Failed A"));
    let to_itself = Features { forward_busy: Some(A), ..Features::default() };
    assert_eq!(model.set_features(A, to_itself), Err(F::InvalidForwardingDestination));
}

#[test]
fn a_station_that_is_not_to_be_disturbed_is_not_offered_a_call() {
    let mut model = site(Bounds::default());
    with(&mut model, B, Features { do_not_disturb: true, ..Features::default() });
    model.make(A, B, WHY).expect("made");
    assert_eq!(model.changes().last().expect("failed").reason.cause, EventCause::DoNotDisturb);
    assert_eq!(changes(&mut model).pop().as_deref(), Some("1 Failed A"));
}

#[test]
fn a_call_camps_on_a_busy_station_and_alerts_when_that_is_free() {
    let (mut model, talk, call) = busy();
    model.hold(talk, B, WHY).expect("held");
    let other = model.initiate(B, WHY).expect("dial tone");
    changes(&mut model);
    model.camp_on(call, C, B, WHY).expect("camps on");
    assert_eq!(model.next_camped(), None);
    assert_eq!(model.offer_camped(call, B, WHY), Err(F::ResourceBusy));
    assert_eq!(changes(&mut model), ["2 None C", "2 Queued B"]);
    model.clear(other, B, WHY).expect("cleared");
    model.clear(talk, B, WHY).expect("cleared");
    changes(&mut model);
    assert_eq!(model.next_camped(), Some((call, B)));
    model.offer_camped(call, B, WHY).expect("offered");
    model.answer(call, B, WHY).expect("answered");
    assert_eq!(changes(&mut model), ["2 Delivered B", "2 Established B"]);
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn a_call_that_camps_on_in_vain_ends_by_its_deadline() {
    let (mut model, talk, call) = busy();
    model.hold(talk, B, WHY).expect("held");
    model.initiate(B, WHY).expect("dial tone");
    model.camp_on(call, C, B, WHY).expect("camps on");
    changes(&mut model);
    model.expire(call, B, WHY).expect("expired");
    assert_eq!(changes(&mut model), ["2 ConnectionCleared B", "2 ConnectionCleared C", "2 CallCleared"]);
}

#[test]
fn a_caller_is_called_back_when_both_are_free() {
    let (mut model, talk, call) = busy();
    model.call_back(call, C, B, WHY).expect("registered");
    assert_eq!(changes(&mut model), ["2 ConnectionCleared C", "2 CallCleared"]);
    assert_eq!(model.next_call_back(), None);
    model.clear_call(talk, WHY).expect("cleared");
    changes(&mut model);
    let (from, to) = model.next_call_back().expect("both are free");
    let back = model.ring_back(from, to, WHY).expect("rung");
    assert_eq!((from, to, model.next_call_back()), (C, B, None));
    model.answer(back, C, WHY).expect("answered");
    assert_eq!(changes(&mut model), ["3 Delivered C", "3 Established C", "3 Delivered B"]);
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn a_call_that_has_not_failed_is_not_completed() {
    let (mut model, call) = talk(Bounds::default());
    assert_eq!(model.camp_on(call, A, C, WHY), Err(F::NoCallToComplete));
    assert_eq!(model.call_back(call, A, C, WHY), Err(F::NoCallToComplete));
    assert!(model.changes().is_empty());
}

#[test]
fn a_supervisor_takes_a_call_over_from_an_agent() {
    let (mut model, call) = talk(Bounds::default());
    model.take_over(call, A, C, WHY).expect("taken over");
    assert!(model.call(call).expect("a call").hears(B, C));
    assert_eq!(changes(&mut model), ["1 Established C", "1 ConnectionCleared A"]);
}

#[test]
fn a_coach_who_takes_the_call_over_becomes_a_party() {
    let (mut model, call) = talk(Bounds::default());
    model.observe(call, C, Role::Silent, WHY).expect("listens");
    model.observe(call, C, Role::Coach(StationIx(0)), WHY).expect("coaches");
    assert!(!model.call(call).expect("a call").hears(B, C));
    model.take_over(call, A, C, WHY).expect("taken over");
    assert!(model.call(call).expect("a call").hears(B, C));
    assert_eq!(changes(&mut model), ["1 Established C", "1 Established C", "1 Established C", "1 ConnectionCleared A"]);
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn a_forced_release_ends_the_call_that_takes_the_line() {
    let (mut model, call) = talk(Bounds::default());
    assert_eq!(model.force_release(B, WHY), Ok(call));
    assert_eq!(model.force_release(C, WHY), Err(F::NoActiveCall));
    assert_eq!(changes(&mut model), ["1 ConnectionCleared B", "1 Failed A"]);
}
