//! The report of a handful of orders, counted by hand.
//!
//! Never: needs a store.

use super::*;
use crate::work_order::order::tests::{given, person, request};
use crate::work_order::{Kinds, WorkOrder};

const S: i64 = 1_000;

/// An order: its kind, the second of its call, and its steps with their seconds.
type Story = (&'static str, i64, &'static [(OrderStep, i64)]);

/// The rows of orders in a span of seconds.
fn tally(span: (i64, i64), orders: &[Story]) -> Vec<KindRow> {
    let kinds = Kinds::default();
    let mut steps = Vec::new();
    for (number, (kind, called, taken)) in orders.iter().enumerate() {
        let id = OrderId(number as i64 + 1);
        let by = person("zhao");
        let typed = (called + 30) * S;
        let (mut order, step) =
            WorkOrder::accept(&kinds, request(kind, Some(called * S)), &by, typed).expect("accepted");
        steps.push((id, *kind, step));
        for (step, at) in *taken {
            steps.push((id, *kind, order.step(&kinds, given(*step), &by, at * S).expect("by the table")));
        }
    }
    steps.sort_by_key(|(_, _, step)| step.at_ms);
    let mut tally = Tally::new(span.0 * S, span.1 * S);
    steps.iter().for_each(|(id, kind, step)| tally.apply(*id, kind, step));
    tally.rows()
}

#[test]
fn orders_in_time_and_late_are_counted_from_the_call() {
    use OrderStep as T;
    let rows = tally(
        (0, 10_000),
        &[
            ("fault", 0, &[(T::Dispatch, 300), (T::Repeat, 400), (T::Done, 900), (T::Revisit, 950), (T::File, 960)]),
            ("fault", 100, &[(T::Dispatch, 401)]),
            ("fault", 200, &[]),
            ("fault", 9_800, &[]),
            ("fault", 300, &[(T::Done, 350)]),
            ("praise", 500, &[(T::Done, 600), (T::Reopen, 700)]),
        ],
    );
    let fault = KindRow {
        end: 10_000_000,
        order_kind: "fault".into(),
        accepted: 5,
        repeats: 1,
        dispatches: 2,
        done: 2,
        revisited: 1,
        filed: 1,
        dispatch_in_time: 2,
        dispatch_late: 1,
        try_in_time: 1,
        revisit_in_time: 1,
        dispatch_mean: Some(300.5),
        open: 3,
        open_late: 1,
        oldest_open: Some(9_900.0),
        to_revisit: 1,
        ..KindRow::default()
    };
    let praise = KindRow {
        end: 10_000_000,
        order_kind: "praise".into(),
        accepted: 1,
        done: 1,
        reopened: 1,
        open: 1,
        oldest_open: Some(9_300.0),
        ..KindRow::default()
    };
    assert_eq!(rows, [fault, praise]);
}

#[test]
fn steps_before_the_span_are_not_counted_and_their_orders_stand_those_after_it_are_not_seen() {
    use OrderStep as T;
    let orders: &[Story] = &[("complaint", 0, &[(T::Dispatch, 400), (T::Done, 2_000)])];
    let row = |span| tally(span, orders).remove(0);
    let day = row((0, 1_000));
    assert_eq!((day.accepted, day.dispatches, day.done, day.open), (1, 1, 0, 1));
    let next = row((1_000, 3_000));
    let mut rolled = Tally::new(0, 1_000 * S);
    rolled.roll(3_000 * S);
    assert_eq!((rolled.end_ms(), rolled.rows()), (3_000 * S, vec![]));
    assert_eq!((next.accepted, next.dispatches, next.done, next.open, next.answer_in_time), (0, 0, 1, 0, 1));
}

#[test]
fn every_column_is_defined_once() {
    let serde_json::Value::Object(row) = serde_json::to_value(KindRow::default()).expect("a row") else {
        panic!("a row is an object")
    };
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let mut defined: Vec<&str> = DEFINITIONS.iter().map(|(column, _)| *column).collect();
    defined.sort_unstable();
    assert_eq!(defined, {
        let mut columns = columns;
        columns.sort_unstable();
        columns
    });
}
