//! A fault planted for each condition that holds between two transactions: the check names it, and the place.
//!
//! Never: makes a fault that a service could make.

use super::*;
use invariant::Broken;

/// The finding of the check after a fault has been planted into A's talk with B.
fn found(fault: impl FnOnce(&mut Model, CallId)) -> Result<(), Broken> {
    let (mut model, call) = talking(Bounds::default());
    assert_eq!(model.check(), Ok(()));
    fault(&mut model, call);
    model.check()
}

/// A connection, to be spoilt.
fn at(model: &mut Model, call: CallId, device: Device) -> &mut Connection {
    let of = model.call_mut(call).expect("a call");
    of.connections.iter_mut().find(|it| it.device == device).expect("a connection")
}

fn step(model: &mut Model, call: CallId, device: Device, trigger: Trigger) {
    model.step(call, device, trigger, WHY).expect("a row of the table");
}

const ONE: CallId = CallId(1);

#[test]
fn a_stable_state_with_a_deadline_and_another_without_are_found() {
    assert_eq!(found(|m, call| at(m, call, B).deadline = Deadline::HoldRecall), Err(Broken::Deadline(ONE, B)));
    let held = |m: &mut Model, call| {
        m.hold(call, A, WHY).expect("held");
        at(m, call, A).deadline = Deadline::None;
    };
    assert_eq!(found(held), Err(Broken::Deadline(ONE, A)));
}

#[test]
fn a_call_without_a_connection_and_a_party_that_is_left_alone_are_found() {
    assert_eq!(found(|m, _| assert!(m.begin().is_some())), Err(Broken::Size(CallId(2))));
    assert_eq!(found(|m, call| step(m, call, B, Trigger::Clear)), Err(Broken::Alone(ONE, A)));
    let rings_alone = |m: &mut Model, call| {
        m.clear_call(call, WHY).expect("cleared");
        let rings = m.begin().expect("room");
        step(m, rings, B, Trigger::Offer);
    };
    assert_eq!(found(rings_alone), Err(Broken::Alone(CallId(2), B)));
}

#[test]
fn a_coach_whose_station_has_left_is_found() {
    let coach = |m: &mut Model, call| {
        m.clear_call(call, WHY).expect("cleared");
        let call = arrive(m, A);
        m.answer(call, A, WHY).expect("answered");
        m.observe(call, B, Role::Party, WHY).expect("barges in");
        m.observe(call, C, Role::Coach(StationIx(1)), WHY).expect("coaches");
        assert_eq!(m.check(), Ok(()));
        step(m, call, B, Trigger::Clear);
    };
    assert_eq!(found(coach), Err(Broken::Observer(CallId(2), C)));
}

#[test]
fn a_parked_call_without_a_recall_is_found() {
    let parked = |m: &mut Model, call| {
        m.park(call, A, P, WHY).expect("parked");
        at(m, call, P).recall = None;
    };
    assert_eq!(found(parked), Err(Broken::Recall(ONE, P)));
}

#[test]
fn a_device_whose_list_of_calls_differs_is_found() {
    assert_eq!(found(|m, _| m.stations[0].1.0.clear()), Err(Broken::Appearance(ONE, A)));
    assert_eq!(found(|m, call| m.stations[2].1.0.push(call)), Err(Broken::Appearance(ONE, C)));
}

#[test]
fn a_retrieval_beside_an_active_call_is_found() {
    let twice = |m: &mut Model, held| {
        consult(m, held, A, C);
        step(m, held, A, Trigger::Retrieve);
    };
    assert_eq!(found(twice), Err(Broken::Twice(A)));
}

#[test]
fn every_state_can_be_cleared_and_every_one_but_connected_has_a_deadline() {
    for row in TABLE {
        let Some(to) = row.to else { continue };
        assert!(TABLE.iter().any(|next| next.from == Some(to) && next.trigger == Trigger::Clear), "{to:?}");
        assert!(to == ConnectionState::Connected || row.deadline != Deadline::None, "{row:?}");
    }
}

/// The steps with which a deadline ends its state.
const fn ends_by(deadline: Deadline) -> &'static [Trigger] {
    match deadline {
        Deadline::None => &[],
        Deadline::Identity => &[Trigger::Accept],
        Deadline::Digits => &[Trigger::Originate, Trigger::Fail, Trigger::Clear],
        Deadline::NoAnswer => &[Trigger::Divert, Trigger::Clear],
        Deadline::HoldRecall => &[Trigger::Recall],
        Deadline::ParkRecall | Deadline::QueueTime => &[Trigger::Divert, Trigger::Clear],
        Deadline::Tone | Deadline::FarEnd => &[Trigger::Clear],
    }
}

#[test]
fn every_deadline_ends_its_state_by_steps_that_are_in_the_table() {
    for row in TABLE {
        let Some(to) = row.to else { continue };
        for trigger in ends_by(row.deadline) {
            let next = TABLE.iter().find(|next| next.from == Some(to) && next.trigger == *trigger);
            assert!(next.is_some_and(|next| next.to != Some(to)), "{row:?} cannot end by {trigger:?}");
        }
    }
}
