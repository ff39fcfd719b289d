//! The orders of changes of each service. Source: ECMA-179, and the orders of events that switches show.

use super::*;

/// A talks to B.
fn talk() -> (Model, CallId) {
    let mut model = site(Bounds::default());
    let call = model.make(A, B, WHY).expect("made");
    model.answer(call, B, WHY).expect("answered");
    assert_eq!(changes(&mut model), ["1 ServiceInitiated A", "1 Originated A", "1 Delivered B", "1 Established B"]);
    (model, call)
}

/// A talks to C, and holds B.
fn consultation() -> (Model, CallId, CallId) {
    let (mut model, held) = talk();
    let active = model.consult(held, A, C, WHY).expect("consulted");
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
    let (mut model, call) = talk();
    model.clear(call, B, WHY).expect("cleared");
    model.clear(call, A, WHY).expect("cleared");
    ends(model, &["1 ConnectionCleared B", "1 Failed A", "1 ConnectionCleared A", "1 CallCleared"]);
}

#[test]
fn a_held_call_is_retrieved() {
    let (mut model, call) = talk();
    model.hold(call, A, WHY).expect("held");
    assert!(!model.call(call).expect("a call").hears(B, A));
    model.retrieve(call, A, WHY).expect("retrieved");
    assert!(model.call(call).expect("a call").hears(B, A));
    ends(model, &["1 Held A", "1 Retrieved A"]);
}

#[test]
fn a_held_call_that_is_forgotten_comes_back_to_its_holder() {
    let (mut model, call) = talk();
    model.hold(call, A, WHY).expect("held");
    model.expire(call, A, WHY).expect("recalled");
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
    let (mut model, held) = talk();
    let active = model.consult(held, A, C, WHY).expect("consulted");
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
    let call = model.arrive(T, A, WHY).expect("arrived");
    model.accept(call, T, WHY).expect("accepted");
    model.deflect(call, A, B, WHY).expect("deflected");
    ends(model, &["1 None T", "1 None T", "1 Delivered A", "1 Diverted A", "1 Delivered B"]);
}

#[test]
fn a_call_that_alerts_elsewhere_can_be_picked_up() {
    let mut model = site(Bounds::default());
    let call = model.arrive(T, A, WHY).expect("arrived");
    model.accept(call, T, WHY).expect("accepted");
    model.pickup(call, A, B, WHY).expect("picked up");
    ends(model, &["1 None T", "1 None T", "1 Delivered A", "1 Diverted A", "1 Established B"]);
}

#[test]
fn a_parked_call_that_is_not_fetched_alerts_where_it_was_parked() {
    let mut model = site(Bounds::default());
    let call = model.arrive(T, A, WHY).expect("arrived");
    model.accept(call, T, WHY).expect("accepted");
    model.answer(call, A, WHY).expect("answered");
    changes(&mut model);
    model.park(call, A, P, WHY).expect("parked");
    model.expire(call, P, WHY).expect("recalled");
    ends(model, &["1 Diverted A", "1 Queued P", "1 Diverted P", "1 Delivered A"]);
}

#[test]
fn a_parked_call_can_be_fetched_from_another_station() {
    let mut model = site(Bounds::default());
    let call = model.arrive(T, A, WHY).expect("arrived");
    model.accept(call, T, WHY).expect("accepted");
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
    model.divert(call, Q, C, WHY).expect("an agent is free");
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
fn a_call_out_that_is_never_answered_ends_by_its_deadline() {
    let mut model = site(Bounds::default());
    let call = model.make(C, T, WHY).expect("made");
    model.reach(call, T, WHY).expect("reached");
    model.expire(call, T, WHY).expect("expired");
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
    let (mut model, call) = talk();
    model.observe(call, C, Role::Silent, WHY).expect("joined");
    let of = model.call(call).expect("a call");
    assert!(of.hears(C, A) && of.hears(C, B) && of.hears(A, B));
    assert!(!of.hears(A, C) && !of.hears(B, C));
    model.clear(call, B, WHY).expect("cleared");
    ends(model, &["1 Established C", "1 ConnectionCleared B", "1 ConnectionCleared C", "1 Failed A"]);
}

#[test]
fn a_coach_is_heard_by_the_coached_station_alone() {
    let (mut model, call) = talk();
    model.observe(call, C, Role::Coach(StationIx(0)), WHY).expect("joined");
    let of = model.call(call).expect("a call");
    assert!(of.hears(A, C) && !of.hears(B, C) && of.hears(C, B));
}

#[test]
fn a_supervisor_who_barges_in_can_take_the_call_over() {
    let (mut model, call) = talk();
    model.observe(call, C, Role::Party, WHY).expect("joined");
    model.clear(call, A, WHY).expect("cleared");
    assert!(model.call(call).expect("a call").hears(B, C));
    ends(model, &["1 Established C", "1 ConnectionCleared A"]);
}

#[test]
fn a_caller_who_reaches_an_engaged_station_hears_a_tone() {
    let mut model = site(Bounds { appearances: 1, ..Bounds::default() });
    model.make(A, B, WHY).expect("made");
    changes(&mut model);
    let arrived = model.arrive(T, B, WHY).expect("arrived");
    model.accept(arrived, T, WHY).expect("accepted");
    ends(model, &["2 None T", "2 None T", "2 Failed T"]);
}
