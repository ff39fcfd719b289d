//! Refusals: the failure of each, and that nothing has changed.

use super::*;
use crate::csta::cause::UniversalFailure as F;

#[test]
fn a_supervisor_who_is_coached_stays_a_party_and_none_coaches_itself() {
    let mut model = site(Bounds::default());
    let call = arrive(&mut model, A);
    model.answer(call, A, WHY).expect("answered");
    model.observe(call, B, Role::Party, WHY).expect("barges in");
    model.observe(call, C, Role::Coach(StationIx(1)), WHY).expect("coaches the one who has barged in");
    assert_eq!(model.change_role(call, B, Role::Silent, WHY), Err(F::GenericStateIncompatibility));
    let own = Role::Coach(StationIx(2));
    assert_eq!(model.change_role(call, C, own, WHY), Err(F::InvalidCstaConnectionIdentifier));
    model.clear(call, C, WHY).expect("leaves");
    model.change_role(call, B, Role::Silent, WHY).expect("listens again");
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn a_call_that_has_ended_is_no_active_call_and_one_that_never_was_is_no_call() {
    let mut model = site(Bounds::default());
    let call = call(&mut model, A, B);
    model.clear_call(call, WHY).expect("cleared");
    assert_eq!(model.clear(call, A, WHY), Err(F::NoActiveCall));
    assert_eq!(model.clear(CallId(99), A, WHY), Err(F::InvalidCstaCallIdentifier));
}

#[test]
fn each_service_names_what_it_lacks() {
    let mut model = site(Bounds::default());
    let call = call(&mut model, A, B);
    changes(&mut model);
    assert_eq!(model.hold(call, B, WHY), Err(F::NoActiveCall));
    assert_eq!(model.retrieve(call, A, WHY), Err(F::NoHeldCall));
    assert_eq!(model.answer(call, A, WHY), Err(F::InvalidObjectState));
    assert_eq!(model.answer(call, C, WHY), Err(F::InvalidCstaConnectionIdentifier));
    assert_eq!(model.transfer(call, call, A, WHY), Err(F::InvalidCstaConnectionIdentifier));
    assert_eq!(model.initiate(A, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.observe(call, C, Role::Silent, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.park(call, A, P, WHY), Err(F::InvalidObjectState));
    assert!(model.changes().is_empty());
}

#[test]
fn a_call_that_has_not_failed_does_not_camp_on_and_one_call_waits_at_a_station() {
    let (mut model, talk) = talking(Bounds::default());
    assert_eq!(model.camp_on(talk, A, C, WHY), Err(F::NoCallToComplete));
    let waits = call(&mut model, C, T);
    model.fail(waits, C, WHY).expect("failed");
    assert_eq!(model.camp_on(waits, C, Q, WHY), Err(F::InvalidObjectType));
    assert_eq!(model.camp_on(waits, C, C, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.offer_camped(waits, B, WHY), Err(F::InvalidObjectState));
}

#[test]
fn a_held_call_does_not_come_back_while_its_holder_talks_or_is_rung() {
    let (mut model, held) = talking(Bounds::default());
    let active = consult(&mut model, held, A, C);
    changes(&mut model);
    assert_eq!(model.recall(held, A, WHY), Err(F::GenericStateIncompatibility));
    model.clear(active, A, WHY).expect("cleared");
    arrive(&mut model, A);
    changes(&mut model);
    assert_eq!(model.recall(held, A, WHY), Err(F::GenericStateIncompatibility));
    assert!(model.changes().is_empty());
}

#[test]
fn a_conference_has_its_bound() {
    let mut model = site(Bounds { connections: 2, ..Bounds::default() });
    let held = talk(&mut model, A, B);
    let active = consult(&mut model, held, A, C);
    model.answer(active, C, WHY).expect("answered");
    changes(&mut model);
    assert_eq!(model.conference(active, held, A, WHY), Err(F::ResourceLimitationRejection));
    assert!(model.changes().is_empty());
    assert_eq!(model.transfer(active, held, A, WHY), Ok(()));
}

#[test]
fn an_observer_can_do_nothing_but_leave() {
    let mut model = site(Bounds::default());
    let call = talk(&mut model, A, B);
    model.observe(call, C, Role::Silent, WHY).expect("joined");
    assert_eq!(model.hold(call, C, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.clear(call, C, WHY), Ok(()));
}

#[test]
fn identifiers_go_on_from_the_last_one() {
    let mut model = Model::new(&[StationKind::Handset], 0, 0, Bounds::default(), CallId(41));
    assert_eq!(model.initiate(A, WHY), Ok(CallId(42)));
}
