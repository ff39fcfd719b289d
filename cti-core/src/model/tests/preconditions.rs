//! Refusals: the failure of each, and that nothing has changed.

use super::*;
use crate::csta::cause::UniversalFailure as F;

#[test]
fn a_supervisor_who_is_coached_stays_a_party_and_none_coaches_itself() {
    let mut model = site(Bounds::default());
    let call = model.arrive(T, A, WHY).expect("arrives");
    model.accept(call, T, WHY).expect("accepted");
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
    let call = model.make(A, B, WHY).expect("made");
    model.clear_call(call, WHY).expect("cleared");
    assert_eq!(model.clear(call, A, WHY), Err(F::NoActiveCall));
    assert_eq!(model.clear(CallId(99), A, WHY), Err(F::InvalidCstaCallIdentifier));
}

#[test]
fn each_service_names_what_it_lacks() {
    let mut model = site(Bounds::default());
    let call = model.make(A, B, WHY).expect("made");
    changes(&mut model);
    assert_eq!(model.hold(call, B, WHY), Err(F::NoActiveCall));
    assert_eq!(model.retrieve(call, A, WHY), Err(F::NoHeldCall));
    assert_eq!(model.answer(call, A, WHY), Err(F::InvalidObjectState));
    assert_eq!(model.answer(call, C, WHY), Err(F::InvalidCstaConnectionIdentifier));
    assert_eq!(model.transfer(call, call, A, WHY), Err(F::InvalidCstaConnectionIdentifier));
    assert_eq!(model.make(A, C, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.observe(call, C, Role::Silent, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.park(call, A, P, WHY), Err(F::InvalidObjectState));
    assert!(model.changes().is_empty());
}

#[test]
fn a_conference_has_its_bound() {
    let mut model = site(Bounds { connections: 2, ..Bounds::default() });
    let held = model.make(A, B, WHY).expect("made");
    model.answer(held, B, WHY).expect("answered");
    let active = model.consult(held, A, C, WHY).expect("consulted");
    model.answer(active, C, WHY).expect("answered");
    changes(&mut model);
    assert_eq!(model.conference(active, held, A, WHY), Err(F::ResourceLimitationRejection));
    assert!(model.changes().is_empty());
    assert_eq!(model.transfer(active, held, A, WHY), Ok(()));
}

#[test]
fn an_observer_can_do_nothing_but_leave() {
    let mut model = site(Bounds::default());
    let call = model.make(A, B, WHY).expect("made");
    model.answer(call, B, WHY).expect("answered");
    model.observe(call, C, Role::Silent, WHY).expect("joined");
    assert_eq!(model.hold(call, C, WHY), Err(F::GenericStateIncompatibility));
    assert_eq!(model.clear(call, C, WHY), Ok(()));
}

#[test]
fn identifiers_go_on_from_the_last_one() {
    let mut model = Model::new(&[StationKind::Handset], 0, 0, Bounds::default(), CallId(41));
    assert_eq!(model.initiate(A, WHY), Ok(CallId(42)));
}
