//! The orders of changes of supervision.

use super::*;

#[test]
fn a_supervisor_takes_a_call_over_from_an_agent() {
    let (mut model, call) = talking(Bounds::default());
    model.take_over(call, A, C, WHY).expect("taken over");
    assert!(model.call(call).expect("a call").hears(B, C));
    assert_eq!(changes(&mut model), ["1 Established C", "1 ConnectionCleared A"]);
}

#[test]
fn a_coach_who_takes_the_call_over_becomes_a_party() {
    let (mut model, call) = talking(Bounds::default());
    model.observe(call, C, Role::Silent, WHY).expect("listens");
    model.observe(call, C, Role::Coach(StationIx(0)), WHY).expect("coaches");
    assert!(!model.call(call).expect("a call").hears(B, C));
    model.take_over(call, A, C, WHY).expect("taken over");
    assert!(model.call(call).expect("a call").hears(B, C));
    assert_eq!(changes(&mut model), ["1 Established C", "1 Established C", "1 Established C", "1 ConnectionCleared A"]);
    assert_eq!(model.check(), Ok(()));
}
