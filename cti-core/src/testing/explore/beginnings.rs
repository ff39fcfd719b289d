//! Steps with which the search begins.
//!
//! Never: has a way that leads to what a few steps reach.

use super::step::At::{Outside, S1001, S1002, S1003};
use super::step::{Of, Step};
use crate::csta::tipring::SupervisionMode;
use crate::csta::{AgentMode, Feature, ForwardingType};

/// Steps that lead to calls with features in progress. The states on the way are the first of the search, so that one
/// of a few thousand states has seen all of these.
pub(super) const BEGINNINGS: &[&[Step]] = &[
    // Two handsets talk; one consults the agent, who is about to answer.
    &[
        Step::Lift(S1001),
        Step::Keys(S1001, "1003"),
        Step::Lift(S1003),
        Step::Consult(Of(S1001, 0), S1002),
        Step::Answer(Of(S1002, 0)),
        Step::Deadline,
    ],
    // A caller comes through the queue to the agent, and is parked.
    &[
        Step::Agent(S1002, AgentMode::Ready),
        Step::Offered,
        Step::Identity,
        Step::Answer(Of(S1002, 0)),
        Step::Deadline,
        Step::Park(Of(S1002, 0)),
    ],
    // The agent consults a handset about a caller.
    &[
        Step::Agent(S1002, AgentMode::Ready),
        Step::Offered,
        Step::Identity,
        Step::Answer(Of(S1002, 0)),
        Step::Deadline,
        Step::Consult(Of(S1002, 0), S1001),
        Step::Lift(S1001),
        Step::Conference(Of(S1002, 1), Of(S1002, 0)),
    ],
    // A client is asked for the route of a caller.
    &[Step::Register, Step::Offered, Step::Identity, Step::Select(S1003, 0)],
    // Calls out, by an agent and for the queue.
    &[Step::Make(S1002, Outside), Step::Dialled, Step::FarEndAnswers],
    &[Step::Predictive, Step::Dialled, Step::FarEndAnswers],
    // A caller finds the agent engaged, and waits there.
    &[
        Step::Make(S1002, S1003),
        Step::Lift(S1001),
        Step::Keys(S1001, "1002"),
        Step::Complete(Feature::CampOn, Of(S1001, 0)),
    ],
    // A supervisor listens.
    &[
        Step::Make(S1002, Outside),
        Step::Dialled,
        Step::FarEndAnswers,
        Step::Lift(S1003),
        Step::PutDown(S1003),
        Step::Supervise(Of(S1002, 0), S1003, SupervisionMode::Listen),
        Step::Lift(S1003),
    ],
    // A handset is transferred outside before the answer there.
    &[
        Step::Make(S1002, S1003),
        Step::Lift(S1003),
        Step::Consult(Of(S1002, 0), Outside),
        Step::Transfer(Of(S1002, 1), Of(S1002, 0)),
    ],
    // A call is held.
    &[Step::Make(S1002, S1003), Step::Lift(S1003), Step::Hold(Of(S1002, 0))],
    // The first route leads to no answer, and the client is asked for another one.
    &[Step::Register, Step::Offered, Step::Identity, Step::Select(S1003, 1), Step::Deadline],
    // A telephone rings when its owner wants no calls any more, and another one when it is forwarded.
    &[Step::Make(S1002, S1001), Step::DoNotDisturb(S1001, true)],
    &[
        Step::Lift(S1003),
        Step::Keys(S1003, "1001"),
        Step::Forward(S1001, ForwardingType::NoAnswerInternal, S1002, true),
        Step::Deadline,
    ],
    // Forwarding on no answer.
    &[Step::Forward(S1001, ForwardingType::NoAnswer, S1003, true), Step::Make(S1002, S1001), Step::Deadline],
];
