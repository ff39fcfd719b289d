//! The orders of changes of each service. Source: ECMA-179, and the orders of events that switches show.

use super::*;

/// A talks to C, and holds B.
fn consultation() -> (Model, CallId, CallId) {
    let mut model = site(Bounds::default());
    let held = talk(&mut model, A, B);
    assert_eq!(changes(&mut model), ["1 ServiceInitiated A", "1 Originated A", "1 Delivered B", "1 Established B"]);
    let active = consult(&mut model, held, A, C);
    model.answer(active, C, WHY).expect("answered");
    assert_eq!(
        changes(&mut model),
        ["1 Held A", "2 ServiceInitiated A", "2 Originated A", "2 Delivered C", "2 Established C"]
    );
    (model, held, active)
}

fn ends(mut model: Model, expected: &[&str]) {
    assert_eq!(model.check(), Ok(()));
    assert_eq!(changes(&mut model), expected);
}

#[test]
fn a_handset_that_is_left_hears_a_tone_until_it_is_put_down() {
    let (mut model, call) = talking(Bounds::default());
    model.clear(call, B, WHY).expect("cleared");
    model.clear(call, A, WHY).expect("cleared");
    ends(model, &["1 ConnectionCleared B", "1 Failed A", "1 ConnectionCleared A", "1 CallCleared"]);
}

#[test]
fn a_held_call_is_retrieved() {
    let (mut model, call) = talking(Bounds::default());
    model.hold(call, A, WHY).expect("held");
    assert!(!model.call(call).expect("a call").hears(B, A));
    model.retrieve(call, A, WHY).expect("retrieved");
    assert!(model.call(call).expect("a call").hears(B, A));
    ends(model, &["1 Held A", "1 Retrieved A"]);
}

#[test]
fn a_held_call_that_is_forgotten_comes_back_to_its_holder() {
    let (mut model, call) = talking(Bounds::default());
    model.hold(call, A, WHY).expect("held");
    model.recall(call, A, WHY).expect("recalled");
    model.answer(call, A, WHY).expect("answered");
    ends(model, &["1 Held A", "1 Delivered A", "1 Established A"]);
}

#[test]
fn a_transfer_joins_the_two_others() {
    let (mut model, held, active) = consultation();
    model.transfer(active, held, A, WHY).expect("transferred");
    assert!(model.call(active).expect("a call").hears(B, C));
    assert_eq!(model.active(A), None);
    ends(model, &["2 Transferred 1 by A: CB"]);
}

#[test]
fn a_transfer_before_the_answer_leaves_the_held_party_with_the_alerting_one() {
    let (mut model, held) = talking(Bounds::default());
    let active = consult(&mut model, held, A, C);
    changes(&mut model);
    model.transfer(active, held, A, WHY).expect("transferred");
    model.answer(active, C, WHY).expect("answered");
    ends(model, &["2 Transferred 1 by A: CB", "2 Established C"]);
}

#[test]
fn a_conference_goes_on_when_one_of_three_leaves_it() {
    let (mut model, held, active) = consultation();
    model.conference(active, held, A, WHY).expect("conferenced");
    model.clear(active, A, WHY).expect("cleared");
    assert!(model.call(active).expect("a call").hears(B, C));
    ends(model, &["2 Conferenced 1 by A: ACB", "2 ConnectionCleared A"]);
}

#[test]
fn alternation_holds_one_call_and_retrieves_the_other() {
    let (mut model, held, active) = consultation();
    model.alternate(active, held, A, WHY).expect("alternated");
    ends(model, &["2 Held A", "1 Retrieved A"]);
}

#[test]
fn a_reconnection_ends_the_consultation_and_retrieves_the_held_call() {
    let (mut model, held, active) = consultation();
    model.reconnect(active, held, A, WHY).expect("reconnected");
    ends(model, &["2 ConnectionCleared A", "2 ConnectionCleared C", "2 CallCleared", "1 Retrieved A"]);
}

#[test]
fn a_deflected_call_alerts_elsewhere() {
    let mut model = site(Bounds::default());
    let call = arrive(&mut model, A);
    model.take(call, A, WHY).expect("taken");
    model.send(call, B, T, WHY).expect("sent");
    ends(model, &["1 None T", "1 None T", "1 Delivered A", "1 Diverted A", "1 Delivered B"]);
}

#[test]
fn a_call_that_alerts_elsewhere_can_be_picked_up() {
    let mut model = site(Bounds::default());
    let call = arrive(&mut model, A);
    model.pickup(call, A, B, WHY).expect("picked up");
    ends(model, &["1 None T", "1 None T", "1 Delivered A", "1 Diverted A", "1 Established B"]);
}

#[test]
fn a_parked_call_can_be_fetched_from_another_station() {
    let mut model = site(Bounds::default());
    let call = arrive(&mut model, A);
    model.answer(call, A, WHY).expect("answered");
    model.park(call, A, P, WHY).expect("parked");
    changes(&mut model);
    model.pickup(call, P, B, WHY).expect("fetched");
    ends(model, &["1 Diverted P", "1 Established B"]);
}

#[test]
fn a_predictive_call_enters_its_queue_when_the_far_end_answers() {
    let mut model = site(Bounds::default());
    let call = model.predictive(T, QueueIx(0), WHY).expect("seized");
    model.reach(call, T, WHY).expect("reached");
    model.far_end_answered(call, T, WHY).expect("answered");
    model.take(call, Q, WHY).expect("an agent is free");
    model.offer(call, C, WHY).expect("rung");
    model.answer(call, C, WHY).expect("answered");
    ends(
        model,
        &[
            "1 None T",
            "1 NetworkReached T",
            "1 Established T",
            "1 Queued Q",
            "1 Diverted Q",
            "1 Delivered C",
            "1 Established C",
        ],
    );
}

#[test]
fn a_call_out_that_is_never_answered_ends_with_its_trunk() {
    let mut model = site(Bounds::default());
    let call = call(&mut model, C, T);
    model.reach(call, T, WHY).expect("reached");
    model.clear(call, T, WHY).expect("given up");
    ends(
        model,
        &[
            "1 ServiceInitiated C",
            "1 Originated C",
            "1 None T",
            "1 NetworkReached T",
            "1 ConnectionCleared T",
            "1 ConnectionCleared C",
            "1 CallCleared",
        ],
    );
}

#[test]
fn a_silent_monitor_hears_and_is_not_heard_and_leaves_with_the_conversation() {
    let (mut model, call) = talking(Bounds::default());
    model.observe(call, C, Role::Silent, WHY).expect("joined");
    let of = model.call(call).expect("a call");
    assert!(of.hears(C, A) && of.hears(C, B) && of.hears(A, B));
    assert!(!of.hears(A, C) && !of.hears(B, C));
    model.clear(call, B, WHY).expect("cleared");
    ends(model, &["1 Established C", "1 ConnectionCleared B", "1 ConnectionCleared C", "1 Failed A"]);
}

#[test]
fn a_coach_is_heard_by_the_coached_station_alone() {
    let (mut model, call) = talking(Bounds::default());
    model.observe(call, C, Role::Coach(StationIx(0)), WHY).expect("joined");
    let of = model.call(call).expect("a call");
    assert!(of.hears(A, C) && !of.hears(B, C) && of.hears(C, B));
}

#[test]
fn a_supervisor_who_barges_in_can_take_the_call_over() {
    let (mut model, call) = talking(Bounds::default());
    model.observe(call, C, Role::Party, WHY).expect("joined");
    model.clear(call, A, WHY).expect("cleared");
    assert!(model.call(call).expect("a call").hears(B, C));
    ends(model, &["1 Established C", "1 ConnectionCleared A"]);
}

#[test]
fn a_caller_who_reaches_an_engaged_station_hears_a_tone() {
    let mut model = site(Bounds { appearances: 1, ..Bounds::default() });
    call(&mut model, A, B);
    changes(&mut model);
    arrive(&mut model, B);
    ends(model, &["2 None T", "2 None T", "2 Failed T"]);
}

#[test]
fn a_call_camps_on_a_busy_station_and_alerts_when_that_is_free() {
    let (mut model, talk) = talking(Bounds::default());
    model.hold(talk, B, WHY).expect("held");
    let other = model.initiate(B, WHY).expect("dial tone");
    let waits = call(&mut model, C, B);
    changes(&mut model);
    model.camp_on(waits, C, B, WHY).expect("camps on");
    assert_eq!(model.camped(B), Some(waits));
    assert_eq!(model.offer_camped(waits, B, WHY), Err(Refused::ResourceBusy));
    assert_eq!(changes(&mut model), ["3 None C", "3 Queued B"]);
    model.clear(other, B, WHY).expect("cleared");
    model.clear(talk, B, WHY).expect("cleared");
    changes(&mut model);
    model.offer_camped(waits, B, WHY).expect("offered");
    model.answer(waits, B, WHY).expect("answered");
    assert_eq!(changes(&mut model), ["3 Delivered B", "3 Established B"]);
    assert_eq!((model.camped(B), model.check()), (None, Ok(())));
}
