//! States in or beside which the search has found a fault, each mended: every step from each of them is judged,
//! whatever the number of states of the search.
//!
//! Never: has a way that another one contains.

use super::Search;
use super::nothing;
use super::step::At::{Outside, S1001, S1002, S1003};
use super::step::{Of, Step};
use crate::csta::tipring::SupervisionMode;

/// The fault, and the way to the state.
const FOUND: &[(&str, &[Step])] = &[
    ("a single-step transfer that found no trunk left the agent in busy tone", &[Step::Make(S1002, Outside)]),
    (
        "a call that one of its own held parties picked up stopped ringing, and was not picked up",
        &[Step::Lift(S1001), Step::Keys(S1001, "1003"), Step::Flash(S1001)],
    ),
    (
        "of two calls held at one telephone the second never came back",
        &[
            Step::Lift(S1001),
            Step::Keys(S1001, "1003"),
            Step::Lift(S1003),
            Step::Consult(Of(S1001, 0), S1002),
            Step::Answer(Of(S1002, 0)),
            Step::Deadline,
            Step::Hold(Of(S1001, 1)),
        ],
    ),
    (
        "a supervisor who was released joined the same conversation again",
        &[
            Step::Make(S1002, Outside),
            Step::Dialled,
            Step::FarEndAnswers,
            Step::Lift(S1003),
            Step::PutDown(S1003),
            Step::Supervise(Of(S1002, 0), S1003, SupervisionMode::Listen),
            Step::Lift(S1003),
        ],
    ),
    (
        "a supervisor whose part was taken over joined again",
        &[
            Step::Lift(S1001),
            Step::Keys(S1001, "1003"),
            Step::Lift(S1003),
            Step::Supervise(Of(S1001, 0), S1002, SupervisionMode::Barge),
        ],
    ),
    (
        "a predictive call beyond the number of calls seized a trunk",
        &[
            Step::Lift(S1001),
            Step::Keys(S1001, "1003"),
            Step::Lift(S1003),
            Step::Consult(Of(S1001, 0), S1002),
            Step::Flash(S1003),
        ],
    ),
];

#[test]
fn what_was_found_and_mended_is_mended() {
    for (what, way) in FOUND {
        let mut search = Search::new(nothing, &[way]);
        let last = search.states.len() as u32 - 1;
        search.expand(last, usize::MAX);
        assert!(search.failures.is_empty(), "{what}:\n{}", search.failures.join("\n\n"));
    }
}
